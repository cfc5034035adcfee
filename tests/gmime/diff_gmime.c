/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * diff_gmime.c - do we read a message's parts and fields as GMime does?
 *
 *   diff_gmime [--list] FOLDER
 *
 * Reads every file below FOLDER with both and compares: the media types of all parts in
 * order, the bytes of each text part without its transfer encoding, and Subject and From
 * decoded. A difference belongs to a row of `classes`, where mail is broken and both
 * readings are fair, and is counted there; or it is a failure. --list names the file and
 * both readings of every difference.
 * Exit status: 0; 1 when a difference is in no class; 77 when there is no such folder.
 */
#include "base/arena.h"
#include "mail/charset.h"
#include "mail/header.h"
#include "mail/mime.h"
#include "mail/transfer.h"

/* GMime's headers do not know our warnings. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wcast-qual"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wpedantic"
#include <gmime/gmime.h>
#pragma GCC diagnostic pop

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PART_LIMIT = 4000, FILE_LIMIT_BYTES = 64 << 20 };

/* One header field. */
typedef struct field {
    ndr_slice raw;   /* its value in the message */
    ndr_buffer text; /* canonical */
} field;

/* What one reader makes of a message. */
typedef struct reading {
    size_t count;
    struct reading_part {
        char type[128];
        bool text;          /* the bytes count */
        unsigned char *ptr; /* decoded; owned */
        size_t len;
        /* ours alone, to tell causes */
        bool unlisted, bare, uuencoded, double_equals, lone_lf;
        enum ndr_transfer transfer;
    } part[PART_LIMIT];
    field subject, from;
    bool no_field, two_types, bad_boundary; /* ours alone: seen somewhere */
} reading;

static void
fatal(const char *what, const char *name)
{
    (void)fprintf(stderr, "diff_gmime: %s: %s\n", what, name);
    exit(2);
}

static void
clear(reading *r)
{
    for (size_t i = 0; i < r->count; i++)
        free(r->part[i].ptr);
    r->count = 0;
    ndr_buffer_clear(&r->subject.text);
    ndr_buffer_clear(&r->from.text);
    r->subject.raw = r->from.raw = (ndr_slice){0};
    r->no_field = r->two_types = r->bad_boundary = false;
}

static struct reading_part *
add_part(reading *r, const char *type, size_t type_len, bool text, const void *bytes,
         size_t n)
{
    if (r->count == PART_LIMIT)
        fatal("too many parts", type);
    struct reading_part *p = &r->part[r->count++];
    *p = (struct reading_part){.text = text, .len = n};
    (void)snprintf(p->type, sizeof p->type, "%.*s", (int)type_len, type);
    p->ptr = malloc(n > 0 ? n : 1);
    if (p->ptr == NULL)
        fatal("no memory", p->type);
    if (n > 0)
        memcpy(p->ptr, bytes, n);
    return p;
}

static bool
contains(ndr_slice s, const char *what)
{
    const size_t n = strlen(what);
    for (size_t i = 0; i + n <= s.len; i++)
        if (g_ascii_strncasecmp((const char *)s.ptr + i, what, n) == 0)
            return true;
    return false;
}

static bool
is_text(const char *type)
{
    return strncmp(type, "text/", 5) == 0;
}

/* ---- our reading ---- */

static ndr_charsets charsets;

/* What one walk through our parts knows besides. */
typedef struct ours_walk {
    reading *r;
    ndr_slice body;
    ndr_slice boundary[200];
    size_t boundary_count;
    size_t behind; /* where the part before ended, in `body` */
} ours_walk;

/* Does one header, of the message or a part, name two types? */
static bool
has_two_types(ndr_slice raw)
{
    const ndr_slice name = NDR_SLICE("content-type:");
    size_t types = 0;
    for (size_t at = 0; at < raw.len;) {
        const unsigned char *lf = memchr(raw.ptr + at, '\n', raw.len - at);
        const size_t end = lf == NULL ? raw.len : (size_t)(lf - raw.ptr) + 1;
        const ndr_slice line = {raw.ptr + at, end - at};
        if (line.ptr[0] == '\n' || line.ptr[0] == '\r' || line.ptr[0] == '-')
            types = 0;
        else if (line.len > name.len &&
                 ndr_slice_equal_nocase((ndr_slice){line.ptr, name.len}, name) &&
                 ++types > 1)
            return true;
        at = end;
    }
    return false;
}

