/* SPDX-License-Identifier: BSD-3-Clause */
/* sent_segment.c - is a segment what was written, and how is it written? */
#define XXH_INLINE_ALL
#include "sent_segment.h"

#include "ndr_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

static const char magic[8] = "NDRSENT";
enum { VERSION = 3 };

static uint64_t
number(const unsigned char *p, size_t bytes)
{
    uint64_t n = 0;
    while (bytes > 0)
        n = n << 8 | p[--bytes];
    return n;
}

static int
read_header(const ndr_sent_folder *f, ndr_sent_segment *s, ndr_error *err)
{
    const unsigned char *h = s->map;
    if (memcmp(h, magic, sizeof magic) != 0)
        return ndr_fail(err, NDR_E_SYNTAX, "is no segment of a set");
    /* what a newer program wrote may have another checksum, too */
    if (number(h + 8, 4) > VERSION)
        return ndr_fail(err, NDR_E_SYNTAX,
                        "has version %" PRIu64 ", which a newer ndrscan wrote; this one "
                        "reads up to %d",
                        number(h + 8, 4), VERSION);
    if (XXH3_64bits(h, 56) != number(h + 56, 8))
        return ndr_fail(err, NDR_E_DAMAGED,
                        "is torn: its header is not what was written");
    s->key_id = number(h + 16, 8);
    s->first = (int)number(h + 24, 4);
    s->last = (int)number(h + 28, 4);
    s->count = number(h + 32, 8);
    s->sum = number(h + 40, 8);
    s->index_sum = number(h + 48, 8);
    s->record = h + SENT_HEADER_BYTES;
    const uint64_t bits = number(h + 14, 2);
    s->beside = number(h + 8, 4) == VERSION;
    if ((!s->beside && number(h + 8, 4) != (bits > 0 ? 2 : 1)) ||
        bits > SENT_INDEX_BITS_MOST || number(h + 12, 2) != SENT_RECORD_BYTES ||
        s->first > s->last || s->first < 0 || s->last > SENT_DAY_MOST ||
        s->first / SENT_BUCKET_DAYS != s->last / SENT_BUCKET_DAYS || s->count == 0)
        return ndr_fail(err, NDR_E_DAMAGED, "has a header that cannot be");
    const size_t body = s->map_bytes - SENT_HEADER_BYTES;
    const size_t index = sent_index_bytes((unsigned)bits);
    if (body < index || (body - index) % SENT_RECORD_BYTES != 0 ||
        (body - index) / SENT_RECORD_BYTES != s->count)
        return ndr_fail(err, NDR_E_DAMAGED,
                        "is torn: it should have %" PRIu64 " records, and has %zu bytes",
                        s->count, s->map_bytes);
    if (ndr_sent_folder_key(f, s->key_id) == NULL)
        return ndr_fail(err, NDR_E_SYNTAX,
                        "is written with another key: copy %016" PRIx64
                        ".key from the machine that wrote it",
                        s->key_id);
    if (bits > 0) {
        s->index = s->record + s->count * SENT_RECORD_BYTES;
        s->index_bits = (unsigned)bits;
    }
    return 0;
}

int
ndr_sent_segment_open(const ndr_sent_folder *f, const char *name, ndr_sent_segment *ret,
                      ndr_error *err)
{
    *ret = (ndr_sent_segment){.map = NULL};
    struct stat st;
    const int fd = ndr_open_own(f->fd, name, name, O_RDONLY | O_NOFOLLOW, err);
    if (fd < 0)
        return fd;
    int rc = 0;
    if (fstat(fd, &st) != 0) {
        rc = ndr_fail(err, NDR_E_SYS, "cannot be looked at");
    } else if (!S_ISREG(st.st_mode) || st.st_size < SENT_HEADER_BYTES) {
        rc = ndr_fail(err, NDR_E_DAMAGED, "is torn: it has %lld bytes",
                      (long long)st.st_size);
    } else {
        ret->map_bytes = (size_t)st.st_size;
        ret->map = mmap(NULL, ret->map_bytes, PROT_READ, MAP_SHARED, fd, 0);
        if (ret->map == MAP_FAILED) {
            ret->map = NULL;
            rc = ndr_fail(err, NDR_E_SYS, "cannot be mapped");
        }
    }
    (void)close(fd);
    if (rc == 0) {
        (void)snprintf(ret->name, sizeof ret->name, "%s", name);
        rc = read_header(f, ret, err);
    }
    if (rc != 0)
        ndr_sent_segment_close(ret);
    return rc;
}

