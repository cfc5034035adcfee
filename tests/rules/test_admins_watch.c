/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "ndr_admins.h"
#include "ndr_clock.h"
#include "ndrscan_common.h"

#include "scratch.h"

#define PERSON(name)                                                                     \
    "admins:\n  - name: " name "\n    domains: [a.example]\n    role: look\n"            \
    "    password: $y$j9T$salt$hash\n"

#define MORE(name, role)                                                                 \
    "  - name: " name "\n    domains: [a.example]\n    role: " role "\n"                 \
    "    password: $y$j9T$salt$hash\n"

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
    const char *path = scratch_text("admins.yaml", text);
    assert_int_equal(chmod(path, 0640), 0);
    return path;
}

/* Who is in at that time: "alice", or "-" for nobody. */
static const char *
who_is_in(ndr_admins_watch *w, int64_t at)
{
    size_t n;
    const ndr_admin *a = ndr_admins_rows(ndr_admins_now(w, at), &n);
    return n > 0 ? a[0].name : "-";
}

/* What others could have a hand in is refused. */
typedef struct file_row {
    const char *why;
    mode_t mode, folder;
    uid_t owner, folder_owner;
    bool link, second;
    const char *want;
} file_row;

static const file_row files[] = {
    {"0640 of root's is taken", 0640, 0755, 0, 0, false, false, NULL},
    {"0600 is", 0600, 0700, 0, 0, false, false, NULL},
    {"0400 is", 0400, 0700, 0, 0, false, false, NULL},
    {"a sticky folder is no danger", 0640, 01777, 0, 0, false, false, NULL},
    {"others read it", 0644, 0755, 0, 0, false, false, "mode 0644"},
    {"its group writes it", 0660, 0755, 0, 0, false, false, "mode 0660"},
    {"others write it", 0642, 0755, 0, 0, false, false, "mode 0642"},
    {"it can be run", 0750, 0755, 0, 0, false, false, "mode 0750"},
    {"it is a user's", 0640, 0755, 65534, 0, false, false, "is not root's"},
    {"its folder is a user's", 0640, 0755, 0, 65534, false, false,
     "can be changed by others than root"},
    {"its folder's group writes there", 0640, 0775, 0, 0, false, false,
     "can be changed by others than root"},
    {"it is a link", 0640, 0755, 0, 0, true, false, "open "},
    {"it has a second name", 0640, 0755, 0, 0, false, true, "second name"},
};

static void
file_test(void **state)
{
    const file_row *row = *state;
    ndr_admins_watch *w = NULL;
    ndr_error err = {0};
    if (geteuid() != 0)
        SKIP("needs root");
    scratch_begin();
    const char *path = put(PERSON("alice"));
    if (row->link) {
        assert_int_equal(symlink("admins.yaml", scratch_path("link")), 0);
        path = scratch_path("link");
    }
    if (row->second)
        assert_int_equal(link(path, scratch_path("second")), 0);
    if (!row->link)
        assert_int_equal(chmod(path, row->mode), 0);
    assert_int_equal(chown(path, row->owner, 0), 0);
    assert_int_equal(chmod(scratch, row->folder), 0);
    assert_int_equal(chown(scratch, row->folder_owner, 0), 0);
    const int rc = ndr_admins_watch_begin(path, tell, NULL, &w, &err);
    if (row->want == NULL) {
        if (rc != 0)
            fail_msg("%s", err.text);
        assert_string_equal(who_is_in(w, ndr_now_ms()), "alice");
    } else {
        assert_int_not_equal(rc, 0);
        if (strstr(err.text, row->want) == NULL)
            fail_msg("%s", err.text);
    }
    ndr_admins_watch_end(w);
    assert_int_equal(chown(scratch, 0, 0), 0);
    scratch_end();
}

/* An edit, what became of it at once, and when the grace of a bad one is over. */
typedef struct edit_row {
    const char *why;
    const char *text; /* NULL: the file goes */
    mode_t mode;
    const char *soon, *late, *told;
} edit_row;

