/* SPDX-License-Identifier: BSD-3-Clause */
/* rule_file.c - what does one YAML file of rules say? */
#include "rule_file.h"

#include "quote.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_RULES = 20000,
    MAX_SIGNALS = 64, /* of one list */
    MAX_NAMES = 5000, /* of one file */
    MAX_ALTERNATIVES = 500,
    MAX_PATTERN_BYTES = 4096,
    MAX_ID_BYTES = 64,
    MAX_EXAMPLES = 100,
    DEFAULT_RANK = 5,
    MAX_RANK = 9,
};

/* ---- the shape of the file -------------------------------------------- */

#define OPTIONAL (CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL)

static const cyaml_schema_value_t alternative_schema = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, MAX_PATTERN_BYTES)};
static const cyaml_schema_field_t signal_fields[] = {
    CYAML_FIELD_STRING_PTR("name", OPTIONAL, ndr_signal_entry, name, 1, MAX_ID_BYTES),
    CYAML_FIELD_STRING_PTR("in", OPTIONAL, ndr_signal_entry, in, 1, 128),
    CYAML_FIELD_SEQUENCE("match", OPTIONAL, ndr_signal_entry, match, &alternative_schema,
                         1, MAX_ALTERNATIVES),
    CYAML_FIELD_STRING_PTR("before", OPTIONAL, ndr_signal_entry, before, 1,
                           MAX_PATTERN_BYTES),
    CYAML_FIELD_STRING_PTR("after", OPTIONAL, ndr_signal_entry, after, 1,
                           MAX_PATTERN_BYTES),
    CYAML_FIELD_BOOL_PTR("absent", OPTIONAL, ndr_signal_entry, absent),
    CYAML_FIELD_BOOL_PTR("present", OPTIONAL, ndr_signal_entry, present),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t signal_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, ndr_signal_entry, signal_fields)};
static const cyaml_schema_value_t named_signal_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, ndr_signal_entry, signal_fields)};
static const ndr_yaml_brief brief = {
    .keyed = &named_signal_schema,
    .named = &signal_schema,
    .lone = &alternative_schema,
};

static const cyaml_schema_value_t message_schema = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 1 << 20)};
static const cyaml_schema_field_t examples_fields[] = {
    CYAML_FIELD_SEQUENCE("hit", OPTIONAL, ndr_examples_entry, hit, &message_schema, 0,
                         MAX_EXAMPLES),
    CYAML_FIELD_SEQUENCE("miss", OPTIONAL, ndr_examples_entry, miss, &message_schema, 0,
                         MAX_EXAMPLES),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t rule_fields[] = {
    CYAML_FIELD_STRING_PTR("id", CYAML_FLAG_POINTER, ndr_rule_entry, id, 1, MAX_ID_BYTES),
    CYAML_FIELD_STRING_PTR("kind", OPTIONAL, ndr_rule_entry, kind, 1, 64),
    CYAML_FIELD_STRING_PTR("system", OPTIONAL, ndr_rule_entry, system, 0, 64),
    CYAML_FIELD_INT_PTR("rank", OPTIONAL, ndr_rule_entry, rank),
    CYAML_FIELD_BOOL_PTR("enabled", OPTIONAL, ndr_rule_entry, enabled),
    CYAML_FIELD_STRING_PTR("sender", OPTIONAL, ndr_rule_entry, sender, 1, 64),
    CYAML_FIELD_SEQUENCE("all", OPTIONAL, ndr_rule_entry, all, &signal_schema, 0,
                         MAX_SIGNALS),
    CYAML_FIELD_SEQUENCE("any", OPTIONAL, ndr_rule_entry, any, &signal_schema, 0,
                         MAX_SIGNALS),
    CYAML_FIELD_SEQUENCE("none", OPTIONAL, ndr_rule_entry, none, &signal_schema, 0,
                         MAX_SIGNALS),
    CYAML_FIELD_MAPPING_PTR("examples", OPTIONAL, ndr_rule_entry, examples,
                            examples_fields),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t rule_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, ndr_rule_entry, rule_fields)};

