/* SPDX-License-Identifier: BSD-3-Clause */
/* journal_line.c - how is a run's file read, and what of it can be believed? */
#include "journal.h"

#include "move_name.h"
#include "ndr_hex.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ndr_journal_file {
    ndr_journal_run run;
    ndr_buffer text; /* strings, NUL behind each; pointed into when all was read */
    size_t move_cap, tree_cap, place_cap;
    unsigned version;
};

enum { CHECK = 8, WORDS = 9, VERSION = 2 };

/* FNV-1a, as in all journals that can be undone: against torn and zeroed tails, not
 * against people. */
static uint32_t
check(ndr_slice s)
{
    uint32_t h = UINT32_C(0x811c9dc5);
    for (size_t i = 0; i < s.len; i++)
        h = (h ^ s.ptr[i]) * UINT32_C(0x01000193);
    return h;
}

void
ndr_journal_line(ndr_buffer *out, ndr_slice words)
{
    ndr_buffer_printf(out, "%08x ", check(words));
    ndr_buffer_add(out, words);
    ndr_buffer_byte(out, '\n');
}

void
ndr_journal_escape(ndr_buffer *out, const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++)
        if (*p > ' ' && *p < 0x7f && *p != '%')
            ndr_buffer_byte(out, *p);
        else
            ndr_buffer_printf(out, "%%%02X", *p);
}

bool
ndr_journal_unescape(const char *word, char *ret, size_t size)
{
    size_t n = 0;
    for (; *word != '\0'; word++, n++) {
        int c = (unsigned char)*word;
        if (c == '%') {
            if (word[1] == '\0' || ndr_hex_value((unsigned char)word[1]) < 0 ||
                ndr_hex_value((unsigned char)word[2]) < 0)
                return false;
            c = ndr_hex_value((unsigned char)word[1]) * 16 +
                ndr_hex_value((unsigned char)word[2]);
            word += 2;
        }
        if (n + 1 >= size || c == 0)
            return false;
        ret[n] = (char)c;
    }
    ret[n] = '\0';
    return true;
}

/* The word's text into f->text: its offset + 1; 0 for a word that was not escaped so. */
static size_t
unescape(ndr_journal_file *f, ndr_slice w)
{
    const size_t at = f->text.len;
    for (size_t i = 0; i < w.len; i++) {
        int c = w.ptr[i];
        if (c == '%') {
            if (w.len - i < 3 || ndr_hex_value(w.ptr[i + 1]) < 0 ||
                ndr_hex_value(w.ptr[i + 2]) < 0)
                return 0;
            c = ndr_hex_value(w.ptr[i + 1]) * 16 + ndr_hex_value(w.ptr[i + 2]);
            i += 2;
        }
        if (c == 0)
            return 0;
        ndr_buffer_byte(&f->text, (unsigned char)c);
    }
    ndr_buffer_byte(&f->text, '\0');
    return at + 1;
}

static bool
number(ndr_slice w, uint64_t *ret)
{
    uint64_t v = 0;
    if (w.len == 0 || w.len > 20)
        return false;
    for (size_t i = 0; i < w.len; i++) {
        const unsigned d = (unsigned)w.ptr[i] - '0';
        if (d > 9 || v > (UINT64_MAX - d) / 10)
            return false;
        v = v * 10 + d;
    }
    *ret = v;
    return true;
}

static size_t
split(ndr_slice line, ndr_slice word[WORDS])
{
    size_t n = 0;
    while (n < WORDS) {
        const unsigned char *end = memchr(line.ptr, ' ', line.len);
        const size_t len = end != NULL ? (size_t)(end - line.ptr) : line.len;
        word[n++] = (ndr_slice){line.ptr, len};
        if (end == NULL)
            return n;
        line.ptr += len + 1;
        line.len -= len + 1;
    }
    return WORDS + 1;
}

/* Offsets stand in place of pointers until the text has stopped moving. */
static const char *
later(size_t offset)
{
    return (const char *)(uintptr_t)offset;
}

static bool
grow(void *list, size_t count, size_t *cap, size_t bytes)
{
    if (count < *cap)
        return true;
    const size_t more = *cap > 0 ? *cap * 2 : 16;
    void *p = NULL;
    memcpy(&p, list, sizeof p);
    p = realloc(p, more * bytes);
    if (p == NULL)
        return false;
    memcpy(list, &p, sizeof p);
    *cap = more;
    return true;
}

static ndr_move *
find(ndr_journal_run *run, uint64_t n)
{
    size_t low = 0, high = run->move_count;
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        if (run->move[mid].number < n)
            low = mid + 1;
        else
            high = mid;
    }
    return low < run->move_count ? &run->move[low] : NULL;
}

/* The domain of a move; "" where none is known. */
static size_t
take_domain(ndr_journal_file *f, ndr_slice w, bool *agreed)
{
    const bool half = w.len > 0 && w.ptr[0] == '~';
    const bool none = w.len == 1 && w.ptr[0] == '-';
    *agreed = !half && !none;
    if (w.len == 0 || (half && w.len == 1))
        return 0;
    return unescape(f, none   ? (ndr_slice){0}
                       : half ? (ndr_slice){w.ptr + 1, w.len - 1}
                              : w);
}

