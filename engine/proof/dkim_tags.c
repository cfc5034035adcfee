/* SPDX-License-Identifier: BSD-3-Clause */
/* dkim_tags.c - see dkim_tags.h. */
#include "dkim_tags.h"

#include <string.h>

ndr_slice
ndr_dkim_trim(ndr_slice text)
{
    while (text.len > 0 && ndr_dkim_is_fold(text.ptr[text.len - 1]))
        text.len--;
    while (text.len > 0 && ndr_dkim_is_fold(text.ptr[0]))
        text = (ndr_slice){text.ptr + 1, text.len - 1};
    return text;
}

bool
ndr_dkim_part(ndr_slice text, char separator, size_t *at, ndr_slice *part)
{
    if (*at > text.len)
        return false;
    const size_t left = text.len - *at;
    if (left == 0) {
        *part = (ndr_slice){0};
        *at = text.len + 1;
        return true;
    }
    const unsigned char *begin = text.ptr + *at;
    const unsigned char *end = memchr(begin, separator, left);
    const size_t len = end != NULL ? (size_t)(end - begin) : left;
    *part = ndr_dkim_trim((ndr_slice){begin, len});
    *at += len + 1;
    return true;
}

/* ALPHA *(ALPHA / DIGIT / "_") */
static bool
is_name(ndr_slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        const unsigned char c = s.ptr[i], lower = (unsigned char)(c | 0x20);
        const bool letter = lower >= 'a' && lower <= 'z';
        if (!letter && (i == 0 || !((c >= '0' && c <= '9') || c == '_')))
            return false;
    }
    return s.len > 0;
}

/* VALCHARs with white space between them; a line end only in front of a blank. */
static bool
is_value(ndr_slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        const unsigned char c = s.ptr[i];
        if (c == '\r' && (i + 1 == s.len || s.ptr[i + 1] != '\n'))
            return false;
        if (c == '\n' && (i + 1 == s.len || !ndr_dkim_is_blank(s.ptr[i + 1])))
            return false;
        if (!ndr_dkim_is_fold(c) && (c < 0x21 || c == 0x7f))
            return false;
    }
    return true;
}

/* One tag-spec between semicolons. */
static bool
read_tag(ndr_slice spec, ndr_dkim_tag *tag)
{
    const unsigned char *equals = spec.len > 0 ? memchr(spec.ptr, '=', spec.len) : NULL;
    if (equals == NULL)
        return false;
    const size_t n = (size_t)(equals - spec.ptr);
    tag->name = ndr_dkim_trim((ndr_slice){spec.ptr, n});
    tag->span = (ndr_slice){equals + 1, spec.len - n - 1};
    tag->value = ndr_dkim_trim(tag->span);
    return is_name(tag->name) && is_value(tag->value);
}

bool
ndr_dkim_tags_read(ndr_slice text, ndr_dkim_tags *ret)
{
    ret->count = 0;
    for (size_t at = 0; at < text.len;) {
        const unsigned char *semicolon = memchr(text.ptr + at, ';', text.len - at);
        const size_t end = semicolon != NULL ? (size_t)(semicolon - text.ptr) : text.len;
        const ndr_slice spec = {text.ptr + at, end - at};
        if (semicolon == NULL && ret->count > 0 && ndr_dkim_trim(spec).len == 0)
            break; /* behind the last semicolon */
        ndr_dkim_tag tag;
        if (!read_tag(spec, &tag) || ret->count == NDR_DKIM_TAGS)
            return false;
        for (size_t i = 0; i < ret->count; i++)
            if (ndr_slice_equal(ret->tags[i].name, tag.name))
                return false;
        ret->tags[ret->count++] = tag;
        at = end + 1;
    }
    return ret->count > 0;
}

const ndr_dkim_tag *
ndr_dkim_tags_find(const ndr_dkim_tags *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (ndr_slice_equal(list->tags[i].name, ndr_slice_of(name)))
            return &list->tags[i];
    return NULL;
}

bool
ndr_dkim_number(ndr_slice text, int64_t *ret)
{
    int64_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        const unsigned char c = text.ptr[i];
        if (c < '0' || c > '9')
            return false;
        n = n > (INT64_MAX - 9) / 10 ? INT64_MAX : n * 10 + (c - '0');
        if (n == INT64_MAX)
            break;
    }
    for (size_t i = 0; n == INT64_MAX && i < text.len; i++)
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    *ret = n;
    return text.len > 0;
}
