/* SPDX-License-Identifier: BSD-3-Clause */
#include "load_case.h"

static int
load(const char *const *path, size_t count, const char *cache, ndr_ruleset **rs,
     char *note, ndr_error *err)
{
    return ndr_rules_load(
        &(ndr_rules_opts){NDR_SIZED(ndr_rules_opts), path, count, cache}, rs, note, err);
}

/* "id kind system rank where" of each rule. */
static char *
print_rules(const ndr_ruleset *rs)
{
    ndr_buffer out = {0};
    for (size_t i = 0; i < ndr_ruleset_count(rs); i++) {
        const ndr_rule *r = ndr_ruleset_rule(rs, i);
        const char *slash = strrchr(r->where, '/');
        ndr_buffer_printf(&out, "%s%s %s '%s' %d %u+%u+%u %s", i == 0 ? "" : "\n", r->id,
                          ndr_kind_name(r->kind), r->system, r->rank, r->all_count,
                          r->any_count, r->none_count,
                          slash == NULL ? r->where : slash + 1);
    }
    return load_text(&out);
}

static int
load_printed(const char *path, char **ret, ndr_error *err)
{
    ndr_ruleset *rs = NULL;
    const int rc = load(&path, 1, NULL, &rs, NULL, err);
    *ret = rc == 0 ? print_rules(rs) : NULL;
    ndr_ruleset_free(rs);
    return rc;
}

#define R "rules:\n"
#define A "- id: a.one\n  kind: failed\n  all:\n  - {in: subject, match: 'undelivered'}\n"

static const text_row goods[] = {
    {"the least", R A, "a.one failed '' 5 1+0+0 r.yaml:2"},
    {"everything",
     "candidates:\n- {in: return-path, match: '^<>$'}\nrules:\n- id: b_2-x\n  kind: "
     "auto-reply\n"
     "  system: Example Mail\n  rank: 0\n  enabled: yes\n"
     "  all: [{in: subject, match: 'x'}]\n"
     "  any:\n  - {in: text, match: 'y'}\n  - {in: 'header:X-Odd', absent: true}\n"
     "  - {in: sender, present: true}\n"
     "  none: [{in: part, match: 'z'}]\n"
     "  examples:\n    hit:\n    - |\n      Subject: x\n\n      y\n    miss: []\n",
     "b_2-x auto-reply 'Example Mail' 0 1+3+1 r.yaml:4"},
    {"rules in the order they are written",
     R A "- id: 0\n  kind: receipt\n  rank: 9\n  any: [{in: from, match: a}]\n",
     "a.one failed '' 5 1+0+0 r.yaml:2\n0 receipt '' 9 0+1+0 r.yaml:6"},
    {"CRLF line ends",
     "rules:\r\n- id: a\r\n  kind: failed\r\n  all:\r\n  - {in: subject, match: x}\r\n",
     "a failed '' 5 1+0+0 r.yaml:2"},
    {"signals by name, whatever comes first in the file",
     R "- id: n\n  kind: failed\n  all: [sub, {in: from, match: x}]\n  any: [gone]\n"
       "  none:\n  - sub\ncandidates: [gone]\nsignals:\n"
       "  sub: {in: subject, match: 'undelivered'}\n"
       "  gone:\n    in: from\n    absent: true\n",
     "n failed '' 5 2+1+1 r.yaml:2"},
    {"alternatives one a line, and what stands around them",
     R "- id: n\n  kind: failed\n  all:\n  - in: text\n    before: '^('\n    match:\n"
       "    - 'a|b'\n    - c\n    after: ')$'\n",
     "n failed '' 5 1+0+0 r.yaml:2"},
    {"signals: with nothing in it", "signals:\n" R A, "a.one failed '' 5 1+0+0 r.yaml:3"},
    {"a rule that is switched off beside one that is not",
     R A "- {id: b, enabled: false}\n", "a.one failed '' 5 1+0+0 r.yaml:2"},
};

