/* SPDX-License-Identifier: BSD-3-Clause */
/* system_sender.c - see system_sender.h. */
#include "system_sender.h"

#include "facts/lookalike.h"
#include "facts/sender.h"
#include "facts/suspect.h"
#include "facts/text_words.h"
#include "hits.h"
#include "match/fold.h"
#include "parts.h"

#include <stdio.h>
#include <string.h>

#define SIGN(name) (1u << NDR_SAYS_##name)

enum {
    TEXT_BYTES = 64 << 10, /* in which a rule's words are looked for */
    DIALECT_RANK = 5,      /* rules from it on know one mail system */
};

/* What the parts say: reports, and what was returned. */
static unsigned
of_parts(const ndr_scanner *s, unsigned header, ndr_slice own)
{
    const unsigned likely =
        SIGN(NULL_PATH) | SIGN(DAEMON) | SIGN(DAEMON_NAME) | SIGN(SYSTEM) | SIGN(FIELD);
    unsigned signs = s->body.has_report ? SIGN(REPORT_PART) : 0;
    if (!s->body.has_returned)
        return signs;
    const bool is_own =
        own.len > 0 && ndr_named_by(s->returned.from, own) == NDR_NAMED_ITSELF;
    const bool from_nobody = ndr_slice_equal(s->returned.return_path, NDR_SLICE("<>")) ||
                             ndr_sender_is_daemon(s->returned.from);
    if (from_nobody && !is_own) /* this mailbox's own answers have an empty path, too */
        return signs | SIGN(PASSED_ON);
    return is_own || (header & likely) != 0 ? signs | SIGN(RETURNED) : signs;
}

/* Is one of the fields that a dialect writes, but for its subject, among what `rule`
 * always asks for? */
static bool
asks_field(const ndr_scanner *s, const ndr_rule *rule)
{
    static const char *const fields[] = {"from",   "sender",  "message-id",
                                         "mailer", "header:", NULL};
    for (uint32_t i = 0; rule->rank >= DIALECT_RANK && i < rule->all_count; i++) {
        const ndr_signal *sig = &s->rules->signal[rule->signal[i]];
        for (const char *const *f = fields; sig->how != NDR_HOW_ABSENT && *f != NULL; f++)
            if (strncmp(sig->target, *f, strlen(*f)) == 0)
                return true;
    }
    return false;
}

/* Whom does the text name, of a message that returns nothing and has no report? */
static unsigned
of_names(const ndr_scanner *s, const ndr_rule *rule, const ndr_verdict *v,
         unsigned header)
{
    const unsigned stated = SIGN(FIELD) | SIGN(REPORT) | SIGN(REFUSED);
    const ndr_slice text = {s->text.ptr, s->text.len};
    const bool link = s->body.has_link || ndr_holds_link(text);
    const bool nothing = ndr_states_nothing(text, v->recipient);
    const enum ndr_named named = ndr_named_by(text, v->recipient);
    if (link && (named == NDR_NAMED_ITSELF || nothing))
        return SIGN(LINK);
    if (rule->kind == NDR_KIND_REJECTED_CONTENT || (header & stated) != 0)
        return 0; /* a list may refuse its sender; and a field says enough */
    const bool nobody =
        named == NDR_NAMED_NOBODY && nothing && (s->hits.signs & NDR_SIGN_SUBJECT) == 0;
    return named == NDR_NAMED_ITSELF || nobody ? SIGN(OWN) : 0;
}

/* The paragraph that says what is to be said, behind one that says nothing yet; empty:
 * there is none. */
static ndr_slice
behind_prelude(ndr_slice text, ndr_slice opening)
{
    if (opening.len == 0 || !ndr_sender_is_prelude(opening))
        return (ndr_slice){0};
    const size_t used = (size_t)(opening.ptr - text.ptr) + opening.len;
    return ndr_sender_opening((ndr_slice){text.ptr + used, text.len - used});
}

