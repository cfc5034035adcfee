/* SPDX-License-Identifier: BSD-3-Clause */
#include "mail/mime.h"

#include "bytes.h"

typedef struct type_row {
    const char *why, *value;
    const char *type, *boundary, *charset;
} type_row;

static const type_row types[] = {
    {"a bare type", " text/html", "text/html", "", ""},
    {"capitals become small", "Text/HTML", "text/html", "", ""},
    {"nothing is text/plain", "", "text/plain", "", ""},
    {"no slash is text/plain", "text", "text/plain", "", ""},
    {"nothing before the slash", "/html", "text/plain", "", ""},
    {"nothing behind the slash", "text/", "text/plain", "", ""},
    {"a parameter of what is malformed still counts", "text; charset=koi8-r",
     "text/plain", "", "koi8-r"},
    {"a charset", "text/plain; charset=utf-8", "text/plain", "", "utf-8"},
    {"a quoted charset", "text/plain; charset=\"utf-8\"", "text/plain", "", "utf-8"},
    {"no blank behind the semicolon", "text/plain;charset=utf-8", "text/plain", "",
     "utf-8"},
    {"blanks around the equals sign", "text/plain; charset = utf-8", "text/plain", "",
     "utf-8"},
    {"names in any case", "text/plain; CHARSET=UTF-8", "text/plain", "", "UTF-8"},
    {"other parameters", "text/plain; format=flowed; charset=x; delsp=yes", "text/plain",
     "", "x"},
    {"a boundary over folds",
     "multipart/report;\r\n\treport-type=delivery-status;\n boundary=\"a b\"",
     "multipart/report", "a b", ""},
    {"the first of two counts", "multipart/mixed; boundary=a; boundary=b",
     "multipart/mixed", "a", ""},
    {"a semicolon in quotes", "multipart/mixed; x=\"a;b\"; boundary=c", "multipart/mixed",
     "c", ""},
    {"a quote in quotes", "multipart/mixed; boundary=\"a\\\"b\"", "multipart/mixed",
     "a\"b", ""},
    {"an unclosed quote", "multipart/mixed; boundary=\"ab", "multipart/mixed", "ab", ""},
    {"blanks at the end of a boundary go", "multipart/mixed; boundary=\"ab  \"",
     "multipart/mixed", "ab", ""},
    {"a boundary of nothing", "multipart/mixed; boundary=\"\"", "multipart/mixed", "",
     ""},
    {"a comment", "text/plain (plain text); charset=utf-8", "text/plain", "", "utf-8"},
    {"a comment in front", "(a (b) c) text/html", "text/html", "", ""},
    {"blanks before the slash", "text /html", "text/html", "", ""},
    {"a boundary in pieces", "multipart/mixed; boundary*0=a; boundary*1=b",
     "multipart/mixed", "ab", ""},
    {"pieces that are encoded",
     "multipart/mixed; boundary*0*=us-ascii'en'%41; boundary*1*=%42b", "multipart/mixed",
     "ABb", ""},
    {"a piece out of turn is passed over",
     "multipart/mixed; boundary*0=a; boundary*2=x; boundary*1=b; boundary*1=y",
     "multipart/mixed", "ab", ""},
    {"no first piece", "multipart/mixed; boundary*1=b", "multipart/mixed", "", ""},
    {"a whole one comes before pieces", "multipart/mixed; boundary*0=a; boundary=b",
     "multipart/mixed", "b", ""},
    {"half an encoded byte", "multipart/mixed; boundary*=''a%4", "multipart/mixed", "a%4",
     ""},
    {"no charset in front", "multipart/mixed; boundary*=a%42", "multipart/mixed", "aB",
     ""},
    {"a star too many", "multipart/mixed; boundary*0**=a", "multipart/mixed", "", ""},
    {"a charset in pieces", "text/plain; charset*0=ko; charset*1=i8-r", "text/plain", "",
     "koi8-r"},
    {"a type is ASCII", "text/\xe4", "text/plain", "", ""},
    {"a type holds no control character",
     "text/\x01"
     "a",
     "text/plain", "", ""},
};

