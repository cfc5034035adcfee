/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * settings_file.c - which defaults does a file give to which verb?
 *
 *   VERB:            or all:
 *     OPTION: VALUE  or a list of values, or true
 *
 * By libyaml's tree of nodes: libcyaml wants to know the keys, which are the caller's.
 */
#include "files.h"
#include "keep.h"
#include "ndrscan_rules.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { VALUE_BYTES = 4096 };

struct ndr_settings {
    ndr_keep keep;
    ndr_setting *row;
    size_t count;
};

/* A file under way. */
typedef struct walk {
    ndr_settings *s;
    yaml_document_t document;
    const char *file;
    ndr_error *err;
} walk;

static int
fail_at(const walk *w, const yaml_node_t *node, const char *what)
{
    return ndr_fail(w->err, NDR_E_SYNTAX, "%s:%zu: %s", w->file,
                    node->start_mark.line + 1, what);
}

static const char *
copy(const walk *w, const yaml_node_t *node)
{
    char *made = ndr_keep_room(&w->s->keep, node->data.scalar.length + 1, 1);
    if (made != NULL)
        memcpy(made, node->data.scalar.value, node->data.scalar.length);
    return made;
}

/* One value of one option. */
static int
take_value(walk *w, const char *verb, const yaml_node_t *key, const yaml_node_t *value)
{
    if (value->type != YAML_SCALAR_NODE)
        return fail_at(w, value, "a value is text, a number or true, or a list of them");
    if (value->data.scalar.length > VALUE_BYTES ||
        memchr(value->data.scalar.value, '\0', value->data.scalar.length) != NULL)
        return fail_at(w, value, "a value has 4,096 bytes at most, and no NUL");
    if (w->s->count == NDR_SETTINGS_MAX)
        return fail_at(w, value, "more than 1,000 values");
    if (w->s->row == NULL)
        w->s->row = calloc(NDR_SETTINGS_MAX, sizeof *w->s->row);
    const char *option = copy(w, key), *text = copy(w, value);
    if (w->s->row == NULL || option == NULL || text == NULL)
        return ndr_fail(w->err, NDR_E_NOMEM, "no memory");
    w->s->row[w->s->count++] = (ndr_setting){
        .verb = verb, .option = option, .value = text, .line = key->start_mark.line + 1};
    return 0;
}

static int
take_option(walk *w, const char *verb, const yaml_node_pair_t *pair)
{
    const yaml_node_t *key = yaml_document_get_node(&w->document, pair->key);
    const yaml_node_t *value = yaml_document_get_node(&w->document, pair->value);
    if (key->type != YAML_SCALAR_NODE)
        return fail_at(w, key, "the name of an option is one word");
    for (size_t i = 0; i < w->s->count; i++)
        if (strcmp(w->s->row[i].verb, verb) == 0 &&
            strcmp(w->s->row[i].option, (const char *)key->data.scalar.value) == 0)
            return fail_at(w, key, "this option is there twice; write a list");
    if (value->type != YAML_SEQUENCE_NODE)
        return take_value(w, verb, key, value);
    int rc = 0;
    for (const yaml_node_item_t *i = value->data.sequence.items.start;
         i < value->data.sequence.items.top && rc == 0; i++)
        rc = take_value(w, verb, key, yaml_document_get_node(&w->document, *i));
    return rc;
}

static int
take_root(walk *w)
{
    const yaml_node_t *root = yaml_document_get_root_node(&w->document);
    int rc = 0;
    if (root == NULL || (root->type == YAML_SCALAR_NODE && root->data.scalar.length == 0))
        return 0; /* nothing, or comments */
    if (root->type != YAML_MAPPING_NODE)
        return fail_at(w, root, "it begins with a verb, or all, and a colon");
    for (const yaml_node_pair_t *p = root->data.mapping.pairs.start;
         p < root->data.mapping.pairs.top && rc == 0; p++) {
        const yaml_node_t *key = yaml_document_get_node(&w->document, p->key);
        const yaml_node_t *options = yaml_document_get_node(&w->document, p->value);
        if (key->type != YAML_SCALAR_NODE)
            return fail_at(w, key, "the name of a verb is one word, or two");
        if (options->type == YAML_SCALAR_NODE && options->data.scalar.length == 0)
            continue;
        if (options->type != YAML_MAPPING_NODE)
            return fail_at(w, options, "behind a verb stand options: name and value");
        const char *verb = copy(w, key);
        if (verb == NULL)
            return ndr_fail(w->err, NDR_E_NOMEM, "no memory");
        for (const yaml_node_pair_t *o = options->data.mapping.pairs.start;
             o < options->data.mapping.pairs.top && rc == 0; o++)
            rc = take_option(w, verb, o);
    }
    return rc;
}

static int
take_file(ndr_settings *s, const ndr_file *f, ndr_error *err)
{
    walk w = {.s = s, .file = f->name, .err = err};
    yaml_parser_t parser;
    if (yaml_parser_initialize(&parser) == 0)
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    yaml_parser_set_input_string(&parser, f->ptr, f->len);
    int rc;
    if (yaml_parser_load(&parser, &w.document) == 0) {
        rc = parser.error == YAML_MEMORY_ERROR
                 ? ndr_fail(err, NDR_E_NOMEM, "no memory")
                 : ndr_fail(err, NDR_E_SYNTAX, "%s:%zu: not YAML: %s", f->name,
                            parser.problem_mark.line + 1,
                            parser.problem != NULL ? parser.problem : "?");
    } else {
        rc = take_root(&w);
        yaml_document_delete(&w.document);
    }
    yaml_parser_delete(&parser);
    return rc;
}

int
ndr_settings_load(const char *path, ndr_settings **ret, ndr_error *err)
{
    ndr_files files;
    int rc = ndr_files_read(&path, 1, &files, err);
    if (rc < 0)
        return rc;
    ndr_settings *s = calloc(1, sizeof *s);
    rc = s == NULL         ? ndr_fail(err, NDR_E_NOMEM, "no memory")
         : files.count > 0 ? take_file(s, &files.file[0], err)
                           : 0;
    ndr_files_free(&files);
    if (rc == 0)
        *ret = s;
    else
        ndr_settings_free(s);
    return rc;
}

void
ndr_settings_free(ndr_settings *s)
{
    if (s == NULL)
        return;
    ndr_keep_free(&s->keep);
    free(s->row);
    free(s);
}

const ndr_setting *
ndr_settings_rows(const ndr_settings *s, size_t *count)
{
    *count = s->count;
    return s->row;
}
