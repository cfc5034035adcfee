/* SPDX-License-Identifier: BSD-3-Clause */
/* piece_frames.h - where in a compressed result does its end record begin? */
#ifndef NDR_PIECE_FRAMES_H
#define NDR_PIECE_FRAMES_H

#include "ndr_piece_file.h"

/* A skippable frame (RFC 8878, 3.1.2) of eight bytes of its own, and of eight that say
 * where the frame before it begins, little-endian. */
enum { NDR_PIECE_FOOTER_BYTES = 24 };

static const unsigned char ndr_piece_footer[16] = {
    0x5d, 0x2a, 0x4d, 0x18, 16, 0, 0, 0, 'n', 'd', 'r', 'p', 'i', 'e', 'c', 'e'};

static inline void
ndr_piece_footer_put(unsigned char to[NDR_PIECE_FOOTER_BYTES], uint64_t at)
{
    for (size_t i = 0; i < sizeof ndr_piece_footer; i++)
        to[i] = ndr_piece_footer[i];
    for (size_t i = 0; i < 8; i++)
        to[sizeof ndr_piece_footer + i] = (unsigned char)(at >> 8 * i);
}

/* False: these bytes are none. */
static inline bool
ndr_piece_footer_get(const unsigned char from[NDR_PIECE_FOOTER_BYTES], uint64_t *ret)
{
    *ret = 0;
    for (size_t i = 0; i < sizeof ndr_piece_footer; i++)
        if (from[i] != ndr_piece_footer[i])
            return false;
    for (size_t i = 0; i < 8; i++)
        *ret |= (uint64_t)from[sizeof ndr_piece_footer + i] << 8 * i;
    return true;
}

#endif
