/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * unpack.c - which items does one stored file hold, when all its layers are off?
 *
 * A layer is told by its first bytes, then the next one by what came out of it:
 * a compressed tar of a Maildir whose files are compressed is four layers.
 */
#include "archive_lib.h"
#include "feed.h"

#include "frame/frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    LAYERS_MAX = 4,
    BLOCK_BYTES = 1 << 16,
    PASSED_BYTES = 1 << 14,
    ZIP_END_BYTES = 22
};
static const uint64_t expanded_least = UINT64_C(64) << 20;
static const uint64_t expanded_ratio = 1000;
/* For what files expand to beyond the ratio, all of a folder share this, each at least
 * that much: many short ones in one mailbox must not hold up the others. */
static const uint64_t expanded_folder = UINT64_C(256) << 20;
static const uint64_t expanded_a_file = UINT64_C(1) << 20;

/* ---- a limit on what a layer gives -------------------------------------------- */

typedef struct limit_feed {
    ndr_feed feed;
    ndr_feed *in;
    const ndr_unpack *of;
    uint64_t given;
} limit_feed;

static uint64_t
by_rule(uint64_t stored_bytes, uint64_t least)
{
    const uint64_t most = stored_bytes > UINT64_MAX / expanded_ratio
                              ? UINT64_MAX
                              : stored_bytes * expanded_ratio;
    return most > least ? most : least;
}

uint64_t
ndr_expanded_limit(uint64_t limit_bytes, uint64_t stored_bytes)
{
    return limit_bytes > 0 ? limit_bytes : by_rule(stored_bytes, expanded_least);
}

uint64_t
ndr_expanded_least(size_t files)
{
    const uint64_t share = files > 0 ? expanded_folder / files : expanded_folder;
    return share > expanded_least    ? expanded_least
           : share < expanded_a_file ? expanded_a_file
                                     : share;
}

/* What the whole file may expand to, by what is known of its size now. */
static uint64_t
expanded_limit(const ndr_unpack *u)
{
    const uint64_t stored = u->stored_bytes > 0 ? u->stored_bytes : u->stored->taken;
    return u->expanded_limit_bytes > 0 ? u->expanded_limit_bytes
                                       : by_rule(stored, u->expanded_least);
}

static int
limit_fail(const ndr_unpack *u, ndr_error *err)
{
    return ndr_fail(err, NDR_E_LIMIT, "expands to more than %llu bytes",
                    (unsigned long long)expanded_limit(u));
}

static int64_t
limit_read(ndr_feed *feed, unsigned char *to, size_t room, bool wait, ndr_error *err)
{
    limit_feed *l = (limit_feed *)feed;
    const uint64_t limit = expanded_limit(l->of);
    const uint64_t left = limit > l->given ? limit - l->given : 0;
    if (left == 0) { /* more than the limit is there only if one more byte is */
        unsigned char one;
        const int64_t n = l->in->read(l->in, &one, 1, wait, err);
        return n > 0 ? limit_fail(l->of, err) : n;
    }
    const int64_t n =
        l->in->read(l->in, to, room < left ? room : (size_t)left, wait, err);
    if (n > 0)
        l->given += (uint64_t)n;
    return n;
}

static void
limit_close(ndr_feed *feed)
{
    limit_feed *l = (limit_feed *)feed;
    l->in->close(l->in);
    free(l);
}

static int
limit_new(const ndr_unpack *of, ndr_feed *in, ndr_feed **ret, ndr_error *err)
{
    limit_feed *l = malloc(sizeof *l);
    if (l == NULL) {
        in->close(in);
        return ndr_fail(err, NDR_E_NOMEM, "no memory to decode");
    }
    *l = (limit_feed){
        .feed = {.read = limit_read, .close = limit_close}, .in = in, .of = of};
    *ret = &l->feed;
    return 0;
}

/* ---- layers ------------------------------------------------------------------- */

/* What is seen under all codecs. */
typedef struct bottom {
    ndr_sniffed told;
    ndr_peek *peek;
    int codecs;
} bottom;

/*
 * Take codecs off *in (replaced; NULL after a failure) until something else is
 * seen, which is returned; or an ndr_code.
 */
