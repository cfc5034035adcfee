/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE /* mkdtemp */
#include "harness.h"
#include "stats/count_id.h"
#include "stats/counts.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char folder[64], db[96];

static void
begin(void)
{
    strcpy(folder, "/tmp/ndr-counts-XXXXXX");
    assert_non_null(mkdtemp(folder));
    (void)snprintf(db, sizeof db, "%s/s.db", folder);
}

static void
end(void)
{
    (void)unlink(db);
    (void)rmdir(folder);
}

/* One look at one bounce. */
typedef struct look {
    const char *id, *local, *domain;
    int64_t arrived;
    enum ndr_kind kind;
    bool junk;
    const char *header;
} look;

static void
look_at(ndr_counts *c, unsigned worker, const look *l)
{
    const char *header = l->header == NULL ? "" : l->header;
    const size_t n = strlen(header);
    unsigned char *raw = exact_copy(header, n);
    const ndr_message m = {.raw = {raw, n}};
    const ndr_verdict v = {
        .decision = l->kind == NDR_KIND_NONE ? NDR_NONE
                    : l->junk                ? NDR_JUNK
                                             : NDR_KEEP,
        .kind = l->kind,
        .message_id = ndr_slice_of(l->id),
        .local = ndr_slice_of(l->local),
        .domain = ndr_slice_of(l->domain),
        .arrived = l->arrived,
    };
    assert_int_equal(ndr_counts_look(c, worker, &m, &v, NULL), 0);
    free(raw);
}

static void
count(const look *l, size_t n, ndr_counts_added *told)
{
    ndr_counts *c = NULL;
    ndr_error err = {0};
    assert_int_equal(ndr_counts_open(db, 2, &c, &err), 0);
    for (size_t i = 0; i < n; i++)
        look_at(c, (unsigned)(i % 2), &l[i]);
    assert_int_equal(ndr_counts_close(c, told, &err), 0);
}

/* "domain step:bounces/junk …" of all, a line a domain. */
static void
show(unsigned kinds, char *text, size_t size)
{
    ndr_series_list list;
    ndr_error err = {0};
    assert_int_equal(ndr_counts_read(db, -1000000, 1000000, kinds, NULL, &list, &err), 0);
    size_t at = 0;
    text[0] = '\0';
    for (size_t i = 0; i < list.count; i++) {
        at += (size_t)snprintf(text + at, size - at, "%s%s", i > 0 ? "\n" : "",
                               list.series[i].domain);
        for (size_t j = 0; j < list.series[i].count; j++)
            at += (size_t)snprintf(
                text + at, size - at, " %d:%d/%d", (int)list.series[i].row[j].step,
                (int)list.series[i].row[j].bounces, (int)list.series[i].row[j].junk);
    }
    ndr_series_list_clear(&list);
}

