/* SPDX-License-Identifier: BSD-3-Clause */
/* cmd_block.c - `ndrscan block`, `ndrscan unblock`: the switch of a domain. */
#include "app/commands.h"
#include "app/diag.h"
#include "app/history.h"
#include "app/places.h"
#include "app/setup.h"
#include "app/tables.h"
#include "app/text.h"
#include "app/windows_place.h"
#include "ndrscan_rules.h"
#include "provable.h"
#include "seen.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    DEFAULT_S = 2 * 86400, /* how long a window is open when nobody says */
    CALM_CAP_S = 86400,    /* how long one is that waits for calm */
    WAIT_MS = 5000,        /* for another program that edits */
};

/* What the options ask for, and what is done. */
typedef struct switch_args {
    const char *dir; /* of --windows-dir, or the one by default */
    windows_places places;
    const char
        *written[WINDOWS_PLACES]; /* by default: `dir`, and others to end windows in */
    int written_count;
    const char *note, *from, *until, *stats, *identity;
    char stats_room[4096];
    bool from_storm; /* --from storm */
    bool only_forged;
    int64_t length; /* --for, seconds; 0: not given */
    ndr_window window;
    char *mailbox_text; /* of --mailbox, and its words */
    ndr_slice *mailbox;
    history history;
    size_t count; /* of domains */
    char (*domain)[256];
    bool *changed;   /* of each domain: a window of it was opened or ended */
    size_t stays;    /* windows that cover an unblocked domain still */
    ndr_buffer told; /* what was done, for standard output */
} switch_args;

/* ---- options ------------------------------------------------------------------ */

static int
take_kinds(const opts *o, const char *arg, unsigned *ret)
{
    *ret = 0;
    for (const char *p = arg;; p++) {
        const size_t n = strcspn(p, ",");
        const ndr_slice word = {(const unsigned char *)p, n};
        const enum ndr_kind kind = ndr_kind_find(word);
        if (kind == NDR_KIND_NONE)
            return opts_mistake(o,
                                "--kinds '%.*s' is no kind; take words like "
                                "failed,delayed, as ndrscan-windows(5) lists them",
                                (int)n, p);
        *ret |= NDR_KIND_BIT(kind);
        p += n;
        if (*p == '\0')
            return 0;
    }
}

/* "info,sales" into a->window; the words stay in `arg`'s copy. */
static int
take_mailboxes(switch_args *a, const opts *o, const char *arg)
{
    size_t count = 1;
    for (const char *p = arg; *p != '\0'; p++)
        count += *p == ',';
    free(a->mailbox_text);
    free(a->mailbox);
    a->mailbox_text = strdup(arg);
    a->mailbox = calloc(count, sizeof *a->mailbox);
    a->window.mailbox_count = 0;
    if (a->mailbox_text == NULL || a->mailbox == NULL) {
        diag("out of memory");
        return EXIT_NOT_RUN;
    }
    for (char *p = a->mailbox_text; *p != '\0'; p++)
        *p = *p >= 'A' && *p <= 'Z' ? (char)(*p | 0x20) : *p;
    for (char *p = a->mailbox_text;; p++) {
        const size_t n = strcspn(p, ",");
        if (n == 0 || n > 64 || memchr(p, '@', n) != NULL)
            return opts_mistake(
                o,
                "--mailbox '%.*s' is no mailbox of the domain; write what "
                "is before the @, as in info,sales",
                (int)(n < 80 ? n : 80), p);
        const ndr_slice word = {(const unsigned char *)p, n};
        bool there = false;
        for (size_t i = 0; i < a->window.mailbox_count; i++)
            there |= ndr_slice_equal(a->mailbox[i], word);
        if (!there)
            a->mailbox[a->window.mailbox_count++] = word;
        p += n;
        if (*p == '\0')
            break;
    }
    a->window.mailboxes = a->mailbox;
    return 0;
}

