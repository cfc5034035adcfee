/* SPDX-License-Identifier: BSD-3-Clause */
/* sinks.h - what do the files that make up the sinks know of each other? */
#ifndef NDR_SINKS_H
#define NDR_SINKS_H

#include "ndrscan_io.h"

/*
 * Open one sink on `fd` (borrowed). 0 and *ret, whose close frees it; or
 * NDR_E_NOMEM. One line of the table in output.c each.
 */
int ndr_sink_jsonl_open(int fd, ndr_sink **ret, ndr_error *err);
int ndr_sink_tsv_open(int fd, ndr_sink **ret, ndr_error *err);
int ndr_sink_paths_open(int fd, ndr_sink **ret, ndr_error *err);
int ndr_sink_paths0_open(int fd, ndr_sink **ret, ndr_error *err);
int ndr_sink_summary_open(int fd, ndr_sink **ret, ndr_error *err);

/* The first line of a tsv, its end included. */
extern const char ndr_tsv_header[];

/*
 * ndr_json_text that answers whether all of `text` was UTF-8. The answer means
 * nothing when out->failed. `text` may lie in `out` itself when there is room behind
 * it for NDR_JSON_GROWTH times its bytes and NDR_JSON_SLACK more.
 */
enum { NDR_JSON_GROWTH = 6, NDR_JSON_SLACK = 16 };
bool ndr_json_put(ndr_buffer *out, ndr_slice text);

/*
 * The bytes of the character at p, which is 0x80 or above, and its number; or, with
 * *valid false, of the longest piece there that begins like one, at least 1. Source:
 * Unicode table 3-7.
 */
size_t ndr_utf8_piece(const unsigned char *p, size_t n, bool *valid, uint32_t *code);
/*
 * Append bytes as a person sees them on any terminal: what is hidden (ndr_char_hidden)
 * and what is no UTF-8 stands as \xNN a byte; with `columns`, tab, LF, CR and backslash
 * as \t \n \r \\, so that the bytes can be had back.
 */
void ndr_put_visible(ndr_buffer *out, ndr_slice text, bool columns);
enum { NDR_VISIBLE_GROWTH = 4 };

/* Gathers records and writes them to a descriptor in large pieces. */
typedef struct ndr_writer {
    int fd;             /* borrowed */
    ndr_buffer pending; /* gathered, not yet written; empty between commits */
} ndr_writer;

/* Add the batch's records, each mark replaced by base + its index in decimal. */
void ndr_writer_batch(ndr_writer *w, const ndr_batch *b, uint64_t base);
/*
 * Write all that was gathered. 0; NDR_E_NOMEM when gathering failed; NDR_E_SYS
 * when writing did. Either way nothing is pending afterwards.
 */
int ndr_writer_flush(ndr_writer *w, ndr_error *err);
void ndr_writer_free(ndr_writer *w);

/*
 * Write every byte to `fd`, through short writes and signals, waiting where the
 * descriptor does not block by itself. 0 or NDR_E_SYS (EPIPE for a reader that
 * went away, if SIGPIPE is ignored).
 */
int ndr_write_whole(int fd, ndr_slice bytes, ndr_error *err);

#endif
