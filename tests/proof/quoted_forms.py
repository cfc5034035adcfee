#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""quoted_forms.py NDRSCAN RULES - is mail of ours known however a bounce quotes its header?

The message of RFC 8463 A.3, and one that nobody signed, come back in every form of FORMS, with
every line end and cut of CUTS. What was signed is ours by its key; what is quoted, indented or in
running text is never forged, though all mail is stated to be signed.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

IDENTITY = """identities:
  - domain: football.example.com
    all-mail: [dkim]
    since: 2003-01-01T00:00:00Z
    dkim:
      - {selector: brisbane, key: "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="}
"""
WINDOWS = "windows:\n  - {domain: football.example.com, from: 2003-01-01T00:00:00Z}\n"
RECEIVED = """Received: from football.example.com by mx.shopping.example.net; Sat, 12 Jul 2003 04:10:00 +0000
X-Mailer: Blitz 3
"""
SIGNED = """DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
"""
FIELDS = """From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>
"""
BODY = "\nHi.\n\nWe lost the game.  Are you hungry yet?\n"
TOP = """Return-Path: <>
Delivered-To: joe@football.example.com
Received: from mx.shopping.example.net by mx.football.example.com; Sat, 12 Jul 2003 10:00:00 +0000
From: MAILER-DAEMON@mx.shopping.example.net
To: joe@football.example.com
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
"""
SAYS = "Your message could not be delivered:\n\n<suzie@shopping.example.net>: user unknown\n\n"
PARTS = """Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

{says}--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.shopping.example.net

Final-Recipient: rfc822; suzie@shopping.example.net
Action: failed
Status: 5.1.1

--b
Content-Type: text/rfc822-headers

{returned}
--b--
"""
PREFIXES = ["> ", ">", "| ", "|", ">> ", "> > ", "> | > ", ">\t", ": ", "# ", "* ", " ", "  ", "    ", "\t", "\t\t",
            "   > ", " | "]
CUTS = {"whole": lambda mail: mail,
        "header": lambda mail: mail.split("\n\n")[0] + "\n",
        "torn": lambda mail: mail.split("\n\n")[0] + "\nX-Cut: abc"}


def quote(mail, prefix, bare_blank):
    """Each line behind the prefix; editors take blanks off the ends of lines."""
    lines = [prefix + line for line in mail.rstrip("\n").split("\n")]
    return "\n".join(line.rstrip() if bare_blank else line for line in lines) + "\n"


def text(returned, before="--- Here is a copy of it:\n\n"):
    return TOP + "Content-Type: text/plain\n\n" + SAYS + before + returned


FORMS = {
    "text": text,
    "below words": lambda returned: text(returned, "You wrote:\n"),
    "part": lambda returned: TOP + PARTS.format(says=SAYS, returned=returned),
    "text in a report": lambda returned: TOP + PARTS.format(says=SAYS + returned + "\n", returned="").replace(
        "--b\nContent-Type: text/rfc822-headers\n\n\n", ""),
}


def write(folder):
    """One file a case; its name tells what is in it."""
    for whose, fields in (("ours", SIGNED + FIELDS), ("unsigned", FIELDS)):
        for cut, do in CUTS.items():
            for form, make in FORMS.items():
                for number, prefix in enumerate(PREFIXES):
                    for bare_blank in (False, True):
                        for end in ("\n", "\r\n"):
                            mail = make(quote(do(RECEIVED + fields + BODY), prefix, bare_blank))
                            name = f"{whose}, {form}, {cut}, {number} {bare_blank} {len(end)}.eml"
                            (folder / name).write_bytes(mail.replace("\n", end).encode())
    many = "".join(f"> From: a{i}\n>\n" for i in range(40000))
    (folder / "hostile, many.eml").write_text(text(many))
    (folder / "hostile, long.eml").write_text(text(quote(RECEIVED + "X-A: b\n" * 100000 + FIELDS, "> ", False)))
    changed = quote(RECEIVED + SIGNED + FIELDS.replace("dinner", "lunch"), "> ", False)
    (folder / "hostile, changed.eml").write_text(text(changed))


def main(ndrscan, rules):
    with tempfile.TemporaryDirectory(prefix="ndrscan-quoted-") as place:
        folder = pathlib.Path(place) / "mail"
        folder.mkdir()
        write(folder)
        identity = pathlib.Path(place) / "identity.yaml"
        identity.write_text(IDENTITY)
        windows = pathlib.Path(place) / "windows.yaml"
        windows.write_text(WINDOWS)
        done = subprocess.run(
            [ndrscan, "scan", "-q", "--no-shipped-rules", "--rules", rules, "--identity", identity, "--windows",
             windows, folder], capture_output=True, check=False)
        records = [json.loads(line) for line in done.stdout.splitlines()]
        wrong = [] if done.returncode == 0 and len(records) == len(list(folder.iterdir())) else \
            [f"status {done.returncode}, {len(records)} records: {done.stderr.decode()}"]
        for record in records:
            name = pathlib.Path(record["source"]).name
            want = "ours" if name.startswith("ours") else "unknown"
            evidence = record.get("evidence") or {"whose": "nobody asked", "proofs": []}
            if evidence["whose"] != want:
                wrong.append(f"{name}: {evidence}")
        print("\n".join(wrong[:20]))
        print(f"{len(records)} bounces, {len(wrong)} of them wrong")
        return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
