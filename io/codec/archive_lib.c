/* SPDX-License-Identifier: BSD-3-Clause */
/* archive_lib.c - see archive_lib.h. */
#define NDR_ARCHIVE_OWN_NAMES /* the table is filled here */
#include "archive_lib.h"

#include "ndr_library.h"

#include <pthread.h>
#include <stdio.h>

/* All of libarchive 3 goes by this name; it stands for what the header above says. */
#define LIBRARY "libarchive.so.13"
enum { MAJOR = ARCHIVE_VERSION_NUMBER / 1000000 };

ndr_archive_calls ndr_archive;
static bool loaded;
static char why[NDR_LIBRARY_WHY];

#define NAME_AND_PLACE(call) {#call, &ndr_archive.call},
static const ndr_library_call calls[] = {NDR_ARCHIVE_CALLS(NAME_AND_PLACE)};

static void
load(void)
{
    if (!ndr_library_load(LIBRARY, calls, sizeof calls / sizeof calls[0], why))
        return;
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
