/* SPDX-License-Identifier: BSD-3-Clause */
/* Which files does root open where somebody else may lay them? */
#define _GNU_SOURCE /* lchown, mkdtemp */
#include "harness.h"
#include "ndrscan.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HIS = 65534, OTHER = 65533 };

typedef struct row {
    const char *why, *path;
    int flags;
    bool opens;
} row;

/* roots/ is root's, his/ another user's; what lies in them is made by stage(). */
static const row rows[] = {
    {"root's file in root's folder", "roots/file", O_RDONLY, true},
    {"root's link to it", "roots/link", O_RDONLY, true},
    {"a link in a row of root's", "roots/link2", O_RDONLY, true},
    {"a link of root's to a folder", "roots/to-his/file", O_RDONLY, true},
    {"another's file in root's folder, which root put there", "roots/others", O_RDONLY,
     true},
    {"his file in his folder", "his/file", O_RDONLY, true},
    {"root's file in his folder", "his/roots", O_RDONLY, true},
    {"the folder itself", "his", O_RDONLY | O_DIRECTORY, true},
    {"his link", "his/link", O_RDONLY, false},
    {"his link to a folder, in the middle", "his/up/roots/file", O_RDONLY, false},
    {"the way back up is none", "his/../roots/file", O_RDONLY, true},
    {"a third user's file in his folder", "his/thirds", O_RDONLY, false},
    {"root's file under a second name in his folder", "his/second", O_RDONLY, false},
    {"his link in root's folder", "roots/his-link", O_RDONLY, false},
    {"root's link, when none may be", "roots/link", O_RDONLY | O_NOFOLLOW, false},
    {"a link to itself", "roots/loop", O_RDONLY, false},
    {"what is not there", "his/none", O_RDONLY, false},
    {"made in his folder", "his/made", O_RDWR | O_CREAT, true},
    {"made through his link", "his/dangling", O_RDWR | O_CREAT, false},
    {"a descriptor by its name in /proc", "/proc/self/fd/0", O_RDONLY, true},
    {"no path", "", O_RDONLY, false},
};

static void
put(const char *path, uid_t who)
{
    const int fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    assert_int_equal(close(fd), 0);
    assert_int_equal(chown(path, who, who), 0);
}

static void
tie(const char *to, const char *path, uid_t who)
{
    assert_int_equal(symlink(to, path), 0);
    assert_int_equal(lchown(path, who, who), 0);
}

static void
stage(void)
{
    assert_int_equal(mkdir("roots", 0755), 0);
    assert_int_equal(mkdir("his", 0755), 0);
    assert_int_equal(chown("his", HIS, HIS), 0);
    put("roots/file", 0);
    put("roots/others", OTHER);
    put("his/file", HIS);
    put("his/roots", 0);
    put("his/thirds", OTHER);
    put("roots/twice", 0);
    assert_int_equal(link("roots/twice", "his/second"), 0);
    tie("file", "roots/link", 0);
    tie("link", "roots/link2", 0);
    tie("../his", "roots/to-his", 0);
    tie("loop", "roots/loop", 0);
    tie("../his/file", "roots/his-link", HIS);
    tie("../roots/file", "his/link", HIS);
    tie("..", "his/up", HIS);
    tie("../roots/new", "his/dangling", HIS);
}

static void
row_test(void **state)
{
    const row *r = *state;
    ndr_error err = {0};
    if (geteuid() != 0)
        SKIP("needs root");
    const int fd = ndr_open_own(AT_FDCWD, r->path, r->path, r->flags, &err);
    if (fd >= 0)
        assert_int_equal(close(fd), 0);
    assert_string_equal(fd >= 0 ? "" : err.text, r->opens ? "" : err.text);
    assert_int_equal(fd >= 0, r->opens);
    if (!r->opens)
        assert_true(err.text[0] != '\0' && fd == err.code);
}

static void
nothing_made_test(void **state)
{
    (void)state;
    struct stat st;
    if (geteuid() != 0)
        SKIP("needs root");
    assert_int_not_equal(stat("roots/new", &st), 0);
}

/* Who is not root opens as the kernel lets him. */
static void
user_test(void **state)
{
    (void)state;
    ndr_error err = {0};
    if (geteuid() != 0)
        SKIP("needs root");
    assert_int_equal(chmod("roots/file", 0644), 0);
    assert_int_equal(seteuid(OTHER), 0);
    const int fd = ndr_open_own(AT_FDCWD, "his/link", "x", O_RDONLY, &err);
    assert_int_equal(seteuid(0), 0);
    assert_true(fd >= 0);
    assert_int_equal(close(fd), 0);
}

int
main(void)
{
    char folder[] = "/tmp/ndrscan-open-XXXXXX";
    if (geteuid() == 0 &&
        (mkdtemp(folder) == NULL || chdir(folder) != 0 || chmod(folder, 0755) != 0))
        return 1;
    if (geteuid() == 0)
        stage();
    ADD_ROWS(rows, row_test);
    add_test("what was refused made nothing", nothing_made_test);
    add_test("who is not root follows any link", user_test);
    const int status = run_added("open_own");
    if (geteuid() == 0) {
        char words[64];
        (void)snprintf(words, sizeof words, "rm -rf %s", folder);
        if (system(words) != 0)
            return 1;
    }
    return status;
}
