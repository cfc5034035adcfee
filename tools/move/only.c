/* SPDX-License-Identifier: BSD-3-Clause */
/* only.c - whose mail is it, where a verb is to see that of some domains alone? */
#include "only.h"

#include "app/mailbox_paths.h"
#include "ndrscan_rules.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char marker[] = "{domain}";

static bool
grow(only *o)
{
    if (o->count < o->cap)
        return true;
    const size_t cap = o->cap > 0 ? o->cap * 2 : 8;
    ndr_domain_right *right = realloc(o->right, cap * sizeof *right);
    if (right != NULL)
        o->right = right;
    char **name = realloc(o->name, cap * sizeof *name);
    if (name != NULL)
        o->name = name;
    if (right == NULL || name == NULL)
        return false;
    o->cap = cap;
    return true;
}

int
only_add(only *o, const opts *of, const char *arg)
{
    char name[256];
    bool below;
    ndr_error err = {0};
    if (ndr_domain_right_parse(arg, name, &below, &err) != 0)
        return opts_mistake(of, "--only-domain '%s': %s", arg, err.text);
    char *copy = grow(o) ? strdup(name) : NULL;
    if (copy == NULL)
        return opts_mistake(of, "out of memory");
    o->name[o->count] = copy;
    o->right[o->count++] = (ndr_domain_right){ndr_slice_of(copy), below};
    return 0;
}

void
only_end(only *o, const ndr_mailboxes *by)
{
    o->set = (ndr_domain_set){o->right, ndr_domain_set_sort(o->right, o->count)};
    o->by = by;
}

void
only_free(only *o)
{
    for (size_t i = 0; i < o->count; i++)
        free(o->name[i]);
    free(o->name);
    free(o->right);
    *o = (only){0};
}

/* The domain of a folder's path; "" where nothing tells it. */
static bool
read_path(const ndr_mailboxes *by, const char *path, char domain[256])
{
    char folder[PATH_MAX];
    const size_t n = strlen(path);
    const char *slash = n > 0 && path[n - 1] == '/' ? "" : "/";
    return (size_t)snprintf(folder, sizeof folder, "%s%s", path, slash) < sizeof folder &&
           ndr_mailboxes_domain(by, folder, domain);
}

static bool
holds_path(const only *o, const ndr_mailboxes *by, const char *path)
{
    char domain[256];
    return read_path(by, path, domain) &&
           ndr_domain_set_holds(&o->set, ndr_slice_of(domain), false);
}

static size_t
slashes(const char *text, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += text[i] == '/';
    return count;
}

/* By a template from the root, down to the folder whose name is the domain. */
static bool
leads_by_template(const only *o, const char *path)
{
    char pattern[PATH_MAX], plain[NDR_PATH_BYTES];
    const char *template = o->by->pattern, *at = strstr(template, marker);
    const char *end = at != NULL ? strchr(at, '/') : NULL;
    if (end == NULL || template[0] != '/' || !ndr_path_plain(o->by->base, path, plain))
        return true; /* the domain is not a folder's name, or it may be of any folder */
    size_t n = strlen(plain);
    while (n > 1 && plain[n - 1] == '/')
        n--;
    const int bytes = (int)(end - template) + 1;
    if (slashes(plain, n) < slashes(template, (size_t)(at - template)) ||
        (size_t)snprintf(pattern, sizeof pattern, "%.*s", bytes, template) >=
            sizeof pattern)
        return true;
    return holds_path(o, &(ndr_mailboxes){.pattern = pattern}, plain);
}

/* By a table: of a mailbox there, or of one that it is in. */
static bool
leads_by_table(const only *o, const char *path)
{
    size_t first = 0;
    const size_t count = ndr_mailboxes_below(o->by, path, &first);
    for (size_t i = first; i < first + count; i++)
        if (ndr_domain_set_holds(&o->set, o->by->row[i].domain, false))
            return true;
    return holds_path(o, o->by, path);
}

bool
only_leads(const void *ctx, const char *path)
{
    const only *o = ctx;
    if (o->count == 0 || o->by == NULL)
        return true;
    return o->by->pattern != NULL ? leads_by_template(o, path) : leads_by_table(o, path);
}

bool
only_passes_over(const only *o, const char *path)
{
    return o->count > 0 && o->by != NULL &&
           (!holds_path(o, o->by, path) ||
            mailbox_paths_other(o->by, path, false) != NULL);
}

bool
only_agreed(const ndr_verdict *v)
{
    return v->recipient_origin == NDR_FROM_PATH && (v->flags & NDR_MSG_ELSEWHERE) == 0;
}

bool
only_verdict(const only *o, const ndr_verdict *v)
{
    return o->count == 0 || (ndr_domain_set_holds(&o->set, v->domain, false) &&
                             (o->by == NULL || only_agreed(v)));
}

bool
only_move(const only *o, const ndr_journal_run *run, const ndr_move *m)
{
    char domain[256];
    if (o->count == 0)
        return true;
    if (!ndr_domain_set_holds(&o->set, ndr_slice_of(m->domain), false))
        return false;
    const char *maildir = run->tree[m->tree];
    const char *junk = m->kind == NDR_MOVE_OUT ? m->to : m->from;
    return o->by == NULL || (m->agreed && read_path(o->by, maildir, domain) &&
                             strcmp(domain, m->domain) == 0 &&
                             mailbox_paths_other(o->by, maildir, junk[0] != '.') == NULL);
}

bool
only_run(const only *o, const ndr_journal_run *run)
{
    bool any = o->count == 0;
    for (size_t i = 0; i < run->move_count && !any; i++)
        any = only_move(o, run, &run->move[i]);
    return any;
}

bool
only_tree(const only *o, const ndr_journal_run *run, size_t tree)
{
    bool any = o->count == 0;
    for (size_t i = 0; i < run->move_count && !any; i++)
        any = run->move[i].tree == tree && only_move(o, run, &run->move[i]);
    return any;
}
