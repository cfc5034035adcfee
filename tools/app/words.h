/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * words.h - how is it said in the reader's language?
 *
 * The words of the pages that a domain's administrator sees, and of what is told to
 * people who are not there: words/LANGUAGE.json, one file each, of which words.py makes a
 * table when ndrscan is built. It refuses a language that lacks one of these, and one
 * that fills in other things.
 */
#ifndef WORDS_H
#define WORDS_H

#include "ndrscan.h"

enum lang { LANG_EN, LANG_DE, LANG_ES, LANG_FR, LANG_JA, LANG_COUNT };

/* One for each key of the files, in any order. */
enum word {
    W_LOGIN_TITLE,
    W_LOGIN_NAME,
    W_LOGIN_PASSWORD,
    W_LOGIN_BUTTON,
    W_LOGIN_WRONG,
    W_LOGIN_WAIT,
    W_LOGIN_BUSY,
    W_LOGIN_OPERATOR,
    W_NO_ACCESS,
    W_LOGOUT,
    W_LOGGED_IN_AS,
    W_APP,
    W_SKIP,
    W_NAV,
    W_NAV_DOMAINS,
    W_COUNTED_UNTIL,
    W_TROUBLE,
    W_STATE_MANY,
    W_STATE_BLOCKED,
    W_STATE_CALM,
    W_STATE_QUIET,
    W_NOW_MANY,
    W_NOW_QUIET,
    W_NOW_CALM,
    W_NOW_NONE,
    W_USUAL_HOUR,
    W_USUAL_DAY,
    W_USUAL_NONE,
    W_USUAL_UNKNOWN,
    W_BEGAN,
    W_AS_JUNK,
    W_END_IT,
    W_DAY_TOTAL,
    W_NOT_OURS,
    W_BY_COUNT,
    W_EXPLAIN_TITLE,
    W_EXPLAIN,
    W_PLOT,
    W_PLOT_MOST,
    W_PLOT_WINDOW,
    W_SPAN_MINUTES,
    W_SPAN_HOURS,
    W_SPAN_DAYS,
    W_SWITCH_TITLE,
    W_UNTIL,
    W_UNTIL_CALM,
    W_UNTIL_HOUR,
    W_UNTIL_HALF_DAY,
    W_UNTIL_DAYS,
    W_UNTIL_WEEK,
    W_WHICH,
    W_FROM_NOW,
    W_FROM_BEGAN,
    W_FROM_DAY,
    W_FROM_WEEK,
    W_PREVIEW_BUTTON,
    W_PREVIEW_HINT,
    W_BLOCK_BUTTON,
    W_WINDOW_UNTIL,
    W_WINDOW_CALM,
    W_WINDOW_OPEN,
    W_WINDOW_PROVIDER,
    W_UNBLOCK_BUTTON,
    W_LOOK_ONLY,
    W_AUTO_TITLE,
    W_AUTO_WHAT,
    W_AUTO_OFF,
    W_AUTO_ON_NOT_OURS,
    W_AUTO_ON_FORGED,
    W_AUTO_TAKE,
    W_AUTO_NOT_OURS,
    W_AUTO_FORGED,
    W_AUTO_ON_BUTTON,
    W_AUTO_OFF_BUTTON,
    W_AUTO_CANNOT,
    W_AUTO_IDLE,
    W_AUTO_WHY_NOBODY,
    W_AUTO_WHY_NEVER,
    W_AUTO_WHY_UNWATCHED,
    W_AUTO_WHY_EXCLUDED,
    W_AUTO_LISTED,
    W_AUTO_WHY_DRY,
    W_AUTO_WHY_UNKNOWN,
    W_AUTO_WHY_UNSIGNED,
    W_AUTO_WHY_UNSEEN,
    W_AUTO_WHY_YOUNG,
    W_AUTO_WHY_STALE,
    W_AUTO_WHY_CLOCK,
    W_AUTO_WHY_PERSON,
    W_AUTO_WHY_THIRD,
    W_AUTO_WHY_MANY,
    W_AUTO_WHY_MANY_OWNER,
    W_AUTO_ASK,
    W_READING,
    W_MOVING,
    W_UNDOING,
    W_WAIT,
    W_WOULD_TITLE,
    W_WOULD_MOVE,
    W_WOULD_BOXES,
    W_WOULD_KEEP,
    W_WOULD_SPARE,
    W_WOULD_NONE,
    W_NOTHING_YET,
    W_MOVE_BUTTON,
    W_ONLY_BUTTON,
    W_CANCEL,
    W_SOME_OF_THEM,
    W_DONE_TITLE,
    W_DONE_MOVED,
    W_DONE_BACK,
    W_DONE_NONE,
    W_DONE_LEFT,
    W_DONE_STILL_ON,
    W_FAILED,
    W_UNDO_BUTTON,
    W_UNDO_JUNK_BUTTON,
    W_DONE_SO_FAR,
    W_DONE_NOTHING,
    W_WHO_YOU,
    W_WHO_PROVIDER,
    W_WHO_MACHINE,
    W_ACT_BLOCK,
    W_ACT_BLOCK_OPEN,
    W_ACT_UNBLOCK,
    W_ACT_AUTO_ON,
    W_ACT_AUTO_OFF,
    W_ACT_MOVE,
    W_ACT_BACK,
    W_UNDONE,
    W_MANY_OF,
    W_NONE_OF,
    W_BLOCKED_OF,
    W_CALM_OF,
    W_SEARCH,
    W_COL_DOMAIN,
    W_COL_STATE,
    W_COL_HOUR,
    W_COL_USUAL,
    W_COL_DAY,
    W_COL_SINCE,
    W_FOUND,
    W_FOUND_NONE,
    W_PAGE_OF,
    W_PAGE_BEFORE,
    W_PAGE_NEXT,
    W_E_TITLE,
    W_E_GONE,
    W_E_FORM,
    W_E_ROLE,
    W_E_BUSY,
    W_E_BAD,
    W_E_FAILED,
    W_BACK,
    W_MAIL_TIME,
    W_MAIL_PAGE,
    W_MAIL_TO_BLOCK,
    W_MAIL_TO_END,
    W_MAIL_TO_UNDO,
    W_MAIL_MANY_SUBJECT,
    W_MAIL_MANY,
    W_MAIL_USUAL,
    W_MAIL_BEGAN,
    W_MAIL_CHECKED,
    W_MAIL_HELD_SUBJECT,
    W_MAIL_HELD,
    W_MAIL_OPENED_SUBJECT,
    W_MAIL_OPENED,
    W_MAIL_OPENED_UNTIL,
    W_MAIL_TAKES_NOT_OURS,
    W_MAIL_TAKES_FORGED,
    W_MAIL_ENDED_SUBJECT,
    W_MAIL_ENDED,
    W_MAIL_ENDED_CALM,
    W_MAIL_ENDED_PERSON,
    W_MAIL_ENDED_LONGEST,
    W_MAIL_DOMAINS_SUBJECT,
    W_MAIL_DOMAINS,
    W_MAIL_STOPPED_SUBJECT,
    W_MAIL_STOPPED,
    W_MAIL_DAY_SUBJECT,
    W_MAIL_DAY_ALL_SUBJECT,
    W_MAIL_DAY,
    W_MAIL_DAY_JUNK,
    W_MAIL_DAY_OPENED,
    W_MAIL_DAY_MOST,
    W_MAIL_UNKNOWN,
    W_MAIL_LOST_SUBJECT,
    W_MAIL_LOST,
    W_MAIL_DIGEST_SUBJECT,
    W_MAIL_MORE,
    W_COUNT
};

