/* SPDX-License-Identifier: BSD-3-Clause */
/* test_input.c - the same messages, whichever way they come in */
#include "slow_mbox.h"

#include <poll.h>
#include <signal.h>

static char *
drive_path(const char *path, enum ndr_format format, size_t range, size_t batch,
           size_t limit)
{
    const ndr_input_opts opts = {NDR_SIZED(ndr_input_opts),
                                 .path = &path,
                                 .path_count = 1,
                                 .format = format,
                                 .range_bytes = range,
                                 .batch_bytes = batch,
                                 .message_limit_bytes = limit};
    return drive_all(&opts, false, true);
}

static char *
drive_stdin(const void *bytes, size_t n, size_t step, enum ndr_format format,
            size_t batch, size_t limit)
{
    const pid_t child = feed_stdin(bytes, n, step, batch == 0);
    char *got = drive_path("-", format, 0, batch, limit);
    end_feed(child);
    return got;
}

/* ---- every split of small mailboxes --------------------------------------------- */

static void
check_ranges(const char *text, enum ndr_format format)
{
    const size_t n = strlen(text);
    write_text("box", text);
    static const size_t limits[] = {0, 1, 7, 40};
    for (size_t l = 0; l < sizeof limits / sizeof limits[0]; l++) {
        const size_t limit = limits[l] > 0 ? limits[l] : SIZE_MAX;
        char *want = slow_mbox((const unsigned char *)text, n, limit);
        for (size_t range = 1; range <= n + 1; range++) {
            char *got = drive_path(scratch_path("box"), format, range, 0, limits[l]);
            if (strcmp(got, want) != 0)
                print_error("range %zu limit %zu\n", range, limits[l]);
            assert_string_equal(got, want);
            free(got);
        }
        free(want);
    }
}

static void
ranges_auto(void **state)
{
    const mbox_row *row = *state;
    check_ranges(row->text, NDR_FORMAT_AUTO);
}

static void
ranges_mbox(void **state)
{
    const mbox_row *row = *state;
    check_ranges(row->text, NDR_FORMAT_MBOX);
}

static void
stream_mbox(void **state)
{
    const mbox_row *row = *state;
    const size_t n = strlen(row->text);
    static const size_t limits[] = {0, 1, 40};
    static const size_t batches[] = {1, 10, 64, 0};
    for (size_t l = 0; l < sizeof limits / sizeof limits[0]; l++) {
        const size_t limit = limits[l] > 0 ? limits[l] : SIZE_MAX;
        char *want = slow_mbox((const unsigned char *)row->text, n, limit);
        for (size_t b = 0; b < sizeof batches / sizeof batches[0]; b++)
            for (size_t step = 1; step <= n + 1; step += step < 4 ? 1 : step / 2) {
                char *got = drive_stdin(row->text, n, step, NDR_FORMAT_MBOX, batches[b],
                                        limits[l]);
                if (strcmp(got, want) != 0)
                    print_error("step %zu batch %zu limit %zu\n", step, batches[b],
                                limits[l]);
                assert_string_equal(got, want);
                free(got);
            }
        free(want);
    }
}

/* ---- random mailboxes ------------------------------------------------------------ */

static uint64_t
random_next(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* Lines of the sorts that framing cares about, in any order, some of them long. */
static void
random_box(uint64_t seed, size_t lines, ndr_buffer *out)
{
    static const char *const line[] = {
        "\n", "\n", "\r\n",  "x\n",   "From here\n", "A: b\n", "\r",       M1,
        M1R,  M2,   "\n" M1, "\n" M1, "\n" M2,       ">" M1,   "\r\n" M1R, "From ",
    };
    ndr_buffer_text(out, M1);
    for (size_t i = 0; i < lines; i++) {
        const uint64_t r = random_next(&seed);
        if (r % 41 == 0) { /* around the length that a mark may have */
            ndr_buffer_text(out, "\nFrom ");
            for (size_t k = 0; k < 960 + r % 97; k++)
                ndr_buffer_byte(out, 'a');
            ndr_buffer_text(out, " Tue May 13 09:31:02 2008\n");
        } else if (r % 37 == 0) {
            for (size_t k = 0; k < r / 64 % 3000; k++)
                ndr_buffer_byte(out, 'b');
        } else {
            ndr_buffer_text(out, line[r / 64 % (sizeof line / sizeof line[0])]);
        }
    }
}

static void
random_boxes(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 24; seed++) {
        ndr_buffer box = {0};
        random_box(seed * 7919, 12 + seed * 9, &box);
        write_file("random", box.ptr, box.len);
        static const size_t limits[] = {0, 1, 900, 1100};
        for (size_t l = 0; l < sizeof limits / sizeof limits[0]; l++) {
            char *want =
                slow_mbox(box.ptr, box.len, limits[l] > 0 ? limits[l] : SIZE_MAX);
            for (size_t size = 1 + seed % 5; size < box.len + 200;
                 size += size / 2 + 13) {
                char *got = drive_path(scratch_path("random"), NDR_FORMAT_AUTO, size, 0,
                                       limits[l]);
                assert_string_equal(got, want);
                free(got);
                got = drive_stdin(box.ptr, box.len, box.len < 60000 ? box.len : 60000,
                                  NDR_FORMAT_AUTO, size, limits[l]);
                assert_string_equal(got, want);
                free(got);
            }
            free(want);
        }
        ndr_buffer_free(&box);
    }
}

