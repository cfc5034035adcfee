/* SPDX-License-Identifier: BSD-3-Clause */
/* facts.c - to whom did a message come, and when? */
#include "scan.h"

#include "header.h"
#include "recipient.h"

#include <string.h>

/* The canonical value of a field, borrowed from s->converted. */
static ndr_slice
value_of(ndr_scanner *s, ndr_place p, ndr_slice raw)
{
    ndr_buffer_clear(&s->converted);
    if (p.at != SIZE_MAX)
        ndr_header_value(&s->charsets, (ndr_slice){raw.ptr + p.at, p.len}, &s->work,
                         &s->converted);
    return (ndr_slice){s->converted.ptr, s->converted.len};
}

/* Keep a mailbox, its domain in lower-case A-labels without a final dot. */
static bool
keep_recipient(ndr_scanner *s, ndr_address a, enum ndr_origin origin, ndr_verdict *v)
{
    char domain[256];
    if (a.domain.len == 0 || !ndr_domain_normal(a.domain, domain))
        return false;
    const size_t n = strlen(domain);
    unsigned char *p = ndr_arena_take(&s->arena, a.local.len + 1 + n);
    if (p == NULL)
        return false;
    if (a.local.len > 0)
        memcpy(p, a.local.ptr, a.local.len);
    p[a.local.len] = '@';
    memcpy(p + a.local.len + 1, domain, n);
    v->recipient = (ndr_slice){p, a.local.len + 1 + n};
    v->local = (ndr_slice){p, a.local.len};
    v->domain = (ndr_slice){p + a.local.len + 1, n};
    v->recipient_origin = origin;
    return true;
}

static void
fill_recipient(ndr_scanner *s, const ndr_message *m, ndr_slice raw, ndr_verdict *v)
{
    static const struct {
        enum ndr_fact fact;
        enum ndr_origin origin;
    } fields[] = {
        {NDR_FACT_DELIVERED_TO, NDR_FROM_DELIVERED_TO},
        {NDR_FACT_X_ORIGINAL_TO, NDR_FROM_X_ORIGINAL_TO},
        {NDR_FACT_ENVELOPE_TO, NDR_FROM_ENVELOPE_TO},
        {NDR_FACT_X_ENVELOPE_TO, NDR_FROM_X_ENVELOPE_TO},
        {NDR_FACT_X_DELIVERED_TO, NDR_FROM_X_DELIVERED_TO},
    };
    if (s->opts.recipient_path != NULL &&
        keep_recipient(s, ndr_recipient_of_path(s->opts.recipient_path, m->source),
                       NDR_FROM_PATH, v))
        return;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (keep_recipient(s, ndr_address_find(value_of(s, s->fact[fields[i].fact], raw)),
                           fields[i].origin, v))
            return;
    for (size_t i = 0; i < s->received_count; i++)
        if (keep_recipient(s, ndr_received_for(value_of(s, s->received[i], raw)),
                           NDR_FROM_RECEIVED, v))
            return;
    (void)keep_recipient(s, ndr_address_find(value_of(s, s->fact[NDR_FACT_TO], raw)),
                         NDR_FROM_TO, v);
}

/* The time behind the last semicolon of the topmost Received (RFC 5321 4.4). */
static int64_t
received_time(const ndr_scanner *s, ndr_slice raw)
{
    if (s->received_count == 0)
        return NDR_TIME_UNKNOWN;
    const ndr_slice v = {raw.ptr + s->received[0].at, s->received[0].len};
    for (size_t i = v.len; i-- > 0;)
        if (v.ptr[i] == ';')
            return ndr_date_parse((ndr_slice){v.ptr + i + 1, v.len - i - 1});
    return NDR_TIME_UNKNOWN;
}

static void
fill_arrival(const ndr_scanner *s, const ndr_message *m, ndr_slice raw, ndr_verdict *v)
{
    const ndr_place date = s->fact[NDR_FACT_DATE];
    const int64_t dated =
        date.at == SIZE_MAX ? NDR_TIME_UNKNOWN
                            : ndr_date_parse((ndr_slice){raw.ptr + date.at, date.len});
    const struct {
        int64_t at;
        enum ndr_origin origin;
    } sources[] = {
        {s->opts.clock == NDR_CLOCK_NOW ? s->opts.now : NDR_TIME_UNKNOWN, NDR_FROM_CLOCK},
        {s->opts.clock == NDR_CLOCK_DATE ? dated : NDR_TIME_UNKNOWN, NDR_FROM_DATE},
        {received_time(s, raw), NDR_FROM_RECEIVED},
        {m->framed, m->framed_by_name ? NDR_FROM_MAILDIR_NAME : NDR_FROM_POSTMARK},
        {m->file_time, NDR_FROM_FILE_TIME},
        {dated, NDR_FROM_DATE},
    };
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++)
        if (sources[i].at != NDR_TIME_UNKNOWN) {
            v->arrived = sources[i].at;
            v->arrived_origin = sources[i].origin;
            return;
        }
}

void
ndr_facts_fill(ndr_scanner *s, const ndr_message *m, ndr_slice raw, ndr_verdict *v)
{
    fill_recipient(s, m, raw, v);
    fill_arrival(s, m, raw, v);
    ndr_slice id = value_of(s, s->fact[NDR_FACT_MESSAGE_ID], raw);
    if (id.len >= 2 && id.ptr[0] == '<' && id.ptr[id.len - 1] == '>')
        id = (ndr_slice){id.ptr + 1, id.len - 2};
    v->message_id = ndr_arena_copy(&s->arena, id);
}
