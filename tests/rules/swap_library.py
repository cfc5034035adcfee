#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""swap_library.py NDRSCAN MESSAGE FOLDER - what if Vectorscan takes Hyperscan's place, or the other way round?

Debian's packages of both exclude each other: the one that is not installed is unpacked in FOLDER, and named
by LD_LIBRARY_PATH. What came compiled for the first is passed over then, which is said with the remedy; the
remedy serves; and after the way back all is as it was. Skipped where the other cannot be had.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

NDRSCAN, MESSAGE, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
failed = 0


def ok(holds, why, seen=""):
    global failed
    failed += not holds
    print("ok" if holds else "not ok", "-", why)
    if not holds:
        print("#", seen)


def skip(why):
    print("1..0 # SKIP", why)
    sys.exit(0)


def unpack():
    """The folder of the other library's libhs.so.5."""
    installed = subprocess.run(["dpkg-query", "-S", "*/libhs.so.5"], capture_output=True, text=True, check=False)
    other = "libhyperscan5" if "vectorscan" in installed.stdout else "libvectorscan5"
    root = FOLDER / f"unpacked-{other}"
    if not list(root.glob("**/libhs.so.5")):
        root.mkdir(parents=True, exist_ok=True)
        got = subprocess.run("apt-get -qq download " + other + " && dpkg-deb -x *.deb . && rm *.deb", shell=True,
                             cwd=root, capture_output=True, text=True, check=False)
        if got.returncode != 0:
            skip(f"{other} cannot be had: {' '.join(got.stderr.split())[-200:]}")
    return next(root.glob("**/libhs.so.5")).parent


def run(words, library, root):
    env = {"PATH": os.environ["PATH"], "NDRSCAN_ROOT": root}
    # the library of the build's own, then the other's
    paths = [str(library)] if library else []
    paths += [p for p in os.environ.get("LD_LIBRARY_PATH", "").split(":") if p]
    env["LD_LIBRARY_PATH"] = ":".join(paths)
    for keep in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
        if keep in os.environ:
            env[keep] = os.environ[keep]
    done = subprocess.run([NDRSCAN, *words], input=MESSAGE.read_bytes(), capture_output=True, env=env, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def main():
    other = unpack()
    with tempfile.TemporaryDirectory(prefix="ndrscan-swap-") as root:
        judge = ["filter", "--no-windows"]
        names = [run(["version"], library, root)[1] for library in (None, other)]
        if names[0] == names[1]:
            skip(f"both are {names[0].strip()}")
        status, first, told = run(judge, None, root)
        ok(status == 0 and "X-NDR-Status: keep" in first and told == "", "the one it was built with: nothing is compiled",
           told)
        status, text, told = run(judge, other, root)
        ok(status == 0 and text == first, "with the other the verdict is the same", text)
        ok("rules compile --install" in told, "and it is said that each run compiles, with the remedy", told)
        status, text, told = run(["rules", "compile", "--install"], other, root)
        ok(status == 0, "the remedy", told)
        status, text, told = run(judge, other, root)
        ok(status == 0 and text == first and told == "", "after it nothing is compiled", told)
        status, text, told = run(judge, None, root)
        ok(status == 0 and text == first and told == "", "nor after the way back", told)
    print("1..6")
    return failed != 0


sys.exit(main())
