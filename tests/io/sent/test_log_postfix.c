/* SPDX-License-Identifier: BSD-3-Clause */
/* Lines as Postfix 3.7 writes them. */
#include "log_harness.h"

#define AT(second) "Nov 29 10:00:" second " mx1 postfix/"
#define SASL(id)                                                                         \
    AT("01")                                                                             \
    "submission/smtpd[101]: " id                                                         \
    ": client=home.example.net[203.0.113.9], sasl_method=PLAIN, sasl_username=alice\n"
#define CLIENT(id, client) AT("01") "smtpd[101]: " id ": client=" client "\n"
#define ID(id, value)      AT("01") "cleanup[102]: " id ": message-id=" value "\n"
#define FROM(id, address)                                                                \
    AT("02")                                                                             \
    "qmgr[103]: " id ": from=<" address ">, size=380, nrcpt=1 (queue active)\n"
#define TO(id, to, relay, status)                                                        \
    AT("03")                                                                             \
    "smtp[104]: " id ": to=<" to ">, relay=" relay                                       \
    ", delay=0.47, delays=0.08/0.03/0.16/0.2, dsn=2.0.0, status=" status "\n"
#define REMOVED(id) AT("04") "qmgr[103]: " id ": removed\n"
#define MX          "mx.example.org[192.0.2.25]:25"
#define SENT        "sent (250 2.0.0 Ok: queued as 4XyZ)"
#define FILTER      "127.0.0.1[127.0.0.1]:10024"
/* The whole way of a message. */
#define WAY(begin, id, mid)                                                              \
    begin ID(id, mid) FROM(id, "alice@example.com") TO(id, "bob@example.org", MX, SENT)  \
        REMOVED(id)
#define TOLD(mid) mid " example.com \n" mid " example.com bob@example.org\n"

static const char *const office[] = {"192.0.2.0/28", "2001:db8::/32", NULL};
static const char *const loopback[] = {"127.0.0.0/8", NULL};

