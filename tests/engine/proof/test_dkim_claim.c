/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "proof/dkim_claim.h"

#define BH   "bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8="
#define REST "; s=sel; h=From; " BH "; b=YWJj"

static const struct row {
    const char *why, *text;
    const char *domain,
        *want; /* want: NULL for well-formed, else what `why` begins with */
} rows[] = {
    {"the tags that are needed", "v=1; a=rsa-sha256; d=a.example" REST, "a.example",
     NULL},
    {"Ed25519", "v=1; a=ed25519-sha256; d=a.example" REST, "a.example", NULL},
    {"unknown tags count for nothing", "v=1; a=rsa-sha256; zz=1; d=a.example" REST,
     "a.example", NULL},
    {"a domain in capitals", "v=1; a=rsa-sha256; d=A.Example" REST, "a.example", NULL},
    {"a domain in UTF-8", "v=1; a=rsa-sha256; d=\xc3\xa4.example" REST, "xn--4ca.example",
     NULL},
    {"i= of the domain", "v=1; a=rsa-sha256; i=x@a.example; d=a.example" REST,
     "a.example", NULL},
    {"i= below the domain", "v=1; a=rsa-sha256; i=@b.a.example; d=a.example" REST,
     "a.example", NULL},
    {"x= behind t=", "v=1; a=rsa-sha256; x=11; t=10; d=a.example" REST, "a.example",
     NULL},
    {"one canonicalization", "v=1; a=rsa-sha256; c=relaxed; d=a.example" REST,
     "a.example", NULL},
    {"queries beside the one that is known",
     "v=1; a=rsa-sha256; q=x : dns/txt; d=a.example" REST, "a.example", NULL},
    {"rsa-sha1 is weak, not malformed", "v=1; a=rsa-sha1; d=a.example" REST, "a.example",
     NULL},
    {"another version", "v=2; a=rsa-sha256; d=a.example" REST, "a.example", "v="},
    {"no version", "a=rsa-sha256; d=a.example" REST, "a.example", "lacks"},
    {"no algorithm", "v=1; d=a.example" REST, "a.example", "lacks"},
    {"an unknown algorithm", "v=1; a=rsa-sha512; d=a.example" REST, "a.example", "a="},
    {"an algorithm in capitals", "v=1; a=RSA-SHA256; d=a.example" REST, "a.example",
     "a="},
    {"no domain", "v=1; a=rsa-sha256" REST, "", "lacks"},
    {"a domain that is none", "v=1; a=rsa-sha256; d=a b.example" REST, "", "d="},
    {"no selector", "v=1; a=rsa-sha256; d=a.example; h=From; " BH "; b=YWJj", "a.example",
     "lacks"},
    {"an empty selector", "v=1; a=rsa-sha256; d=a.example; s=; h=From; " BH "; b=YWJj",
     "a.example", "s="},
    {"no h=", "v=1; a=rsa-sha256; d=a.example; s=x; " BH "; b=YWJj", "a.example",
     "lacks"},
    {"h= without From", "v=1; a=rsa-sha256; d=a.example; s=x; h=To; " BH "; b=YWJj",
     "a.example", "h= lacks"},
    {"an empty h=", "v=1; a=rsa-sha256; d=a.example; s=x; h=; " BH "; b=YWJj",
     "a.example", "h="},
    {"an empty name in h=",
     "v=1; a=rsa-sha256; d=a.example; s=x; h=From::To; " BH "; b=YWJj", "a.example",
     "h="},
    {"a colon at the end of h=",
     "v=1; a=rsa-sha256; d=a.example; s=x; h=From:; " BH "; b=YWJj", "a.example", "h="},
    {"a blank inside a name of h=",
     "v=1; a=rsa-sha256; d=a.example; s=x; h=From To; " BH "; b=YWJj", "a.example", "h="},
    {"white space and folds in h=",
     "v=1; a=rsa-sha256; d=a.example; s=x; h= from :\r\n\tto ; " BH "; b=YWJj",
     "a.example", NULL},
    {"b= that is empty",
     "v=1; a=rsa-sha256; d=a.example; s=x; h=From; " BH "; b=", "a.example", "b="},
    {"b= that is no base64", "v=1; a=rsa-sha256; d=a.example; s=x; h=From; " BH "; b=Y*",
     "a.example", "b="},
    {"bh= of another length",
     "v=1; a=rsa-sha256; d=a.example; s=x; h=From; bh=YWJj; b=YWJj", "a.example", "bh="},
    {"no bh=", "v=1; a=rsa-sha256; d=a.example; s=x; h=From; b=YWJj", "a.example",
     "lacks"},
    {"three canonicalizations",
     "v=1; a=rsa-sha256; c=simple/simple/simple; d=a.example" REST, "a.example", "c="},
    {"an unknown canonicalization", "v=1; a=rsa-sha256; c=nofws; d=a.example" REST,
     "a.example", "c="},
    {"i= of another domain", "v=1; a=rsa-sha256; i=@b.example; d=a.example" REST,
     "a.example", "i= is not"},
    {"i= that ends like the domain", "v=1; a=rsa-sha256; i=@aa.example; d=a.example" REST,
     "a.example", "i= is not"},
    {"i= above the domain", "v=1; a=rsa-sha256; i=@example; d=a.example" REST,
     "a.example", "i= is not"},
    {"i= without an @", "v=1; a=rsa-sha256; i=a.example; d=a.example" REST, "a.example",
     "i= is no"},
    {"x= in front of t=", "v=1; a=rsa-sha256; t=10; x=9; d=a.example" REST, "a.example",
     "x="},
    {"x= at t=", "v=1; a=rsa-sha256; t=10; x=10; d=a.example" REST, "a.example", "x="},
    {"t= that is no number", "v=1; a=rsa-sha256; t=x; d=a.example" REST, "a.example",
     "t="},
    {"l= that is no number", "v=1; a=rsa-sha256; l=-1; d=a.example" REST, "a.example",
     "l="},
    {"queries without the one that is known", "v=1; a=rsa-sha256; q=x; d=a.example" REST,
     "a.example", "q="},
    {"a tag twice: the domain is known", "v=1; a=rsa-sha256; d=a.example; v=1" REST,
     "a.example", "is no list"},
    {"rubbish in front of the domain: it is not", "v=1; !; d=a.example" REST, "",
     "is no list"},
    {"nothing", "", "", "is no list"},
};

