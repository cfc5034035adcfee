/* SPDX-License-Identifier: BSD-3-Clause */
/* summary.c - what did the run see, in one table? */
#include "summary.h"

#include "text.h"

#include <stdio.h>
#include <string.h>

enum {
    NAME = 34,  /* columns of a row's name */
    COUNT = 13, /* columns of a number: 9,999,999,999 */
    WIDTH = 80,
    TOP_DOMAINS = 10,
    TOP_WINDOWS = 20,
};

/* "  name            1,234" and, behind it, nothing yet. Long names push on. */
static void
row(ndr_buffer *out, int indent, ndr_slice name, uint64_t count)
{
    number n;
    ndr_buffer safe = {0};
    text_safe(&safe, name);
    const ndr_slice text = {safe.ptr, safe.len};
    const size_t columns = (size_t)indent + text_columns(text);
    ndr_buffer_printf(out, "%*s", indent, "");
    ndr_buffer_add(out, text);
    if (columns > NAME)
        ndr_buffer_byte(out, '\n');
    ndr_buffer_printf(out, "%*s%*s", (int)(columns > NAME ? NAME : NAME - columns), "",
                      COUNT, text_count(n, count));
    ndr_buffer_free(&safe);
}

/* "2008-05-13 08:00" (UTC), with seconds only where they are not 0. */
static void
minute(ndr_buffer *out, int64_t at)
{
    char text[32];
    ndr_time_format(at, text);
    text[10] = ' ';
    text[strcmp(text + 16, ":00Z") == 0 ? 16 : 19] = '\0';
    ndr_buffer_text(out, text);
}

static void
window_row(ndr_buffer *out, const ndr_window *w, uint64_t junk)
{
    ndr_buffer name = {0};
    if (w->subdomains)
        ndr_buffer_text(&name, "*.");
    ndr_buffer_add(&name, w->domain);
    row(out, 2, (ndr_slice){name.ptr, name.len}, junk);
    ndr_buffer_rewind(&name);
    minute(&name, w->from);
    if (w->until == NDR_TIME_OPEN) {
        ndr_buffer_text(&name, ", still open");
    } else {
        ndr_buffer_text(&name, " to ");
        minute(&name, w->until);
    }
    if (NAME + COUNT + 2 + name.len > WIDTH) {
        ndr_buffer_byte(out, '\n');
        text_pad(out, 0, 4);
    } else {
        ndr_buffer_text(out, "  ");
    }
    ndr_buffer_add(out, (ndr_slice){name.ptr, name.len});
    ndr_buffer_byte(out, '\n');
    if (w->note.len > 0) {
        text_pad(out, 0, 4);
        text_wrap(out, w->note, 4, 4, WIDTH);
    }
    text_end(out, &name);
}

static void
junk_rows(ndr_buffer *out, const ndr_stats *st, const ndr_windows *windows)
{
    number n;
    row(out, 0, ndr_slice_of("junk"), st->junk);
    if (windows == NULL || windows->count == 0) {
        ndr_buffer_text(out, "  no windows were given\n");
        return;
    }
    size_t idle = 0, shown = 0;
    for (size_t i = 0; i < windows->count; i++)
        idle += st->junk_by_window == NULL || st->junk_by_window[i] == 0;
    ndr_buffer_printf(out, "  of %s window%s", text_count(n, windows->count),
                      windows->count == 1 ? "" : "s");
    if (idle > 0)
        ndr_buffer_printf(out, ", %s met nothing", text_count(n, idle));
    ndr_buffer_byte(out, '\n');
    for (size_t i = 0; i < windows->count && shown < TOP_WINDOWS; i++)
        if (st->junk_by_window != NULL && st->junk_by_window[i] > 0) {
            window_row(out, &windows->row[i], st->junk_by_window[i]);
            shown++;
        }
    if (windows->count - idle > shown)
        ndr_buffer_printf(out, "  and %s windows more\n",
                          text_count(n, windows->count - idle - shown));
}

