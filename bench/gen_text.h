/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gen_text.h - how are bytes put together: growing, encodings, dates?
 *
 * The generator ends with a message when there is no memory, so nothing here fails.
 */
#ifndef GEN_TEXT_H
#define GEN_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* Growing bytes, owned by whoever embeds them; all zero is empty. */
typedef struct text {
    char *ptr;
    size_t len, cap;
} text;

_Noreturn void die(const char *what, const char *detail);

/* Room for n more bytes; where they go. */
char *text_reserve(text *t, size_t n);
void text_add(text *t, const char *p, size_t n);
void text_str(text *t, const char *s);
void text_char(text *t, char c);
void text_number(text *t, int64_t n, unsigned min_digits);
void text_clear(text *t);
void text_free(text *t);

/* Charsets that mail is written in. */
enum charset {
    CS_ASCII,
    CS_UTF8,
    CS_LATIN1,
    CS_CP1252,
    CS_2022JP,
    CS_KOI8R,
    CS_CP1251,
    CS_COUNT,
};
/* As it stands in a Content-Type: "iso-8859-1". */
const char *charset_name(enum charset cs);
/* Append UTF-8 text in another charset; what it cannot hold becomes '?'. */
void text_convert(text *t, enum charset cs, const char *utf8, size_t n);

/* Base64 in lines of 76, and quoted-printable (RFC 2045). Both end in a line end
 * when there was anything. */
void text_base64(text *t, const char *p, size_t n);
void text_qp(text *t, const char *p, size_t n);
/* A header value: plain and folded when ASCII, else RFC 2047 words. `how` is 'B' or
 * 'Q'; `column` is how much of the first line is taken. No line end. */
void
text_header_value(text *t, const char *utf8, enum charset cs, char how, size_t column);

/* "Tue, 13 May 2008 09:31:02 +0200" */
void text_date(text *t, int64_t at, int zone_minutes);
/* "Tue May 13 09:31:02 2008", UTC */
void text_asctime(text *t, int64_t at);
/* "2008-05-13T09:31:02Z" */
void text_rfc3339(text *t, int64_t at);

#endif