static const log_row rows[] = {
    {"mail of one who gave a password is ours", NULL,
     WAY(SASL("4A1B2C"), "4A1B2C", "<1@a>"), TOLD("<1@a>")},
    {"a stranger's mail that is relayed is not", NULL,
     WAY(CLIENT("4A1B2C", "mx.spam.example[198.51.100.1]"), "4A1B2C", "<1@a>"), ""},
    {"sasl_username= in a name, an id or a status is none", NULL,
     WAY(CLIENT("4A1B2C", "unknown[198.51.100.1]"), "4A1B2C",
         "<1@a>, sasl_method=PLAIN, sasl_username=x")
         AT("03") "smtp[1]: 4A1B2C: host said: 4A1B2C: client=a, sasl_username=b\n",
     ""},
    {"mail that sendmail(1) handed in is ours", NULL,
     WAY(AT("01") "pickup[99]: 4A1B2C: uid=1000 from=<alice>\n", "4A1B2C", "<1@a>"),
     TOLD("<1@a>")},
    {"mail that postsuper queued again is ours still", NULL,
     WAY(AT("01") "pickup[99]: 4A1B2C: uid=109 from=<alice@example.com> orig_id=4ZZZZZ\n",
         "4A1B2C", "<1@a>"),
     TOLD("<1@a>")},
    {"mail of a submitter's client is ours", office,
     WAY(CLIENT("4A1B2C", "app.example.com[192.0.2.14]"), "4A1B2C", "<1@a>"),
     TOLD("<1@a>")},
    {"a submitter with a port behind its address too", office,
     WAY(CLIENT("4A1B2C", "app.example.com[192.0.2.14]:40110"), "4A1B2C", "<1@a>"),
     TOLD("<1@a>")},
    {"a submitter in IPv6 too", office,
     WAY(CLIENT("4A1B2C", "app.example.com[2001:db8::7]"), "4A1B2C", "<1@a>"),
     TOLD("<1@a>")},
    {"a client beside the submitters' network is not", office,
     WAY(CLIENT("4A1B2C", "app.example.com[192.0.2.16]"), "4A1B2C", "<1@a>"), ""},
    {"a client that is named like a submitter is not", office,
     WAY(CLIENT("4A1B2C", "192.0.2.1.example[198.51.100.1]"), "4A1B2C", "<1@a>"), ""},
    {"a bounce of ours asks for no bounce", NULL,
     SASL("4A1B2C") ID("4A1B2C", "<1@a>") FROM("4A1B2C", "")
         TO("4A1B2C", "bob@example.org", MX, SENT),
     ""},

    /* fields by place */
    {"an id may look like a sender", NULL,
     WAY(SASL("4A1B2C"), "4A1B2C", "<odd from=<x@evil.example>, size=3, nrcpt=1 (q"),
     TOLD("<odd from=<x@evil.example>, size=3, nrcpt=1 (q")},
    {"an id may have no brackets", NULL, WAY(SASL("4A1B2C"), "4A1B2C", "none here"),
     TOLD("none here")},
    {"a sender in quotes may look like the end", NULL,
     SASL("4A1B2C") ID("4A1B2C", "<1@a>")
         FROM("4A1B2C", "\"a>, size=1, nrcpt=1\"@example.com")
             TO("4A1B2C", "bob@example.org", MX, SENT),
     TOLD("<1@a>")},
    {"a recipient in quotes may look like the end", NULL,
     SASL("4A1B2C") ID("4A1B2C", "<1@a>") FROM("4A1B2C", "alice@example.com")
         TO("4A1B2C", "\"b>, relay=x\\\"\"@example.org", MX, SENT),
     "<1@a> example.com \n<1@a> example.com \"b>, relay=x\\\"\"@example.org\n"},
    {"what the other side says names no recipient", NULL,
     SASL("4A1B2C") ID("4A1B2C", "<1@a>") FROM("4A1B2C", "alice@example.com")
         TO("4A1B2C", "bob@example.org", MX,
            "bounced (host said: 550 4A1B2C: to=<eve@evil.example>, orig_to=<x@y>)"),
     TOLD("<1@a>")},
    {"where it was to go counts beside where it went", NULL,
     SASL("4A1B2C") ID("4A1B2C", "<1@a>") FROM("4A1B2C", "alice@example.com")
         TO("4A1B2C", "bob@example.org>, orig_to=<list@example.com", MX, SENT),
     "<1@a> example.com \n<1@a> example.com bob@example.org\n"
     "<1@a> example.com list@example.com\n"},
    {"put off and sent back count, for bounces come of them", NULL,
     SASL("4A1B2C") ID("4A1B2C", "<1@a>") FROM("4A1B2C", "alice@example.com")
         TO("4A1B2C", "b@example.org", "none", "deferred (Connection refused)")
             TO("4A1B2C", "c@example.org", MX, "bounced (host said: 550 no)"),
     "<1@a> example.com \n<1@a> example.com b@example.org\n"
     "<1@a> example.com c@example.org\n"},
    {"a recipient that was only asked for was sent nothing", NULL,
     SASL("4A1B2C") ID("4A1B2C", "<1@a>") FROM("4A1B2C", "alice@example.com")
         TO("4A1B2C", "bob@example.org", MX, "deliverable (250 Ok)"),
     ""},
    {"a message sent again has both ids", NULL,
     SASL("4A1B2C") AT("01") "cleanup[102]: 4A1B2C: resent-message-id=<r@a>\n" ID(
         "4A1B2C", "<1@a>") FROM("4A1B2C", "alice@example.com")
         TO("4A1B2C", "bob@example.org", MX, SENT),
     "<r@a> example.com \n<1@a> example.com \n<r@a> example.com bob@example.org\n"
     "<1@a> example.com bob@example.org\n"},
    {"a message with two ids has both", NULL,
     SASL("4A1B2C") ID("4A1B2C", "<1@a>") ID("4A1B2C", "<2@a>")
         FROM("4A1B2C", "alice@example.com") TO("4A1B2C", "bob@example.org", MX, SENT),
     "<1@a> example.com \n<2@a> example.com \n<1@a> example.com bob@example.org\n"
     "<2@a> example.com bob@example.org\n"},
    {"a message without an id tells nothing", NULL,
     SASL("4A1B2C") FROM("4A1B2C", "alice@example.com")
         TO("4A1B2C", "bob@example.org", MX, SENT),
     ""},
    {"a message that was turned away was not sent", NULL,
     SASL("4A1B2C") ID("4A1B2C", "<1@a>")
         AT("02") "cleanup[102]: 4A1B2C: milter-reject: END-OF-MESSAGE from x[1.2.3.4]: "
                  "5.7.1\n",
     ""},
    {"expiring is told by qmgr and changes nothing", NULL,
     SASL("4A1B2C") ID("4A1B2C", "<1@a>") FROM("4A1B2C", "alice@example.com")
         TO("4A1B2C", "bob@example.org", "none", "deferred (timed out)")
             AT("09") "qmgr[103]: 4A1B2C: from=<alice@example.com>, status=expired, "
                      "returned to "
                      "sender\n",
     TOLD("<1@a>")},
    {"mail to a name without a domain has its id alone", NULL,
     SASL("4A1B2C") ID("4A1B2C", "<1@a>") FROM("4A1B2C", "alice@example.com")
         TO("4A1B2C", "root", "local", "sent (delivered to mailbox)"),
     "<1@a> example.com \n"},

    /* queue ids */
    {"a queue id used again by a stranger is not ours", NULL,
     WAY(SASL("4A1B2C"), "4A1B2C", "<1@a>")
         WAY(CLIENT("4A1B2C", "unknown[198.51.100.1]"), "4A1B2C", "<2@evil>"),
     TOLD("<1@a>")},
    {"and is not, though the first was never removed", NULL,
     SASL("4A1B2C") ID("4A1B2C", "<1@a>")
         WAY(CLIENT("4A1B2C", "unknown[198.51.100.1]"), "4A1B2C", "<2@evil>"),
     ""},
    {"the same queue id on another host is another message", NULL,
     SASL("4A1B2C") ID(
         "4A1B2C",
         "<1@a>") "Nov 29 10:00:01 mx2 postfix/cleanup[1]: 4A1B2C: message-id=<2@evil>\n"
                  "Nov 29 10:00:02 mx2 postfix/qmgr[1]: 4A1B2C: removed\n" FROM(
                      "4A1B2C", "alice@example.com")
                      TO("4A1B2C", "bob@example.org", MX, SENT),
     TOLD("<1@a>")},
    {"long queue ids are read", NULL,
     WAY(SASL("4fLZgV1x2Bz9vDv"), "4fLZgV1x2Bz9vDv", "<1@a>"), TOLD("<1@a>")},
    {"other programs' lines are not Postfix's", NULL,
     "Nov 29 10:00:01 mx1 evil[1]: 4A1B2C: client=x[1.2.3.4], sasl_method=P, "
     "sasl_username=a\n" ID("4A1B2C", "<1@a>") FROM("4A1B2C", "alice@example.com")
         TO("4A1B2C", "bob@example.org", MX, SENT),
     ""},
    {"half a line at the end is none", NULL,
     SASL("4A1B2C") ID("4A1B2C", "<1@a>") FROM("4A1B2C", "alice@example.com")
         AT("03") "smtp[1]: 4A1B2C: to=<bob@example.org>, relay=x, delay=1, status=sent "
                  "(250 o",
     ""},

    /* filters */
    {"what comes back with orig_queue_id= is what went", NULL,
     SASL("4A1B2C") ID("4A1B2C", "<1@a>") FROM("4A1B2C", "alice@example.com")
         CLIENT("4D5E6F", "localhost[127.0.0.1], orig_queue_id=4A1B2C, "
                          "orig_client=home.example.net[203.0.113.9]")
             ID("4D5E6F", "<1@a>") FROM("4D5E6F", "alice@example.com")
                 TO("4A1B2C", "hop@example.org", FILTER,
                    "sent (250 2.0.0 from MTA: 250 2.0.0 Ok: queued as 4D5E6F)")
                     REMOVED("4A1B2C") TO("4D5E6F", "bob@example.org", MX, SENT)
                         REMOVED("4D5E6F"),
     TOLD("<1@a>")},
    {"what a filter says it queued is what went, though it is gone by then", NULL,
     SASL("4A1B2C") ID("4A1B2C", "<1@a>") FROM("4A1B2C", "alice@example.com")
         CLIENT("4D5E6F", "localhost[127.0.0.1]") ID("4D5E6F", "<1@a>")
             FROM("4D5E6F", "alice@example.com") TO("4D5E6F", "bob@example.org", MX, SENT)
                 REMOVED("4D5E6F") TO("4A1B2C", "hop@example.org", FILTER,
                                      "sent (250 2.0.0 Ok: queued as 4D5E6F)")
                     REMOVED("4A1B2C"),
     TOLD("<1@a>")},
    {"and through two filters", NULL,
     SASL("4A1B2C") ID("4A1B2C", "<1@a>") FROM("4A1B2C", "alice@example.com")
         CLIENT("4D5E6F", "localhost[127.0.0.1]") ID("4D5E6F", "<1@a>")
             FROM("4D5E6F", "alice@example.com") CLIENT("477777", "localhost[127.0.0.1]")
                 ID("477777", "<1@a>") FROM("477777", "alice@example.com")
                     TO("4D5E6F", "hop@example.org", FILTER,
                        "sent (250 2.0.0 Ok: queued as 477777)")
                         TO("477777", "bob@example.org", MX, SENT)
                             TO("4A1B2C", "hop@example.org", FILTER,
                                "sent (250 2.0.0 Ok: queued as 4D5E6F)"),
     TOLD("<1@a>")},
    {"a stranger's mail through a filter is a stranger's", NULL,
     CLIENT("4A1B2C", "unknown[198.51.100.1]") ID("4A1B2C", "<1@evil>")
         FROM("4A1B2C", "alice@example.com") CLIENT(
             "4D5E6F", "localhost[127.0.0.1], orig_queue_id=4A1B2C, "
                       "orig_client=unknown[198.51.100.1]") ID("4D5E6F", "<1@evil>")
             FROM("4D5E6F", "alice@example.com") TO("4D5E6F", "bob@example.org", MX, SENT)
                 TO("4A1B2C", "bob@example.org", FILTER,
                    "sent (250 2.0.0 Ok: queued as 4D5E6F)"),
     ""},
    {"and is so where the filter's host is a submitter", loopback,
     CLIENT("4A1B2C", "unknown[198.51.100.1]") ID("4A1B2C", "<1@evil>")
         WAY(CLIENT("4D5E6F", "localhost[127.0.0.1]"), "4D5E6F", "<1@evil>")
             WAY(CLIENT("4D5E70", "localhost[127.0.0.1], orig_queue_id=4A1B2C, "
                                  "orig_client=unknown[198.51.100.1]"),
                 "4D5E70", "<1@evil>"),
     ""},
    {"a stranger's mail that a pipe hands in again is a stranger's", NULL,
     CLIENT("4A1B2C", "unknown[198.51.100.1]") ID("4A1B2C", "<1@evil>")
         WAY(AT("02") "pickup[9]: 4D5E6F: uid=110 from=<alice@example.com>\n", "4D5E6F",
             "<1@evil>"),
     ""},
    {"a server elsewhere that names a queue id of ours is no filter", NULL,
     SASL("4A1B2C") ID("4A1B2C", "<1@a>") FROM("4A1B2C", "alice@example.com")
         CLIENT("4D5E6F", "localhost[127.0.0.1]") ID("4D5E6F", "<2@evil>")
             FROM("4D5E6F", "alice@example.com")
                 TO("4A1B2C", "bob@example.org", "mx.evil.example[198.51.100.1]:25",
                    "sent (250 2.0.0 Ok: queued as 4D5E6F)")
                     TO("4D5E6F", "bob@example.org", MX, SENT),
     TOLD("<1@a>")},
    {"what a known filter swallows has not left", NULL,
     SASL("4A1B2C") ID("4A1B2C", "<1@a>") FROM("4A1B2C", "alice@example.com")
         CLIENT("4D5E6F", "localhost[127.0.0.1]") TO(
             "4A1B2C", "hop@example.org", FILTER, "sent (250 2.0.0 Ok: queued as 4D5E6F)")
             SASL("4A1B2D") ID("4A1B2D", "<2@a>") FROM("4A1B2D", "alice@example.com")
                 TO("4A1B2D", "bob@example.org", FILTER,
                    "sent (250 2.7.0 Ok, discarded, id=1-2 - INFECTED)"),
     ""},
    {"mail from this host that comes back from nowhere is not ours", NULL,
     WAY(CLIENT("4D5E6F", "localhost[127.0.0.1]"), "4D5E6F", "<1@a>"), ""},

    /* syslog's forms */
    {"stamps of RFC 3339 and a priority are read", NULL,
     "<22>2026-11-29T11:00:01.123456+01:00 mx1 postfix/smtpd[1]: 4A1B2C: "
     "client=x[1.2.3.4]"
     ", sasl_method=PLAIN, sasl_username=a\n"
     "2026-11-29T10:00:02Z mx1 postfix/cleanup[1]: 4A1B2C: message-id=<1@a>\n"
     "2026-11-29T10:00:03+0000 mx1 postfix/qmgr[1]: 4A1B2C: from=<alice@example.com>, "
     "size=1, nrcpt=1 (queue active)\n"
     "2026-11-29T10:00:04.5Z mx1 postfix/smtp[1]: [ID 197553 mail.info] 4A1B2C: "
     "to=<bob@example.org>, relay=x, delay=1, status=sent (ok)\n",
     TOLD("<1@a>")},
    {"what is no log tells nothing", NULL,
     "\n\n \nNov\nNov 29 10:00:00 mx1 \n<22>\n<<<<\n", ""},
};

