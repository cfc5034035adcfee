/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE /* preadv2 */

#include "source/ahead.h"

#include "drive.h"
#include "ndr_file.h"
#include "packing.h"
#include "pretend_mount.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { FILES = 300, LONG_ONE = 7, EMPTY_ONE = 8 };

static ndr_page_cache all_stays = {.limit_bytes = UINT64_MAX};

/* A folder in the working folder with files, and what is none among them. */
typedef struct folder {
    char path[32];
    int fd;
    char names[FILES + 8][16];
    ndr_found_name found[FILES + 8];
    size_t count;
} folder;

/* The inodes' numbers are against the names' order, as in a folder that is shuffled. */
static void
add_name(folder *f, const char *name)
{
    (void)snprintf(f->names[f->count], sizeof f->names[0], "%s", name);
    f->found[f->count] = (ndr_found_name){f->names[f->count], 10000 - f->count};
    f->count++;
}

static void
write_numbered(int fd, int number)
{
    char line[32];
    const int n = snprintf(line, sizeof line, "Subject: %d\n\n", number);
    assert_int_equal(write(fd, line, (size_t)n), n);
    if (number == LONG_ONE) /* longer than a front */
        assert_int_equal(ftruncate(fd, NDR_AHEAD_FRONT_BYTES + 1), 0);
}

/* Have what was written out of memory, without waiting for a journal as fsync does. */
static void
chill(int fd)
{
    assert_int_equal(sync_file_range(fd, 0, 0,
                                     SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
                                         SYNC_FILE_RANGE_WAIT_AFTER),
                     0);
    assert_int_equal(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED), 0);
}

