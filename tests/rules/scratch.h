/* SPDX-License-Identifier: BSD-3-Clause */
/* scratch.h - a folder of its own for a test, with files in it. */
#ifndef NDR_SCRATCH_H
#define NDR_SCRATCH_H

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char scratch[64]; /* path of the folder; "" when there is none */

static inline void
scratch_begin(void)
{
    strcpy(scratch, "/tmp/ndr-test-XXXXXX");
    if (mkdtemp(scratch) == NULL)
        abort();
}

/* The path of `name` in the folder; one of four static strings in turn. */
static inline const char *
scratch_path(const char *name)
{
    static char path[4][400];
    static unsigned turn;
    char *p = path[turn++ % 4];
    (void)snprintf(p, sizeof path[0], "%s/%s", scratch, name);
    return p;
}

static inline const char *
scratch_write(const char *name, const void *bytes, size_t n)
{
    const char *path = scratch_path(name);
    FILE *f = fopen(path, "wb");
    if (f == NULL || fwrite(bytes, 1, n, f) != n || fclose(f) != 0)
        abort();
    return path;
}

static inline const char *
scratch_text(const char *name, const char *text)
{
    return scratch_write(name, text, strlen(text));
}

/* Empties the folder behind `fd`, files and folders of files, and closes it. */
static inline void
scratch_clear(int fd)
{
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    if (d == NULL)
        return;
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
            unlinkat(dirfd(d), e->d_name, 0) == 0)
            continue;
        (void)fchmodat(dirfd(d), e->d_name, 0700, 0);
        scratch_clear(openat(dirfd(d), e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
        (void)unlinkat(dirfd(d), e->d_name, AT_REMOVEDIR);
    }
    (void)closedir(d);
}

static inline void
scratch_end(void)
{
    (void)chmod(scratch, 0700);
    scratch_clear(open(scratch, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
    (void)rmdir(scratch);
    scratch[0] = '\0';
}

/* `text` with each "DIR" that begins a path taken for the folder. Into ret. */
static inline void
scratch_expand(const char *text, char *ret, size_t size)
{
    size_t at = 0;
    while (*text != '\0' && at + 1 < size) {
        if (strncmp(text, "DIR/", 4) == 0) {
            at += (size_t)snprintf(ret + at, size - at, "%s/", scratch);
            text += 4;
        } else {
            ret[at++] = *text++;
        }
    }
    ret[at < size ? at : size - 1] = '\0';
}

#endif
