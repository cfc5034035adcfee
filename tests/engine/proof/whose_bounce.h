/* SPDX-License-Identifier: BSD-3-Clause */
/* whose_bounce.h - bounces to be judged, made of pieces, with signatures of a key made
 * here. */
#ifndef NDR_TEST_WHOSE_BOUNCE_H
#define NDR_TEST_WHOSE_BOUNCE_H

#include "harness.h"
#include "ndrscan_proof.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>

#define FIELDS                                                                           \
    "From: Ann <ann@a.example>\r\nTo: Bob <bob@b.example>\r\nSubject: Hi\r\n"            \
    "Date: Mon, 2 Mar 2026 10:59:00 +0000\r\nMessage-ID: <m1@a.example>\r\n"             \
    "MIME-Version: 1.0\r\n"
/* As b.example writes it on top of what it takes in. */
#define REMOTE                                                                           \
    "Received: from x.example (x.example [192.0.2.25])\r\n\tby mx.b.example (Postfix) "  \
    "with ESMTPS id 4X;\r\n\tMon, 2 Mar 2026 11:00:00 +0000\r\n"
/* As our hosts write it of what we send. */
#define LOGGED_IN                                                                        \
    "Received: from pc (unknown [203.0.113.5])\r\n\tby mail.a.example (Postfix) with "   \
    "ESMTPSA id 4Y;\r\n\tMon, 2 Mar 2026 10:59:01 +0000\r\n"
/* The header of a bounce that b.example sent. */
#define OUTSIDE                                                                          \
    "Received: from mx.b.example (mx.b.example [192.0.2.7])\r\n\tby mail.a.example "     \
    "(Postfix) with ESMTP id 4Z\r\n\tfor <ann@a.example>; Mon, 2 Mar 2026 12:00:00 "     \
    "+0000\r\nReceived: by mx.b.example (Postfix)\r\n\tid 4W; Mon, 2 Mar 2026 11:59:00 " \
    "+0000\r\nFrom: MAILER-DAEMON@mx.b.example\r\nTo: ann@a.example\r\n"
/* And of one that our own host made. */
#define OURS_MADE                                                                        \
    "Received: by mail.a.example (Postfix)\r\n\tid 4V; Mon, 2 Mar 2026 12:00:00 "        \
    "+0000\r\nFrom: MAILER-DAEMON@mail.a.example\r\nTo: ann@a.example\r\n"

enum { ARRIVED = 1772452800 };          /* 2026-03-02T12:00:00Z */
enum { SINCE = 1767225600 };            /* 2026-01-01 */
enum { SET_EMPTY = 1, SET_ID, SET_TO }; /* what a set of sent ids says */

/* A bounce. What is NULL or 0 is the usual. */
typedef struct bounce {
    const char *why;
    const char *bounce;      /* its header; OUTSIDE */
    const char *top;         /* of the returned header; REMOTE */
    const char *sign;        /* "d s h", or none */
    const char *fields;      /* FIELDS */
    const char *end;         /* behind them: "\r\n" */
    const char *change;      /* "old|new" in what was signed */
    const char *failed;      /* bob@b.example; "": nobody is named */
    const char *to;          /* ann@a.example: the address that the bounce came to */
    const char *return_path; /* of the returned message */
    const char *id;          /* of it; m1@a.example */
    const char *mta;         /* Reporting-MTA; "" */
    int set;                 /* SET_...; 0: there is none */
    bool in_text;
    unsigned flags;
    int64_t arrived; /* ARRIVED; -1: not known */
    enum ndr_whose want;
    const char *rows; /* what has to be among "name result;name result;" */
} bounce;

static ndr_dkim_keys *bounce_keys;
static EVP_PKEY *bounce_secret;

static const ndr_slice bounce_batv[] = {{(const unsigned char *)"batv", 4}};
static const ndr_slice bounce_srs[] = {{(const unsigned char *)"srs", 3}};
static const ndr_slice bounce_host[] = {{(const unsigned char *)"mail.a.example", 14},
                                        {(const unsigned char *)"imap.a.example", 14}};
static const ndr_slice bounce_net[] = {{(const unsigned char *)"198.51.100.0/24", 15},
                                       {(const unsigned char *)"127.0.0.0/8", 11}};
static ndr_identity_domain bounce_rows[] = {
    {.domain = {(const unsigned char *)"a.example", 9},
     .dkim_since = SINCE,
     .batv_key = bounce_batv,
     .batv_key_count = 1,
     .srs_secret = bounce_srs,
     .srs_secret_count = 1,
     .host = bounce_host,
     .host_count = 2,
     .submitter = bounce_net,
     .submitter_count = 2},
    {.domain = {(const unsigned char *)"c.example", 9}, .dkim_since = NDR_TIME_UNKNOWN},
};
static ndr_identity bounce_identity = {.row = bounce_rows, .count = 2};

