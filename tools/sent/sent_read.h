/* SPDX-License-Identifier: BSD-3-Clause */
/* sent_read.h - what do sources tell of mail that was sent? */
#ifndef SENT_READ_H
#define SENT_READ_H

#include "ndrscan_sent.h"
#include "sent_place.h"

enum sent_format { SENT_AUTO, SENT_POSTFIX, SENT_EXIM, SENT_MAIL, SENT_LIST };

/* A run of `sent add`. */
typedef struct sent_read {
    enum sent_format format;
    enum sent_format kind; /* of `log` */
    const sent_place *place;
    const char **submitter, **domain; /* of the options; owned */
    size_t submitter_count, domain_count;
    char (*normal)[256]; /* the domains in their one form; owned */
    int year, zone_minutes;
    bool zone_given, recursive;
    ndr_sent_batch *batch; /* owned */
    ndr_sent_log *log;     /* owned; NULL until the first log */
    uint64_t messages;     /* that were told */
    uint64_t lines;        /* of lists */
    int status;            /* EXIT_DAMAGED when a source could not be read */
} sent_read;

/* Domains into their one form, and begin to add. 0, or EXIT_NOT_RUN, told. */
int sent_read_begin(sent_read *r);
/* Read all sources. 0, or EXIT_NOT_RUN, told; sources that cannot be read are told and
 * set `status`. */
int sent_read_all(sent_read *r, const opts *o, const char *const *path, size_t count);
/* A log begins with these bytes, which tell its kind where nobody says. 0 or an ndr_code:
 * NDR_E_DAMAGED when they are no log, or another's. */
int sent_read_open_log(sent_read *r, ndr_slice first, ndr_error *err);
/* What was read to the disk: the set, then what is under way. 0 or EXIT_NOT_RUN, told. */
int sent_read_keep(sent_read *r);
void sent_read_free(sent_read *r);

/* Read on in one log as it grows, until a signal. The exit status. */
int sent_follow(sent_read *r, const char *path);

#endif
