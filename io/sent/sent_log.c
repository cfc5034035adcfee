/* SPDX-License-Identifier: BSD-3-Clause */
/* sent_log.c - which messages that we sent does a log tell of? */
#include "log_exim.h"
#include "ndr_file.h"
#include "ndr_sized.h"
#include "sent_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINE_MOST = 64 << 10 };

struct ndr_sent_log {
    ndr_log_state state;
    ndr_buffer line; /* the start of a line that goes on in the next piece */
    bool too_long;   /* it is passed over to its end */
    int lock;        /* on what is kept from run to run; -1: none */
};

int
ndr_sent_log_new(const ndr_sent_log_opts *opts, ndr_sent_log **ret, ndr_error *err)
{
    ndr_sent_log_opts own;
    const int code = NDR_SIZED_TAKE(ndr_sent_log_opts, ctx, &own, opts, err);
    if (code != 0)
        return code;
    ndr_sent_log *l = calloc(1, sizeof *l);
    if (l == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory to read a log");
    l->lock = -1;
    l->state.opts = own;
    l->state.opts.host = own.host != NULL ? own.host : "";
    l->state.clock.year = own.year;
    l->state.clock.zone_given = own.zone_given;
    l->state.clock.zone_minutes = own.zone_minutes;
    const size_t n = own.submitter_count;
    l->state.network = calloc(n > 0 ? n : 1, sizeof *l->state.network);
    int rc = l->state.network != NULL
                 ? 0
                 : ndr_fail(err, NDR_E_NOMEM, "no memory for %zu networks", n);
    for (size_t i = 0; i < n && rc == 0; i++)
        if (!ndr_network_parse(own.submitter[i], &l->state.network[i]))
            rc = ndr_fail(err, NDR_E_SYNTAX,
                          "'%s' is no network such as 192.0.2.0/24 or 2001:db8::/32",
                          own.submitter[i]);
    if (rc != 0) {
        ndr_sent_log_free(l);
        return rc;
    }
    *ret = l;
    return 0;
}

void
ndr_sent_log_free(ndr_sent_log *l)
{
    if (l == NULL)
        return;
    if (l->lock >= 0)
        (void)close(l->lock);
    ndr_joins_free(&l->state.joins);
    ndr_buffer_free(&l->line);
    free(l->state.network);
    free(l);
}

void
ndr_sent_log_begin(ndr_sent_log *l, int64_t file_time)
{
    ndr_log_clock_begin(&l->state.clock, file_time);
    ndr_buffer_clear(&l->line);
    l->too_long = false;
}

void
ndr_sent_log_end(ndr_sent_log *l)
{
    ndr_buffer_clear(&l->line);
    l->too_long = false;
}

static int
take_line(ndr_sent_log *l, ndr_slice line, ndr_error *err)
{
    ndr_log_state *s = &l->state;
    ndr_log_line parts, inner;
    s->counts.lines++;
    if (line.len > 0 && line.ptr[line.len - 1] == '\r')
        line.len--;
    if (s->opts.kind == NDR_SENT_LOG_POSTFIX)
        return ndr_log_line_syslog(line, &parts) ? ndr_log_postfix(s, &parts, err) : 0;
    if (ndr_log_line_exim(line, &parts)) {
        parts.host = ndr_slice_of(s->opts.host);
        return ndr_log_exim(s, &parts, err);
    }
    if (!ndr_log_line_syslog(line, &parts) || !ndr_log_skip(&parts.program, "exim"))
        return 0;
    if (ndr_log_line_exim(parts.text, &inner)) /* syslog_timestamp */
        parts.text = inner.text;
    return ndr_log_exim(s, &parts, err);
}

/* A line whose start was held back. */
static int
end_line(ndr_sent_log *l, ndr_slice rest, ndr_error *err)
{
    int rc = 0;
    ndr_buffer_add(&l->line, rest);
    if (l->line.failed)
        rc = ndr_fail(err, NDR_E_NOMEM, "no memory for a line of a log");
    else if (!l->too_long)
        rc = take_line(l, (ndr_slice){l->line.ptr, l->line.len}, err);
    l->too_long = false;
    ndr_buffer_clear(&l->line);
    return rc;
}

int
ndr_sent_log_add(ndr_sent_log *l, ndr_slice bytes, ndr_error *err)
{
    int rc = 0;
    while (bytes.len > 0 && rc == 0) {
        const unsigned char *end = memchr(bytes.ptr, '\n', bytes.len);
        const size_t n = end != NULL ? (size_t)(end - bytes.ptr) : bytes.len;
        const ndr_slice line = {bytes.ptr, n};
        if (end == NULL) {
            l->too_long = l->too_long || l->line.len + n > LINE_MOST;
            if (l->too_long)
                ndr_buffer_rewind(&l->line);
            else
                ndr_buffer_add(&l->line, line);
            return 0;
        }
        if (l->line.len > 0 || l->too_long)
            rc = end_line(l, l->too_long ? (ndr_slice){0} : line, err);
        else if (n <= LINE_MOST)
            rc = take_line(l, line, err);
        bytes.ptr += n + 1;
        bytes.len -= n + 1;
    }
    return rc;
}

ndr_sent_log_counts
ndr_sent_log_count(const ndr_sent_log *l)
{
    ndr_sent_log_counts c = l->state.counts;
    c.open = l->state.joins.count;
    return c;
}

/* ---- from run to run ---------------------------------------------------------- */

static void
name_of(const char *machine, const char *before, const char *behind,
        char name[SENT_NAME_BYTES])
{
    char plain[SENT_MACHINE_BYTES];
    (void)snprintf(plain, sizeof plain, "%s", machine);
    ndr_sent_machine_name(plain);
    (void)snprintf(name, SENT_NAME_BYTES, "%s%s%s", before, plain, behind);
}

static int
lock_joins(ndr_sent_log *l, const char *dir, const char *machine, ndr_error *err)
{
    char name[SENT_NAME_BYTES], path[4096];
    name_of(machine, "", ".joins.lock", name);
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    l->lock = ndr_open_own(AT_FDCWD, path, path, O_RDWR | O_CREAT | O_NOFOLLOW, err);
    if (l->lock < 0)
        return l->lock;
    if (flock(l->lock, LOCK_EX | LOCK_NB) == 0)
        return 0;
    (void)close(l->lock);
    l->lock = -1;
    return errno == EWOULDBLOCK
               ? ndr_fail(err, NDR_E_STOPPED,
                          "another ndrscan reads logs for the set in '%s'", dir)
               : ndr_fail(err, NDR_E_SYS, "lock '%s'", path);
}

int
ndr_sent_log_load(ndr_sent_log *l, const char *dir, const char *machine, ndr_error *err)
{
    char name[SENT_NAME_BYTES], path[4096];
    ndr_buffer text = {0};
    ndr_error why = {0};
    const int locked = l->lock < 0 ? lock_joins(l, dir, machine, err) : 0;
    if (locked != 0)
        return locked;
    name_of(machine, "", ".joins", name);
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    const int fd = ndr_open_own(AT_FDCWD, path, path, O_RDONLY | O_NOFOLLOW, &why);
    if (fd < 0 && why.sys_errno == ENOENT)
        return 0;
    if (fd < 0) {
        if (err != NULL)
            *err = why;
        return fd;
    }
    int rc = ndr_read_all(fd, SIZE_MAX, &text);
    if (rc != 0)
        (void)ndr_fail(err, rc, "read '%s'", path);
    (void)close(fd);
    if (rc == 0 && !ndr_joins_read(&l->state.joins, (ndr_slice){text.ptr, text.len})) {
        ndr_joins_free(&l->state.joins);
        rc = ndr_fail(err, NDR_E_DAMAGED, "'%s' is torn", path);
    }
    ndr_buffer_free(&text);
    return rc;
}

int
ndr_sent_log_save(ndr_sent_log *l, const char *dir, const char *machine, ndr_error *err)
{
    char name[SENT_NAME_BYTES], beside[SENT_NAME_BYTES];
    ndr_buffer text = {0};
    ndr_joins_sweep(&l->state.joins);
    ndr_joins_write(&l->state.joins, &text);
    if (text.failed) {
        ndr_buffer_free(&text);
        return ndr_fail(err, NDR_E_NOMEM, "no memory for messages that are under way");
    }
    name_of(machine, "", ".joins", name);
    name_of(machine, ".", ".joins", beside);
    const int at = ndr_open_own(AT_FDCWD, dir, dir, O_RDONLY | O_DIRECTORY, err);
    if (at < 0) {
        ndr_buffer_free(&text);
        return at;
    }
    ndr_new_file f;
    bool good = ndr_new_file_begin(&f, at, beside, 0600) &&
                ndr_write_all(f.fd, (ndr_slice){text.ptr, text.len});
    if (good)
        good = ndr_new_file_put(&f, name, true) == NDR_NEW_FILE_DONE;
    int rc = 0;
    if (!good) {
        ndr_new_file_drop(&f);
        rc = ndr_fail(err, NDR_E_SYS, "write '%s/%s'", dir, name);
    }
    (void)close(at);
    ndr_buffer_free(&text);
    return rc;
}
