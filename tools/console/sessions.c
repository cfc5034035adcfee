/* SPDX-License-Identifier: BSD-3-Clause */
/* sessions.c - who is logged in? */
#define _DEFAULT_SOURCE /* explicit_bzero */
#include "sessions.h"

#include "ndr_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

int
secret_new(secret ret, ndr_error *err)
{
    static const char digit[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned char random[SECRET_CHARS];
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return ndr_fail(err, NDR_E_SYS, "get random bytes");
    for (size_t i = 0; i < SECRET_CHARS; i++)
        ret[i] = digit[random[i] & 63];
    ret[SECRET_CHARS] = '\0';
    return 0;
}

bool
secret_equal(const char *a, const char *b)
{
    if (a == NULL || b == NULL || strlen(a) != SECRET_CHARS || strlen(b) != SECRET_CHARS)
        return false;
    unsigned differ = 0;
    for (size_t i = 0; i < SECRET_CHARS; i++)
        differ |= (unsigned)(unsigned char)a[i] ^ (unsigned)(unsigned char)b[i];
    return differ == 0;
}

static bool
is_secret(const char *text)
{
    return strlen(text) == SECRET_CHARS &&
           strspn(text,
                  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
               SECRET_CHARS;
}

static int
read_token(int fd, const char *path, uid_t before, secret ret, ndr_error *err)
{
    struct stat st;
    char text[SECRET_CHARS + 2] = "";
    if (fstat(fd, &st) != 0)
        return ndr_fail(err, NDR_E_SYS, "look at '%s'", path);
    /* whoever serves the page as another user had the file to be that user's */
    const bool taken = geteuid() == 0 && st.st_uid == before && st.st_nlink == 1 &&
                       S_ISREG(st.st_mode) && fchown(fd, 0, 0) == 0;
    if (!S_ISREG(st.st_mode) || (st.st_uid != geteuid() && !taken) ||
        (st.st_mode & 077) != 0)
        return ndr_fail(err, NDR_E_SYNTAX,
                        "'%s' is not a file that only its owner, this user, can read: "
                        "chmod 600, or remove it and a new token is made",
                        path);
    const ssize_t n = read(fd, text, sizeof text - 1);
    if (n < 0)
        return ndr_fail(err, NDR_E_SYS, "read '%s'", path);
    text[strcspn(text, "\n")] = '\0';
    if (!is_secret(text))
        return ndr_fail(err, NDR_E_SYNTAX,
                        "'%s' holds no token (one line of %d letters, digits, - and _): "
                        "remove it and a new one is made",
                        path, SECRET_CHARS);
    memcpy(ret, text, SECRET_CHARS + 1);
    explicit_bzero(text, sizeof text);
    return 0;
}

/* Whole or not at all. */
static int
make_token(const char *path, ndr_error *err)
{
    secret token;
    const char *base;
    ndr_new_file f;
    int rc = secret_new(token, err);
    if (rc != 0)
        return rc;
    token[SECRET_CHARS] = '\n';
    const int dir = ndr_folder_of(path, &base);
    if (dir < 0)
        return ndr_fail(err, NDR_E_SYS, "open the folder of '%s'", path);
    if (!ndr_new_file_begin(&f, dir, NULL, 0600)) {
        rc = ndr_fail(err, NDR_E_SYS, "create '%s'", path);
    } else if (!ndr_write_all(f.fd, (ndr_slice){(unsigned char *)token, sizeof token})) {
        rc = ndr_fail(err, NDR_E_SYS, "write '%s'", path);
        ndr_new_file_drop(&f);
    } else if (ndr_new_file_put(&f, base, false) != NDR_NEW_FILE_DONE &&
               errno != EEXIST) { /* another made one, which does as well */
        rc = ndr_fail(err, NDR_E_SYS, "bring '%s' to the disk", path);
    }
    explicit_bzero(token, sizeof token);
    (void)close(dir); /* was only looked at */
    return rc;
}

int
token_load(const char *path, uid_t before, secret ret, bool *ret_made, ndr_error *err)
{
    *ret_made = false;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT) {
        const int rc = make_token(path, err);
        if (rc != 0)
            return rc;
        *ret_made = true;
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    }
    if (fd < 0)
        return ndr_fail(err, NDR_E_SYS, "open '%s'", path);
    const int rc = read_token(fd, path, before, ret, err);
    (void)close(fd);
    return rc;
}

bool
sessions_limited(const sessions *all, const char *peer, int64_t now)
{
    for (size_t i = 0; i < WRONG_PEERS; i++)
        if (strcmp(all->wrong[i].peer, peer) == 0 && now - all->wrong[i].since < 60)
            return all->wrong[i].count >= WRONG_PER_MINUTE;
    return false;
}

static void
count_wrong(sessions *all, const char *peer, int64_t now)
{
    struct wrong *w = &all->wrong[0];
    for (size_t i = 0; i < WRONG_PEERS; i++) {
        struct wrong *at = &all->wrong[i];
        if (strcmp(at->peer, peer) == 0) {
            w = at;
            break;
        }
        if (at->since < w->since)
            w = at;
    }
    if (strcmp(w->peer, peer) != 0 || now - w->since >= 60) {
        *w = (struct wrong){.since = now};
        (void)snprintf(w->peer, sizeof w->peer, "%s", peer);
    }
    w->count++;
}

bool
sessions_token(sessions *all, const char *token, const char *peer, int64_t now)
{
    if (all->is_token(all->ctx, token))
        return true;
    count_wrong(all, peer, now);
    return false;
}

const char *
session_way_name(enum session_way way)
{
    static const char *const word[] = {"token", "password", "proxy"};
    return word[way];
}

static bool
is_over(const session *s, int64_t now)
{
    return now >= s->until || now - s->used >= SESSION_IDLE_SECONDS;
}

/* A slot for one more of this person's; NULL: no memory. */
static session *
find_slot(sessions *all, const char *person, int64_t now)
{
    const size_t most = person[0] == '\0' ? SESSION_MAX : SESSION_PERSON_MAX;
    session *free_one = NULL;
    session *oldest = NULL;
    size_t own = 0;
    for (size_t i = 0; i < all->count; i++) {
        session *s = all->row[i];
        if (is_over(s, now)) {
            free_one = s;
        } else if (strcmp(s->person, person) == 0) {
            own++;
            if (oldest == NULL || s->used < oldest->used)
                oldest = s;
        }
    }
    if (own >= most)
        return oldest;
    if (free_one != NULL)
        return free_one;
    session **more = realloc(all->row, (all->count + 1) * sizeof(session *));
    if (more == NULL)
        return NULL;
    all->row = more;
    session *fresh = calloc(1, sizeof *fresh);
    if (fresh != NULL)
        all->row[all->count++] = fresh;
    return fresh;
}

session *
sessions_open(sessions *all, const char *person, uint64_t generation,
              enum session_way way, int64_t now)
{
    session *s = find_slot(all, person, now);
    if (s == NULL)
        return NULL;
    *s = (session){.generation = generation, .way = way};
    if (secret_new(s->name, NULL) != 0 || secret_new(s->form_token, NULL) != 0 ||
        (size_t)snprintf(s->person, sizeof s->person, "%s", person) >= sizeof s->person) {
        *s = (session){0};
        return NULL;
    }
    s->until = now + SESSION_SECONDS;
    s->used = now;
    return s;
}

session *
sessions_login(sessions *all, const char *token, const char *peer, int64_t now)
{
    return sessions_token(all, token, peer, now)
               ? sessions_open(all, "", 0, WAY_TOKEN, now)
               : NULL;
}

session *
sessions_find(sessions *all, const char *name, int64_t now)
{
    for (size_t i = 0; i < all->count; i++)
        if (!is_over(all->row[i], now) && secret_equal(all->row[i]->name, name))
            return all->row[i];
    return NULL;
}

void
session_touch(session *s, int64_t now)
{
    s->used = now;
}

void
sessions_logout(session *s)
{
    *s = (session){0};
}

void
sessions_free(sessions *all)
{
    for (size_t i = 0; i < all->count; i++)
        free(all->row[i]);
    free(all->row);
    all->row = NULL;
    all->count = 0;
}

uint64_t
session_form(session *s)
{
    return ++s->forms;
}

bool
session_form_take(session *s, uint64_t number)
{
    if (number == 0 || number > s->forms || s->forms - number >= FORMS_KEPT)
        return false;
    uint64_t *used = &s->taken[number % FORMS_KEPT]; /* one number that is good a row */
    if (*used == number)
        return false;
    *used = number;
    return true;
}
