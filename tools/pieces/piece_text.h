/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * piece_text.h - how do the records of a piece differ from those of one run?
 *
 * A piece that is not all of its source knows neither its messages' numbers in that nor,
 * of frames, where their content lies: what counts from the piece's own beginning is
 * called piece_index and piece_offset. Whoever joins the pieces puts it right.
 */
#ifndef PIECE_TEXT_H
#define PIECE_TEXT_H

#include "ndrscan_io.h"

/* What is to be added to the numbers of a piece, and which of them have another name. */
typedef struct piece_text {
    enum ndr_output output;
    bool index, offset; /* are the piece's own */
    uint64_t index_base, offset_base;
    /* of who joins */
    bool begun;        /* a header was written: the next piece's is left out */
    bool first;        /* what comes next is a piece's first line */
    ndr_buffer kept;   /* the beginning of a line */
    ndr_buffer before; /* what stands before the numbers in the line before */
    ndr_buffer last;   /* the path written last, with its end */
} piece_text;

/* Append a batch's records as a piece has them; of paths, `last` is the one before. */
void piece_text_put(const piece_text *t, const ndr_batch *b, uint64_t base,
                    ndr_buffer *last, ndr_buffer *out);
/* What a file of them begins with. */
void piece_text_begin(const piece_text *t, ndr_buffer *out);

/* Are a piece's bytes those of one run? */
bool piece_text_is_same(const piece_text *t);
/* Join: begin the next piece (its bases set), add its bytes as they come, end it: the
 * records as one run writes them are appended to `out`. 0 or NDR_E_DAMAGED. */
void piece_text_next(piece_text *t);
int piece_text_join(piece_text *t, ndr_slice bytes, ndr_buffer *out, ndr_error *err);
int piece_text_end(piece_text *t, ndr_error *err);
void piece_text_free(piece_text *t);

#endif