/* ---- open messages ----------------------------------------------------------------- */

static void
left_open(void **state)
{
    (void)state;
    ndr_buffer box = {0};
    ndr_buffer_text(&box, M1 "A: b\n\n");
    for (int i = 0; i < 100000; i++)
        ndr_buffer_text(&box, "0123456789\n");
    const size_t first = box.len;
    ndr_buffer_text(&box, "\n" M2 "C: d\n\ny\n");
    write_file("box", box.ptr, box.len);

    const char *path = scratch_path("box");
    const ndr_input_opts opts = {NDR_SIZED(ndr_input_opts), .path = &path,
                                 .path_count = 1, .range_bytes = 1000};
    drive d;
    drive_begin(&d, &opts);
    d.bodies = d.extend = false;
    assert_true(drive_batch(&d));
    const char *got = drive_out(&d);
    assert_non_null(strstr(got, " open"));
    while (drive_batch(&d))
        continue;
    char want[128];
    (void)snprintf(want, sizeof want, "1 %zu+%d at1210752000\n", first + strlen("\n" M2),
                   8);
    assert_string_equal(strchr(drive_out(&d), '\n') + 1, want);
    assert_int_equal(d.bytes, box.len);
    drive_end(&d);

    /* made whole, it is what one pass gives */
    char *all = drive_path(path, NDR_FORMAT_AUTO, 1000, 0, 0);
    char *slow = slow_mbox(box.ptr, box.len, SIZE_MAX);
    assert_string_equal(all, slow);
    free(all);
    free(slow);
    ndr_buffer_free(&box);
}

static void
shrinks(void **state)
{
    (void)state;
    ndr_buffer box = {0};
    for (int i = 0; i < 100; i++)
        ndr_buffer_text(&box, M1 "A: b\n\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n\n");
    write_file("box", box.ptr, box.len);
    const char *path = scratch_path("box");
    const ndr_input_opts opts = {NDR_SIZED(ndr_input_opts), .path = &path,
                                 .path_count = 1, .range_bytes = 1000};
    drive d;
    drive_begin(&d, &opts);
    assert_true(drive_batch(&d));
    assert_int_equal(truncate(path, 1500), 0);
    while (drive_batch(&d))
        continue;
    static const char told[] =
        "! box: became shorter while it was read: it ended at byte 1500 of 8300\n";
    char *slow = slow_mbox(box.ptr, 1500, SIZE_MAX);
    const char *got = drive_out(&d);
    const char *trouble = strstr(got, told); /* whoever saw it first told it, and once */
    assert_non_null(trouble);
    assert_null(strstr(trouble + sizeof told - 1, "became"));
    const char *cut = strstr(got, " damaged");
    assert_non_null(cut);
    assert_null(strstr(cut + 1, " damaged"));
    assert_memory_equal(got, slow, (size_t)(cut - got));
    assert_int_equal(strlen(got), strlen(slow) + strlen(" damaged") + strlen(told));
    free(slow);
    drive_end(&d);
    ndr_buffer_free(&box);
}

/* ---- pipes that wait ----------------------------------------------------------------
 */

static void
drive_standard_input(drive *d)
{
    static const char *const path[] = {"-"};
    static const ndr_input_opts opts = {NDR_SIZED(ndr_input_opts), .path = path,
                                        .path_count = 1};
    drive_begin(d, &opts);
}

/* Begin with a pipe as standard input; what is written to the answer comes out of it. */
static int
drive_pipe(drive *d)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    (void)close(ends[0]);
    drive_standard_input(d);
    return ends[1];
}

