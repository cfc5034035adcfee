/* SPDX-License-Identifier: BSD-3-Clause */
/* one_line.c - see one_line.h. Source: pcre2pattern(3). */
#include "one_line.h"

#include <string.h>

/* Does "\c" stand for no line feed? */
static bool
is_tame_escape(char c)
{
    if (c == '\0' || (unsigned char)c >= 0x80)
        return false;
    /* a sign stands for itself */
    return strchr("dwShbBrt", c) != NULL ||
           !((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
             c < ' ');
}

/* Behind the class that opens at p ('['), or NULL when it may match a line feed. */
static const char *
skip_class(const char *p)
{
    const bool negated = *++p == '^';
    bool holds_feed = false; /* it names the line feed */
    bool tame = true;        /* nothing in it may stand for one */
    p += negated;
    for (const char *first = p; *p != '\0' && (*p != ']' || p == first); p++) {
        if (*p == '[' && strchr(":.=", p[1]) != NULL)
            return NULL;
        if (*p == '\\') {
            p++;
            if (*p == '\0')
                return NULL;
            /* "\n-x" and the like are ranges, "\x" and "\Q" go on: in doubt */
            holds_feed |= strchr("nsWD", *p) != NULL && p[1] != '-';
            tame &= is_tame_escape(*p) && *p != 'b' && *p != 'B' &&
                    !(*p == 't' && p[1] == '-');
            if (negated && !tame && strchr("nsWD", *p) == NULL)
                return NULL;
        } else if ((unsigned char)*p < ' ') {
            tame = false;
            holds_feed |= *p == '\n' && p[1] != '-';
        }
    }
    if (*p != ']')
        return NULL;
    return (negated ? holds_feed : tame) ? p + 1 : NULL;
}

bool
ndr_pattern_one_line(const char *match)
{
    for (const char *p = match; *p != '\0';) {
        if (*p == '\\') {
            if (!is_tame_escape(p[1]))
                return false;
            p += 2;
        } else if (*p == '[') {
            p = skip_class(p);
            if (p == NULL)
                return false;
        } else if (*p == '(' && (p[1] == '?' || p[1] == '*')) {
            if (p[1] == '*' || p[2] != ':')
                return false;
            p += 3;
        } else if ((unsigned char)*p < ' ') {
            return false;
        } else {
            p++;
        }
    }
    return true;
}
