/* SPDX-License-Identifier: BSD-3-Clause */
/* verbs_pack.c - which options does the verb take that writes archives? */
#include "rows.h"

/* clang-format off */

static const option_row pack_rows[] = {
    HEADING("Output"),
    {OPT_PACK_FILE, 'o', "output", "FILE|-", NULL,
     "write the archive to FILE (standard output)",
     "FILE is there when it is whole and on the disk, or not at all. Without "
     "the option, or with *-*, the archive goes to standard output, which must "
     "not be a terminal."},
    {OPT_FORCE, 'f', "force", NULL, NULL,
     "replace FILE if it is there", NULL},
    {OPT_PACK_LEVEL, 'l', "level", "N", NULL,
     "compression, from 1 (fast) to 19 (small) (3)", NULL},
    {OPT_PACK_FRAME, 0, "frame-size", "SIZE", NULL,
     "mail in one frame, 64k to 8M (4M)",
     "k and M stand for 1,024 and its square. A frame ends at the last message "
     "that begins within it; one message larger than 8M goes into several."},
    ROW_QUIET_COUNTS,
    HEADING("Input"),
    ROW_RECURSIVE,
    {OPT_FORMAT, 0, "format", "FORMAT", "auto|mbox|maildir|message",
     "what sources are: auto, mbox, maildir or message\n(auto)",
     "As *ndrscan scan* has it."},
    HEADING("Run"),
    {OPT_THREADS, 'j', "threads", "N", NULL,
     "number of threads that compress (all CPUs allowed)",
     "The archive is the same, byte for byte, for any N. Files that are not in the "
     "page cache are read ahead by threads of their own, but not with 1."},
    ROWS_PAGE_CACHE,
    END,
};
const verb verb_pack = {
    "pack", "SOURCE...",
    "pack mail into an archive that scans in parallel",
    "Writes one mbox, compressed with zstd in many frames that begin at a message\n"
    "each. A SOURCE is anything that scan takes. zstd -dc reads the archive.\n",
    pack_rows,
};
