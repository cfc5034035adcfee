/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_segments.c - is a file of a set what was written, or left out; and is every place
 * in it found, whatever its records are?
 */
#include "fuzz.h"

#include "sent/sent_segment.h"

#include <fcntl.h>
#include <unistd.h>

enum { BYTES_LIMIT = 64 << 10 };

static char dir[64], segment_path[128], key_path[128];

static void
end(void)
{
    (void)unlink(segment_path);
    (void)unlink(key_path);
    (void)rmdir(dir);
}

static void
put_file(const char *path, const void *bytes, size_t n)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    LAW(fd >= 0 && write(fd, bytes, n) == (ssize_t)n && close(fd) == 0, "%s", path);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    /* of the kept segments */
    static const char key[] = "ndrscan-sent-key 1 000102030405060708090a0b0c0d0e0f\n";
    unsigned char k[NDR_SIPHASH_KEY_BYTES];
    for (unsigned i = 0; i < sizeof k; i++)
        k[i] = (unsigned char)i;
    (void)snprintf(dir, sizeof dir, "%s/ndr-fuzz-XXXXXX",
                   access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    LAW(mkdtemp(dir) != NULL, "%s", dir);
    (void)snprintf(segment_path, sizeof segment_path, "%s/a.seg", dir);
    (void)snprintf(key_path, sizeof key_path, "%s/%016llx.key", dir,
                   (unsigned long long)ndr_sent_key_id(k));
    put_file(key_path, key, sizeof key - 1);
    (void)atexit(end);
    return 0;
}

static void
trouble(void *ctx, const char *file, const char *text)
{
    unsigned *count = ctx;
    (*count)++;
    LAW(strcmp(file, "a.seg") == 0 && text[0] != '\0', "%s: %s", file, text);
}

static void
check_file(const uint8_t *p, size_t n)
{
    ndr_sent *s = NULL;
    ndr_sent_stats st;
    ndr_error err = {0};
    unsigned opened = 0, verified = 0;
    put_file(segment_path, p, n);
    LAW(ndr_sent_open(dir, trouble, &opened, &s, &err) == 0, "%s", err.text);
    LAW(ndr_sent_count(s).segments + opened == 1, "%u told", opened);
    (void)ndr_sent_ask(s, NDR_SLICE("a@b"), NDR_SLICE("example.com"),
                       NDR_SLICE("bob@example.org"), 1700000000, 30);
    ndr_sent_close(s);
    LAW(ndr_sent_verify(dir, trouble, &verified, &st, &err) == 0, "%s", err.text);
    LAW(st.segments + verified == 1 && verified >= opened, "%u, %u", opened, verified);
}

/* Where a hash is, or would be, is found without a look beyond the records, whatever an
 * index says. */
static void
check_find(const uint8_t *p, size_t n, unsigned bits)
{
    const uint64_t count = n / SENT_RECORD_BYTES;
    unsigned char *record = fuzz_copy(p, (size_t)count * SENT_RECORD_BYTES);
    unsigned char *index = bits > 0 ? fuzz_copy(p, sent_index_bytes(bits)) : NULL;
    const ndr_sent_segment s = {
        .record = record, .count = count, .index = index, .index_bits = bits};
    bool sorted = true;
    for (uint64_t i = 1; i < count; i++)
        sorted = sorted && sent_record_hash(record + (i - 1) * SENT_RECORD_BYTES) <=
                               sent_record_hash(record + i * SENT_RECORD_BYTES);
    for (uint64_t i = 0; i < count; i++) {
        const uint64_t hash =
            sent_record_hash(record + i * SENT_RECORD_BYTES) + i % 3 - 1;
        ndr_sent_segment_fetch_index(&s, hash);
        ndr_sent_segment_fetch(&s, hash);
        const uint64_t at = ndr_sent_segment_find(&s, hash);
        LAW(at <= count, "%llu of %llu", (unsigned long long)at,
            (unsigned long long)count);
        if (!sorted)
            continue;
        LAW(at == count || sent_record_hash(record + at * SENT_RECORD_BYTES) >= hash,
            "too early");
        LAW(at == 0 || sent_record_hash(record + (at - 1) * SENT_RECORD_BYTES) < hash,
            "too late");
    }
    free(record);
    free(index);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n > BYTES_LIMIT)
        return -1;
    check_file(bytes, n);
    check_find(bytes, n, 0);
    for (unsigned bits = 1; bits < 4 && sent_index_bytes(bits) <= n; bits++)
        check_find(bytes, n, bits);
    return 0;
}
