/* SPDX-License-Identifier: BSD-3-Clause */
/* charset.c - see charset.h. */
#include "charset.h"

#include "base/utf8.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

/* Instead of a name for iconv: UTF-8 if it is, else windows-1252; windows-1252. */
#define AS_IT_IS NULL
#define CP1252   ""

/*
 * The charsets of mail, in byte order, names without what writers put between their
 * words ("iso_8859-1", "ISO 8859-1"). Those that say less than their writers send
 * mean the larger set. A list, and not all that iconv has: opening one takes iconv a
 * third of a millisecond, so a message that names hundreds would hold up a run.
 */
static const struct {
    const char *mail, *iconv;
} charsets[] = {
    {"7bit", AS_IT_IS},
    {"866", "CP866"},
    {"8bit", AS_IT_IS},
    {"ansi", CP1252},
    {"ansi1250", "CP1250"},
    {"ansi1251", "CP1251"},
    {"ansi1252", CP1252},
    {"ansi1253", "CP1253"},
    {"ansi1254", "CP1254"},
    {"ansi1255", "CP1255"},
    {"ansi1256", "CP1256"},
    {"ansi1257", "CP1257"},
    {"ansi1258", "CP1258"},
    {"ansix341968", AS_IT_IS},
    {"ansix341986", AS_IT_IS},
    {"arabic", "ISO-8859-6"},
    {"armscii8", "ARMSCII-8"},
    {"ascii", AS_IT_IS},
    {"big5", "BIG5-HKSCS"},
    {"big5eten", "BIG5-HKSCS"},
    {"big5hkscs", "BIG5-HKSCS"},
    {"binary", AS_IT_IS},
    {"chinese", "GB18030"},
    {"cnbig5", "BIG5-HKSCS"},
    {"cngb", "GB18030"},
    {"cp1250", "CP1250"},
    {"cp1251", "CP1251"},
    {"cp1252", CP1252},
    {"cp1253", "CP1253"},
    {"cp1254", "CP1254"},
    {"cp1255", "CP1255"},
    {"cp1256", "CP1256"},
    {"cp1257", "CP1257"},
    {"cp1258", "CP1258"},
    {"cp437", "CP437"},
    {"cp50220", "ISO-2022-JP-3"},
    {"cp50221", "ISO-2022-JP-3"},
    {"cp51932", "EUC-JP-MS"},
    {"cp737", "CP737"},
    {"cp775", "CP775"},
    {"cp819", CP1252},
    {"cp850", "CP850"},
    {"cp852", "CP852"},
    {"cp855", "CP855"},
    {"cp857", "CP857"},
    {"cp858", "CP858"},
    {"cp860", "CP860"},
    {"cp861", "CP861"},
    {"cp862", "CP862"},
    {"cp863", "CP863"},
    {"cp865", "CP865"},
    {"cp866", "CP866"},
    {"cp869", "CP869"},
    {"cp874", "CP874"},
    {"cp932", "CP932"},
    {"cp936", "GB18030"},
    {"cp943", "CP932"},
    {"cp949", "CP949"},
    {"cp950", "BIG5-HKSCS"},
    {"csbig5", "BIG5-HKSCS"},
    {"cseuckr", "CP949"},
    {"cseucpkdfmtjapanese", "EUC-JP-MS"},
    {"csgb2312", "GB18030"},
    {"csiso2022jp", "ISO-2022-JP-3"},
    {"csiso58gb231280", "GB18030"},
    {"csiso88598i", "ISO-8859-8"},
    {"csisolatin1", CP1252},
    {"csisolatin2", "ISO-8859-2"},
    {"csisolatin5", "CP1254"},
    {"csisolatinarabic", "ISO-8859-6"},
    {"csisolatincyrillic", "ISO-8859-5"},
    {"csisolatingreek", "ISO-8859-7"},
    {"csisolatinhebrew", "ISO-8859-8"},
    {"cskoi8r", "KOI8-R"},
    {"csshiftjis", "CP932"},
    {"csunicode11utf7", "UTF-7"},
    {"csutf7", "UTF-7"},
    {"cswindows1250", "CP1250"},
    {"cswindows1251", "CP1251"},
    {"cswindows1252", CP1252},
    {"cswindows1253", "CP1253"},
    {"cswindows1254", "CP1254"},
    {"cswindows1255", "CP1255"},
    {"cswindows1256", "CP1256"},
    {"cswindows1257", "CP1257"},
    {"cswindows1258", "CP1258"},
    {"cyrillic", "ISO-8859-5"},
    {"default", AS_IT_IS},
    {"euccn", "GB18030"},
    {"eucjp", "EUC-JP-MS"},
    {"eucjpms", "EUC-JP-MS"},
    {"euckr", "CP949"},
    {"euctw", "EUC-TW"},
    {"gb18030", "GB18030"},
    {"gb180302000", "GB18030"},
    {"gb2312", "GB18030"},
    {"gb231280", "GB18030"},
    {"gbk", "GB18030"},
    {"georgianps", "GEORGIAN-PS"},
    {"greek", "ISO-8859-7"},
    {"hebrew", "ISO-8859-8"},
    {"ibm367", AS_IT_IS},
    {"ibm437", "CP437"},
    {"ibm819", CP1252},
    {"ibm850", "CP850"},
    {"ibm852", "CP852"},
    {"ibm866", "CP866"},
    {"ibm943", "CP932"},
    {"iso2022cn", "ISO-2022-CN"},
    {"iso2022jp", "ISO-2022-JP-3"},
    {"iso2022jp1", "ISO-2022-JP-2"},
    {"iso2022jp2", "ISO-2022-JP-2"},
    {"iso2022jp3", "ISO-2022-JP-3"},
    {"iso2022jpms", "ISO-2022-JP-3"},
    {"iso2022kr", "ISO-2022-KR"},
    {"iso646us", AS_IT_IS},
    {"iso88591", CP1252},
    {"iso885910", "ISO-8859-10"},
    {"iso885911", "CP874"},
    {"iso885913", "ISO-8859-13"},
    {"iso885914", "ISO-8859-14"},
    {"iso885915", "ISO-8859-15"},
    {"iso885916", "ISO-8859-16"},
    {"iso88592", "ISO-8859-2"},
    {"iso88593", "ISO-8859-3"},
    {"iso88594", "ISO-8859-4"},
    {"iso88595", "ISO-8859-5"},
    {"iso88596", "ISO-8859-6"},
    {"iso88596i", "ISO-8859-6"},
    {"iso88597", "ISO-8859-7"},
    {"iso88598", "ISO-8859-8"},
    {"iso88598e", "ISO-8859-8"},
    {"iso88598i", "ISO-8859-8"},
    {"iso88599", "CP1254"},
    {"isoir100", CP1252},
    {"isoir149", "CP949"},
    {"isolatin1", CP1252},
    {"jis", "ISO-2022-JP-3"},
    {"johab", "JOHAB"},
    {"koi", "KOI8-R"},
    {"koi8", "KOI8-R"},
    {"koi8r", "KOI8-R"},
    {"koi8ru", "KOI8-U"},
    {"koi8u", "KOI8-U"},
    {"korean", "CP949"},
    {"ksc5601", "CP949"},
    {"ksc56011987", "CP949"},
    {"ksc56011989", "CP949"},
    {"ksx1001", "CP949"},
    {"l1", CP1252},
    {"latin1", CP1252},
    {"latin2", "ISO-8859-2"},
    {"latin3", "ISO-8859-3"},
    {"latin4", "ISO-8859-4"},
    {"latin5", "CP1254"},
    {"latin6", "ISO-8859-10"},
    {"latin7", "ISO-8859-13"},
    {"latin9", "ISO-8859-15"},
    {"logical", "ISO-8859-8"},
    {"mac", "MACINTOSH"},
    {"maccyrillic", "MAC-CYRILLIC"},
    {"macintosh", "MACINTOSH"},
    {"ms1250", "CP1250"},
    {"ms1251", "CP1251"},
    {"ms1252", CP1252},
    {"ms1253", "CP1253"},
    {"ms1254", "CP1254"},
    {"ms1255", "CP1255"},
    {"ms1256", "CP1256"},
    {"ms1257", "CP1257"},
    {"ms1258", "CP1258"},
    {"ms874", "CP874"},
    {"ms932", "CP932"},
    {"ms936", "GB18030"},
    {"ms949", "CP949"},
    {"ms950", "BIG5-HKSCS"},
    {"mskanji", "CP932"},
    {"none", AS_IT_IS},
    {"pt154", "PT154"},
    {"ptcp154", "PT154"},
    {"shiftjis", "CP932"},
    {"sjis", "CP932"},
    {"tcvn", "TCVN"},
    {"thai", "CP874"},
    {"tis620", "CP874"},
    {"tis62025", "CP874"},
    {"ucs2", "UTF-16"},
    {"uhc", "CP949"},
    {"ujis", "EUC-JP-MS"},
    {"unicode", AS_IT_IS},
    {"unicode11utf7", "UTF-7"},
    {"unicode11utf8", AS_IT_IS},
    {"unicode20utf7", "UTF-7"},
    {"unicode20utf8", AS_IT_IS},
    {"unknown", AS_IT_IS},
    {"unknown8bit", AS_IT_IS},
    {"usascii", AS_IT_IS},
    {"utf16", "UTF-16"},
    {"utf16be", "UTF-16BE"},
    {"utf16le", "UTF-16LE"},
    {"utf32", "UTF-32"},
    {"utf7", "UTF-7"},
    {"utf7imap", "UTF-7"},
    {"utf8", AS_IT_IS},
    {"utf8mb4", AS_IT_IS},
    {"utf8n", AS_IT_IS},
    {"viscii", "VISCII"},
    {"visual", "ISO-8859-8"},
    {"westerneuropean", CP1252},
    {"win1250", "CP1250"},
    {"win1251", "CP1251"},
    {"win1252", CP1252},
    {"win1253", "CP1253"},
    {"win1254", "CP1254"},
    {"win1255", "CP1255"},
    {"win1256", "CP1256"},
    {"win1257", "CP1257"},
    {"win1258", "CP1258"},
    {"windows1250", "CP1250"},
    {"windows1251", "CP1251"},
    {"windows1252", CP1252},
    {"windows1253", "CP1253"},
    {"windows1254", "CP1254"},
    {"windows1255", "CP1255"},
    {"windows1256", "CP1256"},
    {"windows1257", "CP1257"},
    {"windows1258", "CP1258"},
    {"windows31j", "CP932"},
    {"windows874", "CP874"},
    {"windows936", "GB18030"},
    {"windows949", "CP949"},
    {"windows950", "BIG5-HKSCS"},
    {"xansi", CP1252},
    {"xbig5", "BIG5-HKSCS"},
    {"xcngb", "GB18030"},
    {"xcp1250", "CP1250"},
    {"xcp1251", "CP1251"},
    {"xcp1252", CP1252},
    {"xcp1253", "CP1253"},
    {"xcp1254", "CP1254"},
    {"xcp1255", "CP1255"},
    {"xcp1256", "CP1256"},
    {"xcp1257", "CP1257"},
    {"xcp1258", "CP1258"},
    {"xeuccn", "GB18030"},
    {"xeucjp", "EUC-JP-MS"},
    {"xeuckr", "CP949"},
    {"xgbk", "GB18030"},
    {"xmacce", "MAC-CENTRALEUROPE"},
    {"xmaccyrillic", "MAC-CYRILLIC"},
    {"xmacroman", "MACINTOSH"},
    {"xsjis", "CP932"},
    {"xunicode20utf7", "UTF-7"},
    {"xunicode20utf8", AS_IT_IS},
    {"xunknown", AS_IT_IS},
    {"xuserdefined", AS_IT_IS},
    {"xwindows874", "CP874"},
    {"xwindows949", "CP949"},
    {"xxbig5", "BIG5-HKSCS"},
};
enum {
    COUNT = sizeof charsets / sizeof charsets[0],
    STEP_BYTES = 64,  /* no step of a converter writes more */
    BAD_LIMIT = 1000, /* bytes of one text that do not convert: iconv is left at each */
};
_Static_assert((int)COUNT == (int)NDR_CHARSET_COUNT, "one slot for each charset");
_Static_assert(sizeof(ndr_charset_unit) == 4, "one store");

