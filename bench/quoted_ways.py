# SPDX-License-Identifier: BSD-3-Clause
"""How do people and programs pass a bounce on?

Each way is a function of a number and a bounce; the number picks the program, the words and
what else differs, so that the same bounce gives the same bytes. Header fields are those that
the programs write, without the ones that say nothing of who wrote them.
"""
import collections
import email
import email.policy
import html
import random
import re
from email.header import Header, decode_header

from quoted_words import LANGUAGES, LETTERS

Message = collections.namedtuple("Message", "raw program")
STATUS = ("message/delivery-status", "message/global-delivery-status")


def words_of(value):
    """A header value with its encoded words decoded, on one line."""
    try:
        text = "".join(part if isinstance(part, str) else part.decode(charset or "latin-1", "replace")
                       for part, charset in decode_header(str(value)))
    except (LookupError, ValueError):
        text = str(value)
    return " ".join(text.split())


def text_of(part):
    data = part.get_payload(decode=True) or b""
    try:
        return data.decode(part.get_content_charset() or "utf-8", "strict")
    except (LookupError, UnicodeDecodeError):
        return data.decode("cp1252", "replace")


def source(msg):
    """A message as it was; email's own way stops at some of what mail holds."""
    head = "".join("%s: %s\n" % (name, words_of(value)) for name, value in msg.items())
    inner = msg.get_payload()
    return head + "\n" + (inner if isinstance(inner, str) else "")


class Bounce:
    """A bounce: its bytes, what its header says, and its own words."""

    def __init__(self, path):
        self.path = path
        with open(path, "rb") as f:
            raw = f.read().replace(b"\r\n", b"\n")
        self.raw = re.sub(rb"\A(?:\n|>?From [^\n]*\n)+", b"", raw)
        msg = email.message_from_bytes(self.raw, policy=email.policy.compat32)
        self.sender = words_of(msg.get("from", "Mail Delivery System <MAILER-DAEMON@mx.example.org>"))
        self.subject = words_of(msg.get("subject", "Undelivered mail"))
        self.date = words_of(msg.get("date", "Sat, 28 Nov 2026 10:14:00 +0000"))
        self.to = words_of(msg.get("to", "anna@example.org"))
        self.id = words_of(msg.get("message-id", "<b1@mx.example.org>"))
        self.text, self.status, self.returned = None, "", ""
        for part in self.outside(msg):
            kind = part.get_content_type()
            if kind in STATUS and not self.status:
                self.status = "\n".join(source(p) for p in part.get_payload()) \
                    if part.is_multipart() else text_of(part)
            elif kind in ("message/rfc822", "text/rfc822-headers") and not self.returned:
                inner = part.get_payload()
                self.returned = source(inner[0]) if isinstance(inner, list) and inner else str(inner)
            elif kind == "text/plain" and not (self.text or "").strip():
                self.text = text_of(part)
            elif kind == "text/html" and not (self.text or "").strip():
                self.text = html.unescape(re.sub(r"<[^>]+>", "", re.sub(
                    r"(?is)<(style|script|head).*?</\1>|<br[^>]*>|</p>", "\n", text_of(part))))
        self.text = (self.text or "").replace("\r", "").strip("\n")

    @staticmethod
    def outside(msg):
        """The parts that are not inside a returned message."""
        if msg.get_content_maintype() == "multipart" and msg.is_multipart():
            for part in msg.get_payload():
                yield from Bounce.outside(part)
        else:
            yield msg

    def whole(self, rng):
        """What is copied of it: its words, sometimes with its report and the header returned."""
        some = [self.text]
        if self.status and rng.random() < 0.3:
            some.append(self.status.strip())
        if self.returned and rng.random() < 0.3:
            some.append(self.returned[:600].split("\n\n")[0])
        return "\n\n".join(some)


# ---- who writes ---------------------------------------------------------------

PEOPLE = [("Anna Example", "anna@example.org"), ("Bert Beispiel", "b.beispiel@example.net"),
          ("Chloe Exemple", "chloe.exemple@example.com"), ("", "dora1977@example.org"),
          ("Erik van Voorbeeld", "erik@voorbeeld.example"), ("Fay", "fay_x@mail.example"),
          ("Example, Gil (IT)", "gil.example@example.edu"), ("Hana Sato", "hana@example.jp")]

