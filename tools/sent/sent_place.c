/* SPDX-License-Identifier: BSD-3-Clause */
/* sent_place.c - see sent_place.h. */
#include "sent_place.h"

#include "app/commands.h"
#include "app/diag.h"
#include "app/places.h"
#include "app/tables.h"

#include <string.h>
#include <sys/utsname.h>

void
sent_place_begin(sent_place *p)
{
    struct utsname host;
    *p = (sent_place){.dir = ""};
    if (uname(&host) == 0)
        (void)snprintf(p->machine, sizeof p->machine, "%s", host.nodename);
}

int
sent_place_option(sent_place *p, const opts *o, int id, const char *arg)
{
    if (id == OPT_SET) {
        if (arg[0] == '\0' || strlen(arg) >= sizeof p->dir)
            return opts_mistake(o, "--set '%.80s': give a folder", arg);
        memcpy(p->dir, arg, strlen(arg) + 1);
        return 0;
    }
    if (id == OPT_MACHINE) {
        (void)snprintf(p->machine, sizeof p->machine, "%s", arg);
        return 0;
    }
    return 1;
}

int
sent_place_settle(sent_place *p)
{
    ndr_error err = {0};
    if (p->dir[0] != '\0' || place_state("sent", p->dir, sizeof p->dir, &err) == 0)
        return 0;
    diag("%s", err.text);
    return EXIT_NOT_RUN;
}

void
sent_place_trouble(void *ctx, const char *file, const char *text)
{
    uint64_t *count = ctx;
    (*count)++;
    diag("%s %s; it is left out", file, text);
}
