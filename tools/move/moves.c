/* SPDX-License-Identifier: BSD-3-Clause */
/* moves.c - what do the verbs share that move mail by the journal? */
#include "moves.h"

#include "app/commands.h"
#include "app/confine.h"
#include "app/diag.h"
#include "app/places.h"
#include "app/tables.h"
#include "app/text.h"
#include "ndrscan_io.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum { PENDING_BYTES = 1 << 16 };

int
moves_option(moves *v, const opts *o, int id, const char *arg)
{
    switch (id) {
    case OPT_JOURNAL:
        v->journal_path = arg;
        return 0;
    case OPT_AS_OWNER:
        if (geteuid() != 0)
            return opts_mistake(o, "--as-owner is for root; leave it out");
        v->as_owner = true;
        return 0;
    case OPT_DRY_RUN:
        v->dry_run = true;
        if (v->output == MOVES_SILENT)
            v->output = MOVES_TABLE;
        return 0;
    case OPT_MOVE_OUTPUT: {
        const int at = opts_word(o, id, arg);
        v->output = (enum moves_output)at; /* the words stand in the enum's order */
        return at < 0 ? EXIT_NOT_RUN : 0;
    }
    case OPT_PROGRESS:
        if (opts_word(o, id, arg) < 0)
            return EXIT_NOT_RUN;
        v->progress = strcmp(arg, "json") == 0    ? PROGRESS_JSON
                      : strcmp(arg, "never") == 0 ? PROGRESS_NEVER
                                                  : PROGRESS_AUTO;
        v->begun = progress_now();
        return 0;
    case OPT_QUIET:
        v->quiet = true;
        return 0;
    default:
        return 1;
    }
}

static void
warn(void *ctx, const char *text)
{
    (void)ctx;
    diag("warning: %s", text);
}

static int
open_journal(moves *v, bool change, bool old)
{
    char path[4096];
    ndr_error err = {0};
    const bool named = v->journal_path != NULL;
    if (!named) {
        if (place_state("journal", path, sizeof path, &err) != 0) {
            diag("%s; or name a folder with --journal", err.text);
            return EXIT_NOT_RUN;
        }
        v->journal_path = path;
    }
    if (old && access(v->journal_path, F_OK) != 0 && errno == ENOENT) {
        if (named) {
            diag("there is no journal '%s'; 'ndrscan apply --journal' makes one",
                 v->journal_path);
            return EXIT_NOT_RUN;
        }
        change = false; /* nor is one made to find nothing in it */
    }
    const int rc =
        ndr_journal_open(v->journal_path, change, warn, NULL, &v->journal, &err);
    const bool busy = rc != 0 && err.sys_errno == EWOULDBLOCK;
    if (busy)
        diag("another run holds the journal '%s'; try again when it is done",
             v->journal_path);
    else if (rc != 0)
        diag("%s", err.text);
    v->journal_path = NULL;
    return busy ? EXIT_TERMINATED : rc != 0 ? EXIT_NOT_RUN : 0;
}

int
moves_open(moves *v, bool change)
{
    return open_journal(v, change, false);
}

int
moves_open_old(moves *v, bool change)
{
    return open_journal(v, change, true);
}

void
moves_close(moves *v)
{
    ndr_journal_close(v->journal);
    ndr_buffer_free(&v->out);
}

static void
flush(moves *v)
{
    ndr_error err = {0};
    if (v->out.failed)
        (void)ndr_fail(&err, NDR_E_NOMEM, "no memory for the list");
    if (!v->out_failed &&
        (v->out.failed ||
         put_all(STDOUT_FILENO, (ndr_slice){v->out.ptr, v->out.len}, &err) != 0)) {
        /* the mail goes on: what is moved is in the journal */
        v->out_failed = true;
        v->out_broken = err.sys_errno != EPIPE; /* a reader may go when it likes */
        if (v->out_broken)
            diag("standard output: %s; the list is not complete%s", err.text,
                 v->dry_run ? "" : ", the journal is");
    }
    ndr_buffer_clear(&v->out);
}

static void
json_member(ndr_buffer *out, const char *name, const char *text)
{
    ndr_buffer_printf(out, ",\"%s\":", name);
    if (text == NULL) {
        ndr_buffer_text(out, "null");
        return;
    }
    ndr_buffer_byte(out, '"');
    ndr_json_text(out, ndr_slice_of(text));
    ndr_buffer_byte(out, '"');
}

static void
json_record(moves *v, const char *action, bool done, const char *from, const char *to,
            const ndr_move_note *note)
{
    const char *maildir = v->shown != NULL ? v->shown : "";
    const size_t n = strlen(maildir);
    const char *at = note->recipient != NULL ? strrchr(note->recipient, '@') : NULL;
    ndr_buffer_printf(&v->out, "{\"action\":\"%s\",\"done\":%s,\"source\":\"", action,
                      done ? "true" : "false");
    ndr_json_text(&v->out, ndr_slice_of(maildir));
    ndr_buffer_text(&v->out, n > 0 && maildir[n - 1] == '/' ? "" : "/");
    ndr_json_text(&v->out, ndr_slice_of(from));
    ndr_buffer_byte(&v->out, '"');
    json_member(&v->out, "maildir", maildir);
    json_member(&v->out, "from", from);
    json_member(&v->out, "to", to);
    json_member(&v->out, "recipient", note->recipient);
    json_member(&v->out, "domain", at != NULL ? at + 1 : NULL);
    json_member(&v->out, "verdict", note->verdict);
    json_member(&v->out, "reason", note->why);
    ndr_buffer_text(&v->out, "}\n");
}