static void
good_test(void **state)
{
    load_good(*state, "r.yaml", load_printed);
}

#define KEYS "id, kind, system, rank, enabled, sender, all, any, none, examples"
#define KINDS                                                                            \
    "failed, delayed, delivered, rejected-content, challenge, auto-reply, receipt, "     \
    "feedback"
#define RULE(line) "DIR/r.yaml:" #line ": rule 1 (a.one): "

static const text_row bads[] = {
    {"an unknown key", R "- id: a.one\n  knid: failed\n",
     RULE(3) "unknown key 'knid'; allowed: " KEYS},
    {"an unknown sender", R A "  sender: nobody\n",
     RULE(6) "sender is system or anybody"},
    {"an unknown kind to ask of", "ask-sender:\n- {kinds: [failled]}\n" R A,
     "DIR/r.yaml:2: ask-sender 1: unknown kind 'failled'; one of failed, delayed, "
     "delivered, rejected-content, challenge, auto-reply, receipt, feedback"},
    {"a rank too high to ask of",
     "ask-sender:\n- {kinds: [failed], highest-rank: 10}\n" R A,
     "DIR/r.yaml:2: ask-sender 1: highest-rank is 0 to 9, found 10"},
    {"an unknown key in a signal", R A "  - {on: subject, match: x}\n",
     RULE(6) "unknown key 'on'; allowed: in, match, before, after, absent, present"},
    {"an unknown key in the examples", R A "  examples:\n    hits: []\n",
     RULE(7) "unknown key 'hits'; allowed: hit, miss"},
    {"an unknown key at the top", "rule: []\n",
     "DIR/r.yaml:1: unknown key '…'; allowed: signals, candidates, ask-sender, rules"},
    {"no id", R "- kind: failed\n", "DIR/r.yaml:2: rule 1: the key 'id' is missing"},
    {"no kind", R "\n- id: a.one\n  all: [{in: subject, match: x}]\n",
     RULE(3) "the key 'kind' is missing"},
    {"an unknown kind",
     R "- id: a.one\n  all: [{in: subject, match: x}]\n  kind: failled\n",
     RULE(4) "unknown kind 'failled'; one of " KINDS},
    {"none is no kind", R "- id: a.one\n  kind: none\n",
     RULE(3) "unknown kind 'none'; one of " KINDS},
    {"capitals in an id", R "- id: Postfix\n  kind: failed\n",
     "DIR/r.yaml:2: rule 1 (Postfix): an id is small letters, digits and . _ -, and "
     "begins with "
     "one of the former two"},
    {"a dot that begins an id", R "- id: .a\n  kind: failed\n",
     "DIR/r.yaml:2: rule 1 (.a): an id is small letters, digits and . _ -, and begins "
     "with one of "
     "the former two"},
    {"an id of 65 bytes",
     R "- id: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
     "DIR/r.yaml:2: rule 1: 'id' is 65 bytes long; at most 64 are allowed"},
    {"an id twice", R A "- id: b\n  kind: failed\n  any: [{in: text, match: x}]\n" A,
     "DIR/r.yaml:9: rule 3 (a.one): this id is on line 2 already; give one of the two "
     "another"},
    {"a rank that is none", R A "  rank: high\n",
     RULE(6) "'rank' must be a number, found 'high'"},
    {"a rank with letters behind", R A "  rank: 5x\n",
     RULE(6) "'rank' must be a number, found '5x'"},
    {"a rank with a nought in front", R A "  rank: 07\n",
     RULE(6) "'rank' must be a number, found '07'"},
    {"a rank below nought", R A "  rank: -1\n",
     RULE(6) "'rank' must be a number, found '-1'"},
    {"a rank of ten", R A "  rank: 10\n", RULE(6) "rank is 0 to 9, found 10"},
    {"enabled: maybe", R A "  enabled: maybe\n",
     RULE(6) "'enabled' must be true or false, found 'maybe'"},
    {"no signal", R "- id: a.one\n  kind: failed\n",
     RULE(2) "no signal in all or any; write at least one"},
    {"no signal but in none",
     R "- id: a.one\n  kind: failed\n  none: [{in: text, match: x}]\n",
     RULE(2) "no signal in all or any; write at least one"},
    {"a signal without a match", R A "  - {in: from}\n",
     RULE(6) "the signal has no match; write match: 'PATTERN', absent: true or "
             "present: true"},
    {"a signal without a target", R A "  - {match: x}\n",
     RULE(6) "the key 'in' is missing"},
    {"a signal with both", R A "  - in: from\n    match: x\n    absent: true\n",
     RULE(6) "a signal has one of match, absent and present; make two signals of it"},
    {"a signal with absent and present",
     R A "  - in: from\n    present: true\n    absent: true\n",
     RULE(6) "a signal has one of match, absent and present; make two signals of it"},
    {"present: false", R A "  - {in: from, present: no}\n",
     RULE(6) "present: false is written absent: true"},
    {"absent: false", R A "  - {in: from, absent: false}\n",
     RULE(6) "absent: false says nothing; write a match, or take the signal out"},
    {"a match that is a list", R A "  - {in: from, match: [abc]}\n",
     RULE(6) "'match' must be text or a list with one item a line, found brackets; put "
             "text in apostrophes: 'like [this]'"},
    {"a match that is an empty list", R A "  - in: from\n    match:\n",
     RULE(7) "'match' must be a list, found nothing"},
    {"a name that nobody gave", R A "  - undeliverd\n",
     RULE(6) "no signal is named 'undeliverd'; name it under signals: in a file of the "
             "set, or write {in: TARGET, match: 'PATTERN'}"},
    {"a name that nobody gave, in candidates", "candidates:\n- from-daemon\n" R A,
     "DIR/r.yaml:2: candidate 1: no signal is named 'from-daemon'; name it under "
     "signals: in a file of the set, or write {in: TARGET, match: 'PATTERN'}"},
    {"a name for a name", "signals:\n  a: {in: from, match: x}\n  b: a\n" R A,
     "DIR/r.yaml:3: signal 2 (b): a name stands for keys with values (in, match, before, "
     "after, absent, present), found text"},
    {"a name for a list of names", "signals:\n  b: [a]\n" R A,
     "DIR/r.yaml:2: signal 1 (b): a name stands for keys with values (in, match, before, "
     "after, absent, present), found a list"},
    {"a name among the keys of a signal", R A "  - {name: a}\n",
     RULE(6) "unknown key 'name'; allowed: in, match, before, after, absent, present"},
    {"names that are a list", "signals:\n- {in: from, match: x}\n" R A,
     "DIR/r.yaml:2: 'signals' must be names with values, found a list"},
    {"a name twice",
     "signals:\n  a: {in: from, match: x}\n  b: {in: to, match: x}\n"
     "  a: {in: to, match: y}\n" R A,
     "DIR/r.yaml:4: signal 3 (a): this name is on line 2 already; give one of the two "
     "another"},
    {"capitals in a name", "signals:\n  A: {in: from, match: x}\n" R A,
     "DIR/r.yaml:2: signal 1 (A): a name is small letters, digits and . _ -, and begins "
     "with one of the former two"},
    {"a named signal that says nothing", "signals:\n  a: {in: from}\n" R A,
     "DIR/r.yaml:2: signal 1 (a): the signal has no match; write match: 'PATTERN', "
     "absent: true or present: true"},
    {"a named signal without a target", "signals:\n  a: {match: x}\n" R A,
     "DIR/r.yaml:2: signal 1 (a): the key 'in' is missing"},
    {"an unknown key of a named signal", "signals:\n  a: {on: from, match: x}\n" R A,
     "DIR/r.yaml:2: signal 1 (a): unknown key 'on'; allowed: in, match, before, after, "
     "absent, present"},
    {"before without a match", R A "  - {in: from, before: x, present: true}\n",
     RULE(6) "before and after stand around a match; take them out"},
    {"an empty match", R A "  - {in: from, match: ''}\n", RULE(6) "'match' is empty"},
    {"a candidate without a match", "candidates:\n- {in: from, match: a}\n- {in: from}\n",
     "DIR/r.yaml:3: candidate 2: the signal has no match; write match: 'PATTERN', "
     "absent: true or "
     "present: true"},
    {"an empty file", "", "DIR/r.yaml: no rules; write rules: with one at least"},
    {"candidates alone", "candidates:\n- {in: from, match: a}\n",
     "DIR/r.yaml: no rules; write rules: with one at least"},
    {"rules that are all switched off", R A "  enabled: false\n",
     "DIR/r.yaml: no rules; write rules: with one at least"},
    {"an alias", R A "- *a\n",
     "DIR/r.yaml:6: anchors and aliases ('a') are not allowed; write the value out, or "
     "put "
     "text that begins with & or * in apostrophes"},
    {"a pattern between double quotes", R A "  - {in: from, match: \"\\d\"}\n",
     "DIR/r.yaml:6: not YAML: found unknown escape character; between \" a \\ is "
     "special: put the "
     "text in apostrophes"},
};

