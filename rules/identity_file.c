/* SPDX-License-Identifier: BSD-3-Clause */
/* identity_file.c - who are we, as an operator's YAML states it? */
#include "identity_file.h"

#include "keep.h"
#include "ndr_network.h"
#include "quote.h"
#include "secrets_file.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_DOMAINS = 100000, /* of one file */
    MAX_KEYS = 64,        /* of one domain */
    MAX_KEY_BYTES = 4096,
    MAX_HOSTS = 256,
    MAX_DAYS = 365,
};

/* ---- the shape of the file -------------------------------------------- */

#define OPTIONAL (CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL)

typedef struct key_entry {
    char *selector, *key, *since;
} key_entry;

typedef struct secrets_entry {
    char *file;
} secrets_entry;

typedef struct entry {
    char *domain, *since;
    key_entry *dkim;
    char **all_mail, **hosts, **submitters;
    int *sent_days;
    secrets_entry *batv, *srs;
    unsigned dkim_count, all_mail_count, hosts_count, submitters_count;
} entry;

typedef struct document {
    entry *identities;
    unsigned identities_count;
    int *version;
} document;

static const cyaml_schema_value_t word_schema = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 256)};
static const cyaml_schema_field_t key_fields[] = {
    CYAML_FIELD_STRING_PTR("selector", CYAML_FLAG_POINTER, key_entry, selector, 1, 255),
    CYAML_FIELD_STRING_PTR("key", CYAML_FLAG_POINTER, key_entry, key, 1, MAX_KEY_BYTES),
    CYAML_FIELD_STRING_PTR("since", OPTIONAL, key_entry, since, 1, 64),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t key_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, key_entry, key_fields)};
static const cyaml_schema_field_t secrets_fields[] = {
    CYAML_FIELD_STRING_PTR("secrets-file", CYAML_FLAG_POINTER, secrets_entry, file, 1,
                           4000),
    CYAML_FIELD_END,
};
static const cyaml_schema_field_t entry_fields[] = {
    CYAML_FIELD_STRING_PTR("domain", CYAML_FLAG_POINTER, entry, domain, 1, 1024),
    CYAML_FIELD_SEQUENCE("dkim", OPTIONAL, entry, dkim, &key_schema, 1, MAX_KEYS),
    CYAML_FIELD_SEQUENCE("all-mail", OPTIONAL, entry, all_mail, &word_schema, 1, 8),
    CYAML_FIELD_STRING_PTR("since", OPTIONAL, entry, since, 1, 64),
    CYAML_FIELD_INT_PTR("sent-days", OPTIONAL, entry, sent_days),
    CYAML_FIELD_SEQUENCE("hosts", OPTIONAL, entry, hosts, &word_schema, 1, MAX_HOSTS),
    CYAML_FIELD_SEQUENCE("submitters", OPTIONAL, entry, submitters, &word_schema, 1,
                         MAX_HOSTS),
    CYAML_FIELD_MAPPING_PTR("batv", OPTIONAL, entry, batv, secrets_fields),
    CYAML_FIELD_MAPPING_PTR("srs", OPTIONAL, entry, srs, secrets_fields),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t entry_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, entry, entry_fields)};
static const cyaml_schema_field_t document_fields[] = {
    CYAML_FIELD_SEQUENCE("identities", CYAML_FLAG_POINTER_NULL | CYAML_FLAG_OPTIONAL,
                         document, identities, &entry_schema, 0, MAX_DOMAINS),
    NDR_YAML_VERSION_FIELD(document),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t document_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, document, document_fields)};

/* ---- the table --------------------------------------------------------- */

/* A domain, and where it stands, for the one that is there twice. */
typedef struct row {
    ndr_identity_domain domain;
    ndr_slice file;
    size_t order, line, number;
} row;

