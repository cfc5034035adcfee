/* SPDX-License-Identifier: BSD-3-Clause */
/* end_record.c - see end_record.h. */
#include "end_record.h"

#include "app/json_writer.h"
#include "ndr_hex.h"
#include "ndr_piece_file.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The counts that are one number each. */
static const struct count {
    const char *name;
    size_t at; /* in ndr_stats */
} counts[] = {
    {"messages", offsetof(ndr_stats, messages)},
    {"bytes", offsetof(ndr_stats, bytes)},
    {"bounces", offsetof(ndr_stats, bounces)},
    {"junk", offsetof(ndr_stats, junk)},
    {"suspects", offsetof(ndr_stats, suspects)},
    {"truncated", offsetof(ndr_stats, truncated)},
    {"judged", offsetof(ndr_stats, judged)},
    {"spared", offsetof(ndr_stats, spared)},
    {"sources_failed", offsetof(ndr_stats, sources_failed)},
};
enum { COUNTS = sizeof counts / sizeof counts[0] };

static uint64_t *
count_of(ndr_stats *st, size_t i)
{
    return (uint64_t *)(void *)((char *)st + counts[i].at);
}

/* ---- writing ------------------------------------------------------------------------
 */

static void
put_hash(ndr_buffer *out, const char *key, uint64_t value)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%016" PRIx64, value);
    json_put_word(out, key, text);
}

/* A row of numbers, by name where there are names. */
static void
put_numbers(ndr_buffer *out, const char *key, const uint64_t *value, size_t count)
{
    json_begin(out, key, '[');
    for (size_t i = 0; i < count; i++)
        json_put_count(out, NULL, value[i]);
    json_end(out, ']');
}

static void
put_tally(ndr_buffer *out, const tally *t)
{
    ndr_stats st = {0};
    if (tally_stats(t, &st, NULL) != 0)
        out->failed = true;
    uint64_t other = st.other_domains;
    json_begin(out, "domains", '[');
    for (size_t i = 0; i < st.domain_count; i++) {
        const ndr_domain_count *d = &st.domain[i];
        if (i >= TALLY_TOLD) {
            other += d->bounces;
            continue;
        }
        json_begin(out, NULL, '[');
        json_put_word(out, NULL, d->domain);
        json_put_count(out, NULL, d->bounces);
        json_put_count(out, NULL, d->junk);
        json_end(out, ']');
    }
    json_end(out, ']');
    json_put_count(out, "other_domains", other);
    put_numbers(out, "windows", t->window, t->windows);
    ndr_stats_clear(&st);
}

static void
put_counted(ndr_buffer *out, const piece_counted *c)
{
    if (!c->known)
        return;
    json_put_count(out, "counted", c->count);
    json_put_count(out, "counted_bytes", c->bytes);
    put_hash(out, "counted_xxh3", c->sum);
    json_put_count(out, "undated", c->undated);
}

static void
put_rest(ndr_buffer *out, const end_record *e)
{
    json_begin(out, "options", '{');
    for (int i = 0; i < SETTING_COUNT; i++)
        json_put_text(out, setting_name((enum setting)i),
                      ndr_slice_of(e->settings.value[i]));
    json_end(out, '}');
    json_put_bool(out, "broken", e->broken);
    json_put_bool(out, "seek_table_wrong", e->lied);
    json_begin(out, "troubles", '[');
    for (size_t i = 0; i < e->trouble_count; i++) {
        json_begin(out, NULL, '{');
        json_put_text(out, "source", ndr_slice_of(e->trouble[i].source));
        json_put_text(out, "text", ndr_slice_of(e->trouble[i].text));
        json_end(out, '}');
    }
    ndr_buffer_text(out, "]}");
}

