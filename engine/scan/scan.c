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

#include "base/utf8.h"
#include "facts/suspect.h"
#include "facts/text_recipient.h"
#include "hits.h"
#include "journal_envelope.h"
#include "mail/header.h"
#include "ndr_sized.h"
#include "parts.h"
#include "prove.h"
#include "system_sender.h"

#include <stdlib.h>
#include <string.h>

enum {
    HEADER_LIMIT = 1 << 20,
    TEXT_LIMIT = 256 << 10,
    LONE_CR_BYTES = 4 << 10, /* without LF at the front: CR alone ends lines */
    UNLINED_BYTES = 4 << 20, /* of a message with such lines: it is copied */
    /* of field values that rules see: no real header has a tenth */
    LINES_BYTES = 64 << 10,
    LINES = 1000,
    LATE_BYTES = 64 << 10, /* of the text that generic rules see */
};

int
ndr_scanner_new(const ndr_scan_opts *opts, ndr_scanner **ret, ndr_error *err)
{
    ndr_scan_opts own;
    const int code = NDR_SIZED_TAKE(ndr_scan_opts, try_all, &own, opts, err);
    if (code != 0)
        return code;
    const ndr_ruleset *rs = own.rules;
    ndr_scanner *s = calloc(1, sizeof *s);
    if (s == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a scanner");
    s->opts = own;
    s->rules = rs;
    s->header_limit = own.header_limit_bytes > 0 ? own.header_limit_bytes : HEADER_LIMIT;
    s->text_limit = own.text_limit_bytes > 0 ? own.text_limit_bytes : TEXT_LIMIT;
    if (ndr_hits_begin(&s->hits, rs, err) != 0) {
        ndr_scanner_free(s);
        return NDR_E_NOMEM;
    }
    *ret = s;
    return 0;
}

void
ndr_scanner_now(ndr_scanner *s, int64_t now)
{
    s->opts.now = now;
}

void
ndr_scanner_free(ndr_scanner *s)
{
    if (s == NULL)
        return;
    ndr_charsets_done(&s->charsets);
    ndr_arena_free(&s->arena);
    ndr_buffer_free(&s->lines);
    ndr_buffer_free(&s->status);
    ndr_buffer_free(&s->text);
    ndr_buffer_free(&s->step.work);
    ndr_buffer_free(&s->step.decoded);
    ndr_buffer_free(&s->step.converted);
    ndr_buffer_free(&s->step.unlined);
    ndr_buffer_free(&s->step.lined);
    ndr_buffer_free(&s->step.unquoted);
    ndr_buffer_free(&s->wrap.unpacked);
    ndr_buffer_free(&s->wrap.envelope);
    ndr_hits_end(&s->hits);
    free(s);
}

void
ndr_scanner_say(const ndr_scanner *s, const char *text)
{
    if (s->hits.trace != NULL)
        s->hits.trace(s->hits.trace_ctx, &(ndr_step){.signal = -1, .text = text});
}

bool
ndr_scan_matched(const ndr_scanner *s, size_t i)
{
    return ndr_hits_matched(&s->hits, (uint32_t)i);
}

void
ndr_scanner_trace(ndr_scanner *s, ndr_trace_fn *fn, void *ctx)
{
    s->hits.trace = fn;
    s->hits.trace_ctx = ctx;
}

static void
forget(ndr_scanner *s)
{
    ndr_hits_clear(&s->hits);
    s->flags = 0;
    s->report = (ndr_report){0};
    s->returned = (ndr_returned){0};
    s->body = (ndr_body){0};
    s->body.text_part_end = &s->body.text_part;
    s->own = (ndr_slice){0};
    s->text_due = s->not_system = s->doubted = false;
    ndr_charsets_begin(&s->charsets);
    ndr_arena_reset(&s->arena);
    ndr_buffer *const all[] = {&s->lines,      &s->status,       &s->text,
                               &s->step.work,  &s->step.decoded, &s->step.converted,
                               &s->step.lined, &s->step.unlined, &s->step.unquoted};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        ndr_buffer_clear(all[i]);
}

/* Has any step found no memory? What it left out could have made another verdict. */
static bool
is_short(const ndr_scanner *s)
{
    return s->arena.failed || s->charsets.no_memory || s->lines.failed ||
           s->status.failed || s->text.failed || s->step.work.failed ||
           s->step.decoded.failed || s->step.converted.failed || s->step.lined.failed ||
           s->step.unlined.failed || s->step.unquoted.failed || s->hits.unknown.failed;
}

/* ---- header ---- */

ndr_slice
ndr_scanner_view(ndr_scanner *s, ndr_slice raw)
{
    const size_t probe = raw.len < LONE_CR_BYTES ? raw.len : LONE_CR_BYTES;
    if (raw.len == 0 || memchr(raw.ptr, '\n', probe) != NULL ||
        memchr(raw.ptr, '\r', probe) == NULL || memchr(raw.ptr, '\n', raw.len) != NULL)
        return raw;
    if (raw.len > UNLINED_BYTES) {
        raw.len = UNLINED_BYTES;
        s->flags |= NDR_MSG_TRUNCATED;
    }
    ndr_buffer_rewind(&s->step.unlined);
    if (!ndr_buffer_reserve(&s->step.unlined, raw.len))
        return raw;
    for (size_t i = 0; i < raw.len; i++)
        s->step.unlined.ptr[i] = raw.ptr[i] == '\r' ? '\n' : raw.ptr[i];
    return (ndr_slice){s->step.unlined.ptr, raw.len};
}

static void
note_fact(ndr_scanner *s, enum ndr_fact fact, ndr_slice raw, ndr_slice value)
{
    if (s->head.fact_count[fact] == NDR_PLACE_LIMIT)
        return;
    s->head.fact_count[fact]++;
    s->head.place[s->head.place_count++] =
        (ndr_place){fact, (size_t)(value.ptr - raw.ptr), value.len};
}

/* Does a header that was read up to `at` go on where `head` does not? */
static bool
is_cut(ndr_slice head, size_t at)
{
    if (head.len == 0)
        return true;                        /* ptr may be NULL */
    const unsigned char *p = head.ptr + at; /* behind an empty line: it is whole */
    if (at > 1 && p[-1] == '\n' &&
        (p[-2] == '\n' || (at > 2 && p[-2] == '\r' && p[-3] == '\n')))
        return false;
    return !ndr_header_is_sure(head, at);
}

/* Read the fields that are wanted; where the body begins, SIZE_MAX: no memory. */
static size_t
read_header(ndr_scanner *s, ndr_slice raw)
{
    s->head.place_count = 0;
    memset(s->head.fact_count, 0, sizeof s->head.fact_count);
    s->hits.span_count = 0;
    ndr_buffer_rewind(&s->lines);
    ndr_slice head = raw;
    if (head.len > s->header_limit)
        head.len = s->header_limit;
    size_t at = ndr_header_begin(head);
    ndr_field f;
    while (ndr_header_next(head, &at, &f) > 0) {
        const ndr_wanted *w = ndr_ruleset_wanted(s->rules, f.name);
        if (w == NULL)
            continue;
        if (w->fact != NDR_FACT_NONE)
            note_fact(s, w->fact, raw, f.value);
        if (w->target == 0)
            continue;
        if (s->lines.len > LINES_BYTES || s->hits.span_count == LINES) {
            s->flags |= NDR_MSG_TRUNCATED;
            continue;
        }
        const size_t begin = s->lines.len;
        ndr_header_value(&s->charsets, f.value, &s->step.work, &s->lines);
        if (s->lines.failed || s->step.work.failed)
            return SIZE_MAX;
        if (s->lines.len == begin)
            continue; /* an empty field is an absent one */
        if (!ndr_hits_span(&s->hits, begin, s->lines.len, w->target - 1))
            return SIZE_MAX;
        ndr_buffer_byte(&s->lines, '\n');
    }
    if (head.len < raw.len && is_cut(head, at))
        s->flags |= NDR_MSG_TRUNCATED;
    return at;
}

/* Find the rule to name, NULL for none. The text is read only when it can change
 * the outcome, and scanned for generic rules only when no other has matched. */
static int
name_rule(ndr_scanner *s, const ndr_rule **ret, ndr_error *err)
{
    ndr_hits_spread(&s->hits);
    if (!s->opts.try_all && s->body.has_returned && ndr_hits_settled(&s->hits)) {
        *ret = ndr_hits_rule(&s->hits, s->not_system);
        return 0;
    }
    int text = ndr_parts_text(s, err);
    if (text == 0)
        text = ndr_hits_scan(&s->hits, NDR_AREA_TEXT, &s->text, err);
    if (text < 0)
        return text;
    ndr_hits_spread(&s->hits);
    const ndr_rule *rule = ndr_hits_rule(&s->hits, s->not_system);
    if (rule == NULL || rule->rank <= NDR_RANK_GENERIC || s->opts.try_all) {
        ndr_buffer early = s->text;
        early.len = ndr_utf8_cut((ndr_slice){early.ptr, early.len}, LATE_BYTES).len;
        if (early.len < s->text.len)
            s->flags |= NDR_MSG_TRUNCATED;
        const int rc = ndr_hits_scan(&s->hits, NDR_AREA_LATE, &early, err);
        if (rc < 0)
            return rc;
        ndr_hits_spread(&s->hits);
        rule = ndr_hits_rule(&s->hits, s->not_system);
    }
    *ret = rule;
    return 0;
}

/* A rule asked for a mail system's word, and somebody else said it: which of those that
 * do not ask is named? NULL: none. */
static int
name_another(ndr_scanner *s, const ndr_rule **ret, ndr_error *err)
{
    s->not_system = true;
    ndr_buffer early = s->text;
    early.len = ndr_utf8_cut((ndr_slice){early.ptr, early.len}, LATE_BYTES).len;
    int rc = ndr_hits_scan(&s->hits, NDR_AREA_TEXT, &s->text, err);
    if (rc == 0)
        rc = ndr_hits_scan(&s->hits, NDR_AREA_LATE, &early, err);
    if (rc < 0)
        return rc;
    ndr_hits_spread(&s->hits);
    *ret = ndr_hits_rule(&s->hits, s->not_system);
    return 0;
}

/* Let the rule count only if it need not ask who says it, or a mail system does. */
static int
ask_sender(ndr_scanner *s, ndr_slice raw, const ndr_verdict *v, const ndr_rule **rule,
           ndr_error *err)
{
    if (*rule == NULL || !(*rule)->asks_sender)
        return 0;
    const int rc = ndr_is_system_sender(s, raw, *rule, v, err);
    return rc == 0 ? name_another(s, rule, err) : rc;
}

/* Has no rule named what a `candidates` signal asked for, and looks it like a bounce? */
static bool
is_suspect(ndr_scanner *s, ndr_slice raw)
{
    unsigned signs = s->body.signs | s->hits.signs |
                     ndr_sign_of_from(ndr_fact_value(s, NDR_FACT_FROM, raw));
    if (!ndr_is_suspect(signs | NDR_SIGN_CODE))
        return false;
    signs |= ndr_sign_of_text((ndr_slice){s->text.ptr, s->text.len});
    const size_t head = raw.len < s->header_limit ? raw.len : s->header_limit;
    return ndr_is_suspect(signs) && ndr_is_mail((ndr_slice){raw.ptr, head});
}

/* Can what the text says of recipients change the kind? */
static bool
may_text_decide(const ndr_scanner *s, const ndr_verdict *v)
{
    return v->rule != NULL && !s->report.has_action &&
           (s->body.inner.body.len > 0 ||
            (v->kind == NDR_KIND_FAILED && v->rule->rank <= NDR_RANK_GENERIC));
}

/* What the bounce states of recipients and of the returned message, and what that makes
 * of its kind. The text is read for a kind that hangs on it, for output that tells
 * recipients, and later where a proof asks who failed: see ndr_prove. */
static int
fill_report(ndr_scanner *s, ndr_slice raw, ndr_verdict *v, ndr_error *err)
{
    const bool told = !s->opts.no_text_facts;
    s->own = v->recipient;
    s->text_due = ndr_facts_want_text(s, v);
    if (s->text_due && (told || may_text_decide(s, v))) {
        const int rc = ndr_facts_from_text(s, raw, err);
        if (rc < 0)
            return rc;
    }
    ndr_text_recipient_codes(&s->report);
    if (v->rule != NULL)
        v->kind =
            ndr_decide_codes(v->rule, &s->report, (ndr_slice){s->text.ptr, s->text.len});
    if (!told && s->opts.prove == NULL && s->report.from_text)
        s->report = (ndr_report){0}; /* they were wanted for the kind alone */
    ndr_facts_tell(s, v);
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
ndr_scan(ndr_scanner *s, ndr_message *m, ndr_extend_fn *extend, void *ctx,
         ndr_verdict *ret, ndr_error *err)
{
    forget(s);
    ndr_slice raw = ndr_scanner_view(s, m->raw);
    size_t body_at = read_header(s, raw);
    int rc = 0;
    /* without the rest nobody knows whether CR alone ends lines, or where a header
     * ends whose last line is not whole */
    if ((m->flags & NDR_MSG_OPEN) != 0 && extend != NULL && body_at != SIZE_MAX &&
        (raw.ptr != m->raw.ptr || (raw.len <= s->header_limit && is_cut(raw, body_at)))) {
        s->flags = 0;
        rc = more(s, m, extend, ctx, &raw, err);
        if (rc < 0)
            return rc;
        extend = NULL;
        body_at = read_header(s, raw);
    }
    if (body_at == SIZE_MAX)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a message");
    if (s->head.fact_count[NDR_FACT_JOURNAL] > 0 && !s->wrap.unwrapped) {
        rc = more(s, m, extend, ctx, &raw, err);
        if (rc == 0)
            rc = ndr_journal_scan(s, m, raw, body_at, ret, err);
        if (rc != NDR_JOURNAL_NONE)
            return rc;
    }
    ndr_hits_presence(&s->hits, (ndr_slice){s->lines.ptr, s->lines.len});
    rc = ndr_hits_scan(&s->hits, NDR_AREA_HEADER, &s->lines, err);
    if (rc < 0)
        return rc;
    ndr_hits_spread(&s->hits);
    for (size_t i = 0; i < s->hits.touched_count && !s->hits.candidate; i++)
        s->hits.candidate = ndr_hits_open(&s->hits, s->hits.touched[i]);
    const ndr_rule *rule = NULL;
    if (s->hits.candidate) {
        ndr_scanner_say(s, "a candidate: a rule is still open, so the body is looked at");
        rc = more(s, m, extend, ctx, &raw, err);
        if (rc == 0)
            rc = ndr_parts_read(s, raw, body_at, err);
        if (rc == 0)
            rc = name_rule(s, &rule, err);
        if (rc < 0)
            return rc;
    } else {
        ndr_scanner_say(s, "no rule is open after the header: the body is not looked at");
    }
    *ret = (ndr_verdict){.arrived = NDR_TIME_UNKNOWN};
    const bool filled = rule != NULL || s->opts.facts_always;
    if (filled)
        ndr_facts_fill(s, m, raw, ret);
    rc = ask_sender(s, raw, ret, &rule, err);
    if (rc < 0)
        return rc;
    ret->rule = rule;
    const bool suspect = rule == NULL && s->hits.asked &&
                         (!s->not_system || s->doubted) && is_suspect(s, raw);
    if (suspect) {
        s->flags |= NDR_MSG_SUSPECT;
        ndr_scanner_say(s, "a suspect: it looks like a bounce, and no rule names it");
    }
    if (suspect && !filled)
        ndr_facts_fill(s, m, raw, ret);
    if (rule != NULL)
        ret->kind = ndr_decide_kind(rule, &s->report);
    if (rule != NULL || suspect) {
        rc = fill_report(s, raw, ret, err);
        if (rc < 0)
            return rc;
    }
    ret->flags = (m->flags & ~(unsigned)NDR_MSG_OPEN) | s->flags;
    s->raw = raw;
    rc = ndr_prove_and_decide(s, ret, err);
    if (rc < 0)
        return rc;
    return is_short(s) ? ndr_fail(err, NDR_E_NOMEM, "no memory for a message") : 0;
}
