/* SPDX-License-Identifier: BSD-3-Clause */
/* customer_page.c - what does a domain's administrator see of one domain? */
#include "customer_page.h"

#include "app/html_text.h"
#include "pages.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- what is happening ---------------------------------------------------------------
 */

static void
put_usual(ndr_buffer *out, enum lang lang, const domain_view *v)
{
    said_number number;
    const double day = v->usual_per_hour * 24;
    if (!v->usual_known)
        say(out, lang, W_USUAL_UNKNOWN, NULL, NULL);
    else if (day < 0.5)
        say(out, lang, W_USUAL_NONE, NULL, NULL);
    else if (v->usual_per_hour < 1)
        say(out, lang, W_USUAL_DAY, say_count(number, lang, (uint64_t)(day + 0.5)), NULL);
    else
        say(out, lang, W_USUAL_HOUR,
            say_count(number, lang, (uint64_t)(v->usual_per_hour + 0.5)), NULL);
}

/* "98" of those whose mail was asked for; below 0: too few to say. */
static int
percent_forged(const domain_view *v)
{
    enum { ENOUGH = 20 };
    const uint64_t judged = v->whose[NDR_WHOSE_OURS] + v->whose[NDR_WHOSE_FORWARDED] +
                            v->whose[NDR_WHOSE_FORGED];
    if (judged < ENOUGH)
        return -1;
    return (int)(v->whose[NDR_WHOSE_FORGED] * 100 / judged);
}

static void
put_name(ndr_buffer *out, const char *domain)
{
    ndr_buffer_text(out, "<strong>");
    html_text(out, ndr_slice_of(domain));
    ndr_buffer_text(out, "</strong>");
    ndr_buffer_byte(out, '\0');
}

static void
put_evidence(ndr_buffer *out, enum lang lang, const domain_view *v)
{
    const int percent = percent_forged(v);
    char number[16];
    ndr_buffer_byte(out, ' ');
    if (percent < 0) {
        say(out, lang, W_BY_COUNT, NULL, NULL);
        return;
    }
    (void)snprintf(number, sizeof number, "%d", percent);
    say(out, lang, W_NOT_OURS, number, NULL);
}

/* What happens, since when, is it over: the page's first sentences. */
static void
put_now(ndr_buffer *out, const customer_frame *f, const domain_view *v)
{
    ndr_buffer name = {0};
    said_span span;
    time_html at;
    const enum lang lang = f->lang;
    put_name(&name, v->domain);
    const char *domain = name.failed ? "" : (const char *)name.ptr;
    const uint64_t hour = (uint64_t)(v->now_per_hour + 0.5);
    ndr_buffer_text(out, "<p class=\"now\">");
    if (v->began != NDR_TIME_UNKNOWN) {
        say_number(out, lang, W_NOW_MANY, hour, domain);
    } else if (v->calm_since != NDR_TIME_UNKNOWN && v->state != NDR_STATE_QUIET) {
        say(out, lang, W_NOW_CALM, domain,
            say_span(span, lang, f->shown->at - v->calm_since));
    } else if (v->series == NULL) {
        say(out, lang, W_NOW_NONE, domain, NULL);
    } else {
        say_number(out, lang, W_NOW_QUIET, hour, domain);
    }
    ndr_buffer_text(out, "</p><p>");
    if (v->series != NULL)
        put_usual(out, lang, v);
    if (v->began != NDR_TIME_UNKNOWN) {
        ndr_buffer_byte(out, ' ');
        say(out, lang, W_BEGAN, customer_time(at, v->began),
            say_span(span, lang, f->shown->at - v->began));
        if (v->open != NULL) {
            ndr_buffer_byte(out, ' ');
            say(out, lang, W_AS_JUNK, NULL, NULL);
        }
        put_evidence(out, lang, v);
    } else if (v->series != NULL) {
        ndr_buffer_byte(out, ' ');
        say_number(out, lang, W_DAY_TOTAL, v->bounces, NULL);
    }
    ndr_buffer_text(out, "</p>");
    out->failed |= name.failed;
    ndr_buffer_free(&name);
}

/* ---- the switch ----------------------------------------------------------------------
 */

