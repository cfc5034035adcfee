/* SPDX-License-Identifier: BSD-3-Clause */
/* input_plan.c - what is read next, where a plan says? */
#define _DEFAULT_SOURCE /* O_NOFOLLOW */
#include "input.h"
#include "stored_sum.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    /* What offsets in the content of a piece of frames count from: not 0, where a file
     * begins, and room for what is looked back at. */
    ORIGIN = 4096,
};

static const ndr_plan_piece *
piece_at(const ndr_input_planned *p)
{
    return &p->plan->piece[p->todo[p->at]];
}

void
ndr_input_plan_mark(ndr_input *in, ndr_work *w)
{
    ndr_input_planned *p = &in->planned;
    if (!p->begun) /* trouble that is behind all pieces: there is none */
        return;
    w->planned = true;
    w->planned_piece = p->todo[p->at];
    w->first = p->first;
    w->stamp = p->stamp;
    w->lied = in->frames_lied;
    p->first = false;
    if (w->kind == NDR_WORK_RANGE || w->kind == NDR_WORK_FRAMES) {
        const ndr_plan_source *s = &p->plan->source[piece_at(p)->first + p->source - 1];
        const bool part = s->what == NDR_PLAN_RANGE || s->what == NDR_PLAN_FRAMES;
        w->sum_from = part ? s->from : 0;
        w->sum_until = part ? s->until : w->file_bytes;
        w->sum_source = p->source - 1;
        w->origin = s->what == NDR_PLAN_FRAMES && s->from > 0 ? ORIGIN : 0;
    }
}

static void
note(ndr_batch *b, const char *name, const ndr_error *why)
{
    ndr_batch_trouble(b, name, why);
}

/* ---- parts of one file ------------------------------------------------------------- */