# Fields by which a mail program shows; {n} is a number of the message's own.
PROGRAMS = {
    "Thunderbird": ["User-Agent: Mozilla Thunderbird", "Content-Language: en-US"],
    "Thunderbird 78": ["User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:78.0) Gecko/20100101\n Thunderbird/78.14.0"],
    "Apple Mail": ["X-Mailer: Apple Mail (2.3826.300.87.4.3)", "X-Apple-Mail-Remote-Attachments: YES"],
    "iPhone": ["X-Mailer: iPhone Mail (22A3354)"],
    "Outlook": ["X-Mailer: Microsoft Outlook 16.0", "Thread-Index: AQHa{n}Qk3PpS0kSxJzqvO1w1Fw==",
                "Content-Language: en-us"],
    "Exchange, Outlook": ["Thread-Topic: mail trouble", "Thread-Index: AQHb{n}Nn0H0mE+ZkS5y7OQ==",
                          "Accept-Language: en-GB, en-US", "X-MS-Has-Attach:",
                          "X-MS-TNEF-Correlator:", "x-originating-ip: [192.0.2.{m}]"],
    "Gmail": ["X-Gm-Message-State: AOJu0Y{n}", "X-Received: by 2002:a05:600c:1c1f with SMTP id {n}"],
    "K-9": ["User-Agent: K-9 Mail for Android"],
    "mutt": ["User-Agent: Mutt/2.2.9 (2022-11-12)"],
    "NeoMutt": ["User-Agent: NeoMutt/20231103", "Content-Disposition: inline"],
    "Roundcube": ["User-Agent: Roundcube Webmail/1.6.9", "X-Sender: anna@example.org"],
    "SOGo": ["User-Agent: SOGoMail 5.8.0"],
    "Horde": ["User-Agent: Horde Application Framework 5"],
    "Evolution": ["User-Agent: Evolution 3.46.4-2"],
    "KMail": ["User-Agent: KMail/5.22"],
    "Alpine": ["User-Agent: Alpine 2.26 (DEB 649 2022-06-02)"],
    "Yahoo": ["X-Mailer: WebService/1.1.22876 YMailNorrin"],
    "The Bat": ["X-Mailer: The Bat! (v10.5) Professional", "X-Priority: 3 (Normal)"],
    "Claws": ["X-Mailer: Claws Mail 4.1.1 (GTK 3.24.38; x86_64-pc-linux-gnu)"],
    "eM Client": ["User-Agent: eM_Client/10.1.4828.0"],
    "Lotus Notes": ["X-Mailer: IBM Notes Release 9.0.1", "X-MIMETrack: Serialize by Router on MAIL01"],
    "GroupWise": ["X-Mailer: Novell GroupWise Internet Agent 18.4.2"],
    "web form": [],
    "old client": [],
    "phone without a name": [],
    "proton": [],
}
NAMES = sorted(PROGRAMS)


