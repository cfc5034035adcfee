/* SPDX-License-Identifier: BSD-3-Clause */
/* mailbox_paths.c - how does a verb know from a path whose mail is in it? */
#include "mailbox_paths.h"

#include "diag.h"
#include "tables.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

/* Can this be a --recipient-path? 0, or 2, told. */
static int
check_template(const opts *o, const char *arg)
{
    int domains = 0, users = 0;
    for (const char *at = arg; (at = strpbrk(at, "{}")) != NULL; at++) {
        const bool domain = strncmp(at, "{domain}", 8) == 0;
        if (!domain && strncmp(at, "{user}", 6) != 0)
            return opts_mistake(o,
                                "--recipient-path '%s': '%.*s' is neither {domain} nor "
                                "{user}, so no path would fit",
                                arg, (int)strcspn(at, "/"), at);
        domains += domain;
        users += !domain;
        at += domain ? 7 : 5; /* its last byte */
    }
    if (domains != 1 || users > 1)
        return opts_mistake(o,
                            "--recipient-path '%s': put {domain} where the domain "
                            "stands, once, and {user} once at most, as in "
                            "/var/vmail/{domain}/{user}/",
                            arg);
    for (const char *at = arg; *at != '\0';) {
        const size_t n = strcspn(at, "/");
        if ((n == 0 && at != arg) || (n == 1 && at[0] == '.') ||
            (n == 2 && at[0] == '.' && at[1] == '.'))
            return opts_mistake(o,
                                "--recipient-path '%s': take '//', '.' and '..' out: "
                                "no path would fit",
                                arg);
        at += n + (at[n] == '/' ? 1u : 0u);
    }
    return 0;
}

int
mailbox_paths_option(mailbox_paths *m, const opts *o, int id, const char *arg)
{
    const bool is_map = id == OPT_RECIPIENT_MAP;
    if ((is_map ? m->pattern : m->map) != NULL)
        return opts_mistake(o, "--recipient-path and --recipient-map exclude each other; "
                               "leave one out");
    m->pattern = is_map ? NULL : arg;
    m->map = is_map ? arg : NULL;
    return is_map ? 0 : check_template(o, arg);
}

const char *
mailbox_paths_here(void)
{
    static char here[PATH_MAX];
    if (here[0] == '\0' && getcwd(here, sizeof here) == NULL)
        here[0] = '\0';
    return here[0] == '/' ? here : NULL; /* "(unreachable)/..." is none */
}

int
mailbox_paths_load(mailbox_paths *m)
{
    if (m->table != NULL)
        return 0;
    m->trouble = (ndr_error){0};
    m->by = (ndr_mailboxes){.pattern = m->pattern};
    if (m->map != NULL && ndr_mailboxes_load(m->map, &m->table, &m->trouble) != 0) {
        diag("--recipient-map: %s", m->trouble.text);
        if (m->last == NULL || ndr_mailboxes_load(m->last, &m->table, NULL) != 0)
            return 2;
    }
    if (m->table != NULL)
        m->by = *ndr_mailbox_table_rows(m->table);
    m->by.base = m->base != NULL ? m->base : mailbox_paths_here();
    return 0;
}

const ndr_mailboxes *
mailbox_paths_by(const mailbox_paths *m)
{
    return m->by.pattern != NULL || m->by.count > 0 ? &m->by : NULL;
}

/* Is the mailbox a folder or a message of a Maildir? Its path behind that one's. */
static bool
is_of_maildir(ndr_slice rest, bool layout_fs)
{
    const unsigned char *slash = memchr(rest.ptr, '/', rest.len);
    const ndr_slice name = {rest.ptr,
                            slash != NULL ? (size_t)(slash - rest.ptr) : rest.len};
    return layout_fs || name.ptr[0] == '.' ||
           ndr_slice_equal(name, ndr_slice_of("cur")) ||
           ndr_slice_equal(name, ndr_slice_of("new"));
}

const ndr_mailbox *
mailbox_paths_other(const ndr_mailboxes *by, const char *maildir, bool layout_fs)
{
    char plain[NDR_PATH_BYTES], own[256] = "";
    size_t first = 0;
    if (by == NULL || by->pattern != NULL || !ndr_path_plain(by->base, maildir, plain))
        return NULL;
    size_t n = strlen(plain);
    while (n > 0 && plain[n - 1] == '/')
        n--;
    if (!ndr_mailboxes_domain(by, maildir, own))
        own[0] = '\0';
    const size_t count = ndr_mailboxes_below(by, maildir, &first);
    for (const ndr_mailbox *m = by->row + first; m < by->row + first + count; m++) {
        if (m->path.len <= n + 1)
            continue; /* of the Maildir itself */
        const ndr_slice rest = {m->path.ptr + n + 1, m->path.len - n - 1};
        if (is_of_maildir(rest, layout_fs) &&
            !ndr_slice_equal(m->domain, ndr_slice_of(own)))
            return m;
    }
    return NULL;
}

bool
mailbox_paths_are_whole(const mailbox_paths *m)
{
    return m->map != NULL || (m->pattern != NULL && m->pattern[0] == '/');
}

void
mailbox_paths_unload(mailbox_paths *m)
{
    ndr_mailbox_table_free(m->table);
    m->table = NULL;
    m->by = (ndr_mailboxes){0};
}
