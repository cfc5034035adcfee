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
ndr_hits_span(ndr_scanner *s, size_t begin, size_t end, uint32_t target)
{
    if (s->span_count == s->span_cap) {
        const size_t cap = s->span_cap == 0 ? 64 : 2 * s->span_cap;
        ndr_span *span = realloc(s->span, cap * sizeof *span);
        if (span == NULL)
            return false;
        s->span = span;
        s->span_cap = cap;
    }
    s->span[s->span_count++] = (ndr_span){begin, end, target};
    return true;
}

static void
tell_hit(const ndr_scanner *s, uint32_t row, size_t end, ndr_slice lines)
{
    size_t from = end > 0 ? end - 1 : 0, to = from;
    while (from > 0 && lines.ptr[from - 1] != '\n')
        from--;
    while (to < lines.len && lines.ptr[to] != '\n')
        to++;
    s->trace(s->trace_ctx, &(ndr_step){.signal = (int)row,
                                       .offset = end,
                                       .line = {lines.ptr + from, to - from},
                                       .line_end = end - from});
}

void
ndr_scanner_say(const ndr_scanner *s, const char *text)
{
    if (s->trace != NULL)
        s->trace(s->trace_ctx, &(ndr_step){.signal = -1, .text = text});
}

static void
add_hit(ndr_scanner *s, uint32_t row)
{
    s->is_hit[row] = 1;
    s->hit[s->hit_count++] = row;
}

/* ---- scanning ---- */

typedef struct hs_ctx {
    ndr_scanner *s;
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
    ndr_scanner *s = c->s;
    (void)from;
    (void)flags;
    if (c->row != NULL && c->row->count < NDR_LINE_CACHE_HITS)
        c->row->hit[c->row->count++] = id;
    else
        c->spilled = true;
    if (s->is_hit[id])
        return 0;
    add_hit(s, id);
    if (s->trace != NULL)
        tell_hit(s, id, c->at + (size_t)to, c->lines);
    return 0;
}

static int
scan(const ndr_matcher *m, ndr_slice text, hs_ctx *c, ndr_error *err)
{
    const unsigned n = text.len > UINT32_MAX ? UINT32_MAX : (unsigned)text.len;
    const hs_error_t rc =
        hs_scan(m->db, (const char *)text.ptr, n, 0, c->s->scratch, on_match, c);
    return rc == HS_SUCCESS ? 0 : ndr_fail(err, NDR_E_LIMIT, "Hyperscan answers %d", rc);
}

/* What a line hits, from memory or by a scan of its own; 0 when neither may be. */
static int
scan_line(ndr_scanner *s, uint32_t matcher, ndr_slice line, ndr_error *err)
{
    ndr_known *row;
    const enum ndr_line_cache_state state =
        ndr_line_cache_find(s->line_cache, matcher, line, &row);
    if (state == NDR_LINE_CACHE_NEW)
        return 0;
    if (state == NDR_LINE_CACHE_KNOWN) {
        for (unsigned i = 0; i < row->count; i++)
            if (!s->is_hit[row->hit[i]])
                add_hit(s, row->hit[i]);
        return 1;
    }
    hs_ctx c = {.s = s, .row = row};
    const int rc = scan(&s->rules->matcher[matcher], line, &c, err);
    if (rc == 0 && !c.spilled)
        ndr_line_cache_keep(row, line);
    return rc < 0 ? rc : 1;
}

