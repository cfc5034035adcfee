/* SPDX-License-Identifier: BSD-3-Clause */
#include "load_case.h"

/* What the loader warned of, one line each. */
static char warned[40000];
static size_t warnings;

static void
keep_warning(void *ctx, const char *text)
{
    (void)ctx;
    const size_t at = strlen(warned);
    (void)snprintf(warned + at, sizeof warned - at, "%s%s", at == 0 ? "" : "\n", text);
    warnings++;
}

static int64_t since = INT64_MIN;

static int
load(const char *path, ndr_window_table **t, ndr_error *err)
{
    warned[0] = '\0';
    warnings = 0;
    const ndr_windows_warn warn = {NDR_SIZED(ndr_windows_warn), .tell = keep_warning,
                                   .since = since};
    return ndr_windows_load(&path, 1, &warn, t, err);
}

static void
add_slice(ndr_buffer *out, const char *before, ndr_slice s)
{
    ndr_buffer_text(out, before);
    ndr_buffer_add(out, s);
}

/* A row as a line: where domain from until [kinds] [+] [mailboxes] ["note"]. */
static void
print_row(const ndr_window *w, ndr_buffer *out)
{
    char from[32], until[32] = "open";
    ndr_slice where = w->where;
    for (size_t i = 0; i < w->where.len; i++)
        if (w->where.ptr[i] == '/')
            where = (ndr_slice){w->where.ptr + i + 1, w->where.len - i - 1};
    ndr_time_format(w->from, from);
    if (w->until != NDR_TIME_OPEN)
        ndr_time_format(w->until, until);
    add_slice(out, out->len == 0 ? "" : "\n", where);
    add_slice(out, " ", w->domain);
    ndr_buffer_printf(out, " %s %s", from, until);
    if (w->kinds != NDR_KINDS_DEFAULT)
        for (int k = 0; k < NDR_KIND_COUNT; k++)
            if ((w->kinds & NDR_KIND_BIT(k)) != 0)
                ndr_buffer_printf(out, " %s", ndr_kind_name((enum ndr_kind)k));
    ndr_buffer_text(out, w->subdomains ? " +" : "");
    ndr_buffer_text(out, w->until_calm ? " calm" : "");
    ndr_buffer_text(out, w->delegated ? " delegated" : "");
    for (size_t i = 0; i < w->mailbox_count; i++)
        add_slice(out, " @", w->mailboxes[i]);
    if (w->take != NDR_TAKE_USUAL)
        ndr_buffer_printf(out, " takes %s", ndr_take_name(w->take));
    if (w->note.len > 0)
        add_slice(out, " # ", w->note);
}

static char *
print_table(const ndr_window_table *t)
{
    ndr_buffer out = {0};
    const ndr_windows *w = ndr_window_table_rows(t);
    for (size_t i = 0; i < w->count; i++)
        print_row(&w->row[i], &out);
    return load_text(&out);
}

static int
load_printed(const char *path, char **ret, ndr_error *err)
{
    ndr_window_table *t = NULL;
    const int rc = load(path, &t, err);
    *ret = rc == 0 ? print_table(t) : NULL;
    ndr_window_table_free(t);
    return rc;
}

#define W "windows:\n"
#define A "- domain: example.com\n  from: 2008-05-13T08:00:00Z\n"

