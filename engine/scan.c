/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * scan.c - what do the rules say of one message?
 *
 *   header fields -> canonical lines -> one scan -> is any rule still open?
 *        no: not a bounce, the body is never touched
 *        yes: parts -> report lines, text -> a scan each -> the rule that is named
 *
 * All state is the scanner's own; after warm-up nothing is allocated.
 */
#include "scan.h"

#include "fold.h"
#include "header.h"
#include "html.h"
#include "mime.h"
#include "paragraph.h"
#include "prose.h"
#include "suspect.h"
#include "utf8.h"

#include <stdlib.h>
#include <string.h>

enum {
    HEADER_LIMIT = 1 << 20,
    TEXT_LIMIT = 256 << 10,
    ALL_TEXT_BYTES = 1 << 20, /* of all parts together */
    RETURNED_BYTES = 64 << 10, /* of an encoded returned message: its header */
    LONE_CR_BYTES = 4 << 10,
};

int
ndr_scanner_new(const ndr_scan_opts *opts, ndr_scanner **ret, ndr_error *err)
{
    const ndr_ruleset *rs = opts->rules;
    ndr_scanner *s = calloc(1, sizeof *s);
    if (s == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a scanner");
    s->opts = *opts;
    s->rules = rs;
    s->header_limit = opts->header_limit_bytes > 0 ? opts->header_limit_bytes : HEADER_LIMIT;
    s->text_limit = opts->text_limit_bytes > 0 ? opts->text_limit_bytes : TEXT_LIMIT;
    s->is_hit = calloc(rs->signal_count + 1, sizeof *s->is_hit);
    s->hit = calloc(rs->signal_count + 1, sizeof *s->hit);
    s->is_touched = calloc(rs->rule_count + 1, sizeof *s->is_touched);
    s->touched = calloc(rs->rule_count + 1, sizeof *s->touched);
    if (s->is_hit == NULL || s->hit == NULL || s->is_touched == NULL || s->touched == NULL ||
        (rs->scratch != NULL && hs_clone_scratch(rs->scratch, &s->scratch) != HS_SUCCESS)) {
        ndr_scanner_free(s);
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a scanner");
    }
    *ret = s;
    return 0;
}

void
ndr_scanner_free(ndr_scanner *s)
{
    if (s == NULL)
        return;
    (void)hs_free_scratch(s->scratch);
    ndr_charsets_done(&s->charsets);
    ndr_arena_free(&s->arena);
    ndr_buffer_free(&s->lines);
    ndr_buffer_free(&s->status);
    ndr_buffer_free(&s->text);
    ndr_buffer_free(&s->work);
    ndr_buffer_free(&s->decoded);
    ndr_buffer_free(&s->converted);
    ndr_buffer_free(&s->unlined);
    ndr_buffer_free(&s->lined);
    free(s->span);
    free(s->is_hit);
    free(s->hit);
    free(s->is_touched);
    free(s->touched);
    free(s);
}

void
ndr_scanner_trace(ndr_scanner *s, ndr_trace_fn *fn, void *ctx)
{
    s->trace = fn;
    s->trace_ctx = ctx;
}

static void
forget(ndr_scanner *s)
{
    for (size_t i = 0; i < s->hit_count; i++)
        s->is_hit[s->hit[i]] = 0;
    for (size_t i = 0; i < s->touched_count; i++)
        s->is_touched[s->touched[i]] = 0;
    s->hit_count = s->hits_spread = s->touched_count = 0;
    s->candidate = false;
    s->signs = 0;
    s->flags = 0;
    s->report = (ndr_report){0};
    s->returned = (ndr_returned){0};
    s->has_returned = false;
    s->text_part = NULL;
    s->text_part_end = &s->text_part;
    s->text_bytes = 0;
    ndr_arena_reset(&s->arena);
    ndr_buffer_clear(&s->status);
    ndr_buffer_clear(&s->text);
}

/* ---- spans: which target does an offset of the canonical lines belong to? ---- */

static bool
add_span(ndr_scanner *s, size_t begin, size_t end, uint32_t target)
{
    if (s->span_count == s->span_cap) {
        const size_t cap = s->span_cap == 0 ? 64 : 2 * s->span_cap;
        ndr_span *span = realloc(s->span, cap * sizeof *span);
        if (span == NULL)
            return false;
        s->span = span;
        s->span_cap = cap;
    }
    s->span[s->span_count++] = (ndr_span){begin, end, target};
    return true;
}

static const ndr_span *
span_at(const ndr_scanner *s, size_t end)
{
    size_t lo = 0, hi = s->span_count;
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (s->span[mid].end < end)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < s->span_count && end > s->span[lo].begin ? &s->span[lo] : NULL;
}

/* ---- hits ---- */

static void
tell_hit(const ndr_scanner *s, uint32_t row, size_t end, ndr_slice lines)
{
    size_t from = end > 0 ? end - 1 : 0, to = from;
    while (from > 0 && lines.ptr[from - 1] != '\n')
        from--;
    while (to < lines.len && lines.ptr[to] != '\n')
        to++;
    s->trace(s->trace_ctx, &(ndr_step){.signal = (int)row, .offset = end,
                                       .line = {lines.ptr + from, to - from},
                                       .line_end = end - from});
}

void
ndr_scanner_say(const ndr_scanner *s, const char *text)
{
    if (s->trace != NULL)
        s->trace(s->trace_ctx, &(ndr_step){.signal = -1, .text = text});
}

static void
add_hit(ndr_scanner *s, uint32_t row)
{
    s->is_hit[row] = 1;
    s->hit[s->hit_count++] = row;
}

typedef struct hs_ctx {
    ndr_scanner *s;
    ndr_slice lines;
    bool spans; /* the area holds several targets */
} hs_ctx;

static int
on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *arg)
{
    const hs_ctx *c = arg;
    ndr_scanner *s = c->s;
    (void)from;
    (void)flags;
    if (s->is_hit[id])
        return 0;
    if (c->spans) {
        const ndr_span *span = span_at(s, (size_t)to);
        if (span == NULL || span->target != s->rules->signal[id].target_id)
            return 0;
    }
    add_hit(s, id);
    if (s->trace != NULL)
        tell_hit(s, id, (size_t)to, c->lines);
    return 0;
}

