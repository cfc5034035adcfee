/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE /* mkdtemp */
#include "counts_box.h"
#include "stats/count_id.h"

#include <errno.h>
#include <sys/stat.h>

static void
mode_test(void **state)
{
    (void)state;
    struct stat st;
    begin();
    count(NULL, 0, NULL);
    assert_int_equal(stat(db, &st), 0);
    end();
    assert_int_equal(st.st_mode & 0777, 0600);
}

/* A file that is there already. */
typedef struct file_row {
    const char *why, *text, *sql;
    int open, read; /* what is answered */
    const char *words;
} file_row;
static const file_row files[] = {
    {"an empty file is made one of counts, and holds nothing", "", NULL, 0, 0, ""},
    {"text is none", "this is a long enough text that is no database at all, is it not? ",
     NULL, NDR_E_DAMAGED, NDR_E_DAMAGED, "file is not a database; move it away"},
    {"another program's is not touched", NULL, "CREATE TABLE t(x)", NDR_E_DAMAGED,
     NDR_E_DAMAGED, "is another program's database"},
    {"a newer version's is not touched", NULL,
     "PRAGMA application_id = 0x6e647273; PRAGMA user_version = 5", NDR_E_LIMIT,
     NDR_E_LIMIT, "was written by a newer ndrscan"},
};

static void
file_test(void **state)
{
    const file_row *row = *state;
    ndr_counts *c = NULL;
    ndr_series_list list = {0};
    ndr_error err = {0}, read_err = {0};
    begin();
    if (row->text != NULL) {
        FILE *f = fopen(db, "w");
        assert_non_null(f);
        assert_true(fputs(row->text, f) >= 0);
        assert_int_equal(fclose(f), 0);
    } else {
        sqlite3 *other = NULL;
        assert_int_equal(sqlite3_open(db, &other), SQLITE_OK);
        assert_int_equal(sqlite3_exec(other, row->sql, NULL, NULL, NULL), SQLITE_OK);
        (void)sqlite3_close(other);
    }
    const int read = ndr_counts_read(db, 0, 1, 0, NULL, &list, &read_err);
    ndr_series_list_clear(&list);
    const int open = ndr_counts_open(db, 1, &c, &err);
    if (open == 0)
        (void)ndr_counts_close(c, NULL, NULL);
    end();
    assert_int_equal(read, row->read);
    assert_int_equal(open, row->open);
    if (strstr(err.text, row->words) == NULL)
        assert_string_equal(err.text, row->words);
}

static void
missing_test(void **state)
{
    (void)state;
    begin();
    ndr_series_list list;
    ndr_error err = {0};
    assert_int_equal(ndr_counts_read(db, 0, 1, 0, NULL, &list, &err), NDR_E_SYS);
    assert_int_equal(err.sys_errno, ENOENT);
    struct stat st;
    assert_int_not_equal(stat(db, &st), 0); /* reading makes nothing */
    end();
}

/* What a file of version 1 counted is not counted again, and what came later is. */
static void
version_1_test(void **state)
{
    (void)state;
    static const char old[] =
        "CREATE TABLE domain(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
        "CREATE TABLE count(domain INTEGER NOT NULL, step INTEGER NOT NULL, kind INTEGER "
        "NOT NULL, bounces INTEGER NOT NULL, junk INTEGER NOT NULL, "
        "PRIMARY KEY(domain, step, kind)) WITHOUT ROWID;"
        "CREATE TABLE seen(step INTEGER NOT NULL, id INTEGER NOT NULL, what INTEGER NOT "
        "NULL, PRIMARY KEY(step, id)) WITHOUT ROWID;"
        "CREATE TABLE state(fresh INTEGER NOT NULL, seen INTEGER NOT NULL, horizon "
        "INTEGER "
        "NOT NULL);"
        "INSERT INTO domain VALUES(1, 'b.example');"
        "INSERT INTO count VALUES(1, 0, 1, 1, 0);"
        "INSERT INTO state VALUES(600, 1, -9223372036854775807);"
        "PRAGMA application_id = 0x6e647273; PRAGMA user_version = 1";
    static const char header[] = "Received: by mx id 1\n\n";
    const ndr_message m = {.raw = ndr_slice_of(header)};
    const ndr_verdict v = {.message_id = ndr_slice_of("a"),
                           .local = ndr_slice_of("x"),
                           .domain = ndr_slice_of("b.example")};
    char seen[120], got[200];
    sqlite3 *file = NULL;
    begin();
    (void)snprintf(seen, sizeof seen, "INSERT INTO seen VALUES(0, %lld, %d)",
                   (long long)(int64_t)ndr_count_id_of(&m, &v).former, F * 2);
    assert_int_equal(sqlite3_open(db, &file), SQLITE_OK);
    assert_int_equal(sqlite3_exec(file, old, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(file, seen, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(file), SQLITE_OK);
    show(0, got, sizeof got); /* it is read as it is */
    assert_string_equal(got, "b.example 0:1/0");
    const look again[] = {{"a", "x", "b.example", 0, F, false, header},
                          {"a", "x", "b.example", 900, F, false, header},
                          {"a", "x", "b.example", 900, F, false, "Received: by mx id 2"}};
    count(again, 3, NULL);
    show(0, got, sizeof got);
    end();
    assert_string_equal(got, "b.example 0:1/0 900:2/0");
}

int
main(void)
{
    ADD_ROWS(files, file_test);
    add_test("the file is its owner's alone", mode_test);
    add_test("no file is ENOENT, and none is made", missing_test);
    add_test("a file of version 1 is taken over", version_1_test);
    return run_added("counts_file");
}
