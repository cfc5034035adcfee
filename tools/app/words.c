/* SPDX-License-Identifier: BSD-3-Clause */
/* words.c - how is it said in the reader's language? */
#include "words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What stands between groups of three digits, and from how many digits on. */
static const struct manner {
    const char *tag, *between;
    unsigned from;
    unsigned singular_below; /* numbers that take the singular, and 1 */
} manners[LANG_COUNT] = {
    [LANG_EN] = {"en", ",", 4, 0},
    [LANG_DE] = {"de", ".", 4, 0},
    [LANG_ES] = {"es", "\xc2\xa0", 5, 0}, /* RAE: four digits stay together */
    [LANG_FR] = {"fr", "\xe2\x80\xaf", 4, 2},
    [LANG_JA] = {"ja", ",", 4, 0},
};

const char *
lang_tag(enum lang lang)
{
    return manners[lang].tag;
}

/* Of "de-AT;q=0.5": how much it is liked, 0 to 1,000. */
static unsigned
liking(const char *range, size_t n)
{
    for (size_t i = 0; i + 3 <= n; i++)
        if (range[i] == ';') {
            i++;
            while (i < n && range[i] == ' ')
                i++;
            if (i + 2 >= n || (range[i] | 0x20) != 'q' || range[i + 1] != '=')
                return 0;
            const double q = strtod(range + i + 2, NULL);
            return q >= 1 ? 1000 : q > 0 ? (unsigned)(q * 1000) : 0;
        }
    return 1000;
}

enum lang
lang_of(const char *accept)
{
    enum lang best = LANG_EN;
    unsigned most = 0;
    while (accept != NULL && *accept != '\0') {
        accept += strspn(accept, ", \t");
        const size_t n = strcspn(accept, ",");
        const size_t tag = strcspn(accept, "-;, \t");
        const unsigned liked = liking(accept, n);
        for (int i = 0; i < LANG_COUNT && liked > most; i++)
            if (tag == strlen(manners[i].tag) &&
                strncasecmp(accept, manners[i].tag, tag) == 0) {
                best = (enum lang)i;
                most = liked;
            }
        accept += n;
    }
    return best;
}

bool
lang_find(const char *tag, enum lang *ret)
{
    for (int i = 0; i < LANG_COUNT; i++)
        if (strcmp(manners[i].tag, tag) == 0) {
            *ret = (enum lang)i;
            return true;
        }
    return false;
}

bool
word_find(const char *key, enum word *ret)
{
    for (int i = 0; i < W_COUNT; i++)
        if (strcmp(word_key[i], key) == 0) {
            *ret = (enum word)i;
            return true;
        }
    return false;
}

static void
put(ndr_buffer *out, const char *text, const char *const fill[SAY_MOST],
    const char *number)
{
    while (*text != '\0') {
        const size_t n = strcspn(text, "{");
        ndr_buffer_add(out, (ndr_slice){(const unsigned char *)text, n});
        text += n;
        if (*text == '\0')
            break;
        /* words.py lets nothing else through */
        const char *what = text[1] == 'n' ? number : fill[text[1] - '0'];
        ndr_buffer_text(out, what != NULL ? what : "");
        text += 3;
    }
}

void
say_all(ndr_buffer *out, enum lang lang, enum word word, const char *const fill[SAY_MOST])
{
    put(out, word_table[lang][word].other, fill, NULL);
}

void
say(ndr_buffer *out, enum lang lang, enum word word, const char *first,
    const char *second)
{
    say_all(out, lang, word, (const char *const[SAY_MOST]){first, second});
}

void
say_counted(ndr_buffer *out, enum lang lang, enum word word, uint64_t n,
            const char *first, const char *second)
{
    const word_row *row = &word_table[lang][word];
    said_number text;
    const bool one = n == 1 || n < manners[lang].singular_below;
    put(out, one ? row->one : row->other, (const char *const[SAY_MOST]){first, second},
        say_count(text, lang, n));
}

void
say_number(ndr_buffer *out, enum lang lang, enum word word, uint64_t n, const char *first)
{
    say_counted(out, lang, word, n, first, NULL);
}

const char *
say_count(said_number ret, enum lang lang, uint64_t n)
{
    const struct manner *m = &manners[lang];
    char digits[24];
    const size_t len = (size_t)snprintf(digits, sizeof digits, "%" PRIu64, n);
    size_t at = 0;
    for (size_t i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0 && len >= m->from)
            for (const char *c = m->between; *c != '\0'; c++)
                ret[at++] = *c;
        ret[at++] = digits[i];
    }
    ret[at] = '\0';
    return ret;
}

const char *
say_span(said_span ret, enum lang lang, int64_t seconds)
{
    ndr_buffer out = {0};
    char hours[24], rest[24];
    const int64_t minutes = seconds > 60 ? seconds / 60 : 1;
    if (minutes < 60) {
        say_number(&out, lang, W_SPAN_MINUTES, (uint64_t)minutes, NULL);
    } else if (minutes < 24 * 60) {
        (void)snprintf(hours, sizeof hours, "%" PRId64, minutes / 60);
        (void)snprintf(rest, sizeof rest, "%" PRId64, minutes % 60);
        say(&out, lang, W_SPAN_HOURS, hours, rest);
    } else {
        say_number(&out, lang, W_SPAN_DAYS, (uint64_t)(minutes / (24 * 60)), NULL);
    }
    (void)snprintf(ret, sizeof(said_span), "%.*s", out.failed ? 0 : (int)out.len,
                   out.len > 0 ? (const char *)out.ptr : "");
    ndr_buffer_free(&out);
    return ret;
}
