/* SPDX-License-Identifier: BSD-3-Clause */
/* codec_lib.c - see codec_lib.h. */
#include "codec_lib.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

ndr_codec_calls ndr_codec_lib;

#define NAME_AND_PLACE(call) {#call, &ndr_codec_lib.call},
typedef struct call {
    const char *name;
    void *place; /* of the function's pointer */
} call;
static const call zlib_calls[] = {NDR_ZLIB_CALLS(NAME_AND_PLACE){NULL, NULL}};
static const call bzip2_calls[] = {NDR_BZIP2_CALLS(NAME_AND_PLACE){NULL, NULL}};
static const call lzma_calls[] = {NDR_LZMA_CALLS(NAME_AND_PLACE){NULL, NULL}};

/* Each goes by one name for as long as its interface stays the same. */
static const struct library {
    const char *file, *package, *what;
    const call *calls;
} libraries[NDR_LIBS] = {
    [NDR_LIB_ZLIB] = {"libz.so.1", "zlib1g", "gzip", zlib_calls},
    [NDR_LIB_BZIP2] = {"libbz2.so.1.0", "libbz2-1.0", "bzip2", bzip2_calls},
    [NDR_LIB_LZMA] = {"liblzma.so.5", "liblzma5", "xz", lzma_calls},
};

static pthread_mutex_t mu = PTHREAD_MUTEX_INITIALIZER; /* guards the rest */
static bool tried[NDR_LIBS], loaded[NDR_LIBS];
static char why[NDR_LIBS][200];

static void
load(enum ndr_codec_library which)
{
    const struct library *l = &libraries[which];
    void *library = dlopen(l->file, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        (void)snprintf(why[which], sizeof why[which], "%s", dlerror());
        return;
    }
    for (const call *c = l->calls; c->name != NULL; c++) {
        void *at = dlsym(library, c->name);
        if (at == NULL) {
            (void)snprintf(why[which], sizeof why[which], "it has no %s", c->name);
            return;
        }
        memcpy(c->place, &at, sizeof at);
    }
    loaded[which] = true;
}

int
ndr_codec_load(enum ndr_codec_library which, ndr_error *err)
{
    (void)pthread_mutex_lock(&mu);
    if (!tried[which])
        load(which);
    tried[which] = true;
    const bool there = loaded[which];
    (void)pthread_mutex_unlock(&mu);
    const struct library *l = &libraries[which];
    return there ? 0
                 : ndr_fail(err, NDR_E_LIMIT, "%s needs %s (Debian: %s): %s", l->what,
                            l->file, l->package, why[which]);
}
