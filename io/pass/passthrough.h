/* SPDX-License-Identifier: BSD-3-Clause */
/* passthrough.h - what may stand between a descriptor and the messages that are carried? */
#ifndef NDR_CARRY_H
#define NDR_CARRY_H

#include "ndrscan_io.h"

/* Whatever decodes. Kept out of carry.c, so that who only carries links no codec. */
typedef struct ndr_carry_port ndr_carry_port;
struct ndr_carry_port {
    /* What is it? 1, with *ret_mbox; 0: nothing; or an ndr_code. */
    int (*begin)(ndr_carry_port *p, bool *ret_mbox, ndr_error *err);
    /* Up to `most` bytes: how many, 0 at the end, or an ndr_code. */
    int64_t (*read)(ndr_carry_port *p, unsigned char *to, size_t most, ndr_error *err);
    void (*close)(ndr_carry_port *p);
};

/* Carry what `port` (NULL: the descriptor) gives; takes it over when it answers 0. */
int ndr_carry_of(const ndr_carry_opts *opts, ndr_carry_port *port, ndr_carry **ret,
                 ndr_error *err);

#endif
