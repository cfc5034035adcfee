/* SPDX-License-Identifier: BSD-3-Clause */
/* policy.c - by which rules, windows and identity is this message judged, while their
 * files change?
 */
#include "policy.h"

#include "app/diag.h"
#include "app/fingerprint.h"
#include "app/proof_counts.h"
#include "app/windows_told.h"
#include "ndr_clock.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { EVERY_MS = 1000, KEEP_MS = 60000 };

struct policy {
    size_t users; /* and one of those who keep it, while it is in force */
    setup setup;  /* a copy whose lists are the first one's */
};

struct policies {
    const setup *asked;
    pthread_mutex_t mu; /* guards all below */
    policy *policy;
    bool looking; /* a thread is; the others go on with what is in force */
    bool tells;   /* which windows are in force, when they have changed */
    bool has_print;
    uint64_t print;    /* of the files as they were when last looked at */
    int64_t loaded;    /* when loading began, seconds UTC */
    int64_t looked_ms; /* when the files were last looked at, monotonic */
    proof_counts counts;
    bool counting;   /* `counts` has begun */
    int64_t kept_ms; /* when they were last kept */
};

static atomic_bool listening; /* to a signal: only then are the files looked at again */
static atomic_bool asked_again;

static void
on_signal(int number)
{
    (void)number;
    atomic_store(&asked_again, true);
}

void
policies_hear(int signal_number)
{
    struct sigaction sa = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    (void)sigemptyset(&sa.sa_mask);
    (void)sigaction(signal_number, &sa, NULL);
    atomic_store(&listening, true);
}

/* ---- policies ---------------------------------------------------------------------- */

/* What came back how often counts on. False: no memory. */
static bool
hand_on_counts(const policy *old, policy *fresh)
{
    ndr_buffer counts = {0};
    if (old == NULL || old->setup.prover == NULL || fresh->setup.prover == NULL)
        return true;
    ndr_prover_counts_save(old->setup.prover, &counts);
    const bool good =
        !counts.failed &&
        ndr_prover_counts_load(fresh->setup.prover, (ndr_slice){counts.ptr, counts.len},
                               NULL) == 0;
    ndr_buffer_free(&counts);
    return good;
}

/* A file of secrets that was in use and cannot be read any more; NULL: none. One that the
 * identity does not name now is let go. */
static const char *
lost_secrets(const policy *old, const policy *fresh)
{
    size_t had = 0, has = 0;
    if (old == NULL || old->setup.identities == NULL || fresh->setup.identities == NULL)
        return NULL;
    const ndr_identity_secrets *o =
        ndr_identity_secret_files(old->setup.identities, &had);
    const ndr_identity_secrets *f =
        ndr_identity_secret_files(fresh->setup.identities, &has);
    for (size_t i = 0; i < has; i++)
        for (size_t k = 0; k < had && !f[i].usable; k++)
            if (o[k].usable && strcmp(o[k].path, f[i].path) == 0)
                return f[i].path;
    return NULL;
}

/* In the place of `old`, which may be NULL. NULL: told. */
static policy *
policy_load(const setup *asked, const policy *old)
{
    policy *l = calloc(1, sizeof *l);
    if (l == NULL) {
        diag("out of memory");
        return NULL;
    }
    l->users = 1;
    l->setup = setup_afresh(asked);
    l->setup.sent_grows = true;
    bool good = setup_load(&l->setup) == 0;
    /* without it, genuine bounces would go with the others */
    if (good && l->setup.identities == NULL && old != NULL &&
        old->setup.identities != NULL) {
        diag("'%s' is gone; if no identity is meant, make an empty one",
             old->setup.identity_file);
        good = false;
    }
    const char *lost = good ? lost_secrets(old, l) : NULL;
    if (lost != NULL) {
        diag("'%s' was in use; if it is not meant any more, take it out of the identity",
             lost);
        good = false;
    }
    if (good && !hand_on_counts(old, l)) {
        diag("out of memory");
        good = false;
    }
    if (good)
        return l;
    setup_unload(&l->setup);
    free(l);
    return NULL;
}

/* One user less. Under the lock. */
static void
policy_drop(policy *l)
{
    if (l == NULL || --l->users > 0)
        return;
    setup_unload(&l->setup);
    free(l);
}

/* Go on counting where other runs were, once there is something to count. */
static void
count_proofs(policies *j, policy *l)
{
    if (j->counting || l->setup.prover == NULL)
        return;
    proof_counts_begin(&j->counts, l->setup.prover);
    j->counting = true;
}

int
policies_new(const setup *s, policies **ret)
{
    policies *j = calloc(1, sizeof *j);
    if (j == NULL) {
        diag("out of memory");
        return 2;
    }
    (void)pthread_mutex_init(&j->mu, NULL);
    j->asked = s;
    j->loaded = (int64_t)time(NULL);
    j->looked_ms = ndr_now_ms();
    j->kept_ms = j->looked_ms;
    j->policy = policy_load(s, NULL);
    if (j->policy == NULL) {
        policies_free(j);
        return 2;
    }
    count_proofs(j, j->policy);
    *ret = j;
    return 0;
}

