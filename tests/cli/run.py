#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""run.py [--record] NDRSCAN CASE.sh - does one command line still do what it did?

CASE.sh runs under sh in an empty folder of its own, with these set:
  NDRSCAN  the program under test     DATA  tests/data
  HOME     the empty folder           XDG_CACHE_HOME  a folder that all tests share
  XDG_CONFIG_HOME, XDG_STATE_HOME     folders in HOME that are not there yet
  NDRSCAN_ROOT                        the same, for what all users share
What it prints and how it ends is held against CASE.out, CASE.err and CASE.exit beside
it (no such file: nothing printed, exit status 0), after what differs from run to run
has been taken out: the folder's name, times and rates. --record writes them anew.
Exit status: 0 the same, 1 not, 77 the case cannot run here (it exited 77).
"""
import difflib
import os
import pathlib
import re
import subprocess
import sys
import tempfile


def settle(text, folder, data):
    """The text without what differs from run to run."""
    text = text.replace(os.fsencode(str(folder)), b"FOLDER").replace(os.fsencode(str(data)), b"DATA")
    text = re.sub(rb"\bin (\d+\.\d+ s|\d+m \d+s)", b"in TIME", text)
    text = re.sub(rb"(messages a second +)[\d,]+  [\d.]+ (bytes|kB|MB|GB)/s",
                  lambda m: re.sub(rb" +$", b"", m.group(1)) + b" RATE", text)
    text = re.sub(rb'"seconds":\d+\.\d+', b'"seconds":TIME', text)
    text = re.sub(rb"\b\d{8}T\d{6}Z-(\d+)", rb"RUN-\1", text)
    text = re.sub(rb"for what \S+ runs alone; for all users: [^\n]*", b"for what WHO runs alone", text)
    text = re.sub(rb'"begun":"[^"]*"', b'"begun":TIME', text)
    text = re.sub(rb"ndrscan \d+\.\d+\.\d+ \(Hyperscan \d[\d.]*\)", b"ndrscan VERSION (Hyperscan VERSION)", text)
    return text


def main():
    args = sys.argv[1:]
    record = args[:1] == ["--record"]
    if record:
        args = args[1:]
    if len(args) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    program, case = pathlib.Path(args[0]).resolve(), pathlib.Path(args[1]).resolve()
    data = case.parent.parent / "data"
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or program.parent / "cli-cache")
    cache.mkdir(mode=0o700, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="ndrscan-cli-") as name:
        folder = pathlib.Path(name).resolve()
        env = {
            "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC", "TERM": "xterm",
            "HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "config"),
            "XDG_STATE_HOME": str(folder / "state"), "XDG_CACHE_HOME": str(cache), "NDRSCAN": str(program),
            "NDRSCAN_ROOT": str(folder / "system"), "DATA": str(data), "CASES": str(case.parent),
        }
        # how a build is run stays: above all with which of Hyperscan and Vectorscan
        for keep in ("LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS"):
            if keep in os.environ:
                env[keep] = os.environ[keep]
        done = subprocess.run(["sh", "-u", str(case)], cwd=folder, env=env,
                              stdin=subprocess.DEVNULL, capture_output=True, check=False)
        got = {
            ".out": settle(done.stdout, folder, data),
            ".err": settle(done.stderr, folder, data),
            ".exit": b"%d\n" % done.returncode,
        }
        subprocess.run(["chmod", "-R", "u+rwX", str(folder)], check=False)
    if done.returncode == 77:
        print(done.stderr.decode(errors="replace"), end="")
        return 77
    usual = {".out": b"", ".err": b"", ".exit": b"0\n"}
    same = True
    for suffix, text in got.items():
        kept = case.with_suffix(suffix)
        if record:
            if text != usual[suffix]:
                kept.write_bytes(text)
            elif kept.exists():
                kept.unlink()
            continue
        want = kept.read_bytes() if kept.exists() else usual[suffix]
        if text != want:
            same = False
            lines = [t.decode(errors="backslashreplace").splitlines() for t in (want, text)]
            print(*difflib.unified_diff(*lines, "expected " + kept.name, "seen", lineterm=""),
                  sep="\n")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
