/* SPDX-License-Identifier: BSD-3-Clause */
/* report_text.c - the report for a terminal, for programs, and as windows. */
#include "app/json_writer.h"
#include "app/text.h"
#include "ndrscan_rules.h"
#include "report.h"

#include <string.h>

enum {
    INDENT = 9,
    NARROW = 40, /* columns: a terminal with less breaks lines by itself, one with */
    WIDE = 160,  /* more is not filled */
    LISTED = 80, /* from here on quiet domains stand in a table */
    NAME = 36,   /* of a domain in it */
    AXIS = 10,   /* before a plot */
    ROWS = 5,
    EIGHTHS = 8, /* of a row */
    TIMES = 33,  /* below a plot: two of them and a blank */
    TOP_PLOTS = 10,
    TOP_QUIET = 15,
    SUGGESTED_S = 86400, /* how long a suggested window is open at most */
};

/* ---- the terminal ----------------------------------------------------------------- */

static void
state_word(enum ndr_state state, bool colour, ndr_buffer *out)
{
    static const char *const sgr[] = {"1;31", "1;33", "1;32", "0"};
    const char *word = ndr_state_name(state);
    if (colour)
        ndr_buffer_printf(out, "\033[%sm%s\033[0m", sgr[state], word);
    else
        ndr_buffer_text(out, word);
    text_pad(out, strlen(word), INDENT);
}

/* One row of a bar so many eighths high. */
static void
add_bar(int eighths, bool blocks, bool lowest, ndr_buffer *out)
{
    if (eighths <= 0)
        ndr_buffer_byte(out, ' ');
    else if (!blocks)
        ndr_buffer_byte(out, eighths >= 6   ? '#'
                             : eighths >= 2 ? ':'
                             : lowest       ? '.'
                                            : ' ');
    else /* U+2581 to U+2588: an eighth to a full block, from below */
        ndr_buffer_printf(out, "\xE2\x96%c",
                          0x80 + (eighths < EIGHTHS ? eighths : EIGHTHS));
}

/* Bars, a column each for a part of the time; below, '=' where a window was open. */
static void
plot(const report *r, const report_row *row, const report_look *look, ndr_buffer *out)
{
    uint64_t bins[WIDE], most = 1;
    number n, from, until;
    bool blocked = false;
    const report_grid g = report_grid_of(r, look->columns - AXIS);
    report_bins(r, row, &g, bins, NULL);
    for (size_t i = 0; i < g.count; i++)
        most = bins[i] > most ? bins[i] : most;
    for (int line = ROWS; line >= 1; line--) {
        ndr_buffer_printf(out, "%8s |", line == ROWS ? text_count(n, most) : "");
        size_t end = out->len;
        for (size_t i = 0; i < g.count && !out->failed; i++) {
            int high = (int)((double)bins[i] / (double)most * ROWS * EIGHTHS + 0.5);
            high = bins[i] > 0 && high == 0 ? 1 : high;
            add_bar(high - (line - 1) * EIGHTHS, look->blocks, line == 1, out);
            if (out->len > 0 && out->ptr[out->len - 1] != ' ')
                end = out->len;
        }
        out->len = end; /* no blanks before the line's end */
        ndr_buffer_byte(out, '\n');
    }
    ndr_buffer_printf(out, "%8s +", "");
    for (size_t i = 0; i < g.count; i++) {
        const int64_t at = g.from + (int64_t)i * g.width_s;
        const bool open = report_blocked_in(r, row, at, at + g.width_s);
        blocked |= open;
        ndr_buffer_byte(out, open ? '=' : '-');
    }
    const size_t width = g.count > TIMES ? g.count : TIMES;
    const size_t before = width + AXIS > look->columns ? look->columns - width : AXIS;
    (void)text_local(from, g.from);
    ndr_buffer_printf(out, "\n%*s%s%*s\n", (int)before, "", from,
                      (int)(width - strlen(from)), text_local(until, r->now));
    if (blocked)
        ndr_buffer_printf(out, "%9s = a window was open\n", "");
}