static const text_row goods[] = {
    {"an empty file", "", ""},
    {"comments alone", "# nothing yet\n\n", ""},
    {"a line of dashes alone", "---\n", ""},
    {"an empty mapping", "{}\n", ""},
    {"the key with nothing behind it", "windows:\n", ""},
    {"an empty list", "windows: []\n", ""},
    {"the least", W A, "w.yaml:2 example.com 2008-05-13T08:00:00Z open"},
    {"everything",
     "# a storm\nwindows:\n  - domain: Example.NET.\n    from: 2008-05-13 "
     "10:00:00+02:00\n"
     "    until: '2008-05-15T08:00:00Z'\n    kinds: [failed, receipt]\n    subdomains: "
     "true\n"
     "    mailboxes:\n      - Info\n      - sales\n    note: spoofed since Tuesday\n",
     "w.yaml:3 example.net 2008-05-13T08:00:00Z 2008-05-15T08:00:00Z failed receipt + "
     "@info "
     "@sales # spoofed since Tuesday"},
    {"flow style and JSON",
     "{\"windows\": [{\"domain\": \"example.com\", \"from\": \"2008-05-13T08:00:00Z\"}]}",
     "w.yaml:1 example.com 2008-05-13T08:00:00Z open"},
    {"a byte order mark", "\xef\xbb\xbf" W A,
     "w.yaml:2 example.com 2008-05-13T08:00:00Z open"},
    {"CRLF line ends",
     "windows:\r\n- domain: example.com\r\n  from: 2008-05-13T08:00:00Z\r\n  note: a "
     "b\r\n",
     "w.yaml:2 example.com 2008-05-13T08:00:00Z open # a b"},
    {"U-labels",
     W "- domain: b\xc3\xbc"
       "cher.example\n  from: 2008-05-13T08:00:00Z\n",
     "w.yaml:2 xn--bcher-kva.example 2008-05-13T08:00:00Z open"},
    {"subdomains: no", W A "  subdomains: no\n",
     "w.yaml:2 example.com 2008-05-13T08:00:00Z open"},
    {"an empty note", W A "  note:\n", "w.yaml:2 example.com 2008-05-13T08:00:00Z open"},
    {"a second's window", W A "  until: 2008-05-13T08:00:01Z\n",
     "w.yaml:2 example.com 2008-05-13T08:00:00Z 2008-05-13T08:00:01Z"},
    {"until-calm", W A "  until-calm: true\n  until: 2008-05-14T08:00:00Z\n",
     "w.yaml:2 example.com 2008-05-13T08:00:00Z 2008-05-14T08:00:00Z calm"},
    {"opened by who has rights to the domain alone", W A "  delegated: true\n",
     "w.yaml:2 example.com 2008-05-13T08:00:00Z open delegated"},
    {"all, ours too", W A "  take: all\n",
     "w.yaml:2 example.com 2008-05-13T08:00:00Z open takes all"},
    {"all but ours", W A "  take: all-but-ours\n",
     "w.yaml:2 example.com 2008-05-13T08:00:00Z open takes all-but-ours"},
    {"what is forged, without an end", W A "  take: forged\n",
     "w.yaml:2 example.com 2008-05-13T08:00:00Z open takes forged"},
    {"sorted by domain, then from, then as written",
     W "- {domain: b.example, from: '2008-05-13T08:00:00Z', note: 1}\n"
       "- {domain: a.example, from: '2009-05-13T08:00:00Z', note: 2}\n"
       "- {domain: a.example, from: '2008-05-13T08:00:00Z', note: 3}\n"
       "- {domain: a.example, from: '2008-05-13T09:00:00+01:00', note: 4}\n"
       "- {domain: a.example, from: '2008-05-13T08:00:00Z', note: 5}\n",
     "w.yaml:4 a.example 2008-05-13T08:00:00Z open # 3\n"
     "w.yaml:5 a.example 2008-05-13T08:00:00Z open # 4\n"
     "w.yaml:6 a.example 2008-05-13T08:00:00Z open # 5\n"
     "w.yaml:3 a.example 2009-05-13T08:00:00Z open # 2\n"
     "w.yaml:2 b.example 2008-05-13T08:00:00Z open # 1"},
};

static void
good_test(void **state)
{
    load_good(*state, "w.yaml", load_printed);
}

#define KEYS                                                                             \
    "domain, from, until, until-calm, kinds, subdomains, mailboxes, take, delegated, "   \
    "note"
#define E2 "DIR/w.yaml:2: window 1 (example.com): "
#define E4 "DIR/w.yaml:4: window 1 (example.com): "

