/* SPDX-License-Identifier: BSD-3-Clause */
/* builder.c - how do rules as written become rules as compiled? */
#include "builder.h"

#include "fold.h"
#include "hs_compiler.h"
#include "ndr_hash.h"
#include "ndr_sized.h"
#include "ruleset.h"
#include "target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    RULE_LIMIT = 20000,
    SIGNAL_LIST_LIMIT = 64,
    MATCH_BYTES = 4096,
    ID_BYTES = 64,
};

ndr_builder *
ndr_builder_new(void)
{
    return calloc(1, sizeof(ndr_builder));
}

static void
free_rule(ndr_built_rule *r)
{
    free(r->id);
    free(r->system);
    free(r->where);
    free(r->signal);
}

void
ndr_builder_free(ndr_builder *b)
{
    if (b == NULL)
        return;
    for (size_t i = 0; i < b->rule_count; i++)
        free_rule(&b->rule[i]);
    for (size_t i = 0; i < b->signal_count; i++) {
        free(b->signal[i].target);
        free(b->signal[i].match);
    }
    free(b->rule);
    free(b->signal);
    free(b);
}

/* Room for one more row of `size` bytes; NULL: no memory. */
static void *
grow(void *rows, size_t count, size_t *cap, size_t size)
{
    if (count < *cap)
        return rows;
    const size_t more = *cap == 0 ? 64 : 2 * *cap;
    void *p = realloc(rows, more * size);
    if (p != NULL)
        *cap = more;
    return p;
}

static int
check_signal(const ndr_signal_spec *s, const char *where, const char *list, size_t number,
             ndr_error *err)
{
    const int t = ndr_target_find(s->target);
    if (t < 0 && ndr_target_field(s->target) == NULL)
        return ndr_fail(err, NDR_E_SYNTAX, "%s: %s %zu: unknown target '%s'; one of: %s",
                        where, list, number, s->target, ndr_target_words());
    const bool has_match = s->match != NULL && s->match[0] != '\0';
    if (has_match + s->absent + s->present != 1)
        return ndr_fail(
            err, NDR_E_SYNTAX,
            "%s: %s %zu: a signal has one of match: 'PATTERN', absent: true and "
            "present: true",
            where, list, number);
    if (!has_match && t >= 0 && ndr_targets[t].area != NDR_AREA_HEADER)
        return ndr_fail(
            err, NDR_E_SYNTAX,
            "%s: %s %zu: absent and present go with header fields, not with '%s'", where,
            list, number, s->target);
    if (has_match && strlen(s->match) > MATCH_BYTES)
        return ndr_fail(err, NDR_E_SYNTAX, "%s: %s %zu: a pattern of more than %d bytes",
                        where, list, number, MATCH_BYTES);
    return 0;
}

int
ndr_signal_check(const ndr_signal_spec *signal, const char *where, size_t number,
                 ndr_error *err)
{
    return check_signal(signal, where, "signal", number, err);
}

/* One field has one target, however it is written: "header:Subject" is "subject", and
 * "header:x-odd" what was called "header:X-Odd" before. */
static const char *
target_word(const ndr_builder *b, const char *target)
{
    const char *field = ndr_target_find(target) < 0 ? ndr_target_field(target) : NULL;
    if (field == NULL)
        return target;
    for (size_t i = 0; i < ndr_target_count; i++)
        if (ndr_targets[i].field != NULL &&
            ndr_slice_equal_nocase(ndr_slice_of(field),
                                   ndr_slice_of(ndr_targets[i].field)))
            return ndr_targets[i].word;
    for (size_t i = 0; i < b->signal_count; i++)
        if (ndr_slice_equal_nocase(ndr_slice_of(target),
                                   ndr_slice_of(b->signal[i].target)))
            return b->signal[i].target;
    return target;
}

