/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_explain.c - `ndrscan explain`: why does a message get its verdict?
 *
 * The run is the same as scan's, on one thread, with a sink of our own: it
 * scans each message once more with a trace and writes down what it is told.
 * A message's number in its file is known only when its batch is committed, so
 * marks keep the places where one explanation ends and the next begins.
 */
#include "app/commands.h"
#include "app/diag.h"
#include "app/setup.h"
#include "app/stop.h"
#include "app/tables.h"
#include "app/text.h"
#include "ndrscan_io.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WIDTH = 80, LABEL = 18, LINE_MAX_BYTES = 480 };

/* One signal that hit. */
typedef struct hit {
    uint32_t signal;
    size_t end;            /* of the hit, in the target's text */
    size_t line, line_len; /* the line, cut, in the explainer's `lines` */
    bool told;
} hit;

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
    hit *hits; /* owned */
    size_t hit_count, hit_cap, step_count;
    bool no_memory;
} explainer;

/* ---- small pieces --------------------------------------------------------- */

static ndr_slice
slice_of(const ndr_buffer *b)
{
    return (ndr_slice){b->ptr, b->len};
}

static void
heading(ndr_buffer *out, const char *text)
{
    ndr_buffer_printf(out, "\n%s\n", text);
}

/* "  label         words that go on in the same column" */
static void
labelled(ndr_buffer *out, const char *label, ndr_slice words)
{
    const int n = (int)strlen(label);
    ndr_buffer_printf(out, "  %s%*s", label, n + 2 < LABEL ? LABEL - n - 2 : 1, "");
    text_wrap(out, words, n + 2 < LABEL ? LABEL : (size_t)n + 3, LABEL, WIDTH);
}

static void
labelled_text(ndr_buffer *out, const char *label, const char *words)
{
    labelled(out, label, ndr_slice_of(words));
}

static void
labelled_if(ndr_buffer *out, const char *label, ndr_slice words)
{
    if (words.len > 0)
        labelled(out, label, words);
}

/* ---- what the scanner tells ------------------------------------------------- */

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

/* One numbered step. */
static void
add_step(explainer *e, ndr_slice words)
{
    ndr_buffer_printf(&e->steps, "  %2zu. ", ++e->step_count);
    text_wrap(&e->steps, words, 6, 6, WIDTH);
}

static void
on_step(void *ctx, const ndr_step *step)
{
    explainer *e = ctx;
    if (step->signal < 0) {
        add_step(e, ndr_slice_of(step->text));
        return;
    }
    if (e->hit_count == e->hit_cap) {
        const size_t cap = e->hit_cap == 0 ? 64 : 2 * e->hit_cap;
        hit *more = realloc(e->hits, cap * sizeof *more);
        e->no_memory |= more == NULL;
        if (more == NULL)
            return;
        e->hits = more;
        e->hit_cap = cap;
    }
    hit *h = &e->hits[e->hit_count++];
    *h = (hit){
        .signal = (uint32_t)step->signal, .end = step->offset, .line = e->lines.len};
    add_cut(&e->lines, step->line, step->line_end);
    h->line_len = e->lines.len - h->line;
}

/* ---- signals -------------------------------------------------------------- */

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
line_of(const explainer *e, const hit *h)
{
    return (ndr_slice){e->lines.ptr + h->line, h->line_len};
}

/* Where the hit ends and the pattern, which takes one line when it is to be `brief`. */
static void
add_pattern(ndr_buffer *out, const explainer *e, const hit *h, bool brief)
{
    const char *match = ndr_ruleset_signal_match(e->setup->ruleset, h->signal);
    if (match[0] == '\0') { /* told by the field being there or not */
        text_pad(out, 0, LABEL);
        ndr_buffer_text(out, h->line_len == 0 ? "absent or empty\n" : "present\n");
        return;
    }
    ndr_buffer words = {0};
    ndr_buffer_printf(out, "%*zu  ", LABEL - 2, h->end);
    ndr_buffer_printf(&words, "/%s/", match);
    if (brief) {
        text_cut(out, slice_of(&words), WIDTH - LABEL);
        ndr_buffer_byte(out, '\n');
    } else {
        text_wrap(out, slice_of(&words), LABEL, LABEL, WIDTH);
    }
    text_end(out, &words);
}

