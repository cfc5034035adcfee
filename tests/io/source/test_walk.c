/* SPDX-License-Identifier: BSD-3-Clause */
/* test_walk.c - folders, trees, and what is in them that is no mail */
#include "packing.h"
#include "slow_mbox.h"

#include <sys/un.h>

static char *
drive_paths(const char *const *path, size_t count, const ndr_input_opts *more)
{
    ndr_input_opts opts = *more;
    opts.path = path;
    opts.path_count = count;
    return drive_all(&opts, true, false);
}

static char *
drive_one(const char *name, const ndr_input_opts *more)
{
    const char *path = scratch_path(name);
    return drive_paths(&path, 1, more);
}

static void
check(char *got, const char *want)
{
    assert_string_equal(got, want);
    free(got);
}

static const ndr_input_opts plain = {NDR_SIZED(ndr_input_opts)};
static const ndr_input_opts tree = {NDR_SIZED(ndr_input_opts), .recursive = true};

static void
make_socket(const char *name)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    (void)snprintf(to.sun_path, sizeof to.sun_path, "%s/%s", scratch, name);
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&to, sizeof to), 0);
    (void)close(fd);
}

/* A Maildir with all that may be found in one. */
static void
make_maildir(const char *name)
{
    char inner[128];
    static const char *const folders[] = {
        "",      "/cur",      "/new",   "/tmp", "/.Junk",  "/.Junk/cur",  "/.Junk/new",
        "/.A.B", "/.A.B/new", "/plain", "/fs",  "/fs/cur", "/cur/folder", "/.none",
    };
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        (void)snprintf(inner, sizeof inner, "%s%s", name, folders[i]);
        make_folder(inner);
    }
    static const char *const files[] = {
        "/cur/1210671062.b:2,S",
        "/cur/1210671061.a:2,",
        "/cur/.hidden",
        "/new/1210671000.c",
        "/new/odd",
        "/tmp/1210671063.d",
        "/.Junk/cur/1210671064.e",
        "/.Junk/maildirfolder",
        "/.A.B/new/1210671065.f",
        "/dovecot-uidlist",
        "/dovecot.index.log",
        "/dovecot-keywords",
        "/courierimapuiddb",
        "/subscriptions",
        "/plain/g",
        "/fs/cur/1210671066.h",
        "/cur/dovecot-uidlist",
        "/sieve-notes",
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        (void)snprintf(inner, sizeof inner, "%s%s", name, files[i]);
        write_text(inner, "A: b\n\nx\n");
    }
    (void)snprintf(inner, sizeof inner, "%s/cur/fifo", name);
    assert_int_equal(mkfifo(scratch_path(inner), 0600), 0);
    (void)snprintf(inner, sizeof inner, "%s/new/socket", name);
    make_socket(inner);
    (void)snprintf(inner, sizeof inner, "%s/new/link", name);
    assert_int_equal(symlink("odd", scratch_path(inner)), 0);
    (void)snprintf(inner, sizeof inner, "%s/.loop", name);
    assert_int_equal(symlink("..", scratch_path(inner)), 0);
}

static void
maildir(void **state)
{
    (void)state;
    make_maildir("md");
    static const char own[] = "0 0+8 name1210671061 1210671061.a:2,\n"
                              "0 0+8 name1210671062 1210671062.b:2,S\n"
                              "0 0+8 name1210671000 1210671000.c\n"
                              "0 0+8 odd\n";
    static const char sub[] = "0 0+8 name1210671065 1210671065.f\n"
                              "0 0+8 name1210671064 1210671064.e\n";
    char want[1024];
    (void)snprintf(want, sizeof want, "%s%s", own, sub);
    check(drive_one("md", &plain), want);
    check(drive_one("md/", &plain), want);
    (void)snprintf(want, sizeof want, "%s%s%s", own, sub,
                   "0 0+8 name1210671066 1210671066.h\n0 0+8 g\n");
    check(drive_one("md", &tree), want);
    check(drive_one("md/.A.B/new", &plain), "0 0+8 name1210671065 1210671065.f\n");
    (void)snprintf(want, sizeof want, "%s%s", own, sub);
    check(drive_one("md", &(ndr_input_opts){NDR_SIZED(ndr_input_opts),
                                            .format = NDR_FORMAT_MAILDIR}),
          want);
}

