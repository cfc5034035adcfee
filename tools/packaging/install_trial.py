#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""install_trial.py STEP - what test-install does inside its Debian, step by step. Exit status 1: something is not right."""
import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shutil
import smtplib
import subprocess
import sys
import time

from trial import DOMAIN, TRIAL, ok, run, until, wrong

WIRING = TRIAL / "wiring"
STATE, SETTINGS, CACHE = map(pathlib.Path, ("/var/lib/ndrscan", "/etc/ndrscan", "/var/cache/ndrscan"))
BOUNCE = (TRIAL / "data" / "bounce.eml").read_bytes()
GROUPS = {"nobody": "nogroup"}


def cpu_ms():
    """User and system time of all processes of these namespaces but this one, those that have ended included."""
    ticks = 0
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        # utime, stime, and those of its children that have ended; what this one does, a client far away would do
        ticks += sum(int(n) for n in fields[13 if stat.parent.name == str(os.getpid()) else 11:15])
    return ticks * 1000 / os.sysconf("SC_CLK_TCK")


# What is kept

def sums():
    """The bytes of all that is kept."""
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for top in (STATE, SETTINGS)
            for path in sorted(top.rglob("*")) if path.is_file()}


def fill():
    box = pathlib.Path("/var/vmail/example.com/alice")
    for sub in ("new", "cur", "tmp", ".Junk/new", ".Junk/cur", ".Junk/tmp"):
        (box / sub).mkdir(parents=True, exist_ok=True)
    (box / "new" / "1.M1P1.mx").write_bytes(BOUNCE)
    (SETTINGS / "windows.d").mkdir(parents=True, exist_ok=True)
    (SETTINGS / "windows.d" / "ours.yaml").write_text("windows:\n  - domain: kept.example\n    from: 2020-01-01T00:00:00Z\n")
    for words in (("block", DOMAIN, "--from", "2008-05-13T00:00:00Z"),
                  ("scan", "-q", "--stats", "default", "--output", "summary", "-r", "/var/vmail"),
                  ("apply", "-r", "/var/vmail")):
        done = run("ndrscan", *words)
        ok(done.returncode == 0, "ndrscan " + " ".join(words), done.stderr)
    ok(len(list((box / ".Junk").rglob("1.M1*"))) == 1, "its junk is moved")
    remember()


def remember():
    (TRIAL / "sums").write_text(json.dumps(sums()))


def kept_alone():
    before, now = json.loads((TRIAL / "sums").read_text()), sums()
    lost = {path for path in before if now.get(path) != before[path]}
    ok(before and not lost, f"all {len(before)} files of windows, history, statistics and journal are as they were", lost)
    ok(not CACHE.exists(), "the cache is deleted") if not pathlib.Path("/usr/bin/ndrscan").exists() else None


def kept():
    kept_alone()
    seen = run("ndrscan", "windows").stdout
    ok("example.com" in seen and "kept.example" in seen, "both windows are in force", seen)
    runs = run("ndrscan", "runs").stdout
    ok(len(runs.splitlines()) >= 2, "the journal is read", runs)


def folders():
    for path, want in ((STATE, "755 root root"), (STATE / "windows.d", "2775 root ndrscan"), (SETTINGS, "755 root root")):
        seen = run("stat", "-c", "%a %U %G", path).stdout.strip()
        ok(seen == want, f"{path} is {want}", seen)
    units = [u for top in ("/lib", "/usr/lib") for u in pathlib.Path(top, "systemd/system").glob("ndrscan-*")]
    enabled = list(pathlib.Path("/etc/systemd/system").rglob("ndrscan-*"))
    ok(units and not enabled, "units are installed, and none is enabled", enabled)
    for name, verb in (("ndrscan-milter", "milter"), ("ndrscan-console", "console")):
        ok(run("ndrscan", verb, "--help").returncode == 0, f"{name} is found by ndrscan {verb}")


def as_user(user, *words, mail=BOUNCE):
    """(seconds of one of ten, what it said) with an environment as mail servers give it."""
    begun = time.monotonic()
    for _ in range(10):
        done = subprocess.run(["setpriv", f"--reuid={user}", f"--regid={GROUPS.get(user, user)}", "--clear-groups", *words], input=mail, cwd="/",
                              env={"PATH": "/usr/bin:/bin"}, capture_output=True, check=False)
    return (time.monotonic() - begun) / 10, done


