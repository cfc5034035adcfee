/* SPDX-License-Identifier: BSD-3-Clause */
/* pages.h - how does the console look as HTML? Pure: a snapshot in, a page out. */
#ifndef PAGES_H
#define PAGES_H

#include "runs.h"
#include "sessions.h"
#include "snapshot.h"

/* A run that was started from a domain's row: what its Undo button is about. */
typedef struct row_run {
    char domain[256];
    char run[80]; /* "" : free */
    bool can;     /* as the journal says: it can be undone */
    run_row row;  /* what the journal says of it */
} row_run;

/* What every page shows around its own. */
typedef struct page_frame {
    const char *host;    /* the machine's name */
    session *session;    /* whose page it is; its forms get their numbers here */
    bool mail;           /* mail folders are configured: preview and apply */
    unsigned hours;      /* shown by the plots */
    size_t rows;         /* domains on the page; the rest is counted */
    const row_run *undo; /* what can be undone from a domain's row */
    size_t undo_count;
    const ndr_admins *people; /* whose wishes count; NULL: the operator's alone */
} page_frame;

/* `up` leads from the path that was asked for to the page's top: "", "../", ... Every
 * link is relative, so that a proxy may have the page anywhere. */
void page_login(ndr_buffer *out, const char *up, const char *error);
void page_domains(ndr_buffer *out, const page_frame *f, const snapshot *s);
/* A short page that says one thing, with a way back. */
void page_words(ndr_buffer *out, const char *up, const char *title, const char *words);

/* ---- page_history.c ------------------------------------------------------------ */

/* Which pages of its tables are shown; the first, with the newest lines, is 1. */
typedef struct history_pages {
    size_t moves, windows, access;
} history_pages;
enum { HISTORY_PAGES_MOST = 1000000 };

/* Who changed which window, what was moved, and who came in: from the history, from the
 * journal's runs (NULL: they cannot be told, and `why`), and from the file `access`
 * (access_log.h). */
void page_history(ndr_buffer *out, const page_frame *f, const runs *all, const char *why,
                  const char *access, history_pages at);

/* ---- page_auto.c ---------------------------------------------------------------- */

/* Do windows of a row's domain open themselves? The switch for that, or why there is
 * none; nothing where no watcher looks and nobody asked for it. Its form has the
 * number of the page's first: one of a page's forms is taken. */
void
page_auto(ndr_buffer *out, const page_frame *f, const snapshot *s, const char *domain);

/* ---- pieces of every page, a customer's too ------------------------------------- */

/* From the path that was asked for up to the page's top: "" or "../" for each folder of
 * it. Static. */
const char *page_up(const char *path);
/* Link a file that is served with the page: `before`, its address, `behind`. */
void page_asset(ndr_buffer *out, const char *before, const char *up, const char *name,
                const char *behind);
/* The hidden fields of a form about a domain (NULL: it has a field for it), with a
 * number by which it is taken once. */
void page_fields(ndr_buffer *out, session *s, const char *domain);
/* The same with the number of the form before. */
void page_fields_again(ndr_buffer *out, const session *s, const char *domain);
/* To which list the answer of a form in it leads back. */
void page_fields_list(ndr_buffer *out, const page_frame *f);

/* A button that undoes a run, saying what that would move where; shown by the script,
 * which it needs. Nothing for a run of which nothing is left to undo. */
void page_undo(ndr_buffer *out, const run_row *r, const char *domain);
/* `here` is the page's path, at the top. */
void
page_begin(ndr_buffer *out, const page_frame *f, const char *title, const char *here);
void page_end(ndr_buffer *out, const page_frame *f);
/* A moment in the server's zone; the page's script turns it into the reader's. */
void page_time(ndr_buffer *out, int64_t at);

#endif
