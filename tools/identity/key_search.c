/* SPDX-License-Identifier: BSD-3-Clause */
/* key_search.c - see key_search.h. */
#define _DEFAULT_SOURCE /* explicit_bzero */
#include "key_search.h"

#include "app/diag.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_BYTES = 4 << 20 };

void
keys_free(key_search *s)
{
    for (size_t i = 0; i < s->count; i++) {
        free((void *)(uintptr_t)s->key[i].selector.ptr);
        free((void *)(uintptr_t)s->key[i].text.ptr);
        free(s->where[i]);
        free(s->by[i]);
    }
    s->count = 0;
}

void
keys_fail(key_search *s, const char *format, ...)
{
    char text[600];
    va_list ap;
    va_start(ap, format);
    (void)vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    diag("%s", text);
    s->failed = true;
}

bool
keys_list_has(const char *list, const char *between, const char *domain)
{
    const size_t n = strlen(domain);
    for (const char *at = list; *at != '\0';) {
        at += strspn(at, between);
        const size_t len = strcspn(at, between);
        if (len == n && strncasecmp(at, domain, n) == 0)
            return true;
        at += len;
    }
    return false;
}

char *
keys_replace(const char *text, const char *from, const char *to)
{
    ndr_buffer out = {0};
    const size_t n = strlen(from);
    while (*text != '\0')
        if (n > 0 && strncmp(text, from, n) == 0) {
            ndr_buffer_text(&out, to);
            text += n;
        } else {
            ndr_buffer_byte(&out, (unsigned char)*text++);
        }
    ndr_buffer_byte(&out, '\0');
    if (!out.failed)
        return (char *)out.ptr;
    ndr_buffer_free(&out);
    return NULL;
}

char *
keys_trim(char *line)
{
    line[strcspn(line, "#\r\n")] = '\0';
    line += strspn(line, " \t");
    size_t n = strlen(line);
    while (n > 0 && (line[n - 1] == ' ' || line[n - 1] == '\t'))
        line[--n] = '\0';
    return line;
}

void
keys_forget(ndr_buffer *text)
{
    if (text->ptr != NULL)
        explicit_bzero(text->ptr, text->cap);
    ndr_buffer_free(text);
}

static bool
read_all(int fd, ndr_buffer *ret)
{
    unsigned char bytes[1 << 14];
    ssize_t n;
    while ((n = read(fd, bytes, sizeof bytes)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 || ret->len + (size_t)n > FILE_BYTES)
            break;
        ndr_buffer_add(ret, (ndr_slice){bytes, (size_t)n});
    }
    explicit_bzero(bytes, sizeof bytes); /* it may be a private key */
    return n == 0 && !ret->failed;
}

/* -1, `err` filled, or a descriptor of a regular file. */
static int
open_file(const key_search *s, const char *path, struct stat *st, ndr_error *err)
{
    ndr_buffer full = {0};
    ndr_buffer_printf(&full, "%s%s", s->root, path);
    ndr_buffer_byte(&full, '\0');
    if (full.failed) {
        ndr_buffer_free(&full);
        (void)ndr_fail(err, NDR_E_NOMEM, "no memory");
        return -1;
    }
    const char *name = (const char *)full.ptr;
    int fd = ndr_open_own(AT_FDCWD, name, name, O_RDONLY | O_NONBLOCK | O_NOCTTY, err);
    if (fd >= 0 && (fstat(fd, st) != 0 || !S_ISREG(st->st_mode))) {
        (void)ndr_fail(err, NDR_E_SYNTAX, "'%s' is no regular file", name);
        (void)close(fd); /* was not read */
        fd = -1;
    }
    ndr_buffer_free(&full);
    return fd < 0 ? -1 : fd;
}

