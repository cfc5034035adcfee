/* SPDX-License-Identifier: BSD-3-Clause */
/* history.c - see history.h. */
#define _GNU_SOURCE /* O_NOFOLLOW */
#include "history.h"

#include "diag.h"
#include "history_parts.h"
#include "json_writer.h"
#include "ndrscan_io.h"
#include "places.h"
#include "text.h"
#include "windows_place.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TRIES = 100 }; /* of a file that others give numbers to meanwhile */

/* ---- who ------------------------------------------------------------------- */

static void
find_who(char *who, size_t size)
{
    const char *sudo = getenv("SUDO_USER");
    if (geteuid() == 0 && sudo != NULL && sudo[0] != '\0') {
        (void)snprintf(who, size, "%s", sudo);
        return;
    }
    const struct passwd *user = getpwuid(getuid());
    if (user != NULL && user->pw_name[0] != '\0')
        (void)snprintf(who, size, "%s", user->pw_name);
    else
        (void)snprintf(who, size, "uid %ld", (long)getuid());
}

int
history_begin(history *h, const char *folder, const char *note, int64_t now,
              ndr_error *err)
{
    char written[4096];
    *h = (history){.note = note, .now = now, .part_bytes = HISTORY_PART_BYTES};
    find_who(h->who, sizeof h->who);
    if (folder == NULL && windows_place_written(written, sizeof written, NULL) == 0)
        folder = written;
    return (folder != NULL && windows_place_is_system(folder)
                ? place_system_state
                : place_state)("history.jsonl", h->path, sizeof h->path, err);
}

/* ---- writing ---------------------------------------------------------------- */

void
history_folder(const char *folder, ndr_buffer *out)
{
    char here[4096];
    if (folder[0] != '/' && getcwd(here, sizeof here) != NULL) {
        ndr_buffer_text(out, here);
        ndr_buffer_byte(out, '/');
    }
    size_t n = strlen(folder);
    while (n > 1 && folder[n - 1] == '/')
        n--;
    ndr_buffer_add(out, (ndr_slice){(const unsigned char *)folder, n});
}

static void
add_window(ndr_buffer *out, const ndr_window *w)
{
    json_put_text(out, "domain", w->domain);
    json_put_time(out, "from", w->from);
    if (w->until != NDR_TIME_OPEN)
        json_put_time(out, "until", w->until);
    json_put_bool(out, "until_calm", w->until_calm);
    json_put_bool(out, "subdomains", w->subdomains);
    json_begin(out, "kinds", '[');
    for (int k = NDR_KIND_FAILED; k < NDR_KIND_COUNT; k++)
        if ((w->kinds & NDR_KIND_BIT(k)) != 0)
            json_put_word(out, NULL, ndr_kind_name((enum ndr_kind)k));
    json_end(out, ']');
    if (w->mailbox_count > 0) {
        json_begin(out, "mailboxes", '[');
        for (size_t i = 0; i < w->mailbox_count; i++)
            json_put_text(out, NULL, w->mailboxes[i]);
        json_end(out, ']');
    }
    if (w->take != NDR_TAKE_USUAL)
        json_put_word(out, "take", ndr_take_name(w->take));
}

static void
add_word(ndr_buffer *out, const char *name, const char *word)
{
    if (word != NULL && word[0] != '\0')
        json_put_word(out, name, word);
}

/* When, and who. */
static void
begin_line(ndr_buffer *out, const history *h)
{
    json_begin(out, NULL, '{');
    json_put_time(out, "at", h->now);
    json_put_word(out, "who", h->who);
    json_put_integer(out, "uid", (int64_t)getuid());
    add_word(out, "person", h->person);
    add_word(out, "way", h->way);
    add_word(out, "peer", h->peer);
    add_word(out, "address", h->address);
}

static void
add_change(ndr_buffer *out, const history *h, const ndr_window_change *c)
{
    begin_line(out, h);
    json_put_word(out, "what", ndr_window_what_name(c->what));
    add_window(out, &c->window);
    if (h->folder != NULL) {
        ndr_buffer folder = {0};
        history_folder(h->folder, &folder);
        json_put_text(out, "folder", (ndr_slice){folder.ptr, folder.len});
        text_end(out, &folder);
    }
    if (h->note[0] != '\0')
        json_put_word(out, "note", h->note);
    ndr_buffer_text(out, "}\n");
}

const char *
history_take(enum ndr_take take)
{
    static const char *const words[NDR_TAKE_COUNT] = {
        [NDR_TAKE_USUAL] = "",
        [NDR_TAKE_ALL] = " for all bounces, ours too,",
        [NDR_TAKE_NOT_OURS] = " for all bounces but ours",
        [NDR_TAKE_FORGED] = " for forged bounces only"};
    return words[take];
}

static void
say_blocked(ndr_buffer *out, const ndr_window_change *c, int64_t now)
{
    const ndr_window *w = &c->window;
    number from, until, span;
    ndr_buffer_printf(out, ": %s%s from %s",
                      c->what == NDR_WINDOW_EXTENDED ? "was blocked already, and is now"
                                                     : "blocked",
                      history_take(w->take), text_local_zone(from, w->from));
    if (w->until == NDR_TIME_OPEN)
        ndr_buffer_text(out, " until further notice\n");
    else
        ndr_buffer_printf(out, " until %s (%s%s)%s\n", text_local_zone(until, w->until),
                          w->until > now ? "in " : "already past",
                          w->until > now ? text_span(span, w->until - now) : "",
                          w->until_calm ? ", or when calm" : "");
}

