/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mover_turns.c - whose turn is it, where many ask?
 *
 * The journal lets one run move mail at a time. Who asks for a hundred things waits for
 * all of them; who asks for one waits for one of each of the others.
 */
#include "mover_packet.h"

#include <string.h>

enum { PREVIEWS = 2, PERSON_WAITING = 4, OPERATOR_WAITING = 16, PERSON_QUICK = 4 };

static bool
same_person(const mover_order *a, const mover_order *b)
{
    return strcmp(a->person, b->person) == 0;
}

static bool
moves(const mover_order *o)
{
    return o->what == MOVER_APPLY || o->what == MOVER_UNDO;
}

/* Does somebody's page wait for it? */
static bool
is_quick(const mover_order *o)
{
    return !moves(o) && o->what != MOVER_PREVIEW;
}

/* What goes over mail, what reads the journal and what changes windows are counted apart:
 * many of one keep nobody from another. */
static int
kind(const mover_order *o)
{
    return !is_quick(o) ? 0 : o->what == MOVER_RUNS ? 1 : 2;
}

int
mover_turns_add(mover_turns *t, mover_order *o)
{
    const size_t most = o->person[0] == '\0' ? OPERATOR_WAITING : PERSON_WAITING;
    size_t theirs = 0;
    int place = -1;
    for (int i = 0; i < TURNS_WAITING; i++) {
        if (t->waiting[i].order == NULL)
            place = place < 0 ? i : place;
        else
            theirs += same_person(t->waiting[i].order, o) &&
                      kind(t->waiting[i].order) == kind(o);
    }
    if (place < 0 || theirs >= most)
        return -1;
    t->waiting[place] = (mover_turn){o, ++t->last};
    return place;
}

/* May it run beside what runs? */
static bool
may_begin(const mover_turns *t, const mover_order *o)
{
    size_t running = 0, previews = 0, quick = 0;
    for (int i = 0; i < TURNS_RUNNING; i++) {
        const mover_order *r = t->running[i].order;
        if (r == NULL)
            continue;
        running++;
        if (moves(o) && moves(r))
            return false;
        previews += r->what == MOVER_PREVIEW;
        if (o->what == MOVER_PREVIEW && r->what == MOVER_PREVIEW && same_person(o, r))
            return false;
        quick += kind(r) == kind(o) && same_person(o, r);
    }
    if (is_quick(o) && quick >= PERSON_QUICK) /* leave room for the others */
        return false;
    return running < TURNS_RUNNING && (o->what != MOVER_PREVIEW || previews < PREVIEWS);
}

static uint64_t
served_at(const mover_turns *t, const mover_order *o)
{
    for (int i = 0; i < TURNS_SERVED; i++)
        if (t->served[i].at > 0 && strcmp(t->served[i].person, o->person) == 0)
            return t->served[i].at;
    return 0;
}

int
mover_turns_next(const mover_turns *t)
{
    int best = -1;
    uint64_t served = 0;
    for (int i = 0; i < TURNS_WAITING; i++) {
        const mover_turn *w = &t->waiting[i];
        if (w->order == NULL || !may_begin(t, w->order))
            continue;
        if (is_quick(w->order))
            return i;
        const uint64_t at = served_at(t, w->order);
        if (best < 0 || at < served ||
            (at == served && w->number < t->waiting[best].number)) {
            best = i;
            served = at;
        }
    }
    return best;
}

/* Whoever was served longest ago makes room. */
static void
note_served(mover_turns *t, const mover_order *o)
{
    int place = 0;
    for (int i = 0; i < TURNS_SERVED; i++) {
        if (t->served[i].at > 0 && strcmp(t->served[i].person, o->person) == 0) {
            place = i;
            break;
        }
        if (t->served[i].at < t->served[place].at)
            place = i;
    }
    memcpy(t->served[place].person, o->person, sizeof o->person);
    t->served[place].at = ++t->began;
}

int
mover_turns_begin(mover_turns *t, int at)
{
    int place = 0;
    while (t->running[place].order != NULL) /* mover_turns_next knows of room */
        place++;
    t->running[place] = t->waiting[at];
    t->waiting[at] = (mover_turn){0};
    if (!is_quick(t->running[place].order))
        note_served(t, t->running[place].order);
    return place;
}

void
mover_turns_end(mover_turn *turn)
{
    *turn = (mover_turn){0};
}
