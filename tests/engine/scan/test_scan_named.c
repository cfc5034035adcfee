/* SPDX-License-Identifier: BSD-3-Clause */
/* Which rules match, and which is named. */
#include "bytes.h"
#include "rules.h"

#include <stdio.h>

typedef struct match_row {
    const char *why, *mail;
    const char *named;
    const char *matched; /* one letter a rule, "." for none */
} match_row;

static const ndr_rule_spec ranked[] = {
    {NDR_SIZED(ndr_rule_spec), .id = "a", .kind = NDR_KIND_FAILED, .rank = 3,
     ALL({.target = "text", .match = "alpha"})},
    {NDR_SIZED(ndr_rule_spec), .id = "b", .kind = NDR_KIND_FAILED, .rank = 7,
     ALL({.target = "text", .match = "beta"})},
    {NDR_SIZED(ndr_rule_spec), .id = "c", .kind = NDR_KIND_FAILED, .rank = 7,
     ALL({.target = "text", .match = "gamma|beta"})},
    {NDR_SIZED(ndr_rule_spec), .id = "d", .kind = NDR_KIND_FAILED, .rank = 1,
     ALL({.target = "text", .match = "delta"})},
    {NDR_SIZED(ndr_rule_spec), .id = "e", .kind = NDR_KIND_FAILED, .rank = 0,
     ALL({.target = "text", .match = "."})},
    {NDR_SIZED(ndr_rule_spec), .id = "f", .kind = NDR_KIND_FAILED, .rank = 5,
     ALL({.target = "subject", .match = "sf"}),
     ANY({.target = "text", .match = "alpha"}, {.target = "header:x-f", .match = "y"})},
    {NDR_SIZED(ndr_rule_spec), .id = "g", .kind = NDR_KIND_FAILED, .rank = 5,
     ANY({.target = "header:x-g", .present = true}),
     NONE({.target = "text", .match = "beta"})},
    {NDR_SIZED(ndr_rule_spec), .id = "h", .kind = NDR_KIND_FAILED, .rank = 5,
     ALL({.target = "subject", .match = "sh"}),
     NONE({.target = "header:x-g", .present = true})},
    {NDR_SIZED(ndr_rule_spec), .id = "i", .kind = NDR_KIND_FAILED, .rank = 5,
     ANY({.target = "part", .match = "^text/html$"},
         {.target = "status", .match = "^status: 5"})},
};
enum { RANKED = sizeof ranked / sizeof ranked[0] };

static const match_row matches[] = {
    {"no candidate: nothing matches", "Subject: x\n\nalpha beta delta\n", "",
     "........."},
    {"a candidate by a signal: all rules are tried", "Return-Path: <>\n\nalpha delta\n",
     "a", "a..de...."},
    {"the highest rank is named", "Return-Path: <>\n\nalpha beta\n", "b", "abc.e...."},
    {"then the first loaded", "Return-Path: <>\n\nbeta\n", "b", ".bc.e...."},
    {"a generic rule when there is no other", "Return-Path: <>\n\ndelta\n", "d",
     "...de...."},
    {"the lowest rank of all", "Return-Path: <>\n\nx\n", "e", "....e...."},
    {"a rule's header signal makes a candidate, and other rules match",
     "Subject: sf\n\nbeta\n", "b", ".bc.e...."},
    {"any, by the text", "Subject: sf\n\nalpha\n", "f", "a...ef..."},
    {"any, by a field", "Subject: sf\nX-F: y\n\nx\n", "f", "....ef..."},
    {"all without any is not enough", "Subject: sf\n\nx\n", "e", "....e...."},
    {"complete on the header", "X-G: 1\n\nx\n", "g", "....e.g.."},
    {"an empty field is not there", "X-G:  \n\nx\n", "", "........."},
    {"none in the text", "X-G: 1\n\nbeta\n", "b", ".bc.e...."},
    {"ruled out by the header, nothing else asks for a body",
     "Subject: sh\nX-F: y\n\nalpha\n", "h", "a...e..h."},
    {"none on a header field that another rule hits", "Subject: sh\nX-G: 1\n\nx\n", "g",
     "....e.g.."},
    {"body signals in any alone do not ask for a body", "Content-Type: text/html\n\nx\n",
     "", "........."},
    {"but are tried on a candidate", "Return-Path: <>\nContent-Type: text/html\n\nx\n",
     "i", "....e...i"},
};