static void
folder(void **state)
{
    (void)state;
    make_folder("folder");
    check(drive_one("folder", &plain), "");
    make_folder("folder/sub");
    check(drive_one("folder", &plain),
          "! folder: holds folders but no mail files: read it recursively\n");
    check(drive_one("folder", &(ndr_input_opts){NDR_SIZED(ndr_input_opts),
                                                .format = NDR_FORMAT_MAILDIR}),
          "! folder: is no Maildir: neither cur nor new is there\n");
    write_text("folder/b", "A: b\n");
    write_text("folder/a", M1 "A: b\n\n" M2 "C: d\n");
    write_text("folder/empty", "");
    write_text("folder/sub/c", "C: d\n");
    assert_int_equal(mkfifo(scratch_path("folder/fifo"), 0600), 0);
    make_socket("folder/socket");
    assert_int_equal(symlink("b", scratch_path("folder/link")), 0);
    assert_int_equal(symlink("..", scratch_path("folder/loop")), 0);
    static const char a[] = "0 44+5 at1210671062 a\n1 100+5 at1210752000 a\n";
    char want[256];
    (void)snprintf(want, sizeof want, "%s0 0+5 b\n", a);
    check(drive_one("folder", &plain), want);
    /* the same when each is large enough to be planned alone */
    check(drive_one("folder",
                    &(ndr_input_opts){NDR_SIZED(ndr_input_opts), .range_bytes = 1}),
          want);
    (void)snprintf(want, sizeof want, "%s0 0+5 b\n0 0+5 c\n", a);
    check(drive_one("folder", &tree), want);
    check(drive_one("folder", &(ndr_input_opts){NDR_SIZED(ndr_input_opts),
                                                .format = NDR_FORMAT_MESSAGE}),
          "0 44+61 at1210671062 a\n0 0+5 b\n");
}

static void
compressed_files(void **state)
{
    (void)state;
    make_folder("zs");
    make_folder("zs/cur");
    size_t n;
    unsigned char *packed = pack_bytes("zstd", M1 "A: b\n\n" M2 "C: d\n", 105, &n);
    write_file("zs/cur/1210671061.a,S=1:2,", packed, n);
    write_file("zs/cur/1210671062.b:2,", packed, n - 3);
    char want[256]; /* one message a file */
    (void)snprintf(want, sizeof want,
                   "0 44+61 name1210671061 1210671061.a,S=1:2,\n"
                   "! 1210671062.b:2,: truncated zstd frame at byte 0: the file ends "
                   "inside it, at byte %zu\n",
                   n - 3);
    check(drive_one("zs", &plain), want);
    free(packed);
}

typedef struct named_row {
    const char *why, *name, *want;
} named_row;

static const named_row named[] = {
    {"what is not there", "nothing",
     "! nothing: not readable: No such file or directory\n"},
    {"a FIFO", "f", "! f: is a FIFO, not a mail file\n"},
    {"a socket", "s", "! s: is a socket, not a mail file\n"},
    {"a device", "../../../dev/null", "! null: is a device, not a mail file\n"},
    {"a link that leads to a message", "l", "0 0+5 l\n"},
    {"a link to itself", "self",
     "! self: not readable: Too many levels of symbolic links\n"},
};

static void
named_test(void **state)
{
    const named_row *row = *state;
    (void)mkfifo(scratch_path("f"), 0600);
    if (access(scratch_path("s"), F_OK) != 0)
        make_socket("s");
    write_text("m", "A: b\n");
    (void)symlink("m", scratch_path("l"));
    (void)symlink("self", scratch_path("self"));
    check(drive_one(row->name, &plain), row->want);
}

/* What comes first is told first, and nothing of it stops the rest. */
static void
in_order(void **state)
{
    (void)state;
    write_text("one", "A: b\n");
    write_text("two", M1 "A: b\n\n" M2 "C: d\n");
    const char *paths[] = {scratch_path("one"),     scratch_path("nothing"),
                           scratch_path("two"),     scratch_path("f"),
                           scratch_path("nothing"), scratch_path("one")};
    for (size_t range = 1; range < 200; range += 60) {
        const ndr_input_opts opts = {NDR_SIZED(ndr_input_opts), .range_bytes = range};
        char *got = drive_paths(paths, 6, &opts);
        const char *first = strstr(got, "0 0+5 one\n");
        const char *box =
            strstr(got, "0 44+5 at1210671062 two\n1 100+5 at1210752000 two\n");
        assert_non_null(first);
        assert_non_null(box);
        assert_true(first < box);
        assert_non_null(strstr(box, "0 0+5 one\n"));
        assert_non_null(strstr(got, "! f: is a FIFO"));
        free(got);
    }
}

