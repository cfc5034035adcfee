/* SPDX-License-Identifier: BSD-3-Clause */
/* sender.c - see sender.h; and which fields of a header tell who wrote it? */
#include "sender.h"

#include "mail/header.h"
#include "text_words.h"

#include <string.h>

enum {
    FIELDS = 1000,      /* that are read; no real header has a tenth */
    VALUE_BYTES = 4096, /* of each */
};

const ndr_sender_row ndr_sender_signs[NDR_SAYS_COUNT] = {
    [NDR_SAYS_NULL_PATH] = {"Return-Path: empty, or MAILER-DAEMON", 1},
    [NDR_SAYS_DAEMON] = {"From: a mail daemon's address", 6},
    [NDR_SAYS_DAEMON_NAME] = {"From: a mail daemon's name, or there is none", 2},
    [NDR_SAYS_SYSTEM] = {"From: a postmaster's, list program's or mail system's", 1},
    [NDR_SAYS_BOTH] = {"both of these", 1},
    [NDR_SAYS_TO_BOUNCES] = {"To: an address that is kept for bounces", 1},
    [NDR_SAYS_REPLIED] = {"Auto-Submitted: auto-replied", 1},
    [NDR_SAYS_REFUSED] = {"Auto-Submitted: says that mail failed", 3},
    [NDR_SAYS_REPORT] = {"Content-Type: multipart/report, or a report itself", 3},
    [NDR_SAYS_REPORT_PART] = {"a report among the parts, not as an attachment", 2},
    [NDR_SAYS_FIELD] = {"a field that bounces alone have", 3},
    [NDR_SAYS_FORM] = {"a field that the rule of this mail system asks for", 1},
    [NDR_SAYS_RETURNED] = {"a returned message, not itself a bounce", 1},
    [NDR_SAYS_OPENS] = {"text: the words of the rule stand at its beginning", 1},
    [NDR_SAYS_ANSWER] =
        {"In-Reply-To or References, no empty return path or a mail program", -2},
    [NDR_SAYS_PROGRAM] = {"User-Agent, X-Mailer or a field of a mail program's own", -2},
    [NDR_SAYS_TICKET] = {"a field of a ticket system's", -5},
    [NDR_SAYS_NUMBERED] = {"Subject: a ticket's number, as in [x #12]", -2},
    [NDR_SAYS_LIST] = {"List-Id or another field of a list", -1},
    [NDR_SAYS_DIGEST] = {"Content-Type: multipart/digest, or Subject: Digest of", -5},
    [NDR_SAYS_MANY] = {"To and Cc: several recipients", -1},
    [NDR_SAYS_PASSED_ON] = {"what is passed on came from a mail daemon", -4},
    [NDR_SAYS_BELOW] = {"text: the words of the rule stand below others", -2},
    [NDR_SAYS_QUOTED] = {"text: quoted lines", -2},
    [NDR_SAYS_GREETING] = {"text: begins with a greeting", -2},
    [NDR_SAYS_CLOSING] = {"text: ends as letters end", -1},
    [NDR_SAYS_OWN] = {"text: names nobody else, and no code", -4},
    [NDR_SAYS_BARE] = {"an empty return path alone, and nobody failed with a code", -2},
    [NDR_SAYS_LINK] = {"a link, and nothing that a bounce states", -9},
};

int
ndr_sender_weight(unsigned signs)
{
    const unsigned opens = 1u << NDR_SAYS_OPENS;
    const unsigned others = ((1u << NDR_SAYS_ANSWER) - 1) & ~opens;
    int sum = 0;
    if ((signs & others) == 0)
        signs &= ~opens; /* what is said, not who says it */
    for (unsigned i = 0; i < NDR_SAYS_COUNT; i++)
        if ((signs & (1u << i)) != 0)
            sum += ndr_sender_signs[i].weight;
    return sum;
}

bool
ndr_sender_is_system(unsigned signs)
{
    return ndr_sender_weight(signs) > 0;
}

/* ---- values --------------------------------------------------------------- */

static ndr_slice
trim(ndr_slice s)
{
    while (s.len > 0 && s.ptr[0] <= ' ')
        s = (ndr_slice){s.ptr + 1, s.len - 1};
    return s;
}

static unsigned
of_path(ndr_slice path)
{
    static const char *const empty[] = {"<>", "< >", "<mailer-daemon", "mailer-daemon",
                                        NULL};
    return path.len > 0 && begins_any(path, empty) ? 1u << NDR_SAYS_NULL_PATH : 0;
}

/* Is one of the words, which are lower case, a whole address here, or its local part; or,
 * with `named`, the end of a display name? */
