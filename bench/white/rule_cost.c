/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rule_cost.c - which signals make the scan slow?
 *
 *   mail -> the engine -> hs_scan, wrapped here: its buffers are kept, by matcher
 *   each signal -> a database of its own -> scan the kept buffers of its matcher
 *
 * A matcher is a target, or the text signals that are looked for late. Lines that the
 * engine knows already are not scanned and so not measured. Alone a signal costs more
 * than among others, which share their literal
 * matchers; so --without also compiles the whole matcher without one. It sees the
 * engine's private headers: it must compile a signal the way the builder does and know
 * which database is which.
 */
#define _GNU_SOURCE  /* qsort_r: the order depends on a table */
#define MEASURE_NAME "rule_cost"
#include "match/fold.h"
#include "match/ruleset.h"
#include "measure.h"
#include "ndrscan_io.h"
#include "ndrscan_rules.h"

#include <getopt.h>
#include <hs.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "Usage: rule_cost [options] SOURCE...\n"
    "Compile time, size and scan cost of each signal of the rules, over what the engine\n"
    "makes of the mail in SOURCE (anything that ndrscan scan reads), the worst first.\n"
    "\n"
    "  --rules PATH      a file or a folder of rules [rules/ndr]\n"
    "  --top N           show so many signals a matcher; 0: all [25]\n"
    "  --sort COLUMN     by cost, hits, compile or size [cost]\n"
    "  --without N       for the first N: how the matcher's cost changes without each "
    "[0]\n"
    "  --keep SIZE       KiB of text a matcher that signals are measured on [1024]\n"
    "  --runs N          times each measurement is taken; the fastest counts [5]\n"
    "  -r, --recursive   folders are trees of Maildirs and mail files\n"
    "  --files-from FILE read the list of sources from FILE, - for standard input\n"
    "\n"
    "Columns: ns a KiB of the matcher's text, alone in a database; hits a 1,000 scans;\n"
    "ms to compile; KiB of database; width from-to; target; pattern; rules that use "
    "it.\n";

typedef struct kept {
    size_t *len; /* of each buffer, one behind the other in `bytes` */
    size_t count, cap;
    ndr_buffer bytes;
    unsigned long long scans, scanned_bytes; /* all, kept or not */
} kept;

typedef struct cost {
    double scan_ns_per_kib, compile_ms;
    double change_ns_per_kib; /* of the matcher's cost when it is left out */
    unsigned long long hits;
    size_t database_bytes;
} cost;

typedef struct options {
    const char *rules, *sort;
    size_t top, without, keep_bytes, runs;
    ndr_input_opts input;
} options;

/* What the wrapped hs_scan needs to know; the run is single-threaded. */
static const ndr_ruleset *watched;
static kept *store; /* one a matcher */

/* ---- what the engine scans ---- */

hs_error_t
__real_hs_scan(const hs_database_t *db, const char *data, unsigned len, unsigned flags,
               hs_scratch_t *scratch, match_event_handler on_event, void *ctx);
hs_error_t
__wrap_hs_scan(const hs_database_t *db, const char *data, unsigned len, unsigned flags,
               hs_scratch_t *scratch, match_event_handler on_event, void *ctx);

hs_error_t
__wrap_hs_scan(const hs_database_t *db, const char *data, unsigned len, unsigned flags,
               hs_scratch_t *scratch, match_event_handler on_event, void *ctx)
{
    for (size_t i = 0; watched != NULL && i < ndr_ruleset_matchers(watched); i++) {
        kept *k = &store[i];
        if (watched->matcher[i].db != db)
            continue;
        if (k->count == k->cap) {
            k->cap = k->cap == 0 ? 1024 : 2 * k->cap;
            k->len = need(realloc(k->len, k->cap * sizeof *k->len));
        }
        k->len[k->count++] = len;
        ndr_buffer_add(&k->bytes, (ndr_slice){(const unsigned char *)data, len});
        k->scans++;
        k->scanned_bytes += len;
    }
    return __real_hs_scan(db, data, len, flags, scratch, on_event, ctx);
}

