#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""test_serve.py NDRSCAN DATA - do the server and its client say what the verbs say, whoever dies?

Asks with the client and with bytes of its own; the server must outlive all of it, and the
client must never end with 0 unless the whole message is out.
"""
import concurrent.futures
import os
import pathlib
import resource
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time

NDRSCAN, DATA = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
CLIENT = NDRSCAN.parent / "ndrscan-client"
MAIL = {n: (DATA / n).read_bytes() for n in ("bounce.eml", "delayed.eml", "letter.eml", "mixed.mbox")}
FROM = b"From dev@example.org Wed May 14 11:02:07 2008\n"
MAIL["from_line"] = FROM + MAIL["bounce.eml"].replace(b"\n\n", b"\n\n" + FROM + b"X-NDR-Flag: mine\n\n", 1)
MAIL["long_from_line"] = b"From " + b"a" * 9000 + FROM[4:] + MAIL["bounce.eml"]


def check(holds, why):
    if not holds:
        print("FAILED:", why)
        sys.exit(1)
    print("ok:", why)


def run(args, mail, **more):
    return subprocess.run([str(a) for a in args], input=mail, capture_output=True, check=False,
                          timeout=60, **more)


def until(question, seconds=20):
    end = time.monotonic() + seconds
    while not question() and time.monotonic() < end:
        time.sleep(0.02)
    return question()


class Server:
    def __init__(self, folder, *args):
        self.path = folder / "s"
        self.log = open(folder / "log", "w+b")
        self.options = ["--no-shipped-rules", "--rules", DATA / "rules.yaml", "--windows",
                        folder / "windows.yaml"]
        self.process = subprocess.Popen(
            [str(a) for a in (NDRSCAN, "filter", *self.options, "--serve", self.path, *args)],
            stderr=self.log)

    def said(self):
        self.log.flush()
        return pathlib.Path(self.log.name).read_bytes()

    def ready(self):
        return until(lambda: b"answering" in self.said() or self.process.poll() is not None) and \
            self.process.poll() is None

    def ask(self, *args, mail):
        return run([CLIENT, "--socket", self.path, *args], mail)

    def raw(self, data, end=True):
        """The answer to some bytes."""
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(str(self.path))
            s.settimeout(10)
            got = b""
            try:
                s.sendall(data)
                if end:
                    s.shutdown(socket.SHUT_WR)
                while chunk := s.recv(65536):
                    got += chunk
            except (BrokenPipeError, ConnectionResetError):
                pass
            return got


def question(verb=b"f", mail=b"", names=b"", envelope=b"", length=None, flags=0):
    return b"NDR1" + verb + bytes([0, flags, 0]) + struct.pack(
        ">IIQ", len(names), len(envelope), len(mail) if length is None else length) + \
        names + envelope + mail


def same_as_the_verbs(s):
    for name, mail in MAIL.items():
        for more in ([], ["--compat", "spamassassin"], ["--recipient", "x@example.com"],
                     ["--format", "mbox"]):
            mine = run([NDRSCAN, "filter", *s.options, *more], mail)
            its = s.ask("filter", *more, mail=mail)
            if (mine.returncode, mine.stdout) != (its.returncode, its.stdout) or mine.returncode:
                check(False, f"filter {name} {more}: {its.stderr.decode()}")
            if mine.stdout.count(b"X-NDR-Flag: mine") != mail.count(b"X-NDR-Flag: mine") and \
                    "mbox" not in more:
                check(False, f"filter {name} {more} changes the body")
        mine = run([NDRSCAN, "check", *s.options], mail)
        its = s.ask("check", mail=mail)
        if (mine.returncode, mine.stdout) != (its.returncode, its.stdout):
            check(False, f"check {name}: {its}")
    check(True, "the client puts out what the verbs put out, byte for byte")
    check(s.ask("filter", mail=b"").returncode == 75, "an empty message is 75")
    check(s.ask("check", "-q", mail=MAIL["bounce.eml"]).stdout == b"", "quiet is quiet")
    big = MAIL["letter.eml"] + b"x" * 79 + b"\n"
    big += b"0123456789" * (1 << 20)
    its = s.ask("filter", "--max-message", "64k", mail=big)
    check(its.returncode == 0 and its.stdout.endswith(big) and b"truncated=yes" in its.stdout,
          "a message over the limit comes whole")
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        got = list(pool.map(lambda i: s.ask("check", mail=MAIL["bounce.eml" if i % 2 else
                                                                "letter.eml"]).returncode,
                            range(200)))
    check(got == [i % 2 for i in range(200)], "200 clients, 16 at a time, each with its answer")


def hostile(s):
    check(s.raw(b"GET / HTTP/1.0\r\n\r\n" + b"x" * 100)[4:5] == bytes([76]), "other words are refused")
    check(s.raw(b"NDR2" + question()[4:])[4:5] == bytes([76]), "so is another version")
    check(s.raw(question(verb=b"z"))[4:5] == bytes([76]), "and another verb")
    check(s.raw(b"") == b"" and s.raw(b"NDR1") == b"", "half a head has no answer")
    check(s.raw(question(mail=b"abc", length=10)) == b"", "nor has half a message")
    check(s.raw(question(names=b"no end"))[4:5] == bytes([76]), "recipients end in a NUL each")
    check(s.raw(question(names=b"a@b\0" * 1001))[4:5] == bytes([76]), "and are not too many")
    many = [w for i in range(200) for w in ("--recipient", f"u{i}@example.com")]
    check(s.ask("check", *many, mail=MAIL["bounce.eml"]).returncode == 1, "200 recipients may be asked about")
    many += [w for i in range(1400) for w in ("--recipient", f"u{i}.{'x' * 60}@example.com")]
    for verb in ("check", "filter"):
        junk = s.ask(verb, *many, mail=MAIL["bounce.eml"])
        kept = s.ask(verb, *many, "--recipient", "u@example.net", mail=MAIL["bounce.eml"])
        answers = (junk.returncode, kept.returncode) if verb == "check" else \
            (junk.stdout[:15], kept.stdout[:14])
        check(answers in ((1, 0), (b"X-NDR-Flag: YES", b"X-NDR-Flag: NO")),
              f"{verb}: 1,600 recipients in 130 kB may be asked about, and the last one counts {answers}")
    check(s.ask("check", "--recipient", "x" * 100000 + "@example.com", mail=MAIL["bounce.eml"]).returncode < 2,
          "so may one of 100 kB")
    huge = b"NDR1f\0\0\0" + struct.pack(">IIQ", 0xffffffff, 0, 1)
    check(s.raw(huge)[4:5] == bytes([76]), "lengths beyond the limits are refused")
    huge = b"NDR1f\0\0\0" + struct.pack(">IIQ", 0, 0, 0xffffffffffffffff) + b"x" * 100000
    check(s.raw(huge) == b"", "a length that never comes takes no memory for it")
    good = s.raw(question(mail=MAIL["bounce.eml"]), end=False)
    check(good[4:5] == b"\0" and good[12:].startswith(b"X-NDR-Flag: YES\n"), "and a good question is answered")
    check(s.process.poll() is None, "the server lives")


def crowd(s, how, count, first=b""):
    """So many connections that ask nothing, or say `first` and no more."""
    held = []
    for _ in range(count):
        c = socket.socket(socket.AF_UNIX)
        # not settimeout: where the queue is full, a socket that may not wait is refused at once
        c.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", 20, 0))
        c.connect(str(s.path))
        try:
            c.sendall(first)
        except (BrokenPipeError, ConnectionResetError):
            pass
        held.append(c)
    begun = time.monotonic()
    got = [s.ask("check", mail=MAIL[n]).returncode for n in ("bounce.eml", "letter.eml") * 3]
    took = time.monotonic() - begun
    check(got == [1, 0] * 3 and took < 15, f"{count} {how} hold nobody up ({took:.1f} s)")
    big = MAIL["letter.eml"] + b"x" * 300000
    check(s.ask("filter", mail=big).stdout.endswith(big), "nor a large message")
    return held


def idle(s):
    held = crowd(s, "that ask nothing", 400)
    held[0].settimeout(20)
    check(held[0].recv(1) == b"", "and are sent away")
    for c in held:
        c.close()
    for how, count, first in (
            ("that stop in their head", 400, question(mail=b"x")[:20]),
            ("that stop in their message", 300, question(mail=b"x" * 100, length=60000)),
            # places for large ones are few: who has them all of one user's is cut off in ten seconds
            ("that stop in a large one", 3, question(mail=b"x" * 100, length=300000)),
            ("at once, more than there is room for", 1500, b"")):
        for c in crowd(s, how, count, first):
            c.close()


def full_queue(folder):
    """A client waits for its turn while the server's queue is full, as long as it was told."""
    place = folder / "full"
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as first:
        listener.bind(str(place))
        listener.listen(0)
        first.connect(str(place))
        begun = time.monotonic()
        late = run([CLIENT, "--socket", place, "--timeout", "1", "filter"], MAIL["bounce.eml"])
        took = time.monotonic() - begun
        check(late.returncode == 75 and late.stdout == b"" and took >= 1 and b"timed out" in late.stderr,
              f"a queue that stays full is 75, in time {late.stderr.decode()}")
        with subprocess.Popen([str(CLIENT), "--socket", str(place), "check"], stdin=subprocess.PIPE) as client:
            client.stdin.write(MAIL["bounce.eml"])
            client.stdin.close()
            time.sleep(0.5)
            check(client.poll() is None, "the queue is full: it waits")
            listener.accept()[0].close()
            conn, _ = listener.accept()
            conn.recv(24)
            conn.sendall(b"NDR1\1\0\0\0" + struct.pack(">I", 0))
            check(client.wait(30) == 1, "and is answered when its turn comes")
            conn.close()


