/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * yaml_file.c - does a file say what its schema allows, and on which line?
 *
 * libcyaml makes the C data, but it names no line for what is found wrong
 * after the load, and takes 'flase' for true. So libyaml's events are walked
 * along the same schema first. The walk keeps the line of each entry, each of
 * its keys and each item of those. libcyaml also knows no value that is this or
 * that; where a file may say it in brief, the walk writes it out in full, and
 * libcyaml reads that.
 */
#include "yaml_file.h"

#include "quote.h"
#include "yaml_full.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

/* A schema is not deeper: file, list, entry, its mapping, that one's list, an item. */
enum { MAX_DEPTH = 8 };

/* A place in the file. `key` is the schema's own string; item NDR_YAML_WHOLE: all of it.
 */
struct ndr_yaml_spot {
    const char *list, *key; /* key NULL: the entry */
    size_t entry, item, line;
    size_t list_end; /* of a list's first spot: the spot behind its last */
};

/* A mapping or list that is open. */
typedef struct level {
    const cyaml_schema_value_t *schema;
    const cyaml_schema_field_t
        *field;        /* of a mapping: whose value comes next; NULL: a key */
    size_t key_line;   /* of field */
    uint64_t seen;     /* of a mapping: bits of its fields */
    size_t count;      /* of a list: items so far */
    size_t first_spot; /* of a list of entries */
    size_t line;
    bool keyed; /* a list written as keys with values */
    bool waits; /* an entry of such, whose key was read and whose value was not */
} level;

typedef struct walk {
    const char *name;
    ndr_slice text;
    ndr_yaml *y;
    const ndr_yaml_brief *brief;
    ndr_yaml_full full; /* what libcyaml is to read, unless brief is empty */
    level open[MAX_DEPTH];
    size_t depth;
    bool ours;                   /* some line of it begins with a key of the schema */
    bool in_entry;               /* of the top level's list */
    char telling[NDR_QUOTE_MAX]; /* the entry's first key's value, or "" */
    ndr_error *err;
} walk;

static int fail_at(const walk *w, size_t line, const char *format, ...) NDR_PRINTF(3, 4);

/* Does some line begin with a key of the top level? */
static bool
is_ours(ndr_slice text, const cyaml_schema_value_t *schema)
{
    for (size_t at = 0; at < text.len;) {
        for (const cyaml_schema_field_t *f = schema->mapping.fields; f->key != NULL;
             f++) {
            const size_t n = strlen(f->key);
            if (text.len - at > n && memcmp(text.ptr + at, f->key, n) == 0 &&
                text.ptr[at + n] == ':')
                return true;
        }
        const unsigned char *end = memchr(text.ptr + at, '\n', text.len - at);
        at = end != NULL ? (size_t)(end - text.ptr) + 1 : text.len;
    }
    return false;
}

/* A word of the file for an error; of a file that is none of ours nothing is quoted, as
 * who is told of errors may have fewer rights over it than we. */
static void
show(const walk *w, ndr_slice word, char ret[NDR_QUOTE_MAX])
{
    ndr_quote(w->ours ? word : NDR_SLICE("…"), ret);
}

/* The entries of "windows" are each a "window", of "identities" an "identity". */
static void
noun_of(const char *list, char *ret, size_t size)
{
    const size_t n = strlen(list);
    const bool ies = n > 3 && strcmp(list + n - 3, "ies") == 0;
    (void)snprintf(ret, size, "%.*s%s", (int)(n - (ies ? 3 : 1)), list, ies ? "y" : "");
}

