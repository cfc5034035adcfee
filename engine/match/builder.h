/* SPDX-License-Identifier: BSD-3-Clause */
/* builder.h - what does a builder hold? */
#ifndef NDR_BUILDER_H
#define NDR_BUILDER_H

#include "ndrscan.h"

/* One distinct (target, match, how) of all rules. */
typedef struct ndr_built_signal {
    char *target, *match; /* match "" when it has none */
    uint8_t how;          /* enum ndr_how */
    bool candidate;
    uint64_t hash; /* of all three */
} ndr_built_signal;

typedef struct ndr_built_rule {
    char *id, *system, *where;
    enum ndr_kind kind;
    int rank;
    enum ndr_sender_ask sender;
    uint32_t all_count, any_count, none_count;
    uint32_t *signal; /* all, any, none: rows of the signals */
} ndr_built_rule;

struct ndr_builder {
    ndr_built_rule *rule;
    size_t rule_count, rule_cap;
    ndr_built_signal *signal;
    size_t signal_count, signal_cap;
    bool any_cpu;                    /* compile for what every CPU of this kind can */
    int asked_ranks[NDR_KIND_COUNT]; /* of so many ranks from 0 on it is asked who says it
                                      */
};

#endif
