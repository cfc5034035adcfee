/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE /* mkdtemp */
#include "counts_box.h"

#include <pthread.h>

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

int
main(void)
{
    add_test("workers note while another thread writes", threads_test);
    return run_added("counts_hand");
}
