/* SPDX-License-Identifier: BSD-3-Clause */
/* sent_read.c - what do sources tell of mail that was sent? */
#define _GNU_SOURCE /* memmem */
#include "sent_read.h"

#include "app/commands.h"
#include "app/diag.h"
#include "journal_export.h"
#include "ndrscan_io.h"
#include "ndrscan_rules.h"
#include "scan/survey.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PIECE_BYTES = 256 << 10, LINE_MOST = 64 << 10 };

/* Is it of a domain that was asked for? */
static bool
is_wanted(const sent_read *r, ndr_slice domain)
{
    char normal[256];
    if (r->domain_count == 0)
        return true;
    if (!ndr_domain_normal(domain, normal))
        return false;
    for (size_t i = 0; i < r->domain_count; i++)
        if (strcmp(r->normal[i], normal) == 0)
            return true;
    return false;
}

static int
found(void *ctx, ndr_slice id, ndr_slice domain, ndr_slice recipient, int64_t sent,
      ndr_error *err)
{
    sent_read *r = ctx;
    if (!is_wanted(r, domain))
        return 0;
    r->messages += recipient.len == 0; /* each is told once without */
    return ndr_sent_add(r->batch, id, domain, recipient, sent, err);
}

int
sent_read_begin(sent_read *r)
{
    ndr_error err = {0};
    r->normal = calloc(r->domain_count + 1, sizeof *r->normal);
    if (r->normal == NULL) {
        diag("out of memory");
        return EXIT_NOT_RUN;
    }
    for (size_t i = 0; i < r->domain_count; i++)
        if (!ndr_domain_normal(ndr_slice_of(r->domain[i]), r->normal[i])) {
            diag("--domain '%s' is no domain", r->domain[i]);
            return EXIT_NOT_RUN;
        }
    if (sent_place_make(r->place, &err) == 0 &&
        ndr_sent_begin(r->place->dir, r->place->machine, &r->batch, &err) == 0)
        return 0;
    diag("%s", err.text);
    return EXIT_NOT_RUN;
}

void
sent_read_free(sent_read *r)
{
    ndr_sent_batch_free(r->batch);
    ndr_sent_log_free(r->log);
    free(r->normal);
    free(r->submitter);
    free(r->domain);
}

int
sent_read_keep(sent_read *r)
{
    ndr_error err = {0};
    /* in this order: what is under way may be told again, but not be lost */
    if (ndr_sent_commit(r->batch, &err) == 0 &&
        (r->log == NULL ||
         ndr_sent_log_save(r->log, r->place->dir, r->place->machine, &err) == 0))
        return 0;
    diag("%s", err.text);
    return EXIT_NOT_RUN;
}

/* ---- logs ------------------------------------------------------------------------ */

static bool
has(ndr_slice s, const char *words)
{
    return s.ptr != NULL && memmem(s.ptr, s.len, words, strlen(words)) != NULL;
}

/* By the stamp that a line begins with; SENT_AUTO when there is none. `all`: what
 * follows, too. */
static enum sent_format
guess_line(ndr_slice all)
{
    const unsigned char *p = all.ptr;
    if (all.len < 20)
        return SENT_AUTO;
    const bool iso = p[4] == '-' && p[7] == '-' && p[13] == ':' && p[16] == ':';
    if (iso && p[10] == ' ')
        return SENT_EXIM;
    if (!iso && p[0] != '<' &&
        (p[3] != ' ' || p[6] != ' ' || p[9] != ':' || p[12] != ':'))
        return SENT_AUTO;
    return has(all, " exim[") && !has(all, "postfix/") ? SENT_EXIM : SENT_POSTFIX;
}

/* By the first line that has a stamp. A log that was rotated in the middle of a line, or
 * of an entry of several, begins with what is left of it. */
static enum sent_format
guess(ndr_slice s)
{
    enum { LINES_LOOKED_AT = 8 };
    for (int i = 0; i < LINES_LOOKED_AT && s.len > 0; i++) {
        const enum sent_format format = guess_line(s);
        if (format != SENT_AUTO)
            return format;
        const unsigned char *end = memchr(s.ptr, '\n', s.len);
        const size_t n = end != NULL ? (size_t)(end - s.ptr) + 1 : s.len;
        s = (ndr_slice){s.ptr + n, s.len - n};
    }
    return SENT_AUTO;
}

