/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ndrscan.h - what a message is, what is decided about it, and how a run goes.
 *
 *   builder -> ruleset (immutable)  \
 *                                    scanner (one per thread): message -> verdict
 *   windows (immutable)             /
 *
 *   source -> batches -> ring -> workers (next, scan, render) -> sink, in input order
 *
 * Immutable objects may be used from any thread at once. The library never
 * prints and never exits: functions return 0 (or what they say) or an ndr_code
 * below zero, with the words in a caller-owned ndr_error.
 */
#ifndef NDRSCAN_H
#define NDRSCAN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NDR_API          __attribute__((visibility("default")))
#define NDR_PRINTF(f, a) __attribute__((format(printf, f, a)))

/* ---- bytes ------------------------------------------------------------- */

/* A borrowed run of bytes: never NUL-terminated, never freed by its holder.
 * ptr may be NULL when len is 0. */
typedef struct ndr_slice {
    const unsigned char *ptr;
    size_t len;
} ndr_slice;

#define NDR_SLICE(lit) ((ndr_slice){(const unsigned char *)(lit), sizeof(lit) - 1})

/* The bytes of a NUL-terminated string, without the NUL; empty for NULL. */
NDR_API ndr_slice ndr_slice_of(const char *text);
NDR_API bool ndr_slice_equal(ndr_slice a, ndr_slice b);
/* ASCII letters compare without case (RFC 5322 field names, RFC 5321 domains). */
NDR_API bool ndr_slice_equal_nocase(ndr_slice a, ndr_slice b);
/* Below, equal or above zero, in byte order. */
NDR_API int ndr_slice_compare(ndr_slice a, ndr_slice b);
/*
 * Whether a character would not be seen as what it is: a terminal acts on it, shows
 * nothing for it, or shows the rest of the line in another order. All that is written
 * where a person may look escapes these. Pure. Source: Unicode 15, see hidden.c.
 */
NDR_API bool ndr_char_hidden(uint32_t code);

/*
 * A domain as found in mail to lower-case A-labels without a final dot,
 * NUL-terminated; U-labels in UTF-8 are converted. False when that cannot be, or when
 * the outcome is no host name: labels of letters, digits, inner hyphens and underscores,
 * up to 63 bytes each and 253 together, the last one not of digits alone.
 * Source: RFC 5890 2.3.2.1, RFC 5891, RFC 1123 2.1. Thread: any.
 */
NDR_API bool ndr_domain_normal(ndr_slice domain, char ret[256]);

/*
 * Growable bytes, owned by whoever embeds them. All zero is an empty buffer.
 * A failed growth sets `failed`, drops what was being added and everything
 * after it: check once, at the end. Capacity survives ndr_buffer_clear.
 */
typedef struct ndr_buffer {
    unsigned char *ptr;
    size_t len, cap;
    bool failed;
} ndr_buffer;

/* Room for `more` bytes behind ptr[len]; false (and failed) when there is no memory. */
NDR_API bool ndr_buffer_reserve(ndr_buffer *b, size_t more);
NDR_API void ndr_buffer_add(ndr_buffer *b, ndr_slice bytes);
NDR_API void ndr_buffer_byte(ndr_buffer *b, unsigned char byte);
NDR_API void ndr_buffer_text(ndr_buffer *b, const char *text);
NDR_API void ndr_buffer_printf(ndr_buffer *b, const char *format, ...) NDR_PRINTF(2, 3);
NDR_API void ndr_buffer_clear(ndr_buffer *b);
/* Empty it for the next step, but let `failed` stand: it is checked behind all steps. */
static inline void
ndr_buffer_rewind(ndr_buffer *b)
{
    b->len = 0;
}
NDR_API void ndr_buffer_free(ndr_buffer *b);

/* ---- errors ------------------------------------------------------------ */

enum ndr_code {
    NDR_E_NOMEM = -1,   /* allocation failed */
    NDR_E_SYS = -2,     /* a system call failed: see ndr_error.sys_errno */
    NDR_E_SYNTAX = -3,  /* configuration or input is not well-formed or not allowed */
    NDR_E_LIMIT = -4,   /* input exceeds a configured limit */
    NDR_E_DAMAGED = -5, /* a source's bytes are not what its format says */
    NDR_E_STOPPED = -6, /* the caller asked to stop */
};

