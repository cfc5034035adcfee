/* SPDX-License-Identifier: BSD-3-Clause */
/* reader.h - what do the parts of a worker's reading share? Thread: the worker. */
#ifndef NDR_READER_H
#define NDR_READER_H

#include "mbox_range.h"
#include "stored_sum.h"
#include "work.h"

enum inner { INNER_NONE, INNER_ONE, INNER_PACKED, INNER_MBOX, INNER_PIECES };

struct ndr_reader {
    const ndr_limits *limits;
    ndr_batch *batch;
    ndr_work *work;
    uint64_t index; /* of the next message in the batch; with names, in its file */
    ndr_mbox_range view;
    ndr_zstd_range frames;

    const ndr_work *pieces; /* the batch's, or `own` */
    size_t piece, piece_at;

    /* with names */
    size_t name_at, name; /* in work->text; how many were taken */
    enum inner inner;     /* what the file at hand is */
    int fd;               /* of it, or -1 */
    uint64_t file_bytes;  /* UINT64_MAX: not known yet */
    uint64_t planned;     /* what it was when it was opened */
    bool broke_off;       /* it could not be unpacked further */
    ndr_buffer path;      /* of it, NUL-terminated */
    ndr_packer packer;
    bool packer_more;
    ndr_read_file handed; /* the file at hand was read ahead: all of it */
    ndr_work own;
    ndr_stored_sum sum; /* of what a plan has shared out */
};

/* A file that fails is trouble of the batch: 0. Only the lack of memory ends a run. */
int ndr_reader_note(ndr_reader *r, const char *name, int code, ndr_error *why,
                    ndr_error *err);

/* ---- reader_pieces.c: bytes that were read in order ----------------------------------
 */

/* The mark at p[at], when there is one, told to `m`. Returns where the header begins. */
size_t ndr_reader_take_line(enum ndr_marks marks, const unsigned char *p, size_t n,
                            size_t at, ndr_message *m);
/* The next message of r->pieces: 1 or 0. */
int ndr_reader_next_in_pieces(ndr_reader *r, ndr_message *m);

/* ---- reader_files.c: files by their names --------------------------------------------
 */

/* Leave the file at hand, if there is one. */
void ndr_reader_close_file(ndr_reader *r);
/* The next message of the batch's files: 1, 0 or NDR_E_NOMEM. */
int ndr_reader_next_of_names(ndr_reader *r, ndr_message *m, ndr_error *err);
/* Make the message that was given last whole: 0 or an ndr_code. */
int ndr_reader_extend_file(ndr_reader *r, ndr_message *m, ndr_error *err);

#endif
