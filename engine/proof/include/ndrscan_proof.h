/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ndrscan_proof.h - was the message that came back sent by us?
 *
 *   keys, secrets (immutable)  \
 *                               returned header, address it came to -> proof
 *   a time that is given       /
 *
 * All of it is offline: no DNS, no network, no clock. Whoever asks gives the keys and the
 * time at which the question is judged.
 */
#ifndef NDRSCAN_PROOF_H
#define NDRSCAN_PROOF_H

#include "ndrscan.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What a weak proof was had from: a SHA-256 of the signature, tag or address, behind a
 * word for its sort. Two bounces with one instance lean on the same one mail.
 */
typedef struct ndr_instance {
    unsigned char id[32];
} ndr_instance;

/* ---- keys of DKIM --------------------------------------------------------- */

/* The public keys of our domains. Immutable once filled: then any thread may use them. */
typedef struct ndr_dkim_keys ndr_dkim_keys;

enum ndr_dkim_algorithm { NDR_DKIM_RSA, NDR_DKIM_ED25519 };

/* What a key is, for whoever lists or warns. */
typedef struct ndr_dkim_key_about {
    enum ndr_dkim_algorithm algorithm;
    unsigned bits; /* of the modulus; 256 for Ed25519 */
    bool small;    /* RSA below the 2048 bits that RFC 8301 3.2 asks of signers */
    bool revoked;  /* a record with an empty p=: signatures of it prove nothing */
} ndr_dkim_key_about;

/*
 * An empty set, to be freed. 0 and *ret; NDR_E_NOMEM; NDR_E_LIMIT where there is no
 * libcrypto of OpenSSL 3, which is loaded here for the first time.
 */
NDR_API int ndr_dkim_keys_new(ndr_dkim_keys **ret, ndr_error *err);
/*
 * Add the key of a selector: `text` is a key record ("v=DKIM1; k=rsa; p=...", as the
 * strings of the TXT record put together) or a public key in PEM ("BEGIN PUBLIC KEY").
 * `about` may be NULL. Nothing of the arguments is borrowed.
 *
 * 0; NDR_E_SYNTAX for what is no key, no domain or no selector, or is there already;
 * NDR_E_LIMIT for an RSA key of fewer than 1024 bits, which no verifier may take, or of
 * more than 8192; NDR_E_NOMEM. Thread: one, before the set is used.
 * Source: RFC 6376 3.6.1, RFC 8301 3.2, RFC 8463 4.
 */
NDR_API int ndr_dkim_keys_add(ndr_dkim_keys *keys, ndr_slice domain, ndr_slice selector,
                              ndr_slice text, ndr_dkim_key_about *about, ndr_error *err);
NDR_API void ndr_dkim_keys_free(ndr_dkim_keys *keys); /* NULL allowed */
/*
 * Append to `out` the record "v=DKIM1; k=...; p=..." of a key: of a private one its
 * public half alone. `text` is a private key in PKCS#8 or PKCS#1 (PEM, base64 or DER),
 * the seed of Ed25519 (32 bytes, or 64 with the public half; raw or base64), a public key
 * in PEM or a key record. 0 and *about; NDR_E_SYNTAX, NDR_E_LIMIT as of
 * ndr_dkim_keys_add, of which nothing is appended; NDR_E_NOMEM. Nothing of a private key
 * is kept. Thread: any. Source: RFC 5208, RFC 8017 A.1.2, RFC 8410 7, RFC 8463 4.
 */
NDR_API int ndr_dkim_key_record(ndr_slice text, ndr_buffer *out,
                                ndr_dkim_key_about *about, ndr_error *err);

/* ---- DKIM of the returned message ----------------------------------------- */

/* What became of one signature that names a domain of ours. */
enum ndr_dkim_result {
    NDR_DKIM_PASS, /* "pass": the header is as it was signed */
    NDR_DKIM_FAIL, /* "fail": it is not, or the signature is not of that key */
    NDR_DKIM_UNKNOWN_SELECTOR, /* "unknown_selector": no key of that name was given */
    NDR_DKIM_NO_KEY,           /* "no_key": revoked, or of another algorithm */
    NDR_DKIM_WEAK,             /* "weak": rsa-sha1, which no verifier may take */
    NDR_DKIM_MALFORMED,        /* "malformed": the field, or the header it stands in */
    NDR_DKIM_NOT_TRIED,        /* "not_tried": enough were verified before it */
    NDR_DKIM_RESULT_COUNT,
};
/* The word for a result. Static. */
NDR_API const char *ndr_dkim_result_name(enum ndr_dkim_result result);

