/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ndrscan_scan.h - a message in, a verdict out.
 *
 *   ruleset (immutable)  \
 *                          scanner (one per thread): message -> verdict
 *   windows (immutable)  /
 *
 * Immutable objects may be used from any thread at once.
 */
#ifndef NDRSCAN_SCAN_H
#define NDRSCAN_SCAN_H

#include "ndrscan_compile.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- block windows ----------------------------------------------------- */

/* Whose mail it was that came back. */
enum ndr_whose {
    NDR_WHOSE_UNKNOWN,   /* "unknown": nothing proves it */
    NDR_WHOSE_OURS,      /* "ours": proven to be sent by the domain itself */
    NDR_WHOSE_FORWARDED, /* "forwarded": somebody's mail that went on through us */
    NDR_WHOSE_FORGED,    /* "forged": proven not to be ours */
    NDR_WHOSE_COUNT,
};
NDR_API const char *ndr_whose_name(enum ndr_whose whose);

/* Which bounces a window takes, by whose mail came back. */
enum ndr_take {
    NDR_TAKE_USUAL,    /* "all", or "all-but-ours" where an identity knows the domain */
    NDR_TAKE_ALL,      /* "all": whatever is proven */
    NDR_TAKE_NOT_OURS, /* "all-but-ours": ours and forwarded ones are kept */
    NDR_TAKE_FORGED,   /* "forged": only what is proven forged */
    NDR_TAKE_COUNT,
};
/* The word, and the other way round: false for none. "" is NDR_TAKE_USUAL's. */
NDR_API const char *ndr_take_name(enum ndr_take take);
NDR_API bool ndr_take_find(ndr_slice word, enum ndr_take *ret);

/* One block window. Everything it points to lives as long as its table. */
typedef struct ndr_window {
    ndr_slice domain;           /* lower-case A-labels, no trailing dot */
    int64_t from;               /* inclusive */
    int64_t until;              /* exclusive; NDR_TIME_OPEN while it is open */
    unsigned kinds;             /* NDR_KIND_BIT()s that it covers */
    bool subdomains;            /* also covers every name below `domain` */
    bool until_calm;            /* `until` is the latest end: whoever keeps the windows is
                                   to end it when the storm is over. Decides nothing. */
    bool delegated;             /* opened by who has rights to its domain alone: counts
                                   behind the operator's, and takes only what they leave */
    const ndr_slice *mailboxes; /* lower-case local parts; NULL and 0: all */
    size_t mailbox_count;
    enum ndr_take take; /* of the bounces that it covers */
    ndr_slice note;     /* the operator's words; may be empty */
    ndr_slice where;    /* "file:line" or "file entry 3", for messages */
} ndr_window;

typedef struct ndr_windows {
    const ndr_window *row; /* sorted by domain, then from */
    size_t count;
} ndr_windows;

/* Whether a window covers a bounce, or the first thing that keeps it from that. */
enum ndr_cover {
    NDR_COVER_YES,
    NDR_COVER_DOMAIN,     /* it is about another domain */
    NDR_COVER_SUBDOMAINS, /* about one above this, without what is below */
    NDR_COVER_NO_TIME,    /* when the bounce arrived is not known */
    NDR_COVER_EARLY,      /* it was not open yet */
    NDR_COVER_OVER,
    NDR_COVER_KIND,    /* not bounces of this kind */
    NDR_COVER_MAILBOX, /* not this mailbox */
};

/*
 * Does this window cover that bounce, and if not, why? `domain` and `local` as for
 * ndr_windows_find. Pure. Thread: any.
 */
NDR_API enum ndr_cover ndr_window_covers(const ndr_window *w, ndr_slice domain,
                                         ndr_slice local, enum ndr_kind kind, int64_t at);
/* Is it about mail to this domain, at whatever time and of whatever kind? Pure. */
NDR_API bool ndr_window_is_for(const ndr_window *w, ndr_slice domain);

