/* SPDX-License-Identifier: BSD-3-Clause */
/* draft.c - see draft.h. */
#include "draft.h"

#include "ndr_hash.h"

#include <stdlib.h>
#include <string.h>

enum {
    PHRASE_MIN = 12,   /* bytes that say something */
    PHRASES_MAX = 100, /* of one message */
    PHRASES_NAMED = 3, /* text phrases of one rule */
    NAMES_SHOWN = 5,   /* messages named over a group */
    LINES_SHOWN = 6,   /* paragraphs in an example */
    LINE_MAX = 600,
    ID_WORDS = 4,
};

enum { IN_SUBJECT, IN_FROM, IN_TEXT };

/* A run of bytes between two blanks, in the message's `blanked`. */
typedef struct phrase {
    int in;
    size_t begin, end;
    uint64_t hash;
} phrase;

typedef struct entry {
    char *name;
    ndr_buffer blanked; /* subject, from, then the text's paragraphs; each a line */
    size_t from, text;  /* where From and the text begin in it */
    phrase *phrase;
    size_t count;
    bool null_sender, grouped;
} entry;

struct draft {
    entry *entry;
    size_t count, cap;
    uint64_t *hash; /* draft_write's: phrases of ungrouped messages, sorted */
    size_t hash_count;
};

draft *
draft_new(void)
{
    return calloc(1, sizeof(draft));
}

void
draft_free(draft *d)
{
    for (size_t i = 0; d != NULL && i < d->count; i++) {
        free(d->entry[i].name);
        free(d->entry[i].phrase);
        ndr_buffer_free(&d->entry[i].blanked);
    }
    if (d != NULL) {
        free(d->hash);
        free(d->entry);
    }
    free(d);
}

/* ---- blanks --------------------------------------------------------------- */

static bool
is_letter(unsigned char c)
{
    c |= 0x20;
    return c >= 'a' && c <= 'z';
}

static bool
is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun",
                                   "jan", "feb", "mar", "apr", "may", "jun", "jul",
                                   "aug", "sep", "oct", "nov", "dec", NULL};

/* What a word is: a blank, or 0 when it stays. */
static int
blank_of(ndr_slice w)
{
    size_t dots = 0, digits = 0, letters = 0;
    for (size_t i = 0; i < w.len; i++) {
        if (w.ptr[i] == '@' && i > 0 && i + 1 < w.len)
            return DRAFT_ADDRESS;
        dots += w.ptr[i] == '.' && i > 0 && i + 1 < w.len &&
                (is_letter(w.ptr[i + 1]) || is_digit(w.ptr[i + 1])) &&
                w.ptr[i - 1] != '.';
        digits += is_digit(w.ptr[i]);
        letters += is_letter(w.ptr[i]);
    }
    if (w.len > 6 && (memcmp(w.ptr, "http:/", 6) == 0 || memcmp(w.ptr, "https:", 6) == 0))
        return DRAFT_HOST;
    if (dots > 0 && letters + digits > 3 && (letters > 0 || dots > 2))
        return DRAFT_HOST;
    if (digits > 0)
        return DRAFT_NUMBER;
    for (const char *const *d = days; *d != NULL; d++)
        if (w.len == 3 && ndr_slice_equal_nocase(w, ndr_slice_of(*d)))
            return DRAFT_DAY;
    return 0;
}

static bool
is_edge(unsigned char c)
{
    return strchr("<>()[]{}\"',;:!?*|=", c) != NULL && c != '\0';
}

/* Where the quoted words that begin at `at` end, behind the closing quote; `at`: none. */
static size_t
quoted_end(ndr_slice line, size_t at)
{
    const unsigned char q = line.ptr[at];
    if ((q != '"' && q != '\'') ||
        (at > 0 && line.ptr[at - 1] != ' ' && line.ptr[at - 1] != '('))
        return at;
    for (size_t i = at + 1; i < line.len && i - at < 200; i++)
        if (line.ptr[i] == q && (i + 1 == line.len || !is_letter(line.ptr[i + 1])))
            return i > at + 1 ? i + 1 : at;
    return at;
}

static void
put_blank(ndr_buffer *out, int blank)
{
    ndr_buffer_byte(out, (unsigned char)blank);
}