/* What the body hash (bh=) says. It is no part of the proof. */
enum ndr_dkim_body {
    NDR_DKIM_BODY_ABSENT,  /* "absent": the body was not returned whole */
    NDR_DKIM_BODY_OK,      /* "ok": it is as it was signed */
    NDR_DKIM_BODY_PART,    /* "part": as far as l= goes; more follows */
    NDR_DKIM_BODY_DIFFERS, /* "differs" */
};
NDR_API const char *ndr_dkim_body_name(enum ndr_dkim_body body);

enum {
    NDR_DKIM_SIGNATURES = 16,         /* listed; what is more is counted */
    NDR_DKIM_VERIFICATIONS = 5,       /* tried in one message */
    NDR_DKIM_HEADER_BYTES = 64 << 10, /* a longer header is not verified */
    NDR_DKIM_RECIPIENT_FIELDS = 4,    /* signed To and Cc fields that are looked into */
};

/* One signature. Slices are borrowed from the keys, the message or the verifier, as long
 * as all of them live and nothing else is verified. */
typedef struct ndr_dkim_signature {
    enum ndr_dkim_result result;
    const char *why;    /* a few static words; "" for a pass */
    ndr_slice domain;   /* d=, in lower-case A-labels */
    ndr_slice selector; /* s= as it is written; may be empty when malformed */
    bool signed_to;     /* a To field is among what was signed */
    bool signed_cc;     /* and a Cc field */
    bool expired;       /* x= was over when the message was sent */
    int64_t signed_at;  /* t=, or NDR_TIME_UNKNOWN */
    int64_t expires_at; /* x=, or NDR_TIME_UNKNOWN */
    enum ndr_dkim_body body;
    ndr_instance instance; /* of b=; all zero where there is none */
    size_t recipient_fields;
    ndr_slice recipients[NDR_DKIM_RECIPIENT_FIELDS]; /* values of signed To, Cc fields */
} ndr_dkim_signature;

/* What a returned header says. */
typedef struct ndr_dkim_report {
    size_t count; /* of `signatures`, in the order of the header */
    ndr_dkim_signature signatures[NDR_DKIM_SIGNATURES];
    size_t more;    /* of our domains, not listed */
    size_t others;  /* whose d= is none of ours */
    size_t unread;  /* whose d= cannot be read: might be anybody's */
    bool unquoted;  /* quoting or indentation was undone first */
    bool complete;  /* the header ends in an empty line */
    bool too_large; /* over NDR_DKIM_HEADER_BYTES or 1,000 fields: nothing is verified */
    unsigned from_fields; /* how many From fields it has; other than one: no pass */
} ndr_dkim_report;

/* What is asked about. Borrowed for the call, and by the report. */
typedef struct ndr_dkim_question {
    ndr_slice message; /* what was returned, from its first field on, with LF or CRLF */
    bool whole;        /* the body behind the empty line is there to its last byte */
    int64_t sent_at;   /* when the returned message was sent, or NDR_TIME_UNKNOWN, by
                          which nothing is expired. Never now. */
} ndr_dkim_question;

/* Memory that is used again. One per thread; the keys must outlive it. */
typedef struct ndr_dkim_verifier ndr_dkim_verifier;

/* 0 and *ret; NDR_E_NOMEM; NDR_E_LIMIT where libcrypto offers no SHA-256. */
NDR_API int
ndr_dkim_verifier_new(const ndr_dkim_keys *keys, ndr_dkim_verifier **ret, ndr_error *err);
NDR_API void ndr_dkim_verifier_free(ndr_dkim_verifier *v); /* NULL allowed */
/*
 * Verify the header alone: is it what a key of ours signed? The body hash is told apart.
 * The header is tried as it is; where its first line is no field, with the quoting of
 * mail programs ("> ", "| ") or an indentation that all lines share taken off.
 *
 * From must be signed and be there once; rsa-sha256 and ed25519-sha256; both
 * canonicalizations. An expired signature is verified all the same, as the bounce comes
 * later than the mail. l= and t=y change nothing: the body is no part of the proof, and
 * the keys are whoever's who asks.
 *
 * 0 and *report, or NDR_E_NOMEM. No memory is asked for once it has seen its largest
 * header. Thread: the verifier's.
 * Source: RFC 6376 3.4, 3.5, 5.4.2, 6.1; RFC 8301; RFC 8463.
 */
