/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * hits.c - which signals hit, and which rules does that leave?
 *
 * A signal is a bit, a rule a test on bits. Only rules that a hit names are looked at.
 */
#include "hits.h"

#include "fold.h"
#include "suspect.h"

#include <stdlib.h>

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

static const ndr_span *
span_at(const ndr_scanner *s, size_t end)
{
    size_t lo = 0, hi = s->span_count;
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (s->span[mid].end < end)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < s->span_count && end > s->span[lo].begin ? &s->span[lo] : NULL;
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

typedef struct hs_ctx {
    ndr_scanner *s;
    ndr_slice lines;
    bool spans; /* the area holds several targets */
} hs_ctx;

static int
on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
         void *arg)
{
    const hs_ctx *c = arg;
    ndr_scanner *s = c->s;
    (void)from;
    (void)flags;
    if (s->is_hit[id])
        return 0;
    if (c->spans) {
        const ndr_span *span = span_at(s, (size_t)to);
        if (span == NULL || span->target != s->rules->signal[id].target_id)
            return 0;
    }
    add_hit(s, id);
    if (s->trace != NULL)
        tell_hit(s, id, (size_t)to, c->lines);
    return 0;
}

int
ndr_hits_scan(ndr_scanner *s, enum ndr_area area, ndr_buffer *b, ndr_error *err)
{
    if (b->failed)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a message");
    const hs_database_t *db = s->rules->db[area];
    if (db == NULL || b->len == 0)
        return 0;
    ndr_fold(b->ptr, b->len);
    hs_ctx c = {s, {b->ptr, b->len}, area < NDR_AREA_TEXT};
    const unsigned n = b->len > UINT32_MAX ? UINT32_MAX : (unsigned)b->len;
    const hs_error_t rc =
        hs_scan(db, (const char *)b->ptr, n, 0, s->scratch, on_match, &c);
    return rc == HS_SUCCESS ? 0 : ndr_fail(err, NDR_E_LIMIT, "Hyperscan answers %d", rc);
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
            s->candidate = true;
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
            is_matched(s, rule))
            best = rule;
    }
    return best == UINT32_MAX ? NULL : &s->rules->rule[best];
}

/* Has a rule matched that no text can outrank or undo? */
bool
ndr_hits_settled(const ndr_scanner *s)
{
    if (s->opts.try_all || !s->has_returned)
        return false;
    for (size_t place = 0; place < s->rules->rule_count; place++) {
        const uint32_t rule = s->rules->by_place[place];
        if (!may_match(s, rule, NDR_AREA_TEXT))
            continue;
        const ndr_rule *r = &s->rules->rule[rule];
        const uint32_t *none = r->signal + r->all_count + r->any_count;
        for (uint32_t i = 0; i < r->none_count; i++)
            if (s->rules->signal[none[i]].area >= NDR_AREA_TEXT)
                return false;
        return is_matched(s, rule);
    }
    return false;
}
