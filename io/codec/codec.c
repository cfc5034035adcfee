/* SPDX-License-Identifier: BSD-3-Clause */
/* codec.c - what is this file, by its first bytes? Names are never asked. */
#include "feed.h"

#include "frame/frame.h"

#include <string.h>

enum { TAR_BLOCK = 512 };

static bool
gzip_bid(const unsigned char *p, size_t n, bool last)
{
    (void)last;
    return n >= 3 && memcmp(p, "\x1f\x8b\x08", 3) == 0;
}

static bool
bzip2_bid(const unsigned char *p, size_t n, bool last)
{
    (void)last;
    return n >= 10 && memcmp(p, "BZh", 3) == 0 && p[3] >= '1' && p[3] <= '9' &&
           (memcmp(p + 4, "1AY&SY", 6) == 0 || memcmp(p + 4, "\x17rE8P\x90", 6) == 0);
}

static bool
xz_bid(const unsigned char *p, size_t n, bool last)
{
    (void)last;
    return n >= 6 && memcmp(p, "\xfd\x37zXZ\0", 6) == 0;
}

const ndr_codec ndr_codecs[] = {
    {"zstd", ndr_zstd_bid, ndr_zstd_open},
    {"gzip", gzip_bid, ndr_filter_open},
    {"bzip2", bzip2_bid, ndr_filter_open},
    {"xz", xz_bid, ndr_filter_open},
};
const size_t ndr_codec_count = sizeof ndr_codecs / sizeof ndr_codecs[0];

/* A tar header carries the sum of its own bytes, the sum's field taken as blanks. The
 * magic is not asked: a sender can have "ustar" at its place in a mail. */
static bool
tar_bid(const unsigned char *p, size_t n)
{
    enum { SUM_AT = 148, SUM_LEN = 8 };
    if (n < TAR_BLOCK || p[0] == '\0')
        return false;
    unsigned told = 0;
    size_t i = SUM_AT;
    while (i < SUM_AT + SUM_LEN && p[i] == ' ')
        i++;
    const size_t begin = i;
    while (i < SUM_AT + SUM_LEN && p[i] >= '0' && p[i] <= '7')
        told = told * 8 + (unsigned)(p[i++] - '0');
    if (i == begin) /* nearly all that is no tar ends here */
        return false;
    unsigned sum = SUM_LEN * ' ';
    unsigned high = 0; /* old writers add these bytes as what is below zero */
    for (i = 0; i < TAR_BLOCK; i++) {
        const bool counts = i < SUM_AT || i >= SUM_AT + SUM_LEN;
        sum += counts ? p[i] : 0u;
        high += counts && p[i] >= 0x80 ? 1 : 0;
    }
    return told == sum || told == sum - 256 * high;
}

/* A zip file begins with a member, or with the directory of none; 7z has a magic. */
static bool
archive_bid(const unsigned char *p, size_t n, enum ndr_archive_kind *ret)
{
    if (n >= 4 && (memcmp(p, "PK\3\4", 4) == 0 || memcmp(p, "PK\5\6", 4) == 0)) {
        *ret = NDR_ARCHIVE_ZIP;
        return true;
    }
    *ret = NDR_ARCHIVE_7Z;
    if (n >= 6 && memcmp(p, "7z\xbc\xaf\x27\x1c", 6) == 0)
        return true;
    *ret = NDR_ARCHIVE_TAR;
    return tar_bid(p, n);
}

enum ndr_sniff
ndr_sniff(const unsigned char *p, size_t n, bool last, ndr_sniffed *ret)
{
    *ret = (ndr_sniffed){0};
    if (n == 0)
        return last ? NDR_SNIFF_EMPTY : NDR_SNIFF_MORE;
    for (size_t i = 0; i < ndr_codec_count; i++)
        if (ndr_codecs[i].bid(p, n, last)) {
            ret->codec = &ndr_codecs[i];
            return NDR_SNIFF_CODEC;
        }

    const int mbox = ndr_mark_begins(p, n, last, &ret->marks);
    if (mbox == 1)
        return NDR_SNIFF_MBOX;
    ret->marks = NDR_MARKS_DATED;
    if (n < TAR_BLOCK && !last)
        return NDR_SNIFF_MORE;
    if (archive_bid(p, n, &ret->archive)) {
        ret->alien = ret->archive == NDR_ARCHIVE_ZIP ? ndr_alien(p, n) : NULL;
        return ret->alien != NULL ? NDR_SNIFF_ALIEN : NDR_SNIFF_ARCHIVE;
    }
    if (mbox < 0)
        return NDR_SNIFF_MORE;
    if (ndr_begins_field(p, n)) /* as all mail does, or nearly */
        return NDR_SNIFF_MESSAGE;
    if (ndr_emlx_bid(p, n))
        return NDR_SNIFF_EMLX;
    ret->alien = ndr_alien(p, n);
    return ret->alien != NULL ? NDR_SNIFF_ALIEN : NDR_SNIFF_MESSAGE;
}
