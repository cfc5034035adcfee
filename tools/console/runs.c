/* SPDX-License-Identifier: BSD-3-Clause */
/* runs.c - which runs of apply and undo are in the journal? */
#include "runs.h"

#include "mover.h"
#include "ndrscan_rules.h"

#include <jansson.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
copy(char *to, size_t size, const json_t *o, const char *name)
{
    const char *text = json_string_value(json_object_get(o, name));
    (void)snprintf(to, size, "%s", text != NULL ? text : "");
}

static uint64_t
number(const json_t *o, const char *name)
{
    return (uint64_t)json_integer_value(json_object_get(o, name));
}

static int
add_run(runs *r, const json_t *o, ndr_error *err)
{
    run_row row = {.ended = json_is_true(json_object_get(o, "ended")),
                   .part = json_is_true(json_object_get(o, "part")),
                   .junked = number(o, "junked"),
                   .released = number(o, "released"),
                   .put_back = number(o, "put_back")};
    const char *begun = json_string_value(json_object_get(o, "begun"));
    copy(row.id, sizeof row.id, o, "id");
    copy(row.verb, sizeof row.verb, o, "verb");
    copy(row.undoes, sizeof row.undoes, o, "undoes");
    if (begun == NULL || ndr_timestamp_parse(begun, &row.begun, err) != 0 ||
        !mover_is_run(ndr_slice_of(row.id)))
        return ndr_fail(err, NDR_E_SYNTAX, "the list of runs cannot be read");
    if ((r->count & (r->count - 1)) == 0) { /* full at each power of two */
        const size_t room = r->count == 0 ? 1 : 2 * r->count;
        run_row *more = realloc(r->row, room * sizeof *more);
        if (more == NULL)
            return ndr_fail(err, NDR_E_NOMEM, "out of memory");
        r->row = more;
    }
    r->row[r->count++] = row;
    return 0;
}

/* Lines of JSON, one "exit N"; what is neither is why it failed. */
static int
take_lines(const ndr_buffer *said, runs *r, ndr_error *err)
{
    ndr_slice words = {0};
    int rc = 0, status = -1;
    for (size_t at = 0; at < said->len && rc == 0;) {
        const unsigned char *line = said->ptr + at;
        const unsigned char *end = memchr(line, '\n', said->len - at);
        const size_t n = end != NULL ? (size_t)(end - line) : said->len - at;
        at += n + 1;
        json_t *o = json_loadb((const char *)line, n, 0, NULL);
        if (json_is_object(o))
            rc = add_run(r, o, err);
        else if (n > 5 && memcmp(line, "exit ", 5) == 0)
            status = line[5] == '0' ? 0 : 1;
        else if (words.len == 0)
            words = (ndr_slice){line, n};
        json_decref(o);
    }
    if (rc == 0 && status != 0)
        rc = ndr_fail(err, NDR_E_SYNTAX, "%.*s", (int)(words.len < 400 ? words.len : 400),
                      words.len > 0 ? (const char *)words.ptr
                                    : "the list of runs takes too long");
    return rc;
}

static void
mark_undone(runs *r)
{
    for (size_t i = 0; i < r->count; i++)
        for (size_t k = 0; k < i && r->row[i].undoes[0] != '\0'; k++)
            if (r->row[i].ended && !r->row[i].part &&
                strcmp(r->row[k].id, r->row[i].undoes) == 0)
                r->row[k].undone = true;
}

bool
run_can_undo(const run_row *r)
{
    return strcmp(r->verb, "undo") != 0 && !r->undone &&
           r->junked + r->released > r->put_back;
}

const run_row *
runs_find(const runs *r, const char *id)
{
    for (size_t i = 0; i < r->count; i++)
        if (strcmp(r->row[i].id, id) == 0)
            return &r->row[i];
    return NULL;
}

int
runs_take(const ndr_buffer *said, runs *ret, ndr_error *err)
{
    *ret = (runs){0};
    const int rc = said->failed ? ndr_fail(err, NDR_E_NOMEM, "out of memory")
                                : take_lines(said, ret, err);
    if (rc == 0)
        mark_undone(ret);
    else
        runs_free(ret);
    return rc;
}

void
runs_free(runs *r)
{
    free(r->row);
    *r = (runs){0};
}
