/* SPDX-License-Identifier: BSD-3-Clause */
#include "sent/sent_segment.h"
#include "sent_box.h"

static const struct row {
    const char *why;
    const char *id, *domain, *recipient;
    int64_t bounced;
    enum ndr_sent_answer want;
} rows[] = {
    {"a message to its recipient is known", "<a@example.com>", "example.com",
     "Bob@Example.ORG", NOON, NDR_SENT_TO},
    {"brackets and blanks make no other id", " a@example.com\r\n", "example.com",
     "<bob@example.org>", NOON, NDR_SENT_TO},
    {"an id's letters count", "<A@example.com>", "example.com", "bob@example.org", NOON,
     NDR_SENT_NO},
    {"a domain in Unicode and one in ASCII are one", "<u@example.com>",
     "b\xc3\xbc"
     "cher.example",
     "bob@xn--bcher-kva.example", NOON, NDR_SENT_TO},
    {"another recipient has the id alone", "<a@example.com>", "example.com",
     "carol@example.org", NOON, NDR_SENT_ID},
    {"nobody asked for has the id alone", "<a@example.com>", "example.com", "", NOON,
     NDR_SENT_ID},
    {"an address without a domain is nobody", "<a@example.com>", "example.com", "bob",
     NOON, NDR_SENT_ID},
    {"a domain does not vouch for another", "<a@example.com>", "example.net",
     "bob@example.org", NOON, NDR_SENT_NO},
    {"a bounce of the days before it was sent is none of it", "<a@example.com>",
     "example.com", "bob@example.org", NOON - DAY, NDR_SENT_NO},
    {"a bounce of the same day counts, whose clock is early", "<a@example.com>",
     "example.com", "bob@example.org", NOON - 3600, NDR_SENT_TO},
    {"a bounce of the last day counts", "<a@example.com>", "example.com",
     "bob@example.org", NOON + NDR_SENT_DAYS *(int64_t)DAY, NDR_SENT_TO},
    {"a bounce of the day after that does not", "<a@example.com>", "example.com",
     "bob@example.org", NOON + (NDR_SENT_DAYS + 1) * (int64_t)DAY, NDR_SENT_NO},
    {"a bounce that came at no known time proves nothing", "<a@example.com>",
     "example.com", "bob@example.org", NDR_TIME_UNKNOWN, NDR_SENT_NO},
    {"an id sent again later counts from both days", "<twice@example.com>", "example.com",
     "bob@example.org", NOON + 40 * (int64_t)DAY, NDR_SENT_TO},
    {"a message without a recipient has its id alone", "<none@example.com>",
     "example.com", "bob@example.org", NOON, NDR_SENT_ID},
    {"who is known in one file and the id in another", "<list@example.com>",
     "example.com", "carol@example.org", NOON, NDR_SENT_TO},
    {"whom no file has", "<list@example.com>", "example.com", "dave@example.org", NOON,
     NDR_SENT_ID},
    {"no id is no message", "<>", "example.com", "bob@example.org", NOON, NDR_SENT_NO},
    {"parts that run into each other are another message", "<a@example.co>",
     "mexample.com", "bob@example.org", NOON, NDR_SENT_NO},
    {"an address literal is a domain as it is written", "<l@x>", "[192.0.2.1]",
     "bob@[IPv6:2001:DB8::1]", NOON, NDR_SENT_TO},
};

static sent_box box;

static void
test_row(void **state)
{
    const struct row *r = *state;
    sent_told told;
    ndr_sent *s = sent_box_ask(&box, "set", &told);
    assert_int_equal(told.count, 0);
    assert_int_equal(sent_ask(s, r->id, r->domain, r->recipient, r->bounced), r->want);
    ndr_sent_close(s);
}

static void
fill_box(void)
{
    ndr_sent_batch *b = sent_box_open(&box, "set", "mx1.example.com");
    sent_put(b, "<a@example.com>", "Example.com.", "bob@example.org", NOON);
    sent_put(b, "<u@example.com>", "xn--bcher-kva.example",
             "bob@b\xc3\xbc"
             "cher.example",
             NOON);
    sent_put(b, "<twice@example.com>", "example.com", "bob@example.org", NOON);
    sent_put(b, "<twice@example.com>", "example.com", "bob@example.org",
             NOON + 20 * (int64_t)DAY);
    sent_put(b, "<none@example.com>", "example.com", "", NOON);
    sent_put(b, "<>", "example.com", "bob@example.org", NOON);
    sent_put(b, "<l@x>", "[192.0.2.1]", "bob@[ipv6:2001:db8::1]", NOON);
    sent_put(b, "<never@x>", "example.com", "bob@example.org", NDR_TIME_UNKNOWN);
    sent_put(b, "<list@example.com>", "example.com", "bob@example.org", NOON);
    sent_commit(b);
    ndr_sent_batch_free(b);
    b = sent_box_open(&box, "set", "mx2.example.com");
    sent_put(b, "<list@example.com>", "example.com", "carol@example.org", NOON);
    sent_commit(b);
    ndr_sent_batch_free(b);
}

