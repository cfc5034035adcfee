/* SPDX-License-Identifier: BSD-3-Clause */
/* key_search.h - with which keys does a mail server of this host sign for a domain? */
#ifndef KEY_SEARCH_H
#define KEY_SEARCH_H

#include "ndrscan_rules.h"

enum { KEYS_MOST = 64 };

/* What was found. Zeroed but `domain` and `root`; keys_free in the end. */
typedef struct key_search {
    const char *domain; /* lower-case A-labels */
    const char *root;   /* where paths of settings begin: "" for this host */
    ndr_identity_key key[KEYS_MOST];
    char *where[KEYS_MOST]; /* the file of each key */
    char *by[KEYS_MOST];    /* and who named it */
    size_t count;
    size_t looked; /* files of settings that were read */
    bool failed;   /* something was told that keeps the outcome from being whole */
} key_search;

void keys_free(key_search *s);

/*
 * Read a file below the root as text with a NUL behind it; to be freed. False: it is not
 * there, or, told and `failed` set, cannot be read.
 */
bool keys_read(key_search *s, const char *path, ndr_buffer *ret);
/* Free a buffer that may hold a private key, wiped. */
void keys_forget(ndr_buffer *text);
/* Is there such a file below the root, readable or not? */
bool keys_there(const key_search *s, const char *path);
/* Take the key in file `path` below the root for `selector`; `by` names who says so. */
void
keys_take_file(key_search *s, const char *selector, const char *path, const char *by);
/* Take the key that a text is; `since` may be NDR_TIME_UNKNOWN. */
void keys_take_text(key_search *s, const char *selector, ndr_slice text, int64_t since,
                    const char *where, const char *by);
/* Tell what keeps the outcome from being whole. */
void keys_fail(key_search *s, const char *format, ...) NDR_PRINTF(2, 3);

/* Is the domain one of a list with these characters between? */
bool keys_list_has(const char *list, const char *between, const char *domain);
/* `text` with each word `from` taken for `to`; to be freed. NULL: no memory. */
char *keys_replace(const char *text, const char *from, const char *to);
/* A line's end, blanks and comment cut off in place; what is left begins behind blanks.
 */
char *keys_trim(char *line);

/* ---- where they are looked for, each in a file of its own ----------------------- */

void
opendkim_keys(key_search *s);    /* opendkim.conf: KeyTable; KeyFile, Selector, Domain */
void rspamd_keys(key_search *s); /* dkim_signing.conf, and the folder of its keys */
void exim_keys(key_search *s);   /* dkim_private_key of a transport */
/* Records of a zone: "mail._domainkey IN TXT ( "v=DKIM1; ..." "..." )". False: the text
 * holds none for the domain. */
bool zone_keys(key_search *s, const char *text, int64_t since, const char *where);

#endif
