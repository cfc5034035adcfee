/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "ndrscan_rules.h"

#include "scratch.h"

/* Of RFC 8463 A.2 and of RFC 6376 C, and an RSA key of 512 bits. */
#define ED "\"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\""
#define RSA                                                                              \
    "\"v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLn" \
    "Qg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2g" \
    "bto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB\""
#define SHORT                                                                            \
    "\"v=DKIM1; "                                                                        \
    "p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAK+u/ysIlNk3mQdxcTAxIe1nov+Y4i6rQnn8HL"           \
    "6wSv/y7G9pJeVVAKSFRB3jSKbDLlVsG+frAO4ZqrB3sHzyLlcCAwEAAQ==\""

#define I   "identities:\n"
#define A   "  - domain: example.com\n"
#define KEY "    dkim: [{selector: s, key: " ED "}]\n"

typedef struct text_row {
    const char *why, *text, *want;
} text_row;

static void
add_list(ndr_buffer *out, const char *name, const ndr_slice *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ndr_buffer_printf(out, " %s=%.*s", name, (int)list[i].len,
                          (const char *)list[i].ptr);
}

/* A domain as a line, with its keys behind it. */
static void
print_domain(const ndr_identity_table *t, const ndr_identity_domain *d, ndr_buffer *out)
{
    char at[32];
    size_t count;
    ndr_buffer_printf(out, "%s%.*s", out->len > 0 ? "\n" : "", (int)d->domain.len,
                      (const char *)d->domain.ptr);
    const ndr_identity_key *key = ndr_identity_keys(t, &count);
    for (size_t i = 0; i < count; i++)
        if (ndr_slice_equal(key[i].domain, d->domain)) {
            ndr_buffer_printf(out, " %.*s:%u%s", (int)key[i].selector.len,
                              (const char *)key[i].selector.ptr, key[i].about.bits,
                              key[i].about.revoked ? ":revoked" : "");
            if (key[i].since != NDR_TIME_UNKNOWN) {
                ndr_time_format(key[i].since, at);
                ndr_buffer_printf(out, "/%s", at);
            }
        }
    if (d->dkim_since != NDR_TIME_UNKNOWN) {
        ndr_time_format(d->dkim_since, at);
        ndr_buffer_printf(out, " all since %s", at);
    }
    if (d->sent_days != 0)
        ndr_buffer_printf(out, " days=%d", d->sent_days);
    add_list(out, "host", d->host, d->host_count);
    add_list(out, "net", d->submitter, d->submitter_count);
    add_list(out, "batv", d->batv_key, d->batv_key_count);
    add_list(out, "srs", d->srs_secret, d->srs_secret_count);
}

static const text_row goods[] = {
    {"an empty file", "", ""},
    {"the key with nothing behind it", I, ""},
    {"a domain alone", I A, "example.com"},
    {"a key", I A KEY, "example.com s:256"},
    {"everything",
     I "  - domain: B\xc3\xbc"
       "cher.example.\n"
       "    dkim:\n      - {selector: Mail, key: " RSA
       ", since: '2024-02-01T00:00:00Z'}\n"
       "      - selector: old\n        key: 'v=DKIM1; p='\n"
       "    all-mail: [dkim]\n    since: 2026-01-01T00:00:00+01:00\n    sent-days: 7\n"
       "    hosts: [MX1.example.com, mx2.example.com.]\n"
       "    submitters: [192.0.2.0/24, '2001:DB8::/32', 192.0.2.1]\n"
       "    batv: {secrets-file: DIR/two}\n    srs: {secrets-file: DIR/one}\n",
     "xn--bcher-kva.example Mail:1024/2024-02-01T00:00:00Z old:0:revoked "
     "all since 2025-12-31T23:00:00Z days=7 host=mx1.example.com host=mx2.example.com "
     "net=192.0.2.0/24 net=2001:db8::/32 net=192.0.2.1 batv=new one batv=old srs=alone"},
    {"sorted by domain; a selector counts for its domain alone",
     I "  - domain: b.example\n" KEY "  - domain: a.example\n" KEY,
     "a.example s:256\nb.example s:256"},
};

