/* SPDX-License-Identifier: BSD-3-Clause */
/* test_maildir_name.c - times and controls from names */
#include "frame/frame.h"
#include "harness.h"

typedef struct name_row {
    const char *why, *name;
    int64_t want;
    bool control;
} name_row;

static const name_row names[] = {
    {"a delivery", "1210671062.M20046P2137V0000.host,S=9:2,S", 1210671062, false},
    {"ends in a dot", "1210671062.", 1210671062, false},
    {"no dot", "1210671062", NDR_TIME_UNKNOWN, false},
    {"a number that is no time", "12.eml", NDR_TIME_UNKNOWN, false},
    {"too far ahead", "9999999999.eml", NDR_TIME_UNKNOWN, false},
    {"too many digits", "121067106212.M1.host", NDR_TIME_UNKNOWN, false},
    {"no number", "letter.eml", NDR_TIME_UNKNOWN, false},
    {"empty", "", NDR_TIME_UNKNOWN, false},
    {"an index", "dovecot.index.cache", NDR_TIME_UNKNOWN, true},
    {"a list of uids", "dovecot-uidlist", NDR_TIME_UNKNOWN, true},
    {"a mark of a folder", "maildirfolder", NDR_TIME_UNKNOWN, true},
    {"a message about one", "maildirfolder.eml", NDR_TIME_UNKNOWN, false},
};

static void
name_test(void **state)
{
    const name_row *row = *state;
    char *name = (char *)exact_copy(row->name, strlen(row->name) + 1);
    assert_true(ndr_maildir_time(name) == row->want);
    assert_int_equal(ndr_maildir_control(name), row->control);
    free(name);
}

typedef struct path_row {
    const char *why, *path;
    int64_t want;
} path_row;

static const path_row paths[] = {
    {"in cur", "/var/mail/box/cur/1210671062.M1.host:2,S", 1210671062},
    {"in new, from where the Maildir is", "new/1210671062.M1.host", 1210671062},
    {"no folder", "1210671062.M1.host", NDR_TIME_UNKNOWN},
    {"in tmp", "box/tmp/1210671062.M1.host", NDR_TIME_UNKNOWN},
    {"in another folder", "/recur/1210671062.M1.host", NDR_TIME_UNKNOWN},
    {"a folder that ends like one", "/xcur/1210671062.M1.host", NDR_TIME_UNKNOWN},
    {"no time in the name", "box/cur/letter.eml", NDR_TIME_UNKNOWN},
    {"the root", "/1210671062.M1.host", NDR_TIME_UNKNOWN},
};

static void
path_test(void **state)
{
    const path_row *row = *state;
    char *path = (char *)exact_copy(row->path, strlen(row->path) + 1);
    assert_true(ndr_maildir_path_time(path) == row->want);
    free(path);
}

int
main(void)
{
    ADD_ROWS(paths, path_test);
    ADD_ROWS(names, name_test);
    return run_added("maildir_name");
}