static int
scan_area(ndr_scanner *s, enum ndr_area area, ndr_buffer *b, ndr_error *err)
{
    if (b->failed)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a message");
    const hs_database_t *db = s->rules->db[area];
    if (db == NULL || b->len == 0)
        return 0;
    ndr_fold(b->ptr, b->len);
    hs_ctx c = {s, {b->ptr, b->len}, area < NDR_AREA_TEXT};
    const unsigned n = b->len > UINT32_MAX ? UINT32_MAX : (unsigned)b->len;
    const hs_error_t rc = hs_scan(db, (const char *)b->ptr, n, 0, s->scratch, on_match, &c);
    return rc == HS_SUCCESS ? 0 : ndr_fail(err, NDR_E_LIMIT, "Hyperscan answers %d", rc);
}

/* ---- header ---- */

ndr_slice
ndr_scanner_view(ndr_scanner *s, ndr_slice raw)
{
    const size_t probe = raw.len < LONE_CR_BYTES ? raw.len : LONE_CR_BYTES;
    if (raw.len == 0 || memchr(raw.ptr, '\n', probe) != NULL ||
        memchr(raw.ptr, '\r', probe) == NULL || memchr(raw.ptr, '\n', raw.len) != NULL)
        return raw;
    ndr_buffer_clear(&s->unlined);
    if (!ndr_buffer_reserve(&s->unlined, raw.len))
        return raw;
    for (size_t i = 0; i < raw.len; i++)
        s->unlined.ptr[i] = raw.ptr[i] == '\r' ? '\n' : raw.ptr[i];
    return (ndr_slice){s->unlined.ptr, raw.len};
}

static void
note_fact(ndr_scanner *s, enum ndr_fact fact, ndr_slice raw, ndr_slice value)
{
    if (s->fact_count[fact] == NDR_PLACE_LIMIT)
        return;
    s->fact_count[fact]++;
    s->place[s->place_count++] = (ndr_place){fact, (size_t)(value.ptr - raw.ptr), value.len};
}

