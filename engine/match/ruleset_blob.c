/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ruleset_blob.c - how does a compiled ruleset go to bytes and back?
 *
 *   head: magic, checksum of what follows | platform | tables | one database a matcher
 *
 * Each of these begins a row of 64 bytes; before each but the head stands a row that
 * holds its length. Databases are kept as they lie in memory, which depends on nothing
 * but where in its row they begin: so a file that is mapped is scanned with as it is,
 * where unpacking databases took most of the start. Hyperscan would check what it
 * unpacks; the checksum stands for that.
 */
#include "ruleset.h"

#include "ndr_hash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char magic[16] = "ndrscan-rules-6";

enum { ROW_BYTES = NDR_BLOB_ALIGN };

static size_t
whole_rows(size_t n)
{
    return (n + ROW_BYTES - 1) / ROW_BYTES * ROW_BYTES;
}

/* The features that Hyperscan compiles for; it tells them only with its compiler at hand.
 */
static const char *
cpu_features(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512bw"))
        return "avx2 avx512 avx512vbmi";
    if (__builtin_cpu_supports("avx512bw"))
        return "avx2 avx512";
    return __builtin_cpu_supports("avx2") ? "avx2" : "none";
#else
    return "of this architecture";
#endif
}

enum { PLATFORM_BYTES = 120 };

static const char *
platform(char text[PLATFORM_BYTES], const char *features)
{
    (void)snprintf(text, PLATFORM_BYTES, "%s hyperscan %.*s features %s", magic,
                   (int)strcspn(hs_version(), " "), hs_version(), features);
    return text;
}

const char *
ndr_platform(void)
{
    static _Thread_local char text[PLATFORM_BYTES];
    return platform(text, cpu_features());
}

const char *
ndr_platform_any_cpu(void)
{
    static _Thread_local char text[PLATFORM_BYTES];
    return platform(text, "of any CPU");
}

static void
put_zeros(ndr_buffer *out, size_t n)
{
    static const unsigned char none[ROW_BYTES];
    ndr_buffer_add(out, (ndr_slice){none, n});
}

static void
put_block(ndr_buffer *out, ndr_slice block)
{
    const uint64_t n = block.len;
    ndr_buffer_add(out, (ndr_slice){(const unsigned char *)&n, sizeof n});
    put_zeros(out, ROW_BYTES - sizeof n);
    ndr_buffer_add(out, block);
    put_zeros(out, whole_rows(block.len) - block.len);
}

/* A database as it lies in memory at the beginning of a row. */
static int
put_database(ndr_buffer *out, const hs_database_t *db, ndr_error *err)
{
    if (db == NULL) {
        put_block(out, (ndr_slice){0});
        return 0;
    }
    char *packed = NULL;
    size_t n = 0, size = 0;
    void *row = NULL;
    int rc = NDR_E_NOMEM;
    if (hs_serialize_database(db, &packed, &n) == HS_SUCCESS &&
        hs_serialized_database_size(packed, n, &size) == HS_SUCCESS &&
        (row = aligned_alloc(ROW_BYTES, whole_rows(size))) != NULL) {
        memset(row, 0, size);
        if (hs_deserialize_database_at(packed, n, row) == HS_SUCCESS) {
            put_block(out, (ndr_slice){row, size});
            rc = 0;
        }
    }
    free(row);
    free(packed);
    return rc == 0 ? 0 : ndr_fail(err, rc, "no memory to save rules");
}

int
ndr_ruleset_save(const ndr_ruleset *rs, ndr_buffer *out, ndr_error *err)
{
    const size_t begin = out->len;
    ndr_buffer_add(out, (ndr_slice){(const unsigned char *)magic, sizeof magic});
    put_zeros(out, ROW_BYTES - sizeof magic);
    put_block(out, ndr_slice_of(rs->any_cpu ? ndr_platform_any_cpu() : ndr_platform()));
    put_block(out, (ndr_slice){rs->bytes, rs->bytes_len});
    for (size_t i = 0; i < ndr_ruleset_matchers(rs); i++) {
        const int rc = put_database(out, rs->matcher[i].db, err);
        if (rc < 0)
            return rc;
    }
    if (out->failed)
        return ndr_fail(err, NDR_E_NOMEM, "no memory to save rules");
    const ndr_slice rest = {out->ptr + begin + ROW_BYTES, out->len - begin - ROW_BYTES};
    const uint64_t sum = ndr_hash(rest, 0);
    memcpy(out->ptr + begin + sizeof magic, &sum, sizeof sum);
    return 0;
}

/* The next block of `s`, which moves on; false when it does not hold one. */
static bool
get_block(ndr_slice *s, ndr_slice *ret)
{
    uint64_t n;
    if (s->len < ROW_BYTES)
        return false;
    memcpy(&n, s->ptr, sizeof n);
    const size_t left = s->len - ROW_BYTES;
    if (n > left || whole_rows((size_t)n) > left)
        return false;
    *ret = (ndr_slice){s->ptr + ROW_BYTES, (size_t)n};
    const size_t whole = ROW_BYTES + whole_rows((size_t)n);
    *s = (ndr_slice){s->ptr + whole, s->len - whole};
    return true;
}

