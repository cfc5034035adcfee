/* SPDX-License-Identifier: BSD-3-Clause */
#include "tag_check.h"

/* Tags made by Exim 4.96 on day 20786, for seven days: DDD is 793. */
enum { MADE_ON = 20786 };

static ndr_secrets *secrets;

static const struct row {
    const char *why, *address;
    int64_t day; /* -1: not known */
    const char *want;
} rows[] = {
    {"a tag of its day", "prvs=079322fa7f=bob@example.com", MADE_ON, "right"},
    {"on its last day", "prvs=079322fa7f=bob@example.com", MADE_ON + 7, "right"},
    {"a day later", "prvs=079322fa7f=bob@example.com", MADE_ON + 8, "expired"},
    {"a thousand days later, as DDD comes again", "prvs=079322fa7f=bob@example.com",
     MADE_ON + 1000, "right"},
    {"100 days ahead", "prvs=079322fa7f=bob@example.com", MADE_ON - 93, "right"},
    {"101 days ahead", "prvs=079322fa7f=bob@example.com", MADE_ON - 94, "expired"},
    {"at no known time", "prvs=079322fa7f=bob@example.com", -1, "undated"},
    {"a local part with a capital", "prvs=3793686f01=Bob@Example.com", MADE_ON, "right"},
    {"its domain folded since is another address", "prvs=3793686f01=Bob@example.com",
     MADE_ON, "wrong"},
    {"made in lower case, come in capitals", "PRVS=079322FA7F=BOB@EXAMPLE.COM", MADE_ON,
     "right"},
    {"made in lower case, its domain in capitals", "prvs=079322fa7f=bob@EXAMPLE.com",
     MADE_ON, "right"},
    {"a key number with a key of its own", "prvs=77932165a5=bob@Example.com", MADE_ON,
     "right"},
    {"over the turn of DDD", "prvs=0005f386c9=bob@example.com", 20998, "right"},
    {"another digit", "prvs=079322fa7e=bob@example.com", MADE_ON, "wrong"},
    {"another day", "prvs=079422fa7f=bob@example.com", MADE_ON, "wrong"},
    {"another key number", "prvs=179322fa7f=bob@example.com", MADE_ON, "wrong"},
    {"another address", "prvs=079322fa7f=bab@example.com", MADE_ON, "wrong"},
    {"another domain", "prvs=079322fa7f=bob@example.org", MADE_ON, "wrong"},
    {"not tagged", "bob@example.com", MADE_ON, "none"},
    {"no local part behind the tag", "prvs=079322fa7f=@example.com", MADE_ON, "none"},
    {"a tag that is too short", "prvs=079322fa7=bob@example.com", MADE_ON, "none"},
    {"letters that are no hex", "prvs=079322fa7g=bob@example.com", MADE_ON, "none"},
    {"a day that is no number", "prvs=0x9322fa7f=bob@example.com", MADE_ON, "none"},
    {"a slash for the equals sign", "prvs=079322fa7f/bob@example.com", MADE_ON, "none"},
    {"no domain", "prvs=079322fa7f=bob@", MADE_ON, "none"},
    {"no @", "prvs=079322fa7f=bob", MADE_ON, "none"},
    {"nothing", "", MADE_ON, "none"},
    {"an @ alone", "@", MADE_ON, "none"},
};

static ndr_tag
check(const char *address, int64_t day)
{
    return tag_check(ndr_batv_check, secrets, address, day);
}

static void
test_row(void **state)
{
    const struct row *row = *state;
    const ndr_tag tag = check(row->address, row->day);
    assert_string_equal(ndr_tag_result_name(tag.result), row->want);
    assert_string_equal(tag.form, tag.result >= NDR_TAG_UNDATED ? "batv" : "");
}

static void
test_instance(void **state)
{
    (void)state;
    const ndr_tag a = check("prvs=079322fa7f=bob@example.com", MADE_ON);
    const ndr_tag b = check("PRVS=079322FA7F=BOB@EXAMPLE.COM", MADE_ON + 50);
    const ndr_tag c = check("prvs=3793686f01=Bob@Example.com", MADE_ON);
    assert_memory_equal(a.instance.id, b.instance.id, 32);
    assert_memory_not_equal(a.instance.id, c.instance.id, 32);
}

static void
test_long(void **state)
{
    (void)state;
    ndr_buffer address = {0};
    ndr_buffer_text(&address, "prvs=079322fa7f=");
    while (address.len < 1012)
        ndr_buffer_byte(&address, 'b');
    ndr_buffer_text(&address, "@example.com");
    assert_int_equal(
        ndr_batv_check(secrets, (ndr_slice){address.ptr, address.len}, 0).result,
        NDR_TAG_WRONG);
    address.ptr[0] = 'p';
    ndr_buffer_byte(&address, 'm');
    assert_int_equal(
        ndr_batv_check(secrets, (ndr_slice){address.ptr, address.len}, 0).result,
        NDR_TAG_NONE);
    ndr_buffer_free(&address);
}

static void
test_refused(void **state)
{
    (void)state;
    ndr_error err;
    ndr_secrets *s;
    unsigned char much[1025] = {1};
    assert_int_equal(ndr_secrets_new(&s, &err), 0);
    assert_int_equal(ndr_secrets_add(s, NDR_SLICE(""), NDR_SECRET_ANY, &err),
                     NDR_E_SYNTAX);
    assert_int_equal(ndr_secrets_add(s, NDR_SLICE("x"), 10, &err), NDR_E_SYNTAX);
    assert_int_equal(ndr_secrets_add(s, NDR_SLICE("x"), -2, &err), NDR_E_SYNTAX);
    assert_int_equal(
        ndr_secrets_add(s, (ndr_slice){much, sizeof much}, NDR_SECRET_ANY, &err),
        NDR_E_LIMIT);
    for (int i = 0; i < 32; i++)
        assert_int_equal(ndr_secrets_add(s, NDR_SLICE("x"), NDR_SECRET_ANY, &err), 0);
    assert_int_equal(ndr_secrets_add(s, NDR_SLICE("x"), NDR_SECRET_ANY, &err),
                     NDR_E_LIMIT);
    ndr_secrets_free(s);
    ndr_secrets_free(NULL);
}

int
main(void)
{
    ndr_error err;
    if (ndr_secrets_new(&secrets, &err) != 0 ||
        ndr_secrets_add(secrets, NDR_SLICE("an old one"), NDR_SECRET_ANY, &err) != 0 ||
        ndr_secrets_add(secrets, NDR_SLICE("secret"), 0, &err) != 0 ||
        ndr_secrets_add(secrets, NDR_SLICE("secret"), 3, &err) != 0 ||
        ndr_secrets_add(secrets, NDR_SLICE("secret"), 7, &err) != 0)
        abort();
    ADD_ROWS(rows, test_row);
    add_test("the instance is that of the tag, in whatever case", test_instance);
    add_test("1024 bytes are an address and 1025 none", test_long);
    add_test("secrets that are none are refused", test_refused);
    const int rc = run_added(__FILE__);
    ndr_secrets_free(secrets);
    return rc;
}
