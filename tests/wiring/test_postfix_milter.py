#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""test_postfix_milter.py NDRSCAN DATA - does the milter do in Postfix what its manual says?"""
import pathlib
import re
import shutil
import smtplib
import subprocess
import sys
import time

from mail_server import MailServer
sys.path.append(str(pathlib.Path(__file__).parent.parent / "proof"))
from quoted_forms import FIELDS, IDENTITY, PARTS, RECEIVED, SAYS, SIGNED, TOP
from wiring import NOBODY, Place, check, in_namespaces, need, skip, until

need("postfix", "iproute2")
in_namespaces()


class Milter:
    def __init__(self, place, *args):
        folder = place.path / "queue" / "ndrscan"
        self.socket = folder / "milter.sock"
        if not folder.exists():
            folder.mkdir()
            shutil.chown(folder, NOBODY, "postfix")
            folder.chmod(0o2750)
        self.socket.unlink(missing_ok=True)
        self.log = open(place.path / "milter.log", "ab")
        self.process = subprocess.Popen(
            [str(place.ndrscan), "milter", *args,
             f"unix:{self.socket}"], stderr=self.log, umask=0o007)
        check(until(self.socket.exists), "the milter answers")

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.log.close()

    def end(self):
        self.process.terminate()
        check(self.process.wait(30) == 0, "the milter ends at SIGTERM")
        self.log.close()


