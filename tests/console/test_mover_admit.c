/* SPDX-License-Identifier: BSD-3-Clause */
/* test_mover_admit.c - of what size may a packet to the mover be? */
#include "harness.h"
#include "mover_packet.h"

typedef struct size_row {
    const char *why;
    size_t bytes;
    bool good;
} size_row;

static const size_row sizes[] = {
    {"nothing", 0, false},
    {"a head that is cut", MOVER_PACKET_HEAD - 1, false},
    {"a head alone", MOVER_PACKET_HEAD, true},
    {"as many words as have room, and a NUL", MOVER_PACKET_HEAD + MOVER_WORDS_BYTES - 1,
     true},
    {"no room for the NUL", MOVER_PACKET_HEAD + MOVER_WORDS_BYTES, false},
    {"words up into the padding", sizeof(mover_packet), false},
};

static void
size_test(void **state)
{
    const size_row *row = *state;
    mover_packet p = {.what = MOVER_APPLY};
    mover_order o;
    memset(p.words, 'w', sizeof p.words);
    assert_int_equal(mover_admit(&p, row->bytes, NULL, &o), row->good);
    if (!row->good)
        return;
    assert_int_equal(o.words_bytes, row->bytes - MOVER_PACKET_HEAD);
    assert_int_equal(o.words[o.words_bytes], '\0');
}

int
main(void)
{
    ADD_ROWS(sizes, size_test);
    return run_added("mover_admit");
}
