/* SPDX-License-Identifier: BSD-3-Clause */
/* api.c - what does the console say as JSON, and as metrics? Described in openapi.json.
 */
#include "caller.h"

#include "app/history.h"
#include "app/history_read.h"
#include "app/json_writer.h"
#include "own_view.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHANGES_USUAL = 1000, CHANGES_MOST = 10000 }; /* of the history, in one answer */

static const char json[] = "application/json";

/* Seconds, or null for what is not known or has no end. */
static void
put_when(ndr_buffer *out, const char *name, int64_t at)
{
    if (at == NDR_TIME_UNKNOWN || at == NDR_TIME_OPEN)
        json_put_null(out, name);
    else
        json_put_integer(out, name, at);
}

void
api_error(web_reply *ret, int status, const char *words)
{
    ret->status = status;
    ret->type = json;
    ndr_buffer_clear(&ret->body);
    json_begin(&ret->body, NULL, '{');
    json_put_word(&ret->body, "error", words);
    ndr_buffer_text(&ret->body, "}\n");
}

/* ---- domains ---------------------------------------------------------------------- */

static void
put_window(ndr_buffer *out, const char *name, const ndr_window *w)
{
    json_begin(out, name, '{');
    json_put_text(out, "domain", w->domain);
    put_when(out, "from", w->from);
    put_when(out, "until", w->until);
    json_put_bool(out, "until_calm", w->until_calm);
    json_put_bool(out, "subdomains", w->subdomains);
    json_put_text(out, "note", w->note);
    if (w->take != NDR_TAKE_USUAL)
        json_put_word(out, "take", ndr_take_name(w->take));
    json_put_text(out, "where", w->where);
    json_end(out, '}');
}

static void
put_domain(ndr_buffer *out, const domain_view *v, int64_t now)
{
    ndr_buffer words = {0};
    view_words(&words, v, now);
    json_begin(out, NULL, '{');
    json_put_word(out, "domain", v->domain);
    json_put_word(out, "state", view_word(v->state));
    json_put_text(out, "words", (ndr_slice){words.ptr, words.len});
    json_put_count(out, "bounces_24h", v->bounces);
    json_put_count(out, "junk_24h", v->junk);
    json_put_decimal(out, "now_per_hour", v->now_per_hour, 0);
    if (v->usual_known)
        json_put_decimal(out, "usual_per_hour", v->usual_per_hour, 1);
    else
        json_put_null(out, "usual_per_hour");
    put_when(out, "began", v->began);
    put_when(out, "calm_since", v->calm_since);
    if (v->open != NULL)
        put_window(out, "window", v->open);
    else
        json_put_null(out, "window");
    json_end(out, '}');
    out->failed |= words.failed;
    ndr_buffer_free(&words);
}

void
api_domains(console *c, const route_call *r, web_reply *ret)
{
    (void)r;
    const snapshot *s = c->snapshot;
    ret->type = json;
    json_begin(&ret->body, NULL, '{');
    put_when(&ret->body, "at", s->at);
    put_when(&ret->body, "known", s->known);
    json_put_word(&ret->body, "error", s->error);
    json_begin(&ret->body, "domains", '[');
    for (size_t i = 0; i < s->count; i++)
        put_domain(&ret->body, &s->row[i], s->at);
    ndr_buffer_text(&ret->body, "]}\n");
}

/* ---- the plot of one domain ----------------------------------------------------------
 */

typedef struct grid {
    int64_t from;
    size_t count;
    uint64_t *bounces, *junk;
    double *usual;
} grid;

static bool
grid_new(grid *g, int64_t until, unsigned hours)
{
    g->count = (size_t)hours * 3600 / NDR_STEP_S;
    g->from = (until / NDR_STEP_S - (int64_t)g->count + 1) * NDR_STEP_S;
    g->bounces = calloc(g->count, sizeof *g->bounces);
    g->junk = calloc(g->count, sizeof *g->junk);
    g->usual = calloc(g->count, sizeof *g->usual);
    return g->bounces != NULL && g->junk != NULL && g->usual != NULL;
}

static void
grid_free(grid *g)
{
    free(g->bounces);
    free(g->junk);
    free(g->usual);
}

static void
grid_fill(grid *g, const ndr_series *s)
{
    for (size_t i = 0; i < s->count; i++) {
        const int64_t at = (s->row[i].step - g->from) / NDR_STEP_S;
        if (s->row[i].step >= g->from && (size_t)at < g->count) {
            g->bounces[at] = s->row[i].bounces;
            g->junk[at] = s->row[i].junk;
        }
    }
}

