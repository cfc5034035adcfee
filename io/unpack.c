/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * unpack.c - which items does one stored file hold, when all its layers are off?
 *
 * A layer is told by its first bytes, then the next one by what came out of it:
 * a compressed tar of a Maildir whose files are compressed is four layers.
 */
#include "archive_lib.h"
#include "feed.h"

#include "frame.h"

#include <stdlib.h>
#include <string.h>

enum { LAYERS_MAX = 4, BLOCK_BYTES = 1 << 16 };
static const uint64_t expanded_least = UINT64_C(64) << 20;
static const uint64_t expanded_ratio = 1000;

/* ---- a limit on what a layer gives -------------------------------------------- */

typedef struct limit_feed {
    ndr_feed feed;
    ndr_feed *in;
    const ndr_unpack *of;
    uint64_t given;
} limit_feed;

uint64_t
ndr_expanded_limit(uint64_t limit_bytes, uint64_t stored_bytes)
{
    if (limit_bytes > 0)
        return limit_bytes;
    const uint64_t most = stored_bytes > UINT64_MAX / expanded_ratio
                              ? UINT64_MAX
                              : stored_bytes * expanded_ratio;
    return most > expanded_least ? most : expanded_least;
}

/* What the whole file may expand to, by what is known of its size now. */
static uint64_t
expanded_limit(const ndr_unpack *u)
{
    return ndr_expanded_limit(u->expanded_limit_bytes,
                              u->stored_bytes > 0 ? u->stored_bytes : u->stored->taken);
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

/*
 * Take codecs off *in (replaced; NULL after a failure) until something else is
 * seen, which is returned; or an ndr_code.
 */
static int
take_layers(const ndr_unpack *u, ndr_feed **in, ndr_error *err)
{
    for (int layers = 0;; layers++) {
        ndr_peek *peek = ndr_peek_new(*in);
        *in = NULL;
        if (peek == NULL)
            return ndr_fail(err, NDR_E_NOMEM, "no memory to read ahead");
        const ndr_codec *codec = NULL;
        bool last = false;
        enum ndr_sniff what;
        while ((what = ndr_sniff(peek->bytes, peek->have, last, &codec)) ==
               NDR_SNIFF_MORE)
            last = !ndr_peek_more(peek);
        *in = &peek->feed;
        if (what == NDR_SNIFF_EMPTY && peek->code != 0) {
            if (err != NULL)
                *err = peek->err;
            return peek->code;
        }
        if (what != NDR_SNIFF_CODEC)
            return (int)what;
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

static int
tar_fail(ndr_unpack *u, ndr_error *err)
{
    u->broken = true;
    if (u->block_err.code != 0) {
        if (err != NULL)
            *err = u->block_err;
        return u->block_err.code;
    }
    const char *why = archive_error_string(u->tar);
    return ndr_fail(err, NDR_E_DAMAGED, "damaged archive: %s",
                    why != NULL ? why : "it cannot be read");
}

static int64_t
entry_read(ndr_feed *feed, unsigned char *to, size_t room, bool wait, ndr_error *err)
{
    (void)wait; /* an archive cannot be left half-way */
    ndr_unpack *u = ((entry_feed *)feed)->of;
    const la_ssize_t n = archive_read_data(u->tar, to, room);
    if (n < 0)
        return tar_fail(u, err);
    /* holes in sparse members come out of nothing */
    u->given += (uint64_t)n;
    if (u->given > expanded_limit(u)) {
        u->broken = true;
        return limit_fail(u, err);
    }
    return (int64_t)n;
}

static void
entry_close(ndr_feed *feed)
{
    free(feed);
}

static int
tar_open(ndr_unpack *u, ndr_error *err)
{
    const int rc = ndr_archive_load(err);
    if (rc < 0) {
        u->broken = true;
        return rc;
    }
    u->block = malloc(BLOCK_BYTES);
    u->tar = archive_read_new();
    if (u->block == NULL || u->tar == NULL ||
        archive_read_support_format_tar(u->tar) != ARCHIVE_OK) {
        u->broken = true;
        return ndr_fail(err, NDR_E_NOMEM, "no memory to read an archive");
    }
    if (archive_read_open2(u->tar, u, NULL, pull, NULL, NULL) != ARCHIVE_OK)
        return tar_fail(u, err);
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

static int
tar_next(ndr_unpack *u, ndr_error *err)
{
    for (;;) {
        struct archive_entry *e;
        const int code = archive_read_next_header(u->tar, &e);
        if (code == ARCHIVE_EOF)
            return 0;
        if (code < ARCHIVE_WARN)
            return tar_fail(u, err);
        if (archive_entry_filetype(e) != AE_IFREG || archive_entry_hardlink(e) != NULL)
            continue;
        const char *path = archive_entry_pathname(e);
        if (path == NULL) /* not of this locale */
            path = archive_entry_pathname_utf8(e);
        if (path == NULL)
            path = "?";
        bool maildir;
        if (is_other(path, &maildir))
            continue;

        entry_feed *entry = malloc(sizeof *entry);
        if (entry == NULL) {
            u->broken = true;
            return ndr_fail(err, NDR_E_NOMEM, "no memory to read an archive");
        }
        *entry =
            (entry_feed){.feed = {.read = entry_read, .close = entry_close}, .of = u};
        u->entry = &entry->feed;
        u->member = path;
        const int what = take_layers(u, &u->entry, err);
        if (what < 0)
            return what;
        if (what == NDR_SNIFF_EMPTY) {
            u->entry->close(u->entry);
            u->entry = NULL;
            continue;
        }
        const char *slash = strrchr(path, '/');
        u->item = u->entry;
        u->framing =
            maildir ? NDR_FRAME_ONE : framing_of(u->format, (enum ndr_sniff)what);
        u->framed = maildir ? ndr_maildir_time(slash + 1) : NDR_TIME_UNKNOWN;
        u->file_time = archive_entry_mtime_is_set(e) ? (int64_t)archive_entry_mtime(e)
                                                     : NDR_TIME_UNKNOWN;
        return 1;
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
    if (u->broken || (u->started && u->tar == NULL))
        return 0;
    if (!u->started) {
        u->started = true;
        const int what = take_layers(u, &u->in, err);
        if (what < 0) {
            u->broken = true;
            return what;
        }
        if (what == NDR_SNIFF_EMPTY)
            return 0;
        if (what != NDR_SNIFF_TAR) {
            u->item = u->in;
            u->framing = framing_of(u->format, (enum ndr_sniff)what);
            return 1;
        }
        const int code = tar_open(u, err);
        if (code != 0)
            return code;
    }
    return tar_next(u, err);
}

int64_t
ndr_unpack_read(ndr_unpack *u, unsigned char *to, size_t room, bool wait, ndr_error *err)
{
    const int64_t n = u->item->read(u->item, to, room, wait, err);
    if (n < 0 && n != NDR_FEED_WAIT && u->tar == NULL)
        u->broken = true;
    return n;
}

void
ndr_unpack_close(ndr_unpack *u)
{
    if (u->entry != NULL)
        u->entry->close(u->entry);
    if (u->tar != NULL)
        (void)archive_read_free(u->tar); /* what it could tell was told by reading */
    if (u->in != NULL)
        u->in->close(u->in);
    free(u->block);
    *u = (ndr_unpack){0};
}