static const cyaml_schema_value_t kind_schema = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 64)};
static const cyaml_schema_field_t ask_fields[] = {
    CYAML_FIELD_SEQUENCE("kinds", CYAML_FLAG_POINTER, ndr_ask_entry, kinds, &kind_schema,
                         0, NDR_KIND_COUNT),
    CYAML_FIELD_INT_PTR("highest-rank", OPTIONAL, ndr_ask_entry, highest_rank),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t ask_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, ndr_ask_entry, ask_fields)};

static const cyaml_schema_field_t document_fields[] = {
    CYAML_FIELD_SEQUENCE("signals", CYAML_FLAG_POINTER_NULL | CYAML_FLAG_OPTIONAL,
                         ndr_rule_document, signals, &named_signal_schema, 0, MAX_NAMES),
    CYAML_FIELD_SEQUENCE("candidates", CYAML_FLAG_POINTER_NULL | CYAML_FLAG_OPTIONAL,
                         ndr_rule_document, candidates, &signal_schema, 0, MAX_RULES),
    CYAML_FIELD_SEQUENCE_COUNT(
        "ask-sender", CYAML_FLAG_POINTER_NULL | CYAML_FLAG_OPTIONAL, ndr_rule_document,
        asks, asks_count, &ask_schema, 0, NDR_KIND_COUNT),
    CYAML_FIELD_SEQUENCE("rules", CYAML_FLAG_POINTER_NULL | CYAML_FLAG_OPTIONAL,
                         ndr_rule_document, rules, &rule_schema, 0, MAX_RULES),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t document_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, ndr_rule_document, document_fields)};

/* ---- one rule ---------------------------------------------------------- */

/* Where an entry stands, for its errors. */
typedef struct place {
    const char *file;
    const ndr_yaml *yaml;
    const char *list; /* "rules", "candidates" or "signals" */
    size_t number;    /* from 0 */
    const char *id;   /* of a rule or a named signal; NULL for a candidate */
} place;

/* Put "FILE:LINE: rule 3 (id): " in front of `err`; hands on `code`. */
static int
fail_in(const place *p, const char *key, size_t item, int code, ndr_error *err)
{
    const size_t line = ndr_yaml_line(p->yaml, p->list, p->number, key, item);
    char said[NDR_QUOTE_MAX];
    if (p->id == NULL) {
        ndr_error_prefix(err, "%s:%zu: %s %zu", p->file, line,
                         strcmp(p->list, "candidates") == 0 ? "candidate" : p->list,
                         p->number + 1);
        return code;
    }
    ndr_quote(ndr_slice_of(p->id), said);
    ndr_error_prefix(err, "%s:%zu: %.*s %zu (%.*s)", p->file, line,
                     (int)strlen(p->list) - 1, p->list, p->number + 1,
                     (int)strlen(said) - 2, said + 1);
    return code;
}

static bool
is_id(const char *id)
{
    for (const char *p = id; *p != '\0'; p++) {
        const bool word = (*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9');
        if (!word && (p == id || strchr("._-", *p) == NULL))
            return false;
    }
    return id[0] != '\0';
}

static int
fail_name(const place *p, const char *key, size_t item, const char *name, ndr_error *err)
{
    char said[NDR_QUOTE_MAX];
    ndr_quote(ndr_slice_of(name), said);
    const int rc = ndr_fail(err, NDR_E_SYNTAX,
                            "no signal is named %s; name it under signals: in a file of "
                            "the set, or write {in: TARGET, match: 'PATTERN'}",
                            said);
    return fail_in(p, key, item, rc, err);
}

static int
take_signals(const place *p, const char *key, const ndr_signal_entry *list, size_t count,
             ndr_signal_names *names, ndr_signal_spec *ret, ndr_error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i].name != NULL) {
            ndr_signal_name *n = ndr_signal_names_find(names, list[i].name);
            if (n == NULL)
                return fail_name(p, key, i, list[i].name, err);
            n->used = true;
            ret[i] = n->spec;
            continue;
        }
        const char *fault = ndr_signal_fault(&list[i]);
        if (fault != NULL) {
            const int rc = ndr_fail(err, NDR_E_SYNTAX, "%s", fault);
            return fail_in(p, key, i, rc, err);
        }
        if (!ndr_signal_make(names, &list[i], &ret[i]))
            return ndr_fail(err, NDR_E_NOMEM, "%s: no memory", p->file);
    }
    return 0;
}

