/* SPDX-License-Identifier: BSD-3-Clause */
/* verbs_identity.c - which options do the verbs take that say who we are? */
#include "rows.h"

/* clang-format off */

static const option_row identity_init_rows[] = {
    {OPT_KEY, 0, "key", "FILE", NULL,
     "take this key alone, and look for no other",
     "A private key in PEM (PKCS#8, PKCS#1), the seed of an Ed25519 key, a public key in PEM, "
     "a key record, or the text of a zone that publishes one, as *opendkim-genkey* writes it."},
    {OPT_SELECTOR, 0, "selector", "NAME", NULL,
     "the selector of that key",
     "The text of a zone names it itself."},
    {OPT_ROOT, 0, "root", "DIR", NULL,
     "look below DIR, where a container has its files",
     "All paths of settings begin there. They are read as this host's are: only for those "
     "whom you trust."},
    {OPT_IDENTITY, 0, "identity", "FILE", NULL,
     "the file to write (identity.yaml)",
     "Default: _identity.yaml_ below $XDG_CONFIG_HOME/ndrscan, for root _/etc/ndrscan_, "
     "else _~/.config/ndrscan_."},
    {OPT_DRY_RUN, 'n', "dry-run", NULL, NULL, "only tell what was found", NULL},
    END,
};
const verb verb_identity_init = {
    "identity init", "DOMAIN",
    "write down the public keys with which DOMAIN signs",
    "Looks for the DKIM keys of DOMAIN in the settings of OpenDKIM, rspamd and Exim,\n"
    "and adds the public halves to identity.yaml. Private keys are read and not kept.\n",
    identity_init_rows,
};

static const option_row none_rows[] = {END};
const verb verb_identity_check = {
    "identity check", "[FILE]",
    "is a file of identities in order?",
    "Reads FILE, or identity.yaml where it is looked for by default.\n", none_rows,
};
const verb verb_identity_list = {
    "identity list", "[FILE]",
    "list domains and keys of a file of identities",
    "Reads FILE, or identity.yaml where it is looked for by default.\n", none_rows,
};

static const option_row identity_test_rows[] = {
    ROW_IDENTITY,
    ROW_SENT,
    ROW_RULES,
    ROW_NO_SHIPPED,
    ROW_NO_CACHE,
    ROW_RECIPIENT_PATH,
    ROW_RECIPIENT_MAP,
    ROW_MAX_MESSAGE,
    END,
};
const verb verb_identity_test = {
    "identity test", "FILE...",
    "say whose mail came back with a bounce, and by what",
    "FILE is anything that scan takes, - for standard input included. The proof that\n"
    "settled it has a star.\n",
    identity_test_rows,
};
