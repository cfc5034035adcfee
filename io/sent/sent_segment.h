/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sent_segment.h - one file of a set.
 *
 *    0  8  "NDRSENT" and NUL        numbers: lowest byte first
 *    8  4  version: 3; 1, and 2 with an index, where recipients are not beside their id
 *   12  2  bytes of a record, 10
 *   14  2  bits of the index, 0 for none
 *   16  8  the key's id
 *   24  4  day of the oldest record
 *   28  4  day of the newest one, of the same SENT_BUCKET_DAYS
 *   32  8  number of records
 *   40  8  XXH3 of the records
 *   48  8  XXH3 of the index, or 0
 *   56  8  XXH3 of what is before
 *   64     records, sorted as bytes, none twice
 *          the index (sent_index.h), of segments of 128 records and more
 */
#ifndef SENT_SEGMENT_H
#define SENT_SEGMENT_H

#include "sent_folder.h"
#include "sent_index.h"

enum { SENT_HEADER_BYTES = 64 };

/* A segment, mapped. Its file is never changed, only deleted. */
typedef struct ndr_sent_segment {
    char name[SENT_NAME_BYTES];
    void *map;
    size_t map_bytes;
    const unsigned char *record; /* in `map` */
    const unsigned char *index;  /* behind them; NULL: there is none */
    unsigned index_bits;
    uint64_t count, key_id, sum, index_sum;
    int first, last; /* days */
    bool beside;     /* a recipient's record is (sent_hash_beside), since version 3 */
} ndr_sent_segment;

/*
 * Map a segment and check its header, its length and that its key is there.
 * NDR_E_SYS (ENOENT when it was deleted since it was listed); NDR_E_DAMAGED: torn;
 * NDR_E_SYNTAX: foreign, or newer than this program. Errors do not name it.
 */
int ndr_sent_segment_open(const ndr_sent_folder *f, const char *name,
                          ndr_sent_segment *ret, ndr_error *err);
void ndr_sent_segment_close(ndr_sent_segment *s);
/* Read it whole: 0, or NDR_E_DAMAGED. */
int ndr_sent_segment_check(const ndr_sent_segment *s, ndr_error *err);
/* The first record whose hash is not below `hash`; s->count when there is none. A damaged
 * index costs time and changes no answer. */
uint64_t ndr_sent_segment_find(const ndr_sent_segment *s, uint64_t hash);
/* Have the memory fetched that ndr_sent_segment_find will read: first the index's, then,
 * when that has come, the records'. */
void ndr_sent_segment_fetch_index(const ndr_sent_segment *s, uint64_t hash);
void ndr_sent_segment_fetch(const ndr_sent_segment *s, uint64_t hash);

/* Sorted records, for ndr_sent_segment_write. */
typedef struct ndr_sent_run {
    const unsigned char *record;
    uint64_t count;
} ndr_sent_run;

/* What records that become one segment share. */
typedef struct ndr_sent_kind {
    uint64_t key_id;
    bool beside;
} ndr_sent_kind;

/*
 * Write a segment in which the records of `runs` are united, under a name of `machine`
 * that no file has; into `name` (SENT_NAME_BYTES). All of one kind and one bucket; at
 * least one record. `runs` is used up. The lock is held by the caller. 0 or NDR_E_SYS,
 * then nothing is left.
 */
int
ndr_sent_segment_write(const ndr_sent_folder *f, const char *machine, ndr_sent_kind kind,
                       ndr_sent_run *runs, size_t count, char *name, ndr_error *err);
/* Remove what a run of this machine that was killed left half written. Under the lock. */
void ndr_sent_segment_tidy(const ndr_sent_folder *f, const char *machine);

#endif
