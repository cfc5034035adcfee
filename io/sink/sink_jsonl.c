/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sink_jsonl.c - how does a verdict read as one JSON object on one line?
 *
 * verdict.schema.json is the other half of this file: the same fields in the
 * same order. What is not known is null, never left out, so that every record
 * has the same shape; only source_b64, member and evidence are there when they say
 * something.
 */
#include "append.h"
#include "sinks.h"

#include <stdlib.h>

typedef struct jsonl_sink {
    ndr_sink port;
    ndr_writer writer;
} jsonl_sink;

/* A string, or null when it is empty. */
static void
string(ndr_buffer *out, ndr_slice text)
{
    if (text.len == 0) {
        APPEND(out, "null");
        return;
    }
    APPEND(out, "\"");
    ndr_json_text(out, text);
    APPEND(out, "\"");
}

/* One of the engine's words, which need no escape. */
static void
word(ndr_buffer *out, const char *text)
{
    APPEND(out, "\"");
    append_bytes(out, text, strlen(text));
    APPEND(out, "\"");
}

static void
time_or_null(ndr_buffer *out, int64_t at, int64_t null)
{
    char text[32];
    if (at == null) {
        APPEND(out, "null");
        return;
    }
    ndr_time_format(at, text);
    word(out, text);
}

/* RFC 4648 4, with padding. */
static void
base64(ndr_buffer *out, ndr_slice bytes)
{
    static const char digit[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < bytes.len; i += 3) {
        const size_t n = bytes.len - i < 3 ? bytes.len - i : 3;
        const unsigned v = (unsigned)bytes.ptr[i] << 16 |
                           (n > 1 ? (unsigned)bytes.ptr[i + 1] << 8 : 0) |
                           (n > 2 ? bytes.ptr[i + 2] : 0u);
        const char four[4] = {digit[v >> 18], digit[v >> 12 & 63],
                              n > 1 ? digit[v >> 6 & 63] : '=',
                              n > 2 ? digit[v & 63] : '='};
        append_bytes(out, four, sizeof four);
    }
}

static void
place(ndr_batch *b, const ndr_message *m)
{
    ndr_buffer *out = &b->out;
    const ndr_slice source = ndr_slice_of(m->source);
    APPEND(out, "{\"source\":\"");
    const bool utf8 = ndr_json_put(out, source);
    if (!utf8) {
        APPEND(out, "\",\"source_b64\":\"");
        base64(out, source);
    }
    if (m->member != NULL) {
        APPEND(out, "\",\"member\":\"");
        ndr_json_text(out, ndr_slice_of(m->member));
    }
    APPEND(out, "\",\"index\":");
    ndr_batch_mark(b, m->index);
    APPEND(out, ",\"offset\":");
    append_number(out, m->offset);
    APPEND(out, ",\"length\":");
    append_number(out, m->length);
}

static void
recipient(ndr_buffer *out, const ndr_recipient *r)
{
    APPEND(out, "{\"final\":");
    string(out, r->final);
    APPEND(out, ",\"original\":");
    string(out, r->original);
    APPEND(out, ",\"action\":");
    string(out, r->action);
    APPEND(out, ",\"status\":");
    string(out, r->status);
    APPEND(out, ",\"diagnostic\":");
    string(out, r->diagnostic);
    APPEND(out, ",\"remote_mta\":");
    string(out, r->remote_mta);
    APPEND(out, ",\"reply\":");
    string(out, r->reply);
    APPEND(out, "}");
}

static void
dsn(ndr_buffer *out, const ndr_verdict *v)
{
    APPEND(out, ",\"dsn\":");
    if (v->reporting_mta.len == 0 && v->recipient_count == 0) {
        APPEND(out, "null");
        return;
    }
    APPEND(out, "{\"reporting_mta\":");
    string(out, v->reporting_mta);
    APPEND(out, ",\"arrival_date\":");
    time_or_null(out, ndr_date_parse(v->report_arrival), NDR_TIME_UNKNOWN);
    if (v->facts_from_text)
        APPEND(out, ",\"from_text\":true");
    else
        APPEND(out, ",\"from_text\":false");
    APPEND(out, ",\"recipients\":[");
    for (size_t i = 0; i < v->recipient_count; i++) {
        if (i > 0)
            APPEND(out, ",");
        recipient(out, &v->recipients[i]);
    }
    APPEND(out, "]}");
}

static void
returned(ndr_buffer *out, const ndr_returned *r)
{
    APPEND(out, ",\"returned\":");
    if (r->message_id.len + r->from.len + r->to.len + r->subject.len + r->date.len +
            r->return_path.len + r->received.len ==
        0) {
        APPEND(out, "null");
        return;
    }
    APPEND(out, "{\"message_id\":");
    string(out, r->message_id);
    APPEND(out, ",\"from\":");
    string(out, r->from);
    APPEND(out, ",\"to\":");
    string(out, r->to);
    APPEND(out, ",\"subject\":");
    string(out, r->subject);
    APPEND(out, ",\"date\":");
    string(out, r->date);
    APPEND(out, ",\"return_path\":");
    string(out, r->return_path);
    APPEND(out, ",\"received\":");
    time_or_null(out, ndr_received_parse(r->received), NDR_TIME_UNKNOWN);
    APPEND(out, "}");
}