void
ndr_charsets_done(ndr_charsets *c)
{
    for (int i = 0; i < COUNT; i++) {
        free(c->slot[i].unit);
        if (c->slot[i].iconv != NULL)
            (void)iconv_close((iconv_t)c->slot[i].iconv);
    }
    *c = (ndr_charsets){0};
}

/* The letters and digits of a declared name, up to a year ("ISO_8859-1:1987"), in lower
 * case; false when it is none. */
static bool
squeeze(ndr_slice declared, char name[NDR_CHARSET_NAME_BYTES])
{
    size_t n = 0;
    for (size_t i = 0; i < declared.len; i++) {
        const unsigned char b = declared.ptr[i];
        if (b == ':' && n > 0)
            break;
        if (b == '\0' || strchr("-_ .\t\"'", b) != NULL)
            continue;
        const unsigned char l = b >= 'A' && b <= 'Z' ? (unsigned char)(b | 0x20) : b;
        if (n + 1 == NDR_CHARSET_NAME_BYTES ||
            !((l >= 'a' && l <= 'z') || (l >= '0' && l <= '9')))
            return false;
        name[n++] = (char)l;
    }
    name[n] = '\0';
    return n > 0;
}

/* The row of a declared name, or -1. */
static int
find(ndr_charsets *c, ndr_slice declared)
{
    if (declared.len == 0)
        return -1;
    if (ndr_slice_equal(declared, (ndr_slice){c->last, c->last_bytes}))
        return c->last_row;
    char name[NDR_CHARSET_NAME_BYTES];
    int row = -1;
    size_t lo = 0, hi = squeeze(declared, name) ? COUNT : 0;
    while (lo < hi && row < 0) {
        const size_t mid = lo + (hi - lo) / 2;
        const int order = strcmp(name, charsets[mid].mail);
        if (order == 0)
            row = (int)mid;
        else if (order < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    if (declared.len <= sizeof c->last) {
        memcpy(c->last, declared.ptr, declared.len);
        c->last_bytes = declared.len;
        c->last_row = row;
    }
    return row;
}

void
ndr_charsets_begin(ndr_charsets *c)
{
    c->message++;
    c->used = 0;
    c->no_memory = false;
}

/* What each byte alone is in UTF-8; NULL when bytes of this charset join to characters
 * or change what others mean, or without memory. */
static ndr_charset_unit *
units_of(iconv_t cd)
{
    ndr_charset_unit *unit = malloc(256 * sizeof *unit);
    for (unsigned b = 0; unit != NULL && b < 256; b++) {
        char in = (char)b, out[8];
        char *from = &in, *to = out;
        size_t left = 1, room = sizeof out;
        (void)iconv(cd, NULL, NULL, NULL, NULL);
        const size_t rc = iconv(cd, &from, &left, &to, &room);
        const size_t n = sizeof out - room;
        if (rc == (size_t)-1 && errno == EILSEQ) {
            unit[b] = (ndr_charset_unit){.text = {0xef, 0xbf, 0xbd}, .len = 3};
        } else if (rc == (size_t)-1 || n == 0 || n > sizeof unit->text) {
            free(unit);
            return NULL;
        } else {
            unit[b].len = (unsigned char)n;
            memcpy(unit[b].text, out, n);
        }
    }
    return unit;
}

/* A converter from the charset of that name; NULL: there is none here, or no memory or
 * descriptor for one. */
static iconv_t
open_converter(const char *name, bool *ret_no_memory)
{
    enum { LIBRARY_BYTES = 256 << 10 };
    *ret_no_memory = false;
    for (int tries = 0; tries < 2; tries++) {
        const iconv_t cd = iconv_open("UTF-8", name);
        if (cd != (iconv_t)-1)
            return cd;
        *ret_no_memory = errno != EINVAL;
    }
    /* glibc says EINVAL, too, when a converter's library cannot be loaded */
    void *probe = malloc(LIBRARY_BYTES);
    *ret_no_memory = *ret_no_memory || probe == NULL;
    free(probe);
    return NULL;
}

/* The slot of a row, opened when it is first wanted; NULL: there is no converter here,
 * or the message names too many. */
static const struct ndr_charset_slot *
open_slot(ndr_charsets *c, int row)
{
    struct ndr_charset_slot *s = &c->slot[row];
    if (s->message != c->message || c->used == 0) {
        if (c->used == NDR_CHARSETS_A_MESSAGE)
            return NULL;
        c->used++;
        s->message = c->message;
    }
    if (!s->tried) {
        bool no_memory;
        s->iconv = open_converter(charsets[row].iconv, &no_memory);
        s->unit = s->iconv != NULL ? units_of(s->iconv) : NULL;
        s->tried = !no_memory;
        c->no_memory = c->no_memory || no_memory;
    }
    return s->iconv == NULL ? NULL : s;
}

/* Append text of a charset in which each byte is a character. */
static void
add_units(const ndr_charset_unit *unit, ndr_slice in, ndr_buffer *out)
{
    if (in.len > (SIZE_MAX - 1) / 3 || !ndr_buffer_reserve(out, 3 * in.len + 1))
        return;
    unsigned char *o = out->ptr + out->len;
    for (size_t i = 0; i < in.len; i++) {
        const ndr_charset_unit *u = &unit[in.ptr[i]];
        memcpy(o, u, sizeof *u); /* one store; what is too much is written over */
        o += u->len;
    }
    out->len = (size_t)(o - out->ptr);
}

/* Let out what a converter holds back: some wait for a mark behind a letter. */
static void
flush(iconv_t cd, ndr_buffer *out)
{
    if (!ndr_buffer_reserve(out, 64))
        return;
    char *to = (char *)out->ptr + out->len;
    size_t room = out->cap - out->len;
    (void)iconv(cd, NULL, NULL, &to, &room);
    out->len = out->cap - room;
}

bool
ndr_charset_is_plain(ndr_slice name)
{
    static const char *const starts[] = {"us-ascii", "utf-8", "iso-8859-", "windows-125",
                                         "koi8-"};
    if (name.len == 0)
        return true;
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        const ndr_slice s = ndr_slice_of(starts[i]);
        if (name.len >= s.len && ndr_slice_equal_nocase((ndr_slice){name.ptr, s.len}, s))
            return true;
    }
    return false;
}

/* What is left of a text of whose bytes too many do not convert: its ASCII, and U+FFFD
 * for each run of the rest. */
static void
add_rest(const unsigned char *p, size_t n, size_t limit, ndr_buffer *out)
{
    if (n > limit)
        n = limit;
    if (!ndr_buffer_reserve(out, 3 * n))
        return;
    unsigned char *o = out->ptr + out->len;
    for (size_t i = 0; i < n; i++) {
        if (p[i] < 0x80) {
            *o++ = p[i];
        } else if (i == 0 || p[i - 1] < 0x80) {
            memcpy(o, "\xef\xbf\xbd", 3);
            o += 3;
        }
    }
    out->len = (size_t)(o - out->ptr);
}

/* False when the text was not read to its end, or no longer read as what it is. */
static bool
convert(iconv_t cd, ndr_slice in, size_t limit, ndr_buffer *out)
{
    (void)iconv(cd, NULL, NULL, NULL, NULL);
    char *from = (char *)(uintptr_t)in.ptr; /* iconv only reads it */
    size_t left = in.len, bad = 0;
    const size_t begin = out->len;
    while (left > 0) {
        const size_t done = out->len - begin;
        if (done >= limit)
            return false;
        const size_t wish = left < (limit - done) / 2 ? 2 * left : limit - done;
        if (!ndr_buffer_reserve(out, wish + STEP_BYTES))
            return true; /* `out` has failed and says so */
        char *to = (char *)out->ptr + out->len;
        const size_t had = wish + STEP_BYTES;
        size_t room = had;
        const size_t rc = iconv(cd, &from, &left, &to, &room);
        const int why = errno;
        out->len += had - room;
        if (rc != (size_t)-1)
            break;
        if (why == E2BIG && room < had)
            continue;
        /* EILSEQ, or EINVAL: a sequence cut off at the end */
        ndr_utf8_add(out, 0xfffd);
        from++;
        left--;
        if (++bad == BAD_LIMIT) {
            add_rest((const unsigned char *)from, left, limit, out);
            return false;
        }
    }
    flush(cd, out);
    return true;
}

/* Bytes of no charset that is known here. */
static bool
add_unnamed(ndr_slice in, size_t limit, ndr_buffer *out)
{
    const bool whole = in.len <= limit;
    in = ndr_utf8_cut(in, limit);
    if (ndr_is_utf8(in))
        ndr_buffer_add(out, in);
    else
        ndr_utf8_add_cp1252(out, in);
    return whole;
}

/* Has a charset of seven bits no bytes above them, and are these UTF-8 all the same? A
 * gateway that converts a text may leave its label. */
static bool
is_mislabelled(const char *iconv_name, ndr_slice in)
{
    return (strncmp(iconv_name, "ISO-2022-", 9) == 0 ||
            strcmp(iconv_name, "UTF-7") == 0) &&
           !ndr_is_ascii(in) && ndr_is_utf8(in);
}

bool
ndr_charset_text(ndr_charsets *c, ndr_slice name, ndr_slice in, size_t limit,
                 ndr_buffer *out)
{
    const size_t begin = out->len;
    const int row = find(c, name);
    bool whole = true;
    const struct ndr_charset_slot *slot = NULL;
    if (row >= 0 && charsets[row].iconv != NULL && charsets[row].iconv[0] == '\0') {
        whole = in.len <= limit;
        ndr_utf8_add_cp1252(out, (ndr_slice){in.ptr, whole ? in.len : limit});
    } else if (row < 0 || charsets[row].iconv == NULL ||
               is_mislabelled(charsets[row].iconv, in) ||
               (slot = open_slot(c, row)) == NULL) {
        whole = add_unnamed(in, limit, out);
    } else if (slot->unit != NULL) {
        add_units(slot->unit, in, out);
    } else {
        whole = convert((iconv_t)slot->iconv, in, limit, out);
        const ndr_slice got = {out->ptr + begin, out->len - begin};
        if (!out->failed && !ndr_is_utf8(got)) { /* a converter that lets bytes through */
            out->len = begin;
            ndr_utf8_add_cp1252(out,
                                (ndr_slice){in.ptr, in.len < limit ? in.len : limit});
        }
    }
    if (out->failed || out->len - begin <= limit)
        return whole;
    out->len =
        begin + ndr_utf8_cut((ndr_slice){out->ptr + begin, out->len - begin}, limit).len;
    return false;
}

void
ndr_charset_add(ndr_charsets *c, ndr_slice name, ndr_slice in, ndr_buffer *out)
{
    (void)ndr_charset_text(c, name, in, SIZE_MAX / 8, out);
}
