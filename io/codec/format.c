/* SPDX-License-Identifier: BSD-3-Clause */
/* format.c - which format does a word mean? */
#include "ndrscan_io.h"

#include <string.h>

int
ndr_format_find(const char *word)
{
    static const char *const words[] = {
        [NDR_FORMAT_AUTO] = "auto",       [NDR_FORMAT_MBOX] = "mbox",
        [NDR_FORMAT_MBOXCL2] = "mboxcl2", [NDR_FORMAT_MAILDIR] = "maildir",
        [NDR_FORMAT_MESSAGE] = "message",
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(word, words[i]) == 0)
            return (int)i;
    return -1;
}