static void
prompt(void **state)
{
    (void)state;
    drive d;
    const int to = drive_pipe(&d);
    static const char part[] = M1 "A: b\n\nx\n\n" M2 "C: d\n";
    assert_int_equal(write(to, part, sizeof part - 1), sizeof part - 1);
    assert_true(drive_batch(&d)); /* does not wait for the second message's end */
    assert_string_equal(drive_out(&d), "0 44+8 at1210671062 <A: b\\n\\nx\\n>\n");
    assert_int_equal(write(to, "\n\n" M1, 46), 46);
    assert_true(drive_batch(&d));
    ndr_buffer_clear(&d.out);
    /* a stop ends the wait; what is not whole is not given */
    d.source->stop(d.source);
    assert_false(drive_batch(&d));
    assert_string_equal(drive_out(&d), "");
    drive_end(&d);
    (void)close(to);
}

static ndr_source *to_stop;

static void
stop_on_alarm(int signal_number)
{
    (void)signal_number;
    to_stop->stop(to_stop);
}

static void
stopped_in_wait(void **state)
{
    (void)state;
    drive d;
    const int to = drive_pipe(&d);
    assert_int_equal(write(to, M1 "A", 45), 45);
    to_stop = d.source;
    const struct sigaction act = {.sa_handler = stop_on_alarm};
    assert_int_equal(sigaction(SIGALRM, &act, NULL), 0);
    (void)alarm(1);
    assert_false(drive_batch(&d));
    drive_end(&d);
    (void)close(to);
}

/* A file as standard input is read like one by name; from its middle, like a pipe. */
static void
stdin_file(void **state)
{
    (void)state;
    static const char text[] = M1 "A: b\n\nx\n\n" M2 "C: d\n";
    const size_t first = strlen(M1 "A: b\n\nx\n\n");
    write_text("box", text);
    const int fd = open(scratch_path("box"), O_RDONLY);
    assert_int_equal(dup2(fd, STDIN_FILENO), STDIN_FILENO);
    for (size_t skipped = 0; skipped <= first; skipped += first) {
        assert_int_equal(lseek(STDIN_FILENO, (off_t)skipped, SEEK_SET), skipped);
        char *want = slow_mbox((const unsigned char *)text + skipped,
                               sizeof text - 1 - skipped, SIZE_MAX);
        char *got = drive_path("-", NDR_FORMAT_AUTO, 20, 20, 0);
        assert_string_equal(got, want);
        free(got);
        free(want);
    }
    (void)close(fd);
}

/* ---- a pipe that rests ------------------------------------------------------------- */

enum { REST_PARTS = 4 };

/* Parts of a stream, and what is given when the pipe rests behind each. */
typedef struct rest_row {
    const char *why;
    struct {
        const char *bytes, *want;
    } part[REST_PARTS];
} rest_row;

#define R1      "Content-Type: multipart/report; boundary=b\n\n--b\n\nx\n--b--\n"
#define R1_TOLD "Content-Type: multipart/report; boundary=b\\n\\n--b\\n\\nx\\n--b--\\n"

static const rest_row rests[] = {
    {"a whole message is given, and the next one as it is",
     {{M1 "A: b\n\nx\n\n", "0 44+8 at1210671062 <A: b\\n\\nx\\n>\n"},
      {M2 "C: d\n\ny\n\n", "1 103+8 at1210752000 <C: d\\n\\ny\\n>\n"}}},
    {"a header without its body is waited for",
     {{M1 "Content-Type: multipart/report; boundary=b\n\n", ""},
      {"--b\n\nx\n--b--\n\n", "0 44+57 at1210671062 <" R1_TOLD ">\n"}}},
    {"a multipart is given at its closing delimiter, and its epilogue passed over",
     {{M1 R1 "\n", "0 44+57 at1210671062 <" R1_TOLD ">\n"},
      {"bye\n\n", ""},
      {M2 "C: d\n\ny\n\n", "1 157+8 at1210752000 <C: d\\n\\ny\\n>\n"}}},
    {"a message that goes on behind an empty line is given once, and told",
     {{M1 "A: b\n\nx\n\n", "0 44+8 at1210671062 <A: b\\n\\nx\\n>\n"},
      {"\nmore\n\n", ""},
      {M2 "C: d\n\ny\n\n",
       "1 110+8 at1210752000 <C: d\\n\\ny\\n>\n"
       "! -: the message at byte 0 went on when the input had rested behind an empty "
       "line in it: its verdict is of what was there then\n"}}},
    {"where it has rested within a message, an empty line is not enough any more",
     {{M1 "A: b\n\nx", ""},
      {"\n\n", ""},
      {M2 "C: d\n\ny\n\n", "0 44+8 at1210671062 <A: b\\n\\nx\\n>\n"},
      {M1 R1 "\n",
       "1 103+8 at1210752000 <C: d\\n\\ny\\n>\n2 156+57 at1210671062 <" R1_TOLD ">\n"}}},
    {"a From_ line that comes in halves",
     {{M1 "A: b\n\nx\n\n", "0 44+8 at1210671062 <A: b\\n\\nx\\n>\n"},
      {"From b@exam", ""},
      {"ple.net Wed May 14 10:00:00 2008 +0200\nC: d\n\ny\n\n",
       "1 103+8 at1210752000 <C: d\\n\\ny\\n>\n"}}},
};

