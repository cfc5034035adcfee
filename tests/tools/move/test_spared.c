/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "move/spared.h"

static void
same(ndr_buffer *got, const char *want)
{
    ndr_buffer_byte(got, '\0');
    assert_false(got->failed);
    assert_string_equal((const char *)got->ptr, want);
    ndr_buffer_free(got);
}

static void
told_test(void **state)
{
    (void)state;
    spared s = {0};
    ndr_buffer out = {0};
    for (int i = 0; i < 2; i++)
        spared_add(&s, NDR_WHOSE_UNKNOWN, NULL);
    for (int i = 0; i < 1031; i++)
        spared_add(&s, NDR_WHOSE_OURS, i % 500 == 0 ? "sent-to" : "dkim-to");
    spared_add(&s, NDR_WHOSE_FORWARDED, "srs");
    spared_table(&s, true, &out);
    same(&out, "would be kept: ours                       1,031\n"
               "  by sent-to                                  3\n"
               "  by dkim-to                              1,028\n"
               "would be kept: forwarded                      1\n"
               "  by srs                                      1\n"
               "would be kept: unknown                        2\n");
    out = (ndr_buffer){0};
    spared_table(&s, false, &out);
    ndr_buffer_byte(&out, '\0');
    assert_non_null(strstr((const char *)out.ptr,
                           "kept: unknown                                 2\n"));
    ndr_buffer_free(&out);
    out = (ndr_buffer){0};
    spared_json(&s, &out);
    same(&out, "\"spared\":[{\"whose\":\"unknown\",\"proof\":null,\"bounces\":2},"
               "{\"whose\":\"ours\",\"proof\":\"sent-to\",\"bounces\":3},"
               "{\"whose\":\"ours\",\"proof\":\"dkim-to\",\"bounces\":1028},"
               "{\"whose\":\"forwarded\",\"proof\":\"srs\",\"bounces\":1}]");
}

static void
none_test(void **state)
{
    (void)state;
    const spared s = {0};
    ndr_buffer out = {0};
    spared_table(&s, true, &out);
    spared_json(&s, &out);
    same(&out, "");
}

int
main(void)
{
    add_test("counted by whose mail came back and by proof", told_test);
    add_test("where nothing stays, nothing is told", none_test);
    return run_added("spared");
}
