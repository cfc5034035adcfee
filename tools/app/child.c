/* SPDX-License-Identifier: BSD-3-Clause */
/* child.c - how does a verb run another one, and hear of it? */
#define _GNU_SOURCE /* pipe2 */
#include "child.h"

#include "child_mark.h"
#include "diag.h"
#include "ndrscan_io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile pid_t running;

void
child_end(void)
{
    if (running > 0)
        (void)kill(running, SIGTERM);
}

/* Lines of a child: news are taken, all else is passed on. */
static void
hear(int fd, const child_opts *opts)
{
    FILE *in = fdopen(fd, "r");
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    if (in == NULL) {
        (void)close(fd);
        return;
    }
    for (;;) {
        n = getline(&line, &room, in);
        if (n < 0 && errno == EINTR && !feof(in)) {
            clearerr(in);
            continue;
        }
        if (n < 0)
            break;
        json_t *o = line[0] == '{' ? json_loads(line, 0, NULL) : NULL;
        if (o != NULL)
            opts->news(o);
        else if (opts->mute == NULL || strstr(line, opts->mute) == NULL)
            (void)put_all(STDERR_FILENO,
                          (ndr_slice){(const unsigned char *)line, (size_t)n}, NULL);
        json_decref(o);
    }
    free(line);
    (void)fclose(in); /* was only read */
}

int
child_run(const child_opts *o)
{
    sigset_t before;
    int pipe_of[2];
    int how = 0;
    if (pipe2(pipe_of, O_CLOEXEC) != 0) {
        diag("pipe: %s", strerror(errno));
        return -1;
    }
    running = fork();
    if (running == 0) {
        /* killed as we may be, it is not to work on beside the next one */
        (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
        (void)sigprocmask(SIG_SETMASK, o->open, NULL);
        (void)signal(SIGHUP, SIG_IGN);
        (void)signal(SIGINT, SIG_IGN);
        if (dup2(o->in, STDIN_FILENO) >= 0 && dup2(o->out, STDOUT_FILENO) >= 0 &&
            dup2(pipe_of[1], STDERR_FILENO) >= 0 && child_mark())
            (void)execv(o->program, o->word);
        _exit(127);
    }
    (void)close(pipe_of[1]);
    if (running < 0) {
        diag("fork: %s", strerror(errno));
        (void)close(pipe_of[0]);
        return -1;
    }
    (void)sigprocmask(SIG_SETMASK, o->open, &before);
    hear(pipe_of[0], o);
    /* its number is somebody else's once it is taken: not while child_end may come */
    siginfo_t info;
    while (waitid(P_PID, (id_t)running, &info, WEXITED | WNOWAIT) < 0 && errno == EINTR)
        ;
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    while (waitpid(running, &how, 0) < 0 && errno == EINTR)
        ;
    running = 0;
    if (WIFEXITED(how) && WEXITSTATUS(how) != 127)
        return WEXITSTATUS(how);
    diag("%s %s: %s", o->program, o->word[1],
         WIFSIGNALED(how) ? strsignal(WTERMSIG(how)) : "cannot be run");
    return -1;
}
