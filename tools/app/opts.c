/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * opts.c - which options did the user give, and how do the tables read?
 *
 * getopt_long does the parsing; its tables are made from ours at each call,
 * so that a row is the only place where an option is written down.
 */
#include "opts.h"

#include "completion.h"
#include "cpus.h"
#include "overruled.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { LONG_BASE = 256 }; /* getopt's values for long options: above every letter */
enum { HELP_COLUMN = 27 };

static void
no_version(FILE *out)
{
    (void)out;
}
void (*opts_print_version)(FILE *out) = no_version;

int (*opts_find_defaults)(const verb *v, const opts_default **ret, size_t *count);

static const option_row common_rows[] = {
    {OPT_HELP, 'h', "help", NULL, NULL, "this text", NULL},
    {OPT_VERSION, 'V', "version", NULL, NULL, "the versions of ndrscan and of Hyperscan",
     NULL},
};
enum { COMMON = sizeof common_rows / sizeof common_rows[0] };

static bool
is_end(const option_row *row)
{
    return row->name == NULL && row->help == NULL;
}

static size_t
row_count(const verb *v)
{
    size_t n = 0;
    while (!is_end(&v->row[n]))
        n++;
    return n;
}

/* Row i of a verb: its own rows, then the common ones; NULL behind the last. */
static const option_row *
row_at(const verb *v, size_t i)
{
    const size_t own = row_count(v);
    if (i < own)
        return &v->row[i];
    return i < own + COMMON ? &common_rows[i - own] : NULL;
}

static const option_row *
row_of_id(const verb *v, int id)
{
    const option_row *row;
    for (size_t i = 0; (row = row_at(v, i)) != NULL; i++)
        if (row->name != NULL && row->id == id)
            return row;
    return NULL;
}

/* ---- parsing ------------------------------------------------------------ */

/* The row of what getopt_long answered. */
static int
row_of(const opts *o, int val)
{
    if (val >= LONG_BASE)
        return o->row_of[val - LONG_BASE];
    const option_row *r;
    for (int i = 0; (r = row_at(o->verb, (size_t)i)) != NULL; i++)
        if (r->name != NULL && r->letter == val)
            return i;
    return -1;
}

/* Which options are on the command line? The order of argv stays. */
static void
look_ahead(opts *o)
{
    char **copy = o->default_count > 0 ? calloc((size_t)o->argc + 1, sizeof *copy) : NULL;
    if (copy == NULL)
        return; /* without memory a default and what is given both count */
    memcpy(copy, o->argv, (size_t)o->argc * sizeof *copy);
    optind = 0;
    for (int got; (got = getopt_long(o->argc, copy, o->shorts, o->longs, NULL)) != -1;) {
        const int row = got == '?' || got == ':' ? -1 : row_of(o, got);
        if (row >= 0)
            o->given[row] = true;
    }
    free(copy);
}

/* Is one of "a|b" asked for? */
static bool
asks_one(const opts *o, const char *names)
{
    const option_row *r;
    for (size_t i = 0; (r = row_at(o->verb, i)) != NULL; i++)
        if (r->name != NULL && opts_word_at(names, r->name) >= 0 && opts_asked(o, r->id))
            return true;
    return false;
}

/* Does the command line say something else, or nothing of what it goes with? */
static bool
is_overruled(const opts *o, const option_row *row)
{
    const char *without = overruled_without(o->verb->name, row->name);
    const option_row *r;
    for (size_t i = 0; (r = row_at(o->verb, i)) != NULL; i++)
        if (o->given[i] && r->name != NULL &&
            (r->id == row->id || overruled_by(o->verb->name, r->name, row->name)))
            return true;
    return without != NULL && !asks_one(o, without);
}

/* The next default that counts; its id, or 0. */
static int
next_default(opts *o, const char **ret_arg)
{
    while (o->default_at < o->default_count) {
        const opts_default *d = &o->defaults[o->default_at++];
        if (is_overruled(o, d->row))
            continue;
        o->where = d->where;
        *ret_arg = d->value;
        return d->row->id;
    }
    o->where = NULL;
    return 0;
}