void
moves_keep(moves *v, const char *from, const ndr_move_note *note)
{
    if (v->output != MOVES_JSONL)
        return;
    json_record(v, "keep", false, from, NULL, note);
    if (v->out.len > PENDING_BYTES)
        flush(v);
}

void
moves_tell(void *ctx, const ndr_moved *m)
{
    moves *v = ctx;
    if (v->shown == NULL)
        v->shown = m->tree;
    const char *word = m->kind == NDR_MOVE_OUT ? "junk" : "release";
    if (!m->done) {
        v->left++;
        diag("%s/%s: left: %s", v->shown, m->from, m->why);
    } else if (m->kind == NDR_MOVE_OUT) {
        v->junked++;
    } else {
        v->released++;
    }
    if (v->output == MOVES_JSONL) {
        const ndr_move_note note = {m->why, m->verdict, m->recipient};
        json_record(v, word, m->done && !v->dry_run, m->from, m->done ? m->to : NULL,
                    &note);
    } else if (v->output == MOVES_TABLE && m->done) {
        ndr_buffer_printf(&v->out, "%-8s ", word);
        text_safe(&v->out, ndr_slice_of(v->shown));
        ndr_buffer_byte(&v->out, '/');
        text_safe(&v->out, ndr_slice_of(m->from));
        ndr_buffer_text(&v->out, " -> ");
        text_safe(&v->out, ndr_slice_of(m->to));
        ndr_buffer_text(&v->out, "\n         ");
        text_safe(&v->out, ndr_slice_of(m->why));
        ndr_buffer_byte(&v->out, '\n');
    }
    if (v->out.len > PENDING_BYTES)
        flush(v);
    moves_tick(v);
}

static void
json_counts(const moves *v, ndr_buffer *line)
{
    ndr_buffer_printf(line,
                      "\"junked\":%" PRIu64 ",\"released\":%" PRIu64 ",\"left\":%" PRIu64,
                      v->junked, v->released, v->left);
}

void
moves_tick(moves *v)
{
    if (v->progress != PROGRESS_JSON || v->quiet)
        return;
    const double now = progress_now();
    if (now - (v->told > 0 ? v->told : v->begun) < 1.0)
        return;
    v->told = now;
    ndr_buffer line = {0};
    ndr_buffer_printf(&line,
                      "{\"type\":\"progress\",\"seconds\":%.3f,\"messages\":%" PRIu64 ",",
                      now - v->begun, v->messages);
    json_counts(v, &line);
    ndr_buffer_text(&line, "}\n");
    if (!line.failed)
        (void)put_all(STDERR_FILENO, (ndr_slice){line.ptr, line.len}, NULL);
    ndr_buffer_free(&line);
}

void
moves_end_json(moves *v, ndr_buffer *more, const char *id)
{
    ndr_buffer line = {0};
    ndr_buffer_printf(&line, "{\"type\":\"end\",\"seconds\":%.3f,",
                      progress_now() - v->begun);
    ndr_buffer_add(&line, (ndr_slice){more->ptr, more->len});
    json_counts(v, &line);
    ndr_buffer_printf(&line, ",\"maildirs_left\":%" PRIu64 ",\"dry_run\":%s", v->failed,
                      v->dry_run ? "true" : "false");
    /* of a run that moved nothing there is nothing to undo */
    json_member(&line, "run", v->junked + v->released > 0 ? id : NULL);
    ndr_buffer_text(&line, "}\n");
    if (!line.failed && !more->failed)
        (void)put_all(STDERR_FILENO, (ndr_slice){line.ptr, line.len}, NULL);
    ndr_buffer_free(&line);
    ndr_buffer_free(more);
}

void
moves_fail(moves *v, const char *maildir, const ndr_error *err)
{
    v->failed++;
    if (err->sys_errno == EWOULDBLOCK) {
        v->busy = true;
        diag("%s: another run is at work in it; left as it is", maildir);
    } else {
        diag("%s: %s; left as it is", maildir, err->text);
    }
}

int
moves_take(moves *v, const char *maildir, uint32_t uid, uint32_t gid)
{
    ndr_error err = {0};
    if (geteuid() != 0)
        return 0;
    if (!v->as_owner && uid != 0) {
        diag("%s belongs to user %u: as root, say --as-owner to work with the owner's "
             "rights "
             "(or run it as that user)",
             maildir, uid);
        return EXIT_NOT_RUN;
    }
    if (!v->as_owner)
        return 0;
    if (uid == 0)
        (void)ndr_fail(&err, NDR_E_SYNTAX,
                       "belongs to root, who is no owner of mail here");
    v->uid = uid;
    v->gid = gid;
    if (uid != 0 && owner_take(uid, gid, &err) == 0)
        return 0;
    moves_fail(v, maildir, &err);
    return EXIT_DAMAGED;
}

int
moves_at_journal(void *ctx, bool enter, ndr_error *err)
{
    const moves *v = ctx;
    if (!v->as_owner || v->uid == 0)
        return 0;
    if (!enter)
        return owner_take(v->uid, v->gid, err);
    owner_leave();
    return 0;
}

void
moves_leave(moves *v)
{
    v->uid = 0;
    if (v->as_owner)
        owner_leave();
}

int
moves_finish(moves *v, int status)
{
    flush(v);
    if (v->out_broken && status < EXIT_NOT_RUN)
        return EXIT_NOT_RUN;
    if (status == 0 && v->busy)
        return EXIT_TERMINATED;
    return status == 0 && (v->left > 0 || v->failed > 0) ? EXIT_DAMAGED : status;
}
