/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "ndrscan_proof.h"
#include "proof/base64.h"
#include "rfc_mail.h"

#include <openssl/evp.h>

/* What every test shares. */
static ndr_dkim_keys *keys;
static ndr_dkim_verifier *verifier;
static ndr_dkim_report report;

static void
ask(const void *bytes, size_t n, bool whole, int64_t sent_at)
{
    ndr_error err;
    const ndr_dkim_question q = {
        .message = {bytes, n}, .whole = whole, .sent_at = sent_at};
    assert_int_equal(ndr_dkim_verify(verifier, &q, &report, &err), 0);
}

/* ---- the examples of the RFCs ---------------------------------------------------- */

static const struct rfc_row {
    const char *why, *text;
    bool whole;
    const char *want; /* "result body" for each signature */
} rfc_rows[] = {
    {"RFC 6376: whole", RFC_HEADER_6376 "\r\n" RFC_BODY_6376, true, "pass ok;"},
    {"RFC 6376: header alone", RFC_HEADER_6376 "\r\n", false, "pass absent;"},
    {"RFC 6376: without the empty line", RFC_HEADER_6376, false, "pass absent;"},
    {"RFC 6376: another body", RFC_HEADER_6376 "\r\nHi.\r\n", true, "pass differs;"},
    {"RFC 6376: a body that is cut, and not said to be whole",
     RFC_HEADER_6376 "\r\nHi.\r\n", false, "pass absent;"},
    {"RFC 8463: whole", RFC_HEADER_8463 "\r\n" RFC_BODY_8463, true, "pass ok;pass ok;"},
    {"RFC 8463: empty lines behind the body",
     RFC_HEADER_8463 "\r\n" RFC_BODY_8463 "\r\n\r\n", true, "pass ok;pass ok;"},
    {"RFC 8463: a field put in front", "Received: x\r\n" RFC_HEADER_8463 "\r\n", false,
     "pass absent;pass absent;"},
    {"RFC 8463: a second Subject in front, which h= forbids",
     "Subject: x\r\n" RFC_HEADER_8463 "\r\n", false, "fail absent;fail absent;"},
    {"RFC 8463: a second To in front, which it does not",
     "To: x@b.example\r\n" RFC_HEADER_8463 "\r\n", false, "pass absent;pass absent;"},
    {"RFC 8463: a second From", "From: x@b.example\r\n" RFC_HEADER_8463 "\r\n", false,
     "malformed absent;malformed absent;"},
};

static void
say(ndr_buffer *out)
{
    for (size_t i = 0; i < report.count; i++)
        ndr_buffer_printf(out, "%s %s;",
                          ndr_dkim_result_name(report.signatures[i].result),
                          ndr_dkim_body_name(report.signatures[i].body));
    ndr_buffer_byte(out, '\0');
}

static void
check_said(const char *text, size_t n, bool whole, const char *want)
{
    ndr_buffer said = {0};
    unsigned char *exact = exact_copy(text, n);
    ask(exact, n, whole, NDR_TIME_UNKNOWN);
    say(&said);
    assert_string_equal((const char *)said.ptr, want);
    ndr_buffer_free(&said);
    free(exact);
}

static void
test_rfc(void **state)
{
    const struct rfc_row *row = *state;
    check_said(row->text, strlen(row->text), row->whole, row->want);
    assert_false(report.unquoted);
}

/* The same with LF for CRLF. */
static void
test_rfc_lf(void **state)
{
    const struct rfc_row *row = *state;
    ndr_buffer lf = {0};
    for (const char *c = row->text; *c != '\0'; c++)
        if (*c != '\r')
            ndr_buffer_byte(&lf, (unsigned char)*c);
    check_said((const char *)lf.ptr, lf.len, row->whole, row->want);
    ndr_buffer_free(&lf);
}

