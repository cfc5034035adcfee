/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ahead.h - which files of a cold folder are in memory before a worker asks for them?
 *
 * Where neither inodes nor bytes of a folder's files are in memory, whoever opens and
 * reads them in turn waits for the disk twice a file. So a crew of threads, many more
 * than there are CPUs, goes through the names before the workers: a run of up to 2,048
 * names after the other, each run in the order of inodes, as a file system lays them.
 * What fits into the front is handed to the worker, who then opens nothing; of a longer
 * file the front is in the page cache. What a worker asks for before the crew came to it,
 * it reads itself: nobody waits for what was not begun. The crew stays at most some runs
 * ahead, and what it holds within its budget.
 *
 * On a mount of another machine each step of a file is a way there and back: more threads
 * go, they hold longer files whole, so that a worker need not open them again, and ask
 * for more of what is longer still.
 *
 * Warm folders are left alone: a few names of each are asked for first, without waiting.
 * Threads and not io_uring: in the same order they read as fast (bench/limits), and they
 * are there where a container refuses a ring.
 */
#ifndef NDR_AHEAD_H
#define NDR_AHEAD_H

#include "codec/page_cache.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    NDR_AHEAD_READERS = 32,           /* threads, where nothing else is said */
    NDR_AHEAD_FRONT_BYTES = 1 << 16,  /* of a file that are read */
    NDR_AHEAD_RUN_NAMES = 2048,       /* read in the order of their inodes */
    NDR_AHEAD_BUDGET_BYTES = 1 << 24, /* held for workers, at most */
    /* where files are on another machine, which each step of a file waits for: */
    NDR_AHEAD_FAR_TIMES = 2,         /* so many times the threads, */
    NDR_AHEAD_FAR_BYTES = 1 << 18,   /* longer files are held, */
    NDR_AHEAD_ASKED_BYTES = 1 << 20, /* and so much of what is longer still is asked for */
};

typedef struct ndr_ahead ndr_ahead;
typedef struct ndr_ahead_folder ndr_ahead_folder;

/* A name, and the number of its inode as the folder's listing said. */
typedef struct ndr_found_name {
    const char *name;
    uint64_t inode;
} ndr_found_name;

/* All of a regular file. */
typedef struct ndr_read_file {
    unsigned char *bytes; /* to be freed by who took it */
    size_t len;
    int64_t mtime;
    bool cold; /* some of it was not in the page cache */
} ndr_read_file;

/* No thread is begun before a cold folder is met. `cache` says when to drop what was
 * cold; it is borrowed. NULL: no memory. Thread: fill, as for all that follows where
 * nothing else is said. */
ndr_ahead *ndr_ahead_new(unsigned readers, ndr_page_cache *cache);
/* All folders are to be left before. NULL allowed. */
void ndr_ahead_free(ndr_ahead *a);

/*
 * Begin with the names of the folder that is open as `dir`, or with paths and AT_FDCWD,
 * if they look cold; the caller will take each of them, in this order. `named`: the
 * operator named them: links are followed, and what is no file is not opened. Takes
 * nothing over: `dir` and the names are to stay until the last reference is gone, which
 * calls done(of). NULL: there is nothing to gain, or no memory; all is read by the
 * workers then, and done is not called.
 */
ndr_ahead_folder *
ndr_ahead_begin(ndr_ahead *a, int dir, const ndr_found_name *name, size_t count,
                bool named, void (*done)(void *of), void *of);
/* Thread: any. */
ndr_ahead_folder *ndr_ahead_ref(ndr_ahead_folder *f);
void ndr_ahead_unref(ndr_ahead_folder *f); /* NULL allowed */
/*
 * Take name `at`, once: true when it was read whole, and what is in it is the caller's.
 * Waits for a read that was begun. Only regular files are read: false says no more than
 * that the caller is to open it, and whether what was read of it was cold. Thread:
 * any.
 */
bool ndr_ahead_take(ndr_ahead_folder *f, size_t at, ndr_read_file *ret);
/* Nobody will ask for name `at`: the same, and what was read goes. NULL folder allowed.
 */
void ndr_ahead_pass_over(ndr_ahead_folder *f, size_t at);
/* The size of name `at` if the crew has looked at it, which is waited for where that was
 * begun. It can still be taken. Thread: any. */
bool ndr_ahead_size(ndr_ahead_folder *f, size_t at, uint64_t *ret_bytes);

#endif
