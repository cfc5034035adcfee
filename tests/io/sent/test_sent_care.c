/* SPDX-License-Identifier: BSD-3-Clause */
#include "sent_box.h"

/* ---- what cannot be used is told ------------------------------------------ */

static const struct row {
    const char *why;
    off_t size; /* of the file then; -1: as it was */
    off_t at;   /* where `bytes` go; -1: nowhere */
    const char *bytes;
    const char *says;
    bool deep; /* only ndr_sent_verify sees it */
} rows[] = {
    {"an empty file is torn", 0, -1, "", "is torn: it has 0 bytes", false},
    {"a header cut short is torn", 63, -1, "", "is torn: it has 63 bytes", false},
    {"a segment without its last byte is torn", 64 + 199, -1, "", "should have 20",
     false},
    {"a segment without its last record is torn", 64 + 190, -1, "", "should have 20",
     false},
    {"a segment with a record more is torn", 64 + 210, -1, "", "should have 20", false},
    {"a file of something else is foreign", -1, 0, "From al", "no segment of a set",
     false},
    {"a newer version is called newer", -1, 8, "\4", "a newer ndrscan wrote", false},
    {"a changed header is torn", -1, 24, "\1", "its header is not", false},
    {"a changed record is damage", -1, 64 + 55, "\1\2\3", "its records are not", true},
};

static void
test_row(void **state)
{
    const struct row *r = *state;
    sent_box b;
    char path[512], dir[256];
    sent_told told = {0};
    ndr_sent_stats st;
    ndr_error err = {0};
    sent_box_begin(&b);
    sent_box_fill(&b, "set", "mx1", 0, 9, NOON);
    sent_box_fill(&b, "set", "mx2", 100, 109, NOON);
    assert_int_equal(sent_box_files(&b, "set", ".seg", path), 2); /* mx2's */
    if (r->size >= 0)
        assert_int_equal(truncate(path, r->size), 0);
    if (r->at >= 0) {
        const int fd = open(path, O_WRONLY);
        const size_t n = strlen(r->bytes);
        assert_int_equal(pwrite(fd, r->bytes, n, r->at), n);
        assert_int_equal(close(fd), 0);
    }
    (void)sent_box_path(&b, "set", dir);
    assert_int_equal(ndr_sent_verify(dir, sent_tell, &told, &st, &err), 0);
    assert_int_equal(told.count, 1);
    assert_non_null(strstr(told.text, r->says));
    assert_int_equal(st.bad, 1);
    assert_int_equal(st.segments, 1);
    assert_int_equal(st.records, 20);

    ndr_sent_close(sent_box_ask(&b, "set", &told));
    assert_int_equal(told.count, r->deep ? 0 : 1);
    assert_int_equal(sent_box_known(&b, "set", 0, 9), 10);

    /* and nothing of it gets into what is written next */
    sent_box_fill(&b, "set", "mx2", 200, 209, NOON);
    assert_int_equal(sent_box_files(&b, "set", ".seg", path), 3);
    assert_int_equal(sent_box_known(&b, "set", 200, 209), 10);
    sent_box_end(&b);
}

