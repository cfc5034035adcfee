/* SPDX-License-Identifier: BSD-3-Clause */
#include "maildir_box.h"

#include <stdint.h>

/* What happens to two messages that run 1 moved to Junk; then a third run, the last. */
enum story {
    STORY_THERE,      /* both lie in Junk */
    STORY_FLAGGED,    /* so they do, under names with other flags */
    STORY_DELETED,    /* their user deleted them */
    STORY_ONE_BACK,   /* run 2 put one of them back */
    STORY_BACK,       /* run 2 put back both */
    STORY_BACK_GONE,  /* and their user deleted them */
    STORY_BACK_OLD,   /* and their user moved one to another folder */
    STORY_DELETED_ONE /* one was deleted */
};

static const struct row {
    const char *why;
    enum story story;
    int away; /* the Maildir is not there: 1 nothing is, 2 another one */
    bool dry;
    int64_t before;
    size_t want; /* bits of the sequences that stay */
} rows[] = {
    {"a run whose messages lie in Junk stays", STORY_THERE, 0, false, INT64_MAX, 0xa},
    {"flags that changed do not hide them", STORY_FLAGGED, 0, false, INT64_MAX, 0xa},
    {"a run whose messages were deleted goes", STORY_DELETED, 0, false, INT64_MAX, 0x8},
    {"one message in Junk is enough to stay", STORY_DELETED_ONE, 0, false, INT64_MAX,
     0xa},
    {"a run that was undone goes, the undo stays with what it put back", STORY_BACK, 0,
     false, INT64_MAX, 0xc},
    {"when that is deleted the undo goes too", STORY_BACK_GONE, 0, false, INT64_MAX, 0x8},
    {"in another folder it is there still", STORY_BACK_OLD, 0, false, INT64_MAX, 0xc},
    {"an undo stays as long as what it put back a part of", STORY_ONE_BACK, 0, false,
     INT64_MAX, 0xe},
    {"while the Maildir is away its runs stay", STORY_DELETED, 1, false, INT64_MAX, 0xa},
    {"so they do while another Maildir is in its place", STORY_THERE, 2, false, INT64_MAX,
     0xa},
    {"without anything in Junk the Maildir need not be there, but for the undo",
     STORY_BACK_GONE, 1, false, INT64_MAX, 0xc},
    {"a dry run removes nothing", STORY_BACK, 0, true, INT64_MAX, 0xe},
    {"what is young stays", STORY_BACK, 0, false, 1, 0xe},
};

static void
count_told(void *ctx, const ndr_journal_run *run, const char *kept)
{
    size_t *gone = ctx;
    if (kept == NULL)
        *gone |= (size_t)1 << run->sequence;
}

static size_t
sequences(const box *b)
{
    ndr_journal *j = NULL;
    ndr_error err = {0};
    size_t runs = 0, bits = 0;
    assert_int_equal(ndr_journal_open(b->journal, false, NULL, NULL, &j, &err), 0);
    const ndr_journal_run *run = ndr_journal_runs(j, &runs);
    for (size_t i = 0; i < runs; i++)
        bits |= (size_t)1 << run[i].sequence;
    ndr_journal_close(j);
    return bits;
}

static void
put_back_one(box *b)
{
    size_t runs = 0;
    ndr_error err = {0};
    box_open(b, "apply", 0, ".Junk");
    ndr_journal_run *run = ndr_journal_runs(b->j, &runs);
    assert_int_equal(ndr_mover_reverse(b->m, &run[0], &run[0].move[0],
                                       &(ndr_move_note){.why = "test"}, false, &err),
                     1);
    box_close(b, true);
}

