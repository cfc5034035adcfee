/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * edit_identity.c - how do keys come into an operator's file, and nothing is lost?
 *
 *   lock the folder, read, put lines in, load the result and compare it with what was
 *   meant, write beside, sync, rename, sync the folder
 */
#define _DEFAULT_SOURCE /* realpath */
#include "identity_file.h"
#include "ndr_file.h"
#include "quote.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SHOWN_MAX = 200 };

static const char head[] = "# Who we are, ndrscan-identity(5). ndrscan identity init "
                           "adds keys to this file; what\n"
                           "# is written here by hand, comments too, stays as it is.\n";

typedef struct edit {
    char *path;       /* of the file itself, behind links */
    const char *name; /* its last word */
    char shown[SHOWN_MAX];
    int dir; /* of its folder, locked; or -1 */
    ndr_files files;
    ndr_identity_table *was; /* NULL: no file, or one that says nothing */
    ndr_yaml yaml;
    ndr_slice text; /* as it is */
    ndr_buffer now; /* as it is to be */
    bool there;
    ndr_slice domain;
    const ndr_identity_key **fresh; /* keys that it lacks */
    size_t fresh_count;
} edit;

/* ---- where lines go ----------------------------------------------------------- */

/* Where line `line`, from 1, begins. */
static size_t
line_begin(ndr_slice text, size_t line)
{
    size_t at = 0;
    while (line > 1 && at < text.len) {
        const unsigned char *end = memchr(text.ptr + at, '\n', text.len - at);
        at = end != NULL ? (size_t)(end - text.ptr) + 1 : text.len;
        line--;
    }
    return at;
}

/* Blanks at a place. */
static size_t
blanks(ndr_slice text, size_t at)
{
    size_t n = 0;
    while (at + n < text.len && text.ptr[at + n] == ' ')
        n++;
    return n;
}

static bool
is_plain(ndr_slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        const unsigned char c = s.ptr[i];
        const bool word =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!word && (i == 0 || (c != '-' && c != '_')))
            return false;
    }
    return s.len > 0;
}

static void
write_keys(const edit *e, size_t indent, ndr_buffer *out)
{
    for (size_t i = 0; i < e->fresh_count; i++) {
        const ndr_identity_key *k = e->fresh[i];
        const char *quote = is_plain(k->selector) ? "" : "\"";
        char since[32];
        ndr_buffer_printf(out, "%*s- {selector: %s%.*s%s, key: \"%.*s\"", (int)indent, "",
                          quote, (int)k->selector.len, (const char *)k->selector.ptr,
                          quote, (int)k->text.len, (const char *)k->text.ptr);
        if (k->since != NDR_TIME_UNKNOWN) {
            ndr_time_format(k->since, since);
            ndr_buffer_printf(out, ", since: '%s'", since);
        }
        ndr_buffer_text(out, "}\n");
    }
}

static void
add_part(edit *e, size_t begin, size_t end)
{
    ndr_buffer_add(&e->now, (ndr_slice){e->text.ptr + begin, end - begin});
}

/* To a domain that is there: in front of its first key, or behind its name. */
static void
add_to_entry(edit *e, size_t entry)
{
    const size_t whole =
        ndr_yaml_line(&e->yaml, "identities", entry, NULL, NDR_YAML_WHOLE);
    const size_t first = ndr_yaml_line(&e->yaml, "identities", entry, "dkim", 0);
    const size_t name =
        ndr_yaml_line(&e->yaml, "identities", entry, "domain", NDR_YAML_WHOLE);
    if (first != whole) {
        const size_t at = line_begin(e->text, first);
        add_part(e, 0, at);
        write_keys(e, blanks(e->text, at), &e->now);
        add_part(e, at, e->text.len);
        return;
    }
    const size_t begin = line_begin(e->text, name), at = line_begin(e->text, name + 1);
    size_t column = blanks(e->text, begin);
    if (begin + column < e->text.len && e->text.ptr[begin + column] == '-')
        column += 1 + blanks(e->text, begin + column + 1);
    add_part(e, 0, at);
    if (at > 0 && e->text.ptr[at - 1] != '\n')
        ndr_buffer_byte(&e->now, '\n');
    ndr_buffer_printf(&e->now, "%*sdkim:\n", (int)column, "");
    write_keys(e, column + 2, &e->now);
    add_part(e, at, e->text.len);
}