int
sent_read_open_log(sent_read *r, ndr_slice first, ndr_error *err)
{
    const enum sent_format format = r->format == SENT_AUTO ? guess(first) : r->format;
    if (format == SENT_AUTO)
        return ndr_fail(err, NDR_E_DAMAGED,
                        "is no log of Postfix or Exim; say what it is by --format");
    if (r->log != NULL && format != r->kind)
        return ndr_fail(err, NDR_E_DAMAGED,
                        "is a log of another mail server; read it in a run of its own");
    if (r->log != NULL)
        return 0;
    r->kind = format;
    const ndr_sent_log_opts how = {
        NDR_SIZED(ndr_sent_log_opts),
        .kind = format == SENT_EXIM ? NDR_SENT_LOG_EXIM : NDR_SENT_LOG_POSTFIX,
        .submitter = r->submitter,
        .submitter_count = r->submitter_count,
        .host = r->place->machine,
        .year = r->year,
        .zone_given = r->zone_given,
        .zone_minutes = r->zone_minutes,
        .found = found,
        .ctx = r,
    };
    int rc = ndr_sent_log_new(&how, &r->log, err);
    if (rc == 0)
        rc = ndr_sent_log_load(r->log, r->place->dir, r->place->machine, err);
    if (rc == NDR_E_DAMAGED) {
        diag("%s; what was under way then may be missing", err->text);
        rc = 0;
    }
    return rc;
}

/* ---- lists ----------------------------------------------------------------------- */

/* "id TAB domain TAB recipient TAB time"; empty ones are not counted. */
static int
take_list_line(sent_read *r, ndr_slice line, int64_t file_time, ndr_error *err)
{
    ndr_slice part[4] = {{0}};
    char text[64];
    int64_t sent = file_time;
    if (line.len > 0 && line.ptr[line.len - 1] == '\r')
        line.len--;
    for (size_t i = 0; i < 4; i++) {
        const unsigned char *tab = line.len > 0 ? memchr(line.ptr, '\t', line.len) : NULL;
        part[i] =
            (ndr_slice){line.ptr, tab != NULL ? (size_t)(tab - line.ptr) : line.len};
        const size_t off = part[i].len + (tab != NULL);
        line.ptr += off;
        line.len -= off;
    }
    if (part[0].len == 0)
        return 0;
    if (part[1].len == 0)
        return ndr_fail(err, NDR_E_SYNTAX, "line %llu has no domain behind its id",
                        (unsigned long long)r->lines);
    if (part[3].len > 0) {
        if (part[3].len >= sizeof text)
            return ndr_fail(err, NDR_E_SYNTAX, "line %llu has no time",
                            (unsigned long long)r->lines);
        memcpy(text, part[3].ptr, part[3].len);
        text[part[3].len] = '\0';
        const int rc = ndr_timestamp_parse(text, &sent, err);
        if (rc != 0) {
            ndr_error_prefix(err, "line %llu", (unsigned long long)r->lines);
            return rc;
        }
    }
    if (part[2].len > 0)
        r->messages++;
    return found(r, part[0], part[1], part[2], sent, err);
}

/* Lines of a piece; what is behind the last line end stays in `held`. */
static int
take_list(sent_read *r, ndr_slice bytes, bool last, int64_t file_time, ndr_buffer *held,
          ndr_error *err)
{
    int rc = 0;
    while (rc == 0 && (bytes.len > 0 || (last && held->len > 0))) {
        const unsigned char *end =
            bytes.len > 0 ? memchr(bytes.ptr, '\n', bytes.len) : NULL;
        const size_t n = end != NULL ? (size_t)(end - bytes.ptr) : bytes.len;
        ndr_buffer_add(held, (ndr_slice){bytes.ptr, n});
        bytes = (ndr_slice){bytes.ptr + n + (end != NULL), bytes.len - n - (end != NULL)};
        if (held->failed)
            return ndr_fail(err, NDR_E_NOMEM, "no memory for a line");
        if (held->len > LINE_MOST)
            return ndr_fail(err, NDR_E_LIMIT, "line %llu is too long",
                            (unsigned long long)r->lines + 1);
        if (end == NULL && !last)
            break;
        r->lines++;
        rc = take_list_line(r, (ndr_slice){held->ptr, held->len}, file_time, err);
        ndr_buffer_clear(held);
    }
    return rc;
}

/* ---- files ------------------------------------------------------------------------- */

/* A source with the time at which it was last written, to sort logs by. */
typedef struct dated {
    const char *path;
    int64_t at;
    size_t given; /* its place among the sources */
} dated;

static int
by_time(const void *a, const void *b)
{
    const dated *x = a, *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->given < y->given ? -1 : 1;
}

/* What a log is read with. */
typedef struct log_reading {
    bool begun, exported; /* by journalctl -o export */
    journal_export export;
    ndr_buffer lines; /* of it */
} log_reading;

static int
take_log(sent_read *r, log_reading *l, ndr_slice bytes, int64_t file_time, ndr_error *err)
{
    int rc = 0;
    if (!l->begun && journal_export_is(bytes))
        l->exported = true;
    if (l->exported) {
        ndr_buffer_rewind(&l->lines);
        rc = journal_export_add(&l->export, bytes, &l->lines, err);
        bytes = (ndr_slice){l->lines.ptr, l->lines.len};
        if (rc != 0 || bytes.len == 0)
            return rc;
    }
    if (!l->begun)
        rc = sent_read_open_log(r, bytes, err);
    if (rc == 0 && !l->begun)
        ndr_sent_log_begin(r->log, file_time);
    l->begun = true;
    return rc == 0 ? ndr_sent_log_add(r->log, bytes, err) : rc;
}

