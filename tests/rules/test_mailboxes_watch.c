/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "ndr_admins.h"
#include "ndr_clock.h"

#include "scratch.h"

enum { GRACE_MS = NDR_ADMINS_GRACE_S * 1000 };

static char told[512];

static void
tell(void *ctx, const char *text)
{
    (void)ctx;
    (void)snprintf(told, sizeof told, "%s", text);
}

static const char *
put(const char *text)
{
    const char *path = scratch_text("mailboxes", text);
    assert_int_equal(chmod(path, 0640), 0);
    return path;
}

/* The map at that time, or "-". */
static const char *
map_at(ndr_mailboxes_watch *w, int64_t at)
{
    static char text[128];
    const ndr_mailboxes_text *t = ndr_mailboxes_now(w, at);
    if (t == NULL)
        return "-";
    (void)snprintf(text, sizeof text, "%.*s", (int)t->text.len,
                   (const char *)t->text.ptr);
    return text;
}

#define ANNA "/home/anna a.example\n"
#define BERT "/home/bert b.example\n"

/* An edit, what becomes of it at once, and when the grace of a bad one is over. */
typedef struct edit_row {
    const char *why;
    const char *text; /* NULL: the file goes */
    mode_t mode;
    const char *soon, *late, *told;
} edit_row;

static const edit_row edits[] = {
    {"nothing", ANNA, 0640, ANNA, ANNA, ""},
    {"another line", ANNA BERT, 0640, ANNA BERT, ANNA BERT, ""},
    {"a mistake keeps what was, for a while", ANNA "/home/anna b.example\n", 0640, ANNA,
     "-", "mailboxes:2: '/home/anna' is of b.example"},
    {"an empty one, too", "", 0640, ANNA, "-", "names no mailbox"},
    {"one that others write, too", BERT, 0666, ANNA, "-", "change whose mail is whose"},
    {"one that all read, too", BERT, 0644, ANNA, "-", "mode 0644"},
    {"one that went, too", NULL, 0, ANNA, "-", "No such file"},
};

static void
edit_test(void **state)
{
    const edit_row *row = *state;
    ndr_mailboxes_watch *w = NULL;
    if (geteuid() != 0)
        SKIP("needs root");
    scratch_begin();
    told[0] = '\0';
    const char *path = put(ANNA);
    assert_int_equal(ndr_mailboxes_watch_begin(path, tell, NULL, &w, NULL), 0);
    const int64_t now = ndr_now_ms();
    assert_string_equal(map_at(w, now), ANNA);
    const uint64_t before = ndr_mailboxes_now(w, now)->generation;
    if (row->text != NULL) {
        put(row->text);
        assert_int_equal(chmod(path, row->mode), 0);
    } else {
        assert_int_equal(unlink(path), 0);
    }
    assert_string_equal(map_at(w, now + 1), row->soon);
    assert_int_equal(ndr_mailboxes_now(w, now + 2)->generation == before,
                     strcmp(row->soon, ANNA) == 0);
    if (strstr(told, row->told) == NULL)
        fail_msg("%s", told);
    assert_string_equal(map_at(w, now + GRACE_MS - 5000), row->soon);
    assert_string_equal(map_at(w, now + GRACE_MS + 5000), row->late);
    put(BERT);
    assert_string_equal(map_at(w, now + GRACE_MS + 7000), BERT);
    if (row->late[0] == '-')
        assert_string_equal(told, "the map of mailboxes can be used again");
    ndr_mailboxes_watch_end(w);
    scratch_end();
}

/* What cannot be used is no beginning. */
static void
begin_test(void **state)
{
    (void)state;
    ndr_mailboxes_watch *w = NULL;
    ndr_error err = {0};
    if (geteuid() != 0)
        SKIP("needs root");
    scratch_begin();
    const char *path = put(ANNA);
    assert_int_equal(chown(path, 65534, 0), 0);
    assert_int_not_equal(ndr_mailboxes_watch_begin(path, tell, NULL, &w, &err), 0);
    assert_non_null(strstr(err.text, "is not root's"));
    assert_int_not_equal(
        ndr_mailboxes_watch_begin(scratch_path("none"), tell, NULL, &w, &err), 0);
    assert_null(w);
    scratch_end();
}

int
main(void)
{
    ADD_ROWS(edits, edit_test);
    add_test("a file that is not root's", begin_test);
    return run_added("mailboxes_watch");
}
