/* SPDX-License-Identifier: BSD-3-Clause */
/* load_windows.c - which block windows does an operator's YAML state? */
#include "load_windows.h"

#include "keep.h"
#include "ndr_sized.h"
#include "quote.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_WINDOWS = 100000,  /* of one file */
    MAX_MAILBOXES = 10000, /* of one window */
    MAX_WARNINGS = 100,
    MAX_PAIRS = 10000000, /* looked at for overlaps */
};

/* ---- the shape of the file -------------------------------------------- */

typedef struct entry {
    char *domain, *from, *until, *take, *note;
    char **kinds, **mailboxes;
    unsigned kinds_count, mailboxes_count;
    bool subdomains, until_calm, delegated;
} entry;

typedef struct document {
    entry *windows;
    unsigned windows_count;
    int *version;
} document;

static const cyaml_schema_value_t word_schema = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 256)};

static const cyaml_schema_field_t entry_fields[] = {
    CYAML_FIELD_STRING_PTR("domain", CYAML_FLAG_POINTER, entry, domain, 1, 1024),
    CYAML_FIELD_STRING_PTR("from", CYAML_FLAG_POINTER, entry, from, 1, 64),
    CYAML_FIELD_STRING_PTR("until", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, entry,
                           until, 1, 64),
    CYAML_FIELD_BOOL("until-calm", CYAML_FLAG_OPTIONAL, entry, until_calm),
    CYAML_FIELD_SEQUENCE("kinds", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, entry, kinds,
                         &word_schema, 1, NDR_KIND_COUNT),
    CYAML_FIELD_BOOL("subdomains", CYAML_FLAG_OPTIONAL, entry, subdomains),
    CYAML_FIELD_SEQUENCE("mailboxes", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, entry,
                         mailboxes, &word_schema, 1, MAX_MAILBOXES),
    CYAML_FIELD_STRING_PTR("take", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, entry, take,
                           1, 64),
    CYAML_FIELD_BOOL("delegated", CYAML_FLAG_OPTIONAL, entry, delegated),
    CYAML_FIELD_STRING_PTR("note", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, entry, note,
                           0, 1024),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t entry_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, entry, entry_fields)};
static const cyaml_schema_field_t document_fields[] = {
    CYAML_FIELD_SEQUENCE("windows", CYAML_FLAG_POINTER_NULL | CYAML_FLAG_OPTIONAL,
                         document, windows, &entry_schema, 0, MAX_WINDOWS),
    NDR_YAML_VERSION_FIELD(document),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t document_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, document, document_fields)};

/* ---- the table --------------------------------------------------------- */

struct ndr_window_table {
    ndr_windows rows;
    ndr_window *row; /* what rows.row points to */
    size_t cap;
    ndr_keep keep; /* what the rows point to */
};

static bool
table_copy(ndr_window_table *t, const char *text, bool lower, ndr_slice *ret)
{
    return ndr_keep_copy(&t->keep, ndr_slice_of(text), lower, ret);
}

void
ndr_window_table_free(ndr_window_table *t)
{
    if (t == NULL)
        return;
    ndr_keep_free(&t->keep);
    free(t->row);
    free(t);
}

const ndr_windows *
ndr_window_table_rows(const ndr_window_table *t)
{
    return &t->rows;
}

/* ---- one entry --------------------------------------------------------- */

/* Where an entry stands, for its errors. */
typedef struct place {
    const char *file;
    const ndr_yaml *yaml;
    size_t number; /* from 0 */
    const entry *e;
} place;

static size_t
line_of(const place *p, const char *key, size_t item)
{
    return ndr_yaml_line(p->yaml, "windows", p->number, key, item);
}

/* Put "FILE:LINE: window 3 (example.com): " in front of `err`; hands on `code`. */
static int
fail_in(const place *p, const char *key, size_t item, int code, ndr_error *err)
{
    char said[NDR_QUOTE_MAX];
    ndr_quote(ndr_slice_of(p->e->domain), said);
    ndr_error_prefix(err, "%s:%zu: window %zu (%.*s)", p->file, line_of(p, key, item),
                     p->number + 1, (int)strlen(said) - 2, said + 1);
    return code;
}

static int
take_domain(ndr_window_table *t, const place *p, ndr_window *w, ndr_error *err)
{
    char name[256];
    const int rc = ndr_domain_to_ascii(p->e->domain, name, err);
    if (rc < 0)
        return fail_in(p, "domain", NDR_YAML_WHOLE, rc, err);
    return table_copy(t, name, false, &w->domain)
               ? 0
               : ndr_fail(err, NDR_E_NOMEM, "no memory");
}

