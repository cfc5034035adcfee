/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "mover_packet.h"

#include <stdio.h>

/*
 * Who asks for what, in turn: "alice:apply"; "end" ends what runs longest; "go" begins
 * all that may. What begins is written down.
 */
typedef struct turn_row {
    const char *why, *script, *want;
} turn_row;

static const turn_row rows[] = {
    {"one moves at a time", "a:apply b:undo go", "a:apply"},
    {"the next begins when it ends", "a:apply b:undo go end go", "a:apply b:undo"},
    {"who asks for one thing waits for one thing of another's",
     "a:apply a:undo a:apply go b:apply end go end go end go",
     "a:apply b:apply a:undo a:apply"},
    {"who was served waits for who was not",
     "a:apply go b:apply a:apply c:apply end go end go end go",
     "a:apply b:apply c:apply a:apply"},
    {"two previews at a time, of two people", "a:preview b:preview c:preview go",
     "a:preview b:preview"},
    {"a person has one preview at a time", "a:preview a:preview b:preview go",
     "a:preview b:preview"},
    {"a preview runs beside what moves", "a:apply b:preview go", "a:apply b:preview"},
    {"lists of runs do not wait", "a:apply b:preview c:preview go d:runs d:runs go",
     "a:apply b:preview c:preview d:runs d:runs"},
    {"nor does who flips a switch wait for mail",
     "a:apply b:apply go b:block a:unblock c:settle go",
     "a:apply b:block a:unblock c:settle"},
    {"whose page waits has four at once, and leaves room for the others",
     "a:runs a:runs a:block go a:runs a:runs a:runs b:runs go end go",
     "a:runs a:runs a:block a:runs a:runs b:runs a:runs"},
    {"a person has four waiting, and no more",
     "a:apply a:apply a:apply a:apply a:apply go", "no a:apply"},
    {"which takes no place of another's",
     "a:apply a:apply a:apply a:apply a:apply b:apply go end go", "no a:apply b:apply"},
    {"their own previews keep nobody from ending a window",
     "a:preview go a:preview a:preview a:preview a:preview a:preview a:unblock a:runs go",
     "a:previewno a:unblock a:runs"},
    {"nor lists of runs, which wait for a slow journal",
     "a:runs a:runs a:runs a:runs go a:runs a:runs a:runs a:runs a:runs a:block go",
     "a:runs a:runs a:runs a:runsno a:block"},
};

static const char *const what[MOVER_WHATS] = {"preview", "apply",   "undo",
                                              "runs",    "block",   "unblock",
                                              "settle",  "auto_on", "auto_off"};

static mover_order *
order_of(const char *text)
{
    mover_order *o = calloc(1, sizeof *o);
    char verb[16];
    if (o == NULL || sscanf(text, "%8[^:]:%15s", o->person, verb) != 2)
        abort();
    for (int i = 0; i < MOVER_WHATS; i++)
        if (strcmp(what[i], verb) == 0)
            o->what = (enum mover_what)i;
    return o;
}

static void
begin_all(mover_turns *t, ndr_buffer *said)
{
    int at;
    while ((at = mover_turns_next(t)) >= 0) {
        const mover_order *o = t->waiting[at].order;
        ndr_buffer_printf(said, "%s%s:%s", said->len > 0 ? " " : "", o->person,
                          what[o->what]);
        (void)mover_turns_begin(t, at);
    }
}

static void
end_one(mover_turns *t)
{
    mover_turn *oldest = NULL;
    for (int i = 0; i < TURNS_RUNNING; i++)
        if (t->running[i].order != NULL &&
            (oldest == NULL || t->running[i].number < oldest->number))
            oldest = &t->running[i];
    assert_non_null(oldest);
    free(oldest->order);
    mover_turns_end(oldest);
}

static void
turn_test(void **state)
{
    const turn_row *row = *state;
    static mover_turns t;
    char script[256];
    ndr_buffer said = {0};
    t = (mover_turns){0};
    (void)snprintf(script, sizeof script, "%s", row->script);
    for (char *word = strtok(script, " "); word != NULL; word = strtok(NULL, " ")) {
        if (strcmp(word, "go") == 0) {
            begin_all(&t, &said);
        } else if (strcmp(word, "end") == 0) {
            end_one(&t);
        } else {
            mover_order *o = order_of(word);
            if (mover_turns_add(&t, o) < 0) {
                ndr_buffer_text(&said, "no");
                free(o);
            }
        }
    }
    ndr_buffer_byte(&said, '\0');
    assert_string_equal(said.ptr, row->want);
    ndr_buffer_free(&said);
    for (int i = 0; i < TURNS_WAITING; i++)
        free(t.waiting[i].order);
    for (int i = 0; i < TURNS_RUNNING; i++)
        free(t.running[i].order);
}

/* However many ask, each of them gets a turn in as many turns as there are people. */
static void
fair_test(void **state)
{
    static mover_turns t;
    unsigned turns[5] = {0};
    ndr_buffer said = {0};
    (void)state;
    t = (mover_turns){0};
    for (int round = 0; round < 100; round++) {
        for (int p = 0; p < 5; p++)
            for (int k = 0; k < 4; k++) { /* all but the last one ask whenever they can */
                char text[16];
                (void)snprintf(text, sizeof text, "%c:apply", 'a' + p);
                if (p == 4 && k > 0)
                    continue;
                mover_order *o = order_of(text);
                if (mover_turns_add(&t, o) < 0)
                    free(o);
            }
        ndr_buffer_clear(&said);
        begin_all(&t, &said);
        turns[said.ptr[0] - 'a']++;
        end_one(&t);
    }
    for (int p = 0; p < 5; p++)
        assert_int_equal(turns[p], 20);
    ndr_buffer_free(&said);
    for (int i = 0; i < TURNS_WAITING; i++)
        free(t.waiting[i].order);
}

int
main(void)
{
    ADD_ROWS(rows, turn_test);
    add_test("everybody has as many turns, however often they ask", fair_test);
    return run_added("mover_turns");
}
