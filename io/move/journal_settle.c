/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * journal_settle.c - what became of the messages that a broken run had in flight?
 *
 * Only a message that is seen tells: under its new name it was moved, under its old one
 * it was not. One that is seen nowhere is noted as gone, and still looked for by undo;
 * and where its Maildir is not there (not mounted, say), nothing is noted at all.
 */
#include "journal.h"
#include "tree.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LOOKS = 2 };

/* By exact name, since two names may share an inode. 1: seen, and m->state says where; 0;
 * or an ndr_code. */
static int
look_by_name(ndr_tree *t, ndr_move *m, const char *rel, enum ndr_move_state state,
             ndr_mail_folder **ret, const char **ret_name, ndr_error *err)
{
    char text[512];
    int half;
    uint64_t inode;
    if (!ndr_name_split(rel, text, &half, ret_name))
        return ndr_fail(err, NDR_E_DAMAGED, "journal names '%s'", rel);
    *ret = ndr_tree_folder(t, text);
    if (*ret == NULL && errno != ENOENT)
        return ndr_fail(err, NDR_E_SYS, "look into '%s/%s'", t->path, text);
    if (*ret == NULL || (*ret)->fd[half] < 0)
        return 0;
    (*ret)->dirty[half] = true; /* what is found is put on the disk */
    if (ndr_folder_stat(*ret, half, *ret_name, &inode) != 0)
        return errno == ENOENT || errno == ELOOP || errno == EINVAL
                   ? 0
                   : ndr_fail(err, NDR_E_SYS, "look for '%s/%s'", t->path, rel);
    if (inode != m->inode)
        return 0;
    m->state = state;
    return 1;
}

/* Where is the message of an open move? 0 and its state; errors leave it open. */
static int
look(ndr_tree *t, ndr_move *m, ndr_error *err)
{
    static const enum ndr_move_state state[2] = {NDR_MOVE_DONE, NDR_MOVE_NOT};
    const char *rel[2] = {m->to, m->from};
    ndr_mail_folder *folder[2];
    const char *name[2];
    for (int i = 0; i < 2; i++) {
        const int seen = look_by_name(t, m, rel[i], state[i], &folder[i], &name[i], err);
        if (seen != 0)
            return seen > 0 ? 0 : seen;
    }
    /* a name that changes while a folder is listed can hide: look again */
    for (int i = 0; i < 2 * LOOKS; i++) {
        int half;
        const int at = i % 2;
        if (i == 2)
            ndr_tree_refresh(t);
        if (folder[at] == NULL)
            continue;
        const int code = ndr_folder_index(folder[at], err);
        if (code != 0)
            return code;
        if (ndr_folder_find(folder[at], name[at], m->inode, &half) != NULL) {
            m->state = state[at];
            return 0;
        }
        if (errno != ENOENT)
            return ndr_fail(err, NDR_E_SYS, "look for '%s/%s'", t->path, rel[at]);
    }
    m->state = NDR_MOVE_GONE;
    return 0;
}

/* Have the Maildir of a move open. False: it cannot be looked at now. A code in *ret ends
 * it. */
static bool
have_tree(ndr_tree *t, const ndr_journal_run *run, const ndr_move *m, int *ret,
          ndr_error *why, ndr_error *err)
{
    const char *path = run->tree[m->tree];
    if (t->fd < 0 || strcmp(t->path, path) != 0) {
        *ret = t->fd >= 0 ? ndr_tree_sync(t, err) : 0;
        ndr_tree_close(t);
        if (*ret != 0 || ndr_tree_open(t, path, false, why) != 0)
            return false;
    }
    if (ndr_tree_is(t, &run->place[m->tree]))
        return true;
    (void)ndr_fail(why, NDR_E_SYNTAX, "'%s': " NDR_OTHER_PLACE, path);
    return false;
}

static void
write_state(const ndr_move *m, ndr_buffer *lines)
{
    char text[64];
    const unsigned long long n = m->number;
    if (m->state == NDR_MOVE_DONE)
        (void)snprintf(text, sizeof text, "done %llu %llu", n, n);
    else
        (void)snprintf(text, sizeof text, "%s %llu",
                       m->state == NDR_MOVE_NOT ? "not" : "gone", n);
    ndr_journal_line(lines, ndr_slice_of(text));
}

static int
write_states(const ndr_journal *j, const ndr_journal_run *run, const ndr_buffer *lines,
             ndr_error *err)
{
    if (lines->failed)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for the journal");
    const int fd = ndr_journal_reopen(j, run->id, err);
    if (fd < 0)
        return err != NULL ? err->code : NDR_E_SYS;
    int code = ndr_journal_add(fd, (ndr_slice){lines->ptr, lines->len}, true, err);
    if (close(fd) != 0 && code == 0)
        code = ndr_fail(err, NDR_E_SYS, "write run '%s' of the journal", run->id);
    return code;
}

int
ndr_journal_settle(ndr_journal *j, ndr_journal_run *run,
                   void (*warn)(void *, const char *), void *ctx, ndr_error *err)
{
    ndr_buffer lines = {0};
    ndr_tree t = {.fd = -1};
    ndr_error why = {0};
    int code = 0;
    size_t unseen = 0;
    for (size_t i = 0; i < run->move_count && code == 0; i++) {
        ndr_move *m = &run->move[i];
        if (m->state != NDR_MOVE_OPEN)
            continue;
        if (have_tree(&t, run, m, &code, &why, err) && look(&t, m, &why) == 0)
            write_state(m, &lines);
        else
            unseen++;
    }
    if (code == 0 && t.fd >= 0)
        code = ndr_tree_sync(&t, err);
    ndr_tree_close(&t);
    if (code == 0 && (lines.len > 0 || lines.failed))
        code = write_states(j, run, &lines, err);
    ndr_buffer_free(&lines);
    if (unseen > 0 && warn != NULL) {
        char text[700];
        (void)snprintf(text, sizeof text,
                       "run %s was broken off and %zu of its messages cannot be looked "
                       "for yet: %s",
                       run->id, unseen, why.text);
        warn(ctx, text);
    }
    return code;
}