static int
take_move(ndr_journal_file *f, enum ndr_move_kind kind, const ndr_slice *w,
          ndr_error *err)
{
    ndr_journal_run *run = &f->run;
    ndr_move m = {.kind = kind};
    uint64_t tree;
    if (!number(w[1], &m.number) || !number(w[2], &tree) || !number(w[3], &m.inode) ||
        !number(w[4], &m.of_run) || !number(w[5], &m.of_number) ||
        tree >= run->tree_count ||
        (run->move_count > 0 && m.number <= run->move[run->move_count - 1].number))
        return NDR_E_DAMAGED;
    m.tree = (uint32_t)tree;
    char folder[512];
    int half;
    const char *name;
    const size_t from = unescape(f, w[6]);
    const size_t to = from > 0 ? unescape(f, w[7]) : 0;
    const size_t domain =
        take_domain(f, f->version > 1 ? w[8] : NDR_SLICE("-"), &m.agreed);
    if (f->text.failed || !grow(&run->move, run->move_count, &f->move_cap, sizeof m))
        return ndr_fail(err, NDR_E_NOMEM, "no memory for the journal");
    if (to == 0 || domain == 0 ||
        !ndr_name_split((char *)f->text.ptr + from - 1, folder, &half, &name) ||
        !ndr_name_split((char *)f->text.ptr + to - 1, folder, &half, &name))
        return NDR_E_DAMAGED;
    m.from = later(from);
    m.to = later(to);
    m.domain = later(domain);
    run->move[run->move_count++] = m;
    return 0;
}

static bool
is(ndr_slice w, const char *text)
{
    return ndr_slice_equal(w, ndr_slice_of(text));
}

static int
take_place(const ndr_slice *w, ndr_place *ret)
{
    uint64_t born, ns;
    ndr_place p = {.known = true};
    if (!number(w[1], &p.device) || !number(w[2], &p.inode) || !number(w[3], &born) ||
        born > INT64_MAX || !number(w[4], &ns) || ns > UINT32_MAX ||
        !number(w[5], &p.file_system))
        return NDR_E_DAMAGED;
    p.born_s = (int64_t)born;
    p.born_ns = (uint32_t)ns;
    *ret = p;
    return 0;
}

static int
take_tree(ndr_journal_file *f, ndr_slice path, ndr_error *err)
{
    ndr_journal_run *run = &f->run;
    const size_t at = unescape(f, path);
    if (f->text.failed ||
        !grow(&run->tree, run->tree_count, &f->tree_cap, sizeof *run->tree) ||
        !grow(&run->place, run->tree_count, &f->place_cap, sizeof *run->place))
        return ndr_fail(err, NDR_E_NOMEM, "no memory for the journal");
    if (at == 0 || f->text.ptr[at - 1] != '/')
        return NDR_E_DAMAGED;
    run->place[run->tree_count] = (ndr_place){0};
    run->tree[run->tree_count++] = later(at);
    return 0;
}

/* The moves from number `first` to `last` that are open are done. */
static void
take_done(ndr_journal_run *run, uint64_t first, uint64_t last)
{
    const ndr_move *end = run->move + run->move_count;
    for (ndr_move *m = find(run, first); m != NULL && m < end && m->number <= last; m++)
        if (m->state == NDR_MOVE_OPEN)
            m->state = NDR_MOVE_DONE;
}

static int
take_state(ndr_journal_run *run, uint64_t number, enum ndr_move_state state)
{
    ndr_move *m = find(run, number);
    if (m == NULL || m->number != number)
        return NDR_E_DAMAGED;
    m->state = state;
    return 0;
}

/* A line that says what became of what was meant, or of the run. */
static int
take_result(ndr_journal_run *run, const ndr_slice *w, size_t n)
{
    uint64_t a, b;
    if (n == 3 && is(w[0], "done") && number(w[1], &a) && number(w[2], &b)) {
        take_done(run, a, b);
        return 0;
    }
    if (n == 2 && is(w[0], "not") && number(w[1], &a))
        return take_state(run, a, NDR_MOVE_NOT);
    if (n == 2 && is(w[0], "gone") && number(w[1], &a))
        return take_state(run, a, NDR_MOVE_GONE);
    if (n == 2 && is(w[0], "decided") && number(w[1], &a)) {
        run->decides = true;
        run->decided = a;
        return 0;
    }
    run->part = run->part || (n == 1 && is(w[0], "part"));
    run->ended = run->ended || (n == 1 && is(w[0], "end"));
    return 0; /* words that a later version adds are passed over */
}

/* One good line. 0, NDR_E_NOMEM, or NDR_E_DAMAGED without words. */
static int
take(ndr_journal_file *f, ndr_slice line, ndr_error *err)
{
    ndr_journal_run *run = &f->run;
    ndr_slice w[WORDS];
    const size_t n = split(line, w);
    if (is(w[0], "out") || is(w[0], "back")) {
        const enum ndr_move_kind kind = is(w[0], "out") ? NDR_MOVE_OUT : NDR_MOVE_BACK;
        return n == (f->version > 1 ? 9 : 8) ? take_move(f, kind, w, err) : NDR_E_DAMAGED;
    }
    if (n == 2 && is(w[0], "tree"))
        return take_tree(f, w[1], err);
    if (n == 6 && is(w[0], "place") && run->tree_count > 0)
        return take_place(w, &run->place[run->tree_count - 1]);
    return take_result(run, w, n);
}