void
policies_tell_windows(policies *j)
{
    j->tells = true;
    windows_tell(&j->policy->setup, (int64_t)time(NULL));
}

void
policies_warn_windows(const policies *j)
{
    windows_warn(&j->policy->setup);
}

void
policies_free(policies *j)
{
    if (j == NULL)
        return;
    if (j->counting && j->policy->setup.prover != NULL)
        proof_counts_keep(&j->counts, j->policy->setup.prover, (int64_t)time(NULL));
    proof_counts_end(&j->counts);
    policy_drop(j->policy);
    (void)pthread_mutex_destroy(&j->mu);
    free(j);
}

/* Are there files newer than what is in force? Under the lock. */
static bool
is_stale(policies *j)
{
    if (!atomic_load(&listening))
        return false;
    const bool asked = atomic_exchange(&asked_again, false);
    const int64_t now = ndr_now_ms();
    if (!asked && now - j->looked_ms < EVERY_MS)
        return false;
    j->looked_ms = now;
    int64_t newest = INT64_MIN;
    const uint64_t print = fingerprint_files(&j->policy->setup, &newest);
    /* at the first look, what changed while they were read counts as changed */
    const bool changed = j->has_print ? print != j->print : newest >= j->loaded - 1;
    j->has_print = true;
    j->print = print;
    return changed || asked;
}

/* Take up what is in force. */
static policy *
policy_in_force(policies *j)
{
    (void)pthread_mutex_lock(&j->mu);
    if (!j->looking && is_stale(j)) {
        j->looking = true;
        const policy *old = j->policy; /* stays: only who looks replaces it */
        (void)pthread_mutex_unlock(&j->mu);
        policy *fresh = policy_load(j->asked, old);
        if (fresh == NULL)
            diag("the settings have changed and are not in order: the old ones stay "
                 "in force");
        else
            diag("the settings have changed: the new ones are in force");
        if (fresh != NULL && j->tells)
            windows_tell(&fresh->setup, (int64_t)time(NULL));
        (void)pthread_mutex_lock(&j->mu);
        j->looking = false;
        if (fresh != NULL) {
            policy_drop(j->policy);
            j->policy = fresh;
            count_proofs(j, fresh);
        }
    } else if (!j->looking && j->counting && ndr_now_ms() - j->kept_ms >= KEEP_MS &&
               j->policy->setup.prover != NULL) {
        j->looking = true; /* who looks replaces it, so it stays */
        (void)pthread_mutex_unlock(&j->mu);
        proof_counts_keep(&j->counts, j->policy->setup.prover, (int64_t)time(NULL));
        (void)pthread_mutex_lock(&j->mu);
        j->kept_ms = ndr_now_ms();
        j->looking = false;
    }
    policy *l = j->policy;
    l->users++;
    (void)pthread_mutex_unlock(&j->mu);
    return l;
}

/* ---- a scanner under it -------------------------------------------------------------
 */

void
policy_scanner_done(policy_scanner *s)
{
    ndr_scanner_free(s->scanner);
    s->scanner = NULL;
    if (s->policy != NULL) {
        (void)pthread_mutex_lock(&s->policies->mu);
        policy_drop(s->policy);
        (void)pthread_mutex_unlock(&s->policies->mu);
    }
    s->policy = NULL;
}

static int
policy_scanner_take(policy_scanner *s, ndr_error *err)
{
    policy *l = policy_in_force(s->policies);
    if (l == s->policy && s->scanner != NULL) {
        (void)pthread_mutex_lock(&s->policies->mu);
        policy_drop(l); /* it is held already */
        (void)pthread_mutex_unlock(&s->policies->mu);
    } else {
        policy_scanner_done(s);
        s->policy = l;
        const ndr_scan_opts how = setup_scan_opts(&l->setup);
        const int code = ndr_scanner_new(&how, &s->scanner, err);
        if (code != 0)
            return code;
    }
    ndr_scanner_now(s->scanner, (int64_t)time(NULL));
    return 0;
}

int
policy_scanner_scan(policy_scanner *s, ndr_message *m, const char *const *recipient,
                    size_t count, ndr_extend_fn *extend, void *ctx, ndr_verdict *ret,
                    ndr_error *err)
{
    int code = policy_scanner_take(s, err);
    if (code == 0)
        code = ndr_scan(s->scanner, m, extend, ctx, ret, err);
    if (code != 0 || ret->decision == NDR_NONE)
        return code;
    for (size_t i = 0; i < count; i++) {
        code = ndr_scan_for(s->scanner, ndr_slice_of(recipient[i]), ret, err);
        if (code != 0 || ret->decision != NDR_JUNK)
            return code;
    }
    return 0;
}
