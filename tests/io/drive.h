/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * drive.h - a source's messages, driven to the end on one thread and written
 * down one a line, and scratch files to read them from.
 */
#ifndef NDR_DRIVE_H
#define NDR_DRIVE_H

#include "harness.h"
#include "ndrscan_io.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* The port of one input, between fill and the last next. */
typedef struct drive {
    ndr_source *source;
    ndr_reader *reader;
    ndr_batch batch[2]; /* used in turn, as a ring would */
    size_t turn;
    uint64_t stream, counted; /* messages of `stream` in earlier batches */
    uint64_t batches, bytes;
    bool extend;  /* make every message whole */
    bool sources; /* write down the path, too */
    bool bodies;  /* and the bytes */
    ndr_buffer out;
} drive;

/* What the engine keeps on a batch: only what is needed to write it down. */
struct ndr_trouble {
    struct ndr_trouble *next;
    char *source, *text;
};

static inline void
drive_text(drive *d, const unsigned char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] == '\n')
            ndr_buffer_text(&d->out, "\\n");
        else if (p[i] < ' ' || p[i] > '~')
            ndr_buffer_printf(&d->out, "\\x%02x", p[i]);
        else
            ndr_buffer_byte(&d->out, p[i]);
}

/* "index offset length flags framed [source[:member]] <raw>" */
static inline void
drive_message(drive *d, const ndr_message *m, uint64_t index)
{
    ndr_buffer_printf(&d->out, "%" PRIu64 " %" PRIu64 "+%" PRIu64, index, m->offset,
                      m->length);
    if ((m->flags & NDR_MSG_OPEN) != 0)
        ndr_buffer_text(&d->out, " open");
    if ((m->flags & NDR_MSG_TRUNCATED) != 0)
        ndr_buffer_text(&d->out, " truncated");
    if ((m->flags & NDR_MSG_DAMAGED) != 0)
        ndr_buffer_text(&d->out, " damaged");
    if (m->framed != NDR_TIME_UNKNOWN)
        ndr_buffer_printf(&d->out, " %s%" PRId64, m->framed_by_name ? "name" : "at",
                          m->framed);
    if (d->sources) {
        const char *slash = strrchr(m->source, '/');
        ndr_buffer_printf(&d->out, " %s", slash != NULL ? slash + 1 : m->source);
        if (m->member != NULL)
            ndr_buffer_printf(&d->out, ":%s", m->member);
    }
    if (d->bodies) {
        ndr_buffer_text(&d->out, " <");
        drive_text(d, m->raw.ptr, m->raw.len);
        ndr_buffer_text(&d->out, ">");
    }
    ndr_buffer_text(&d->out, "\n");
}

static inline void
drive_trouble(drive *d, ndr_batch *b)
{
    while (b->trouble != NULL) {
        struct ndr_trouble *t = b->trouble;
        const char *slash = strrchr(t->source, '/');
        ndr_buffer_printf(&d->out, "! %s: %s\n", slash != NULL ? slash + 1 : t->source,
                          t->text);
        b->trouble = t->next;
        free(t);
    }
}

/* One fill and all its messages; false at the end. */
static inline bool
drive_batch(drive *d)
{
    ndr_error err = {0};
    ndr_batch *b = &d->batch[d->turn];
    d->turn ^= 1;
    b->seq = d->batches++;
    const int filled = d->source->fill(d->source, b, &err);
    if (filled < 0)
        fail_msg("fill: %s", err.text);
    if (filled == 0) {
        assert_null(b->trouble);
        return false;
    }
    if (b->stream != d->stream) {
        d->stream = b->stream;
        d->counted = 0;
    }
    if (d->source->begin(d->source, d->reader, b, &err) != 0)
        fail_msg("begin: %s", err.text);
    uint64_t messages = 0;
    ndr_message m;
    int got;
    while ((got = d->source->next(d->source, d->reader, &m, &err)) == 1) {
        const size_t open = m.raw.len;
        if (d->extend || (m.flags & NDR_MSG_OPEN) == 0) {
            if (d->source->extend(d->source, d->reader, &m, &err) != 0)
                fail_msg("extend: %s", err.text);
            assert_true(m.raw.len >= open);
            if ((m.flags & (NDR_MSG_TRUNCATED | NDR_MSG_OPEN)) == 0)
                assert_int_equal(m.length, m.raw.len);
        }
        if (b->stream != 0)
            assert_int_equal(m.index, messages);
        messages++;
        drive_message(d, &m, m.index + (b->stream != 0 ? d->counted : 0));
    }
    if (got < 0)
        fail_msg("next: %s", err.text);
    drive_trouble(d, b);
    d->counted += messages;
    d->bytes += b->bytes;
    b->bytes = 0;
    return true;
}

