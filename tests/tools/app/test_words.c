/* SPDX-License-Identifier: BSD-3-Clause */
#include "app/words.h"

#include "app/events.h"
#include "harness.h"
#include "ndr_admins.h"
#include "watch/auto_brakes.h"

#include <stdio.h>

typedef struct accept_row {
    const char *why, *accept;
    enum lang want;
} accept_row;

static const accept_row accepts[] = {
    {"nothing is said", NULL, LANG_EN},
    {"the first of what is liked alike", "fr, de", LANG_FR},
    {"what is liked best", "en;q=0.5, ja;q=0.9", LANG_JA},
    {"a country's", "es-MX", LANG_ES},
    {"what there is of many", "nl, sv;q=0.9, de;q=0.1", LANG_DE},
    {"nothing of what there is", "nl, sv", LANG_EN},
};

static void
accept_test(void **state)
{
    const accept_row *row = *state;
    assert_int_equal(lang_of(row->accept), row->want);
}

typedef struct said_row {
    const char *why;
    enum lang lang;
    uint64_t n;
    const char *want;
} said_row;

static const said_row said[] = {
    {"one", LANG_EN, 1, "a.example: one bounce in the 24 hours up to now."},
    {"none takes the plural", LANG_EN, 0,
     "a.example: 0 bounces in the 24 hours up to now."},
    {"but not in French", LANG_FR, 0,
     "a.example\xc2\xa0: 0 retour au cours des 24 heures pr\xc3\xa9"
     "c\xc3\xa9"
     "dant le now."},
    {"thousands", LANG_EN, 1234567,
     "a.example: 1,234,567 bounces in the 24 hours up to now."},
    {"four digits stay together", LANG_ES, 1234,
     "a.example: 1234 devoluciones en las 24 horas anteriores al now."},
};

static void
said_test(void **state)
{
    const said_row *row = *state;
    ndr_buffer out = {0};
    say_counted(&out, row->lang, W_MAIL_DAY, row->n, "a.example", "now");
    ndr_buffer_byte(&out, '\0');
    assert_string_equal((const char *)out.ptr, row->want);
    ndr_buffer_free(&out);
}

/* Whoever writes admins.yaml may ask for each language that there is. */
static void
people_test(void **state)
{
    (void)state;
    for (int i = 0; i < LANG_COUNT; i++) {
        char text[300];
        ndr_admins *t = NULL;
        ndr_error err = {0};
        enum lang found = LANG_COUNT;
        (void)snprintf(text, sizeof text,
                       "admins:\n- {name: a, domains: [a.example], role: look, proxy: a, "
                       "language: %s}\n",
                       lang_tag((enum lang)i));
        if (ndr_admins_parse("x", ndr_slice_of(text), &t, &err) != 0)
            fail_msg("%s", err.text);
        ndr_admins_free(t);
        assert_true(lang_find(lang_tag((enum lang)i), &found));
        assert_int_equal(found, i);
    }
    enum lang none;
    assert_false(lang_find("nl", &none));
    assert_false(lang_find("", &none));
}

/* A brake that is added has its sentence, which words.py then wants of each language. */
static void
brake_test(void **state)
{
    (void)state;
    for (int i = AUTO_GO + 1; i < AUTO_BRAKES; i++) {
        char key[64];
        enum word word;
        const char *code = auto_brake_code((enum auto_brake)i);
        assert_true(code != NULL && code[0] != '\0');
        (void)snprintf(key, sizeof key, "auto_why_%s", code);
        if (!word_find(key, &word))
            fail_msg("'%s' has no words", key);
        for (int k = 0; k < i; k++)
            assert_string_not_equal(auto_brake_code((enum auto_brake)k), code);
    }
    assert_string_equal(auto_brake_code(AUTO_GO), "");
}

static void
key_test(void **state)
{
    enum word word;
    (void)state;
    for (int i = 0; i < W_COUNT; i++) {
        assert_true(word_find(word_key[i], &word));
        assert_int_equal(word, i);
    }
    assert_false(word_find("no_such_word", &word));
}

int
main(void)
{
    ADD_ROWS(accepts, accept_test);
    ADD_ROWS(said, said_test);
    add_test("people may ask for each language", people_test);
    add_test("each brake has a code of its own and its words", brake_test);
    add_test("each word is found by its key", key_test);
    return run_added(__FILE__);
}
