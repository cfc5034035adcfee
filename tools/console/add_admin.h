/* SPDX-License-Identifier: BSD-3-Clause */
/* add_admin.h - how does a person get into admins.yaml without an editor? */
#ifndef ADD_ADMIN_H
#define ADD_ADMIN_H

#include "ndrscan.h"

enum { ADD_DOMAINS_MAX = 256 };

/* A person who is not in the file yet. */
typedef struct add_admin {
    const char *name, *role, *hash;
    const char *mail, *language, *zone; /* NULL: not said */
    const char *domain[ADD_DOMAINS_MAX];
    size_t domain_count;
} add_admin;

/*
 * Put an entry behind those of the file `path`, which is made, root's with mode 0640,
 * where it is not there; else it keeps its owner, group and mode. What comes out is read
 * as the console reads it, before it takes the place of what was there: whole, or not at
 * all. 0; NDR_E_SYNTAX for what cannot be in it; NDR_E_SYS; NDR_E_LIMIT; NDR_E_NOMEM.
 */
int add_admin_write(const char *path, const add_admin *who, ndr_error *err);

#endif