static void
test_row(void **state)
{
    log_check(NDR_SENT_LOG_POSTFIX, *state);
}

/* Wherever the log is cut in two runs, the same is told. */
static void
test_cut(void **state)
{
    const log_row *r = *state;
    sent_box b;
    sent_box_begin(&b);
    for (const char *cut = r->lines; *cut != '\0'; cut++) {
        char *first;
        log_told told, more;
        ndr_error err = {0};
        if (*cut != '\n')
            continue;
        first = strndup(r->lines, (size_t)(cut + 1 - r->lines));
        ndr_sent_log *l = log_open(NDR_SENT_LOG_POSTFIX, r->submitter, &told);
        log_read(l, first, 100000);
        assert_int_equal(ndr_sent_log_save(l, b.root, "mx1", &err), 0);
        ndr_sent_log_free(l);
        l = log_open(NDR_SENT_LOG_POSTFIX, r->submitter, &more);
        assert_int_equal(ndr_sent_log_load(l, b.root, "mx1", &err), 0);
        log_read(l, cut + 1, 100000);
        ndr_buffer_add(&told.text, (ndr_slice){more.text.ptr, more.text.len});
        ndr_buffer_free(&more.text);
        log_close(l, &told, r->want);
        free(first);
    }
    sent_box_end(&b);
}