/* Words, made safe, in lines; freed. */
static void
add_wrapped(ndr_buffer *words, size_t indent, const report_look *look, ndr_buffer *out)
{
    text_wrap(out, (ndr_slice){words->ptr, words->len}, indent, indent, look->columns);
    text_end(out, words);
}

static void
add_words(const report *r, const report_row *row, const report_look *look,
          ndr_buffer *out)
{
    ndr_buffer words = {0};
    report_words(r, row, &words);
    text_pad(out, 0, INDENT);
    add_wrapped(&words, INDENT, look, out);
}

/* "Many     example.com: 1,234 bounces, 0 junk" */
static void
add_head(const report_row *row, const report_look *look, ndr_buffer *out)
{
    number a, b;
    ndr_buffer words = {0};
    state_word(row->state, look->colour, out);
    ndr_buffer_printf(&words, "%s: %s bounces, %s junk", report_name(row),
                      text_count(a, row->bounces), text_count(b, row->junk));
    add_wrapped(&words, INDENT, look, out);
}

static void
plotted(const report *r, const report_row *row, const report_look *look, ndr_buffer *out)
{
    add_head(row, look, out);
    add_words(r, row, look, out);
    plot(r, row, look, out);
    ndr_buffer_byte(out, '\n');
}

/* A line of the table of quiet domains. A domain is other people's text. */
static void
listed(const report_row *row, const report_look *look, ndr_buffer *out)
{
    number a, b;
    ndr_buffer name = {0};
    if (look->columns < LISTED) {
        add_head(row, look, out);
        return;
    }
    state_word(row->state, look->colour, out);
    text_cut(&name, ndr_slice_of(report_name(row)), NAME);
    const ndr_slice cut = {name.ptr, name.len};
    ndr_buffer_add(out, cut);
    text_pad(out, text_columns(cut), NAME + 1);
    ndr_buffer_printf(out, "%9s bounces, %9s junk\n", text_count(a, row->bounces),
                      text_count(b, row->junk));
    text_end(out, &name);
}

/* What came to be known late of a time long ago is in no count. */
static void
tell_gaps(const report *r, const report_look *look, ndr_buffer *out)
{
    number a;
    ndr_buffer words = {0};
    if (r->whole == NDR_TIME_UNKNOWN || r->whole <= r->since)
        return;
    ndr_buffer_printf(&words,
                      "before %s single bounces are not remembered: what was scanned "
                      "since of that time is not counted",
                      text_local(a, r->whole));
    add_wrapped(&words, 0, look, out);
    ndr_buffer_byte(out, '\n');
}

/* Counts that nobody adds to look calm. */
static void
tell_age(const report *r, const report_look *look, ndr_buffer *out)
{
    number a, b;
    ndr_buffer words = {0};
    if (r->list.begin == NDR_TIME_UNKNOWN)
        ndr_buffer_text(&words, "nothing is counted yet; see 'ndrscan scan --stats'");
    else if (r->count == 0)
        ndr_buffer_printf(&words,
                          "no bounces in this time; those counted arrived %s to %s "
                          "(to see them: --since and --at)",
                          text_local(a, r->list.begin), text_local(b, r->list.end));
    else if (r->now - r->known > 3600)
        ndr_buffer_printf(&words,
                          "nothing was counted for %s: what came since is not known",
                          text_span(a, r->now - r->known));
    else
        return;
    add_wrapped(&words, 0, look, out);
    if (r->count > 0)
        ndr_buffer_byte(out, '\n');
}

/* Worst first: one without a window is the first row. */
static bool
storms_on(const report *r)
{
    return r->count > 0 && r->row[0].state == NDR_STATE_STORM;
}

