/* SPDX-License-Identifier: BSD-3-Clause */
/* explain_verdict.c - what follows from what was found in a message, and why? */
#include "explain.h"

#include "app/text.h"

#include <string.h>

static void
labelled_if(ndr_buffer *out, const char *label, ndr_slice words)
{
    if (words.len > 0)
        explain_labelled(out, label, words);
}

static const char *
origin_words(enum ndr_origin origin)
{
    static const char *const words[NDR_FROM_COUNT] = {
        [NDR_FROM_NOTHING] = "nothing tells it",
        [NDR_FROM_PATH] = "from the path of the mail (--recipient-path, --recipient-map)",
        [NDR_FROM_DELIVERED_TO] = "from Delivered-To",
        [NDR_FROM_X_ORIGINAL_TO] = "from X-Original-To",
        [NDR_FROM_ENVELOPE_TO] = "from Envelope-To",
        [NDR_FROM_X_ENVELOPE_TO] = "from X-Envelope-To",
        [NDR_FROM_X_DELIVERED_TO] = "from X-Delivered-To",
        [NDR_FROM_RECEIVED] = "from a Received field",
        [NDR_FROM_TO] = "from To",
        [NDR_FROM_POSTMARK] = "from the mbox From_ line",
        [NDR_FROM_MAILDIR_NAME] = "from the name of the Maildir file",
        [NDR_FROM_FILE_TIME] = "from the time of the file",
        [NDR_FROM_DATE] = "from Date",
        [NDR_FROM_JOURNAL] = "from the envelope of a journal",
        [NDR_FROM_ENVELOPE] = "from the envelope, as it was given",
        [NDR_FROM_CLOCK] = "the time of this run (--clock now)",
    };
    return words[origin];
}

static void
add_flags(ndr_buffer *out, unsigned flags)
{
    static const struct {
        unsigned flag;
        const char *words;
    } told[] = {
        {NDR_MSG_TRUNCATED, "larger than a limit; the rest was not looked at"},
        {NDR_MSG_DAMAGED, "its source broke off inside it"},
        {NDR_MSG_SUSPECT, "looks like a bounce, and no rule names it"},
        {NDR_MSG_DEEP, "MIME parts deeper or more than the limits allow"},
        {NDR_MSG_ELSEWHERE, "its header names another domain than its path, or none"},
    };
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++)
        if ((flags & told[i].flag) != 0)
            explain_labelled(out, "note", ndr_slice_of(told[i].words));
}

static void
add_delivery(ndr_buffer *out, const ndr_message *m, const ndr_verdict *v)
{
    ndr_buffer words = {0};
    char at[32];
    explain_heading(out, "Delivery");
    if (v->recipient.len > 0) {
        ndr_buffer_add(&words, v->recipient);
        ndr_buffer_printf(&words, ", %s", origin_words(v->recipient_origin));
    } else {
        ndr_buffer_text(&words, "not known: no field tells to whom it came");
    }
    explain_labelled(out, "recipient", ndr_buffer_slice(&words));
    ndr_buffer_rewind(&words);
    if (v->arrived != NDR_TIME_UNKNOWN) {
        ndr_time_format(v->arrived, at);
        ndr_buffer_printf(&words, "%s, %s%s", at,
                          v->arrived_origin == NDR_FROM_RECEIVED
                              ? "from the topmost Received field"
                              : origin_words(v->arrived_origin),
                          "");
    } else {
        ndr_buffer_text(&words, "not known, so no window can cover it");
    }
    explain_labelled(out, "arrived", ndr_buffer_slice(&words));
    labelled_if(out, "message-id", v->message_id);
    if (m->envelope.len > 0)
        explain_labelled(out, "envelope", m->envelope);
    text_end(out, &words);
}

static void
add_recipient(ndr_buffer *out, const ndr_recipient *r)
{
    ndr_buffer words = {0};
    const ndr_slice who = r->final.len > 0 ? r->final : r->original;
    ndr_buffer_add(&words, who.len > 0 ? who : NDR_SLICE("(not named)"));
    ndr_buffer_text(&words, ":");
    const ndr_slice part[] = {r->action, r->status};
    for (size_t i = 0; i < 2; i++)
        if (part[i].len > 0) {
            ndr_buffer_byte(&words, ' ');
            ndr_buffer_add(&words, part[i]);
        }
    if (r->original.len > 0 && r->final.len > 0 &&
        !ndr_slice_equal(r->original, r->final)) {
        ndr_buffer_text(&words, ", sent to ");
        ndr_buffer_add(&words, r->original);
    }
    if (r->remote_mta.len > 0) {
        ndr_buffer_text(&words, ", said by ");
        ndr_buffer_add(&words, r->remote_mta);
    }
    explain_labelled(out, "failed for", ndr_buffer_slice(&words));
    labelled_if(out, "", r->diagnostic);
    text_end(out, &words);
}

