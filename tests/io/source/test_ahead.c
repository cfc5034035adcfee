/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE /* preadv2, syscall */

#include "source/ahead.h"

#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FILES = 300 };

/* A folder in the working folder with files, and what is none among them. */
typedef struct folder {
    char path[32];
    int fd;
    char names[FILES * 8 + 64];
    size_t count;
} folder;

static void
add_name(folder *f, size_t *at, const char *name)
{
    (void)strcpy(f->names + *at, name);
    *at += strlen(name) + 1;
    f->count++;
}

static void
make_folder(folder *f)
{
    *f = (folder){.path = "ahead-XXXXXX"};
    assert_non_null(mkdtemp(f->path));
    f->fd = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(f->fd >= 0);
    size_t at = 0;
    for (int i = 0; i < FILES; i++) {
        char name[8];
        (void)snprintf(name, sizeof name, "m%d", i);
        const int fd = openat(f->fd, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, "Subject: x\n\n", 12), 12);
        assert_int_equal(fsync(fd), 0);
        assert_int_equal(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED), 0);
        assert_int_equal(close(fd), 0);
        add_name(f, &at, name);
    }
    assert_int_equal(mkfifoat(f->fd, "fifo", 0600), 0);
    assert_int_equal(mkdirat(f->fd, "folder", 0700), 0);
    assert_int_equal(symlinkat("m0", f->fd, "link"), 0);
    add_name(f, &at, "fifo");
    add_name(f, &at, "folder");
    add_name(f, &at, "link");
    add_name(f, &at, "gone");
}

static void
drop_folder(folder *f)
{
    size_t at = 0;
    for (size_t i = 0; i < f->count; i++) {
        (void)unlinkat(f->fd, f->names + at,
                       strcmp(f->names + at, "folder") == 0 ? AT_REMOVEDIR : 0);
        at += strlen(f->names + at) + 1;
    }
    assert_int_equal(close(f->fd), 0);
    assert_int_equal(rmdir(f->path), 0);
}

/* How many of the files from `first` on would be read without waiting for the disk? To
 * ask may begin to read them. */
static int
warm(const folder *f, int first)
{
    int n = 0;
    for (int i = first; i < FILES; i++) {
        char name[8], byte;
        (void)snprintf(name, sizeof name, "m%d", i);
        const int fd = openat(f->fd, name, O_RDONLY | O_CLOEXEC);
        assert_true(fd >= 0);
        const struct iovec to = {&byte, 1};
        n += preadv2(fd, &to, 1, 0, RWF_NOWAIT) == 1;
        assert_int_equal(close(fd), 0);
    }
    return n;
}

/* Does this kernel, and whatever keeps us, allow a ring? (EFAULT: it looked.) */
static bool
may_have_ring(void)
{
    return syscall(SYS_io_uring_setup, 1, NULL) < 0 && errno == EFAULT;
}

static void
cold_test(void **state)
{
    (void)state;
    folder f;
    make_folder(&f);
    const bool cold = warm(&f, FILES - 1) == 0;
    ndr_ahead a = {0};
    const size_t got = ndr_ahead_read(&a, f.fd, f.names, f.count, 1 << 16);
    const bool left_out = got == 0 && a.ring == NULL && !a.off; /* built without it */
    if (cold && may_have_ring() && !left_out) {
        assert_int_equal(got, FILES);
        assert_int_equal(warm(&f, 0), FILES);
    }
    if (got == 0)
        print_message("not asked: warm files, or no io_uring here\n");
    assert_int_equal(ndr_ahead_read(&a, f.fd, f.names, f.count, 1 << 16),
                     warm(&f, 0) == FILES ? 0 : got); /* the warm are left alone */
    ndr_ahead_free(&a);
    drop_folder(&f);
}

/* In a child, as a filter stays: io_uring is refused as containers refuse it. */
static void
refused_test(void **state)
{
    (void)state;
    folder f;
    make_folder(&f);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct sock_filter rows[] = {
            BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
            BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
            BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        };
        const struct sock_fprog filter = {sizeof rows / sizeof rows[0], rows};
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
            prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
            _exit(77); /* no filter to be had here */
        ndr_ahead a = {0};
        const bool nothing = ndr_ahead_read(&a, f.fd, f.names, f.count, 100) == 0 &&
                             ndr_ahead_read(&a, f.fd, f.names, f.count, 100) == 0;
        ndr_ahead_free(&a);
        _exit(nothing ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 77);
    drop_folder(&f);
}

static void
few_test(void **state)
{
    (void)state;
    ndr_ahead a = {0};
    assert_int_equal(ndr_ahead_read(&a, -1, "x", 0, 100), 0);
    assert_int_equal(ndr_ahead_read(&a, -1, "x\0y", 2, 100), 0); /* no such folder */
    ndr_ahead_free(&a);
}

int
main(void)
{
    add_test("cold files are read ahead, others left alone", cold_test);
    add_test("a kernel that refuses io_uring is no trouble", refused_test);
    add_test("no names, no folder", few_test);
    return run_added("ahead");
}
