/* SPDX-License-Identifier: BSD-3-Clause */
/* frame.h - what the framers of io/ share: marks, ends, and how far one must look. */
#ifndef NDR_FRAME_H
#define NDR_FRAME_H

#include "ndrscan_io.h"

enum {
    /* A From_ line is judged within so many bytes, its LF included; a longer
     * line is none. So framing needs no more context than this, ahead... */
    NDR_MARK_BYTES = 1024,
    /* ...and no more than "\n\r\n" behind. */
    NDR_LOOKBACK_BYTES = 64,
    /* Bytes at the end of a buffer in which a mark may still be unproved. */
    NDR_UNPROVED_BYTES = NDR_MARK_BYTES + NDR_LOOKBACK_BYTES,
};

/* What begins a message in a mailbox file: see frame_mark.c. */
enum ndr_marks {
    NDR_MARKS_DATED, /* From_ lines with a date */
    NDR_MARKS_BARE,  /* those, and bare ones */
    NDR_MARKS_MMDF   /* lines of four ^A, a From_ line behind them or not */
};

/* Do these first bytes begin a mailbox file, and of which kind? 1, 0, or -1: more of them
 * would tell. `last` says that they are all there are or will be looked at. */
int ndr_mark_begins(const unsigned char *p, size_t n, bool last, enum ndr_marks *ret);
/*
 * As ndr_mbox_mark, _next, _last, _line and _end below, for marks of any kind. The time
 * of a mark that has none is NDR_TIME_UNKNOWN. A mark's line is all that stands before
 * the header. What ends an MMDF mailbox is no mark and no part of the last message.
 */
bool ndr_mark_at(enum ndr_marks marks, const unsigned char *p, size_t n, size_t at,
                 bool last, int64_t *ret_time);
size_t ndr_mark_next(enum ndr_marks marks, const unsigned char *p, size_t n, size_t from,
                     bool at_start, bool last, int64_t *ret_time);
size_t ndr_mark_last(enum ndr_marks marks, const unsigned char *p, size_t n, size_t low,
                     bool at_start);
size_t ndr_mark_line(enum ndr_marks marks, const unsigned char *p, size_t n, size_t at,
                     ndr_slice *ret_envelope);
size_t ndr_mark_end(enum ndr_marks marks, const unsigned char *p, size_t raw, size_t at);
/* Whether p[0, n) begins with a field's name and its colon. */
bool ndr_begins_field(const unsigned char *p, size_t n);

/* ndr_mbox_find, and the mark's time when one is found; From_ lines of either kind. */
size_t ndr_mbox_next(enum ndr_marks marks, const unsigned char *p, size_t n, size_t from,
                     bool at_start, bool last, int64_t *ret_time);
/* ndr_mbox_find_last, not below `low`. */
size_t ndr_mbox_last(enum ndr_marks marks, const unsigned char *p, size_t n, size_t low,
                     bool at_start);
/* Whether a From_ line with a date stands at p[at], whatever is before it; its time. */
bool
ndr_mbox_mark(const unsigned char *p, size_t n, size_t at, bool last, int64_t *ret_time);

/* Do these first bytes begin an mbox with dates? 1, 0, or -1: more of them would tell.
 * `last` says that they are all there are or will be looked at. */
int ndr_mbox_begins(const unsigned char *p, size_t n, bool last);

/*
 * The From_ line at p[at]: *ret_envelope without its line end. Returns where
 * the line behind it begins, n when there is none.
 */
size_t
ndr_mbox_line(const unsigned char *p, size_t n, size_t at, ndr_slice *ret_envelope);
/*
 * Where a message ends that begins at p[raw] and is followed by a mark or the
 * end of input at p[at]: one empty line before that is not part of it.
 */
size_t ndr_mbox_end(const unsigned char *p, size_t raw, size_t at);
/* Past the empty lines at the start of the bytes. */
size_t ndr_mbox_blank(const unsigned char *p, size_t n);

/* Whether the last message of a stream has ended, as far as its bytes tell. */
enum ndr_ending {
    NDR_ENDING_NONE,   /* no: more must come */
    NDR_ENDING_LIKELY, /* an empty line stands behind its body, as writers put it there */
    NDR_ENDING_SURE,   /* and before it the closing delimiter of a multipart: what may
                          follow is its epilogue */
};
/* The message at p[0], a mark in front of it or not. Pure. Source: RFC 4155,
 * RFC 2046 5.1.1. */
enum ndr_ending ndr_mbox_ending(enum ndr_marks marks, const unsigned char *p, size_t n);

/*
 * Where Content-Length says that the body ends: *ret_end, counted like p, may
 * lie beyond n. `raw` is where the header begins. False when the header has no
 * such field; *ret_whole says whether the header's end was within n.
 */
bool ndr_mboxcl2_length(const unsigned char *p, size_t n, size_t raw, uint64_t *ret_end,
                        bool *ret_whole);
/*
 * Whether a message may end at p[end]: the end of input or a From_ line is
 * there, at most an empty line before it. *ret_next is where that is. Bytes up
 * to end + 2 + NDR_MARK_BYTES are looked at, if they are there.
 */
bool ndr_mboxcl2_fits(const unsigned char *p, size_t n, size_t end, bool last,
                      size_t *ret_next);

/* The delivery time in a Maildir file's name; NDR_TIME_UNKNOWN when it has none.
 * Source: the maildir page, "unique names". */
int64_t ndr_maildir_time(const char *name);
/* The same of a path: only a file in a folder "cur" or "new" has one. */
int64_t ndr_maildir_path_time(const char *path);
/* Whether a name is a mail server's own file in a mail folder, not a message. */
bool ndr_maildir_control(const char *name);

#endif