static void
bad_test(void **state)
{
    load_bad(*state, "r.yaml", load_printed);
}

/* What the engine refuses: the words are its own, the place is the rule's line. */
static const text_row refused[] = {
    {"an unknown target",
     R A "- id: b\n  kind: failed\n  all:\n  - {in: bodyy, match: 'x'}\n", "bodyy"},
    {"present on a body target",
     R A "- id: b\n  kind: failed\n  all:\n  - {in: part, present: true}\n", "present"},
    {"a letter beyond ASCII in a class",
     R A "- id: b\n  kind: failed\n  all:\n  - {in: text, match: '[\xc3\xa4x]'}\n",
     "[\xc3\xa4x]"},
    {"absent on a body target",
     R A "- id: b\n  kind: failed\n  all:\n  - {in: text, absent: true}\n", "absent"},
    {"a pattern that does not close",
     R A "- id: b\n  kind: failed\n  all:\n  - {in: text, match: 'a[b'}\n", "a[b"},
    {"look-ahead",
     R A "- id: b\n  kind: failed\n  all:\n  - {in: text, match: 'a(?=b)'}\n", "a(?=b)"},
    {"a back-reference",
     R A "- id: b\n  kind: failed\n  all:\n  - {in: text, match: '(a)\\1'}\n", "(a)\\1"},
    {"a pattern that matches nothing at all",
     R A "- id: b\n  kind: failed\n  all:\n  - {in: text, match: 'a*'}\n", "a*"},
};

