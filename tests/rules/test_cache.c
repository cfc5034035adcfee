/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"

#include "cache.h"
#include "scratch.h"

#include <errno.h>
#include <sys/wait.h>
#include <time.h>

static char note[NDR_CACHE_NOTE_BYTES];
#define S(lit)                                                                           \
    {                                                                                    \
        (const unsigned char *)(lit), sizeof(lit) - 1                                    \
    }
static const ndr_slice key = S("platform 1\nsome rules"), blob = S("compiled\0rules");

/* The name that a folder of many has for it. */
static const char *
file_of(ndr_slice k)
{
    static char name[NDR_CACHE_NAME_BYTES];
    ndr_cache_file_name(k, name);
    return name;
}

/* 1: the blob that was put; 0: nothing; -1: something else. */
static int
get(ndr_slice k)
{
    ndr_blob_owner home;
    ndr_slice got = {0};
    if (!ndr_cache_get(scratch, file_of(k), k, &home, &got, note))
        return 0;
    const int ret =
        ndr_slice_equal(got, blob) && (uintptr_t)got.ptr % NDR_BLOB_ALIGN == 0 ? 1 : -1;
    home.give_back(home.bytes);
    return ret;
}

/* The number of files; the name of one that begins like `prefix` in `ret`. */
static size_t
list(const char *prefix, char ret[256])
{
    size_t n = 0;
    DIR *d = opendir(scratch);
    assert_non_null(d);
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        n++;
        if (strncmp(e->d_name, prefix, strlen(prefix)) == 0)
            strcpy(ret, e->d_name);
    }
    (void)closedir(d);
    return n;
}