/* The row of a checked signal, made if it is new; -1: no memory. */
static int64_t
signal_row(ndr_builder *b, const ndr_signal_spec *s)
{
    const uint8_t how = s->absent    ? NDR_HOW_ABSENT
                        : s->present ? NDR_HOW_PRESENT
                                     : NDR_HOW_MATCH;
    const char *match = how == NDR_HOW_MATCH ? s->match : "";
    const char *target = target_word(b, s->target);
    const uint64_t hash =
        ndr_hash(ndr_slice_of(target), ndr_hash(ndr_slice_of(match), how));
    for (size_t i = 0; i < b->signal_count; i++)
        if (b->signal[i].hash == hash && b->signal[i].how == how &&
            strcmp(b->signal[i].match, match) == 0 &&
            strcmp(b->signal[i].target, target) == 0)
            return (int64_t)i;
    void *rows = grow(b->signal, b->signal_count, &b->signal_cap, sizeof *b->signal);
    if (rows == NULL)
        return -1;
    b->signal = rows;
    ndr_built_signal made = {
        .target = strdup(target), .match = strdup(match), .how = how, .hash = hash};
    if (made.target == NULL || made.match == NULL) {
        free(made.target);
        free(made.match);
        return -1;
    }
    b->signal[b->signal_count] = made;
    return (int64_t)b->signal_count++;
}

static int
check_rule(const ndr_rule_spec *spec, ndr_error *err)
{
    const char *where = spec->where != NULL ? spec->where : "rule";
    const size_t n = spec->id == NULL ? 0 : strlen(spec->id);
    if (n == 0 || n > ID_BYTES ||
        strspn(spec->id, "abcdefghijklmnopqrstuvwxyz0123456789._-") != n ||
        strchr("._-", spec->id[0]) != NULL)
        return ndr_fail(
            err, NDR_E_SYNTAX,
            "%s: '%s' is no id; use a-z 0-9 . _ - (at most %d, a letter or digit "
            "first)",
            where, spec->id == NULL ? "" : spec->id, ID_BYTES);
    if (spec->kind <= NDR_KIND_NONE || spec->kind >= NDR_KIND_COUNT)
        return ndr_fail(err, NDR_E_SYNTAX, "%s: rule '%s': no kind", where, spec->id);
    if (spec->rank < 0 || spec->rank > 9)
        return ndr_fail(err, NDR_E_SYNTAX, "%s: rule '%s': rank is 0 to 9", where,
                        spec->id);
    if (spec->all_count + spec->any_count == 0)
        return ndr_fail(err, NDR_E_SYNTAX,
                        "%s: rule '%s': it needs a signal in all or any", where,
                        spec->id);
    const struct {
        const char *name;
        const ndr_signal_spec *spec;
        size_t count;
    } lists[] = {{"all", spec->all, spec->all_count},
                 {"any", spec->any, spec->any_count},
                 {"none", spec->none, spec->none_count}};
    char at[200];
    (void)snprintf(at, sizeof at, "%s: rule '%s'", where, spec->id);
    for (int l = 0; l < 3; l++) {
        if (lists[l].count > SIGNAL_LIST_LIMIT)
            return ndr_fail(err, NDR_E_LIMIT, "%s: %s has more than %d signals", at,
                            lists[l].name, SIGNAL_LIST_LIMIT);
        for (size_t i = 0; i < lists[l].count; i++) {
            const int rc = check_signal(&lists[l].spec[i], at, lists[l].name, i + 1, err);
            if (rc < 0)
                return rc;
        }
    }
    return 0;
}

static size_t
find_rule(const ndr_builder *b, const char *id)
{
    for (size_t i = 0; i < b->rule_count; i++)
        if (strcmp(b->rule[i].id, id) == 0)
            return i;
    return b->rule_count;
}

