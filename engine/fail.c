/* SPDX-License-Identifier: BSD-3-Clause */
/* fail.c - how does a failure get its code and its words? */
#include "ndrscan.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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
}