/* Filled on failure only. Lives in the caller's frame; owns nothing. */
typedef struct ndr_error {
    int code;       /* enum ndr_code */
    int sys_errno;  /* errno of the failed call, else 0 */
    char text[480]; /* one line, outermost context first, no trailing dot; what it quotes
                       shows control characters as '?' */
} ndr_error;

/* Fill `err` (NULL allowed) and return `code`. NDR_E_SYS adds strerror(errno). */
NDR_API int ndr_fail(ndr_error *err, int code, const char *format, ...) NDR_PRINTF(3, 4);
/* Put "words: " in front of what `err` says already. */
NDR_API void ndr_error_prefix(ndr_error *err, const char *format, ...) NDR_PRINTF(2, 3);

/* ---- files of operators -------------------------------------------------- */

/*
 * Open a file or folder that an operator or a service named, below the folder `dir` or
 * AT_FDCWD, as openat(2) does with `flags` and O_CLOEXEC; what is made has mode 0600;
 * errors name it as `shown`. Root, who may read everything, takes only what its owner
 * could have put there: no link on the way is followed that is not root's, and a file in
 * a folder of somebody else is that user's, or root's under one name alone. Root's rights
 * are tied to effective uid 0.
 *
 * A descriptor; NDR_E_SYS; or NDR_E_SYNTAX for what root does not open, with the remedy.
 * Thread: any.
 */
NDR_API int
ndr_open_own(int dir, const char *path, const char *shown, int flags, ndr_error *err);

/* ---- words ------------------------------------------------------------- */

/* What sort of bounce. */
enum ndr_kind {
    NDR_KIND_NONE,             /* not a bounce */
    NDR_KIND_FAILED,           /* "failed" */
    NDR_KIND_DELAYED,          /* "delayed" */
    NDR_KIND_DELIVERED,        /* "delivered": success, relayed, expanded */
    NDR_KIND_REJECTED_CONTENT, /* "rejected-content": virus, spam, policy notices */
    NDR_KIND_CHALLENGE,        /* "challenge" */
    NDR_KIND_AUTO_REPLY,       /* "auto-reply" */
    NDR_KIND_RECEIPT,          /* "receipt": MDN, RFC 8098 */
    NDR_KIND_FEEDBACK,         /* "feedback": ARF, RFC 5965 */
    NDR_KIND_COUNT,
};
#define NDR_KIND_BIT(kind) (1u << (kind))
/* The kinds a window covers when it names none. */
#define NDR_KINDS_DEFAULT                                                                \
    (NDR_KIND_BIT(NDR_KIND_FAILED) | NDR_KIND_BIT(NDR_KIND_DELAYED) |                    \
     NDR_KIND_BIT(NDR_KIND_REJECTED_CONTENT) | NDR_KIND_BIT(NDR_KIND_CHALLENGE))

/* The word for a kind, "none" for NDR_KIND_NONE. Static. */
NDR_API const char *ndr_kind_name(enum ndr_kind kind);
/* The kind of a word; NDR_KIND_NONE when it is no kind's word. */
NDR_API enum ndr_kind ndr_kind_find(ndr_slice word);

enum ndr_decision { NDR_NONE, NDR_KEEP, NDR_JUNK }; /* the outcome for one message */
NDR_API const char *ndr_decision_name(enum ndr_decision decision);

/* ---- times ------------------------------------------------------------- */

#define NDR_TIME_UNKNOWN INT64_MIN /* seconds UTC everywhere else */
#define NDR_TIME_OPEN    INT64_MAX /* a window without an end */

/*
 * Days since 1970-01-01 of a proleptic Gregorian date; month 1..12, day 1..31.
 * Cannot fail.
 */
NDR_API int64_t ndr_days_from_civil(int64_t year, int month, int day);
/*
 * A Date: or Received: time, comments and obsolete zones included, two-digit
 * years too; NDR_TIME_UNKNOWN when it is none. Source: RFC 5322 3.3, 4.3.
 */
