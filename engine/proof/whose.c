/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * whose.c - whose mail came back?
 *
 *   header of the bounce  \
 *   what it returns         -> proofs, in a table -> a strong one, else a weak one that
 * is verdict so far        /                          believed, else what all-mail says
 */
#include "whose.h"

#include "ndr_hash.h"
#include "weak_limit.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What one judgement needs, used again. */
typedef struct work {
    struct work *next;
    ndr_dkim_verifier *verifier; /* NULL: no keys */
    ndr_dkim_report report;
    ndr_dkim_field bounce[NDR_DKIM_FIELDS], returned[NDR_DKIM_FIELDS];
    ndr_whose_case c;
} work;

struct ndr_prover {
    const ndr_identity *identity;
    ndr_sent_fn *sent;
    void *sent_ctx;
    ndr_whose_domain *domain; /* as the identity's rows */
    pthread_mutex_t lock;     /* of what follows */
    work *idle;
    ndr_weak_limit *counts;
    bool fixed; /* counts are as they are to be */
};

/* All are tried: a person wants to see them. */
static ndr_whose_proof *const proofs[] = {
    ndr_whose_dkim_to,   ndr_whose_dkim, ndr_whose_sent_to, ndr_whose_sent,
    ndr_whose_born_here, ndr_whose_batv, ndr_whose_srs,     ndr_whose_relay,
};

/* ---- making ------------------------------------------------------------------------ */

static int
make_secrets(const ndr_slice *secret, size_t count, ndr_secrets **ret, ndr_error *err)
{
    int rc = count > 0 ? ndr_secrets_new(ret, err) : 0;
    for (size_t i = 0; rc == 0 && i < count; i++)
        rc = ndr_secrets_add(*ret, secret[i], NDR_SECRET_ANY, err);
    return rc;
}