class Letter:
    """A message under construction, its fields in the order that programs write."""

    def __init__(self, way, number):
        self.rng = random.Random("%s %d" % (way, number))
        self.n = number
        self.name, self.address = self.rng.choice(PEOPLE)
        self.program = self.rng.choice(NAMES)
        self.fields, self.extra = {}, []
        self.path = self.address
        self.to = self.rng.choice(["helpdesk@example.com", "IT Support <support@example.com>",
                                   "postmaster@example.com", "jo@example.com",
                                   "Bob Example <bob@example.com>"])
        self.answers = False

    def pick(self, *choices):
        return self.rng.choice(choices)

    def chance(self, share):
        return self.rng.random() < share

    def head(self, subject):
        name = str(Header(self.name, "utf-8")) if not self.name.isascii() else \
            '"%s"' % self.name if re.search(r"[,()]", self.name) else self.name
        sender = "%s <%s>" % (name, self.address) if name else self.address
        rows = []
        if self.path is not None:
            rows.append("Return-Path: <%s>" % self.path)
        rows.append("Delivered-To: %s" % re.sub(r".*<|>", "", self.to))
        rows.append("Received: from mail%d.example.org (mail.example.org [192.0.2.9])\n\tby mx.example.com "
                    "with ESMTPS id 4F%05d\n\tfor <%s>; Sat, 28 Nov 2026 10:20:01 +0000"
                    % (self.n % 9, self.n, re.sub(r".*<|>", "", self.to)))
        rows += ["From: " + sender, "To: " + self.to]
        if self.chance(0.15):
            rows.append("Cc: " + self.pick("carl@example.org", "it@example.net, dora@example.org"))
        subject = " ".join(subject.split())
        rows.append("Subject: " + (subject if subject.isascii() else
                                   Header(subject, "utf-8", header_name="Subject").encode()))
        rows.append("Date: Sat, 28 Nov 2026 10:20:00 +0000")
        rows.append("Message-ID: <%s.%d@example.org>" % (self.rng.randrange(10**9), self.n))
        if self.answers:
            rows += ["In-Reply-To: <%d@example.com>" % self.n, "References: <%d@example.com>" % self.n]
        rows.append("MIME-Version: 1.0")
        rows += [row.format(n="%08d" % self.rng.randrange(10**8), m=self.n % 250)
                 for row in PROGRAMS.get(self.program, [])]
        return rows + self.extra

    def finish(self, rows, body):
        return Message("\n".join(rows).encode("utf-8", "replace") + b"\n\n" + body, self.program)

    def text(self, subject, text):
        """The letter as plain text, or, as many programs have it, as text and HTML."""
        rows = self.head(subject)
        data = text.encode("utf-8", "replace")
        if self.chance(0.2):
            page = "<html><body>%s</body></html>" % re.sub(
                r"\n\n+", "</p><p>", "<p>" + html.escape(text) + "</p>").replace("\n", "<br>\n")
            rows.append('Content-Type: multipart/alternative; boundary="=_alt_%d"' % self.n)
            mark = b"--=_alt_%d" % self.n
            return self.finish(rows, mark + b"\nContent-Type: text/plain; charset=utf-8\n"
                               b"Content-Transfer-Encoding: 8bit\n\n" + data + b"\n" + mark +
                               b"\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
                               + page.encode("utf-8", "replace") + b"\n" + mark + b"--\n")
        rows += ["Content-Type: text/plain; charset=utf-8%s" % self.pick("", "; format=flowed"),
                 "Content-Transfer-Encoding: 8bit"]
        return self.finish(rows, data + b"\n")

    def mixed(self, subject, text, parts, kind="mixed"):
        """A text, and parts [(header lines, bytes)] behind it."""
        mark = b"--=_mix_%d" % self.n
        rows = self.head(subject) + ['Content-Type: multipart/%s; boundary="=_mix_%d"' % (kind, self.n)]
        out = b""
        if text is not None:
            out += mark + b"\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
            out += text.encode("utf-8", "replace") + b"\n"
        for head, data in parts:
            out += mark + b"\n" + head.encode() + b"\n\n" + data + b"\n"
        return self.finish(rows, out + mark + b"--\n")


# ---- pieces ---------------------------------------------------------------------

def quote(text, mark="> "):
    return "".join((mark + line).rstrip() + "\n" for line in text.splitlines())


def bare_name(sender):
    return re.sub(r"\s*<.*|\"", "", sender) or sender


def letter_around(m, words, middle):
    """Greeting, question, the bounce, an end; some leave out one or the other."""
    some = []
    hello, ask, thanks = m.pick(*words["hello"]), m.pick(*words["ask"]), m.pick(*words["end"])
    if m.chance(0.85):
        some.append(hello)
    some.append(ask)
    some.append(middle)
    if m.chance(0.5):
        some.append(m.pick(*words["more"]))
    end = m.pick(thanks + "\n" + (m.name or "D."), m.name or "Dora", "-- \n" + (m.name or "Dora"), "")
    return "\n\n".join(some + [end] if end else some)


