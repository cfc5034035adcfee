/* SPDX-License-Identifier: BSD-3-Clause */
/* completion.c - how do zsh and fish complete what the tables of options say? */
#include "completion.h"

#include "tables.h"

#include <string.h>

/* What an operand of a verb is, for those that a shell cannot know: a command that prints
 * one a line. */
#define SED_DOMAIN "sed -n 's/.*\"domain\":\"\\([^\"]*\\)\".*/\\1/p' | sort -u"
static const struct {
    const char *verb, *command;
} operands[] = {
    {"block", "ndrscan report --output json 2>/dev/null | tr '{' '\\n' | " SED_DOMAIN},
    {"unblock", "ndrscan windows --output jsonl 2>/dev/null | " SED_DOMAIN},
    {"windows history", "ndrscan windows --output jsonl 2>/dev/null | " SED_DOMAIN},
    {"report", "ndrscan report --output json 2>/dev/null | tr '{' '\\n' | " SED_DOMAIN},
    {"undo", "ndrscan runs --output jsonl 2>/dev/null | "
             "sed -n 's/.*\"run\":\"\\([^\"]*\\)\".*/\\1/p'"},
};

const char *
completion_operands(const char *name)
{
    for (size_t i = 0; i < sizeof operands / sizeof operands[0]; i++)
        if (strcmp(operands[i].verb, name) == 0)
            return operands[i].command;
    return NULL;
}

static const option_row common[] = {
    {1, 'h', "help", NULL, NULL, "this text", NULL},
    {2, 'V', "version", NULL, NULL, "the versions", NULL},
};
enum { COMMON = sizeof common / sizeof common[0] };

static bool
is_end(const option_row *r)
{
    return r->name == NULL && r->help == NULL;
}

/* `text` inside single quotes, with a backslash before each of `special`; one line. */
static void
put(const char *text, const char *special, FILE *out)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'') {
            (void)fputs("'\\''", out);
            continue;
        }
        if (strchr(special, *text) != NULL)
            (void)fputc('\\', out);
        (void)fputc(*text == '\n' ? ' ' : *text, out);
    }
}

static void
put_words(const char *words, FILE *out)
{
    for (; *words != '\0'; words++)
        (void)fputc(*words == '|' ? ' ' : *words, out);
}

/* Is it the first of those that begin with its first word? */
static bool
is_first(const verb *const *list, const verb *const *v)
{
    const size_t n = strcspn((*v)->name, " ");
    for (const verb *const *w = list; w < v; w++)
        if (strcspn((*w)->name, " ") == n && strncmp((*w)->name, (*v)->name, n) == 0)
            return false;
    return true;
}

/* ---- fish -------------------------------------------------------------------------
 */

static void
fish_option(const verb *v, const option_row *r, FILE *out)
{
    (void)fprintf(out, "complete -c ndrscan -n '__ndrscan_verb \"%s\"' -l %s", v->name,
                  r->name);
    if (r->letter != 0)
        (void)fprintf(out, " -s %c", r->letter);
    if (r->words != NULL) {
        (void)fputs(" -x -a '", out);
        put_words(r->words, out);
        (void)fputc('\'', out);
    } else if (r->arg != NULL) {
        (void)fputs(" -r", out);
    }
    (void)fputs(" -d \"", out);
    for (const char *c = r->help; *c != '\0'; c++)
        (void)fputc(*c == '\n' ? ' ' : *c == '"' || *c == '$' ? '\'' : *c, out);
    (void)fputs("\"\n", out);
}

static void
fish_operands(const verb *v, FILE *out)
{
    char name[64];
    (void)snprintf(name, sizeof name, "%s", v->name);
    for (char *c = name; *c != '\0'; c++)
        *c = *c == ' ' ? '_' : *c;
    (void)fprintf(out, "function __ndrscan_%s\n    sh -c '", name);
    for (const char *c = completion_operands(v->name); *c != '\0'; c++) {
        if (*c == '\'' || *c == '\\')
            (void)fputc('\\', out);
        (void)fputc(*c, out);
    }
    (void)fprintf(out,
                  "'\nend\ncomplete -c ndrscan -n '__ndrscan_verb \"%s\"' -f -a "
                  "'(__ndrscan_%s)'\n",
                  v->name, name);
}