void
draft_blank(ndr_slice line, ndr_buffer *out)
{
    size_t at = 0;
    while (at < line.len) {
        const size_t quoted = quoted_end(line, at);
        if (quoted > at) {
            put_blank(out, DRAFT_QUOTED);
            at = quoted;
            continue;
        }
        if (line.ptr[at] == ' ' || is_edge(line.ptr[at])) {
            ndr_buffer_byte(out, line.ptr[at++]);
            continue;
        }
        size_t end = at;
        while (end < line.len && line.ptr[end] != ' ' && !is_edge(line.ptr[end]))
            end++;
        if (end - at > 3 && end + 1 < line.len && line.ptr[end] == ':' &&
            line.ptr[end + 1] == '/')
            while (end < line.len && line.ptr[end] != ' ') /* a URL */
                end++;
        size_t stop = end; /* a full stop ends the sentence, not the word */
        while (stop > at && (line.ptr[stop - 1] == '.' || line.ptr[stop - 1] == '-'))
            stop--;
        const ndr_slice word = {line.ptr + at, stop - at};
        const int blank = word.len > 0 ? blank_of(word) : 0;
        if (blank > 0)
            put_blank(out, blank);
        else
            ndr_buffer_add(out, word);
        ndr_buffer_add(out, (ndr_slice){line.ptr + stop, end - stop});
        at = end;
    }
}

/* May these bytes stand in a YAML literal? No control characters, C1 and byte order
 * marks. The text is well-formed UTF-8. */
static bool
is_printable(ndr_slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        const unsigned char c = s.ptr[i];
        if (c == 0x7f || (c < ' ' && c >= DRAFT_BLANKS) || c == 0)
            return false;
        if (c == 0xc2 && i + 1 < s.len && s.ptr[i + 1] < 0xa0)
            return false;
        if (c == 0xef && i + 2 < s.len &&
            ((s.ptr[i + 1] == 0xbb && s.ptr[i + 2] == 0xbf) ||
             (s.ptr[i + 1] == 0xbf && s.ptr[i + 2] >= 0xbd)))
            return false;
    }
    return true;
}

/* ---- phrases -------------------------------------------------------------- */

static ndr_slice
words_of(const entry *e, const phrase *p)
{
    return (ndr_slice){e->blanked.ptr + p->begin, p->end - p->begin};
}

static void
add_phrase(entry *e, int in, size_t begin, size_t end)
{
    const unsigned char *b = e->blanked.ptr;
    while (begin < end && (b[begin] == ' ' || is_edge(b[begin]) || b[begin] == '.'))
        begin++;
    while (end > begin && (b[end - 1] == ' ' || is_edge(b[end - 1])))
        end--;
    size_t letters = 0;
    for (size_t i = begin; i < end; i++)
        letters += is_letter(b[i]) || b[i] >= 0x80;
    if (end - begin < (in == IN_TEXT ? PHRASE_MIN : 4) || letters < 4 ||
        e->count == PHRASES_MAX)
        return;
    phrase p = {.in = in, .begin = begin, .end = end};
    p.hash = ndr_hash_nocase(words_of(e, &p), (uint64_t)in);
    for (size_t i = 0; i < e->count; i++)
        if (e->phrase[i].hash == p.hash)
            return;
    e->phrase[e->count++] = p;
}

static void
find_phrases(entry *e)
{
    size_t begin = 0;
    for (size_t i = 0; i <= e->blanked.len; i++) {
        if (i < e->blanked.len && e->blanked.ptr[i] >= ' ')
            continue;
        const int in = begin < e->from ? IN_SUBJECT : begin < e->text ? IN_FROM : IN_TEXT;
        add_phrase(e, in, begin, i);
        begin = i + 1;
    }
}

/* Add lines, blanked; those that cannot be shown are left out. */
static void
add_lines(ndr_slice lines, ndr_buffer *out)
{
    while (lines.len > 0) {
        const unsigned char *lf = memchr(lines.ptr, '\n', lines.len);
        ndr_slice line = {lines.ptr, lf == NULL ? lines.len : (size_t)(lf - lines.ptr)};
        lines = (ndr_slice){lines.ptr + line.len + (lf != NULL),
                            lines.len - line.len - (lf != NULL)};
        if (line.len > LINE_MAX) {
            line.len = LINE_MAX;
            while (line.len > 0 && (line.ptr[line.len] & 0xc0) == 0x80)
                line.len--;
        }
        if (line.len == 0 || !is_printable(line))
            continue;
        draft_blank(line, out);
        ndr_buffer_byte(out, '\n');
    }
}

