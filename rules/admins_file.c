/* SPDX-License-Identifier: BSD-3-Clause */
/* admins_file.c - which people has the operator let in, and for what? */
#include "keep.h"
#include "ndr_admins.h"
#include "ndr_hash.h"
#include "ndr_hex.h"
#include "quote.h"
#include "yaml_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_ADMINS = 100000,
    MAX_DOMAINS = 100000, /* of one */
    MAX_PROXY_BYTES = 255,
    MAX_MAIL_BYTES = 254, /* RFC 5321 4.5.3.1.3, without its brackets */
    MAX_ZONE_BYTES = 63,
};

/* ---- the shape of the file ------------------------------------------------------- */

#define OPTIONAL (CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL)

typedef struct entry {
    char *name, *role, *password, *proxy, *mail, *metrics, *language, *zone;
    char **domains;
    unsigned domains_count;
} entry;

typedef struct document {
    entry *admins;
    unsigned admins_count;
    int *version;
} document;

static const cyaml_schema_value_t word_schema = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 1024)};
static const cyaml_schema_field_t entry_fields[] = {
    CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, entry, name, 1, 256),
    CYAML_FIELD_SEQUENCE("domains", CYAML_FLAG_POINTER, entry, domains, &word_schema, 1,
                         MAX_DOMAINS),
    CYAML_FIELD_STRING_PTR("role", CYAML_FLAG_POINTER, entry, role, 1, 64),
    CYAML_FIELD_STRING_PTR("password", OPTIONAL, entry, password, 1, 1024),
    CYAML_FIELD_STRING_PTR("proxy", OPTIONAL, entry, proxy, 1, 1024),
    CYAML_FIELD_STRING_PTR("mail", OPTIONAL, entry, mail, 1, 1024),
    CYAML_FIELD_STRING_PTR("metrics", OPTIONAL, entry, metrics, 1, 1024),
    CYAML_FIELD_STRING_PTR("language", OPTIONAL, entry, language, 1, 64),
    CYAML_FIELD_STRING_PTR("zone", OPTIONAL, entry, zone, 1, 256),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t entry_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, entry, entry_fields)};
static const cyaml_schema_field_t document_fields[] = {
    CYAML_FIELD_SEQUENCE("admins", CYAML_FLAG_POINTER_NULL | CYAML_FLAG_OPTIONAL,
                         document, admins, &entry_schema, 0, MAX_ADMINS),
    NDR_YAML_VERSION_FIELD(document),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t document_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, document, document_fields)};

/* ---- the table -------------------------------------------------------------------- */

struct ndr_admins {
    ndr_admin *row; /* by name */
    size_t count;
    const ndr_admin **by_proxy; /* those that come by one */
    size_t proxy_count;
    const ndr_admin **by_metrics; /* those that have a token for numbers */
    size_t metrics_count;
    ndr_keep keep;
};

void
ndr_admins_free(ndr_admins *t)
{
    if (t == NULL)
        return;
    ndr_keep_free(&t->keep); /* rows too */
    free(t);
}

const ndr_admin *
ndr_admins_rows(const ndr_admins *t, size_t *count)
{
    *count = t->count;
    return t->row;
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(((const ndr_admin *)a)->name, ((const ndr_admin *)b)->name);
}

static int
name_to_row(const void *key, const void *row)
{
    return strcmp(key, ((const ndr_admin *)row)->name);
}

static int
by_proxy(const void *a, const void *b)
{
    return strcmp((*(const ndr_admin *const *)a)->proxy,
                  (*(const ndr_admin *const *)b)->proxy);
}

static int
proxy_to_row(const void *key, const void *row)
{
    return strcmp(key, (*(const ndr_admin *const *)row)->proxy);
}

static int
by_metrics(const void *a, const void *b)
{
    return strcmp((*(const ndr_admin *const *)a)->metrics,
                  (*(const ndr_admin *const *)b)->metrics);
}

static int
metrics_to_row(const void *key, const void *row)
{
    return strcmp(key, (*(const ndr_admin *const *)row)->metrics);
}

