/* SPDX-License-Identifier: BSD-3-Clause */
#include "pieces/shard.h"

#include "harness.h"

#include <stdlib.h>
#include <string.h>

/* The environment of a task; NULL: not set. */
typedef struct row {
    const char *name, *text;
    const char *task, *min, *max, *step, *count, *index;
    int code;
    uint64_t at, of;
} row;

static const row rows[] = {
    {"K/N is taken as it is", "3/16", .at = 3, .of = 16},
    {"the first of one", "0/1", .at = 0, .of = 1},
    {"K counts from 0", "16/16", .code = NDR_E_SYNTAX},
    {"N is not 0", "0/0", .code = NDR_E_SYNTAX},
    {"N is not beyond reason", "0/1000001", .code = NDR_E_SYNTAX},
    {"no sign", "-1/4", .code = NDR_E_SYNTAX},
    {"no number is none", "/4", .code = NDR_E_SYNTAX},
    {"no slash", "4", .code = NDR_E_SYNTAX},
    {"nothing", "", .code = NDR_E_SYNTAX},
    {"auto/N asks Slurm", "auto/8", .task = "5", .at = 5, .of = 8},
    {"auto/N asks Kubernetes", "auto/8", .index = "7", .at = 7, .of = 8},
    {"Slurm goes first", "auto/8", .task = "1", .index = "7", .at = 1, .of = 8},
    {"auto/N beyond N", "auto/8", .task = "8", .code = NDR_E_SYNTAX},
    {"auto/N without either", "auto/8", .code = NDR_E_SYNTAX},
    {"auto of a whole array", "auto", "2", "0", "3", "1", "4", .at = 2, .of = 4},
    {"auto of tasks run again", "auto", "1", "1", "3", "2", "2", .code = NDR_E_SYNTAX},
    {"auto of an array from 1", "auto", "1", "1", "4", "1", "4", .code = NDR_E_SYNTAX},
    {"auto of a part of one", "auto", "1", "0", "3", "1", "2", .code = NDR_E_SYNTAX},
    {"auto with a step", "auto", "2", "0", "6", "2", "4", .code = NDR_E_SYNTAX},
    {"auto without Slurm", "auto", .index = "3", .code = NDR_E_SYNTAX},
};

static void
set(const char *name, const char *value)
{
    if (value != NULL)
        assert_int_equal(setenv(name, value, 1), 0);
    else
        assert_int_equal(unsetenv(name), 0);
}

static void
words(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const row *r = &rows[i];
        shard s = {0};
        ndr_error err = {0};
        set("SLURM_ARRAY_TASK_ID", r->task);
        set("SLURM_ARRAY_TASK_MIN", r->min);
        set("SLURM_ARRAY_TASK_MAX", r->max);
        set("SLURM_ARRAY_TASK_STEP", r->step);
        set("SLURM_ARRAY_TASK_COUNT", r->count);
        set("JOB_COMPLETION_INDEX", r->index);
        const int code = shard_parse(r->text, &s, &err);
        if (code != r->code || (code == 0 && (s.at != r->at || s.count != r->of)))
            fail_msg("%s: %d %s", r->name, code, err.text);
        if (code != 0)
            assert_true(strlen(err.text) > 0);
    }
}

static void
owners(void **state)
{
    (void)state;
    for (uint64_t n = 1; n < 20; n++)
        for (uint64_t id = 0; id < 1000; id += 7) {
            const ndr_plan_piece piece = {.id = {id * UINT64_C(0x9e3779b97f4a7c15), 0}};
            unsigned owned = 0;
            for (uint64_t k = 0; k < n; k++) {
                const shard s = {k, n};
                owned += shard_has(&s, &piece);
            }
            assert_int_equal(owned, 1);
        }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words),
        cmocka_unit_test(owners),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
