/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * move.c - how do messages get from one folder to the other, none lost, none doubled?
 *
 * In batches: what is meant goes to the journal and to the disk, then the renames, then
 * the folders to the disk, then what became of each to the journal. A rename that meets
 * another name than expected (a mail reader changed flags, a name is taken) is noted as
 * not done and meant anew. The rejected idea is link and unlink: cut in between, it
 * leaves a message twice.
 */
#define _DEFAULT_SOURCE /* the numbers of system calls */
#include "journal.h"
#include "ndr_sized.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1u
#endif

enum { BATCH = 512, TRIES = 8 };

/* A move that is meant. Folders belong to the tree. */
typedef struct queued {
    enum ndr_move_kind kind;
    ndr_mail_folder *from, *to;
    int from_half, to_half;
    char from_name[NDR_NAME_BYTES], to_name[NDR_NAME_BYTES];
    char was[NDR_NAME_BYTES];   /* reverse: the name before the move it puts back */
    char moved[NDR_NAME_BYTES]; /* and right behind it */
    uint64_t inode, number, of_run;
    ndr_move *of;       /* NULL: none */
    ndr_move_note note; /* one allocation, at `why` */
    int tries;
    int result; /* errno of the rename; 0: done */
} queued;

struct ndr_mover {
    ndr_mover_opts opts;
    ndr_tree tree;
    char junk[NDR_NAME_BYTES];
    bool junk_made, tree_told;
    bool unsure; /* something was left for a reason that may be gone tomorrow */
    int fd;      /* the run's file; -1: not begun */
    const char *id;
    uint32_t trees; /* told in the run's file */
    uint64_t number;
    uint64_t fresh; /* counts names that were made up */
    queued *queue;
    size_t count;
};

int
ndr_mover_new(const ndr_mover_opts *opts, ndr_mover **ret, ndr_error *err)
{
    ndr_mover_opts own;
    const int code = NDR_SIZED_TAKE(ndr_mover_opts, ctx, &own, opts, err);
    if (code != 0)
        return code;
    ndr_mover *m = calloc(1, sizeof *m);
    queued *queue = calloc(BATCH, sizeof *queue);
    if (m == NULL || queue == NULL) {
        free(m);
        free(queue);
        return ndr_fail(err, NDR_E_NOMEM, "no memory to move mail");
    }
    *m = (ndr_mover){.opts = own, .queue = queue, .fd = -1, .tree = {.fd = -1}};
    *ret = m;
    return 0;
}

/* A copy in one piece; false: no memory. */
static bool
copy_note(const ndr_move_note *note, ndr_move_note *ret)
{
    const size_t why = strlen(note->why) + 1;
    const size_t to = note->recipient != NULL ? strlen(note->recipient) + 1 : 0;
    const size_t domain = note->domain != NULL ? strlen(note->domain) + 1 : 0;
    char *text = malloc(why + to + domain);
    if (text == NULL)
        return false;
    memcpy(text, note->why, why);
    if (to > 0)
        memcpy(text + why, note->recipient, to);
    if (domain > 0)
        memcpy(text + why + to, note->domain, domain);
    *ret = (ndr_move_note){text, note->verdict, to > 0 ? text + why : NULL,
                           domain > 0 ? text + why + to : NULL, note->agreed};
    return true;
}

static void
free_note(ndr_move_note *note)
{
    void *text;
    memcpy(&text, &note->why, sizeof text); /* const is for whoever reads it */
    free(text);
}

static void
drop_queue(ndr_mover *m)
{
    for (size_t i = 0; i < m->count; i++)
        free_note(&m->queue[i].note);
    m->count = 0;
}

void
ndr_mover_free(ndr_mover *m)
{
    if (m == NULL)
        return;
    drop_queue(m);
    free(m->queue);
    ndr_tree_close(&m->tree);
    if (m->fd >= 0)
        (void)close(m->fd); /* every write to it was checked */
    free(m);
}

const char *
ndr_mover_id(const ndr_mover *m)
{
    return m->id;
}

/* ---- telling --------------------------------------------------------------------------
 */

static void
path_of(const ndr_mail_folder *f, int half, const char *name, char ret[1024])
{
    (void)snprintf(ret, 1024, "%s%s%s/%s", f->rel, f->rel[0] != '\0' ? "/" : "",
                   half == NDR_NEW ? "new" : "cur", name);
}

