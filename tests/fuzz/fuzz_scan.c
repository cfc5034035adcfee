/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_scan.c - is the verdict on a whole message the same however it comes, and fit to
 * be printed?
 */
#include "fuzz.h"

#include "ndrscan_io.h"
#include "ndrscan_rules.h"
#include "sink/sinks.h"

enum { CRLF_LIMIT = 8 << 10 }; /* so that no limit cuts the longer one elsewhere */

static ndr_ruleset *rules;
static ndr_scanner *scanner;
static ndr_sink *jsonl, *tsv;

static ndr_window window_rows[2];
static const ndr_windows windows = {window_rows, 2};

static void
fill_windows(void)
{
    window_rows[0] = (ndr_window){
        .domain = NDR_SLICE("example.com"),
        .from = 0,
        .until = NDR_TIME_OPEN,
        .kinds = NDR_KINDS_DEFAULT,
        .subdomains = true,
        .note = NDR_SLICE("a \"note\"\n"),
        .where = NDR_SLICE("windows.yaml:2"),
    };
    window_rows[1] = (ndr_window){
        .domain = NDR_SLICE("example.net"),
        .from = 1210636800,
        .until = 1210896000,
        .kinds = NDR_KINDS_DEFAULT,
        .where = NDR_SLICE("windows.yaml:7"),
    };
}

static ndr_scan_opts
scan_opts(void)
{
    return (ndr_scan_opts){NDR_SIZED(ndr_scan_opts), .rules = rules, .windows = &windows,
                           .facts_always = true};
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    fill_windows();
    const char *path = SHIPPED_RULES;
    ndr_error err = {0};
    int rc = ndr_rules_load(
        &(ndr_rules_opts){NDR_SIZED(ndr_rules_opts), .path = &path, .path_count = 1},
        &rules, NULL, &err);
    LAW(rc == 0, "%s", err.text);
    const ndr_scan_opts opts = scan_opts();
    rc = ndr_scanner_new(&opts, &scanner, &err);
    LAW(rc == 0, "%s", err.text);
    rc = ndr_output_open(NDR_OUTPUT_JSONL, -1, &jsonl, &err);
    LAW(rc == 0, "%s", err.text);
    rc = ndr_output_open(NDR_OUTPUT_TSV, -1, &tsv, &err);
    LAW(rc == 0, "%s", err.text);
    return 0;
}

typedef struct rest {
    unsigned char *whole; /* comes into being when it is asked for */
    const uint8_t *bytes;
    size_t n;
    unsigned asked;
} rest;

static int
extend(void *ctx, ndr_message *m, ndr_error *err)
{
    rest *r = ctx;
    (void)err;
    r->asked++;
    r->whole = fuzz_copy(r->bytes, r->n);
    m->raw = (ndr_slice){r->whole, r->n};
    m->flags &= ~(unsigned)NDR_MSG_OPEN;
    return 0;
}

/* The record of the verdict on `bytes`, of which `have` are there at first; `length` is
 * what it says the message's is. */
static void
scan_as(ndr_scanner *s, const uint8_t *bytes, size_t n, size_t have, size_t length,
        const ndr_sink *sink, ndr_buffer *ret)
{
    unsigned char *part = fuzz_copy(bytes, have);
    ndr_message m = {.raw = {part, have},
                     .source = "box\xff\n",
                     .length = length,
                     .framed = 1210670000,
                     .file_time = NDR_TIME_UNKNOWN,
                     .flags = have < n ? NDR_MSG_OPEN : 0};
    rest r = {.bytes = bytes, .n = n};
    ndr_verdict v;
    ndr_error err = {0};
    const int rc = ndr_scan(s, &m, extend, &r, &v, &err);
    LAW(rc == 0, "%s", err.text);
    LAW(r.asked <= 1, "asked %u times", r.asked);
    free(part);
    free(r.whole);
    m.raw = (ndr_slice){0}; /* nothing of the verdict may lie in the message */
    m.flags &= ~(unsigned)NDR_MSG_OPEN;
    ndr_batch b = {0};
    LAW(sink->render(sink, &b, &m, &v, &err) == 0, "%s", err.text);
    ndr_writer w = {.fd = -1};
    ndr_writer_batch(&w, &b, 7);
    LAW(!w.pending.failed, "no memory");
    ndr_buffer_clear(ret);
    ndr_buffer_add(ret, (ndr_slice){w.pending.ptr, w.pending.len});
    LAW(!ret->failed, "no memory");
    ndr_writer_free(&w);
    ndr_buffer_free(&b.out);
    free(b.mark);
    LAW((v.rule == NULL) == (v.kind == NDR_KIND_NONE), "kind %d", (int)v.kind);
    LAW((v.rule == NULL) == (v.decision == NDR_NONE), "decision %d", (int)v.decision);
    LAW((v.window == NULL) == (v.decision != NDR_JUNK), "decision %d", (int)v.decision);
}

