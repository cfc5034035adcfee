/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * yaml_walk.h - does a file say what its schema allows?
 *
 * libyaml's events along libcyaml's schema. What is found wrong names its line.
 */
#ifndef NDR_YAML_WALK_H
#define NDR_YAML_WALK_H

#include "quote.h"
#include "yaml_file.h"
#include "yaml_full.h"

#include <yaml.h>

/* A schema is not deeper: file, list, entry, its mapping, that one's list, an item. */
enum { NDR_YAML_DEPTH = 8 };

/* A place in the file. `key` is the schema's own string; item NDR_YAML_WHOLE: all of it.
 */
struct ndr_yaml_spot {
    const char *list, *key; /* key NULL: the entry */
    size_t entry, item, line;
    size_t list_end; /* of a list's first spot: the spot behind its last */
};

/* A mapping or list that is open. */
typedef struct ndr_yaml_level {
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
} ndr_yaml_level;

typedef struct ndr_yaml_walk {
    const char *name;
    ndr_slice text;
    ndr_yaml *y;
    const ndr_yaml_brief *brief;
    ndr_yaml_full full; /* what libcyaml is to read, unless brief is empty */
    ndr_yaml_level open[NDR_YAML_DEPTH];
    size_t depth;
    bool ours;                   /* some line of it begins with a key of the schema */
    bool in_entry;               /* of the top level's list */
    char telling[NDR_QUOTE_MAX]; /* the entry's first key's value, or "" */
    ndr_error *err;
} ndr_yaml_walk;

/* The whole file. *filled: it holds a document with something in it. 0, NDR_E_SYNTAX or
 * NDR_E_NOMEM. */
int ndr_yaml_walk_file(ndr_yaml_walk *w, bool *filled);

/* From 1. */
size_t ndr_yaml_line_of(yaml_mark_t mark);
/* "a list", "text": what a schema asks for. */
const char *ndr_yaml_type_words(enum cyaml_type type);
/* A word of the file for an error; of a file that is none of ours nothing is quoted, as
 * who is told of errors may have fewer rights over it than we. */
void ndr_yaml_show(const ndr_yaml_walk *w, ndr_slice word, char ret[NDR_QUOTE_MAX]);
/* NDR_E_SYNTAX "NAME:LINE: window 3 (example.com): words"; the middle only inside an
 * entry. */
int ndr_yaml_fail_at(const ndr_yaml_walk *w, size_t line, const char *format, ...)
    NDR_PRINTF(3, 4);
/* "'match' must be text, found a list". */
int ndr_yaml_fail_shape(const ndr_yaml_walk *w, size_t line,
                        const cyaml_schema_value_t *want, const char *found);
/* What libyaml could not read. NDR_E_SYNTAX or NDR_E_NOMEM. */
int ndr_yaml_fail_parse(const ndr_yaml_walk *w, const yaml_parser_t *p);

#endif