void
end_record_write(const end_record *e, const char *name, const ndr_plan_piece *piece,
                 ndr_buffer *out)
{
    ndr_stats st = e->counts;
    char id[40];
    (void)snprintf(id, sizeof id, "%016" PRIx64 "%016" PRIx64, e->id[0], e->id[1]);
    ndr_buffer_text(out, NDR_PIECE_END);
    json_put_count(out, "version", END_RECORD_VERSION);
    json_put_word(out, "id", id);
    json_put_text(out, "source", ndr_slice_of(name));
    json_put_count(out, "piece", piece->number);
    json_put_count(out, "sources", piece->count);
    json_put_count(out, "stored_bytes", piece->bytes);
    put_hash(out, "stored_xxh3", e->sum);
    put_hash(out, "stamp", e->stamp);
    json_put_count(out, "content_bytes", e->content);
    json_put_count(out, "records_bytes", e->records_bytes);
    put_hash(out, "records_xxh3", e->records_hash);
    for (size_t i = 0; i < COUNTS; i++)
        json_put_count(out, counts[i].name, *count_of(&st, i));
    put_numbers(out, "kinds", st.by_kind, NDR_KIND_COUNT);
    put_numbers(out, "whose", st.by_whose, NDR_WHOSE_COUNT);
    put_tally(out, &e->tally);
    put_counted(out, &e->counted);
    if (e->judged_by.known)
        put_hash(out, "proofs_xxh3", e->judged_by.sum);
    put_rest(out, e);
}

/* ---- reading ------------------------------------------------------------------------
 */

static bool
get_number(const json_t *o, const char *key, uint64_t *ret)
{
    const json_t *v = json_object_get(o, key);
    *ret = (uint64_t)json_integer_value(v);
    return json_is_integer(v);
}

static bool
hex(const char *text, size_t n, uint64_t *ret)
{
    *ret = 0;
    for (size_t i = 0; i < n; i++) {
        const int digit = ndr_hex_value((unsigned char)text[i]);
        if (digit < 0)
            return false;
        *ret = *ret << 4 | (uint64_t)digit;
    }
    return true;
}

static bool
get_hash(const json_t *o, const char *key, uint64_t *ret)
{
    const json_t *v = json_object_get(o, key);
    return json_is_string(v) && json_string_length(v) == 16 &&
           hex(json_string_value(v), 16, ret);
}

static bool
get_numbers(const json_t *o, const char *key, uint64_t *value, size_t count)
{
    const json_t *list = json_object_get(o, key);
    if (!json_is_array(list) || json_array_size(list) > count)
        return false; /* fewer: of an older program that knew fewer */
    for (size_t i = 0; i < json_array_size(list); i++)
        value[i] = (uint64_t)json_integer_value(json_array_get(list, i));
    return true;
}

static bool
get_tally(const json_t *o, tally *t)
{
    const json_t *domains = json_object_get(o, "domains");
    const json_t *windows = json_object_get(o, "windows");
    if (!json_is_array(domains) || !json_is_array(windows) ||
        !get_number(o, "other_domains", &t->other))
        return false;
    for (size_t i = 0; i < json_array_size(domains); i++) {
        const json_t *row = json_array_get(domains, i);
        const json_t *name = json_array_get(row, 0);
        if (!json_is_string(name))
            return false;
        tally_add(t,
                  (ndr_slice){(const unsigned char *)json_string_value(name),
                              json_string_length(name)},
                  (uint64_t)json_integer_value(json_array_get(row, 1)),
                  (uint64_t)json_integer_value(json_array_get(row, 2)));
    }
    const size_t count = json_array_size(windows);
    for (size_t i = 0; i < count; i++)
        tally_add_window(t, i, count,
                         (uint64_t)json_integer_value(json_array_get(windows, i)));
    return true;
}

/* Where there is none of it, they were not kept. */
static bool
get_counted(const json_t *o, piece_counted *c)
{
    c->known = json_object_get(o, "counted") != NULL;
    return !c->known || (get_number(o, "counted", &c->count) &&
                         get_number(o, "counted_bytes", &c->bytes) &&
                         get_hash(o, "counted_xxh3", &c->sum) &&
                         get_number(o, "undated", &c->undated));
}

static bool
get_judged_by(const json_t *o, end_judged_by *j)
{
    j->known = json_object_get(o, "proofs_xxh3") != NULL;
    return !j->known || get_hash(o, "proofs_xxh3", &j->sum);
}

