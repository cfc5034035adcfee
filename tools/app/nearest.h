/* SPDX-License-Identifier: BSD-3-Clause */
/* nearest.h - which word was meant by one that is none? */
#ifndef NEAREST_H
#define NEAREST_H

#include <stddef.h>

/*
 * How many letters lie between two words: put in, left out, changed, or two neighbours
 * exchanged, each of them one (optimal string alignment). SIZE_MAX where a word is over
 * 32 bytes.
 */
size_t nearest_distance(const char *a, const char *b);

/* Near enough to be asked for: one letter in three at most. */
int nearest_is_near(const char *typed, const char *word);

#endif
