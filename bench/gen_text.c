/* SPDX-License-Identifier: BSD-3-Clause */
/* gen_text.c - how are bytes put together: growing, encodings, dates? */
#include "gen_text.h"

#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
die(const char *what, const char *detail)
{
    fprintf(stderr, "ndrgen: %s%s%s\n", what, detail != NULL ? ": " : "",
            detail != NULL ? detail : "");
    exit(2);
}

char *
text_reserve(text *t, size_t n)
{
    if (t->cap - t->len < n) {
        size_t cap = t->cap < 4096 ? 4096 : t->cap;
        while (cap - t->len < n)
            cap *= 2;
        t->ptr = realloc(t->ptr, cap);
        if (t->ptr == NULL)
            die("out of memory", NULL);
        t->cap = cap;
    }
    return t->ptr + t->len;
}

void
text_add(text *t, const char *p, size_t n)
{
    if (n == 0)
        return;
    memcpy(text_reserve(t, n), p, n);
    t->len += n;
}

void
text_str(text *t, const char *s)
{
    text_add(t, s, strlen(s));
}

void
text_char(text *t, char c)
{
    *text_reserve(t, 1) = c;
    t->len++;
}

void
text_number(text *t, int64_t n, unsigned min_digits)
{
    char digits[24];
    size_t at = sizeof digits;
    uint64_t v = n < 0 ? (uint64_t)-n : (uint64_t)n;
    do {
        digits[--at] = (char)('0' + v % 10);
        v /= 10;
    } while (v > 0);
    while (sizeof digits - at < min_digits && at > 1)
        digits[--at] = '0';
    if (n < 0)
        digits[--at] = '-';
    text_add(t, digits + at, sizeof digits - at);
}

void
text_clear(text *t)
{
    t->len = 0;
}

void
text_free(text *t)
{
    free(t->ptr);
    *t = (text){0};
}

static const struct {
    const char *mail, *iconv;
} charsets[CS_COUNT] = {
    [CS_ASCII] = {"us-ascii", "ASCII"},
    [CS_UTF8] = {"utf-8", "UTF-8"},
    [CS_LATIN1] = {"iso-8859-1", "ISO-8859-1"},
    [CS_CP1252] = {"Windows-1252", "CP1252"},
    [CS_2022JP] = {"iso-2022-jp", "ISO-2022-JP"},
    [CS_KOI8R] = {"koi8-r", "KOI8-R"},
    [CS_CP1251] = {"windows-1251", "CP1251"},
};

const char *
charset_name(enum charset cs)
{
    return charsets[cs].mail;
}

static size_t
utf8_length(unsigned char lead)
{
    return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

void
text_convert(text *t, enum charset cs, const char *utf8, size_t n)
{
    static iconv_t opened[CS_COUNT]; /* all zero: not yet */
    if (cs == CS_UTF8) {
        text_add(t, utf8, n);
        return;
    }
    if (opened[cs] == (iconv_t)0) {
        opened[cs] = iconv_open(charsets[cs].iconv, "UTF-8");
        if (opened[cs] == (iconv_t)-1)
            die("no such charset", charsets[cs].iconv);
    }
    char *in = NULL;
    text copy = {0}; /* iconv wants bytes that it might write */
    text_add(&copy, utf8, n);
    in = copy.ptr;
    size_t left = copy.len;
    while (left > 0) {
        size_t room = left * 2 + 16;
        char *out = text_reserve(t, room);
        char *const begin = out;
        const size_t done = iconv(opened[cs], &in, &left, &out, &room);
        t->len += (size_t)(out - begin);
        if (done == (size_t)-1 && errno != E2BIG && left > 0) {
            const size_t skip = utf8_length((unsigned char)*in);
            in += skip < left ? skip : left;
            left -= skip < left ? skip : left;
            text_char(t, '?');
        }
    }
    size_t room = 16;
    char *out = text_reserve(t, room);
    char *const begin = out;
    (void)iconv(opened[cs], NULL, NULL, &out, &room); /* back to ASCII, state to start */
    t->len += (size_t)(out - begin);
    text_free(&copy);
}

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void
base64_run(text *t, const unsigned char *p, size_t n)
{
    char *out = text_reserve(t, (n + 2) / 3 * 4);
    for (size_t i = 0; i < n; i += 3) {
        const unsigned a = p[i];
        const unsigned b = i + 1 < n ? p[i + 1] : 0;
        const unsigned c = i + 2 < n ? p[i + 2] : 0;
        *out++ = alphabet[a >> 2];
        *out++ = alphabet[(a & 3) << 4 | b >> 4];
        *out++ = i + 1 < n ? alphabet[(b & 15) << 2 | c >> 6] : '=';
        *out++ = i + 2 < n ? alphabet[c & 63] : '=';
    }
    t->len = (size_t)(out - t->ptr);
}

void
text_base64(text *t, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i += 57) {
        base64_run(t, (const unsigned char *)p + i, n - i < 57 ? n - i : 57);
        text_char(t, '\n');
    }
}

static void
hex_byte(text *t, unsigned char c)
{
    static const char hex[] = "0123456789ABCDEF";
    text_char(t, '=');
    text_char(t, hex[c >> 4]);
    text_char(t, hex[c & 15]);
}

