/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ndrscan_common.h - bytes, errors, words and times: what all the other headers speak of.
 *
 * The library never prints and never exits: functions return 0 (or what they say) or an
 * ndr_code below zero, with the words in a caller-owned ndr_error.
 */
#ifndef NDRSCAN_COMMON_H
#define NDRSCAN_COMMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Exported: stands in libndrscan.map, too. */
#define NDR_API          __attribute__((visibility("default")))
#define NDR_PRINTF(f, a) __attribute__((format(printf, f, a)))

/* ---- bytes ------------------------------------------------------------- */

/* A borrowed run of bytes: never NUL-terminated, never freed by its holder.
 * ptr may be NULL when len is 0. */
typedef struct ndr_slice {
    const unsigned char *ptr;
    size_t len;
} ndr_slice;

#ifdef __cplusplus
#define NDR_SLICE(lit) (ndr_slice{(const unsigned char *)(lit), sizeof(lit) - 1})
#else
#define NDR_SLICE(lit) ((ndr_slice){(const unsigned char *)(lit), sizeof(lit) - 1})
#endif

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
/* Is it a name below `parent`, both in that form, and not that itself? Pure. */
NDR_API bool ndr_domain_is_below(ndr_slice domain, ndr_slice parent);

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
/* Its bytes, until it changes. */
static inline ndr_slice
ndr_buffer_slice(const ndr_buffer *b)
{
    ndr_slice s = {b->ptr, b->len};
    return s;
}
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
    NDR_E_INVAL = -7,   /* the calling program's mistake: options without their size */
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

/* ---- options ------------------------------------------------------------ */

/*
 * What a program sets goes in structs that begin with their size, so that later versions
 * can add fields: ndr_scan_opts o = {NDR_SIZED(ndr_scan_opts), .rules = rules}; all zero
 * but the size is a default where nothing else is said. Functions answer NDR_E_INVAL for
 * a size that is less than any version had, and for a set field that is newer than they.
 */
#define NDR_SIZED(type) .size = sizeof(type)

/* ---- stopping ----------------------------------------------------------- */

/* What asks work to end before its time. All zero: nobody has asked. Lives as long as the
 * work that was given it. */
typedef struct ndr_stop {
    int asked; /* see ndr_stop_asked */
} ndr_stop;

/* Ask. Thread and signal handler: any. */
static inline void
ndr_stop_ask(ndr_stop *stop)
{
    __atomic_store_n(&stop->asked, 1, __ATOMIC_RELEASE);
}

/* Whether somebody has asked; false for NULL. Thread and signal handler: any. */
static inline bool
ndr_stop_asked(const ndr_stop *stop)
{
    return stop != NULL && __atomic_load_n(&stop->asked, __ATOMIC_ACQUIRE) != 0;
}

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

#ifdef __cplusplus
}
#endif

#endif
