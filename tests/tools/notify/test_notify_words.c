/* SPDX-License-Identifier: BSD-3-Clause */
#include "notify/notify_words.h"

#include "app/events.h"
#include "harness.h"
#include "watch/auto_brakes.h"

#include <unistd.h>

#define FIGURES                                                                          \
    "\"storm_began\":\"2026-01-10T09:30:00Z\",\"bounces\":1212,\"minutes\":15,"          \
    "\"usual\":1.6,\"judged\":140,\"ours\":3,\"forged\":100"
#define OPENED "\"opened\":\"2026-01-10T10:00:00Z\",\"until\":\"2026-01-11T10:00:00Z\""

/* What the watcher says besides, of each kind. */
static const char *const more[EVENT_KINDS] = {
    [EVENT_STORM] = FIGURES,
    [EVENT_OPENED] = "\"take\":\"forged\",\"from\":\"2026-01-10T09:00:00Z\"," OPENED,
    [EVENT_ENDED] = "\"ended_by\":\"calm\"," OPENED,
    [EVENT_HELD] = "\"brake\":\"unseen\"," FIGURES,
    [EVENT_BRAKE] = "\"brake\":\"stale\"," FIGURES,
    [EVENT_MANY_DOMAINS] = "\"domains\":7,\"names\":\"a.example, b.example\"",
    [EVENT_STATISTICS] = "\"reason\":\"x\"",
    [EVENT_TROUBLE] = "\"reason\":\"open it: \\u001b[31mno\"",
    [EVENT_DAILY] = "\"bounces\":12,\"domains\":3,\"junk\":1,\"windows\":2,"
                    "\"most\":[{\"domain\":\"a.example\",\"bounces\":9},"
                    "{\"domain\":\"\",\"bounces\":3}]",
    [EVENT_NOTIFIER] = "\"count\":3,\"folder\":\"/x/failed\"",
};

static json_t *
event_of(const char *kind, const char *domain, const char *members)
{
    ndr_buffer out = {0};
    ndr_buffer_printf(
        &out, "{\"kind\":\"%s\",\"domain\":\"%s\",\"at\":\"2026-01-10T10:00:00Z\"%s%s}",
        kind, domain, members[0] != '\0' ? "," : "", members);
    json_t *e = json_loadb((const char *)out.ptr, out.len, 0, NULL);
    ndr_buffer_free(&out);
    assert_non_null(e);
    return e;
}

/* "SUBJECT|TEXT", or NULL; free() it. */
static char *
told(const char *kind, const char *domain, const char *members, const notify_reader *r)
{
    json_t *e = event_of(kind, domain, members);
    ndr_buffer subject = {0}, text = {0};
    char *ret = NULL;
    const bool good = notify_words(e, r, &subject, &text);
    json_decref(e);
    if (good) {
        ndr_buffer_byte(&subject, '|');
        ndr_buffer_add(&subject, (ndr_slice){text.ptr, text.len});
        ndr_buffer_byte(&subject, '\0');
        assert_false(subject.failed);
        ret = strdup((const char *)subject.ptr);
    }
    ndr_buffer_free(&subject);
    ndr_buffer_free(&text);
    return ret;
}

static const notify_reader reader = {LANG_EN, "Europe/Berlin", false, NULL};
static const notify_reader operator_too = {LANG_EN, "", true, "https://x.example/"};

typedef struct text_row {
    const char *why, *kind, *domain, *members;
    const notify_reader *reader;
    const char *want; /* NULL: no words */
} text_row;

