/* SPDX-License-Identifier: BSD-3-Clause */
/* history_told.h - the lines of a history, as rows of a test have them */
#ifndef HISTORY_TOLD_H
#define HISTORY_TOLD_H

#include "app/history_read.h"

#include "harness.h"

static inline void
told_member(ndr_buffer *out, const char *name, ndr_slice text)
{
    if (text.len == 0)
        return;
    ndr_buffer_printf(out, "%s=", name);
    for (size_t i = 0; i < text.len; i++)
        ndr_buffer_byte(out, text.ptr[i] != '\0' ? text.ptr[i] : '@');
    ndr_buffer_byte(out, ' ');
}

/* Of history_asked; `ctx` is an ndr_buffer. */
static inline bool
told_line(void *ctx, const history_line *line)
{
    ndr_buffer *out = ctx;
    told_member(out, "at", line->at);
    told_member(out, "who", line->who);
    told_member(out, "person", line->person);
    told_member(out, "what", line->what);
    told_member(out, "domain", line->domain);
    told_member(out, "from", line->from);
    told_member(out, "until", line->until);
    told_member(out, "note", line->note);
    told_member(out, "folder", line->folder);
    told_member(out, "take", line->take);
    for (size_t i = 0; i < line->mailbox_count; i++)
        told_member(out, "mailbox", line->mailboxes[i]);
    ndr_buffer_text(out, line->until_calm ? "calm " : "");
    ndr_buffer_text(out, line->subdomains ? "below " : "");
    out->len -= out->len > 0 && out->ptr[out->len - 1] == ' ';
    ndr_buffer_byte(out, '\n');
    assert_int_equal(line->whole.ptr[line->whole.len - 1], '}');
    return true;
}

#endif
