/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * only.h - whose mail is it, where a verb is to see that of some domains alone?
 *
 * A message is theirs for whom it was judged. A header is its sender's word, so where
 * --recipient-path or --recipient-map says whose a mailbox is, both have to say the same:
 * what they do not agree about is nobody's but the operator's.
 */
#ifndef ONLY_H
#define ONLY_H

#include "app/opts.h"
#include "ndr_admins.h"
#include "ndrscan_move.h"

/* All zero: every message. */
typedef struct only {
    ndr_domain_right *right; /* owned */
    char **name;             /* that they point to: owned */
    size_t count, cap;
    ndr_domain_set set;
    const ndr_mailboxes *by; /* of --recipient-path or -map; borrowed, or NULL */
} only;

/* Take one --only-domain: 0, or 2, told. */
int only_add(only *o, const opts *of, const char *arg);
/* All options were taken; `by` may be NULL. */
void only_end(only *o, const ndr_mailboxes *by);
void only_free(only *o);

/* May mail of theirs be in the folder `path` or below it? True where nobody can say yet.
 * For maildirs.leads; ctx is an only. */
bool only_leads(const void *ctx, const char *path);
/* Is all of the Maildir `path` not theirs? */
bool only_passes_over(const only *o, const char *path);
/* Is it a message of theirs? Thread: any. */
bool only_verdict(const only *o, const ndr_verdict *v);
/* Is it theirs by its path and by its header? `v` is a verdict's, whoever asked. */
bool only_agreed(const ndr_verdict *v);
/* Is it a move of theirs? */
bool only_move(const only *o, const ndr_journal_run *run, const ndr_move *m);
/* Has the run one? */
bool only_run(const only *o, const ndr_journal_run *run);
/* Has it one in this Maildir of its own? */
bool only_tree(const only *o, const ndr_journal_run *run, size_t tree);

#endif
