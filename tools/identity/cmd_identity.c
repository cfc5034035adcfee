/* SPDX-License-Identifier: BSD-3-Clause */
/* cmd_identity.c - `ndrscan identity init`, `check`, `list`: who are we? */
#include "app/commands.h"
#include "app/diag.h"
#include "app/places.h"
#include "app/tables.h"
#include "app/text.h"
#include "key_search.h"

#include <stdlib.h>
#include <string.h>

/* ---- init ---------------------------------------------------------------------- */

typedef struct init_args {
    const char *key, *selector, *root, *file;
    bool dry;
    char domain[256];
    char place[4096]; /* of `file` by default */
} init_args;

static int
default_file(char *path, size_t size)
{
    ndr_error err = {0};
    if (place_setting("identity.yaml", path, size, &err) == 0)
        return 0;
    diag("%s", err.text);
    return EXIT_NOT_RUN;
}

/* Below 0: go on; else the exit status. */
static int
take_args(init_args *a, opts *o)
{
    const char *arg;
    ndr_error err = {0};
    int id;
    while ((id = opts_next(o, &arg)) > 0)
        switch (id) {
        case OPT_KEY:
            a->key = arg;
            break;
        case OPT_SELECTOR:
            a->selector = arg;
            break;
        case OPT_ROOT:
            a->root = arg;
            break;
        case OPT_IDENTITY:
            a->file = arg;
            break;
        default:
            a->dry = true;
        }
    if (id < 0)
        return o->status;
    size_t count = 0;
    char **operand = opts_operands(o, &count);
    if (count != 1)
        return opts_mistake(o, "give one DOMAIN");
    if (ndr_domain_to_ascii(operand[0], a->domain, &err) != 0)
        return opts_mistake(o, "%s", err.text);
    if (a->selector != NULL && a->key == NULL)
        return opts_mistake(o, "--selector names the key of --key; add --key FILE");
    if (a->key != NULL && a->root != NULL)
        return opts_mistake(o, "--root is about settings, which --key does not look at; "
                               "leave one out");
    if (a->file == NULL) {
        a->file = a->place;
        return default_file(a->place, sizeof a->place) != 0 ? EXIT_NOT_RUN : -1;
    }
    return -1;
}

/* Does the text have an owner of a key record, as a zone does? */
static bool
is_zone(const ndr_buffer *text)
{
    return strstr((const char *)text->ptr, "._domainkey") != NULL;
}

/* The one key that --key names. */
static int
take_named(key_search *s, const init_args *a, const opts *o)
{
    ndr_buffer text;
    if (!keys_read(s, a->key, &text)) {
        if (!s->failed)
            diag("%s: no such file", a->key);
        return EXIT_NOT_RUN;
    }
    const bool zone = is_zone(&text);
    int status = 0;
    if (zone && a->selector != NULL)
        status =
            opts_mistake(o, "%s names its selector itself; leave --selector out", a->key);
    else if (zone && !zone_keys(s, (const char *)text.ptr, NDR_TIME_UNKNOWN, a->key))
        keys_fail(s, "%s publishes no key of %s", a->key, s->domain);
    keys_forget(&text);
    if (status == 0 && !zone && a->selector == NULL)
        return opts_mistake(o, "which selector has that key? add --selector NAME");
    if (status == 0 && !zone)
        keys_take_file(s, a->selector, a->key, "--key");
    return status;
}

static const char *
kind_of(const ndr_dkim_key_about *about, number ret)
{
    (void)snprintf(ret, sizeof(number),
                   about->algorithm == NDR_DKIM_RSA ? "RSA %u" : "Ed25519", about->bits);
    return ret;
}