#define F NDR_KIND_FAILED
#define D NDR_KIND_DELAYED
typedef struct counts_row {
    const char *why;
    look first[4],
        second[4]; /* up to the first without a domain; second in a later run */
    unsigned kinds;
    const char *want;
} counts_row;
static const counts_row rows[] = {
    {"steps of five minutes, [0, 300)",
     {{"a", "x", "b.example", 0, F, false, NULL},
      {"b", "x", "b.example", 299, F, false, NULL},
      {"c", "x", "b.example", 300, F, true, NULL}},
     {{0}},
     0,
     "b.example 0:2/0 300:1/1"},
    {"times before 1970 too",
     {{"a", "x", "b.example", -1, F, false, NULL}},
     {{0}},
     0,
     "b.example -300:1/0"},
    {"what is no bounce is not counted",
     {{"a", "x", "b.example", 0, NDR_KIND_NONE, false, NULL}},
     {{0}},
     0,
     ""},
    {"a rescan counts nothing twice",
     {{"a", "x", "b.example", 0, F, false, NULL}},
     {{"a", "x", "b.example", 10, F, false, NULL}},
     0,
     "b.example 0:1/0"},
    {"nor does the same mail twice in one run",
     {{"a", "x", "b.example", 0, F, false, NULL},
      {"a", "x", "b.example", 0, F, false, NULL}},
     {{0}},
     0,
     "b.example 0:1/0"},
    {"one message to two recipients is two",
     {{"a", "x", "b.example", 0, F, false, NULL},
      {"a", "y", "b.example", 0, F, false, NULL}},
     {{0}},
     0,
     "b.example 0:2/0"},
    {"a second look corrects verdict and kind",
     {{"a", "x", "b.example", 0, D, false, NULL}},
     {{"a", "x", "b.example", 0, F, true, NULL}},
     0,
     "b.example 0:1/1"},
    {"of some kinds only",
     {{"a", "x", "b.example", 0, D, false, NULL},
      {"b", "x", "b.example", 0, F, true, NULL}},
     {{0}},
     NDR_KIND_BIT(NDR_KIND_DELAYED),
     "b.example 0:1/0"},
    {"domains in order, the unknown one first",
     {{"a", "x", "c.example", 0, F, false, NULL},
      {"b", "x", "b.example", 0, F, false, NULL},
      {"c", "", "", 0, F, false, NULL}},
     {{0}},
     0,
     " 0:1/0\nb.example 0:1/0\nc.example 0:1/0"},
    {"one Message-ID does not make a storm one bounce",
     {{"same", "x", "b.example", 0, F, false, "Received: by mx id 1\nReceived: by evil"},
      {"same", "x", "b.example", 0, F, false, "Received: by mx id 2\nReceived: by evil"},
      {"same", "x", "b.example", 0, F, false, "Received: by mx id 3\nReceived: by evil"}},
     {{0}},
     0,
     "b.example 0:3/0"},
    {"but the same delivery is one, wherever it lies, folded or not",
     {{"same", "x", "b.example", 0, F, false, "Received: by mx id 1;\n today\nX: y"}},
     {{"same", "x", "b.example", 0, F, false,
       "Status: RO\r\nReceived: by mx\r\n\tid 1; today\r\nX: z"}},
     0,
     "b.example 0:1/0"},
    {"also when systems behind the filter that counted it took it on",
     {{"same", "x", "b.example", 0, F, false, "Received: by mx id 1\nReceived: by evil"}},
     {{"same", "x", "b.example", 0, F, true,
       "Received: by lmtp id 8\nReceived: by back id 7\nReceived: by mx id 1\n"
       "Received: by evil"}},
     0,
     "b.example 0:1/1"},
    {"without Received the store's own fields do not matter",
     {{"same", "x", "b.example", 0, F, false, "Subject: x\nX-NDR-Flag: YES\n\nbody"}},
     {{"same", "x", "b.example", 0, F, false, "Return-Path: <>\nSubject: x\n\nbody"}},
     0,
     "b.example 0:1/0"},
    {"without Message-ID the header tells them apart",
     {{"", "x", "b.example", 0, F, false, "Received: by a id 1\nSubject: x\n\nbody"},
      {"", "x", "b.example", 0, F, false, "Received: by a id 2\nSubject: x\n\nbody"}},
     {{0}},
     0,
     "b.example 0:2/0"},
    {"and knows them again after the store's changes",
     {{"", "x", "b.example", 0, F, false,
       "Received: by a\r\n id 1\r\nSubject: x\r\n\r\nbody"}},
     {{"", "x", "b.example", 0, F, false,
       "Status: RO\nX-UID: 7\n 8\nReceived: by a\n id 1\nSubject: x\n\nother"}},
     0,
     "b.example 0:1/0"},
};

static size_t
looks_in(const look *l)
{
    size_t n = 0;
    while (n < 4 && l[n].domain != NULL)
        n++;
    return n;
}

static void
counts_test(void **state)
{
    const counts_row *row = *state;
    char got[1000];
    begin();
    count(row->first, looks_in(row->first), NULL);
    if (looks_in(row->second) > 0)
        count(row->second, looks_in(row->second), NULL);
    show(row->kinds, got, sizeof got);
    end();
    assert_string_equal(got, row->want);
}