with Place(*sys.argv[1:]) as p:
    if not (p.path / "ndrscan-milter").exists():
        skip("ndrscan-milter is not built: libmilter-dev is not installed")
    (p.path / "program").rename(p.path / "ndrscan-program")
    p.ndrscan.write_text(p.ndrscan.read_text().replace("/program", "/ndrscan-program"))
    # as PATH would have it: ndrscan-milter stands beside the program
    server = MailServer(p, f"smtpd_milters = unix:ndrscan/milter.sock\nmilter_default_action = tempfail\n"
                           "milter_connect_timeout = 5s\nsmtpd_recipient_limit = 2000\n"
                           "virtual_mailbox_domains = example.com, example.net, football.example.com\n")
    forged = b"X-NDR-Flag: NO\r\nSubject: a\r\nx-ndr-status: none,\r\n more\r\n\r\nbody\r\n"

    def body(mail):
        return mail.split(b"\n\n", 1)[1]

    bare = subprocess.run([str(p.ndrscan), "milter", "8899"], capture_output=True, check=False,
                          timeout=60, cwd=p.path)
    check(bare.returncode == 2 and b"inet:8899" in bare.stderr, "a port alone is no SOCKET")
    with server as m:
        milter = Milter(p)
        m.send(p.mail["bounce"])
        got = m.take()[0]
        check(b"X-NDR-Flag: YES\nX-NDR-Status: junk, rule=" in got, "a bounce is stamped")
        check(body(got) == body(p.mail["bounce"]), "its body is as it was")
        top = re.search(rb"\A(?:(?:Return-Path|Delivered-To|X-Original-To): [^\n]*\n)*(.*)", got)
        check(top.group(1).startswith(b"X-NDR-Flag"), "the stamp is on top of what was sent")
        m.send(p.mail["letter"], "bob@example.org")
        got = m.take()[0]
        check(b"X-NDR-Flag: NO\nX-NDR-Status: none, engine=" in got, "a letter is stamped NO")
        m.send(forged, "bob@example.org")
        got = m.take()[0]
        check(got.lower().count(b"x-ndr-") == 2 and b"more" not in got and b"body" in got,
              "forged fields are taken out")
        m.send(b"X-NDR-Flag : NO\r\nX-NDR-Status\t: none\r\n" + forged, "bob@example.org")
        got = m.take()[0]
        check(got.lower().count(b"x-ndr-") == 2 and b"body" in got,
              "so are those with blanks before the colon")
        m.send(p.mail["bounce"], recipients=("alice@example.com", "dave@example.net"))
        got = m.take(2)
        check(all(b"X-NDR-Flag: NO" in g for g in got),
              "with a recipient that no window covers it is kept")
        big = p.mail["letter"] + b"0123456789012345678901234567890123456789\n" * 100000
        m.send(big, "bob@example.org")
        check(body(m.take()[0]) == body(big), "a large letter comes whole")
        large = p.mail["bounce"].replace(b"\n\n--", b"\n\n" + b"filler\n" * 200000 + b"\n--", 1)
        m.send(large)
        got = m.take()[0]
        check(b"X-NDR-Flag: YES" in got and body(got) == body(large),
              "so does a large bounce, stamped")

        text = p.windows.read_text()
        p.windows.write_text("windows: []\n")
        time.sleep(1.2)
        m.send(p.mail["bounce"])
        check(b"X-NDR-Flag: NO" in m.take()[0], "windows that changed count")
        p.spoil()
        time.sleep(1.2)
        m.send(p.mail["bounce"])
        check(b"X-NDR-Flag: NO" in m.take()[0], "bad ones do not")
        p.windows.write_text(text)
        milter.end()

        # killed while a message comes in: the client is told to come again
        milter = Milter(p)
        lines = p.mail["bounce"].replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        with smtplib.SMTP("127.0.0.1", 25, timeout=30) as smtp:
            smtp.ehlo("test.example")
            smtp.mail("")
            smtp.rcpt("alice@example.com")
            smtp.docmd("DATA")
            smtp.sock.sendall(lines[:100])
            milter.kill()
            smtp.sock.sendall(lines[100:] + b"\r\n.\r\n")
            code, words = smtp.getreply()
        check(code // 100 == 4 and not m.queued(),
              f"killed in the middle of a message: it waits: {code} {words}")

        code, words = m.send(p.mail["bounce"])
        check(code // 100 == 4, f"without the milter mail waits: {code} {words}")

        milter = Milter(p, "--junk-action", "reject")
        code, words = m.send(p.mail["bounce"])
        check(code == 550 and "5.7.1" in words, f"rejected: {code} {words}")
        m.send(p.mail["delayed"], recipients=("dave@example.net",))
        check(b"X-NDR-Flag: NO" in m.take()[0], "other bounces are not")
        milter.end()

        milter = Milter(p, "--junk-action", "quarantine")
        m.send(p.mail["bounce"])
        check(until(lambda: m.queued("hold")), "quarantined: it is on hold")
        subprocess.run(["postsuper", "-H", "ALL"], check=False, capture_output=True)
        m.flush()
        check(b"X-NDR-Flag: YES" in m.take()[0], "released, it is stamped")
        milter.end()

        milter = Milter(p, "--junk-action", "discard")
        check(m.send(p.mail["bounce"]) == (0, ""), "discarded: it is taken")
        m.send(p.mail["letter"], "bob@example.org")
        check(b"X-NDR-Flag: NO" in m.take()[0] and not m.queued(), "and thrown away")

        # it holds a message against 1,000 recipients; who comes behind gets a copy of his own
        with smtplib.SMTP("127.0.0.1", 25, "client.example.org", timeout=60) as smtp:
            smtp.ehlo()
            smtp.mail("")
            codes = [smtp.rcpt(f"user{i}@example.com")[0] for i in range(1002)]
            check(codes == [250] * 1000 + [451] * 2, "of 1,002 recipients two are asked to wait")
            code, words = smtp.data(p.mail["bounce"].replace(b"\n", b"\r\n"))
            check(code == 250, f"the others' message is taken: {code} {words}")
            smtp.mail("")
            check(smtp.rcpt("user1000@example.com")[0] == 250, "the two may come right behind")
        check(not m.queued() and not m.stored(), "it was held against all 1,000, and thrown away")
        milter.end()

        # a bounce that returns mail of ours, one that returns what was changed, and one of both
        identity = p.write("identity.yaml", IDENTITY)
        p.windows.write_text(text + "  - domain: football.example.com\n    from: 2008-05-13T08:00:00Z\n")
        milter = Milter(p, "--identity", str(identity), "--junk-action", "reject")
        ours = (TOP + PARTS.format(says=SAYS, returned=RECEIVED + SIGNED + FIELDS)).encode()
        to = ("joe@football.example.com",)
        check(m.send(ours, recipients=to) == (0, ""), "a bounce of our own mail is taken")
        got = m.take()[0]
        check(b"X-NDR-Flag: NO\n" in got and b"X-NDR-Evidence: ours proof=dkim-to" in got,
              "and stamped with its proof")
        code, words = m.send(ours.replace(b"dinner", b"lunch"), recipients=to)
        check(code == 550, f"one of a changed message is not: {code} {words}")
        m.send(b"X-NDR-Evidence: ours proof=dkim\n" + p.mail["letter"], "bob@example.org", to)
        check(b"X-NDR-Evidence" not in m.take()[0], "a forged stamp of it is taken out")
        milter.end()
