/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_windows.c - does any window file end in windows that can be found or in a line
 * that says what is wrong?
 */
#include "fuzz_scratch.h"

#include "ndrscan_rules.h"

enum { FILE_LIMIT = 64 << 10 };

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    fuzz_scratch_begin();
    return 0;
}

static void
warn(void *ctx, const char *text)
{
    size_t *warnings = ctx;
    ++*warnings;
    LAW(*warnings <= 101, "%zu warnings", *warnings);
    LAW(text[0] != '\0' && strchr(text, '\n') == NULL, "%s", text);
    LAW(fuzz_is_utf8((const unsigned char *)text, strlen(text)), "%s", text);
}

static void
check_row(const ndr_windows *w, size_t i)
{
    const ndr_window *r = &w->row[i];
    LAW(r->domain.len > 0 && r->domain.len < 256, "%zu bytes", r->domain.len);
    char normal[256];
    LAW(ndr_domain_normal(r->domain, normal) &&
            ndr_slice_equal(r->domain, ndr_slice_of(normal)),
        "%.*s", (int)r->domain.len, (const char *)r->domain.ptr);
    LAW(r->from < r->until, "row %zu", i);
    LAW(r->kinds != 0 && (r->kinds & NDR_KIND_BIT(NDR_KIND_NONE)) == 0, "row %zu", i);
    LAW((r->mailboxes == NULL) == (r->mailbox_count == 0), "row %zu", i);
    if (i > 0) {
        const int c = ndr_slice_compare(w->row[i - 1].domain, r->domain);
        LAW(c < 0 || (c == 0 && w->row[i - 1].from <= r->from), "row %zu", i);
    }
    enum ndr_kind kind = NDR_KIND_FAILED;
    while ((r->kinds & NDR_KIND_BIT(kind)) == 0)
        kind++;
    const ndr_slice local = r->mailbox_count > 0 ? r->mailboxes[0] : (ndr_slice){0};
    const ndr_window *got = ndr_windows_find(w, r->domain, local, kind, r->from);
    LAW(got != NULL, "row %zu is never found", i);
    LAW(ndr_slice_equal(got->domain, r->domain) && got->from == r->from, "row %zu", i);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n > FILE_LIMIT)
        return -1;
    fuzz_scratch_write(bytes, n);
    const char *path = fuzz_path;
    ndr_window_table *t = NULL;
    ndr_error err = {0};
    size_t warnings = 0;
    const int rc = ndr_windows_load(
        &path, 1,
        &(ndr_windows_warn){NDR_SIZED(ndr_windows_warn), warn, &warnings, INT64_MIN}, &t,
        &err);
    if (rc != 0) {
        fuzz_check_error(rc, &err);
        LAW(strncmp(err.text, fuzz_path, strlen(fuzz_path)) == 0, "%s", err.text);
        return 0;
    }
    const ndr_windows *w = ndr_window_table_rows(t);
    for (size_t i = 0; i < w->count; i++)
        check_row(w, i);
    ndr_window_table_free(t);
    return 0;
}
