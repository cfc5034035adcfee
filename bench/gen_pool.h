/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gen_pool.h - where do bodies come from, faster than they can be composed?
 *
 * Paragraphs are composed and encoded once a run; a body is a run of them.
 */
#ifndef GEN_POOL_H
#define GEN_POOL_H

#include "gen_rng.h"
#include "gen_words.h"

enum pool_kind { POOL_TEXT, POOL_HTML, POOL_SPAM, POOL_KINDS };

/* Compose all pools. Once, before any pool_take. */
void pools_build(uint64_t seed);
void pools_free(void);

/* Append about `bytes` of whole encoded paragraphs in that language and form. */
void pool_take(text *out, rng *r, enum pool_kind kind, enum lang lang, unsigned form,
               size_t bytes);

/* Append `bytes`, rounded up to whole lines, of base64 that begins as a file of type
 * "pdf", "jpeg", "zip" or "png" does. */
void pool_attachment(text *out, rng *r, const char *type, size_t bytes);

#endif
