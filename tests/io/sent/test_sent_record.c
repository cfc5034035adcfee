/* SPDX-License-Identifier: BSD-3-Clause */
#include "sent/sent_record.h"

#include "harness.h"

static const ndr_sent_key key = {.bytes = {1, 2, 3, 4, 5, 6, 7, 8, 9}};

typedef struct same_row {
    const char *why;
    const char *id, *domain, *recipient;    /* one name … */
    const char *id2, *domain2, *recipient2; /* … and another */
    bool same, same_to;                     /* without recipients, and with them */
} same_row;

#define X "1@x.example", "x.example", "bob@y.example"
static const same_row sames[] = {
    {"itself", X, X, true, true},
    {"angle brackets and blanks", X, " <1@x.example>\r\n", "\tx.example ",
     "< bob@y.example >", true, true},
    {"an id's letters stay as they are", "A@x.example", "x.example", "bob@y.example",
     "a@x.example", "x.example", "bob@y.example", false, false},
    {"a domain's do not, nor its final dot", X, "1@x.example", "X.Example.",
     "bob@Y.EXAMPLE", true, true},
    {"a domain in Unicode and in A-labels", "1@x",
     "b\xc3\xbc"
     "cher.example",
     "a@y.example", "1@x", "xn--bcher-kva.example", "a@y.example", true, true},
    {"what is no host name, in lower case", "1@x", "[192.0.2.1]X", "a@[X]", "1@x",
     "[192.0.2.1]x", "a@[x]", true, true},
    {"a local part in any case", X, "1@x.example", "x.example", "BOB@y.example", true,
     true},
    {"another recipient", X, "1@x.example", "x.example", "bo@y.example", true, false},
    {"another domain of him", X, "1@x.example", "x.example", "bob@z.example", true,
     false},
    {"another id", X, "2@x.example", "x.example", "bob@y.example", false, false},
    {"bytes that go from one part to the next", "1a", "b.example", "c@d.example", "1",
     "ab.example", "c@d.example", false, false},
    {"and from the domain to the local part", "1", "a.example", "cd@e.example", "1",
     "a.example", "d@ce.example", true, false},
};

static ndr_sent_name
name_of(const char *id, const char *domain, const char *recipient)
{
    ndr_sent_name n;
    assert_true(ndr_sent_name_of(ndr_slice_of(id), ndr_slice_of(domain),
                                 ndr_slice_of(recipient), &n));
    return n;
}

static void
same_test(void **state)
{
    const same_row *row = *state;
    const ndr_sent_name a = name_of(row->id, row->domain, row->recipient);
    const ndr_sent_name b = name_of(row->id2, row->domain2, row->recipient2);
    assert_true(a.has_recipient && b.has_recipient);
    assert_int_equal(ndr_sent_hash(&key, &a, false) == ndr_sent_hash(&key, &b, false),
                     row->same);
    assert_int_equal(ndr_sent_hash(&key, &a, true) == ndr_sent_hash(&key, &b, true),
                     row->same_to);
    assert_true(ndr_sent_hash(&key, &a, true) != ndr_sent_hash(&key, &a, false));
    const ndr_sent_key other = {.bytes = {1}};
    assert_true(ndr_sent_hash(&key, &a, true) != ndr_sent_hash(&other, &a, true));
}

typedef struct missing_row {
    const char *why, *id, *domain, *recipient;
    bool want, has_recipient;
} missing_row;

static const missing_row missings[] = {
    {"all is there", "1@x", "x.example", "a@b.example", true, true},
    {"no id", "", "x.example", "a@b.example", false, false},
    {"brackets around nothing", "< >", "x.example", "a@b.example", false, false},
    {"no domain", "1@x", " ", "a@b.example", false, false},
    {"no recipient", "1@x", "x.example", "", true, false},
    {"one without a domain", "1@x", "x.example", "a", true, false},
    {"one that ends in its sign", "1@x", "x.example", "a@", true, false},
    {"one without a local part", "1@x", "x.example", "@b.example", true, false},
    {"the last sign counts", "1@x", "x.example", "\"a@b\"@c.example", true, true},
};

static void
missing_test(void **state)
{
    const missing_row *row = *state;
    ndr_sent_name n;
    const bool got = ndr_sent_name_of(ndr_slice_of(row->id), ndr_slice_of(row->domain),
                                      ndr_slice_of(row->recipient), &n);
    assert_int_equal(got, row->want);
    if (got)
        assert_int_equal(n.has_recipient, row->has_recipient);
}

/* Local parts of every length: each letter counts, its case does not. */
static void
long_test(void **state)
{
    (void)state;
    enum { LONGEST = 200 };
    char one[LONGEST + 16], other[LONGEST + 16];
    for (size_t n = 1; n <= LONGEST; n++) {
        memset(one, 'a', n);
        memset(other, 'A', n);
        (void)strcpy(one + n, "@y.example");
        (void)strcpy(other + n, "@y.example");
        const ndr_sent_name a = name_of("1", "x.example", one);
        ndr_sent_name b = name_of("1", "x.example", other);
        assert_true(ndr_sent_hash(&key, &a, true) == ndr_sent_hash(&key, &b, true));
        other[n - 1] = 'b';
        b = name_of("1", "x.example", other);
        assert_true(ndr_sent_hash(&key, &a, true) != ndr_sent_hash(&key, &b, true));
    }
}