enum { SAY_MOST = 5 };

/* What a file has for a key: {0} to {4} stand for what is filled in, {n} for a number.
 * `one` is for a number that takes the singular. */
typedef struct word_row {
    const char *one, *other;
} word_row;
/* Made by words.py. */
extern const word_row word_table[LANG_COUNT][W_COUNT];
extern const char *const word_key[W_COUNT];

/* "de" of "de-AT, en;q=0.5": what the browser likes best of what there is; English where
 * it names none, or `accept` is NULL. Source: RFC 9110 12.5.4. Pure. */
enum lang lang_of(const char *accept);
/* "en", "de"...: for lang="". Static. */
const char *lang_tag(enum lang lang);
/* The language of this tag, to the letter; false: there is none. */
bool lang_find(const char *tag, enum lang *ret);
/* The word of this key, as the files write it; false: there is none. */
bool word_find(const char *key, enum word *ret);

/*
 * The words with {0} and {1} filled in as they are: whoever fills in text that is not
 * his own escapes it first. NULL stands for nothing. Appended; without markup, so that it
 * is HTML and plain text alike.
 */
void say(ndr_buffer *out, enum lang lang, enum word word, const char *first,
         const char *second);
/* With all of SAY_MOST. */
void say_all(ndr_buffer *out, enum lang lang, enum word word,
             const char *const fill[SAY_MOST]);
/* The same about a number, which also stands for {n}. */
void say_number(ndr_buffer *out, enum lang lang, enum word word, uint64_t n,
                const char *first);
void say_counted(ndr_buffer *out, enum lang lang, enum word word, uint64_t n,
                 const char *first, const char *second);
/* 1,234 or what the language writes. */
typedef char said_number[48];
const char *say_count(said_number ret, enum lang lang, uint64_t n);
/* "2 h 10 min", "3 days". */
typedef char said_span[64];
const char *say_span(said_span ret, enum lang lang, int64_t seconds);

#endif