/* The same behind a prefix on every line: the body is then never looked at. */
static void
quoted(const char *text, const char *prefix)
{
    ndr_buffer out = {0};
    bool begin = true;
    for (const char *c = text; *c != '\0'; c++) {
        if (begin)
            ndr_buffer_text(&out, prefix);
        begin = *c == '\n';
        ndr_buffer_byte(&out, (unsigned char)*c);
    }
    check_said((const char *)out.ptr, out.len, true, "pass absent;pass absent;");
    assert_true(report.unquoted && report.complete);
    ndr_buffer_free(&out);
}

static void
test_quoted(void **state)
{
    (void)state;
    static const char text[] = RFC_HEADER_8463 "\r\n" RFC_BODY_8463;
    quoted(text, "> ");
    quoted(text, ">");
    quoted(text, "| ");
    quoted(text, "    ");
    quoted(text, "\t");
    quoted(text, "> > ");
}

static void
test_told(void **state)
{
    (void)state;
    static const char text[] = RFC_HEADER_8463 "\r\n";
    ask(text, sizeof text - 1, false, 1528637910);
    const ndr_dkim_signature *s = report.signatures;
    assert_int_equal(report.count, 2);
    assert_true(ndr_slice_equal(s[0].domain, NDR_SLICE("football.example.com")));
    assert_true(ndr_slice_equal(s[0].selector, NDR_SLICE("brisbane")));
    assert_int_equal(s[0].signed_at, 1528637909);
    assert_int_equal(s[0].expires_at, NDR_TIME_UNKNOWN);
    assert_true(s[0].signed_to && !s[0].signed_cc && !s[0].expired);
    assert_memory_not_equal(s[0].instance.id, s[1].instance.id, 32);
    assert_true(
        ndr_dkim_signed_recipient(&s[0], NDR_SLICE("suzie@shopping.example.net")));
    assert_false(ndr_dkim_signed_recipient(&s[0], NDR_SLICE("joe@football.example.com")));
    assert_true(report.complete);
    assert_int_equal(report.from_fields, 1);
}

/* A To that was put in front is not among what was signed. */
static void
test_unsigned_to(void **state)
{
    (void)state;
    static const char text[] = "To: x@b.example\r\n" RFC_HEADER_8463 "\r\n";
    ask(text, sizeof text - 1, false, NDR_TIME_UNKNOWN);
    const ndr_dkim_signature *s = report.signatures;
    assert_int_equal(s[0].result, NDR_DKIM_PASS);
    assert_false(ndr_dkim_signed_recipient(&s[0], NDR_SLICE("x@b.example")));
    assert_true(
        ndr_dkim_signed_recipient(&s[0], NDR_SLICE("suzie@shopping.example.net")));
}

/* ---- signatures made here -------------------------------------------------------- */

#define BH         "bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8="
#define TAGS(more) "v=1; a=ed25519-sha256; c=relaxed; d=a.example; " BH "; " more "; b="