static int
make_networks(const ndr_identity_domain *row, ndr_network **ret, ndr_error *err)
{
    char text[64];
    if (row->submitter_count == 0)
        return 0;
    *ret = calloc(row->submitter_count, sizeof **ret);
    if (*ret == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for networks");
    for (size_t i = 0; i < row->submitter_count; i++) {
        const ndr_slice s = row->submitter[i];
        const int n = snprintf(text, sizeof text, "%.*s", (int)(s.len < 64 ? s.len : 64),
                               s.len > 0 ? (const char *)s.ptr : "");
        if (n < 0 || (size_t)n != s.len || !ndr_network_parse(text, &(*ret)[i]))
            return ndr_fail(err, NDR_E_SYNTAX, "'%.*s' is no network", NDR_WHOSE_TEXT(s));
    }
    return 0;
}

int
ndr_prover_new(const ndr_identity *identity, ndr_sent_fn *sent, void *ctx,
               ndr_prover **ret, ndr_error *err)
{
    ndr_prover *p = calloc(1, sizeof *p);
    if (p == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory to judge whose mail came back");
    if (pthread_mutex_init(&p->lock, NULL) != 0) {
        free(p);
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a lock");
    }
    p->identity = identity;
    p->sent = sent;
    p->sent_ctx = ctx;
    int rc = ndr_weak_limit_new(0, &p->counts, err);
    if (rc == 0) {
        p->domain = calloc(identity->count > 0 ? identity->count : 1, sizeof *p->domain);
        if (p->domain == NULL)
            rc = ndr_fail(err, NDR_E_NOMEM, "no memory for the domains of an identity");
    }
    for (size_t i = 0; rc == 0 && i < identity->count; i++) {
        const ndr_identity_domain *row = &identity->row[i];
        rc = make_secrets(row->batv_key, row->batv_key_count, &p->domain[i].batv, err);
        if (rc == 0)
            rc = make_secrets(row->srs_secret, row->srs_secret_count, &p->domain[i].srs,
                              err);
        if (rc == 0)
            rc = make_networks(row, &p->domain[i].submitter, err);
        if (rc != 0)
            ndr_error_prefix(err, "%.*s", NDR_WHOSE_TEXT(row->domain));
    }
    if (rc != 0) {
        ndr_prover_free(p);
        return rc;
    }
    *ret = p;
    return 0;
}

static void
free_work(work *w)
{
    ndr_dkim_verifier_free(w->verifier);
    free(w);
}

void
ndr_prover_free(ndr_prover *p)
{
    if (p == NULL)
        return;
    for (work *w = p->idle, *next = NULL; w != NULL; w = next) {
        next = w->next;
        free_work(w);
    }
    for (size_t i = 0; p->domain != NULL && i < p->identity->count; i++) {
        ndr_secrets_free(p->domain[i].batv);
        ndr_secrets_free(p->domain[i].srs);
        free(p->domain[i].submitter);
    }
    free(p->domain);
    ndr_weak_limit_free(p->counts);
    (void)pthread_mutex_destroy(&p->lock);
    free(p);
}

static int
take_work(ndr_prover *p, work **ret, ndr_error *err)
{
    (void)pthread_mutex_lock(&p->lock);
    work *w = p->idle;
    if (w != NULL)
        p->idle = w->next;
    (void)pthread_mutex_unlock(&p->lock);
    if (w == NULL) {
        w = calloc(1, sizeof *w);
        if (w == NULL)
            return ndr_fail(err, NDR_E_NOMEM, "no memory to judge whose mail came back");
        const int rc = p->identity->dkim == NULL
                           ? 0
                           : ndr_dkim_verifier_new(p->identity->dkim, &w->verifier, err);
        if (rc != 0) {
            free_work(w);
            return rc;
        }
    }
    *ret = w;
    return 0;
}

static void
give_back(ndr_prover *p, work *w)
{
    (void)pthread_mutex_lock(&p->lock);
    w->next = p->idle;
    p->idle = w;
    (void)pthread_mutex_unlock(&p->lock);
}

/* ---- what proofs ask ----------------------------------------------------------------
 */

const ndr_identity_domain *
ndr_whose_ours(const ndr_identity *identity, ndr_slice domain)
{
    size_t low = 0, high = identity->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int d = ndr_slice_compare(identity->row[middle].domain, domain);
        if (d == 0)
            return &identity->row[middle];
        if (d < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

bool
ndr_whose_recipient(const ndr_whose_case *c, size_t *at, ndr_slice *ret)
{
    const ndr_verdict *v = c->v;
    for (; *at < 2 * v->recipient_count && *at < 2 * NDR_WHOSE_RECIPIENTS; ++*at) {
        const ndr_recipient *r = &v->recipients[*at / 2];
        *ret = *at % 2 == 0 ? r->final : r->original;
        if (ret->len > 0 && (*at % 2 == 0 || !ndr_slice_equal(*ret, r->final))) {
            ++*at;
            return true;
        }
    }
    return false;
}

const ndr_dkim_field *
ndr_whose_field(const ndr_dkim_fields *fields, const char *name)
{
    const ndr_slice lower = ndr_slice_of(name);
    const uint64_t hash = ndr_hash_nocase(lower, 0);
    for (size_t i = 0; i < fields->count; i++)
        if (ndr_dkim_field_is(&fields->fields[i], lower, hash))
            return &fields->fields[i];
    return NULL;
}

size_t
ndr_whose_hops(const ndr_dkim_fields *fields, ndr_hop *ret, size_t most)
{
    const ndr_slice lower = NDR_SLICE("received");
    const uint64_t hash = ndr_hash_nocase(lower, 0);
    size_t n = 0;
    for (size_t i = 0; i < fields->count && n < most; i++)
        if (ndr_dkim_field_is(&fields->fields[i], lower, hash))
            ret[n++] = ndr_hop_read(ndr_dkim_field_value(&fields->fields[i]));
    return n;
}

NDR_PRINTF(4, 0)
static int
note(ndr_whose_case *c, const char *name, const char *result, const char *format,
     va_list words)
{
    if (c->ret->count == NDR_PROOFS)
        return -1;
    ndr_proof *p = &c->ret->proof[c->ret->count];
    p->name = name;
    p->result = result;
    if (vsnprintf(p->detail, sizeof p->detail, format, words) < 0)
        p->detail[0] = '\0';
    for (char *d = p->detail; *d != '\0'; d++)
        if (*d < ' ' || *d > '~')
            *d = '?';
    return (int)c->ret->count++;
}

int
ndr_whose_note(ndr_whose_case *c, const char *name, const char *result,
               const char *format, ...)
{
    va_list words;
    va_start(words, format);
    const int row = note(c, name, result, format, words);
    va_end(words);
    return row;
}

void
ndr_whose_pass(ndr_whose_case *c, const char *name, enum ndr_strength strength,
               enum ndr_whose says, const ndr_instance *instance, const char *format, ...)
{
    va_list words;
    va_start(words, format);
    const int row = note(c, name, "pass", format, words);
    va_end(words);
    if (row < 0)
        return;
    ndr_pass *p = &c->pass[c->passes++];
    *p = (ndr_pass){.strength = strength, .says = says, .row = row};
    if (instance != NULL)
        p->instance = *instance;
}

/* ---- judging ----------------------------------------------------------------------- */

/* Count the bounce for an instance. Who failed counts; where nobody is named, each bounce
 * is one. */
static int
count_pass(ndr_prover *p, const ndr_verdict *v, const ndr_instance *instance,
           ndr_error *err)
{
    int rc = 0;
    size_t named = 0;
    for (size_t i = 0; rc == 0 && i < v->recipient_count && i < NDR_WHOSE_RECIPIENTS;
         i++) {
        const ndr_recipient *r = &v->recipients[i];
        const ndr_slice who = r->final.len > 0 ? r->final : r->original;
        if (who.len == 0)
            continue;
        named++;
        rc = ndr_weak_limit_add(p->counts, instance, who, v->arrived, err);
    }
    return rc == 0 && named == 0
               ? ndr_weak_limit_add(p->counts, instance, v->message_id, v->arrived, err)
               : rc;
}

static int
decide_weak(ndr_prover *p, ndr_whose_case *c, ndr_error *err)
{
    int rc = 0;
    (void)pthread_mutex_lock(&p->lock);
    for (size_t i = 0; rc == 0 && i < c->passes; i++) {
        const ndr_pass *pass = &c->pass[i];
        rc = p->fixed ? 0 : count_pass(p, c->v, &pass->instance, err);
        if (rc != 0)
            break;
        if (ndr_weak_limit_over(p->counts, &pass->instance)) {
            c->ret->proof[pass->row].result = "replay";
        } else if (c->ret->decisive < 0) {
            c->ret->whose = pass->says;
            c->ret->decisive = pass->row;
            ndr_weak_believe(p->counts, &pass->instance);
        }
    }
    (void)pthread_mutex_unlock(&p->lock);
    return rc;
}

static int
decide(ndr_prover *p, ndr_whose_case *c, ndr_error *err)
{
    for (size_t i = 0; i < c->passes; i++)
        if (c->pass[i].strength == NDR_STRONG) {
            c->ret->whose = c->pass[i].says;
            c->ret->decisive = c->pass[i].row;
            return 0;
        }
    return c->passes > 0 ? decide_weak(p, c, err) : 0;
}

/* Behind whatever stands in front of the first field. */
static ndr_slice
from_first_field(ndr_slice raw)
{
    if (raw.len == 0)
        return raw; /* ptr may be NULL */
    size_t at = ndr_header_begin(raw);
    while (at < raw.len && (raw.ptr[at] == '\n' || raw.ptr[at] == '\r'))
        at++;
    return (ndr_slice){raw.ptr + at, raw.len - at};
}

/* Is a header there to its last field: up to an empty line, or to where its part ends? */
static bool
is_ended(const ndr_dkim_fields *f, ndr_slice bytes, unsigned flags)
{
    if (f->count == 0 || f->too_large || f->complete)
        return f->count > 0 && !f->too_large;
    const unsigned char *end = bytes.ptr + bytes.len;
    const ndr_slice last = f->fields[f->count - 1].raw;
    for (const unsigned char *p = last.ptr + last.len; p < end; p++)
        if (*p != '\r' && *p != '\n')
            return false;
    return (flags & (NDR_MSG_OPEN | NDR_MSG_TRUNCATED | NDR_MSG_DAMAGED)) == 0;
}

static int
judge(ndr_prover *p, work *w, ndr_slice header, const ndr_returned_bytes *returned,
      ndr_error *err)
{
    ndr_whose_case *c = &w->c;
    const ndr_slice bytes = from_first_field(returned->bytes);
    c->bounce.fields = w->bounce;
    c->returned.fields = w->returned;
    c->dkim = NULL;
    ndr_dkim_fields_split(from_first_field(header), &c->bounce);
    ndr_dkim_fields_split(bytes, &c->returned);
    if (w->verifier != NULL && bytes.len > 0) {
        /* the body proves nothing, so it is not hashed */
        const ndr_dkim_question q = {.message = bytes, .sent_at = NDR_TIME_UNKNOWN};
        const int rc = ndr_dkim_verify(w->verifier, &q, &w->report, err);
        if (rc != 0)
            return rc;
        c->dkim = &w->report;
    }
    c->apart = returned->apart;
    c->ended = is_ended(&c->returned, bytes, c->v->flags);
    c->ended_in_line = bytes.len > 0 && bytes.ptr[bytes.len - 1] == '\n';
    for (size_t i = 0; i < sizeof proofs / sizeof proofs[0]; i++)
        proofs[i](c);
    const int rc = decide(p, c, err);
    if (rc == 0)
        ndr_whose_all_mail(c);
    c->ret->judged = c->ret->whose != NDR_WHOSE_UNKNOWN || ndr_whose_would_show(c);
    return rc;
}

int
ndr_prover_judge(void *prover, ndr_slice header, const ndr_returned_bytes *returned,
                 const ndr_verdict *v, ndr_evidence *ret, ndr_error *err)
{
    ndr_prover *p = prover;
    work *w = NULL;
    *ret = (ndr_evidence){.decisive = -1};
    const ndr_identity_domain *row = ndr_whose_ours(p->identity, v->domain);
    if (row == NULL)
        return 0;
    ret->known = true;
    int rc = take_work(p, &w, err);
    if (rc != 0)
        return rc;
    w->c = (ndr_whose_case){.identity = p->identity,
                            .ours = row,
                            .made = &p->domain[row - p->identity->row],
                            .sent = p->sent,
                            .sent_ctx = p->sent_ctx,
                            .v = v,
                            .sent_answer = -1,
                            .ret = ret};
    rc = judge(p, w, header, returned, err);
    give_back(p, w);
    return rc;
}

bool
ndr_evidence_is_weak(const ndr_evidence *e)
{
    static const char *const weak[] = {"dkim", "sent", "batv", "srs"};
    for (size_t i = 0; e->decisive >= 0 && i < sizeof weak / sizeof weak[0]; i++)
        if (strcmp(e->proof[e->decisive].name, weak[i]) == 0)
            return true;
    return false;
}

/* ---- counts -------------------------------------------------------------------------
 */

int
ndr_prover_counts_load(ndr_prover *p, ndr_slice saved, ndr_error *err)
{
    (void)pthread_mutex_lock(&p->lock);
    const int rc = ndr_weak_limit_load(p->counts, saved, err);
    (void)pthread_mutex_unlock(&p->lock);
    return rc;
}

void
ndr_prover_counts_save(ndr_prover *p, ndr_buffer *out)
{
    (void)pthread_mutex_lock(&p->lock);
    ndr_weak_limit_save(p->counts, out);
    (void)pthread_mutex_unlock(&p->lock);
}

void
ndr_prover_counts_forget(ndr_prover *p, int64_t before)
{
    (void)pthread_mutex_lock(&p->lock);
    ndr_weak_limit_forget(p->counts, before);
    (void)pthread_mutex_unlock(&p->lock);
}

void
ndr_prover_counts_fix(ndr_prover *p)
{
    (void)pthread_mutex_lock(&p->lock);
    p->fixed = true;
    (void)pthread_mutex_unlock(&p->lock);
}

uint64_t
ndr_prover_taken_back(ndr_prover *p)
{
    (void)pthread_mutex_lock(&p->lock);
    const uint64_t count = ndr_weak_taken_back(p->counts);
    (void)pthread_mutex_unlock(&p->lock);
    return count;
}

bool
ndr_prover_counts_full(ndr_prover *p)
{
    (void)pthread_mutex_lock(&p->lock);
    const bool full = ndr_weak_limit_full(p->counts);
    (void)pthread_mutex_unlock(&p->lock);
    return full;
}
