/* SPDX-License-Identifier: BSD-3-Clause */
/* moves.c - what do the verbs share that move mail by the journal? */
#include "moves.h"

#include "commands.h"
#include "confine.h"
#include "ndrscan_io.h"
#include "places.h"
#include "say.h"
#include "tables.h"
#include "text.h"

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
    say("warning: %s", text);
}

int
moves_open(moves *v, bool change)
{
    char path[4096];
    ndr_error err = {0};
    if (v->journal_path == NULL) {
        if (place_state("journal", path, sizeof path, &err) != 0) {
            say("%s; or name a folder with --journal", err.text);
            return EXIT_NOT_RUN;
        }
        v->journal_path = path;
    }
    const int rc =
        ndr_journal_open(v->journal_path, change, warn, NULL, &v->journal, &err);
    const bool busy = rc != 0 && err.sys_errno == EWOULDBLOCK;
    if (busy)
        say("another run holds the journal '%s'; try again when it is done",
            v->journal_path);
    else if (rc != 0)
        say("%s", err.text);
    v->journal_path = NULL;
    return busy ? EXIT_TERMINATED : rc != 0 ? EXIT_NOT_RUN : 0;
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
            say("standard output: %s; the list is not complete, the journal is",
                err.text);
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

void
moves_tell(void *ctx, const ndr_moved *m)
{
    moves *v = ctx;
    const char *shown = v->shown != NULL ? v->shown : m->tree;
    const char *word = m->kind == NDR_MOVE_OUT ? "junk" : "release";
    if (!m->done) {
        v->left++;
        say("%s/%s: left: %s", shown, m->from, m->why);
    } else if (m->kind == NDR_MOVE_OUT) {
        v->junked++;
    } else {
        v->released++;
    }
    if (v->output == MOVES_JSONL) {
        ndr_buffer_printf(&v->out, "{\"direction\":\"%s\",\"done\":%s", word,
                          m->done && !v->dry_run ? "true" : "false");
        json_member(&v->out, "maildir", shown);
        json_member(&v->out, "from", m->from);
        json_member(&v->out, "to", m->done ? m->to : NULL);
        json_member(&v->out, "reason", m->why);
        ndr_buffer_text(&v->out, "}\n");
    } else if (v->output == MOVES_TABLE && m->done) {
        ndr_buffer_printf(&v->out, "%-8s ", word);
        text_safe(&v->out, ndr_slice_of(shown));
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
}

void
moves_fail(moves *v, const char *maildir, const ndr_error *err)
{
    v->failed++;
    if (err->sys_errno == EWOULDBLOCK) {
        v->busy = true;
        say("%s: another run is at work in it; left as it is", maildir);
    } else {
        say("%s: %s; left as it is", maildir, err->text);
    }
}

int
moves_take(moves *v, const char *maildir, uint32_t uid, uint32_t gid)
{
    ndr_error err = {0};
    if (geteuid() != 0)
        return 0;
    if (!v->as_owner && uid != 0) {
        say("%s belongs to user %u: as root, say --as-owner to work with the owner's "
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
