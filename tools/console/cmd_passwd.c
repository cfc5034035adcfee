/* SPDX-License-Identifier: BSD-3-Clause */
/* cmd_passwd.c - how does a person's password get into admins.yaml? As its hash. */
#define _GNU_SOURCE /* explicit_bzero */
#include "cmd_passwd.h"

#include "add_admin.h"
#include "app/diag.h"
#include "app/tables.h"
#include "keyed_hash.h"
#include "password_hash.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <termios.h>
#include <unistd.h>

enum { TYPED_BYTES = PASSWORD_BYTES + 64 };

/* A line without its end; false where there is none. What is too long stays too long. */
static bool
read_line(FILE *in, char line[TYPED_BYTES])
{
    if (fgets(line, TYPED_BYTES, in) == NULL)
        return false;
    line[strcspn(line, "\r\n")] = '\0';
    return true;
}

/* One line from the terminal, which does not show it. */
static bool
ask(FILE *terminal, const char *prompt, char line[TYPED_BYTES])
{
    struct termios shown;
    const int fd = fileno(terminal);
    if (tcgetattr(fd, &shown) != 0)
        return false;
    struct termios hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    (void)fputs(prompt, stderr);
    (void)tcsetattr(fd, TCSAFLUSH, &hidden);
    const bool good = read_line(terminal, line);
    (void)tcsetattr(fd, TCSAFLUSH, &shown);
    (void)fputc('\n', stderr);
    return good;
}

/* Typed twice on a terminal, else the first line of standard input. 0 or 2, told. */
static int
read_password(char password[TYPED_BYTES])
{
    char again[TYPED_BYTES];
    if (!isatty(STDIN_FILENO)) {
        if (read_line(stdin, password))
            return 0;
        diag("no password came on standard input");
        return 2;
    }
    int status = 2;
    if (!ask(stdin, "Password: ", password) || !ask(stdin, "Again: ", again))
        diag("no password was typed");
    else if (strcmp(password, again) != 0)
        diag("the two differ; try again");
    else
        status = 0;
    explicit_bzero(again, sizeof again);
    return status;
}

/* One that nobody has to think of: 100 bits, in groups that can be read out. */
static int
make_password(char password[TYPED_BYTES])
{
    static const char letter[] =
        "abcdefghijkmnpqrstuvwxyz23456789"; /* none looks alike */
    unsigned char random[20];
    size_t n = 0;
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random) {
        diag("no random bytes: %s", strerror(errno));
        return 2;
    }
    for (size_t i = 0; i < sizeof random; i++) {
        if (i > 0 && i % 5 == 0)
            password[n++] = '-';
        password[n++] = letter[random[i] & 31];
    }
    password[n] = '\0';
    return 0;
}

/* What is asked for. */
typedef struct passwd_args {
    bool make, metrics;
    int64_t cost;
    const char *add; /* a file, or NULL */
    add_admin who;
} passwd_args;

static int
take_option(void *ctx, const opts *o, int id, const char *arg)
{
    passwd_args *a = ctx;
    switch (id) {
    case OPT_GENERATE:
        a->make = true;
        return 0;
    case OPT_METRICS:
        a->metrics = true;
        return 0;
    case OPT_COST:
        a->cost = opts_number(o, id, arg, 1, PASSWORD_COST_MOST);
        return a->cost < 0 ? 2 : 0;
    case OPT_ADD:
        a->add = arg;
        return 0;
    case OPT_NAME:
        a->who.name = arg;
        return 0;
    case OPT_ROLE:
        a->who.role = arg;
        return opts_word(o, id, arg) < 0 ? 2 : 0;
    case OPT_MAIL:
        a->who.mail = arg;
        return 0;
    case OPT_LANGUAGE:
        a->who.language = arg;
        return opts_word(o, id, arg) < 0 ? 2 : 0;
    case OPT_ZONE:
        a->who.zone = arg;
        return 0;
    default: /* OPT_DOMAIN */
        if (a->who.domain_count == ADD_DOMAINS_MAX)
            return opts_mistake(o, "--domain is given too often; write the file by hand");
        a->who.domain[a->who.domain_count++] = arg;
        return 0;
    }
}

/* Which of them want another one. */
static int
check(const passwd_args *a, const opts *o)
{
    const bool words =
        a->who.mail != NULL || a->who.language != NULL || a->who.zone != NULL;
    const bool any =
        a->who.name != NULL || a->who.role != NULL || a->who.domain_count > 0 || words;
    const bool all =
        a->who.name != NULL && a->who.role != NULL && a->who.domain_count > 0;
    if (a->add != NULL && !all)
        return opts_mistake(o, "--add wants --name, --domain and --role: who is it, and "
                               "what may they do with which domains?");
    if (a->metrics && (a->add != NULL || a->make || any))
        return opts_mistake(o, "--metrics goes alone: put what it prints behind "
                               "'metrics:' where the person stands");
    if (a->add == NULL && any)
        return opts_mistake(o, "--name, --domain, --role, --mail, --language and --zone "
                               "want --add: the file to put the person in");
    return 0;
}

/* Into the file, or to standard output. 0 or 2, told. */
static int
put_hash(passwd_args *a, const char *hash)
{
    ndr_error err = {0};
    a->who.hash = hash;
    if (a->add == NULL) {
        (void)printf("%s\n", hash);
        return finish_stdout();
    }
    if (add_admin_write(a->add, &a->who, &err) != 0) {
        diag("%s", err.text);
        return 2;
    }
    return 0;
}

/* A token, told apart from its hash. 0 or 2, told. */
static int
make_metrics(void)
{
    char hash[METRICS_HASH_BYTES];
    secret token;
    ndr_error err = {0};
    if (secret_new(token, &err) != 0) {
        diag("%s", err.text);
        return 2;
    }
    metrics_hash(token, hash);
    (void)printf("%s\n", hash);
    const int status = hash[0] != '\0' ? finish_stdout() : 2;
    if (status == 0)
        (void)fprintf(stderr, "token: %s\n", token);
    explicit_bzero(token, sizeof token);
    return status;
}

int
cmd_passwd(int argc, char **argv)
{
    char password[TYPED_BYTES];
    char hash[PASSWORD_HASH_BYTES];
    passwd_args a = {.cost = PASSWORD_COST_USUAL};
    opts o;
    size_t operands = 0;
    ndr_error err = {0};
    opts_begin(&o, &verb_console_passwd, argc, argv);
    const int taken = opts_take(&o, take_option, &a);
    if (taken >= 0)
        return taken;
    (void)opts_operands(&o, &operands);
    if (operands > 0)
        return opts_mistake(&o, "takes no operands: a password on the command line is "
                                "seen by everybody; type it, or send it by a pipe");
    int status = check(&a, &o);
    if (status == 0 && a.metrics)
        return make_metrics();
    if (status == 0)
        status = a.make ? make_password(password) : read_password(password);
    if (status == 0 && password_hash(password, (unsigned)a.cost, hash, &err) != 0) {
        diag("%s", err.text);
        status = 2;
    }
    if (status == 0)
        status = put_hash(&a, hash);
    if (status == 0 && a.make)
        (void)fprintf(stderr, "password: %s\n", password);
    explicit_bzero(password, sizeof password);
    return status;
}
