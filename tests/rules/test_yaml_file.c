/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"

#include "yaml_file.h"

/* A small language: two lists of entries that hold a word, a list and a mapping. */
typedef struct inner {
    char *word;
} inner;
typedef struct entry {
    char *id;
    char **list;
    unsigned list_count;
    inner *sub;
    int *number;
} entry;
typedef struct document {
    entry *ones, *twos;
    unsigned ones_count, twos_count;
} document;

#define OPTIONAL (CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL)
static const cyaml_schema_value_t word_schema = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 0, 8)};
static const cyaml_schema_field_t inner_fields[] = {
    CYAML_FIELD_STRING_PTR("word", CYAML_FLAG_POINTER, inner, word, 0, 8),
    CYAML_FIELD_END,
};
static const cyaml_schema_field_t entry_fields[] = {
    CYAML_FIELD_STRING_PTR("id", OPTIONAL, entry, id, 0, 8),
    CYAML_FIELD_SEQUENCE("list", OPTIONAL, entry, list, &word_schema, 0, 4),
    CYAML_FIELD_MAPPING_PTR("sub", OPTIONAL, entry, sub, inner_fields),
    CYAML_FIELD_INT_PTR("number", OPTIONAL, entry, number),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t entry_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, entry, entry_fields)};
static const cyaml_schema_field_t document_fields[] = {
    CYAML_FIELD_SEQUENCE("ones", CYAML_FLAG_POINTER_NULL | CYAML_FLAG_OPTIONAL, document,
                         ones, &entry_schema, 0, 100),
    CYAML_FIELD_SEQUENCE("twos", CYAML_FLAG_POINTER_NULL | CYAML_FLAG_OPTIONAL, document,
                         twos, &entry_schema, 0, 100),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, document, document_fields)};

static const char text[] = "# 1\n"
                           "twos:\n"           /* 2 */
                           "  - id: a\n"       /* 3 */
                           "    list:\n"       /* 4 */
                           "      - x\n"       /* 5 */
                           "\n"                /* 6 */
                           "      - y\n"       /* 7 */
                           "    sub:\n"        /* 8 */
                           "      word: w\n"   /* 9 */
                           "  -\n"             /* 10 */
                           "    number: 7\n"   /* 11 */
                           "ones: [{id: b},\n" /* 12 */
                           "  {list: [p,\n"    /* 13 */
                           "    q], id: c}]\n" /* 14 */;

typedef struct line_row {
    const char *why, *list;
    size_t entry;
    const char *key;
    size_t item, want;
} line_row;

static const line_row lines[] = {
    {"an entry", "twos", 0, NULL, NDR_YAML_WHOLE, 3},
    {"an entry below its dash", "twos", 1, NULL, NDR_YAML_WHOLE, 11},
    {"a key", "twos", 0, "id", NDR_YAML_WHOLE, 3},
    {"a key of a list is where the key is", "twos", 0, "list", NDR_YAML_WHOLE, 4},
    {"an item", "twos", 0, "list", 0, 5},
    {"a later item", "twos", 0, "list", 1, 7},
    {"an item that is not there: its list", "twos", 0, "list", 2, 4},
    {"a key of a mapping", "twos", 0, "sub", NDR_YAML_WHOLE, 8},
    {"a key that is not there: its entry", "twos", 1, "id", NDR_YAML_WHOLE, 11},
    {"the other list's entry", "ones", 0, NULL, NDR_YAML_WHOLE, 12},
    {"in flow style", "ones", 1, "list", 1, 14},
    {"a key in flow style", "ones", 1, "id", NDR_YAML_WHOLE, 14},
    {"an entry that is not there", "ones", 2, NULL, NDR_YAML_WHOLE, 0},
    {"a list that is not there", "threes", 0, NULL, NDR_YAML_WHOLE, 0},
};

static void
line_test(void **state)
{
    const line_row *row = *state;
    const size_t n = sizeof text - 1;
    unsigned char *copy = exact_copy(text, n);
    ndr_yaml y;
    ndr_error err = {0};
    const int rc = ndr_yaml_load("t", (ndr_slice){copy, n}, &schema, NULL, &y, &err);
    free(copy);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, 0);
    const size_t got = ndr_yaml_line(&y, row->list, row->entry, row->key, row->item);
    const document *d = y.data;
    assert_int_equal(d->twos_count, 2);
    assert_int_equal(*d->twos[1].number, 7);
    assert_string_equal(d->ones[1].list[1], "q");
    ndr_yaml_free(&y);
    assert_int_equal(got, row->want);
}

static void
nothing_test(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "\n", "# x\n", "---\n", "---\n...\n", "{}\n"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const size_t n = strlen(texts[i]);
        unsigned char *copy = exact_copy(texts[i], n);
        ndr_yaml y;
        ndr_error err = {0};
        assert_int_equal(
            ndr_yaml_load("t", (ndr_slice){copy, n}, &schema, NULL, &y, &err), 0);
        assert_int_equal(ndr_yaml_line(&y, "ones", 0, NULL, NDR_YAML_WHOLE), 0);
        assert_true(y.data == NULL || ((document *)y.data)->ones_count == 0);
        ndr_yaml_free(&y);
        free(copy);
    }
}

/* What the walk lets through, libcyaml takes; what is cut short, neither crashes on. */
static void
flips_test(void **state)
{
    (void)state;
    const size_t n = sizeof text - 1;
    for (size_t i = 0; i < n; i++)
        for (unsigned bit = 0; bit < 8; bit++) {
            unsigned char *copy = exact_copy(text, n);
            copy[i] ^= (unsigned char)(1u << bit);
            ndr_yaml y;
            ndr_error err = {0};
            const int rc =
                ndr_yaml_load("t", (ndr_slice){copy, n}, &schema, NULL, &y, &err);
            free(copy);
            if (rc == 0) {
                ndr_yaml_free(&y);
                continue;
            }
            /* "t:LINE: words": a failure without a line is libcyaml's own */
            assert_int_equal(rc, NDR_E_SYNTAX);
            assert_true(err.text[0] == 't' && err.text[1] == ':' && err.text[2] >= '1' &&
                        err.text[2] <= '9');
        }
}

int
main(void)
{
    ADD_ROWS(lines, line_test);
    add_test("files that say nothing", nothing_test);
    add_test("any bit flipped: it loads, or the walk names a line", flips_test);
    return run_added("yaml_file");
}
