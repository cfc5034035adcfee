/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * client.c - `ndrscan-client`: filter and check by a server that has the rules loaded.
 *
 * It is linked with what it needs of the library and with nothing else, because it is
 * started for each message. Exit statuses are those of the verbs; a server that is slow,
 * goes away or is of another version is 75.
 */
#include "alone.h"
#include "app/diag.h"
#include "app/stream_pass.h"
#include "app/tables.h"
#include "ndr_clock.h"
#include "smtp_out.h"
#include "wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sysexits.h>
#include <unistd.h>

typedef struct client {
    const char *path; /* NULL: where a server usually is */
    int64_t timeout_ms;
    ndr_buffer recipients; /* a NUL behind each */
    ndr_buffer args;       /* for ndrscan itself: a NUL behind each */
    smtp_out smtp;         /* without an address: to standard output */
    size_t message_limit_bytes;
    enum ndr_format format;
    bool spamassassin, quiet;
} client;

static int
connect_to(const client *c, int *ret, ndr_error *err)
{
    struct sockaddr_un at;
    if (!wire_address(c->path, &at))
        return ndr_fail(err, NDR_E_LIMIT, "the path of the socket is too long");
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return ndr_fail(err, NDR_E_SYS, "socket");
    /* where the queue is full, connecting waits as long as sending may */
    const struct timeval wait = {.tv_sec = (time_t)(c->timeout_ms / 1000)};
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
    if (connect(fd, (const struct sockaddr *)&at, sizeof at) != 0) {
        if (errno == EAGAIN)
            errno = ETIMEDOUT; /* as unix(7) tells that the wait is over */
        (void)ndr_fail(err, NDR_E_SYS, "connect");
        (void)close(fd);
        return NDR_E_SYS;
    }
    *ret = fd;
    return 0;
}

/* Ask about a message with these recipients: 0 with *ret_status and `text`; or an
 * ndr_code. */
static int
ask_once(const client *c, unsigned char what, unsigned how, const ndr_message *m,
         ndr_slice recipients, int *ret_status, ndr_buffer *text, ndr_error *err)
{
    const wire_question q = {
        .verb = what,
        .how = (unsigned char)how,
        .flags = (m->flags & NDR_MSG_TRUNCATED) != 0 ? WIRE_TRUNCATED : 0,
        .recipient_bytes = (uint32_t)recipients.len,
        .envelope_bytes = (uint32_t)m->envelope.len,
        .message_bytes = m->raw.len,
    };
    unsigned char head[WIRE_QUESTION_BYTES], answer[WIRE_ANSWER_BYTES];
    wire_answer a = {0};
    int fd = -1;
    int code = connect_to(c, &fd, err);
    const int64_t deadline = ndr_now_ms() + c->timeout_ms;
    wire_put_question(&q, head);
    if (code == 0)
        code = wire_send(fd, head, sizeof head, deadline, err);
    if (code == 0)
        code = wire_send(fd, recipients.ptr, recipients.len, deadline, err);
    if (code == 0)
        code = wire_send(fd, m->envelope.ptr, m->envelope.len, deadline, err);
    if (code == 0)
        code = wire_send(fd, m->raw.ptr, m->raw.len, deadline, err);
    if (code == 0)
        code = wire_receive(fd, answer, sizeof answer, deadline, err);
    if (code == 0 && !wire_get_answer(answer, &a))
        code = ndr_fail(err, NDR_E_DAMAGED, "not an answer of this version");
    if (code == 0 && !ndr_buffer_reserve(text, a.text_bytes))
        code = ndr_fail(err, NDR_E_NOMEM, "no memory for the answer");
    if (code == 0)
        code = wire_receive(fd, text->ptr + text->len, a.text_bytes, deadline, err);
    if (code == 0) {
        text->len += a.text_bytes;
        *ret_status = a.status;
    } else {
        ndr_error_prefix(err, "the server at %s", c->path);
    }
    if (fd >= 0)
        (void)close(fd); /* all was said */
    return code;
}

/* As many recipients from `at` on as one question may have. */
static ndr_slice
next_recipients(const ndr_buffer *all, size_t at)
{
    const unsigned char *p = all->ptr + at;
    size_t len = 0;
    for (size_t n = 0; n < WIRE_RECIPIENTS && at + len < all->len; n++) {
        const size_t one = strlen((const char *)p + len) + 1;
        if (len > 0 && len + one > WIRE_RECIPIENTS_MAX)
            break;
        len += one;
    }
    return (ndr_slice){p, len};
}

