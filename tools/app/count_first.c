/* SPDX-License-Identifier: BSD-3-Clause */
/* count_first.c - see count_first.h. */
#include "count_first.h"

#include "commands.h"
#include "cpus.h"
#include "diag.h"
#include "stop.h"
#include "text.h"

#include <signal.h>
#include <string.h>
#include <sys/stat.h>

/* A pipe, or standard input. */
static bool
is_read_once(const char *path)
{
    struct stat st;
    return strcmp(path, "-") == 0 ||
           (stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode));
}

int
count_first_check(const opts *o, const ndr_input_opts *in)
{
    const char *which = in->files_from;
    bool once = which != NULL && is_read_once(which);
    for (size_t i = 0; i < in->path_count && !once; i++) {
        which = in->path[i];
        once = is_read_once(which);
    }
    return once ? opts_mistake(o,
                               "--count-first reads all twice, and '%s' can be read "
                               "once; put it into a file, or leave the option out",
                               which)
                : 0;
}

/* ---- a run without verdicts ---------------------------------------------------------
 */

static int
render_nothing(const ndr_sink *s, ndr_batch *b, const ndr_message *m,
               const ndr_verdict *v, ndr_error *err)
{
    (void)s, (void)b, (void)m, (void)v, (void)err;
    return 0;
}

static int
commit_nothing(ndr_sink *s, const ndr_batch *b, uint64_t base, ndr_error *err)
{
    (void)s, (void)b, (void)base, (void)err;
    return 0;
}

static int
close_nothing(ndr_sink *s, ndr_error *err)
{
    (void)s, (void)err;
    return 0;
}

static void
tick(void *ctx, const ndr_stats *so_far)
{
    progress_tick(ctx, so_far);
}

int
count_first(const setup *s, const ndr_input_opts *in, unsigned threads,
            enum progress_how how)
{
    const ndr_scan_opts scan = setup_scan_opts(s);
    if (!setup_proves(s))
        return 0;
    ndr_error err = {0};
    ndr_source *source = NULL;
    ndr_stats st = {0};
    progress p;
    ndr_sink nothing = {NDR_SIZED(ndr_sink), .render = render_nothing,
                        .commit = commit_nothing, .close = close_nothing};
    if (ndr_input_open(in, &source, &err) != 0) {
        diag("%s", err.text);
        return EXIT_NOT_RUN;
    }
    progress_begin(&p, progress_is_read(how) ? PROGRESS_NEVER : how, source);
    stop_on_signals(source);
    const ndr_run_opts run = {
        NDR_SIZED(ndr_run_opts),
        .scan = &scan,
        .threads = threads,
        .cpus = cpus_allowed(),
        .emit = NDR_EMIT_JUNK,
        .progress = tick,
        .ctx = &p,
        .stop = stop_flag(),
    };
    const int rc = ndr_run(&run, source, &nothing, &st, &err);
    progress_clear(&p);
    const int by = stop_signal();
    stop_forget();
    source->close(source);
    ndr_stats_clear(&st);
    if (rc < 0 && rc != NDR_E_STOPPED) {
        diag("%s; nothing was scanned", err.text);
        return EXIT_NOT_RUN;
    }
    ndr_prover_counts_fix(s->prover);
    return by == SIGTERM ? EXIT_TERMINATED : by == SIGINT ? EXIT_INTERRUPTED : 0;
}

void
count_first_tell(ndr_prover *p, const char *remedy)
{
    number n;
    const uint64_t back = p != NULL ? ndr_prover_taken_back(p) : 0;
    if (back > 0)
        diag("warning: %s bounce%s kept as ours for mail that then came back for more "
             "than %d recipients, and proves nothing; %s",
             text_count(n, back), back == 1 ? " was" : "s were", NDR_WEAK_RECIPIENTS,
             remedy);
}