static bool
holds_local(ndr_slice from, const char *const *words, bool named)
{
    for (size_t i = 0; i < from.len; i++) {
        if (i > 0 && is_word(from.ptr[i - 1]))
            continue;
        const ndr_slice here = {from.ptr + i, from.len - i};
        const unsigned char first = lower(here.ptr[0]);
        for (const char *const *w = words; *w != NULL; w++) {
            if ((unsigned char)(*w)[0] != first || !begins(here, *w))
                continue;
            const size_t n = strlen(*w);
            const ndr_slice rest = {here.ptr + n, here.len - n};
            const ndr_slice next = trim(rest);
            if (next.len == 0 || rest.ptr[0] == '@' || rest.ptr[0] == '>' ||
                rest.ptr[0] == '"' || next.ptr[0] == '(' || (named && next.ptr[0] == '<'))
                return true;
        }
    }
    return false;
}

static unsigned
of_daemon(ndr_slice from)
{
    static const char *const local[] = {"mailer-daemon",
                                        "mailerdaemon",
                                        "mailer_daemon",
                                        "mailer-deamon",
                                        "mail-daemon",
                                        "mdaemon",
                                        "maildelivery",
                                        "post_master",
                                        "<",
                                        NULL};
    static const char *const name[] = {"mailer-daemon",
                                       "mail delivery sy",
                                       "mail delivery su",
                                       "maildelivery",
                                       "delivery subsystem",
                                       "mail system",
                                       "mailsystem",
                                       "mail-delivery-",
                                       "mail_delivery_",
                                       "mail.delivery.",
                                       NULL};
    if (holds_local(from, local, false))
        return 1u << NDR_SAYS_DAEMON;
    return holds_any(from, name) ? 1u << NDR_SAYS_DAEMON_NAME : 0;
}

bool
ndr_sender_is_daemon(ndr_slice from)
{
    return of_daemon(from) != 0;
}

static unsigned
of_from(ndr_slice from)
{
    static const char *const system[] = {"postmaster", "post-master", "microsoftexchange",
                                         "listserv",   "majordomo",   "sympa@",
                                         "bounces@",   "mailman",     "mailer@",
                                         "request@",   NULL};
    static const char *const whole[] = {"administrator", "mailserver",  "mail server",
                                        "mail gateway",  "mailgateway", "mail router",
                                        "gateway",       NULL};
    const unsigned daemon = of_daemon(from);
    if (daemon != 0)
        return daemon;
    return holds_any(from, system) || holds_local(from, whole, true)
               ? 1u << NDR_SAYS_SYSTEM
               : 0;
}

/* A subject such as "Digest of the list x", "[example #12] x" or "x (Issue #12)". */
static unsigned
of_subject(ndr_slice subject)
{
    if (begins(subject, "digest of"))
        return 1u << NDR_SAYS_DIGEST;
    for (size_t i = 1; i + 1 < subject.len; i++) {
        if (subject.ptr[i] != '#' || subject.ptr[i + 1] < '0' || subject.ptr[i + 1] > '9')
            continue;
        size_t end = i + 1;
        while (end < subject.len && is_word(subject.ptr[end]))
            end++;
        if (end < subject.len && (subject.ptr[end] == ']' || subject.ptr[end] == ')'))
            return 1u << NDR_SAYS_NUMBERED;
    }
    return 0;
}

static unsigned
of_auto_submitted(ndr_slice value)
{
    static const char *const refused[] = {"failure", "rejected", "delivery-status", NULL};
    if (holds_any(value, refused))
        return 1u << NDR_SAYS_REFUSED;
    return begins(value, "auto-replied") ? 1u << NDR_SAYS_REPLIED : 0;
}

static unsigned
of_type(ndr_slice type)
{
    static const char *const named[] = {"report-type=delivery-status",
                                        "report-type=\"delivery-status", NULL};
    static const char *const reports[] = {"multipart/report", "message/delivery-status",
                                          "message/global-delivery-status", NULL};
    if (begins_any(type, reports) || holds_any(type, named))
        return 1u << NDR_SAYS_REPORT;
    return begins(type, "multipart/digest") ? 1u << NDR_SAYS_DIGEST : 0;
}