void
text_qp(text *t, const char *p, size_t n)
{
    size_t column = 0;
    for (size_t i = 0; i < n; i++) {
        const unsigned char c = (unsigned char)p[i];
        if (c == '\n') {
            text_char(t, '\n');
            column = 0;
            continue;
        }
        const int blank_at_end =
            (c == ' ' || c == '\t') && (i + 1 == n || p[i + 1] == '\n');
        const size_t width = c > 126 || c < 32 || c == '=' || blank_at_end ? 3 : 1;
        const int last = i + 1 == n || p[i + 1] == '\n';
        if (column + width > (last ? 76u : 75u)) {
            text_str(t, "=\n");
            column = 0;
        }
        if (width == 3)
            hex_byte(t, c);
        else
            text_char(t, (char)c);
        column += width;
    }
    if (n > 0 && p[n - 1] != '\n')
        text_char(t, '\n');
}

static void
folded_ascii(text *t, const char *s, size_t column)
{
    while (*s != '\0') {
        const size_t word = strcspn(s + 1, " ") + 1; /* a leading blank stays with it */
        if (*s == ' ' && column + word > 76 && s[1] != ' ' && s[1] != '\0') {
            text_char(t, '\n');
            column = 0;
        }
        text_add(t, s, word);
        column += word;
        s += word;
    }
}

static void
q_word(text *t, const unsigned char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const unsigned char c = p[i];
        const int plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                          (c >= 'a' && c <= 'z') || c == '-' || c == '!' || c == '/';
        if (c == ' ')
            text_char(t, '_');
        else if (plain)
            text_char(t, (char)c);
        else
            hex_byte(t, c);
    }
}

void
text_header_value(text *t, const char *utf8, enum charset cs, char how, size_t column)
{
    size_t n = strlen(utf8);
    size_t plain = 0;
    while (plain < n && (unsigned char)utf8[plain] < 0x80)
        plain++;
    if (plain == n) {
        folded_ascii(t, utf8, column);
        return;
    }
    text word = {0};
    const char *p = utf8;
    const size_t limit = how == 'Q' ? 16 : 27; /* bytes of UTF-8 a word */
    while (n > 0) {
        size_t take = 0;
        while (take < n && take + utf8_length((unsigned char)p[take]) <= limit + 3 &&
               take < limit)
            take += utf8_length((unsigned char)p[take]);
        if (take > n)
            take = n;
        if (p != utf8)
            text_str(t, "\n ");
        text_clear(&word);
        text_convert(&word, cs, p, take);
        text_str(t, "=?");
        text_str(t, charset_name(cs));
        text_char(t, '?');
        text_char(t, how);
        text_char(t, '?');
        if (how == 'Q')
            q_word(t, (const unsigned char *)word.ptr, word.len);
        else
            base64_run(t, (const unsigned char *)word.ptr, word.len);
        text_str(t, "?=");
        p += take;
        n -= take;
    }
    text_free(&word);
}

typedef struct civil {
    int64_t year;
    int month, day, weekday; /* month from 1, weekday from Sunday 0 */
    int hour, minute, second;
} civil;

static civil
civil_of(int64_t at)
{
    int64_t days = at / 86400;
    int64_t rest = at % 86400;
    if (rest < 0) {
        rest += 86400;
        days--;
    }
    civil c = {.weekday = (int)(((days + 4) % 7 + 7) % 7),
               .hour = (int)(rest / 3600),
               .minute = (int)(rest / 60 % 60),
               .second = (int)(rest % 60)};
    /* years that begin in March, so that the leap day is a year's last */
    const int64_t z = days + 719468;
    const int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    const int64_t doe = z - era * 146097;
    const int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    const int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    const int64_t mp = (5 * doy + 2) / 153;
    c.day = (int)(doy - (153 * mp + 2) / 5 + 1);
    c.month = (int)(mp < 10 ? mp + 3 : mp - 9);
    c.year = yoe + era * 400 + (c.month <= 2);
    return c;
}

static const char weekdays[] = "SunMonTueWedThuFriSat";
static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

static void
put_clock(text *t, const civil *c)
{
    text_number(t, c->hour, 2);
    text_char(t, ':');
    text_number(t, c->minute, 2);
    text_char(t, ':');
    text_number(t, c->second, 2);
}

void
text_date(text *t, int64_t at, int zone_minutes)
{
    const civil c = civil_of(at + zone_minutes * 60);
    const int zone = zone_minutes < 0 ? -zone_minutes : zone_minutes;
    text_add(t, weekdays + 3 * c.weekday, 3);
    text_str(t, ", ");
    text_number(t, c.day, 1);
    text_char(t, ' ');
    text_add(t, months + 3 * (c.month - 1), 3);
    text_char(t, ' ');
    text_number(t, c.year, 4);
    text_char(t, ' ');
    put_clock(t, &c);
    text_char(t, ' ');
    text_char(t, zone_minutes < 0 ? '-' : '+');
    text_number(t, zone / 60 * 100 + zone % 60, 4);
}

void
text_asctime(text *t, int64_t at)
{
    const civil c = civil_of(at);
    text_add(t, weekdays + 3 * c.weekday, 3);
    text_char(t, ' ');
    text_add(t, months + 3 * (c.month - 1), 3);
    text_str(t, c.day < 10 ? "  " : " ");
    text_number(t, c.day, 1);
    text_char(t, ' ');
    put_clock(t, &c);
    text_char(t, ' ');
    text_number(t, c.year, 4);
}

void
text_rfc3339(text *t, int64_t at)
{
    const civil c = civil_of(at);
    text_number(t, c.year, 4);
    text_char(t, '-');
    text_number(t, c.month, 2);
    text_char(t, '-');
    text_number(t, c.day, 2);
    text_char(t, 'T');
    put_clock(t, &c);
    text_char(t, 'Z');
}
