/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sink_tsv.c - how does a verdict read as one line of a table?
 *
 * A header line, then the same columns for each message; empty is unknown or
 * none. Tab, LF, CR and backslash stand as \t \n \r \\, what a terminal would not show as
 * what it is and what is no UTF-8 as \xNN a byte.
 */
#include "append.h"
#include "sinks.h"

#include <stdlib.h>
#include <string.h>

const char ndr_tsv_header[] =
    "source\tindex\toffset\tlength\tverdict\tkind\trule\trecipient\t"
    "domain\tarrived\twindow\tmessage_id\treason\twhose\tproof\n";

typedef struct tsv_sink {
    ndr_sink port;
    ndr_writer writer;
    bool begun; /* the header line was written, or it was tried */
} tsv_sink;

static void
column(ndr_buffer *out, ndr_slice text)
{
    ndr_put_visible(out, text, true);
    APPEND(out, "\t");
}

/* The sentence is written into `out` as it is, and once more behind it as a value,
 * which then takes its place: no memory of our own, nothing kept between calls. */
static void
reason(ndr_buffer *out, const ndr_verdict *v)
{
    const size_t at = out->len;
    ndr_verdict_reason(v, out);
    const size_t n = out->len - at;
    if (!append_room(out, NDR_VISIBLE_GROWTH * n))
        return;
    ndr_put_visible(out, (ndr_slice){out->ptr + at, n}, true);
    memmove(out->ptr + at, out->ptr + at + n, out->len - at - n);
    out->len -= n;
}

/* Where it was asked: whose mail came back, and by which proof. */
static void
whose(ndr_buffer *out, const ndr_evidence *e)
{
    const bool known = e != NULL && e->known;
    column(out, ndr_slice_of(known ? ndr_whose_name(e->whose) : ""));
    ndr_put_visible(
        out, ndr_slice_of(known && e->decisive >= 0 ? e->proof[e->decisive].name : ""),
        true);
}

static int
render(const ndr_sink *s, ndr_batch *b, const ndr_message *m, const ndr_verdict *v,
       ndr_error *err)
{
    ndr_buffer *out = &b->out;
    (void)s;
    column(out, ndr_slice_of(m->source));
    ndr_batch_mark(b, m->index);
    APPEND(out, "\t");
    append_number(out, m->offset);
    APPEND(out, "\t");
    append_number(out, m->length);
    APPEND(out, "\t");
    column(out, ndr_slice_of(ndr_decision_name(v->decision)));
    column(out, ndr_slice_of(v->kind == NDR_KIND_NONE ? "" : ndr_kind_name(v->kind)));
    column(out, ndr_slice_of(v->rule == NULL ? "" : v->rule->id));
    column(out, v->recipient);
    column(out, v->domain);
    char at[32] = "";
    if (v->arrived != NDR_TIME_UNKNOWN)
        ndr_time_format(v->arrived, at);
    column(out, ndr_slice_of(at));
    column(out, v->window == NULL ? (ndr_slice){0} : v->window->where);
    column(out, v->message_id);
    reason(out, v);
    APPEND(out, "\t");
    whose(out, v->evidence);
    APPEND(out, "\n");
    return out->failed ? ndr_fail(err, NDR_E_NOMEM, "no memory for a record") : 0;
}

/* The header line goes first, whatever comes next. */
static void
begin(tsv_sink *t)
{
    if (!t->begun)
        append_bytes(&t->writer.pending, ndr_tsv_header, strlen(ndr_tsv_header));
    t->begun = true;
}

static int
commit(ndr_sink *s, const ndr_batch *b, uint64_t base, ndr_error *err)
{
    tsv_sink *t = (tsv_sink *)s;
    begin(t);
    ndr_writer_batch(&t->writer, b, base);
    return ndr_writer_flush(&t->writer, err);
}

static int
close_sink(ndr_sink *s, ndr_error *err)
{
    tsv_sink *t = (tsv_sink *)s;
    begin(t);
    const int code = ndr_writer_flush(&t->writer, err);
    ndr_writer_free(&t->writer);
    free(t);
    return code;
}

int
ndr_sink_tsv_open(int fd, ndr_sink **ret, ndr_error *err)
{
    tsv_sink *t = malloc(sizeof *t);
    if (t == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for the output");
    *t = (tsv_sink){.port = {NDR_SIZED(ndr_sink), render, commit, close_sink},
                    .writer = {.fd = fd}};
    *ret = &t->port;
    return 0;
}