void
ndr_sent_segment_close(ndr_sent_segment *s)
{
    if (s->map != NULL)
        (void)munmap(s->map, s->map_bytes);
    *s = (ndr_sent_segment){.map = NULL};
}

int
ndr_sent_segment_check(const ndr_sent_segment *s, ndr_error *err)
{
    if (XXH3_64bits(s->record, s->count * SENT_RECORD_BYTES) != s->sum)
        return ndr_fail(err, NDR_E_DAMAGED,
                        "is damaged: its records are not what was written");
    const unsigned char *p = s->record;
    for (uint64_t i = 0; i < s->count; i++, p += SENT_RECORD_BYTES) {
        const int day = sent_record_day(p);
        if (day < s->first || day > s->last ||
            (i > 0 && memcmp(p - SENT_RECORD_BYTES, p, SENT_RECORD_BYTES) >= 0))
            return ndr_fail(err, NDR_E_DAMAGED,
                            "is damaged: record %" PRIu64 " is out of order", i);
    }
    if (s->index != NULL &&
        XXH3_64bits(s->index, sent_index_bytes(s->index_bits)) != s->index_sum)
        return ndr_fail(err, NDR_E_DAMAGED,
                        "is damaged: its index is not what was written");
    return 0;
}

/* ---- writing ------------------------------------------------------------- */

enum { CHUNK_RECORDS = 6400 };

/* A file that is written in order, in large pieces. */
typedef struct writing {
    int fd;
    XXH3_state_t *sum;
    ndr_sent_index index;
    uint64_t count;
    int first, last;
    size_t held; /* bytes in `chunk` */
    unsigned char chunk[CHUNK_RECORDS * SENT_RECORD_BYTES];
} writing;

static int
put(int fd, const unsigned char *p, size_t n)
{
    return ndr_write_all(fd, (ndr_slice){p, n}) ? 0 : NDR_E_SYS;
}

static int
flush(writing *w)
{
    const int rc = put(w->fd, w->chunk, w->held);
    if (rc == 0)
        (void)XXH3_64bits_update(w->sum, w->chunk, w->held);
    w->held = 0;
    return rc;
}

static int
add_record(writing *w, const unsigned char *record)
{
    const int day = sent_record_day(record);
    w->first = w->count == 0 || day < w->first ? day : w->first;
    w->last = w->count == 0 || day > w->last ? day : w->last;
    ndr_sent_index_add(&w->index, sent_record_hash(record), w->count);
    memcpy(w->chunk + w->held, record, SENT_RECORD_BYTES);
    w->held += SENT_RECORD_BYTES;
    w->count++;
    return w->held == sizeof w->chunk ? flush(w) : 0;
}

/* All records in order, those that are there twice once. */
static int
unite(writing *w, ndr_sent_run *runs, size_t count)
{
    int rc = 0;
    for (;;) {
        const unsigned char *least = NULL;
        for (size_t i = 0; i < count; i++)
            if (runs[i].count > 0 &&
                (least == NULL || memcmp(runs[i].record, least, SENT_RECORD_BYTES) < 0))
                least = runs[i].record;
        if (least == NULL)
            return rc;
        for (size_t i = 0; i < count; i++)
            while (runs[i].count > 0 &&
                   memcmp(runs[i].record, least, SENT_RECORD_BYTES) == 0) {
                runs[i].record += SENT_RECORD_BYTES;
                runs[i].count--;
            }
        rc = add_record(w, least);
        if (rc != 0)
            return rc;
    }
}

static void
put_number(unsigned char *p, uint64_t n, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++, n >>= 8)
        p[i] = (unsigned char)n;
}

static int
put_index(writing *w)
{
    int rc = 0;
    ndr_sent_index_end(&w->index, w->count);
    const uint64_t starts = sent_index_bytes(w->index.bits) / SENT_INDEX_START_BYTES;
    for (uint64_t i = 0; rc == 0 && i < starts; i++) {
        put_number(w->chunk + w->held, w->index.start[i], SENT_INDEX_START_BYTES);
        w->held += SENT_INDEX_START_BYTES;
        if (w->held == sizeof w->chunk)
            rc = flush(w);
    }
    return rc == 0 ? flush(w) : rc;
}

