/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * log_postfix.c - what does a line of Postfix say of mail that we sent?
 *
 *   smtpd    ID: client=NAME[ADDR], sasl_method=M, sasl_username=U, sasl_sender=S,
 *                orig_queue_id=ID, orig_client=NAME[ADDR]
 *   pickup   ID: uid=N from=<ADDR>
 *   cleanup  ID: message-id=VALUE, ID: resent-message-id=VALUE
 *   qmgr     ID: from=<ADDR>, size=N, nrcpt=N (queue active), ID: removed
 *   others   ID: to=<ADDR>, orig_to=<ADDR>, relay=R, ..., dsn=D, status=S (TEXT)
 *
 * Each value is taken by its place: VALUE and TEXT are the world's own words and hold
 * whatever looks like another field; so may an ADDR, in quotes.
 *
 * Mail that is handed to a content filter has not left. It comes back as another message:
 * with orig_queue_id=, or as that which the filter says it was "queued as". Then what the
 * first one was, the other is.
 *
 * Source: Postfix 3.7, smtpd.c, pickup.c, cleanup_message.c, qmgr_active.c, log_adhoc.c.
 */
#include "log_postfix.h"

#include <string.h>

/* "4XyZ: " or "842AEA8386C: " off the front. */
static bool
take_queue_id(ndr_slice *s, ndr_slice *ret)
{
    size_t n = 0;
    while (n < s->len && n < JOIN_QUEUE_ID &&
           ((s->ptr[n] >= '0' && s->ptr[n] <= '9') ||
            (s->ptr[n] >= 'A' && s->ptr[n] <= 'Z') ||
            (s->ptr[n] >= 'a' && s->ptr[n] <= 'z')))
        n++;
    if (n < 5 || n + 2 > s->len || s->ptr[n] != ':' || s->ptr[n + 1] != ' ')
        return false;
    *ret = (ndr_slice){s->ptr, n};
    s->ptr += n + 2;
    s->len -= n + 2;
    return !ndr_slice_equal(*ret, NDR_SLICE("NOQUEUE"));
}

/* "NAME[ADDR]" or "NAME[ADDR]:PORT", to the next ", ", off the front; ADDR into *ret. */
static void
take_client(ndr_slice *s, ndr_slice *ret)
{
    const size_t end = ndr_log_find(*s, ", ", false);
    const ndr_slice client = {s->ptr, end};
    const size_t open = ndr_log_find(client, "[", false);
    const size_t close = ndr_log_find(client, "]", false);
    *ret = open < close && close < client.len
               ? (ndr_slice){client.ptr + open + 1, close - open - 1}
               : (ndr_slice){0};
    s->ptr += end;
    s->len -= end;
}

/* "<ADDR>" off the front, with quotes in ADDR. False when it does not end. */
static bool
take_address(ndr_slice *s, ndr_slice *ret)
{
    if (!ndr_log_skip(s, "<"))
        return false;
    bool quoted = false;
    for (size_t i = 0; i < s->len; i++) {
        const unsigned char c = s->ptr[i];
        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (c == '>' && !quoted) {
            *ret = (ndr_slice){s->ptr, i};
            s->ptr += i + 1;
            s->len -= i + 1;
            return true;
        }
    }
    return false;
}

static bool
is_submitter(const ndr_log_state *s, ndr_slice address)
{
    return ndr_network_has(s->network, s->opts.submitter_count, address);
}

/* A message comes in, as `class`. 0 or NDR_E_NOMEM. */
static int
begin(ndr_log_state *s, const ndr_log_line *l, ndr_slice queue_id, enum join_class class,
      ndr_error *err)
{
    ndr_join *join;
    const int64_t at = ndr_log_time(&s->clock, l->stamp);
    if (at == NDR_TIME_UNKNOWN)
        return 0;
    const int rc = ndr_joins_begin(&s->joins, l->host, queue_id, class, at, &join, err);
    return rc < 0 ? rc : 0;
}

/* What is known of `from` is so of what a filter made of it, and of what another made of
 * that. */
