/* SPDX-License-Identifier: BSD-3-Clause */
/* codec_lib.c - see codec_lib.h. */
#include "codec_lib.h"

#include "ndr_library.h"

#include <pthread.h>

ndr_codec_calls ndr_codec_lib;

#define NAME_AND_PLACE(call) {#call, &ndr_codec_lib.call},
static const ndr_library_call zlib_calls[] = {NDR_ZLIB_CALLS(NAME_AND_PLACE)};
static const ndr_library_call bzip2_calls[] = {NDR_BZIP2_CALLS(NAME_AND_PLACE)};
static const ndr_library_call lzma_calls[] = {NDR_LZMA_CALLS(NAME_AND_PLACE)};
#define CALLS(of) of##_calls, sizeof of##_calls / sizeof of##_calls[0]

/* Each goes by one name for as long as its interface stays the same. */
static const struct library {
    const char *file, *package, *what;
    const ndr_library_call *calls;
    size_t count;
} libraries[NDR_LIBS] = {
    [NDR_LIB_ZLIB] = {"libz.so.1", "zlib1g", "gzip", CALLS(zlib)},
    [NDR_LIB_BZIP2] = {"libbz2.so.1.0", "libbz2-1.0", "bzip2", CALLS(bzip2)},
    [NDR_LIB_LZMA] = {"liblzma.so.5", "liblzma5", "xz", CALLS(lzma)},
};

static pthread_mutex_t mu = PTHREAD_MUTEX_INITIALIZER; /* guards the rest */
static bool tried[NDR_LIBS], loaded[NDR_LIBS];
static char why[NDR_LIBS][NDR_LIBRARY_WHY];

int
ndr_codec_load(enum ndr_codec_library which, ndr_error *err)
{
    const struct library *l = &libraries[which];
    (void)pthread_mutex_lock(&mu);
    if (!tried[which])
        loaded[which] = ndr_library_load(l->file, l->calls, l->count, why[which]);
    tried[which] = true;
    const bool there = loaded[which];
    (void)pthread_mutex_unlock(&mu);
    return there ? 0
                 : ndr_fail(err, NDR_E_LIMIT, "%s needs %s (Debian: %s): %s", l->what,
                            l->file, l->package, why[which]);
}