static void
test_read_again(void **state)
{
    (void)state;
    static const char one[] =
        SASL("4A1B2C") ID("4A1B2C", "<1@a>") FROM("4A1B2C", "alice@example.com")
            TO("4A1B2C", "bob@example.org", MX, SENT) REMOVED("4A1B2C");
    static const char later[] =
        "Nov 29 12:00:01 mx1 postfix/smtpd[1]: 4A1B2C: client=x[1.2.3.4], sasl_method=P, "
        "sasl_username=b\n"
        "Nov 29 12:00:01 mx1 postfix/cleanup[1]: 4A1B2C: message-id=<2@a>\n"
        "Nov 29 12:00:02 mx1 postfix/qmgr[1]: 4A1B2C: from=<carol@example.net>, size=1, "
        "nrcpt=1 (queue active)\n";
    static const char end[] = "Nov 29 12:00:03 mx1 postfix/smtp[1]: 4A1B2C: "
                              "to=<dave@example.org>, relay=x, status=sent (ok)\n";
    log_told told;
    ndr_sent_log *l = log_open(NDR_SENT_LOG_POSTFIX, NULL, &told);
    log_read(l, one, 1000);
    log_read(l, later, 1000);
    log_read(l, one, 1000); /* the first log once more */
    log_read(l, end, 1000);
    log_close(l, &told,
              TOLD("<1@a>") "<2@a> example.net \n<2@a> example.net dave@example.org\n");
}

