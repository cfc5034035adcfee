/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "ndrscan_rules.h"

#include "scratch.h"

#include <errno.h>
#include <sys/file.h>

#define NOW INT64_C(1210672800) /* 2008-05-13T10:00:00Z */
#define HEAD                                                                             \
    "# Block windows, ndrscan-windows(5). ndrscan block and unblock write this file; "   \
    "what\n# is written here by hand, comments too, stays as it is.\nversion: 1\n"
#define OPEN                                                                             \
    "windows:\n  - domain: example.com\n    from: 2008-05-13T08:00:00Z\n"                \
    "    until: 2008-05-15T08:00:00Z\n"

/* `before` and `other` (another file) NULL: not there. */
typedef struct edit_row {
    const char *why;
    const char *before, *other;
    bool block; /* example.com from 09:00 to 12:00; else unblock it at 10:00 */
    ndr_window extra;
    const char *after; /* of ndrscan.yaml; or, with `error`, unchanged */
    const char *told;  /* to record, then to stays */
    const char *error; /* a part of it */
} edit_row;

#define OTHER  "windows:\n  - domain: a.example\n    from: 2008-05-13T08:00:00Z\n"
#define OTHERS "  - domain: b.example\n    from: 2008-05-13T08:00:00Z\n"
#define NONE                                                                             \
    {                                                                                    \
        .from = 0                                                                        \
    }
#define ADDED                                                                            \
    "  - domain: example.com\n    from: 2008-05-13T09:00:00Z\n"                          \
    "    until: 2008-05-13T12:00:00Z\n"
