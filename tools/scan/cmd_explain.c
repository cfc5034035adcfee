/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_explain.c - `ndrscan explain`: why does a message get its verdict?
 *
 * The run is the same as scan's, on one thread, with a sink of our own: it
 * scans each message once more with a trace and writes down what it is told.
 * A message's number in its file is known only when its batch is committed, so
 * marks keep the places where one explanation ends and the next begins.
 */
#include "explain.h"

#include "app/commands.h"
#include "app/diag.h"
#include "app/proof_counts.h"
#include "app/stop.h"
#include "app/tables.h"
#include "app/text.h"
#include "ndrscan_io.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- the sink ------------------------------------------------------------- */

static int
explain_render(const ndr_sink *sink, ndr_batch *b, const ndr_message *m,
               const ndr_verdict *unused, ndr_error *err)
{
    /* one thread: nothing else has the explainer in hand */
    explainer *e = (explainer *)(uintptr_t)sink;
    ndr_buffer *out = &b->out;
    ndr_message again = *m;
    ndr_verdict v;
    (void)unused;
    ndr_buffer_clear(&e->lines);
    ndr_buffer_clear(&e->steps);
    e->hit_count = 0;
    e->step_count = 0;
    const int rc = ndr_scan(e->scanner, &again, NULL, NULL, &v, err);
    if (rc != 0)
        return rc;

    ndr_batch_mark(b, m->index);
    ndr_buffer words = {0};
    ndr_buffer_text(&words, m->source);
    if (m->member != NULL)
        ndr_buffer_printf(&words, ", in it %s", m->member);
    number n;
    ndr_buffer_printf(&words, ", from byte %" PRIu64 " on, %s", m->offset,
                      text_count(n, m->length));
    ndr_buffer_text(&words, m->length == 1 ? " byte" : " bytes");
    text_wrap(out, ndr_buffer_slice(&words), 16, 2, EXPLAIN_WIDTH);

    explain_message(out, m, &v);
    explain_signals(out, e, v.rule);
    explain_decision(out, e, &v);
    explain_conclusions(e, &v);
    explain_heading(out, "Steps");
    ndr_buffer_add(out, ndr_buffer_slice(&e->steps));

    ndr_buffer_rewind(&words);
    ndr_verdict_reason(&v, &words);
    ndr_buffer_printf(out, "\nVerdict: %s\n    ", ndr_decision_name(v.decision));
    text_wrap(out, ndr_buffer_slice(&words), 4, 4, EXPLAIN_WIDTH);
    const bool failed =
        words.failed || e->lines.failed || e->steps.failed || e->no_memory;
    ndr_buffer_free(&words);
    return failed ? ndr_fail(err, NDR_E_NOMEM, "out of memory") : 0;
}

static int
explain_commit(ndr_sink *sink, const ndr_batch *b, uint64_t base, ndr_error *err)
{
    explainer *e = (explainer *)sink;
    for (size_t i = 0; i < b->mark_count; i++) {
        const uint64_t index = base + b->mark[i].index;
        if (e->index >= 0 && index != (uint64_t)e->index)
            continue;
        const size_t end = i + 1 < b->mark_count ? b->mark[i + 1].at : b->out.len;
        char head[64];
        (void)snprintf(head, sizeof head, "%sMessage %" PRIu64 " of ",
                       e->shown++ > 0 ? "\n" : "", index);
        int rc = put_all(STDOUT_FILENO, ndr_slice_of(head), err);
        if (rc == 0)
            rc = put_all(STDOUT_FILENO,
                         (ndr_slice){b->out.ptr + b->mark[i].at, end - b->mark[i].at},
                         err);
        if (rc != 0)
            return rc;
    }
    return 0;
}

/* ---- the verb ------------------------------------------------------------- */