def deaths(s, folder):
    """A client whose server dies, waits or lies."""
    lies = [b"", b"NDR1", b"NDR1\0\0\0\0" + struct.pack(">I", 50) + b"X-NDR-Flag: YES\n",
            b"HTTP/1.1 200 OK\r\n\r\n", b"NDR1\x45\0\0\0" + struct.pack(">I", 4) + b"away"]
    place = folder / "liar"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(place))
        listener.listen(1)
        for lie in lies:
            client = subprocess.Popen([str(CLIENT), "--socket", str(place), "filter"],
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      stderr=subprocess.PIPE)
            client.stdin.write(MAIL["bounce.eml"])
            client.stdin.close()
            conn, _ = listener.accept()
            conn.recv(24)
            conn.sendall(lie)
            conn.close()
            out = client.stdout.read()
            check(client.wait(30) == 75 and out == b"", f"an answer like {lie[:20]} is 75 and no output")
            client.stdout.close()
            client.stderr.close()
        slow = run([CLIENT, "--socket", place, "--timeout", "1", "filter"], MAIL["bounce.eml"])
        check(slow.returncode == 75 and slow.stdout == b"", "no answer in time is 75")
    full_queue(folder)
    for verb in ("filter", "check"):
        gone = run([CLIENT, "--socket", folder / "none", verb], MAIL["bounce.eml"])
        check(gone.returncode == 75 and gone.stdout == b"", f"{verb} without a server is 75")
    check(run([CLIENT, "--no-such", "filter"], b"").returncode == 75, "a usage mistake of filter is 75")
    check(run([CLIENT, "--no-such", "check"], b"").returncode == 64, "one of check is 64")
    with open("/dev/full", "wb") as full:
        done = subprocess.run([str(CLIENT), "--socket", str(s.path), "filter"], input=MAIL["bounce.eml"],
                              stdout=full, stderr=subprocess.DEVNULL, check=False)
    check(done.returncode == 75, "a full disk is 75")


