/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ndrscan_rules.h - what an operator writes: YAML in, rulesets, windows, identities out.
 *
 * Languages: ndrscan-rules(5), ndrscan-windows(5), ndrscan-identity(5). Errors are
 * NDR_E_SYNTAX with "FILE:LINE: rule 3 (ID): what is wrong; what to do" or "FILE:LINE:
 * window 3 (example.com): …"; outside an entry only "FILE:LINE: …". A file is
 * at most 8 MiB, all files of a call 64 MiB (NDR_E_LIMIT); what is neither a
 * regular file nor a folder is refused and never waited for. Thread: any, one
 * call at a time.
 */
#ifndef NDRSCAN_RULES_H
#define NDRSCAN_RULES_H

#include "ndrscan_proof.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- rules ------------------------------------------------------------- */

typedef struct ndr_rules_opts {
    size_t size; /* NDR_SIZED(ndr_rules_opts) */
    const char *const
        *path;             /* YAML files, or folders of *.yaml and *.yml in byte order */
    size_t path_count;     /* later rules of the same id replace earlier ones */
    const char *cache_dir; /* compiled rulesets are kept here; NULL or "": no cache */
    /* The folder of the rules that come with ndrscan, before `path`; NULL: without them.
     * Where a rule of it is stated is told without the folder. */
    const char *shipped;
    /* Files that ndr_rules_compile may have written, the first that fits is used when
     * there are no other rules than `shipped`; they are never written to. */
    const char *const *database;
    size_t database_count;
} ndr_rules_opts;

/* What a cache note takes, its NUL included. */
#define NDR_CACHE_NOTE_BYTES 240

/*
 * Load, and compile unless a database or the cache holds this very set for this library
 * and CPU. A cache, or database, that cannot be read, trusted or written is passed over
 * in silence: ret_cache_note (NULL allowed; NUL-terminated, NDR_CACHE_NOTE_BYTES) says
 * why the cache did not serve; it is "" when it did, or none is asked for. A cache file
 * that is torn, stale or not ours alone is replaced. Returns 0 and *ret, or an ndr_code;
 * no rules at all is NDR_E_SYNTAX, NDR_E_LIMIT is rules that take too long to compile.
 * Compiles in a child process, which is gone when this returns.
 */
NDR_API int ndr_rules_load(const ndr_rules_opts *opts, ndr_ruleset **ret,
                           char *ret_cache_note, ndr_error *err);

/*
 * Compile the rules that come with ndrscan, in the folder `shipped`, into `file`, which
 * all users of a host can share: for any CPU of its kind, or for this one. It is replaced
 * whole, synced and of mode 0644 whatever the umask, or not at all. 0, or an ndr_code.
 * Nobody uses it who would not trust its folder, and all above: they are to be root's or
 * his own, and nobody else's to write to.
 */
NDR_API int
ndr_rules_compile(const char *shipped, bool any_cpu, const char *file, ndr_error *err);

/*
 * The cache folder to use: $XDG_CACHE_HOME/ndrscan or $HOME/.cache/ndrscan,
 * made with mode 0700 when it is not there. Into `path` (size bytes); "" when
 * neither variable is set, the folder cannot be had, or it would lie in a folder of mail,
 * where it would pass for a mailbox. Cannot fail.
 */
NDR_API void ndr_cache_dir(char *path, size_t size);

/* How one rule example came out; told by ndr_rules_examples. */
typedef struct ndr_example {
    const char *rule;  /* id */
    const char *where; /* file:line of the rule, or file */
    bool hit;          /* listed under hit: it should match */
    size_t number;     /* from 1, within its list */
    bool ok;
    const char *named; /* what was named instead, "" for no bounce */
} ndr_example;
typedef struct ndr_examples_count {
    size_t rules, hits, misses, bad;
    size_t without; /* rules that lack a hit or a miss */
} ndr_examples_count;

/*
 * Run every rule's hit and miss examples from the same files. `tell` gets each
 * (ctx, example). Returns 0 and *ret (bad may be above 0), or an ndr_code when
 * the files cannot be loaded.
 */
NDR_API int ndr_rules_examples(const ndr_rules_opts *opts,
                               void (*tell)(void *ctx, const ndr_example *e), void *ctx,
                               ndr_examples_count *ret, ndr_error *err);

enum ndr_note_what {
    NDR_NOTE_UNUSED,   /* a named signal that no rule or candidate names */
    NDR_NOTE_REPLACED, /* a named signal that a later file names anew */
    NDR_NOTE_DOUBLED,  /* a pattern on one target that is written more than once */
};