static int
take_option(switch_args *a, const opts *o, int id, const char *arg)
{
    ndr_error err = {0};
    switch (id) {
    case OPT_WINDOWS_DIR:
        a->dir = arg;
        return 0;
    case OPT_NOTE:
        if (strlen(arg) > 1024)
            return opts_mistake(o, "--note is over 1,024 bytes; say it shorter");
        a->note = arg;
        return 0;
    case OPT_FROM:
        a->from_storm = strcmp(arg, "storm") == 0;
        a->from = arg;
        return 0;
    case OPT_STATS:
        a->stats = arg;
        return 0;
    case OPT_IDENTITY:
        a->identity = arg;
        return 0;
    case OPT_UNTIL:
        a->until = arg;
        return 0;
    case OPT_UNTIL_CALM:
        a->window.until_calm = true;
        return 0;
    case OPT_SUBDOMAINS:
        a->window.subdomains = true;
        return 0;
    case OPT_MAILBOX:
        return take_mailboxes(a, o, arg);
    case OPT_TAKE: {
        const int at = opts_word(o, id, arg);
        a->window.take = (enum ndr_take)(NDR_TAKE_ALL + (at < 0 ? 0 : at));
        return at < 0 ? EXIT_NOT_RUN : 0;
    }
    case OPT_ONLY_FORGED:
        a->only_forged = true;
        return 0;
    case OPT_KINDS:
        return take_kinds(o, arg, &a->window.kinds);
    default: /* OPT_FOR */
        if (ndr_duration_parse(arg, &a->length, &err) != 0)
            return opts_mistake(o, "--for %s", err.text);
        return 0;
    }
}

static int
take_domains(switch_args *a, const opts *o)
{
    char **word = opts_operands(o, &a->count);
    if (a->count == 0)
        return opts_mistake(o, "no DOMAIN; name the one the bounces come to");
    a->domain = calloc(a->count, sizeof *a->domain);
    a->changed = calloc(a->count, sizeof *a->changed);
    if (a->domain == NULL || a->changed == NULL) {
        diag("out of memory");
        return EXIT_NOT_RUN;
    }
    for (size_t i = 0; i < a->count; i++) {
        ndr_error err = {0};
        if (strncmp(word[i], "*.", 2) == 0)
            return opts_mistake(o, "'%s': write --subdomains %s for the names below it",
                                word[i], word[i] + 2);
        const char *at = strrchr(word[i], '@');
        if (at != NULL && o->verb == &verb_block)
            return opts_mistake(
                o, "'%s' is an address; for that mailbox alone: --mailbox %.*s %s",
                word[i], (int)(at - word[i]), word[i], at + 1);
        if (ndr_domain_to_ascii(word[i], a->domain[i], &err) != 0)
            return opts_mistake(o, "%s", err.text);
    }
    return 0;
}

/* 0; or the exit status, told. */
static int
take_times(switch_args *a, const opts *o)
{
    const int64_t now = a->history.now;
    ndr_window *w = &a->window;
    ndr_error err = {0};
    w->from = now;
    if (a->from != NULL && !a->from_storm &&
        ndr_when_parse(a->from, NDR_WHEN_PAST, now, &w->from, &err) != 0)
        return opts_mistake(o, "--from %s", err.text);
    if (a->length > 0 && a->until != NULL)
        return opts_mistake(o, "--for and --until both say when it ends; leave one out");
    if (a->only_forged && w->take != NDR_TAKE_USUAL && w->take != NDR_TAKE_FORGED)
        return opts_mistake(o,
                            "--only-forged and --take %s are two things; leave one out",
                            ndr_take_name(w->take));
    if (a->only_forged)
        w->take = NDR_TAKE_FORGED;
    const int64_t since = w->from > now ? w->from : now;
    w->until = since + (a->length > 0   ? a->length
                        : w->until_calm ? (int64_t)CALM_CAP_S
                                        : (int64_t)DEFAULT_S);
    if (a->only_forged && a->length == 0 && !w->until_calm)
        w->until = NDR_TIME_OPEN; /* what it takes, nobody is waiting for */
    if (a->until != NULL &&
        ndr_when_parse(a->until, NDR_WHEN_FUTURE, now, &w->until, &err) != 0)
        return opts_mistake(o, "--until %s", err.text);
    number from, until;
    if (w->until <= w->from)
        return opts_mistake(o, "it would end (%s) before it begins (%s)",
                            text_local(until, w->until), text_local(from, w->from));
    return 0;
}