static void
make_cold(folder *f)
{
    *f = (folder){.path = "ahead-XXXXXX"};
    assert_non_null(mkdtemp(f->path));
    f->fd = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(f->fd >= 0);
    for (int i = 0; i < FILES; i++) {
        char name[8];
        (void)snprintf(name, sizeof name, "m%d", i);
        const int fd = openat(f->fd, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        assert_true(fd >= 0);
        if (i != EMPTY_ONE)
            write_numbered(fd, i);
        chill(fd);
        assert_int_equal(close(fd), 0);
        add_name(f, name);
    }
    assert_int_equal(mkfifoat(f->fd, "fifo", 0600), 0);
    assert_int_equal(mkdirat(f->fd, "folder", 0700), 0);
    assert_int_equal(symlinkat("m0", f->fd, "link"), 0);
    add_name(f, "fifo");
    add_name(f, "folder");
    add_name(f, "link");
    add_name(f, "gone");
}

static void
drop_folder(folder *f)
{
    for (size_t i = 0; i < f->count; i++)
        (void)unlinkat(f->fd, f->names[i],
                       strcmp(f->names[i], "folder") == 0 ? AT_REMOVEDIR : 0);
    assert_int_equal(close(f->fd), 0);
    assert_int_equal(rmdir(f->path), 0);
}

/* How many of the files from `first` on would be read without waiting for the disk? To
 * ask may begin to read them. */
static int
warm(const folder *f, int first)
{
    int n = 0;
    for (int i = first; i < FILES; i++) {
        char name[8], byte;
        (void)snprintf(name, sizeof name, "m%d", i);
        const int fd = openat(f->fd, name, O_RDONLY | O_CLOEXEC);
        assert_true(fd >= 0);
        const struct iovec to = {&byte, 1};
        n += preadv2(fd, &to, 1, 0, RWF_NOWAIT) == 1;
        assert_int_equal(close(fd), 0);
    }
    return n;
}

/* A folder whose files are not in memory; false where the file system keeps them there.
 */
static bool
is_cold(const folder *f)
{
    return warm(f, FILES - 1) == 0;
}

static void
count_done(void *of)
{
    (*(int *)of)++;
}

/* Take all there is, in order. How many were handed over, each with what is in it. */
static size_t
take_all(ndr_ahead_folder *a, const folder *f)
{
    size_t handed = 0;
    for (size_t i = 0; i < f->count; i++) {
        ndr_read_file got;
        if (!ndr_ahead_take(a, i, &got))
            continue;
        char line[32];
        const int n = snprintf(line, sizeof line, "Subject: %zu\n\n", i);
        assert_int_equal(got.len, n);
        assert_memory_equal(got.bytes, line, got.len);
        assert_true(got.mtime > 0);
        assert_true(i < FILES && i != LONG_ONE && i != EMPTY_ONE);
        free(got.bytes);
        handed++;
    }
    return handed;
}

/* Wait until the crew has been at the last name that it comes to. */
static void
await_crew(ndr_ahead_folder *a)
{
    uint64_t bytes;
    for (int i = 0; !ndr_ahead_size(a, 0, &bytes); i++) {
        assert_true(i < 20000);
        (void)usleep(1000);
    }
}

static void
handed_test(void **state)
{
    (void)state;
    folder f;
    make_cold(&f);
    const bool cold = is_cold(&f);
    int done = 0;
    ndr_ahead *crew = ndr_ahead_new(4, &all_stays);
    assert_non_null(crew);
    ndr_ahead_folder *a =
        ndr_ahead_begin(crew, f.fd, f.found, f.count, false, count_done, &done);
    if (cold)
        assert_non_null(a);
    if (a == NULL) {
        print_message("not asked: these files stay in memory\n");
    } else {
        uint64_t bytes;
        await_crew(a); /* name 0 has the highest inode: it is the last */
        assert_true(ndr_ahead_size(a, LONG_ONE, &bytes));
        assert_int_equal(bytes, NDR_AHEAD_FRONT_BYTES + 1);
        const size_t handed = take_all(a, &f);
        assert_true(handed >= FILES - 2 - 16 && handed <= FILES - 2);
        assert_int_equal(done, 0);
        ndr_ahead_unref(a);
    }
    ndr_ahead_free(crew);
    assert_int_equal(done, a != NULL);
    drop_folder(&f);
}

/* Workers that are faster than the crew wait for nothing that was not begun. */
static void
overtaken_test(void **state)
{
    (void)state;
    folder f;
    make_cold(&f);
    ndr_ahead *crew = ndr_ahead_new(1, &all_stays);
    assert_non_null(crew);
    ndr_ahead_folder *a =
        ndr_ahead_begin(crew, f.fd, f.found, f.count, false, NULL, NULL);
    if (a != NULL) {
        assert_true(take_all(a, &f) <= FILES - 2);
        ndr_ahead_unref(a);
    }
    ndr_ahead_free(crew);
    drop_folder(&f);
}

static int
count_entry(void *ctx, const struct dirent *e)
{
    (void)e;
    (*(unsigned *)ctx)++;
    return 0;
}

static void
far_test(void **state)
{
    (void)state;
    enum { READERS = 3 };
    folder f;
    unsigned threads = 0;
    make_cold(&f);
    if (!is_cold(&f)) { /* nobody would be asked to read ahead */
        drop_folder(&f);
        SKIP("files are never cold here");
    }
    ndr_ahead *crew = ndr_ahead_new(READERS, &all_stays);
    assert_non_null(crew);
    pretended_type = PRETEND_NFS;
    ndr_ahead_folder *a =
        ndr_ahead_begin(crew, f.fd, f.found, f.count, false, NULL, NULL);
    pretended_type = 0;
    assert_non_null(a);
    ndr_read_file got;
    assert_int_equal(ndr_folder_each(open("/proc/self/task", O_RDONLY | O_DIRECTORY),
                                     count_entry, &threads),
                     0);
    /* a sanitizer may have one of its own */
    assert_true(threads >= 1 + READERS * NDR_AHEAD_FAR_TIMES);
    await_crew(a);
    assert_true(ndr_ahead_take(a, LONG_ONE, &got));
    assert_int_equal(got.len, NDR_AHEAD_FRONT_BYTES + 1);
    assert_memory_equal(got.bytes, "Subject: 7\n\n", 13);
    assert_int_equal(got.bytes[got.len - 1], 0);
    free(got.bytes);
    ndr_ahead_unref(a);
    ndr_ahead_free(crew);
    drop_folder(&f);
}

/* The run ends early: what was read and not taken goes, too. */
static void
left_test(void **state)
{
    (void)state;
    int done = 0;
    folder f[3];
    ndr_ahead_folder *a[3];
    ndr_ahead *crew = ndr_ahead_new(3, &all_stays);
    assert_non_null(crew);
    int begun = 0;
    for (int i = 0; i < 3; i++) {
        make_cold(&f[i]);
        a[i] = ndr_ahead_begin(crew, f[i].fd, f[i].found, f[i].count, false, count_done,
                               &done);
        begun += a[i] != NULL;
    }
    if (a[0] != NULL)
        await_crew(a[0]);
    for (int i = 0; i < 3; i++)
        ndr_ahead_unref(a[i]);
    ndr_ahead_free(crew);
    assert_int_equal(done, begun);
    for (int i = 0; i < 3; i++)
        drop_folder(&f[i]);
}

static void
warm_test(void **state)
{
    (void)state;
    folder f;
    make_cold(&f);
    ndr_ahead *crew = ndr_ahead_new(2, &all_stays);
    assert_non_null(crew);
    for (size_t i = 0; i < f.count && i < FILES; i++) {
        char bytes[64];
        const int fd = openat(f.fd, f.names[i], O_RDONLY | O_CLOEXEC);
        assert_true(fd >= 0);
        assert_true(read(fd, bytes, sizeof bytes) >= 0);
        assert_int_equal(close(fd), 0);
    }
    assert_null(ndr_ahead_begin(crew, f.fd, f.found, f.count, false, NULL, NULL));
    assert_null(ndr_ahead_begin(crew, f.fd, f.found, 0, false, NULL, NULL));
    assert_null(ndr_ahead_begin(crew, -1, f.found, f.count, false, NULL, NULL));
    ndr_ahead_free(crew);
    ndr_ahead_free(NULL);
    drop_folder(&f);
}

/* ---- the same messages, whoever read them --------------------------------------------
 */

/* A file of the tree that is not in memory; `repeat`: how often the text stands in it. */
static void
put_cold(const char *top, const char *name, const char *text, int repeat,
         const char *filter)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", top, name);
    const size_t n = strlen(text) * (size_t)repeat, room = n + 4096;
    char *bytes = malloc(n + 1);
    assert_non_null(bytes);
    for (int i = 0; i < repeat; i++)
        (void)strcpy(bytes + strlen(text) * (size_t)i, text);
    char *packed = malloc(room);
    assert_non_null(packed);
    size_t used = n;
    if (filter != NULL) {
        struct archive *a = pack_open("raw", filter, packed, room, &used);
        pack_entry(a, "x", 0, bytes, n, NULL);
        assert_int_equal(archive_write_free(a), ARCHIVE_OK);
    } else {
        memcpy(packed, bytes, n);
    }
    const int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, packed, used), (ssize_t)used);
    chill(fd);
    assert_int_equal(close(fd), 0);
    free(packed);
    free(bytes);
}

