/* SPDX-License-Identifier: BSD-3-Clause */
/* test_codec.c - every row of the codec table, told, decoded, cut and broken anywhere */
#include "codec/feed.h"
#include "packing.h"
#include "slow_mbox.h"

#include <zstd_errors.h>

static const char sample[] =
    M1 "A: b\n\nfirst body\n\n" M2 "C: d\n\nsecond body\nof two lines\n\n" M1
       "E: f\n\nthird\n\n";

static char *
read_file(const char *path, const ndr_input_opts *more)
{
    ndr_input_opts opts =
        more != NULL ? *more : (ndr_input_opts){NDR_SIZED(ndr_input_opts)};
    opts.path = &path;
    opts.path_count = 1;
    return drive_all(&opts, false, true);
}

static void
codec_told(void **state)
{
    const ndr_codec *c = *state;
    size_t n;
    unsigned char *packed = pack_bytes(c->name, sample, sizeof sample - 1, &n);
    ndr_sniffed got;
    unsigned char *p = exact_copy(packed, n);
    assert_int_equal(ndr_sniff(p, n, true, &got), NDR_SNIFF_CODEC);
    assert_ptr_equal(got.codec, c);
    free(p);
    /* of its first bytes it is this or not told yet, never something else */
    for (size_t have = 1; have < n; have++) {
        p = exact_copy(packed, have);
        const enum ndr_sniff what = ndr_sniff(p, have, false, &got);
        assert_true(what == NDR_SNIFF_MORE ||
                    (what == NDR_SNIFF_CODEC && got.codec == c));
        free(p);
    }
    free(packed);
}

static void
codec_every_step(void **state)
{
    const ndr_codec *c = *state;
    size_t n;
    unsigned char *packed = pack_bytes(c->name, sample, sizeof sample - 1, &n);
    char *want = slow_mbox((const unsigned char *)sample, sizeof sample - 1, SIZE_MAX);
    for (size_t step = 1; step <= n; step += step < 6 ? 1 : step / 2) {
        const pid_t child = feed_stdin(packed, n, step, true);
        char *got = read_file("-", NULL);
        end_feed(child);
        assert_string_equal(got, want);
        free(got);
    }
    for (size_t batch = 1; batch < 300; batch += 7) {
        write_file("packed", packed, n);
        for (size_t range = 1; range < 4096; range += 4000) { /* by either thread */
            char *got =
                read_file(scratch_path("packed"),
                          &(ndr_input_opts){NDR_SIZED(ndr_input_opts),
                                            .batch_bytes = batch, .range_bytes = range});
            assert_string_equal(got, want);
            free(got);
        }
    }
    free(want);
    free(packed);
}

static void
codec_nothing_inside(void **state)
{
    const ndr_codec *c = *state;
    size_t n;
    unsigned char *packed = pack_bytes(c->name, "", 0, &n);
    write_file("packed", packed, n);
    char *got = read_file(scratch_path("packed"), NULL);
    assert_string_equal(got, "");
    free(got);
    free(packed);
}

/* Every file that is cut is trouble, and no whole message before the cut is lost. */
static void
codec_cut_anywhere(void **state)
{
    const ndr_codec *c = *state;
    size_t n;
    unsigned char *packed = pack_bytes(c->name, sample, sizeof sample - 1, &n);
    for (size_t cut = 10; cut < n; cut++) {
        write_file("packed", packed, cut);
        for (size_t range = 1; range < 4096; range += 4000) {
            char *got = read_file(
                scratch_path("packed"),
                &(ndr_input_opts){NDR_SIZED(ndr_input_opts), .range_bytes = range});
            const char *trouble = strstr(got, "! packed: ");
            assert_non_null(trouble);
            if (trouble != got)
                assert_non_null(strstr(got, " damaged"));
            free(got);
        }
    }
    free(packed);
}

static void
codec_broken_anywhere(void **state)
{
    const ndr_codec *c = *state;
    size_t n;
    unsigned char *packed = pack_bytes(c->name, sample, sizeof sample - 1, &n);
    for (size_t at = 0; at < n; at++) {
        packed[at] ^= 0x55;
        write_file("packed", packed, n);
        free(read_file(scratch_path("packed"), NULL)); /* whatever it is, it ends */
        packed[at] ^= 0x55;
    }
    free(packed);
}

