/* SPDX-License-Identifier: BSD-3-Clause */
/* mailbox_paths.h - how does a verb know from a path whose mail is in it? */
#ifndef MAILBOX_PATHS_H
#define MAILBOX_PATHS_H

#include "ndrscan_rules.h"
#include "opts.h"

/* Of --recipient-path or --recipient-map, not both. All zero: by headers alone. */
typedef struct mailbox_paths {
    const char *pattern, *map; /* the template, or the file; NULL */
    const char *last;          /* a copy of the map, for while it has trouble; NULL */
    const char *base;          /* where relative paths begin, if not in our folder */
    ndr_mailbox_table *table;  /* owned; of the map */
    ndr_mailboxes by;          /* what was loaded */
    ndr_error trouble;         /* why the map itself was not; no text: it is in order */
} mailbox_paths;

/* Take one of the two options: 0, or 2, told. */
int mailbox_paths_option(mailbox_paths *m, const opts *o, int id, const char *arg);
/* All options were taken: load what they ask for, if it is not yet. 0, or 2, told.
 * `trouble` is told, too, where `last` is taken for the map. */
int mailbox_paths_load(mailbox_paths *m);
/* What was loaded; NULL: by headers alone. Borrowed: as long as `m` stays where it is. */
const ndr_mailboxes *mailbox_paths_by(const mailbox_paths *m);
/*
 * All mail of a Maildir shares one Junk, so it is one's: the first row for a folder or a
 * message of it that names another domain than the Maildir's own path does, so that this
 * tells none; NULL: there is none, or `by` is no table. `layout_fs`: folders without a
 * dot in front are its own, too (Dovecot's layout=fs).
 */
const ndr_mailbox *mailbox_paths_other(const ndr_mailboxes *by, const char *maildir,
                                       bool layout_fs);
/* Does it tell of whole paths, so that relative ones depend on the folder we are in? */
bool mailbox_paths_are_whole(const mailbox_paths *m);
/* Forget the table; what was asked for stays. */
void mailbox_paths_unload(mailbox_paths *m);

/* The folder we are in, without links, as it was when this was asked first; NULL: it has
 * no path. */
const char *mailbox_paths_here(void);

#endif
