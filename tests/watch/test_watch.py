#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""test_watch.py NDRSCAN DATA - is mail that comes while `ndrscan watch` stays where it belongs?

Delivers, changes windows, kills and starves a watcher over Maildirs of its own, and counts
messages: none is lost, none is doubled. Says TAP.
"""
import contextlib
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

PROGRAM, DATA = (str(pathlib.Path(p).resolve()) for p in sys.argv[1:3])
DEADLINE = 60  # seconds, for what takes one or two on an idle machine
BOUNCE = (pathlib.Path(DATA) / "bounce.eml").read_bytes()
LETTER = (pathlib.Path(DATA) / "letter.eml").read_bytes()
RULES = ("--no-shipped-rules", "--rules", DATA + "/rules.yaml")
tests = []


def ok(good, sentence, seen=""):
    tests.append(good)
    print(f"{'ok' if good else 'not ok'} {len(tests)} - {sentence}", flush=True)
    if not good:
        print("\n".join("# " + line for line in str(seen)[-2000:].splitlines()), flush=True)


def until(condition):
    """Wait for it."""
    end = time.monotonic() + DEADLINE
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


class Place:
    """A folder with Maildirs, settings and state of its own."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ndrscan-watch-"))
        self.tree, self.stats = self.folder / "mail", self.folder / "stats.db"
        self.env = dict(os.environ, HOME=str(self.folder), XDG_CONFIG_HOME=str(self.folder / "config"),
                        XDG_STATE_HOME=str(self.folder / "state"), TZ="UTC")
        self.number, self.process, self.said = 0, None, []
        self.box = self.maildir("alice")

    def maildir(self, name):
        box = self.tree / name
        for half in ("tmp", "new", "cur"):
            (box / half).mkdir(parents=True, exist_ok=True)
        return box

    def deliver(self, text=BOUNCE, box=None, half="new", name=None):
        """As a mail server does: written to tmp, renamed."""
        self.number += 1
        box = box or self.box
        name = name or f"{int(time.time())}.M{self.number}P1.mx" + (":2," if half == "cur" else "")
        (box / "tmp" / name).write_bytes(text.replace(b"<", b"<%d." % self.number, 1) if text is LETTER else text)
        os.rename(box / "tmp" / name, box / half / name)
        return name

    def run(self, *words):
        done = subprocess.run([PROGRAM, *map(str, words)], env=self.env, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            ok(False, f"{words}", done.stderr)
        return done.stdout

    def block(self, *words):
        self.run("block", "example.com", "--from", "2008-05-13T00:00:00Z", *words)

    def start(self, *words, path=None, before=()):
        self.process = subprocess.Popen([*before, PROGRAM, "watch", *RULES, "--every", "1", "--poll", "2", *map(str, words),
                                         str(path or self.tree)], env=self.env, stderr=subprocess.PIPE, text=True)
        self.said = []

        def listen(stream, said):
            for line in stream:
                said.append(line)
        threading.Thread(target=listen, args=(self.process.stderr, self.said), daemon=True).start()
        if not until(lambda: self.says("watching")):
            ok(False, "it starts", self.said)

    def says(self, words):
        return any(words in line for line in self.said)

    def stop(self, sign=signal.SIGTERM):
        self.process.send_signal(sign)
        began = time.monotonic()
        status = self.process.wait(timeout=DEADLINE)
        return status, time.monotonic() - began

    def junk(self, box=None):
        box = box or self.box
        return sum(len(os.listdir(box / ".Junk" / half)) for half in ("new", "cur") if (box / ".Junk" / half).exists())

    def inbox(self, box=None):
        return sum(len(os.listdir((box or self.box) / half)) for half in ("new", "cur"))

    def close(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextlib.contextmanager
def place():
    it = Place()
    try:
        yield it
    finally:
        it.close()


def as_it_comes():
    with place() as p:
        p.deliver()
        p.start("--recursive")
        ok(until(lambda: p.says("no windows yet")), "without windows it waits for them", p.said)
        p.block()
        ok(until(lambda: p.junk() == 1 and p.inbox() == 0), "a window that is opened moves what lay there", p.said)
        p.deliver(LETTER)
        p.deliver()
        p.deliver(half="cur")
        ok(until(lambda: p.junk() == 3), "new mail follows, in new and in cur", p.said)
        ok(p.inbox() == 1, "and what is no bounce stays", p.inbox())
        bob = p.maildir("bob")
        p.deliver(box=bob)
        ok(until(lambda: p.junk(bob) == 1), "a Maildir that is made later is found", p.said)
        other = p.maildir("alice/.Lists")
        p.deliver(box=other)
        ok(until(lambda: p.junk() == 4), "and a folder", p.said)
        shutil.rmtree(bob)
        p.maildir("bob")
        time.sleep(0.1)
        p.deliver(box=bob)
        ok(until(lambda: p.junk(bob) == 1), "one that was removed and made again too", p.said)
        for n in range(50):  # gone before it is looked at
            os.unlink(p.box / "new" / p.deliver(LETTER))
        os.symlink("/dev/zero", p.box / "new" / "link")
        os.mkfifo(p.box / "new" / "fifo")
        p.deliver()
        ok(until(lambda: p.junk() == 5), "links, FIFOs and what is gone meanwhile are passed over", p.said)
        ok(not p.says("link") and not p.says("fifo") and not p.says("No such file"), "without a word", p.said)
        p.run("unblock", "example.com")
        windows = p.folder / "config" / "ndrscan" / "windows.d" / "ndrscan.yaml"
        good = windows.read_text()
        windows.write_text("windows: [")
        ok(until(lambda: p.says("nothing is moved until")), "bad windows are told", p.said)
        p.deliver()
        p.process.send_signal(signal.SIGHUP)
        ok(until(lambda: p.says("as SIGHUP asks")), "SIGHUP has it look at once", p.said)
        ok(p.junk() == 5, "and nothing has moved")
        windows.write_text("windows: []\n")
        ok(until(lambda: p.junk() == 0 and p.junk(bob) == 0), "windows that are withdrawn bring everything back", p.said)
        windows.write_text(good)
        ok(until(lambda: p.junk() == 6), "and given again", p.said)
        status, took = p.stop()
        ok(status == 0 and took < 5, "SIGTERM ends it", (status, took))
        ok(p.inbox() == 3, "all mail is there", os.listdir(p.box / "new"))


def by_the_clock():
    """The kernel does not tell: a namespace may have no watches."""
    deaf = ["unshare", "-Ur", "sh", "-c", 'echo 0 >/proc/sys/user/max_inotify_watches && exec "$@"', "sh"]
    if subprocess.run([*deaf, "true"], capture_output=True, check=False).returncode != 0:
        ok(True, "without inotify mail is found by the clock # SKIP no namespaces here")
        return
    with place() as p:
        p.block()
        p.start("--recursive", before=deaf)
        ok(p.says("looked for every 2 s"), "what the kernel does not tell of is told", p.said)
        p.deliver(half="cur")
        p.deliver(LETTER)
        ok(until(lambda: p.junk() == 1), "without inotify mail is found by the clock", p.said)
        name = p.deliver(BOUNCE, half="tmp")
        os.utime(p.box / "tmp" / name, (1, 1))
        os.rename(p.box / "tmp" / name, p.box / "new" / name)
        ok(until(lambda: p.junk() == 2 and p.inbox() == 1), "an old time of the file does not hide it", p.said)
        p.stop()


def a_storm():
    with place() as p:
        p.block()
        p.start("--recursive", "--stats", p.stats)
        for n in range(3000):
            p.deliver(BOUNCE if n % 3 else LETTER)
        ok(until(lambda: p.junk() == 2000 and p.inbox() == 1000), "3,000 messages at once", (p.junk(), p.inbox()))
        runs = p.run("runs").count("apply")
        ok(runs < 200, "are few runs", runs)
        p.stop()
        with sqlite3.connect(p.stats) as db:
            counted = db.execute("SELECT sum(bounces) FROM count").fetchone()[0]
        ok(counted is not None and counted > 0, "and counted", counted)


def overflow():
    """The kernel's queue is full, since nobody listens for a while."""
    most = int(pathlib.Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    with place() as p:
        p.block()
        p.start("--recursive")
        p.process.send_signal(signal.SIGSTOP)
        for n in range(most + 100):
            (p.box / "cur" / f".{n % 2}").touch()
        p.deliver()
        p.process.send_signal(signal.SIGCONT)
        ok(until(lambda: p.junk() == 1), "what the kernel forgot is found by the clock", p.said)
        p.stop()


def killed():
    with place() as p:
        p.block()
        sent = 0
        for n in range(12):
            p.start("--recursive")
            for _ in range(40):
                p.deliver(BOUNCE if sent % 2 else LETTER)
                sent += 1
            time.sleep(0.05 * n)
            p.stop(signal.SIGKILL)
        until(lambda: subprocess.run(["pgrep", "-f", str(p.tree)], capture_output=True, check=False).returncode != 0)
        p.start("--recursive")
        ok(until(lambda: p.junk() == sent // 2 and p.inbox() == sent // 2), "killed again and again: none lost, none doubled",
           (sent, p.junk(), p.inbox(), p.said))
        p.stop()


def two():
    with place() as p, place() as q:
        p.block()
        p.start("--recursive")
        q.env, q.tree, q.box = p.env, p.tree, p.box
        q.start("--recursive", path=p.tree)
        for n in range(200):
            p.deliver(BOUNCE if n % 2 else LETTER)
        ok(until(lambda: p.junk() == 100 and p.inbox() == 100), "two watchers over the same mail", (p.said, q.said))
        ok(p.stop()[0] == 0 and q.stop()[0] == 0, "both end")
        q.tree = q.folder


def calm():
    with place() as p:
        p.run("block", "quiet.example", "--until-calm", "--from", time.strftime(
            "%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 7200)))
        # counted since long, and silent: the file has to be as old as that
        p.run("scan", *RULES, "--quiet", "--output", "summary", "--stats", p.stats, DATA + "/bounce.eml")
        with sqlite3.connect(p.stats) as db:
            db.execute("INSERT INTO domain VALUES(9, 'other.example')")
            db.execute("INSERT INTO count VALUES(9, ?, 1, 1, 0)", (int(time.time()) // 300 * 300 - 8 * 86400,))
        db.close()
        p.start("--recursive", "--stats", p.stats)
        ok(until(lambda: p.says("quiet.example: ended the window")), "a window set until calm is ended", p.said)
        ok("watch unblocked quiet.example" in " ".join(p.run("windows", "history").split()), "in the name of watch",
           p.run("windows", "history"))
        p.stop()


def manager():
    """systemd hears of it."""
    with place() as p:
        p.block()
        path = str(p.folder / "notify")
        ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        ear.bind(path)
        ear.settimeout(DEADLINE)
        p.env["NOTIFY_SOCKET"] = path
        p.start("--recursive")
        ok(ear.recv(100) == b"READY=1", "it says when it is ready")
        p.stop(signal.SIGINT)
        ok(ear.recv(100) == b"STOPPING=1", "and when it ends")
        error = subprocess.run([PROGRAM, "watch"], capture_output=True, text=True, check=False, env=p.env)
        ok(error.returncode == 2 and "no MAILDIR" in error.stderr, "without a Maildir it is told", error.stderr)


as_it_comes()
by_the_clock()
a_storm()
overflow()
killed()
two()
calm()
manager()
print(f"1..{len(tests)}")
sys.exit(0 if all(tests) else 1)
