/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "ndr_admins.h"
#include "ndrscan_common.h"

#include <stdio.h>

#define T   "admins:\n"
#define A   "  - name: alice\n    domains: [a.example]\n    role: operate\n"
#define PW  "    password: $y$j9T$salt$hash\n"
#define ALL T A PW

typedef struct text_row {
    const char *why, *text, *want;
} text_row;

static const text_row goods[] = {
    {"an empty file lets nobody in", "", ""},
    {"nor does the key alone", T, ""},
    {"a person", ALL, "alice operate a.example password\n"},
    {"by a proxy", T A "    proxy: alice@idp.example\n",
     "alice operate a.example proxy=alice@idp.example\n"},
    {"where he is written to", ALL "    mail: ann@a.example\n",
     "alice operate a.example password mail=ann@a.example\n"},
    {"how he is told of things",
     ALL
     "    mail: ann@a.example\n    language: ja\n    zone: America/Argentina/Ushuaia\n",
     "alice operate a.example password mail=ann@a.example language=ja "
     "zone=America/Argentina/Ushuaia\n"},
    {"a zone that this system does not know takes nobody's rights",
     ALL "    zone: Mars/Olympus\n",
     "alice operate a.example password zone=Mars/Olympus\n"},
    {"a zone with a sign in it", ALL "    zone: Etc/GMT+12\n",
     "alice operate a.example password zone=Etc/GMT+12\n"},
    {"by name, with domains sorted",
     T "  - name: b.b+1@x_y-z\n    domains: [z.example, '*.B\xc3\xbc"
       "cher.example', a.example, A.example.]\n    role: look\n" PW A PW,
     "alice operate a.example password\n"
     "b.b+1@x_y-z look a.example *.xn--bcher-kva.example z.example password\n"},
};

#define DIGITS  "0123456789abcdef0123456789abcdef0123456789abcdef"
#define METRICS "    metrics: 'sha256:" DIGITS "0123456789abcdef'\n"

