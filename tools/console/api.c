/* SPDX-License-Identifier: BSD-3-Clause */
/* api.c - what does the console say as JSON, and as metrics? Described in openapi.json.
 */
#include "console.h"

#include "app/history.h"
#include "ndrscan_io.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char json[] = "application/json";

static void
put_text(ndr_buffer *out, ndr_slice text)
{
    ndr_buffer_byte(out, '"');
    ndr_json_text(out, text);
    ndr_buffer_byte(out, '"');
}

/* Seconds, or null for what is not known or has no end. */
static void
put_when(ndr_buffer *out, int64_t at)
{
    if (at == NDR_TIME_UNKNOWN || at == NDR_TIME_OPEN)
        ndr_buffer_text(out, "null");
    else
        ndr_buffer_printf(out, "%" PRId64, at);
}

void
api_error(web_reply *ret, int status, const char *words)
{
    ret->status = status;
    ret->type = json;
    ndr_buffer_clear(&ret->body);
    ndr_buffer_text(&ret->body, "{\"error\":");
    put_text(&ret->body, ndr_slice_of(words));
    ndr_buffer_text(&ret->body, "}\n");
}

/* ---- domains ---------------------------------------------------------------------- */

static void
put_window(ndr_buffer *out, const ndr_window *w)
{
    ndr_buffer_text(out, "{\"domain\":");
    put_text(out, w->domain);
    ndr_buffer_text(out, ",\"from\":");
    put_when(out, w->from);
    ndr_buffer_text(out, ",\"until\":");
    put_when(out, w->until);
    ndr_buffer_printf(out, ",\"until_calm\":%s,\"subdomains\":%s,\"note\":",
                      w->until_calm ? "true" : "false", w->subdomains ? "true" : "false");
    put_text(out, w->note);
    if (w->take != NDR_TAKE_USUAL) {
        ndr_buffer_text(out, ",\"take\":");
        put_text(out, ndr_slice_of(ndr_take_name(w->take)));
    }
    ndr_buffer_text(out, ",\"where\":");
    put_text(out, w->where);
    ndr_buffer_byte(out, '}');
}

static void
put_domain(ndr_buffer *out, const domain_view *v, int64_t now)
{
    ndr_buffer words = {0};
    view_words(&words, v, now);
    ndr_buffer_text(out, "{\"domain\":");
    put_text(out, ndr_slice_of(v->domain));
    ndr_buffer_printf(out, ",\"state\":\"%s\",\"words\":", view_word(v->state));
    put_text(out, (ndr_slice){words.ptr, words.len});
    ndr_buffer_printf(out,
                      ",\"bounces_24h\":%" PRIu64 ",\"junk_24h\":%" PRIu64
                      ",\"now_per_hour\":%.0f,\"usual_per_hour\":",
                      v->bounces, v->junk, v->now_per_hour);
    if (v->usual_known)
        ndr_buffer_printf(out, "%.1f", v->usual_per_hour);
    else
        ndr_buffer_text(out, "null");
    ndr_buffer_text(out, ",\"began\":");
    put_when(out, v->began);
    ndr_buffer_text(out, ",\"calm_since\":");
    put_when(out, v->calm_since);
    ndr_buffer_text(out, ",\"window\":");
    if (v->open != NULL)
        put_window(out, v->open);
    else
        ndr_buffer_text(out, "null");
    ndr_buffer_byte(out, '}');
    out->failed |= words.failed;
    ndr_buffer_free(&words);
}

