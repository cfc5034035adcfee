/* SPDX-License-Identifier: BSD-3-Clause */
#include "mail/html.h"

#include "base/utf8.h"
#include "bytes.h"

typedef struct html_row {
    const char *why, *html, *want;
} html_row;

static const html_row rows[] = {
    {"nothing", "", ""},
    {"text", "a b", "a b"},
    {"a line end is a blank", "a\nb\r\nc", "a b  c"},
    {"a tag goes without a trace", "a<b>b</b>c", "abc"},
    {"attributes go too", "<a href=\"x\">b</a>", "b"},
    {"br is a line end", "a<br>b<BR />c", "a\nb\nc"},
    {"a block is an empty line", "a<p>b</p>c", "a\n\nb\n\nc"},
    {"blocks in any case", "a<DIV class=x>b", "a\n\nb"},
    {"headings", "<h1>a</h1><H6>b", "\n\na\n\n\n\nb"},
    {"a name that only begins like a block", "a<pp>b<divx>c<h7>d", "abcd"},
    {"an unknown tag", "a<o:p>b", "ab"},
    {"a tag of sixteen letters and more", "a<blockquotequotequotequote>b", "ab"},
    {"< and a blank is text", "a < b", "a < b"},
    {"< and a digit is text", "a <3 b", "a <3 b"},
    {"< at the end is text", "a <", "a <"},
    {"only <", "<<<", "<<<"},
    {"an address in angle brackets is a tag", "a<b@example.com>c", "ac"},
    {"a slash makes a tag", "a</ b>c", "ac"},
    {"a doctype", "<!DOCTYPE html><p>a", "\n\na"},
    {"a processing instruction", "<?xml version='1.0'?>a", "a"},
    {"an unclosed tag takes the rest", "a<b c", "a"},
    {"a comment", "a<!-- b > c -->d", "ad"},
    {"a comment of nothing", "a<!---->b", "ab"},
    {"hyphens in a comment", "a<!-- b -- c - > --->d", "ad"},
    {"an unclosed comment takes the rest", "a<!-- b -> c", "a"},
    {"script goes with what is in it", "a<script>b<p>c</script>d", "ad"},
    {"style goes with what is in it", "a<STYLE type=x>b{}</Style >d", "ad"},
    {"an unclosed script takes the rest", "a<script>b", "a"},
    {"an unclosed end of a script takes the rest", "a<script>b</script", "a"},
    {"the end of a script that was not open", "a</script>b", "ab"},
    {"the end of a style that was not open", "a</style>b", "ab"},
    {"a comment's end in a script", "a<script><!-- b --></script>c", "ac"},
    {"amp and its kin", "&amp;&lt;&gt;&quot;&apos;", "&<>\"'"},
    {"a replaced < opens no tag", "&lt;p&gt;", "<p>"},
    {"a reference is replaced once", "&amp;lt;", "&lt;"},
    {"Latin-1", "&auml;&Auml;&szlig;&yuml;&nbsp;",
     "\xc3\xa4\xc3\x84\xc3\x9f\xc3\xbf\xc2\xa0"},
    {"quotes and dashes", "&ndash;&mdash;&lsquo;&rsquo;&ldquo;&rdquo;&hellip;&euro;",
     "\xe2\x80\x93\xe2\x80\x94\xe2\x80\x98\xe2\x80\x99\xe2\x80\x9c\xe2\x80\x9d\xe2\x80"
     "\xa6"
     "\xe2\x82\xac"},
    {"references have case", "&Amp;", "&Amp;"},
    {"signs of an address by name", "a&commat;b&period;example", "a@b.example"},
    {"one of two code points", "&nGt;", "\xe2\x89\xab\xe2\x83\x92"},
    {"the longest name", "&CounterClockwiseContourIntegral;", "\xe2\x88\xb3"},
    {"longer than the longest", "&CounterClockwiseContourIntegrals;",
     "&CounterClockwiseContourIntegrals;"},
    {"the front of a name", "&Counter;", "&Counter;"},
    {"an unknown name stays", "&nothing;", "&nothing;"},
    {"a name without its semicolon stays", "&amp b", "&amp b"},
    {"a name that begins like one stays", "&ampx;", "&ampx;"},
    {"no name", "&;", "&;"},
    {"& alone", "a & b", "a & b"},
    {"& at the end", "a&", "a&"},
    {"a number", "&#228;&#8364;", "\xc3\xa4\xe2\x82\xac"},
    {"a hexadecimal number", "&#xe4;&#X20AC;", "\xc3\xa4\xe2\x82\xac"},
    {"a number without its semicolon stays", "&#228 b", "&#228 b"},
    {"no number", "&#;&#x;&#xg;", "&#;&#x;&#xg;"},
    {"zero", "&#0;", "\xef\xbf\xbd"},
    {"a surrogate", "&#xd800;", "\xef\xbf\xbd"},
    {"beyond the last", "&#x110000;", "\xef\xbf\xbd"},
    {"the last", "&#x10FFFF;", "\xf4\x8f\xbf\xbf"},
    {"too many digits", "&#99999999999;", "&#99999999999;"},
    {"a line end as a number", "a&#10;b", "a\nb"},
};

