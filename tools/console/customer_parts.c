/* SPDX-License-Identifier: BSD-3-Clause */
/* customer_parts.c - which pieces are the pages of a domain's administrator made of? */
#include "customer_page.h"

#include "app/html_text.h"
#include "keyed_hash.h"
#include "pages.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void
head(ndr_buffer *out, enum lang lang, const char *up, const char *title,
     unsigned renew_seconds)
{
    html_printf(out,
                "<!DOCTYPE html>\n<html lang=\"%r\"><head><meta charset=\"utf-8\">"
                "<title>%s</title><meta name=\"viewport\" "
                "content=\"width=device-width, initial-scale=1\">",
                lang_tag(lang), title);
    if (renew_seconds > 0) /* with a script, it looks by itself */
        html_printf(out,
                    "<noscript><meta http-equiv=\"refresh\" content=\"%d\"></noscript>",
                    (int64_t)renew_seconds);
    page_asset(out, "<link rel=\"icon\" href=\"", up, "icon.svg", "\">");
    page_asset(out, "<link rel=\"stylesheet\" href=\"", up, "customer.css", "\">");
    page_asset(out, "<script src=\"", up, "customer.js", "\" defer></script>");
    ndr_buffer_text(out, "</head>");
}

void
customer_begin(ndr_buffer *out, const customer_frame *f, const char *title,
               unsigned renew_seconds)
{
    head(out, f->lang, "", title, renew_seconds);
    html_printf(out, "<body%r><a class=\"skip\" href=\"#main\">",
                renew_seconds > 0 ? " data-renew=\"yes\"" : "");
    say(out, f->lang, W_SKIP, NULL, NULL);
    ndr_buffer_text(out, "</a><header><p class=\"app\">");
    say(out, f->lang, W_APP, NULL, NULL);
    ndr_buffer_text(out, "</p>");
    if (!f->one) {
        ndr_buffer_text(out, "<nav aria-label=\"");
        say(out, f->lang, W_NAV, NULL, NULL);
        ndr_buffer_text(out, "\"><a href=\"./\">");
        say(out, f->lang, W_NAV_DOMAINS, NULL, NULL);
        ndr_buffer_text(out, "</a></nav>");
    }
    ndr_buffer_text(out, "</header><main id=\"main\" tabindex=\"-1\">");
    if (f->trouble[0] != '\0') {
        ndr_buffer_text(out, "<p class=\"error\" role=\"alert\">");
        say(out, f->lang, W_TROUBLE, f->trouble, NULL);
        ndr_buffer_text(out, "</p>");
    }
}

void
customer_end(ndr_buffer *out, const customer_frame *f)
{
    time_html at;
    ndr_buffer name = {0};
    ndr_buffer_text(out, "</main><footer>");
    if (f->shown->known != NDR_TIME_UNKNOWN && f->shown->known > 0) {
        ndr_buffer_text(out, "<p>");
        say(out, f->lang, W_COUNTED_UNTIL, customer_time(at, f->shown->known), NULL);
        ndr_buffer_text(out, "</p>");
    }
    html_text(&name, ndr_slice_of(f->who != NULL ? f->who->name : ""));
    ndr_buffer_byte(&name, '\0');
    html_printf(out,
                "<form method=\"post\" action=\"logout\"><input type=\"hidden\" "
                "name=\"form\" value=\"%s\"><span>",
                f->session->form_token);
    if (f->who != NULL && !name.failed)
        say(out, f->lang, W_LOGGED_IN_AS, (const char *)name.ptr, NULL);
    ndr_buffer_text(out, "</span> <button class=\"quiet\">");
    say(out, f->lang, W_LOGOUT, NULL, NULL);
    ndr_buffer_text(out, "</button></form></footer></body></html>\n");
    out->failed |= name.failed;
    ndr_buffer_free(&name);
}

const char *
customer_time(time_html ret, int64_t at)
{
    char utc[32], here[64];
    struct tm tm, today;
    const time_t t = (time_t)at, now = time(NULL);
    ndr_time_format(at, utc);
    if (localtime_r(&t, &tm) == NULL || localtime_r(&now, &today) == NULL ||
        strftime(here, sizeof here,
                 tm.tm_yday == today.tm_yday && tm.tm_year == today.tm_year
                     ? "%H:%M %Z"
                     : "%Y-%m-%d %H:%M %Z",
                 &tm) == 0)
        memcpy(here, utc, sizeof utc);
    (void)snprintf(ret, sizeof(time_html),
                   "<time datetime=\"%s\" data-at=\"%" PRId64 "\">%s</time>", utc, at,
                   here);
    return ret;
}

