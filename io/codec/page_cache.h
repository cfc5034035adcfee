/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * page_cache.h - what of a file is in the page cache, and what may go out of it again?
 *
 * A heap that is larger than memory, read once from end to end, drives out what others
 * read every day. So what was found cold is given up again once it was read, when so much
 * of it has been read that memory gets short; what others had read stays. What is cold
 * is also asked for before its turn, so that the disk works while bytes are scanned.
 */
#ifndef NDR_PAGE_CACHE_H
#define NDR_PAGE_CACHE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* How much may stay that was not there before; of a run. */
typedef struct ndr_page_cache {
    uint64_t limit_bytes;       /* cold bytes that may be read before they are dropped */
    atomic_uint_least64_t cold; /* bytes that were read so far and had been cold */
} ndr_page_cache;

/* `limit_bytes`: UINT64_MAX: all stays; 0: half of the memory that is available now. */
void ndr_page_cache_init(ndr_page_cache *c, uint64_t limit_bytes);
/* Bytes that had been cold have been read: are they to be dropped? Thread: any. */
bool ndr_page_cache_is_full(ndr_page_cache *c, uint64_t bytes);

/* What may still be read that had been cold before it is dropped; never 0. Thread: any.
 */
uint64_t ndr_page_cache_left(const ndr_page_cache *c);

enum {
    NDR_FETCH_BLOCK_BYTES = 1 << 20,
    NDR_FETCH_LEAD_BLOCKS = 8,  /* asked for behind the one that is read */
    NDR_FETCH_MAP_BLOCKS = 256, /* looked at together */
};

/* Asks for a file that is read from its front to its end. */
typedef struct ndr_fetcher {
    int fd; /* borrowed */
    uint64_t file_bytes;
    uint64_t next;   /* block to be asked for */
    uint64_t recent; /* was it cold? of the 64 blocks before that, the last one lowest */
    uint64_t map_first; /* the block that the first bit of `map` stands for */
    uint64_t map[NDR_FETCH_MAP_BLOCKS / 64]; /* some of the block is not in memory */
} ndr_fetcher;

void ndr_fetcher_begin(ndr_fetcher *f, int fd, uint64_t file_bytes);
/*
 * Byte `at` will be read soon: asks for its block and those behind it, as far as they
 * are not in memory, without waiting. Was its block not wholly in memory before? False,
 * too, where that cannot be known: the file is another's, or cannot be mapped.
 */
bool ndr_fetcher_at(ndr_fetcher *f, uint64_t at);

/* Have bytes that are not in memory come there, without waiting. Thread: any. */
void ndr_page_cache_ask(int fd, uint64_t at, uint64_t bytes);

/* Is some of the first `bytes` of the file, at least one, not in memory? Where the system
 * cannot tell without reading, -1. Thread: any. */
int ndr_page_cache_is_cold(int fd, uint64_t bytes);

/* Have whole pages of these bytes dropped; 0 `bytes`: to the end of the file. */
void ndr_page_cache_drop(int fd, uint64_t at, uint64_t bytes);

#endif