static void
tell(const ndr_mover *m, enum ndr_move_kind kind, bool done, const char *from,
     const char *to, const char *why, const ndr_move_note *note)
{
    const ndr_moved moved = {kind, done, m->tree.path,  from,
                             to,   why,  note->verdict, note->recipient};
    if (m->opts.tell != NULL)
        m->opts.tell(m->opts.ctx, &moved);
}

static void
tell_queued(const ndr_mover *m, const queued *q, bool done, const char *why)
{
    char from[1024], to[1024];
    path_of(q->from, q->from_half, q->from_name, from);
    path_of(q->to, q->to_half, q->to_name, to);
    tell(m, q->kind, done, from, to, why, &q->note);
}

/* Why a message was left, from an errno. */
static const char *
left_words(int why, char text[160])
{
    switch (why) {
    case ENOENT:
        return "is not there any more, or changes its name all the time";
    case EEXIST:
        return "its name is taken where it is to go";
    case EXDEV:
        return "the other folder is on another file system";
    case ELOOP:
    case ENOTDIR:
        return "a link or another file stands in the place of a folder or message";
    case EINVAL:
    case ENOSYS:
        return "this file system cannot rename without replacing";
    default:
        (void)snprintf(text, 160, "%s", strerror(why));
        return text;
    }
}

/* Whether another try may end otherwise. */
static bool
passes(int why)
{
    return why != ENOENT && why != EEXIST && why != EXDEV && why != ELOOP &&
           why != ENOTDIR && why != EINVAL && why != ENOSYS;
}

/* ---- a batch
 * ---------------------------------------------------------------------------- */

static int
begin_run(ndr_mover *m, ndr_error *err)
{
    if (m->fd >= 0)
        return 0;
    const bool others = m->opts.at_journal != NULL;
    int code = others ? m->opts.at_journal(m->opts.ctx, true, err) : 0;
    if (code != 0)
        return code;
    code = ndr_journal_begin(m->opts.journal, m->opts.verb, m->opts.undoes, m->opts.part,
                             &m->fd, &m->id, err);
    const int back =
        others ? m->opts.at_journal(m->opts.ctx, false, code == 0 ? err : NULL) : 0;
    return code != 0 ? code : back;
}

static void
write_place(const ndr_place *p, ndr_buffer *words)
{
    ndr_buffer_printf(words, "place %llu %llu %llu %lu %llu",
                      (unsigned long long)p->device, (unsigned long long)p->inode,
                      (unsigned long long)(p->born_s > 0 ? p->born_s : 0),
                      (unsigned long)(p->born_s > 0 ? p->born_ns : 0),
                      (unsigned long long)p->file_system);
}

static void
write_domain(const ndr_move_note *note, ndr_buffer *words)
{
    const bool known = note->domain != NULL && note->domain[0] != '\0';
    ndr_buffer_text(words, !known ? " -" : note->agreed ? " " : " ~");
    if (known)
        ndr_journal_escape(words, note->domain);
}

/* Put what is meant into the journal and on the disk. */
static int
write_intents(ndr_mover *m, ndr_error *err)
{
    ndr_buffer lines = {0}, words = {0};
    int code = begin_run(m, err);
    if (code == 0 && !m->tree_told) {
        ndr_buffer_text(&words, "tree ");
        ndr_journal_escape(&words, m->tree.path);
        ndr_journal_line(&lines, (ndr_slice){words.ptr, words.len});
        ndr_buffer_rewind(&words);
        write_place(&m->tree.place, &words);
        ndr_journal_line(&lines, (ndr_slice){words.ptr, words.len});
    }
    for (size_t i = 0; code == 0 && i < m->count; i++) {
        queued *q = &m->queue[i];
        char path[1024];
        ndr_buffer_rewind(&words);
        q->number = m->number + i + 1;
        ndr_buffer_printf(&words, "%s %llu %lu %llu %llu %llu ",
                          q->kind == NDR_MOVE_OUT ? "out" : "back",
                          (unsigned long long)q->number,
                          (unsigned long)(m->trees - (m->tree_told ? 1 : 0)),
                          (unsigned long long)q->inode, (unsigned long long)q->of_run,
                          (unsigned long long)(q->of != NULL ? q->of->number : 0));
        path_of(q->from, q->from_half, q->from_name, path);
        ndr_journal_escape(&words, path);
        ndr_buffer_byte(&words, ' ');
        path_of(q->to, q->to_half, q->to_name, path);
        ndr_journal_escape(&words, path);
        write_domain(&q->note, &words);
        ndr_journal_line(&lines, (ndr_slice){words.ptr, words.len});
    }
    if (code == 0)
        code = lines.failed || words.failed
                   ? ndr_fail(err, NDR_E_NOMEM, "no memory for the journal")
                   : ndr_journal_add(m->fd, (ndr_slice){lines.ptr, lines.len}, true, err);
    if (code == 0) {
        m->trees += m->tree_told ? 0 : 1;
        m->tree_told = true;
        m->number += m->count;
    }
    ndr_buffer_free(&lines);
    ndr_buffer_free(&words);
    return code;
}

