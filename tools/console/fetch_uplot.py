#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""fetch_uplot.py NPM PACKAGE_DIR OUT_DIR - how does uPlot come from npm?

Installs what PACKAGE_DIR/package-lock.json names, checked against its hashes, in a
temporary folder, runs none of its scripts, and copies the two files that the page loads
to OUT_DIR/uplot.js and uplot.css. What was fetched for the same lock is kept.
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile


def main():
    npm, source, out = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    lock = (source / "package-lock.json").read_bytes()
    kept, js, css = out / "uplot.lock", out / "uplot.js", out / "uplot.css"
    if all(path.exists() for path in (kept, js, css)) and kept.read_bytes() == lock:
        return 0
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="ndrscan-npm-") as folder:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(source / name, folder)
        try:
            done = subprocess.run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                                  cwd=folder, capture_output=True, text=True, check=False, timeout=120)
        except subprocess.TimeoutExpired:
            print("npm ci took longer than two minutes", file=sys.stderr)
            return 1
        if done.returncode != 0:
            print("npm ci failed:", (done.stderr or done.stdout).strip(), file=sys.stderr)
            return 1
        dist = pathlib.Path(folder) / "node_modules" / "uplot" / "dist"
        shutil.copy(dist / "uPlot.iife.min.js", js)
        shutil.copy(dist / "uPlot.min.css", css)
    kept.write_bytes(lock)
    return 0


sys.exit(main())
