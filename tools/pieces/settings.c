/* SPDX-License-Identifier: BSD-3-Clause */
/* settings.c - see settings.h. */
#include "settings.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[SETTING_COUNT] = {
    [SETTING_ENGINE] = "engine",
    [SETTING_FORMAT] = "format",
    [SETTING_CLOCK] = "clock",
    [SETTING_NOW] = "now",
    [SETTING_RECIPIENT_PATH] = "recipient-path",
    [SETTING_RECIPIENT_BASE] = "recipient-base",
    [SETTING_MAX_MESSAGE] = "max-message",
    [SETTING_OUTPUT] = "output",
    [SETTING_EMIT] = "emit",
    [SETTING_EVIDENCE] = "evidence",
    [SETTING_COUNT_FIRST] = "count-first",
    [SETTING_PIECE_BYTES] = "piece-size",
    [SETTING_RULES] = "rules",
    [SETTING_WINDOWS] = "windows",
    [SETTING_RECIPIENT_MAP] = "recipient-map",
    [SETTING_IDENTITY] = "identity",
    [SETTING_SENT] = "sent",
};

const char *const settings_formats[] = {"auto",    "mbox",    "mboxcl2",
                                        "maildir", "message", NULL};
const char *const settings_clocks[] = {"arrival", "date", "now", NULL};
const char *const settings_outputs[] = {"jsonl",  "tsv",     "paths",
                                        "paths0", "summary", NULL};
const char *const settings_emits[] = {"bounces", "junk", "all", "suspects", NULL};

const char *const settings_evidence[] = {"needed", "all", NULL};

int
settings_word(const char *const *words, const char *word)
{
    for (int i = 0; words[i] != NULL; i++)
        if (strcmp(words[i], word) == 0)
            return i;
    return -1;
}

const char *
setting_name(enum setting s)
{
    return names[s];
}

enum setting
setting_find(ndr_slice name)
{
    int i = 0;
    while (i < SETTING_COUNT && !ndr_slice_equal(name, ndr_slice_of(names[i])))
        i++;
    return (enum setting)i;
}

bool
setting_put(settings *s, enum setting at, ndr_slice value)
{
    char *copy = malloc(value.len + 1);
    if (copy == NULL)
        return false;
    if (value.len > 0)
        memcpy(copy, value.ptr, value.len);
    copy[value.len] = '\0';
    free(s->value[at]);
    s->value[at] = copy;
    return true;
}

bool
setting_put_number(settings *s, enum setting at, uint64_t value)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRIu64, value);
    return setting_put(s, at, ndr_slice_of(text));
}

bool
setting_put_hash(settings *s, enum setting at, uint64_t value)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%016" PRIx64, value);
    return setting_put(s, at, ndr_slice_of(text));
}

uint64_t
setting_number(const settings *s, enum setting at)
{
    return s->value[at] == NULL ? 0 : strtoull(s->value[at], NULL, 10);
}

bool
settings_count(const settings *s)
{
    const char *clock = s->value[SETTING_CLOCK];
    return clock != NULL && strcmp(clock, settings_clocks[NDR_CLOCK_ARRIVAL]) == 0;
}

bool
settings_count_first(const settings *s)
{
    const char *how = s->value[SETTING_COUNT_FIRST];
    return how != NULL && strcmp(how, COUNT_FIRST_NO) != 0 &&
           strcmp(how, COUNT_FIRST_NEEDLESS) != 0;
}

static bool
is_same(const settings *a, const settings *b, int at)
{
    return a->value[at] != NULL && b->value[at] != NULL &&
           strcmp(a->value[at], b->value[at]) == 0;
}

enum setting
settings_differ(const settings *a, const settings *b)
{
    int i = 0;
    while (i < SETTING_COUNT && is_same(a, b, i))
        i++;
    return (enum setting)i;
}

enum setting
settings_judge_differ(const settings *a, const settings *b)
{
    int i = 0;
    while (i < SETTING_COUNT &&
           (i == SETTING_OUTPUT || i == SETTING_EMIT || is_same(a, b, i)))
        i++;
    return (enum setting)i;
}

void
settings_free(settings *s)
{
    for (int i = 0; i < SETTING_COUNT; i++)
        free(s->value[i]);
    *s = (settings){0};
}
