#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""test_watch.py NDRSCAN DATA [LATER] - is mail that comes while `ndrscan watch` stays where it belongs?

Delivers, changes windows, kills and starves a watcher over Maildirs of its own, and counts
messages: none is lost, none is doubled. Says TAP.
"""
import contextlib
import os
import pathlib
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from tap import DEADLINE, ended, ok, until # pylint: disable=wrong-import-position

PROGRAM, DATA = (str(pathlib.Path(p).resolve()) for p in sys.argv[1:3])
LATER = str(pathlib.Path(sys.argv[3]).resolve()) if len(sys.argv) > 3 else None  # a clock to be moved on
SANITIZED = any(name in pathlib.Path(PROGRAM).read_bytes() for name in (b"__asan_init", b"__tsan_init"))
BOUNCE = (pathlib.Path(DATA) / "bounce.eml").read_bytes()
LETTER = (pathlib.Path(DATA) / "letter.eml").read_bytes()
RULES = ("--no-shipped-rules", "--rules", DATA + "/rules.yaml")


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

    def asks(self, *words):
        """The exit status, for what may be refused."""
        return subprocess.run([PROGRAM, *map(str, words)], env=self.env, capture_output=True, check=False).returncode

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

    def own_windows(self):
        """What block and unblock write."""
        return self.folder / "config" / "ndrscan" / "windows.d" / "ndrscan.yaml"

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
        windows = p.folder / "config" / "ndrscan" / "windows.d" / "ndrscan.yaml"
        good = windows.read_text()
        windows.write_text("windows: [")
        ok(until(lambda: p.says("the old ones stay in force")), "bad windows are told", p.said)
        p.deliver()
        ok(until(lambda: p.junk() == 6), "and new mail is judged by the old ones", p.said)
        p.deliver(BOUNCE)
        p.process.send_signal(signal.SIGHUP)
        ok(until(lambda: p.junk() == 7), "after SIGHUP too", p.said)
        ok(p.junk(bob) == 1, "and nothing came back")
        windows.write_text("windows: []\n")
        ok(until(lambda: p.junk() == 0 and p.junk(bob) == 0), "windows that are withdrawn bring everything back", p.said)
        windows.write_text(good)
        ok(until(lambda: p.junk() + p.junk(bob) == 8), "and given again", p.said)
        os.unlink(windows)
        (windows.parent / "other.yml").write_text(good)
        ok(until(lambda: len([s for s in p.said if "have changed" in s]) > 4) and p.junk() + p.junk(bob) == 8, "under another name", p.said)
        status, took = p.stop()
        ok(status == 0 and took < 5, "SIGTERM ends it", (status, took))
        ok(p.inbox() == 3, "all mail is there", os.listdir(p.box / "new"))


def defaults():
    """What ndrscan.yaml says of all verbs is nothing to those that the watcher starts."""
    with place() as p:
        settings = p.folder / "config" / "ndrscan"
        p.block()
        (settings / "ndrscan.yaml").write_text(
            f"all:\n  stats: {p.stats}\n  quiet: true\n  dry-run: true\n  output: jsonl\n"
            "apply:\n  release: true\n  only-domain: nobody.example\nscan: {emit: all, format: mbox, zstd: true}\n")
        p.deliver()
        p.start("--recursive")
        ok(until(lambda: p.junk() == 1), "with defaults that apply would refuse, what lies there is moved", p.said)
        p.deliver()
        ok(until(lambda: p.junk() == 2), "and new mail is", p.said)
        ok(until(lambda: sum("to Junk" in line for line in p.said) == 2), "it hears of both", p.said)
        p.stop()
        ok(not p.says("--stats") and not p.says("--from-verdicts"), "nothing is refused", p.said)
        ok(p.stats.exists(), "and statistics are kept")


def folders():
    """Folders come and go, and nobody looks by the clock for an hour."""
    with place() as p:
        p.block()
        p.start("--recursive", "--poll", "3600")
        bob = p.maildir("bob")
        ok(until(lambda: p.says("watching")), "it watches")
        time.sleep(1)
        p.deliver(box=bob)
        ok(until(lambda: p.junk(bob) == 1), "a new Maildir is told of by the kernel", p.said)
        lists = p.maildir("bob/.Lists")
        p.deliver(box=lists)
        ok(until(lambda: p.junk(bob) == 2), "and a new folder in it, with what lies there", p.said)
        p.stop()
        p.start("--recursive")
        other = p.folder / "other"
        for half in ("new", "cur", "tmp"):
            (other / half).mkdir(parents=True)
        p.deliver(box=other)
        time.sleep(1.1)  # older than what is there
        p.deliver(LETTER, box=bob)
        os.rename(bob, p.folder / "away")
        os.rename(other, bob)
        ok(until(lambda: p.junk(bob) == 1), "a folder that is given another's name is looked through", p.said)
        p.deliver(box=bob)
        ok(until(lambda: p.junk(bob) == 2), "and listened to", p.said)
        p.stop()


def long():
    """Many messages, many runs: the watcher itself does not grow."""
    def resident():
        status = pathlib.Path(f"/proc/{p.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])  # KiB

    with place() as p:
        p.block()
        p.start("--recursive")
        for n in range(10000):
            p.deliver(BOUNCE if n % 2 else LETTER)
        ok(until(lambda: p.junk() == 5000 and p.inbox() == 5000), "10,000 messages at once", (p.junk(), p.inbox(), p.said))
        before = resident()
        for n in range(8):
            p.deliver()
            if not until(lambda: p.junk() == 5001 + n):
                break
        for n in range(5000):
            p.deliver(LETTER)
        p.deliver()
        ok(until(lambda: p.junk() == 5009), "and more of them, run after run", (p.junk(), p.said))
        if SANITIZED:
            ok(True, "take no more memory # SKIP a sanitizer keeps what is freed")
        else:
            ok(resident() < before + 2048, "take no more memory", (before, resident()))
        p.stop()


def disorder():
    """Files that are bad from the start."""
    with place() as p:
        bad = p.folder / "windows.yaml"
        bad.write_text("windows: [")
        p.deliver()
        p.start("--windows", bad, path=p.box)
        ok(until(lambda: p.says("nothing is moved until")), "windows in disorder at the start are told", p.said)
        p.deliver()
        bad.write_text("windows:\n  - {domain: example.com, from: 2008-05-13T00:00:00Z, until: 2100-01-01T00:00:00Z}\n"
                       "  - {domain: example.com, from: 2008-05-14T00:00:00Z, until: 2100-01-01T00:00:00Z}\n")
        ok(until(lambda: p.junk() == 2), "what came is judged once they are mended", p.said)
        p.deliver()
        ok(until(lambda: p.junk() == 3), "and what comes", p.said)
        warned = [s for s in p.said if "overlaps" in s]
        ok(len(warned) == 1 and str(bad) in warned[0], "a warning is told once, with the file's name", warned)
        rules = p.folder / "rules.yaml"
        p.stop()
        rules.write_text("rules: []\n")
        p.start("--windows", bad, "--rules", rules, path=p.box)
        p.deliver()
        ok(until(lambda: p.junk() == 4), "with good rules it begins", p.said)
        rules.write_text("rules: [")
        ok(until(lambda: p.says("the old ones stay in force")), "bad rules are told", p.said)
        p.deliver()
        ok(until(lambda: p.junk() == 5), "and the old ones stay", p.said)
        p.stop()


def mapped():
    """Whose a mailbox is, by a map that is edited meanwhile."""
    with place() as p:
        whose = p.folder / "mailboxes"
        whose.write_text(f"{p.box} example.net\n")
        p.block()
        p.deliver()
        p.start("--recursive", "--recipient-map", whose)
        p.deliver()
        time.sleep(2)
        ok(p.junk() == 0 and p.inbox() == 2, "mail in a mailbox of another domain stays, whatever its header says", p.said)
        whose.write_text(f"{p.box} example.com\n")
        ok(until(lambda: p.junk() == 2), "a map that is edited counts at once, for what lies there", p.said)
        whose.write_text(f"{p.box} example.net\n{p.box} example.com\n")
        ok(until(lambda: p.says("mailboxes:2: ") and p.says("the last good one is used until 20")), "a bad one is told", p.said)
        p.deliver()
        ok(until(lambda: p.junk() == 3), "and the old one stays", p.said)
        whose.unlink()
        time.sleep(1.5)
        p.deliver()
        ok(until(lambda: p.junk() == 4), "so it does when it is gone", p.said)
        p.run("unblock", "example.com")
        ok(until(lambda: p.says("no window is in force")), "a window that is ended meanwhile is seen", p.said)
        p.own_windows().write_text("windows: []\n")
        ok(until(lambda: p.junk() == 0 and p.inbox() == 4), "one that is taken out brings back its mail", p.said)
        p.block()
        ok(until(lambda: p.junk() == 4), "one that is opened counts", p.said)
        whose.write_text(f"{p.box} example.net\n")
        ok(until(lambda: p.junk() == 0 and p.inbox() == 4), "a good one brings back what is not junk by it", p.said)
        p.stop()
        # of one file: a folder that cannot be opened would look changed when it can
        windows = p.folder / "one.yaml"
        windows.write_text("windows:\n  - {domain: example.com, from: 2008-05-13T00:00:00Z, until: 2100-01-01T00:00:00Z}\n")
        p.start("--recursive", "--recipient-map", whose, "--windows", windows)
        ok(until(lambda: p.says("windows: 1 in force")), "it begins", p.said)
        time.sleep(2)
        whole, hard = resource.prlimit(p.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(p.process.pid, resource.RLIMIT_NOFILE, (3, hard))
        whose.write_text(f"{p.box} example.com\n")
        ok(until(lambda: p.says("Too many open files") and p.says("the old ones stay in force")), "a map that cannot be opened is told",
           p.said)
        time.sleep(6)
        resource.prlimit(p.process.pid, resource.RLIMIT_NOFILE, (whole, hard))
        ok(until(lambda: p.junk() == 4), "and tried again, though it does not change", p.said)
        ok(len([s for s in p.said if "recipient-map" in s and "Too many" in s]) == 1, "it is told once", p.said)
        p.stop()


def linked():
    """Whose a mailbox is, where an operand has a link in it."""
    with place() as p:
        whose = p.folder / "mailboxes"
        whose.write_text(f"{p.box} example.com\n")
        link = p.folder / "link"
        link.symlink_to(p.tree)
        for asked in (("--recipient-map", whose), ("--recipient-path", f"{p.folder}/{{domain}}/{{user}}/")):
            for path in (link, link / "alice", f"{p.box}/../alice"):
                r = subprocess.run([PROGRAM, "watch", *RULES, *map(str, asked), str(path)], env=p.env, capture_output=True, text=True,
                                   check=False, timeout=DEADLINE)
                ok(r.returncode == 2 and f"as '{p.tree}" in r.stderr, f"{asked[0]}: a link in an operand is refused", r.stderr)
        p.block()
        p.deliver()
        p.start("--recursive", "--recipient-map", whose, path=f"{p.folder}//./mail/")
        ok(until(lambda: p.junk() == 1), "a slash too many is none", p.said)
        p.stop()
        p.start("--recursive", path=link)
        p.deliver()
        ok(until(lambda: p.junk() == 2), "nor is a link where no path says whose mail it is", p.said)
        p.stop()


def map_grace():
    """A map that is bad for longer than a slip of the pen."""
    if LATER is None:
        ok(True, "after five minutes with a bad map nothing moves # SKIP a sanitizer is preloaded first")
        return
    with place() as p:
        whose, later = p.folder / "mailboxes", p.folder / "later"
        good = f"{p.box} example.com\n"
        p.env.update(LD_PRELOAD=LATER, NDR_LATER=str(later))
        whose.write_text(good)
        p.block()
        p.deliver()
        p.start("--recursive", "--recipient-map", whose)
        ok(until(lambda: p.junk() == 1), "with a good map junk goes", p.said)
        whose.write_text("")
        ok(until(lambda: p.says("the last good one is used until")), "a bad map is told", p.said)
        later.write_text("240")
        p.deliver()
        ok(until(lambda: p.junk() == 2), "after four minutes the old one is used", p.said)
        later.write_text("301")
        ok(until(lambda: p.says("has not been in order for 5 minutes: nothing is moved")), "that it is over is told", p.said)
        p.deliver()
        p.own_windows().write_text("windows: []\n")
        time.sleep(4)
        ok(p.junk() == 2 and p.inbox() == 1, "then nothing moves, in or out", p.said)
        p.block()
        time.sleep(2)
        ok(p.junk() == 2 and p.inbox() == 1, "whatever the windows say", p.said)
        whose.write_text(good)
        ok(until(lambda: p.junk() == 3), "a good one makes good for it", p.said)
        p.stop()


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
        sent = 2
        for why, at in (("a folder whose time is in the future", 1900000000), ("whose time went back", 1000000000),
                        ("whose time is that of the epoch", 0)):
            os.utime(p.box / "new", (at, at))
            time.sleep(3)  # it has been looked at
            for again in ("", ", again"):
                p.deliver()
                sent += 1
                ok(until(lambda: p.junk() == sent), f"{why} does not hide what comes{again}", p.said)
        before = os.stat(p.box / "new")
        p.deliver()
        sent += 1
        os.utime(p.box / "new", ns=(before.st_mtime_ns, before.st_mtime_ns))
        ok(until(lambda: p.junk() == sent), "a time that is set back behind a delivery does not hide it", p.said)
        p.stop()


def away():
    """A Maildir's file system is not mounted for a while: what happened meanwhile is made good for."""
    def inside(*words):
        return subprocess.run(["nsenter", "--preserve-credentials", "-U", "-m", "-t", str(p.process.pid), *map(str, words)],
                              capture_output=True, check=False).returncode == 0

    try:
        disk = pathlib.Path(tempfile.mkdtemp(prefix="ndrscan-watch-", dir="/dev/shm"))
    except OSError:
        disk = None
    with place() as p:
        shutil.rmtree(p.box)
        mount = ["unshare", "-Urm", "sh", "-c", f"mount --bind '{disk}' '{p.tree}' && exec \"$@\"", "sh"]
        try:
            if disk is None or os.stat(disk).st_dev == os.stat(p.tree).st_dev or subprocess.run(
                    [*mount, "true"], capture_output=True, check=False).returncode != 0:
                ok(True, "Maildirs that come back are looked through # SKIP no second file system here")
                return
            box = disk / "alice"
            for half in ("tmp", "new", "cur"):
                (box / half).mkdir(parents=True)
            p.block("--until-calm")
            p.deliver(box=box)
            p.start("--recursive", "--stats", p.stats, before=mount)
            ok(until(lambda: p.junk(box) == 1), "a tree on another file system", p.said)
            if not inside("umount", p.tree):
                ok(True, "Maildirs that come back are looked through # SKIP no nsenter here")
                return
            (p.folder / "config" / "ndrscan" / "windows.d" / "ndrscan.yaml").write_text("windows: []\n")
            ok(until(lambda: p.says("have changed")), "the windows are withdrawn while it is away", p.said)
            time.sleep(4)
            ok(p.junk(box) == 1, "its mail is left alone")
            inside("mount", "--bind", disk, p.tree)
            ok(until(lambda: p.junk(box) == 0 and p.inbox(box) == 1), "and comes back when it is mounted again", p.said)
            ok(p.says("are there again"), "and that is told", p.said)
            p.stop()
        finally:
            shutil.rmtree(disk or p.folder, ignore_errors=True)


