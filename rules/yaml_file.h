/* SPDX-License-Identifier: BSD-3-Clause */
/* yaml_file.h - does a file say what its schema allows, and on which line? */
#ifndef NDR_YAML_FILE_H
#define NDR_YAML_FILE_H

#include "ndrscan.h"

#include <cyaml/cyaml.h>

/* What one file says. All zero: nothing. */
typedef struct ndr_yaml {
    void *data; /* of the schema's type; NULL when the file holds no document */
    const cyaml_schema_value_t *schema;
    bool listed;                /* a list of the top level is there, if empty */
    struct ndr_yaml_spot *spot; /* in the order of the file */
    size_t spot_count, spot_cap;
} ndr_yaml;

/*
 * The version of a file that programs write, too: the key of a document's schema, last,
 * and its member `int *version`. A file without one is of version 1, a newer one is
 * refused by the number, for what else it says may mean something else.
 */
#define NDR_YAML_VERSION_WORD "1"
#define NDR_YAML_VERSION_KEY  "version"
#define NDR_YAML_VERSION_LINE NDR_YAML_VERSION_KEY ": " NDR_YAML_VERSION_WORD "\n"
#define NDR_YAML_VERSION_FIELD(document)                                                 \
    CYAML_FIELD_INT_PTR(NDR_YAML_VERSION_KEY, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,  \
                        document, version)

/*
 * Where a file may say in brief what the schema spells out. Each is the schema of what
 * is spelled out, NULL: nowhere. The first field of `keyed` and `named` is text, and is
 * no key that a file may write.
 */
typedef struct ndr_yaml_brief {
    const cyaml_schema_value_t *keyed; /* a mapping; a list of them is written as keys
                                          with values, each key its entry's first field */
    const cyaml_schema_value_t *named; /* a mapping; text is one with that first field */
    const cyaml_schema_value_t *lone;  /* text; one of them stands for a list of it; a
                                          list is written one a line */
} ndr_yaml_brief;

/*
 * Load `text` by `schema`: a mapping of lists of mappings, each of those
 * beginning with its most telling key, and perhaps a version. `name` leads every error
 * line. Ours is a first pass that libcyaml then repeats: it knows lines, and is stricter
 * where libcyaml guesses (a bool that is none, digits behind which letters
 * follow, a NUL inside a string, anchors, tags, a second document). What is
 * nested deeper than the schema is refused at its first deeper value. `brief`
 * NULL: nothing is said in brief.
 * Returns 0 and *ret, or NDR_E_SYNTAX "NAME:LINE: …", or NDR_E_NOMEM.
 */
int ndr_yaml_load(const char *name, ndr_slice text, const cyaml_schema_value_t *schema,
                  const ndr_yaml_brief *brief, ndr_yaml *ret, ndr_error *err);
void ndr_yaml_free(ndr_yaml *y);

/*
 * The line, from 1, of entry `entry` of the top level's list `list`; of its
 * value `key` unless NULL; of item `item` in that unless NDR_YAML_WHOLE.
 * Nothing there: the line of what encloses it.
 */
#define NDR_YAML_WHOLE SIZE_MAX
size_t ndr_yaml_line(const ndr_yaml *y, const char *list, size_t entry, const char *key,
                     size_t item);

#endif
