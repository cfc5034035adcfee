/* SPDX-License-Identifier: BSD-3-Clause */
/* pages.c - how does the console look as HTML? */
#include "pages.h"

#include "app/html_text.h"
#include "app/text.h"
#include "assets.h"

#include <string.h>
#include <time.h>

const char *
page_up(const char *path)
{
    static const char far[] = "../../../../../../../../";
    size_t folders = 0;
    for (const char *p = path + (path[0] == '/'); (p = strchr(p, '/')) != NULL; p++)
        folders++;
    const size_t most = (sizeof far - 1) / 3;
    return far + 3 * (most - (folders < most ? folders : most));
}

/* With its mark, so that a browser never keeps an old one. */
void
page_asset(ndr_buffer *out, const char *before, const char *up, const char *name,
           const char *behind)
{
    for (const asset *a = assets; a->name != NULL; a++)
        if (strcmp(a->name, name) == 0)
            html_printf(out, "%r%rassets/%s?v=%s%r", before, up, a->name, a->mark,
                        behind);
}

static void
head(ndr_buffer *out, const char *up, const char *title)
{
    html_printf(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
        "<title>%s</title>"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">",
        title);
    page_asset(out, "<link rel=\"icon\" href=\"", up, "icon.svg", "\">");
    page_asset(out, "<link rel=\"stylesheet\" href=\"", up, "uplot.css", "\">");
    page_asset(out, "<link rel=\"stylesheet\" href=\"", up, "page.css", "\">");
}

void
page_time(ndr_buffer *out, int64_t at)
{
    char utc[32];
    char here[64];
    struct tm tm;
    const time_t t = (time_t)at;
    ndr_time_format(at, utc);
    if (localtime_r(&t, &tm) == NULL ||
        strftime(here, sizeof here, "%a %e %b %H:%M %Z", &tm) == 0)
        memcpy(here, utc, sizeof utc);
    html_printf(out, "<time datetime=\"%s\" data-at=\"%d\" title=\"%s\">%s</time>", utc,
                at, utc, here);
}

void
page_begin(ndr_buffer *out, const page_frame *f, const char *title, const char *here)
{
    head(out, "", title);
    page_asset(out, "<script src=\"", "", "uplot.js", "\" defer></script>");
    page_asset(out, "<script src=\"", "", "page.js", "\" defer></script>");
    html_printf(out,
                "</head><body data-form=\"%s\" data-mail=\"%r\" data-hours=\"%d\">"
                "<a class=\"skip\" href=\"#main\">To the list</a>"
                "<header class=\"top\"><h1>%s</h1><p>%s</p></header><nav "
                "aria-label=\"Pages\"><ul>",
                f->session->form_token, f->mail ? "yes" : "no", (int64_t)f->hours, title,
                f->host);
    static const char *const pages[][2] = {{"./", "Domains"}, {"history", "History"}};
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++)
        html_printf(out, "<li><a href=\"%r\"%r>%r</a></li>", pages[i][0],
                    strcmp(pages[i][1], here) == 0 ? " aria-current=\"page\"" : "",
                    pages[i][1]);
    ndr_buffer_text(out, "</ul></nav><main id=\"main\" tabindex=\"-1\">");
}

void
page_end(ndr_buffer *out, const page_frame *f)
{
    html_printf(
        out,
        "</main><p id=\"live\" class=\"quiet\" role=\"status\" aria-live=\"polite\"></p>"
        "<dialog id=\"work\" aria-labelledby=\"work-title\"><h2 id=\"work-title\"></h2>"
        "<div class=\"content\" aria-live=\"polite\"></div>"
        "<div class=\"buttons\"></div></dialog>"
        "<footer><form method=\"post\" action=\"logout\">"
        "<input type=\"hidden\" name=\"form\" value=\"%s\">"
        "<button>Log out</button></form></footer></body></html>\n",
        f->session->form_token);
}

void
page_login(ndr_buffer *out, const char *up, const char *error)
{
    head(out, up, "Log in to ndrscan");
    ndr_buffer_text(out, "</head><body><main class=\"login\"><h1>ndrscan console</h1>");
    if (error != NULL)
        html_printf(out, "<p class=\"error\" role=\"alert\">%s</p>", error);
    html_printf(
        out,
        "<form method=\"post\" action=\"%rlogin\"><label for=\"token\">Token</label>"
        "<input id=\"token\" name=\"token\" type=\"password\" required autofocus "
        "autocomplete=\"current-password\" spellcheck=\"false\">"
        "<p class=\"quiet\">The file that holds it was named when the console "
        "started.</p>"
        "<p><button class=\"main\">Log in</button></p></form></main></body></html>\n",
        up);
}

