/* SPDX-License-Identifier: BSD-3-Clause */
/* prose.c - see prose.h. */
#include "prose.h"

#include "address.h"
#include "codes.h"

#include <string.h>

enum {
    TEXT_BYTES = 16 << 10, /* what a bounce says of recipients, it says early */
    MENTIONS = 64,
    FAILED = 32,
    DIAGNOSTIC_BYTES = 400,
    LEAD_BYTES = 80, /* words in front of an address that say what is wrong with it */
    REACH_BYTES = 4 << 10,
    CUE_BYTES = 300,      /* of a paragraph, around an address */
    LIST_BYTES = 2000,    /* of a field that names addresses */
    REACH_PARAGRAPHS = 5, /* from an address to the code that is about it */
    CUED = 40,            /* points of an address that is not there by chance */
    BAND = 15,            /* points below the best that still count */
};

/* One address in the text. */
typedef struct mention {
    ndr_slice address;
    size_t begin, end; /* of it, brackets and quotes left out */
    size_t line, line_end;
    int points;   /* below 0: surely no failed recipient */
    bool another; /* the bounce's own recipient, its sender, the daemon */
} mention;

typedef struct mentions {
    mention row[MENTIONS];
    size_t count;
} mentions;

/* ---- words -------------------------------------------------------------- */

static unsigned char
lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c | 0x20) : c;
}

static bool
is_word(unsigned char c)
{
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z');
}

/* True when `s` begins, or ends, with the lower-case `word`. */
static bool
begins(ndr_slice s, const char *word)
{
    size_t i = 0;
    for (; word[i] != '\0'; i++)
        if (i == s.len || lower(s.ptr[i]) != (unsigned char)word[i])
            return false;
    return true;
}

static bool
ends(ndr_slice s, const char *word)
{
    const size_t n = strlen(word);
    return s.len >= n && begins((ndr_slice){s.ptr + s.len - n, n}, word) &&
           (s.len == n || !is_word(s.ptr[s.len - n - 1]) ||
            !is_word((unsigned char)word[0]));
}

static bool
begins_any(ndr_slice s, const char *const *words)
{
    for (; *words != NULL; words++)
        if (begins(s, *words))
            return true;
    return false;
}

static bool
ends_any(ndr_slice s, const char *const *words)
{
    for (; *words != NULL; words++)
        if (ends(s, *words))
            return true;
    return false;
}

static bool
holds_any(ndr_slice s, const char *const *words)
{
    for (size_t i = 0; i < s.len; i++)
        if ((i == 0 || !is_word(s.ptr[i - 1])) &&
            begins_any((ndr_slice){s.ptr + i, s.len - i}, words))
            return true;
    return false;
}

/* Without any of `set` in front, or at the end. */
static ndr_slice
skip(ndr_slice s, const char *set)
{
    while (s.len > 0 && s.ptr[0] != '\0' && strchr(set, s.ptr[0]) != NULL)
        s = (ndr_slice){s.ptr + 1, s.len - 1};
    return s;
}

static ndr_slice
drop(ndr_slice s, const char *set)
{
    while (s.len > 0 && s.ptr[s.len - 1] != '\0' && strchr(set, s.ptr[s.len - 1]) != NULL)
        s.len--;
    return s;
}

static ndr_slice
cut(ndr_slice text, size_t begin, size_t end)
{
    return (ndr_slice){text.ptr + begin, end > begin ? end - begin : 0};
}

/* The first `limit` bytes, characters whole. */
static ndr_slice
head(ndr_slice s, size_t limit)
{
    if (s.len <= limit)
        return s;
    while (limit > 0 && (s.ptr[limit] & 0xc0) == 0x80)
        limit--;
    return (ndr_slice){s.ptr, limit};
}

/* ---- addresses ----------------------------------------------------------- */

static bool
is_local(unsigned char c)
{
    return is_word(c) || (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~.", c) != NULL);
}

static bool
is_local_name(ndr_slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] == '@' || !is_local(s.ptr[i]))
            return false;
    return s.len > 0 && s.len <= 64;
}

