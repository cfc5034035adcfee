/* SPDX-License-Identifier: BSD-3-Clause */
/* test_stat_crew.c - sizes and times of many files, in the order of their names */
#define _GNU_SOURCE /* syscall */
#include "source/stat_crew.h"

#include "drive.h"
#include "pretend_mount.h"

typedef struct count_row {
    const char *why;
    size_t count;
    unsigned type; /* of the file system */
} count_row;

static const count_row counts[] = {
    {"no names", 0, 0},
    {"one", 1, 0},
    {"few: by one thread", 511, 0},
    {"enough for two", 512, 0},
    {"not the same for each", 1023, 0},
    {"many: by all", 5000, 0},
    {"few on another machine: by some", 100, PRETEND_NFS},
    {"many on another machine: by many", 5000, PRETEND_NFS},
};

enum { MOST = 5000, EVERY = 50 }; /* so many names of each that is made */

/* Names m0 to m49 stand for files of 0 to 49 bytes, again and again; others are none. */
static void
count_test(void **state)
{
    const count_row *row = *state;
    static char names[EVERY][8];
    static ndr_found_name found[MOST];
    make_folder("stats");
    for (int i = 0; i < EVERY; i++) {
        char path[32];
        (void)snprintf(names[i], sizeof names[i], "m%d", i);
        (void)snprintf(path, sizeof path, "stats/m%d", i);
        if (i == 7)
            make_folder(path);
        else if (i == 8)
            assert_int_equal(symlink("m1", scratch_path(path)), 0);
        else if (i != 9)
            write_file(path, "01234567890123456789012345678901234567890123456789",
                       (size_t)i);
    }
    for (size_t i = 0; i < row->count; i++)
        found[i] = (ndr_found_name){names[i % EVERY], i};
    const int dir = open(scratch_path("stats"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(dir >= 0);
    pretended_type = row->type;
    ndr_stat_row *got = ndr_stat_all(dir, found, row->count);
    pretended_type = 0;
    assert_true(got != NULL || row->count == 0);
    for (size_t i = 0; i < row->count; i++) {
        struct stat st;
        const size_t which = i % EVERY;
        const bool there = which < 7 || which > 9;
        assert_int_equal(got[i].there, there);
        assert_int_equal(got[i].bytes, there ? which : 0);
        if (there)
            assert_int_equal(fstatat(dir, names[which], &st, 0), 0);
        assert_true(
            got[i].mtime_ns ==
            (there ? st.st_mtim.tv_sec * INT64_C(1000000000) + st.st_mtim.tv_nsec : 0));
    }
    free(got);
    assert_int_equal(close(dir), 0);
    remove_tree(scratch_path("stats"));
}

int
main(void)
{
    ADD_ROWS(counts, count_test);
    return run_with_scratch("stat_crew");
}
