/* SPDX-License-Identifier: BSD-3-Clause */
/* ndrscan.c - which verb was asked for? */
#include "app/commands.h"
#include "app/config.h"
#include "app/diag.h"
#include "app/nearest.h"
#include "app/stop.h"
#include "app/stream_pass.h"
#include "app/tables.h"

#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

static const struct {
    const verb *verb;
    int (*run)(opts *o);
} commands[] = {
    {&verb_scan, cmd_scan},
    {&verb_explain, cmd_explain},
    {&verb_merge, cmd_merge},
    {&verb_stats_merge, cmd_stats_merge},
    {&verb_rules_check, cmd_rules_check},
    {&verb_rules_list, cmd_rules_list},
    {&verb_rules_stats, cmd_rules_stats},
    {&verb_rules_suggest, cmd_rules_suggest},
    {&verb_rules_compile, cmd_rules_compile},
    {&verb_config, cmd_config},
    {&verb_config_check, cmd_config_check},
    {&verb_block, cmd_block},
    {&verb_unblock, cmd_unblock},
    {&verb_windows, cmd_windows},
    {&verb_windows_history, cmd_windows_history},
    {&verb_windows_check, cmd_windows_check},
    {&verb_windows_settle, cmd_windows_settle},
    {&verb_report, cmd_report},
    {&verb_pack, cmd_pack},
    {&verb_filter, cmd_filter},
    {&verb_check, cmd_check},
    {&verb_split, cmd_split},
    {&verb_client, cmd_program},
    {&verb_milter, cmd_program},
    {&verb_apply, cmd_apply},
    {&verb_undo, cmd_undo},
    {&verb_runs, cmd_runs},
    {&verb_watch, cmd_watch},
    {&verb_sent_add, cmd_sent_add},
    {&verb_sent_stats, cmd_sent_stats},
    {&verb_sent_prune, cmd_sent_prune},
    {&verb_sent_check, cmd_sent_check},
    {&verb_sent_merge, cmd_sent_merge},
    {&verb_identity_init, cmd_identity_init},
    {&verb_identity_check, cmd_identity_check},
    {&verb_identity_list, cmd_identity_list},
    {&verb_identity_test, cmd_identity_test},
    {&verb_notify, cmd_program},
    {&verb_console, cmd_program},
    {&verb_console_passwd, cmd_program},
};

static void
print_version(FILE *out)
{
    /* "… hyperscan 5.4.0 tune …": which library was linked, for reports of bugs */
    const char *at = strstr(ndr_platform(), "hyperscan ");
    at = at != NULL ? at + strlen("hyperscan ") : "unknown";
    (void)fprintf(out, "ndrscan %s (Hyperscan %.*s)\n", NDR_VERSION,
                  (int)strcspn(at, " "), at);
}

static void
print_help(FILE *out)
{
    (void)fputs(
        "usage: ndrscan VERB [options] ...\n\n"
        "Finds bounces (non-delivery reports) in mail and holds them against windows in\n"
        "which an administrator wants every bounce to a domain junked.\n\n"
        "Verbs\n",
        out);
    for (const verb *const *v = all_verbs; *v != NULL; v++)
        (void)fprintf(out, "  %-15s  %s\n", (*v)->name, (*v)->help);
    (void)fputs(
        "\nExamples\n"
        "  ndrscan scan /var/mail/alice\n"
        "  ndrscan scan --windows windows.yaml --emit junk -r /var/vmail\n"
        "  ndrscan explain message.eml\n"
        "\n'ndrscan VERB --help' tells the options of a verb, ndrscan(1) the rest.\n",
        out);
}

/*
 * The verb that argv names, and how many words its name takes; NULL when it
 * is none.
 */
static const verb *
find_verb(int argc, char **argv, int *ret_words)
{
    const verb *found = NULL;
    for (const verb *const *v = all_verbs; *v != NULL && argc > 0; v++) {
        const size_t n = strcspn((*v)->name, " ");
        if (strlen(argv[0]) != n || strncmp(argv[0], (*v)->name, n) != 0)
            continue;
        if ((*v)->name[n] == '\0') {
            *ret_words = 1;
            found = *v; /* "windows", unless a verb of two words fits: "windows check" */
        } else if (argc > 1 && strcmp(argv[1], (*v)->name + n + 1) == 0) {
            *ret_words = 2;
            return *v;
        }
    }
    return found;
}

/* "rules" has "check, list" behind it; false when `word` begins no verb. */
static bool
tell_second_words(const char *word, FILE *out)
{
    bool any = false;
    for (const verb *const *v = all_verbs; *v != NULL; v++) {
        const size_t n = strcspn((*v)->name, " ");
        if ((*v)->name[n] == ' ' && strlen(word) == n &&
            strncmp(word, (*v)->name, n) == 0) {
            (void)fprintf(out, "  %-15s  %s\n", (*v)->name, (*v)->help);
            any = true;
        }
    }
    return any;
}

