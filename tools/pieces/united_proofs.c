/* SPDX-License-Identifier: BSD-3-Clause */
/* united_proofs.c - see united_proofs.h. */
#include "united_proofs.h"

#include "app/diag.h"
#include "merge.h"
#include "ndr_file.h"
#include "ndr_hash.h"
#include "ndr_piece_file.h"
#include "piece_proofs.h"
#include "pieces_plan.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    NAME_BYTES = 32,
    HEAD_BYTES = 51, /* what put_head writes */
    MOST_BYTES = 1 << 30,
    TOLD_MOST = 20,
    UNITE_TRIES = 3 /* while others replace what is being united */
};

static void
name_of(const plan_file *plan, char ret[NAME_BYTES])
{
    (void)snprintf(ret, NAME_BYTES, "proofs-%016" PRIx64, plan->hash);
}

int
united_proofs_forget(int dir, const plan_file *plan, ndr_error *err)
{
    char name[NAME_BYTES];
    name_of(plan, name);
    return unlinkat(dir, name, 0) == 0 || errno == ENOENT
               ? 0
               : ndr_fail(err, NDR_E_SYS, "remove '%s'", name);
}

/* The first line: of which counts of pieces it was made, and what stands behind it. */
static void
put_head(uint64_t sum, ndr_slice body, char ret[HEAD_BYTES + 1])
{
    (void)snprintf(ret, HEAD_BYTES + 1,
                   "ndrscan-united 1 %016" PRIx64 " %016" PRIx64 "\n", sum,
                   ndr_hash(body, 0));
}

/* The sum of counts in the order of their pieces, with those of one more. */
static uint64_t
add_piece(uint64_t so_far, const end_record *e)
{
    char text[96];
    (void)snprintf(text, sizeof text, "%016" PRIx64 " %016" PRIx64 " %" PRIu64 " %d",
                   so_far, e->records_hash, e->records_bytes, (int)e->broken);
    return ndr_hash(ndr_slice_of(text), 0);
}

/* ---- what each piece counted
 * -------------------------------------------------------------------------- */

/* Pieces on their way into one. */
typedef struct uniting {
    const plan_file *plan;
    int dir;
    ndr_weak_limit *all;
    ndr_piece_reader *reader;
    ndr_buffer text; /* of one */
    uint64_t sum;    /* add_piece of all so far */
    bool broken;     /* behind damage in the file at hand nothing counts */
    bool quiet;      /* the first that is refused ends it, and is not told */
    size_t refused;
} uniting;

static void
refuse(uniting *u, const ndr_plan_piece *k, const char *why)
{
    if (u->refused++ < TOLD_MOST && !u->quiet)
        piece_refuse(&u->plan->plan, k, PIECE_PROOFS, why);
}

/* What stands before the end record; NDR_E_DAMAGED: it is not what was written. */
static int
read_text(uniting *u, const end_record *e, int fd, bool zstd, uint64_t until,
          ndr_error *err)
{
    ndr_slice some;
    ndr_buffer_clear(&u->text);
    int code = ndr_piece_reader_begin(u->reader, fd, zstd, until, err);
    if (code != 0)
        return code;
    while ((code = ndr_piece_reader_next(u->reader, &some, err)) == 1 &&
           u->text.len < MOST_BYTES)
        ndr_buffer_add(&u->text, some);
    if (code < 0)
        return code;
    if (u->text.failed)
        return ndr_fail(err, NDR_E_NOMEM, "no memory to count weak proofs");
    const ndr_slice all = {u->text.ptr, u->text.len};
    return all.len == e->records_bytes && ndr_hash(all, 0) == e->records_hash
               ? 0
               : ndr_fail(err, NDR_E_DAMAGED, "its counts are not those written");
}

/* One piece, which was read. 0, or an ndr_code that ends it. */
static int
unite_read(uniting *u, const ndr_plan_piece *k, const end_record *e, int fd, bool zstd,
           uint64_t until, ndr_error *err)
{
    const bool dropped = k->number > 0 && u->broken;
    const enum setting at = settings_judge_differ(&e->settings, &u->plan->settings);
    char why[120];
    if (at != SETTING_COUNT) {
        (void)snprintf(why, sizeof why, "was counted with another %s than the plan has",
                       setting_name(at));
        refuse(u, k, why);
        return 0;
    }
    u->broken = dropped || e->broken;
    if (dropped || e->records_bytes == 0)
        return 0;
    int code = read_text(u, e, fd, zstd, until, err);
    if (code == 0)
        code = ndr_weak_limit_load(u->all, (ndr_slice){u->text.ptr, u->text.len}, err);
    if (code != NDR_E_DAMAGED)
        return code;
    refuse(u, k, "its counts are not those that were written: remove it");
    return 0;
}

