/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * count_id.c - which bounce is it, when it is met again?
 *
 * By its recipient, its Message-ID and its topmost Received field. The Message-ID alone,
 * and all that stands below that field, is the sender's choice: a storm whose messages
 * have one Message-ID would be counted as one bounce. The topmost Received field is the
 * receiving system's, with its own time and queue id; what moves mail between mailboxes
 * adds none. A system that takes the message after it was counted does, so the two fields
 * below are looked for as well, among those that were topmost once: where a sender
 * writes them nobody finds them there.
 */
#include "count_id.h"

#include <string.h>

enum { HEADER_MAX = 65536, RECEIVED = 1 + NDR_COUNT_BELOW, FORMER = 9 };

/* FNV-1a, with a separator behind each part: files of statistics know their bounces by
 * it, and would count all of them again by another. */
static uint64_t
hash_more(uint64_t h, ndr_slice s)
{
    for (size_t i = 0; i < s.len; i++)
        h = (h ^ s.ptr[i]) * UINT64_C(0x100000001b3);
    return (h ^ 0x1ff) * UINT64_C(0x100000001b3);
}

/* The line begins with the name of a field that a mailbox, a delivery or a filter adds or
 * changes; version 1 knew the first FORMER of them. */
static bool
is_stores_own(ndr_slice line, size_t known)
{
    static const char *const names[] = {
        "status:",      "x-status:",      "x-keywords:",     "x-uid:",
        "x-imap:",      "x-imapbase:",    "content-length:", "lines:",
        "x-mozilla-",   "return-path:",   "delivered-to:",   "x-original-to:",
        "envelope-to:", "delivery-date:", "x-ndr-"};
    for (size_t i = 0; i < sizeof names / sizeof names[0] && i < known; i++) {
        const ndr_slice name = ndr_slice_of(names[i]);
        if (line.len >= name.len &&
            ndr_slice_equal_nocase((ndr_slice){line.ptr, name.len}, name))
            return true;
    }
    return false;
}

/* The lines of the header, whatever their ends. */
static uint64_t
hash_header(uint64_t h, ndr_slice raw, size_t known)
{
    bool skip = false;
    for (size_t at = 0; at < raw.len && at < HEADER_MAX;) {
        const unsigned char *end = memchr(raw.ptr + at, '\n', raw.len - at);
        const size_t next = end == NULL ? raw.len : (size_t)(end - raw.ptr) + 1;
        ndr_slice line = {raw.ptr + at, next - at};
        while (line.len > 0 &&
               (line.ptr[line.len - 1] == '\n' || line.ptr[line.len - 1] == '\r'))
            line.len--;
        if (line.len == 0)
            break;
        if (line.ptr[0] != ' ' && line.ptr[0] != '\t')
            skip = is_stores_own(line, known);
        if (!skip)
            h = hash_more(h, line);
        at = next;
    }
    return h;
}

/* Source: the finaliser of MurmurHash3 */
static uint64_t
finish(uint64_t h)
{
    h = (h ^ (h >> 33)) * UINT64_C(0xff51afd7ed558ccd);
    h = (h ^ (h >> 33)) * UINT64_C(0xc4ceb9fe1a85ec53);
    return h ^ (h >> 33);
}

/* `h` with each of the topmost Received fields, blanks and folding left out. Returns how
 * many there are. */
static size_t
hash_received(uint64_t h, ndr_slice raw, uint64_t ret[RECEIVED])
{
    const ndr_slice name = ndr_slice_of("received:");
    size_t count = 0;
    bool in = false;
    for (size_t at = 0; at < raw.len && at < HEADER_MAX;) {
        const unsigned char *end = memchr(raw.ptr + at, '\n', raw.len - at);
        const size_t next = end == NULL ? raw.len : (size_t)(end - raw.ptr) + 1;
        const unsigned char first = raw.ptr[at];
        if (first == '\n' || first == '\r')
            break;
        if (first != ' ' && first != '\t') {
            in = next - at >= name.len &&
                 ndr_slice_equal_nocase((ndr_slice){raw.ptr + at, name.len}, name);
            if (in && count == RECEIVED)
                break;
            if (in)
                ret[count++] = h;
        }
        for (size_t i = at; in && i < next; i++)
            if (raw.ptr[i] > ' ')
                ret[count - 1] = (ret[count - 1] ^ raw.ptr[i]) * UINT64_C(0x100000001b3);
        at = next;
    }
    return count;
}

/* What a report in words says is none of it: it is only read where the output tells it.
 */
ndr_count_id
ndr_count_id_of(const ndr_message *m, const ndr_verdict *v)
{
    uint64_t h = hash_more(UINT64_C(0xcbf29ce484222325), v->local), received[RECEIVED];
    h = hash_more(h, v->domain);
    h = hash_more(h, v->message_id);
    ndr_count_id id;
    const size_t count = hash_received(h, m->raw, received);
    id.own = finish(count > 0 ? received[0] : hash_header(h, m->raw, SIZE_MAX));
    for (size_t i = 0; i < NDR_COUNT_BELOW; i++)
        id.below[i] = i + 1 < count ? finish(received[i + 1]) : id.own;
    id.former = finish(v->message_id.len > 0 ? h : hash_header(h, m->raw, FORMER));
    return id;
}
