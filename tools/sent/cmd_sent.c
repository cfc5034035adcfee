/* SPDX-License-Identifier: BSD-3-Clause */
/* cmd_sent.c - `ndrscan sent stats`, `prune`, `check`, `merge`: what is remembered? */
#include "app/commands.h"
#include "app/diag.h"
#include "app/tables.h"
#include "app/text.h"
#include "ndrscan_rules.h"
#include "ndrscan_sent.h"
#include "sent_place.h"

#include <errno.h>
#include <string.h>
#include <time.h>

enum { DAYS_MOST = 36500, DAY_SECONDS = 86400 };

typedef struct sent_args {
    sent_place place;
    int days;
    bool dry;
    const char *sender, *recipient;
    int64_t at;
} sent_args;

static int
take_option(void *ctx, const opts *o, int id, const char *arg)
{
    sent_args *a = ctx;
    ndr_error err = {0};
    switch (id) {
    case OPT_DAYS:
        a->days = (int)opts_number(o, id, arg, 0, DAYS_MOST);
        return a->days < 0 ? EXIT_NOT_RUN : 0;
    case OPT_DRY_RUN:
        a->dry = true;
        return 0;
    case OPT_SENDER:
        a->sender = arg;
        return 0;
    case OPT_RECIPIENT:
        a->recipient = arg;
        return 0;
    case OPT_AT:
        if (ndr_when_parse(arg, NDR_WHEN_PAST, (int64_t)time(NULL), &a->at, &err) != 0)
            return opts_mistake(o, "--at '%s': %s", arg, err.text);
        return 0;
    default:
        return sent_place_option(&a->place, o, id, arg);
    }
}

/* Below 0: go on; else the exit status. */
static int
take_args(sent_args *a, opts *o)
{
    *a = (sent_args){.days = NDR_SENT_DAYS, .at = (int64_t)time(NULL)};
    sent_place_begin(&a->place);
    const int status = opts_take(o, take_option, a);
    if (status >= 0)
        return status;
    return sent_place_settle(&a->place) == 0 ? -1 : EXIT_NOT_RUN;
}

/* Verbs that take no operands. */
static int
take_no_operands(sent_args *a, opts *o)
{
    size_t count = 0;
    const int status = take_args(a, o);
    if (status >= 0)
        return status;
    (void)opts_operands(o, &count);
    return count == 0 ? status : opts_mistake(o, "no operand is taken; leave it out");
}

static int
not_run(const ndr_error *err, const char *dir)
{
    if (err->sys_errno == ENOENT)
        diag("nothing is remembered in '%s'; 'ndrscan sent add' begins it", dir);
    else
        diag("%s", err->text);
    return EXIT_NOT_RUN;
}

static const char *
day_text(int64_t day, char text[32])
{
    ndr_time_format(day * DAY_SECONDS, text);
    text[10] = '\0'; /* of the date alone */
    return text;
}

static void
tell_counts(const ndr_sent_stats *st)
{
    number n;
    char first[32], last[32];
    (void)printf("records   %s\n", text_count(n, st->records));
    (void)printf("segments  %s\n", text_count(n, st->segments));
    (void)printf("size      %s\n", text_bytes(n, st->bytes));
    if (st->segments > 0)
        (void)printf("days      %s to %s\n", day_text(st->first, first),
                     day_text(st->last, last));
}

int
cmd_sent_stats(opts *o)
{
    sent_args a;
    ndr_sent_stats st;
    ndr_error err = {0};
    uint64_t bad = 0;
    const int status = take_no_operands(&a, o);
    if (status >= 0)
        return status;
    if (ndr_sent_verify(a.place.dir, sent_place_trouble, &bad, &st, &err) != 0)
        return not_run(&err, a.place.dir);
    tell_counts(&st);
    return st.bad > 0 ? EXIT_DAMAGED : EXIT_READ;
}

int
cmd_sent_prune(opts *o)
{
    sent_args a;
    ndr_sent_stats st;
    ndr_error err = {0};
    number n, size;
    const int status = take_no_operands(&a, o);
    if (status >= 0)
        return status;
    if (ndr_sent_prune(a.place.dir, (int64_t)time(NULL), a.days, a.dry, &st, &err) != 0)
        return not_run(&err, a.place.dir);
    (void)printf("%s %s record%s, %s\n", a.dry ? "would forget" : "forgot",
                 text_count(n, st.records), st.records == 1 ? "" : "s",
                 text_bytes(size, st.bytes));
    return EXIT_READ;
}

int
cmd_sent_check(opts *o)
{
    sent_args a;
    ndr_sent *set = NULL;
    ndr_error err = {0};
    size_t count = 0;
    uint64_t bad = 0;
    const int status = take_args(&a, o);
    if (status >= 0)
        return status;
    char **id = opts_operands(o, &count);
    if (count != 1)
        return opts_mistake(o, "give one Message-ID");
    if (a.sender == NULL)
        return opts_mistake(o, "whose mail? add --sender DOMAIN");
    if (ndr_sent_open(a.place.dir, sent_place_trouble, &bad, &set, &err) != 0)
        return not_run(&err, a.place.dir);
    const enum ndr_sent_answer answer =
        ndr_sent_ask(set, ndr_slice_of(id[0]), ndr_slice_of(a.sender),
                     ndr_slice_of(a.recipient), a.at, a.days);
    ndr_sent_close(set);
    (void)puts(answer == NDR_SENT_TO   ? "sent to this recipient"
               : answer == NDR_SENT_ID ? "sent; not known to whom"
                                       : "nothing is known of it");
    return answer == NDR_SENT_NO ? EXIT_DAMAGED : EXIT_READ;
}

int
cmd_sent_merge(opts *o)
{
    sent_args a;
    ndr_error err = {0};
    size_t count = 0;
    uint64_t bad = 0;
    const int status = take_args(&a, o);
    if (status >= 0)
        return status;
    const char *const *from = (const char *const *)opts_operands(o, &count);
    if (count == 0)
        return opts_mistake(o, "give the folders whose sets are to be added");
    if (sent_place_make(&a.place, &err) != 0 ||
        ndr_sent_merge(a.place.dir, a.place.machine, from, count, sent_place_trouble,
                       &bad, &err) != 0) {
        diag("%s", err.text);
        return EXIT_NOT_RUN;
    }
    return bad > 0 ? EXIT_DAMAGED : EXIT_READ;
}