/* Does a header that was read up to `at` go on where `head` does not? */
static bool
is_cut(ndr_slice head, size_t at)
{
    if (head.len == 0)
        return true; /* ptr may be NULL */
    const unsigned char *p = head.ptr + at; /* behind an empty line: it is whole */
    if (at > 1 && p[-1] == '\n' && (p[-2] == '\n' || (at > 2 && p[-2] == '\r' && p[-3] == '\n')))
        return false;
    return at == head.len || memchr(p, '\n', head.len - at) == NULL;
}

/* Read the fields that are wanted; where the body begins, SIZE_MAX: no memory. */
static size_t
read_header(ndr_scanner *s, ndr_slice raw)
{
    s->place_count = 0;
    memset(s->fact_count, 0, sizeof s->fact_count);
    s->span_count = 0;
    ndr_buffer_clear(&s->lines);
    ndr_slice head = raw;
    if (head.len > s->header_limit)
        head.len = s->header_limit;
    size_t at = 0;
    ndr_field f;
    while (ndr_header_next(head, &at, &f) > 0) {
        const ndr_wanted *w = ndr_ruleset_wanted(s->rules, f.name);
        if (w == NULL)
            continue;
        if (w->fact != NDR_FACT_NONE)
            note_fact(s, w->fact, raw, f.value);
        if (w->target == 0)
            continue;
        const size_t begin = s->lines.len;
        ndr_header_value(&s->charsets, f.value, &s->work, &s->lines);
        if (s->lines.failed || s->work.failed)
            return SIZE_MAX;
        if (s->lines.len == begin)
            continue; /* an empty field is an absent one */
        if (!add_span(s, begin, s->lines.len, w->target - 1))
            return SIZE_MAX;
        ndr_buffer_byte(&s->lines, '\n');
    }
    if (head.len < raw.len && is_cut(head, at))
        s->flags |= NDR_MSG_TRUNCATED;
    return at;
}

/* Hit what is told by a field being there or not. */
static void
hit_presence(ndr_scanner *s)
{
    for (size_t k = 0; k < s->span_count; k++) {
        const uint32_t row = s->rules->present[s->span[k].target];
        if (row == 0 || s->is_hit[row - 1])
            continue;
        add_hit(s, row - 1);
        if (s->trace != NULL)
            tell_hit(s, row - 1, s->span[k].end, (ndr_slice){s->lines.ptr, s->lines.len});
    }
    for (size_t i = 0; i < s->rules->absent_count; i++) {
        const uint32_t row = s->rules->absent[i];
        bool there = false;
        for (size_t k = 0; k < s->span_count && !there; k++)
            there = s->span[k].target == s->rules->signal[row].target_id;
        if (there)
            continue;
        add_hit(s, row);
        if (s->trace != NULL)
            s->trace(s->trace_ctx, &(ndr_step){.signal = (int)row});
    }
}

/* ---- rules on bits ---- */

/* Touch the rules that name what was hit since the last call. */
static void
spread_hits(ndr_scanner *s)
{
    const ndr_ruleset *rs = s->rules;
    for (; s->hits_spread < s->hit_count; s->hits_spread++) {
        const ndr_signal *sig = &rs->signal[s->hit[s->hits_spread]];
        if (sig->candidate) {
            s->candidate = true;
            s->signs |= ndr_sign_of_target(sig->target);
        }
        for (uint32_t u = 0; u < sig->use_count; u++) {
            const uint32_t rule = rs->use[sig->use_at + u];
            if (!s->is_touched[rule]) {
                s->is_touched[rule] = 1;
                s->touched[s->touched_count++] = rule;
            }
        }
    }
}

/* After the header scan: could this rule still match? */
static bool
is_open(const ndr_scanner *s, uint32_t rule)
{
    const ndr_rule *r = &s->rules->rule[rule];
    const uint32_t *sig = r->signal;
    for (uint32_t i = 0; i < r->all_count; i++, sig++)
        if (!s->is_hit[*sig] && s->rules->signal[*sig].area == NDR_AREA_HEADER)
            return false;
    bool any = r->any_count == 0 || s->rules->plan[rule].any_in_body;
    for (uint32_t i = 0; i < r->any_count; i++, sig++)
        any = any || s->is_hit[*sig];
    if (!any)
        return false;
    for (uint32_t i = 0; i < r->none_count; i++, sig++)
        if (s->is_hit[*sig])
            return false;
    return true;
}

