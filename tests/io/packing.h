/* SPDX-License-Identifier: BSD-3-Clause */
/* packing.h - compressed bytes and archives, made by the libraries' own writers. */
#ifndef NDR_PACKING_H
#define NDR_PACKING_H

#include "harness.h"
#include "ndrscan.h"

#include <archive.h>
#include <archive_entry.h>
#include <zstd.h>

/* libarchive's writer with one filter of that name ("none", "zstd", "gzip", ...). */
static inline struct archive *
pack_open(const char *format, const char *filter, void *to, size_t room, size_t *used)
{
    struct archive *a = archive_write_new();
    assert_non_null(a);
    assert_int_equal(archive_write_set_format_by_name(a, format), ARCHIVE_OK);
    if (strcmp(filter, "none") != 0)
        assert_int_equal(archive_write_add_filter_by_name(a, filter), ARCHIVE_OK);
    assert_int_equal(archive_write_set_bytes_in_last_block(a, 1), ARCHIVE_OK);
    assert_int_equal(archive_write_open_memory(a, to, room, used), ARCHIVE_OK);
    return a;
}

/* One entry; `target` makes it a symbolic link. */
static inline void
pack_entry(struct archive *a, const char *path, int64_t mtime, const void *bytes,
           size_t n, const char *target)
{
    struct archive_entry *e = archive_entry_new();
    assert_non_null(e);
    archive_entry_set_pathname(e, path);
    archive_entry_set_mtime(e, (time_t)mtime, 0);
    archive_entry_set_perm(e, 0600);
    archive_entry_set_filetype(e, target != NULL ? AE_IFLNK : AE_IFREG);
    if (target != NULL)
        archive_entry_set_symlink(e, target);
    else
        archive_entry_set_size(e, (int64_t)n);
    assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
    if (n > 0)
        assert_int_equal(archive_write_data(a, bytes, n), n);
    archive_entry_free(e);
}

static inline void
pack_close(struct archive *a)
{
    assert_int_equal(archive_write_close(a), ARCHIVE_OK);
    assert_int_equal(archive_write_free(a), ARCHIVE_OK);
}

/* `bytes` compressed by the codec of that name; to be freed. */
static inline unsigned char *
pack_bytes(const char *codec, const void *bytes, size_t n, size_t *ret_n)
{
    const size_t room = n + n / 2 + 65536;
    unsigned char *to = malloc(room);
    assert_non_null(to);
    if (strcmp(codec, "zstd") == 0) {
        *ret_n = ZSTD_compress(to, room, bytes, n, 3);
        assert_false(ZSTD_isError(*ret_n));
        return to;
    }
    struct archive *a = pack_open("raw", codec, to, room, ret_n);
    pack_entry(a, "data", 0, bytes, n, NULL);
    pack_close(a);
    return to;
}

#endif
