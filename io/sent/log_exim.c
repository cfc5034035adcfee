/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * log_exim.c - what does a line of Exim say of mail that we sent?
 *
 *   ID <= SENDER H=NAME (HELO) [ADDR] P=PROTOCOL X=... A=... S=N id=MESSAGE-ID T="..."
 * ... ID => RECIPIENT <ORIGINAL> R=... T=...      delivered; -> the same, by one transfer
 *   ID ** RECIPIENT <ORIGINAL> R=...: TEXT      failed
 *   ID == RECIPIENT <ORIGINAL> R=... defer ...  put off
 *   ID Completed
 *
 * ID is 6-6-2 letters and digits, from 4.97 on 6-11-4. HELO, subject and TEXT are the
 * world's own words: fields are walked in order, over parentheses and quotes. All
 * redirection stays in one message, so a stranger's that is passed on is never ours.
 *
 * Source: the Exim specification, chapter 52, and 4.96's receive.c and deliver.c.
 */
#include "log_exim.h"

#include <string.h>

static bool
is_word_of(const unsigned char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!((p[i] >= '0' && p[i] <= '9') || (p[i] >= 'A' && p[i] <= 'Z') ||
              (p[i] >= 'a' && p[i] <= 'z')))
            return false;
    return true;
}

/* "1vPkHg-0001Ab-2C " off the front. */
static bool
take_message(ndr_slice *s, ndr_slice *ret)
{
    static const struct {
        size_t middle, end;
    } form[] = {{6, 2}, {11, 4}};
    for (size_t i = 0; i < 2; i++) {
        const size_t dash = 7 + form[i].middle, n = dash + 1 + form[i].end;
        const unsigned char *p = s->ptr;
        if (s->len <= n || p[6] != '-' || p[dash] != '-' || p[n] != ' ' ||
            !is_word_of(p, 6) || !is_word_of(p + 7, form[i].middle) ||
            !is_word_of(p + dash + 1, form[i].end))
            continue;
        *ret = (ndr_slice){p, n};
        s->ptr += n + 1;
        s->len -= n + 1;
        return true;
    }
    return false;
}

/* A word that ends at a blank, off the front with it: blanks in quotes, parentheses and
 * brackets, `close` behind the one that is open, are in it. */
static ndr_slice
take_field(ndr_slice *s)
{
    unsigned char close = 0;
    size_t n = 0;
    for (; n < s->len; n++) {
        const unsigned char c = s->ptr[n];
        if (close == '"' && c == '\\')
            n++;
        else if (close != 0)
            close = c == close ? 0 : close;
        else if (c == '"')
            close = '"';
        else if (c == '(' && (n == 0 || s->ptr[n - 1] == '='))
            close = ')';
        else if (c == ' ')
            break;
    }
    n = n < s->len ? n : s->len;
    const ndr_slice field = {s->ptr, n};
    const size_t off = n + (n < s->len);
    s->ptr += off;
    s->len -= off;
    return field;
}

/* What a "<=" line says. */
typedef struct arrival {
    ndr_slice protocol, id, address;
} arrival;

static void
take_fields(ndr_slice text, arrival *ret)
{
    *ret = (arrival){.protocol = {0}};
    while (text.len > 0) {
        ndr_slice f = take_field(&text);
        if (ret->protocol.len == 0 && f.len > 2 && f.ptr[0] == '[' && /* "[ADDR]" */
            memchr(f.ptr, ']', f.len) != NULL)
            ret->address = (ndr_slice){
                f.ptr + 1,
                (size_t)((const unsigned char *)memchr(f.ptr, ']', f.len) - f.ptr) - 1};
        else if (ret->protocol.len == 0 && ndr_log_skip(&f, "P="))
            ret->protocol = f;
        else if (ndr_log_skip(&f, "T=") || ndr_slice_equal(f, NDR_SLICE("from")) ||
                 ndr_slice_equal(f, NDR_SLICE("for")))
            return; /* from here on are subject and addresses */
        else if (ret->id.len == 0 && ndr_log_skip(&f, "id="))
            ret->id = f;
    }
}