int
ndr_builder_rule(ndr_builder *b, const ndr_rule_spec *given, ndr_error *err)
{
    ndr_rule_spec own;
    const ndr_rule_spec *spec = &own;
    int rc = NDR_SIZED_TAKE(ndr_rule_spec, none_count, &own, given, err);
    if (rc == 0)
        rc = check_rule(spec, err);
    if (rc < 0)
        return rc;
    const size_t row = find_rule(b, spec->id);
    if (row == RULE_LIMIT)
        return ndr_fail(err, NDR_E_LIMIT, "rule '%s': more than %d rules", spec->id,
                        RULE_LIMIT);
    const size_t signals = spec->all_count + spec->any_count + spec->none_count;
    ndr_built_rule made = {
        .id = strdup(spec->id),
        .system = strdup(spec->system != NULL ? spec->system : ""),
        .where = strdup(spec->where != NULL ? spec->where : ""),
        .kind = spec->kind,
        .rank = spec->rank,
        .sender = spec->sender,
        .all_count = (uint32_t)spec->all_count,
        .any_count = (uint32_t)spec->any_count,
        .none_count = (uint32_t)spec->none_count,
        .signal = calloc(signals, sizeof(uint32_t)),
    };
    bool ok = made.id != NULL && made.system != NULL && made.where != NULL &&
              made.signal != NULL;
    for (size_t i = 0; ok && i < signals; i++) {
        const ndr_signal_spec *s =
            i < spec->all_count ? &spec->all[i]
            : i < spec->all_count + spec->any_count
                ? &spec->any[i - spec->all_count]
                : &spec->none[i - spec->all_count - spec->any_count];
        const int64_t at = signal_row(b, s);
        ok = at >= 0;
        if (ok)
            made.signal[i] = (uint32_t)at;
    }
    void *rows = ok ? grow(b->rule, b->rule_count, &b->rule_cap, sizeof *b->rule) : NULL;
    if (rows == NULL) {
        free_rule(&made);
        return ndr_fail(err, NDR_E_NOMEM, "no memory for rule '%s'", spec->id);
    }
    b->rule = rows;
    if (row < b->rule_count)
        free_rule(&b->rule[row]);
    else
        b->rule_count++;
    b->rule[row] = made;
    return 0;
}

bool
ndr_builder_drop(ndr_builder *b, const char *id)
{
    const size_t row = find_rule(b, id);
    if (row == b->rule_count)
        return false;
    free_rule(&b->rule[row]);
    b->rule_count--;
    memmove(&b->rule[row], &b->rule[row + 1], (b->rule_count - row) * sizeof *b->rule);
    return true;
}

int
ndr_builder_candidate(ndr_builder *b, const ndr_signal_spec *signal, const char *where,
                      ndr_error *err)
{
    int rc = check_signal(signal, where, "candidate", 1, err);
    if (rc < 0)
        return rc;
    const int t = ndr_target_find(signal->target);
    if (t >= 0 && ndr_targets[t].area != NDR_AREA_HEADER)
        return ndr_fail(err, NDR_E_SYNTAX,
                        "%s: a candidate signal is on a header field, not on "
                        "'%s'",
                        where, signal->target);
    const int64_t row = signal_row(b, signal);
    if (row < 0)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a candidate signal");
    b->signal[row].candidate = true;
    return 0;
}

void
ndr_builder_ask(ndr_builder *b, enum ndr_kind kind, int highest_rank)
{
    b->asked_ranks[kind] = highest_rank + 1;
}

void
ndr_builder_any_cpu(ndr_builder *b)
{
    b->any_cpu = true;
}

/* ---- compiling ---- */

/* Hyperscan refused a signal: say which rule states it. */
static int
refuse(const ndr_ruleset *rs, uint32_t row, const char *why, ndr_error *err)
{
    const ndr_signal *s = &rs->signal[row];
    for (size_t i = 0; i < rs->rule_count; i++) {
        const ndr_rule *r = &rs->rule[i];
        const uint32_t n = r->all_count + r->any_count + r->none_count;
        for (uint32_t k = 0; k < n; k++)
            if (r->signal[k] == row)
                return ndr_fail(err, NDR_E_SYNTAX,
                                "%s: rule '%s': {in: %s, match: '%.120s'}: %s", r->where,
                                r->id, s->target, s->match, why);
    }
    return ndr_fail(err, NDR_E_SYNTAX, "candidates: {in: %s, match: '%.120s'}: %s",
                    s->target, s->match, why);
}

/* The patterns of all matchers, those of one together, as Hyperscan takes them. */
typedef struct patterns {
    ndr_buffer text;    /* each NUL-terminated */
    size_t *at;         /* offsets in `text` */
    const char **match; /* the same as pointers, once `text` has stopped moving */
    unsigned *flags, *id;
    size_t *end; /* one a matcher: behind its last row of the others */
} patterns;

static void
free_patterns(patterns *p)
{
    ndr_buffer_free(&p->text);
    free(p->at);
    free(p->match);
    free(p->flags);
    free(p->id);
    free(p->end);
}

