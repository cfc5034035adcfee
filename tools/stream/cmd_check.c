/* SPDX-License-Identifier: BSD-3-Clause */
/* cmd_check.c - `ndrscan check`: is the message on standard input junk? */
#include "app/commands.h"
#include "app/diag.h"
#include "app/stream_pass.h"
#include "app/tables.h"
#include "policy.h"

#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

typedef struct check {
    setup setup;
    const char **recipient;
    size_t recipient_count;
    bool quiet;
    policy_scanner scanner;
} check;

static int
take_args(check *c, opts *o)
{
    const char *arg;
    int id;
    while ((id = opts_next(o, &arg)) > 0) {
        int status = 0;
        if (id == OPT_QUIET)
            c->quiet = true;
        else if (id == OPT_RECIPIENT)
            c->recipient[c->recipient_count++] = arg;
        else
            status = setup_option(&c->setup, o, id, arg);
        if (status != 0)
            return EX_USAGE;
    }
    if (id < 0)
        return o->status == 0 ? EX_OK : EX_USAGE;
    size_t count = 0;
    char **operand = opts_operands(o, &count);
    if (count > 0) {
        (void)opts_mistake(
            o, "'%s': the message comes in on standard input, no files are taken",
            operand[0]);
        return EX_USAGE;
    }
    return -1;
}

static int
status_of(const ndr_error *err)
{
    return err->code == NDR_E_NOMEM ? EX_TEMPFAIL
           : err->code == NDR_E_SYS ? EX_IOERR
                                    : EX_SOFTWARE;
}

/* Decide about the one message in `in`; print it. The exit status. */
static int
check_message(check *c, ndr_passthrough *in)
{
    ndr_error err = {0};
    ndr_message m;
    ndr_verdict v;
    ndr_slice bytes;
    const int got = ndr_passthrough_next(in, &m, &bytes, &err);
    if (got == 0) {
        diag("standard input: no message in it");
        return EX_NOINPUT;
    }
    if (got < 0) {
        diag("standard input: %s", err.text);
        return status_of(&err);
    }
    if (policy_scanner_scan(&c->scanner, &m, c->recipient, c->recipient_count, NULL, NULL,
                            &v, &err) != 0) {
        diag("%s", err.text);
        return status_of(&err);
    }
    int status = v.decision == NDR_JUNK ? 1 : EX_OK;
    if (c->quiet)
        return status;
    ndr_buffer line = {0};
    ndr_stamp_status(&v, NDR_VERSION, &line);
    ndr_buffer_byte(&line, '\n');
    if (line.failed) {
        diag("out of memory");
        status = EX_TEMPFAIL;
    } else if (put_all(STDOUT_FILENO, (ndr_slice){line.ptr, line.len}, &err) != 0) {
        diag("standard output: %s", err.text);
        status = EX_IOERR;
    }
    ndr_buffer_free(&line);
    return status;
}

static int
run(check *c)
{
    ndr_error err = {0};
    ndr_passthrough *in = NULL;
    if (policies_new(&c->setup, &c->scanner.policies) != 0)
        return EX_CONFIG;
    const ndr_passthrough_opts carry = {
        NDR_SIZED(ndr_passthrough_opts), .fd = STDIN_FILENO, .format = NDR_FORMAT_MESSAGE,
        .message_limit_bytes = c->setup.message_limit_bytes, .name = "-"};
    if (ndr_passthrough_open(&carry, &in, &err) != 0) {
        diag("%s", err.text);
        return EX_TEMPFAIL;
    }
    const int status = check_message(c, in);
    ndr_passthrough_close(in);
    return status;
}

int
cmd_check(opts *o)
{
    pass_die_with_75();
    check c = {.recipient = calloc(opts_room(o), sizeof *c.recipient)};
    if (c.recipient == NULL)
        diag("out of memory");
    if (c.recipient == NULL || setup_begin(&c.setup, o) != 0) {
        free(c.recipient);
        return EX_TEMPFAIL;
    }
    int status = take_args(&c, o);
    if (status < 0)
        status = run(&c);
    policy_scanner_done(&c.scanner);
    policies_free(c.scanner.policies);
    setup_free(&c.setup);
    free(c.recipient);
    return status;
}