static void
told_test(void **state)
{
    (void)state;
    static const look some[] = {
        {"a", "x", "b.example", 0, F, false, NULL},
        {"b", "x", "b.example", 0, F, false, NULL},
        {"c", "x", "b.example", NDR_TIME_UNKNOWN, F, false, NULL}};
    static const look later[] = {{"a", "x", "b.example", 0, F, true, NULL},
                                 {"b", "x", "b.example", 0, F, false, NULL},
                                 {"d", "x", "b.example", 0, F, false, NULL}};
    ndr_counts_added first, second;
    begin();
    count(some, 3, &first);
    count(later, 3, &second);
    end();
    assert_int_equal(first.counted, 2);
    assert_int_equal(first.undated, 1);
    assert_int_equal(second.counted, 1);
    assert_int_equal(second.changed, 1);
    assert_int_equal(second.known, 1);
}

/* Room for 100: the oldest days go, and what is older is counted no more. */
static void
forget_test(void **state)
{
    (void)state;
    ndr_counts *c = NULL;
    ndr_counts_added told;
    char id[16], got[4000];
    begin();
    for (int day = 0; day < 5; day++) {
        assert_int_equal(ndr_counts_open(db, 1, &c, NULL), 0);
        ndr_counts_remember(c, 100);
        for (int i = 0; i < 30; i++) {
            (void)snprintf(id, sizeof id, "%d-%d", day, i);
            look_at(c, 0, &(look){id, "x", "b.example", day * 86400, F, false, NULL});
        }
        assert_int_equal(ndr_counts_close(c, &told, NULL), 0);
        assert_int_equal(told.counted, 30);
    }
    static const look again[] = {{"0-1", "x", "b.example", 0, F, false, NULL},
                                 {"new", "x", "b.example", 100, F, false, NULL},
                                 {"4-1", "x", "b.example", 4 * 86400, F, false, NULL}};
    count(again, 3, &told);
    show(0, got, sizeof got);
    end();
    assert_int_equal(told.old, 2);
    assert_int_equal(told.known, 1);
    assert_int_equal(told.counted, 0);
    assert_string_equal(
        got, "b.example 0:30/0 86400:30/0 172800:30/0 259200:30/0 345600:30/0");
}

typedef struct crowd {
    ndr_counts *c;
    unsigned worker;
} crowd;

static void *
many_looks(void *arg)
{
    const crowd *w = arg;
    char id[16], domain[32];
    for (unsigned i = 0; i < 20000; i++) {
        (void)snprintf(id, sizeof id, "%u", i);
        (void)snprintf(domain, sizeof domain, "d%u.example", i % 7);
        look_at(w->c, w->worker,
                &(look){id, "x", domain, (int64_t)(i % 900), F, false, NULL});
    }
    return NULL;
}

/* Two workers note the very same 20,000 while a third writes. */
static void
threads_test(void **state)
{
    (void)state;
    begin();
    ndr_counts *c = NULL;
    ndr_counts_added told;
    assert_int_equal(ndr_counts_open(db, 2, &c, NULL), 0);
    pthread_t thread[2];
    crowd w[2] = {{c, 0}, {c, 1}};
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, many_looks, &w[i]), 0);
    for (int i = 0; i < 200; i++)
        assert_int_equal(ndr_counts_flush(c, NULL), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_join(thread[i], NULL), 0);
    assert_int_equal(ndr_counts_close(c, &told, NULL), 0);
    end();
    assert_int_equal(told.counted, 20000);
    assert_int_equal(told.known, 20000);
}

static void
mode_test(void **state)
{
    (void)state;
    struct stat st;
    begin();
    count(NULL, 0, NULL);
    assert_int_equal(stat(db, &st), 0);
    end();
    assert_int_equal(st.st_mode & 0777, 0600);
}

/* A file that is there already. */
typedef struct file_row {
    const char *why, *text, *sql;
    int open, read; /* what is answered */
    const char *words;
} file_row;
static const file_row files[] = {
    {"an empty file is made one of counts, and holds nothing", "", NULL, 0, 0, ""},
    {"text is none", "this is a long enough text that is no database at all, is it not? ",
     NULL, NDR_E_DAMAGED, NDR_E_DAMAGED, "file is not a database; move it away"},
    {"another program's is not touched", NULL, "CREATE TABLE t(x)", NDR_E_DAMAGED,
     NDR_E_DAMAGED, "is another program's database"},
    {"a newer version's is not touched", NULL,
     "PRAGMA application_id = 0x6e647273; PRAGMA user_version = 5", NDR_E_LIMIT,
     NDR_E_LIMIT, "was written by a newer ndrscan"},
};

