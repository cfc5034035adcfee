/* SPDX-License-Identifier: BSD-3-Clause */
/* pattern_guard.c - how are rules compiled so that a hostile pattern does no harm? */
#define _GNU_SOURCE /* pipe2 */
#include "pattern_guard.h"

#include "ndr_file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_MEMORY_BYTES ((rlim_t)4 << 30)

/* The sanitizers map terabytes that they never touch. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HAS_SHADOW 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAS_SHADOW 1
#endif
#endif

/* What the child sends: its ndr_error (code 0: fine), then the blob. Never returns. */
static void
be_child(const ndr_builder *b, unsigned cpu_s, int fd, pid_t parent)
{
    /* the caller's handlers are for the caller's state */
    for (int number = 1; number <= SIGRTMAX; number++)
        (void)signal(number, SIG_DFL); /* some cannot be set, and are so */
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);

    const struct rlimit cpu = {cpu_s, cpu_s + 1}, core = {0, 0};
    (void)setrlimit(RLIMIT_CPU, &cpu);
    (void)setrlimit(RLIMIT_CORE, &core);
#ifndef HAS_SHADOW
    const struct rlimit memory = {MAX_MEMORY_BYTES, MAX_MEMORY_BYTES};
    (void)setrlimit(RLIMIT_AS, &memory);
#endif

    ndr_error err = {0};
    ndr_buffer blob = {0};
    ndr_ruleset *rs = NULL;
    int rc = ndr_builder_compile(b, &rs, &err);
    if (rc == 0)
        rc = ndr_ruleset_save(rs, &blob, &err);
    if (rc == 0 && blob.failed)
        rc = ndr_fail(&err, NDR_E_NOMEM, "no memory to save the compiled rules");
    err.code = rc;
    const bool sent =
        ndr_write_all(fd, (ndr_slice){(const unsigned char *)&err, sizeof err}) &&
        (rc != 0 || ndr_write_all(fd, (ndr_slice){blob.ptr, blob.len}));
    _exit(sent ? 0 : 1);
}

static int
read_to_end(int fd, ndr_buffer *out, ndr_error *err)
{
    const int rc = ndr_read_all(fd, SIZE_MAX, out);
    return rc == 0 ? 0
                   : ndr_fail(err, rc,
                              rc == NDR_E_NOMEM ? "no memory for the compiled rules"
                                                : "read the compiled rules");
}

/* Why a child sent less than it should; `status` as waitpid gives it. */
static int
fail_child(int status, unsigned cpu_s, ndr_error *err)
{
    const int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    if (sig == SIGXCPU)
        return ndr_fail(
            err, NDR_E_LIMIT,
            "the rules took more than %u s of processor time to compile; look for "
            "wide repeats such as .{1,5000}",
            cpu_s);
    if (sig == SIGINT || sig == SIGTERM || sig == SIGHUP)
        return ndr_fail(err, NDR_E_STOPPED, "stopped while the rules were compiled");
    return ndr_fail(
        err, NDR_E_LIMIT,
        "compiling the rules was ended by signal %d; look for wide repeats such as "
        ".{1,5000}, or for a machine short of memory",
        sig);
}

int
ndr_guard_compile(const ndr_builder *b, unsigned cpu_s, ndr_ruleset **ret,
                  ndr_buffer *blob, ndr_error *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return ndr_builder_compile(b, ret, err);
    const pid_t self = getpid();
    const pid_t child = fork();
    if (child < 0) {
        (void)close(ends[0]);
        (void)close(ends[1]);
        return ndr_builder_compile(b, ret, err);
    }
    if (child == 0) {
        (void)close(ends[0]);
        be_child(b, cpu_s, ends[1], self);
    }

    ndr_buffer sent = {0};
    ndr_error told = {0};
    int status = 0;
    (void)close(ends[1]);
    int rc = read_to_end(ends[0], &sent, err);
    (void)close(ends[0]);
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) {
            status = 0; /* someone else reaped it; what it sent speaks for itself */
            break;
        }
    if (rc < 0)
        goto out;
    if (status != 0 || sent.len < sizeof told) {
        rc = fail_child(status, cpu_s, err);
        goto out;
    }
    memcpy(&told, sent.ptr, sizeof told);
    if (told.code != 0) {
        rc = told.code;
        if (err != NULL)
            *err = told;
        goto out;
    }
    ndr_buffer_add(blob, (ndr_slice){sent.ptr + sizeof told, sent.len - sizeof told});
    rc = blob->failed
             ? ndr_fail(err, NDR_E_NOMEM, "no memory for the compiled rules")
             : ndr_ruleset_load((ndr_slice){blob->ptr, blob->len}, NULL, ret, err);
out:
    ndr_buffer_free(&sent);
    return rc;
}