static inline void
drive_begin(drive *d, const ndr_input_opts *opts)
{
    ndr_error err = {0};
    *d = (drive){.extend = true, .bodies = true};
    if (ndr_input_open(opts, &d->source, &err) != 0)
        fail_msg("open: %s", err.text);
    d->reader = d->source->reader_new(d->source);
    assert_non_null(d->reader);
}

static inline void
drive_end(drive *d)
{
    for (int i = 0; i < 2; i++)
        d->source->drop(d->source, &d->batch[i]);
    d->source->reader_free(d->source, d->reader);
    d->source->close(d->source);
    ndr_buffer_free(&d->out);
}

/* What was written down so far, NUL-terminated. */
static inline const char *
drive_out(drive *d)
{
    ndr_buffer_byte(&d->out, '\0');
    d->out.len--;
    assert_false(d->out.failed);
    return (const char *)d->out.ptr;
}

/* Everything at once; what is written down is to be freed. */
static inline char *
drive_all(const ndr_input_opts *opts, bool sources, bool bodies)
{
    drive d;
    drive_begin(&d, opts);
    d.sources = sources;
    d.bodies = bodies;
    while (drive_batch(&d))
        continue;
    char *text = strdup(drive_out(&d));
    drive_end(&d);
    assert_non_null(text);
    return text;
}

/* ---- scratch files ----------------------------------------------------------- */

/* In memory where that can be: on a disk a file that is written anew is waited for. */
static char scratch[64];

static inline const char *
scratch_path(const char *name)
{
    static char path[8][512];
    static size_t turn;
    turn = (turn + 1) % 8;
    (void)snprintf(path[turn], sizeof path[turn], "%s/%s", scratch, name);
    return path[turn];
}

static inline void
write_file(const char *name, const void *bytes, size_t n)
{
    FILE *f = fopen(scratch_path(name), "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static inline void
write_text(const char *name, const char *text)
{
    write_file(name, text, strlen(text));
}

static inline void
make_folder(const char *name)
{
    assert_int_equal(mkdir(scratch_path(name), 0700), 0);
}

static inline void
remove_tree(const char *path)
{
    DIR *dir = opendir(path);
    if (dir != NULL) {
        const struct dirent *e;
        while ((e = readdir(dir)) != NULL) {
            if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
                continue;
            char inner[1024];
            const int n = snprintf(inner, sizeof inner, "%s/%s", path, e->d_name);
            struct stat st;
            if (n < 0 || (size_t)n >= sizeof inner || lstat(inner, &st) != 0)
                continue;
            if (S_ISDIR(st.st_mode))
                remove_tree(inner);
            else
                (void)unlink(inner);
        }
        (void)closedir(dir);
    }
    (void)rmdir(path);
}

/* Have a child write `n` bytes to standard input, `step` at a time; with `packets`
 * each of them is one read, when the reader has room for it. */
static inline pid_t
feed_stdin(const void *bytes, size_t n, size_t step, bool packets)
{
    int ends[2];
    const int type = packets ? SOCK_SEQPACKET : SOCK_STREAM;
    assert_int_equal(socketpair(AF_UNIX, type, 0, ends), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)close(ends[0]);
        for (size_t at = 0; at < n; at += step) {
            const size_t len = n - at < step ? n - at : step;
            if (send(ends[1], (const char *)bytes + at, len, 0) != (ssize_t)len)
                _exit(1);
        }
        _exit(0);
    }
    (void)close(ends[1]);
    assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    (void)close(ends[0]);
    return child;
}

static inline void
end_feed(pid_t child)
{
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* Run the tests with an own folder for scratch files. */
static inline int
run_with_scratch(const char *file)
{
    const char *top = access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : "/tmp";
    (void)snprintf(scratch, sizeof scratch, "%s/ndr-io-XXXXXX", top);
    if (mkdtemp(scratch) == NULL)
        return 1;
    const int failed = run_added(file);
    remove_tree(scratch);
    return failed;
}

#endif
