/* SPDX-License-Identifier: BSD-3-Clause */
/* test_page_cache.c - what is asked for before it is read, and what goes out again */
#define _DEFAULT_SOURCE /* mincore, syscall */

#include "codec/page_cache.h"

#include "drive.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>

enum { MIB = 1 << 20, BLOCKS = 20, STEP = MIB / 8 };

/* Where what is asked for begins, in steps, and what is said not to be needed. */
static bool asked[BLOCKS * MIB / STEP], dropped[BLOCKS * MIB / STEP];

/* In place of the system's: what is said is noted before. */
int
posix_fadvise(int fd, off_t at, off_t bytes, int advice)
{
    if (advice == POSIX_FADV_WILLNEED && at % STEP == 0 && at < BLOCKS * MIB)
        asked[at / STEP] = true;
    if (advice == POSIX_FADV_DONTNEED)
        for (off_t i = at / STEP;
             i < BLOCKS * MIB / STEP && (bytes == 0 || i * STEP < at + bytes); i++)
            dropped[i] = true;
    return syscall(SYS_fadvise64, fd, at, bytes, advice) == 0 ? 0 : errno;
}

/* A file in the working folder (scratch files lie in memory), of whole MiB. */
typedef struct box {
    char path[32];
    int fd;
    size_t bytes;
} box;

static const char letter[] = "From a@example.com Tue May 13 10:00:00 2008\nSubject: b\n\n"
                             "A line of text.\n\n";

static void
chill(const box *b)
{
    assert_int_equal(fsync(b->fd), 0);
    assert_int_equal(posix_fadvise(b->fd, 0, 0, POSIX_FADV_DONTNEED), 0);
}

/* What a test that failed left behind. */
static char left[32];

static void
make_box(box *b, size_t blocks)
{
    (void)unlink(left);
    *b = (box){.path = "pages-XXXXXX", .bytes = blocks * MIB};
    b->fd = mkstemp(b->path);
    memcpy(left, b->path, sizeof left);
    assert_true(b->fd >= 0);
    char *text = malloc(b->bytes + sizeof letter);
    assert_non_null(text);
    for (size_t at = 0; at < b->bytes; at += sizeof letter - 1)
        memcpy(text + at, letter, sizeof letter - 1);
    assert_int_equal(write(b->fd, text, b->bytes), (ssize_t)b->bytes);
    free(text);
    chill(b);
}

static void
drop_box(const box *b)
{
    assert_int_equal(close(b->fd), 0);
    assert_int_equal(unlink(b->path), 0);
}

/* Of MiB `block`: how many of its pages are in memory, of how many? */
static size_t
pages_in(const box *b, size_t block, size_t *ret_pages)
{
    unsigned char in[MIB / 4096] = {0};
    const size_t page = (size_t)sysconf(_SC_PAGESIZE), pages = MIB / page;
    void *at = mmap(NULL, MIB, PROT_READ, MAP_SHARED, b->fd, (off_t)(block * MIB));
    assert_true(at != MAP_FAILED);
    assert_int_equal(mincore(at, MIB, in), 0);
    assert_int_equal(munmap(at, MIB), 0);
    size_t n = 0;
    for (size_t i = 0; i < pages; i++)
        n += in[i] & 1;
    *ret_pages = pages;
    return n;
}

static bool
is_in(const box *b, size_t block)
{
    size_t pages;
    return pages_in(b, block, &pages) == pages;
}

static bool
is_out(const box *b, size_t block)
{
    size_t pages;
    return pages_in(b, block, &pages) == 0;
}

static void
read_block(const box *b, size_t block)
{
    char *bytes = malloc(MIB);
    assert_non_null(bytes);
    assert_int_equal(pread(b->fd, bytes, MIB, (off_t)(block * MIB)), MIB);
    free(bytes);
}

/* Does this file system let go of what it read? */
static bool
can_be_cold(const box *b)
{
    if (is_out(b, 0) && is_out(b, BLOCKS - 1))
        return true;
    print_message("not asked: files stay in memory here\n");
    return false;
}