static int
collect(const ndr_ruleset *rs, patterns *p, ndr_error *err)
{
    const size_t n = rs->signal_count + 1, matchers = ndr_ruleset_matchers(rs);
    p->at = calloc(n, sizeof *p->at);
    p->match = calloc(n, sizeof *p->match);
    p->flags = calloc(n, sizeof *p->flags);
    p->id = calloc(n, sizeof *p->id);
    p->end = calloc(matchers, sizeof *p->end);
    if (p->at == NULL || p->match == NULL || p->flags == NULL || p->id == NULL ||
        p->end == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory to compile rules");
    for (size_t i = 0; i < rs->signal_count; i++)
        if (rs->signal[i].how == NDR_HOW_MATCH)
            p->end[ndr_ruleset_matcher(rs, &rs->signal[i])]++;
    size_t begin = 0;
    for (size_t m = 0; m < matchers; m++) {
        const size_t count = p->end[m];
        p->end[m] = begin; /* moves to the end below */
        begin += count;
    }
    for (size_t i = 0; i < rs->signal_count; i++) {
        const ndr_signal *s = &rs->signal[i];
        if (s->how != NDR_HOW_MATCH)
            continue;
        const size_t row = p->end[ndr_ruleset_matcher(rs, s)]++;
        p->at[row] = p->text.len;
        ndr_error why;
        const int rc = ndr_fold_pattern(s->match, &p->text, &why);
        if (rc < 0)
            return refuse(rs, (uint32_t)i, why.text, err);
        /* each value of a header is scanned for itself: '^' and '$' are its ends */
        p->flags[row] = HS_FLAG_CASELESS | HS_FLAG_SINGLEMATCH |
                        (s->area == NDR_AREA_HEADER ? 0 : HS_FLAG_MULTILINE);
        p->id[row] = (unsigned)i;
    }
    for (size_t i = 0; i < begin; i++)
        p->match[i] = (const char *)p->text.ptr + p->at[i];
    return 0;
}

static int
compile_rows(const ndr_ruleset *rs, const ndr_hs_compiler *hs, const patterns *p,
             size_t begin, size_t end, const hs_database_t **ret, ndr_error *err)
{
    static const hs_platform_info_t any_cpu;
    if (begin == end)
        return 0;
    hs_compile_error_t *refused = NULL;
    hs_database_t *made = NULL;
    if (hs->compile_multi(p->match + begin, p->flags + begin, p->id + begin,
                          (unsigned)(end - begin), HS_MODE_BLOCK,
                          rs->any_cpu ? &any_cpu : NULL, &made, &refused) == HS_SUCCESS) {
        *ret = made;
        return 0;
    }
    const int rc =
        refused->expression >= 0
            ? refuse(rs, p->id[begin + (size_t)refused->expression], refused->message,
                     err)
            : ndr_fail(err, NDR_E_LIMIT, "compile rules: %s", refused->message);
    (void)hs->free_compile_error(refused);
    return rc;
}

static int
compile(ndr_ruleset *rs, ndr_error *err)
{
    const ndr_hs_compiler *hs;
    patterns p = {0};
    int rc = ndr_hs_compiler_load(&hs, err);
    if (rc == 0)
        rc = collect(rs, &p, err);
    size_t begin = 0;
    for (size_t m = 0; rc == 0 && m < ndr_ruleset_matchers(rs); m++) {
        rc = compile_rows(rs, hs, &p, begin, p.end[m], &rs->matcher[m].db, err);
        begin = p.end[m];
    }
    free_patterns(&p);
    return rc;
}

int
ndr_builder_compile(const ndr_builder *b, ndr_ruleset **ret, ndr_error *err)
{
    ndr_buffer bytes = {0};
    ndr_tables_write(b, &bytes);
    if (bytes.failed) {
        ndr_buffer_free(&bytes);
        return ndr_fail(err, NDR_E_NOMEM, "no memory for rules");
    }
    ndr_ruleset *rs = NULL;
    int rc = ndr_tables_read(bytes.ptr, bytes.len, &rs, err);
    if (rc == 0) {
        rs->any_cpu = b->any_cpu;
        rc = compile(rs, err);
    }
    if (rc == 0)
        rc = ndr_ruleset_finish(rs, err);
    if (rc < 0) {
        ndr_ruleset_free(rs);
        return rc;
    }
    *ret = rs;
    return 0;
}
