/* SPDX-License-Identifier: BSD-3-Clause */
#include "facts/text_recipient_score.h"

#include "harness.h"

#include "facts/text_recipient_address.h"

/* Each row's address has more score than that of the row behind it. */
typedef struct points_row {
    const char *why, *text; /* the first '@' is the address's */
} points_row;

static const points_row falling[] = {
    {"a report's field", "Final-Recipient: rfc822; bob@example.com"},
    {"in front of a colon", "<bob@example.com>: no such user here"},
    {"alone under a colon", "these were not reached:\nbob@example.com"},
    {"alone in its line", "no.\nbob@example.com\n"},
    {"behind a recipient's cue", "recipient: bob@example.com and others"},
    {"behind any colon", "whom: bob@example.com and others"},
    {"near a cue", "we cannot deliver to bob@example.com today"},
    {"a returned message's To", "To: bob@example.com Subject: hello"},
    {"nothing at all", "there is bob@example.com in it"},
    {"an office", "there is abuse@example.com in it"},
    {"the one who writes", "sent by bob@example.com today"},
};
enum { ROWS = sizeof falling / sizeof falling[0] };

static int
score(const char *words, ndr_slice to)
{
    const size_t n = strlen(words);
    unsigned char *p = exact_copy(words, n);
    const ndr_slice text = {p, n};
    ndr_mention m = {0};
    assert_true(ndr_text_recipient_address(text, (size_t)(strchr(words, '@') - words),
                                           &m.begin, &m.end));
    m.address = (ndr_slice){p + m.begin, m.end - m.begin};
    m.line = m.begin;
    while (m.line > 0 && p[m.line - 1] != '\n')
        m.line--;
    m.line_end = m.end;
    while (m.line_end < n && p[m.line_end] != '\n')
        m.line_end++;
    const int got =
        ndr_text_recipient_score(&(ndr_text_recipient){.text = text, .to = to}, text, &m);
    free(p);
    return got;
}

static void
falling_test(void **state)
{
    const points_row *row = *state;
    if (row == &falling[ROWS - 1])
        assert_true(score(row->text, (ndr_slice){0}) < 0);
    else
        assert_true(score(row->text, (ndr_slice){0}) >
                    score(row[1].text, (ndr_slice){0}));
}

static void
more_test(void **state)
{
    (void)state;
    const char *plain = "there is bob@example.com in it";
    const int least = score(plain, (ndr_slice){0});
    assert_true(score(plain, NDR_SLICE("Bob <bob@example.com>")) > least);
    assert_true(score("there is bob@example.com: 550 5.1.1 no", (ndr_slice){0}) > least);
    assert_true(least < NDR_TEXT_RECIPIENT_CUED);
    assert_int_equal(score("there is postmaster@example.com in it", (ndr_slice){0}), 0);
}

static void
role_test(void **state)
{
    (void)state;
    assert_true(ndr_text_recipient_is_role(NDR_SLICE("MAILER-DAEMON@example.com")));
    assert_true(ndr_text_recipient_is_role(NDR_SLICE("postmaster@example.com")));
    assert_true(ndr_text_recipient_is_role(NDR_SLICE("Support@example.com")));
    assert_false(ndr_text_recipient_is_role(NDR_SLICE("supporter@example.com")));
    assert_false(ndr_text_recipient_is_role(NDR_SLICE("bob@postmaster.example")));
}

int
main(void)
{
    ADD_ROWS(falling, falling_test);
    add_test("a code, and the returned message's To, say more", more_test);
    add_test("programs and offices", role_test);
    return run_added("prose_points");
}
