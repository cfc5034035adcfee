#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""compose_trial.py PROJECT DATA - what test-compose does with the project in that folder, once ndrscan's image is there."""
import os
import pathlib
import re
import smtplib
import socket
import sys
import time

from trial import DOMAIN, ok, run, until, wrong

PROJECT, DATA = map(pathlib.Path, sys.argv[1:3])
BOUNCE, LETTER = ((DATA / name).read_bytes() for name in ("bounce.eml", "letter.eml"))
COUNT = 100
sent = 0


def compose(*words):
    return run("podman-compose", *words, cwd=PROJECT)


def inside(service, *words):
    return compose("exec", "-T", service, *words)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


PORT = os.environ["PORT"] = str(free_port())


def takes_mail():
    """Whether it would: without the milter it says 451 to a sender."""
    try:
        with smtplib.SMTP("127.0.0.1", int(PORT), "client.example.net", timeout=5) as smtp:
            return smtp.ehlo()[0] == 250 and smtp.mail("")[0] == 250
    except (OSError, smtplib.SMTPException):
        return False


def send(mail, sender, count):
    """Whether all were taken; each has a Message-ID of its own."""
    global sent
    try:
        with smtplib.SMTP("127.0.0.1", int(PORT), "client.example.net", timeout=60) as smtp:
            for _ in range(count):
                sent += 1
                smtp.sendmail(sender, ["alice@" + DOMAIN],
                              re.sub(rb"(?mi)^message-id:.*$", b"Message-ID: <c%d@client.example.net>" % sent, mail, count=1))
    except (OSError, smtplib.SMTPException):
        return False
    return True


def held(folder):
    """How many messages alice has there."""
    told = inside("dovecot", "doveadm", "mailbox", "status", "-u", "alice@" + DOMAIN, "messages", folder).stdout
    seen = re.search(r"messages=(\d+)", told)
    return int(seen[1]) if seen else 0


def stand(inbox, junk, sentence):
    good = until(lambda: (held("INBOX"), held("Junk")) == (inbox, junk))
    ok(good, sentence, f"INBOX {held('INBOX')}, Junk {held('Junk')}\n" + "".join(
        run("podman", "logs", "--tail", "12", f"ndrscan-trial_{name}_1").stdout for name in ("postfix", "ndrscan", "dovecot")))


def build():
    done = compose("build")
    ok(done.returncode == 0, "the images of Postfix and Dovecot are built", done.stdout + done.stderr)


def up():
    done = compose("up", "-d")
    ok(done.returncode == 0 and until(takes_mail), "the project comes up and takes mail", done.stdout + done.stderr)
    seen = run("podman", "inspect", "-f", "{{.HostConfig.ReadonlyRootfs}} {{.Config.User}} {{.EffectiveCaps}}", "ndrscan-trial_ndrscan_1").stdout
    ok(seen.strip() == "true ndrscan []", "ndrscan runs as ndrscan without capabilities on a read-only root", seen)


def storm():
    ok(send(LETTER, "carol@example.net", 5) and send(BOUNCE, "", COUNT), f"5 letters and {COUNT} bounces are taken")
    stand(5 + COUNT, 0, "without a window all are in INBOX")
    done = inside("ndrscan", "ndrscan", "block", DOMAIN, "--from", "2008-05-13T00:00:00Z", "--note", "tried")
    ok(done.returncode == 0, "ndrscan block", done.stderr)
    # it looks for changed windows once a second
    time.sleep(2)
    ok(send(LETTER, "carol@example.net", 5) and send(BOUNCE, "", COUNT), "as many again are taken")
    stand(10 + COUNT, COUNT, "with one the bounces are in Junk, the letters in INBOX")


def anew():
    run("podman", "rm", "-f", "ndrscan-trial_ndrscan_1")
    ok(not takes_mail(), "without ndrscan mail is put off")
    done = compose("up", "-d", "ndrscan")
    ok(done.returncode == 0 and until(takes_mail) and send(BOUNCE, "", 1), "a new container takes its place", done.stdout + done.stderr)
    stand(10 + COUNT, COUNT + 1, "and knows the window")
    done = inside("ndrscan", "ndrscan", "unblock", DOMAIN)
    ok(done.returncode == 0, "ndrscan unblock", done.stderr)
    time.sleep(2)
    ok(send(BOUNCE, "", 1), "one more is taken")
    stand(11 + COUNT, COUNT + 1, "which is in INBOX")


def end():
    done = compose("down", "-v")
    left = run("podman", "ps", "-a", "--format", "{{.Names}}").stdout
    ok(done.returncode == 0 and "ndrscan-trial" not in left, "all is taken down", done.stderr + left)


try:
    for step in (build, up, storm, anew, end):
        print("==", step.__name__, flush=True)
        step()
finally:
    # its containers start again by themselves, so none may be left; nor the images that were built for it
    compose("down", "-v")
    run("podman", "rmi", "-f", *run("podman", "images", "-q", "--filter", "reference=localhost/ndrscan-trial_*").stdout.split())
print(f"{wrong()} are not as they should be" if wrong() else "all is as it should be")
sys.exit(1 if wrong() else 0)
