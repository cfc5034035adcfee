/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ndr_network.h - is a client's address in one of these networks?
 *
 * For the rooms and the tools; not installed.
 */
#ifndef NDR_NETWORK_H
#define NDR_NETWORK_H

#include "ndrscan_common.h"

typedef struct ndr_network {
    unsigned char address[16]; /* IPv4 as ::ffff:a.b.c.d */
    unsigned bits;
} ndr_network;

/* "192.0.2.0/24", "2001:db8::/32" or one address. False when it is none. */
NDR_API bool ndr_network_parse(const char *text, ndr_network *ret);
/* `address` without brackets, as logs and Received fields have it, "IPv6:" in front or
 * not. */
NDR_API bool
ndr_network_has(const ndr_network *networks, size_t count, ndr_slice address);
/* 127.0.0.0/8 or ::1. */
NDR_API bool ndr_network_loopback(ndr_slice address);

#endif
