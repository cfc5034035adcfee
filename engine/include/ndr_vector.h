/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ndr_vector.h - where in these bytes does something stand, many bytes at a time?
 *
 * For the rooms; not installed. Nothing is read outside [p, p + n), whatever the
 * width. All of it may be called from any thread.
 */
#ifndef NDR_VECTOR_H
#define NDR_VECTOR_H

#include "ndrscan_common.h"

/* One way to answer: a width of vectors, or none. */
typedef struct ndr_vector_way {
    const char *name;
    bool (*usable)(void); /* on this CPU */
    size_t (*find)(const unsigned char *p, size_t n, const char *what, size_t len);
    size_t (*find_last)(const unsigned char *p, size_t n, size_t low, const char *what,
                        size_t len);
    size_t (*ascii_length)(const unsigned char *p, size_t n);
    size_t (*plain)(const unsigned char *p, size_t n);
    size_t (*name_bytes)(const unsigned char *p, size_t n);
    size_t (*field_end)(const unsigned char *p, size_t n);
    size_t (*copy_unescaped)(unsigned char *to, const unsigned char *p, size_t n);
} ndr_vector_way;

/* The widest that this CPU has; set before main. */
extern ndr_vector_way ndr_vector;
/* All that were compiled, plain C first, then ever wider: tests hold them together. */
extern const ndr_vector_way *const ndr_vector_ways[];
extern const size_t ndr_vector_way_count;
/* Let ndr_vector be the way of that name; false: there is none, or the CPU has it not.
 * For tests and measurements, before other threads are started. */
bool ndr_vector_use(const char *name);

/*
 * Offset of the first place of the `len` bytes `what`; n when there is none. `len` is
 * at least 2. The first two bytes are compared in vectors: let them be a rare pair
 * ("\nF"), and common bytes cost as little as a rare one.
 */
static inline size_t
ndr_find(const unsigned char *p, size_t n, const char *what, size_t len)
{
    return ndr_vector.find(p, n, what, len);
}

/* Offset of the last place of `what` that is not below `low`; n when there is none. */
static inline size_t
ndr_find_last(const unsigned char *p, size_t n, size_t low, const char *what, size_t len)
{
    return ndr_vector.find_last(p, n, low, what, len);
}

/* How many bytes stand before the first one that is not ASCII. */
static inline size_t
ndr_ascii_length(ndr_slice s)
{
    return ndr_vector.ascii_length(s.ptr, s.len);
}

/* Every byte below 0x80. */
static inline bool
ndr_is_ascii(ndr_slice s)
{
    return ndr_ascii_length(s) == s.len;
}

/*
 * How many bytes at the front of `s` are printable ASCII with single spaces
 * between words: what canonical text takes over as it is. Stops at the first
 * control character, byte above 0x7e, or space behind a space.
 */
static inline size_t
ndr_plain_length(ndr_slice s)
{
    return ndr_vector.plain(s.ptr, s.len);
}

/* How many bytes at the front of `s` may stand in a field name (RFC 5322 2.2). */
static inline size_t
ndr_name_bytes(const unsigned char *p, size_t n)
{
    return ndr_vector.name_bytes(p, n);
}

/* Behind the first LF that neither space nor tab follows, which would fold the field
 * on (RFC 5322 2.2.3); n when there is none. */
static inline size_t
ndr_field_end(const unsigned char *p, size_t n)
{
    return ndr_vector.field_end(p, n);
}

/*
 * Copy the bytes at p that a JSON string holds as they are, up to the first control
 * character, quote, backslash or byte above 0x7e; how many. `to` has room for n, and
 * what is behind the copied ones there is scribbled on.
 */
static inline size_t
ndr_copy_unescaped(unsigned char *to, const unsigned char *p, size_t n)
{
    return ndr_vector.copy_unescaped(to, p, n);
}

#endif
