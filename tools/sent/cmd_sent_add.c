/* SPDX-License-Identifier: BSD-3-Clause */
/* cmd_sent_add.c - `ndrscan sent add`: remember what was sent. */
#include "app/commands.h"
#include "app/diag.h"
#include "app/stop.h"
#include "app/tables.h"
#include "app/text.h"
#include "sent_read.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef struct add_args {
    sent_place place;
    sent_read read;
    bool follow, quiet;
    bool recursive_said; /* and is no default, which is about mail alone */
} add_args;

/* "+02:00", "UTC", or a zone of the system's. 0, or 2, told. */
static int
take_zone(sent_read *r, const opts *o, const char *arg)
{
    char path[512];
    int hours = 0, minutes = 0, end = 0;
    if (strcmp(arg, "UTC") == 0 || strcmp(arg, "Z") == 0) {
        r->zone_given = true;
        r->zone_minutes = 0;
        return 0;
    }
    if ((arg[0] == '+' || arg[0] == '-') &&
        sscanf(arg + 1, "%2d:%2d%n", &hours, &minutes, &end) == 2 &&
        arg[1 + end] == '\0' && hours <= 14 && minutes < 60) {
        r->zone_given = true;
        r->zone_minutes = (arg[0] == '-' ? -1 : 1) * (hours * 60 + minutes);
        return 0;
    }
    (void)snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", arg);
    if (arg[0] < 'A' || arg[0] > 'Z' || strstr(arg, "..") != NULL ||
        access(path, R_OK) != 0 || setenv("TZ", arg, 1) != 0)
        return opts_mistake(o, "--tz '%s': give UTC, +02:00, or a name as Europe/Paris",
                            arg);
    tzset();
    r->zone_given = false;
    return 0;
}

static int
take_option(void *ctx, const opts *o, int id, const char *arg)
{
    add_args *a = ctx;
    sent_read *r = &a->read;
    int at = 0;
    switch (id) {
    case OPT_FORMAT:
        at = opts_word(o, id, arg);
        r->format = (enum sent_format)at;
        return at < 0 ? EXIT_NOT_RUN : 0;
    case OPT_SUBMITTERS:
        r->submitter[r->submitter_count++] = arg;
        return 0;
    case OPT_DOMAIN:
        r->domain[r->domain_count++] = arg;
        return 0;
    case OPT_YEAR:
        r->year = (int)opts_number(o, id, arg, 1970, 2149);
        return r->year < 0 ? EXIT_NOT_RUN : 0;
    case OPT_TZ:
        return take_zone(r, o, arg);
    case OPT_RECURSIVE:
        r->recursive = true;
        a->recursive_said = o->where == NULL;
        return 0;
    case OPT_FOLLOW:
        a->follow = true;
        return 0;
    case OPT_QUIET:
        a->quiet = true;
        return 0;
    default:
        return sent_place_option(&a->place, o, id, arg);
    }
}

/* Below 0: go on; else the exit status. */
static int
take_args(add_args *a, opts *o, const char *const **ret_path, size_t *ret_count)
{
    const int status = opts_take(o, take_option, a);
    if (status >= 0)
        return status;
    *ret_path = (const char *const *)opts_operands(o, ret_count);
    const bool log = a->read.format <= SENT_EXIM;
    if (*ret_count == 0)
        return opts_mistake(o, "no SOURCE; give a log, or - for standard input");
    if (a->follow && (*ret_count != 1 || !log || strcmp((*ret_path)[0], "-") == 0))
        return opts_mistake(o, "--follow takes one log, by its name");
    if (a->read.format != SENT_MAIL)
        a->read.recursive = false;
    if (a->recursive_said && a->read.format != SENT_MAIL)
        return opts_mistake(o, "-r is about mail; add --format mail or leave it out");
    return sent_place_settle(&a->place) == 0 ? -1 : EXIT_NOT_RUN;
}

static void
tell(const sent_read *r)
{
    number messages, records, lines, open;
    ndr_sent_log_counts c = {0};
    if (r->log != NULL)
        c = ndr_sent_log_count(r->log);
    const uint64_t n = r->messages;
    ndr_buffer from = {0}, behind = {0};
    if (c.lines > 0)
        ndr_buffer_printf(&from, " in %s lines", text_count(lines, c.lines));
    if (c.open > 0)
        ndr_buffer_printf(&behind, "; %s under way", text_count(open, c.open));
    diag("%s message%s of ours%.*s: %s records%.*s", text_count(messages, n),
         n == 1 ? "" : "s", (int)from.len, from.len > 0 ? (const char *)from.ptr : "",
         text_count(records, ndr_sent_added(r->batch)), (int)behind.len,
         behind.len > 0 ? (const char *)behind.ptr : "");
    ndr_buffer_free(&from);
    ndr_buffer_free(&behind);
}

static int
run(add_args *a, const opts *o, const char *const *path, size_t count)
{
    sent_read *r = &a->read;
    int status = sent_read_begin(r);
    if (status != 0)
        return status;
    if (a->follow) {
        status = sent_follow(r, path[0]);
    } else {
        status = sent_read_all(r, o, path, count);
        if (status == 0)
            status = sent_read_keep(r);
    }
    if (status != 0)
        return status;
    if (!a->quiet)
        tell(r);
    return r->status;
}

int
cmd_sent_add(opts *o)
{
    add_args a = {.quiet = false};
    const char *const *path = NULL;
    size_t count = 0;
    a.read.place = &a.place;
    a.read.submitter = calloc(opts_room(o), sizeof *a.read.submitter);
    a.read.domain = calloc(opts_room(o), sizeof *a.read.domain);
    sent_place_begin(&a.place);
    int status = EXIT_NOT_RUN;
    if (a.read.submitter == NULL || a.read.domain == NULL)
        diag("out of memory");
    else
        status = take_args(&a, o, &path, &count);
    if (status < 0)
        status = run(&a, o, path, count);
    sent_read_free(&a.read);
    return status;
}