/* Explain one file. The exit status; *ret_shown counts its messages shown. */
static int
explain_input(explainer *e, const ndr_input_opts *input)
{
    ndr_error err = {0};
    ndr_source *in = NULL;
    ndr_stats st = {0};
    if (ndr_input_open(input, &in, &err) != 0) {
        diag("%s", err.text);
        return EXIT_NOT_RUN;
    }
    stop_on_signals(in);
    const ndr_run_opts how = {
        NDR_SIZED(ndr_run_opts), .scan = &e->how,         .threads = 1,
        .emit = NDR_EMIT_ALL,    .trouble = diag_trouble, .stop = stop_flag(),
    };
    const uint64_t before = e->shown;
    const int rc = ndr_run(&how, in, &e->sink, &st, &err);
    int status = st.sources_failed > 0 ? EXIT_DAMAGED : EXIT_READ;
    if (rc < 0 && rc != NDR_E_STOPPED && err.sys_errno != EPIPE) {
        diag("%s; the output is not complete", err.text);
        status = EXIT_NOT_RUN;
    } else if (rc < 0 && rc != NDR_E_STOPPED)
        ; /* the reader has seen enough */
    else if (stop_signal() != 0)
        status = stop_signal() == SIGINT ? EXIT_INTERRUPTED : EXIT_TERMINATED;
    else if (e->shown == before && st.sources_failed == 0) {
        if (e->index >= 0)
            diag("%s: no message %" PRId64 "; it has %" PRIu64 " (counted from 0)",
                 input->path[0], e->index, st.messages);
        else
            diag("%s: no message in it", input->path[0]);
        status = EXIT_DAMAGED;
    }
    ndr_stats_clear(&st);
    stop_forget();
    in->close(in);
    return status;
}

static int
run(explainer *e, const ndr_input_opts *asked, setup *s)
{
    ndr_error err = {0};
    e->setup = s;
    proof_counts_read(s->prover);
    e->how = setup_scan_opts(s);
    e->how.try_all = true;
    e->how.facts_always = true;
    e->how.prove_always = true;
    if (ndr_scanner_new(&e->how, &e->scanner, &err) != 0) {
        diag("%s", err.text);
        return EXIT_NOT_RUN;
    }
    ndr_scanner_trace(e->scanner, explain_on_step, e);
    int status = EXIT_READ;
    for (size_t i = 0; i < asked->path_count && status < EXIT_NOT_RUN; i++) {
        ndr_input_opts one = *asked;
        one.path = asked->path + i;
        one.path_count = 1;
        const int now = explain_input(e, &one);
        status = now > status ? now : status;
    }
    ndr_scanner_free(e->scanner);
    ndr_buffer_free(&e->lines);
    free(e->hits);
    ndr_buffer_free(&e->steps);
    return status;
}

int
cmd_explain(opts *o)
{
    setup s;
    if (setup_begin(&s, o) != 0)
        return EXIT_NOT_RUN;
    explainer e = {
        .sink = {NDR_SIZED(ndr_sink), .render = explain_render, .commit = explain_commit},
        .index = -1};
    ndr_input_opts input = {NDR_SIZED(ndr_input_opts)};
    const char *arg;
    int id = 0;
    int status = 0;
    while (status == 0 && (id = opts_next(o, &arg)) > 0) {
        if (id == OPT_INDEX) {
            e.index = opts_number(o, id, arg, 0, INT64_MAX);
            status = e.index < 0 ? EXIT_NOT_RUN : 0;
        } else if (id == OPT_FORMAT) {
            status = opts_word(o, id, arg) < 0 ? EXIT_NOT_RUN : 0;
            input.format = (enum ndr_format)ndr_format_find(arg);
        } else {
            status = setup_option(&s, o, id, arg);
        }
    }
    if (status == 0 && id < 0) {
        status = o->status;
        goto end;
    }
    input.path = (const char *const *)opts_operands(o, &input.path_count);
    if (status == 0 && input.path_count == 0)
        status = opts_mistake(o, "no FILE; give a message, an mbox, a folder, or -");
    input.message_limit_bytes = s.message_limit_bytes;
    if (status == 0)
        status = setup_load(&s);
    if (status == 0)
        status = run(&e, &input, &s);
end:
    setup_free(&s);
    return status;
}
