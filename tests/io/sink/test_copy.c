/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE /* mkdtemp */
#include "harness.h"

#include "ndrscan_io.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/ndr-copy-XXXXXX";
static char path[64];

static int
begin(void **state)
{
    (void)state;
    memcpy(folder + sizeof folder - 7, "XXXXXX", 6);
    if (mkdtemp(folder) == NULL)
        return -1;
    (void)snprintf(path, sizeof path, "%s/new", folder);
    return 0;
}

/* How many names the folder holds. */
static size_t
names(void)
{
    size_t n = 0;
    DIR *d = opendir(folder);
    assert_non_null(d);
    for (const struct dirent *e; (e = readdir(d)) != NULL;)
        n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    (void)closedir(d);
    return n;
}

static void
put(const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void
expect(const char *text)
{
    char got[64] = "";
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    got[fread(got, 1, sizeof got - 1, f)] = '\0';
    (void)fclose(f);
    assert_string_equal(got, text);
}

/* of a source that its owner and his group may read */
static ndr_privacy group_reads = {
    .some = true, .one_uid = true, .one_gid = true, .mode = 0640};

static ndr_copy *
made(bool replace, const char *text)
{
    ndr_copy *c = NULL;
    ndr_error err = {0};
    assert_int_equal(ndr_copy_new(path, &group_reads, replace, &c, &err), 0);
    assert_int_equal(ndr_copy_add(c, ndr_slice_of(text), &err), 0);
    assert_int_equal(ndr_copy_finish(c, &err), 0);
    return c;
}

static void
end(void)
{
    (void)unlink(path);
    assert_int_equal(names(), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void
test_new(void **state)
{
    ndr_error err = {0};
    struct stat st;
    assert_int_equal(begin(state), 0);
    group_reads.uid = geteuid();
    group_reads.gid = getegid();
    ndr_copy *c = made(false, "new");
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(ndr_copy_name(c, &err), 0);
    ndr_copy_free(c);
    expect("new");
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
    assert_int_equal(names(), 1);
    end();
}

static void
test_dropped(void **state)
{
    assert_int_equal(begin(state), 0);
    ndr_copy_free(made(false, "new"));
    end();
}

static void
test_there(void **state)
{
    ndr_copy *c = NULL;
    ndr_error err = {0};
    assert_int_equal(begin(state), 0);
    put("old");
    assert_int_equal(ndr_copy_new(path, &group_reads, false, &c, &err), NDR_E_SYS);
    expect("old");
    end();
}

static void
test_late(void **state)
{
    ndr_error err = {0};
    assert_int_equal(begin(state), 0);
    ndr_copy *c = made(false, "new");
    put("old"); /* somebody was faster */
    assert_int_equal(ndr_copy_name(c, &err), NDR_E_SYS);
    ndr_copy_free(c);
    expect("old");
    end();
}

static void
test_replace(void **state)
{
    ndr_error err = {0};
    assert_int_equal(begin(state), 0);
    put("old");
    ndr_copy *c = made(true, "new");
    expect("old");
    assert_int_equal(ndr_copy_name(c, &err), 0);
    expect("new");
    ndr_copy_unname(c);
    expect("old");
    assert_int_equal(ndr_copy_name(c, &err), 0);
    ndr_copy_free(c);
    expect("new");
    assert_int_equal(names(), 1);
    end();
}

static void
test_folder(void **state)
{
    ndr_copy *c = NULL;
    ndr_error err = {0};
    assert_int_equal(begin(state), 0);
    assert_int_equal(ndr_copy_new(folder, &group_reads, true, &c, &err), NDR_E_SYNTAX);
    end();
}

int
main(void)
{
    add_test("a file has its name when it is whole, and its mode", test_new);
    add_test("one that gets no name leaves nothing behind", test_dropped);
    add_test("what is there is not replaced unasked", test_there);
    add_test("what came meanwhile is not replaced either", test_late);
    add_test("what is replaced can be had back", test_replace);
    add_test("a folder is never replaced", test_folder);
    return run_added("copy");
}
