/* SPDX-License-Identifier: BSD-3-Clause */
/* crypto_lib.c - see crypto_lib.h. */
#define NDR_CRYPTO_OWN_NAMES /* the table is filled here */
#include "crypto_lib.h"

#include "ndr_library.h"

#include <pthread.h>
#include <stdio.h>

/* All of OpenSSL 3 goes by this name; it stands for what the headers above say. */
#define LIBRARY "libcrypto.so.3"

ndr_crypto_calls ndr_crypto;
static bool loaded;
static char why[NDR_LIBRARY_WHY];

#define NAME_AND_PLACE(call) {#call, &ndr_crypto.call},
static const ndr_library_call calls[] = {NDR_CRYPTO_CALLS(NAME_AND_PLACE)};

static void
load(void)
{
    if (!ndr_library_load(LIBRARY, calls, sizeof calls / sizeof calls[0], why))
        return;
    loaded = ndr_crypto.OPENSSL_version_major() == OPENSSL_VERSION_MAJOR;
    if (!loaded)
        (void)snprintf(why, sizeof why, "it is version %u, built for %d",
                       ndr_crypto.OPENSSL_version_major(), OPENSSL_VERSION_MAJOR);
}

int
ndr_crypto_load(ndr_error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, load);
    return loaded ? 0
                  : ndr_fail(err, NDR_E_LIMIT,
                             "proofs of whose mail came back need OpenSSL 3 (" LIBRARY
                             ", Debian: libssl3): %s",
                             why);
}