void
api_domains(console *c, const web_request *q, web_reply *ret)
{
    (void)q;
    const snapshot *s = c->snapshot;
    ret->type = json;
    ndr_buffer_text(&ret->body, "{\"at\":");
    put_when(&ret->body, s->at);
    ndr_buffer_text(&ret->body, ",\"known\":");
    put_when(&ret->body, s->known);
    ndr_buffer_text(&ret->body, ",\"error\":");
    put_text(&ret->body, ndr_slice_of(s->error));
    ndr_buffer_text(&ret->body, ",\"domains\":[");
    for (size_t i = 0; i < s->count; i++) {
        if (i > 0)
            ndr_buffer_byte(&ret->body, ',');
        put_domain(&ret->body, &s->row[i], s->at);
    }
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
put_grid(ndr_buffer *out, const grid *g)
{
    ndr_buffer_printf(out, "\"from\":%" PRId64 ",\"step\":%d,\"bounces\":[", g->from,
                      NDR_STEP_S);
    for (size_t i = 0; i < g->count; i++)
        ndr_buffer_printf(out, i > 0 ? ",%" PRIu64 : "%" PRIu64, g->bounces[i]);
    ndr_buffer_text(out, "],\"junk\":[");
    for (size_t i = 0; i < g->count; i++)
        ndr_buffer_printf(out, i > 0 ? ",%" PRIu64 : "%" PRIu64, g->junk[i]);
    ndr_buffer_text(out, "],\"usual\":[");
    for (size_t i = 0; i < g->count; i++) {
        if (i > 0)
            ndr_buffer_byte(out, ',');
        if (g->usual[i] < 0)
            ndr_buffer_text(out, "null");
        else
            ndr_buffer_printf(out, "%.2f", g->usual[i]);
    }
    ndr_buffer_text(out, "],\"windows\":[");
}

static unsigned
hours_asked(const web_request *q)
{
    const char *text = q->query(q, "hours");
    const long hours = text != NULL ? strtol(text, NULL, 10) : 24;
    return hours < 1 ? 1 : hours > 14 * 24 ? 14 * 24 : (unsigned)hours;
}

void
api_series(console *c, const web_request *q, web_reply *ret)
{
    const snapshot *s = c->snapshot;
    const char *domain = q->query(q, "domain");
    const domain_view *v = domain != NULL ? snapshot_find(s, domain) : NULL;
    grid g = {0};
    ndr_error err = {0};
    if (v == NULL) {
        api_error(ret, 404,
                  domain != NULL ? "no bounces to this domain are known"
                                 : "say which: ?domain=example.com");
        return;
    }
    if (!grid_new(&g, s->at, hours_asked(q)) ||
        (v->series != NULL && ndr_usual_of(v->series, s->report.list.begin, g.from,
                                           g.count, g.usual, &err) != 0)) {
        grid_free(&g);
        api_error(ret, 503, "out of memory");
        return;
    }
    if (v->series != NULL)
        grid_fill(&g, v->series);
    ret->type = json;
    ndr_buffer_text(&ret->body, "{\"domain\":");
    put_text(&ret->body, ndr_slice_of(domain));
    ndr_buffer_byte(&ret->body, ',');
    put_grid(&ret->body, &g);
    const ndr_windows *w =
        s->window_table != NULL ? ndr_window_table_rows(s->window_table) : NULL;
    bool first = true;
    for (size_t i = 0; w != NULL && i < w->count; i++)
        if (w->row[i].until > g.from &&
            ndr_window_is_for(&w->row[i], ndr_slice_of(domain))) {
            if (!first)
                ndr_buffer_byte(&ret->body, ',');
            first = false;
            put_window(&ret->body, &w->row[i]);
        }
    ndr_buffer_text(&ret->body, "]}\n");
    grid_free(&g);
}

/* ---- jobs, runs, history
 * ---------------------------------------------------------------- */

void
api_job(console *c, const web_request *q, web_reply *ret)
{
    const char *id = strrchr(q->path, '/');
    const job *j = jobs_find(&c->jobs, strtoull(id + 1, NULL, 10));
    if (j == NULL) {
        api_error(ret, 404, "no job of this number");
        return;
    }
    ret->type = json;
    job_json(j, &ret->body);
}

void
api_runs(console *c, const web_request *q, web_reply *ret)
{
    (void)q;
    runs all;
    ndr_error err = {0};
    if (runs_read(c->mover, &all, &err) != 0) {
        api_error(ret, 503, err.text);
        return;
    }
    ret->type = json;
    ndr_buffer_text(&ret->body, "{\"runs\":[");
    for (size_t i = all.count; i > 0; i--) {
        const run_row *r = &all.row[i - 1];
        ndr_buffer_printf(&ret->body,
                          "%s{\"id\":\"%s\",\"begun\":%" PRId64
                          ",\"verb\":\"%s\",\"ended\":%s,"
                          "\"undone\":%s,\"junked\":%" PRIu64 ",\"released\":%" PRIu64
                          ",\"put_back\":%" PRIu64 "}",
                          i < all.count ? "," : "", r->id, r->begun, r->verb,
                          r->ended ? "true" : "false", r->undone ? "true" : "false",
                          r->junked, r->released, r->put_back);
    }
    ndr_buffer_text(&ret->body, "]}\n");
    runs_free(&all);
}

/* A line of the history is a JSON object already. */
static void
put_line(void *ctx, const history_line *line)
{
    ndr_buffer *out = ctx;
    if (out->ptr[out->len - 1] != '[')
        ndr_buffer_byte(out, ',');
    ndr_buffer_add(out, line->whole);
}

void
api_history(console *c, const web_request *q, web_reply *ret)
{
    (void)c;
    (void)q;
    history h;
    ndr_error err = {0};
    ret->type = json;
    ndr_buffer_text(&ret->body, "{\"changes\":[");
    if (history_begin(&h, "", 0, &err) != 0 ||
        history_each(h.path, put_line, &ret->body, &err) != 0)
        api_error(ret, 503, err.text);
    else
        ndr_buffer_text(&ret->body, "]}\n");
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
api_metrics(console *c, const web_request *q, web_reply *ret)
{
    (void)q;
    const snapshot *s = c->snapshot;
    ndr_buffer *out = &ret->body;
    uint64_t state[NDR_STATE_QUIET + 1] = {0};
    ret->type = "text/plain; version=0.0.4; charset=utf-8";
    ndr_buffer_text(out,
                    "# HELP ndrscan_bounces_24h Bounces to a domain in the last day.\n"
                    "# TYPE ndrscan_bounces_24h gauge\n");
    for (size_t i = 0; i < s->count; i++) {
        ndr_buffer_text(out, "ndrscan_bounces_24h{domain=\"");
        put_label(out, s->row[i].domain);
        ndr_buffer_printf(out, "\"} %" PRIu64 "\n", s->row[i].bounces);
        state[s->row[i].state]++;
    }
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
}
