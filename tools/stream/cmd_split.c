/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_split.c - `ndrscan split`: copy an mbox into two, junk and not, every byte of it
 * into one of them.
 *
 * Both are written under other names in their folders, synced, and get their names last,
 * so that what is there under a name is whole. The mbox itself is read only.
 */
#include "app/commands.h"
#include "app/diag.h"
#include "app/mbox_lock.h"
#include "app/tables.h"
#include "app/text.h"
#include "policy.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct split {
    setup setup;
    enum ndr_format format;
    bool force;
    const char *path;    /* of the mbox, or "-" */
    const char *name[2]; /* --keep, --junk: by whether it is junk */
    ndr_copy *copy[2];
    uint64_t messages[2];
    policy_scanner scanner;
} split;

static int
take_option(void *ctx, const opts *o, int id, const char *arg)
{
    split *s = ctx;
    switch (id) {
    case OPT_JUNK:
        s->name[1] = arg;
        return 0;
    case OPT_KEEP:
        s->name[0] = arg;
        return 0;
    case OPT_FORCE:
        s->force = true;
        return 0;
    case OPT_FORMAT:
        s->format = (enum ndr_format)ndr_format_find(arg);
        return opts_word(o, id, arg) < 0 ? EXIT_NOT_RUN : 0;
    default:
        return setup_option(&s->setup, o, id, arg);
    }
}

static int
take_args(split *s, opts *o)
{
    const int status = opts_take(o, take_option, s);
    if (status >= 0)
        return status;
    size_t count = 0;
    char **operand = opts_operands(o, &count);
    if (count != 1)
        return opts_mistake(o, "give one MBOX, or - for standard input");
    if (s->name[0] == NULL || s->name[1] == NULL)
        return opts_mistake(o,
                            "name both files: --junk FILE for what is junk, --keep FILE "
                            "for the rest");
    if (strcmp(s->name[0], s->name[1]) == 0)
        return opts_mistake(o, "--junk and --keep are the same file '%s'; name two",
                            s->name[0]);
    s->path = operand[0];
    return -1;
}

/* The two files that a signal must not leave behind. */
static const char *volatile unfinished[2];

static void
give_up(int by)
{
    for (int i = 0; i < 2; i++)
        if (unfinished[i] != NULL)
            (void)unlink(unfinished[i]);
    _exit(by == SIGINT ? EXIT_INTERRUPTED : EXIT_TERMINATED);
}

static int
split_messages(split *s, ndr_passthrough *in, ndr_error *err)
{
    for (;;) {
        ndr_message m;
        ndr_verdict v;
        ndr_slice bytes;
        const int got = ndr_passthrough_next(in, &m, &bytes, err);
        if (got < 0)
            ndr_error_prefix(err, "%s", s->path);
        if (got <= 0)
            return got;
        int code = policy_scanner_scan(&s->scanner, &m, NULL, 0, NULL, NULL, &v, err);
        if (code != 0)
            return code;
        const bool junk = v.decision == NDR_JUNK;
        s->messages[junk]++;
        code = ndr_copy_add(s->copy[junk], bytes, err);
        int more = 0;
        while (code == 0 && (more = ndr_passthrough_more(in, &bytes, err)) == 1)
            code = ndr_copy_add(s->copy[junk], bytes, err);
        if (more < 0)
            ndr_error_prefix(err, "%s", s->path);
        if (code != 0 || more < 0)
            return code != 0 ? code : more;
    }
}

