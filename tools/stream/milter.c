/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * milter.c - `ndrscan-milter`: stamp, or turn away, bounces while the mail server takes
 * them.
 *
 * A program of its own, so that nothing else is linked with libmilter. The message is put
 * together as it comes; when its header alone says that it is no bounce, its body is not
 * even sent.
 */
#include "app/config.h"
#include "app/diag.h"
#include "app/tables.h"
#include "policy.h"

#include <libmilter/mfapi.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum action { ACTION_HEADER, ACTION_QUARANTINE, ACTION_REJECT, ACTION_DISCARD };
enum { RECIPIENTS_MAX = 1000, OURS_MAX = 5 };

static struct {
    setup setup;
    enum action action;
    bool spamassassin;
    size_t limit;
    policies *policies;
    pthread_mutex_t mu; /* guards free_seat */
    struct place *free_seat;
} milter = {.mu = PTHREAD_MUTEX_INITIALIZER};

/* A scanner that goes from connection to connection: libmilter has a thread for each. */
typedef struct place {
    policy_scanner scanner;
    struct place *next;
} place;

/* One connection, and the message at hand. */
typedef struct session {
    bool can_skip;
    bool decided; /* by its header alone */
    bool beyond;  /* more came than the limit */
    ndr_buffer message;
    char *recipient[RECIPIENTS_MAX];
    size_t recipients;
    struct {
        char name[32];
        int count; /* how many fields claim to be it */
    } ours[OURS_MAX];
} session;

static unsigned
stamp_how(void)
{
    return milter.spamassassin ? NDR_STAMP_SPAMASSASSIN : 0;
}

static place *
take_place(void)
{
    (void)pthread_mutex_lock(&milter.mu);
    place *p = milter.free_seat;
    if (p != NULL)
        milter.free_seat = p->next;
    (void)pthread_mutex_unlock(&milter.mu);
    if (p == NULL && (p = calloc(1, sizeof *p)) != NULL)
        p->scanner.policies = milter.policies;
    return p;
}

static void
give_place(place *p)
{
    (void)pthread_mutex_lock(&milter.mu);
    p->next = milter.free_seat;
    milter.free_seat = p;
    (void)pthread_mutex_unlock(&milter.mu);
}

static void
begin_message(session *s)
{
    for (size_t i = 0; i < s->recipients; i++)
        free(s->recipient[i]);
    s->recipients = 0;
    s->decided = s->beyond = false;
    memset(s->ours, 0, sizeof s->ours);
    if (s->message.cap > (1u << 22))
        ndr_buffer_free(&s->message);
    ndr_buffer_clear(&s->message);
}

/* ---- what the mail server tells -------------------------------------------------- */

static session *
session_of(SMFICTX *ctx)
{
    session *s = smfi_getpriv(ctx);
    if (s == NULL && (s = calloc(1, sizeof *s)) != NULL &&
        smfi_setpriv(ctx, s) != MI_SUCCESS) {
        free(s);
        s = NULL;
    }
    return s;
}

static sfsistat
on_negotiate(SMFICTX *ctx, unsigned long f0, unsigned long f1, unsigned long f2,
             unsigned long f3, unsigned long *pf0, unsigned long *pf1, unsigned long *pf2,
             unsigned long *pf3)
{
    session *s = session_of(ctx);
    (void)f2;
    (void)f3;
    const unsigned long need =
        SMFIF_ADDHDRS | SMFIF_CHGHDRS |
        (milter.action == ACTION_QUARANTINE ? (unsigned long)SMFIF_QUARANTINE : 0);
    if (s == NULL || (f0 & need) != need)
        return SMFIS_REJECT;
    s->can_skip = (f1 & SMFIP_SKIP) != 0;
    *pf0 = need;
    *pf1 = f1 &
           (SMFIP_SKIP | SMFIP_NOCONNECT | SMFIP_NOHELO | SMFIP_NOUNKNOWN | SMFIP_NODATA);
    *pf2 = *pf3 = 0;
    return SMFIS_CONTINUE;
}

