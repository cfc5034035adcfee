/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sent_speed.c - how fast is a log of Postfix learned, how large is what is kept of it,
 * and how soon is an answer there?
 *
 *   sent_speed LINES MESSAGES FOLDER
 *
 * Makes a log of LINES lines in FOLDER (which must not be there), two messages of five
 * ours; `ndrscan sent add` is to be timed on it. Then keeps MESSAGES messages of a week,
 * and asks for known and unknown ones in random order. FOLDER stays, to be looked at;
 * with LINES 0 one that is there is asked again.
 */
#include "ndrscan_sent.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define MONDAY INT64_C(1795996800) /* 2026-11-30T00:00:00Z */
enum { DAY = 86400, ASKED = 1000000 };

/* Time of this process alone: others may be at work. */
static double
now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
die(const char *text)
{
    (void)fprintf(stderr, "sent_speed: %s\n", text);
    exit(2);
}

static uint64_t
next_random(uint64_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    return *x;
}

/* ---- a log --------------------------------------------------------------------------
 */

/* A message's lines; how many. */
static unsigned
write_message(FILE *f, uint64_t i)
{
    char at[64], id[32];
    const unsigned s = (unsigned)(i / 40 % DAY), day = 1 + (unsigned)(i / 40 / DAY) % 28;
    (void)snprintf(at, sizeof at, "Nov %2u %02u:%02u:%02u mx1 postfix/", day, s / 3600,
                   s / 60 % 60, s % 60);
    (void)snprintf(id, sizeof id, "4%07" PRIX64 "zB", i);
    const bool ours = i % 5 < 2;
    if (!ours)
        (void)fprintf(f, "%ssmtpd[%u]: connect from h%u.example.net[203.0.113.%u]\n", at,
                      s, s % 977, s % 250);
    (void)fprintf(f, "%s%ssmtpd[%u]: %s: client=h%u.example.net[203.0.113.%u]%s\n", at,
                  ours ? "submission/" : "", s, id, s % 977, s % 250,
                  ours ? ", sasl_method=PLAIN, sasl_username=alice" : "");
    (void)fprintf(f, "%scleanup[77]: %s: message-id=<%" PRIx64 ".%s@mail.example.com>\n",
                  at, id, i, id);
    (void)fprintf(f,
                  "%sqmgr[78]: %s: from=<user%u@example.com>, size=%u, nrcpt=1 (queue "
                  "active)\n",
                  at, id, s % 500, s);
    (void)fprintf(f,
                  "%ssmtp[79]: %s: to=<rcpt%u@example.org>, relay=mx.example.org"
                  "[192.0.2.25]:25, delay=0.47, delays=0.08/0.03/0.16/0.2, dsn=2.0.0, "
                  "status=sent (250 2.0.0 Ok: queued as 4XyZabc)\n",
                  at, id, s);
    (void)fprintf(f, "%sqmgr[78]: %s: removed\n", at, id);
    if (!ours)
        (void)fprintf(f,
                      "%ssmtpd[%u]: disconnect from h%u.example.net[203.0.113.%u] ehlo=1 "
                      "mail=1 rcpt=1 data=1 quit=1 commands=5\n",
                      at, s, s % 977, s % 250);
    return ours ? 5 : 7;
}

static void
write_log(const char *path, uint64_t lines)
{
    FILE *f = fopen(path, "wx");
    if (f == NULL)
        die("the log cannot be made");
    for (uint64_t i = 0, n = 0; n < lines; i++)
        n += write_message(f, i);
    if (fclose(f) != 0)
        die("the log cannot be written");
    (void)printf("log              %s\n", path);
}

/* ---- a set ---------------------------------------------------------------------------
 */

static void
name_message(uint64_t i, char id[64], char to[64])
{
    (void)snprintf(id, 64, "<%" PRIu64 ".4ABCDEF@mail.example.com>", i);
    (void)snprintf(to, 64, "rcpt%" PRIu64 "@example.org", i % 100003);
}

