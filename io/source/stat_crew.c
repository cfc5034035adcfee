/* SPDX-License-Identifier: BSD-3-Clause */
/* stat_crew.c - see stat_crew.h. */
#include "stat_crew.h"

#include "codec/quiet_thread.h"
#include "ndr_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

/* A thread costs what some twenty looks take: a tree of Maildirs of a thousand is shared,
 * too. Another machine is waited for, not worked for: there more threads wait. */
enum { CREW = 4, EACH_LEAST = 512, FAR_CREW = 64, FAR_EACH_LEAST = 16 };

typedef struct part {
    int dir;
    const ndr_found_name *name;
    ndr_stat_row *row;
    size_t count;
    pthread_t thread;
    bool begun;
} part;

static void *
look(void *arg)
{
    const part *p = arg;
    for (size_t i = 0; i < p->count; i++) {
        struct stat st;
        if (fstatat(p->dir, p->name[i].name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
            !S_ISREG(st.st_mode))
            continue;
        p->row[i].there = true;
        p->row[i].bytes = st.st_size > 0 ? (uint64_t)st.st_size : 0;
        p->row[i].mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
    }
    return NULL;
}

ndr_stat_row *
ndr_stat_all(int dir, const ndr_found_name *name, size_t count)
{
    ndr_stat_row *row = calloc(count > 0 ? count : 1, sizeof *row);
    if (row == NULL)
        return NULL;
    const bool far = ndr_mount_shared(dir) != NULL;
    const size_t most = far ? FAR_CREW : CREW;
    const size_t worth = count / (far ? FAR_EACH_LEAST : EACH_LEAST) + 1;
    const size_t parts = worth < most ? worth : most;
    part crew[FAR_CREW];
    for (size_t i = 0; i < parts; i++) {
        const size_t from = count / parts * i;
        part *p = &crew[i];
        *p = (part){.dir = dir,
                    .name = name + from,
                    .row = row + from,
                    .count = i + 1 < parts ? count / parts : count - from};
        /* the last one is ours, and those that no thread can be had for */
        p->begun = i + 1 < parts && ndr_quiet_thread(&p->thread, look, p) == 0;
        if (!p->begun)
            (void)look(p);
    }
    for (size_t i = 0; i < parts; i++)
        if (crew[i].begun)
            (void)pthread_join(crew[i].thread, NULL);
    return row;
}
