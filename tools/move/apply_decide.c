/* SPDX-License-Identifier: BSD-3-Clause */
/* apply_decide.c - is there anything to do about a message, and what? */
#include "apply.h"

#include <string.h>

bool
apply_in_junk(const apply *a, const char *rel)
{
    for (size_t i = 0; i < a->junk.count; i++) {
        const size_t n = strlen(a->junk.at[i]);
        if (strncmp(rel, a->junk.at[i], n) == 0 && rel[n] == '/')
            return true;
    }
    return false;
}

bool
apply_is_planned(const apply *a)
{
    return a->moves.dry_run && a->moves.output == MOVES_JSONL;
}

const ndr_windows *
apply_windows(const apply *a)
{
    return a->setup.window_table != NULL ? ndr_window_table_rows(a->setup.window_table)
                                         : NULL;
}

/* Whether a window of a table, or NULL, is about this domain, at whatever time. */
static bool
has_domain(const ndr_window_table *table, ndr_slice domain)
{
    const ndr_windows *w = table != NULL ? ndr_window_table_rows(table) : NULL;
    for (size_t i = 0; w != NULL && i < w->count; i++)
        if (ndr_window_is_for(&w->row[i], domain))
            return true;
    return false;
}

static bool
is_watched(const apply *a, ndr_slice domain)
{
    return has_domain(a->setup.window_table, domain) || has_domain(a->tried, domain);
}

/* The undo whose decision keeps a message where it is; NULL: none does. */
static const ndr_journal_run *
undo_of(const apply *a, const char *rel, const ndr_verdict *v)
{
    const ndr_journal_run *undo =
        a->put_back.count > 0 ? put_back_by(&a->put_back, rel) : NULL;
    /* of a record, no window need cover it now */
    return undo != NULL &&
                   (v->window == NULL || ndr_journal_stands(a->moves.journal, undo,
                                                            apply_windows(a), v->window))
               ? undo
               : NULL;
}

/* Where the text begins in the batch's bytes. */
static size_t
add_text(ndr_buffer *out, ndr_slice text)
{
    const size_t at = out->len;
    ndr_buffer_add(out, text);
    ndr_buffer_byte(out, '\0');
    return at;
}

/* The verdict that counts, `v` or, in *ret_tried, what --try makes of it; and the undo
 * that keeps the message, or NULL. */
static const ndr_verdict *
choose_verdict(const apply *a, const char *rel, const ndr_verdict *v,
               ndr_verdict *ret_tried, const ndr_journal_run **ret_undo)
{
    *ret_undo = undo_of(a, rel, v);
    if (a->tried == NULL)
        return v;
    *ret_tried = *v;
    /* what stays by now may be for a window of --try, also when an undo keeps it */
    if (v->decision == NDR_KEEP || (v->decision == NDR_JUNK && *ret_undo != NULL))
        ndr_decide(ret_tried, ndr_window_table_rows(a->tried));
    if (ret_tried->decision == NDR_JUNK && ret_tried->window != v->window) {
        *ret_undo = undo_of(a, rel, ret_tried);
        return ret_tried;
    }
    return v->decision == NDR_KEEP && ret_tried->spared != NULL ? ret_tried : v;
}

int
apply_render(const ndr_sink *s, ndr_batch *b, const ndr_message *m,
             const ndr_verdict *verdict, ndr_error *err)
{
    const apply *a = (const apply *)s;
    const char *rel = strlen(m->source) > a->prefix ? m->source + a->prefix : "";
    ndr_verdict tried;
    const ndr_journal_run *undo;
    if (!only_verdict(&a->moves.only, verdict))
        return 0;
    const bool counted = a->moves.only.count > 0 && verdict->rule != NULL;
    const ndr_verdict *v = choose_verdict(a, rel, verdict, &tried, &undo);
    const bool planned =
        apply_is_planned(a) && v->decision == NDR_KEEP && is_watched(a, v->domain);
    const bool stays = v->spared != NULL && v->evidence != NULL;
    /* who asks about windows of --try is told what stays under those, not under others */
    const bool spares =
        stays && !apply_in_junk(a, rel) && (a->tried == NULL || v == &tried);
    const bool weak = stays && ndr_evidence_is_weak(v->evidence);
    if (v->decision != NDR_JUNK && a->verdicts == NULL && !apply_in_junk(a, rel) &&
        !planned && !stays && !counted)
        return 0;
    apply_record *r = ndr_batch_record(b, sizeof *r);
    if (r == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a verdict");
    r->decision = v->decision;
    r->tried = v == &tried && v->decision == NDR_JUNK;
    r->planned = planned;
    r->spared = spares;
    r->weak = weak;
    r->whose = spares ? v->evidence->whose : NDR_WHOSE_UNKNOWN;
    r->proof = spares && v->evidence->decisive >= 0
                   ? v->evidence->proof[v->evidence->decisive].name
                   : NULL;
    r->damaged = (v->flags & NDR_MSG_DAMAGED) != 0;
    r->whole_file = m->index == 0 && m->member == NULL;
    r->bounce = counted;
    r->agreed = only_agreed(v);
    r->undo = undo;
    r->length = m->length;
    r->rel = add_text(&b->out, ndr_slice_of(rel));
    r->id = add_text(&b->out, v->message_id);
    r->id_bytes = v->message_id.len;
    r->to = add_text(&b->out, v->recipient);
    r->domain = add_text(&b->out, v->domain);
    r->why = b->out.len;
    ndr_verdict_reason(v, &b->out);
    ndr_buffer_byte(&b->out, '\0');
    return b->out.failed ? ndr_fail(err, NDR_E_NOMEM, "no memory for a verdict") : 0;
}