static void
file_test(void **state)
{
    const file_row *row = *state;
    ndr_counts *c = NULL;
    ndr_series_list list = {0};
    ndr_error err = {0}, read_err = {0};
    begin();
    if (row->text != NULL) {
        FILE *f = fopen(db, "w");
        assert_non_null(f);
        assert_true(fputs(row->text, f) >= 0);
        assert_int_equal(fclose(f), 0);
    } else {
        sqlite3 *other = NULL;
        assert_int_equal(sqlite3_open(db, &other), SQLITE_OK);
        assert_int_equal(sqlite3_exec(other, row->sql, NULL, NULL, NULL), SQLITE_OK);
        (void)sqlite3_close(other);
    }
    const int read = ndr_counts_read(db, 0, 1, 0, NULL, &list, &read_err);
    ndr_series_list_clear(&list);
    const int open = ndr_counts_open(db, 1, &c, &err);
    if (open == 0)
        (void)ndr_counts_close(c, NULL, NULL);
    end();
    assert_int_equal(read, row->read);
    assert_int_equal(open, row->open);
    if (strstr(err.text, row->words) == NULL)
        assert_string_equal(err.text, row->words);
}

static void
missing_test(void **state)
{
    (void)state;
    begin();
    ndr_series_list list;
    ndr_error err = {0};
    assert_int_equal(ndr_counts_read(db, 0, 1, 0, NULL, &list, &err), NDR_E_SYS);
    assert_int_equal(err.sys_errno, ENOENT);
    struct stat st;
    assert_int_not_equal(stat(db, &st), 0); /* reading makes nothing */
    end();
}

/* Another program writes: what waits is written when it is done, or the error says so. */
static void
two_writers_test(void **state)
{
    (void)state;
    ndr_counts *a = NULL, *b = NULL;
    char got[100];
    begin();
    assert_int_equal(ndr_counts_open(db, 1, &a, NULL), 0);
    assert_int_equal(ndr_counts_open(db, 1, &b, NULL), 0);
    look_at(a, 0, &(look){"a", "x", "b.example", 0, F, false, NULL});
    look_at(b, 0, &(look){"a", "x", "b.example", 0, F, false, NULL});
    look_at(b, 0, &(look){"b", "x", "b.example", 0, F, false, NULL});
    assert_int_equal(ndr_counts_close(a, NULL, NULL), 0);
    assert_int_equal(ndr_counts_close(b, NULL, NULL), 0);
    show(0, got, sizeof got);
    end();
    assert_string_equal(got, "b.example 0:2/0");
}

