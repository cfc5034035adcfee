/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_filter.c - `ndrscan filter`: pass mail on with its verdict in the header.
 *
 * Whoever calls a filter takes any exit status but 75 for the last word: Postfix
 * bounces the message then, and a bounce that is bounced is gone. So whatever goes wrong
 * here, be it a mistyped option, is 75.
 */
#include "commands.h"
#include "judge.h"
#include "pass.h"
#include "say.h"
#include "tables.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_AGAIN = 75 }; /* EX_TEMPFAIL of sysexits(3) */

typedef struct filter {
    setup setup;
    pass_opts pass;
    const char **recipient;
    size_t recipient_count;
    seat seat;
} filter;

static int
take_args(filter *f, opts *o)
{
    const char *arg;
    int id;
    while ((id = opts_next(o, &arg)) > 0) {
        int status = 0;
        switch (id) {
        case OPT_FORMAT:
            status = opts_word(o, id, arg) < 0 ? EXIT_NOT_RUN : 0;
            f->pass.format = (enum ndr_format)ndr_format_find(arg);
            break;
        case OPT_COMPAT:
            status = opts_word(o, id, arg) < 0 ? EXIT_NOT_RUN : 0;
            f->pass.spamassassin = true;
            break;
        case OPT_RECIPIENT:
            f->recipient[f->recipient_count++] = arg;
            break;
        default:
            status = setup_option(&f->setup, o, id, arg);
        }
        if (status != 0)
            return status;
    }
    if (id < 0)
        return o->status;
    size_t count = 0;
    char **operand = opts_operands(o, &count);
    if (count > 0)
        return opts_mistake(
            o, "'%s': mail comes in on standard input, no files are taken", operand[0]);
    f->pass.message_limit_bytes = f->setup.message_limit_bytes;
    return -1;
}

static int
decide(void *ctx, ndr_message *m, ndr_slice bytes, unsigned how, ndr_buffer *fields,
       ndr_error *err)
{
    filter *f = ctx;
    ndr_verdict v;
    (void)bytes;
    const int code =
        seat_scan(&f->seat, m, f->recipient, f->recipient_count, NULL, NULL, &v, err);
    if (code == 0)
        ndr_stamp_fields(&v, NDR_VERSION, how, fields);
    return code;
}

static void
give_up(int number)
{
    (void)number;
    _exit(EXIT_AGAIN);
}

/* 0; or an exit status, told. */
static int
run(filter *f)
{
    ndr_error err = {0};
    uint64_t messages = 0;
    f->pass.in = STDIN_FILENO;
    f->pass.out = STDOUT_FILENO;
    f->pass.decide = decide;
    f->pass.ctx = f;
    judge_hear_hangup();
    int status = judge_new(&f->setup, &f->seat.judge);
    if (status != 0)
        return status;
    if (pass_mail(&f->pass, &messages, &err) != 0) {
        say("%s", err.text);
        status = EXIT_AGAIN;
    } else if (messages == 0 && f->pass.format != NDR_FORMAT_MBOX) {
        /* an empty answer would be stored as an empty message */
        say("standard input: no message in it (an mbox may be empty: --format mbox)");
        status = EXIT_AGAIN;
    }
    /* what a network file system or a quota refuses may be told only here */
    if (close(STDOUT_FILENO) != 0 && status == 0) {
        (void)ndr_fail(&err, NDR_E_SYS, "standard output: close");
        say("%s", err.text);
        status = EXIT_AGAIN;
    }
    return status;
}

int
cmd_filter(opts *o)
{
    static const int enders[] = {SIGTERM, SIGINT, SIGQUIT, SIGALRM};
    for (size_t i = 0; i < sizeof enders / sizeof enders[0]; i++)
        (void)signal(enders[i], give_up);
    (void)signal(SIGXFSZ, SIG_IGN); /* a limit on file sizes is an error of write */
    filter f = {.recipient = calloc((size_t)o->argc + 1, sizeof *f.recipient)};
    if (f.recipient == NULL || setup_begin(&f.setup, o) != 0) {
        free(f.recipient);
        return EXIT_AGAIN;
    }
    int status = take_args(&f, o);
    if (status < 0)
        status = run(&f);
    seat_leave(&f.seat);
    judge_free(f.seat.judge);
    setup_free(&f.setup);
    free(f.recipient);
    return status == 0 ? 0 : EXIT_AGAIN;
}
