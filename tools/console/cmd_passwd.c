/* SPDX-License-Identifier: BSD-3-Clause */
/* cmd_passwd.c - how does a person's password get into admins.yaml? As its hash. */
#define _GNU_SOURCE /* explicit_bzero */
#include "cmd_passwd.h"

#include "app/diag.h"
#include "app/tables.h"
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

int
cmd_passwd(int argc, char **argv)
{
    char password[TYPED_BYTES];
    char hash[PASSWORD_HASH_BYTES];
    bool make = false;
    int64_t cost = PASSWORD_COST_USUAL;
    opts o;
    const char *arg;
    int id;
    size_t operands = 0;
    ndr_error err = {0};
    opts_begin(&o, &verb_console_passwd, argc, argv);
    while ((id = opts_next(&o, &arg)) > 0) {
        if (id == OPT_GENERATE)
            make = true;
        else if ((cost = opts_number(&o, id, arg, 1, PASSWORD_COST_MOST)) < 0)
            return 2;
    }
    (void)opts_operands(&o, &operands);
    if (id < 0)
        return o.status;
    if (operands > 0)
        return opts_mistake(&o, "takes no operands: a password on the command line is "
                                "seen by everybody; type it, or send it by a pipe");
    int status = make ? make_password(password) : read_password(password);
    if (status == 0 && password_hash(password, (unsigned)cost, hash, &err) != 0) {
        diag("%s", err.text);
        status = 2;
    }
    if (status == 0 && make)
        (void)fprintf(stderr, "password: %s\n", password);
    explicit_bzero(password, sizeof password);
    if (status == 0)
        (void)printf("%s\n", hash);
    return status == 0 ? finish_stdout() : status;
}
