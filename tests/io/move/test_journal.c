/* SPDX-License-Identifier: BSD-3-Clause */
#include "maildir_box.h"
#include "move/journal.h"

/* Write a run's file with these lines, each with its check. */
static void
write_run(const box *b, const char *id, const char *const *words, const char *tail)
{
    char path[256];
    ndr_buffer text = {0};
    for (; *words != NULL; words++)
        ndr_journal_line(&text, ndr_slice_of(*words));
    ndr_buffer_text(&text, tail);
    assert_true(mkdir(b->journal, 0700) == 0 || errno == EEXIST);
    (void)snprintf(path, sizeof path, "%s/%s.run", b->journal, id);
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text.ptr, text.len), text.len);
    assert_int_equal(close(fd), 0);
    ndr_buffer_free(&text);
}

static uint64_t
inode_of(const box *b, const char *rel)
{
    char path[512];
    struct stat st;
    assert_int_equal(stat(box_path(b, rel, path), &st), 0);
    return st.st_ino;
}

/* ---- a run that was broken off
 * --------------------------------------------------------- */

static const struct row {
    const char *why;
    const char *lies; /* where the message is, or NULL: nowhere */
    enum ndr_move_state want;
} rows[] = {
    {"a message under its new name was moved", ".Junk/cur/1.a:2,S", NDR_MOVE_DONE},
    {"a message under its old name was not", "cur/1.a:2,S", NDR_MOVE_NOT},
    {"one whose flags changed in Junk was moved", ".Junk/cur/1.a:2,RS", NDR_MOVE_DONE},
    {"one whose flags changed at home was not", "cur/1.a:2,FS", NDR_MOVE_NOT},
    {"one that is nowhere is gone, which is not the same", NULL, NDR_MOVE_GONE},
    {"one that its reader moved on is gone", ".Old/cur/1.a:2,S", NDR_MOVE_GONE},
};

static void
test_settle(void **state)
{
    const struct row *r = *state;
    box b;
    char tree[128], out[160], path[512];
    box_begin(&b);
    box_folder(&b, ".Junk");
    box_folder(&b, ".Old");
    box_put(&b, r->lies != NULL ? r->lies : "cur/x", "one");
    const uint64_t inode = inode_of(&b, r->lies != NULL ? r->lies : "cur/x");
    if (r->lies == NULL)
        assert_int_equal(unlink(box_path(&b, "cur/x", path)), 0);
    (void)snprintf(tree, sizeof tree, "tree %s", b.maildir);
    (void)snprintf(out, sizeof out, "out 1 0 %llu 0 0 cur/1.a:2,S .Junk/cur/1.a:2,S",
                   (unsigned long long)inode);
    write_run(&b, "20080513T080000Z-4",
              (const char *[]){"ndrscan-journal 1 apply 1210665600 0", tree, out, NULL},
              "0a1b torn");
    for (int again = 0; again < 2; again++) { /* the second time it is written down */
        size_t runs = 0;
        ndr_journal *j = NULL;
        ndr_error err = {0};
        assert_int_equal(ndr_journal_open(b.journal, again == 0, NULL, NULL, &j, &err),
                         0);
        const ndr_journal_run *run = ndr_journal_runs(j, &runs);
        assert_int_equal(runs, 1);
        assert_int_equal(run->sequence, 4);
        assert_int_equal(run->move[0].state, r->want);
        assert_false(run->ended);
        ndr_journal_close(j);
    }
    box_end(&b);
}

/* What cannot be looked at stays open, is told, and is settled when it can be. */
static size_t warnings;
static void
warn(void *ctx, const char *text)
{
    (void)ctx;
    warnings += strstr(text, "broken off") != NULL;
}

static const struct away {
    const char *why;
    bool told_place; /* the journal says which folder the Maildir was */
    int stands;      /* in its place: 0 nothing, 1 an empty folder, 2 another Maildir */
    enum ndr_move_state want;
} aways[] = {
    {"a Maildir that is away leaves its moves open, told", true, 0, NDR_MOVE_OPEN},
    {"so does an empty mount point", true, 1, NDR_MOVE_OPEN},
    {"so does another Maildir in its place", true, 2, NDR_MOVE_OPEN},
    {"an older journal: away is away", false, 0, NDR_MOVE_OPEN},
    {"an older journal: an empty mount point is no Maildir", false, 1, NDR_MOVE_OPEN},
    {"an older journal: in another Maildir it is gone, never not done", false, 2,
     NDR_MOVE_GONE},
};