/* "  mail  RSA 2048  /etc/dkimkeys/mail.private, named in /etc/opendkim/KeyTable" */
static void
show_found(const key_search *s)
{
    ndr_buffer out = {0};
    number kind;
    for (size_t i = 0; i < s->count; i++) {
        text_safe(&out, s->key[i].selector);
        ndr_buffer_printf(&out, "  %s  ", kind_of(&s->key[i].about, kind));
        text_safe(&out, ndr_slice_of(s->where[i]));
        if (strcmp(s->by[i], s->where[i]) != 0 && strcmp(s->by[i], "--key") != 0) {
            ndr_buffer_text(&out, ", named by ");
            text_safe(&out, ndr_slice_of(s->by[i]));
        }
        ndr_buffer_byte(&out, '\n');
        if (s->key[i].about.small)
            diag(
                "warning: the key of '%.*s' is short; signers should have 2048 bits (RFC "
                "8301)",
                (int)s->key[i].selector.len, (const char *)s->key[i].selector.ptr);
    }
    if (!out.failed && out.len > 0)
        (void)fwrite(out.ptr, 1, out.len, stdout);
    ndr_buffer_free(&out);
}

static int
write_found(const key_search *s, const init_args *a)
{
    ndr_error err = {0};
    size_t added = 0;
    if (place_make_above(a->file, 0755, &err) != 0 ||
        ndr_identity_add(a->file, ndr_slice_of(s->domain), s->key, s->count, &added,
                         &err) != 0) {
        diag("%s", err.text);
        return EXIT_NOT_RUN;
    }
    if (added == 0)
        (void)printf("%s has %s already\n", a->file, s->count == 1 ? "it" : "them");
    else
        (void)printf("%zu key%s of %s added to %s\n", added, added == 1 ? "" : "s",
                     s->domain, a->file);
    return EXIT_READ;
}

int
cmd_identity_init(opts *o)
{
    init_args a = {0};
    int status = take_args(&a, o);
    if (status >= 0)
        return status;
    key_search s = {.domain = a.domain, .root = a.root != NULL ? a.root : ""};
    if (a.key != NULL) {
        status = take_named(&s, &a, o);
    } else {
        opendkim_keys(&s);
        rspamd_keys(&s);
        exim_keys(&s);
        status = 0;
    }
    if (status == 0)
        show_found(&s);
    if (status == 0 && s.failed) {
        diag("nothing was written; as root all can be read, and --key FILE --selector "
             "NAME "
             "takes one key alone");
        status = EXIT_NOT_RUN;
    } else if (status == 0 && s.count == 0) {
        diag(
            "no DKIM key of %s in %zu file%s of OpenDKIM, rspamd and Exim; name one with "
            "--key FILE --selector NAME",
            a.domain, s.looked, s.looked == 1 ? "" : "s");
        status = EXIT_NOT_RUN;
    } else if (status == 0 && !a.dry) {
        status = write_found(&s, &a);
    }
    keys_free(&s);
    const int closed = finish_stdout();
    return status != 0 ? status : closed;
}

/* ---- check and list -------------------------------------------------------------- */

static void
warn(void *ctx, const char *text)
{
    size_t *count = ctx;
    (*count)++;
    diag("warning: %s", text);
}

/* Below 0: *ret is loaded; else the exit status. */
static int
load_file(opts *o, size_t *warnings, ndr_identity_table **ret)
{
    const char *arg;
    char place[4096];
    ndr_error err = {0};
    size_t count = 0;
    if (opts_next(o, &arg) != 0)
        return o->status;
    char **operand = opts_operands(o, &count);
    if (count > 1)
        return opts_mistake(o, "give one FILE, or none");
    if (count == 0 && default_file(place, sizeof place) != 0)
        return EXIT_NOT_RUN;
    if (ndr_identity_load(count == 1 ? operand[0] : place, warn, warnings, ret, &err) ==
        0)
        return -1;
    diag("%s", err.text);
    return EXIT_NOT_RUN;
}