static int
take_times(const place *p, ndr_window *w, ndr_error *err)
{
    int rc = ndr_timestamp_parse(p->e->from, &w->from, err);
    if (rc < 0) {
        ndr_error_prefix(err, "from");
        return fail_in(p, "from", NDR_YAML_WHOLE, rc, err);
    }
    w->until = NDR_TIME_OPEN;
    if (p->e->until == NULL && p->e->until_calm) {
        rc = ndr_fail(err, NDR_E_SYNTAX,
                      "until-calm needs a latest end too; add until, a day behind from");
        return fail_in(p, "until-calm", NDR_YAML_WHOLE, rc, err);
    }
    if (p->e->until == NULL)
        return 0;
    rc = ndr_timestamp_parse(p->e->until, &w->until, err);
    if (rc < 0) {
        ndr_error_prefix(err, "until");
        return fail_in(p, "until", NDR_YAML_WHOLE, rc, err);
    }
    if (w->until > w->from)
        return 0;
    rc = ndr_fail(err, NDR_E_SYNTAX,
                  "until (%s) is not after from (%s); mend one, or take until out",
                  p->e->until, p->e->from);
    return fail_in(p, "until", NDR_YAML_WHOLE, rc, err);
}

static int
take_kinds(const place *p, ndr_window *w, ndr_error *err)
{
    w->kinds = p->e->kinds_count == 0 ? (unsigned)NDR_KINDS_DEFAULT : 0;
    for (unsigned i = 0; i < p->e->kinds_count; i++) {
        const ndr_slice word = ndr_slice_of(p->e->kinds[i]);
        const enum ndr_kind kind = ndr_kind_find(word);
        if (kind == NDR_KIND_NONE) {
            char said[NDR_QUOTE_MAX], words[NDR_KIND_WORDS_MAX];
            ndr_quote(word, said);
            ndr_kind_words(words);
            const int rc =
                ndr_fail(err, NDR_E_SYNTAX, "unknown kind %s; one of %s", said, words);
            return fail_in(p, "kinds", i, rc, err);
        }
        w->kinds |= NDR_KIND_BIT(kind);
    }
    return 0;
}

static int
take_which(const place *p, ndr_window *w, ndr_error *err)
{
    char said[NDR_QUOTE_MAX];
    if (p->e->take == NULL || ndr_take_find(ndr_slice_of(p->e->take), &w->take))
        return 0;
    ndr_quote(ndr_slice_of(p->e->take), said);
    const int rc = ndr_fail(err, NDR_E_SYNTAX, "unknown take %s; one of %s, %s, %s", said,
                            ndr_take_name(NDR_TAKE_ALL), ndr_take_name(NDR_TAKE_NOT_OURS),
                            ndr_take_name(NDR_TAKE_FORGED));
    return fail_in(p, "take", NDR_YAML_WHOLE, rc, err);
}

