/* SPDX-License-Identifier: BSD-3-Clause */
/* rspamd_keys.c - with which keys does rspamd sign? (its module dkim_signing) */
#include "key_search.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define KEYS "/var/lib/rspamd/dkim"
static const char *const places[] = {"/etc/rspamd/local.d/dkim_signing.conf",
                                     "/etc/rspamd/override.d/dkim_signing.conf"};

enum { DEEP = 16 };

typedef struct pair {
    const char *selector, *path;
} pair;

/* What holds where no block of the domain says otherwise. */
typedef struct settings {
    pair usual;
    pair map; /* files that name both by domain; NULL: none */
} settings;

/* Words of UCL, as far as these settings use it. Cut out of the text in place. */
typedef struct words {
    char *at;
    char mark; /* what stood behind the word and was cut off with it */
} words;

/* The next word, or one of {}[]=; as itself; NULL at the end. */
static const char *
next(words *w)
{
    static const char *const marks[] = {"{", "}", "[", "]", "=", ";"};
    char c = w->mark;
    w->mark = '\0';
    while (c == '\0' && *w->at != '\0') {
        w->at += strspn(w->at, " \t\r\n,:");
        if (*w->at != '#')
            break;
        w->at += strcspn(w->at, "\n");
    }
    if (c == '\0') {
        c = *w->at;
        if (c != '\0' && strchr("{}[]=;", c) != NULL)
            w->at++;
    }
    for (size_t i = 0; c != '\0' && i < sizeof marks / sizeof marks[0]; i++)
        if (marks[i][0] == c)
            return marks[i];
    if (c == '\0')
        return NULL;
    if (c == '"') {
        char *word = ++w->at;
        w->at += strcspn(w->at, "\"");
        if (*w->at != '\0')
            *w->at++ = '\0';
        return word;
    }
    char *word = w->at;
    w->at += strcspn(w->at, " \t\r\n,:{}[]=;\"");
    if (*w->at != '\0' && *w->at != '"') {
        w->mark = strchr("{}[]=;", *w->at) != NULL ? *w->at : '\0';
        *w->at++ = '\0';
    }
    return word;
}

static bool
is_mark(const char *word, char mark)
{
    return word[0] == mark && word[1] == '\0';
}

static void
take(key_search *s, const pair *p, const pair *usual, bool must, const char *by)
{
    const char *selector = p->selector != NULL ? p->selector : usual->selector;
    const char *pattern = p->path != NULL ? p->path : usual->path;
    char *half = keys_replace(pattern, "$domain", s->domain);
    char *path = half != NULL ? keys_replace(half, "$selector", selector) : NULL;
    if (path != NULL && (must || keys_there(s, path)))
        keys_take_file(s, selector, path, by);
    free(half);
    free(path);
}

/* Where a map lies: "/path", "file:///path", "$LOCAL_CONFDIR/path". To be freed; NULL: no
 * memory. */
static char *
map_path(const char *map)
{
    static const char *const variables[][2] = {{"$LOCAL_CONFDIR", "/etc/rspamd"},
                                               {"$CONFDIR", "/etc/rspamd"},
                                               {"$DBDIR", "/var/lib/rspamd"}};
    if (strncmp(map, "fallback+", 9) == 0)
        map += 9;
    if (strncmp(map, "file://", 7) == 0)
        map += 7;
    char *path = strdup(map);
    for (size_t i = 0; path != NULL && i < sizeof variables / sizeof variables[0]; i++) {
        char *next = keys_replace(path, variables[i][0], variables[i][1]);
        free(path);
        path = next;
    }
    return path;
}

/* What a map, lines of "DOMAIN VALUE", says of our domain; to be freed. NULL: nothing. */
static char *
look_up(key_search *s, const char *map, const char *by)
{
    ndr_buffer text = {0};
    char *path = map_path(map), *found = NULL, *rest = NULL;
    if (path == NULL)
        return NULL;
    if (path[0] != '/' || !keys_read(s, path, &text)) {
        keys_fail(
            s,
            "%s: the map %s cannot be read; name the key with --key FILE --selector NAME",
            by, map);
        free(path);
        return NULL;
    }
    for (char *line = strtok_r((char *)text.ptr, "\n", &rest);
         line != NULL && found == NULL; line = strtok_r(NULL, "\n", &rest)) {
        char *domain = keys_trim(line);
        char *value = domain + strcspn(domain, " \t");
        if (*value != '\0')
            *value++ = '\0';
        value += strspn(value, " \t");
        if (strcasecmp(domain, s->domain) == 0 && *value != '\0')
            found = strdup(value);
    }
    ndr_buffer_free(&text);
    free(path);
    return found;
}

