/* SPDX-License-Identifier: BSD-3-Clause */
#include "codec/archive_lib.h"

#include "harness.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void
loaded_test(void **state)
{
    (void)state;
    ndr_error err = {0};
    if (ndr_archive_load(&err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(ndr_archive_load(&err), 0); /* once more: nothing happens */
    assert_true(archive_version_number() >= 3000000);
    struct archive *a = archive_read_new();
    assert_non_null(a);
    assert_int_equal(archive_read_support_format_tar(a), ARCHIVE_OK);
    assert_int_equal(archive_read_free(a), ARCHIVE_OK);
}

/* Run by itself where the library is a file of no sense: exit status 0 when it says so.
 */
static int
load_nonsense(void)
{
    ndr_error err = {0};
    const int first = ndr_archive_load(&err), second = ndr_archive_load(&err);
    return first == NDR_E_LIMIT && second == NDR_E_LIMIT &&
                   strstr(err.text, "need libarchive 3") != NULL &&
                   strstr(err.text, "libarchive.so.13") != NULL
               ? 0
               : 1;
}

static void
nonsense_test(void **state)
{
    (void)state;
    char dir[] = "/tmp/ndr-archive-XXXXXX", file[sizeof dir + 20];
    assert_non_null(mkdtemp(dir));
    (void)snprintf(file, sizeof file, "%s/libarchive.so.13", dir);
    const int fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "no library", 10), 10);
    assert_int_equal(close(fd), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)setenv("LD_LIBRARY_PATH", dir, 1);
        (void)setenv("NDR_TEST_NONSENSE", "1", 1);
        (void)execl("/proc/self/exe", "test_archive_lib", (char *)NULL);
        _exit(99);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(unlink(file), 0);
    assert_int_equal(rmdir(dir), 0);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int
main(void)
{
    if (getenv("NDR_TEST_NONSENSE") != NULL)
        return load_nonsense();
    add_test("the library is loaded, its functions go by their names", loaded_test);
    add_test("a library that is none is told, and where to get it", nonsense_test);
    return run_added("archive_lib");
}