/* What is between the angle brackets of an envelope's address. */
static ndr_slice
bare(const char *address)
{
    ndr_slice s = ndr_slice_of(address);
    if (s.len >= 2 && s.ptr[0] == '<' && s.ptr[s.len - 1] == '>')
        s = (ndr_slice){s.ptr + 1, s.len - 2};
    return s;
}

static sfsistat
on_sender(SMFICTX *ctx, char **argv)
{
    session *s = session_of(ctx);
    if (s == NULL)
        return SMFIS_TEMPFAIL;
    begin_message(s);
    /* what delivery will add, and rules ask for */
    const ndr_slice sender = bare(argv[0]);
    ndr_buffer_text(&s->message, "Return-Path: <");
    for (size_t i = 0; i < sender.len; i++)
        ndr_buffer_byte(&s->message, sender.ptr[i] < ' ' ? '?' : sender.ptr[i]);
    ndr_buffer_text(&s->message, ">\r\n");
    return SMFIS_CONTINUE;
}

static sfsistat
on_recipient(SMFICTX *ctx, char **argv)
{
    session *s = session_of(ctx);
    if (s == NULL)
        return SMFIS_TEMPFAIL;
    if (s->recipients == RECIPIENTS_MAX)
        return SMFIS_TEMPFAIL; /* this one: the client sends it a copy of its own */
    const ndr_slice to = bare(argv[0]);
    char *copy = strndup((const char *)to.ptr, to.len);
    if (copy == NULL)
        return SMFIS_TEMPFAIL;
    s->recipient[s->recipients++] = copy;
    return SMFIS_CONTINUE;
}

/* Remember a field that claims to be ours. */
static void
count_ours(session *s, const char *name)
{
    size_t n = strlen(name);
    while (n > 0 && (name[n - 1] == ' ' || name[n - 1] == '\t'))
        n--; /* blanks before the colon are none of the name, RFC 5322 4.5 */
    const ndr_slice bare_name = {(const unsigned char *)name, n};
    if (!ndr_stamp_ours(bare_name, stamp_how()))
        return;
    for (size_t i = 0; i < OURS_MAX; i++)
        if (s->ours[i].count == 0 ||
            ndr_slice_equal_nocase(ndr_slice_of(s->ours[i].name), bare_name)) {
            memcpy(s->ours[i].name, name, n);
            s->ours[i].name[n] = '\0';
            s->ours[i].count++;
            return;
        }
}

static sfsistat
on_header(SMFICTX *ctx, char *name, char *value)
{
    session *s = session_of(ctx);
    if (s == NULL)
        return SMFIS_TEMPFAIL;
    count_ours(s, name);
    ndr_buffer_text(&s->message, name);
    ndr_buffer_text(&s->message, ": ");
    for (const char *c = value; *c != '\0'; c++) {
        if (*c == '\n' && (c == value || c[-1] != '\r'))
            ndr_buffer_byte(&s->message, '\r');
        ndr_buffer_byte(&s->message, (unsigned char)*c);
    }
    ndr_buffer_text(&s->message, "\r\n");
    return SMFIS_CONTINUE;
}

/* The body would be needed. */
static int
want_body(void *ctx, ndr_message *m, ndr_error *err)
{
    (void)m;
    (void)err;
    *(bool *)ctx = true;
    return 0;
}

static ndr_message
message_of(const session *s)
{
    return (ndr_message){.raw = {s->message.ptr, s->message.len},
                         .source = "-",
                         .length = s->message.len,
                         .framed = NDR_TIME_UNKNOWN,
                         .file_time = NDR_TIME_UNKNOWN,
                         .flags = s->beyond ? NDR_MSG_TRUNCATED : 0};
}