static int
take_first(ndr_journal_file *f, ndr_slice line, ndr_error *err)
{
    ndr_slice w[WORDS];
    const size_t n = split(line, w);
    uint64_t begun = 0, version = 0;
    if (n < 2 || !is(w[0], "ndrscan-journal"))
        return ndr_fail(err, NDR_E_SYNTAX, "is no journal of ndrscan");
    if (!number(w[1], &version) || version < 1 || version > VERSION)
        return ndr_fail(err, NDR_E_SYNTAX,
                        "was written by a later version of ndrscan; use that one");
    if (n != 5 || !number(w[3], &begun) || begun > INT64_MAX ||
        !number(w[4], &f->run.undoes))
        return ndr_fail(err, NDR_E_DAMAGED, "line 1 is damaged");
    f->version = (unsigned)version;
    f->run.begun = (int64_t)begun;
    const size_t at = unescape(f, w[2]);
    f->run.verb = later(at);
    return at > 0 ? 0 : ndr_fail(err, NDR_E_DAMAGED, "line 1 is damaged");
}

bool
ndr_journal_believe(ndr_slice line, ndr_slice *ret)
{
    uint32_t sum = 0;
    if (line.len <= CHECK || line.ptr[CHECK] != ' ')
        return false;
    for (size_t i = 0; i < CHECK; i++) {
        const unsigned char c = line.ptr[i];
        const int v = ndr_hex_value(c);
        if (v < 0)
            return false;
        sum = sum << 4 | (uint32_t)v;
    }
    *ret = (ndr_slice){line.ptr + CHECK + 1, line.len - CHECK - 1};
    return check(*ret) == sum;
}

static void
settle(ndr_journal_file *f)
{
    const char *text = (const char *)f->text.ptr - 1;
    f->run.verb = text + (uintptr_t)f->run.verb;
    for (size_t i = 0; i < f->run.tree_count; i++)
        f->run.tree[i] = text + (uintptr_t)f->run.tree[i];
    for (size_t i = 0; i < f->run.move_count; i++) {
        f->run.move[i].from = text + (uintptr_t)f->run.move[i].from;
        f->run.move[i].to = text + (uintptr_t)f->run.move[i].to;
        f->run.move[i].domain = text + (uintptr_t)f->run.move[i].domain;
    }
    f->run.id = text + (uintptr_t)f->run.id;
}

int
ndr_journal_parse(const char *id, uint64_t sequence, ndr_slice bytes,
                  ndr_journal_file **ret, size_t *ret_good, ndr_error *err)
{
    *ret = NULL;
    *ret_good = 0;
    ndr_journal_file *f = calloc(1, sizeof *f);
    if (f == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for the journal");
    f->run.sequence = sequence;
    ndr_buffer_text(&f->text, id);
    ndr_buffer_byte(&f->text, '\0');
    f->run.id = later(1);
    int code = 0;
    size_t number_of = 0, bad = 0;
    for (size_t at = 0; at < bytes.len && code == 0;) {
        const unsigned char *end = memchr(bytes.ptr + at, '\n', bytes.len - at);
        if (end == NULL)
            break; /* torn */
        const ndr_slice line = {bytes.ptr + at, (size_t)(end - (bytes.ptr + at))};
        ndr_slice words;
        number_of++;
        at += line.len + 1;
        if (!ndr_journal_believe(line, &words)) {
            bad = bad > 0 ? bad : number_of;
            continue;
        }
        if (bad > 0)
            code =
                ndr_fail(err, NDR_E_DAMAGED,
                         "line %zu is damaged, and lines behind it are not; put a copy "
                         "of the file in its place, or take it out of the folder: what "
                         "it moved then stays where it is",
                         bad);
        else if (number_of == 1)
            code = take_first(f, words, err);
        else if ((code = take(f, words, err)) == NDR_E_DAMAGED)
            (void)ndr_fail(err, code, "line %zu is no line of a journal", number_of);
        *ret_good = at;
    }
    if (code == 0 && f->text.failed)
        code = ndr_fail(err, NDR_E_NOMEM, "no memory for the journal");
    if (code == 0 && *ret_good == 0 && bad > 0)
        code = ndr_fail(err, NDR_E_SYNTAX, "is no journal of ndrscan");
    if (code != 0 || *ret_good == 0) {
        ndr_journal_file_free(f);
        return code;
    }
    settle(f);
    *ret = f;
    return 0;
}

const ndr_journal_run *
ndr_journal_file_run(const ndr_journal_file *f)
{
    return &f->run;
}

void
ndr_journal_file_free(ndr_journal_file *f)
{
    if (f == NULL)
        return;
    free(f->run.move);
    free(f->run.tree);
    free(f->run.place);
    ndr_buffer_free(&f->text);
    free(f);
}