/* A failure of the source is `*err`'s; one of the run, which ends it, has *ret_fatal. */
static int
read_bytes(sent_read *r, ndr_passthrough *c, const dated *d, bool *ret_fatal,
           ndr_error *err)
{
    ndr_message m;
    ndr_slice bytes;
    ndr_buffer held = {0};
    log_reading log = {0};
    int got = ndr_passthrough_next(c, &m, &bytes, err), rc = 0;
    while (got == 1 && rc == 0) {
        if (r->format == SENT_LIST) {
            rc = take_list(r, bytes, false, d->at, &held, err);
        } else {
            rc = take_log(r, &log, bytes, d->at, err);
        }
        if (rc == 0)
            got = ndr_passthrough_more(c, &bytes, err);
        if (rc == 0 && got == 0)
            got = ndr_passthrough_next(c, &m, &bytes, err);
    }
    if (rc == 0 && got == 0 && r->format == SENT_LIST)
        rc = take_list(r, (ndr_slice){0}, true, d->at, &held, err);
    if (r->log != NULL)
        ndr_sent_log_end(r->log);
    ndr_buffer_free(&held);
    ndr_buffer_free(&log.lines);
    journal_export_free(&log.export);
    *ret_fatal = rc != 0 && rc != NDR_E_DAMAGED;
    return rc != 0 ? rc : got;
}

static int
read_file(sent_read *r, const dated *d)
{
    ndr_error err = {0};
    ndr_passthrough *c = NULL;
    struct stat st;
    bool fatal = false;
    const bool in = strcmp(d->path, "-") == 0;
    const int fd = in ? STDIN_FILENO : open(d->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int rc = 0;
    if (fd < 0 || fstat(fd, &st) != 0)
        rc = ndr_fail(&err, NDR_E_SYS, "cannot be read");
    else if (!in && !S_ISREG(st.st_mode))
        rc = ndr_fail(
            &err, NDR_E_SYNTAX, "is no file%s",
            S_ISDIR(st.st_mode) ? "; a folder of mail is read with --format mail" : "");
    const ndr_passthrough_opts how = {
        NDR_SIZED(ndr_passthrough_opts), .fd = fd, .format = NDR_FORMAT_MESSAGE,
        .message_limit_bytes = PIECE_BYTES, .name = d->path};
    if (rc == 0)
        rc = ndr_passthrough_open_packed(&how, &c, &err);
    if (rc == 0)
        rc = read_bytes(r, c, d, &fatal, &err);
    if (c != NULL)
        ndr_passthrough_close(c);
    if (fd > STDIN_FILENO)
        (void)close(fd);
    if (rc < 0) {
        diag("%s: %s", d->path, err.text);
        r->status = EXIT_DAMAGED;
    }
    return rc < 0 && fatal ? EXIT_NOT_RUN : 0;
}

static int64_t
time_of(const char *path)
{
    struct stat st;
    return strcmp(path, "-") != 0 && stat(path, &st) == 0 ? (int64_t)st.st_mtime
                                                          : (int64_t)time(NULL);
}

/* Logs in the order in which they were written: what begins in one goes on in the next.
 */
static int
read_files(sent_read *r, const char *const *path, size_t count)
{
    dated *d = calloc(count, sizeof *d);
    if (d == NULL) {
        diag("out of memory");
        return EXIT_NOT_RUN;
    }
    for (size_t i = 0; i < count; i++)
        d[i] = (dated){path[i], time_of(path[i]), i};
    if (r->format != SENT_LIST)
        qsort(d, count, sizeof *d, by_time);
    int status = 0;
    for (size_t i = 0; i < count && status == 0; i++)
        status = read_file(r, &d[i]);
    free(d);
    return status;
}

/* ---- mail ----------------------------------------------------------------------------
 */

static int
look(void *ctx, unsigned worker, ndr_scanner *s, const ndr_message *m,
     const ndr_verdict *v, ndr_error *err)
{
    (void)worker;
    (void)s;
    (void)v;
    sent_read *r = ctx;
    return ndr_sent_mail(m->raw, m->framed != NDR_TIME_UNKNOWN ? m->framed : m->file_time,
                         found, r, err);
}

static int
read_mail(sent_read *r, const opts *o, const char *const *path, size_t count)
{
    ndr_stats seen;
    survey s = {.threads = 1,
                .input = {NDR_SIZED(ndr_input_opts), .path = path, .path_count = count,
                          .recursive = r->recursive}};
    if (setup_begin(&s.setup, o) != 0)
        return EXIT_NOT_RUN;
    s.setup.no_windows = true;
    const int status = survey_run(&s, look, r, false, &seen);
    ndr_stats_clear(&seen);
    survey_free(&s);
    r->status = status == EXIT_DAMAGED ? status : r->status;
    return status == EXIT_READ || status == EXIT_DAMAGED ? 0 : status;
}

int
sent_read_all(sent_read *r, const opts *o, const char *const *path, size_t count)
{
    return r->format == SENT_MAIL ? read_mail(r, o, path, count)
                                  : read_files(r, path, count);
}
