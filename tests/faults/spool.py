# SPDX-License-Identifier: BSD-3-Clause
"""spool.py - a Maildir for fault tests, and what must be true of it whatever happened.

Every message has a line of its own, so its bytes tell which it is: the multiset of
contents before and after says whether one was lost or doubled.
"""
import collections
import hashlib
import os
import pathlib
import random
import stat
import subprocess
import sys
import tempfile

DATA = pathlib.Path(__file__).resolve().parent.parent / "data"
SKIP = 77
HALVES = ("cur", "new")


def skip(why):
    print("skipped:", why)
    sys.exit(SKIP)


class Spool:
    """A Maildir `M` and a journal `J` in a folder, with the options to work on them."""

    def __init__(self, program, folder, messages=60, junk_share=0.5, seed=1, journal=None):
        self.program = str(program)
        self.folder = pathlib.Path(folder)
        self.maildir = self.folder / "M"
        self.journal = pathlib.Path(journal) if journal else self.folder / "J"
        (self.folder / "none.yaml").write_text("windows: []\n")
        self.env = dict(os.environ, XDG_CACHE_HOME=str(self.folder / "cache"), LC_ALL="C.UTF-8")
        os.makedirs(self.folder / "cache", mode=0o700, exist_ok=True)
        self.fill(messages, junk_share, random.Random(seed))

    def fill(self, messages, junk_share, rng):
        bounce, letter = ((DATA / n).read_bytes() for n in ("bounce.eml", "letter.eml"))
        for sub in ("", ".Old"):
            for half in ("cur", "new", "tmp"):
                (self.maildir / sub / half).mkdir(parents=True, exist_ok=True)
        for i in range(messages):
            body = (bounce if rng.random() < junk_share else letter) + b"\nnumber %d\n" % i
            name = f"{1210755000 + i}.M{i}P1.mx,S={len(body)}"
            half = rng.choice(HALVES)
            if half == "cur":
                name += ":2," + "".join(sorted(rng.sample("DFRSTab", rng.randint(0, 4))))
            (self.maildir / rng.choice(("", "", ".Old")) / half / name).write_bytes(body)

    def command(self, verb, windows="windows.yaml", threads=1, more=()):
        base = [self.program, verb, "--journal", str(self.journal), "-q"]
        if verb == "apply":
            path = DATA / windows if windows == "windows.yaml" else self.folder / windows
            # what was undone is to be moved again, so that there is something to do
            base += ["--again", "--no-shipped-rules", "--rules", str(DATA / "rules.yaml"), "-j", str(threads),
                     "--windows", str(path), *more, str(self.maildir)]
        else:
            base += list(more)
        return base

    def run(self, verb, ok=(0,), **how):
        done = subprocess.run(self.command(verb, **how), env=self.env, capture_output=True, check=False,
                              timeout=120)
        if ok is not None and done.returncode not in ok:
            raise AssertionError(f"{verb}: exit {done.returncode}: {done.stderr.decode(errors='replace')}")
        return done

    def names(self):
        """{path in the Maildir: digest}, of cur and new of all its folders."""
        found = {}
        for top, _, files in os.walk(self.maildir):
            if os.path.basename(top) in HALVES:
                for f in files:
                    path = os.path.join(top, f)
                    try:
                        if not stat.S_ISREG(os.lstat(path).st_mode):
                            continue
                        with open(path, "rb") as src:
                            found[os.path.relpath(path, self.maildir)] = hashlib.sha256(src.read()).hexdigest()
                    except FileNotFoundError:
                        pass
        return found

    def contents(self):
        return collections.Counter(self.names().values())


def check_whole(spool, before, when):
    now = spool.contents()
    lost, doubled = before - now, now - before
    if lost or doubled:
        raise AssertionError(f"{when}: {sum(lost.values())} lost, {sum(doubled.values())} doubled")


def undo_all(spool):
    """Undo until nothing is left to undo; it is a run more each time, if it comes to no end."""
    for _ in range(len(list(spool.journal.glob("*.run"))) + 10):
        done = spool.run("undo", ok=None)
        if b"nothing to undo" in done.stderr:
            return
        if done.returncode != 0:
            raise AssertionError(f"undo: exit {done.returncode}: {done.stderr.decode(errors='replace')}")
    raise AssertionError("undo does not come to an end")


def check_undone(spool, before, when):
    undo_all(spool)
    now = spool.names()
    if now != before:
        raise AssertionError(f"{when}: undo left {sorted(set(now.items()) ^ set(before.items()))[:4]}")


def scratch(where=None):
    """A folder that goes away: on tmpfs where there is one, since kills need no disk."""
    if where is None and os.access("/dev/shm", os.W_OK):
        where = "/dev/shm"
    return tempfile.TemporaryDirectory(prefix="ndrscan-faults-", dir=where)


def reset_journal(spool):
    for f in spool.journal.glob("*.run"):
        f.unlink()
