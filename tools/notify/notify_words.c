/* SPDX-License-Identifier: BSD-3-Clause */
/* notify_words.c - see notify_words.h. */
#include "notify_words.h"

#include "app/events.h"
#include "app/text.h"
#include "ndrscan_rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

typedef char time_words[96];

typedef struct saying {
    const json_t *event;
    const notify_reader *reader;
    ndr_buffer *subject, *text;
    const char *domain; /* "": of none */
} saying;

/* ---- what stands in an event ---------------------------------------------------------
 */

static const char *
string_of(const saying *s, const char *member)
{
    const char *text = json_string_value(json_object_get(s->event, member));
    return text != NULL ? text : "";
}

/* A count of things; 0 where it is not told. */
static uint64_t
count_of(const saying *s, const char *member)
{
    const json_int_t n = json_integer_value(json_object_get(s->event, member));
    return n > 0 ? (uint64_t)n : 0;
}

static bool
holds(const saying *s, const char *member, const char *word)
{
    return strcmp(string_of(s, member), word) == 0;
}

/* ---- times ---------------------------------------------------------------------------
 */

/* Of the C library, which knows one zone at a time: it is asked, and set back. */
static bool
time_in(const char *zone, int64_t at, struct tm *ret, char name[16])
{
    char path[128], before[128] = "", said[12];
    const time_t t = (time_t)at;
    struct stat st;
    const char *was = getenv("TZ");
    (void)snprintf(before, sizeof before, "%s", was != NULL ? was : "");
    (void)snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", zone);
    if (zone[0] != '\0') { /* of a zone that is not there it would say what is not so */
        const bool there = stat(path, &st) == 0 && S_ISREG(st.st_mode);
        (void)setenv("TZ", there && access(path, R_OK) == 0 ? zone : "UTC0", 1);
    }
    tzset();
    const bool good = localtime_r(&t, ret) != NULL;
    /* "CET"; of some zones only "-03" */
    if (!good || strftime(said, sizeof said, "%Z", ret) == 0)
        said[0] = '\0';
    (void)snprintf(name, 16, "%s%s", said[0] == '-' || said[0] == '+' ? "UTC" : "", said);
    if (was != NULL)
        (void)setenv("TZ", before, 1);
    else
        (void)unsetenv("TZ");
    tzset();
    return good;
}

/* A member that is a time, as the reader writes it; "" where it is not told. */
static const char *
time_of(time_words ret, const saying *s, const char *member)
{
    struct tm tm;
    int64_t at;
    char day[12], month[12], year[12], clock[24], zone[16];
    ndr_buffer out = {0};
    ret[0] = '\0';
    if (ndr_timestamp_parse(string_of(s, member), &at, NULL) != 0 ||
        !time_in(s->reader->zone, at, &tm, zone))
        return ret;
    (void)snprintf(day, sizeof day, "%02d", tm.tm_mday);
    (void)snprintf(month, sizeof month, "%02d", tm.tm_mon + 1);
    (void)snprintf(year, sizeof year, "%d", tm.tm_year + 1900);
    (void)snprintf(clock, sizeof clock, "%02d:%02d", tm.tm_hour, tm.tm_min);
    say_all(&out, s->reader->lang, W_MAIL_TIME,
            (const char *const[SAY_MOST]){day, month, year, clock, zone});
    (void)snprintf(ret, sizeof(time_words), "%.*s", out.failed ? 0 : (int)out.len,
                   out.len > 0 ? (const char *)out.ptr : "");
    ndr_buffer_free(&out);
    return ret;
}

/* ---- lines ---------------------------------------------------------------------------
 */

static ndr_buffer *
new_line(const saying *s)
{
    if (s->text->len > 0)
        ndr_buffer_byte(s->text, '\n');
    return s->text;
}

static void
line(const saying *s, enum word word, const char *first, const char *second)
{
    say(new_line(s), s->reader->lang, word, first, second);
}

static void
counted_line(const saying *s, enum word word, uint64_t n, const char *first,
             const char *second)
{
    say_counted(new_line(s), s->reader->lang, word, n, first, second);
}

static void
put_subject(const saying *s, enum word word)
{
    say(s->subject, s->reader->lang, word, s->domain, NULL);
}

/* ---- what several say ----------------------------------------------------------------
 */

/* Of how many it could be told what they return. */
static void
tell_checked(const saying *s)
{
    said_number ours, forged;
    const uint64_t judged = count_of(s, "judged");
    if (judged > 0)
        counted_line(s, W_MAIL_CHECKED, judged,
                     say_count(ours, s->reader->lang, count_of(s, "ours")),
                     say_count(forged, s->reader->lang, count_of(s, "forged")));
}