/* A domain that is not there goes to the end, as the last one is indented. */
static void
add_entry(edit *e)
{
    size_t indent = 2;
    const ndr_identity *rows = e->was != NULL ? ndr_identity_rows(e->was) : NULL;
    if (!e->there)
        ndr_buffer_printf(&e->now, "%s%s", head, NDR_YAML_VERSION_LINE);
    ndr_buffer_add(&e->now, e->text);
    if (e->now.len > 0 && e->now.ptr[e->now.len - 1] != '\n')
        ndr_buffer_byte(&e->now, '\n');
    if (rows == NULL || !e->yaml.listed)
        ndr_buffer_text(&e->now, "identities:\n");
    else if (rows->count > 0)
        indent =
            blanks(e->text, line_begin(e->text, ndr_yaml_line(&e->yaml, "identities", 0,
                                                              NULL, NDR_YAML_WHOLE)));
    ndr_buffer_printf(&e->now, "%*s- domain: %.*s\n%*sdkim:\n", (int)indent, "",
                      (int)e->domain.len, (const char *)e->domain.ptr, (int)indent + 2,
                      "");
    write_keys(e, indent + 4, &e->now);
}

/* ---- what is new, and is it all that is? ---------------------------------------- */

static const ndr_identity_key *
find_key(const ndr_identity_table *t, ndr_slice domain, ndr_slice selector)
{
    size_t count = 0;
    const ndr_identity_key *key = t != NULL ? ndr_identity_keys(t, &count) : NULL;
    for (size_t i = 0; i < count; i++)
        if (ndr_slice_equal(key[i].domain, domain) &&
            ndr_slice_equal_nocase(key[i].selector, selector))
            return &key[i];
    return NULL;
}

/* Do both texts hold one key, however it is written? */
static bool
same_key(ndr_slice a, ndr_slice b)
{
    ndr_buffer x = {0}, y = {0};
    ndr_dkim_key_about about;
    const bool same =
        ndr_slice_equal(a, b) ||
        (ndr_dkim_key_record(a, &x, &about, NULL) == 0 &&
         ndr_dkim_key_record(b, &y, &about, NULL) == 0 &&
         ndr_slice_equal((ndr_slice){x.ptr, x.len}, (ndr_slice){y.ptr, y.len}));
    ndr_buffer_free(&x);
    ndr_buffer_free(&y);
    return same;
}