def emptied():
    """Empty folders lie where the mail was: they say nothing of it."""
    def gone():
        return [line for run in (p.folder / "state" / "ndrscan" / "journal").glob("*.run")
                for line in run.read_text().splitlines() if " gone " in line]

    with place() as p:
        p.block()
        for half in ("new", "cur"):
            for _ in range(3):
                p.deliver(half=half)
        p.start("--recursive", path=p.tree)
        ok(until(lambda: p.says("6 to Junk")), "junk goes before the mail is away", p.said)
        p.stop()
        for run in (p.folder / "state" / "ndrscan" / "journal").glob("*.run"):  # killed behind its renames: all is in flight
            run.write_text("".join(line for line in run.read_text().splitlines(True)
                                   if line.split(" ")[1].strip() not in ("done", "end")))
        (p.folder / "config" / "ndrscan" / "windows.d" / "ndrscan.yaml").write_text("windows: []\n")
        os.rename(p.tree, p.folder / "away")
        p.start("--recursive", path=p.tree)
        for stand_in in (p.tree.mkdir, lambda: p.maildir("alice"), lambda: p.maildir("alice/.Junk")):
            stand_in()
            p.process.send_signal(signal.SIGHUP)
            time.sleep(3)  # it has looked through all of that
        ok(not gone() and p.inbox() == 0, "nothing is settled as gone", gone())
        shutil.rmtree(p.tree)
        os.rename(p.folder / "away", p.tree)
        p.process.send_signal(signal.SIGHUP)
        ok(until(lambda: p.junk() == 0 and p.inbox() == 6), "what is withdrawn comes back when the mail is", (p.said, gone()))
        p.stop()


