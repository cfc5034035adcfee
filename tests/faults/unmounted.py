#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""unmounted.py NDRSCAN - apply and undo are killed, and then their Maildir is not there.

Whatever stands in its place (nothing, an empty mount point, another Maildir, a file system
mounted over it), no run may take it for what the user did: once it is back, undo is exact.
Exit status 0, 1.
"""
import shutil
import subprocess
import sys

from spool import Spool, check_undone, check_whole, reset_journal, scratch

HALVES = ("cur", "new", "tmp")


def kill_in(spool, verb, number):
    """Run it, killed at its renames: number 0 at the first, and so on."""
    if shutil.which("strace") is not None:
        done = subprocess.run(["strace", "-qq", "-f", "-o", "/dev/null", "-e", "trace=renameat2", "-e",
                               f"inject=renameat2:signal=KILL:when={number + 1}", *spool.command(verb)],
                              env=spool.env, capture_output=True, check=False, timeout=60)
        if done.returncode in (-9, 137):
            return
    spool.run(verb, ok=None)  # what a kill behind the renames leaves
    last = max(spool.journal.glob("*.run"), key=lambda f: int(f.stem.split("-")[1]))
    kept = [line for line in last.read_text().splitlines(True) if line.split(" ")[1].strip() not in ("done", "not", "end")]
    last.write_text("".join(kept))


def make(maildir, junk):
    for sub in ("", ".Junk") if junk else ("",):
        for half in HALVES:
            (maildir / sub / half).mkdir(parents=True, exist_ok=True)


class Away:
    """The Maildir is somewhere else, and `what` stands in its place."""

    def __init__(self, spool, what):
        self.spool, self.what = spool, what
        self.aside = spool.folder / "aside"

    def __enter__(self):
        self.spool.maildir.rename(self.aside)
        if self.what == "empty":
            self.spool.maildir.mkdir()
        elif self.what == "other":
            make(self.spool.maildir, True)
        return self

    def __exit__(self, *_):
        if self.what != "nothing":
            shutil.rmtree(self.spool.maildir)
        self.aside.rename(self.spool.maildir)


def covered(spool, verb, other):
    """Run it where another file system is mounted over the Maildir. None: not possible here."""
    halves = " ".join(f"{sub}/{half}" for sub in (".", ".Junk") for half in HALVES) if other else "."
    script = (f"mount -t tmpfs none '{spool.maildir}' && (cd '{spool.maildir}' && mkdir -p {halves}) || exit 99; "
              'exec "$@"')
    done = subprocess.run(["unshare", "-Urm", "sh", "-c", script, "sh", *spool.command(verb)], env=spool.env,
                          capture_output=True, check=False, timeout=60)
    return None if done.returncode == 99 or b"unshare" in done.stderr else done


def check_told(done, why):
    if done.returncode == 0:
        raise AssertionError(f"{why}: exit 0: {done.stderr.decode()}")


def main():
    tried = mounted = 0
    with scratch() as folder:
        spool = Spool(sys.argv[1], folder, messages=24)
        before, whole = spool.names(), spool.contents()
        for killed in ("apply", "undo"):
            for what in ("nothing", "empty", "other", "mount", "mount-other"):
                for number in (0, 3, 11):
                    why = f"{killed} killed at rename {number}, then {what}"
                    if killed == "undo":
                        spool.run("apply")
                    kill_in(spool, killed, number)
                    if what.startswith("mount"):
                        done = [covered(spool, verb, what == "mount-other") for verb in ("apply", "undo", "undo")]
                        mounted += None not in done
                    else:
                        with Away(spool, what):
                            done = [spool.run(verb, ok=None) for verb in ("apply", "undo", "undo")]
                    if what != "nothing" and done[1] is not None:
                        check_told(done[1], why)
                    check_whole(spool, whole, why)
                    check_undone(spool, before, why)
                    reset_journal(spool)
                    tried += 1
    print(f"{tried} kills, {mounted} of them with a file system mounted over the Maildir: undo exact")
    return 0


if __name__ == "__main__":
    sys.exit(main())