/* What is signed is written down by hand; '@' in the header is where b= goes. */
static const struct made_row {
    const char *why, *header, *canonical;
    const char *want, *words; /* result, and what `why` begins with */
} made_rows[] = {
    {"a key that is known",
     "DKIM-Signature: " TAGS("s=e; h=from") "@\nFrom: a@a.example\n",
     "from:a@a.example\r\ndkim-signature:" TAGS("s=e; h=from"), "pass", ""},
    {"b= folded", "DKIM-Signature: " TAGS("s=e; h=from") "\n\t@\nFrom: a@a.example\n",
     "from:a@a.example\r\ndkim-signature:" TAGS("s=e; h=from"), "pass", ""},
    {"in front of other tags",
     "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed; b=@; d=a.example; "
     "s=e; h=from; " BH "\nFrom: a@a.example\n",
     "from:a@a.example\r\ndkim-signature:v=1; a=ed25519-sha256; c=relaxed; b=; "
     "d=a.example; "
     "s=e; h=from; " BH,
     "pass", ""},
    {"simple is the default",
     "DKIM-Signature:v=1; a=ed25519-sha256; b=@; d=a.example; "
     "s=e; h=from; " BH "\nFrom:  a@a.example\n",
     "From:  a@a.example\r\nDKIM-Signature:v=1; a=ed25519-sha256; b=; d=a.example; "
     "s=e; h=from; " BH,
     "pass", ""},
    {"another value", "DKIM-Signature: " TAGS("s=e; h=from") "@\nFrom: b@a.example\n",
     "from:a@a.example\r\ndkim-signature:" TAGS("s=e; h=from"), "fail",
     "what was signed"},
    {"a selector in another case",
     "DKIM-Signature: " TAGS("s=E; h=from") "@\nFrom: a@a.example\n",
     "from:a@a.example\r\ndkim-signature:" TAGS("s=E; h=from"), "pass", ""},
    {"a selector that is not known",
     "DKIM-Signature: " TAGS("s=f; h=from") "@\nFrom: a@a.example\n",
     "from:a@a.example\r\ndkim-signature:" TAGS("s=f; h=from"), "unknown_selector",
     "no key"},
    {"a key that is revoked",
     "DKIM-Signature: " TAGS("s=gone; h=from") "@\nFrom: a@a.example\n",
     "from:a@a.example\r\ndkim-signature:" TAGS("s=gone; h=from"), "no_key",
     "the key is revoked"},
    {"a key of another algorithm",
     "DKIM-Signature: " TAGS("s=rsa; h=from") "@\nFrom: a@a.example\n",
     "from:a@a.example\r\ndkim-signature:" TAGS("s=rsa; h=from"), "no_key",
     "the key is for other"},
    {"a key for other services",
     "DKIM-Signature: " TAGS("s=other; h=from") "@\nFrom: a@a.example\n",
     "from:a@a.example\r\ndkim-signature:" TAGS("s=other; h=from"), "no_key",
     "the key is for other"},
    {"i= below d=",
     "DKIM-Signature: " TAGS("s=e; i=@b.a.example; h=from") "@\nFrom: a@a.example\n",
     "from:a@a.example\r\ndkim-signature:" TAGS("s=e; i=@b.a.example; h=from"), "pass",
     ""},
    {"i= below d=, which the key forbids",
     "DKIM-Signature: " TAGS("s=strict; i=@b.a.example; h=from") "@\nFrom: a@a.example\n",
     "from:a@a.example\r\ndkim-signature:" TAGS("s=strict; i=@b.a.example; h=from"),
     "malformed", "i= is below"},
    {"i= of d= and a key that forbids subdomains",
     "DKIM-Signature: " TAGS("s=strict; i=@a.example; h=from") "@\nFrom: a@a.example\n",
     "from:a@a.example\r\ndkim-signature:" TAGS("s=strict; i=@a.example; h=from"), "pass",
     ""},
    {"From signed, but not there", "DKIM-Signature: " TAGS("s=e; h=from") "@\nTo: x\n",
     "dkim-signature:" TAGS("s=e; h=from"), "malformed", "no From"},
    {"another signature is signed too",
     "DKIM-Signature: " TAGS(
         "s=e; h=from:dkim-signature") "@\nDKIM-Signature: x\nFrom: a@a.example\n",
     "from:a@a.example\r\ndkim-signature:x\r\ndkim-signature:" TAGS(
         "s=e; h=from:dkim-signature"),
     "pass", ""},
    {"expired is verified all the same",
     "DKIM-Signature: " TAGS("s=e; t=5; x=9; h=from") "@\nFrom: a@a.example\n",
     "from:a@a.example\r\ndkim-signature:" TAGS("s=e; t=5; x=9; h=from"), "pass", ""},
    {"a name folded over two lines",
     "DKIM-Signature: " TAGS(
         "s=e; h=from:\n to") "@\nFrom: a@a.example\nTo: b@b.example,\n\tc@c.example\n",
     "from:a@a.example\r\nto:b@b.example, c@c.example\r\n"
     "dkim-signature:" TAGS("s=e; h=from: to"),
     "pass", ""},
};

