/* SPDX-License-Identifier: BSD-3-Clause */
#include "maildir_box.h"
#include "move/journal.h"

static ndr_window
window(int64_t from, int64_t until, bool below)
{
    return (ndr_window){.domain = NDR_SLICE("example.com"),
                        .from = from,
                        .until = until,
                        .kinds = NDR_KINDS_DEFAULT,
                        .subdomains = below};
}

/* What is told before the undo and behind it: beginnings and ends; 0, 0: nothing. */
static const struct row {
    const char *why;
    int64_t before[2][2], after[2][2];
    bool below;     /* the covering one covers what is below the domain */
    bool mailboxes; /* it covers two mailboxes only */
    bool want;      /* for the last one of `after` */
} rows[] = {
    {"the window that was at work", {{10, 20}}, {{10, 20}}, false, false, true},
    {"one that ends earlier", {{10, 20}}, {{10, 15}}, false, false, true},
    {"one that begins later", {{10, 20}}, {{12, 20}}, false, false, true},
    {"one that ends later asks anew", {{10, 20}}, {{10, 21}}, false, false, false},
    {"one that begins earlier asks anew", {{10, 20}}, {{9, 20}}, false, false, false},
    {"one without end asks anew", {{10, 20}}, {{10, NDR_TIME_OPEN}}, false, false, false},
    {"one with what is below asks anew", {{10, 20}}, {{10, 20}}, true, false, false},
    {"what is left of it: two mailboxes", {{10, 20}}, {{10, 20}}, false, true, true},
    {"a second one beside it asks anew",
     {{10, 20}},
     {{10, 20}, {12, 18}},
     false,
     false,
     false},
    {"one that was changed before it was undone",
     {{10, 20}, {10, 30}},
     {{10, 30}},
     false,
     false,
     true},
    {"what a window was before it was narrowed asks anew",
     {{10, 30}, {10, 20}},
     {{10, 29}},
     false,
     false,
     false},
    {"nothing was told of, and it began before",
     {{0, 0}},
     {{10, 20}},
     false,
     false,
     true},
    {"nothing was told of, and it began later",
     {{0, 0}},
     {{INT64_C(1) << 40, INT64_C(1) << 41}},
     false,
     false,
     false},
};

/* Each row is a table of its own, told of one after the other. */
static void
know(ndr_journal *j, const int64_t table[2][2])
{
    ndr_error err = {0};
    for (int i = 0; i < 2 && table[i][1] != 0; i++) {
        const ndr_window w = window(table[i][0], table[i][1], false);
        assert_int_equal(ndr_journal_know(j, &(ndr_windows){&w, 1}, &err), 0);
        assert_int_equal(ndr_journal_know(j, &(ndr_windows){&w, 1}, &err), 0);
    }
}

static void
test_stands(void **state)
{
    const struct row *r = *state;
    box b;
    ndr_window now[2];
    const ndr_slice both[] = {NDR_SLICE("info"), NDR_SLICE("sa,les %")};
    memset(now, 0, sizeof now);
    size_t count = 0, runs = 0;
    ndr_error err = {0};
    box_begin(&b);
    box_put(&b, "cur/1.a:2,S", "one");
    box_open(&b, "apply", 0, ".Junk");
    know(b.j, r->before);
    box_out(&b, "cur/1.a:2,S");
    box_close(&b, true);
    box_undo(&b, 1);
    for (; count < 2 && r->after[count][1] != 0; count++)
        now[count] = window(r->after[count][0], r->after[count][1], r->below);
    if (r->mailboxes) {
        now[count - 1].mailboxes = both;
        now[count - 1].mailbox_count = 2;
    }
    assert_int_equal(ndr_journal_open(b.journal, true, NULL, NULL, &b.j, &err), 0);
    for (int again = 0; again < 2; again++) { /* also when it is told of */
        const ndr_journal_run *run = ndr_journal_runs(b.j, &runs);
        assert_int_equal(runs, 2);
        assert_true(run[1].decides);
        assert_int_equal(
            ndr_journal_stands(b.j, &run[1], &(ndr_windows){now, count}, &now[count - 1]),
            r->want);
        assert_int_equal(ndr_journal_know(b.j, &(ndr_windows){now, count}, &err), 0);
        ndr_journal_close(b.j);
        assert_int_equal(ndr_journal_open(b.journal, true, NULL, NULL, &b.j, &err), 0);
    }
    ndr_journal_close(b.j);
    b.j = NULL;
    box_end(&b);
}