/* Does the header end in something else than an empty line? */
static void
look_at_header(reading *r, ndr_slice raw)
{
    size_t at = 0;
    ndr_field f;
    while (ndr_fields_next(raw, &at, &f) == 1)
        continue;
    /* an empty line is "\n" or "\r\n" behind a line's end, or at the start */
    size_t line = at;
    if (line > 0 && raw.ptr[line - 1] == '\n')
        line--;
    if (line > 0 && raw.ptr[line - 1] == '\r')
        line--;
    const bool ended = line == 0 || raw.ptr[line - 1] == '\n';
    r->no_field = r->no_field || (at < raw.len && (!ended || line == at));
}

/* Where the header of the part begins whose body begins at `at`: behind the delimiter. */
static size_t
header_of(ours_walk *w, size_t at)
{
    size_t line = at;
    while (line > w->behind) {
        size_t begin = line - 1;
        while (begin > w->behind && w->body.ptr[begin - 1] != '\n')
            begin--;
        if (line - begin >= 2 && w->body.ptr[begin] == '-' &&
            w->body.ptr[begin + 1] == '-')
            return line;
        line = begin;
    }
    return line;
}

static bool
take_part(void *ctx, const ndr_part *part)
{
    ours_walk *w = ctx;
    const ndr_content *c = part->content;
    if (part->multipart) {
        bool bad = c->boundary.len == 0;
        for (size_t i = 0; i < w->boundary_count; i++)
            bad = bad || ndr_slice_equal(w->boundary[i], c->boundary);
        w->r->bad_boundary = w->r->bad_boundary || bad;
        if (w->boundary_count < sizeof w->boundary / sizeof w->boundary[0])
            w->boundary[w->boundary_count++] = c->boundary;
    }
    ndr_buffer out = {0};
    if (!part->multipart && c->transfer == NDR_TRANSFER_BASE64)
        ndr_base64_decode(part->body, &out);
    else if (!part->multipart && c->transfer == NDR_TRANSFER_QP)
        ndr_qp_decode(part->body, false, &out);
    else
        ndr_buffer_add(&out, part->body);
    const char *type = (const char *)c->type.ptr;
    const bool text =
        !part->multipart && c->type.len > 5 && memcmp(type, "text/", 5) == 0;
    struct reading_part *p = add_part(w->r, type, c->type.len, text, out.ptr, out.len);
    ndr_buffer_free(&out);
    if (part->multipart || part->body.ptr == NULL)
        return true;
    p->unlisted = part->unlisted;
    p->transfer = c->transfer;
    const size_t at = (size_t)(part->body.ptr - w->body.ptr);
    const size_t head = header_of(w, at);
    p->bare = head == at || ndr_slice_equal((ndr_slice){w->body.ptr + head, at - head},
                                            NDR_SLICE("\n"));
    if (w->boundary_count > 0 && !part->unlisted) {
        const ndr_slice header = {w->body.ptr + head, w->body.len - head};
        look_at_header(w->r, header);
        p->uuencoded = contains((ndr_slice){header.ptr, at - head}, "uuencode");
    }
    for (size_t i = 0; i + 1 < part->body.len && !p->double_equals; i++)
        p->double_equals = part->body.ptr[i] == '=' && part->body.ptr[i + 1] == '=';
    w->behind = at + part->body.len;
    p->lone_lf = w->behind < w->body.len && w->body.ptr[w->behind] == '\n';
    return true;
}

