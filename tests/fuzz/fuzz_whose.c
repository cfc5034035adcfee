/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_whose.c - is whose mail came back judged alike, and forged only what is whole?
 *
 * An input is the bounce's header, a line "%%", and what it returns.
 */
#include "fuzz.h"

#include "../engine/proof/rfc_mail.h"
#include "ndrscan_proof.h"

enum { BYTES_LIMIT = 128 << 10, ARRIVED = 1772452800, SINCE = 1000000000 };

static ndr_dkim_keys *keys;
static ndr_prover *prover;

static const ndr_slice host[] = {{(const unsigned char *)"mail.example.com", 16}};
static const ndr_slice net[] = {{(const unsigned char *)"198.51.100.0/24", 15}};
static const ndr_slice secret[] = {{(const unsigned char *)"secret", 6}};
static const ndr_identity_domain rows[] = {
    {.domain = {(const unsigned char *)"football.example.com", 20},
     .dkim_since = SINCE,
     .batv_key = secret,
     .batv_key_count = 1,
     .srs_secret = secret,
     .srs_secret_count = 1,
     .host = host,
     .host_count = 1,
     .submitter = net,
     .submitter_count = 1},
};
static ndr_identity identity = {.row = rows, .count = 1};

/* One id is known, and no other. */
static int
ask_sent(void *ctx, ndr_slice id, ndr_slice domain, ndr_slice recipient, int64_t bounced,
         int days)
{
    (void)ctx;
    LAW(domain.len == 20 && days == 30 && bounced == ARRIVED, "%d days", days);
    LAW(id.len > 0 && id.len <= 1024 && recipient.len < 64, "%zu", id.len);
    return ndr_slice_equal(id, NDR_SLICE("known@football.example.com")) ? 1 : 0;
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    ndr_error err;
    const ndr_slice domain = rows[0].domain;
    LAW(ndr_dkim_keys_new(&keys, &err) == 0, "%s", err.text);
    LAW(ndr_dkim_keys_add(keys, domain, NDR_SLICE("brisbane"),
                          NDR_SLICE(KEY_8463_ED25519), NULL, &err) == 0,
        "%s", err.text);
    LAW(ndr_dkim_keys_add(keys, domain, NDR_SLICE("test"), NDR_SLICE(KEY_8463_RSA), NULL,
                          &err) == 0,
        "%s", err.text);
    identity.dkim = keys;
    LAW(ndr_prover_new(&identity, ask_sent, NULL, &prover, &err) == 0, "%s", err.text);
    return 0;
}

static ndr_evidence
judge(ndr_slice header, ndr_slice returned, bool apart, unsigned flags)
{
    const ndr_recipient failed = {.final = NDR_SLICE("suzie@shopping.example.net")};
    const ndr_verdict v = {
        .recipient = NDR_SLICE("joe@football.example.com"),
        .local = NDR_SLICE("joe"),
        .domain = rows[0].domain,
        .arrived = ARRIVED,
        .recipients = &failed,
        .recipient_count = 1,
        .flags = flags,
        .returned = {.message_id = NDR_SLICE("x@football.example.com"),
                     .return_path = NDR_SLICE("joe@football.example.com")},
    };
    const ndr_returned_bytes r = {.bytes = returned, .apart = apart};
    ndr_error err;
    ndr_evidence e;
    LAW(ndr_prover_judge(prover, header, &r, &v, &e, &err) == 0, "%s", err.text);
    LAW(e.known && e.count <= NDR_PROOFS && e.decisive < (int)e.count, "%d of %zu",
        e.decisive, e.count);
    LAW((e.whose == NDR_WHOSE_UNKNOWN) == (e.decisive < 0), "%d", e.decisive);
    for (size_t i = 0; i < e.count; i++) {
        LAW(e.proof[i].name != NULL && e.proof[i].result != NULL, "row %zu", i);
        LAW(memchr(e.proof[i].detail, '\0', sizeof e.proof[i].detail) != NULL, "row %zu",
            i);
        for (const char *d = e.proof[i].detail; *d != '\0'; d++)
            LAW(*d >= ' ' && *d <= '~', "%s: a byte %02x", e.proof[i].name,
                (unsigned)(unsigned char)*d);
    }
    return e;
}

static bool
holds(ndr_slice text, const char *word)
{
    const ndr_slice w = ndr_slice_of(word);
    for (size_t i = 0; i + w.len <= text.len; i++)
        if (ndr_slice_equal_nocase((ndr_slice){text.ptr + i, w.len}, w))
            return true;
    return false;
}

/* What is forged bears no sign of us, and would not be so in text. */
static void
check_forged(ndr_slice header, ndr_slice returned)
{
    LAW(!holds(returned, "dkim-signature: v=1; d=football.example.com"), "signed");
    LAW(holds(returned, "received") && holds(returned, "from") &&
            holds(header, "received"),
        "a field is not there");
    LAW(judge(header, returned, false, 0).whose == NDR_WHOSE_UNKNOWN, "in text");
    const size_t cut = returned.len > 0 ? returned.len - 1 : 0;
    unsigned char *copy = fuzz_copy(returned.ptr, cut / 2);
    const ndr_evidence e =
        judge(header, (ndr_slice){copy, cut / 2}, true, NDR_MSG_TRUNCATED);
    /* half of it, unless the header ends in that half */
    LAW(e.whose == NDR_WHOSE_UNKNOWN || holds((ndr_slice){copy, cut / 2}, "\n\n") ||
            holds((ndr_slice){copy, cut / 2}, "\n\r"),
        "cut");
    free(copy);
}

static ndr_buffer
with_crlf(ndr_slice text)
{
    ndr_buffer out = {0};
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\n' && (i == 0 || text.ptr[i - 1] != '\r'))
            ndr_buffer_byte(&out, '\r');
        ndr_buffer_byte(&out, text.ptr[i]);
    }
    return out;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static const char mark[] = "\n%%\n";
    size_t split = n;
    if (n > BYTES_LIMIT)
        return -1;
    for (size_t i = 0; i + sizeof mark - 1 <= n && split == n; i++)
        if (memcmp(bytes + i, mark, sizeof mark - 1) == 0)
            split = i + 1;
    const size_t begin = split < n ? split + 3 : n;
    unsigned char *head = fuzz_copy(bytes, split);
    unsigned char *back = fuzz_copy(bytes + begin, n - begin);
    const ndr_slice header = {head, split}, returned = {back, n - begin};
    const ndr_evidence e = judge(header, returned, true, 0);
    const ndr_evidence again = judge(header, returned, true, 0);
    LAW(e.whose == again.whose && e.count == again.count && e.decisive == again.decisive,
        "judged again: %s, %s", ndr_whose_name(e.whose), ndr_whose_name(again.whose));
    if (e.whose == NDR_WHOSE_FORGED)
        check_forged(header, returned);
    if (n < 40000 && (n == 0 || bytes[n - 1] != '\r')) {
        ndr_buffer h = with_crlf(header), r = with_crlf(returned);
        const ndr_evidence crlf =
            judge((ndr_slice){h.ptr, h.len}, (ndr_slice){r.ptr, r.len}, true, 0);
        LAW(e.whose == crlf.whose, "with CRLF: %s, %s", ndr_whose_name(e.whose),
            ndr_whose_name(crlf.whose));
        ndr_buffer_free(&h);
        ndr_buffer_free(&r);
    }
    free(head);
    free(back);
    return 0;
}
