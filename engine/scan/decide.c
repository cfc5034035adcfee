/* SPDX-License-Identifier: BSD-3-Clause */
/* decide.c - see decide.h; and how is it said in a sentence? */
#include "decide.h"

#include "match/ruleset.h"
#include "prove.h"

enum ndr_kind
ndr_decide_kind(const ndr_rule *rule, const ndr_report *report)
{
    const bool unsure = rule->kind == NDR_KIND_FAILED || rule->kind == NDR_KIND_DELAYED ||
                        rule->kind == NDR_KIND_DELIVERED ||
                        rule->rank <= NDR_RANK_GENERIC;
    if (report->has_action || (unsure && report->kind != NDR_KIND_NONE))
        return report->kind;
    return rule->kind;
}

/* The class of all codes that are stated: '2', '4', '5', or 0 when they differ or there
 * is none. */
static unsigned char
class_of_codes(const ndr_report *report)
{
    unsigned char all = 0;
    for (size_t i = 0; i < report->count; i++) {
        const ndr_recipient *r = &report->recipient[i];
        const ndr_slice code = r->status.len > 0 ? r->status : r->reply;
        if (code.len == 0)
            continue;
        /* the time is over in which it was tried (RFC 3463 3.5) */
        const unsigned char c =
            ndr_slice_equal(r->status, NDR_SLICE("4.4.7")) ? '5' : code.ptr[0];
        if (all != 0 && all != c)
            return 0;
        all = c;
    }
    return all;
}

/* Does the text say that it was tried for the last time? */
static bool
gives_up(ndr_slice text)
{
    static const char *const words[] = {
        "giving up",     "given up",  "gave up",     "expired",    "too long",
        "permanent",     "no longer", "not be retr", "retry time", "timeout exceeded",
        "undeliverable", "last time", "not be tried"};
    for (size_t i = 0; i < text.len; i++)
        for (size_t k = 0; k < sizeof words / sizeof words[0]; k++) {
            const ndr_slice w = ndr_slice_of(words[k]);
            if (text.ptr[i] == w.ptr[0] && text.len - i >= w.len &&
                ndr_slice_equal((ndr_slice){text.ptr + i, w.len}, w))
                return true;
        }
    return false;
}

enum ndr_kind
ndr_decide_codes(const ndr_rule *rule, const ndr_report *report, ndr_slice text)
{
    enum { TEXT_BYTES = 16 << 10 };
    const enum ndr_kind kind = ndr_decide_kind(rule, report);
    if (kind != NDR_KIND_FAILED || report->has_action ||
        (report->from_text && rule->rank > NDR_RANK_GENERIC))
        return kind;
    const unsigned char class = class_of_codes(report);
    text.len = text.len < TEXT_BYTES ? text.len : TEXT_BYTES;
    if (class == '4' && !gives_up(text))
        return NDR_KIND_DELAYED;
    return class == '2' && !report->from_text ? NDR_KIND_DELIVERED : kind;
}

/* Where the operator's window leaves it, one of the domain's own people may take it all
 * the same: each of them adds to what is junk. What is proven to be ours stays. */
static void
widen(ndr_verdict *v, const ndr_windows *windows)
{
    const enum ndr_whose whose =
        v->evidence != NULL ? v->evidence->whose : NDR_WHOSE_UNKNOWN;
    const ndr_window *own =
        v->spared->delegated || whose == NDR_WHOSE_OURS || whose == NDR_WHOSE_FORWARDED
            ? NULL
            : ndr_windows_find_delegated(windows, v->domain, v->local, v->kind,
                                         v->arrived);
    if (own == NULL || !ndr_window_takes(own, v->evidence))
        return;
    v->window = own;
    v->spared = NULL;
    v->decision = NDR_JUNK;
}

void
ndr_decide(ndr_verdict *v, const ndr_windows *windows)
{
    v->window = v->spared = NULL;
    v->decision = NDR_NONE;
    if (v->rule == NULL)
        return;
    v->decision = NDR_KEEP;
    if (windows == NULL || v->domain.len == 0 || v->arrived == NDR_TIME_UNKNOWN)
        return;
    v->window = ndr_windows_find(windows, v->domain, v->local, v->kind, v->arrived);
    if (v->window == NULL)
        return;
    if (ndr_window_takes(v->window, v->evidence)) {
        v->decision = NDR_JUNK;
        return;
    }
    v->spared = v->window;
    v->window = NULL;
    widen(v, windows);
}

/* Why the window that covers it does not take it. */
static void
say_spared(const ndr_verdict *v, ndr_buffer *out)
{
    const ndr_evidence *e = v->evidence;
    ndr_buffer_text(out, ": kept, though the window of ");
    ndr_buffer_add(out, v->spared->domain);
    ndr_buffer_text(out, " covers it, because ");
    if (e == NULL || e->whose == NDR_WHOSE_UNKNOWN) {
        ndr_buffer_text(out, "what came back is not proven to be forged.");
        return;
    }
    ndr_buffer_text(out, e->decisive >= 0 ? e->proof[e->decisive].name : "it");
    ndr_buffer_text(out, e->whose == NDR_WHOSE_FORWARDED
                             ? " proves that what came back had gone on through us."
                             : " proves that what came back is ours.");
}

void
ndr_verdict_reason(const ndr_verdict *v, ndr_buffer *out)
{
    if (v->rule == NULL) {
        ndr_buffer_text(out, (v->flags & NDR_MSG_SUSPECT) != 0
                                 ? "Looks like a bounce, but no rule names it."
                                 : "Not a bounce: no rule names it.");
        return;
    }
    char at[32];
    ndr_buffer_text(out, "Bounce (");
    ndr_buffer_text(out, ndr_kind_name(v->kind));
    ndr_buffer_text(out, ")");
    if (v->rule->system[0] != '\0') {
        ndr_buffer_text(out, " from ");
        ndr_buffer_text(out, v->rule->system);
    }
    if (v->domain.len > 0) {
        ndr_buffer_text(out, " to ");
        ndr_buffer_add(out, v->recipient);
    }
    if (v->arrived != NDR_TIME_UNKNOWN) {
        ndr_time_format(v->arrived, at);
        ndr_buffer_text(out, ", arrived ");
        ndr_buffer_text(out, at);
    }
    if (v->window != NULL) {
        ndr_buffer_text(out, ": junk, by the window of ");
        ndr_buffer_add(out, v->window->domain);
        ndr_time_format(v->window->from, at);
        ndr_buffer_text(out, " from ");
        ndr_buffer_text(out, at);
        if (v->window->until == NDR_TIME_OPEN) {
            ndr_buffer_text(out, ", still open");
        } else {
            ndr_time_format(v->window->until, at);
            ndr_buffer_text(out, " until ");
            ndr_buffer_text(out, at);
        }
        ndr_buffer_text(out, ".");
    } else if (v->spared != NULL) {
        say_spared(v, out);
    } else if (v->domain.len == 0) {
        ndr_buffer_text(out, ": kept, because its recipient is not known.");
    } else if (v->arrived == NDR_TIME_UNKNOWN) {
        ndr_buffer_text(out, ": kept, because its arrival is not known.");
    } else {
        ndr_buffer_text(out, ": kept, because no window covers it.");
    }
}
