/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE /* memfd_create */
#include "harness.h"

#include "ndrscan_io.h"

#include <sys/mman.h>
#include <unistd.h>

#define FROM "From x Tue May 13 09:31:02 2008\n"

static int
file_of(const void *bytes, size_t n)
{
    const int fd = memfd_create("mail", 0);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, n), (ssize_t)n);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static ndr_passthrough *
carry_of(int fd, enum ndr_format format, size_t limit)
{
    const ndr_passthrough_opts opts = {NDR_SIZED(ndr_passthrough_opts), .fd = fd,
                                       .format = format, .message_limit_bytes = limit,
                                       .name = "-"};
    ndr_passthrough *c = NULL;
    ndr_error err = {0};
    assert_int_equal(ndr_passthrough_open(&opts, &c, &err), 0);
    return c;
}

static const struct carry_row {
    const char *why;
    enum ndr_format format;
    const char *in;
    const char *message[4]; /* what is scanned of each */
} carry_rows[] = {
    {"a message is itself", NDR_FORMAT_AUTO, "A: b\n\nc\n", {"A: b\n\nc\n"}},
    {"nothing is no message", NDR_FORMAT_AUTO, "", {NULL}},
    {"an mbox falls into messages, each without the empty line behind it",
     NDR_FORMAT_AUTO,
     FROM "A: b\n\nc\n\n" FROM "D: e\n\nf\n",
     {"A: b\n\nc\n", "D: e\n\nf\n"}},
    {"empty lines before the first belong to it",
     NDR_FORMAT_AUTO,
     "\n\n" FROM "A: b\n\nc\n\n" FROM "D: e\n",
     {"A: b\n\nc\n", "D: e\n"}},
    {"a From_ line behind no empty line begins none",
     NDR_FORMAT_AUTO,
     FROM "A: b\n\nc\n" FROM "D: e\n",
     {"A: b\n\nc\n" FROM "D: e\n"}},
    {"asked for one message, an mbox is one",
     NDR_FORMAT_MESSAGE,
     FROM "A: b\n\nc\n\n" FROM "D: e\n",
     {"A: b\n\nc\n\n" FROM "D: e\n"}},
    {"asked for an mbox, what comes before the first From_ line is a message",
     NDR_FORMAT_MBOX,
     "A: b\n\nc\n\n" FROM "D: e\n",
     {"A: b\n\nc\n", "D: e\n"}},
    {"a From_ line alone is a message without anything",
     NDR_FORMAT_AUTO,
     FROM "\n" FROM "D: e\n",
     {"", "D: e\n"}},
};

static void
test_carry(void **state)
{
    const struct carry_row *row = *state;
    const size_t n = strlen(row->in);
    const int fd = file_of(row->in, n);
    ndr_passthrough *c = carry_of(fd, row->format, 0);
    ndr_buffer all = {0};
    ndr_error err = {0};
    ndr_message m;
    ndr_slice bytes;
    size_t i = 0;
    while (ndr_passthrough_next(c, &m, &bytes, &err) == 1) {
        assert_true(i < 4 && row->message[i] != NULL);
        assert_int_equal(m.raw.len, strlen(row->message[i]));
        assert_memory_equal(m.raw.ptr, row->message[i], m.raw.len);
        assert_int_equal(m.index, i);
        assert_memory_equal(m.raw.ptr, row->in + m.offset, m.raw.len);
        ndr_buffer_add(&all, bytes);
        assert_int_equal(ndr_passthrough_more(c, &bytes, &err), 0);
        i++;
    }
    assert_true(i == 4 || row->message[i] == NULL);
    assert_int_equal(all.len, n);
    if (n > 0)
        assert_memory_equal(all.ptr, row->in, n);
    ndr_buffer_free(&all);
    ndr_passthrough_close(c);
    (void)close(fd);
}

/* Whatever the limit, all bytes come, in order, and messages begin where they do. */
static void
test_limits(void **state)
{
    (void)state;
    ndr_buffer in = {0};
    size_t begins[64], count = 0;
    unsigned seed = 7;
    for (int i = 0; i < 60; i++) {
        begins[count++] = in.len;
        ndr_buffer_text(&in, FROM "Subject: x\n\n");
        seed = seed * 1103515245u + 12345u;
        const unsigned lines = (seed >> 16) % (i % 7 == 0 ? 30000 : 40);
        for (unsigned k = 0; k < lines; k++)
            ndr_buffer_text(&in, k % 5 == 0 ? "From here on it goes\n" : "a line\n");
        ndr_buffer_text(&in, "\n");
    }
    assert_false(in.failed);
    static const size_t limits[] = {1, 100, 1024, 4000, 70000, 100000, 1 << 20};
    for (size_t k = 0; k < sizeof limits / sizeof limits[0]; k++) {
        const int fd = file_of(in.ptr, in.len);
        ndr_passthrough *c = carry_of(fd, NDR_FORMAT_AUTO, limits[k]);
        ndr_error err = {0};
        ndr_message m;
        ndr_slice bytes;
        size_t at = 0, seen = 0;
        while (ndr_passthrough_next(c, &m, &bytes, &err) == 1) {
            assert_true(seen < count);
            assert_int_equal(begins[seen++], at);
            assert_true(m.raw.len <= limits[k]);
            do {
                assert_memory_equal(in.ptr + at, bytes.ptr, bytes.len);
                at += bytes.len;
            } while (ndr_passthrough_more(c, &bytes, &err) == 1);
        }
        assert_int_equal(seen, count);
        assert_int_equal(at, in.len);
        ndr_passthrough_close(c);
        (void)close(fd);
    }
    ndr_buffer_free(&in);
}

static void
test_read_error(void **state)
{
    (void)state;
    ndr_passthrough *c = carry_of(-1, NDR_FORMAT_AUTO, 0);
    ndr_error err = {0};
    ndr_message m;
    ndr_slice bytes;
    assert_int_equal(ndr_passthrough_next(c, &m, &bytes, &err), NDR_E_SYS);
    ndr_passthrough_close(c);
}

int
main(void)
{
    ADD_ROWS(carry_rows, test_carry);
    add_test("any limit gives all bytes and the same messages", test_limits);
    add_test("what cannot be read is an error", test_read_error);
    return run_added("carry");
}