void
report_terminal(const report *r, const report_look *asked, ndr_buffer *out)
{
    number a, b, c;
    report_look look = *asked;
    look.columns = look.columns < NARROW ? NARROW
                   : look.columns > WIDE ? WIDE
                                         : look.columns;
    const report_grid g = report_grid_of(r, look.columns - AXIS);
    ndr_buffer head = {0};
    ndr_buffer_printf(&head, "Bounces from %s to %s (a column is %s)",
                      text_local(a, r->since), text_local(b, r->now),
                      text_span(c, g.width_s));
    add_wrapped(&head, 0, &look, out);
    ndr_buffer_byte(out, '\n');
    tell_gaps(r, &look, out);
    tell_age(r, &look, out);
    size_t i = 0, shown = 0;
    for (; i < r->count && r->row[i].state != NDR_STATE_QUIET; i++)
        if (shown < TOP_PLOTS) {
            plotted(r, &r->row[i], &look, out);
            shown++;
        }
    if (i > shown) {
        ndr_buffer more = {0};
        ndr_buffer_printf(&more, "and %s more of these; --output json has them all",
                          text_count(a, i - shown));
        add_wrapped(&more, 0, &look, out);
        ndr_buffer_byte(out, '\n');
    }
    const size_t loud = i;
    if (storms_on(r)) {
        ndr_buffer words = {0};
        ndr_buffer_text(&words, REPORT_BY_COUNT);
        add_wrapped(&words, 0, &look, out);
        ndr_buffer_byte(out, '\n');
    }
    for (shown = 0; i < r->count && shown < TOP_QUIET; i++, shown++) {
        listed(&r->row[i], &look, out);
        if (r->row[i].storms > 0)
            add_words(r, &r->row[i], &look, out);
    }
    if (i < r->count)
        ndr_buffer_printf(out, "and %s more quiet domains\n",
                          text_count(a, r->count - i));
    if (loud == 0 && r->count > 0)
        ndr_buffer_text(out, "\nnowhere many, no window open\n");
}

/* ---- programs ---------------------------------------------------------------------- */

static void
json_usual(ndr_buffer *out, double usual, bool known)
{
    if (known)
        json_put_decimal(out, "usual", usual, 3);
    else
        json_put_null(out, "usual");
}

/* Nothing where it was not asked. */
static void
json_whose(ndr_buffer *out, const uint64_t count[NDR_WHOSE_COUNT])
{
    uint64_t all = 0;
    for (int k = 0; k < NDR_WHOSE_COUNT; k++)
        all += count[k];
    if (all == 0)
        return;
    json_begin(out, "whose", '{');
    for (int k = 0; k < NDR_WHOSE_COUNT; k++)
        json_put_count(out, ndr_whose_name((enum ndr_whose)k), count[k]);
    json_end(out, '}');
}

static void
json_window(const report *r, const report_row *row, ndr_buffer *out)
{
    const ndr_window *w = row->window;
    if (w == NULL) {
        json_put_null(out, "window");
        return;
    }
    json_begin(out, "window", '{');
    json_put_time(out, "from", w->from);
    json_put_time(out, "until", w->until);
    json_put_bool(out, "until_calm", w->until_calm);
    json_put_bool(out, "over", ndr_window_is_over(w, &row->outlook, r->known));
    json_put_text(out, "where", w->where);
    if (w->take != NDR_TAKE_USUAL)
        json_put_word(out, "take", ndr_take_name(w->take));
    json_end(out, '}');
}

static void
json_storm(const ndr_storm *s, ndr_buffer *out)
{
    json_begin(out, NULL, '{');
    json_put_time(out, "began", s->began);
    json_put_time(out, "told", s->told);
    json_put_time(out, "ended", s->ended);
    json_put_time(out, "peak_at", s->peak_at);
    json_put_count(out, "peak", s->peak);
    json_put_count(out, "bounces", s->bounces);
    json_put_count(out, "junk", s->junk);
    json_usual(out, s->usual, s->usual_known);
    json_put_count(out, "resumed", s->resumed);
    json_put_word(out, "by", "count");
    json_end(out, '}');
}