static void
put_counts(ndr_buffer *out, const char *name, const uint64_t *n, size_t count)
{
    json_begin(out, name, '[');
    for (size_t i = 0; i < count; i++)
        json_put_count(out, NULL, n[i]);
    json_end(out, ']');
}

static void
put_grid(ndr_buffer *out, const grid *g)
{
    json_put_integer(out, "from", g->from);
    json_put_integer(out, "step", NDR_STEP_S);
    put_counts(out, "bounces", g->bounces, g->count);
    put_counts(out, "junk", g->junk, g->count);
    json_begin(out, "usual", '[');
    for (size_t i = 0; i < g->count; i++)
        if (g->usual[i] < 0)
            json_put_null(out, NULL);
        else
            json_put_decimal(out, NULL, g->usual[i], 2);
    json_end(out, ']');
}

static unsigned
hours_asked(const web_request *q)
{
    const char *text = q->query(q, "hours");
    const long hours = text != NULL ? strtol(text, NULL, 10) : 24;
    return hours < 1 ? 1 : hours > 14 * 24 ? 14 * 24 : (unsigned)hours;
}

void
api_series(console *c, const route_call *r, web_reply *ret)
{
    const snapshot *s = c->snapshot;
    const char *domain = r->q->query(r->q, "domain");
    const domain_view *v = domain != NULL ? snapshot_find(s, domain) : NULL;
    grid g = {0};
    ndr_error err = {0};
    if (v == NULL) {
        api_error(ret, 404,
                  domain != NULL ? "no bounces to this domain are known"
                                 : "say which: ?domain=example.com");
        return;
    }
    if (!grid_new(&g, s->at, hours_asked(r->q)) ||
        (v->series != NULL && ndr_usual_rates(v->series, s->report.list.begin, g.from,
                                              g.count, g.usual, &err) != 0)) {
        grid_free(&g);
        api_error(ret, 503, "out of memory");
        return;
    }
    if (v->series != NULL)
        grid_fill(&g, v->series);
    ret->type = json;
    json_begin(&ret->body, NULL, '{');
    json_put_word(&ret->body, "domain", domain);
    put_grid(&ret->body, &g);
    json_begin(&ret->body, "windows", '[');
    const ndr_windows *w =
        s->window_table != NULL ? ndr_window_table_rows(s->window_table) : NULL;
    for (size_t i = 0; w != NULL && i < w->count; i++)
        if (w->row[i].until > g.from &&
            ndr_window_is_for(&w->row[i], ndr_slice_of(domain)))
            put_window(&ret->body, NULL, &w->row[i]);
    ndr_buffer_text(&ret->body, "]}\n");
    grid_free(&g);
}

/* ---- jobs, runs, history ------------------------------------------------------------
 */

void
api_job(console *c, const route_call *r, web_reply *ret)
{
    const char *id = strrchr(r->q->path, '/');
    const job *j = jobs_find(&c->jobs, strtoull(id + 1, NULL, 10), NULL);
    if (j == NULL) {
        api_error(ret, 404, "no job of this number");
        return;
    }
    ret->type = json;
    job_json(j, &ret->body);
}

void
api_runs(console *c, const route_call *r, web_reply *ret)
{
    runs all;
    ndr_error err = {0};
    const int rc = console_runs(c, r, &(mover_for){0}, &all, ret, &err);
    if (rc == WAIT_LATER)
        return;
    if (rc != 0) {
        api_error(ret, 503, err.text);
        return;
    }
    ret->type = json;
    json_begin(&ret->body, NULL, '{');
    json_begin(&ret->body, "runs", '[');
    for (size_t i = all.count; i > 0; i--) {
        const run_row *run = &all.row[i - 1];
        json_begin(&ret->body, NULL, '{');
        json_put_word(&ret->body, "id", run->id);
        json_put_integer(&ret->body, "begun", run->begun);
        json_put_word(&ret->body, "verb", run->verb);
        json_put_bool(&ret->body, "ended", run->ended);
        json_put_bool(&ret->body, "undone", run->undone);
        json_put_count(&ret->body, "junked", run->junked);
        json_put_count(&ret->body, "released", run->released);
        json_put_count(&ret->body, "put_back", run->put_back);
        json_end(&ret->body, '}');
    }
    ndr_buffer_text(&ret->body, "]}\n");
    runs_free(&all);
}

/* The newest changes, as they are told: each is a JSON object already. */
typedef struct newest {
    ndr_buffer text;
    size_t end[CHANGES_MOST]; /* in the text */
    size_t count, most;
    bool more; /* there are older ones */
} newest;