static void
scan(ndr_scanner *s, const uint8_t *bytes, size_t n, size_t have, const ndr_sink *sink,
     ndr_buffer *ret)
{
    scan_as(s, bytes, n, have, n, sink, ret);
}

/* ---- JSON by RFC 8259, for one line ------------------------------------------- */

static size_t
json_string(const unsigned char *p, size_t n, size_t i)
{
    LAW(i < n && p[i] == '"', "at %zu", i);
    for (i++; i < n && p[i] != '"'; i++) {
        LAW(p[i] >= ' ', "a control character at %zu", i);
        if (p[i] != '\\')
            continue;
        i++;
        LAW(i < n && p[i] != '\0' && strchr("\"\\/bfnrtu", p[i]) != NULL, "escape at %zu",
            i);
        if (p[i] == 'u') {
            for (int k = 0; k < 4; k++) {
                i++;
                LAW(i < n && p[i] != '\0' &&
                        strchr("0123456789abcdefABCDEF", p[i]) != NULL,
                    "escape at %zu", i);
            }
        }
    }
    LAW(i < n, "a string that does not end");
    return i + 1;
}

/* A value at p[i]; where it ends. Written with a stack of bits, not by recursion. */
static size_t
json_value(const unsigned char *p, size_t n, size_t i)
{
    bool object[16] = {false};
    unsigned depth = 0;
    for (;;) {
        /* a value */
        LAW(i < n, "cut off");
        if (p[i] == '{' || p[i] == '[') {
            LAW(depth + 1 < 16, "at %zu", i);
            object[++depth] = p[i] == '{';
            i++;
            if (i < n && p[i] == (object[depth] ? '}' : ']')) {
                i++;
                depth--;
            } else {
                if (object[depth]) {
                    i = json_string(p, n, i);
                    LAW(i < n && p[i] == ':', "at %zu", i);
                    i++;
                }
                continue;
            }
        } else if (p[i] == '"') {
            i = json_string(p, n, i);
        } else if (n - i >= 4 &&
                   (memcmp(p + i, "null", 4) == 0 || memcmp(p + i, "true", 4) == 0)) {
            i += 4;
        } else if (n - i >= 5 && memcmp(p + i, "false", 5) == 0) {
            i += 5;
        } else {
            const size_t begin = i;
            while (i < n && p[i] >= '0' && p[i] <= '9')
                i++;
            LAW(i > begin, "no value at %zu", i);
        }
        /* what follows it */
        while (depth > 0 && i < n && p[i] == (object[depth] ? '}' : ']')) {
            i++;
            depth--;
        }
        if (depth == 0)
            return i;
        LAW(i < n && p[i] == ',', "at %zu", i);
        i++;
        if (object[depth]) {
            i = json_string(p, n, i);
            LAW(i < n && p[i] == ':', "at %zu", i);
            i++;
        }
    }
}

/* Might a charset be named in which a line end is part of what is before it? There CR LF
 * and LF behind a broken sequence are different bytes, not different line ends. */