static sfsistat
on_header_end(SMFICTX *ctx)
{
    session *s = session_of(ctx);
    place *p = s != NULL ? take_place() : NULL;
    if (p == NULL)
        return SMFIS_TEMPFAIL;
    ndr_buffer_text(&s->message, "\r\n");
    ndr_message m = message_of(s);
    m.flags |= NDR_MSG_OPEN;
    bool wanted = false;
    ndr_verdict v;
    ndr_error err = {0};
    if (policy_scanner_scan(&p->scanner, &m, NULL, 0, want_body, &wanted, &v, &err) != 0)
        wanted = true; /* told at the end, if it still fails */
    else if (v.decision != NDR_NONE || (v.flags & NDR_MSG_SUSPECT) != 0)
        wanted = true;
    s->decided = !wanted;
    give_place(p);
    return SMFIS_CONTINUE;
}

static sfsistat
on_body(SMFICTX *ctx, unsigned char *bytes, size_t n)
{
    session *s = session_of(ctx);
    if (s == NULL)
        return SMFIS_TEMPFAIL;
    if (!s->decided) {
        const size_t room =
            milter.limit > s->message.len ? milter.limit - s->message.len : 0;
        s->beyond |= n > room;
        ndr_buffer_add(&s->message, (ndr_slice){bytes, n < room ? n : room});
    }
    return s->can_skip && (s->decided || s->beyond) ? SMFIS_SKIP : SMFIS_CONTINUE;
}

/* ---- what the mail server is told -------------------------------------------------- */

/* Put the fields on top, the last one first. */
static bool
insert_fields(SMFICTX *ctx, char *fields)
{
    while (*fields != '\0') {
        char *end = fields + strlen(fields) - 1; /* its line end */
        *end = '\0';
        char *at = end;
        while (at > fields && (at[-1] != '\n' || *at == '\t'))
            at--;
        char *colon = strchr(at, ':');
        if (colon == NULL)
            return false;
        *colon = '\0';
        if (smfi_insheader(ctx, 0, at, colon + 2) != MI_SUCCESS)
            return false;
        *at = '\0';
    }
    return true;
}

static sfsistat
act(SMFICTX *ctx, session *s, const ndr_verdict *v)
{
    static char refusal[] = "Bounces to this domain are not accepted at the moment";
    static char code[] = "550", status[] = "5.7.1";
    static char reason[] = "ndrscan: a bounce in a block window";
    const bool junk = v->decision == NDR_JUNK;
    if (junk && milter.action == ACTION_DISCARD)
        return SMFIS_DISCARD;
    if (junk && milter.action == ACTION_REJECT) {
        (void)smfi_setreply(ctx, code, status, refusal); /* else it has its own words */
        return SMFIS_REJECT;
    }
    for (size_t i = 0; i < OURS_MAX; i++)
        for (int k = s->ours[i].count; k > 0; k--)
            if (smfi_chgheader(ctx, s->ours[i].name, k, NULL) != MI_SUCCESS)
                return SMFIS_TEMPFAIL;
    ndr_buffer fields = {0};
    ndr_stamp_fields(v, NDR_VERSION, stamp_how(), &fields);
    ndr_buffer_byte(&fields, '\0');
    const bool done = !fields.failed && insert_fields(ctx, (char *)fields.ptr);
    ndr_buffer_free(&fields);
    if (!done)
        return SMFIS_TEMPFAIL;
    if (junk && milter.action == ACTION_QUARANTINE &&
        smfi_quarantine(ctx, reason) != MI_SUCCESS)
        return SMFIS_TEMPFAIL;
    return SMFIS_CONTINUE;
}

static sfsistat
on_message_end(SMFICTX *ctx)
{
    session *s = session_of(ctx);
    if (s == NULL || s->message.failed)
        return SMFIS_TEMPFAIL;
    if (s->decided)
        return act(ctx, s, &(ndr_verdict){0});
    place *p = take_place();
    if (p == NULL)
        return SMFIS_TEMPFAIL;
    ndr_message m = message_of(s);
    ndr_verdict v;
    ndr_error err = {0};
    sfsistat answer = SMFIS_TEMPFAIL;
    if (policy_scanner_scan(&p->scanner, &m, (const char *const *)s->recipient,
                            s->recipients, NULL, NULL, &v, &err) != 0)
        diag("%s", err.text);
    else
        answer = act(ctx, s, &v);
    give_place(p);
    return answer;
}

