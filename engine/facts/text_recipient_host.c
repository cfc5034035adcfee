/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * text_recipient_host.c - see prose_host.h. Words that stand in front of a host are
 * looked for where a word begins with two letters that one of them begins with; a host
 * that is known by what stands behind it is looked for from a dot in a name.
 */
#include "text_recipient_host.h"

#include "text_words.h"

/* A host name or address at the front of `s`, empty when there is none. */
static ndr_slice
host_at(ndr_slice s)
{
    s = skip(s, " <[('\"");
    size_t n = 0, dots = 0;
    while (n < s.len &&
           (is_word(s.ptr[n]) || s.ptr[n] == '-' || s.ptr[n] == '.' || s.ptr[n] == '_')) {
        if (s.ptr[n] == '_' && n > 0 &&
            begins((ndr_slice){s.ptr + n, s.len - n}, "_does_not"))
            break;
        dots += s.ptr[n] == '.' && n > 0 && n + 1 < s.len && is_word(s.ptr[n + 1]);
        n++;
    }
    if (dots == 0 || (n < s.len && s.ptr[n] == '@'))
        return (ndr_slice){0};
    return drop((ndr_slice){s.ptr, n}, ".-_");
}

typedef struct host_cue {
    const char *before;
    bool shown; /* only with "[", ":" or "said" behind it */
} host_cue;

static const host_cue remote_cues[] = {{"host ", true},
                                       {"host: ", false},
                                       {"talking to ", false},
                                       {"connected to ", false},
                                       {"giving up on ", false},
                                       {"server at ", false},
                                       {"remote-mta: dns;", false},
                                       {"by ", true},
                                       {"remote server ", false},
                                       {"remote host ", false},
                                       {"rejected your message: ", false},
                                       {"server ", true},
                                       {"response from ", false},
                                       {"mta ", true},
                                       {NULL, false}};
static const char *const remote_verbs[] = {" does not like recipient",
                                           "_does_not_like_recipient",
                                           " gave this error",
                                           " rejected your message",
                                           " failed after i sent",
                                           " said:",
                                           " returned:",
                                           NULL};
static const host_cue reporting_cues[] = {{"system at host ", false},
                                          {"program at host ", false},
                                          {"qmail-send program at ", false},
                                          {"generating server: ", false},
                                          {"reporting-mta: dns;", false},
                                          {"program at ", false},
                                          {"message from ", false},
                                          {"mailer at ", false},
                                          {NULL, false}};

static bool
is_shown(ndr_slice behind)
{
    behind = skip(behind, ".");
    return begins(behind, "[") || begins(behind, " [") || begins(behind, ":") ||
           begins(behind, " said") || begins(behind, " (");
}

/* " [192.0.2.26]:", as a transcript has it behind a host. */
static bool
is_numbered(ndr_slice behind)
{
    if (!begins(behind, " ["))
        return false;
    const ndr_slice near = head(behind, 48);
    const unsigned char *close = memchr(near.ptr, ']', near.len);
    return close != NULL && close + 1 < near.ptr + near.len && close[1] == ':';
}

/* The second letters that cues have behind each first one: a bit a letter. */
typedef struct cue_letters {
    uint32_t second[32];
} cue_letters;

static uint32_t
letter_bit(unsigned char c)
{
    return (uint32_t)1 << (c & 31);
}

static cue_letters
letters_of(const host_cue *cues)
{
    cue_letters l = {0};
    for (const host_cue *c = cues; c->before != NULL; c++)
        l.second[c->before[0] & 31] |= letter_bit((unsigned char)c->before[1]);
    return l;
}

/* The first host behind one of the cues; *ret_at is where the cue begins. */
static ndr_slice
host_behind_cue(ndr_slice text, const host_cue *cues, size_t *ret_at)
{
    const cue_letters letters = letters_of(cues);
    bool in_word = false;
    for (size_t i = 0; i + 1 < text.len; i++) {
        const bool begins_word = !in_word;
        in_word = is_word(text.ptr[i]);
        if (!begins_word ||
            (letters.second[text.ptr[i] & 31] & letter_bit(text.ptr[i + 1])) == 0)
            continue;
        const ndr_slice rest = {text.ptr + i, text.len - i};
        for (const host_cue *c = cues; c->before != NULL; c++) {
            if (!begins(rest, c->before))
                continue;
            const size_t n = strlen(c->before);
            const ndr_slice h = host_at((ndr_slice){rest.ptr + n, rest.len - n});
            if (h.len > 0 &&
                (!c->shown ||
                 is_shown(cut(text, (size_t)(h.ptr - text.ptr) + h.len, text.len)))) {
                *ret_at = i;
                return h;
            }
        }
    }
    *ret_at = text.len;
    return (ndr_slice){0};
}

static bool
is_name(unsigned char c)
{
    return is_word(c) || c == '.' || c == '-' || c == '_';
}

/* The first host with a verb behind it that begins before `limit`. */
static ndr_slice
host_before_verb(ndr_slice text, size_t limit)
{
    size_t seen = 0; /* names that begin before it were looked at */
    while (seen < text.len) {
        const unsigned char *dot = memchr(text.ptr + seen, '.', text.len - seen);
        if (dot == NULL)
            break;
        size_t begin = (size_t)(dot - text.ptr), end = begin;
        while (begin > seen && is_name(text.ptr[begin - 1]))
            begin--;
        if (begin >= limit)
            break;
        while (end < text.len && is_name(text.ptr[end]))
            end++;
        seen = end;
        if (!is_word(text.ptr[begin]) || (begin > 0 && text.ptr[begin - 1] == '@'))
            continue;
        const ndr_slice h = host_at((ndr_slice){text.ptr + begin, text.len - begin});
        if (h.len == 0)
            continue;
        const ndr_slice behind = {h.ptr + h.len, text.len - begin - h.len};
        if (begins_any(behind, remote_verbs) || is_numbered(behind))
            return h;
    }
    return (ndr_slice){0};
}

ndr_slice
ndr_text_recipient_remote_host(ndr_slice text)
{
    size_t at;
    const ndr_slice behind = host_behind_cue(text, remote_cues, &at);
    const ndr_slice before = host_before_verb(text, at);
    return before.len > 0 ? before : behind;
}

ndr_slice
ndr_text_recipient_reporting_host(ndr_slice text)
{
    size_t at;
    return host_behind_cue(text, reporting_cues, &at);
}
