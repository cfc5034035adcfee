/* SPDX-License-Identifier: BSD-3-Clause */
/* stream_pass.c - how does mail pass from one descriptor to another and get its stamp? */
#define _DEFAULT_SOURCE /* sigaltstack, SIGWINCH */
#include "stream_pass.h"

#include "diag.h"

#include <signal.h>
#include <sysexits.h>
#include <unistd.h>

enum { ONE_WRITE_BYTES = 1 << 18 }; /* a body up to there goes out with its header */

typedef struct passage {
    const pass_opts *opts;
    ndr_passthrough *in;
    ndr_strip strip;
    ndr_buffer fields, out;
} passage;

/* Write it where it goes. */
static int
put(const passage *p, ndr_slice bytes, ndr_error *err)
{
    if (p->opts->to != NULL)
        return bytes.len > 0 ? p->opts->to->put(p->opts->to->sink, bytes, err) : 0;
    const int code = put_all(p->opts->out, bytes, err);
    if (code != 0)
        ndr_error_prefix(err, "standard output");
    return code;
}

/* Write what was gathered. */
static int
flush(passage *p, ndr_error *err)
{
    if (p->out.failed || p->fields.failed)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a message's header");
    const int code = put(p, (ndr_slice){p->out.ptr, p->out.len}, err);
    ndr_buffer_clear(&p->out);
    return code;
}

/* Pass bytes that follow what was passed of the message. */
static int
pass_bytes(passage *p, ndr_slice bytes, ndr_error *err)
{
    const size_t taken = ndr_strip_add(&p->strip, bytes, &p->out);
    bytes = (ndr_slice){bytes.ptr + taken, bytes.len - taken};
    if (bytes.len <= ONE_WRITE_BYTES) {
        ndr_buffer_add(&p->out, bytes);
        bytes.len = 0;
    }
    int code = flush(p, err);
    if (code == 0 && bytes.len > 0)
        code = put(p, bytes, err);
    return code;
}

static int
pass_message(passage *p, ndr_message *m, ndr_slice bytes, ndr_error *err)
{
    const unsigned char *first = m->envelope.len > 0 ? m->envelope.ptr : m->raw.ptr;
    const size_t begin = (size_t)(first - bytes.ptr);
    bool crlf = false;
    const size_t place =
        begin + ndr_stamp_place((ndr_slice){bytes.ptr + begin, bytes.len - begin}, &crlf);
    const unsigned how = (crlf ? NDR_STAMP_CRLF : 0u) |
                         (p->opts->spamassassin ? NDR_STAMP_SPAMASSASSIN : 0u);
    ndr_buffer_clear(&p->fields);
    int code = p->opts->decide(p->opts->ctx, m, bytes, how, &p->fields, err);
    if (code != 0)
        return code;

    /* SMTP has an envelope of its own, and a From_ line would be in front of the header */
    const size_t skip = p->opts->to != NULL ? (size_t)(m->raw.ptr - bytes.ptr) : 0;
    ndr_buffer_add(&p->out, (ndr_slice){bytes.ptr + skip, place - skip});
    if (place > begin && bytes.ptr[place - 1] != '\n')
        ndr_buffer_text(&p->out, crlf ? "\r\n" : "\n");
    ndr_buffer_add(&p->out, (ndr_slice){p->fields.ptr, p->fields.len});
    ndr_strip_begin(&p->strip, how);
    code = pass_bytes(p, (ndr_slice){bytes.ptr + place, bytes.len - place}, err);
    int got = code;
    while (code == 0 && (got = ndr_passthrough_more(p->in, &bytes, err)) == 1)
        code = pass_bytes(p, bytes, err);
    if (code == 0 && got < 0) {
        ndr_error_prefix(err, "standard input");
        code = got;
    }
    if (code != 0)
        return code;
    ndr_strip_end(&p->strip, &p->out);
    return flush(p, err);
}

int
pass_mail(const pass_opts *o, uint64_t *ret_messages, ndr_error *err)
{
    passage p = {.opts = o};
    const ndr_passthrough_opts carry = {
        NDR_SIZED(ndr_passthrough_opts),
        .fd = o->in,
        .format = o->format,
        .message_limit_bytes = o->message_limit_bytes,
        .name = "-",
    };
    *ret_messages = 0;
    int code = ndr_passthrough_open(&carry, &p.in, err);
    while (code == 0) {
        ndr_message m;
        ndr_slice bytes;
        const int got = ndr_passthrough_next(p.in, &m, &bytes, err);
        if (got == 0)
            break;
        if (got < 0)
            ndr_error_prefix(err, "standard input");
        code = got < 0 ? got : pass_message(&p, &m, bytes, err);
        *ret_messages += code == 0;
    }
    ndr_passthrough_close(p.in);
    ndr_strip_free(&p.strip);
    ndr_buffer_free(&p.fields);
    ndr_buffer_free(&p.out);
    return code;
}

int
pass_through(const pass_opts *o)
{
    ndr_error err = {0};
    uint64_t messages = 0;
    int status = EX_OK;
    if (pass_mail(o, &messages, &err) != 0) {
        diag("%s", err.text);
        status = EX_TEMPFAIL;
    } else if (messages == 0 && o->format != NDR_FORMAT_MBOX) {
        diag("standard input: no message in it (an mbox may be empty: --format mbox)");
        status = EX_TEMPFAIL;
    }
    if (o->to != NULL && o->to->end(o->to->sink, status == EX_OK, &err) != 0) {
        diag("%s", err.text);
        status = EX_TEMPFAIL;
    }
    /* what a network file system or a quota refuses may be told only here */
    if (o->to == NULL && close(o->out) != 0 && status == EX_OK) {
        (void)ndr_fail(&err, NDR_E_SYS, "standard output: close");
        diag("%s", err.text);
        status = EX_TEMPFAIL;
    }
    return status;
}

static void
give_up(int number)
{
    (void)number;
    _exit(EX_TEMPFAIL);
}

/* Our own fault: said before it ends with 75, for there will be no core. */
static void
break_down(int number)
{
    static const char words[] = "ndrscan: broke down (a fault of its own); try again\n";
    if (write(STDERR_FILENO, words, sizeof words - 1) < 0)
        number = 0; /* it ends all the same */
    give_up(number);
}

/* Ends nothing by itself, or stops a job: left as it is. */
static bool
ends_no_program(int number)
{
    static const int harmless[] = {SIGCHLD, SIGCONT, SIGURG, SIGWINCH,
                                   SIGTSTP, SIGTTIN, SIGTTOU};
    for (size_t i = 0; i < sizeof harmless / sizeof harmless[0]; i++)
        if (harmless[i] == number)
            return true;
    return false;
}

void
pass_die_with_75(void)
{
    static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE,
                                 SIGABRT, SIGSYS, SIGTRAP};
    static unsigned char stack[1 << 14]; /* where the usual one has run over */
    const stack_t other = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction sa = {.sa_handler = give_up};
    (void)sigemptyset(&sa.sa_mask);
    /* KILL and STOP cannot be caught, and the C library keeps two for itself: refused */
    for (int number = 1; number <= SIGRTMAX; number++)
        if (!ends_no_program(number))
            (void)sigaction(number, &sa, NULL);
    if (sigaltstack(&other, NULL) == 0)
        sa.sa_flags = SA_ONSTACK;
    sa.sa_handler = break_down;
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        (void)sigaction(faults[i], &sa, NULL);
    (void)signal(SIGXFSZ, SIG_IGN); /* a limit on file sizes is an error of write */
    (void)signal(SIGPIPE, SIG_IGN); /* so is a reader that goes away */
}
