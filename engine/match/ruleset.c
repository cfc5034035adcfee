/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ruleset.c - which signals, rules and fields does a ruleset hold?
 *
 * Table bytes: four counts, then signals, then rules; numbers are 32 bits of
 * this machine, strings a length, the bytes and a NUL, padded to four.
 */
#include "ruleset.h"

#include "builder.h"
#include "one_line.h"

#include <stdlib.h>
#include <string.h>

/* ---- writing ---- */

static void
put(ndr_buffer *out, uint32_t v)
{
    ndr_buffer_add(out, (ndr_slice){(const unsigned char *)&v, sizeof v});
}

static void
put_text(ndr_buffer *out, const char *text)
{
    const size_t n = strlen(text);
    put(out, (uint32_t)n);
    ndr_buffer_add(out, (ndr_slice){(const unsigned char *)text, n + 1});
    while (out->len % 4 != 0 && !out->failed)
        ndr_buffer_byte(out, 0);
}

enum { ASKS_SENDER = 1 << 8 }; /* beside a rule's kind */

static bool
asks_sender(const ndr_builder *b, const ndr_built_rule *r)
{
    return r->sender == NDR_ASK_SYSTEM ||
           (r->sender == NDR_ASK_BY_KIND && r->rank < b->asked_ranks[r->kind]);
}

void
ndr_tables_write(const ndr_builder *b, ndr_buffer *out)
{
    /* only what rules still name: a replaced rule's signals are not compiled */
    uint32_t *row = calloc(b->signal_count + 1, sizeof *row);
    if (row == NULL) {
        out->failed = true;
        return;
    }
    for (size_t i = 0; i < b->rule_count; i++) {
        const ndr_built_rule *r = &b->rule[i];
        for (uint32_t k = 0; k < r->all_count + r->any_count + r->none_count; k++)
            row[r->signal[k]] = 1;
    }
    uint32_t signals = 0, refs = 0;
    for (size_t i = 0; i < b->signal_count; i++)
        if (row[i] != 0 || b->signal[i].candidate)
            row[i] = ++signals; /* the new row plus 1 */
    for (size_t i = 0; i < b->rule_count; i++)
        refs += b->rule[i].all_count + b->rule[i].any_count + b->rule[i].none_count;
    put(out, signals);
    put(out, (uint32_t)b->rule_count);
    put(out, refs);
    put(out, 0);
    for (size_t i = 0; i < b->signal_count; i++) {
        const ndr_built_signal *s = &b->signal[i];
        if (row[i] == 0)
            continue;
        put(out, s->how | (s->candidate ? 4u : 0u) |
                     (ndr_pattern_one_line(s->match) ? 8u : 0u));
        put_text(out, s->target);
        put_text(out, s->match);
    }
    for (size_t i = 0; i < b->rule_count; i++) {
        const ndr_built_rule *r = &b->rule[i];
        put(out, (uint32_t)r->kind | (asks_sender(b, r) ? ASKS_SENDER : 0u));
        put(out, (uint32_t)r->rank);
        put(out, r->all_count);
        put(out, r->any_count);
        put(out, r->none_count);
        for (uint32_t k = 0; k < r->all_count + r->any_count + r->none_count; k++)
            put(out, row[r->signal[k]] - 1);
        put_text(out, r->id);
        put_text(out, r->system);
        put_text(out, r->where);
    }
    free(row);
}

/* ---- reading ---- */

typedef struct reader {
    const unsigned char *at, *end;
    bool bad;
} reader;

static uint32_t
get(reader *r)
{
    uint32_t v = 0;
    if (r->end - r->at < 4) {
        r->bad = true;
        return 0;
    }
    memcpy(&v, r->at, 4);
    r->at += 4;
    return v;
}

static const char *
get_text(reader *r)
{
    const uint32_t n = get(r);
    const size_t whole = ((size_t)n + 1 + 3) / 4 * 4;
    if (r->bad || (size_t)(r->end - r->at) < whole || r->at[n] != '\0' ||
        memchr(r->at, '\0', n) != NULL) {
        r->bad = true;
        return "";
    }
    const char *text = (const char *)r->at;
    r->at += whole;
    return text;
}

