/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * archive_read.c - which bytes go into an archive, in which order?
 *
 * Sources and what is in them come as scan takes them. But an archive that lacks
 * mail is worse than none: what scan passes over with a word ends it here.
 */
#include "archiving.h"
#include "ndr_sized.h"
#include "source/large_file.h"
#include "source/work.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    READ_BYTES = 1 << 18,
    AHEAD_LEAST_BYTES = 1 << 20, /* of a file that is worth a thread */
};

typedef struct packing {
    const ndr_pack_opts *opts;
    ndr_archive *to;
    unsigned char *bytes; /* READ_BYTES */
    ndr_buffer seen;      /* of a mailbox that may not be packed */
    ndr_privacy privacy;
    ndr_page_cache cache; /* of what is read here, */
    ndr_page_cache ahead; /* and by the crew: it stays until it was read here */
    ndr_ahead *crew;      /* reads folders ahead, or NULL */
    bool cold;            /* the crew found the file at hand so */
} packing;

static bool
stopped(const packing *k)
{
    return ndr_stop_asked(k->opts->stop);
}

/* Behind other mail, marks that only the file's first line lets one trust would be text.
 */
static int
refuse_marks(packing *k, const ndr_unpack *u, size_t n, bool first, ndr_error *err)
{
    ndr_buffer *b = &k->seen; /* with what was unproved, and with what is behind that */
    const size_t most = NDR_UNPROVED_BYTES + NDR_LOOKBACK_BYTES;
    const size_t keep = first ? 0 : b->len < most ? b->len : most;
    if (keep > 0)
        memmove(b->ptr, b->ptr + b->len - keep, keep);
    b->len = keep;
    ndr_buffer_add(b, (ndr_slice){k->bytes, n});
    if (b->failed)
        return ndr_fail(err, NDR_E_NOMEM, "no memory to pack");
    size_t at = first                       ? ndr_mbox_blank(b->ptr, b->len)
                : keep < NDR_LOOKBACK_BYTES ? keep
                                            : NDR_LOOKBACK_BYTES;
    bool bare = u->marks == NDR_MARKS_MMDF;
    int64_t time = NDR_TIME_UNKNOWN;
    if (first && at < b->len)
        bare = bare || !ndr_mbox_mark(b->ptr, b->len, at, true, &time);
    while (!bare && (at = ndr_mark_next(u->marks, b->ptr, b->len, at, false, false,
                                        &time)) < b->len) {
        bare = time == NDR_TIME_UNKNOWN;
        at++;
    }
    return bare ? ndr_fail(err, NDR_E_SYNTAX,
                           "is a mailbox whose messages have no From_ lines with dates "
                           "(Thunderbird's, MMDF): 'zstd' packs it as it is, and scan "
                           "reads that")
                : 0;
}

/* An mbox: its bytes as they are. */
static int
add_mbox(packing *k, ndr_unpack *u, ndr_error *err)
{
    int64_t n = 0;
    for (bool first = true; !stopped(k); first = false) {
        n = ndr_unpack_read(u, k->bytes, READ_BYTES, true, err);
        if (n <= 0)
            return (int)n;
        if (u->marks != NDR_MARKS_DATED) {
            const int code = refuse_marks(k, u, (size_t)n, first, err);
            if (code != 0)
                return code;
        }
        int code = first ? ndr_archive_part(k->to, err) : 0;
        if (code == 0)
            code = ndr_archive_add(k->to, (ndr_slice){k->bytes, (size_t)n}, err);
        if (code != 0)
            return code;
    }
    return ndr_fail(err, NDR_E_STOPPED, "stopped");
}

/* Have a large file read by a thread of its own, but for an archive whose directory is at
 * its end. */
