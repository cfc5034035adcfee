/* SPDX-License-Identifier: BSD-3-Clause */
/* cmd_identity_test.c - `ndrscan identity test`: whose mail came back, and by what? */
#include "app/commands.h"
#include "app/diag.h"
#include "app/proof_counts.h"
#include "app/setup.h"
#include "app/tables.h"
#include "app/text.h"
#include "ndrscan_run.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum { WIDTH = 80 };

/* The records of a run: what is proven of each bounce. */
typedef struct prover_sink {
    ndr_sink sink;
    uint64_t bounces;
} prover_sink;

static void
add_line(ndr_buffer *out, const char *mark, const char *words)
{
    ndr_buffer_text(out, mark);
    text_wrap(out, ndr_slice_of(words), 4, 6, WIDTH);
}

static void
add_proofs(ndr_buffer *out, const ndr_evidence *e)
{
    for (size_t i = 0; i < e->count; i++) {
        const ndr_proof *p = &e->proof[i];
        ndr_buffer words = {0};
        ndr_buffer_printf(&words, "%s: %s%s%s", p->name, p->result,
                          p->detail[0] != '\0' ? "; " : "", p->detail);
        ndr_buffer_byte(&words, '\0');
        if (words.failed)
            out->failed = true;
        else
            add_line(out, (int)i == e->decisive ? "  * " : "    ",
                     (const char *)words.ptr);
        ndr_buffer_free(&words);
    }
}

static int
test_render(const ndr_sink *sink, ndr_batch *b, const ndr_message *m,
            const ndr_verdict *v, ndr_error *err)
{
    ndr_buffer *out = &b->out;
    const ndr_evidence *e = v->evidence;
    (void)sink;
    (void)err;
    ndr_batch_mark(b, m->index);
    text_safe(out, ndr_slice_of(m->source));
    ndr_buffer_text(out, ": ");
    if (v->domain.len == 0) {
        ndr_buffer_text(out, "unknown; the bounce does not tell to whom it came\n");
    } else if (e == NULL || !e->known) {
        ndr_buffer_text(out, "unknown; ");
        text_safe(out, v->domain);
        ndr_buffer_text(out, " is no domain of the identity\n");
    } else {
        ndr_buffer_printf(out, "%s\n", ndr_whose_name(e->whose));
        add_proofs(out, e);
        if (e->count == 0)
            ndr_buffer_text(out, "    nothing in it could be proven or disproven\n");
    }
    return out->failed ? ndr_fail(err, NDR_E_NOMEM, "out of memory") : 0;
}

static int
test_commit(ndr_sink *sink, const ndr_batch *b, uint64_t base, ndr_error *err)
{
    prover_sink *s = (prover_sink *)sink;
    (void)base;
    s->bounces += b->mark_count;
    return put_all(STDOUT_FILENO, (ndr_slice){b->out.ptr, b->out.len}, err);
}

static int
run(const setup *s, const ndr_input_opts *input)
{
    prover_sink sink = {
        .sink = {NDR_SIZED(ndr_sink), .render = test_render, .commit = test_commit}};
    ndr_scan_opts scan = setup_scan_opts(s);
    ndr_error err = {0};
    ndr_source *in = NULL;
    ndr_stats st = {0};
    scan.prove_always = true;
    proof_counts_read(s->prover);
    if (ndr_input_open(input, &in, &err) != 0) {
        diag("%s", err.text);
        return EXIT_NOT_RUN;
    }
    const ndr_run_opts how = {NDR_SIZED(ndr_run_opts), .scan = &scan, .threads = 1,
                              .emit = NDR_EMIT_BOUNCES, .trouble = diag_trouble};
    const int rc = ndr_run(&how, in, &sink.sink, &st, &err);
    int status = st.sources_failed > 0 ? EXIT_DAMAGED : EXIT_READ;
    if (rc < 0)
        status = output_failed(&err);
    else if (sink.bounces == 0 && status == EXIT_READ) {
        diag("no bounce among %" PRIu64 " message%s", st.messages,
             st.messages == 1 ? "" : "s");
        status = EXIT_DAMAGED;
    }
    ndr_stats_clear(&st);
    in->close(in);
    return status;
}

int
cmd_identity_test(opts *o)
{
    setup s;
    ndr_input_opts input = {NDR_SIZED(ndr_input_opts)};
    const char *arg;
    int id = 0, status = setup_begin(&s, o);
    if (status != 0)
        return status;
    while (status == 0 && (id = opts_next(o, &arg)) > 0)
        status = setup_option(&s, o, id, arg);
    if (status == 0 && id < 0)
        status = o->status;
    else if (status == 0) {
        status = setup_input(&s, o, &input, "no FILE");
        if (status < 0)
            status = setup_load(&s);
        if (status == 0 && s.prover == NULL) {
            diag("there is no identity with a domain to test; 'ndrscan identity init "
                 "DOMAIN' "
                 "begins one");
            status = EXIT_NOT_RUN;
        }
        if (status == 0)
            status = run(&s, &input);
    }
    setup_free(&s);
    return status;
}
