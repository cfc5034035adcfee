/* SPDX-License-Identifier: BSD-3-Clause */
/* gen_pool.c - where do bodies come from, faster than they can be composed? */
#include "gen_pool.h"

#include <stdlib.h>
#include <string.h>

enum {
    POOL_BYTES = 64 * 1024,             /* of one pool, before encoding */
    PARAGRAPHS = 512,                   /* of one pool, at the most */
    BLOCK_LINES = 4 * 1024 * 1024 / 77, /* of the attachment block */
    LINE = 77,                          /* 76 characters of base64 and a line end */
};

typedef struct pool {
    text bytes;
    size_t start[PARAGRAPHS + 1];
    uint32_t count;
} pool;

static pool pools[LANG_COUNT][FORMS][POOL_KINDS];
static text block;

static void
wrapped(text *out, const char *s, size_t n, bool wide)
{
    const size_t limit = wide ? 102 : 72; /* bytes; a wide character has three */
    size_t column = 0;
    for (size_t i = 0; i < n; i++) {
        const bool lead = ((unsigned char)s[i] & 0xC0) != 0x80;
        if (wide ? lead && column >= limit : s[i] == ' ' && column > limit - 12) {
            size_t word = 1;
            while (!wide && i + word < n && s[i + word] != ' ')
                word++;
            if (wide || column + word > limit) {
                text_char(out, '\n');
                column = 0;
                if (!wide)
                    continue;
            }
        }
        text_char(out, s[i]);
        column++;
    }
    text_char(out, '\n');
}

static void
paragraph(text *out, rng *r, enum pool_kind kind, const words *w)
{
    const char *const *list = kind == POOL_SPAM ? w->spam_sentence : w->sentence;
    const uint32_t count = (uint32_t)list_length(list);
    text line = {0};
    const uint32_t sentences = 1 + rng_below(r, 6);
    for (uint32_t i = 0; i < sentences; i++) {
        if (i > 0 && w != &lang_words[LANG_JA])
            text_char(&line, ' ');
        text_str(&line, list[rng_below(r, count)]);
    }
    if (kind == POOL_HTML) {
        static const char *const opening[] = {
            "<p>", "<p style=\"margin:0 0 12px 0;font-family:Arial,sans-serif\">",
            "<div class=\"row\"><div class=\"cell\">", "<blockquote type=\"cite\">"};
        static const char *const closing[] = {"</p>", "</p>", "</div></div>",
                                              "</blockquote>"};
        const uint32_t pick = rng_below(r, 4);
        text_str(out, opening[pick]);
        wrapped(out, line.ptr, line.len, w == &lang_words[LANG_JA]);
        text_str(out, closing[pick]);
        text_char(out, '\n');
    } else {
        wrapped(out, line.ptr, line.len, w == &lang_words[LANG_JA]);
        if (kind == POOL_SPAM && rng_percent(r, 60)) {
            text_str(out, "http://www.example.org/");
            for (int i = 0; i < 8; i++)
                text_char(out, (char)('a' + rng_below(r, 26)));
            text_char(out, '\n');
        }
        text_char(out, '\n');
    }
    text_free(&line);
}

static void
build(pool *p, rng *r, enum pool_kind kind, const words *w, body_form f)
{
    text plain = {0};
    text coded = {0};
    size_t total = 0;
    while (p->count < PARAGRAPHS && total < POOL_BYTES) {
        text_clear(&plain);
        paragraph(&plain, r, kind, w);
        text_clear(&coded);
        text_convert(&coded, f.cs, plain.ptr, plain.len);
        if (f.cte == 'b') /* whole lines, so that paragraphs join without padding */
            while (coded.len % 57 != 0)
                text_char(&coded, '\n');
        p->start[p->count++] = p->bytes.len;
        if (f.cte == 'b')
            text_base64(&p->bytes, coded.ptr, coded.len);
        else if (f.cte == 'q')
            text_qp(&p->bytes, coded.ptr, coded.len);
        else
            text_add(&p->bytes, coded.ptr, coded.len);
        total += plain.len;
    }
    p->start[p->count] = p->bytes.len;
    text_free(&plain);
    text_free(&coded);
}

void
pools_build(uint64_t seed)
{
    rng r;
    rng_seed(&r, seed, 1);
    for (int l = 0; l < LANG_COUNT; l++)
        for (int f = 0; f < FORMS; f++)
            for (int k = 0; k < POOL_KINDS; k++)
                build(&pools[l][f][k], &r, (enum pool_kind)k, &lang_words[l],
                      lang_words[l].forms[f]);
    text raw = {0};
    for (size_t i = 0; i < (size_t)BLOCK_LINES * 57 / 8 + 1; i++) {
        const uint64_t x = rng_next(&r);
        for (int shift = 0; shift < 64; shift += 8)
            text_char(&raw, (char)(unsigned char)(x >> shift));
    }
    text_base64(&block, raw.ptr, (size_t)BLOCK_LINES * 57);
    text_free(&raw);
}

void
pools_free(void)
{
    for (int l = 0; l < LANG_COUNT; l++)
        for (int f = 0; f < FORMS; f++)
            for (int k = 0; k < POOL_KINDS; k++)
                text_free(&pools[l][f][k].bytes);
    text_free(&block);
}

void
pool_take(text *out, rng *r, enum pool_kind kind, enum lang lang, unsigned form,
          size_t bytes)
{
    const pool *p = &pools[lang][form][kind];
    size_t taken = 0;
    while (taken < bytes) {
        const uint32_t first = rng_below(r, p->count);
        uint32_t last = first + 1;
        while (last < p->count && p->start[last] - p->start[first] < bytes - taken)
            last++;
        text_add(out, p->bytes.ptr + p->start[first], p->start[last] - p->start[first]);
        taken += p->start[last] - p->start[first];
    }
}

void
pool_attachment(text *out, rng *r, const char *type, size_t bytes)
{
    static const char *const magic[][2] = {{"pdf", "JVBERi0xLjQKJcfs"},
                                           {"jpeg", "/9j/4AAQSkZJRgAB"},
                                           {"zip", "UEsDBBQAAAAIAAAA"},
                                           {"png", "iVBORw0KGgoAAAAN"}};
    const size_t at = out->len;
    size_t left = (bytes + LINE - 1) / LINE;
    while (left > 0) {
        const uint32_t first = rng_below(r, BLOCK_LINES);
        size_t lines = BLOCK_LINES - first;
        if (lines > left)
            lines = left;
        text_add(out, block.ptr + (size_t)first * LINE, lines * LINE);
        left -= lines;
    }
    for (size_t i = 0; i < sizeof magic / sizeof magic[0]; i++)
        if (strcmp(type, magic[i][0]) == 0 && out->len > at)
            memcpy(out->ptr + at, magic[i][1], strlen(magic[i][1]));
}