/* What files of rules say that they need not; told by ndr_rules_review. */
typedef struct ndr_rules_note {
    enum ndr_note_what what;
    const char *name;   /* of the signal; NULL where it has none */
    const char *target; /* of a doubled one, and its pattern; else NULL */
    const char *match;
    const char *where; /* file:line where it is written first */
    const char *again; /* file:line where it is replaced, or written the second time */
    size_t times;      /* that a doubled pattern is written */
} ndr_rules_note;

/*
 * Tell what the files say in vain or twice: names by name, then patterns in the order of
 * the files. Nothing is compiled. Returns 0, or an ndr_code when the
 * files cannot be loaded.
 */
NDR_API int ndr_rules_review(const ndr_rules_opts *opts,
                             void (*tell)(void *ctx, const ndr_rules_note *n), void *ctx,
                             ndr_error *err);

/* ---- windows ----------------------------------------------------------- */

/* A window table and the memory its rows point into. */
typedef struct ndr_window_table ndr_window_table;

/*
 * Who is told, one line each, 100 at most, of entries that overlap at some time after
 * `since` (INT64_MIN: at any).
 */
typedef struct ndr_windows_warn {
    size_t size; /* NDR_SIZED(ndr_windows_warn) */
    void (*tell)(void *ctx, const char *text);
    void *ctx;
    int64_t since;
} ndr_windows_warn;

/*
 * Load windows from YAML files or folders of *.yaml and *.yml. `warn`: NULL allowed. No
 * paths, an empty folder, an empty file: an empty table. Returns 0 and *ret
 * (ndr_window_table_free it), or an ndr_code.
 */
NDR_API int
ndr_windows_load(const char *const *path, size_t path_count, const ndr_windows_warn *warn,
                 ndr_window_table **ret, ndr_error *err);
NDR_API void ndr_window_table_free(ndr_window_table *t);
NDR_API const ndr_windows *ndr_window_table_rows(const ndr_window_table *t);

/* ---- mailboxes ---------------------------------------------------------- */

/* A table of mailboxes and the memory its rows point into. */
typedef struct ndr_mailbox_table ndr_mailbox_table;

/*
 * Load a map of mailboxes: a text of up to 64 MiB with a line for each, a path from the
 * root, in double quotes if it has blanks, a blank, and its domain, or several. One that
 * is named twice for different domains, or no mailbox at all, is an error. 0 and *ret
 * (ndr_mailbox_table_free it); NDR_E_SYNTAX "FILE:LINE: …", NDR_E_SYS, NDR_E_LIMIT,
 * NDR_E_NOMEM.
 */
NDR_API int ndr_mailboxes_load(const char *path, ndr_mailbox_table **ret, ndr_error *err);
/* From memory; `name` is what errors call it. */
NDR_API int ndr_mailboxes_parse(const char *name, ndr_slice text, ndr_mailbox_table **ret,
                                ndr_error *err);
NDR_API void ndr_mailbox_table_free(ndr_mailbox_table *t); /* NULL allowed */
/* Its rows alone: `base` is the caller's to add to a copy. */
NDR_API const ndr_mailboxes *ndr_mailbox_table_rows(const ndr_mailbox_table *t);

/* ---- windows, changed by a program --------------------------------------- */

/* The file of a folder of windows that programs write; the others are people's. */
#define NDR_WINDOWS_OWN_FILE "ndrscan.yaml"
/* What it is called while it is written, before it is recorded and renamed. */
#define NDR_WINDOWS_NEW_FILE ".ndrscan.yaml.new"
/* Which of them the folder is locked by, as flock does it, while it is changed. */
#define NDR_WINDOWS_LOCK_FILE ".ndrscan.lock"

enum ndr_window_what {
    NDR_WINDOW_ADDED,     /* "block" */
    NDR_WINDOW_EXTENDED,  /* "block": one that was there took it in */
    NDR_WINDOW_ENDED,     /* "unblock": `until` is now */
    NDR_WINDOW_CANCELLED, /* "cancel": it had not begun, and is taken out */
};
/* "block", "unblock", "cancel"; static. */
NDR_API const char *ndr_window_what_name(enum ndr_window_what what);

typedef struct ndr_window_change {
    enum ndr_window_what what;
    ndr_window window; /* as it is now; of a cancelled one, as it was */
} ndr_window_change;

