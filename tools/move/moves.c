/* SPDX-License-Identifier: BSD-3-Clause */
/* moves.c - what do the verbs share that move mail by the journal? */
#include "moves.h"

#include "app/commands.h"
#include "app/confine.h"
#include "app/diag.h"
#include "app/json_writer.h"
#include "app/places.h"
#include "app/tables.h"
#include "app/text.h"
#include "ndrscan_io.h"

#include <errno.h>
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
    case OPT_ONLY_DOMAIN:
        return only_add(&v->only, o, arg);
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
    int rc = change ? place_make_system(v->journal_path, &err) : 0;
    if (rc == 0)
        rc = ndr_journal_open(v->journal_path, change, warn, NULL, &v->journal, &err);
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
    only_free(&v->only);
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
json_record(moves *v, const char *action, bool done, const char *from, const char *to,
            const ndr_move_note *note)
{
    const char *maildir = v->shown != NULL ? v->shown : "";
    const size_t n = strlen(maildir);
    const char *at = note->recipient != NULL ? strrchr(note->recipient, '@') : NULL;
    ndr_buffer source = {0};
    ndr_buffer_text(&source, maildir);
    ndr_buffer_text(&source, n > 0 && maildir[n - 1] == '/' ? "" : "/");
    ndr_buffer_text(&source, from);
    json_begin(&v->out, NULL, '{');
    json_put_word(&v->out, "action", action);
    json_put_bool(&v->out, "done", done);
    json_put_text(&v->out, "source", (ndr_slice){source.ptr, source.len});
    json_put_word(&v->out, "maildir", maildir);
    json_put_word(&v->out, "from", from);
    json_put_word(&v->out, "to", to);
    json_put_word(&v->out, "recipient", note->recipient);
    json_put_word(&v->out, "domain", at != NULL ? at + 1 : NULL);
    json_put_word(&v->out, "verdict", note->verdict);
    json_put_word(&v->out, "reason", note->why);
    ndr_buffer_text(&v->out, "}\n");
    text_end(&v->out, &source);
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
        const ndr_move_note note = {
            .why = m->why, .verdict = m->verdict, .recipient = m->recipient};
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
    json_put_count(line, "junked", v->junked);
    json_put_count(line, "released", v->released);
    json_put_count(line, "left", v->left);
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
    progress_begin_json(&line, "progress", now - v->begun);
    json_put_count(&line, "messages", v->messages);
    json_counts(v, &line);
    progress_put_json(&line);
}

void
moves_begin_end_json(const moves *v, ndr_buffer *line)
{
    progress_begin_json(line, "end", progress_now() - v->begun);
}

void
moves_end_json(const moves *v, ndr_buffer *line, const char *id)
{
    json_counts(v, line);
    json_put_count(line, "maildirs_left", v->failed);
    json_put_bool(line, "dry_run", v->dry_run);
    /* of a run that moved nothing there is nothing to undo */
    json_put_word(line, "run", v->junked + v->released > 0 ? id : NULL);
    progress_put_json(line);
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
