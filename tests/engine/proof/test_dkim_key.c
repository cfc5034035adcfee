/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "proof/dkim_key.h"
#include "rfc_mail.h"

#define PKCS1                                                                            \
    "MIGJAoGBAPAhE/9QLdIGwSYapn1klbf8OQygZ4udCDV9afv/Ni0jE3ZKcUKPE4Io"                   \
    "b2/dviNh9xM2HmKNKyrrfW4Ei0truh36/9G10LZTMnWVZP3jupH5FxpzaBu2j80y"                   \
    "onR/N9WMfg64qGK11j21/qZzAaNo0FxZOggyY9I8N1A81RhyRxDZAgMBAAE="
#define SMALL                                                                            \
    "MHwwDQYJKoZIhvcNAQEBBQADawAwaAJhANqOFZEczk1H9++2FINSojKY8mq4JbbK"                   \
    "qZEs35jczKFAahBAhz6VhbqrNO/buyjU1VGInIv8n6UPESzWSLwCIE5wD44RVyWq"                   \
    "5288gm7IwKZdQNhbLYBoGJHI/qKu34BDDQIDAQAB"
#define PEM_2048                                                                         \
    "-----BEGIN PUBLIC KEY-----\n"                                                       \
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAlRGAeKCFc3ZtPSI9wQ/+\n"                 \
    "4sGXga8+MuGL0tpL50KNtPIe7QdQ8v79pMZLxHF628+UL89hY1v1TA3U+52mDWW7\n"                 \
    "fTkopE9e1B1npbkIBwWOFyuAdu0TOCQfqgBtllDRH0JWegrc7n9jyDsAKCX/WRgr\n"                 \
    "I136f542UkAWSb3e1/UAaHSTMxSaBfX5XC0O8T6rRpizh32HSFxrhPQ2y9va4b8R\n"                 \
    "QWm2mlG2NN8W5DC+HZZ2bVvj4wfN2B87tKDfvDTzmnlX0RyxJ6JJ98kmtNzYGuIR\n"                 \
    "+GSFLo88WsAVhgLa//+M2iqctm0p7lvOCx84qFuz5UDIlEO5/EP6NeZ1Ebo4cv+A\n"                 \
    "2QIDAQAB\n"                                                                         \
    "-----END PUBLIC KEY-----\n"
#define PEM_EC                                                                           \
    "-----BEGIN PUBLIC "                                                                 \
    "KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEnC7/"                                 \
    "TOSKQrl+IDSFqMmOlJ9p4fWP\nkqxmHU6ZfpUHQRkZlIN9x/"                                   \
    "G7grtMOv+UtySbQ736mLVYmNsGakTvR9+VCg==\n-----END PUBLIC KEY-----\n"
#define SPKI_ED25519 "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
#define RAW_ED25519  "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="

static const struct row {
    const char *why, *text;
    int code;         /* 0: a key */
    const char *want; /* "rsa 1024 small", or what is in the error */
} rows[] = {
    {"the key of RFC 6376", KEY_6376, 0, "rsa 1024 small"},
    {"the RSA key of RFC 8463", KEY_8463_RSA, 0, "rsa 1024 small"},
    {"the Ed25519 key of RFC 8463", KEY_8463_ED25519, 0, "ed25519 256"},
    {"a record without a version", "p=" PKCS1, 0, "rsa 1024 small"},
    {"a bare RSAPublicKey", "v=DKIM1; k=rsa; p=" PKCS1, 0, "rsa 1024 small"},
    {"Ed25519 as a SubjectPublicKeyInfo", "v=DKIM1; k=ed25519; p=" SPKI_ED25519, 0,
     "ed25519 256"},
    {"PEM", PEM_2048, 0, "rsa 2048"},
    {"PEM behind other text", "# the key\n" PEM_2048, 0, "rsa 2048"},
    {"a revoked key", "v=DKIM1; p=", 0, "rsa 0 revoked"},
    {"for subdomains not", "v=DKIM1; k=ed25519; t=y:s; p=" RAW_ED25519, 0,
     "ed25519 256 strict"},
    {"for other services", "v=DKIM1; k=ed25519; s=tlsrpt; p=" RAW_ED25519, 0,
     "ed25519 256 unusable"},
    {"for mail among other services", "v=DKIM1; k=ed25519; s=x:email; p=" RAW_ED25519, 0,
     "ed25519 256"},
    {"for another hash", "v=DKIM1; k=ed25519; h=sha1; p=" RAW_ED25519, 0,
     "ed25519 256 unusable"},
    {"for two hashes", "v=DKIM1; k=ed25519; h=sha1:sha256; p=" RAW_ED25519, 0,
     "ed25519 256"},
    {"white space in the key",
     "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7h \t"
     "cvPapiMlrwIaaPcHURo=",
     0, "ed25519 256"},
    {"RSA of 768 bits", "v=DKIM1; p=" SMALL, NDR_E_LIMIT, "768 bits"},
    {"a version that does not stand first", "p=" PKCS1 "; v=DKIM1", NDR_E_SYNTAX, "v="},
    {"another version", "v=DKIM2; p=" PKCS1, NDR_E_SYNTAX, "v="},
    {"no key", "v=DKIM1; k=rsa", NDR_E_SYNTAX, "p="},
    {"another type", "v=DKIM1; k=dsa; p=" PKCS1, NDR_E_SYNTAX, "k="},
    {"a key that is cut", "v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GN", NDR_E_SYNTAX,
     "no public key"},
    {"bytes behind a key", "v=DKIM1; k=rsa; p=" SPKI_ED25519, NDR_E_SYNTAX, "k="},
    {"RSA said to be Ed25519", "v=DKIM1; k=ed25519; p=" PKCS1, NDR_E_SYNTAX, "32 bytes"},
    {"31 bytes of Ed25519",
     "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHUQ==", NDR_E_SYNTAX,
     "32 bytes"},
    {"base64 that is none", "v=DKIM1; p=*", NDR_E_SYNTAX, "base64"},
    {"a key of an elliptic curve", PEM_EC, NDR_E_SYNTAX, "neither"},
    {"PEM without its end", "-----BEGIN PUBLIC KEY-----\nMFkw", NDR_E_SYNTAX, "PEM"},
    {"a private key", "-----BEGIN PRIVATE KEY-----\nMFkw\n-----END PRIVATE KEY-----",
     NDR_E_SYNTAX, "private"},
    {"a tag twice", "v=DKIM1; p=; p=", NDR_E_SYNTAX, "each once"},
    {"nothing", "", NDR_E_SYNTAX, "no key record"},
};

