/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * hits.c - which signals hit, and which rules does that leave?
 *
 * A signal is a bit, a rule a test on bits. Only rules that a hit names are looked at.
 */
#include "hits.h"

#include "facts/suspect.h"
#include "match/fold.h"

#include <stdlib.h>
#include <string.h>

bool
ndr_hits_span(ndr_hits *h, size_t begin, size_t end, uint32_t target)
{
    if (h->span_count == h->span_cap) {
        const size_t cap = h->span_cap == 0 ? 64 : 2 * h->span_cap;
        ndr_span *span = realloc(h->span, cap * sizeof *span);
        if (span == NULL)
            return false;
        h->span = span;
        h->span_cap = cap;
    }
    h->span[h->span_count++] = (ndr_span){begin, end, target};
    return true;
}

int
ndr_hits_begin(ndr_hits *h, const ndr_ruleset *rules, ndr_error *err)
{
    *h = (ndr_hits){.rules = rules};
    h->is_hit = calloc(rules->signal_count + 1, sizeof *h->is_hit);
    h->hit = calloc(rules->signal_count + 1, sizeof *h->hit);
    h->is_touched = calloc(rules->rule_count + 1, sizeof *h->is_touched);
    h->touched = calloc(rules->rule_count + 1, sizeof *h->touched);
    h->line_cache = ndr_line_cache_new();
    if (h->line_cache != NULL && h->is_hit != NULL && h->hit != NULL &&
        h->is_touched != NULL && h->touched != NULL &&
        (rules->scratch == NULL ||
         hs_clone_scratch(rules->scratch, &h->scratch) == HS_SUCCESS))
        return 0;
    ndr_hits_end(h);
    return ndr_fail(err, NDR_E_NOMEM, "no memory for a scanner");
}

void
ndr_hits_end(ndr_hits *h)
{
    (void)hs_free_scratch(h->scratch);
    ndr_line_cache_free(h->line_cache);
    ndr_buffer_free(&h->unknown);
    free(h->span);
    free(h->is_hit);
    free(h->hit);
    free(h->is_touched);
    free(h->touched);
    *h = (ndr_hits){0};
}

void
ndr_hits_clear(ndr_hits *h)
{
    for (size_t i = 0; i < h->hit_count; i++)
        h->is_hit[h->hit[i]] = 0;
    for (size_t i = 0; i < h->touched_count; i++)
        h->is_touched[h->touched[i]] = 0;
    h->hit_count = h->spread = h->touched_count = h->span_count = 0;
    h->candidate = h->asked = false;
    h->signs = 0;
    ndr_buffer_clear(&h->unknown);
}

static void
tell_hit(const ndr_hits *h, uint32_t row, size_t end, ndr_slice lines)
{
    size_t from = end > 0 ? end - 1 : 0, to = from;
    while (from > 0 && lines.ptr[from - 1] != '\n')
        from--;
    while (to < lines.len && lines.ptr[to] != '\n')
        to++;
    h->trace(h->trace_ctx, &(ndr_step){.signal = (int)row,
                                       .offset = end,
                                       .line = {lines.ptr + from, to - from},
                                       .line_end = end - from});
}

static void
add_hit(ndr_hits *h, uint32_t row)
{
    h->is_hit[row] = 1;
    h->hit[h->hit_count++] = row;
}

/* ---- scanning ---- */

typedef struct hs_ctx {
    ndr_hits *h;
    ndr_known *row; /* to be filled, or NULL */
    bool spilled;   /* `row` had no room for all */
    size_t at;      /* of what is scanned, in `lines` */
    ndr_slice lines;
} hs_ctx;

static int
on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
         void *arg)
{
    hs_ctx *c = arg;
    ndr_hits *h = c->h;
    (void)from;
    (void)flags;
    if (c->row != NULL && c->row->count < NDR_LINE_CACHE_HITS)
        c->row->hit[c->row->count++] = id;
    else
        c->spilled = true;
    if (h->is_hit[id])
        return 0;
    add_hit(h, id);
    if (h->trace != NULL)
        tell_hit(h, id, c->at + (size_t)to, c->lines);
    return 0;
}

