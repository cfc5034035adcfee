/* SPDX-License-Identifier: BSD-3-Clause */
/* jsonl_samples.c - prints records of every shape there is, for check_schema.py. */
#include "harness.h"
#include "sink_harness.h"

static ndr_batch batch;
static ndr_sink *sink;

static void
must(bool good, const char *what)
{
    if (good)
        return;
    (void)fprintf(stderr, "jsonl_samples: %s\n", what);
    exit(2);
}

static void
print(const ndr_message *m, const ndr_verdict *v)
{
    ndr_message numbered = *m;
    numbered.index = batch.mark_count;
    must(sink->render(sink, &batch, &numbered, v, NULL) == 0, "render");
}

/* Each kind, decision and origin there is, with facts and without. */
static void
print_words(void)
{
    const ndr_message m = {.source = "spool/mbox", .offset = 71, .length = 2048};
    print(&m, &(ndr_verdict){.arrived = NDR_TIME_UNKNOWN});
    print(&m, &(ndr_verdict){.arrived = NDR_TIME_UNKNOWN, .flags = NDR_MSG_SUSPECT});
    for (int k = NDR_KIND_FAILED; k < NDR_KIND_COUNT; k++)
        for (int junk = 0; junk < 2; junk++)
            for (int o = 0; o < NDR_FROM_COUNT; o++) {
                const ndr_verdict v = {
                    .decision = junk ? NDR_JUNK : NDR_KEEP,
                    .kind = (enum ndr_kind)k,
                    .rule = o % 2 == 0 ? &sample_rule : &nameless_rule,
                    .window = !junk        ? NULL
                              : o % 2 == 0 ? &sample_window
                                           : &open_window,
                    .message_id = BYTES("1@example.net"),
                    .recipient_origin = (enum ndr_origin)o,
                    .arrived = 1210700000,
                    .arrived_origin = (enum ndr_origin)o,
                    .recipients = sample_recipients,
                    .recipient_count = (size_t)(o % 3),
                    .returned = {.subject = BYTES("hello")},
                    .flags = (unsigned)o,
                };
                print(&m, &v);
            }
}

/* Whoever it was, with proofs and without. */
static void
print_whose(void)
{
    const ndr_message m = {.source = "spool/mbox", .offset = 71, .length = 2048};
    for (int whose = 0; whose < NDR_WHOSE_COUNT; whose++)
        for (size_t count = 0; count <= sample_evidence.count; count++) {
            ndr_evidence e = sample_evidence;
            e.whose = (enum ndr_whose)whose;
            e.count = count;
            e.decisive = whose != 0 && count > 0 ? 0 : -1;
            const ndr_verdict v = {.decision = NDR_KEEP,
                                   .kind = NDR_KIND_FAILED,
                                   .rule = &sample_rule,
                                   .spared = &sample_window,
                                   .arrived = NDR_TIME_UNKNOWN,
                                   .evidence = &e};
            print(&m, &v);
        }
}

/* Text that breaks weak emitters, in every field. */
static void
print_hostile(void)
{
    static const ndr_slice texts[] = {
        BYTES("\",\"verdict\":\"none"),
        BYTES("line\nline\r\nline\r{\"source\":\"x\"}"),
        BYTES("back\\slash\\"),
        BYTES("\x1B[2J\x7F\b"),
        BYTES("\xC3"),
        BYTES("\xED\xA0\x80 \xC0\xAF \xF4\x90\x80\x80"),
        BYTES("\xE2\x80\xA8 \xE2\x80\xA9 \xF0\x9F\x93\xAC"),
        BYTES("NUL\0inside"),
    };
    hostile h;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        unsigned char *text = exact_copy(texts[i].ptr, texts[i].len);
        hostile_fill(&h, (ndr_slice){text, texts[i].len}, (const char *)texts[i].ptr);
        print(&h.m, &h.v);
        free(text);
    }
    hostile_fill(&h, (ndr_slice){every_byte(), 256}, (const char *)every_byte() + 1);
    print(&h.m, &h.v);
}

int
main(void)
{
    must(ndr_output_open(NDR_OUTPUT_JSONL, STDOUT_FILENO, &sink, NULL) == 0, "open");
    print_words();
    print_whose();
    print_hostile();
    must(sink->commit(sink, &batch, 4095, NULL) == 0, "commit");
    must(sink->close(sink, NULL) == 0, "close");
    batch_free(&batch);
    return 0;
}