static void
read_ahead(packing *k, ndr_fd_feed *stored)
{
    ndr_error ignored; /* who reads it for good will tell */
    ndr_sniffed told;
    int code;
    if (!k->opts->read_ahead || stored->keep || stored->planned < AHEAD_LEAST_BYTES)
        return;
    const enum ndr_sniff what = ndr_large_sniff(stored->fd, &told, &ignored, &code);
    if (code == 0 && (what != NDR_SNIFF_ARCHIVE || told.archive == NDR_ARCHIVE_TAR))
        ndr_fd_feed_ahead(stored, &k->cache);
}

/* All that is in one open file; takes `fd` over, unless it is standard input. `way`: the
 * folders on the way to it have not been taken. */
static int
add_file(packing *k, int fd, const struct stat *st, bool way, enum ndr_format format,
         int64_t framed, ndr_error *err)
{
    const bool file = S_ISREG(st->st_mode);
    ndr_privacy_take(&k->privacy, fd);
    if (file && way)
        ndr_privacy_take_way(&k->privacy, fd);
    ndr_fd_feed stored;
    ndr_unpack u;
    ndr_fd_feed_init(&stored, fd, !file, NULL);
    stored.keep = fd == STDIN_FILENO;
    stored.planned = file && st->st_size > 0 ? (uint64_t)st->st_size : 0;
    read_ahead(k, &stored);
    ndr_unpack_open(&u, &stored.feed, &stored,
                    file && st->st_size > 0 ? (uint64_t)st->st_size : 0, format, 0);
    int code;
    while ((code = ndr_unpack_next(&u, err)) == 1) {
        int64_t time = u.member != NULL ? u.framed : framed;
        if (time == NDR_TIME_UNKNOWN)
            time = u.member != NULL ? u.file_time : (int64_t)st->st_mtime;
        code = u.framing == NDR_FRAME_ONE ? ndr_archive_message(k->to, &u, time, err)
                                          : add_mbox(k, &u, err);
        if (code == 0 && stopped(k))
            code = ndr_fail(err, NDR_E_STOPPED, "stopped");
        if (code != 0 && u.member != NULL)
            ndr_error_prefix(err, "member '%s'", u.member);
        if (code != 0)
            break;
    }
    if (k->cold && ndr_page_cache_is_full(&k->cache, stored.planned))
        ndr_page_cache_drop(fd, 0, 0);
    ndr_unpack_close(&u);
    return code;
}

/* One file of a folder, or a named one. */
static int
add_name(packing *k, int dir, const char *name, enum ndr_finding finding, ndr_error *err)
{
    const bool named = finding == NDR_FOUND_NAMED;
    struct stat st;
    const int fd =
        openat(dir, name,
               O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY | (named ? 0 : O_NOFOLLOW));
    if (fd < 0 && !named && (errno == ELOOP || errno == ENXIO))
        return 0; /* a link, a socket */
    if (fd < 0 && finding == NDR_FOUND_MAILDIR && errno == ENOENT)
        return ndr_fail(err, NDR_E_SYS,
                        "a mail program moved it meanwhile: pack again when it rests");
    if (fd < 0)
        return ndr_fail(err, NDR_E_SYS, "not readable");
    int code = 0;
    if (fstat(fd, &st) != 0)
        code = ndr_fail(err, NDR_E_SYS, "fstat");
    else if (!S_ISREG(st.st_mode) && named)
        code = ndr_fail(err, NDR_E_SYNTAX, "%s", ndr_mode_trouble(st.st_mode));
    if (code != 0 || !S_ISREG(st.st_mode)) {
        (void)close(fd); /* was not even read */
        return code;
    }
    const bool maildir = finding == NDR_FOUND_MAILDIR;
    const enum ndr_format format = maildir && k->opts->format == NDR_FORMAT_AUTO
                                       ? NDR_FORMAT_MESSAGE
                                       : k->opts->format;
    return add_file(k, fd, &st, named, format,
                    maildir ? ndr_maildir_time(name) : NDR_TIME_UNKNOWN, err);
}