static void
match_test(void **state)
{
    const match_row *row = *state;
    ndr_ruleset *set = make_rules(ranked, RANKED);
    const ndr_scan_opts opts = {NDR_SIZED(ndr_scan_opts), .rules = set, .try_all = true},
                        usual = {NDR_SIZED(ndr_scan_opts), .rules = set};
    ndr_scanner *all = new_scanner(&opts), *s = new_scanner(&usual);
    const ndr_slice raw = slice_copy(row->mail);
    ndr_message m = make_message(raw);
    ndr_verdict v;
    assert_int_equal(ndr_scan(all, &m, NULL, NULL, &v, NULL), 0);
    assert_string_equal(v.rule == NULL ? "" : v.rule->id, row->named);
    char got[RANKED + 1] = "";
    for (size_t i = 0; i < RANKED; i++)
        got[i] = ndr_scan_matched(all, i) ? ranked[i].id[0] : '.';
    assert_string_equal(got, row->matched);
    assert_int_equal(ndr_scan(s, &m, NULL, NULL, &v, NULL),
                     0); /* without try_all the same */
    assert_string_equal(v.rule == NULL ? "" : v.rule->id, row->named);
    for (size_t i = 0; i < RANKED; i++)
        if (ranked[i].rank > 1)
            assert_int_equal(ndr_scan_matched(s, i), got[i] != '.');
    drop_slice(raw);
    ndr_scanner_free(s);
    ndr_scanner_free(all);
    ndr_ruleset_free(set);
}

/* ---- what was scanned before ---- */

/* Two patterns that see beyond a line, and two that do not: as many as it takes to look
 * into both ways. */
static const ndr_rule_spec sighted[] = {
    {NDR_SIZED(ndr_rule_spec), .id = "far", .kind = NDR_KIND_FAILED, .rank = 5,
     ALL({.target = "text", .match = "one\\stwo"})},
    {NDR_SIZED(ndr_rule_spec), .id = "near", .kind = NDR_KIND_FAILED, .rank = 4,
     ALL({.target = "text", .match = "^two"},
         {.target = "status", .match = "^status: 5"})},
    {NDR_SIZED(ndr_rule_spec), .id = "many", .kind = NDR_KIND_FAILED, .rank = 3,
     ALL({.target = "subject", .match = "a"}, {.target = "subject", .match = "b"},
         {.target = "subject", .match = "c"}, {.target = "subject", .match = "d"},
         {.target = "subject", .match = "e"}, {.target = "subject", .match = "f"},
         {.target = "subject", .match = "g"}, {.target = "subject", .match = "h"},
         {.target = "subject", .match = "i"}, {.target = "subject", .match = "j"},
         {.target = "subject", .match = "k"}, {.target = "subject", .match = "l"})},
};

#define STATUS                                                                           \
    "Content-Type: multipart/report; boundary=b\n\n--b\n\ntwo\n--b\n"                    \
    "Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822;u@example.net\n"   \
    "Status: "
static const struct {
    const char *mail, *named;
} later[] = {
    {"Return-Path: <>\n\none\n\ntwo\n", "far"},
    {"Return-Path: <>\n\none\n\nelse\n\ntwo\n", ""},
    {"Return-Path: <>\n\ntwo\n\none\n", ""},
    {"Return-Path: <>\n" STATUS "5.1.1\n--b--\n", "near"},
    {"Return-Path: <>\n" STATUS "4.1.1\n--b--\n", ""},
    {"Subject: abcdefghijkl\n\nx\n", "many"},
    {"Subject: abcdefghijk\n\nx\n", ""},
    {"To: abcdefghijkl\nSubject: x\n\nx\n", ""},
};

