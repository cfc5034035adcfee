/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * whose_speed.c - what does it cost to judge whose mail came back?
 *
 *   whose_speed RULES MESSAGES
 *
 * Makes signed mail (RSA of 2048 bits, distinct), and of each a bounce that returns its
 * header. Tells the time of one judgement for signed, unsigned and no returned header,
 * and of a scan of such a storm on two threads, without and with a prover that is asked
 * of each. Times are those of the processor: others may be at work.
 */
#include "ndrscan_proof.h"
#include "ndrscan_rules.h"
#include "ndrscan_scan.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DISTINCT = 500, THREADS = 2, ARRIVED = 1772452800, SINCE = 1767225600 };

#define TAGS                                                                             \
    "v=1; a=rsa-sha256; c=relaxed/simple; d=a.example; s=s1; h=from:to:subject:date; "   \
    "bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=; b="

/* One bounce, and where its returned header is. */
typedef struct bounce {
    char text[6144], to[64];
    size_t len, header_len, returned, returned_len, signature, signature_len;
} bounce;

static bounce *bounces;
static ndr_identity_domain domain;
static ndr_identity identity = {.row = &domain, .count = 1};

static void
die(const char *what)
{
    (void)fprintf(stderr, "whose_speed: %s\n", what);
    exit(2);
}

static double
now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- mail ----------------------------------------------------------------------------
 */

static EVP_PKEY *
make_key(ndr_dkim_keys *keys)
{
    ndr_error err;
    unsigned char *der = NULL;
    char record[1024] = "v=DKIM1; k=rsa; p=";
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
    const int n = key != NULL ? i2d_PUBKEY(key, &der) : -1;
    if (n <= 0 || n > 600)
        die("no key");
    (void)EVP_EncodeBlock((unsigned char *)record + strlen(record), der, n);
    free(der);
    if (ndr_dkim_keys_add(keys, NDR_SLICE("a.example"), NDR_SLICE("s1"),
                          ndr_slice_of(record), NULL, &err) != 0)
        die(err.text);
    return key;
}

static void
sign(EVP_PKEY *key, const char *canonical, char *ret)
{
    unsigned char made[512];
    size_t n = sizeof made;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (ctx == NULL || EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) != 1 ||
        EVP_DigestSign(ctx, made, &n, (const unsigned char *)canonical,
                       strlen(canonical)) != 1)
        die("no signature");
    (void)EVP_EncodeBlock((unsigned char *)ret, made, (int)n);
    EVP_MD_CTX_free(ctx);
}

