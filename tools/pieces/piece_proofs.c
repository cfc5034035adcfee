/* SPDX-License-Identifier: BSD-3-Clause */
/* piece_proofs.c - see piece_proofs.h. */
#include "piece_proofs.h"

#include <pthread.h>
#include <stdlib.h>

struct piece_proofs {
    const setup *setup;
    size_t pieces;
    pthread_mutex_t lock;     /* guards what follows */
    ndr_weak_limit **counted; /* one a piece; NULL: nothing yet */
};

int
piece_proofs_new(const setup *s, size_t pieces, piece_proofs **ret, ndr_error *err)
{
    piece_proofs *p = calloc(1, sizeof *p);
    ndr_weak_limit **counted = calloc(pieces > 0 ? pieces : 1, sizeof(ndr_weak_limit *));
    if (p == NULL || counted == NULL) {
        free(p);
        free(counted);
        return ndr_fail(err, NDR_E_NOMEM, "no memory to count weak proofs");
    }
    p->setup = s;
    p->pieces = pieces;
    p->counted = counted;
    (void)pthread_mutex_init(&p->lock, NULL); /* cannot fail with these attributes */
    *ret = p;
    return 0;
}

void
piece_proofs_free(piece_proofs *p)
{
    if (p == NULL)
        return;
    for (size_t i = 0; i < p->pieces; i++)
        ndr_weak_limit_free(p->counted[i]);
    free(p->counted);
    (void)pthread_mutex_destroy(&p->lock);
    free(p);
}

int
proof_hand_begin(const piece_proofs *p, proof_hand *ret, ndr_error *err)
{
    return setup_prover(p->setup, &ret->prover, err);
}

int
proof_hand_judge(proof_hand *h, ndr_slice header, const ndr_returned_bytes *returned,
                 const ndr_verdict *v, ndr_evidence *ret, ndr_error *err)
{
    h->counted = true;
    return ndr_prover_judge(h->prover, header, returned, v, ret, err);
}

int
piece_proofs_take(piece_proofs *p, size_t piece, proof_hand *from, ndr_error *err)
{
    ndr_buffer saved = {0};
    if (!from->counted)
        return 0;
    from->counted = false;
    ndr_prover_counts_save(from->prover, &saved);
    ndr_prover_counts_forget(from->prover, INT64_MAX);
    (void)pthread_mutex_lock(&p->lock);
    ndr_weak_limit **to = &p->counted[piece];
    int code = saved.failed ? ndr_fail(err, NDR_E_NOMEM, "no memory to count weak proofs")
               : *to == NULL ? ndr_weak_limit_new(0, to, err)
                             : 0;
    if (code == 0)
        code = ndr_weak_limit_load(*to, (ndr_slice){saved.ptr, saved.len}, err);
    (void)pthread_mutex_unlock(&p->lock);
    ndr_buffer_free(&saved);
    return code;
}

void
piece_proofs_end(piece_proofs *p, size_t piece, ndr_buffer *out)
{
    (void)pthread_mutex_lock(&p->lock);
    ndr_weak_limit *counted = p->counted[piece];
    p->counted[piece] = NULL;
    (void)pthread_mutex_unlock(&p->lock);
    if (counted != NULL)
        ndr_weak_limit_save(counted, out);
    ndr_weak_limit_free(counted);
}