/* Does the answer say that it is junk to all who were asked about? */
static bool
is_junk(unsigned char what, int status, const ndr_buffer *text)
{
    static const char yes[] = "X-NDR-Flag: YES";
    return what == WIRE_CHECK ? status == 1
                              : status == EX_OK && text->len >= sizeof yes - 1 &&
                                    memcmp(text->ptr, yes, sizeof yes - 1) == 0;
}

/* Ask about a message: junk only if it is junk to each recipient, however many. As
 * ask_once. */
static int
ask(const client *c, unsigned char what, unsigned how, const ndr_message *m,
    int *ret_status, ndr_buffer *text, ndr_error *err)
{
    size_t at = 0;
    for (;;) {
        const ndr_slice some =
            at < c->recipients.len ? next_recipients(&c->recipients, at) : (ndr_slice){0};
        ndr_buffer_clear(text);
        const int code = ask_once(c, what, how, m, some, ret_status, text, err);
        at += some.len;
        if (code != 0 || at >= c->recipients.len || !is_junk(what, *ret_status, text))
            return code;
    }
}

/* What a server that refuses says, as an error. */
static int
refused(const client *c, const ndr_buffer *text, ndr_error *err)
{
    return ndr_fail(err, NDR_E_DAMAGED, "the server at %s: %.*s", c->path,
                    (int)(text->len < 300 ? text->len : 300), (const char *)text->ptr);
}

static int
decide(void *ctx, ndr_message *m, ndr_slice bytes, unsigned how, ndr_buffer *fields,
       ndr_error *err)
{
    const client *c = ctx;
    int status = 0;
    (void)bytes;
    const int code = ask(c, WIRE_FILTER, how, m, &status, fields, err);
    return code == 0 && status != EX_OK ? refused(c, fields, err) : code;
}

/* Whom it goes to by SMTP: 0 or an ndr_code. */
static int
begin_smtp(client *c, const char ***recipients, ndr_error *err)
{
    size_t count = 0;
    for (size_t i = 0; i < c->recipients.len; i++)
        count += c->recipients.ptr[i] == '\0';
    *recipients = calloc(count + 1, sizeof **recipients);
    if (*recipients == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "out of memory");
    const char *next = (const char *)c->recipients.ptr;
    for (size_t i = 0; i < count; i++, next += strlen(next) + 1)
        (*recipients)[i] = next;
    c->smtp.recipient = *recipients;
    c->smtp.recipient_count = count;
    return smtp_begin(&c->smtp, err);
}

static int
run_filter(client *c)
{
    ndr_error err = {0};
    const char **recipients = NULL;
    const pass_sink to = {.put = smtp_put, .end = smtp_end, .sink = &c->smtp};
    if (c->smtp.address != NULL && begin_smtp(c, &recipients, &err) != 0) {
        diag("%s", err.text);
        free(recipients);
        return EX_TEMPFAIL;
    }
    const pass_opts pass = {.in = STDIN_FILENO,
                            .out = STDOUT_FILENO,
                            .to = c->smtp.address != NULL ? &to : NULL,
                            .format = c->format,
                            .message_limit_bytes = c->message_limit_bytes,
                            .spamassassin = c->spamassassin,
                            .decide = decide,
                            .ctx = c};
    const int status = pass_through(&pass);
    free(recipients);
    return status;
}

static int
run_check(const client *c)
{
    const ndr_passthrough_opts how = {
        NDR_SIZED(ndr_passthrough_opts), .fd = STDIN_FILENO, .format = NDR_FORMAT_MESSAGE,
        .message_limit_bytes = c->message_limit_bytes, .name = "-"};
    ndr_error err = {0};
    ndr_passthrough *in = NULL;
    ndr_message m;
    ndr_slice bytes;
    ndr_buffer text = {0};
    int status = EX_TEMPFAIL;
    int got = ndr_passthrough_open(&how, &in, &err);
    if (got == 0)
        got = ndr_passthrough_next(in, &m, &bytes, &err);
    if (got == 0) {
        diag("standard input: no message in it");
        status = EX_NOINPUT;
    } else if (got < 0) {
        diag("standard input: %s", err.text);
        status = err.code == NDR_E_SYS ? EX_IOERR : EX_TEMPFAIL;
    } else if (ask(c, WIRE_CHECK, 0, &m, &status, &text, &err) != 0) {
        diag("%s", err.text);
        status = EX_TEMPFAIL;
    } else if (status > 1) {
        (void)refused(c, &text, &err);
        diag("%s", err.text);
        if (status != EX_SOFTWARE) /* it speaks another language: perhaps not for long */
            status = EX_TEMPFAIL;
    } else if (!c->quiet) {
        ndr_buffer_byte(&text, '\n');
        if (put_all(STDOUT_FILENO, (ndr_slice){text.ptr, text.len}, &err) != 0) {
            diag("standard output: %s", err.text);
            status = EX_IOERR;
        }
    }
    ndr_passthrough_close(in);
    ndr_buffer_free(&text);
    return status;
}