struct ndr_identity_table {
    ndr_identity said;
    ndr_keep keep; /* what all of it points to, secrets too */
    ndr_identity_domain *domain;
    row *row;
    size_t row_cap;
    ndr_identity_key *key;
    size_t key_count, key_cap;
    ndr_identity_secrets *secrets;
    size_t secrets_count, secrets_cap;
    ndr_dkim_keys *dkim;
};

void
ndr_identity_free(ndr_identity_table *t)
{
    if (t == NULL)
        return;
    ndr_dkim_keys_free(t->dkim);
    ndr_keep_free(&t->keep);
    free(t->domain);
    free(t->row);
    free(t->key);
    free(t->secrets);
    free(t);
}

const ndr_identity *
ndr_identity_rows(const ndr_identity_table *t)
{
    return &t->said;
}

const ndr_identity_secrets *
ndr_identity_secret_files(const ndr_identity_table *t, size_t *count)
{
    *count = t->secrets_count;
    return t->secrets;
}

const ndr_identity_key *
ndr_identity_keys(const ndr_identity_table *t, size_t *count)
{
    *count = t->key_count;
    return t->key;
}

/* Room for one more in a list of `size` bytes each. */
static bool
grow(void *list, size_t count, size_t *cap, size_t size)
{
    void *old;
    if (count < *cap)
        return true;
    memcpy(&old, list, sizeof old);
    const size_t more = *cap == 0 ? 16 : *cap * 2;
    void *grown = more > SIZE_MAX / size ? NULL : realloc(old, more * size);
    if (grown == NULL)
        return false;
    memcpy(list, &grown, sizeof grown);
    *cap = more;
    return true;
}

static int
no_memory(ndr_error *err)
{
    return ndr_fail(err, NDR_E_NOMEM, "no memory");
}

/* ---- one entry --------------------------------------------------------- */

/* Where an entry stands, and who is told of what is left out of it. */
typedef struct place {
    const char *file;
    const ndr_yaml *yaml;
    size_t number; /* from 0 */
    const entry *e;
    ndr_identity_trouble *trouble;
    void *ctx;
} place;

/* Put "FILE:LINE: identity 3 (example.com): " in front of `err`; hands on `code`. */
static int
fail_in(const place *p, const char *key, size_t item, int code, ndr_error *err)
{
    char said[NDR_QUOTE_MAX];
    ndr_quote(ndr_slice_of(p->e->domain), said);
    ndr_error_prefix(err, "%s:%zu: identity %zu (%.*s)", p->file,
                     ndr_yaml_line(p->yaml, "identities", p->number, key, item),
                     p->number + 1, (int)strlen(said) - 2, said + 1);
    return code;
}

static int
take_key(ndr_identity_table *t, const place *p, ndr_slice domain, size_t i,
         ndr_error *err)
{
    const key_entry *e = &p->e->dkim[i];
    if (!grow(&t->key, t->key_count, &t->key_cap, sizeof *t->key))
        return no_memory(err);
    ndr_identity_key *k = &t->key[t->key_count];
    *k = (ndr_identity_key){.domain = domain, .since = NDR_TIME_UNKNOWN};
    int rc = t->dkim != NULL ? 0 : ndr_dkim_keys_new(&t->dkim, err);
    if (rc == 0 && e->since != NULL && ndr_timestamp_parse(e->since, &k->since, err) != 0)
        rc = err->code;
    if (rc == 0)
        rc = ndr_dkim_keys_add(t->dkim, domain, ndr_slice_of(e->selector),
                               ndr_slice_of(e->key), &k->about, err);
    if (rc < 0)
        return fail_in(p, "dkim", i, rc, err);
    t->key_count++;
    return ndr_keep_copy(&t->keep, ndr_slice_of(e->selector), false, &k->selector) &&
                   ndr_keep_copy(&t->keep, ndr_slice_of(e->key), false, &k->text)
               ? 0
               : no_memory(err);
}