static bool
read_signals(ndr_ruleset *rs, reader *r)
{
    for (size_t i = 0; i < rs->signal_count; i++) {
        ndr_signal *s = &rs->signal[i];
        const uint32_t bits = get(r);
        s->how = bits & 3;
        s->candidate = (bits & 4) != 0;
        s->one_line = (bits & 8) != 0;
        s->target = get_text(r);
        s->match = get_text(r);
        const int t = ndr_target_find(s->target);
        if (r->bad || (t < 0 && ndr_target_field(s->target) == NULL))
            return false;
        s->area = (uint8_t)(t < 0 ? NDR_AREA_HEADER : ndr_targets[t].area);
        if (s->how >= NDR_HOW_COUNT || bits > 15 ||
            ((s->how != NDR_HOW_MATCH || s->candidate) && s->area != NDR_AREA_HEADER))
            return false;
        if (s->how == NDR_HOW_ABSENT)
            rs->absent[rs->absent_count++] = (uint32_t)i;
        s->target_id = UINT32_MAX;
        for (size_t k = 0; k < rs->target_count && s->target_id == UINT32_MAX; k++)
            if (strcmp(rs->target[k], s->target) == 0)
                s->target_id = (uint32_t)k;
        if (s->target_id == UINT32_MAX) {
            s->target_id = (uint32_t)rs->target_count;
            rs->target[rs->target_count++] = s->target;
        }
        if (s->how == NDR_HOW_PRESENT)
            rs->present[s->target_id] = (uint32_t)i + 1;
    }
    return true;
}

static bool
read_rules(ndr_ruleset *rs, reader *r, size_t refs)
{
    uint32_t *ref = rs->refs;
    for (size_t i = 0; i < rs->rule_count; i++) {
        ndr_rule *rule = &rs->rule[i];
        const uint32_t kind_word = get(r), rank = get(r);
        const uint32_t kind = kind_word & ~(uint32_t)ASKS_SENDER;
        rule->all_count = get(r);
        rule->any_count = get(r);
        rule->none_count = get(r);
        const uint64_t n = (uint64_t)rule->all_count + rule->any_count + rule->none_count;
        if (r->bad || kind == 0 || kind >= NDR_KIND_COUNT || rank > 9 || n > refs)
            return false;
        rule->kind = (enum ndr_kind)kind;
        rule->rank = (int)rank;
        rule->asks_sender = (kind_word & ASKS_SENDER) != 0;
        rule->signal = ref;
        refs -= n;
        for (uint64_t k = 0; k < n; k++) {
            *ref = get(r);
            if (*ref >= rs->signal_count)
                return false;
            if (k < rule->all_count + rule->any_count)
                rs->signal[*ref].use_count++;
            ref++;
        }
        rule->id = get_text(r);
        rule->system = get_text(r);
        rule->where = get_text(r);
    }
    return !r->bad && refs == 0 && r->at == r->end;
}

/* For each signal the rules that name it in all or any. */
static void
index_uses(ndr_ruleset *rs)
{
    uint32_t at = 0;
    for (size_t i = 0; i < rs->signal_count; i++) {
        rs->signal[i].use_at = at;
        at += rs->signal[i].use_count;
        rs->signal[i].use_count = 0;
    }
    for (size_t i = 0; i < rs->rule_count; i++) {
        const ndr_rule *rule = &rs->rule[i];
        for (uint32_t k = 0; k < rule->all_count + rule->any_count; k++) {
            ndr_signal *s = &rs->signal[rule->signal[k]];
            rs->use[s->use_at + s->use_count++] = (uint32_t)i;
        }
    }
}

