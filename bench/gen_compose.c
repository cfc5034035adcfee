/* SPDX-License-Identifier: BSD-3-Clause */
/* gen_compose.c - which message comes at this place of the heap? */
#include "gen_message.h"

#include <string.h>

static void
boundaries(gen_message *m)
{
    FILL_FIELD(m, qid, "{@11}");
    FILL_FIELD(m, oqid, "{@11}");
    FILL_FIELD(m, b1, "{qid}.{epoch}/{mta}");
    FILL_FIELD(m, b2, "----=_Part_{%5}_{%9}.{epoch}");
    FILL_FIELD(m, b3, "_000_{@16}");
    if (rng_percent(&m->r, 50))
        FILL_FIELD(m, omid, "{#8}.{%7}@{todomain}");
    else
        FILL_FIELD(m, omid, "{&12}${&8}$0a01a8c0@{todomain}");
}

static size_t
pick_dialect(gen_message *m, bool in_storm)
{
    uint32_t weight[64] = {0};
    uint32_t total = 0;
    for (size_t i = 0; i < dialect_count && i < 64; i++) {
        weight[i] = !in_storm || dialects[i].backscatter ? m->opts->dialect_weight[i] : 0;
        total += weight[i];
    }
    return rng_weighted(&m->r, total > 0 ? weight : m->opts->dialect_weight,
                        dialect_count < 64 ? dialect_count : 64);
}

static size_t
pick_returned_bytes(gen_message *m)
{
    if (m->opts->storm_sizes)
        return (size_t)rng_between(&m->r, 400, 7000);
    if (rng_percent(&m->r, 2))
        return rng_lognormal(&m->r, 60000, 100, 20000, 400000);
    return rng_lognormal(&m->r, 2500, 100, 200, 30000);
}

void
compose(gen_message *m, const gen_options *opts, uint64_t number, int64_t arrived,
        bool bounce, const storm *in, text *out)
{
    memset(m, 0, sizeof *m);
    text_clear(out);
    m->opts = opts;
    m->out = out;
    m->number = number;
    m->arrived = arrived;
    m->bounce = bounce;
    m->in_storm = in != NULL;
    rng_seed(&m->r, opts->seed, number + 16);
    m->lang = (enum lang)rng_weighted(&m->r, opts->lang_weight, LANG_COUNT);
    m->form = rng_below(&m->r, FORMS);
    m->sent = arrived - 1 - rng_below(&m->r, rng_percent(&m->r, 5) ? 14400 : 8);
    pick_recipient(m, in);
    pick_sender_host(m);
    pick_author(m);
    pick_subject(m, in != NULL);
    if (bounce) {
        const size_t row = pick_dialect(m, in != NULL);
        m->dialect = dialects[row].name;
        m->kind = dialects[row].kind;
        m->osent = dialects[row].warm ? m->sent - 4 * 3600 - rng_below(&m->r, 7200)
                                      : m->sent - 1 - rng_below(&m->r, 40);
        m->returned_bytes = pick_returned_bytes(m);
        boundaries(m);
        pick_failed(m, dialects[row].warm);
        put_bounce(m, row);
    } else {
        m->kind = "none";
        m->osent = m->sent - rng_below(&m->r, 200000);
        boundaries(m);
        pick_failed(m, false);
        if (rng_percent(&m->r, opts->lookalikes_percent))
            put_lookalike(m);
        else
            put_ham(m);
    }
}
