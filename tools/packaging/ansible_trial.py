#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""ansible_trial.py - what test-ansible does inside its Debian, while systemd runs there."""
import json
import os
import re
import sys

from trial import DOMAIN, TRIAL, ok, run, wrong

WISHES = {"ndrscan_packages": str(TRIAL), "ndrscan_with": ["ndrscan-milter"], "ndrscan_group_members": ["carol"],
          "ndrscan_services": ["ndrscan-filter", "ndrscan-milter"],
          "ndrscan_windows": [{"domain": DOMAIN, "from": "2020-01-01T00:00:00Z", "note": "of the role"}]}


def play(**more):
    """(how it ended, what it said, how many things it changed)"""
    done = run("ansible-playbook", "-i", "localhost,", "-c", "local", "-e", json.dumps({**WISHES, **more}),
               str(TRIAL / "ansible" / "playbook.yml"), cwd="/", env={**os.environ, "HOME": "/root", "LC_ALL": "C.UTF-8"})
    changed = re.search(r"changed=(\d+)", done.stdout)
    return done.returncode, done.stdout + done.stderr, int(changed[1]) if changed else None


run("useradd", "-m", "carol")
status, told, changed = play(ndrscan_packages="/nowhere")
ok(status != 0 and "/nowhere" in told and "build-deb" in told, "a folder without packages is told of", told)
status, told, changed = play()
ok(status == 0 and changed, f"the role runs, and changes {changed} things", told)
seen = run("dpkg-query", "-W", "-f", "${Package} ${db:Status-Status};", "ndrscan*", "libndrscan*").stdout
ok("ndrscan-milter installed;" in seen and "ndrscan-console installed;" not in seen, "the packages that were asked for are there", seen)
for unit in WISHES["ndrscan_services"]:
    seen = run("systemctl", "is-enabled", unit).stdout + run("systemctl", "is-active", unit).stdout
    ok(seen == "enabled\nactive\n", f"{unit} is enabled and runs", seen)
seen = run("ndrscan", "windows")
ok(DOMAIN in seen.stdout and "of the role" in seen.stdout, "its window is in force", seen.stdout + seen.stderr)
seen = run("setpriv", "--reuid=carol", "--regid=carol", "--init-groups", "ndrscan", "block", "example.net", env={"HOME": "/home/carol", "PATH": "/usr/bin:/bin"})
ok(seen.returncode == 0 and "example.net" in run("ndrscan", "windows").stdout, "a member of the group opens one for all", seen.stderr)
status, told, changed = play()
ok(status == 0 and changed == 0, "the same again changes nothing", told)
status, told, changed = play(ndrscan_windows=[{"domain": DOMAIN, "from": "never"}])
ok(status != 0 and "never" in told, "a window that is none is told of", told)
seen = run("ndrscan", "windows")
ok(seen.returncode == 0 and "of the role" in seen.stdout, "and the one before is still in force", seen.stdout + seen.stderr)
status, told, changed = play(ndrscan_windows=[])
seen = run("ndrscan", "windows").stdout
ok(status == 0 and changed == 1 and "of the role" not in seen, "a window that is taken out of the list ends", told + seen)
print(f"{wrong()} are not as they should be" if wrong() else "all is as it should be")
sys.exit(1 if wrong() else 0)