static const text_row bads[] = {
    /* the entry's meaning */
    {"until before from", W A "  until: 2008-05-12T08:00:00Z\n",
     E4 "until (2008-05-12T08:00:00Z) is not after from (2008-05-13T08:00:00Z); mend "
        "one, or "
        "take until out"},
    {"a word that says nothing of what is taken", W A "  take: Forged\n",
     E4 "unknown take 'Forged'; one of all, all-but-ours, forged"},
    {"until-calm without a latest end", W A "  until-calm: true\n",
     E4 "until-calm needs a latest end too; add until, a day behind from"},
    {"until equal to from in another zone", W A "  until: 2008-05-13T10:00:00+02:00\n",
     E4 "until (2008-05-13T10:00:00+02:00) is not after from (2008-05-13T08:00:00Z); "
        "mend one, "
        "or take until out"},
    {"from without offset", W "- domain: example.com\n  from: 2008-05-13T08:00:00\n",
     "DIR/w.yaml:3: window 1 (example.com): from: '2008-05-13T08:00:00' has no offset; "
     "write "
     "2008-05-13T08:00:00Z or +02:00"},
    {"until without offset", W A "  until: 2008-05-14 08:00:00\n",
     E4
     "until: '2008-05-14 08:00:00' has no offset; write 2008-05-14T08:00:00Z or +02:00"},
    {"an unknown kind", W A "  kinds: [failed, failled]\n",
     E4 "unknown kind 'failled'; one of failed, delayed, delivered, rejected-content, "
        "challenge, "
        "auto-reply, receipt, feedback"},
    {"an unknown kind in a list over lines", W A "  kinds:\n  - failed\n\n  - none\n",
     "DIR/w.yaml:7: window 1 (example.com): unknown kind 'none'; one of failed, delayed, "
     "delivered, rejected-content, challenge, auto-reply, receipt, feedback"},
    {"a bad domain in the third entry",
     W A A "- domain: example..com\n  from: 2008-05-13T08:00:00Z\n",
     "DIR/w.yaml:6: window 3 (example..com): 'example..com' has an empty label; take the "
     "superfluous dot out"},
    {"an address for a domain",
     W "- from: 2008-05-13T08:00:00Z\n  domain: jo@example.com\n",
     "DIR/w.yaml:3: window 1 (jo@example.com): 'jo@example.com' is an address; write "
     "what is "
     "behind the @"},
    {"a mailbox with its domain", W A "  mailboxes: [info, jo@example.com]\n",
     E4 "mailbox 'jo@example.com' holds an @; write what is before it, 'jo'"},

    /* the entry's shape */
    {"an unknown key", W A "  form: x\n", E4 "unknown key 'form'; allowed: " KEYS},
    {"an unknown key before the domain", W "- form: x\n  domain: example.com\n",
     "DIR/w.yaml:2: window 1: unknown key 'form'; allowed: " KEYS},
    {"an unknown key at the top", "window: []\n",
     "DIR/w.yaml:1: unknown key '…'; allowed: windows, version"},
    {"a newer version, whatever else it says", "version: 2\nnews: 1\n" W A,
     "DIR/w.yaml:1: version 2, which a newer ndrscan wrote; this one reads version 1"},
    {"a version of something else", "version: '3'\nservices: {}\n",
     "DIR/w.yaml:1: 'version' is not 1"},
    {"no version is before the first", "version: 0\n" W A,
     "DIR/w.yaml:1: 'version' begins with 1"},
    {"a version that is no number", "version: new\n" W A,
     "DIR/w.yaml:1: 'version' must be a number, found 'new'"},
    {"a key twice", W A "  from: 2008-05-14T08:00:00Z\n",
     E4 "the key 'from' is there twice; take one out"},
    {"the list twice", W A W A,
     "DIR/w.yaml:4: the key 'windows' is there twice; take one out"},
    {"a merge key", W A "  <<: x\n", E4 "unknown key '<<'; allowed: " KEYS},
    {"no domain", W "- from: 2008-05-13T08:00:00Z\n",
     "DIR/w.yaml:2: window 1: the key 'domain' is missing"},
    {"no from", W "- domain: example.com\n", E2 "the key 'from' is missing"},
    {"an empty domain", W "- domain:\n  from: 2008-05-13T08:00:00Z\n",
     "DIR/w.yaml:2: window 1: 'domain' is empty"},
    {"an empty until", W A "  until:\n", E4 "'until' is empty"},
    {"no kinds", W A "  kinds: []\n",
     E4 "'kinds' is an empty list; name something or take the key out"},
    {"no mailboxes", W A "  mailboxes: []\n",
     E4 "'mailboxes' is an empty list; name something or take the key out"},
    {"an empty mailbox", W A "  mailboxes: ['']\n", E4 "'mailboxes' is empty"},
    {"kinds as a word", W A "  kinds: failed\n",
     E4 "'kinds' must be a list, found text; put it in brackets: [like this]"},
    {"kinds with nothing behind", W A "  kinds:\n",
     E4 "'kinds' must be a list, found nothing"},
    {"a bool that is none", W A "  subdomains: flase\n",
     E4 "'subdomains' must be true or false, found 'flase'"},
    {"a number for a bool", W A "  subdomains: 1\n",
     E4 "'subdomains' must be true or false, found '1'"},
    {"a list for a domain", W "- domain: [example.com, example.net]\n",
     "DIR/w.yaml:2: window 1: 'domain' must be text, found a list; put text in "
     "apostrophes: "
     "'like [this]'"},
    {"a mapping for a note", W A "  note: {a: b}\n",
     E4 "'note' must be text, found keys with values; put text in apostrophes: 'like "
        "[this]'"},
    {"a list for a key", W A "  ? [a]\n  : b\n",
     E4 "a key must be one word, found a list"},
    {"a word for an entry", W "- example.com\n",
     "DIR/w.yaml:2: window 1: each item of 'windows' must be keys with values, found "
     "text"},
    {"an entry that is empty", W A "-\n",
     "DIR/w.yaml:4: window 2: each item of 'windows' must be keys with values, found "
     "nothing"},
    {"a mapping for the list", "windows:\n  domain: example.com\n",
     "DIR/w.yaml:2: 'windows' must be a list, found keys with values"},
    {"a list at the top", A,
     "DIR/w.yaml:1: the file must be keys with values, found a list; put 'windows:' in "
     "front of it"},
    {"a word at the top", "windows\n",
     "DIR/w.yaml:1: the file must be keys with values, found text; put 'windows:' in "
     "front of it"},
    {"a NUL in text", W A "  note: \"a\\0b\"\n",
     E4 "'note' holds a NUL; write \\x00 in a pattern"},
    {"deep nesting", W "- domain: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\n",
     "DIR/w.yaml:2: window 1: 'domain' must be text, found a list; put text in "
     "apostrophes: "
     "'like [this]'"},

    /* what YAML can do and this must not */
    {"an anchor", W "- &a\n  domain: example.com\n",
     "DIR/w.yaml:2: anchors and aliases ('a') are not allowed; write the value out, or "
     "put text "
     "that begins with & or * in apostrophes"},
    {"an alias", W A "  note: *a\n",
     E4 "anchors and aliases ('a') are not allowed; write the value out, or put text "
        "that begins "
        "with & or * in apostrophes"},
    {"a star for a domain", W "- domain: *.example.com\n",
     "DIR/w.yaml:2: not YAML: did not find expected alphabetic or numeric character; put "
     "text "
     "that begins with & or * in apostrophes"},
    {"an alias bomb",
     "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nwindows: *b\n",
     "DIR/w.yaml:1: unknown key 'a'; allowed: windows, version"},
    {"an alias bomb in the list", "windows: &a [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n",
     "DIR/w.yaml:1: anchors and aliases ('a') are not allowed; write the value out, or "
     "put text "
     "that begins with & or * in apostrophes"},
    {"a tag", W A "  note: !include /etc/passwd\n",
     E4
     "tags ('!include') are not allowed; take it out, or put text that begins with ! in "
     "apostrophes"},
    {"a second document", W A "---\n" W A,
     "DIR/w.yaml:4: a second document begins; take the line of dashes out"},

    /* what is no YAML */
    {"a tab", W "- domain: example.com\n\tfrom: 2008-05-13T08:00:00Z\n",
     "DIR/w.yaml:3: not YAML: found a tab character that violates indentation; indent "
     "with blanks, not with tabs"},
    {"a colon in text", W A "  note: this: that\n",
     "DIR/w.yaml:4: not YAML: mapping values are not allowed in this context; put text "
     "that holds ': ' in apostrophes, and check the indentation"},
    {"an unclosed quote", W A "  note: 'it\n- domain: b.example\n",
     "DIR/w.yaml:4: not YAML: found unexpected end of stream; a quote is not closed"},
    {"an unclosed list", W A "  kinds: [failed\n",
     "DIR/w.yaml:5: not YAML: did not find expected ',' or ']'; a list is not closed"},
    {"a backslash between double quotes", W A "  note: \"\\d\"\n",
     "DIR/w.yaml:4: not YAML: found unknown escape character; between \" a \\ is "
     "special: put the "
     "text in apostrophes"},
    {"an indentation that slips",
     W "- domain: example.com\n   from: 2008-05-13T08:00:00Z\n",
     "DIR/w.yaml:3: not YAML: mapping values are not allowed in this context; put text "
     "that "
     "holds ': ' in apostrophes, and check the indentation"},
    {"a key that slips out", W "- domain: example.com\nfrom: 2008-05-13T08:00:00Z\n",
     E2 "the key 'from' is missing"},
    {"not UTF-8", W A "  note: caf\xe9 au lait\n",
     "DIR/w.yaml:4: not UTF-8 (byte 0xe9); save the file as UTF-8"},
    {"a cut UTF-8 character at the end", W A "  note: caf\xc3",
     "DIR/w.yaml:4: not UTF-8 (byte 0xc3); save the file as UTF-8"},
    {"a control character", W A "  note: a\x1b[2J\n",
     "DIR/w.yaml:4: a control character (byte 0x1b); take it out"},
    {"UTF-16", "\xff\xfew", "DIR/w.yaml:1: UTF-16; save the file as UTF-8"},
    {"control characters do not get out", W A "  \"a\\e[2J\": x\n",
     E4 "unknown key 'a?[2J'; allowed: " KEYS},
};

