/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE /* mkdtemp, setenv */
#include "windows/auto_wishes.h"

#include "harness.h"
#include "ndrscan_rules.h"
#include "windows/auto_ready.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64], wishes[128], ready[128], past[128];

static void
begin(void)
{
    strcpy(folder, "/tmp/ndr-wishes-XXXXXX");
    assert_non_null(mkdtemp(folder));
    (void)snprintf(wishes, sizeof wishes, "%s/" AUTO_WISHES_FILE, folder);
    (void)snprintf(ready, sizeof ready, "%s/" AUTO_READY_FILE, folder);
    (void)snprintf(past, sizeof past, "%s/history.jsonl", folder);
}

static void
end(void)
{
    char lock[128];
    (void)snprintf(lock, sizeof lock, "%s/" NDR_WINDOWS_LOCK_FILE, folder);
    (void)unlink(lock);
    (void)unlink(wishes);
    (void)unlink(ready);
    (void)unlink(past);
    assert_int_equal(rmdir(folder), 0); /* nothing was left beside */
}

static void
put_text(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

/* "domain take person; …", in order. */
static void
same(const char *want)
{
    auto_wishes all;
    char got[400] = "";
    size_t at = 0;
    assert_int_equal(auto_wishes_load(folder, &all, NULL), 0);
    for (size_t i = 0; i < all.count; i++) {
        at += (size_t)snprintf(got + at, sizeof got - at, "%s %s %s;", all.row[i].domain,
                               ndr_take_name(all.row[i].take), all.row[i].person);
        assert_ptr_equal(auto_wishes_find(&all, all.row[i].domain), &all.row[i]);
    }
    assert_null(auto_wishes_find(&all, "z.example"));
    assert_string_equal(got, want);
    auto_wishes_free(&all);
}

static history
by_whom(void)
{
    history h = {.note = "", .now = 1000, .part_bytes = 1 << 20};
    (void)snprintf(h.path, sizeof h.path, "%s", past);
    (void)snprintf(h.who, sizeof h.who, "test");
    return h;
}

static int
put(const char *domain, enum ndr_take take, const char *person, bool on, ndr_error *err)
{
    auto_wish w = {.take = take, .at = 1000};
    history h = by_whom();
    h.person = person;
    (void)snprintf(w.domain, sizeof w.domain, "%s", domain);
    (void)snprintf(w.person, sizeof w.person, "%s", person);
    return auto_wishes_put(folder, &w, on, &h, 0, err);
}

static void
count_lines(size_t want)
{
    size_t n = 0;
    FILE *f = fopen(past, "r");
    for (int c; f != NULL && (c = getc(f)) != EOF;)
        n += c == '\n';
    if (f != NULL)
        (void)fclose(f);
    assert_int_equal(n, want);
}

static void
put_test(void **state)
{
    (void)state;
    begin();
    same("");
    assert_int_equal(put("b.example", NDR_TAKE_NOT_OURS, "ann", true, NULL), 0);
    assert_int_equal(put("a.example", NDR_TAKE_FORGED, "", true, NULL), 0);
    same("a.example forged ;b.example all-but-ours ann;");
    count_lines(2);
    assert_int_equal(put("b.example", NDR_TAKE_NOT_OURS, "ann", true, NULL), 0);
    count_lines(2); /* it was so */
    assert_int_equal(put("b.example", NDR_TAKE_NOT_OURS, "bob", true, NULL), 0);
    same("a.example forged ;b.example all-but-ours bob;");
    assert_int_equal(put("c.example", NDR_TAKE_NOT_OURS, "bob", false, NULL), 0);
    count_lines(3);
    assert_int_equal(put("a.example", NDR_TAKE_NOT_OURS, "ann", false, NULL), 0);
    same("b.example all-but-ours bob;");
    count_lines(4);
    end();
}

static void
history_test(void **state)
{
    (void)state;
    ndr_error err = {0};
    begin();
    assert_int_equal(put("a.example", NDR_TAKE_NOT_OURS, "ann", true, NULL), 0);
    assert_int_equal(unlink(past), 0);
    assert_int_equal(mkdir(past, 0700), 0); /* no line can be put there */
    assert_int_not_equal(put("a.example", NDR_TAKE_NOT_OURS, "ann", false, &err), 0);
    assert_non_null(strstr(err.text, "nothing was changed"));
    same("a.example all-but-ours ann;");
    assert_int_equal(rmdir(past), 0);
    end();
}

typedef struct bad_row {
    const char *why, *text;
    int code;
} bad_row;
#define ROW(more) "{\"version\":1,\"wishes\":[{" more "}]}"
static const bad_row bad_rows[] = {
    {"no JSON", "{", NDR_E_DAMAGED},
    {"another list", "{\"version\":1,\"windows\":[]}", NDR_E_DAMAGED},
    {"a newer version", "{\"version\":2,\"wishes\":[]}", NDR_E_LIMIT},
    {"without a domain", ROW("\"take\":\"forged\",\"at\":1"), NDR_E_DAMAGED},
    {"a domain in another form",
     ROW("\"domain\":\"A.example\",\"take\":\"forged\",\"at\":1"), NDR_E_DAMAGED},
    {"all, ours too", ROW("\"domain\":\"a.example\",\"take\":\"all\",\"at\":1"),
     NDR_E_DAMAGED},
    {"without saying what it takes", ROW("\"domain\":\"a.example\",\"at\":1"),
     NDR_E_DAMAGED},
    {"an empty person is not the operator",
     ROW("\"domain\":\"a.example\",\"take\":\"forged\",\"person\":\"\",\"at\":1"),
     NDR_E_DAMAGED},
    {"a person that nobody can be",
     ROW("\"domain\":\"a.example\",\"take\":\"forged\",\"person\":7,\"at\":1"),
     NDR_E_DAMAGED},
    {"a domain twice",
     ROW("\"domain\":\"a.example\",\"take\":\"forged\",\"at\":1},"
         "{\"domain\":\"a.example\",\"take\":\"forged\",\"at\":2"),
     NDR_E_DAMAGED},
};

static void
bad_test(void **state)
{
    const bad_row *row = *state;
    auto_wishes all;
    ndr_error err = {0};
    begin();
    put_text(wishes, row->text);
    assert_int_equal(auto_wishes_load(folder, &all, &err), row->code);
    assert_non_null(strstr(err.text, AUTO_WISHES_FILE));
    assert_int_equal(put("b.example", NDR_TAKE_FORGED, "ann", true, NULL), row->code);
    count_lines(0); /* and nothing is written over it */
    end();
}

typedef struct counts_row {
    const char *why, *domain, *person;
    bool counts;
} counts_row;
static const counts_row counts_rows[] = {
    {"the operator's counts", "x.example", "", true},
    {"a person's, for a domain of theirs", "a.example", "ann", true},
    {"also where they have what is below", "deep.b.example", "bob", true},
    {"not for another's", "b.example", "ann", false},
    {"not of who may only look", "a.example", "eve", false},
    {"not of who is not there any more", "a.example", "zoe", false},
};

static void
counts_test(void **state)
{
    static const char text[] =
        "admins:\n"
        "- {name: ann, domains: [a.example], role: switch, proxy: a}\n"
        "- {name: bob, domains: ['*.b.example'], role: operate, proxy: b}\n"
        "- {name: eve, domains: [a.example], role: look, proxy: c}\n";
    const counts_row *row = *state;
    ndr_admins *people = NULL;
    auto_wish w = {.take = NDR_TAKE_NOT_OURS};
    assert_int_equal(ndr_admins_parse("x", ndr_slice_of(text), &people, NULL), 0);
    (void)snprintf(w.domain, sizeof w.domain, "%s", row->domain);
    (void)snprintf(w.person, sizeof w.person, "%s", row->person);
    assert_int_equal(auto_wish_counts(&w, people), row->counts);
    assert_int_equal(auto_wish_counts(&w, NULL), row->person[0] == '\0');
    ndr_admins_free(people);
}

/* ---- what the watcher tells the page -------------------------------------------------
 */

static void
ready_test(void **state)
{
    (void)state;
    auto_ready r = {.dry = true, .people = true}, got;
    bool there;
    begin();
    assert_int_equal(auto_ready_load(folder, 1000, &got, &there, NULL), 0);
    assert_false(there);
    auto_ready_add(&r, "b.example")->list = AUTO_BY_LIST;
    auto_ready_add(&r, "a.example")->known = true;
    auto_ready_domain *b = auto_ready_add(&r, "b.example"); /* the identity's */
    b->known = b->all_mail = true;
    auto_ready_add(&r, "c.example")->list = AUTO_NEVER;
    auto_ready_domain *e = auto_ready_add(&r, "e.example");
    e->list = AUTO_BY_LIST;
    e->take = NDR_TAKE_FORGED;
    auto_ready_add(&r, "e.example")->known = true;
    uint64_t print = 0;
    struct stat st, again;
    assert_int_equal(auto_ready_save(folder, &r, 500, &print, NULL), 0);
    assert_int_equal(stat(folder, &st), 0);
    assert_int_equal(auto_ready_save(folder, &r, 1000, &print, NULL), 0);
    assert_int_equal(stat(folder, &again), 0); /* windows did not change */
    assert_int_equal(st.st_mtim.tv_sec, again.st_mtim.tv_sec);
    assert_int_equal(st.st_mtim.tv_nsec, again.st_mtim.tv_nsec);
    auto_ready_free(&r);
    assert_int_equal(auto_ready_load(folder, 1000 + AUTO_READY_S - 1, &got, &there, NULL),
                     0);
    assert_true(there && got.dry && got.people && got.count == 4);
    const auto_ready_domain *d = auto_ready_find(&got, "b.example");
    assert_true(d != NULL && d->known && d->all_mail && d->list == AUTO_BY_LIST &&
                d->take == NDR_TAKE_NOT_OURS);
    d = auto_ready_find(&got, "e.example");
    assert_true(d->known && d->list == AUTO_BY_LIST && d->take == NDR_TAKE_FORGED);
    d = auto_ready_find(&got, "a.example");
    assert_true(d != NULL && d->known && !d->all_mail && d->list == AUTO_BY_WISH);
    assert_true(auto_ready_find(&got, "c.example")->list == AUTO_NEVER);
    assert_null(auto_ready_find(&got, "d.example"));
    auto_ready_free(&got);
    for (int64_t now = 1000 - AUTO_READY_S; now < 3000; now += 2 * AUTO_READY_S) {
        assert_int_equal(auto_ready_load(folder, now, &got, &there, NULL), 0);
        assert_false(there); /* of long ago, or of a clock that was set */
        auto_ready_free(&got);
    }
    put_text(ready, "[]");
    assert_int_equal(auto_ready_load(folder, 1000, &got, &there, NULL), NDR_E_DAMAGED);
    assert_false(there);
    end();
}

int
main(void)
{
    add_test("wishes are put in and taken out, each with its line of history", put_test);
    add_test("without a line of history nothing is changed", history_test);
    ADD_ROWS(bad_rows, bad_test);
    ADD_ROWS(counts_rows, counts_test);
    add_test("a watcher that looks says which windows could open themselves", ready_test);
    return run_added("auto_wishes");
}