static int
scan(const ndr_matcher *m, ndr_slice text, hs_ctx *c, ndr_error *err)
{
    const unsigned n = text.len > UINT32_MAX ? UINT32_MAX : (unsigned)text.len;
    const hs_error_t rc =
        hs_scan(m->db, (const char *)text.ptr, n, 0, c->h->scratch, on_match, c);
    return rc == HS_SUCCESS ? 0 : ndr_fail(err, NDR_E_LIMIT, "Hyperscan answers %d", rc);
}

/* What a line hits, from memory or by a scan of its own; 0 when neither may be. */
static int
scan_line(ndr_hits *h, uint32_t matcher, ndr_slice line, ndr_error *err)
{
    ndr_known *row;
    const enum ndr_line_cache_state state =
        ndr_line_cache_find(h->line_cache, matcher, line, &row);
    if (state == NDR_LINE_CACHE_NEW)
        return 0;
    if (state == NDR_LINE_CACHE_KNOWN) {
        for (unsigned i = 0; i < row->count; i++)
            if (!h->is_hit[row->hit[i]])
                add_hit(h, row->hit[i]);
        return 1;
    }
    hs_ctx c = {.h = h, .row = row};
    const int rc = scan(&h->rules->matcher[matcher], line, &c, err);
    if (rc == 0 && !c.spilled)
        ndr_line_cache_keep(row, line);
    return rc < 0 ? rc : 1;
}

/* Scan lines one by one; those that are not met again and again, together. */
static int
scan_apart(ndr_hits *h, uint32_t matcher, ndr_slice text, ndr_error *err)
{
    ndr_buffer_rewind(&h->unknown);
    while (text.len > 0) {
        const unsigned char *lf = memchr(text.ptr, '\n', text.len);
        const size_t n = lf == NULL ? text.len : (size_t)(lf - text.ptr);
        const size_t used = n + (lf != NULL);
        const int rc = scan_line(h, matcher, (ndr_slice){text.ptr, n}, err);
        if (rc < 0)
            return rc;
        if (rc == 0 && n > 0)
            ndr_buffer_add(&h->unknown, (ndr_slice){text.ptr, used});
        text = (ndr_slice){text.ptr + used, text.len - used};
    }
    if (h->unknown.failed)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a message");
    hs_ctx c = {.h = h};
    return h->unknown.len == 0
               ? 0
               : scan(&h->rules->matcher[matcher],
                      (ndr_slice){h->unknown.ptr, h->unknown.len}, &c, err);
}

/* Scan b[begin..end), whole lines of `matcher`; a field's value is one. */
static int
scan_range(ndr_hits *h, uint32_t matcher, const ndr_buffer *b, size_t begin, size_t end,
           bool one, ndr_error *err)
{
    const ndr_matcher *m = &h->rules->matcher[matcher];
    const ndr_slice text = {b->ptr + begin, end - begin};
    if (m->db == NULL || text.len == 0)
        return 0;
    if (h->trace == NULL && !one && m->one_line)
        return scan_apart(h, matcher, text, err);
    if (h->trace == NULL && one) {
        const int rc = scan_line(h, matcher, text, err);
        if (rc != 0)
            return rc < 0 ? rc : 0;
    }
    hs_ctx c = {.h = h, .at = begin, .lines = {b->ptr, b->len}};
    return scan(m, text, &c, err);
}

