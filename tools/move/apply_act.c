/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * apply_act.c - what is done about messages, in the order of the input?
 *
 * What is junk goes as it comes. What comes back waits until all of the Maildir is read.
 * What would stay by a weak proof is read once more at the end, when all that leans on
 * that proof was counted.
 */
#include "apply.h"

#include "app/diag.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A message that a window covers, and that stays since it was put back. */
static void
keep_undone(apply *a, const apply_record *r, const char *rel, ndr_move_note note)
{
    char why[160];
    (void)snprintf(why, sizeof why,
                   "put back by undo %s, and no window that covers it is new or wider "
                   "since",
                   r->undo->id);
    note.why = why;
    a->undone++;
    moves_keep(&a->moves, rel, &note);
}

/* Have a message brought back once all is read. */
static int
bring_back(apply *a, const junked_row *row, const ndr_move_note *note, ndr_error *err)
{
    const size_t why = strlen(note->why) + 1;
    const size_t to = note->recipient != NULL ? strlen(note->recipient) + 1 : 0;
    const size_t domain = strlen(note->domain) + 1;
    char *text = malloc(why + to + domain);
    if (text != NULL && a->back_count == a->back_cap) {
        const size_t cap = a->back_cap > 0 ? a->back_cap * 2 : 64;
        struct back *more = realloc(a->back, cap * sizeof *more);
        if (more == NULL) {
            free(text);
            text = NULL;
        } else {
            a->back = more;
            a->back_cap = cap;
        }
    }
    if (text == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory to bring mail back");
    memcpy(text, note->why, why);
    if (to > 0)
        memcpy(text + why, note->recipient, to);
    memcpy(text + why + to, note->domain, domain);
    a->back[a->back_count++] = (struct back){row,
                                             {.why = text,
                                              .verdict = note->verdict,
                                              .recipient = to > 0 ? text + why : NULL,
                                              .domain = text + why + to,
                                              .agreed = note->agreed}};
    return 0;
}

int
apply_bring_back(apply *a, int code, ndr_error *err)
{
    for (size_t i = 0; i < a->back_count; i++) {
        const struct back *b = &a->back[i];
        const int moved = code == 0
                              ? ndr_mover_reverse(a->mover, b->row->run, b->row->move,
                                                  &b->note, false, err)
                              : 0;
        void *text;
        memcpy(&text, &b->note.why, sizeof text); /* const is for whoever reads it */
        free(text);
        if (moved < 0)
            code = moved;
    }
    a->back_count = 0;
    return code;
}

static int
act(apply *a, const apply_record *r, const char *rel, ndr_slice id, ndr_move_note note,
    ndr_error *err)
{
    if (a->verdicts != NULL) {
        switch (verdict_file_match(a->verdicts, a->at->full, rel, id, r->length,
                                   r->whole_file, &note.why)) {
        case KEPT_SAME:
            if (a->several && r->decision != NDR_JUNK)
                return 0; /* the next run would bring it back */
            note.verdict = ndr_decision_name(NDR_JUNK);
            if (r->undo != NULL) {
                keep_undone(a, r, rel, note);
                return 0;
            }
            return ndr_mover_out(a->mover, rel, &note, err);
        case KEPT_OTHER:
            a->moves.left++;
            diag("%s/%s: left: is not the message that was scanned", a->at->shown, rel);
            return 0;
        case KEPT_NONE:
            return 0;
        }
    }
    /* damage hides what else would speak: what breaks off stays until it can be read */
    if (r->damaged || !r->whole_file)
        return 0;
    if (r->weak && !a->last)
        return judge_again_add(&a->weak, (size_t)(a->at - a->maildirs.row), rel)
                   ? 0
                   : ndr_fail(err, NDR_E_NOMEM, "no memory for paths");
    if (r->spared)
        spared_add(&a->spared, r->whose, r->proof);
    if (!apply_in_junk(a, rel)) {
        if (r->decision == NDR_JUNK && r->undo != NULL)
            keep_undone(a, r, rel, note);
        else if (r->decision == NDR_JUNK)
            return ndr_mover_out(a->mover, rel, &note, err);
        else if (r->planned)
            moves_keep(&a->moves, rel, &note);
        return 0;
    }
    const junked_row *j = junked_at(&a->junked, rel);
    if (j == NULL || r->decision == NDR_JUNK || j->move->reversed)
        return 0;
    return bring_back(a, j, &note, err);
}

int
apply_commit(ndr_sink *s, const ndr_batch *b, uint64_t base, ndr_error *err)
{
    apply *a = (apply *)s;
    (void)base;
    const apply_record *r = b->record;
    for (size_t i = 0; i < b->record_count; i++, r++) {
        const char *text = (const char *)b->out.ptr;
        const char *to = text + r->to;
        const ndr_slice id = {b->out.ptr + r->id, r->id_bytes};
        const ndr_move_note note = {.why = text + r->why,
                                    .recipient = to[0] != '\0' ? to : NULL,
                                    .verdict =
                                        r->tried ? "try" : ndr_decision_name(r->decision),
                                    .domain = text + r->domain,
                                    .agreed = r->agreed};
        a->own_bounces += r->bounce && !a->last;
        const int code = act(a, r, text + r->rel, id, note, err);
        if (code != 0)
            return code;
    }
    return 0;
}