/* A folder of windows that is edited. */
typedef struct ndr_windows_folder {
    size_t size;      /* NDR_SIZED(ndr_windows_folder) */
    const char *dir;  /* made, with those above it, when it is not there */
    unsigned wait_ms; /* for another program that edits it */
    /*
     * Told of a change when all is ready and nothing is done yet, under the lock. An
     * ndr_code stops it: nothing is changed then. May be NULL.
     */
    int (*record)(void *ctx, const ndr_window_change *change, size_t count,
                  ndr_error *err);
    /* Told of each window that covers an unblocked domain still, now or later, and
     * cannot be ended from here. May be NULL. */
    void (*stays)(void *ctx, const ndr_window *w);
    /* Told of a window that is there and covers already what is to be blocked. May be
     * NULL. */
    void (*there)(void *ctx, const ndr_window *w);
    void *ctx;
    bool delegated; /* for who has rights to these domains alone: an unblock ends only
                       windows that are delegated */
} ndr_windows_folder;

/*
 * Add windows to the folder's own file (domain, from, until, kinds, subdomains,
 * until_calm, mailboxes and note; `where` is passed over), where one that is alike
 * but for its times overlaps it by extending that, or end the open
 * ones of these domains and cancel the coming ones. The file is edited in place, so
 * comments and hand-written entries stay; where that cannot be done surely, it is
 * refused. The whole folder is checked before it is renamed into place, synced: other
 * programs see the old file or the new one. One call is one change. Domains are
 * lower-case A-labels (ndr_domain_to_ascii).
 *
 * Returns 0 (unblock: *ret_changed windows were ended or cancelled), NDR_E_SYNTAX for a
 * folder in disorder, NDR_E_SYS (EAGAIN: another program kept the lock), what `record`
 * says, NDR_E_LIMIT, NDR_E_NOMEM. Thread and process: any, they wait for each other.
 */
NDR_API int ndr_windows_block(const ndr_windows_folder *folder, const ndr_window *w,
                              size_t count, ndr_error *err);
NDR_API int
ndr_windows_unblock(const ndr_windows_folder *folder, const ndr_slice *domain,
                    size_t count, int64_t now, size_t *ret_changed, ndr_error *err);

/*
 * End those windows of the folder's own file that are open at `now`, have until_calm, and
 * of which `over` says so (0 and *ret, or an ndr_code that stops it): asked under the
 * lock, of the windows as they are then. A folder that is not there has none. Returns and
 * threads as ndr_windows_unblock.
 */
NDR_API int
ndr_windows_settle(const ndr_windows_folder *folder,
                   int (*over)(void *ctx, const ndr_window *w, bool *ret, ndr_error *err),
                   int64_t now, size_t *ret_changed, ndr_error *err);

/* `w` as an entry of a windows file, indented by `indent`; appended to `out`. */
NDR_API void ndr_window_write(const ndr_window *w, size_t indent, ndr_buffer *out);

/* ---- defaults of options ---------------------------------------------------- */

/* One value that a file gives to an option of a verb. Borrowed from its table. */
typedef struct ndr_setting {
    const char *verb;   /* as it is written: "all", "scan", "windows settle" */
    const char *option; /* without dashes */
    const char *value;  /* one of a list stands for itself */
    size_t line;
} ndr_setting;
typedef struct ndr_settings ndr_settings;
enum { NDR_SETTINGS_MAX = 1000 }; /* values of one file */

/*
 * Load a YAML file of defaults: under each verb, or all, options with a value, or a list
 * of them. Which verbs and options there are is the caller's to know. An empty file:
 * none. 0 and *ret (ndr_settings_free it), or an ndr_code.
 */
NDR_API int ndr_settings_load(const char *path, ndr_settings **ret, ndr_error *err);
NDR_API void ndr_settings_free(ndr_settings *s); /* NULL allowed */
/* In the order of the file; *count of them. */
NDR_API const ndr_setting *ndr_settings_rows(const ndr_settings *s, size_t *count);

/* ---- identities ------------------------------------------------------------ */

/* Who we are, and the memory that it points into. */
typedef struct ndr_identity_table ndr_identity_table;

/* Told, in one line, of what cannot be used and is left out: a file of secrets. */
typedef void ndr_identity_trouble(void *ctx, const char *text);

/*
 * Load identities from a YAML file, or a folder of *.yaml and *.yml. Keys are checked as
 * ndr_dkim_keys_add does, and a domain is there once. A file of secrets that cannot be
 * read, or can be by everybody, is no error: it is told through `trouble` (NULL allowed)
 * and its proof is not to be had. An empty file: no domain. 0 and *ret
 * (ndr_identity_free it), or an ndr_code; NDR_E_LIMIT also where there is no libcrypto
 * for the keys.
 */
