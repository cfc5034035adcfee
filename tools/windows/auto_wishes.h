/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * auto_wishes.h - for which domains was it said on the page: "do this for me next time"?
 *
 * A file in the folder of windows, written by the console and read by `ndrscan watch
 * --auto`. A person's wish counts while admins.yaml lets them switch the domain, which
 * each who reads it asks anew: what stands in the file gives nobody a right.
 */
#ifndef AUTO_WISHES_H
#define AUTO_WISHES_H

#include "app/history.h"
#include "ndr_admins.h"

#define AUTO_WISHES_FILE ".ndrscan.auto.wishes.json"

typedef struct auto_wish {
    char domain[256];                  /* lower-case A-labels */
    enum ndr_take take;                /* NDR_TAKE_NOT_OURS or NDR_TAKE_FORGED */
    char person[NDR_ADMIN_NAME_BYTES]; /* whose it is; "": the operator's */
    int64_t at;                        /* since when */
} auto_wish;

typedef struct auto_wishes {
    auto_wish *row; /* by domain, each once; owned */
    size_t count;
} auto_wishes;

/* Read them; no file is none. 0 (auto_wishes_free it); NDR_E_DAMAGED, NDR_E_LIMIT with
 * the remedy; NDR_E_SYS, NDR_E_NOMEM. */
int auto_wishes_load(const char *dir, auto_wishes *ret, ndr_error *err);
void auto_wishes_free(auto_wishes *w);
/* That of a domain; NULL: none. */
const auto_wish *auto_wishes_find(const auto_wishes *w, const char *domain);
/* Does it count: is it the operator's, or of a person of `people` (NULL: nobody) who may
 * switch the domain? Pure. */
bool auto_wish_counts(const auto_wish *w, const ndr_admins *people);
/*
 * Put `w` in the place of what was wished for its domain, or with `on` false take that
 * out, whoever's it is; under the windows' lock, in history by `by` before it is done.
 * 0, also where there is nothing to take out; or an ndr_code, and nothing was changed.
 */
int auto_wishes_put(const char *dir, const auto_wish *w, bool on, const history *by,
                    unsigned wait_ms, ndr_error *err);

#endif