const ndr_admin *
ndr_admins_find(const ndr_admins *t, const char *name)
{
    return t == NULL || t->count == 0
               ? NULL
               : bsearch(name, t->row, t->count, sizeof *t->row, name_to_row);
}

const ndr_admin *
ndr_admins_find_proxy(const ndr_admins *t, const char *proxy)
{
    const ndr_admin *const *found =
        t == NULL || t->proxy_count == 0
            ? NULL
            : bsearch(proxy, t->by_proxy, t->proxy_count, sizeof(const ndr_admin *),
                      proxy_to_row);
    return found != NULL ? *found : NULL;
}

const ndr_admin *
ndr_admins_find_metrics(const ndr_admins *t, const char *metrics)
{
    const ndr_admin *const *found =
        t == NULL || t->metrics_count == 0
            ? NULL
            : bsearch(metrics, t->by_metrics, t->metrics_count, sizeof(const ndr_admin *),
                      metrics_to_row);
    return found != NULL ? *found : NULL;
}

/* ---- rights -------------------------------------------------------------------------
 */

const char *
ndr_role_name(enum ndr_role role)
{
    static const char *const word[NDR_ROLE_COUNT] = {
        [NDR_ROLE_LOOK] = "look",
        [NDR_ROLE_SWITCH] = "switch",
        [NDR_ROLE_OPERATE] = "operate",
    };
    return word[role];
}

bool
ndr_role_may(enum ndr_role role, enum ndr_act act)
{
    static const enum ndr_role least[NDR_ACT_COUNT] = {
        [NDR_ACT_LOOK] = NDR_ROLE_LOOK,     [NDR_ACT_PREVIEW] = NDR_ROLE_SWITCH,
        [NDR_ACT_SWITCH] = NDR_ROLE_SWITCH, [NDR_ACT_APPLY] = NDR_ROLE_OPERATE,
        [NDR_ACT_UNDO] = NDR_ROLE_OPERATE,
    };
    return (unsigned)role < NDR_ROLE_COUNT && (unsigned)act < NDR_ACT_COUNT &&
           role >= least[act];
}

bool
ndr_admin_may(const ndr_admin *who, enum ndr_act act, ndr_slice domain, bool below)
{
    return who != NULL && ndr_role_may(who->role, act) &&
           ndr_domain_set_holds(&who->domains, domain, below);
}

/* ---- one entry -----------------------------------------------------------------------
 */

typedef struct place {
    const char *file;
    const ndr_yaml *yaml;
    size_t number; /* from 0 */
    const entry *e;
} place;

/* Put "FILE:LINE: admin 3 (alice): " in front of `err`; hands on `code`. */
static int
fail_in(const place *p, const char *key, size_t item, int code, ndr_error *err)
{
    char said[NDR_QUOTE_MAX];
    ndr_quote(ndr_slice_of(p->e->name), said);
    ndr_error_prefix(err, "%s:%zu: admin %zu (%.*s)", p->file,
                     ndr_yaml_line(p->yaml, "admins", p->number, key, item),
                     p->number + 1, (int)strlen(said) - 2, said + 1);
    return code;
}

static int
no_memory(ndr_error *err)
{
    return ndr_fail(err, NDR_E_NOMEM, "no memory");
}

/* A copy that ends; NULL for none. False: no memory. */
static bool
keep_text(ndr_admins *t, const char *text, const char **ret)
{
    *ret = NULL;
    if (text == NULL)
        return true;
    const size_t n = strlen(text) + 1;
    char *copy = ndr_keep_room(&t->keep, n, 1);
    if (copy != NULL)
        memcpy(copy, text, n);
    *ret = copy;
    return copy != NULL;
}

bool
ndr_admin_name_can_be(ndr_slice name)
{
    if (name.len == 0 || name.len >= NDR_ADMIN_NAME_BYTES || name.ptr[0] == '-')
        return false;
    for (size_t i = 0; i < name.len; i++) {
        const unsigned char c = name.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
              (c >= '0' && c <= '9') || (c != '\0' && strchr("._-@+", c) != NULL)))
            return false;
    }
    return true;
}

