/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "move/journal.h"

#include <stdio.h>

static const char head[] = "ndrscan-journal 1 apply 1210665600 0";
static const char head2[] = "ndrscan-journal 2 apply 1210665600 0";
static const char tree[] = "tree /var/vmail/a";

/* A run's bytes of lines that each get their check. */
static ndr_buffer
lines(const char *const *words)
{
    ndr_buffer b = {0};
    for (; *words != NULL; words++)
        ndr_journal_line(&b, ndr_slice_of(*words));
    assert_false(b.failed);
    return b;
}

static int
parse(const void *bytes, size_t n, ndr_journal_file **ret, size_t *ret_good,
      ndr_error *err)
{
    unsigned char *copy = exact_copy(bytes, n);
    const int code = ndr_journal_parse("20080513T080000Z-17", 17, (ndr_slice){copy, n},
                                       ret, ret_good, err);
    free(copy); /* what was read owns its text */
    return code;
}

static const struct row {
    const char *why;
    const char *line[8];
    int code;
    const char *text; /* of the error, in part */
} rows[] = {
    {"a first line alone is a run without moves", {head}, 0, NULL},
    {"a run with a move that was done",
     {head, tree, "out 1 0 4711 0 0 cur/1.a:2,Sa .Junk/cur/1.a:2,S", "done 1 1", "end"},
     0,
     NULL},
    {"a Maildir's place, and a message that is gone",
     {head, tree, "place 64769 131 1210000000 7 9911",
      "out 1 0 4711 0 0 cur/1.a:2,Sa .Junk/cur/1.a:2,S", "gone 1", "end"},
     0,
     NULL},
    {"a place that is no numbers is damaged",
     {head, tree, "place 64769 131 1210000000 7000000000 9911"},
     NDR_E_DAMAGED,
     "line 3"},
    {"what was not meant cannot be gone",
     {head, tree, "gone 1"},
     NDR_E_DAMAGED,
     "line 3"},
    {"words of a later version are passed over",
     {head, tree, "weather 7 fine", "end"},
     0,
     NULL},
    {"a later version of the whole is refused",
     {"ndrscan-journal 3 apply 1 0"},
     NDR_E_SYNTAX,
     "later version"},
    {"a move that tells its domain",
     {head2, tree, "out 1 0 11 0 0 cur/1 .Junk/cur/1 a.example"},
     0,
     NULL},
    {"a move of version 2 without its domain is damaged",
     {head2, tree, "out 1 0 11 0 0 cur/1 .Junk/cur/1", "end"},
     NDR_E_DAMAGED,
     "line 3"},
    {"and one of version 1 with it",
     {head, tree, "out 1 0 11 0 0 cur/1 .Junk/cur/1 a.example"},
     NDR_E_DAMAGED,
     "line 3"},
    {"a domain that is not there",
     {head2, tree, "out 1 0 11 0 0 cur/1 .Junk/cur/1 "},
     NDR_E_DAMAGED,
     "line 3"},
    {"half a domain that is not there",
     {head2, tree, "out 1 0 11 0 0 cur/1 .Junk/cur/1 ~"},
     NDR_E_DAMAGED,
     "line 3"},
    {"another program's file is refused", {"hello world"}, NDR_E_SYNTAX, "no journal"},
    {"a first line without a time is damaged",
     {"ndrscan-journal 1 apply x 0"},
     NDR_E_DAMAGED,
     "line 1"},
    {"a move in a Maildir that was not named",
     {head, "out 1 0 1 0 0 cur/1 .Junk/cur/1"},
     NDR_E_DAMAGED,
     "line 2"},
    {"numbers of moves ascend",
     {head, tree, "out 2 0 1 0 0 cur/1 .Junk/cur/1", "out 2 0 1 0 0 cur/2 .Junk/cur/2"},
     NDR_E_DAMAGED,
     "line 4"},
    {"a Maildir is a full path", {head, "tree var/vmail"}, NDR_E_DAMAGED, "line 2"},
    {"an escape of NUL is refused", {head, "tree /a%00b"}, NDR_E_DAMAGED, "line 2"},
    {"an escape of one digit is refused", {head, "tree /a%4"}, NDR_E_DAMAGED, "line 2"},
    {"a path that is no message's is refused",
     {head, tree, "out 1 0 1 0 0 tmp/1 .Junk/cur/1"},
     NDR_E_DAMAGED,
     "line 3"},
    {"a move that was not done has to be there",
     {head, tree, "not 1"},
     NDR_E_DAMAGED,
     "line 3"},
    {"a number too large is refused",
     {head, tree, "out 1 0 99999999999999999999 0 0 cur/1 .Junk/cur/1"},
     NDR_E_DAMAGED,
     "line 3"},
};

static void
test_lines(void **state)
{
    const struct row *r = *state;
    ndr_buffer b = lines(r->line);
    ndr_journal_file *f = NULL;
    size_t good = 0;
    ndr_error err = {0};
    assert_int_equal(parse(b.ptr, b.len, &f, &good, &err), r->code);
    if (r->text != NULL)
        assert_non_null(strstr(err.text, r->text));
    if (r->code == 0)
        assert_int_equal(good, b.len);
    ndr_journal_file_free(f);
    ndr_buffer_free(&b);
}

static const char *const whole[] = {head,
                                    tree,
                                    "out 1 0 11 0 0 cur/1.a:2,Sa .Junk/cur/1.a:2,S",
                                    "out 2 0 12 0 0 cur/%31%25%20%FF .Junk/cur/2",
                                    "back 3 0 13 5 9 .Junk/cur/3 .Old/new/3",
                                    "not 2",
                                    "done 1 3",
                                    "end",
                                    NULL};

