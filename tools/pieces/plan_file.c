/* SPDX-License-Identifier: BSD-3-Clause */
/* plan_file.c - see plan_file.h. */
#include "plan_file.h"

#include "ndr_file.h"
#include "ndr_hash.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- writing ------------------------------------------------------------------------
 */

/* A name as the rest of a line: only what would end that is written otherwise. */
static void
put_name(ndr_buffer *out, const char *name)
{
    for (;;) {
        const size_t n = strcspn(name, "\\\n");
        ndr_buffer_add(out, (ndr_slice){(const unsigned char *)name, n});
        if (name[n] == '\0')
            return;
        ndr_buffer_text(out, name[n] == '\n' ? "\\n" : "\\\\");
        name += n + 1;
    }
}

static void
put_number(ndr_buffer *out, uint64_t v)
{
    char digits[21];
    size_t at = sizeof digits;
    digits[--at] = ' ';
    do {
        digits[--at] = (char)('0' + v % 10);
        v /= 10;
    } while (v != 0);
    ndr_buffer_add(out,
                   (ndr_slice){(const unsigned char *)digits + at, sizeof digits - at});
}

static void
put_source(ndr_buffer *out, const ndr_plan *p, const ndr_plan_source *s)
{
    ndr_buffer_text(out, ndr_plan_what_name((enum ndr_plan_what)s->what));
    ndr_buffer_byte(out, ' ');
    const uint64_t of[] = {s->operand, s->name,      s->bytes, (uint64_t)s->mtime_ns,
                           s->listing, s->files,     s->from,  s->until,
                           s->lead,    s->in_folder, s->marks};
    for (size_t i = 0; i < sizeof of / sizeof of[0]; i++)
        put_number(out, of[i]);
    put_name(out, ndr_plan_text(p, s->path));
    ndr_buffer_byte(out, '\n');
}

static void
put_pins(ndr_buffer *out, const char *word, const pins *p)
{
    if (p->none)
        ndr_buffer_printf(out, "no-%s\n", word);
    for (size_t i = 0; i < p->count; i++) {
        ndr_buffer_printf(out, "%s ", word);
        put_name(out, p->row[i].name);
        ndr_buffer_byte(out, '\n');
    }
}

/* What a table of counts tells of a window. */
static void
put_window(ndr_buffer *out, const ndr_window *w)
{
    ndr_buffer_printf(out, "window %" PRIu64 " %" PRIu64 " %d %.*s\n", (uint64_t)w->from,
                      (uint64_t)w->until, (int)w->subdomains, (int)w->domain.len,
                      (const char *)w->domain.ptr);
    if (w->note.len == 0)
        return;
    char *note = strndup((const char *)w->note.ptr, w->note.len);
    ndr_buffer_text(out, "note ");
    put_name(out, note != NULL ? note : "");
    ndr_buffer_byte(out, '\n');
    out->failed = out->failed || note == NULL;
    free(note);
}

/* Plans of the same mail are the same, whenever they were made: the time is no part of
 * their hash, and has one of its own. */
static uint64_t
hash_made(uint64_t hash, uint64_t made)
{
    char text[64];
    (void)snprintf(text, sizeof text, "%016" PRIx64 " %" PRIu64, hash, made);
    return ndr_hash(ndr_slice_of(text), PLAN_VERSION);
}

uint64_t
plan_file_text(const plan_file *f, ndr_buffer *out)
{
    const ndr_plan *p = &f->plan;
    const size_t at = out->len;
    ndr_buffer_printf(out, "ndrscan-plan %d\n", PLAN_VERSION);
    for (int i = 0; i < SETTING_COUNT; i++) {
        ndr_buffer_printf(out, "set %s ", setting_name((enum setting)i));
        put_name(out, f->settings.value[i] != NULL ? f->settings.value[i] : "");
        ndr_buffer_byte(out, '\n');
    }
    put_pins(out, "rules", &f->rules);
    put_pins(out, "windows", &f->windows);
    put_pins(out, "recipient-map", &f->map);
    for (size_t i = 0; i < f->window_count; i++)
        put_window(out, &f->window[i]);
    for (size_t i = 0; i < p->trouble_count; i++) {
        ndr_buffer_text(out, "trouble ");
        put_name(out, ndr_plan_text(p, p->trouble[i].path));
        ndr_buffer_byte(out, '\n');
        ndr_buffer_text(out, "because ");
        put_name(out, ndr_plan_text(p, p->trouble[i].text));
        ndr_buffer_byte(out, '\n');
    }
    for (size_t i = 0; i < p->piece_count; i++) {
        const ndr_plan_piece *k = &p->piece[i];
        for (uint32_t n = 0; n < k->count; n++)
            put_source(out, p, &p->source[k->first + n]);
        ndr_buffer_printf(out, "piece %" PRIu64 " %d %016" PRIx64 "\n", k->number,
                          (int)k->partial, k->stamp);
    }
    if (out->failed)
        return 0;
    const uint64_t hash =
        ndr_hash((ndr_slice){out->ptr + at, out->len - at}, PLAN_VERSION);
    ndr_buffer_printf(out, "end %zu %016" PRIx64 " %" PRIu64 " %016" PRIx64 "\n",
                      p->piece_count, hash, (uint64_t)f->made,
                      hash_made(hash, (uint64_t)f->made));
    return hash;
}