static void
refused_test(void **state)
{
    const text_row *row = *state;
    scratch_begin();
    ndr_ruleset *rs = NULL;
    ndr_error err = {0};
    char want[200];
    const char *path = scratch_text("r.yaml", row->text);
    const int rc = load(&path, 1, NULL, &rs, NULL, &err);
    scratch_expand("DIR/r.yaml:6: ", want, sizeof want);
    ndr_ruleset_free(rs);
    scratch_end();
    assert_int_equal(rc, NDR_E_SYNTAX);
    assert_memory_equal(err.text, want, strlen(want));
    assert_non_null(strstr(err.text, row->want));
    assert_non_null(strstr(err.text, "rule 'b'"));
}

/* `n` times `text` behind `before`, as r.yaml. */
static const char *
write_many(const char *before, const char *text, size_t n)
{
    ndr_buffer b = {0};
    ndr_buffer_text(&b, before);
    for (size_t i = 0; i < n; i++)
        ndr_buffer_text(&b, text);
    assert_false(b.failed);
    const char *path = scratch_write("r.yaml", b.ptr, b.len);
    ndr_buffer_free(&b);
    return path;
}

static void
limits_test(void **state)
{
    (void)state;
    scratch_begin();
    ndr_ruleset *rs = NULL;
    ndr_error err = {0};
    char want[300];

    const char *path = write_many(R A, "  - {in: subject, match: x}\n", 63);
    assert_int_equal(load(&path, 1, NULL, &rs, NULL, &err), 0);
    ndr_ruleset_free(rs);
    path = write_many(R A, "  - {in: subject, match: x}\n", 64);
    assert_int_equal(load(&path, 1, NULL, &rs, NULL, &err), NDR_E_SYNTAX);
    scratch_expand("DIR/r.yaml:69: rule 1 (a.one): 'all' has more than 64 items", want,
                   sizeof want);
    assert_string_equal(err.text, want);

    path = write_many(R A "  - in: subject\n    match: ", "x", 4096);
    assert_int_equal(load(&path, 1, NULL, &rs, NULL, &err), 0);
    ndr_ruleset_free(rs);
    path = write_many(R A "  - in: subject\n    match: ", "x", 4097);
    assert_int_equal(load(&path, 1, NULL, &rs, NULL, &err), NDR_E_SYNTAX);
    scratch_expand(
        "DIR/r.yaml:7: rule 1 (a.one): 'match' is 4097 bytes long; at most 4096 are "
        "allowed",
        want, sizeof want);
    assert_string_equal(err.text, want);

    path = write_many(R, "- {id: a}\n", 20001);
    assert_int_equal(load(&path, 1, NULL, &rs, NULL, &err), NDR_E_SYNTAX);
    scratch_expand("DIR/r.yaml:20002: 'rules' has more than 20000 items", want,
                   sizeof want);
    assert_string_equal(err.text, want);

    path = write_many("", "[", 1 << 20);
    assert_int_equal(load(&path, 1, NULL, &rs, NULL, &err), NDR_E_SYNTAX);
    scratch_expand("DIR/r.yaml:1: the file must be keys with values, found a list; put "
                   "'rules:' in front of it",
                   want, sizeof want);
    assert_string_equal(err.text, want);
    path = write_many(R, "- ", 1 << 20);
    assert_int_equal(load(&path, 1, NULL, &rs, NULL, &err), NDR_E_SYNTAX);
    scratch_expand(
        "DIR/r.yaml:2: rule 1: each item of 'rules' must be keys with values, found a "
        "list",
        want, sizeof want);
    assert_string_equal(err.text, want);
    scratch_end();
}

