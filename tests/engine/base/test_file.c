/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE /* syscall */
#include "ndr_file.h"

#include "bytes.h"
#include "pretend_mount.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/ndr-file-XXXXXX";
static int dir = -1;

/* How many names the folder holds. */
static int
count_names(void)
{
    int n = 0;
    DIR *d = opendir(folder);
    assert_non_null(d);
    while (readdir(d) != NULL)
        n++;
    assert_int_equal(closedir(d), 0);
    return n - 2;
}

static void
assert_holds(const char *name, const char *want)
{
    char seen[40] = "";
    const int fd = openat(dir, name, O_RDONLY);
    assert_true(fd >= 0);
    assert_int_equal(read(fd, seen, sizeof seen - 1), strlen(want));
    assert_string_equal(seen, want);
    assert_int_equal(close(fd), 0);
}

static void
stage(const char *beside, const char *text, ndr_new_file *ret)
{
    assert_true(ndr_new_file_begin(ret, dir, beside, 0600));
    assert_true(ndr_write_all(ret->fd, ndr_slice_of(text)));
}

typedef struct put_row {
    const char *why, *beside, *there, *left;
    bool replace;
    enum ndr_new_file_step step;
    const char *holds;
} put_row;

static const put_row puts_[] = {
    {"a name that is free", NULL, NULL, NULL, false, NDR_NEW_FILE_DONE, "new"},
    {"a name that is free, to replace", NULL, NULL, NULL, true, NDR_NEW_FILE_DONE, "new"},
    {"one that is taken stays", NULL, "old", NULL, false, NDR_NEW_FILE_NAME, "old"},
    {"one that is taken is replaced", NULL, "old", NULL, true, NDR_NEW_FILE_DONE, "new"},
    {"named beside, free", ".n", NULL, NULL, false, NDR_NEW_FILE_DONE, "new"},
    {"named beside, taken", ".n", "old", NULL, false, NDR_NEW_FILE_NAME, "old"},
    {"named beside, replaced", ".n", "old", NULL, true, NDR_NEW_FILE_DONE, "new"},
    {"beside lies what a killed run left", ".n", "old", "torn and longer", true,
     NDR_NEW_FILE_DONE, "new"},
};

static void
make(const char *name, const char *text)
{
    const int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(fd >= 0);
    assert_true(ndr_write_all(fd, ndr_slice_of(text)));
    assert_int_equal(close(fd), 0);
}

static void
put_test(void **state)
{
    const put_row *row = *state;
    ndr_new_file f;
    if (row->there != NULL)
        make("name", row->there);
    if (row->left != NULL)
        make(row->beside, row->left);
    stage(row->beside, "new", &f);
    assert_int_equal(ndr_new_file_put(&f, "name", row->replace), row->step);
    if (row->step != NDR_NEW_FILE_DONE)
        assert_int_equal(errno, EEXIST);
    assert_holds("name", row->holds);
    assert_int_equal(count_names(), 1);
    ndr_new_file_drop(&f); /* nothing any more */
    assert_int_equal(unlinkat(dir, "name", 0), 0);
}

static void
drop_test(void **state)
{
    (void)state;
    const char *const beside[] = {NULL, ".n"};
    for (size_t i = 0; i < 2; i++) {
        ndr_new_file f;
        stage(beside[i], "new", &f);
        errno = EDOM;
        ndr_new_file_drop(&f);
        assert_int_equal(errno, EDOM);
        assert_int_equal(count_names(), 0);
    }
}

