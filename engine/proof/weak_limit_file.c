/* SPDX-License-Identifier: BSD-3-Clause */
/* weak_limit_file.c - how are counts of instances kept from one run to the next?
 *
 *   ndr-weak-limit 1                    or "ndr-weak-limit 1 full REFUSED"
 *   ID LATEST over                      32 bytes and seconds, in hex and decimal digits
 *   ID LATEST HASH HASH ...             1 to 20 hashes of recipients, ascending
 *   end COUNT                           of instances; what lacks it is torn
 */
#include "weak_limit.h"

#include "ndr_hex.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char head[] = "ndr-weak-limit 1";

static int
by_id(const void *a, const void *b)
{
    const ndr_weak_entry *const *x = a, *const *y = b;
    return memcmp((*x)->instance.id, (*y)->instance.id, sizeof(*x)->instance.id);
}

static void
save_entry(const ndr_weak_entry *e, int64_t latest, ndr_buffer *out)
{
    for (size_t i = 0; i < sizeof e->instance.id; i++)
        ndr_buffer_printf(out, "%02x", e->instance.id[i]);
    ndr_buffer_printf(out, " %" PRId64, latest);
    if (e->count == NDR_WEAK_OVER)
        ndr_buffer_text(out, " over");
    for (uint32_t i = 0; e->count < NDR_WEAK_OVER && i < e->count; i++)
        ndr_buffer_printf(out, " %016" PRIx64, ndr_weak_hashes(e)[i]);
    ndr_buffer_byte(out, '\n');
}

static void
save(const ndr_weak_limit *w, bool over_alone, ndr_buffer *out)
{
    const ndr_weak_entry **sorted = malloc((w->used + 1) * sizeof(ndr_weak_entry *));
    const uint16_t least = over_alone ? NDR_WEAK_OVER : 1;
    size_t n = 0;
    if (sorted == NULL) {
        out->failed = true;
        return;
    }
    for (size_t i = 0; i < w->slots; i++)
        if (w->entries[i].count >= least)
            sorted[n++] = &w->entries[i];
    qsort(sorted, n, sizeof(ndr_weak_entry *), by_id);
    ndr_buffer_text(out, head);
    if (w->full && !over_alone)
        ndr_buffer_printf(out, " full %" PRId64, w->refused);
    ndr_buffer_byte(out, '\n');
    for (size_t i = 0; i < n; i++)
        save_entry(sorted[i], over_alone ? 0 : sorted[i]->latest, out);
    ndr_buffer_printf(out, "end %zu\n", n);
    free(sorted);
}

void
ndr_weak_limit_save(const ndr_weak_limit *w, ndr_buffer *out)
{
    save(w, false, out);
}

void
ndr_weak_limit_save_over(const ndr_weak_limit *w, ndr_buffer *out)
{
    save(w, true, out);
}

/* ---- and back -------------------------------------------------------------------- */

/* The next line without its end, taken off `rest`; false when there is no whole one. */
static bool
next_line(ndr_slice *rest, ndr_slice *line)
{
    const unsigned char *end = rest->len > 0 ? memchr(rest->ptr, '\n', rest->len) : NULL;
    if (end == NULL)
        return false;
    line->ptr = rest->ptr;
    line->len = (size_t)(end - rest->ptr);
    *rest = (ndr_slice){end + 1, rest->len - line->len - 1};
    return true;
}

/* The next word, of one blank or none in front of it. */
static bool
next_word(ndr_slice *line, ndr_slice *word)
{
    if (line->len == 0)
        return false;
    const unsigned char *end = memchr(line->ptr, ' ', line->len);
    word->ptr = line->ptr;
    word->len = end != NULL ? (size_t)(end - line->ptr) : line->len;
    const size_t gone = word->len + (end != NULL ? 1 : 0);
    *line = (ndr_slice){line->ptr + gone, line->len - gone};
    return word->len > 0;
}