static inline void
bounce_set_up(void)
{
    unsigned char raw[32];
    size_t n = sizeof raw;
    char text[64], record[128];
    ndr_error err;
    bounce_secret = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    if (bounce_secret == NULL ||
        EVP_PKEY_get_raw_public_key(bounce_secret, raw, &n) != 1 ||
        EVP_EncodeBlock((unsigned char *)text, raw, (int)n) <= 0 ||
        ndr_dkim_keys_new(&bounce_keys, &err) != 0)
        abort();
    (void)snprintf(record, sizeof record, "v=DKIM1; k=ed25519; p=%s", text);
    if (ndr_dkim_keys_add(bounce_keys, NDR_SLICE("a.example"), NDR_SLICE("s1"),
                          ndr_slice_of(record), NULL, &err) != 0 ||
        ndr_dkim_keys_add(bounce_keys, NDR_SLICE("c.example"), NDR_SLICE("s1"),
                          ndr_slice_of(record), NULL, &err) != 0)
        abort();
    bounce_identity.dkim = bounce_keys;
}

static inline void
bounce_tear_down(void)
{
    ndr_dkim_keys_free(bounce_keys);
    EVP_PKEY_free(bounce_secret);
}

/* The relaxed form of the lowest field of that name: each stands on one line, with one
 * blank. */
static inline void
bounce_canonical(const char *fields, const char *name, size_t n, ndr_buffer *out)
{
    const char *last = NULL;
    for (const char *p = fields; *p != '\0'; p = strstr(p, "\r\n") + 2)
        if (ndr_slice_equal_nocase((ndr_slice){(const unsigned char *)p, n},
                                   (ndr_slice){(const unsigned char *)name, n}) &&
            p[n] == ':')
            last = p;
    if (last == NULL)
        return;
    ndr_buffer_add(out, (ndr_slice){(const unsigned char *)name, n});
    ndr_buffer_byte(out, ':');
    last += n + 2;
    ndr_buffer_add(out, (ndr_slice){(const unsigned char *)last,
                                    (size_t)(strstr(last, "\r\n") + 2 - last)});
}

/* Append a signature over `fields` by "d s h". */
static inline void
bounce_sign(const char *how, const char *fields, ndr_buffer *out)
{
    char d[64], s[64], h[128], tags[512], text[96];
    unsigned char hash[32], made[64];
    size_t n = sizeof made;
    ndr_buffer canonical = {0};
    if (sscanf(how, "%63s %63s %127s", d, s, h) != 3)
        abort();
    (void)snprintf(tags, sizeof tags,
                   "v=1; a=ed25519-sha256; c=relaxed; d=%s; s=%s; h=%s; "
                   "bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=; b=",
                   d, s, h);
    for (const char *p = h; *p != '\0'; p += strcspn(p, ":"), p += *p == ':')
        bounce_canonical(fields, p, strcspn(p, ":"), &canonical);
    ndr_buffer_printf(&canonical, "dkim-signature:%s", tags);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (canonical.failed || ctx == NULL ||
        EVP_Digest(canonical.ptr, canonical.len, hash, NULL, EVP_sha256(), NULL) != 1 ||
        EVP_DigestSignInit(ctx, NULL, NULL, NULL, bounce_secret) != 1 ||
        EVP_DigestSign(ctx, made, &n, hash, sizeof hash) != 1)
        abort();
    (void)EVP_EncodeBlock((unsigned char *)text, made, (int)n);
    ndr_buffer_printf(out, "DKIM-Signature: %s%s\r\n", tags, text);
    EVP_MD_CTX_free(ctx);
    ndr_buffer_free(&canonical);
}

static inline const char *
bounce_or(const char *given, const char *usual)
{
    return given != NULL ? given : usual;
}

/* The returned bytes. */
static inline void
bounce_returned(const bounce *b, ndr_buffer *out)
{
    const char *fields = bounce_or(b->fields, FIELDS);
    ndr_buffer plain = {0};
    ndr_buffer_text(&plain, bounce_or(b->top, REMOTE));
    if (b->sign != NULL)
        bounce_sign(b->sign, fields, &plain);
    ndr_buffer_text(&plain, fields);
    ndr_buffer_text(&plain, bounce_or(b->end, "\r\n"));
    ndr_buffer_byte(&plain, '\0');
    const char *text = (const char *)plain.ptr;
    const char *bar = b->change != NULL ? strchr(b->change, '|') : NULL;
    if (bar != NULL) {
        char old[128];
        (void)snprintf(old, sizeof old, "%.*s", (int)(bar - b->change), b->change);
        const char *at = strstr(text, old);
        if (at == NULL)
            abort();
        ndr_buffer_add(out, (ndr_slice){plain.ptr, (size_t)(at - text)});
        ndr_buffer_text(out, bar + 1);
        text = at + strlen(old);
    }
    ndr_buffer_text(out, text);
    ndr_buffer_free(&plain);
}

