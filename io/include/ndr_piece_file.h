/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ndr_piece_file.h - how is the result of a piece kept, whole or not at all?
 *
 *   plain   records, then one line: the end record
 *   zstd    a frame of records, a frame of the end record, a skippable frame that says
 *           where that begins
 *
 * The end record is one JSON object; a file without one is none. For the tools; not
 * installed.
 */
#ifndef NDR_PIECE_FILE_H
#define NDR_PIECE_FILE_H

#include "ndrscan_io.h"

#ifdef __cplusplus
extern "C" {
#endif

#define NDR_PIECE_END "{\"type\":\"end\"" /* what every end record begins with */

/* What records in this output begin with: a line of column names, or "". Static. */
NDR_API const char *ndr_output_begin(enum ndr_output kind);

/* ---- writing ---------------------------------------------------------------------- */

typedef struct ndr_piece_writer ndr_piece_writer;

/* Begin a file in the folder `dir` (borrowed), which nobody sees yet. 0 or an ndr_code.
 */
NDR_API int
ndr_piece_writer_new(int dir, bool zstd, ndr_piece_writer **ret, ndr_error *err);
NDR_API int ndr_piece_writer_add(ndr_piece_writer *w, ndr_slice bytes, ndr_error *err);
/* The bytes of records so far, and their XXH3. */
NDR_API uint64_t ndr_piece_writer_bytes(const ndr_piece_writer *w);
NDR_API uint64_t ndr_piece_writer_sum(const ndr_piece_writer *w);
/* Add the end record, without its line end, bring all to the disk and under its name, in
 * the place of what has it. Once. */
NDR_API int ndr_piece_writer_end(ndr_piece_writer *w, ndr_slice end, const char *name,
                                 ndr_error *err);
/* Forget what has no name; frees w. NULL allowed. */
NDR_API void ndr_piece_writer_free(ndr_piece_writer *w);

/* ---- reading ---------------------------------------------------------------------- */

/*
 * The end record of a file, without its line end, into `end`, and where the records end
 * as they are stored. 0; NDR_E_SYS; NDR_E_DAMAGED: it has none. Thread: any.
 */
NDR_API int ndr_piece_end_read(int fd, bool zstd, ndr_buffer *end, uint64_t *ret_until,
                               ndr_error *err);

/* Reads the records, one piece after the other with the same buffers. */
typedef struct ndr_piece_reader ndr_piece_reader;
NDR_API ndr_piece_reader *ndr_piece_reader_new(void); /* NULL: no memory */
/* Records stored up to `until` of `fd`, borrowed until the next. 0 or NDR_E_NOMEM. */
NDR_API int ndr_piece_reader_begin(ndr_piece_reader *r, int fd, bool zstd, uint64_t until,
                                   ndr_error *err);
/* More of them: 1 and *ret, until the next call; 0: that was all; or an ndr_code. */
NDR_API int ndr_piece_reader_next(ndr_piece_reader *r, ndr_slice *ret, ndr_error *err);
NDR_API void ndr_piece_reader_free(ndr_piece_reader *r); /* NULL allowed */

#ifdef __cplusplus
}
#endif

#endif
