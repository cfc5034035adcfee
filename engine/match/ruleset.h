/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ruleset.h - how do compiled rules lie in memory?
 *
 *   builder --ndr_tables_write--> table bytes --ndr_tables_read--> ruleset
 *                                                + one database a target
 *
 * There is one way to a ruleset: through its table bytes, compiled now or
 * loaded from a cache.
 */
#ifndef NDR_RULESET_H
#define NDR_RULESET_H

#include "ndrscan.h"
#include "target.h"

#include <hs.h>

/* How a signal is told. */
enum ndr_how { NDR_HOW_MATCH, NDR_HOW_ABSENT, NDR_HOW_PRESENT, NDR_HOW_COUNT };

typedef struct ndr_signal {
    const char *target; /* the word */
    const char *match;  /* "" unless told by NDR_HOW_MATCH */
    uint32_t target_id; /* row of ndr_ruleset.target */
    uint32_t use_at;    /* its first row in `use`; it has use_count of them */
    uint32_t use_count;
    uint8_t how;    /* enum ndr_how */
    bool candidate; /* a hit makes the message a candidate */
    bool one_line;  /* see one_line.h */
    uint8_t area;   /* enum ndr_area */
} ndr_signal;

/* What the patterns of one target are looked for with. */
typedef struct ndr_matcher {
    const hs_database_t *db; /* NULL: no pattern */
    bool one_line; /* no pattern sees beyond its line: lines may be scanned apart */
} ndr_matcher;

/* Rules of this rank and below are generic: they name what no other rule does. */
enum { NDR_RANK_GENERIC = 1 };

/* What a rule needs besides its public face. */
typedef struct ndr_rule_plan {
    uint32_t place; /* among all rules by rank, then load order: lowest is named */
} ndr_rule_plan;

/* Fields whose values a decision needs. */
enum ndr_fact {
    NDR_FACT_NONE,
    NDR_FACT_MESSAGE_ID,
    NDR_FACT_DATE,
    NDR_FACT_TO,
    NDR_FACT_RECEIVED,
    NDR_FACT_DELIVERED_TO,
    NDR_FACT_X_ORIGINAL_TO,
    NDR_FACT_ENVELOPE_TO,
    NDR_FACT_X_ENVELOPE_TO,
    NDR_FACT_X_DELIVERED_TO,
    NDR_FACT_CONTENT_TYPE,
    NDR_FACT_CONTENT_TRANSFER_ENCODING,
    NDR_FACT_FROM,
    NDR_FACT_FAILED,
    NDR_FACT_CONTENT_DISPOSITION,
    NDR_FACT_JOURNAL,
    NDR_FACT_COUNT,
};

/* The bytes of a field name, all of them when there are no more than 16. */
typedef struct ndr_name_key {
    uint64_t front, back;
} ndr_name_key;

/* A field that something asks for. */
typedef struct ndr_wanted {
    ndr_slice name; /* lower case; empty: a free row */
    ndr_name_key key;
    ndr_name_key care; /* bits that must be equal: not the case of letters */
    uint32_t target;   /* row of ndr_ruleset.target plus 1; 0: no signal asks */
    enum ndr_fact fact;
} ndr_wanted;

struct ndr_ruleset {
    unsigned char *bytes; /* the table bytes: owns every string below */
    size_t bytes_len;
    ndr_rule *rule;
    ndr_rule_plan *plan;
    size_t rule_count;
    uint32_t *by_text; /* rules that text alone may bring, in the order of places */
    size_t by_text_count;
    ndr_signal *signal;
    size_t signal_count;
    uint32_t *refs;   /* the rules' signal rows */
    uint32_t *use;    /* rules that name a signal in all or any */
    uint32_t *absent; /* rows of the `absent` signals */
    size_t absent_count;
    uint32_t *present;   /* one a target: row of its `present` signal plus 1, or 0 */
    const char **target; /* words: the table of target.c, then header:NAME ones */
    size_t target_count;
    ndr_wanted *wanted; /* open addressing */
    size_t wanted_mask;
    uint32_t letter[32];   /* for (first letter & 31): which name lengths are wanted */
    ndr_matcher *matcher;  /* one a target, then the one of late text signals */
    hs_scratch_t *scratch; /* fits every database; cloned by scanners */
    bool any_cpu;          /* compiled for what every CPU of this kind can */
    bool is_loaded;        /* databases lie in `home`, else they are our own */
    ndr_blob_owner home;
};

static inline size_t
ndr_ruleset_matchers(const ndr_ruleset *rs)
{
    return rs->target_count + 1;
}

/* The row of `matcher` that looks for a signal. */
static inline uint32_t
ndr_ruleset_matcher(const ndr_ruleset *rs, const ndr_signal *s)
{
    return s->area == NDR_AREA_LATE ? (uint32_t)rs->target_count : s->target_id;
}

/* The wanted row of a field name, or NULL. */
const ndr_wanted *ndr_ruleset_wanted(const ndr_ruleset *rs, ndr_slice name);

/* The builder's rules as table bytes, appended to `out`; check out->failed. */
void ndr_tables_write(const ndr_builder *b, ndr_buffer *out);
/* A ruleset without databases from table bytes, which it takes over (malloc).
 * NDR_E_DAMAGED when they are not sound; the bytes are freed then too. */
int ndr_tables_read(unsigned char *bytes, size_t len, ndr_ruleset **ret, ndr_error *err);
/* Make the scratch for its databases. */
int ndr_ruleset_finish(ndr_ruleset *rs, ndr_error *err);

#endif