static int
take_role(const place *p, ndr_admin *a, ndr_error *err)
{
    char said[NDR_QUOTE_MAX];
    for (int i = 0; i < NDR_ROLE_COUNT; i++)
        if (strcmp(p->e->role, ndr_role_name((enum ndr_role)i)) == 0) {
            a->role = (enum ndr_role)i;
            return 0;
        }
    ndr_quote(ndr_slice_of(p->e->role), said);
    const int rc = ndr_fail(err, NDR_E_SYNTAX,
                            "unknown role %s; one of look, switch, operate", said);
    return fail_in(p, "role", NDR_YAML_WHOLE, rc, err);
}

/* Only a hash, whose words are never told. */
static bool
is_hash(const char *text)
{
    if (strncmp(text, "$y$", 3) != 0 || strlen(text) >= NDR_ADMIN_HASH_BYTES)
        return false;
    for (const char *c = text; *c != '\0'; c++)
        if (*c <= ' ' || *c >= 0x7f || strchr(":;*!\\", *c) != NULL)
            return false;
    return true;
}

static int
take_ways(const place *p, ndr_error *err)
{
    const entry *e = p->e;
    if (e->password == NULL && e->proxy == NULL) {
        const int rc =
            ndr_fail(err, NDR_E_SYNTAX, "has no way in; add password, or proxy");
        return fail_in(p, NULL, NDR_YAML_WHOLE, rc, err);
    }
    if (e->password != NULL && !is_hash(e->password)) {
        const int rc = ndr_fail(err, NDR_E_SYNTAX,
                                "password is no hash of yescrypt ($y$...); have one made "
                                "by 'ndrscan console passwd'");
        return fail_in(p, "password", NDR_YAML_WHOLE, rc, err);
    }
    for (const char *c = e->proxy != NULL ? e->proxy : ""; *c != '\0'; c++)
        if (*c <= ' ' || *c >= 0x7f || strlen(e->proxy) > MAX_PROXY_BYTES) {
            const int rc = ndr_fail(err, NDR_E_SYNTAX,
                                    "proxy must be up to %d printable ASCII characters "
                                    "without a blank",
                                    MAX_PROXY_BYTES);
            return fail_in(p, "proxy", NDR_YAML_WHOLE, rc, err);
        }
    return 0;
}

/* An address that a program can take as a word: no option, no blank. */
static int
take_mail(const place *p, ndr_error *err)
{
    const char *mail = p->e->mail, *at = mail != NULL ? strchr(mail, '@') : NULL;
    bool good = mail == NULL || (at != NULL && at != mail && at[1] != '\0' &&
                                 mail[0] != '-' && strlen(mail) <= MAX_MAIL_BYTES);
    for (const char *c = mail != NULL ? mail : ""; *c != '\0'; c++)
        good = good && *c > ' ' && *c < 0x7f && strchr("<>,;:\"\\()", *c) == NULL;
    if (good)
        return 0;
    const int rc = ndr_fail(err, NDR_E_SYNTAX,
                            "mail must be one address, as ann@example.com, in ASCII");
    return fail_in(p, "mail", NDR_YAML_WHOLE, rc, err);
}

/* A hash that a random token is as safe by as a password is by its dear one. */
static int
take_metrics(const place *p, ndr_error *err)
{
    static const char before[] = "sha256:";
    const char *said = p->e->metrics;
    const size_t n = sizeof before - 1;
    bool good = said != NULL && strncmp(said, before, n) == 0 && strlen(said) == n + 64;
    for (size_t i = n; good && said[i] != '\0'; i++) {
        const int value = ndr_hex_value((unsigned char)said[i]);
        good = value >= 0 && (char)ndr_hex_lower((unsigned)value) == said[i];
    }
    if (said == NULL || good)
        return 0;
    const int rc =
        ndr_fail(err, NDR_E_SYNTAX,
                 "metrics is no hash of a token (sha256:...); have one made by "
                 "'ndrscan console passwd --metrics'");
    return fail_in(p, "metrics", NDR_YAML_WHOLE, rc, err);
}

