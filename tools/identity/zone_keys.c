/* SPDX-License-Identifier: BSD-3-Clause */
/* zone_keys.c - which keys does the text of a zone publish? (RFC 1035 5.1) */
#include "key_search.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The selector of "SELECTOR._domainkey" or "SELECTOR._domainkey.DOMAIN."; "" for what is
 * none, or of another domain. */
static void
selector_of(const key_search *s, ndr_slice owner, char ret[256])
{
    static const char middle[] = "._domainkey";
    char name[600];
    ret[0] = '\0';
    if (owner.len >= sizeof name)
        return;
    memcpy(name, owner.ptr, owner.len);
    name[owner.len] = '\0';
    char *at = strstr(name, middle);
    if (at == NULL || (size_t)(at - name) >= 256)
        return;
    char *domain = at + sizeof middle - 1;
    const size_t n = strlen(domain);
    if (n > 0 && domain[n - 1] == '.')
        domain[n - 1] = '\0';
    if (domain[0] != '\0' && (domain[0] != '.' || strcasecmp(domain + 1, s->domain) != 0))
        return;
    memcpy(ret, name, (size_t)(at - name));
    ret[at - name] = '\0';
}

/* A string between quotes; *text is left behind it. */
static void
add_string(const char **text, ndr_buffer *out)
{
    const char *at = *text + 1;
    for (; *at != '\0' && *at != '"'; at++) {
        if (*at == '\\' && at[1] != '\0')
            at++;
        ndr_buffer_byte(out, (unsigned char)*at);
    }
    *text = *at == '"' ? at + 1 : at;
}

bool
zone_keys(key_search *s, const char *text, int64_t since, const char *where)
{
    const size_t before = s->count;
    char selector[256] = "";
    ndr_buffer value = {0};
    bool line_begins = true, failed = s->failed;
    int open = 0;
    for (;;) {
        const bool ends = *text == '\0' || (*text == '\n' && open <= 0);
        if (ends && selector[0] != '\0' && value.len > 0)
            keys_take_text(s, selector, (ndr_slice){value.ptr, value.len}, since, where,
                           where);
        if (ends) {
            ndr_buffer_clear(&value);
            line_begins = true;
            if (*text == '\0')
                break;
            text++;
        } else if (*text == ';') {
            text += strcspn(text, "\n");
        } else if (*text == '(' || *text == ')') {
            open += *text++ == '(' ? 1 : -1;
        } else if (*text == '"') {
            add_string(&text, &value);
        } else if (*text == ' ' || *text == '\t' || *text == '\r' || *text == '\n') {
            text++;
            line_begins = false; /* the owner is the last one's */
        } else {
            const size_t n = strcspn(text, " \t\r\n();\"");
            if (line_begins)
                selector_of(s, (ndr_slice){(const unsigned char *)text, n}, selector);
            line_begins = false;
            text += n;
        }
    }
    ndr_buffer_free(&value);
    return s->count > before || s->failed != failed;
}
