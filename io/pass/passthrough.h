/* SPDX-License-Identifier: BSD-3-Clause */
/* passthrough.h - what may stand between a descriptor and the messages that are carried?
 */
#ifndef NDR_PASSTHROUGH_H
#define NDR_PASSTHROUGH_H

#include "ndrscan_io.h"

/* Whatever decodes. Kept out of passthrough.c, so that who only carries links no codec.
 */
typedef struct ndr_passthrough_port ndr_passthrough_port;
struct ndr_passthrough_port {
    /* What is it? 1, with *ret_mbox; 0: nothing; or an ndr_code. */
    int (*begin)(ndr_passthrough_port *p, bool *ret_mbox, ndr_error *err);
    /* Up to `most` bytes: how many, 0 at the end, or an ndr_code. */
    int64_t (*read)(ndr_passthrough_port *p, unsigned char *to, size_t most,
                    ndr_error *err);
    void (*close)(ndr_passthrough_port *p);
};

/* Carry what `port` (NULL: the descriptor) gives; takes it over when it answers 0. */
int ndr_passthrough_of(const ndr_passthrough_opts *opts, ndr_passthrough_port *port,
                       ndr_passthrough **ret, ndr_error *err);

#endif
