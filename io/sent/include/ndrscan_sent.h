/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ndrscan_sent.h - which messages have we sent, and to whom?
 *
 * A folder keeps what is known of them as keyed hashes, so that it tells nobody who
 * writes to whom, and a forger cannot look for an id that it knows:
 *
 *   KEYID.key              the key, mode 0600; KEYID is its own hash in hex
 *   MACHINE-DAY-KEYID-NUMBER.seg   sorted records of eight days from DAY on
 *   lock                   held by whoever adds, merges or prunes
 *
 * Two records stand for a message to one recipient: (Message-ID, sender's domain), and
 * (Message-ID, sender's domain, recipient). With the domain in each, one tenant of a
 * system cannot vouch for another's mail. A record has 10 bytes: 64 bits of SipHash-2-4,
 * 20 of which a recipient's has from its message's, and the day, UTC, on which the
 * message was sent. Machines that share a key write segments of their own, and all
 * segments in the folder together are the set.
 */
#ifndef NDRSCAN_SENT_H
#define NDRSCAN_SENT_H

#include "ndrscan.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How long a message may take to come back, where nothing else is said. */
enum { NDR_SENT_DAYS = 30 };

/* ---- adding -------------------------------------------------------------- */

typedef struct ndr_sent_batch ndr_sent_batch;

/*
 * Begin to add to the set in folder `dir`, which is made with a key when it is not there.
 * `machine` (letters, digits, dots and more: others become '_') begins the names of what
 * is written. Both are copied. Nothing is locked between commits.
 * NDR_E_SYS; NDR_E_SYNTAX for a key that is damaged or readable by everybody.
 */
NDR_API int ndr_sent_begin(const char *dir, const char *machine, ndr_sent_batch **ret,
                           ndr_error *err);
/*
 * Note that a message was sent at `sent`. `id` is the Message-ID with or without its
 * angle brackets; `domain` the sender's, in any form; `recipient` an address, or empty
 * when it is not known. Without id or domain, or at no time in the years 1970 to 2149,
 * nothing is noted. When very much has come together, it is committed in between. 0;
 * NDR_E_NOMEM, or what ndr_sent_commit fails with. Thread: one at a time.
 */
NDR_API int ndr_sent_add(ndr_sent_batch *b, ndr_slice id, ndr_slice domain,
                         ndr_slice recipient, int64_t sent, ndr_error *err);
/*
 * Bring all that was added to the disk: a segment is written beside, synced, and renamed,
 * united with those of this machine that are not much larger. When it fails the set is as
 * it was, what was added is still in the batch, and it may be called again.
 */
NDR_API int ndr_sent_commit(ndr_sent_batch *b, ndr_error *err);
/* Records added since begin, and how many messages and recipients they stand for. */
NDR_API uint64_t ndr_sent_added(const ndr_sent_batch *b);
/* Frees; what was not committed is forgotten. NULL allowed. */
NDR_API void ndr_sent_batch_free(ndr_sent_batch *b);

/* ---- asking --------------------------------------------------------------- */

enum ndr_sent_answer {
    NDR_SENT_NO, /* nothing is known of it: no proof of anything */
    NDR_SENT_ID, /* that domain sent it, in time; not known to whom */
    NDR_SENT_TO, /* that domain sent it to this recipient, in time */
};

/* What is in a set. */
typedef struct ndr_sent_stats {
    uint64_t segments, records, bytes;
    uint64_t bad;        /* segments that cannot be used */
    int64_t first, last; /* days since 1970 of the oldest and newest record; 0 for none */
} ndr_sent_stats;

/* Told of a segment that is left out: torn, foreign, from a newer version. */
typedef void ndr_sent_trouble(void *ctx, const char *file, const char *text);

typedef struct ndr_sent ndr_sent;

/*
 * Open the set in `dir` as it is now; what is added later is not seen. A segment that
 * cannot be used is told through `trouble` (NULL allowed) and left out. Its records'
 * checksum is looked at by ndr_sent_verify alone.
 * 0 and *ret; NDR_E_SYS (ENOENT: there is no set); NDR_E_SYNTAX for a bad key.
 */
NDR_API int ndr_sent_open(const char *dir, ndr_sent_trouble *trouble, void *ctx,
                          ndr_sent **ret, ndr_error *err);
NDR_API void ndr_sent_close(ndr_sent *s); /* NULL allowed */
/*
 * Was the message with this id sent by `domain`, to `recipient` (empty: not asked), on
 * the day of `bounced` or at most `days` days before? Arguments as of ndr_sent_add.
 * Allocates nothing. Pure. Thread: any, at once.
 */
NDR_API enum ndr_sent_answer
ndr_sent_ask(const ndr_sent *s, ndr_slice id, ndr_slice domain, ndr_slice recipient,
             int64_t bounced, int days);
NDR_API ndr_sent_stats ndr_sent_count(const ndr_sent *s);

/* ---- care ----------------------------------------------------------------- */

/*
 * Delete the segments whose newest record is more than `days` days before `now`. *ret is
 * what was deleted, or with `dry` would be. 0 or NDR_E_SYS. Thread: any.
 */
NDR_API int ndr_sent_prune(const char *dir, int64_t now, int days, bool dry,
                           ndr_sent_stats *ret, ndr_error *err);
/*
 * Unite the sets in the `count` folders `from` with that in `dir`, which is made when it
 * is not there: keys are copied, records that are there twice are one, and there is one
 * segment a key and eight days. The same bytes whatever the order. `from` stays as it is.
 * A segment that cannot be used is trouble, and is left where it is.
 * 0; NDR_E_SYS, NDR_E_NOMEM, or NDR_E_SYNTAX.
 */
NDR_API int
ndr_sent_merge(const char *dir, const char *machine, const char *const *from,
               size_t count, ndr_sent_trouble *trouble, void *ctx, ndr_error *err);
/*
 * Read every segment whole, and tell those that are not what was written. *ret counts
 * what is sound, and in `bad` what is not. 0 or an ndr_code as of ndr_sent_open.
 */
NDR_API int ndr_sent_verify(const char *dir, ndr_sent_trouble *trouble, void *ctx,
                            ndr_sent_stats *ret, ndr_error *err);

/* ---- mail ------------------------------------------------------------------------ */

/*
 * One message to one recipient, told by a log or by mail: `recipient` may be empty.
 * Slices last for the call. 0, or an ndr_code that ends the reading.
 */
typedef int ndr_sent_found(void *ctx, ndr_slice id, ndr_slice domain, ndr_slice recipient,
                           int64_t sent, ndr_error *err);

/*
 * What a message that we sent says of itself: its Message-ID, the domains of From and
 * Return-Path, and whom To, Cc and Bcc name, told through `found` with the time
 * of its Date, or `otherwise`. `raw` is its header, whole, and what follows. With two ids
 * or none nothing is told. That we sent it is the caller's word.
 * 0; NDR_E_NOMEM, or what `found` answers. Thread: any.
 */
NDR_API int ndr_sent_mail(ndr_slice raw, int64_t otherwise, ndr_sent_found *found,
                          void *ctx, ndr_error *err);

/* ---- logs of mail servers ---------------------------------------------------- */

enum ndr_sent_log_kind {
    NDR_SENT_LOG_POSTFIX, /* syslog of Postfix 2.3 and later */
    NDR_SENT_LOG_EXIM,    /* Exim's main log, or its syslog */
};

typedef struct ndr_sent_log_opts {
    size_t size; /* NDR_SIZED(ndr_sent_log_opts) */
    enum ndr_sent_log_kind kind;
    const char *const *submitter; /* networks whose clients send for us: "192.0.2.0/24" */
    size_t submitter_count;
    const char *host; /* of lines that name none; NULL: "" */
    int year;         /* of a file's first line; 0: the last that fits the file's time */
    bool zone_given;  /* stamps without a zone are `zone_minutes` east of UTC; */
    int zone_minutes; /* else in the process's time zone */
    ndr_sent_found *found;
    void *ctx;
} ndr_sent_log_opts;

/* What was read. */
typedef struct ndr_sent_log_counts {
    uint64_t lines;    /* all of them */
    uint64_t messages; /* that are ours */
    uint64_t open;     /* ours or not yet known, that may go on in the next log */
} ndr_sent_log_counts;

/*
 * A reader of logs. It tells what *we* sent: mail that came by an authenticated client
 * (sasl_username=, P=esmtpa and esmtpsa), from this host itself (pickup, P=local) or from
 * a submitter's network. A stranger's mail that is passed on has the same lines but for
 * where it came in. What begins in one log may go on in another: see ndr_sent_log_load.
 */
typedef struct ndr_sent_log ndr_sent_log;
/* `opts` is copied, but for what it points to. NDR_E_SYNTAX: a submitter is no network;
 * NDR_E_INVAL: `opts` has no size that a version had. */
NDR_API int
ndr_sent_log_new(const ndr_sent_log_opts *opts, ndr_sent_log **ret, ndr_error *err);
NDR_API void ndr_sent_log_free(ndr_sent_log *l); /* NULL allowed */
/* A file begins, last written at `file_time`: its lines have the years before. */
NDR_API void ndr_sent_log_begin(ndr_sent_log *l, int64_t file_time);
/* Its bytes, in pieces of any size. Lines that are no mail server's are passed over. 0,
 * NDR_E_NOMEM, or what `found` answers. */
NDR_API int ndr_sent_log_add(ndr_sent_log *l, ndr_slice bytes, ndr_error *err);
/* It ends: a last line without a line end is passed over, for it is half a line. */
NDR_API void ndr_sent_log_end(ndr_sent_log *l);
NDR_API ndr_sent_log_counts ndr_sent_log_count(const ndr_sent_log *l);
/*
 * Messages that are still under way, kept beside a set from one run to the next: in
 * MACHINE.joins of folder `dir`. A file that is not there is none; NDR_E_DAMAGED: it is
 * torn, and nothing was taken from it. Saved whole or not at all. From load on until the
 * reader is freed no other may load them (NDR_E_STOPPED), for what it saved would be
 * lost.
 */
NDR_API int
ndr_sent_log_load(ndr_sent_log *l, const char *dir, const char *machine, ndr_error *err);
NDR_API int
ndr_sent_log_save(ndr_sent_log *l, const char *dir, const char *machine, ndr_error *err);

#ifdef __cplusplus
}
#endif

#endif