int
cmd_identity_check(opts *o)
{
    size_t warnings = 0, keys = 0;
    ndr_identity_table *t = NULL;
    const int status = load_file(o, &warnings, &t);
    if (status >= 0)
        return status;
    const size_t domains = ndr_identity_rows(t)->count;
    const ndr_identity_key *key = ndr_identity_keys(t, &keys);
    number a, b;
    for (size_t i = 0; i < keys; i++)
        if (key[i].about.small) {
            warnings++;
            diag(
                "warning: the key '%.*s' of %.*s is short; signers should have 2048 bits "
                "(RFC 8301)",
                (int)key[i].selector.len, (const char *)key[i].selector.ptr,
                (int)key[i].domain.len, (const char *)key[i].domain.ptr);
        }
    (void)printf("%s domain%s, %s key%s", text_count(a, domains), domains == 1 ? "" : "s",
                 text_count(b, keys), keys == 1 ? "" : "s");
    if (warnings > 0)
        (void)printf("; %s warning%s", text_count(a, warnings), warnings == 1 ? "" : "s");
    (void)putchar('\n');
    ndr_identity_free(t);
    return finish_stdout();
}

static void
list_domain(const ndr_identity_domain *d, const ndr_identity_key *key, size_t keys,
            ndr_buffer *out)
{
    char at[32];
    number kind;
    ndr_domain_show(d->domain, out);
    ndr_buffer_byte(out, '\n');
    for (size_t i = 0; i < keys; i++) {
        if (!ndr_slice_equal(key[i].domain, d->domain))
            continue;
        ndr_buffer_text(out, "  dkim  ");
        text_safe(out, key[i].selector);
        ndr_buffer_printf(
            out, "  %s", key[i].about.revoked ? "revoked" : kind_of(&key[i].about, kind));
        if (key[i].since != NDR_TIME_UNKNOWN) {
            ndr_time_format(key[i].since, at);
            ndr_buffer_printf(out, "  since %s", at);
        }
        ndr_buffer_byte(out, '\n');
    }
    if (d->dkim_since != NDR_TIME_UNKNOWN) {
        ndr_time_format(d->dkim_since, at);
        ndr_buffer_printf(out, "  all mail is signed since %s\n", at);
    }
    ndr_buffer_printf(out, "  a message may take %d days to come back\n",
                      d->sent_days > 0 ? d->sent_days : 30);
    for (size_t i = 0; i < d->host_count; i++)
        ndr_buffer_printf(out, "  host  %.*s\n", (int)d->host[i].len,
                          (const char *)d->host[i].ptr);
    for (size_t i = 0; i < d->submitter_count; i++)
        ndr_buffer_printf(out, "  submitter  %.*s\n", (int)d->submitter[i].len,
                          (const char *)d->submitter[i].ptr);
    if (d->batv_key_count > 0)
        ndr_buffer_printf(out, "  batv  %zu secret%s\n", d->batv_key_count,
                          d->batv_key_count == 1 ? "" : "s");
    if (d->srs_secret_count > 0)
        ndr_buffer_printf(out, "  srs  %zu secret%s\n", d->srs_secret_count,
                          d->srs_secret_count == 1 ? "" : "s");
}

int
cmd_identity_list(opts *o)
{
    size_t warnings = 0, keys = 0;
    ndr_identity_table *t = NULL;
    ndr_buffer out = {0};
    const int status = load_file(o, &warnings, &t);
    if (status >= 0)
        return status;
    const ndr_identity *rows = ndr_identity_rows(t);
    const ndr_identity_key *key = ndr_identity_keys(t, &keys);
    for (size_t i = 0; i < rows->count; i++)
        list_domain(&rows->row[i], key, keys, &out);
    const bool failed = out.failed;
    if (failed)
        diag("out of memory");
    else if (out.len > 0)
        (void)fwrite(out.ptr, 1, out.len, stdout);
    ndr_buffer_free(&out);
    ndr_identity_free(t);
    const int closed = finish_stdout();
    return failed ? EXIT_NOT_RUN : closed;
}
