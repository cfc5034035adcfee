/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "sessions.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static void
equals(void **state)
{
    secret a, b;
    (void)state;
    assert_int_equal(secret_new(a, NULL), 0);
    assert_int_equal(secret_new(b, NULL), 0);
    assert_int_equal(strlen(a), SECRET_CHARS);
    assert_string_not_equal(a, b);
    assert_true(secret_equal(a, a));
    assert_false(secret_equal(a, b));
    assert_false(secret_equal("", ""));
    assert_false(secret_equal(NULL, NULL));
    assert_false(secret_equal(a, NULL));
    memcpy(b, a, sizeof b);
    b[SECRET_CHARS - 1] ^= 1;
    assert_false(secret_equal(a, b));
}

static void
forms_are_good_once(void **state)
{
    session s = {0};
    (void)state;
    assert_false(session_form_take(&s, 0));
    assert_false(session_form_take(&s, 1));
    const uint64_t one = session_form(&s), two = session_form(&s);
    assert_true(session_form_take(&s, two));
    assert_true(session_form_take(&s, one));
    assert_false(session_form_take(&s, one));
    assert_false(session_form_take(&s, two));
    assert_false(session_form_take(&s, two + 1));
    assert_false(session_form_take(&s, UINT64_MAX));
    uint64_t old = session_form(&s), last = old;
    for (int i = 1; i < FORMS_KEPT; i++)
        last = session_form(&s);
    assert_true(session_form_take(&s, old)); /* the oldest that is still good */
    assert_true(session_form_take(&s, last));
    old = session_form(&s);
    for (int i = 0; i < FORMS_KEPT; i++)
        (void)session_form(&s);
    assert_false(session_form_take(&s, old));
}

static secret token; /* the operator's */

static bool
is_token(void *ctx, const char *text)
{
    (void)ctx;
    return secret_equal(text, token);
}

static void
the_oldest_makes_room(void **state)
{
    sessions all = {.is_token = is_token};
    secret first;
    (void)state;
    assert_int_equal(secret_new(token, NULL), 0);
    assert_null(sessions_login(&all, "x", "a", 1));
    for (int i = 0; i < SESSION_MAX; i++) {
        session *s = sessions_login(&all, token, "a", 10 + i);
        assert_non_null(s);
        if (i == 0)
            memcpy(first, s->name, sizeof first);
    }
    session *found = sessions_find(&all, first, 100);
    assert_non_null(found);
    assert_null(sessions_find(&all, "", 100));
    session *s = sessions_login(&all, token, "a", 99);
    assert_null(sessions_find(&all, first, 100));
    assert_ptr_equal(sessions_find(&all, s->name, 100), s);
    sessions_logout(s);
    assert_null(sessions_find(&all, s->name, 100));
    sessions_free(&all);
}

static void
people_push_out_nobody_else(void **state)
{
    sessions all = {0};
    secret operator_name, first;
    (void)state;
    session *s = sessions_open(&all, "", 0, WAY_TOKEN, 100);
    assert_non_null(s);
    memcpy(operator_name, s->name, sizeof operator_name);
    s = sessions_open(&all, "berta", 7, WAY_PROXY, 100);
    assert_non_null(s);
    assert_string_equal(s->person, "berta");
    assert_int_equal(s->generation, 7);
    const session *berta = s;
    s = sessions_open(&all, "anna", 1, WAY_PASSWORD, 101);
    assert_non_null(s);
    memcpy(first, s->name, sizeof first);
    for (int i = 0; i < SESSION_PERSON_MAX - 1; i++)
        assert_non_null(sessions_open(&all, "anna", 1, WAY_PASSWORD, 102 + i));
    session_touch(sessions_find(&all, first, 150), 150); /* in use: another one goes */
    for (int i = 0; i < 100; i++) {
        assert_non_null(sessions_open(&all, "anna", 1, WAY_PASSWORD, 200));
        session_touch(sessions_find(&all, first, 201), 201 + i);
    }
    assert_non_null(sessions_find(&all, first, 300));
    assert_non_null(sessions_find(&all, operator_name, 300));
    assert_ptr_equal(sessions_find(&all, berta->name, 300), berta);
    assert_int_equal(all.count, SESSION_PERSON_MAX + 2);
    sessions_free(&all);
}

static void
idle_sessions_end(void **state)
{
    sessions all = {0};
    (void)state;
    session *s = sessions_open(&all, "anna", 1, WAY_PASSWORD, 1000);
    assert_non_null(s);
    assert_ptr_equal(sessions_find(&all, s->name, 1000 + SESSION_IDLE_SECONDS - 1), s);
    assert_null(sessions_find(&all, s->name, 1000 + SESSION_IDLE_SECONDS));
    for (int64_t t = 1000; t < 1000 + SESSION_SECONDS; t += 600)
        session_touch(s, t);
    assert_ptr_equal(sessions_find(&all, s->name, 1000 + SESSION_SECONDS - 1), s);
    assert_null(sessions_find(&all, s->name, 1000 + SESSION_SECONDS)); /* used or not */
    char longest[SESSION_PERSON_BYTES + 1];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_null(sessions_open(&all, longest, 1, WAY_PASSWORD, 1000));
    sessions_free(&all);
}

