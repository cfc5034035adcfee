/* SPDX-License-Identifier: BSD-3-Clause */
/* cmd_rules_compile.c - `ndrscan rules compile`: the shipped rules, once for all users.
 */
#include "app/commands.h"
#include "app/diag.h"
#include "app/places.h"
#include "app/shipped.h"
#include "app/tables.h"
#include "ndrscan_rules.h"

#include <string.h>
#include <sys/stat.h>

/* What the options ask for. */
typedef struct compile_args {
    const char *to;
    bool install, native;
} compile_args;

static int
take_option(void *ctx, const opts *o, int id, const char *arg)
{
    compile_args *a = ctx;
    (void)o;
    if (id == OPT_TO)
        a->to = arg;
    a->install |= id == OPT_INSTALL;
    a->native |= id == OPT_NATIVE;
    return 0;
}

int
cmd_rules_compile(opts *o)
{
    compile_args a = {0};
    char shipped[4096], installed[4096];
    ndr_error err = {0};
    size_t count = 0;
    const int status = opts_take(o, take_option, &a);
    if (status >= 0)
        return status;
    char **operand = opts_operands(o, &count);
    if (count > 0)
        return opts_mistake(o, "'%s': it compiles the shipped rules alone", operand[0]);
    if (a.install == (a.to != NULL))
        return opts_mistake(o, "give --install or --to FILE");
    int rc = shipped_rules(shipped, sizeof shipped, &err);
    if (rc == 0 && a.install) {
        a.to = installed;
        rc = place_system_cache("shipped.ndrc", installed, sizeof installed, &err);
        if (rc == 0)
            rc = place_make_above(installed, 0755, &err);
    }
    if (rc == 0)
        rc = ndr_rules_compile(shipped, !a.native, a.to, &err);
    if (rc != 0) {
        diag("%s", err.text);
        return EXIT_NOT_RUN;
    }
    (void)printf("compiled the shipped rules for %s: %s\n",
                 a.native ? "this CPU alone" : "any CPU", a.to);
    return EXIT_READ;
}
