/* SPDX-License-Identifier: BSD-3-Clause */
/* judge_again.h - which messages stay by a proof that a later message may take back? */
#ifndef JUDGE_AGAIN_H
#define JUDGE_AGAIN_H

#include <stdbool.h>
#include <stddef.h>

/* Messages that wait until all mail of a run was seen. All zero: none. */
typedef struct judge_again {
    struct judge_again_row {
        size_t maildir; /* its number */
        char *rel;      /* owned; where the message lies in it */
    } * row;            /* in the order in which they were added */
    size_t count, cap;
} judge_again;

/* Add one; Maildirs come in order. False: no memory. */
bool judge_again_add(judge_again *j, size_t maildir, const char *rel);
/* The next one of a Maildir; *at begins with 0. NULL: no more. */
const char *judge_again_next(const judge_again *j, size_t maildir, size_t *at);
void judge_again_free(judge_again *j);

#endif
