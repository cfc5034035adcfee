/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * history_read.h - what does a history say?
 *
 *   history.jsonl.1   history.jsonl.2   ...   history.jsonl
 *   history_each  ------------------------------------>
 *   <---------------------------------  history_newest
 *
 * Who shows the last lines reads from the end, and no more than it takes.
 */
#ifndef HISTORY_READ_H
#define HISTORY_READ_H

#include "ndrscan.h"

/* One line: what its members say, as it was written down, so not safe for a terminal or a
 * page (text_blank); empty where it says nothing. Valid while it is told. */
typedef struct history_line {
    ndr_slice whole; /* the JSON object itself */
    ndr_slice at, who, person, what, domain, from, until, note, folder, take;
    const ndr_slice *mailboxes;
    size_t mailbox_count; /* 0: all */
    bool until_calm, subdomains;
} history_line;

/* What is asked of a history. */
typedef struct history_asked {
    /* Lines without this text, as JSON has it, may be passed over unread; NULL: none may.
     * To be looked for again in those that are told. */
    const char *text;
    bool (*tell)(void *ctx, const history_line *line); /* false: it is enough */
    void *ctx;
} history_asked;

/*
 * Tell the lines of the file, and before them of its older parts, in order; one that is
 * no whole object is passed over. No file is no lines. 0, or an ndr_code.
 */
int history_each(const char *path, const history_asked *asked, ndr_error *err);
/* The same from the last line to the first: what is older than enough is not read. */
int history_newest(const char *path, const history_asked *asked, ndr_error *err);

#endif