static int
pass_on(ndr_log_state *s, const ndr_join *from, ndr_error *err)
{
    enum { FILTERS = 8 };
    const ndr_slice host = ndr_slice_of(from->host);
    for (int i = 0; i < FILTERS && from->class != JOIN_OPEN && from->next[0] != '\0';
         i++) {
        ndr_join *to = ndr_joins_find(&s->joins, host, ndr_slice_of(from->next));
        if (to == NULL || to == from || to->class != JOIN_OPEN)
            return 0;
        to->class = from->class;
        to->begun = from->begun;
        const int rc = ndr_join_tell(to, &s->opts, &s->counts.messages, err);
        if (rc != 0)
            return rc;
        const bool gone = to->gone;
        if (gone && to->next[0] == '\0') {
            ndr_joins_drop(&s->joins, to);
            return 0;
        }
        from = to;
    }
    return 0;
}

static int
follow(ndr_log_state *s, ndr_join *from, ndr_slice next, ndr_error *err)
{
    if (next.len >= sizeof from->next)
        return 0;
    memcpy(from->next, next.ptr, next.len);
    from->next[next.len] = '\0';
    return pass_on(s, from, err);
}

/* smtpd: where did it come from? */
static int
take_client_line(ndr_log_state *s, const ndr_log_line *l, ndr_slice queue_id,
                 ndr_slice text, ndr_error *err)
{
    ndr_slice address, origin = {0}, parent = {0};
    ndr_join *old = ndr_joins_find(&s->joins, l->host, queue_id);
    take_client(&text, &address);
    if (ndr_log_skip(&text, ", sasl_method=")) {
        const size_t end = ndr_log_find(text, ", ", false);
        text = (ndr_slice){text.ptr + end, text.len - end};
        if (ndr_log_skip(&text, ", sasl_username="))
            return begin(s, l, queue_id, JOIN_OURS, err);
    }
    if (ndr_log_skip(&text, ", orig_queue_id=")) {
        parent = (ndr_slice){text.ptr, ndr_log_find(text, ", ", false)};
        text = (ndr_slice){text.ptr + parent.len, text.len - parent.len};
    }
    if (ndr_log_skip(&text, ", orig_client="))
        take_client(&text, &origin);
    if (parent.len > 0) {
        ndr_join *p = ndr_joins_find(&s->joins, l->host, parent);
        if (p != NULL && p != old) {
            const int rc = begin(s, l, queue_id, JOIN_OPEN, err);
            return rc != 0 ? rc : follow(s, p, queue_id, err);
        }
        address = origin; /* the filter's own says nothing */
    }
    if (is_submitter(s, address))
        return begin(s, l, queue_id, JOIN_WEAK, err);
    if (parent.len == 0 && ndr_network_loopback(address))
        return begin(s, l, queue_id, JOIN_OPEN, err);
    if (old != NULL) /* the id is a stranger's now */
        ndr_joins_drop(&s->joins, old);
    return 0;
}

/* cleanup: which id has it? */
static int
take_id(ndr_log_state *s, const ndr_log_line *l, ndr_join *join, ndr_slice id,
        ndr_error *err)
{
    if (join == NULL) {
        ndr_joins_stranger(&s->joins, id, ndr_log_time(&s->clock, l->stamp));
        return 0;
    }
    if (join->class == JOIN_WEAK && ndr_joins_is_strangers(&s->joins, id, join->begun)) {
        ndr_joins_drop(&s->joins, join);
        return 0;
    }
    ndr_join_id(join, id);
    return ndr_join_tell(join, &s->opts, &s->counts.messages, err);
}

/* qmgr: from=<ADDR>, size=: an ADDR in quotes may hold the like, so the last one counts.
 */
static int
take_from(ndr_log_state *s, ndr_join *join, ndr_slice text, ndr_error *err)
{
    const size_t end = ndr_log_find(text, ">, size=", true);
    if (end == text.len)
        return 0; /* "status=expired, returned to sender" */
    if (end == 0) {
        ndr_joins_drop(&s->joins, join); /* a bounce of ours: none comes back for it */
        return 0;
    }
    ndr_join_from(join, (ndr_slice){text.ptr, end});
    return ndr_join_tell(join, &s->opts, &s->counts.messages, err);
}

