/* SPDX-License-Identifier: BSD-3-Clause */
/* hs_compiler.c - see hs_compiler.h. */
#include "hs_compiler.h"

#include "ndr_library.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define TEXT_OF(x)     #x
#define NAME_OF(major) "libhs.so." TEXT_OF(major)
#define LIBRARY        NAME_OF(HS_MAJOR)

static ndr_hs_compiler compiler;
static bool loaded;
static char why[NDR_LIBRARY_WHY];
static __typeof__(&hs_version) version;

static const ndr_library_call calls[] = {
    {"hs_version", &version},
    {"hs_compile_multi", &compiler.compile_multi},
    {"hs_free_compile_error", &compiler.free_compile_error},
};

static void
load(void)
{
    if (!ndr_library_load(LIBRARY, calls, sizeof calls / sizeof calls[0], why))
        return;
    loaded = strcmp(version(), hs_version()) == 0;
    if (!loaded)
        (void)snprintf(why, sizeof why, "it is version %.60s, what scans is %.60s",
                       version(), hs_version());
}

int
ndr_hs_compiler_load(const ndr_hs_compiler **ret, ndr_error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, load);
    *ret = &compiler;
    return loaded ? 0
                  : ndr_fail(err, NDR_E_LIMIT,
                             "compiling rules needs all of Hyperscan (" LIBRARY
                             ", Debian: libhyperscan5 or libvectorscan5): %s",
                             why);
}