/* Programs that send on behalf of a mail system have names, too; these are people's. */
/* clang-format off */
static const char *const people[] = {
    "thunderbird", "mutt", "outlook", "apple mail", "iphone", "ipad", "evolution",
    "kmail", "k-9", "roundcube", "sogo", "alpine", "the bat", "claws",
    "em_client", "em client", "ymail", "webservice/", "ibm notes", "lotus", "groupwise",
    "sylpheed", "squirrelmail", "mozilla", "gnus", "emacs", "vm ", "mew ", "becky",
    "eudora", "pegasus", "elm [", "fairemail", "aquamail", "airmail", "mailmate",
    "postbox", "seamonkey", "trojita", "geary", "nextcloud", "open-xchange", "rainloop",
    "snappymail", "zimbra", "mailspring", "windows live", "foxmail", "android",
    "betterbird", "entourage", "icedove", "unibox", "usermin", "nmh", "turnpike",
    "messagingengine", "interlink", "cyberdog", "mailbird", "xfmail", "aerc", NULL,
};
/* clang-format on */
/* clang-format off */
static const char *const tickets[] = {
    "otrs", "znuny", "zammad", "zendesk", "freshdesk", "redmine", "glpi", "osticket",
    "help scout", "jira", "kayako", "helpspot", "request tracker", NULL,
};
/* clang-format on */

/* Is one of the words here, with no more letters behind it? */
static bool
holds_whole(ndr_slice value, const char *const *words)
{
    for (; *words != NULL; words++) {
        const size_t n = strlen(*words);
        for (size_t i = 0; i + n <= value.len; i++)
            if ((i == 0 || !is_word(value.ptr[i - 1])) &&
                (i + n == value.len || !is_word(value.ptr[i + n])) &&
                begins((ndr_slice){value.ptr + i, n}, *words))
                return true;
    }
    return false;
}

static unsigned
of_mailer(ndr_slice value)
{
    static const char *const short_tickets[] = {"trac", NULL};
    static const char *const short_people[] = {"spark", "imp", "pine", "horde", NULL};
    if (holds_any(value, tickets) || holds_whole(value, short_tickets))
        return 1u << NDR_SAYS_TICKET;
    return holds_any(value, people) || holds_whole(value, short_people)
               ? 1u << NDR_SAYS_PROGRAM
               : 0;
}

/* Do more addresses than one stand in this value? */
static bool
is_many(ndr_slice to)
{
    bool quoted = false;
    size_t signs = 0, comma = 0;
    for (size_t i = 0; i < to.len; i++) {
        if (to.ptr[i] == '"')
            quoted = !quoted;
        else if (!quoted && to.ptr[i] == '@')
            signs++;
        else if (!quoted && to.ptr[i] == ',' && signs > 0)
            comma = signs;
        if (comma > 0 && signs > comma)
            return true;
    }
    return false;
}

/* Is a local part one that list managers have bounces sent to: "bounces", "x-bounces",
 * "x-bounces+tag"? */
static unsigned
of_to(ndr_slice to)
{
    static const char *const kept[] = {"bounces", "bounce", NULL};
    for (const char *const *w = kept; *w != NULL; w++) {
        const size_t n = strlen(*w);
        for (size_t i = 0; i + n < to.len; i++) {
            if (!begins((ndr_slice){to.ptr + i, n}, *w) ||
                (i > 0 && strchr("-< ", to.ptr[i - 1]) == NULL))
                continue;
            size_t end = i + n;
            if (to.ptr[end] == '+' || to.ptr[end] == '-')
                while (end < to.len && to.ptr[end] > ' ' && to.ptr[end] != '@')
                    end++;
            if (end < to.len && to.ptr[end] == '@')
                return 1u << NDR_SAYS_TO_BOUNCES;
        }
    }
    return 0;
}

/* ---- fields --------------------------------------------------------------- */

/* Fields that tell by being there, of three letters and more, the first one of those that
 * of_name() looks for; a name that ends in '*' stands for all that begin so. */
static const struct {
    const char *name;
    uint8_t sign;
} telling[] = {
    {"x-failed-recipients", NDR_SAYS_FIELD},
    {"x-failed-domains", NDR_SAYS_FIELD},
    {"x-ms-exchange-message-is-ndr", NDR_SAYS_FIELD},
    {"x-ms-embedded-report", NDR_SAYS_FIELD},
    {"x-dsncontext", NDR_SAYS_FIELD},
    {"x-aliyun-bounce*", NDR_SAYS_FIELD},
    {"x-bounced-address", NDR_SAYS_FIELD},
    {"x-list-administrivia", NDR_SAYS_FIELD},
    {"x-loop-detected", NDR_SAYS_FIELD},
    {"x-gm-message-state", NDR_SAYS_PROGRAM},
    {"list-id", NDR_SAYS_LIST},
    {"list-post", NDR_SAYS_LIST},
    {"list-unsubscribe", NDR_SAYS_LIST},
    {"mailing-list", NDR_SAYS_LIST},
    {"x-rt-*", NDR_SAYS_TICKET},
    {"rt-*", NDR_SAYS_TICKET},
    {"x-otrs-*", NDR_SAYS_TICKET},
    {"x-zammad-*", NDR_SAYS_TICKET},
    {"x-zendesk-*", NDR_SAYS_TICKET},
    {"x-freshdesk-*", NDR_SAYS_TICKET},
    {"x-jira-*", NDR_SAYS_TICKET},
    {"x-github-*", NDR_SAYS_TICKET},
    {"x-gitlab-*", NDR_SAYS_TICKET},
    {"x-gitea-*", NDR_SAYS_TICKET},
    {"x-redmine-*", NDR_SAYS_TICKET},
    {"x-bugzilla-*", NDR_SAYS_TICKET},
    {"x-trac-*", NDR_SAYS_TICKET},
    {"x-helpscout-*", NDR_SAYS_TICKET},
    {"x-freescout-*", NDR_SAYS_TICKET},
    {"x-servicenow-*", NDR_SAYS_TICKET},
    {"x-launchpad-*", NDR_SAYS_TICKET},
    {"x-debian-pr-*", NDR_SAYS_TICKET},
    {"x-ticket*", NDR_SAYS_TICKET},
};