void
opts_begin(opts *o, const verb *v, int argc, char **argv)
{
    *o = (opts){.verb = v, .argc = argc, .argv = argv};
    size_t letters = 0, longs = 0;
    o->shorts[letters++] = ':'; /* a missing argument is told apart */
    const option_row *row;
    for (size_t i = 0; (row = row_at(v, i)) != NULL; i++) {
        assert(i < OPTS_MAX - 1);
        if (row->name == NULL)
            continue;
        const int has_arg = row->arg != NULL ? required_argument : no_argument;
        o->longs[longs] =
            (struct option){row->name, has_arg, NULL, LONG_BASE + (int)longs};
        o->row_of[longs++] = (int)i;
        if (row->letter != 0) {
            o->shorts[letters++] = row->letter;
            if (row->arg != NULL)
                o->shorts[letters++] = ':';
        }
    }
    opterr = 0;
    if (opts_find_defaults != NULL) {
        o->status = opts_find_defaults(v, &o->defaults, &o->default_count);
        look_ahead(o);
    }
    optind = 0; /* glibc: begin anew */
}

bool
opts_asked(const opts *o, int id)
{
    const option_row *r;
    for (size_t i = 0; i < o->default_count; i++)
        if (o->defaults[i].row->id == id)
            return true;
    for (size_t i = 0; (r = row_at(o->verb, i)) != NULL; i++)
        if (o->given[i] && r->id == id)
            return true;
    return false;
}

size_t
opts_room(const opts *o)
{
    return (size_t)o->argc + o->default_count + 1;
}

int
opts_mistake(const opts *o, const char *format, ...)
{
    (void)fprintf(stderr, "ndrscan %s: ", o->verb->name);
    if (o->where != NULL)
        (void)fprintf(stderr, "%s: ", o->where);
    va_list ap;
    va_start(ap, format);
    (void)vfprintf(stderr, format, ap);
    va_end(ap);
    (void)fputc('\n', stderr);
    return 2;
}

/* Edits (one letter added, left out or changed) between two names; at most 99. */
static size_t
edits(const char *a, size_t an, const char *b, size_t bn)
{
    size_t row[64];
    if (an >= 64 || bn >= 64)
        return 99;
    for (size_t j = 0; j <= bn; j++)
        row[j] = j;
    for (size_t i = 1; i <= an; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= bn; j++) {
            const size_t change = corner + (a[i - 1] != b[j - 1]);
            const size_t step = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            corner = row[j];
            row[j] = change < step ? change : step;
        }
    }
    return row[bn];
}

static void
unknown_option(const opts *o)
{
    if (optopt != 0 && optopt < LONG_BASE) {
        (void)opts_mistake(o, "no option -%c; see 'ndrscan %s --help'", optopt,
                           o->verb->name);
        return;
    }
    const char *given = o->argv[optind - 1];
    if (optopt >= LONG_BASE) {
        (void)opts_mistake(o, "--%s takes no argument",
                           o->longs[optopt - LONG_BASE].name);
        return;
    }
    given += strspn(given, "-");
    const size_t n = strcspn(given, "=");
    const char *near = NULL;
    size_t best = 3;
    size_t prefixed = 0;
    for (const struct option *l = o->longs; l->name != NULL; l++) {
        const size_t d = edits(given, n, l->name, strlen(l->name));
        prefixed += strncmp(given, l->name, n) == 0;
        if (d < best) {
            best = d;
            near = l->name;
        }
    }
    if (n > 0 && prefixed > 1)
        (void)opts_mistake(o, "--%.*s may mean several options; see 'ndrscan %s --help'",
                           (int)n, given, o->verb->name);
    else if (near != NULL)
        (void)opts_mistake(o, "no option --%.*s; did you mean --%s?", (int)n, given,
                           near);
    else
        (void)opts_mistake(o, "no option --%.*s; see 'ndrscan %s --help'", (int)n, given,
                           o->verb->name);
}

/* Was the argument forgotten, and an option of the verb taken in its place? */
static bool
is_option(const opts *o, const option_row *row)
{
    const option_row *r;
    if (row->arg == NULL || optarg != o->argv[optind - 1] ||
        strncmp(optarg, "--", 2) != 0) /* "--name=--other" is meant */
        return false;
    for (size_t i = 0; (r = row_at(o->verb, i)) != NULL; i++)
        if (r->name != NULL && strcmp(optarg + 2, r->name) == 0)
            return true;
    return false;
}