def compiled():
    for user in ("nobody", "postfix"):
        took, done = as_user(user, "/usr/bin/ndrscan", "check", "-q")
        said = done.stderr.decode()
        ok("compile" not in said and done.returncode in (0, 1),
           f"as {user} the rules are there compiled ({took * 1000:.0f} ms a message)", said)
    print("   ", run("ndrscan", "--version").stdout.replace("\n", "; "))


def removed():
    kept_alone()
    ok(not pathlib.Path("/usr/bin/ndrscan").exists(), "the command is gone")


def gone():
    left = [str(p) for p in (STATE, SETTINGS, CACHE) if p.exists()]
    ok(not left, "purged as asked, nothing is left", left)


# The wiring

def paste(name, to, mode=0o644):
    path = pathlib.Path(to)
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(WIRING / name, path)
    path.chmod(mode)


class Boxes:
    """Where the mail of a trial ends: alice's Maildir, or that of all virtual mail."""

    def __init__(self, home):
        self.maildir = pathlib.Path(home)

    def empty(self):
        for sub in ("new", "cur", "tmp"):
            for folder in ("", ".Junk"):
                for path in (self.maildir / folder / sub).glob("*"):
                    path.unlink()

    def count(self):
        return sum(1 for folder in ("", ".Junk") for sub in ("new", "cur") for _ in (self.maildir / folder / sub).glob("*"))

    def messages(self):
        for folder in ("", ".Junk"):
            for sub in ("new", "cur"):
                for path in (self.maildir / folder / sub).glob("*"):
                    yield folder, path.read_bytes()


def server(local, master="", main=""):
    """Postfix as Debian ships it, with what a host has of its own and the wiring behind it."""
    run("postfix", "abort")
    shutil.rmtree("/etc/postfix", ignore_errors=True)
    shutil.copytree("/trial/postfix", "/etc/postfix", symlinks=True)
    if not pathlib.Path("/etc/postfix/main.cf").exists():
        shutil.copyfile("/usr/share/postfix/main.cf.debian", "/etc/postfix/main.cf")
    own = {"compatibility_level": "3.6", "myhostname": "mx.example.org", "inet_interfaces": "127.0.0.1", "inet_protocols": "ipv4",
           "mynetworks": "127.0.0.0/8", "alias_maps": "", "maillog_file": "/var/log/maillog", "maillog_file_prefixes": "/var",
           "smtpd_peername_lookup": "no", "smtputf8_enable": "no", **local}
    given = pathlib.Path("/etc/postfix/master.cf").read_text()
    given = re.sub(r"^(postlog\b.*\n)", "", given, flags=re.M) + "postlog unix-dgram n - n - 1 postlogd\n"
    for name, kind in re.findall(r"^(\S+)\s+(\S+)", master, re.M):
        # a service that is pasted takes the place of the one that was there
        given = re.sub(rf"^{name}\s+{kind}\s.*\n(?:\s+.*\n)*", "", given, flags=re.M)
    pathlib.Path("/etc/postfix/master.cf").write_text(given + master)
    # each name once: of a second one every program warns, postlogd too, which then waits for itself
    usual = [line for line in pathlib.Path("/etc/postfix/main.cf").read_text().splitlines(True)
             if line.split("=", 1)[0].strip() not in own]
    pathlib.Path("/etc/postfix/main.cf").write_text(
        "".join(usual) + "".join(f"{name} = {value}\n" for name, value in own.items()) + main)
    pathlib.Path("/var/log/maillog").unlink(missing_ok=True)
    done = run("postfix", "start", timeout=60)
    ok(done.returncode == 0, "Postfix starts", done.stderr)


def send(count, to):
    """Bounces from <>, each with a Message-ID of its own, over eight connections."""
    # as it came: whose Delivered-To this host's is, local(8) takes for a loop
    mail = re.sub(rb"(?mi)^delivered-to:.*\n", b"", BOUNCE.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")

    def some(start):
        with smtplib.SMTP("127.0.0.1", 25, "client.example.net", timeout=60) as smtp:
            for number in range(start, count, 8):
                smtp.sendmail("", [to], re.sub(rb"(?mi)^message-id:.*$", b"Message-ID: <t%d@client.example.net>\r" % number, mail,
                                               count=1))

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(some, start) for start in range(min(8, count))]:
            done.result()


def log():
    path = pathlib.Path("/var/log/maillog")
    return path.read_text(errors="replace") if path.exists() else ""


