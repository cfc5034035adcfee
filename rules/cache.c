/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cache.c - how is a compiled ruleset kept between runs, trusting nobody?
 *
 * A blob is as good as code: whoever can write it decides what is junk. So
 * folder and file must be root's or ours alone, and so all folders above; and a file that
 * is not exactly what this run would have written is as good as none.
 */
#define _DEFAULT_SOURCE /* MAP_POPULATE */
#include "cache.h"

#include "ndr_file.h"
#include "ndr_hash.h"
#include "trust.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char magic[16] = {'n', 'd', 'r', 's', 'c', 'a', 'n', ' ',
                               'c', 'a', 'c', 'h', 'e', ' ', '2', '\n'};
enum {
    HEAD_BYTES = sizeof magic + 2 * sizeof(uint64_t),
    ALIGN = NDR_BLOB_ALIGN,
    MAX_BYTES = 1 << 30,
    STALE_TEMP_S = 3600, /* a temporary file left by a crash */
};

void
ndr_cache_file_name(ndr_slice key, char ret[NDR_CACHE_NAME_BYTES])
{
    (void)snprintf(ret, NDR_CACHE_NAME_BYTES, "rules-%016llx.ndrc",
                   (unsigned long long)ndr_hash(key, 0));
}

void
ndr_cache_key(const ndr_files *files, const char *platform, ndr_buffer *ret)
{
    ndr_buffer_text(ret, platform);
    ndr_buffer_byte(ret, '\n');
    for (size_t i = 0; i < files->count; i++) {
        const ndr_file *f = &files->file[i];
        /* the name is in what the blob says of each rule's place */
        ndr_buffer_printf(ret, "%zu %s %zu\n", strlen(f->name), f->name, f->len);
        ndr_buffer_add(ret, (ndr_slice){f->ptr, f->len});
        ndr_buffer_byte(ret, '\n');
    }
}

static void
note_errno(char *note, const char *dir, const char *what)
{
    ndr_error err = {0};
    (void)ndr_fail(&err, NDR_E_SYS, "cache folder '%.100s': %s", dir, what);
    (void)snprintf(note, NDR_CACHE_NOTE_BYTES, "%.*s", NDR_CACHE_NOTE_BYTES - 1,
                   err.text);
}

/* The folder open, or -1 and a note. */
static int
open_folder(const char *dir, char *note)
{
    char who[PATH_MAX];
    const int fd = ndr_open_trusted(dir, who, sizeof who);
    if (fd < 0 && who[0] != '\0')
        (void)snprintf(note, NDR_CACHE_NOTE_BYTES,
                       "cache folder '%.70s' is not used: '%.70s' is neither ours nor "
                       "root's, or others can write to it",
                       dir, who);
    else if (fd < 0)
        note_errno(note, dir, "open");
    return fd;
}

static void
unmap(ndr_slice mapping)
{
    (void)munmap((void *)(uintptr_t)mapping.ptr, mapping.len); /* of map_trusted */
}

static void
note_passed_over(char *note, const char *dir, const char *name, const char *why)
{
    (void)snprintf(note, NDR_CACHE_NOTE_BYTES,
                   "cache folder '%.100s': %s is passed over: %s", dir, name, why);
}

/* Map the whole file; false and a note when it is not there, not ours or not to be had.
 */
static bool
map_trusted(int folder, const char *dir, const char *name, ndr_blob_owner *ret,
            char *note)
{
    struct stat st;
    void *at = MAP_FAILED;
    const char *why = "it cannot be mapped";
    const int fd =
        openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) {
        (void)snprintf(note, NDR_CACHE_NOTE_BYTES,
                       "cache folder '%.100s' held none of these rules for this "
                       "Hyperscan and CPU",
                       dir);
        return false;
    }
    if (fd < 0) {
        note_passed_over(note, dir, name, strerror(errno));
        return false;
    }
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || !ndr_is_trusted(&st))
        why = "it is no file that we, or root, alone can write to";
    else if (st.st_size < HEAD_BYTES || st.st_size > MAX_BYTES)
        why = "it is torn";
    else
        at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    (void)close(fd);
    if (at == MAP_FAILED) {
        note_passed_over(note, dir, name, why);
        return false;
    }
    *ret = (ndr_blob_owner){{at, (size_t)st.st_size}, unmap};
    return true;
}