static int
add_folder(packing *k, const char *path, ndr_error *err)
{
    ndr_walk walk = {
        .format = k->opts->format, .recursive = k->opts->recursive, .crew = k->crew};
    const char *where = path;
    int code = ndr_walk_begin(&walk, path, err);
    while (code == 0 && (code = ndr_walk_step(&walk, &where, err)) == 1) {
        code = 0;
        ndr_privacy_take(&k->privacy, walk.folder->fd);
        ndr_privacy_take_way(&k->privacy, walk.folder->fd);
        for (size_t i = 0; code == 0 && i < walk.name_count; i++) {
            ndr_read_file read = {0};
            if (walk.ahead != NULL && ndr_ahead_take(walk.ahead, i, &read))
                free(read.bytes); /* the page cache has them, too */
            k->cold = read.cold;
            code = add_name(k, walk.folder->fd, walk.name[i].name, walk.finding, err);
            k->cold = false;
            if (code != 0)
                ndr_error_prefix(err, "%s/%s", walk.folder->path, walk.name[i].name);
        }
        if (code != 0)
            break;
        walk.at = walk.name_count;
    }
    ndr_walk_free(&walk);
    return code;
}

static int
add_path(packing *k, const char *path, ndr_error *err)
{
    struct stat st;
    const bool is_stdin = strcmp(path, "-") == 0;
    if ((is_stdin ? fstat(STDIN_FILENO, &st) : stat(path, &st)) != 0) {
        (void)ndr_fail(err, NDR_E_SYS, "not readable");
        ndr_error_prefix(err, "%s", path);
        return NDR_E_SYS;
    }
    if (!is_stdin && S_ISDIR(st.st_mode))
        return add_folder(k, path, err);
    int code;
    if (is_stdin && S_ISDIR(st.st_mode))
        code = ndr_fail(err, NDR_E_SYNTAX, "%s", ndr_mode_trouble(st.st_mode));
    else if (is_stdin)
        code =
            add_file(k, STDIN_FILENO, &st, true, k->opts->format, NDR_TIME_UNKNOWN, err);
    else
        code = add_name(k, AT_FDCWD, path, NDR_FOUND_NAMED, err);
    if (code != 0)
        ndr_error_prefix(err, "%s", path);
    return code;
}

int
ndr_pack(const ndr_pack_opts *opts, int fd, ndr_pack_stats *ret, ndr_error *err)
{
    *ret = (ndr_pack_stats){0};
    ndr_pack_opts own;
    int code = NDR_SIZED_TAKE(ndr_pack_opts, stop, &own, opts, err);
    if (code != 0)
        return code;
    packing k = {.opts = &own, .bytes = malloc(READ_BYTES)};
    unsigned uses = 0;
    for (size_t i = 0; i < own.path_count; i++)
        uses += strcmp(own.path[i], "-") == 0;
    if (k.bytes == NULL)
        code = ndr_fail(err, NDR_E_NOMEM, "no memory to pack");
    else if (uses > 1)
        code = ndr_fail(err, NDR_E_SYNTAX, "standard input ('-') can be read only once");
    ndr_page_cache_init(&k.cache, own.cold_limit_bytes);
    ndr_page_cache_init(&k.ahead, UINT64_MAX);
    if (code == 0 && own.read_ahead)
        k.crew = ndr_ahead_new(NDR_AHEAD_READERS, &k.ahead);
    if (code == 0)
        code = ndr_archive_new(&own, fd, &k.to, err);
    for (size_t i = 0; code == 0 && i < own.path_count; i++)
        code = add_path(&k, own.path[i], err);
    if (code == 0)
        code = ndr_archive_finish(k.to, ret, err);
    ret->privacy = k.privacy;
    ndr_archive_free(k.to);
    ndr_ahead_free(k.crew);
    ndr_buffer_free(&k.seen);
    free(k.bytes);
    return code;
}