static int
take_kind(const place *p, const char *word, const char *key, size_t item,
          enum ndr_kind *ret, ndr_error *err)
{
    if (word == NULL) {
        const int rc = ndr_fail(err, NDR_E_SYNTAX, "the key 'kind' is missing");
        return fail_in(p, NULL, NDR_YAML_WHOLE, rc, err);
    }
    *ret = ndr_kind_find(ndr_slice_of(word));
    if (*ret != NDR_KIND_NONE)
        return 0;
    char said[NDR_QUOTE_MAX], words[NDR_KIND_WORDS_MAX];
    ndr_quote(ndr_slice_of(word), said);
    ndr_kind_words(words);
    const int rc = ndr_fail(err, NDR_E_SYNTAX, "unknown kind %s; one of %s", said, words);
    return fail_in(p, key, item, rc, err);
}

/* Whom a rule's `sender` asks for; -1: the word is not known. */
static int
ask_of(const char *word)
{
    if (word == NULL)
        return NDR_ASK_BY_KIND;
    if (strcmp(word, "system") == 0)
        return NDR_ASK_SYSTEM;
    return strcmp(word, "anybody") == 0 ? NDR_ASK_NOBODY : -1;
}

static int
take_ask(const place *p, const ndr_ask_entry *e, ndr_builder *b, ndr_error *err)
{
    const int rank = e->highest_rank == NULL ? MAX_RANK : *e->highest_rank;
    if (rank < 0 || rank > MAX_RANK) {
        const int rc =
            ndr_fail(err, NDR_E_SYNTAX, "highest-rank is 0 to 9, found %d", rank);
        return fail_in(p, "highest-rank", NDR_YAML_WHOLE, rc, err);
    }
    for (unsigned i = 0; i < e->kinds_count; i++) {
        enum ndr_kind kind;
        const int rc = take_kind(p, e->kinds[i], "kinds", i, &kind, err);
        if (rc < 0)
            return rc;
        ndr_builder_ask(b, kind, rank);
    }
    return 0;
}

static int
take_rule(const place *p, const ndr_rule_entry *e, const char *where,
          ndr_signal_names *names, ndr_builder *b, ndr_error *err)
{
    int rc = 0;
    if (!is_id(e->id)) {
        rc = ndr_fail(
            err, NDR_E_SYNTAX,
            "an id is small letters, digits and . _ -, and begins with one of the "
            "former two");
        return fail_in(p, "id", NDR_YAML_WHOLE, rc, err);
    }
    if (e->enabled != NULL && !*e->enabled) {
        (void)ndr_builder_drop(b, e->id);
        return 0;
    }

    ndr_signal_spec all[MAX_SIGNALS], any[MAX_SIGNALS], none[MAX_SIGNALS];
    ndr_rule_spec spec = {
        NDR_SIZED(ndr_rule_spec),
        .id = e->id,
        .system = e->system,
        .where = where,
        .rank = e->rank == NULL ? DEFAULT_RANK : *e->rank,
        .all = all,
        .any = any,
        .none = none,
        .all_count = e->all_count,
        .any_count = e->any_count,
        .none_count = e->none_count,
    };
    rc = take_kind(p, e->kind, "kind", NDR_YAML_WHOLE, &spec.kind, err);
    if (rc < 0)
        return rc;
    const int ask = ask_of(e->sender);
    if (ask < 0) {
        rc = ndr_fail(err, NDR_E_SYNTAX, "sender is system or anybody");
        return fail_in(p, "sender", NDR_YAML_WHOLE, rc, err);
    }
    spec.sender = (enum ndr_sender_ask)ask;
    if (spec.rank > MAX_RANK) {
        rc = ndr_fail(err, NDR_E_SYNTAX, "rank is 0 to 9, found %d", spec.rank);
        return fail_in(p, "rank", NDR_YAML_WHOLE, rc, err);
    }
    if (e->all_count + e->any_count == 0) {
        rc = ndr_fail(err, NDR_E_SYNTAX, "no signal in all or any; write at least one");
        return fail_in(p, NULL, NDR_YAML_WHOLE, rc, err);
    }
    rc = take_signals(p, "all", e->all, e->all_count, names, all, err);
    if (rc == 0)
        rc = take_signals(p, "any", e->any, e->any_count, names, any, err);
    if (rc == 0)
        rc = take_signals(p, "none", e->none, e->none_count, names, none, err);
    return rc < 0 ? rc : ndr_builder_rule(b, &spec, err);
}

