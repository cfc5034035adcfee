/* SPDX-License-Identifier: BSD-3-Clause */
/* batch.c - what is noted on a batch while it goes round? */
#include "batch.h"
#include "ndr_trouble.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Rendered bytes and kept records are reused up to this much each, so that one batch of
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
    t->sys_errno = err->code == NDR_E_SYS ? err->sys_errno : 0;
    t->source = (char *)(t + 1);
    t->text = t->source + name_size;
    memcpy(t->source, name, name_size);
    memcpy(t->text, err->text, text_size);
    ndr_trouble **end = &b->trouble;
    while (*end != NULL)
        end = &(*end)->next;
    *end = t;
}

int
ndr_batch_unread(const ndr_batch *b)
{
    const ndr_trouble *t = b->trouble;
    while (t != NULL && t->sys_errno == 0)
        t = t->next;
    return t != NULL ? t->sys_errno : 0;
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

static void
free_records(ndr_batch *b)
{
    free(b->record);
    b->record = NULL;
    b->record_count = b->record_cap = b->record_bytes = 0;
}

void *
ndr_batch_record(ndr_batch *b, size_t bytes)
{
    assert(bytes > 0 && (b->record_count == 0 || bytes == b->record_bytes));
    if (bytes != b->record_bytes) { /* the first one, or the slot was another sink's */
        free_records(b);
        b->record_bytes = bytes;
    }
    if (b->record_count == b->record_cap) {
        const size_t cap = b->record_cap == 0 ? 64 : 2 * b->record_cap;
        void *record = cap <= SIZE_MAX / bytes ? realloc(b->record, cap * bytes) : NULL;
        if (record == NULL) {
            b->out.failed = true;
            return NULL;
        }
        b->record = record;
        b->record_cap = cap;
    }
    return memset((char *)b->record + b->record_count++ * bytes, 0, bytes);
}

void
ndr_batch_reset(ndr_batch *b)
{
    if (b->out.cap > KEEP_OUT_BYTES)
        ndr_buffer_free(&b->out);
    ndr_buffer_clear(&b->out);
    if (b->record_cap * b->record_bytes > KEEP_OUT_BYTES)
        free_records(b);
    b->record_count = 0;
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
    free_records(b);
    free(b->mark);
    b->mark = NULL;
    b->mark_count = b->mark_cap = 0;
}
