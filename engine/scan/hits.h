/* SPDX-License-Identifier: BSD-3-Clause */
/* hits.h - which signals hit, and which rules does that leave? */
#ifndef NDR_HITS_H
#define NDR_HITS_H

#include "match/line_cache.h"
#include "match/ruleset.h"
#include "ndrscan.h"

/* A canonical line: [begin, end) of the buffer, LF behind it. */
typedef struct ndr_span {
    size_t begin, end;
    uint32_t target;
} ndr_span;

/* What was hit in one message. Thread: one at a time. */
typedef struct ndr_hits {
    const ndr_ruleset *rules;
    hs_scratch_t *scratch;
    ndr_line_cache *line_cache; /* lines that were scanned before, of any message */
    ndr_trace_fn *trace;        /* NULL: nobody is told */
    void *trace_ctx;

    /* of the message at hand */
    ndr_span *span; /* of the lines of the area that is scanned, ascending */
    size_t span_count, span_cap;
    uint8_t *is_hit; /* one a signal */
    uint32_t *hit;   /* the signals hit, in order */
    size_t hit_count, spread;
    uint8_t *is_touched; /* one a rule: a signal of its all or any was hit */
    uint32_t *touched;
    size_t touched_count;
    bool candidate;     /* a `candidates` signal was hit, or a rule is open */
    bool asked;         /* by a `candidates` signal */
    unsigned signs;     /* enum ndr_sign, of `candidates` signals */
    ndr_buffer unknown; /* scratch: lines that are not met again and again */
} ndr_hits;

/* 0, or NDR_E_NOMEM. `rules` is borrowed until ndr_hits_end. */
int ndr_hits_begin(ndr_hits *h, const ndr_ruleset *rules, ndr_error *err);
void ndr_hits_end(ndr_hits *h);
/* Forget the message; the lines that were met stay known. */
void ndr_hits_clear(ndr_hits *h);

/* Say that lines[begin..end) are `target`'s, in ascending order; false: no memory. */
bool ndr_hits_span(ndr_hits *h, size_t begin, size_t end, uint32_t target);
/* Fold and scan the canonical text of one area; what is hit is noted. */
int ndr_hits_scan(ndr_hits *h, enum ndr_area area, ndr_buffer *b, ndr_error *err);
/* Hit what is told by a field being there or not; `lines` is what the spans are of. */
void ndr_hits_presence(ndr_hits *h, ndr_slice lines);
/* Touch the rules that name what was hit since the last call. */
void ndr_hits_spread(ndr_hits *h);

/* After the header: could this rule still match? */
bool ndr_hits_open(const ndr_hits *h, uint32_t rule);
/* Before the text: has a rule matched that no text can outrank or undo? */
bool ndr_hits_settled(const ndr_hits *h);
/* Does the rule match by what was hit so far? */
bool ndr_hits_matched(const ndr_hits *h, uint32_t rule);
/* The rule that is named by what was hit so far, or NULL; with `none_asks` those that ask
 * for a mail system's word are passed over. */
const ndr_rule *ndr_hits_rule(const ndr_hits *h, bool none_asks);

/*
 * Is one of the text signals in all or any of `rule` found in `text`, which is canonical
 * and folded? Of all rules that ask who says it, when `rule` is NULL. Nothing is noted as
 * hit. 1, 0, or below 0 with *err.
 */
int ndr_hits_within(ndr_hits *h, const ndr_rule *rule, ndr_slice text, ndr_error *err);

#endif