static const text_row bads[] = {
    {"a newer version", "version: 2\n" I A "    new: x\n",
     "1:version 2, which a newer ndrscan wrote; this one reads version 1"},
    {"an unknown key", I A "    dkmi: []\n",
     "3:identity 1 (example.com): unknown key 'dkmi'; allowed: domain, dkim, all-mail, "
     "since, sent-days, hosts, submitters, batv, srs"},
    {"an unknown key of a key", I A "    dkim:\n      - {selector: s, kye: x}\n",
     "4:identity 1 (example.com): unknown key 'kye'; allowed: selector, key, since"},
    {"no domain", I "  - hosts: [a.example]\n",
     "2:identity 1: the key 'domain' is missing"},
    {"a domain that is none", I "  - domain: a b\n", "2:identity 1 (a b): "},
    {"a domain twice", I A KEY "  - domain: a.example\n  - domain: EXAMPLE.com\n",
     "5:identity 3 (example.com): the domain is there already, in DIR/i.yaml:2; unite "
     "them"},
    {"a selector twice",
     I A "    dkim:\n      - {selector: s, key: " ED "}\n      - {selector: S, key: " ED
         "}\n",
     "5:identity 1 (example.com): example.com has a selector 'S' already"},
    {"no key", I A "    dkim:\n      - {selector: s, key: x}\n",
     "4:identity 1 (example.com): key 's' of example.com: "},
    {"a short key", I A "    dkim:\n      - {selector: s, key: " SHORT "}\n",
     "4:identity 1 (example.com): key 's' of example.com: is an RSA key of 512 bits"},
    {"a private key",
     I A "    dkim:\n      - selector: s\n        key: |\n          -----BEGIN PRIVATE "
         "KEY-----\n          MC4C\n          -----END PRIVATE KEY-----\n",
     "4:identity 1 (example.com): key 's' of example.com: is a private key"},
    {"all-mail without since", I A KEY "    all-mail: [dkim]\n",
     "4:identity 1 (example.com): all-mail needs since"},
    {"all-mail without keys",
     I A "    all-mail: [dkim]\n    since: 2026-01-01T00:00:00Z\n",
     "3:identity 1 (example.com): all-mail: [dkim] needs the keys; add dkim"},
    {"all-mail by tags",
     I A KEY "    all-mail: [batv]\n    since: 2026-01-01T00:00:00Z\n",
     "4:identity 1 (example.com): all-mail cannot say batv: "},
    {"all-mail by what is no proof",
     I A KEY "    all-mail: [spf]\n    since: 2026-01-01T00:00:00Z\n",
     "4:identity 1 (example.com): unknown proof 'spf'; all-mail may say dkim"},
    {"since alone", I A KEY "    since: 2026-01-01T00:00:00Z\n",
     "4:identity 1 (example.com): since is the time from which all-mail is true"},
    {"since without a zone", I A KEY "    all-mail: [dkim]\n    since: 2026-01-01\n",
     "5:identity 1 (example.com): since: "},
    {"no days", I A "    sent-days: 0\n",
     "3:identity 1 (example.com): sent-days is 0; give 1 to 365"},
    {"a network that is none", I A "    submitters: [192.0.2.0/24, 192.0.2.0/33]\n",
     "3:identity 1 (example.com): '192.0.2.0/33' is no network such as"},
    {"a host that is none", I A "    hosts: ['a..b']\n", "3:identity 1 (example.com): "},
    {"secrets at a path that depends on where one stands",
     I A "    batv: {secrets-file: batv.secret}\n",
     "3:identity 1 (example.com): secrets-file 'batv.secret' does not begin with a "
     "slash"},
    {"secrets in the file itself", I A "    srs: geheim\n",
     "3:identity 1 (example.com): 'srs' must be keys with values, found text"},
};