void
completion_fish(const verb *const *list, FILE *out)
{
    (void)fputs(
        "# fish completion for ndrscan, made from its tables of options\n"
        "function __ndrscan_verb\n"
        "    set -l words (commandline -opc)\n"
        "    set -e words[1]\n"
        "    string match -qr -- \"^$argv[1]( |\\$)\" (string join ' ' -- $words)\n"
        "end\n"
        "complete -c ndrscan -n 'test (count (commandline -opc)) -eq 1' -f\n",
        out);
    for (const verb *const *v = list; *v != NULL; v++) {
        const size_t n = strcspn((*v)->name, " ");
        if (is_first(list, v))
            (void)fprintf(
                out,
                "complete -c ndrscan -n 'test (count (commandline -opc)) -eq 1' "
                "-a %.*s -d \"%s\"\n",
                (int)n, (*v)->name, (*v)->help);
        if ((*v)->name[n] == ' ')
            (void)fprintf(
                out,
                "complete -c ndrscan -n '__ndrscan_verb \"%.*s\"; and test (count "
                "(commandline -opc)) -eq 2' -a %s -d \"%s\"\n",
                (int)n, (*v)->name, (*v)->name + n + 1, (*v)->help);
        for (const option_row *r = (*v)->row; !is_end(r); r++)
            if (r->name != NULL)
                fish_option(*v, r, out);
        for (size_t i = 0; i < COMMON; i++)
            fish_option(*v, &common[i], out);
        if (completion_operands((*v)->name) != NULL)
            fish_operands(*v, out);
    }
}

/* ---- zsh --------------------------------------------------------------------------
 */

/* The name of the function that adds a verb's operands. */
static void
zsh_function(const verb *v, FILE *out)
{
    (void)fputs("_ndrscan_", out);
    for (const char *c = v->name; *c != '\0'; c++)
        (void)fputc(*c == ' ' ? '_' : *c, out);
}

static void
zsh_option(const option_row *r, FILE *out)
{
    if (r->letter != 0)
        (void)fprintf(out, " '*-%c%s[", r->letter, r->arg != NULL ? "+" : "");
    for (int name = r->letter != 0 ? 0 : 1; name < 2; name++) {
        if (name == 1)
            (void)fprintf(out, " '*--%s%s[", r->name, r->arg != NULL ? "=" : "");
        put(r->help, "[]:", out);
        (void)fputc(']', out);
        if (r->arg != NULL) {
            (void)fputc(':', out);
            put(r->arg, ":[]", out);
            (void)fputc(':', out);
            if (r->words != NULL) {
                (void)fputc('(', out);
                put_words(r->words, out);
                (void)fputc(')', out);
            } else {
                (void)fputs("_files", out);
            }
        }
        (void)fputc('\'', out);
    }
}

void
completion_zsh(const verb *const *list, FILE *out)
{
    (void)fputs("#compdef ndrscan\n"
                "# zsh completion for ndrscan, made from its tables of options\n",
                out);
    for (const verb *const *v = list; *v != NULL; v++)
        if (completion_operands((*v)->name) != NULL) {
            zsh_function(*v, out);
            (void)fprintf(out, "() { compadd -- ${(f)\"$(%s)\"} }\n",
                          completion_operands((*v)->name));
        }
    (void)fputs("_ndrscan() {\n"
                "    local -a verbs\n"
                "    local verb=$words[2]\n"
                "    if (( CURRENT == 2 )); then\n"
                "        verbs=(",
                out);
    for (const verb *const *v = list; *v != NULL; v++)
        if (is_first(list, v)) {
            (void)fprintf(out, " '%.*s:", (int)strcspn((*v)->name, " "), (*v)->name);
            put((*v)->help, "", out);
            (void)fputc('\'', out);
        }
    (void)fputs(")\n        _describe verb verbs\n        return\n    fi\n", out);
    for (const verb *const *v = list; *v != NULL; v++) {
        const size_t n = strcspn((*v)->name, " ");
        if ((*v)->name[n] != ' ')
            continue;
        (void)fprintf(out,
                      "    [[ $words[2] = %.*s ]] && {\n"
                      "        (( CURRENT == 3 )) && { verbs=('%s:",
                      (int)n, (*v)->name, (*v)->name + n + 1);
        put((*v)->help, "", out);
        (void)fprintf(out,
                      "'); _describe verb verbs }\n"
                      "        [[ $words[3] = %s ]] && verb='%s'\n    }\n",
                      (*v)->name + n + 1, (*v)->name);
    }
    (void)fputs("    case $verb in\n", out);
    for (const verb *const *v = list; *v != NULL; v++) {
        const char *command = completion_operands((*v)->name);
        (void)fprintf(out, "    '%s') _arguments -s :", (*v)->name);
        for (const option_row *r = (*v)->row; !is_end(r); r++)
            if (r->name != NULL)
                zsh_option(r, out);
        for (size_t i = 0; i < COMMON; i++)
            zsh_option(&common[i], out);
        if (command == NULL) {
            (void)fputs(" '*:file:_files'", out);
        } else {
            (void)fputs(" '*:name:", out);
            zsh_function(*v, out);
            (void)fputc('\'', out);
        }
        (void)fputs(" ;;\n", out);
    }
    (void)fputs("    esac\n}\n_ndrscan \"$@\"\n", out);
}