static void
codec_expands_too_far(void **state)
{
    const ndr_codec *c = *state;
    enum { BYTES = 300000 };
    unsigned char *zeros = calloc(1, BYTES);
    assert_non_null(zeros);
    memcpy(zeros, M1, 44);
    size_t n;
    unsigned char *packed = pack_bytes(c->name, zeros, BYTES, &n);
    write_file("packed", packed, n);
    const char *path = scratch_path("packed");
    ndr_input_opts opts = {NDR_SIZED(ndr_input_opts), .path = &path, .path_count = 1,
                           .expanded_limit_bytes = BYTES - 1};
    char *got = drive_all(&opts, false, false);
    assert_string_equal(got, "0 44+299955 damaged at1210671062\n"
                             "! packed: expands to more than 299999 bytes\n");
    free(got);
    opts.expanded_limit_bytes = BYTES;
    got = drive_all(&opts, false, false);
    assert_string_equal(got, "0 44+299956 at1210671062\n");
    free(got);
    free(packed);
    free(zeros);
}

/* ---- zstd's own ---------------------------------------------------------------- */

static void
zstd_frames(void **state)
{
    (void)state;
    ndr_buffer all = {0};
    const size_t total = sizeof sample - 1;
    static const unsigned char skippable[] = {0x5a, 0x2a, 0x4d, 0x18, 3,  0,
                                              0,    0,    'x',  'y',  'z'};
    char *want = slow_mbox((const unsigned char *)sample, total, SIZE_MAX);
    for (size_t cut = 0; cut <= total; cut += 3) {
        ndr_buffer_clear(&all);
        size_t n;
        unsigned char *one = pack_bytes("zstd", sample, cut, &n);
        ndr_buffer_add(&all, (ndr_slice){skippable, sizeof skippable});
        ndr_buffer_add(&all, (ndr_slice){one, n});
        ndr_buffer_add(&all, (ndr_slice){skippable, sizeof skippable});
        free(one);
        one = pack_bytes("zstd", sample + cut, total - cut, &n);
        ndr_buffer_add(&all, (ndr_slice){one, n});
        ndr_buffer_add(&all, (ndr_slice){skippable, sizeof skippable});
        free(one);
        write_file("packed", all.ptr, all.len);
        char *got = read_file(scratch_path("packed"), NULL);
        assert_string_equal(got, want);
        free(got);
    }
    free(want);
    ndr_buffer_free(&all);
}

static void
zstd_words(void **state)
{
    (void)state;
    size_t n;
    unsigned char *packed = pack_bytes("zstd", sample, sizeof sample - 1, &n);
    write_file("packed", packed, n - 1);
    char *got = read_file(scratch_path("packed"), NULL);
    char want[128];
    (void)snprintf(
        want, sizeof want,
        "! packed: truncated zstd frame at byte 0: the file ends inside it, at "
        "byte %zu\n",
        n - 1);
    assert_non_null(strstr(got, want));
    free(got);
    packed = realloc(packed, n + 9);
    assert_non_null(packed);
    memcpy(packed + n, "no frame!", 9);
    write_file("packed", packed, n + 9);
    got = read_file(scratch_path("packed"), NULL);
    (void)snprintf(want, sizeof want, "! packed: no zstd frame at byte %zu\n", n);
    assert_non_null(strstr(got, want));
    free(got);
    free(packed);
}

static void
zstd_window(void **state)
{
    (void)state;
    /* a frame header that asks for a window of 256 MiB, and no more */
    static const unsigned char wide[] = {0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x90, 1, 0, 0};
    write_file("packed", wide, sizeof wide);
    char *got = read_file(scratch_path("packed"), NULL);
    assert_non_null(strstr(got, "window over 128 MiB"));
    assert_non_null(strstr(got, "--long=31"));
    free(got);
}