void
page_words(ndr_buffer *out, const char *up, const char *title, const char *words)
{
    head(out, up, title);
    html_printf(out,
                "</head><body><main class=\"login\"><h1>%s</h1><p role=\"alert\">%s</p>"
                "<p><a href=\"%r./\">Back to the list</a></p></main></body></html>\n",
                title, words, up);
}

/* ---- the list of domains -------------------------------------------------------- */

static void
put_sentence(ndr_buffer *out, const domain_view *v, int64_t now)
{
    number a;
    html_printf(out, "<p><strong>%s</strong> ", v->domain);
    if (v->began != NDR_TIME_UNKNOWN) {
        html_printf(out, "gets many bounces: %r in the last hour, ",
                    text_count(a, (uint64_t)(v->now_per_hour + 0.5)));
        view_usual(out, v);
        html_printf(out, ".%r",
                    v->state == NDR_STATE_BLOCKED ? " They are handled as junk."
                                                  : " " REPORT_BY_COUNT);
    } else {
        html_printf(out, "has been calm for %d minutes: its block can end.",
                    (now - v->calm_since) / 60);
    }
    ndr_buffer_text(out, "</p>");
}

static bool
is_news(const domain_view *v)
{
    return v->began != NDR_TIME_UNKNOWN ||
           (v->state == NDR_STATE_BLOCKED && v->calm_since != NDR_TIME_UNKNOWN);
}

/* What an administrator should know, in plain words. */
static void
put_news(ndr_buffer *out, const snapshot *s)
{
    enum { SENTENCES = 5 };
    size_t news = 0;
    bool many = false;
    for (size_t i = 0; i < s->count; i++) {
        news += is_news(&s->row[i]);
        many |= s->row[i].state == NDR_STATE_STORM;
    }
    html_printf(out, "<div class=\"news%r\" role=\"status\">", many ? " many" : "");
    if (news == 0)
        ndr_buffer_text(out, "<p>No domain gets many bounces.</p>");
    size_t told = 0;
    for (size_t i = 0; i < s->count && told < SENTENCES; i++)
        if (is_news(&s->row[i])) {
            put_sentence(out, &s->row[i], s->at);
            told++;
        }
    if (news > told)
        html_printf(out, "<p>And %d more below.</p>", (int64_t)(news - told));
    ndr_buffer_text(out, "</div>");
}

void
page_fields_again(ndr_buffer *out, const session *s, const char *domain)
{
    html_printf(out,
                "<input type=\"hidden\" name=\"form\" value=\"%s\">"
                "<input type=\"hidden\" name=\"once\" value=\"%d\">",
                s->form_token, (int64_t)s->forms);
    if (domain != NULL)
        html_printf(out, "<input type=\"hidden\" name=\"domain\" value=\"%s\">", domain);
}

void
page_fields_list(ndr_buffer *out, const page_frame *f)
{
    ndr_buffer_printf(out,
                      "<input type=\"hidden\" name=\"list\" value=\"yes\">"
                      "<input type=\"hidden\" name=\"hours\" value=\"%u\">"
                      "<input type=\"hidden\" name=\"rows\" value=\"%zu\">",
                      f->hours, f->rows);
}

void
page_fields(ndr_buffer *out, session *s, const char *domain)
{
    (void)session_form(s);
    page_fields_again(out, s, domain);
}