static int
unite_piece(uniting *u, size_t at, ndr_error *err)
{
    const ndr_plan_piece *k = &u->plan->plan.piece[at];
    end_record e = {0};
    uint64_t until = 0;
    bool zstd = false;
    int fd = -1;
    if (k->number == 0)
        u->broken = false;
    int code = result_read(u->dir, k, PIECE_PROOFS, &e, &fd, &zstd, &until, err);
    if (code == 0) {
        refuse(u, k, "its weak proofs were not counted yet");
    } else if (code == NDR_E_DAMAGED || code == NDR_E_LIMIT) {
        refuse(u, k, err->text);
        code = 0;
    } else if (code == 1) {
        u->sum = add_piece(u->sum, &e);
        code = unite_read(u, k, &e, fd, zstd, until, err);
    }
    if (fd >= 0)
        (void)close(fd); /* was only read */
    end_record_free(&e);
    return code;
}

/* ---- all of them
 * --------------------------------------------------------------------------------------
 */

/* What others united: 1; 0: it is not there, or torn. */
static int
read_united(int dir, const char *name, ndr_buffer *ret, ndr_error *err)
{
    struct stat st;
    const int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT ? 0 : ndr_fail(err, NDR_E_SYS, "%s", name);
    int code = fstat(fd, &st) != 0 ? ndr_fail(err, NDR_E_SYS, "%s", name) : 0;
    const bool usable = code == 0 && S_ISREG(st.st_mode) && st.st_size < MOST_BYTES;
    const int rc = usable ? ndr_read_all(fd, MOST_BYTES, ret) : 0;
    if (rc == NDR_E_NOMEM)
        code = ndr_fail(err, rc, "no memory to count weak proofs");
    else if (rc == NDR_E_SYS)
        code = ndr_fail(err, rc, "%s", name);
    else if (rc == NDR_E_LIMIT) /* it grows: none that was put there whole does */
        ndr_buffer_clear(ret);
    (void)close(fd); /* was only read */
    return code != 0 ? code : ret->len > 0;
}

/* The sum of the counts that lie in the folder now: 1; 0: some cannot be used. */
static int
sum_pieces(int dir, const plan_file *plan, uint64_t *ret, ndr_error *err)
{
    *ret = 0;
    for (size_t i = 0; i < plan->plan.piece_count; i++) {
        end_record e = {0};
        const int code = result_read(dir, &plan->plan.piece[i], PIECE_PROOFS, &e, NULL,
                                     NULL, NULL, err);
        const bool good = code == 1 && settings_judge_differ(
                                           &e.settings, &plan->settings) == SETTING_COUNT;
        if (good)
            *ret = add_piece(*ret, &e);
        end_record_free(&e);
        if (code < 0 && code != NDR_E_DAMAGED && code != NDR_E_LIMIT)
            return code;
        if (!good)
            return 0;
    }
    return 1;
}

/* What stands behind the head; `text` has one. */
static ndr_slice
body_of(const ndr_buffer *text)
{
    return (ndr_slice){text->ptr + HEAD_BYTES, text->len - HEAD_BYTES};
}

/* What others united, if it is whole, and of the counts that lie there now: 1, or 0. Who
 * unites slower than others count anew may have put what no longer is. */
static int
take_united(int dir, const char *name, const plan_file *plan, ndr_buffer *ret,
            ndr_error *err)
{
    char head[HEAD_BYTES + 1];
    uint64_t sum = 0;
    ndr_buffer_clear(ret);
    int code = read_united(dir, name, ret, err);
    if (code == 1)
        code = ret->len > HEAD_BYTES ? sum_pieces(dir, plan, &sum, err) : 0;
    if (code != 1)
        return code;
    put_head(sum, body_of(ret), head);
    return memcmp(ret->ptr, head, HEAD_BYTES) == 0;
}

