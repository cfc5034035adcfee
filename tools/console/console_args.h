/* SPDX-License-Identifier: BSD-3-Clause */
/* console_args.h - what do the console's options ask for? */
#ifndef CONSOLE_ARGS_H
#define CONSOLE_ARGS_H

#include "app/mailbox_paths.h"
#include "console.h"

enum { HOSTS_MAX = 16 };

/* Beyond what the console keeps. */
typedef struct console_args {
    const char *listen, *windows_dir, *stats, *token_file, *user;
    const char *admins, *proxy_secret_file, *proxy_header;
    mailbox_paths paths; /* asked for; nothing is loaded */
    guard_host hosts[HOSTS_MAX];
    size_t host_count;
    bool remote, as_owner;
    bool token_made; /* now, at this start */
} console_args;

/* Read them. 0; -1: --help and the like, all is said; else the exit status, told.
 * c->mail has room for as many folders as there are words. */
int console_args_read(console *c, console_args *a, int argc, char **argv);

#endif
