/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"

#include "scratch.h"
#include "trust.h"

#include <errno.h>

/* The folder is SCRATCH/a/b; whoever stands above decides, too. */
typedef struct row {
    const char *why;
    mode_t above, own;      /* of SCRATCH/a and SCRATCH/a/b */
    uid_t above_is, own_is; /* 0: whoever runs this; only root can give folders away */
    bool want;
} row;

enum { ELSE = 65534 };
static const row rows[] = {
    {"ours alone, and all above", 0755, 0755, 0, 0, true},
    {"nobody else reads it", 0700, 0700, 0, 0, true},
    {"its group can write to it", 0755, 0775, 0, 0, false},
    {"everybody can", 0755, 0757, 0, 0, false},
    {"everybody can, and it is sticky: who has a file in it is not known", 0755, 01777, 0,
     0, false},
    {"the group of the one above can put another in its place", 0775, 0755, 0, 0, false},
    {"everybody can", 0777, 0755, 0, 0, false},
    {"above it everybody can write, but is sticky: as /tmp", 01777, 0755, 0, 0, true},
    {"another's", 0755, 0755, 0, ELSE, false},
    {"in another's", 0755, 0755, ELSE, 0, false},
    {"in another's that is sticky", 01777, 0755, ELSE, 0, false},
};

static void
folder_test(void **state)
{
    const row *r = *state;
    char who[4096], a[128], b[128], link_to[128];
    if ((r->above_is != 0 || r->own_is != 0) && geteuid() != 0)
        SKIP("needs root");
    scratch_begin();
    (void)snprintf(a, sizeof a, "%s/a", scratch);
    (void)snprintf(b, sizeof b, "%s/a/b", scratch);
    (void)snprintf(link_to, sizeof link_to, "%s/link", scratch);
    assert_int_equal(mkdir(a, 0700), 0);
    assert_int_equal(mkdir(b, 0700), 0);
    assert_int_equal(symlink(b, link_to), 0);
    if (r->own_is != 0)
        assert_int_equal(chown(b, r->own_is, r->own_is), 0);
    if (r->above_is != 0)
        assert_int_equal(chown(a, r->above_is, r->above_is), 0);
    assert_int_equal(chmod(b, r->own), 0);
    assert_int_equal(chmod(a, r->above), 0);
    const char *const names[] = {b, link_to}; /* by a link it is the same folder */
    for (size_t i = 0; i < 2; i++) {
        const int fd = ndr_open_trusted(names[i], who, sizeof who);
        assert_int_equal(fd >= 0, r->want);
        if (fd >= 0)
            assert_int_equal(close(fd), 0);
        else
            assert_int_equal(errno, EPERM);
        assert_int_equal(who[0] == '\0', r->want);
    }
    assert_int_equal(chmod(a, 0700), 0);
    scratch_end();
}

static void
none_test(void **state)
{
    char who[4096] = "x";
    (void)state;
    assert_int_equal(ndr_open_trusted("/nonexistent/folder", who, sizeof who), -1);
    assert_int_equal(errno, ENOENT);
    assert_string_equal(who, "");
}

int
main(void)
{
    ADD_ROWS(rows, folder_test);
    add_test("one that is not there", none_test);
    return run_added("trust");
}