static void
make(bounce *b, EVP_PKEY *key, int i)
{
    char canonical[1024], signature[1024];
    (void)snprintf(b->to, sizeof b->to, "user%d@b.example", i);
    (void)snprintf(
        canonical, sizeof canonical,
        "from:Ann <ann@a.example>\r\nto:%s\r\nsubject:Letter %d\r\ndate:Mon, 2 Mar "
        "2026 10:59:00 +0000\r\ndkim-signature:" TAGS,
        b->to, i);
    sign(key, canonical, signature);
    const int n = snprintf(
        b->text, sizeof b->text,
        "Return-Path: <>\r\nDelivered-To: ann@a.example\r\nReceived: from mx.b.example "
        "(mx.b.example [192.0.2.7])\r\n\tby mail.a.example (Postfix) with ESMTPS id "
        "Z%d\r\n\tfor "
        "<ann@a.example>; Mon, 2 Mar 2026 12:00:00 +0000\r\nReceived: by mx.b.example "
        "(Postfix)\r\n\tid W%d; Mon, 2 Mar 2026 11:59:00 +0000\r\nDate: Mon, 2 Mar 2026 "
        "11:59:00 +0000\r\nFrom: MAILER-DAEMON@mx.b.example (Mail Delivery System)\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\nTo: ann@a.example\r\n"
        "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\nContent-Type: "
        "multipart/report; report-type=delivery-status;\r\n\tboundary=\"b%d\"\r\n"
        "Message-Id: <W%d@mx.b.example>\r\n\r\nThis is a MIME-encapsulated "
        "message.\r\n\r\n"
        "--b%d\r\nContent-Description: Notification\r\nContent-Type: text/plain; "
        "charset=us-ascii\r\n\r\nThis is the mail system at host "
        "mx.b.example.\r\n\r\nI'm "
        "sorry to have to inform you that your message could not\r\nbe delivered to one "
        "or "
        "more recipients. It's attached below.\r\n\r\n<%s>: unknown user: "
        "\"user%d\"\r\n\r\n"
        "--b%d\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; "
        "mx.b.example\r\nArrival-Date: Mon, 2 Mar 2026 11:00:00 +0000\r\n\r\n"
        "Final-Recipient: rfc822; %s\r\nAction: failed\r\nStatus: "
        "5.1.1\r\nDiagnostic-Code: "
        "X-Postfix; unknown user: \"user%d\"\r\n\r\n--b%d\r\nContent-Type: "
        "text/rfc822-headers\r\n\r\n"
        "Received: from mail.a.example (mail.a.example [192.0.2.25])\r\n\tby "
        "mx.b.example "
        "(Postfix) with ESMTPS id X%d;\r\n\tMon, 2 Mar 2026 11:00:00 +0000\r\n"
        "DKIM-Signature: " TAGS "%s\r\nFrom: Ann <ann@a.example>\r\nTo: %s\r\nSubject: "
        "Letter %d\r\nDate: Mon, 2 Mar 2026 10:59:00 +0000\r\nMessage-ID: "
        "<m%d@a.example>\r\nMIME-Version: 1.0\r\n\r\n--b%d--\r\n",
        i, i, i, i, i, b->to, i, i, b->to, i, i, i, signature, b->to, i, i, i);
    if (n <= 0 || (size_t)n >= sizeof b->text)
        die("a bounce is too long");
    b->len = (size_t)n;
    b->header_len = (size_t)(strstr(b->text, "\r\n\r\n") + 4 - b->text);
    const char *head = strstr(b->text, "text/rfc822-headers\r\n\r\n");
    b->returned = (size_t)(head - b->text) + strlen("text/rfc822-headers\r\n\r\n");
    b->returned_len =
        (size_t)(strstr(b->text + b->returned, "\r\n--") - b->text) - b->returned;
    const char *dkim = strstr(b->text, "DKIM-Signature: ");
    b->signature = (size_t)(dkim - b->text);
    b->signature_len = (size_t)(strstr(dkim, "\r\nFrom: ") + 2 - dkim);
}

/* ---- judgements alone ----------------------------------------------------------------
 */

enum returned { SIGNED, UNSIGNED, NOTHING };

static void
judge(ndr_prover *p, int messages, enum returned what, enum ndr_whose want,
      const char *words)
{
    char bytes[4096];
    ndr_error err;
    const double begun = now();
    for (int i = 0; i < messages; i++) {
        const bounce *b = &bounces[i % DISTINCT];
        size_t n = what == NOTHING ? 0 : b->returned_len;
        memcpy(bytes, b->text + b->returned, n);
        if (what == UNSIGNED) {
            char *at = bytes + (b->signature - b->returned);
            n -= b->signature_len;
            memmove(at, at + b->signature_len, n - (size_t)(at - bytes));
        }
        const ndr_recipient failed = {.final = ndr_slice_of(b->to)};
        const ndr_verdict v = {.domain = domain.domain,
                               .local = NDR_SLICE("ann"),
                               .recipient = NDR_SLICE("ann@a.example"),
                               .arrived = ARRIVED,
                               .recipients = &failed,
                               .recipient_count = 1};
        const ndr_returned_bytes r = {.bytes = {(const unsigned char *)bytes, n},
                                      .apart = true};
        ndr_evidence e;
        if (ndr_prover_judge(p,
                             (ndr_slice){(const unsigned char *)b->text, b->header_len},
                             &r, &v, &e, &err) != 0)
            die(err.text);
        if (e.whose != want)
            die(e.count > 0 ? e.proof[e.count - 1].detail : "judged otherwise");
    }
    (void)printf("%-34s %6.1f us\n", words, (now() - begun) / messages * 1e6);
}

