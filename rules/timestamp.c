/* SPDX-License-Identifier: BSD-3-Clause */
/* timestamp.c - which second does an operator's date-time mean? (RFC 3339 5.6) */
#include "ndrscan_rules.h"