static int
take_mailboxes(ndr_window_table *t, const place *p, ndr_window *w, ndr_error *err)
{
    const size_t n = p->e->mailboxes_count;
    if (n == 0)
        return 0;
    ndr_slice *list = ndr_keep_room(&t->keep, n, sizeof *list);
    if (list == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    for (size_t i = 0; i < n; i++) {
        const char *at = strrchr(p->e->mailboxes[i], '@');
        if (at != NULL) {
            char said[NDR_QUOTE_MAX], local[NDR_QUOTE_MAX];
            const ndr_slice word = ndr_slice_of(p->e->mailboxes[i]);
            ndr_quote(word, said);
            ndr_quote((ndr_slice){word.ptr, (size_t)(at - p->e->mailboxes[i])}, local);
            const int rc = ndr_fail(err, NDR_E_SYNTAX,
                                    "mailbox %s holds an @; write what is before it, %s",
                                    said, local);
            return fail_in(p, "mailboxes", i, rc, err);
        }
        if (!table_copy(t, p->e->mailboxes[i], true, &list[i]))
            return ndr_fail(err, NDR_E_NOMEM, "no memory");
    }
    w->mailboxes = list;
    w->mailbox_count = n;
    return 0;
}

static int
take_entry(ndr_window_table *t, const place *p, ndr_error *err)
{
    if (t->rows.count == t->cap) {
        const size_t cap = t->cap == 0 ? 64 : t->cap * 2;
        ndr_window *row =
            cap > SIZE_MAX / sizeof *row ? NULL : realloc(t->row, cap * sizeof *row);
        if (row == NULL)
            return ndr_fail(err, NDR_E_NOMEM, "no memory");
        t->row = row;
        t->rows.row = row;
        t->cap = cap;
    }
    ndr_window *w = &t->row[t->rows.count];
    *w = (ndr_window){.subdomains = p->e->subdomains,
                      .until_calm = p->e->until_calm,
                      .delegated = p->e->delegated};
    int rc = take_domain(t, p, w, err);
    if (rc == 0)
        rc = take_times(p, w, err);
    if (rc == 0)
        rc = take_kinds(p, w, err);
    if (rc == 0)
        rc = take_which(p, w, err);
    if (rc == 0)
        rc = take_mailboxes(t, p, w, err);
    if (rc < 0)
        return rc;

    ndr_buffer where = {0};
    ndr_buffer_printf(&where, "%s:%zu", p->file, line_of(p, NULL, NDR_YAML_WHOLE));
    ndr_buffer_byte(&where, '\0');
    const bool kept = !where.failed && table_copy(t, p->e->note, false, &w->note) &&
                      table_copy(t, (const char *)where.ptr, false, &w->where);
    ndr_buffer_free(&where);
    if (!kept)
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    t->rows.count++;
    return 0;
}

/* ---- overlaps ---------------------------------------------------------- */

typedef struct watch {
    const ndr_windows_warn *warn;
    size_t told, pairs;
} watch;

static bool
shares_mailbox(const ndr_window *a, const ndr_window *b)
{
    if (a->mailbox_count == 0 || b->mailbox_count == 0)
        return true;
    for (size_t i = 0; i < a->mailbox_count; i++)
        for (size_t j = 0; j < b->mailbox_count; j++)
            if (ndr_slice_equal(a->mailboxes[i], b->mailboxes[j]))
                return true;
    return false;
}

/* Some bounce that comes after `since` could fall under both; the domains meet already.
 */
static bool
overlaps(const ndr_window *a, const ndr_window *b, int64_t since)
{
    return a->from < b->until && b->from < a->until && a->until > since &&
           b->until > since && (a->kinds & b->kinds) != 0 && shares_mailbox(a, b);
}

static void
tell(watch *v, const ndr_window *win, const ndr_window *lose)
{
    char from[32], until[40] = "on";
    ndr_buffer b = {0};
    ndr_time_format(win->from > lose->from ? win->from : lose->from, from);
    const int64_t end = win->until < lose->until ? win->until : lose->until;
    if (end != NDR_TIME_OPEN) {
        memcpy(until, "to ", 3);
        ndr_time_format(end, until + 3);
    }
    const bool same = ndr_slice_equal(win->domain, lose->domain);
    ndr_buffer_printf(
        &b, "%.*s: this window (%.*s) overlaps %.*s (%.*s%s) from %s %s; %s wins",
        (int)win->where.len, (const char *)win->where.ptr, (int)win->domain.len,
        (const char *)win->domain.ptr, (int)lose->where.len,
        (const char *)lose->where.ptr, (int)lose->domain.len,
        (const char *)lose->domain.ptr, same ? "" : " and below", from, until,
        win->delegated != lose->delegated ? "the operator's"
        : !same                           ? "the nearer domain"
        : win->from == lose->from         ? "the one written last"
                                          : "the later start");
    ndr_buffer_byte(&b, '\0');
    if (!b.failed)
        v->warn->tell(v->warn->ctx, (const char *)b.ptr);
    ndr_buffer_free(&b);
    if (++v->told == MAX_WARNINGS)
        v->warn->tell(v->warn->ctx,
                      "there are more overlaps; only the first 100 are told");
}

/* False when enough was looked at. */
static bool
look_at(watch *v, const ndr_window *win, const ndr_window *lose)
{
    v->pairs += 1 + win->mailbox_count * lose->mailbox_count;
    if (win->delegated && !lose->delegated) {
        const ndr_window *other = win;
        win = lose;
        lose = other;
    }
    if (overlaps(win, lose, v->warn->since))
        tell(v, win, lose);
    return v->told < MAX_WARNINGS && v->pairs < MAX_PAIRS;
}

static bool
look_at_parents(watch *v, const ndr_windows *w, const ndr_window *win)
{
    ndr_slice d = win->domain;
    for (;;) {
        const unsigned char *dot = memchr(d.ptr, '.', d.len);
        if (dot == NULL)
            return true;
        d.len -= (size_t)(dot - d.ptr) + 1;
        d.ptr = dot + 1;
        for (size_t i = ndr_windows_first(w, d);
             i < w->count && ndr_slice_equal(w->row[i].domain, d); i++)
            if (w->row[i].subdomains && !look_at(v, win, &w->row[i]))
                return false;
    }
}

/* `w` is sorted: the later of two rows of one domain is the one that wins. */
static void
tell_overlaps(const ndr_windows *w, watch *v)
{
    for (size_t i = 0; i < w->count; i++) {
        for (size_t j = i + 1; j < w->count && w->row[j].from < w->row[i].until &&
                               ndr_slice_equal(w->row[i].domain, w->row[j].domain);
             j++)
            if (!look_at(v, &w->row[j], &w->row[i]))
                return;
        if (!look_at_parents(v, w, &w->row[i]))
            return;
    }
}

/* ---- all files --------------------------------------------------------- */

static int
compare_rows(const void *a, const void *b)
{
    const ndr_window *x = a, *y = b;
    const int c = ndr_slice_compare(x->domain, y->domain);
    if (c != 0)
        return c;
    return (x->from > y->from) - (x->from < y->from);
}

/* qsort may swap equals, and of windows that start at once the last written wins. */
static int
sort_rows(ndr_window_table *t, ndr_error *err)
{
    const size_t n = t->rows.count;
    ndr_window *other = n < 2 ? NULL : calloc(n, sizeof *other);
    if (n < 2)
        return 0;
    if (other == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t begin = 0; begin < n; begin += 2 * width) {
            size_t a = begin, b = begin + width < n ? begin + width : n;
            const size_t a_end = b, b_end = n - begin > 2 * width ? begin + 2 * width : n;
            for (size_t k = begin; k < b_end; k++) {
                const bool first =
                    a < a_end &&
                    (b == b_end || compare_rows(&t->row[a], &t->row[b]) <= 0);
                other[k] = first ? t->row[a++] : t->row[b++];
            }
        }
        ndr_window *was = t->row;
        t->row = other;
        other = was;
    }
    free(other);
    t->rows.row = t->row;
    t->cap = n;
    return 0;
}