/* What is left out, and told so. */
static const text_row lefts[] = {
    {"a file of secrets that is not there",
     I A "    hosts: [a.example]\n    batv: {secrets-file: DIR/none}\n",
     "4:identity 1 (example.com): batv proves nothing: open 'DIR/none'"},
    {"one that everybody may read", I A "    srs: {secrets-file: DIR/open}\n",
     "3:identity 1 (example.com): srs proves nothing: 'DIR/open' is open to everybody"},
    {"one that is empty", I A "    srs: {secrets-file: DIR/empty}\n",
     "3:identity 1 (example.com): srs proves nothing: 'DIR/empty' holds no secret"},
    {"a folder", I A "    srs: {secrets-file: DIR/}\n",
     "3:identity 1 (example.com): srs proves nothing: 'DIR/' is no regular file"},
};

static char told[2000];

static void
keep_trouble(void *ctx, const char *text)
{
    (void)ctx;
    (void)snprintf(told, sizeof told, "%s", text);
}

static const char *
write_case(const char *text)
{
    char full[8000];
    (void)chmod(scratch_text("two", "new one\r\n\nold\n"), 0640);
    (void)chmod(scratch_text("one", "alone"), 0600);
    (void)chmod(scratch_text("empty", "\n"), 0600);
    (void)chmod(scratch_text("open", "alone\n"), 0644);
    scratch_expand(text, full, sizeof full);
    return scratch_text("i.yaml", full);
}

static void
good_test(void **state)
{
    const text_row *row = *state;
    ndr_identity_table *t = NULL;
    ndr_error err = {0};
    ndr_buffer out = {0};
    scratch_begin();
    told[0] = '\0';
    const int rc = ndr_identity_load(write_case(row->text), keep_trouble, NULL, &t, &err);
    scratch_end();
    assert_string_equal(err.text, "");
    assert_int_equal(rc, 0);
    assert_string_equal(told, "");
    const ndr_identity *i = ndr_identity_rows(t);
    for (size_t n = 0; n < i->count; n++)
        print_domain(t, &i->row[n], &out);
    ndr_buffer_byte(&out, '\0');
    assert_string_equal((char *)out.ptr, row->want);
    ndr_buffer_free(&out);
    ndr_identity_free(t);
}

/* Does the text begin with FILE:LINE: words of "LINE:words"? */
static void
check_words(const char *text, const char *want)
{
    char full[2000], expanded[2000];
    const char *colon = strchr(want, ':');
    (void)snprintf(full, sizeof full, "DIR/i.yaml:%.*s: %s", (int)(colon - want), want,
                   colon + 1);
    scratch_expand(full, expanded, sizeof expanded);
    if (strncmp(text, expanded, strlen(expanded)) != 0)
        assert_string_equal(text, expanded);
}

static void
bad_test(void **state)
{
    const text_row *row = *state;
    ndr_identity_table *t = NULL;
    ndr_error err = {0};
    scratch_begin();
    const int rc = ndr_identity_load(write_case(row->text), NULL, NULL, &t, &err);
    check_words(err.text, row->want);
    scratch_end();
    assert_true(rc < 0);
    assert_null(t);
}

static void
left_test(void **state)
{
    const text_row *row = *state;
    ndr_identity_table *t = NULL;
    ndr_error err = {0};
    scratch_begin();
    told[0] = '\0';
    const int rc = ndr_identity_load(write_case(row->text), keep_trouble, NULL, &t, &err);
    check_words(told, row->want);
    scratch_end();
    assert_int_equal(rc, 0);
    const ndr_identity_domain *d = ndr_identity_rows(t)->row;
    assert_int_equal(d->batv_key_count + d->srs_secret_count, 0);
    ndr_identity_free(t);
}

static void
absent_test(void **state)
{
    ndr_identity_table *t = NULL;
    ndr_error err = {0};
    (void)state;
    scratch_begin();
    assert_int_equal(ndr_identity_load(scratch_path("none.yaml"), NULL, NULL, &t, &err),
                     NDR_E_SYS);
    scratch_end();
    assert_null(t);
}

int
main(void)
{
    ADD_ROWS(goods, good_test);
    ADD_ROWS(bads, bad_test);
    ADD_ROWS(lefts, left_test);
    add_test("a file that is not there", absent_test);
    return run_added("identity_file");
}