/* The stored file's path and bytes. */
static const char *
stored(ndr_buffer *bytes)
{
    char name[256] = "";
    assert_int_equal(list("rules-", name), 1);
    const char *path = scratch_path(name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    assert_true(ndr_buffer_reserve(bytes, 4096));
    bytes->len = fread(bytes->ptr, 1, 4096, f);
    (void)fclose(f);
    return path;
}

static void
write_file(const char *path, const unsigned char *bytes, size_t n)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static void
hit_test(void **state)
{
    (void)state;
    scratch_begin();
    assert_int_equal(get(key), 0);
    assert_non_null(strstr(note, "held none of these rules for this Hyperscan and CPU"));
    (void)umask(0077); /* what others are to read does not ask it */
    ndr_cache_put(scratch, key, blob, note);
    assert_string_equal(note, "");
    assert_int_equal(get(key), 1);
    char name[256];
    struct stat st;
    assert_int_equal(list("rules-", name), 1);
    assert_int_equal(strlen(name), strlen("rules-0123456789abcdef.ndrc"));
    assert_int_equal(stat(scratch_path(name), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    scratch_end();
}

static void
every_key_byte_test(void **state)
{
    (void)state;
    scratch_begin();
    ndr_cache_put(scratch, key, blob, note);
    for (size_t i = 0; i < key.len; i++) {
        unsigned char *other = exact_copy(key.ptr, key.len);
        other[i] ^= 1;
        assert_int_equal(get((ndr_slice){other, key.len}), 0);
        assert_int_equal(get((ndr_slice){other, i}), 0);
        free(other);
    }
    scratch_end();
}

/* Same name, other key: as if two keys had one hash. */
static void
hash_twin_test(void **state)
{
    (void)state;
    scratch_begin();
    ndr_buffer bytes = {0};
    ndr_cache_put(scratch, key, blob, note);
    const char *path = stored(&bytes);
    assert_int_equal(unlink(path), 0);
    char name[256];
    const ndr_slice foreign = NDR_SLICE("platform 2\nsome rules");
    ndr_cache_put(scratch, foreign, blob, note);
    assert_int_equal(list("rules-", name), 1);
    assert_int_equal(rename(scratch_path(name), path), 0);
    assert_int_equal(get(key), 0);
    ndr_cache_put(scratch, key, blob, note);
    assert_int_equal(get(key), 1);
    ndr_buffer_free(&bytes);
    scratch_end();
}

static void
torn_test(void **state)
{
    (void)state;
    scratch_begin();
    ndr_buffer bytes = {0};
    ndr_cache_put(scratch, key, blob, note);
    const char *path = stored(&bytes);
    for (size_t n = 0; n < bytes.len; n++) {
        write_file(path, bytes.ptr, n);
        assert_int_equal(get(key), 0);
        assert_non_null(strstr(note, "is passed over: it is torn"));
    }
    ndr_buffer_byte(&bytes, 0);
    write_file(path, bytes.ptr, bytes.len);
    assert_int_equal(get(key), 0);
    write_file(path, bytes.ptr, bytes.len - 1);
    assert_int_equal(get(key), 1);
    ndr_buffer_free(&bytes);
    scratch_end();
}

static void
flipped_test(void **state)
{
    (void)state;
    scratch_begin();
    ndr_buffer bytes = {0};
    ndr_cache_put(scratch, key, blob, note);
    const char *path = stored(&bytes);
    for (size_t i = 0; i < bytes.len * 8; i++) {
        bytes.ptr[i / 8] ^= (unsigned char)(1u << i % 8);
        write_file(path, bytes.ptr, bytes.len);
        /* what is behind all else has a checksum of its own: ndr_ruleset_load's to see */
        assert_int_equal(get(key), i / 8 < bytes.len - blob.len ? 0 : -1);
        bytes.ptr[i / 8] ^= (unsigned char)(1u << i % 8);
    }
    write_file(path, bytes.ptr, bytes.len);
    assert_int_equal(get(key), 1);
    ndr_buffer_free(&bytes);
    scratch_end();
}

static void
not_a_file_test(void **state)
{
    (void)state;
    scratch_begin();
    ndr_buffer bytes = {0};
    ndr_cache_put(scratch, key, blob, note);
    char path[400], other[400];
    strcpy(path, stored(&bytes));
    strcpy(other, scratch_path("other"));

    /* a link to the very file is not followed, and is replaced, not written through */
    assert_int_equal(rename(path, other), 0);
    assert_int_equal(symlink(other, path), 0);
    assert_int_equal(get(key), 0);
    struct stat before, after, st;
    assert_int_equal(stat(other, &before), 0);
    ndr_cache_put(scratch, key, blob, note);
    assert_string_equal(note, "");
    assert_int_equal(get(key), 1);
    assert_int_equal(lstat(path, &st), 0);
    assert_true(S_ISREG(st.st_mode));
    assert_int_equal(stat(other, &after), 0);
    assert_true(before.st_ino == after.st_ino && before.st_size == after.st_size);

    /* a FIFO is not waited for */
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(get(key), 0);
    ndr_cache_put(scratch, key, blob, note);
    assert_int_equal(get(key), 1);

    /* a folder in its place stays, and nothing is left beside it */
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(get(key), 0);
    ndr_cache_put(scratch, key, blob, note);
    assert_non_null(strstr(note, "rename"));
    char name[256];
    assert_int_equal(list("", name), 2); /* "other" and the folder */
    ndr_buffer_free(&bytes);
    scratch_end();
}

static void
writable_test(void **state)
{
    (void)state;
    scratch_begin();
    ndr_buffer bytes = {0};
    ndr_cache_put(scratch, key, blob, note);
    const char *path = stored(&bytes);
    static const mode_t modes[] = {0620, 0602, 0666};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(chmod(path, modes[i]), 0);
        assert_int_equal(get(key), 0);
        assert_non_null(
            strstr(note, "it is no file that we, or root, alone can write to"));
    }
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(get(key), 1);

    static const mode_t folders[] = {0777, 01777, 0770, 0720};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(chmod(scratch, folders[i]), 0);
        assert_int_equal(get(key), 0);
        assert_non_null(
            strstr(note, "is neither ours nor root's, or others can write to it"));
        ndr_cache_put(scratch, key, blob, note);
        assert_non_null(
            strstr(note, "is neither ours nor root's, or others can write to it"));
    }
    assert_int_equal(chmod(scratch, 0755), 0);
    assert_int_equal(get(key), 1);
    ndr_buffer_free(&bytes);
    scratch_end();
}

static void
not_ours_test(void **state)
{
    (void)state;
    if (geteuid() != 0)
        SKIP("only root can give files away");
    scratch_begin();
    ndr_buffer bytes = {0};
    ndr_cache_put(scratch, key, blob, note);
    const char *path = stored(&bytes);
    assert_int_equal(chown(path, 65534, 65534), 0);
    assert_int_equal(get(key), 0);
    assert_int_equal(chown(path, 0, 0), 0);
    assert_int_equal(get(key), 1);
    assert_int_equal(chown(scratch, 65534, 65534), 0);
    assert_int_equal(get(key), 0);
    assert_non_null(strstr(note, "is not used"));
    assert_int_equal(chown(scratch, 0, 0), 0);
    ndr_buffer_free(&bytes);
    scratch_end();
}

static void
read_only_test(void **state)
{
    (void)state;
    if (geteuid() == 0) {
        /* root writes where it likes, but not below a folder that is gone */
        scratch_begin();
        char gone[64];
        strcpy(gone, scratch);
        assert_int_equal(rmdir(scratch), 0);
        ndr_cache_put(gone, key, blob, note);
        assert_non_null(strstr(note, "No such file or directory"));
        scratch_end();
        /* /proc takes no new files from anyone */
        ndr_cache_put("/proc/self", key, blob, note);
        assert_true(note[0] != '\0');
        return;
    }
    scratch_begin();
    assert_int_equal(chmod(scratch, 0500), 0);
    ndr_cache_put(scratch, key, blob, note);
    assert_non_null(strstr(note, "create a file: Permission denied"));
    assert_int_equal(get(key), 0);
    scratch_end();
}

static void
sweep_test(void **state)
{
    (void)state;
    scratch_begin();
    char name[256];
    for (int i = 0; i < 20; i++) {
        unsigned char k[2] = {(unsigned char)i, 'k'};
        ndr_cache_put(scratch, (ndr_slice){k, 2}, blob, note);
        /* each a second older than the next */
        const struct timespec at[2] = {{1000000 + i, 0}, {1000000 + i, 0}};
        DIR *d = opendir(scratch);
        assert_non_null(d);
        for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
            struct stat st;
            assert_int_equal(fstatat(dirfd(d), e->d_name, &st, 0), 0);
            if (S_ISREG(st.st_mode) && st.st_mtime > 2000000)
                assert_int_equal(utimensat(dirfd(d), e->d_name, at, 0), 0);
        }
        (void)closedir(d);
    }
    assert_int_equal(list("", name), NDR_CACHE_KEPT + 1);
    for (int i = 0; i < 20; i++) {
        unsigned char k[2] = {(unsigned char)i, 'k'};
        assert_int_equal(get((ndr_slice){k, 2}), i < 20 - NDR_CACHE_KEPT - 1 ? 0 : 1);
    }

    /* what a crash left goes after a while; what is not ours to name stays */
    (void)scratch_text(".ndrc-1-2.tmp", "old");
    (void)scratch_text(".ndrc-1-3.tmp", "new");
    (void)scratch_text("rules-of-mine.txt", "x");
    const struct timespec old[2] = {{1000, 0}, {1000, 0}};
    assert_int_equal(utimensat(AT_FDCWD, scratch_path(".ndrc-1-2.tmp"), old, 0), 0);
    ndr_cache_put(scratch, key, blob, note);
    assert_int_equal(access(scratch_path(".ndrc-1-2.tmp"), F_OK), -1);
    assert_int_equal(access(scratch_path(".ndrc-1-3.tmp"), F_OK), 0);
    assert_int_equal(access(scratch_path("rules-of-mine.txt"), F_OK), 0);
    assert_int_equal(get(key), 1);
    scratch_end();
}

