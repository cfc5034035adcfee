/* SPDX-License-Identifier: BSD-3-Clause */
/* facts.c - to whom did a message come, and when? */
#include "parts.h"
#include "prove.h"
#include "scan.h"

#include "facts/text_recipient.h"
#include "mail/header.h"
#include "mail/mailboxes.h"
#include "mail/recipient.h"
#include "match/fold.h"

#include <string.h>

ndr_slice
ndr_fact_value(const ndr_scanner *s, enum ndr_fact fact, ndr_slice raw)
{
    for (size_t i = 0; i < s->head.place_count; i++)
        if (s->head.place[i].fact == fact)
            return (ndr_slice){raw.ptr + s->head.place[i].at, s->head.place[i].len};
    return (ndr_slice){0};
}

/* A value in canonical form, borrowed from s->step.converted. */
static ndr_slice
canonical(ndr_scanner *s, ndr_slice value)
{
    ndr_buffer_rewind(&s->step.converted);
    ndr_header_value(&s->charsets, value, &s->step.work, &s->step.converted);
    return (ndr_slice){s->step.converted.ptr, s->step.converted.len};
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

/* Is it this machine, which no mail from outside is addressed to (RFC 6761 6.3)? */
static bool
is_this_machine(ndr_slice domain)
{
    return ndr_slice_equal_nocase(domain, NDR_SLICE("localhost")) ||
           ndr_slice_equal_nocase(domain, NDR_SLICE("localhost.localdomain"));
}

/* The mailbox in the value at place[k], if it may be taken in this round. */
static bool
keep_place(ndr_scanner *s, ndr_slice raw, size_t k, enum ndr_origin origin, bool local,
           ndr_verdict *v)
{
    const ndr_place *p = &s->head.place[k];
    const ndr_slice value = canonical(s, (ndr_slice){raw.ptr + p->at, p->len});
    const ndr_address a =
        p->fact == NDR_FACT_RECEIVED ? ndr_received_for(value) : ndr_address_find(value);
    return is_this_machine(a.domain) == local && keep_recipient(s, a, origin, v);
}

/* The mailbox that the fields of place[begin..end) name, all between two Received. */
static bool
keep_delivery(ndr_scanner *s, ndr_slice raw, size_t begin, size_t end, bool local,
              ndr_verdict *v)
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
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        for (size_t k = begin; k < end; k++)
            if (s->head.place[k].fact == fields[i].fact &&
                keep_place(s, raw, k, fields[i].origin, local, v))
                return true;
    return false;
}

/*
 * A header grows at its top: what stands above the topmost Received was written by the
 * system that keeps the mail, then comes what that Received says, then what other systems
 * wrote before, down to the sender's own. So the topmost word counts; To, which is the
 * sender's wherever it stands, is the last.
 */
static bool
keep_topmost(ndr_scanner *s, ndr_slice raw, bool local, ndr_verdict *v)
{
    for (size_t begin = 0; begin < s->head.place_count;) {
        size_t end = begin;
        while (end < s->head.place_count && s->head.place[end].fact != NDR_FACT_RECEIVED)
            end++;
        if (keep_delivery(s, raw, begin, end, local, v) ||
            (end < s->head.place_count &&
             keep_place(s, raw, end, NDR_FROM_RECEIVED, local, v)))
            return true;
        begin = end + 1;
    }
    for (size_t k = 0; k < s->head.place_count; k++)
        if (s->head.place[k].fact == NDR_FACT_TO &&
            keep_place(s, raw, k, NDR_FROM_TO, local, v))
            return true;
    return false;
}

/* What the header says. */
static void
keep_told(ndr_scanner *s, ndr_slice raw, ndr_verdict *v)
{
    /* a step within one machine ("for <u@localhost>") says less than the one before it */
    if (!keep_topmost(s, raw, false, v))
        (void)keep_topmost(s, raw, true, v);
}

static void
fill_recipient(ndr_scanner *s, const ndr_message *m, ndr_slice raw, ndr_verdict *v)
{
    char room[NDR_PATH_BYTES];
    const ndr_mailboxes by_template = {.pattern = s->opts.recipient_path};
    const ndr_mailboxes *by =
        s->opts.mailboxes != NULL ? s->opts.mailboxes : &by_template;
    if ((by->pattern == NULL && by->count == 0) ||
        !keep_recipient(s, ndr_mailboxes_find(by, m->source, room), NDR_FROM_PATH, v)) {
        keep_told(s, raw, v);
        return;
    }
    ndr_verdict told = {0};
    keep_told(s, raw, &told);
    if (!ndr_slice_equal(v->domain, told.domain)) {
        s->flags |= NDR_MSG_ELSEWHERE;
    } else if (v->local.len == 0) { /* whose in the domain, only the header says */
        v->recipient = told.recipient;
        v->local = told.local;
    }
}

