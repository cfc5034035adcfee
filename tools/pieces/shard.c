/* SPDX-License-Identifier: BSD-3-Clause */
/* shard.c - see shard.h. */
#include "shard.h"

#include <stdlib.h>
#include <string.h>

/* Digits alone, up to `most`; false when they are not. */
static bool
number(ndr_slice text, uint64_t most, uint64_t *ret)
{
    uint64_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9' || n > most / 10)
            return false;
        n = n * 10 + (text.ptr[i] - '0');
    }
    *ret = n;
    return text.len > 0 && n <= most;
}

static bool
from_environment(const char *name, uint64_t *ret)
{
    const char *value = getenv(name);
    return value != NULL && number(ndr_slice_of(value), SHARDS_MAX, ret);
}

/* Slurm's array, all of it. */
static int
parse_auto(shard *ret, ndr_error *err)
{
    uint64_t min, max, step, count;
    if (!from_environment("SLURM_ARRAY_TASK_ID", &ret->at))
        return ndr_fail(err, NDR_E_SYNTAX,
                        "--shard auto asks SLURM_ARRAY_TASK_ID, which is not set; "
                        "elsewhere say how many there are: auto/N or K/N");
    if (!from_environment("SLURM_ARRAY_TASK_MIN", &min) ||
        !from_environment("SLURM_ARRAY_TASK_MAX", &max) ||
        !from_environment("SLURM_ARRAY_TASK_STEP", &step) ||
        !from_environment("SLURM_ARRAY_TASK_COUNT", &count) || min != 0 || step != 1 ||
        count != max + 1 || ret->at > max)
        return ndr_fail(err, NDR_E_SYNTAX,
                        "--shard auto cannot tell of how many tasks this is one: the "
                        "array is not a whole one from 0 (some tasks of it are run "
                        "again?); say how many there are: --shard auto/N");
    ret->count = count;
    return 0;
}

int
shard_parse(const char *text, shard *ret, ndr_error *err)
{
    if (strcmp(text, "auto") == 0)
        return parse_auto(ret, err);
    const char *slash = strchr(text, '/');
    const size_t k = slash != NULL ? (size_t)(slash - text) : 0;
    if (slash == NULL || !number(ndr_slice_of(slash + 1), SHARDS_MAX, &ret->count) ||
        ret->count == 0)
        return ndr_fail(err, NDR_E_SYNTAX,
                        "--shard '%s': say K/N, K from 0 to N - 1, or auto/N, or auto",
                        text);
    if (k == 4 && memcmp(text, "auto", 4) == 0) {
        if (!from_environment("SLURM_ARRAY_TASK_ID", &ret->at) &&
            !from_environment("JOB_COMPLETION_INDEX", &ret->at))
            return ndr_fail(err, NDR_E_SYNTAX,
                            "--shard %s asks SLURM_ARRAY_TASK_ID or "
                            "JOB_COMPLETION_INDEX, and neither is set; say K/%llu",
                            text, (unsigned long long)ret->count);
    } else if (!number((ndr_slice){(const unsigned char *)text, k}, SHARDS_MAX,
                       &ret->at)) {
        return ndr_fail(err, NDR_E_SYNTAX, "--shard '%s': '%.*s' is no number", text,
                        (int)k, text);
    }
    if (ret->at >= ret->count)
        return ndr_fail(err, NDR_E_SYNTAX,
                        "--shard %s: there is no shard %llu of %llu; they count from 0",
                        text, (unsigned long long)ret->at,
                        (unsigned long long)ret->count);
    return 0;
}

bool
shard_has(const shard *s, const ndr_plan_piece *piece)
{
    return piece->id[0] % s->count == s->at;
}
