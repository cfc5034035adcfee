# SPDX-License-Identifier: BSD-3-Clause
"""stage.py - mail with a storm in it, its counts, and a console over them, for tests.

Stage(ndrscan) makes a folder of its own with settings and state in it, so that nothing of
the machine's is seen or changed. Use it with `with`; everything goes at its end.
"""
import email.utils
import http.client
import os
import pathlib
import random
import re
import shutil
import subprocess
import tempfile
import time

BOUNCE = """Return-Path: <>
Delivered-To: {user}@{domain}
Received: from mx.example.net (mx.example.net [192.0.2.1]) by mx.{domain} for <{user}@{domain}>; {date}
Date: {date}
From: MAILER-DAEMON@mx.example.net (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: {user}@{domain}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b{n}/mx"
Message-Id: <{n}.{at}@mx.example.net>

This is a MIME-encapsulated message.

--b{n}/mx
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.example.net.

--b{n}/mx
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; nobody{n}@example.net
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <script>alert(1)</script>

--b{n}/mx--
"""
LETTER = """Delivered-To: {user}@{domain}
Date: {date}
From: Bob <bob@example.net>
Subject: Lunch {n}
To: {user}@{domain}
Message-Id: <{n}.{at}@example.net>

At noon?
"""


class Stage:
    """A folder with mail/, counts and a running console."""

    def __init__(self, ndrscan, days=15, storm=600, listen="127.0.0.1:0"):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ndrscan-console-"))
        self.ndrscan = os.path.abspath(ndrscan)
        self.environment = dict(os.environ, HOME=str(self.folder), TZ="UTC",
                                XDG_CONFIG_HOME=str(self.folder / "config"),
                                XDG_STATE_HOME=str(self.folder / "state"))
        self.environment.setdefault("XDG_CACHE_HOME", str(self.folder / "cache"))
        self.state = self.folder / "state" / "ndrscan"
        self.windows = self.folder / "config" / "ndrscan" / "windows.d"
        self.mail = self.folder / "mail"
        self.state.mkdir(parents=True)
        self.listen, self.process, self.port, self.number = listen, None, 0, 0
        self.now = int(time.time())
        rng = random.Random(8)
        for hour in range(24 * days):
            for domain, usual in (("example.org", 3), ("shop.example.net", 2)):
                for _ in range(min(8, int(rng.expovariate(1 / usual)))):
                    self.deliver(domain, "alice", self.now - hour * 3600 - rng.randrange(3600))
        for i in range(storm):
            self.deliver("example.org", ("alice", "bob")[i % 2], self.now - rng.randrange(7200))
        for i in range(50):
            self.deliver("example.org", "alice", self.now - 60 * i, LETTER)

    def deliver(self, domain, user, at, text=BOUNCE):
        """Put one message into a Maildir."""
        self.number += 1
        box = self.mail / domain / user / "Maildir"
        for name in ("cur", "new", "tmp"):
            (box / name).mkdir(parents=True, exist_ok=True)
        (box / "cur" / f"{at}.M{self.number}P1.mx:2,").write_text(text.format(
            domain=domain, user=user, n=self.number, at=at, date=email.utils.formatdate(at)))

    def run(self, *words, check=True):
        """Run the command; its standard output."""
        done = subprocess.run([self.ndrscan, *map(str, words)], env=self.environment,
                              capture_output=True, text=True, check=False)
        if check and done.returncode != 0:
            raise SystemExit(f"ndrscan {words}: exit status {done.returncode}\n{done.stderr}")
        return done.stdout

    def count(self):
        """Keep the counts of all mail."""
        self.run("scan", "--quiet", "--output", "summary", "--stats", self.state / "stats.db",
                 "--recursive", self.mail)

    def start(self, *options, program=None):
        """Start the console, another one where `program` says so, and wait until it listens."""
        self.process = subprocess.Popen(
            [*(program or (self.ndrscan, "console")), "--listen", self.listen, "--mail", str(self.mail),
             *options], env=self.environment, stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            if "the token" in line:
                break
            found = re.search(r"listening on http://.*:(\d+)", line)
            if found:
                self.port = int(found.group(1))
        else:
            raise SystemExit("the console does not start")
        self.token = (self.state / "console.token").read_text().strip()

    def ask(self, method, path, body=None, **fields):
        """One request: (status, header, body). Names of fields with _ for -."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {name.replace("_", "-"): value for name, value in fields.items()}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        got = (answer.status, answer.headers, answer.read())
        connection.close()
        return got

    def junk(self):
        """How many messages lie in Junk folders."""
        return sum(1 for _ in self.mail.glob("*/*/Maildir/.Junk/cur/*"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=20)
        shutil.rmtree(self.folder, ignore_errors=True)


class Tap:
    """Test lines; exit status by finish()."""

    def __init__(self):
        self.count = self.bad = 0

    def ok(self, good, sentence, seen=""):
        """One test."""
        self.count += 1
        self.bad += not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {sentence}", flush=True)
        if not good and seen != "":
            print(f"# saw {str(seen)[:500]!r}", flush=True)

    def finish(self):
        """The plan."""
        print(f"1..{self.count}")
        return 1 if self.bad else 0