NDR_API int64_t ndr_date_parse(ndr_slice text);
/* The time behind the last semicolon of a Received value; NDR_TIME_UNKNOWN when
 * there is none. Source: RFC 5321 4.4. */
NDR_API int64_t ndr_received_parse(ndr_slice value);
/*
 * The time of an mbox From_ line ("From sender Tue May 13 09:31:02 2008", the
 * line end may be there or not; zone words and a seconds-less clock are
 * allowed; no zone means UTC). NDR_TIME_UNKNOWN when the line is no postmark.
 * Source: RFC 4155 appendix A.
 */
NDR_API int64_t ndr_postmark_parse(ndr_slice line);
/* RFC 3339 in UTC, "2008-05-13T08:00:00Z", NUL-terminated. Years 0 to 9999. */
NDR_API void ndr_time_format(int64_t at, char text[32]);

/* ---- block windows ----------------------------------------------------- */

/* One block window. Everything it points to lives as long as its table. */
typedef struct ndr_window {
    ndr_slice domain;           /* lower-case A-labels, no trailing dot */
    int64_t from;               /* inclusive */
    int64_t until;              /* exclusive; NDR_TIME_OPEN while it is open */
    unsigned kinds;             /* NDR_KIND_BIT()s that it covers */
    bool subdomains;            /* also covers every name below `domain` */
    bool until_calm;            /* `until` is the latest end: whoever keeps the windows is
                                   to end it when the storm is over. Decides nothing. */
    const ndr_slice *mailboxes; /* lower-case local parts; NULL and 0: all */
    size_t mailbox_count;
    ndr_slice note;  /* the operator's words; may be empty */
    ndr_slice where; /* "file:line" or "file entry 3", for messages */
} ndr_window;

typedef struct ndr_windows {
    const ndr_window *row; /* sorted by domain, then from */
    size_t count;
} ndr_windows;

/*
 * The window that covers one bounce, or NULL. The nearest enclosing domain
 * wins; there, the latest start.
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

/* ---- rules ------------------------------------------------------------- */

/*
 * One signal as a rule states it. `target` is a word of engine/match/target.c
 * ("subject", "from", "text", "status", "part", …) or "header:NAME" for any
 * other header field. Exactly one of `match`, `absent` and `present` is set;
 * the latter two only go with header targets.
 */
typedef struct ndr_signal_spec {
    const char *target;
    const char *match; /* a Hyperscan pattern; NULL with the others */
    bool absent;       /* the message has no such field, or an empty one */
    bool present;      /* it has one that says something */
} ndr_signal_spec;

/* One rule as it was written. The builder copies what it keeps. */
/* Does a rule count whoever says it, or only when a mail system does? */
enum ndr_sender_ask {
    NDR_ASK_BY_KIND, /* as ndr_builder_ask says of rules of its kind and rank */
    NDR_ASK_SYSTEM,  /* a mail system's word is asked for */
    NDR_ASK_NOBODY,  /* it counts whoever says it */
};

typedef struct ndr_rule_spec {
    const char *id;     /* [a-z0-9][a-z0-9._-]*, at most 64 bytes */
    const char *system; /* the mail system's name; NULL or "" when it has none */
    const char *where;  /* "postfix.yaml:12" or "postfix.yaml": for messages */
    enum ndr_kind kind;
    int rank; /* 0..9: among rules that match, the highest is named; then the first */
    enum ndr_sender_ask sender;
    const ndr_signal_spec *all, *any, *none;
    size_t all_count, any_count, none_count;
} ndr_rule_spec;

typedef struct ndr_builder ndr_builder;
typedef struct ndr_ruleset ndr_ruleset; /* immutable; shared by all threads */

/* NULL when there is no memory. */
NDR_API ndr_builder *ndr_builder_new(void);
NDR_API void ndr_builder_free(ndr_builder *b);
/*
 * Add a rule; one with the id of an earlier rule takes its place. NDR_E_SYNTAX
 * names rule and signal: unknown target, not one of match, absent and present,
 * no signal in all and any, a pattern over 4,096 bytes.
 */
NDR_API int ndr_builder_rule(ndr_builder *b, const ndr_rule_spec *spec, ndr_error *err);
/* Take a rule out again; false when there is none of that id. */
NDR_API bool ndr_builder_drop(ndr_builder *b, const char *id);
/*
 * Add a header signal that makes a message a candidate: one whose body is
 * looked at even when no rule's header signals ask for it.
 */
