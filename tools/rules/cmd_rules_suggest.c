/* SPDX-License-Identifier: BSD-3-Clause */
/* cmd_rules_suggest.c - `ndrscan rules suggest`: a draft of rules for the suspects in
 * some mail. */
#include "app/commands.h"
#include "app/diag.h"
#include "app/draft.h"
#include "app/text.h"
#include "scan/survey.h"

enum { SUSPECTS_MAX = 2000 }; /* enough to see what they share */

typedef struct suggester {
    draft *draft;
    size_t taken, passed; /* suspects looked at, and beyond SUSPECTS_MAX */
} suggester;

static int
look(void *ctx, unsigned worker, ndr_scanner *s, const ndr_message *m,
     const ndr_verdict *v, ndr_error *err)
{
    suggester *g = ctx;
    (void)worker; /* there is one */
    if ((v->flags & NDR_MSG_SUSPECT) == 0)
        return 0;
    if (g->taken == SUSPECTS_MAX) {
        g->passed++;
        return 0;
    }
    static const char *const targets[] = {"subject", "from", "text", "return-path"};
    ndr_buffer lines[4] = {0}, name = {0};
    int rc = 0;
    for (size_t i = 0; i < 4 && rc == 0; i++)
        rc = ndr_scan_canonical(s, m, targets[i], &lines[i], err);
    text_safe(&name, ndr_slice_of(m->member != NULL ? m->member : m->source));
    const draft_message one = {
        .name = {name.ptr, name.len},
        .subject = {lines[0].ptr, lines[0].len},
        .from = {lines[1].ptr, lines[1].len},
        .text = {lines[2].ptr, lines[2].len},
        .null_sender =
            ndr_slice_equal((ndr_slice){lines[3].ptr, lines[3].len}, NDR_SLICE("<>\n")),
    };
    if (rc == 0 && (name.failed || !draft_add(g->draft, &one)))
        rc = ndr_fail(err, NDR_E_NOMEM, "no memory for a suspect");
    g->taken++;
    for (size_t i = 0; i < 4; i++)
        ndr_buffer_free(&lines[i]);
    ndr_buffer_free(&name);
    return rc;
}

int
cmd_rules_suggest(opts *o)
{
    survey s;
    suggester g = {0};
    ndr_stats st = {0};
    ndr_buffer out = {0};
    int status = survey_args(&s, o);
    if (status >= 0)
        goto end;
    g.draft = draft_new();
    if (g.draft == NULL) {
        diag("out of memory");
        status = EXIT_NOT_RUN;
        goto end;
    }
    s.threads = 1; /* in input order */
    status = survey_run(&s, look, &g, false, &st);
    if (status == EXIT_NOT_RUN)
        goto end;
    if (g.taken == 0) {
        number n;
        diag("no suspect in %s message%s: what looks like a bounce has a rule",
             text_count(n, st.messages), st.messages == 1 ? "" : "s");
        goto end;
    }
    if (g.passed > 0)
        diag("drafted from the first %d suspects, %zu more were passed over",
             SUSPECTS_MAX, g.passed);
    status = survey_write(draft_write(g.draft, &out), &out, status);
end:
    draft_free(g.draft);
    ndr_buffer_free(&out);
    ndr_stats_clear(&st);
    survey_free(&s);
    return status;
}