static bool
is_matched(const ndr_scanner *s, uint32_t rule)
{
    const ndr_rule *r = &s->rules->rule[rule];
    const uint32_t *sig = r->signal;
    for (uint32_t i = 0; i < r->all_count; i++, sig++)
        if (!s->is_hit[*sig])
            return false;
    bool any = r->any_count == 0;
    for (uint32_t i = 0; i < r->any_count; i++, sig++)
        any = any || s->is_hit[*sig];
    if (!any)
        return false;
    for (uint32_t i = 0; i < r->none_count; i++, sig++)
        if (s->is_hit[*sig])
            return false;
    return true;
}

bool
ndr_scan_matched(const ndr_scanner *s, size_t i)
{
    return s->candidate && is_matched(s, (uint32_t)i);
}

static const ndr_rule *
named_rule(const ndr_scanner *s)
{
    uint32_t best = UINT32_MAX;
    for (size_t i = 0; i < s->touched_count; i++) {
        const uint32_t rule = s->touched[i];
        if ((best == UINT32_MAX || s->rules->plan[rule].place < s->rules->plan[best].place) &&
            is_matched(s, rule))
            best = rule;
    }
    return best == UINT32_MAX ? NULL : &s->rules->rule[best];
}

/* ---- body ---- */

static bool
is_returned_type(ndr_slice type)
{
    return (type.len > 8 && memcmp(type.ptr, "message/", 8) == 0) ||
           ndr_slice_equal(type, NDR_SLICE("text/rfc822-headers"));
}

static void
read_returned(ndr_scanner *s, ndr_slice raw)
{
    if (s->has_returned)
        return;
    s->has_returned = true;
    if (raw.len > s->header_limit)
        raw.len = s->header_limit;
    const struct {
        ndr_slice name;
        ndr_slice *into;
    } wanted[] = {
        {NDR_SLICE("message-id"), &s->returned.message_id},
        {NDR_SLICE("from"), &s->returned.from},
        {NDR_SLICE("to"), &s->returned.to},
        {NDR_SLICE("subject"), &s->returned.subject},
        {NDR_SLICE("date"), &s->returned.date},
        {NDR_SLICE("return-path"), &s->returned.return_path},
        {NDR_SLICE("received"), &s->returned.received},
        {NDR_SLICE("dkim-signature"), &s->returned.dkim_signature},
    };
    if (raw.len == 0)
        return; /* ptr may be NULL */
    size_t at = 0;
    while (at < raw.len && (raw.ptr[at] == '\n' || raw.ptr[at] == '\r'))
        at++; /* some systems leave empty lines in front */
    raw = (ndr_slice){raw.ptr + at, raw.len - at};
    at = 0;
    ndr_field f;
    size_t open = sizeof wanted / sizeof wanted[0];
    while (open > 0 && ndr_header_next(raw, &at, &f) > 0)
        for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
            if (wanted[i].into->len == 0 && ndr_field_is(&f, wanted[i].name)) {
                ndr_buffer_clear(&s->converted);
                ndr_header_value(&s->charsets, f.value, &s->work, &s->converted);
                ndr_slice v = {s->converted.ptr, s->converted.len};
                if ((i == 0 || i == 5) && v.len > 2 && v.ptr[0] == '<' &&
                    v.ptr[v.len - 1] == '>') /* "<>" stays: an empty return path */
                    v = (ndr_slice){v.ptr + 1, v.len - 2};
                *wanted[i].into = ndr_arena_copy(&s->arena, v);
                open -= wanted[i].into->len > 0;
            }
}

/* A part's first `limit` bytes without their transfer encoding; borrowed from the
 * part or s->decoded. */