/* The address around the '@' at `at`; false when there is none. */
static bool
address_at(ndr_slice text, size_t at, size_t *begin, size_t *end)
{
    size_t b = at, e = at + 1;
    if (b > 0 && text.ptr[b - 1] == '"') { /* "john doe"@example.com */
        for (b--;
             b > 0 && text.ptr[b - 1] != '"' && text.ptr[b - 1] != '\n' && at - b < 66;)
            b--;
        if (b == 0 || text.ptr[b - 1] != '"')
            return false;
        b--;
    } else {
        while (b > 0 && is_local(text.ptr[b - 1]) && at - b < 256)
            b--;
        const bool bracketed = b > 0 && text.ptr[b - 1] == '<'; /* all of it is his */
        while (!bracketed && b < at && strchr("'`*=/.-|{}~^?!&$%", text.ptr[b]) != NULL)
            b++;
    }
    static const char *const keys[] = {
        "smtp=", "recipient=", "sender=", "from=", "to=", NULL};
    for (const char *const *k = keys; *k != NULL; k++)
        if (begins(cut(text, b, at), *k)) {
            b += strlen(*k);
            break;
        }
    if (b == at)
        return false;
    if (e < text.len && text.ptr[e] == '[') {
        while (e < text.len && text.ptr[e] != ']' && text.ptr[e] != ' ' &&
               text.ptr[e] != '\n')
            e++;
        e += e < text.len && text.ptr[e] == ']';
    } else {
        while (e < text.len && e - at < 254 &&
               (is_word(text.ptr[e]) || strchr(".-_", text.ptr[e]) != NULL) &&
               text.ptr[e] != '\0')
            e++;
        while (e > at + 1 && !is_word(text.ptr[e - 1]))
            e--;
    }
    *begin = b;
    *end = e;
    return e > at + 1;
}

/* Is this address in `list`, a field's value with addresses? */
static bool
is_in(ndr_slice address, ndr_slice list)
{
    if (address.len == 0)
        return false;
    list = head(list, LIST_BYTES);
    for (size_t i = 0; i + address.len <= list.len; i++)
        if (lower(list.ptr[i]) == lower(address.ptr[0]) &&
            (i == 0 || !is_local(list.ptr[i - 1])) &&
            ndr_slice_equal_nocase((ndr_slice){list.ptr + i, address.len}, address) &&
            (i + address.len == list.len || !is_local(list.ptr[i + address.len])))
            return true;
    return false;
}

/* ---- points -------------------------------------------------------------- */

static const char *const no_recipient[] = {
    "mail from:", "from:",        "from",          "sender:",
    "sender",     "return-path:", "reply-to:",     "message-id:",
    "contact",    "id",           "mailto:",       "generated from",
    "x-sender:",  "mail from",    "questions to",  "email us at",
    "help from",  "cc:",          "envelope-from", "write to",
    "de:",        "von:",         "message-id",    "at:",
    "sender=",    "from=",        "sent by",       "helo",
    "ehlo",       "sent from",    "submitted by",  NULL};
static const char *const final_cues[] = {"final-recipient: rfc822;",
                                         "final-recipient:rfc822;",
                                         "final-recipient: <",
                                         "rcpt to:",
                                         "final-recipient:",
                                         "rcpt to",
                                         "generated by",
                                         NULL};
static const char *const colon_cues[] = {"recipient:",
                                         "recipients:",
                                         "recipient(s):",
                                         "address:",
                                         "addresses:",
                                         "address(es):",
                                         "failed:",
                                         "delivered to:",
                                         "reached:",
                                         "user:",
                                         "mailbox:",
                                         "unknown:",
                                         "delivery to:",
                                         "unknown user:",
                                         "account:",
                                         "users:",
                                         "failure:",
                                         "undeliverable to:",
                                         "rejected:",
                                         "undelivered to:",
                                         "recipient is:",
                                         "error:",
                                         "rejected for:",
                                         "original-recipient: rfc822;",
                                         "original-recipient:",
                                         "sent to:",
                                         "an:",
                                         "rcpt:",
                                         "for:",
                                         "recipient=",
                                         "smtp=",
                                         "to=",
                                         NULL};
static const char *const near_cues[] = {
    "delivered to", "delivery to", "deliver to", "mail to", "message to", "sent to",
    "recipient",    "recipients",  "address",    "mailbox", "user",       "account",
    "unknown",      "to",          "for",        "to:",     "addresses",  "mailbox for",
    "verify",       "such user",   "deliver",    NULL};
static const char *const after_cues[] = {"...",
                                         "unknown",
                                         "does not exist",
                                         "doesn't",
                                         "is not",
                                         "was not",
                                         "could not",
                                         "not found",
                                         "user unknown",
                                         "no such",
                                         "cannot",
                                         "is unknown",
                                         "has failed",
                                         "failed",
                                         "rejected",
                                         "is full",
                                         "over quota",
                                         "undeliverable",
                                         "isn't",
                                         "wasn't",
                                         "is over",
                                         "not listed",
                                         "has exceeded",
                                         "mailbox",
                                         "because",
                                         "(unrecoverable",
                                         "(reason",
                                         "is disabled",
                                         NULL};
