/* SPDX-License-Identifier: BSD-3-Clause */
#include "maildir_box.h"
#include "move/tree.h"

static void
make_link(const box *b, const char *to, const char *rel)
{
    char path[512];
    assert_int_equal(symlink(to, box_path(b, rel, path)), 0);
}

/* ---- opening
 * ---------------------------------------------------------------------------- */

static const struct row {
    const char *why, *rel;
    int error; /* 0: it opens */
} rows[] = {
    {"the Maildir itself", "", 0},
    {"a half", "cur", 0},
    {"a folder's half", ".Old/cur", 0},
    {"a folder that is not there", ".New", ENOENT},
    {"a link to a folder beside it", ".Link", ELOOP},
    {"a half behind a link", ".Link/cur", ELOOP},
    {"a link to outside", ".Out", ELOOP},
    {"the folder above", "..", EXDEV},
    {"out and in again", "../M/cur", EXDEV},
    {"a full path", "/etc", EXDEV},
    {"a file", "file", ENOTDIR},
    {"a FIFO does not hang", "fifo", ENOTDIR},
};

static void
test_beneath(void **state)
{
    const struct row *r = *state;
    box b;
    char path[512];
    box_begin(&b);
    box_folder(&b, ".Old");
    box_put(&b, "file", "");
    make_link(&b, ".Old", ".Link");
    make_link(&b, "/etc", ".Out");
    assert_int_equal(mkfifo(box_path(&b, "fifo", path), 0600), 0);
    const int dir = open(b.maildir, O_RDONLY | O_DIRECTORY);
    assert_true(dir >= 0);
    errno = 0;
    const int fd = ndr_open_beneath(dir, r->rel);
    if (r->error == 0) {
        assert_true(fd >= 0);
        (void)close(fd);
    } else {
        assert_int_equal(fd, -1);
        assert_int_equal(errno, r->error);
    }
    (void)close(dir);
    box_end(&b);
}

static void
test_unlinked(void **state)
{
    (void)state;
    box b;
    char path[512], link[128];
    box_begin(&b);
    (void)snprintf(link, sizeof link, "%s/L", b.top);
    assert_int_equal(symlink("M", link), 0);
    int fd = ndr_open_unlinked(b.maildir);
    assert_true(fd >= 0);
    (void)close(fd);
    assert_int_equal(ndr_open_unlinked(link), -1);
    assert_int_equal(errno, ELOOP);
    (void)snprintf(path, sizeof path, "%s/cur", link);
    assert_int_equal(ndr_open_unlinked(path), -1);
    assert_int_equal(errno, ELOOP);
    box_end(&b);
}

/* ---- the list of a folder
 * ---------------------------------------------------------------- */

static void
test_names(void **state)
{
    (void)state;
    box b;
    ndr_tree t;
    ndr_error err = {0};
    char rel[64];
    int half = -1;
    uint64_t inode = 0;
    box_begin(&b);
    for (int i = 0; i < 300; i++) {
        (void)snprintf(rel, sizeof rel, "%s/%d.a%s", i % 2 ? "new" : "cur", i,
                       i % 2 ? "" : ":2,S");
        box_put(&b, rel, "");
    }
    assert_int_equal(ndr_tree_open(&t, b.maildir, true, &err), 0);
    ndr_mail_folder *f = ndr_tree_folder(&t, "");
    assert_non_null(f);
    assert_int_equal(ndr_folder_index(f, &err), 0);
    for (int i = 0; i < 300; i++) {
        (void)snprintf(rel, sizeof rel, "%d.a:2,RST",
                       i); /* by base, whatever the flags */
        assert_true(ndr_folder_has_base(f, rel));
        assert_non_null(ndr_folder_find(f, rel, 0, &half));
        assert_int_equal(half, i % 2 ? NDR_NEW : NDR_CUR);
    }
    assert_false(ndr_folder_has_base(f, "300.a"));
    assert_false(ndr_folder_has_base(f, "1.ab"));

    assert_int_equal(ndr_folder_stat(f, NDR_CUR, "0.a:2,S", &inode), 0);
    assert_null(ndr_folder_find(f, "0.a", inode + 1, &half));
    assert_int_equal(errno, ENOENT);
    assert_string_equal(ndr_folder_find(f, "0.a", inode, &half), "0.a:2,S");

    for (int i = 300; i < 900; i++) { /* noted, so that the table has to grow */
        (void)snprintf(rel, sizeof rel, "%d.a", i);
        ndr_folder_note(f, NDR_NEW, rel, true);
    }
    assert_true(ndr_folder_has_base(f, "899.a:2,S"));
    ndr_folder_note(f, NDR_NEW, "899.a", false);
    assert_false(ndr_folder_has_base(f, "899.a"));
    assert_true(ndr_folder_has_base(f, "0.a"));
    ndr_tree_refresh(&t);
    assert_int_equal(ndr_folder_index(f, &err), 0);
    assert_false(ndr_folder_has_base(f, "898.a")); /* it never came */
    ndr_tree_close(&t);
    box_end(&b);
}

static void
test_tree_lock(void **state)
{
    (void)state;
    box b;
    ndr_tree first, second;
    ndr_error err = {0};
    box_begin(&b);
    assert_int_equal(ndr_tree_open(&first, b.maildir, true, &err), 0);
    assert_int_equal(ndr_tree_open(&second, b.maildir, true, &err), NDR_E_SYS);
    assert_int_equal(err.sys_errno, EWOULDBLOCK);
    ndr_tree_close(&first);
    assert_int_equal(ndr_tree_open(&second, b.maildir, true, &err), 0);
    ndr_tree_close(&second);
    box_end(&b);
}

static void
test_make(void **state)
{
    (void)state;
    box b;
    ndr_tree t;
    ndr_error err = {0};
    struct stat st;
    char path[512];
    box_begin(&b);
    assert_int_equal(chmod(b.maildir, 02750), 0);
    assert_int_equal(ndr_tree_open(&t, b.maildir, true, &err), 0);
    for (int again = 0; again < 2; again++) {
        assert_int_equal(ndr_tree_make(&t, ".Junk", &err), 0);
        static const char *const part[] = {".Junk", ".Junk/cur", ".Junk/new",
                                           ".Junk/tmp"};
        for (int i = 0; i < 4; i++) {
            assert_int_equal(stat(box_path(&b, part[i], path), &st), 0);
            assert_int_equal(st.st_mode & 07777, 02750);
        }
        assert_int_equal(stat(box_path(&b, ".Junk/maildirfolder", path), &st), 0);
    }
    assert_int_equal(ndr_tree_make(&t, "Junk", &err),
                     0); /* of layout=fs: no mark in it */
    assert_int_equal(stat(box_path(&b, "Junk/maildirfolder", path), &st), -1);
    ndr_tree_close(&t);
    box_end(&b);
}

int
main(void)
{
    ADD_ROWS(rows, test_beneath);
    add_test("a full path with a link in it is refused", test_unlinked);
    add_test("a folder's names are found by base and inode", test_names);
    add_test("a Maildir is locked against another run", test_tree_lock);
    add_test("a folder is made with the mode of the Maildir, and stays when it is there",
             test_make);
    return run_added("tree");
}
