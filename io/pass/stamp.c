/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * stamp.c - what does a verdict look like in a message's header, and how does it get
 * there without another byte being touched?
 *
 *   From_ line | our fields | the message's header, less what claims to be ours | body
 *
 * Nothing of what is written comes from the message as it stands: a value is made of
 * words that are ours and of tokens in which anything but a few characters is replaced.
 */
#include "ndrscan_io.h"
#include "sink/append.h"

enum {
    LINE_COLUMNS = 78, /* RFC 5322 2.1.1 */
    TOKEN_BYTES = 64,  /* of a rule's id, a status, a domain's label chain */
    BLANKS_MAX = 998,  /* between a name and its colon: a line holds no more */
};

/* Of all that may be ours, those of SpamAssassin last. */
static const char *const names[] = {"X-NDR-Flag", "X-NDR-Status", "X-NDR-Evidence",
                                    "X-Spam-Flag", "X-Spam-Status"};
enum { FLAG, STATUS, EVIDENCE, SPAM_FLAG, SPAM_STATUS, NAMES };

/* How many of the names are ours. */
static size_t
names_ours(unsigned how)
{
    return (how & NDR_STAMP_SPAMASSASSIN) != 0 ? NAMES : SPAM_FLAG;
}

/* ---- what is written ------------------------------------------------------- */

/* A word for a field's value: no blank, no control, nothing to end it early. */
static void
put_token(ndr_buffer *out, const char *name, ndr_slice value)
{
    ndr_buffer_text(out, name);
    ndr_buffer_byte(out, '=');
    for (size_t i = 0; i < value.len && i < TOKEN_BYTES; i++) {
        const unsigned char c = value.ptr[i];
        const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                           (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == '_' ||
                           c == '/' || c == '+' || c == '@';
        ndr_buffer_byte(out, plain ? c : '?');
    }
}

/* Whose mail came back, and the proof that settled it. */
static void
put_evidence(ndr_buffer *out, const ndr_evidence *e, const char *before)
{
    ndr_buffer_text(out, before);
    ndr_buffer_text(out, ndr_whose_name(e->whose));
    if (e->decisive >= 0) {
        ndr_buffer_text(out, " ");
        put_token(out, "proof", ndr_slice_of(e->proof[e->decisive].name));
    }
}

/* The words of a verdict, one blank between them. */
static void
put_words(ndr_buffer *out, const ndr_verdict *v, const char *version, const char *equals)
{
    ndr_buffer_text(out, equals);
    if (v->rule != NULL) {
        ndr_buffer_text(out, " ");
        put_token(out, "rule", ndr_slice_of(v->rule->id));
        ndr_buffer_text(out, " ");
        put_token(out, "kind", ndr_slice_of(ndr_kind_name(v->kind)));
        if (v->recipient_count > 0 && v->recipients[0].status.len > 0) {
            ndr_buffer_text(out, " ");
            put_token(out, "status", v->recipients[0].status);
        }
        if (v->window != NULL) {
            ndr_buffer_text(out, " ");
            put_token(out, "window", v->window->domain);
        }
        if (v->evidence != NULL)
            put_evidence(out, v->evidence, " evidence=");
    }
    if ((v->flags & NDR_MSG_SUSPECT) != 0)
        ndr_buffer_text(out, " suspect=yes");
    if ((v->flags & NDR_MSG_TRUNCATED) != 0)
        ndr_buffer_text(out, " truncated=yes");
    ndr_buffer_text(out, " ");
    ndr_buffer_text(out, "engine=ndrscan/");
    ndr_buffer_text(out, version);
}

void
ndr_stamp_status(const ndr_verdict *v, const char *version, ndr_buffer *out)
{
    ndr_buffer_text(out, ndr_decision_name(v->decision));
    put_words(out, v, version, ",");
}

/* One field, folded before the word that would cross the last column. */
static void
put_field(ndr_buffer *out, const char *name, ndr_slice value, const char *line_end)
{
    size_t column = strlen(name) + 1;
    append_bytes(out, name, column - 1);
    append_bytes(out, ":", 1);
    for (size_t i = 0; i < value.len;) {
        const unsigned char *blank = memchr(value.ptr + i, ' ', value.len - i);
        const size_t end = blank != NULL ? (size_t)(blank - value.ptr) : value.len;
        if (i > 0 && column + 1 + (end - i) > LINE_COLUMNS) {
            ndr_buffer_text(out, line_end);
            append_bytes(out, "\t", 1);
            column = 8; /* as most programs show a tab */
        } else {
            append_bytes(out, " ", 1);
            column++;
        }
        append_bytes(out, value.ptr + i, end - i);
        column += end - i;
        i = end + 1;
    }
    ndr_buffer_text(out, line_end);
}

void
ndr_stamp_fields(const ndr_verdict *v, const char *version, unsigned how, ndr_buffer *out)
{
    const char *line_end = (how & NDR_STAMP_CRLF) != 0 ? "\r\n" : "\n";
    const bool junk = v->decision == NDR_JUNK;
    ndr_buffer words = {0};
    put_field(out, names[FLAG], ndr_slice_of(junk ? "YES" : "NO"), line_end);
    ndr_stamp_status(v, version, &words);
    put_field(out, names[STATUS], (ndr_slice){words.ptr, words.len}, line_end);
    out->failed |= words.failed;
    if (v->evidence != NULL) {
        ndr_buffer_clear(&words);
        put_evidence(&words, v->evidence, "");
        out->failed |= words.failed;
        put_field(out, names[EVIDENCE], (ndr_slice){words.ptr, words.len}, line_end);
    }
    if ((how & NDR_STAMP_SPAMASSASSIN) != 0) {
        ndr_buffer_clear(&words);
        ndr_buffer_text(&words, junk ? "Yes," : "No,");
        put_words(&words, v, version, "");
        out->failed |= words.failed;
        put_field(out, names[SPAM_FLAG], ndr_slice_of(junk ? "YES" : "NO"),
                  line_end);
        put_field(out, names[SPAM_STATUS], (ndr_slice){words.ptr, words.len},
                  line_end);
    }
    ndr_buffer_free(&words);
}

/* ---- where it goes --------------------------------------------------------- */

size_t
ndr_stamp_place(ndr_slice message, bool *ret_crlf)
{
    const unsigned char *p = message.ptr;
    size_t at = ndr_header_begin(message); /* empty lines in front would end it else */
    bool crlf = at > 1 && p[at - 2] == '\r';
    for (;;) {
        const size_t left = message.len - at;
        const unsigned char *lf = left > 0 ? memchr(p + at, '\n', left) : NULL;
        if (lf != NULL)
            crlf = lf > p && lf[-1] == '\r';
        *ret_crlf = crlf;
        /* a line that goes on would go on with our last field, were it behind it */
        const bool before =
            left > 0 && ((at == 0 && left >= 5 && memcmp(p, "From ", 5) == 0) ||
                         (left >= 6 && memcmp(p + at, ">From ", 6) == 0) ||
                         p[at] == ' ' || p[at] == '\t');
        if (!before || lf == NULL)
            return before ? message.len : at;
        at = (size_t)(lf - p) + 1;
    }
}

/* ---- what claims to be ours ------------------------------------------------- */

static unsigned char
lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c | 0x20) : c;
}