/* "all mail is signed, since ..." */
static int
take_all_mail(const place *p, ndr_identity_domain *d, ndr_error *err)
{
    const entry *e = p->e;
    int rc = 0;
    d->dkim_since = NDR_TIME_UNKNOWN;
    for (unsigned i = 0; i < e->all_mail_count && rc == 0; i++) {
        const ndr_slice word = ndr_slice_of(e->all_mail[i]);
        char said[NDR_QUOTE_MAX];
        ndr_quote(word, said);
        if (ndr_slice_equal(word, NDR_SLICE("batv")))
            rc = ndr_fail(err, NDR_E_SYNTAX,
                          "all-mail cannot say batv: many bounces come back to another "
                          "address than the tagged one, and would be taken for forged; "
                          "take it out");
        else if (!ndr_slice_equal(word, NDR_SLICE("dkim")))
            rc = ndr_fail(err, NDR_E_SYNTAX, "unknown proof %s; all-mail may say dkim",
                          said);
        if (rc < 0)
            return fail_in(p, "all-mail", i, rc, err);
    }
    if (e->all_mail_count == 0 && e->since == NULL)
        return 0;
    if (e->all_mail_count == 0) {
        rc = ndr_fail(err, NDR_E_SYNTAX,
                      "since is the time from which all-mail is true; add all-mail: "
                      "[dkim], or take since out");
        return fail_in(p, "since", NDR_YAML_WHOLE, rc, err);
    }
    if (e->since == NULL)
        rc = ndr_fail(err, NDR_E_SYNTAX,
                      "all-mail needs since, a time from which all mail was signed, as "
                      "in 2026-01-31T00:00:00Z");
    else if (e->dkim_count == 0)
        rc = ndr_fail(err, NDR_E_SYNTAX, "all-mail: [dkim] needs the keys; add dkim");
    if (rc < 0)
        return fail_in(p, "all-mail", NDR_YAML_WHOLE, rc, err);
    rc = ndr_timestamp_parse(e->since, &d->dkim_since, err);
    if (rc == 0)
        return 0;
    ndr_error_prefix(err, "since");
    return fail_in(p, "since", NDR_YAML_WHOLE, rc, err);
}

static int
take_days(const place *p, ndr_identity_domain *d, ndr_error *err)
{
    d->sent_days = 0;
    if (p->e->sent_days == NULL)
        return 0;
    d->sent_days = *p->e->sent_days;
    if (d->sent_days >= 1 && d->sent_days <= MAX_DAYS)
        return 0;
    const int rc = ndr_fail(err, NDR_E_SYNTAX, "sent-days is %d; give 1 to %d",
                            d->sent_days, MAX_DAYS);
    return fail_in(p, "sent-days", NDR_YAML_WHOLE, rc, err);
}

static int
take_hosts(ndr_identity_table *t, const place *p, ndr_identity_domain *d, ndr_error *err)
{
    const size_t n = p->e->hosts_count;
    ndr_slice *list = ndr_keep_room(&t->keep, n, sizeof *list);
    if (list == NULL)
        return no_memory(err);
    for (size_t i = 0; i < n; i++) {
        char name[256];
        const int rc = ndr_domain_to_ascii(p->e->hosts[i], name, err);
        if (rc < 0)
            return fail_in(p, "hosts", i, rc, err);
        if (!ndr_keep_copy(&t->keep, ndr_slice_of(name), true, &list[i]))
            return no_memory(err);
    }
    d->host = list;
    d->host_count = n;
    return 0;
}