static sfsistat
on_abort(SMFICTX *ctx)
{
    session *s = smfi_getpriv(ctx);
    if (s != NULL)
        begin_message(s);
    return SMFIS_CONTINUE;
}

static sfsistat
on_close(SMFICTX *ctx)
{
    session *s = smfi_getpriv(ctx);
    if (s == NULL)
        return SMFIS_CONTINUE;
    begin_message(s);
    ndr_buffer_free(&s->message);
    free(s);
    (void)smfi_setpriv(ctx, NULL);
    return SMFIS_CONTINUE;
}

/* ---- the program ----------------------------------------------------------------------
 */

/* Below 0: go on, with *ret_socket; else the exit status. */
static int
take_args(opts *o, char **ret_socket)
{
    const char *arg;
    int id;
    while ((id = opts_next(o, &arg)) > 0) {
        int status = 0;
        if (id == OPT_JUNK_ACTION) {
            const int at = opts_word(o, id, arg);
            milter.action = (enum action)at; /* the words stand in the enum's order */
            status = at < 0 ? 2 : 0;
        } else if (id == OPT_COMPAT) {
            status = opts_word(o, id, arg) < 0 ? 2 : 0;
            milter.spamassassin = true;
        } else {
            status = setup_option(&milter.setup, o, id, arg);
        }
        if (status != 0)
            return status;
    }
    if (id < 0)
        return o->status;
    size_t count = 0;
    char **operand = opts_operands(o, &count);
    /* libmilter takes a word without a colon for the name of a socket in this folder */
    if (count != 1 || strchr(operand[0], ':') == NULL)
        return opts_mistake(o,
                            "give one SOCKET, such as unix:/run/ndrscan/milter.sock or "
                            "inet:8899@127.0.0.1");
    *ret_socket = operand[0];
    return -1;
}

static int
run(char *socket_name)
{
    static char name[] = "ndrscan";
    struct smfiDesc desc = {
        .xxfi_name = name,
        .xxfi_version = SMFI_VERSION,
        .xxfi_flags = SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_QUARANTINE,
        .xxfi_envfrom = on_sender,
        .xxfi_envrcpt = on_recipient,
        .xxfi_header = on_header,
        .xxfi_eoh = on_header_end,
        .xxfi_body = on_body,
        .xxfi_eom = on_message_end,
        .xxfi_abort = on_abort,
        .xxfi_close = on_close,
        .xxfi_negotiate = on_negotiate,
    };
    if (policies_new(&milter.setup, &milter.policies) != 0)
        return 2;
    policies_tell_windows(milter.policies);
    policies_hear(SIGUSR1); /* libmilter ends at SIGHUP */
    milter.limit = milter.setup.message_limit_bytes > 0 ? milter.setup.message_limit_bytes
                                                        : (size_t)NDR_MESSAGE_BYTES;
    if (smfi_setconn(socket_name) != MI_SUCCESS || smfi_register(desc) != MI_SUCCESS ||
        smfi_opensocket(true) != MI_SUCCESS) {
        diag("%s: cannot listen there; give unix:PATH or inet:PORT@ADDRESS, in a folder "
             "that may be written to",
             socket_name);
        return 2;
    }
    diag("answering at %s", socket_name);
    if (smfi_main() != MI_SUCCESS) {
        diag("libmilter ended with a failure");
        return 2;
    }
    return 0;
}

int
main(int argc, char **argv)
{
    opts o;
    char *socket_name = NULL;
    if (!hold_standard_descriptors())
        return 2;
    opts_find_defaults = config_defaults;
    opts_begin(&o, &verb_milter, argc, argv);
    if (setup_begin(&milter.setup, &o) != 0)
        return 2;
    milter.setup.clock = NDR_CLOCK_NOW;
    int status = take_args(&o, &socket_name);
    if (status < 0)
        status = run(socket_name);
    for (place *p = milter.free_seat, *next; p != NULL; p = next) {
        next = p->next;
        policy_scanner_done(&p->scanner);
        free(p);
    }
    policies_free(milter.policies);
    setup_free(&milter.setup);
    return status;
}
