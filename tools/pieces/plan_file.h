/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * plan_file.h - how is a plan written down, for whoever has a share in it?
 *
 *   DIR/plan        a line a source, a piece, a setting; the last one has their
 *                   XXH3 and when it was made
 *   DIR/rules/N     copies of the files of rules, in the order in which they count
 *   DIR/windows/N   and of windows
 *   DIR/counted     what was counted of weak proofs before, where all are counted first
 *
 * The lines are described in ndrscan-cluster(7). Another version of them is refused.
 */
#ifndef PLAN_FILE_H
#define PLAN_FILE_H

#include "ndr_plan.h"
#include "pins.h"
#include "settings.h"

#define PLAN_FILE    "plan"
#define PLAN_COUNTED "counted"
#define PLAN_VERSION 2

typedef struct plan_file {
    settings settings;
    pins rules, windows, map; /* their names; the bytes are read from the copies */
    ndr_window *window;       /* the windows as they were loaded: for tables of counts */
    size_t window_count;
    ndr_plan plan;
    ndr_buffer counted; /* bytes of the copy, or none */
    uint64_t hash;      /* of the lines before the last */
    ndr_buffer text;    /* of who made it: what plan_file_text says */
    int64_t made;       /* when listing began: what came later it cannot know */
    char **kept;        /* strings that others borrow; owned */
    size_t kept_count;
} plan_file;

/* Keep one more of the windows. False: no memory. */
bool plan_file_add_window(plan_file *f, const ndr_window *w);

/* Own a string from malloc; freed at once, and false, when there is no memory. */
bool plan_file_keep(plan_file *f, char *text);

/* All of it as text, appended to `out` (out->failed: no memory). Returns f->hash as it is
 * to be. */
uint64_t plan_file_text(const plan_file *f, ndr_buffer *out);
/*
 * Read what plan_file_text wrote. 0; NDR_E_SYS; NDR_E_SYNTAX: it is none, or torn, with
 * `path` and the line; NDR_E_LIMIT: of another version; NDR_E_NOMEM. Thread: any.
 */
int plan_file_read(const char *path, plan_file *ret, ndr_error *err);
void plan_file_free(plan_file *f);

#endif
