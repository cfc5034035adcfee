/* SPDX-License-Identifier: BSD-3-Clause */
/* canonical.c - which lines did the signals of a target see? */
#include "mail/header.h"
#include "match/fold.h"
#include "scan.h"

#include <string.h>

/* Every field of a name, a line each; NDR_E_NOMEM through out->failed. */
static void
add_fields(ndr_scanner *s, ndr_slice raw, ndr_slice name, ndr_buffer *out)
{
    if (raw.len > s->header_limit)
        raw.len = s->header_limit;
    size_t at = ndr_header_begin(raw);
    ndr_field f;
    while (ndr_header_next(raw, &at, &f) > 0) {
        if (!ndr_slice_equal_nocase(f.name, name))
            continue;
        const size_t before = out->len;
        ndr_header_value(&s->charsets, f.value, &s->step.work, out);
        if (out->len > before)
            ndr_buffer_byte(out, '\n');
    }
}

/* The lines [begin, end) of the report area: part types, then report fields. */
static void
add_report(const ndr_scanner *s, enum ndr_area area, uint32_t target, ndr_buffer *out)
{
    if (!s->hits.candidate || area != NDR_AREA_REPORT)
        return;
    for (size_t i = 0; i < s->hits.span_count; i++)
        if (s->hits.span[i].target == target)
            ndr_buffer_add(out, (ndr_slice){s->lines.ptr + s->hits.span[i].begin,
                                            s->hits.span[i].end - s->hits.span[i].begin});
}

int
ndr_scan_canonical(ndr_scanner *s, const ndr_message *m, const char *target,
                   ndr_buffer *out, ndr_error *err)
{
    const int row = ndr_target_find(target);
    const char *name = row < 0 ? ndr_target_field(target) : ndr_targets[row].field;
    if (row < 0 && name == NULL)
        return ndr_fail(err, NDR_E_SYNTAX, "'%s' is no target", target);
    if (name != NULL) {
        add_fields(s, ndr_scanner_view(s, m->raw), ndr_slice_of(name), out);
    } else if (row == NDR_TARGET_TEXT) {
        ndr_fold(s->text.ptr, s->text.len); /* it is not yet when no signal asks for it */
        ndr_buffer_add(out, (ndr_slice){s->text.ptr, s->text.len});
    } else {
        add_report(s, ndr_targets[row].area, (uint32_t)row, out);
    }
    return out->failed || s->step.work.failed
               ? ndr_fail(err, NDR_E_NOMEM, "no memory for lines")
               : 0;
}