static const edit_row edits[] = {
    {"the first window makes the file", NULL, NULL, true, NONE, HEAD "windows:\n" ADDED,
     "block example.com\n", NULL},
    {"a second goes behind the first", OTHER, NULL, true, NONE, OTHER ADDED,
     "block example.com\n", NULL},
    {"one that is covered already is told", OPEN, NULL, true, NONE, OPEN,
     "there example.com\n", NULL},
    {"one that overlaps is extended, at both ends",
     "windows:\n  - domain: example.com # ours\n    from: 2008-05-13T10:00:00Z # ten\n"
     "    until: '2008-05-13T11:00:00Z'   # eleven\n    note: x\n" OTHERS,
     NULL, true, NONE,
     "windows:\n  - domain: example.com # ours\n    from: 2008-05-13T09:00:00Z # ten\n"
     "    until: 2008-05-13T12:00:00Z   # eleven\n    note: x\n" OTHERS,
     "block example.com\n", NULL},
    {"one that ends before it is not",
     "windows:\n  - domain: example.com\n    from: 2008-05-13T08:00:00Z\n"
     "    until: 2008-05-13T09:00:00Z\n",
     NULL, true, NONE,
     "windows:\n  - domain: example.com\n    from: 2008-05-13T08:00:00Z\n"
     "    until: 2008-05-13T09:00:00Z\n" ADDED,
     "block example.com\n", NULL},
    {"nor one of other kinds",
     "windows:\n  - domain: example.com\n    from: 2008-05-13T08:00:00Z\n"
     "    kinds: [failed]\n",
     NULL, true, NONE,
     "windows:\n  - domain: example.com\n    from: 2008-05-13T08:00:00Z\n"
     "    kinds: [failed]\n" ADDED,
     "block example.com\n", NULL},
    {"the file's own indentation is kept",
     "windows:\n- domain: a.example\n  from: 2008-05-13T08:00:00Z\n", NULL, true, NONE,
     "windows:\n- domain: a.example\n  from: 2008-05-13T08:00:00Z\n"
     "- domain: example.com\n  from: 2008-05-13T09:00:00Z\n"
     "  until: 2008-05-13T12:00:00Z\n",
     "block example.com\n", NULL},
    {"a last line without its end",
     "windows:\n  - domain: a.example\n    from: 2008-05-13T08:00:00Z", NULL, true, NONE,
     "windows:\n  - domain: a.example\n    from: 2008-05-13T08:00:00Z\n" ADDED,
     "block example.com\n", NULL},
    {"comments stay", "# mine\nwindows: # these\n\n  # one day\n", NULL, true, NONE,
     "# mine\nwindows: # these\n\n  # one day\n" ADDED, "block example.com\n", NULL},
    {"a file of a version alone", "version: 1\n", NULL, true, NONE,
     "version: 1\nwindows:\n" ADDED, "block example.com\n", NULL},
    {"a file whose version comes last", "windows: []\nversion: 1\n", NULL, true, NONE,
     "windows: []\nversion: 1\n", "", "nothing was changed"},
    {"a version behind the list stays when the last window goes",
     "windows:\n  - domain: example.com\n    from: 2099-01-01T00:00:00Z\n# end\n"
     "version: 1\n",
     NULL, false, NONE, "windows:\n# end\nversion: 1\n", "cancel example.com\n", NULL},
    {"a file of a newer version is not touched", "version: 2\nwindows:\n", NULL, true,
     NONE, "version: 2\nwindows:\n", "", "version 2, which a newer ndrscan wrote"},
    {"a file of comments alone", "# nothing yet\n", NULL, true, NONE,
     "# nothing yet\nwindows:\n" ADDED, "block example.com\n", NULL},
    {"all that can be said",
     NULL,
     NULL,
     true,
     {.subdomains = true,
      .until_calm = true,
      .kinds = NDR_KIND_BIT(NDR_KIND_FAILED) | NDR_KIND_BIT(NDR_KIND_RECEIPT),
      .note = {(const unsigned char *)"a \"b\" \\ #c: \n\x1b", 14}},
     HEAD "windows:\n" ADDED
          "    until-calm: true\n    subdomains: true\n    kinds: [failed, receipt]\n"
          "    note: \"a \\\"b\\\" \\\\ #c: \\x0a\\x1b\"\n",
     "block example.com\n",
     NULL},
    {"what it takes",
     NULL,
     NULL,
     true,
     {.take = NDR_TAKE_FORGED},
     HEAD "windows:\n" ADDED "    take: forged\n",
     "block example.com\n",
     NULL},
    {"one of somebody with rights to the domain alone",
     NULL,
     NULL,
     true,
     {.delegated = true},
     HEAD "windows:\n" ADDED "    delegated: true\n",
     "block example.com\n",
     NULL},
    {"which does not join the operator's",
     OPEN,
     NULL,
     true,
     {.delegated = true},
     OPEN ADDED "    delegated: true\n",
     "block example.com\n",
     NULL},
    {"who has rights to the domain alone ends only those",
     "windows:\n  - domain: example.com\n    from: 2008-05-13T08:00:00Z\n"
     "  - domain: example.com\n    from: 2008-05-13T08:30:00Z\n    delegated: true\n",
     NULL,
     false,
     {.delegated = true},
     "windows:\n  - domain: example.com\n    from: 2008-05-13T08:00:00Z\n"
     "  - domain: example.com\n    from: 2008-05-13T08:30:00Z\n"
     "    until: 2008-05-13T10:00:00Z\n    delegated: true\n",
     "unblock example.com\nstays example.com\n",
     NULL},
    {"and the operator both",
     "windows:\n  - domain: example.com\n    from: 2008-05-13T08:00:00Z\n"
     "  - domain: example.com\n    from: 2008-05-13T08:30:00Z\n    delegated: true\n",
     NULL, false, NONE,
     "windows:\n  - domain: example.com\n    from: 2008-05-13T08:00:00Z\n"
     "    until: 2008-05-13T10:00:00Z\n"
     "  - domain: example.com\n    from: 2008-05-13T08:30:00Z\n"
     "    until: 2008-05-13T10:00:00Z\n    delegated: true\n",
     "unblock example.com\nunblock example.com\n", NULL},
    {"one that takes something else is another window",
     OPEN,
     NULL,
     true,
     {.take = NDR_TAKE_FORGED},
     OPEN ADDED "    take: forged\n",
     "block example.com\n",
     NULL},
    {"one that takes the same is extended",
     "windows:\n  - domain: example.com\n    from: 2008-05-13T08:00:00Z\n"
     "    until: 2008-05-13T10:00:00Z\n    take: forged\n",
     NULL,
     true,
     {.take = NDR_TAKE_FORGED},
     "windows:\n  - domain: example.com\n    from: 2008-05-13T08:00:00Z\n"
     "    until: 2008-05-13T12:00:00Z\n    take: forged\n",
     "block example.com\n",
     NULL},
    {"one without an end stands beside one that has it",
     "windows:\n  - domain: example.com\n    from: 2008-05-13T08:00:00Z\n"
     "    until: 2008-05-15T08:00:00Z\n",
     NULL,
     true,
     {.until = NDR_TIME_OPEN},
     "windows:\n  - domain: example.com\n    from: 2008-05-13T08:00:00Z\n"
     "    until: 2008-05-15T08:00:00Z\n"
     "  - domain: example.com\n    from: 2008-05-13T09:00:00Z\n",
     "block example.com\n",
     NULL},
    {"an empty list in brackets loses them", "# a\nwindows:  [ ]  # b\n", NULL, true,
     NONE, "# a\nwindows:  # b\n" ADDED, "block example.com\n", NULL},
    {"one with something in it is refused",
     "windows: [{domain: a.example, from: '2008-05-13T08:00:00Z'}]\n", NULL, true, NONE,
     "windows: [{domain: a.example, from: '2008-05-13T08:00:00Z'}]\n", "",
     "was edited by hand in a way that cannot be added to"},
    {"what stands behind a document's end is refused", OTHER "...\n", NULL, true, NONE,
     OTHER "...\n", "", "nothing was changed"},
    {"another file in disorder is refused", OTHER, "windows:\n- domain: a.example\n",
     true, NONE, OTHER, "", "other.yaml:2: window 1 (a.example)"},
    {"a note that is not UTF-8 is refused",
     OTHER,
     NULL,
     true,
     {.note = {(const unsigned char *)"\xff", 1}},
     OTHER,
     "",
     "nothing was changed"},

    {"unblock ends the open window", OPEN "    note: x\n", NULL, false, NONE,
     "windows:\n  - domain: example.com\n    from: 2008-05-13T08:00:00Z\n"
     "    until: 2008-05-13T10:00:00Z\n    note: x\n",
     "unblock example.com\n", NULL},
    {"a comment behind the time stays",
     "windows:\n  - until: '2008-05-15T08:00:00Z'  # two days\n    domain: example.com\n"
     "    from: 2008-05-13T08:00:00Z\n",
     NULL, false, NONE,
     "windows:\n  - until: 2008-05-13T10:00:00Z  # two days\n    domain: example.com\n"
     "    from: 2008-05-13T08:00:00Z\n",
     "unblock example.com\n", NULL},
    {"one without an end gets it",
     "windows:\n- from: 2008-05-13T08:00:00Z\n  domain: example.com", NULL, false, NONE,
     "windows:\n- from: 2008-05-13T08:00:00Z\n  until: 2008-05-13T10:00:00Z\n"
     "  domain: example.com",
     "unblock example.com\n", NULL},
    {"one that is to come is taken out, its comments are not",
     "windows:\n  # first\n  - domain: example.com\n    # why\n"
     "    from: 2008-05-14T08:00:00Z\n\n  # second\n  - domain: b.example\n"
     "    from: 2008-05-13T08:00:00Z\n",
     NULL, false, NONE,
     "windows:\n  # first\n    # why\n\n  # second\n  - domain: b.example\n"
     "    from: 2008-05-13T08:00:00Z\n",
     "cancel example.com\n", NULL},
    {"the last one that is to come",
     "windows:\n  - domain: example.com\n    from: 2008-05-13T10:00:00Z\n", NULL, false,
     NONE, "windows:\n", "cancel example.com\n", NULL},
    {"open and coming at once",
     OPEN "  - domain: example.com\n    from: 2008-06-01T08:00:00Z\n"
          "    note: 'over\n      two lines'\n",
     NULL, false, NONE,
     "windows:\n  - domain: example.com\n    from: 2008-05-13T08:00:00Z\n"
     "    until: 2008-05-13T10:00:00Z\n",
     "cancel example.com\nunblock example.com\n", NULL},
    {"what has ended is left alone",
     "windows:\n  - domain: example.com\n    from: 2008-05-12T08:00:00Z\n"
     "    until: 2008-05-13T10:00:00Z\n",
     NULL, false, NONE,
     "windows:\n  - domain: example.com\n    from: 2008-05-12T08:00:00Z\n"
     "    until: 2008-05-13T10:00:00Z\n",
     "", NULL},
    {"other domains are left alone",
     "windows:\n  - domain: www.example.com\n    from: 2008-05-12T08:00:00Z\n", NULL,
     false, NONE,
     "windows:\n  - domain: www.example.com\n    from: 2008-05-12T08:00:00Z\n", "", NULL},
    {"windows of other files are named", OPEN,
     "windows:\n- domain: example.com\n  from: 2008-05-13T08:00:00Z\n", false, NONE,
     "windows:\n  - domain: example.com\n    from: 2008-05-13T08:00:00Z\n"
     "    until: 2008-05-13T10:00:00Z\n",
     "unblock example.com\nstays example.com\n", NULL},
    {"and those of a domain above it, if they reach down", NULL,
     "windows:\n- domain: com\n  from: 2008-05-13T08:00:00Z\n  subdomains: true\n"
     "- domain: om\n  from: 2008-05-13T08:00:00Z\n  subdomains: true\n"
     "- domain: com\n  from: 2008-05-13T09:00:00Z\n",
     false, NONE, NULL, "stays com\n", NULL},
    {"an entry in braces is refused",
     "windows:\n  - {domain: example.com, from: '2008-05-13T08:00:00Z'}\n", NULL, false,
     NONE, "windows:\n  - {domain: example.com, from: '2008-05-13T08:00:00Z'}\n", "",
     "was edited by hand"},
};

