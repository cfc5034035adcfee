/* SPDX-License-Identifier: BSD-3-Clause */
/* codec_filter.c - what do gzip, bzip2 and xz files hold? libarchive's filters tell. */
#include "archive_lib.h"
#include "feed.h"

#include <stdlib.h>
#include <string.h>

enum { IN_BYTES = 1 << 16 };

typedef struct filter_feed {
    ndr_feed feed;
    ndr_feed *in;
    const char *name;
    struct archive *archive;
    bool begun;
    int in_code; /* what reading `in` failed with, 0 when it did not */
    ndr_error in_err;
    unsigned char bytes[IN_BYTES];
} filter_feed;

static la_ssize_t
pull(struct archive *a, void *ctx, const void **ret)
{
    (void)a;
    filter_feed *f = ctx;
    const int64_t n = f->in->read(f->in, f->bytes, IN_BYTES, true, &f->in_err);
    *ret = f->bytes;
    if (n >= 0)
        return (la_ssize_t)n;
    f->in_code = (int)n;
    return -1;
}

static int
filter_fail(const filter_feed *f, ndr_error *err)
{
    if (f->in_code != 0) {
        if (err != NULL)
            *err = f->in_err;
        return f->in_code;
    }
    const char *why = archive_error_string(f->archive);
    return ndr_fail(err, NDR_E_DAMAGED, "damaged %s data: %s", f->name,
                    why != NULL ? why : "it cannot be decoded");
}

static int64_t
filter_read(ndr_feed *feed, unsigned char *to, size_t room, bool wait, ndr_error *err)
{
    (void)wait; /* a filter cannot be left half-way */
    filter_feed *f = (filter_feed *)feed;
    if (!f->begun) {
        f->begun = true;
        struct archive_entry *entry;
        int code = archive_read_open2(f->archive, f, NULL, pull, NULL, NULL);
        if (code == ARCHIVE_OK)
            code = archive_read_next_header(f->archive, &entry);
        if (code == ARCHIVE_EOF)
            return 0;
        if (code < ARCHIVE_WARN)
            return filter_fail(f, err);
    }
    const la_ssize_t n = archive_read_data(f->archive, to, room);
    return n >= 0 ? (int64_t)n : filter_fail(f, err);
}

static void
filter_close(ndr_feed *feed)
{
    filter_feed *f = (filter_feed *)feed;
    (void)archive_read_free(f->archive); /* what it could tell was told by read */
    f->in->close(f->in);
    free(f);
}

static int
enable(struct archive *a, const char *name)
{
    if (strcmp(name, "gzip") == 0)
        return archive_read_support_filter_gzip(a);
    if (strcmp(name, "bzip2") == 0)
        return archive_read_support_filter_bzip2(a);
    return archive_read_support_filter_xz(a);
}

int
ndr_filter_open(const ndr_codec *c, ndr_feed *in, ndr_feed **ret, ndr_error *err)
{
    const int rc = ndr_archive_load(err);
    if (rc < 0) {
        in->close(in);
        return rc;
    }
    filter_feed *f = malloc(sizeof *f);
    struct archive *a = archive_read_new();
    if (f == NULL || a == NULL) {
        (void)ndr_fail(err, NDR_E_NOMEM, "no memory to decode %s", c->name);
        goto fail;
    }
    if (enable(a, c->name) != ARCHIVE_OK ||
        archive_read_support_format_raw(a) != ARCHIVE_OK ||
        archive_read_support_format_empty(a) != ARCHIVE_OK) {
        (void)ndr_fail(err, NDR_E_LIMIT, "libarchive was built without %s", c->name);
        goto fail;
    }
    f->feed = (ndr_feed){.read = filter_read, .close = filter_close};
    f->in = in;
    f->name = c->name;
    f->archive = a;
    f->begun = false;
    f->in_code = 0;
    *ret = &f->feed;
    return 0;

fail:
    if (a != NULL)
        (void)archive_read_free(a);
    free(f);
    in->close(in);
    return err != NULL ? err->code : NDR_E_NOMEM;
}