/*
 * The window that covers one bounce, or NULL. Those that are not `delegated` go first;
 * of them, and else of the others, the nearest enclosing domain wins; there, the
 * latest start.
 *
 * domain  lower-case A-labels, no trailing dot
 * local   the recipient's local part, any case; empty when unknown
 * Borrowed from `w`. Thread: any. Cannot fail.
 */
NDR_API const ndr_window *
ndr_windows_find(const ndr_windows *w, ndr_slice domain, ndr_slice local,
                 enum ndr_kind kind, int64_t at);

/* The first row whose domain is not below `domain` in byte order; w->count when there is
 * none. Thread: any. Cannot fail. */
NDR_API size_t ndr_windows_first(const ndr_windows *w, ndr_slice domain);

/* ---- messages ---------------------------------------------------------- */

enum ndr_message_flag {
    NDR_MSG_OPEN = 1 << 0,      /* `raw` ends early; the source can give more */
    NDR_MSG_TRUNCATED = 1 << 1, /* larger than a limit: the rest was not looked at */
    NDR_MSG_DAMAGED = 1 << 2,   /* the source broke off inside it */
    NDR_MSG_DEEP = 1 << 3,      /* MIME deeper or in more parts than the limits */
    NDR_MSG_SUSPECT = 1 << 4,   /* in a verdict: looks like a bounce, no rule names it */
    NDR_MSG_ELSEWHERE = 1 << 5, /* in a verdict: its recipient is taken from the path, and
                                   its header names another domain, or none */
};

/* One message. Borrowed from its source until the next `next` of that reader. */
typedef struct ndr_message {
    ndr_slice raw;       /* header and body as stored, from the first field on */
    ndr_slice envelope;  /* the From_ line without its line end, or empty */
    const char *source;  /* path of the file that holds it, or "-" */
    const char *member;  /* its path in an archive, or NULL */
    uint64_t index;      /* number in its source, from 0 (in a batch: see ndr_batch) */
    uint64_t offset;     /* of raw in the decompressed source or member, bytes */
    uint64_t length;     /* of the whole message; raw.len when not OPEN or TRUNCATED */
    int64_t framed;      /* From_ line or Maildir name; NDR_TIME_UNKNOWN */
    bool framed_by_name; /* `framed` comes from a Maildir name */
    int64_t file_time;   /* mtime of the file (one message a file), else UNKNOWN */
    unsigned flags;      /* enum ndr_message_flag */
} ndr_message;

/* Where the header begins: behind empty and blank lines when a field follows them that is
 * surely a header's, as mail programs read it; else 0. Pure. Thread: any. */
NDR_API size_t ndr_header_begin(ndr_slice raw);

/* ---- mailboxes ----------------------------------------------------------- */

/* A folder or file of mail, and the domain whose mail is in it. */
typedef struct ndr_mailbox {
    ndr_slice path;   /* as ndr_path_plain makes them, without a slash at its end */
    ndr_slice domain; /* lower-case A-labels; empty: of several, so it tells none */
    size_t above; /* number of the nearest row whose folder it is in, from 1; 0: none */
} ndr_mailbox;

/*
 * How a path says to which domain the mail in it came: by a template, or else by a table,
 * of which the longest path counts that is the message's, or a folder on its way.
 */
typedef struct ndr_mailboxes {
    const char *pattern;    /* as ndr_scan_opts.recipient_path, or NULL */
    const ndr_mailbox *row; /* sorted by ndr_path_compare, each path once */
    size_t count;
    const char *base; /* where relative paths begin: a path from the root, without links;
                         NULL: nobody knows, and they fit no path from the root */
} ndr_mailboxes;

/* Longer paths fit nothing; NUL included. */
enum { NDR_PATH_BYTES = 8192 };

/*
 * A path from the root without doubled slashes, "." and "..", NUL-terminated; one at its
 * end stays. False: it has ".." behind a name, which may be a link to anywhere; it is
 * relative and `base` NULL; it is too long; or it is "-", standard input. Pure.
 */
