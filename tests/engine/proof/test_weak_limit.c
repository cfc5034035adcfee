/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "proof/weak_limit.h"

#include <stdio.h>

enum { ADDS = 3000, INSTANCES = 40 };

static ndr_weak_limit *
new_limit(size_t most)
{
    ndr_error err;
    ndr_weak_limit *w;
    assert_int_equal(ndr_weak_limit_new(most, &w, &err), 0);
    return w;
}

static ndr_instance
instance_of(unsigned n)
{
    ndr_instance id = {{0}};
    id.id[8] = (unsigned char)(n % 7 * 64); /* many begin in one slot */
    id.id[20] = (unsigned char)n;
    id.id[21] = (unsigned char)(n >> 8);
    return id;
}

static void
add(ndr_weak_limit *w, unsigned instance, unsigned recipient, int64_t at)
{
    char address[40];
    ndr_error err;
    const ndr_instance id = instance_of(instance);
    (void)snprintf(address, sizeof address, "user%u@example.com", recipient);
    assert_int_equal(ndr_weak_limit_add(w, &id, ndr_slice_of(address), at, &err), 0);
}

static bool
over(const ndr_weak_limit *w, unsigned instance)
{
    const ndr_instance id = instance_of(instance);
    return ndr_weak_limit_over(w, &id);
}

static void
assert_same(const ndr_weak_limit *a, const ndr_weak_limit *b)
{
    ndr_buffer x = {0}, y = {0};
    ndr_weak_limit_save(a, &x);
    ndr_weak_limit_save(b, &y);
    assert_false(x.failed || y.failed);
    assert_int_equal(x.len, y.len);
    assert_memory_equal(x.ptr, y.ptr, x.len);
    ndr_buffer_free(&x);
    ndr_buffer_free(&y);
}

static void
test_twenty(void **state)
{
    (void)state;
    ndr_error err;
    ndr_weak_limit *w = new_limit(0);
    const ndr_instance id = instance_of(1);
    assert_false(over(w, 1));
    for (unsigned i = 0; i < 20; i++)
        for (int again = 0; again < 3; again++)
            add(w, 1, i, 5);
    assert_int_equal(ndr_weak_limit_add(w, &id, NDR_SLICE("USER7@Example.COM"), 5, &err),
                     0);
    assert_false(over(w, 1));
    add(w, 2, 0, 5);
    ndr_weak_believe(w, &id);
    ndr_weak_believe(w, &id);
    assert_int_equal(ndr_weak_taken_back(w), 0);
    add(w, 1, 20, 5);
    assert_true(over(w, 1));
    assert_int_equal(ndr_weak_taken_back(w), 2);
    assert_false(over(w, 2));
    assert_false(over(w, 3));
    assert_int_equal(w->pairs, 22);
    ndr_weak_limit_free(w);
    ndr_weak_limit_free(NULL);
}

/* A mix of adds: the instance, and how many recipients it gets, from the number. */
static void
add_nth(ndr_weak_limit *w, unsigned n)
{
    const unsigned instance = n * 2654435761u % INSTANCES;
    add(w, instance, n % (instance + 2), (int64_t)(n % 100));
}

static void
test_order(void **state)
{
    (void)state;
    ndr_weak_limit *forward = new_limit(0), *backward = new_limit(0);
    for (unsigned i = 0; i < ADDS; i++) {
        add_nth(forward, i);
        add_nth(backward, ADDS - 1 - i);
    }
    assert_same(forward, backward);
    unsigned count = 0;
    for (unsigned i = 0; i < INSTANCES; i++)
        count += over(forward, i) ? 1 : 0;
    assert_true(count > 0 && count < INSTANCES);
    ndr_weak_limit_free(forward);
    ndr_weak_limit_free(backward);
}

