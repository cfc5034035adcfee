/* SPDX-License-Identifier: BSD-3-Clause */
/* test_unpack.c - archives: which members count, and what is in them */
#include "packing.h"
#include "slow_mbox.h"

static const char box[] = M1 "A: b\n\nx\n\n" M2 "C: d\n\ny\n\n";

/* An archive of every sort of member; to be freed. */
static unsigned char *
sample_tar(const char *filter, size_t *ret_n)
{
    const size_t room = 1 << 18;
    unsigned char *to = malloc(room);
    assert_non_null(to);
    struct archive *a = pack_open("pax", filter, to, room, ret_n);
    size_t n;
    unsigned char *packed = pack_bytes("zstd", "Z: z\n\nin zstd\n", 15, &n);
    pack_entry(a, "u/cur/1210671062.M1.host:2,S", 5, "A: a\n\none\n", 11, NULL);
    pack_entry(a, "u/new/1210671063.M2.host", 5, "B: b\n\ntwo\n", 11, NULL);
    pack_entry(a, "u/new/1210671064.M3.host", 5, packed, n, NULL);
    pack_entry(a, "u/tmp/1210671065.M4.host", 5, "no", 2, NULL);
    pack_entry(a, "u/dovecot-uidlist", 5, "3 V1\n", 5, NULL);
    pack_entry(a, "u/dovecot.index.log", 5, "x", 1, NULL);
    pack_entry(a, "u/link", 5, NULL, 0, "cur");
    pack_entry(a, "u/empty", 5, "", 0, NULL);
    pack_entry(a, "box", 5, box, sizeof box - 1, NULL);
    pack_entry(a, "single.eml", 1210671062, "D: d\n\nthree\n", 13, NULL);
    pack_close(a);
    free(packed);
    return to;
}

static const char want_tar[] =
    "0 0+11 name1210671062 packed:u/cur/1210671062.M1.host:2,S\n"
    "1 0+11 name1210671063 packed:u/new/1210671063.M2.host\n"
    "2 0+15 name1210671064 packed:u/new/1210671064.M3.host\n"
    "3 44+8 at1210671062 packed:box\n"
    "4 103+8 at1210752000 packed:box\n"
    "5 0+13 packed:single.eml\n";

static void
members(void **state)
{
    static const char *const filters[] = {"none", "zstd", "gzip", "bzip2", "xz"};
    (void)state;
    for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++) {
        size_t n;
        unsigned char *tar = sample_tar(filters[i], &n);
        write_file("packed", tar, n);
        const char *path = scratch_path("packed");
        for (size_t batch = 1; batch < 400; batch += 33)
            for (size_t range = 1; range < 1 << 20; range += 1 << 19) {
                const ndr_input_opts opts = {NDR_SIZED(ndr_input_opts), .path = &path,
                                             .path_count = 1, .range_bytes = range,
                                             .batch_bytes = batch};
                char *got = drive_all(&opts, true, false);
                assert_string_equal(got, want_tar);
                free(got);
            }
        free(tar);
    }
}

static void
cut_archive(void **state)
{
    (void)state;
    size_t n;
    unsigned char *tar = sample_tar("none", &n);
    const char *path = scratch_path("packed");
    const ndr_input_opts opts = {NDR_SIZED(ndr_input_opts), .path = &path,
                                 .path_count = 1};
    for (size_t cut = 512; cut < n - 1024; cut += 101) {
        write_file("packed", tar, cut);
        char *got = drive_all(&opts, true, false);
        const char *trouble = strstr(got, "! packed: ");
        /* libarchive takes a file that ends between two members for whole */
        if (cut % 512 != 0)
            assert_non_null(trouble);
        free(got);
    }
    free(tar);
}

/* A damaged member costs the others nothing. */
static void
damaged_member(void **state)
{
    (void)state;
    const size_t room = 1 << 16;
    unsigned char *to = malloc(room);
    assert_non_null(to);
    size_t n, used;
    unsigned char *packed = pack_bytes("zstd", box, sizeof box - 1, &n);
    struct archive *a = pack_open("pax", "none", to, room, &used);
    pack_entry(a, "a", 5, "A: a\n", 5, NULL);
    pack_entry(a, "b", 5, packed, n - 2, NULL);
    pack_entry(a, "c", 5, "C: c\n", 5, NULL);
    pack_close(a);
    write_file("packed", to, used);
    const char *path = scratch_path("packed");
    const ndr_input_opts opts = {NDR_SIZED(ndr_input_opts), .path = &path,
                                 .path_count = 1};
    char *got = drive_all(&opts, true, false);
    assert_non_null(strstr(got, "packed:a\n"));
    assert_non_null(strstr(got, "packed:c\n"));
    assert_non_null(strstr(got, "! packed: member 'b': truncated zstd frame"));
    free(got);
    free(packed);
    free(to);
}

static void
large_members(void **state)
{
    (void)state;
    const size_t room = 1 << 20;
    unsigned char *to = malloc(room), *bytes = malloc(200000);
    assert_non_null(to);
    assert_non_null(bytes);
    memset(bytes, 'x', 200000);
    size_t used;
    struct archive *a = pack_open("pax", "none", to, room, &used);
    pack_entry(a, "a", 5, bytes, 200000, NULL);
    pack_entry(a, "b", 5, bytes, 100000, NULL);
    pack_entry(a, "c", 5, bytes, 1, NULL);
    pack_close(a);
    write_file("packed", to, used);
    const char *path = scratch_path("packed");
    const ndr_input_opts opts = {NDR_SIZED(ndr_input_opts), .path = &path,
                                 .path_count = 1, .message_limit_bytes = 100000,
                                 .batch_bytes = 1000};
    char *got = drive_all(&opts, true, false);
    assert_string_equal(got, "0 0+200000 truncated packed:a\n"
                             "1 0+100000 packed:b\n2 0+1 packed:c\n");
    free(got);
    free(bytes);
    free(to);
}

int
main(void)
{
    add_test("members, packed in any way, in any batch", members);
    add_test("an archive that is cut is trouble", cut_archive);
    add_test("a damaged member costs the others nothing", damaged_member);
    add_test("a member over the limit is cut, its length is right", large_members);
    return run_with_scratch("unpack");
}