NDR_API int ndr_builder_candidate(ndr_builder *b, const ndr_signal_spec *signal,
                                  const char *where, ndr_error *err);
/*
 * Is this a signal that a rule could have? 0, or NDR_E_SYNTAX as of ndr_builder_rule,
 * "WHERE: signal NUMBER: …". Whether Hyperscan takes the pattern is not asked.
 */
NDR_API int ndr_signal_check(const ndr_signal_spec *signal, const char *where,
                             size_t number, ndr_error *err);
/*
 * Of rules of this kind, up to this rank, it is asked who says it, where they do not say
 * otherwise. The last call for a kind counts; without one it is not asked.
 */
NDR_API void ndr_builder_ask(ndr_builder *b, enum ndr_kind kind, int highest_rank);
/*
 * Compile. NDR_E_SYNTAX names the rule and the signal that Hyperscan refuses;
 * NDR_E_LIMIT a set over its limits. The builder stays usable.
 */
NDR_API int ndr_builder_compile(const ndr_builder *b, ndr_ruleset **ret, ndr_error *err);

NDR_API void ndr_ruleset_free(ndr_ruleset *rs);
NDR_API size_t ndr_ruleset_count(const ndr_ruleset *rs);

/* One compiled rule, borrowed from its ruleset. Strings are NUL-terminated. */
typedef struct ndr_rule {
    const char *id, *system, *where; /* system is "" when the rule names none */
    enum ndr_kind kind;
    int rank;
    bool asks_sender; /* counts only when a mail system says it */
    uint32_t all_count, any_count, none_count;
    const uint32_t *signal; /* all, then any, then none: rows of the signal table */
} ndr_rule;
NDR_API const ndr_rule *ndr_ruleset_rule(const ndr_ruleset *rs, size_t i);
/* One signal's target word and pattern ("" when it has none). */
NDR_API const char *ndr_ruleset_signal_target(const ndr_ruleset *rs, uint32_t signal);
NDR_API const char *ndr_ruleset_signal_match(const ndr_ruleset *rs, uint32_t signal);

/* Memory that a ruleset was loaded from, and how to give it back: NULL, it stays. */
typedef struct ndr_home {
    ndr_slice bytes;
    void (*give_back)(ndr_slice bytes);
} ndr_home;

/*
 * To and from bytes, for a cache. What `load` gets must come from a file that is trusted
 * as much as the rules are; it checks version, CPU features, sizes and a checksum all the
 * same and answers NDR_E_DAMAGED (not ours, torn) or NDR_E_LIMIT (made for another
 * library or CPU).
 *
 * home  NULL: the ruleset keeps nothing of `blob`. Else it is used where it lies, in
 *       home->bytes, unchanged until ndr_ruleset_free gives that back; it begins at a
 *       multiple of NDR_BLOB_ALIGN. The caller's again when `load` fails.
 */
enum { NDR_BLOB_ALIGN = 64 };
NDR_API int ndr_ruleset_save(const ndr_ruleset *rs, ndr_buffer *out, ndr_error *err);
NDR_API int
ndr_ruleset_load(ndr_slice blob, const ndr_home *home, ndr_ruleset **ret, ndr_error *err);
/*
 * What a compiled ruleset depends on besides its rules: this library's blob
 * version, Hyperscan's version and the CPU features, as one line. Static.
 */
NDR_API const char *ndr_platform(void);

/* ---- messages ---------------------------------------------------------- */

enum ndr_message_flag {
    NDR_MSG_OPEN = 1 << 0,      /* `raw` ends early; the source can give more */
    NDR_MSG_TRUNCATED = 1 << 1, /* larger than a limit: the rest was not looked at */
    NDR_MSG_DAMAGED = 1 << 2,   /* the source broke off inside it */
    NDR_MSG_DEEP = 1 << 3,      /* MIME deeper or in more parts than the limits */
    NDR_MSG_SUSPECT = 1 << 4,   /* in a verdict: looks like a bounce, no rule names it */
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
    NDR_FROM_JOURNAL, /* the cover of an Exchange or Google journal */
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
    unsigned flags; /* enum ndr_message_flag */
} ndr_verdict;