static int
take_file(ndr_window_table *t, const ndr_file *f, ndr_yaml *yaml, ndr_error *err)
{
    int rc = ndr_yaml_load(f->name, (ndr_slice){f->ptr, f->len}, &document_schema, NULL,
                           yaml, err);
    const document *d = rc < 0 ? NULL : yaml->data;
    for (unsigned i = 0; d != NULL && i < d->windows_count && rc == 0; i++)
        rc = take_entry(t, &(place){f->name, yaml, i, &d->windows[i]}, err);
    return rc;
}

int
ndr_windows_of_file(const ndr_file *file, ndr_window_table **ret, ndr_yaml *yaml,
                    ndr_error *err)
{
    *yaml = (ndr_yaml){0};
    ndr_window_table *t = calloc(1, sizeof *t);
    if (t == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    const int rc = take_file(t, file, yaml, err);
    if (rc < 0) {
        ndr_yaml_free(yaml);
        ndr_window_table_free(t);
        return rc;
    }
    *ret = t;
    return 0;
}

int
ndr_windows_of_files(const ndr_files *files, const ndr_windows_warn *warn,
                     ndr_window_table **ret, ndr_error *err)
{
    ndr_window_table *t = calloc(1, sizeof *t);
    if (t == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    int rc = 0;
    for (size_t i = 0; i < files->count && rc == 0; i++) {
        ndr_yaml yaml;
        rc = take_file(t, &files->file[i], &yaml, err);
        ndr_yaml_free(&yaml);
    }
    if (rc == 0)
        rc = sort_rows(t, err);
    if (rc < 0) {
        ndr_window_table_free(t);
        return rc;
    }
    if (warn != NULL)
        tell_overlaps(&t->rows, &(watch){.warn = warn});
    *ret = t;
    return 0;
}

int
ndr_windows_load(const char *const *path, size_t path_count, const ndr_windows_warn *warn,
                 ndr_window_table **ret, ndr_error *err)
{
    ndr_files files = {0};
    ndr_windows_warn own;
    int rc = warn != NULL ? NDR_SIZED_TAKE(ndr_windows_warn, since, &own, warn, err) : 0;
    if (rc == 0)
        rc = ndr_files_read(path, path_count, &files, err);
    if (rc == 0)
        rc = ndr_windows_of_files(&files, warn != NULL ? &own : NULL, ret, err);
    ndr_files_free(&files);
    return rc;
}