static void
folders_test(void **state)
{
    (void)state;
    char path[200];
    struct stat st;
    ndr_error err = {0};
    for (int synced = 0; synced < 2; synced++) {
        (void)snprintf(path, sizeof path, "%s/a//b/c/", folder);
        assert_int_equal(ndr_folders_make(path, 0, 0700, synced == 1, &err), 0);
        assert_int_equal(ndr_folders_make(path, 0, 0700, synced == 1, &err), 0);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0700);
        assert_int_equal(unlinkat(dir, "a/b/c", AT_REMOVEDIR), 0);
        assert_int_equal(unlinkat(dir, "a/b", AT_REMOVEDIR), 0);
        assert_int_equal(unlinkat(dir, "a", AT_REMOVEDIR), 0);
    }
    make("file", "");
    (void)snprintf(path, sizeof path, "%s/file/b", folder);
    assert_int_equal(ndr_folders_make(path, 0, 0700, false, &err), NDR_E_SYS);
    assert_non_null(strstr(err.text, "/file/b"));
    /* what stands before `from` is not made */
    (void)snprintf(path, sizeof path, "%s/none/b", folder);
    assert_int_equal(
        ndr_folders_make(path, strlen(folder) + strlen("/none/"), 0700, false, &err),
        NDR_E_SYS);
    assert_int_equal(unlinkat(dir, "file", 0), 0);
    assert_int_equal(count_names(), 0);
}

/* A pipe that does not wait takes its 64 KiB and must be waited for. */
static void
write_test(void **state)
{
    (void)state;
    enum { BYTES = 1 << 20 };
    int end[2];
    assert_int_equal(pipe(end), 0);
    assert_int_equal(fcntl(end[1], F_SETFL, O_NONBLOCK), 0);
    unsigned char *p = malloc(BYTES);
    assert_non_null(p);
    memset(p, 'x', BYTES);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)close(end[0]);
        _exit(ndr_write_all(end[1], (ndr_slice){p, BYTES}) ? 0 : 1);
    }
    (void)close(end[1]);
    size_t seen = 0;
    for (ssize_t n; (n = read(end[0], p, BYTES)) > 0;)
        seen += (size_t)n;
    assert_int_equal(seen, BYTES);
    assert_false(ndr_write_all(end[0], NDR_SLICE("x")));
    assert_int_equal(errno, EBADF);
    (void)close(end[0]);
    free(p);
}

typedef struct read_row {
    const char *why;
    size_t bytes, most;
    int want;
    size_t kept;
} read_row;

static const read_row reads[] = {
    {"an empty file", 0, SIZE_MAX, 0, 0},
    {"one of a byte", 1, SIZE_MAX, 0, 1},
    {"one of as many bytes as are read at once", 1 << 16, SIZE_MAX, 0, 1 << 16},
    {"a large one", (1 << 20) + 7, SIZE_MAX, 0, (1 << 20) + 7},
    {"one as large as it may be", 100000, 100000, 0, 100000},
    {"one that is larger by a byte", 100001, 100000, NDR_E_LIMIT, 100000},
    {"one that may not be at all", 1, 0, NDR_E_LIMIT, 0},
};

/* Behind what is there already. */
static void
read_test(void **state)
{
    const read_row *r = *state;
    ndr_buffer bytes = {0}, out = {0};
    for (size_t i = 0; i < r->bytes; i++)
        ndr_buffer_byte(&bytes, (unsigned char)(i * 7 % 251));
    const int fd = openat(dir, "read", O_RDWR | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0 && ndr_write_all(fd, ndr_buffer_slice(&bytes)));
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    ndr_buffer_text(&out, "was");
    errno = ENOENT;
    assert_int_equal(ndr_read_all(fd, r->most, &out), r->want);
    assert_int_equal(errno, r->want == NDR_E_LIMIT ? EFBIG : ENOENT);
    assert_int_equal(out.len, 3 + r->kept);
    assert_memory_equal(out.ptr, "was", 3);
    if (r->kept > 0)
        assert_memory_equal(out.ptr + 3, bytes.ptr, r->kept);
    assert_int_equal(close(fd), 0);
    assert_int_equal(unlinkat(dir, "read", 0), 0);
    assert_int_equal(ndr_read_all(-1, SIZE_MAX, &out), NDR_E_SYS);
    assert_int_equal(errno, EBADF);
    ndr_buffer_free(&bytes);
    ndr_buffer_free(&out);
}