static void
add_facts(ndr_buffer *out, const ndr_verdict *v)
{
    const ndr_returned *t = &v->returned;
    if (v->reporting_mta.len > 0 || v->recipient_count > 0) {
        explain_heading(out, "The delivery report");
        labelled_if(out, "reporting mta", v->reporting_mta);
        for (size_t i = 0; i < v->recipient_count; i++)
            add_recipient(out, &v->recipients[i]);
    }
    if (t->message_id.len + t->from.len + t->to.len + t->subject.len + t->date.len > 0) {
        explain_heading(out, "The returned message");
        labelled_if(out, "from", t->from);
        labelled_if(out, "to", t->to);
        labelled_if(out, "subject", t->subject);
        labelled_if(out, "date", t->date);
        labelled_if(out, "message-id", t->message_id);
    }
}

static void
add_rules(ndr_buffer *out, const explainer *e, const ndr_verdict *v)
{
    const ndr_ruleset *rs = e->setup->ruleset;
    explain_heading(out, "Rules that match");
    size_t matched = 0;
    for (size_t i = 0; i < ndr_ruleset_count(rs); i++) {
        if (!ndr_scan_matched(e->scanner, i))
            continue;
        const ndr_rule *r = ndr_ruleset_rule(rs, i);
        const char *slash = strrchr(r->where, '/');
        ndr_buffer words = {0};
        matched++;
        ndr_buffer_printf(&words, "%s: %s%s%s, rank %d; ", r->id, ndr_kind_name(r->kind),
                          r->system[0] != '\0' ? ", " : "", r->system, r->rank);
        if (r == v->rule)
            ndr_buffer_text(&words, "named");
        else if (v->rule != NULL && r->rank < v->rule->rank)
            ndr_buffer_printf(&words, "not named, its rank is below %d", v->rule->rank);
        else
            ndr_buffer_text(&words, "not named, it was loaded later");
        ndr_buffer_printf(&words, " (%s)", slash != NULL ? slash + 1 : r->where);
        ndr_buffer_text(out, r == v->rule ? "  * " : "    ");
        text_wrap(out, ndr_buffer_slice(&words), 4, 6, EXPLAIN_WIDTH);
        text_end(out, &words);
    }
    if (matched == 0)
        ndr_buffer_printf(out, "    none of %zu: not a bounce\n", ndr_ruleset_count(rs));
}

/* How it was judged whose mail came back. */
static void
add_evidence(ndr_buffer *out, const ndr_verdict *v)
{
    const ndr_evidence *e = v->evidence;
    if (e == NULL)
        return;
    explain_heading(out, "Whose mail came back");
    ndr_buffer_printf(out, "    %s\n", ndr_whose_name(e->whose));
    for (size_t i = 0; i < e->count; i++) {
        const ndr_proof *p = &e->proof[i];
        ndr_buffer words = {0};
        ndr_buffer_printf(&words, "%s: %s%s%s", p->name, p->result,
                          p->detail[0] != '\0' ? "; " : "", p->detail);
        ndr_buffer_text(out, (int)i == e->decisive ? "  * " : "    ");
        text_wrap(out, ndr_buffer_slice(&words), 4, 6, EXPLAIN_WIDTH);
        text_end(out, &words);
    }
}

/* Why a window of this domain covers the bounce, or why it does not. */
static const char *
window_reason(enum ndr_cover cover, const ndr_verdict *v, const ndr_window *w)
{
    static const char *const words[] = {
        [NDR_COVER_YES] = "would cover it too, but a nearer or later one comes first",
        [NDR_COVER_DOMAIN] = "is about another domain",
        [NDR_COVER_SUBDOMAINS] = "does not cover subdomains",
        [NDR_COVER_NO_TIME] = "the time of arrival is not known",
        [NDR_COVER_EARLY] = "was not open yet",
        [NDR_COVER_OVER] = "was over",
        [NDR_COVER_KIND] = "does not cover this kind",
        [NDR_COVER_MAILBOX] = "does not name this mailbox",
    };
    return w == v->window   ? "covers it"
           : w == v->spared ? "covers it, and leaves it for whose mail came back"
                            : words[cover];
}