/* Write the parts, each when what was to be given for the one before it was. */
static _Noreturn void
write_parts(const rest_row *row, int to, int go)
{
    char ignored;
    for (size_t i = 0; i < REST_PARTS && row->part[i].bytes != NULL; i++) {
        const size_t n = strlen(row->part[i].bytes);
        if (write(to, row->part[i].bytes, n) != (ssize_t)n)
            _exit(1);
        if (row->part[i].want[0] == '\0')
            (void)poll(NULL, 0,
                       300); /* nothing will tell that it was seen: a long rest */
        else if (read(go, &ignored, 1) != 1)
            _exit(1);
    }
    _exit(0);
}

static void
rest_test(void **state)
{
    const rest_row *row = *state;
    int ends[2], go[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(pipe(go), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)close(go[1]); /* so that it ends with this test, also with one that fails */
        (void)close(ends[0]);
        write_parts(row, ends[1], go[0]);
    }
    (void)close(ends[1]);
    assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    (void)close(ends[0]);
    drive d;
    drive_standard_input(&d);
    ndr_buffer want = {0};
    for (size_t i = 0; i < REST_PARTS && row->part[i].bytes != NULL; i++) {
        ndr_buffer_text(&want, row->part[i].want);
        while (d.out.len < want.len) /* would wait for ever if it were not given */
            assert_true(drive_batch(&d));
        ndr_buffer_byte(&want, '\0');
        want.len--;
        assert_string_equal(drive_out(&d), (const char *)want.ptr);
        if (row->part[i].want[0] != '\0')
            assert_int_equal(write(go[1], "", 1), 1);
    }
    assert_false(drive_batch(&d));
    assert_string_equal(drive_out(&d), (const char *)want.ptr);
    ndr_buffer_free(&want);
    drive_end(&d);
    (void)close(go[0]);
    (void)close(go[1]);
    end_feed(child);
}

/* ---- what is no mbox --------------------------------------------------------------- */

typedef struct file_row {
    const char *why, *text;
    enum ndr_format format;
    size_t limit;
    const char *want;
} file_row;

static const file_row files[] = {
    {"an empty file holds nothing", "", NDR_FORMAT_AUTO, 0, ""},
    {"a message", "A: b\n\nx\n\n", NDR_FORMAT_AUTO, 0, "0 0+9 box <A: b\\n\\nx\\n\\n>\n"},
    {"rubbish is one message", "\x01\x02", NDR_FORMAT_AUTO, 0,
     "0 0+2 box <\\x01\\x02>\n"},
    {"a message in an mbox's clothes, taken as one", M1 "A: b\n\n" M2, NDR_FORMAT_MESSAGE,
     0,
     "0 44+56 at1210671062 box <A: b\\n\\nFrom b@example.net Wed May 14 10:00:00 2008 "
     "+0200\\n>\n"},
    {"over the limit", "A: b\n\nx\n", NDR_FORMAT_AUTO, 5,
     "0 0+8 truncated box <A: b\\n>\n"},
    {"a From_ line without a date is none", "From me\nA: b\n\n", NDR_FORMAT_AUTO, 0,
     "0 0+14 box <From me\\nA: b\\n\\n>\n"},
    {"Content-Length counts",
     M1 "Content-Length: 59\n\n\n" M2 "..\n\n\nz\n\n\n" M2 "A: b\n\n", NDR_FORMAT_MBOXCL2,
     0,
     "0 44+79 at1210671062 box <Content-Length: 59\\n\\n\\nFrom b@example.net Wed May 14 "
     "10:00:00 2008 +0200\\n..\\n\\n\\nz\\n\\n>\n1 174+5 at1210752000 box <A: b\\n>\n"},
    {"a wrong Content-Length does not",
     M1 "Content-Length: 3\n\nxx\n\n" M2 "Content-Length: 999\n\ny\n", NDR_FORMAT_MBOXCL2,
     0,
     "0 44+22 at1210671062 box <Content-Length: 3\\n\\nxx\\n>\n"
     "1 117+23 at1210752000 box <Content-Length: 999\\n\\ny\\n>\n"},
};