static void
tell_story(box *b, enum story story)
{
    char path[512], to[512];
    box_put(b, "cur/1.a:2,S", "one");
    box_put(b, "cur/2.a:2,S", "two");
    box_open(b, "apply", 0, ".Junk");
    box_out(b, "cur/1.a:2,S");
    box_out(b, "cur/2.a:2,S");
    box_close(b, true);
    if (story == STORY_ONE_BACK)
        put_back_one(b);
    else if (story == STORY_BACK || story == STORY_BACK_GONE || story == STORY_BACK_OLD)
        box_undo(b, 1);
    else
        box_undo(b, 99); /* a run 2 that moves nothing */
    if (story == STORY_FLAGGED)
        for (int i = 1; i <= 2; i++) {
            char from_rel[32], to_rel[32];
            (void)snprintf(from_rel, sizeof from_rel, ".Junk/cur/%d.a:2,S", i);
            (void)snprintf(to_rel, sizeof to_rel, ".Junk/cur/%d.a:2,FRS", i);
            assert_int_equal(rename(box_path(b, from_rel, path), box_path(b, to_rel, to)),
                             0);
        }
    if (story == STORY_DELETED || story == STORY_DELETED_ONE)
        assert_int_equal(unlink(box_path(b, ".Junk/cur/1.a:2,S", path)), 0);
    if (story == STORY_BACK_GONE || story == STORY_BACK_OLD)
        assert_int_equal(unlink(box_path(b, "cur/1.a:2,S", path)), 0);
    if (story == STORY_BACK_GONE)
        assert_int_equal(unlink(box_path(b, "cur/2.a:2,S", path)), 0);
    if (story == STORY_BACK_OLD) {
        box_folder(b, ".Old");
        assert_int_equal(rename(box_path(b, "cur/2.a:2,S", path),
                                box_path(b, ".Old/cur/2.a:2,FS", to)),
                         0);
    }
    if (story == STORY_DELETED)
        assert_int_equal(unlink(box_path(b, ".Junk/cur/2.a:2,S", path)), 0);
    box_undo(b, 99);
}

static void
test_prune(void **state)
{
    const struct row *r = *state;
    box b;
    char away[128], second[128];
    size_t gone = 0;
    ndr_error err = {0};
    ndr_journal *j = NULL;
    box_begin(&b);
    tell_story(&b, r->story);
    const size_t all = sequences(&b);
    assert_int_equal(all, 0xe);
    (void)snprintf(away, sizeof away, "%s/away", b.top);
    (void)snprintf(second, sizeof second, "%s/second", b.top);
    if (r->away != 0)
        assert_int_equal(rename(b.maildir, away), 0);
    if (r->away == 2)
        box_folder(&b, "");
    assert_int_equal(ndr_journal_open(b.journal, !r->dry, NULL, NULL, &j, &err), 0);
    assert_int_equal(ndr_journal_prune(j, r->before, r->dry, count_told, &gone, &err), 0);
    ndr_journal_close(j);
    if (r->away == 2)
        assert_int_equal(rename(b.maildir, second), 0);
    if (r->away != 0)
        assert_int_equal(rename(away, b.maildir), 0);
    assert_int_equal(sequences(&b), r->want);
    if (!r->dry)
        assert_int_equal(gone, all & ~r->want);
    box_end(&b);
}

static void
test_after(void **state)
{
    (void)state;
    box b;
    size_t gone = 0;
    ndr_error err = {0};
    ndr_journal *j = NULL;
    box_begin(&b);
    tell_story(&b, STORY_ONE_BACK);
    assert_int_equal(ndr_journal_open(b.journal, true, NULL, NULL, &j, &err), 0);
    assert_int_equal(ndr_journal_prune(j, INT64_MAX, false, count_told, &gone, &err), 0);
    ndr_journal_close(j);
    box_undo(&b, 1);
    assert_true(box_has(&b, "cur/1.a:2,S", "one"));
    assert_true(box_has(&b, "cur/2.a:2,S", "two"));
    assert_int_equal(sequences(&b), 0x1e); /* 4 is new */
    box_end(&b);
}

static void
test_unwritable(void **state)
{
    (void)state;
    box b;
    size_t gone = 0;
    ndr_error err = {0};
    ndr_journal *j = NULL;
    box_begin(&b);
    tell_story(&b, STORY_BACK);
    assert_int_equal(ndr_journal_open(b.journal, true, NULL, NULL, &j, &err), 0);
    char path[160];
    (void)snprintf(path, sizeof path, "%s/%s.run", b.journal,
                   ndr_journal_runs(j, &(size_t){0})[0].id);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0); /* what stands there is no file */
    assert_true(ndr_journal_prune(j, INT64_MAX, false, count_told, &gone, &err) < 0);
    assert_non_null(strstr(err.text, "-1.run"));
    assert_int_equal(gone, 0); /* nothing newer goes before it */
    ndr_journal_close(j);
    box_end(&b);
}

int
main(void)
{
    ADD_ROWS(rows, test_prune);
    add_test("what is left can still be undone, and numbers go on", test_after);
    add_test("where the oldest cannot be removed no other is", test_unwritable);
    return run_added("journal_prune");
}
