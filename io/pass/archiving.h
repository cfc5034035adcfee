/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * archiving.h - what the files share that write an archive.
 *
 *   sources -> items -> bytes of an mbox -> frames -> compressed, in order
 *   archive_read.c      archive_message.c   archive_write.c
 */
#ifndef NDR_ARCHIVING_H
#define NDR_ARCHIVING_H

#include "codec/feed.h"

/* An archive being written. Thread: the one that began it; it has others compress. */
typedef struct ndr_archive ndr_archive;

int ndr_archive_new(const ndr_pack_opts *opts, int fd, ndr_archive **ret, ndr_error *err);
/* More bytes of the mbox. 0, NDR_E_NOMEM or NDR_E_SYS (of writing). */
int ndr_archive_add(ndr_archive *a, ndr_slice bytes, ndr_error *err);
/* Have the next bytes begin behind an empty line, or at the start. */
int ndr_archive_part(ndr_archive *a, ndr_error *err);
/* Compress and write what is left, and the seek table. */
int ndr_archive_finish(ndr_archive *a, ndr_pack_stats *ret, ndr_error *err);
void ndr_archive_free(ndr_archive *a); /* NULL allowed */

/*
 * Add one message that is read from `u`'s item as a From_ line and what it quotes.
 * `time` is when it arrived, for that line.
 */
int ndr_archive_message(ndr_archive *a, ndr_unpack *u, int64_t time, ndr_error *err);

#endif