int
ndr_scan_for(ndr_scanner *s, ndr_slice recipient, ndr_verdict *v, ndr_error *err)
{
    /* what comes to a journal's mailbox was to those that its cover names */
    if (v->recipient_origin == NDR_FROM_JOURNAL)
        return 0;
    const ndr_address a = ndr_address_find(recipient);
    if (v->domain.len == 0 || !is_this_machine(a.domain))
        (void)keep_recipient(s, a, NDR_FROM_ENVELOPE, v);
    if (s->arena.failed)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a recipient");
    return ndr_prove_and_decide(s, v, err);
}

int64_t
ndr_received_parse(ndr_slice v)
{
    for (size_t i = v.len; i-- > 0;)
        if (v.ptr[i] == ';')
            return ndr_date_parse((ndr_slice){v.ptr + i + 1, v.len - i - 1});
    return NDR_TIME_UNKNOWN;
}

static void
fill_arrival(const ndr_scanner *s, const ndr_message *m, ndr_slice raw, ndr_verdict *v)
{
    const int64_t dated = ndr_date_parse(ndr_fact_value(s, NDR_FACT_DATE, raw));
    const struct {
        int64_t at;
        enum ndr_origin origin;
    } sources[] = {
        {s->opts.clock == NDR_CLOCK_NOW ? s->opts.now : NDR_TIME_UNKNOWN, NDR_FROM_CLOCK},
        {s->opts.clock == NDR_CLOCK_DATE ? dated : NDR_TIME_UNKNOWN, NDR_FROM_DATE},
        {ndr_received_parse(ndr_fact_value(s, NDR_FACT_RECEIVED, raw)),
         NDR_FROM_RECEIVED},
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

bool
ndr_facts_want_text(const ndr_scanner *s, const ndr_verdict *v)
{
    return s->report.count == 0 &&
           (v->kind == NDR_KIND_NONE || v->kind == NDR_KIND_FAILED ||
            v->kind == NDR_KIND_DELAYED || v->kind == NDR_KIND_DELIVERED ||
            v->kind == NDR_KIND_REJECTED_CONTENT);
}

/* Does the text name somebody who failed, and with which code? */
static bool
is_stated(const ndr_report *report)
{
    for (size_t i = 0; i < report->count; i++)
        if (report->recipient[i].final.len > 0 &&
            report->recipient[i].reply.len + report->recipient[i].status.len > 0)
            return true;
    return false;
}

int
ndr_facts_from_text(ndr_scanner *s, ndr_slice raw, ndr_error *err)
{
    s->text_due = false;
    const int rc = ndr_parts_text(s, err); /* if the rule was settled without it */
    if (rc < 0)
        return rc;
    ndr_fold(s->text.ptr, s->text.len); /* whether or not a signal asked for it */
    const ndr_slice from = canonical(s, ndr_fact_value(s, NDR_FACT_FROM, raw));
    const ndr_slice daemon = ndr_arena_copy(&s->arena, from);
    const ndr_text_recipient p = {
        .text = {s->text.ptr, s->text.len},
        .own = s->own,
        .daemon = daemon,
        .failed = canonical(s, ndr_fact_value(s, NDR_FACT_FAILED, raw)),
        .sender = s->returned.from,
        .to = s->returned.to,
        .message_id = s->returned.message_id,
    };
    ndr_text_recipient_read(&p, &s->arena, &s->report);
    s->report.from_text = s->report.count > 0;
    if (!is_stated(&s->report) && ndr_parts_inner(s))
        ndr_scanner_say(s, "a bounce in a bounce: the inner one names the recipients");
    return 0;
}

void
ndr_facts_tell(const ndr_scanner *s, ndr_verdict *v)
{
    v->reporting_mta = s->report.reporting_mta;
    v->report_arrival = s->report.arrival_date;
    v->facts_from_text = s->report.from_text;
    v->recipients = s->report.recipient;
    v->recipient_count = s->report.count;
}

void
ndr_facts_fill(ndr_scanner *s, const ndr_message *m, ndr_slice raw, ndr_verdict *v)
{
    fill_recipient(s, m, raw, v);
    fill_arrival(s, m, raw, v);
    ndr_slice id = canonical(s, ndr_fact_value(s, NDR_FACT_MESSAGE_ID, raw));
    if (id.len >= 2 && id.ptr[0] == '<' && id.ptr[id.len - 1] == '>')
        id = (ndr_slice){id.ptr + 1, id.len - 2};
    v->message_id = ndr_arena_copy(&s->arena, id);
}
