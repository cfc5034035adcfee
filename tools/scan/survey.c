/* SPDX-License-Identifier: BSD-3-Clause */
/* survey.c - see survey.h. */
#include "survey.h"

#include "app/commands.h"
#include "app/cpus.h"
#include "app/diag.h"
#include "app/stop.h"
#include "app/tables.h"

#include <signal.h>
#include <unistd.h>

static int
take_option(void *ctx, const opts *o, int id, const char *arg)
{
    survey *s = ctx;
    switch (id) {
    case OPT_RECURSIVE:
        s->input.recursive = true;
        return 0;
    case OPT_FILES_FROM:
        s->input.files_from = arg;
        return 0;
    case OPT_NULL:
        s->input.files_from_nul = true;
        return 0;
    case OPT_FORMAT:
        s->input.format = (enum ndr_format)ndr_format_find(arg);
        return opts_word(o, id, arg) < 0 ? EXIT_NOT_RUN : 0;
    case OPT_OUTPUT:
        s->output = opts_word(o, id, arg);
        return s->output < 0 ? EXIT_NOT_RUN : 0;
    case OPT_THREADS:
        return opts_threads(o, id, arg, &s->threads);
    default:
        return setup_option(&s->setup, o, id, arg);
    }
}

int
survey_args(survey *s, opts *o)
{
    *s = (survey){.threads = cpus_allowed()};
    if (setup_begin(&s->setup, o) != 0)
        return EXIT_NOT_RUN;
    const int status = opts_take(o, take_option, s);
    return status >= 0 ? status : setup_input(&s->setup, o, &s->input, "no mail");
}

static void
on_trouble(void *ctx, const char *source, const char *text)
{
    (void)ctx;
    diag("%s: %s; the rest was looked at", source, text);
}

int
survey_run(survey *s, survey_look *look, void *ctx, bool try_all, ndr_stats *ret)
{
    *ret = (ndr_stats){0};
    int status = setup_load(&s->setup);
    if (status != 0)
        return status;
    ndr_error err = {0};
    ndr_source *in = NULL;
    ndr_sink *out = NULL;
    s->input.read_ahead = s->threads > 1;
    if (ndr_input_open(&s->input, &in, &err) != 0) {
        diag("%s", err.text);
        return EXIT_NOT_RUN;
    }
    if (ndr_output_open(NDR_OUTPUT_SUMMARY, STDOUT_FILENO, &out, &err) != 0) {
        diag("%s", err.text);
        in->close(in);
        return EXIT_NOT_RUN;
    }
    stop_on_signals(in);
    ndr_scan_opts scan = setup_scan_opts(&s->setup);
    scan.try_all = try_all;
    scan.no_text_facts = true;
    const ndr_run_opts how = {
        NDR_SIZED(ndr_run_opts), .scan = &scan,         .threads = s->threads,
        .cpus = cpus_allowed(),  .emit = NDR_EMIT_JUNK, /* no window, no junk: nothing is
                                                           reported */
        .trouble = on_trouble,   .look = look,          .ctx = ctx,
        .stop = stop_flag(),
    };
    const int rc = ndr_run(&how, in, out, ret, &err);
    (void)out->close(out, NULL); /* nothing was written */
    if (rc < 0 && rc != NDR_E_STOPPED) {
        diag("%s", err.text);
        ndr_stats_clear(ret);
        status = EXIT_NOT_RUN;
    } else if (stop_signal() != 0) {
        status = stop_signal() == SIGINT ? EXIT_INTERRUPTED : EXIT_TERMINATED;
    } else {
        status = ret->sources_failed > 0 ? EXIT_DAMAGED : EXIT_READ;
    }
    stop_forget();
    in->close(in);
    return status;
}

void
survey_free(survey *s)
{
    setup_free(&s->setup);
}

int
survey_write(bool whole, const ndr_buffer *out, int status)
{
    ndr_error err = {0};
    if (!whole) {
        diag("out of memory");
        return EXIT_NOT_RUN;
    }
    if (put_all(STDOUT_FILENO, (ndr_slice){out->ptr, out->len}, &err) == 0)
        return status;
    const int failed = output_failed(&err);
    return failed != 0 ? failed : status;
}
