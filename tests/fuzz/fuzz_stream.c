/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_stream.c - is what is packed what is read, and does it matter how much is read at
 * a time?
 */
#include "codec/feed.h"
#include "fuzz_scratch.h"
#include "packing.h"
#include "slow_mbox.h"

enum { PACKED_LIMIT = 64 << 10, EXPANDED_LIMIT = 1 << 20 };

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    LAW(setenv("CMOCKA_TEST_ABORT", "1", 1) == 0, "no memory"); /* drive.h asserts */
    fuzz_scratch_begin();
    return 0;
}

static char *
read_it(enum ndr_format format, size_t range, size_t batch)
{
    const char *path = fuzz_path;
    const ndr_input_opts opts = {NDR_SIZED(ndr_input_opts),
                                 .path = &path,
                                 .path_count = 1,
                                 .format = format,
                                 .range_bytes = range,
                                 .batch_bytes = batch,
                                 .expanded_limit_bytes = EXPANDED_LIMIT};
    return drive_all(&opts, false, true);
}

/* The input as it is: bytes of any kind, read in order or, where it is zstd, in ranges
 * of frames. */
static void
check_sizes(const uint8_t *bytes, size_t n, size_t choice)
{
    static const enum ndr_format formats[] = {NDR_FORMAT_AUTO, NDR_FORMAT_MBOX,
                                              NDR_FORMAT_MESSAGE, NDR_FORMAT_MBOXCL2};
    const enum ndr_format format = formats[choice % 8 < 4 ? choice % 4 : 0];
    char *want = read_it(format, 1 << 20, 1 << 20);
    const size_t batches[] = {1 + choice % 5000, 4096, 4096};
    const bool zstd = ndr_zstd_bid(bytes, n, true);
    for (size_t i = 0; i < (zstd ? 3 : 2); i++) {
        char *got = read_it(format, i < 2 ? 1 << 20 : 1 + choice % 64, batches[i]);
        LAW(strcmp(got, want) == 0, "format %d, batch %zu of %zu\n%s\nat once:\n%s",
            (int)format, batches[i], n, got, want);
        free(got);
    }
    free(want);
}

/* The input as an mbox, packed in two frames with a skippable one between. What is packed
 * itself would be unpacked, too: no mbox begins like that. */
static void
check_packed(const uint8_t *bytes, size_t n, size_t choice)
{
    static const char *const codecs[] = {"zstd", "gzip", "bzip2", "xz"};
    const size_t cut = choice % (n + 1);
    const char *codec = codecs[choice % 64 < 3 ? choice % 64 + 1 : 0];
    ndr_buffer packed = {0};
    size_t len;
    unsigned char *frame = pack_bytes(codec, bytes, cut, &len);
    ndr_buffer_add(&packed, (ndr_slice){frame, len});
    free(frame);
    if (strcmp(codec, "zstd") == 0)
        ndr_buffer_add(&packed, NDR_SLICE("\x53\x2a\x4d\x18\x03\0\0\0abc"));
    frame = pack_bytes(codec, bytes + cut, n - cut, &len);
    ndr_buffer_add(&packed, (ndr_slice){frame, len});
    free(frame);
    LAW(!packed.failed, "no memory");
    fuzz_scratch_write(packed.ptr, packed.len);
    ndr_buffer_free(&packed);
    char *want = slow_mbox(bytes, n, SIZE_MAX);
    const size_t batches[] = {1 + choice % 5000, 1 << 20};
    for (size_t i = 0; i < 2; i++) {
        char *got =
            read_it(NDR_FORMAT_MBOX, i == 0 ? 1 + choice % 9 : 1 << 20, batches[i]);
        LAW(strcmp(got, want) == 0, "%s, batch %zu\n%s\nslow:\n%s", codec, batches[i],
            got, want);
        free(got);
    }
    free(want);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n > PACKED_LIMIT)
        return -1;
    const size_t choice = fuzz_choice(bytes, n) + fuzz_hash(bytes, n) % 7;
    fuzz_scratch_write(bytes, n);
    check_sizes(bytes, n, choice);
    ndr_sniffed told;
    const enum ndr_sniff sniff = ndr_sniff(bytes, n, true, &told);
    if (n > 0 && choice % 4 == 1 && (bytes[0] == 'F' || bytes[0] == '\n') &&
        sniff != NDR_SNIFF_ALIEN && told.marks == NDR_MARKS_DATED)
        check_packed(bytes, n, choice);
    return 0;
}