/* The base64 of an Ed25519 signature over the SHA-256 of the bytes. */
static void
sign(const char *canonical, ndr_buffer *out)
{
    unsigned char secret[64], hash[32], made[64];
    size_t len = 0, n = sizeof made;
    char text[96];
    assert_true(ndr_base64_read(NDR_SLICE(SECRET_8463), secret, sizeof secret, &len));
    EVP_PKEY *pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret, len);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    assert_true(pkey != NULL && ctx != NULL);
    assert_int_equal(
        EVP_Digest(canonical, strlen(canonical), hash, NULL, EVP_sha256(), NULL), 1);
    assert_int_equal(EVP_DigestSignInit(ctx, NULL, NULL, NULL, pkey), 1);
    assert_int_equal(EVP_DigestSign(ctx, made, &n, hash, sizeof hash), 1);
    assert_true(EVP_EncodeBlock((unsigned char *)text, made, (int)n) > 0);
    ndr_buffer_text(out, text);
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(pkey);
}

/* The header with the signature at its first '@', when `at` is where that stands. */
static void
make(const struct made_row *row, ndr_buffer *out)
{
    const char *at = strstr(row->header, "b=@");
    at = at != NULL ? at + 2 : strstr(row->header, "\t@") + 1;
    ndr_buffer_add(
        out, (ndr_slice){(const unsigned char *)row->header, (size_t)(at - row->header)});
    sign(row->canonical, out);
    ndr_buffer_text(out, at + 1);
    ndr_buffer_text(out, "\n");
}

static void
test_made(void **state)
{
    const struct made_row *row = *state;
    ndr_buffer text = {0};
    make(row, &text);
    unsigned char *exact = exact_copy(text.ptr, text.len);
    ask(exact, text.len, false, 10);
    assert_true(report.count == 1);
    const ndr_dkim_signature *s = &report.signatures[0];
    assert_string_equal(ndr_dkim_result_name(s->result), row->want);
    assert_memory_equal(s->why, row->words, strlen(row->words));
    assert_true((s->why[0] == '\0') == (s->result == NDR_DKIM_PASS));
    assert_int_equal(s->expired, strstr(row->header, "x=9") != NULL);
    ndr_buffer_free(&text);
    free(exact);
}

/* Seven that all pass: five are verified. */
static void
test_five(void **state)
{
    (void)state;
    ndr_buffer text = {0};
    for (int i = 0; i < 20; i++) {
        ndr_buffer_text(&text, "DKIM-Signature: " TAGS("s=e; h=from"));
        sign("from:a@a.example\r\ndkim-signature:" TAGS("s=e; h=from"), &text);
        ndr_buffer_text(&text, "\n");
    }
    ndr_buffer_text(&text, "DKIM-Signature: v=1; d=b.example\nDKIM-Signature: rubbish\n"
                           "From: a@a.example\n\n");
    ask(text.ptr, text.len, false, NDR_TIME_UNKNOWN);
    assert_int_equal(report.count, NDR_DKIM_SIGNATURES);
    assert_int_equal(report.more, 4);
    assert_int_equal(report.others, 1);
    assert_int_equal(report.unread, 1);
    for (size_t i = 0; i < report.count; i++)
        assert_int_equal(report.signatures[i].result,
                         i < 5 ? NDR_DKIM_PASS : NDR_DKIM_NOT_TRIED);
    ndr_buffer_free(&text);
}

static void
test_too_large(void **state)
{
    (void)state;
    ndr_buffer text = {0};
    ndr_buffer_text(&text, RFC_HEADER_8463 "X: ");
    while (text.len < 65536)
        ndr_buffer_byte(&text, 'x');
    ndr_buffer_text(&text, "\n\n");
    ask(text.ptr, text.len, false, NDR_TIME_UNKNOWN);
    assert_true(report.too_large);
    assert_int_equal(report.count, 0);
    ndr_buffer_free(&text);
}