bool
draft_add(draft *d, const draft_message *m)
{
    if (d->count == d->cap) {
        const size_t cap = d->cap == 0 ? 16 : 2 * d->cap;
        entry *more = realloc(d->entry, cap * sizeof *more);
        if (more == NULL)
            return false;
        d->entry = more;
        d->cap = cap;
    }
    entry *e = &d->entry[d->count++];
    *e = (entry){.null_sender = m->null_sender};
    e->name = malloc(m->name.len + 1);
    e->phrase = calloc(PHRASES_MAX, sizeof *e->phrase);
    if (e->name == NULL || e->phrase == NULL)
        return false;
    if (m->name.len > 0)
        memcpy(e->name, m->name.ptr, m->name.len);
    e->name[m->name.len] = '\0';
    add_lines(m->subject, &e->blanked);
    e->from = e->blanked.len;
    /* the words and the mailbox, not its host */
    const unsigned char *at =
        m->from.len > 0 ? memchr(m->from.ptr, '@', m->from.len) : NULL;
    ndr_slice from = m->from.len > 0 ? m->from : NDR_SLICE("");
    if (at != NULL)
        from.len = (size_t)(at - m->from.ptr);
    const unsigned char *open = from.len > 0 ? memchr(from.ptr, '<', from.len) : NULL;
    const size_t words = open == NULL ? 0 : (size_t)(open - from.ptr);
    add_lines((ndr_slice){from.ptr, words}, &e->blanked);
    add_lines((ndr_slice){from.ptr + words, from.len - words}, &e->blanked);
    e->text = e->blanked.len;
    add_lines(m->text, &e->blanked);
    if (e->blanked.failed)
        return false;
    find_phrases(e);
    return true;
}

/* ---- groups --------------------------------------------------------------- */

static const phrase *
has(const entry *e, uint64_t hash)
{
    for (size_t i = 0; i < e->count; i++)
        if (e->phrase[i].hash == hash)
            return &e->phrase[i];
    return NULL;
}