/* Thin a store out evenly until it holds at most `limit` bytes. */
static void
thin(kept *k, size_t limit)
{
    if (k->bytes.failed)
        die("memory", "not enough for the canonical text; give less mail");
    const size_t step = k->bytes.len / limit + 1;
    size_t from = 0, to = 0, count = 0;
    for (size_t i = 0; i < k->count; i++) {
        const size_t n = k->len[i];
        if (i % step == 0) {
            memmove(k->bytes.ptr + to, k->bytes.ptr + from, n);
            k->len[count++] = n;
            to += n;
        }
        from += n;
    }
    k->count = count;
    k->bytes.len = to;
}

static int
render_nothing(const ndr_sink *s, ndr_batch *b, const ndr_message *m,
               const ndr_verdict *v, ndr_error *err)
{
    (void)s;
    (void)b;
    (void)m;
    (void)v;
    (void)err;
    return 0;
}

static int
commit_nothing(ndr_sink *s, const ndr_batch *b, uint64_t base, ndr_error *err)
{
    (void)s;
    (void)b;
    (void)base;
    (void)err;
    return 0;
}

static void
warn(void *ctx, const char *source, const char *text)
{
    (void)ctx;
    fprintf(stderr, "rule_cost: %s: %s\n", source, text);
}

static void
watch(const ndr_ruleset *rs, const ndr_input_opts *input, ndr_stats *stats)
{
    ndr_error err;
    ndr_source *in = NULL;
    ndr_sink out = {NDR_SIZED(ndr_sink), .render = render_nothing,
                    .commit = commit_nothing};
    if (ndr_input_open(input, &in, &err) < 0)
        die("input", err.text);
    const ndr_scan_opts scan = {NDR_SIZED(ndr_scan_opts), .rules = rs};
    const ndr_run_opts run = {NDR_SIZED(ndr_run_opts), .scan = &scan, .threads = 1,
                              .trouble = warn};
    watched = rs;
    if (ndr_run(&run, in, &out, stats, &err) < 0)
        die("scan", err.text);
    watched = NULL;
    in->close(in);
}

/* ---- measuring ---- */

static int
count_hit(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
          void *ctx)
{
    (void)id;
    (void)from;
    (void)to;
    (void)flags;
    ++*(unsigned long long *)ctx;
    return 0;
}

/* The fastest of `runs` passes over a store, in ns a KiB. */
static double
scan_cost(const hs_database_t *db, const kept *k, size_t runs, unsigned long long *hits)
{
    hs_scratch_t *scratch = NULL;
    if (hs_alloc_scratch(db, &scratch) != HS_SUCCESS)
        die("memory", "no scratch");
    double best = 1e9;
    for (size_t run = 0; run < runs; run++) {
        *hits = 0;
        const unsigned char *p = k->bytes.ptr;
        const double start = own_time();
        for (size_t i = 0; i < k->count; i++) {
            if (__real_hs_scan(db, (const char *)p, (unsigned)k->len[i], 0, scratch,
                               count_hit, hits) != HS_SUCCESS)
                die("scan", "Hyperscan fails");
            p += k->len[i];
        }
        const double took = own_time() - start;
        best = took < best ? took : best;
    }
    (void)hs_free_scratch(scratch);
    return k->bytes.len == 0 ? 0 : best * 1e9 / ((double)k->bytes.len / 1024);
}

/* As the builder compiles them. */
enum { FLAGS = HS_FLAG_CASELESS | HS_FLAG_MULTILINE | HS_FLAG_SINGLEMATCH };

static char *
folded(const ndr_signal *s)
{
    ndr_error err;
    ndr_buffer b = {0};
    if (ndr_fold_pattern(s->match, &b, &err) < 0 || b.failed)
        die(s->match, "cannot be folded");
    return need((char *)b.ptr);
}