bool
ndr_stamp_ours(ndr_slice name, unsigned how)
{
    for (size_t i = 0; i < names_ours(how); i++)
        if (ndr_slice_equal_nocase(name, ndr_slice_of(names[i])))
            return true;
    return false;
}

/* Could `held` and what follows be the name of one of our fields? */
static bool
may_be_ours(ndr_slice held, unsigned how)
{
    for (size_t k = 0; k < names_ours(how); k++) {
        const char *name = names[k];
        size_t i = 0;
        while (i < held.len && name[i] != '\0' &&
               lower(held.ptr[i]) == lower((unsigned char)name[i]))
            i++;
        if (i == held.len)
            return true;
        size_t blanks = 0;
        while (name[i] == '\0' && i + blanks < held.len && blanks <= BLANKS_MAX &&
               (held.ptr[i + blanks] == ' ' || held.ptr[i + blanks] == '\t'))
            blanks++;
        if (name[i] == '\0' && i + blanks == held.len && blanks <= BLANKS_MAX)
            return true;
    }
    return false;
}

/* Give up what was held back: it is nothing of ours. */
static void
release(ndr_strip *s, ndr_buffer *out)
{
    ndr_buffer_add(out, (ndr_slice){s->held.ptr, s->held.len});
    out->failed |= s->held.failed;
    ndr_buffer_clear(&s->held);
}

void
ndr_strip_begin(ndr_strip *s, unsigned how)
{
    ndr_buffer_clear(&s->held);
    s->how = how;
    s->state = NDR_STRIP_START;
    s->dropping = false;
    s->stripped = 0;
}

/* One byte at the start of a line, or of a name that may be ours. */
static void
take_start(ndr_strip *s, unsigned char c, ndr_buffer *out)
{
    const bool first = s->held.len == 0;
    if (first && (c == ' ' || c == '\t')) { /* goes on as the line before did */
        s->state = NDR_STRIP_LINE;
        if (!s->dropping)
            append_bytes(out, &c, 1);
        return;
    }
    if (first)
        s->dropping = false;
    if (c == '\n') {
        const bool empty = first || (s->held.len == 1 && s->held.ptr[0] == '\r');
        release(s, out);
        append_bytes(out, &c, 1);
        s->state = empty ? NDR_STRIP_BODY : NDR_STRIP_START;
        return;
    }
    if (c == ':' && s->held.len > 0) {
        size_t n = s->held.len;
        while (n > 0 && (s->held.ptr[n - 1] == ' ' || s->held.ptr[n - 1] == '\t'))
            n--;
        s->dropping =
            !s->held.failed && ndr_stamp_ours((ndr_slice){s->held.ptr, n}, s->how);
        if (s->dropping) {
            ndr_buffer_clear(&s->held);
            s->stripped++;
        } else {
            release(s, out);
            append_bytes(out, &c, 1);
        }
        s->state = NDR_STRIP_LINE;
        return;
    }
    ndr_buffer_byte(&s->held, c);
    if ((first && c == '\r') ||
        may_be_ours((ndr_slice){s->held.ptr, s->held.len}, s->how))
        return;
    release(s, out);
    s->state = NDR_STRIP_LINE;
}

size_t
ndr_strip_add(ndr_strip *s, ndr_slice bytes, ndr_buffer *out)
{
    size_t i = 0;
    while (i < bytes.len && s->state != NDR_STRIP_BODY) {
        if (s->state == NDR_STRIP_START) {
            take_start(s, bytes.ptr[i++], out);
            continue;
        }
        const unsigned char *lf = memchr(bytes.ptr + i, '\n', bytes.len - i);
        const size_t end = lf != NULL ? (size_t)(lf - bytes.ptr) + 1 : bytes.len;
        if (!s->dropping)
            append_bytes(out, bytes.ptr + i, end - i);
        if (lf != NULL)
            s->state = NDR_STRIP_START;
        i = end;
    }
    return i;
}

void
ndr_strip_end(ndr_strip *s, ndr_buffer *out)
{
    release(s, out);
}

void
ndr_strip_free(ndr_strip *s)
{
    ndr_buffer_free(&s->held);
}
