/* SPDX-License-Identifier: BSD-3-Clause */
/* text_recipient.c - see text_recipient.h. */
#include "text_recipient.h"

#include "codes.h"
#include "text_recipient_address.h"
#include "text_recipient_host.h"
#include "text_recipient_score.h"
#include "text_words.h"

enum {
    TEXT_BYTES = 16 << 10, /* what a bounce says of recipients, it says early */
    MENTIONS = 64,
    FAILED = 32,
    DIAGNOSTIC_BYTES = 400,
    LEAD_BYTES = 80, /* words in front of an address that say what is wrong with it */
    REACH_BYTES = 4 << 10,
    REACH_PARAGRAPHS = 5, /* from an address to the code that is about it */
    BAND = 15,            /* score below the best that still count */
};

typedef struct mentions {
    ndr_mention row[MENTIONS];
    size_t count;
} mentions;

/* ---- addresses in the text ------------------------------------------------- */

/* Is there between two addresses of a list nothing but signs, or one short "and"? */
static bool
is_listed_next(ndr_slice text, const ndr_mention *m, const ndr_mention *next)
{
    if (next->begin < m->end)
        return false;
    const ndr_slice s = cut(text, m->end, next->begin);
    size_t letters = 0, digits = 0;
    for (size_t i = 0; i < s.len; i++) {
        letters += is_word(s.ptr[i]) || s.ptr[i] >= 0x80;
        digits += s.ptr[i] >= '0' && s.ptr[i] <= '9';
    }
    return digits == 0 && letters <= 6 && s.len <= 40;
}

/*
 * What a mention's score owes to the one before it, `last` (NULL: none). *list is the
 * score of the bare address that the lines began with: those listed behind it share it.
 */
static void
score_in_list(ndr_slice text, const ndr_mention *last, int *list, ndr_mention *m)
{
    if (last == NULL || last->line != m->line) {
        const bool bare = m->begin == m->line && text.ptr[m->begin] != '<';
        *list = bare && m->score >= 70 ? m->score : 0;
        return;
    }
    if (m->score < 0)
        return;
    if (*list > m->score && text.ptr[m->begin - 1] == ' ' &&
        !ndr_text_recipient_is_role(m->address))
        m->score = *list;
    if (last->score >= 70 && m->score < last->score &&
        !ndr_text_recipient_is_role(m->address) && text.ptr[last->end] == ',' &&
        is_listed_next(text, last, m))
        m->score = last->score; /* "recipients: a@x, b@y" */
}

static void
find_mentions(const ndr_text_recipient *p, ndr_slice text, mentions *all)
{
    const unsigned char *first = text.len == 0 ? NULL : memchr(text.ptr, '\n', text.len);
    size_t line = 0, line_end = first == NULL ? text.len : (size_t)(first - text.ptr);
    int list = 0; /* score of the bare address that the paragraph began with */
    for (size_t at = 0; at < text.len && all->count < MENTIONS;) {
        const unsigned char *sign = memchr(text.ptr + at, '@', text.len - at);
        if (sign == NULL)
            return;
        at = (size_t)(sign - text.ptr) + 1;
        ndr_mention m = {0};
        if (!ndr_text_recipient_address(text, at - 1, &m.begin, &m.end))
            continue;
        const ndr_mention *last = all->count > 0 ? &all->row[all->count - 1] : NULL;
        if (last != NULL && m.begin < last->end)
            continue;
        m.address = cut(text, m.begin, m.end);
        while (line_end < m.begin) { /* no byte is gone over twice */
            line = line_end + 1;
            const unsigned char *lf = memchr(text.ptr + line, '\n', text.len - line);
            line_end = lf == NULL ? text.len : (size_t)(lf - text.ptr);
        }
        m.line = line;
        m.line_end = line_end;
        if (ndr_text_recipient_in(m.address, p->message_id))
            continue;
        m.another = ndr_text_recipient_in(m.address, p->own) ||
                    ndr_text_recipient_in(m.address, p->sender) ||
                    ndr_text_recipient_in(m.address, p->daemon);
        m.score = ndr_text_recipient_score(p, text, &m);
        score_in_list(text, last, &list, &m);
        all->row[all->count++] = m;
        at = m.end;
    }
}

/* ---- what is said about one ------------------------------------------------ */

/* Where the text about a mention ends: at the next one that names somebody else who
 * failed, or after some paragraphs. */