static void
test_merge(void **state)
{
    (void)state;
    ndr_error err;
    ndr_weak_limit *all = new_limit(0);
    for (unsigned i = 0; i < ADDS; i++)
        add_nth(all, i);
    for (unsigned parts = 1; parts <= 8; parts++) {
        ndr_weak_limit *sum = new_limit(0), *saved = new_limit(0);
        for (unsigned part = 0; part < parts; part++) {
            ndr_weak_limit *w = new_limit(0);
            ndr_buffer text = {0};
            for (unsigned i = 0; i < ADDS; i++)
                if (i * 7 % parts == part)
                    add_nth(w, i);
            assert_int_equal(ndr_weak_limit_merge(sum, w, &err), 0);
            ndr_weak_limit_save(w, &text);
            assert_int_equal(
                ndr_weak_limit_load(saved, (ndr_slice){text.ptr, text.len}, &err), 0);
            ndr_buffer_free(&text);
            ndr_weak_limit_free(w);
        }
        assert_same(sum, all);
        assert_same(saved, all);
        assert_int_equal(ndr_weak_limit_merge(sum, all, &err), 0); /* nothing is new */
        assert_same(sum, all);
        ndr_weak_limit_free(sum);
        ndr_weak_limit_free(saved);
    }
    ndr_weak_limit_free(all);
}

static void
test_full(void **state)
{
    (void)state;
    ndr_error err;
    ndr_weak_limit *w = new_limit(100), *other = new_limit(0);
    for (unsigned i = 0; i < 100; i++)
        add(w, i, 0, 10);
    assert_false(ndr_weak_limit_full(w));
    assert_false(over(w, 5));
    add(w, 7, 0, 11); /* known */
    assert_false(ndr_weak_limit_full(w));
    add(w, 100, 0, 12);
    assert_true(ndr_weak_limit_full(w));
    assert_false(over(w, 5) || over(w, 999));
    const size_t used = w->used;
    for (unsigned i = 200; i < 400; i++)
        add(w, i, 0, 13);
    assert_int_equal(w->used, used);
    assert_int_equal(ndr_weak_limit_merge(other, w, &err), 0);
    assert_true(ndr_weak_limit_full(other));
    assert_false(over(other, 5) || over(other, 999));
    ndr_weak_limit_forget(w, 10);
    assert_true(ndr_weak_limit_full(w)); /* none was that old */
    ndr_weak_limit_forget(w, 13);
    assert_false(ndr_weak_limit_full(w)); /* though something of then was refused */
    assert_false(over(w, 5));
    assert_int_equal(w->used, 0);
    ndr_weak_limit_free(w);
    ndr_weak_limit_free(other);
}

/* One that was over stays so, also in counts that were full before they heard of it, and
 * while it still comes; one that is new is believed. */
static void
test_full_over(void **state)
{
    (void)state;
    ndr_error err;
    ndr_weak_limit *w = new_limit(100), *other = new_limit(0), *late = new_limit(50);
    for (unsigned i = 0; i <= 20; i++) {
        add(w, 1, i, 10);
        add(other, 2, i, 10);
    }
    for (unsigned i = 100; i < 200; i++) {
        add(w, i, 0, 11);
        add(late, i, 0, 11);
    }
    assert_true(ndr_weak_limit_full(w) && ndr_weak_limit_full(late));
    for (unsigned i = 0; i < 30; i++) {
        add(w, 1, i, 20);
        add(w, 3, i, 20);
    }
    assert_true(over(w, 1));
    assert_false(over(w, 3));
    assert_false(over(w, 150));
    assert_int_equal(ndr_weak_limit_merge(w, other, &err), 0);
    assert_true(over(w, 1) && over(w, 2));
    assert_int_equal(ndr_weak_limit_merge(late, w, &err), 0);
    assert_true(over(late, 1) && over(late, 2));
    ndr_weak_limit_forget(w, 20);
    assert_true(over(w, 1)); /* it came at 20 */
    assert_false(over(w, 2));
    assert_false(ndr_weak_limit_full(w));
    ndr_weak_limit_free(w);
    ndr_weak_limit_free(other);
    ndr_weak_limit_free(late);
}

/* Each day brings more than its share, and each night what is ten days old is forgotten.
 */
