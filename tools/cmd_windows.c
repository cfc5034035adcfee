/* SPDX-License-Identifier: BSD-3-Clause */
/* cmd_windows.c - `ndrscan windows check`: are the block windows in order? */
#include "commands.h"
#include "ndrscan_rules.h"
#include "say.h"
#include "text.h"

#include <stdio.h>
#include <time.h>

static void
warn(void *ctx, const char *text)
{
    ++*(size_t *)ctx;
    say("warning: %s", text);
}

int
cmd_windows_check(opts *o)
{
    const char *arg;
    if (opts_next(o, &arg) != 0)
        return o->status;
    size_t count = 0;
    char **file = opts_operands(o, &count);
    if (count == 0)
        return opts_mistake(o, "no FILE; name the windows files or folders to check");

    ndr_error err = {0};
    ndr_window_table *table = NULL;
    size_t warnings = 0;
    if (ndr_windows_load((const char *const *)file, count, warn, &warnings, &table,
                         &err) != 0) {
        say("%s", err.text);
        return EXIT_NOT_RUN;
    }
    const ndr_windows *w = ndr_window_table_rows(table);
    const int64_t now = (int64_t)time(NULL);
    size_t open = 0;
    for (size_t i = 0; i < w->count; i++)
        open += w->row[i].from <= now && now < w->row[i].until;
    number a, b;
    (void)printf("%s window%s, %s open now", text_count(a, w->count),
                 w->count == 1 ? "" : "s", text_count(b, open));
    if (warnings > 0)
        (void)printf("; %s warning%s", text_count(a, warnings), warnings == 1 ? "" : "s");
    (void)putchar('\n');
    ndr_window_table_free(table);
    return EXIT_READ;
}