def deliver(name, boxes, to, args):
    """(what is stored, seconds, CPU ms a message) of as many bounces as asked for; None: Postfix does not take them."""
    boxes.empty()
    until(lambda: run("postqueue", "-j").stdout == "", 10)
    begun, spent = time.monotonic(), cpu_ms()
    try:
        send(args.messages, to)
    except (OSError, smtplib.SMTPException) as e:
        ok(False, f"{name}: Postfix takes {args.messages} bounces", f"{e}\n{log()[-3000:]}")
        return None
    until(lambda: boxes.count() >= args.messages, 60 + args.messages / 5)
    took = time.monotonic() - begun
    return list(boxes.messages()), took, (cpu_ms() - spent) / args.messages


def measure(name, boxes, to, args, junk_folder):
    seen = deliver(name, boxes, to, args)
    if seen is None:
        return
    stored, took, cpu = seen
    ids = {re.search(rb"(?mi)^message-id: *<t(\d+)@", mail)[1] for _, mail in stored if re.search(rb"(?mi)^message-id: *<t(\d+)@", mail)}
    ok(len(ids) == args.messages == len(stored), f"{name}: {len(ids)} of {args.messages} bounces are there, each once",
       f"{len(stored)} stored\n" + log()[-3000:])
    flagged = [folder for folder, mail in stored if b"\nX-NDR-Flag: YES" in b"\n" + mail.replace(b"\r", b"")]
    good = len(flagged) == len(stored) and (not junk_folder or all(folder == ".Junk" for folder in flagged))
    ok(stored and good, f"{name}: all are junk", f"{len(flagged)} flagged\n" + log()[-3000:])
    rate = len(stored) / took
    ok(rate >= args.rate, f"{name}: {rate:.0f} a second ({took:.1f} s; {args.rate:.0f} are asked for)")
    rows.append((name, rate, cpu))


rows = []  # of the table: a way, messages a second, CPU ms a message


def bare(name, boxes, to, args):
    """The same way without ndrscan, to be set against it."""
    seen = deliver(name, boxes, to, args)
    if seen is not None:
        rows.append((name, len(seen[0]) / seen[1], seen[2]))


def as_its_unit(*words, umask="007"):
    """A service that runs as ndrscan, as its unit has it."""
    return subprocess.Popen(["setpriv", "--reuid=ndrscan", "--regid=ndrscan", "--init-groups", "--reset-env", "sh", "-c",
                             f'umask {umask}; exec "$@"', *words[:1], *words])


def serve_clients():
    """Who answers ndrscan-client, as ndrscan-filter.service does."""
    run("install", "-d", "-o", "ndrscan", "/run/ndrscan")
    serving = as_its_unit("ndrscan", "filter", "--serve", "/run/ndrscan/filter.sock", "--socket-mode=666")
    until(pathlib.Path("/run/ndrscan/filter.sock").exists, 30)
    return serving