static bool
names_odd_charset(const uint8_t *p, size_t n)
{
    static const char *const pieces[] = {"utf-7", "utf7", "utf-1", "utf-3", "ucs",
                                         "2022",  "hz-",  "gb",    "cn-",   "big5",
                                         "jis",   "euc",  "johab", "ks_c",  "cp9"};
    for (size_t k = 0; k < sizeof pieces / sizeof pieces[0]; k++) {
        const size_t len = strlen(pieces[k]);
        for (size_t i = 0; i + len <= n; i++)
            if (ndr_slice_equal_nocase((ndr_slice){p + i, len}, ndr_slice_of(pieces[k])))
                return true;
    }
    return false;
}

static void
check_line(const ndr_buffer *line)
{
    LAW(line->len > 0 && line->ptr[line->len - 1] == '\n', "%zu bytes", line->len);
    LAW(memchr(line->ptr, '\n', line->len) == line->ptr + line->len - 1, "two lines");
}

static bool
same(const ndr_buffer *a, const ndr_buffer *b)
{
    return a->len == b->len && memcmp(a->ptr, b->ptr, a->len) == 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    ndr_buffer first = {0}, again = {0};
    scan(scanner, bytes, n, n, jsonl, &first);
    check_line(&first);
    LAW(fuzz_is_utf8(first.ptr, first.len), "%.*s", (int)first.len, (char *)first.ptr);
    LAW(first.ptr[0] == '{' && json_value(first.ptr, first.len, 0) == first.len - 1,
        "%.*s", (int)first.len, (char *)first.ptr);

    scan(scanner, bytes, n, n, jsonl, &again);
    LAW(same(&first, &again), "the second time\n%.*s%.*s", (int)first.len,
        (char *)first.ptr, (int)again.len, (char *)again.ptr);
    const uint32_t hash = fuzz_hash(bytes, n);
    const size_t cuts[] = {fuzz_choice(bytes, n) % (n + 1), hash % (n + 1),
                           n == 0 ? 0 : hash % (n < 512 ? n : 512)};
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
        scan(scanner, bytes, n, cuts[i], jsonl, &again);
        LAW(same(&first, &again), "cut at %zu of %zu\n%.*s%.*s", cuts[i], n,
            (int)first.len, (char *)first.ptr, (int)again.len, (char *)again.ptr);
    }
    if (hash % 16 == 0) { /* what was scanned before leaves no trace */
        ndr_scanner *fresh = NULL;
        const ndr_scan_opts opts = scan_opts();
        ndr_error err = {0};
        LAW(ndr_scanner_new(&opts, &fresh, &err) == 0, "%s", err.text);
        scan(fresh, bytes, n, n, jsonl, &again);
        ndr_scanner_free(fresh);
        LAW(same(&first, &again), "with a new scanner\n%.*s%.*s", (int)first.len,
            (char *)first.ptr, (int)again.len, (char *)again.ptr);
    }
    if (n > 0 && n <= CRLF_LIMIT && memchr(bytes, '\r', n) == NULL &&
        !names_odd_charset(bytes, n)) {
        ndr_buffer crlf = {0};
        for (size_t i = 0; i < n; i++) {
            if (bytes[i] == '\n')
                ndr_buffer_byte(&crlf, '\r');
            ndr_buffer_byte(&crlf, bytes[i]);
        }
        scan_as(scanner, crlf.ptr, crlf.len, crlf.len, n, jsonl, &again);
        LAW(same(&first, &again), "with CRLF\n%.*s%.*s", (int)first.len,
            (char *)first.ptr, (int)again.len, (char *)again.ptr);
        ndr_buffer_free(&crlf);
    }
    scan(scanner, bytes, n, n, tsv, &again);
    check_line(&again);
    const unsigned char *tab = memchr(again.ptr, '\t', again.len);
    size_t tabs = 0;
    for (size_t i = 0; i < again.len; i++)
        tabs += again.ptr[i] == '\t';
    LAW(tabs == 14, "%zu tabs", tabs); /* whose and proof are the last of 15 columns */
    /* behind the path, which keeps its bytes */
    LAW(fuzz_is_utf8(tab, again.len - (size_t)(tab - again.ptr)), "%.*s", (int)again.len,
        (char *)again.ptr);
    ndr_buffer_free(&first);
    ndr_buffer_free(&again);
    return 0;
}