/* What tools/app/words has; its test holds them together. */
static int
take_language(const place *p, ndr_error *err)
{
    static const char *const known[] = {"de", "en", "es", "fr", "ja"};
    char said[NDR_QUOTE_MAX];
    if (p->e->language == NULL)
        return 0;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(p->e->language, known[i]) == 0)
            return 0;
    ndr_quote(ndr_slice_of(p->e->language), said);
    const int rc = ndr_fail(err, NDR_E_SYNTAX,
                            "unknown language %s; one of de, en, es, fr, ja", said);
    return fail_in(p, "language", NDR_YAML_WHOLE, rc, err);
}

/* Can it be a file below /usr/share/zoneinfo? */
static bool
is_zone_name(const char *name)
{
    bool good = strlen(name) <= MAX_ZONE_BYTES && strstr(name, "//") == NULL;
    char before = '/';
    for (const char *c = name; *c != '\0' && good; before = *c++)
        good =
            (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
            (before != '/' && ((*c >= '0' && *c <= '9') || strchr("_+-/", *c) != NULL));
    return good && before != '/';
}

/* Its form alone: systems learn zones and forget them, and nobody's rights may hang on
 * that. Whoever writes in a zone that is not there says so. */
static int
take_zone(const place *p, ndr_error *err)
{
    char said[NDR_QUOTE_MAX];
    const char *zone = p->e->zone;
    if (zone == NULL || is_zone_name(zone))
        return 0;
    ndr_quote(ndr_slice_of(zone), said);
    const int rc = ndr_fail(
        err, NDR_E_SYNTAX,
        "%s is no name of a zone; give one of the IANA's, such as Europe/Paris", said);
    return fail_in(p, "zone", NDR_YAML_WHOLE, rc, err);
}

static int
take_domains(ndr_admins *t, const place *p, ndr_admin *a, ndr_error *err)
{
    const size_t n = p->e->domains_count;
    ndr_domain_right *list = ndr_keep_room(&t->keep, n, sizeof *list);
    if (list == NULL)
        return no_memory(err);
    for (size_t i = 0; i < n; i++) {
        char name[256];
        const int rc =
            ndr_domain_right_parse(p->e->domains[i], name, &list[i].below, err);
        if (rc < 0)
            return fail_in(p, "domains", i, rc, err);
        if (!ndr_keep_copy(&t->keep, ndr_slice_of(name), true, &list[i].domain))
            return no_memory(err);
    }
    a->domains = (ndr_domain_set){list, ndr_domain_set_sort(list, n)};
    return 0;
}

/* One number for all that is said of him. */
static uint64_t
generation(const ndr_admin *a)
{
    uint64_t h = ndr_hash(ndr_slice_of(a->name), (uint64_t)a->role + 1);
    for (size_t i = 0; i < a->domains.count; i++)
        h = ndr_hash(a->domains.row[i].domain, h + a->domains.row[i].below);
    h = ndr_hash(ndr_slice_of(a->password != NULL ? a->password : ""), h);
    h = ndr_hash(ndr_slice_of(a->proxy != NULL ? a->proxy : ""), h);
    return h != 0 ? h : 1;
}

static int
take_entry(ndr_admins *t, const place *p, ndr_error *err)
{
    ndr_admin *a = &t->row[t->count];
    if (!ndr_admin_name_can_be(ndr_slice_of(p->e->name))) {
        const int rc =
            ndr_fail(err, NDR_E_SYNTAX,
                     "name must be up to %d letters, digits and . _ - @ +, the first one "
                     "no -",
                     NDR_ADMIN_NAME_BYTES - 1);
        return fail_in(p, "name", NDR_YAML_WHOLE, rc, err);
    }
    int rc = take_role(p, a, err);
    if (rc == 0)
        rc = take_ways(p, err);
    if (rc == 0)
        rc = take_mail(p, err);
    if (rc == 0)
        rc = take_metrics(p, err);
    if (rc == 0)
        rc = take_language(p, err);
    if (rc == 0)
        rc = take_zone(p, err);
    if (rc == 0)
        rc = take_domains(t, p, a, err);
    if (rc != 0)
        return rc;
    if (!keep_text(t, p->e->name, &a->name) ||
        !keep_text(t, p->e->password, &a->password) ||
        !keep_text(t, p->e->proxy, &a->proxy) || !keep_text(t, p->e->mail, &a->mail) ||
        !keep_text(t, p->e->metrics, &a->metrics) ||
        !keep_text(t, p->e->language, &a->language) ||
        !keep_text(t, p->e->zone, &a->zone))
        return no_memory(err);
    a->generation = generation(a);
    t->count++;
    return 0;
}

/* ---- the file ------------------------------------------------------------------------
 */

/* Names, and what proxies call people, are there once. `t` is sorted. */
static int
check_once(const char *file, ndr_admins *t, ndr_error *err)
{
    for (size_t i = 1; i < t->count; i++)
        if (strcmp(t->row[i - 1].name, t->row[i].name) == 0)
            return ndr_fail(err, NDR_E_SYNTAX,
                            "%s: admin '%s' is there twice; unite them", file,
                            t->row[i].name);
    for (size_t i = 1; i < t->proxy_count; i++)
        if (strcmp(t->by_proxy[i - 1]->proxy, t->by_proxy[i]->proxy) == 0)
            return ndr_fail(
                err, NDR_E_SYNTAX,
                "%s: admins '%s' and '%s' have the same proxy '%s'; give each "
                "their own",
                file, t->by_proxy[i - 1]->name, t->by_proxy[i]->name,
                t->by_proxy[i]->proxy);
    for (size_t i = 1; i < t->metrics_count; i++)
        if (by_metrics(&t->by_metrics[i - 1], &t->by_metrics[i]) == 0)
            return ndr_fail(err, NDR_E_SYNTAX,
                            "%s: admins '%s' and '%s' have the same metrics; make each a "
                            "token of their own",
                            file, t->by_metrics[i - 1]->name, t->by_metrics[i]->name);
    return 0;
}

static int
finish(const char *file, ndr_admins *t, ndr_error *err)
{
    if (t->count > 1)
        qsort(t->row, t->count, sizeof *t->row, by_name);
    for (size_t i = 0; i < t->count; i++) {
        if (t->row[i].proxy != NULL)
            t->by_proxy[t->proxy_count++] = &t->row[i];
        if (t->row[i].metrics != NULL)
            t->by_metrics[t->metrics_count++] = &t->row[i];
    }
    if (t->proxy_count > 1)
        qsort(t->by_proxy, t->proxy_count, sizeof(const ndr_admin *), by_proxy);
    if (t->metrics_count > 1)
        qsort(t->by_metrics, t->metrics_count, sizeof(const ndr_admin *), by_metrics);
    return check_once(file, t, err);
}

int
ndr_admins_parse(const char *name, ndr_slice text, ndr_admins **ret, ndr_error *err)
{
    ndr_yaml yaml = {0};
    place p = {.file = name, .yaml = &yaml};
    ndr_admins *t = calloc(1, sizeof *t);
    int rc = t != NULL ? ndr_yaml_load(name, text, &document_schema, NULL, &yaml, err)
                       : no_memory(err);
    const document *d = rc == 0 ? yaml.data : NULL;
    const size_t n = d != NULL ? d->admins_count : 0;
    if (rc == 0) {
        t->row = ndr_keep_room(&t->keep, n + 1, sizeof *t->row);
        t->by_proxy = ndr_keep_room(&t->keep, n + 1, sizeof(const ndr_admin *));
        t->by_metrics = ndr_keep_room(&t->keep, n + 1, sizeof(const ndr_admin *));
        rc = t->row != NULL && t->by_proxy != NULL && t->by_metrics != NULL
                 ? 0
                 : no_memory(err);
    }
    for (size_t i = 0; i < n && rc == 0; i++) {
        p.number = i;
        p.e = &d->admins[i];
        rc = take_entry(t, &p, err);
    }
    if (rc == 0)
        rc = finish(name, t, err);
    ndr_yaml_free(&yaml);
    if (rc < 0) {
        ndr_admins_free(t);
        return rc;
    }
    *ret = t;
    return 0;
}
