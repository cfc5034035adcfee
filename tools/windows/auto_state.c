/* SPDX-License-Identifier: BSD-3-Clause */
/* auto_state.c - see auto_state.h. */
#include "auto_state.h"

#include "app/json_writer.h"
#include "kept_json.h"
#include "ndrscan_rules.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { VERSION = 1, KEPT_S = 2 * 86400, LOOK_AGAIN_MS = 20 };
static const kept_file file = {.name = AUTO_STATE_FILE,
                               .beside = ".ndrscan.auto.new",
                               .holds = "windows that opened themselves",
                               .remedy =
                                   "remove it when no window that opened itself is open",
                               .version = VERSION};

/* ---- reading ----------------------------------------------------------------------- */

static bool
read_row(const json_t *o, auto_window *w)
{
    const char *domain = json_string_value(json_object_get(o, "domain"));
    const json_t *from = json_object_get(o, "from"),
                 *opened = json_object_get(o, "opened");
    const json_t *ended = json_object_get(o, "ended"),
                 *times = json_object_get(o, "times");
    if (domain == NULL || strlen(domain) >= sizeof w->domain || !json_is_integer(from) ||
        !json_is_integer(opened) || !json_is_integer(times) ||
        json_integer_value(times) < 1 || json_integer_value(times) > 8)
        return false;
    *w = (auto_window){.from = json_integer_value(from),
                       .opened = json_integer_value(opened),
                       .ended = json_is_integer(ended) ? json_integer_value(ended)
                                                       : NDR_TIME_OPEN,
                       .times = (unsigned)json_integer_value(times),
                       .by_person = json_is_true(json_object_get(o, "by_person"))};
    memcpy(w->domain, domain, strlen(domain) + 1);
    return true;
}

static int
read_all(const char *dir, const json_t *all, auto_state *ret, ndr_error *err)
{
    const json_t *list = json_object_get(all, "windows");
    if (!json_is_array(list))
        return kept_json_damaged(dir, &file,
                                 "it is no list of windows that opened themselves", err);
    for (size_t i = 0; i < json_array_size(list); i++) {
        auto_window w;
        if (!read_row(json_array_get(list, i), &w))
            return kept_json_damaged(dir, &file, "a window in it lacks what each has",
                                     err);
        auto_window *row = auto_state_add(ret);
        if (row == NULL)
            return ndr_fail(err, NDR_E_NOMEM, "no memory");
        *row = w;
    }
    return 0;
}

int
auto_state_load(const char *dir, auto_state *ret, ndr_error *err)
{
    json_t *all;
    *ret = (auto_state){0};
    int rc = kept_json_read(dir, &file, &all, err);
    if (rc == 0 && all != NULL)
        rc = read_all(dir, all, ret, err);
    if (rc < 0)
        auto_state_free(ret);
    json_decref(all);
    return rc;
}

void
auto_state_free(auto_state *s)
{
    free(s->row);
    *s = (auto_state){0};
}

/* ---- changing ---------------------------------------------------------------------- */

auto_window *
auto_state_add(auto_state *s)
{
    const size_t n = s->count;
    if ((n & (n - 1)) == 0) { /* room doubles at powers of two */
        const size_t cap = n == 0 ? 1 : n * 2;
        auto_window *longer = cap > SIZE_MAX / sizeof *longer
                                  ? NULL
                                  : realloc(s->row, cap * sizeof *longer);
        if (longer == NULL)
            return NULL;
        s->row = longer;
    }
    s->row[n] = (auto_window){.ended = NDR_TIME_OPEN, .times = 1};
    s->count++;
    return &s->row[n];
}

auto_window *
auto_state_open(const auto_state *s, ndr_slice domain, int64_t from)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->row[i].ended == NDR_TIME_OPEN &&
            (from == NDR_TIME_UNKNOWN || s->row[i].from == from) &&
            ndr_slice_equal(ndr_slice_of(s->row[i].domain), domain))
            return &s->row[i];
    return NULL;
}

static auto_window *
find_same(const auto_state *s, const auto_window *w)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->row[i].from == w->from && s->row[i].opened == w->opened &&
            strcmp(s->row[i].domain, w->domain) == 0)
            return &s->row[i];
    return NULL;
}