static int
take_submitters(ndr_identity_table *t, const place *p, ndr_identity_domain *d,
                ndr_error *err)
{
    const size_t n = p->e->submitters_count;
    ndr_slice *list = ndr_keep_room(&t->keep, n, sizeof *list);
    if (list == NULL)
        return no_memory(err);
    for (size_t i = 0; i < n; i++) {
        const ndr_slice word = ndr_slice_of(p->e->submitters[i]);
        ndr_network network;
        if (!ndr_network_parse(p->e->submitters[i], &network)) {
            char said[NDR_QUOTE_MAX];
            ndr_quote(word, said);
            const int rc =
                ndr_fail(err, NDR_E_SYNTAX,
                         "%s is no network such as 192.0.2.0/24 or 2001:db8::/32", said);
            return fail_in(p, "submitters", i, rc, err);
        }
        if (!ndr_keep_copy(&t->keep, word, true, &list[i]))
            return no_memory(err);
    }
    d->submitter = list;
    d->submitter_count = n;
    return 0;
}

/* Secrets that cannot be had are told and left out. */
static int
take_secrets(ndr_identity_table *t, const place *p, const char *key,
             const secrets_entry *e, const ndr_slice **ret, size_t *count, ndr_error *err)
{
    ndr_error why = {0};
    *ret = NULL;
    *count = 0;
    if (e == NULL)
        return 0;
    if (e->file[0] != '/') {
        char said[NDR_QUOTE_MAX];
        ndr_quote(ndr_slice_of(e->file), said);
        const int rc = ndr_fail(err, NDR_E_SYNTAX,
                                "secrets-file %s does not begin with a slash; write the "
                                "whole path",
                                said);
        return fail_in(p, key, NDR_YAML_WHOLE, rc, err);
    }
    ndr_slice path;
    const int rc = ndr_secrets_read(e->file, &t->keep, ret, count, &why);
    if (rc == NDR_E_NOMEM ||
        !grow(&t->secrets, t->secrets_count, &t->secrets_cap, sizeof *t->secrets) ||
        !ndr_keep_copy(&t->keep,
                       (ndr_slice){(unsigned char *)e->file, strlen(e->file) + 1}, false,
                       &path))
        return no_memory(err);
    t->secrets[t->secrets_count++] =
        (ndr_identity_secrets){.path = (const char *)path.ptr, .usable = rc == 0};
    if (rc < 0 && p->trouble != NULL) {
        ndr_error_prefix(&why, "%s proves nothing", key);
        (void)fail_in(p, key, NDR_YAML_WHOLE, rc, &why);
        p->trouble(p->ctx, why.text);
    }
    return 0;
}

static int
take_entry(ndr_identity_table *t, const place *p, ndr_error *err)
{
    char name[256];
    if (!grow(&t->row, t->said.count, &t->row_cap, sizeof *t->row))
        return no_memory(err);
    row *r = &t->row[t->said.count];
    *r = (row){.order = t->said.count, .number = p->number};
    r->line = ndr_yaml_line(p->yaml, "identities", p->number, NULL, NDR_YAML_WHOLE);
    ndr_identity_domain *d = &r->domain;
    int rc = ndr_domain_to_ascii(p->e->domain, name, err);
    if (rc < 0)
        return fail_in(p, "domain", NDR_YAML_WHOLE, rc, err);
    if (!ndr_keep_copy(&t->keep, ndr_slice_of(name), true, &d->domain) ||
        !ndr_keep_copy(&t->keep, ndr_slice_of(p->file), false, &r->file))
        return no_memory(err);
    for (size_t i = 0; i < p->e->dkim_count && rc == 0; i++)
        rc = take_key(t, p, d->domain, i, err);
    if (rc == 0)
        rc = take_all_mail(p, d, err);
    if (rc == 0)
        rc = take_days(p, d, err);
    if (rc == 0)
        rc = take_hosts(t, p, d, err);
    if (rc == 0)
        rc = take_submitters(t, p, d, err);
    if (rc == 0)
        rc =
            take_secrets(t, p, "batv", p->e->batv, &d->batv_key, &d->batv_key_count, err);
    if (rc == 0)
        rc = take_secrets(t, p, "srs", p->e->srs, &d->srs_secret, &d->srs_secret_count,
                          err);
    if (rc == 0)
        t->said.count++;
    return rc;
}

/* ---- all files --------------------------------------------------------- */

