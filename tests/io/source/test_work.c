/* SPDX-License-Identifier: BSD-3-Clause */
#include "source/work.h"

#include "harness.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int
some_fd(void)
{
    const int fd = open("/dev/null", O_RDONLY);
    assert_true(fd >= 0);
    return fd;
}

static bool
is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

static void
place_test(void **state)
{
    (void)state;
    const int fd = some_fd();
    char path[] = "a/b";
    ndr_place *p = ndr_place_new(fd, path);
    assert_non_null(p);
    path[0] = 'x'; /* it has its own */
    assert_string_equal(p->path, "a/b");
    assert_int_equal(p->fd, fd);
    assert_false(p->told_shorter);
    assert_ptr_equal(ndr_place_ref(p), p);
    ndr_place_unref(p);
    assert_true(is_open(fd));
    ndr_place_unref(p);
    assert_false(is_open(fd)); /* the last one closes it */
    ndr_place_unref(NULL);
    p = ndr_place_new(-1, "");
    assert_string_equal(p->path, "");
    ndr_place_unref(p);
}

static void
pieces_test(void **state)
{
    (void)state;
    ndr_work w = {0};
    for (size_t i = 0; i < 100; i++) {
        ndr_piece *p = ndr_work_piece(&w);
        assert_non_null(p);
        assert_int_equal(p->member, SIZE_MAX);
        assert_int_equal(p->at, 0);
        assert_int_equal(p->beyond, 0);
        p->at = i;
    }
    assert_int_equal(w.count, 100);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(w.piece[i].at, i);
    const ndr_piece *before = w.piece;
    ndr_work_clear(&w, 1000);
    assert_int_equal(w.count, 0);
    ndr_piece *again = ndr_work_piece(&w);
    assert_ptr_equal(again, before); /* memory is used again, … */
    assert_int_equal(again->at, 0);  /* … and nothing of what was there */
    ndr_work_free(&w);
    assert_null(w.piece);
}

typedef struct clear_row {
    const char *why;
    size_t bytes, text, keep;
    bool bytes_stay, text_stay;
} clear_row;

static const clear_row clears[] = {
    {"little stays", 500, 500, 1000, true, true},
    {"bytes far over it go", 5000, 500, 1000, false, true},
    {"names far over it go", 500, 50000, 1000, true, false},
    {"both go", 50000, 50000, 1000, false, false},
};

static void
clear_test(void **state)
{
    const clear_row *row = *state;
    ndr_work w = {.kind = NDR_WORK_NAMES};
    const int fd = some_fd();
    w.place = ndr_place_new(fd, "p");
    assert_true(ndr_buffer_reserve(&w.bytes, row->bytes));
    assert_true(ndr_buffer_reserve(&w.text, row->text));
    ndr_buffer_text(&w.bytes, "b");
    ndr_buffer_text(&w.text, "t");
    w.count = 1;
    ndr_work_clear(&w, row->keep);
    assert_int_equal(w.kind, NDR_WORK_NONE);
    assert_int_equal(w.count, 0);
    assert_null(w.place);
    assert_false(is_open(fd));
    assert_int_equal(w.bytes.len, 0);
    assert_int_equal(w.text.len, 0);
    assert_int_equal(w.bytes.ptr != NULL, row->bytes_stay);
    assert_int_equal(w.text.ptr != NULL, row->text_stay);
    ndr_work_free(&w);
    ndr_work_free(&w); /* twice is once */
}

/* A large message's room is given back with its bytes. */
static void
room_test(void **state)
{
    (void)state;
    atomic_bool stop = false;
    ndr_large_slot room;
    ndr_large_slot_init(&room, &stop);
    ndr_work w = {0};
    assert_true(ndr_buffer_reserve(&w.bytes, 10000));
    ndr_large_slot_take_to_fill(&room, &w.bytes);
    w.room = &room;
    assert_int_equal(room.holders, 1);
    ndr_work_drop(&w, 100);
    assert_int_equal(room.holders, 0);
    assert_null(w.room);
    ndr_work_drop(&w, 100); /* not given back twice */
    assert_int_equal(room.holders, 0);
    ndr_work_free(&w);
    ndr_large_slot_done(&room);
}

static void
takes_room_test(void **state)
{
    (void)state;
    for (int k = NDR_WORK_NONE; k <= NDR_WORK_PIECES; k++) {
        const ndr_work w = {.kind = (enum ndr_work_kind)k};
        assert_int_equal(ndr_work_takes_room(&w), k != NDR_WORK_PIECES);
    }
}

typedef struct join_row {
    const char *why, *folder, *name, *want;
} join_row;

static const join_row joins[] = {
    {"a slash between", "a", "b", "a/b"},
    {"a slash that is there", "a/", "b", "a/b"},
    {"the root", "/", "b", "/b"},
    {"no name", "a", "", "a/"},
    {"a folder's folder", "a/b", "c/d", "a/b/c/d"},
};

static void
join_test(void **state)
{
    const join_row *row = *state;
    char *folder = (char *)exact_copy(row->folder, strlen(row->folder) + 1);
    char *name = (char *)exact_copy(row->name, strlen(row->name) + 1);
    char *got = ndr_path_join(folder, name);
    assert_string_equal(got, row->want);
    free(got);
    free(name);
    free(folder);
}

typedef struct mode_row {
    const char *why;
    unsigned mode;
    const char *want; /* NULL: it is read */
} mode_row;

static const mode_row modes[] = {
    {"a file", S_IFREG | 0600, NULL},
    {"a folder", S_IFDIR | 0700, "is a folder, not a mail file"},
    {"a FIFO", S_IFIFO, "is a FIFO, not a mail file"},
    {"a socket", S_IFSOCK, "is a socket, not a mail file"},
    {"a terminal", S_IFCHR, "is a device, not a mail file"},
    {"a disk", S_IFBLK, "is a device, not a mail file"},
};

static void
mode_test(void **state)
{
    const mode_row *row = *state;
    const char *got = ndr_mode_trouble(row->mode);
    if (row->want == NULL)
        assert_null(got);
    else
        assert_string_equal(got, row->want);
}

int
main(void)
{
    add_test("a place is closed by the last who has it", place_test);
    add_test("pieces begin empty", pieces_test);
    ADD_ROWS(clears, clear_test);
    add_test("a large message's room goes with its bytes", room_test);
    add_test("pieces alone came with their room", takes_room_test);
    ADD_ROWS(joins, join_test);
    ADD_ROWS(modes, mode_test);
    return run_added("work");
}
