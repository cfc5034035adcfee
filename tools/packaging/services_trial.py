#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""services_trial.py [STEP]... - what test-services does inside its Debian, while systemd runs there: these steps, or all."""
import glob
import json
import os
import pathlib
import re
import shutil
import smtplib
import subprocess
import sys
import urllib.error
import urllib.request

from trial import DEADLINE, DOMAIN, TRIAL, ok, run, until, wrong

BOUNCE = (TRIAL / "bounce.eml").read_bytes()
BOX = pathlib.Path("/var/vmail") / DOMAIN / "alice"
MOVERS = ["ndrscan-watch.service", "ndrscan-console.service", "ndrscan-settle.timer"]
STAYING = ["ndrscan-milter.service", "ndrscan-filter.service", "ndrscan-notify.service", *MOVERS]
UNITS = [*STAYING, "ndrscan-settle.service"]


def said(unit):
    return run("journalctl", "--no-pager", "-o", "cat", "-u", unit).stdout


def state(verb, units=UNITS):
    return dict(zip(units, run("systemctl", verb, *units).stdout.split()))


def start(unit, ready=lambda: True):
    done = run("systemctl", "enable", "--now", unit)
    ok(done.returncode == 0 and until(ready) and state("is-active", [unit])[unit] == "active", f"{unit} starts",
       done.stderr + said(unit))


def put(name, box=BOX):
    owner = box.stat()
    beside = box / "tmp" / name
    beside.write_bytes(BOUNCE)
    os.chown(beside, owner.st_uid, owner.st_gid)
    os.rename(beside, box / "new" / name)


def junked(name):
    return len(list((BOX / ".Junk").rglob(name + "*"))) == 1