NDR_API bool ndr_path_plain(const char *base, const char *path, char ret[NDR_PATH_BYTES]);
/* Below 0, 0 or above, by bytes, but slashes first: what is in a folder comes right
 * behind it. Pure. */
NDR_API int ndr_path_compare(ndr_slice a, ndr_slice b);
/* The domain that a path tells: lower-case A-labels, NUL-terminated, into `ret`. False:
 * it tells none. Pure. */
NDR_API bool
ndr_mailboxes_domain(const ndr_mailboxes *m, const char *path, char ret[256]);
/* How many rows are of the folder `path` or in it, *ret_first the first of them. Pure. */
NDR_API size_t ndr_mailboxes_below(const ndr_mailboxes *m, const char *path,
                                   size_t *ret_first);
/* As ndr_mailboxes_domain, by a template alone. Pure. */
NDR_API bool ndr_path_domain(const char *pattern, const char *path, char ret[256]);

/* ---- verdicts ---------------------------------------------------------- */

/* Where the recipient or the arrival time was taken from. */
enum ndr_origin {
    NDR_FROM_NOTHING, /* "unknown" */
    NDR_FROM_PATH,
    NDR_FROM_DELIVERED_TO,
    NDR_FROM_X_ORIGINAL_TO,
    NDR_FROM_ENVELOPE_TO,
    NDR_FROM_X_ENVELOPE_TO,
    NDR_FROM_X_DELIVERED_TO,
    NDR_FROM_RECEIVED,
    NDR_FROM_TO,
    NDR_FROM_POSTMARK, /* the mbox From_ line */
    NDR_FROM_MAILDIR_NAME,
    NDR_FROM_FILE_TIME,
    NDR_FROM_DATE,
    NDR_FROM_CLOCK,
    NDR_FROM_JOURNAL,  /* the cover of an Exchange or Google journal */
    NDR_FROM_ENVELOPE, /* who passes the message on says so: ndr_scan_for */
    NDR_FROM_COUNT,
};
/* "delivered-to", "received", "from-line", "file-time", …; static. */
NDR_API const char *ndr_origin_name(enum ndr_origin origin);

/*
 * One recipient as a delivery report states it, or the bounce's text where there
 * is none; empty slices where neither does. Source: RFC 3464 2.3. Address types
 * ("rfc822;") are taken off. From text there are no original, action and
 * last_attempt, and letters beyond ASCII are lower case.
 */
typedef struct ndr_recipient {
    ndr_slice final, original, action, status, diagnostic, remote_mta;
    ndr_slice reply;        /* SMTP reply in the diagnostic, "550" */
    ndr_slice last_attempt; /* Last-Attempt-Date as written: ndr_date_parse */
} ndr_recipient;

/* The returned message, as far as its header came back; decoded to UTF-8. */
typedef struct ndr_returned {
    ndr_slice message_id, from, to, subject, date;
    ndr_slice return_path;    /* without angle brackets; "<>" when it is the empty one */
    ndr_slice received;       /* the topmost Received: ndr_received_parse for its time */
    ndr_slice dkim_signature; /* the topmost DKIM-Signature */
} ndr_returned;

enum { NDR_PROOFS = 16 };

/* One step of the proof whose mail came back; ndrscan_proof.h says which there are. */
typedef struct ndr_proof {
    const char *name;   /* "dkim-to", "sent", ...; static */
    const char *result; /* "pass", "fail", "unknown-selector", ...; static */
    char detail[112];   /* in words, UTF-8; "" where there are none */
} ndr_proof;

/* What is known of whose mail came back. */
typedef struct ndr_evidence {
    enum ndr_whose whose;
    bool known;   /* an identity knows the domain that the bounce came to */
    bool judged;  /* enough came back to tell: had it been ours, that would have shown */
    int decisive; /* the row of proof[] that settled it, or -1 */
    size_t count;
    ndr_proof proof[NDR_PROOFS]; /* in the order in which they were tried */
} ndr_evidence;