static const char *const list_cues[] = {
    "fail",     "undeliver", "could not",     "couldn't",  "can't",
    "cannot",   "not be",    "unable",        "recipient", "address",
    "rejected", "returned",  "not delivered", "error",     "unsuccessful",
    "was not",  "did not",   "problem",       NULL};
static const char *const system_names[] = {"mailer-daemon", "postmaster", "mailerdaemon",
                                           "mail-daemon",   "mdaemon",    NULL};
static const char *const office_names[] = {
    "abuse@",         "support@", "helpdesk@",   "help@",      "noreply@", "no-reply@",
    "administrator@", "admin@",   "hostmaster@", "webmaster@", NULL};

/* Where the line before `line` begins; `line` when there is none. */
static size_t
line_before(ndr_slice text, size_t line)
{
    if (line == 0)
        return 0;
    size_t at = line - 1;
    while (at > 0 && text.ptr[at - 1] != '\n')
        at--;
    return at;
}

/* Points for what stands around. */
static int
place_points(ndr_slice text, const mention *m)
{
    const ndr_slice before = drop(cut(text, m->line, m->begin), " <\"'`([*>-");
    const ndr_slice after = cut(text, m->end, m->line_end);
    const ndr_slice behind = skip(after, ">\"')] ");
    if (ends_any(before, no_recipient))
        return -1;
    if (ends_any(before, final_cues))
        return 100;
    static const char *const echo[] = {"subject:",
                                       NULL}; /* the returned message's fields */
    if (ends(before, "to:") && holds_any(head(after, CUE_BYTES), echo))
        return CUED;
    if (before.len == 0) {
        const ndr_slice close = skip(after, ">\"')]");
        if (close.len > 0 && close.ptr[0] == ':')
            return 90;
        const size_t above = line_before(text, m->line);
        ndr_slice last =
            above == m->line ? (ndr_slice){0} : cut(text, above, m->line - 1);
        if (last.len > CUE_BYTES)
            last = cut(last, last.len - CUE_BYTES, last.len);
        if (last.len > 0 && last.ptr[last.len - 1] == ':')
            return 88;
        return behind.len == 0 || holds_any(last, list_cues) ? 85 : 70;
    }
    if (ends_any(before, colon_cues))
        return 80;
    if (begins_any(behind, after_cues))
        return 78;
    if (before.ptr[before.len - 1] == ':')
        return 75;
    if (ends_any(before, near_cues))
        return 70;
    return 30;
}

static int
points_of(const ndr_prose *p, ndr_slice text, const mention *m)
{
    int points = place_points(text, m);
    if (points < 0)
        return points;
    ndr_codes c;
    if (ndr_codes_find(head(cut(text, m->line, m->line_end), 1000), &c))
        points += 3;
    if (is_in(m->address, p->to))
        points += 12;
    if (begins_any(m->address, system_names))
        points -= 60;
    else if (begins_any(m->address, office_names))
        points -= 25;
    return points < 0 ? 0 : points;
}

static void
find_mentions(const ndr_prose *p, ndr_slice text, mentions *all)
{
    const unsigned char *first = text.len == 0 ? NULL : memchr(text.ptr, '\n', text.len);
    size_t line = 0, line_end = first == NULL ? text.len : (size_t)(first - text.ptr);
    int list = 0; /* points of the bare address that the paragraph began with */
    for (size_t at = 0; at < text.len && all->count < MENTIONS;) {
        const unsigned char *sign = memchr(text.ptr + at, '@', text.len - at);
        if (sign == NULL)
            return;
        at = (size_t)(sign - text.ptr) + 1;
        mention m = {0};
        if (!address_at(text, at - 1, &m.begin, &m.end))
            continue;
        const mention *last = all->count > 0 ? &all->row[all->count - 1] : NULL;
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
        if (is_in(m.address, p->message_id))
            continue;
        m.another = is_in(m.address, p->own) || is_in(m.address, p->sender) ||
                    is_in(m.address, p->daemon);
        m.points = points_of(p, text, &m);
        if (last == NULL || last->line != m.line)
            list = m.begin == m.line && text.ptr[m.begin] != '<' && m.points >= 70
                       ? m.points
                       : 0;
        else if (list > m.points && m.points >= 0 && text.ptr[m.begin - 1] == ' ' &&
                 !begins_any(m.address, office_names) &&
                 !begins_any(m.address, system_names))
            m.points = list;
        all->row[all->count++] = m;
        at = m.end;
    }
}

