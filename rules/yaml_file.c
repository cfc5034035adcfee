/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * yaml_file.c - does a file say what its schema allows, and on which line?
 *
 * libcyaml makes the C data, but it names no line for what is found wrong
 * after the load, and takes 'flase' for true. So libyaml's events are walked
 * along the same schema first (yaml_walk.c). libcyaml also knows no value that is this or
 * that; where a file may say it in brief, the walk writes it out in full, and
 * libcyaml reads that.
 */
#include "yaml_file.h"

#include "yaml_walk.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Does some line begin with a list's key of the top level? A version others have, too. */
static bool
is_ours(ndr_slice text, const cyaml_schema_value_t *schema)
{
    for (size_t at = 0; at < text.len;) {
        for (const cyaml_schema_field_t *f = schema->mapping.fields; f->key != NULL;
             f++) {
            const size_t n = strlen(f->key);
            if (f->value.type == CYAML_SEQUENCE && text.len - at > n &&
                memcmp(text.ptr + at, f->key, n) == 0 && text.ptr[at + n] == ':')
                return true;
        }
        const unsigned char *end = memchr(text.ptr + at, '\n', text.len - at);
        at = end != NULL ? (size_t)(end - text.ptr) + 1 : text.len;
    }
    return false;
}

/* What libcyaml said last; it logs the reason before the backtrace. */
typedef struct said {
    char text[200];
} said;

static void
keep_log(cyaml_log_t how, void *ctx, const char *format, va_list ap) NDR_PRINTF(3, 0);

static void
keep_log(cyaml_log_t how, void *ctx, const char *format, va_list ap)
{
    said *s = ctx;
    if (how < CYAML_LOG_ERROR || s->text[0] != '\0')
        return;
    (void)vsnprintf(s->text, sizeof s->text, format, ap);
    s->text[strcspn(s->text, "\n")] = '\0';
}

static cyaml_config_t
config_with(said *s)
{
    return (cyaml_config_t){
        .log_fn = keep_log,
        .log_ctx = s,
        .mem_fn = cyaml_mem,
        .log_level = CYAML_LOG_ERROR,
        .flags = CYAML_CFG_NO_ALIAS,
    };
}

/* What the walk let through, by libcyaml. */
static int
load(const ndr_yaml_walk *w, ndr_slice text, ndr_yaml *ret)
{
    said s = {""};
    const cyaml_config_t config = config_with(&s);
    const cyaml_err_t got =
        cyaml_load_data(text.ptr, text.len, &config, ret->schema, &ret->data, NULL);
    if (got == CYAML_OK)
        return 0;
    if (got == CYAML_ERR_OOM)
        return ndr_fail(w->err, NDR_E_NOMEM, "%s: no memory", w->name);
    return ndr_fail(w->err, NDR_E_SYNTAX, "%s: %s", w->name,
                    s.text[0] != '\0' ? s.text : cyaml_strerror(got));
}

int
ndr_yaml_load(const char *name, ndr_slice text, const cyaml_schema_value_t *schema,
              const ndr_yaml_brief *brief, ndr_yaml *ret, ndr_error *err)
{
    static const ndr_yaml_brief no_brief = {0};
    *ret = (ndr_yaml){.schema = schema};
    ndr_yaml_walk w = {.name = name, .text = text, .y = ret, .err = err};
    w.brief = brief != NULL ? brief : &no_brief;
    w.ours = is_ours(text, schema);
    bool filled = false;
    if (text.len == 0)
        return 0;
    if (text.len >= 2 && ((text.ptr[0] == 0xff && text.ptr[1] == 0xfe) ||
                          (text.ptr[0] == 0xfe && text.ptr[1] == 0xff)))
        return ndr_fail(err, NDR_E_SYNTAX, "%s:1: UTF-16; save the file as UTF-8", name);

    ndr_slice full = text;
    if (brief != NULL)
        ndr_yaml_full_begin(&w.full);
    int rc = ndr_yaml_walk_file(&w, &filled);
    if (rc == 0 && filled && brief != NULL && !ndr_yaml_full_end(&w.full, &full))
        rc = ndr_fail(err, NDR_E_NOMEM, "%s: no memory", name);
    if (rc == 0 && filled)
        rc = load(&w, full, ret);
    ndr_yaml_full_free(&w.full);
    if (rc < 0)
        ndr_yaml_free(ret);
    return rc;
}

void
ndr_yaml_free(ndr_yaml *y)
{
    said s = {""};
    const cyaml_config_t config = config_with(&s);
    if (y->data != NULL)
        (void)cyaml_free(&config, y->schema, y->data, 0);
    free(y->spot);
    *y = (ndr_yaml){0};
}

size_t
ndr_yaml_line(const ndr_yaml *y, const char *list, size_t entry, const char *key,
              size_t item)
{
    /* a list is there once at most, so its spots are one run, its entries ascending */
    size_t lo = 0, hi = y->spot_count;
    while (lo < hi && strcmp(y->spot[lo].list, list) != 0)
        lo = y->spot[lo].list_end;
    if (lo < hi)
        hi = y->spot[lo].list_end;
    const size_t end = hi;
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (y->spot[mid].entry < entry)
            lo = mid + 1;
        else
            hi = mid;
    }
    size_t line = 0;
    for (; lo < end && y->spot[lo].entry == entry; lo++) {
        const struct ndr_yaml_spot *s = &y->spot[lo];
        if (s->key == NULL)
            line = s->line;
        else if (key != NULL && strcmp(s->key, key) == 0 &&
                 (s->item == NDR_YAML_WHOLE || s->item == item))
            line = s->line;
    }
    return line;
}
