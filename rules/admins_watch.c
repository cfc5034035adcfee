/* SPDX-License-Identifier: BSD-3-Clause */
/* admins_watch.c - who is let in now, by the file of people? */
#include "ndr_admins.h"
#include "roots_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_BYTES = 8 << 20, CHANGES_MAX = 100 };

struct ndr_admins_watch {
    ndr_roots_file *file;
    ndr_admins *nobody; /* an empty one */
};

/* Whose rights are others now. Both are sorted by name. */
static void
say_changes(const void *was, const void *is, void (*tell)(void *ctx, const char *text),
            void *ctx)
{
    size_t n = 0, k = 0, told = 0;
    const ndr_admin *a = ndr_admins_rows(was, &n), *b = ndr_admins_rows(is, &k);
    for (size_t i = 0, j = 0; (i < n || j < k) && told < CHANGES_MAX;) {
        char text[160];
        const int c = i == n ? 1 : j == k ? -1 : strcmp(a[i].name, b[j].name);
        const bool same = c == 0 && a[i].generation == b[j].generation;
        (void)snprintf(text, sizeof text, "admin '%s' %s", c <= 0 ? a[i].name : b[j].name,
                       c < 0   ? "was taken out"
                       : c > 0 ? "was let in"
                               : "has other rights, or another way in");
        i += c <= 0;
        j += c >= 0;
        told += !same;
        if (!same)
            tell(ctx, text);
    }
}

static int
parse(const char *shown, ndr_slice text, void **ret, ndr_error *err)
{
    ndr_admins *t = NULL;
    const int rc = ndr_admins_parse(shown, text, &t, err);
    *ret = t;
    return rc;
}

static void
drop(void *said)
{
    ndr_admins_free(said);
}

static const ndr_roots_kind kind = {.name = "the file of admins",
                                    .says = "who may do what",
                                    .most_bytes = MAX_BYTES,
                                    .parse = parse,
                                    .drop = drop,
                                    .changed = say_changes};

const ndr_admins *
ndr_admins_now(ndr_admins_watch *w, int64_t now_ms)
{
    const ndr_admins *now = ndr_roots_file_now(w->file, now_ms);
    return now != NULL ? now : w->nobody;
}

int
ndr_admins_watch_begin(const char *path, void (*tell)(void *ctx, const char *text),
                       void *ctx, ndr_admins_watch **ret, ndr_error *err)
{
    ndr_admins_watch *w = calloc(1, sizeof *w);
    int rc = w != NULL ? 0 : ndr_fail(err, NDR_E_NOMEM, "no memory");
    if (rc == 0)
        rc = ndr_admins_parse("", (ndr_slice){0}, &w->nobody, err);
    if (rc == 0)
        rc = ndr_roots_file_begin(&kind, path, tell, ctx, &w->file, err);
    if (rc != 0) {
        ndr_admins_watch_end(w);
        return rc;
    }
    *ret = w;
    return 0;
}

void
ndr_admins_watch_end(ndr_admins_watch *w)
{
    if (w == NULL)
        return;
    ndr_roots_file_end(w->file);
    ndr_admins_free(w->nobody);
    free(w);
}