int
opts_next(opts *o, const char **ret_arg)
{
    *ret_arg = NULL;
    if (o->status != 0)
        return -1; /* of the defaults, told */
    const int by_default = next_default(o, ret_arg);
    if (by_default != 0)
        return by_default;
    const int got = getopt_long(o->argc, o->argv, o->shorts, o->longs, NULL);
    if (got == -1)
        return 0;
    if (got == '?') {
        unknown_option(o);
        o->status = 2;
        return -1;
    }
    const int at = row_of(o, got == ':' ? optopt : got);
    assert(at >= 0);
    const option_row *row = row_at(o->verb, (size_t)at);
    if (got == ':') {
        o->status = opts_mistake(o, "--%s needs %s behind it", row->name, row->arg);
        return -1;
    }
    if (is_option(o, row)) {
        o->status = opts_mistake(o, "--%s needs %s behind it, and %s is an option",
                                 row->name, row->arg, optarg);
        return -1;
    }
    if (row->id == OPT_HELP) {
        opts_print_help(o->verb, stdout);
        return -1;
    }
    if (row->id == OPT_VERSION) {
        opts_print_version(stdout);
        return -1;
    }
    *ret_arg = optarg;
    return row->id;
}

int
opts_take(opts *o, int (*take)(void *ctx, const opts *o, int id, const char *arg),
          void *ctx)
{
    const char *arg;
    int id;
    while ((id = opts_next(o, &arg)) > 0) {
        const int status = take(ctx, o, id, arg);
        if (status != 0)
            return status;
    }
    return id < 0 ? o->status : -1;
}

char **
opts_operands(const opts *o, size_t *ret_count)
{
    *ret_count = (size_t)(o->argc - optind);
    return o->argv + optind;
}

/* "a, b or c" from "a|b|c". */
static void
words_text(const char *words, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    while (*words != '\0' && used < size) {
        const size_t n = strcspn(words, "|");
        const char *last = strrchr(words, '|');
        const char *behind = words[n] == '\0' ? "" : words + n == last ? " or " : ", ";
        const int put =
            snprintf(text + used, size - used, "%.*s%s", (int)n, words, behind);
        used += put > 0 ? (size_t)put : 0;
        words += n + (words[n] == '|');
    }
}

int
opts_word_at(const char *list, const char *word)
{
    const size_t n = strlen(word);
    for (int at = 0;; at++) {
        const size_t m = strcspn(list, "|");
        if (m == n && memcmp(list, word, n) == 0)
            return at;
        if (list[m] == '\0')
            return -1;
        list += m + 1;
    }
}

int
opts_word(const opts *o, int id, const char *arg)
{
    const option_row *row = row_of_id(o->verb, id);
    assert(row != NULL && row->words != NULL);
    const int at = opts_word_at(row->words, arg);
    if (at >= 0)
        return at;
    char words[200];
    words_text(row->words, words, sizeof words);
    (void)opts_mistake(o, "--%s '%s': not one of %s", row->name, arg, words);
    return -1;
}

int64_t
opts_number(const opts *o, int id, const char *arg, int64_t min, int64_t max)
{
    char *end = NULL;
    errno = 0;
    const long long v = strtoll(arg, &end, 10);
    if (errno == 0 && end != arg && *end == '\0' && v >= min && v <= max)
        return v;
    if (max == INT64_MAX)
        (void)opts_mistake(o, "--%s '%s': not a whole number from %lld on",
                           row_of_id(o->verb, id)->name, arg, (long long)min);
    else
        (void)opts_mistake(o, "--%s '%s': not a whole number from %lld to %lld",
                           row_of_id(o->verb, id)->name, arg, (long long)min,
                           (long long)max);
    return -1;
}

int
opts_threads(const opts *o, int id, const char *arg, unsigned *ret)
{
    const int64_t n = opts_number(o, id, arg, 1, MAX_THREADS);
    *ret = n > 0 ? (unsigned)n : 1;
    return n < 0 ? 2 : 0;
}