/* Read `fd` to its end into both copies, whole and synced. 0 or an ndr_code. */
static int
make_copies(split *s, int fd, ndr_error *err)
{
    const ndr_passthrough_opts how = {
        NDR_SIZED(ndr_passthrough_opts), .fd = fd, .format = s->format,
        .message_limit_bytes = s->setup.message_limit_bytes, .name = s->path};
    ndr_passthrough *in = NULL;
    struct stat before, after;
    if (fstat(fd, &before) != 0)
        return ndr_fail(err, NDR_E_SYS, "%s", s->path);
    if (fd != STDIN_FILENO && !S_ISREG(before.st_mode) && !S_ISDIR(before.st_mode))
        return ndr_fail(err, NDR_E_SYNTAX, "%s: is no regular file", s->path);
    if (S_ISDIR(before.st_mode))
        return ndr_fail(
            err, NDR_E_SYNTAX,
            "%s: is a folder, not an mbox (messages of a Maildir are moved by "
            "'ndrscan apply')",
            s->path);
    int code = 0;
    ndr_privacy privacy = {0};
    ndr_privacy_take(&privacy, fd);
    if (S_ISREG(before.st_mode))
        ndr_privacy_take_way(&privacy, fd);
    for (int i = 0; code == 0 && i < 2; i++) {
        struct stat there;
        if (stat(s->name[i], &there) == 0 && there.st_dev == before.st_dev &&
            there.st_ino == before.st_ino)
            code = ndr_fail(err, NDR_E_SYNTAX,
                            "%s: is the mbox that is read, and is not written to",
                            s->name[i]);
        else
            code = ndr_copy_new(s->name[i], &privacy, s->force, &s->copy[i], err);
        if (code == 0)
            unfinished[i] = ndr_copy_temporary(s->copy[i]);
    }
    if (code == 0)
        code = ndr_passthrough_open_packed(&how, &in, err);
    if (code == 0)
        code = split_messages(s, in, err);
    ndr_passthrough_close(in);
    for (int i = 0; code == 0 && i < 2; i++)
        code = ndr_copy_finish(s->copy[i], err);
    if (code == 0 && S_ISREG(before.st_mode) &&
        (fstat(fd, &after) != 0 || after.st_size != before.st_size ||
         after.st_mtim.tv_sec != before.st_mtim.tv_sec ||
         after.st_mtim.tv_nsec != before.st_mtim.tv_nsec))
        code =
            ndr_fail(err, NDR_E_STOPPED,
                     "%s: was written to while it was read; nothing was made of it, try "
                     "again",
                     s->path);
    return code;
}

/* Both get their names, or none. */
static int
name_both(split *s, ndr_error *err)
{
    struct stat first, second;
    (void)signal(SIGTERM, SIG_IGN); /* done in a moment, one way or the other */
    (void)signal(SIGINT, SIG_IGN);
    (void)signal(SIGHUP, SIG_IGN);
    int code = ndr_copy_name(s->copy[0], err);
    if (code == 0 && s->force && stat(s->name[0], &first) == 0 &&
        stat(s->name[1], &second) == 0 && first.st_dev == second.st_dev &&
        first.st_ino == second.st_ino)
        code = ndr_fail(err, NDR_E_SYNTAX, "%s and %s are the same file; name two",
                        s->name[0], s->name[1]);
    if (code == 0)
        code = ndr_copy_name(s->copy[1], err);
    if (code != 0) {
        ndr_copy_unname(s->copy[1]);
        ndr_copy_unname(s->copy[0]);
    }
    return code;
}

/* The exit status. */
static int
run(split *s)
{
    ndr_error err = {0};
    int fd = STDIN_FILENO;
    int code = 0;
    int status = EXIT_NOT_RUN;
    if (policies_new(&s->setup, &s->scanner.policies) != 0)
        return status;
    if (strcmp(s->path, "-") != 0) {
        fd = open(s->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (fd < 0)
            code = ndr_fail(&err, NDR_E_SYS, "%s: not readable", s->path);
        else
            code = mbox_lock(fd, s->path, &err);
    }
    if (code == 0)
        code = make_copies(s, fd, &err);
    if (code == 0)
        code = name_both(s, &err);
    for (int i = 0; i < 2; i++) {
        unfinished[i] = NULL;
        ndr_copy_free(s->copy[i]);
    }
    if (fd > STDIN_FILENO)
        (void)close(fd); /* was only read */
    if (code != 0) {
        diag("%s", err.text);
        status = code == NDR_E_STOPPED ? EXIT_TERMINATED : EXIT_NOT_RUN;
    } else {
        number kept, junk;
        diag("%s messages to %s, %s junk to %s", text_count(kept, s->messages[0]),
             s->name[0], text_count(junk, s->messages[1]), s->name[1]);
        status = EXIT_READ;
    }
    return status;
}

int
cmd_split(opts *o)
{
    (void)signal(SIGTERM, give_up);
    (void)signal(SIGINT, give_up);
    if (signal(SIGHUP, give_up) == SIG_IGN)
        (void)signal(SIGHUP, SIG_IGN); /* nohup: go on without the terminal */
    (void)signal(SIGXFSZ, SIG_IGN);    /* a limit on file sizes is an error of write */
    split s = {0};
    if (setup_begin(&s.setup, o) != 0)
        return EXIT_NOT_RUN;
    int status = take_args(&s, o);
    if (status < 0)
        status = run(&s);
    policy_scanner_done(&s.scanner);
    policies_free(s.scanner.policies);
    setup_free(&s.setup);
    return status;
}
