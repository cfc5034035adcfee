/* SPDX-License-Identifier: BSD-3-Clause */
/* scan.h - what does one scanner hold between the header and the verdict? */
#ifndef NDR_SCAN_H
#define NDR_SCAN_H

#include "base/arena.h"
#include "decide.h"
#include "facts/delivery_report.h"
#include "hits.h"
#include "mail/charset.h"
#include "mail/mime.h"
#include "ndrscan.h"

/* Of one field; a message that went round in circles has many. */
enum { NDR_PLACE_LIMIT = 64 };

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

/* What the header states. */
typedef struct ndr_head {
    ndr_place place[NDR_PLACE_LIMIT * NDR_FACT_COUNT]; /* topmost first */
    uint8_t fact_count[NDR_FACT_COUNT];                /* rows of place[] a fact */
    size_t place_count;
} ndr_head;

/* What the parts of a candidate's body are, before their words are read. */
typedef struct ndr_body {
    ndr_text_part *text_part, **text_part_end; /* of the arena, in order */
    const ndr_text_part *unread;               /* the first whose words were not read */
    ndr_later loose;                           /* a report under another type */
    ndr_later inner;                           /* the first message in the message */
    unsigned signs;                            /* enum ndr_sign */
    bool has_returned;
    bool has_report;              /* among the parts, not as an attachment */
    bool has_link;                /* of a part of HTML that was read */
    size_t text_bytes;            /* decoded so far */
    size_t report_bytes;          /* of report parts, read so far */
    size_t text_cost, type_lines; /* noted so far */
    ndr_later came_back;          /* what it returns, in its transfer encoding: prove.h */
    bool came_back_whole;         /* to its last byte */
    bool came_back_apart;         /* in a part of its own */
} ndr_body;

/* Buffers of single steps: nothing in them outlives the step. */
typedef struct ndr_steps {
    ndr_buffer work, decoded, converted, lined, unlined, unquoted;
} ndr_steps;

/* A journal around the message at hand; it outlives that. */
typedef struct ndr_wrap {
    bool unwrapped;
    ndr_buffer unpacked; /* its message, where that was encoded */
    ndr_buffer envelope; /* its recipients, NUL behind each */
} ndr_wrap;

struct ndr_scanner {
    ndr_scan_opts opts;
    const ndr_ruleset *rules;
    size_t header_limit, text_limit;
    ndr_charsets charsets;

    /* of the message at hand */
    ndr_arena arena;
    ndr_slice raw; /* whole, as ndr_scanner_view gives it */
    ndr_head head;
    ndr_body body;
    ndr_hits hits;
    ndr_buffer lines;  /* canonical header values, later part types and report fields */
    ndr_buffer status; /* canonical report fields */
    ndr_buffer text;   /* canonical paragraphs */
    ndr_report report;
    ndr_returned returned;
    ndr_slice own;         /* whom its header says it came to */
    bool text_due;         /* who failed may be in the text, and nobody asked so far */
    ndr_evidence evidence; /* whose mail that was */
    bool not_system;       /* somebody else says it: rules that ask do not count */
    bool doubted;          /* may be a mail system's, all the same */
    unsigned flags;        /* enum ndr_message_flag */

    ndr_wrap wrap;
    ndr_steps step;
};

/* The message as lines that end in LF: Mac files end theirs in CR alone. */
ndr_slice ndr_scanner_view(ndr_scanner *s, ndr_slice raw);

/* Tell a conclusion to whoever traces. */
void ndr_scanner_say(const ndr_scanner *s, const char *text);

/* The first value of a field, as stored; ptr NULL when there is none. */
ndr_slice ndr_fact_value(const ndr_scanner *s, enum ndr_fact fact, ndr_slice raw);

/* May the text name recipients that the report does not? `v` has its kind. */
bool ndr_facts_want_text(const ndr_scanner *s, const ndr_verdict *v);
/* Read the text and look in it for recipients, of whom s->own is none; where it states
 * none, in the message in the message. Fills s->report. 0 or an ndr_code. */
int ndr_facts_from_text(ndr_scanner *s, ndr_slice raw, ndr_error *err);
/* Tell in `v` what s->report has of recipients. */
void ndr_facts_tell(const ndr_scanner *s, ndr_verdict *v);

/* Fill recipient, arrival and Message-ID of `v`; `raw` is what place[] points into. */
void ndr_facts_fill(ndr_scanner *s, const ndr_message *m, ndr_slice raw, ndr_verdict *v);

#endif
