/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * say_dkim.c - what does the verifier say of these messages? For the scripts beside it.
 *
 *   say_dkim KEYS < LIST
 *
 * KEYS has a line "SELECTOR DOMAIN RECORD" for each key. LIST has a line for each
 * message: its path, then after a blank what the answer is to tell besides: `whole` when
 * its body is all there, an address to look for among the signed ones. A line of JSON
 * comes for each.
 */
#include "ndrscan_proof.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
die(const char *what, const char *why)
{
    (void)fprintf(stderr, "say_dkim: %s: %s\n", what, why);
    exit(2);
}

static unsigned char *
load(const char *path, size_t *len)
{
    FILE *f = fopen(path, "rb");
    unsigned char *bytes = malloc(8 << 20);
    if (f == NULL || bytes == NULL)
        die(path, "cannot be read");
    *len = fread(bytes, 1, 8 << 20, f);
    (void)fclose(f);
    unsigned char *exact = realloc(bytes, *len > 0 ? *len : 1);
    return exact != NULL ? exact : bytes;
}

static void
load_keys(ndr_dkim_keys *keys, const char *path)
{
    char line[8192];
    FILE *f = fopen(path, "r");
    if (f == NULL)
        die(path, "cannot be read");
    while (fgets(line, sizeof line, f) != NULL) {
        ndr_error err;
        char *selector = strtok(line, " "), *domain = strtok(NULL, " ");
        char *record = strtok(NULL, "\n");
        if (record == NULL ||
            ndr_dkim_keys_add(keys, ndr_slice_of(domain), ndr_slice_of(selector),
                              ndr_slice_of(record), NULL, &err) != 0)
            die(path, record == NULL ? "is no list of keys" : err.text);
    }
    (void)fclose(f);
}

static void
say(const ndr_dkim_report *r, const char *address)
{
    (void)printf("{\"unquoted\": %d, \"complete\": %d, \"too_large\": %d, \"from\": %u, "
                 "\"others\": %zu, \"unread\": %zu, \"signatures\": [",
                 r->unquoted, r->complete, r->too_large, r->from_fields, r->others,
                 r->unread);
    for (size_t i = 0; i < r->count; i++) {
        const ndr_dkim_signature *s = &r->signatures[i];
        (void)printf(
            "%s{\"selector\": \"%.*s\", \"result\": \"%s\", \"why\": \"%s\", "
            "\"body\": \"%s\", \"to\": %d, \"cc\": %d, \"expired\": %d, "
            "\"names\": %d, \"instance\": \"%02x%02x%02x%02x\"}",
            i > 0 ? ", " : "", (int)s->selector.len, (const char *)s->selector.ptr,
            ndr_dkim_result_name(s->result), s->why, ndr_dkim_body_name(s->body),
            s->signed_to, s->signed_cc, s->expired,
            address != NULL && ndr_dkim_signed_recipient(s, ndr_slice_of(address)),
            s->instance.id[0], s->instance.id[1], s->instance.id[2], s->instance.id[3]);
    }
    (void)puts("]}");
}

int
main(int argc, char **argv)
{
    char line[4096];
    ndr_error err;
    ndr_dkim_verifier *v;
    static ndr_dkim_report report;
    if (argc != 2)
        die("usage", "say_dkim KEYS < LIST");
    ndr_dkim_keys *keys;
    if (ndr_dkim_keys_new(&keys, &err) != 0)
        die("keys", err.text);
    load_keys(keys, argv[1]);
    if (ndr_dkim_verifier_new(keys, &v, &err) != 0)
        die("verifier", err.text);
    while (fgets(line, sizeof line, stdin) != NULL) {
        size_t len;
        char *path = strtok(line, " \n"), *whole = strtok(NULL, " \n");
        if (path == NULL)
            die("list", "a line is empty");
        char *address = whole != NULL ? strtok(NULL, " \n") : NULL;
        unsigned char *bytes = load(path, &len);
        const ndr_dkim_question q = {.message = {bytes, len},
                                     .whole =
                                         whole != NULL && strcmp(whole, "whole") == 0,
                                     .sent_at = NDR_TIME_UNKNOWN};
        if (ndr_dkim_verify(v, &q, &report, &err) != 0)
            die(path, err.text);
        say(&report, address);
        free(bytes);
    }
    ndr_dkim_verifier_free(v);
    ndr_dkim_keys_free(keys);
    return 0;
}