def wiring(args):
    if not (TRIAL / "postfix").exists():
        shutil.copytree("/etc/postfix", TRIAL / "postfix", symlinks=True)
    run("useradd", "-m", "alice")
    run("useradd", "-r", "-u", "5000", "-U", "vmail")
    vmail = {"mydestination": "", "virtual_mailbox_domains": DOMAIN, "virtual_mailbox_maps": "static:box/",
             "virtual_mailbox_base": "/var/boxes", "virtual_uid_maps": "static:5000", "virtual_gid_maps": "static:5000"}
    pathlib.Path("/var/boxes").mkdir(exist_ok=True)
    run("chown", "vmail:vmail", "/var/boxes")
    box, home = Boxes("/var/boxes/box"), Boxes("/home/alice/Maildir")
    for sub in ("", ".Junk"):
        for part in ("new", "cur", "tmp"):
            (home.maildir / sub / part).mkdir(parents=True, exist_ok=True)
    run("chown", "-R", "alice:alice", home.maildir)
    run("ndrscan", "block", DOMAIN, "--from", "2008-05-13T00:00:00Z")

    shutil.copy(WIRING / "sender_null", TRIAL / "postfix" / "sender_null")
    answering = serve_clients()
    server(vmail)
    bare("Postfix alone", box, "alice@" + DOMAIN, args)
    server(vmail, (WIRING / "master.cf").read_text(), (WIRING / "main.cf").read_text())
    measure("Postfix's pipe", box, "alice@" + DOMAIN, args, False)

    # as its unit does it
    folder = pathlib.Path("/var/spool/postfix/ndrscan")
    run("install", "-d", "-o", "ndrscan", "-g", "postfix", "-m", "2750", folder)
    with as_its_unit("ndrscan-milter", f"unix:{folder}/milter.sock") as milter:
        until((folder / "milter.sock").exists, 30)
        server(vmail, "", "smtpd_milters = unix:ndrscan/milter.sock\nmilter_default_action = accept\n")
        measure("the milter", box, "alice@" + DOMAIN, args, False)
        milter.terminate()

    here = {"mydestination": DOMAIN}
    pathlib.Path("/home/alice/.procmailrc").write_text("MAILDIR=$HOME/Maildir\n:0\n.Junk/\n")
    run("chown", "alice:alice", "/home/alice/.procmailrc")
    server({**here, "mailbox_command": "/usr/bin/procmail"})
    bare("procmail alone", home, "alice@" + DOMAIN, args)
    paste("procmailrc", "/home/alice/.procmailrc")
    server({**here, "mailbox_command": "/usr/bin/procmail"})
    measure("procmail", home, "alice@" + DOMAIN, args, True)

    pathlib.Path("/home/alice/.mailfilter").write_text("to \"$HOME/Maildir/.Junk/\"\n")
    run("chmod", "600", "/home/alice/.mailfilter")
    run("chown", "alice:alice", "/home/alice/.mailfilter")
    server({**here, "mailbox_command": "/usr/bin/maildrop"})
    bare("maildrop alone", home, "alice@" + DOMAIN, args)
    paste("maildroprc", "/home/alice/.mailfilter", 0o600)
    server({**here, "mailbox_command": "/usr/bin/maildrop"})
    measure("maildrop", home, "alice@" + DOMAIN, args, True)

    paste("ndr.sieve", "/etc/dovecot/ndr.sieve")
    paste("ndrscan-filter", "/etc/dovecot/sieve-filter/ndrscan-filter", 0o755)
    new = run("dovecot", "--version").stdout.startswith("2.4")
    name = "dovecot-2.4.conf" if new else "dovecot.conf"
    plugins = "mail_plugins {\n    sieve = yes\n  }" if new else "mail_plugins = sieve"
    pathlib.Path("/etc/dovecot/conf.d/99-trial.conf").write_text(
        ("mail_driver = maildir\nmail_path = ~/Maildir\nmail_inbox_path = ~/Maildir\n"
         "auth_username_format = %{user | username | lower}\n" if new else
         "mail_location = maildir:~/Maildir\nauth_username_format = %Ln\n") +
        f"ssl = no\nprotocol lda {{\n  {plugins}\n}}\nprotocol lmtp {{\n  {plugins}\n}}\n"
        "service lmtp {\n  unix_listener /var/spool/postfix/private/dovecot-lmtp {\n    mode = 0600\n    user = postfix\n"
        "    group = postfix\n  }\n}\n" + (WIRING / name).read_text())
    lmtp = {**here, "mailbox_transport": "lmtp:unix:private/dovecot-lmtp"}
    pathlib.Path("/etc/dovecot/ndr.sieve").write_text("require \"fileinto\";\nfileinto \"Junk\";\n")
    run("sievec", "/etc/dovecot/ndr.sieve")
    server(lmtp)
    said = TRIAL / "dovecot.err"
    with said.open("wb") as to:  # it stays, and keeps what it is given open
        done = subprocess.run(["dovecot"], stdout=to, stderr=to, check=False, timeout=60)
    ok(done.returncode == 0, "Dovecot starts", said.read_text(errors="replace"))
    bare("Sieve alone", home, "alice@" + DOMAIN, args)
    paste("ndr.sieve", "/etc/dovecot/ndr.sieve")
    done = run("sievec", "/etc/dovecot/ndr.sieve")
    ok(done.returncode == 0, "the Sieve script compiles", done.stderr)
    server(lmtp)
    measure("Sieve by LMTP", home, "alice@" + DOMAIN, args, True)
    run("dovecot", "stop", timeout=60)
    # reads Dovecot's configuration anew for each message: measured, and held to nothing
    server({**here, "mailbox_command": "/usr/lib/dovecot/dovecot-lda -f \"$SENDER\" -a \"$RECIPIENT\""})
    bare("Sieve by lda", home, "alice@" + DOMAIN, args)
    run("postfix", "abort")
    answering.terminate()
    print(f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
    for name, rate, cpu in rows:
        print(f"    {name:16} {rate:6.0f} a second {cpu:7.1f} ms of CPU a message")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("step")
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--rate", type=float, default=150)
    args = parser.parse_args()
    print("==", args.step, flush=True)
    step = globals()[args.step]
    step(args) if step is wiring else step()
    return 1 if wrong() else 0


sys.exit(main())
