/* SPDX-License-Identifier: BSD-3-Clause */
/* customer_deeds.h - what was done to a domain, as far as its administrator is told? */
#ifndef CUSTOMER_DEEDS_H
#define CUSTOMER_DEEDS_H

#include "console.h"
#include "customer_page.h"

enum { CUSTOMER_DEEDS = 12 };

/* The last changes of its windows and runs over its mail, newest first: how many. Who did
 * it is the person, another one of the same domain by name, or "your provider". */
size_t customer_deeds(console *c, const ndr_admin *who, const char *domain,
                      customer_deed ret[CUSTOMER_DEEDS]);
/* Is there a run of this id over this domain's mail that the person may see? */
bool
customer_has_run(console *c, const ndr_admin *who, const char *domain, const char *run);

#endif
