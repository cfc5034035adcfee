/* SPDX-License-Identifier: BSD-3-Clause */
/* signal_names.c - what does the name of a signal stand for? */
#include "signal_names.h"

#include <stdlib.h>
#include <string.h>

void
ndr_signal_names_free(ndr_signal_names *n)
{
    for (size_t i = 0; i < n->made_count; i++)
        free(n->made[i]);
    free(n->made);
    free(n->row);
    *n = (ndr_signal_names){0};
}

const char *
ndr_signal_fault(const ndr_signal_entry *e)
{
    if (e->in == NULL)
        return "the key 'in' is missing";
    if (e->absent != NULL && !*e->absent)
        return "absent: false says nothing; write a match, or take the signal out";
    if (e->present != NULL && !*e->present)
        return "present: false is written absent: true";
    const int said = (e->match_count > 0) + (e->absent != NULL) + (e->present != NULL);
    if (said > 1)
        return "a signal has one of match, absent and present; make two signals of it";
    if (said == 0)
        return "the signal has no match; write match: 'PATTERN', absent: true or "
               "present: true";
    if (e->match_count == 0 && (e->before != NULL || e->after != NULL))
        return "before and after stand around a match; take them out";
    return NULL;
}

/* One owned pattern more; NULL: no memory. */
static char *
keep(ndr_signal_names *n, char *made)
{
    if (made != NULL && n->made_count == n->made_cap) {
        const size_t cap = n->made_cap == 0 ? 64 : 2 * n->made_cap;
        char **more = realloc(n->made, cap * sizeof *more);
        if (more == NULL) {
            free(made);
            return NULL;
        }
        n->made = more;
        n->made_cap = cap;
    }
    if (made != NULL)
        n->made[n->made_count++] = made;
    return made;
}

bool
ndr_signal_make(ndr_signal_names *n, const ndr_signal_entry *e, ndr_signal_spec *ret)
{
    *ret = (ndr_signal_spec){
        .target = e->in,
        .absent = e->absent != NULL,
        .present = e->present != NULL,
    };
    if (e->match_count == 0)
        return true;
    const bool around = e->before != NULL || e->after != NULL;
    ret->match = e->match[0];
    if (e->match_count == 1 && !around)
        return true;
    ndr_buffer b = {0};
    ndr_buffer_text(&b, e->before != NULL ? e->before : "");
    ndr_buffer_text(&b, around ? "(" : "");
    for (unsigned i = 0; i < e->match_count; i++) {
        ndr_buffer_text(&b, i > 0 ? "|" : "");
        ndr_buffer_text(&b, e->match[i]);
    }
    ndr_buffer_text(&b, around ? ")" : "");
    ndr_buffer_text(&b, e->after != NULL ? e->after : "");
    ndr_buffer_byte(&b, '\0');
    char *made = b.failed ? NULL : keep(n, strdup((const char *)b.ptr));
    ndr_buffer_free(&b);
    ret->match = made;
    return made != NULL;
}

static int
compare_rows(const void *a, const void *b)
{
    const ndr_signal_name *x = a, *y = b;
    const int c = strcmp(x->entry->name, y->entry->name);
    return c != 0 ? c : (x->file > y->file) - (x->file < y->file);
}

void
ndr_signal_names_sort(ndr_signal_names *n)
{
    if (n->count < 2)
        return;
    qsort(n->row, n->count, sizeof *n->row, compare_rows);
    for (size_t i = 1; i < n->count; i++)
        n->row[i - 1].replaced =
            strcmp(n->row[i - 1].entry->name, n->row[i].entry->name) == 0;
}

ndr_signal_name *
ndr_signal_names_find(const ndr_signal_names *n, const char *name)
{
    size_t lo = 0, hi = n->count;
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (strcmp(n->row[mid].entry->name, name) <= 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo == 0 || strcmp(n->row[lo - 1].entry->name, name) != 0)
        return NULL;
    return &n->row[lo - 1];
}