void
history_words(ndr_buffer *out, const ndr_window_change *c, int64_t now)
{
    const ndr_window *w = &c->window;
    number from;
    for (size_t i = 0; i < w->mailbox_count; i++) {
        ndr_buffer_text(out, i > 0 ? ", " : "");
        text_safe(out, w->mailboxes[i]);
        ndr_buffer_byte(out, '@');
    }
    ndr_buffer_text(out, w->mailbox_count > 0 ? " of " : "");
    ndr_buffer_text(out, w->subdomains ? "*." : "");
    ndr_domain_show(w->domain, out);
    if (c->what == NDR_WINDOW_ENDED)
        ndr_buffer_printf(out, ": ended the window that was open since %s\n",
                          text_local_zone(from, w->from));
    else if (c->what == NDR_WINDOW_CANCELLED && w->from <= now)
        ndr_buffer_printf(out, ": took out the window that began only now, at %s\n",
                          text_local_zone(from, w->from));
    else if (c->what == NDR_WINDOW_CANCELLED)
        ndr_buffer_printf(out, ": cancelled the window that was to begin at %s\n",
                          text_local_zone(from, w->from));
    else
        say_blocked(out, c, now);
}

/* Who writes windows for all writes their history, and all may read it, whatever the
 * umask. */
static void
share(const history *h, int fd)
{
    struct stat st;
    gid_t group;
    char shared[4096];
    if (place_system_state("history.jsonl", shared, sizeof shared, NULL) != 0 ||
        strcmp(shared, h->path) != 0 || fstat(fd, &st) != 0 || st.st_uid != geteuid())
        return;
    const bool has_group =
        windows_place_group(&group) && fchown(fd, (uid_t)-1, group) == 0;
    if ((st.st_mode & S_IROTH) == 0 || has_group)
        (void)fchmod(fd, has_group ? 0664 : 0644); /* who cannot read it is told */
}

int
history_open(const history *h, int *ret_fd, ndr_error *err)
{
    *ret_fd = -1;
    if (place_make_above(h->path, 0755, err) != 0) {
        ndr_error_prefix(err, "the history");
        return err != NULL ? err->code : NDR_E_SYS;
    }
    *ret_fd = ndr_open_own(AT_FDCWD, h->path, h->path,
                           O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, err);
    if (*ret_fd >= 0) {
        share(h, *ret_fd);
        return 0;
    }
    ndr_error_prefix(err, "the history");
    return err != NULL ? err->code : NDR_E_SYS;
}

/* The file that lines are added to, locked; a new one where it is long enough. */
static int
open_last(const history *h, int *ret_fd, struct stat *st, ndr_error *err)
{
    for (int tries = 0;; tries++) {
        const int rc = history_open(h, ret_fd, err);
        if (rc != 0) {
            ndr_error_prefix(err, "nothing was changed");
            return rc;
        }
        if (flock(*ret_fd, LOCK_EX) != 0 || fstat(*ret_fd, st) != 0) {
            (void)ndr_fail(err, NDR_E_SYS, "nothing was changed: lock the history '%s'",
                           h->path);
            (void)close(*ret_fd);
            return NDR_E_SYS;
        }
        const bool last = tries == TRIES || history_part_is(h->path, st);
        if (last && (st->st_size < h->part_bytes || !history_part_end(h->path, st)))
            return 0;
        (void)close(*ret_fd); /* it has a number now: lines go to the next one */
    }
}

/* Append whole lines, and sync: all, or none of them. */
static int
append(const history *h, const ndr_buffer *text, ndr_error *err)
{
    ndr_buffer lines = {0};
    struct stat st;
    int fd;
    int rc = open_last(h, &fd, &st, err);
    if (rc != 0)
        return rc;
    char last = '\n';
    if (st.st_size > 0 && pread(fd, &last, 1, st.st_size - 1) < 0) {
        rc = ndr_fail(err, NDR_E_SYS, "nothing was changed: read the history '%s'",
                      h->path);
        goto end;
    }
    if (last != '\n') /* a line that was cut off stays alone */
        ndr_buffer_byte(&lines, '\n');
    ndr_buffer_add(&lines, (ndr_slice){text->ptr, text->len});
    if (lines.failed || text->failed) {
        rc = ndr_fail(err, NDR_E_NOMEM, "no memory");
        goto end;
    }
    rc = put_all(fd, (ndr_slice){lines.ptr, lines.len}, err);
    if (rc == 0 && fdatasync(fd) != 0)
        rc = ndr_fail(err, NDR_E_SYS, "sync");
    if (rc < 0) {
        if (ftruncate(fd, st.st_size) != 0)
            diag("the history '%s' now ends in a part of a line", h->path);
        ndr_error_prefix(err, "nothing was changed: the history '%s'", h->path);
    }
end:
    ndr_buffer_free(&lines);
    (void)close(fd);
    return rc;
}

int
history_record(void *ctx, const ndr_window_change *change, size_t count, ndr_error *err)
{
    const history *h = ctx;
    ndr_buffer lines = {0};
    for (size_t i = 0; i < count; i++)
        add_change(&lines, h, &change[i]);
    const int rc = append(h, &lines, err);
    ndr_buffer_free(&lines);
    return rc;
}

/* Without a folder, which is of windows that were there (windows_place.h). */
int
history_wish(const history *h, ndr_slice domain, enum ndr_take take, bool on,
             ndr_error *err)
{
    ndr_buffer line = {0};
    begin_line(&line, h);
    json_put_word(&line, "what", on ? HISTORY_AUTO_ON : HISTORY_AUTO_OFF);
    json_put_text(&line, "domain", domain);
    if (on)
        json_put_word(&line, "take", ndr_take_name(take));
    ndr_buffer_text(&line, "}\n");
    const int rc = append(h, &line, err);
    ndr_buffer_free(&line);
    return rc;
}