/* Which signals of a matcher: all but those that a field here shuts out. */
typedef struct choice {
    uint32_t only;      /* this signal; NONE: any */
    uint32_t leave_out; /* not this one; NONE: no matter */
} choice;
#define NONE UINT32_MAX
static const choice everything = {NONE, NONE};

static bool
is_of(const ndr_ruleset *rs, uint32_t row, uint32_t matcher)
{
    return rs->signal[row].how == NDR_HOW_MATCH &&
           ndr_ruleset_matcher(rs, &rs->signal[row]) == matcher;
}

static hs_database_t *
compile(const ndr_ruleset *rs, char **pattern, uint32_t matcher, choice which)
{
    const char **match = need(calloc(rs->signal_count + 1, sizeof *match));
    unsigned *flags = need(calloc(rs->signal_count + 1, sizeof *flags));
    unsigned *id = need(calloc(rs->signal_count + 1, sizeof *id));
    unsigned n = 0;
    for (uint32_t i = 0; i < rs->signal_count; i++) {
        if (!is_of(rs, i, matcher) || i == which.leave_out ||
            (which.only != NONE && i != which.only))
            continue;
        match[n] = pattern[i];
        flags[n] = FLAGS;
        id[n++] = i;
    }
    hs_database_t *db = NULL;
    hs_compile_error_t *refused = NULL;
    if (n > 0 && hs_compile_multi(match, flags, id, n, HS_MODE_BLOCK, NULL, &db,
                                  &refused) != HS_SUCCESS)
        die("compile", refused->message);
    free(match);
    free(flags);
    free(id);
    return db;
}

static cost
measure(const ndr_ruleset *rs, char **pattern, uint32_t matcher, choice which,
        size_t runs)
{
    cost c = {0};
    const double start = own_time();
    hs_database_t *db = compile(rs, pattern, matcher, which);
    c.compile_ms = (own_time() - start) * 1e3;
    if (db == NULL)
        return c;
    (void)hs_database_size(db, &c.database_bytes);
    c.scan_ns_per_kib = scan_cost(db, &store[matcher], runs, &c.hits);
    (void)hs_free_database(db);
    return c;
}

/* What the matcher's cost becomes without one signal; both taken now, so that a
 * machine that has slowed down meanwhile does not look like a signal's price. */
static double
measure_without(const ndr_ruleset *rs, char **pattern, uint32_t matcher, uint32_t row,
                size_t runs)
{
    hs_database_t *all = compile(rs, pattern, matcher, everything);
    hs_database_t *rest = compile(rs, pattern, matcher, (choice){NONE, row});
    unsigned long long hits;
    double with = 1e9, without = 1e9;
    for (size_t i = 0; i < runs && all != NULL && rest != NULL; i++) {
        const double a = scan_cost(all, &store[matcher], 1, &hits);
        const double b = scan_cost(rest, &store[matcher], 1, &hits);
        with = a < with ? a : with;
        without = b < without ? b : without;
    }
    (void)hs_free_database(all);
    (void)hs_free_database(rest);
    return without - with;
}

/* ---- telling ---- */

typedef struct order {
    const cost *costs;
    const char *by; /* a word of `columns` */
} order;

static const char *const columns[] = {"cost", "hits", "compile", "size"};

static double
sort_key(const cost *c, const char *by)
{
    return strcmp(by, "hits") == 0      ? (double)c->hits
           : strcmp(by, "compile") == 0 ? c->compile_ms
           : strcmp(by, "size") == 0    ? (double)c->database_bytes
                                        : c->scan_ns_per_kib;
}

static int
worst_first(const void *a, const void *b, void *ctx)
{
    const order *o = ctx;
    const double x = sort_key(&o->costs[*(const uint32_t *)a], o->by);
    const double y = sort_key(&o->costs[*(const uint32_t *)b], o->by);
    return x < y ? 1 : x > y ? -1 : 0;
}

