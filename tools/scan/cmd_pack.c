/* SPDX-License-Identifier: BSD-3-Clause */
/* cmd_pack.c - `ndrscan pack`: mail as an archive that scans in parallel. */
#include "app/commands.h"
#include "app/cpus.h"
#include "app/diag.h"
#include "app/publish.h"
#include "app/stop.h"
#include "app/tables.h"
#include "app/text.h"
#include "ndrscan_io.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

enum { LEVEL = 3, LEVEL_MOST = 19, FRAME_LEAST = 64 << 10, FRAME_MOST = 8 << 20 };

typedef struct pack_args {
    ndr_pack_opts pack;
    const char *file; /* NULL: standard output */
    bool force, quiet;
} pack_args;

/* 0, or the exit status when there is nothing to run. */
static int
take_option(void *ctx, const opts *o, int id, const char *arg)
{
    pack_args *a = ctx;
    switch (id) {
    case OPT_PACK_FILE:
        a->file = strcmp(arg, "-") != 0 ? arg : NULL;
        return 0;
    case OPT_FORCE:
        a->force = true;
        return 0;
    case OPT_PACK_LEVEL: {
        const int64_t n = opts_number(o, id, arg, 1, LEVEL_MOST);
        a->pack.level = (int)n;
        return n < 0 ? EXIT_NOT_RUN : 0;
    }
    case OPT_PACK_FRAME: {
        const int64_t n = opts_size(o, id, arg);
        if (n >= 0 && (n < FRAME_LEAST || n > FRAME_MOST))
            return opts_mistake(o, "--frame-size '%s': give 64k to 8M", arg);
        a->pack.frame_bytes = n > 0 ? (size_t)n : 0;
        return n < 0 ? EXIT_NOT_RUN : 0;
    }
    case OPT_QUIET:
        a->quiet = true;
        return 0;
    case OPT_RECURSIVE:
        a->pack.recursive = true;
        return 0;
    case OPT_FORMAT:
        a->pack.format = (enum ndr_format)ndr_format_find(arg);
        return opts_word(o, id, arg) < 0 ? EXIT_NOT_RUN : 0;
    case OPT_KEEP_CACHE:
        a->pack.cold_limit_bytes = UINT64_MAX;
        return 0;
    case OPT_DROP_AFTER:
        return opts_cold_limit(o, id, arg, &a->pack.cold_limit_bytes);
    case OPT_THREADS:
        return opts_threads(o, id, arg, &a->pack.threads);
    default:
        return EXIT_NOT_RUN;
    }
}

static int
take_args(pack_args *a, opts *o)
{
    const int status = opts_take(o, take_option, a);
    if (status >= 0)
        return status;
    a->pack.path = (const char *const *)opts_operands(o, &a->pack.path_count);
    if (a->pack.path_count == 0)
        return opts_mistake(o,
                            "no SOURCE; give a file, a folder, or - for standard input");
    if (a->file == NULL && isatty(STDOUT_FILENO))
        return opts_mistake(o, "an archive is nothing for a terminal; name a file with "
                               "--output FILE");
    return -1;
}

static int
failed(const pack_args *a, const ndr_error *err)
{
    if (stop_signal() != 0) {
        diag("stopped; no archive was written");
        return stop_signal() == SIGINT ? EXIT_INTERRUPTED : EXIT_TERMINATED;
    }
    if (a->file == NULL)
        diag("%s; what went to standard output is no whole archive", err->text);
    else
        diag("%s; no archive was written", err->text);
    return EXIT_NOT_RUN;
}

static void
tell(const ndr_pack_stats *st)
{
    number content, stored, frames;
    diag("packed %s of mail into %s, %s frame%s", text_bytes(content, st->content_bytes),
         text_bytes(stored, st->stored_bytes), text_count(frames, st->frames),
         st->frames == 1 ? "" : "s");
}

static int
run(pack_args *a)
{
    ndr_error err = {0};
    publish file = {.fd = STDOUT_FILENO, .dir = -1};
    ndr_pack_stats st;
    if (a->file != NULL && publish_begin(&file, a->file, a->force, &err) != 0) {
        diag("%s", err.text);
        return EXIT_NOT_RUN;
    }
    if (file.file
            .named) { /* else a signal may end the program at once: nothing is left */
        stop_on_signals(NULL);
        a->pack.stop = stop_flag();
    }
    a->pack.read_ahead = a->pack.threads > 1;
    int code = ndr_pack(&a->pack, file.fd, &st, &err);
    if (a->file != NULL && code == 0)
        code = publish_commit(&file, a->force, &st.privacy, &err);
    else if (a->file != NULL)
        publish_drop(&file);
    if (code != 0)
        return failed(a, &err);
    if (!a->quiet)
        tell(&st);
    return EXIT_READ;
}

int
cmd_pack(opts *o)
{
    stop_on_hangup();
    pack_args a = {
        .pack = {NDR_SIZED(ndr_pack_opts), .threads = cpus_allowed(), .level = LEVEL}};
    const int status = take_args(&a, o);
    return status < 0 ? run(&a) : status;
}