/* Options, domains and places. 0; or the exit status, told. */
static int
take_args(switch_args *a, opts *o)
{
    *a = (switch_args){.note = ""};
    const char *arg;
    int id, status = 0;
    while ((id = opts_next(o, &arg)) > 0)
        if ((status = take_option(a, o, id, arg)) != 0)
            return status;
    if (id < 0)
        return o->status == 0 ? -1 : o->status;
    status = take_domains(a, o);
    ndr_error err = {0};
    a->written_count = 1;
    a->written[0] = a->dir;
    if (status == 0 && a->dir == NULL) {
        a->written_count = windows_places_written(&a->places, a->written, &err);
        a->dir = a->written[0];
        if (a->written_count < 0)
            status = opts_mistake(o, "%s, or give --windows-dir", err.text);
    }
    if (status == 0 &&
        history_begin(&a->history, a->dir, a->note, (int64_t)time(NULL), &err) != 0)
        status = opts_mistake(o, "%s", err.text);
    a->history.folder = a->dir;
    if (status == 0 && windows_place(a->dir, &err) < 0) {
        diag("%s", err.text);
        status = EXIT_NOT_RUN;
    }
    return status;
}

/* ---- what was done ---------------------------------------------------------------- */

static int
failed(const ndr_error *err)
{
    diag("%s", err->text);
    return err->sys_errno == EAGAIN ? EXIT_BUSY : EXIT_NOT_RUN;
}

/* What cannot be kept is not done. */
static int
record(void *ctx, const ndr_window_change *change, size_t count, ndr_error *err)
{
    switch_args *a = ctx;
    const int rc = history_record(&a->history, change, count, err);
    for (size_t i = 0; rc == 0 && i < count; i++) {
        history_words(&a->told, &change[i], a->history.now);
        for (size_t d = 0; d < a->count; d++)
            a->changed[d] |=
                ndr_slice_equal(change[i].window.domain, ndr_slice_of(a->domain[d]));
    }
    return rc;
}

/* In the file that these verbs write? */
static bool
is_own(const ndr_window *w)
{
    char where[4200]; /* "PATH:LINE" */
    (void)snprintf(where, sizeof where, "%.*s", (int)w->where.len,
                   (const char *)w->where.ptr);
    return strstr(where, "/" NDR_WINDOWS_OWN_FILE ":") != NULL;
}

static void
stays(void *ctx, const ndr_window *w)
{
    switch_args *a = ctx;
    const bool own = is_own(w); /* of a domain above the one that was named */
    ndr_buffer name = {0};
    number text;
    a->stays++;
    ndr_domain_show(w->domain, &name);
    diag("%.*s%s stays blocked %s%s by %.*s; %s%.*s", (int)name.len,
         (const char *)name.ptr, w->subdomains ? " with all below it" : "",
         w->until == NDR_TIME_OPEN ? "" : "until ",
         w->until == NDR_TIME_OPEN ? "without end" : text_local_zone(text, w->until),
         (int)w->where.len, (const char *)w->where.ptr,
         own ? "to end it for all of them: ndrscan unblock " : "that is for you to edit",
         own ? (int)w->domain.len : 0, (const char *)w->domain.ptr);
    ndr_buffer_free(&name);
}

static void
there(void *ctx, const ndr_window *w)
{
    switch_args *a = ctx;
    number from, until;
    ndr_domain_show(w->domain, &a->told);
    ndr_buffer_printf(&a->told, ": is blocked already, from %s until %s\n",
                      text_local_zone(from, w->from),
                      w->until == NDR_TIME_OPEN ? "further notice"
                                                : text_local_zone(until, w->until));
}

static ndr_windows_folder
folder_of(switch_args *a)
{
    return (ndr_windows_folder){NDR_SIZED(ndr_windows_folder),
                                .dir = a->dir,
                                .wait_ms = WAIT_MS,
                                .record = record,
                                .there = there,
                                .ctx = a};
}

/* Which file says it, and whose mail that reaches. */
static void
tell_reach(switch_args *a)
{
    char shared[4096];
    ndr_buffer_printf(&a->told, "in %s/" NDR_WINDOWS_OWN_FILE ", ", a->dir);
    if (windows_place_is_system(a->dir)) {
        ndr_buffer_text(&a->told, "for the mail of all users of this host");
        if (windows_place_is_closed(a->dir, shared, sizeof shared))
            ndr_buffer_printf(&a->told, " who may enter %s; chmod a+rx it for the others",
                              shared);
        ndr_buffer_byte(&a->told, '\n');
        return;
    }
    if (a->places.dir[0][0] == '\0') {
        ndr_buffer_text(&a->told, "for who is given that folder by --windows\n");
        return;
    }
    ndr_buffer_printf(&a->told, "for what %s runs alone", a->history.who);
    if (place_is_roots())
        ndr_buffer_text(&a->told, "; for all users: without XDG_CONFIG_HOME");
    else if (place_system_state("windows.d", shared, sizeof shared, NULL) == 0)
        ndr_buffer_printf(&a->told, "; for all users: as root, or as who may write to %s",
                          shared);
    ndr_buffer_byte(&a->told, '\n');
}