static size_t
reach(ndr_slice text, const mentions *all, const ndr_mention *m, int floor)
{
    size_t end = m->line_end;
    for (int i = 0; i < REACH_PARAGRAPHS && end < text.len; i++) {
        const unsigned char *lf = memchr(text.ptr + end + 1, '\n', text.len - end - 1);
        end = lf == NULL ? text.len : (size_t)(lf - text.ptr);
    }
    end = end < m->end + REACH_BYTES ? end : m->end + REACH_BYTES;
    for (const ndr_mention *n = m + 1; n < all->row + all->count; n++)
        if (n->score >= floor && !n->another &&
            !ndr_slice_equal_nocase(n->address, m->address))
            return n->begin < end ? n->begin : end;
    return end;
}

/* The words from a code on: to the paragraph's end, the next step of a transcript, or
 * what the program adds of its own. */
static ndr_slice
diagnostic_at(ndr_slice text, size_t at, size_t end)
{
    ndr_slice s = cut(text, at, end);
    const unsigned char *lf = s.len > 0 ? memchr(s.ptr, '\n', s.len) : NULL;
    if (lf != NULL)
        s.len = (size_t)(lf - s.ptr);
    static const char *const stops[] = {"(in reply to",       "<<< ", ">>> ",
                                        "giving up on ",      "--- ", "action: ",
                                        "last-attempt-date:", NULL};
    for (size_t i = 1; i < s.len; i++)
        if (s.ptr[i - 1] == ' ' && begins_any((ndr_slice){s.ptr + i, s.len - i}, stops)) {
            s.len = i;
            break;
        }
    s = drop(head(s, DIAGNOSTIC_BYTES), " <-*");
    static const char pairs[][2] = {{'(', ')'}, {'<', '>'}, {'[', ']'}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        if (s.len > 0 && s.ptr[s.len - 1] == (unsigned char)pairs[i][1] &&
            memchr(s.ptr, pairs[i][0], s.len) == NULL)
            s.len--;
    return s;
}

/* The words about a mention that come without a code: behind it, else before it in
 * its paragraph, else in the paragraphs below. */
static ndr_slice
words_at(ndr_slice text, const ndr_mention *m, size_t end)
{
    static const char *const over[] = {"--",
                                       "==",
                                       "original message",
                                       "below this line",
                                       "message header",
                                       "subject:",
                                       "your message",
                                       NULL};
    static const char *const origin[] = {"(generated from", "(ultimately generated from",
                                         NULL};
    size_t at = m->end;
    for (int i = 0; i < 3 && at < end; i++) {
        const unsigned char *lf = memchr(text.ptr + at, '\n', end - at);
        const size_t line_end = lf == NULL ? end : (size_t)(lf - text.ptr);
        const ndr_slice raw = cut(text, at, line_end);
        ndr_slice s = skip(raw, " >\"')]:,;.-");
        const unsigned char *close = s.len > 0 ? memchr(s.ptr, ')', s.len) : NULL;
        if (close != NULL && begins_any(s, origin))
            s = skip(cut(s, (size_t)(close - s.ptr) + 1, s.len), " :");
        const ndr_slice before = drop(cut(text, m->line, m->begin), " <\"'([:>-");
        if (i == 0 && s.len <= 1 && before.len > 2 && before.len <= LEAD_BYTES)
            return diagnostic_at(before, 0, before.len);
        if (begins_any(raw, over))
            return (ndr_slice){0};
        if (s.len > 1 && s.ptr[s.len - 1] != ':') /* "because:" */
            return diagnostic_at(s, 0, s.len);
        at = line_end + 1;
    }
    return (ndr_slice){0};
}

/* Codes that the text states, and of whom. */
typedef struct stated {
    ndr_codes codes;        /* `at` counts from `base` */
    const ndr_mention *by;  /* the mention that they stand by; NULL: none */
    size_t base, from, end; /* of the area searched; of the words about them */
} stated;

/* Where in its line a mention's own words begin: what another's has behind it is his. */
static size_t
left_of(const mentions *all, const ndr_mention *m, int floor)
{
    size_t left = m->line;
    for (const ndr_mention *k = all->row; k < m; k++)
        if (k->line == m->line && k->score >= floor && !k->another &&
            !ndr_slice_equal_nocase(k->address, m->address))
            left = k->end;
    return left == m->line ? left : m->begin;
}

/* Codes behind the mention in its line, else in front of it, else in what follows. */
static bool
find_codes(ndr_slice text, const mentions *all, const ndr_mention *m, int floor,
           stated *ret)
{
    const size_t end = reach(text, all, m, floor);
    const size_t here = end < m->line_end ? end : m->line_end;
    const size_t left = left_of(all, m, floor);
    const struct {
        size_t begin, end, until;
    } areas[] = {{m->end, here, here}, {left, m->begin, here}, {here, end, end}};
    for (size_t i = 0; i < sizeof areas / sizeof areas[0]; i++)
        if (ndr_codes_find(cut(text, areas[i].begin, areas[i].end), &ret->codes)) {
            ret->by = m;
            ret->base = areas[i].begin;
            ret->from = left;
            ret->end = areas[i].until;
            return true;
        }
    return false;
}

/* Where the words begin that state the codes. */
static size_t
words_begin(ndr_slice text, const stated *s)
{
    const size_t at = s->base + s->codes.at;
    size_t begin = at;
    if (s->codes.reply.len > 0)
        return begin;
    /* a status alone stands behind the words that it is about */
    while (begin > 0 && text.ptr[begin - 1] != '\n' &&
           (s->by == NULL || begin != s->by->end))
        begin--;
    while (begin < at && strchr(" >\"')]:,;.-", text.ptr[begin]) != NULL)
        begin++;
    return begin;
}

/* Of a recipient for whom the text states no codes. */
static void
describe_by_words(ndr_slice text, const mentions *all, const ndr_mention *m, int floor,
                  ndr_recipient *row)
{
    const size_t end = reach(text, all, m, floor);
    row->diagnostic = words_at(text, m, end);
    const bool second = m > all->row && m[-1].line == m->line;
    row->remote_mta =
        ndr_text_recipient_remote_host(cut(text, second ? m->begin : m->line, end));
}

/* Status, reply, diagnostic and remote MTA of the recipient that `m` is the first
 * mention of; NULL: the text does not mention it. */
static void
describe(ndr_slice text, const mentions *all, const ndr_mention *m, int floor, bool alone,
         ndr_recipient *row)
{
    stated s = {.end = text.len};
    bool found = false;
    for (const ndr_mention *n = m; n != NULL && n < all->row + all->count && !found; n++)
        found = ndr_slice_equal_nocase(n->address, m->address) &&
                find_codes(text, all, n, floor, &s);
    if (!found && !(alone && ndr_codes_find(text, &s.codes))) {
        if (m != NULL)
            describe_by_words(text, all, m, floor, row);
        return;
    }
    row->reply = s.codes.reply;
    row->status = s.codes.status;
    row->diagnostic = diagnostic_at(text, words_begin(text, &s), s.end);
    row->remote_mta = ndr_text_recipient_remote_host(cut(text, s.from, s.end));
    if (row->remote_mta.len == 0 && alone) /* a transcript names the host elsewhere */
        row->remote_mta = ndr_text_recipient_remote_host(text);
}

static bool
is_listed(const ndr_report *r, size_t first, ndr_slice address)
{
    for (size_t i = first; i < r->count; i++)
        if (ndr_slice_equal_nocase(r->recipient[i].final, address))
            return true;
    return false;
}

static void
keep(ndr_report *r, ndr_recipient *row, ndr_arena *a)
{
    ndr_slice *const all[] = {&row->final,  &row->original,   &row->action,
                              &row->status, &row->diagnostic, &row->remote_mta,
                              &row->reply};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (all[i]->len > 0)
            *all[i] = ndr_arena_copy(a, *all[i]);
    ndr_report_keep(r, row, a);
}

/* Nobody is named. Who failed is not known then, whomever the returned message says it is
 * to: a list, an alias, a copy may have failed; what went wrong may be stated still. */
static void
keep_nobody(ndr_slice text, ndr_arena *a, ndr_report *r)
{
    ndr_recipient row = {0};
    describe(text, NULL, NULL, 1, true, &row);
    if (row.status.len > 0 || row.reply.len > 0)
        keep(r, &row, a);
}

static bool
is_described(const ndr_recipient *row)
{
    return row->reply.len + row->status.len > 0;
}

/* What went wrong may be said once for a list of recipients: behind its last one, or in
 * front of all. m[i] is where row[i] is mentioned first. */
static void
share(ndr_slice text, const ndr_mention *const *m, ndr_recipient *row, size_t count)
{
    bool any = false;
    for (size_t i = count; i-- > 0;) {
        if (i + 1 < count && m[i] != NULL && m[i + 1] != NULL && !is_described(&row[i]) &&
            is_described(&row[i + 1]) && is_listed_next(text, m[i], m[i + 1])) {
            row[i].reply = row[i + 1].reply;
            row[i].status = row[i + 1].status;
            row[i].diagnostic = row[i + 1].diagnostic;
            row[i].remote_mta = row[i + 1].remote_mta;
        }
        any = any || is_described(&row[i]);
    }
    ndr_recipient all = {0};
    if (!any && count > 1)
        describe(text, NULL, NULL, 1, true, &all);
    if (is_described(&all))
        for (size_t i = 0; i < count; i++) {
            row[i].reply = all.reply;
            row[i].status = all.status;
            row[i].diagnostic = all.diagnostic;
            row[i].remote_mta = all.remote_mta;
        }
}

/* Describe the recipients row[0..count) and keep each once. */
static void
keep_all(ndr_slice text, const mentions *all, const ndr_mention *const *m, int floor,
         ndr_recipient *row, size_t count, ndr_arena *a, ndr_report *r)
{
    const size_t first = r->count;
    for (size_t i = 0; i < count; i++) /* an earlier mention may hold the code */
        describe(text, all, m[i], floor, count == 1, &row[i]);
    share(text, m, row, count);
    for (size_t i = 0; i < count; i++)
        if (!is_listed(r, first, row[i].final))
            keep(r, &row[i], a);
}

/* The recipients that a field lists; each is looked up in the text. */
static void
keep_listed(const ndr_text_recipient *p, ndr_slice text, mentions *all, ndr_arena *a,
            ndr_report *r)
{
    ndr_recipient row[FAILED] = {0};
    const ndr_mention *mention[FAILED] = {0};
    size_t count = 0;
    for (size_t at = 0; at < p->failed.len && count < FAILED; at++) {
        size_t begin, end;
        if (p->failed.ptr[at] == '@' &&
            ndr_text_recipient_address(p->failed, at, &begin, &end))
            row[count++].final = cut(p->failed, begin, end);
    }
    if (count == 0) /* a local name without a domain */
        row[count++].final = p->failed;
    for (size_t k = 0; k < all->count; k++) { /* of the others nothing is said here */
        ndr_mention *m = &all->row[k];
        m->another = true;
        for (size_t i = 0; i < count; i++)
            if (ndr_slice_equal_nocase(m->address, row[i].final)) {
                m->another = false;
                mention[i] = mention[i] != NULL ? mention[i] : m;
            }
        m->score = m->another ? 0 : m->score > 0 ? m->score : 1;
    }
    keep_all(text, all, mention, 1, row, count, a, r);
}

void
ndr_text_recipient_read(const ndr_text_recipient *p, ndr_arena *a, ndr_report *r)
{
    const ndr_slice text = head(p->text, TEXT_BYTES);
    if (r->reporting_mta.len == 0)
        r->reporting_mta =
            ndr_arena_copy(a, ndr_text_recipient_reporting_host(head(text, 2000)));
    mentions all;
    all.count = 0;
    find_mentions(p, text, &all);
    if (p->failed.len > 0 && (memchr(p->failed.ptr, '@', p->failed.len) != NULL ||
                              ndr_text_recipient_local(p->failed))) {
        keep_listed(p, text, &all, a, r);
        return;
    }
    int best = -1;
    bool others = false;
    for (size_t i = 0; i < all.count; i++)
        others = others ||
                 (!all.row[i].another && all.row[i].score >= NDR_TEXT_RECIPIENT_CUED);
    for (size_t i = 0; i < all.count; i++) {
        ndr_mention *m = &all.row[i];
        m->another = m->another && others;
        if (!m->another && m->score > best)
            best = m->score;
    }
    if (best <= 0) {
        keep_nobody(text, a, r);
        return;
    }
    const int floor = best > BAND ? best - BAND : 1;
    const ndr_mention *failed[FAILED];
    ndr_recipient row[FAILED] = {0};
    size_t count = 0;
    for (size_t i = 0; i < all.count && count < FAILED; i++) {
        const ndr_mention *m = &all.row[i];
        bool known = m->another || m->score < floor;
        for (size_t k = 0; k < count && !known; k++)
            known = ndr_slice_equal_nocase(failed[k]->address, m->address);
        if (known)
            continue;
        row[count].final = m->address;
        failed[count++] = m;
    }
    keep_all(text, &all, failed, floor, row, count, a, r);
}

void
ndr_text_recipient_codes(ndr_report *r)
{
    for (size_t i = 0; i < r->count; i++) {
        ndr_recipient *row = &r->recipient[i];
        ndr_codes c;
        if (row->diagnostic.len == 0 || !ndr_codes_find(row->diagnostic, &c))
            continue;
        if (row->reply.len == 0)
            row->reply = c.reply;
        if (row->status.len == 0)
            row->status = c.status;
    }
}