/* Four processes store and fetch one key at once: whole or nothing, always. */
static void
race_test(void **state)
{
    (void)state;
    scratch_begin();
    static unsigned char big[300000];
    memset(big, 'b', sizeof big);
    const ndr_slice wide = {big, sizeof big};
    pid_t child[4];
    for (int c = 0; c < 4; c++) {
        child[c] = fork();
        if (child[c] != 0)
            continue;
        int bad = 0;
        for (int i = 0; i < 40; i++) {
            ndr_blob_owner home;
            ndr_slice got = {0};
            ndr_cache_put(scratch, key, wide, note);
            bad += note[0] != '\0' ? 1 : 0;
            if (ndr_cache_get(scratch, file_of(key), key, &home, &got, note)) {
                bad += ndr_slice_equal(got, wide) ? 0 : 1;
                home.give_back(home.bytes);
            } else {
                bad++;
            }
        }
        _exit(bad == 0 ? 0 : 1);
    }
    for (int c = 0; c < 4; c++) {
        int status = -1;
        assert_true(child[c] > 0);
        assert_int_equal(waitpid(child[c], &status, 0), child[c]);
        assert_int_equal(status, 0);
    }
    char name[256];
    assert_int_equal(list("rules-", name), 1);
    scratch_end();
}

static void
key_test(void **state)
{
    (void)state;
    char a_name[] = "a", b_name[] = "b";
    unsigned char text[] = "xy";
    ndr_file one[] = {{a_name, text, 2}},
             two[] = {{a_name, text, 1}, {b_name, text + 1, 1}};
    ndr_file renamed[] = {{b_name, text, 2}};
    const ndr_files sets[] = {
        {one, 1, 1, 2}, {two, 2, 2, 2}, {renamed, 1, 1, 2}, {one, 0, 0, 0}};
    ndr_buffer keys[4] = {{0}};
    for (size_t i = 0; i < 4; i++) {
        ndr_cache_key(&sets[i], ndr_platform(), &keys[i]);
        assert_false(keys[i].failed);
        const ndr_slice platform = ndr_slice_of(ndr_platform());
        assert_true(keys[i].len > platform.len);
        assert_memory_equal(keys[i].ptr, platform.ptr, platform.len);
        for (size_t k = 0; k < i; k++)
            assert_false(ndr_slice_equal((ndr_slice){keys[i].ptr, keys[i].len},
                                         (ndr_slice){keys[k].ptr, keys[k].len}));
    }
    for (size_t i = 0; i < 4; i++)
        ndr_buffer_free(&keys[i]);
}