static bool
keep_change(void *ctx, const history_line *line)
{
    newest *n = ctx;
    n->more = n->count == n->most;
    if (n->more)
        return false;
    ndr_buffer_add(&n->text, line->whole);
    n->end[n->count++] = n->text.len;
    return !n->text.failed;
}

static size_t
changes_asked(const web_request *q)
{
    const char *text = q->query(q, "limit");
    const long limit = text != NULL ? strtol(text, NULL, 10) : 0;
    return limit < 1              ? CHANGES_USUAL
           : limit > CHANGES_MOST ? CHANGES_MOST
                                  : (size_t)limit;
}

/* In the order in which they were made. */
static void
put_changes(ndr_buffer *out, const newest *n)
{
    json_begin(out, NULL, '{');
    json_begin(out, "changes", '[');
    for (size_t i = n->count; i > 0; i--) {
        const size_t begin = i > 1 ? n->end[i - 2] : 0;
        json_put_whole(out, (ndr_slice){n->text.ptr + begin, n->end[i - 1] - begin});
    }
    json_end(out, ']');
    json_put_bool(out, "more", n->more);
    ndr_buffer_text(out, "}\n");
}

void
api_history(console *c, const route_call *r, web_reply *ret)
{
    (void)c;
    history h;
    ndr_error err = {0};
    newest *n = calloc(1, sizeof *n);
    if (n == NULL) {
        api_error(ret, 503, "out of memory");
        return;
    }
    n->most = changes_asked(r->q);
    ret->type = json;
    if (history_begin(&h, NULL, "", 0, &err) != 0 ||
        history_newest(h.path, &(history_asked){.tell = keep_change, .ctx = n}, &err) !=
            0)
        api_error(ret, 503, err.text);
    else if (n->text.failed)
        api_error(ret, 503, "out of memory");
    else
        put_changes(&ret->body, n);
    ndr_buffer_free(&n->text);
    free(n);
}

/* ---- metrics
 * --------------------------------------------------------------------------- */

/* A label's value. Source: Prometheus text format 0.0.4. */
static void
put_label(ndr_buffer *out, const char *text)
{
    for (; *text != '\0'; text++)
        if (*text == '"' || *text == '\\')
            ndr_buffer_printf(out, "\\%c", *text);
        else
            ndr_buffer_byte(out, *text == '\n' ? ' ' : (unsigned char)*text);
}

void
api_metrics(console *c, const route_call *r, web_reply *ret)
{
    const snapshot *s = c->snapshot;
    ndr_buffer *out = &ret->body;
    uint64_t state[NDR_STATE_QUIET + 1] = {0};
    own_view own; /* a person's alone; of the operator, all */
    if (!own_view_make(&own, s, r->who->person)) {
        api_error(ret, 503, "out of memory");
        return;
    }
    ret->type = "text/plain; version=0.0.4; charset=utf-8";
    ndr_buffer_text(out,
                    "# HELP ndrscan_bounces_24h Bounces to a domain in the last day.\n"
                    "# TYPE ndrscan_bounces_24h gauge\n");
    for (size_t i = 0; i < own.count; i++) {
        ndr_buffer_text(out, "ndrscan_bounces_24h{domain=\"");
        put_label(out, own.row[i]->domain);
        ndr_buffer_printf(out, "\"} %" PRIu64 "\n", own.row[i]->bounces);
        state[own.row[i]->state]++;
    }
    own_view_free(&own);
    ndr_buffer_text(out, "# HELP ndrscan_domains Domains by state.\n"
                         "# TYPE ndrscan_domains gauge\n");
    for (int i = 0; i <= NDR_STATE_QUIET; i++)
        ndr_buffer_printf(out, "ndrscan_domains{state=\"%s\"} %" PRIu64 "\n",
                          view_word((enum ndr_state)i), state[i]);
    ndr_buffer_printf(out,
                      "# HELP ndrscan_known_seconds Up to when bounces are counted.\n"
                      "# TYPE ndrscan_known_seconds gauge\nndrscan_known_seconds %" PRId64
                      "\n",
                      s->known);
    if (c->admins != NULL && r->who->person == NULL)
        ndr_buffer_printf(
            out,
            "# HELP ndrscan_password_hashes_total Passwords that were compared.\n"
            "# TYPE ndrscan_password_hashes_total counter\n"
            "ndrscan_password_hashes_total %" PRIu64 "\n",
            worker_hashes(c->passwords));
}