static ndr_slice
decode(ndr_scanner *s, enum ndr_transfer transfer, ndr_slice body, size_t limit)
{
    if (transfer != NDR_TRANSFER_NONE) {
        if (body.len / 4 > limit) { /* no encoding is longer than three for one and line ends */
            body.len = 4 * limit;
            s->flags |= NDR_MSG_TRUNCATED;
        }
        ndr_buffer_clear(&s->decoded);
        if (transfer == NDR_TRANSFER_BASE64)
            ndr_base64_decode(body, &s->decoded);
        else
            ndr_qp_decode(body, false, &s->decoded);
        body = (ndr_slice){s->decoded.ptr, s->decoded.len};
    }
    if (body.len > limit) {
        body = ndr_utf8_cut(body, limit);
        s->flags |= NDR_MSG_TRUNCATED;
    }
    return body;
}

/* Keep a text part for read_text. */
static bool
note_text(ndr_scanner *s, const ndr_part *part, bool html)
{
    ndr_text_part *t = ndr_arena_take(&s->arena, sizeof *t);
    if (t == NULL)
        return false;
    *t = (ndr_text_part){.content = *part->content, .body = part->body, .html = html};
    *s->text_part_end = t;
    s->text_part_end = &t->next;
    return true;
}

static void
add_text(ndr_scanner *s, const ndr_text_part *part)
{
    if (s->text_bytes >= ALL_TEXT_BYTES) {
        s->flags |= NDR_MSG_TRUNCATED;
        return;
    }
    ndr_slice text = decode(s, part->content.transfer, part->body, s->text_limit);
    s->text_bytes += text.len;
    if (!ndr_charset_is_plain(part->content.charset) || !ndr_is_ascii(text)) {
        ndr_buffer_clear(&s->converted);
        ndr_charset_add(&s->charsets, part->content.charset, text, &s->converted);
        text = (ndr_slice){s->converted.ptr, s->converted.len};
    }
    if (part->html) {
        ndr_buffer_clear(&s->work);
        ndr_html_text(text, &s->work);
        text = (ndr_slice){s->work.ptr, s->work.len};
    }
    text = ndr_lines_unify(text, &s->lined);
    const ndr_slice pasted = ndr_paragraphs_add(text, &s->text);
    if (pasted.len > 0) {
        /* read_returned uses the buffers that `pasted` may lie in */
        const ndr_slice kept = ndr_arena_copy(
            &s->arena, (ndr_slice){pasted.ptr, pasted.len < RETURNED_BYTES ? pasted.len
                                                                          : RETURNED_BYTES});
        read_returned(s, kept);
    }
}

static bool
take_part(void *ctx, const ndr_part *part)
{
    ndr_scanner *s = ctx;
    const ndr_slice type = part->content->type;
    if (!part->unlisted) {
        ndr_buffer_add(&s->lines, type);
        ndr_buffer_byte(&s->lines, '\n');
    }
    s->signs |= ndr_sign_of_part(type);
    if (part->multipart)
        return !s->lines.failed;
    if (ndr_report_type(type)) {
        const ndr_slice fields =
            decode(s, part->content->transfer, part->body, s->header_limit);
        ndr_report_read(&s->report, type, fields, &s->arena, &s->status);
    } else if (is_returned_type(type)) {
        read_returned(s, part->content->transfer == NDR_TRANSFER_NONE
                             ? part->body
                             : decode(s, part->content->transfer, part->body,
                                      RETURNED_BYTES));
    } else if (ndr_slice_equal(type, NDR_SLICE("text/plain")) && !part->content->attachment) {
        return note_text(s, part, false);
    } else if (ndr_slice_equal(type, NDR_SLICE("text/html")) && !part->content->attachment &&
               !part->plain_before) {
        return note_text(s, part, true);
    }
    return !s->lines.failed;
}