static void
many_peers(void **state)
{
    static sessions all = {.is_token = is_token};
    char peer[16];
    (void)state;
    assert_int_equal(secret_new(token, NULL), 0);
    for (int i = 0; i < WRONG_PER_MINUTE; i++)
        assert_false(sessions_token(&all, "x", "bad", 1000));
    assert_true(sessions_limited(&all, "bad", 1000));
    assert_false(sessions_limited(&all, "good", 1000));
    /* others with one wrong each, later: the table is full, and his place is taken */
    for (int i = 0; i < WRONG_PEERS; i++) {
        (void)snprintf(peer, sizeof peer, "p%d", i);
        assert_false(sessions_token(&all, "x", peer, 1001 + i));
    }
    for (int i = 0; i < WRONG_PER_MINUTE; i++)
        assert_false(sessions_token(&all, "x", "bad", 1100));
    assert_true(sessions_limited(&all, "bad", 1159));
    assert_false(sessions_limited(&all, "bad", 1160));
}

/* ---- the file --------------------------------------------------------------------- */

static char folder[] = "/tmp/ndrscan-token-XXXXXX";

static const char *
path_of(const char *name)
{
    static char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void
made_once(void **state)
{
    secret a, b;
    bool made = false;
    ndr_error err = {0};
    struct stat st;
    (void)state;
    assert_int_equal(token_load(path_of("new"), geteuid(), a, &made, &err), 0);
    assert_true(made);
    assert_int_equal(stat(path_of("new"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(token_load(path_of("new"), geteuid(), b, &made, &err), 0);
    assert_false(made);
    assert_string_equal(a, b);
    assert_int_equal(token_load(path_of("none/new"), geteuid(), b, &made, &err),
                     NDR_E_SYS);
}

typedef struct file_row {
    const char *why;
    const char *name, *text;
    mode_t mode;
    int want;
} file_row;
static const file_row file_rows[] = {
    {"a token", "good", "0123456789012345678901234567890123456789-_A\n", 0600, 0},
    {"without a line end", "bare", "0123456789012345678901234567890123456789-_A", 0400,
     0},
    {"that its group reads", "group", "0123456789012345678901234567890123456789-_A\n",
     0640, NDR_E_SYNTAX},
    {"an empty file", "empty", "", 0600, NDR_E_SYNTAX},
    {"too short", "short", "012345\n", 0600, NDR_E_SYNTAX},
    {"too long", "long", "0123456789012345678901234567890123456789-_AB\n", 0600,
     NDR_E_SYNTAX},
    {"other letters", "other", "01234567890123456789012345678901234567 -_A\n", 0600,
     NDR_E_SYNTAX},
};

static void
file_test(void **state)
{
    const file_row *r = *state;
    secret got;
    bool made;
    ndr_error err = {0};
    FILE *f = fopen(path_of(r->name), "w");
    assert_non_null(f);
    assert_true(fputs(r->text, f) >= 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(path_of(r->name), r->mode), 0);
    assert_int_equal(token_load(path_of(r->name), geteuid(), got, &made, &err), r->want);
    if (r->want != 0)
        assert_non_null(strstr(err.text, "new")); /* what to do about it */
    assert_int_equal(unlink(path_of(r->name)), 0);
}

static void
no_file(void **state)
{
    secret got;
    bool made;
    ndr_error err = {0};
    char fifo[256];
    (void)state;
    (void)snprintf(fifo, sizeof fifo, "%s", path_of("fifo"));
    assert_int_equal(symlink("new", path_of("link")), 0);
    assert_int_equal(token_load(path_of("link"), geteuid(), got, &made, &err), NDR_E_SYS);
    assert_int_equal(unlink(path_of("link")), 0);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_int_equal(token_load(fifo, geteuid(), got, &made, &err),
                     NDR_E_SYNTAX); /* at once */
    assert_int_equal(unlink(fifo), 0);
    assert_int_equal(token_load(folder, geteuid(), got, &made, &err), NDR_E_SYNTAX);
}

int
main(void)
{
    if (mkdtemp(folder) == NULL)
        return 1;
    add_test("secrets are equal to themselves only", equals);
    add_test("a form is good once", forms_are_good_once);
    add_test("the oldest session makes room", the_oldest_makes_room);
    add_test("a person's sessions push out only his own", people_push_out_nobody_else);
    add_test("a session ends when it is idle, and in any case", idle_sessions_end);
    add_test("wrong tokens count for who gave them", many_peers);
    add_test("a token is made once, for its owner", made_once);
    ADD_ROWS(file_rows, file_test);
    add_test("a link, a FIFO or a folder is no token", no_file);
    const int status = run_added(__FILE__);
    (void)unlink(path_of("new"));
    (void)rmdir(folder);
    return status;
}
