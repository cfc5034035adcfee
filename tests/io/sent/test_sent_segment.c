/* SPDX-License-Identifier: BSD-3-Clause */
#define XXH_INLINE_ALL
#include "sent/sent_segment.h"

#include "sent_box.h"

#include <xxhash.h>

enum { R = SENT_RECORD_BYTES, DAY_OF = 19676, MANY = 1000 };

/* Records of these hashes, of one day. */
static void
put_records(unsigned char *to, const uint64_t *hash, size_t n, int day)
{
    for (size_t i = 0; i < n; i++)
        sent_record_put(to + i * R, hash[i], day);
}

typedef struct set {
    sent_box box;
    ndr_sent_folder folder;
} set;

static void
begin(set *s)
{
    char path[256];
    ndr_error err = {0};
    sent_box_begin(&s->box);
    if (ndr_sent_folder_open(&s->folder, sent_box_path(&s->box, "set", path), true,
                             &err) != 0)
        fail_msg("%s", err.text);
}

static void
end(set *s)
{
    ndr_sent_folder_close(&s->folder);
    sent_box_end(&s->box);
}

/* A segment of 1, 5, 5 (a day later), 9, united of two runs. */
static void
write_one(set *s, char name[SENT_NAME_BYTES])
{
    static const uint64_t one[] = {1, 5, 9}, other[] = {1};
    unsigned char a[3 * R], b[2 * R];
    ndr_error err = {0};
    put_records(a, one, 3, DAY_OF);
    put_records(b, other, 1, DAY_OF); /* twice: kept once */
    sent_record_put(b + R, 5, DAY_OF + 1);
    ndr_sent_run runs[] = {{a, 3}, {b, 2}};
    const int lock = ndr_sent_folder_lock(&s->folder, &err);
    assert_true(lock >= 0);
    if (ndr_sent_segment_write(&s->folder, "mx1",
                               (ndr_sent_kind){s->folder.key[0].id, true}, runs, 2, name,
                               &err) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(close(lock), 0);
}

static void
round_test(void **state)
{
    (void)state;
    set s;
    char name[SENT_NAME_BYTES], again[SENT_NAME_BYTES];
    ndr_error err = {0};
    ndr_sent_segment g;
    begin(&s);
    write_one(&s, name);
    write_one(&s, again);
    assert_string_not_equal(name, again); /* a name that no file has */
    assert_int_equal(ndr_sent_segment_open(&s.folder, name, &g, &err), 0);
    assert_string_equal(g.name, name);
    assert_int_equal(g.count, 4);
    assert_int_equal(g.first, DAY_OF);
    assert_int_equal(g.last, DAY_OF + 1);
    assert_true(g.key_id == s.folder.key[0].id);
    assert_int_equal(ndr_sent_segment_check(&g, &err), 0);
    static const struct {
        uint64_t hash, want;
    } finds[] = {{0, 0}, {1, 0}, {2, 1},  {5, 1},
                 {6, 3}, {9, 3}, {10, 4}, {UINT64_MAX, 4}};
    for (size_t i = 0; i < sizeof finds / sizeof finds[0]; i++) {
        ndr_sent_segment_fetch(&g, finds[i].hash);
        assert_int_equal(ndr_sent_segment_find(&g, finds[i].hash), finds[i].want);
    }
    ndr_sent_segment_close(&g);
    end(&s);
}

/* A segment of MANY, which has an index; its hashes. */
static const uint64_t *
write_many(set *s, bool beside, char name[SENT_NAME_BYTES])
{
    static uint64_t hash[MANY];
    static unsigned char record[MANY * R];
    for (uint64_t i = 0; i < MANY; i++) /* some beside each other, at both ends */
        hash[i] = i < 10          ? i
                  : i + 10 < MANY ? i * (UINT64_MAX / MANY)
                                  : UINT64_MAX - MANY + i;
    put_records(record, hash, MANY, DAY_OF);
    ndr_error err = {0};
    ndr_sent_run run[] = {{record, MANY}, {record, MANY}}; /* twice: kept once */
    const int lock = ndr_sent_folder_lock(&s->folder, &err);
    const ndr_sent_kind kind = {s->folder.key[0].id, beside};
    assert_int_equal(ndr_sent_segment_write(&s->folder, "mx1", kind, run, 2, name, &err),
                     0);
    assert_int_equal(close(lock), 0);
    return hash;
}

static void
find_all(const set *s, const char *name, const uint64_t *hash, bool has_index,
         bool beside)
{
    ndr_error err = {0};
    ndr_sent_segment g;
    if (ndr_sent_segment_open(&s->folder, name, &g, &err) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(g.count, MANY);
    assert_true((g.index != NULL) == has_index);
    assert_true(g.beside == beside);
    assert_int_equal(ndr_sent_segment_check(&g, &err), 0);
    for (size_t i = 0; i < MANY; i++) {
        assert_int_equal(ndr_sent_segment_find(&g, hash[i]), i);
        assert_int_equal(ndr_sent_segment_find(&g, hash[i] + 1), i + 1);
    }
    ndr_sent_segment_close(&g);
}

static void
find_test(void **state)
{
    (void)state;
    set s;
    char name[SENT_NAME_BYTES];
    begin(&s);
    const uint64_t *hash = write_many(&s, true, name);
    find_all(&s, name, hash, true, true);
    end(&s);
}

/* As programs wrote it that put no recipient beside its id, and that knew no index. */
static void
older_test(void **state)
{
    (void)state;
    set s;
    char name[SENT_NAME_BYTES];
    unsigned char h[SENT_HEADER_BYTES];
    begin(&s);
    const uint64_t *hash = write_many(&s, false, name);
    find_all(&s, name, hash, true, false);
    assert_int_equal(fchmodat(s.folder.fd, name, 0600, 0), 0);
    const int fd = openat(s.folder.fd, name, O_RDWR);
    assert_int_equal(read(fd, h, sizeof h), sizeof h);
    assert_int_equal(h[8], 2);
    h[8] = 1;
    memset(h + 14, 0, 2);
    memset(h + 48, 0, 8);
    const uint64_t sum = XXH3_64bits(h, 56);
    for (int i = 0; i < 8; i++)
        h[56 + i] = (unsigned char)(sum >> (8 * i));
    assert_int_equal(pwrite(fd, h, sizeof h, 0), sizeof h);
    assert_int_equal(ftruncate(fd, SENT_HEADER_BYTES + MANY * R), 0);
    assert_int_equal(close(fd), 0);
    find_all(&s, name, hash, false, false);
    end(&s);
}

/* Every byte of a segment counts: flipped, it does not open or is told on a check. */
static void
damage(const set *s, const char *name, size_t size)
{
    unsigned char *bytes = malloc(size);
    ndr_error err = {0};
    ndr_sent_segment g;
    assert_int_equal(fchmodat(s->folder.fd, name, 0600, 0), 0);
    const int fd = openat(s->folder.fd, name, O_RDWR);
    assert_true(fd >= 0 && bytes != NULL);
    assert_int_equal(read(fd, bytes, size), size);
    assert_int_equal(lseek(fd, 0, SEEK_END), size);
    for (size_t i = 0; i < size; i++) {
        const unsigned char flipped = bytes[i] ^ 0x10;
        assert_int_equal(pwrite(fd, &flipped, 1, (off_t)i), 1);
        int code = ndr_sent_segment_open(&s->folder, name, &g, &err);
        if (code == 0) {
            code = ndr_sent_segment_check(&g, &err);
            ndr_sent_segment_close(&g);
        }
        if (code != NDR_E_DAMAGED && code != NDR_E_SYNTAX)
            fail_msg("byte %zu: %d", i, code);
        assert_int_equal(pwrite(fd, &bytes[i], 1, (off_t)i), 1);
    }
    for (size_t n = size; n > 0; n -= n < 7 ? n : 7) { /* cut */
        assert_int_equal(ftruncate(fd, (off_t)n - 1), 0);
        const int code = ndr_sent_segment_open(&s->folder, name, &g, &err);
        assert_true(code == NDR_E_DAMAGED || code == NDR_E_SYNTAX);
    }
    free(bytes);
    assert_int_equal(close(fd), 0);
    assert_int_equal(unlinkat(s->folder.fd, name, 0), 0);
    assert_int_equal(ndr_sent_segment_open(&s->folder, name, &g, &err), NDR_E_SYS);
    assert_int_equal(err.sys_errno, 2); /* ENOENT */
}

static void
damage_test(void **state)
{
    (void)state;
    set s;
    char name[SENT_NAME_BYTES];
    begin(&s);
    write_one(&s, name);
    damage(&s, name, SENT_HEADER_BYTES + 4 * R);
    (void)write_many(&s, true, name);
    damage(&s, name,
           SENT_HEADER_BYTES + MANY * R + sent_index_bytes(ndr_sent_index_bits(MANY)));
    end(&s);
}

int
main(void)
{
    add_test("runs are united, and found by hash", round_test);
    add_test("among many each is found where it is", find_test);
    add_test("segments of older programs are read", older_test);
    add_test("any damage is told", damage_test);
    return run_added("sent_segment");
}
