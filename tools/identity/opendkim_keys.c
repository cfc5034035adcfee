/* SPDX-License-Identifier: BSD-3-Clause */
/* opendkim_keys.c - with which keys does OpenDKIM sign? (opendkim.conf(5)) */
#include "key_search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const places[] = {"/etc/opendkim.conf", "/etc/opendkim/opendkim.conf",
                                     "/usr/local/etc/mail/opendkim.conf"};

/* "domain:selector:/path/of/key", where % stands for the sender's domain. */
static void
take_row(key_search *s, char *value, const char *by)
{
    char *selector = strchr(value, ':');
    char *path = selector != NULL ? strchr(selector + 1, ':') : NULL;
    if (path == NULL)
        return;
    *selector++ = '\0';
    *path++ = '\0';
    if (strcmp(value, "%") != 0 && strcasecmp(value, s->domain) != 0)
        return;
    char *full = keys_replace(path, "%", s->domain);
    if (full != NULL && full[0] == '/')
        keys_take_file(s, selector, full, by);
    else if (full != NULL)
        keys_take_text(s, selector, ndr_slice_of(full), NDR_TIME_UNKNOWN, by, by);
    free(full);
}

static void
read_table(key_search *s, const char *value, const char *by)
{
    ndr_buffer text = {0};
    char said[300];
    const char *colon = strchr(value, ':');
    const char *path = value;
    if (colon != NULL &&
        (strncmp(value, "file:", 5) == 0 || strncmp(value, "refile:", 7) == 0))
        path = colon + 1;
    if (path[0] != '/') {
        keys_fail(s, "%s: KeyTable %s is no file; name its keys with --key FILE", by,
                  value);
        return;
    }
    if (!keys_read(s, path, &text)) {
        keys_fail(s, "%s%s cannot be read; %s names it", s->root, path, by);
        return;
    }
    (void)snprintf(said, sizeof said, "%s%s", s->root, path);
    char *rest = NULL;
    for (char *line = strtok_r((char *)text.ptr, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        line = keys_trim(line);
        char *row = line + strcspn(line, " \t");
        if (*row != '\0')
            take_row(s, row + strspn(row, " \t"), said);
    }
    ndr_buffer_free(&text);
}

static void
read_settings(key_search *s, char *text, const char *by)
{
    const char *table = NULL, *file = NULL, *selector = "default", *domain = "";
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        line = keys_trim(line);
        char *value = line + strcspn(line, " \t");
        if (*value == '\0')
            continue;
        *value++ = '\0';
        value += strspn(value, " \t");
        if (strcasecmp(line, "KeyTable") == 0)
            table = value;
        else if (strcasecmp(line, "KeyFile") == 0)
            file = value;
        else if (strcasecmp(line, "Selector") == 0)
            selector = value;
        else if (strcasecmp(line, "Domain") == 0)
            domain = value;
    }
    if (table != NULL) /* then KeyFile counts for nothing */
        read_table(s, table, by);
    else if (file != NULL && keys_list_has(domain, ", \t", s->domain))
        keys_take_file(s, selector, file, by);
}

void
opendkim_keys(key_search *s)
{
    char by[300];
    ndr_buffer text;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (!keys_read(s, places[i], &text))
            continue;
        (void)snprintf(by, sizeof by, "%s%s", s->root, places[i]);
        read_settings(s, (char *)text.ptr, by);
        ndr_buffer_free(&text);
    }
}