static void
put_switch_off(ndr_buffer *out, const domain_view *v)
{
    html_printf(
        out,
        "<button name=\"do\" value=\"block\" role=\"switch\" aria-checked=\"false\">"
        "Handle every bounce to this domain as junk</button>"
        "<label>until <select name=\"until\">"
        "<option value=\"calm\">it is calm for at least 30 minutes (24 h at "
        "most)</option>"
        "<option value=\"1h\">in 1 hour</option>"
        "<option value=\"tomorrow\">tomorrow 08:00</option>"
        "<option value=\"date\">a date</option></select></label>"
        "<input type=\"datetime-local\" name=\"until_date\" "
        "aria-label=\"Until, for %s\">"
        "<details><summary>From another time, or not all of them</summary><label>from "
        "<input type=\"datetime-local\" name=\"from\"></label> "
        "<span class=\"quiet\">empty: from now on</span> <label>takes "
        "<select name=\"take\"><option value=\"\">all but what is proven ours, where "
        "that "
        "can be told</option><option value=\"all\">all, ours too</option>"
        "<option value=\"forged\">only what is proven forged</option></select></label>"
        "</details>",
        v->domain);
    if (v->began != NDR_TIME_UNKNOWN) {
        char at[32];
        number words;
        ndr_time_format(v->began, at);
        html_printf(
            out,
            "<label><input type=\"checkbox\" name=\"began\" value=\"%s\"> since %s, "
            "when it began</label>",
            at, text_local(words, v->began));
    }
}

static void
put_switch_on(ndr_buffer *out, const domain_view *v)
{
    const ndr_window *w = v->open;
    ndr_buffer_text(out, "<button name=\"do\" value=\"unblock\" role=\"switch\" "
                         "aria-checked=\"true\"");
    ndr_buffer_text(out, v->ours ? ">" : " disabled>");
    ndr_buffer_text(out, "Bounces are handled as junk</button><span>");
    if (w->take == NDR_TAKE_FORGED || w->take == NDR_TAKE_ALL)
        html_printf(out, "%s ",
                    w->take == NDR_TAKE_ALL ? "all, ours too," : "only forged ones,");
    if (w->until == NDR_TIME_OPEN) {
        ndr_buffer_text(out, "without an end");
    } else {
        ndr_buffer_text(out, "until ");
        page_time(out, w->until);
    }
    if (!v->ours) {
        ndr_buffer_text(out, "; it stands in ");
        html_text(out, w->where);
        ndr_buffer_text(out, ", and is ended there");
    }
    ndr_buffer_text(out, "</span>");
    if (w->note.len > 0) {
        ndr_buffer_text(out, "<span class=\"quiet\">");
        html_text(out, w->note);
        ndr_buffer_text(out, "</span>");
    }
}

void
page_undo(ndr_buffer *out, const run_row *r, const char *domain)
{
    number junked, released, rest;
    if (!run_can_undo(r))
        return;
    html_printf(out,
                "<button type=\"button\" hidden data-undo=\"%s\" data-domain=\"%s\" "
                "data-junks=\"%r\">Undo: ",
                r->id, domain, r->released > 0 ? text_count(released, r->released) : "");
    if (r->put_back > 0)
        html_printf(out, "the %r messages that are left of it</button>",
                    text_count(rest, r->junked + r->released - r->put_back));
    else if (r->released == 0)
        html_printf(out, "%r messages out of Junk</button>",
                    text_count(junked, r->junked));
    else if (r->junked == 0)
        html_printf(out, "%r messages into Junk again</button>",
                    text_count(released, r->released));
    else
        html_printf(out, "%r messages out of Junk, %r into it again</button>",
                    text_count(junked, r->junked), text_count(released, r->released));
}

static void
put_undo(ndr_buffer *out, const page_frame *f, const domain_view *v)
{
    for (size_t i = 0; i < f->undo_count; i++)
        if (f->undo[i].can && strcmp(f->undo[i].domain, v->domain) == 0) {
            ndr_buffer_text(out, "<p>");
            page_undo(out, &f->undo[i].row, v->domain);
            ndr_buffer_text(out, "</p>");
        }
}

/* Its forms have the number of the page's first one: a number for each row, and those of
 * the first would be old by the last. */