static const char letter[] =
    "Subject: a letter\n\nText that is to be longer than nothing.\n";
static const char in_box[] =
    "From a@example.com Tue May 13 10:00:00 2008\nSubject: b\n\nx\n\n";

/* Small and large, packed, mailboxes among messages, and folders of few and of many. */
static void
make_tree(const char *top)
{
    static const char *const folders[] = {"",      "/cur",      "/new",
                                          "/.Sub", "/.Sub/cur", "/files"};
    char path[128];
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        (void)snprintf(path, sizeof path, "%s%s", top, folders[i]);
        assert_int_equal(mkdir(path, 0700), 0);
    }
    for (int i = 0; i < FILES; i++) {
        (void)snprintf(path, sizeof path, "cur/12106710%02d.m%d", i % 60, i);
        put_cold(top, path, letter, i % 5 == 0 ? 2000 : i % 7,
                 i % 11 == 0 ? "gzip" : NULL);
    }
    for (int i = 0; i < 5; i++) {
        (void)snprintf(path, sizeof path, "new/1210671000.n%d", i);
        put_cold(top, path, letter, 1 + i, NULL);
        (void)snprintf(path, sizeof path, ".Sub/cur/1210671000.s%d", i);
        put_cold(top, path, letter, 1, NULL);
    }
    for (int i = 0; i < 40; i++) {
        (void)snprintf(path, sizeof path, "files/f%02d", i);
        const bool large = i % 13 == 4;
        put_cold(top, path, i % 2 == 0 ? in_box : letter, large ? 40000 : 1 + i,
                 i % 9 == 8 ? "zstd" : NULL);
    }
}

