/* SPDX-License-Identifier: BSD-3-Clause */
/* spared.c - see spared.h. */
#include "spared.h"

#include "app/json_writer.h"
#include "app/text.h"

#include <stdio.h>
#include <string.h>

static bool
is_same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

void
spared_add(spared *s, enum ndr_whose whose, const char *proof)
{
    size_t i = 0;
    while (i < s->count && (s->row[i].whose != whose || !is_same(s->row[i].proof, proof)))
        i++;
    if (i == SPARED_ROWS)
        return; /* there are not so many proofs */
    if (i == s->count)
        s->row[s->count++] = (struct spared_row){.whose = whose, .proof = proof};
    s->row[i].count++;
}

static void
line(ndr_buffer *out, const char *before, const char *name, uint64_t count)
{
    char text[64];
    number n;
    (void)snprintf(text, sizeof text, "%s%s", before, name);
    ndr_buffer_printf(out, "%-34s%13s\n", text, text_count(n, count));
}

void
spared_table(const spared *s, bool dry_run, ndr_buffer *out)
{
    static const enum ndr_whose order[] = {NDR_WHOSE_OURS, NDR_WHOSE_FORWARDED,
                                           NDR_WHOSE_FORGED, NDR_WHOSE_UNKNOWN};
    for (size_t k = 0; k < sizeof order / sizeof order[0]; k++) {
        uint64_t all = 0;
        for (size_t i = 0; i < s->count; i++)
            all += s->row[i].whose == order[k] ? s->row[i].count : 0;
        if (all == 0)
            continue;
        line(out, dry_run ? "would be kept: " : "kept: ", ndr_whose_name(order[k]), all);
        for (size_t i = 0; i < s->count; i++)
            if (s->row[i].whose == order[k] && s->row[i].proof != NULL)
                line(out, "  by ", s->row[i].proof, s->row[i].count);
    }
}

void
spared_json(const spared *s, ndr_buffer *out)
{
    if (s->count == 0)
        return;
    json_begin(out, "spared", '[');
    for (size_t i = 0; i < s->count; i++) {
        const struct spared_row *r = &s->row[i];
        json_begin(out, NULL, '{');
        json_put_word(out, "whose", ndr_whose_name(r->whose));
        json_put_word(out, "proof", r->proof);
        json_put_count(out, "bounces", r->count);
        json_end(out, '}');
    }
    json_end(out, ']');
}