void
customer_badge(ndr_buffer *out, enum lang lang, const domain_view *v)
{
    static const enum word word[] = {[NDR_STATE_STORM] = W_STATE_MANY,
                                     [NDR_STATE_BLOCKED] = W_STATE_BLOCKED,
                                     [NDR_STATE_CALM] = W_STATE_CALM,
                                     [NDR_STATE_QUIET] = W_STATE_QUIET};
    html_printf(out, "<span class=\"badge %r\">", view_word(v->state));
    say(out, lang, word[v->state], NULL, NULL);
    ndr_buffer_text(out, "</span>");
}

bool
customer_may(const customer_frame *f, enum ndr_act act)
{
    return f->who == NULL || ndr_role_may(f->who->role, act);
}

void
customer_choice(ndr_buffer *out, enum lang lang, const char *name, const char *value,
                enum word word, const char *fill, bool chosen)
{
    html_printf(
        out,
        "<label class=\"choice\"><input type=\"radio\" name=\"%r\" value=\"%r\"%r><span>",
        name, value, chosen ? " checked" : "");
    say(out, lang, word, fill, NULL);
    ndr_buffer_text(out, "</span></label>");
}

void
customer_choices(ndr_buffer *out, enum lang lang, enum word legend)
{
    ndr_buffer_text(out, "<fieldset><legend>");
    say(out, lang, legend, NULL, NULL);
    ndr_buffer_text(out, "</legend>");
}

void
customer_run_name(const char *run_key, const ndr_admin *who, const char *domain,
                  const char *id, secret ret)
{
    const char *const word[] = {"run", who != NULL ? who->name : "", domain, id, NULL};
    keyed_name(run_key, word, ret);
}

void
customer_undo(ndr_buffer *out, const customer_frame *f, const run_row *r,
              const char *domain)
{
    if (!run_can_undo(r))
        return;
    ndr_buffer_text(out, "<form method=\"post\" action=\"undo\">");
    page_fields(out, f->session, domain);
    secret name;
    customer_run_name(f->run_key, f->who, domain, r->id, name);
    html_printf(out, "<input type=\"hidden\" name=\"run\" value=\"%s\"><button>", name);
    if (r->junked > 0)
        say_number(out, f->lang, W_UNDO_BUTTON,
                   r->junked > r->put_back ? r->junked - r->put_back : r->junked, NULL);
    else
        say_number(out, f->lang, W_UNDO_JUNK_BUTTON, r->released, NULL);
    ndr_buffer_text(out, "</button></form>");
}

void
customer_login(ndr_buffer *out, const char *up, enum lang lang, const char *error)
{
    ndr_buffer title = {0};
    say(&title, lang, W_LOGIN_TITLE, NULL, NULL);
    ndr_buffer_byte(&title, '\0');
    head(out, lang, up, title.failed ? "" : (const char *)title.ptr, 0);
    html_printf(out, "<body><main class=\"login\"><h1>%s</h1>",
                title.failed ? "" : (const char *)title.ptr);
    ndr_buffer_free(&title);
    if (error[0] != '\0')
        html_printf(out, "<p class=\"error\" role=\"alert\">%r</p>", error);
    html_printf(out, "<form method=\"post\" action=\"%rlogin\"><label for=\"name\">", up);
    say(out, lang, W_LOGIN_NAME, NULL, NULL);
    ndr_buffer_text(out, "</label><input id=\"name\" name=\"name\" autofocus "
                         "autocomplete=\"username\" autocapitalize=\"none\" "
                         "spellcheck=\"false\"><label for=\"password\">");
    say(out, lang, W_LOGIN_PASSWORD, NULL, NULL);
    ndr_buffer_text(out, "</label><input id=\"password\" name=\"password\" "
                         "type=\"password\" required autocomplete=\"current-password\">"
                         "<p><button class=\"main\">");
    say(out, lang, W_LOGIN_BUTTON, NULL, NULL);
    ndr_buffer_text(out, "</button></p><p class=\"hint\">");
    say(out, lang, W_LOGIN_OPERATOR, NULL, NULL);
    ndr_buffer_text(out, "</p></form></main></body></html>\n");
}

