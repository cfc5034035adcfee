/* SPDX-License-Identifier: BSD-3-Clause */
/* customer_job.c - how far is it, what would it do, what has it done? */
#include "customer_page.h"

#include "app/html_text.h"
#include "pages.h"

#include <inttypes.h>
#include <string.h>

static void
put_line(ndr_buffer *out, enum lang lang, enum word word, uint64_t n)
{
    ndr_buffer_text(out, "<p>");
    say_number(out, lang, word, n, NULL);
    ndr_buffer_text(out, "</p>");
}

static void
put_back(ndr_buffer *out, const customer_frame *f, const char *domain, enum word word)
{
    if (f->one || domain[0] == '\0')
        ndr_buffer_text(out, "<a class=\"button\" href=\"./\">");
    else
        html_printf(out, "<a class=\"button\" href=\"domain?name=%s\">", domain);
    say(out, f->lang, word, NULL, NULL);
    ndr_buffer_text(out, "</a>");
}

static void
put_running(ndr_buffer *out, const customer_frame *f, const job *j)
{
    static const enum word word[] = {
        [MOVER_PREVIEW] = W_READING, [MOVER_APPLY] = W_MOVING, [MOVER_UNDO] = W_UNDOING};
    const uint64_t n = j->what == MOVER_PREVIEW ? j->messages : j->junked + j->released;
    ndr_buffer_text(out, "<p role=\"status\">");
    say_number(out, f->lang, word[j->what], n, NULL);
    ndr_buffer_text(out, "</p><progress aria-label=\"");
    say_number(out, f->lang, word[j->what], n, NULL);
    ndr_buffer_text(out, "\"></progress><p class=\"hint\">");
    say(out, f->lang, W_WAIT, NULL, NULL);
    ndr_buffer_text(out, "</p>");
}

/* For whom they are: what a person knows their mailboxes by. */
static void
put_samples(ndr_buffer *out, const customer_frame *f, const job_list *l)
{
    const size_t held = l->count < JOB_SAMPLES ? (size_t)l->count : JOB_SAMPLES;
    if (held == 0)
        return;
    ndr_buffer_text(out, "<details><summary>");
    say(out, f->lang, W_SOME_OF_THEM, NULL, NULL);
    ndr_buffer_text(out, "</summary><ul>");
    for (size_t i = 0; i < held; i++)
        html_printf(out, "<li>%s</li>",
                    l->row[i].recipient != NULL ? l->row[i].recipient : "");
    ndr_buffer_text(out, "</ul></details>");
}

static void
put_choice(ndr_buffer *out, const customer_frame *f, const customer_wish *w, const job *j,
           bool moves)
{
    html_printf(out, "<form method=\"post\" action=\"block\">");
    page_fields(out, f->session, w->domain);
    html_printf(out,
                "<input type=\"hidden\" name=\"until\" value=\"%s\">"
                "<input type=\"hidden\" name=\"since\" value=\"%s\">"
                "<p class=\"buttons\">",
                w->until, w->from);
    if (moves) {
        ndr_buffer_text(out, "<button class=\"main\" name=\"move\" value=\"yes\">");
        say_number(out, f->lang, W_MOVE_BUTTON, j->junk.count, NULL);
        ndr_buffer_text(out, "</button> ");
    }
    html_printf(out, "<button%r>", moves ? "" : " class=\"main\"");
    say(out, f->lang, moves ? W_ONLY_BUTTON : W_BLOCK_BUTTON, NULL, NULL);
    ndr_buffer_text(out, "</button> ");
    put_back(out, f, w->domain, W_CANCEL);
    ndr_buffer_text(out, "</p></form>");
}

