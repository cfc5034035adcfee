/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * hostile.c - does any message, whatever its shape, take longer than its size allows?
 *
 * The bar is a promise to whoever feeds mail to a scanner: 2 ms and 1 ms a MiB. A time
 * is the processor's of this thread; of several scans the fastest counts, so that a
 * busy machine is not taken for a slow engine. The first scan is told as well: it also
 * pays for memory and for converters that a run needs once.
 */
#define MEASURE_NAME "hostile"
#include "hostile_shapes.h"
#include "measure.h"
#include "ndrscan_rules.h"

#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define BAR_MS     2.0
#define BAR_MS_MIB 1.0

static const char usage[] =
    "Usage: hostile [options] [SHAPE...]\n"
    "Scan messages that nobody sends by accident, of 1, 4 and 15 MiB each, with the\n"
    "rules loaded, and tell what took longer than 2 ms and 1 ms a MiB. A release build\n"
    "tells the truth. Exit status: 0 all within the bar; 1 some over it; 2 could not "
    "run.\n"
    "\n"
    "  --rules PATH     a file or a folder of rules [rules/ndr]\n"
    "  --folder DIR     the mail below DIR instead, the slowest files in order\n"
    "  --top N          how many of them are listed [20]\n"
    "  --mib N          only that size; may be given again\n"
    "  --runs N         scans of each, the fastest counts [3]\n"
    "  --bar FACTOR     how many times the bar is allowed [1]\n"
    "  --over           list only what is over the bar\n"
    "  --write DIR      do not scan: write each shape into a file there\n"
    "  --list           the names of the shapes\n"
    "  --help\n"
    "\n"
    "Columns: milliseconds of the fastest scan, of the first, a MiB; times the bar; the\n"
    "message; the rule that names it.\n";

enum { SIZES = 8 };

typedef struct options {
    const char *rules, *folder, *write;
    size_t top, runs;
    size_t mib[SIZES], mibs;
    double factor;
    bool only_over, list;
    char **shape;
    int shapes;
} options;

/* One message's times. */
typedef struct timed {
    char *name;
    double best, first, bar; /* ms */
    size_t bytes;
    char rule[48];
} timed;

static timed
measure(ndr_scanner *s, ndr_slice raw, const char *name, size_t runs)
{
    const double mib = (double)raw.len / (1 << 20);
    timed t = {
        .name = need(strdup(name)), .bar = BAR_MS + BAR_MS_MIB * mib, .bytes = raw.len};
    for (size_t i = 0; i < runs; i++) {
        ndr_message m = {.raw = raw,
                         .source = "-",
                         .length = raw.len,
                         .framed = NDR_TIME_UNKNOWN,
                         .file_time = NDR_TIME_UNKNOWN};
        ndr_verdict v;
        ndr_error err;
        const double begin = own_time() * 1e3;
        if (ndr_scan(s, &m, NULL, NULL, &v, &err) < 0)
            die(name, err.text);
        const double ms = own_time() * 1e3 - begin;
        if (i == 0)
            t.first = ms;
        if (i == 0 || ms < t.best)
            t.best = ms;
        (void)snprintf(t.rule, sizeof t.rule, "%s", v.rule == NULL ? "-" : v.rule->id);
    }
    return t;
}

static bool
is_over(const timed *t, const options *o)
{
    return t->best > o->factor * t->bar;
}

static void
print_head(void)
{
    printf("      ms   first    /MiB   bar  message\n");
}

static void
print_row(const timed *t, const options *o)
{
    const double mib = (double)t->bytes / (1 << 20);
    printf("%8.2f %7.2f %7.2f %5.2f%c %s (%.2f MiB) %s\n", t->best, t->first,
           t->best / mib, t->best / t->bar, is_over(t, o) ? '!' : ' ', t->name, mib,
           t->rule);
}

/* ---- made messages ---- */

static bool
is_asked(const hostile_shape *shape, const options *o)
{
    for (int i = 0; i < o->shapes; i++)
        if (strcmp(o->shape[i], shape->name) == 0)
            return true;
    return o->shapes == 0;
}

