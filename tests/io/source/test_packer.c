/* SPDX-License-Identifier: BSD-3-Clause */
#include "source/work.h"

#include "file_of.h"
#include "packing.h"
#include "slow_mbox.h"

typedef struct machine {
    ndr_large_slot room;
    ndr_pool pool;
    atomic_bool stop;
    ndr_limits limits;
} machine;

static void
machine_begin(machine *h, enum ndr_format format, size_t batch, size_t limit)
{
    *h = (machine){.limits = {.format = format,
                              .message_bytes = limit,
                              .range_bytes = 1 << 20,
                              .batch_bytes = batch,
                              .room = &h->room,
                              .pool = &h->pool,
                              .stop = &h->stop}};
    ndr_large_slot_init(&h->room, &h->stop);
    ndr_pool_init(&h->pool);
}

static void
machine_end(machine *h)
{
    ndr_pool_done(&h->pool);
    ndr_large_slot_done(&h->room);
}

/* All messages of a file, packed, and read from the pieces by a reader. */
static void
pack_all(drive *d, machine *h, int fd, uint64_t stored)
{
    ndr_error err = {0};
    ndr_packer k = {0};
    ndr_work w = {0};
    ndr_batch b = {.work = &w};
    ndr_reader *r = ndr_reader_new(&h->limits);
    uint64_t before = 0;
    assert_non_null(r);
    ndr_packer_open(&k, &h->limits, fd, false, false, NULL, stored, h->limits.format);
    for (int more = 1; more == 1;) {
        ndr_work_clear(&w, h->limits.batch_bytes);
        more = ndr_packer_fill(&k, &b, &w, "box", &err);
        assert_true(more >= 0);
        w.place = ndr_place_new(-1, "box");
        assert_int_equal(ndr_reader_begin(r, &b, &err), 0);
        ndr_message m;
        int got;
        uint64_t messages = 0;
        while ((got = ndr_reader_next(r, &m, &err)) == 1) {
            assert_int_equal(m.index, messages++);
            assert_string_equal(m.source, "box");
            assert_int_equal(ndr_reader_extend(r, &m, &err), 0);
            drive_message(d, &m, before + m.index);
        }
        assert_int_equal(got, 0);
        before += messages;
        drive_trouble(d, &b);
    }
    ndr_packer_close(&k);
    ndr_packer_free(&k);
    ndr_reader_free(r);
    ndr_work_free(&w);
}

/* Whatever the batch and the codec: the messages that the slow framer sees. */
static void
mbox_test(void **state)
{
    const mbox_row *row = *state;
    static const char *const codecs[] = {"none", "gzip", "zstd"};
    static const size_t batches[] = {1, 50, 1 << 20}, limits[] = {1 << 20, 40, 1};
    const size_t n = strlen(row->text);
    for (size_t c = 0; c < 3; c++)
        for (size_t k = 0; k < 9; k++) {
            machine h;
            drive d = {.bodies = true};
            size_t packed_n = n;
            unsigned char *packed = c == 0
                                        ? exact_copy(row->text, n)
                                        : pack_bytes(codecs[c], row->text, n, &packed_n);
            char *want = slow_mbox((const unsigned char *)row->text, n, limits[k / 3]);
            machine_begin(&h, NDR_FORMAT_MBOX, batches[k % 3], limits[k / 3]);
            pack_all(&d, &h, file_of(packed, packed_n), packed_n);
            assert_string_equal(drive_out(&d), want);
            ndr_buffer_free(&d.out);
            machine_end(&h);
            free(want);
            free(packed);
        }
}

typedef struct trouble_row {
    const char *why, *codec;
    size_t cut;       /* bytes that are missing */
    const char *want; /* a part of what is written down */
} trouble_row;

static const trouble_row troubles[] = {
    {"gzip that was cut", "gzip", 9, "! box: "},
    {"zstd that was cut", "zstd", 5, "! box: "},
    {"whole, it is no trouble", "gzip", 0, "Subject: x"},
};

static void
trouble_test(void **state)
{
    const trouble_row *row = *state;
    static const char text[] = M1 "Subject: x\n\nabcdefgh 0123456789 ijklmnop\n";
    size_t n;
    unsigned char *packed = pack_bytes(row->codec, text, sizeof text - 1, &n);
    machine h;
    drive d = {.bodies = true};
    machine_begin(&h, NDR_FORMAT_AUTO, 1000, 1000);
    pack_all(&d, &h, file_of(packed, n - row->cut), n - row->cut);
    if (strstr(drive_out(&d), row->want) == NULL)
        fail_msg("%s", drive_out(&d));
    assert_int_equal(strchr(drive_out(&d), '!') != NULL, row->cut > 0);
    ndr_buffer_free(&d.out);
    machine_end(&h);
    free(packed);
}

static void
begin_test(void **state)
{
    (void)state;
    machine h;
    ndr_packer k = {0};
    ndr_error err = {0};
    machine_begin(&h, NDR_FORMAT_AUTO, 1000, 1000);
    ndr_packer_open(&k, &h.limits, file_of("", 0), false, false, NULL, 0,
                    NDR_FORMAT_AUTO);
    assert_int_equal(ndr_packer_begin(&k, &err), 0); /* nothing in it */
    ndr_packer_close(&k);
    ndr_packer_open(&k, &h.limits, file_of("Subject: x\n\n", 12), false, false, NULL, 12,
                    NDR_FORMAT_AUTO);
    assert_int_equal(ndr_packer_begin(&k, &err), 1);
    assert_int_equal(k.unpack.framing, NDR_FRAME_ONE);
    ndr_packer_close(&k); /* early */
    ndr_packer_free(&k);
    ndr_packer none = {0};
    ndr_packer_free(&none);
    machine_end(&h);
}

int
main(void)
{
    ADD_ROWS(mboxes, mbox_test);
    ADD_ROWS(troubles, trouble_test);
    add_test("the first item may be opened before", begin_test);
    return run_added("packer");
}
