/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * yaml_walk.c - see yaml_walk.h.
 *
 * The walk keeps the line of each entry, each of its keys and each item of those; and
 * writes out in full what the file says in brief.
 */
#include "yaml_walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
is_optional(const cyaml_schema_field_t *f)
{
    return (f->value.flags & CYAML_FLAG_OPTIONAL) != 0;
}

static bool
is_keyed(const ndr_yaml_walk *w, const cyaml_schema_value_t *s)
{
    return s->type == CYAML_SEQUENCE && w->brief->keyed != NULL &&
           s->sequence.entry == w->brief->keyed;
}

/* The keys that may be written; one that only a brief form fills is not. */
static const cyaml_schema_field_t *
keys_of(const ndr_yaml_walk *w, const cyaml_schema_value_t *s)
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
keep_spot(ndr_yaml_walk *w, size_t line)
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
begin_value(ndr_yaml_walk *w, size_t line, const cyaml_schema_value_t **want)
{
    ndr_yaml_level *top = &w->open[w->depth - 1];
    if (top->schema->type == CYAML_SEQUENCE) {
        if (++top->count > top->schema->sequence.max)
            return ndr_yaml_fail_at(w, line, "'%s' has more than %u items",
                                    top[-1].field->key, top->schema->sequence.max);
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
end_value(ndr_yaml_walk *w)
{
    if (w->depth > 0 && w->open[w->depth - 1].schema->type == CYAML_MAPPING)
        w->open[w->depth - 1].field = NULL;
}

static int
take_key(ndr_yaml_walk *w, const yaml_event_t *e)
{
    ndr_yaml_level *top = &w->open[w->depth - 1];
    const size_t line = ndr_yaml_line_of(e->start_mark);
    const cyaml_schema_field_t *fields = keys_of(w, top->schema);
    char said[NDR_QUOTE_MAX], keys[200];
    if (e->type != YAML_SCALAR_EVENT)
        return ndr_yaml_fail_at(
            w, line, "a key must be one word, found %s",
            e->type == YAML_SEQUENCE_START_EVENT ? "a list" : "keys with values");
    const ndr_slice word = {e->data.scalar.value, e->data.scalar.length};
    ndr_yaml_show(w, word, said);
    uint64_t bit = 1;
    for (const cyaml_schema_field_t *f = fields; f->key != NULL; f++, bit <<= 1) {
        if (!ndr_slice_equal(word, ndr_slice_of(f->key)))
            continue;
        if ((top->seen & bit) != 0)
            return ndr_yaml_fail_at(w, line, "the key %s is there twice; take one out",
                                    said);
        top->seen |= bit;
        top->field = f;
        top->key_line = line;
        w->y->listed |= w->depth == 1 && f->value.type == CYAML_SEQUENCE;
        ndr_yaml_full_scalar(&w->full, word, false);
        return 0;
    }
    list_keys(fields, keys, sizeof keys);
    return ndr_yaml_fail_at(w, line, "unknown key %s; allowed: %s", said, keys);
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
check_text(const ndr_yaml_walk *w, size_t line, const char *key, ndr_slice word,
           const cyaml_schema_value_t *want)
{
    if (memchr(word.ptr, '\0', word.len) != NULL)
        return ndr_yaml_fail_at(w, line, "'%s' holds a NUL; write \\x00 in a pattern",
                                key);
    if (word.len < want->string.min)
        return ndr_yaml_fail_at(w, line, "'%s' is empty", key);
    if (word.len > want->string.max)
        return ndr_yaml_fail_at(w, line, "'%s' is %zu bytes long; at most %u are allowed",
                                key, word.len, want->string.max);
    return 0;
}

/* Text that stands for a mapping or for a list, which is written out. */
static int
take_brief(ndr_yaml_walk *w, size_t line, const char *key, ndr_slice word,
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
may_be_brief(const ndr_yaml_walk *w, const cyaml_schema_value_t *want)
{
    return want->type == CYAML_MAPPING
               ? want == w->brief->named
               : want->type == CYAML_SEQUENCE && w->brief->lone != NULL &&
                     want->sequence.entry == w->brief->lone;
}

/* A scalar as what it is wanted to be; `key` names it. */
static int
check_scalar(ndr_yaml_walk *w, const yaml_event_t *e, const char *key,
             const cyaml_schema_value_t *want)
{
    /* what libcyaml takes for false; every other word it takes for true */
    static const char *const bools[] = {"true", "yes", "false", "no", NULL};
    const ndr_slice word = {e->data.scalar.value, e->data.scalar.length};
    const size_t line = ndr_yaml_line_of(e->start_mark);
    char said[NDR_QUOTE_MAX];
    ndr_quote(word, said);
    switch (want->type) {
    case CYAML_STRING:
        return check_text(w, line, key, word, want);
    case CYAML_BOOL:
        return is_one_of(word, bools)
                   ? 0
                   : ndr_yaml_fail_at(w, line, "'%s' must be true or false, found %s",
                                      key, said);
    case CYAML_INT:
        return is_number(word)
                   ? 0
                   : ndr_yaml_fail_at(w, line, "'%s' must be a number, found %s", key,
                                      said);
    default:
        return is_nothing(e) &&
                       (want->flags & CYAML_FLAG_POINTER_NULL) == CYAML_FLAG_POINTER_NULL
                   ? 0
                   : ndr_yaml_fail_shape(w, line, want,
                                         is_nothing(e) ? "nothing" : "text");
    }
}

/* The version of the file, a number, is one that this program knows. */
static int
check_version(const ndr_yaml_walk *w, size_t line, ndr_slice word)
{
    if (ndr_slice_equal(word, ndr_slice_of(NDR_YAML_VERSION_WORD)))
        return 0;
    if (ndr_slice_equal(word, NDR_SLICE("0")))
        return ndr_yaml_fail_at(w, line, "'%s' begins with " NDR_YAML_VERSION_WORD,
                                NDR_YAML_VERSION_KEY);
    if (!w->ours) /* a number of something else's */
        return ndr_yaml_fail_at(w, line, "'%s' is not " NDR_YAML_VERSION_WORD,
                                NDR_YAML_VERSION_KEY);
    return ndr_yaml_fail_at(w, line,
                            "version %.*s, which a newer ndrscan wrote; this one reads "
                            "version " NDR_YAML_VERSION_WORD,
                            (int)word.len, (const char *)word.ptr);
}

static int
take_scalar(ndr_yaml_walk *w, const yaml_event_t *e)
{
    const ndr_slice word = {e->data.scalar.value, e->data.scalar.length};
    const size_t line = ndr_yaml_line_of(e->start_mark);
    const ndr_yaml_level *top = &w->open[w->depth - 1];
    const char *key =
        top->schema->type == CYAML_MAPPING ? top->field->key : top[-1].field->key;
    const cyaml_schema_value_t *want = NULL;
    int rc = begin_value(w, line, &want);
    if (rc < 0)
        return rc;
    if (may_be_brief(w, want) && !is_nothing(e))
        return take_brief(w, line, key, word, want);
    rc = check_scalar(w, e, key, want);
    if (rc == 0 && w->depth == 1 && want->type == CYAML_INT)
        rc = check_version(w, line, word);
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
begin_keyed(ndr_yaml_walk *w, const yaml_event_t *e)
{
    const size_t line = ndr_yaml_line_of(e->start_mark);
    if (e->type != YAML_SCALAR_EVENT)
        return ndr_yaml_fail_at(
            w, line, "a name must be one word, found %s",
            e->type == YAML_SEQUENCE_START_EVENT ? "a list" : "keys with values");
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
    w->open[w->depth++] = (ndr_yaml_level){.schema = want, .line = line, .waits = true};
    return 0;
}

/* The value of such a key. */
static int
take_keyed(ndr_yaml_walk *w, const yaml_event_t *e)
{
    ndr_yaml_level *top = &w->open[w->depth - 1];
    if (e->type != YAML_MAPPING_START_EVENT) {
        char keys[200];
        list_keys(keys_of(w, top->schema), keys, sizeof keys);
        return ndr_yaml_fail_at(w, ndr_yaml_line_of(e->start_mark),
                                "a name stands for keys with values (%s), found %s", keys,
                                e->type == YAML_SEQUENCE_START_EVENT ? "a list"
                                : is_nothing(e)                      ? "nothing"
                                                                     : "text");
    }
    top->waits = false;
    return 0;
}

static int
begin_block(ndr_yaml_walk *w, const yaml_event_t *e)
{
    const bool mapping = e->type == YAML_MAPPING_START_EVENT;
    const enum cyaml_type type = mapping ? CYAML_MAPPING : CYAML_SEQUENCE;
    const size_t line = ndr_yaml_line_of(e->start_mark);
    const cyaml_schema_value_t *want = w->y->schema;
    int rc = w->depth == 0 ? 0 : begin_value(w, line, &want);
    if (rc < 0)
        return rc;
    const bool keyed = is_keyed(w, want);
    if (keyed && !mapping)
        return ndr_yaml_fail_at(w, line, "'%s' must be names with values, found a list",
                                w->open[w->depth - 1].field->key);
    if ((!keyed && want->type != type) || w->depth == NDR_YAML_DEPTH)
        return ndr_yaml_fail_shape(w, line, want, ndr_yaml_type_words(type));
    /* a pattern that begins with [ and has no apostrophes would pass for a list */
    if (!mapping && want->sequence.entry == w->brief->lone &&
        e->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE)
        return ndr_yaml_fail_at(
            w, line,
            "'%s' must be text or a list with one item a line, found brackets; "
            "put text in apostrophes: 'like [this]'",
            w->open[w->depth - 1].field->key);
    if (keyed || !mapping)
        ndr_yaml_full_open_list(&w->full);
    else
        ndr_yaml_full_open_map(&w->full);
    w->open[w->depth++] = (ndr_yaml_level){.schema = want, .line = line, .keyed = keyed};
    return 0;
}

static int
end_block(ndr_yaml_walk *w)
{
    const ndr_yaml_level *top = &w->open[w->depth - 1];
    const cyaml_schema_value_t *s = top->schema;
    if (s->type == CYAML_SEQUENCE && top->count < s->sequence.min)
        return ndr_yaml_fail_at(
            w, top->line, "'%s' is an empty list; name something or take the key out",
            top[-1].field->key);
    uint64_t bit = 1;
    if (s->type == CYAML_MAPPING)
        for (const cyaml_schema_field_t *f = keys_of(w, s); f->key != NULL;
             f++, bit <<= 1)
            if ((top->seen & bit) == 0 && !is_optional(f))
                return ndr_yaml_fail_at(w, top->line, "the key '%s' is missing", f->key);
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
refuse_extras(const ndr_yaml_walk *w, const yaml_event_t *e)
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
        ndr_yaml_show(
            w,
            ndr_slice_of((const char *)(anchor != NULL ? anchor : e->data.alias.anchor)),
            said);
        return ndr_yaml_fail_at(
            w, ndr_yaml_line_of(e->start_mark),
            "anchors and aliases (%s) are not allowed; write the value out, or put "
            "text that begins with & or * in apostrophes",
            said);
    }
    if (tag != NULL) {
        ndr_yaml_show(w, ndr_slice_of((const char *)tag), said);
        return ndr_yaml_fail_at(
            w, ndr_yaml_line_of(e->start_mark),
            "tags (%s) are not allowed; take it out, or put text that begins with ! "
            "in apostrophes",
            said);
    }
    return 0;
}

/* One event; *documents counts those that began. */
static int
take_event(ndr_yaml_walk *w, const yaml_event_t *e, int *documents)
{
    int rc = refuse_extras(w, e);
    if (rc < 0)
        return rc;
    switch (e->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (++*documents > 1)
            return ndr_yaml_fail_at(
                w, ndr_yaml_line_of(e->start_mark),
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
        return ndr_yaml_fail_shape(w, ndr_yaml_line_of(e->start_mark), w->y->schema,
                                   "text");
    default:
        return 0;
    }
}

int
ndr_yaml_walk_file(ndr_yaml_walk *w, bool *filled)
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
            rc = ndr_yaml_fail_parse(w, &parser);
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