static void
print_users(const ndr_ruleset *rs, uint32_t signal)
{
    unsigned shown = 0, more = 0;
    for (size_t i = 0; i < rs->rule_count; i++) {
        const ndr_rule *r = &rs->rule[i];
        for (uint32_t k = 0; k < r->all_count + r->any_count + r->none_count; k++) {
            if (r->signal[k] != signal)
                continue;
            if (shown < 3)
                printf("%s%s", shown++ > 0 ? "," : "  ", r->id);
            else
                more++;
            break;
        }
    }
    if (more > 0)
        printf(",+%u", more);
}

static void
print_signal(const ndr_ruleset *rs, char **pattern, uint32_t row, const cost *c,
             bool with_change)
{
    char width[40] = "?";
    hs_expr_info_t *info = NULL;
    hs_compile_error_t *refused = NULL;
    if (hs_expression_info(pattern[row], FLAGS, &info, &refused) == HS_SUCCESS) {
        if (info->max_width == UINT32_MAX)
            (void)snprintf(width, sizeof width, "%u-", info->min_width);
        else
            (void)snprintf(width, sizeof width, "%u-%u", info->min_width,
                           info->max_width);
        free(info);
    } else {
        hs_free_compile_error(refused);
    }
    const size_t count = store[ndr_ruleset_matcher(rs, &rs->signal[row])].count;
    const double scans = count == 0 ? 1 : (double)count;
    printf("%9.1f %7.1f %8.2f %7.1f %9s  ", c->scan_ns_per_kib,
           1000.0 * (double)c->hits / scans, c->compile_ms,
           (double)c->database_bytes / 1024, width);
    if (with_change)
        printf("[%+.1f] ", c->change_ns_per_kib);
    printf("%s %s ", rs->signal[row].target, rs->signal[row].match);
    print_users(rs, row);
    printf("\n");
}

static void
tell(const ndr_ruleset *rs, char **pattern, uint32_t matcher, const options *o)
{
    const kept *k = &store[matcher];
    uint32_t *row = need(calloc(rs->signal_count + 1, sizeof *row));
    cost *costs = need(calloc(rs->signal_count + 1, sizeof *costs));
    size_t n = 0;
    double alone = 0;
    const cost whole = measure(rs, pattern, matcher, everything, o->runs);
    for (uint32_t i = 0; i < rs->signal_count; i++) {
        if (!is_of(rs, i, matcher))
            continue;
        costs[i] = measure(rs, pattern, matcher, (choice){i, NONE}, o->runs);
        alone += costs[i].scan_ns_per_kib;
        row[n++] = i;
    }
    order by = {costs, o->sort};
    qsort_r(row, n, sizeof *row, worst_first, &by);
    printf("\n== %s: %zu signals; %llu scans of %.0f bytes; measured on %zu of them, %zu "
           "KiB\n",
           matcher < rs->target_count ? rs->target[matcher] : "late text", n, k->scans,
           k->scans == 0 ? 0.0 : (double)k->scanned_bytes / (double)k->scans, k->count,
           k->bytes.len / 1024);
    printf("   together %.1f ns/KiB, %.1f hits a scan, compiled in %.0f ms to %zu KiB; "
           "sum of "
           "each alone %.0f ns/KiB\n",
           whole.scan_ns_per_kib,
           k->count == 0 ? 0.0 : (double)whole.hits / (double)k->count, whole.compile_ms,
           whole.database_bytes / 1024, alone);
    const size_t shown = o->top == 0 || o->top > n ? n : o->top;
    if (shown > 0)
        printf("   ns/KiB  hits/k  compile     KiB     width  target pattern  rules\n");
    for (size_t i = 0; i < shown; i++) {
        cost *c = &costs[row[i]];
        if (i < o->without)
            c->change_ns_per_kib = measure_without(rs, pattern, matcher, row[i], o->runs);
        print_signal(rs, pattern, row[i], c, i < o->without);
        (void)fflush(stdout);
    }
    free(row);
    free(costs);
}

/* ---- */

