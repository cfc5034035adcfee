/* SPDX-License-Identifier: BSD-3-Clause */
/* sent_place.c - see sent_place.h. */
#include "sent_place.h"

#include "app/commands.h"
#include "app/diag.h"
#include "app/places.h"
#include "app/tables.h"
#include "ndr_file.h"

#include <grp.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

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

int
sent_place_make(const sent_place *p, ndr_error *err)
{
    char shared[4096];
    struct stat st;
    int rc = place_make_above(p->dir, 0700, err);
    if (rc != 0 || place_system_state("sent", shared, sizeof shared, NULL) != 0 ||
        strcmp(p->dir, shared) != 0 || stat(p->dir, &st) == 0)
        return rc;
    const struct group *group = getgrnam("ndrscan");
    if ((rc = ndr_folders_make(p->dir, 0, 0700, true, err)) != 0)
        return rc;
    if (group != NULL && chown(p->dir, (uid_t)-1, group->gr_gid) == 0 &&
        chmod(p->dir, 02750) == 0)
        return 0;
    diag(
        "warning: '%s' is for root alone%s: where an identity is shared, who else judges "
        "mail by it ends with an error until let in: %schgrp -R ndrscan %s && chmod 2750 "
        "%s && chmod 640 %s/*.key; for another group see WHO MAY ASK in ndrscan-sent(1)",
        p->dir, group == NULL ? ", as there is no group ndrscan" : "",
        group == NULL ? "groupadd -r ndrscan && " : "", p->dir, p->dir, p->dir);
    return 0;
}

void
sent_place_trouble(void *ctx, const char *file, const char *text)
{
    uint64_t *count = ctx;
    (*count)++;
    diag("%s %s; it is left out", file, text);
}
