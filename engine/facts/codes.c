/* SPDX-License-Identifier: BSD-3-Clause */
/* codes.c - see codes.h. */
#include "codes.h"

#include <string.h>

static bool
is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static bool
is_letter(unsigned char c)
{
    c |= 0x20;
    return c >= 'a' && c <= 'z';
}

/* True when `rest` begins with the lower-case `word`, any case. */
static bool
begins(ndr_slice rest, const char *word)
{
    const size_t n = strlen(word);
    if (rest.len < n)
        return false;
    for (size_t i = 0; i < n; i++) {
        const unsigned char c = rest.ptr[i];
        if ((c >= 'A' && c <= 'Z' ? (unsigned char)(c | 0x20) : c) !=
            (unsigned char)word[i])
            return false;
    }
    return true;
}

/* A number that counts something is no reply. */
static bool
counts_something(ndr_slice rest)
{
    static const char *const units[] = {"byte", "kb",    "kib",      "mb",  "mib",
                                        "gb",   "%",     "sec",      "min", "hour",
                                        "day",  "octet", "character"};
    while (rest.len > 0 && rest.ptr[0] == ' ')
        rest = (ndr_slice){rest.ptr + 1, rest.len - 1};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (begins(rest, units[i]))
            return true;
    return false;
}

/* Do three digits that a server replies with a failure by stand in front? */
static bool
begins_reply(ndr_slice s)
{
    if (s.len < 3 || (s.ptr[0] != '4' && s.ptr[0] != '5') || !is_digit(s.ptr[2]))
        return false;
    const unsigned char tens = s.ptr[1];
    if (!(tens >= '0' && tens <= '5') && tens != '7' && tens != '9')
        return false;
    return s.ptr[0] == '5' || (tens >= '2' && tens != '9');
}

/* Length of a reply at the front of `s`, 3 or 0. */
static size_t
reply_length(ndr_slice s)
{
    if (!begins_reply(s))
        return 0;
    if (s.len == 3)
        return 3;
    const unsigned char c = s.ptr[3];
    if (is_digit(c) || is_letter(c) || c == '.' || c == '/' || c == '@' || c == '_' ||
        c == '%')
        return c == '.' && (s.len == 4 || !is_digit(s.ptr[4])) ? 3 : 0;
    if (c == '-' && s.len > 4 && is_digit(s.ptr[4]) && !(s.len > 5 && s.ptr[5] == '.'))
        return 0; /* a telephone number, a range */
    return counts_something((ndr_slice){s.ptr + 3, s.len - 3}) ? 0 : 3;
}

/* Length of a status at the front of `s`, or 0. */
static size_t
status_length(ndr_slice s)
{
    if (s.len < 5 || (s.ptr[0] != '4' && s.ptr[0] != '5') || s.ptr[1] != '.')
        return 0;
    size_t i = 2, n = 0;
    while (i + n < s.len && is_digit(s.ptr[i + n]))
        n++;
    if (n == 0 || n > 3 || s.ptr[i] > '7' || i + n >= s.len || s.ptr[i + n] != '.')
        return 0;
    i += n + 1;
    for (n = 0; i + n < s.len && is_digit(s.ptr[i + n]);)
        n++;
    if (n == 0 || n > 3)
        return 0;
    i += n;
    if (i < s.len && (is_letter(s.ptr[i]) || s.ptr[i] == '_' || s.ptr[i] == '@' ||
                      (s.ptr[i] == '.' && i + 1 < s.len && is_digit(s.ptr[i + 1]))))
        return 0; /* an address of the network, a version */
    return i;
}

/* May a code begin at `at`, by what stands in front of it? */
static bool
may_begin(ndr_slice text, size_t at)
{
    if (at == 0)
        return true;
    const unsigned char c = text.ptr[at - 1];
    if (is_digit(c) || is_letter(c) || c == '.' || c == '/' || c == '@' || c == '_' ||
        c == '+' || c == '%' || c == '$' || c == '&')
        return false;
    if (c == '-') /* "SMTP-550", but no "1-555" and no "mx-451" */
        return at > 1 && (text.ptr[at - 2] == ' ' || text.ptr[at - 2] == '-');
    return true;
}

/* Is the status at `at` told to be one? */
static bool
is_marked(ndr_slice text, size_t at)
{
    while (at > 0 && text.ptr[at - 1] == ' ')
        at--;
    if (at == 0)
        return false;
    const unsigned char c = text.ptr[at - 1];
    if (c == '#' || c == '(' || c == '[')
        return true;
    static const char *const names[] = {"status:", "status", "code:", "code",
                                        "status code:"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const size_t n = strlen(names[i]);
        if (at >= n && begins((ndr_slice){text.ptr + at - n, n}, names[i]))
            return true;
    }
    return false;
}

/* The status beside the reply that ends at `at`: "550 5.1.1", "550-5.1.1", "550 #5.1.1",
 * "550 (5.1.1)", "550 550 5.1.1". */
static ndr_slice
status_beside(ndr_slice text, size_t at)
{
    for (int i = 0; i < 4 && at < text.len; i++) {
        const unsigned char c = text.ptr[at];
        if (c != ' ' && c != '-' && c != '#' && c != '(' && c != '[' && c != ':' &&
            c != '<')
            break;
        at++;
        const ndr_slice rest = {text.ptr + at, text.len - at};
        size_t n = status_length(rest);
        if (n > 0)
            return (ndr_slice){rest.ptr, n};
        n = reply_length(rest);
        if (n > 0)
            at += n;
    }
    return (ndr_slice){0};
}

bool
ndr_codes_find(ndr_slice text, ndr_codes *ret)
{
    *ret = (ndr_codes){0};
    for (size_t i = 0; i + 2 < text.len; i++) {
        const unsigned char c = text.ptr[i];
        if ((c != '4' && c != '5') || !may_begin(text, i))
            continue;
        const ndr_slice rest = {text.ptr + i, text.len - i};
        size_t n = status_length(rest);
        if (n > 0) {
            if (ret->status.len == 0) {
                ret->status = (ndr_slice){rest.ptr, n};
                ret->marked = is_marked(text, i);
                if (ret->reply.len == 0)
                    ret->at = i;
            }
            i += n;
            continue;
        }
        n = reply_length(rest);
        if (n == 0)
            continue;
        const ndr_slice beside = status_beside(text, i + n);
        if (beside.len > 0) {
            *ret = (ndr_codes){{rest.ptr, n}, beside, i, true};
            return true;
        }
        if (ret->reply.len == 0) {
            ret->reply = (ndr_slice){rest.ptr, n};
            if (ret->status.len == 0)
                ret->at = i;
        }
        i += n;
    }
    return ret->reply.len + ret->status.len > 0;
}
