/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"

#include "ndrscan_io.h"

/* ---- what is taken out -------------------------------------------------------- */

static const struct strip_row {
    const char *why;
    unsigned how;
    const char *in, *want;
    size_t stripped;
} strip_rows[] = {
    {"a header without ours stays as it is", 0, "A: b\nC: d\n\nX-NDR-Flag: NO\n",
     "A: b\nC: d\n\nX-NDR-Flag: NO\n", 0},
    {"a forged flag goes", 0, "A: b\nX-NDR-Flag: NO\nC: d\n\nx", "A: b\nC: d\n\nx", 1},
    {"any case is ours", 0, "x-nDr-sTATUS: keep\nA: b\n\n", "A: b\n\n", 1},
    {"forged evidence goes", 0, "X-NDR-evidence: ours proof=dkim-to\nA: b\n\n", "A: b\n\n", 1},
    {"a folded one goes whole", 0, "X-NDR-Status: none,\n\tengine=x\n more\nA: b\n\n",
     "A: b\n\n", 1},
    {"a folded field that holds the name in its second line stays", 0,
     "A: b\n X-NDR-Flag: NO\n\n", "A: b\n X-NDR-Flag: NO\n\n", 0},
    {"CRLF is as good", 0, "A: b\r\nX-NDR-Flag: NO\r\n x\r\nC: d\r\n\r\nX-NDR-Flag: NO",
     "A: b\r\nC: d\r\n\r\nX-NDR-Flag: NO", 1},
    {"blanks before the colon are allowed", 0, "X-NDR-Flag \t: NO\nA: b\n\n", "A: b\n\n",
     1},
    {"a longer name is another's", 0, "X-NDR-Flag2: NO\nX-NDR-Flags: x\n\n",
     "X-NDR-Flag2: NO\nX-NDR-Flags: x\n\n", 0},
    {"a name without a colon is no field", 0, "X-NDR-Flag\nX-NDR-Flag NO\n\n",
     "X-NDR-Flag\nX-NDR-Flag NO\n\n", 0},
    {"what ends in the middle of a name stays", 0, "A: b\nX-NDR-Fl", "A: b\nX-NDR-Fl", 0},
    {"the last line may lack its end", 0, "A: b\nX-NDR-Flag: NO", "A: b\n", 1},
    {"two of them both go", 0, "X-NDR-Flag: NO\nX-NDR-Flag: NO\n\n", "\n", 2},
    {"SpamAssassin's fields stay when they are not ours", 0, "X-Spam-Flag: YES\n\n",
     "X-Spam-Flag: YES\n\n", 0},
    {"SpamAssassin's fields go when they are", NDR_STAMP_SPAMASSASSIN,
     "X-Spam-Flag: YES\nX-Spam-Status: No,\n a\nX-Spam-Level: *\n\n",
     "X-Spam-Level: *\n\n", 2},
    {"a carriage return alone ends no header", 0, "A: b\n\rX-NDR-Flag: NO\n\n",
     "A: b\n\rX-NDR-Flag: NO\n\n", 0},
    {"an empty header has nothing to take", 0, "\nX-NDR-Flag: NO\n", "\nX-NDR-Flag: NO\n",
     0},
};

static void
strip_in_steps(const struct strip_row *row, size_t step)
{
    ndr_strip s = {0};
    ndr_buffer out = {0};
    const size_t n = strlen(row->in);
    ndr_strip_begin(&s, row->how);
    for (size_t at = 0; at < n; at += step) {
        const size_t len = n - at < step ? n - at : step;
        unsigned char *copy = exact_copy(row->in + at, len);
        const size_t took = ndr_strip_add(&s, (ndr_slice){copy, len}, &out);
        ndr_buffer_add(&out, (ndr_slice){copy + took, len - took});
        free(copy);
    }
    ndr_strip_end(&s, &out);
    assert_false(out.failed);
    assert_int_equal(out.len, strlen(row->want));
    assert_memory_equal(out.ptr, row->want, out.len);
    assert_int_equal(s.stripped, row->stripped);
    ndr_strip_free(&s);
    ndr_buffer_free(&out);
}