/* The next block of `s` as a database, in place; an empty one is none. */
static int
find_database(ndr_slice *s, const hs_database_t **ret, ndr_error *err)
{
    ndr_slice block;
    size_t size = 0;
    if (!get_block(s, &block))
        return ndr_fail(err, NDR_E_DAMAGED, "a compiled ruleset is not whole");
    if (block.len == 0)
        return 0;
    *ret = (const hs_database_t *)(const void *)block.ptr;
    if (hs_database_size(*ret, &size) != HS_SUCCESS || size != block.len)
        return ndr_fail(err, NDR_E_DAMAGED, "a compiled database is not sound");
    return 0;
}

/* Read the blob that `rs->home` is or will be. */
static int
read_blob(ndr_slice blob, ndr_ruleset **ret, ndr_error *err)
{
    uint64_t sum;
    if (blob.len < ROW_BYTES || memcmp(blob.ptr, magic, sizeof magic) != 0)
        return ndr_fail(err, NDR_E_DAMAGED, "not a compiled ruleset of this version");
    memcpy(&sum, blob.ptr + sizeof magic, sizeof sum);
    for (size_t i = sizeof magic + sizeof sum; i < ROW_BYTES; i++)
        if (blob.ptr[i] != 0)
            return ndr_fail(err, NDR_E_DAMAGED, "a compiled ruleset is not sound");
    ndr_slice rest = {blob.ptr + ROW_BYTES, blob.len - ROW_BYTES};
    if (ndr_hash(rest, 0) != sum)
        return ndr_fail(err, NDR_E_DAMAGED, "the checksum does not match");
    ndr_slice made_for = {0}, tables = {0};
    if (!get_block(&rest, &made_for) || !get_block(&rest, &tables))
        return ndr_fail(err, NDR_E_DAMAGED, "a compiled ruleset is not whole");
    const bool any_cpu = ndr_slice_equal(made_for, ndr_slice_of(ndr_platform_any_cpu()));
    if (!any_cpu && !ndr_slice_equal(made_for, ndr_slice_of(ndr_platform())))
        return ndr_fail(err, NDR_E_LIMIT, "compiled for another Hyperscan or CPU");

    unsigned char *bytes = malloc(tables.len > 0 ? tables.len : 1);
    if (bytes == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for rules");
    if (tables.len > 0)
        memcpy(bytes, tables.ptr, tables.len);
    ndr_ruleset *rs = NULL;
    int rc = ndr_tables_read(bytes, tables.len, &rs, err);
    if (rc < 0)
        return rc;
    rs->is_loaded = true;
    rs->any_cpu = any_cpu;
    for (size_t i = 0; rc == 0 && i < ndr_ruleset_matchers(rs); i++)
        rc = find_database(&rest, &rs->matcher[i].db, err);
    if (rc == 0 && rest.len != 0)
        rc = ndr_fail(err, NDR_E_DAMAGED, "a compiled ruleset is not whole");
    /* a signal without its database would never hit: no silence */
    for (size_t i = 0; rc == 0 && i < rs->signal_count; i++)
        if (rs->signal[i].how == NDR_HOW_MATCH &&
            rs->matcher[ndr_ruleset_matcher(rs, &rs->signal[i])].db == NULL)
            rc = ndr_fail(err, NDR_E_DAMAGED, "a compiled database is missing");
    if (rc == 0)
        rc = ndr_ruleset_finish(rs, err);
    if (rc < 0)
        ndr_ruleset_free(rs);
    else
        *ret = rs;
    return rc;
}

static void
free_copy(ndr_slice copy)
{
    free((void *)(uintptr_t)copy.ptr); /* of load_copy */
}

static int
load_copy(ndr_slice blob, ndr_ruleset **ret, ndr_error *err)
{
    unsigned char *copy = aligned_alloc(ROW_BYTES, whole_rows(blob.len + 1));
    if (copy == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for rules");
    if (blob.len > 0)
        memcpy(copy, blob.ptr, blob.len);
    const ndr_blob_owner home = {{copy, blob.len}, free_copy};
    const int rc = ndr_ruleset_load(home.bytes, &home, ret, err);
    if (rc < 0)
        free(copy);
    return rc;
}

int
ndr_ruleset_load(ndr_slice blob, const ndr_blob_owner *home, ndr_ruleset **ret,
                 ndr_error *err)
{
    if (home == NULL)
        return load_copy(blob, ret, err);
    if ((uintptr_t)blob.ptr % NDR_BLOB_ALIGN != 0)
        return ndr_fail(err, NDR_E_LIMIT, "a compiled ruleset begins no row of memory");
    const int rc = read_blob(blob, ret, err);
    if (rc == 0)
        (*ret)->home = *home;
    return rc;
}