/* What a bounce returns of the message that it is about, as it came. */
typedef struct ndr_returned_bytes {
    ndr_slice bytes; /* from its first field on; len 0: nothing was returned */
    bool whole;      /* header and body to the last byte */
    bool apart;      /* in a part of its own; else pasted into the text */
} ndr_returned_bytes;

struct ndr_verdict;
/*
 * Judge whose mail came back with a bounce to v->domain: `header` is the bounce's own
 * header as it came, `v` its facts so far, without evidence, window and decision. *ret is
 * all zero. 0 or an ndr_code. Thread: any, several at once.
 */
typedef int ndr_prove_fn(void *ctx, ndr_slice header, const ndr_returned_bytes *returned,
                         const struct ndr_verdict *v, ndr_evidence *ret, ndr_error *err);

/*
 * The outcome for one message and the facts behind it. Slices are borrowed
 * from the scanner (never from the message) until its next message; any of
 * them may be empty. Text from header fields is UTF-8.
 */
typedef struct ndr_verdict {
    enum ndr_decision decision;
    enum ndr_kind kind;
    const ndr_rule *rule;     /* NULL: not a bounce */
    const ndr_window *window; /* NULL: none covers it */
    ndr_slice message_id;     /* without angle brackets */
    ndr_slice recipient;      /* addr-spec, domain in lower-case A-labels */
    ndr_slice local, domain;  /* its two halves; domain "" when unknown */
    enum ndr_origin recipient_origin;
    int64_t arrived; /* what windows are held against */
    enum ndr_origin arrived_origin;
    ndr_slice reporting_mta;
    ndr_slice report_arrival; /* Arrival-Date of the report as written: when the reporting
                                 system took the returned message; ndr_date_parse */
    bool facts_from_text; /* `recipients` were found in the text, not in a report part */
    const ndr_recipient *recipients;
    size_t recipient_count;
    ndr_returned returned;
    const ndr_evidence *evidence; /* NULL: it was not asked whose mail came back */
    const ndr_window *spared; /* the window that covers it but does not take it, by the
                                 evidence; NULL: none. Then `window` is NULL. */
    unsigned flags;           /* enum ndr_message_flag */
} ndr_verdict;

/*
 * Fill decision, window and `spared` of `v` from its rule, kind, domain, local part,
 * arrival and evidence: what these windows, which may be NULL, make of a message that was
 * scanned. Pure.
 */
NDR_API void ndr_decide(ndr_verdict *v, const ndr_windows *windows);

/* One sentence, UTF-8, that says what was decided and why; appended to `out`. */
NDR_API void ndr_verdict_reason(const ndr_verdict *v, ndr_buffer *out);

enum ndr_clock { NDR_CLOCK_ARRIVAL, NDR_CLOCK_DATE, NDR_CLOCK_NOW };

/* What a scanner needs besides the message. `rules` must be set. */
typedef struct ndr_scan_opts {
    size_t size; /* NDR_SIZED(ndr_scan_opts) */
    const ndr_ruleset *rules;
    const ndr_windows *windows; /* NULL: none, so no junk */
    enum ndr_clock clock;       /* what windows are held against */
    int64_t now;                /* for NDR_CLOCK_NOW */
    const char *recipient_path; /* "/var/vmail/{domain}/{user}/": takes the recipient
                                   from the source's path first; NULL: headers only */
    size_t header_limit_bytes;  /* 0: 1 MiB */
    size_t text_limit_bytes;    /* of one part; 0: 256 KiB */
    bool facts_always;          /* recipient, arrival, Message-ID for `none` too */
    bool no_text_facts;         /* do not look for recipients in the text: for output
                                   that tells none; before `prove` they are all the same */
    bool try_all;               /* try outranked generic rules too, for ndr_scan_matched
                                   and ndr_scanner_trace: the verdict stays the same */
    ndr_prove_fn *prove; /* asked whose mail came back, of bounces that a window covers
                            and does not take whatever is proven; NULL: nobody is */
    void *prove_ctx;
    bool prove_always;              /* asked of every bounce with a known recipient */
    const ndr_mailboxes *mailboxes; /* instead of recipient_path: by a table too, and of
                                       relative paths; NULL: recipient_path says it */
} ndr_scan_opts;