static const text_row texts[] = {
    {"a storm", "storm", "a.example", FIGURES, &reader,
     "a.example: many bounces|a.example gets many bounces: 1,212 in 15 minutes.\n"
     "2 are usual in that time.\nIt began at 2026-01-10 10:30 (CET).\n"
     "Checked: 140. Bounces of your own mail: 3. Bounces of mail that is proven to be "
     "forged: 100.\nMore about it, and the switch, are on the page of a.example."},
    {"the operator has a command line, and the page", "storm", "a.example",
     "\"bounces\":30,\"minutes\":120,\"usual\":0.2", &operator_too,
     "a.example: many bounces|a.example gets many bounces: 30 in 2 h 0 min.\n"
     "Usually there are none.\n"
     "This is told by their number alone: bounces of a mailing of your own would look "
     "the "
     "same.\nTo handle them as junk: ndrscan block a.example --from storm --until-calm\n"
     "https://x.example/domain?name=a.example"},
    {"the operator ends a window by a command", "opened", "a.example",
     "\"take\":\"all-but-ours\",\"from\":\"2026-01-10T09:00:00Z\"," OPENED, &operator_too,
     "a.example: the switch turned itself on|The switch for a.example turned itself on "
     "at "
     "2026-01-10 10:00 (UTC).\nBounces that came since 2026-01-10 09:00 (UTC) are "
     "handled "
     "as junk until it is calm, at the latest until 2026-01-11 10:00 (UTC).\n"
     "Bounces of your own mail stay where they are.\n"
     "To end this: ndrscan unblock a.example\n"
     "To bring back what was moved: ndrscan undo\n"
     "https://x.example/domain?name=a.example"},
    {"what is usual is not known", "storm", "a.example",
     "\"bounces\":30,\"minutes\":120,\"judged\":1", &reader,
     "a.example: many bounces|a.example gets many bounces: 30 in 2 h 0 min.\n"
     "What is usual is not known yet.\n"
     "Checked: 1. Bounces of your own mail: 0. Bounces of mail that is proven to be "
     "forged: 0.\nMore about it, and the switch, are on the page of a.example."},
    {"a day of a domain", "daily", "a.example",
     "\"bounces\":1,\"junk\":0,\"judged\":0,\"windows\":0", &reader,
     "a.example: bounces of the last 24 hours|a.example: one bounce in the 24 hours up "
     "to "
     "2026-01-10 11:00 (CET).\nHandled as junk: 0.\n"
     "More about it, and the switch, are on the page of a.example."},
    {"what comes of others is made safe", "trouble", "", "\"reason\":\"a\\u001b\\nb\"",
     &operator_too,
     "No switch turns itself on at present|No switch turns itself on at present.\n"
     "a\\x1B b"},
    {"a kind that nobody knows", "novel", "a.example", "", &reader, NULL},
    {"a brake that nobody knows", "held", "a.example", "\"brake\":\"moon\"," FIGURES,
     &reader, NULL},
    {"one that is not named, of an older watcher", "held", "a.example", FIGURES, &reader,
     NULL},
    {"a window without its times", "opened", "a.example", "\"take\":\"forged\"", &reader,
     NULL},
    {"a time that is none", "ended", "a.example", "\"opened\":\"yesterday\",\"until\":5",
     &reader, NULL},
};

static void
text_test(void **state)
{
    const text_row *row = *state;
    char *seen = told(row->kind, row->domain, row->members, row->reader);
    if (row->want == NULL)
        assert_null(seen);
    else
        assert_string_equal(seen != NULL ? seen : "(none)", row->want);
    free(seen);
}

/* Each kind there is has its words, in each language. */
static void
kinds_test(void **state)
{
    (void)state;
    for (int i = 0; i < EVENT_KINDS; i++) {
        const char *kind = event_kind_name((enum event_kind)i);
        char *english = NULL;
        assert_true(kind != NULL && more[i] != NULL);
        for (int lang = 0; lang < LANG_COUNT; lang++) {
            const notify_reader r = {(enum lang)lang, "Asia/Tokyo", false, NULL};
            char *seen = told(kind, "a.example", more[i], &r);
            if (seen == NULL)
                fail_msg("%s has no words in %s", kind, lang_tag((enum lang)lang));
            assert_null(strpbrk(seen, "{}\r\x1b"));
            assert_non_null(strchr(seen, '|'));
            assert_true(strcspn(seen, "|") < strcspn(seen, "\n"));
            if (lang == LANG_EN)
                english = seen;
            else
                assert_string_not_equal(seen, english);
            if (lang != LANG_EN)
                free(seen);
        }
        free(english);
    }
}