static char told[400];

static void
tell(const char *what, ndr_slice domain)
{
    const size_t at = strlen(told);
    (void)snprintf(told + at, sizeof told - at, "%s %.*s\n", what, (int)domain.len,
                   (const char *)domain.ptr);
}

static int
record(void *ctx, const ndr_window_change *change, size_t count, ndr_error *err)
{
    for (size_t i = 0; i < count; i++)
        tell(ndr_window_what_name(change[i].what), change[i].window.domain);
    return ctx == NULL ? 0 : ndr_fail(err, NDR_E_LIMIT, "no room in the history");
}

static void
stays(void *ctx, const ndr_window *w)
{
    (void)ctx;
    tell("stays", w->domain);
}

static void
there(void *ctx, const ndr_window *w)
{
    (void)ctx;
    tell("there", w->domain);
}

/* The file's text, to be freed; NULL when it is not there. */
static char *
read_text(const char *name)
{
    FILE *f = fopen(scratch_path(name), "rb");
    if (f == NULL)
        return NULL;
    char *text = calloc(1, 10000);
    if (text == NULL || fread(text, 1, 9999, f) == 0)
        text[0] = '\0';
    (void)fclose(f);
    return text;
}

static int
edit(const edit_row *row, ndr_windows_folder *folder, ndr_error *err)
{
    ndr_window w = row->extra;
    w.domain = NDR_SLICE("example.com");
    w.from = NOW - 3600;
    w.until = row->extra.until != 0 ? row->extra.until : NOW + 7200;
    size_t changed = 0;
    folder->dir = scratch;
    folder->record = record;
    folder->stays = stays;
    folder->there = there;
    folder->delegated = row->extra.delegated;
    told[0] = '\0';
    return row->block ? ndr_windows_block(folder, &w, 1, err)
                      : ndr_windows_unblock(folder, &w.domain, 1, NOW, &changed, err);
}

