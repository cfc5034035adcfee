/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "sink_harness.h"

#include "sink_output.h"

typedef struct record_row {
    const char *why;
    ndr_message m;
    ndr_verdict v;
    const char *want; /* @REASON@ is what ndr_verdict_reason says */
} record_row;

#define NOTHING                                                                          \
    "\"message_id\":null,\"recipient\":null,\"domain\":null,"                            \
    "\"recipient_origin\":\"unknown\",\"arrived\":null,\"arrived_origin\":\"unknown\","  \
    "\"verdict\":\"none\",\"kind\":null,\"rule\":null,\"system\":null,\"dsn\":null,"     \
    "\"returned\":null,\"window\":null,\"reason\":\"@REASON@\",\"flags\":[]}\n"

static const record_row records[] = {
    {"what is not known is null",
     {.source = "-"},
     {.arrived = NDR_TIME_UNKNOWN},
     "{\"source\":\"-\",\"index\":0,\"offset\":0,\"length\":0," NOTHING},
    {"an archive's member stands behind its source",
     {.source = "a.tar", .member = "b/c", .index = 7, .offset = 512, .length = 99},
     {.arrived = NDR_TIME_UNKNOWN},
     "{\"source\":\"a.tar\",\"member\":\"b/c\",\"index\":7,\"offset\":512,"
     "\"length\":99," NOTHING},
    {"a path that is not UTF-8 comes in base64 too, padded by two",
     {.source = "a\xFF"
                "bc"},
     {.arrived = NDR_TIME_UNKNOWN},
     "{\"source\":\"a\xEF\xBF\xBD"
     "bc\",\"source_b64\":\"Yf9iYw==\",\"index\":0,"
     "\"offset\":0,\"length\":0," NOTHING},
    {"base64 padded by one",
     {.source = "a\xFF"},
     {.arrived = NDR_TIME_UNKNOWN},
     "{\"source\":\"a\xEF\xBF\xBD\",\"source_b64\":\"Yf8=\",\"index\":0,"
     "\"offset\":0,\"length\":0," NOTHING},
    {"base64 without padding, and the member behind it",
     {.source = "\xFF\xFE\xFD", .member = "m\xFF"},
     {.arrived = NDR_TIME_UNKNOWN},
     "{\"source\":\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\",\"source_b64\":\"//79\","
     "\"member\":\"m\xEF\xBF\xBD\",\"index\":0,\"offset\":0,\"length\":0," NOTHING},
    {"a path of UTF-8 does not",
     {.source = "\xC3\xA4"},
     {.arrived = NDR_TIME_UNKNOWN},
     "{\"source\":\"\xC3\xA4\",\"index\":0,\"offset\":0,\"length\":0," NOTHING},
    {"all there is",
     {.source = "spool/mbox", .index = 12, .offset = 3456, .length = UINT64_MAX},
     {.decision = NDR_JUNK,
      .kind = NDR_KIND_FAILED,
      .rule = &sample_rule,
      .window = &sample_window,
      .message_id = BYTES("1@example.net"),
      .recipient = BYTES("alice@example.com"),
      .local = BYTES("alice"),
      .domain = BYTES("example.com"),
      .recipient_origin = NDR_FROM_DELIVERED_TO,
      .arrived = 1210700000,
      .arrived_origin = NDR_FROM_POSTMARK,
      .reporting_mta = BYTES("mx.example.org"),
      .recipients = sample_recipients,
      .recipient_count = 2,
      .returned = {BYTES("2@example.com"), BYTES("Alice <alice@example.com>"),
                   BYTES("bob@example.net"), BYTES("\"hello\""),
                   BYTES("Tue, 13 May 2008 09:30:00 +0200"), BYTES("<>"),
                   BYTES("from a by b; Tue, 13 May 2008 09:30:10 +0200"), BYTES("v=1")},
      .report_arrival = BYTES("Tue, 13 May 2008 09:30:20 +0200"),
      .flags = NDR_MSG_TRUNCATED | NDR_MSG_DAMAGED | NDR_MSG_DEEP},
     "{\"source\":\"spool/mbox\",\"index\":12,\"offset\":3456,"
     "\"length\":18446744073709551615,\"message_id\":\"1@example.net\","
     "\"recipient\":\"alice@example.com\",\"domain\":\"example.com\","
     "\"recipient_origin\":\"delivered-to\",\"arrived\":\"2008-05-13T17:33:20Z\","
     "\"arrived_origin\":\"from-line\",\"verdict\":\"junk\",\"kind\":\"failed\","
     "\"rule\":\"postfix.undelivered\",\"system\":\"Postfix\","
     "\"dsn\":{\"reporting_mta\":\"mx.example.org\","
     "\"arrival_date\":\"2008-05-13T07:30:20Z\",\"from_text\":false,\"recipients\":["
     "{\"final\":\"bob@example.net\",\"original\":\"robert@example.net\","
     "\"action\":\"failed\",\"status\":\"5.1.1\","
     "\"diagnostic\":\"550 5.1.1 <bob@example.net>: unknown\","
     "\"remote_mta\":\"mx.example.net\",\"reply\":\"550\"},"
     "{\"final\":\"carol@example.net\",\"original\":null,\"action\":\"failed\","
     "\"status\":null,\"diagnostic\":null,\"remote_mta\":null,\"reply\":null}]},"
     "\"returned\":{\"message_id\":\"2@example.com\","
     "\"from\":\"Alice <alice@example.com>\",\"to\":\"bob@example.net\","
     "\"subject\":\"\\\"hello\\\"\",\"date\":\"Tue, 13 May 2008 09:30:00 +0200\","
     "\"return_path\":\"<>\",\"received\":\"2008-05-13T07:30:10Z\"},"
     "\"window\":{\"domain\":\"example.com\",\"from\":\"2008-05-13T08:00:00Z\","
     "\"until\":\"2008-05-15T08:00:00Z\",\"where\":\"windows.yaml:2\","
     "\"note\":\"spoofed since Tuesday\"},\"reason\":\"@REASON@\","
     "\"flags\":[\"truncated\",\"damaged\",\"deep\"]}\n"},
    {"an open window, a rule of no system, a report of one fact, one returned field",
     {.source = "m", .flags = NDR_MSG_OPEN | NDR_MSG_DAMAGED},
     {.decision = NDR_KEEP,
      .kind = NDR_KIND_DELAYED,
      .rule = &nameless_rule,
      .window = &open_window,
      .arrived = 0,
      .arrived_origin = NDR_FROM_CLOCK,
      .reporting_mta = BYTES("mx.example.org"),
      .facts_from_text = true,
      .returned = {.date = BYTES("?")}},
     "{\"source\":\"m\",\"index\":0,\"offset\":0,\"length\":0,\"message_id\":null,"
     "\"recipient\":null,\"domain\":null,\"recipient_origin\":\"unknown\","
     "\"arrived\":\"1970-01-01T00:00:00Z\",\"arrived_origin\":\"clock\","
     "\"verdict\":\"keep\",\"kind\":\"delayed\",\"rule\":\"generic.report\","
     "\"system\":null,\"dsn\":{\"reporting_mta\":\"mx.example.org\","
     "\"arrival_date\":null,\"from_text\":true,\"recipients\":[]},"
     "\"returned\":{\"message_id\":null,\"from\":null,\"to\":null,\"subject\":null,"
     "\"date\":\"?\",\"return_path\":null,\"received\":null},\"window\":{\"domain\":"
     "\"example.com\","
     "\"from\":\"2008-05-13T08:00:00Z\",\"until\":null,\"where\":null,\"note\":null},"
     "\"reason\":\"@REASON@\",\"flags\":[\"damaged\"]}\n"},
    {"whose mail came back, where it was asked",
     {.source = "m"},
     {.decision = NDR_KEEP,
      .kind = NDR_KIND_FAILED,
      .rule = &nameless_rule,
      .spared = &open_window,
      .evidence = &sample_evidence,
      .arrived = NDR_TIME_UNKNOWN},
     "{\"source\":\"m\",\"index\":0,\"offset\":0,\"length\":0,\"message_id\":null,"
     "\"recipient\":null,\"domain\":null,\"recipient_origin\":\"unknown\","
     "\"arrived\":null,\"arrived_origin\":\"unknown\",\"verdict\":\"keep\","
     "\"kind\":\"failed\",\"rule\":\"generic.report\",\"system\":null,\"dsn\":null,"
     "\"returned\":null,\"evidence\":{\"whose\":\"ours\",\"proofs\":["
     "{\"proof\":\"dkim-to\",\"result\":\"unknown-selector\",\"detail\":null},"
     "{\"proof\":\"sent-to\",\"result\":\"pass\",\"detail\":\"2@example.com, <bob>\"}]},"
     "\"window\":null,\"reason\":\"@REASON@\",\"flags\":[]}\n"},
};

