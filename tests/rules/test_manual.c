/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Each example file in the manual pages must load, and the examples of its
 * rules must come out as they say. MANUALS is the pages' folder, from meson.
 */
#include "harness.h"
#include "ndr_admins.h"
#include "ndrscan_rules.h"

#include "scratch.h"

typedef struct page_row {
    const char *why, *page;
    size_t windows, rules, identities, admins; /* blocks of each sort that it holds */
} page_row;

static const page_row pages[] = {
    {"every example in ndrscan-windows(5) loads", "ndrscan-windows.5.scd", 3, 0, 0, 0},
    {"every example in ndrscan-rules(5) loads", "ndrscan-rules.5.scd", 0, 2, 0, 0},
    {"every example in ndrscan-identity(5) loads", "ndrscan-identity.5.scd", 0, 0, 2, 0},
    {"every example in ndrscan-admins(5) loads", "ndrscan-admins.5.scd", 0, 0, 0, 1},
};

static bool
begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static void
check_windows(const char *path)
{
    ndr_window_table *t = NULL;
    ndr_error err = {0};
    const int rc = ndr_windows_load(&path, 1, NULL, &t, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, 0);
    assert_true(ndr_window_table_rows(t)->count > 0);
    ndr_window_table_free(t);
}

static void
check_identities(const char *path)
{
    ndr_identity_table *t = NULL;
    ndr_error err = {0};
    const int rc = ndr_identity_load(path, NULL, NULL, &t, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, 0);
    assert_true(ndr_identity_rows(t)->count > 0);
    ndr_identity_free(t);
}

static void
check_admins(const char *text)
{
    ndr_admins *t = NULL;
    ndr_error err = {0};
    size_t count = 0;
    (void)ndr_admins_parse("admins.yaml", ndr_slice_of(text), &t, &err);
    assert_string_equal(err.text, "");
    (void)ndr_admins_rows(t, &count);
    assert_true(count > 0);
    ndr_admins_free(t);
}

static void
check_rules(const char *path)
{
    ndr_examples_count n;
    ndr_error err = {0};
    const int rc =
        ndr_rules_examples(&(ndr_rules_opts){NDR_SIZED(ndr_rules_opts), &path, 1, NULL},
                           NULL, NULL, &n, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, 0);
    assert_true(n.rules > 0);
    assert_int_equal(n.bad, 0);
}

static void
page_test(void **state)
{
    const page_row *row = *state;
    char path[1000], line[1000];
    (void)snprintf(path, sizeof path, "%s/%s", MANUALS, row->page);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    scratch_begin();
    ndr_buffer block = {0};
    bool inside = false;
    size_t windows = 0, rules = 0, identities = 0, admins = 0;
    while (fgets(line, sizeof line, f) != NULL) {
        if (!begins(line, "```")) {
            /* scdoc takes a backslash before a backslash away */
            for (const char *p = line; inside && *p != '\0'; p++) {
                p += *p == '\\' && p[1] != '\0' ? 1 : 0;
                ndr_buffer_byte(&block, (unsigned char)*p);
            }
            continue;
        }
        ndr_buffer_byte(&block, '\0');
        const char *text = (const char *)block.ptr;
        if (inside && (begins(text, "windows:") || begins(text, "rules:"))) {
            const bool is_rules = begins(text, "rules:");
            const char *file = scratch_text("block.yaml", text);
            *(is_rules ? &rules : &windows) += 1;
            is_rules ? check_rules(file) : check_windows(file);
        }
        if (inside && begins(text, "identities:")) {
            identities++;
            check_identities(scratch_text("block.yaml", text));
        }
        if (inside && begins(text, "admins:")) {
            admins++;
            check_admins(text);
        }
        ndr_buffer_clear(&block);
        inside = !inside;
    }
    (void)fclose(f);
    ndr_buffer_free(&block);
    scratch_end();
    assert_false(inside);
    assert_int_equal(windows, row->windows);
    assert_int_equal(rules, row->rules);
    assert_int_equal(identities, row->identities);
    assert_int_equal(admins, row->admins);
}

int
main(void)
{
    ADD_ROWS(pages, page_test);
    return run_added("manual");
}