/* Another program that begins to write, and ends. */
static sqlite3 *
other_begins(void)
{
    sqlite3 *other = NULL;
    assert_int_equal(sqlite3_open(db, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    return other;
}

static void
other_ends(sqlite3 *other)
{
    assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(other), SQLITE_OK);
}

static void
patient_test(void **state)
{
    (void)state;
    ndr_counts *c = NULL;
    ndr_counts_added told;
    begin();
    assert_int_equal(ndr_counts_open(db, 2, &c, NULL), 0);
    crowd w = {c, 0};
    sqlite3 *other = other_begins();
    for (int i = 0; i < 4; i++) { /* enough to be written at once */
        many_looks(&w);
        many_looks(&w);
        assert_int_equal(ndr_counts_flush(c, NULL), 0);
    }
    other_ends(other);
    assert_int_equal(ndr_counts_flush(c, NULL), 0);
    look_at(c, 1, &(look){"new", "x", "b.example", 0, F, false, NULL});
    assert_int_equal(ndr_counts_close(c, &told, NULL), 0);
    end();
    assert_int_equal(told.counted, 20001);
    assert_int_equal(told.known, 140000);
}

/* What a file of version 1 counted is not counted again, and what came later is. */
static void
version_1_test(void **state)
{
    (void)state;
    static const char old[] =
        "CREATE TABLE domain(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
        "CREATE TABLE count(domain INTEGER NOT NULL, step INTEGER NOT NULL, kind INTEGER "
        "NOT NULL, bounces INTEGER NOT NULL, junk INTEGER NOT NULL, "
        "PRIMARY KEY(domain, step, kind)) WITHOUT ROWID;"
        "CREATE TABLE seen(step INTEGER NOT NULL, id INTEGER NOT NULL, what INTEGER NOT "
        "NULL, PRIMARY KEY(step, id)) WITHOUT ROWID;"
        "CREATE TABLE state(fresh INTEGER NOT NULL, seen INTEGER NOT NULL, horizon "
        "INTEGER "
        "NOT NULL);"
        "INSERT INTO domain VALUES(1, 'b.example');"
        "INSERT INTO count VALUES(1, 0, 1, 1, 0);"
        "INSERT INTO state VALUES(600, 1, -9223372036854775807);"
        "PRAGMA application_id = 0x6e647273; PRAGMA user_version = 1";
    static const char header[] = "Received: by mx id 1\n\n";
    const ndr_message m = {.raw = ndr_slice_of(header)};
    const ndr_verdict v = {.message_id = ndr_slice_of("a"),
                           .local = ndr_slice_of("x"),
                           .domain = ndr_slice_of("b.example")};
    char seen[120], got[200];
    sqlite3 *file = NULL;
    begin();
    (void)snprintf(seen, sizeof seen, "INSERT INTO seen VALUES(0, %lld, %d)",
                   (long long)(int64_t)ndr_count_id_of(&m, &v).former, F * 2);
    assert_int_equal(sqlite3_open(db, &file), SQLITE_OK);
    assert_int_equal(sqlite3_exec(file, old, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(file, seen, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(file), SQLITE_OK);
    show(0, got, sizeof got); /* it is read as it is */
    assert_string_equal(got, "b.example 0:1/0");
    const look again[] = {{"a", "x", "b.example", 0, F, false, header},
                          {"a", "x", "b.example", 900, F, false, header},
                          {"a", "x", "b.example", 900, F, false, "Received: by mx id 2"}};
    count(again, 3, NULL);
    show(0, got, sizeof got);
    end();
    assert_string_equal(got, "b.example 0:1/0 900:2/0");
}

enum { TELLABLE = NDR_WHOSE_COUNT }; /* nothing proves it, and it would have shown */

/* Whose mail came back, a look for each: -1 where it is not asked. The file's version. */
static int64_t
count_whose(const int *whose, size_t n, bool junk, ndr_counts_added *told)
{
    ndr_counts *c = NULL;
    sqlite3 *file = NULL;
    int64_t version = 0;
    ndr_error err = {0};
    assert_int_equal(ndr_counts_open(db, 2, &c, &err), 0);
    for (size_t i = 0; i < n; i++) {
        char id[8];
        (void)snprintf(id, sizeof id, "%zu", i);
        const bool tellable = whose[i] == TELLABLE;
        const ndr_evidence e = {
            .whose = (enum ndr_whose)(whose[i] < 0 || tellable ? 0 : whose[i]),
            .judged = tellable || whose[i] > 0};
        const ndr_verdict v = {.decision = junk ? NDR_JUNK : NDR_KEEP,
                               .kind = F,
                               .message_id = ndr_slice_of(id),
                               .local = NDR_SLICE("x"),
                               .domain = NDR_SLICE("b.example"),
                               .evidence = whose[i] < 0 ? NULL : &e,
                               .arrived = (int64_t)i % 2 * 300};
        assert_int_equal(
            ndr_counts_look(c, (unsigned)(i % 2), &(ndr_message){0}, &v, NULL), 0);
    }
    assert_int_equal(ndr_counts_close(c, told, &err), 0);
    assert_int_equal(sqlite3_open(db, &file), SQLITE_OK);
    assert_int_equal(ndr_counts_number(file, "PRAGMA user_version", 0, &version, &err),
                     0);
    assert_int_equal(sqlite3_close(file), SQLITE_OK);
    return version;
}

static void
show_whose(int64_t from, int64_t until, const char *domain, const char *want)
{
    uint64_t n[NDR_WHOSE_COUNT];
    char got[80];
    assert_int_equal(ndr_counts_whose(db, from, until, domain, n, NULL), 0);
    (void)snprintf(got, sizeof got, "%d %d %d %d", (int)n[NDR_WHOSE_UNKNOWN],
                   (int)n[NDR_WHOSE_OURS], (int)n[NDR_WHOSE_FORWARDED],
                   (int)n[NDR_WHOSE_FORGED]);
    assert_string_equal(got, want);
}

static void
whose_test(void **state)
{
    (void)state;
    enum { U = NDR_WHOSE_UNKNOWN, O = NDR_WHOSE_OURS, X = NDR_WHOSE_FORGED };
    static const int nobody[] = {-1, -1, -1},
                     first[] = {-1, O, X, X, U, NDR_WHOSE_FORWARDED},
                     second[] = {X, -1, -1, U, -1, -1};
    ndr_counts_added told;
    char got[200];
    begin();
    assert_int_equal(count_whose(nobody, 3, true, &told), 2); /* older programs read it */
    show_whose(0, 600, "b.example", "0 0 0 0");
    assert_int_equal(count_whose(first, 6, true, &told), 4);
    assert_int_equal(told.counted, 3);
    assert_int_equal(told.known, 3);
    show_whose(0, 600, "b.example", "1 1 1 2");
    show_whose(0, 300, "b.example", "1 0 0 1");
    show_whose(0, 600, "c.example", "0 0 0 0");
    /* what was found stays where nobody asks again, and is corrected where he does */
    assert_int_equal(count_whose(second, 6, true, &told), 4);
    assert_int_equal(told.known, 6);
    show_whose(0, 600, "b.example", "2 1 1 2");
    assert_int_equal(count_whose(second, 6, false, &told), 4);
    assert_int_equal(told.changed, 6);
    show_whose(0, 600, "b.example", "2 1 1 2");
    show(0, got, sizeof got);
    end();
    assert_string_equal(got, "b.example 0:3/0 300:3/0");
}

/* "step:bounces/junk/judged/ours/forged …" of [from, until), what there is in all, and
 * when it begins. */
static void
show_proofs(const char *domain, int64_t from, int64_t until, const char *want)
{
    ndr_counts_view *v = NULL;
    ndr_proof_series s;
    ndr_error err = {0};
    char got[300];
    uint64_t sum = 0;
    size_t at = 0;
    assert_int_equal(ndr_counts_view_open(db, &v, &err), 0);
    assert_int_equal(ndr_counts_view_proofs(v, domain, from, until, &s, &err), 0);
    for (size_t i = 0; i < s.count; i++) {
        at += (size_t)snprintf(got + at, sizeof got - at, "%d:%d/%d/%d/%d/%d ",
                               (int)s.row[i].step, (int)s.row[i].bounces,
                               (int)s.row[i].junk, (int)s.row[i].judged,
                               (int)s.row[i].ours, (int)s.row[i].forged);
        sum += s.row[i].bounces;
    }
    const int64_t begin = ndr_counts_view_begin(v);
    (void)snprintf(got + at, sizeof got - at, "%d since %d", (int)sum,
                   begin == NDR_TIME_UNKNOWN ? -1 : (int)begin);
    ndr_proof_series_clear(&s);
    ndr_counts_view_close(v);
    assert_string_equal(got, want);
}

/* Of what nothing proves, so much could have been told. */
static void
view_test(void **state)
{
    (void)state;
    enum { U = NDR_WHOSE_UNKNOWN, O = NDR_WHOSE_OURS, X = NDR_WHOSE_FORGED };
    static const int nobody[] = {-1, -1, -1, -1, -1, -1},
                     first[] = {TELLABLE, O, X, U, TELLABLE, NDR_WHOSE_FORWARDED},
                     second[] = {U, -1, TELLABLE, -1, -1, -1};
    ndr_counts_view *v = NULL;
    ndr_error err = {0};
    begin();
    assert_int_equal(ndr_counts_view_open(db, &v, &err), NDR_E_SYS);
    assert_int_equal(err.sys_errno, ENOENT);
    count(NULL, 0, NULL);
    show_proofs("b.example", 0, 600, "0 since -1");
    assert_int_equal(count_whose(nobody, 6, true, NULL), 2);
    show_proofs("b.example", 0, 600, "0:3/3/0/0/0 300:3/3/0/0/0 6 since 0");
    assert_int_equal(count_whose(first, 6, true, NULL), 4);
    show_proofs("b.example", 0, 600, "0:3/3/3/0/1 300:3/3/2/2/0 6 since 0");
    show_proofs("b.example", 300, 600, "300:3/3/2/2/0 3 since 0");
    show_proofs("c.example", 0, 600, "0 since 0");
    show_whose(0, 600, "b.example", "3 1 1 1"); /* they are not known all the same */
    assert_int_equal(count_whose(second, 6, true, NULL), 4);
    show_proofs("b.example", 0, 300, "0:3/3/2/0/0 3 since 0");
    end();
}

static double
seconds(void)
{
    struct timespec t;
    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &t), 0);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Who is in passing does not wait: what it could not write is told, and counted later. */
static void
passing_test(void **state)
{
    (void)state;
    const look l = {"a", "x", "b.example", 0, F, false, NULL};
    ndr_counts *c = NULL;
    ndr_counts_added told;
    ndr_error err = {0};
    char got[100];
    begin();
    count(NULL, 0, NULL);
    assert_int_equal(ndr_counts_open_in_passing(db, 1, 50, &c, NULL), 0);
    look_at(c, 0, &l);
    sqlite3 *other = other_begins();
    const double before = seconds();
    assert_int_equal(ndr_counts_close(c, &told, &err), 0);
    assert_true(seconds() - before < 5);
    other_ends(other);
    assert_int_equal(told.missed, 1);
    assert_int_equal(told.counted, 0);
    assert_int_equal(sqlite3_open(db, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(ndr_counts_open_in_passing(db, 1, 50, &c, &err), NDR_E_SYS);
    assert_int_equal(err.sys_errno, EAGAIN);
    other_ends(other);
    count(&l, 1, &told);
    show(0, got, sizeof got);
    end();
    assert_int_equal(told.counted, 1);
    assert_string_equal(got, "b.example 0:1/0");
}

/* Who serves begins at once, and counts what came meanwhile when it can. */
static void
soon_test(void **state)
{
    (void)state;
    const look l = {"a", "x", "b.example", 0, F, false, NULL};
    for (int flushed = 0; flushed < 3; flushed++) {
        ndr_counts *c = NULL;
        ndr_counts_added told;
        ndr_error err = {0};
        sqlite3 *other = NULL;
        char got[100];
        begin();
        count(NULL, 0, NULL);
        assert_int_equal(sqlite3_open(db, &other), SQLITE_OK);
        assert_int_equal(sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL, NULL),
                         SQLITE_OK);
        const double before = seconds();
        assert_int_equal(ndr_counts_open_soon(db, 1, 50, &c, &err), 0);
        assert_true(seconds() - before < 5);
        look_at(c, 0, &l);
        if (flushed == 1) {
            (void)sleep(3); /* it has waited long enough to be written */
            assert_int_equal(ndr_counts_flush(c, &err), 0);
        }
        other_ends(other);
        if (flushed == 2) {
            (void)sleep(3);
            assert_int_equal(ndr_counts_flush(c, &err), 0);
            show(0, got, sizeof got);
            assert_string_equal(got, "b.example 0:1/0");
        }
        assert_int_equal(ndr_counts_close(c, &told, &err), 0);
        show(0, got, sizeof got);
        end();
        assert_int_equal(told.counted, 1);
        assert_string_equal(got, "b.example 0:1/0");
    }
}

int
main(void)
{
    ADD_ROWS(rows, counts_test);
    ADD_ROWS(files, file_test);
    add_test("what was new, known and changed is told", told_test);
    add_test("bounded: the oldest are forgotten, and not counted again", forget_test);
    add_test("workers note while another thread writes", threads_test);
    add_test("the file is its owner's alone", mode_test);
    add_test("no file is ENOENT, and none is made", missing_test);
    add_test("two programs add to one file", two_writers_test);
    add_test("one that writes for long is waited for", patient_test);
    add_test("a file of version 1 is taken over", version_1_test);
    add_test("whose mail came back is counted once it is asked", whose_test);
    add_test("a view tells of each step how much could be told", view_test);
    add_test("who is in passing does not wait for another program", passing_test);
    add_test("who serves begins at once, and counts later", soon_test);
    return run_added("counts");
}
