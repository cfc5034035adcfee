/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * hidden.c - which characters would not be seen as what they are?
 *
 * A terminal acts on them, shows nothing for them or shows the rest of a line in another
 * order. Source: Unicode 15, general categories Cc, Cf, Zl and Zp and the property
 * Default_Ignorable_Code_Point, without marks that are drawn (Arabic number signs and
 * their like, variation selectors of the basic plane); noncharacters.
 */
#include "ndrscan.h"

static const struct {
    uint32_t first, last;
} hidden[] = {
    {0x0000, 0x001f},   /* C0 */
    {0x007f, 0x009f},   /* DEL and C1: a terminal's commands */
    {0x00ad, 0x00ad},   /* soft hyphen */
    {0x034f, 0x034f},   /* combining grapheme joiner */
    {0x061c, 0x061c},   /* Arabic letter mark */
    {0x115f, 0x1160},   /* Hangul fillers */
    {0x17b4, 0x17b5},   /* Khmer vowels that are not drawn */
    {0x180b, 0x180f},   /* Mongolian selectors and vowel separator */
    {0x200b, 0x200f},   /* without width; marks of direction */
    {0x2028, 0x202e},   /* separators; embedding and override of direction */
    {0x2060, 0x206f},   /* joiners, invisible operators, isolates */
    {0x3164, 0x3164},   /* Hangul filler */
    {0xfdd0, 0xfdef},   /* noncharacters */
    {0xfeff, 0xfeff},   /* byte order mark */
    {0xffa0, 0xffa0},   /* Hangul filler of half width */
    {0xfff0, 0xfffb},   /* annotations */
    {0x1bca0, 0x1bca3}, /* shorthand format controls */
    {0x1d173, 0x1d17a}, /* musical format controls */
    {0xe0000, 0xe0fff}, /* tags, further variation selectors */
};

bool
ndr_char_hidden(uint32_t code)
{
    if ((code & 0xfffe) == 0xfffe)
        return true;
    size_t low = 0, high = sizeof hidden / sizeof hidden[0];
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        if (code > hidden[mid].last)
            low = mid + 1;
        else if (code < hidden[mid].first)
            high = mid;
        else
            return true;
    }
    return false;
}