static bool
get_options(const json_t *o, settings *s)
{
    const json_t *options = json_object_get(o, "options");
    for (int i = 0; i < SETTING_COUNT; i++) {
        const json_t *v = json_object_get(options, setting_name((enum setting)i));
        if (json_is_string(v) &&
            !setting_put(s, (enum setting)i, ndr_slice_of(json_string_value(v))))
            return false;
    }
    return json_is_object(options);
}

bool
end_record_trouble(end_record *e, const char *source, const char *text)
{
    if ((e->trouble_count & (e->trouble_count - 1)) == 0) { /* 0, or a power of two */
        const size_t cap = e->trouble_count > 0 ? e->trouble_count * 2 : 1;
        end_trouble *more = realloc(e->trouble, cap * sizeof *more);
        if (more == NULL)
            return false;
        e->trouble = more;
    }
    end_trouble t = {strdup(source), strdup(text)};
    if (t.source == NULL || t.text == NULL) {
        free(t.source);
        free(t.text);
        return false;
    }
    e->trouble[e->trouble_count++] = t;
    return true;
}

static bool
get_troubles(const json_t *o, end_record *e)
{
    const json_t *list = json_object_get(o, "troubles");
    if (!json_is_array(list))
        return false;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *row = json_array_get(list, i);
        const char *source = json_string_value(json_object_get(row, "source"));
        const char *text = json_string_value(json_object_get(row, "text"));
        if (source == NULL || text == NULL || !end_record_trouble(e, source, text))
            return false;
    }
    return true;
}

static bool
get_all(const json_t *o, end_record *e)
{
    const char *id = json_string_value(json_object_get(o, "id"));
    bool ok = id != NULL && strlen(id) == 32 && hex(id, 16, &e->id[0]) &&
              hex(id + 16, 16, &e->id[1]) && get_hash(o, "stored_xxh3", &e->sum) &&
              get_hash(o, "stamp", &e->stamp) &&
              get_number(o, "content_bytes", &e->content) &&
              get_number(o, "records_bytes", &e->records_bytes) &&
              get_hash(o, "records_xxh3", &e->records_hash);
    for (size_t i = 0; ok && i < COUNTS; i++)
        ok = get_number(o, counts[i].name, count_of(&e->counts, i));
    e->broken = json_is_true(json_object_get(o, "broken"));
    e->lied = json_is_true(json_object_get(o, "seek_table_wrong"));
    return ok && get_numbers(o, "kinds", e->counts.by_kind, NDR_KIND_COUNT) &&
           get_numbers(o, "whose", e->counts.by_whose, NDR_WHOSE_COUNT) &&
           get_tally(o, &e->tally) && get_counted(o, &e->counted) &&
           get_judged_by(o, &e->judged_by) && get_options(o, &e->settings) &&
           get_troubles(o, e);
}

int
end_record_read(ndr_slice line, end_record *ret, ndr_error *err)
{
    *ret = (end_record){0};
    json_error_t why;
    json_t *o = json_loadb((const char *)line.ptr, line.len, 0, &why);
    uint64_t version = 0;
    int code = 0;
    if (o == NULL || !get_number(o, "version", &version))
        code = ndr_fail(err, NDR_E_DAMAGED, "its end record is none");
    else if (version > END_RECORD_VERSION)
        code = ndr_fail(err, NDR_E_LIMIT, "was written by a newer ndrscan");
    else if (!get_all(o, ret) || ret->tally.failed)
        code = ndr_fail(err, NDR_E_DAMAGED, "its end record is not whole");
    json_decref(o);
    if (code != 0)
        end_record_free(ret);
    return code;
}

void
end_record_free(end_record *e)
{
    for (size_t i = 0; i < e->trouble_count; i++) {
        free(e->trouble[i].source);
        free(e->trouble[i].text);
    }
    free(e->trouble);
    tally_free(&e->tally);
    settings_free(&e->settings);
    *e = (end_record){0};
}
