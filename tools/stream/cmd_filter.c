/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_filter.c - `ndrscan filter`: pass mail on with its verdict in the header.
 *
 * Whoever calls a filter takes any exit status but 75 for the last word: Postfix
 * bounces the message then, and a bounce that is bounced is gone. So whatever goes wrong
 * here, be it a mistyped option, is 75.
 */
#include "app/commands.h"
#include "app/cpus.h"
#include "app/diag.h"
#include "app/stream_pass.h"
#include "app/tables.h"
#include "policy.h"
#include "serve.h"
#include "smtp_out.h"

#include <signal.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

typedef struct filter {
    setup setup;
    pass_opts pass;
    const char **recipient;
    size_t recipient_count;
    smtp_out smtp; /* without an address: to standard output */
    serve_opts server;
    policy_scanner scanner;
    const char *stats_path;
    stats stats;
} filter;

static int
take_mode(filter *f, const opts *o, const char *arg)
{
    char *end;
    const unsigned long mode = strtoul(arg, &end, 8);
    if (arg[0] < '0' || arg[0] > '7' || *end != '\0' || mode > 0777)
        return opts_mistake(
            o, "--socket-mode '%s': give permissions in octal, such as 660", arg);
    f->server.mode = (unsigned)mode;
    return 0;
}

static int
take_option(void *ctx, const opts *o, int id, const char *arg)
{
    filter *f = ctx;
    switch (id) {
    case OPT_FORMAT:
        f->pass.format = (enum ndr_format)ndr_format_find(arg);
        return opts_word(o, id, arg) < 0 ? EXIT_NOT_RUN : 0;
    case OPT_COMPAT:
        f->pass.spamassassin = true;
        return opts_word(o, id, arg) < 0 ? EXIT_NOT_RUN : 0;
    case OPT_RECIPIENT:
        f->recipient[f->recipient_count++] = arg;
        return 0;
    case OPT_STATS:
        f->stats_path = arg;
        f->setup.counts = true;
        return 0;
    case OPT_SMTP:
        f->smtp.address = arg;
        return 0;
    case OPT_SENDER:
        f->smtp.sender = arg;
        return 0;
    case OPT_SERVE:
        f->server.path = arg;
        return 0;
    case OPT_SOCKET_MODE:
        return take_mode(f, o, arg);
    case OPT_THREADS:
        return opts_threads(o, id, arg, &f->server.threads);
    default:
        return setup_option(&f->setup, o, id, arg);
    }
}

static int
take_args(filter *f, opts *o)
{
    const int status = opts_take(o, take_option, f);
    if (status >= 0)
        return status;
    size_t count = 0;
    char **operand = opts_operands(o, &count);
    if (count > 0)
        return opts_mistake(
            o, "'%s': mail comes in on standard input, no files are taken", operand[0]);
    if (f->stats_path != NULL && f->setup.clock != NDR_CLOCK_ARRIVAL)
        return opts_mistake(o,
                            "--stats counts by the time of arrival; leave --clock out");
    if (f->smtp.address != NULL &&
        (f->server.path != NULL || f->pass.format == NDR_FORMAT_MBOX))
        return opts_mistake(o, "--smtp hands on one message, and serves nobody");
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
    const int code = policy_scanner_scan(&f->scanner, m, f->recipient, f->recipient_count,
                                         NULL, NULL, &v, err);
    if (code == 0) {
        ndr_stamp_fields(&v, NDR_VERSION, how, fields);
        (void)stats_look(&f->stats, 0, m, &v,
                         NULL); /* mail does not wait for its count */
    }
    return code;
}

/* 0; or an exit status, told. Without statistics that cannot be kept, mail passes. */
static int
run(filter *f)
{
    ndr_error err = {0};
    policies_hear(SIGHUP);
    const int status = policies_new(&f->setup, &f->scanner.policies);
    if (status != 0)
        return status;
    if (f->server.path != NULL || (f->setup.verbose && !f->setup.no_windows))
        policies_tell_windows(f->scanner.policies);
    else
        policies_warn_windows(f->scanner.policies);
    /* a server counts later what it cannot now; who passes one message on does not */
    if ((f->server.path != NULL ? stats_begin_soon : stats_begin_in_passing)(
            &f->stats, f->stats_path, 1, f->setup.clock) != 0)
        diag("mail passes without being counted");
    if (f->server.path != NULL) {
        f->server.message_limit_bytes = f->setup.message_limit_bytes;
        f->server.stats = f->stats.counts != NULL ? &f->stats : NULL;
        if (serve(f->scanner.policies, &f->server, &err) == 0)
            return 0;
        diag("%s", err.text);
        return EX_TEMPFAIL;
    }
    const pass_sink to = {.put = smtp_put, .end = smtp_end, .sink = &f->smtp};
    f->smtp.recipient = f->recipient;
    f->smtp.recipient_count = f->recipient_count;
    if (f->smtp.address != NULL && smtp_begin(&f->smtp, &err) != 0) {
        diag("%s", err.text);
        return EX_TEMPFAIL;
    }
    f->pass.to = f->smtp.address != NULL ? &to : NULL;
    f->pass.in = STDIN_FILENO;
    f->pass.out = STDOUT_FILENO;
    f->pass.decide = decide;
    f->pass.ctx = f;
    return pass_through(&f->pass);
}

int
cmd_filter(opts *o)
{
    pass_die_with_75();
    filter f = {.pass = {.format = NDR_FORMAT_MESSAGE},
                .recipient = calloc(opts_room(o), sizeof *f.recipient),
                .smtp = {.sender = ""},
                .server = {.mode = 0600, .threads = cpus_allowed() + 2}};
    if (f.recipient == NULL)
        diag("out of memory");
    if (f.recipient == NULL || setup_begin(&f.setup, o) != 0) {
        free(f.recipient);
        return EX_TEMPFAIL;
    }
    int status = take_args(&f, o);
    if (status < 0)
        status = run(&f);
    (void)stats_end(&f.stats, true); /* was told; the mail is passed on */
    policy_scanner_done(&f.scanner);
    policies_free(f.scanner.policies);
    setup_free(&f.setup);
    free(f.recipient);
    return status == 0 ? 0 : EX_TEMPFAIL;
}
