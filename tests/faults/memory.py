#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""memory.py NDRSCAN NO_MEMORY.so [EVERY] - each EVERY-th request for memory (each) refused in
turn, alone and with all behind it.

Whatever is refused: nobody dies or hangs; exit status 0 means that all was done; any other
comes with words, and with whole records that a run with memory gives, too; no message is lost,
doubled or, by undo, left away.

libarchive is left out: it writes through pointers that it did not look at.
"""
import collections
import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from sample import sample # pylint: disable=wrong-import-position
from spool import DATA, Spool, check_undone, check_whole, scratch

MAIL = DATA.parent / "mail"
SECONDS = 60


class Case:
    def __init__(self, name, words, stdin=b"", statuses=(0, 1, 2), lines=True, ways=("", "+")):
        self.name, self.words, self.stdin = name, words, stdin
        self.statuses, self.lines, self.ways = statuses, lines, ways


class Refuser:
    """Runs a program that is refused its N-th request, and counts how many it makes."""

    def __init__(self, library, folder):
        self.folder = pathlib.Path(folder)
        self.env = dict(os.environ, LC_ALL="C.UTF-8", XDG_CACHE_HOME=str(self.folder / "cache"),
                        XDG_STATE_HOME=str(self.folder / "state"), XDG_CONFIG_HOME="/nonexistent")
        self.library = str(library)
        os.makedirs(self.folder / "cache", mode=0o700, exist_ok=True)

    def run(self, words, refuse="", stdin=b"", requests=None):
        env = dict(self.env, LD_PRELOAD=self.library, NDR_REFUSE=refuse or "0")
        if requests:
            env["NDR_REQUESTS"] = str(requests)
        return subprocess.run(words, env=env, input=stdin, capture_output=True, check=False,
                              timeout=SECONDS)

    def count(self, words, stdin):
        """The whole outcome, and how many requests it took."""
        file = self.folder / "requests"
        self.run(words, stdin=stdin)  # the cache is there now
        whole = self.run(words, stdin=stdin, requests=file)
        if whole.returncode != 0:
            raise AssertionError(f"{words}: exit {whole.returncode}: {whole.stderr.decode()}")
        return whole.stdout, int(file.read_text())


def wrong(case, whole, done):
    """What is wrong with an outcome, or None."""
    out, told = done.stdout, done.stderr.strip()
    if done.returncode not in case.statuses:
        return f"exit {done.returncode}: {told[:200].decode(errors='replace')}"
    if done.returncode == 0:
        return None if out == whole else "exit 0, and something is missing"
    if not told:
        return f"exit {done.returncode} without a word"
    if not case.lines:
        return "half an output" if out and out != whole else None
    if out and not out.endswith(b"\n"):
        return "half a record"
    other = set(out.splitlines()) - set(whole.splitlines())
    return f"another record: {min(other)[:200].decode(errors='replace')}" if other else None


def refuse_all(refuser, pool, case, every):
    begin = time.monotonic()
    whole, total = refuser.count(case.words, case.stdin)
    faults, statuses = [], collections.Counter()
    for way in case.ways:
        def one(n, way=way):
            return n, refuser.run(case.words, f"{n}{way}", case.stdin)
        for n, done in pool.map(one, sample(range(1, total + 1), every)):
            statuses[done.returncode] += 1
            fault = wrong(case, whole, done)
            if fault is not None:
                faults.append(f"{case.name}: request {n}{way}: {fault}")
    print(f"{case.name}: {total} requests, {time.monotonic() - begin:.0f} s, "
          f"exit statuses {dict(sorted(statuses.items()))}")
    return faults


# ---- apply and undo ----------------------------------------------------------------------

def refuse_apply(program, refuser, pool, every):
    quiet = max(32, 100 // every)  # so many runs in a row do all: there are no more requests
    os.makedirs(refuser.folder / "model")
    model = Spool(program, refuser.folder / "model", messages=16)
    shutil.copytree(model.maildir, refuser.folder / "before", symlinks=True)
    model.run("apply")
    applied = model.names()

    def one(turn):
        n, way = turn
        folder = refuser.folder / f"apply-{n}{way}"
        os.makedirs(folder)
        spool = Spool(program, folder, messages=0)
        shutil.rmtree(spool.maildir)
        shutil.copytree(refuser.folder / "before", spool.maildir)
        before, contents = spool.names(), spool.contents()
        done = refuser.run(spool.command("apply"), f"{n}{way}")
        fault = None
        try:
            if done.returncode not in (0, 1, 2):
                raise AssertionError(f"exit {done.returncode}")
            if done.returncode == 0 and spool.names() != applied:
                raise AssertionError("exit 0, and not all was moved")
            if done.returncode != 0 and not done.stderr.strip():
                raise AssertionError(f"exit {done.returncode} without a word")
            check_whole(spool, contents, "apply")
            if spool.journal.is_dir():
                check_undone(spool, before, "apply")
        except AssertionError as why:
            fault = f"apply: request {n}{way}: {why}: {done.stderr[:200].decode(errors='replace')}"
        shutil.rmtree(folder)
        return done.returncode, fault

    faults, statuses = [], collections.Counter()
    for way in ("", "+"):
        n, calm = sample(range(1, every + 1), every)[0], 0
        while calm < quiet:
            turns = [(k, way) for k in range(n, n + 16 * every, every)]
            n += 16 * every
            for status, fault in pool.map(one, turns):
                statuses[status] += 1
                calm = calm + 1 if status == 0 else 0
                faults += [fault] if fault else []
    print(f"apply and undo: exit statuses {dict(sorted(statuses.items()))}")
    return faults


# ---- all ---------------------------------------------------------------------------------

def make_mail(program, folder):
    """The same mail as a Maildir, an mbox and zstd, of one frame and of many."""
    mails = sorted(MAIL.glob("*/*.eml"))[::3]
    maildir = folder / "md"
    for sub in ("cur", "new", "tmp"):
        (maildir / sub).mkdir(parents=True)
    for i, mail in enumerate(mails[::4]):
        shutil.copy(mail, maildir / "cur" / f"{1210671060 + i}.M{i}P1.mx:2,S")
    mbox = folder / "mbox"
    with open(mbox, "wb") as out:
        for mail in mails:
            text = mail.read_bytes().replace(b"\nFrom ", b"\n>From ")
            out.write(b"From MAILER-DAEMON Tue May 13 09:31:02 2008\n" + text + b"\n\n")
    subprocess.run(["zstd", "-q", "-o", folder / "one.zst", mbox], check=True)
    subprocess.run([program, "pack", "-q", "-o", folder / "many.zst", mbox], check=True,
                   capture_output=True)
    make_frames(folder / "frames.zst", mbox.read_bytes())
    return [str(maildir), str(mbox), str(folder / "one.zst"), str(folder / "many.zst")]


def make_frames(path, stream):
    """An mbox in more runs of frames than there are workers: a run is 2 MiB of content."""
    filler = b"From a@example.com Tue May 13 09:31:02 2008\nSubject: x\n\n" + b"y\n" * 300_000 + b"\n"
    with open(path, "wb") as out:
        for piece in [stream] + [filler] * 40:
            out.write(subprocess.run(["zstd", "-q", "-c"], input=piece, check=True,
                                     stdout=subprocess.PIPE).stdout)


def main():
    program, library = sys.argv[1], sys.argv[2]
    every = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    with scratch() as top:
        folder = pathlib.Path(top)
        refuser = Refuser(library, folder)
        sources = make_mail(program, folder)
        windows = ["--windows", str(DATA / "windows.yaml")]
        few = ["--no-shipped-rules", "--rules", str(DATA / "rules.yaml")]  # compiled in no time
        letter = (DATA / "bounce.eml").read_bytes()
        cases = [
            Case("scan", [program, "scan", "-q", "-j1", *windows, *sources]),
            Case("scan with two workers", [program, "scan", "-q", "-j2", *windows, *sources],
                 ways=("",)),
            # more workers than CPUs are equipped while others wait for what theirs are to tell
            Case("scan of frames with eight workers",
                 [program, "scan", "-q", "-j8", *few, *windows, str(folder / "frames.zst")]),
            Case("explain", [program, "explain", *few, *windows, str(DATA / "mixed.mbox")]),
            Case("filter", [program, "filter", *few, *windows], letter, (0, 75), False),
            Case("windows", [program, "windows", *windows]),
        ]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            faults = [f for case in cases for f in refuse_all(refuser, pool, case, every)]
            faults += refuse_apply(program, refuser, pool, every)
    for fault in faults[:20]:
        print(fault)
    print(len(faults), "faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