/* ---- a storm
 * --------------------------------------------------------------------------- */

typedef struct share {
    const ndr_scan_opts *opts;
    int messages;
    size_t ours;
} share;

static void *
scan(void *arg)
{
    share *s = arg;
    ndr_scanner *scanner = NULL;
    ndr_error err;
    if (ndr_scanner_new(s->opts, &scanner, &err) != 0)
        die(err.text);
    for (int i = 0; i < s->messages; i++) {
        const bounce *b = &bounces[i % DISTINCT];
        ndr_message m = {.raw = {(const unsigned char *)b->text, b->len},
                         .source = "-",
                         .length = b->len,
                         .framed = ARRIVED,
                         .file_time = NDR_TIME_UNKNOWN};
        ndr_verdict v;
        if (ndr_scan(scanner, &m, NULL, NULL, &v, &err) != 0)
            die(err.text);
        s->ours += v.evidence != NULL && v.evidence->whose == NDR_WHOSE_OURS ? 1 : 0;
    }
    ndr_scanner_free(scanner);
    return NULL;
}

static void
storm(const ndr_scan_opts *opts, int messages, const char *words)
{
    pthread_t thread[THREADS];
    share shares[THREADS];
    size_t ours = 0;
    const double begun = now();
    for (int i = 0; i < THREADS; i++) {
        shares[i] = (share){.opts = opts, .messages = messages / THREADS};
        if (pthread_create(&thread[i], NULL, scan, &shares[i]) != 0)
            die("no thread");
    }
    for (int i = 0; i < THREADS; i++) {
        (void)pthread_join(thread[i], NULL);
        ours += shares[i].ours;
    }
    const double each = (now() - begun) / messages;
    (void)printf("%-34s %6.1f us, %.0f messages a second on two cores, %zu of ours\n",
                 words, each * 1e6, 2 / each, ours);
}

int
main(int argc, char **argv)
{
    ndr_error err;
    ndr_dkim_keys *keys = NULL;
    ndr_prover *p = NULL;
    ndr_ruleset *rules = NULL;
    char note[NDR_CACHE_NOTE_BYTES];
    const int messages = argc == 3 ? atoi(argv[2]) : 0;
    if (messages < 1) {
        (void)fputs("usage: whose_speed RULES MESSAGES\n", stderr);
        return 2;
    }
    if (ndr_dkim_keys_new(&keys, &err) != 0)
        die(err.text);
    EVP_PKEY *key = make_key(keys);
    bounces = calloc(DISTINCT, sizeof *bounces);
    if (bounces == NULL)
        die("no memory");
    for (int i = 0; i < DISTINCT; i++)
        make(&bounces[i], key, i);
    domain = (ndr_identity_domain){.domain = NDR_SLICE("a.example"), .dkim_since = SINCE};
    identity.dkim = keys;
    if (ndr_prover_new(&identity, NULL, NULL, &p, &err) != 0)
        die(err.text);
    judge(p, messages, SIGNED, NDR_WHOSE_OURS, "judged: signed");
    judge(p, messages, UNSIGNED, NDR_WHOSE_FORGED, "judged: unsigned, and so forged");
    judge(p, messages, NOTHING, NDR_WHOSE_UNKNOWN, "judged: nothing returned");
    const ndr_rules_opts from = {NDR_SIZED(ndr_rules_opts),
                                 .path = (const char *const *)&argv[1], .path_count = 1};
    if (ndr_rules_load(&from, &rules, note, &err) < 0)
        die(err.text);
    ndr_scan_opts opts = {NDR_SIZED(ndr_scan_opts), .rules = rules};
    storm(&opts, messages, "scanned");
    opts.prove = ndr_prover_judge;
    opts.prove_ctx = p;
    opts.prove_always = true;
    storm(&opts, messages, "scanned, and each judged");
    ndr_prover_free(p);
    ndr_ruleset_free(rules);
    ndr_dkim_keys_free(keys);
    EVP_PKEY_free(key);
    free(bounces);
    return 0;
}
