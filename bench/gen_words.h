/* SPDX-License-Identifier: BSD-3-Clause */
/* gen_words.h - what do people and spammers write, in which language and charset? */
#ifndef GEN_WORDS_H
#define GEN_WORDS_H

#include "gen_text.h"

enum lang { LANG_EN, LANG_DE, LANG_FR, LANG_ES, LANG_JA, LANG_RU, LANG_COUNT };

/* One way in which a language is put into a mail body. */
typedef struct body_form {
    enum charset cs;
    char cte; /* '7' 7bit, '8' 8bit, 'q' quoted-printable, 'b' base64 */
} body_form;
enum { FORMS = 3 };

/* All text is UTF-8; lists end in NULL. */
typedef struct words {
    const char *name; /* "en" */
    body_form forms[FORMS];
    const char *const *sentence;
    const char *const *subject;
    const char *const *spam_sentence;
    const char *const *spam_subject;
    const char *greeting, *closing;
    const char *away_prefix; /* of an out-of-office reply's subject */
    const char *away_text;   /* template, see gen_message.h */
    const char *read_prefix; /* of a read receipt's subject */
    const char *read_text;   /* template */
} words;
extern const words lang_words[LANG_COUNT];

/* Lists of ASCII names, for addresses and From fields. */
extern const char *const first_names[];
extern const char *const last_names[];
extern const size_t first_name_count, last_name_count;

/* How many entries a NULL-ended list has. */
size_t list_length(const char *const *list);

#endif
