# SPDX-License-Identifier: BSD-3-Clause
"""captured.py - mails of ours that somebody captured and sent on to crowds of 19, 20 and 21.

Their bounces lie all over the mail: in a large mbox, in frames, in a Maildir, in small files; some came twice.
"""
import random

BOUNCE = """Return-Path: <>
Delivered-To: joe@example.com
Received: from mx.example.net by mx.example.com; Mon, 11 Jun 2018 10:00:00 +0000
From: MAILER-DAEMON@mx.example.net
Message-ID: <{name}@mx.example.net>
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

Your message could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; {who}@example.net
Action: failed
Status: 5.1.1

--b
Content-Type: text/rfc822-headers

From: joe@example.com
Message-ID: <{mail}@example.com>
Date: Mon, 11 Jun 2018 09:00:00 +0000

--b--
"""
LETTER = """From: ann@example.org
To: joe@example.com
Message-ID: <letter{n}@example.org>
Date: Mon, 11 Jun 2018 08:00:00 +0000
Subject: letter {n}

""" + "A line of a letter that takes its room in the file.\n" * 600
WINDOWS = "windows:\n  - {domain: example.com, from: 2018-06-01T00:00:00Z, until: 2018-07-01T00:00:00Z}\n"
CROWDS = (19, 20, 21)


def bounce(crowd, i, again=""):
    return BOUNCE.format(name=f"{crowd}-{i}{again}", who=f"s{i}", mail=f"captured{crowd}")


def mbox(messages):
    return "".join(f"From MAILER-DAEMON Mon Jun 11 10:00:00 2018\n{m}\n" for m in messages)


def make(s):
    """Mail, an identity, what was sent, windows."""
    rng = random.Random(17)
    mail = s.root / "mail"
    mail.mkdir()
    heaps = {name: [] for name in ("large", "frames", "Maildir", "a", "b", "c", "d")}
    for crowd in CROWDS:
        for i in range(crowd):
            heaps[rng.choice(list(heaps))].append(bounce(crowd, i))
        for i in range(0, crowd, 3): # the same recipient elsewhere counts once
            heaps[rng.choice(list(heaps))].append(bounce(crowd, i, "-again"))
    for name in ("large", "frames"):
        heaps[name] += [LETTER.format(n=f"{name}{n}") for n in range(180)]
        rng.shuffle(heaps[name])
        (mail / f"{name}.mbox").write_text(mbox(heaps[name]))
    s.run("pack", "-q", "--frame-size", "200k", "-o", "mail/frames.mbox.zst", "mail/frames.mbox")
    (mail / "frames.mbox").unlink()
    for folder in ("cur", "new", "tmp"):
        (mail / "Maildir" / folder).mkdir(parents=True)
    for n, text in enumerate(heaps["Maildir"]):
        (mail / "Maildir" / "new" / f"1528714800.{n}.mx").write_text(text)
    for name in "abcd":
        (mail / f"{name}.mbox").write_text(mbox(heaps[name]))
        (mail / f"{name}-letters.mbox").write_text(mbox([LETTER.format(n=f"{name}{n}") for n in range(6)]))
    (s.root / "id.yaml").write_text("identities:\n  - domain: example.com\n")
    (s.root / "sent.list").write_text("".join(
        f"captured{crowd}@example.com\texample.com\tfriend@example.net\t2018-06-11T09:00:00Z\n" for crowd in CROWDS))
    s.run("sent", "add", "--format", "list", "--set", "sent", "sent.list")
    (s.root / "w.yaml").write_text(WINDOWS)
