/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * classes.h - where may two readers of broken mail differ, and why is either fair?
 *
 * Each row is a cause that is looked for in the message, so that a difference of another
 * cause stays a failure. Part of diff_gmime.c.
 */
#ifndef NDR_CLASSES_H
#define NDR_CLASSES_H

/* ---- what differs in the parts ---- */

static bool
unlisted(const difference *d)
{
    return d->sort == SORT_EXTRA && d->ours->part[d->part].unlisted;
}

static bool
no_body(const difference *d)
{
    return d->sort == SORT_EXTRA && d->theirs->count == 0 && d->ours->count == 1 &&
           d->ours->part[0].len == 0;
}

static bool
empty_part(const difference *d)
{
    const struct reading_part *a = &d->ours->part[d->part];
    return d->sort == SORT_EXTRA && d->part < d->ours->count && a->len == 0 && a->bare;
}

static bool
unsound_type(const difference *d)
{
    return d->sort == SORT_TYPES && d->part < d->ours->count &&
           d->theirs_part < d->theirs->count &&
           strcmp(d->ours->part[d->part].type, "text/plain") == 0 &&
           strcmp(d->theirs->part[d->theirs_part].type, "application/octet-stream") == 0;
}

static bool
no_field(const difference *d)
{
    return d->ours->no_field;
}

static bool
unfolded(const difference *d)
{
    return d->sort <= SORT_BYTES && contains(d->raw, ";\nboundary=");
}

static bool
byte_order_mark(const difference *d)
{
    return d->sort >= SORT_SUBJECT && d->raw.len > 3 &&
           memcmp(d->raw.ptr, "\xef\xbb\xbf", 3) == 0;
}

static bool
two_types(const difference *d)
{
    return d->sort <= SORT_BYTES && d->ours->two_types;
}

static bool
bad_boundary(const difference *d)
{
    return d->sort <= SORT_BYTES && d->ours->bad_boundary;
}

/* ---- what differs in the bytes ---- */

static bool
begins_with(ndr_slice s, ndr_slice front)
{
    return s.len >= front.len &&
           (front.len == 0 || memcmp(s.ptr, front.ptr, front.len) == 0);
}

static ndr_slice
our_bytes(const difference *d)
{
    const struct reading_part *p = &d->ours->part[d->part];
    return (ndr_slice){p->ptr, p->len};
}

static ndr_slice
their_bytes(const difference *d)
{
    const struct reading_part *p = &d->theirs->part[d->theirs_part];
    return (ndr_slice){p->ptr, p->len};
}

/* The reading whose text is longer by one byte before a delimiter. */
static bool
mixed_line_ends(const difference *d)
{
    if (d->sort != SORT_BYTES)
        return false;
    const ndr_slice a = our_bytes(d), b = their_bytes(d);
    if (b.len == a.len + 1)
        return b.ptr[a.len] == '\r' && begins_with(b, a);
    return a.len == b.len + 1 && d->ours->part[d->part].lone_lf && begins_with(a, b);
}

static bool
uuencoded(const difference *d)
{
    return d->sort == SORT_BYTES && d->ours->part[d->part].uuencoded;
}

static bool
base64_tail(const difference *d)
{
    if (d->sort != SORT_BYTES || d->ours->part[d->part].transfer != NDR_TRANSFER_BASE64)
        return false;
    const ndr_slice a = our_bytes(d), b = their_bytes(d);
    return a.len > b.len && a.len - b.len <= 2 && begins_with(a, b);
}

static bool
qp_lone_equals(const difference *d)
{
    return d->sort == SORT_BYTES && d->ours->part[d->part].transfer == NDR_TRANSFER_QP &&
           d->ours->part[d->part].double_equals;
}

/* ---- what differs in the fields ---- */

static const field *
of_field(const difference *d)
{
    return d->sort == SORT_SUBJECT ? &d->ours->subject
           : d->sort == SORT_FROM  ? &d->ours->from
                                   : NULL;
}

static ndr_slice
their_words(const difference *d)
{
    const ndr_buffer *b =
        d->sort == SORT_SUBJECT ? &d->theirs->subject.text : &d->theirs->from.text;
    return (ndr_slice){b->ptr, b->len};
}

static bool
over_limit(const difference *d)
{
    const field *f = of_field(d);
    return f != NULL && f->raw.len > NDR_HEADER_VALUE_BYTES;
}

/* A base64 word that is padded or should be: GMime decodes all that follow as one run. */
static bool
base64_words(const difference *d)
{
    const field *f = of_field(d);
    return f != NULL && contains(f->raw, "?b?") && their_words(d).len < f->text.len;
}

static bool
not_of_charset(const difference *d)
{
    const field *f = of_field(d);
    if (f == NULL || !contains((ndr_slice){f->text.ptr, f->text.len}, "\xef\xbf\xbd"))
        return false;
    return contains(their_words(d), "?");
}

static bool
superset(const difference *d)
{
    const ndr_slice theirs = their_words(d);
    bool controls = false; /* U+0080 to U+009F, where windows-1252 has letters */
    for (size_t i = 0; i + 1 < theirs.len; i++)
        controls = controls || (theirs.ptr[i] == 0xc2 && theirs.ptr[i + 1] < 0xa0);
    return of_field(d) != NULL && controls;
}

static bool
undeclared(const difference *d)
{
    const field *f = of_field(d);
    bool high = false;
    for (size_t i = 0; f != NULL && i < f->raw.len; i++)
        high = high || f->raw.ptr[i] >= 0x80;
    return high;
}

static const class classes[] = {
    {"boundary nowhere",
     "a multipart without its boundary is text to us; GMime makes it empty", unlisted},
    {"no body", "a header alone has an empty body for us, none for GMime", no_body},
    {"empty part", "between two delimiters is an empty part; GMime leaves it out",
     empty_part},
    {"unsound type", "RFC 2045 5.2 says text/plain, GMime takes octet-stream",
     unsound_type},
    {"line that is no field",
     "we pass over it when surely fields go on, GMime does always", no_field},
    {"parameter not folded",
     "it goes on with its field for us; GMime knows no boundary, and no part", unfolded},
    {"byte order mark", "we pass over it, for GMime the first field is none",
     byte_order_mark},
    {"two Content-Types", "the first counts for us, the last for GMime", two_types},
    {"unfit boundary",
     "empty, or the same in a part of a part: which level a line ends is anybody's guess",
     bad_boundary},
    {"base64 cut off", "we keep the bytes that are whole, GMime drops the last group",
     base64_tail},
    {"mixed line ends",
     "the line end before a delimiter is not text: we take LF or CRLF as it is there, "
     "GMime "
     "as long a one as the delimiter's own",
     mixed_line_ends},
    {"uuencode", "never held a bounce's words: we leave it, GMime decodes it", uuencoded},
    {"= before =", "quoted-printable that forgot to quote '=': we keep it and read on",
     qp_lone_equals},
    {"a field over the limit", "we read its first 16 KiB", over_limit},
    {"base64 words",
     "each is padded by itself; GMime 3.2 decodes neighbours as one run and stops at the "
     "first padding, and drops a last group that lacks it",
     base64_words},
    {"not of their charset", "U+FFFD for us, a question mark for GMime", not_of_charset},
    {"windows-1252 called ISO-8859-1", "we read what its writers mean, as browsers do",
     superset},
    {"8-bit field",
     "not declared: we take the whole value as one charset, GMime each word", undeclared},
};

#endif