static void
html_test(void **state)
{
    const html_row *row = *state;
    const ndr_slice html = slice_copy(row->html);
    ndr_buffer out = {0};
    ndr_html_text(html, &out);
    assert_buffer(&out, row->want);
    ndr_buffer_free(&out);
    drop_slice(html);
}

static void
cut_test(void **state)
{
    const html_row *row = *state;
    for (size_t n = 0; n <= strlen(row->html); n++) {
        const ndr_slice html = {exact_copy(row->html, n), n};
        ndr_buffer out = {0};
        ndr_html_text(html, &out);
        assert_false(out.failed);
        ndr_buffer_free(&out);
        drop_slice(html);
    }
}

static const char names[] =
    "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr "
    "deg "
    "plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 "
    "iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml "
    "Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash "
    "Ugrave "
    "Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig "
    "ccedil "
    "egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc "
    "otilde "
    "ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml";

/* The names of Latin-1 stand for U+00A0 to U+00FF, in that order. */
static void
latin_test(void **state)
{
    (void)state;
    uint32_t code = 0xa0;
    for (const char *at = names; *at != '\0'; code++) {
        const size_t n = strcspn(at, " ");
        ndr_buffer html = {0}, out = {0}, want = {0};
        ndr_buffer_printf(&html, "&%.*s;", (int)n, at);
        ndr_html_text((ndr_slice){html.ptr, html.len}, &out);
        ndr_utf8_add(&want, code);
        assert_int_equal(out.len, want.len);
        assert_memory_equal(out.ptr, want.ptr, want.len);
        ndr_buffer_free(&html);
        ndr_buffer_free(&out);
        ndr_buffer_free(&want);
        at += n + (at[n] == ' ');
    }
    assert_int_equal(code, 0x100);
}

static const char blocks[] =
    "address article blockquote body center dd div dl dt fieldset form h1 h2 h3 h4 h5 h6 "
    "head "
    "hr html li ol p pre section table tbody td th thead title tr ul";

static void
block_test(void **state)
{
    (void)state;
    for (const char *at = blocks; *at != '\0';) {
        const size_t n = strcspn(at, " ");
        ndr_buffer html = {0}, out = {0};
        ndr_buffer_printf(&html, "a<%.*s>b</%.*s>c", (int)n, at, (int)n, at);
        ndr_html_text((ndr_slice){html.ptr, html.len}, &out);
        assert_buffer(&out, "a\n\nb\n\nc");
        ndr_buffer_free(&html);
        ndr_buffer_free(&out);
        at += n + (at[n] == ' ');
    }
}

int
main(void)
{
    ADD_ROWS(rows, html_test);
    ADD_ROWS(rows, cut_test);
    add_test("every name of Latin-1", latin_test);
    add_test("every block tag", block_test);
    return run_added("html");
}
