/* SPDX-License-Identifier: BSD-3-Clause */
#include "notify/notify_route.h"

#include "harness.h"

#include <stdio.h>

#define ONE(name, domain, more)                                                          \
    "- {name: " name ", domains: [" domain "], role: look, proxy: " name ", " more "}\n"

static const char file[] =
    "admins:\n" ONE("ann", "a.example", "mail: ann@a.example, language: de")
        ONE("bob", "a.example", "mail: bob@a.example, language: de, zone: Etc/UTC")
            ONE("cid", "a.example, b.example", "mail: cid@x.example, language: de")
                ONE("dan", "a.example", "mail: ann@a.example, language: ja")
                    ONE("eve", "a.example", "mail: eve@a.example")
                        ONE("fay", "c.example", "language: fr");

typedef struct route_row {
    const char *why, *event, *want;
} route_row;

/* LANGUAGE/ZONE/who: addresses; in the order of the file. */
static const route_row rows[] = {
    {"each in their language and zone, no address twice",
     "\"domain\":\"a.example\",\"audience\":\"domain\"",
     "de//person: ann@a.example cid@x.example; de/Etc/UTC/person: bob@a.example; "
     "es//person: eve@a.example; "},
    {"who was told is left out",
     "\"domain\":\"a.example\",\"audience\":\"domain\",\"told\":[\"cid@x.example\","
     "\"bob@a.example\",\"gone@x.example\",7]",
     "de//person: ann@a.example; es//person: eve@a.example; "},
    {"all were told: nobody is left, not the operator either",
     "\"domain\":\"b.example\",\"audience\":\"domain\",\"told\":[\"cid@x.example\"]", ""},
    {"nobody with an address: the operator",
     "\"domain\":\"c.example\",\"audience\":\"domain\"", "es//operator: a@op b@op; "},
    {"what is the operator's", "\"domain\":\"a.example\",\"audience\":\"operator\"",
     "es//operator: a@op b@op; "},
    {"of no domain", "\"audience\":\"domain\"", "es//operator: a@op b@op; "},
    {"what told nobody by a mistake", "\"audience\":\"operator\",\"told\":\"a@op\"",
     "es//operator: a@op b@op; "},
};

static char *const operators[] = {(char[]){"b@op"}, (char[]){"a@op"}};

static json_t *
event_of(const char *members)
{
    char text[400];
    (void)snprintf(
        text, sizeof text,
        "{\"id\":\"i\",\"kind\":\"novel\",\"subject\":\"s\",\"text\":\"t\",%s}", members);
    json_t *e = notify_event(ndr_slice_of(text));
    assert_non_null(e);
    return e;
}

static ndr_admins *
admins(void)
{
    ndr_admins *t = NULL;
    ndr_error err = {0};
    if (ndr_admins_parse("x", ndr_slice_of(file), &t, &err) != 0)
        fail_msg("%s", err.text);
    return t;
}

static void
route_test(void **state)
{
    const route_row *row = *state;
    ndr_admins *t = admins();
    const notify_people people = {t, operators, 2, LANG_ES, NULL};
    json_t *e = event_of(row->event), *readers = notify_readers(e, &people), *one, *to;
    ndr_buffer out = {0};
    size_t i, k;
    json_array_foreach(readers, i, one)
    {
        ndr_buffer_printf(
            &out, "%s/%s/%s:", json_string_value(json_object_get(one, "language")),
            json_string_value(json_object_get(one, "zone")),
            json_is_true(json_object_get(one, "operator")) ? "operator" : "person");
        json_array_foreach(json_object_get(one, "to"), k, to)
            ndr_buffer_printf(&out, " %s", json_string_value(to));
        ndr_buffer_text(&out, "; ");
    }
    ndr_buffer_byte(&out, '\0');
    assert_string_equal((const char *)out.ptr, row->want);
    ndr_buffer_free(&out);
    json_decref(readers);
    json_decref(e);
    ndr_admins_free(t);
}

/* What has no words of ours is told as it came; who was told is nobody's affair. */
static void
text_test(void **state)
{
    const notify_people people = {NULL, operators, 2, LANG_JA, NULL};
    json_t *e = event_of("\"told\":[\"x@y\"],\"left\":1");
    (void)state;
    json_t *readers = notify_readers(e, &people);
    char *text = notify_text(&e, 1, json_array_get(readers, 0), &people);
    assert_string_equal(text, "{\"id\":\"i\",\"kind\":\"novel\",\"subject\":\"s\","
                              "\"text\":\"t\",\"left\":1,\"to\":[\"a@op\",\"b@op\"],"
                              "\"language\":\"ja\"}");
    free(text);
    json_decref(readers);
    json_decref(e);
}

static void
rest_test(void **state)
{
    json_t *e = event_of("\"told\":[\"x@y\"]"), *told = json_pack("[s]", "ann@a.example");
    (void)state;
    char *text = notify_rest(e, told);
    json_t *again = notify_event(ndr_slice_of(text));
    assert_non_null(again);
    json_t *all = json_object_get(again, "told");
    assert_int_equal(json_array_size(all), 2);
    assert_string_equal(json_string_value(json_array_get(all, 0)), "ann@a.example");
    assert_string_equal(json_string_value(json_array_get(all, 1)), "x@y");
    free(text);
    json_decref(again);
    json_decref(told);
    json_decref(e);
}

int
main(void)
{
    ADD_ROWS(rows, route_test);
    add_test("an event without words is told as it is", text_test);
    add_test("who was told is kept with it", rest_test);
    return run_added(__FILE__);
}
