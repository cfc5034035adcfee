/* SPDX-License-Identifier: BSD-3-Clause */
/* spared.h - which bounces stay, though a window covers them, for whose mail came back?
 */
#ifndef SPARED_H
#define SPARED_H

#include "ndrscan.h"

enum { SPARED_ROWS = NDR_WHOSE_COUNT * (NDR_PROOFS + 1) };

typedef struct spared {
    struct spared_row {
        enum ndr_whose whose;
        const char *proof; /* that settled it, static; NULL: none did */
        uint64_t count;
    } row[SPARED_ROWS]; /* in the order of their first bounce */
    size_t count;
} spared;

/* Count one. Thread: one at a time. */
void spared_add(spared *s, enum ndr_whose whose, const char *proof);
/* Lines of a table, "kept: ours" and below it each proof; appended. Nothing for none. */
void spared_table(const spared *s, bool dry_run, ndr_buffer *out);
/* "spared":[{"whose":"ours","proof":"dkim-to","bounces":29}], appended; nothing for none.
 */
void spared_json(const spared *s, ndr_buffer *out);

#endif