static void
read_ours(reading *r, ndr_slice raw)
{
    ndr_arena arena = {0};
    ndr_content top;
    ndr_buffer work = {0};
    const size_t begin = ndr_header_begin(raw);
    r->no_field = begin > 0; /* GMime takes the first empty line for the header's end */
    raw = (ndr_slice){raw.ptr + begin, raw.len - begin};
    size_t at = 0;
    ndr_field f;
    r->two_types = has_two_types(raw);
    look_at_header(r, raw);
    while (ndr_header_next(raw, &at, &f) == 1) {
        field *into = ndr_slice_equal_nocase(f.name, NDR_SLICE("subject")) ? &r->subject
                      : ndr_slice_equal_nocase(f.name, NDR_SLICE("from"))  ? &r->from
                                                                           : NULL;
        if (into == NULL || into->raw.ptr != NULL)
            continue;
        into->raw = f.value;
        ndr_header_value(&charsets, f.value, &work, &into->text);
    }
    at = ndr_content_read(&arena, raw, "text/plain", &top);
    ours_walk w = {.r = r, .body = {raw.ptr + at, raw.len - at}};
    (void)ndr_mime_walk(&arena, &top, w.body, take_part, &w);
    if (r->count == 1)
        r->part[0].uuencoded = contains((ndr_slice){raw.ptr, at}, "uuencode");
    ndr_buffer_free(&work);
    ndr_arena_free(&arena);
}

/* ---- GMime's reading ---- */

static GMimeParserOptions *gmime_options;

static void
walk_gmime(reading *r, GMimeObject *o)
{
    GMimeContentType *ct = g_mime_object_get_content_type(o);
    char *mixed = g_mime_content_type_get_mime_type(ct);
    char *type = g_ascii_strdown(mixed, -1);
    g_free(mixed);
    if (GMIME_IS_MULTIPART(o)) {
        add_part(r, type, strlen(type), false, "", 0);
        GMimeMultipart *m = (GMimeMultipart *)o;
        for (int i = 0; i < g_mime_multipart_get_count(m); i++)
            walk_gmime(r, g_mime_multipart_get_part(m, i));
    } else if (GMIME_IS_PART(o) && is_text(type)) {
        GMimeDataWrapper *w = g_mime_part_get_content((GMimePart *)o);
        GMimeStream *mem = g_mime_stream_mem_new();
        if (w != NULL)
            (void)g_mime_data_wrapper_write_to_stream(w, mem);
        GByteArray *got = g_mime_stream_mem_get_byte_array((GMimeStreamMem *)mem);
        add_part(r, type, strlen(type), true, got->data, got->len);
        g_object_unref(mem);
    } else {
        add_part(r, type, strlen(type), false, "", 0);
    }
    g_free(type);
}

/* A field as GMime decodes it, in our canonical form. */
static void
gmime_field(GMimeObject *o, const char *name, field *into)
{
    bool seen = false;
    GMimeHeaderList *list = g_mime_object_get_header_list(o);
    for (int i = 0; i < g_mime_header_list_get_count(list); i++) {
        GMimeHeader *h = g_mime_header_list_get_header_at(list, i);
        if (seen || g_ascii_strcasecmp(g_mime_header_get_name(h), name) != 0)
            continue;
        seen = true;
        char *line = g_mime_utils_header_unfold(g_mime_header_get_raw_value(h));
        char *text = g_mime_utils_header_decode_text(gmime_options, line);
        ndr_header_plain(ndr_slice_of(text), &into->text);
        g_free(text);
        g_free(line);
    }
}

static bool
read_gmime(reading *r, ndr_slice raw)
{
    GMimeStream *mem = g_mime_stream_mem_new_with_buffer((const char *)raw.ptr, raw.len);
    GMimeParser *parser = g_mime_parser_new_with_stream(mem);
    g_mime_parser_set_format(parser, GMIME_FORMAT_MESSAGE);
    GMimeMessage *m = g_mime_parser_construct_message(parser, gmime_options);
    if (m != NULL) {
        gmime_field((GMimeObject *)m, "subject", &r->subject);
        gmime_field((GMimeObject *)m, "from", &r->from);
        GMimeObject *top = g_mime_message_get_mime_part(m);
        if (top != NULL)
            walk_gmime(r, top);
        g_object_unref(m);
    }
    g_object_unref(parser);
    g_object_unref(mem);
    return m != NULL;
}

/* ---- the two side by side ---- */