def forward_head(m, b, words):
    """The lines by which a program begins what it forwards in the text."""
    of, sent, to, subject = words["fields"]
    rows = {of: b.sender, sent: b.date, to: b.to, subject: b.subject}
    lines = "\n".join("%s: %s" % row for row in rows.items())
    style = m.pick("gmail", "thunderbird", "apple", "outlook", "outlook-express", "k9", "mutt",
                   "yahoo", "roundcube")
    marks = {"gmail": "---------- %s ---------\n" % words["forwarded"],
             "thunderbird": "-------- %s --------\n" % words["forwarded"],
             "apple": words["begin"] + "\n\n", "outlook": m.pick("", "_" * 32 + "\n"),
             "outlook-express": "-----%s-----\n" % words["original"],
             "k9": "-------- %s --------\n" % words["original"],
             "mutt": "----- Forwarded message from %s -----\n\n" % b.sender,
             "yahoo": "----- %s -----\n" % words["forwarded"],
             "roundcube": "-------- %s --------\n" % words["original"]}
    if style == "thunderbird":
        lines = "\n".join("%s: \t%s" % row for row in
                          ((subject, b.subject), (sent, b.date), (of, b.sender), (to, b.to)))
    if style == "outlook" and m.chance(0.5):
        lines = re.sub(r"<([^<>\s]+@[^<>\s]+)>", r"<mailto:\1>", lines)
    if style == "apple" and m.chance(0.5):
        return quote(marks[style].strip() + "\n\n" + lines).rstrip(), "> "
    return marks[style] + lines, ""


def forwarded_text(m, b, words):
    head, mark = forward_head(m, b, words)
    body = b.whole(m.rng)
    text = head + "\n\n" + (quote(body) if mark else body)
    if head.startswith("----- Forwarded message from"):
        text += "\n\n----- End forwarded message -----"
    return text


def forward_subject(m, b, words):
    own = m.pick(*words["subjects"])
    return m.pick("%s %s" % (m.pick(*words["forward"]), b.subject), b.subject, own, "Fwd: " + b.subject)


def note(m, words, share=0.7):
    if not m.chance(share):
        return ""
    return m.pick(*words["ask"]) + "\n\n" + m.pick("", (m.name or "Fay") + "\n\n",
                                                   m.pick(*words["end"]) + "\n" + m.name + "\n\n")


def attach(m, b):
    """The bounce as programs attach it."""
    name = m.pick("ForwardedMessage.eml", re.sub(r"[^A-Za-z0-9 ]", "_", b.subject)[:40] + ".eml")
    head = m.pick("Content-Type: message/rfc822; name=\"%s\"\nContent-Disposition: attachment; filename=\"%s\""
                  % (name, name), "Content-Type: message/rfc822\nContent-Disposition: inline",
                  "Content-Type: message/rfc822",
                  "Content-Type: application/octet-stream; name=\"%s\"\nContent-Disposition: attachment;"
                  " filename=\"%s\"" % (name, name))
    return head, b.raw


# ---- the ways ---------------------------------------------------------------------

EN = LANGUAGES["en"]


def forwarded_inline(m, b, words=EN):
    text = note(m, words) + forwarded_text(m, b, words)
    subject = forward_subject(m, b, words)
    if b.status and m.chance(0.25):  # some keep the parts of the report as attachments
        parts = [('Content-Type: message/delivery-status; name="details.txt"\nContent-Disposition: attachment;'
                  ' filename="details.txt"', b.status.encode("utf-8", "replace"))]
        if b.returned and m.chance(0.6):
            parts.append(("Content-Type: message/rfc822\nContent-Disposition: attachment",
                          b.returned.encode("utf-8", "replace")))
        return m.mixed(subject, text, parts)
    return m.text(subject, text)


def forwarded_attached(m, b, words=EN):
    text = m.pick(note(m, words, 1), letter_around(m, words, ""), "", "see attachment\n")
    subject = forward_subject(m, b, words)
    return m.mixed(subject, text if m.chance(0.9) else None, [attach(m, b)])


