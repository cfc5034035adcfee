/* SPDX-License-Identifier: BSD-3-Clause */
/* scan.h - what does one scanner hold between the header and the verdict? */
#ifndef NDR_SCAN_H
#define NDR_SCAN_H

#include "base/arena.h"
#include "decide.h"
#include "facts/delivery_report.h"
#include "mail/charset.h"
#include "mail/mime.h"
#include "match/line_cache.h"
#include "match/ruleset.h"
#include "ndrscan.h"

/* Of one field; a message that went round in circles has many. */
enum { NDR_PLACE_LIMIT = 64 };

/* A canonical line: [begin, end) of the buffer, LF behind it. */
typedef struct ndr_span {
    size_t begin, end;
    uint32_t target;
} ndr_span;

/* A text part that was met; its words are read only when a rule waits for them. */
typedef struct ndr_text_part {
    struct ndr_text_part *next;
    ndr_content content;
    ndr_slice body;
    bool html;
} ndr_text_part;

/* A part that is read later, if at all; body.len 0: none was met. */
typedef struct ndr_later {
    enum ndr_transfer transfer;
    ndr_slice body;
} ndr_later;

/* A field value in the message that a decision may need. */
typedef struct ndr_place {
    enum ndr_fact fact;
    size_t at, len;
} ndr_place;

struct ndr_scanner {
    ndr_scan_opts opts;
    const ndr_ruleset *rules;
    size_t header_limit, text_limit;
    hs_scratch_t *scratch;
    ndr_line_cache *line_cache; /* lines that were scanned before */
    ndr_charsets charsets;
    ndr_trace_fn *trace;
    void *trace_ctx;

    /* of the message at hand */
    ndr_arena arena;
    ndr_place place[NDR_PLACE_LIMIT * NDR_FACT_COUNT]; /* topmost first */
    uint8_t fact_count[NDR_FACT_COUNT];                /* rows of place[] a fact */
    size_t place_count;
    ndr_buffer lines;  /* canonical header values, later part types and report fields */
    ndr_buffer status; /* canonical report fields */
    ndr_buffer text;   /* canonical paragraphs */
    ndr_text_part *text_part, **text_part_end; /* of the arena, in order */
    ndr_span *span;                            /* of `lines` */
    size_t span_count, span_cap;
    uint8_t *is_hit; /* one a signal */
    uint32_t *hit;   /* the signals hit, in order */
    size_t hit_count, hits_spread;
    uint8_t *is_touched; /* one a rule: a signal of its all or any was hit */
    uint32_t *touched;
    size_t touched_count;
    bool candidate;
    bool asked;      /* by a `candidates` signal */
    unsigned signs;  /* enum ndr_sign, of `candidates` signals and parts */
    ndr_later loose; /* a report under another type */
    ndr_later inner; /* the first message in the message */
    bool has_returned;
    bool not_system;              /* somebody else says it: rules that ask do not count */
    bool doubted;                 /* may be a mail system's, all the same */
    bool has_report;              /* among the parts, not as an attachment */
    bool has_link;                /* of a part of HTML that was read */
    size_t text_bytes;            /* decoded so far */
    size_t report_bytes;          /* of report parts, read so far */
    size_t text_cost, type_lines; /* noted so far */
    ndr_report report;
    ndr_returned returned;
    ndr_slice raw;         /* the message, whole, as ndr_scanner_view gives it */
    ndr_later came_back;   /* what it returns, in its transfer encoding; see prove.h */
    bool came_back_whole;  /* to its last byte */
    bool came_back_apart;  /* in a part of its own */
    ndr_evidence evidence; /* whose mail that was */
    unsigned flags;        /* enum ndr_message_flag */

    /* of a journal around the message at hand; they outlive it */
    bool unwrapped;
    ndr_buffer unpacked; /* its message, where that was encoded */
    ndr_buffer envelope; /* its recipients, NUL behind each */

    /* scratch of single steps */
    ndr_buffer work, decoded, converted, lined, unlined, unknown;
};

/* The message as lines that end in LF: Mac files end theirs in CR alone. */
ndr_slice ndr_scanner_view(ndr_scanner *s, ndr_slice raw);

/* Tell a conclusion to whoever traces. */
void ndr_scanner_say(const ndr_scanner *s, const char *text);

/* The first value of a field, as stored; ptr NULL when there is none. */
ndr_slice ndr_fact_value(const ndr_scanner *s, enum ndr_fact fact, ndr_slice raw);

/* May the text name recipients that the report does not? `v` has its kind. */
bool ndr_facts_want_text(const ndr_scanner *s, const ndr_verdict *v);
/* Look for recipients in s->text; `v` has its recipient. Fills s->report. */
void ndr_facts_from_text(ndr_scanner *s, ndr_slice raw, const ndr_verdict *v);

/* Fill recipient, arrival and Message-ID of `v`; `raw` is what place[] points into. */
void ndr_facts_fill(ndr_scanner *s, const ndr_message *m, ndr_slice raw, ndr_verdict *v);

#endif