static void
type_test(void **state)
{
    const type_row *row = *state;
    const ndr_slice value = slice_copy(row->value);
    ndr_arena a = {0};
    ndr_content c = {.transfer = NDR_TRANSFER_QP};
    ndr_content_type(&a, value, "text/plain", &c);
    drop_slice(value); /* what is kept is the arena's */
    assert_slice(c.type, row->type);
    assert_slice(c.boundary, row->boundary);
    assert_slice(c.charset, row->charset);
    assert_int_equal(c.transfer, NDR_TRANSFER_QP);
    ndr_arena_free(&a);
}

static void
standard_test(void **state)
{
    (void)state;
    ndr_arena a = {0};
    ndr_content c;
    (void)ndr_content_read(&a, NDR_SLICE("Subject: x\n\n"), "message/rfc822", &c);
    assert_slice(c.type, "message/rfc822");
    (void)ndr_content_read(&a, NDR_SLICE("Content-Type: x\n\n"), "message/rfc822", &c);
    assert_slice(c.type, "message/rfc822");
    const ndr_slice raw =
        slice_copy("content-type: a/b\nContent-Type: c/d\nContent-Transfer-Encoding: "
                   "(x) BASE64 (y)\nCONTENT-DISPOSITION: Attachment; filename=x\n\nbody");
    const size_t at = ndr_content_read(&a, raw, "text/plain", &c);
    assert_slice(c.type, "a/b");
    assert_int_equal(c.transfer, NDR_TRANSFER_BASE64);
    assert_true(c.attachment);
    assert_int_equal(at, raw.len - 4);
    drop_slice(raw);
    ndr_arena_free(&a);
}

/* ---- the walk: "type", "[" "]" for a container, "type{body}" for a part ---- */

typedef struct walk_row {
    const char *why, *header, *body;
    const char *want; /* each part: its type, "<" plain_before, "?" unlisted, "{body}" */
} walk_row;

#define B       "--b\n"
#define END     "--b--\n"
#define MIXED   "multipart/mixed; boundary=b"
#define TYPE(t) "Content-Type: " t "\n\n"