bool
keys_read(key_search *s, const char *path, ndr_buffer *ret)
{
    struct stat st;
    ndr_error err = {0};
    *ret = (ndr_buffer){0};
    const int fd = open_file(s, path, &st, &err);
    if (fd < 0) {
        if (err.sys_errno != ENOENT && err.sys_errno != ENOTDIR)
            keys_fail(s, "%s", err.text);
        return false;
    }
    const bool good = read_all(fd, ret);
    (void)close(fd); /* was only read */
    ndr_buffer_byte(ret, '\0');
    if (!good || ret->failed) {
        keys_fail(s, "%s%s cannot be read, or is over 4 MiB", s->root, path);
        ndr_buffer_free(ret);
        return false;
    }
    s->looked++;
    return true;
}

bool
keys_there(const key_search *s, const char *path)
{
    struct stat st;
    ndr_error err = {0};
    const int fd = open_file(s, path, &st, &err);
    if (fd >= 0)
        (void)close(fd); /* was not read */
    return fd >= 0 || (err.sys_errno != ENOENT && err.sys_errno != ENOTDIR);
}

/* The key that is there for a selector; s->count: none. */
static size_t
find(const key_search *s, const char *selector)
{
    size_t i = 0;
    while (i < s->count &&
           !ndr_slice_equal_nocase(s->key[i].selector, ndr_slice_of(selector)))
        i++;
    return i;
}

/* Takes the record over. */
static void
take(key_search *s, const char *selector, ndr_buffer *record,
     const ndr_dkim_key_about *about, int64_t since, const char *where, const char *by)
{
    const size_t at = find(s, selector);
    const ndr_slice text = {record->ptr, record->len};
    if (at < s->count) {
        if (!ndr_slice_equal(s->key[at].text, text))
            keys_fail(s,
                      "selector '%s' has one key in %s and another in %s; name the right "
                      "one with --key FILE --selector %s",
                      selector, s->where[at], where, selector);
        ndr_buffer_free(record);
        return;
    }
    char *name = strdup(selector), *file = strdup(where), *teller = strdup(by);
    if (at == KEYS_MOST || name == NULL || file == NULL || teller == NULL) {
        keys_fail(s, "more than %d keys, or out of memory", (int)KEYS_MOST);
        ndr_buffer_free(record);
        free(name);
        free(file);
        free(teller);
        return;
    }
    s->where[at] = file;
    s->by[at] = teller;
    s->key[s->count++] = (ndr_identity_key){.domain = ndr_slice_of(s->domain),
                                            .selector = ndr_slice_of(name),
                                            .text = text,
                                            .since = since,
                                            .about = *about};
}

void
keys_take_text(key_search *s, const char *selector, ndr_slice text, int64_t since,
               const char *where, const char *by)
{
    ndr_buffer record = {0};
    ndr_dkim_key_about about;
    ndr_error err = {0};
    if (ndr_dkim_key_record(text, &record, &about, &err) != 0) {
        ndr_buffer_free(&record);
        keys_fail(s, "%s: %s", where, err.text);
        return;
    }
    take(s, selector, &record, &about, since, where, by);
}

void
keys_take_file(key_search *s, const char *selector, const char *path, const char *by)
{
    ndr_buffer text = {0}, where = {0};
    ndr_error err = {0};
    struct stat st;
    const int fd = open_file(s, path, &st, &err);
    if (fd < 0) {
        keys_fail(s, "%s; %s names it", err.text, by);
        return;
    }
    (void)ndr_buffer_reserve(&text, (size_t)st.st_size +
                                        (1 << 14)); /* moved, it leaves a copy */
    const bool good = st.st_size <= FILE_BYTES && read_all(fd, &text);
    (void)close(fd); /* was only read */
    ndr_buffer_printf(&where, "%s%s", s->root, path);
    ndr_buffer_byte(&where, '\0');
    if (!good || where.failed)
        keys_fail(s, "%s%s cannot be read", s->root, path);
    else
        keys_take_text(s, selector, (ndr_slice){text.ptr, text.len},
                       (int64_t)st.st_mtim.tv_sec, (const char *)where.ptr, by);
    keys_forget(&text);
    ndr_buffer_free(&where);
}