static void
test_strip(void **state)
{
    for (size_t step = 1; step <= strlen(((const struct strip_row *)*state)->in); step++)
        strip_in_steps(*state, step);
}

static void
test_many_blanks(void **state)
{
    (void)state;
    ndr_strip s = {0};
    ndr_buffer in = {0}, out = {0};
    ndr_buffer_text(&in, "X-NDR-Flag");
    for (int i = 0; i < 1 << 20; i++)
        ndr_buffer_byte(&in, ' ');
    ndr_buffer_text(&in, ": NO\n\n");
    ndr_strip_begin(&s, 0);
    assert_int_equal(ndr_strip_add(&s, (ndr_slice){in.ptr, in.len}, &out), in.len);
    assert_true(s.held.cap < 1 << 16);
    assert_int_equal(out.len, in.len);
    assert_memory_equal(out.ptr, in.ptr, in.len);
    ndr_strip_free(&s);
    ndr_buffer_free(&in);
    ndr_buffer_free(&out);
}

/* ---- where it goes --------------------------------------------------------------- */

static const struct place_row {
    const char *why, *in;
    size_t at;
    bool crlf;
} place_rows[] = {
    {"before the first field", "A: b\n\n", 0, false},
    {"with the line end of the first field", "A: b\r\n\r\n", 0, true},
    {"behind a From_ line", "From x Tue May 13 09:31:02 2008\nA: b\n", 32, false},
    {"the field's line end counts, not the From_ line's", "From x\nA: b\r\n", 7, true},
    {"behind a From_ line that was quoted", "From x\n>From y\nA: b\n", 15, false},
    {"behind a first line that goes on, lest it goes on with ours", " YES\nA: b\n", 5,
     false},
    {"behind all of it when no field follows", "\tYES", 4, false},
    {"before the empty line of an empty header", "\nA: b\n", 0, false},
    {"behind empty lines in front of the header", "\n \nFrom: b\n\n", 3, false},
    {"behind them with their line end", "\r\n\r\nTo: b\r\n\r\n", 4, true},
    {"at the start of nothing", "", 0, false},
    {"at the start of a line without an end", "A: b", 0, false},
};

static void
test_place(void **state)
{
    const struct place_row *row = *state;
    const size_t n = strlen(row->in);
    unsigned char *copy = exact_copy(row->in, n);
    bool crlf = true;
    assert_int_equal(ndr_stamp_place((ndr_slice){copy, n}, &crlf), row->at);
    assert_int_equal(crlf, row->crlf);
    free(copy);
}

/* ---- what is written --------------------------------------------------------------- */

static const ndr_rule rule = {.id = "postfix.report", .kind = NDR_KIND_FAILED};

static void
check_fields(const ndr_verdict *v, unsigned how, const char *want)
{
    ndr_buffer out = {0};
    ndr_stamp_fields(v, "0.1.0", how, &out);
    ndr_buffer_byte(&out, '\0');
    assert_false(out.failed);
    assert_string_equal((const char *)out.ptr, want);
    ndr_buffer_free(&out);
}

static void
test_no_bounce(void **state)
{
    (void)state;
    check_fields(&(ndr_verdict){0}, 0,
                 "X-NDR-Flag: NO\nX-NDR-Status: none, engine=ndrscan/0.1.0\n");
}

static void
test_junk(void **state)
{
    (void)state;
    const ndr_window window = {.domain = NDR_SLICE("example.com")};
    const ndr_recipient to = {.status = NDR_SLICE("5.1.1")};
    const ndr_verdict v = {.decision = NDR_JUNK,
                           .kind = NDR_KIND_FAILED,
                           .rule = &rule,
                           .window = &window,
                           .recipients = &to,
                           .recipient_count = 1};
    check_fields(&v, NDR_STAMP_CRLF,
                 "X-NDR-Flag: YES\r\n"
                 "X-NDR-Status: junk, rule=postfix.report kind=failed status=5.1.1\r\n"
                 "\twindow=example.com engine=ndrscan/0.1.0\r\n");
    check_fields(&v, NDR_STAMP_SPAMASSASSIN,
                 "X-NDR-Flag: YES\n"
                 "X-NDR-Status: junk, rule=postfix.report kind=failed status=5.1.1\n"
                 "\twindow=example.com engine=ndrscan/0.1.0\n"
                 "X-Spam-Flag: YES\n"
                 "X-Spam-Status: Yes, rule=postfix.report kind=failed status=5.1.1\n"
                 "\twindow=example.com engine=ndrscan/0.1.0\n");
}

