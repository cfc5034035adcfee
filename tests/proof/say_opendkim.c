/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * say_opendkim.c - what does libopendkim say of these messages?
 *
 *   say_opendkim KEYS < LIST
 *
 * KEYS has a line "SELECTOR._domainkey.DOMAIN RECORD" for each key, LIST a path on each
 * line. For each comes "HEADER BODY" of the first signature: pass or no, ok or differs.
 */
#define _GNU_SOURCE /* u_char, in the header of libopendkim */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include <dkim.h>

enum { MESSAGE_BYTES = 1 << 20 };

static void
say(DKIM_LIB *lib, const char *path)
{
    static unsigned char bytes[MESSAGE_BYTES];
    static unsigned char id[] = "-";
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        (void)fprintf(stderr, "say_opendkim: %s cannot be read\n", path);
        exit(2);
    }
    const size_t n = fread(bytes, 1, sizeof bytes, f);
    (void)fclose(f);
    DKIM_STAT status;
    DKIM_SIGINFO **signatures = NULL;
    int count = 0;
    bool testing;
    DKIM *d = dkim_verify(lib, id, NULL, &status);
    if (d == NULL)
        exit(2);
    (void)dkim_chunk(d, bytes, n);
    (void)dkim_chunk(d, NULL, 0);
    (void)dkim_eom(d, &testing);
    if (dkim_getsiglist(d, &signatures, &count) != DKIM_STAT_OK || count == 0)
        (void)puts("no differs");
    else
        (void)printf(
            "%s %s\n",
            dkim_sig_getflags(signatures[0]) & DKIM_SIGFLAG_PASSED ? "pass" : "no",
            dkim_sig_getbh(signatures[0]) == DKIM_SIGBH_MATCH ? "ok" : "differs");
    (void)dkim_free(d);
}

int
main(int argc, char **argv)
{
    char line[4096];
    dkim_query_t query = DKIM_QUERY_FILE;
    DKIM_LIB *lib = argc == 2 ? dkim_init(NULL, NULL) : NULL;
    if (lib == NULL ||
        dkim_options(lib, DKIM_OP_SETOPT, DKIM_OPTS_QUERYMETHOD, &query, sizeof query) !=
            DKIM_STAT_OK ||
        dkim_options(lib, DKIM_OP_SETOPT, DKIM_OPTS_QUERYINFO, argv[1],
                     strlen(argv[1])) != DKIM_STAT_OK)
        return 2;
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        say(lib, line);
    }
    dkim_close(lib);
    return 0;
}