/* What was found to differ first. */
typedef struct difference {
    enum sort {
        SORT_EXTRA, /* a part that GMime does not have */
        SORT_TYPES,
        SORT_BYTES,
        SORT_SUBJECT,
        SORT_FROM,
    } sort;
    ndr_slice raw;
    const reading *ours, *theirs;
    size_t part, theirs_part; /* of all but the fields */
} difference;

typedef struct class
{
    const char *name, *reason;
    bool (*holds)(const difference *d);
} class;

#include "classes.h"

static size_t counts[sizeof classes / sizeof classes[0]], unknown, messages, parts, texts;
static bool list;

static void
show(const char *who, const unsigned char *p, size_t n, size_t from)
{
    (void)printf("    %-6s %zu bytes: ", who, n);
    for (size_t i = from; i < n && i < from + 60; i++)
        (void)printf(p[i] >= ' ' && p[i] <= '~' ? "%c" : "\\x%02x", p[i]);
    (void)printf("\n");
}

static void
tell(const difference *d, const char *path, const char *name)
{
    static const char *const sorts[] = {"extra", "types", "bytes", "subject", "from"};
    (void)printf("%s: %s: %s\n", path, sorts[d->sort], name);
    if (d->sort <= SORT_TYPES) {
        const reading *both[] = {d->ours, d->theirs};
        for (int i = 0; i < 2; i++) {
            (void)printf("    %-6s", i == 0 ? "ours" : "gmime");
            for (size_t k = 0; k < both[i]->count && k < 12; k++)
                (void)printf(" %s", both[i]->part[k].type);
            (void)printf("\n");
        }
        return;
    }
    const struct reading_part *a = &d->ours->part[d->part],
                              *b = &d->theirs->part[d->theirs_part];
    const ndr_buffer *ours =
        d->sort == SORT_SUBJECT ? &d->ours->subject.text : &d->ours->from.text;
    const ndr_buffer *theirs =
        d->sort == SORT_SUBJECT ? &d->theirs->subject.text : &d->theirs->from.text;
    ndr_slice x = {ours->ptr, ours->len}, y = {theirs->ptr, theirs->len};
    if (d->sort == SORT_BYTES) {
        x = (ndr_slice){a->ptr, a->len};
        y = (ndr_slice){b->ptr, b->len};
    }
    size_t same = 0;
    while (same < x.len && same < y.len && x.ptr[same] == y.ptr[same])
        same++;
    const size_t from = same > 20 ? same - 20 : 0;
    (void)printf("    part %zu differs at %zu\n", d->part, same);
    show("ours", x.ptr, x.len, from);
    show("gmime", y.ptr, y.len, from);
}

/* True when the difference belongs to a class. */
static bool
note(const difference *d, const char *path)
{
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
        if (classes[i].holds(d)) {
            counts[i]++;
            if (list)
                tell(d, path, classes[i].name);
            return true;
        }
    unknown++;
    tell(d, path, "IN NO CLASS");
    return false;
}

static bool
same_buffer(const ndr_buffer *a, const ndr_buffer *b)
{
    return ndr_slice_equal((ndr_slice){a->ptr, a->len}, (ndr_slice){b->ptr, b->len});
}

/* A part that only we have and that a class explains. */
static bool
is_extra(difference *d)
{
    d->sort = SORT_EXTRA;
    return d->part < d->ours->count && (unlisted(d) || no_body(d));
}

static void
compare_parts(difference *d, const char *path)
{
    while (d->part < d->ours->count || d->theirs_part < d->theirs->count) {
        if (is_extra(d)) {
            (void)note(d, path);
            d->part++;
            continue;
        }
        const struct reading_part *a = &d->ours->part[d->part];
        const struct reading_part *b = &d->theirs->part[d->theirs_part];
        const bool both = d->part < d->ours->count && d->theirs_part < d->theirs->count;
        if (!both || strcmp(a->type, b->type) != 0 || a->len != b->len) {
            d->sort = SORT_EXTRA;
            if (empty_part(d)) {
                (void)note(d, path);
                d->part++;
                continue;
            }
        }
        if (!both || strcmp(a->type, b->type) != 0) {
            d->sort = SORT_TYPES;
            (void)note(d, path);
            if (!unsound_type(d))
                return; /* what follows is not side by side any more */
        } else if (a->text) {
            texts++;
            d->sort = SORT_BYTES;
            if (!ndr_slice_equal(our_bytes(d), their_bytes(d)))
                (void)note(d, path);
        }
        d->part++;
        d->theirs_part++;
    }
}

