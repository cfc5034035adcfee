/* SPDX-License-Identifier: BSD-3-Clause */
/* customer_auto.h - do windows of a domain open themselves, and who says so? */
#ifndef CUSTOMER_AUTO_H
#define CUSTOMER_AUTO_H

#include "customer_page.h"

/* As it is now, by what the watcher said and by the wishes that count: those of `people`
 * (NULL: nobody's but the operator's). `who` asks; NULL: the operator. */
customer_auto customer_auto_of(const snapshot *s, const ndr_admins *people,
                               const ndr_admin *who, const char *domain);

#endif