static const walk_row walks[] = {
    {"no multipart", "text/plain", "x\n", "text/plain{x\n}"},
    {"two parts", MIXED, B "\na\n" B "\nb\n" END,
     "multipart/mixed text/plain{a} text/plain{b}"},
    {"the line end in front of a boundary is the boundary's", MIXED, B "\na\n\n" END,
     "multipart/mixed text/plain{a\n}"},
    {"CRLF", MIXED, "--b\r\nContent-Type: a/b\r\n\r\nx\r\n--b\r\n\r\ny\r\n--b--\r\n",
     "multipart/mixed a/b{x} text/plain{y}"},
    {"what is before the first boundary and behind the last is not looked at", MIXED,
     "before\n" B "\na\n" END "behind\n" B "\nc\n", "multipart/mixed text/plain{a}"},
    {"unclosed", MIXED, B "\na\n" B "\nb", "multipart/mixed text/plain{a} text/plain{b}"},
    {"unclosed inside a header", MIXED, B "Content-Type: a/b", "multipart/mixed a/b{}"},
    {"a boundary at the very end", MIXED, B "\na\n--b",
     "multipart/mixed text/plain{a} text/plain{}"},
    {"closed at the very end, without a line end", MIXED, B "\na\n--b--",
     "multipart/mixed text/plain{a}"},
    {"closed before it began", MIXED, END B "\na\n", "multipart/mixed"},
    {"an empty part", MIXED, B B "\na\n" END,
     "multipart/mixed text/plain{} text/plain{a}"},
    {"a part of a header alone", MIXED, B "Content-Type: a/b\n" B "\nx\n" END,
     "multipart/mixed a/b{} text/plain{x}"},
    {"a header alone, then the end", MIXED, B "Content-Type: a/b\n" END,
     "multipart/mixed a/b{}"},
    {"a part of an empty line", MIXED, B "\n" END, "multipart/mixed text/plain{}"},
    {"white space behind a boundary", MIXED, "--b \t\r\n\na\n--b-- \n",
     "multipart/mixed text/plain{a}"},
    {"other bytes behind a boundary", MIXED, B "\n--bx\n--b x\n--b-\n" END,
     "multipart/mixed text/plain{--bx\n--b x\n--b-}"},
    {"a boundary that is not at the start of a line", MIXED, B "\n --b\nx--b\n" END,
     "multipart/mixed text/plain{ --b\nx--b}"},
    {"boundaries keep their case", MIXED, B "\n--B\n" END,
     "multipart/mixed text/plain{--B}"},
    {"a boundary of hyphens", "multipart/mixed; boundary=----", "------\n\na\n--------\n",
     "multipart/mixed text/plain{a}"},
    {"a boundary with a blank", "multipart/mixed; boundary=\"a b\"",
     "--a b\n\nx\n--a b--\n", "multipart/mixed text/plain{x}"},
    {"a boundary that looks like a field ends a header",
     "multipart/mixed; boundary=\"b:c\"",
     "--b:c\nContent-Type: a/b\n--b:c\n\nx\n--b:c--\n",
     "multipart/mixed a/b{} text/plain{x}"},
    {"a container without a boundary is text", "multipart/mixed", "x\n",
     "multipart/mixed ?text/plain{x\n}"},
    {"a container whose boundary is nowhere is text", MIXED, "x\n--c\ny\n",
     "multipart/mixed ?text/plain{x\n--c\ny\n}"},
    {"an empty body", MIXED, "", "multipart/mixed ?text/plain{}"},
    {"an inner container without a boundary", MIXED, B TYPE("multipart/x") "x\n" END,
     "multipart/mixed multipart/x ?text/plain{x}"},
    {"an inner container whose boundary is nowhere", MIXED,
     B TYPE("multipart/x; boundary=c") "x\n" B "\ny\n" END,
     "multipart/mixed multipart/x ?text/plain{x} text/plain{y}"},
    {"an inner container whose boundary is nowhere, unclosed", MIXED,
     B TYPE("multipart/x; boundary=c") "x\n",
     "multipart/mixed multipart/x ?text/plain{x\n}"},
    {"an inner container that is only closed", MIXED,
     B TYPE("multipart/x; boundary=c") "x\n--c--\ny\n" END,
     "multipart/mixed multipart/x"},
    {"nested", MIXED,
     B TYPE("multipart/x; boundary=c") "--c\n\na\n--c\n\nb\n--c--\n" B "\nd\n" END,
     "multipart/mixed multipart/x text/plain{a} text/plain{b} text/plain{d}"},
    {"an outer boundary ends what is inside", MIXED,
     B TYPE("multipart/x; boundary=c") "--c\n\na\n" B "\nd\n--c\n\ne\n" END,
     "multipart/mixed multipart/x text/plain{a} text/plain{d\n--c\n\ne}"},
    {"an outer end ends what is inside", MIXED,
     B TYPE("multipart/x; boundary=c") "--c\n\na\n" END "--c\n\ne\n",
     "multipart/mixed multipart/x text/plain{a}"},
    {"an outer boundary that begins as the inner one", MIXED,
     B TYPE("multipart/x; boundary=bb") "--bb\n\na\n--bb--\n" B "\nd\n" END,
     "multipart/mixed multipart/x text/plain{a} text/plain{d}"},
    {"an inner boundary that begins as the outer one", "multipart/mixed; boundary=bb",
     "--bb\n" TYPE("multipart/x; boundary=b") "--b\n\na\n--b--\n--bb\n\nd\n--bb--\n",
     "multipart/mixed multipart/x text/plain{a} text/plain{d}"},
    {"one boundary for both belongs to the inner", MIXED,
     B TYPE("multipart/x; boundary=b") B "\na\n" END B "\nd\n" END,
     "multipart/mixed multipart/x text/plain{a} text/plain{d}"},
    {"an inner boundary that is the outer one's end", MIXED,
     B TYPE("multipart/x; boundary=\"b--\"") END "\na\n--b----\n" B "\nd\n" END,
     "multipart/mixed multipart/x text/plain{a} text/plain{d}"},
    {"a returned message is not entered", MIXED,
     B TYPE("message/rfc822") "Content-Type: multipart/mixed; "
                              "boundary=c\n\n--c\n\nx\n--c--\n" END,
     "multipart/mixed message/rfc822{Content-Type: multipart/mixed; "
     "boundary=c\n\n--c\n\nx\n--c--}"},
    {"parts of a digest are messages", "multipart/digest; boundary=b",
     B "\na\n" B TYPE("text/plain") "b\n" B TYPE("nonsense") "c\n" END,
     "multipart/digest message/rfc822{a} text/plain{b} message/rfc822{c}"},
    {"html behind plain text", "multipart/alternative; boundary=b",
     B "\na\n" B TYPE("text/html") "h\n" END,
     "multipart/alternative text/plain{a} <text/html{h}"},
    {"html before plain text", "multipart/alternative; boundary=b",
     B TYPE("text/html") "h\n" B "\na\n" END,
     "multipart/alternative text/html{h} text/plain{a}"},
    {"html in a related part behind plain text", "multipart/alternative; boundary=b",
     B "\na\n" B TYPE("multipart/related; boundary=c") "--c\n" TYPE(
         "text/html") "h\n--c--\n" END,
     "multipart/alternative text/plain{a} <multipart/related <text/html{h}"},
    {"plain text in a related part before html", "multipart/alternative; boundary=b",
     B TYPE("multipart/related; boundary=c") "--c\n\na\n--c--\n" B TYPE(
         "text/html") "h\n" END,
     "multipart/alternative multipart/related text/plain{a} <text/html{h}"},
    {"plain text of an outer alternative is not the inner one's",
     "multipart/alternative; boundary=b",
     B "\na\n" B TYPE("multipart/alternative; boundary=c") "--c\n" TYPE(
         "text/html") "h\n--c--\n" END,
     "multipart/alternative text/plain{a} <multipart/alternative text/html{h}"},
    {"an alternative that is over", MIXED,
     B TYPE("multipart/alternative; boundary=c") "--c\n\na\n--c--\n" B TYPE(
         "text/html") "h\n" END,
     "multipart/mixed multipart/alternative text/plain{a} text/html{h}"},
    {"plain text beside html in a mixed part says nothing", MIXED,
     B "\na\n" B TYPE("text/html") "h\n" END,
     "multipart/mixed text/plain{a} text/html{h}"},
    {"attached plain text says nothing", "multipart/alternative; boundary=b",
     B "Content-Disposition: attachment\n\na\n" B TYPE("text/html") "h\n" END,
     "multipart/alternative text/plain{a} text/html{h}"},
};

