/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE /* mkdtemp */
#include "counts_box.h"

#include <errno.h>

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

int
main(void)
{
    add_test("a view tells of each step how much could be told", view_test);
    return run_added("counts_view");
}
