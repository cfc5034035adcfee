/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * roots_file.h - what does a file of root's say now, and may it be believed?
 *
 * It counts only as root's own (mode 0640 or less, one name, no link, in a folder that
 * only root changes), as what it says gives rights.
 */
#ifndef NDR_ROOTS_FILE_H
#define NDR_ROOTS_FILE_H

#include "ndrscan_common.h"

/* What is in such a file. */
typedef struct ndr_roots_kind {
    const char *name; /* "the file of admins" */
    const char *says; /* "who may do what" */
    size_t most_bytes;
    /* *ret is owned; errors name the file `shown`. 0 or an ndr_code. */
    int (*parse)(const char *shown, ndr_slice text, void **ret, ndr_error *err);
    void (*drop)(void *said);
    /* An edit counts from now on; NULL: nobody is told. */
    void (*changed)(const void *was, const void *is,
                    void (*tell)(void *ctx, const char *text), void *ctx);
} ndr_roots_kind;

typedef struct ndr_roots_file ndr_roots_file;

/*
 * Keep an eye on the file `path`. `tell` (NULL allowed) gets a line each time that
 * another trouble keeps an edit from counting, and when that is over. 0 and *ret, or why
 * it cannot be used now. Thread: one at a time.
 */
int ndr_roots_file_begin(const ndr_roots_kind *kind, const char *path,
                         void (*tell)(void *ctx, const char *text), void *ctx,
                         ndr_roots_file **ret, ndr_error *err);
/*
 * What it says at `now_ms` (ndr_now_ms): read anew when it was changed. While it cannot
 * be used, what it said for NDR_ADMINS_GRACE_S since it was changed; then NULL. Borrowed
 * until the next call.
 */
const void *ndr_roots_file_now(ndr_roots_file *w, int64_t now_ms);
void ndr_roots_file_end(ndr_roots_file *w); /* NULL allowed */

#endif