static void
put_domain(ndr_buffer *out, const page_frame *f, const snapshot *s, const domain_view *v)
{
    ndr_buffer words = {0};
    number bounces, junk;
    view_words(&words, v, s->at);
    ndr_buffer_byte(&words, '\0');
    const char *said = words.failed ? "" : (const char *)words.ptr;
    html_printf(
        out,
        "<section class=\"domain\" id=\"d-%s\" data-domain=\"%s\" data-state=\"%r\" "
        "aria-labelledby=\"h-%s\"><div class=\"title\"><h2 id=\"h-%s\">%s</h2>"
        "<span class=\"badge %r\">%r</span> <span class=\"quiet words\">%s</span></div>",
        v->domain, v->domain, view_word(v->state), v->domain, v->domain, v->domain,
        view_word(v->state), ndr_state_name(v->state), said);
    html_printf(
        out,
        "<p class=\"quiet\">%r bounces in the last 24 hours, %r of them junk when they "
        "were "
        "counted.</p>"
        "<figure class=\"%r\" role=\"img\" aria-label=\"Bounces to %s over the last "
        "%d hours: %s\"><noscript><p>The plot needs the page's script.</p></noscript>"
        "</figure>",
        text_count(bounces, v->bounces), text_count(junk, v->junk),
        v->state == NDR_STATE_QUIET ? "small" : "large", v->domain, (int64_t)f->hours,
        said);
    html_printf(out,
                "<form class=\"switch\" method=\"post\" action=\"windows\" "
                "data-domain=\"%s\" data-open=\"%r\">",
                v->domain, v->open != NULL ? "yes" : "no");
    page_fields_again(out, f->session, v->domain);
    page_fields_list(out, f);
    if (v->open != NULL)
        put_switch_on(out, v);
    else
        put_switch_off(out, v);
    ndr_buffer_text(out, "</form>");
    if (v->domain[0] != '\0')
        page_auto(out, f, s, v->domain);
    put_undo(out, f, v);
    if (v->domain[0] != '\0')
        html_printf(out, "<p><a href=\"domain?name=%s\">What was done to %s</a></p>",
                    v->domain, v->domain);
    ndr_buffer_text(out, "</section>");
    ndr_buffer_free(&words);
}

static void
put_tools(ndr_buffer *out, const page_frame *f)
{
    static const struct {
        unsigned hours;
        const char *words;
    } spans[] = {{24, "24 hours"}, {7 * 24, "7 days"}, {14 * 24, "14 days"}};
    ndr_buffer_text(out, "<div class=\"tools\"><span>Plots of the last");
    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++)
        html_printf(out, "%r <a href=\"./?hours=%d\"%r>%r</a>", i > 0 ? "," : "",
                    (int64_t)spans[i].hours,
                    spans[i].hours == f->hours ? " aria-current=\"true\"" : "",
                    spans[i].words);
    ndr_buffer_text(out,
                    "</span><p hidden><label>Domain <input id=\"filter\" type=\"search\" "
                    "autocomplete=\"off\"></label></p>");
    if (f->mail)
        ndr_buffer_text(
            out, "<button type=\"button\" hidden data-apply=\"all\">Apply the windows to "
                 "the mail folders</button>");
    ndr_buffer_text(out, "</div>");
}

/* A domain that has no row yet: the page's first form. */
static void
put_any(ndr_buffer *out, const page_frame *f)
{
    html_printf(
        out,
        "<details><summary>Block a domain that is not in the list</summary>"
        "<form class=\"switch\" method=\"post\" action=\"windows\" data-open=\"no\">");
    page_fields(out, f->session, NULL);
    page_fields_list(out, f);
    ndr_buffer_text(out, "<label>Domain <input name=\"domain\" required "
                         "autocomplete=\"off\"></label>");
    put_switch_off(out,
                   &(domain_view){.domain = "the domain", .began = NDR_TIME_UNKNOWN});
    ndr_buffer_text(out, "</form></details>");
}

void
page_domains(ndr_buffer *out, const page_frame *f, const snapshot *s)
{
    page_begin(out, f, "Bounce windows", "Domains");
    if (s->error[0] != '\0')
        html_printf(out, "<p class=\"error\" role=\"alert\">%s</p>", s->error);
    put_news(out, s);
    put_tools(out, f);
    if (s->count == 0)
        ndr_buffer_text(out,
                        "<p>No bounces are known yet: scan with --stats, and they show "
                        "here.</p>");
    put_any(out, f);
    const size_t rows = s->count < f->rows ? s->count : f->rows;
    for (size_t i = 0; i < rows; i++)
        put_domain(out, f, s, &s->row[i]);
    if (rows < s->count)
        html_printf(
            out, "<p><a href=\"./?hours=%d&amp;rows=%d\">%d quieter domains more</a></p>",
            (int64_t)f->hours, (int64_t)(f->rows * 10), (int64_t)(s->count - rows));
    page_end(out, f);
}
