/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * journal_windows.c - which windows had the operator seen at work when a run was undone?
 *
 *   5d0c21aa window 3 example.com 1210665600 1210838400 50 0 info,sales
 *
 * File "windows" of the journal: number, domain, from, until, kinds, subdomains,
 * mailboxes ("-": all) and, where the window says so, what it takes. A line is added when
 * a run is told of a window that has none yet, and none is ever taken out. An undo notes
 * how many there were: against all of these, and what is left of them, its decision
 * stands.
 */
#define _DEFAULT_SOURCE
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Fields of a line, after "window". */
enum { NUMBER, DOMAIN, FROM, UNTIL, KINDS, SUBDOMAINS, MAILBOXES, TAKE, FIELDS };
enum { LINE_BYTES = 1 << 16 };

typedef struct known {
    uint64_t number, past; /* past 0: it is there still */
    ndr_window window;
    ndr_slice *mailboxes;
    char *text; /* what the slices point into */
} known;

struct ndr_journal_windows {
    known *row;
    size_t count, cap;
    uint64_t last; /* number */
};

void
ndr_journal_windows_free(ndr_journal_windows *w)
{
    if (w == NULL)
        return;
    for (size_t i = 0; i < w->count; i++) {
        free(w->row[i].mailboxes);
        free(w->row[i].text);
    }
    free(w->row);
    free(w);
}

uint64_t
ndr_journal_windows_last(const ndr_journal_windows *w)
{
    return w->last;
}

/* ---- one against another --------------------------------------------------------------
 */

static bool
has_mailbox(const ndr_window *w, ndr_slice local)
{
    for (size_t i = 0; i < w->mailbox_count; i++)
        if (ndr_slice_equal(w->mailboxes[i], local))
            return true;
    return w->mailbox_count == 0;
}

/* The usual take of a window may be all or all but ours, as an identity knows it. */
static int
take_width(enum ndr_take take)
{
    static const int width[NDR_TAKE_COUNT] = {[NDR_TAKE_FORGED] = 0,
                                              [NDR_TAKE_NOT_OURS] = 1,
                                              [NDR_TAKE_USUAL] = 2,
                                              [NDR_TAKE_ALL] = 3};
    return width[take];
}

/* Whether all that `in` takes is taken by `out`. */
static bool
is_within(const ndr_window *in, const ndr_window *out)
{
    const size_t below = in->domain.len - out->domain.len;
    const bool same = ndr_slice_equal(in->domain, out->domain);
    const bool under =
        out->subdomains && in->domain.len > out->domain.len &&
        in->domain.ptr[below - 1] == '.' &&
        memcmp(in->domain.ptr + below, out->domain.ptr, out->domain.len) == 0;
    if (!(same && (out->subdomains || !in->subdomains)) && !under)
        return false;
    if (in->from < out->from || in->until > out->until ||
        (in->kinds & ~out->kinds) != 0 || take_width(in->take) > take_width(out->take) ||
        (in->mailbox_count == 0 && out->mailbox_count > 0))
        return false;
    for (size_t i = 0; i < in->mailbox_count; i++)
        if (!has_mailbox(out, in->mailboxes[i]))
            return false;
    return true;
}

static bool
is_same(const ndr_window *a, const ndr_window *b)
{
    return is_within(a, b) && is_within(b, a);
}

static bool
is_in(const ndr_window *w, const ndr_windows *table)
{
    for (size_t i = table != NULL ? ndr_windows_first(table, w->domain) : 0;
         table != NULL && i < table->count &&
         ndr_slice_equal(table->row[i].domain, w->domain);
         i++)
        if (is_same(w, &table->row[i]))
            return true;
    return false;
}

bool
ndr_journal_stands(const ndr_journal *j, const ndr_journal_run *undo,
                   const ndr_windows *now, const ndr_window *covering)
{
    const ndr_journal_windows *w = ndr_journal_known(j);
    if (!undo->decides)
        return false;
    if (undo->decided == 0)
        return covering->from <= undo->begun;
    for (size_t i = 0; i < w->count; i++) {
        const known *k = &w->row[i];
        const bool was =
            k->number <= undo->decided && (k->past == 0 || k->past > undo->decided);
        if (was && (is_same(covering, &k->window) ||
                    (is_within(covering, &k->window) && !is_in(&k->window, now))))
            return true;
    }
    return false;
}

/* ---- the file ------------------------------------------------------------------------
 */

static bool
take_number(const char *text, int64_t *ret)
{
    char *end;
    errno = 0;
    const long long n = strtoll(text, &end, 10);
    *ret = n;
    return end != text && *end == '\0' && errno == 0;
}

