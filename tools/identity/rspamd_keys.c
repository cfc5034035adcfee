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

/* Blocks: domain { example.com { selectors [ { path = ..; selector = ..; } ] } }. */
static void
read_settings(key_search *s, char *text, const char *by, pair *usual)
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
                take(s, &found[depth], usual, true, by);
        } else if (is_mark(word, '=') || is_mark(word, ';')) {
            continue;
        } else if (key == NULL) {
            key = word;
        } else {
            pair *p = ours ? &found[depth - 1] : depth == 0 ? usual : NULL;
            if (p != NULL && strcmp(key, "selector") == 0)
                p->selector = word;
            else if (p != NULL && strcmp(key, "path") == 0)
                p->path = word;
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
        pair usual = {"dkim", KEYS "/$domain.$selector.key"};
        if (!keys_read(s, places[i], &text))
            continue;
        (void)snprintf(by, sizeof by, "%s%s", s->root, places[i]);
        read_settings(s, (char *)text.ptr, by, &usual);
        take(s, &(pair){0}, &usual, false, by);
        ndr_buffer_free(&text);
    }
    look_in_folder(s);
}