static void
bad_test(void **state)
{
    load_bad(*state, "w.yaml", load_printed);
}

/* A file with a NUL byte at each place is refused, on the right line. */
static void
nul_test(void **state)
{
    (void)state;
    static const char text[] = W A "  note: x\n";
    const size_t n = sizeof text - 1;
    scratch_begin();
    for (size_t at = 0, line = 1; at < n; at++) {
        char copy[sizeof text], want[200];
        memcpy(copy, text, n);
        copy[at] = '\0';
        ndr_window_table *t = NULL;
        ndr_error err = {0};
        (void)snprintf(want, sizeof want,
                       "%s/w.yaml:%zu: a control character (byte 0x00); take it out",
                       scratch, line);
        assert_int_equal(load(scratch_write("w.yaml", copy, n), &t, &err), NDR_E_SYNTAX);
        assert_string_equal(err.text, want);
        line += text[at] == '\n' ? 1 : 0;
    }
    scratch_end();
}

/* Every prefix of a file loads or fails with words; nothing else happens. */
static void
prefix_test(void **state)
{
    (void)state;
    static const char text[] =
        W "- domain: \"example.com\"\n  from: '2008-05-13T08:00:00Z'\n  kinds: [failed, "
          "delayed]\n  mailboxes:\n  - a\n  note: >\n    folded\n    text\n";
    scratch_begin();
    for (size_t n = 0; n < sizeof text; n++) {
        ndr_window_table *t = NULL;
        ndr_error err = {0};
        const int rc = load(scratch_write("w.yaml", text, n), &t, &err);
        assert_true(rc == 0 || (rc == NDR_E_SYNTAX && err.text[0] != '\0'));
        ndr_window_table_free(t);
    }
    scratch_end();
}

