/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ruleset_blob.c - how does a compiled ruleset go to bytes and back?
 *
 *   magic | checksum of what follows | platform | tables | one database a matcher
 *
 * Hyperscan checks its own blobs for version and CPU; the checksum is there
 * because a torn file must not reach it.
 */
#include "ruleset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char magic[16] = "ndrscan-rules-3";

enum { HEAD_BYTES = sizeof magic + 8 };

static uint64_t
checksum(ndr_slice s)
{
    uint64_t h = 0x9e3779b97f4a7c15u ^ s.len;
    size_t i = 0;
    for (; i + 8 <= s.len; i += 8) {
        uint64_t w;
        memcpy(&w, s.ptr + i, 8);
        h = (h ^ w) * 0xff51afd7ed558ccdu;
        h ^= h >> 32;
    }
    for (; i < s.len; i++)
        h = (h ^ s.ptr[i]) * 0xc4ceb9fe1a85ec53u;
    return h ^ (h >> 29);
}

/* The features that Hyperscan compiles for; it tells them only with its compiler at hand. */
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

const char *
ndr_platform(void)
{
    static _Thread_local char text[120];
    (void)snprintf(text, sizeof text, "%s hyperscan %.*s features %s", magic,
                   (int)strcspn(hs_version(), " "), hs_version(), cpu_features());
    return text;
}

static void
put_block(ndr_buffer *out, ndr_slice block)
{
    const uint64_t n = block.len;
    ndr_buffer_add(out, (ndr_slice){(const unsigned char *)&n, sizeof n});
    ndr_buffer_add(out, block);
    while (out->len % 8 != 0 && !out->failed)
        ndr_buffer_byte(out, 0);
}

int
ndr_ruleset_save(const ndr_ruleset *rs, ndr_buffer *out, ndr_error *err)
{
    while (out->len % 8 != 0 && !out->failed)
        ndr_buffer_byte(out, 0);
    const size_t begin = out->len;
    static const unsigned char none[8];
    ndr_buffer_add(out, (ndr_slice){(const unsigned char *)magic, sizeof magic});
    ndr_buffer_add(out, (ndr_slice){none, sizeof none});
    put_block(out, ndr_slice_of(ndr_platform()));
    put_block(out, (ndr_slice){rs->bytes, rs->bytes_len});
    for (size_t i = 0; i < ndr_ruleset_matchers(rs); i++) {
        char *bytes = NULL;
        size_t n = 0;
        if (rs->matcher[i].db != NULL &&
            hs_serialize_database(rs->matcher[i].db, &bytes, &n) != HS_SUCCESS)
            return ndr_fail(err, NDR_E_NOMEM, "no memory to save rules");
        put_block(out, (ndr_slice){(const unsigned char *)bytes, n});
        free(bytes);
    }
    if (out->failed)
        return ndr_fail(err, NDR_E_NOMEM, "no memory to save rules");
    const uint64_t sum = checksum(
        (ndr_slice){out->ptr + begin + HEAD_BYTES, out->len - begin - HEAD_BYTES});
    memcpy(out->ptr + begin + sizeof magic, &sum, sizeof sum);
    return 0;
}

/* The next block of `s`, which moves on; false when it does not hold one. */
static bool
get_block(ndr_slice *s, ndr_slice *ret)
{
    uint64_t n;
    if (s->len < sizeof n)
        return false;
    memcpy(&n, s->ptr, sizeof n);
    const size_t left = s->len - sizeof n;
    if (n > left || (n + 7) / 8 * 8 > left)
        return false;
    *ret = (ndr_slice){s->ptr + sizeof n, (size_t)n};
    const size_t whole = sizeof n + ((size_t)n + 7) / 8 * 8;
    *s = (ndr_slice){s->ptr + whole, s->len - whole};
    return true;
}

/* The next block of `s` as a database; an empty one is none. */
static int
load_database(ndr_slice *s, hs_database_t **ret, ndr_error *err)
{
    ndr_slice block;
    if (!get_block(s, &block))
        return ndr_fail(err, NDR_E_DAMAGED, "a compiled ruleset is not whole");
    if (block.len == 0)
        return 0;
    switch (hs_deserialize_database((const char *)block.ptr, block.len, ret)) {
    case HS_SUCCESS:
        return 0;
    case HS_NOMEM:
        return ndr_fail(err, NDR_E_NOMEM, "no memory for rules");
    case HS_DB_VERSION_ERROR:
    case HS_DB_PLATFORM_ERROR:
        return ndr_fail(err, NDR_E_LIMIT, "compiled for another Hyperscan or CPU");
    default:
        return ndr_fail(err, NDR_E_DAMAGED, "a compiled database is not sound");
    }
}

int
ndr_ruleset_load(ndr_slice blob, ndr_ruleset **ret, ndr_error *err)
{
    uint64_t sum;
    if (blob.len < HEAD_BYTES || memcmp(blob.ptr, magic, sizeof magic) != 0)
        return ndr_fail(err, NDR_E_DAMAGED, "not a compiled ruleset of this version");
    memcpy(&sum, blob.ptr + sizeof magic, sizeof sum);
    ndr_slice rest = {blob.ptr + HEAD_BYTES, blob.len - HEAD_BYTES};
    if (checksum(rest) != sum)
        return ndr_fail(err, NDR_E_DAMAGED, "the checksum does not match");
    ndr_slice platform = {0}, tables = {0};
    if (!get_block(&rest, &platform) || !get_block(&rest, &tables))
        return ndr_fail(err, NDR_E_DAMAGED, "a compiled ruleset is not whole");
    if (!ndr_slice_equal(platform, ndr_slice_of(ndr_platform())))
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
    for (size_t i = 0; rc == 0 && i < ndr_ruleset_matchers(rs); i++)
        rc = load_database(&rest, &rs->matcher[i].db, err);
    if (rc == 0 && rest.len != 0)
        rc = ndr_fail(err, NDR_E_DAMAGED, "a compiled ruleset is not whole");
    /* a signal without its database would never hit: no silence */
    for (size_t i = 0; rc == 0 && i < rs->signal_count; i++)
        if (rs->signal[i].how == NDR_HOW_MATCH &&
            rs->matcher[ndr_ruleset_matcher(rs, &rs->signal[i])].db == NULL)
            rc = ndr_fail(err, NDR_E_DAMAGED, "a compiled database is missing");
    if (rc == 0)
        rc = ndr_ruleset_finish(rs, err);
    if (rc < 0) {
        ndr_ruleset_free(rs);
        return rc;
    }
    *ret = rs;
    return 0;
}
