/* SPDX-License-Identifier: BSD-3-Clause */
/* library.c - see ndr_library.h. */
#include "ndr_library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

bool
ndr_library_load(const char *file, const ndr_library_call *call, size_t count,
                 char why[NDR_LIBRARY_WHY])
{
    void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        (void)snprintf(why, NDR_LIBRARY_WHY, "%s", dlerror());
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        void *at = dlsym(library, call[i].name);
        if (at == NULL) {
            (void)snprintf(why, NDR_LIBRARY_WHY, "it has no %s", call[i].name);
            return false;
        }
        memcpy(call[i].place, &at, sizeof at);
    }
    return true;
}