/* Hits grouped by the line they were found in: those of the named rule, or the others. */
static void
add_hits(ndr_buffer *out, explainer *e, const ndr_rule *named, bool of_named)
{
    const ndr_ruleset *rs = e->setup->ruleset;
    for (size_t i = 0; i < e->hit_count; i++) {
        const hit *h = &e->hits[i];
        if (h->told || is_of(named, h->signal) != of_named)
            continue;
        const char *target = ndr_ruleset_signal_target(rs, h->signal);
        if (h->line_len > 0)
            labelled(out, target, line_of(e, h));
        else
            ndr_buffer_printf(out, "  %s\n", target);
        for (size_t k = i; k < e->hit_count; k++) {
            hit *same = &e->hits[k];
            if (same->told || is_of(named, same->signal) != of_named ||
                strcmp(ndr_ruleset_signal_target(rs, same->signal), target) != 0 ||
                !ndr_slice_equal(line_of(e, same), line_of(e, h)))
                continue;
            add_pattern(out, e, same, !of_named);
            same->told = true;
        }
    }
}

static void
add_signals(ndr_buffer *out, explainer *e, const ndr_rule *named)
{
    size_t of_named = 0;
    for (size_t i = 0; i < e->hit_count; i++)
        of_named += is_of(named, e->hits[i].signal);
    if (of_named > 0) {
        heading(out,
                "Signals of the rule that is named (the number: where the hit ends)");
        add_hits(out, e, named, true);
    }
    if (e->hit_count > of_named) {
        heading(out, of_named > 0 ? "Other signals that hit" : "Signals that hit");
        add_hits(out, e, named, false);
    }
    if (e->hit_count == 0) {
        heading(out, "Signals that hit");
        ndr_buffer_text(out, "    none\n");
    }
}

/* ---- the paragraphs ------------------------------------------------------- */

