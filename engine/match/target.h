/* SPDX-License-Identifier: BSD-3-Clause */
/* target.h - what can a signal be looked for in? */
#ifndef NDR_TARGET_H
#define NDR_TARGET_H

#include "ndrscan.h"

/* In which order canonical text is made and scanned. */
enum ndr_area {
    NDR_AREA_HEADER, /* field values, a line each */
    NDR_AREA_REPORT, /* part types, then report fields, a line each */
    NDR_AREA_TEXT,   /* the bounce's own words, a paragraph a line */
    NDR_AREA_LATE,   /* the same words, for signals of generic rules alone: scanned
                        only when no other rule has matched */
    NDR_AREA_COUNT,
};

/* A target that has a word of its own. */
typedef struct ndr_target {
    const char *word;
    enum ndr_area area;
    const char *field; /* of the header area: the field's name, lower case */
} ndr_target;

enum {
    NDR_TARGET_PART,
    NDR_TARGET_STATUS,
    NDR_TARGET_TEXT,
    NDR_TARGET_FIRST_FIELD, /* and the rest of the table */
};
extern const ndr_target ndr_targets[];
extern const size_t ndr_target_count;

/* The words, "subject, from, …, header:NAME", for messages. Static. */
const char *ndr_target_words(void);
/* The row of a word, or -1. */
int ndr_target_find(const char *word);
/* NAME of "header:NAME" when it is a field name (RFC 5322 2.2), else NULL. */
const char *ndr_target_field(const char *word);

#endif