/* Many rules are found again by id and line in reasonable time. */
static void
many_rules_test(void **state)
{
    (void)state;
    ndr_buffer b = {0};
    ndr_buffer_text(&b, R);
    for (int i = 0; i < 2000; i++)
        ndr_buffer_printf(
            &b, "- id: r%d\n  kind: failed\n  all: [{in: subject, match: 'word %d'}]\n",
            i, i);
    scratch_begin();
    ndr_ruleset *rs = NULL;
    ndr_error err = {0};
    const char *path = scratch_write("r.yaml", b.ptr, b.len);
    ndr_buffer_free(&b);
    const int rc = load(&path, 1, NULL, &rs, NULL, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, 0);
    assert_int_equal(ndr_ruleset_count(rs), 2000);
    const ndr_rule *last = ndr_ruleset_rule(rs, 1999);
    assert_string_equal(last->id, "r1999");
    assert_string_equal(strrchr(last->where, ':'), ":5999");
    ndr_ruleset_free(rs);
    scratch_end();
}

static void
several_files_test(void **state)
{
    (void)state;
    scratch_begin();
    ndr_ruleset *rs = NULL;
    ndr_error err = {0};
    assert_int_equal(mkdir(scratch_path("d"), 0700), 0);
    (void)scratch_text("d/b.yaml",
                       R A "- id: b\n  kind: failed\n  all: [{in: subject, match: b}]\n");
    (void)scratch_text("d/a.yaml",
                       R "- id: b\n  kind: receipt\n  all: [{in: subject, match: b}]\n"
                         "- id: c\n  kind: failed\n  all: [{in: subject, match: c}]\n");
    (void)scratch_text("own.yaml",
                       R "- id: a.one\n  enabled: false\n- id: c\n  kind: delayed\n"
                         "  all: [{in: subject, match: c}]\n");
    (void)scratch_text("nothing.yaml", "# nothing\n");
    const char *paths[] = {scratch_path("d"), scratch_path("own.yaml"),
                           scratch_path("nothing.yaml")};
    const int rc = load(paths, 3, NULL, &rs, NULL, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, 0);
    char *got = print_rules(rs);
    ndr_ruleset_free(rs);
    scratch_end();
    assert_string_equal(got,
                        "b failed '' 5 1+0+0 b.yaml:6\nc delayed '' 5 1+0+0 own.yaml:4");
    free(got);
}

