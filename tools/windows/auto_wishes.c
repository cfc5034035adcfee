/* SPDX-License-Identifier: BSD-3-Clause */
/* auto_wishes.c - see auto_wishes.h. */
#include "auto_wishes.h"

#include "app/json_writer.h"
#include "auto_state.h"
#include "kept_json.h"
#include "ndrscan_rules.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROWS_MAX = 20000 }; /* of the longest names, what can be read again */
static const kept_file file = {
    .name = AUTO_WISHES_FILE,
    .beside = ".ndrscan.auto.wishes.new",
    .holds = "domains whose windows open themselves",
    .remedy = "remove it, and say on the page again what it is to hold",
    .version = 1};

/* ---- reading ----------------------------------------------------------------------- */

static int
by_domain(const void *a, const void *b)
{
    return strcmp(((const auto_wish *)a)->domain, ((const auto_wish *)b)->domain);
}

static bool
take_text(const json_t *o, const char *name, char *ret, size_t size)
{
    const char *text = json_string_value(json_object_get(o, name));
    if (text == NULL || strlen(text) >= size)
        return false;
    memcpy(ret, text, strlen(text) + 1);
    return true;
}

static bool
read_row(const json_t *o, auto_wish *w)
{
    char take[32], plain[256];
    const json_t *at = json_object_get(o, "at");
    *w = (auto_wish){.at = json_integer_value(at)};
    return json_is_integer(at) && take_text(o, "domain", w->domain, sizeof w->domain) &&
           ndr_domain_to_ascii(w->domain, plain, NULL) == 0 &&
           strcmp(plain, w->domain) == 0 && take_text(o, "take", take, sizeof take) &&
           ndr_take_find(ndr_slice_of(take), &w->take) &&
           (w->take == NDR_TAKE_NOT_OURS || w->take == NDR_TAKE_FORGED) &&
           (json_object_get(o, "person") == NULL ||
            (take_text(o, "person", w->person, sizeof w->person) &&
             ndr_admin_name_can_be(ndr_slice_of(w->person))));
}

static int
read_all(const char *dir, const json_t *all, auto_wishes *ret, ndr_error *err)
{
    const json_t *list = json_object_get(all, "wishes");
    const size_t n = json_array_size(list);
    if (!json_is_array(list) || n > ROWS_MAX)
        return kept_json_damaged(dir, &file, "it is no list of wishes", err);
    ret->row = calloc(n + 1, sizeof *ret->row); /* and one that is put */
    if (ret->row == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    for (; ret->count < n; ret->count++)
        if (!read_row(json_array_get(list, ret->count), &ret->row[ret->count]))
            return kept_json_damaged(dir, &file, "a wish in it lacks what each has", err);
    if (n > 1)
        qsort(ret->row, n, sizeof *ret->row, by_domain);
    for (size_t i = 1; i < n; i++)
        if (by_domain(&ret->row[i - 1], &ret->row[i]) == 0)
            return kept_json_damaged(dir, &file, "a domain is in it twice", err);
    return 0;
}

int
auto_wishes_load(const char *dir, auto_wishes *ret, ndr_error *err)
{
    json_t *all;
    *ret = (auto_wishes){0};
    int rc = kept_json_read(dir, &file, &all, err);
    if (rc == 0 && all != NULL)
        rc = read_all(dir, all, ret, err);
    if (rc != 0)
        auto_wishes_free(ret);
    json_decref(all);
    return rc;
}

void
auto_wishes_free(auto_wishes *w)
{
    free(w->row);
    *w = (auto_wishes){0};
}

static int
to_domain(const void *domain, const void *row)
{
    return strcmp(domain, ((const auto_wish *)row)->domain);
}

const auto_wish *
auto_wishes_find(const auto_wishes *w, const char *domain)
{
    return w->count == 0 ? NULL
                         : bsearch(domain, w->row, w->count, sizeof *w->row, to_domain);
}

bool
auto_wish_counts(const auto_wish *w, const ndr_admins *people)
{
    return w->person[0] == '\0' ||
           ndr_admin_may(ndr_admins_find(people, w->person), NDR_ACT_SWITCH,
                         ndr_slice_of(w->domain), false);
}

/* ---- changing ---------------------------------------------------------------------- */

static void
write_all(const auto_wishes *all, ndr_buffer *out)
{
    json_begin(out, NULL, '{');
    json_put_integer(out, "version", file.version);
    json_begin(out, "wishes", '[');
    for (size_t i = 0; i < all->count; i++) {
        const auto_wish *w = &all->row[i];
        json_begin(out, NULL, '{');
        json_put_word(out, "domain", w->domain);
        json_put_word(out, "take", ndr_take_name(w->take));
        if (w->person[0] != '\0')
            json_put_word(out, "person", w->person);
        json_put_integer(out, "at", w->at);
        json_end(out, '}');
    }
    json_end(out, ']');
    json_end(out, '}');
    ndr_buffer_byte(out, '\n');
}

/* In memory. False: that is how it is. */
static bool
change(auto_wishes *all, const auto_wish *w, bool on)
{
    size_t i = 0;
    while (i < all->count && strcmp(all->row[i].domain, w->domain) != 0)
        i++;
    if (i == all->count) {
        if (on)
            all->row[all->count++] = *w; /* there is room for one */
        return on;
    }
    if (on && all->row[i].take == w->take && strcmp(all->row[i].person, w->person) == 0)
        return false;
    if (on) {
        all->row[i] = *w;
        return true;
    }
    all->count--;
    memmove(&all->row[i], &all->row[i + 1], (all->count - i) * sizeof *all->row);
    return true;
}

/* Under the lock. */
static int
put(const char *dir, const auto_wish *w, bool on, const history *by, ndr_error *err)
{
    auto_wishes all;
    ndr_buffer text = {0};
    int rc = auto_wishes_load(dir, &all, err);
    if (rc != 0)
        return rc;
    if (all.row == NULL && (all.row = calloc(1, sizeof *all.row)) == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    if (change(&all, w, on)) {
        write_all(&all, &text);
        rc = all.count > ROWS_MAX
                 ? ndr_fail(err, NDR_E_LIMIT, "over %d domains ask for it", ROWS_MAX)
             : text.failed ? ndr_fail(err, NDR_E_NOMEM, "no memory")
                           : history_wish(by, ndr_slice_of(w->domain), w->take, on, err);
        if (rc == 0)
            rc = kept_json_write(dir, &file, &text, err);
    }
    ndr_buffer_free(&text);
    auto_wishes_free(&all);
    return rc;
}

int
auto_wishes_put(const char *dir, const auto_wish *w, bool on, const history *by,
                unsigned wait_ms, ndr_error *err)
{
    int lock;
    int rc = auto_state_lock_make(dir, err);
    if (rc == 0)
        rc = auto_state_lock(dir, true, wait_ms, &lock, err);
    if (rc != 0)
        return rc;
    rc = put(dir, w, on, by, err);
    if (lock >= 0)
        (void)close(lock); /* and so unlocks */
    return rc;
}
