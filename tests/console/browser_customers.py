#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""browser_customers.py NDRSCAN NPM BUILD_FOLDER - do the pages of domains' administrators work in a browser?

As browser.py, with browser/customers.cjs. Prints TAP; skipped, saying so, where there is no browser,
and for whoever is not root, whose the file of people has to be.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

from browser import HERE, modules, skip
from people import PASSWORD, Customers, is_possible

LONG = "a-customer-with-a-name-that-is-as-long-as-they-come-in-a-world.some-department-of-it.example.org"


def main():
    ndrscan, npm, build = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    chromium, node = shutil.which("chromium"), shutil.which("node")
    if chromium is None or node is None:
        return skip("chromium or node is not installed")
    if not is_possible():
        return skip("the file of people has to be root's")
    found = modules(npm, build)
    if found is None:
        return skip("npm cannot fetch playwright-core and axe-core")
    shots = build / "screenshots"
    shots.mkdir(exist_ok=True)
    with Customers(ndrscan, days=15, storm=600) as stage:
        for i in range(300):
            stage.deliver(LONG, "alice", stage.now - 20 * i)
        stage.count()
        many = ["example.org", "shop.example.net"] + [f"customer-{i:04}.example.{end}" for i in range(666) for end in ("com", "net", "org")]
        stage.people(("anna", ["example.org"], "operate"), ("berta", many, "switch"), ("long", [LONG], "operate"))
        stage.windows.mkdir(parents=True)
        ready = stage.windows / ".ndrscan.auto.ready.json"  # as a watcher puts it down that looks all the time
        ready.write_text(json.dumps({"version": 1, "dry": False, "people": True, "domains": [
            {"domain": d, "known": True, "all_mail": True, "by": "wish"} for d in ("example.org", LONG)]}))
        os.utime(ready, (time.time() + 500, time.time() + 500))
        stage.open()
        environment = dict(stage.environment, MODULES=str(found), CHROMIUM=chromium, PAGE=f"http://127.0.0.1:{stage.port}/",
                           PASSWORD=PASSWORD, TOKEN=stage.token, MAIL=str(stage.mail), SCREENSHOTS=str(shots.resolve()))
        return subprocess.run([node, str(HERE / "customers.cjs")], env=environment, check=False, timeout=460).returncode


sys.exit(main())