/* Without the file time, which is the scratch file's. */
static void
file_test(void **state)
{
    const file_row *row = *state;
    const size_t n = strlen(row->text);
    write_text("box", row->text);
    const char *path = scratch_path("box");
    for (size_t range = 1; range < n + 2; range++) {
        const ndr_input_opts opts = {NDR_SIZED(ndr_input_opts),
                                     .path = &path,
                                     .path_count = 1,
                                     .format = row->format,
                                     .range_bytes = range,
                                     .batch_bytes = range,
                                     .message_limit_bytes = row->limit};
        char *got = drive_all(&opts, true, true);
        assert_string_equal(got, row->want);
        free(got);
    }
}

/* Content-Length mailboxes, as they come, with messages over the limit in them. */
static void
cl2_stream(void **state)
{
    (void)state;
    ndr_buffer box = {0};
    for (int i = 0; i < 40; i++) {
        ndr_buffer_text(&box, i % 2 == 0 ? M1 : M2);
        ndr_buffer_printf(&box, "Content-Length: %d\n\n", i * 53 + 57);
        ndr_buffer_text(&box, "\n" M2 "\nend\n");
        for (int k = 0; k < i * 53; k++)
            ndr_buffer_byte(&box, k % 60 == 59 ? '\n' : 'x');
        ndr_buffer_text(&box, "\n");
    }
    write_file("box", box.ptr, box.len);
    char *want = drive_path(scratch_path("box"), NDR_FORMAT_MBOXCL2, 0, 1 << 20, 0);
    assert_non_null(strstr(want, "\n39 "));
    assert_null(strstr(want, "\n40 "));
    for (size_t step = 1; step <= 4000; step += step < 4 ? 1 : step * 2) {
        char *got = drive_stdin(box.ptr, box.len, step, NDR_FORMAT_MBOXCL2, 0, 0);
        assert_string_equal(got, want);
        free(got);
    }
    for (size_t batch = 1; batch < 5000; batch += 1 + batch / 3) {
        char *got = drive_path(scratch_path("box"), NDR_FORMAT_MBOXCL2, 1, batch, 0);
        assert_string_equal(got, want);
        free(got);
    }
    free(want);
    ndr_buffer_free(&box);
}

static void
long_line(void **state)
{
    (void)state;
    const size_t n = (size_t)5 << 20;
    unsigned char *line = malloc(n);
    assert_non_null(line);
    memset(line, 'x', n);
    memcpy(line, M1, 44);
    write_file("box", line, n);
    const char *path = scratch_path("box");
    ndr_input_opts opts = {NDR_SIZED(ndr_input_opts), .path = &path, .path_count = 1,
                           .message_limit_bytes = 1 << 20, .range_bytes = 70000};
    char *got = drive_all(&opts, false, false);
    assert_string_equal(got, "0 44+5242836 truncated at1210671062\n");
    free(got);
    line[0] = 'y';
    write_file("box", line, n);
    got = drive_all(&opts, false, false);
    assert_string_equal(got, "0 0+5242880 truncated\n");
    free(got);
    free(line);
}

int
main(void)
{
    ADD_ROWS(mboxes, ranges_auto);
    ADD_ROWS(rough_mboxes, ranges_mbox);
    ADD_ROWS(mboxes, stream_mbox);
    ADD_ROWS(rough_mboxes, stream_mbox);
    ADD_ROWS(files, file_test);
    ADD_ROWS(rests, rest_test);
    add_test("random mailboxes, split anywhere", random_boxes);
    add_test("the last message of a range is left open until asked for", left_open);
    add_test(
        "a file that shrinks while it is read is trouble, and its last message damaged",
        shrinks);
    add_test("a pipe's whole messages are given while it waits", prompt);
    add_test("a stop ends a wait for input", stopped_in_wait);
    add_test("a file as standard input", stdin_file);
    add_test("a stream whose Content-Length counts", cl2_stream);
    add_test("one line of megabytes", long_line);
    return run_with_scratch("input");
}