static int
take_layers(const ndr_unpack *u, ndr_feed **in, bottom *ret, ndr_error *err)
{
    for (int layers = 0;; layers++) {
        ndr_peek *peek = ndr_peek_new(*in);
        *in = NULL;
        if (peek == NULL)
            return ndr_fail(err, NDR_E_NOMEM, "no memory to read ahead");
        bool last = false;
        enum ndr_sniff what;
        while ((what = ndr_sniff(peek->bytes, peek->have, last, &ret->told)) ==
               NDR_SNIFF_MORE)
            last = !ndr_peek_more(peek);
        *in = &peek->feed;
        ret->peek = peek;
        ret->codecs = layers;
        if (what == NDR_SNIFF_EMPTY && peek->code != 0) {
            if (err != NULL)
                *err = peek->err;
            return peek->code;
        }
        if (what == NDR_SNIFF_ALIEN)
            return ndr_fail(err, NDR_E_SYNTAX, "%s", ret->told.alien);
        if (what != NDR_SNIFF_CODEC)
            return (int)what;
        const ndr_codec *codec = ret->told.codec;
        if (layers == LAYERS_MAX)
            return ndr_fail(err, NDR_E_LIMIT, "compressed more than %d times over",
                            (int)LAYERS_MAX);
        ndr_feed *decoded = NULL;
        *in = NULL; /* taken over, whatever comes */
        int code = codec->open(codec, &peek->feed, &decoded, err);
        if (code == 0)
            code = limit_new(u, decoded, in, err);
        if (code != 0)
            return code;
    }
}

static enum ndr_framing
framing_of(enum ndr_format format, enum ndr_sniff what)
{
    switch (format) {
    case NDR_FORMAT_MBOX:
        return NDR_FRAME_MBOX;
    case NDR_FORMAT_MBOXCL2:
        return NDR_FRAME_CL2;
    case NDR_FORMAT_MAILDIR:
    case NDR_FORMAT_MESSAGE:
        return NDR_FRAME_ONE;
    case NDR_FORMAT_AUTO:
        break;
    }
    return what == NDR_SNIFF_MBOX ? NDR_FRAME_MBOX : NDR_FRAME_ONE;
}

/* The item in *in, which may be replaced, of what was seen there. */
static int
take_item(ndr_unpack *u, ndr_feed **in, const bottom *b, enum ndr_sniff what,
          bool maildir, ndr_error *err)
{
    u->item_at = 0;
    u->framing = maildir ? NDR_FRAME_ONE : framing_of(u->format, what);
    u->marks = u->framing == NDR_FRAME_MBOX ? b->told.marks : NDR_MARKS_DATED;
    if (what == NDR_SNIFF_EMLX) {
        *in = NULL; /* taken over, whatever comes */
        const int code = ndr_emlx_open(b->peek, in, &u->item_at, err);
        if (code != 0)
            return code;
        u->framing = NDR_FRAME_ONE;
    }
    u->item = *in;
    return 1;
}

/* ---- archives ----------------------------------------------------------------- */

typedef struct entry_feed {
    ndr_feed feed;
    ndr_unpack *of;
} entry_feed;

static la_ssize_t
pull(struct archive *a, void *ctx, const void **ret)
{
    (void)a;
    ndr_unpack *u = ctx;
    const int64_t n = u->in->read(u->in, u->block, BLOCK_BYTES, true, &u->block_err);
    *ret = u->block;
    return n >= 0 ? (la_ssize_t)n : -1;
}

/* zip and 7z have their directory at the end. Only a file's own bytes can be read there.
 */
static la_int64_t
seek(struct archive *a, void *ctx, la_int64_t offset, int whence)
{
    (void)a;
    ndr_unpack *u = ctx;
    if (whence == SEEK_CUR)
        return ARCHIVE_FATAL; /* it asks for none: what was read ahead would count */
    const off_t to =
        lseek(u->stored->fd, whence == SEEK_SET ? u->stored_at + offset : offset, whence);
    if (to < u->stored_at) {
        (void)ndr_fail(&u->block_err, NDR_E_SYS, "seek");
        return ARCHIVE_FATAL;
    }
    ndr_peek *front = u->front;
    front->at = front->have = 0;
    front->end = false;
    front->code = 0;
    return (la_int64_t)(to - u->stored_at);
}

/* What libarchive says; `fatal`: no member behind this one can be read either. */
static int
archive_fail(ndr_unpack *u, bool fatal, ndr_error *err)
{
    u->broken = u->broken || fatal || u->block_err.code != 0;
    if (u->block_err.code != 0) {
        if (err != NULL)
            *err = u->block_err;
        return u->block_err.code;
    }
    const char *why = archive_error_string(u->archive);
    return ndr_fail(err, NDR_E_DAMAGED, "damaged archive: %s",
                    why != NULL ? why : "it cannot be read");
}

/* Count what members hold. Holes in sparse ones come out of nothing. */
static int
count_given(ndr_unpack *u, size_t n, ndr_error *err)
{
    u->given += n;
    if (u->given <= expanded_limit(u))
        return 0;
    u->broken = true;
    return limit_fail(u, err);
}

