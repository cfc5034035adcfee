/* SPDX-License-Identifier: BSD-3-Clause */
/* domain_name.c - which A-labels does an operator's domain mean? */
#include "ndrscan_rules.h"

#include "quote.h"

#include <idn2.h>
#include <string.h>

static bool
is_ascii(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text >= 0x80)
            return false;
    return true;
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The underscore is in no host name, but some mail domains have one. */
static bool
is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_';
}

/* What is wrong with lower-case ASCII `name`, and the remedy; NULL when nothing is. */
static const char *
fault_of(const char *name)
{
    if (name[0] == '\0')
        return "is empty; write a domain like example.com";
    if (strlen(name) > 253)
        return "is longer than a domain can be (253 bytes)";
    size_t label = 0, digits = 0;
    for (const char *p = name;; p++) {
        if (*p == '.' || *p == '\0') {
            if (label == 0)
                return "has an empty label; take the superfluous dot out";
            if (label > 63)
                return "has a label longer than 63 bytes";
            if (p[-1] == '-' || *(p - label) == '-')
                return "has a label that begins or ends with a hyphen";
            if (*p == '\0')
                break;
            label = digits = 0;
            continue;
        }
        if (!is_name_char(*p))
            return "is no domain; write letters, digits, hyphens and dots, like "
                   "example.com";
        label++;
        digits += is_digit(*p) ? 1 : 0;
    }
    if (digits == label)
        return "is an IP address; write a domain like example.com";
    return NULL;
}

int
ndr_domain_to_ascii(const char *domain, char ret[256], ndr_error *err)
{
    char said[NDR_QUOTE_MAX];
    ndr_quote(ndr_slice_of(domain), said);

    if (strchr(domain, '@') != NULL)
        return ndr_fail(err, NDR_E_SYNTAX, "%s is an address; write what is behind the @",
                        said);
    if (strncmp(domain, "*.", 2) == 0 || domain[0] == '.')
        return ndr_fail(
            err, NDR_E_SYNTAX,
            "%s: write the domain alone, and subdomains: true for the names below it",
            said);

    char *made = NULL;
    const char *name = domain;
    if (!is_ascii(domain)) {
        const int rc =
            idn2_to_ascii_8z(domain, &made, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
        if (rc == IDN2_MALLOC)
            return ndr_fail(err, NDR_E_NOMEM, "domain %s", said);
        if (rc != IDN2_OK)
            return ndr_fail(err, NDR_E_SYNTAX, "%s is no domain (%s)", said,
                            idn2_strerror(rc));
        name = made;
    }

    char text[256];
    size_t n = strlen(name);
    if (n > 0 && name[n - 1] == '.')
        n--;
    n = n < sizeof text ? n : sizeof text - 1; /* over 253 is refused below */
    for (size_t i = 0; i < n; i++)
        text[i] = name[i] >= 'A' && name[i] <= 'Z' ? (char)(name[i] | 0x20) : name[i];
    text[n] = '\0';
    if (made != NULL)
        idn2_free(made);

    const char *fault = fault_of(text);
    if (fault != NULL)
        return ndr_fail(err, NDR_E_SYNTAX, "%s %s", said, fault);
    memcpy(ret, text, n + 1);
    return 0;
}

void
ndr_domain_show(ndr_slice domain, ndr_buffer *out)
{
    char ascii[256], again[256];
    char *shown = NULL;
    bool same = false;
    if (domain.len < sizeof ascii) {
        memcpy(ascii, domain.ptr, domain.len);
        ascii[domain.len] = '\0';
        if (strstr(ascii, "xn--") != NULL &&
            idn2_to_unicode_8z8z(ascii, &shown, 0) == IDN2_OK)
            same = !is_ascii(shown) && ndr_domain_to_ascii(shown, again, NULL) == 0 &&
                   strcmp(again, ascii) == 0;
    }
    if (same)
        ndr_buffer_printf(out, "%s (", shown);
    ndr_buffer_add(out, domain);
    if (same)
        ndr_buffer_byte(out, ')');
    if (shown != NULL)
        idn2_free(shown);
}