/* "esmtpa" and its kin: by one who gave a password. */
static bool
is_authenticated(ndr_slice protocol)
{
    const size_t smtp = ndr_log_find(protocol, "smtp", false);
    return smtp < protocol.len && protocol.ptr[protocol.len - 1] == 'a';
}

/* Of this host, or of a submitter. */
static bool
is_near(const ndr_log_state *s, const arrival *a)
{
    ndr_slice p = a->protocol;
    return ndr_slice_equal(p, NDR_SLICE("local")) || ndr_log_skip(&p, "local-") ||
           ndr_network_has(s->network, s->opts.submitter_count, a->address);
}

static int
arrive(ndr_log_state *s, const ndr_log_line *l, ndr_slice message, ndr_join *old,
       ndr_slice text, ndr_error *err)
{
    arrival a;
    const ndr_slice sender = take_field(&text);
    const int64_t at = ndr_log_time(&s->clock, l->stamp);
    take_fields(text, &a);
    const bool sure = is_authenticated(a.protocol), near = is_near(s, &a);
    if (!sure && !near)
        ndr_joins_stranger(&s->joins, a.id, at);
    /* a stranger's that a program here, such as a filter, hands in again is not ours */
    if (at == NDR_TIME_UNKNOWN || sender.len == 0 ||
        ndr_slice_equal(sender, NDR_SLICE("<>")) ||
        (!sure && (!near || ndr_joins_is_strangers(&s->joins, a.id, at)))) {
        if (old != NULL)
            ndr_joins_drop(&s->joins, old);
        return 0;
    }
    ndr_join *join;
    const int rc =
        ndr_joins_begin(&s->joins, l->host, message, JOIN_OURS, at, &join, err);
    if (rc != 1)
        return rc;
    ndr_join_id(join, a.id);
    ndr_join_from(join, sender);
    return 0;
}

/* "final <original> R=..." or "final: TEXT". */
static int
deliver(ndr_log_state *s, ndr_join *join, ndr_slice text, ndr_error *err)
{
    ndr_slice to = take_field(&text);
    if (to.len > 0 && to.ptr[to.len - 1] == ':')
        to.len--;
    ndr_join_to(join, to);
    if (ndr_log_skip(&text, "(")) { /* "|/usr/bin/procmail (alice@x) <alice@x>" */
        const size_t at = ndr_log_find(text, ") ", false);
        if (at == text.len)
            return ndr_join_tell(join, &s->opts, &s->counts.messages, err);
        ndr_join_to(join, (ndr_slice){text.ptr, at});
        text = (ndr_slice){text.ptr + at + 2, text.len - at - 2};
    }
    if (ndr_log_skip(&text, "<")) {
        const ndr_slice original = take_field(&text);
        const size_t at = ndr_log_find(original, ">", true);
        if (at < original.len)
            ndr_join_to(join, (ndr_slice){original.ptr, at});
    }
    return ndr_join_tell(join, &s->opts, &s->counts.messages, err);
}

int
ndr_log_exim(ndr_log_state *s, const ndr_log_line *l, ndr_error *err)
{
    static const char *const arrows[] = {"=> ", "-> ", ">> ", "** ", "== "};
    ndr_slice text = l->text, message;
    if (!take_message(&text, &message))
        return 0;
    ndr_join *join = ndr_joins_find(&s->joins, l->host, message);
    if (ndr_log_skip(&text, "<= "))
        return arrive(s, l, message, join, text, err);
    if (join == NULL)
        return 0;
    for (size_t i = 0; i < sizeof arrows / sizeof arrows[0]; i++)
        if (ndr_log_skip(&text, arrows[i]))
            return deliver(s, join, text, err);
    ndr_slice word = text;
    if (ndr_log_skip(&word, "Completed"))
        ndr_joins_drop(&s->joins, join);
    return 0;
}
