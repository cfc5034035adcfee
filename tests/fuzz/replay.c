/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * replay.c - do a target's laws hold for its kept inputs and for what is near them?
 *
 *   fuzz_TARGET-replay CASES FOLDER...
 *
 * Runs every file of the folders as it is, then mutations of them, the same in every
 * run, until CASES were tried in all. A broken law ends it with the input's name.
 */
#include "fuzz.h"

#include <dirent.h>
#include <signal.h>
#include <unistd.h>

enum { INPUT_LIMIT = 1 << 20, FILE_LIMIT = 4096 };

typedef struct input {
    char path[1024];
    unsigned char *ptr;
    size_t len;
} input;

static input *inputs;
static size_t input_count;
static char now[1200]; /* what is tried, for a death */

static void
on_death(int signal_number)
{
    static const char words[] = "died on ";
    (void)!write(STDERR_FILENO, words, sizeof words - 1);
    (void)!write(STDERR_FILENO, now, strlen(now));
    (void)!write(STDERR_FILENO, "\n", 1);
    (void)signal(signal_number, SIG_DFL);
    (void)raise(signal_number);
}

static size_t counted; /* inputs that the target did not turn away */

static void
run(const unsigned char *bytes, size_t n)
{
    unsigned char *copy = fuzz_copy(bytes, n);
    counted += LLVMFuzzerTestOneInput(copy, n) == 0;
    free(copy);
}

static void
take_file(const char *folder, const char *name)
{
    input *in = &inputs[input_count];
    static unsigned char room[INPUT_LIMIT];
    (void)snprintf(in->path, sizeof in->path, "%s/%s", folder, name);
    FILE *f = fopen(in->path, "rb");
    LAW(f != NULL, "%s", in->path);
    in->len = fread(room, 1, sizeof room, f);
    LAW(ferror(f) == 0 && fclose(f) == 0, "%s", in->path);
    in->ptr = fuzz_copy(room, in->len);
    input_count++;
}

static int
by_path(const void *a, const void *b)
{
    return strcmp(((const input *)a)->path, ((const input *)b)->path);
}

static void
take_folder(const char *folder)
{
    DIR *d = opendir(folder);
    LAW(d != NULL, "%s", folder);
    for (const struct dirent *e = readdir(d); e != NULL; e = readdir(d))
        if (e->d_name[0] != '.' && input_count < FILE_LIMIT)
            take_file(folder, e->d_name);
    (void)closedir(d);
}

static uint64_t
next(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* `in` with one to four small changes, into `out` (at most `room`); its length. */
static size_t
mutate(const input *in, uint64_t *seed, unsigned char *out, size_t room)
{
    static const unsigned char telling[] = "\n\r \t:;=-?<>()\"\\%&\0\xff\x80{}[]'#/.,@";
    size_t n = in->len < room ? in->len : room;
    if (n > 0)
        memcpy(out, in->ptr, n);
    for (uint64_t times = 1 + next(seed) % 4; times > 0; times--) {
        const size_t at = n == 0 ? 0 : (size_t)(next(seed) % n);
        const size_t len =
            n == 0 ? 0 : (size_t)(next(seed) % (n - at < 64 ? n - at : 64)) + 1;
        switch (next(seed) % 8) {
        case 0: /* a bit */
            if (n > 0)
                out[at] = (unsigned char)(out[at] ^ 1u << next(seed) % 8);
            break;
        case 1: /* a telling byte */
            if (n > 0)
                out[at] = telling[next(seed) % (sizeof telling - 1)];
            break;
        case 2: /* cut off */
            n = at;
            break;
        case 3: /* take out */
            memmove(out + at, out + at + len, n - at - len);
            n -= len;
            break;
        case 4: /* double */
            if (n + len <= room) {
                memmove(out + at + len, out + at, n - at);
                n += len;
            }
            break;
        case 5: /* put in */
            if (n < room) {
                memmove(out + at + 1, out + at, n - at);
                out[at] = telling[next(seed) % (sizeof telling - 1)];
                n++;
            }
            break;
        case 6: /* splice: a piece of another input */
            if (input_count > 1) {
                const input *other = &inputs[next(seed) % input_count];
                const size_t from =
                    other->len == 0 ? 0 : (size_t)(next(seed) % other->len);
                size_t piece = other->len - from < 256 ? other->len - from : 256;
                piece = piece < n - at ? piece : n - at;
                if (piece > 0)
                    memcpy(out + at, other->ptr + from, piece);
            }
            break;
        default: /* any byte */
            if (n > 0)
                out[at] = (unsigned char)next(seed);
        }
    }
    return n;
}

int
main(int argc, char **argv)
{
    if (argc < 3) {
        (void)fprintf(stderr, "usage: %s CASES FOLDER...\n", argv[0]);
        return 2;
    }
    const size_t cases = strtoul(argv[1], NULL, 10);
    inputs = calloc(FILE_LIMIT, sizeof *inputs);
    unsigned char *room = malloc(2 * INPUT_LIMIT);
    LAW(inputs != NULL && room != NULL, "no memory");
    for (int i = 2; i < argc; i++)
        take_folder(argv[i]);
    LAW(input_count > 0, "no kept inputs in %s", argv[2]);
    qsort(inputs, input_count, sizeof *inputs, by_path);
    (void)signal(SIGABRT, on_death);
    (void)signal(SIGALRM, on_death);
    (void)LLVMFuzzerInitialize(&argc, &argv);

    /* libFuzzer begins with it: a target that dies of it has never searched */
    (void)snprintf(now, sizeof now, "no bytes");
    run(NULL, 0);
    size_t tried = 0;
    for (; tried < input_count; tried++) {
        (void)snprintf(now, sizeof now, "%s", inputs[tried].path);
        (void)alarm(60);
        run(inputs[tried].ptr, inputs[tried].len);
    }
    uint64_t seed = 0x9e3779b97f4a7c15u;
    for (; tried < cases; tried++) {
        const input *in = &inputs[tried % input_count];
        (void)snprintf(now, sizeof now, "case %zu, a mutation of %s", tried, in->path);
        (void)alarm(60);
        const size_t n = mutate(in, &seed, room, 2 * INPUT_LIMIT);
        run(room, n);
    }
    for (size_t i = 0; i < input_count; i++)
        free(inputs[i].ptr);
    free(inputs);
    free(room);
    LAW(counted > tried / 10, "%zu of %zu cases were tried, the others turned away",
        counted, tried);
    (void)printf("%zu kept inputs, %zu cases, %zu tried\n", input_count, tried, counted);
    return 0;
}