def reload(s, folder):
    bounce = MAIL["bounce.eml"]
    (folder / "windows.yaml").write_text("windows: []\n")
    time.sleep(1.1)
    check(s.ask("check", mail=bounce).returncode == 0, "windows that changed count")
    (folder / "windows.yaml").write_text("windows: 7\n")
    time.sleep(1.1)
    check(s.ask("check", mail=bounce).returncode == 0 and b"old ones stay" in s.said(), "bad ones do not")
    (folder / "windows.yaml").write_bytes((DATA / "windows.yaml").read_bytes())
    s.process.send_signal(signal.SIGHUP)
    # the signal reaches the server when the machine has time for it; before a second is over
    # nothing but the signal would have the files looked at
    check(until(lambda: s.ask("check", mail=bounce).returncode == 1, 0.7), "SIGHUP has them read at once")


def clock(folder):
    """A server that judges by its clock: a window ends while it stays."""
    place = folder / "clock"
    place.mkdir()
    end = time.time() + 4
    (place / "windows.yaml").write_text(
        "windows: [{domain: example.com, from: 2008-05-13T00:00:00Z, until: "
        + time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(end)) + "}]\n")
    s = Server(place, "--clock", "now", "-j", "1")
    try:
        check(s.ready() and s.ask("check", mail=MAIL["bounce.eml"]).returncode == 1,
              "a window that is open now takes a bounce of long ago")
        time.sleep(max(0.0, end + 1.1 - time.time()))
        check(s.ask("check", mail=MAIL["bounce.eml"]).returncode == 0, "and none once it has ended")
    finally:
        s.process.kill()
        s.process.wait()


