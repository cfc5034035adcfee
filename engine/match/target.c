/* SPDX-License-Identifier: BSD-3-Clause */
/* target.c - see target.h. A new target is a row here and its extractor in scan.c. */
#include "target.h"

#include <string.h>

const ndr_target ndr_targets[] = {
    [NDR_TARGET_PART] = {"part", NDR_AREA_REPORT, NULL},
    [NDR_TARGET_STATUS] = {"status", NDR_AREA_REPORT, NULL},
    [NDR_TARGET_TEXT] = {"text", NDR_AREA_TEXT, NULL},
    {"subject", NDR_AREA_HEADER, "subject"},
    {"from", NDR_AREA_HEADER, "from"},
    {"to", NDR_AREA_HEADER, "to"},
    {"sender", NDR_AREA_HEADER, "sender"},
    {"reply-to", NDR_AREA_HEADER, "reply-to"},
    {"return-path", NDR_AREA_HEADER, "return-path"},
    {"message-id", NDR_AREA_HEADER, "message-id"},
    {"content-type", NDR_AREA_HEADER, "content-type"},
    {"auto-submitted", NDR_AREA_HEADER, "auto-submitted"},
    {"precedence", NDR_AREA_HEADER, "precedence"},
    {"mailer", NDR_AREA_HEADER, "x-mailer"},
    {"failed-recipients", NDR_AREA_HEADER, "x-failed-recipients"},
};
const size_t ndr_target_count = sizeof ndr_targets / sizeof ndr_targets[0];

const char *
ndr_target_words(void)
{
    return "subject, from, to, sender, reply-to, return-path, message-id, content-type, "
           "auto-submitted, precedence, mailer, failed-recipients, header:NAME, part, "
           "status, text";
}

int
ndr_target_find(const char *word)
{
    for (size_t i = 0; i < ndr_target_count; i++)
        if (strcmp(word, ndr_targets[i].word) == 0)
            return (int)i;
    return -1;
}

const char *
ndr_target_field(const char *word)
{
    if (strncmp(word, "header:", 7) != 0)
        return NULL;
    const char *name = word + 7;
    const size_t n = strlen(name);
    if (n == 0 || n > 76)
        return NULL;
    for (size_t i = 0; i < n; i++)
        if (name[i] <= ' ' || name[i] >= 0x7f || name[i] == ':')
            return NULL;
    return name;
}
