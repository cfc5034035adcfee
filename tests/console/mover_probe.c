/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mover_probe.c - the mover alone, for a test that plays the console.
 *
 *   mover_probe FD SHOWN NDRSCAN JOURNAL WINDOWS ADMINS TEMPLATE|MAP MAIL
 *   mover_probe generations ADMINS
 */
#include "mover_packet.h"
#include "ndr_clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
print_generations(const char *path)
{
    ndr_admins_watch *w = NULL;
    ndr_error err = {0};
    size_t count = 0;
    if (ndr_admins_watch_begin(path, NULL, NULL, &w, &err) != 0) {
        (void)fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    const ndr_admin *a = ndr_admins_rows(ndr_admins_now(w, ndr_now_ms()), &count);
    for (size_t i = 0; i < count; i++)
        (void)printf("%s %" PRIu64 "\n", a[i].name, a[i].generation);
    (void)printf("%d\n", (int)MOVER_PACKET_HEAD);
    ndr_admins_watch_end(w);
    return 0;
}

int
main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "generations") == 0)
        return print_generations(argv[2]);
    if (argc != 9)
        return 2;
    const char *mail = argv[8];
    const bool is_map = strchr(argv[7], '{') == NULL;
    ndr_mailboxes_watch *mailboxes = NULL;
    ndr_error err = {0};
    if (is_map && ndr_mailboxes_watch_begin(argv[7], NULL, NULL, &mailboxes, &err) != 0) {
        (void)fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    const mover_opts o = {.ndrscan = argv[3],
                          .mail = &mail,
                          .mail_count = 1,
                          .journal = argv[4],
                          .windows_dir = argv[5],
                          .stats = "/nowhere/stats.db",
                          .admins = argv[6],
                          .recipient_path = is_map ? NULL : argv[7],
                          .recipient_map = is_map ? argv[7] : NULL,
                          .mailboxes = mailboxes};
    mover_serve(atoi(argv[1]), atoi(argv[2]), &o);
}
