/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "sink_harness.h"
#include "sink_output.h"

typedef struct list_row {
    const char *why;
    const char *sources[10]; /* "|" ends a batch */
    const char *want;        /* of paths; of paths0 with NUL for each line end */
} list_row;

static const list_row lists[] = {
    {"no message, no path", {NULL}, ""},
    {"one", {"a"}, "a\n"},
    {"standard input has a path too", {"-"}, "-\n"},
    {"each source once", {"a", "a", "b", "b", "b"}, "a\nb\n"},
    {"a path that ends like the one before", {"x/a", "a", "aa", "a"}, "x/a\na\naa\na\n"},
    {"a path that begins like the one before",
     {"a", "ab", "|", "a", "ab"},
     "a\nab\na\nab\n"},
    {"a source goes on in the next batch", {"a", "b", "|", "b", "c"}, "a\nb\nc\n"},
    {"a source fills batches", {"a", "|", "a", "a", "|", "a", "|", "b"}, "a\nb\n"},
    {"a batch without records changes nothing", {"a", "|", "|", "a", "|", "b"}, "a\nb\n"},
    {"the next batch begins with a longer path", {"a", "|", "ab"}, "a\nab\n"},
    {"the next batch begins with a shorter path", {"ab", "|", "a"}, "ab\na\n"},
    {"the path of a batch ends like the last",
     {"xa", "|", "a", "|", "xa"},
     "xa\na\nxa\n"},
    {"bytes that are not UTF-8 stand as they are",
     {"\xFF\x1B", "\xFF\x1B"},
     "\xFF\x1B\n"},
};

static void
list_test(void **state)
{
    const list_row *row = *state;
    static const enum ndr_output kinds[] = {NDR_OUTPUT_PATHS, NDR_OUTPUT_PATHS0};
    for (size_t k = 0; k < 2; k++) {
        const char end = kinds[k] == NDR_OUTPUT_PATHS ? '\n' : '\0';
        capture c = capture_open(kinds[k]);
        const ndr_verdict v = {.arrived = NDR_TIME_UNKNOWN};
        for (size_t i = 0; i < 10 && row->sources[i] != NULL; i++) {
            if (strcmp(row->sources[i], "|") == 0) {
                capture_commit(&c, i);
                continue;
            }
            char *path = (char *)exact_copy(row->sources[i], strlen(row->sources[i]) + 1);
            capture_render(&c, &(ndr_message){.source = path, .member = "m", .index = i},
                           &v);
            free(path);
        }
        capture_commit(&c, 0);
        size_t n = 0;
        char *got = capture_bytes(&c, &n);
        assert_int_equal(n, strlen(row->want));
        for (size_t i = 0; i < n; i++)
            assert_int_equal(got[i], row->want[i] == '\n' ? end : row->want[i]);
        free(got);
        assert_int_equal(c.sink->close(c.sink, NULL), 0);
        assert_int_equal(fclose(c.file), 0);
    }
}

/* ndr_batch_trouble is the engine's: here what it was told is looked at. */
static void
line_end_test(void **state)
{
    (void)state;
    const ndr_verdict v = {.arrived = NDR_TIME_UNKNOWN};
    capture c = capture_open(NDR_OUTPUT_PATHS);
    capture_render(&c, &(ndr_message){.source = "good"}, &v);
    assert_null(c.batch.trouble);
    capture_render(&c, &(ndr_message){.source = "a\nb"}, &v);
    assert_non_null(c.batch.trouble);
    capture_render(&c, &(ndr_message){.source = "fine"}, &v);
    capture_commit(&c, 0);
    char *got = capture_close(&c);
    assert_string_equal(got, "good\nfine\n");
    free(got);
}

static void
paths0_takes_all_test(void **state)
{
    (void)state;
    const ndr_verdict v = {.arrived = NDR_TIME_UNKNOWN};
    capture c = capture_open(NDR_OUTPUT_PATHS0);
    capture_render(&c, &(ndr_message){.source = "a\nb"}, &v);
    capture_commit(&c, 0);
    size_t n = 0;
    char *got = capture_bytes(&c, &n);
    assert_int_equal(n, 4);
    assert_memory_equal(got, "a\nb", 4);
    free(got);
    got = NULL;
    assert_int_equal(c.sink->close(c.sink, NULL), 0);
    assert_int_equal(fclose(c.file), 0);
}

static void
failed_test(void **state)
{
    (void)state;
    const ndr_verdict v = {.arrived = NDR_TIME_UNKNOWN};
    capture c = capture_open(NDR_OUTPUT_PATHS);
    c.batch.out.failed = true;
    ndr_error err = {0};
    assert_int_equal(
        c.sink->render(c.sink, &c.batch, &(ndr_message){.source = "a"}, &v, &err),
        NDR_E_NOMEM);
    assert_int_equal(c.sink->commit(c.sink, &c.batch, 0, &err), NDR_E_NOMEM);
    free(capture_close(&c));
}

int
main(void)
{
    ADD_ROWS(lists, list_test);
    add_test("a path with a line end is told, not written", line_end_test);
    add_test("paths0 takes a path with a line end", paths0_takes_all_test);
    add_test("a batch without memory is an error", failed_test);
    return run_added("sink_paths");
}
