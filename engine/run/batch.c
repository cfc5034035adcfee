/* SPDX-License-Identifier: BSD-3-Clause */
/* batch.c - what is noted on a batch while it goes round? */
#include "batch.h"

#include <stdlib.h>
#include <string.h>

/* Rendered bytes are kept for reuse up to this much, so that one batch of
 * many records does not hold its memory for the rest of the run. */
enum { KEEP_OUT_BYTES = 4 << 20 };

void
ndr_batch_trouble(ndr_batch *b, const char *name, const ndr_error *err)
{
    const size_t name_size = strlen(name) + 1;
    const size_t text_size = strlen(err->text) + 1;
    ndr_trouble *t = malloc(sizeof *t + name_size + text_size);
    if (t == NULL) {
        b->out.failed = true; /* the run ends: trouble is never silence */
        return;
    }
    t->next = NULL;
    t->source = (char *)(t + 1);
    t->text = t->source + name_size;
    memcpy(t->source, name, name_size);
    memcpy(t->text, err->text, text_size);
    ndr_trouble **end = &b->trouble;
    while (*end != NULL)
        end = &(*end)->next;
    *end = t;
}

void
ndr_batch_mark(ndr_batch *b, uint64_t index)
{
    if (b->mark_count == b->mark_cap) {
        const size_t cap = b->mark_cap == 0 ? 64 : 2 * b->mark_cap;
        struct ndr_mark *mark = realloc(b->mark, cap * sizeof *mark);
        if (mark == NULL) {
            b->out.failed = true;
            return;
        }
        b->mark = mark;
        b->mark_cap = cap;
    }
    b->mark[b->mark_count++] = (struct ndr_mark){.at = b->out.len, .index = index};
}

void
ndr_batch_reset(ndr_batch *b)
{
    if (b->out.cap > KEEP_OUT_BYTES)
        ndr_buffer_free(&b->out);
    ndr_buffer_clear(&b->out);
    b->mark_count = 0;
    b->stream = 0;
    b->messages = 0;
    b->bytes = 0;
    while (b->trouble != NULL) {
        ndr_trouble *t = b->trouble;
        b->trouble = t->next;
        free(t);
    }
}

void
ndr_batch_free(ndr_batch *b)
{
    ndr_batch_reset(b);
    ndr_buffer_free(&b->out);
    free(b->mark);
    b->mark = NULL;
    b->mark_count = b->mark_cap = 0;
}