/* What "queued as ID" says that is written behind a status; empty when nothing. */
static ndr_slice
queued_as(ndr_slice text)
{
    static const char words[] = "queued as ";
    const size_t at = ndr_log_find(text, words, true);
    if (at == text.len)
        return (ndr_slice){0};
    ndr_slice id = {text.ptr + at + sizeof words - 1, 0};
    const unsigned char *end = text.ptr + text.len;
    while (id.ptr + id.len < end && id.ptr[id.len] != ')' && id.ptr[id.len] != ' ')
        id.len++;
    return id;
}

/* Was it handed to a filter that gives it back? Then what it became is followed. */
static bool
is_hop(ndr_log_state *s, ndr_join *join, ndr_slice relay, ndr_slice status, int *rc,
       ndr_error *err)
{
    ndr_slice client = relay, address;
    take_client(&client, &address);
    const bool near = ndr_network_loopback(address) || is_submitter(s, address);
    if (!near)
        return false;
    const ndr_slice id = queued_as(status);
    ndr_join *next = ndr_joins_find(&s->joins, ndr_slice_of(join->host), id);
    if (next != NULL && next != join && next->class == JOIN_OPEN) {
        *rc = follow(s, join, id, err);
    } else if (id.len == 0 || strncmp(join->next, (const char *)id.ptr, id.len) != 0 ||
               join->next[id.len] != '\0') {
        return ndr_joins_is_filter(&s->joins, relay);
    }
    ndr_joins_filter(&s->joins, relay);
    return true;
}

/* Anybody who delivers: to whom? */
static int
take_to(ndr_log_state *s, ndr_join *join, ndr_slice text, ndr_error *err)
{
    ndr_slice to, original = {0};
    if (!take_address(&text, &to))
        return 0;
    if (ndr_log_skip(&text, ", orig_to=") && !take_address(&text, &original))
        return 0;
    if (!ndr_log_skip(&text, ", relay="))
        return 0;
    const ndr_slice relay = {text.ptr, ndr_log_find(text, ", ", false)};
    const size_t at = ndr_log_find(text, ", status=", false);
    if (at == text.len)
        return 0;
    text = (ndr_slice){text.ptr + at + 9, text.len - at - 9};
    ndr_slice word = text;
    if (ndr_log_skip(&word, "deliverable ") || ndr_log_skip(&word, "undeliverable "))
        return 0; /* only asked whether it could be */
    int rc = 0;
    if (ndr_log_skip(&word, "sent ") && is_hop(s, join, relay, word, &rc, err))
        return rc;
    ndr_join_to(join, to);
    if (original.len > 0)
        ndr_join_to(join, original);
    return ndr_join_tell(join, &s->opts, &s->counts.messages, err);
}

static bool
ends_in(ndr_slice program, const char *daemon)
{
    const size_t n = strlen(daemon);
    return program.len >= n && memcmp(program.ptr + program.len - n, daemon, n) == 0 &&
           (program.len == n || program.ptr[program.len - n - 1] == '/');
}

int
ndr_log_postfix(ndr_log_state *s, const ndr_log_line *l, ndr_error *err)
{
    ndr_slice text = l->text, queue_id;
    if (!take_queue_id(&text, &queue_id))
        return 0;
    ndr_join *join = ndr_joins_find(&s->joins, l->host, queue_id);
    if (join != NULL && ndr_log_time(&s->clock, l->stamp) < join->begun)
        return 0; /* of an earlier message of that id: this log was read before */
    if (ndr_log_skip(&text, "client="))
        return ends_in(l->program, "smtpd") ? take_client_line(s, l, queue_id, text, err)
                                            : 0;
    if (ndr_log_skip(&text, "uid="))
        return ends_in(l->program, "pickup") ? begin(s, l, queue_id, JOIN_WEAK, err) : 0;
    const bool id =
        ndr_log_skip(&text, "message-id=") || ndr_log_skip(&text, "resent-message-id=");
    if (id)
        return ends_in(l->program, "cleanup") ? take_id(s, l, join, text, err) : 0;
    if (join == NULL)
        return 0;
    if (ndr_log_skip(&text, "from=<"))
        return ends_in(l->program, "qmgr") ? take_from(s, join, text, err) : 0;
    if (ndr_log_skip(&text, "to="))
        return take_to(s, join, text, err);
    if (ndr_slice_equal(text, NDR_SLICE("removed"))) {
        join->gone = true;
        if (join->class != JOIN_OPEN)
            ndr_joins_drop(&s->joins, join);
    }
    return 0;
}