static void
record_test(void **state)
{
    const record_row *row = *state;
    capture c = capture_open(NDR_OUTPUT_JSONL);
    capture_render(&c, &row->m, &row->v);
    capture_commit(&c, 0);
    char *got = capture_close(&c);
    char *want = with_reason(row->want, &row->v);
    assert_string_equal(got, want);
    free(got);
    free(want);
}

static void
mark_test(void **state)
{
    (void)state;
    static const uint64_t bases[] = {0,  1,   8,    9,    10,         98,
                                     99, 100, 9998, 9999, UINT32_MAX, UINT64_MAX - 2};
    for (size_t i = 0; i < sizeof bases / sizeof bases[0]; i++) {
        capture c = capture_open(NDR_OUTPUT_JSONL);
        const ndr_verdict v = {.arrived = NDR_TIME_UNKNOWN};
        char want[4096] = "";
        for (uint64_t k = 0; k < 3; k++) {
            capture_render(&c, &(ndr_message){.source = "m", .index = k}, &v);
            char *tail = with_reason(NOTHING, &v);
            const size_t used = strlen(want);
            (void)snprintf(
                want + used, sizeof want - used,
                "{\"source\":\"m\",\"index\":%llu,\"offset\":0,\"length\":0,%s",
                (unsigned long long)(bases[i] + k), tail);
            free(tail);
        }
        capture_commit(&c, bases[i]);
        char *got = capture_close(&c);
        assert_string_equal(got, want);
        free(got);
    }
}

