/* SPDX-License-Identifier: BSD-3-Clause */
/* scan_maildir.c - whose bounces are in a Maildir? scan_maildir RULES MAILDIR */
#include <ndrscan.h>
#include <ndrscan_io.h>
#include <ndrscan_rules.h>
#include <stdio.h>

/* Several threads at once, each with a batch of its own. */
static int
render(const ndr_sink *s, ndr_batch *b, const ndr_message *m, const ndr_verdict *v,
       ndr_error *err)
{
    (void)s, (void)m;
    ndr_buffer_printf(&b->out, "%s ", ndr_kind_name(v->kind));
    ndr_buffer_add(&b->out, v->recipient);
    ndr_buffer_byte(&b->out, '\n');
    return b->out.failed ? ndr_fail(err, NDR_E_NOMEM, "no memory for a record") : 0;
}

/* One thread, in the order of the mail. */
static int
commit(ndr_sink *s, const ndr_batch *b, uint64_t base, ndr_error *err)
{
    (void)s, (void)base;
    if (fwrite(b->out.ptr, 1, b->out.len, stdout) != b->out.len || fflush(stdout) != 0)
        return ndr_fail(err, NDR_E_SYS, "write");
    return 0;
}

int
main(int argc, char **argv)
{
    const char *const *path = (const char *const *)argv + 1;
    ndr_error err = {0};
    ndr_ruleset *rules = NULL;
    ndr_source *mail = NULL;
    ndr_stats seen = {0};
    ndr_sink sink = {NDR_SIZED(ndr_sink), .render = render, .commit = commit};
    if (argc != 3)
        return 2;
    const ndr_rules_opts from = {NDR_SIZED(ndr_rules_opts), .path = path,
                                 .path_count = 1};
    const ndr_input_opts in = {NDR_SIZED(ndr_input_opts), .path = path + 1,
                               .path_count = 1};
    int code = ndr_rules_load(&from, &rules, NULL, &err);
    if (code == 0)
        code = ndr_input_open(&in, &mail, &err);
    const ndr_scan_opts how = {NDR_SIZED(ndr_scan_opts), .rules = rules};
    const ndr_run_opts run = {NDR_SIZED(ndr_run_opts), .scan = &how, .threads = 2};
    if (code == 0)
        code = ndr_run(&run, mail, &sink, &seen, &err);
    if (code != 0)
        fprintf(stderr, "scan_maildir: %s\n", err.text);
    ndr_stats_clear(&seen);
    if (mail != NULL)
        mail->close(mail);
    ndr_ruleset_free(rules);
    return code == 0 ? 0 : 1;
}