bool
auto_state_follow(auto_state *now, const auto_state *seen)
{
    for (size_t i = 0; i < now->count; i++)
        if (find_same(seen, &now->row[i]) == NULL)
            return false;
    for (size_t i = 0; i < now->count; i++) {
        auto_window *w = &now->row[i];
        if (w->ended == NDR_TIME_OPEN) /* an end that is written down stays as it is */
            *w = *find_same(seen, w);
    }
    return true;
}

bool
auto_state_forget(auto_state *s, const auto_window *w)
{
    auto_window *same = find_same(s, w);
    if (same == NULL)
        return false;
    s->count--;
    memmove(same, same + 1, (size_t)(s->row + s->count - same) * sizeof *same);
    return true;
}

int
auto_state_save(const char *dir, const auto_state *s, int64_t now, ndr_error *err)
{
    ndr_buffer text = {0};
    json_begin(&text, NULL, '{');
    json_put_integer(&text, "version", VERSION);
    json_begin(&text, "windows", '[');
    for (size_t i = 0; i < s->count; i++) {
        const auto_window *w = &s->row[i];
        if (w->ended != NDR_TIME_OPEN && w->ended < now - KEPT_S)
            continue;
        json_begin(&text, NULL, '{');
        json_put_word(&text, "domain", w->domain);
        json_put_integer(&text, "from", w->from);
        json_put_integer(&text, "opened", w->opened);
        if (w->ended != NDR_TIME_OPEN)
            json_put_integer(&text, "ended", w->ended);
        json_put_integer(&text, "times", w->times);
        json_put_bool(&text, "by_person", w->by_person);
        json_end(&text, '}');
    }
    json_end(&text, ']');
    json_end(&text, '}');
    ndr_buffer_byte(&text, '\n');
    const int rc = kept_json_write(dir, &file, &text, err);
    ndr_buffer_free(&text);
    return rc;
}

/* ---- while it is changed ------------------------------------------------------------
 */

int
auto_state_lock_make(const char *dir, ndr_error *err)
{
    struct stat st;
    const int folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const int fd =
        folder < 0 ? -1
                   : openat(folder, NDR_WINDOWS_LOCK_FILE,
                            O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    const int rc =
        fd >= 0 ? 0 : ndr_fail(err, NDR_E_SYS, "%s: open " NDR_WINDOWS_LOCK_FILE, dir);
    if (fd >= 0 && fstat(folder, &st) == 0)
        (void)fchmod(fd, (st.st_mode & 0666) | 0600); /* another's has what he gave it */
    if (fd >= 0)
        (void)close(fd); /* was not locked */
    if (folder >= 0)
        (void)close(folder); /* was only looked at */
    return rc;
}

int
auto_state_lock(const char *dir, bool alone, unsigned wait_ms, int *ret, ndr_error *err)
{
    const struct timespec nap = {.tv_nsec = LOOK_AGAIN_MS * 1000000L};
    const int folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const int fd =
        folder < 0
            ? -1
            : openat(folder, NDR_WINDOWS_LOCK_FILE,
                     (alone ? O_RDWR : O_RDONLY) | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    const int why = errno;
    *ret = -1;
    if (folder >= 0)
        (void)close(folder); /* was only looked at */
    errno = why;
    if (fd < 0) /* who may only look goes on without */
        return why == ENOENT || (why == EACCES && !alone)
                   ? 0
                   : ndr_fail(err, NDR_E_SYS, "%s: open " NDR_WINDOWS_LOCK_FILE, dir);
    int rc = 0;
    unsigned waited = 0;
    while (rc == 0 && flock(fd, (alone ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            rc = ndr_fail(err, NDR_E_SYS, "%s: lock " NDR_WINDOWS_LOCK_FILE, dir);
        else if (waited >= wait_ms) {
            errno = EAGAIN;
            rc = ndr_fail(err, NDR_E_SYS, "%s: another program edits the windows", dir);
        }
        (void)nanosleep(&nap, NULL);
        waited += LOOK_AGAIN_MS;
    }
    if (rc == 0)
        *ret = fd;
    else
        (void)close(fd); /* was not locked */
    return rc;
}