/* Whatever the mail holds, a record is one line of printable ASCII or UTF-8. */
static void
hostile_test(void **state)
{
    (void)state;
    for (size_t n = 1; n <= 256; n += 5) {
        capture c = capture_open(NDR_OUTPUT_JSONL);
        hostile h;
        unsigned char *text = exact_copy(every_byte() + 256 - n, n);
        char *name = (char *)exact_copy(every_byte() + 1 + 255 - n / 2, n / 2 + 1);
        hostile_fill(&h, (ndr_slice){text, n}, name);
        capture_render(&c, &h.m, &h.v);
        h.m.index = 1;
        capture_render(&c, &h.m, &h.v);
        capture_commit(&c, 0);
        free(text);
        free(name);
        char *got = capture_close(&c);
        size_t lines = 0;
        for (const char *p = got; *p != '\0'; p++) {
            if (*p == '\n') {
                assert_true(p > got && p[-1] == '}');
                lines++;
            } else {
                assert_true((unsigned char)*p >= 0x20);
            }
        }
        assert_int_equal(lines, 2);
        free(got);
    }
}

static void
failed_test(void **state)
{
    (void)state;
    capture c = capture_open(NDR_OUTPUT_JSONL);
    ndr_error err = {0};
    c.batch.out.failed = true;
    const ndr_verdict v = {.arrived = NDR_TIME_UNKNOWN};
    assert_int_equal(
        c.sink->render(c.sink, &c.batch, &(ndr_message){.source = "m"}, &v, &err),
        NDR_E_NOMEM);
    assert_int_equal(c.sink->commit(c.sink, &c.batch, 0, &err), NDR_E_NOMEM);
    assert_int_equal(err.code, NDR_E_NOMEM);
    char *got = capture_close(&c);
    assert_string_equal(got, "");
    free(got);
}

int
main(void)
{
    ADD_ROWS(records, record_test);
    add_test("marks become base + index, whatever their digits", mark_test);
    add_test("hostile bytes in every field leave one line a record", hostile_test);
    add_test("a batch without memory is an error and writes nothing", failed_test);
    return run_added("sink_jsonl");
}