static void
same_as_without(void **state)
{
    (void)state;
    char top[] = "ahead-XXXXXX";
    assert_non_null(mkdtemp(top));
    assert_int_equal(rmdir(top), 0);
    make_tree(top);
    char files[64];
    (void)snprintf(files, sizeof files, "%s/files", top);
    const char *const paths[] = {top, files};
    ndr_input_opts opts = {NDR_SIZED(ndr_input_opts), .path = paths, .path_count = 2,
                           .read_ahead = true};
    char *ahead = drive_all(&opts, true, true); /* first, while all is cold */
    opts.read_ahead = false;
    char *plain = drive_all(&opts, true, true);
    assert_string_equal(ahead, plain);
    size_t lines = 0;
    for (const char *p = plain; (p = strchr(p, '\n')) != NULL; p++)
        lines++;
    assert_true(lines > 40000 + FILES);
    free(ahead);
    free(plain);
    remove_tree(top);
}

static void
far_same_as_without(void **state)
{
    pretended_type = PRETEND_NFS;
    same_as_without(state);
    pretended_type = 0;
}

/* Lines of `text` that tell of trouble, or the others; to be freed. */
static char *
lines_of(const char *text, bool trouble)
{
    ndr_buffer out = {0};
    for (const char *p = text, *end; *p != '\0'; p = end + 1) {
        end = strchr(p, '\n');
        assert_non_null(end);
        if ((*p == '!') == trouble)
            ndr_buffer_add(&out,
                           (ndr_slice){(const unsigned char *)p, (size_t)(end - p) + 1});
    }
    ndr_buffer_byte(&out, '\0');
    assert_false(out.failed);
    return (char *)out.ptr;
}

/* A list of all kinds of paths, some of which are not there or are no files; `list` is
 * where it is written. What the list names is what `operand` holds, too. */
static size_t
name_all(const char *top, const char *list, char operand[][128])
{
    static const char *const kinds[] = {"gone", "fifo", "link", "new", "files/f04"};
    size_t count = 0;
    char path[160];
    (void)snprintf(path, sizeof path, "%s/fifo", top);
    assert_int_equal(mkfifo(path, 0600), 0);
    (void)snprintf(path, sizeof path, "%s/link", top);
    assert_int_equal(symlink("files/f02", path), 0);
    for (int i = 0; i < 40; i++)
        (void)snprintf(operand[count++], 128, "%s/files/f%02d", top, 39 - i);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        (void)snprintf(operand[count++], 128, "%s/%s", top, kinds[i]);
        (void)snprintf(operand[count++], 128, "%s/files/f%02zu", top, i);
    }
    for (int i = 0; i < FILES; i++)
        (void)snprintf(operand[count++], 128, "%s/cur/12106710%02d.m%d", top, i % 60, i);
    FILE *f = fopen(list, "w");
    assert_non_null(f);
    for (size_t i = 0; i < count; i++) {
        assert_true(fprintf(f, "%s\n", operand[i]) > 0);
        if (i == 17) /* over the limit of a path */
            assert_true(fprintf(f, "%070000d\n", 0) > 0);
    }
    assert_int_equal(fclose(f), 0);
    return count;
}

