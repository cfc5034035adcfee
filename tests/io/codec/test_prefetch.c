/* SPDX-License-Identifier: BSD-3-Clause */
#include "codec/prefetch.h"

#include "drive.h"
#include "harness.h"
#include "packing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* Bytes that do not compress, the same for the same seed; every 64th ends a line. */
static unsigned char *
noise(size_t n, uint64_t seed)
{
    unsigned char *p = malloc(n + 1);
    assert_non_null(p);
    for (size_t i = 0; i < n; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        p[i] = i % 64 == 63 ? '\n' : (unsigned char)('0' + (seed >> 40) % 64);
    }
    return p;
}

/* A file without a name, read from its start. */
static int
file_of(const void *bytes, size_t n)
{
    char path[] = "prefetch-XXXXXX";
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(write(fd, bytes, n), (ssize_t)n);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static const size_t sizes[] = {0, 1, 131071, 131072, 131073, 8 * 131072, 3000001};

static void
all_sizes(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
        unsigned char *p = noise(sizes[k], k);
        const int fd = file_of(p, sizes[k]);
        ndr_prefetch *f = ndr_prefetch_new(fd, NULL);
        assert_non_null(f);
        const unsigned char *part;
        int64_t n;
        size_t at = 0;
        while ((n = ndr_prefetch_next(f, &part, NULL)) > 0) {
            assert_true((size_t)n <= sizes[k] - at);
            assert_memory_equal(part, p + at, (size_t)n);
            at += (size_t)n;
        }
        assert_int_equal(n, 0);
        assert_int_equal(ndr_prefetch_next(f, &part, NULL), 0);
        assert_int_equal(at, sizes[k]);
        ndr_prefetch_free(f);
        assert_int_equal(close(fd), 0);
        free(p);
    }
    ndr_prefetch_free(NULL);
}

static void
left_early(void **state)
{
    (void)state;
    enum { BYTES = 4 << 20 };
    unsigned char *p = noise(BYTES, 9);
    for (int parts = 0; parts < 12; parts++) {
        const int fd = file_of(p, BYTES);
        ndr_prefetch *f = ndr_prefetch_new(fd, NULL);
        assert_non_null(f);
        const unsigned char *part;
        for (int i = 0; i < parts; i++)
            assert_true(ndr_prefetch_next(f, &part, NULL) > 0);
        ndr_prefetch_free(f); /* while the thread reads, or waits for room */
        assert_int_equal(close(fd), 0);
    }
    free(p);
}

static void
failing(void **state)
{
    (void)state;
    const int fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(fd >= 0);
    ndr_prefetch *f = ndr_prefetch_new(fd, NULL);
    assert_non_null(f);
    const unsigned char *part;
    ndr_error err = {0};
    assert_int_equal(ndr_prefetch_next(f, &part, &err), NDR_E_SYS);
    assert_int_equal(ndr_prefetch_next(f, &part, &err), NDR_E_SYS);
    assert_int_equal(err.code, NDR_E_SYS);
    assert_non_null(strstr(err.text, "read"));
    ndr_prefetch_free(f);
    assert_int_equal(close(fd), 0);
}

/* ---- through the input ---- */

/* An mbox of some megabytes that do not compress. */
static unsigned char *
make_mbox(size_t *ret_n)
{
    enum { MESSAGES = 60, BODY = 60000 };
    ndr_buffer b = {0};
    for (int i = 0; i < MESSAGES; i++) {
        unsigned char *body = noise(BODY, (uint64_t)i + 100);
        ndr_buffer_printf(&b, "From a@b.example Tue May 13 09:31:02 2008\nX: %d\n\n", i);
        ndr_buffer_add(&b, (ndr_slice){body, BODY});
        ndr_buffer_text(&b, "\n\n");
        free(body);
    }
    assert_false(b.failed);
    *ret_n = b.len;
    return b.ptr;
}

typedef struct input_row {
    const char *why, *codec;
    int cut;     /* percent of the file that is there */
    bool broken; /* a byte in the middle is another */
} input_row;

static const input_row rows[] = {
    {"zstd", "zstd", 100, false},
    {"zstd, cut", "zstd", 60, false},
    {"zstd, a wrong byte", "zstd", 100, true},
    {"gzip", "gzip", 100, false},
    {"gzip, cut", "gzip", 60, false},
    {"xz", "xz", 100, false},
};

static void
same_as_without(void **state)
{
    const input_row *row = *state;
    size_t n, packed_n;
    unsigned char *mbox = make_mbox(&n);
    unsigned char *packed = pack_bytes(row->codec, mbox, n, &packed_n);
    assert_true(packed_n > 2 << 20); /* or no thread is started */
    if (row->broken)
        packed[packed_n / 2] ^= 0x55;
    packed_n = packed_n * (size_t)row->cut / 100;
    char path[] = "prefetch-XXXXXX";
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, packed, packed_n), (ssize_t)packed_n);
    assert_int_equal(close(fd), 0);
    const char *const paths[] = {path};
    ndr_input_opts opts = {NDR_SIZED(ndr_input_opts), .path = paths, .path_count = 1};
    char *plain = drive_all(&opts, true, true);
    opts.read_ahead = true;
    char *ahead = drive_all(&opts, true, true);
    assert_true(strlen(plain) > (row->cut < 100 || row->broken ? 1u : 3u) << 20);
    assert_string_equal(ahead, plain);
    free(plain);
    free(ahead);
    free(packed);
    free(mbox);
    assert_int_equal(unlink(path), 0);
}

int
main(void)
{
    add_test("files of all sizes come whole and in order", all_sizes);
    add_test("it may be left at any time", left_early);
    add_test("what cannot be read is told", failing);
    ADD_ROWS(rows, same_as_without);
    return run_added("prefetch");
}
