/* SPDX-License-Identifier: BSD-3-Clause */
/* add_admin.c - how does a person get into admins.yaml without an editor? */
#include "add_admin.h"

#include "app/places.h"
#include "ndr_admins.h"
#include "ndr_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_BYTES = 8 << 20 };

/* What is there; nothing where there is no file. */
static int
read_file(const char *path, ndr_buffer *text, struct stat *st, ndr_error *err)
{
    *st = (struct stat){
        .st_mode = S_IFREG | 0640, .st_uid = geteuid(), .st_gid = getegid()};
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT ? 0 : ndr_fail(err, NDR_E_SYS, "open '%s'", path);
    int rc = fstat(fd, st) != 0 ? ndr_fail(err, NDR_E_SYS, "look at '%s'", path) : 0;
    if (rc == 0 && !S_ISREG(st->st_mode))
        rc = ndr_fail(err, NDR_E_SYNTAX, "'%s' is no regular file", path);
    const int got = rc == 0 ? ndr_read_all(fd, FILE_BYTES, text) : 0;
    if (got == NDR_E_LIMIT)
        rc = ndr_fail(err, got, "'%s' is over %d MiB", path, FILE_BYTES >> 20);
    else if (got == NDR_E_NOMEM)
        rc = ndr_fail(err, got, "out of memory");
    else if (got != 0)
        rc = ndr_fail(err, got, "read '%s'", path);
    (void)close(fd); /* was only read */
    return rc;
}

/* What stands in the list of domains: quoted, as "*." has to be. */
static int
put_domain(ndr_buffer *text, const char *domain, bool first, ndr_error *err)
{
    char name[256];
    bool below = false;
    const int rc = ndr_domain_right_parse(domain, name, &below, err);
    if (rc == 0)
        ndr_buffer_printf(text, "%s\"%s%s\"", first ? "" : ", ", below ? "*." : "", name);
    return rc;
}

/* A key whose value may be anything: quoted as YAML has it; the reading afterwards tells
 * whether it can be. */
static void
put_word(ndr_buffer *text, const char *key, const char *word)
{
    if (word == NULL)
        return;
    ndr_buffer_printf(text, "    %s: '", key);
    for (; *word != '\0'; word++) {
        ndr_buffer_byte(text, (unsigned char)*word);
        if (*word == '\'')
            ndr_buffer_byte(text, '\'');
    }
    ndr_buffer_text(text, "'\n");
}

static int
put_entry(ndr_buffer *text, const add_admin *who, ndr_error *err)
{
    int rc = 0;
    if (!ndr_admin_name_can_be(ndr_slice_of(who->name)))
        return ndr_fail(err, NDR_E_SYNTAX,
                        "'%s' cannot be a name: up to %d letters, digits and . _ - @ +",
                        who->name, NDR_ADMIN_NAME_BYTES - 1);
    if (text->len == 0)
        ndr_buffer_text(text, "version: 1\nadmins:\n");
    else if (text->ptr[text->len - 1] != '\n')
        ndr_buffer_byte(text, '\n');
    ndr_buffer_printf(text, "  - name: \"%s\"\n    domains: [", who->name);
    for (size_t i = 0; i < who->domain_count && rc == 0; i++)
        rc = put_domain(text, who->domain[i], i == 0, err);
    ndr_buffer_printf(text, "]\n    role: %s\n    password: %s\n", who->role, who->hash);
    put_word(text, "mail", who->mail);
    put_word(text, "language", who->language);
    put_word(text, "zone", who->zone);
    return rc != 0 ? rc : text->failed ? ndr_fail(err, NDR_E_NOMEM, "out of memory") : 0;
}

/* In the place of what has the name, with its owner and mode. */
static int
put_file(const char *path, ndr_slice text, const struct stat *st, ndr_error *err)
{
    ndr_new_file f;
    const char *base;
    int rc = 0;
    const int dir = ndr_folder_of(path, &base);
    if (dir < 0)
        return ndr_fail(err, NDR_E_SYS, "open the folder of '%s'", path);
    if (!ndr_new_file_begin(&f, dir, NULL, 0600)) {
        rc = ndr_fail(err, NDR_E_SYS, "create '%s'", path);
    } else if (fchown(f.fd, st->st_uid, st->st_gid) != 0 ||
               fchmod(f.fd, st->st_mode & 07777) != 0 || !ndr_write_all(f.fd, text)) {
        rc = ndr_fail(err, NDR_E_SYS, "write '%s'", path);
        ndr_new_file_drop(&f);
    } else if (ndr_new_file_put(&f, base, true) != NDR_NEW_FILE_DONE) {
        rc = ndr_fail(err, NDR_E_SYS, "bring '%s' to the disk", path);
    }
    (void)close(dir); /* was only looked at */
    return rc;
}

int
add_admin_write(const char *path, const add_admin *who, ndr_error *err)
{
    ndr_buffer text = {0};
    ndr_admins *all = NULL;
    struct stat st;
    int rc = place_make_system(path, err);
    if (rc == 0)
        rc = read_file(path, &text, &st, err);
    const ndr_slice before = {text.ptr, text.len};
    if (rc == 0 && text.failed)
        rc = ndr_fail(err, NDR_E_NOMEM, "out of memory");
    if (rc == 0) /* so that an error behind it is of what is added */
        rc = ndr_admins_parse(path, before, &all, err);
    ndr_admins_free(all);
    all = NULL;
    if (rc == 0)
        rc = put_entry(&text, who, err);
    const ndr_slice after = {text.ptr, text.len};
    if (rc == 0 && (rc = ndr_admins_parse(path, after, &all, err)) != 0)
        ndr_error_prefix(err, "with this person put behind the others");
    if (rc == 0 && ndr_admins_find(all, who->name) == NULL)
        rc = ndr_fail(
            err, NDR_E_SYNTAX,
            "'%s' does not end with its list of admins; put the person in by hand", path);
    if (rc == 0)
        rc = put_file(path, after, &st, err);
    ndr_admins_free(all);
    ndr_buffer_free(&text);
    return rc;
}