static int
scan_body(ndr_scanner *s, ndr_slice raw, size_t body_at, ndr_error *err)
{
    ndr_content top = {.type = NDR_SLICE("text/plain")};
    const ndr_slice type = ndr_fact_value(s, NDR_FACT_CONTENT_TYPE, raw);
    if (type.ptr != NULL)
        ndr_content_type(&s->arena, type, "text/plain", &top);
    ndr_content_transfer(ndr_fact_value(s, NDR_FACT_CONTENT_TRANSFER_ENCODING, raw), &top);
    ndr_content_disposition(ndr_fact_value(s, NDR_FACT_CONTENT_DISPOSITION, raw), &top);

    ndr_buffer_clear(&s->lines);
    if (!ndr_mime_walk(&s->arena, &top, (ndr_slice){raw.ptr + body_at, raw.len - body_at},
                       take_part, s))
        s->flags |= NDR_MSG_DEEP;
    s->span_count = 0;
    const size_t parts_end = s->lines.len;
    ndr_buffer_add(&s->lines, (ndr_slice){s->status.ptr, s->status.len});
    if (!add_span(s, 0, parts_end, NDR_TARGET_PART) ||
        !add_span(s, parts_end, s->lines.len, NDR_TARGET_STATUS) || s->decoded.failed ||
        s->converted.failed || s->work.failed || s->lined.failed || s->status.failed)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a message");
    return scan_area(s, NDR_AREA_REPORT, &s->lines, err);
}

/* Could this rule still match, whatever the text says? */
static bool
waits_for_text(const ndr_scanner *s, uint32_t rule)
{
    const ndr_rule *r = &s->rules->rule[rule];
    const uint32_t *sig = r->signal;
    for (uint32_t i = 0; i < r->all_count; i++, sig++)
        if (!s->is_hit[*sig] && s->rules->signal[*sig].area < NDR_AREA_TEXT)
            return false;
    bool any = r->any_count == 0;
    for (uint32_t i = 0; i < r->any_count; i++, sig++)
        any = any || s->is_hit[*sig] || s->rules->signal[*sig].area >= NDR_AREA_TEXT;
    for (uint32_t i = 0; any && i < r->none_count; i++, sig++)
        any = !s->is_hit[*sig];
    return any;
}

/* Has a rule matched that no text can outrank or undo? */
static bool
is_settled(const ndr_scanner *s)
{
    if (s->opts.try_all || !s->has_returned)
        return false;
    for (size_t place = 0; place < s->rules->rule_count; place++) {
        const uint32_t rule = s->rules->by_place[place];
        if (!waits_for_text(s, rule))
            continue;
        const ndr_rule *r = &s->rules->rule[rule];
        const uint32_t *none = r->signal + r->all_count + r->any_count;
        for (uint32_t i = 0; i < r->none_count; i++)
            if (s->rules->signal[none[i]].area >= NDR_AREA_TEXT)
                return false;
        return is_matched(s, rule);
    }
    return false;
}

/* Read the text parts' words. */
static int
read_text(ndr_scanner *s, ndr_error *err)
{
    for (const ndr_text_part *t = s->text_part; t != NULL; t = t->next)
        add_text(s, t);
    if (s->decoded.failed || s->converted.failed || s->work.failed || s->lined.failed)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a message");
    return s->text.failed ? ndr_fail(err, NDR_E_NOMEM, "no memory for a message") : 0;
}

/* Find the rule to name, NULL for none. The text is read only when it can change
 * the outcome, and scanned for generic rules only when no other has matched. */
static int
name_rule(ndr_scanner *s, const ndr_rule **ret, ndr_error *err)
{
    spread_hits(s);
    if (is_settled(s)) {
        *ret = named_rule(s);
        return 0;
    }
    int text = read_text(s, err);
    if (text == 0)
        text = scan_area(s, NDR_AREA_TEXT, &s->text, err);
    if (text < 0)
        return text;
    spread_hits(s);
    const ndr_rule *rule = named_rule(s);
    if (rule == NULL || rule->rank <= NDR_RANK_GENERIC || s->opts.try_all) {
        const int rc = scan_area(s, NDR_AREA_LATE, &s->text, err);
        if (rc < 0)
            return rc;
        spread_hits(s);
        rule = named_rule(s);
    }
    *ret = rule;
    return 0;
}

/* Has no rule named what a `candidates` signal asked for, and looks it like a bounce? */
static bool
is_suspect(ndr_scanner *s, ndr_slice raw)
{
    unsigned signs = s->signs | ndr_sign_of_from(ndr_fact_value(s, NDR_FACT_FROM, raw));
    if (!ndr_is_suspect(signs | NDR_SIGN_CODE))
        return false;
    signs |= ndr_sign_of_text((ndr_slice){s->text.ptr, s->text.len});
    return ndr_is_suspect(signs);
}