static void
put_window(ndr_buffer *out, const customer_frame *f, const ndr_window *w,
           const char *domain)
{
    time_html at;
    if (w->until == NDR_TIME_OPEN)
        say(out, f->lang, W_WINDOW_OPEN, domain, NULL);
    else
        say(out, f->lang, w->until_calm ? W_WINDOW_CALM : W_WINDOW_UNTIL, domain,
            customer_time(at, w->until));
}

static void
put_switch(ndr_buffer *out, const customer_frame *f, const domain_view *v)
{
    static const struct {
        const char *value;
        enum word word;
    } ends[] = {{"calm", W_UNTIL_CALM},
                {"1h", W_UNTIL_HOUR},
                {"12h", W_UNTIL_HALF_DAY},
                {"2d", W_UNTIL_DAYS},
                {"7d", W_UNTIL_WEEK}};
    time_html at;
    const bool storm = v->began != NDR_TIME_UNKNOWN;
    const bool looks = f->mail && customer_may(f, NDR_ACT_PREVIEW);
    html_printf(out, "<form class=\"switch\" method=\"post\" action=\"%r\">",
                looks ? "preview" : "block");
    page_fields(out, f->session, v->domain);
    ndr_buffer_text(out, "<div class=\"choices\">");
    customer_choices(out, f->lang, W_UNTIL);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        customer_choice(out, f->lang, "until", ends[i].value, ends[i].word, NULL, i == 0);
    ndr_buffer_text(out, "</fieldset>");
    customer_choices(out, f->lang, W_WHICH);
    if (storm)
        customer_choice(out, f->lang, "since", "began", W_FROM_BEGAN,
                        customer_time(at, v->began), true);
    customer_choice(out, f->lang, "since", "now", W_FROM_NOW, NULL, !storm);
    customer_choice(out, f->lang, "since", "day", W_FROM_DAY, NULL, false);
    customer_choice(out, f->lang, "since", "week", W_FROM_WEEK, NULL, false);
    ndr_buffer_text(out, "</fieldset></div><p class=\"buttons\"><button class=\"main\">");
    say(out, f->lang, looks ? W_PREVIEW_BUTTON : W_BLOCK_BUTTON, NULL, NULL);
    ndr_buffer_text(out, "</button>");
    if (looks) {
        ndr_buffer_text(out, " <span class=\"hint\">");
        say(out, f->lang, W_PREVIEW_HINT, NULL, NULL);
        ndr_buffer_text(out, "</span>");
    }
    ndr_buffer_text(out, "</p></form>");
}

static void
put_windows(ndr_buffer *out, const customer_frame *f, const customer_domain *d)
{
    const char *domain = d->view->domain;
    if (d->windows.provider != NULL) {
        ndr_buffer_text(out, "<p>");
        put_window(out, f, d->windows.provider, domain);
        ndr_buffer_byte(out, ' ');
        say(out, f->lang, W_WINDOW_PROVIDER, NULL, NULL);
        ndr_buffer_text(out, "</p>");
    }
    if (d->windows.own != NULL) {
        ndr_buffer_text(out, "<p>");
        put_window(out, f, d->windows.own, domain);
        if (d->view->began == NDR_TIME_UNKNOWN &&
            d->view->calm_since != NDR_TIME_UNKNOWN) {
            ndr_buffer_byte(out, ' ');
            say(out, f->lang, W_END_IT, NULL, NULL);
        }
        ndr_buffer_text(out, "</p>");
    }
}

/* The section with the switch: off with what it would be, on with its end. */
static void
put_act(ndr_buffer *out, const customer_frame *f, const customer_domain *d)
{
    html_printf(out, "<section class=\"act%r\" aria-labelledby=\"act\"><h2 id=\"act\">",
                d->windows.own != NULL || d->windows.provider != NULL ? " on" : "");
    say(out, f->lang, W_SWITCH_TITLE, d->view->domain, NULL);
    ndr_buffer_text(out, "</h2>");
    put_windows(out, f, d);
    if (!customer_may(f, NDR_ACT_SWITCH)) {
        ndr_buffer_text(out, "<p class=\"hint\">");
        say(out, f->lang, W_LOOK_ONLY, NULL, NULL);
        ndr_buffer_text(out, "</p>");
    } else if (d->windows.own != NULL) {
        ndr_buffer_text(out, "<form method=\"post\" action=\"unblock\">");
        page_fields(out, f->session, d->view->domain);
        ndr_buffer_text(out, "<p class=\"buttons\"><button class=\"main\">");
        say(out, f->lang, W_UNBLOCK_BUTTON, NULL, NULL);
        ndr_buffer_text(out, "</button></p></form>");
    } else {
        put_switch(out, f, d->view);
    }
    ndr_buffer_text(out, "</section>");
}