NDR_API int ndr_dkim_verify(ndr_dkim_verifier *v, const ndr_dkim_question *question,
                            ndr_dkim_report *report, ndr_error *err);
/*
 * Is the mailbox "local@domain" among the addresses of the To and Cc fields that this
 * signature signed? Names, comments and groups count for nothing; case does not matter,
 * nor do quotes that a local part does not need. False unless `s` passed. Pure, linear.
 * Source: RFC 5322 3.4.
 */
NDR_API bool ndr_dkim_signed_recipient(const ndr_dkim_signature *s, ndr_slice mailbox);

/* ---- tags of addresses ----------------------------------------------------- */

/* The secrets of HMACs, of BATV or of SRS. Immutable once filled. */
typedef struct ndr_secrets ndr_secrets;

enum { NDR_SECRET_ANY = -1 }; /* of no key number */

/* An empty list, to be freed. 0 and *ret; NDR_E_NOMEM; NDR_E_LIMIT without libcrypto. */
NDR_API int ndr_secrets_new(ndr_secrets **ret, ndr_error *err);
/*
 * Add a secret: its bytes as the tagging program uses them, no line end behind them
 * unless it counts one. `number` is the key number of BATV, 0 to 9, that it is for, or
 * NDR_SECRET_ANY. Copied. 0; NDR_E_SYNTAX for an empty one or another number;
 * NDR_E_LIMIT for over 1024 bytes or 32 secrets; NDR_E_NOMEM.
 */
NDR_API int ndr_secrets_add(ndr_secrets *s, ndr_slice secret, int number, ndr_error *err);
NDR_API void ndr_secrets_free(ndr_secrets *s); /* wiped; NULL allowed */

enum ndr_tag_result {
    NDR_TAG_NONE,    /* "none": no address of that form */
    NDR_TAG_WRONG,   /* "wrong": not made with any of the secrets */
    NDR_TAG_UNDATED, /* "undated": right, but not known whether it was in its time */
    NDR_TAG_EXPIRED, /* "expired": right, but its time was over */
    NDR_TAG_RIGHT,   /* "right" */
};
NDR_API const char *ndr_tag_result_name(enum ndr_tag_result result); /* Static. */

typedef struct ndr_tag {
    enum ndr_tag_result result;
    const char *form; /* "batv", "libsrs2" (postsrsd's too), "exim"; "" for a tag that
                         is none or wrong. Static. */
    ndr_instance instance; /* of what the secret was made to cover, whatever the case or
                              length of the hash; all zero where `form` is "" */
} ndr_tag;

/*
 * Was the mail sent whose bounce came to prvs=KDDDSSSSSS=local@domain? K names a key, DDD
 * is the last day on which the tag holds, modulo 1000, S the HMAC-SHA1 of all that with
 * the address. The address is tried as it is, in lower case, and with its domain alone in
 * lower case, as gateways fold it and Exim does not. Judged at the time `at`, the
 * bounce's arrival: a tag holds up to 100 days ahead, as DDD comes again. Thread: any.
 * Source: draft-levine-smtp-batv-01; Exim 4.96, ${prvs}.
 */
NDR_API ndr_tag ndr_batv_check(const ndr_secrets *s, ndr_slice address, int64_t at);
/*
 * Did a forwarder of ours rewrite this sender: SRS0=HASH=TT=host=user@ours or
 * SRS1=HASH=host=...@ours? Such mail is forwarded, not ours. SRS0 holds for 49 days, the
 * longest that a maker takes; SRS1 has no date of ours and is right at any time. Exim's
 * hash does not cover the date. A local part in quotes is taken without them.
 * Judged at the time `at`, the bounce's arrival. Thread: any.
 * Source: libsrs2 1.0.18 and postsrsd 1.10 (HMAC-SHA1 in base64, at least four
 * characters, no case), Exim 4.96 ${srs_encode} (HMAC-MD5 in hex, four characters).
 */
