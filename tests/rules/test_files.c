/* SPDX-License-Identifier: BSD-3-Clause */
#include "files.h"

#include "harness.h"
#include "scratch.h"

typedef struct files_row {
    const char *why;
    const char *path[3]; /* in the folder of the test */
    const char *want;    /* names and bytes; or the error's words, from here on: */
    int code;
} files_row;

/* rules: b.yaml "B", a.yml "A", .hidden.yaml, note.txt, .yaml, sub.yaml (a folder with
 * c.yaml "C" in it), B.yaml "capital"; one.txt "1"; none (an empty folder) */
static const files_row rows[] = {
    {"a folder's YAML files in byte order",
     {"rules"},
     "rules/B.yaml=capital rules/a.yml=A rules/b.yaml=B ",
     0},
    {"a slash behind the folder",
     {"rules/"},
     "rules/B.yaml=capital rules/a.yml=A rules/b.yaml=B ",
     0},
    {"a named file, whatever it is called", {"one.txt"}, "one.txt=1 ", 0},
    {"paths in their order, and one twice",
     {"one.txt", "rules/a.yml", "one.txt"},
     "one.txt=1 rules/a.yml=A one.txt=1 ",
     0},
    {"a hidden file that is named", {"rules/.hidden.yaml"}, "rules/.hidden.yaml=H ", 0},
    {"an empty folder", {"none"}, "", 0},
    {"an empty file", {"empty.yaml"}, "empty.yaml= ", 0},
    {"a link to a file", {"link.yaml"}, "link.yaml=1 ", 0},
    {"a NUL is a byte", {"nul.yaml"}, "nul.yaml=a?b ", 0},
    {"what is not there", {"gone.yaml"}, "gone.yaml", NDR_E_SYS},
    {"the second is not there: nothing is kept",
     {"one.txt", "gone.yaml"},
     "gone.yaml",
     NDR_E_SYS},
    {"a FIFO is refused and not waited for",
     {"fifo.yaml"},
     "neither a regular file nor a folder",
     NDR_E_SYNTAX},
    {"a FIFO in a folder", {"odd"}, "odd/fifo.yaml is no regular file", NDR_E_SYNTAX},
    {"a file over 8 MiB", {"large.yaml"}, "over 8 MiB", NDR_E_LIMIT},
    {"a file of 8 MiB", {"most.yaml"}, NULL, 0},
};

static void
make_dir(const char *name)
{
    assert_int_equal(mkdir(scratch_path(name), 0700), 0);
}

static void
make_sparse(const char *name, off_t size)
{
    assert_int_equal(truncate(scratch_text(name, ""), size), 0);
}

static void
begin(void **state)
{
    (void)state;
    scratch_begin();
    make_dir("rules");
    make_dir("rules/sub.yaml");
    make_dir("none");
    make_dir("odd");
    (void)scratch_text("rules/b.yaml", "B");
    (void)scratch_text("rules/a.yml", "A");
    (void)scratch_text("rules/B.yaml", "capital");
    (void)scratch_text("rules/.hidden.yaml", "H");
    (void)scratch_text("rules/.yaml", "x");
    (void)scratch_text("rules/note.txt", "x");
    (void)scratch_text("rules/c.YAML", "x");
    (void)scratch_text("rules/d.yaml~", "x");
    (void)scratch_text("rules/sub.yaml/c.yaml", "C");
    (void)scratch_text("one.txt", "1");
    (void)scratch_text("empty.yaml", "");
    (void)scratch_write("nul.yaml", "a\0b", 3);
    assert_int_equal(symlink("one.txt", scratch_path("link.yaml")), 0);
    assert_int_equal(mkfifo(scratch_path("fifo.yaml"), 0600), 0);
    assert_int_equal(mkfifo(scratch_path("odd/fifo.yaml"), 0600), 0);
    make_sparse("large.yaml", NDR_FILE_MAX_BYTES + 1);
    make_sparse("most.yaml", NDR_FILE_MAX_BYTES);
}

static void
files_test(void **state)
{
    const files_row *row = *state;
    const char *path[3];
    size_t count = 0;
    for (; count < 3 && row->path[count] != NULL; count++)
        path[count] = scratch_path(row->path[count]);
    ndr_files files;
    ndr_error err = {0};
    assert_int_equal(ndr_files_read(path, count, &files, &err), row->code);
    if (row->code < 0) {
        if (strstr(err.text, row->want) == NULL)
            fail_msg("%s", err.text);
        assert_int_equal(files.count, 0);
        assert_null(files.file);
        return;
    }
    char got[400] = "";
    size_t at = 0, bytes = 0;
    for (size_t i = 0; i < files.count && row->want != NULL; i++) {
        const ndr_file *f = &files.file[i];
        bytes += f->len;
        assert_int_equal(strncmp(f->name, scratch, strlen(scratch)), 0);
        at += (size_t)snprintf(got + at, sizeof got - at,
                               "%s=", f->name + strlen(scratch) + 1);
        for (size_t k = 0; k < f->len; k++)
            got[at++] = f->ptr[k] == '\0' ? '?' : (char)f->ptr[k];
        got[at++] = ' ';
    }
    if (row->want != NULL) {
        assert_string_equal(got, row->want);
        assert_int_equal(files.bytes, bytes);
    }
    ndr_files_free(&files);
    ndr_files_free(&files); /* twice is once */
}

static void
sum_test(void **state)
{
    (void)state;
    const char *path[9];
    for (int i = 0; i < 9; i++)
        path[i] = i == 0 ? scratch_path("most.yaml") : path[0];
    ndr_files files;
    ndr_error err = {0};
    assert_int_equal(ndr_files_read(path, 8, &files, &err), 0); /* 64 MiB are allowed */
    assert_int_equal(files.bytes, NDR_FILES_MAX_BYTES);
    ndr_files_free(&files);
    assert_int_equal(ndr_files_read(path, 9, &files, &err), NDR_E_LIMIT);
    assert_non_null(strstr(err.text, "over 64 MiB"));
    assert_int_equal(files.count, 0);
    assert_int_equal(ndr_files_read(path, 0, &files, &err), 0);
    assert_int_equal(files.count, 0);
}

/* More of them than the list has room for at first. */
static void
many_test(void **state)
{
    (void)state;
    enum { MANY = 70 };
    char name[32];
    make_dir("many");
    for (int i = 0; i < MANY; i++) {
        (void)snprintf(name, sizeof name, "many/%02d.yaml", (i * 37) % MANY);
        (void)scratch_text(name, name + 5);
    }
    const char *path = scratch_path("many");
    ndr_files files;
    ndr_error err = {0};
    assert_int_equal(ndr_files_read(&path, 1, &files, &err), 0);
    assert_int_equal(files.count, MANY);
    for (int i = 0; i < MANY; i++) {
        (void)snprintf(name, sizeof name, "%02d.yaml", i);
        assert_int_equal(files.file[i].len, 7);
        assert_memory_equal(files.file[i].ptr, name, 7);
    }
    ndr_files_free(&files);
}

static void
end(void **state)
{
    (void)state;
    scratch_end();
}

int
main(void)
{
    add_test("a folder of files", begin);
    ADD_ROWS(rows, files_test);
    add_test("64 MiB together and not more", sum_test);
    add_test("many files stay in order", many_test);
    add_test("the folder goes", end);
    return run_added("files");
}
