/* SPDX-License-Identifier: BSD-3-Clause */
/* dkim_tags.h - which tags does a tag list hold? (RFC 6376 3.2) */
#ifndef NDR_DKIM_TAGS_H
#define NDR_DKIM_TAGS_H

#include "ndrscan.h"

enum { NDR_DKIM_TAGS = 64 }; /* a list of more is no list */

/* One tag, borrowed from the list. */
typedef struct ndr_dkim_tag {
    ndr_slice name;
    ndr_slice value; /* without white space around it; folds inside stay */
    ndr_slice span;  /* all between '=' and ';' or the end: what goes for an emptied b= */
} ndr_dkim_tag;

typedef struct ndr_dkim_tags {
    size_t count;
    ndr_dkim_tag tags[NDR_DKIM_TAGS];
} ndr_dkim_tags;

/*
 * Read a list; lines end in LF or CRLF. False when it is not well-formed or has a name
 * twice; `ret` then holds the tags in front of what is wrong. Bytes from 0x80 on pass in
 * values (RFC 8616). Pure, linear but for the comparison of up to 64 names.
 */
bool ndr_dkim_tags_read(ndr_slice text, ndr_dkim_tags *ret);
/* The tag of that name, in its case; NULL for none. */
const ndr_dkim_tag *ndr_dkim_tags_find(const ndr_dkim_tags *list, const char *name);
/* Decimal digits and nothing else; a number that is too large is INT64_MAX. False: none.
 */
bool ndr_dkim_number(ndr_slice text, int64_t *ret);

static inline bool
ndr_dkim_is_blank(unsigned char c)
{
    return c == ' ' || c == '\t';
}

/* White space of a folded value, line ends and all. */
static inline bool
ndr_dkim_is_fold(unsigned char c)
{
    return ndr_dkim_is_blank(c) || c == '\r' || c == '\n';
}

/* Without white space at its ends. */
ndr_slice ndr_dkim_trim(ndr_slice text);
/*
 * The next part of a list in which `separator` stands between parts, white space around
 * each taken off; *at moves behind it and is text.len + 1 after the last. Start with 0.
 */
bool ndr_dkim_part(ndr_slice text, char separator, size_t *at, ndr_slice *part);

#endif
