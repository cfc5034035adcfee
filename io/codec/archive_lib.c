/* SPDX-License-Identifier: BSD-3-Clause */
/* archive_lib.c - see archive_lib.h. */
#define NDR_ARCHIVE_OWN_NAMES /* the table is filled here */
#include "archive_lib.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* All of libarchive 3 goes by this name; it stands for what the header above says. */
#define LIBRARY "libarchive.so.13"
enum { MAJOR = ARCHIVE_VERSION_NUMBER / 1000000 };

ndr_archive_calls ndr_archive;
static bool loaded;
static char why[200];

#define NAME_AND_PLACE(call) {#call, &ndr_archive.call},
static const struct {
    const char *name;
    void *place; /* of the function's pointer */
} calls[] = {NDR_ARCHIVE_CALLS(NAME_AND_PLACE)};

static void
load(void)
{
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        (void)snprintf(why, sizeof why, "%s", dlerror());
        return;
    }
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        void *at = dlsym(library, calls[i].name);
        if (at == NULL) {
            (void)snprintf(why, sizeof why, "it has no %s", calls[i].name);
            return;
        }
        memcpy(calls[i].place, &at, sizeof at);
    }
    loaded = ndr_archive.archive_version_number() / 1000000 == MAJOR;
    if (!loaded)
        (void)snprintf(why, sizeof why, "it is version %d, built for %d",
                       ndr_archive.archive_version_number() / 1000000, MAJOR);
}

int
ndr_archive_load(ndr_error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, load);
    return loaded ? 0
                  : ndr_fail(err, NDR_E_LIMIT,
                             "archives (tar, zip, 7z) need libarchive 3 (" LIBRARY
                             ", Debian: libarchive13): %s",
                             why);
}