static int
put_header(writing *w, ndr_sent_kind kind, uint64_t sum)
{
    unsigned char h[SENT_HEADER_BYTES] = {0};
    const bool has_index = w->index.bits > 0;
    memcpy(h, magic, sizeof magic);
    put_number(h + 8, kind.beside ? VERSION : has_index ? 2 : 1, 4);
    put_number(h + 12, SENT_RECORD_BYTES, 2);
    put_number(h + 14, w->index.bits, 2);
    put_number(h + 16, kind.key_id, 8);
    put_number(h + 24, (uint64_t)w->first, 4);
    put_number(h + 28, (uint64_t)w->last, 4);
    put_number(h + 32, w->count, 8);
    put_number(h + 40, sum, 8);
    put_number(h + 48, has_index ? XXH3_64bits_digest(w->sum) : 0, 8);
    put_number(h + 56, XXH3_64bits(h, 56), 8);
    return lseek(w->fd, 0, SEEK_SET) == 0 ? put(w->fd, h, sizeof h) : NDR_E_SYS;
}

static int
fill(writing *w, ndr_sent_kind kind, ndr_sent_run *runs, size_t count)
{
    static const unsigned char nothing[SENT_HEADER_BYTES];
    int rc = put(w->fd, nothing, sizeof nothing);
    if (rc == 0)
        rc = unite(w, runs, count);
    if (rc == 0)
        rc = flush(w);
    const uint64_t sum = XXH3_64bits_digest(w->sum);
    (void)XXH3_64bits_reset(w->sum);
    if (rc == 0)
        rc = put_index(w);
    if (rc == 0)
        rc = put_header(w, kind, sum);
    return rc == 0 && fsync(w->fd) != 0 ? NDR_E_SYS : rc;
}

/* Under a name that no file has. */
static int
give_name(const ndr_sent_folder *f, const char *machine, const char *beside, int day,
          uint64_t key_id, char *name)
{
    for (unsigned n = 1; n < 1000000; n++) {
        (void)snprintf(name, SENT_NAME_BYTES, "%s-%05d-%016" PRIx64 "-%u.seg", machine,
                       day / SENT_BUCKET_DAYS * SENT_BUCKET_DAYS, key_id, n);
        if (faccessat(f->fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
            continue; /* the lock is ours: it stays so */
        return renameat(f->fd, beside, f->fd, name) == 0 ? 0 : NDR_E_SYS;
    }
    errno = EEXIST;
    return NDR_E_SYS;
}

/* One a machine, so that what is left of them is found again. */
static void
name_beside(const char *machine, char name[SENT_NAME_BYTES])
{
    (void)snprintf(name, SENT_NAME_BYTES, ".%s.new", machine);
}

void
ndr_sent_segment_tidy(const ndr_sent_folder *f, const char *machine)
{
    char beside[SENT_NAME_BYTES];
    name_beside(machine, beside);
    (void)unlinkat(f->fd, beside, 0);
}

int
ndr_sent_segment_write(const ndr_sent_folder *f, const char *machine, ndr_sent_kind kind,
                       ndr_sent_run *runs, size_t count, char *name, ndr_error *err)
{
    char beside[SENT_NAME_BYTES];
    name_beside(machine, beside);
    writing *w = calloc(1, sizeof *w);
    XXH3_state_t *sum = XXH3_createState();
    uint64_t most = 0;
    for (size_t i = 0; i < count; i++)
        most += runs[i].count;
    if (w == NULL || sum == NULL || !ndr_sent_index_begin(&w->index, most)) {
        free(w);
        (void)XXH3_freeState(sum);
        return ndr_fail(err, NDR_E_NOMEM, "no memory to write a segment");
    }
    (void)XXH3_64bits_reset(sum);
    w->sum = sum;
    (void)unlinkat(f->fd, beside, 0);
    w->fd = openat(f->fd, beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    int rc = w->fd < 0 ? NDR_E_SYS : fill(w, kind, runs, count);
    if (rc == 0)
        rc = give_name(f, machine, beside, w->first, kind.key_id, name);
    if (rc != 0) {
        (void)ndr_fail(err, rc, "write a segment of the set in '%s'", f->shown);
        if (w->fd >= 0)
            (void)unlinkat(f->fd, beside, 0);
    }
    if (w->fd >= 0)
        (void)close(w->fd);
    (void)XXH3_freeState(sum);
    ndr_sent_index_free(&w->index);
    free(w);
    return rc != 0 ? rc : ndr_sent_folder_sync(f, err);
}