/* ---- one file ---------------------------------------------------------- */

void
ndr_rulebook_where(const ndr_rulebook *book, size_t file, const char *list, size_t entry,
                   const char *key, size_t item, char ret[NDR_WHERE_MAX])
{
    (void)snprintf(ret, NDR_WHERE_MAX, "%s:%zu", book->file[file].name,
                   ndr_yaml_line(&book->yaml[file], list, entry, key, item));
}

static int
compare_ids(const void *a, const void *b)
{
    const ndr_rule_entry *const *x = a, *const *y = b;
    const int c = strcmp((*x)->id, (*y)->id);
    return c != 0 ? c : (*x > *y) - (*x < *y);
}

/* In one file, an id that is there twice is a copy whose id was forgotten. */
static int
refuse_twins(const ndr_rulebook *book, size_t file, ndr_error *err)
{
    const ndr_rule_document *d = book->yaml[file].data;
    const size_t n = d->rules_count;
    if (n < 2)
        return 0;
    const ndr_rule_entry **by_id = calloc(n, sizeof *by_id);
    if (by_id == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "%s: no memory", book->file[file].name);
    for (size_t i = 0; i < n; i++)
        by_id[i] = &d->rules[i];
    qsort(by_id, n, sizeof *by_id, compare_ids);
    int rc = 0;
    for (size_t i = 1; i < n && rc == 0; i++) {
        if (strcmp(by_id[i]->id, by_id[i - 1]->id) != 0)
            continue;
        const size_t first = (size_t)(by_id[i - 1] - d->rules);
        const size_t number = (size_t)(by_id[i] - d->rules);
        rc = ndr_fail(
            err, NDR_E_SYNTAX,
            "this id is on line %zu already; give one of the two another",
            ndr_yaml_line(&book->yaml[file], "rules", first, "id", NDR_YAML_WHOLE));
        rc = fail_in(&(place){book->file[file].name, &book->yaml[file], "rules", number,
                              by_id[i]->id},
                     "id", NDR_YAML_WHOLE, rc, err);
    }
    free(by_id);
    return rc;
}

