/* SPDX-License-Identifier: BSD-3-Clause */
/* fingerprint.c - have the files that a verdict comes from changed? */
#include "fingerprint.h"

#include "ndr_file.h"
#include "ndr_hash.h"
#include "places.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static uint64_t
mixed(uint64_t h, uint64_t v)
{
    return ndr_hash((ndr_slice){(const unsigned char *)&v, sizeof v}, h);
}

/* What changes when a file is written to or replaced; the newest change of all. */
static uint64_t
print_of(const struct stat *st, int64_t *newest)
{
    const uint64_t parts[] = {
        (uint64_t)st->st_dev,          (uint64_t)st->st_ino,
        (uint64_t)st->st_size,         (uint64_t)st->st_mtim.tv_sec,
        (uint64_t)st->st_mtim.tv_nsec, (uint64_t)st->st_ctim.tv_sec,
        (uint64_t)st->st_ctim.tv_nsec,
    };
    if ((int64_t)st->st_ctim.tv_sec > *newest)
        *newest = (int64_t)st->st_ctim.tv_sec;
    return ndr_hash((ndr_slice){(const unsigned char *)parts, sizeof parts}, 0);
}

/* The same of a file, or of a folder and the files in it, in whatever order. */
static uint64_t
print_path(const char *path, int64_t *newest)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return 2;
    uint64_t h = print_of(&st, newest);
    DIR *folder = S_ISDIR(st.st_mode) ? opendir(path) : NULL;
    if (folder == NULL)
        return h;
    for (const struct dirent *e; (e = readdir(folder)) != NULL;)
        if (ndr_yaml_name(e->d_name) && fstatat(dirfd(folder), e->d_name, &st, 0) == 0)
            h += print_of(&st, newest);
    (void)closedir(folder); /* was only read */
    return h;
}

static uint64_t
print_place(int (*place)(const char *, char *, size_t, ndr_error *), int64_t *newest)
{
    char path[4096];
    return place("identity.yaml", path, sizeof path, NULL) == 0 ? print_path(path, newest)
                                                                : 0;
}

/* The same of the secrets that an identity in force names. */
static uint64_t
print_secrets(const ndr_identity_table *t, int64_t *newest)
{
    size_t count = 0;
    const ndr_identity_secrets *s =
        t != NULL ? ndr_identity_secret_files(t, &count) : NULL;
    uint64_t h = 0;
    for (size_t i = 0; i < count; i++)
        h = mixed(h, print_path(s[i].path, newest));
    return h;
}

uint64_t
fingerprint_files(const setup *s, int64_t *newest)
{
    uint64_t h = s->no_shipped ? 3 : print_path(s->shipped, newest);
    for (size_t i = 0; i < s->rules_count; i++)
        h = mixed(h, print_path(s->rules[i], newest));
    for (size_t i = 0; i < s->windows_count; i++)
        h = mixed(h, print_path(s->windows[i], newest));
    for (size_t i = 0; i < s->places.count; i++)
        h = mixed(h, print_path(s->places.dir[i], newest));
    if (s->paths.map != NULL)
        h = mixed(h, print_path(s->paths.map, newest));
    if (s->identity != NULL)
        h = mixed(h, print_path(s->identity, newest));
    else if (s->identity_file[0] != '\0')
        h = mixed(mixed(h, print_place(place_setting, newest)),
                  print_place(place_system_setting, newest)); /* either may come yet */
    return mixed(h, print_secrets(s->identities, newest));
}