/* Whose mail came back, where it was asked. */
static void
whose_rows(ndr_buffer *out, const ndr_stats *st)
{
    static const enum ndr_whose order[] = {NDR_WHOSE_OURS, NDR_WHOSE_FORWARDED,
                                           NDR_WHOSE_FORGED, NDR_WHOSE_UNKNOWN};
    if (st->judged == 0)
        return;
    row(out, 0, NDR_SLICE("judged by what they return"), st->judged);
    ndr_buffer_byte(out, '\n');
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        if (st->by_whose[order[i]] > 0) {
            row(out, 2, ndr_slice_of(ndr_whose_name(order[i])), st->by_whose[order[i]]);
            ndr_buffer_byte(out, '\n');
        }
    row(out, 0, NDR_SLICE("kept for it"), st->spared);
    ndr_buffer_text(out, "  though a window covers them\n");
}

static void
domain_rows(ndr_buffer *out, const ndr_stats *st)
{
    if (st->domain_count == 0)
        return;
    number a;
    ndr_buffer_printf(out, "\n%-*s%*s%*s\n", NAME, "domain the bounces came to", COUNT,
                      "bounces", COUNT, "junk");
    size_t shown = 0;
    uint64_t rest = st->other_domains;
    for (size_t i = 0; i < st->domain_count; i++) {
        const ndr_domain_count *d = &st->domain[i];
        if (shown == TOP_DOMAINS) {
            rest += d->bounces;
            continue;
        }
        row(out, 2, ndr_slice_of(d->domain[0] != '\0' ? d->domain : "(not known)"),
            d->bounces);
        ndr_buffer_printf(out, "%*s\n", COUNT, text_count(a, d->junk));
        shown++;
    }
    if (rest > 0) {
        row(out, 2, NDR_SLICE("all others"), rest);
        ndr_buffer_byte(out, '\n');
    }
}

void
summary_table(ndr_buffer *out, const ndr_stats *st, const ndr_windows *windows,
              double seconds, const char *stopped_by)
{
    number a, b;
    row(out, 0, NDR_SLICE("messages"), st->messages);
    ndr_buffer_printf(out, "  %s in %s\n", text_bytes(a, st->bytes),
                      text_seconds(b, seconds));
    row(out, 0, NDR_SLICE("bounces"), st->bounces);
    if (st->messages > 0)
        ndr_buffer_printf(out, "  %.1f%% of the messages",
                          100.0 * (double)st->bounces / (double)st->messages);
    ndr_buffer_byte(out, '\n');
    for (int k = NDR_KIND_FAILED; k < NDR_KIND_COUNT; k++)
        if (st->by_kind[k] > 0) {
            row(out, 2, ndr_slice_of(ndr_kind_name((enum ndr_kind)k)), st->by_kind[k]);
            ndr_buffer_byte(out, '\n');
        }
    if (st->suspects > 0) {
        row(out, 0, NDR_SLICE("suspects"), st->suspects);
        ndr_buffer_text(out, "  look like bounces, no rule names them\n");
    }
    junk_rows(out, st, windows);
    whose_rows(out, st);
    domain_rows(out, st);

    ndr_buffer_byte(out, '\n');
    row(out, 0, NDR_SLICE("damaged or unreadable sources"), st->sources_failed);
    ndr_buffer_text(out, st->sources_failed > 0 ? "  named above\n" : "\n");
    if (st->truncated > 0) {
        row(out, 0, NDR_SLICE("messages looked at in part"), st->truncated);
        ndr_buffer_text(out, "  larger than the limit\n");
    }
    const double s = seconds > 1e-6 ? seconds : 1e-6;
    row(out, 0, NDR_SLICE("messages a second"), (uint64_t)((double)st->messages / s));
    ndr_buffer_printf(out, "  %s/s\n", text_bytes(a, (uint64_t)((double)st->bytes / s)));
    if (stopped_by != NULL)
        ndr_buffer_printf(out, "\nstopped by %s; the counts go as far as it got\n",
                          stopped_by);
}