/* The list "info,sales". False: no memory. */
static bool
take_mailboxes(known *k, char *list)
{
    size_t count = 1;
    if (strcmp(list, "-") == 0)
        return true;
    for (const char *p = list; *p != '\0'; p++)
        count += *p == ',';
    k->mailboxes = calloc(count, sizeof *k->mailboxes);
    if (k->mailboxes == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        const size_t n = strcspn(list, ",");
        char plain[512];
        list[n] = '\0';
        if (!ndr_journal_unescape(list, plain, sizeof plain))
            plain[0] = '\0';
        memcpy(list, plain, strlen(plain) + 1); /* never longer than what is escaped */
        k->mailboxes[i] = ndr_slice_of(list);
        list += n + 1;
    }
    k->window.mailboxes = k->mailboxes;
    k->window.mailbox_count = count;
    return true;
}

/* Take the text over. 1; 0: is no line of a window, passed over; NDR_E_NOMEM. */
static int
take_text(ndr_journal_windows *w, char *text)
{
    known k = {.text = text};
    char *field[FIELDS], *at = text;
    int64_t number, from, until, kinds, below;
    size_t n = 0;
    for (; n < FIELDS && at != NULL; n++) {
        field[n] = at;
        at = strchr(at, ' ');
        if (at != NULL)
            *at++ = '\0';
    }
    enum ndr_take take = NDR_TAKE_USUAL;
    if (n < TAKE || at != NULL ||
        (n > TAKE && !ndr_take_find(ndr_slice_of(field[TAKE]), &take)) ||
        !take_number(field[NUMBER], &number) || number < 1 ||
        !take_number(field[FROM], &from) || !take_number(field[UNTIL], &until) ||
        !take_number(field[KINDS], &kinds) || !take_number(field[SUBDOMAINS], &below))
        return 0;
    k.number = (uint64_t)number;
    k.window = (ndr_window){.domain = ndr_slice_of(field[DOMAIN]),
                            .from = from,
                            .until = until,
                            .kinds = (unsigned)kinds,
                            .subdomains = below != 0,
                            .take = take};
    if (w->count == w->cap) {
        const size_t cap = w->cap > 0 ? w->cap * 2 : 16;
        known *more = realloc(w->row, cap * sizeof *more);
        if (more == NULL)
            return NDR_E_NOMEM;
        w->row = more;
        w->cap = cap;
    }
    if (!take_mailboxes(&k, field[MAILBOXES]))
        return NDR_E_NOMEM;
    w->row[w->count++] = k;
    if (k.number > w->last)
        w->last = k.number;
    return 1;
}

/* "past 4 3". False: is no such line. */
static bool
take_past(ndr_journal_windows *w, ndr_slice words)
{
    char text[64], *at;
    int64_t number, of;
    if (words.len >= sizeof text || words.len < 5 || memcmp(words.ptr, "past ", 5) != 0)
        return false;
    memcpy(text, words.ptr + 5, words.len - 5);
    text[words.len - 5] = '\0';
    at = strchr(text, ' ');
    if (at == NULL)
        return false;
    *at++ = '\0';
    if (!take_number(text, &number) || !take_number(at, &of) || number < 1)
        return false;
    for (size_t i = 0; i < w->count; i++)
        if (w->row[i].number == (uint64_t)of && w->row[i].past == 0)
            w->row[i].past = (uint64_t)number;
    if ((uint64_t)number > w->last)
        w->last = (uint64_t)number;
    return true;
}

static int
take_words(ndr_journal_windows *w, ndr_slice words, ndr_error *err)
{
    static const char head[] = "window ";
    const size_t n = sizeof head - 1;
    if (take_past(w, words))
        return 0;
    if (words.len <= n || memcmp(words.ptr, head, n) != 0)
        return 0;
    char *text = strndup((const char *)words.ptr + n, words.len - n);
    const int took = text != NULL ? take_text(w, text) : NDR_E_NOMEM;
    if (took != 1)
        free(text);
    return took >= 0 ? 0 : ndr_fail(err, took, "no memory for the journal");
}