static int
by_domain(const void *a, const void *b)
{
    const row *x = a, *y = b;
    const int c = ndr_slice_compare(x->domain.domain, y->domain.domain);
    return c != 0 ? c : (x->order > y->order) - (x->order < y->order);
}

/* Each domain is there once; `t->row` is sorted. */
static int
check_once(const ndr_identity_table *t, ndr_error *err)
{
    for (size_t i = 1; i < t->said.count; i++) {
        const row *a = &t->row[i - 1], *b = &t->row[i];
        if (ndr_slice_equal(a->domain.domain, b->domain.domain))
            return ndr_fail(err, NDR_E_SYNTAX,
                            "%.*s:%zu: identity %zu (%.*s): the domain is there already, "
                            "in %.*s:%zu; unite them",
                            (int)b->file.len, (const char *)b->file.ptr, b->line,
                            b->number + 1, (int)b->domain.domain.len,
                            (const char *)b->domain.domain.ptr, (int)a->file.len,
                            (const char *)a->file.ptr, a->line);
    }
    return 0;
}

/* `yaml` is to be freed, whatever comes of it. */
static int
take_file(ndr_identity_table *t, const ndr_file *f, place *p, ndr_yaml *yaml,
          ndr_error *err)
{
    int rc = ndr_yaml_load(f->name, (ndr_slice){f->ptr, f->len}, &document_schema, NULL,
                           yaml, err);
    const document *d = rc < 0 ? NULL : yaml->data;
    p->file = f->name;
    p->yaml = yaml;
    for (unsigned i = 0; d != NULL && i < d->identities_count && rc == 0; i++) {
        p->number = i;
        p->e = &d->identities[i];
        rc = take_entry(t, p, err);
    }
    return rc;
}

/* What is asked for rows, sorted. */
static int
finish(ndr_identity_table *t, ndr_error *err)
{
    const size_t n = t->said.count;
    t->domain = calloc(n > 0 ? n : 1, sizeof *t->domain);
    if (t->domain == NULL)
        return no_memory(err);
    if (n > 1)
        qsort(t->row, n, sizeof *t->row, by_domain);
    for (size_t i = 0; i < n; i++)
        t->domain[i] = t->row[i].domain;
    t->said.row = t->domain;
    t->said.dkim = t->dkim;
    return check_once(t, err);
}

int
ndr_identity_of_file(const ndr_file *file, ndr_identity_table **ret, ndr_yaml *yaml,
                     ndr_error *err)
{
    place p = {0};
    *yaml = (ndr_yaml){0};
    ndr_identity_table *t = calloc(1, sizeof *t);
    int rc = t != NULL ? take_file(t, file, &p, yaml, err) : no_memory(err);
    if (rc == 0)
        rc = finish(t, err);
    if (rc < 0) {
        ndr_yaml_free(yaml);
        ndr_identity_free(t);
        return rc;
    }
    *ret = t;
    return 0;
}

size_t
ndr_identity_entry(const ndr_identity_table *t, size_t i)
{
    return t->row[i].number;
}

int
ndr_identity_load(const char *path, ndr_identity_trouble *trouble, void *ctx,
                  ndr_identity_table **ret, ndr_error *err)
{
    ndr_files files = {0};
    place p = {.trouble = trouble, .ctx = ctx};
    ndr_identity_table *t = calloc(1, sizeof *t);
    if (t == NULL)
        return no_memory(err);
    int rc = ndr_files_read(&path, 1, &files, err);
    for (size_t i = 0; i < files.count && rc == 0; i++) {
        ndr_yaml yaml = {0};
        rc = take_file(t, &files.file[i], &p, &yaml, err);
        ndr_yaml_free(&yaml);
    }
    ndr_files_free(&files);
    if (rc == 0)
        rc = finish(t, err);
    if (rc < 0) {
        ndr_identity_free(t);
        return rc;
    }
    *ret = t;
    return 0;
}