static int
take_names(ndr_rulebook *book, size_t file, ndr_error *err)
{
    const ndr_rule_document *d = book->yaml[file].data;
    ndr_signal_names *n = &book->names;
    char where[NDR_WHERE_MAX];
    for (unsigned i = 0; d != NULL && i < d->signals_count; i++) {
        const ndr_signal_entry *e = &d->signals[i];
        const place p = {book->file[file].name, &book->yaml[file], "signals", i, e->name};
        const char *fault =
            is_id(e->name)
                ? ndr_signal_fault(e)
                : "a name is small letters, digits and . _ -, and begins with one of the "
                  "former two";
        int rc = fault == NULL ? 0 : ndr_fail(err, NDR_E_SYNTAX, "%s", fault);
        for (unsigned k = 0; k < i && rc == 0; k++)
            if (strcmp(d->signals[k].name, e->name) == 0)
                rc = ndr_fail(err, NDR_E_SYNTAX,
                              "this name is on line %zu already; give one of the two "
                              "another",
                              ndr_yaml_line(p.yaml, "signals", k, NULL, NDR_YAML_WHOLE));
        if (rc < 0)
            return fail_in(&p, NULL, NDR_YAML_WHOLE, rc, err);
        ndr_signal_name *row = &n->row[n->count];
        *row = (ndr_signal_name){.entry = e, .file = file, .number = i};
        if (!ndr_signal_make(n, e, &row->spec))
            return ndr_fail(err, NDR_E_NOMEM, "%s: no memory", p.file);
        n->count++;
        ndr_rulebook_where(book, file, "signals", i, NULL, NDR_YAML_WHOLE, where);
        rc = ndr_signal_check(&row->spec, where, i + 1, err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int
take_file(ndr_rulebook *book, size_t file, ndr_builder *b, ndr_error *err)
{
    const ndr_rule_document *d = book->yaml[file].data;
    const char *name = book->file[file].name;
    const ndr_yaml *yaml = &book->yaml[file];
    char where[NDR_WHERE_MAX];
    if (d == NULL)
        return 0;
    int rc = refuse_twins(book, file, err);
    for (unsigned i = 0; i < d->candidates_count && rc == 0; i++) {
        const place p = {name, yaml, "candidates", i, NULL};
        ndr_signal_spec spec;
        ndr_rulebook_where(book, file, "candidates", i, NULL, NDR_YAML_WHOLE, where);
        rc = take_signals(&p, NULL, &d->candidates[i], 1, &book->names, &spec, err);
        if (rc == 0)
            rc = ndr_builder_candidate(b, &spec, where, err);
    }
    for (unsigned i = 0; i < d->asks_count && rc == 0; i++) {
        const place p = {name, yaml, "ask-sender", i, NULL};
        rc = take_ask(&p, &d->asks[i], b, err);
    }
    for (unsigned i = 0; i < d->rules_count && rc == 0; i++) {
        const place p = {name, yaml, "rules", i, d->rules[i].id};
        ndr_rulebook_where(book, file, "rules", i, NULL, NDR_YAML_WHOLE, where);
        rc = take_rule(&p, &d->rules[i], where, &book->names, b, err);
    }
    return rc;
}

/* Parse all files. */
static int
load_files(const ndr_files *files, ndr_rulebook *ret, size_t *ret_names, ndr_error *err)
{
    size_t rules = 0;
    for (size_t i = 0; i < files->count; i++) {
        const ndr_file *f = &files->file[i];
        int rc = ndr_yaml_load(f->name, (ndr_slice){f->ptr, f->len}, &document_schema,
                               &brief, &ret->yaml[i], err);
        if (rc < 0)
            return rc;
        ret->count = i + 1;
        const ndr_rule_document *d = ret->yaml[i].data;
        rules += d == NULL ? 0 : d->rules_count;
        *ret_names += d == NULL ? 0 : d->signals_count;
        if (rules > MAX_RULES)
            return ndr_fail(
                err, NDR_E_LIMIT,
                "%s: this file and those before it hold more than 20,000 rules", f->name);
    }
    return 0;
}

int
ndr_rulebook_read(const ndr_files *files, ndr_builder *b, ndr_rulebook *ret,
                  ndr_error *err)
{
    *ret = (ndr_rulebook){.file = files->file};
    if (files->count == 0)
        return 0;
    ret->yaml = calloc(files->count, sizeof *ret->yaml);
    if (ret->yaml == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    size_t names = 0;
    int rc = load_files(files, ret, &names, err);
    if (rc == 0 && names > 0) {
        ret->names.row = calloc(names, sizeof *ret->names.row);
        if (ret->names.row == NULL)
            rc = ndr_fail(err, NDR_E_NOMEM, "no memory");
    }
    for (size_t i = 0; i < ret->count && rc == 0; i++)
        rc = take_names(ret, i, err);
    if (rc == 0)
        ndr_signal_names_sort(&ret->names);
    for (size_t i = 0; i < ret->count && rc == 0; i++)
        rc = take_file(ret, i, b, err);
    return rc;
}

void
ndr_rulebook_free(ndr_rulebook *book)
{
    for (size_t i = 0; i < book->count; i++)
        ndr_yaml_free(&book->yaml[i]);
    ndr_signal_names_free(&book->names);
    free(book->yaml);
    *book = (ndr_rulebook){0};
}
