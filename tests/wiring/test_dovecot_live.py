#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""test_dovecot_live.py NDRSCAN DATA - does Dovecot notice nothing amiss while apply and undo work?

A server with two clients that list, read and flag mail; 1,000 messages go to Junk and come
back, twice. Then each is there once, and the server's log has no complaint.
"""
import collections
import hashlib
import imaplib
import os
import random
import re
import subprocess
import sys
import threading
import time

import dovecot
from wiring import NOBODY, Place, check, in_namespaces, need, until

PORT, BOUNCES, LETTERS = 10143, 1000, 200

need("dovecot-core", "dovecot-imapd", "iproute2")
in_namespaces()


class Reader(threading.Thread):
    """A mail client: it may be told that a message has gone, and of no other trouble."""

    def __init__(self, seed):
        super().__init__()
        self.stop, self.trouble, self.rounds, self.read = threading.Event(), [], 0, 0
        self.rng = random.Random(seed)

    def look(self, imap, folder):
        kind, data = imap.select(folder)
        if kind != "OK":
            self.trouble.append(f"select {folder}: {data}")
            return
        count = int(data[0])
        if count == 0:
            return
        imap.fetch("1:*", "(UID FLAGS RFC822.SIZE)")
        for _ in range(20):
            number = str(self.rng.randint(1, count))
            _, data = imap.fetch(number, "(BODY.PEEK[])")
            for part in data:
                if isinstance(part, tuple):
                    self.read += 1
                    if b"\r\nnumber " not in part[1]:
                        self.trouble.append(f"message {number} of {folder} is not whole")
            imap.store(number, self.rng.choice(("+FLAGS", "-FLAGS")), r"(\Flagged \Seen)")

    def run(self):
        try:
            imap = imaplib.IMAP4("127.0.0.1", PORT, timeout=60)
            imap.login("alice", "secret")
            while not self.stop.is_set():
                self.look(imap, "INBOX")
                self.look(imap, "Junk")
                self.rounds += 1
            imap.logout()
        except (imaplib.IMAP4.error, OSError) as e:
            self.trouble.append(repr(e))


def contents(place):
    return collections.Counter(hashlib.sha256(m).digest() for f in ("", ".Junk") for m in place.stored(f))


with Place(*sys.argv[1:]) as p:
    run = p.path / "run"
    run.mkdir()
    log = p.path / "log"
    conf = p.write("dovecot.conf", dovecot.settings(p, log) + dovecot.one_password(p, "secret") + f"""protocols = imap
listen = 127.0.0.1
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {PORT}
  }}
}}
""")
    for i in range(BOUNCES + LETTERS):
        mail = p.mail["bounce" if i < BOUNCES else "letter"] + b"\nnumber %d\n" % i
        half, flags = (("new", ""), ("cur", ":2,S"), ("cur", ":2,FSa"))[i % 3]
        path = p.home / "Maildir" / half / f"{1210755000 + i}.M{i}P1.mx,S={len(mail)}{flags}"
        path.write_bytes(mail)
        os.chown(path, NOBODY, NOBODY)
    before = contents(p)
    env = dict(os.environ, LD_LIBRARY_PATH=str(p.path))

    def ndrscan(verb, *args):
        done = subprocess.run([str(p.path / "program"), verb, "--journal", str(p.path / "journal"), "--as-owner",
                               "--progress=json", *args], env=env, capture_output=True, check=False, timeout=60)
        return done.returncode, done.stderr.decode()

    def apply(*more):
        return ndrscan("apply", *more, "--no-shipped-rules", "--no-cache", "--rules", str(p.path / "rules.yaml"),
                       "--windows", str(p.windows), str(p.home / "Maildir"))

    server = subprocess.Popen(["dovecot", "-F", "-c", str(conf)], stdin=subprocess.DEVNULL)
    try:
        def answers():
            try:
                imaplib.IMAP4("127.0.0.1", PORT, timeout=5).logout()
                return True
            except (OSError, imaplib.IMAP4.error):
                return False
        check(until(answers), "Dovecot answers")
        readers = [Reader(5), Reader(6)]
        for r in readers:
            r.start()
        check(until(lambda: all(r.rounds > 0 for r in readers), 60), "clients list and read")
        moved = back = 0
        for again in ((), ("--again",)):  # what undo put back, too
            status, told = apply(*again)
            check(status in (0, 1), f"apply ends with {status} {told[-300:] if status else ''}")
            moved += int(re.search(r'"junked":(\d+)', told.splitlines()[-1])[1])
            time.sleep(0.5)
            status, told = ndrscan("undo")
            check(status in (0, 1), f"undo ends with {status} {told[-300:] if status else ''}")
            back += int(re.search(r'"released":(\d+)', told.splitlines()[-1])[1])
            time.sleep(0.5)
        for r in readers:
            r.stop.set()
            r.join(60)
        trouble = [t for r in readers for t in r.trouble]
        check(not trouble, f"no client was in trouble {trouble[:3]}")
        check(moved >= BOUNCES and back >= BOUNCES, f"{moved} went to Junk, {back} came back, meanwhile "
              f"{sum(r.rounds for r in readers)} listings, {sum(r.read for r in readers)} messages read")
        imap = imaplib.IMAP4("127.0.0.1", PORT, timeout=60)
        imap.login("alice", "secret")
        seen = sum(int(imap.select(f)[1][0]) for f in ("INBOX", "Junk"))
        imap.logout()
        check(seen == BOUNCES + LETTERS, f"Dovecot sees each message once: {seen}")
    finally:
        server.terminate()
        server.wait(30)
    check(contents(p) == before, "each is there once, byte for byte")
    # A message that comes back under its old name before all sessions have forgotten it is
    # given a new UID, and Dovecot says so; it does for a plain mv, too.
    usual = r"Expunged message reappeared, giving a new UID|Duplicate file entry at|Killed with signal 15"
    lines = [line for line in log.read_text(errors="replace").splitlines()
             if re.search(r"(Error|Panic|Fatal|Warning|Corrupted|Cached message size)", line)]
    complaints = [line for line in lines if not re.search(usual, line)]
    check(not complaints, f"Dovecot's log has no complaint, {len(lines) - 1} times a new UID {complaints[:3]}")
