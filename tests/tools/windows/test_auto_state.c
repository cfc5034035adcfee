/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE /* mkdtemp */
#include "windows/auto_state.h"

#include "harness.h"

#include <stdio.h>
#include <unistd.h>

static char folder[64], file[128];

static void
begin(void)
{
    strcpy(folder, "/tmp/ndr-auto-XXXXXX");
    assert_non_null(mkdtemp(folder));
    (void)snprintf(file, sizeof file, "%s/" AUTO_STATE_FILE, folder);
}

static void
end(void)
{
    (void)unlink(file);
    (void)rmdir(folder);
}

static void
keep_test(void **state)
{
    (void)state;
    auto_state s = {0}, got;
    begin();
    assert_int_equal(auto_state_load(folder, &got, NULL), 0); /* none yet */
    assert_int_equal(got.count, 0);
    for (int i = 0; i < 5; i++) {
        auto_window *w = auto_state_add(&s);
        assert_non_null(w);
        (void)snprintf(w->domain, sizeof w->domain, "d%d.example", i);
        w->from = 1000 + i;
        w->opened = 2000 + i;
        w->times = (unsigned)i + 1;
    }
    s.row[1].ended = 3000;
    s.row[1].by_person = true;
    s.row[2].ended = 100; /* of long ago */
    assert_int_equal(auto_state_save(folder, &s, 200000, NULL), 0);
    assert_int_equal(auto_state_load(folder, &got, NULL), 0);
    assert_int_equal(got.count, 3); /* both that ended are over two days old */
    auto_state_free(&got);
    assert_int_equal(auto_state_save(folder, &s, 4000, NULL), 0);
    assert_int_equal(auto_state_load(folder, &got, NULL), 0);
    assert_int_equal(got.count, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(got.row[i].domain, s.row[i].domain);
        assert_true(
            got.row[i].from == s.row[i].from && got.row[i].opened == s.row[i].opened &&
            got.row[i].ended == s.row[i].ended && got.row[i].times == s.row[i].times &&
            got.row[i].by_person == s.row[i].by_person);
    }
    assert_ptr_equal(auto_state_open(&got, NDR_SLICE("d0.example"), NDR_TIME_UNKNOWN),
                     &got.row[0]);
    assert_null(auto_state_open(&got, NDR_SLICE("d0.example"), 999));
    assert_null(auto_state_open(&got, NDR_SLICE("d1.example"), NDR_TIME_UNKNOWN));
    auto_state_free(&got);
    auto_state_free(&s);
    end();
}

/* What is in one, a letter each: the domain, in capitals when it ended; '!' behind it: by
 * a person. */
static void
fill(auto_state *s, const char *text)
{
    *s = (auto_state){0};
    for (; *text != '\0'; text++) {
        if (*text == '!') {
            s->row[s->count - 1].by_person = true;
            continue;
        }
        auto_window *w = auto_state_add(s);
        const bool ended = *text >= 'A' && *text <= 'Z';
        assert_non_null(w);
        w->domain[0] = (char)(ended ? *text - 'A' + 'a' : *text);
        w->from = w->opened = 1000 + w->domain[0];
        w->ended = ended ? 2000 : NDR_TIME_OPEN;
    }
}

static void
check_is(const auto_state *s, const char *text)
{
    auto_state want;
    fill(&want, text);
    assert_int_equal(s->count, want.count);
    for (size_t i = 0; i < want.count; i++) {
        assert_string_equal(s->row[i].domain, want.row[i].domain);
        assert_int_equal(s->row[i].ended, want.row[i].ended);
        assert_int_equal(s->row[i].by_person, want.row[i].by_person);
    }
    auto_state_free(&want);
}

typedef struct follow_row {
    const char *why, *now, *seen;
    bool follows;
    const char *want;
} follow_row;
static const follow_row follow_rows[] = {
    {"nothing happened", "ab", "ab", true, "ab"},
    {"there is none", "", "", true, ""},
    {"one settled meanwhile: it stays ended", "Ab", "ab", true, "Ab"},
    {"an end was noticed", "ab", "A!b", true, "A!b"},
    {"one settled, an end was noticed", "Ab", "aB!", true, "AB!"},
    {"one that ended was forgotten", "b", "Ab", true, "b"},
    {"another machine opened one", "abc", "ab", false, "abc"},
    {"and one was forgotten", "bc", "Ab", false, "bc"},
    {"it ended already", "aC", "A", false, "aC"},
    {"the first", "a", "", false, "a"},
};

