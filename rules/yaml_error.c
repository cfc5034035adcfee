/* SPDX-License-Identifier: BSD-3-Clause */
/* yaml_error.c - how is what is wrong in a file told, with what to do about it? */
#include "yaml_walk.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
ndr_yaml_show(const ndr_yaml_walk *w, ndr_slice word, char ret[NDR_QUOTE_MAX])
{
    ndr_quote(w->ours ? word : NDR_SLICE("…"), ret);
}

/* The entries of "windows" are each a "window", of "identities" an "identity". */
static void
noun_of(const char *list, char *ret, size_t size)
{
    const size_t n = strlen(list);
    const bool ies = n > 3 && strcmp(list + n - 3, "ies") == 0;
    (void)snprintf(ret, size, "%.*s%s", (int)(n - (ies ? 3 : 1)), list, ies ? "y" : "");
}

int
ndr_yaml_fail_at(const ndr_yaml_walk *w, size_t line, const char *format, ...)
{
    char words[400], noun[24], entry[NDR_QUOTE_MAX + 60] = "";
    va_list ap;
    va_start(ap, format);
    (void)vsnprintf(words, sizeof words, format, ap);
    va_end(ap);
    if (w->in_entry) {
        noun_of(w->open[0].field->key, noun, sizeof noun);
        (void)snprintf(entry, sizeof entry, "%s %zu%s%s%s: ", noun, w->open[1].count,
                       w->telling[0] != '\0' ? " (" : "", w->telling,
                       w->telling[0] != '\0' ? ")" : "");
    }
    return ndr_fail(w->err, NDR_E_SYNTAX, "%s:%zu: %s%s", w->name, line, entry, words);
}

size_t
ndr_yaml_line_of(yaml_mark_t mark)
{
    return mark.line + 1;
}

const char *
ndr_yaml_type_words(enum cyaml_type type)
{
    return type == CYAML_MAPPING    ? "keys with values"
           : type == CYAML_SEQUENCE ? "a list"
           : type == CYAML_BOOL     ? "true or false"
           : type == CYAML_INT      ? "a number"
                                    : "text";
}

int
ndr_yaml_fail_shape(const ndr_yaml_walk *w, size_t line, const cyaml_schema_value_t *want,
                    const char *found)
{
    const ndr_yaml_level *top = w->depth > 0 ? &w->open[w->depth - 1] : NULL;
    char what[NDR_QUOTE_MAX] = "the file";
    if (top != NULL && top->schema->type == CYAML_MAPPING)
        ndr_quote(ndr_slice_of(top->field->key), what);
    else if (top != NULL)
        (void)snprintf(what, sizeof what, "each item of '%s'", top[-1].field->key);
    char remedy[96] = "";
    if (want->type == CYAML_STRING)
        (void)snprintf(remedy, sizeof remedy, "; put text in apostrophes: 'like [this]'");
    else if (want->type == CYAML_SEQUENCE && strcmp(found, "text") == 0)
        (void)snprintf(remedy, sizeof remedy, "; put it in brackets: [like this]");
    else if (want->type == CYAML_MAPPING && top == NULL) {
        const cyaml_schema_field_t *f = want->mapping.fields;
        for (const cyaml_schema_field_t *k = f; k->key != NULL; k++)
            if (k->value.type == CYAML_SEQUENCE) /* the last list is what files are for */
                f = k;
        (void)snprintf(remedy, sizeof remedy, "; put '%s:' in front of it", f->key);
    }
    return ndr_yaml_fail_at(w, line, "%s must be %s, found %s%s", what,
                            ndr_yaml_type_words(want->type), found, remedy);
}

static size_t
count_lines(ndr_slice text, size_t until)
{
    size_t line = 1;
    for (size_t i = 0; i < until && i < text.len; i++)
        line += text.ptr[i] == '\n' ? 1 : 0;
    return line;
}

/* The line `line` holds a tab before its first other character. */
static bool
has_tab(ndr_slice text, size_t line)
{
    size_t i = 0;
    for (size_t l = 1; l < line && i < text.len; i++)
        l += text.ptr[i] == '\n' ? 1 : 0;
    for (; i < text.len && (text.ptr[i] == ' ' || text.ptr[i] == '\t'); i++)
        if (text.ptr[i] == '\t')
            return true;
    return false;
}

/* What to do about what libyaml says, for the slips of the hand that are common. */
static const char *
remedy_for(const char *problem, bool tab)
{
    static const struct {
        const char *said, *remedy;
    } remedies[] = {
        {"mapping values are not allowed",
         "; put text that holds ': ' in apostrophes, and check the indentation"},
        {"escape character", "; between \" a \\ is special: put the text in apostrophes"},
        {"found character that cannot start", "; put the text in apostrophes"},
        {"did not find expected key", "; check the indentation and the apostrophes"},
        {"could not find expected ':'", "; check the indentation and the apostrophes"},
        {"did not find expected '-'", "; items of one list begin in one column"},
        {"did not find expected ',' or ']'", "; a list is not closed"},
        {"did not find expected ',' or '}'", "; a mapping is not closed"},
        {"alphabetic or numeric character",
         "; put text that begins with & or * in apostrophes"},
        {"unexpected end of stream", "; a quote is not closed"},
    };
    if (tab)
        return "; indent with blanks, not with tabs";
    for (size_t i = 0; i < sizeof remedies / sizeof remedies[0]; i++)
        if (strstr(problem, remedies[i].said) != NULL)
            return remedies[i].remedy;
    return "";
}

int
ndr_yaml_fail_parse(const ndr_yaml_walk *w, const yaml_parser_t *p)
{
    const char *problem = p->problem == NULL ? "unreadable" : p->problem;
    if (p->error == YAML_MEMORY_ERROR)
        return ndr_fail(w->err, NDR_E_NOMEM, "%s: no memory", w->name);
    if (p->error == YAML_READER_ERROR) {
        const bool utf8 = strstr(problem, "UTF-8") != NULL;
        size_t at = p->problem_offset;
        if (strstr(problem, "trailing") !=
            NULL) /* the byte that promised more is at fault */
            for (int back = 0; back < 3 && at > 0; back++)
                if (w->text.ptr[--at] >= 0xc0)
                    break;
        const unsigned byte = at < w->text.len ? w->text.ptr[at] : 0;
        char which[24] = "";
        if (w->ours || byte < 0x20)
            (void)snprintf(which, sizeof which, " (byte 0x%02x)", byte);
        return ndr_fail(w->err, NDR_E_SYNTAX, "%s:%zu: %s%s; %s", w->name,
                        count_lines(w->text, at),
                        utf8 ? "not UTF-8" : "a control character", which,
                        utf8 ? "save the file as UTF-8" : "take it out");
    }
    /* of a quote that is not closed, the line where it opens is of more use */
    const bool open_quote = strstr(problem, "unexpected end of stream") != NULL;
    const size_t line = ndr_yaml_line_of(open_quote ? p->context_mark : p->problem_mark);
    return ndr_fail(w->err, NDR_E_SYNTAX, "%s:%zu: not YAML: %s%s", w->name, line,
                    problem, remedy_for(problem, has_tab(w->text, line)));
}
