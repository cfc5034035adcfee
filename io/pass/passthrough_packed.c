/* SPDX-License-Identifier: BSD-3-Clause */
/* passthrough_packed.c - how are messages carried out of a compressed mailbox? */
#include "codec/feed.h"
#include "ndr_sized.h"
#include "passthrough.h"

#include <stdlib.h>

typedef struct packed {
    ndr_passthrough_port port;
    ndr_fd_feed stored;
    ndr_unpack unpack;
} packed;

static int
begin(ndr_passthrough_port *port, bool *ret_mbox, ndr_error *err)
{
    packed *p = (packed *)port;
    const int got = ndr_unpack_next(&p->unpack, err);
    if (got == 1 && (p->unpack.archive != NULL || p->unpack.framing == NDR_FRAME_CL2))
        return ndr_fail(err, NDR_E_SYNTAX, "is an archive, not a mailbox");
    *ret_mbox = p->unpack.framing == NDR_FRAME_MBOX;
    return got;
}

static int64_t
read_on(ndr_passthrough_port *port, unsigned char *to, size_t most, ndr_error *err)
{
    packed *p = (packed *)port;
    return ndr_unpack_read(&p->unpack, to, most, true, err);
}

static void
close_port(ndr_passthrough_port *port)
{
    packed *p = (packed *)port;
    ndr_unpack_close(&p->unpack);
    free(p);
}

int
ndr_passthrough_open_packed(const ndr_passthrough_opts *opts, ndr_passthrough **ret,
                            ndr_error *err)
{
    ndr_passthrough_opts own;
    int code = NDR_SIZED_TAKE(ndr_passthrough_opts, name, &own, opts, err);
    if (code != 0)
        return code;
    packed *p = calloc(1, sizeof *p);
    if (p == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory to open the input");
    p->port = (ndr_passthrough_port){begin, read_on, close_port};
    ndr_fd_feed_init(&p->stored, own.fd, false, NULL);
    p->stored.keep = true;
    ndr_unpack_open(&p->unpack, &p->stored.feed, &p->stored, 0, own.format, 0);
    code = ndr_passthrough_of(&own, &p->port, ret, err);
    if (code != 0)
        close_port(&p->port);
    return code;
}