static void
test_torn_state(void **state)
{
    (void)state;
    sent_box b;
    char path[256];
    struct stat st;
    log_told told;
    ndr_error err = {0};
    sent_box_begin(&b);
    ndr_sent_log *l = log_open(NDR_SENT_LOG_POSTFIX, NULL, &told);
    log_read(l, SASL("4A1B2C") ID("4A1B2C", "<1@a>"), 1000);
    assert_int_equal(ndr_sent_log_count(l).open, 1);
    assert_int_equal(ndr_sent_log_save(l, b.root, "mx1", &err), 0);
    log_close(l, &told, "");
    (void)sent_box_path(&b, "mx1.joins", path);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    for (off_t size = st.st_size - 1; size >= 0; size--) {
        assert_int_equal(truncate(path, size), 0);
        l = log_open(NDR_SENT_LOG_POSTFIX, NULL, &told);
        const int rc = ndr_sent_log_load(l, b.root, "mx1", &err);
        /* but for its last line end nothing may be missing */
        assert_int_equal(rc, size == st.st_size - 1 ? 0 : NDR_E_DAMAGED);
        assert_int_equal(ndr_sent_log_count(l).open, rc == 0 ? 1 : 0);
        log_close(l, &told, "");
    }
    sent_box_end(&b);
}