typedef struct ndr_scanner ndr_scanner; /* one per thread: scratch, hit bits, buffers */

/* `opts` is copied; what it points to is borrowed until ndr_scanner_free. 0 and *ret,
 * NDR_E_INVAL or NDR_E_NOMEM. */
NDR_API int ndr_scanner_new(const ndr_scan_opts *opts, ndr_scanner **ret, ndr_error *err);
NDR_API void ndr_scanner_free(ndr_scanner *s);
/* What NDR_CLOCK_NOW means from the next ndr_scan on: a scanner may outlive the time at
 * which it was made. Thread: the scanner's. */
NDR_API void ndr_scanner_now(ndr_scanner *s, int64_t now);

/*
 * How a scanner asks for the rest of an NDR_MSG_OPEN message: make m->raw
 * longer, up to the whole. Slices into the old bytes may die. 0 or an ndr_code.
 */
typedef int ndr_extend_fn(void *ctx, ndr_message *m, ndr_error *err);

/*
 * Decide about one message. `extend` may be NULL; it is asked once at the
 * most, and only when the message is a candidate (or its header is cut).
 * Returns 0 and *ret, or an ndr_code (no memory, Hyperscan's or extend's
 * failure). Thread: the scanner's.
 */
NDR_API int ndr_scan(ndr_scanner *s, ndr_message *m, ndr_extend_fn *extend, void *ctx,
                     ndr_verdict *ret, ndr_error *err);

/*
 * The outcome of the last ndr_scan, had the message come to `recipient` (an address of
 * its envelope, RFC 5321 4.1.1.3): *v, which that ndr_scan filled, gets recipient, window
 * and decision anew. An address without a domain, or one of this machine, says less than
 * the header, and a journal's cover more than it: both change nothing. Where somebody
 * proves whose mail came back, the message must still be there. 0 or an ndr_code.
 * Thread: the scanner's.
 */
NDR_API int
ndr_scan_for(ndr_scanner *s, ndr_slice recipient, ndr_verdict *v, ndr_error *err);

/* True when rule `i` of the ruleset matched the last message, outranked or not
 * (generic rules, rank 0 and 1, that are outranked: only with try_all). */
NDR_API bool ndr_scan_matched(const ndr_scanner *s, size_t i);

/*
 * The canonical lines of a target (a word of ndr_signal_spec) in the last
 * message, which is `m`, each with a line end, appended to `out`. Those of part, status
 * and text are empty when the body was not looked at, and in text letters beyond ASCII
 * are lower case. 0; NDR_E_SYNTAX for a word that is no target; NDR_E_NOMEM. Thread: the
 * scanner's.
 */
NDR_API int ndr_scan_canonical(ndr_scanner *s, const ndr_message *m, const char *target,
                               ndr_buffer *out, ndr_error *err);

/* One thing that the last ndr_scan saw or concluded, for `explain`. */
typedef struct ndr_step {
    int signal;       /* row of the signal table, or -1 for a conclusion */
    size_t offset;    /* of the end of the hit, in the target's canonical text */
    ndr_slice line;   /* the canonical line that was hit, borrowed for the call */
    size_t line_end;  /* of the end of the hit, in `line` */
    const char *text; /* a conclusion in words, or NULL */
} ndr_step;
typedef void ndr_trace_fn(void *ctx, const ndr_step *step);
/* Have every later ndr_scan tell its steps; NULL ends it. Slow: for people. */
NDR_API void ndr_scanner_trace(ndr_scanner *s, ndr_trace_fn *fn, void *ctx);

#ifdef __cplusplus
}
#endif

#endif