/* Tell the windows that cover an unblocked domain still, now or later. 0, or an
 * ndr_code. */
static int
tell_staying(switch_args *a, bool by_default, ndr_error *err)
{
    windows_places places;
    const char *list[WINDOWS_PLACES] = {a->dir};
    ndr_window_table *t = NULL;
    const int count = by_default ? windows_places_there(NULL, &places, list, err) : 1;
    if (count <= 0)
        return count;
    const int rc = ndr_windows_load(list, (size_t)count, NULL, &t, err);
    if (rc != 0)
        return rc;
    const ndr_windows *w = ndr_window_table_rows(t);
    for (size_t i = 0; i < w->count; i++)
        for (size_t d = 0; d < a->count && w->row[i].until > a->history.now; d++)
            if (ndr_window_is_for(&w->row[i], ndr_slice_of(a->domain[d]))) {
                stays(a, &w->row[i]);
                break;
            }
    ndr_window_table_free(t);
    return 0;
}

/* ---- what the statistics say of it --------------------------------------------------
 */

/* What somebody should know who blocks this, for standard output. */
static void
tell_seen(switch_args *a, const ndr_window *w, const seen *s)
{
    number n, at;
    if (s->known && s->bounces == 0) {
        ndr_buffer_text(&a->told, "no bounce to ");
        ndr_domain_show(w->domain, &a->told);
        ndr_buffer_text(&a->told, " was counted in the last 28 days");
        if (s->meant[0] != '\0') {
            ndr_buffer_text(&a->told, "; did you mean ");
            ndr_domain_show(ndr_slice_of(s->meant), &a->told);
            ndr_buffer_byte(&a->told, '?');
        }
        ndr_buffer_byte(&a->told, '\n');
    } else if (s->began != NDR_TIME_UNKNOWN && s->began < w->from) {
        ndr_domain_show(w->domain, &a->told);
        ndr_buffer_printf(&a->told,
                          ": many bounces since %s, when it began (%s): --from storm "
                          "covers those, too\n",
                          text_local_zone(at, s->began), text_count(n, s->many));
    }
}

/* Let --from storm mean what it does for this one. 0; or the exit status, told. */
static int
begin_with_storm(const switch_args *a, const opts *o, ndr_window *w, const seen *s)
{
    if (!a->from_storm)
        return 0;
    if (s->began == NDR_TIME_UNKNOWN)
        return opts_mistake(o,
                            "--from storm: by the statistics '%s' %.*s gets not many "
                            "bounces; give a time",
                            a->stats, (int)w->domain.len, (const char *)w->domain.ptr);
    w->from = s->began;
    return 0;
}

/* Ask the statistics of each; without them nothing is told. 0; or the exit status, told.
 */
static int
ask_statistics(switch_args *a, const opts *o, ndr_window *list, ndr_buffer *told)
{
    seen_counts counts = {0};
    ndr_error err = {0};
    if (a->stats == NULL)
        a->stats = "default";
    const bool by_default = strcmp(a->stats, "default") == 0;
    if (by_default &&
        place_state("stats.db", a->stats_room, sizeof a->stats_room, &err) == 0)
        a->stats = a->stats_room;
    int status = 0;
    if (seen_begin(&counts, a->stats, a->history.now, &err) != 0) {
        diag("%s", err.text);
        status = a->from_storm ? EXIT_NOT_RUN : 0;
    } else if (counts.none && a->from_storm) {
        status = opts_mistake(o,
                              "--from storm: there are no statistics '%s'; 'ndrscan "
                              "scan --stats %s' makes them, or give a time",
                              a->stats, by_default ? "default" : "FILE");
    } else {
        for (size_t i = 0; i < a->count && status == 0; i++) {
            seen s;
            if (seen_of(&counts, &list[i], &s, &err) != 0) {
                diag("%s", err.text);
                status = EXIT_NOT_RUN;
                break;
            }
            status = begin_with_storm(a, o, &list[i], &s);
            tell_seen(a, &list[i], &s);
        }
    }
    *told = a->told;
    a->told = (ndr_buffer){0};
    seen_end(&counts);
    return status;
}

/* ---- the verbs ----------------------------------------------------------------------
 */