/* A part with its length before it. */
static size_t
put_part(unsigned char *to, const char *part, size_t n)
{
    const unsigned char len[4] = {(unsigned char)n, (unsigned char)(n >> 8)};
    memcpy(to, len, sizeof len);
    memcpy(to + sizeof len, part, n);
    return n + sizeof len;
}

/* Sets that are kept hold on to these bytes, whatever the length of an id. */
static void
bytes_test(void **state)
{
    (void)state;
    enum { LONGEST = 1100 };
    static char id[LONGEST + 1], to[LONGEST + 16];
    static unsigned char bytes[3 * LONGEST];
    for (size_t n = 1; n <= LONGEST; n++) {
        const size_t local = n * 7 % LONGEST + 1;
        for (size_t i = 0; i < LONGEST; i++) {
            id[i] = i < n ? (char)('a' + i % 26) : '\0';
            to[i] = (char)('A' + i % 26);
        }
        (void)strcpy(to + local, "@y.example");
        const ndr_sent_name name = name_of(id, "x.example", to);
        ndr_siphash one, both;
        ndr_siphash_begin(&one, key.bytes);
        ndr_siphash_begin(&both, key.bytes);
        bytes[0] = 1;
        size_t at = 1;
        at += put_part(bytes + at, id, n);
        at += put_part(bytes + at, "x.example", 9);
        ndr_siphash_add(&one, bytes, at);
        assert_true(ndr_sent_hash(&key, &name, false) == ndr_siphash_end(&one));
        bytes[0] = 2;
        at += put_part(bytes + at, "y.example", 9);
        for (size_t i = 0; i < local; i++)
            bytes[at++] = (unsigned char)(to[i] | 0x20);
        ndr_siphash_add(&both, bytes, at);
        assert_true(ndr_sent_hash(&key, &name, true) == ndr_siphash_end(&both));
    }
}

/* A recipient's record shares the first bits of its id's, and no more of it. */
static void
beside_test(void **state)
{
    (void)state;
    const uint64_t id = UINT64_C(0x0123456789abcdef);
    assert_true(sent_hash_beside(id, 0) == UINT64_C(0x0123400000000000));
    assert_true(sent_hash_beside(0, UINT64_MAX) == UINT64_C(0x00000fffffffffff));
    assert_true(sent_hash_beside(id, id) == UINT64_C(0x012340123456789a));
}

static void
domain_length_test(void **state)
{
    (void)state;
    char domain[300];
    ndr_sent_name n;
    memset(domain, '!', sizeof domain);
    domain[255] = '\0';
    assert_true(
        ndr_sent_name_of(NDR_SLICE("1"), ndr_slice_of(domain), (ndr_slice){0}, &n));
    assert_int_equal(strlen(n.domain), 255);
    domain[255] = '!';
    domain[256] = '\0';
    assert_false(
        ndr_sent_name_of(NDR_SLICE("1"), ndr_slice_of(domain), (ndr_slice){0}, &n));
    assert_false(ndr_sent_name_of(NDR_SLICE("1"), NDR_SLICE("a\0b"), (ndr_slice){0}, &n));
}

typedef struct day_row {
    const char *why;
    int64_t at;
    int want;
} day_row;

static const day_row days[] = {
    {"the first second", 0, 0},
    {"the last one of a day", 86399, 0},
    {"the next day", 86400, 1},
    {"before there were records", -1, -1},
    {"the last day", INT64_C(65535) * 86400 + 86399, 65535},
    {"behind it", INT64_C(65536) * 86400, -1},
    {"not known", NDR_TIME_UNKNOWN, -1},
    {"open", NDR_TIME_OPEN, -1},
};

static void
day_test(void **state)
{
    const day_row *row = *state;
    assert_int_equal(ndr_sent_day(row->at), row->want);
}

static void
put_test(void **state)
{
    (void)state;
    unsigned char *a = exact_copy("0123456789", SENT_RECORD_BYTES);
    unsigned char b[SENT_RECORD_BYTES];
    sent_record_put(a, UINT64_C(0x0102030405060708), 0x1234);
    assert_memory_equal(a, "\1\2\3\4\5\6\7\10\x12\x34", SENT_RECORD_BYTES);
    assert_true(sent_record_hash(a) == UINT64_C(0x0102030405060708));
    assert_int_equal(sent_record_day(a), 0x1234);
    sent_record_put(b, UINT64_C(0x0102030405060708), SENT_DAY_MOST);
    assert_int_equal(sent_record_day(b), SENT_DAY_MOST);
    assert_true(memcmp(a, b, SENT_RECORD_BYTES) < 0); /* by hash, then by day */
    sent_record_put(b, UINT64_C(0xff02030405060708), 0);
    assert_true(memcmp(a, b, SENT_RECORD_BYTES) < 0);
    free(a);
    const unsigned char other[NDR_SIPHASH_KEY_BYTES] = {9};
    assert_true(ndr_sent_key_id(key.bytes) == ndr_sent_key_id(key.bytes));
    assert_true(ndr_sent_key_id(key.bytes) != ndr_sent_key_id(other));
}

int
main(void)
{
    ADD_ROWS(sames, same_test);
    ADD_ROWS(missings, missing_test);
    add_test("local parts of every length", long_test);
    add_test("the bytes that are hashed are those of every set", bytes_test);
    add_test("a recipient is kept beside its id", beside_test);
    add_test("a domain of up to 255 bytes, and no NUL", domain_length_test);
    ADD_ROWS(days, day_test);
    add_test("records sort by hash, then by day", put_test);
    return run_added("sent_record");
}
