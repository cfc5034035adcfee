/* SPDX-License-Identifier: BSD-3-Clause */
/* gen_write.c - in which shape does the heap lie on the disk? */
#define _GNU_SOURCE /* memmem */
#include "gen_write.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

const char *const format_names[FORMAT_COUNT] = {
    [FORMAT_MBOX] = "mbox",
    [FORMAT_MBOX_ZST] = "mbox.zst",
    [FORMAT_MBOX_ZST_MULTI] = "mbox.zst-multi",
    [FORMAT_MAILDIR] = "maildir",
    [FORMAT_FILES] = "files",
    [FORMAT_TAR_ZST] = "tar.zst",
};

enum { OUT_BYTES = 1 << 20, FRAME_BYTES = 1 << 20 };

struct writer {
    enum gen_format format;
    bool crlf;
    const char *path;
    int fd;  /* of the file */
    int dir; /* of the folder */
    uint64_t bytes;
    text pending; /* not yet written or compressed */
    text squeezed;
    size_t frame; /* bytes in the open frame */
    ZSTD_CCtx *zstd;
    struct archive *archive;
    text stored; /* a message with its line ends and quoting */
};

static _Noreturn void
die_path(const char *what, const char *path)
{
    char why[256];
    snprintf(why, sizeof why, "%s: %s", path, strerror(errno));
    die(what, why);
}

static void
write_all(int fd, const char *p, size_t n, const char *path)
{
    while (n > 0) {
        const ssize_t done = write(fd, p, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            die_path("write", path);
        p += done;
        n -= (size_t)done;
    }
}

/* Compress and write; ZSTD_e_end closes the frame. */
static void
squeeze(writer *w, const char *p, size_t n, ZSTD_EndDirective how)
{
    ZSTD_inBuffer in = {p, n, 0};
    size_t left;
    (void)text_reserve(&w->squeezed, ZSTD_CStreamOutSize());
    do {
        ZSTD_outBuffer out = {w->squeezed.ptr, w->squeezed.cap, 0};
        left = ZSTD_compressStream2(w->zstd, &out, &in, how);
        if (ZSTD_isError(left))
            die("zstd", ZSTD_getErrorName(left));
        write_all(w->fd, w->squeezed.ptr, out.pos, w->path);
    } while (how == ZSTD_e_end ? left > 0 : in.pos < in.size);
}

static void
flush(writer *w, bool last)
{
    const char *p = w->pending.ptr;
    size_t n = w->pending.len;
    if (w->format == FORMAT_MBOX)
        write_all(w->fd, p, n, w->path);
    else if (w->format == FORMAT_MBOX_ZST)
        squeeze(w, p, n, last ? ZSTD_e_end : ZSTD_e_continue);
    while (w->format == FORMAT_MBOX_ZST_MULTI && (n > 0 || (last && (w->bytes == 0 || w->frame > 0)))) {
        const size_t run = n < FRAME_BYTES - w->frame ? n : FRAME_BYTES - w->frame;
        w->frame += run;
        n -= run;
        const bool end = w->frame == FRAME_BYTES || (last && n == 0);
        squeeze(w, p, run, end ? ZSTD_e_end : ZSTD_e_continue);
        p = p != NULL ? p + run : NULL;
        if (end)
            w->frame = 0;
        if (last && n == 0)
            break;
    }
    text_clear(&w->pending);
}

static void
make_folder(const char *path, const char *name)
{
    char full[4096];
    snprintf(full, sizeof full, "%s%s%s", path, name != NULL ? "/" : "",
             name != NULL ? name : "");
    if (mkdir(full, 0777) != 0 && errno != EEXIST)
        die_path("mkdir", full);
}

static void
check_archive(writer *w, int answer)
{
    if (answer != ARCHIVE_OK)
        die("tar", archive_error_string(w->archive));
}

static void
open_archive(writer *w)
{
    w->archive = archive_write_new();
    if (w->archive == NULL)
        die("out of memory", NULL);
    check_archive(w, archive_write_set_format_ustar(w->archive));
    check_archive(w, archive_write_add_filter_zstd(w->archive));
    check_archive(w, strcmp(w->path, "-") == 0
                         ? archive_write_open_fd(w->archive, STDOUT_FILENO)
                         : archive_write_open_filename(w->archive, w->path));
}

writer *
writer_open(enum gen_format format, const char *path, bool crlf)
{
    writer *w = calloc(1, sizeof *w);
    if (w == NULL)
        die("out of memory", NULL);
    *w = (writer){.format = format, .crlf = crlf, .path = path, .fd = -1, .dir = -1};
    const bool folder = format == FORMAT_MAILDIR || format == FORMAT_FILES;
    if (folder) {
        make_folder(path, NULL);
        for (int i = 0; format == FORMAT_MAILDIR && i < 3; i++)
            make_folder(path, (const char *const[]){"cur", "new", "tmp"}[i]);
        w->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (w->dir < 0)
            die_path("open", path);
    } else if (format == FORMAT_TAR_ZST) {
        open_archive(w);
    } else {
        w->fd = strcmp(path, "-") == 0
                    ? STDOUT_FILENO
                    : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        if (w->fd < 0)
            die_path("open", path);
    }
    if (format == FORMAT_MBOX_ZST || format == FORMAT_MBOX_ZST_MULTI) {
        w->zstd = ZSTD_createCCtx();
        if (w->zstd == NULL)
            die("out of memory", NULL);
        const size_t set = ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_compressionLevel, 3) |
                           ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_checksumFlag, 1);
        if (ZSTD_isError(set))
            die("zstd", ZSTD_getErrorName(set));
    }
    return w;
}

