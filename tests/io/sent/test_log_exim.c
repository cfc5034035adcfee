/* SPDX-License-Identifier: BSD-3-Clause */
/* Lines as Exim 4.96 writes them, and ids as 4.97 does. */
#include "log_harness.h"

#define AT "2026-11-29 10:00:01 "
#define M  "1vPkHg-0001Ab-2C "
#define AUTH                                                                             \
    "H=home.example.net (laptop) [203.0.113.9] P=esmtpsa X=TLS1.3:ECDHE_X25519:256 "     \
    "CV=no A=plain:alice S=712 "
#define IN(how)  AT M "<= alice@example.com " how "\n"
#define TO(what) AT M what "\n"
#define BOB                                                                              \
    TO("=> bob@example.org R=dnslookup T=remote_smtp H=mx.example.org [192.0.2.25] "     \
       "X=TLS1.3:ECDHE_X25519:256 CV=yes C=\"250 2.0.0 Ok: queued as 4XyZ\"")
#define DONE TO("Completed")
#define TOLD "1@a example.com \n1@a example.com bob@example.org\n"

static const char *const office[] = {"192.0.2.0/28", NULL};

static const log_row rows[] = {
    {"mail of one who gave a password is ours", NULL, IN(AUTH "id=1@a") BOB DONE, TOLD},
    {"without TLS too", NULL, IN("H=(x) [203.0.113.9] P=esmtpa A=login:a S=7 id=1@a") BOB,
     TOLD},
    {"local mail is ours", NULL, IN("U=alice P=local S=500 id=1@a") BOB, TOLD},
    {"a stranger's mail that is relayed is not", NULL,
     IN("H=mx.spam.example [198.51.100.1] P=esmtps X=T S=7 id=1@a") BOB DONE, ""},
    {"a submitter's is", office,
     IN("H=app.example.com [192.0.2.14]:4111 P=esmtp S=7 id=1@a") BOB, TOLD},
    {"a greeting is no protocol", NULL,
     IN("H=(x P=esmtpa [192.0.2.14]) [198.51.100.1] P=esmtp S=7 id=1@a") BOB, ""},
    {"a greeting is no address", office,
     IN("H=x ([192.0.2.14]) [198.51.100.1] P=esmtp S=7 id=1@a") BOB, ""},
    {"a subject is no id and no protocol", NULL,
     IN("H=x [198.51.100.1] P=esmtp S=7 T=\"a\\\" P=esmtpa id=9@a\" for b@c") BOB, ""},
    {"recipients behind are no id", NULL, IN(AUTH "for id=9@a") BOB, ""},
    {"a stranger's mail that is handed in again here is a stranger's", NULL,
     AT "1vPkHg-0001Ab-1A <= eve@example.com H=x [198.51.100.1] P=esmtp S=7 id=1@a\n" IN(
         "U=filter P=local S=500 id=1@a") BOB,
     ""},
    {"a bounce is no mail of ours", NULL,
     AT M "<= <> R=1vPkHg-0001Ab-1A U=Debian-exim P=local S=1000 id=1@a\n" BOB, ""},
    {"an id in quotes may hold blanks", NULL, IN(AUTH "id=\"1 P=x\"@a") BOB,
     "\"1 P=x\"@a example.com \n\"1 P=x\"@a example.com bob@example.org\n"},
    {"where it was to go counts beside where it went", NULL,
     IN(AUTH "id=1@a")
         TO("=> bob@example.org <list@example.com> R=dnslookup T=remote_smtp"),
     TOLD "1@a example.com list@example.com\n"},
    {"a mailbox here counts by its address", NULL,
     IN(AUTH "id=1@a") TO("=> carol <carol@example.com> R=local_user T=mail_spool"),
     "1@a example.com \n1@a example.com carol@example.com\n"},
    {"a program here counts by its address", NULL,
     IN(AUTH "id=1@a")
         TO("=> |/usr/bin/procmail (c@example.com) <d@example.com> R=x T=y"),
     "1@a example.com \n1@a example.com c@example.com\n1@a example.com d@example.com\n"},
    {"more in one transfer, failed and put off count", NULL,
     IN(AUTH "id=1@a") TO("-> b@example.org R=x T=y") TO("** c@example.org: Unrouteable")
         TO("** e@example.org <f@example.org> R=x T=y: SMTP error: 550 => "
            "eve@evil.example")
             TO("== d@example.org R=dnslookup T=remote_smtp defer (-44): 451 => x@y"),
     "1@a example.com \n1@a example.com b@example.org\n1@a example.com c@example.org\n"
     "1@a example.com e@example.org\n1@a example.com f@example.org\n"
     "1@a example.com d@example.org\n"},
    {"a recipient in quotes may hold blanks", NULL,
     IN(AUTH "id=1@a") TO("=> \"b => c\"@example.org R=x T=y"),
     "1@a example.com \n1@a example.com \"b => c\"@example.org\n"},
    {"ids of 4.97, fractions, a zone and a process id are read", NULL,
     "2026-11-29 10:00:01.123 +0100 [4711] 1vPkHg-00000001AbC-2Cde <= alice@example.com "
     "U=alice P=local S=500 id=1@a\n"
     "2026-11-29 10:00:01.200 +0100 [4712] 1vPkHg-00000001AbC-2Cde => bob@example.org "
     "R=x\n",
     TOLD},
    {"Exim's syslog is read, with its stamp and without", NULL,
     "Nov 29 10:00:01 mx1 exim[1]: " AT M
     "<= alice@example.com U=alice P=local S=5 id=1@a\n"
     "2026-11-29T10:00:01Z mx1 exim[1]: " M "=> bob@example.org R=x\n",
     TOLD},
    {"what never was accepted was not sent", NULL,
     AT "H=x [198.51.100.1] rejected MAIL <alice@example.com>\n" BOB, ""},
    {"what is no log tells nothing", NULL,
     "\n2026-11-29 10:00:01\n2026-11-29 10:00:01 \n2026-11-29 10:00:01 "
     "1vPkHg-0001Ab-2C\n" AT M "\n" AT M "<= \n" AT M "=> \n",
     ""},
};

static void
test_row(void **state)
{
    log_check(NDR_SENT_LOG_EXIM, *state);
}

int
main(void)
{
    ADD_ROWS(rows, test_row);
    return run_added("log_exim");
}