static void
test_row(void **state)
{
    const struct row *row = *state;
    unsigned char *text = exact_copy(row->text, strlen(row->text));
    ndr_dkim_key key;
    ndr_error err = {0};
    ndr_buffer said = {0};
    const int rc = ndr_dkim_key_read((ndr_slice){text, strlen(row->text)}, &key, &err);
    assert_int_equal(rc, row->code);
    if (rc == 0)
        ndr_buffer_printf(&said, "%s %u%s%s%s%s",
                          key.about.algorithm == NDR_DKIM_RSA ? "rsa" : "ed25519",
                          key.about.bits, key.about.small ? " small" : "",
                          key.about.revoked ? " revoked" : "",
                          key.strict ? " strict" : "", key.usable ? "" : " unusable");
    ndr_buffer_byte(&said, '\0');
    if (rc == 0)
        assert_string_equal((const char *)said.ptr, row->want);
    else
        assert_non_null(strstr(err.text, row->want));
    EVP_PKEY_free(key.pkey);
    ndr_buffer_free(&said);
    free(text);
}

static void
test_set(void **state)
{
    (void)state;
    ndr_error err = {0};
    ndr_dkim_key_about about;
    size_t index;
    ndr_dkim_keys *keys;
    assert_int_equal(ndr_dkim_keys_new(&keys, &err), 0);
    static const char *const selectors[] = {"m", "z", "a", "b2", "b"};
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(ndr_dkim_keys_add(keys, NDR_SLICE("B.Example"),
                                           ndr_slice_of(selectors[i]),
                                           NDR_SLICE(KEY_8463_ED25519), &about, &err),
                         0);
        assert_int_equal(about.bits, 256);
        assert_int_equal(ndr_dkim_keys_add(keys, NDR_SLICE("a.example"),
                                           ndr_slice_of(selectors[i]),
                                           NDR_SLICE(KEY_8463_RSA), NULL, &err),
                         0);
    }
    for (size_t i = 0; i < 5; i++) {
        const ndr_dkim_key *key =
            ndr_dkim_keys_find(keys, "b.example", ndr_slice_of(selectors[i]), &index);
        assert_non_null(key);
        assert_int_equal(key->about.algorithm, NDR_DKIM_ED25519);
        assert_true(index < 10);
    }
    assert_non_null(ndr_dkim_keys_find(keys, "a.example", NDR_SLICE("B2"), &index));
    assert_null(ndr_dkim_keys_find(keys, "a.example", NDR_SLICE("b3"), &index));
    assert_null(ndr_dkim_keys_find(keys, "a.example", NDR_SLICE(""), &index));
    assert_null(ndr_dkim_keys_find(keys, "c.example", NDR_SLICE("m"), &index));
    assert_true(
        ndr_slice_equal(ndr_dkim_keys_domain(keys, "b.example"), NDR_SLICE("b.example")));
    assert_int_equal(ndr_dkim_keys_domain(keys, "aa.example").len, 0);
    assert_int_equal(ndr_dkim_keys_domain(keys, "").len, 0);

    assert_int_equal(ndr_dkim_keys_add(keys, NDR_SLICE("a.example"), NDR_SLICE("M"),
                                       NDR_SLICE(KEY_8463_RSA), NULL, &err),
                     NDR_E_SYNTAX);
    assert_non_null(strstr(err.text, "already"));
    assert_int_equal(ndr_dkim_keys_add(keys, NDR_SLICE("a b"), NDR_SLICE("m"),
                                       NDR_SLICE(KEY_8463_RSA), NULL, &err),
                     NDR_E_SYNTAX);
    assert_int_equal(ndr_dkim_keys_add(keys, NDR_SLICE("a.example"), NDR_SLICE("m m"),
                                       NDR_SLICE(KEY_8463_RSA), NULL, &err),
                     NDR_E_SYNTAX);
    assert_int_equal(ndr_dkim_keys_add(keys, NDR_SLICE("c.example"), NDR_SLICE("m"),
                                       NDR_SLICE("p=*"), NULL, &err),
                     NDR_E_SYNTAX);
    assert_string_equal(err.text, "key 'm' of c.example: p= is no base64, or too long");
    assert_int_equal(ndr_dkim_keys_count(keys), 10);
    ndr_dkim_keys_free(keys);
    ndr_dkim_keys_free(NULL);
}

int
main(void)
{
    ADD_ROWS(rows, test_row);
    if (ndr_crypto_load(NULL) != 0)
        abort();
    add_test("a set is found by domain and selector, without case", test_set);
    return run_added(__FILE__);
}
