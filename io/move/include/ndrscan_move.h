/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ndrscan_move.h - mail moved between the folders of a Maildir, and back, by a journal.
 *
 *   journal (a folder, locked)      mover (one run)
 *     run file: intent ... done       tree -> out, back -> flush -> end
 *
 * A message is moved by one rename that replaces nothing, within one file system; it is
 * never opened for writing and never copied. What will be renamed is in the journal, on
 * the disk, before it is: after any end the next one who opens the journal looks where
 * each message is and writes it down. Nothing here knows why a message is moved.
 */
#ifndef NDRSCAN_MOVE_H
#define NDRSCAN_MOVE_H

#include "ndrscan.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- the journal --------------------------------------------------------- */

enum ndr_move_kind { NDR_MOVE_OUT, NDR_MOVE_BACK }; /* to the Junk folder; from it */
enum ndr_move_state {
    NDR_MOVE_OPEN, /* meant; nobody has looked yet whether it happened */
    NDR_MOVE_DONE,
    NDR_MOVE_NOT,  /* did not happen */
    NDR_MOVE_GONE, /* was in flight, and found in neither folder when it was looked for:
                      its user took it away, most likely. It may be in Junk */
};

/* Which folder a Maildir was, whatever its path: another one may be mounted there later,
 * or none. */
typedef struct ndr_place {
    bool known; /* false: a journal of an earlier version does not tell */
    uint64_t device, inode;
    int64_t born_s; /* both 0: its file system does not tell */
    uint32_t born_ns;
    uint64_t file_system; /* its id; 0: none */
} ndr_place;
/* Whether both are known, and one folder; also after a reboot that numbers devices anew.
 * Thread: any. */
NDR_API bool ndr_place_same(const ndr_place *a, const ndr_place *b);

struct ndr_journal_run;

/* One rename. Paths are relative to the Maildir: "cur/NAME", ".Old/new/NAME". */
typedef struct ndr_move {
    uint64_t number; /* in its run, from 1, ascending */
    enum ndr_move_kind kind;
    enum ndr_move_state state;
    bool reversed;  /* a later move that was done put it back */
    bool agreed;    /* both its path and its header named `domain` */
    uint32_t tree;  /* in the run's table */
    uint64_t inode; /* of the message, which renames keep */
    const char *from, *to;
    const char *domain; /* that it was judged for, lower-case A-labels; "": not known, as
                           in a journal of version 1 */
    uint64_t of_run, of_number; /* the move it puts back: run's sequence; 0: none */
    struct ndr_move *by;        /* the move that put it back, as the journal was opened */
    const struct ndr_journal_run *by_run;
} ndr_move;

/* One run of a verb that moves mail. Everything is the journal's. */
typedef struct ndr_journal_run {
    const char *id;    /* "20080513T080000Z-17" */
    uint64_t sequence; /* the 17: runs are sorted by it, it is never used again */
    const char *verb;  /* "apply", "undo" */
    uint64_t undoes;   /* sequence of the run it puts back; 0: none */
    bool decides;      /* what it put back is the operator's own decision, */
    uint64_t decided;  /* against the windows up to this number; 0: of none it was told */
    int64_t begun;
    bool ended;        /* it got to its own end */
    bool part;         /* it was to put back a part of its run alone */
    const char **tree; /* full paths of Maildirs */
    ndr_place *place;  /* of each */
    size_t tree_count;
    ndr_move *move; /* ascending numbers */
    size_t move_count;
} ndr_journal_run;

typedef struct ndr_journal ndr_journal;

/*
 * Open a journal folder and read its runs. With `change` the folder is made (0700) when
 * it is not there, locked until close, and what an earlier run left open is looked up
 * and written down; without, nothing is touched and a folder that is not there is an
 * empty journal. `warn` (NULL allowed) is told of Maildirs that cannot be looked at.
 *
 * NDR_E_SYS: EWOULDBLOCK in sys_errno when another run holds the lock. NDR_E_SYNTAX: the
 * folder is not the caller's alone, or a file is of a later version. NDR_E_DAMAGED: a
 * line that is not the last is not what was written; the text names file and line.
 * Thread: one at a time.
 */
NDR_API int
ndr_journal_open(const char *path, bool change, void (*warn)(void *ctx, const char *text),
                 void *ctx, ndr_journal **ret, ndr_error *err);
NDR_API void ndr_journal_close(ndr_journal *j);
/* The runs, oldest first. */
NDR_API ndr_journal_run *ndr_journal_runs(ndr_journal *j, size_t *ret_count);
/*
 * Remove the files of runs begun before `before` of which nothing can be needed any more:
 * no message that they moved to Junk is there, none that they put back by the operator's
 * decision, none is unsettled, and no run that stays was put back by them. The last run
 * stays. Each old run is told, with why it was kept, or NULL; told ones are the
 * journal's, and stay as they were read. The journal is open to change, or `dry_run` is
 * true and nothing is removed. 0 or an ndr_code: the oldest are removed, and those told
 * without `kept` are.
 */
NDR_API int
ndr_journal_prune(ndr_journal *j, int64_t before, bool dry_run,
                  void (*tell)(void *ctx, const ndr_journal_run *run, const char *kept),
                  void *ctx, ndr_error *err);
/*
 * Note that these windows are, or were, at work: on the disk when this answers 0. What an
 * undo puts back from now on stands against them. The journal is open to change.
 */
