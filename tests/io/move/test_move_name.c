/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "move/move_name.h"

/* Exact-size, so that a byte too far is seen. */
static char *
text(const char *s)
{
    return (char *)exact_copy(s, strlen(s) + 1);
}

/* ---- out --------------------------------------------------------------------------- */

static const struct out_row {
    const char *why, *name, *want;
} out_rows[] = {
    {"a name without flags stays", "1.M1P1.mx", "1.M1P1.mx"},
    {"flags stay", "1.M1P1.mx:2,FRS", "1.M1P1.mx:2,FRS"},
    {"keyword letters are dropped", "1.M1P1.mx:2,Sab", "1.M1P1.mx:2,S"},
    {"keyword letters alone leave an empty list of flags", "1.M1P1.mx:2,z",
     "1.M1P1.mx:2,"},
    {"sizes stay", "1.M1P1.mx,S=2048,W=2100:2,Sa", "1.M1P1.mx,S=2048,W=2100:2,S"},
    {"lower-case letters of the base stay", "abc.def.ghi", "abc.def.ghi"},
    {"a semicolon in place of the colon is known", "1.a.mx;2,Sb", "1.a.mx;2,S"},
    {"an exclamation mark in place of the colon is known", "1.a.mx!2,Sb", "1.a.mx!2,S"},
    {"a semicolon that begins no flags is of the base", "1.a;b.mx", "1.a;b.mx"},
    {"info of another version is left alone", "1.a.mx:1,abc", "1.a.mx:1,abc"},
    {"a colon with nothing behind it stays", "1.a.mx:", "1.a.mx:"},
};

static void
test_out(void **state)
{
    const struct out_row *r = *state;
    char ret[NDR_NAME_BYTES];
    char *name = text(r->name);
    assert_true(ndr_name_out(name, ret));
    assert_string_equal(ret, r->want);
    free(name);
}

/* ---- back -------------------------------------------------------------------------- */

static const struct back_row {
    const char *why, *was, *moved, *now, *want;
} back_rows[] = {
    {"unchanged goes back to the very name", "1.a:2,Sab", "1.a:2,S", "1.a:2,S",
     "1.a:2,Sab"},
    {"flags are those of now, keywords those of then", "1.a:2,Sa", "1.a:2,S", "1.a:2,RS",
     "1.a:2,RSa"},
    {"a flag that was taken away stays away", "1.a:2,FSb", "1.a:2,FS", "1.a:2,",
     "1.a:2,b"},
    {"keywords of the Junk folder mean nothing elsewhere", "1.a:2,S", "1.a:2,S",
     "1.a:2,Sc", "1.a:2,S"},
    {"a message that got flags in new keeps them", "1.a", "1.a", "1.a:2,S", "1.a:2,S"},
    {"flags that are gone altogether leave the keywords", "1.a:2,Sa", "1.a:2,S", "1.a",
     "1.a:2,a"},
    {"the base is that of before, not one that was made up", "1.a:2,S", "1.a_5N1Q1:2,S",
     "1.a_5N1Q1:2,RS", "1.a:2,RS"},
    {"sizes come back with the base", "1.a,S=9:2,a", "1.a,S=9:2,", "1.a,S=9:2,T",
     "1.a,S=9:2,Ta"},
};

static void
test_back(void **state)
{
    const struct back_row *r = *state;
    char ret[NDR_NAME_BYTES];
    char *was = text(r->was), *moved = text(r->moved), *now = text(r->now);
    assert_true(ndr_name_back(was, moved, now, ret));
    assert_string_equal(ret, r->want);
    free(was);
    free(moved);
    free(now);
}

/* ---- fresh ------------------------------------------------------------------------- */

static const struct fresh_row {
    const char *why, *name, *want;
} fresh_rows[] = {
    {"the mark goes before the size", "1.a.mx,S=9:2,S", "1.a.mx_M,S=9:2,S"},
    {"the mark goes before the flags", "1.a.mx:2,S", "1.a.mx_M:2,S"},
    {"the mark goes to the end of a bare name", "1.a.mx", "1.a.mx_M"},
};

static void
test_fresh(void **state)
{
    const struct fresh_row *r = *state;
    char ret[NDR_NAME_BYTES];
    char *name = text(r->name);
    assert_true(ndr_name_fresh(name, "_M", ret));
    assert_string_equal(ret, r->want);
    free(name);
}

static void
test_fit(void **state)
{
    (void)state;
    char name[NDR_NAME_BYTES + 1], ret[NDR_NAME_BYTES];
    memset(name, 'x', sizeof name);
    name[255] = '\0';
    assert_true(ndr_name_out(name, ret));
    assert_true(ndr_name_back(name, name, name, ret));
    assert_false(ndr_name_fresh(name, "_M", ret));
    char now[8] = "x:2,S";
    assert_false(ndr_name_back(name, "x", now, ret));
    name[255] = 'x';
    name[256] = '\0';
    assert_false(ndr_name_out(name, ret));
}

/* ---- split ------------------------------------------------------------------------- */

static const struct split_row {
    const char *why, *rel, *folder;
    int half;
    const char *name;
} split_rows[] = {
    {"a message of the inbox", "cur/1.a:2,", "", 0, "1.a:2,"},
    {"a message that is new", "new/1.a", "", 1, "1.a"},
    {"a message of a subfolder", ".A.B/cur/1.a", ".A.B", 0, "1.a"},
    {"a folder of folders", "A/B/new/1.a", "A/B", 1, "1.a"},
    {"a folder whose name ends like a half", "Xcur/1.a", NULL, 0, NULL},
    {"tmp is no half", "tmp/1.a", NULL, 0, NULL},
    {"a full path is none", "/cur/1.a", NULL, 0, NULL},
    {"no name", "cur/", NULL, 0, NULL},
    {"the folder itself", "cur/.", NULL, 0, NULL},
    {"the folder above", "cur/..", NULL, 0, NULL},
    {"nothing", "", NULL, 0, NULL},
    {"a half alone", "cur", NULL, 0, NULL},
};

static void
test_split(void **state)
{
    const struct split_row *r = *state;
    char folder[512];
    int half = -1;
    const char *name = NULL;
    char *rel = text(r->rel);
    assert_int_equal(ndr_name_split(rel, folder, &half, &name), r->folder != NULL);
    if (r->folder != NULL) {
        assert_string_equal(folder, r->folder);
        assert_string_equal(name, r->name);
        assert_int_equal(half, r->half);
    }
    free(rel);
}

int
main(void)
{
    ADD_ROWS(out_rows, test_out);
    ADD_ROWS(back_rows, test_back);
    ADD_ROWS(fresh_rows, test_fresh);
    ADD_ROWS(split_rows, test_split);
    add_test("255 bytes fit, 256 do not", test_fit);
    return run_added("move_name");
}
