/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * explain.h - what do the parts of `ndrscan explain` share?
 *
 *   cmd_explain       the verb, and the sink that scans each message once more
 *   explain_lines     how its lines lie
 *   explain_signals   which signals hit, on which lines
 *   explain_verdict   what follows from them, paragraph by paragraph
 */
#ifndef EXPLAIN_H
#define EXPLAIN_H

#include "app/setup.h"

#include <stdatomic.h>

enum { EXPLAIN_WIDTH = 80, EXPLAIN_LABEL = 18 };

/* One signal that hit. */
typedef struct explain_hit {
    uint32_t signal;
    size_t end;            /* of the hit, in the target's text */
    size_t line, line_len; /* the line, cut, in the explainer's `lines` */
    bool told;
} explain_hit;

typedef struct explainer {
    ndr_sink sink; /* first: what the run holds is this */
    const setup *setup;
    ndr_scan_opts how;
    ndr_scanner *scanner; /* owned; traces into `steps` and `hits` */
    int64_t index;        /* the only one wanted, or -1 */
    uint64_t shown;
    atomic_bool enough; /* the one that was wanted has been shown */
    /* of the message under explanation: */
    ndr_buffer lines, steps;
    explain_hit *hits; /* owned */
    size_t hit_count, hit_cap, step_count;
    bool no_memory;
} explainer;

/* "  label         words that go on in the same column"; appended. */
void explain_labelled(ndr_buffer *out, const char *label, ndr_slice words);
void explain_heading(ndr_buffer *out, const char *text);
/* One numbered step. */
void explain_add_step(explainer *e, ndr_slice words);

/* For ndr_scanner_trace; ctx is the explainer. */
void explain_on_step(void *ctx, const ndr_step *step);
/* The signals that it told of, by the line they were found in. `named`: the rule, or
 * NULL.
 */
void explain_signals(ndr_buffer *out, explainer *e, const ndr_rule *named);

/* To whom it came, what the report says, which rules match, whose mail came back, and
 * what the windows make of it: before the signals, and behind them. */
void explain_message(ndr_buffer *out, const ndr_message *m, const ndr_verdict *v);
void explain_decision(ndr_buffer *out, const explainer *e, const ndr_verdict *v);
/* The steps behind those that the scanner told. */
void explain_conclusions(explainer *e, const ndr_verdict *v);

#endif