/* What the text says, and where the words of `rule` stand in it. */
static int
of_text(ndr_scanner *s, const ndr_rule *rule, const ndr_verdict *v, unsigned *ret,
        ndr_error *err)
{
    ndr_fold(s->text.ptr, s->text.len);
    const ndr_slice text = {s->text.ptr, s->text.len};
    unsigned signs = ndr_sender_of_text(text);
    const unsigned returned =
        s->body.has_returned && (*ret & SIGN(PASSED_ON)) == 0 ? SIGN(RETURNED) : 0;
    /* of or to a mail system's address, any words of bounces will do to begin with */
    const bool likely = (*ret & (SIGN(DAEMON) | SIGN(SYSTEM) | SIGN(TO_BOUNCES))) != 0;
    const ndr_slice opening = ndr_sender_opening(text);
    int opens = 0;
    if (likely && ndr_sender_is_prelude(opening))
        opens = 1;
    else if (!ndr_sender_is_quoted(opening) && !ndr_sender_is_question(opening))
        opens = ndr_hits_within(&s->hits, likely ? NULL : rule, opening, err);
    const ndr_slice second = opens == 0 ? behind_prelude(text, opening) : (ndr_slice){0};
    if (opens == 0 && !ndr_sender_is_quoted(second) && !ndr_sender_is_question(second))
        opens = ndr_hits_within(&s->hits, rule, second, err);
    if (opens < 0)
        return opens;
    const ndr_slice all = {text.ptr, text.len < TEXT_BYTES ? text.len : TEXT_BYTES};
    const int holds = opens > 0 ? 1 : ndr_hits_within(&s->hits, rule, all, err);
    if (holds < 0)
        return holds;
    if (opens > 0)
        signs = (signs & ~SIGN(QUOTED)) | SIGN(OPENS) | returned;
    else if (holds > 0)
        signs |= SIGN(BELOW);
    if (!s->body.has_returned && s->status.len == 0)
        signs |= of_names(s, rule, v, *ret);
    *ret |= signs;
    return 0;
}

/* The last address in a field's value; empty: there is none. */
static ndr_slice
address_of(ndr_slice value)
{
    size_t at = value.len;
    while (at > 0 && value.ptr[at - 1] != '@')
        at--;
    if (at == 0)
        return (ndr_slice){0};
    size_t begin = at - 1, end = at;
    while (begin > 0 && memchr(" \t\n<(\"", value.ptr[begin - 1], 6) == NULL)
        begin--;
    while (end < value.len &&
           (is_word(value.ptr[end]) || value.ptr[end] == '-' || value.ptr[end] == '.'))
        end++;
    return (ndr_slice){value.ptr + begin, end - begin};
}

/* An opening without what stands behind two labels: programs tell in fields ("Host: a
 * State: b Output: c") what a mail system says first. */
static ndr_slice
lead_of(ndr_slice opening)
{
    enum { LABELS = 2 };
    unsigned labels = 0;
    for (size_t i = 0; i + 1 < opening.len; i++)
        if (opening.ptr[i] == ':' && opening.ptr[i + 1] == ' ' && ++labels == LABELS)
            return (ndr_slice){opening.ptr, i};
    return opening;
}

/* Any program may send with an empty return path, and quote a code and an address. Where
 * nothing else speaks for a mail system, somebody must have failed, with a code, and it
 * must be said first that mail did. 1: that is missing; 0; below 0 with *err. */
