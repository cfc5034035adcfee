/* SPDX-License-Identifier: BSD-3-Clause */
/* cmd_report.c - `ndrscan report`: which domain is in a storm, and is it over? */
#include "app/commands.h"
#include "app/diag.h"
#include "app/places.h"
#include "app/setup.h"
#include "app/tables.h"
#include "ndrscan_io.h"
#include "ndrscan_rules.h"
#include "report.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { DAY_S = 86400 };

/* What the options ask for. */
typedef struct report_args {
    setup setup; /* of the windows alone */
    const char *stats, *since, *html;
    char stats_room[4096];
    int64_t from, now;
    bool json, suggest;
    enum { BARS_AUTO, BARS_BLOCKS, BARS_ASCII } bars;
    char (*domain)[256];
    size_t count;
} report_args;

static int
take_option(report_args *a, const opts *o, int id, const char *arg)
{
    ndr_error err = {0};
    switch (id) {
    case OPT_STATS:
        a->stats = arg;
        return 0;
    case OPT_SINCE:
        a->since = arg;
        return 0;
    case OPT_AT:
        if (ndr_when_parse(arg, NDR_WHEN_PAST, a->now, &a->now, &err) != 0)
            return opts_mistake(o, "--at %s", err.text);
        return 0;
    case OPT_HTML:
        a->html = arg;
        return 0;
    case OPT_SUGGEST:
        a->suggest = true;
        return 0;
    case OPT_BARS: {
        const int word = opts_word(o, id, arg);
        a->bars = word > 0 ? (unsigned)word : BARS_AUTO;
        return word < 0 ? EXIT_NOT_RUN : 0;
    }
    case OPT_OUTPUT: {
        const int word = opts_word(o, id, arg);
        a->json = word == 1;
        return word < 0 ? EXIT_NOT_RUN : 0;
    }
    default: /* --windows, --no-windows */
        return setup_option(&a->setup, o, id, arg);
    }
}

/* "12h" ago, or a time; once --at is known. */
static int
take_since(report_args *a, const opts *o)
{
    int64_t length = DAY_S;
    ndr_error err = {0};
    if (a->since != NULL && ndr_duration_parse(a->since, &length, NULL) != 0) {
        if (ndr_when_parse(a->since, NDR_WHEN_PAST, a->now, &a->from, &err) != 0)
            return opts_mistake(o, "--since %s; or a length, as 12h", err.text);
    } else {
        a->from = a->now - length;
    }
    if (a->from >= a->now)
        return opts_mistake(o, "--since is not before --at: nothing lies between");
    return 0;
}

static int
take_domains(report_args *a, opts *o)
{
    ndr_error err = {0};
    char **word = opts_operands(o, &a->count);
    a->domain = calloc(a->count + 1, sizeof *a->domain);
    if (a->domain == NULL) {
        diag("out of memory");
        return EXIT_NOT_RUN;
    }
    for (size_t i = 0; i < a->count; i++)
        if (ndr_domain_to_ascii(word[i], a->domain[i], &err) != 0)
            return opts_mistake(o, "%s", err.text);
    return 0;
}

static int
take_args(report_args *a, opts *o)
{
    const char *arg;
    int id, status = setup_begin(&a->setup, o);
    a->now = (int64_t)time(NULL);
    while (status == 0 && (id = opts_next(o, &arg)) != 0)
        status = id < 0 ? (o->status == 0 ? -1 : o->status) : take_option(a, o, id, arg);
    if (status == 0)
        status = take_domains(a, o);
    if (status == 0)
        status = take_since(a, o);
    if (status == 0 && (a->json + a->suggest + (a->html != NULL)) > 1)
        status = opts_mistake(o, "one of --html, --suggest and --output json at a time");
    ndr_error err = {0};
    if (status == 0 && a->stats == NULL) {
        a->stats = a->stats_room;
        if (place_state("stats.db", a->stats_room, sizeof a->stats_room, &err) != 0)
            status = opts_mistake(o, "%s, or give --stats", err.text);
    }
    return status;
}

static int
load_windows(report_args *a, ndr_error *err)
{
    setup *s = &a->setup;
    const char *by_default[WINDOWS_PLACES];
    int count = 0;
    if (s->windows_count > 0)
        return ndr_windows_load(s->windows, s->windows_count, NULL, &s->window_table,
                                err);
    if (!s->no_windows)
        count = windows_places_there(NULL, &s->places, by_default, err);
    return count <= 0
               ? count
               : ndr_windows_load(by_default, (size_t)count, NULL, &s->window_table, err);
}

static bool
in_colour(void)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(STDOUT_FILENO) && (no == NULL || no[0] == '\0') &&
           (term == NULL || strcmp(term, "dumb") != 0);
}

/* The locale's letters alone: setlocale would also write numbers in its way. */
static bool
speaks_utf8(void)
{
    const locale_t own = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
    if (own == (locale_t)0)
        return false;
    const bool yes = strcmp(nl_langinfo_l(CODESET, own), "UTF-8") == 0;
    freelocale(own);
    return yes;
}

static report_look
look_of(const report_args *a)
{
    struct winsize w = {0};
    const bool terminal = isatty(STDOUT_FILENO);
    report_look look = {.colour = in_colour(), .columns = 80};
    look.blocks =
        a->bars == BARS_BLOCKS || (a->bars == BARS_AUTO && terminal && speaks_utf8());
    if (terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 0)
        look.columns = w.ws_col;
    return look;
}

static int
print(const report_args *a, const report *r)
{
    ndr_buffer out = {0};
    ndr_error err = {0};
    const report_look look = look_of(a);
    int rc = 0, status = EXIT_READ;
    if (a->html != NULL)
        return report_page(r, a->html);
    if (a->suggest)
        rc = report_suggest(r, &out, &err);
    else if (a->json)
        report_json(r, &out);
    else
        report_terminal(r, &look, &out);
    if (rc == 0 && out.failed)
        rc = ndr_fail(&err, NDR_E_NOMEM, "out of memory");
    if (rc != 0) {
        diag("%s", err.text);
        status = EXIT_NOT_RUN;
    } else if (put_all(STDOUT_FILENO, (ndr_slice){out.ptr, out.len}, &err) != 0) {
        status = output_failed(&err);
    }
    ndr_buffer_free(&out);
    return status;
}

int
cmd_report(opts *o)
{
    report_args a = {0};
    report r = {0};
    ndr_error err = {0};
    int status = take_args(&a, o);
    if (status == 0) {
        int rc = load_windows(&a, &err);
        const ndr_windows *w = a.setup.window_table != NULL
                                   ? ndr_window_table_rows(a.setup.window_table)
                                   : NULL;
        if (rc == 0)
            rc = report_make(&r, a.stats, w, a.from, a.now, &err);
        if (rc == 0 && a.count > 0)
            report_keep(&r, (const char(*)[256])a.domain, a.count);
        if (rc != 0) {
            if (rc == NDR_E_SYS && err.sys_errno == ENOENT && access(a.stats, F_OK) != 0)
                diag("there are no statistics '%s'; 'ndrscan scan --stats' makes them",
                     a.stats);
            else
                diag("%s", err.text);
            status = EXIT_NOT_RUN;
        } else {
            status = print(&a, &r);
        }
        report_clear(&r);
    }
    setup_free(&a.setup);
    free(a.domain);
    return status < 0 ? 0 : status;
}