/* What the bounce states of recipients and of the returned message. */
static int
fill_report(ndr_scanner *s, ndr_slice raw, ndr_verdict *v, ndr_error *err)
{
    if (!s->opts.no_text_facts && ndr_facts_want_text(s, v)) {
        if (s->text_bytes == 0) { /* the rule was settled without it */
            const int rc = read_text(s, err);
            if (rc < 0)
                return rc;
        }
        ndr_fold(s->text.ptr, s->text.len); /* whether or not a signal asked for it */
        ndr_facts_from_text(s, raw, v);
    }
    ndr_prose_codes(&s->report);
    v->reporting_mta = s->report.reporting_mta;
    v->report_arrival = s->report.arrival_date;
    v->facts_from_text = s->report.from_text;
    v->recipients = s->report.recipient;
    v->recipient_count = s->report.count;
    v->returned = s->returned;
    return 0;
}

/* ---- the whole ---- */

static int
more(ndr_scanner *s, ndr_message *m, ndr_extend_fn *extend, void *ctx, ndr_slice *raw,
     ndr_error *err)
{
    if ((m->flags & NDR_MSG_OPEN) == 0 || extend == NULL)
        return 0;
    const int rc = extend(ctx, m, err);
    if (rc == 0)
        *raw = ndr_scanner_view(s, m->raw);
    return rc;
}

int
ndr_scan(ndr_scanner *s, ndr_message *m, ndr_extend_fn *extend, void *ctx, ndr_verdict *ret,
         ndr_error *err)
{
    forget(s);
    ndr_slice raw = ndr_scanner_view(s, m->raw);
    size_t body_at = read_header(s, raw);
    int rc = 0;
    /* without the rest nobody knows whether CR alone ends lines, or where a header
     * ends whose last line is not whole */
    if ((m->flags & NDR_MSG_OPEN) != 0 && extend != NULL && body_at != SIZE_MAX &&
        (raw.ptr != m->raw.ptr || (raw.len <= s->header_limit && is_cut(raw, body_at)))) {
        rc = more(s, m, extend, ctx, &raw, err);
        if (rc < 0)
            return rc;
        extend = NULL;
        s->flags = 0;
        body_at = read_header(s, raw);
    }
    if (body_at == SIZE_MAX)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a message");
    hit_presence(s);
    rc = scan_area(s, NDR_AREA_HEADER, &s->lines, err);
    if (rc < 0)
        return rc;
    spread_hits(s);
    for (size_t i = 0; i < s->touched_count && !s->candidate; i++)
        s->candidate = is_open(s, s->touched[i]);
    const ndr_rule *rule = NULL;
    const bool asked = s->signs != 0; /* before parts add theirs */
    if (s->candidate) {
        ndr_scanner_say(s, "a candidate: a rule is still open, so the body is looked at");
        rc = more(s, m, extend, ctx, &raw, err);
        if (rc == 0)
            rc = scan_body(s, raw, body_at, err);
        if (rc == 0)
            rc = name_rule(s, &rule, err);
        if (rc < 0)
            return rc;
    } else {
        ndr_scanner_say(s, "no rule is open after the header: the body is not looked at");
    }
    *ret = (ndr_verdict){.rule = rule, .arrived = NDR_TIME_UNKNOWN};
    const bool suspect = rule == NULL && asked && is_suspect(s, raw);
    if (suspect) {
        s->flags |= NDR_MSG_SUSPECT;
        ndr_scanner_say(s, "a suspect: it looks like a bounce, and no rule names it");
    }
    if (rule != NULL)
        ret->kind = ndr_decide_kind(rule, &s->report);
    if (rule != NULL || suspect || s->opts.facts_always)
        ndr_facts_fill(s, m, raw, ret);
    if (rule != NULL || suspect) {
        rc = fill_report(s, raw, ret, err);
        if (rc < 0)
            return rc;
    }
    ret->flags = (m->flags & ~(unsigned)NDR_MSG_OPEN) | s->flags;
    ndr_decide(ret, s->opts.windows);
    return 0;
}
