/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * opts.h - which options does a verb take, and what did the user give?
 *
 * One table a verb drives the parser, --help, the option lists of the man
 * pages and the completion, so none of them can drift from the others.
 */
#ifndef OPTS_H
#define OPTS_H

#include "ndrscan.h"

#include <getopt.h>
#include <stdio.h>

#define OPTS_MAX 60 /* rows of one table, headings and the common rows included */

/* One option, or, with no name, a heading. A table ends with an all-zero row. */
typedef struct option_row {
    int id;            /* what opts_next answers; above 0 */
    char letter;       /* the short form, or 0 */
    const char *name;  /* the long form without dashes; NULL: `help` is a heading */
    const char *arg;   /* name of its argument as help shows it; NULL: it takes none */
    const char *words; /* "auto|date": the only arguments allowed; NULL: any */
    const char *help;  /* one line, at most 50 columns, no dot */
    const char *more;  /* what only the man page says, in scdoc; may be NULL */
} option_row;

/* One verb as users see it. */
typedef struct verb {
    const char *name;     /* "scan", or "rules check" */
    const char *operands; /* "SOURCE...", "" for none */
    const char *help;     /* one line, for the list of verbs */
    const char *about;    /* lines for --help, each ended by \n */
    const option_row *row;
} verb;

enum { OPT_HELP = 1000, OPT_VERSION }; /* every verb takes these */

/* A default that stands for an option which the command line does not give. */
typedef struct opts_default {
    const option_row *row;
    const char *value; /* NULL: of an option that takes none */
    const char *where; /* "FILE:LINE" */
} opts_default;

/* A parse under way. Owns nothing; argv is permuted, operands last. */
typedef struct opts {
    const verb *verb;
    int argc; /* of argv[0] and what follows it */
    char **argv;
    int status;                   /* exit status, once opts_next answered below 0 */
    int long_at;                  /* getopt_long's: which row of `longs` was met */
    const opts_default *defaults; /* borrowed */
    size_t default_count, default_at;
    bool given[OPTS_MAX]; /* row of the table: on the command line */
    const char *where;    /* of the default at hand; NULL: of the command line */
    int row_of[OPTS_MAX]; /* row of each of `longs` */
    struct option longs[OPTS_MAX];
    char shorts[2 * OPTS_MAX + 2];
} opts;

/* What --version calls; the command sets it, the man pages' generator does not. */
extern void (*opts_print_version)(FILE *out);

/*
 * Where defaults come from: *ret of them for `v`, which live as long as the program, or
 * the exit status of a mistake, told. NULL: there are none. The programs set it.
 */
extern int (*opts_find_defaults)(const verb *v, const opts_default **ret, size_t *count);

/* Begin; argv[0] is the verb's last word. Thread: one parse at a time. */
void opts_begin(opts *o, const verb *v, int argc, char **argv);
/*
 * The next option's id and its argument (NULL without one); 0 when only
 * operands are left (opts_operands). Below 0 when there is nothing to run:
 * o->status is 0 after --help and --version, 2 after a mistake, which has been
 * told on stderr together with its remedy.
 */
int opts_next(opts *o, const char **ret_arg);
/* Is it on the command line, or a default? For who handles a default (o->where is set):
 * all of the command line is known by then. */
bool opts_asked(const opts *o, int id);
/* So many values of one option there can be, and one more. */
size_t opts_room(const opts *o);
/*
 * Give each option to `take` together with `ctx`; it returns 0, or the exit status of a
 * mistake, which it has told. -1: the operands are left; else the exit status.
 */
int opts_take(opts *o, int (*take)(void *ctx, const opts *o, int id, const char *arg),
              void *ctx);
/* What is left behind the options: a NULL-terminated tail of argv. */
char **opts_operands(const opts *o, size_t *ret_count);

/* Tell a usage mistake: one line, with the remedy. Returns 2. */
int opts_mistake(const opts *o, const char *format, ...) NDR_PRINTF(2, 3);

/* Position of `word` in "a|b"; -1: it is none of these. Pure. */
int opts_word_at(const char *list, const char *word);
/* Position of `arg` among the words of option `id`; -1, told, when it is none. */
int opts_word(const opts *o, int id, const char *arg);
/* A whole number min..max; -1, told, when it is none. */
int64_t opts_number(const opts *o, int id, const char *arg, int64_t min, int64_t max);
/* Threads, 1 to MAX_THREADS (cpus.h), into *ret. 0, or 2, told, when it is none. */
int opts_threads(const opts *o, int id, const char *arg, unsigned *ret);
/* Bytes, with k, M or G behind (powers of 1,024); -1, told, when it is none. */
int64_t opts_size(const opts *o, int id, const char *arg);
/* The same as a cold_limit_bytes. 0, or the exit status, told. */
int opts_cold_limit(const opts *o, int id, const char *arg, uint64_t *ret);

/* ---- the same tables, written out --------------------------------------- */

/* --help of one verb. */
void opts_print_help(const verb *v, FILE *out);
/* The verb's options as scdoc. */
void opts_print_scdoc(const verb *v, FILE *out);
/* Completion for bash, of all verbs (NULL-terminated list). */
void opts_print_bash(const verb *const *list, FILE *out);

#endif
