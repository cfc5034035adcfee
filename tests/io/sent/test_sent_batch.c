/* SPDX-License-Identifier: BSD-3-Clause */
#include "sent_box.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

static void
test_few_segments(void **state)
{
    (void)state;
    sent_box b;
    char path[512];
    sent_box_begin(&b);
    for (unsigned i = 0; i < 200; i++)
        sent_box_fill(&b, "set", "mx1", i * 10, i * 10 + 9, NOON);
    assert_true(sent_box_files(&b, "set", ".seg", path) <= 6);
    assert_int_equal(sent_box_files(&b, "set", ".new", path), 0);
    assert_int_equal(sent_box_known(&b, "set", 0, 1999), 2000);
    assert_int_equal(sent_box_known(&b, "set", 2000, 2999), 0);
    sent_box_end(&b);
}

static void
test_again(void **state)
{
    (void)state;
    sent_box b;
    char first[512], second[512];
    struct stat before, after;
    sent_box_begin(&b);
    sent_box_fill(&b, "set", "mx1", 0, 99, NOON);
    assert_int_equal(sent_box_files(&b, "set", ".seg", first), 1);
    assert_int_equal(stat(first, &before), 0);
    sent_box_fill(&b, "set", "mx1", 0, 99, NOON);
    assert_int_equal(sent_box_files(&b, "set", ".seg", second), 1);
    assert_string_equal(first, second);
    assert_int_equal(stat(second, &after), 0);
    assert_true(before.st_ino == after.st_ino);
    assert_int_equal(after.st_size, 64 + 2 * 100 * 10 + 3 * 4 /* its index */);
    sent_box_end(&b);
}

/* A child of this process adds; its exit status. */
static pid_t
start_adding(const sent_box *b, const char *machine, unsigned first, unsigned last)
{
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid != 0)
        return pid;
    for (unsigned i = first; i <= last; i += 10)
        sent_box_fill(b, "set", machine, i, i + 9, NOON);
    _exit(0);
}

static void
test_two_writers(void **state)
{
    (void)state;
    sent_box b;
    char path[512];
    sent_box_begin(&b);
    const pid_t pid[3] = {start_adding(&b, "mx1", 0, 299),
                          start_adding(&b, "mx1", 300, 599),
                          start_adding(&b, "mx2", 600, 899)};
    for (int i = 0; i < 3; i++) {
        int status = -1;
        assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
        assert_int_equal(status, 0);
    }
    assert_int_equal(sent_box_files(&b, "set", ".key", path), 1);
    assert_int_equal(sent_box_known(&b, "set", 0, 899), 900);
    sent_box_end(&b);
}

/* What a process may write to a file stands for the space on a disk. */
static void
test_full_disk(void **state)
{
    (void)state;
    sent_box b;
    char id[64], path[512];
    struct rlimit old, none;
    ndr_error err = {0};
    sent_box_begin(&b);
    sent_box_fill(&b, "set", "mx1", 0, 9, NOON);
    ndr_sent_batch *batch = sent_box_open(&b, "set", "mx1");
    for (unsigned i = 10; i < 1000; i++) {
        (void)snprintf(id, sizeof id, "%u@mx.example.com", i);
        sent_put(batch, id, "example.com", "bob@example.org", NOON);
    }
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    none = old;
    (void)signal(SIGXFSZ, SIG_IGN);
    for (rlim_t room = 0; room < 20000; room += 3000) {
        none.rlim_cur = room;
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
        const int rc = ndr_sent_commit(batch, &err);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
        assert_int_equal(rc, NDR_E_SYS);
        assert_int_equal(sent_box_files(&b, "set", ".seg", path), 1);
        assert_int_equal(sent_box_files(&b, "set", ".new", path), 0);
        assert_int_equal(sent_box_known(&b, "set", 0, 9), 10);
    }
    sent_commit(batch); /* there is room again: nothing was forgotten */
    ndr_sent_batch_free(batch);
    assert_int_equal(sent_box_known(&b, "set", 0, 999), 1000);
    sent_box_end(&b);
}

static void
test_killed(void **state)
{
    (void)state;
    sent_box b;
    char path[512];
    sent_box_begin(&b);
    sent_box_fill(&b, "set", "mx1", 0, 0, NOON);
    for (unsigned i = 1; i < 30; i++) {
        const pid_t pid = start_adding(&b, "mx1", 0, 9999);
        (void)nanosleep(&(struct timespec){.tv_nsec = i * 500000L}, NULL);
        (void)kill(pid, SIGKILL);
        assert_int_equal(waitpid(pid, NULL, 0), pid);
        sent_told told;
        ndr_sent_close(sent_box_ask(&b, "set", &told));
        assert_int_equal(told.count, 0);
    }
    sent_box_fill(&b, "set", "mx1", 0, 99, NOON);
    assert_int_equal(sent_box_files(&b, "set", ".new", path), 0);
    assert_int_equal(sent_box_known(&b, "set", 0, 99), 100);
    sent_box_end(&b);
}

static void
test_key(void **state)
{
    (void)state;
    sent_box b;
    char path[512], dir[256];
    struct stat st;
    ndr_sent_batch *batch = NULL;
    ndr_error err = {0};
    sent_box_begin(&b);
    sent_box_fill(&b, "set", "mx1", 0, 9, NOON);
    assert_int_equal(sent_box_files(&b, "set", ".key", path), 1);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);

    assert_int_equal(chmod(path, 0604), 0);
    (void)sent_box_path(&b, "set", dir);
    assert_int_equal(ndr_sent_begin(dir, "mx1", &batch, &err), NDR_E_SYNTAX);
    assert_non_null(strstr(err.text, "open to everybody"));
    assert_int_equal(chmod(path, 0600), 0);

    const int fd = open(path, O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, "0000000000000000", 16, 20), 16);
    assert_int_equal(close(fd), 0);
    assert_int_equal(ndr_sent_begin(dir, "mx1", &batch, &err), NDR_E_SYNTAX);
    assert_non_null(strstr(err.text, "is another"));
    assert_int_equal(truncate(path, 20), 0);
    assert_int_equal(ndr_sent_begin(dir, "mx1", &batch, &err), NDR_E_SYNTAX);
    assert_non_null(strstr(err.text, "no key of a set"));
    assert_null(batch);
    sent_box_end(&b);
}

static void
test_machine_names(void **state)
{
    (void)state;
    sent_box b;
    char path[512];
    sent_box_begin(&b);
    sent_box_fill(&b, "set", "../mx-1/\xc3\xa4", 0, 9, NOON);
    sent_box_fill(&b, "set", "", 10, 19, NOON);
    assert_int_equal(sent_box_files(&b, "set", ".seg", path), 2);
    assert_int_equal(sent_box_known(&b, "set", 0, 19), 20);
    sent_box_end(&b);
}

int
main(void)
{
    add_test("often a little makes few segments, and loses nothing", test_few_segments);
    add_test("what is there already is not written again", test_again);
    add_test("writers of one machine and of two lose nothing", test_two_writers);
    add_test("a full disk leaves the set as it was", test_full_disk);
    add_test("killed while adding leaves whole segments", test_killed);
    add_test("a key is its owner's, and damage to it is told", test_key);
    add_test("any machine's name makes names of files", test_machine_names);
    return run_added("sent_batch");
}