static void
fill(const char *dir, uint64_t messages)
{
    char id[64], to[64];
    ndr_sent_batch *b = NULL;
    ndr_error err = {0};
    const double begun = now();
    if (ndr_sent_begin(dir, "bench", &b, &err) != 0)
        die(err.text);
    for (uint64_t i = 0; i < messages; i++) {
        name_message(i, id, to);
        if (ndr_sent_add(b, ndr_slice_of(id), NDR_SLICE("example.com"), ndr_slice_of(to),
                         MONDAY + (int64_t)(i * 7 * DAY / messages), &err) != 0)
            die(err.text);
    }
    if (ndr_sent_commit(b, &err) != 0)
        die(err.text);
    ndr_sent_batch_free(b);
    (void)printf("kept             %.2f s, %.0f messages a second\n", now() - begun,
                 (double)messages / (now() - begun));
}

/* What a judge asks of a bounce, by what is known of what it returns. */
static const struct question {
    const char *name;
    bool known, to_other, too_late;
    enum ndr_sent_answer want;
} questions[] = {
    {"known, cold", true, false, false, NDR_SENT_TO}, /* its pages come into memory */
    {"known", true, false, false, NDR_SENT_TO},
    {"other recipient", true, true, false, NDR_SENT_ID},
    {"unknown", false, false, false, NDR_SENT_NO},
    {"no segment", true, false, true, NDR_SENT_NO}, /* names and hashes alone */
};

static void
ask(const ndr_sent *s, uint64_t messages, const struct question *q)
{
    static char id[ASKED][64], to[ASKED][64];
    const int64_t at = MONDAY + (q->too_late ? 800 : 8) * (int64_t)DAY;
    uint64_t x = 88172645463325252, right = 0;
    for (size_t i = 0; i < ASKED; i++) {
        name_message(next_random(&x) % messages + (q->known ? 0 : messages), id[i],
                     to[i]);
        if (q->to_other)
            to[i][0] = 'x';
    }
    const double begun = now();
    for (size_t i = 0; i < ASKED; i++)
        right += ndr_sent_ask(s, ndr_slice_of(id[i]), NDR_SLICE("example.com"),
                              ndr_slice_of(to[i]), at, NDR_SENT_DAYS) == q->want;
    (void)printf("asked, %-16s %5.0f ns each, %.2f %% right\n", q->name,
                 (now() - begun) * 1e9 / ASKED, 100.0 * (double)right / ASKED);
}

int
main(int argc, char **argv)
{
    char path[4096];
    ndr_sent *s = NULL;
    ndr_error err = {0};
    if (argc != 4) {
        (void)fprintf(stderr, "usage: sent_speed LINES MESSAGES FOLDER\n");
        return 2;
    }
    const uint64_t lines = strtoull(argv[1], NULL, 10);
    const uint64_t messages = strtoull(argv[2], NULL, 10);
    const bool is_new = mkdir(argv[3], 0700) == 0;
    if (messages == 0 || (!is_new && (lines > 0 || errno != EEXIST)))
        die("give a number of messages, and a folder that is not there");
    (void)snprintf(path, sizeof path, "%s/mail.log", argv[3]);
    if (lines > 0)
        write_log(path, lines);
    (void)snprintf(path, sizeof path, "%s/set", argv[3]);
    if (is_new)
        fill(path, messages);
    if (ndr_sent_open(path, NULL, NULL, &s, &err) != 0)
        die(err.text);
    const ndr_sent_stats st = ndr_sent_count(s);
    (void)printf("records          %" PRIu64 " in %" PRIu64
                 " segments, %.3f bytes each\n",
                 st.records, st.segments, (double)st.bytes / (double)st.records);
    for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++)
        ask(s, messages, &questions[i]);
    ndr_sent_close(s);
    return 0;
}
