#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""fetch_uplot.py NPM PACKAGE_DIR OUT_DIR - how does uPlot come from npm?

Installs what PACKAGE_DIR/package-lock.json names, checked against its hashes, in a
temporary folder, runs none of its scripts, and copies the two files that the page loads
to OUT_DIR/uplot.js and uplot.css. What was fetched for the same lock is kept.

A release carries uPlot in PACKAGE_DIR/uplot, readable and with its licence
(tools/packaging/release-tarball puts it there): then that is used, and npm and the net
are not. An OUT_DIR of "-" asks for the whole package of NPM, into PACKAGE_DIR/uplot.
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile


CARRIED = ("LICENSE", "README.md", "package.json", "dist/uPlot.iife.js", "dist/uPlot.min.css")


def install(npm, source, folder):
    """None when node_modules/uplot is in the folder, else what went wrong."""
    for name in ("package.json", "package-lock.json"):
        shutil.copy(source / name, folder)
    try:
        done = subprocess.run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                              cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    except subprocess.TimeoutExpired:
        return "npm ci took longer than two minutes"
    return None if done.returncode == 0 else "npm ci failed: " + (done.stderr or done.stdout).strip()


def main():
    npm, source, out = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    carry = sys.argv[3] == "-"
    lock = (source / "package-lock.json").read_bytes()
    kept, js, css = out / "uplot.lock", out / "uplot.js", out / "uplot.css"
    if not carry:
        out.mkdir(parents=True, exist_ok=True)
    if not carry and (source / "uplot").is_dir():
        shutil.copy(source / "uplot/dist/uPlot.iife.js", js)
        shutil.copy(source / "uplot/dist/uPlot.min.css", css)
        kept.unlink(missing_ok=True)
        return 0
    if all(path.exists() for path in (kept, js, css)) and kept.read_bytes() == lock:
        return 0
    with tempfile.TemporaryDirectory(prefix="ndrscan-npm-") as folder:
        wrong = install(npm, source, folder)
        if wrong:
            print(wrong, file=sys.stderr)
            return 1
        package = pathlib.Path(folder) / "node_modules" / "uplot"
        if carry:
            for name in CARRIED:
                (source / "uplot" / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(package / name, source / "uplot" / name)
            return 0
        shutil.copy(package / "dist" / "uPlot.iife.min.js", js)
        shutil.copy(package / "dist" / "uPlot.min.css", css)
    kept.write_bytes(lock)
    return 0


sys.exit(main())
