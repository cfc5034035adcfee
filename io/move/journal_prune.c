/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * journal_prune.c - which runs will nobody need any more?
 *
 * Old ones of which nothing lies in Junk, unless a run that stays speaks of them: what
 * says that a move was put back lasts as long as the move. A file goes whole, the oldest
 * first, so that what is left after a crash is what a shorter prune would have left.
 */
#include "journal.h"
#include "tree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LOOKS = 3 };

/* Is a message where its move put it? 1, 0, or an ndr_code when that cannot be told. */
static int
lies(ndr_tree *t, const ndr_move *m, ndr_error *err)
{
    char text[512];
    const char *name;
    int half;
    uint64_t inode;
    if (!ndr_name_split(m->to, text, &half, &name))
        return ndr_fail(err, NDR_E_DAMAGED, "journal names '%s'", m->to);
    ndr_mail_folder *f = ndr_tree_folder(t, text);
    if (f == NULL)
        return errno == ENOENT
                   ? 0
                   : ndr_fail(err, NDR_E_SYS, "look into '%s/%s'", t->path, text);
    if (f->fd[half] >= 0 && ndr_folder_stat(f, half, name, &inode) == 0 &&
        inode == m->inode)
        return 1;
    /* a name that changes while its folder is listed can hide: look again */
    for (int i = 0; i < LOOKS; i++) {
        f->indexed = f->indexed && i == 0;
        const int code = ndr_folder_index(f, err);
        if (code != 0)
            return code;
        if (ndr_folder_find(f, name, m->inode, &half) != NULL)
            return 1;
        if (errno != ENOENT)
            return ndr_fail(err, NDR_E_SYS, "look for '%s/%s'", t->path, m->to);
    }
    return 0;
}

/* Open the Maildir that a run worked in; another in its place does not do. */
static int
open_tree(ndr_tree *t, const ndr_journal_run *run, uint32_t at, ndr_error *err)
{
    ndr_tree_close(t);
    const int code = ndr_tree_open(t, run->tree[at], false, err);
    if (code != 0 || ndr_tree_is(t, &run->place[at]))
        return code;
    return ndr_fail(err, NDR_E_SYNTAX, "'%s': " NDR_OTHER_PLACE, run->tree[at]);
}

/* Whether a message that an undo put back is anywhere in its Maildir: there the decision
 * is needed. As lies. */
static int
is_held(ndr_tree *t, const ndr_move *m, ndr_error *err)
{
    char text[512];
    const char *name;
    int half;
    if (!ndr_name_split(m->to, text, &half, &name))
        return ndr_fail(err, NDR_E_DAMAGED, "journal names '%s'", m->to);
    return ndr_tree_holds(t, name, err);
}

/* Why a run is needed by itself; NULL: it is not. The words are static or in `err`. */
static const char *
needed(const ndr_journal_run *run, ndr_error *err)
{
    ndr_tree t = {.fd = -1};
    const char *why = NULL;
    uint32_t open = 0;
    for (size_t i = 0; i < run->move_count && why == NULL; i++) {
        const ndr_move *m = &run->move[i];
        if (m->state == NDR_MOVE_OPEN)
            why = "was broken off, and its messages have not been looked for yet";
        const bool out = m->kind == NDR_MOVE_OUT;
        if (m->state == NDR_MOVE_NOT || m->reversed || (!out && !run->decides))
            continue;
        int found = 0;
        if (t.fd < 0 || open != m->tree)
            found = open_tree(&t, run, m->tree, err);
        open = m->tree;
        if (found == 0)
            found = out ? lies(&t, m, err) : is_held(&t, m, err);
        if (found != 0)
            why = found < 0 ? err->text
                  : out     ? "what it moved to Junk is there"
                            : "what it put back is there, and is to stay";
    }
    ndr_tree_close(&t);
    return why;
}

static int
by_sequence(const void *key, const void *run)
{
    const uint64_t x = *(const uint64_t *)key;
    const uint64_t y = ((const ndr_journal_run *)run)->sequence;
    return x < y ? -1 : x > y;
}

/* Is there a run of that sequence, and does it stay? */
static bool
stays(const ndr_journal_run *all, size_t count, const bool *gone, uint64_t sequence)
{
    const ndr_journal_run *r =
        sequence == 0 ? NULL : bsearch(&sequence, all, count, sizeof *all, by_sequence);
    return r != NULL && !gone[r - all];
}

/* Whether run `at` says of a run that stays that it, or a move of it, was put back. */
static bool
speaks_of_kept(const ndr_journal_run *all, const bool *gone, size_t at)
{
    const ndr_journal_run *run = &all[at];
    if (stays(all, at, gone, run->undoes))
        return true;
    for (size_t k = 0; k < run->move_count; k++)
        if (stays(all, at, gone, run->move[k].of_run))
            return true;
    return false;
}

static int
remove_run(int folder, const char *id, ndr_error *err)
{
    char name[80];
    (void)snprintf(name, sizeof name, "%s.run", id);
    if (unlinkat(folder, name, 0) != 0 && errno != ENOENT)
        return ndr_fail(err, NDR_E_SYS, "remove '%s' from the journal", name);
    int rc;
    while ((rc = fsync(folder)) != 0 && errno == EINTR)
        ;
    return rc == 0 ? 0 : ndr_fail(err, NDR_E_SYS, "sync the journal's folder");
}

int
ndr_journal_prune(ndr_journal *j, int64_t before, bool dry_run,
                  void (*tell)(void *ctx, const ndr_journal_run *run, const char *kept),
                  void *ctx, ndr_error *err)
{
    size_t count = 0;
    const ndr_journal_run *run = ndr_journal_runs(j, &count);
    bool *gone = calloc(count + 1, sizeof *gone);
    if (gone == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for the journal");
    int code = 0;
    for (size_t i = 0; i < count && code == 0; i++) {
        ndr_error why = {0};
        if (run[i].begun >= before)
            continue;
        const char *kept = needed(&run[i], &why);
        if (kept == NULL && i + 1 == count)
            kept = "is the last one, after which the next is numbered";
        if (kept == NULL && speaks_of_kept(run, gone, i))
            kept = "put back what a run moved that stays";
        if (kept == NULL && !dry_run)
            code = remove_run(ndr_journal_folder(j), run[i].id, err);
        gone[i] = kept == NULL;
        if (code == 0)
            tell(ctx, &run[i], kept);
    }
    free(gone);
    return code;
}
