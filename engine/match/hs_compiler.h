/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * hs_compiler.h - how is Hyperscan's compiler there only for those who compile?
 *
 * Hyperscan comes in two libraries: one that scans, and one that compiles as well, in
 * C++. To load the second takes longer than to scan a message with rules from the cache,
 * so that only the first is linked.
 */
#ifndef NDR_HS_COMPILER_H
#define NDR_HS_COMPILER_H

#include "ndrscan.h"

#include <hs.h>

typedef struct ndr_hs_compiler {
    __typeof__(&hs_compile_multi) compile_multi;
    __typeof__(&hs_free_compile_error) free_compile_error;
} ndr_hs_compiler;

/* Load it, once; *ret is there for good. NDR_E_LIMIT: it is not there, or of another
 * version than what scans. Thread: any. */
int ndr_hs_compiler_load(const ndr_hs_compiler **ret, ndr_error *err);

#endif
