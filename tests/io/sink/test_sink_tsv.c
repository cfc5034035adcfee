/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "sink_harness.h"
#include "sink_output.h"

#define HEADER                                                                           \
    "source\tindex\toffset\tlength\tverdict\tkind\trule\trecipient\tdomain\tarrived\t"   \
    "window\tmessage_id\treason\twhose\tproof\n"

static const ndr_evidence ours = {
    .known = true,
    .whose = NDR_WHOSE_OURS,
    .decisive = 1,
    .count = 2,
    .proof = {{.name = "dkim-to", .result = "fail"}, {.name = "dkim", .result = "pass"}}};
static const ndr_evidence unknown = {.known = true, .decisive = -1},
                          foreign = {.decisive = -1};

typedef struct line_row {
    const char *why;
    ndr_message m;
    ndr_verdict v;
    const char *want; /* @REASON@ is what ndr_verdict_reason says */
} line_row;

static const line_row lines[] = {
    {"what is not known is empty",
     {.source = "-"},
     {.arrived = NDR_TIME_UNKNOWN},
     "-\t100\t0\t0\tnone\t\t\t\t\t\t\t\t@REASON@\t\t\n"},
    {"all there is",
     {.source = "spool/mbox", .index = 5, .offset = 3456, .length = UINT64_MAX},
     {.decision = NDR_JUNK,
      .kind = NDR_KIND_REJECTED_CONTENT,
      .rule = &sample_rule,
      .window = &sample_window,
      .message_id = BYTES("1@example.net"),
      .recipient = BYTES("alice@example.com"),
      .domain = BYTES("example.com"),
      .arrived = 1210700000},
     "spool/mbox\t105\t3456\t18446744073709551615\tjunk\trejected-content\t"
     "postfix.undelivered\talice@example.com\texample.com\t2008-05-13T17:33:20Z\t"
     "windows.yaml:2\t1@example.net\t@REASON@\t\t\n"},
    {"tab, line ends and backslash are escaped, at either end and in a row",
     {.source = "\ta\\b\r\n"},
     {.recipient = BYTES("\\\\x\n"), .arrived = NDR_TIME_UNKNOWN},
     "\\ta\\\\b\\r\\n\t100\t0\t0\tnone\t\t\t\\\\\\\\x\\n\t\t\t\t\t@REASON@\t\t\n"},
    {"letters stand as they are, what a terminal would act on or not show does not",
     {.source = "\xFF\x1B\xC3\xA4\xC2\x9B\x7F\xE2\x80\xAE"},
     {.arrived = NDR_TIME_UNKNOWN},
     "\\xFF\\x1B\xC3\xA4\\xC2\\x9B\\x7F\\xE2\\x80\\xAE\t100\t0\t0\tnone\t\t\t\t\t\t\t\t@"
     "REASON@\t\t\n"},
    {"whose mail came back, and what settled it",
     {.source = "m"},
     {.arrived = NDR_TIME_UNKNOWN, .evidence = &ours},
     "m\t100\t0\t0\tnone\t\t\t\t\t\t\t\t@REASON@\tours\tdkim\n"},
    {"nothing settled it",
     {.source = "m"},
     {.arrived = NDR_TIME_UNKNOWN, .evidence = &unknown},
     "m\t100\t0\t0\tnone\t\t\t\t\t\t\t\t@REASON@\tunknown\t\n"},
    {"no identity knows the domain",
     {.source = "m"},
     {.arrived = NDR_TIME_UNKNOWN, .evidence = &foreign},
     "m\t100\t0\t0\tnone\t\t\t\t\t\t\t\t@REASON@\t\t\n"},
    {"a member's archive is the source",
     {.source = "a.tar", .member = "b"},
     {.arrived = NDR_TIME_UNKNOWN},
     "a.tar\t100\t0\t0\tnone\t\t\t\t\t\t\t\t@REASON@\t\t\n"},
};