static void
add_windows(ndr_buffer *out, const explainer *e, const ndr_verdict *v)
{
    explain_heading(out, "Windows");
    if (e->how.windows == NULL || e->how.windows->count == 0) {
        ndr_buffer_text(out, "    none were given (--windows)\n");
        return;
    }
    if (v->rule == NULL) {
        ndr_buffer_text(out, "    not asked: only bounces are held against windows\n");
        return;
    }
    size_t near = 0;
    for (size_t i = 0; i < e->how.windows->count && v->domain.len > 0; i++) {
        const ndr_window *w = &e->how.windows->row[i];
        const enum ndr_cover cover =
            ndr_window_covers(w, v->domain, v->local, v->kind, v->arrived);
        if (cover == NDR_COVER_DOMAIN)
            continue;
        char from[32], until[32] = "further notice";
        ndr_time_format(w->from, from);
        if (w->until != NDR_TIME_OPEN)
            ndr_time_format(w->until, until);
        ndr_buffer words = {0};
        near++;
        ndr_buffer_add(&words, w->domain);
        ndr_buffer_printf(&words, ", %s until %s: %s", from, until,
                          window_reason(cover, v, w));
        ndr_buffer_text(&words, " (");
        ndr_buffer_add(&words, w->where);
        ndr_buffer_text(&words, w->note.len > 0 ? "; " : "");
        ndr_buffer_add(&words, w->note);
        ndr_buffer_text(&words, ")");
        ndr_buffer_text(out, w == v->window ? "  * " : "    ");
        text_wrap(out, ndr_buffer_slice(&words), 4, 6, EXPLAIN_WIDTH);
        text_end(out, &words);
    }
    if (near == 0) {
        ndr_buffer words = {0};
        ndr_buffer_printf(&words, "none of %zu is for ", e->how.windows->count);
        ndr_buffer_add(&words,
                       v->domain.len > 0 ? v->domain : NDR_SLICE("an unknown domain"));
        ndr_buffer_text(out, "    ");
        text_wrap(out, ndr_buffer_slice(&words), 4, 6, EXPLAIN_WIDTH);
        text_end(out, &words);
    }
}

void
explain_conclusions(explainer *e, const ndr_verdict *v)
{
    ndr_buffer words = {0};
    char at[32];
    size_t matched = 0;
    for (size_t i = 0; i < ndr_ruleset_count(e->setup->ruleset); i++)
        matched += ndr_scan_matched(e->scanner, i);
    if (v->rule == NULL) {
        explain_add_step(e, NDR_SLICE("no rule matches: it is not a bounce"));
        return;
    }
    if (matched == 1)
        ndr_buffer_printf(&words, "one rule matches: %s", v->rule->id);
    else
        ndr_buffer_printf(&words,
                          "%zu rules match; %s is named, the first of those with the "
                          "highest rank, %d",
                          matched, v->rule->id, v->rule->rank);
    explain_add_step(e, ndr_buffer_slice(&words));
    ndr_buffer_rewind(&words);
    ndr_buffer_printf(&words, "the kind is %s", ndr_kind_name(v->kind));
    if (v->kind != v->rule->kind)
        ndr_buffer_printf(
            &words, ": so the delivery report says, which goes before the rule's %s",
            ndr_kind_name(v->rule->kind));
    else
        ndr_buffer_text(&words, ", as the rule says");
    explain_add_step(e, ndr_buffer_slice(&words));
    ndr_buffer_rewind(&words);
    if (e->how.windows == NULL || e->how.windows->count == 0) {
        ndr_buffer_text(&words, "there are no windows: it is kept");
    } else if (v->domain.len == 0) {
        ndr_buffer_text(&words,
                        "no field tells to which domain it came, so no window can "
                        "cover it: it is kept");
    } else if (v->arrived == NDR_TIME_UNKNOWN) {
        ndr_buffer_text(&words,
                        "its time is not known, so no window can cover it: it is kept");
    } else {
        ndr_time_format(v->arrived, at);
        ndr_buffer_text(&words, "it came to ");
        ndr_buffer_add(&words, v->domain);
        ndr_buffer_printf(&words, ", at %s: %s", at,
                          v->window != NULL   ? "a window covers that, so it is junk"
                          : v->spared != NULL ? "a window covers that, and leaves it for "
                                                "whose mail came back: it is kept"
                                              : "no window covers that, so it is kept");
    }
    explain_add_step(e, ndr_buffer_slice(&words));
    text_end(&e->steps, &words);
}

void
explain_message(ndr_buffer *out, const ndr_message *m, const ndr_verdict *v)
{
    add_flags(out, v->flags);
    add_delivery(out, m, v);
    add_facts(out, v);
}

void
explain_decision(ndr_buffer *out, const explainer *e, const ndr_verdict *v)
{
    add_rules(out, e, v);
    add_evidence(out, v);
    add_windows(out, e, v);
}
