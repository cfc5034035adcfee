/* SPDX-License-Identifier: BSD-3-Clause */
/* notify_send.c - see notify_send.h. */
#define _GNU_SOURCE /* memfd_create */
#include "notify_send.h"

#include "ndr_clock.h"
#include "ndr_file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* In the child; never returns. What it reads is a file, so that nobody waits for it. */
static void
become(char *const *word, int in)
{
    sigset_t none;
    const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)signal(SIGPIPE, SIG_DFL);
    if (setpgid(0, 0) == 0 && null >= 0 && dup2(in, STDIN_FILENO) >= 0 &&
        dup2(null, STDOUT_FILENO) >= 0)
        (void)execvp(word[0], word);
    _exit(errno == ENOENT ? 127 : 126);
}

/* Its status, by `until`; false: it still runs. */
static bool
wait_until(pid_t child, int64_t until, int *ret)
{
    sigset_t ended;
    (void)sigemptyset(&ended);
    (void)sigaddset(&ended, SIGCHLD);
    for (;;) {
        if (waitpid(child, ret, WNOHANG) == child)
            return true;
        const int64_t left = until - ndr_now_ms();
        if (left <= 0)
            return false;
        const struct timespec t = {left / 1000, (long)(left % 1000) * 1000000L};
        (void)sigtimedwait(&ended, NULL, &t);
    }
}

bool
notify_send(char *const *word, ndr_slice text, int limit_ms, char *why, size_t size)
{
    int status = 0;
    const int in = memfd_create("event", MFD_CLOEXEC);
    if (in < 0 || !ndr_write_all(in, text) || lseek(in, 0, SEEK_SET) != 0) {
        (void)snprintf(why, size, "keep what is to be told: %s", strerror(errno));
        if (in >= 0)
            (void)close(in);
        return false;
    }
    const int64_t until = ndr_now_ms() + limit_ms;
    const pid_t child = fork();
    if (child == 0)
        become(word, in);
    (void)close(in);
    if (child < 0) {
        (void)snprintf(why, size, "start it: %s", strerror(errno));
        return false;
    }
    (void)setpgid(child, child); /* whoever is first */
    const bool ended = wait_until(child, until, &status);
    (void)kill(-child, SIGKILL); /* and what it left behind */
    if (!ended) {
        (void)waitpid(child, &status, 0);
        (void)snprintf(why, size, "it was killed after %d s", limit_ms / 1000);
        return false;
    }
    if (WIFSIGNALED(status))
        (void)snprintf(why, size, "signal %d ended it", WTERMSIG(status));
    else if (WEXITSTATUS(status) == 127)
        (void)snprintf(why, size, "it is not there");
    else
        (void)snprintf(why, size, "it ended with %d", WEXITSTATUS(status));
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
