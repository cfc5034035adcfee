/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "pieces/piece_text.h"

/* Two pieces of one source, and the records of one run. */
typedef struct join_row {
    const char *why;
    enum ndr_output output;
    bool index, offset;
    const char *first, *second, *want;
} join_row;
static const join_row rows[] = {
    {"numbers of a range go on behind those before", NDR_OUTPUT_JSONL, true, false,
     "{\"source\":\"m\",\"piece_index\":0,\"offset\":3}\n",
     "{\"source\":\"m\",\"piece_index\":1,\"offset\":9}\n",
     "{\"source\":\"m\",\"index\":0,\"offset\":3}\n"
     "{\"source\":\"m\",\"index\":11,\"offset\":9}\n"},
    {"of frames the offsets, too", NDR_OUTPUT_JSONL, true, true,
     "{\"source\":\"m\",\"piece_index\":7,\"piece_offset\":3,\"x\":1}\n",
     "{\"source\":\"m\",\"piece_index\":0,\"piece_offset\":0}\n",
     "{\"source\":\"m\",\"index\":7,\"offset\":3,\"x\":1}\n"
     "{\"source\":\"m\",\"index\":10,\"offset\":1000}\n"},
    {"what a source's name looks like is no number", NDR_OUTPUT_JSONL, true, false,
     "{\"source\":\"\\\"piece_index\\\":5,\\\\\",\"piece_index\":0}\n",
     "{\"source\":\"\\\"piece_index\\\":5,\\\\\",\"piece_index\":2}\n",
     "{\"source\":\"\\\"piece_index\\\":5,\\\\\",\"index\":0}\n"
     "{\"source\":\"\\\"piece_index\\\":5,\\\\\",\"index\":12}\n"},
    {"a name that is no UTF-8 is behind its other form", NDR_OUTPUT_JSONL, true, false,
     "{\"source\":\"?\",\"source_b64\":\"/w==\",\"piece_index\":0}\n", "",
     "{\"source\":\"?\",\"source_b64\":\"/w==\",\"index\":0}\n"},
    {"whole sources keep their bytes", NDR_OUTPUT_JSONL, false, false,
     "{\"source\":\"m\",\"index\":0}\n", "{\"source\":\"n\",\"index\":0}\n",
     "{\"source\":\"m\",\"index\":0}\n{\"source\":\"n\",\"index\":0}\n"},
    {"a path is told once, though both pieces have it", NDR_OUTPUT_PATHS, true, false,
     "a\nm\n", "m\nz\n", "a\nm\nz\n"},
    {"and one that begins like the last is another", NDR_OUTPUT_PATHS0, true, false,
     "m\0", "mm\0", "m\0mm\0"},
};

static size_t
length(const join_row *row, const char *text)
{
    return row->output == NDR_OUTPUT_PATHS0 && text[0] != '\0' ? strlen(text) + 1
                                                               : strlen(text);
}

/* `at_once` bytes at a time. */
static void
join(piece_text *t, const char *bytes, size_t n, size_t at_once, ndr_buffer *out)
{
    piece_text_next(t);
    for (size_t at = 0; at < n; at += at_once) {
        const size_t some = n - at < at_once ? n - at : at_once;
        unsigned char *copy = exact_copy(bytes + at, some);
        assert_int_equal(piece_text_join(t, (ndr_slice){copy, some}, out, NULL), 0);
        free(copy);
    }
    assert_int_equal(piece_text_end(t, NULL), 0);
}

static void
test_join(void **state)
{
    const join_row *row = *state;
    for (size_t at_once = 1; at_once < 200; at_once += at_once < 60 ? 1 : 70) {
        piece_text t = {
            .output = row->output, .index = row->index, .offset = row->offset};
        ndr_buffer out = {0};
        join(&t, row->first, length(row, row->first), at_once, &out);
        t.index_base = 10;
        t.offset_base = 1000;
        join(&t, row->second, length(row, row->second), at_once, &out);
        const size_t n = row->output == NDR_OUTPUT_PATHS0 ? 5 : strlen(row->want);
        assert_int_equal(out.len, n);
        assert_memory_equal(out.ptr, row->want, n);
        piece_text_free(&t);
        ndr_buffer_free(&out);
    }
}

/* What stands there is none: it is damage, and not passed on. */
typedef struct refuse_row {
    const char *why;
    enum ndr_output output;
    bool offset;
    const char *text;
} refuse_row;
static const refuse_row refused[] = {
    {"a record without a piece's number", NDR_OUTPUT_JSONL, false,
     "{\"source\":\"m\",\"index\":0}\n"},
    {"a record whose number is none", NDR_OUTPUT_JSONL, false,
     "{\"source\":\"m\",\"piece_index\":x}\n"},
    {"a record of frames without an offset", NDR_OUTPUT_JSONL, true,
     "{\"source\":\"m\",\"piece_index\":0}\n"},
    {"a record that is none", NDR_OUTPUT_JSONL, false, "nonsense\n"},
    {"an empty line", NDR_OUTPUT_JSONL, false, "\n"},
    {"a source that does not end", NDR_OUTPUT_JSONL, false, "{\"source\":\"m\\\n"},
    {"a record without its line end", NDR_OUTPUT_JSONL, false,
     "{\"source\":\"m\",\"piece_index\":0}"},
    {"a row without columns", NDR_OUTPUT_TSV, false, "head\nnone\n"},
    {"a row whose number is none", NDR_OUTPUT_TSV, false, "head\nm\tx\t0\n"},
    {"a row that ends in its number", NDR_OUTPUT_TSV, false, "head\nm\t5\n"},
};

static void
test_refused(void **state)
{
    const refuse_row *row = *state;
    piece_text t = {.output = row->output, .index = true, .offset = row->offset};
    ndr_buffer out = {0};
    ndr_error err = {0};
    const size_t n = strlen(row->text);
    unsigned char *copy = exact_copy(row->text, n);
    piece_text_next(&t);
    int code = piece_text_join(&t, (ndr_slice){copy, n}, &out, &err);
    if (code == 0)
        code = piece_text_end(&t, &err);
    assert_int_equal(code, NDR_E_DAMAGED);
    assert_true(err.text[0] != '\0');
    free(copy);
    piece_text_free(&t);
    ndr_buffer_free(&out);
}

int
main(void)
{
    ADD_ROWS(rows, test_join);
    ADD_ROWS(refused, test_refused);
    return run_added(__FILE__);
}