static const text_row bads[] = {
    {"no name", T "  - role: look\n    domains: [a.example]\n" PW,
     "admins.yaml:2: admin 1: the key 'name' is missing"},
    {"no domains", T "  - name: alice\n    role: look\n" PW,
     "admins.yaml:2: admin 1 (alice): the key 'domains' is missing"},
    {"no role", T "  - name: alice\n    domains: [a.example]\n" PW,
     "admins.yaml:2: admin 1 (alice): the key 'role' is missing"},
    {"an empty list", T "  - name: alice\n    role: look\n    domains: []\n" PW,
     "admins.yaml:4: admin 1 (alice): "},
    {"a star that is no name",
     T "  - name: alice\n    domains: ['*']\n    role: look\n" PW,
     "admins.yaml:3: admin 1 (alice): "},
    {"a star without apostrophes",
     T "  - name: alice\n    domains: [*.a.example]\n    role: look\n" PW,
     "admins.yaml:3: "},
    {"a role that is none",
     T "  - name: alice\n    domains: [a.example]\n    role: admin\n" PW,
     "admins.yaml:4: admin 1 (alice): unknown role 'admin'; one of look, switch, "
     "operate"},
    {"no way in", T A, "admins.yaml:2: admin 1 (alice): has no way in; add password"},
    {"a password as it is typed, which is not told", T A "    password: secret\n",
     "admins.yaml:5: admin 1 (alice): password is no hash of yescrypt ($y$...); have one "
     "made by 'ndrscan console passwd'"},
    {"a weaker hash", T A "    password: $1$salt$hash\n",
     "admins.yaml:5: admin 1 (alice): password is no hash"},
    {"a proxy's name with a line's end", T A "    proxy: \"a\\nb\"\n",
     "admins.yaml:5: admin 1 (alice): proxy must be"},
    {"a name of other letters",
     T "  - name: 'a/b'\n    domains: [a.example]\n    role: look\n" PW,
     "admins.yaml:2: admin 1 (a/b): name must be up to 64 letters"},
    {"a name like an option",
     T "  - name: '-a'\n    domains: [a.example]\n    role: look\n" PW,
     "admins.yaml:2: admin 1 (-a): name must be"},
    {"a name twice", ALL A PW, "admins.yaml: admin 'alice' is there twice; unite them"},
    {"a proxy's name twice",
     T A "    proxy: x\n  - name: bob\n    domains: [b.example]\n    role: look\n    "
         "proxy: x\n",
     "admins.yaml: admins 'alice' and 'bob' have the same proxy 'x'; give each their "
     "own"},
    {"a newer version", "version: 2\n" ALL PW,
     "admins.yaml:1: version 2, which a newer ndrscan wrote; this one reads version 1"},
    {"an unknown key", ALL "    admin: true\n",
     "admins.yaml:6: admin 1 (alice): unknown key 'admin'; allowed: name, domains, role, "
     "password, proxy, mail, metrics, language, zone"},
    {"a token as it is handed over",
     ALL "    metrics: 0123456789012345678901234567890123456789-_A\n",
     "admins.yaml:6: admin 1 (alice): metrics is no hash of a token (sha256:...); have "
     "one "
     "made by 'ndrscan console passwd --metrics'"},
    {"a hash that is cut off", ALL "    metrics: 'sha256:0123456789abcdef'\n",
     "admins.yaml:6: admin 1 (alice): metrics is no hash"},
    {"a hash of other digits", ALL "    metrics: 'sha256:" DIGITS "zzzzzzzzzzzzzzzz'\n",
     "admins.yaml:6: admin 1 (alice): metrics is no hash"},
    {"a token for two",
     ALL METRICS "  - name: bob\n    domains: [b.example]\n    role: look\n" PW METRICS,
     "admins.yaml: admins 'alice' and 'bob' have the same metrics; make each a token of "
     "their own"},
    {"an option of a mail program", ALL "    mail: -f@a.example\n",
     "admins.yaml:6: admin 1 (alice): mail must be one address"},
    {"two addresses", ALL "    mail: 'a@a.example, b@a.example'\n",
     "admins.yaml:6: admin 1 (alice): mail must be one address"},
    {"a mailbox alone", ALL "    mail: ann\n",
     "admins.yaml:6: admin 1 (alice): mail must be one address"},
    {"nothing behind the @", ALL "    mail: ann@\n",
     "admins.yaml:6: admin 1 (alice): mail must be one address"},
    {"a language that nobody wrote words for", ALL "    language: nl\n",
     "admins.yaml:6: admin 1 (alice): unknown language 'nl'; one of de, en, es, fr, ja"},
    {"a language and its country", ALL "    language: de-AT\n",
     "admins.yaml:6: admin 1 (alice): unknown language 'de-AT'"},
    {"a zone in words", ALL "    zone: Europe Berlin\n",
     "admins.yaml:6: admin 1 (alice): 'Europe Berlin' is no name of a zone; give one of "
     "the IANA's, "
     "such as Europe/Paris"},
    {"a zone that is a path", ALL "    zone: ../../../etc/hostname\n",
     "admins.yaml:6: admin 1 (alice): '../../../etc/hostname' is no name of a zone"},
    {"a zone from the root", ALL "    zone: /etc/localtime\n",
     "admins.yaml:6: admin 1 (alice): '/etc/localtime' is no name of a zone"},
    {"a zone by its hours", ALL "    zone: '+02:00'\n",
     "admins.yaml:6: admin 1 (alice): '+02:00' is no name of a zone"},
};

static int
load(const char *text, ndr_admins **ret, ndr_error *err)
{
    const size_t n = strlen(text);
    unsigned char *copy = exact_copy(text, n);
    const int rc = ndr_admins_parse("admins.yaml", (ndr_slice){copy, n}, ret, err);
    free(copy);
    return rc;
}