/* ---- overlaps ---------------------------------------------------------- */

#define Z(d, f, u)                                                                       \
    "- domain: " d "\n  from: 2008-05-" f "T00:00:00Z\n  until: 2008-05-" u "T00:00:"    \
    "00Z\n"

static const text_row overlaps[] = {
    {"the operator's wins, however early it begins",
     W A "- domain: example.com\n  from: 2008-05-13T09:00:00Z\n  delegated: true\n",
     "DIR/w.yaml:2: this window (example.com) overlaps DIR/w.yaml:4 (example.com) from "
     "2008-05-13T09:00:00Z on; the operator's wins"},
    {"windows of one domain that overlap",
     W Z("a.example", "01", "04") Z("a.example", "03", "06"),
     "DIR/w.yaml:5: this window (a.example) overlaps DIR/w.yaml:2 (a.example) from "
     "2008-05-03T00:00:00Z to 2008-05-04T00:00:00Z; the later start wins"},
    {"in whatever order they are written",
     W Z("a.example", "03", "06") Z("a.example", "01", "04"),
     "DIR/w.yaml:2: this window (a.example) overlaps DIR/w.yaml:5 (a.example) from "
     "2008-05-03T00:00:00Z to 2008-05-04T00:00:00Z; the later start wins"},
    {"one inside the other", W Z("a.example", "01", "09") Z("A.example.", "03", "06"),
     "DIR/w.yaml:5: this window (a.example) overlaps DIR/w.yaml:2 (a.example) from "
     "2008-05-03T00:00:00Z to 2008-05-06T00:00:00Z; the later start wins"},
    {"twice the same", W Z("a.example", "01", "02") Z("a.example", "01", "02"),
     "DIR/w.yaml:5: this window (a.example) overlaps DIR/w.yaml:2 (a.example) from "
     "2008-05-01T00:00:00Z to 2008-05-02T00:00:00Z; the one written last wins"},
    {"two open ones", W A "- domain: example.com\n  from: 2008-05-14T08:00:00Z\n",
     "DIR/w.yaml:4: this window (example.com) overlaps DIR/w.yaml:2 (example.com) from "
     "2008-05-14T08:00:00Z on; the later start wins"},
    {"U-labels and A-labels of one domain",
     W Z("b\xc3\xbc"
         "cher.example",
         "01", "04") Z("xn--bcher-kva.example", "03", "06"),
     "DIR/w.yaml:5: this window (xn--bcher-kva.example) overlaps DIR/w.yaml:2 "
     "(xn--bcher-kva.example) from 2008-05-03T00:00:00Z to 2008-05-04T00:00:00Z; the "
     "later start "
     "wins"},
    {"a parent with subdomains",
     W Z("example.net", "01", "09") "  subdomains: true\n" Z("a.b.example.net", "03",
                                                             "06"),
     "DIR/w.yaml:6: this window (a.b.example.net) overlaps DIR/w.yaml:2 (example.net and "
     "below) "
     "from 2008-05-03T00:00:00Z to 2008-05-06T00:00:00Z; the nearer domain wins"},
    {"three of one domain",
     W Z("a.example", "01", "09") Z("a.example", "02", "03") Z("a.example", "04", "05"),
     "DIR/w.yaml:5: this window (a.example) overlaps DIR/w.yaml:2 (a.example) from "
     "2008-05-02T00:00:00Z to 2008-05-03T00:00:00Z; the later start wins\n"
     "DIR/w.yaml:8: this window (a.example) overlaps DIR/w.yaml:2 (a.example) from "
     "2008-05-04T00:00:00Z to 2008-05-05T00:00:00Z; the later start wins"},
    {"mailboxes that meet in one",
     W Z("a.example", "01", "04") "  mailboxes: [a, B]\n" Z("a.example", "01",
                                                            "04") "  mailboxes: [b, c]\n",
     "DIR/w.yaml:6: this window (a.example) overlaps DIR/w.yaml:2 (a.example) from "
     "2008-05-01T00:00:00Z to 2008-05-04T00:00:00Z; the one written last wins"},
    {"some mailboxes and all",
     W Z("a.example", "01", "04") Z("a.example", "01", "04") "  mailboxes: [b]\n",
     "DIR/w.yaml:5: this window (a.example) overlaps DIR/w.yaml:2 (a.example) from "
     "2008-05-01T00:00:00Z to 2008-05-04T00:00:00Z; the one written last wins"},
    {"windows that touch", W Z("a.example", "01", "04") Z("a.example", "04", "06"), ""},
    {"windows of different kinds",
     W Z("a.example", "01", "04") "  kinds: [receipt]\n" Z("a.example", "01", "04"), ""},
    {"windows of different mailboxes",
     W Z("a.example", "01", "04") "  mailboxes: [a]\n" Z("a.example", "01",
                                                         "04") "  mailboxes: [b]\n",
     ""},
    {"windows of different domains",
     W Z("a.example", "01", "04") Z("b.example", "01", "04"), ""},
    {"a parent without subdomains",
     W Z("example.net", "01", "09") Z("a.example.net", "03", "06"), ""},
    {"a parent with subdomains at another time",
     W Z("example.net", "01", "03") "  subdomains: true\n" Z("a.example.net", "03", "06"),
     ""},
    {"a suffix that is no parent",
     W Z("ample.net", "01", "09") "  subdomains: true\n" Z("example.net", "03", "06"),
     ""},
};

