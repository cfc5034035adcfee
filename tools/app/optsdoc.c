/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * optsdoc.c - how do the tables of options get into man pages and completion?
 *
 *   optsdoc page FILE.scd DATADIR  FILE with each line "@options VERB" replaced
 *   optsdoc bash|fish|zsh          the completion for that shell
 *
 * Runs when ndrscan is built and is not installed.
 */
#include "completion.h"
#include "tables.h"

#include <string.h>

/* The file `name` of a folder beside tools/man, where the page is: what the manual shows
 * is what the tests run. */
static int
include(const char *page_path, const char *beside, const char *name)
{
    char path[4096], line[4096];
    const char *slash = strrchr(page_path, '/');
    const int folder = slash != NULL ? (int)(slash - page_path) + 1 : 0;
    const int n =
        snprintf(path, sizeof path, "%.*s../%s/%s", folder, page_path, beside, name);
    FILE *in = n > 0 && (size_t)n < sizeof path ? fopen(path, "re") : NULL;
    if (in == NULL) {
        perror(name);
        return 1;
    }
    while (fgets(line, sizeof line, in) != NULL)
        for (const char *p = line; *p != '\0'; p++) {
            if (*p == '\\') /* which takes the meaning from what follows, there too */
                (void)putchar('\\');
            (void)putchar(*p);
        }
    const int status = ferror(in) != 0;
    (void)fclose(in);
    return status;
}

/* What lies beside the manual is named as it is installed here. */
static void
put_line(const char *line, const char *datadir)
{
    static const char name[] = "@datadir@";
    for (const char *at; (at = strstr(line, name)) != NULL; line = at + sizeof name - 1)
        (void)printf("%.*s%s", (int)(at - line), line, datadir);
    (void)fputs(line, stdout);
}

static int
page(const char *path, const char *datadir)
{
    char line[4096];
    FILE *in = fopen(path, "re");
    if (in == NULL) {
        perror(path);
        return 1;
    }
    int status = 0;
    while (fgets(line, sizeof line, in) != NULL) {
        const bool wiring = strncmp(line, "@wiring ", 8) == 0;
        const bool cluster = strncmp(line, "@cluster ", 9) == 0;
        if (wiring || cluster || strncmp(line, "@example ", 9) == 0) {
            line[strcspn(line, "\n")] = '\0';
            status = wiring ? include(path, "wiring", line + 8)
                            : include(path, cluster ? "cluster" : "examples", line + 9);
            if (status != 0)
                break;
            continue;
        }
        if (strncmp(line, "@options ", 9) != 0) {
            put_line(line, datadir);
            continue;
        }
        line[strcspn(line, "\n")] = '\0';
        const verb *const *v = all_verbs;
        while (*v != NULL && strcmp((*v)->name, line + 9) != 0)
            v++;
        if (*v == NULL) {
            (void)fprintf(stderr, "%s: no verb '%s'\n", path, line + 9);
            status = 1;
            break;
        }
        opts_print_scdoc(*v, stdout);
    }
    status |= ferror(in) != 0;
    (void)fclose(in);
    return status;
}

int
main(int argc, char **argv)
{
    int status = 2;
    if (argc == 4 && strcmp(argv[1], "page") == 0)
        status = page(argv[2], argv[3]);
    else if (argc == 2 && strcmp(argv[1], "fish") == 0) {
        completion_fish(all_verbs, stdout);
        status = 0;
    } else if (argc == 2 && strcmp(argv[1], "zsh") == 0) {
        completion_zsh(all_verbs, stdout);
        status = 0;
    } else if (argc == 2 && strcmp(argv[1], "bash") == 0)
        status = (opts_print_bash(all_verbs, stdout), 0);
    else
        (void)fprintf(stderr,
                      "usage: optsdoc page FILE.scd DATADIR | bash | fish | zsh\n");
    return fflush(stdout) != 0 ? 1 : status;
}
