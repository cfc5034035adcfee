/* SPDX-License-Identifier: BSD-3-Clause */
#include "log_harness.h"

#define DATE "Date: Sun, 29 Nov 2026 10:00:00 +0000\n"
#define HEAD "From: Alice <alice@example.com>\nMessage-ID: <1@a>\n"

static const struct row {
    const char *why;
    const char *raw;
    const char *want; /* ids are told as they stand, with the blank behind the colon */
} rows[] = {
    {"To, Cc and Bcc name recipients",
     HEAD "To: bob@example.org\nCC : c@example.org\nbcc: d@example.org\n\nTo: no@body\n",
     " <1@a>\n example.com \n <1@a>\n example.com bob@example.org\n"
     " <1@a>\n example.com c@example.org\n <1@a>\n example.com d@example.org\n"},
    {"names, comments, quotes and folding are no addresses",
     HEAD "To: \"x@evil, y\" <bob@example.org>,\n\tCarol (c@evil, (d@evil)) "
          "<c@example.org>\n",
     " <1@a>\n example.com \n <1@a>\n example.com bob@example.org\n"
     " <1@a>\n example.com c@example.org\n"},
    {"a group's name is none, its members are recipients",
     HEAD "To: Us: bob@example.org, Carol <c@example.org>;, Nobody:;\n",
     " <1@a>\n example.com \n <1@a>\n example.com bob@example.org\n"
     " <1@a>\n example.com c@example.org\n"},
    {"a local part in quotes is kept", HEAD "To: \"b, o\\\"b\"@example.org\n",
     " <1@a>\n example.com \n <1@a>\n example.com \"b, o\\\"b\"@example.org\n"},
    {"an old route is taken off", HEAD "To: <@x.example,@y.example:bob@example.org>\n",
     " <1@a>\n example.com \n <1@a>\n example.com bob@example.org\n"},
    {"a return path of another domain counts beside From",
     "Return-Path: <b+1@lists.example>\n" HEAD "To: bob@example.org\n",
     " <1@a>\n lists.example \n <1@a>\n lists.example bob@example.org\n"
     " <1@a>\n example.com \n <1@a>\n example.com bob@example.org\n"},
    {"a route to nobody is nobody", HEAD "To: <@x.example:bob>, <@y>\n",
     " <1@a>\n example.com \n <1@a>\n example.com @y\n"},
    {"an empty return path is none", "Return-Path: <>\n" HEAD, " <1@a>\n example.com \n"},
    {"mail without an id tells nothing", "From: a@example.com\nTo: bob@example.org\n",
     ""},
    {"mail with two ids tells nothing", HEAD "Message-Id: <2@a>\nTo: bob@example.org\n",
     ""},
    {"mail of nobody tells nothing", "Message-ID: <1@a>\nTo: bob@example.org\n", ""},
    {"a From that does not end is no trouble",
     "Message-ID: <1@a>\nFrom: \"Alice (x <alice@example.com", ""},
    {"nothing is nothing", "", ""},
    {"no header is nothing", "\n\nFrom: a@example.com\nMessage-ID: <1@a>\n", NULL},
};

static void
test_row(void **state)
{
    const struct row *r = *state;
    log_told told = {.sent = -1};
    ndr_error err = {0};
    const size_t n = strlen(r->raw);
    unsigned char *copy = exact_copy(r->raw, n);
    assert_int_equal(ndr_sent_mail((ndr_slice){copy, n}, 7, log_found, &told, &err), 0);
    ndr_buffer_byte(&told.text, '\0');
    if (r->want != NULL)
        assert_string_equal((const char *)told.text.ptr, r->want);
    free(copy);
    ndr_buffer_free(&told.text);
}

static void
test_time(void **state)
{
    (void)state;
    log_told told = {.sent = -1};
    ndr_error err = {0};
    assert_int_equal(ndr_sent_mail(NDR_SLICE(HEAD DATE), 7, log_found, &told, &err), 0);
    assert_true(told.sent == INT64_C(1795946400));
    assert_int_equal(
        ndr_sent_mail(NDR_SLICE(HEAD "Date: tomorrow\n"), 7, log_found, &told, &err), 0);
    assert_true(told.sent == 7);
    ndr_buffer_free(&told.text);
}

int
main(void)
{
    ADD_ROWS(rows, test_row);
    add_test("it was sent at its date, else when its file says", test_time);
    return run_added("sent_mail");
}
