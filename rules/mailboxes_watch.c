/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mailboxes_watch.c - whose are the mailboxes now, by the operator's map?
 *
 * Its bytes are kept, as they were when they were in order, for programs that are started
 * to judge by them.
 */
#include "mailboxes_file.h"
#include "ndr_admins.h"
#include "ndr_hash.h"
#include "ndrscan_rules.h"
#include "roots_file.h"

#include <stdlib.h>
#include <string.h>

static void
drop(void *said)
{
    ndr_mailboxes_text *t = said;
    free((void *)(uintptr_t)t->text.ptr);
    free(t);
}

static int
parse(const char *shown, ndr_slice text, void **ret, ndr_error *err)
{
    ndr_mailbox_table *t = NULL;
    const int rc = ndr_mailboxes_parse(shown, text, &t, err);
    ndr_mailbox_table_free(t);
    if (rc != 0)
        return rc;
    ndr_mailboxes_text *said = calloc(1, sizeof *said);
    unsigned char *copy = malloc(text.len);
    if (said == NULL || copy == NULL) {
        free(said);
        free(copy);
        return ndr_fail(err, NDR_E_NOMEM, "no memory for '%s'", shown);
    }
    memcpy(copy, text.ptr, text.len);
    *said = (ndr_mailboxes_text){{copy, text.len}, ndr_hash(text, 0)};
    *ret = said;
    return 0;
}

static const ndr_roots_kind kind = {.name = "the map of mailboxes",
                                    .says = "whose mail is whose",
                                    .most_bytes = NDR_MAILBOXES_MOST_BYTES,
                                    .parse = parse,
                                    .drop = drop};

struct ndr_mailboxes_watch {
    ndr_roots_file *file;
};

int
ndr_mailboxes_watch_begin(const char *path, void (*tell)(void *ctx, const char *text),
                          void *ctx, ndr_mailboxes_watch **ret, ndr_error *err)
{
    ndr_mailboxes_watch *w = calloc(1, sizeof *w);
    const int rc = w != NULL ? ndr_roots_file_begin(&kind, path, tell, ctx, &w->file, err)
                             : ndr_fail(err, NDR_E_NOMEM, "no memory");
    if (rc == 0)
        *ret = w;
    else
        free(w);
    return rc;
}

const ndr_mailboxes_text *
ndr_mailboxes_now(ndr_mailboxes_watch *w, int64_t now_ms)
{
    return ndr_roots_file_now(w->file, now_ms);
}

void
ndr_mailboxes_watch_end(ndr_mailboxes_watch *w)
{
    if (w == NULL)
        return;
    ndr_roots_file_end(w->file);
    free(w);
}