static void
later_test(void **state)
{
    (void)state;
    enum { LATER = sizeof later / sizeof later[0] };
    ndr_ruleset *set = make_rules(sighted, sizeof sighted / sizeof sighted[0]);
    const ndr_scan_opts opts = {NDR_SIZED(ndr_scan_opts), .rules = set};
    ndr_scanner *s = new_scanner(&opts);
    for (size_t i = 0; i < 8 * LATER; i++) { /* each behind each other, in the end */
        const size_t k = (i * i + i / LATER) % LATER;
        const ndr_slice raw = slice_copy(later[k].mail);
        ndr_message m = make_message(raw);
        ndr_verdict v;
        assert_int_equal(ndr_scan(s, &m, NULL, NULL, &v, NULL), 0);
        assert_string_equal(v.rule == NULL ? "" : v.rule->id, later[k].named);
        drop_slice(raw);
    }
    ndr_scanner_free(s);
    ndr_ruleset_free(set);
}

/* ---- names of fields ---- */

enum { LONGEST_NAME = 40 };

/* The length of the wanted name that a field of this name is taken for, 0: none. */
static size_t
taken_for(ndr_scanner *s, ndr_slice name)
{
    char text[128];
    const int n = snprintf(text, sizeof text, "%.*s: y\nReturn-Path: <>\n\nx\n",
                           (int)name.len, (const char *)name.ptr);
    unsigned char *p = exact_copy(text, (size_t)n);
    ndr_message m = make_message((ndr_slice){p, (size_t)n});
    ndr_verdict v;
    assert_int_equal(ndr_scan(s, &m, NULL, NULL, &v, NULL), 0);
    const size_t length = v.rule == NULL ? 0 : strlen(v.rule->id);
    free(p);
    return length;
}

static void
name_test(void **state)
{
    (void)state;
    static char target[LONGEST_NAME + 1][64];
    static char id[LONGEST_NAME + 1][LONGEST_NAME + 1]; /* as long as the name */
    ndr_signal_spec signal[LONGEST_NAME];
    ndr_rule_spec named[LONGEST_NAME];
    for (size_t n = 1; n <= LONGEST_NAME; n++) {
        char *name = target[n] + strlen(strcpy(target[n], "header:"));
        for (size_t i = 0; i < n; i++)
            name[i] = "abqyz-_09@~`"[(i * 7 + n) % 12];
        name[n] = '\0';
        signal[n - 1] = (ndr_signal_spec){.target = target[n], .present = true};
        named[n - 1] = (ndr_rule_spec){
            NDR_SIZED(ndr_rule_spec), .id = memset(id[n], 'a', n),
            .kind = NDR_KIND_FAILED, .any = &signal[n - 1], .any_count = 1};
    }
    ndr_ruleset *by_name = make_rules(named, LONGEST_NAME);
    const ndr_scan_opts opts = {NDR_SIZED(ndr_scan_opts), .rules = by_name};
    ndr_scanner *s = new_scanner(&opts);
    for (size_t n = 1; n <= LONGEST_NAME; n++) {
        unsigned char name[LONGEST_NAME];
        const ndr_slice slice = {name, n};
        memcpy(name, signal[n - 1].target + strlen("header:"), n);
        assert_int_equal(taken_for(s, slice), n);
        for (size_t i = 0; i < n; i++)
            if (name[i] >= 'a' && name[i] <= 'z')
                name[i] ^= 0x20;
        assert_int_equal(taken_for(s, slice), n);
        for (size_t i = 0; i < n; i++) {
            const unsigned char kept = name[i];
            name[i] = kept == '@' ? '`' : kept == '`' ? '@' : kept == '~' ? '^' : '!';
            if (taken_for(s, slice) != 0)
                fail_msg("'%.*s' is taken for '%s'", (int)n, (char *)name,
                         signal[n - 1].target);
            name[i] = kept;
        }
    }
    ndr_scanner_free(s);
    ndr_ruleset_free(by_name);
}

int
main(void)
{
    ADD_ROWS(matches, match_test);
    add_test("what was scanned before changes no verdict", later_test);
    add_test("names of every length are told apart, and letters of any case are one",
             name_test);
    return run_added("scan_named");
}
