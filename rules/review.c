/* SPDX-License-Identifier: BSD-3-Clause */
/* review.c - what do files of rules say in vain, or twice? */
#include "load_rules.h"

#include "ndr_sized.h"

#include <stdlib.h>
#include <string.h>

/* A pattern as it is written somewhere. */
typedef struct written {
    ndr_signal_spec spec;
    const char *name; /* NULL: in a rule or candidate */
    size_t file;
    const char *list, *key; /* as ndr_rulebook_where takes them */
    size_t entry, item;
    size_t order;
} written;

typedef struct review {
    const ndr_rulebook *book;
    written *row;
    size_t count, cap;
    void (*tell)(void *ctx, const ndr_rules_note *n);
    void *ctx;
} review;

/* A row of a list of signals is written out: keep it. False: no memory. */
static bool
keep(review *r, ndr_signal_names *names, const written *w, const ndr_signal_entry *e)
{
    if (e->match_count == 0 || (w->name == NULL && e->name != NULL))
        return true;
    if (r->count == r->cap) {
        const size_t cap = r->cap == 0 ? 256 : 2 * r->cap;
        written *more = realloc(r->row, cap * sizeof *more);
        if (more == NULL)
            return false;
        r->row = more;
        r->cap = cap;
    }
    r->row[r->count] = *w;
    r->row[r->count].order = r->count;
    return ndr_signal_make(names, e, &r->row[r->count++].spec);
}

static bool
keep_list(review *r, ndr_signal_names *names, written w, const ndr_signal_entry *list,
          unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        w.item = i;
        if (!keep(r, names, &w, &list[i]))
            return false;
    }
    return true;
}

static bool
keep_file(review *r, ndr_signal_names *names, size_t file, const ndr_rule_document *d)
{
    written w = {.file = file, .item = NDR_YAML_WHOLE};
    for (unsigned i = 0; i < d->signals_count; i++) {
        const ndr_signal_name *n =
            ndr_signal_names_find(&r->book->names, d->signals[i].name);
        if (n == NULL || n->entry != &d->signals[i])
            continue; /* replaced: what it says is said nowhere */
        w.list = "signals";
        w.entry = i;
        w.name = d->signals[i].name;
        if (!keep(r, names, &w, &d->signals[i]))
            return false;
    }
    w.name = NULL;
    w.list = "candidates";
    for (unsigned i = 0; i < d->candidates_count; i++) {
        w.entry = i;
        if (!keep(r, names, &w, &d->candidates[i]))
            return false;
    }
    w.list = "rules";
    for (unsigned i = 0; i < d->rules_count; i++) {
        const ndr_rule_entry *e = &d->rules[i];
        w.entry = i;
        w.key = "all";
        bool ok = keep_list(r, names, w, e->all, e->all_count);
        w.key = "any";
        ok = ok && keep_list(r, names, w, e->any, e->any_count);
        w.key = "none";
        if (!ok || !keep_list(r, names, w, e->none, e->none_count))
            return false;
    }
    return true;
}

static int
compare_written(const void *a, const void *b)
{
    const written *x = a, *y = b;
    int c = strcmp(x->spec.target, y->spec.target);
    if (c == 0)
        c = strcmp(x->spec.match, y->spec.match);
    return c != 0 ? c : (x->order > y->order) - (x->order < y->order);
}

/* A row that is the first of several that say the same. */
typedef struct twins {
    size_t row, times;
    size_t order;
} twins;

static int
compare_twins(const void *a, const void *b)
{
    const twins *x = a, *y = b;
    return (x->order > y->order) - (x->order < y->order);
}

static void
where_of(const review *r, const written *w, char ret[NDR_WHERE_MAX])
{
    ndr_rulebook_where(r->book, w->file, w->list, w->entry, w->key, w->item, ret);
}

static bool
tell_doubled(review *r)
{
    twins *list = calloc(r->count + 1, sizeof *list);
    size_t found = 0;
    if (list == NULL)
        return false;
    if (r->count > 1)
        qsort(r->row, r->count, sizeof *r->row, compare_written);
    for (size_t i = 0, next = 0; i < r->count; i = next) {
        for (next = i + 1; next < r->count; next++)
            if (strcmp(r->row[i].spec.target, r->row[next].spec.target) != 0 ||
                strcmp(r->row[i].spec.match, r->row[next].spec.match) != 0)
                break;
        if (next - i > 1)
            list[found++] = (twins){i, next - i, r->row[i].order};
    }
    if (found > 1)
        qsort(list, found, sizeof *list, compare_twins);
    for (size_t i = 0; i < found; i++) {
        const written *w = &r->row[list[i].row];
        char where[NDR_WHERE_MAX], again[NDR_WHERE_MAX];
        where_of(r, &w[0], where);
        where_of(r, &w[1], again);
        r->tell(r->ctx, &(ndr_rules_note){NDR_NOTE_DOUBLED, w->name, w->spec.target,
                                          w->spec.match, where, again, list[i].times});
    }
    free(list);
    return true;
}

static void
tell_names(review *r, bool replaced)
{
    const ndr_signal_names *n = &r->book->names;
    for (size_t i = 0; i < n->count; i++) {
        const ndr_signal_name *row = &n->row[i];
        if (replaced ? !row->replaced : row->used || row->replaced)
            continue;
        char where[NDR_WHERE_MAX], again[NDR_WHERE_MAX] = "";
        ndr_rulebook_where(r->book, row->file, "signals", row->number, NULL,
                           NDR_YAML_WHOLE, where);
        if (replaced)
            ndr_rulebook_where(r->book, row[1].file, "signals", row[1].number, NULL,
                               NDR_YAML_WHOLE, again);
        r->tell(r->ctx, &(ndr_rules_note){replaced ? NDR_NOTE_REPLACED : NDR_NOTE_UNUSED,
                                          row->entry->name, NULL, NULL, where,
                                          replaced ? again : NULL, 0});
    }
}

int
ndr_rules_review(const ndr_rules_opts *opts,
                 void (*tell)(void *ctx, const ndr_rules_note *n), void *ctx,
                 ndr_error *err)
{
    ndr_files files;
    ndr_rulebook book = {0};
    ndr_signal_names made = {0}; /* owns patterns alone */
    review r = {.book = &book, .tell = tell, .ctx = ctx};
    ndr_rules_opts own;
    int rc = NDR_SIZED_TAKE(ndr_rules_opts, cache_dir, &own, opts, err);
    if (rc == 0)
        rc = ndr_rules_files(&own, false, &files, err);
    if (rc < 0)
        return rc;
    ndr_builder *b = ndr_builder_new();
    rc = b == NULL ? ndr_fail(err, NDR_E_NOMEM, "no memory")
                   : ndr_rulebook_read(&files, b, &book, err);
    bool ok = true;
    for (size_t f = 0; f < book.count && rc == 0 && ok; f++)
        if (book.yaml[f].data != NULL)
            ok = keep_file(&r, &made, f, book.yaml[f].data);
    if (rc == 0 && ok) {
        tell_names(&r, false);
        tell_names(&r, true);
        ok = tell_doubled(&r);
    }
    if (rc == 0 && !ok)
        rc = ndr_fail(err, NDR_E_NOMEM, "no memory");
    free(r.row);
    ndr_signal_names_free(&made);
    ndr_rulebook_free(&book);
    ndr_builder_free(b);
    ndr_files_free(&files);
    return rc;
}
