/* SPDX-License-Identifier: BSD-3-Clause */
#include "app/tables.h"
#include "harness.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { MAX_WORDS = 8 };

/* What a command line comes to: "rules=a threads=4 | SOURCE", or "! message". */
typedef struct parse_row {
    const char *why;
    const char *word[MAX_WORDS];
    const char *want;
} parse_row;

static const parse_row parses[] = {
    {"operands alone", {"a", "b"}, "| a b"},
    {"a long option and its argument", {"--rules", "r.yaml", "a"}, "1=r.yaml | a"},
    {"with an equals sign", {"--rules=r.yaml", "a"}, "1=r.yaml | a"},
    {"short, with the argument behind it", {"-j4", "a"}, "14=4 | a"},
    {"short, with the argument apart", {"-j", "4", "a"}, "14=4 | a"},
    {"short options in one word", {"-rq", "a"}, "9= 16= | a"},
    {"options may follow operands", {"a", "-r"}, "9= | a"},
    {"two dashes end the options", {"--", "-r"}, "| -r"},
    {"one dash is an operand", {"-"}, "| -"},
    {"an option may be shortened", {"--recur", "a"}, "9= | a"},
    {"an option given twice is told twice", {"--rules=a", "--rules=b"}, "1=a 1=b |"},
    {"a slip of a letter is guessed",
     {"--recursiv3", "a"},
     "! ndrscan scan: no option --recursiv3; did you mean --recursive?\n"},
    {"an unknown option points to the help",
     {"--turbo", "a"},
     "! ndrscan scan: no option --turbo; see 'ndrscan scan --help'\n"},
    {"an unknown letter",
     {"-x", "a"},
     "! ndrscan scan: no option -x; see 'ndrscan scan --help'\n"},
    {"a beginning of several",
     {"--re", "a"},
     "! ndrscan scan: --re may mean several options; see 'ndrscan scan --help'\n"},
    {"a missing argument is named",
     {"--rules"},
     "! ndrscan scan: --rules needs FILE|DIR behind it\n"},
    {"a missing argument of a letter",
     {"-j"},
     "! ndrscan scan: --threads needs N behind it\n"},
    {"an argument where none belongs",
     {"--quiet=yes", "a"},
     "! ndrscan scan: --quiet takes no argument\n"},
};

/* stderr goes to a file while a test looks at it. */
static int saved_stderr;
static FILE *caught;

static void
catch_stderr(void)
{
    (void)fflush(stderr);
    saved_stderr = dup(2);
    caught = tmpfile();
    assert_non_null(caught);
    assert_int_equal(dup2(fileno(caught), 2), 2);
}

static void
caught_stderr(char *text, size_t size)
{
    (void)fflush(stderr);
    assert_int_equal(dup2(saved_stderr, 2), 2);
    (void)close(saved_stderr);
    rewind(caught);
    text[fread(text, 1, size - 1, caught)] = '\0';
    (void)fclose(caught);
}

static void
parse_test(void **state)
{
    const parse_row *row = *state;
    char *argv[MAX_WORDS + 2] = {strdup("scan")};
    int argc = 1;
    while (row->word[argc - 1] != NULL) {
        argv[argc] = strdup(row->word[argc - 1]);
        argc++;
    }
    char got[1024] = "", told[512];
    size_t used = 0;
    opts o;
    catch_stderr();
    opts_begin(&o, &verb_scan, argc, argv);
    const char *arg;
    int id;
    while ((id = opts_next(&o, &arg)) > 0)
        used += (size_t)snprintf(got + used, sizeof got - used, "%d=%s ", id,
                                 arg != NULL ? arg : "");
    if (id == 0) {
        size_t n = 0;
        char **operand = opts_operands(&o, &n);
        used += (size_t)snprintf(got + used, sizeof got - used, "|");
        for (size_t i = 0; i < n; i++)
            used += (size_t)snprintf(got + used, sizeof got - used, " %s", operand[i]);
    }
    caught_stderr(told, sizeof told);
    if (id < 0) {
        assert_int_equal(o.status, 2);
        (void)snprintf(got, sizeof got, "! %.500s", told);
    } else {
        assert_string_equal(told, "");
    }
    for (int i = 0; i < argc; i++)
        free(argv[i]);
    assert_string_equal(got, row->want);
}

