/* SPDX-License-Identifier: BSD-3-Clause */
/* output.c - which word opens which sink? */
#include "ndr_piece_file.h"
#include "sinks.h"

/* To add a sink: its file and its row here. */
static const struct {
    const char *word;
    int (*open)(int fd, ndr_sink **ret, ndr_error *err);
} outputs[] = {
    [NDR_OUTPUT_JSONL] = {"jsonl", ndr_sink_jsonl_open},
    [NDR_OUTPUT_TSV] = {"tsv", ndr_sink_tsv_open},
    [NDR_OUTPUT_PATHS] = {"paths", ndr_sink_paths_open},
    [NDR_OUTPUT_PATHS0] = {"paths0", ndr_sink_paths0_open},
    [NDR_OUTPUT_SUMMARY] = {"summary", ndr_sink_summary_open},
};
enum { OUTPUT_COUNT = sizeof outputs / sizeof outputs[0] };

int
ndr_output_find(const char *word)
{
    for (int k = 0; k < OUTPUT_COUNT; k++)
        if (ndr_slice_equal(ndr_slice_of(word), ndr_slice_of(outputs[k].word)))
            return k;
    return -1;
}

int
ndr_output_open(enum ndr_output kind, int fd, ndr_sink **ret, ndr_error *err)
{
    if ((unsigned)kind >= OUTPUT_COUNT)
        return ndr_fail(err, NDR_E_SYNTAX, "there is no output number %d", (int)kind);
    return outputs[kind].open(fd, ret, err);
}

const char *
ndr_output_begin(enum ndr_output kind)
{
    return kind == NDR_OUTPUT_TSV ? ndr_tsv_header : "";
}
