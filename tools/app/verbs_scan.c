/* SPDX-License-Identifier: BSD-3-Clause */
/* verbs_scan.c - which options do the verbs take that scan mail? */
#include "rows.h"

/* clang-format off */

static const option_row scan_rows[] = {
    HEADING("Input"),
    ROW_RECURSIVE,
    ROW_FORMAT,
    ROW_FILES_FROM,
    ROW_NULL,
    HEADING("Decisions"),
    ROWS_STORED_MAIL,
    {OPT_EVIDENCE, 0, "evidence", "WHEN", "needed|all",
     "ask whose mail came back where a window may take it,\nor of all bounces (needed)",
     "*all* asks also of bounces that no window covers, or one that takes all: for "
     "statistics and the table to tell what of a storm is forged, and what is ours."},
    {OPT_COUNT_PROOFS, 0, "count-proofs", NULL, NULL,
     "count weak proofs for later runs, too",
     "What *filter*, *apply* and others counted is always read; see *WHOSE MAIL CAME BACK* "
     "in *ndrscan-windows*(5). With this, it is also added to, as by *ndrscan watch*."},
    {OPT_COUNT_FIRST, 0, "count-first", NULL, NULL,
     "read all twice, and count weak proofs the first time",
     "Else the first 20 bounces of mail that came back for more recipients are kept, "
     "which a warning tells: which ones, hangs on the order of the mail. With this, "
     "verdicts are the same in any order, as those of *ndrscan apply*. Not for mail "
     "on standard input. With *--plan* alone: the plan is followed so. With *--plan* and "
     "*--out-dir*: count the pieces of this shard, judge none; all shards do that "
     "before any judges (*ndrscan-cluster*(7))."},
    {OPT_NOW, 0, "now", "TIME", NULL,
     "with --clock now: which time that is",
     "RFC 3339, as 2008-05-13T08:00:00Z. Pieces of one scan need it, which run at "
     "many times."},
    HEADING("Output"),
    {OPT_OUTPUT, 0, "output", "FORMAT", "jsonl|tsv|paths|paths0|summary",
     "what to print: jsonl, tsv, paths, paths0 or summary\n(jsonl)",
     "*jsonl*: one JSON object a message. *tsv*: a line of column names, then "
     "a line a message. *paths*, *paths0*: the path of each source that holds a "
     "message to tell of, once, ended by a line end or a NUL. *summary*: no "
     "records; the table goes to standard output."},
    {OPT_EMIT, 0, "emit", "WHICH",
     "bounces|junk|all|suspects",
     "records of bounces, junk, suspects or all messages\n(bounces)",
     "*junk* wants windows; without any it says so. *suspects*: messages that "
     "look like a bounce by weak signs and that no rule names; see *SUSPECTS*. "
     "*all*: of messages that are no bounces too, with recipient, arrival and "
     "Message-ID."},
    ROW_STATS,
    ROW_PROGRESS_SCAN,
    ROW_QUIET,
    HEADING("Run"),
    ROW_THREADS,
    ROWS_PAGE_CACHE,
    HEADING("Many machines: see ndrscan-cluster(7)"),
    {OPT_PLAN, 0, "plan", "DIR", NULL,
     "write what is to be scanned into DIR, once; with\n--shard: scan by it",
     "Sources with their sizes and times, the pieces they fall into, all options that "
     "change a verdict, and copies of the rules and windows. With *--shard*, "
     "*--out-dir* or *--list-shard* nothing of that is said again."},
    {OPT_SHARD, 0, "shard", "K/N", NULL,
     "the pieces of worker K of N, from 0",
     "*auto/N* takes K from SLURM_ARRAY_TASK_ID or JOB_COMPLETION_INDEX, *auto* N from "
     "Slurm, too, if its array is a whole one from 0."},
    {OPT_LIST_SHARD, 0, "list-shard", NULL, NULL,
     "print the pieces of the shard, scan nothing", 
     "A line each: its bytes, the name of its result, its source, and of a part of one "
     "where it begins and ends."},
    {OPT_OUT_DIR, 0, "out-dir", "DIR", NULL,
     "write a result for each piece into DIR",
     "Results that are there already, of the same mail, options, rules and windows, are "
     "passed over. *ndrscan merge*(1) makes one output of them."},
    {OPT_ZSTD, 0, "zstd", NULL, NULL, "compress the results in --out-dir", NULL},
    {OPT_VERIFY, 0, "verify", NULL, NULL,
     "read what was scanned again, to see if it changed",
     "Without it a result is passed over by its sources' sizes and times."},
    {OPT_FORCE, 0, "force", NULL, NULL, "make results anew that are there", NULL},
    {OPT_PIECE_SIZE, 0, "piece-size", "SIZE", NULL,
     "of a piece of a large file (256M)",
     "The same on all machines; 1M at least. Small sources are taken together up to an "
     "eighth of it."},
    END,
};
const verb verb_scan = {
    "scan", "SOURCE...",
    "find bounces in mail and say which are junk",
    "A SOURCE is an mbox file, a Maildir, a folder of message files, a message\n"
    "file, or - for standard input; any of them compressed (zstd, gzip, bzip2, xz)\n"
    "or in a tar, zip or 7z archive. What it is, is told by its content.\n",
    scan_rows,
};

static const option_row explain_rows[] = {
    {OPT_INDEX, 'n', "index", "N", NULL,
     "only message N of each FILE, counted from 0", 
     "The number that _index_ has in the records of *ndrscan scan*."},
    ROW_FORMAT,
    ROWS_STORED_MAIL,
    END,
};
const verb verb_explain = {
    "explain", "FILE...",
    "say why a message gets its verdict, step by step",
    "FILE is anything that scan takes, - for standard input included.\n",
    explain_rows,
};
