/* SPDX-License-Identifier: BSD-3-Clause */
/* auto_ready.c - see auto_ready.h. */
#include "auto_ready.h"

#include "app/json_writer.h"
#include "kept_json.h"
#include "ndr_hash.h"

#include <stdlib.h>
#include <string.h>

static const kept_file file = {.name = AUTO_READY_FILE,
                               .beside = ".ndrscan.auto.ready.new",
                               .holds = "domains whose windows could open themselves",
                               .remedy = "remove it; the watcher makes it anew",
                               .version = 1};

static const char *const list_words[] = {"wish", "list", "never"};

void
auto_ready_free(auto_ready *r)
{
    free(r->row);
    *r = (auto_ready){0};
}

auto_ready_domain *
auto_ready_add(auto_ready *r, const char *domain)
{
    const size_t n = r->count;
    if (strlen(domain) >= sizeof r->row->domain)
        return NULL;
    if ((n & (n - 1)) == 0) { /* room doubles at powers of two */
        auto_ready_domain *longer =
            realloc(r->row, (n == 0 ? 1 : n * 2) * sizeof *longer);
        if (longer == NULL)
            return NULL;
        r->row = longer;
    }
    r->row[n] = (auto_ready_domain){.list = AUTO_BY_WISH, .take = NDR_TAKE_NOT_OURS};
    memcpy(r->row[n].domain, domain, strlen(domain) + 1);
    r->count++;
    return &r->row[n];
}

static int
by_domain(const void *a, const void *b)
{
    return strcmp(((const auto_ready_domain *)a)->domain,
                  ((const auto_ready_domain *)b)->domain);
}

/* In order, and what is said of a domain in two rows in one. */
static void
unite(auto_ready *r)
{
    size_t kept = 0;
    if (r->count > 1)
        qsort(r->row, r->count, sizeof *r->row, by_domain);
    for (size_t i = 0; i < r->count; i++) {
        auto_ready_domain *last = kept > 0 ? &r->row[kept - 1] : NULL;
        if (last == NULL || by_domain(last, &r->row[i]) != 0) {
            r->row[kept++] = r->row[i];
            continue;
        }
        last->known |= r->row[i].known;
        last->all_mail |= r->row[i].all_mail;
        if (r->row[i].list > last->list) {
            last->list = r->row[i].list;
            last->take = r->row[i].take;
        }
    }
    r->count = kept;
}

static int
to_domain(const void *domain, const void *row)
{
    return strcmp(domain, ((const auto_ready_domain *)row)->domain);
}

const auto_ready_domain *
auto_ready_find(const auto_ready *r, const char *domain)
{
    return r->count == 0 ? NULL
                         : bsearch(domain, r->row, r->count, sizeof *r->row, to_domain);
}

/* As text: the same for the same. */
static void
write_all(const auto_ready *r, ndr_buffer *text)
{
    json_begin(text, NULL, '{');
    json_put_integer(text, "version", file.version);
    json_put_bool(text, "dry", r->dry);
    json_put_bool(text, "people", r->people);
    json_begin(text, "domains", '[');
    for (size_t i = 0; i < r->count; i++) {
        const auto_ready_domain *d = &r->row[i];
        json_begin(text, NULL, '{');
        json_put_word(text, "domain", d->domain);
        json_put_bool(text, "known", d->known);
        json_put_bool(text, "all_mail", d->all_mail);
        json_put_word(text, "by", list_words[d->list]);
        if (d->list == AUTO_BY_LIST)
            json_put_word(text, "take", ndr_take_name(d->take));
        json_end(text, '}');
    }
    json_end(text, ']');
    json_end(text, '}');
    ndr_buffer_byte(text, '\n');
}

int
auto_ready_save(const char *dir, auto_ready *r, int64_t now, uint64_t *print,
                ndr_error *err)
{
    ndr_buffer text = {0};
    int rc = 0;
    unite(r);
    write_all(r, &text);
    const uint64_t is = ndr_hash((ndr_slice){text.ptr, text.len}, 1);
    if (text.failed || is != *print || !kept_json_touch(dir, &file, now)) {
        rc = kept_json_write(dir, &file, &text, err);
        if (rc == 0)
            (void)kept_json_touch(dir, &file, now); /* it says now by itself */
    }
    *print = rc == 0 ? is : 0;
    ndr_buffer_free(&text);
    return rc;
}

static bool
read_row(const json_t *o, auto_ready *r)
{
    const char *domain = json_string_value(json_object_get(o, "domain"));
    const char *by = json_string_value(json_object_get(o, "by"));
    auto_ready_domain *d = domain != NULL ? auto_ready_add(r, domain) : NULL;
    if (d == NULL || by == NULL)
        return false;
    const char *take = json_string_value(json_object_get(o, "take"));
    if (take != NULL && !ndr_take_find(ndr_slice_of(take), &d->take))
        return false;
    d->known = json_is_true(json_object_get(o, "known"));
    d->all_mail = json_is_true(json_object_get(o, "all_mail"));
    for (int i = AUTO_BY_WISH; i <= AUTO_NEVER; i++)
        if (strcmp(by, list_words[i]) == 0)
            d->list = (enum auto_listed)i;
    return true;
}

int
auto_ready_load(const char *dir, int64_t now, auto_ready *ret, bool *ret_there,
                ndr_error *err)
{
    json_t *all;
    *ret = (auto_ready){0};
    *ret_there = false;
    int rc = kept_json_read(dir, &file, &all, err);
    if (rc != 0 || all == NULL)
        return rc;
    const json_t *list = json_object_get(all, "domains");
    int64_t at = 0;
    ret->dry = json_is_true(json_object_get(all, "dry"));
    ret->people = json_is_true(json_object_get(all, "people"));
    for (size_t i = 0; i < json_array_size(list) && rc == 0; i++)
        if (!read_row(json_array_get(list, i), ret))
            rc = kept_json_damaged(dir, &file, "a domain in it lacks what each has", err);
    unite(ret);
    *ret_there = rc == 0 && kept_json_time(dir, &file, &at) && now - at < AUTO_READY_S &&
                 at - now < AUTO_READY_S;
    if (rc != 0)
        auto_ready_free(ret);
    json_decref(all);
    return rc;
}
