/* SPDX-License-Identifier: BSD-3-Clause */
/* charset.c - see charset.h. */
#include "charset.h"

#include "utf8.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

/* Instead of a name for iconv: UTF-8 if it is, else windows-1252; windows-1252. */
#define AS_IT_IS NULL
#define CP1252   ""

/*
 * The charsets of mail. Names that say less than their writers send mean the
 * larger set. A list, and not all that iconv has: opening one takes iconv a
 * third of a millisecond, so a message that names hundreds would hold up a run.
 */
static const struct {
    const char *mail, *iconv;
} charsets[] = {
    {"utf-8", AS_IT_IS},
    {"us-ascii", AS_IT_IS},
    {"utf8", AS_IT_IS},
    {"iso-8859-1", CP1252},
    {"windows-1252", CP1252},
    {"ascii", AS_IT_IS},
    {"ansi_x3.4-1968", AS_IT_IS},
    {"unicode-1-1-utf-8", AS_IT_IS},
    {"unknown-8bit", AS_IT_IS},
    {"x-unknown", AS_IT_IS},
    {"default", AS_IT_IS},
    {"iso8859-1", CP1252},
    {"iso_8859-1", CP1252},
    {"latin1", CP1252},
    {"l1", CP1252},
    {"cp1252", CP1252},
    {"iso-8859-2", "ISO-8859-2"},
    {"iso8859-2", "ISO-8859-2"},
    {"iso-8859-3", "ISO-8859-3"},
    {"iso8859-3", "ISO-8859-3"},
    {"iso-8859-4", "ISO-8859-4"},
    {"iso8859-4", "ISO-8859-4"},
    {"iso-8859-5", "ISO-8859-5"},
    {"iso8859-5", "ISO-8859-5"},
    {"iso-8859-6", "ISO-8859-6"},
    {"iso8859-6", "ISO-8859-6"},
    {"iso-8859-7", "ISO-8859-7"},
    {"iso8859-7", "ISO-8859-7"},
    {"iso-8859-8", "ISO-8859-8"},
    {"iso8859-8", "ISO-8859-8"},
    {"iso-8859-10", "ISO-8859-10"},
    {"iso8859-10", "ISO-8859-10"},
    {"iso-8859-13", "ISO-8859-13"},
    {"iso8859-13", "ISO-8859-13"},
    {"iso-8859-14", "ISO-8859-14"},
    {"iso8859-14", "ISO-8859-14"},
    {"iso-8859-15", "ISO-8859-15"},
    {"iso8859-15", "ISO-8859-15"},
    {"iso-8859-16", "ISO-8859-16"},
    {"iso8859-16", "ISO-8859-16"},
    {"latin2", "ISO-8859-2"},
    {"latin9", "ISO-8859-15"},
    {"latin-9", "ISO-8859-15"},
    {"iso-8859-8-i", "ISO-8859-8"},
    {"iso-8859-8-e", "ISO-8859-8"},
    {"iso-8859-6-i", "ISO-8859-6"},
    {"iso-8859-9", "CP1254"},
    {"iso8859-9", "CP1254"},
    {"latin5", "CP1254"},
    {"iso-8859-11", "CP874"},
    {"tis-620", "CP874"},
    {"windows-874", "CP874"},
    {"cp874", "CP874"},
    {"windows-1250", "CP1250"},
    {"cp1250", "CP1250"},
    {"windows-1251", "CP1251"},
    {"cp1251", "CP1251"},
    {"windows-1253", "CP1253"},
    {"cp1253", "CP1253"},
    {"windows-1254", "CP1254"},
    {"cp1254", "CP1254"},
    {"windows-1255", "CP1255"},
    {"cp1255", "CP1255"},
    {"windows-1256", "CP1256"},
    {"cp1256", "CP1256"},
    {"windows-1257", "CP1257"},
    {"cp1257", "CP1257"},
    {"windows-1258", "CP1258"},
    {"cp1258", "CP1258"},
    {"koi8-r", "KOI8-R"},
    {"koi8r", "KOI8-R"},
    {"koi8-u", "KOI8-U"},
    {"koi8u", "KOI8-U"},
    {"gb18030", "GB18030"},
    {"gb2312", "GB18030"},
    {"gbk", "GB18030"},
    {"x-gbk", "GB18030"},
    {"cn-gb", "GB18030"},
    {"gb_2312-80", "GB18030"},
    {"cp936", "GB18030"},
    {"big5", "BIG5-HKSCS"},
    {"big5-hkscs", "BIG5-HKSCS"},
    {"cn-big5", "BIG5-HKSCS"},
    {"x-big5", "BIG5-HKSCS"},
    {"cp950", "BIG5-HKSCS"},
    {"euc-tw", "EUC-TW"},
    {"shift_jis", "CP932"},
    {"shift-jis", "CP932"},
    {"sjis", "CP932"},
    {"x-sjis", "CP932"},
    {"cp932", "CP932"},
    {"windows-31j", "CP932"},
    {"ms_kanji", "CP932"},
    {"iso-2022-jp", "ISO-2022-JP-2"},
    {"iso-2022-jp-1", "ISO-2022-JP-2"},
    {"iso-2022-jp-2", "ISO-2022-JP-2"},
    {"csiso2022jp", "ISO-2022-JP-2"},
    {"euc-jp", "EUC-JP"},
    {"eucjp", "EUC-JP"},
    {"x-euc-jp", "EUC-JP"},
    {"ks_c_5601-1987", "CP949"},
    {"euc-kr", "CP949"},
    {"cp949", "CP949"},
    {"ksc5601", "CP949"},
    {"windows-949", "CP949"},
    {"iso-2022-kr", "ISO-2022-KR"},
    {"johab", "JOHAB"},
    {"iso-2022-cn", "ISO-2022-CN"},
    {"utf-7", "UTF-7"},
    {"unicode-1-1-utf-7", "UTF-7"},
    {"utf-16", "UTF-16"},
    {"ucs-2", "UTF-16"},
    {"utf-16le", "UTF-16LE"},
    {"utf-16be", "UTF-16BE"},
    {"utf-32", "UTF-32"},
    {"cp437", "CP437"},
    {"ibm437", "CP437"},
    {"cp737", "CP737"},
    {"cp775", "CP775"},
    {"cp850", "CP850"},
    {"ibm850", "CP850"},
    {"cp852", "CP852"},
    {"ibm852", "CP852"},
    {"cp855", "CP855"},
    {"cp857", "CP857"},
    {"cp858", "CP858"},
    {"cp860", "CP860"},
    {"cp861", "CP861"},
    {"cp862", "CP862"},
    {"cp863", "CP863"},
    {"cp865", "CP865"},
    {"cp866", "CP866"},
    {"ibm866", "CP866"},
    {"cp869", "CP869"},
    {"macintosh", "MACINTOSH"},
    {"x-mac-roman", "MACINTOSH"},
    {"x-mac-cyrillic", "MAC-CYRILLIC"},
    {"x-mac-ce", "MAC-CENTRALEUROPE"},
    {"viscii", "VISCII"},
    {"tcvn", "TCVN"},
    {"armscii-8", "ARMSCII-8"},
    {"georgian-ps", "GEORGIAN-PS"},
    {"ptcp154", "PT154"},
    {"pt154", "PT154"},
};
enum { COUNT = sizeof charsets / sizeof charsets[0], NAME_BYTES = 40 };
_Static_assert((int)COUNT == (int)NDR_CHARSET_COUNT, "one slot for each charset");