def pasted(m, b, words=EN):
    middle = b.whole(m.rng)
    if m.chance(0.2):
        middle = quote(middle, m.pick("    ", "\t", "| ", "   "))
    return m.text(m.pick(b.subject, *words["subjects"]), letter_around(m, words, middle))


def quoted(m, b, words=EN):
    m.answers = m.chance(0.3)
    middle = quote(b.whole(m.rng), m.pick("> ", "> ", ">", "> > "))
    if m.chance(0.5):
        middle = m.pick(*words["wrote"]) % bare_name(b.sender) + "\n" + middle
    return m.text(m.pick("Re: " + b.subject, b.subject, *words["subjects"]),
                  letter_around(m, words, middle))


def answered(m, b, words=EN):
    """Somebody answers the daemon, or a colleague who was sent the bounce."""
    m.answers = m.chance(0.9)
    if m.chance(0.4):
        m.to = re.sub(r"[^\x20-\x7e]", "", b.sender)
    subject = m.pick("%s %s" % (m.pick(*words["reply"]), b.subject), "Re: " + b.subject,
                     b.subject, m.pick(*words["subjects"]))
    said = m.pick(*words["answer"])
    wrote = m.pick(*words["wrote"]) % bare_name(b.sender)
    style = m.pick("top", "bottom", "outlook", "twice")
    if style == "outlook":
        head, _ = forward_head(m, b, words)
        text = said + "\n\n" + (m.name or "F.") + "\n\n" + head + "\n\n" + b.whole(m.rng)
    elif style == "bottom":
        text = wrote + "\n" + quote(b.whole(m.rng)) + "\n" + said + "\n\n" + m.name
    elif style == "twice":
        text = (said + "\n\n" + m.pick(*words["wrote"]) % "Bert" + "\n" +
                quote(m.pick(*words["ask"]) + "\n\n" + wrote + "\n" + quote(b.whole(m.rng))))
    else:
        text = said + "\n\n" + wrote + "\n" + quote(b.whole(m.rng))
    return m.text(subject, text)


def digest(m, b, words=EN):
    kind = m.pick("mailman plain", "mailman mime", "google groups", "sympa", "groups.io")
    m.program, m.name, m.address = kind, "", "users-request@lists.example.org"
    m.path = m.pick("users-bounces@lists.example.org", "users-bounces@lists.example.org", None)
    m.to = "users@lists.example.org"
    topics = ["[users] " + b.subject, "Re: [users] filters", "Meeting on Monday"]
    listing = "".join("   %d. %s (Anna Example)\n" % (i + 1, t) for i, t in enumerate(topics))
    post = letter_around(m, words, m.pick(b.whole(m.rng), quote(b.whole(m.rng))))
    one = ("Date: Sat, 28 Nov 2026 09:00:00 +0000\nFrom: Anna Example <anna@example.org>\n"
           "To: users@lists.example.org\nSubject: %s\nMessage-ID: <d%d@example.org>\n" % (topics[0], m.n))
    listed = ["List-Id: Users <users.lists.example.org>", "Precedence: list",
              "List-Post: <mailto:users@lists.example.org>"]
    if kind == "mailman mime":
        m.extra = ["Reply-To: users@lists.example.org", "X-Mailman-Version: 2.1.39"] + listed
        inner = (one + "Content-Type: text/plain; charset=utf-8\n\n" + post).encode("utf-8", "replace")
        digests = (b"--=_dig\n\n" + inner + b"\n--=_dig\n\nFrom: Bert <bert@example.net>\nSubject: Re: [users] filters\n"
                   b"Message-ID: <e@example.net>\n\nWorks for me.\n--=_dig--")
        return m.mixed("users Digest, Vol 41, Issue %d" % m.n, "Today's Topics:\n\n" + listing,
                       [('Content-Type: multipart/digest; boundary="=_dig"', digests)])
    if kind == "mailman plain":
        m.extra = ["Reply-To: users@lists.example.org", "X-Mailman-Version: 2.1.39"] + listed
        text = ("Send users mailing list submissions to\n\tusers@lists.example.org\n\nToday's Topics:\n\n%s\n\n"
                "%s\n\nMessage: 1\n%s\n%s\n\n%s\n\nEnd of users Digest, Vol 41, Issue %d\n"
                % (listing, "-" * 70, one, post, "-" * 30, m.n))
        return m.text("users Digest, Vol 41, Issue %d" % m.n, text)
    if kind == "sympa":
        m.address, m.extra = "SYMPA@lists.example.org", ["X-Loop: users@lists.example.org"] + listed
        text = ("Table of contents:\n\n%s\n%s\n%s\n%s\n" % (listing, "-" * 70, one, post))
        return m.text("Digest of the list users@lists.example.org 2026-11-28", text)
    if kind == "groups.io":
        m.address, m.name = "users@groups.example", "users@groups.example Group Moderators"
        m.extra = listed[:1] + ["List-Unsubscribe: <https://groups.example/g/users/unsub>"]
        return m.text("[users] Daily Summary #%d" % m.n, "Messages In This Digest\n\n%s\n\n"
                      "1. %s\nFrom: Anna Example\n\n%s\n" % (listing, topics[0], post))
    m.address, m.name = "noreply-spamdigest@groups.example", "users@googlegroups.example"
    m.extra = listed[:1] + ["X-Google-Group-Id: 10%d" % m.n, "List-Unsubscribe: <mailto:u@example>"]
    text = ("=============================================================================\n"
            "Today's topic summary\n============================\n\nGroup: users@googlegroups.example\n\n%s\n\n"
            "Topic: %s\n\n---------- 1 of 1 ----------\nFrom: Anna Example <anna@example.org>\n"
            "Date: Nov 28 09:00AM\n\n%s\n" % (listing, topics[0], post))
    return m.text("Digest for users@googlegroups.example - 1 update in 1 topic", text)