static unsigned
of_name(ndr_slice name)
{
    if (name.len < 3)
        return 0;
    /* most fields are none of these: two letters tell it */
    const char first = (char)(name.ptr[0] | 0x20), third = (char)(name.ptr[2] | 0x20);
    if (first != 'x' && first != 'l' && first != 'm' && first != 'r')
        return 0;
    for (size_t i = 0; i < sizeof telling / sizeof telling[0]; i++) {
        const char *word = telling[i].name;
        if (word[0] != first || word[2] != third)
            continue;
        const size_t n = strlen(word);
        const bool stem = word[n - 1] == '*';
        if (name.len < n - stem || (!stem && name.len != n))
            continue;
        if (ndr_slice_equal_nocase((ndr_slice){name.ptr, n - stem},
                                   (ndr_slice){(const unsigned char *)word, n - stem}))
            return 1u << telling[i].sign;
    }
    return 0;
}

bool
ndr_sender_sends_report(ndr_slice type)
{
    type = trim(type);
    type.len = type.len < VALUE_BYTES ? type.len : VALUE_BYTES;
    return (of_type(type) & (1u << NDR_SAYS_REPORT)) != 0;
}

unsigned
ndr_sender_of_header(ndr_slice raw)
{
    unsigned signs = 0;
    bool has_path = false, answers = false, has_from = false;
    size_t at = ndr_header_begin(raw), to = 0, count = 0;
    ndr_field f;
    while (ndr_header_next(raw, &at, &f) > 0) {
        ndr_slice v = trim(f.value);
        if (v.len == 0 || ++count > FIELDS)
            continue;
        v.len = v.len < VALUE_BYTES ? v.len : VALUE_BYTES;
        if (ndr_field_is(&f, NDR_SLICE("return-path"))) {
            signs |= has_path ? 0 : of_path(v); /* the topmost is the MTA's */
            has_path = true;
        } else if (ndr_field_is(&f, NDR_SLICE("from"))) {
            signs |= of_from(v);
            has_from = true;
        } else if (ndr_field_is(&f, NDR_SLICE("subject"))) {
            signs |= of_subject(v);
        } else if (ndr_field_is(&f, NDR_SLICE("auto-submitted"))) {
            signs |= of_auto_submitted(v);
        } else if (ndr_field_is(&f, NDR_SLICE("content-type"))) {
            signs |= of_type(v);
        } else if (ndr_field_is(&f, NDR_SLICE("x-mailer")) ||
                   ndr_field_is(&f, NDR_SLICE("user-agent"))) {
            signs |= of_mailer(v);
        } else if (ndr_field_is(&f, NDR_SLICE("to")) ||
                   ndr_field_is(&f, NDR_SLICE("cc"))) {
            if (++to > 1 || is_many(v))
                signs |= 1u << NDR_SAYS_MANY;
            signs |= of_to(v);
        } else if (ndr_field_is(&f, NDR_SLICE("in-reply-to")) ||
                   ndr_field_is(&f, NDR_SLICE("references"))) {
            answers = true;
        } else {
            signs |= of_name(f.name);
        }
    }
    if (!has_from)
        signs |= 1u << NDR_SAYS_DAEMON_NAME;
    const unsigned both = 1u << NDR_SAYS_NULL_PATH | 1u << NDR_SAYS_SYSTEM;
    if ((signs & both) == both)
        signs |= 1u << NDR_SAYS_BOTH;
    const unsigned program = 1u << NDR_SAYS_PROGRAM, path = 1u << NDR_SAYS_NULL_PATH;
    if (answers && ((signs & path) == 0 || (signs & program) != 0))
        signs |= 1u << NDR_SAYS_ANSWER;
    return signs;
}
