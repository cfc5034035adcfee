/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tree.h - which folders of a Maildir are open, and which names are in them?
 *
 * Every folder is reached from the Maildir's own descriptor without following a link,
 * and messages are named by folder descriptor and name: a folder that is swapped for a
 * link in between leads nowhere.
 */
#ifndef NDR_TREE_H
#define NDR_TREE_H

#include "move_name.h"
#include "ndrscan_move.h"

/* Why a message is not looked for now. */
#define NDR_OTHER_PLACE                                                                  \
    "another folder stands where its Maildir was (is its file system mounted?)"

enum { NDR_CUR, NDR_NEW };

/* A folder's two halves. */
typedef struct ndr_mail_folder {
    char *rel; /* "" or ".Old" */
    int fd[2]; /* cur, new; -1: not there */
    bool dirty[2];
    bool indexed;
    ndr_buffer names; /* NUL behind each */
    struct ndr_entry {
        size_t at;     /* in names */
        uint32_t next; /* of the same bucket, + 1; 0: none */
        int half;
        bool gone; /* renamed by us */
    } * entry;
    size_t entry_count, entry_cap;
    uint32_t *bucket; /* + 1 */
    size_t bucket_count;
} ndr_mail_folder;

typedef struct ndr_tree {
    char *path;
    int fd;
    ndr_place place; /* which folder it is */
    ndr_mail_folder **folder;
    size_t folder_count, folder_cap;
    bool all; /* all folders are among them */
} ndr_tree;

/* Open a Maildir by a full path without links. `lock`: against others of this program. */
int ndr_tree_open(ndr_tree *t, const char *path, bool lock, ndr_error *err);
void ndr_tree_close(ndr_tree *t);
/*
 * Whether it is the Maildir that `place` tells of: where a file system is not mounted, or
 * another is, a message that is not found is not gone. Of an unknown place: whether it is
 * a Maildir at all. Borrows; with errno of no use.
 */
bool ndr_tree_is(ndr_tree *t, const ndr_place *place);
/* A folder of it: NULL with errno when it is not there, or is not as it should be. */
ndr_mail_folder *ndr_tree_folder(ndr_tree *t, const char *rel);
/* Make `name` a Maildir folder with the owner and mode of the Maildir; what is there
 * already stays as it is. 0 or an ndr_code. */
int ndr_tree_make(ndr_tree *t, const char *name, ndr_error *err);
/* Whether a message with the base of `name` is in any folder: 1, 0, or an ndr_code when
 * that cannot be told. Opens and lists them all. */
int ndr_tree_holds(ndr_tree *t, const char *name, ndr_error *err);
/* Put the names of changed folders on the disk. */
int ndr_tree_sync(ndr_tree *t, ndr_error *err);
/* List folders anew when they are next asked. */
void ndr_tree_refresh(ndr_tree *t);

/* List it, unless it is. 0 or an ndr_code. */
int ndr_folder_index(ndr_mail_folder *f, ndr_error *err);
/* Note that a name has come or gone. */
void ndr_folder_note(ndr_mail_folder *f, int half, const char *name, bool come);
bool ndr_folder_has_base(ndr_mail_folder *f, const char *name);
/* The message with the base of `name` and this inode: its half and name, until the next
 * index. NULL with errno: ENOENT when it is not there, else it may be. inode 0: any
 * regular file. */
const char *
ndr_folder_find(ndr_mail_folder *f, const char *name, uint64_t inode, int *ret_half);
/* 0 and *ret_inode when `name` is a regular file; else -1 with errno. */
int ndr_folder_stat(const ndr_mail_folder *f, int half, const char *name,
                    uint64_t *ret_inode);

#endif