static void
test_flags(void **state)
{
    (void)state;
    const ndr_verdict v = {.flags = NDR_MSG_SUSPECT | NDR_MSG_TRUNCATED};
    check_fields(&v, 0,
                 "X-NDR-Flag: NO\nX-NDR-Status: none, suspect=yes truncated=yes "
                 "engine=ndrscan/0.1.0\n");
}

static void
test_evidence(void **state)
{
    (void)state;
    ndr_evidence e = {.whose = NDR_WHOSE_OURS,
                      .decisive = 0,
                      .count = 1,
                      .proof = {{.name = "dkim-to", .result = "pass"}}};
    const ndr_verdict v = {
        .decision = NDR_KEEP, .kind = NDR_KIND_FAILED, .rule = &rule, .evidence = &e};
    check_fields(&v, 0,
                 "X-NDR-Flag: NO\n"
                 "X-NDR-Status: keep, rule=postfix.report kind=failed evidence=ours\n"
                 "\tproof=dkim-to engine=ndrscan/0.1.0\n"
                 "X-NDR-Evidence: ours proof=dkim-to\n");
    e = (ndr_evidence){.decisive = -1};
    check_fields(&v, 0,
                 "X-NDR-Flag: NO\n"
                 "X-NDR-Status: keep, rule=postfix.report kind=failed evidence=unknown\n"
                 "\tengine=ndrscan/0.1.0\n"
                 "X-NDR-Evidence: unknown\n");
}

/* Nothing that mail or rules say can end a line or begin a field. */
static void
test_hostile(void **state)
{
    (void)state;
    ndr_buffer all = {0};
    for (int i = 0; i < 3; i++)
        for (int c = 0; c < 256; c++)
            ndr_buffer_byte(&all, (unsigned char)c);
    const ndr_slice bytes = {all.ptr, all.len};
    const ndr_rule odd = {.id = "a\r\nX-NDR-Flag: NO\r\n\r\nb\xc3\xa9"};
    const ndr_window window = {.domain = bytes};
    for (size_t from = 0; from < 256; from++) {
        const ndr_recipient to = {.status = {bytes.ptr + from, 300}};
        const ndr_verdict v = {.decision = NDR_JUNK,
                               .rule = &odd,
                               .window = &window,
                               .recipients = &to,
                               .recipient_count = 1};
        ndr_buffer out = {0};
        ndr_stamp_fields(&v, "0.1.0", NDR_STAMP_SPAMASSASSIN, &out);
        size_t fields = 0, column = 0;
        for (size_t i = 0; i < out.len; i++) {
            const unsigned char c = out.ptr[i];
            fields += column == 0 && c == 'X';
            assert_true(column > 0 || c == 'X' || c == '\t');
            assert_true((c >= ' ' && c < 0x7f) || c == '\n' ||
                        (c == '\t' && column == 0));
            column = c == '\n' ? 0 : column + 1;
            assert_true(column <= 78);
        }
        assert_int_equal(column, 0);
        assert_int_equal(fields, 4);
        ndr_buffer_free(&out);
    }
    ndr_buffer_free(&all);
}

int
main(void)
{
    ADD_ROWS(strip_rows, test_strip);
    add_test("a megabyte of blanks behind a name is not held back", test_many_blanks);
    ADD_ROWS(place_rows, test_place);
    add_test("a message that is no bounce is flagged NO", test_no_bounce);
    add_test("whose mail came back, and by which proof", test_evidence);
    add_test("junk is flagged YES, and folded before column 78", test_junk);
    add_test("suspects and truncated ones are told", test_flags);
    add_test("nothing from mail or rules makes a field or a line", test_hostile);
    return run_added("stamp");
}