static void
test_content(void **state)
{
    (void)state;
    ndr_buffer b = lines(whole);
    ndr_journal_file *f = NULL;
    size_t good = 0;
    assert_int_equal(parse(b.ptr, b.len, &f, &good, NULL), 0);
    const ndr_journal_run *r = ndr_journal_file_run(f);
    assert_string_equal(r->id, "20080513T080000Z-17");
    assert_string_equal(r->verb, "apply");
    assert_int_equal(r->begun, 1210665600);
    assert_true(r->ended);
    assert_int_equal(r->move_count, 3);
    assert_int_equal(r->move[0].state, NDR_MOVE_DONE);
    assert_int_equal(r->move[1].state, NDR_MOVE_NOT);
    assert_string_equal(r->move[1].from, "cur/1% \xff");
    assert_int_equal(r->move[2].kind, NDR_MOVE_BACK);
    assert_int_equal(r->move[2].of_run, 5);
    assert_int_equal(r->move[2].of_number, 9);
    assert_string_equal(r->tree[r->move[2].tree], "/var/vmail/a");
    for (size_t i = 0; i < r->move_count; i++) {
        assert_string_equal(r->move[i].domain, "");
        assert_false(r->move[i].agreed);
    }
    assert_false(r->part);
    ndr_journal_file_free(f);
    ndr_buffer_free(&b);
}

static void
test_domains(void **state)
{
    static const char *const text[] = {head2,
                                       "part",
                                       tree,
                                       "out 1 0 11 0 0 cur/1 .Junk/cur/1 a.example",
                                       "out 2 0 12 0 0 cur/2 .Junk/cur/2 ~b.example",
                                       "back 3 0 13 5 9 .Junk/cur/3 cur/3 -",
                                       "done 1 3",
                                       NULL};
    static const struct {
        const char *domain;
        bool agreed;
    } want[] = {{"a.example", true}, {"b.example", false}, {"", false}};
    (void)state;
    ndr_buffer b = lines(text);
    ndr_journal_file *f = NULL;
    size_t good = 0;
    assert_int_equal(parse(b.ptr, b.len, &f, &good, NULL), 0);
    const ndr_journal_run *r = ndr_journal_file_run(f);
    assert_true(r->part);
    assert_int_equal(r->move_count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(r->move[i].domain, want[i].domain);
        assert_int_equal(r->move[i].agreed, want[i].agreed);
    }
    ndr_journal_file_free(f);
    ndr_buffer_free(&b);
}

/* Cut anywhere, what is read is the lines that are whole. */
static void
test_torn(void **state)
{
    (void)state;
    ndr_buffer b = lines(whole);
    for (size_t n = 0; n < b.len; n++) {
        ndr_journal_file *f = NULL;
        size_t good = 0, want = 0;
        for (size_t i = 0; i < n; i++)
            want = b.ptr[i] == '\n' ? i + 1 : want;
        assert_int_equal(parse(b.ptr, n, &f, &good, NULL), 0);
        assert_int_equal(good, want);
        assert_int_equal(f != NULL, want > 0);
        ndr_journal_file_free(f);
    }
    ndr_buffer_free(&b);
}

/* A byte changed in any line but the last is told; in the last it is a torn line. */
static void
test_changed(void **state)
{
    (void)state;
    ndr_buffer b = lines(whole);
    size_t last = 0;
    for (size_t i = 0; i + 1 < b.len; i++)
        last = b.ptr[i] == '\n' ? i + 1 : last;
    for (size_t i = 0; i < b.len; i++) {
        if (b.ptr[i] == '\n')
            continue;
        ndr_journal_file *f = NULL;
        size_t good = 0;
        ndr_error err = {0};
        b.ptr[i] ^= 1;
        const int code = parse(b.ptr, b.len, &f, &good, &err);
        b.ptr[i] ^= 1;
        if (i < last) {
            assert_int_equal(code, NDR_E_DAMAGED);
            assert_null(f);
        } else {
            assert_int_equal(code, 0);
            assert_int_equal(good, last);
            assert_false(ndr_journal_file_run(f)->ended);
        }
        ndr_journal_file_free(f);
    }
    ndr_buffer_free(&b);
}

static void
test_zeroes(void **state)
{
    (void)state;
    ndr_buffer b = lines(whole);
    const size_t len = b.len;
    for (int i = 0; i < 4096; i++)
        ndr_buffer_byte(&b, '\0');
    ndr_journal_file *f = NULL;
    size_t good = 0;
    assert_int_equal(parse(b.ptr, b.len, &f, &good, NULL), 0);
    assert_int_equal(good, len);
    ndr_journal_file_free(f);
    ndr_buffer_free(&b);
}

static void
test_escape(void **state)
{
    (void)state;
    ndr_buffer b = {0};
    ndr_journal_escape(&b, "a b%\n\x7f\xc3\xa4z");
    ndr_buffer_byte(&b, '\0');
    assert_string_equal((char *)b.ptr, "a%20b%25%0A%7F%C3%A4z");
    ndr_buffer_free(&b);
}

int
main(void)
{
    ADD_ROWS(rows, test_lines);
    add_test("what was written is read again", test_content);
    add_test("moves tell for which domain they were judged", test_domains);
    add_test("cut at any byte, the whole lines are believed", test_torn);
    add_test("any byte changed is noticed", test_changed);
    add_test("zeroes behind the end are a torn line", test_zeroes);
    add_test("blanks, percent signs and bytes beyond ASCII are escaped", test_escape);
    return run_added("journal_line");
}
