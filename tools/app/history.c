/* SPDX-License-Identifier: BSD-3-Clause */
/* history.c - who changed which window, when and why? */
#define _GNU_SOURCE /* memmem */
#include "history.h"

#include "diag.h"
#include "ndrscan_io.h"
#include "places.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

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
history_begin(history *h, const char *note, int64_t now, ndr_error *err)
{
    *h = (history){.note = note, .now = now};
    find_who(h->who, sizeof h->who);
    return place_state("history.jsonl", h->path, sizeof h->path, err);
}

/* ---- writing ---------------------------------------------------------------- */

static void
add_text(ndr_buffer *out, const char *key, ndr_slice text)
{
    ndr_buffer_printf(out, ",\"%s\":\"", key);
    ndr_json_text(out, text);
    ndr_buffer_byte(out, '"');
}

void
history_folder(const char *folder, ndr_buffer *out)
{
    char here[4096];
    if (folder[0] != '/' && getcwd(here, sizeof here) != NULL) {
        ndr_json_text(out, ndr_slice_of(here));
        ndr_buffer_byte(out, '/');
    }
    size_t n = strlen(folder);
    while (n > 1 && folder[n - 1] == '/')
        n--;
    ndr_json_text(out, (ndr_slice){(const unsigned char *)folder, n});
}

static void
add_change(ndr_buffer *out, const history *h, const ndr_window_change *c)
{
    char text[32];
    ndr_time_format(h->now, text);
    ndr_buffer_printf(out, "{\"at\":\"%s\"", text);
    add_text(out, "who", ndr_slice_of(h->who));
    ndr_buffer_printf(out, ",\"uid\":%ld", (long)getuid());
    add_text(out, "what", ndr_slice_of(ndr_window_what_name(c->what)));
    add_text(out, "domain", c->window.domain);
    ndr_time_format(c->window.from, text);
    add_text(out, "from", ndr_slice_of(text));
    if (c->window.until != NDR_TIME_OPEN) {
        ndr_time_format(c->window.until, text);
        add_text(out, "until", ndr_slice_of(text));
    }
    ndr_buffer_printf(out, ",\"until_calm\":%s,\"subdomains\":%s,\"kinds\":[",
                      c->window.until_calm ? "true" : "false",
                      c->window.subdomains ? "true" : "false");
    const char *between = "";
    for (int k = NDR_KIND_FAILED; k < NDR_KIND_COUNT; k++)
        if ((c->window.kinds & NDR_KIND_BIT(k)) != 0) {
            ndr_buffer_printf(out, "%s\"%s\"", between, ndr_kind_name((enum ndr_kind)k));
            between = ",";
        }
    ndr_buffer_byte(out, ']');
    for (size_t i = 0; i < c->window.mailbox_count; i++) {
        ndr_buffer_text(out, i > 0 ? ",\"" : ",\"mailboxes\":[\"");
        ndr_json_text(out, c->window.mailboxes[i]);
        ndr_buffer_byte(out, '"');
    }
    ndr_buffer_text(out, c->window.mailbox_count > 0 ? "]" : "");
    if (c->window.take != NDR_TAKE_USUAL)
        add_text(out, "take", ndr_slice_of(ndr_take_name(c->window.take)));
    if (h->folder != NULL) {
        ndr_buffer_text(out, ",\"folder\":\"");
        history_folder(h->folder, out);
        ndr_buffer_byte(out, '"');
    }
    if (h->note[0] != '\0')
        add_text(out, "note", ndr_slice_of(h->note));
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
    if (*ret_fd >= 0)
        return 0;
    ndr_error_prefix(err, "the history");
    return err != NULL ? err->code : NDR_E_SYS;
}