int64_t
opts_size(const opts *o, int id, const char *arg)
{
    char *end = NULL;
    errno = 0;
    const long long v = strtoll(arg, &end, 10);
    int shift = 0;
    if (end != arg && *end != '\0') {
        shift = *end == 'k' || *end == 'K'   ? 10
                : *end == 'm' || *end == 'M' ? 20
                : *end == 'g' || *end == 'G' ? 30
                                             : -1;
        end++;
    }
    if (errno == 0 && end != arg && *end == '\0' && shift >= 0 && v >= 1 &&
        v <= (INT64_MAX >> 1) >> shift)
        return (int64_t)v << shift;
    (void)opts_mistake(o, "--%s '%s': not a size such as 500k, 64M or 2G",
                       row_of_id(o->verb, id)->name, arg);
    return -1;
}

/* ---- the tables, written out -------------------------------------------- */

/* "  -r, --recursive" */
static int
option_text(const option_row *row, char *text, size_t size)
{
    const char letter[5] = {row->letter != 0 ? '-' : ' ',
                            row->letter != 0 ? row->letter : ' ',
                            row->letter != 0 ? ',' : ' ', ' ', '\0'};
    return snprintf(text, size, "  %s--%s%s%s", letter, row->name,
                    row->arg != NULL ? " " : "", row->arg != NULL ? row->arg : "");
}

static void
print_row(const option_row *row, FILE *out)
{
    char text[80];
    const int n = option_text(row, text, sizeof text);
    (void)fputs(text, out);
    int pad = HELP_COLUMN - n;
    if (pad < 2) { /* too long to stand beside its help */
        (void)fputc('\n', out);
        pad = HELP_COLUMN;
    }
    (void)fprintf(out, "%*s", pad, "");
    for (const char *c = row->help; *c != '\0'; c++)
        (void)(*c == '\n' ? fprintf(out, "\n%*s", HELP_COLUMN, "") : fputc(*c, out));
    (void)fputc('\n', out);
}

void
opts_print_help(const verb *v, FILE *out)
{
    (void)fprintf(out, "usage: ndrscan %s%s%s%s\n\n", v->name,
                  v->row[0].help != NULL ? " [options]" : "",
                  v->operands[0] != '\0' ? " " : "", v->operands);
    (void)fprintf(out, "%c%s.\n", v->help[0] - 'a' + 'A', v->help + 1);
    if (v->about[0] != '\0')
        (void)fprintf(out, "\n%s", v->about);
    if (v->row[0].name != NULL || is_end(&v->row[0]))
        (void)fprintf(out, "\nOptions\n");
    const option_row *row;
    for (size_t i = 0; (row = row_at(v, i)) != NULL; i++) {
        if (row->name == NULL)
            (void)fprintf(out, "\n%s\n", row->help);
        else
            print_row(row, out);
    }
}

/* Text as scdoc takes it literally. */
static void
print_literal(const char *text, FILE *out)
{
    for (; *text != '\0'; text++) {
        if (strchr("*_\\#~|[]<>", *text) != NULL)
            (void)fputc('\\', out);
        (void)fputc(*text == '\n' ? ' ' : *text, out);
    }
}

void
opts_print_scdoc(const verb *v, FILE *out)
{
    const option_row *row;
    for (size_t i = 0; (row = row_at(v, i)) != NULL; i++) {
        if (row->name == NULL) {
            (void)fprintf(out, "## %s\n\n", row->help);
            continue;
        }
        if (row->letter != 0)
            (void)fprintf(out, "*-%c*, ", row->letter);
        (void)fprintf(out, "*--%s*", row->name);
        if (row->arg != NULL) {
            (void)fputs(" _", out);
            print_literal(row->arg, out);
            (void)fputc('_', out);
        }
        (void)fprintf(out, "\n\t%c", row->help[0] - 'a' + 'A');
        print_literal(row->help + 1, out);
        (void)fputs(".\n", out);
        if (row->more != NULL)
            (void)fprintf(out, "\t%s\n", row->more);
        (void)fputc('\n', out);
    }
}

/* The verb's first word, or what follows it. */
static void
print_words_of(const verb *const *list, const char *first, FILE *out)
{
    const char *said = "";
    for (; *list != NULL; list++) {
        const char *name = (*list)->name;
        const size_t n = strcspn(name, " ");
        if (first == NULL) {
            if (strcspn(said, " ") != n || strncmp(said, name, n) != 0)
                (void)fprintf(out, "%.*s ", (int)n, name);
            said = name;
        } else if (name[n] == ' ' && strlen(first) == n && strncmp(first, name, n) == 0) {
            (void)fprintf(out, "%s ", name + n + 1);
        }
    }
}

