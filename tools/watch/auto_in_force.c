/* SPDX-License-Identifier: BSD-3-Clause */
/* auto_in_force.c - see auto_in_force.h. */
#include "auto_in_force.h"

#include "app/diag.h"
#include "ndr_clock.h"
#include "windows/auto_ready.h"

#include <stdio.h>
#include <string.h>

static void
tell_admins(void *ctx, const char *text)
{
    (void)ctx;
    diag("%s", text);
}

int
auto_in_force_begin(auto_in_force *f, const char *path, const char *admins,
                    ndr_error *err)
{
    *f = (auto_in_force){.path = path};
    int rc = path != NULL ? auto_list_load(path, &f->file, err) : 0;
    if (rc == 0 && admins != NULL)
        rc = ndr_admins_watch_begin(admins, tell_admins, NULL, &f->people, err);
    return rc;
}

void
auto_in_force_end(auto_in_force *f)
{
    auto_list_free(&f->file);
    auto_list_free(&f->list);
    ndr_admins_watch_end(f->people);
}

/* The operator's, as the file has it now. */
static void
read_list(auto_in_force *f)
{
    auto_list list;
    ndr_error err = {0};
    if (f->path == NULL)
        return;
    if (auto_list_load(f->path, &list, &err) == 0) {
        auto_list_free(&f->file);
        f->file = list;
    } else if (strcmp(f->trouble, err.text) != 0) {
        diag("%s; the list as it was stays in force", err.text);
    }
    memcpy(f->trouble, err.text, sizeof err.text);
}

int
auto_in_force_look(auto_in_force *f, const char *windows, ndr_error *err)
{
    auto_wishes wishes = {0};
    auto_list list = {0};
    read_list(f);
    const int read = f->path != NULL ? auto_wishes_load(windows, &wishes, err) : 0;
    const ndr_admins *people =
        f->people != NULL ? ndr_admins_now(f->people, ndr_now_ms()) : NULL;
    const int rc =
        auto_list_join(&f->file, &wishes, people, &list, read == 0 ? err : NULL);
    if (rc == 0) {
        auto_list_free(&f->list);
        f->list = list;
    }
    auto_wishes_free(&wishes);
    return read != 0 ? read : rc;
}

/* False: no memory. */
static bool
add_listed(const auto_list *file, auto_ready *r)
{
    for (size_t i = 0; i < file->count; i++) {
        auto_ready_domain *d = auto_ready_add(r, file->row[i].domain);
        if (d == NULL)
            return false;
        d->list = file->row[i].never ? AUTO_NEVER : AUTO_BY_LIST;
        d->take = file->row[i].take;
    }
    return true;
}

static bool
add_known(const ndr_identity_table *table, auto_ready *r)
{
    const ndr_identity *who = table != NULL ? ndr_identity_rows(table) : NULL;
    for (size_t i = 0; who != NULL && i < who->count; i++) {
        char name[256];
        (void)snprintf(name, sizeof name, "%.*s", (int)who->row[i].domain.len,
                       (const char *)who->row[i].domain.ptr);
        auto_ready_domain *d = auto_ready_add(r, name);
        if (d == NULL)
            return false;
        d->known = true;
        d->all_mail = who->row[i].dkim_since != NDR_TIME_UNKNOWN;
    }
    return true;
}

void
auto_in_force_tell(auto_in_force *f, const char *windows, const ndr_identity_table *who,
                   bool dry, int64_t now)
{
    auto_ready r = {.dry = dry, .people = f->people != NULL};
    ndr_error err = {0};
    if (f->path == NULL)
        return;
    const bool good = add_listed(&f->file, &r) && add_known(who, &r)
                          ? auto_ready_save(windows, &r, now, &f->print, &err) == 0
                          : ndr_fail(&err, NDR_E_NOMEM, "no memory") == 0;
    if (!good && !f->untold)
        diag("the page is not told which windows could open themselves: %s", err.text);
    f->untold = !good;
    auto_ready_free(&r);
}
