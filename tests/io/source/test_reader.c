/* SPDX-License-Identifier: BSD-3-Clause */
#include "drive.h"
#include "source/work.h"

typedef struct names_row {
    const char *why, *name;
    const char *named, *folder, *maildir; /* what is written down, by how it was found */
} names_row;

#define LETTER "0 0+12 <Subject: x\\n\\n>\n"
static const names_row rows[] = {
    {"a letter", "letter", LETTER, LETTER, LETTER},
    {"a link is followed when it was named", "link", LETTER, "", ""},
    {"a FIFO is not waited for", "fifo", "! fifo: is a FIFO, not a mail file\n", "", ""},
    {"a folder", "sub", "! sub: is a folder, not a mail file\n", "", ""},
    {"an empty file is nothing", "empty", "", "", ""},
    {"what is gone was moved, in a Maildir", "gone",
     "! gone: not readable: No such file or directory\n",
     "! gone: not readable: No such file or directory\n", ""},
    {"a mailbox, but a message in a Maildir", "box",
     "0 45+11 at1210671062 <Subject: x\\n>\n", "0 45+11 at1210671062 <Subject: x\\n>\n",
     "0 45+12 at1210671062 <Subject: x\\n\\n>\n"},
};

static void
read_one(const char *name, enum ndr_finding finding, const char *want)
{
    ndr_error err = {0};
    ndr_large_slot room;
    ndr_pool pool;
    atomic_bool stop = false;
    ndr_large_slot_init(&room, &stop);
    ndr_pool_init(&pool);
    const ndr_limits limits = {.message_bytes = 1000,
                               .range_bytes = 1000,
                               .batch_bytes = 1000,
                               .room = &room,
                               .pool = &pool,
                               .stop = &stop};
    const int fd = open(scratch, O_RDONLY | O_DIRECTORY);
    assert_true(fd >= 0);
    ndr_work w = {.kind = NDR_WORK_NAMES, .finding = finding, .count = 1};
    w.place = ndr_place_new(fd, scratch);
    ndr_buffer_add(&w.text, (ndr_slice){(const unsigned char *)name, strlen(name) + 1});
    ndr_batch b = {.work = &w};
    ndr_reader *r = ndr_reader_new(&limits);
    drive d = {.bodies = true};
    ndr_message m;
    int got;
    assert_non_null(r);
    ndr_large_slot_lend(&room);
    assert_int_equal(ndr_reader_begin(r, &b, &err), 0);
    while ((got = ndr_reader_next(r, &m, &err)) == 1) {
        assert_string_equal(m.source, scratch_path(name));
        assert_int_equal(ndr_reader_extend(r, &m, &err), 0);
        drive_message(&d, &m, m.index);
    }
    assert_int_equal(got, 0);
    assert_int_equal(room.lent, 0);
    drive_trouble(&d, &b);
    assert_string_equal(drive_out(&d), want);
    ndr_buffer_free(&d.out);
    ndr_reader_free(r);
    ndr_work_free(&w);
    ndr_pool_done(&pool);
    ndr_large_slot_done(&room);
}

static void
names_test(void **state)
{
    const names_row *row = *state;
    (void)strcpy(scratch, "/tmp/ndr-reader-XXXXXX");
    assert_non_null(mkdtemp(scratch));
    write_text("letter", "Subject: x\n\n");
    write_text("empty", "");
    write_text("box", "From a@example.com Tue May 13 09:31:02 2008\r\nSubject: x\n\n");
    make_folder("sub");
    assert_int_equal(symlink("letter", scratch_path("link")), 0);
    assert_int_equal(mkfifo(scratch_path("fifo"), 0600), 0);
    read_one(row->name, NDR_FOUND_NAMED, row->named);
    read_one(row->name, NDR_FOUND_FOLDER, row->folder);
    read_one(row->name, NDR_FOUND_MAILDIR, row->maildir);
    remove_tree(scratch);
}

int
main(void)
{
    ADD_ROWS(rows, names_test);
    ndr_reader_free(NULL);
    return run_added("reader");
}