static int64_t
entry_read(ndr_feed *feed, unsigned char *to, size_t room, bool wait, ndr_error *err)
{
    (void)wait; /* an archive cannot be left half-way */
    ndr_unpack *u = ((entry_feed *)feed)->of;
    const la_ssize_t n = archive_read_data(u->archive, to, room);
    if (n < 0)
        return archive_fail(u, n == ARCHIVE_FATAL || u->kind == NDR_ARCHIVE_TAR, err);
    const int code = count_given(u, (size_t)n, err);
    return code != 0 ? code : (int64_t)n;
}

static void
entry_close(ndr_feed *feed)
{
    free(feed);
}

/* Which reader it takes. The whole must be there for what is read from its end. */
static int
enable(ndr_unpack *u, ndr_error *err)
{
    struct archive *a = u->archive;
    int code;
    if (u->kind == NDR_ARCHIVE_TAR)
        code = archive_read_support_format_tar(a);
    else if (u->stored_at >= 0)
        code = u->kind == NDR_ARCHIVE_ZIP ? archive_read_support_format_zip_seekable(a)
                                          : archive_read_support_format_7zip(a);
    else if (u->kind == NDR_ARCHIVE_ZIP)
        code = archive_read_support_format_zip_streamable(a);
    else
        return ndr_fail(err, NDR_E_SYNTAX,
                        "a 7z archive can be read neither from a pipe nor packed again: "
                        "give the file itself");
    if (code != ARCHIVE_OK)
        return ndr_fail(err, NDR_E_NOMEM, "no memory to read an archive");
    if (u->stored_at >= 0 && u->kind != NDR_ARCHIVE_TAR)
        (void)archive_read_set_seek_callback(a, seek); /* cannot fail before it is open */
    return 0;
}

/* Whether it is nothing but the end of a zip archive's directory, of no members. */
static bool
is_empty_zip(ndr_peek *p)
{
    static const unsigned char none[ZIP_END_BYTES - 2] = {'P', 'K', 5, 6};
    if (p->have < ZIP_END_BYTES || memcmp(p->bytes, none, sizeof none) != 0)
        return false;
    while (ndr_peek_more(p))
        ; /* a comment may follow */
    const size_t comment = p->bytes[20] | (size_t)p->bytes[21] << 8;
    return p->end && p->code == 0 && p->have == ZIP_END_BYTES + comment;
}

static int
open_archive(ndr_unpack *u, const bottom *b, ndr_error *err)
{
    u->broken = true; /* until it is open */
    int code = ndr_archive_load(err);
    if (code < 0)
        return code;
    u->kind = b->told.archive;
    u->front = b->peek;
    const off_t now = b->codecs == 0 && !u->stored->waits && u->stored->ahead == NULL
                          ? lseek(u->stored->fd, 0, SEEK_CUR)
                          : -1;
    u->stored_at = now >= (off_t)u->stored->taken ? now - (off_t)u->stored->taken : -1;
    u->block = malloc(BLOCK_BYTES);
    u->archive = archive_read_new();
    if (u->block == NULL || u->archive == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory to read an archive");
    code = enable(u, err);
    if (code != 0)
        return code;
    (void)archive_read_set_read_callback(u->archive, pull);
    (void)archive_read_set_callback_data(u->archive, u);
    if (is_empty_zip(b->peek)) /* libarchive takes it for nothing that it knows */
        return 0;              /* nothing more is to be read */
    if (archive_read_open1(u->archive) != ARCHIVE_OK)
        return archive_fail(u, true, err);
    u->broken = false;
    return 0;
}

/* Whether a member is none of our business; a Maildir's cur or new is told. */
static bool
is_other(const char *path, bool *ret_maildir)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    const char *folder = slash;
    while (folder != NULL && folder > path && folder[-1] != '/')
        folder--;
    const size_t len = folder != NULL ? (size_t)(slash - folder) : 0;
    *ret_maildir =
        len == 3 && (memcmp(folder, "cur", 3) == 0 || memcmp(folder, "new", 3) == 0);
    if (ndr_maildir_control(name))
        return true;
    return len == 3 && memcmp(folder, "tmp", 3) == 0 &&
           ndr_maildir_time(name) != NDR_TIME_UNKNOWN;
}

/* A member that is passed over is decoded all the same where others are packed with it:
 * that counts, too. */
static int
pass_member(ndr_unpack *u, ndr_error *err)
{
    if (u->kind == NDR_ARCHIVE_TAR)
        return 0;
    unsigned char passed[PASSED_BYTES];
    la_ssize_t n;
    while ((n = archive_read_data(u->archive, passed, sizeof passed)) > 0) {
        const int code = count_given(u, (size_t)n, err);
        if (code != 0)
            return code;
    }
    return n == ARCHIVE_FATAL ? archive_fail(u, true, err) : 0;
}