/* ---- reading ------------------------------------------------------------------------
 */

typedef struct reading {
    plan_file *f;
    char *p;             /* what is left of the line */
    const char *trouble; /* the path of one whose reason comes next */
    size_t sources;      /* of the piece that is being read */
} reading;

/* The line's next word, if it is this. */
static bool
take_word(reading *r, const char *word)
{
    const size_t n = strlen(word);
    if (strncmp(r->p, word, n) != 0 || (r->p[n] != ' ' && r->p[n] != '\0'))
        return false;
    r->p += n + (r->p[n] == ' ' ? 1u : 0u);
    return true;
}

static bool
take_number(reading *r, int base, uint64_t *ret)
{
    char *end = r->p;
    errno = 0;
    *ret = strtoull(r->p, &end, base);
    if (end == r->p || errno != 0 || (*end != ' ' && *end != '\0'))
        return false;
    r->p = end + (*end == ' ' ? 1 : 0);
    return true;
}

/* The rest of the line, as it was before put_name. */
static char *
take_name(reading *r)
{
    char *name = r->p, *to = r->p;
    for (const char *from = r->p; *from != '\0'; from++) {
        if (*from == '\\' && from[1] != '\0')
            *to++ = *++from == 'n' ? '\n' : *from;
        else
            *to++ = *from;
    }
    *to = '\0';
    return name;
}

static int
no_memory(ndr_error *err)
{
    return ndr_fail(err, NDR_E_NOMEM, "no memory for a plan");
}

/* A source of this kind: 1, 0 when the line is none, NDR_E_NOMEM. */
static int
take_source(reading *r, enum ndr_plan_what what, ndr_error *err)
{
    ndr_plan_source s = {.what = (uint8_t)what};
    uint64_t operand, name, mtime, files, in_folder, marks;
    if (!take_number(r, 10, &operand) || !take_number(r, 10, &name) ||
        !take_number(r, 10, &s.bytes) || !take_number(r, 10, &mtime) ||
        !take_number(r, 10, &s.listing) || !take_number(r, 10, &files) ||
        !take_number(r, 10, &s.from) || !take_number(r, 10, &s.until) ||
        !take_number(r, 10, &s.lead) || !take_number(r, 10, &in_folder) ||
        !take_number(r, 10, &marks) || s.until < s.from || s.lead > s.from ||
        operand > UINT32_MAX || files > UINT32_MAX || marks > NDR_PLAN_MARKS_MOST)
        return 0;
    const char *path = take_name(r);
    if (path[0] == '\0' || name > strlen(path) ||
        (what == NDR_PLAN_MEMBER && strchr(path, '/') == NULL))
        return 0;
    s.operand = (uint32_t)operand;
    s.name = (uint32_t)name;
    s.mtime_ns = (int64_t)mtime;
    s.files = (uint32_t)files;
    s.in_folder = in_folder != 0;
    s.marks = (uint8_t)marks;
    if (!ndr_plan_add_text(&r->f->plan, ndr_slice_of(path), &s.path) ||
        !ndr_plan_add_source(&r->f->plan, &s))
        return no_memory(err);
    r->sources++;
    return 1;
}

static int
take_piece(reading *r, ndr_error *err)
{
    uint64_t number, partial, stamp;
    if (!take_number(r, 10, &number) || !take_number(r, 10, &partial) ||
        !take_number(r, 16, &stamp) || r->sources == 0 || (partial && r->sources > 1))
        return 0;
    r->sources = 0;
    return ndr_plan_add_piece(&r->f->plan, number, partial != 0, stamp) ? 1
                                                                        : no_memory(err);
}

static int
take_setting(reading *r, ndr_error *err)
{
    const size_t n = strcspn(r->p, " ");
    const enum setting at = setting_find((ndr_slice){(const unsigned char *)r->p, n});
    if (at == SETTING_COUNT || r->p[n] == '\0')
        return 0;
    r->p += n + 1;
    return setting_put(&r->f->settings, at, ndr_slice_of(take_name(r))) ? 1
                                                                        : no_memory(err);
}

