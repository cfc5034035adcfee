/* SPDX-License-Identifier: BSD-3-Clause */
/* customer_deeds.h - what was done to a domain, as far as its administrator is told? */
#ifndef CUSTOMER_DEEDS_H
#define CUSTOMER_DEEDS_H

#include "caller.h"
#include "customer_page.h"

enum { CUSTOMER_DEEDS = 12 };

/* The last changes of its windows and runs over its mail, newest first: *ret_count. Who
 * did it is the person, another one of the same domain by name, or "your provider".
 * False: the journal is asked, and the request comes again. */
bool
customer_deeds(console *c, const route_call *r, const char *domain,
               customer_deed deed[CUSTOMER_DEEDS], size_t *ret_count, web_reply *ret);
/* The id of the run over this domain's mail that the person's page calls `name`; "" where
 * there is none, and whose it is else takes no part in that. False as customer_deeds. */
bool customer_find_run(console *c, const route_call *r, const char *name, char ret_id[65],
                       web_reply *ret);

#endif
