/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "move/junk_place.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct row {
    const char *why;
    const char *folder[5];
    const char *asked;
    const char *want;
} rows[] = {
    {"without any it is .Junk", {NULL}, NULL, ".Junk"},
    {"one that is there", {".Sent", ".Junk"}, NULL, ".Junk"},
    {"Spam is used", {".Sent", ".Spam"}, NULL, ".Spam"},
    {"whatever its case", {".SPAM"}, NULL, ".SPAM"},
    {"a name with a blank", {".Sent", ".Junk E-mail"}, NULL, ".Junk E-mail"},
    {"below INBOX", {".INBOX.Sent", ".INBOX.Spam"}, NULL, ".INBOX.Spam"},
    {"a name in UTF-7", {".Ind&AOk-sirables"}, NULL, ".Ind&AOk-sirables"},
    {"and in UTF-8", {".Skräppost"}, NULL, ".Skräppost"},
    {"one in Japanese", {".&j,dg0TDhMPww6w-"}, NULL, ".&j,dg0TDhMPww6w-"},
    {"of two the more usual", {".Spam", ".Junk"}, NULL, ".Junk"},
    {"a folder that only begins so is none", {".Spammers"}, NULL, ".Junk"},
    {"nor is one of the user's below another", {".Archive.Spam"}, NULL, ".Junk"},
    {"folders without a dot: Junk has none", {"Sent", "Old"}, NULL, "Junk"},
    {"and Spam is used", {"Sent", "Spam"}, NULL, "Spam"},
    {"a name that is asked for", {".Junk"}, ".Bounces", ".Bounces"},
    {"gets the dot", {".Sent"}, "Spam", ".Spam"},
    {"also in an empty Maildir", {NULL}, "Spam", ".Spam"},
    {"and where one without a dot was made once", {".Sent", "Spam"}, "Spam", ".Spam"},
    {"but not where folders have none", {"Sent"}, "Spam", "Spam"},
    {"nor if only Junk says so", {"Spam"}, "Spam", "Spam"},
    {"a slash says that it has none", {NULL}, "Spam/", "Spam"},
    {"a dot that was asked for stays", {"Sent"}, ".Spam", ".Spam"},
};

static void
make(const char *top, const char *folder)
{
    static const char *const part[] = {"", "/cur", "/new", "/tmp"};
    for (int i = 0; i < 4; i++) {
        char path[256];
        (void)snprintf(path, sizeof path, "%s/%s%s", top, folder, part[i]);
        (void)mkdir(path, 0700);
    }
}

static void
put(const char *top, const char *name, const char *text)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", top, name);
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void
end(const char *top)
{
    char command[128];
    (void)snprintf(command, sizeof command, "rm -rf '%s'", top);
    assert_int_equal(system(command), 0);
}

static void
test_find(void **state)
{
    const struct row *r = *state;
    char top[] = "/tmp/ndrscan-junk-XXXXXX", have[JUNK_PLACE_BYTES];
    ndr_error err = {0};
    assert_non_null(mkdtemp(top));
    make(top, "");
    for (int i = 0; i < 5 && r->folder[i] != NULL; i++)
        make(top, r->folder[i]);
    assert_int_equal(junk_place_find(top, r->asked, have, &err), 0);
    assert_string_equal(have, r->want);
    end(top);
}

static void
test_special(void **state)
{
    (void)state;
    char top[] = "/tmp/ndrscan-junk-XXXXXX", have[JUNK_PLACE_BYTES];
    ndr_error err = {0};
    assert_non_null(mkdtemp(top));
    make(top, "");
    make(top, ".Spam");
    make(top, ".Kram");
    put(top, "dovecot-attributes",
        "priv/00000000000000000000000000000001/comment\nmine\n"
        "priv/3085f01b7f11094c501100008c4a11c1/specialuse\n\\Junk\n");
    put(top, ".Kram/dovecot-uidlist",
        "3 V1275660208 N25022 G3085f01b7f11094c501100008c4a11c1\n1 :1.a\n");
    put(top, ".Spam/dovecot-uidlist",
        "3 V1275660209 N1 G3085f01b7f11094c501100008c4a11c2\n");
    assert_int_equal(junk_place_find(top, NULL, have, &err), 0);
    assert_string_equal(have, ".Kram");
    put(top, "dovecot-attributes",
        "priv/3085f01b7f11094c501100008c4a11c1/specialuse\n\\Trash\npriv/\npriv/3");
    assert_int_equal(junk_place_find(top, NULL, have, &err), 0);
    assert_string_equal(have, ".Spam");
    end(top);
    assert_int_equal(junk_place_find(top, NULL, have, &err), NDR_E_SYS);
}

static void
test_names(void **state)
{
    (void)state;
    static const char *const good[] = {".Junk", "Spam", "Spam/", "Junk E-mail", "..x"};
    static const char *const bad[] = {"",    ".",   "..", "cur", "new",
                                      "tmp", "a/b", "/",  ".a/"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(junk_place_can_be(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(junk_place_can_be(bad[i]));
}

int
main(void)
{
    ADD_ROWS(rows, test_find);
    add_test("the special use in Dovecot's files comes first", test_special);
    add_test("names that can be asked for", test_names);
    return run_added("junk_place");
}