static void
test_one_reader(void **state)
{
    (void)state;
    sent_box b;
    log_told told, other;
    ndr_error err = {0};
    sent_box_begin(&b);
    ndr_sent_log *l = log_open(NDR_SENT_LOG_POSTFIX, NULL, &told);
    ndr_sent_log *m = log_open(NDR_SENT_LOG_POSTFIX, NULL, &other);
    assert_int_equal(ndr_sent_log_load(l, b.root, "mx1", &err), 0);
    assert_int_equal(ndr_sent_log_load(m, b.root, "mx1", &err), NDR_E_STOPPED);
    assert_int_equal(ndr_sent_log_load(m, b.root, "mx2", &err), 0);
    log_close(m, &other, "");
    log_close(l, &told, "");
    l = log_open(NDR_SENT_LOG_POSTFIX, NULL, &told);
    assert_int_equal(ndr_sent_log_load(l, b.root, "mx1", &err), 0);
    log_close(l, &told, "");
    sent_box_end(&b);
}

static void
test_bad_network(void **state)
{
    (void)state;
    static const char *const bad[] = {"192.0.2.0/33", "192.0.2/24", "x",           "",
                                      "::1/129",      "192.0.2.0/", "192.0.2.0/2x"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ndr_sent_log *l = NULL;
        ndr_error err = {0};
        const ndr_sent_log_opts opts = {NDR_SIZED(ndr_sent_log_opts),
                                        .submitter = &bad[i], .submitter_count = 1};
        assert_int_equal(ndr_sent_log_new(&opts, &l, &err), NDR_E_SYNTAX);
        assert_null(l);
    }
}

int
main(void)
{
    ADD_ROWS(rows, test_row);
    ADD_ROWS(rows, test_cut);
    add_test("a log that is read again tells nothing else", test_read_again);
    add_test("a torn file of what is under way is told", test_torn_state);
    add_test("two readers of one machine's logs are one too many", test_one_reader);
    add_test("what is no network is told", test_bad_network);
    return run_added("log_postfix");
}
