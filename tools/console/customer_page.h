/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * customer_page.h - what does a domain's administrator see?
 *
 * Pages for somebody who has read nothing: what happens to my domain, since when, is it
 * over, what would the switch do, what has it done, undo. All of it works without a
 * script, which only tells times in the reader's zone, looks again by itself, and fills
 * in a search. Pure, but for the numbers of forms: a view in, a page out.
 */
#ifndef CUSTOMER_PAGE_H
#define CUSTOMER_PAGE_H

#include "app/words.h"
#include "jobs.h"
#include "own_view.h"
#include "runs.h"
#include "sessions.h"

/* What every page goes by. */
typedef struct customer_frame {
    const char *run_key; /* of the names of runs: see customer_run_name */
    enum lang lang;
    session *session;     /* whose page it is; its forms get their numbers here */
    const ndr_admin *who; /* NULL: the operator */
    const snapshot *shown;
    char
        trouble[9]; /* the figures cannot be read: the number of why, in the log; or "" */
    bool mail;      /* mail folders are configured: preview, moving and undo */
    bool one;       /* it is the person's only domain: there is no list to go back to */
} customer_frame;

/* How much of a table is asked for. */
typedef struct customer_table {
    const char *word; /* searched for; "" all */
    enum own_order order;
    size_t page; /* from 1 */
} customer_table;
enum { CUSTOMER_ROWS = 50 }; /* of one page of it */
/* "state", "domain", "hour", "usual", "day": of ?sort=. Static. */
const char *customer_order_name(enum own_order order);
enum own_order customer_order_of(const char *name);

/* One thing that was done to a domain: a run of moving, or a change of its window. */
typedef struct customer_deed {
    int64_t at;
    enum word
        who; /* W_WHO_YOU, W_WHO_PROVIDER, W_WHO_MACHINE; W_COUNT: `name`, "" not known */
    char name[SESSION_PERSON_BYTES];
    enum customer_act {
        DEED_BLOCK,
        DEED_UNBLOCK,
        DEED_AUTO_ON,
        DEED_AUTO_OFF,
        DEED_RUN
    } what;
    int64_t until; /* of DEED_BLOCK */
    run_row run;   /* of DEED_RUN */
} customer_deed;

/* Do its windows open themselves? */
typedef struct customer_auto {
    bool on;
    bool provider;      /* it was the operator who said so, and who ends it */
    enum ndr_take take; /* where it is on */
    bool forged;        /* what is forged alone could be taken */
    enum word why;      /* it could not be, or would do nothing; W_COUNT: it could */
} customer_auto;

/* What is to be known of one domain. */
typedef struct customer_domain {
    const domain_view *view;
    own_windows windows;
    customer_auto autos;
    const customer_deed *deed; /* newest first */
    size_t deed_count;
} customer_domain;

/* What a preview was asked to look at, and what its page then offers to do. */
typedef struct customer_wish {
    const char *domain, *until, *from; /* names of the form's choices */
} customer_wish;

void customer_login(ndr_buffer *out, const char *up, enum lang lang, const char *error);
/* The table of all domains. `v` is arranged by it. */
void customer_list(ndr_buffer *out, const customer_frame *f, own_view *v,
                   const customer_table *t);
/* One domain: its card. */
void customer_card(ndr_buffer *out, const customer_frame *f, const customer_domain *d);
/* How far a job is, or what came of it. `ref` tells a failed one's reason to the
 * operator. */
void customer_job(ndr_buffer *out, const customer_frame *f, const job *j,
                  const customer_wish *w, const char *ref);
/* A short page that says one thing, and `more` behind it (W_COUNT: nothing), with a way
 * back. `f` NULL: to nobody that is known. */
void customer_words(ndr_buffer *out, const customer_frame *f, enum lang lang,
                    const char *up, enum word title, enum word words, const char *fill,
                    enum word more);

/* ---- pieces (customer_parts.c) --------------------------------------------------- */

void customer_begin(ndr_buffer *out, const customer_frame *f, const char *title,
                    unsigned renew_seconds);
void customer_end(ndr_buffer *out, const customer_frame *f);
/* A moment as HTML, into `ret`: the script turns it into the reader's zone. */
typedef char time_html[256];
const char *customer_time(time_html ret, int64_t at);
/* The plot of the last day; nothing where nothing was counted. */
void customer_plot(ndr_buffer *out, const customer_frame *f, const domain_view *v);
/* The section about windows that open themselves. */
void customer_auto_part(ndr_buffer *out, const customer_frame *f, const char *domain,
                        const customer_auto *a);
/* May whose page it is do this? */
bool customer_may(const customer_frame *f, enum ndr_act act);
/* The beginning of a fieldset, and a radio button in it. */
void customer_choices(ndr_buffer *out, enum lang lang, enum word legend);
void customer_choice(ndr_buffer *out, enum lang lang, const char *name, const char *value,
                     enum word word, const char *fill, bool chosen);
/* "many", with the colour of its state. */
void customer_badge(ndr_buffer *out, enum lang lang, const domain_view *v);
/* What a run is called in this person's page of this domain, and nowhere else: its id
 * could be counted on, and tells of other people's runs. "" where it has no name. */
void customer_run_name(const char *run_key, const ndr_admin *who, const char *domain,
                       const char *id, secret ret);
/* "Undo: move 12 messages back", a form. */
void customer_undo(ndr_buffer *out, const customer_frame *f, const run_row *r,
                   const char *domain);

#endif