/* The figures of a storm; nothing where the event has none. */
static void
tell_figures(const saying *s)
{
    said_span span;
    time_words at;
    const enum lang lang = s->reader->lang;
    const json_t *usual = json_object_get(s->event, "usual");
    const double n = json_number_value(usual);
    const int64_t seconds = (int64_t)count_of(s, "minutes") * 60;
    if (seconds == 0)
        return;
    counted_line(s, W_MAIL_MANY, count_of(s, "bounces"), s->domain,
                 say_span(span, lang, seconds));
    if (!json_is_number(usual))
        line(s, W_USUAL_UNKNOWN, NULL, NULL);
    else if (n < 0.5)
        line(s, W_USUAL_NONE, NULL, NULL);
    else
        counted_line(s, W_MAIL_USUAL, (uint64_t)(n + 0.5), NULL, NULL);
    if (time_of(at, s, "storm_began")[0] != '\0')
        line(s, W_MAIL_BEGAN, at, NULL);
    tell_checked(s);
    if (count_of(s, "judged") == 0)
        line(s, W_BY_COUNT, NULL, NULL);
}

/* What the operator would type. */
static void
tell_command(const saying *s, enum word word, const char *before, const char *behind)
{
    char command[400];
    (void)snprintf(command, sizeof command, "%s%s%s", before, s->domain, behind);
    line(s, word, command, NULL);
}

/* Where more of the domain stands. */
static void
tell_page(const saying *s)
{
    if (s->domain[0] == '\0' || (s->reader->operator&& s->reader->page == NULL))
        return;
    if (!s->reader->operator)
        line(s, W_MAIL_PAGE, s->domain, NULL);
    if (s->reader->page != NULL)
        ndr_buffer_printf(new_line(s), "%sdomain?name=%s", s->reader->page, s->domain);
}

/* How the bounces would be handled as junk. */
static void
tell_way(const saying *s)
{
    if (s->reader->operator)
        tell_command(s, W_MAIL_TO_BLOCK, "ndrscan block ", " --from storm --until-calm");
    tell_page(s);
}

/* ---- the kinds -----------------------------------------------------------------------
 */

static bool
say_storm(const saying *s)
{
    put_subject(s, W_MAIL_MANY_SUBJECT);
    tell_figures(s);
    tell_way(s);
    return count_of(s, "minutes") > 0;
}

/* Why nothing opened: the page has the same sentence. False: a brake without words. */
static bool
tell_brake(const saying *s, const char *code)
{
    char key[64];
    enum word word;
    (void)snprintf(key, sizeof key, "auto_why_%.40s", code);
    if (!word_find(key, &word))
        return false;
    line(s, word, s->domain, NULL);
    return true;
}

static bool
say_held(const saying *s)
{
    put_subject(s, W_MAIL_HELD_SUBJECT);
    tell_figures(s);
    line(s, W_MAIL_HELD, NULL, NULL);
    const bool good = tell_brake(s, string_of(s, "brake"));
    tell_way(s);
    return good;
}

static bool
say_opened(const saying *s)
{
    time_words at, from, until;
    put_subject(s, W_MAIL_OPENED_SUBJECT);
    line(s, W_MAIL_OPENED, s->domain, time_of(at, s, "opened"));
    line(s, W_MAIL_OPENED_UNTIL, time_of(from, s, "from"), time_of(until, s, "until"));
    if (holds(s, "take", ndr_take_name(NDR_TAKE_FORGED)))
        line(s, W_MAIL_TAKES_FORGED, NULL, NULL);
    else
        line(s, W_MAIL_TAKES_NOT_OURS, NULL, NULL);
    tell_figures(s);
    if (s->reader->operator) {
        tell_command(s, W_MAIL_TO_END, "ndrscan unblock ", "");
        line(s, W_MAIL_TO_UNDO, "ndrscan undo", NULL);
    }
    tell_page(s);
    return at[0] != '\0' && from[0] != '\0' && until[0] != '\0';
}

static bool
say_ended(const saying *s)
{
    static const struct {
        const char *by;
        enum word word;
    } ends[] = {{"calm", W_MAIL_ENDED_CALM},
                {"person", W_MAIL_ENDED_PERSON},
                {"longest", W_MAIL_ENDED_LONGEST}};
    time_words at, until;
    put_subject(s, W_MAIL_ENDED_SUBJECT);
    say_all(new_line(s), s->reader->lang, W_MAIL_ENDED,
            (const char *const[SAY_MOST]){s->domain, time_of(at, s, "opened"),
                                          time_of(until, s, "until")});
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        if (holds(s, "ended_by", ends[i].by))
            line(s, ends[i].word, NULL, NULL);
    if (s->reader->operator)
        line(s, W_MAIL_TO_UNDO, "ndrscan undo", NULL);
    tell_page(s);
    return at[0] != '\0' && until[0] != '\0';
}