enum { NAMED_MOST = FILES + 60 };

static void
chill_named(char operand[][128], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const int fd = open(operand[i], O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        if (fd < 0)
            continue;
        (void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
        assert_int_equal(close(fd), 0);
    }
}

static void
named_as_without(void **state)
{
    (void)state;
    char top[] = "ahead-XXXXXX", list[64];
    static char operand[NAMED_MOST][128];
    const char *paths[NAMED_MOST];
    assert_non_null(mkdtemp(top));
    assert_int_equal(rmdir(top), 0);
    make_tree(top);
    (void)snprintf(list, sizeof list, "%s/list", top);
    const size_t count = name_all(top, list, operand);
    for (size_t i = 0; i < count; i++)
        paths[i] = operand[i];
    for (int listed = 0; listed < 2; listed++) {
        ndr_input_opts opts = {NDR_SIZED(ndr_input_opts), .read_ahead = true};
        if (listed != 0)
            opts.files_from = list;
        else
            opts.path = paths, opts.path_count = count;
        chill_named(operand, count);
        char *ahead = drive_all(&opts, true, true);
        opts.read_ahead = false;
        char *plain = drive_all(&opts, true, true);
        for (int trouble = 0; trouble < 2; trouble++) {
            char *a = lines_of(ahead, trouble != 0), *b = lines_of(plain, trouble != 0);
            assert_string_equal(a, b);
            assert_true(strlen(a) > 0);
            free(a);
            free(b);
        }
        free(ahead);
        free(plain);
    }
    remove_tree(top);
}

/* Links are followed where they were named, and nothing else is opened. */
static void
named_test(void **state)
{
    (void)state;
    folder f;
    make_cold(&f);
    const bool cold = is_cold(&f);
    ndr_ahead *crew = ndr_ahead_new(4, &all_stays);
    assert_non_null(crew);
    assert_int_equal(unlinkat(f.fd, "link", 0), 0);
    assert_int_equal(symlinkat("m1", f.fd, "link"), 0);
    ndr_ahead_folder *a = ndr_ahead_begin(crew, f.fd, f.found, f.count, true, NULL, NULL);
    if (cold)
        assert_non_null(a);
    if (a != NULL) {
        await_crew(a);
        uint64_t bytes;
        assert_false(ndr_ahead_size(a, FILES, &bytes));     /* a FIFO, */
        assert_false(ndr_ahead_size(a, FILES + 1, &bytes)); /* a folder, */
        assert_true(ndr_ahead_size(a, FILES + 2, &bytes));
        assert_int_equal(bytes, strlen("Subject: 1\n\n"));
        for (size_t i = 0; i < f.count; i++)
            ndr_ahead_pass_over(a, i);
        ndr_ahead_unref(a);
    }
    ndr_ahead_free(crew);
    drop_folder(&f);
}

int
main(void)
{
    add_test("files of a cold folder are handed over, all others left", handed_test);
    add_test("who asks first reads, and waits for nobody", overtaken_test);
    add_test("folders are left early", left_test);
    add_test("warm files are left alone; no names, no folder", warm_test);
    add_test("a link that was named is followed, and only files are opened", named_test);
    add_test("a list and operands of all kinds of paths give the same", named_as_without);
    add_test("a tree of all kinds of files gives the same", same_as_without);
    add_test("from another machine more threads read, and longer files are handed over",
             far_test);
    add_test("a tree on another machine gives the same", far_same_as_without);
    return run_added("ahead");
}