static bool
tell(void *ctx, const ndr_part *part)
{
    ndr_buffer *b = ctx;
    if (b->len > 0)
        ndr_buffer_byte(b, ' ');
    if (part->plain_before)
        ndr_buffer_byte(b, '<');
    if (part->unlisted)
        ndr_buffer_byte(b, '?');
    ndr_buffer_add(b, part->content->type);
    if (part->multipart) {
        assert_int_equal(part->body.len, 0);
    } else {
        ndr_buffer_byte(b, '{');
        ndr_buffer_add(b, part->body);
        ndr_buffer_byte(b, '}');
    }
    return true;
}

static void
walk_test(void **state)
{
    const walk_row *row = *state;
    ndr_arena a = {0};
    ndr_content top = {0};
    ndr_content_type(&a, ndr_slice_of(row->header), "text/plain", &top);
    const ndr_slice body = slice_copy(row->body);
    ndr_buffer got = {0};
    assert_true(ndr_mime_walk(&a, &top, body, tell, &got));
    assert_buffer(&got, row->want);
    ndr_buffer_free(&got);
    drop_slice(body);
    ndr_arena_free(&a);
}

/* Every cut of every body: nothing outside it is read, the walk ends. */
static void
cut_test(void **state)
{
    const walk_row *row = *state;
    for (size_t n = 0; n <= strlen(row->body); n++) {
        ndr_arena a = {0};
        ndr_content top = {0};
        ndr_content_type(&a, ndr_slice_of(row->header), "text/plain", &top);
        const ndr_slice body = {exact_copy(row->body, n), n};
        ndr_buffer got = {0};
        assert_true(ndr_mime_walk(&a, &top, body, tell, &got));
        assert_true(got.len > 0);
        ndr_buffer_free(&got);
        drop_slice(body);
        ndr_arena_free(&a);
    }
}