def alone():
    """A pass that moved nothing keeps nobody waiting; one that did is followed by a rest."""
    with place() as p:
        p.block()
        p.start("--recursive", "--every", "3600")
        time.sleep(1.5)  # the first pass finds nothing
        p.deliver()
        ok(until(lambda: p.junk() == 1), "after a pass over everything that moved nothing, a message is moved at once", p.said)
        p.stop()
        p.start("--recursive", "--every", "3600")
        time.sleep(1.5)
        for n in range(3):
            p.deliver(LETTER)
            time.sleep(1.5)  # it is judged
        began = time.monotonic()
        p.deliver()
        ok(until(lambda: p.junk() == 2), "and after passes over what is no junk", p.said)
        ok(True, f"within {time.monotonic() - began:.1f} s")
        p.deliver()
        time.sleep(3)
        ok(p.junk() == 2, "what comes behind a message that was moved is gathered", p.junk())
        p.stop()


def a_stream():
    """Mail that is no junk, one message after another: few processes, and a bounce among it is moved soon."""
    with place() as p:
        p.block()
        p.start("--recursive", "--every", "3600")
        time.sleep(1.5)
        children = pathlib.Path(f"/proc/{p.process.pid}/task/{p.process.pid}/children")
        if not children.exists():
            ok(True, "a stream of letters has few runs # SKIP the kernel does not tell of children")
            return
        seen, end, next_at = set(), time.monotonic() + 10, 0
        while time.monotonic() < end:
            if time.monotonic() >= next_at:
                p.deliver(LETTER)
                next_at = time.monotonic() + 0.1
            seen.update(children.read_text().split())
            time.sleep(0.004)
        ok(len(seen) <= 10, "a stream of letters has few runs", len(seen))
        began, took = time.monotonic(), None
        p.deliver()
        while p.junk() == 0 and time.monotonic() < began + DEADLINE:
            p.deliver(LETTER)
            time.sleep(0.1)
        took = time.monotonic() - began
        ok(p.junk() == 1 and took < (DEADLINE if SANITIZED else 6), f"a bounce among them is moved ({took:.1f} s)", p.said)
        p.stop()