static int
is_bare(ndr_scanner *s, const ndr_rule *rule, ndr_slice own, ndr_slice from,
        unsigned signs, ndr_error *err)
{
    const unsigned others = (1u << NDR_SAYS_ANSWER) - 1 - SIGN(NULL_PATH) - SIGN(OPENS);
    const ndr_slice text = {s->text.ptr, s->text.len};
    if (rule->rank > NDR_RANK_GENERIC || (signs & SIGN(NULL_PATH)) == 0 ||
        (signs & others) != 0 || s->body.has_returned || s->status.len > 0)
        return 0;
    if (rule->rank < NDR_RANK_GENERIC || !ndr_states_failure(text, own, address_of(from)))
        return 1;
    const ndr_slice opening = ndr_sender_opening(text);
    int holds = ndr_hits_within(&s->hits, rule, lead_of(opening), err);
    if (holds == 0)
        holds =
            ndr_hits_within(&s->hits, rule, lead_of(behind_prelude(text, opening)), err);
    return holds < 0 ? holds : holds == 0;
}

/* It is no mail system's by its sum: may it be one, all the same? A mail system's header
 * says so, and nothing that only people's programs and tickets have. */
static bool
is_doubted(unsigned signs)
{
    const unsigned of_system = SIGN(NULL_PATH) | SIGN(DAEMON) | SIGN(REFUSED) |
                               SIGN(REPORT) | SIGN(REPORT_PART) | SIGN(FIELD);
    const unsigned of_others = SIGN(ANSWER) | SIGN(PROGRAM) | SIGN(TICKET) |
                               SIGN(NUMBERED) | SIGN(DIGEST) | SIGN(LINK);
    return ndr_sender_weight(signs) == 0 ||
           ((signs & of_system) != 0 && (signs & of_others) == 0);
}

static void
tell(const ndr_scanner *s, unsigned signs)
{
    char line[160];
    if (s->hits.trace == NULL)
        return;
    for (unsigned i = 0; i < NDR_SAYS_COUNT; i++) {
        if ((signs & (1u << i)) == 0)
            continue;
        (void)snprintf(line, sizeof line, "who says it: %s (%+d)",
                       ndr_sender_signs[i].what, ndr_sender_signs[i].weight);
        ndr_scanner_say(s, line);
    }
    (void)snprintf(line, sizeof line, "who says it: %s, by %+d",
                   ndr_sender_is_system(signs) ? "a mail system"
                                               : "a person or another program",
                   ndr_sender_weight(signs));
    ndr_scanner_say(s, line);
}

/* Does a Content-Type of the header say that a report is sent? */
static bool
sends_report(const ndr_scanner *s, ndr_slice raw)
{
    for (size_t i = 0; i < s->head.place_count; i++) {
        const ndr_place *p = &s->head.place[i];
        if (p->fact == NDR_FACT_CONTENT_TYPE &&
            ndr_sender_sends_report((ndr_slice){raw.ptr + p->at, p->len}))
            return true;
    }
    return false;
}

int
ndr_is_system_sender(ndr_scanner *s, ndr_slice raw, const ndr_rule *rule,
                     const ndr_verdict *v, ndr_error *err)
{
    raw.len = raw.len < s->header_limit ? raw.len : s->header_limit;
    if (s->body.has_report && sends_report(s, raw)) {
        ndr_scanner_say(s, "who says it: a mail system, proven by a multipart/report "
                           "that holds a report");
        return 1;
    }
    unsigned signs = ndr_sender_of_header(raw);
    signs |= of_parts(s, signs, v->recipient) | (asks_field(s, rule) ? SIGN(FORM) : 0);
    const bool sure =
        (signs & SIGN(RETURNED)) != 0 && ndr_sender_weight(signs) >= NDR_SENDER_SURE;
    if (!sure) {
        int rc = ndr_parts_text(s, err);
        if (rc == 0)
            rc = of_text(s, rule, v, &signs, err);
        if (rc < 0)
            return rc;
        rc = is_bare(s, rule, v->recipient, ndr_fact_value(s, NDR_FACT_FROM, raw), signs,
                     err);
        if (rc < 0)
            return rc;
        signs |= rc > 0 ? SIGN(BARE) : 0;
    }
    tell(s, signs);
    s->doubted = is_doubted(signs);
    return ndr_sender_is_system(signs) ? 1 : 0;
}