/* The verb that was meant by the words typed, in full; NULL when none is near. */
static const char *
meant(int argc, char **argv)
{
    const char *best = NULL;
    size_t least = SIZE_MAX;
    char typed[80];
    for (const verb *const *v = all_verbs; *v != NULL; v++) {
        const bool two = strchr((*v)->name, ' ') != NULL;
        const int n = two && argc > 1
                          ? snprintf(typed, sizeof typed, "%s %s", argv[0], argv[1])
                          : snprintf(typed, sizeof typed, "%s", argv[0]);
        if (n < 0 || (size_t)n >= sizeof typed || !nearest_is_near(typed, (*v)->name))
            continue;
        const size_t off = nearest_distance(typed, (*v)->name);
        if (off < least) {
            least = off;
            best = (*v)->name;
        }
    }
    return best;
}

static int
unknown_verb(int argc, char **argv)
{
    for (const verb *const *v = all_verbs; *v != NULL; v++) {
        const size_t n = strcspn((*v)->name, " ");
        if ((*v)->name[n] == '\0' || strlen(argv[0]) != n ||
            strncmp(argv[0], (*v)->name, n) != 0)
            continue;
        if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
            (void)printf("usage: ndrscan %s VERB [options]\n\nVerbs\n", argv[0]);
            (void)tell_second_words(argv[0], stdout);
            return finish_stdout();
        }
        const char *word = meant(argc, argv);
        if (argc > 1 && word != NULL)
            diag("no verb '%s %s'; did you mean 'ndrscan %s'?", argv[0], argv[1], word);
        else if (argc > 1)
            diag("no verb '%s %s'; see 'ndrscan %s --help'", argv[0], argv[1], argv[0]);
        else
            diag("%s what? see 'ndrscan %s --help'", argv[0], argv[0]);
        return EXIT_NOT_RUN;
    }
    const char *word = meant(argc, argv);
    if (word != NULL)
        diag("no verb '%s'; did you mean 'ndrscan %s'?", argv[0], word);
    else if (access(argv[0], F_OK) == 0)
        diag("no verb '%s'; to scan it: ndrscan scan %s", argv[0], argv[0]);
    else
        diag("no verb '%s'; see 'ndrscan --help'", argv[0]);
    return EXIT_NOT_RUN;
}

static int
cmd_help(opts *o)
{
    const char *arg;
    if (opts_next(o, &arg) != 0)
        return o->status;
    size_t count = 0;
    char **word = opts_operands(o, &count);
    if (count == 0) {
        print_help(stdout);
        return 0;
    }
    int words = 0;
    const verb *v = find_verb((int)count, word, &words);
    if (v == NULL && tell_second_words(word[0], stdout))
        return 0;
    const char *near = v == NULL ? meant((int)count, word) : NULL;
    if (near != NULL)
        return opts_mistake(o, "no verb '%s'; did you mean '%s'?", word[0], near);
    if (v == NULL)
        return opts_mistake(o, "no verb '%s'; see 'ndrscan help'", word[0]);
    opts_print_help(v, stdout);
    return 0;
}

static int
cmd_version(opts *o)
{
    const char *arg;
    if (opts_next(o, &arg) != 0)
        return o->status;
    print_version(stdout);
    return 0;
}

/* Is it one of the verbs through which mail passes? They have exit statuses of their own,
 * from the first moment on. */
static bool
is_stream_verb(const char *word)
{
    static const verb *const stream[] = {&verb_filter, &verb_check, &verb_client};
    for (size_t i = 0; i < sizeof stream / sizeof stream[0]; i++)
        if (strcmp(word, stream[i]->name) == 0)
            return true;
    return false;
}

int
main(int argc, char **argv)
{
    const bool stream = argc > 1 && is_stream_verb(argv[1]);
    if (stream)
        pass_die_with_75();
    else
        stop_at_once_on_signals();
    if (!hold_standard_descriptors())
        return stream ? EX_TEMPFAIL : EXIT_NOT_RUN;
#ifdef M_MMAP_THRESHOLD
    /* glibc raises its threshold when a large block is freed, and then keeps such blocks:
     * a large message's memory is to go back to the system */
    (void)mallopt(M_MMAP_THRESHOLD, 256 << 10);
#endif
    (void)signal(SIGPIPE, SIG_IGN); /* a reader that goes away is an error of write */
    opts_print_version = print_version;
    opts_find_defaults = config_defaults;
    argc--;
    argv++;
    if (argc < 1) {
        print_help(stderr);
        return EXIT_NOT_RUN;
    }
    int status = 0;
    int words = 0;
    const verb *v = find_verb(argc, argv, &words);
    if (v == NULL && (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0)) {
        print_help(stdout);
    } else if (v == NULL &&
               (strcmp(argv[0], "--version") == 0 || strcmp(argv[0], "-V") == 0)) {
        print_version(stdout);
    } else if (v == NULL) {
        return unknown_verb(argc, argv);
    } else {
        opts o;
        opts_begin(&o, v, argc - words + 1, argv + words - 1);
        status = EXIT_NOT_RUN;
        if (v == &verb_help)
            status = cmd_help(&o);
        else if (v == &verb_version)
            status = cmd_version(&o);
        for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
            if (commands[i].verb == v)
                status = commands[i].run(&o);
    }
    const int out = finish_stdout();
    return status == 0 ? out : status;
}