/* An option that ndrscan itself takes, too. */
static void
hand_on(client *c, const option_row *row, int id, const char *arg)
{
    while (row->id != id)
        row++;
    ndr_buffer_printf(&c->args, "--%s", row->name);
    if (arg != NULL) { /* as long as it may be */
        ndr_buffer_byte(&c->args, '=');
        ndr_buffer_text(&c->args, arg);
    }
    ndr_buffer_byte(&c->args, '\0');
}

/* Filter or check, and may it have these options? As take_args. */
static int
take_word(const client *c, opts *o, const char **ret_word)
{
    size_t count = 0;
    char **word = opts_operands(o, &count);
    if (count != 1 || (strcmp(word[0], "filter") != 0 && strcmp(word[0], "check") != 0)) {
        (void)opts_mistake(o, "say filter or check; mail comes in on standard input");
        return EX_USAGE;
    }
    *ret_word = word[0];
    /* whether a server answers or ndrscan itself, which knows the options of each */
    const bool check = word[0][0] == 'c';
    if (check ? c->spamassassin || c->format == NDR_FORMAT_MBOX : c->quiet) {
        (void)opts_mistake(o, check ? "--compat and --format are of filter"
                                    : "--quiet is of check: filter puts out the message");
        return EX_USAGE;
    }
    if (c->smtp.address != NULL && (check || c->format == NDR_FORMAT_MBOX)) {
        (void)opts_mistake(o, "--smtp hands on one message that was filtered");
        return EX_USAGE;
    }
    return -1;
}

/* Below 0: go on, with *ret_word; else the exit status of a check. */
static int
take_args(client *c, opts *o, const char **ret_word)
{
    const char *arg;
    int id;
    while ((id = opts_next(o, &arg)) > 0) {
        int64_t n = 0;
        if (id != OPT_SOCKET && id != OPT_TIMEOUT)
            hand_on(c, o->verb->row, id, arg);
        switch (id) {
        case OPT_SOCKET:
            c->path = arg;
            break;
        case OPT_TIMEOUT:
            n = opts_number(o, id, arg, 1, 3600);
            c->timeout_ms = n * 1000;
            break;
        case OPT_RECIPIENT:
            ndr_buffer_text(&c->recipients, arg);
            ndr_buffer_byte(&c->recipients, '\0');
            break;
        case OPT_FORMAT:
            n = opts_word(o, id, arg);
            c->format = n == 1 ? NDR_FORMAT_MBOX : NDR_FORMAT_MESSAGE;
            break;
        case OPT_COMPAT:
            n = opts_word(o, id, arg);
            c->spamassassin = true;
            break;
        case OPT_MAX_MESSAGE:
            n = opts_size(o, id, arg);
            c->message_limit_bytes = n > 0 ? (size_t)n : 0;
            break;
        case OPT_QUIET:
            c->quiet = true;
            break;
        case OPT_SMTP:
            c->smtp.address = arg;
            break;
        case OPT_SENDER:
            c->smtp.sender = arg;
            break;
        default:
            break;
        }
        if (n < 0)
            return EX_USAGE;
    }
    if (id < 0)
        return o->status == 0 ? EX_OK : EX_USAGE;
    return take_word(c, o, ret_word);
}

static int
run(client *c, const char *word)
{
    if (c->path == NULL)
        c->path = WIRE_SOCKET;
    return strcmp(word, "filter") == 0 ? run_filter(c) : run_check(c);
}

int
main(int argc, char **argv)
{
    client c = {
        .timeout_ms = 60000, .format = NDR_FORMAT_MESSAGE, .smtp = {.sender = ""}};
    const char *word = "filter";
    opts o;
    pass_die_with_75();
    if (!hold_standard_descriptors())
        return EX_TEMPFAIL;
    opts_begin(&o, &verb_client, argc, argv);
    int status = take_args(&c, &o, &word);
    if (status < 0 && c.recipients.failed) {
        diag("out of memory");
        return EX_TEMPFAIL;
    }
    const bool check = argc > 1 && strcmp(argv[argc - 1], "check") == 0;
    if (status < 0 && c.path == NULL && alone_is_better(WIRE_SOCKET))
        status = alone_run(word, &c.args);
    else if (status < 0)
        status = run(&c, word);
    else if (status != EX_OK && !check)
        status = EX_TEMPFAIL; /* a filter's caller takes all else for the last word */
    ndr_buffer_free(&c.recipients);
    ndr_buffer_free(&c.args);
    return status;
}
