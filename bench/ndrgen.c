/* SPDX-License-Identifier: BSD-3-Clause */
/* ndrgen.c - which heap of mail is asked for? */
#include "gen_plan.h"
#include "gen_write.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "Usage: ndrgen [options] --output PATH\n"
    "Write a heap of mail as real as can be, and the truth about it. The same options\n"
    "give the same bytes on every machine (compressed ones: with the same libzstd).\n"
    "\n"
    "  --seed N              another heap for each N [1]\n"
    "  --messages N          how many [1000]\n"
    "  --bytes SIZE          or how much, before compression: 500k, 100M, 2G\n"
    "  --bounces PERCENT     of the messages, about [25]\n"
    "  --storm DOMAIN:SHARE%:FROM:UNTIL\n"
    "                        that share of the bounces returns spam forged as DOMAIN "
    "and\n"
    "                        arrives within [FROM, UNTIL); may be given several times\n"
    "  --domains N           ordinary recipient domains [50]\n"
    "  --start TIME          first arrival, RFC 3339 [2008-05-12T00:00:00Z]\n"
    "  --span DAYS           last arrival [7]\n"
    "  --dialects a=3,b=1    mail systems that bounce, by weight; 'help' lists them\n"
    "  --languages en=8,de=1 of bodies and subjects: en de fr es ja ru\n"
    "  --lookalikes PERCENT  of the other mail, that talks about bounces [8]\n"
    "  --sizes mixed|storm   mixed: 2 to 60 kB, attachments up to several MB;\n"
    "                        storm: bounces of 3 to 10 kB, no attachments [mixed]\n"
    "  --crlf                CRLF line ends\n"
    "  --format FORMAT       mbox maildir files mbox.zst mbox.zst-multi tar.zst [mbox]\n"
    "  --output PATH         a file, or a folder that is made; - for standard output\n"
    "  --truth FILE          a line for each message: number, where (path or offset),\n"
    "                        is_bounce, kind, recipient, domain, arrived, dialect, "
    "length\n"
    "  --help\n"
    "\n"
    "EXAMPLE  a week's spool with a storm on one domain over two days:\n"
    "  ndrgen --seed 7 --messages 4000 --bounces 60 --format maildir --output spool \\\n"
    "    --storm example.com:80%:2008-05-13T08:00:00Z:2008-05-15T08:00:00Z \\\n"
    "    --truth truth.tsv\n";

enum option_id {
    O_SEED = 256,
    O_MESSAGES,
    O_BYTES,
    O_BOUNCES,
    O_STORM,
    O_DOMAINS,
    O_START,
    O_SPAN,
    O_DIALECTS,
    O_LANGUAGES,
    O_LOOKALIKES,
    O_SIZES,
    O_CRLF,
    O_FORMAT,
    O_OUTPUT,
    O_TRUTH,
    O_HELP,
};

static const struct option long_options[] = {
    {"seed", required_argument, NULL, O_SEED},
    {"messages", required_argument, NULL, O_MESSAGES},
    {"bytes", required_argument, NULL, O_BYTES},
    {"bounces", required_argument, NULL, O_BOUNCES},
    {"storm", required_argument, NULL, O_STORM},
    {"domains", required_argument, NULL, O_DOMAINS},
    {"start", required_argument, NULL, O_START},
    {"span", required_argument, NULL, O_SPAN},
    {"dialects", required_argument, NULL, O_DIALECTS},
    {"languages", required_argument, NULL, O_LANGUAGES},
    {"lookalikes", required_argument, NULL, O_LOOKALIKES},
    {"sizes", required_argument, NULL, O_SIZES},
    {"crlf", no_argument, NULL, O_CRLF},
    {"format", required_argument, NULL, O_FORMAT},
    {"output", required_argument, NULL, O_OUTPUT},
    {"truth", required_argument, NULL, O_TRUTH},
    {"help", no_argument, NULL, O_HELP},
    {NULL, 0, NULL, 0},
};

/* A number with an optional k, M or G (thousands), at most `limit`. */
static uint64_t
number(const char *word, uint64_t limit)
{
    char *end;
    if (*word < '0' || *word > '9')
        die("not a number", word);
    uint64_t n = strtoull(word, &end, 10);
    const char *const units = "kMG";
    const char *const unit = *end != '\0' ? strchr(units, *end) : NULL;
    for (long i = unit != NULL ? unit - units : -1; i >= 0; i--) {
        if (n > UINT64_MAX / 1000)
            die("too large", word);
        n *= 1000;
    }
    if (*end == '%' && end[1] == '\0')
        end++;
    if (unit != NULL)
        end++;
    if (*end != '\0' || n > limit)
        die(*end != '\0' ? "not a number" : "too large", word);
    return n;
}

