/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE /* mkdtemp */
#include "counts_box.h"

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

int
main(void)
{
    add_test("bounded: the oldest are forgotten, and not counted again", forget_test);
    return run_added("counts_write");
}
