/* SPDX-License-Identifier: BSD-3-Clause */
/* scan_buffer.c - is the message on standard input a bounce? scan_buffer RULES <MESSAGE
 */
#include <ndrscan.h>
#include <ndrscan_rules.h>
#include <stdio.h>

int
main(int argc, char **argv)
{
    static unsigned char bytes[1 << 20];
    char cache[4096];
    ndr_error err = {0};
    ndr_ruleset *rules = NULL;
    ndr_scanner *scanner = NULL;
    ndr_verdict verdict;
    ndr_buffer reason = {0};

    ndr_cache_dir(cache, sizeof cache);
    const ndr_rules_opts from = {NDR_SIZED(ndr_rules_opts),
                                 .path = (const char *const *)argv + 1,
                                 .path_count = (size_t)argc - 1, .cache_dir = cache};
    int code = ndr_rules_load(&from, &rules, NULL, &err);
    if (code == 0) {
        const ndr_scan_opts how = {NDR_SIZED(ndr_scan_opts), .rules = rules};
        code = ndr_scanner_new(&how, &scanner, &err);
    }
    if (code == 0) {
        const size_t n = fread(bytes, 1, sizeof bytes, stdin);
        ndr_message message = {.raw = {bytes, n},
                               .source = "-",
                               .length = n,
                               .framed = NDR_TIME_UNKNOWN,
                               .file_time = NDR_TIME_UNKNOWN};
        code = ndr_scan(scanner, &message, NULL, NULL, &verdict, &err);
    }
    if (code == 0) {
        ndr_verdict_reason(&verdict, &reason);
        printf("%s\n%.*s\n", ndr_kind_name(verdict.kind), (int)reason.len,
               (const char *)reason.ptr);
    } else {
        fprintf(stderr, "scan_buffer: %s\n", err.text);
    }
    ndr_buffer_free(&reason);
    ndr_scanner_free(scanner);
    ndr_ruleset_free(rules);
    return code == 0 ? 0 : 1;
}