static void
overlap_test(void **state)
{
    const text_row *row = *state;
    scratch_begin();
    ndr_window_table *t = NULL;
    ndr_error err = {0};
    char want[2000];
    const int rc = load(scratch_text("w.yaml", row->text), &t, &err);
    scratch_expand(row->want, want, sizeof want);
    ndr_window_table_free(t);
    scratch_end();
    assert_string_equal(err.text, "");
    assert_int_equal(rc, 0);
    assert_string_equal(warned, want);
}

static void
many_overlaps_test(void **state)
{
    (void)state;
    ndr_buffer b = {0};
    ndr_buffer_text(&b, W);
    for (int i = 0; i < 3000; i++)
        ndr_buffer_text(&b, A);
    scratch_begin();
    ndr_window_table *t = NULL;
    ndr_error err = {0};
    assert_int_equal(load(scratch_write("w.yaml", b.ptr, b.len), &t, &err), 0);
    assert_int_equal(ndr_window_table_rows(t)->count, 3000);
    assert_int_equal(warnings, 101);
    ndr_window_table_free(t);
    ndr_buffer_free(&b);
    scratch_end();
}

static void
past_overlap_test(void **state)
{
    (void)state;
    ndr_window_table *t = NULL;
    ndr_error err = {0};
    scratch_begin();
    const char *path =
        scratch_text("w.yaml", W "  - {domain: a.example, from: 2008-05-13T08:00:00Z, "
                                 "until: 2008-05-15T08:00:00Z}\n"
                                 "  - {domain: a.example, from: 2008-05-14T08:00:00Z, "
                                 "until: 2008-05-15T09:00:00Z}\n");
    const int64_t ends[] = {INT64_C(1210838399), INT64_C(1210838400)};
    for (int i = 0; i < 2; i++) {
        since = ends[i]; /* the second before the first of them ends, and its end */
        assert_int_equal(load(path, &t, &err), 0);
        assert_int_equal(warnings, i == 0 ? 1 : 0);
        ndr_window_table_free(t);
    }
    since = INT64_MIN;
    scratch_end();
}

