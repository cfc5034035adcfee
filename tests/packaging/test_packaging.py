#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""test_packaging.py SOURCE VERSION - do the packages know the tree that they are made of? Says TAP."""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from tap import ended, ok # pylint: disable=wrong-import-position

SOURCE, VERSION = pathlib.Path(sys.argv[1]), sys.argv[2]
PACKAGING = SOURCE / "tools" / "packaging"
DEBIAN = PACKAGING / "debian"


def words(name):
    """What a variable of packages.sh holds."""
    text = (SOURCE / "tools" / "packages.sh").read_text()
    return re.search(rf'^{name}="([^"]*)"', text, re.M)[1].split()


def hold_build():
    control = (DEBIAN / "control").read_text()
    asked = set(re.findall(r"[a-z0-9][a-z0-9+.-]+", re.search(r"^Build-Depends:((?:.*\n)(?: .*\n)*)", control, re.M)[1]))
    # the compiler is always there, npm's part is in the release, and the rest of what is optional is for tests
    wanted = set(words("build_packages")) - {"gcc", "libc6-dev", "ninja-build", "pkg-config"} | {"pkgconf"}  # which is it
    wanted |= {p for p in words("optional_packages") if p in ("libmilter-dev", "libmicrohttpd-dev", "libcrypt-dev")}
    ok(wanted <= asked, "the packages are built with what tools/packages.sh names", wanted - asked)
    known = wanted | {"libhyperscan-dev", "libvectorscan-dev", "systemd-dev"}
    beyond = {p for p in asked if p.endswith("-dev")} - known
    ok(not beyond, "and with no other library", beyond)
    changelog = (DEBIAN / "changelog").read_text()
    upstream = re.match(r"ndrscan \((.*)-[^-]*\)", changelog)[1]
    ok(upstream == VERSION, "the last entry of the changelog is of the tree's version", f"{upstream} {VERSION}")


def hold_symbols():
    exported = set(re.findall(r"^\s+(ndr_\w+);", (SOURCE / "engine/include/libndrscan.map").read_text(), re.M))
    listed = re.findall(r"^ (ndr_\w+)@", (DEBIAN / "libndrscan0.symbols").read_text(), re.M)
    gone = [name for name in listed if name not in exported]
    ok(gone == [], "no function is gone that libndrscan0.symbols promises", gone)
    ok(listed == sorted(set(listed)), "its list is sorted")


def hold_scripts():
    for script in sorted(path for path in PACKAGING.rglob("*") if path.is_file()):
        first = script.read_bytes().split(b"\n", 1)[0]
        shell = re.match(rb"#!/bin/(sh|bash)", first)
        if not shell:
            continue
        done = subprocess.run([shell[1].decode(), "-n", script], capture_output=True, text=True, check=False)
        ok(done.returncode == 0, f"{script.relative_to(PACKAGING)} is what a shell can read", done.stderr)


def hold_uplot():
    """A release, which carries uPlot, is built without npm."""
    with tempfile.TemporaryDirectory() as folder:
        web = pathlib.Path(folder) / "web"
        (web / "uplot" / "dist").mkdir(parents=True)
        shutil.copy(SOURCE / "tools/console/web/package-lock.json", web)
        for name, text in (("uPlot.iife.js", "the readable one"), ("uPlot.min.css", "its style")):
            (web / "uplot" / "dist" / name).write_text(text)
        done = subprocess.run([sys.executable, SOURCE / "tools/console/fetch_uplot.py", "/nonexistent/npm", web,
                               f"{folder}/out"], capture_output=True, text=True, check=False)
        made = pathlib.Path(folder) / "out" / "uplot.js"
        ok(done.returncode == 0 and made.read_text() == "the readable one", "a release brings its own uPlot", done.stderr)


def hold_users():
    """A line that systemd-sysusers cannot read keeps the package from being installed."""
    for file in sorted((SOURCE / "tools").rglob("*.sysusers")):
        wrong = [line for line in file.read_text().splitlines()
                 if line and line[0] != "#" and not re.fullmatch(r'[ug] [a-z-]+ - "[^":]*"( /[a-z/]+)?', line)]
        ok(wrong == [], f"{file.name} names users as sysusers.d(5) has them, without a colon in words", wrong)


hold_build()
hold_users()
hold_symbols()
hold_scripts()
hold_uplot()
sys.exit(ended())