int
ndr_journal_windows_parse(ndr_slice bytes, ndr_journal_windows **ret, size_t *ret_whole,
                          ndr_error *err)
{
    ndr_journal_windows *w = calloc(1, sizeof *w);
    int code = w == NULL ? ndr_fail(err, NDR_E_NOMEM, "no memory for the journal") : 0;
    *ret_whole = 0;
    for (size_t at = 0; code == 0 && at < bytes.len;) {
        const unsigned char *end = memchr(bytes.ptr + at, '\n', bytes.len - at);
        if (end == NULL)
            break; /* torn */
        ndr_slice words;
        const ndr_slice line = {bytes.ptr + at, (size_t)(end - (bytes.ptr + at))};
        at += line.len + 1;
        *ret_whole = at;
        if (ndr_journal_believe(line, &words))
            code = take_words(w, words, err);
    }
    if (code != 0) {
        ndr_journal_windows_free(w);
        w = NULL;
    }
    *ret = w;
    return code;
}

static void
write_window(ndr_buffer *words, uint64_t number, const ndr_window *w)
{
    ndr_buffer_printf(words, "window %" PRIu64 " ", number);
    ndr_buffer_add(words, w->domain);
    ndr_buffer_printf(words, " %" PRId64 " %" PRId64 " %u %d ", w->from, w->until,
                      w->kinds, w->subdomains ? 1 : 0);
    if (w->mailbox_count == 0)
        ndr_buffer_byte(words, '-');
    for (size_t i = 0; i < w->mailbox_count; i++) {
        char plain[512];
        const ndr_slice m = w->mailboxes[i];
        (void)snprintf(plain, sizeof plain, "%.*s", (int)m.len, (const char *)m.ptr);
        if (i > 0)
            ndr_buffer_byte(words, ',');
        ndr_journal_escape(words, plain);
    }
    if (w->take != NDR_TAKE_USUAL)
        ndr_buffer_printf(words, " %s", ndr_take_name(w->take));
}

static int
add_lines(const ndr_journal *j, ndr_slice lines, ndr_error *err)
{
    const int fd =
        openat(ndr_journal_folder(j), NDR_JOURNAL_WINDOWS,
               O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (fd < 0)
        return ndr_fail(err, NDR_E_SYS, "open '" NDR_JOURNAL_WINDOWS "' of the journal");
    int code = ndr_journal_add(fd, lines, true, err);
    if (close(fd) != 0 && code == 0)
        code = ndr_fail(err, NDR_E_SYS, "write '" NDR_JOURNAL_WINDOWS "' of the journal");
    if (code == 0 && fsync(ndr_journal_folder(j)) != 0)
        code = ndr_fail(err, NDR_E_SYS, "sync the journal's folder");
    return code;
}

/* Add to lines what has to be noted, and take it in. */
static int
note_new(ndr_journal_windows *w, const ndr_window *window, ndr_buffer *lines,
         ndr_error *err)
{
    ndr_buffer words = {0};
    int code = 0;
    for (size_t k = 0; k < w->count; k++)
        if (w->row[k].past == 0 && is_same(&w->row[k].window, window))
            return 0;
    write_window(&words, w->last + 1, window);
    /* one that is absurd: a decision does not stand against it */
    if (!words.failed && words.len <= LINE_BYTES) {
        ndr_journal_line(lines, (ndr_slice){words.ptr, words.len});
        code = take_words(w, (ndr_slice){words.ptr, words.len}, err);
    }
    ndr_buffer_free(&words);
    return code;
}

/* Those of a domain that the table tells of, and of which it does not tell any more.
 * Other domains may be in another table. */
static void
note_past(ndr_journal_windows *w, const ndr_windows *now, ndr_buffer *lines)
{
    for (size_t k = 0; k < w->count; k++) {
        const ndr_window *window = &w->row[k].window;
        const size_t first = ndr_windows_first(now, window->domain);
        if (w->row[k].past != 0 || first == now->count ||
            !ndr_slice_equal(now->row[first].domain, window->domain) ||
            is_in(window, now))
            continue;
        char text[64];
        w->row[k].past = ++w->last;
        (void)snprintf(text, sizeof text, "past %" PRIu64 " %" PRIu64, w->last,
                       w->row[k].number);
        ndr_journal_line(lines, ndr_slice_of(text));
    }
}

int
ndr_journal_know(ndr_journal *j, const ndr_windows *windows, ndr_error *err)
{
    ndr_journal_windows *w = ndr_journal_known(j);
    ndr_buffer lines = {0};
    int code = 0;
    note_past(w, windows, &lines);
    for (size_t i = 0; i < windows->count && code == 0; i++)
        code = note_new(w, &windows->row[i], &lines, err);
    if (code == 0 && lines.failed)
        code = ndr_fail(err, NDR_E_NOMEM, "no memory for the journal");
    if (code == 0 && lines.len > 0)
        code = add_lines(j, (ndr_slice){lines.ptr, lines.len}, err);
    ndr_buffer_free(&lines);
    return code;
}