typedef struct seen {
    int count, stop_at, answer;
} seen;

static int
see(void *ctx, const struct dirent *e)
{
    seen *s = ctx;
    assert_string_not_equal(e->d_name, ".");
    assert_string_not_equal(e->d_name, "..");
    return ++s->count == s->stop_at ? s->answer : 0;
}

static void
each_test(void **state)
{
    (void)state;
    static const char *const name[] = {"a", ".b", "..c"};
    for (int i = 0; i < 3; i++)
        assert_int_equal(close(openat(dir, name[i], O_WRONLY | O_CREAT, 0600)), 0);
    seen s = {0};
    int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY);
    assert_int_equal(ndr_folder_each(fd, see, &s), 0);
    assert_int_equal(s.count, 3);
    assert_int_equal(fcntl(fd, F_GETFD), -1); /* it is closed */
    s = (seen){0, 2, NDR_E_NOMEM};
    fd = openat(dir, ".", O_RDONLY | O_DIRECTORY);
    assert_int_equal(ndr_folder_each(fd, see, &s), NDR_E_NOMEM);
    assert_int_equal(s.count, 2);
    assert_int_equal(fcntl(fd, F_GETFD), -1);

    s = (seen){0};
    fd = openat(dir, "a", O_RDONLY);
    assert_int_equal(ndr_folder_each(fd, see, &s), 1);
    assert_int_equal(errno, ENOTDIR);
    assert_int_equal(fcntl(fd, F_GETFD), -1);
    fd = openat(dir, "none", O_RDONLY);
    assert_int_equal(ndr_folder_each(fd, see, &s), 1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(s.count, 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(unlinkat(dir, name[i], 0), 0);
}

typedef struct name_row {
    const char *it, *name;
    bool counts;
} name_row;

static const name_row names[] = {
    {"a file of rules counts", "a.yaml", true},
    {"so does one with the short ending", "a.b.yml", true},
    {"a hidden one does not", ".a.yaml", false},
    {"nor what is only an ending", ".yaml", false},
    {"nor what an editor left", "a.yaml~", false},
    {"nor one that is packed", "a.yaml.gz", false},
    {"nor one of another case", "a.YAML", false},
    {"nor one without an ending", "yaml", false},
    {"nor one without a name", "", false},
};

static void
name_test(void **state)
{
    const name_row *row = *state;
    assert_int_equal(ndr_yaml_name(row->name), row->counts);
}

typedef struct mount_row {
    const char *it;
    unsigned type;
    const char *name;
} mount_row;

static const mount_row mounts[] = {
    {"a mount of NFS is shared", 0x6969, "NFS"},
    {"one of SMB, whose number fills all 32 bits", 0xfe534d42, "SMB"},
    {"one of FUSE", 0x65735546, "FUSE"},
    {"ext4 is not", 0xef53, NULL},
    {"memory is not", 0x01021994, NULL},
};

static void
mount_test(void **state)
{
    const mount_row *row = *state;
    pretended_type = row->type;
    const char *name = ndr_mount_shared(dir);
    pretended_type = 0;
    if (row->name == NULL)
        assert_null(name);
    else
        assert_string_equal(name, row->name);
    assert_null(ndr_mount_shared(-1));
}

int
main(void)
{
    if (mkdtemp(folder) == NULL || (dir = open(folder, O_RDONLY | O_DIRECTORY)) < 0)
        return 1;
    ADD_ROWS(reads, read_test);
    ADD_ROWS(puts_, put_test);
    ADD_ROWS(mounts, mount_test);
    ADD_ROWS(names, name_test);
    add_test("what is dropped leaves nothing, and errno as it was", drop_test);
    add_test("folders are made one in the other, once", folders_test);
    add_test("all bytes go out, however long the reader takes", write_test);
    add_test("each entry of a folder is given until one is enough", each_test);
    const int failed = run_added("file");
    (void)close(dir);
    (void)rmdir(folder);
    return failed;
}
