#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""browser.py NDRSCAN NPM BUILD_FOLDER - does the console work in a browser?

Starts it over mail with a storm in it and drives Debian's chromium through it with
playwright-core (browser/flow.cjs). What npm brings is kept in BUILD_FOLDER/npm;
screenshots for people to look at go to BUILD_FOLDER/screenshots. Prints TAP; skipped,
saying so, where there is no browser.
"""
import os
import pathlib
import shutil
import subprocess
import sys

from stage import Stage

HERE = pathlib.Path(__file__).resolve().parent / "browser"


def skip(why):
    print(f"1..0 # SKIP {why}")
    return 0


def modules(npm, build):
    """The folder of what package-lock.json names, fetched once; None: cannot be had."""
    folder = build / "npm"
    lock = (HERE / "package-lock.json").read_bytes()
    kept = folder / "fetched"
    if not kept.exists() or kept.read_bytes() != lock:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, folder)
        try:
            done = subprocess.run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder,
                                  capture_output=True, text=True, check=False, timeout=120)
        except subprocess.TimeoutExpired:
            return None
        if done.returncode != 0:
            return None
        kept.write_bytes(lock)
    return folder / "node_modules"


def main():
    ndrscan, npm, build = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    chromium, node = shutil.which("chromium"), shutil.which("node")
    if chromium is None or node is None:
        return skip("chromium or node is not installed")
    found = modules(npm, build)
    if found is None:
        return skip("npm cannot fetch playwright-core and axe-core")
    shots = build / "screenshots"
    shots.mkdir(exist_ok=True)
    with Stage(ndrscan) as stage:
        stage.count()
        stage.start()
        environment = dict(stage.environment, MODULES=str(found), CHROMIUM=chromium,
                           PAGE=f"http://127.0.0.1:{stage.port}/", TOKEN=stage.token,
                           MAIL=str(stage.mail), NDRSCAN=stage.ndrscan, SCREENSHOTS=str(shots.resolve()))
        return subprocess.run([node, str(HERE / "flow.cjs")], env=environment, check=False, timeout=460).returncode


if __name__ == "__main__":
    sys.exit(main())
