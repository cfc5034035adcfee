/* SPDX-License-Identifier: BSD-3-Clause */
/* auto_list.c - see auto_list.h. */
#include "auto_list.h"

#include "ndrscan_rules.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 1024, ROWS_MAX = 100000 };

static int
by_domain(const void *a, const void *b)
{
    const auto_domain *x = a, *y = b;
    return strcmp(x->domain, y->domain);
}

const auto_domain *
auto_list_find(const auto_list *l, const char *domain)
{
    size_t low = 0, high = l->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int d = strcmp(l->row[middle].domain, domain);
        if (d == 0)
            return &l->row[middle];
        if (d < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

void
auto_list_free(auto_list *l)
{
    free(l->row);
    *l = (auto_list){0};
}

static auto_domain *
add(auto_list *l)
{
    const size_t n = l->count;
    if ((n & (n - 1)) == 0) { /* room doubles at powers of two */
        auto_domain *longer = realloc(l->row, (n == 0 ? 1 : n * 2) * sizeof *longer);
        if (longer == NULL)
            return NULL;
        l->row = longer;
    }
    l->row[n] = (auto_domain){.take = NDR_TAKE_NOT_OURS};
    l->count++;
    return &l->row[n];
}

/* One line, which is changed. */
static int
take_line(auto_list *l, char *line, ndr_error *err)
{
    static const char blanks[] = " \t\r\n";
    char *rest = NULL;
    line[strcspn(line, "#")] = '\0';
    const char *domain = strtok_r(line, blanks, &rest);
    if (domain == NULL)
        return 0;
    const char *take = strtok_r(NULL, blanks, &rest);
    const char *owner = strtok_r(NULL, blanks, &rest);
    if (strtok_r(NULL, blanks, &rest) != NULL)
        return ndr_fail(err, NDR_E_SYNTAX,
                        "there are more than three words; write domain, take, owner");
    auto_domain *row = l->count < ROWS_MAX ? add(l) : NULL;
    if (row == NULL)
        return l->count < ROWS_MAX
                   ? ndr_fail(err, NDR_E_NOMEM, "no memory")
                   : ndr_fail(err, NDR_E_LIMIT, "over %d domains", ROWS_MAX);
    row->never = take != NULL && strcmp(take, "never") == 0;
    if (take != NULL && !row->never &&
        (!ndr_take_find(ndr_slice_of(take), &row->take) ||
         (row->take != NDR_TAKE_NOT_OURS && row->take != NDR_TAKE_FORGED)))
        return ndr_fail(
            err, NDR_E_SYNTAX,
            "'%.40s': a window that opens itself takes all-but-ours or forged; never "
            "keeps any from it",
            take);
    if (owner != NULL && strlen(owner) >= sizeof row->owner)
        return ndr_fail(err, NDR_E_SYNTAX, "the owner's name is over %d bytes",
                        (int)sizeof row->owner - 1);
    (void)snprintf(row->owner, sizeof row->owner, "%s", owner == NULL ? "" : owner);
    return ndr_domain_to_ascii(domain, row->domain, err);
}

static int
read_lines(auto_list *l, FILE *f, const char *path, ndr_error *err)
{
    char line[LINE_MAX_BYTES];
    int rc = 0;
    for (size_t n = 1; rc == 0 && fgets(line, sizeof line, f) != NULL; n++) {
        rc = strlen(line) + 1 < sizeof line
                 ? take_line(l, line, err)
                 : ndr_fail(err, NDR_E_SYNTAX, "the line is over %d bytes",
                            LINE_MAX_BYTES - 2);
        if (rc != 0)
            ndr_error_prefix(err, "%s:%zu", path, n);
    }
    if (rc == 0 && ferror(f))
        rc = ndr_fail(err, NDR_E_SYS, "read '%s'", path);
    return rc;
}

int
auto_list_load(const char *path, auto_list *ret, ndr_error *err)
{
    *ret = (auto_list){0};
    const int fd = ndr_open_own(AT_FDCWD, path, path, O_RDONLY | O_NONBLOCK, err);
    if (fd < 0)
        return fd;
    FILE *f = fdopen(fd, "r");
    if (f == NULL) {
        const int rc = ndr_fail(err, NDR_E_SYS, "read '%s'", path);
        (void)close(fd); /* was only opened */
        return rc;
    }
    int rc = read_lines(ret, f, path, err);
    (void)fclose(f); /* was only read */
    if (rc == 0 && ret->count > 1)
        qsort(ret->row, ret->count, sizeof *ret->row, by_domain);
    for (size_t i = 1; rc == 0 && i < ret->count; i++)
        if (strcmp(ret->row[i].domain, ret->row[i - 1].domain) == 0)
            rc = ndr_fail(err, NDR_E_SYNTAX, "%s: %s is there twice; leave one out", path,
                          ret->row[i].domain);
    if (rc != 0)
        auto_list_free(ret);
    return rc;
}

int
auto_list_join(const auto_list *file, const auto_wishes *wishes, const ndr_admins *people,
               auto_list *ret, ndr_error *err)
{
    *ret = (auto_list){.row = calloc(file->count + wishes->count + 1, sizeof *ret->row)};
    if (ret->row == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    for (size_t i = 0; i < file->count; i++)
        if (!file->row[i].never)
            ret->row[ret->count++] = file->row[i];
    for (size_t i = 0; i < wishes->count; i++) {
        const auto_wish *w = &wishes->row[i];
        if (auto_list_find(file, w->domain) != NULL || !auto_wish_counts(w, people))
            continue;
        auto_domain *row = &ret->row[ret->count++];
        *row = (auto_domain){.take = w->take};
        memcpy(row->domain, w->domain, sizeof row->domain);
        memcpy(row->owner, w->person, sizeof w->person);
    }
    if (ret->count > 1)
        qsort(ret->row, ret->count, sizeof *ret->row, by_domain);
    return 0;
}