def ends(s, folder):
    other = Server(folder)
    check(other.process.wait(30) == 75 and s.process.poll() is None, "a second server gives way")
    s.process.send_signal(signal.SIGTERM)
    check(s.process.wait(30) == 0 and not s.path.exists(), "SIGTERM ends it, and the socket is gone")
    killed = Server(folder, "--socket-mode", "660", "-j", "2")
    check(killed.ready() and (killed.path.stat().st_mode & 0o777) == 0o660, "it has the mode that was asked for")
    killed.process.kill()
    killed.process.wait()
    check(killed.path.exists(), "a killed one leaves its socket")
    again = Server(folder)
    check(again.ready() and (again.path.stat().st_mode & 0o777) == 0o600, "which the next one replaces")
    # what is under way is finished
    with socket.socket(socket.AF_UNIX) as slow:
        slow.settimeout(20)
        slow.connect(str(again.path))
        whole = question(mail=MAIL["bounce.eml"])
        slow.sendall(whole[:200])
        time.sleep(0.3)
        again.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        slow.sendall(whole[200:])
        check(slow.recv(65536)[4:5] == b"\0", "a question under way is answered")
    check(again.process.wait(30) == 0, "then it ends")
    (folder / "s").write_text("mine")
    wrong = Server(folder)
    check(wrong.process.wait(30) == 75 and (folder / "s").read_text() == "mine", "a file in its place is left alone")
    (folder / "s").unlink()


def kept_statistics(folder):
    """Another program keeps the file of statistics when the server starts."""
    path = folder / "stats.db"
    run([NDRSCAN, "scan", "-q", "--output", "summary", "--stats", path, DATA / "letter.eml"], b"")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    began = time.monotonic()
    s = Server(folder, "--stats", path)
    try:
        check(s.ready() and time.monotonic() - began < 8, "a server does not wait for who keeps its statistics")
        check(s.ask("check", mail=MAIL["bounce.eml"]).returncode == 1, "it answers")
        other.execute("ROLLBACK")
        check(until(lambda: other.execute("SELECT sum(bounces) FROM count").fetchone()[0] == 1),
              f"and counts that bounce when it can {s.said()}")
        other.close()
    finally:
        s.process.terminate()
        s.process.wait()
    check(b"without being counted" not in s.said(), "without a word")


def main():
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory(prefix="ndr-serve-") as name:
        folder = pathlib.Path(name)
        (folder / "windows.yaml").write_bytes((DATA / "windows.yaml").read_bytes())
        s = Server(folder)
        try:
            check(s.ready(), f"the server answers {s.said()}")
            check((s.path.stat().st_mode & 0o777) == 0o600, "only its owner may ask")
            same_as_the_verbs(s)
            hostile(s)
            idle(s)
            deaths(s, folder)
            reload(s, folder)
            clock(folder)
            ends(s, folder)
            kept_statistics(folder)
        finally:
            s.process.kill()


main()
