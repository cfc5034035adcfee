/* SPDX-License-Identifier: BSD-3-Clause */
/* explain_signals.c - which signals hit, and on which lines? */
#include "explain.h"

#include "app/text.h"

#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_BYTES = 480 };

/* ---- what the scanner tells -------------------------------------------------------- */

/* The part of a long line around byte `at`, with dots where it was cut. */
static void
add_cut(ndr_buffer *out, ndr_slice line, size_t at)
{
    size_t begin = 0, end = line.len;
    if (line.len > LINE_MAX_BYTES) {
        at = at > line.len ? line.len : at;
        begin = at > LINE_MAX_BYTES / 2 ? at - LINE_MAX_BYTES / 2 : 0;
        end = begin + LINE_MAX_BYTES < line.len ? begin + LINE_MAX_BYTES : line.len;
        /* whole characters only */
        while (begin > 0 && begin < end && (line.ptr[begin] & 0xC0) == 0x80)
            begin++;
        while (end < line.len && end > begin && (line.ptr[end] & 0xC0) == 0x80)
            end--;
    }
    ndr_buffer_text(out, begin > 0 ? "... " : "");
    ndr_buffer_add(out, (ndr_slice){line.ptr + begin, end - begin});
    ndr_buffer_text(out, end < line.len ? " ..." : "");
}

void
explain_on_step(void *ctx, const ndr_step *step)
{
    explainer *e = ctx;
    if (step->signal < 0) {
        explain_add_step(e, ndr_slice_of(step->text));
        return;
    }
    if (e->hit_count == e->hit_cap) {
        const size_t cap = e->hit_cap == 0 ? 64 : 2 * e->hit_cap;
        explain_hit *more = realloc(e->hits, cap * sizeof *more);
        e->no_memory |= more == NULL;
        if (more == NULL)
            return;
        e->hits = more;
        e->hit_cap = cap;
    }
    explain_hit *h = &e->hits[e->hit_count++];
    *h = (explain_hit){
        .signal = (uint32_t)step->signal, .end = step->offset, .line = e->lines.len};
    add_cut(&e->lines, step->line, step->line_end);
    h->line_len = e->lines.len - h->line;
}

/* ---- as it is shown ---------------------------------------------------------------- */

/* Is the signal one of this rule? */
static bool
is_of(const ndr_rule *r, uint32_t signal)
{
    const uint32_t n = r != NULL ? r->all_count + r->any_count + r->none_count : 0;
    for (uint32_t i = 0; i < n; i++)
        if (r->signal[i] == signal)
            return true;
    return false;
}

static ndr_slice
line_of(const explainer *e, const explain_hit *h)
{
    return (ndr_slice){e->lines.ptr + h->line, h->line_len};
}

/* Where the hit ends and the pattern, which takes one line when it is to be `brief`. */
static void
add_pattern(ndr_buffer *out, const explainer *e, const explain_hit *h, bool brief)
{
    const char *match = ndr_ruleset_signal_match(e->setup->ruleset, h->signal);
    if (match[0] == '\0') { /* told by the field being there or not */
        text_pad(out, 0, EXPLAIN_LABEL);
        ndr_buffer_text(out, h->line_len == 0 ? "absent or empty\n" : "present\n");
        return;
    }
    ndr_buffer words = {0};
    ndr_buffer_printf(out, "%*zu  ", EXPLAIN_LABEL - 2, h->end);
    ndr_buffer_printf(&words, "/%s/", match);
    if (brief) {
        text_cut(out, ndr_buffer_slice(&words), EXPLAIN_WIDTH - EXPLAIN_LABEL);
        ndr_buffer_byte(out, '\n');
    } else {
        text_wrap(out, ndr_buffer_slice(&words), EXPLAIN_LABEL, EXPLAIN_LABEL,
                  EXPLAIN_WIDTH);
    }
    text_end(out, &words);
}

/* Hits grouped by the line they were found in: those of the named rule, or the others. */
static void
add_hits(ndr_buffer *out, explainer *e, const ndr_rule *named, bool of_named)
{
    const ndr_ruleset *rs = e->setup->ruleset;
    for (size_t i = 0; i < e->hit_count; i++) {
        const explain_hit *h = &e->hits[i];
        if (h->told || is_of(named, h->signal) != of_named)
            continue;
        const char *target = ndr_ruleset_signal_target(rs, h->signal);
        if (h->line_len > 0)
            explain_labelled(out, target, line_of(e, h));
        else
            ndr_buffer_printf(out, "  %s\n", target);
        for (size_t k = i; k < e->hit_count; k++) {
            explain_hit *same = &e->hits[k];
            if (same->told || is_of(named, same->signal) != of_named ||
                strcmp(ndr_ruleset_signal_target(rs, same->signal), target) != 0 ||
                !ndr_slice_equal(line_of(e, same), line_of(e, h)))
                continue;
            add_pattern(out, e, same, !of_named);
            same->told = true;
        }
    }
}

void
explain_signals(ndr_buffer *out, explainer *e, const ndr_rule *named)
{
    size_t of_named = 0;
    for (size_t i = 0; i < e->hit_count; i++)
        of_named += is_of(named, e->hits[i].signal);
    if (of_named > 0) {
        explain_heading(
            out, "Signals of the rule that is named (the number: where the hit ends)");
        add_hits(out, e, named, true);
    }
    if (e->hit_count > of_named) {
        explain_heading(out,
                        of_named > 0 ? "Other signals that hit" : "Signals that hit");
        add_hits(out, e, named, false);
    }
    if (e->hit_count == 0) {
        explain_heading(out, "Signals that hit");
        ndr_buffer_text(out, "    none\n");
    }
}