/* ---- what was done -------------------------------------------------------------------
 */

static void
put_deed_words(ndr_buffer *out, const customer_frame *f, const customer_deed *d)
{
    time_html at;
    if (d->what == DEED_BLOCK && d->until != NDR_TIME_OPEN) {
        say(out, f->lang, W_ACT_BLOCK, customer_time(at, d->until), NULL);
    } else if (d->what == DEED_BLOCK) {
        say(out, f->lang, W_ACT_BLOCK_OPEN, NULL, NULL);
    } else if (d->what != DEED_RUN) {
        say(out, f->lang,
            d->what == DEED_AUTO_ON    ? W_ACT_AUTO_ON
            : d->what == DEED_AUTO_OFF ? W_ACT_AUTO_OFF
                                       : W_ACT_UNBLOCK,
            NULL, NULL);
    } else {
        if (d->run.junked > 0 || d->run.released == 0)
            say_number(out, f->lang, W_ACT_MOVE, d->run.junked, NULL);
        if (d->run.released > 0) {
            ndr_buffer_text(out, d->run.junked > 0 ? ", " : "");
            say_number(out, f->lang, W_ACT_BACK, d->run.released, NULL);
        }
        if (!run_can_undo(&d->run)) { /* in parts too */
            ndr_buffer_text(out, " <span class=\"hint\">(");
            say(out, f->lang, W_UNDONE, NULL, NULL);
            ndr_buffer_text(out, ")</span>");
        }
    }
}

static void
put_deeds(ndr_buffer *out, const customer_frame *f, const customer_domain *d)
{
    time_html at;
    ndr_buffer_text(out, "<section aria-labelledby=\"done\"><h2 id=\"done\">");
    say(out, f->lang, W_DONE_SO_FAR, NULL, NULL);
    ndr_buffer_text(out, "</h2>");
    if (d->deed_count == 0) {
        ndr_buffer_text(out, "<p class=\"hint\">");
        say(out, f->lang, W_DONE_NOTHING, NULL, NULL);
        ndr_buffer_text(out, "</p></section>");
        return;
    }
    ndr_buffer_text(out, "<ol class=\"deeds\">");
    for (size_t i = 0; i < d->deed_count; i++) {
        const customer_deed *deed = &d->deed[i];
        html_printf(out, "<li><span class=\"when\">%r", customer_time(at, deed->at));
        if (deed->who != W_COUNT || deed->name[0] != '\0')
            ndr_buffer_text(out, " · ");
        if (deed->who == W_COUNT)
            html_text(out, ndr_slice_of(deed->name));
        else
            say(out, f->lang, deed->who, NULL, NULL);
        ndr_buffer_text(out, "</span> <span class=\"what\">");
        put_deed_words(out, f, deed);
        ndr_buffer_text(out, "</span>");
        if (deed->what == DEED_RUN && f->mail && f->who != NULL &&
            customer_may(f, NDR_ACT_UNDO))
            customer_undo(out, f, &deed->run, d->view->domain);
        ndr_buffer_text(out, "</li>");
    }
    ndr_buffer_text(out, "</ol></section>");
}

void
customer_card(ndr_buffer *out, const customer_frame *f, const customer_domain *d)
{
    const domain_view *v = d->view;
    customer_begin(out, f, v->domain, 0);
    html_printf(out, "<section class=\"card %r\" data-refresh=\"yes\"><h1>%s ",
                view_word(v->state), v->domain);
    customer_badge(out, f->lang, v);
    ndr_buffer_text(out, "</h1>");
    put_now(out, f, v);
    customer_plot(out, f, v);
    ndr_buffer_text(out, "</section>");
    put_act(out, f, d);
    customer_auto_part(out, f, v->domain, &d->autos);
    put_deeds(out, f, d);
    ndr_buffer_text(out, "<details><summary>");
    say(out, f->lang, W_EXPLAIN_TITLE, NULL, NULL);
    ndr_buffer_text(out, "</summary><p>");
    say(out, f->lang, W_EXPLAIN, NULL, NULL);
    ndr_buffer_text(out, "</p></details>");
    customer_end(out, f);
}
