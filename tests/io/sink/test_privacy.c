/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE /* memfd_create */
#include "harness.h"
#include "ndrscan_io.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SOURCES = 3 };

typedef struct privacy_case {
    const char *why;
    unsigned mode[SOURCES]; /* 0: no more; S_IFDIR: a folder; S_IFIFO: a pipe */
    mode_t mask;
    unsigned want;
} privacy_case;

static const privacy_case cases[] = {
    {"a private mailbox stays private", {0600}, 022, 0600},
    {"what all may read all may read", {0644}, 022, 0644},
    {"one private source makes it private", {0644, 0600, 0644}, 022, 0600},
    {"permissions that no two share are none", {0640, 0604}, 022, 0600},
    {"the umask takes away more", {0664}, 027, 0640},
    {"a pipe may hold anything", {S_IFIFO}, 022, 0600},
    {"a pipe beside a file, too", {0644, S_IFIFO}, 022, 0600},
    {"a folder that lets nobody in", {S_IFDIR | 0700, 0644}, 022, 0600},
    {"a folder that lets its group in", {S_IFDIR | 0750, 0644}, 022, 0640},
    {"a folder that others may pass and its group may not",
     {S_IFDIR | 0701, 0644},
     022,
     0600},
    {"a folder that all may pass", {S_IFDIR | 0711, 0644}, 022, 0644},
    {"no source at all", {0}, 022, 0600},
    {"its owner may write to his copy", {0400}, 022, 0600},
    {"nobody may run it", {0755}, 022, 0644},
};

/* A descriptor of such a source. */
static int
open_source(unsigned mode)
{
    if (S_ISFIFO(mode)) {
        int ends[2];
        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        (void)close(ends[1]);
        return ends[0];
    }
    int fd = -1;
    if (S_ISDIR(mode)) {
        char name[] = "/tmp/ndr-privacy-XXXXXX";
        assert_non_null(mkdtemp(name));
        fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_int_equal(rmdir(name), 0);
    } else {
        fd = memfd_create("mail", MFD_CLOEXEC);
    }
    assert_true(fd >= 0);
    assert_int_equal(fchmod(fd, mode & 07777), 0);
    return fd;
}

static void
test_mode(void **state)
{
    const privacy_case *c = *state;
    ndr_privacy p = {0};
    ndr_error err = {0};
    struct stat st;
    for (size_t k = 0; k < SOURCES && c->mode[k] != 0; k++) {
        const int fd = open_source(c->mode[k]);
        ndr_privacy_take(&p, fd);
        (void)close(fd);
    }
    const int to = memfd_create("copy", MFD_CLOEXEC);
    assert_true(to >= 0);
    const mode_t was = umask(c->mask);
    const int code = ndr_privacy_apply(&p, to, &err);
    (void)umask(was);
    assert_int_equal(code, 0);
    assert_int_equal(fstat(to, &st), 0);
    assert_int_equal(st.st_mode & 0777, c->want);
    (void)close(to);
}

static void
test_owners(void **state)
{
    (void)state;
    if (geteuid() != 0)
        SKIP("needs root");
    for (unsigned second = 1000; second <= 1001; second++) {
        ndr_privacy p = {0};
        ndr_error err = {0};
        struct stat st;
        for (unsigned uid = 1000; uid <= second; uid++) {
            const int fd = open_source(0640);
            assert_int_equal(fchown(fd, uid, uid), 0);
            ndr_privacy_take(&p, fd);
            (void)close(fd);
        }
        const int to = memfd_create("copy", MFD_CLOEXEC);
        assert_int_equal(ndr_privacy_apply(&p, to, &err), 0);
        assert_int_equal(fstat(to, &st), 0);
        assert_int_equal(st.st_uid, second == 1000 ? 1000 : 0);
        assert_int_equal(st.st_mode & 0777, second == 1000 ? 0640 : 0600);
        (void)close(to);
    }
}

/* A folder that others cannot pass is its owner's and its group's, not the file's. */
static void
test_folder_of_others(void **state)
{
    (void)state;
    if (geteuid() != 0)
        SKIP("needs root");
    for (unsigned folder = 1000; folder <= 1001; folder++) {
        ndr_privacy p = {0};
        ndr_error err = {0};
        struct stat st;
        const int file = open_source(0640), dir = open_source(S_IFDIR | 0750);
        assert_int_equal(fchown(file, 1000, 1000), 0);
        assert_int_equal(fchown(dir, folder, folder), 0);
        ndr_privacy_take(&p, dir);
        ndr_privacy_take(&p, file);
        const int to = memfd_create("copy", MFD_CLOEXEC);
        assert_int_equal(ndr_privacy_apply(&p, to, &err), 0);
        assert_int_equal(fstat(to, &st), 0);
        assert_int_equal(st.st_uid, folder == 1000 ? 1000 : 0);
        assert_int_equal(st.st_mode & 0777, folder == 1000 ? 0640 : 0600);
        (void)close(dir);
        (void)close(file);
        (void)close(to);
    }
}

int
main(void)
{
    ADD_ROWS(cases, test_mode);
    add_test("a copy of one owner's mail is his, of several owners' its maker's",
             test_owners);
    add_test("nor does it reach whom a folder of others does not let pass",
             test_folder_of_others);
    return run_added("privacy");
}