static int
put_united(int dir, const char *name, uint64_t sum, ndr_slice body, ndr_error *err)
{
    ndr_new_file f;
    char head[HEAD_BYTES + 1];
    put_head(sum, body, head);
    if (!ndr_new_file_begin(&f, dir, NULL, 0600))
        return ndr_fail(err, NDR_E_SYS, "%s", name);
    if (!ndr_write_all(f.fd, ndr_slice_of(head)) || !ndr_write_all(f.fd, body)) {
        const int code = ndr_fail(err, NDR_E_SYS, "%s", name);
        ndr_new_file_drop(&f);
        return code;
    }
    return ndr_new_file_put(&f, name, true) == NDR_NEW_FILE_DONE
               ? 0
               : ndr_fail(err, NDR_E_SYS, "%s", name);
}

/* What all pieces counted: those over the limit, as text. 0; an ndr_code; or
 * EXIT_REFUSED, told unless u->quiet. */
static int
unite(uniting *u, ndr_buffer *ret, ndr_error *err)
{
    const plan_file *plan = u->plan;
    int code = ndr_weak_limit_load(
        u->all, (ndr_slice){plan->counted.ptr, plan->counted.len}, err);
    for (size_t i = 0; code == 0 && i < plan->plan.piece_count; i++) {
        code = unite_piece(u, i, err);
        if (u->quiet && u->refused > 0)
            return EXIT_REFUSED;
    }
    if (code != 0 || u->refused > 0)
        return code != 0 ? code : EXIT_REFUSED;
    if (ndr_weak_limit_full(u->all))
        diag("warning: counts of weak proofs are full: mail of ours that is new to them "
             "is believed however often it comes back; what 'ndrscan sent add' learns "
             "from logs names recipients, and leaves less to count");
    ndr_weak_limit_save_over(u->all, ret);
    return ret->failed ? ndr_fail(err, NDR_E_NOMEM, "no memory to count weak proofs") : 0;
}

/* Unite, and put it into the folder. As unite; u->refused is how many pieces were. */
static int
make(uniting *u, const char *name, ndr_error *err)
{
    ndr_buffer body = {0};
    u->sum = 0;
    u->reader = ndr_piece_reader_new();
    int code = u->reader == NULL
                   ? ndr_fail(err, NDR_E_NOMEM, "no memory to count weak proofs")
                   : ndr_weak_limit_new(0, &u->all, err);
    if (code == 0)
        code = unite(u, &body, err);
    if (code == 0)
        code = put_united(u->dir, name, u->sum, (ndr_slice){body.ptr, body.len}, err);
    ndr_buffer_free(&body);
    ndr_buffer_free(&u->text);
    ndr_piece_reader_free(u->reader);
    ndr_weak_limit_free(u->all);
    return code;
}

int
united_proofs_make(int dir, const plan_file *plan, ndr_error *err)
{
    char name[NAME_BYTES];
    uniting u = {.plan = plan, .dir = dir, .quiet = true};
    name_of(plan, name);
    int code = united_proofs_forget(dir, plan, err);
    if (code == 0)
        code = make(&u, name, err);
    return code == EXIT_REFUSED ? 0 : code;
}

/* Take what is united, or unite. 1; an ndr_code; or EXIT_REFUSED, told. */
static int
take_or_make(uniting *u, const char *name, ndr_buffer *ret, ndr_error *err)
{
    int code = take_united(u->dir, name, u->plan, ret, err);
    for (int i = 0; code == 0 && i < UNITE_TRIES; i++) {
        code = make(u, name, err);
        if (code == 0)
            code = take_united(u->dir, name, u->plan, ret, err);
    }
    if (code != 0)
        return code;
    errno = EAGAIN;
    return ndr_fail(err, NDR_E_SYS,
                    "counts of weak proofs change while they are united: judge when all "
                    "shards have counted");
}

int
united_proofs_load(int dir, const char *path, const plan_file *plan, const char *remedy,
                   ndr_prover *to, uint64_t *ret)
{
    char name[NAME_BYTES];
    ndr_buffer text = {0};
    ndr_error err = {0};
    uniting u = {.plan = plan, .dir = dir};
    name_of(plan, name);
    int code = take_or_make(&u, name, &text, &err);
    if (code == 1) {
        *ret = ndr_hash(body_of(&text), 0);
        code = ndr_prover_counts_load(to, body_of(&text), &err);
    }
    ndr_prover_counts_fix(to);
    ndr_buffer_free(&text);
    if (code == EXIT_REFUSED)
        diag("nothing is judged: %zu of %zu pieces have no counts of weak proofs; %s",
             u.refused, plan->plan.piece_count, remedy);
    else if (code != 0)
        diag("%s: %s", path, err.text);
    return code < 0 ? pieces_status(&err) : code;
}
