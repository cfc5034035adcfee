/* SPDX-License-Identifier: BSD-3-Clause */
/* fail.c - how does a failure get its code and its words? */
#include "ndrscan.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Words from files and paths may hold anything: the line stays one, and a character that
 * the end of the room cut in two is taken off whole. */
static void
keep_one_line(ndr_error *err)
{
    size_t n = 0;
    for (; err->text[n] != '\0'; n++) {
        const unsigned char c = (unsigned char)err->text[n];
        if (c < ' ' || c == 0x7f)
            err->text[n] = '?';
    }
    if (n + 1 < sizeof err->text)
        return;
    size_t lead = n;
    while (lead > 0 && n - lead < 3 &&
           ((unsigned char)err->text[lead - 1] & 0xc0) == 0x80)
        lead--;
    const unsigned char c = lead > 0 ? (unsigned char)err->text[lead - 1] : 0;
    const size_t whole = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
    if (n - lead + 1 < whole)
        err->text[lead - 1] = '\0';
}

int
ndr_fail(ndr_error *err, int code, const char *format, ...)
{
    const int saved = errno;
    if (err == NULL)
        return code;

    va_list ap;
    va_start(ap, format);
    (void)vsnprintf(err->text, sizeof err->text, format, ap);
    va_end(ap);

    err->code = code;
    err->sys_errno = code == NDR_E_SYS ? saved : 0;
    if (err->sys_errno != 0) {
        const size_t used = strlen(err->text);
        char why[80];
        if (strerror_r(saved, why, sizeof why) != 0)
            (void)snprintf(why, sizeof why, "errno %d", saved);
        (void)snprintf(err->text + used, sizeof err->text - used, ": %s", why);
    }
    keep_one_line(err);
    return code;
}

void
ndr_error_prefix(ndr_error *err, const char *format, ...)
{
    if (err == NULL)
        return;
    char inner[sizeof err->text];
    memcpy(inner, err->text, sizeof inner);

    va_list ap;
    va_start(ap, format);
    (void)vsnprintf(err->text, sizeof err->text, format, ap);
    va_end(ap);

    const size_t used = strlen(err->text);
    (void)snprintf(err->text + used, sizeof err->text - used, ": %s", inner);
    keep_one_line(err);
}