int
ndr_hits_scan(ndr_hits *h, enum ndr_area area, ndr_buffer *b, ndr_error *err)
{
    if (b->failed)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a message");
    if (b->len == 0)
        return 0;
    const uint32_t late = (uint32_t)h->rules->target_count;
    ndr_fold(b->ptr, b->len);
    if (area >= NDR_AREA_TEXT)
        return scan_range(h, area == NDR_AREA_LATE ? late : NDR_TARGET_TEXT, b, 0, b->len,
                          false, err);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < h->span_count; i++)
        rc = scan_range(h, h->span[i].target, b, h->span[i].begin, h->span[i].end,
                        area == NDR_AREA_HEADER, err);
    return rc;
}

typedef struct within_ctx {
    const ndr_ruleset *rules;
    const ndr_rule *rule; /* NULL: any */
    bool found;
} within_ctx;

static int
on_match_within(unsigned id, unsigned long long from, unsigned long long to,
                unsigned flags, void *arg)
{
    within_ctx *c = arg;
    (void)from;
    (void)to;
    (void)flags;
    const ndr_ruleset *rs = c->rules;
    const uint32_t n = c->rule != NULL ? c->rule->all_count + c->rule->any_count : 0;
    for (uint32_t i = 0; i < n && !c->found; i++)
        c->found = c->rule->signal[i] == id;
    const ndr_signal *sig = &rs->signal[id];
    for (uint32_t u = 0; c->rule == NULL && u < sig->use_count && !c->found; u++)
        c->found = rs->rule[rs->use[sig->use_at + u]].asks_sender;
    return c->found ? 1 : 0; /* 1 ends the scan */
}

int
ndr_hits_within(ndr_hits *h, const ndr_rule *rule, ndr_slice text, ndr_error *err)
{
    const ndr_ruleset *rs = h->rules;
    bool asks[2] = {rule == NULL, rule == NULL}; /* of text, of late text */
    for (uint32_t i = 0; rule != NULL && i < rule->all_count + rule->any_count; i++) {
        const ndr_signal *sig = &rs->signal[rule->signal[i]];
        if (sig->area >= NDR_AREA_TEXT)
            asks[sig->area - NDR_AREA_TEXT] = true;
    }
    within_ctx c = {.rules = rs, .rule = rule};
    for (int i = 0; i < 2 && !c.found && text.len > 0; i++) {
        const ndr_matcher *m =
            &rs->matcher[i == 0 ? NDR_TARGET_TEXT : (uint32_t)rs->target_count];
        if (!asks[i] || m->db == NULL)
            continue;
        const unsigned n = text.len > UINT32_MAX ? UINT32_MAX : (unsigned)text.len;
        const hs_error_t rc =
            hs_scan(m->db, (const char *)text.ptr, n, 0, h->scratch, on_match_within, &c);
        if (rc != HS_SUCCESS && rc != HS_SCAN_TERMINATED)
            return ndr_fail(err, NDR_E_LIMIT, "Hyperscan answers %d", rc);
    }
    return c.found ? 1 : 0;
}

/* Hit what is told by a field being there or not. */
void
ndr_hits_presence(ndr_hits *h, ndr_slice lines)
{
    for (size_t k = 0; k < h->span_count; k++) {
        const uint32_t row = h->rules->present[h->span[k].target];
        if (row == 0 || h->is_hit[row - 1])
            continue;
        add_hit(h, row - 1);
        if (h->trace != NULL)
            tell_hit(h, row - 1, h->span[k].end, lines);
    }
    for (size_t i = 0; i < h->rules->absent_count; i++) {
        const uint32_t row = h->rules->absent[i];
        bool there = false;
        for (size_t k = 0; k < h->span_count && !there; k++)
            there = h->span[k].target == h->rules->signal[row].target_id;
        if (there)
            continue;
        add_hit(h, row);
        if (h->trace != NULL)
            h->trace(h->trace_ctx, &(ndr_step){.signal = (int)row});
    }
}

