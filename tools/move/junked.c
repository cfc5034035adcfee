/* SPDX-License-Identifier: BSD-3-Clause */
/* junked.c - which messages in a Maildir's Junk folder did ndrscan put there? */
#include "junked.h"

#include <stdlib.h>
#include <string.h>

static int
no_memory(ndr_error *err)
{
    return ndr_fail(err, NDR_E_NOMEM, "no memory for the journal");
}

static int
by_tree(const void *a, const void *b)
{
    const struct junked_move *x = a, *y = b;
    const int order = strcmp(x->tree, y->tree);
    if (order != 0)
        return order;
    if (x->run->sequence != y->run->sequence)
        return x->run->sequence < y->run->sequence ? -1 : 1;
    return x->move->number < y->move->number ? -1 : x->move->number > y->move->number;
}

static int
by_rel(const void *a, const void *b)
{
    return strcmp(((const junked_row *)a)->rel, ((const junked_row *)b)->rel);
}

static int
by_key(const void *key, const void *row)
{
    return strcmp(key, ((const junked_row *)row)->rel);
}

static bool
stands(const ndr_move *m)
{
    return m->kind == NDR_MOVE_OUT && !m->reversed &&
           (m->state == NDR_MOVE_DONE || m->state == NDR_MOVE_GONE);
}

int
junked_begin(junked *j, ndr_journal *journal, ndr_error *err)
{
    size_t runs = 0, count = 0;
    ndr_journal_run *run = ndr_journal_runs(journal, &runs);
    *j = (junked){0};
    for (size_t i = 0; i < runs; i++)
        for (size_t k = 0; k < run[i].move_count; k++)
            count += stands(&run[i].move[k]);
    if (count == 0)
        return 0;
    j->all = calloc(count, sizeof *j->all);
    if (j->all == NULL)
        return no_memory(err);
    for (size_t i = 0; i < runs; i++)
        for (size_t k = 0; k < run[i].move_count; k++) {
            ndr_move *m = &run[i].move[k];
            if (stands(m))
                j->all[j->all_count++] =
                    (struct junked_move){run[i].tree[m->tree], &run[i], m};
        }
    qsort(j->all, j->all_count, sizeof *j->all, by_tree);
    return 0;
}

int
junked_find(junked *j, ndr_mover *m, const char *full, ndr_error *err)
{
    size_t low = 0, high = j->all_count;
    j->count = 0;
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        if (strcmp(j->all[mid].tree, full) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    for (; low < j->all_count && strcmp(j->all[low].tree, full) == 0; low++) {
        const struct junked_move *at = &j->all[low];
        if (j->count == j->cap) {
            const size_t cap = j->cap > 0 ? j->cap * 2 : 64;
            junked_row *more = realloc(j->row, cap * sizeof *more);
            if (more == NULL)
                return no_memory(err);
            j->row = more;
            j->cap = cap;
        }
        junked_row *row = &j->row[j->count];
        const int found = ndr_mover_find(m, at->run, at->move, row->rel, err);
        if (found < 0)
            return found;
        if (found == 0)
            continue; /* deleted, or moved on by its reader: not ours any more */
        row->run = at->run;
        row->move = at->move;
        j->count++;
    }
    if (j->count > 1)
        qsort(j->row, j->count, sizeof *j->row, by_rel);
    return 0;
}

const junked_row *
junked_at(const junked *j, const char *rel)
{
    return j->count > 0 ? bsearch(rel, j->row, j->count, sizeof *j->row, by_key) : NULL;
}

void
junked_free(junked *j)
{
    free(j->all);
    free(j->row);
    *j = (junked){0};
}
