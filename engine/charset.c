/* SPDX-License-Identifier: BSD-3-Clause */
/* charset.c - see charset.h. */
#include "charset.h"

#include "utf8.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

/* Names that mail uses for what iconv calls otherwise, or for the subset that
 * its writers say while they send the superset. */
static const struct {
    const char *mail, *iconv; /* iconv NULL: UTF-8 if it is, else windows-1252 */
} aliases[] = {
    {"us-ascii", NULL},        {"ascii", NULL},
    {"utf-8", NULL},           {"utf8", NULL},
    {"unicode-1-1-utf-8", NULL}, {"iso-8859-1", NULL},
    {"iso8859-1", NULL},       {"latin1", NULL},
    {"windows-1252", NULL},    {"cp1252", NULL},
    {"ansi_x3.4-1968", NULL},  {"unknown-8bit", NULL},
    {"x-unknown", NULL},       {"default", NULL},
    {"gb2312", "GB18030"},     {"gbk", "GB18030"},
    {"x-gbk", "GB18030"},      {"cn-gb", "GB18030"},
    {"shift_jis", "CP932"},    {"shift-jis", "CP932"},
    {"x-sjis", "CP932"},       {"sjis", "CP932"},
    {"ks_c_5601-1987", "CP949"}, {"euc-kr", "CP949"},
    {"big5", "BIG5-HKSCS"},    {"cn-big5", "BIG5-HKSCS"},
    {"iso-2022-jp", "ISO-2022-JP-2"}, {"iso-8859-8-i", "ISO-8859-8"},
    {"iso-8859-9", "CP1254"},  {"unicode-1-1-utf-7", "UTF-7"},
    {"x-mac-roman", "MACINTOSH"},
};

void
ndr_charsets_done(ndr_charsets *c)
{
    for (int i = 0; i < NDR_CHARSET_KEPT; i++)
        if (c->kept[i].iconv != NULL)
            (void)iconv_close((iconv_t)c->kept[i].iconv);
    *c = (ndr_charsets){0};
}

/* iconv's descriptor for a lower-case name, or NULL for "take it as it is". */
static void *
open_charset(const char *name)
{
    for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++)
        if (strcmp(name, aliases[i].mail) == 0) {
            if (aliases[i].iconv == NULL)
                return NULL;
            name = aliases[i].iconv;
            break;
        }
    iconv_t cd = iconv_open("UTF-8", name);
    return cd == (iconv_t)-1 ? NULL : (void *)cd;
}

static void *
find(ndr_charsets *c, ndr_slice declared)
{
    char name[NDR_CHARSET_NAME];
    if (declared.len == 0 || declared.len >= sizeof name)
        return NULL;
    for (size_t i = 0; i < declared.len; i++) {
        const unsigned char b = declared.ptr[i];
        if (b <= ' ' || b >= 0x7f || b == '/') /* a slash would ask iconv for options */
            return NULL;
        name[i] = (char)(b >= 'A' && b <= 'Z' ? b | 0x20 : b);
    }
    name[declared.len] = '\0';
    for (int i = 0; i < NDR_CHARSET_KEPT; i++)
        if (strcmp(c->kept[i].name, name) == 0)
            return c->kept[i].iconv;
    struct ndr_charset_kept *k = &c->kept[c->next++ % NDR_CHARSET_KEPT];
    if (k->iconv != NULL)
        (void)iconv_close((iconv_t)k->iconv);
    memcpy(k->name, name, declared.len + 1);
    k->iconv = open_charset(name);
    return k->iconv;
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
}

void
ndr_charset_add(ndr_charsets *c, ndr_slice name, ndr_slice in, ndr_buffer *out)
{
    void *cd = find(c, name);
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