/* Any byte of what was signed counts: change each in turn. A CR that becomes a tab inside
 * b= does not: white space means nothing there. */
static void
test_bytes(void **state)
{
    (void)state;
    static const char text[] = RFC_HEADER_6376 "\r\n";
    unsigned char *copy = exact_copy(text, sizeof text - 1);
    const size_t begin = (size_t)(strstr(text, " b=") - text);
    const size_t end = (size_t)(strstr(text, "Received:") - text);
    for (size_t i = 0; i < sizeof text - 3; i++) {
        if (i > begin && i < end && text[i] == '\r')
            continue;
        copy[i] ^= 0x04;
        ask(copy, sizeof text - 1, false, NDR_TIME_UNKNOWN);
        for (size_t k = 0; k < report.count; k++)
            assert_int_not_equal(report.signatures[k].result, NDR_DKIM_PASS);
        copy[i] ^= 0x04;
    }
    ask(copy, sizeof text - 1, false, NDR_TIME_UNKNOWN);
    assert_int_equal(report.signatures[0].result, NDR_DKIM_PASS);
    free(copy);
}

/* Cut anywhere: nothing passes unless all that was signed is there. */
static void
test_cut(void **state)
{
    (void)state;
    static const char text[] = RFC_HEADER_6376;
    for (size_t n = 0; n < sizeof text - 1; n++) {
        unsigned char *copy = exact_copy(text, n);
        ask(copy, n, true, NDR_TIME_UNKNOWN);
        for (size_t k = 0; k < report.count; k++)
            if (n + 2 < sizeof text - 1) /* the last line end is not signed apart */
                assert_int_not_equal(report.signatures[k].result, NDR_DKIM_PASS);
        free(copy);
    }
}

static void
add_key(const char *domain, const char *selector, const char *text)
{
    ndr_error err = {0};
    if (ndr_dkim_keys_add(keys, ndr_slice_of(domain), ndr_slice_of(selector),
                          ndr_slice_of(text), NULL, &err) != 0)
        abort();
}

int
main(void)
{
    ndr_error err;
    if (ndr_dkim_keys_new(&keys, &err) != 0)
        abort();
    add_key("example.com", "brisbane", KEY_6376);
    add_key("football.example.com", "brisbane", KEY_8463_ED25519);
    add_key("football.example.com", "test", KEY_8463_RSA);
    add_key("a.example", "e", KEY_8463_ED25519);
    add_key("a.example", "rsa", KEY_8463_RSA);
    add_key("a.example", "gone", "v=DKIM1; k=ed25519; p=");
    add_key("a.example", "strict", KEY_8463_ED25519 "; t=s");
    add_key("a.example", "other", KEY_8463_ED25519 "; s=tlsrpt");
    if (ndr_dkim_verifier_new(keys, &verifier, &err) != 0)
        abort();

    ADD_ROWS(rfc_rows, test_rfc);
    ADD_ROWS(rfc_rows, test_rfc_lf);
    ADD_ROWS(made_rows, test_made);
    add_test("quoting and indentation are undone", test_quoted);
    add_test("domain, selector, times and recipients are told", test_told);
    add_test("a To field that was not signed names nobody", test_unsigned_to);
    add_test("five are verified, 16 listed, the others counted", test_five);
    add_test("a header over 64 KiB is not verified", test_too_large);
    add_test("each byte of the header of RFC 6376 counts", test_bytes);
    add_test("a header that is cut does not pass", test_cut);
    const int rc = run_added(__FILE__);
    ndr_dkim_verifier_free(verifier);
    ndr_dkim_verifier_free(NULL);
    ndr_dkim_keys_free(keys);
    return rc;
}
