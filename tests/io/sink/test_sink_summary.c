/* SPDX-License-Identifier: BSD-3-Clause */
#include "sink/sinks.h"

#include "harness.h"

#include <unistd.h>

static void
nothing_test(void **state)
{
    (void)state;
    int ends[2];
    ndr_error err = {0};
    ndr_sink *s = NULL;
    ndr_batch b = {0};
    const ndr_rule rule = {.id = "r", .system = ""};
    const ndr_verdict v = {.decision = NDR_JUNK, .kind = NDR_KIND_FAILED, .rule = &rule};
    const ndr_message m = {.source = "box"};
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(ndr_sink_summary_open(ends[1], &s, &err), 0);
    assert_int_equal(s->render(s, &b, &m, &v, &err), 0);
    assert_int_equal(b.out.len, 0);
    assert_int_equal(b.record_count, 0);
    assert_int_equal(s->commit(s, &b, 7, &err), 0);
    assert_int_equal(s->close(s, &err), 0);
    assert_int_equal(close(ends[1]), 0); /* borrowed: still open */
    char byte;
    assert_int_equal(read(ends[0], &byte, 1), 0); /* and nothing in it */
    assert_int_equal(close(ends[0]), 0);
}

static void
no_descriptor_test(void **state)
{
    (void)state;
    ndr_sink *s = NULL;
    assert_int_equal(ndr_sink_summary_open(-1, &s, NULL), 0); /* none is needed */
    assert_int_equal(s->close(s, NULL), 0);
}

int
main(void)
{
    add_test("nothing is written of any message", nothing_test);
    add_test("a descriptor is not needed", no_descriptor_test);
    return run_added("sink_summary");
}