static void
copy_file(const char *from, const char *to)
{
    unsigned char bytes[65536];
    const int in = open(from, O_RDONLY);
    const int out = open(to, O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(in >= 0 && out >= 0);
    ssize_t n;
    while ((n = read(in, bytes, sizeof bytes)) > 0)
        assert_int_equal(write(out, bytes, (size_t)n), n);
    assert_int_equal(close(in), 0);
    assert_int_equal(close(out), 0);
}

static void
test_foreign_key(void **state)
{
    (void)state;
    sent_box b;
    char path[512], to[600], set[256];
    sent_told told;
    sent_box_begin(&b);
    sent_box_fill(&b, "set", "mx1", 0, 9, NOON);
    sent_box_fill(&b, "other", "mx2", 10, 19, NOON);
    assert_int_equal(sent_box_files(&b, "other", ".seg", path), 1);
    (void)snprintf(to, sizeof to, "%s/%s", sent_box_path(&b, "set", set),
                   strrchr(path, '/') + 1);
    copy_file(path, to);
    ndr_sent_close(sent_box_ask(&b, "set", &told));
    assert_int_equal(told.count, 1);
    assert_non_null(strstr(told.text, "another key"));
    assert_int_equal(sent_box_known(&b, "set", 0, 19), 10);

    assert_int_equal(sent_box_files(&b, "other", ".key", path), 1);
    (void)snprintf(to, sizeof to, "%s/%s", set, strrchr(path, '/') + 1);
    copy_file(path, to);
    assert_int_equal(sent_box_known(&b, "set", 0, 19), 20);
    sent_box_end(&b);
}

/* ---- days pass ------------------------------------------------------------- */

static void
test_prune(void **state)
{
    (void)state;
    sent_box b;
    char path[512], dir[256];
    ndr_sent_stats st;
    ndr_error err = {0};
    sent_box_begin(&b);
    for (unsigned i = 0; i < 10; i++)
        sent_box_fill(&b, "set", "mx1", i * 10, i * 10 + 9, NOON - (int64_t)i * 8 * DAY);
    assert_int_equal(sent_box_files(&b, "set", ".seg", path), 10);
    (void)sent_box_path(&b, "set", dir);
    assert_int_equal(ndr_sent_prune(dir, NOON, 24, true, &st, &err), 0);
    assert_int_equal(st.segments, 6); /* of 32, 40 … 72 days ago */
    assert_int_equal(st.records, 6 * 20);
    assert_int_equal(sent_box_files(&b, "set", ".seg", path), 10);
    assert_int_equal(ndr_sent_prune(dir, NOON, 24, false, &st, &err), 0);
    assert_int_equal(st.segments, 6);
    assert_int_equal(sent_box_files(&b, "set", ".seg", path), 4);
    assert_int_equal(ndr_sent_prune(dir, NOON, 24, false, &st, &err), 0);
    assert_int_equal(st.segments, 0);
    /* a clock that was set back deletes nothing */
    assert_int_equal(
        ndr_sent_prune(dir, NOON - 4000 * (int64_t)DAY, 24, false, &st, &err), 0);
    assert_int_equal(st.segments, 0);
    sent_box_end(&b);
}

/* ---- sets are united -------------------------------------------------------- */

static void
merge(const sent_box *b, const char *to, const char *one, const char *two)
{
    char dir[256], first[256], second[256];
    const char *from[] = {sent_box_path(b, one, first), sent_box_path(b, two, second)};
    sent_told told = {0};
    ndr_error err = {0};
    if (ndr_sent_merge(sent_box_path(b, to, dir), "mx", from, 2, sent_tell, &told,
                       &err) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(told.count, 0);
}

static void
assert_same_files(const sent_box *b, const char *one, const char *two)
{
    char dir[256], path[512], twin[600];
    unsigned char x[8192], y[8192];
    DIR *d = opendir(sent_box_path(b, one, dir));
    const struct dirent *e;
    unsigned files = 0;
    while ((e = readdir(d)) != NULL) {
        if (strstr(e->d_name, ".seg") == NULL)
            continue;
        files++;
        (void)snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        (void)snprintf(twin, sizeof twin, "%s/%s/%s", b->root, two, e->d_name);
        const int p = open(path, O_RDONLY), q = open(twin, O_RDONLY);
        assert_true(p >= 0 && q >= 0);
        const ssize_t n = read(p, x, sizeof x);
        assert_true(n > 64 && n < (ssize_t)sizeof x);
        assert_int_equal(read(q, y, sizeof y), n);
        assert_memory_equal(x, y, (size_t)n);
        (void)close(p);
        (void)close(q);
    }
    (void)closedir(d);
    assert_int_equal(sent_box_files(b, two, ".seg", path), files);
}

static void
test_merge(void **state)
{
    (void)state;
    sent_box b;
    char path[512];
    sent_box_begin(&b);
    sent_box_fill(&b, "a", "mx1", 0, 99, NOON);
    sent_box_fill(&b, "a", "mx1", 100, 149, NOON - 9 * (int64_t)DAY);
    sent_box_fill(&b, "b", "mx2", 50, 199, NOON);
    merge(&b, "ab", "a", "b");
    merge(&b, "ba", "b", "a");
    assert_same_files(&b, "ab", "ba");
    assert_int_equal(sent_box_files(&b, "ab", ".key", path), 2);
    assert_int_equal(sent_box_known(&b, "ab", 0, 199), 200);
    assert_int_equal(sent_box_known(&b, "a", 150, 199), 0); /* as it was */
    merge(&b, "ab", "a", "ba");                             /* again changes nothing */
    assert_int_equal(sent_box_known(&b, "ab", 0, 199), 200);
    assert_int_equal(sent_box_files(&b, "ab", ".seg", path),
                     3); /* two keys, two buckets */
    sent_box_end(&b);
}

/* Machines that were given one key: what both know is kept once. */
static void
test_shared_key(void **state)
{
    (void)state;
    sent_box b;
    char path[512], to[600], dir[256];
    struct stat st;
    sent_box_begin(&b);
    sent_box_fill(&b, "a", "mx1", 0, 99, NOON);
    assert_int_equal(sent_box_files(&b, "a", ".key", path), 1);
    assert_int_equal(mkdir(sent_box_path(&b, "b", dir), 0700), 0);
    (void)snprintf(to, sizeof to, "%s/%s", dir, strrchr(path, '/') + 1);
    copy_file(path, to);
    sent_box_fill(&b, "b", "mx2", 50, 149, NOON);
    merge(&b, "c", "a", "b");
    assert_int_equal(sent_box_files(&b, "c", ".seg", path), 1);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_size, 64 + 2 * 150 * 10 + 5 * 4 /* its index */);
    assert_int_equal(sent_box_known(&b, "c", 0, 149), 150);
    sent_box_end(&b);
}

int
main(void)
{
    ADD_ROWS(rows, test_row);
    add_test("a segment of another key is told, and read with its key", test_foreign_key);
    add_test("what is older than its days is deleted, whole segments", test_prune);
    add_test("sets are united to the same bytes in any order", test_merge);
    add_test("with one key nothing is kept twice", test_shared_key);
    return run_added("sent_care");
}
