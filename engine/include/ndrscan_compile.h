/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ndrscan_compile.h - rules in, a ruleset out.
 *
 *   builder -> ruleset (immutable)
 *
 * Most callers load the rules that operators write instead: ndrscan_rules.h.
 */
#ifndef NDRSCAN_COMPILE_H
#define NDRSCAN_COMPILE_H

#include "ndrscan_common.h"

#ifdef __cplusplus
extern "C" {
#endif

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

/* Does a rule count whoever says it, or only when a mail system does? */
enum ndr_sender_ask {
    NDR_ASK_BY_KIND, /* as ndr_builder_ask says of rules of its kind and rank */
    NDR_ASK_SYSTEM,  /* a mail system's word is asked for */
    NDR_ASK_NOBODY,  /* it counts whoever says it */
};

/* One rule as it was written. The builder copies what it keeps. */
typedef struct ndr_rule_spec {
    size_t size;        /* NDR_SIZED(ndr_rule_spec) */
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
/* Compile for what every CPU of this kind can, so that the blob serves on all of them. */
NDR_API void ndr_builder_any_cpu(ndr_builder *b);
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
typedef struct ndr_blob_owner {
    ndr_slice bytes;
    void (*give_back)(ndr_slice bytes);
} ndr_blob_owner;

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
NDR_API int ndr_ruleset_load(ndr_slice blob, const ndr_blob_owner *home,
                             ndr_ruleset **ret, ndr_error *err);
/*
 * What a compiled ruleset depends on besides its rules: this library's blob
 * version, Hyperscan's version and the CPU features, as one line. Static. Of one for any
 * CPU, that it is for any.
 */
NDR_API const char *ndr_platform(void);
NDR_API const char *ndr_platform_any_cpu(void);

#ifdef __cplusplus
}
#endif

#endif