static int
rename_one(const queued *q)
{
    long rc;
    do
        rc = syscall(SYS_renameat2, q->from->fd[q->from_half], q->from_name,
                     q->to->fd[q->to_half], q->to_name, RENAME_NOREPLACE);
    while (rc != 0 && errno == EINTR);
    return rc == 0 ? 0 : errno;
}

static void
rename_all(ndr_mover *m)
{
    for (size_t i = 0; i < m->count; i++) {
        queued *q = &m->queue[i];
        q->result = rename_one(q);
        if (q->result != 0)
            continue;
        q->from->dirty[q->from_half] = q->to->dirty[q->to_half] = true;
        ndr_folder_note(q->from, q->from_half, q->from_name, false);
        /* the target's name was noted when it was chosen */
    }
}

static int
write_results(ndr_mover *m, ndr_error *err)
{
    ndr_buffer lines = {0};
    char words[80];
    for (size_t i = 0; i < m->count; i++) {
        if (m->queue[i].result == 0)
            continue;
        (void)snprintf(words, sizeof words, "not %llu",
                       (unsigned long long)m->queue[i].number);
        ndr_journal_line(&lines, ndr_slice_of(words));
    }
    (void)snprintf(words, sizeof words, "done %llu %llu",
                   (unsigned long long)m->queue[0].number,
                   (unsigned long long)m->queue[m->count - 1].number);
    ndr_journal_line(&lines, ndr_slice_of(words));
    const int code =
        lines.failed
            ? ndr_fail(err, NDR_E_NOMEM, "no memory for the journal")
            : ndr_journal_add(m->fd, (ndr_slice){lines.ptr, lines.len}, false, err);
    ndr_buffer_free(&lines);
    return code;
}

static bool choose_name(ndr_mover *m, queued *q, bool taken);

/* Look for a message whose name has changed, or choose a name that is free: true when
 * the move is to be meant anew. */
static bool
try_again(ndr_mover *m, queued *q)
{
    if (++q->tries >= TRIES)
        return false;
    if (q->result == EEXIST)
        return choose_name(m, q, true);
    if (q->result != ENOENT)
        return false;
    ndr_folder_note(q->to, q->to_half, q->to_name, false);
    int half;
    q->from->indexed = false;
    const char *now = ndr_folder_index(q->from, NULL) == 0
                          ? ndr_folder_find(q->from, q->from_name, q->inode, &half)
                          : NULL;
    if (now == NULL || strlen(now) >= NDR_NAME_BYTES)
        return false;
    memcpy(q->from_name, now, strlen(now) + 1);
    q->from_half = half;
    return choose_name(m, q, false);
}

static void
finish_batch(ndr_mover *m)
{
    size_t kept = 0;
    for (size_t i = 0; i < m->count; i++) {
        queued *q = &m->queue[i];
        char text[160];
        if (q->result == 0) {
            tell_queued(m, q, true, q->note.why);
        } else {
            const int why = q->result;
            if (try_again(m, q)) {
                if (kept != i)
                    m->queue[kept] = *q;
                kept++;
                continue;
            }
            if (q->of != NULL)
                q->of->reversed = false;
            m->unsure = m->unsure || passes(why);
            tell_queued(m, q, false, left_words(why, text));
        }
        free_note(&q->note);
    }
    m->count = kept;
}

static void
end_dry(ndr_mover *m)
{
    for (size_t i = 0; i < m->count; i++)
        tell_queued(m, &m->queue[i], true, m->queue[i].note.why);
    drop_queue(m);
}