NDR_API ndr_tag ndr_srs_check(const ndr_secrets *s, ndr_slice address, int64_t at);

/* ---- how far a weak proof goes --------------------------------------------- */

enum { NDR_WEAK_RECIPIENTS = 20 };

/*
 * Counts of distinct failed recipients by instance. A weak proof can be had once and
 * copied a million times: an instance that came back for more than NDR_WEAK_RECIPIENTS is
 * believed for none of them. Until they are full, what they say depends on what was
 * added, never on its order, nor on whether it was added here or merged from elsewhere.
 */
typedef struct ndr_weak_limit ndr_weak_limit;

/*
 * Empty counts, to be freed, of at most `most` pairs of instance and recipient (170 bytes
 * or less each; 0: a million). 0 and *ret; NDR_E_NOMEM; NDR_E_LIMIT without libcrypto.
 */
NDR_API int ndr_weak_limit_new(size_t most, ndr_weak_limit **ret, ndr_error *err);
NDR_API void ndr_weak_limit_free(ndr_weak_limit *w); /* NULL allowed */
/*
 * Note that a bounce for `recipient`, an address in any case, leaned on an instance, and
 * came at `at` (NDR_TIME_UNKNOWN counts as the oldest). Without a recipient it counts as
 * one that all such bounces share. 0, also when it is full; NDR_E_NOMEM, and nothing is
 * changed. Thread: one at a time.
 */
NDR_API int ndr_weak_limit_add(ndr_weak_limit *w, const ndr_instance *instance,
                               ndr_slice recipient, int64_t at, ndr_error *err);
/* Add all that `from` counts. NDR_E_NOMEM leaves a part of it added; adding it again is
 * then right. Thread: one at a time. */
NDR_API int
ndr_weak_limit_merge(ndr_weak_limit *w, const ndr_weak_limit *from, ndr_error *err);
/* Is the instance believed no more? Full counts say so of what they know to be over, and
 * of nothing else: a genuine bounce that is lost is worse than one too many. Thread: any,
 * while nobody adds. */
NDR_API bool ndr_weak_limit_over(const ndr_weak_limit *w, const ndr_instance *instance);
/* Were there more pairs than `most`? What came then is not counted. */
NDR_API bool ndr_weak_limit_full(const ndr_weak_limit *w);
/* Forget instances whose last bounce came before a time: what is full ceases to be when
 * an eighth of `most` is free. Thread: one at a time. */
NDR_API void ndr_weak_limit_forget(ndr_weak_limit *w, int64_t before);
/* Append the counts as text, the same bytes for the same counts. out->failed is checked
 * by the caller. Thread: one at a time. */
NDR_API void ndr_weak_limit_save(const ndr_weak_limit *w, ndr_buffer *out);
/* The same of the instances that are believed no more, without times and whether all is
 * full: who has loaded that believes none of them, and knows of no other. */
NDR_API void ndr_weak_limit_save_over(const ndr_weak_limit *w, ndr_buffer *out);
/* Merge saved counts. 0; NDR_E_DAMAGED for what is none, of which what stands in front of
 * the damage is merged; NDR_E_NOMEM. Thread: one at a time. */
NDR_API int ndr_weak_limit_load(ndr_weak_limit *w, ndr_slice saved, ndr_error *err);

/* ---- whose mail came back --------------------------------------------------- */

/* One domain of ours, as its administrator states it. */
typedef struct ndr_identity_domain {
    ndr_slice domain;   /* lower-case A-labels */
    int sent_days;      /* how long a message may take to come back; 0: 30 */
    int64_t dkim_since; /* all mail is signed since then; NDR_TIME_UNKNOWN: not stated */
    const ndr_slice *batv_key; /* secrets, newest first */
    size_t batv_key_count;
    const ndr_slice *srs_secret;
    size_t srs_secret_count;
    const ndr_slice *host; /* names of our own mail hosts, lower case */
    size_t host_count;
    const ndr_slice *submitter; /* networks whose clients send for us: "192.0.2.0/24" */
    size_t submitter_count;
} ndr_identity_domain;

/* What is known of us. Immutable. Sorted by domain. */
typedef struct ndr_identity {
    const ndr_identity_domain *row;
    size_t count;
    const ndr_dkim_keys *dkim; /* of all domains; NULL: none */
} ndr_identity;

