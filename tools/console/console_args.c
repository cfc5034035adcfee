/* SPDX-License-Identifier: BSD-3-Clause */
/* console_args.c - what do the console's options ask for? */
#include "console_args.h"

#include "app/setup.h"
#include "app/tables.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

/* "www-data" or 33. */
static int
take_proxy_user(console *c, const opts *o, const char *arg)
{
    char *end = NULL;
    errno = 0;
    const unsigned long number = strtoul(arg, &end, 10);
    const struct passwd *user = getpwnam(arg);
    if (c->proxies.uid_count == PROXIES_MAX)
        return opts_mistake(o, "--proxy-user is given too often");
    if (user == NULL && (arg[0] < '0' || arg[0] > '9' || *end != '\0' || errno != 0 ||
                         number > UINT32_MAX - 1))
        return opts_mistake(o, "--proxy-user: there is no user '%s'", arg);
    c->proxies.uid[c->proxies.uid_count++] =
        user != NULL ? user->pw_uid : (uint32_t)number;
    return 0;
}

static int
take_proxy_from(console *c, const opts *o, const char *arg)
{
    if (c->proxies.network_count == PROXIES_MAX)
        return opts_mistake(o, "--proxy-from is given too often");
    if (!ndr_network_parse(arg, &c->proxies.network[c->proxies.network_count++]))
        return opts_mistake(o,
                            "--proxy-from '%s': give an address or a network, as in "
                            "192.0.2.7 or 2001:db8::/64",
                            arg);
    return 0;
}

static int
take_option(console *c, console_args *a, const opts *o, int id, const char *arg)
{
    switch (id) {
    case OPT_LISTEN:
        a->listen = arg;
        return 0;
    case OPT_WINDOWS_DIR:
        a->windows_dir = arg;
        return 0;
    case OPT_STATS:
        a->stats = arg;
        return 0;
    case OPT_TOKEN_FILE:
        a->token_file = arg;
        return 0;
    case OPT_JOURNAL:
        c->journal_given = arg;
        return 0;
    case OPT_MAIL:
        c->mail[c->mail_count++] = arg;
        return 0;
    case OPT_HOST:
        if (a->host_count == HOSTS_MAX - 4)
            return opts_mistake(o, "--host is given too often");
        if (!guard_host_parse(arg, &a->hosts[a->host_count++]))
            return opts_mistake(o,
                                "--host '%s': give a name, name:port, or what browsers "
                                "show, as in https://example.com/bounces/",
                                arg);
        return 0;
    case OPT_AS_OWNER:
        a->as_owner = true;
        return 0;
    case OPT_USER:
        a->user = arg;
        return 0;
    case OPT_ADMINS:
        a->admins = arg;
        return 0;
    case OPT_RECIPIENT_PATH:
    case OPT_RECIPIENT_MAP:
        return mailbox_paths_option(&a->paths, o, id, arg);
    case OPT_PROXY_USER:
        return take_proxy_user(c, o, arg);
    case OPT_PROXY_FROM:
        return take_proxy_from(c, o, arg);
    case OPT_PROXY_SECRET_FILE:
        a->proxy_secret_file = arg;
        return 0;
    case OPT_PROXY_HEADER:
        a->proxy_header = arg;
        return 0;
    case OPT_PROXY_LOGOUT:
        c->proxy_logout = arg;
        return 0;
    default: /* OPT_REMOTE */
        a->remote = true;
        return 0;
    }
}

/* What people who are let in want. */
static int
check_admins(const console *c, const console_args *a, const opts *o)
{
    if (a->admins == NULL)
        return 0;
    if (a->host_count == 0)
        return opts_mistake(o,
                            "--admins wants --host: say what browsers ask for the page "
                            "by, as in https://bounces.example.com/");
    if (c->mail_count > 0 && !mailbox_paths_are_whole(&a->paths))
        return opts_mistake(o, "--admins and --mail want --recipient-path with a whole "
                               "path, as in /var/vmail/{domain}/{user}/, or "
                               "--recipient-map: without it nobody can say whose a "
                               "mailbox is");
    return 0;
}

/* Which of them want another one. */
static int
check(console *c, console_args *a, const opts *o)
{
    const bool any = c->proxies.uid_count + c->proxies.network_count > 0;
    const bool is_unix = strncmp(a->listen, "unix:", 5) == 0;
    if (c->proxies.network_count > 0 && a->proxy_secret_file == NULL)
        return opts_mistake(o,
                            "--proxy-from wants --proxy-secret-file: whoever is on that "
                            "machine has its address");
    if (c->proxies.uid_count > 0 && !is_unix)
        return opts_mistake(o, "--proxy-user wants --listen unix:PATH, where the kernel "
                               "tells who asks");
    if (!any && (a->proxy_header != NULL || a->proxy_secret_file != NULL ||
                 c->proxy_logout != NULL))
        return opts_mistake(o, "no proxy is named: see --proxy-user and --proxy-from");
    if (a->proxy_header != NULL && a->admins == NULL)
        return opts_mistake(o, "--proxy-header wants --admins, where people stand");
    if (a->proxy_header != NULL &&
        (a->proxy_header[0] == '\0' ||
         strspn(a->proxy_header, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "0123456789-") != strlen(a->proxy_header)))
        return opts_mistake(o, "--proxy-header '%s': a name of letters, digits and -",
                            a->proxy_header);
    if (c->proxy_logout != NULL && strncmp(c->proxy_logout, "https://", 8) != 0 &&
        c->proxy_logout[0] != '/')
        return opts_mistake(o, "--proxy-logout '%s': give a path, or https://...",
                            c->proxy_logout);
    if (c->proxy_logout != NULL &&
        (strlen(c->proxy_logout) > 200 || strpbrk(c->proxy_logout, "\r\n \t") != NULL))
        return opts_mistake(o, "--proxy-logout: up to 200 characters, no blanks");
    c->proxies.header = a->proxy_header;
    return check_admins(c, a, o);
}

int
console_args_read(console *c, console_args *a, int argc, char **argv)
{
    opts o;
    const char *arg;
    int id, status = 0;
    size_t operands = 0;
    opts_begin(&o, &verb_console, argc, argv);
    while (status == 0 && (id = opts_next(&o, &arg)) > 0)
        status = take_option(c, a, &o, id, arg);
    if (status != 0)
        return status;
    if (id < 0)
        return o.status != 0 ? o.status : -1;
    (void)opts_operands(&o, &operands);
    if (operands > 0)
        return opts_mistake(&o, "takes no operands; name mail folders with --mail");
    return check(c, a, &o);
}