static void
lists(void **state)
{
    (void)state;
    write_text("m", "A: b\n");
    write_text(" odd\tname ", "A: c\n\n");
    write_text("two\nlines", "A: d\n\nx");
    char text[2048];
    (void)snprintf(text, sizeof text, "%s/m\n\n%s/ odd\tname \n%s/nothing\n%s", scratch,
                   scratch, scratch, scratch_path("m"));
    write_text("list", text);
    const char *list = scratch_path("list");
    check(drive_paths(NULL, 0,
                      &(ndr_input_opts){NDR_SIZED(ndr_input_opts), .files_from = list}),
          "0 0+5 m\n0 0+6  odd\tname \n0 0+5 m\n"
          "! nothing: not readable: No such file or directory\n");

    ndr_buffer nul = {0};
    ndr_buffer_printf(&nul, "%s/two\nlines%c%s/m%c", scratch, 0, scratch, 0);
    static const char want[] = "0 0+7 two\nlines\n0 0+5 m\n";
    write_file("list0", nul.ptr, nul.len);
    list = scratch_path("list0");
    check(drive_paths(NULL, 0,
                      &(ndr_input_opts){NDR_SIZED(ndr_input_opts), .files_from = list,
                                        .files_from_nul = true}),
          want);
    for (size_t step = 1; step < nul.len; step += 5) { /* and as it comes */
        const pid_t child = feed_stdin(nul.ptr, nul.len, step, true);
        check(drive_paths(NULL, 0,
                          &(ndr_input_opts){NDR_SIZED(ndr_input_opts), .files_from = "-",
                                            .files_from_nul = true}),
              want);
        end_feed(child);
    }
    ndr_buffer_free(&nul);

    check(drive_paths(NULL, 0,
                      &(ndr_input_opts){NDR_SIZED(ndr_input_opts),
                                        .files_from = scratch_path("nothing")}),
          "! nothing: not readable: No such file or directory\n");

    char *huge = malloc(200000);
    assert_non_null(huge);
    memset(huge, 'x', 200000);
    const int n = snprintf(text, sizeof text, "\n%s/m\n", scratch);
    memcpy(huge + 199000, text, (size_t)n);
    write_file("list", huge, 199000 + (size_t)n);
    free(huge);
    check(drive_paths(NULL, 0,
                      &(ndr_input_opts){NDR_SIZED(ndr_input_opts),
                                        .files_from = scratch_path("list")}),
          "0 0+5 m\n! list: holds a path over 65536 bytes\n");
}

static void
stdin_once(void **state)
{
    (void)state;
    const char *const paths[] = {"-", "-"};
    ndr_source *source;
    ndr_error err;
    assert_int_equal(ndr_input_open(&(ndr_input_opts){NDR_SIZED(ndr_input_opts),
                                                      .path = paths, .path_count = 2},
                                    &source, &err),
                     NDR_E_SYNTAX);
    assert_int_equal(
        ndr_input_open(&(ndr_input_opts){NDR_SIZED(ndr_input_opts), .path = paths,
                                         .path_count = 1, .files_from = "-"},
                       &source, &err),
        NDR_E_SYNTAX);
}

static void
many_files(void **state)
{
    (void)state;
    make_folder("many");
    ndr_buffer want = {0};
    for (int i = 0; i < 700; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "many/%04d", i);
        write_text(name, "A: b\n");
        ndr_buffer_printf(&want, "0 0+5 %04d\n", i);
    }
    ndr_buffer_byte(&want, '\0');
    check(drive_one("many", &plain), (const char *)want.ptr);
    ndr_buffer_free(&want);
}

static void
gone(void **state)
{
    (void)state;
    make_folder("gone");
    make_folder("gone/cur");
    write_text("gone/cur/1210671061.a", "A: b\n");
    write_text("gone/cur/1210671062.b", "A: b\n");
    const char *path = scratch_path("gone");
    const ndr_input_opts opts = {NDR_SIZED(ndr_input_opts), .path = &path,
                                 .path_count = 1};
    drive d;
    ndr_error err;
    drive_begin(&d, &opts);
    d.sources = true;
    d.bodies = false;
    assert_int_equal(d.source->fill(d.source, &d.batch[0], &err), 1);
    assert_int_equal(unlink(scratch_path("gone/cur/1210671061.a")), 0);
    assert_int_equal(d.source->begin(d.source, d.reader, &d.batch[0], &err), 0);
    ndr_message m;
    assert_int_equal(d.source->next(d.source, d.reader, &m, &err), 1);
    assert_int_equal(m.length, 5);
    assert_int_equal(d.source->next(d.source, d.reader, &m, &err), 0);
    assert_null(d.batch[0].trouble);
    drive_end(&d);
}

static void
totals(void **state)
{
    (void)state;
    write_text("m", "A: b\n");
    const char *paths[] = {scratch_path("m"), scratch_path("m")};
    ndr_source *source;
    ndr_error err;
    uint64_t bytes;
    assert_int_equal(ndr_input_open(&(ndr_input_opts){NDR_SIZED(ndr_input_opts),
                                                      .path = paths, .path_count = 2},
                                    &source, &err),
                     0);
    assert_true(ndr_input_total(source, &bytes));
    assert_int_equal(bytes, 10);
    source->close(source);
    paths[1] = scratch;
    assert_int_equal(ndr_input_open(&(ndr_input_opts){NDR_SIZED(ndr_input_opts),
                                                      .path = paths, .path_count = 2},
                                    &source, &err),
                     0);
    assert_false(ndr_input_total(source, &bytes));
    source->close(source);
}

int
main(void)
{
    add_test("a Maildir, its folders, and what is not read there", maildir);
    add_test("a folder of message files", folder);
    add_test("compressed files in a Maildir are one message each", compressed_files);
    ADD_ROWS(named, named_test);
    add_test("sources are read in the order they were named", in_order);
    add_test("lists of paths", lists);
    add_test("standard input is read once", stdin_once);
    add_test("more files than a batch holds", many_files);
    add_test("a message that is moved away is no trouble in a Maildir", gone);
    add_test("how much there is to read", totals);
    return run_with_scratch("walk");
}