static size_t
number(const char *word)
{
    char *end;
    const unsigned long n = strtoul(word, &end, 10);
    if (*word < '0' || *word > '9' || *end != '\0' || n > 1u << 20)
        die(word, "not a number that makes sense here");
    return n;
}

static options
read_options(int argc, char **argv)
{
    static const struct option known[] = {
        {"rules", required_argument, NULL, 'R'},
        {"top", required_argument, NULL, 't'},
        {"without", required_argument, NULL, 'w'},
        {"keep", required_argument, NULL, 'k'},
        {"runs", required_argument, NULL, 'n'},
        {"sort", required_argument, NULL, 's'},
        {"recursive", no_argument, NULL, 'r'},
        {"files-from", required_argument, NULL, 'f'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    options o = {.rules = "rules/ndr",
                 .sort = "cost",
                 .top = 25,
                 .keep_bytes = 1 << 20,
                 .runs = 5};
    for (int c; (c = getopt_long(argc, argv, "rh", known, NULL)) != -1;) {
        switch (c) {
        case 'R':
            o.rules = optarg;
            break;
        case 't':
            o.top = number(optarg);
            break;
        case 'w':
            o.without = number(optarg);
            break;
        case 'k':
            o.keep_bytes = number(optarg) * 1024;
            break;
        case 'n':
            o.runs = number(optarg);
            break;
        case 's':
            o.sort = NULL;
            for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
                o.sort = strcmp(optarg, columns[i]) == 0 ? columns[i] : o.sort;
            if (o.sort == NULL)
                die(optarg, "is no column to sort by");
            break;
        case 'r':
            o.input.recursive = true;
            break;
        case 'f':
            o.input.files_from = optarg;
            break;
        case 'h':
            fputs(usage, stdout);
            exit(0);
        default:
            fputs("rule_cost --help lists the options\n", stderr);
            exit(2);
        }
    }
    o.input.size = sizeof o.input;
    o.input.path = (const char *const *)(argv + optind);
    o.input.path_count = (size_t)(argc - optind);
    if (o.input.path_count == 0 && o.input.files_from == NULL)
        die("no source", "rule_cost --help says how");
    if (o.keep_bytes == 0 || o.runs == 0)
        die("--keep and --runs", "must be above 0");
    return o;
}

int
main(int argc, char **argv)
{
    const options o = read_options(argc, argv);
    ndr_error err;
    ndr_ruleset *rs = NULL;
    char note[NDR_CACHE_NOTE_BYTES];
    const ndr_rules_opts rules = {NDR_SIZED(ndr_rules_opts), .path = &o.rules,
                                  .path_count = 1};
    if (ndr_rules_load(&rules, &rs, note, &err) < 0)
        die("rules", err.text);
    const size_t matchers = ndr_ruleset_matchers(rs);
    store = need(calloc(matchers, sizeof *store));
    ndr_stats stats = {0};
    watch(rs, &o.input, &stats);
    if (stats.messages == 0)
        die("input", "no message was read");
    printf("%zu rules, %zu signals; %llu messages, %llu of them bounces\n",
           rs->rule_count, rs->signal_count, (unsigned long long)stats.messages,
           (unsigned long long)stats.bounces);
    char **pattern = need(calloc(rs->signal_count + 1, sizeof *pattern));
    for (size_t i = 0; i < rs->signal_count; i++)
        if (rs->signal[i].how == NDR_HOW_MATCH)
            pattern[i] = folded(&rs->signal[i]);
    for (uint32_t i = 0; i < matchers; i++) {
        if (rs->matcher[i].db == NULL)
            continue;
        thin(&store[i], o.keep_bytes);
        tell(rs, pattern, i, &o);
        free(store[i].len);
        ndr_buffer_free(&store[i].bytes);
    }
    free(store);
    for (size_t i = 0; i < rs->signal_count; i++)
        free(pattern[i]);
    free(pattern);
    ndr_stats_clear(&stats);
    ndr_ruleset_free(rs);
    return 0;
}