static void
write_shape(const char *dir, const char *name, ndr_slice raw)
{
    char path[4096];
    const int n = snprintf(path, sizeof path, "%s/%s.eml", dir, name);
    if (n < 0 || (size_t)n >= sizeof path)
        die(dir, "too long a path");
    FILE *f = fopen(path, "wbx");
    if (f == NULL)
        die(path, "cannot be made; is it there already?");
    if (fwrite(raw.ptr, 1, raw.len, f) != raw.len || fclose(f) != 0)
        die(path, "cannot be written");
}

/* How many were over the bar. */
static size_t
scan_shapes(ndr_scanner *s, const options *o)
{
    size_t over = 0, count = 0;
    ndr_buffer mail = {0};
    if (o->write == NULL)
        print_head();
    for (size_t i = 0; i < hostile_shape_count; i++)
        for (size_t k = 0; k < o->mibs && is_asked(&hostile_shapes[i], o); k++) {
            char name[80];
            (void)snprintf(name, sizeof name, "%s-%zu", hostile_shapes[i].name,
                           o->mib[k]);
            ndr_buffer_clear(&mail);
            hostile_make(&hostile_shapes[i], o->mib[k] << 20, &mail);
            if (mail.failed)
                die(name, "no memory");
            const ndr_slice raw = {mail.ptr, mail.len};
            count++;
            if (o->write != NULL) {
                write_shape(o->write, name, raw);
                continue;
            }
            timed t = measure(s, raw, name, o->runs);
            over += is_over(&t, o);
            if (!o->only_over || is_over(&t, o))
                print_row(&t, o);
            free(t.name);
        }
    if (count == 0)
        die("shapes", "none of that name; --list names them");
    if (o->write == NULL)
        printf("%zu of %zu over the bar\n", over, count);
    ndr_buffer_free(&mail);
    return over;
}

/* ---- a folder of mail ---- */

typedef struct heap {
    ndr_scanner *s;
    const options *o;
    timed *row;
    size_t count, cap;
} heap;

static int
by_share(const void *a, const void *b)
{
    const timed *x = a, *y = b;
    const double p = x->best / x->bar, q = y->best / y->bar;
    return (p < q) - (p > q);
}

static void
add_file(heap *h, const char *path)
{
    FILE *f = fopen(path, "rbe");
    if (f == NULL)
        die(path, strerror(errno));
    ndr_buffer mail = {0};
    size_t n = 1;
    while (n > 0 && ndr_buffer_reserve(&mail, 1 << 16)) {
        n = fread(mail.ptr + mail.len, 1, mail.cap - mail.len, f);
        mail.len += n;
    }
    if (ferror(f) != 0 || mail.failed)
        die(path, "cannot be read");
    (void)fclose(f);
    if (h->count == h->cap) {
        h->cap = h->cap == 0 ? 1024 : 2 * h->cap;
        h->row = need(realloc(h->row, h->cap * sizeof *h->row));
    }
    h->row[h->count++] = measure(h->s, (ndr_slice){mail.ptr, mail.len}, path, h->o->runs);
    ndr_buffer_free(&mail);
}

static void
add_folder(heap *h, const char *dir)
{
    DIR *d = opendir(dir);
    if (d == NULL)
        die(dir, strerror(errno));
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        if (e->d_name[0] == '.' || strcmp(e->d_name, "LABELS.tsv") == 0)
            continue;
        ndr_buffer path = {0};
        ndr_buffer_printf(&path, "%s/%s", dir, e->d_name);
        ndr_buffer_byte(&path, '\0');
        struct stat st;
        if (path.failed || lstat((const char *)path.ptr, &st) != 0)
            die(dir, "cannot be listed");
        if (S_ISDIR(st.st_mode))
            add_folder(h, (const char *)path.ptr);
        else if (S_ISREG(st.st_mode))
            add_file(h, (const char *)path.ptr);
        ndr_buffer_free(&path);
    }
    (void)closedir(d);
}

