/* SPDX-License-Identifier: BSD-3-Clause */
/* notify_route.c - see notify_route.h. */
#include "notify_route.h"

#include "notify_words.h"

#include <string.h>

json_t *
notify_event(ndr_slice text)
{
    json_t *e = json_loadb((const char *)text.ptr, text.len, 0, NULL);
    static const char *const needed[] = {"id", "kind", "subject", "text"};
    bool good = json_is_object(e);
    for (size_t i = 0; good && i < sizeof needed / sizeof needed[0]; i++)
        good = json_is_string(json_object_get(e, needed[i]));
    if (good)
        return e;
    json_decref(e);
    return NULL;
}

/* ---- who ----------------------------------------------------------------------------
 */

static bool
is_in(const json_t *list, const char *address)
{
    size_t i;
    const json_t *one;
    json_array_foreach(list, i,
                       one) if (json_is_string(one) &&
                                strcmp(json_string_value(one), address) == 0) return true;
    return false;
}

/* The reader of this language and zone, made at the end. NULL: no memory. */
static json_t *
reader_of(json_t *readers, const char *language, const char *zone, bool operator)
{
    size_t i;
    json_t *one;
    json_array_foreach(
        readers, i, one) if (strcmp(json_string_value(json_object_get(one, "language")),
                                    language) == 0 &&
                             strcmp(json_string_value(json_object_get(one, "zone")),
                                    zone) == 0) return one;
    one = json_pack("{s:s,s:s,s:b,s:[]}", "language", language, "zone", zone, "operator",
                    (int)operator, "to");
    return one != NULL && json_array_append_new(readers, one) == 0 ? one : NULL;
}

/* One more address, if nobody has it yet. */
static bool
add(json_t *readers, const char *language, const char *zone, bool operator,
    const char * address)
{
    size_t i, at = 0;
    const json_t *one;
    json_array_foreach(readers, i,
                       one) if (is_in(json_object_get(one, "to"), address)) return true;
    json_t *reader = reader_of(readers, language, zone, operator);
    json_t *to = json_object_get(reader, "to");
    while (at < json_array_size(to) &&
           strcmp(json_string_value(json_array_get(to, at)), address) < 0)
        at++;
    return to != NULL && json_array_insert_new(to, at, json_string(address)) == 0;
}

/* Those who look after the domain. *ret_any: there is one with an address. */
static bool
add_people(json_t *readers, const char *domain, const json_t *told,
           const notify_people *people, bool *ret_any)
{
    size_t count = 0;
    const ndr_admin *row =
        people->admins != NULL ? ndr_admins_rows(people->admins, &count) : NULL;
    bool good = true;
    *ret_any = false;
    for (size_t i = 0; good && i < count; i++) {
        const ndr_admin *a = &row[i];
        if (a->mail == NULL ||
            !ndr_admin_may(a, NDR_ACT_LOOK, ndr_slice_of(domain), false))
            continue;
        *ret_any = true;
        if (!is_in(told, a->mail))
            good =
                add(readers, a->language != NULL ? a->language : lang_tag(people->lang),
                    a->zone != NULL ? a->zone : "", false, a->mail);
    }
    return good;
}

json_t *
notify_readers(const json_t *event, const notify_people *people)
{
    json_t *readers = json_array();
    const json_t *told = json_object_get(event, "told");
    const char *domain = json_string_value(json_object_get(event, "domain"));
    const char *audience = json_string_value(json_object_get(event, "audience"));
    bool any = false, good = readers != NULL;
    if (good && domain != NULL && audience != NULL && strcmp(audience, "domain") == 0)
        good = add_people(readers, domain, told, people, &any);
    if (good && !any)
        good = reader_of(readers, lang_tag(people->lang), "", true) != NULL;
    for (size_t i = 0; good && !any && i < people->operator_count; i++)
        good = add(readers, lang_tag(people->lang), "", true, people->operators[i]);
    if (good)
        return readers;
    json_decref(readers);
    return NULL;
}

