/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * junk_place.c - which folder of a Maildir is its Junk folder?
 *
 * Dovecot's special_use is in its configuration, which is not read; what a client asked
 * for (CREATE with USE) is in the Maildir: dovecot-attributes names a mailbox by the id
 * that stands in the first line of its dovecot-uidlist.
 */
#define _GNU_SOURCE /* strcasestr, DT_DIR */
#include "junk_place.h"

#include "ndr_file.h"
#include "ndrscan_move.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ID_BYTES = 32, FILE_BYTES = 1 << 18 };

/* What mail programs and webmail call it, most usual first; UTF-8. */
static const char *const junk_name[] = {
    "Junk",
    "Spam",
    "Junk E-mail",
    "Junk Email",
    "Junk-E-Mail",
    "Junk Mail",
    "Bulk Mail",
    "Bulk",
    "Spamverdacht",
    "Unerwünscht",
    "Courrier indésirable",
    "Indésirables",
    "Pourriel",
    "Correo no deseado",
    "Correo basura",
    "Posta indesiderata",
    "Lixo Eletrônico",
    "Lixo Eletrónico",
    "Ongewenste e-mail",
    "Ongewenst",
    "Uønsket e-mail",
    "Uønsket post",
    "Søppelpost",
    "Skräppost",
    "Roskaposti",
    "Wiadomości-śmieci",
    "Niechciane",
    "Nevyžádaná pošta",
    "Nežiaduca pošta",
    "Levélszemét",
    "Ανεπιθύμητη αλληλογραφία",
    "Нежелательная почта",
    "Спам",
    "Gereksiz",
    "Önemsiz E-posta",
    "迷惑メール",
    "垃圾邮件",
    "垃圾郵件",
    "정크 메일",
    "스팸",
};
enum { JUNK_NAMES = sizeof junk_name / sizeof junk_name[0] };

/* ---- names ----------------------------------------------------------------------------
 */

/* The engine's two readers of base64 know no IMAP: ',' in the place of '/', never padded.
 * Source: RFC 3501 5.1.3. */
static int
base64_of(char c)
{
    static const char digit[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";
    const char *at = c != '\0' ? strchr(digit, c) : NULL;
    return at != NULL ? (int)(at - digit) : -1;
}

static size_t
put_utf8(unsigned c, char *out)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    out[0] = (char)(0xe0 | c >> 12);
    out[1] = (char)(0x80 | (c >> 6 & 0x3f));
    out[2] = (char)(0x80 | (c & 0x3f));
    return 3;
}

/* A mailbox's name in IMAP's UTF-7, "Ind&AOk-sirables", to UTF-8; what is none stays as
 * it is. No name here has letters beyond 16 bits. */
static void
decode(const char *name, char ret[JUNK_PLACE_BYTES * 2])
{
    size_t n = 0;
    while (*name != '\0' && n + 4 < JUNK_PLACE_BYTES * 2) {
        const char *end = *name == '&' ? strchr(name, '-') : NULL;
        if (end == NULL || end == name + 1) {
            ret[n++] = *name;
            name = end != NULL ? end + 1 : name + 1;
            continue;
        }
        unsigned bits = 0;
        int have = 0;
        for (name++; name < end && n + 4 < JUNK_PLACE_BYTES * 2; name++) {
            const int digit = base64_of(*name);
            bits = bits << 6 | (unsigned)(digit > 0 ? digit : 0);
            have += 6;
            if (have >= 16) {
                have -= 16;
                n += put_utf8(bits >> have & 0xffff, ret + n);
            }
        }
        name = end + 1;
    }
    ret[n] = '\0';
}

/* Its place in the list, or -1. */
static int
rank_of(const char *name)
{
    char plain[JUNK_PLACE_BYTES * 2];
    decode(name + (name[0] == '.'), plain);
    const char *at = strncasecmp(plain, "INBOX.", 6) == 0 ? plain + 6 : plain;
    for (int i = 0; i < JUNK_NAMES; i++)
        if (strcasecmp(at, junk_name[i]) == 0)
            return i;
    return -1;
}

bool
junk_place_is(const char *name)
{
    return rank_of(name) >= 0;
}

bool
junk_place_can_be(const char *asked)
{
    static const char *const no[] = {"", ".", "..", "cur", "new", "tmp"};
    const size_t n = strcspn(asked, "/");
    if (n > 200 || (asked[n] == '/' && (asked[n + 1] != '\0' || asked[0] == '.')))
        return false;
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
        if (strlen(no[i]) == n && memcmp(asked, no[i], n) == 0)
            return false;
    return true;
}

/* ---- what is there --------------------------------------------------------------------
 */

/* What a walk through the Maildir's folders finds. */
typedef struct found {
    size_t dotted, plain;           /* folders of mail, those for junk left out */
    size_t dotted_junk, plain_junk; /* those for junk */
    int rank[2];                    /* of the best plain and dotted one; -1: none */
    char name[2][JUNK_PLACE_BYTES];
    char id[ID_BYTES + 1];          /* of the mailbox with special use; "": none */
    char special[JUNK_PLACE_BYTES]; /* its folder */
} found;