static void
put_preview(ndr_buffer *out, const customer_frame *f, const job *j,
            const customer_wish *w)
{
    uint64_t spared = 0;
    for (size_t i = 0; i < j->spared_count; i++)
        if (strcmp(j->spared[i].whose, "ours") == 0)
            spared += j->spared[i].bounces;
    if (j->junk.count > 0) {
        ndr_buffer_text(out, "<p class=\"now\">");
        say_number(out, f->lang, W_WOULD_MOVE, j->junk.count, NULL);
        ndr_buffer_text(out, "</p>");
        put_line(out, f->lang, W_WOULD_BOXES, j->mailbox_count);
    } else {
        ndr_buffer_text(out, "<p class=\"now\">");
        say(out, f->lang, W_WOULD_NONE, NULL, NULL);
        ndr_buffer_text(out, "</p>");
    }
    if (j->keep.count > 0) {
        put_line(out, f->lang, W_WOULD_KEEP, j->keep.count);
        if (spared > 0)
            put_line(out, f->lang, W_WOULD_SPARE, spared);
    }
    ndr_buffer_text(out, "<p class=\"hint\">");
    say(out, f->lang, W_NOTHING_YET, NULL, NULL);
    ndr_buffer_text(out, "</p>");
    /* the operator's apply is of all windows: what it would do besides is told elsewhere
     */
    const bool moves =
        j->junk.count > 0 && (f->who == NULL ? j->others + j->releases == 0
                                             : ndr_role_may(f->who->role, NDR_ACT_APPLY));
    put_choice(out, f, w, j, moves);
    put_samples(out, f, &j->junk);
}

static void
put_done(ndr_buffer *out, const customer_frame *f, const job *j, const char *domain)
{
    ndr_buffer_text(out, "<div class=\"now\">");
    if (j->junked > 0)
        put_line(out, f->lang, W_DONE_MOVED, j->junked);
    if (j->released > 0)
        put_line(out, f->lang, W_DONE_BACK, j->released);
    if (j->junked + j->released == 0) {
        ndr_buffer_text(out, "<p>");
        say(out, f->lang, W_DONE_NONE, NULL, NULL);
        ndr_buffer_text(out, "</p>");
    }
    ndr_buffer_text(out, "</div>");
    if (j->left > 0)
        put_line(out, f->lang, W_DONE_LEFT, j->left);
    if (j->what == MOVER_UNDO && own_windows_of(f->shown, f->who, domain).own != NULL) {
        ndr_buffer_text(out, "<p>");
        say(out, f->lang, W_DONE_STILL_ON, NULL, NULL);
        ndr_buffer_text(out, "</p>");
    }
    ndr_buffer_text(out, "<p class=\"buttons\">");
    put_back(out, f, domain, W_BACK);
    ndr_buffer_text(out, "</p>");
    if (j->what == MOVER_APPLY && j->run[0] != '\0' && j->junked > 0) {
        run_row r = {.verb = "apply", .junked = j->junked, .released = j->released};
        memcpy(r.id, j->run, sizeof r.id - 1);
        customer_undo(out, f, &r, domain);
    }
}

void
customer_job(ndr_buffer *out, const customer_frame *f, const job *j,
             const customer_wish *w, const char *ref)
{
    const bool running = j->state == JOB_RUNNING;
    ndr_buffer title = {0};
    say(&title, f->lang,
        j->what == MOVER_PREVIEW  ? W_WOULD_TITLE
        : j->state == JOB_FAILED  ? W_E_TITLE
        : j->state == JOB_RUNNING ? W_WAIT
                                  : W_DONE_TITLE,
        NULL, NULL);
    ndr_buffer_byte(&title, '\0');
    const char *name = running || title.failed ? w->domain : (const char *)title.ptr;
    customer_begin(out, f, name, running ? 1 : 0);
    html_printf(out, "<section class=\"card\"><h1>%s</h1>", name);
    if (running) {
        put_running(out, f, j);
    } else if (j->state == JOB_FAILED) {
        ndr_buffer_text(out, "<p class=\"error\" role=\"alert\">");
        say(out, f->lang, W_FAILED, ref, NULL);
        ndr_buffer_text(out, "</p><p class=\"buttons\">");
        put_back(out, f, w->domain, W_BACK);
        ndr_buffer_text(out, "</p>");
    } else if (j->what == MOVER_PREVIEW) {
        put_preview(out, f, j, w);
    } else {
        put_done(out, f, j, w->domain);
    }
    ndr_buffer_text(out, "</section>");
    customer_end(out, f);
    out->failed |= title.failed;
    ndr_buffer_free(&title);
}