/* ---- files and folders ------------------------------------------------- */

static void
size_test(void **state)
{
    (void)state;
    ndr_window_table *t = NULL;
    ndr_error err = {0};
    const ndr_windows_warn warn = {.tell = keep_warning};
    assert_int_equal(ndr_windows_load(NULL, 0, &warn, &t, &err), NDR_E_INVAL);
    assert_non_null(strstr(err.text, "ndr_windows_warn"));
    assert_null(t);
}

static void
folder_test(void **state)
{
    (void)state;
    scratch_begin();
    (void)scratch_text("b.yaml", W A "  note: b\n");
    (void)scratch_text("a.yml", W A "  note: a\n");
    (void)scratch_text("Z.yaml", W A "  note: Z\n");
    (void)scratch_text("c.yaml~", "{{{");
    (void)scratch_text(".d.yaml", "{{{");
    (void)scratch_text("readme.txt", "{{{");
    (void)scratch_text(".yaml", "{{{");
    assert_int_equal(mkdir(scratch_path("sub.yaml"), 0700), 0);
    const char *single = scratch_text("other.txt", W A "  note: other\n");
    char slash[100];
    (void)snprintf(slash, sizeof slash, "%s/", scratch);
    const char *paths[] = {slash, single};
    ndr_window_table *t = NULL;
    ndr_error err = {0};
    const int rc = ndr_windows_load(paths, 2, NULL, &t, &err);
    char *got = rc == 0 ? print_table(t) : NULL;
    ndr_window_table_free(t);
    scratch_end();
    assert_string_equal(err.text, "");
    assert_string_equal(got, "Z.yaml:2 example.com 2008-05-13T08:00:00Z open # Z\n"
                             "a.yml:2 example.com 2008-05-13T08:00:00Z open # a\n"
                             "b.yaml:2 example.com 2008-05-13T08:00:00Z open # b\n"
                             "other.txt:2 example.com 2008-05-13T08:00:00Z open # other");
    free(got);
}