def install():
    debs = glob.glob(str(TRIAL / "*.deb"))
    done = run("dpkg", "-i", *debs, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
    ok(done.returncode == 0, "the packages are installed while systemd runs", done.stdout + done.stderr)
    seen = state("is-enabled")
    ok(all(word in ("disabled", "static") for word in seen.values()) and len(seen) == len(UNITS), "no unit is enabled", seen)
    seen = state("is-active")
    ok(set(seen.values()) == {"inactive"}, "none is started", seen)
    for unit in [u for u in UNITS if u.endswith(".service")]:
        done = run("systemd-analyze", "security", "--no-pager", "--threshold=25", unit)
        ok(done.returncode == 0, f"{unit}: {done.stdout.strip().splitlines()[-1] if done.stdout else done.stderr}", done.stdout)


def host():
    run("useradd", "-r", "-u", "5000", "-U", "vmail")
    for sub in ("new", "cur", "tmp"):
        (BOX / sub).mkdir(parents=True)
    run("chown", "-R", "vmail:vmail", "/var/vmail")
    run("systemctl", "stop", "postfix", "postfix@-")
    shutil.copyfile("/usr/share/postfix/main.cf.debian", "/etc/postfix/main.cf")
    for setting in ("myhostname=mx.example.org", "mydestination=localhost", "inet_interfaces=127.0.0.1", "inet_protocols=ipv4",
                    "alias_maps=", "alias_database=", "virtual_mailbox_domains=" + DOMAIN, "virtual_mailbox_base=/var/vmail",
                    "virtual_mailbox_maps=static:" + DOMAIN + "/alice/", "virtual_uid_maps=static:5000",
                    "virtual_gid_maps=static:5000", "smtpd_peername_lookup=no", "milter_default_action=accept",
                    "smtpd_milters=unix:ndrscan/milter.sock"):
        run("postconf", "-e", setting)
    done = run("systemctl", "start", "postfix")
    ok(done.returncode == 0, "Postfix starts", done.stderr)
    done = run("ndrscan", "block", DOMAIN, "--from", "2008-05-13T00:00:00Z")
    ok(done.returncode == 0, "ndrscan block", done.stderr)


def milter():
    socket = pathlib.Path("/var/spool/postfix/ndrscan/milter.sock")
    start("ndrscan-milter.service", socket.exists)
    mail = re.sub(rb"(?mi)^delivered-to:.*\n", b"", BOUNCE)
    with smtplib.SMTP("127.0.0.1", 25, "client.example.net", timeout=DEADLINE) as smtp:
        smtp.sendmail("", ["alice@" + DOMAIN], mail)

    def came():
        return [f for f in (BOX / "new").iterdir() if b"X-NDR-Flag: YES" in f.read_bytes()]
    ok(until(came), "what comes through Postfix is stamped by the milter", said("ndrscan-milter") + run("journalctl", "-n", "40").stdout)
    ok("in force: example.com" in said("ndrscan-milter"), "it says which windows are in force", said("ndrscan-milter"))
    for file in came():
        file.unlink()


def server():
    start("ndrscan-filter.service", pathlib.Path("/run/ndrscan/filter.sock").exists)
    for user in ("nobody", "vmail", "postfix"):
        done = subprocess.run(["setpriv", "--reuid", user, "--clear-groups", "ndrscan-client", "--socket", "/run/ndrscan/filter.sock", "filter"],
                              input=BOUNCE, capture_output=True, check=False)
        ok(b"X-NDR-Flag: YES" in done.stdout and not done.stderr, f"ndrscan-client as {user} is answered", done.stderr)
    done = run("systemctl", "reload", "ndrscan-filter")
    ok(done.returncode == 0, "it reads anew", done.stderr)


def watch():
    drop = pathlib.Path("/etc/systemd/system/ndrscan-watch.service.d/events.conf")
    drop.parent.mkdir()
    unit = run("systemctl", "cat", "ndrscan-watch").stdout
    command = re.search(r"^ExecStart=(.*)$", unit, re.M)[1]
    drop.write_text(f"[Service]\nExecStart=\nExecStart={command} --events=/var/spool/ndrscan\n")
    run("systemctl", "daemon-reload")
    start("ndrscan-watch.service")
    put("1.M1P1.mx")
    ok(until(lambda: junked("1.M1P1.mx")), "watch moves what comes to the owner's Junk", said("ndrscan-watch"))
    ok(all(f.stat().st_uid == 5000 for f in (BOX / ".Junk").rglob("*")), "all of it is the owner's")
    ok(run("systemctl", "reload", "ndrscan-watch").returncode == 0, "it reads anew", said("ndrscan-watch"))
    put("2.M2P2.mx")
    ok(until(lambda: junked("2.M2P2.mx")), "and goes on", said("ndrscan-watch"))


def settle():
    done = run("systemctl", "start", "ndrscan-settle.service")
    ok(done.returncode == 0, "settle does its work", done.stderr + said("ndrscan-settle"))
    start("ndrscan-settle.timer")
    ok("ndrscan-settle.timer" in run("systemctl", "list-timers", "--no-pager").stdout, "its timer waits for the next time")


def ask(path, body=None):
    token = pathlib.Path("/var/lib/ndrscan/console.token").read_text().strip()
    request = urllib.request.Request("http://127.0.0.1:8025" + path, None if body is None else json.dumps(body).encode(),
                                     {"Authorization": "Bearer " + token, "Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=DEADLINE) as reply:
            return reply.status, json.loads(reply.read() or b"null")
    except urllib.error.HTTPError as e:
        return e.code, e.read().decode(errors="replace")
    except (OSError, ValueError) as e:
        return 0, str(e)


def job(path, body):
    """What came of a job of the console."""
    status, told = ask(path, body)
    if status != 202:
        return status, told
    until(lambda: ask(f"/api/jobs/{told['id']}")[1].get("state") not in ("waiting", "running"))
    return ask(f"/api/jobs/{told['id']}")


def console():
    run("systemctl", "stop", "ndrscan-watch.service")
    start("ndrscan-console.service", pathlib.Path("/var/lib/ndrscan/console.token").exists)
    ok(until(lambda: ask("/api/domains")[0] == 200), "the console answers", (ask("/api/domains"), said("ndrscan-console")))
    status, told = ask("/api/windows", {"domain": "example.net", "for": "2h", "note": "tried"})
    ok(status in (200, 201), "it opens a window", (status, told, said("ndrscan-console")))
    ok("example.net" in pathlib.Path("/var/lib/ndrscan/windows.d/ndrscan.yaml").read_text(), "where all users look")
    put("3.M3P3.mx")
    told = job("/api/apply", {})
    ok(junked("3.M3P3.mx"), "it moves mail", (told, said("ndrscan-console")))
    runs = ask("/api/runs")[1]
    last = runs["runs"][0]
    told = job("/api/undo", {"run": last["id"]})
    ok((BOX / "new" / "3.M3P3.mx").exists() or list((BOX / "new").glob("3.M3P3*")), "and brings it back", (last, told))
    start("ndrscan-watch.service")


def notify():
    start("ndrscan-notify.service", pathlib.Path("/var/spool/ndrscan/new").is_dir)
    event = {"id": "storm-1", "kind": "storm", "audience": "operator", "domain": DOMAIN, "at": "2026-01-01T00:00:00Z",
             "subject": "a storm", "text": "many bounces to " + DOMAIN}
    beside = pathlib.Path("/var/spool/ndrscan/.beside")
    beside.write_text(json.dumps(event))
    beside.chmod(0o644)
    beside.rename("/var/spool/ndrscan/new/storm-1.json")
    box = pathlib.Path("/var/mail/root")
    ok(until(lambda: box.exists() and "Subject: ndrscan: a storm" in box.read_text(errors="replace")), "notify tells root by mail",
       said("ndrscan-notify") + run("journalctl", "-n", "40", "-u", "postfix@-").stdout)
    ok(until(pathlib.Path("/var/spool/ndrscan/sent/storm-1.json").exists), "and keeps that it did", said("ndrscan-notify"))


def denied():
    told = "".join(said(unit) for unit in UNITS)
    bad = [line for line in told.splitlines() if re.search(r"(?i)denied|not permitted|read-only file|traceback|failed (?!0)|dumped|cannot", line)]
    ok(not bad, "the journal tells of nothing denied", "\n".join(bad))


def pids():
    return dict(zip(STAYING, run("systemctl", "show", "-P", "MainPID", "-P", "ActiveState", *STAYING).stdout.split("\n\n")))


def end():
    before = pids()
    debs = glob.glob(str(TRIAL / "*.deb"))
    done = run("dpkg", "-i", *debs, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
    ok(done.returncode == 0 and until(lambda: set(state("is-active", STAYING).values()) == {"active"}), "after an upgrade all go on",
       (done.stderr, state("is-active", STAYING)))
    after = pids()
    staying = [u for u in STAYING if u.endswith(".service")]
    ok(all(before[u] != after[u] for u in staying), "with the new program", (before, after))
    done = run("dpkg", "-r", "ndrscan-milter", "ndrscan-console", "ndrscan")
    ok(done.returncode == 0 and not set(state("is-active", STAYING).values()) & {"active"}, "a removal stops them",
       (done.stderr, state("is-active", STAYING)))
    failed = run("systemctl", "--failed", "--no-legend", "--plain").stdout
    ok("ndrscan" not in failed, "none ended with a failure", failed + "".join(said(u) for u in UNITS))


STEPS = (install, host, milter, server, watch, settle, console, notify, denied, end)
for step in [s for s in STEPS if len(sys.argv) == 1 or s.__name__ in sys.argv[1:]]:
    print("==", step.__name__, flush=True)
    try:
        step()
    except Exception as e:  # pylint: disable=broad-except # what follows is tried all the same
        ok(False, step.__name__, repr(e))
print(f"{wrong()} are not as they should be" if wrong() else "all is as it should be")
sys.exit(1 if wrong() else 0)