static void
follow_test(void **state)
{
    const follow_row *row = *state;
    auto_state now, seen;
    fill(&now, row->now);
    fill(&seen, row->seen);
    assert_int_equal(auto_state_follow(&now, &seen), row->follows);
    check_is(&now, row->want);
    check_is(&seen, row->seen);
    auto_state_free(&now);
    auto_state_free(&seen);
}

static void
forget_test(void **state)
{
    (void)state;
    auto_state s, other;
    fill(&s, "abcde");
    fill(&other, "b");
    assert_true(auto_state_forget(&s, &other.row[0]));
    check_is(&s, "acde");
    assert_false(auto_state_forget(&s, &other.row[0]));
    other.row[0] = s.row[0];
    other.row[0].opened++; /* another of the same domain */
    assert_false(auto_state_forget(&s, &other.row[0]));
    assert_non_null(auto_state_add(&s));
    assert_int_equal(s.count, 5);
    auto_state_free(&s);
    auto_state_free(&other);
}

static void
lock_test(void **state)
{
    (void)state;
    int a, b, c;
    char lock[160];
    ndr_error err = {0};
    begin();
    assert_int_equal(auto_state_lock(folder, true, 0, &a, &err), 0);
    assert_int_equal(a, -1); /* nobody changed anything yet */
    (void)snprintf(lock, sizeof lock, "%s/.ndrscan.lock", folder);
    FILE *f = fopen(lock, "w");
    assert_non_null(f);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(auto_state_lock(folder, false, 0, &a, &err), 0);
    assert_int_equal(auto_state_lock(folder, false, 0, &b, &err), 0);
    assert_true(a >= 0 && b >= 0);
    assert_int_equal(auto_state_lock(folder, true, 30, &c, &err), NDR_E_SYS);
    assert_non_null(strstr(err.text, "another program edits the windows"));
    (void)close(a);
    (void)close(b);
    assert_int_equal(auto_state_lock(folder, true, 0, &c, &err), 0);
    assert_true(c >= 0);
    assert_int_equal(auto_state_lock(folder, false, 0, &a, &err), NDR_E_SYS);
    (void)close(c);
    (void)unlink(lock);
    end();
    assert_int_equal(auto_state_lock(folder, false, 0, &a, &err), 0); /* no folder */
    assert_int_equal(a, -1);
}

typedef struct bad_row {
    const char *why, *text;
    int code;
    const char *words;
} bad_row;
static const bad_row bad_rows[] = {
    {"no JSON", "{\"version\":1,", NDR_E_DAMAGED,
     "it is no JSON of ours; remove it when"},
    {"nothing", "", NDR_E_DAMAGED, "it is no JSON of ours"},
    {"other JSON", "{}", NDR_E_DAMAGED, "it is no list"},
    {"a newer one", "{\"version\":2,\"windows\":[]}", NDR_E_LIMIT,
     "was written by a newer ndrscan (its version is 2, this one knows 1)"},
    {"a window without its time",
     "{\"version\":1,\"windows\":[{\"domain\":\"a.example\",\"from\":1,\"times\":1}]}",
     NDR_E_DAMAGED, "a window in it lacks"},
    {"a wait that would never end",
     "{\"version\":1,\"windows\":[{\"domain\":\"a.example\",\"from\":1,\"opened\":1,"
     "\"times\":9}]}",
     NDR_E_DAMAGED, "a window in it lacks"},
};

static void
bad_test(void **state)
{
    const bad_row *row = *state;
    auto_state s;
    ndr_error err = {0};
    begin();
    FILE *f = fopen(file, "w");
    assert_non_null(f);
    assert_true(fputs(row->text, f) >= 0);
    assert_int_equal(fclose(f), 0);
    const int code = auto_state_load(folder, &s, &err);
    end();
    assert_int_equal(code, row->code);
    assert_non_null(strstr(err.text, row->words));
    assert_non_null(strstr(err.text, AUTO_STATE_FILE));
}

int
main(void)
{
    add_test("what opened itself is kept, and forgotten two days after it ended",
             keep_test);
    add_test("one is taken out, and no other", forget_test);
    add_test("the windows' lock is waited for", lock_test);
    ADD_ROWS(follow_rows, follow_test);
    ADD_ROWS(bad_rows, bad_test);
    return run_added("auto_state");
}
