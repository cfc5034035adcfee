/* SPDX-License-Identifier: BSD-3-Clause */
/* mime.h - of which parts is a message made? (RFC 2045, 2046) */
#ifndef NDR_MIME_H
#define NDR_MIME_H

#include "base/arena.h"
#include "ndrscan.h"
#include "transfer.h"

/* What a header says of the body behind it. Slices live in the arena. */
typedef struct ndr_content {
    ndr_slice type;     /* "text/plain", lower case; what is missing or broken is that */
    ndr_slice boundary; /* of a multipart; empty when it names none */
    ndr_slice charset;  /* empty when it names none */
    enum ndr_transfer transfer;
    bool attachment; /* Content-Disposition: attachment */
} ndr_content;

/* A Content-Type value (folds and all) into `c`; the rest stays as it was. What is
 * malformed is of type `standard` (a literal). Parameters may come in pieces, in order
 * (RFC 2231); a whole one wins. */
void
ndr_content_type(ndr_arena *a, ndr_slice value, const char *standard, ndr_content *c);
/* The same for Content-Transfer-Encoding and Content-Disposition values. */
void ndr_content_transfer(ndr_slice value, ndr_content *c);
void ndr_content_disposition(ndr_slice value, ndr_content *c);
/* A part's header at the start of `raw`; returns where its body begins. */
size_t
ndr_content_read(ndr_arena *a, ndr_slice raw, const char *standard, ndr_content *c);

typedef struct ndr_part {
    const ndr_content *content;
    ndr_slice body;    /* as stored, still encoded; empty for a multipart */
    bool multipart;    /* a container: its parts follow */
    bool unlisted;     /* stands for a multipart without usable boundary */
    bool plain_before; /* the nearest multipart/alternative had a text/plain before it */
} ndr_part;

/* false ends the walk. */
typedef bool ndr_part_fn(void *ctx, const ndr_part *part);

/*
 * Tell every part in order of appearance, containers before their parts, not
 * into message parts. A body without (usable) boundary is one part. Returns
 * false when parts were left out: deeper than 100, more than 10,000, or behind
 * 200,000 lines that begin with "--" and are no delimiter (50,000 when they begin as an
 * open boundary does). Linear in the body's length.
 */
bool ndr_mime_walk(ndr_arena *a, const ndr_content *top, ndr_slice body, ndr_part_fn *fn,
                   void *ctx);

#endif
