/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * charset.h - how does declared text become UTF-8?
 *
 * Through iconv, with descriptors kept per thread: opening one costs more than
 * converting a subject. Of a charset in which each byte is a character a table is made
 * with iconv instead, when it is first wanted.
 */
#ifndef NDR_CHARSET_H
#define NDR_CHARSET_H

#include "ndrscan.h"

enum {
    NDR_CHARSET_COUNT = 259,
    NDR_CHARSET_NAME_BYTES = 24,
    NDR_CHARSETS_A_MESSAGE = 6, /* further ones are read as those that are not known */
};

/* A byte's character in UTF-8. */
typedef struct ndr_charset_unit {
    unsigned char text[3], len;
} ndr_charset_unit;

/* One per thread; all zero is empty. */
typedef struct ndr_charsets {
    struct ndr_charset_slot {
        void *iconv;            /* an iconv_t; NULL: not open, or not known here */
        ndr_charset_unit *unit; /* 256, where each byte is a character; else NULL */
        unsigned message;       /* the last one that wanted it */
        bool tried;
    } slot[NDR_CHARSET_COUNT];
    unsigned message, used; /* how many it wanted */
    bool no_memory;         /* or no descriptor, for a converter of this message */
    unsigned char last[40]; /* the name that was asked for last, and its row */
    size_t last_bytes;
    int last_row;
} ndr_charsets;

void ndr_charsets_done(ndr_charsets *c);
/* Another message: what it gets does not depend on those before it. */
void ndr_charsets_begin(ndr_charsets *c);
/* Do ASCII bytes stand for themselves in a charset of this name? Unsure is false. */
bool ndr_charset_is_plain(ndr_slice name);
/*
 * Append `in`, declared to be in `name` (any case, quotes, blanks and hyphens left
 * out; empty: not declared), as well-formed UTF-8. ASCII, UTF-8 and names that are not
 * in the list of charset.c are taken as UTF-8 when they are, else as windows-1252.
 * Bytes that do not convert become U+FFFD; where bytes join to characters, only ASCII is
 * read behind a thousand of them. At most `limit` bytes are appended; false when that, or
 * the thousand, left something out. Thread: the owner's.
 */
bool ndr_charset_text(ndr_charsets *c, ndr_slice name, ndr_slice in, size_t limit,
                      ndr_buffer *out);
/* The same without a limit. */
void ndr_charset_add(ndr_charsets *c, ndr_slice name, ndr_slice in, ndr_buffer *out);

#endif