/* A set of sent ids that says what the bounce's row says. */
static inline int
bounce_ask(void *ctx, ndr_slice id, ndr_slice domain, ndr_slice recipient,
           int64_t bounced, int days)
{
    const int set = *(const int *)ctx;
    if (bounced < ARRIVED - 30 * 86400 || days != 30)
        return 0;
    if (!ndr_slice_equal(id, NDR_SLICE("m1@a.example")) ||
        !ndr_slice_equal(domain, NDR_SLICE("a.example")) || set < SET_ID)
        return 0;
    return set == SET_TO && ndr_slice_equal(recipient, NDR_SLICE("bob@b.example")) ? 2
                                                                                   : 1;
}

/* A prover of the identity, for one bounce; `set` lives as long. */
static inline ndr_prover *
bounce_prover(int *set)
{
    ndr_prover *p = NULL;
    ndr_error err;
    if (ndr_prover_new(&bounce_identity, *set > 0 ? bounce_ask : NULL, set, &p, &err) !=
        0)
        abort();
    return p;
}

static inline ndr_evidence
bounce_judge(ndr_prover *p, const bounce *b)
{
    ndr_buffer returned = {0};
    ndr_error err;
    ndr_evidence e;
    bounce_returned(b, &returned);
    const char *header = bounce_or(b->bounce, OUTSIDE "\r\n");
    unsigned char *head = exact_copy(header, strlen(header));
    unsigned char *bytes = exact_copy(returned.ptr, returned.len);
    const ndr_slice to = ndr_slice_of(bounce_or(b->to, "ann@a.example"));
    const unsigned char *at = memchr(to.ptr, '@', to.len);
    const ndr_recipient failed = {
        .final = ndr_slice_of(bounce_or(b->failed, "bob@b.example"))};
    const ndr_verdict v = {
        .recipient = to,
        .local = {to.ptr, (size_t)(at - to.ptr)},
        .domain = {at + 1, to.len - (size_t)(at - to.ptr) - 1},
        .arrived = b->arrived > 0   ? b->arrived
                   : b->arrived < 0 ? NDR_TIME_UNKNOWN
                                    : ARRIVED,
        .message_id = NDR_SLICE("bounce@b.example"),
        .recipients = &failed,
        .recipient_count = 1,
        .reporting_mta = ndr_slice_of(b->mta),
        .flags = b->flags,
        .returned = {.message_id = ndr_slice_of(bounce_or(b->id, "m1@a.example")),
                     .return_path = ndr_slice_of(b->return_path)},
    };
    const ndr_returned_bytes r = {.bytes = {bytes, returned.len}, .apart = !b->in_text};
    if (ndr_prover_judge(p, (ndr_slice){head, strlen(header)}, &r, &v, &e, &err) != 0)
        abort();
    ndr_buffer_free(&returned);
    free(head);
    free(bytes);
    return e;
}

/* "name result;" of each row. */
static inline void
bounce_rows_text(const ndr_evidence *e, char *text, size_t n)
{
    size_t at = 0;
    text[0] = '\0';
    for (size_t i = 0; i < e->count && at < n; i++)
        at += (size_t)snprintf(text + at, n - at, "%s %s;", e->proof[i].name,
                               e->proof[i].result);
}

/* Each row is a bounce that a prover of its own judges. */
static inline void
bounce_test(void **state)
{
    const bounce *b = *state;
    int set = b->set;
    char text[1024];
    ndr_prover *p = bounce_prover(&set);
    const ndr_evidence e = bounce_judge(p, b);
    bounce_rows_text(&e, text, sizeof text);
    if (e.whose != b->want || (b->rows != NULL && strstr(text, b->rows) == NULL))
        print_error("%s: %s\n", ndr_whose_name(e.whose), text);
    assert_int_equal(e.whose, b->want);
    assert_true(e.known);
    assert_int_equal(e.whose == NDR_WHOSE_UNKNOWN, e.decisive < 0);
    if (b->rows != NULL)
        assert_non_null(strstr(text, b->rows));
    ndr_prover_free(p);
}

#endif