static void
empty_folder_test(void **state)
{
    (void)state;
    scratch_begin();
    ndr_window_table *t = NULL;
    ndr_error err = {0};
    assert_int_equal(load(scratch, &t, &err), 0);
    assert_int_equal(ndr_window_table_rows(t)->count, 0);
    ndr_window_table_free(t);
    t = NULL;
    assert_int_equal(ndr_windows_load(NULL, 0, NULL, &t, &err), 0);
    assert_int_equal(ndr_window_table_rows(t)->count, 0);
    ndr_window_table_free(t);
    scratch_end();
}

/* Loading `path` fails with `code` and these words. */
static void
refused(const char *path, int code, const char *words)
{
    ndr_window_table *t = NULL;
    ndr_error err = {0};
    char want[600];
    scratch_expand(words, want, sizeof want);
    assert_int_equal(load(path, &t, &err), code);
    assert_string_equal(err.text, want);
}

static void
no_file_test(void **state)
{
    (void)state;
    scratch_begin();
    refused(scratch_path("none.yaml"), NDR_E_SYS,
            "open 'DIR/none.yaml': No such file or directory");
    assert_int_equal(mkfifo(scratch_path("fifo"), 0600), 0);
    refused(scratch_path("fifo"), NDR_E_SYNTAX,
            "DIR/fifo is neither a regular file nor a folder; name a YAML file");
    refused("/dev/null", NDR_E_SYNTAX,
            "/dev/null is neither a regular file nor a folder; name a YAML file");
    assert_int_equal(mkfifo(scratch_path("a.yaml"), 0600), 0);
    refused(scratch, NDR_E_SYNTAX,
            "DIR/a.yaml is no regular file; take it out of the folder");
    assert_int_equal(unlink(scratch_path("a.yaml")), 0);
    assert_int_equal(symlink("nowhere", scratch_path("a.yaml")), 0);
    refused(scratch, NDR_E_SYS, "open 'DIR/a.yaml': No such file or directory");
    assert_int_equal(unlink(scratch_path("a.yaml")), 0);
    (void)scratch_text("a.yaml", "x");
    assert_int_equal(truncate(scratch_path("a.yaml"), (8 << 20) + 1), 0);
    refused(scratch_path("a.yaml"), NDR_E_LIMIT, "DIR/a.yaml is over 8 MiB; split it");
    assert_int_equal(truncate(scratch_path("a.yaml"), 0), 0);
    scratch_end();
}

static void
long_name_test(void **state)
{
    (void)state;
    scratch_begin();
    char name[260], want[600];
    memset(name, 'n', 250);
    strcpy(name + 200, "\n.yaml");
    (void)scratch_text(name, "x: y\n");
    ndr_window_table *t = NULL;
    ndr_error err = {0};
    assert_int_equal(load(scratch_path(name), &t, &err), NDR_E_SYNTAX);
    memset(want, 0, sizeof want);
    memcpy(want, "…", 3);
    memset(want + 3, 'n', 190);
    strcpy(want + 193, "?.yaml:1: unknown key '…'; allowed: windows, version");
    scratch_end();
    assert_string_equal(err.text, want);
}

int
main(void)
{
    ADD_ROWS(goods, good_test);
    ADD_ROWS(bads, bad_test);
    add_test("a NUL byte anywhere", nul_test);
    add_test("a file cut short anywhere", prefix_test);
    ADD_ROWS(overlaps, overlap_test);
    add_test("an overlap that is over is not told", past_overlap_test);
    add_test("three thousand windows that overlap", many_overlaps_test);
    add_test("a folder's YAML files in byte order, then a file", folder_test);
    add_test("who is to be warned without a size is refused", size_test);
    add_test("an empty folder and no path at all", empty_folder_test);
    add_test("paths that cannot be read, and do not hang", no_file_test);
    add_test("a long name with a line end in it", long_name_test);
    return run_added("load_windows");
}
