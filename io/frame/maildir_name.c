/* SPDX-License-Identifier: BSD-3-Clause */
/* maildir_name.c - what does a file's name in a mail folder tell? */
#include "frame.h"

#include <string.h>

int64_t
ndr_maildir_time(const char *name)
{
    int64_t v = 0;
    size_t i = 0;
    while (i < 11 && name[i] >= '0' && name[i] <= '9')
        v = v * 10 + (name[i++] - '0');
    /* 1980 to 2100: other numbers before a dot are no delivery time */
    if (i == 0 || name[i] != '.' || v < INT64_C(315532800) || v >= INT64_C(4102444800))
        return NDR_TIME_UNKNOWN;
    return v;
}

int64_t
ndr_maildir_path_time(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return NDR_TIME_UNKNOWN;
    const char *folder = slash;
    while (folder > path && folder[-1] != '/')
        folder--;
    const bool in_half = slash - folder == 3 &&
                         (memcmp(folder, "cur", 3) == 0 || memcmp(folder, "new", 3) == 0);
    return in_half ? ndr_maildir_time(slash + 1) : NDR_TIME_UNKNOWN;
}

bool
ndr_maildir_control(const char *name)
{
    static const struct {
        const char *word;
        bool begins; /* the name may go on */
    } known[] = {
        {"dovecot-", true},
        {"dovecot.", true},
        {"courierimap", true},
        {"courierpop3", true},
        {"cyrus.", true},
        {".nfs", true},
        {"._", true},
        {"maildirfolder", false},
        {"maildirsize", false},
        {"subscriptions", false},
        {"sieve", false},
        {".mh_sequences", false},
        {".DS_Store", false},
        {"Thumbs.db", false},
        {"msgFilterRules.dat", false},
        {"popstate.dat", false},
    };
    const size_t len = strlen(name);
    if (len > 4 && strcmp(name + len - 4, ".msf") == 0)
        return true; /* Thunderbird's index of the file without it */
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].begins ? strncmp(name, known[i].word, strlen(known[i].word)) == 0
                            : strcmp(name, known[i].word) == 0)
            return true;
    return false;
}