/* A case for each first word that takes a second one, as "rules check" does. */
static void
print_second_words(const verb *const *list, FILE *out)
{
    for (const verb *const *v = list; *v != NULL; v++) {
        const size_t n = strcspn((*v)->name, " ");
        if ((*v)->name[n] != ' ' ||
            (v > list && strncmp(v[-1]->name, (*v)->name, n + 1) == 0))
            continue;
        char first[32];
        (void)snprintf(first, sizeof first, "%.*s", (int)n, (*v)->name);
        (void)fprintf(out,
                      "    %s)\n"
                      "        if [ \"$COMP_CWORD\" -eq 2 ]; then\n"
                      "            COMPREPLY=($(compgen -W '",
                      first);
        print_words_of(list, first, out);
        (void)fputs("' -- \"$cur\"))\n"
                    "            return\n"
                    "        fi\n"
                    "        verb=\"$verb ${COMP_WORDS[2]}\" ;;\n",
                    out);
    }
}

/* A case for each option of a verb whose values are known. */
static void
print_values(const verb *const *list, FILE *out)
{
    for (const verb *const *v = list; *v != NULL; v++) {
        const option_row *row;
        for (size_t i = 0; (row = row_at(*v, i)) != NULL; i++) {
            if (row->name == NULL || row->words == NULL)
                continue;
            (void)fprintf(out, "    '%s:--%s') words='", (*v)->name, row->name);
            for (const char *c = row->words; *c != '\0'; c++)
                (void)fputc(*c == '|' ? ' ' : *c, out);
            (void)fputs("' ;;\n", out);
        }
    }
}

/* A case for each verb, with its options. */
static void
print_options(const verb *const *list, FILE *out)
{
    for (const verb *const *v = list; *v != NULL; v++) {
        (void)fprintf(out, "            '%s') words='", (*v)->name);
        const option_row *row;
        for (size_t i = 0; (row = row_at(*v, i)) != NULL; i++)
            if (row->name != NULL)
                (void)fprintf(out, "--%s ", row->name);
        (void)fputs("' ;;\n", out);
    }
}

void
opts_print_bash(const verb *const *list, FILE *out)
{
    (void)fputs(
        "# bash completion for ndrscan, made from its tables of options\n"
        "_ndrscan() {\n"
        "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
        "    local verb=${COMP_WORDS[1]} words=\n"
        "    COMPREPLY=()\n"
        "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
        "        COMPREPLY=($(compgen -W '",
        out);
    print_words_of(list, NULL, out);
    (void)fputs("--help --version' -- \"$cur\"))\n"
                "        return\n"
                "    fi\n"
                "    case $verb in\n",
                out);
    print_second_words(list, out);
    (void)fputs("    esac\n    case $verb:$prev in\n", out);
    print_values(list, out);
    (void)fputs("    *)\n"
                "        if [ \"${cur#-}\" != \"$cur\" ]; then\n"
                "            case $verb in\n",
                out);
    print_options(list, out);
    (void)fputs("            esac\n"
                "        elif [ \"$verb\" = help ]; then\n"
                "            words='",
                out);
    print_words_of(list, NULL, out);
    (void)fputs("'\n"
                "        else\n"
                "            case $verb in\n",
                out);
    for (const verb *const *v = list; *v != NULL; v++)
        if (completion_operands((*v)->name) != NULL)
            (void)fprintf(out, "            '%s') words=$(%s) ;;\n", (*v)->name,
                          completion_operands((*v)->name));
    (void)fputs("            esac\n"
                "        fi ;;\n"
                "    esac\n"
                "    if [ -n \"$words\" ]; then\n"
                "        COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
                "    else\n"
                "        compopt -o filenames\n"
                "        COMPREPLY=($(compgen -f -- \"$cur\"))\n"
                "    fi\n"
                "}\n"
                "complete -F _ndrscan ndrscan\n",
                out);
}

int
opts_cold_limit(const opts *o, int id, const char *arg, uint64_t *ret)
{
    const int64_t n = opts_size(o, id, arg);
    *ret = n > 0 ? (uint64_t)n : 0;
    return n < 0 ? 2 : 0;
}
