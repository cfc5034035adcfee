/* SPDX-License-Identifier: BSD-3-Clause */
/* setup.h - which rules, windows and identity does a verb work with? */
#ifndef SETUP_H
#define SETUP_H

#include "mailbox_paths.h"
#include "ndrscan_io.h"
#include "ndrscan_rules.h"
#include "opts.h"
#include "sent_asker.h"
#include "shipped.h"
#include "windows_place.h"

/* What if a folder of --windows holds no file of windows? */
enum setup_empty {
    SETUP_EMPTY_WARN,   /* for who judges: nothing is junk by it */
    SETUP_EMPTY_REFUSE, /* for who moves: its mail would all come back */
    SETUP_EMPTY_FINE,   /* for who asks what other windows would do */
};

/* What the options that verbs share ask for, and what was loaded for them. */
typedef struct setup {
    const char **rules; /* of --rules */
    size_t rules_count;
    const char **windows;
    size_t windows_count;
    enum setup_empty empty;
    bool no_shipped, no_cache, no_windows, verbose;
    bool no_identity;     /* a verb that takes none */
    bool counts;          /* whose mail came back is counted: it is always asked */
    const char *identity; /* of --identity, or NULL */
    const char *sent;     /* of --sent, or NULL */
    bool sent_grows;      /* for who stays: what is sent later counts too */
    bool prove_always;    /* not only where a window may take it */
    enum ndr_clock clock;
    bool now_said; /* --now is given: */
    int64_t now;
    mailbox_paths paths;
    size_t message_limit_bytes;
    char shipped[4096], cache[4096], identity_file[4096];
    windows_places places; /* looked in without --windows; one may come yet */
    shipped_databases databases;
    const char *database[SHIPPED_DATABASES]; /* the same, for setup_rules_opts */
    ndr_ruleset *ruleset;                    /* owned */
    ndr_window_table *window_table;          /* owned; NULL without windows */
    ndr_identity_table *identities;          /* owned; NULL without one */
    sent_asker *sent_set;                    /* owned; NULL without one */
    ndr_prover *prover;                      /* owned; NULL without a domain of ours */
} setup;

/* Begin, with room for as many lists as there are arguments. 0, or 2, told. */
int setup_begin(setup *s, const opts *o);
void setup_free(setup *s);
/* Take one option: 0; 1 when it is not one of these; or 2, told. */
int setup_option(setup *s, const opts *o, int id, const char *arg);
/* What ndr_rules_load and ndr_rules_examples take. 0, or 2, told. */
int setup_rules_opts(setup *s, ndr_rules_opts *ret);
/*
 * Load rules, windows and the identity. 0, or 2, told: nothing is scanned on bad ones.
 * setup_unload frees what was loaded; it and the copy of a setup are all that may follow
 * a failure.
 */
int setup_load(setup *s);
void setup_unload(setup *s);
/* What setup_load would load, with nothing loaded; it borrows from `s`. */
setup setup_afresh(const setup *s);
/* One more prover as setup_load's, which there is: with counts of its own. 0, or an
 * ndr_code. */
int setup_prover(const setup *s, ndr_prover **ret, ndr_error *err);
/* Is it asked of any bounce whose mail came back? */
bool setup_proves(const setup *s);
/* Take the operands as inputs; `nothing` says what is missing when there are none (NULL:
 * nothing is). -1, or 2, told. */
int setup_input(const setup *s, opts *o, ndr_input_opts *in, const char *nothing);
/* How a scan decides with what was loaded. Borrows from `s`. */
ndr_scan_opts setup_scan_opts(const setup *s);

#endif
