/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE /* mkstemp */
#include "harness.h"
#include "pieces/plan_file.h"

#include <stdio.h>
#include <unistd.h>

/* A plan with a line of every kind, and names that would end one. */
static void
make(plan_file *f)
{
    static const char *const names[] = {"a b.mbox", "odd\\n\nname", "\xff", "dir/x"};
    *f = (plan_file){.made = 1210600000};
    for (int i = 0; i < SETTING_COUNT; i++)
        assert_true(setting_put_number(&f->settings, (enum setting)i, (uint64_t)i));
    assert_true(pins_add(&f->rules, "rules\nwith a line end.yaml"));
    assert_true(pins_add(&f->windows, "w.yaml"));
    const ndr_window w = {.domain = NDR_SLICE("d.example"),
                          .from = 5,
                          .until = 9,
                          .subdomains = true,
                          .note = NDR_SLICE("a\nnote")};
    assert_true(plan_file_add_window(f, &w));
    assert_true(ndr_plan_add_trouble(&f->plan, NDR_SLICE("gone"), NDR_SLICE("why")));
    for (uint8_t i = 0; i < 4; i++) {
        ndr_plan_source s = {.bytes = 100u + i,
                             .mtime_ns = -i,
                             .listing = UINT64_MAX,
                             .until = 10,
                             .files = 1,
                             .what = i < 3 ? NDR_PLAN_FILE : NDR_PLAN_MEMBER};
        assert_true(ndr_plan_add_text(&f->plan, ndr_slice_of(names[i]), &s.path));
        assert_true(ndr_plan_add_source(&f->plan, &s));
        if (i != 1)
            assert_true(ndr_plan_add_piece(&f->plan, 0, false, 77u + i));
    }
}

/* plan_file_read of these bytes, in a file of their own. */
static int
read_back(const void *bytes, size_t n, plan_file *ret, ndr_error *err)
{
    char path[] = "/tmp/ndr-plan-XXXXXX";
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, n), n);
    (void)close(fd);
    const int code = plan_file_read(path, ret, err);
    (void)unlink(path);
    return code;
}

static void
a_plan_comes_back_as_it_was(void **state)
{
    (void)state;
    plan_file f, g;
    ndr_buffer text = {0}, again = {0};
    make(&f);
    const uint64_t hash = plan_file_text(&f, &text);
    assert_int_equal(read_back(text.ptr, text.len, &g, NULL), 0);
    assert_true(g.hash == hash && g.made == f.made && g.plan.piece_count == 3);
    assert_true(plan_file_text(&g, &again) == hash);
    assert_int_equal(text.len, again.len);
    assert_memory_equal(text.ptr, again.ptr, text.len);
    g.made++; /* the same mail later: the same plan */
    ndr_buffer_clear(&again);
    assert_true(plan_file_text(&g, &again) == hash);
    plan_file_free(&f);
    plan_file_free(&g);
    ndr_buffer_free(&text);
    ndr_buffer_free(&again);
}

static void
no_byte_may_change(void **state)
{
    (void)state;
    plan_file f, g;
    ndr_buffer text = {0};
    make(&f);
    (void)plan_file_text(&f, &text);
    for (size_t i = 0; i < text.len; i++) {
        text.ptr[i] ^= 1;
        ndr_error err = {0};
        const int code = read_back(text.ptr, text.len, &g, &err);
        assert_true(code == NDR_E_SYNTAX || code == NDR_E_LIMIT);
        assert_true(err.text[0] != '\0');
        text.ptr[i] ^= 1;
    }
    for (size_t n = 0; n + 1 < text.len; n += n < text.len - 90 ? 7 : 1)
        assert_int_equal(read_back(text.ptr, n, &g, NULL), NDR_E_SYNTAX);
    plan_file_free(&f);
    ndr_buffer_free(&text);
}

static void
another_version_is_refused(void **state)
{
    (void)state;
    static const struct {
        int version;
        const char *told;
    } others[] = {{PLAN_VERSION - 1, "by an older ndrscan (its version is 1"},
                  {PLAN_VERSION + 1, "by a newer ndrscan (its version is 3"}};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        char text[64];
        plan_file g;
        ndr_error err = {0};
        const int n =
            snprintf(text, sizeof text, "ndrscan-plan %d\nwhatever\n", others[i].version);
        assert_int_equal(read_back((unsigned char *)text, (size_t)n, &g, &err),
                         NDR_E_LIMIT);
        assert_non_null(strstr(err.text, others[i].told));
    }
}

int
main(void)
{
    add_test("a plan comes back as it was, whenever it was made",
             a_plan_comes_back_as_it_was);
    add_test("with any byte changed, or cut anywhere, it is none", no_byte_may_change);
    add_test("one of another version is refused, by its age", another_version_is_refused);
    return run_added(__FILE__);
}