/* What was done, and what is known of it. The exit status: it is done all the same. */
static int
put_words(const ndr_buffer *done, const ndr_buffer *more)
{
    ndr_error err = {0};
    int rc = put_all(STDOUT_FILENO, (ndr_slice){done->ptr, done->len}, &err);
    if (rc == 0)
        rc = put_all(STDOUT_FILENO, (ndr_slice){more->ptr, more->len}, &err);
    if (rc == 0 || err.sys_errno == EPIPE)
        return 0;
    diag("the change is made; this could not be printed: %s", err.text);
    return EXIT_DAMAGED;
}

int
cmd_block(opts *o)
{
    switch_args a;
    ndr_buffer seen_words = {0};
    ndr_window *list = NULL;
    int status = take_args(&a, o);
    if (status == 0)
        status = take_times(&a, o);
    if (status == 0 && (list = calloc(a.count, sizeof *list)) == NULL) {
        diag("out of memory");
        status = EXIT_NOT_RUN;
    }
    if (status == 0) {
        for (size_t i = 0; i < a.count; i++) {
            list[i] = a.window;
            list[i].domain = ndr_slice_of(a.domain[i]);
            list[i].note = ndr_slice_of(a.note);
        }
        ndr_error err = {0};
        if (windows_provable(a.identity, list, a.count, &err) != 0)
            status = opts_mistake(o, "%s", err.text);
        else
            status = ask_statistics(&a, o, list, &seen_words);
    }
    if (status == 0) {
        const ndr_windows_folder folder = folder_of(&a);
        ndr_error err = {0};
        if (windows_place_make(a.dir, &err) != 0 ||
            ndr_windows_block(&folder, list, a.count, &err) != 0) {
            status = failed(&err);
        } else {
            tell_reach(&a);
            status = put_words(&a.told, &seen_words);
        }
    }
    ndr_buffer_free(&a.told);
    ndr_buffer_free(&seen_words);
    free(list);
    free(a.domain);
    free(a.changed);
    free(a.mailbox_text);
    free(a.mailbox);
    return status < 0 ? 0 : status;
}

/* End the windows of these domains in each file that programs write and we may. */
static int
end_everywhere(switch_args *a, const ndr_slice *domain, size_t *changed, ndr_error *err)
{
    const int64_t now = a->history.now;
    int rc = 0;
    for (int i = 0; i < a->written_count && rc == 0; i++) {
        size_t here = 0;
        a->dir = a->written[i];
        rc = history_begin(&a->history, a->dir, a->note, now, err);
        a->history.folder = a->dir;
        if (rc == 0 && windows_place(a->dir, err) == WINDOWS_NEVER)
            continue;
        const ndr_windows_folder folder = folder_of(a);
        if (rc == 0)
            rc = ndr_windows_unblock(&folder, domain, a->count, now, &here, err);
        *changed += here;
    }
    return rc != 0 ? rc : tell_staying(a, a->places.dir[0][0] != '\0', err);
}

/* The domains of which there was nothing to end: a name that is mistyped is one. */
static void
tell_unchanged(switch_args *a)
{
    for (size_t i = 0; i < a->count; i++)
        if (!a->changed[i]) {
            ndr_domain_show(ndr_slice_of(a->domain[i]), &a->told);
            ndr_buffer_printf(&a->told,
                              ": no window in %s/" NDR_WINDOWS_OWN_FILE
                              " was open or coming\n",
                              a->written[0]);
        }
}

int
cmd_unblock(opts *o)
{
    switch_args a;
    ndr_slice *list = NULL;
    int status = take_args(&a, o);
    if (status == 0 && (list = calloc(a.count, sizeof *list)) == NULL) {
        diag("out of memory");
        status = EXIT_NOT_RUN;
    }
    if (status == 0) {
        for (size_t i = 0; i < a.count; i++)
            list[i] = ndr_slice_of(a.domain[i]);
        size_t changed = 0;
        ndr_error err = {0};
        if (end_everywhere(&a, list, &changed, &err) != 0)
            status = failed(&err);
        else if (changed == 0)
            (void)printf("no window in %s/" NDR_WINDOWS_OWN_FILE " was open or coming\n",
                         a.written[0]);
        else {
            tell_unchanged(&a);
            status = put_words(&a.told, &(ndr_buffer){0});
        }
        if (status == 0 && a.stays > 0)
            status = EXIT_DAMAGED;
    }
    ndr_buffer_free(&a.told);
    free(list);
    free(a.domain);
    free(a.changed);
    free(a.mailbox_text);
    free(a.mailbox);
    return status < 0 ? 0 : status;
}