def kept_statistics():
    """Another program keeps the file of statistics: mail is moved, and counted when it can be."""
    with place() as p:
        p.block()
        p.run("scan", *RULES, "--quiet", "--output", "summary", "--stats", p.stats, DATA + "/letter.eml")
        other = sqlite3.connect(p.stats, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        p.deliver()
        began = time.monotonic()
        p.start("--recursive", "--stats", p.stats)
        ok(until(lambda: p.junk() == 1) and time.monotonic() - began < (DEADLINE if SANITIZED else 8),
           f"who keeps the statistics is not waited for ({time.monotonic() - began:.1f} s)", p.said)
        other.execute("ROLLBACK")
        ok(until(lambda: other.execute("SELECT sum(bounces) FROM count").fetchone()[0] == 1), "and it is counted", p.said)
        other.close()
        p.stop()


def nothing_there():
    """A folder that comes without Maildirs in it is not what was there."""
    with place() as p:
        p.block()
        p.deliver(LETTER)
        os.rename(p.tree, p.folder / "away")
        p.start("--recursive")
        p.tree.mkdir()
        time.sleep(5)  # it has been looked at twice
        ok(not p.says("again"), "an empty mount point is not told as Maildirs that are there again", p.said)
        p.tree.rmdir()
        os.rename(p.folder / "away", p.tree)
        ok(until(lambda: p.says("Maildirs are there again")), "they are when they are", p.said)
        p.deliver()
        ok(until(lambda: p.junk() == 1), "and what comes into them is judged", p.said)
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
        again = subprocess.run([PROGRAM, "watch", *RULES, str(p.tree)], env=p.env, capture_output=True, text=True, check=False,
                               timeout=DEADLINE)
        ok(again.returncode == 75 and "another 'ndrscan watch'" in again.stderr, "a second watcher of the same journal is refused",
           again)
        q.env, q.tree, q.box = p.env, p.tree, p.box
        q.start("--recursive", "--journal", q.folder / "journal", path=p.tree)
        for n in range(200):
            p.deliver(BOUNCE if n % 2 else LETTER)
        ok(until(lambda: p.junk() == 100 and p.inbox() == 100), "two watchers over the same mail, with a journal each",
           (p.said, q.said))
        ok(p.stop()[0] == 0 and q.stop()[0] == 0, "both end")
        q.tree = q.folder


def calm():
    with place() as p:
        p.run("block", "quiet.example", "--until-calm", "--from", time.strftime(
            "%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 7200)))
        counted_since_long(p)
        p.start("--recursive", "--stats", p.stats)
        ok(until(lambda: p.says("quiet.example: ended the window")), "a window set until calm is ended", p.said)
        ok("watch unblocked quiet.example" in " ".join(p.run("windows", "history").split()), "in the name of watch",
           p.run("windows", "history"))
        p.stop()
        other = p.folder / "other.d"
        p.run("block", "still.example", "--until-calm", "--windows-dir", other, "--from", time.strftime(
            "%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 7200)))
        p.start("--recursive", "--stats", p.stats, "--windows", other)
        ok(until(lambda: p.says("still.example: ended the window")), "in a folder that --windows names too", p.said)
        p.stop()


def unseen():
    """Where a Maildir cannot be looked at, silence is no calm."""
    with place() as p:
        p.run("block", "quiet.example", "--until-calm", "--from", time.strftime(
            "%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 7200)))
        counted_since_long(p)
        os.rename(p.tree, p.folder / "away")
        p.start("--recursive", "--stats", p.stats)
        ok(until(lambda: p.says("not all mail can be looked at")), "windows set until calm wait for mail that is away", p.said)
        time.sleep(3)
        ok("ended" not in "".join(p.said) and "unblock" not in p.run("windows", "history"), "and do not end", p.said)
        p.stop()
        os.rename(p.folder / "away", p.tree)
        p.start("--recursive", "--stats", p.stats)
        ok(until(lambda: p.says("quiet.example: ended the window")), "with the mail in sight they do", p.said)
        p.stop()


def counted_since_long(p):
    """Statistics as old as a calm wants them, and silent."""
    p.run("scan", *RULES, "--quiet", "--output", "summary", "--stats", p.stats, DATA + "/bounce.eml")
    with sqlite3.connect(p.stats) as db:
        db.execute("INSERT INTO domain VALUES(9, 'other.example')")
        db.execute("INSERT INTO count VALUES(9, ?, 1, 1, 0)", (int(time.time()) // 300 * 300 - 8 * 86400,))
    db.close()


def undone():
    """What an operator puts back stays, though the window is open still."""
    with place() as p:
        p.block()
        for _ in range(3):
            p.deliver()
        p.deliver(half="cur")
        p.start("--recursive")
        ok(until(lambda: p.junk() == 4), "junk goes", p.said)
        runs = p.run("runs", "--output=jsonl").count("apply")
        # the run that moved them may be at its end still
        ok(until(lambda: p.asks("undo", "--quiet") == 0) and p.inbox() == 4, "undo puts it back", p.said)
        p.deliver()
        ok(until(lambda: p.junk() == 1), "what comes later goes all the same", p.said)
        p.process.send_signal(signal.SIGHUP)
        ok(until(lambda: p.says("SIGHUP")), "all is looked through again", p.said)
        time.sleep(4)
        ok(p.junk() == 1 and p.inbox() == 4, "what was put back stays", (p.junk(), p.inbox(), p.said))
        p.stop()
        p.start("--recursive")
        time.sleep(4)
        ok(p.junk() == 1 and p.inbox() == 4, "for a watcher that begins anew too", (p.junk(), p.inbox(), p.said))
        p.run("unblock", "example.com")
        time.sleep(4)
        ok(p.junk() == 1 and p.inbox() == 4, "and when the window ends", (p.junk(), p.inbox(), p.said))
        p.block("--for", "1w")
        ok(until(lambda: p.junk() == 5 and p.inbox() == 0), "a new one asks for it again", (p.junk(), p.inbox(), p.said))
        ok(p.run("runs", "--output=jsonl").count("apply") > runs, "by a run of its own")
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
        p.process.send_signal(signal.SIGHUP)
        ok(ear.recv(100).startswith(b"RELOADING=1\nMONOTONIC_USEC="), "when it begins to look again")
        ok(ear.recv(100) == b"READY=1", "and when it has")
        p.stop(signal.SIGINT)
        ok(ear.recv(100) == b"STOPPING=1", "and when it ends")
        error = subprocess.run([PROGRAM, "watch"], capture_output=True, text=True, check=False, env=p.env)
        ok(error.returncode == 2 and "no MAILDIR" in error.stderr, "without a Maildir it is told", error.stderr)


as_it_comes()
defaults()
folders()
long()
disorder()
mapped()
linked()
map_grace()
by_the_clock()
away()
emptied()
unseen()
alone()
a_stream()
kept_statistics()
nothing_there()
a_storm()
overflow()
killed()
two()
calm()
undone()
manager()
sys.exit(ended())