static int
take_trouble(reading *r, ndr_error *err)
{
    const char *path = r->trouble, *text = take_name(r);
    r->trouble = NULL;
    if (path == NULL)
        return 0;
    return ndr_plan_add_trouble(&r->f->plan, ndr_slice_of(path), ndr_slice_of(text))
               ? 1
               : no_memory(err);
}

static int
take_window(reading *r, ndr_error *err)
{
    uint64_t from, until, subdomains;
    if (!take_number(r, 10, &from) || !take_number(r, 10, &until) ||
        !take_number(r, 10, &subdomains))
        return 0;
    const ndr_window w = {.domain = ndr_slice_of(take_name(r)),
                          .from = (int64_t)from,
                          .until = (int64_t)until,
                          .subdomains = subdomains != 0};
    return plan_file_add_window(r->f, &w) ? 1 : no_memory(err);
}

static int
take_note(reading *r, ndr_error *err)
{
    plan_file *f = r->f;
    if (f->window_count == 0)
        return 0;
    char *note = strdup(take_name(r));
    if (note == NULL || !plan_file_keep(f, note))
        return no_memory(err);
    f->window[f->window_count - 1].note = ndr_slice_of(note);
    return 1;
}

/* One line: 1, 0 when it is not well-formed, NDR_E_NOMEM. */
static int
take_line(reading *r, ndr_error *err)
{
    plan_file *f = r->f;
    for (int what = 0; what < NDR_PLAN_WHAT_COUNT; what++)
        if (take_word(r, ndr_plan_what_name((enum ndr_plan_what)what)))
            return take_source(r, (enum ndr_plan_what)what, err);
    if (take_word(r, "piece"))
        return take_piece(r, err);
    if (take_word(r, "set"))
        return take_setting(r, err);
    if (take_word(r, "no-windows"))
        return f->windows.none = true;
    if (take_word(r, "rules"))
        return pins_add(&f->rules, take_name(r)) ? 1 : no_memory(err);
    if (take_word(r, "windows"))
        return pins_add(&f->windows, take_name(r)) ? 1 : no_memory(err);
    if (take_word(r, "recipient-map"))
        return f->map.count > 0                  ? 0
               : pins_add(&f->map, take_name(r)) ? 1
                                                 : no_memory(err);
    if (take_word(r, "window"))
        return take_window(r, err);
    if (take_word(r, "note"))
        return take_note(r, err);
    if (take_word(r, "because"))
        return take_trouble(r, err);
    if (!take_word(r, "trouble") || r->trouble != NULL)
        return 0;
    r->trouble = take_name(r);
    return 1;
}

/* The whole file, NUL behind it. */
static int
load(const char *path, ndr_buffer *ret, ndr_error *err)
{
    struct stat st;
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return ndr_fail(err, NDR_E_SYS, "open '%s'", path);
    int code = 0;
    if (fstat(fd, &st) != 0)
        code = ndr_fail(err, NDR_E_SYS, "open '%s'", path);
    else if (!S_ISREG(st.st_mode))
        code = ndr_fail(err, NDR_E_SYNTAX, "'%s' is no plan: no regular file", path);
    const int rc = code == 0 ? ndr_read_all(fd, SIZE_MAX, ret) : 0;
    if (rc != 0)
        code = rc == NDR_E_NOMEM ? no_memory(err) : ndr_fail(err, rc, "read '%s'", path);
    (void)close(fd); /* was only read */
    if (code == 0 && !ndr_buffer_reserve(ret, 1))
        code = no_memory(err);
    if (code == 0)
        ret->ptr[ret->len] = '\0';
    return code;
}

/* Is the last line there, and is what stands before it whole? */
static int
check_end(const char *path, const ndr_buffer *b, size_t *ret_end, uint64_t *ret_count,
          plan_file *f, ndr_error *err)
{
    size_t at = b->len > 0 ? b->len - 1 : 0;
    while (at > 0 && b->ptr[at - 1] != '\n')
        at--;
    reading r = {.p = (char *)b->ptr + at};
    if (b->len > 0 && b->ptr[b->len - 1] == '\n')
        b->ptr[b->len - 1] = '\0';
    uint64_t hash = 0, made = 0, check = 0;
    if (!take_word(&r, "end") || !take_number(&r, 10, ret_count) ||
        !take_number(&r, 16, &hash) || !take_number(&r, 10, &made) ||
        !take_number(&r, 16, &check) || r.p[0] != '\0' ||
        check != hash_made(hash, made) ||
        hash != ndr_hash((ndr_slice){b->ptr, at}, PLAN_VERSION))
        return ndr_fail(err, NDR_E_SYNTAX,
                        "'%s' is no whole plan: its last line is not that of the others; "
                        "make it anew with ndrscan scan --plan",
                        path);
    f->hash = hash;
    f->made = (int64_t)made;
    *ret_end = at;
    return 0;
}

