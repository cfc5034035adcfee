/* SPDX-License-Identifier: BSD-3-Clause */
#include "maildir_box.h"

/* ---- one message out, something happens, and back ------------------------------------
 */

static const struct row {
    const char *why;
    const char *was;   /* where it lies */
    const char *junk;  /* where it lies after the run */
    const char *now;   /* where its reader puts it then; NULL: leaves it alone */
    const char *after; /* where it lies after the undo */
} rows[] = {
    {"flags stay, keywords go and come back", "cur/1.a:2,Sab", ".Junk/cur/1.a:2,S", NULL,
     "cur/1.a:2,Sab"},
    {"new mail is new in Junk and new again", "new/1.a", ".Junk/new/1.a", NULL,
     "new/1.a"},
    {"new mail that was seen in Junk comes back to cur", "new/1.a", ".Junk/new/1.a",
     ".Junk/cur/1.a:2,S", "cur/1.a:2,S"},
    {"flags given in Junk come back with it", "cur/1.a:2,a", ".Junk/cur/1.a:2,",
     ".Junk/cur/1.a:2,RS", "cur/1.a:2,RSa"},
    {"a subfolder's message goes back to its folder", ".Old/cur/1.a:2,",
     ".Junk/cur/1.a:2,", NULL, ".Old/cur/1.a:2,"},
    {"sizes in the name are kept", "cur/1.a,S=5,W=6:2,Sz", ".Junk/cur/1.a,S=5,W=6:2,S",
     NULL, "cur/1.a,S=5,W=6:2,Sz"},
    {"a name without flags in cur stays without", "cur/1.a", ".Junk/cur/1.a", NULL,
     "cur/1.a"},
    {"line ends and percent signs in a name are no matter", "cur/1\n%20 \xff.a:2,S",
     ".Junk/cur/1\n%20 \xff.a:2,S", NULL, "cur/1\n%20 \xff.a:2,S"},
};

static void
test_there_and_back(void **state)
{
    const struct row *r = *state;
    box b;
    char from[512], to[512];
    box_begin(&b);
    box_folder(&b, ".Old");
    box_put(&b, r->was, "one");
    box_open(&b, "apply", 0, ".Junk");
    box_out(&b, r->was);
    box_close(&b, true);
    assert_true(box_has(&b, r->junk, "one"));
    assert_false(box_has(&b, r->was, "one"));
    if (r->now != NULL)
        assert_int_equal(rename(box_path(&b, r->junk, from), box_path(&b, r->now, to)),
                         0);
    box_undo(&b, 1);
    assert_true(box_has(&b, r->after, "one"));
    assert_int_equal(box_count(&b, ".Junk/cur") + box_count(&b, ".Junk/new"), 0);
    box_end(&b);
}

/* ---- names that are taken -------------------------------------------------------------
 */

static void
test_taken_before(void **state)
{
    (void)state;
    box b;
    box_begin(&b);
    box_folder(&b, ".Junk");
    box_put(&b, "cur/1.a:2,S", "one");
    box_put(&b, ".Junk/new/1.a", "other");
    box_open(&b, "apply", 0, ".Junk");
    box_out(&b, "cur/1.a:2,S");
    box_close(&b, true);
    assert_true(box_has(&b, ".Junk/new/1.a", "other"));
    assert_int_equal(box_count(&b, ".Junk/cur"), 1);
    assert_null(strstr(b.told, ".Junk/cur/1.a:2,S")); /* one base, one message */
    box_undo(&b, 1);
    assert_true(box_has(&b, "cur/1.a:2,S", "one"));
    assert_true(box_has(&b, ".Junk/new/1.a", "other"));
    box_end(&b);
}

/* The name is taken between the choice and the rename: nothing is replaced. */
static void
test_taken_meanwhile(void **state)
{
    (void)state;
    box b;
    box_begin(&b);
    box_folder(&b, ".Junk");
    box_put(&b, "cur/1.a:2,S", "one");
    box_open(&b, "apply", 0, ".Junk");
    box_out(&b, "cur/1.a:2,S");
    box_put(&b, ".Junk/cur/1.a:2,S", "other");
    box_close(&b, true);
    assert_true(box_has(&b, ".Junk/cur/1.a:2,S", "other"));
    assert_int_equal(box_count(&b, ".Junk/cur"), 2);
    assert_int_equal(box_count(&b, "cur"), 0);
    box_undo(&b, 1);
    assert_true(box_has(&b, "cur/1.a:2,S", "one"));
    assert_true(box_has(&b, ".Junk/cur/1.a:2,S", "other"));
    box_end(&b);
}

static void
test_taken_at_home(void **state)
{
    (void)state;
    box b;
    box_begin(&b);
    box_put(&b, "cur/1.a:2,S", "one");
    box_open(&b, "apply", 0, ".Junk");
    box_out(&b, "cur/1.a:2,S");
    box_close(&b, true);
    box_put(&b, "cur/1.a:2,S", "other");
    box_undo(&b, 1);
    assert_true(box_has(&b, "cur/1.a:2,S", "other"));
    assert_int_equal(box_count(&b, "cur"), 2);
    box_end(&b);
}