int
ndr_mover_flush(ndr_mover *m, ndr_error *err)
{
    if (m->opts.dry_run) {
        end_dry(m);
        return 0;
    }
    while (m->count > 0) {
        int code = write_intents(m, err);
        if (code == 0) {
            rename_all(m);
            code = ndr_tree_sync(&m->tree, err);
            if (code == 0)
                code = write_results(m, err);
        }
        if (code != 0) {
            /* what was renamed is found by the next run: its intent is on the disk */
            drop_queue(m);
            return code;
        }
        finish_batch(m);
    }
    return 0;
}

int
ndr_mover_end(ndr_mover *m, ndr_error *err)
{
    int code = ndr_mover_flush(m, err);
    if (code != 0 || m->opts.dry_run ||
        (m->fd < 0 && (m->opts.undoes == 0 || m->opts.part)))
        return code;
    code = begin_run(m, err);
    /* an undo that has to be tried again is not at its end */
    if (code != 0 || (m->unsure && m->opts.undoes != 0))
        return code;
    ndr_buffer line = {0};
    ndr_journal_line(&line, NDR_SLICE("end"));
    code = line.failed
               ? ndr_fail(err, NDR_E_NOMEM, "no memory for the journal")
               : ndr_journal_add(m->fd, (ndr_slice){line.ptr, line.len}, true, err);
    ndr_buffer_free(&line);
    return code;
}

int
ndr_mover_tree(ndr_mover *m, const char *path, const char *junk, ndr_error *err)
{
    const int code = ndr_mover_flush(m, err);
    if (code != 0)
        return code;
    ndr_tree_close(&m->tree);
    m->tree_told = m->junk_made = false;
    (void)snprintf(m->junk, sizeof m->junk, "%s", junk);
    const int opened = ndr_tree_open(&m->tree, path, !m->opts.dry_run, err);
    if (opened != 0 || ndr_tree_is(&m->tree, &(ndr_place){0}))
        return opened;
    ndr_tree_close(&m->tree);
    return ndr_fail(err, NDR_E_SYNTAX,
                    "is no Maildir at the moment: neither cur nor new is there (is its "
                    "file system mounted?)");
}

void
ndr_mover_refresh(ndr_mover *m)
{
    ndr_tree_refresh(&m->tree);
}

/* ---- queueing
 * ----------------------------------------------------------------------------- */

/* The target's name, and note that it is taken. `taken`: the one chosen before was.
 * False: it does not fit. */
static bool
choose_name(ndr_mover *m, queued *q, bool taken)
{
    char name[NDR_NAME_BYTES];
    if (q->of == NULL ? !ndr_name_out(q->from_name, name)
                      : !ndr_name_back(q->was, q->moved, q->from_name, name))
        return false;
    if (q->of != NULL && q->kind == NDR_MOVE_OUT) {
        char with[NDR_NAME_BYTES];
        memcpy(with, name, sizeof with);
        if (!ndr_name_out(with, name))
            return false;
    }
    /* what goes back had its base there before: one that two shared (a mover that broke
     * off between link and unlink) is theirs again */
    if (taken || (q->of == NULL && ndr_folder_has_base(q->to, name))) {
        char mark[64], with[NDR_NAME_BYTES];
        memcpy(with, name, sizeof with);
        (void)snprintf(mark, sizeof mark, "_%llxN%lxQ%llx",
                       (unsigned long long)time(NULL), (unsigned long)getpid(),
                       (unsigned long long)++m->fresh);
        if (!ndr_name_fresh(with, mark, name))
            return false;
    }
    memcpy(q->to_name, name, sizeof name);
    ndr_folder_note(q->to, q->to_half, q->to_name, true);
    return true;
}

static int
enqueue(ndr_mover *m, queued *q, const ndr_move_note *note, ndr_error *err)
{
    if (!copy_note(note, &q->note))
        return ndr_fail(err, NDR_E_NOMEM, "no memory to move mail");
    if (q->of != NULL)
        q->of->reversed = true;
    m->queue[m->count++] = *q;
    return m->count == BATCH ? ndr_mover_flush(m, err) : 0;
}