/* The run of a real mover, its end torn off as a kill does it. */
static void
break_off(const box *b, bool told_place)
{
    char path[512] = "", text[4096] = "", *line;
    const int dir = open(b->journal, O_RDONLY | O_DIRECTORY);
    DIR *list = fdopendir(dir);
    for (struct dirent *e; (e = readdir(list)) != NULL;)
        if (strstr(e->d_name, ".run") != NULL)
            (void)snprintf(path, sizeof path, "%s/%s", b->journal, e->d_name);
    (void)closedir(list);
    FILE *f = fopen(path, "re");
    assert_non_null(f);
    assert_true(fread(text, 1, sizeof text - 1, f) > 0);
    (void)fclose(f);
    f = fopen(path, "we");
    assert_non_null(f);
    for (line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
        if (strstr(line, " done ") == NULL && strstr(line, " end") == NULL &&
            (told_place || strstr(line, " place ") == NULL))
            assert_true(fprintf(f, "%s\n", line) > 0);
    assert_int_equal(fclose(f), 0);
}

static void
test_unseen(void **state)
{
    const struct away *r = *state;
    box b;
    char away[128], second[128];
    ndr_journal *j = NULL;
    ndr_error err = {0};
    size_t runs = 0;
    box_begin(&b);
    box_put(&b, "cur/1.a:2,S", "one");
    box_open(&b, "apply", 0, ".Junk");
    box_out(&b, "cur/1.a:2,S");
    box_close(&b, true);
    break_off(&b, r->told_place);
    (void)snprintf(away, sizeof away, "%s/away", b.top);
    (void)snprintf(second, sizeof second, "%s/second", b.top);
    assert_int_equal(rename(b.maildir, away), 0);
    if (r->stands == 1)
        assert_int_equal(mkdir(b.maildir, 0700), 0);
    if (r->stands == 2) {
        box_folder(&b, "");
        box_folder(&b, ".Junk");
    }
    warnings = 0;
    assert_int_equal(ndr_journal_open(b.journal, true, warn, NULL, &j, &err), 0);
    assert_int_equal(warnings, r->want == NDR_MOVE_OPEN);
    assert_int_equal(ndr_journal_runs(j, &runs)->move[0].state, r->want);
    ndr_journal_close(j);
    if (r->stands != 0)
        assert_int_equal(rename(b.maildir, second), 0);
    assert_int_equal(rename(away, b.maildir), 0);
    warnings = 0;
    assert_int_equal(ndr_journal_open(b.journal, true, warn, NULL, &j, &err), 0);
    assert_int_equal(warnings, 0);
    if (r->want == NDR_MOVE_OPEN)
        assert_int_equal(ndr_journal_runs(j, &runs)->move[0].state, NDR_MOVE_DONE);
    ndr_journal_close(j);
    box_end(&b);
}

static const ndr_place here = {true, 2049, 77, 1000, 5, 9};
static const struct place_row {
    const char *why;
    ndr_place other;
    bool want;
} places[] = {
    {"one folder is one folder", {true, 2049, 77, 1000, 5, 9}, true},
    {"devices are numbered anew by a reboot", {true, 2065, 77, 1000, 5, 8}, true},
    {"another inode is another folder", {true, 2049, 78, 1000, 5, 9}, false},
    {"an inode that is used again has another birth",
     {true, 2049, 77, 1000, 6, 9},
     false},
    {"without births the device tells", {true, 2065, 77, 0, 0, 8}, false},
    {"or the file system's id", {true, 2065, 77, 0, 0, 9}, true},
    {"or nothing, where devices have no number of their own",
     {true, 43, 77, 0, 0, 0},
     true},
    {"an unknown place is none", {false, 2049, 77, 1000, 5, 9}, false},
};

static void
test_place(void **state)
{
    const struct place_row *r = *state;
    assert_int_equal(ndr_place_same(&here, &r->other), r->want);
    assert_int_equal(ndr_place_same(&r->other, &here), r->want);
}

/* ---- the folder
 * ------------------------------------------------------------------------ */

static void
test_lock(void **state)
{
    (void)state;
    box b;
    ndr_journal *first = NULL, *second = NULL;
    ndr_error err = {0};
    box_begin(&b);
    assert_int_equal(ndr_journal_open(b.journal, true, NULL, NULL, &first, &err), 0);
    assert_int_equal(ndr_journal_open(b.journal, true, NULL, NULL, &second, &err),
                     NDR_E_SYS);
    assert_int_equal(err.sys_errno, EWOULDBLOCK);
    assert_int_equal(ndr_journal_open(b.journal, false, NULL, NULL, &second, &err), 0);
    ndr_journal_close(second);
    ndr_journal_close(first);
    assert_int_equal(ndr_journal_open(b.journal, true, NULL, NULL, &second, &err), 0);
    ndr_journal_close(second);
    box_end(&b);
}

static void
test_writable(void **state)
{
    (void)state;
    box b;
    ndr_journal *j = NULL;
    ndr_error err = {0};
    box_begin(&b);
    assert_int_equal(mkdir(b.journal, 0700), 0);
    assert_int_equal(chmod(b.journal, 0720), 0);
    assert_int_equal(ndr_journal_open(b.journal, true, NULL, NULL, &j, &err),
                     NDR_E_SYNTAX);
    assert_non_null(strstr(err.text, "chmod go-w"));
    if (geteuid() == 0) {
        assert_int_equal(chmod(b.journal, 0700), 0);
        assert_int_equal(chown(b.journal, 65534, 65534), 0);
        assert_int_equal(ndr_journal_open(b.journal, false, NULL, NULL, &j, &err),
                         NDR_E_SYNTAX);
    }
    box_end(&b);
}

static void
test_nothing(void **state)
{
    (void)state;
    box b;
    ndr_journal *j = NULL;
    ndr_error err = {0};
    size_t runs = 7;
    struct stat st;
    box_begin(&b);
    assert_int_equal(ndr_journal_open(b.journal, false, NULL, NULL, &j, &err), 0);
    (void)ndr_journal_runs(j, &runs);
    assert_int_equal(runs, 0);
    ndr_journal_close(j);
    assert_int_equal(stat(b.journal, &st), -1); /* asking makes nothing */
    box_end(&b);
}

static void
test_named(void **state)
{
    (void)state;
    box b;
    ndr_journal *j = NULL;
    ndr_error err = {0};
    box_begin(&b);
    write_run(&b, "20080513T080000Z-4",
              (const char *[]){"ndrscan-journal 1 apply 1 0", "tree relative", NULL}, "");
    assert_int_equal(ndr_journal_open(b.journal, true, NULL, NULL, &j, &err),
                     NDR_E_DAMAGED);
    assert_non_null(strstr(err.text, "20080513T080000Z-4.run"));
    assert_non_null(strstr(err.text, "line 2"));
    box_end(&b);
}

/* Sequences go on, and are never used twice, also when a run's file is empty. */
static void
test_sequence(void **state)
{
    (void)state;
    box b;
    size_t runs = 0;
    box_begin(&b);
    write_run(&b, "20080513T080000Z-9", (const char *[]){NULL}, "torn first line");
    write_run(&b, "notes-x", (const char *[]){NULL}, "somebody's file");
    box_put(&b, "cur/1.a:2,S", "one");
    box_open(&b, "apply", 0, ".Junk");
    box_out(&b, "cur/1.a:2,S");
    box_close(&b, true);
    ndr_journal *j = NULL;
    ndr_error err = {0};
    assert_int_equal(ndr_journal_open(b.journal, false, NULL, NULL, &j, &err), 0);
    const ndr_journal_run *run = ndr_journal_runs(j, &runs);
    assert_int_equal(runs, 1);
    assert_int_equal(run->sequence, 10);
    assert_true(run->ended);
    ndr_journal_close(j);
    box_end(&b);
}

int
main(void)
{
    ADD_ROWS(rows, test_settle);
    ADD_ROWS(aways, test_unseen);
    ADD_ROWS(places, test_place);
    add_test("one run at a time holds the journal; reading needs no lock", test_lock);
    add_test("a journal that others may write is refused", test_writable);
    add_test("a journal that is not there is empty, and stays not there", test_nothing);
    add_test("damage is told with file and line", test_named);
    add_test("a sequence is never used again", test_sequence);
    return run_added("journal");
}