static bool
say_many_domains(const saying *s)
{
    const uint64_t n = count_of(s, "domains");
    say_number(s->subject, s->reader->lang, W_MAIL_DOMAINS_SUBJECT, n, NULL);
    counted_line(s, W_MAIL_DOMAINS, n, NULL, NULL);
    text_safe(new_line(s), ndr_slice_of(string_of(s, "names")));
    return n > 0 && string_of(s, "names")[0] != '\0';
}

static bool
say_statistics(const saying *s)
{
    put_subject(s, W_MAIL_STOPPED_SUBJECT);
    line(s, W_MAIL_STOPPED, NULL, NULL);
    return tell_brake(s, "stale");
}

/* An error is told as it is: whoever looks for it finds it by these words. */
static bool
say_trouble(const saying *s)
{
    put_subject(s, W_MAIL_STOPPED_SUBJECT);
    line(s, W_MAIL_STOPPED, NULL, NULL);
    text_safe(new_line(s), ndr_slice_of(string_of(s, "reason")));
    return string_of(s, "reason")[0] != '\0';
}

/* The domains that got the most, a line each. */
static void
tell_most(const saying *s)
{
    said_number came;
    const json_t *all = json_object_get(s->event, "most");
    if (json_array_size(all) > 0)
        line(s, W_MAIL_DAY_MOST, NULL, NULL);
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *one = json_array_get(all, i);
        const char *domain = json_string_value(json_object_get(one, "domain"));
        const json_int_t n = json_integer_value(json_object_get(one, "bounces"));
        ndr_buffer *out = new_line(s);
        ndr_buffer_text(out, "  ");
        if (domain == NULL || domain[0] == '\0')
            say(out, s->reader->lang, W_MAIL_UNKNOWN, NULL, NULL);
        else
            text_safe(out, ndr_slice_of(domain));
        ndr_buffer_printf(out, ": %s",
                          say_count(came, s->reader->lang, n > 0 ? (uint64_t)n : 0));
    }
}

/* Of a domain, or of all. */
static bool
say_daily(const saying *s)
{
    time_words at;
    said_number junk;
    ndr_buffer all = {0};
    const enum lang lang = s->reader->lang;
    if (s->domain[0] != '\0')
        ndr_buffer_text(&all, s->domain);
    else
        say_number(&all, lang, W_FOUND, count_of(s, "domains"), NULL);
    ndr_buffer_byte(&all, '\0');
    put_subject(s, s->domain[0] != '\0' ? W_MAIL_DAY_SUBJECT : W_MAIL_DAY_ALL_SUBJECT);
    counted_line(s, W_MAIL_DAY, count_of(s, "bounces"),
                 all.failed ? "" : (const char *)all.ptr, time_of(at, s, "at"));
    s->text->failed |= all.failed;
    ndr_buffer_free(&all);
    if (s->domain[0] != '\0')
        line(s, W_MAIL_DAY_JUNK, say_count(junk, lang, count_of(s, "junk")), NULL);
    tell_checked(s);
    if (count_of(s, "windows") > 0)
        counted_line(s, W_MAIL_DAY_OPENED, count_of(s, "windows"), NULL, NULL);
    tell_most(s);
    tell_page(s);
    return at[0] != '\0';
}

static bool
say_notifier(const saying *s)
{
    const uint64_t n = count_of(s, "count");
    say_number(s->subject, s->reader->lang, W_MAIL_LOST_SUBJECT, n, NULL);
    counted_line(s, W_MAIL_LOST, n, string_of(s, "folder"), NULL);
    return n > 0;
}

static bool (*const kinds[EVENT_KINDS])(const saying *) = {
    [EVENT_STORM] = say_storm,
    [EVENT_OPENED] = say_opened,
    [EVENT_ENDED] = say_ended,
    [EVENT_HELD] = say_held,
    [EVENT_BRAKE] = say_held,
    [EVENT_MANY_DOMAINS] = say_many_domains,
    [EVENT_STATISTICS] = say_statistics,
    [EVENT_TROUBLE] = say_trouble,
    [EVENT_DAILY] = say_daily,
    [EVENT_NOTIFIER] = say_notifier,
};

bool
notify_words(const json_t *of, const notify_reader *r, ndr_buffer *subject,
             ndr_buffer *text)
{
    saying s = {of, r, subject, text, ""};
    s.domain = string_of(&s, "domain");
    int kind = 0;
    while (kind < EVENT_KINDS &&
           !holds(&s, "kind", event_kind_name((enum event_kind)kind)))
        kind++;
    return kind < EVENT_KINDS && kinds[kind](&s);
}