static int64_t
days_of(int64_t year, int64_t month, int64_t day)
{
    const int64_t y = month <= 2 ? year - 1 : year;
    const int64_t era = y / 400;
    const int64_t yoe = y % 400;
    const int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

/* "2008-05-13T08:00:00Z" or with "+02:00"; *end is behind it. */
static int64_t
timestamp(const char *word, const char **end)
{
    int f[6];
    int taken = 0;
    if (sscanf(word, "%4d-%2d-%2dT%2d:%2d:%2d%n", &f[0], &f[1], &f[2], &f[3], &f[4],
               &f[5], &taken) != 6 ||
        taken != 19 || f[0] < 1600 || f[1] < 1 || f[1] > 12 || f[2] < 1 || f[2] > 31)
        die("not a time such as 2008-05-13T08:00:00Z", word);
    int64_t at = days_of(f[0], f[1], f[2]) * 86400 + f[3] * 3600 + f[4] * 60 + f[5];
    const char *p = word + taken;
    int hours, minutes;
    if (*p == 'Z') {
        p++;
    } else if ((*p == '+' || *p == '-') &&
               sscanf(p + 1, "%2d:%2d", &hours, &minutes) == 2) {
        at -= (*p == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
        p += 6;
    } else {
        die("a time needs an offset, Z or +02:00", word);
    }
    *end = p;
    return at;
}

static void
add_storm(gen_options *o, const char *word)
{
    if (o->storm_count == MAX_STORMS)
        die("too many storms", word);
    storm *s = &o->storms[o->storm_count++];
    const char *share = strchr(word, ':');
    const char *from = share != NULL ? strchr(share + 1, ':') : NULL;
    if (from == NULL || share == word || (size_t)(share - word) >= sizeof s->domain)
        die("a storm is DOMAIN:SHARE%:FROM:UNTIL", word);
    memcpy(s->domain, word, (size_t)(share - word));
    s->share_percent = (unsigned)strtoul(share + 1, NULL, 10);
    const char *end;
    s->from = timestamp(from + 1, &end);
    if (*end != ':')
        die("a storm is DOMAIN:SHARE%:FROM:UNTIL", word);
    s->until = timestamp(end + 1, &end);
    if (*end != '\0' || s->until <= s->from || s->share_percent > 100)
        die("a storm ends after it begins, with 100% at the most", word);
}

static const char *
dialect_name(size_t i)
{
    return i < dialect_count ? dialects[i].name : NULL;
}

static const char *
language_name(size_t i)
{
    return i < LANG_COUNT ? lang_words[i].name : NULL;
}

/* "a=3,b=1" into weights; those not named get none. */
static void
weights(const char *word, const char *(*name_of)(size_t), uint32_t *weight)
{
    for (size_t i = 0; name_of(i) != NULL; i++)
        weight[i] = 0;
    while (*word != '\0') {
        const size_t n = strcspn(word, "=,");
        size_t row = 0;
        while (name_of(row) != NULL &&
               (strncmp(name_of(row), word, n) != 0 || name_of(row)[n] != '\0'))
            row++;
        if (name_of(row) == NULL)
            die("unknown name", word);
        word += n;
        weight[row] = 1;
        if (*word == '=') {
            char *end;
            weight[row] = (uint32_t)strtoul(word + 1, &end, 10);
            word = end;
        }
        if (*word == ',')
            word++;
        else if (*word != '\0')
            die("a list of weights is a=3,b=1", word);
    }
}

static void
list_dialects(void)
{
    for (size_t i = 0; i < dialect_count; i++)
        printf("%-18s %-17s weight %u\n", dialects[i].name, dialects[i].kind,
               (unsigned)dialects[i].weight);
}

/* Mean sizes of ordinary mail and of bounces, for a plan that goes by bytes. */
static void
mean_sizes(const gen_options *o, text *out, uint64_t *ham, uint64_t *bounce)
{
    static gen_message m;
    enum { SAMPLES = 1024 };
    *ham = *bounce = 1;
    for (uint64_t i = 0; i < 2 * SAMPLES; i++) {
        compose(&m, o, (UINT64_C(1) << 60) + i, o->start, i % 2 == 1, NULL, out);
        *(i % 2 == 1 ? bounce : ham) += out->len;
    }
    *ham /= SAMPLES;
    *bounce /= SAMPLES;
}

static void
tell_truth(FILE *truth, const gen_message *m, const place *at)
{
    text when = {0};
    text_rfc3339(&when, m->arrived);
    fprintf(truth, "%llu\t", (unsigned long long)m->number);
    if (at->path[0] != '\0')
        fputs(at->path, truth);
    else
        fprintf(truth, "%llu", (unsigned long long)at->offset);
    fprintf(truth, "\t%s\t%s\t%s\t%s\t%.*s\t%s\t%llu\n", m->bounce ? "yes" : "no",
            m->kind, m->to, m->todomain, (int)when.len, when.ptr, m->dialect,
            (unsigned long long)at->length);
    text_free(&when);
}

static void
generate(const gen_options *o, writer *w, FILE *truth)
{
    static gen_message m;
    text out = {0};
    uint64_t ham_bytes = 1;
    uint64_t bounce_bytes = 1;
    rng r;
    pools_build(o->seed);
    if (o->bytes > 0)
        mean_sizes(o, &out, &ham_bytes, &bounce_bytes);
    plan *p = plan_new(o, ham_bytes, bounce_bytes);
    rng_seed(&r, o->seed, 2);
    for (uint64_t i = 0; o->bytes > 0 ? writer_bytes(w) < o->bytes : i < o->messages;
         i++) {
        const arrival a = plan_at(p, &r, o->bytes > 0 ? writer_bytes(w) : i,
                                  o->bytes > 0 ? o->bytes : o->messages);
        compose(&m, o, i, a.at, a.bounce, a.in, &out);
        const place at = writer_put(w, &m, &out);
        if (truth != NULL)
            tell_truth(truth, &m, &at);
    }
    plan_free(p);
    pools_free();
    text_free(&out);
}

int
main(int argc, char **argv)
{
    static gen_options o = {
        .seed = 1,
        .messages = 1000,
        .bounces_percent = 25,
        .lookalikes_percent = 8,
        .domains = 50,
        .start = 1210550400,
        .span_s = 7 * 86400,
        .lang_weight = {[LANG_EN] = 70,
                        [LANG_DE] = 8,
                        [LANG_FR] = 6,
                        [LANG_ES] = 6,
                        [LANG_JA] = 5,
                        [LANG_RU] = 5},
    };
    static uint32_t dialect_weight[64];
    enum gen_format format = FORMAT_MBOX;
    const char *output = NULL;
    const char *truth_path = NULL;
    const char *end = NULL;
    bool crlf = false;
    o.dialect_weight = dialect_weight;
    for (size_t i = 0; i < dialect_count; i++)
        dialect_weight[i] = dialects[i].weight;
    for (int c; (c = getopt_long(argc, argv, "", long_options, NULL)) != -1;)
        switch (c) {
        case O_SEED:
            o.seed = number(optarg, UINT64_MAX);
            break;
        case O_MESSAGES:
            o.messages = number(optarg, UINT64_C(1) << 40);
            o.bytes = 0;
            break;
        case O_BYTES:
            o.bytes = number(optarg, UINT64_C(1) << 50);
            break;
        case O_BOUNCES:
            o.bounces_percent = (unsigned)number(optarg, 100);
            break;
        case O_STORM:
            add_storm(&o, optarg);
            break;
        case O_DOMAINS:
            o.domains = (uint32_t)number(optarg, 1000000);
            if (o.domains == 0)
                die("at least one domain", NULL);
            break;
        case O_START:
            o.start = timestamp(optarg, &end);
            break;
        case O_SPAN:
            o.span_s = (int64_t)number(optarg, 10000) * 86400;
            if (o.span_s == 0)
                die("at least one day", NULL);
            break;
        case O_DIALECTS:
            if (strcmp(optarg, "help") == 0) {
                list_dialects();
                return 0;
            }
            weights(optarg, dialect_name, dialect_weight);
            break;
        case O_LANGUAGES:
            weights(optarg, language_name, o.lang_weight);
            break;
        case O_LOOKALIKES:
            o.lookalikes_percent = (unsigned)number(optarg, 100);
            break;
        case O_SIZES:
            o.storm_sizes = strcmp(optarg, "storm") == 0;
            if (!o.storm_sizes && strcmp(optarg, "mixed") != 0)
                die("sizes are mixed or storm, not", optarg);
            break;
        case O_CRLF:
            crlf = true;
            break;
        case O_FORMAT: {
            int f = 0;
            while (f < FORMAT_COUNT && strcmp(format_names[f], optarg) != 0)
                f++;
            if (f == FORMAT_COUNT)
                die("unknown format", optarg);
            format = (enum gen_format)f;
            break;
        }
        case O_OUTPUT:
            output = optarg;
            break;
        case O_TRUTH:
            truth_path = optarg;
            break;
        case O_HELP:
            fputs(usage, stdout);
            return 0;
        default:
            fputs("Try 'ndrgen --help'.\n", stderr);
            return 2;
        }
    if (output == NULL || optind != argc)
        die("wants --output and no other words; see --help", NULL);
    FILE *truth = NULL;
    if (truth_path != NULL) {
        truth = fopen(truth_path, "w");
        if (truth == NULL)
            die("cannot write", truth_path);
        fputs("number\twhere\tis_"
              "bounce\tkind\trecipient\tdomain\tarrived\tdialect\tlength\n",
              truth);
    }
    writer *w = writer_open(format, output, crlf);
    generate(&o, w, truth);
    writer_close(w);
    if (truth != NULL && (ferror(truth) || fclose(truth) != 0))
        die("cannot write", truth_path);
    return 0;
}