static void
compare(const char *path, ndr_slice raw)
{
    static reading ours, theirs;
    clear(&ours);
    clear(&theirs);
    /* marks of an mbox in front of the header: not GMime's affair in a lone message */
    while (raw.len > 6 &&
           (memcmp(raw.ptr, "From ", 5) == 0 || memcmp(raw.ptr, ">From ", 6) == 0)) {
        const unsigned char *lf = memchr(raw.ptr, '\n', raw.len);
        const size_t n = lf == NULL ? raw.len : (size_t)(lf - raw.ptr) + 1;
        raw = (ndr_slice){raw.ptr + n, raw.len - n};
    }
    messages++;
    read_ours(&ours, raw);
    difference d = {.raw = raw, .ours = &ours, .theirs = &theirs};
    if (!read_gmime(&theirs, raw)) {
        (void)note(&d, path);
        return;
    }
    parts += ours.count;
    d.sort = SORT_SUBJECT;
    if (!same_buffer(&ours.subject.text, &theirs.subject.text))
        (void)note(&d, path);
    d.sort = SORT_FROM;
    if (!same_buffer(&ours.from.text, &theirs.from.text))
        (void)note(&d, path);
    compare_parts(&d, path);
}

static void
compare_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    struct stat st;
    if (f == NULL || fstat(fileno(f), &st) != 0)
        fatal("cannot open", path);
    const size_t n =
        st.st_size < FILE_LIMIT_BYTES ? (size_t)st.st_size : FILE_LIMIT_BYTES;
    unsigned char *bytes = malloc(n > 0 ? n : 1);
    if (bytes == NULL || fread(bytes, 1, n, f) != n || fclose(f) != 0)
        fatal("cannot read", path);
    compare(path, (ndr_slice){bytes, n});
    free(bytes);
}

/* Every regular file below `folder`, in the order of names. */
static void
compare_folder(const char *folder)
{
    struct dirent **entry;
    const int n = scandir(folder, &entry, NULL, alphasort);
    if (n < 0)
        fatal("cannot list", folder);
    for (int i = 0; i < n; i++) {
        char path[4096];
        struct stat st;
        const int len = snprintf(path, sizeof path, "%s/%s", folder, entry[i]->d_name);
        if (entry[i]->d_name[0] != '.' && len > 0 && (size_t)len < sizeof path &&
            stat(path, &st) == 0) {
            if (S_ISDIR(st.st_mode))
                compare_folder(path);
            else if (S_ISREG(st.st_mode) && strstr(path, ".tsv") == NULL)
                compare_file(path);
        }
        free(entry[i]);
    }
    free(entry);
}

int
main(int argc, char **argv)
{
    list = argc > 1 && strcmp(argv[1], "--list") == 0;
    if (argc != 2 + list) {
        (void)fprintf(stderr, "usage: diff_gmime [--list] FOLDER\n");
        return 2;
    }
    const char *folder = argv[1 + list];
    struct stat st;
    if (stat(folder, &st) != 0) {
        (void)printf("skipped: there is no %s\n", folder);
        return 77;
    }
    g_mime_init();
    gmime_options = g_mime_parser_options_new();
    const char *fallback[] = {"utf-8", "windows-1252", NULL}; /* as ours does */
    g_mime_parser_options_set_fallback_charsets(gmime_options, fallback);
    compare_folder(folder);
    (void)printf(
        "%zu messages, %zu parts, %zu text parts held side by side with GMime %u.%u.%u\n",
        messages, parts, texts, gmime_major_version, gmime_minor_version,
        gmime_micro_version);
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
        (void)printf("%6zu  %s: %s\n", counts[i], classes[i].name, classes[i].reason);
    (void)printf("%6zu  in no class\n", unknown);
    g_mime_parser_options_free(gmime_options);
    ndr_charsets_done(&charsets);
    return unknown > 0 || messages == 0 ? 1 : 0;
}
