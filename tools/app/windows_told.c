/* SPDX-License-Identifier: BSD-3-Clause */
/* windows_told.c - see windows_told.h. */
#include "windows_told.h"

#include "diag.h"
#include "text.h"

#include <stdio.h>

enum { LINES = 10 };

/* Where they were looked for: "'A', 'B'". */
static void
list_places(const setup *s, ndr_buffer *out)
{
    const size_t count = s->windows_count > 0 ? s->windows_count : s->places.count;
    for (size_t i = 0; i < count; i++)
        ndr_buffer_printf(out, "%s'%s'", i > 0 ? ", " : "",
                          s->windows_count > 0 ? s->windows[i] : s->places.dir[i]);
    ndr_buffer_byte(out, '\0');
}

static void
tell_one(const ndr_window *w)
{
    ndr_buffer line = {0};
    number text;
    ndr_buffer_text(&line, w->subdomains ? "*." : "");
    ndr_domain_show(w->domain, &line);
    if (w->until == NDR_TIME_OPEN)
        ndr_buffer_text(&line, ", without end");
    else
        ndr_buffer_printf(&line, " until %s%s", text_local_zone(text, w->until),
                          w->until_calm ? " or when calm" : "");
    diag("in force: %.*s (%.*s)", (int)line.len, (const char *)line.ptr,
         (int)w->where.len, (const char *)w->where.ptr);
    ndr_buffer_free(&line);
}

void
windows_tell(const setup *s, int64_t now)
{
    const ndr_windows *w =
        s->window_table != NULL ? ndr_window_table_rows(s->window_table) : NULL;
    size_t open = 0, coming = 0;
    number a, b;
    ndr_buffer places = {0};
    for (size_t i = 0; w != NULL && i < w->count; i++) {
        const ndr_window *row = &w->row[i];
        if (row->from <= now && now < row->until && open++ < LINES)
            tell_one(row);
        coming += now < row->from;
    }
    list_places(s, &places);
    if (places.failed)
        diag("out of memory");
    else if (s->no_windows)
        diag("no windows, as --no-windows says: nothing is junk");
    else if (open == 0)
        diag("warning: no window is in force, so nothing that comes now is junk; %s to "
             "come; "
             "looked for in %s",
             text_count(b, coming), (const char *)places.ptr);
    else
        diag("windows: %s in force, %s to come; looked for in %s", text_count(a, open),
             text_count(b, coming), (const char *)places.ptr);
    ndr_buffer_free(&places);
}

void
windows_warn(const setup *s)
{
    ndr_buffer places = {0};
    if (s->no_windows || s->window_table != NULL)
        return;
    list_places(s, &places);
    if (!places.failed)
        diag("warning: no windows, so nothing is junk: none was ever made in %s",
             (const char *)places.ptr);
    ndr_buffer_free(&places);
}