/* ---- the folder -------------------------------------------------------- */

typedef struct dir_row {
    const char *why, *xdg, *home, *want; /* NULL: not set; DIR is the scratch folder */
    const char *made;                    /* a folder that must be there then, mode 0700 */
} dir_row;

static const dir_row dirs[] = {
    {"XDG_CACHE_HOME first", "DIR/x", "DIR/h", "DIR/x/ndrscan", "x"},
    {"its parents are made too", "DIR/p/q", NULL, "DIR/p/q/ndrscan", "p"},
    {"else the home", NULL, "DIR/h", "DIR/h/.cache/ndrscan", "h/.cache"},
    {"an empty XDG_CACHE_HOME is none", "", "DIR/h", "DIR/h/.cache/ndrscan",
     "h/.cache/ndrscan"},
    {"a relative XDG_CACHE_HOME is ignored", "x", "DIR/h", "DIR/h/.cache/ndrscan", NULL},
    {"neither is set", NULL, NULL, "", NULL},
    {"a home that is not there is not made", NULL, "DIR/none", "", NULL},
    {"a file in the way", "DIR/f", NULL, "", NULL},
};

static void
set_env(const char *name, const char *value)
{
    char text[300];
    if (value == NULL) {
        assert_int_equal(unsetenv(name), 0);
        return;
    }
    scratch_expand(value, text, sizeof text);
    assert_int_equal(setenv(name, text, 1), 0);
}

static void
dir_test(void **state)
{
    const dir_row *row = *state;
    scratch_begin();
    assert_int_equal(mkdir(scratch_path("h"), 0700), 0);
    (void)scratch_text("f", "");
    set_env("XDG_CACHE_HOME", row->xdg);
    set_env("HOME", row->home);
    char got[300], again[300], want[300];
    ndr_cache_dir(got, sizeof got);
    ndr_cache_dir(again, sizeof again);
    scratch_expand(row->want, want, sizeof want);
    assert_string_equal(got, want);
    assert_string_equal(again, want);
    struct stat st;
    if (want[0] != '\0') {
        assert_int_equal(stat(got, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0700);
    }
    if (row->made != NULL) {
        assert_int_equal(stat(scratch_path(row->made), &st), 0);
        assert_int_equal(st.st_mode & 0777, 0700);
    }
    assert_int_equal(access(scratch_path("none"), F_OK), -1);
    char small[8];
    ndr_cache_dir(small, sizeof small);
    assert_string_equal(small, "");
    scratch_end();
}

int
main(void)
{
    (void)umask(022);
    add_test("what was put is got", hit_test);
    add_test("a key with one other byte, or a part of it, gets nothing",
             every_key_byte_test);
    add_test("a file of the right name and another key is not used", hash_twin_test);
    add_test("a file torn at any length is not used", torn_test);
    add_test("a file with any bit flipped is not used", flipped_test);
    add_test("what is no regular file is not used, and replaced if it can be",
             not_a_file_test);
    add_test("what others can write to is not used", writable_test);
    add_test("what another user owns is not used", not_ours_test);
    add_test("a folder that cannot be written to leaves a note", read_only_test);
    add_test("old files go, new and foreign ones stay", sweep_test);
    add_test("several processes at once", race_test);
    add_test("keys tell files, names and borders apart", key_test);
    ADD_ROWS(dirs, dir_test);
    return run_added("cache");
}
