/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * writer.c - how do a batch's records reach a descriptor whole?
 *
 * They are gathered in one buffer and go out in one write. The rejected idea is
 * writev: with a number to put into each record it takes two pieces a record, and
 * what that saved in copying it lost again inside the kernel.
 */
#include "append.h"
#include "ndr_file.h"
#include "sinks.h"

enum {
    DIGITS = 20,          /* of UINT64_MAX */
    KEEP_BYTES = 4 << 20, /* one large batch does not hold its memory for good */
};

void
ndr_writer_batch(ndr_writer *w, const ndr_batch *b, uint64_t base)
{
    size_t from = 0;
    if (b->out.failed)
        w->pending.failed = true;
    if (b->mark_count < (SIZE_MAX - b->out.len) / DIGITS)
        (void)append_room(&w->pending, b->out.len + b->mark_count * DIGITS);
    for (size_t i = 0; i < b->mark_count; i++) {
        append_bytes(&w->pending, b->out.ptr + from, b->mark[i].at - from);
        append_number(&w->pending, base + b->mark[i].index);
        from = b->mark[i].at;
    }
    if (from < b->out.len)
        append_bytes(&w->pending, b->out.ptr + from, b->out.len - from);
}

int
ndr_writer_flush(ndr_writer *w, ndr_error *err)
{
    const bool failed = w->pending.failed;
    const int code =
        failed ? ndr_fail(err, NDR_E_NOMEM, "no memory to gather records")
               : ndr_write_whole(w->fd, (ndr_slice){w->pending.ptr, w->pending.len}, err);
    if (w->pending.cap > KEEP_BYTES)
        ndr_buffer_free(&w->pending);
    ndr_buffer_clear(&w->pending);
    return code;
}

void
ndr_writer_free(ndr_writer *w)
{
    ndr_buffer_free(&w->pending);
}

int
ndr_write_whole(int fd, ndr_slice bytes, ndr_error *err)
{
    if (!ndr_write_all(fd, bytes))
        return ndr_fail(err, NDR_E_SYS, "write output");
    return 0;
}