static void
edit_test(void **state)
{
    const edit_row *row = *state;
    ndr_windows_folder folder = {NDR_SIZED(ndr_windows_folder)};
    ndr_error err = {0};
    scratch_begin();
    if (row->before != NULL)
        (void)scratch_text("ndrscan.yaml", row->before);
    if (row->other != NULL)
        (void)scratch_text("other.yaml", row->other);
    const int rc = edit(row, &folder, &err);
    char *after = read_text("ndrscan.yaml");
    char *left = read_text(".ndrscan.yaml.new");
    char *other = read_text("other.yaml");
    scratch_end();
    assert_string_equal(told, row->told);
    if (row->error == NULL)
        assert_string_equal(err.text, "");
    else if (strstr(err.text, row->error) == NULL)
        assert_string_equal(err.text, row->error);
    assert_int_equal(rc != 0, row->error != NULL);
    assert_null(left);
    if (row->after == NULL)
        assert_null(after);
    else
        assert_string_equal(after, row->after);
    if (row->other != NULL)
        assert_string_equal(other, row->other);
    free(after);
    free(other);
}

static void
no_record_test(void **state)
{
    (void)state;
    ndr_error err = {0};
    ndr_windows_folder folder = {NDR_SIZED(ndr_windows_folder), .ctx = &err};
    scratch_begin();
    (void)scratch_text("ndrscan.yaml", OTHER);
    const int rc = edit(&edits[1], &folder, &err);
    char *after = read_text("ndrscan.yaml");
    char *left = read_text(".ndrscan.yaml.new");
    scratch_end();
    assert_int_equal(rc, NDR_E_LIMIT);
    assert_string_equal(after, OTHER);
    assert_null(left);
    free(after);
}

static void
lock_test(void **state)
{
    (void)state;
    ndr_error err = {0};
    ndr_windows_folder folder = {NDR_SIZED(ndr_windows_folder), .wait_ms = 50};
    scratch_begin();
    const int fd = open(scratch_text(".ndrscan.lock", ""), O_RDWR);
    assert_true(fd >= 0 && flock(fd, LOCK_EX) == 0);
    const int rc = edit(&edits[1], &folder, &err);
    (void)close(fd);
    const int later = edit(&edits[1], &folder, NULL);
    scratch_end();
    assert_int_equal(rc, NDR_E_SYS);
    assert_int_equal(err.sys_errno, EAGAIN);
    assert_int_equal(later, 0);
}

/* Left by a program that was killed: written over, whatever it holds. */
static void
left_over_test(void **state)
{
    (void)state;
    ndr_error err = {0};
    ndr_windows_folder folder = {NDR_SIZED(ndr_windows_folder)};
    scratch_begin();
    (void)scratch_text(".ndrscan.yaml.new", "windows:\n- torn");
    const int rc = edit(&edits[0], &folder, &err);
    char *after = read_text("ndrscan.yaml");
    scratch_end();
    assert_int_equal(rc, 0);
    assert_string_equal(after, edits[0].after);
    free(after);
}

int
main(void)
{
    ADD_ROWS(edits, edit_test);
    add_test("what cannot be recorded is not done", no_record_test);
    add_test("another program's lock is waited for, then told", lock_test);
    add_test("a file left by a killed program does no harm", left_over_test);
    return run_added("edit_windows");
}