/* ---- limits ---- */

static bool
count(void *ctx, const ndr_part *part)
{
    (void)part;
    ++*(size_t *)ctx;
    return true;
}

/* `depth` containers, the innermost with a text; how many parts were told? */
static size_t
nest(size_t depth, bool *whole)
{
    ndr_buffer body = {0};
    for (size_t i = 0; i + 1 < depth; i++)
        ndr_buffer_printf(
            &body, "--b%zu\nContent-Type: multipart/mixed; boundary=b%zu\n\n", i, i + 1);
    ndr_buffer_printf(&body, "--b%zu\n\nx\n", depth - 1);
    ndr_arena a = {0};
    const ndr_content top = {.type = NDR_SLICE("multipart/mixed"),
                             .boundary = NDR_SLICE("b0")};
    size_t parts = 0;
    *whole = ndr_mime_walk(&a, &top, (ndr_slice){body.ptr, body.len}, count, &parts);
    ndr_arena_free(&a);
    ndr_buffer_free(&body);
    return parts;
}

static void
depth_test(void **state)
{
    (void)state;
    bool whole;
    assert_int_equal(nest(100, &whole), 101);
    assert_true(whole);
    assert_int_equal(nest(101, &whole), 102); /* the last one is read as text */
    assert_false(whole);
    (void)nest(5000, &whole);
    assert_false(whole);
}

static size_t
many(size_t n, bool *whole)
{
    ndr_buffer body = {0};
    for (size_t i = 0; i < n; i++)
        ndr_buffer_text(&body, "--b\n\nx\n");
    ndr_arena a = {0};
    const ndr_content top = {.type = NDR_SLICE("multipart/mixed"),
                             .boundary = NDR_SLICE("b")};
    size_t parts = 0;
    *whole = ndr_mime_walk(&a, &top, (ndr_slice){body.ptr, body.len}, count, &parts);
    ndr_arena_free(&a);
    ndr_buffer_free(&body);
    return parts;
}

static void
parts_test(void **state)
{
    (void)state;
    bool whole;
    assert_int_equal(many(10000, &whole), 10001);
    assert_true(whole);
    assert_int_equal(many(10001, &whole), 10001);
    assert_false(whole);
}

static bool
first_only(void *ctx, const ndr_part *part)
{
    (void)count(ctx, part);
    return false;
}

static void
end_test(void **state)
{
    (void)state;
    static const char *const headers[] = {"multipart/mixed", "text/plain"};
    for (int i = 0; i < 2; i++) {
        ndr_arena a = {0};
        const ndr_content top = {.type = ndr_slice_of(headers[i]),
                                 .boundary = NDR_SLICE("b")};
        size_t parts = 0;
        assert_true(ndr_mime_walk(&a, &top, NDR_SLICE("--b\n\nx\n--b\n\ny\n"), first_only,
                                  &parts));
        assert_int_equal(parts, 1);
        ndr_arena_free(&a);
    }
}

int
main(void)
{
    ADD_ROWS(types, type_test);
    add_test("the first field of a name counts, what is malformed is the standard",
             standard_test);
    ADD_ROWS(walks, walk_test);
    ADD_ROWS(walks, cut_test);
    add_test("a hundred levels deep and no deeper", depth_test);
    add_test("ten thousand parts and no more", parts_test);
    add_test("false ends the walk", end_test);
    return run_added("mime");
}