static int
find_fresh(edit *e, const ndr_identity_key *key, size_t count, ndr_error *err)
{
    e->fresh = calloc(count + 1, sizeof(const ndr_identity_key *));
    if (e->fresh == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    for (size_t i = 0; i < count; i++) {
        const ndr_identity_key *old = find_key(e->was, e->domain, key[i].selector);
        if (old == NULL)
            e->fresh[e->fresh_count++] = &key[i];
        else if (!same_key(old->text, key[i].text))
            return ndr_fail(err, NDR_E_SYNTAX,
                            "%s has another key for selector '%.*s' of %.*s; take one of "
                            "them out, or give the new one a selector of its own",
                            e->shown, (int)key[i].selector.len,
                            (const char *)key[i].selector.ptr, (int)e->domain.len,
                            (const char *)e->domain.ptr);
    }
    return 0;
}

static bool
same_list(const ndr_slice *a, size_t an, const ndr_slice *b, size_t bn)
{
    bool same = an == bn;
    for (size_t i = 0; same && i < an; i++)
        same = ndr_slice_equal(a[i], b[i]);
    return same;
}

static bool
same_row(const ndr_identity_domain *a, const ndr_identity_domain *b)
{
    return a->sent_days == b->sent_days && a->dkim_since == b->dkim_since &&
           same_list(a->batv_key, a->batv_key_count, b->batv_key, b->batv_key_count) &&
           same_list(a->srs_secret, a->srs_secret_count, b->srs_secret,
                     b->srs_secret_count) &&
           same_list(a->host, a->host_count, b->host, b->host_count) &&
           same_list(a->submitter, a->submitter_count, b->submitter, b->submitter_count);
}

static const ndr_identity_domain *
find_row(const ndr_identity_table *t, ndr_slice domain, size_t *at)
{
    const ndr_identity *rows = t != NULL ? ndr_identity_rows(t) : NULL;
    for (size_t i = 0; rows != NULL && i < rows->count; i++)
        if (ndr_slice_equal(rows->row[i].domain, domain)) {
            *at = i;
            return &rows->row[i];
        }
    return NULL;
}

/* All that was there, and the new keys, and nothing else? */
static bool
is_meant(const edit *e, const ndr_identity_table *now)
{
    size_t was_keys = 0, now_keys = 0, at;
    const ndr_identity_key *old =
        e->was != NULL ? ndr_identity_keys(e->was, &was_keys) : NULL;
    const ndr_identity *was = e->was != NULL ? ndr_identity_rows(e->was) : NULL;
    const size_t was_rows = was != NULL ? was->count : 0;
    (void)ndr_identity_keys(now, &now_keys);
    const bool new_row = find_row(e->was, e->domain, &at) == NULL;
    bool same = now_keys == was_keys + e->fresh_count &&
                ndr_identity_rows(now)->count == was_rows + (new_row ? 1 : 0);
    for (size_t i = 0; same && i < was_rows; i++) {
        const ndr_identity_domain *d = find_row(now, was->row[i].domain, &at);
        same = d != NULL && same_row(d, &was->row[i]);
    }
    for (size_t i = 0; same && i < was_keys; i++) {
        const ndr_identity_key *k = find_key(now, old[i].domain, old[i].selector);
        same = k != NULL && ndr_slice_equal(k->text, old[i].text) &&
               k->since == old[i].since;
    }
    for (size_t i = 0; same && i < e->fresh_count; i++) {
        const ndr_identity_key *k = find_key(now, e->domain, e->fresh[i]->selector);
        same = k != NULL && ndr_slice_equal(k->text, e->fresh[i]->text);
    }
    return same;
}

static int
check(const edit *e, ndr_error *err)
{
    char name[SHOWN_MAX];
    ndr_identity_table *now = NULL;
    ndr_yaml yaml;
    ndr_error why = {0};
    memcpy(name, e->shown, sizeof name);
    const ndr_file file = {name, e->now.ptr, e->now.len};
    if (e->now.failed)
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    bool good = ndr_identity_of_file(&file, &now, &yaml, &why) == 0;
    if (good) {
        good = is_meant(e, now);
        ndr_yaml_free(&yaml);
        ndr_identity_free(now);
    }
    return good ? 0
                : ndr_fail(err, NDR_E_SYNTAX,
                           "%s is written in a way that cannot be added to; nothing was "
                           "changed; write it as in ndrscan-identity(5), a key a line",
                           e->shown);
}

/* ---- the file -------------------------------------------------------------------- */

/* The file behind links; one that is not there: as it is named. */
static int
find_place(edit *e, const char *path, ndr_error *err)
{
    ndr_quote_path(path, e->shown, sizeof e->shown);
    e->path = realpath(path, NULL);
    e->there = e->path != NULL;
    if (e->path == NULL && errno != ENOENT)
        return ndr_fail(err, NDR_E_SYS, "look at '%s'", e->shown);
    if (e->path == NULL)
        e->path = strdup(path);
    if (e->path == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    e->dir = ndr_folder_of(e->path, &e->name);
    if (e->dir < 0)
        return ndr_fail(err, NDR_E_SYS, "open the folder of '%s'", e->shown);
    if (e->name[0] == '\0')
        return ndr_fail(err, NDR_E_SYNTAX, "'%s' is a folder; name a file", e->shown);
    while (flock(e->dir, LOCK_EX) != 0)
        if (errno != EINTR)
            return ndr_fail(err, NDR_E_SYS, "lock the folder of '%s'", e->shown);
    return 0;
}

static int
read_file(edit *e, ndr_error *err)
{
    const char *path = e->path;
    if (!e->there)
        return 0;
    int rc = ndr_files_read(&path, 1, &e->files, err);
    if (rc == 0 && e->files.count != 1)
        rc = ndr_fail(err, NDR_E_SYNTAX, "'%s' is a folder; name a file", e->shown);
    if (rc < 0)
        return rc;
    e->text = (ndr_slice){e->files.file[0].ptr, e->files.file[0].len};
    return ndr_identity_of_file(&e->files.file[0], &e->was, &e->yaml, err);
}

static int
put(const edit *e, ndr_error *err)
{
    struct stat st;
    ndr_new_file f;
    const bool known = fstatat(e->dir, e->name, &st, 0) == 0;
    if (!ndr_new_file_begin(&f, e->dir, NULL, 0600))
        return ndr_fail(err, NDR_E_SYS, "%s: open a new one beside it", e->shown);
    int rc = 0;
    /* keys that are public: whoever judges may read them */
    if (fchmod(f.fd, known ? st.st_mode & 0777 : 0644) != 0 ||
        (known && geteuid() == 0 && fchown(f.fd, st.st_uid, st.st_gid) != 0))
        rc = ndr_fail(err, NDR_E_SYS, "%s: give the new one its mode", e->shown);
    if (rc == 0 && !ndr_write_all(f.fd, (ndr_slice){e->now.ptr, e->now.len}))
        rc = ndr_fail(err, NDR_E_SYS, "%s: write a new one beside it", e->shown);
    if (rc != 0) {
        ndr_new_file_drop(&f);
        return rc;
    }
    switch (ndr_new_file_put(&f, e->name, true)) {
    case NDR_NEW_FILE_DONE:
        return 0;
    case NDR_NEW_FILE_SYNC:
        return ndr_fail(err, NDR_E_SYS, "%s: sync the new one beside it", e->shown);
    case NDR_NEW_FILE_NAME:
        return ndr_fail(err, NDR_E_SYS, "%s: rename the new one to it", e->shown);
    case NDR_NEW_FILE_FOLDER:
        break;
    }
    return ndr_fail(err, NDR_E_SYS, "%s was changed; sync its folder", e->shown);
}

int
ndr_identity_add(const char *path, ndr_slice domain, const ndr_identity_key *key,
                 size_t count, size_t *added, ndr_error *err)
{
    edit e = {.dir = -1, .domain = domain};
    size_t at = 0;
    *added = 0;
    int rc = find_place(&e, path, err);
    if (rc == 0)
        rc = read_file(&e, err);
    if (rc == 0)
        rc = find_fresh(&e, key, count, err);
    if (rc == 0 && e.fresh_count > 0) {
        if (find_row(e.was, domain, &at) != NULL)
            add_to_entry(&e, ndr_identity_entry(e.was, at));
        else
            add_entry(&e);
        rc = check(&e, err);
        if (rc == 0)
            rc = put(&e, err);
    }
    if (rc == 0)
        *added = e.fresh_count;
    ndr_yaml_free(&e.yaml);
    ndr_identity_free(e.was);
    ndr_files_free(&e.files);
    ndr_buffer_free(&e.now);
    free(e.fresh);
    free(e.path);
    if (e.dir >= 0)
        (void)close(e.dir); /* and so unlocks */
    return rc;
}