/* Touch the rules that name what was hit since the last call. */
void
ndr_hits_spread(ndr_hits *h)
{
    const ndr_ruleset *rs = h->rules;
    for (; h->spread < h->hit_count; h->spread++) {
        const ndr_signal *sig = &rs->signal[h->hit[h->spread]];
        if (sig->candidate) {
            h->candidate = h->asked = true;
            if (sig->how != NDR_HOW_ABSENT)
                h->signs |= ndr_sign_of_target(sig->target);
        }
        for (uint32_t u = 0; u < sig->use_count; u++) {
            const uint32_t rule = rs->use[sig->use_at + u];
            if (!h->is_touched[rule]) {
                h->is_touched[rule] = 1;
                h->touched[h->touched_count++] = rule;
            }
        }
    }
}

/* Does the rule match, if signals in `unknown` and the areas behind it may yet hit? */
static bool
may_match(const ndr_hits *h, uint32_t rule, enum ndr_area unknown)
{
    const ndr_rule *r = &h->rules->rule[rule];
    const uint32_t *sig = r->signal;
    for (uint32_t i = 0; i < r->all_count; i++, sig++)
        if (!h->is_hit[*sig] && h->rules->signal[*sig].area < unknown)
            return false;
    bool any = r->any_count == 0;
    for (uint32_t i = 0; i < r->any_count; i++, sig++)
        any = any || h->is_hit[*sig] || h->rules->signal[*sig].area >= unknown;
    for (uint32_t i = 0; any && i < r->none_count; i++, sig++)
        any = !h->is_hit[*sig];
    return any;
}

bool
ndr_hits_open(const ndr_hits *h, uint32_t rule)
{
    return may_match(h, rule, NDR_AREA_HEADER + 1);
}

static bool
is_matched(const ndr_hits *h, uint32_t rule)
{
    return may_match(h, rule, NDR_AREA_COUNT);
}

bool
ndr_hits_matched(const ndr_hits *h, uint32_t rule)
{
    return h->candidate && is_matched(h, rule);
}

const ndr_rule *
ndr_hits_rule(const ndr_hits *h, bool none_asks)
{
    uint32_t best = UINT32_MAX;
    for (size_t i = 0; i < h->touched_count; i++) {
        const uint32_t rule = h->touched[i];
        if ((best == UINT32_MAX ||
             h->rules->plan[rule].place < h->rules->plan[best].place) &&
            !(none_asks && h->rules->rule[rule].asks_sender) && is_matched(h, rule))
            best = rule;
    }
    return best == UINT32_MAX ? NULL : &h->rules->rule[best];
}

/* Of the rules that hold while text is unknown, the first in order; UINT32_MAX: none. */
static uint32_t
first_open(const ndr_hits *h)
{
    const ndr_ruleset *rs = h->rules;
    uint32_t first = UINT32_MAX;
    for (size_t i = 0; i < h->touched_count; i++) {
        const uint32_t rule = h->touched[i];
        if ((first == UINT32_MAX || rs->plan[rule].place < rs->plan[first].place) &&
            may_match(h, rule, NDR_AREA_TEXT))
            first = rule;
    }
    /* those that text alone may bring, in order */
    for (size_t i = 0; i < rs->by_text_count; i++) {
        const uint32_t rule = rs->by_text[i];
        if (first != UINT32_MAX && rs->plan[rule].place >= rs->plan[first].place)
            break;
        if (!h->is_touched[rule] && may_match(h, rule, NDR_AREA_TEXT))
            return rule;
    }
    return first;
}

/* Has a rule matched that no text can outrank or undo? */
bool
ndr_hits_settled(const ndr_hits *h)
{
    const uint32_t rule = first_open(h);
    if (rule == UINT32_MAX)
        return false;
    const ndr_rule *r = &h->rules->rule[rule];
    const uint32_t *none = r->signal + r->all_count + r->any_count;
    for (uint32_t i = 0; i < r->none_count; i++)
        if (h->rules->signal[none[i]].area >= NDR_AREA_TEXT)
            return false;
    return is_matched(h, rule);
}