/* Text signals that only generic rules name go to an area of their own. */
static void
part_late(ndr_ruleset *rs)
{
    for (size_t i = 0; i < rs->signal_count; i++)
        if (rs->signal[i].area == NDR_AREA_TEXT)
            rs->signal[i].area = NDR_AREA_LATE;
    for (size_t i = 0; i < rs->rule_count; i++) {
        const ndr_rule *r = &rs->rule[i];
        if (r->rank <= NDR_RANK_GENERIC)
            continue;
        for (uint32_t k = 0; k < r->all_count + r->any_count + r->none_count; k++)
            if (rs->signal[r->signal[k]].area == NDR_AREA_LATE)
                rs->signal[r->signal[k]].area = NDR_AREA_TEXT;
    }
}

/* Make the matchers, their databases to come. */
static bool
index_matchers(ndr_ruleset *rs)
{
    const size_t n = ndr_ruleset_matchers(rs);
    rs->matcher = calloc(n, sizeof *rs->matcher);
    for (size_t i = 0; rs->matcher != NULL && i < n; i++)
        rs->matcher[i].one_line = true;
    for (size_t i = 0; rs->matcher != NULL && i < rs->signal_count; i++) {
        const ndr_signal *s = &rs->signal[i];
        if (s->how == NDR_HOW_MATCH && !s->one_line)
            rs->matcher[ndr_ruleset_matcher(rs, s)].one_line = false;
    }
    return rs->matcher != NULL;
}

/* May the rule match a message of which nothing but text hits any signal? */
static bool
is_by_text(const ndr_ruleset *rs, const ndr_rule *r)
{
    const uint32_t *sig = r->signal;
    for (uint32_t i = 0; i < r->all_count; i++)
        if (rs->signal[*sig++].area < NDR_AREA_TEXT)
            return false;
    bool any = r->any_count == 0;
    for (uint32_t i = 0; i < r->any_count && !any; i++)
        any = rs->signal[*sig++].area >= NDR_AREA_TEXT;
    return any;
}

static void
index_places(ndr_ruleset *rs)
{
    uint32_t place = 0;
    for (int rank = 9; rank >= 0; rank--)
        for (size_t i = 0; i < rs->rule_count; i++)
            if (rs->rule[i].rank == rank) {
                rs->plan[i].place = place++;
                if (is_by_text(rs, &rs->rule[i]))
                    rs->by_text[rs->by_text_count++] = (uint32_t)i;
            }
}

/* ---- wanted fields ---- */

static const struct {
    const char *name;
    enum ndr_fact fact;
} facts[] = {
    {"message-id", NDR_FACT_MESSAGE_ID},
    {"date", NDR_FACT_DATE},
    {"to", NDR_FACT_TO},
    {"received", NDR_FACT_RECEIVED},
    {"delivered-to", NDR_FACT_DELIVERED_TO},
    {"x-original-to", NDR_FACT_X_ORIGINAL_TO},
    {"envelope-to", NDR_FACT_ENVELOPE_TO},
    {"x-envelope-to", NDR_FACT_X_ENVELOPE_TO},
    {"x-delivered-to", NDR_FACT_X_DELIVERED_TO},
    {"content-type", NDR_FACT_CONTENT_TYPE},
    {"content-transfer-encoding", NDR_FACT_CONTENT_TRANSFER_ENCODING},
    {"from", NDR_FACT_FROM},
    {"x-failed-recipients", NDR_FACT_FAILED},
    {"x-actual-recipient", NDR_FACT_FAILED},
    {"content-disposition", NDR_FACT_CONTENT_DISPOSITION},
    {"x-ms-journal-report", NDR_FACT_JOURNAL},
    {"x-ms-exchange-organization-journal-report", NDR_FACT_JOURNAL},
    {"x-gm-journal-id", NDR_FACT_JOURNAL},
    {"content-identifier", NDR_FACT_JOURNAL},
};

enum { KEY_BYTES = 2 * sizeof(uint64_t) };

static ndr_name_key
key_of(ndr_slice n)
{
    ndr_name_key k = {0};
    if (n.len >= 8) {
        memcpy(&k.front, n.ptr, 8);
        memcpy(&k.back, n.ptr + n.len - 8, 8);
    } else if (n.len >= 4) {
        memcpy(&k.front, n.ptr, 4);
        memcpy(&k.back, n.ptr + n.len - 4, 4);
    } else {
        memcpy(&k.front, n.ptr, 1);
        memcpy(&k.back, n.ptr + n.len / 2, 1);
        k.back |= (uint64_t)n.ptr[n.len - 1] << 8;
    }
    return k;
}

