/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * limit_rename.c - how fast can mail be moved at best?
 *
 *   limit_rename MAILDIR JOURNAL [back] < list of "cur/NAME", a line each
 *
 * Bare renames from MAILDIR to its .Junk, or back, in batches of 512 with what must be on
 * the disk around each: one line a rename in JOURNAL before, the folders behind.
 */
#define _DEFAULT_SOURCE /* the numbers of system calls */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { BATCH = 512, NAME = 300 };

static int
sync_all(const int *fd, int count)
{
    for (int i = 0; i < count; i++)
        if (fsync(fd[i]) != 0)
            return -1;
    return 0;
}

int
main(int argc, char **argv)
{
    static char line[BATCH][NAME];
    int fd[4];
    static const char *const half[4] = {"cur", "new", ".Junk/cur", ".Junk/new"};
    if (argc < 3 || chdir(argv[1]) != 0)
        return 2;
    const int journal = open(argv[2], O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (journal < 0)
        return 2;
    for (int i = 0; i < 4; i++)
        if ((fd[i] = open(half[i], O_RDONLY | O_DIRECTORY)) < 0)
            return 2;
    const int out = argc > 3 ? 2 : 0, in = argc > 3 ? 0 : 2;
    for (int n = BATCH; n == BATCH;) {
        static char text[BATCH * (2 * NAME + 40)];
        size_t len = 0;
        for (n = 0; n < BATCH && fgets(line[n], NAME, stdin) != NULL; n++) {
            line[n][strcspn(line[n], "\n")] = '\0';
            len += (size_t)snprintf(text + len, sizeof text - len, "out %d %s .Junk/%s\n",
                                    n, line[n], line[n]);
        }
        if (write(journal, text, len) != (ssize_t)len || fdatasync(journal) != 0)
            return 1;
        for (int i = 0; i < n; i++) {
            const int at = line[i][0] == 'n';
            if (syscall(SYS_renameat2, fd[out + at], line[i] + 4, fd[in + at],
                        line[i] + 4, 1) != 0) {
                perror(line[i]);
                return 1;
            }
        }
        if (sync_all(fd, 4) != 0)
            return 1;
    }
    return 0;
}
