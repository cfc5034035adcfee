/* SPDX-License-Identifier: BSD-3-Clause */
/* verbs_console.c - which options does the web console take? */
#include "rows.h"

/* clang-format off */

static const option_row console_rows[] = {
    HEADING("Mail"),
    {OPT_MAIL, 0, "mail", "FOLDER", NULL,
     "a tree of Maildirs that Preview and Apply work on",
     "May be given several times; each has to be there when the console starts. Without "
     "one, the page shows bounces and opens windows, and moves nothing."},
    {OPT_RECIPIENT_PATH, 0, "recipient-path", "TEMPLATE", NULL,
     "whose a Maildir is, as /var/vmail/{domain}/{user}/",
     "As *ndrscan apply --recipient-path*. With *--admins* and *--mail* it has to be given, from the "
     "slash on: a person sees, moves and puts back a message only where both the Maildir and the "
     "message's header are of a domain of theirs."},
    {OPT_RECIPIENT_MAP, 0, "recipient-map", "FILE", NULL,
     "whose a Maildir is, by a map of them to domains",
     "Instead of *--recipient-path*, see *ndrscan-mailboxes*(5). With *--admins* the file has to be root's, as "
     "_admins.yaml_ has to; it is read again when it was changed."},
    {OPT_AS_OWNER, 0, "as-owner", NULL, NULL,
     "as root: move mail with each Maildir owner's rights",
     "As *ndrscan apply --as-owner*."},
    {OPT_JOURNAL, 0, "journal", "DIR", NULL,
     "where runs of apply are written down",
     "As *ndrscan apply --journal*; the same default."},
    HEADING("Windows and bounces"),
    ROW_WINDOWS_DIR,
    {OPT_STATS, 0, "stats", "DB", NULL,
     "the counts that scan --stats keeps", STATS_BY_DEFAULT},
    HEADING("Access"),
    {OPT_LISTEN, 0, "listen", "WHERE", NULL,
     "where: 127.0.0.1:PORT or unix:PATH (127.0.0.1:8025)",
     "An address is a number, *[::1]:8025* for IPv6; port 0 takes any that is free. A Unix "
     "socket is made with mode 0600."},
    {OPT_HOST, 0, "host", "URL", NULL,
     "what browsers ask for the page by, or its name alone",
     "Such as *https://example.com/bounces/* or *junk.example.com:8443*, where a web server "
     "is in front. With *https* the session's cookie is sent by TLS alone. May be given "
     "several times. The address listened on and *localhost* are always allowed; any other "
     "name is refused."},
    {OPT_TOKEN_FILE, 0, "token-file", "FILE", NULL,
     "the token to log in with, made when it is not there",
     "Default: _console.token_ where _stats.db_ is by default. Nobody else may be able to read it."},
    {OPT_ADMINS, 0, "admins", "FILE", NULL,
     "the people who look after domains of their own",
     "As *ndrscan-admins*(5) describes it; _/etc/ndrscan/admins.yaml_, say. Wants *--host*. "
     "Without it nobody but the operator gets in."},
    {OPT_PROXY_USER, 0, "proxy-user", "USER", NULL,
     "a web server whose word counts, by its user",
     "A name or a number. On a Unix socket, which is then open to all users, of whom the "
     "others are turned away. May be given several times."},
    {OPT_PROXY_FROM, 0, "proxy-from", "ADDRESS", NULL,
     "the same, by its address or network",
     "Only together with *--proxy-secret-file*: an address alone proves nothing, loopback "
     "least of all. May be given several times."},
    {OPT_PROXY_SECRET_FILE, 0, "proxy-secret-file", "FILE", NULL,
     "what such a web server sends as X-Proxy-Secret",
     "Made when it is not there. Nobody but this user may be able to read it."},
    {OPT_PROXY_HEADER, 0, "proxy-header", "NAME", NULL,
     "the field in which it names a person it has checked",
     "Such as *Remote-User* or *X-Forwarded-Email*; without it, it names nobody, and people "
     "log in here. The web server has to set or remove this field in every request."},
    {OPT_PROXY_LOGOUT, 0, "proxy-logout", "URL", NULL,
     "where whoever it named logs out",
     "Such as */oauth2/sign_out*. Logging out leads there."},
    {OPT_REMOTE, 0, "remote", NULL, NULL,
     "listen on an address that others can reach",
     "What goes over the net can be read there: put a web server that speaks TLS in "
     "front instead."},
    {OPT_USER, 0, "user", "NAME", NULL,
     "as root: serve as this user, move mail as root",
     "The part that faces the net takes this user's rights at start; it has to be able to "
     "read *--windows-dir*, the history of windows and *--stats*, and to write nothing."},
    END,
};
const verb verb_console = {
    "console", "",
    "a web page with a switch for each domain",
    "Shows bounces by domain over time, opens and ends windows, previews and applies\n"
    "them to mail folders, and undoes it. The token to log in with is told at start.\n",
    console_rows,
};

static const option_row passwd_rows[] = {
    {OPT_GENERATE, 0, "generate", NULL, NULL,
     "make a password, and show it",
     "On standard error, so that the hash alone goes where standard output does. Without it "
     "the password is typed, twice and unseen, or is the first line of standard input."},
    {OPT_METRICS, 0, "metrics", NULL, NULL,
     "make a token for a program that reads metrics",
     "On standard error; the hash goes to standard output, for *metrics* in "
     "_admins.yaml_."},
    {OPT_COST, 0, "cost", "N", NULL,
     "how long one try takes: 1 to 11 (5)",
     "Each step takes twice as long and twice the memory: 5 about a twentieth of a second and "
     "16 MB, 8 half a second and 128 MB. A hash keeps the cost that it was made with."},
    HEADING("A new person"),
    {OPT_ADD, 0, "add", "FILE", NULL,
     "put the person into admins.yaml",
     "Instead of printing the hash. Made, root's alone, when it is not there; else it keeps its "
     "group and mode, and what stands in it. A file that would not be in order is left as it is."},
    {OPT_NAME, 0, "name", "NAME", NULL, "by what the person logs in", NULL},
    {OPT_DOMAIN, 0, "domain", "DOMAIN", NULL,
     "a domain of theirs, *.DOMAIN with what is below",
     "May be given several times."},
    {OPT_ROLE, 0, "role", "ROLE", "look|switch|operate",
     "what they may do with it",
     "*look*; *switch*, also open and end windows; *operate*, also have mail moved and put back."},
    {OPT_MAIL, 0, "mail", "ADDRESS", NULL,
     "where they are told of storms",
     "By *ndrscan-notify*(1); without it nobody writes to them."},
    {OPT_LANGUAGE, 0, "language", "LANG", LANGUAGE_WORDS,
     "the language of those letters",
     "Without it, that of *ndrscan notify --language*."},
    {OPT_ZONE, 0, "zone", "ZONE", NULL,
     "the zone of the times in them",
     "As _Europe/Paris_; without it that of this host."},
    END,
};
const verb verb_console_passwd = {
    "console passwd", "",
    "a password as its hash, for admins.yaml",
    "Prints the yescrypt hash of a password of 10 characters or more.\n",
    passwd_rows,
};