/* Did `domain` send the message with this id to `recipient` (may be empty), before
 * `bounced` and at most `days` days? 0 no, 1 yes but not known to whom, 2 yes to that
 * recipient. Pure. Thread: any. (ndr_sent_ask of ndrscan_sent.h answers so.) */
typedef int ndr_sent_fn(void *ctx, ndr_slice id, ndr_slice domain, ndr_slice recipient,
                        int64_t bounced, int days);

/*
 * Judges whose mail came back: an ndr_prove_fn, with a table of proofs.
 *
 *   dkim-to    strong  our signature passes, and signed To or Cc names who failed
 *   sent-to    strong  we sent the returned id to who failed, in time
 *   born-here  strong  our host made the bounce, of mail that it took in as ours
 *   dkim       weak    our signature passes
 *   sent       weak    we sent the id that is returned, or that the bounce refers to
 *   batv       weak    it came to an address that we tagged
 *   srs        weak    it came to an address that we rewrote: forwarded
 *   relay      hint    the returned Received fields name our hosts, and hold together
 *
 * A strong one decides; else a weak one, whose instance may come back for
 * NDR_WEAK_RECIPIENTS recipients and, once for more, is believed for none ("replay").
 * Bounces that come one by one are judged by what came before: of a storm that copies one
 * mail the first 20 may have been believed by then. Judged again with the counts that
 * were saved behind it, all are unknown, in whatever order.
 *
 * Where nothing proves anything a row "all-mail" says what of this does not hold, or that
 * the mail is forged: the domain states that all mail is signed since a time before every
 * Date and Received of what came back; that stands in a part of its own, its header
 * whole, with a Received field and others than reports choose; its one From is of that
 * very domain; no signature is of that domain, or one above or below it, or cannot be
 * read, and none was seen on the way; the bounce shows that it came from another system;
 * and no tag or relay speaks for it. Mail that is ours and would be forged by all that
 * has a row "all-mail", "missing": then the statement is untrue.
 */
typedef struct ndr_prover ndr_prover;

/*
 * `identity` and `ctx` are borrowed, and outlive it; `sent` may be NULL. 0 and *ret;
 * NDR_E_SYNTAX for a submitter that is no network, or an empty secret; NDR_E_LIMIT for
 * more than 32 secrets, or without libcrypto; NDR_E_NOMEM.
 */
NDR_API int ndr_prover_new(const ndr_identity *identity, ndr_sent_fn *sent, void *ctx,
                           ndr_prover **ret, ndr_error *err);
NDR_API void ndr_prover_free(ndr_prover *p); /* NULL allowed */
/*
 * Judge one bounce: see ndr_prove_fn. All times are the bounce's and the returned
 * message's. A domain that the identity does not have: *ret is not known, without proofs.
 * 0 or NDR_E_NOMEM. Thread: any; counts are shared.
 */
NDR_API int
ndr_prover_judge(void *prover, ndr_slice header, const ndr_returned_bytes *returned,
                 const ndr_verdict *v, ndr_evidence *ret, ndr_error *err);
/* Does this settle it by a weak proof, so that bounces that come later may take it back?
 * Pure. Thread: any. */
NDR_API bool ndr_evidence_is_weak(const ndr_evidence *e);
/* Its counts of weak proofs, as ndr_weak_limit_load, _save, _forget and _full have them.
 * Thread: any. */
NDR_API int ndr_prover_counts_load(ndr_prover *p, ndr_slice saved, ndr_error *err);
NDR_API void ndr_prover_counts_save(ndr_prover *p, ndr_buffer *out);
NDR_API void ndr_prover_counts_forget(ndr_prover *p, int64_t before);
NDR_API bool ndr_prover_counts_full(ndr_prover *p);
/* Count no more: what is judged from here on leans on what is counted by now, and not on
 * its own order. Thread: any. */
NDR_API void ndr_prover_counts_fix(ndr_prover *p);
/* How many of its verdicts were given by weak proofs that are believed no more, since
 * their mail came back for too many by now? Thread: any. */
NDR_API uint64_t ndr_prover_taken_back(ndr_prover *p);

#ifdef __cplusplus
}
#endif

#endif