/* Hashes that are not spread at all, as no key makes them. */
static void
test_find(void **state)
{
    (void)state;
    enum { N = 5000 };
    unsigned char *record = malloc((size_t)N * SENT_RECORD_BYTES);
    assert_non_null(record);
    for (int shape = 0; shape < 4; shape++) {
        ndr_sent_segment s = {.record = record, .count = N};
        for (uint64_t i = 0; i < N; i++) {
            const uint64_t hash = shape == 0   ? i * 3
                                  : shape == 1 ? UINT64_MAX - 3 * (N - i)
                                  : shape == 2 ? i * (UINT64_MAX / N)
                                               : (i < N / 2 ? 7 : UINT64_MAX);
            sent_record_put(record + i * SENT_RECORD_BYTES, hash, 1);
        }
        for (uint64_t i = 0; i < N; i += 7) {
            const uint64_t hash = sent_record_hash(record + i * SENT_RECORD_BYTES);
            for (uint64_t h = hash - 1; h != hash + 2; h++) {
                const uint64_t at = ndr_sent_segment_find(&s, h);
                assert_true(at <= N);
                assert_true(at == N ||
                            sent_record_hash(record + at * SENT_RECORD_BYTES) >= h);
                assert_true(at == 0 ||
                            sent_record_hash(record + (at - 1) * SENT_RECORD_BYTES) < h);
            }
        }
    }
    free(record);
}

/* Put message `i`, to bob, into a set as older programs did. */
static void
put_older(const char *dir, unsigned first, unsigned last)
{
    ndr_sent_folder f;
    ndr_error err = {0};
    char id[64], name[SENT_NAME_BYTES];
    assert_int_equal(ndr_sent_folder_open(&f, dir, true, &err), 0);
    const int lock = ndr_sent_folder_lock(&f, &err);
    for (unsigned i = first; i <= last; i++) {
        unsigned char record[2 * SENT_RECORD_BYTES], *second = record + SENT_RECORD_BYTES;
        ndr_sent_name n;
        (void)snprintf(id, sizeof id, "<%u@mx.example.com>", i);
        assert_true(ndr_sent_name_of(ndr_slice_of(id), NDR_SLICE("example.com"),
                                     NDR_SLICE("bob@example.org"), &n));
        sent_record_put(record, ndr_sent_hash(&f.key[0], &n, false), ndr_sent_day(NOON));
        sent_record_put(second, ndr_sent_hash(&f.key[0], &n, true), ndr_sent_day(NOON));
        ndr_sent_run runs[] = {{record, 1}, {second, 1}};
        assert_int_equal(ndr_sent_segment_write(&f, "mx1",
                                                (ndr_sent_kind){f.key[0].id, false}, runs,
                                                2, name, &err),
                         0);
    }
    assert_int_equal(close(lock), 0);
    ndr_sent_folder_close(&f);
}

static void
assert_bobs(const char *set, unsigned count)
{
    char id[64];
    sent_told told;
    ndr_sent *s = sent_box_ask(&box, set, &told);
    assert_int_equal(told.count, 0);
    for (unsigned i = 0; i < count; i++) {
        (void)snprintf(id, sizeof id, "<%u@mx.example.com>", i);
        assert_int_equal(sent_ask(s, id, "example.com", "bob@example.org", NOON),
                         NDR_SENT_TO);
        assert_int_equal(sent_ask(s, id, "example.com", "eve@example.org", NOON),
                         NDR_SENT_ID);
        assert_int_equal(sent_ask(s, id, "example.net", "bob@example.org", NOON),
                         NDR_SENT_NO);
    }
    ndr_sent_close(s);
}

/* What an older program kept is answered, stays what it is beside what comes, and is
 * united with its like alone. */
static void
test_older(void **state)
{
    (void)state;
    char dir[256], other[256], path[512];
    ndr_error err = {0};
    put_older(sent_box_path(&box, "older", dir), 0, 2);
    assert_int_equal(sent_box_files(&box, "older", ".seg", path), 3);
    assert_bobs("older", 3);
    sent_box_fill(&box, "older", "mx1", 3, 5, NOON);
    sent_box_fill(&box, "older", "mx1", 6, 8, NOON);
    assert_int_equal(sent_box_files(&box, "older", ".seg", path), 4);
    assert_bobs("older", 9);
    const char *from[] = {dir};
    assert_int_equal(ndr_sent_merge(sent_box_path(&box, "united", other), "mx", from, 1,
                                    NULL, NULL, &err),
                     0);
    assert_int_equal(sent_box_files(&box, "united", ".seg", path), 2);
    assert_bobs("united", 9);
}

static void
test_no_set(void **state)
{
    (void)state;
    char dir[256];
    ndr_sent *s = NULL;
    ndr_error err = {0};
    assert_int_equal(
        ndr_sent_open(sent_box_path(&box, "nowhere", dir), NULL, NULL, &s, &err),
        NDR_E_SYS);
    assert_null(s);
}

int
main(void)
{
    sent_box_begin(&box);
    fill_box();
    ADD_ROWS(rows, test_row);
    add_test("every place is found, whatever the hashes are", test_find);
    add_test("what an older program kept is answered", test_older);
    add_test("a folder that is not there is told", test_no_set);
    const int failed = run_added("sent_ask");
    sent_box_end(&box);
    return failed;
}
