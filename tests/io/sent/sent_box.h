/* SPDX-License-Identifier: BSD-3-Clause */
/* sent_box.h - sets in a folder of their own, for tests. */
#ifndef SENT_BOX_H
#define SENT_BOX_H

#include "harness.h"
#include "ndrscan_sent.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DAY = 86400 };
#define NOON INT64_C(1700049600) /* of 2023-11-15, day 19676 */

typedef struct sent_box {
    char root[64];
} sent_box;

static inline void
sent_box_begin(sent_box *b)
{
    (void)snprintf(b->root, sizeof b->root, "/tmp/ndr-sent-XXXXXX");
    assert_non_null(mkdtemp(b->root));
}

static inline const char *
sent_box_path(const sent_box *b, const char *name, char path[256])
{
    (void)snprintf(path, 256, "%s/%s", b->root, name);
    return path;
}

/* Remove a folder of files and folders of files. */
static inline void
sent_box_remove(int at, const char *folder)
{
    const int fd = openat(at, folder, O_RDONLY | O_DIRECTORY);
    DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
    const struct dirent *e;
    while (d != NULL && (e = readdir(d)) != NULL)
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 &&
            unlinkat(fd, e->d_name, 0) != 0)
            sent_box_remove(fd, e->d_name);
    if (d != NULL)
        (void)closedir(d);
    (void)unlinkat(at, folder, AT_REMOVEDIR);
}

static inline void
sent_box_end(sent_box *b)
{
    sent_box_remove(AT_FDCWD, b->root);
}

/* How many files of a set end in `suffix`; the last one's path, by name, into `path`. */
static inline size_t
sent_box_files(const sent_box *b, const char *set, const char *suffix, char path[512])
{
    char dir[256], best[256] = "";
    size_t n = 0;
    DIR *d = opendir(sent_box_path(b, set, dir));
    const struct dirent *e;
    while (d != NULL && (e = readdir(d)) != NULL) {
        const size_t len = strlen(e->d_name), s = strlen(suffix);
        if (len < s || strcmp(e->d_name + len - s, suffix) != 0)
            continue;
        n++;
        if (strcmp(e->d_name, best) > 0)
            (void)snprintf(best, sizeof best, "%s", e->d_name);
    }
    if (d != NULL)
        (void)closedir(d);
    (void)snprintf(path, 512, "%s/%s", dir, best);
    return n;
}

static inline ndr_sent_batch *
sent_box_open(const sent_box *b, const char *set, const char *machine)
{
    char dir[256];
    ndr_sent_batch *batch = NULL;
    ndr_error err = {0};
    if (ndr_sent_begin(sent_box_path(b, set, dir), machine, &batch, &err) != 0)
        fail_msg("%s", err.text);
    return batch;
}

static inline void
sent_put(ndr_sent_batch *batch, const char *id, const char *domain, const char *recipient,
         int64_t at)
{
    ndr_error err = {0};
    unsigned char *copy = exact_copy(id, strlen(id));
    const ndr_slice exact = {copy, strlen(id)};
    if (ndr_sent_add(batch, exact, ndr_slice_of(domain), ndr_slice_of(recipient), at,
                     &err) != 0)
        fail_msg("%s", err.text);
    free(copy);
}

static inline void
sent_commit(ndr_sent_batch *batch)
{
    ndr_error err = {0};
    if (ndr_sent_commit(batch, &err) != 0)
        fail_msg("%s", err.text);
}

/* Messages first..last, each to one recipient, in one commit. */
static inline void
sent_box_fill(const sent_box *b, const char *set, const char *machine, unsigned first,
              unsigned last, int64_t at)
{
    char id[64];
    ndr_sent_batch *batch = sent_box_open(b, set, machine);
    for (unsigned i = first; i <= last; i++) {
        (void)snprintf(id, sizeof id, "<%u@mx.example.com>", i);
        sent_put(batch, id, "example.com", "bob@example.org", at);
    }
    sent_commit(batch);
    ndr_sent_batch_free(batch);
}

/* What was told of segments that are left out. */
typedef struct sent_told {
    unsigned count;
    char file[256], text[512];
} sent_told;

static inline void
sent_tell(void *ctx, const char *file, const char *text)
{
    sent_told *t = ctx;
    t->count++;
    (void)snprintf(t->file, sizeof t->file, "%s", file);
    (void)snprintf(t->text, sizeof t->text, "%s", text);
}

static inline ndr_sent *
sent_box_ask(const sent_box *b, const char *set, sent_told *told)
{
    char dir[256];
    ndr_sent *s = NULL;
    ndr_error err = {0};
    *told = (sent_told){0};
    if (ndr_sent_open(sent_box_path(b, set, dir), sent_tell, told, &s, &err) != 0)
        fail_msg("%s", err.text);
    return s;
}

static inline enum ndr_sent_answer
sent_ask(const ndr_sent *s, const char *id, const char *domain, const char *recipient,
         int64_t at)
{
    return ndr_sent_ask(s, ndr_slice_of(id), ndr_slice_of(domain),
                        ndr_slice_of(recipient), at, NDR_SENT_DAYS);
}

/* How many of messages first..last are known with their recipient. */
static inline unsigned
sent_box_known(const sent_box *b, const char *set, unsigned first, unsigned last)
{
    char id[64];
    sent_told told;
    ndr_sent *s = sent_box_ask(b, set, &told);
    unsigned known = 0;
    for (unsigned i = first; i <= last; i++) {
        (void)snprintf(id, sizeof id, "%u@mx.example.com", i);
        known +=
            sent_ask(s, id, "example.com", "bob@example.org", NOON + DAY) == NDR_SENT_TO;
    }
    ndr_sent_close(s);
    return known;
}

#endif
