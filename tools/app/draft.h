/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * draft.h - which rules would name these messages?
 *
 * Each message is its lines with what varies blanked out: addresses, hosts,
 * numbers, dates, quoted words. What is left between two blanks is a phrase. Messages
 * that share a phrase are a group; a group's phrases are its rule.
 */
#ifndef DRAFT_H
#define DRAFT_H

#include "ndrscan.h"

/* One suspect: its canonical lines, each line with its end. Copied by draft_add. */
typedef struct draft_message {
    ndr_slice name; /* for the comment over a group */
    ndr_slice subject, from, text;
    bool null_sender; /* Return-Path: <> */
} draft_message;

typedef struct draft draft;

/* NULL: no memory. */
draft *draft_new(void);
void draft_free(draft *d);
/* False: no memory. */
bool draft_add(draft *d, const draft_message *m);
/* Append a rule file in YAML; the same bytes for the same messages. Check out->failed
 * and the answer, false: no memory. */
bool draft_write(draft *d, ndr_buffer *out);

/*
 * A line with what varies replaced: each address, host, number and so on by one
 * byte below 8 (DRAFT_ADDRESS …), appended. Pure.
 */
enum {
    DRAFT_ADDRESS = 1, /* local@domain */
    DRAFT_HOST,        /* a name or number of the network, a URL */
    DRAFT_NUMBER,      /* a word with a digit in it */
    DRAFT_DAY,         /* a weekday or month in a date */
    DRAFT_QUOTED,      /* words in quotes */
    DRAFT_BLANKS,
};
void draft_blank(ndr_slice line, ndr_buffer *out);

#endif