/* The folder, made when it is the Junk folder and not there; NULL and *err. */
static ndr_mail_folder *
target_folder(ndr_mover *m, const char *rel, int half, ndr_error *err)
{
    const bool junk = strcmp(rel, m->junk) == 0;
    if (junk && !m->junk_made && !m->opts.dry_run && m->tree.path != NULL) {
        if (ndr_tree_make(&m->tree, rel, err) != 0)
            return NULL;
        m->junk_made = true;
    }
    ndr_mail_folder *f = ndr_tree_folder(&m->tree, rel);
    if (f == NULL || f->fd[half] < 0) {
        if (f != NULL)
            errno = ENOENT;
        (void)ndr_fail(err, NDR_E_SYS, "folder '%s'", rel[0] != '\0' ? rel : ".");
        return NULL;
    }
    return ndr_folder_index(f, err) == 0 ? f : NULL;
}

/* Of a dry run, where the Junk folder may not be there: "would be .Junk/cur/NAME". */
static bool
tell_dry(ndr_mover *m, const queued *q, const ndr_move_note *note)
{
    char name[NDR_NAME_BYTES], from[1024], to[1024];
    if (!m->opts.dry_run || !ndr_name_out(q->from_name, name))
        return false;
    ndr_mail_folder none = {.rel = m->junk};
    path_of(q->from, q->from_half, q->from_name, from);
    path_of(&none, q->from_half, name, to);
    tell(m, NDR_MOVE_OUT, true, from, to, note->why, note);
    return true;
}

int
ndr_mover_out(ndr_mover *m, const char *rel, const ndr_move_note *note, ndr_error *err)
{
    char folder[512], text[480];
    const char *name;
    ndr_error local = {0};
    queued q = {.kind = NDR_MOVE_OUT};
    if (!ndr_name_split(rel, folder, &q.from_half, &name) ||
        strlen(name) >= NDR_NAME_BYTES || ndr_name_base(name) == 0) {
        tell(m, q.kind, false, rel, NULL, "is no name of a message in a Maildir", note);
        return 0;
    }
    memcpy(q.from_name, name, strlen(name) + 1);
    q.to_half = q.from_half;
    q.from = ndr_tree_folder(&m->tree, folder);
    int problem = q.from == NULL ? errno : 0;
    if (problem == 0 && ndr_folder_stat(q.from, q.from_half, name, &q.inode) != 0)
        problem = errno;
    if (problem == ENOENT && q.from != NULL) {
        /* a mail reader gave it other flags since it was read */
        int half;
        q.from->indexed = false;
        const char *now = ndr_folder_index(q.from, &local) == 0
                              ? ndr_folder_find(q.from, name, 0, &half)
                              : NULL;
        if (now != NULL && strlen(now) < NDR_NAME_BYTES &&
            ndr_folder_stat(q.from, half, now, &q.inode) == 0) {
            memcpy(q.from_name, now, strlen(now) + 1);
            q.from_half = q.to_half = half;
            problem = 0;
        }
    }
    if (problem != 0) {
        tell(m, q.kind, false, rel, NULL, left_words(problem, text), note);
        return 0;
    }
    q.to = target_folder(m, m->junk, q.to_half, &local);
    if (q.to == NULL) {
        if (!tell_dry(m, &q, note))
            tell(m, q.kind, false, rel, NULL, local.text, note);
        return 0;
    }
    if (!choose_name(m, &q, false)) {
        tell(m, q.kind, false, rel, NULL, "its name is too long to be changed", note);
        return 0;
    }
    return enqueue(m, &q, note, err);
}

/* Whether it is the Maildir that the run worked in. */
static bool
is_place_of(ndr_mover *m, const ndr_journal_run *run, const ndr_move *move)
{
    return ndr_tree_is(&m->tree, &run->place[move->tree]);
}

/* Look for a moved message; NULL with errno: ENOENT when it is not there. */
static const char *
locate(ndr_mover *m, const ndr_journal_run *run, const ndr_move *move,
       ndr_mail_folder **ret_folder, int *ret_half, const char **ret_moved)
{
    char folder[512];
    int half;
    uint64_t inode, want = move->inode;
    if (!ndr_name_split(move->to, folder, &half, ret_moved)) {
        errno = ENOENT;
        return NULL;
    }
    ndr_mail_folder *f = ndr_tree_folder(&m->tree, folder);
    if (f == NULL)
        return NULL;
    *ret_folder = f;
    *ret_half = half;
    /* restored or copied, every message has another inode, and its own name still */
    if (!is_place_of(m, run, move))
        want = 0;
    if (f->fd[half] >= 0 && ndr_folder_stat(f, half, *ret_moved, &inode) == 0 &&
        (want == 0 || inode == want))
        return *ret_moved;
    ndr_error why = {0};
    if (ndr_folder_index(f, &why) != 0) {
        errno = why.sys_errno != 0 ? why.sys_errno : ENOMEM;
        return NULL;
    }
    return ndr_folder_find(f, *ret_moved, want, ret_half);
}