static void
zstd_cut_magic(void **state)
{
    (void)state;
    static const unsigned char magic[] = {0x28, 0xb5, 0x2f, 0xfd};
    for (size_t n = 2; n <= 4; n++) {
        write_file("packed", magic, n);
        char *got = read_file(scratch_path("packed"), NULL);
        assert_non_null(strstr(got, "truncated zstd frame"));
        free(got);
    }
}

static void
layers(void **state)
{
    (void)state;
    size_t n;
    unsigned char *packed = pack_bytes("zstd", sample, sizeof sample - 1, &n);
    char *want = slow_mbox((const unsigned char *)sample, sizeof sample - 1, SIZE_MAX);
    for (int depth = 2; depth <= 6; depth++) {
        size_t more;
        unsigned char *outer =
            pack_bytes(depth % 2 == 0 ? "gzip" : "zstd", packed, n, &more);
        free(packed);
        packed = outer;
        n = more;
        write_file("packed", packed, n);
        char *got = read_file(scratch_path("packed"), NULL);
        if (depth <= 4)
            assert_string_equal(got, want);
        else
            assert_string_equal(got, "! packed: compressed more than 4 times over\n");
        free(got);
    }
    free(want);
    free(packed);
}

#define TEN     "ustarustar"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

typedef struct sniff_row {
    const char *why, *text;
    bool last;
    enum ndr_sniff want;
} sniff_row;

static const sniff_row sniffs[] = {
    {"nothing", "", true, NDR_SNIFF_EMPTY},
    {"nothing yet", "", false, NDR_SNIFF_MORE},
    {"a From_ line", M1, false, NDR_SNIFF_MBOX},
    {"a From_ line behind empty lines", "\n\r\n" M1, false, NDR_SNIFF_MBOX},
    {"half a From_ line may become one", "From a@example.com Tue M", false,
     NDR_SNIFF_MORE},
    {"half a From_ line is none", "From a@example.com Tue M", true, NDR_SNIFF_MESSAGE},
    {"a header may still be a tar's first name", "Subject: a\n", false, NDR_SNIFF_MORE},
    {"a header", "Subject: a\n", true, NDR_SNIFF_MESSAGE},
    {"one byte of gzip is none", "\x1f", true, NDR_SNIFF_MESSAGE},
    {"bzip2 in words only", "BZh9 is a magic", true, NDR_SNIFF_MESSAGE},
    {"a mail with a tar's magic in its place",
     "A: b\nC:" HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED "\n\nx\n", true,
     NDR_SNIFF_MESSAGE},
};

static void
sniff_test(void **state)
{
    const sniff_row *row = *state;
    const size_t n = strlen(row->text);
    unsigned char *p = exact_copy(row->text, n);
    ndr_sniffed told;
    assert_int_equal(ndr_sniff(p, n, row->last, &told), row->want);
    free(p);
}

int
main(void)
{
    static const struct {
        const char *why;
        void (*test)(void **state);
    } each[] = {
        {"is told by its first bytes", codec_told},
        {"is decoded, whatever a read brings", codec_every_step},
        {"may hold nothing", codec_nothing_inside},
        {"is trouble when cut anywhere", codec_cut_anywhere},
        {"may be broken at any byte", codec_broken_anywhere},
        {"expands to its limit and no further", codec_expands_too_far},
    };
    static char name[64][96];
    size_t names = 0;
    for (size_t i = 0; i < ndr_codec_count; i++)
        for (size_t k = 0; k < sizeof each / sizeof each[0]; k++) {
            (void)snprintf(name[names], sizeof name[0], "%s %s", ndr_codecs[i].name,
                           each[k].why);
            add_test(name[names++], each[k].test);
            test_list[test_count - 1].initial_state = (void *)(uintptr_t)&ndr_codecs[i];
        }
    ADD_ROWS(sniffs, sniff_test);
    add_test("frames follow each other, others are skipped", zstd_frames);
    add_test("trouble names the byte", zstd_words);
    add_test("a window over the limit names the remedy", zstd_window);
    add_test("a file that is cut inside the magic is told", zstd_cut_magic);
    add_test("layers come off until there are too many", layers);
    return run_with_scratch("codec");
}
