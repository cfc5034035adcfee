/* SPDX-License-Identifier: BSD-3-Clause */
/* verbs_rules.c - which options do the verbs take that are about rules? */
#include "rows.h"

/* clang-format off */

static const option_row check_rows[] = {
    ROWS_RULES, END,
};
const verb verb_rules_check = {
    "rules check", "",
    "compile the rules and run each one's examples",
    "Prints a line for each example that comes out wrong, then a line of counts.\n"
    "Exit status: 0 all right, 1 an example is wrong, 2 the rules cannot be loaded.\n",
    check_rows,
};

static const option_row list_rows[] = {
    {OPT_OUTPUT, 0, "output", "FORMAT", "table|jsonl|tsv",
     "what to print: table, jsonl or tsv (table)", NULL},
    ROWS_RULES, END,
};
const verb verb_rules_list = {
    "rules list", "",
    "list the rules that a scan would use",
    "Prints id, kind, mail system, rank and place of each rule.\n",
    list_rows,
};

static const option_row stats_rows[] = {
    {OPT_OUTPUT, 0, "output", "FORMAT", "table|jsonl|tsv",
     "what to print: table, jsonl or tsv (table)",
     "*table*: the rules that matched, those that did not, and those that always match "
     "together. *jsonl*, *tsv*: one record for each rule."},
    ROWS_RULES,
    ROW_RECURSIVE, ROW_FORMAT, ROW_FILES_FROM, ROW_NULL, ROW_MAX_MESSAGE, ROW_THREADS,
    END,
};
const verb verb_rules_stats = {
    "rules stats", "SOURCE...",
    "count how often each rule fires on some mail",
    "A SOURCE is anything that scan takes. A rule matches when its signals hit,\n"
    "and is named when no other that matches comes first.\n",
    stats_rows,
};

static const option_row suggest_rows[] = {
    ROWS_RULES,
    ROW_RECURSIVE, ROW_FORMAT, ROW_FILES_FROM, ROW_NULL, ROW_MAX_MESSAGE,
    END,
};
const verb verb_rules_suggest = {
    "rules suggest", "FILE...",
    "draft rules for what looks like a bounce",
    "Groups the suspects in FILEs (anything that scan takes; see scan --emit\n"
    "suspects) by the lines they share, and prints a draft of a rule file. Check its\n"
    "kinds and lines, and add misses, before you use it.\n",
    suggest_rows,
};

static const option_row compile_rows[] = {
    {OPT_INSTALL, 0, "install", NULL, NULL,
     "where all users of this host look for it",
     "Into _/var/cache/ndrscan/shipped.ndrc_, for root: after another Hyperscan or Vectorscan "
     "was installed, for which the one that came with ndrscan does not serve."},
    {OPT_TO, 0, "to", "FILE", NULL,
     "into FILE",
     "It is used by whoever trusts its folder: that, and all above, are to be root's or his own, "
     "and nobody else's to write to."},
    {OPT_NATIVE, 0, "native", NULL, NULL,
     "for this CPU alone, not for any",
     "It serves on no lesser CPU, and is seldom faster."},
    END,
};
const verb verb_rules_compile = {
    "rules compile", "",
    "compile the shipped rules once for all users",
    "They come compiled for the Hyperscan that ndrscan was built with; this is for\n"
    "another one. Own rules are kept compiled for each user by themselves.\n",
    compile_rows,
};

static const option_row config_rows[] = {END};
const verb verb_config = {
    "config", "",
    "print the defaults of options",
    "Those of ndrscan.yaml, the system's and your own, as YAML. What is given on the\n"
    "command line goes before them. 'ndrscan config check' checks them.\n",
    config_rows,
};
const verb verb_config_check = {
    "config check", "[FILE]",
    "check the defaults of options, and who may write",
    "FILE, or those that are in force; then also that nobody but root may write to\n"
    "settings, rules and what was compiled. Exit status: 0 all right, 2 not.\n",
    config_rows,
};