/* key_of(name) of bytes that tell which bits of the name count. */
static ndr_name_key
care_of(ndr_slice name)
{
    unsigned char care[KEY_BYTES];
    const size_t n = name.len < KEY_BYTES ? name.len : KEY_BYTES;
    for (size_t i = 0; i < n; i++) {
        /* of a longer name, its first and its last bytes */
        const unsigned char c = name.ptr[i < n / 2 ? i : name.len - n + i];
        const unsigned char small = c | 0x20;
        care[i] = small >= 'a' && small <= 'z' ? 0xdf : 0xff;
    }
    return key_of((ndr_slice){care, n});
}

static size_t
hash_of(ndr_name_key k)
{
    const uint64_t small = UINT64_C(0x2020202020202020);
    return (size_t)((((k.front | small) * 31 + (k.back | small)) *
                     UINT64_C(0x9e3779b97f4a7c15)) >>
                    40);
}

static bool
is_named(const ndr_wanted *w, ndr_slice name, ndr_name_key k)
{
    return w->name.len == name.len &&
           (((w->key.front ^ k.front) & w->care.front) |
            ((w->key.back ^ k.back) & w->care.back)) == 0 &&
           (name.len <= KEY_BYTES || ndr_slice_equal_nocase(w->name, name));
}

/* The row of a name, or the free row where it belongs. */
static ndr_wanted *
wanted_row(const ndr_ruleset *rs, ndr_slice name, ndr_name_key k)
{
    for (size_t i = hash_of(k) & rs->wanted_mask;; i = (i + 1) & rs->wanted_mask) {
        ndr_wanted *w = &rs->wanted[i];
        if (w->name.len == 0 || is_named(w, name, k))
            return w;
    }
}

static ndr_wanted *
want(ndr_ruleset *rs, const char *name)
{
    const ndr_slice n = ndr_slice_of(name);
    const ndr_name_key key = key_of(n);
    ndr_wanted *w = wanted_row(rs, n, key);
    w->name = n;
    w->key = key;
    w->care = care_of(n);
    rs->letter[n.ptr[0] & 31] |= n.len < 32 ? 1u << n.len : 1u;
    return w;
}

const ndr_wanted *
ndr_ruleset_wanted(const ndr_ruleset *rs, ndr_slice name)
{
    const uint32_t bit = name.len < 32 ? 1u << name.len : 1u;
    if ((rs->letter[name.ptr[0] & 31] & bit) == 0)
        return NULL;
    const ndr_wanted *w = wanted_row(rs, name, key_of(name));
    return w->name.len == 0 ? NULL : w;
}

static bool
index_wanted(ndr_ruleset *rs)
{
    size_t rows = 64;
    while (rows < 4 * (rs->target_count + sizeof facts / sizeof facts[0]))
        rows *= 2;
    rs->wanted_mask = rows - 1;
    rs->wanted = calloc(rows, sizeof *rs->wanted);
    if (rs->wanted == NULL)
        return false;
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++)
        want(rs, facts[i].name)->fact = facts[i].fact;
    for (size_t i = 0; i < rs->signal_count; i++) {
        const ndr_signal *s = &rs->signal[i];
        if (s->area != NDR_AREA_HEADER)
            continue;
        const int t = ndr_target_find(s->target);
        const char *field = t >= 0 ? ndr_targets[t].field : ndr_target_field(s->target);
        want(rs, field)->target = s->target_id + 1;
    }
    return true;
}