/* The first line: of a plan that this program knows. */
static int
check_begin(const char *path, reading *r, ndr_error *err)
{
    uint64_t version;
    if (!take_word(r, "ndrscan-plan") || !take_number(r, 10, &version))
        return ndr_fail(err, NDR_E_SYNTAX, "'%s' is no plan of ndrscan scan --plan",
                        path);
    if (version > PLAN_VERSION)
        return ndr_fail(err, NDR_E_LIMIT,
                        "'%s' was written by a newer ndrscan (its version is %" PRIu64
                        "): use that one on all machines",
                        path, version);
    if (version < PLAN_VERSION)
        return ndr_fail(err, NDR_E_LIMIT,
                        "'%s' was written by an older ndrscan (its version is %" PRIu64
                        ", this one knows %d): make it anew with ndrscan scan --plan, or "
                        "use that ndrscan on all machines",
                        path, version, PLAN_VERSION);
    return 0;
}

int
plan_file_read(const char *path, plan_file *ret, ndr_error *err)
{
    ndr_buffer b = {0};
    *ret = (plan_file){0};
    reading r = {.f = ret};
    size_t end = 0, line = 1;
    uint64_t count = 0;
    int code = load(path, &b, err);
    const size_t n = code == 0 ? strcspn((char *)b.ptr, "\n") : 0;
    if (code == 0) { /* of a newer one even the last line may look different */
        const bool more = b.ptr[n] == '\n';
        b.ptr[n] = '\0';
        r.p = (char *)b.ptr;
        code = check_begin(path, &r, err);
        b.ptr[n] = more ? '\n' : '\0';
    }
    if (code == 0)
        code = check_end(path, &b, &end, &count, ret, err);
    for (size_t at = n + 1; code == 0 && at < end; line++) {
        char *p = (char *)b.ptr + at;
        char *stop = memchr(p, '\n', end - at);
        *stop = '\0'; /* what is before `end` is lines */
        r.p = p;
        at = (size_t)(stop - (char *)b.ptr) + 1;
        const int got = take_line(&r, err);
        if (got < 0)
            code = got;
        else if (got == 0)
            code = ndr_fail(err, NDR_E_SYNTAX, "'%s', line %zu: is not a plan's", path,
                            line + 1);
    }
    if (code == 0 && (r.sources > 0 || count != ret->plan.piece_count))
        code = ndr_fail(err, NDR_E_SYNTAX, "'%s' does not have the pieces that it says",
                        path);
    ndr_buffer_free(&b);
    if (code != 0)
        plan_file_free(ret);
    return code;
}

bool
plan_file_keep(plan_file *f, char *text)
{
    char **more = realloc(f->kept, (f->kept_count + 1) * sizeof *more);
    if (more == NULL) {
        free(text);
        return false;
    }
    f->kept = more;
    f->kept[f->kept_count++] = text;
    return true;
}

/* A copy of the bytes, which the plan owns. */
static bool
keep_slice(plan_file *f, ndr_slice *s)
{
    char *copy = strndup(s->len > 0 ? (const char *)s->ptr : "", s->len);
    if (copy == NULL || !plan_file_keep(f, copy))
        return false;
    *s = (ndr_slice){(const unsigned char *)copy, s->len};
    return true;
}

bool
plan_file_add_window(plan_file *f, const ndr_window *w)
{
    ndr_window own = {.domain = w->domain,
                      .from = w->from,
                      .until = w->until,
                      .subdomains = w->subdomains,
                      .note = w->note};
    ndr_window *more = realloc(f->window, (f->window_count + 1) * sizeof *more);
    if (more == NULL)
        return false;
    f->window = more;
    if (!keep_slice(f, &own.domain) || !keep_slice(f, &own.note))
        return false;
    f->window[f->window_count++] = own;
    return true;
}

void
plan_file_free(plan_file *f)
{
    free(f->window);
    f->window = NULL;
    f->window_count = 0;
    for (size_t i = 0; i < f->kept_count; i++)
        free(f->kept[i]);
    free(f->kept);
    f->kept = NULL;
    f->kept_count = 0;
    ndr_buffer_free(&f->text);
    settings_free(&f->settings);
    pins_free(&f->rules);
    pins_free(&f->windows);
    ndr_buffer_free(&f->counted);
    pins_free(&f->map);
    ndr_plan_clear(&f->plan);
}