/* `narrow` beside the window that was at work: does the decision stand? All pairs. */
static void
test_takes(void **state)
{
    (void)state;
    static const bool want[NDR_TAKE_COUNT][NDR_TAKE_COUNT] = {
        /* at work: usual, all, all-but-ours, forged */
        [NDR_TAKE_USUAL] = {true, true, false, false},
        [NDR_TAKE_ALL] = {false, true, false, false},
        [NDR_TAKE_NOT_OURS] = {true, true, true, false},
        [NDR_TAKE_FORGED] = {true, true, true, true},
    };
    for (int was = 0; was < NDR_TAKE_COUNT; was++)
        for (int is = 0; is < NDR_TAKE_COUNT; is++)
            for (int listed = 0; listed < 2; listed++) {
                box b;
                ndr_error err = {0};
                size_t runs = 0;
                const ndr_slice name[] = {NDR_SLICE("info")};
                ndr_window w = window(10, 20, false);
                w.take = (enum ndr_take)was;
                w.mailboxes = listed != 0 ? name : NULL;
                w.mailbox_count = listed != 0 ? 1 : 0;
                box_begin(&b);
                box_put(&b, "cur/1.a:2,S", "one");
                box_open(&b, "apply", 0, ".Junk");
                assert_int_equal(ndr_journal_know(b.j, &(ndr_windows){&w, 1}, &err), 0);
                box_out(&b, "cur/1.a:2,S");
                box_close(&b, true);
                box_undo(&b, 1);
                w.take = (enum ndr_take)is;
                assert_int_equal(
                    ndr_journal_open(b.journal, true, NULL, NULL, &b.j, &err), 0);
                const ndr_journal_run *run = ndr_journal_runs(b.j, &runs);
                assert_int_equal(
                    ndr_journal_stands(b.j, &run[1], &(ndr_windows){&w, 1}, &w),
                    want[is][was]);
                ndr_journal_close(b.j);
                b.j = NULL;
                box_end(&b);
            }
}

/* Cut and damaged anywhere, it is read as far as it goes. */
static void
test_damage(void **state)
{
    (void)state;
    ndr_buffer text = {0};
    ndr_journal_line(&text, NDR_SLICE("window 1 example.com 10 20 6 0 -"));
    ndr_journal_line(&text, NDR_SLICE("window 2 example.com 10 20 6 0 info,s%2Ca"));
    ndr_journal_line(&text, NDR_SLICE("past 3 1"));
    ndr_journal_line(&text, NDR_SLICE("window 4 example.com 10 20 6 0 - forged"));
    ndr_journal_line(&text, NDR_SLICE("window 5 example.com 10 20 6 0 - other"));
    ndr_journal_line(&text, NDR_SLICE("window x y"));
    for (size_t n = 0; n <= text.len; n++)
        for (int flip = 0; flip < 2; flip++) {
            unsigned char *copy = exact_copy(text.ptr, n);
            ndr_journal_windows *known = NULL;
            size_t whole = 0;
            if (flip == 1 && n > 0)
                copy[n / 2] ^= 1;
            assert_int_equal(
                ndr_journal_windows_parse((ndr_slice){copy, n}, &known, &whole, NULL), 0);
            assert_true(whole <= n && ndr_journal_windows_last(known) <= 4);
            if (n == text.len && flip == 0)
                assert_int_equal(ndr_journal_windows_last(known), 4);
            ndr_journal_windows_free(known);
            free(copy);
        }
    ndr_buffer_free(&text);
}

int
main(void)
{
    ADD_ROWS(rows, test_stands);
    add_test("what a window takes makes it wider or narrower", test_takes);
    add_test("torn and damaged lines are passed over", test_damage);
    return run_added("journal_windows");
}
