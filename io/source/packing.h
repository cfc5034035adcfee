/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * packing.h - what do the ways to pack an item share?
 *
 * Each is called with a batch's bytes as they are, takes up what the last batch left
 * (the carry), adds pieces, and answers DONE, MORE or FULL, or an ndr_code: NDR_E_NOMEM
 * and NDR_E_STOPPED end the file, others are noted and end the item. Thread: the
 * packer's.
 */
#ifndef NDR_PACKING_H
#define NDR_PACKING_H

#include "work.h"

enum {
    NDR_PACK_DONE = 0, /* the item has ended */
    NDR_PACK_MORE = 1, /* the item goes on, room too */
    NDR_PACK_FULL = 2, /* hand out what is there */
    NDR_PACK_LOOK = 3, /* of a step alone: nothing comes now, see what is there */
};
enum { NDR_PIECES_MAX = 1024 };

/* ---- the ways -------------------------------------------------------------------- */

int ndr_pack_mbox(ndr_packer *k, ndr_work *w, ndr_error *err);
int ndr_pack_cl2(ndr_packer *k, ndr_work *w, ndr_error *err); /* Content-Length counts */

/* ---- their steps ----------------------------------------------------------------- */

/* NDR_E_NOMEM, told. */
int ndr_pack_no_memory(ndr_error *err);
/* Read behind the work's bytes, at most `most`; as ndr_feed.read. */
int64_t ndr_pack_read(ndr_packer *k, ndr_work *w, size_t most, bool wait, ndr_error *err);
/* What an earlier batch left goes to the end of the work's bytes. 0 or NDR_E_NOMEM. */
int ndr_pack_take_carry(ndr_packer *k, ndr_work *w, ndr_error *err);
/* The bytes from `at` on are the next batch's. FULL or NDR_E_NOMEM. */
int ndr_pack_leave_from(ndr_packer *k, ndr_work *w, size_t at, ndr_error *err);
/* One more piece, bytes[at .. at + len), which is the item's from k->offset on; NULL: no
 * memory. */
ndr_piece *ndr_pack_piece(ndr_packer *k, ndr_work *w, size_t at, size_t len,
                          enum ndr_framing framing);
/* How far the work's bytes may go before a message that begins at `begin` is over the
 * limit. */
size_t ndr_pack_most(const ndr_packer *k, size_t begin);
/*
 * The message at bytes[begin], all that was read since, is over the limit.
 * Keep what the limit allows, read on until its end is seen and put what is
 * behind it into the carry. `marks` says whether a mark ends it, too. Answers
 * `then`, or a code of the input, and then the piece is made all the same.
 */
int ndr_pack_over(ndr_packer *k, ndr_work *w, size_t begin, bool marks, int then,
                  ndr_error *err);
/* The rest of an item, from bytes[begin] on, is a piece; `code` is how reading ended:
 * below 0 it is answered, and the piece is damaged. Else DONE. */
int ndr_pack_last(ndr_packer *k, ndr_work *w, size_t begin, enum ndr_framing framing,
                  int code, ndr_error *err);

#endif