/* And each brake behind its kind. */
static void
brakes_test(void **state)
{
    (void)state;
    for (int i = AUTO_GO + 1; i < AUTO_BRAKES; i++) {
        char members[400];
        const enum auto_brake brake = (enum auto_brake)i;
        (void)snprintf(members, sizeof members, "\"brake\":\"%s\"," FIGURES,
                       auto_brake_code(brake));
        char *seen = told(auto_brake_is_operators(brake) ? "brake" : "held", "a.example",
                          members, &reader);
        assert_non_null(seen);
        free(seen);
    }
}

/* How a window ended. */
static void
ends_test(void **state)
{
    static const char *const by[] = {"calm", "person", "longest"};
    char *seen[3];
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        char members[200];
        (void)snprintf(members, sizeof members, "\"ended_by\":\"%s\"," OPENED, by[i]);
        seen[i] = told("ended", "a.example", members, &reader);
        assert_non_null(seen[i]);
    }
    assert_string_not_equal(seen[0], seen[1]);
    assert_string_not_equal(seen[1], seen[2]);
    for (size_t i = 0; i < 3; i++)
        free(seen[i]);
}

typedef struct zone_row {
    const char *why;
    enum lang lang;
    const char *zone, *at, *want;
} zone_row;

static const zone_row zones[] = {
    {"winter", LANG_DE, "Europe/Berlin", "2026-01-10T22:59:00Z",
     "Beginn: 10.01.2026 um 23:59 Uhr (CET)."},
    {"summer", LANG_FR, "Europe/Paris", "2026-07-01T22:00:00Z",
     "Cela a commenc\xc3\xa9 le 02/07/2026 \xc3\xa0 00:00 (CEST)."},
    {"a zone without a name of its own", LANG_ES, "America/Argentina/Ushuaia",
     "2026-01-01T01:00:00Z", "Empez\xc3\xb3 el 31/12/2025, 22:00 (UTC-03)."},
    {"the other side of the day", LANG_JA, "Asia/Tokyo", "2026-01-01T15:00:00Z",
     "2026\xe5\xb9\xb4"
     "01\xe6\x9c\x88"
     "02\xe6\x97\xa5 00:00\xef\xbc\x88JST\xef\xbc\x89"
     "\xe3\x81\xab\xe5\xa7\x8b\xe3\x81\xbe\xe3\x82\x8a\xe3\x81\xbe\xe3\x81\x97\xe3\x81"
     "\x9f"
     "\xe3\x80\x82"},
    {"a zone that the system does not know is told as what it is then", LANG_EN,
     "Mars/Olympus", "2026-01-01T15:00:00Z", "It began at 2026-01-01 15:00 (UTC)."},
    {"a folder of zones is none", LANG_EN, "Europe", "2026-01-01T15:00:00Z",
     "It began at 2026-01-01 15:00 (UTC)."},
    {"rules are none", LANG_EN, "CET-1CEST", "2026-01-01T15:00:00Z",
     "It began at 2026-01-01 15:00 (UTC)."},
};

static void
zone_test(void **state)
{
    const zone_row *row = *state;
    char members[200];
    const notify_reader r = {row->lang, row->zone, false, NULL};
    if (access("/usr/share/zoneinfo/UTC", R_OK) != 0)
        SKIP("no zones are installed");
    (void)snprintf(members, sizeof members,
                   "\"storm_began\":\"%s\",\"bounces\":3,\"minutes\":5,\"usual\":1",
                   row->at);
    char *seen = told("storm", "a.example", members, &r);
    assert_non_null(seen);
    if (strstr(seen, row->want) == NULL)
        assert_string_equal(seen, row->want);
    free(seen);
    assert_string_equal(getenv("TZ"), "UTC0"); /* as it was: commands inherit it */
}

int
main(void)
{
    if (setenv("TZ", "UTC0", 1) != 0)
        return 1;
    ADD_ROWS(texts, text_test);
    ADD_ROWS(zones, zone_test);
    add_test("each kind has words in each language", kinds_test);
    add_test("each brake has words", brakes_test);
    add_test("each way to end a window has words", ends_test);
    return run_added(__FILE__);
}
