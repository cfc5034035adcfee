/* SPDX-License-Identifier: BSD-3-Clause */
/* test_sized.c - options of callers who were compiled with another version. */
#include "harness.h"
#include "ndr_sized.h"

/* As it is here, as it was first, and as it may be later. */
typedef struct now {
    size_t size;
    int first;
    long second;
} now;
typedef struct later {
    now known;
    long third;
} later;

static const struct row {
    const char *why;
    size_t size;
    long third;
    bool good;
    long second; /* what arrives of it */
} rows[] = {
    {"all fields that there are", sizeof(now), 0, true, 7},
    {"a caller of the first version, without the second field", offsetof(now, second), 0,
     true, 0},
    {"a later caller who leaves the new field alone", sizeof(later), 0, true, 7},
    {"a later caller who sets it", sizeof(later), 1, false, 0},
    {"no size", 0, 0, false, 0},
    {"less than the first version had", sizeof(size_t), 0, false, 0},
    {"a size that was never set", SIZE_MAX, 0, false, 0},
};

static void
takes(void **state)
{
    const struct row *row = *state;
    const later given = {{row->size, 5, 7}, row->third};
    const size_t n = row->size < sizeof given ? row->size : sizeof given;
    void *exact = malloc(n < sizeof(size_t) ? sizeof(size_t) : n);
    assert_non_null(exact);
    memcpy(exact, &given, n < sizeof(size_t) ? sizeof(size_t) : n);
    now own;
    ndr_error err = {0};
    const int code = NDR_SIZED_TAKE(now, first, &own, exact, &err);
    if (row->good) {
        assert_int_equal(code, 0);
        assert_int_equal(own.size, sizeof own);
        assert_int_equal(own.first, 5);
        assert_int_equal(own.second, row->second);
    } else {
        assert_int_equal(code, NDR_E_INVAL);
        assert_int_equal(err.code, NDR_E_INVAL);
        assert_non_null(strstr(err.text, "now"));
    }
    free(exact);
}

int
main(void)
{
    ADD_ROWS(rows, takes);
    return run_added("sized");
}