/* "NAME:LINE: window 3 (example.com): words"; the middle only inside an entry. */
static int
fail_at(const walk *w, size_t line, const char *format, ...)
{
    char words[400], noun[24], entry[NDR_QUOTE_MAX + 60] = "";
    va_list ap;
    va_start(ap, format);
    (void)vsnprintf(words, sizeof words, format, ap);
    va_end(ap);
    if (w->in_entry) {
        noun_of(w->open[0].field->key, noun, sizeof noun);
        (void)snprintf(entry, sizeof entry, "%s %zu%s%s%s: ", noun, w->open[1].count,
                       w->telling[0] != '\0' ? " (" : "", w->telling,
                       w->telling[0] != '\0' ? ")" : "");
    }
    return ndr_fail(w->err, NDR_E_SYNTAX, "%s:%zu: %s%s", w->name, line, entry, words);
}

static size_t
line_of(yaml_mark_t mark)
{
    return mark.line + 1;
}

static const char *
type_words(enum cyaml_type type)
{
    return type == CYAML_MAPPING    ? "keys with values"
           : type == CYAML_SEQUENCE ? "a list"
           : type == CYAML_BOOL     ? "true or false"
           : type == CYAML_INT      ? "a number"
                                    : "text";
}

/* "'match' must be text, found a list": `what` is the value's name. */
static int
fail_shape(const walk *w, size_t line, const cyaml_schema_value_t *want,
           const char *found)
{
    const level *top = w->depth > 0 ? &w->open[w->depth - 1] : NULL;
    char what[NDR_QUOTE_MAX] = "the file";
    if (top != NULL && top->schema->type == CYAML_MAPPING)
        ndr_quote(ndr_slice_of(top->field->key), what);
    else if (top != NULL)
        (void)snprintf(what, sizeof what, "each item of '%s'", top[-1].field->key);
    char remedy[96] = "";
    if (want->type == CYAML_STRING)
        (void)snprintf(remedy, sizeof remedy, "; put text in apostrophes: 'like [this]'");
    else if (want->type == CYAML_SEQUENCE && strcmp(found, "text") == 0)
        (void)snprintf(remedy, sizeof remedy, "; put it in brackets: [like this]");
    else if (want->type == CYAML_MAPPING && top == NULL) {
        const cyaml_schema_field_t *f = want->mapping.fields;
        while (f[1].key != NULL) /* the last key is what files are for */
            f++;
        (void)snprintf(remedy, sizeof remedy, "; put '%s:' in front of it", f->key);
    }
    return fail_at(w, line, "%s must be %s, found %s%s", what, type_words(want->type),
                   found, remedy);
}

static bool
is_optional(const cyaml_schema_field_t *f)
{
    return (f->value.flags & CYAML_FLAG_OPTIONAL) != 0;
}

static bool
is_keyed(const walk *w, const cyaml_schema_value_t *s)
{
    return s->type == CYAML_SEQUENCE && w->brief->keyed != NULL &&
           s->sequence.entry == w->brief->keyed;
}

/* The keys that may be written; one that only a brief form fills is not. */
static const cyaml_schema_field_t *
keys_of(const walk *w, const cyaml_schema_value_t *s)
{
    const bool filled = s == w->brief->keyed || s == w->brief->named;
    return s->mapping.fields + (filled ? 1 : 0);
}

/* "id, kind, system": the keys of a mapping. */
static void
list_keys(const cyaml_schema_field_t *fields, char *ret, size_t size)
{
    size_t at = 0;
    ret[0] = '\0';
    for (const cyaml_schema_field_t *f = fields; f->key != NULL && at < size; f++)
        at += (size_t)snprintf(ret + at, size - at, "%s%s", f == fields ? "" : ", ",
                               f->key);
}