/* Up to `size` - 1 bytes of a regular file into `ret`, NUL behind; 0: none. */
static size_t
read_start(int dir, const char *name, char *ret, size_t size)
{
    struct stat st;
    size_t n = 0;
    ssize_t got = 1;
    const int fd =
        openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        while (n < size - 1 && (got = read(fd, ret + n, size - 1 - n)) > 0)
            n += (size_t)got;
    if (fd >= 0)
        (void)close(fd); /* was only read */
    ret[n] = '\0';
    return n;
}

/* "priv/ID/specialuse", and "\Junk" in the next line. */
static void
find_special(int dir, char ret[ID_BYTES + 1])
{
    char *text = malloc(FILE_BYTES);
    ret[0] = '\0';
    if (text == NULL || read_start(dir, "dovecot-attributes", text, FILE_BYTES) == 0) {
        free(text);
        return;
    }
    for (const char *line = text; line != NULL && ret[0] == '\0';) {
        const char *value = strchr(line, '\n');
        value = value != NULL ? value + 1 : NULL;
        static const char key[] = "/specialuse\n";
        const size_t head = 5 + ID_BYTES, whole = head + sizeof key - 1;
        if (value != NULL && (size_t)(value - line) == whole &&
            memcmp(line, "priv/", 5) == 0 &&
            memcmp(line + head, key, sizeof key - 1) == 0) {
            char use[128] = "";
            (void)snprintf(use, sizeof use, "%.*s ", (int)strcspn(value, "\n"), value);
            if (strcasestr(use, "\\Junk ") != NULL)
                (void)snprintf(ret, ID_BYTES + 1, "%.*s", ID_BYTES, line + 5);
        }
        line = value;
    }
    free(text);
}

static bool
has_id(int folder, const char *id)
{
    char first[512], word[ID_BYTES + 3];
    if (id[0] == '\0' || read_start(folder, "dovecot-uidlist", first, sizeof first) == 0)
        return false;
    first[strcspn(first, "\n")] = '\0';
    (void)snprintf(word, sizeof word, " G%s", id);
    return strstr(first, word) != NULL;
}

static void
look_at(found *f, int dir, const char *name)
{
    const bool dotted = name[0] == '.';
    const int fd = ndr_open_beneath(dir, name);
    const bool mail = fd >= 0 && (faccessat(fd, "cur", F_OK, AT_SYMLINK_NOFOLLOW) == 0 ||
                                  faccessat(fd, "new", F_OK, AT_SYMLINK_NOFOLLOW) == 0);
    const int rank = rank_of(name);
    if (mail && has_id(fd, f->id))
        (void)snprintf(f->special, sizeof f->special, "%s", name);
    if (fd >= 0)
        (void)close(fd); /* was only read */
    if (!mail)
        return;
    if (rank < 0) {
        f->dotted += dotted;
        f->plain += !dotted;
        return;
    }
    f->dotted_junk += dotted;
    f->plain_junk += !dotted;
    if (f->rank[dotted] < 0 || rank < f->rank[dotted]) {
        f->rank[dotted] = rank;
        (void)snprintf(f->name[dotted], sizeof f->name[dotted], "%s", name);
    }
}

typedef struct looking {
    int fd; /* of the Maildir */
    found *found;
} looking;

static int
look_entry(void *ctx, const struct dirent *e)
{
    const looking *l = ctx;
    const char *name = e->d_name;
    if ((e->d_type == DT_DIR || e->d_type == DT_UNKNOWN) && strcmp(name, "cur") != 0 &&
        strcmp(name, "new") != 0 && strcmp(name, "tmp") != 0 &&
        strlen(name) < JUNK_PLACE_BYTES)
        look_at(l->found, l->fd, name);
    return 0;
}

static int
look_around(const char *full, found *f, ndr_error *err)
{
    const int fd = ndr_open_unlinked(full);
    if (fd >= 0)
        find_special(fd, f->id);
    return ndr_folder_each(fd, look_entry, &(looking){fd, f}) == 0
               ? 0
               : ndr_fail(err, NDR_E_SYS, "list Maildir '%s'", full);
}

/* Whether its folders have no dot in front. An empty Maildir is Maildir++. */
static bool
is_plain(const found *f)
{
    if (f->dotted + f->plain > 0)
        return f->dotted == 0;
    return f->plain_junk > 0 && f->dotted_junk == 0;
}

int
junk_place_find(const char *full, const char *asked, char ret[JUNK_PLACE_BYTES],
                ndr_error *err)
{
    found f = {.rank = {-1, -1}};
    const size_t n = asked != NULL ? strcspn(asked, "/") : 0;
    if (asked != NULL && (asked[0] == '.' || asked[n] == '/')) {
        (void)snprintf(ret, JUNK_PLACE_BYTES, "%.*s", (int)n, asked);
        return 0;
    }
    const int code = look_around(full, &f, err);
    if (code != 0)
        return code;
    const bool dotted = !is_plain(&f);
    if (asked != NULL)
        (void)snprintf(ret, JUNK_PLACE_BYTES, "%s%s", dotted ? "." : "", asked);
    else if (f.special[0] != '\0')
        memcpy(ret, f.special, sizeof f.special);
    else if (f.rank[dotted] >= 0)
        memcpy(ret, f.name[dotted], sizeof f.name[dotted]);
    else
        (void)snprintf(ret, JUNK_PLACE_BYTES, "%sJunk", dotted ? "." : "");
    return 0;
}