/* ---- what is said about one ------------------------------------------------ */

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

/* The first host that one of the cues, or one of the verbs (NULL: none), gives away. */
static ndr_slice
find_host(ndr_slice text, const host_cue *cues, const char *const *verbs)
{
    for (size_t i = 0; i < text.len; i++) {
        if (i > 0 && is_word(text.ptr[i - 1]))
            continue;
        const ndr_slice rest = {text.ptr + i, text.len - i};
        for (const host_cue *c = cues; c->before != NULL; c++) {
            if (!begins(rest, c->before))
                continue;
            const size_t n = strlen(c->before);
            const ndr_slice h = host_at((ndr_slice){rest.ptr + n, rest.len - n});
            if (h.len > 0 &&
                (!c->shown ||
                 is_shown(cut(text, (size_t)(h.ptr - text.ptr) + h.len, text.len))))
                return h;
        }
        if (verbs == NULL || (i > 0 && strchr("@.-_", text.ptr[i - 1]) != NULL))
            continue;
        const ndr_slice h = is_word(text.ptr[i]) ? host_at(rest) : (ndr_slice){0};
        if (h.len == 0 || h.ptr != rest.ptr)
            continue;
        const ndr_slice behind = {rest.ptr + h.len, rest.len - h.len};
        if (begins_any(behind, verbs) || is_numbered(behind))
            return h;
    }
    return (ndr_slice){0};
}

/* Where the text about a mention ends: at the next one that names somebody else who
 * failed, or after some paragraphs. */