static int
keep_spot(walk *w, size_t line)
{
    ndr_yaml *y = w->y;
    if (w->depth < 2 || w->depth > 4)
        return 0;
    if (w->depth == 4 && w->open[3].schema->type != CYAML_SEQUENCE)
        return 0;
    if (y->spot_count == y->spot_cap) {
        const size_t cap = y->spot_cap == 0 ? 64 : y->spot_cap * 2;
        struct ndr_yaml_spot *spot =
            cap > SIZE_MAX / sizeof *spot ? NULL : realloc(y->spot, cap * sizeof *spot);
        if (spot == NULL)
            return ndr_fail(w->err, NDR_E_NOMEM, "%s: no memory", w->name);
        y->spot = spot;
        y->spot_cap = cap;
    }
    y->spot[y->spot_count++] = (struct ndr_yaml_spot){
        .list = w->open[0].field->key,
        .entry = w->open[1].count - 1,
        .key = w->depth > 2 ? w->open[2].field->key : NULL,
        .item = w->depth > 3 ? w->open[3].count - 1 : NDR_YAML_WHOLE,
        .line = line,
    };
    if (w->depth == 2 && w->open[1].count == 1)
        w->open[1].first_spot = y->spot_count - 1;
    y->spot[w->open[1].first_spot].list_end = y->spot_count;
    return 0;
}

/* A value begins at `line`: count it, and say which schema it has to meet. */
static int
begin_value(walk *w, size_t line, const cyaml_schema_value_t **want)
{
    level *top = &w->open[w->depth - 1];
    if (top->schema->type == CYAML_SEQUENCE) {
        if (++top->count > top->schema->sequence.max)
            return fail_at(w, line, "'%s' has more than %u items", top[-1].field->key,
                           top->schema->sequence.max);
        if (w->depth == 2) {
            w->in_entry = true;
            w->telling[0] = '\0';
        }
        *want = top->schema->sequence.entry;
    } else {
        *want = &top->field->value;
    }
    /* a key tells more of where its value is than a block that begins below it */
    return keep_spot(w, top->schema->type == CYAML_MAPPING ? top->key_line : line);
}

static void
end_value(walk *w)
{
    if (w->depth > 0 && w->open[w->depth - 1].schema->type == CYAML_MAPPING)
        w->open[w->depth - 1].field = NULL;
}

static int
take_key(walk *w, const yaml_event_t *e)
{
    level *top = &w->open[w->depth - 1];
    const size_t line = line_of(e->start_mark);
    const cyaml_schema_field_t *fields = keys_of(w, top->schema);
    char said[NDR_QUOTE_MAX], keys[200];
    if (e->type != YAML_SCALAR_EVENT)
        return fail_at(w, line, "a key must be one word, found %s",
                       e->type == YAML_SEQUENCE_START_EVENT ? "a list"
                                                            : "keys with values");
    const ndr_slice word = {e->data.scalar.value, e->data.scalar.length};
    show(w, word, said);
    uint64_t bit = 1;
    for (const cyaml_schema_field_t *f = fields; f->key != NULL; f++, bit <<= 1) {
        if (!ndr_slice_equal(word, ndr_slice_of(f->key)))
            continue;
        if ((top->seen & bit) != 0)
            return fail_at(w, line, "the key %s is there twice; take one out", said);
        top->seen |= bit;
        top->field = f;
        top->key_line = line;
        ndr_yaml_full_scalar(&w->full, word, false);
        return 0;
    }
    list_keys(fields, keys, sizeof keys);
    return fail_at(w, line, "unknown key %s; allowed: %s", said, keys);
}

static bool
is_one_of(ndr_slice word, const char *const *words)
{
    for (; *words != NULL; words++)
        if (ndr_slice_equal(word, ndr_slice_of(*words)))
            return true;
    return false;
}

/* Decimal digits that stay what they are when read as C reads numbers. */
static bool
is_number(ndr_slice word)
{
    if (word.len == 0 || word.len > 9 || (word.len > 1 && word.ptr[0] == '0'))
        return false;
    for (size_t i = 0; i < word.len; i++)
        if (word.ptr[i] < '0' || word.ptr[i] > '9')
            return false;
    return true;
}