/* Scan lines one by one; those that are not met again and again, together. */
static int
scan_apart(ndr_scanner *s, uint32_t matcher, ndr_slice text, ndr_error *err)
{
    ndr_buffer_rewind(&s->unknown);
    while (text.len > 0) {
        const unsigned char *lf = memchr(text.ptr, '\n', text.len);
        const size_t n = lf == NULL ? text.len : (size_t)(lf - text.ptr);
        const size_t used = n + (lf != NULL);
        const int rc = scan_line(s, matcher, (ndr_slice){text.ptr, n}, err);
        if (rc < 0)
            return rc;
        if (rc == 0 && n > 0)
            ndr_buffer_add(&s->unknown, (ndr_slice){text.ptr, used});
        text = (ndr_slice){text.ptr + used, text.len - used};
    }
    if (s->unknown.failed)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a message");
    hs_ctx c = {.s = s};
    return s->unknown.len == 0
               ? 0
               : scan(&s->rules->matcher[matcher],
                      (ndr_slice){s->unknown.ptr, s->unknown.len}, &c, err);
}

/* Scan b[begin..end), whole lines of `matcher`; a field's value is one. */
static int
scan_range(ndr_scanner *s, uint32_t matcher, const ndr_buffer *b, size_t begin,
           size_t end, bool one, ndr_error *err)
{
    const ndr_matcher *m = &s->rules->matcher[matcher];
    const ndr_slice text = {b->ptr + begin, end - begin};
    if (m->db == NULL || text.len == 0)
        return 0;
    if (s->trace == NULL && !one && m->one_line)
        return scan_apart(s, matcher, text, err);
    if (s->trace == NULL && one) {
        const int rc = scan_line(s, matcher, text, err);
        if (rc != 0)
            return rc < 0 ? rc : 0;
    }
    hs_ctx c = {.s = s, .at = begin, .lines = {b->ptr, b->len}};
    return scan(m, text, &c, err);
}

int
ndr_hits_scan(ndr_scanner *s, enum ndr_area area, ndr_buffer *b, ndr_error *err)
{
    if (b->failed)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a message");
    if (b->len == 0)
        return 0;
    const uint32_t late = (uint32_t)s->rules->target_count;
    ndr_fold(b->ptr, b->len);
    if (area >= NDR_AREA_TEXT)
        return scan_range(s, area == NDR_AREA_LATE ? late : NDR_TARGET_TEXT, b, 0, b->len,
                          false, err);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < s->span_count; i++)
        rc = scan_range(s, s->span[i].target, b, s->span[i].begin, s->span[i].end,
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
ndr_hits_within(ndr_scanner *s, const ndr_rule *rule, ndr_slice text, ndr_error *err)
{
    const ndr_ruleset *rs = s->rules;
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
            hs_scan(m->db, (const char *)text.ptr, n, 0, s->scratch, on_match_within, &c);
        if (rc != HS_SUCCESS && rc != HS_SCAN_TERMINATED)
            return ndr_fail(err, NDR_E_LIMIT, "Hyperscan answers %d", rc);
    }
    return c.found ? 1 : 0;
}

/* Hit what is told by a field being there or not. */
void
ndr_hits_presence(ndr_scanner *s)
{
    for (size_t k = 0; k < s->span_count; k++) {
        const uint32_t row = s->rules->present[s->span[k].target];
        if (row == 0 || s->is_hit[row - 1])
            continue;
        add_hit(s, row - 1);
        if (s->trace != NULL)
            tell_hit(s, row - 1, s->span[k].end, (ndr_slice){s->lines.ptr, s->lines.len});
    }
    for (size_t i = 0; i < s->rules->absent_count; i++) {
        const uint32_t row = s->rules->absent[i];
        bool there = false;
        for (size_t k = 0; k < s->span_count && !there; k++)
            there = s->span[k].target == s->rules->signal[row].target_id;
        if (there)
            continue;
        add_hit(s, row);
        if (s->trace != NULL)
            s->trace(s->trace_ctx, &(ndr_step){.signal = (int)row});
    }
}