static void
test_same_base_twice(void **state)
{
    (void)state;
    box b;
    box_begin(&b);
    box_put(&b, "cur/1.a:2,S", "one");
    box_put(&b, "new/1.a", "two");
    box_open(&b, "apply", 0, ".Junk");
    box_out(&b, "cur/1.a:2,S");
    box_out(&b, "new/1.a");
    box_close(&b, true);
    assert_int_equal(box_count(&b, ".Junk/cur") + box_count(&b, ".Junk/new"), 2);
    box_undo(&b, 1);
    assert_true(box_has(&b, "cur/1.a:2,S", "one"));
    assert_true(box_has(&b, "new/1.a", "two"));
    box_end(&b);
}

/* ---- a mail reader in between ---------------------------------------------------------
 */

static void
test_renamed_meanwhile(void **state)
{
    (void)state;
    box b;
    char from[512], to[512];
    box_begin(&b);
    box_put(&b, "new/1.a", "one");
    box_open(&b, "apply", 0, ".Junk");
    box_out(&b, "new/1.a");
    assert_int_equal(
        rename(box_path(&b, "new/1.a", from), box_path(&b, "cur/1.a:2,FS", to)), 0);
    box_close(&b, true);
    assert_int_equal(box_count(&b, "cur") + box_count(&b, "new"), 0);
    assert_int_equal(box_count(&b, ".Junk/cur") + box_count(&b, ".Junk/new"), 1);
    assert_non_null(strstr(b.told, ":2,FS"));
    box_undo(&b, 1);
    assert_int_equal(box_count(&b, "cur") + box_count(&b, "new"), 1);
    box_end(&b);
}

static void
test_deleted_meanwhile(void **state)
{
    (void)state;
    box b;
    char path[512];
    box_begin(&b);
    box_put(&b, "cur/1.a:2,S", "one");
    box_put(&b, "cur/2.a:2,S", "two");
    box_open(&b, "apply", 0, ".Junk");
    box_out(&b, "cur/1.a:2,S");
    box_out(&b, "cur/2.a:2,S");
    assert_int_equal(unlink(box_path(&b, "cur/1.a:2,S", path)), 0);
    box_close(&b, true);
    assert_non_null(strstr(b.told, "left cur/1.a:2,S: is not there any more"));
    assert_true(box_has(&b, ".Junk/cur/2.a:2,S", "two"));
    assert_int_equal(unlink(box_path(&b, ".Junk/cur/2.a:2,S", path)), 0);
    box_undo(&b, 1);
    assert_non_null(strstr(b.told, "was deleted or moved by somebody else"));
    box_end(&b);
}

/* Another message of the same name is not the one that was moved. */
static void
test_other_inode(void **state)
{
    (void)state;
    box b;
    char path[512];
    box_begin(&b);
    box_put(&b, "cur/1.a:2,S", "one");
    box_open(&b, "apply", 0, ".Junk");
    box_out(&b, "cur/1.a:2,S");
    box_close(&b, true);
    box_put(&b, ".Junk/cur/3.a", "other");
    assert_int_equal(rename(box_path(&b, ".Junk/cur/3.a", path),
                            box_path(&b, ".Junk/cur/1.a:2,S", (char[512]){0})),
                     0);
    box_undo(&b, 1);
    assert_true(box_has(&b, ".Junk/cur/1.a:2,S", "other"));
    assert_int_equal(box_count(&b, "cur"), 0);
    box_end(&b);
}

/* ---- what is no message ---------------------------------------------------------------
 */

static void
test_no_messages(void **state)
{
    (void)state;
    box b;
    char path[512];
    box_begin(&b);
    assert_int_equal(mkfifo(box_path(&b, "cur/1.fifo", path), 0600), 0);
    assert_int_equal(symlink("/etc/passwd", box_path(&b, "cur/2.link", path)), 0);
    assert_int_equal(mkdir(box_path(&b, "cur/3.dir", path), 0700), 0);
    box_put(&b, "cur/:2,S", "no base");
    box_open(&b, "apply", 0, ".Junk");
    box_out(&b, "cur/1.fifo");
    box_out(&b, "cur/2.link");
    box_out(&b, "cur/3.dir");
    box_out(&b, "cur/:2,S");
    box_out(&b, "cur/../../x");
    box_out(&b, "tmp/x");
    assert_null(ndr_mover_id(b.m));
    box_close(&b, true);
    assert_int_equal(box_count(&b, "cur"), 4);
    size_t left = 0;
    for (const char *p = b.told; (p = strstr(p, "left ")) != NULL; p++)
        left++;
    assert_int_equal(left, 6);
    box_end(&b);
}