static size_t
reach(ndr_slice text, const mentions *all, const mention *m, int floor)
{
    size_t end = m->line_end;
    for (int i = 0; i < REACH_PARAGRAPHS && end < text.len; i++) {
        const unsigned char *lf = memchr(text.ptr + end + 1, '\n', text.len - end - 1);
        end = lf == NULL ? text.len : (size_t)(lf - text.ptr);
    }
    end = end < m->end + REACH_BYTES ? end : m->end + REACH_BYTES;
    for (const mention *n = m + 1; n < all->row + all->count; n++)
        if (n->points >= floor && !n->another &&
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
words_at(ndr_slice text, const mention *m, size_t end)
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

/* Status, reply, diagnostic and remote MTA of the recipient that `m` is the first
 * mention of; NULL: the text does not mention it. */
static void
describe(ndr_slice text, const mentions *all, const mention *m, int floor, bool alone,
         ndr_recipient *row)
{
    ndr_codes c = {0};
    size_t base = 0, end = text.len, from = 0;
    const mention *at = NULL;
    for (const mention *n = m; n != NULL && n < all->row + all->count && at == NULL;
         n++) {
        if (!ndr_slice_equal_nocase(n->address, m->address))
            continue;
        end = reach(text, all, n, floor);
        const size_t here = end < n->line_end ? end : n->line_end;
        size_t left =
            n->line; /* what another's mention has behind it in this line is his */
        for (const mention *k = all->row; k < n; k++)
            if (k->line == n->line && k->points >= floor && !k->another &&
                !ndr_slice_equal_nocase(k->address, n->address))
                left = k->end;
        const struct {
            size_t begin, end;
        } areas[] = {
            {n->end, here}, {left == n->line ? left : n->begin, n->begin}, {here, end}};
        for (size_t i = 0; i < 3 && at == NULL; i++)
            if (ndr_codes_find(cut(text, areas[i].begin, areas[i].end), &c)) {
                at = n;
                base = areas[i].begin;
                from = left == n->line ? n->line : n->begin;
                end = i == 1 ? here : areas[i].end;
            }
    }
    const bool anywhere = at == NULL && alone && ndr_codes_find(text, &c);
    if (anywhere)
        end = text.len;
    if (at == NULL && !anywhere && m == NULL)
        return;
    if (at == NULL && !anywhere) {
        end = reach(text, all, m, floor);
        row->diagnostic = words_at(text, m, end);
        const bool second = m > all->row && m[-1].line == m->line;
        row->remote_mta = find_host(cut(text, second ? m->begin : m->line, end),
                                    remote_cues, remote_verbs);
        return;
    }
    row->reply = c.reply;
    row->status = c.status;
    size_t begin = base + c.at;
    if (c.reply.len == 0) { /* a status alone stands behind the words that it is about */
        while (begin > 0 && text.ptr[begin - 1] != '\n' &&
               (at == NULL || begin != at->end))
            begin--;
        while (begin < base + c.at && strchr(" >\"')]:,;.-", text.ptr[begin]) != NULL)
            begin++;
    }
    row->diagnostic = diagnostic_at(text, begin, end);
    row->remote_mta = find_host(cut(text, from, end), remote_cues, remote_verbs);
    if (row->remote_mta.len == 0 && alone) /* a transcript names the host elsewhere */
        row->remote_mta = find_host(text, remote_cues, remote_verbs);
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

/* The recipients that a field lists; each is looked up in the text. */
static void
keep_listed(const ndr_prose *p, ndr_slice text, mentions *all, ndr_arena *a,
            ndr_report *r)
{
    const size_t first = r->count;
    ndr_slice found[FAILED];
    size_t count = 0;
    for (size_t at = 0; at < p->failed.len && count < FAILED; at++) {
        size_t begin, end;
        if (p->failed.ptr[at] == '@' && address_at(p->failed, at, &begin, &end))
            found[count++] = cut(p->failed, begin, end);
    }
    if (count == 0) /* a local name without a domain */
        found[count++] = p->failed;
    for (size_t k = 0; k < all->count; k++) { /* of the others nothing is said here */
        mention *m = &all->row[k];
        m->another = true;
        for (size_t i = 0; i < count && m->another; i++)
            m->another = !ndr_slice_equal_nocase(m->address, found[i]);
        m->points = m->another ? 0 : m->points > 0 ? m->points : 1;
    }
    for (size_t i = 0; i < count; i++) {
        ndr_recipient row = {.final = found[i]};
        const mention *m = NULL;
        for (size_t k = 0; k < all->count && m == NULL; k++)
            if (ndr_slice_equal_nocase(all->row[k].address, found[i]))
                m = &all->row[k];
        if (is_listed(r, first, found[i]))
            continue;
        describe(text, all, m, 1, count == 1, &row);
        keep(r, &row, a);
    }
}

/* Nobody is named: the only one to whom the returned message went. */
static void
keep_addressee(const ndr_prose *p, ndr_slice text, ndr_arena *a, ndr_report *r)
{
    const ndr_address first = ndr_address_find(p->to);
    if (first.domain.len == 0 || first.local.len == 0 ||
        memchr(first.domain.ptr + first.domain.len, '@',
               p->to.len - (size_t)(first.domain.ptr + first.domain.len - p->to.ptr)) !=
            NULL)
        return;
    ndr_recipient row = {
        .final = {first.local.ptr, first.local.len + 1 + first.domain.len}};
    describe(text, NULL, NULL, 1, true, &row);
    keep(r, &row, a);
}

void
ndr_prose_read(const ndr_prose *p, ndr_arena *a, ndr_report *r)
{
    const ndr_slice text = head(p->text, TEXT_BYTES);
    if (r->reporting_mta.len == 0)
        r->reporting_mta =
            ndr_arena_copy(a, find_host(head(text, 2000), reporting_cues, NULL));
    mentions all;
    all.count = 0;
    find_mentions(p, text, &all);
    if (p->failed.len > 0 && (memchr(p->failed.ptr, '@', p->failed.len) != NULL ||
                              is_local_name(p->failed))) {
        keep_listed(p, text, &all, a, r);
        return;
    }
    int best = -1;
    bool others = false;
    for (size_t i = 0; i < all.count; i++)
        others = others || (!all.row[i].another && all.row[i].points >= CUED);
    for (size_t i = 0; i < all.count; i++) {
        mention *m = &all.row[i];
        m->another = m->another && others;
        if (!m->another && m->points > best)
            best = m->points;
    }
    if (best <= 0) {
        keep_addressee(p, text, a, r);
        return;
    }
    const int floor = best > BAND ? best - BAND : 1;
    const size_t first = r->count;
    const mention *failed[FAILED];
    size_t count = 0;
    for (size_t i = 0; i < all.count && count < FAILED; i++) {
        const mention *m = &all.row[i];
        bool known = m->another || m->points < floor;
        for (size_t k = 0; k < count && !known; k++)
            known = ndr_slice_equal_nocase(failed[k]->address, m->address);
        if (!known)
            failed[count++] = m;
    }
    for (size_t i = 0; i < count; i++) {
        ndr_recipient row = {.final = failed[i]->address};
        /* an earlier mention in passing may hold the code */
        describe(text, &all, failed[i], floor, count == 1, &row);
        if (!is_listed(r, first, row.final))
            keep(r, &row, a);
    }
}

void
ndr_prose_codes(ndr_report *r)
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