static size_t
scan_folder(ndr_scanner *s, const options *o)
{
    heap h = {.s = s, .o = o};
    add_folder(&h, o->folder);
    if (h.count == 0)
        die(o->folder, "no mail there");
    qsort(h.row, h.count, sizeof *h.row, by_share);
    print_head();
    size_t over = 0;
    for (size_t i = 0; i < h.count; i++) {
        over += is_over(&h.row[i], o);
        if (i < o->top && (!o->only_over || is_over(&h.row[i], o)))
            print_row(&h.row[i], o);
        free(h.row[i].name);
    }
    printf("%zu of %zu over the bar\n", over, h.count);
    free(h.row);
    return over;
}

/* ---- */

static size_t
number(const char *word)
{
    char *end;
    const unsigned long n = strtoul(word, &end, 10);
    if (*word < '1' || *word > '9' || *end != '\0' || n > 100000)
        die(word, "not a number that makes sense here");
    return n;
}

static options
read_options(int argc, char **argv)
{
    static const struct option known[] = {
        {"rules", required_argument, NULL, 'R'},
        {"folder", required_argument, NULL, 'f'},
        {"top", required_argument, NULL, 't'},
        {"mib", required_argument, NULL, 'm'},
        {"runs", required_argument, NULL, 'n'},
        {"bar", required_argument, NULL, 'b'},
        {"over", no_argument, NULL, 'o'},
        {"write", required_argument, NULL, 'w'},
        {"list", no_argument, NULL, 'l'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    options o = {.rules = "rules/ndr", .top = 20, .runs = 3, .factor = 1.0};
    char *end;
    for (int c; (c = getopt_long(argc, argv, "h", known, NULL)) != -1;) {
        switch (c) {
        case 'R':
            o.rules = optarg;
            break;
        case 'f':
            o.folder = optarg;
            break;
        case 't':
            o.top = number(optarg);
            break;
        case 'm':
            if (o.mibs == SIZES)
                die("--mib", "so many sizes are not taken");
            o.mib[o.mibs] = number(optarg);
            if (o.mib[o.mibs++] > 1024)
                die("--mib", "1024 at most");
            break;
        case 'n':
            o.runs = number(optarg);
            break;
        case 'b':
            o.factor = strtod(optarg, &end);
            if (end == optarg || *end != '\0' || !(o.factor > 0))
                die(optarg, "not a factor above 0");
            break;
        case 'o':
            o.only_over = true;
            break;
        case 'w':
            o.write = optarg;
            break;
        case 'l':
            o.list = true;
            break;
        case 'h':
            fputs(usage, stdout);
            exit(0);
        default:
            fputs("hostile --help lists the options\n", stderr);
            exit(2);
        }
    }
    o.shape = argv + optind;
    o.shapes = argc - optind;
    if (o.folder != NULL && (o.shapes > 0 || o.write != NULL || o.mibs > 0))
        die("--folder", "goes neither with shapes nor with --write nor with --mib");
    static const size_t standard[] = {1, 4, 15};
    if (o.mibs == 0)
        for (; o.mibs < sizeof standard / sizeof standard[0]; o.mibs++)
            o.mib[o.mibs] = standard[o.mibs];
    return o;
}

int
main(int argc, char **argv)
{
    const options o = read_options(argc, argv);
    if (o.list) {
        for (size_t i = 0; i < hostile_shape_count; i++)
            printf("%s\n", hostile_shapes[i].name);
        return 0;
    }
    if (o.write != NULL) {
        (void)scan_shapes(NULL, &o);
        return 0;
    }
    ndr_error err;
    ndr_ruleset *rs = NULL;
    char note[NDR_CACHE_NOTE_BYTES];
    const ndr_rules_opts rules = {NDR_SIZED(ndr_rules_opts), .path = &o.rules,
                                  .path_count = 1};
    if (ndr_rules_load(&rules, &rs, note, &err) < 0)
        die("rules", err.text);
    const ndr_scan_opts opts = {NDR_SIZED(ndr_scan_opts), .rules = rs,
                                .facts_always = true};
    ndr_scanner *s = NULL;
    if (ndr_scanner_new(&opts, &s, &err) < 0)
        die("scanner", err.text);
    const size_t over = o.folder != NULL ? scan_folder(s, &o) : scan_shapes(s, &o);
    ndr_scanner_free(s);
    ndr_ruleset_free(rs);
    if (fflush(stdout) != 0)
        die("output", "cannot be written");
    return over == 0 ? 0 : 1;
}