/* The member at hand as an item: 1, 0 when there is nothing in it, or an ndr_code. */
static int
take_member(ndr_unpack *u, struct archive_entry *e, const char *path, bool maildir,
            ndr_error *err)
{
    entry_feed *entry = malloc(sizeof *entry);
    if (entry == NULL) {
        u->broken = true;
        return ndr_fail(err, NDR_E_NOMEM, "no memory to read an archive");
    }
    *entry = (entry_feed){.feed = {.read = entry_read, .close = entry_close}, .of = u};
    u->entry = &entry->feed;
    u->member = path;
    u->framed = ndr_maildir_path_time(path);
    u->file_time = archive_entry_mtime_is_set(e) ? (int64_t)archive_entry_mtime(e)
                                                 : NDR_TIME_UNKNOWN;
    bottom b;
    const int what = take_layers(u, &u->entry, &b, err);
    if (what < 0)
        return what;
    if (what == NDR_SNIFF_ARCHIVE)
        return ndr_fail(err, NDR_E_SYNTAX,
                        "is an archive in an archive: unpack it, and scan it by itself");
    if (what != NDR_SNIFF_EMPTY)
        return take_item(u, &u->entry, &b, (enum ndr_sniff)what, maildir, err);
    u->entry->close(u->entry);
    u->entry = NULL;
    return 0;
}

static int
next_member(ndr_unpack *u, ndr_error *err)
{
    for (;;) {
        struct archive_entry *e;
        u->member = NULL;
        int code = archive_read_next_header(u->archive, &e);
        if (code == ARCHIVE_EOF)
            return 0;
        if (code < ARCHIVE_WARN)
            return archive_fail(u, true, err);
        if (archive_entry_is_data_encrypted(e) == 1) {
            u->broken = true;
            return ndr_fail(
                err, NDR_E_SYNTAX,
                "is an encrypted archive: unpack it, and scan what was in it");
        }
        if (archive_entry_filetype(e) != AE_IFREG || archive_entry_hardlink(e) != NULL)
            continue;
        const char *path = archive_entry_pathname(e);
        if (path == NULL) /* not of this locale */
            path = archive_entry_pathname_utf8(e);
        if (path == NULL)
            path = "?";
        bool maildir;
        code = is_other(path, &maildir) ? pass_member(u, err)
                                        : take_member(u, e, path, maildir, err);
        if (code != 0)
            return code;
    }
}

/* ---- the whole ----------------------------------------------------------------- */

void
ndr_unpack_open(ndr_unpack *u, ndr_feed *in, const ndr_fd_feed *stored,
                uint64_t stored_bytes, enum ndr_format format,
                uint64_t expanded_limit_bytes)
{
    *u = (ndr_unpack){
        .format = format,
        .expanded_limit_bytes = expanded_limit_bytes,
        .expanded_least = expanded_least,
        .stored_bytes = stored_bytes,
        .stored = stored,
        .in = in,
        .file_time = NDR_TIME_UNKNOWN,
        .framed = NDR_TIME_UNKNOWN,
    };
}

int
ndr_unpack_next(ndr_unpack *u, ndr_error *err)
{
    u->item = NULL;
    if (u->entry != NULL)
        u->entry->close(u->entry);
    u->entry = NULL;
    if (u->broken || (u->started && u->archive == NULL))
        return 0;
    if (!u->started) {
        u->started = true;
        bottom b;
        const int what = take_layers(u, &u->in, &b, err);
        if (what < 0) {
            u->broken = true;
            return what;
        }
        if (what == NDR_SNIFF_EMPTY)
            return 0;
        if (what != NDR_SNIFF_ARCHIVE)
            return take_item(u, &u->in, &b, (enum ndr_sniff)what, false, err);
        const int code = open_archive(u, &b, err);
        if (code != 0 || u->broken)
            return code;
    }
    return next_member(u, err);
}

int64_t
ndr_unpack_read(ndr_unpack *u, unsigned char *to, size_t room, bool wait, ndr_error *err)
{
    const int64_t n = u->item->read(u->item, to, room, wait, err);
    if (n < 0 && n != NDR_FEED_WAIT && u->archive == NULL)
        u->broken = true;
    return n;
}

void
ndr_unpack_close(ndr_unpack *u)
{
    if (u->entry != NULL)
        u->entry->close(u->entry);
    if (u->archive != NULL)
        (void)archive_read_free(u->archive); /* what it could tell was told by reading */
    if (u->in != NULL)
        u->in->close(u->in);
    free(u->block);
    *u = (ndr_unpack){0};
}
