/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE /* mkdtemp, setenv */
#include "app/history.h"
#include "harness.h"

#include <stdio.h>
#include <unistd.h>

static char folder[] = "/tmp/test_history.XXXXXX";

static void
add(ndr_buffer *out, const char *name, ndr_slice text)
{
    if (text.len == 0)
        return;
    ndr_buffer_printf(out, "%s=", name);
    for (size_t i = 0; i < text.len; i++)
        ndr_buffer_byte(out, text.ptr[i] != '\0' ? text.ptr[i] : '@');
    ndr_buffer_byte(out, ' ');
}

static void
tell(void *ctx, const history_line *line)
{
    ndr_buffer *out = ctx;
    add(out, "at", line->at);
    add(out, "who", line->who);
    add(out, "person", line->person);
    add(out, "what", line->what);
    add(out, "domain", line->domain);
    add(out, "from", line->from);
    add(out, "until", line->until);
    add(out, "note", line->note);
    add(out, "folder", line->folder);
    add(out, "take", line->take);
    for (size_t i = 0; i < line->mailbox_count; i++)
        add(out, "mailbox", line->mailboxes[i]);
    ndr_buffer_text(out, line->until_calm ? "calm " : "");
    ndr_buffer_text(out, line->subdomains ? "below " : "");
    out->len -= out->len > 0 && out->ptr[out->len - 1] == ' ';
    ndr_buffer_byte(out, '\n');
    assert_int_equal(line->whole.ptr[line->whole.len - 1], '}');
}

static void
same(const char *path, const char *want)
{
    ndr_buffer out = {0};
    ndr_error err = {0};
    assert_int_equal(history_each(path, tell, &out, &err), 0);
    ndr_buffer_byte(&out, '\0');
    assert_string_equal((const char *)out.ptr, want);
    ndr_buffer_free(&out);
}

typedef struct row {
    const char *why, *text, *want;
} row;
static const row rows[] = {
    {"members are what their strings stand for",
     "{\"who\":\"a\\\"b\\\\c\\u00fc\",\"note\":\"\\u001b[2J\"}\n",
     "who=a\"b\\c\xC3\xBC note=\033[2J\n"},
    {"a key in a note is none", "{\"note\":\"\\\"who\\\":\\\"x\\\"\",\"who\":\"y\"}\n",
     "who=y note=\"who\":\"x\"\n"},
    {"a name of a mailbox may have commas and brackets",
     "{\"mailboxes\":[\"a,b\",\"c]\",\"\\\"\"]}\n",
     "mailbox=a,b mailbox=c] mailbox=\"\n"},
    {"words of another kind are none",
     "{\"who\":1,\"mailboxes\":\"a\",\"until_calm\":\"true\",\"subdomains\":null}\n",
     "\n"},
    {"both yes", "{\"until_calm\":true,\"subdomains\":true}\n", "calm below\n"},
    {"blanks between members change nothing", "{ \"who\" : \"a\" }\n", "who=a\n"},
    {"a line that was cut is passed over, alone",
     "{\"who\":\"a\"}\n{\"who\":\"b\n{\"who\":\"c\"}\n", "who=a\nwho=c\n"},
    {"what has no line end was cut", "{\"who\":\"a\"}\n{\"who\":\"b\"}", "who=a\n"},
    {"what is no object is passed over", "[]\n\"x\"\n\n{}\n", "\n"},
    {"a NUL in a string is of it", "{\"who\":\"\\u0000\",\"what\":\"x\"}\n",
     "who=@ what=x\n"},
};
static void
row_test(void **state)
{
    const row *r = *state;
    char path[128];
    (void)snprintf(path, sizeof path, "%s/rows", folder);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(r->text, f) >= 0);
    assert_int_equal(fclose(f), 0);
    same(path, r->want);
    (void)unlink(path);
}

static void
no_file_is_no_lines(void **state)
{
    (void)state;
    char path[128];
    (void)snprintf(path, sizeof path, "%s/none", folder);
    same(path, "");
}

#define CANCELLED                                                                        \
    "at=1970-01-01T00:00:01Z who=me person=al\"ice what=cancel domain=example.net "      \
    "from=1970-01-01T00:00:00Z until=1970-01-01T00:01:00Z "                              \
    "note=\"who\":\"x\" \xE2\x80\xAE folder=/etc/windows.d below\n"

/* What is written down is read as it was given, whatever is in it. */
static void
round_trip(void **state)
{
    (void)state;
    ndr_error err = {0};
    history h;
    ndr_slice mailboxes[] = {NDR_SLICE("a,b"), NDR_SLICE("c")};
    const ndr_window_change change[] = {
        {NDR_WINDOW_ADDED,
         {.domain = NDR_SLICE("example.com"),
          .from = 0,
          .until = NDR_TIME_OPEN,
          .until_calm = true,
          .kinds = NDR_KIND_BIT(NDR_KIND_FAILED),
          .mailboxes = mailboxes,
          .mailbox_count = 2,
          .take = NDR_TAKE_FORGED}},
        {NDR_WINDOW_CANCELLED,
         {.domain = NDR_SLICE("example.net"),
          .from = 0,
          .until = 60,
          .subdomains = true}},
    };
    assert_int_equal(setenv("XDG_STATE_HOME", folder, 1), 0);
    (void)unsetenv("SUDO_USER");
    assert_int_equal(history_begin(&h, NULL, "\"who\":\"x\" \xE2\x80\xAE", 1, &err), 0);
    (void)snprintf(h.path, sizeof h.path, "%s/ndrscan/history.jsonl", folder);
    (void)snprintf(h.who, sizeof h.who, "me");
    h.folder = "/etc/windows.d//";
    h.person = "al\"ice";
    h.way = "proxy";
    h.peer = "uid 33";
    h.address = "192.0.2.1";
    assert_int_equal(history_record(&h, change, 2, &err), 0);
    FILE *f = fopen(h.path, "a");
    assert_non_null(f);
    assert_true(fputs("{\"who\":\"cut", f) >= 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(history_record(&h, change + 1, 1, &err), 0);
    static const char want[] =
        "at=1970-01-01T00:00:01Z who=me person=al\"ice what=block domain=example.com "
        "from=1970-01-01T00:00:00Z note=\"who\":\"x\" \xE2\x80\xAE "
        "folder=/etc/windows.d take=forged mailbox=a,b mailbox=c calm\n" CANCELLED
            CANCELLED;
    same(h.path, want);
    char text[4096] = "";
    FILE *again = fopen(h.path, "r");
    assert_non_null(again);
    assert_non_null(fgets(text, sizeof text, again));
    assert_non_null(
        strstr(text, ",\"person\":\"al\\\"ice\",\"way\":\"proxy\",\"peer\":\"uid 33\","
                     "\"address\":\"192.0.2.1\","));
    assert_int_equal(fclose(again), 0);
    (void)unlink(h.path);
}

int
main(void)
{
    if (mkdtemp(folder) == NULL)
        return 99;
    ADD_ROWS(rows, row_test);
    add_test("no file is no lines", no_file_is_no_lines);
    add_test("what is written down is read as it was given", round_trip);
    return run_added(__FILE__);
}
