/* SPDX-License-Identifier: BSD-3-Clause */
/* sent_segment.c - is a segment what was written, and where in it is a hash? */
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
enum { VERSION = 1 };

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
    s->record = h + SENT_HEADER_BYTES;
    if (number(h + 8, 4) != VERSION || number(h + 12, 4) != SENT_RECORD_BYTES ||
        s->first > s->last || s->first < 0 || s->last > SENT_DAY_MOST ||
        s->first / SENT_BUCKET_DAYS != s->last / SENT_BUCKET_DAYS || s->count == 0)
        return ndr_fail(err, NDR_E_DAMAGED, "has a header that cannot be");
    const size_t body = s->map_bytes - SENT_HEADER_BYTES;
    if (body % SENT_RECORD_BYTES != 0 || body / SENT_RECORD_BYTES != s->count)
        return ndr_fail(err, NDR_E_DAMAGED,
                        "is torn: it should have %" PRIu64 " records, and has %zu bytes",
                        s->count, s->map_bytes);
    if (ndr_sent_folder_key(f, s->key_id) == NULL)
        return ndr_fail(err, NDR_E_SYNTAX,
                        "is written with another key: copy %016" PRIx64
                        ".key from the machine that wrote it",
                        s->key_id);
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
    return 0;
}

/* ---- finding ------------------------------------------------------------- */

static uint64_t
hash_at(const ndr_sent_segment *s, uint64_t i)
{
    return sent_record_hash(s->record + i * SENT_RECORD_BYTES);
}

/* Where a hash can be: not before lo, not behind hi. */
typedef struct bounds {
    uint64_t lo, hi;
} bounds;

/* Look at one record, and move the bound that it tells of. Its hash. */
static uint64_t
look_at(const ndr_sent_segment *s, uint64_t hash, uint64_t at, bounds *b)
{
    const uint64_t there = hash_at(s, at);
    if (there < hash)
        b->lo = at + 1;
    else
        b->hi = at;
    return there;
}

/*
 * Hashes are spread evenly: of n records a hash is about sqrt(n) from where its share of
 * the range says, and from a record near it about the root of the way that is left. Each
 * look is a page or a line of memory that was not at hand, so few are what counts.
 */
static void
draw_near(const ndr_sent_segment *s, uint64_t hash, bounds *b)
{
    enum { LOOKS = 6, NEAR = 8 };
    const double density = (double)s->count / 18446744073709551616.0;
    double at = (double)hash * density;
    for (int i = 0; i < LOOKS && b->lo < b->hi; i++) {
        const double first = (double)b->lo, last = (double)(b->hi - 1);
        const uint64_t place = at <= first  ? b->lo
                               : at >= last ? b->hi - 1
                                            : (uint64_t)at;
        const uint64_t there = look_at(s, hash, place, b);
        const double way =
            (there < hash ? (double)(hash - there) : -(double)(there - hash)) * density;
        if (way < NEAR && way > -NEAR)
            return;
        at = (double)place + way;
    }
}

/* From the bound that is near, in steps that double, until the other is near too. */
static void
close_in(const ndr_sent_segment *s, uint64_t hash, bool from_lo, bounds *b)
{
    for (uint64_t step = 2; b->hi - b->lo > step; step *= 4) {
        const uint64_t lo = b->lo, hi = b->hi;
        (void)look_at(s, hash, from_lo ? lo + step : hi - 1 - step, b);
        if (from_lo ? b->hi != hi : b->lo != lo)
            return;
    }
}

void
ndr_sent_segment_fetch(const ndr_sent_segment *s, uint64_t hash)
{
    const double share = (double)hash / 18446744073709551616.0;
    const uint64_t place = (uint64_t)(share * (double)s->count);
    if (place < s->count)
        __builtin_prefetch(s->record + place * SENT_RECORD_BYTES);
}

uint64_t
ndr_sent_segment_find(const ndr_sent_segment *s, uint64_t hash)
{
    bounds b = {0, s->count};
    draw_near(s, hash, &b);
    /* one of them is where the last look was */
    const bool from_lo =
        b.lo > 0 && hash - hash_at(s, b.lo - 1) <
                        (b.hi < s->count ? hash_at(s, b.hi) - hash : UINT64_MAX - hash);
    close_in(s, hash, from_lo, &b);
    while (b.lo < b.hi) /* whatever the hashes are, this ends */
        (void)look_at(s, hash, b.lo + (b.hi - b.lo) / 2, &b);
    return b.lo;
}

/* ---- writing ------------------------------------------------------------- */

enum { CHUNK_RECORDS = 6400 };

/* A file that is written in order, in large pieces. */
typedef struct writing {
    int fd;
    XXH3_state_t *sum;
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
put_header(writing *w, uint64_t key_id)
{
    unsigned char h[SENT_HEADER_BYTES] = {0};
    memcpy(h, magic, sizeof magic);
    put_number(h + 8, VERSION, 4);
    put_number(h + 12, SENT_RECORD_BYTES, 4);
    put_number(h + 16, key_id, 8);
    put_number(h + 24, (uint64_t)w->first, 4);
    put_number(h + 28, (uint64_t)w->last, 4);
    put_number(h + 32, w->count, 8);
    put_number(h + 40, XXH3_64bits_digest(w->sum), 8);
    put_number(h + 56, XXH3_64bits(h, 56), 8);
    return lseek(w->fd, 0, SEEK_SET) == 0 ? put(w->fd, h, sizeof h) : NDR_E_SYS;
}

static int
fill(writing *w, uint64_t key_id, ndr_sent_run *runs, size_t count)
{
    static const unsigned char nothing[SENT_HEADER_BYTES];
    int rc = put(w->fd, nothing, sizeof nothing);
    if (rc == 0)
        rc = unite(w, runs, count);
    if (rc == 0)
        rc = flush(w);
    if (rc == 0)
        rc = put_header(w, key_id);
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
ndr_sent_segment_write(const ndr_sent_folder *f, const char *machine, uint64_t key_id,
                       ndr_sent_run *runs, size_t count, char *name, ndr_error *err)
{
    char beside[SENT_NAME_BYTES];
    name_beside(machine, beside);
    writing *w = calloc(1, sizeof *w);
    XXH3_state_t *sum = XXH3_createState();
    if (w == NULL || sum == NULL) {
        free(w);
        (void)XXH3_freeState(sum);
        return ndr_fail(err, NDR_E_NOMEM, "no memory to write a segment");
    }
    (void)XXH3_64bits_reset(sum);
    w->sum = sum;
    (void)unlinkat(f->fd, beside, 0);
    w->fd = openat(f->fd, beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    int rc = w->fd < 0 ? NDR_E_SYS : fill(w, key_id, runs, count);
    if (rc == 0)
        rc = give_name(f, machine, beside, w->first, key_id, name);
    if (rc != 0) {
        (void)ndr_fail(err, rc, "write a segment of the set in '%s'", f->shown);
        if (w->fd >= 0)
            (void)unlinkat(f->fd, beside, 0);
    }
    if (w->fd >= 0)
        (void)close(w->fd);
    (void)XXH3_freeState(sum);
    free(w);
    return rc != 0 ? rc : ndr_sent_folder_sync(f, err);
}