static void
test_row(void **state)
{
    const struct row *row = *state;
    unsigned char *text = exact_copy(row->text, strlen(row->text));
    ndr_dkim_claim claim;
    ndr_dkim_claim_read((ndr_slice){text, strlen(row->text)}, &claim);
    assert_string_equal(claim.domain, row->domain);
    if (row->want == NULL)
        assert_null(claim.why);
    else
        assert_memory_equal(claim.why, row->want, strlen(row->want));
    assert_int_equal(claim.weak,
                     row->want == NULL && strstr(row->text, "rsa-sha1") != NULL);
    free(text);
}

static void
test_many_names(void **state)
{
    (void)state;
    ndr_buffer text = {0};
    ndr_dkim_claim claim;
    ndr_buffer_text(&text, "v=1; a=rsa-sha256; d=a.example; s=x; " BH "; b=YWJj; h=From");
    for (int i = 1; i < NDR_DKIM_SIGNED_NAMES; i++)
        ndr_buffer_text(&text, ":x");
    ndr_dkim_claim_read((ndr_slice){text.ptr, text.len}, &claim);
    assert_null(claim.why);
    ndr_buffer_text(&text, ":x");
    ndr_dkim_claim_read((ndr_slice){text.ptr, text.len}, &claim);
    assert_string_equal(claim.why, "h= names too many fields");
    ndr_buffer_free(&text);
}

static void
test_numbers(void **state)
{
    (void)state;
    ndr_dkim_claim claim;
    ndr_dkim_claim_read(NDR_SLICE("v=1; a=rsa-sha256; c=relaxed/relaxed; t=5; x=99; l=7; "
                                  "i=@b.a.example; d=a.example" REST),
                        &claim);
    assert_null(claim.why);
    assert_int_equal(claim.signed_at, 5);
    assert_int_equal(claim.expires_at, 99);
    assert_int_equal(claim.body_limit, 7);
    assert_true(claim.below && claim.relaxed_header && claim.relaxed_body);
    assert_int_equal(claim.signature_len, 3);
    assert_int_equal(claim.body_hash[0], 0xda);
}

int
main(void)
{
    ADD_ROWS(rows, test_row);
    add_test("h= names 512 fields and no more", test_many_names);
    add_test("numbers, canonicalizations and hashes are read", test_numbers);
    return run_added(__FILE__);
}
