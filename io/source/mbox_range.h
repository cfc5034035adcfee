/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mbox_range.h - a stretch of a file in memory, and the mbox messages in it.
 *
 *   bytes[0] ... at (a From_ line) raw ... scan ... bytes[have]
 *   base, a file offset
 *
 * One buffer is used again and again, so that bytes are framed and scanned
 * while they are in cache. The last message of a stretch may be left open: its
 * end is looked for only when it is asked for.
 */
#ifndef NDR_MBOX_RANGE_H
#define NDR_MBOX_RANGE_H

#include "frame/frame.h"
#include "large_slot.h"

typedef struct ndr_mbox_range {
    size_t limit_bytes; /* of one message */
    size_t usual_bytes; /* of the buffer, while messages are small */
    ndr_large_slot
        *room; /* for more than twice that; borrowed, or NULL: it is not asked */
    bool has_room;
    int fd; /* borrowed */
    /* what to read with instead of `fd`, like pread; begins again as NULL */
    int64_t (*read)(void *of, unsigned char *to, size_t room, uint64_t at,
                    ndr_error *err);
    void *of;
    /* shown what was read, at `at` in the file; begins again as NULL */
    void (*seen)(void *by, ndr_slice bytes, uint64_t at);
    void *by;
    unsigned char *bytes;
    size_t cap, have;
    uint64_t base;
    bool end; /* nothing comes behind bytes[have - 1] */

    /* mbox messages, when it was begun as such */
    enum ndr_marks marks;
    uint64_t until; /* messages that begin at or behind it are others' */
    size_t keep;    /* bytes before it are not needed any more */
    size_t scan;    /* no mark is unseen before it */
    bool marked;    /* a mark is at `scan`, of `time` */
    int64_t time;
    bool unmarked;  /* the message at `scan` has no From_ line: it is before the first */
    bool open;      /* the last message given was left open */
    size_t at, raw; /* of the last message given: mark, header */
    size_t lead;    /* from the mark to its From_ line */
    bool moved;     /* the next mark is at `after`, and not in the bytes */
    uint64_t after;
    ndr_buffer skim; /* what is read of a message beyond the limit */
} ndr_mbox_range;

void ndr_mbox_range_init(ndr_mbox_range *v, size_t limit_bytes, size_t usual_bytes,
                         ndr_large_slot *room);
void ndr_mbox_range_free(ndr_mbox_range *v);
/* What is shown is not needed any more: a large message's memory is given back. */
void ndr_mbox_range_rest(ndr_mbox_range *v);
/* Show nothing of `fd` yet; what comes next is from file offset `base`. */
void ndr_mbox_range_begin(ndr_mbox_range *v, int fd, uint64_t base);
/* Read up to `most` bytes more; v->end when there are none. 0 or an ndr_code. */
int ndr_mbox_range_read(ndr_mbox_range *v, size_t most, ndr_error *err);

/*
 * Frame what begins in [from, until). The view has just begun at from or up to
 * NDR_LOOKBACK_BYTES before; bytes read already are used. 0 or an ndr_code.
 */
int ndr_mbox_range_mbox(ndr_mbox_range *v, enum ndr_marks marks, uint64_t from,
                        uint64_t until, ndr_error *err);
/* The next message: 1, 0 when there are no more, or an ndr_code. Sets all but
 * source, member and index. */
int ndr_mbox_range_next(ndr_mbox_range *v, ndr_message *m, ndr_error *err);
/* Make the last message whole, up to the limit, and its length right. */
int ndr_mbox_range_extend(ndr_mbox_range *v, ndr_message *m, ndr_error *err);

#endif