static void
good_test(void **state)
{
    const text_row *row = *state;
    ndr_admins *t = NULL;
    ndr_error err = {0};
    ndr_buffer out = {0};
    size_t count = 0;
    if (load(row->text, &t, &err) != 0)
        fail_msg("%s", err.text);
    const ndr_admin *a = ndr_admins_rows(t, &count);
    for (size_t i = 0; i < count; i++, a++) {
        ndr_buffer_printf(&out, "%s %s", a->name, ndr_role_name(a->role));
        for (size_t k = 0; k < a->domains.count; k++)
            ndr_buffer_printf(&out, " %s%.*s", a->domains.row[k].below ? "*." : "",
                              (int)a->domains.row[k].domain.len,
                              (const char *)a->domains.row[k].domain.ptr);
        ndr_buffer_text(&out, a->password != NULL ? " password" : "");
        if (a->proxy != NULL)
            ndr_buffer_printf(&out, " proxy=%s", a->proxy);
        if (a->mail != NULL)
            ndr_buffer_printf(&out, " mail=%s", a->mail);
        if (a->language != NULL)
            ndr_buffer_printf(&out, " language=%s", a->language);
        if (a->zone != NULL)
            ndr_buffer_printf(&out, " zone=%s", a->zone);
        ndr_buffer_byte(&out, '\n');
        assert_ptr_equal(ndr_admins_find(t, a->name), a);
        if (a->proxy != NULL)
            assert_ptr_equal(ndr_admins_find_proxy(t, a->proxy), a);
    }
    assert_null(ndr_admins_find(t, "nobody"));
    assert_null(ndr_admins_find_proxy(t, ""));
    ndr_buffer_byte(&out, '\0');
    assert_string_equal(out.ptr, row->want);
    ndr_buffer_free(&out);
    ndr_admins_free(t);
}

static void
bad_test(void **state)
{
    const text_row *row = *state;
    ndr_admins *t = NULL;
    ndr_error err = {0};
    assert_int_equal(load(row->text, &t, &err), NDR_E_SYNTAX);
    if (strncmp(err.text, row->want, strlen(row->want)) != 0)
        fail_msg("%s", err.text);
    assert_null(strstr(err.text, "secret"));
}

/* ---- rights ------------------------------------------------------------------------ */

static void
roles_test(void **state)
{
    static const char want[NDR_ROLE_COUNT][NDR_ACT_COUNT + 1] = {"x....", "xxx..",
                                                                 "xxxxx"};
    (void)state;
    for (int r = 0; r < NDR_ROLE_COUNT; r++)
        for (int a = 0; a < NDR_ACT_COUNT; a++) {
            const ndr_domain_right one = {NDR_SLICE("a.example"), false};
            const ndr_admin who = {.role = (enum ndr_role)r, .domains = {&one, 1}};
            const enum ndr_act act = (enum ndr_act)a;
            assert_int_equal(ndr_admin_may(&who, act, one.domain, false),
                             want[r][a] == 'x');
            assert_false(ndr_admin_may(&who, act, NDR_SLICE("b.example"), false));
            assert_false(ndr_admin_may(&who, act, one.domain, true));
            assert_false(ndr_admin_may(NULL, act, one.domain, false));
        }
    assert_false(ndr_role_may(NDR_ROLE_OPERATE, NDR_ACT_COUNT));
    assert_false(ndr_role_may(NDR_ROLE_COUNT, NDR_ACT_LOOK));
}

/* Each change of what is said of alice, and what is not said of her. */
static const text_row changes[] = {
    {"the same words keep the generation", ALL, "same"},
    {"so do others about others",
     ALL "  - name: bob\n    domains: [b.example]\n    role: look\n" PW, "same"},
    {"another role", T "  - name: alice\n    domains: [a.example]\n    role: look\n" PW,
     ""},
    {"another domain",
     T "  - name: alice\n    domains: [b.example]\n    role: operate\n" PW, ""},
    {"one more domain",
     T "  - name: alice\n    domains: [a.example, b.example]\n    role: operate\n" PW,
     ""},
    {"what is below it, too",
     T "  - name: alice\n    domains: ['*.a.example']\n    role: operate\n" PW, ""},
    {"another password", T A "    password: $y$j9T$salt$other\n", ""},
    {"another address to be told at changes no right", ALL "    mail: b@a.example\n",
     "same"},
    {"one more way in", ALL "    proxy: alice\n", ""},
};

static void
change_test(void **state)
{
    const text_row *row = *state;
    ndr_admins *was = NULL, *is = NULL;
    assert_int_equal(load(ALL, &was, NULL), 0);
    assert_int_equal(load(row->text, &is, NULL), 0);
    const uint64_t a = ndr_admins_find(was, "alice")->generation;
    const uint64_t b = ndr_admins_find(is, "alice")->generation;
    assert_int_equal(a == b, row->want[0] != '\0');
    ndr_admins_free(was);
    ndr_admins_free(is);
}

int
main(void)
{
    ADD_ROWS(goods, good_test);
    ADD_ROWS(bads, bad_test);
    ADD_ROWS(changes, change_test);
    add_test("each role may what those before it may", roles_test);
    return run_added("admins_file");
}
