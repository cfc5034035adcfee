/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * piece_counts.h - which bounces of a piece are to be counted, once all pieces are there?
 *
 *   DIR/ab/abcdef....counts     a record a bounce (ndr_count_list.h), in no order
 *
 * Beside the piece's result, and named before it. What belongs to a result is said by its
 * end record: how many, how many bytes, and the sum of the XXH3 of each, which is the
 * same in whatever order workers met them.
 */
#ifndef PIECE_COUNTS_H
#define PIECE_COUNTS_H

#include "ndr_count_list.h"
#include "ndr_file.h"
#include "ndr_plan.h"

/* What an end record says of them. */
typedef struct piece_counted {
    bool known; /* they were kept: not so by an older program or another clock */
    uint64_t count, bytes, sum;
    uint64_t undated; /* bounces without a time of arrival */
} piece_counted;

/* The name in the results' folder. */
enum { PIECE_COUNTS_NAME_BYTES = 64 };
void piece_counts_name(const ndr_plan_piece *piece, char ret[PIECE_COUNTS_NAME_BYTES]);

/* ---- writing: all zero, then begin ------------------------------------------------ */

typedef struct piece_counts {
    ndr_new_file file; /* begun with the first record */
    bool begun;
    ndr_buffer pending;
    piece_counted told;
} piece_counts;

/* Add whole records. 0; NDR_E_SYS; NDR_E_NOMEM. `dir`, the folder that it will be in,
 * stays open until it ends. */
int piece_counts_add(piece_counts *w, int dir, ndr_slice records, ndr_error *err);
/* Bring them to the disk and under the last part of their name; where there are none, no
 * file is. 0 or NDR_E_SYS. */
int piece_counts_end(piece_counts *w, int dir, const char *name, ndr_error *err);
void piece_counts_drop(piece_counts *w); /* memory too */

/* ---- reading ---------------------------------------------------------------------- */

/* Is the file that the end record tells of there, as far as its size says? 1, 0, or
 * NDR_E_SYS. */
int piece_counts_there(int dir, const ndr_plan_piece *piece, const piece_counted *told,
                       ndr_error *err);
/* Add all of a piece to the list. 0; NDR_E_DAMAGED: they are not what the end record
 * tells of; NDR_E_SYS; NDR_E_NOMEM. */
int piece_counts_read(int dir, const ndr_plan_piece *piece, const piece_counted *told,
                      ndr_count_list *to, ndr_error *err);

#endif