static void
line_test(void **state)
{
    const line_row *row = *state;
    capture c = capture_open(NDR_OUTPUT_TSV);
    capture_render(&c, &row->m, &row->v);
    capture_commit(&c, 100);
    char *got = capture_close(&c);
    char *want = with_reason(row->want, &row->v);
    assert_memory_equal(got, HEADER, sizeof HEADER - 1);
    assert_string_equal(got + sizeof HEADER - 1, want);
    free(got);
    free(want);
}

static void
header_once_test(void **state)
{
    (void)state;
    capture c = capture_open(NDR_OUTPUT_TSV);
    const ndr_verdict v = {.arrived = NDR_TIME_UNKNOWN};
    capture_commit(&c, 0);
    for (int k = 0; k < 3; k++) {
        capture_render(&c, &(ndr_message){.source = "m"}, &v);
        capture_commit(&c, 0);
    }
    char *got = capture_close(&c);
    char *line = with_reason("m\t0\t0\t0\tnone\t\t\t\t\t\t\t\t@REASON@\t\t\n", &v);
    char want[4096];
    (void)snprintf(want, sizeof want, HEADER "%s%s%s", line, line, line);
    assert_string_equal(got, want);
    free(got);
    free(line);
}

static void
header_alone_test(void **state)
{
    (void)state;
    capture c = capture_open(NDR_OUTPUT_TSV);
    char *got = capture_close(&c);
    assert_string_equal(got, HEADER);
    free(got);
}

/* Lines and columns count up whatever the mail holds; the bytes come back. */
static void
hostile_test(void **state)
{
    (void)state;
    capture c = capture_open(NDR_OUTPUT_TSV);
    hostile h;
    unsigned char *text = exact_copy(every_byte(), 256);
    hostile_fill(&h, (ndr_slice){text, 256}, (const char *)every_byte() + 1);
    assert_int_equal(c.sink->render(c.sink, &c.batch, &h.m, &h.v, NULL), 0);
    capture_commit(&c, 0);
    free(text);
    size_t n = 0;
    char *got = capture_bytes(&c, &n);
    assert_int_equal(c.sink->close(c.sink, NULL), 0);
    assert_int_equal(fclose(c.file), 0);
    size_t tabs = 0;
    size_t ends = 0;
    for (size_t i = 0; i < n; i++) {
        tabs += got[i] == '\t';
        ends += got[i] == '\n';
        assert_true(got[i] != '\r');
    }
    assert_int_equal(tabs, 2 * 14);
    assert_int_equal(ends, 2);

    const char *p = got + sizeof HEADER - 1; /* the path, back from its escapes */
    for (unsigned want = 1; want < 256; want++, p++) {
        unsigned char byte = (unsigned char)*p;
        if (byte == '\\') {
            p++;
            byte = *p == 't' ? '\t' : *p == 'n' ? '\n' : *p == 'r' ? '\r' : '\\';
            if (*p == 'x') {
                const char hex[] = {p[1], p[2], '\0'};
                byte = (unsigned char)strtoul(hex, NULL, 16);
                p += 2;
            }
        }
        assert_int_equal(byte, want);
    }
    assert_int_equal(*p, '\t');
    free(got);
}

static void
failed_test(void **state)
{
    (void)state;
    capture c = capture_open(NDR_OUTPUT_TSV);
    ndr_error err = {0};
    const ndr_verdict v = {.arrived = NDR_TIME_UNKNOWN};
    c.batch.out.failed = true;
    assert_int_equal(
        c.sink->render(c.sink, &c.batch, &(ndr_message){.source = "m"}, &v, &err),
        NDR_E_NOMEM);
    assert_int_equal(c.sink->commit(c.sink, &c.batch, 0, &err), NDR_E_NOMEM);
    char *got = capture_close(&c);
    assert_string_equal(got, "");
    free(got);
}

int
main(void)
{
    ADD_ROWS(lines, line_test);
    add_test("the header line comes once", header_once_test);
    add_test("the header line comes without records too", header_alone_test);
    add_test("hostile bytes leave lines and columns alone and come back", hostile_test);
    add_test("a batch without memory is an error and writes nothing", failed_test);
    return run_added("sink_tsv");
}
