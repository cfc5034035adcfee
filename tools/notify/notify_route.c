/* SPDX-License-Identifier: BSD-3-Clause */
/* notify_route.c - see notify_route.h. */
#include "notify_route.h"

#include <stdio.h>
#include <stdlib.h>
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

/* Put it where it belongs, if it is not there. */
static bool
add(json_t *list, const char *address)
{
    size_t i = 0;
    int d = 1;
    for (; i < json_array_size(list); i++) {
        d = strcmp(json_string_value(json_array_get(list, i)), address);
        if (d >= 0)
            break;
    }
    return d == 0 || json_array_insert_new(list, i, json_string(address)) == 0;
}

json_t *
notify_to(const json_t *event, const notify_people *people)
{
    json_t *to = json_array();
    const char *domain = json_string_value(json_object_get(event, "domain"));
    const char *audience = json_string_value(json_object_get(event, "audience"));
    const bool theirs =
        domain != NULL && audience != NULL && strcmp(audience, "domain") == 0;
    size_t count = 0;
    const ndr_admin *row =
        theirs && people->admins != NULL ? ndr_admins_rows(people->admins, &count) : NULL;
    bool good = to != NULL;
    for (size_t i = 0; good && i < count; i++)
        if (row[i].mail != NULL &&
            ndr_admin_may(&row[i], NDR_ACT_LOOK, ndr_slice_of(domain), false))
            good = add(to, row[i].mail);
    if (good && json_array_size(to) == 0)
        for (size_t i = 0; good && i < people->operator_count; i++)
            good = add(to, people->operators[i]);
    if (good)
        return to;
    json_decref(to);
    return NULL;
}

/* One for many. */
static json_t *
digest(json_t *const *event, size_t count)
{
    json_t *all = json_object(), *list = json_array();
    ndr_buffer words = {0};
    char subject[80];
    (void)snprintf(subject, sizeof subject, "%zu events of bounces", count);
    bool good = all != NULL && list != NULL;
    for (size_t i = 0; good && i < count && i < NOTIFY_TOLD; i++) {
        good = json_array_append(list, event[i]) == 0;
        ndr_buffer_text(&words, json_string_value(json_object_get(event[i], "text")));
        ndr_buffer_text(&words, "\n");
    }
    if (count > NOTIFY_TOLD)
        ndr_buffer_printf(&words, "and %zu more\n", count - NOTIFY_TOLD);
    ndr_buffer_byte(&words, '\0');
    good = good && !words.failed &&
           json_object_set_new(all, "kind", json_string("digest")) == 0 &&
           json_object_set_new(all, "count", json_integer((json_int_t)count)) == 0 &&
           json_object_set_new(all, "subject", json_string(subject)) == 0 &&
           json_object_set_new(all, "text", json_string((const char *)words.ptr)) == 0 &&
           json_object_set(all, "events", list) == 0;
    ndr_buffer_free(&words);
    json_decref(list);
    if (good)
        return all;
    json_decref(all);
    return NULL;
}

char *
notify_text(json_t *const *event, size_t count, json_t *to)
{
    json_t *e = count == 1 ? json_copy(event[0]) : digest(event, count);
    char *text = e != NULL && json_object_set(e, "to", to) == 0
                     ? json_dumps(e, JSON_COMPACT)
                     : NULL;
    json_decref(e);
    return text;
}