# program: (From's name, local part, fields, subject, text); {s} subject, {b} bounce, {n} number
TICKETS = {
    "OTRS": ("Example Service Desk", "servicedesk", ["X-Powered-BY: OTRS - Open Ticket Request System",
             "X-Mailer: OTRS Mail Service (6.0.30)"], "[Ticket#2026112810{n:06}] New ticket: {s}",
             "Hi Anna,\n\nticket [Ticket#{n}] has been created in queue Raw.\n\nMail Delivery System wrote:\n{q}\n"
             "https://desk.example.com/otrs/index.pl?Action=AgentTicketZoom;TicketID={n}\n\n-- OTRS"),
    "Znuny": ("Service Desk", "servicedesk", ["X-Powered-By: Znuny", "X-Mailer: Znuny Mail Service (7.0.4)",
              "Auto-Submitted: auto-generated", "Precedence: bulk"], "Re: [Ticket#{n:010}] {s}",
              "Dear Customer,\n\nThank you for your request, we have received:\n\n{q}\n\nYour Helpdesk Team"),
    "Zammad": ("Example Helpdesk", "helpdesk", ["X-Mailer: Zammad Mail Service",
               "X-Zammad-Notification: Yes", "Auto-Submitted: auto-generated"],
               "New Ticket ({s}) [Ticket#{n}]",
               "Hi Anna,\n\nA new ticket ({s}) has been created by \"Mail Delivery System\".\n\nInformation:\n\n{b}\n\n"
               "View this in Zammad: https://help.example.com/#ticket/zoom/{n}"),
    "RT": ("Mail Delivery System via RT", "rt", ["RT-Ticket: example #{n}", "X-RT-Loop-Prevention: example",
           "X-RT-Originator: MAILER-DAEMON@mx.example.org", "X-Managed-by: RT 5.0.3 (http://www.bestpractical.com/rt/)",
           "Precedence: bulk"], "[example #{n}] {s}",
           "Sat Nov 28 10:20:00 2026: Request {n} was acted upon.\nTransaction: Ticket created by MAILER-DAEMON\n"
           "       Queue: General\n     Subject: {s}\n       Owner: Nobody\n  Requestors: MAILER-DAEMON@mx.example.org\n"
           "      Status: new\n Ticket <URL: https://rt.example.com/Ticket/Display.html?id={n} >\n\n\n{b}"),
    "Zendesk": ("Example Support", "support", ["X-Zendesk-From-Account-Id: 12ab{n}", "X-Mailer: Zendesk Mailer",
                "Auto-Submitted: auto-generated", "X-Auto-Response-Suppress: All"],
                "[Request received] {s}",
                "##- Please type your reply above this line -##\n\nYour request ({n}) has been received and is being "
                "reviewed by our support staff.\n\n{q}\n\nThis email is a service from Example."),
    "Freshdesk": ("Example", "support", ["X-Mailer: Freshdesk Mailer", "X-FID: c5{n}",
                  "Auto-Submitted: auto-generated"], "Ticket Received - {s}",
                  "Dear Mail Delivery System,\n\nWe would like to acknowledge that we have received your request and a "
                  "ticket has been created.\n\n{b}\n\nSincerely,\nExample Support Team"),
    "Jira": ("Mail Delivery System (Jira)", "jira", ["X-JIRA-FingerPrint: 9{n}", "Precedence: bulk",
             "Auto-Submitted: auto-generated"], "[JIRA] (MAIL-{n}) {s}",
             "Mail Delivery System created MAIL-{n}:\n----------------------------\n\n             Summary: {s}\n"
             "                 Key: MAIL-{n}\n          Issue Type: Support\n\n\n{b}\n\n\n\n--\n"
             "This message was sent by Atlassian Jira"),
    "GitHub": ("Anna Example", "notifications", ["X-GitHub-Sender: anna", "X-GitHub-Reason: subscribed",
               "List-ID: example/mail <mail.example.github.example>", "Precedence: list"],
               "[example/mail] {s} (Issue #{n})",
               "anna created an issue (example/mail#{n})\n\nSince the update we get:\n\n```\n{b}\n```\n\n-- \n"
               "Reply to this email directly or view it on GitHub:\nhttps://github.example/example/mail/issues/{n}"),
    "GitLab": ("Anna Example", "gitlab", ["X-GitLab-Project: mail", "X-GitLab-Issue-ID: {n}",
               "List-Id: example/mail <5.mail.gitlab.example>"], "mail | {s} (#{n})",
               "Anna Example created an issue: https://gitlab.example/mail/-/issues/{n}\n\n{b}\n\n-- \n"
               "You're receiving this email because of your account on gitlab.example."),
    "Redmine": ("Redmine", "redmine", ["X-Redmine-Host: pm.example.com", "X-Redmine-Issue-Id: {n}",
                "X-Mailer: Redmine", "Auto-Submitted: auto-generated", "X-Auto-Response-Suppress: All"],
                "[mail - Bug #{n}] (New) {s}",
                "Issue #{n} has been reported by Anna Example.\n\n----------------------------------------\n"
                "Bug #{n}: {s}\nhttps://pm.example.com/issues/{n}\n\n* Author: Anna Example\n* Status: New\n"
                "----------------------------------------\n{b}"),
    "GLPI": ("GLPI", "glpi", ["X-Mailer: GLPI", "Auto-Submitted: auto-generated"], "[GLPI #{n:07}] New ticket {s}",
             "URL : https://glpi.example.com/index.php?redirect=ticket_{n}\nTicket: Description\nTitle : {s}\n"
             "Requesters : MAILER-DAEMON\nDescription : {b}\n\n-- \nAutomatically generated by GLPI"),
    "osTicket": ("Example Support", "support", ["X-Mailer: osTicket Mailer", "X-Auto-Response-Suppress: DR, RN, OOF"],
                 "{s} [#{n}]", "Dear Mail Delivery System,\n\nA request for support has been created and assigned "
                 "#{n}.\n\n{b}\n\nExample Support"),
    "Help Scout": ("Anna at Example", "help", ["X-Helpscout-Ticket: {n}", "X-Mailer: Help Scout"],
                   "Assigned: {s}", "Mail Delivery System assigned a conversation to you\n\n{q}\n\nView it: "
                   "https://secure.helpdesk.example/{n}"),
    "FreeScout": ("Example Support", "support", ["X-Auto-Response-Suppress: All", "X-FreeScout-Mail-Type: user.notification",
                  "Auto-Submitted: auto-generated"], "[#{n}] {s}",
                  "Mail Delivery System started a new conversation #{n}\n\n{b}\n\nhttps://scout.example.com/conversation/{n}"),
    "bugzilla": ("", "bugzilla-daemon", ["X-Bugzilla-Reason: AssignedTo", "X-Bugzilla-Type: new",
                 "Auto-Submitted: auto-generated"], "[Bug {n}] New: {s}",
                 "https://bugs.example.org/show_bug.cgi?id={n}\n\n            Bug ID: {n}\n           Summary: {s}\n"
                 "           Product: Mail\n\n{b}\n\n-- \nYou are receiving this mail because:\nYou are the assignee."),
    "ServiceNow": ("IT Service Desk", "example", ["X-ServiceNow-Generated: true"], "Incident INC{n:07} opened: {s}",
                   "Short description: {s}\nPriority: 4 - Low\n\nComments:\n\n{b}\n\nRef:MSG{n}"),
    "home-made": ("Support", "support", [], "Ticket {n}: {s}",
                  "New ticket {n} from MAILER-DAEMON:\n\n{b}\n\nPlease answer above this line."),
}