static void
no_rules_test(void **state)
{
    (void)state;
    scratch_begin();
    ndr_ruleset *rs = NULL;
    ndr_error err = {0};
    const char *path = scratch;
    assert_int_equal(load(&path, 1, NULL, &rs, NULL, &err), NDR_E_SYNTAX);
    assert_string_equal(err.text,
                        "no rule file: no rules; write rules: with one at least");
    path = scratch_path("none");
    assert_int_equal(load(&path, 1, NULL, &rs, NULL, &err), NDR_E_SYS);
    scratch_end();
}

/* ---- with a cache ------------------------------------------------------ */

/* What a rule of names says is seen by what it matches. */
static void
expect_match(const char *const *path, size_t count, const char *subject, bool want)
{
    ndr_ruleset *rs = NULL;
    ndr_scanner *scanner = NULL;
    ndr_error err = {0};
    assert_int_equal(load(path, count, NULL, &rs, NULL, &err), 0);
    assert_int_equal(ndr_scanner_new(&(ndr_scan_opts){NDR_SIZED(ndr_scan_opts),
                                                      .rules = rs, .try_all = true},
                                     &scanner, &err),
                     0);
    char mail[200];
    (void)snprintf(mail, sizeof mail, "Subject: %s\n\n", subject);
    ndr_message m = {.raw = ndr_slice_of(mail),
                     .source = "m",
                     .length = strlen(mail),
                     .framed = NDR_TIME_UNKNOWN,
                     .file_time = NDR_TIME_UNKNOWN};
    ndr_verdict v;
    assert_int_equal(ndr_scan(scanner, &m, NULL, NULL, &v, &err), 0);
    assert_true((v.rule != NULL) == want);
    ndr_scanner_free(scanner);
    ndr_ruleset_free(rs);
}

static void
names_test(void **state)
{
    (void)state;
    scratch_begin();
    const char *path[] = {
        scratch_text("a.yaml", "rules:\n- {id: a, kind: failed, all: [gone]}\n"),
        scratch_text("b.yaml", "signals:\n  gone: {in: subject, match: returned}\n"),
        scratch_text("c.yaml",
                     "signals:\n  gone:\n    in: subject\n    before: '^('\n    match:\n"
                     "    - back|again\n    - 'sent\n        back'\n    after: ')$'\n"),
        scratch_text("d.yaml", "signals:\n  odd: {in: body, match: x}\n"),
    };
    expect_match(path, 2, "mail returned", true);
    expect_match(path, 2, "sent back", false);
    expect_match(path, 3, "sent back", true);
    expect_match(path, 3, "AGAIN", true);
    expect_match(path, 3, "once again", false);
    expect_match(path, 3, "mail returned", false);
    ndr_ruleset *rs = NULL;
    ndr_error err = {0};
    assert_int_equal(load(path, 1, NULL, &rs, NULL, &err), NDR_E_SYNTAX);
    assert_non_null(strstr(err.text, "a.yaml:2: rule 1 (a): no signal is named 'gone'"));
    assert_int_equal(load(path, 4, NULL, &rs, NULL, &err), NDR_E_SYNTAX);
    assert_non_null(strstr(err.text, "d.yaml:2: signal 1: unknown target 'body'"));
    scratch_end();
}

