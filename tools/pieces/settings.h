/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * settings.h - what changes a verdict, and is it the same for all pieces?
 *
 * Names with values as text, always the same names in the same order. Results are of one
 * run when all of them agree.
 */
#ifndef SETTINGS_H
#define SETTINGS_H

#include "app/setup.h"

enum setting {
    SETTING_ENGINE,
    SETTING_FORMAT,
    SETTING_CLOCK,
    SETTING_NOW,
    SETTING_RECIPIENT_PATH,
    SETTING_RECIPIENT_BASE, /* the folder of relative paths, where it counts; else "" */
    SETTING_MAX_MESSAGE,
    SETTING_OUTPUT,
    SETTING_EMIT,
    SETTING_EVIDENCE,
    SETTING_COUNT_FIRST, /* XXH3 of what was counted before, or a COUNT_FIRST_ word */
    SETTING_PIECE_BYTES,
    SETTING_RULES, /* XXH3 of their files, as of those behind it */
    SETTING_WINDOWS,
    SETTING_RECIPIENT_MAP,
    SETTING_IDENTITY,
    SETTING_SENT,
    SETTING_COUNT
};

/* Weak proofs are counted as they come; or nobody is asked for any. */
#define COUNT_FIRST_NO       "no"
#define COUNT_FIRST_NEEDLESS "needless"

typedef struct settings {
    char *value[SETTING_COUNT]; /* owned, NUL-terminated */
} settings;

/* The name as plans and end records have it. Static. */
const char *setting_name(enum setting s);
/* The one of a name; SETTING_COUNT: none. */
enum setting setting_find(ndr_slice name);
/* False: no memory. */
bool setting_put(settings *s, enum setting at, ndr_slice value);
bool setting_put_number(settings *s, enum setting at, uint64_t value);
bool setting_put_hash(settings *s, enum setting at, uint64_t value);
uint64_t setting_number(const settings *s, enum setting at);
/* Are bounces counted by them? By their arrival alone. */
bool settings_count(const settings *s);
/* Are all weak proofs counted before any verdict is given? */
bool settings_count_first(const settings *s);
/* The first that is another in `b`, or is not there; SETTING_COUNT: all agree. */
enum setting settings_differ(const settings *a, const settings *b);
/* The same but for what is told, and how: the verdicts are of one run. */
enum setting settings_judge_differ(const settings *a, const settings *b);
void settings_free(settings *s);

/* The words of --format, --clock, --output and --emit, in their enums' order. */
extern const char *const settings_formats[],
    *const settings_clocks[], *const settings_outputs[], *const settings_emits[],
                                                             *const settings_evidence[];
/* Where `word` stands among them (NULL-terminated); -1: nowhere. */
int settings_word(const char *const *words, const char *word);

#endif