def ticket(m, b, words=EN):
    m.program = m.pick(*sorted(TICKETS))
    name, local, fields, subject, text = TICKETS[m.program]
    m.name, m.address = name, local + "@example.com"
    m.path = m.pick(m.address, m.address, "bounces+%d@example.com" % m.n, None)
    m.to = m.pick("agent@example.com", "Anna Example <anna@example.com>")
    m.answers = m.chance(0.4)
    whole = b.whole(m.rng)
    values = {"s": b.subject, "n": m.n + 1000, "b": whole, "q": m.pick(whole, quote(whole))}
    # a relay on the way may have taken the fields of a program's own off
    m.extra = [f.format(**values) for f in fields] if m.chance(0.8) else []
    if m.chance(0.15):
        return m.mixed(subject.format(**values), text.format(**dict(values, b="(see attachment)", q="")),
                       [attach(m, b)])
    return m.text(subject.format(**values), text.format(**values))


def way_of_person(m, b, words):
    return m.pick(forwarded_inline, forwarded_attached, pasted, pasted, quoted, answered)(m, b, words)


def postmaster(m, b, words=EN):
    """A person who writes from a mail system's address."""
    m.name, local = m.pick(("Postmaster", "postmaster"), ("Mail Administrator", "postmaster"), ("", "postmaster"),
                           ("Anna Example (Postmaster)", "postmaster"), ("Example Helpdesk", "postmaster"),
                           ("E-Mail Team", "postmaster"), ("IT Helpdesk", "helpdesk"),
                           ("System Administrator", "administrator"))
    m.address = local + m.pick("@example.org", "@isp.example")
    m.path = m.address if m.chance(0.85) else None
    m.answers = m.chance(0.5)
    m.to = m.pick("jo@example.com", "Bob Example <bob@example.com>")
    return way_of_person(m, b, words)


def gateway(m, b, words=EN):
    """Mail of a person on its way through a gateway that empties the return path."""
    m.answers = m.chance(0.3)
    message = way_of_person(m, b, words)
    raw = re.sub(rb"\AReturn-Path: [^\n]*", b"Return-Path: <>", message.raw)
    return Message(raw, message.program)


def in_languages(m, b, words=EN):
    return way_of_person(m, b, LANGUAGES[LETTERS[m.n % len(LETTERS)]])


WAYS = {
    "forwarded inline": forwarded_inline,
    "forwarded attached": forwarded_attached,
    "pasted": pasted,
    "quoted": quoted,
    "answered": answered,
    "digest": digest,
    "ticket": ticket,
    "from postmaster": postmaster,
    "gateway": gateway,
    "ten languages": in_languages,
}


def make(way, number, bounce):
    """The message, or None where the bounce has no words of its own to pass on."""
    if not bounce.text.strip() and way != "forwarded attached":
        return None
    m = Letter(way, number)
    if m.chance(0.2):
        m.path = None
    return WAYS[way](m, bounce)