static void
test_steady(void **state)
{
    (void)state;
    ndr_weak_limit *w = new_limit(100);
    unsigned n = 0, full = 0, counted = 0;
    for (int64_t day = 0; day < 200; day++) {
        for (unsigned i = 0; i < 12; i++, n++) {
            add(w, n, 0, day);
            assert_false(over(w, n));
            const ndr_instance id = instance_of(n);
            counted += ndr_weak_find(w, &id) != NULL ? 1 : 0;
        }
        full += ndr_weak_limit_full(w) ? 1 : 0;
        ndr_weak_limit_forget(w, day - 10);
        assert_true(w->pairs <= w->most + 1);
    }
    assert_true(full > 0 && full < 150);
    assert_true(counted > n / 2);
    ndr_weak_limit_free(w);
}

static void
test_forget(void **state)
{
    (void)state;
    ndr_weak_limit *w = new_limit(0), *young = new_limit(0);
    for (unsigned i = 0; i < 500; i++) {
        const int64_t at = i % 3 == 0 ? NDR_TIME_UNKNOWN : (int64_t)(i * 37 % 100);
        for (unsigned k = 0; k < 1 + i % 25; k++) {
            add(w, i, k, at);
            if (at >= 50)
                add(young, i, k, at);
        }
    }
    ndr_weak_limit_forget(w, 50);
    assert_same(w, young);
    assert_int_equal(w->pairs, young->pairs);
    for (unsigned i = 0; i < 500; i++)
        assert_int_equal(over(w, i), over(young, i));
    ndr_weak_limit_forget(w, INT64_MAX);
    assert_int_equal(w->used + w->pairs, 0);
    ndr_weak_limit_free(w);
    ndr_weak_limit_free(young);
}

/* What is over, saved alone: the same whenever it came, and no more when it is full. */
static void
test_over_alone(void **state)
{
    (void)state;
    ndr_error err;
    ndr_weak_limit *early = new_limit(0), *late = new_limit(0), *got = new_limit(0);
    for (unsigned i = 0; i < ADDS; i++)
        add_nth(early, i);
    for (unsigned i = 0; i < INSTANCES; i++)
        if (over(early, i))
            for (unsigned r = 0; r < 21; r++)
                add(late, i, 1000 + r, 12345);
    ndr_weak_refuse(late, 5);
    ndr_buffer a = {0}, b = {0}, again = {0};
    ndr_weak_limit_save_over(early, &a);
    ndr_weak_limit_save_over(late, &b);
    assert_int_equal(a.len, b.len);
    assert_memory_equal(a.ptr, b.ptr, a.len);
    assert_int_equal(ndr_weak_limit_load(got, (ndr_slice){a.ptr, a.len}, &err), 0);
    for (unsigned i = 0; i < INSTANCES; i++)
        assert_int_equal(over(got, i), over(early, i));
    assert_false(ndr_weak_limit_full(got));
    ndr_weak_limit_save_over(got, &again);
    assert_int_equal(again.len, a.len);
    assert_memory_equal(again.ptr, a.ptr, a.len);
    ndr_buffer_free(&a);
    ndr_buffer_free(&b);
    ndr_buffer_free(&again);
    ndr_weak_limit_free(early);
    ndr_weak_limit_free(late);
    ndr_weak_limit_free(got);
}

/* Cut anywhere, or with a byte changed, saved counts are refused or still counts. */
static void
test_damage(void **state)
{
    (void)state;
    ndr_error err;
    ndr_weak_limit *w = new_limit(0);
    ndr_buffer text = {0};
    for (unsigned i = 0; i < 5; i++)
        add(w, i, i, i);
    for (unsigned i = 0; i < 30; i++)
        add(w, 9, i, i);
    ndr_weak_limit_save(w, &text);
    for (size_t n = 0; n < text.len; n++) {
        ndr_weak_limit *got = new_limit(0);
        unsigned char *cut = exact_copy(text.ptr, n);
        assert_int_equal(ndr_weak_limit_load(got, (ndr_slice){cut, n}, &err),
                         NDR_E_DAMAGED);
        ndr_weak_limit_free(got);
        free(cut);
        got = new_limit(0);
        cut = exact_copy(text.ptr, text.len);
        cut[n] ^= 0x10;
        const int rc = ndr_weak_limit_load(got, (ndr_slice){cut, text.len}, &err);
        assert_true(rc == 0 || rc == NDR_E_DAMAGED);
        ndr_weak_limit_free(got);
        free(cut);
    }
    ndr_buffer_free(&text);
    ndr_weak_limit_free(w);
}