static uint64_t
word_at(const unsigned char *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static size_t
padding_behind(size_t key_len)
{
    return (ALIGN - (HEAD_BYTES + key_len) % ALIGN) % ALIGN;
}

/* The blob in a file's bytes, if all before it is what `key` would have been kept with.
 */
static bool
find_blob(ndr_slice file, ndr_slice key, ndr_slice *ret)
{
    const size_t before = HEAD_BYTES + key.len + padding_behind(key.len);
    if (file.len < before || memcmp(file.ptr, magic, sizeof magic) != 0)
        return false;
    const uint64_t key_len = word_at(file.ptr + sizeof magic);
    const uint64_t blob_len = word_at(file.ptr + sizeof magic + 8);
    if (key_len != key.len || blob_len != file.len - before ||
        memcmp(file.ptr + HEAD_BYTES, key.ptr, key.len) != 0)
        return false;
    for (size_t i = HEAD_BYTES + key.len; i < before; i++)
        if (file.ptr[i] != 0)
            return false;
    *ret = (ndr_slice){file.ptr + before, file.len - before};
    return true;
}

bool
ndr_cache_get(const char *dir, const char *name, ndr_slice key, ndr_blob_owner *home,
              ndr_slice *blob, char note[NDR_CACHE_NOTE_BYTES])
{
    note[0] = '\0';
    const int folder = open_folder(dir, note);
    if (folder < 0)
        return false;
    bool found = map_trusted(folder, dir, name, home, note);
    (void)close(folder);
    if (found && !find_blob(home->bytes, key, blob)) {
        note_passed_over(note, dir, name, "it is torn, or was kept for other rules");
        unmap(home->bytes);
        found = false;
    }
    return found;
}

/* ---- storing ----------------------------------------------------------- */

static void
lay_out(ndr_slice key, ndr_slice blob, ndr_buffer *out)
{
    static const unsigned char nuls[ALIGN] = {0};
    const uint64_t lens[2] = {key.len, blob.len};
    ndr_buffer_add(out, (ndr_slice){(const unsigned char *)magic, sizeof magic});
    ndr_buffer_add(out, (ndr_slice){(const unsigned char *)lens, sizeof lens});
    ndr_buffer_add(out, key);
    ndr_buffer_add(out, (ndr_slice){nuls, padding_behind(key.len)});
    ndr_buffer_add(out, blob);
}

typedef struct kept {
    char name[NDR_CACHE_NAME_BYTES];
    struct timespec at;
} kept;

static int
newest_first(const void *a, const void *b)
{
    const kept *x = a, *y = b;
    if (x->at.tv_sec != y->at.tv_sec)
        return x->at.tv_sec < y->at.tv_sec ? 1 : -1;
    return (x->at.tv_nsec < y->at.tv_nsec) - (x->at.tv_nsec > y->at.tv_nsec);
}

static bool
matches(const char *name, const char *begin, const char *end)
{
    const size_t n = strlen(name), b = strlen(begin), e = strlen(end);
    return n >= b + e && n < NDR_CACHE_NAME_BYTES && memcmp(name, begin, b) == 0 &&
           memcmp(name + n - e, end, e) == 0;
}

/* Take away all but the newest, and temporary files that a crash left. Best effort. */
static void
sweep(int folder, const char *stored)
{
    enum { LIST = 256 };
    kept *list = malloc(LIST * sizeof *list);
    const int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    if (d == NULL && fd >= 0)
        (void)close(fd);
    size_t count = 0;
    for (struct dirent *e = d == NULL ? NULL : readdir(d); e != NULL && list != NULL;
         e = readdir(d)) {
        struct stat st;
        if (fstatat(folder, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
            continue;
        if ((matches(e->d_name, NDR_NEW_FILE_BEGIN, NDR_NEW_FILE_END) ||
             matches(e->d_name, ".ndrc-", ".tmp")) && /* of version 0.1 */
            st.st_mtime < time(NULL) - STALE_TEMP_S)
            (void)unlinkat(folder, e->d_name, 0);
        if (matches(e->d_name, "rules-", ".ndrc") && strcmp(e->d_name, stored) != 0 &&
            count < LIST) {
            (void)snprintf(list[count].name, sizeof list[count].name, "%.39s", e->d_name);
            list[count++].at = st.st_mtim;
        }
    }
    if (count > NDR_CACHE_KEPT) {
        qsort(list, count, sizeof *list, newest_first);
        for (size_t i = NDR_CACHE_KEPT; i < count; i++)
            (void)unlinkat(folder, list[i].name, 0);
    }
    if (d != NULL)
        (void)closedir(d);
    free(list);
}

void
ndr_cache_put(const char *dir, ndr_slice key, ndr_slice blob,
              char note[NDR_CACHE_NOTE_BYTES])
{
    char name[NDR_CACHE_NAME_BYTES];
    ndr_error err = {0};
    note[0] = '\0';
    const int folder = open_folder(dir, note);
    if (folder < 0)
        return;
    ndr_cache_file_name(key, name);
    if (ndr_cache_write(folder, name, 0600, key, blob, &err) == 0)
        sweep(folder, name);
    else
        (void)snprintf(note, NDR_CACHE_NOTE_BYTES, "cache folder '%.100s': %.100s", dir,
                       err.text);
    (void)close(folder);
}

int
ndr_cache_write(int folder, const char *name, mode_t mode, ndr_slice key, ndr_slice blob,
                ndr_error *err)
{
    ndr_new_file made;
    ndr_buffer file = {0};
    lay_out(key, blob, &file);
    if (file.failed) {
        ndr_buffer_free(&file);
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    }
    const bool begun = ndr_new_file_begin(&made, folder, NULL, 0600);
    /* whatever the umask says */
    const bool good = begun && fchmod(made.fd, mode) == 0 &&
                      ndr_write_all(made.fd, (ndr_slice){file.ptr, file.len});
    const enum ndr_new_file_step step =
        good ? ndr_new_file_put(&made, name, true) : NDR_NEW_FILE_SYNC;
    const int rc = good && (step == NDR_NEW_FILE_DONE || step == NDR_NEW_FILE_FOLDER)
                       ? 0 /* it is there, if not for ever */
                       : ndr_fail(err, NDR_E_SYS, "%s",
                                  !begun                      ? "create a file"
                                  : step == NDR_NEW_FILE_NAME ? "rename"
                                                              : "write");
    if (begun)
        ndr_new_file_drop(&made);
    ndr_buffer_free(&file);
    return rc;
}
