/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE /* mkdtemp */
#include "harness.h"
#include "scan/verdict_file.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/test_verdict_file.XXXXXX";
static char file[64];

/* In each record % stands for the folder. */
static void
write_file(const char *text)
{
    FILE *f = fopen(file, "w");
    assert_non_null(f);
    for (; *text != '\0'; text++)
        if (*text == '%')
            assert_true(fputs(folder, f) >= 0);
        else
            assert_int_equal(fputc(*text, f), *text);
    assert_int_equal(fclose(f), 0);
}

#define RECORD(source, verdict, id, length)                                              \
    "{\"source\":\"" source "\",\"verdict\":\"" verdict "\",\"message_id\":" id          \
    ",\"length\":" length ",\"reason\":\"why\"}\n"

typedef struct load_row {
    const char *why, *text;
    const char *want; /* names below the folder, "|" behind each; or words of the error */
    int code;
} load_row;
static const load_row loads[] = {
    {"nothing", "", "", 0},
    {"junk, by name",
     RECORD("%/b", "junk", "\"x\"", "1") RECORD("%/a", "junk", "null", "1"), "a|b|", 0},
    {"what is kept, or no bounce, is passed over",
     RECORD("%/a", "keep", "\"x\"", "1") RECORD("%/b", "none", "\"x\"", "1"), "", 0},
    {"the same message twice is one",
     RECORD("%/a", "junk", "\"x\"", "1") RECORD("%/a", "junk", "\"x\"", "1"), "a|", 0},
    {"a link in its folder's path is followed", RECORD("%/./a", "junk", "\"x\"", "1"),
     "a|", 0},
    {"whose folder is gone is passed over", RECORD("%/gone/a", "junk", "\"x\"", "1"), "",
     0},
    {"of another folder, whose name begins so", RECORD("%x/a", "junk", "\"x\"", "1"), "",
     0},
    {"members of a later version",
     "{\"more\":[],\"source\":\"%/a\",\"verdict\":\"junk\","
     "\"message_id\":null,\"length\":0,\"reason\":\"\"}\n",
     "a|", 0},
    {"no JSON", "From here\n", ":1: is no JSON", NDR_E_SYNTAX},
    {"the second line is named", RECORD("%/a", "junk", "\"x\"", "1") "{\n",
     ":2: is no JSON", NDR_E_SYNTAX},
    {"a member twice", "{\"a\":1,\"a\":2}\n", "is no JSON", NDR_E_SYNTAX},
    {"another JSON", "{\"source\":\"%/a\"}\n", "is no record of 'ndrscan scan'",
     NDR_E_SYNTAX},
    {"a length below nothing", RECORD("%/a", "junk", "\"x\"", "-1"), "is no record",
     NDR_E_SYNTAX},
    {"a length in words", RECORD("%/a", "junk", "\"x\"", "\"1\""), "is no record",
     NDR_E_SYNTAX},
    {"an identity that is a number", RECORD("%/a", "junk", "1", "1"), "is no record",
     NDR_E_SYNTAX},
    {"a list", "[]\n", "is no record", NDR_E_SYNTAX},
};
static void
load_test(void **state)
{
    const load_row *row = *state;
    verdict_file *k = NULL;
    ndr_error err = {0};
    write_file(row->text);
    assert_int_equal(verdict_file_load(file, &k, &err), row->code);
    if (row->code != 0) {
        assert_non_null(strstr(err.text, row->want));
        return;
    }
    char got[256] = "";
    size_t at = 0;
    const char *rel;
    while ((rel = verdict_file_next(k, folder, &at)) != NULL)
        (void)snprintf(got + strlen(got), sizeof got - strlen(got), "%s|", rel);
    assert_string_equal(got, row->want);
    verdict_file_free(k);
}

typedef struct match_row {
    const char *why, *rel, *id;
    uint64_t length;
    bool whole;
    enum kept want;
} match_row;
static const match_row matches[] = {
    {"the message that was scanned", "a", "x@y", 12, true, KEPT_SAME},
    {"one without an identity", "b", "", 3, true, KEPT_SAME},
    {"another name", "c", "x@y", 12, true, KEPT_NONE},
    {"another identity", "a", "z@y", 12, true, KEPT_OTHER},
    {"an identity where there was none", "b", "x@y", 3, true, KEPT_OTHER},
    {"no identity any more", "a", "", 12, true, KEPT_OTHER},
    {"another length", "a", "x@y", 13, true, KEPT_OTHER},
    {"one of several in its file", "a", "x@y", 12, false, KEPT_OTHER},
};
static void
match_test(void **state)
{
    const match_row *row = *state;
    verdict_file *k = NULL;
    ndr_error err = {0};
    const char *why = "";
    write_file(RECORD("%/a", "junk", "\"x@y\"", "12") RECORD("%/b", "junk", "null", "3"));
    assert_int_equal(verdict_file_load(file, &k, &err), 0);
    assert_int_equal(verdict_file_match(k, folder, row->rel, ndr_slice_of(row->id),
                                        row->length, row->whole, &why),
                     row->want);
    assert_string_equal(why, row->want == KEPT_NONE ? "" : "why");
    verdict_file_free(k);
}

int
main(void)
{
    if (mkdtemp(folder) == NULL)
        return 99;
    (void)snprintf(file, sizeof file, "%s.jsonl", folder);
    ADD_ROWS(loads, load_test);
    ADD_ROWS(matches, match_test);
    const int failed = run_added("verdict_file");
    (void)unlink(file);
    (void)rmdir(folder);
    return failed;
}