/* How many places are looked at to find all that it counts, one for each at least. */
static size_t
looks(const ndr_weak_limit *w)
{
    size_t sum = 0;
    for (size_t i = 0; i < w->slots; i++)
        if (w->entries[i].count > 0)
            sum += ((i - ndr_weak_home(&w->entries[i].instance, w->slots)) &
                    (w->slots - 1)) +
                   1;
    return sum;
}

/* Ids are hashes: spread like these, and sorted in what is saved. */
static void
spread_out(unsigned n, ndr_weak_limit *w, ndr_error *err)
{
    ndr_instance id;
    uint64_t x = n + 1;
    for (size_t i = 0; i < sizeof id.id; i++) {
        x = x * UINT64_C(6364136223846793005) + 1442695040888963407u;
        id.id[i] = (unsigned char)(x >> 56);
    }
    const uint64_t who = 7;
    assert_int_equal(ndr_weak_count(w, &id, 5, &who, 1, err), 0);
}

/* Where a table that is nearly full has all entries within a few places, each of them
 * was put there by a few looks. */
static void
test_looks(void **state)
{
    (void)state;
    enum { MANY = 1 << 15, LARGE = 45000, PART = 24000, LOOKS = 6 };
    ndr_error err = {0};
    ndr_buffer saved = {0};
    ndr_weak_limit *all = new_limit(0), *merged = new_limit(PART);
    for (unsigned i = 0; i < MANY; i++)
        spread_out(i, all, &err);
    assert_true(looks(all) < (size_t)LOOKS * MANY);
    ndr_weak_limit_save(all, &saved);
    assert_false(saved.failed);
    /* sorted, as far as it goes before the table grows: at each of its sizes */
    for (size_t few = 48; few < MANY; few *= 2) {
        ndr_weak_limit *w = new_limit(0);
        const unsigned char *end = saved.ptr;
        for (size_t line = 0; line <= few; line++)
            end = (const unsigned char *)memchr(end, '\n',
                                                saved.len - (size_t)(end - saved.ptr)) +
                  1;
        assert_int_equal(ndr_weak_limit_load(
                             w, (ndr_slice){saved.ptr, (size_t)(end - saved.ptr)}, &err),
                         NDR_E_DAMAGED); /* what stands in front of that is loaded */
        assert_int_equal(w->used, few);
        if (looks(w) > LOOKS * few)
            fail_msg("%zu sorted: %zu looks", few, looks(w));
        ndr_weak_limit_free(w);
    }
    /* in the order of another table's places, of which full counts take a part */
    for (unsigned i = MANY; i < LARGE; i++)
        spread_out(i, all, &err);
    assert_int_equal(ndr_weak_limit_merge(merged, all, &err), 0);
    assert_true(ndr_weak_limit_full(merged) && merged->used > PART);
    if (looks(merged) > LOOKS * merged->used)
        fail_msg("%zu merged: %zu looks", merged->used, looks(merged));
    ndr_buffer_free(&saved);
    ndr_weak_limit_free(all);
    ndr_weak_limit_free(merged);
}

int
main(void)
{
    add_test("20 recipients are believed, 21 none of them", test_twenty);
    add_test("the order of adding does not matter", test_order);
    add_test("parts merged, or saved and loaded, are the whole", test_merge);
    add_test("full counts take back nothing, until what is old is forgotten", test_full);
    add_test("what was over stays over in full counts", test_full_over);
    add_test("a steady flow does not keep counts full", test_steady);
    add_test("what is old is forgotten, and all else found", test_forget);
    add_test("sorted counts are loaded, and merged, by a few looks each", test_looks);
    add_test("what is over can be saved alone", test_over_alone);
    add_test("saved counts that are damaged are refused", test_damage);
    return run_added(__FILE__);
}
