/* SPDX-License-Identifier: BSD-3-Clause */
/* json.c - how do any bytes become the inside of a JSON string? (RFC 8259 7) */
#include "ndrscan_io.h"