static const char *
origin_words(enum ndr_origin origin)
{
    static const char *const words[NDR_FROM_COUNT] = {
        [NDR_FROM_NOTHING] = "nothing tells it",
        [NDR_FROM_PATH] = "from the path of the mail (--recipient-path)",
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
add_delivery(ndr_buffer *out, const ndr_message *m, const ndr_verdict *v)
{
    ndr_buffer words = {0};
    char at[32];
    heading(out, "Delivery");
    if (v->recipient.len > 0) {
        ndr_buffer_add(&words, v->recipient);
        ndr_buffer_printf(&words, ", %s", origin_words(v->recipient_origin));
    } else {
        ndr_buffer_text(&words, "not known: no field tells to whom it came");
    }
    labelled(out, "recipient", slice_of(&words));
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
    labelled(out, "arrived", slice_of(&words));
    labelled_if(out, "message-id", v->message_id);
    if (m->envelope.len > 0)
        labelled(out, "envelope", m->envelope);
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
    labelled(out, "failed for", slice_of(&words));
    labelled_if(out, "", r->diagnostic);
    text_end(out, &words);
}

static void
add_facts(ndr_buffer *out, const ndr_verdict *v)
{
    const ndr_returned *t = &v->returned;
    if (v->reporting_mta.len > 0 || v->recipient_count > 0) {
        heading(out, "The delivery report");
        labelled_if(out, "reporting mta", v->reporting_mta);
        for (size_t i = 0; i < v->recipient_count; i++)
            add_recipient(out, &v->recipients[i]);
    }
    if (t->message_id.len + t->from.len + t->to.len + t->subject.len + t->date.len > 0) {
        heading(out, "The returned message");
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
    heading(out, "Rules that match");
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
        text_wrap(out, slice_of(&words), 4, 6, WIDTH);
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
    heading(out, "Whose mail came back");
    ndr_buffer_printf(out, "    %s\n", ndr_whose_name(e->whose));
    for (size_t i = 0; i < e->count; i++) {
        const ndr_proof *p = &e->proof[i];
        ndr_buffer words = {0};
        ndr_buffer_printf(&words, "%s: %s%s%s", p->name, p->result,
                          p->detail[0] != '\0' ? "; " : "", p->detail);
        ndr_buffer_text(out, (int)i == e->decisive ? "  * " : "    ");
        text_wrap(out, slice_of(&words), 4, 6, WIDTH);
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
    heading(out, "Windows");
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
        text_wrap(out, slice_of(&words), 4, 6, WIDTH);
        text_end(out, &words);
    }
    if (near == 0) {
        ndr_buffer words = {0};
        ndr_buffer_printf(&words, "none of %zu is for ", e->how.windows->count);
        ndr_buffer_add(&words,
                       v->domain.len > 0 ? v->domain : NDR_SLICE("an unknown domain"));
        ndr_buffer_text(out, "    ");
        text_wrap(out, slice_of(&words), 4, 6, WIDTH);
        text_end(out, &words);
    }
}

/* The steps behind those that the scanner told. */
static void
add_conclusions(explainer *e, const ndr_verdict *v)
{
    ndr_buffer words = {0};
    char at[32];
    size_t matched = 0;
    for (size_t i = 0; i < ndr_ruleset_count(e->setup->ruleset); i++)
        matched += ndr_scan_matched(e->scanner, i);
    if (v->rule == NULL) {
        add_step(e, NDR_SLICE("no rule matches: it is not a bounce"));
        return;
    }
    if (matched == 1)
        ndr_buffer_printf(&words, "one rule matches: %s", v->rule->id);
    else
        ndr_buffer_printf(&words,
                          "%zu rules match; %s is named, the first of those with the "
                          "highest rank, %d",
                          matched, v->rule->id, v->rule->rank);
    add_step(e, slice_of(&words));
    ndr_buffer_rewind(&words);
    ndr_buffer_printf(&words, "the kind is %s", ndr_kind_name(v->kind));
    if (v->kind != v->rule->kind)
        ndr_buffer_printf(
            &words, ": so the delivery report says, which goes before the rule's %s",
            ndr_kind_name(v->rule->kind));
    else
        ndr_buffer_text(&words, ", as the rule says");
    add_step(e, slice_of(&words));
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
    add_step(e, slice_of(&words));
    text_end(&e->steps, &words);
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
    };
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++)
        if ((flags & told[i].flag) != 0)
            labelled_text(out, "note", told[i].words);
}

/* ---- the sink ------------------------------------------------------------- */

static int
explain_render(const ndr_sink *sink, ndr_batch *b, const ndr_message *m,
               const ndr_verdict *unused, ndr_error *err)
{
    /* one thread: nothing else has the explainer in hand */
    explainer *e = (explainer *)(uintptr_t)sink;
    ndr_buffer *out = &b->out;
    ndr_message again = *m;
    ndr_verdict v;
    (void)unused;
    ndr_buffer_clear(&e->lines);
    ndr_buffer_clear(&e->steps);
    e->hit_count = 0;
    e->step_count = 0;
    const int rc = ndr_scan(e->scanner, &again, NULL, NULL, &v, err);
    if (rc != 0)
        return rc;

    ndr_batch_mark(b, m->index);
    ndr_buffer words = {0};
    ndr_buffer_text(&words, m->source);
    if (m->member != NULL)
        ndr_buffer_printf(&words, ", in it %s", m->member);
    number n;
    ndr_buffer_printf(&words, ", from byte %" PRIu64 " on, %s", m->offset,
                      text_count(n, m->length));
    ndr_buffer_text(&words, m->length == 1 ? " byte" : " bytes");
    text_wrap(out, slice_of(&words), 16, 2, WIDTH);
    add_flags(out, v.flags);

    add_delivery(out, m, &v);
    add_facts(out, &v);
    add_signals(out, e, v.rule);
    add_rules(out, e, &v);
    add_evidence(out, &v);
    add_windows(out, e, &v);
    add_conclusions(e, &v);
    heading(out, "Steps");
    ndr_buffer_add(out, slice_of(&e->steps));

    ndr_buffer_rewind(&words);
    ndr_verdict_reason(&v, &words);
    ndr_buffer_printf(out, "\nVerdict: %s\n    ", ndr_decision_name(v.decision));
    text_wrap(out, slice_of(&words), 4, 4, WIDTH);
    const bool failed =
        words.failed || e->lines.failed || e->steps.failed || e->no_memory;
    ndr_buffer_free(&words);
    return failed ? ndr_fail(err, NDR_E_NOMEM, "out of memory") : 0;
}

static int
explain_commit(ndr_sink *sink, const ndr_batch *b, uint64_t base, ndr_error *err)
{
    explainer *e = (explainer *)sink;
    for (size_t i = 0; i < b->mark_count; i++) {
        const uint64_t index = base + b->mark[i].index;
        if (e->index >= 0 && index != (uint64_t)e->index)
            continue;
        const size_t end = i + 1 < b->mark_count ? b->mark[i + 1].at : b->out.len;
        char head[64];
        (void)snprintf(head, sizeof head, "%sMessage %" PRIu64 " of ",
                       e->shown++ > 0 ? "\n" : "", index);
        int rc = put_all(STDOUT_FILENO, ndr_slice_of(head), err);
        if (rc == 0)
            rc = put_all(STDOUT_FILENO,
                         (ndr_slice){b->out.ptr + b->mark[i].at, end - b->mark[i].at},
                         err);
        if (rc != 0)
            return rc;
    }
    return 0;
}

static int
explain_close(ndr_sink *sink, ndr_error *err)
{
    (void)sink;
    (void)err;
    return 0;
}

/* ---- the verb ------------------------------------------------------------- */

static void
on_trouble(void *ctx, const char *source, const char *text)
{
    (void)ctx;
    diag("%s: %s", source, text);
}

/* Explain one file. The exit status; *ret_shown counts its messages shown. */
static int
explain_input(explainer *e, const ndr_input_opts *input)
{
    ndr_error err = {0};
    ndr_source *in = NULL;
    ndr_stats st = {0};
    if (ndr_input_open(input, &in, &err) != 0) {
        diag("%s", err.text);
        return EXIT_NOT_RUN;
    }
    stop_on_signals(in);
    const ndr_run_opts how = {
        NDR_SIZED(ndr_run_opts), .scan = &e->how,       .threads = 1,
        .emit = NDR_EMIT_ALL,    .trouble = on_trouble, .stop = stop_flag(),
    };
    const uint64_t before = e->shown;
    const int rc = ndr_run(&how, in, &e->sink, &st, &err);
    int status = st.sources_failed > 0 ? EXIT_DAMAGED : EXIT_READ;
    if (rc < 0 && rc != NDR_E_STOPPED && err.sys_errno != EPIPE) {
        diag("%s; the output is not complete", err.text);
        status = EXIT_NOT_RUN;
    } else if (rc < 0 && rc != NDR_E_STOPPED)
        ; /* the reader has seen enough */
    else if (stop_signal() != 0)
        status = stop_signal() == SIGINT ? EXIT_INTERRUPTED : EXIT_TERMINATED;
    else if (e->shown == before && st.sources_failed == 0) {
        if (e->index >= 0)
            diag("%s: no message %" PRId64 "; it has %" PRIu64 " (counted from 0)",
                 input->path[0], e->index, st.messages);
        else
            diag("%s: no message in it", input->path[0]);
        status = EXIT_DAMAGED;
    }
    ndr_stats_clear(&st);
    stop_forget();
    in->close(in);
    return status;
}

static int
run(explainer *e, const ndr_input_opts *asked, setup *s)
{
    ndr_error err = {0};
    e->setup = s;
    e->how = setup_scan_opts(s);
    e->how.try_all = true;
    e->how.facts_always = true;
    e->how.prove_always = true;
    if (ndr_scanner_new(&e->how, &e->scanner, &err) != 0) {
        diag("%s", err.text);
        return EXIT_NOT_RUN;
    }
    ndr_scanner_trace(e->scanner, on_step, e);
    int status = EXIT_READ;
    for (size_t i = 0; i < asked->path_count && status < EXIT_NOT_RUN; i++) {
        ndr_input_opts one = *asked;
        one.path = asked->path + i;
        one.path_count = 1;
        const int now = explain_input(e, &one);
        status = now > status ? now : status;
    }
    ndr_scanner_free(e->scanner);
    ndr_buffer_free(&e->lines);
    free(e->hits);
    ndr_buffer_free(&e->steps);
    return status;
}

int
cmd_explain(opts *o)
{
    setup s;
    if (setup_begin(&s, o) != 0)
        return EXIT_NOT_RUN;
    explainer e = {.sink = {explain_render, explain_commit, explain_close}, .index = -1};
    ndr_input_opts input = {NDR_SIZED(ndr_input_opts)};
    const char *arg;
    int id = 0;
    int status = 0;
    while (status == 0 && (id = opts_next(o, &arg)) > 0) {
        if (id == OPT_INDEX) {
            e.index = opts_number(o, id, arg, 0, INT64_MAX);
            status = e.index < 0 ? EXIT_NOT_RUN : 0;
        } else if (id == OPT_FORMAT) {
            status = opts_word(o, id, arg) < 0 ? EXIT_NOT_RUN : 0;
            input.format = (enum ndr_format)ndr_format_find(arg);
        } else {
            status = setup_option(&s, o, id, arg);
        }
    }
    if (status == 0 && id < 0) {
        status = o->status;
        goto end;
    }
    input.path = (const char *const *)opts_operands(o, &input.path_count);
    if (status == 0 && input.path_count == 0)
        status = opts_mistake(o, "no FILE; give a message, an mbox, a folder, or -");
    input.message_limit_bytes = s.message_limit_bytes;
    if (status == 0)
        status = setup_load(&s);
    if (status == 0)
        status = run(&e, &input, &s);
end:
    setup_free(&s);
    return status;
}
