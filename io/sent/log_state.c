/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * log_state.c - how does mail that is under way get from one run to the next?
 *
 *   ndrscan-joins 1
 *   f RELAY                       a filter listens there
 *   s HASH TIME                   a stranger's id
 *   j CLASS FLAGS BEGUN QUEUE-ID NEXT HOST, "-" for none
 *   i ID · d DOMAIN · t RECIPIENT  of the join before
 *   end LINES
 */
#include "log_joins.h"
#include "log_line.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TITLE "ndrscan-joins 1"
static void
put(ndr_buffer *out, const char *what, ndr_slice value, uint64_t *lines)
{
    ndr_buffer_text(out, what);
    ndr_buffer_add(out, value);
    ndr_buffer_byte(out, '\n');
    (*lines)++;
}

static ndr_slice
take_line(ndr_slice *rest)
{
    const size_t n = ndr_log_find(*rest, "\n", false);
    const ndr_slice line = {rest->ptr, n};
    const size_t off = n + (n < rest->len);
    rest->ptr += off;
    rest->len -= off;
    return line;
}

static void
put_all(ndr_buffer *out, const char *what, const ndr_buffer *lines_of, uint64_t *lines)
{
    for (ndr_slice rest = {lines_of->ptr, lines_of->len}; rest.len > 0;)
        put(out, what, take_line(&rest), lines);
}

static const char *
or_dash(const char *text)
{
    return text[0] != '\0' ? text : "-";
}

static void
put_join(ndr_buffer *out, const ndr_join *join, uint64_t *lines)
{
    ndr_buffer_printf(
        out, "j %d %d %" PRId64 " %s %s %s\n", (int)join->class,
        join->gone | join->has_from << 1 | join->left << 2 | join->told << 3, join->begun,
        join->queue_id, or_dash(join->next), or_dash(join->host));
    (*lines)++;
    for (size_t i = 0; i < join->id_count; i++)
        put(out, "i ", (ndr_slice){join->id[i].ptr, join->id[i].len}, lines);
    if (join->has_from)
        put(out, "d ", (ndr_slice){join->from.ptr, join->from.len}, lines);
    put_all(out, "t ", &join->to, lines);
}

void
ndr_joins_write(const ndr_joins *j, ndr_buffer *out)
{
    uint64_t lines = 0;
    ndr_buffer_text(out, TITLE "\n");
    put_all(out, "f ", &j->filters, &lines);
    for (size_t i = 0; j->stranger != NULL && i < JOIN_STRANGERS; i++)
        if (j->stranger[i].hash != 0 &&
            j->latest - j->stranger[i].at <= JOIN_STRANGER_SECONDS) {
            ndr_buffer_printf(out, "s %" PRIx64 " %" PRId64 "\n", j->stranger[i].hash,
                              j->stranger[i].at);
            lines++;
        }
    for (size_t i = 0; i < j->cap; i++)
        if (j->slot[i] != NULL)
            put_join(out, j->slot[i], &lines);
    ndr_buffer_printf(out, "end %" PRIu64 "\n", lines);
}

/* ---- reading ----------------------------------------------------------------- */

enum { LINE_BYTES = 256 };

static bool
copy_line(ndr_slice line, char text[LINE_BYTES])
{
    if (line.len >= LINE_BYTES || memchr(line.ptr, '\0', line.len) != NULL)
        return false;
    memcpy(text, line.ptr, line.len);
    text[line.len] = '\0';
    return true;
}

static ndr_join *
read_join(ndr_joins *j, ndr_slice line)
{
    char text[LINE_BYTES], queue_id[32], next[32], host[72];
    int class, flags, end = 0;
    int64_t begun;
    if (!copy_line(line, text) ||
        sscanf(text, "%d %d %" SCNd64 " %31s %31s %71s%n", &class, &flags, &begun,
               queue_id, next, host, &end) != 6 ||
        text[end] != '\0' || class < JOIN_OPEN || class > JOIN_OURS ||
        strlen(next) >= JOIN_QUEUE_ID)
        return NULL;
    ndr_join *join;
    if (ndr_joins_begin(j, ndr_slice_of(strcmp(host, "-") == 0 ? "" : host),
                        ndr_slice_of(queue_id), (enum join_class) class, begun, &join,
                        NULL) != 1)
        return NULL;
    if (strcmp(next, "-") != 0)
        (void)snprintf(join->next, sizeof join->next, "%.27s", next);
    join->gone = (flags & 1) != 0;
    join->has_from = (flags & 2) != 0;
    join->left = (flags & 4) != 0;
    join->told = (flags & 8) != 0;
    return join;
}

static bool
read_stranger(ndr_joins *j, ndr_slice line)
{
    char text[LINE_BYTES];
    uint64_t hash;
    int64_t at;
    if (!copy_line(line, text) || sscanf(text, "%" SCNx64 " %" SCNd64, &hash, &at) != 2)
        return false;
    if (j->stranger == NULL)
        j->stranger = calloc(JOIN_STRANGERS, sizeof *j->stranger);
    if (j->stranger == NULL)
        return false;
    j->stranger[hash % JOIN_STRANGERS] = (struct ndr_stranger){hash, at};
    return true;
}

static bool
read_line(ndr_joins *j, ndr_slice line, ndr_join **join)
{
    if (ndr_log_skip(&line, "f ")) {
        ndr_joins_filter(j, line);
        return true;
    }
    if (ndr_log_skip(&line, "s "))
        return read_stranger(j, line);
    if (ndr_log_skip(&line, "j ")) {
        *join = read_join(j, line);
        return *join != NULL;
    }
    if (*join == NULL)
        return false;
    const bool left = (*join)->left;
    if (ndr_log_skip(&line, "i "))
        ndr_join_id(*join, line);
    else if (ndr_log_skip(&line, "d "))
        ndr_buffer_add(&(*join)->from, line);
    else if (ndr_log_skip(&line, "t "))
        ndr_join_to(*join, line);
    else
        return false;
    (*join)->left = left;
    return true;
}

bool
ndr_joins_read(ndr_joins *j, ndr_slice text)
{
    ndr_slice line = text.len > 0 ? take_line(&text) : text;
    uint64_t lines = 0;
    ndr_join *join = NULL;
    char end[40];
    if (!ndr_slice_equal(line, NDR_SLICE(TITLE)))
        return false;
    while (text.len > 0) {
        line = take_line(&text);
        (void)snprintf(end, sizeof end, "end %" PRIu64, lines);
        if (ndr_slice_equal(line, ndr_slice_of(end)))
            return text.len == 0;
        if (!read_line(j, line, &join))
            return false;
        lines++;
    }
    return false;
}