/*
 * Fill decision and window of `v` from its rule, kind, domain, local part and arrival:
 * what these windows, which may be NULL, make of a message that was scanned. Pure.
 */
NDR_API void ndr_decide(ndr_verdict *v, const ndr_windows *windows);

/* One sentence, UTF-8, that says what was decided and why; appended to `out`. */
NDR_API void ndr_verdict_reason(const ndr_verdict *v, ndr_buffer *out);

enum ndr_clock { NDR_CLOCK_ARRIVAL, NDR_CLOCK_DATE, NDR_CLOCK_NOW };

/* What a scanner needs besides the message. All zero but `rules` is a default. */
typedef struct ndr_scan_opts {
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
                                   that tells none */
    bool try_all;               /* try outranked generic rules too, for ndr_scan_matched
                                   and ndr_scanner_trace: the verdict stays the same */
} ndr_scan_opts;

typedef struct ndr_scanner ndr_scanner; /* one per thread: scratch, hit bits, buffers */

/* `opts` and what it points to are borrowed until ndr_scanner_free. */
NDR_API int ndr_scanner_new(const ndr_scan_opts *opts, ndr_scanner **ret, ndr_error *err);
NDR_API void ndr_scanner_free(ndr_scanner *s);

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

/* ---- the two ports ----------------------------------------------------- */

/*
 * The unit of work and of ownership, a slot of the ring. `work` is the
 * source's: what it hands from its reader thread to a worker (a range, names,
 * or bytes). The rest is the run's.
 */
typedef struct ndr_batch {
    uint64_t seq;       /* position in the input, from 0 */
    void *work;         /* the source's own; kept with the slot, reused */
    uint64_t stream;    /* the source's number for the file, from 1: `index` counts on
                           over its batches; 0: each message's index is final */
    uint64_t messages;  /* how many `next` gave; set by the worker */
    uint64_t bytes;     /* of input as it is stored, for progress; set by fill,
                           and added to by `next` for files that it opens */
    ndr_buffer out;     /* what render wrote, in message order */
    struct ndr_mark {   /* where a record's index belongs in `out` */
        size_t at;      /* offset in `out` */
        uint64_t index; /* number within the batch, from 0 */
    } * mark;
    size_t mark_count, mark_cap;
    struct ndr_trouble *trouble; /* sources that could not be read, told in order */
} ndr_batch;

/* Note that source `name` is unreadable or damaged; the run goes on. Words are
 * taken from `err`. Thread: whoever holds the batch. */
NDR_API void ndr_batch_trouble(ndr_batch *b, const char *name, const ndr_error *err);

/*
 * Where messages come from. The run drives it:
 *   reader thread:  fill(batch) … until it answers 0
 *   worker threads: begin(reader, batch), then next() until 0, extend() at will
 * A message's index is its number within its batch; the run adds what earlier
 * batches of the same `stream` held. Trouble with one file is noted with
 * ndr_batch_trouble and is no failure; a negative code ends the run.
 */
typedef struct ndr_source ndr_source;
typedef struct ndr_reader ndr_reader; /* a worker's own buffers; the source defines it */
struct ndr_source {
    /* 1: the batch has work; 0: the input has ended; or an ndr_code. Thread: reader. */
    int (*fill)(ndr_source *s, ndr_batch *b, ndr_error *err);
    /* Free what `work` of a slot holds, and release all that others may wait for. Again
     * at will. Thread: whoever has the batch. */
    void (*drop)(ndr_source *s, ndr_batch *b);
    ndr_reader *(*reader_new)(ndr_source *s); /* NULL: no memory. Thread: any. */
    void (*reader_free)(ndr_source *s, ndr_reader *r);
    /* Take up a batch: 0 or an ndr_code. Thread: worker. */
    int (*begin)(ndr_source *s, ndr_reader *r, ndr_batch *b, ndr_error *err);
    /* 1 and *m; 0: no more in this batch; or an ndr_code. Thread: worker. */
    int (*next)(ndr_source *s, ndr_reader *r, ndr_message *m, ndr_error *err);
    /* Make the current message whole (up to the message limit), if it is OPEN. */
    int (*extend)(ndr_source *s, ndr_reader *r, ndr_message *m, ndr_error *err);
    /* Ask a fill that waits for input to answer 0 soon. Thread and signal: any. */
    void (*stop)(ndr_source *s);
    void (*close)(ndr_source *s);
};

