/* SPDX-License-Identifier: BSD-3-Clause */
/* maildir_box.h - a Maildir and a journal in a folder that goes away, for tests. */
#ifndef NDR_MAILDIR_BOX_H
#define NDR_MAILDIR_BOX_H

#include "harness.h"
#include "ndrscan_move.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct box {
    char top[64], maildir[80], journal[80];
    ndr_journal *j;
    ndr_mover *m;
    char told[4096]; /* "out from to\n", "left from: why\n" */
} box;

static inline char *
box_path(const box *b, const char *rel, char ret[512])
{
    (void)snprintf(ret, 512, "%s/%s", b->maildir, rel);
    return ret;
}

static inline void
box_folder(const box *b, const char *rel)
{
    char path[512], half[530];
    static const char *const part[] = {"", "/cur", "/new", "/tmp"};
    for (int i = 0; i < 4; i++) {
        (void)snprintf(half, sizeof half, "%s%s", box_path(b, rel, path), part[i]);
        assert_true(mkdir(half, 0700) == 0 || errno == EEXIST);
    }
}

static inline void
box_begin(box *b)
{
    *b = (box){.top = "/tmp/ndrscan-move-XXXXXX"};
    assert_non_null(mkdtemp(b->top));
    (void)snprintf(b->maildir, sizeof b->maildir, "%s/M", b->top);
    (void)snprintf(b->journal, sizeof b->journal, "%s/J", b->top);
    box_folder(b, "");
}

static inline void
box_put(const box *b, const char *rel, const char *content)
{
    char path[512];
    const int fd = open(box_path(b, rel, path), O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, strlen(content)), strlen(content));
    assert_int_equal(close(fd), 0);
}

static inline bool
box_has(const box *b, const char *rel, const char *content)
{
    char path[512], have[64] = "";
    const int fd = open(box_path(b, rel, path), O_RDONLY);
    if (fd < 0)
        return false;
    const ssize_t n = read(fd, have, sizeof have - 1);
    (void)close(fd);
    return n >= 0 && strcmp(have, content) == 0;
}

/* Messages in the folder's half `rel`. */
static inline size_t
box_count(const box *b, const char *rel)
{
    char path[512];
    DIR *dir = opendir(box_path(b, rel, path));
    size_t n = 0;
    for (struct dirent *e; dir != NULL && (e = readdir(dir)) != NULL;)
        n += e->d_name[0] != '.';
    if (dir != NULL)
        (void)closedir(dir);
    return n;
}

static inline void
box_tell(void *ctx, const ndr_moved *m)
{
    box *b = ctx;
    const size_t n = strlen(b->told);
    if (m->done)
        (void)snprintf(b->told + n, sizeof b->told - n, "%s %s %s\n",
                       m->kind == NDR_MOVE_OUT ? "out" : "back", m->from, m->to);
    else
        (void)snprintf(b->told + n, sizeof b->told - n, "left %s: %s\n", m->from, m->why);
}

/* Open journal and mover on the Maildir, and forget what was told. */
static inline void
box_open(box *b, const char *verb, uint64_t undoes, const char *junk)
{
    ndr_error err = {0};
    b->told[0] = '\0';
    assert_int_equal(ndr_journal_open(b->journal, true, NULL, NULL, &b->j, &err), 0);
    const ndr_mover_opts how = {NDR_SIZED(ndr_mover_opts), .journal = b->j,  .verb = verb,
                                .undoes = undoes,          .tell = box_tell, .ctx = b};
    assert_int_equal(ndr_mover_new(&how, &b->m, &err), 0);
    assert_int_equal(ndr_mover_tree(b->m, b->maildir, junk, &err), 0);
}

static inline void
box_close(box *b, bool end)
{
    ndr_error err = {0};
    if (end)
        assert_int_equal(ndr_mover_end(b->m, &err), 0);
    ndr_mover_free(b->m);
    ndr_journal_close(b->j);
    b->m = NULL;
    b->j = NULL;
}

static inline void
box_out(box *b, const char *rel)
{
    ndr_error err = {0};
    assert_int_equal(ndr_mover_out(b->m, rel, &(ndr_move_note){.why = "test"}, &err), 0);
}

/* Put back all that the run with this sequence moved. */
static inline void
box_undo(box *b, uint64_t sequence)
{
    ndr_error err = {0};
    box_open(b, "undo", sequence, ".Junk");
    size_t runs = 0;
    ndr_journal_run *run = ndr_journal_runs(b->j, &runs);
    for (size_t i = 0; i < runs; i++)
        for (size_t k = 0; run[i].sequence == sequence && k < run[i].move_count; k++)
            if (run[i].move[k].state == NDR_MOVE_DONE && !run[i].move[k].reversed)
                assert_true(ndr_mover_reverse(b->m, &run[i], &run[i].move[k],
                                              &(ndr_move_note){.why = "undone"}, false,
                                              &err) >= 0);
    box_close(b, true);
}

static inline void
box_end(box *b)
{
    char command[128];
    (void)snprintf(command, sizeof command, "chmod -R u+rwX '%s'; rm -rf '%s'", b->top,
                   b->top);
    assert_int_equal(system(command), 0);
}

#endif
