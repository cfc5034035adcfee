/* SPDX-License-Identifier: BSD-3-Clause */
/* page_cache.c - see page_cache.h. Source: mincore(2), posix_fadvise(2), proc(5) on
 * MemAvailable, cachestat(2). */
#define _DEFAULT_SOURCE /* mincore, syscall */

#include "page_cache.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Memory that can be had without swapping; UINT64_MAX where nobody tells. */
static uint64_t
available_bytes(void)
{
    FILE *f = fopen("/proc/meminfo", "re");
    if (f == NULL)
        return UINT64_MAX;
    char line[128];
    unsigned long long kib;
    uint64_t got = UINT64_MAX;
    while (got == UINT64_MAX && fgets(line, sizeof line, f) != NULL)
        if (sscanf(line, "MemAvailable: %llu kB", &kib) == 1)
            got = (uint64_t)kib * 1024;
    (void)fclose(f); /* was only read */
    return got;
}

void
ndr_page_cache_init(ndr_page_cache *c, uint64_t limit_bytes)
{
    const uint64_t available = limit_bytes == 0 ? available_bytes() : UINT64_MAX;
    c->limit_bytes = limit_bytes != 0          ? limit_bytes
                     : available != UINT64_MAX ? available / 2
                                               : UINT64_MAX;
    atomic_init(&c->cold, 0);
}

bool
ndr_page_cache_is_full(ndr_page_cache *c, uint64_t bytes)
{
    return atomic_fetch_add(&c->cold, bytes) + bytes > c->limit_bytes;
}

uint64_t
ndr_page_cache_left(const ndr_page_cache *c)
{
    const uint64_t cold = atomic_load(&c->cold);
    return c->limit_bytes == UINT64_MAX ? UINT64_MAX
           : cold < c->limit_bytes      ? c->limit_bytes - cold
                                        : 1;
}

void
ndr_fetcher_begin(ndr_fetcher *f, int fd, uint64_t file_bytes)
{
    *f = (ndr_fetcher){.fd = fd, .file_bytes = file_bytes, .map_first = UINT64_MAX};
}

/* Mark the cold blocks of what is mapped; `in` holds a byte a page. */
static void
mark(ndr_fetcher *f, const unsigned char *in, size_t pages, size_t page_bytes)
{
    for (size_t i = 0; i < pages; i++) {
        const size_t block = i * page_bytes / NDR_FETCH_BLOCK_BYTES;
        if ((in[i] & 1) == 0)
            f->map[block / 64] |= UINT64_C(1) << block % 64;
    }
}

/* Look at the blocks from `first` on, none of which was read or asked for yet. */
static void
look(ndr_fetcher *f, uint64_t first)
{
    enum {
        LEAST_PAGE_BYTES = 4096,
        MAP_BYTES = NDR_FETCH_BLOCK_BYTES * NDR_FETCH_MAP_BLOCKS
    };
    unsigned char in[MAP_BYTES / LEAST_PAGE_BYTES];
    const uint64_t from = first * NDR_FETCH_BLOCK_BYTES, left = f->file_bytes - from;
    const size_t n = left < MAP_BYTES ? (size_t)left : (size_t)MAP_BYTES;
    const long asked = sysconf(_SC_PAGESIZE);
    const size_t page_bytes =
        asked > LEAST_PAGE_BYTES ? (size_t)asked : (size_t)LEAST_PAGE_BYTES;
    f->map_first = first;
    for (size_t i = 0; i < sizeof f->map / sizeof f->map[0]; i++)
        f->map[i] = 0;
    void *at = mmap(NULL, n, PROT_READ, MAP_SHARED, f->fd, (off_t)from);
    if (at == MAP_FAILED)
        return;
    if (mincore(at, n, in) == 0)
        mark(f, in, (n + page_bytes - 1) / page_bytes, page_bytes);
    (void)munmap(at, n); /* what was mapped above */
}

static bool
is_cold(ndr_fetcher *f, uint64_t block)
{
    const uint64_t first = block - block % NDR_FETCH_MAP_BLOCKS;
    if (f->map_first != first)
        look(f, first);
    return (f->map[block % NDR_FETCH_MAP_BLOCKS / 64] >> block % 64 & 1) != 0;
}

/* The kernel gives no more to one advice than the device takes in one request or its
 * readahead does, 128 KiB on many: so what it may have left out is asked for again. */
void
ndr_page_cache_ask(int fd, uint64_t at, uint64_t bytes)
{
    enum { SURE_BYTES = 1 << 17 };
    (void)posix_fadvise(fd, (off_t)at, (off_t)bytes, POSIX_FADV_WILLNEED); /* advice */
    for (uint64_t asked = SURE_BYTES; asked < bytes; asked += SURE_BYTES)
        (void)posix_fadvise(fd, (off_t)(at + asked), SURE_BYTES, POSIX_FADV_WILLNEED);
}

bool
ndr_fetcher_at(ndr_fetcher *f, uint64_t at)
{
    const uint64_t block = at / NDR_FETCH_BLOCK_BYTES;
    while (f->next <= block + NDR_FETCH_LEAD_BLOCKS &&
           f->next * NDR_FETCH_BLOCK_BYTES < f->file_bytes) {
        const uint64_t from = f->next * NDR_FETCH_BLOCK_BYTES;
        const bool cold = is_cold(f, f->next);
        f->recent = f->recent << 1 | cold;
        f->next++;
        if (cold)
            ndr_page_cache_ask(f->fd, from, NDR_FETCH_BLOCK_BYTES);
    }
    if (block >= f->next || f->next - 1 - block >= 64)
        return false;
    return (f->recent >> (f->next - 1 - block) & 1) != 0;
}

int
ndr_page_cache_is_cold(int fd, uint64_t bytes)
{
#ifndef SYS_cachestat
    enum { SYS_cachestat = 451 }; /* on every machine, since Linux 6.5 */
#endif
    struct {
        uint64_t at, bytes;
    } range = {0, bytes};
    struct {
        uint64_t cached, dirty, writeback, evicted, recently_evicted;
    } told;
    if (syscall(SYS_cachestat, fd, &range, &told, 0U) != 0)
        return -1;
    const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    return told.cached < (bytes + page - 1) / page;
}

void
ndr_page_cache_drop(int fd, uint64_t at, uint64_t bytes)
{
    (void)posix_fadvise(fd, (off_t)at, (off_t)bytes, POSIX_FADV_DONTNEED); /* advice */
}