static void
json_row(const report *r, const report_row *row, ndr_buffer *out)
{
    json_begin(out, NULL, '{');
    json_put_word(out, "domain", row->series->domain);
    json_put_word(out, "state", ndr_state_name(row->state));
    json_put_count(out, "bounces", row->bounces);
    json_put_count(out, "junk", row->junk);
    json_whose(out, row->whose);
    json_usual(out, row->outlook.usual, row->outlook.usual_known);
    json_put_time(out, "calm_since", row->outlook.calm_since);
    json_window(r, row, out);
    json_begin(out, "storms", '[');
    for (size_t i = row->outlook.count - row->storms; i < row->outlook.count; i++)
        json_storm(&row->outlook.storm[i], out);
    json_end(out, ']');
    json_begin(out, "steps", '[');
    for (size_t i = 0; i < row->series->count; i++) {
        const ndr_step_count *step = &row->series->row[i];
        if (step->step < r->since)
            continue;
        json_begin(out, NULL, '[');
        json_put_time(out, NULL, step->step);
        json_put_count(out, NULL, step->bounces);
        json_put_count(out, NULL, step->junk);
        json_end(out, ']');
    }
    json_end(out, ']');
    json_end(out, '}');
}

void
report_json(const report *r, ndr_buffer *out)
{
    json_begin(out, NULL, '{');
    json_put_time(out, "since", r->since);
    json_put_time(out, "at", r->now);
    json_put_time(out, "known_until", r->known);
    json_put_time(out, "whole_since", r->whole);
    json_begin(out, "domains", '[');
    for (size_t i = 0; i < r->count; i++) {
        ndr_buffer_text(out, i > 0 ? ",\n" : "\n"); /* a domain a line */
        json_row(r, &r->row[i], out);
    }
    ndr_buffer_text(out, "\n]}\n");
}

/* ---- windows -------------------------------------------------------------------------
 */

/* A storm without a window whose domain a window can name. */
static bool
is_to_open(const report_row *row)
{
    char ascii[256];
    return row->state == NDR_STATE_STORM &&
           ndr_domain_to_ascii(row->series->domain, ascii, NULL) == 0 &&
           strcmp(ascii, row->series->domain) == 0;
}

static void
suggest_opening(const report *r, const report_row *row, ndr_buffer *out)
{
    const ndr_storm *s = &row->outlook.storm[row->outlook.count - 1];
    number a, b;
    ndr_buffer note = {0};
    ndr_buffer_printf(&note, "many bounces: %s, peak %s in 5 minutes",
                      text_count(a, s->bounces), text_count(b, s->peak));
    const ndr_window w = {
        .domain = ndr_slice_of(row->series->domain),
        .from = s->began,
        .until = r->now + SUGGESTED_S,
        .kinds = NDR_KINDS_DEFAULT,
        .until_calm = true,
        .note = {note.ptr, note.len},
    };
    ndr_window_write(&w, 2, out);
    text_end(out, &note);
}

static void
suggest_closing(const ndr_window *w, ndr_buffer *out)
{
    number at;
    ndr_buffer_printf(
        out, "# to close, open since %s and calm now: ", text_local(at, w->from));
    ndr_buffer_text(out, w->subdomains ? "*." : "");
    text_safe(out, w->domain);
    ndr_buffer_text(out, " (");
    text_safe(out, w->where);
    ndr_buffer_text(out, ")\n");
}

int
report_suggest(const report *r, ndr_buffer *out, ndr_error *err)
{
    size_t opened = 0, closed = 0;
    for (size_t i = 0; i < r->count; i++)
        opened += is_to_open(&r->row[i]);
    ndr_buffer_text(out, opened > 0 ? "# to open:\nwindows:\n"
                                    : "# to open: nothing\nwindows: []\n");
    for (size_t i = 0; i < r->count; i++)
        if (is_to_open(&r->row[i])) {
            suggest_opening(r, &r->row[i], out);
        } else if (r->row[i].state == NDR_STATE_STORM) {
            ndr_buffer_text(out, "# many bounces that no window can name: ");
            text_safe(out, ndr_slice_of(report_name(&r->row[i])));
            ndr_buffer_byte(out, '\n');
        }
    for (size_t i = 0; r->windows != NULL && i < r->windows->count; i++) {
        bool over = false;
        const ndr_window *w = &r->windows->row[i];
        const int rc = ndr_window_settled(w, &r->list, r->now, &over, err);
        if (rc < 0)
            return rc;
        if (over)
            suggest_closing(w, out);
        closed += over;
    }
    if (closed > 0)
        ndr_buffer_text(out, "# to close them: ndrscan windows settle\n");
    return 0;
}