static int
by_value(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* Sort the phrases of the messages that are in no group yet into d->hash. */
static void
gather(draft *d)
{
    d->hash_count = 0;
    for (size_t i = 0; i < d->count; i++)
        for (size_t k = 0; !d->entry[i].grouped && k < d->entry[i].count; k++)
            d->hash[d->hash_count++] = d->entry[i].phrase[k].hash;
    qsort(d->hash, d->hash_count, sizeof *d->hash, by_value);
}

/* First place in d->hash that is not below `hash`. */
static size_t
place_of(const draft *d, uint64_t hash)
{
    size_t lo = 0, hi = d->hash_count;
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (d->hash[mid] < hash)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* Messages not yet in a group that share a phrase. */
static size_t
shared_by(const draft *d, uint64_t hash)
{
    return place_of(d, hash + 1) - place_of(d, hash);
}

/* The phrase that most ungrouped messages share; then one of the text, the longest, the
 * first. `owner` is the first message that has it. */
static const phrase *
best_phrase(draft *d, const entry **owner)
{
    gather(d);
    const phrase *best = NULL;
    size_t best_count = 0;
    for (size_t i = 0; i < d->count; i++) {
        const entry *e = &d->entry[i];
        for (size_t k = 0; !e->grouped && k < e->count; k++) {
            const phrase *p = &e->phrase[k];
            if (p->in == IN_FROM) /* MAILER-DAEMON is everybody's name */
                continue;
            const size_t n = shared_by(d, p->hash);
            const bool better =
                best == NULL || n > best_count ||
                (n == best_count &&
                 (p->in > best->in ||
                  (p->in == best->in && p->end - p->begin > best->end - best->begin)));
            if (better) {
                best = p;
                best_count = n;
                *owner = e;
            }
        }
    }
    return best;
}

/* ---- writing -------------------------------------------------------------- */

static const char *const samples[DRAFT_BLANKS] = {
    [DRAFT_ADDRESS] = "bob@example.org",
    [DRAFT_HOST] = "mx.example.net",
    [DRAFT_NUMBER] = "12",
    [DRAFT_DAY] = "May",
    [DRAFT_QUOTED] = "\"Hello\"",
};

static void
put_sample(ndr_buffer *out, ndr_slice blanked)
{
    for (size_t i = 0; i < blanked.len; i++) {
        const unsigned char c = blanked.ptr[i];
        if (c > 0 && c < DRAFT_BLANKS)
            ndr_buffer_text(out, samples[c]);
        else
            ndr_buffer_byte(out, c);
    }
}

/* Literal bytes in a pattern, inside a single-quoted YAML scalar. */
static void
put_literal(ndr_buffer *out, ndr_slice words)
{
    for (size_t i = 0; i < words.len; i++) {
        const unsigned char c = words.ptr[i];
        if (c < DRAFT_BLANKS && c > 0) {
            if (i == 0 || words.ptr[i - 1] >= DRAFT_BLANKS)
                ndr_buffer_text(out, ".*");
            continue;
        }
        if (strchr("\\^$.|?*+()[]{}/#", c) != NULL && c != '\0')
            ndr_buffer_byte(out, '\\');
        if (c == '\'')
            ndr_buffer_byte(out, '\'');
        ndr_buffer_byte(out, c);
    }
}

static bool
holds(ndr_slice text, const char *word)
{
    const size_t n = strlen(word);
    for (size_t i = 0; i + n <= text.len; i++)
        if (ndr_slice_equal_nocase((ndr_slice){text.ptr + i, n}, ndr_slice_of(word)))
            return true;
    return false;
}

static const char *
guessed_kind(ndr_slice blanked)
{
    static const struct {
        const char *word, *kind;
    } words[] = {
        {"delayed", "delayed"},
        {"will be retried", "delayed"},
        {"still trying", "delayed"},
        {"not yet been delivered", "delayed"},
        {"virus", "rejected-content"},
        {"infected", "rejected-content"},
        {"confirm that you", "challenge"},
        {"out of office", "auto-reply"},
        {"successfully delivered", "delivered"},
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (holds(blanked, words[i].word))
            return words[i].kind;
    return "failed";
}

/* "suggested.nobody-at-home-3": words of a phrase, and the group's number. */
static void
put_id(ndr_buffer *out, ndr_slice words, size_t number)
{
    const size_t begin = out->len;
    int taken = 0;
    ndr_buffer_text(out, "suggested.");
    for (size_t i = 0; i < words.len && taken < ID_WORDS && out->len - begin < 48;) {
        if (!is_letter(words.ptr[i])) {
            i++;
            continue;
        }
        for (; i < words.len && is_letter(words.ptr[i]) && out->len - begin < 48; i++)
            ndr_buffer_byte(out, words.ptr[i] | 0x20);
        ndr_buffer_byte(out, '-');
        taken++;
    }
    ndr_buffer_printf(out, "%zu", number);
}

static void
put_signal(ndr_buffer *out, const char *target, const char *begin, ndr_slice words,
           const char *end)
{
    ndr_buffer_printf(out, "      - {in: %s, match: '%s", target, begin);
    put_literal(out, words);
    ndr_buffer_printf(out, "%s'}\n", end);
}

/* The phrases of `e` in one place that all of `member` have, longest first, at most
 * `max`; how many. */
static size_t
common_phrases(const draft *d, const bool *member, const entry *e, int in,
               const phrase **ret, size_t max)
{
    size_t n = 0;
    for (size_t k = 0; k < e->count; k++) {
        const phrase *p = &e->phrase[k];
        bool all = p->in == in;
        for (size_t i = 0; i < d->count && all; i++)
            all = !member[i] || has(&d->entry[i], p->hash) != NULL;
        if (!all)
            continue;
        size_t at = n < max ? n++ : max;
        for (; at > 0 && ret[at - 1]->end - ret[at - 1]->begin < p->end - p->begin; at--)
            if (at < max)
                ret[at] = ret[at - 1];
        if (at < max)
            ret[at] = p;
    }
    return n;
}

static ndr_slice
first_line(const entry *e, size_t begin, size_t end)
{
    const unsigned char *lf =
        end > begin ? memchr(e->blanked.ptr + begin, '\n', end - begin) : NULL;
    return (ndr_slice){e->blanked.ptr + begin,
                       lf == NULL ? 0 : (size_t)(lf - e->blanked.ptr) - begin};
}

/* Is this the same blanked subject in all members? */
static bool
same_subject(const draft *d, const bool *member, ndr_slice subject)
{
    bool same = subject.len > 0;
    for (size_t i = 0; i < d->count && same; i++)
        same = !member[i] || ndr_slice_equal_nocase(
                                 first_line(&d->entry[i], 0, d->entry[i].from), subject);
    size_t letters = 0;
    for (size_t i = 0; i < subject.len; i++)
        letters += is_letter(subject.ptr[i]) || subject.ptr[i] >= 0x80;
    return same && letters >= 4;
}

static void
put_example(const entry *e, const phrase *const *text, size_t count, const phrase *from,
            ndr_buffer *out)
{
    ndr_buffer_text(out, "    examples:\n      hit:\n        - |\n");
    if (e->null_sender)
        ndr_buffer_text(out, "          Return-Path: <>\n");
    ndr_buffer_text(out, "          From: ");
    if (from != NULL) {
        const ndr_slice words = words_of(e, from);
        ndr_buffer_byte(out, '"');
        for (size_t i = 0; i < words.len; i++) {
            const unsigned char c = words.ptr[i];
            if (c == '"' || c == '\\')
                ndr_buffer_byte(out, '\\');
            ndr_buffer_byte(out, c);
        }
        ndr_buffer_text(out, "\" <MAILER-DAEMON@mx.example.net>\n");
    } else {
        ndr_buffer_text(out, "MAILER-DAEMON@mx.example.net\n");
    }
    const ndr_slice subject = first_line(e, 0, e->from);
    if (subject.len > 0) {
        ndr_buffer_text(out, "          Subject: ");
        put_sample(out, subject);
        ndr_buffer_byte(out, '\n');
    }
    ndr_buffer_text(out, "          MIME-Version: 1.0\n"
                         "          Content-Type: text/plain; charset=utf-8\n");
    for (size_t at = e->text, shown = 0; at < e->blanked.len && shown < LINES_SHOWN;) {
        const ndr_slice line = first_line(e, at, e->blanked.len);
        bool wanted = false;
        for (size_t i = 0; i < count && !wanted; i++)
            wanted = text[i]->begin >= at && text[i]->begin < at + line.len;
        if (wanted) {
            ndr_buffer_text(out, "\n          ");
            put_sample(out, line);
            ndr_buffer_byte(out, '\n');
            shown++;
        }
        at += line.len + 1;
    }
}

/* One group's rule. */
static void
put_group(const draft *d, const bool *member, size_t members, const entry *e,
          size_t number, ndr_buffer *out)
{
    const phrase *text[PHRASES_NAMED], *from[1], *subject[1];
    const size_t texts = common_phrases(d, member, e, IN_TEXT, text, PHRASES_NAMED);
    const size_t froms = common_phrases(d, member, e, IN_FROM, from, 1);
    const size_t subjects = common_phrases(d, member, e, IN_SUBJECT, subject, 1);
    const ndr_slice whole = first_line(e, 0, e->from);
    const bool same = same_subject(d, member, whole);
    ndr_buffer_printf(out, "  # %zu message%s:", members, members == 1 ? "" : "s");
    for (size_t i = 0, shown = 0; i < d->count && shown < NAMES_SHOWN; i++)
        if (member[i]) {
            ndr_buffer_byte(out, ' ');
            ndr_buffer_text(out, d->entry[i].name);
            shown++;
        }
    if (members > NAMES_SHOWN)
        ndr_buffer_text(out, " ...");
    ndr_buffer_text(out, "\n  - id: ");
    put_id(out, texts > 0 ? words_of(e, text[0]) : whole, number);
    ndr_buffer_printf(out, "\n    kind: %s # a guess: check it\n    all:\n",
                      guessed_kind((ndr_slice){e->blanked.ptr, e->blanked.len}));
    if (same)
        put_signal(out, "subject", "^", whole, "$");
    else if (subjects > 0)
        put_signal(out, "subject", "", words_of(e, subject[0]), "");
    if (froms > 0)
        put_signal(out, "from", "", words_of(e, from[0]), "");
    for (size_t i = 0; i < texts; i++)
        put_signal(out, "text", "", words_of(e, text[i]), "");
    put_example(e, text, texts, froms > 0 ? from[0] : NULL, out);
}

bool
draft_write(draft *d, ndr_buffer *out)
{
    size_t phrases = 1;
    for (size_t i = 0; i < d->count; i++)
        phrases += d->entry[i].count;
    free(d->hash);
    d->hash = calloc(phrases, sizeof *d->hash);
    bool *member = calloc(d->count + 1, sizeof *member);
    if (member == NULL || d->hash == NULL) {
        free(member);
        return false;
    }
    const entry *owner = NULL;
    ndr_buffer_printf(out,
                      "# A draft: check kinds and lines, add misses, then run\n"
                      "#   ndrscan rules check --rules FILE\n"
                      "rules:%s\n",
                      best_phrase(d, &owner) == NULL ? " []" : "");
    const phrase *p;
    size_t number = 0, left = 0;
    while ((p = best_phrase(d, &owner)) != NULL) {
        size_t members = 0;
        const uint64_t hash = p->hash;
        for (size_t i = 0; i < d->count; i++) {
            member[i] = !d->entry[i].grouped && has(&d->entry[i], hash) != NULL;
            members += member[i];
        }
        for (size_t i = 0; i < d->count; i++)
            d->entry[i].grouped = d->entry[i].grouped || member[i];
        put_group(d, member, members, owner, ++number, out);
    }
    for (size_t i = 0; i < d->count; i++)
        left += !d->entry[i].grouped;
    if (left > 0)
        ndr_buffer_printf(out, "# %zu more without words of their own\n", left);
    free(member);
    return !out->failed;
}