static void
test_links_for_folders(void **state)
{
    (void)state;
    box b;
    char path[512], victim[128];
    box_begin(&b);
    (void)snprintf(victim, sizeof victim, "%s/victim", b.top);
    assert_int_equal(mkdir(victim, 0700), 0);
    assert_int_equal(symlink(victim, box_path(&b, ".Junk", path)), 0);
    box_put(&b, "cur/1.a:2,S", "one");
    box_open(&b, "apply", 0, ".Junk");
    box_out(&b, "cur/1.a:2,S");
    box_close(&b, true);
    assert_true(box_has(&b, "cur/1.a:2,S", "one"));
    assert_int_equal(rmdir(victim), 0); /* nothing was put there */
    box_end(&b);
}

/* ---- another folder in the Maildir's place --------------------------------------------
 */

/* Put the Maildir aside and a copy of it, with inodes of its own, in its place. */
static void
restore_copy(const box *b)
{
    char command[512];
    (void)snprintf(command, sizeof command, "mv '%s' '%s/aside' && cp -a '%s/aside' '%s'",
                   b->maildir, b->top, b->top, b->maildir);
    assert_int_equal(system(command), 0);
}

static void
test_restored(void **state)
{
    (void)state;
    box b;
    box_begin(&b);
    box_put(&b, "cur/1.a:2,S", "one");
    box_put(&b, "new/2.a", "two");
    box_open(&b, "apply", 0, ".Junk");
    box_out(&b, "cur/1.a:2,S");
    box_out(&b, "new/2.a");
    box_close(&b, true);
    restore_copy(&b);
    box_undo(&b, 1);
    assert_true(box_has(&b, "cur/1.a:2,S", "one"));
    assert_true(box_has(&b, "new/2.a", "two"));
    box_end(&b);
}

static void
test_other_maildir(void **state)
{
    (void)state;
    box b;
    char path[512];
    size_t runs = 0;
    ndr_error err = {0};
    box_begin(&b);
    box_put(&b, "cur/1.a:2,S", "one");
    box_open(&b, "apply", 0, ".Junk");
    box_out(&b, "cur/1.a:2,S");
    box_close(&b, true);
    restore_copy(&b);
    assert_int_equal(unlink(box_path(&b, ".Junk/cur/1.a:2,S", path)), 0);
    box_undo(&b, 1);
    assert_non_null(strstr(b.told, "mounted?"));
    assert_int_equal(ndr_journal_open(b.journal, false, NULL, NULL, &b.j, &err), 0);
    const ndr_journal_run *run = ndr_journal_runs(b.j, &runs);
    assert_int_equal(runs, 2);
    assert_false(run[1].ended); /* it is taken up again */
    ndr_journal_close(b.j);
    box_end(&b);
}

static void
test_no_maildir(void **state)
{
    (void)state;
    box b;
    char folder[160];
    ndr_error err = {0};
    box_begin(&b);
    box_open(&b, "apply", 0, ".Junk");
    (void)snprintf(folder, sizeof folder, "%s/empty", b.top);
    assert_int_equal(mkdir(folder, 0700), 0);
    assert_int_equal(ndr_mover_tree(b.m, folder, ".Junk", &err), NDR_E_SYNTAX);
    box_close(&b, true);
    box_end(&b);
}

/* More than a batch, and all of it comes back. */
static void
test_many(void **state)
{
    (void)state;
    box b;
    char rel[64];
    box_begin(&b);
    for (int i = 0; i < 1200; i++) {
        (void)snprintf(rel, sizeof rel, "cur/%d.a:2,Sa", i);
        box_put(&b, rel, rel);
    }
    box_open(&b, "apply", 0, ".Junk");
    for (int i = 0; i < 1200; i++) {
        (void)snprintf(rel, sizeof rel, "cur/%d.a:2,Sa", i);
        box_out(&b, rel);
    }
    box_close(&b, true);
    assert_int_equal(box_count(&b, ".Junk/cur"), 1200);
    box_undo(&b, 1);
    for (int i = 0; i < 1200; i++) {
        (void)snprintf(rel, sizeof rel, "cur/%d.a:2,Sa", i);
        assert_true(box_has(&b, rel, rel));
    }
    box_end(&b);
}

int
main(void)
{
    ADD_ROWS(rows, test_there_and_back);
    add_test("a base that is in Junk already is not put there twice", test_taken_before);
    add_test("a name that is taken meanwhile is not replaced", test_taken_meanwhile);
    add_test("a name that is taken at home is not replaced", test_taken_at_home);
    add_test("one base in new and in cur are two messages", test_same_base_twice);
    add_test("a message that its reader renames meanwhile is moved all the same",
             test_renamed_meanwhile);
    add_test("a message that is deleted meanwhile is told", test_deleted_meanwhile);
    add_test("another message under the old name is left alone", test_other_inode);
    add_test("what is no message is left, each told", test_no_messages);
    add_test("a link in place of the Junk folder is not followed",
             test_links_for_folders);
    add_test("in a restored Maildir messages are known by their names", test_restored);
    add_test("undo has no end while another Maildir is in the place", test_other_maildir);
    add_test("an empty mount point is no Maildir to work in", test_no_maildir);
    add_test("1,200 messages in batches go and come back", test_many);
    return run_added("move");
}