int
history_record(void *ctx, const ndr_window_change *change, size_t count, ndr_error *err)
{
    const history *h = ctx;
    ndr_buffer lines = {0};
    int fd;
    int rc = history_open(h, &fd, err);
    if (rc != 0) {
        ndr_error_prefix(err, "nothing was changed");
        return rc;
    }
    struct stat st;
    char last = '\n';
    if (flock(fd, LOCK_EX) != 0 || fstat(fd, &st) != 0 ||
        (st.st_size > 0 && pread(fd, &last, 1, st.st_size - 1) < 0)) {
        rc = ndr_fail(err, NDR_E_SYS, "nothing was changed: read the history '%s'",
                      h->path);
        goto end;
    }
    if (last != '\n') /* a line that was cut off stays alone */
        ndr_buffer_byte(&lines, '\n');
    for (size_t i = 0; i < count; i++)
        add_change(&lines, h, &change[i]);
    if (lines.failed) {
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

/* ---- reading ------------------------------------------------------------------ */

/*
 * The inside of the string behind "key": in a line of ours. In a string a quote has a
 * backslash before it, so `"key":` stands only where a key does.
 */
static ndr_slice
find_text(ndr_slice line, const char *key)
{
    char want[32];
    const int n = snprintf(want, sizeof want, "\"%s\":\"", key);
    const unsigned char *end = line.ptr + line.len;
    const unsigned char *p = memmem(line.ptr, line.len, want, (size_t)n);
    if (p == NULL)
        return (ndr_slice){0};
    p += n;
    const unsigned char *q = p;
    while (q < end && *q != '"')
        q += *q == '\\' && q + 1 < end ? 2 : 1;
    return q < end ? (ndr_slice){p, (size_t)(q - p)} : (ndr_slice){0};
}

/* The inside of the list behind "mailboxes":, whose words hold no bracket unescaped. */
static ndr_slice
find_mailboxes(ndr_slice line)
{
    static const char key[] = "],\"mailboxes\":[";
    const unsigned char *end = line.ptr + line.len;
    const unsigned char *p = memmem(line.ptr, line.len, key, sizeof key - 1);
    if (p == NULL)
        return (ndr_slice){0};
    p += sizeof key - 1;
    bool inside = false;
    const unsigned char *q = p;
    for (; q < end && (inside || *q != ']'); q++)
        if (*q == '\\' && q + 1 < end)
            q++;
        else if (*q == '"')
            inside = !inside;
    return q < end ? (ndr_slice){p, (size_t)(q - p)} : (ndr_slice){0};
}

static bool
has(ndr_slice line, const char *text)
{
    return memmem(line.ptr, line.len, text, strlen(text)) != NULL;
}

static void
tell_line(ndr_slice line, void (*tell)(void *ctx, const history_line *line), void *ctx)
{
    if (line.ptr == NULL || line.len < 2 || line.ptr[0] != '{' ||
        line.ptr[line.len - 1] != '}')
        return;
    tell(ctx, &(history_line){
                  .whole = line,
                  .at = find_text(line, "at"),
                  .who = find_text(line, "who"),
                  .what = find_text(line, "what"),
                  .domain = find_text(line, "domain"),
                  .from = find_text(line, "from"),
                  .until = find_text(line, "until"),
                  .note = find_text(line, "note"),
                  .mailboxes = find_mailboxes(line),
                  .folder = find_text(line, "folder"),
                  .take = find_text(line, "take"),
                  .until_calm = has(line, ",\"until_calm\":true"),
                  .subdomains = has(line, ",\"subdomains\":true"),
              });
}

int
history_each(const char *path, void (*tell)(void *ctx, const history_line *line),
             void *ctx, ndr_error *err)
{
    ndr_error own = {0};
    const int fd = ndr_open_own(AT_FDCWD, path, path, O_RDONLY | O_NONBLOCK, &own);
    if (fd < 0 && own.sys_errno == ENOENT)
        return 0;
    if (fd < 0) {
        ndr_error_prefix(&own, "the history");
        if (err != NULL)
            *err = own;
        return fd;
    }
    FILE *f = fdopen(fd, "r");
    if (f == NULL) {
        const int rc = ndr_fail(err, NDR_E_SYS, "open the history '%s'", path);
        (void)close(fd); /* was only opened */
        return rc;
    }
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    while ((n = getline(&line, &cap, f)) > 0)
        if (line[n - 1] == '\n')
            tell_line((ndr_slice){(unsigned char *)line, (size_t)n - 1}, tell, ctx);
    const int rc =
        ferror(f) ? ndr_fail(err, NDR_E_SYS, "read the history '%s'", path) : 0;
    free(line);
    (void)fclose(f);
    return rc;
}

void
history_unescape(ndr_slice text, ndr_buffer *out)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '\\' || i + 1 == text.len) {
            ndr_buffer_byte(out, text.ptr[i]);
            continue;
        }
        const unsigned char c = text.ptr[++i];
        if (c == 'u') { /* ndr_json_text writes control characters so, and only those */
            ndr_buffer_byte(out, ' ');
            i += 4;
        } else {
            ndr_buffer_byte(out, c == '"' || c == '\\' || c == '/' ? c : ' ');
        }
    }
}