/* Number of files in the cache folder, and the inode of its last rules-* file. */
static size_t
list_cache(const char *dir, ino_t *ret)
{
    size_t n = 0;
    DIR *d = opendir(dir);
    assert_non_null(d);
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        n += e->d_name[0] == '.' && (e->d_name[1] == '\0' || e->d_name[1] == '.') ? 0 : 1;
        if (strncmp(e->d_name, "rules-", 6) == 0)
            *ret = e->d_ino;
    }
    (void)closedir(d);
    return n;
}

static void
cache_test(void **state)
{
    (void)state;
    scratch_begin();
    const char *rules = scratch_text("r.yaml", R A);
    char cache[300], note[NDR_CACHE_NOTE_BYTES];
    (void)snprintf(cache, sizeof cache, "%s/cache", scratch);
    assert_int_equal(mkdir(cache, 0700), 0);

    ino_t first = 0, again = 0;
    for (int turn = 0; turn < 2; turn++) {
        ndr_ruleset *rs = NULL;
        ndr_error err = {0};
        assert_int_equal(load(&rules, 1, cache, &rs, note, &err), 0);
        if (turn == 0)
            assert_non_null(strstr(note, "held none of these rules"));
        else
            assert_string_equal(note, "");
        char *got = print_rules(rs);
        assert_string_equal(got, "a.one failed '' 5 1+0+0 r.yaml:2");
        free(got);
        ndr_ruleset_free(rs);
        assert_int_equal(list_cache(cache, turn == 0 ? &first : &again), 1);
    }
    assert_true(first == again); /* the second start wrote nothing */

    /* one changed byte is another set, and the old one stays beside it */
    rules = scratch_text(
        "r.yaml", R
        "- id: a.two\n  kind: failed\n  all:\n  - {in: subject, match: 'undelivered'}\n");
    ndr_ruleset *rs = NULL;
    ndr_error err = {0};
    assert_int_equal(load(&rules, 1, cache, &rs, note, &err), 0);
    assert_string_equal(ndr_ruleset_rule(rs, 0)->id, "a.two");
    ndr_ruleset_free(rs);
    assert_int_equal(list_cache(cache, &first), 2);

    /* bad rules leave nothing */
    rules = scratch_text("r.yaml", R "- id: a.two\n");
    assert_int_equal(load(&rules, 1, cache, &rs, note, &err), NDR_E_SYNTAX);
    assert_int_equal(list_cache(cache, &first), 2);
    scratch_end();
}

static void
no_cache_test(void **state)
{
    (void)state;
    scratch_begin();
    const char *rules = scratch_text("r.yaml", R A);
    const struct {
        const char *dir, *words;
    } cases[] = {
        {scratch_path("missing"), "No such file or directory"},
        {rules, "Not a directory"},
        {"", ""},
        {NULL, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char note[NDR_CACHE_NOTE_BYTES];
        ndr_ruleset *rs = NULL;
        ndr_error err = {0};
        assert_int_equal(load(&rules, 1, cases[i].dir, &rs, note, &err), 0);
        assert_int_equal(ndr_ruleset_count(rs), 1);
        ndr_ruleset_free(rs);
        if (cases[i].words[0] == '\0')
            assert_string_equal(note, "");
        else
            assert_non_null(strstr(note, cases[i].words));
    }
    scratch_end();
}

int
main(void)
{
    ADD_ROWS(goods, good_test);
    ADD_ROWS(bads, bad_test);
    ADD_ROWS(refused, refused_test);
    add_test("names stand for signals of any file, the last counts", names_test);
    add_test("limits on lists, patterns, rules and nesting", limits_test);
    add_test("two thousand rules", many_rules_test);
    add_test("later files replace and take out what earlier ones hold",
             several_files_test);
    add_test("no rules at all", no_rules_test);
    add_test("a second start is served by the cache, a change is not", cache_test);
    add_test("a cache that cannot be had is no failure", no_cache_test);
    return run_added("load_rules");
}