/* Touch the rules that name what was hit since the last call. */
void
ndr_hits_spread(ndr_scanner *s)
{
    const ndr_ruleset *rs = s->rules;
    for (; s->hits_spread < s->hit_count; s->hits_spread++) {
        const ndr_signal *sig = &rs->signal[s->hit[s->hits_spread]];
        if (sig->candidate) {
            s->candidate = s->asked = true;
            if (sig->how != NDR_HOW_ABSENT)
                s->signs |= ndr_sign_of_target(sig->target);
        }
        for (uint32_t u = 0; u < sig->use_count; u++) {
            const uint32_t rule = rs->use[sig->use_at + u];
            if (!s->is_touched[rule]) {
                s->is_touched[rule] = 1;
                s->touched[s->touched_count++] = rule;
            }
        }
    }
}

/* Does the rule match, if signals in `unknown` and the areas behind it may yet hit? */
static bool
may_match(const ndr_scanner *s, uint32_t rule, enum ndr_area unknown)
{
    const ndr_rule *r = &s->rules->rule[rule];
    const uint32_t *sig = r->signal;
    for (uint32_t i = 0; i < r->all_count; i++, sig++)
        if (!s->is_hit[*sig] && s->rules->signal[*sig].area < unknown)
            return false;
    bool any = r->any_count == 0;
    for (uint32_t i = 0; i < r->any_count; i++, sig++)
        any = any || s->is_hit[*sig] || s->rules->signal[*sig].area >= unknown;
    for (uint32_t i = 0; any && i < r->none_count; i++, sig++)
        any = !s->is_hit[*sig];
    return any;
}

bool
ndr_hits_open(const ndr_scanner *s, uint32_t rule)
{
    return may_match(s, rule, NDR_AREA_HEADER + 1);
}

static bool
is_matched(const ndr_scanner *s, uint32_t rule)
{
    return may_match(s, rule, NDR_AREA_COUNT);
}

bool
ndr_scan_matched(const ndr_scanner *s, size_t i)
{
    return s->candidate && is_matched(s, (uint32_t)i);
}

const ndr_rule *
ndr_hits_rule(const ndr_scanner *s)
{
    uint32_t best = UINT32_MAX;
    for (size_t i = 0; i < s->touched_count; i++) {
        const uint32_t rule = s->touched[i];
        if ((best == UINT32_MAX ||
             s->rules->plan[rule].place < s->rules->plan[best].place) &&
            !(s->not_system && s->rules->rule[rule].asks_sender) && is_matched(s, rule))
            best = rule;
    }
    return best == UINT32_MAX ? NULL : &s->rules->rule[best];
}

/* Of the rules that hold while text is unknown, the first in order; UINT32_MAX: none. */
static uint32_t
first_open(const ndr_scanner *s)
{
    const ndr_ruleset *rs = s->rules;
    uint32_t first = UINT32_MAX;
    for (size_t i = 0; i < s->touched_count; i++) {
        const uint32_t rule = s->touched[i];
        if ((first == UINT32_MAX || rs->plan[rule].place < rs->plan[first].place) &&
            may_match(s, rule, NDR_AREA_TEXT))
            first = rule;
    }
    /* those that text alone may bring, in order */
    for (size_t i = 0; i < rs->by_text_count; i++) {
        const uint32_t rule = rs->by_text[i];
        if (first != UINT32_MAX && rs->plan[rule].place >= rs->plan[first].place)
            break;
        if (!s->is_touched[rule] && may_match(s, rule, NDR_AREA_TEXT))
            return rule;
    }
    return first;
}

/* Has a rule matched that no text can outrank or undo? */
bool
ndr_hits_settled(const ndr_scanner *s)
{
    if (s->opts.try_all || !s->has_returned)
        return false;
    const uint32_t rule = first_open(s);
    if (rule == UINT32_MAX)
        return false;
    const ndr_rule *r = &s->rules->rule[rule];
    const uint32_t *none = r->signal + r->all_count + r->any_count;
    for (uint32_t i = 0; i < r->none_count; i++)
        if (s->rules->signal[none[i]].area >= NDR_AREA_TEXT)
            return false;
    return is_matched(s, rule);
}