static bool
is_nothing(const yaml_event_t *e)
{
    return e->type == YAML_SCALAR_EVENT && e->data.scalar.length == 0 &&
           e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

/* A scalar where text is wanted. */
static int
check_text(const walk *w, size_t line, const char *key, ndr_slice word,
           const cyaml_schema_value_t *want)
{
    if (memchr(word.ptr, '\0', word.len) != NULL)
        return fail_at(w, line, "'%s' holds a NUL; write \\x00 in a pattern", key);
    if (word.len < want->string.min)
        return fail_at(w, line, "'%s' is empty", key);
    if (word.len > want->string.max)
        return fail_at(w, line, "'%s' is %zu bytes long; at most %u are allowed", key,
                       word.len, want->string.max);
    return 0;
}

/* Text that stands for a mapping or for a list, which is written out. */
static int
take_brief(walk *w, size_t line, const char *key, ndr_slice word,
           const cyaml_schema_value_t *want)
{
    const bool named = want->type == CYAML_MAPPING;
    const cyaml_schema_field_t *first = named ? want->mapping.fields : NULL;
    int rc = check_text(w, line, key, word, named ? &first->value : want->sequence.entry);
    if (rc < 0)
        return rc;
    if (named) {
        ndr_yaml_full_open_map(&w->full);
        ndr_yaml_full_scalar(&w->full, ndr_slice_of(first->key), false);
    } else {
        ndr_yaml_full_open_list(&w->full);
    }
    ndr_yaml_full_scalar(&w->full, word, false);
    if (named)
        ndr_yaml_full_close_map(&w->full);
    else
        ndr_yaml_full_close_list(&w->full);
    end_value(w);
    return 0;
}

static bool
may_be_brief(const walk *w, const cyaml_schema_value_t *want)
{
    return want->type == CYAML_MAPPING
               ? want == w->brief->named
               : want->type == CYAML_SEQUENCE && w->brief->lone != NULL &&
                     want->sequence.entry == w->brief->lone;
}

/* A scalar as what it is wanted to be; `key` names it. */
static int
check_scalar(walk *w, const yaml_event_t *e, const char *key,
             const cyaml_schema_value_t *want)
{
    /* what libcyaml takes for false; every other word it takes for true */
    static const char *const bools[] = {"true", "yes", "false", "no", NULL};
    const ndr_slice word = {e->data.scalar.value, e->data.scalar.length};
    const size_t line = line_of(e->start_mark);
    char said[NDR_QUOTE_MAX];
    ndr_quote(word, said);
    switch (want->type) {
    case CYAML_STRING:
        return check_text(w, line, key, word, want);
    case CYAML_BOOL:
        return is_one_of(word, bools)
                   ? 0
                   : fail_at(w, line, "'%s' must be true or false, found %s", key, said);
    case CYAML_INT:
        return is_number(word)
                   ? 0
                   : fail_at(w, line, "'%s' must be a number, found %s", key, said);
    default:
        return is_nothing(e) &&
                       (want->flags & CYAML_FLAG_POINTER_NULL) == CYAML_FLAG_POINTER_NULL
                   ? 0
                   : fail_shape(w, line, want, is_nothing(e) ? "nothing" : "text");
    }
}

static int
take_scalar(walk *w, const yaml_event_t *e)
{
    const ndr_slice word = {e->data.scalar.value, e->data.scalar.length};
    const size_t line = line_of(e->start_mark);
    const level *top = &w->open[w->depth - 1];
    const char *key =
        top->schema->type == CYAML_MAPPING ? top->field->key : top[-1].field->key;
    const cyaml_schema_value_t *want = NULL;
    int rc = begin_value(w, line, &want);
    if (rc < 0)
        return rc;
    if (may_be_brief(w, want) && !is_nothing(e))
        return take_brief(w, line, key, word, want);
    rc = check_scalar(w, e, key, want);
    if (rc < 0)
        return rc;
    if (want->type == CYAML_STRING && w->depth == 3 && top->schema != w->brief->keyed &&
        top->field == keys_of(w, top->schema)) {
        char said[NDR_QUOTE_MAX];
        ndr_quote(word, said);
        (void)snprintf(w->telling, sizeof w->telling, "%.*s", (int)strlen(said) - 2,
                       said + 1);
    }
    ndr_yaml_full_scalar(&w->full, word, want->type != CYAML_STRING);
    end_value(w);
    return 0;
}

/* A key of a list that is written as keys with values: it opens the entry. */
static int
begin_keyed(walk *w, const yaml_event_t *e)
{
    const size_t line = line_of(e->start_mark);
    if (e->type != YAML_SCALAR_EVENT)
        return fail_at(w, line, "a name must be one word, found %s",
                       e->type == YAML_SEQUENCE_START_EVENT ? "a list"
                                                            : "keys with values");
    const ndr_slice word = {e->data.scalar.value, e->data.scalar.length};
    const cyaml_schema_value_t *want = NULL;
    int rc = begin_value(w, line, &want);
    if (rc == 0)
        rc = check_text(w, line, "name", word, &want->mapping.fields->value);
    if (rc < 0)
        return rc;
    char said[NDR_QUOTE_MAX];
    ndr_quote(word, said);
    (void)snprintf(w->telling, sizeof w->telling, "%.*s", (int)strlen(said) - 2,
                   said + 1);
    ndr_yaml_full_open_map(&w->full);
    ndr_yaml_full_scalar(&w->full, ndr_slice_of(want->mapping.fields->key), false);
    ndr_yaml_full_scalar(&w->full, word, false);
    w->open[w->depth++] = (level){.schema = want, .line = line, .waits = true};
    return 0;
}

/* The value of such a key. */
static int
take_keyed(walk *w, const yaml_event_t *e)
{
    level *top = &w->open[w->depth - 1];
    if (e->type != YAML_MAPPING_START_EVENT) {
        char keys[200];
        list_keys(keys_of(w, top->schema), keys, sizeof keys);
        return fail_at(w, line_of(e->start_mark),
                       "a name stands for keys with values (%s), found %s", keys,
                       e->type == YAML_SEQUENCE_START_EVENT ? "a list"
                       : is_nothing(e)                      ? "nothing"
                                                            : "text");
    }
    top->waits = false;
    return 0;
}

static int
begin_block(walk *w, const yaml_event_t *e)
{
    const bool mapping = e->type == YAML_MAPPING_START_EVENT;
    const enum cyaml_type type = mapping ? CYAML_MAPPING : CYAML_SEQUENCE;
    const size_t line = line_of(e->start_mark);
    const cyaml_schema_value_t *want = w->y->schema;
    int rc = w->depth == 0 ? 0 : begin_value(w, line, &want);
    if (rc < 0)
        return rc;
    const bool keyed = is_keyed(w, want);
    if (keyed && !mapping)
        return fail_at(w, line, "'%s' must be names with values, found a list",
                       w->open[w->depth - 1].field->key);
    if ((!keyed && want->type != type) || w->depth == MAX_DEPTH)
        return fail_shape(w, line, want, type_words(type));
    /* a pattern that begins with [ and has no apostrophes would pass for a list */
    if (!mapping && want->sequence.entry == w->brief->lone &&
        e->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE)
        return fail_at(
            w, line,
            "'%s' must be text or a list with one item a line, found brackets; "
            "put text in apostrophes: 'like [this]'",
            w->open[w->depth - 1].field->key);
    if (keyed || !mapping)
        ndr_yaml_full_open_list(&w->full);
    else
        ndr_yaml_full_open_map(&w->full);
    w->open[w->depth++] = (level){.schema = want, .line = line, .keyed = keyed};
    return 0;
}

static int
end_block(walk *w)
{
    const level *top = &w->open[w->depth - 1];
    const cyaml_schema_value_t *s = top->schema;
    if (s->type == CYAML_SEQUENCE && top->count < s->sequence.min)
        return fail_at(w, top->line,
                       "'%s' is an empty list; name something or take the key out",
                       top[-1].field->key);
    uint64_t bit = 1;
    if (s->type == CYAML_MAPPING)
        for (const cyaml_schema_field_t *f = keys_of(w, s); f->key != NULL;
             f++, bit <<= 1)
            if ((top->seen & bit) == 0 && !is_optional(f))
                return fail_at(w, top->line, "the key '%s' is missing", f->key);
    if (s->type == CYAML_SEQUENCE)
        ndr_yaml_full_close_list(&w->full);
    else
        ndr_yaml_full_close_map(&w->full);
    w->depth--;
    w->in_entry = w->in_entry && w->depth > 2;
    end_value(w);
    return 0;
}

/* Anchors would let a small file grow without end; tags mean nothing here. */
static int
refuse_extras(const walk *w, const yaml_event_t *e)
{
    const yaml_char_t *anchor = NULL, *tag = NULL;
    if (e->type == YAML_SCALAR_EVENT) {
        anchor = e->data.scalar.anchor;
        tag = e->data.scalar.tag;
    } else if (e->type == YAML_MAPPING_START_EVENT) {
        anchor = e->data.mapping_start.anchor;
        tag = e->data.mapping_start.tag;
    } else if (e->type == YAML_SEQUENCE_START_EVENT) {
        anchor = e->data.sequence_start.anchor;
        tag = e->data.sequence_start.tag;
    }
    char said[NDR_QUOTE_MAX];
    if (anchor != NULL || e->type == YAML_ALIAS_EVENT) {
        show(w,
             ndr_slice_of((const char *)(anchor != NULL ? anchor : e->data.alias.anchor)),
             said);
        return fail_at(
            w, line_of(e->start_mark),
            "anchors and aliases (%s) are not allowed; write the value out, or put "
            "text that begins with & or * in apostrophes",
            said);
    }
    if (tag != NULL) {
        show(w, ndr_slice_of((const char *)tag), said);
        return fail_at(
            w, line_of(e->start_mark),
            "tags (%s) are not allowed; take it out, or put text that begins with ! "
            "in apostrophes",
            said);
    }
    return 0;
}

/* One event; *documents counts those that began. */
static int
take_event(walk *w, const yaml_event_t *e, int *documents)
{
    int rc = refuse_extras(w, e);
    if (rc < 0)
        return rc;
    switch (e->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (++*documents > 1)
            return fail_at(w, line_of(e->start_mark),
                           "a second document begins; take the line of dashes out");
        return 0;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return end_block(w);
    case YAML_SCALAR_EVENT:
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT:
        if (w->depth > 0 && w->open[w->depth - 1].waits)
            return take_keyed(w, e);
        if (w->depth > 0 && w->open[w->depth - 1].keyed)
            return begin_keyed(w, e);
        if (w->depth > 0 && w->open[w->depth - 1].schema->type == CYAML_MAPPING &&
            w->open[w->depth - 1].field == NULL)
            return take_key(w, e);
        if (e->type != YAML_SCALAR_EVENT)
            return begin_block(w, e);
        if (w->depth > 0)
            return take_scalar(w, e);
        if (is_nothing(e))
            return 0;
        return fail_shape(w, line_of(e->start_mark), w->y->schema, "text");
    default:
        return 0;
    }
}

static size_t
count_lines(ndr_slice text, size_t until)
{
    size_t line = 1;
    for (size_t i = 0; i < until && i < text.len; i++)
        line += text.ptr[i] == '\n' ? 1 : 0;
    return line;
}

/* The line `line` holds a tab before its first other character. */
static bool
has_tab(ndr_slice text, size_t line)
{
    size_t i = 0;
    for (size_t l = 1; l < line && i < text.len; i++)
        l += text.ptr[i] == '\n' ? 1 : 0;
    for (; i < text.len && (text.ptr[i] == ' ' || text.ptr[i] == '\t'); i++)
        if (text.ptr[i] == '\t')
            return true;
    return false;
}

/* What to do about what libyaml says, for the slips of the hand that are common. */
static const char *
remedy_for(const char *problem, bool tab)
{
    static const struct {
        const char *said, *remedy;
    } remedies[] = {
        {"mapping values are not allowed",
         "; put text that holds ': ' in apostrophes, and check the indentation"},
        {"escape character", "; between \" a \\ is special: put the text in apostrophes"},
        {"found character that cannot start", "; put the text in apostrophes"},
        {"did not find expected key", "; check the indentation and the apostrophes"},
        {"could not find expected ':'", "; check the indentation and the apostrophes"},
        {"did not find expected '-'", "; items of one list begin in one column"},
        {"did not find expected ',' or ']'", "; a list is not closed"},
        {"did not find expected ',' or '}'", "; a mapping is not closed"},
        {"alphabetic or numeric character",
         "; put text that begins with & or * in apostrophes"},
        {"unexpected end of stream", "; a quote is not closed"},
    };
    if (tab)
        return "; indent with blanks, not with tabs";
    for (size_t i = 0; i < sizeof remedies / sizeof remedies[0]; i++)
        if (strstr(problem, remedies[i].said) != NULL)
            return remedies[i].remedy;
    return "";
}

static int
fail_parse(const walk *w, const yaml_parser_t *p)
{
    const char *problem = p->problem == NULL ? "unreadable" : p->problem;
    if (p->error == YAML_MEMORY_ERROR)
        return ndr_fail(w->err, NDR_E_NOMEM, "%s: no memory", w->name);
    if (p->error == YAML_READER_ERROR) {
        const bool utf8 = strstr(problem, "UTF-8") != NULL;
        size_t at = p->problem_offset;
        if (strstr(problem, "trailing") !=
            NULL) /* the byte that promised more is at fault */
            for (int back = 0; back < 3 && at > 0; back++)
                if (w->text.ptr[--at] >= 0xc0)
                    break;
        const unsigned byte = at < w->text.len ? w->text.ptr[at] : 0;
        char which[24] = "";
        if (w->ours || byte < 0x20)
            (void)snprintf(which, sizeof which, " (byte 0x%02x)", byte);
        return ndr_fail(w->err, NDR_E_SYNTAX, "%s:%zu: %s%s; %s", w->name,
                        count_lines(w->text, at),
                        utf8 ? "not UTF-8" : "a control character", which,
                        utf8 ? "save the file as UTF-8" : "take it out");
    }
    /* of a quote that is not closed, the line where it opens is of more use */
    const bool open_quote = strstr(problem, "unexpected end of stream") != NULL;
    const size_t line = line_of(open_quote ? p->context_mark : p->problem_mark);
    return ndr_fail(w->err, NDR_E_SYNTAX, "%s:%zu: not YAML: %s%s", w->name, line,
                    problem, remedy_for(problem, has_tab(w->text, line)));
}

/* The whole file along the schema. *filled: it holds a document with something in it. */
static int
walk_file(walk *w, bool *filled)
{
    yaml_parser_t parser;
    if (yaml_parser_initialize(&parser) == 0)
        return ndr_fail(w->err, NDR_E_NOMEM, "%s: no memory", w->name);
    yaml_parser_set_input_string(&parser, w->text.ptr, w->text.len);

    int rc = 0, documents = 0;
    bool ended = false;
    *filled = false;
    while (rc == 0 && !ended) {
        yaml_event_t event;
        if (yaml_parser_parse(&parser, &event) == 0) {
            rc = fail_parse(w, &parser);
            break;
        }
        ended = event.type == YAML_STREAM_END_EVENT;
        rc = take_event(w, &event, &documents);
        *filled = *filled || w->depth > 0;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return rc;
}

/* What libcyaml said last; it logs the reason before the backtrace. */
typedef struct said {
    char text[200];
} said;

static void
keep_log(cyaml_log_t how, void *ctx, const char *format, va_list ap) NDR_PRINTF(3, 0);

static void
keep_log(cyaml_log_t how, void *ctx, const char *format, va_list ap)
{
    said *s = ctx;
    if (how < CYAML_LOG_ERROR || s->text[0] != '\0')
        return;
    (void)vsnprintf(s->text, sizeof s->text, format, ap);
    s->text[strcspn(s->text, "\n")] = '\0';
}

static cyaml_config_t
config_with(said *s)
{
    return (cyaml_config_t){
        .log_fn = keep_log,
        .log_ctx = s,
        .mem_fn = cyaml_mem,
        .log_level = CYAML_LOG_ERROR,
        .flags = CYAML_CFG_NO_ALIAS,
    };
}

/* What the walk let through, by libcyaml. */
static int
load(const walk *w, ndr_slice text, ndr_yaml *ret)
{
    said s = {""};
    const cyaml_config_t config = config_with(&s);
    const cyaml_err_t got =
        cyaml_load_data(text.ptr, text.len, &config, ret->schema, &ret->data, NULL);
    if (got == CYAML_OK)
        return 0;
    if (got == CYAML_ERR_OOM)
        return ndr_fail(w->err, NDR_E_NOMEM, "%s: no memory", w->name);
    return ndr_fail(w->err, NDR_E_SYNTAX, "%s: %s", w->name,
                    s.text[0] != '\0' ? s.text : cyaml_strerror(got));
}

int
ndr_yaml_load(const char *name, ndr_slice text, const cyaml_schema_value_t *schema,
              const ndr_yaml_brief *brief, ndr_yaml *ret, ndr_error *err)
{
    static const ndr_yaml_brief no_brief = {0};
    *ret = (ndr_yaml){.schema = schema};
    walk w = {.name = name, .text = text, .y = ret, .err = err};
    w.brief = brief != NULL ? brief : &no_brief;
    w.ours = is_ours(text, schema);
    bool filled = false;
    if (text.len == 0)
        return 0;
    if (text.len >= 2 && ((text.ptr[0] == 0xff && text.ptr[1] == 0xfe) ||
                          (text.ptr[0] == 0xfe && text.ptr[1] == 0xff)))
        return ndr_fail(err, NDR_E_SYNTAX, "%s:1: UTF-16; save the file as UTF-8", name);

    ndr_slice full = text;
    if (brief != NULL)
        ndr_yaml_full_begin(&w.full);
    int rc = walk_file(&w, &filled);
    if (rc == 0 && filled && brief != NULL && !ndr_yaml_full_end(&w.full, &full))
        rc = ndr_fail(err, NDR_E_NOMEM, "%s: no memory", name);
    if (rc == 0 && filled)
        rc = load(&w, full, ret);
    ndr_yaml_full_free(&w.full);
    if (rc < 0)
        ndr_yaml_free(ret);
    return rc;
}

void
ndr_yaml_free(ndr_yaml *y)
{
    said s = {""};
    const cyaml_config_t config = config_with(&s);
    if (y->data != NULL)
        (void)cyaml_free(&config, y->schema, y->data, 0);
    free(y->spot);
    *y = (ndr_yaml){0};
}

size_t
ndr_yaml_line(const ndr_yaml *y, const char *list, size_t entry, const char *key,
              size_t item)
{
    /* a list is there once at most, so its spots are one run, its entries ascending */
    size_t lo = 0, hi = y->spot_count;
    while (lo < hi && strcmp(y->spot[lo].list, list) != 0)
        lo = y->spot[lo].list_end;
    if (lo < hi)
        hi = y->spot[lo].list_end;
    const size_t end = hi;
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (y->spot[mid].entry < entry)
            lo = mid + 1;
        else
            hi = mid;
    }
    size_t line = 0;
    for (; lo < end && y->spot[lo].entry == entry; lo++) {
        const struct ndr_yaml_spot *s = &y->spot[lo];
        if (s->key == NULL)
            line = s->line;
        else if (key != NULL && strcmp(s->key, key) == 0 &&
                 (s->item == NDR_YAML_WHOLE || s->item == item))
            line = s->line;
    }
    return line;
}