/* Open the file of a range or of frames: 1, 0 with trouble noted, or NDR_E_NOMEM. */
static int
open_part(ndr_input *in, ndr_batch *b, const ndr_plan_source *s, ndr_place **ret,
          uint64_t *ret_bytes, ndr_error *err)
{
    const char *path = ndr_plan_text(in->planned.plan, s->path);
    ndr_error why = {0};
    struct stat st;
    const int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY |
                                  (s->in_folder ? O_NOFOLLOW : 0));
    int code = fd < 0 ? ndr_fail(&why, NDR_E_SYS, "not readable") : 0;
    if (code == 0 && fstat(fd, &st) != 0)
        code = ndr_fail(&why, NDR_E_SYS, "fstat");
    if (code == 0 && !S_ISREG(st.st_mode))
        code = ndr_fail(&why, NDR_E_SYNTAX, "%s", ndr_mode_trouble(st.st_mode));
    if (code != 0) {
        if (fd >= 0)
            (void)close(fd); /* was only read */
        note(b, path, &why);
        return 0;
    }
    *ret_bytes = (uint64_t)st.st_size;
    *ret = ndr_place_new(fd, path);
    if (*ret == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory to open a file");
    /* other pieces of it are of the file as it was */
    if (*ret_bytes != s->bytes ||
        (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec != s->mtime_ns) {
        (void)ndr_fail(&why, NDR_E_DAMAGED, "has changed since it was listed");
        note(b, path, &why);
    }
    return 1;
}

/* Nothing of what others have a share in is asked for. */
static void
fetch_from(ndr_input *in, int fd, uint64_t from, uint64_t until)
{
    ndr_fetcher_begin(&in->fetch, fd, until);
    in->fetch.next = from / NDR_FETCH_BLOCK_BYTES;
}

static int
begin_range(ndr_input *in, ndr_batch *b, const ndr_plan_source *s, ndr_error *err)
{
    ndr_place *place = NULL;
    const int code = open_part(in, b, s, &place, &in->range_bytes, err);
    if (code != 1)
        return code;
    in->stream++;
    in->marks = (enum ndr_marks)s->marks;
    in->range_at = s->from;
    in->range_until = s->until < in->range_bytes ? s->until : in->range_bytes;
    if (in->range_at >= in->range_until) {
        ndr_place_unref(place);
        return 0;
    }
    in->range = place;
    fetch_from(in, place->fd, s->from, in->range_until);
    (void)posix_fadvise(place->fd, (off_t)s->from, (off_t)(in->range_until - s->from),
                        POSIX_FADV_SEQUENTIAL); /* advice only */
    return 1;
}

/* Do the frames at [from, until) end where the table has it? */
static bool
is_of_frames(int fd, const ndr_plan_source *s)
{
    ndr_zstd_walk w;
    uint64_t end = s->from, content;
    ndr_zstd_walk_begin(&w, fd, s->bytes);
    w.at = s->from;
    while (w.at < s->until)
        if (!ndr_zstd_walk_frame(&w, &end, &content))
            return false;
    return w.at == s->until;
}

static int
begin_frames(ndr_input *in, ndr_batch *b, const ndr_plan_source *s, ndr_error *err)
{
    ndr_place *place = NULL;
    int code = open_part(in, b, s, &place, &in->frames_bytes, err);
    if (code != 1)
        return code;
    in->frames_lied = s->of_table && !is_of_frames(place->fd, s);
    ndr_error why = {0};
    ndr_zstd_link *before = NULL;
    if (!in->frames_lied && s->from > 0)
        code = ndr_zstd_link_at(place->fd, s->lead, s->from, ORIGIN, &before, &why);
    if (code == NDR_E_NOMEM)
        (void)ndr_fail(err, code, "%s", why.text);
    /* what breaks off before it is told by the piece that has it, and drops this one */
    if (in->frames_lied || code < 0 || s->from >= in->frames_bytes) {
        ndr_place_unref(place);
        ndr_zstd_link_unref(before);
        return code == NDR_E_NOMEM ? code : 0;
    }
    in->stream++;
    in->marks = (enum ndr_marks)s->marks;
    in->frames = place;
    in->frames_link = before;
    in->frames_limit = UINT64_MAX; /* what may reach it is not shared out */
    ndr_zstd_walk_begin(&in->frames_walk, place->fd,
                        s->until < in->frames_bytes ? s->until : in->frames_bytes);
    in->frames_walk.at = s->from;
    fetch_from(in, place->fd, s->from, in->frames_walk.file_bytes);
    return 1;
}

/* ---- whole files ---------------------------------------------------------------------
 */

/* The sum of a batch of names begins with this source of the piece. */
static void
begin_sum(ndr_work *w, uint32_t source)
{
    if (w->kind == NDR_WORK_NONE)
        w->sum_source = source;
}

/* The source at hand is path *ret of the run at hand: 0 or NDR_E_NOMEM. */
static int
hold_run(ndr_input *in, size_t *ret, ndr_error *err)
{
    ndr_input_planned *p = &in->planned;
    const ndr_plan_piece *piece = piece_at(p);
    const ndr_plan_source *s = &p->plan->source[piece->first];
    *ret = p->source - p->run_first;
    if (p->source >= p->run_first && *ret < in->run.count)
        return 0;
    int code = ndr_path_run_begin(&in->run, err);
    for (size_t i = p->source;
         code == 0 && i < piece->count && s[i].what == s[p->source].what &&
         ndr_path_run_has_room(&in->run);
         i++)
        code = ndr_path_run_add(&in->run, ndr_plan_text(p->plan, s[i].path), err);
    if (code != 0)
        return code;
    ndr_path_run_start(&in->run, in->ahead, s[p->source].what == NDR_PLAN_FILE);
    p->run_first = p->source;
    *ret = 0;
    return 0;
}

/* A name that was looked at, or could not be. */
typedef struct looked_at {
    enum ndr_finding finding; /* NAMED, or FOLDER: a name in `folder` */
    ndr_place *folder;
    const char *name, *path;
    size_t at; /* in its run */
    struct stat st;
    int code; /* below 0: `why` */
    ndr_error why;
} looked_at;

/* Add it to the batch, or begin it if it is large: FILLED when the batch must go first,
 * GO_ON, or an ndr_code. */
static int
take_name(ndr_input *in, ndr_batch *b, ndr_work *w, const ndr_plan_source *s,
          looked_at *n, uint64_t *bytes, ndr_error *err)
{
    ndr_input_planned *p = &in->planned;
    const bool named = n->finding == NDR_FOUND_NAMED;
    const uint64_t size = n->st.st_size > 0 ? (uint64_t)n->st.st_size : 0;
    const bool large = size > in->limits.range_bytes && S_ISREG(n->st.st_mode);
    int code = n->code;
    if (w->kind != NDR_WORK_NONE &&
        (code != 0 || large || !ndr_input_names_fit(w, n->folder, n->finding) ||
         !ndr_input_run_fits(in, w, n->at)))
        return NDR_FILL_FILLED;
    p->source++;
    p->summed = 0;
    if (code == 0 && large)
        code = ndr_input_begin_large(in, named ? AT_FDCWD : n->folder->fd, n->name,
                                     n->path, named, &n->why);
    if (code == NDR_E_NOMEM)
        return ndr_fail(err, code, "%s", n->why.text);
    if (code < 0)
        note(b, n->path, &n->why);
    if (code != 0) {
        ndr_ahead_pass_over(in->run.ahead, n->at);
        return NDR_FILL_GO_ON;
    }
    *bytes += size;
    begin_sum(w, p->source - 1);
    ndr_input_run_take(in, w, n->at);
    code = ndr_input_add_name(w, n->folder, n->finding, n->name, s->files, err);
    return code != 0 ? code : NDR_FILL_GO_ON;
}

/* A file that was named: FILLED when the batch must go first, or GO_ON. */
static int
take_file(ndr_input *in, ndr_batch *b, ndr_work *w, const ndr_plan_source *s,
          uint64_t *bytes, ndr_error *err)
{
    looked_at n = {.finding = NDR_FOUND_NAMED,
                   .path = ndr_plan_text(in->planned.plan, s->path)};
    n.name = n.path;
    const int code = hold_run(in, &n.at, err);
    if (code != 0)
        return code;
    if (!ndr_input_run_knows(in, n.at, &n.st) && stat(n.path, &n.st) != 0)
        n.code = ndr_fail(&n.why, NDR_E_SYS, "not readable");
    if (n.code == 0 && !S_ISREG(n.st.st_mode))
        n.code = ndr_fail(&n.why, NDR_E_SYNTAX, "%s", ndr_mode_trouble(n.st.st_mode));
    return take_name(in, b, w, s, &n, bytes, err);
}

/* The folder that `path` is in is at hand: 0, or an ndr_code. */
static int
hold_folder(ndr_input_planned *p, const char *path, size_t len, ndr_error *err)
{
    if (p->folder != NULL && strlen(p->folder->path) == len &&
        memcmp(p->folder->path, path, len) == 0)
        return 0;
    ndr_place_unref(p->folder);
    p->folder = NULL;
    char *dir = strndup(path, len);
    if (dir == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a path");
    int code = 0;
    const int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        code = ndr_fail(err, NDR_E_SYS, "not readable");
    else if ((p->folder = ndr_place_new(fd, dir)) == NULL)
        code = ndr_fail(err, NDR_E_NOMEM, "no memory for a path");
    free(dir);
    return code;
}

/* A file of a folder: as take_file. */
static int
take_member(ndr_input *in, ndr_batch *b, ndr_work *w, const ndr_plan_source *s,
            uint64_t *bytes, ndr_error *err)
{
    ndr_input_planned *p = &in->planned;
    looked_at n = {.finding = NDR_FOUND_FOLDER, .path = ndr_plan_text(p->plan, s->path)};
    n.name = strrchr(n.path, '/') + 1;
    size_t len = (size_t)(n.name - n.path);
    len -= len > 1 ? 1u : 0u; /* all but "/" itself end before theirs */
    const int code = hold_run(in, &n.at, err);
    if (code != 0)
        return code;
    n.code = hold_folder(p, n.path, len, &n.why);
    if (n.code == NDR_E_NOMEM)
        return ndr_fail(err, n.code, "%s", n.why.text);
    n.folder = p->folder;
    if (n.code == 0 && !ndr_input_run_knows(in, n.at, &n.st) &&
        fstatat(p->folder->fd, n.name, &n.st, AT_SYMLINK_NOFOLLOW) != 0)
        n.st = (struct stat){0}; /* who reads it says why */
    return take_name(in, b, w, s, &n, bytes, err);
}

/* ---- one after the other -------------------------------------------------------------
 */

/* A Maildir that was there when the plan was made, and is not: its folder, or all that
 * makes it one, as where a file system is not mounted. Noted. */
static bool
is_away(ndr_batch *b, const char *path, bool leaf)
{
    ndr_error why = {0};
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        (void)ndr_fail(&why, NDR_E_SYS, "not readable");
    else if (!leaf && faccessat(folder, "cur", F_OK, 0) != 0 &&
             faccessat(folder, "new", F_OK, 0) != 0)
        (void)ndr_fail(&why, NDR_E_SYS, "has neither cur nor new any more");
    if (folder >= 0)
        (void)close(folder); /* was only looked at */
    if (why.code != 0)
        note(b, path, &why);
    return why.code != 0;
}

static int
take_source(ndr_input *in, ndr_batch *b, ndr_work *w, uint64_t *bytes, ndr_error *err)
{
    ndr_input_planned *p = &in->planned;
    const ndr_plan_source *s = &p->plan->source[piece_at(p)->first + p->source];
    const char *path = ndr_plan_text(p->plan, s->path);
    if (s->what == NDR_PLAN_FILE)
        return take_file(in, b, w, s, bytes, err);
    if (s->what == NDR_PLAN_MEMBER)
        return take_member(in, b, w, s, bytes, err);
    if (w->kind != NDR_WORK_NONE)
        return NDR_FILL_FILLED;
    p->source++;
    if ((s->what == NDR_PLAN_MAILDIR || s->what == NDR_PLAN_LEAF) &&
        is_away(b, path, s->what == NDR_PLAN_LEAF))
        return NDR_FILL_GO_ON;
    const int code = s->what == NDR_PLAN_MAILDIR
                         ? ndr_walk_begin_leaves(&in->walk, path, err)
                     : s->what == NDR_PLAN_LEAF  ? ndr_walk_begin(&in->walk, path, err)
                     : s->what == NDR_PLAN_RANGE ? begin_range(in, b, s, err)
                                                 : begin_frames(in, b, s, err);
    return code < 0 ? code : NDR_FILL_GO_ON;
}

int
ndr_input_plan_step(ndr_input *in, ndr_batch *b, ndr_work *w, uint64_t *bytes,
                    ndr_error *err)
{
    ndr_input_planned *p = &in->planned;
    if (!p->begun) {
        if (p->at == p->todo_count)
            return NDR_FILL_NOTHING;
        p->source = p->run_first = 0;
        p->first = p->begun = true;
        ndr_path_run_leave(&in->run);
        in->frames_lied = false;
        const int code = ndr_plan_stamp(p->plan, p->todo[p->at], &p->stamp, err);
        if (code != 0)
            return code;
    }
    if (p->source < piece_at(p)->count)
        return take_source(in, b, w, bytes, err);
    /* every piece has a batch at least, and no batch is of two */
    if (w->kind != NDR_WORK_NONE || b->trouble != NULL || w->sum != 0 || p->first)
        return NDR_FILL_FILLED;
    ndr_place_unref(p->folder);
    p->folder = NULL;
    p->begun = false;
    p->at++;
    return NDR_FILL_GO_ON;
}

int
ndr_input_plan_stream(ndr_input *in, ndr_batch *b, ndr_work *w, bool ended,
                      ndr_error *err)
{
    ndr_input_planned *p = &in->planned;
    const uint64_t taken = in->packer.stored.taken, size = in->packed_bytes;
    uint64_t until = ended || taken > size ? size : taken - taken % NDR_PLAN_BLOCK_BYTES;
    if (until <= p->summed)
        return 0;
    ndr_stored_sum s = {0};
    ndr_error why = {0};
    const int code = ndr_stored_sum_read(&s, in->packed->fd, 0, size, p->summed, until,
                                         p->source - 1, &w->sum, &why);
    ndr_stored_sum_free(&s);
    p->summed = until;
    if (code == NDR_E_NOMEM)
        return ndr_fail(err, code, "%s", why.text);
    if (code < 0)
        note(b, in->packed->path, &why);
    return 0;
}

ndr_plan_batch
ndr_input_batch(const ndr_batch *b)
{
    const ndr_work *w = b->work;
    return (ndr_plan_batch){
        .piece = w->planned_piece,
        .sum = w->sum,
        .content = w->kind == NDR_WORK_FRAMES ? w->content : b->bytes,
        .first = w->first,
        .stamp = w->stamp,
        .broken = w->broken,
        .lied = w->lied,
    };
}