/* Where verdicts go. */
typedef struct ndr_sink ndr_sink;
struct ndr_sink {
    /*
     * Append one record to b->out. Where the message's number in its source
     * belongs, call ndr_batch_mark instead of writing it. Pure but for the
     * batch. Thread: worker. 0 or an ndr_code.
     */
    int (*render)(const ndr_sink *s, ndr_batch *b, const ndr_message *m,
                  const ndr_verdict *v, ndr_error *err);
    /* Write a batch's records out whole. Thread: emitter, in order. `base` is
     * what to add to each mark's index. 0 or an ndr_code (EPIPE as NDR_E_SYS). */
    int (*commit)(ndr_sink *s, const ndr_batch *b, uint64_t base, ndr_error *err);
    /* Flush and end; frees s whatever it answers. */
    int (*close)(ndr_sink *s, ndr_error *err);
};

/* "The number of message `index` belongs here." */
NDR_API void ndr_batch_mark(ndr_batch *b, uint64_t index);

/* ---- a run ------------------------------------------------------------- */

enum ndr_emit { NDR_EMIT_BOUNCES, NDR_EMIT_JUNK, NDR_EMIT_ALL, NDR_EMIT_SUSPECTS };

/* One row of the tally: bounces to a domain. */
typedef struct ndr_domain_count {
    char domain[256]; /* NUL-terminated; "" collects those without a domain */
    uint64_t bounces, junk;
} ndr_domain_count;

/* What was seen. Counts are of messages unless their name says otherwise. */
typedef struct ndr_stats {
    uint64_t messages, bytes, bounces, junk;
    uint64_t suspects; /* none of the bounces: NDR_MSG_SUSPECT */
    uint64_t by_kind[NDR_KIND_COUNT];
    uint64_t *junk_by_window; /* one per window row; NULL without windows */
    ndr_domain_count *domain; /* most bounces first; domains beyond the table's limit
                                 are in `other_domains` */
    size_t domain_count;
    uint64_t other_domains;  /* bounces to domains that found no room */
    uint64_t sources_failed; /* unreadable or damaged, each told through `trouble` */
    uint64_t truncated;      /* messages larger than a limit */
} ndr_stats;

/* Frees what *st points to, not st. */
NDR_API void ndr_stats_clear(ndr_stats *st);

typedef struct ndr_run_opts {
    ndr_scan_opts scan;
    unsigned threads; /* workers; 1 runs everything inline on the caller's thread */
    unsigned cpus;    /* so many workers are at it, and all `threads` of them only while
                         reading makes them wait; 0: always all */
    enum ndr_emit emit;
    /* Told in input order, on the caller's thread. May be NULL. */
    void (*trouble)(void *ctx, const char *source, const char *text);
    /* Called after each batch with the counts so far. May be NULL. */
    void (*progress)(void *ctx, const ndr_stats *so_far);
    /*
     * Shown each message behind its scan, reported or not, while the scanner still
     * holds it. `worker` counts from 0 to threads - 1. 0, or an ndr_code that
     * ends the run. May be NULL. Thread: that worker's.
     */
    int (*look)(void *ctx, unsigned worker, ndr_scanner *s, const ndr_message *m,
                const ndr_verdict *v, ndr_error *err);
    void *ctx;
    /* Becomes true to stop: input taken up already is finished and written. */
    const atomic_bool *stop;
} ndr_run_opts;

/*
 * Scan everything `in` gives and hand the verdicts to `out`, in input order,
 * the same bytes for any number of threads. Returns 0, NDR_E_STOPPED, or the
 * first failure; *ret is filled in every case and is the caller's to clear.
 * Neither port is closed. Thread: the caller's becomes the emitter.
 */
NDR_API int ndr_run(const ndr_run_opts *opts, ndr_source *in, ndr_sink *out,
                    ndr_stats *ret, ndr_error *err);

#endif
