/* SPDX-License-Identifier: BSD-3-Clause */
/* put_back.c - which messages of a Maildir did an undo put back, to stay? */
#include "put_back.h"

#include <stdlib.h>
#include <string.h>

static const char *
name_of(const char *rel)
{
    const char *slash = strrchr(rel, '/');
    return slash != NULL ? slash + 1 : rel;
}

/* The base is what no reader changes: up to the flags. */
static int
compare_bases(const char *a, const char *b)
{
    const size_t n = strcspn(a, ":"), k = strcspn(b, ":");
    const int order = memcmp(a, b, n < k ? n : k);
    return order != 0 ? order : (n > k) - (n < k);
}

static int
by_message(const void *a, const void *b)
{
    const put_back_row *x = a, *y = b;
    int order = strcmp(x->tree, y->tree);
    if (order == 0)
        order = compare_bases(x->name, y->name);
    if (order == 0)
        order =
            (x->run->sequence > y->run->sequence) - (x->run->sequence < y->run->sequence);
    return order != 0 ? order : (x->number > y->number) - (x->number < y->number);
}

/* Whether the move says where a message has been since some undo. */
static bool
tells(const ndr_move *m)
{
    return m->state == NDR_MOVE_DONE || m->state == NDR_MOVE_OPEN;
}

/* The first run that put something back by the operator's decision. */
static size_t
first_deciding(const ndr_journal_run *run, size_t runs)
{
    for (size_t i = 0; i < runs; i++)
        for (size_t k = 0; run[i].decides && k < run[i].move_count; k++)
            if (run[i].move[k].kind == NDR_MOVE_BACK && tells(&run[i].move[k]))
                return i;
    return runs;
}

/* What happened last to each message; only what stays is kept. */
static void
keep_last(put_back *p)
{
    size_t kept = 0;
    for (size_t i = 0; i < p->count; i++) {
        const put_back_row *row = &p->all[i], *next = row + 1;
        const bool last = i + 1 == p->count || strcmp(row->tree, next->tree) != 0 ||
                          compare_bases(row->name, next->name) != 0;
        if (last && row->stays)
            p->all[kept++] = *row;
    }
    p->count = kept;
}

int
put_back_begin(put_back *p, ndr_journal *journal, ndr_error *err)
{
    size_t runs = 0, count = 0;
    const ndr_journal_run *run = ndr_journal_runs(journal, &runs);
    const size_t first = first_deciding(run, runs);
    *p = (put_back){0};
    for (size_t i = first; i < runs; i++)
        count += run[i].move_count;
    if (count == 0)
        return 0;
    p->all = calloc(count, sizeof *p->all);
    if (p->all == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for the journal");
    for (size_t i = first; i < runs; i++)
        for (size_t k = 0; k < run[i].move_count; k++) {
            const ndr_move *m = &run[i].move[k];
            const bool back = m->kind == NDR_MOVE_BACK;
            if (tells(m)) /* by the name that it has at home */
                p->all[p->count++] =
                    (put_back_row){run[i].tree[m->tree], name_of(back ? m->to : m->from),
                                   &run[i], m->number, back && run[i].decides};
        }
    if (p->count > 1)
        qsort(p->all, p->count, sizeof *p->all, by_message);
    keep_last(p);
    return 0;
}

void
put_back_in(put_back *p, const char *full)
{
    size_t low = 0, high = p->count;
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        if (strcmp(p->all[mid].tree, full) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    p->from = p->to = low;
    while (p->to < p->count && strcmp(p->all[p->to].tree, full) == 0)
        p->to++;
}

const ndr_journal_run *
put_back_by(const put_back *p, const char *rel)
{
    const char *name = name_of(rel);
    size_t low = p->from, high = p->to;
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        const int order = compare_bases(p->all[mid].name, name);
        if (order == 0)
            return p->all[mid].run;
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

void
put_back_free(put_back *p)
{
    free(p->all);
    *p = (put_back){0};
}