/* With a '>' before each line that begins with any number of '>' and "From ". */
static void
add_quoted(text *out, const char *p, size_t n)
{
    const char *const end = p + n;
    const char *done = p;
    for (const char *at = p; (at = memmem(at, (size_t)(end - at), "From ", 5)) != NULL;
         at += 5) {
        const char *line = at;
        while (line > done && line[-1] == '>')
            line--;
        if (line != p && line[-1] != '\n')
            continue;
        text_add(out, done, (size_t)(line - done));
        text_char(out, '>');
        done = line;
    }
    text_add(out, done, (size_t)(end - done));
}

static void
add_crlf(text *out, const char *p, size_t n)
{
    while (n > 0) {
        const char *lf = memchr(p, '\n', n);
        const size_t run = lf != NULL ? (size_t)(lf - p) : n;
        text_add(out, p, run);
        if (lf != NULL)
            text_add(out, "\r\n", 2);
        n -= lf != NULL ? run + 1 : run;
        p += lf != NULL ? run + 1 : run;
    }
}

static void
into_mbox(writer *w, const gen_message *m, const text *body, place *at)
{
    static text quoted;
    text line = {0};
    text_str(&line, "From ");
    text_str(&line, m->envelope[0] != '\0' ? m->envelope : "MAILER-DAEMON");
    text_char(&line, ' ');
    text_asctime(&line, m->arrived);
    text_str(&line, w->crlf ? "\r\n" : "\n");
    text_clear(&quoted);
    add_quoted(&quoted, body->ptr, body->len);
    text_add(&w->pending, line.ptr, line.len);
    const size_t before = w->pending.len;
    if (w->crlf)
        add_crlf(&w->pending, quoted.ptr, quoted.len);
    else
        text_add(&w->pending, quoted.ptr, quoted.len);
    at->offset = w->bytes + line.len;
    at->length = w->pending.len - before;
    text_str(&w->pending, w->crlf ? "\r\n" : "\n");
    w->bytes += line.len + at->length + (w->crlf ? 2 : 1);
    text_free(&line);
    if (w->pending.len >= OUT_BYTES)
        flush(w, false);
}

static void
into_folder(writer *w, const gen_message *m, const char *name)
{
    const int fd = openat(w->dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        die_path("create", name);
    write_all(fd, w->stored.ptr, w->stored.len, name);
    const struct timespec times[2] = {{.tv_sec = m->arrived}, {.tv_sec = m->arrived}};
    if (futimens(fd, times) != 0 || close(fd) != 0)
        die_path("close", name);
}

static void
into_archive(writer *w, const gen_message *m, const char *name)
{
    struct archive_entry *e = archive_entry_new();
    if (e == NULL)
        die("out of memory", NULL);
    archive_entry_set_pathname(e, name);
    archive_entry_set_size(e, (int64_t)w->stored.len);
    archive_entry_set_filetype(e, AE_IFREG);
    archive_entry_set_perm(e, 0600);
    archive_entry_set_mtime(e, (time_t)m->arrived, 0);
    archive_entry_set_uid(e, 5000);
    archive_entry_set_gid(e, 5000);
    archive_entry_set_uname(e, "vmail");
    archive_entry_set_gname(e, "vmail");
    check_archive(w, archive_write_header(w->archive, e));
    if (archive_write_data(w->archive, w->stored.ptr, w->stored.len) < 0)
        die("tar", archive_error_string(w->archive));
    archive_entry_free(e);
}

static void
maildir_name(const writer *w, const gen_message *m, char *name, size_t size)
{
    static const char *const flags[] = {"S", "RS", "", "FS", "S", "S"};
    const uint64_t h = (m->number * 0x9E3779B97F4A7C15u) >> 40;
    const bool fresh = h % 10 < 3;
    snprintf(name, size, "%s%s/%lld.M%06uP%u_%llu.mail.example.org,S=%zu%s%s",
             w->format == FORMAT_TAR_ZST ? "Maildir/" : "", fresh ? "new" : "cur",
             (long long)m->arrived, (unsigned)(h % 1000000), (unsigned)(h % 30000 + 300),
             (unsigned long long)m->number, w->stored.len, fresh ? "" : ":2,",
             fresh ? "" : flags[h / 10 % 6]);
}

place
writer_put(writer *w, const gen_message *m, const text *body)
{
    place at = {0};
    if (w->format <= FORMAT_MBOX_ZST_MULTI) {
        into_mbox(w, m, body, &at);
        return at;
    }
    text_clear(&w->stored);
    if (w->crlf)
        add_crlf(&w->stored, body->ptr, body->len);
    else
        text_add(&w->stored, body->ptr, body->len);
    if (w->format == FORMAT_FILES)
        snprintf(at.path, sizeof at.path, "%08llu.eml", (unsigned long long)m->number);
    else
        maildir_name(w, m, at.path, sizeof at.path);
    if (w->format == FORMAT_TAR_ZST)
        into_archive(w, m, at.path);
    else
        into_folder(w, m, at.path);
    at.length = w->stored.len;
    w->bytes += w->stored.len;
    return at;
}

uint64_t
writer_bytes(const writer *w)
{
    return w->bytes;
}

void
writer_close(writer *w)
{
    if (w->format <= FORMAT_MBOX_ZST_MULTI) {
        flush(w, true);
        if (close(w->fd) != 0)
            die_path("close", w->path);
    }
    if (w->archive != NULL) {
        check_archive(w, archive_write_close(w->archive));
        check_archive(w, archive_write_free(w->archive));
    }
    if (w->dir >= 0)
        close(w->dir);
    ZSTD_freeCCtx(w->zstd);
    text_free(&w->pending);
    text_free(&w->squeezed);
    text_free(&w->stored);
    free(w);
}