int
ndr_tables_read(unsigned char *bytes, size_t len, ndr_ruleset **ret, ndr_error *err)
{
    reader r = {.at = bytes, .end = bytes + len};
    ndr_ruleset *rs = calloc(1, sizeof *rs);
    if (rs == NULL) {
        free(bytes);
        return ndr_fail(err, NDR_E_NOMEM, "no memory for rules");
    }
    rs->bytes = bytes;
    rs->bytes_len = len;
    rs->signal_count = get(&r);
    rs->rule_count = get(&r);
    const size_t refs = get(&r);
    (void)get(&r);
    int rc = 0;
    if (r.bad || rs->signal_count > len / 12 || rs->rule_count > len / 32 ||
        refs > len / 4) {
        rc = ndr_fail(err, NDR_E_DAMAGED, "rule tables are not whole");
        goto out;
    }
    rs->rule = calloc(rs->rule_count + 1, sizeof *rs->rule);
    rs->plan = calloc(rs->rule_count + 1, sizeof *rs->plan);
    rs->by_text = calloc(rs->rule_count + 1, sizeof *rs->by_text);
    rs->signal = calloc(rs->signal_count + 1, sizeof *rs->signal);
    rs->refs = calloc(refs + 1, sizeof *rs->refs);
    rs->use = calloc(refs + 1, sizeof *rs->use);
    rs->absent = calloc(rs->signal_count + 1, sizeof *rs->absent);
    rs->target = calloc(ndr_target_count + rs->signal_count, sizeof *rs->target);
    rs->present = calloc(ndr_target_count + rs->signal_count, sizeof *rs->present);
    if (rs->rule == NULL || rs->plan == NULL || rs->by_text == NULL ||
        rs->signal == NULL || rs->refs == NULL || rs->use == NULL || rs->absent == NULL ||
        rs->target == NULL || rs->present == NULL) {
        rc = ndr_fail(err, NDR_E_NOMEM, "no memory for rules");
        goto out;
    }
    for (size_t i = 0; i < ndr_target_count; i++)
        rs->target[rs->target_count++] = ndr_targets[i].word;
    if (!read_signals(rs, &r) || !read_rules(rs, &r, refs)) {
        rc = ndr_fail(err, NDR_E_DAMAGED, "rule tables are not sound");
        goto out;
    }
    index_uses(rs);
    part_late(rs);
    index_places(rs);
    if (!index_matchers(rs) || !index_wanted(rs))
        rc = ndr_fail(err, NDR_E_NOMEM, "no memory for rules");
out:
    if (rc < 0)
        ndr_ruleset_free(rs);
    else
        *ret = rs;
    return rc;
}

int
ndr_ruleset_finish(ndr_ruleset *rs, ndr_error *err)
{
    for (size_t i = 0; i < ndr_ruleset_matchers(rs); i++)
        if (rs->matcher[i].db != NULL &&
            hs_alloc_scratch(rs->matcher[i].db, &rs->scratch) != HS_SUCCESS)
            return ndr_fail(err, NDR_E_NOMEM, "no scratch for the rules");
    return 0;
}

void
ndr_ruleset_free(ndr_ruleset *rs)
{
    if (rs == NULL)
        return;
    (void)hs_free_scratch(rs->scratch);
    for (size_t i = 0; rs->matcher != NULL && i < ndr_ruleset_matchers(rs); i++)
        if (!rs->is_loaded) /* they are not const to who made them */
            (void)hs_free_database((hs_database_t *)(uintptr_t)rs->matcher[i].db);
    free(rs->matcher);
    free(rs->wanted);
    free(rs->target);
    free(rs->present);
    free(rs->absent);
    free(rs->use);
    free(rs->refs);
    free(rs->signal);
    free(rs->by_text);
    free(rs->plan);
    free(rs->rule);
    free(rs->bytes);
    if (rs->home.give_back != NULL)
        rs->home.give_back(rs->home.bytes);
    free(rs);
}

size_t
ndr_ruleset_count(const ndr_ruleset *rs)
{
    return rs->rule_count;
}

const ndr_rule *
ndr_ruleset_rule(const ndr_ruleset *rs, size_t i)
{
    return &rs->rule[i];
}

const char *
ndr_ruleset_signal_target(const ndr_ruleset *rs, uint32_t signal)
{
    return rs->signal[signal].target;
}

const char *
ndr_ruleset_signal_match(const ndr_ruleset *rs, uint32_t signal)
{
    return rs->signal[signal].match;
}
