/* SPDX-License-Identifier: BSD-3-Clause */
/* sent_folder.c - which keys are in the folder of a set, and who may change it now? */
#include "sent_folder.h"

#include "ndr_file.h"
#include "ndr_hex.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_WORDS "ndrscan-sent-key 1 "
enum { KEY_FILE_BYTES = sizeof KEY_WORDS - 1 + 2 * NDR_SIPHASH_KEY_BYTES + 1 };

/* ---- names --------------------------------------------------------------- */

void
ndr_sent_names_free(char **names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
}

void
ndr_sent_machine_name(char *machine)
{
    static const char fine[] = "abcdefghijklmnopqrstuvwxyz0123456789"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ._";
    for (char *c = machine; *c != '\0'; c++)
        if (strchr(fine, *c) == NULL || (c == machine && *c == '.'))
            *c = '_'; /* '-' too: it parts names */
    if (machine[0] == '\0')
        (void)snprintf(machine, 2, "_");
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool
ends_in(const char *name, const char *suffix)
{
    const size_t n = strlen(name), s = strlen(suffix);
    return name[0] != '.' && n > s && strcmp(name + n - s, suffix) == 0;
}

static int
add_name(char ***names, size_t *count, size_t *cap, const char *name)
{
    if (*count == *cap) {
        const size_t more = *cap > 0 ? 2 * *cap : 32;
        char **grown = realloc(*names, more * sizeof *grown);
        if (grown == NULL)
            return NDR_E_NOMEM;
        *names = grown;
        *cap = more;
    }
    char *copy = strdup(name);
    if (copy == NULL)
        return NDR_E_NOMEM;
    (*names)[(*count)++] = copy;
    return 0;
}

typedef struct listed {
    const char *suffix;
    char **names;
    size_t count, cap;
} listed;

static int
list_entry(void *ctx, const struct dirent *e)
{
    listed *l = ctx;
    return ends_in(e->d_name, l->suffix)
               ? add_name(&l->names, &l->count, &l->cap, e->d_name)
               : 0;
}

int
ndr_sent_folder_list(const ndr_sent_folder *f, const char *suffix, char ***ret,
                     size_t *ret_count, ndr_error *err)
{
    listed l = {.suffix = suffix};
    const int fd = openat(f->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc = ndr_folder_each(fd, list_entry, &l);
    if (rc > 0)
        rc = ndr_fail(err, NDR_E_SYS, "list the folder '%s'", f->shown);
    else if (rc != 0)
        (void)ndr_fail(err, rc, "no memory to list '%s'", f->shown);
    if (rc != 0) {
        ndr_sent_names_free(l.names, l.count);
        return rc;
    }
    if (l.count > 1)
        qsort(l.names, l.count, sizeof *l.names, by_name);
    *ret = l.names;
    *ret_count = l.count;
    return 0;
}

/* ---- keys ---------------------------------------------------------------- */

static bool
parse_key(const char *text, size_t n, ndr_sent_key *ret)
{
    const size_t words = sizeof KEY_WORDS - 1;
    if (n != KEY_FILE_BYTES || memcmp(text, KEY_WORDS, words) != 0 || text[n - 1] != '\n')
        return false;
    for (size_t i = 0; i < NDR_SIPHASH_KEY_BYTES; i++) {
        const char *two = text + words + 2 * i;
        const int high = ndr_hex_value((unsigned char)two[0]);
        const int low = ndr_hex_value((unsigned char)two[1]);
        if (high < 0 || low < 0)
            return false;
        ret->bytes[i] = (unsigned char)(high << 4 | low);
    }
    ret->id = ndr_sent_key_id(ret->bytes);
    return true;
}

/* One who may not read a set is told who may. */
static int
say_who_may(const ndr_sent_folder *f, int rc, ndr_error *err)
{
    if (rc != NDR_E_SYS || err == NULL || err->sys_errno != EACCES)
        return rc;
    errno = EACCES;
    return ndr_fail(err, NDR_E_SYS,
                    "the set '%s' is for its owner and group alone, see WHO MAY ASK in "
                    "ndrscan-sent(1)",
                    f->shown);
}

static int
read_key(const ndr_sent_folder *f, const char *name, ndr_sent_key *ret, ndr_error *err)
{
    char shown[4096], text[KEY_FILE_BYTES + 1], right[32];
    struct stat st;
    (void)snprintf(shown, sizeof shown, "%s/%s", f->shown, name);
    const int fd = ndr_open_own(f->fd, name, shown, O_RDONLY, err);
    if (fd < 0)
        return say_who_may(f, fd, err);
    const ssize_t n = fstat(fd, &st) == 0 ? read(fd, text, sizeof text) : -1;
    int rc = 0;
    if (n < 0)
        rc = ndr_fail(err, NDR_E_SYS, "read '%s'", shown);
    else if ((st.st_mode & 07) != 0)
        rc = ndr_fail(
            err, NDR_E_SYNTAX,
            "the key '%s' is open to everybody: chmod 600 it, and take a new one "
            "if somebody may have read it",
            shown);
    else if (!parse_key(text, (size_t)n, ret))
        rc = ndr_fail(err, NDR_E_SYNTAX,
                      "'%s' is no key of a set: copy it again from the machine that made "
                      "it",
                      shown);
    (void)close(fd);
    (void)snprintf(right, sizeof right, "%016" PRIx64 ".key", rc == 0 ? ret->id : 0);
    if (rc == 0 && strcmp(right, name) != 0)
        rc = ndr_fail(err, NDR_E_SYNTAX, "the key in '%s' is another: its name is %s",
                      shown, right);
    return rc;
}

static int
read_keys(ndr_sent_folder *f, ndr_error *err)
{
    char **names = NULL;
    size_t count = 0;
    int rc = ndr_sent_folder_list(f, ".key", &names, &count, err);
    if (rc != 0)
        return rc;
    ndr_sent_key *key = calloc(count > 0 ? count : 1, sizeof *key);
    if (key == NULL)
        rc = ndr_fail(err, NDR_E_NOMEM, "no memory for keys");
    else if (count > SENT_KEYS_MOST)
        rc = ndr_fail(err, NDR_E_LIMIT, "more than %d keys are in '%s'", SENT_KEYS_MOST,
                      f->shown);
    for (size_t i = 0; i < count && rc == 0; i++)
        rc = read_key(f, names[i], &key[i], err);
    ndr_sent_names_free(names, count);
    if (rc != 0) {
        free(key);
        return rc;
    }
    free(f->key);
    f->key = key;
    f->key_count = count;
    return 0;
}

/* What a new key may be read by: its owner, and the group of a folder that hands it on.
 */
static mode_t
key_mode(const ndr_sent_folder *f)
{
    const mode_t shared = S_ISGID | S_IRGRP | S_IXGRP;
    struct stat st;
    return fstat(f->fd, &st) == 0 && (st.st_mode & shared) == shared ? 0640 : 0600;
}

/* A file with this key, whole on the disk or not there. */
static int
write_key(const ndr_sent_folder *f, const ndr_sent_key *key, ndr_error *err)
{
    char text[KEY_FILE_BYTES] = KEY_WORDS, name[32], beside[40];
    char *at = text + sizeof KEY_WORDS - 1;
    for (size_t i = 0; i < NDR_SIPHASH_KEY_BYTES; i++) {
        *at++ = (char)ndr_hex_lower(key->bytes[i] >> 4);
        *at++ = (char)ndr_hex_lower(key->bytes[i]);
    }
    *at = '\n';
    (void)snprintf(name, sizeof name, "%016" PRIx64 ".key", key->id);
    (void)snprintf(beside, sizeof beside, ".%s", name);
    ndr_new_file file;
    bool good = ndr_new_file_begin(&file, f->fd, beside, key_mode(f)) &&
                ndr_write_all(file.fd, (ndr_slice){(unsigned char *)text, sizeof text});
    if (good)
        good = ndr_new_file_put(&file, name, true) == NDR_NEW_FILE_DONE;
    if (good)
        return 0;
    ndr_new_file_drop(&file);
    return ndr_fail(err, NDR_E_SYS, "write the key '%s/%s'", f->shown, name);
}

int
ndr_sent_folder_add_key(ndr_sent_folder *f, const ndr_sent_key *key, ndr_error *err)
{
    if (ndr_sent_folder_key(f, key->id) != NULL)
        return 0;
    const int rc = write_key(f, key, err);
    return rc != 0 ? rc : read_keys(f, err);
}

/* Of two who find no key, one makes it. */
static int
make_first_key(ndr_sent_folder *f, ndr_error *err)
{
    const int lock = ndr_sent_folder_lock(f, err);
    if (lock < 0)
        return lock;
    ndr_sent_key key;
    int rc = read_keys(f, err);
    if (rc == 0 && f->key_count == 0) {
        if (getrandom(key.bytes, sizeof key.bytes, 0) != (ssize_t)sizeof key.bytes) {
            rc = ndr_fail(err, NDR_E_SYS, "get random bytes for a key");
        } else {
            key.id = ndr_sent_key_id(key.bytes);
            rc = ndr_sent_folder_add_key(f, &key, err);
        }
    }
    (void)close(lock);
    return rc;
}

const ndr_sent_key *
ndr_sent_folder_key(const ndr_sent_folder *f, uint64_t id)
{
    for (size_t i = 0; i < f->key_count; i++)
        if (f->key[i].id == id)
            return &f->key[i];
    return NULL;
}

/* ---- the folder ---------------------------------------------------------- */

int
ndr_sent_folder_open(ndr_sent_folder *f, const char *dir, bool make, ndr_error *err)
{
    *f = (ndr_sent_folder){.fd = -1, .shown = strdup(dir)};
    if (f->shown == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory to open '%s'", dir);
    int rc = 0;
    if (make && mkdir(dir, 0700) != 0 && errno != EEXIST)
        rc = ndr_fail(err, NDR_E_SYS, "make the folder '%s'", dir);
    if (rc == 0) {
        f->fd = ndr_open_own(AT_FDCWD, dir, dir, O_RDONLY | O_DIRECTORY, err);
        rc = f->fd < 0 ? say_who_may(f, f->fd, err) : read_keys(f, err);
    }
    if (rc == 0 && make && f->key_count == 0)
        rc = make_first_key(f, err);
    if (rc != 0)
        ndr_sent_folder_close(f);
    return rc;
}

void
ndr_sent_folder_close(ndr_sent_folder *f)
{
    if (f->fd >= 0)
        (void)close(f->fd);
    free(f->shown);
    free(f->key);
    *f = (ndr_sent_folder){.fd = -1};
}

int
ndr_sent_folder_lock(const ndr_sent_folder *f, ndr_error *err)
{
    const int fd = openat(f->fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    int got = -1;
    while (fd >= 0 && (got = flock(fd, LOCK_EX)) != 0 && errno == EINTR)
        ;
    if (fd >= 0 && got == 0)
        return fd;
    const int rc = ndr_fail(err, NDR_E_SYS, "lock the set in '%s'", f->shown);
    if (fd >= 0)
        (void)close(fd);
    return rc;
}

int
ndr_sent_folder_sync(const ndr_sent_folder *f, ndr_error *err)
{
    if (fsync(f->fd) != 0)
        return ndr_fail(err, NDR_E_SYS, "sync the folder '%s'", f->shown);
    return 0;
}
