/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * find_speed.c - how fast is a mailbox searched for its marks, by each way there is?
 *
 * Over a buffer of the size that a worker reads at once, so that it comes from the
 * cache, as it does in a scan. Lines are as long as those of mail, and one in fifty
 * begins with 'F'. Best of ten.
 */
#define MEASURE_NAME "find_speed"
#include "measure.h"
#include "ndr_vector.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BYTES = 256 << 10, ROUNDS = 500, TRIES = 10, LINE = 60, SELDOM = 50 };

int
main(void)
{
    unsigned char *p = malloc(BYTES);
    if (p == NULL)
        return 2;
    for (size_t i = 0, line = 0; i < BYTES; i++) {
        p[i] = i % LINE == 0 ? '\n' : 'x';
        if (i % LINE == 1 && line++ % SELDOM == 0)
            p[i] = 'F';
    }
    size_t found = 0;
    for (size_t w = 0; w < ndr_vector_way_count; w++) {
        const ndr_vector_way *way = ndr_vector_ways[w];
        if (!way->usable()) {
            printf("%-8s this CPU has it not\n", way->name);
            continue;
        }
        double best = 1e9;
        for (int try = 0; try < TRIES; try++) {
            const double begin = now();
            for (int i = 0; i < ROUNDS; i++)
                found += way->find(p, BYTES, "\nFrom ", 6);
            const double took = now() - begin;
            best = took < best ? took : best;
        }
        printf("%-8s %6.1f GB/s%s\n", way->name, (double)BYTES * ROUNDS / best / 1e9,
               strcmp(way->name, ndr_vector.name) == 0 ? "  chosen" : "");
    }
    free(p);
    return found == 0;
}