void
customer_words(ndr_buffer *out, const customer_frame *f, enum lang lang, const char *up,
               enum word title, enum word words, const char *fill, enum word more)
{
    ndr_buffer name = {0};
    say(&name, lang, title, NULL, NULL);
    ndr_buffer_byte(&name, '\0');
    const char *text = name.failed ? "" : (const char *)name.ptr;
    if (f != NULL) {
        customer_begin(out, f, text, 0);
    } else {
        head(out, lang, up, text, 0);
        ndr_buffer_text(out, "<body><main class=\"login\">");
    }
    html_printf(out, "<h1>%s</h1><p role=\"alert\">", text);
    say(out, lang, words, fill, NULL);
    if (more != W_COUNT) {
        ndr_buffer_byte(out, ' ');
        say(out, lang, more, NULL, NULL);
    }
    html_printf(out, "</p><p><a href=\"%r./\">", f != NULL ? "" : up);
    say(out, lang, W_BACK, NULL, NULL);
    ndr_buffer_text(out, "</a></p>");
    if (f != NULL)
        customer_end(out, f);
    else
        ndr_buffer_text(out, "</main></body></html>\n");
    out->failed |= name.failed;
    ndr_buffer_free(&name);
}

/* ---- the plot ---------------------------------------------------------------------- */

enum { STEPS = DAY_S / NDR_STEP_S, HIGH = 100 };

static double
height_of(double n, double most)
{
    return HIGH - n * HIGH / most;
}

static void
put_shade(ndr_buffer *out, const snapshot *s, const char *domain, int64_t from)
{
    const ndr_windows *all =
        s->window_table != NULL ? ndr_window_table_rows(s->window_table) : NULL;
    for (size_t i = 0; all != NULL && i < all->count; i++) {
        const ndr_window *w = &all->row[i];
        int64_t a = (w->from - from) / NDR_STEP_S, b = STEPS;
        if (w->until < from + DAY_S)
            b = (w->until - from) / NDR_STEP_S;
        a = w->from < from ? 0 : a;
        if (b > a && a < STEPS && ndr_window_is_for(w, ndr_slice_of(domain)))
            ndr_buffer_printf(out,
                              "<rect class=\"window\" x=\"%" PRId64
                              "\" y=\"0\" width=\"%" PRId64 "\" height=\"%d\"/>",
                              a, b - a, HIGH);
    }
}

void
customer_plot(ndr_buffer *out, const customer_frame *f, const domain_view *v)
{
    uint64_t count[STEPS] = {0};
    uint64_t highest = 0;
    const int64_t from = (f->shown->at / NDR_STEP_S - STEPS + 1) * NDR_STEP_S;
    said_number number;
    time_html at;
    if (v->series == NULL)
        return;
    for (size_t i = 0; i < v->series->count; i++) {
        const int64_t step = (v->series->row[i].step - from) / NDR_STEP_S;
        if (v->series->row[i].step < from || step >= STEPS)
            continue;
        count[step] = v->series->row[i].bounces;
        highest = count[step] > highest ? count[step] : highest;
    }
    const double most = highest > 4 ? (double)highest * 1.05 : 4;
    html_printf(out,
                "<figure class=\"%r\"><svg viewBox=\"0 0 288 100\" "
                "preserveAspectRatio=\"none\" role=\"img\" aria-label=\"",
                view_word(v->state));
    say(out, f->lang, W_PLOT, v->domain, NULL);
    ndr_buffer_text(out, "\">");
    put_shade(out, f->shown, v->domain, from);
    ndr_buffer_printf(out, "<path class=\"area\" d=\"M0,%d", HIGH);
    for (int i = 0; i < STEPS; i++)
        ndr_buffer_printf(out, "L%d.5,%.1f", i, height_of((double)count[i], most));
    ndr_buffer_printf(out, "L%d,%dZ\"/>", STEPS, HIGH);
    if (v->usual_known)
        ndr_buffer_printf(out, "<path class=\"usual\" d=\"M0,%.1fH%d\"/>",
                          height_of(v->usual_per_hour * NDR_STEP_S / 3600, most), STEPS);
    ndr_buffer_text(out, "</svg><div class=\"axis\" aria-hidden=\"true\">");
    for (int i = 0; i <= 4; i++)
        ndr_buffer_printf(out, "%s",
                          customer_time(at, f->shown->at - DAY_S + i * DAY_S / 4));
    ndr_buffer_text(out, "</div><figcaption>");
    say(out, f->lang, W_PLOT_MOST, say_count(number, f->lang, highest), NULL);
    if (v->open != NULL) {
        ndr_buffer_text(out, " · ");
        say(out, f->lang, W_PLOT_WINDOW, NULL, NULL);
    }
    ndr_buffer_text(out, "</figcaption></figure>");
}
