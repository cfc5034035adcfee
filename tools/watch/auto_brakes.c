/* SPDX-License-Identifier: BSD-3-Clause */
/* auto_brakes.c - see auto_brakes.h. */
#include "auto_brakes.h"

static bool
within(int64_t at, int64_t span, int64_t now)
{
    return at != NDR_TIME_UNKNOWN && now - at < span;
}

static bool
is_stale(const auto_facts *f)
{
    return f->fresh == NDR_TIME_UNKNOWN || f->now - f->fresh > AUTO_FRESH_S;
}

static bool
clock_was_set(const auto_facts *f)
{
    return f->fresh - f->now > AUTO_CLOCK_S || f->clock_set > f->now ||
           within(f->clock_set, AUTO_CLOCK_HOLD_S, f->now);
}

static bool
is_young(const auto_facts *f)
{
    return f->begin == NDR_TIME_UNKNOWN || f->now - f->begin < AUTO_PAST_S;
}

static bool
is_unknown(const auto_facts *f)
{
    return !f->known;
}

static bool
is_unsigned(const auto_facts *f)
{
    return f->take == NDR_TAKE_FORGED && !f->all_mail;
}

/* What is not known as ours would be junked. Where all mail is stated to be signed, that
 * is known; else our own bounces of late have to show it. */
static bool
is_unseen(const auto_facts *f)
{
    return !f->all_mail &&
           (f->past_ours < AUTO_OURS_LEAST || f->past_ours * 5 < f->past_judged);
}

static bool
is_by_person(const auto_facts *f)
{
    return f->person_off > f->now || within(f->person_off, AUTO_PERSON_S, f->now);
}

static bool
is_third(const auto_facts *f)
{
    return f->today >= AUTO_A_DAY;
}

static bool
is_dry(const auto_facts *f)
{
    return f->dry;
}

static bool
are_many(const auto_facts *f)
{
    return f->open >= f->most;
}

static bool
are_many_of_owner(const auto_facts *f)
{
    return f->open_owner >= f->most_owner;
}

static const struct row {
    bool (*holds)(const auto_facts *f);
    const char *code, *words;
    bool operators;
} rows[AUTO_BRAKES] = {
    [AUTO_STALE] = {is_stale, "stale", "the statistics are older than 10 minutes", true},
    [AUTO_CLOCK] = {clock_was_set, "clock", "the clock was set by more than 5 minutes",
                    true},
    [AUTO_YOUNG] = {is_young, "young", "the statistics know less than 14 days", true},
    [AUTO_UNKNOWN] = {is_unknown, "unknown", "no identity knows the domain", false},
    [AUTO_UNSIGNED] = {is_unsigned, "unsigned",
                       "the identity does not state that all its mail is signed, so that "
                       "nothing is proven forged",
                       false},
    [AUTO_UNSEEN] = {is_unseen, "unseen",
                     "too few of its own bounces were known as ours in the last 28 days "
                     "to be sure that others are not; state all-mail in the identity "
                     "where all its mail is signed",
                     false},
    [AUTO_PERSON] = {is_by_person, "person",
                     "somebody ended a window of it within the last day", false},
    [AUTO_THIRD] = {is_third, "third", "two windows of it opened themselves within a day",
                    false},
    [AUTO_DRY] = {is_dry, "dry", "--auto-dry only tells", false},
    [AUTO_MANY] = {are_many, "many", "as many windows as may at once opened themselves",
                   true},
    [AUTO_MANY_OWNER] = {are_many_of_owner, "many_owner",
                         "as many windows of its owner as may at once opened themselves",
                         true},
};

enum auto_brake
auto_brake_of(const auto_facts *f)
{
    int i = AUTO_GO + 1;
    while (i < AUTO_BRAKES && !rows[i].holds(f))
        i++;
    return i < AUTO_BRAKES ? (enum auto_brake)i : AUTO_GO;
}

const char *
auto_brake_words(enum auto_brake brake)
{
    return brake == AUTO_GO ? "" : rows[brake].words;
}

const char *
auto_brake_code(enum auto_brake brake)
{
    return brake == AUTO_GO ? "" : rows[brake].code;
}

bool
auto_brake_is_operators(enum auto_brake brake)
{
    return brake != AUTO_GO && rows[brake].operators;
}

unsigned
auto_times(int64_t now, int64_t ended, unsigned times)
{
    if (times == 0 || now - ended >= AUTO_AGAIN_S)
        return 1;
    return times * 2 < AUTO_TIMES_MOST ? times * 2 : AUTO_TIMES_MOST;
}