static bool
read_hex(ndr_slice word, uint64_t *ret)
{
    uint64_t n = 0;
    for (size_t i = 0; i < word.len; i++) {
        const int v = ndr_hex_value(word.ptr[i]);
        if (v < 0)
            return false;
        n = n << 4 | (uint64_t)v;
    }
    *ret = n;
    return word.len == 16;
}

static bool
read_time(ndr_slice word, int64_t *ret)
{
    char text[24], *end;
    if (word.len == 0 || word.len >= sizeof text)
        return false;
    memcpy(text, word.ptr, word.len);
    text[word.len] = '\0';
    *ret = strtoll(text, &end, 10);
    return *end == '\0' && (text[0] == '-' || (text[0] >= '0' && text[0] <= '9'));
}

static bool
read_id(ndr_slice word, ndr_instance *ret)
{
    uint64_t eight;
    if (word.len != 2 * sizeof ret->id)
        return false;
    for (size_t i = 0; i < sizeof ret->id; i += 8) {
        if (!read_hex((ndr_slice){word.ptr + 2 * i, 16}, &eight))
            return false;
        for (size_t k = 0; k < 8; k++)
            ret->id[i + k] = (unsigned char)(eight >> (56 - 8 * k));
    }
    return true;
}

static const char damaged[] = "counts of instances are torn or damaged";

static int
load_entry(ndr_weak_limit *w, ndr_slice line, ndr_error *err)
{
    ndr_instance id;
    int64_t latest;
    uint64_t hashes[NDR_WEAK_RECIPIENTS];
    uint32_t count = 0;
    ndr_slice word;
    if (!next_word(&line, &word) || !read_id(word, &id) || !next_word(&line, &word) ||
        !read_time(word, &latest))
        return ndr_fail(err, NDR_E_DAMAGED, "%s", damaged);
    if (ndr_slice_equal(line, NDR_SLICE("over")))
        return ndr_weak_count(w, &id, latest, NULL, NDR_WEAK_OVER, err);
    while (next_word(&line, &word)) {
        if (count == NDR_WEAK_RECIPIENTS || !read_hex(word, &hashes[count]) ||
            (count > 0 && hashes[count] <= hashes[count - 1]))
            return ndr_fail(err, NDR_E_DAMAGED, "%s", damaged);
        count++;
    }
    return count > 0 && line.len == 0 ? ndr_weak_count(w, &id, latest, hashes, count, err)
                                      : ndr_fail(err, NDR_E_DAMAGED, "%s", damaged);
}

int
ndr_weak_limit_load(ndr_weak_limit *w, ndr_slice saved, ndr_error *err)
{
    ndr_slice line, word;
    uint64_t count = 0;
    int64_t refused = 0, said = -1;
    const ndr_slice begin = ndr_slice_of(head);
    if (!next_line(&saved, &line) || line.len < begin.len ||
        memcmp(line.ptr, begin.ptr, begin.len) != 0)
        return ndr_fail(err, NDR_E_DAMAGED, "these are no counts of instances");
    line = (ndr_slice){line.ptr + begin.len, line.len - begin.len};
    const bool full = line.len > 6 && memcmp(line.ptr, " full ", 6) == 0;
    if (line.len > 0 &&
        (!full || !read_time((ndr_slice){line.ptr + 6, line.len - 6}, &refused)))
        return ndr_fail(err, NDR_E_DAMAGED, "%s", damaged);
    while (next_line(&saved, &line)) {
        if (line.len > 4 && memcmp(line.ptr, "end ", 4) == 0) {
            word = (ndr_slice){line.ptr + 4, line.len - 4};
            if (!read_time(word, &said))
                said = -1;
            break;
        }
        const int rc = load_entry(w, line, err);
        if (rc != 0)
            return rc;
        count++;
    }
    if (said < 0 || (uint64_t)said != count || saved.len > 0)
        return ndr_fail(err, NDR_E_DAMAGED, "%s", damaged);
    if (full)
        ndr_weak_refuse(w, refused);
    return 0;
}