static void
evidence(ndr_buffer *out, const ndr_evidence *e)
{
    if (e == NULL)
        return;
    APPEND(out, ",\"evidence\":{\"whose\":");
    word(out, ndr_whose_name(e->whose));
    APPEND(out, ",\"proofs\":[");
    for (size_t i = 0; i < e->count; i++) {
        if (i > 0)
            APPEND(out, ",");
        APPEND(out, "{\"proof\":");
        word(out, e->proof[i].name);
        APPEND(out, ",\"result\":");
        word(out, e->proof[i].result);
        APPEND(out, ",\"detail\":");
        string(out, ndr_slice_of(e->proof[i].detail));
        APPEND(out, "}");
    }
    APPEND(out, "]}");
}

static void
window(ndr_buffer *out, const ndr_window *w)
{
    APPEND(out, ",\"window\":");
    if (w == NULL) {
        APPEND(out, "null");
        return;
    }
    APPEND(out, "{\"domain\":");
    string(out, w->domain);
    APPEND(out, ",\"from\":");
    time_or_null(out, w->from, NDR_TIME_UNKNOWN);
    APPEND(out, ",\"until\":");
    time_or_null(out, w->until, NDR_TIME_OPEN);
    APPEND(out, ",\"where\":");
    string(out, w->where);
    APPEND(out, ",\"note\":");
    string(out, w->note);
    APPEND(out, "}");
}

/* The sentence is written into `out` as it is, and once more behind it as JSON, which
 * then takes its place: no memory of our own, nothing kept between calls. */
static void
reason(ndr_buffer *out, const ndr_verdict *v)
{
    APPEND(out, ",\"reason\":\"");
    const size_t at = out->len;
    ndr_verdict_reason(v, out);
    const size_t n = out->len - at;
    if (!append_room(out, NDR_JSON_GROWTH * n + NDR_JSON_SLACK))
        return;
    ndr_json_text(out, (ndr_slice){out->ptr + at, n});
    memmove(out->ptr + at, out->ptr + at + n, out->len - at - n);
    out->len -= n;
    APPEND(out, "\"");
}

static void
flags(ndr_buffer *out, unsigned set)
{
    static const struct {
        enum ndr_message_flag flag;
        char name[12];
    } names[] = {{NDR_MSG_TRUNCATED, "truncated"},
                 {NDR_MSG_DAMAGED, "damaged"},
                 {NDR_MSG_DEEP, "deep"},
                 {NDR_MSG_SUSPECT, "suspect"}};
    bool first = true;
    APPEND(out, ",\"flags\":[");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if ((set & names[i].flag) == 0)
            continue;
        if (!first)
            APPEND(out, ",");
        word(out, names[i].name);
        first = false;
    }
    APPEND(out, "]");
}

static int
render(const ndr_sink *s, ndr_batch *b, const ndr_message *m, const ndr_verdict *v,
       ndr_error *err)
{
    ndr_buffer *out = &b->out;
    (void)s;
    place(b, m);
    APPEND(out, ",\"message_id\":");
    string(out, v->message_id);
    APPEND(out, ",\"recipient\":");
    string(out, v->recipient);
    APPEND(out, ",\"domain\":");
    string(out, v->domain);
    APPEND(out, ",\"recipient_origin\":");
    word(out, ndr_origin_name(v->recipient_origin));
    APPEND(out, ",\"arrived\":");
    time_or_null(out, v->arrived, NDR_TIME_UNKNOWN);
    APPEND(out, ",\"arrived_origin\":");
    word(out, ndr_origin_name(v->arrived_origin));
    APPEND(out, ",\"verdict\":");
    word(out, ndr_decision_name(v->decision));
    APPEND(out, ",\"kind\":");
    string(out, ndr_slice_of(v->kind == NDR_KIND_NONE ? NULL : ndr_kind_name(v->kind)));
    APPEND(out, ",\"rule\":");
    string(out, ndr_slice_of(v->rule == NULL ? NULL : v->rule->id));
    APPEND(out, ",\"system\":");
    string(out, ndr_slice_of(v->rule == NULL ? NULL : v->rule->system));
    dsn(out, v);
    returned(out, &v->returned);
    evidence(out, v->evidence);
    window(out, v->window);
    reason(out, v);
    flags(out, v->flags | m->flags);
    APPEND(out, "}\n");
    return out->failed ? ndr_fail(err, NDR_E_NOMEM, "no memory for a record") : 0;
}

static int
commit(ndr_sink *s, const ndr_batch *b, uint64_t base, ndr_error *err)
{
    jsonl_sink *j = (jsonl_sink *)s;
    ndr_writer_batch(&j->writer, b, base);
    return ndr_writer_flush(&j->writer, err);
}

static int
close_sink(ndr_sink *s, ndr_error *err)
{
    jsonl_sink *j = (jsonl_sink *)s;
    (void)err; /* commit leaves nothing behind */
    ndr_writer_free(&j->writer);
    free(j);
    return 0;
}

int
ndr_sink_jsonl_open(int fd, ndr_sink **ret, ndr_error *err)
{
    jsonl_sink *j = malloc(sizeof *j);
    if (j == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for the output");
    *j = (jsonl_sink){.port = {NDR_SIZED(ndr_sink), render, commit, close_sink},
                      .writer = {.fd = fd}};
    *ret = &j->port;
    return 0;
}
