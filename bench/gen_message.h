/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gen_message.h - what is known about the message that is being written?
 *
 * A message is a pure function of the run's options, its number and its time.
 * Makers append to `out`, through templates: {word} is a field of the message
 * (see gen_fill.c), {#8} are eight random hexadecimal digits, {%8} decimal ones,
 * {$8} of base64, {@8} upper case letters and digits, {&8} lower case ones;
 * {{ is a brace.
 */
#ifndef GEN_MESSAGE_H
#define GEN_MESSAGE_H

#include "gen_pool.h"

enum { MAX_FAILED = 4, MAX_STORMS = 8 };

typedef struct storm {
    char domain[128];
    unsigned share_percent; /* of all bounces */
    int64_t from, until;
} storm;

typedef struct gen_options {
    uint64_t seed;
    uint64_t messages, bytes; /* one of them is 0 */
    unsigned bounces_percent, lookalikes_percent;
    uint32_t domains;
    int64_t start, span_s;
    storm storms[MAX_STORMS];
    size_t storm_count;
    uint32_t *dialect_weight; /* one a row of the dialect table */
    uint32_t lang_weight[LANG_COUNT];
    bool storm_sizes; /* --sizes storm */
} gen_options;

/* One recipient that the bounce is about. */
typedef struct failed {
    char addr[160], local[64], domain[96], name[80];
    char remote[96], remoteip[24]; /* the server that refused it */
    char reply[320];               /* "550 5.1.1 <…>: …" */
    char said[320];                /* the same without code and status */
    char code[4], status[8];
} failed;

typedef struct gen_message {
    const gen_options *opts;
    rng r;
    text *out;
    uint64_t number;
    int64_t arrived; /* at the recipient's site: the topmost Received */
    int64_t sent;    /* Date */
    int64_t osent;   /* Date of the returned message */
    int zone, mzone; /* minutes, of the recipient's site and of the sender's */
    enum lang lang;
    unsigned form;                      /* of the language */
    bool bounce, in_storm, warm, cloud; /* warm: the failure is a delay; cloud: the
                                            sender is one of the big services */
    const char *dialect, *kind;
    char to[200], tolocal[64], todomain[128], toname[80];
    char mx[160], mxip[24];                   /* the recipient's server */
    char mta[160], mtadomain[128], mtaip[24]; /* the sender's */
    char envelope[240];                       /* "" null sender */
    char from[240], fromname[80];             /* ham: the author */
    failed fail[MAX_FAILED];
    unsigned fail_count, fail_at;
    char osubject[256], omid[160];
    char b1[96], b2[96], b3[96];
    char qid[24], oqid[24];
    size_t returned_bytes; /* of the returned message's body */
} gen_message;

/* gen_fill.c */
void fill(gen_message *m, const char *tpl);
void fill_into(gen_message *m, text *out, const char *tpl);
/* Once for each failed recipient, whose fields {fail…}, {remote}… are. */
void fill_each(gen_message *m, const char *tpl);
/* In a charset and transfer encoding; both ends at a line's end. */
void fill_coded(gen_message *m, enum charset cs, char cte, const char *tpl);
/* "Subject: prefix subject", encoded as the message's language is. */
void put_subject(gen_message *m, const char *prefix, const char *subject);
/* "Content-Type: TYPE; charset=…\nContent-Transfer-Encoding: …\n" of the message's form
 */
void put_content(gen_message *m, const char *type);
body_form message_form(const gen_message *m);
/* Fill a char array from a template. */
void fill_field(gen_message *m, char *field, size_t size, const char *tpl);
#define FILL_FIELD(m, name, tpl) fill_field(m, (m)->name, sizeof(m)->name, tpl)

/* gen_people.c: who, from where, and what the other server said */
void pick_recipient(gen_message *m, const storm *in);
void pick_sender_host(gen_message *m);
void pick_failed(gen_message *m, bool warm);
void pick_author(gen_message *m);
void pick_subject(gen_message *m, bool spam);

/* gen_delivery.c: the header fields that a delivery adds, topmost first. `envelope`:
 * NULL leaves Return-Path out, "" is the null sender. */
void put_trace(gen_message *m, const char *envelope);
/* Authentication and signature fields of domain `signer`. */
void put_signature(gen_message *m, const char *signer);

/* gen_returned.c */
void put_returned_header(gen_message *m);
void put_returned(gen_message *m); /* header, empty line, body */

/* gen_ham.c, gen_lookalike.c, gen_bounce.c: whole messages */
void put_ham(gen_message *m);
void put_lookalike(gen_message *m);
void put_bounce(gen_message *m, size_t dialect);

/* One row of the dialect table. */
typedef struct dialect {
    const char *name, *kind;
    uint32_t weight;  /* in the default mix */
    bool backscatter; /* a storm brings it */
    bool warm;
    void (*put)(gen_message *m);
} dialect;
extern const dialect dialects[];
extern const size_t dialect_count;

/* The trace of a bounce: mostly from the null sender, now and then with that stripped. */
void begin_bounce(gen_message *m);
/* A delivery-status body: its message fields, then each recipient's. */
void put_status(gen_message *m, const char *head, const char *each);

void put_postfix(gen_message *m);
void put_postfix_delayed(gen_message *m);
void put_postfix_success(gen_message *m);
void put_exim(gen_message *m);
void put_exim_text(gen_message *m);
void put_exim_delayed(gen_message *m);
void put_sendmail(gen_message *m);
void put_sendmail_text(gen_message *m);
void put_sendmail_delayed(gen_message *m);
void put_qmail(gen_message *m);
void put_courier(gen_message *m);
void put_exchange(gen_message *m);
void put_exchange_2003(gen_message *m);
void put_exchange_ims(gen_message *m);
void put_iis(gen_message *m);
void put_m365(gen_message *m);
void put_gmail(gen_message *m);
void put_gmail_text(gen_message *m);
void put_gmail_delayed(gen_message *m);
void put_yahoo(gen_message *m);
void put_domino(gen_message *m);
void put_rfc3464(gen_message *m);
void put_amavis(gen_message *m);
void put_amavis_report(gen_message *m);
void put_mailscanner(gen_message *m);
void put_receipt(gen_message *m);
void put_feedback(gen_message *m);
void put_vacation(gen_message *m);
void put_challenge(gen_message *m);

/* gen_compose.c: message `number`, arriving then, into out (cleared). `in` is the storm
 * that it belongs to, or NULL. */
void compose(gen_message *m, const gen_options *opts, uint64_t number, int64_t arrived,
             bool bounce, const storm *in, text *out);

#endif