typedef struct value_row {
    const char *why, *arg;
    int64_t want;
} value_row;

static const value_row sizes[] = {
    {"bytes", "512", 512},
    {"k is 1,024", "500k", 512000},
    {"M, either case", "64m", 64 << 20},
    {"G", "2G", 2147483648},
    {"nothing at all", "", -1},
    {"a unit alone", "M", -1},
    {"no such unit", "5T", -1},
    {"two units", "5MB", -1},
    {"below one", "0", -1},
    {"negative", "-5k", -1},
    {"more than there can be", "9999999999G", -1},
    {"more than a number holds", "99999999999999999999", -1},
};
static const value_row numbers[] = {
    {"the least", "1", 1},
    {"the most", "512", 512},
    {"below the least", "0", -1},
    {"above the most", "513", -1},
    {"words behind a number", "4 threads", -1},
    {"no number", "many", -1},
    {"no argument", "", -1},
};
static const value_row words[] = {
    {"the first word", "bounces", 0},
    {"the last word", "all", 2},
    {"a beginning is not the word", "bounce", -1},
    {"more than the word", "alles", -1},
    {"nothing is no word", "", -1},
    {"a bar is no word", "junk|all", -1},
};

static void
value_test(const value_row *row, int which)
{
    char name[] = "scan";
    char *argv[] = {name, NULL};
    opts o;
    char told[512];
    opts_begin(&o, &verb_scan, 1, argv);
    catch_stderr();
    const int64_t got = which == 0   ? opts_size(&o, OPT_MAX_MESSAGE, row->arg)
                        : which == 1 ? opts_number(&o, OPT_THREADS, row->arg, 1, 512)
                                     : opts_word(&o, OPT_EMIT, row->arg);
    caught_stderr(told, sizeof told);
    assert_int_equal(got, row->want);
    assert_int_equal(told[0] != '\0', row->want < 0);
}
static void
size_test(void **state)
{
    value_test(*state, 0);
}
static void
number_test(void **state)
{
    value_test(*state, 1);
}
static void
word_test(void **state)
{
    value_test(*state, 2);
}

static void
tables_test(void **state)
{
    (void)state;
    for (const verb *const *v = all_verbs; *v != NULL; v++) {
        opts o;
        char name[] = "x";
        char *argv[] = {name, NULL};
        opts_begin(&o, *v, 1, argv); /* asserts that the rows find room */
        FILE *f = tmpfile();
        assert_non_null(f);
        opts_print_help(*v, f);
        rewind(f);
        char line[256];
        while (fgets(line, sizeof line, f) != NULL) {
            if (strlen(line) > 81)
                fail_msg("ndrscan %s --help: wider than 80 columns: %s", (*v)->name,
                         line);
        }
        (void)fclose(f);
        for (const struct option *a = o.longs; a->name != NULL; a++)
            for (const struct option *b = a + 1; b->name != NULL; b++)
                if (strcmp(a->name, b->name) == 0)
                    fail_msg("%s: --%s stands there twice", (*v)->name, a->name);
        for (const char *a = o.shorts + 1; *a != '\0'; a++)
            if (*a != ':' && strchr(a + 1, *a) != NULL)
                fail_msg("%s: -%c stands there twice", (*v)->name, *a);
    }
}

int
main(void)
{
    ADD_ROWS(parses, parse_test);
    ADD_ROWS(sizes, size_test);
    ADD_ROWS(numbers, number_test);
    ADD_ROWS(words, word_test);
    add_test("every verb's help fits 80 columns and no option stands there twice",
             tables_test);
    return run_added("opts");
}