NDR_API int ndr_identity_load(const char *path, ndr_identity_trouble *trouble, void *ctx,
                              ndr_identity_table **ret, ndr_error *err);
NDR_API void ndr_identity_free(ndr_identity_table *t); /* wiped; NULL allowed */
NDR_API const ndr_identity *ndr_identity_rows(const ndr_identity_table *t);

/* A file of secrets that an identity names. */
typedef struct ndr_identity_secrets {
    const char *path; /* whole */
    bool usable;      /* it could be read, and not by everybody */
} ndr_identity_secrets;

/* The files of secrets in the order of the files that name them; *count of them. Borrowed
 * from `t`. */
NDR_API const ndr_identity_secrets *
ndr_identity_secret_files(const ndr_identity_table *t, size_t *count);

/* One key of a file, for who lists them. */
typedef struct ndr_identity_key {
    ndr_slice domain;   /* lower-case A-labels */
    ndr_slice selector; /* as it is written */
    ndr_slice text;     /* the key record, or PEM */
    int64_t since;      /* since when it is in use, or NDR_TIME_UNKNOWN */
    ndr_dkim_key_about about;
} ndr_identity_key;

/* The keys in the order of the files; *count of them. Borrowed from `t`. */
NDR_API const ndr_identity_key *
ndr_identity_keys(const ndr_identity_table *t, size_t *count);

/*
 * Add keys to a domain in the file `path`, which is made when it is not there; those that
 * it has already are passed over. Each key's domain is that one. The file is edited in
 * place, so all that stands in it stays, comments too; where that cannot be done surely
 * it is refused, and so is a selector that has another key. It is replaced whole, synced,
 * or not at all. *added: how many were new. 0; NDR_E_SYNTAX, NDR_E_LIMIT, NDR_E_NOMEM;
 * NDR_E_SYS. Thread and process: any, they wait for each other.
 */
NDR_API int
ndr_identity_add(const char *path, ndr_slice domain, const ndr_identity_key *key,
                 size_t count, size_t *added, ndr_error *err);

/* ---- times and domains as people write them ------------------------------- */

enum ndr_when {
    NDR_WHEN_PAST,   /* for a beginning: a time of day is the latest past one */
    NDR_WHEN_FUTURE, /* for an end: a time of day is the next one */
};

/*
 * What somebody means at `now` by "now", a time of day ("08:00"), a day ("today",
 * "yesterday", "tomorrow", "monday", "2008-05-13": its beginning) with or without a time
 * of day, a length of time from now or ago ("+2d", "-12h"), or an RFC 3339 date-time.
 * Without an offset times are of the process's time zone; words in any case. A time of
 * day or a day of the week is the latest past one for a beginning and the next for an
 * end. A time of day that a day has twice is the one that makes the longer window; one
 * that clocks skip is as much later as they are put forward. 0, or NDR_E_SYNTAX.
 */
NDR_API int ndr_when_parse(const char *text, enum ndr_when when, int64_t now,
                           int64_t *ret, ndr_error *err);
/* "30m", "12h", "2d" (of 24 hours), "1w", "1d12h", to seconds: at least a minute, at
 * most ten years. 0, or NDR_E_SYNTAX. */
NDR_API int ndr_duration_parse(const char *text, int64_t *ret, ndr_error *err);

/*
 * RFC 3339 date-time with an offset ("Z" or "+02:00"; "T" or a space between)
 * to seconds UTC. Leap seconds count as the next minute's first. 0, or
 * NDR_E_SYNTAX that says what is missing.
 */
NDR_API int ndr_timestamp_parse(const char *text, int64_t *ret, ndr_error *err);

/*
 * A domain as operators write it (any case, a trailing dot, U-labels) to
 * lower-case A-labels, NUL-terminated. Source: RFC 5890 2.3.2.1, RFC 5891.
 * 0, or NDR_E_SYNTAX for what is no domain.
 */
NDR_API int ndr_domain_to_ascii(const char *domain, char ret[256], ndr_error *err);
/*
 * `domain` (lower-case A-labels) for people, appended: names that have a form in Unicode
 * in that form, with the other behind it, "bücher.example (xn--bcher-kva.example)", since
 * letters of two scripts can look alike; all others as they are. Only what comes back as
 * `domain` when it is read again is shown so. Source: RFC 5891 5.
 */
NDR_API void ndr_domain_show(ndr_slice domain, ndr_buffer *out);

#ifdef __cplusplus
}
#endif

#endif
