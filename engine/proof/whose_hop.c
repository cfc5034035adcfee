/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * whose_hop.c - see whose_hop.h.
 *
 *   Postfix   from HELO (NAME [ADDR]) (using TLS...) by HOST (Postfix) with ESMTPSA id ID
 *             by HOST (Postfix) id ID             a bounce of its own
 *             by HOST (Postfix, from userid N) id ID
 *   Exim      from NAME ([ADDR] helo=HELO) by HOST with esmtpsa (TLS...) (Exim 4.96) ...
 *             from [ADDR] (helo=HELO) by HOST ...
 *             from USER by HOST with local (Exim 4.96) ...
 *
 * Postfix turns blanks and parentheses in a HELO into '?'. What stands behind the first
 * comment, such as the name in a certificate, is the client's own again.
 */
#include "whose_hop.h"

#include "dkim_tags.h"

#include <string.h>

enum clause { NO_CLAUSE, FROM, BY, WITH, FOR, OTHER_CLAUSE };

/* Behind the comment or quoted string at `at`. */
static size_t
skip_group(ndr_slice v, size_t at)
{
    const bool quote = v.ptr[at] == '"';
    size_t depth = 0;
    for (size_t i = at; i < v.len; i++) {
        const unsigned char c = v.ptr[i];
        if (c == '\\')
            i++;
        else if (quote ? c == '"' && i > at : c == ')' && --depth == 0)
            return i + 1;
        else if (!quote && c == '(')
            depth++;
    }
    return v.len;
}

static enum clause
clause_of(ndr_slice word)
{
    static const struct {
        const char *word;
        enum clause clause;
    } words[] = {
        {"from", FROM}, {"by", BY},           {"with", WITH},
        {"for", FOR},   {"id", OTHER_CLAUSE}, {"via", OTHER_CLAUSE},
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (ndr_slice_equal_nocase(word, ndr_slice_of(words[i].word)))
            return words[i].clause;
    return NO_CLAUSE;
}

/* "[ADDR]" at the start of `text`: ADDR. */
static bool
take_literal(ndr_slice text, ndr_slice *ret)
{
    const unsigned char *close =
        text.len > 2 && text.ptr[0] == '[' ? memchr(text.ptr, ']', text.len) : NULL;
    if (close == NULL)
        return false;
    *ret = (ndr_slice){text.ptr + 1, (size_t)(close - text.ptr) - 1};
    return true;
}

/* The first comment behind the HELO: "[ADDR] ..." or "NAME [ADDR]". */
static void
read_client(ndr_slice comment, ndr_hop *hop)
{
    if (take_literal(comment, &hop->address))
        return;
    size_t n = 0;
    while (n < comment.len && comment.ptr[n] > ' ' && comment.ptr[n] != '=')
        n++;
    if (n == 0 || n + 1 >= comment.len || comment.ptr[n] != ' ' ||
        !take_literal((ndr_slice){comment.ptr + n + 1, comment.len - n - 1},
                      &hop->address))
        return;
    hop->name = (ndr_slice){comment.ptr, n};
}

static bool
holds(ndr_slice text, ndr_slice lower)
{
    for (size_t i = 0; i + lower.len <= text.len; i++)
        if (ndr_slice_equal_nocase((ndr_slice){text.ptr + i, lower.len}, lower))
            return true;
    return false;
}

static void
take_comment(ndr_slice comment, enum clause clause, bool first, ndr_hop *hop)
{
    if (clause == FROM && first && hop->helo.len > 0)
        read_client(comment, hop);
    else if (clause == BY && holds(comment, NDR_SLICE("from userid")))
        hop->user = true;
}

static void
take_value(ndr_slice word, enum clause clause, ndr_hop *hop)
{
    ndr_slice *const into[] = {[FROM] = &hop->helo,
                               [BY] = &hop->by,
                               [WITH] = &hop->with,
                               [FOR] = &hop->recipient};
    if (clause < FROM || clause > FOR || into[clause]->len > 0)
        return;
    if (clause == FOR && word.len > 2 && word.ptr[0] == '<' &&
        word.ptr[word.len - 1] == '>')
        word = (ndr_slice){word.ptr + 1, word.len - 2};
    if (clause == BY && word.ptr[word.len - 1] == '.')
        word.len--;
    *into[clause] = word;
    hop->from = hop->from || clause == FROM;
}

ndr_hop
ndr_hop_read(ndr_slice v)
{
    ndr_hop hop = {0};
    enum clause clause = NO_CLAUSE;
    bool wants = false, first = true;
    for (size_t i = 0; i < v.len && v.ptr[i] != ';';) {
        if (v.ptr[i] <= ' ') {
            i++;
            continue;
        }
        size_t end = i;
        if (v.ptr[i] == '(') {
            end = skip_group(v, i);
            const size_t close = v.ptr[end - 1] == ')' && end > i + 1 ? end - 1 : end;
            take_comment(ndr_dkim_trim((ndr_slice){v.ptr + i + 1, close - i - 1}), clause,
                         first, &hop);
            first = false;
            i = end;
            continue;
        }
        while (end < v.len && v.ptr[end] > ' ' && v.ptr[end] != ';' && v.ptr[end] != '(')
            end = v.ptr[end] == '"' ? skip_group(v, end) : end + 1;
        const ndr_slice word = {v.ptr + i, end - i};
        const enum clause next = wants ? NO_CLAUSE : clause_of(word);
        if (next != NO_CLAUSE) {
            clause = next;
            wants = first = true;
        } else if (wants) {
            take_value(word, clause, &hop);
            wants = false;
        }
        i = end;
    }
    if (hop.address.len == 0 && take_literal(hop.helo, &hop.address) &&
        hop.address.len + 2 < hop.helo.len) /* Exim's "[ADDR]:PORT" is none of these */
        hop.address = (ndr_slice){0};
    return hop;
}

static bool
ends_in(ndr_slice word, const char *end)
{
    const ndr_slice tail = ndr_slice_of(end);
    return word.len >= tail.len &&
           ndr_slice_equal_nocase((ndr_slice){word.ptr + word.len - tail.len, tail.len},
                                  tail);
}

enum ndr_hop_sort
ndr_hop_sort(const ndr_hop *hop)
{
    if (hop->user || (hop->from && ndr_slice_equal_nocase(hop->with, NDR_SLICE("local"))))
        return NDR_HOP_USER;
    if (!hop->from && hop->by.len > 0 && hop->with.len == 0)
        return NDR_HOP_MADE;
    if (ends_in(hop->with, "MTPA") || ends_in(hop->with, "MTPSA") ||
        ndr_slice_equal_nocase(hop->with, NDR_SLICE("asmtp")))
        return NDR_HOP_AUTH;
    if (ends_in(hop->with, "LMTP") || ends_in(hop->with, "LMTPS"))
        return NDR_HOP_DELIVERED;
    return NDR_HOP_OTHER;
}
