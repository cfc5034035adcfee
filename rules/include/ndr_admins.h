/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ndr_admins.h - who may do what, with which domain?
 *
 * For the rooms and the tools; not installed. A file of the operator's (admins.yaml,
 * ndrscan-admins(5)) names people with their domains. Who asks may() asks it for each
 * act anew: a file that was edited counts from the next look on.
 */
#ifndef NDR_ADMINS_H
#define NDR_ADMINS_H

#include "ndrscan_common.h"

/* Each may what those before it may. */
enum ndr_role { NDR_ROLE_LOOK, NDR_ROLE_SWITCH, NDR_ROLE_OPERATE, NDR_ROLE_COUNT };
/* "look", "switch", "operate"; static. */
NDR_API const char *ndr_role_name(enum ndr_role role);

enum ndr_act {
    NDR_ACT_LOOK,    /* see what happens to a domain, and what was done about it */
    NDR_ACT_PREVIEW, /* ask what a window would move */
    NDR_ACT_SWITCH,  /* open and end windows */
    NDR_ACT_APPLY,   /* move mail as the windows say */
    NDR_ACT_UNDO,    /* and back */
    NDR_ACT_COUNT,
};
NDR_API bool ndr_role_may(enum ndr_role role, enum ndr_act act);

/* ---- sets of domains ------------------------------------------------------------- */

typedef struct ndr_domain_right {
    ndr_slice domain; /* lower-case A-labels */
    bool below;       /* and every name below it */
} ndr_domain_right;

/* Sorted by domain, each once. */
typedef struct ndr_domain_set {
    const ndr_domain_right *row;
    size_t count;
} ndr_domain_set;

/*
 * "example.com", or "*.example.com" for that and what is below it, as people write it:
 * the name into `ret`. 0, or NDR_E_SYNTAX.
 */
NDR_API int
ndr_domain_right_parse(const char *text, char ret[256], bool *below, ndr_error *err);
/* Sort rows and leave out what is there twice: how many stay. Of a domain that is there
 * with and without what is below it, with. */
NDR_API size_t ndr_domain_set_sort(ndr_domain_right *row, size_t count);
/* Does it hold this domain, and with `below` all that is below it too? "" is held by
 * none. Pure. */
NDR_API bool
ndr_domain_set_holds(const ndr_domain_set *set, ndr_slice domain, bool below);

/* ---- people ------------------------------------------------------------------------ */

/* NUL included; a hash is at most CRYPT_OUTPUT_SIZE. */
enum { NDR_ADMIN_NAME_BYTES = 65, NDR_ADMIN_HASH_BYTES = 385 };

/* A person. All is the table's. */
typedef struct ndr_admin {
    const char *name; /* letters, digits and . _ - @ +, as it is written */
    enum ndr_role role;
    ndr_domain_set domains; /* one at the least */
    const char *password;   /* hash of crypt(5), yescrypt; NULL: there is none */
    const char *proxy;      /* what a proxy calls him; NULL: he does not come by one */
    const char *mail;       /* where he is written to; NULL: nowhere */
    const char *metrics;    /* "sha256:" and digits, of a token; NULL: there is none */
    const char *language;   /* of what he is told: de, en, es, fr, ja; NULL: not said */
    const char *zone;       /* of its times: "Europe/Paris"; NULL: not said */
    uint64_t generation; /* of what he may and how he comes in: another one when that is
                            changed */
} ndr_admin;

typedef struct ndr_admins ndr_admins;

/* Is this a person's name? Pure. */
NDR_API bool ndr_admin_name_can_be(ndr_slice name);
/* What a file says, which errors call `name`. 0 and *ret; NDR_E_SYNTAX
 * "NAME:LINE: …"; NDR_E_NOMEM. */
NDR_API int
ndr_admins_parse(const char *name, ndr_slice text, ndr_admins **ret, ndr_error *err);
NDR_API void ndr_admins_free(ndr_admins *t); /* wiped; NULL allowed */
/* In the order of their names; *count of them. */
NDR_API const ndr_admin *ndr_admins_rows(const ndr_admins *t, size_t *count);
/* By name, or by what a proxy calls him, to the letter; NULL: nobody. `t` may be NULL. */
NDR_API const ndr_admin *ndr_admins_find(const ndr_admins *t, const char *name);
NDR_API const ndr_admin *ndr_admins_find_proxy(const ndr_admins *t, const char *proxy);
/* By the hash of his token for numbers. */
NDR_API const ndr_admin *
ndr_admins_find_metrics(const ndr_admins *t, const char *metrics);

/*
 * May he do this to a domain (lower-case A-labels), with `below` also to all that is
 * below it? By his role and by his domains. `who` NULL may nothing. Pure.
 */
NDR_API bool
ndr_admin_may(const ndr_admin *who, enum ndr_act act, ndr_slice domain, bool below);

/* ---- the file, as it is now ---------------------------------------------------------
 */

/* For which a bad edit leaves all as it was; of a map of mailboxes, too. */
enum { NDR_ADMINS_GRACE_S = 300 };

typedef struct ndr_admins_watch ndr_admins_watch;

/*
 * Keep an eye on the file `path`. It counts only as root's own (mode 0640 or less, one
 * name, no link, in a folder that only root changes). `tell` (NULL allowed) gets
 * a line each time that another trouble keeps an edit from counting, when that is over,
 * and for each person whose rights an edit changed.
 * 0 and *ret, or why the file cannot be used now. Thread: one at a time.
 */
NDR_API int
ndr_admins_watch_begin(const char *path, void (*tell)(void *ctx, const char *text),
                       void *ctx, ndr_admins_watch **ret, ndr_error *err);
/*
 * The people as the file has them at `now_ms` (ndr_now_ms): read anew when it was
 * changed. While it cannot be used they stay what they were for NDR_ADMINS_GRACE_S since
 * it was changed; then it is nobody: an empty table. Borrowed until the next call.
 */
NDR_API const ndr_admins *ndr_admins_now(ndr_admins_watch *w, int64_t now_ms);
NDR_API void ndr_admins_watch_end(ndr_admins_watch *w); /* NULL allowed */

/* ---- whose a mailbox is ------------------------------------------------------ */

/* A map as ndr_mailboxes_load takes it, when it was last in order. */
typedef struct ndr_mailboxes_text {
    ndr_slice text;
    uint64_t generation; /* another one when it is changed */
} ndr_mailboxes_text;

typedef struct ndr_mailboxes_watch ndr_mailboxes_watch;

/* Keep an eye on the map `path`, which gives rights as well: as ndr_admins_watch_begin.
 */
NDR_API int
ndr_mailboxes_watch_begin(const char *path, void (*tell)(void *ctx, const char *text),
                          void *ctx, ndr_mailboxes_watch **ret, ndr_error *err);
/* As ndr_admins_now; NULL: nobody can say whose a mailbox is. */
NDR_API const ndr_mailboxes_text *
ndr_mailboxes_now(ndr_mailboxes_watch *w, int64_t now_ms);
NDR_API void ndr_mailboxes_watch_end(ndr_mailboxes_watch *w); /* NULL allowed */

#endif