/* The key of the settings' maps, or the usual one, if it is there. */
static void
take_usual(key_search *s, const settings *set, const char *by)
{
    char *selector = set->map.selector != NULL ? look_up(s, set->map.selector, by) : NULL;
    char *path = set->map.path != NULL ? look_up(s, set->map.path, by) : NULL;
    take(s, &(pair){selector, path}, &set->usual, path != NULL, by);
    free(selector);
    free(path);
}

/* `key` = `word`, of a block of our domain or, where that is NULL and depth 0, of all. */
static void
set_word(settings *set, pair *ours, size_t depth, const char *key, const char *word)
{
    pair *p = ours != NULL ? ours : &set->usual;
    if (ours == NULL && depth > 0)
        return;
    if (ours == NULL && strcmp(key, "selector_map") == 0)
        set->map.selector = word;
    else if (ours == NULL && strcmp(key, "path_map") == 0)
        set->map.path = word;
    else if (strcmp(key, "selector") == 0)
        p->selector = word;
    else if (strcmp(key, "path") == 0)
        p->path = word;
}

/* Blocks: domain { example.com { selectors [ { path = ..; selector = ..; } ] } }. */
static void
read_settings(key_search *s, char *text, const char *by, settings *set)
{
    const char *block[DEEP] = {0}, *key = NULL, *word;
    pair found[DEEP] = {{0}};
    size_t depth = 0;
    words w = {.at = text};
    while ((word = next(&w)) != NULL) {
        const bool ours = depth >= 2 && strcmp(block[0], "domain") == 0 &&
                          strcasecmp(block[1], s->domain) == 0;
        if (is_mark(word, '{') || is_mark(word, '[')) {
            if (depth == DEEP)
                return;
            found[depth] = (pair){0};
            block[depth++] = key != NULL ? key : "";
            key = NULL;
        } else if (is_mark(word, '}') || is_mark(word, ']')) {
            if (depth == 0)
                return;
            depth--;
            if (ours && (found[depth].selector != NULL || found[depth].path != NULL))
                take(s, &found[depth], &set->usual, true, by);
        } else if (is_mark(word, '=') || is_mark(word, ';')) {
            continue;
        } else if (key == NULL) {
            key = word;
        } else {
            set_word(set, ours ? &found[depth - 1] : NULL, depth, key, word);
            key = NULL;
        }
    }
}

/* DOMAIN.SELECTOR.key in the folder of keys. */
static void
look_in_folder(key_search *s)
{
    char path[4096];
    const size_t n = strlen(s->domain);
    (void)snprintf(path, sizeof path, "%s" KEYS, s->root);
    DIR *folder = opendir(path);
    if (folder == NULL)
        return;
    for (const struct dirent *e; (e = readdir(folder)) != NULL;) {
        const size_t len = strlen(e->d_name);
        if (len <= n + 5 || strncasecmp(e->d_name, s->domain, n) != 0 ||
            e->d_name[n] != '.' || strcmp(e->d_name + len - 4, ".key") != 0)
            continue;
        char selector[256];
        (void)snprintf(selector, sizeof selector, "%.*s", (int)(len - n - 5),
                       e->d_name + n + 1);
        (void)snprintf(path, sizeof path, KEYS "/%s", e->d_name);
        keys_take_file(s, selector, path, "rspamd");
    }
    (void)closedir(folder); /* was only read */
}

void
rspamd_keys(key_search *s)
{
    char by[300];
    ndr_buffer text;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        settings set = {.usual = {"dkim", KEYS "/$domain.$selector.key"}};
        if (!keys_read(s, places[i], &text))
            continue;
        (void)snprintf(by, sizeof by, "%s%s", s->root, places[i]);
        read_settings(s, (char *)text.ptr, by, &set);
        take_usual(s, &set, by);
        ndr_buffer_free(&text);
    }
    look_in_folder(s);
}
