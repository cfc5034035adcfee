/* SPDX-License-Identifier: BSD-3-Clause */
/* maildirs.h - which Maildirs are there, and which of their folders hold mail to judge?
 */
#ifndef MAILDIRS_H
#define MAILDIRS_H

#include "ndrscan.h"

typedef struct maildir {
    char *shown; /* as the operator named it */
    char *full;  /* without links */
    uint32_t uid, gid;
} maildir;

typedef struct maildirs {
    maildir *row;
    size_t count, cap;
    /* NULL, or whether to look into a folder, by its path as the operator named it */
    bool (*leads)(const void *ctx, const char *shown);
    const void *leads_ctx;
} maildirs;

/*
 * Add the Maildir at `path`; with `recursive` also all below it, in the order of their
 * names, links not followed. 0, or an ndr_code: not there, or no Maildir.
 */
int maildirs_add(maildirs *list, const char *path, bool recursive, ndr_error *err);
/* Take out those of which `drop` says so. */
void maildirs_drop(maildirs *list, bool (*drop)(const void *ctx, const maildir *m),
                   const void *ctx);
void maildirs_free(maildirs *list);

/* A list of strings, each owned. */
typedef struct strings {
    char **at;
    size_t count, cap;
} strings;
void strings_free(strings *s);
bool strings_add(strings *s, const char *text); /* false: no memory */

/*
 * The halves ("cur", ".Old/new") of a Maildir's folders, but those of its Junk folders,
 * of others that mail programs make for junk, and of Trash. `junk` are names, the first
 * one's that of the Junk folder: where it has no dot in front, folders of folders count
 * (Dovecot's layout=fs), else Maildir++ ones.
 */
int maildir_halves(const maildir *m, const strings *junk, strings *ret, ndr_error *err);

#endif
