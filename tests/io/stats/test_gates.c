/* SPDX-License-Identifier: BSD-3-Clause */
#include "stats/gates.h"

#include "harness.h"

/* ---- many ---- */

typedef struct many_row {
    const char *why;
    size_t gate;
    double came, usual;
    bool many;
} many_row;
static const many_row many_rows[] = {
    {"one step, as many as are needed", 0, 30, 0.05, true},
    {"one fewer", 0, 29, 0.05, false},
    {"15 minutes need fewer", 2, 24, 0.15, true},
    {"an hour", 4, 30, 0.6, true},
    {"four hours, one fewer", 6, 47, 2.4, false},
    {"four hours", 6, 48, 2.4, true},
    {"three times the usual are not enough where that is chance", 0, 30, 10, false},
    {"nor with four times its root more", 0, 42, 10, false},
    {"with six times it is", 0, 49, 10, true},
    {"a busy domain's hour, three times the usual", 4, 3600, 1200, false},
    {"and chance", 4, 3808, 1200, true},
};

static void
many_test(void **state)
{
    const many_row *row = *state;
    const ndr_gate_sum s = {.came = row->came, .usual = row->usual};
    assert_int_equal(ndr_gate_many(&ndr_gates[row->gate], &s), row->many);
}

/* ---- not ours ---- */

typedef struct ours_row {
    const char *why;
    size_t gate;
    double came, judged, spared, others, most;
    bool not_ours;
} ours_row;
static const ours_row ours_rows[] = {
    {"nothing was judged", 0, 1000, 0, 0, 0, 0, false},
    {"eight judged, none ours", 0, 40, 8, 0, 0, 0, true},
    {"seven", 0, 40, 7, 0, 0, 0, false},
    {"eleven judged, one ours", 0, 40, 11, 1, 0, 0, false},
    {"all but one of 20", 0, 40, 20, 1, 0, 0, true},
    {"two dozen forged beside a hundred of ours", 0, 124, 124, 100, 0, 0, false},
    {"two dozen forged beside as many of ours", 0, 48, 48, 24, 0, 0, false},
    {"a fifth of many is ours", 0, 400, 300, 60, 0, 0, true},
    {"half of ever so many is ours", 4, 100000, 100000, 50000, 0, 0, false},
    {"too few of all were judged", 0, 100, 14, 0, 0, 0, false},
    {"just enough of all", 0, 100, 15, 0, 0, 0, true},
    {"of others as many as are usual", 4, 60, 45, 3, 40, 0, false},
    {"as many as came of a time before", 4, 200, 140, 3, 4, 137, false},
    {"half as many came before", 4, 200, 140, 3, 4, 66, true},
    {"and one more", 4, 200, 140, 3, 4, 67, false},
};

static void
ours_test(void **state)
{
    const ours_row *row = *state;
    const ndr_gate_sum s = {.came = row->came,
                            .judged = row->judged,
                            .spared = row->spared,
                            .others = row->others,
                            .most = row->most};
    assert_int_equal(ndr_gate_not_ours(&ndr_gates[row->gate], &s), row->not_ours);
}

/* ---- a share's bound ---- */

typedef struct share_row {
    const char *why;
    double hits, count, z, want; /* rounded to thousandths */
} share_row;
static const share_row share_rows[] = {
    {"nothing was seen", 0, 0, 2, 1},
    {"none of eight", 0, 8, 2, 0.333},
    {"none of twelve", 0, 12, 2, 0.25},
    {"one of twelve", 1, 12, 3, 0.516},
    {"one of seventeen", 1, 17, 3, 0.418},
    {"half of a hundred", 50, 100, 3, 0.644},
    {"all", 12, 12, 3, 1},
};

static void
share_test(void **state)
{
    const share_row *row = *state;
    const double got = ndr_share_bound(row->hits, row->count, row->z);
    assert_true(got > row->want - 0.0006 && got < row->want + 0.0006);
}

int
main(void)
{
    ADD_ROWS(many_rows, many_test);
    ADD_ROWS(ours_rows, ours_test);
    ADD_ROWS(share_rows, share_test);
    return run_added("gates");
}
