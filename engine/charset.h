/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * charset.h - how does declared text become UTF-8?
 *
 * Through iconv, with descriptors kept per thread: opening one costs more
 * than converting a subject.
 */
#ifndef NDR_CHARSET_H
#define NDR_CHARSET_H

#include "ndrscan.h"

enum { NDR_CHARSET_COUNT = 144 };

/* One per thread; all zero is empty. */
typedef struct ndr_charsets {
    struct ndr_charset_slot {
        void *iconv; /* an iconv_t; NULL: not open, or not known here */
        bool tried;
    } slot[NDR_CHARSET_COUNT];
} ndr_charsets;

void ndr_charsets_done(ndr_charsets *c);
/* Do ASCII bytes stand for themselves in a charset of this name? Unsure is false. */
bool ndr_charset_is_plain(ndr_slice name);
/*
 * Append `in`, declared to be in `name` (any case; empty: not declared), as
 * well-formed UTF-8. ASCII, UTF-8 and names that are not in the list of charset.c
 * are taken as UTF-8 when they are, else as windows-1252. Bytes that do not
 * convert become U+FFFD. Thread: the owner's.
 */
void ndr_charset_add(ndr_charsets *c, ndr_slice name, ndr_slice in, ndr_buffer *out);

#endif