static void
fetch_test(void **state)
{
    (void)state;
    box b;
    make_box(&b, BLOCKS);
    if (can_be_cold(&b)) {
        read_block(&b, 3);
        assert_int_equal(posix_fadvise(b.fd, 4 * MIB, 0, POSIX_FADV_DONTNEED), 0);
        assert_int_equal(posix_fadvise(b.fd, 0, 3 * MIB, POSIX_FADV_DONTNEED), 0);
        ndr_fetcher f;
        ndr_fetcher_begin(&f, b.fd, b.bytes);
        assert_true(ndr_fetcher_at(&f, 0));
        for (size_t block = 0; block <= NDR_FETCH_LEAD_BLOCKS; block++)
            for (int i = 0; !is_in(&b, block); i++) {
                assert_true(i < 20000); /* it comes without anybody reading it */
                (void)usleep(1000);
            }
        for (size_t block = 0; block < BLOCKS; block++)
            assert_int_equal(ndr_fetcher_at(&f, block * MIB + 5), block != 3);
        assert_int_equal(f.next, BLOCKS);
        assert_false(ndr_fetcher_at(&f, b.bytes + 5 * MIB));
        for (size_t i = 0; i < BLOCKS * MIB / STEP; i++)
            assert_int_equal(asked[i], i * STEP / MIB != 3);
    }
    drop_box(&b);
}

static void
warm_test(void **state)
{
    (void)state;
    box b;
    make_box(&b, BLOCKS);
    for (size_t block = 0; block < BLOCKS; block++)
        read_block(&b, block);
    ndr_fetcher f;
    ndr_fetcher_begin(&f, b.fd, b.bytes);
    for (size_t block = 0; block < BLOCKS; block++)
        assert_false(ndr_fetcher_at(&f, block * MIB));
    ndr_fetcher_begin(&f, -1, b.bytes); /* nothing can be known */
    assert_false(ndr_fetcher_at(&f, 0));
    ndr_fetcher_begin(&f, b.fd, 0);
    assert_false(ndr_fetcher_at(&f, 0));
    drop_box(&b);
}

static void
full_test(void **state)
{
    (void)state;
    ndr_page_cache c;
    ndr_page_cache_init(&c, 100);
    assert_false(ndr_page_cache_is_full(&c, 60));
    assert_false(ndr_page_cache_is_full(&c, 40));
    assert_true(ndr_page_cache_is_full(&c, 1));
    assert_int_equal(ndr_page_cache_left(&c), 1);
    ndr_page_cache_init(&c, 100);
    assert_false(ndr_page_cache_is_full(&c, 60));
    assert_int_equal(ndr_page_cache_left(&c), 40);
    ndr_page_cache_init(&c, UINT64_MAX);
    assert_true(ndr_page_cache_left(&c) == UINT64_MAX);
    assert_false(ndr_page_cache_is_full(&c, UINT64_MAX / 2));
    ndr_page_cache_init(&c, 0); /* half of what there is */
    const uint64_t all =
        (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
    assert_true(c.limit_bytes > 0 && c.limit_bytes <= all / 2);
}

typedef struct drop_row {
    const char *it;
    uint64_t limit;
    bool stays;
} drop_row;

static const drop_row drop_rows[] = {
    {"what was cold goes once the limit is reached", 1, false},
    {"it stays where that was asked for", UINT64_MAX, true},
    {"it stays below half of the memory", 0, true},
};

static void
drop_test(void **state)
{
    const drop_row *row = *state;
    box b;
    make_box(&b, BLOCKS);
    const bool cold = can_be_cold(&b);
    read_block(&b, 5);
    const bool warm = is_in(&b, 5);
    if (cold)
        assert_int_equal(posix_fadvise(b.fd, 6 * MIB, 0, POSIX_FADV_DONTNEED), 0);
    const char *path = b.path;
    const ndr_input_opts opts = {NDR_SIZED(ndr_input_opts), .path = &path,
                                 .path_count = 1, .cold_limit_bytes = row->limit};
    memset(dropped, 0, sizeof dropped);
    free(drive_all(&opts, false, false));
    if (cold) {
        /* what stays is the kernel's to keep, so there is only held that nobody said more
         */
        assert_int_equal(dropped[1 * MIB / STEP], !row->stays);
        assert_int_equal(dropped[12 * MIB / STEP], !row->stays);
        assert_true(row->stays || !(is_in(&b, 1) || is_in(&b, 12)));
        if (warm) /* somebody else had read it */
            assert_false(dropped[5 * MIB / STEP]);
    }
    drop_box(&b);
}

int
main(void)
{
    add_test("what is cold is asked for, 8 MiB ahead, 128 KiB by 128 KiB", fetch_test);
    add_test("what is warm, or not to be known, is not", warm_test);
    add_test("it is full behind its limit", full_test);
    ADD_ROWS(drop_rows, drop_test);
    const int failed = run_added("page_cache");
    (void)unlink(left);
    return failed;
}