static const edit_row edits[] = {
    {"nothing", PERSON("alice"), 0640, "alice", "alice", ""},
    {"another person", PERSON("bobby"), 0640, "bobby", "bobby", ""},
    {"nobody", "", 0640, "-", "-", ""},
    {"a mistake keeps who was in, for a while", PERSON("alice") "    x: y\n", 0640,
     "alice", "-", "unknown key 'x'"},
    {"a file that others write, too", PERSON("mallory"), 0666, "alice", "-", "mode 0666"},
    {"one that went, too", NULL, 0, "alice", "-", "No such file"},
};

static void
edit_test(void **state)
{
    const edit_row *row = *state;
    ndr_admins_watch *w = NULL;
    if (geteuid() != 0)
        SKIP("needs root");
    scratch_begin();
    told[0] = '\0';
    const char *path = put(PERSON("alice"));
    assert_int_equal(ndr_admins_watch_begin(path, tell, NULL, &w, NULL), 0);
    const int64_t now = ndr_now_ms();
    assert_string_equal(who_is_in(w, now), "alice");
    if (row->text != NULL) {
        put(row->text);
        assert_int_equal(chmod(path, row->mode), 0);
    } else {
        assert_int_equal(unlink(path), 0);
    }
    assert_string_equal(who_is_in(w, now + 1), row->soon);
    if (strstr(told, row->told) == NULL)
        fail_msg("%s", told);
    assert_string_equal(who_is_in(w, now + GRACE_MS - 5000), row->soon);
    assert_string_equal(who_is_in(w, now + GRACE_MS + 5000), row->late);
    /* a good one counts at once, whatever was before */
    put(PERSON("carol"));
    assert_string_equal(who_is_in(w, now + GRACE_MS + 7000), "carol");
    put(PERSON("dave"));
    assert_string_equal(who_is_in(w, now + GRACE_MS + 7001), "dave");
    ndr_admins_watch_end(w);
    scratch_end();
}

/* What was good for long is not cut off by a folder that changed beside an old file. */
static void
folder_test(void **state)
{
    (void)state;
    ndr_admins_watch *w = NULL;
    if (geteuid() != 0)
        SKIP("needs root");
    scratch_begin();
    const char *path = put(PERSON("alice"));
    assert_int_equal(ndr_admins_watch_begin(path, tell, NULL, &w, NULL), 0);
    const int64_t late = ndr_now_ms() + 10 * (int64_t)GRACE_MS;
    assert_string_equal(who_is_in(w, late), "alice");
    assert_int_equal(chmod(scratch, 0777), 0);
    assert_string_equal(who_is_in(w, late + 1000), "alice");
    assert_string_equal(who_is_in(w, late + GRACE_MS - 1), "alice");
    assert_string_equal(who_is_in(w, late + GRACE_MS + 2000), "-");
    assert_int_equal(chmod(scratch, 0700), 0);
    assert_string_equal(who_is_in(w, late + GRACE_MS + 4000), "alice");
    ndr_admins_watch_end(w);
    scratch_end();
}

static char lines[2048];

static void
collect(void *ctx, const char *text)
{
    (void)ctx;
    (void)strncat(lines, text, sizeof lines - strlen(lines) - 2);
    (void)strcat(lines, "\n");
}

static void
changes_test(void **state)
{
    (void)state;
    ndr_admins_watch *w = NULL;
    if (geteuid() != 0)
        SKIP("needs root");
    scratch_begin();
    lines[0] = '\0';
    const char *path = put(PERSON("alice") MORE("bob", "look") MORE("carol", "look"));
    assert_int_equal(ndr_admins_watch_begin(path, collect, NULL, &w, NULL), 0);
    (void)ndr_admins_now(w, ndr_now_ms());
    assert_string_equal(lines, "");
    put(PERSON("alice") MORE("carol", "switch") MORE("dave", "look"));
    (void)ndr_admins_now(w, ndr_now_ms());
    assert_string_equal(lines, "admin 'bob' was taken out\n"
                               "admin 'carol' has other rights, or another way in\n"
                               "admin 'dave' was let in\n");
    ndr_admins_watch_end(w);
    scratch_end();
}

int
main(void)
{
    add_test("each person whose rights an edit changed is told of", changes_test);
    ADD_ROWS(files, file_test);
    ADD_ROWS(edits, edit_test);
    add_test("a folder that others may write ends the rights of an old file, in time",
             folder_test);
    return run_added("admins_watch");
}
