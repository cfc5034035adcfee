/* SPDX-License-Identifier: BSD-3-Clause */
/* examples.c - does each rule match what it says it does, and nothing it says it does
 * not? */
#include "load_rules.h"

#include "ndr_sized.h"

#include <stdlib.h>
#include <string.h>

/* What one pass over all examples needs. */
typedef struct pass {
    const ndr_rulebook *book;
    const ndr_ruleset *rules;
    size_t *by_id; /* numbers of rules, sorted by id */
    ndr_scanner *scanner;
    void (*tell)(void *ctx, const ndr_example *e);
    void *ctx;
    ndr_examples_count *count;
} pass;

static void
sift(size_t *list, size_t at, size_t count, const ndr_ruleset *rs)
{
    for (size_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && strcmp(ndr_ruleset_rule(rs, list[child])->id,
                                        ndr_ruleset_rule(rs, list[child + 1])->id) < 0)
            child++;
        if (strcmp(ndr_ruleset_rule(rs, list[at])->id,
                   ndr_ruleset_rule(rs, list[child])->id) >= 0)
            return;
        const size_t was = list[at];
        list[at] = list[child];
        list[child] = was;
    }
}

/* Heap sort: qsort has no way to hand the ruleset to its comparison. */
static size_t *
sort_by_id(const ndr_ruleset *rs)
{
    const size_t n = ndr_ruleset_count(rs);
    size_t *list = calloc(n == 0 ? 1 : n, sizeof *list);
    if (list == NULL)
        return NULL;
    for (size_t i = 0; i < n; i++)
        list[i] = i;
    for (size_t i = n / 2; i-- > 0;)
        sift(list, i, n, rs);
    for (size_t i = n; i-- > 1;) {
        const size_t was = list[0];
        list[0] = list[i];
        list[i] = was;
        sift(list, 0, i, rs);
    }
    return list;
}

/* The number of the rule of this id; false when the set has none. */
static bool
find_rule(const pass *p, const char *id, size_t *ret)
{
    size_t lo = 0, hi = ndr_ruleset_count(p->rules);
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        const int c = strcmp(ndr_ruleset_rule(p->rules, p->by_id[mid])->id, id);
        if (c == 0) {
            *ret = p->by_id[mid];
            return true;
        }
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return false;
}

static int
run_list(pass *p, size_t rule, const char *where, bool hit, char *const *list,
         size_t count, ndr_error *err)
{
    for (size_t i = 0; i < count; i++) {
        ndr_message m = {
            .raw = ndr_slice_of(list[i]),
            .source = where,
            .length = strlen(list[i]),
            .framed = NDR_TIME_UNKNOWN,
            .file_time = NDR_TIME_UNKNOWN,
        };
        ndr_verdict v;
        const int rc = ndr_scan(p->scanner, &m, NULL, NULL, &v, err);
        if (rc < 0) {
            ndr_error_prefix(err, "%s: %s example %zu", where, hit ? "hit" : "miss",
                             i + 1);
            return rc;
        }
        const ndr_example e = {
            .rule = ndr_ruleset_rule(p->rules, rule)->id,
            .where = where,
            .hit = hit,
            .number = i + 1,
            .ok = ndr_scan_matched(p->scanner, rule) == hit,
            .named = v.rule == NULL ? "" : v.rule->id,
        };
        p->count->bad += e.ok ? 0 : 1;
        if (p->tell != NULL)
            p->tell(p->ctx, &e);
    }
    return 0;
}

static int
run_rule(pass *p, size_t file, size_t entry, ndr_error *err)
{
    const ndr_rule_document *d = p->book->yaml[file].data;
    const ndr_rule_entry *e = &d->rules[entry];
    char where[NDR_WHERE_MAX];
    size_t rule = 0;
    ndr_rulebook_where(p->book, file, "rules", entry, NULL, NDR_YAML_WHOLE, where);
    /* of several of one id, only the last is in the set */
    if (!find_rule(p, e->id, &rule) ||
        strcmp(ndr_ruleset_rule(p->rules, rule)->where, where) != 0)
        return 0;

    static const ndr_examples_entry no_examples = {0};
    const ndr_examples_entry *x = e->examples == NULL ? &no_examples : e->examples;
    p->count->rules++;
    p->count->hits += x->hit_count;
    p->count->misses += x->miss_count;
    p->count->without += x->hit_count == 0 || x->miss_count == 0 ? 1 : 0;
    const int rc = run_list(p, rule, where, true, x->hit, x->hit_count, err);
    return rc < 0 ? rc : run_list(p, rule, where, false, x->miss, x->miss_count, err);
}

int
ndr_rules_examples(const ndr_rules_opts *opts,
                   void (*tell)(void *ctx, const ndr_example *e), void *ctx,
                   ndr_examples_count *ret, ndr_error *err)
{
    ndr_files files;
    ndr_rulebook book = {0};
    ndr_ruleset *rules = NULL;
    pass p = {.book = &book, .tell = tell, .ctx = ctx, .count = ret};
    *ret = (ndr_examples_count){0};

    ndr_rules_opts own;
    int rc = NDR_SIZED_TAKE(ndr_rules_opts, cache_dir, &own, opts, err);
    if (rc == 0)
        rc = ndr_rules_files(&own, false, &files, err);
    if (rc < 0)
        return rc;
    rc = ndr_rules_make(&files, own.cache_dir, &book, &rules, NULL, err);
    if (rc < 0)
        goto out;
    p.rules = rules;
    p.by_id = sort_by_id(rules);
    if (p.by_id == NULL) {
        rc = ndr_fail(err, NDR_E_NOMEM, "no memory");
        goto out;
    }
    rc = ndr_scanner_new(
        &(ndr_scan_opts){NDR_SIZED(ndr_scan_opts), .rules = rules, .try_all = true},
        &p.scanner, err);
    for (size_t f = 0; f < book.count && rc == 0; f++) {
        const ndr_rule_document *d = book.yaml[f].data;
        for (unsigned i = 0; d != NULL && i < d->rules_count && rc == 0; i++)
            rc = run_rule(&p, f, i, err);
    }
out:
    ndr_scanner_free(p.scanner);
    free(p.by_id);
    ndr_ruleset_free(rules);
    ndr_rulebook_free(&book);
    ndr_files_free(&files);
    return rc;
}
