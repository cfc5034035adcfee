/* SPDX-License-Identifier: BSD-3-Clause */
#include "mail/recipient.h"

#include "bytes.h"

typedef struct for_row {
    const char *why, *received;
    const char *local, *domain;
} for_row;

static const for_row received[] = {
    {"in angle brackets",
     "from a by b with ESMTP id c for <u@example.com>; Tue, 13 May 2008 09:31:02 +0200",
     "u", "example.com"},
    {"without them", "by b id c for u@example.com; Tue, 13 May 2008 09:31:02 +0200", "u",
     "example.com"},
    {"FOR in capitals", "by b FOR <u@example.com>; x", "u", "example.com"},
    {"a comment behind it", "by b for <u@example.com> (sender <v@example.org>); x", "u",
     "example.com"},
    {"a comment behind the word",
     "by b for u@example.com (envelope-from v@example.org); x", "u", "example.com"},
    {"only the word behind it counts", "by b for users <u@example.com>; x", "", ""},
    {"a for in a comment that names nobody",
     "from a (waiting for b) by c for <u@example.com>; x", "u", "example.com"},
    {"no domain", "by b for <u>; x", "", ""},
    {"no for", "from a@example.com by b; x", "", ""},
    {"for inside a word", "by before <u@example.com>; x", "", ""},
    {"for at the very end", "by b for", "", ""},
    {"for and a blank at the very end", "by b for ", "", ""},
    {"nothing", "", "", ""},
    {"for is the first word", "for <u@example.com>; x", "", ""},
    {"folds and tabs are blanks", "by b\n\tfor\t<u@example.com>; x", "u", "example.com"},
    {"an unclosed bracket", "by b for <u@example.com; x", "u", "example.com"},
    {"a for in a quoted string in a comment",
     "from a (a [192.0.2.1]) (Client CN \"x for z@example.net \", Issuer \"y\" (not "
     "verified)) by b with ESMTPS id 1 for <u@example.com>; x",
     "u", "example.com"},
    {"and nobody else named",
     "from a (a [192.0.2.1]) (Client CN \"x for z@example.net \") by b id 1; x", "", ""},
    {"a sender's quoted local part in a comment",
     "from a by b with esmtp (Exim 4.96) (envelope-from <\" for z@example.net "
     "\"@example.org>) id 1 for u@example.com; x",
     "u", "example.com"},
    {"one that closes the comment it stands in",
     "from a by b with esmtp (envelope-from <\"x) for z@example.net (\"@example.org>) id "
     "1; x",
     "", ""},
    {"a comment in a comment", "by b (c (d) for z@example.net) id 1; x", "", ""},
    {"an escaped parenthesis", "by b (c \\) for z@example.net ) id 1; x", "", ""},
    {"a greeting with words in it",
     "from me for <z@example.net> (a [192.0.2.1]) by b with ESMTP id 1; x", "", ""},
    {"a greeting that goes on as if it were ours",
     "from a by c for <z@example.net> (a [192.0.2.1]) by b id 1 for <u@example.com>; x",
     "u", "example.com"},
    {"a greeting that opens a comment",
     "from a( (a [192.0.2.1]) by b for u@example.com; x", "u", "example.com"},
    {"a greeting that opens a string",
     "from a\" (a [192.0.2.1]) by b for u@example.com; x", "u", "example.com"},
    {"a greeting that closes a comment", "from a) for z@example.net (b) by c id 1; x", "",
     ""},
    {"no by at all", "from a for u@example.com; x", "u", "example.com"},
    {"something behind it", "by b for <u@example.com> id 1; x", "u", "example.com"},
};

static void
for_test(void **state)
{
    const for_row *row = *state;
    const ndr_slice v = slice_copy(row->received);
    const ndr_address a = ndr_received_for(v);
    assert_slice(a.local, row->local);
    assert_slice(a.domain, row->domain);
    drop_slice(v);
}

static void
cut_test(void **state)
{
    const for_row *row = *state;
    for (size_t n = 0; n <= strlen(row->received); n++) {
        const ndr_slice v = {exact_copy(row->received, n), n};
        const ndr_address a = ndr_received_for(v);
        assert_int_equal(a.domain.len > 0, a.local.len > 0);
        drop_slice(v);
    }
}

typedef struct path_row {
    const char *why, *pattern, *path;
    const char *local, *domain;
} path_row;

static const path_row paths[] = {
    {"domain and user", "/var/vmail/{domain}/{user}/",
     "/var/vmail/example.com/bob/new/1.x", "bob", "example.com"},
    {"user and domain", "/m/{user}@{domain}/", "/m/bob@example.com/cur/1", "bob",
     "example.com"},
    {"domain alone", "/m/{domain}/", "/m/example.com/x", "", "example.com"},
    {"the last word may end the path", "/m/{domain}", "/m/example.com", "",
     "example.com"},
    {"the user alone names nobody", "/m/{user}/", "/m/bob/x", "", ""},
    {"another folder", "/var/vmail/{domain}/{user}/", "/var/mail/example.com/bob/", "",
     ""},
    {"a path that ends early", "/var/vmail/{domain}/{user}/",
     "/var/vmail/example.com/bob", "", ""},
    {"a path that ends in the middle", "/var/vmail/{domain}/{user}/", "/var/vm", "", ""},
    {"an empty folder is no domain", "/var/{domain}/{user}/", "/var//bob/x", "", ""},
    {"an empty folder is no user", "/var/{domain}/{user}/", "/var/example.com//x", "",
     ""},
    {"a slash in front: only from the start", "/m/{domain}/", "/x/m/example.com/y", "",
     ""},
    {"no slash in front: at any folder", "m/{domain}/", "/x/y/m/example.com/z", "",
     "example.com"},
    {"no slash in front: at the first folder", "m/{domain}/", "m/example.com/z", "",
     "example.com"},
    {"no slash in front: whole folder names", "m/{domain}/", "xm/example.com/z", "", ""},
    {"the first place that fits", "m/{domain}/", "m/a.example/m/b.example/z", "",
     "a.example"},
    {"slashes in a row", "m/{domain}/", "//m/example.com/z", "", "example.com"},
    {"words around it", "/m/d-{domain}.d/{user}.u/", "/m/d-example.d/bob.u/x", "bob",
     "example"},
    {"an empty path", "/m/{domain}", "", "", ""},
    {"an empty pattern", "", "/m/example.com", "", ""},
    {"an unknown word is letters", "/m/{host}/{domain}/", "/m/{host}/example.com/", "",
     "example.com"},
};

static void
path_test(void **state)
{
    const path_row *row = *state;
    char *path = (char *)exact_copy(row->path, strlen(row->path) + 1);
    const ndr_address a = ndr_recipient_of_path(row->pattern, path);
    assert_slice(a.local, row->local);
    assert_slice(a.domain, row->domain);
    free(path);
}

int
main(void)
{
    ADD_ROWS(received, for_test);
    ADD_ROWS(received, cut_test);
    ADD_ROWS(paths, path_test);
    return run_added("recipient");
}