NDR_API int ndr_journal_know(ndr_journal *j, const ndr_windows *windows, ndr_error *err);
/*
 * Whether a message that `undo` put back stays, though `covering`, one of the windows
 * `now` (NULL: not known), covers it: that window was known then, or is what is left of
 * one that was and is not there any more. One that is new or wider asks anew. Thread: any
 * while the journal is not changed.
 */
NDR_API bool ndr_journal_stands(const ndr_journal *j, const ndr_journal_run *undo,
                                const ndr_windows *now, const ndr_window *covering);
/* The folder's descriptor, borrowed; -1 when there is none. */
NDR_API int ndr_journal_folder(const ndr_journal *j);

/* ---- the mover ------------------------------------------------------------- */

/* What the caller knows of a message; told again when it was moved. */
typedef struct ndr_move_note {
    const char *why;
    const char *verdict;   /* static, or NULL */
    const char *recipient; /* or NULL */
    const char *domain;    /* that it was judged for, or NULL; written down */
    bool agreed;           /* of ndr_move; written down */
} ndr_move_note;

/* What became of one message. Borrowed for the call. */
typedef struct ndr_moved {
    enum ndr_move_kind kind;
    bool done;             /* false: left where it was */
    const char *tree;      /* the Maildir, as it was opened */
    const char *from, *to; /* relative to it; to may be NULL when it was left */
    const char *why;       /* for done: that of the note; else why it was left */
    const char *verdict, *recipient; /* of the note */
} ndr_moved;

typedef struct ndr_mover_opts {
    size_t size;          /* NDR_SIZED(ndr_mover_opts) */
    ndr_journal *journal; /* opened to change, unless dry_run; borrowed */
    const char *verb;     /* of the run */
    uint64_t undoes;      /* sequence of the run that is put back, or 0 */
    bool dry_run;         /* tell what would be done; touch nothing */
    /* Told in the order of the moves. */
    void (*tell)(void *ctx, const ndr_moved *m);
    /* NULL, or asked before (true) and behind (false) the making of the run's file: for
     * who works in a Maildir with the rights of another. An ndr_code ends the run. */
    int (*at_journal)(void *ctx, bool enter, ndr_error *err);
    void *ctx;
    bool part; /* of ndr_journal_run */
} ndr_mover_opts;

typedef struct ndr_mover ndr_mover;

NDR_API int ndr_mover_new(const ndr_mover_opts *opts, ndr_mover **ret, ndr_error *err);
/*
 * Work in this Maildir from now on; what was queued for the one before is moved first.
 * `path` holds no link. `junk` is the name of its Junk folder. The Maildir is locked
 * against others of this program: EWOULDBLOCK in sys_errno when one is at work in it.
 * NDR_E_SYNTAX: there is no Maildir.
 */
NDR_API int
ndr_mover_tree(ndr_mover *m, const char *path, const char *junk, ndr_error *err);
/*
 * Queue one message for the Junk folder, which is made when it is not there. `rel` is
 * its path in the Maildir, "cur/NAME"; the note is copied. Moves go out in batches. 0,
 * also for a message that had to be left (told); below zero ends the run: nothing more is
 * moved.
 */
NDR_API int
ndr_mover_out(ndr_mover *m, const char *rel, const ndr_move_note *note, ndr_error *err);
/*
 * Queue the reverse of an earlier move: the message is looked for by base name and
 * inode where that move put it; in a Maildir that was copied or restored since then,
 * where all inodes are others, by base name. It keeps the domain of that move; the note
 * says the domain of one that has none. 1: queued; 0: left, told; NDR_E_SYS and so
 * on end the run. With `patient` a message that is not found is not told but answered
 * with 2: ask again after ndr_mover_refresh.
 */
NDR_API int ndr_mover_reverse(ndr_mover *m, const ndr_journal_run *run, ndr_move *move,
                              const ndr_move_note *note, bool patient, ndr_error *err);
/* Where a message that a run moved lies now, relative to the Maildir: 1 and *ret (512
 * bytes); 0: it is not there; or NDR_E_SYS, when that cannot be told. */
NDR_API int ndr_mover_find(ndr_mover *m, const ndr_journal_run *run, const ndr_move *move,
                           char *ret, ndr_error *err);
/* Forget what was seen of folders, so that they are listed anew. */
NDR_API void ndr_mover_refresh(ndr_mover *m);
/* Move what is queued. */
NDR_API int ndr_mover_flush(ndr_mover *m, ndr_error *err);
/* Say that the run came to its end. An undo that had nothing to do is written down too,
 * unless it is of a part; an apply that had not is not. An undo that left a message for a
 * reason that may pass (an I/O error, no rights, another Maildir in the place of the
 * run's) has no end, so that it is taken up again. */
NDR_API int ndr_mover_end(ndr_mover *m, ndr_error *err);
/* The id of the run; NULL while it has moved nothing. */
NDR_API const char *ndr_mover_id(const ndr_mover *m);
NDR_API void ndr_mover_free(ndr_mover *m);

/*
 * Open folder `rel` below `dir` ("" is itself) without ever following a link, leaving
 * `dir` or its file system. A descriptor, or -1 with errno (ELOOP, ENOTDIR, EXDEV, ...).
 */
NDR_API int ndr_open_beneath(int dir, const char *rel);
/* Open a full path in which no part is a link. A descriptor, or -1 with errno. */
NDR_API int ndr_open_unlinked(const char *path);

#ifdef __cplusplus
}
#endif

#endif