int
ndr_mover_find(ndr_mover *m, const ndr_journal_run *run, const ndr_move *move, char *ret,
               ndr_error *err)
{
    ndr_mail_folder *f;
    int half;
    const char *moved;
    char path[1024];
    const char *now = locate(m, run, move, &f, &half, &moved);
    if (now == NULL && (errno == ELOOP || errno == ENOTDIR || errno == EXDEV))
        return ndr_fail(err, NDR_E_SYS,
                        "'%s' is not to be had without following a link or leaving the "
                        "file system",
                        move->to);
    if (now == NULL)
        return errno == ENOENT ? 0 : ndr_fail(err, NDR_E_SYS, "look for '%s'", move->to);
    path_of(f, half, now, path);
    return snprintf(ret, 512, "%s", path) < 512;
}

int
ndr_mover_reverse(ndr_mover *m, const ndr_journal_run *run, ndr_move *move,
                  const ndr_move_note *note, bool patient, ndr_error *err)
{
    char folder[512], text[480];
    const char *was, *moved = NULL;
    int was_half;
    ndr_error local = {0};
    queued q = {.kind = move->kind == NDR_MOVE_OUT ? NDR_MOVE_BACK : NDR_MOVE_OUT,
                .inode = move->inode,
                .of = move,
                .of_run = run->sequence};
    if (!ndr_name_split(move->from, folder, &was_half, &was))
        return ndr_fail(err, NDR_E_DAMAGED, "journal names '%s'", move->from);
    const char *now = locate(m, run, move, &q.from, &q.from_half, &moved);
    if (now == NULL && patient)
        return 2;
    if (now == NULL) {
        const int problem = errno;
        const bool other = problem == ENOENT && !is_place_of(m, run, move);
        m->unsure = m->unsure || passes(problem) || other;
        if (move->state != NDR_MOVE_GONE || problem != ENOENT)
            tell(m, q.kind, false, move->to, move->from,
                 other               ? "not there now: " NDR_OTHER_PLACE
                 : problem == ENOENT ? "was deleted or moved by somebody else meanwhile"
                                     : left_words(problem, text),
                 note);
        return 0;
    }
    if (strlen(now) >= NDR_NAME_BYTES || strlen(was) >= NDR_NAME_BYTES ||
        strlen(moved) >= NDR_NAME_BYTES)
        return ndr_fail(err, NDR_E_DAMAGED, "journal names '%s'", move->to);
    if (!is_place_of(m, run, move))
        (void)ndr_folder_stat(q.from, q.from_half, now, &q.inode); /* it may go: told */
    memcpy(q.from_name, now, strlen(now) + 1);
    memcpy(q.was, was, strlen(was) + 1);
    memcpy(q.moved, moved, strlen(moved) + 1);
    /* where it was, but a message that has been seen meanwhile is not new any more */
    q.to_half =
        strcmp(now, moved) == 0 || q.from_half == was_half ? was_half : q.from_half;
    char split[512];
    int moved_half;
    (void)ndr_name_split(move->to, split, &moved_half, &moved);
    if (q.from_half != moved_half)
        q.to_half = q.from_half;
    q.to = target_folder(m, folder, q.to_half, &local);
    if (q.to == NULL) {
        m->unsure = m->unsure || passes(local.sys_errno);
        tell(m, q.kind, false, move->to, move->from, local.text, note);
        return 0;
    }
    if (!choose_name(m, &q, false)) {
        tell(m, q.kind, false, move->to, move->from, "its name is too long to be changed",
             note);
        return 0;
    }
    ndr_move_note kept = *note;
    if (move->domain[0] != '\0') {
        kept.domain = move->domain;
        kept.agreed = move->agreed;
    }
    const int code = enqueue(m, &q, &kept, err);
    return code != 0 ? code : 1;
}