/* ---- what ----------------------------------------------------------------------------
 */

/* What is said to one reader. */
static notify_reader
to_reader(const json_t *reader, const notify_people *people)
{
    notify_reader r = {
        .lang = people->lang,
        .zone = json_string_value(json_object_get(reader, "zone")),
        .operator= json_is_true(json_object_get(reader, "operator")),
        .page = people->page,
    };
    (void)lang_find(json_string_value(json_object_get(reader, "language")), &r.lang);
    return r;
}

/* A copy with a subject and a text in the reader's words; NULL: no memory. */
static json_t *
in_words(json_t *event, const notify_reader *r)
{
    ndr_buffer subject = {0}, text = {0};
    json_t *e = json_copy(event);
    bool good = e != NULL;
    if (good && notify_words(event, r, &subject, &text)) {
        ndr_buffer_byte(&subject, '\0');
        ndr_buffer_byte(&text, '\0');
        good = !subject.failed && !text.failed &&
               json_object_set_new(e, "subject",
                                   json_string((const char *)subject.ptr)) == 0 &&
               json_object_set_new(e, "text", json_string((const char *)text.ptr)) == 0;
    }
    if (e != NULL)
        (void)json_object_del(e, "told");
    ndr_buffer_free(&subject);
    ndr_buffer_free(&text);
    if (good)
        return e;
    json_decref(e);
    return NULL;
}

/* One for many. */
static json_t *
digest(json_t *const *event, size_t count, const notify_reader *r)
{
    json_t *list = json_array(), *all = NULL;
    ndr_buffer words = {0}, subject = {0};
    bool good = list != NULL;
    for (size_t i = 0; good && i < count && i < NOTIFY_TOLD; i++) {
        json_t *one = in_words(event[i], r);
        good = one != NULL && json_array_append_new(list, one) == 0;
        if (good)
            ndr_buffer_printf(&words, "%s\n\n",
                              json_string_value(json_object_get(one, "text")));
    }
    if (count > NOTIFY_TOLD)
        say_number(&words, r->lang, W_MAIL_MORE, count - NOTIFY_TOLD, NULL);
    say_number(&subject, r->lang, W_MAIL_DIGEST_SUBJECT, count, NULL);
    ndr_buffer_byte(&words, '\0');
    ndr_buffer_byte(&subject, '\0');
    if (good && !words.failed && !subject.failed)
        all = json_pack("{s:s,s:I,s:s,s:s,s:O}", "kind", "digest", "count",
                        (json_int_t)count, "subject", (const char *)subject.ptr, "text",
                        (const char *)words.ptr, "events", list);
    ndr_buffer_free(&words);
    ndr_buffer_free(&subject);
    json_decref(list);
    return all;
}

char *
notify_text(json_t *const *event, size_t count, json_t *reader,
            const notify_people *people)
{
    const notify_reader r = to_reader(reader, people);
    json_t *e = count == 1 ? in_words(event[0], &r) : digest(event, count, &r);
    char *text = NULL;
    if (e != NULL && json_object_set(e, "to", json_object_get(reader, "to")) == 0 &&
        json_object_set_new(e, "language", json_string(lang_tag(r.lang))) == 0 &&
        (r.zone[0] == '\0' || json_object_set_new(e, "zone", json_string(r.zone)) == 0))
        text = json_dumps(e, JSON_COMPACT);
    json_decref(e);
    return text;
}

char *
notify_rest(json_t *event, json_t *told)
{
    json_t *e = json_copy(event), *all = json_array();
    bool good = e != NULL && all != NULL && json_array_extend(all, told) == 0;
    if (good && json_is_array(json_object_get(event, "told")))
        good = json_array_extend(all, json_object_get(event, "told")) == 0;
    char *text =
        good && json_object_set(e, "told", all) == 0 ? json_dumps(e, JSON_COMPACT) : NULL;
    json_decref(all);
    json_decref(e);
    return text;
}