void
ndr_charsets_done(ndr_charsets *c)
{
    for (int i = 0; i < COUNT; i++)
        if (c->slot[i].iconv != NULL)
            (void)iconv_close((iconv_t)c->slot[i].iconv);
    *c = (ndr_charsets){0};
}

/* The row of a declared name, or -1. */
static int
find(ndr_slice declared)
{
    char name[NAME_BYTES];
    if (declared.len == 0 || declared.len >= sizeof name)
        return -1;
    for (size_t i = 0; i < declared.len; i++) {
        const unsigned char b = declared.ptr[i];
        if (b <= ' ' || b >= 0x7f)
            return -1;
        name[i] = (char)(b >= 'A' && b <= 'Z' ? b | 0x20 : b);
    }
    name[declared.len] = '\0';
    for (int i = 0; i < COUNT; i++)
        if (charsets[i].mail[0] == name[0] && strcmp(charsets[i].mail, name) == 0)
            return i;
    return -1;
}

/* The descriptor of a row, opened when it is first wanted; NULL: none here. */
static void *
descriptor(ndr_charsets *c, int row)
{
    struct ndr_charset_slot *s = &c->slot[row];
    if (!s->tried) {
        const iconv_t cd = iconv_open("UTF-8", charsets[row].iconv);
        s->iconv = cd == (iconv_t)-1 ? NULL : (void *)cd;
        s->tried = true;
    }
    return s->iconv;
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

static void
convert(iconv_t cd, ndr_slice in, ndr_buffer *out)
{
    (void)iconv(cd, NULL, NULL, NULL, NULL);
    char *from = (char *)(uintptr_t)in.ptr; /* iconv only reads it */
    size_t left = in.len;
    while (left > 0) {
        if (!ndr_buffer_reserve(out, left + 16))
            return;
        char *to = (char *)out->ptr + out->len;
        size_t room = out->cap - out->len;
        const size_t rc = iconv(cd, &from, &left, &to, &room);
        const int why = errno;
        out->len = out->cap - room;
        if (rc != (size_t)-1)
            break;
        if (why == E2BIG) {
            if (!ndr_buffer_reserve(out, left * 4 + 16))
                return;
        } else { /* EILSEQ, or EINVAL: a sequence cut off at the end */
            ndr_utf8_add(out, 0xfffd);
            from++;
            left--;
        }
    }
    flush(cd, out);
}

void
ndr_charset_add(ndr_charsets *c, ndr_slice name, ndr_slice in, ndr_buffer *out)
{
    const int row = find(name);
    if (row >= 0 && charsets[row].iconv != NULL && charsets[row].iconv[0] == '\0') {
        ndr_utf8_add_cp1252(out, in);
        return;
    }
    void *cd = row < 0 || charsets[row].iconv == NULL ? NULL : descriptor(c, row);
    if (cd == NULL) {
        if (ndr_is_utf8(in))
            ndr_buffer_add(out, in);
        else
            ndr_utf8_add_cp1252(out, in);
        return;
    }
    const size_t begin = out->len;
    convert((iconv_t)cd, in, out);
    const ndr_slice got = {out->ptr + begin, out->len - begin};
    if (!out->failed && !ndr_is_utf8(got)) { /* a converter that lets bytes through */
        out->len = begin;
        ndr_utf8_add_cp1252(out, in);
    }
}
