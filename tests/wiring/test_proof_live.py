#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""test_proof_live.py NDRSCAN DATA [SENDER [MESSAGES]] - are genuine bounces known from forged ones?

SENDER is opendkim or rspamd, which sign for Postfix, or exim. It sends MESSAGES (100) of two domains
to a server elsewhere that refuses or bounces them, in several forms; as many forged bounces come
beside them. Its log is rotated in the middle of that, while sent add follows it. Then the manual's
way: identity init, block, scan, apply: with the
signatures, the log, the host's own bounces, each alone, and with all. All of ours that can be known
so must be spared, and no forged one be taken for ours; but what was made of one captured message is
by at most CAP for each proof that names no recipient. At last apply, which looks at all of it first,
leaves none of those.
"""
import collections
import contextlib
import datetime
import json
import os
import pathlib
import smtplib
import subprocess
import sys

import yaml

from exim_server import EximServer, downloaded
from foreign_server import REFUSED, RETURNS, TAG, WAYS, ForeignServer
from forged_mail import CAPTURED, forged, spam
from mail_server import MailServer
from signers import PORT, OpenDkim, Rspamd
from wiring import SOURCE, Place, check, in_namespaces, need, until

HOME, APP, WORLD, STRANGER = "192.0.2.10", "192.0.2.77", "198.51.100.20", "203.0.113.5"
DOMAINS = ("ours.example", "shop.example")
CAP = 20
SENDER = sys.argv[3] if len(sys.argv) > 3 else "opendkim"
COUNT = int(sys.argv[4]) if len(sys.argv) > 4 else 100
WAIT = 60 + COUNT // 4
SIGNERS = {"opendkim": OpenDkim, "rspamd": Rspamd}
MAIN = f"""inet_interfaces = 127.0.0.1, {HOME}
myhostname = mx.ours.example
mynetworks = 127.0.0.0/8, {APP}/32
virtual_mailbox_domains = {", ".join(DOMAINS)}
virtual_alias_maps = regexp:/etc/postfix/forward
relayhost = [{WORLD}]
disable_dns_lookups = yes
smtpd_milters = inet:127.0.0.1:{PORT}
non_smtpd_milters = inet:127.0.0.1:{PORT}
milter_default_action = tempfail
in_flow_delay = 0
"""


Row = collections.namedtuple("Row", "kind how whose verdict proof")


def sender_of(number):
    return "alice@" + DOMAINS[number // 2 % len(DOMAINS)]


def of_ours(number, to):
    """A message as a program of ours sends it."""
    subject = ("Your order", "=?utf-8?q?Ihre_Bestellung_f=C3=BCr_heute?=",
               "A rather long subject about what was ordered,\n and when it will come")[number % 3]
    now = datetime.datetime.now(datetime.timezone.utc)
    return (f"From: Alice <{sender_of(number)}>\nTo: \"Customer {number}\" <{to}>\nSubject: {subject}\n"
            f"Date: {now:%a, %d %b %Y %H:%M:%S +0000}\n"
            f"Message-ID: <{number}.order@app.ours.example>\nMIME-Version: 1.0\n"
            f"Content-Type: text/plain; charset=us-ascii\n\n"
            f"Dear customer,\n\nnumber {number} is on its way.\n").encode()


def send_ours(home, count, follower):
    """One half comes from a host that gives no password, one from a user of the mail server, whose
    log is rotated in the middle, when the follower has begun."""
    with smtplib.SMTP(HOME, 25, "app.ours.example", 30, (APP, 0)) as s:
        for i in range(count):
            if i == count // 2:
                until(lambda: follower.known() > 0, WAIT)
                home.rotate()
            to = f"ours.{WAYS[i % len(WAYS)]}.{i}@world.example"
            mail = of_ours(i, to)
            if i % 2 == 0:
                s.sendmail(sender_of(i), [to], mail.replace(b"\n", b"\r\n"))
            else:
                home.sendmail(mail, sender_of(i), to)


def send_strangers(count):
    """Mail in our name to an address with us that is sent on: our own host may bounce it."""
    with smtplib.SMTP(HOME, 25, "dialup.example", 30, (STRANGER, 0)) as s:
        for i in range(count):
            to = f"fwd.{WAYS[i % len(WAYS)]}.{i}@ours.example"
            s.sendmail("alice@ours.example", [to], spam(10000 + i).replace(b"\n", b"\r\n"))


def kind_of(path):
    """Of which kind is a bounce, and how was it made? A forged one may return an address of the
    message that it was made of."""
    kinds = [(m[1].decode(), m[2].decode()) for m in TAG.finditer(pathlib.Path(path).read_bytes())]
    return next((kind for kind in kinds if kind[0] != "ours"), kinds[0])


class Judge:
    """ndrscan as root has it, with folders of its own."""

    def __init__(self, place):
        self.program = place.path / "program"
        self.env = dict(os.environ, LD_LIBRARY_PATH=str(place.path))
        for name in ("CONFIG", "STATE", "CACHE"):
            self.env[f"XDG_{name}_HOME"] = str(place.path / name.lower())
        self.identity = place.path / "config" / "ndrscan" / "identity.yaml"

        self.rules = ("--no-shipped-rules", "--rules", SOURCE / "rules" / "ndr")

    def run(self, *words):
        done = subprocess.run([self.program, *words], env=self.env, capture_output=True, check=False, text=True)
        check(done.returncode == 0, " ".join(["ndrscan", *map(str, words)]) +
              ("" if done.returncode == 0 else f": {done.returncode} {done.stderr}"))
        return done.stdout

    def known(self):
        """How many records the set has by now."""
        done = subprocess.run([self.program, "sent", "stats"], env=self.env, capture_output=True, check=False, text=True)
        return int(done.stdout.split()[1].replace(",", "")) if done.returncode == 0 else 0

    def scan(self, what, box, *more):
        """A Row for each bounce; prints how many there are of each kind, and by which proof."""
        rows, table = [], collections.defaultdict(collections.Counter)
        for line in self.run("scan", "-q", *self.rules, *more, box).splitlines():
            record = json.loads(line)
            kind, how = kind_of(record["source"])
            whose = record["evidence"]["whose"]
            passed = [p["proof"] for p in record["evidence"]["proofs"] if p["result"] in ("pass", "unsigned")]
            proof = passed[0] if whose != "unknown" else ""
            rows.append(Row(kind, how, whose, record["verdict"], proof))
            table[kind][f"{whose} by {proof}".removesuffix(" by ")] += 1
            if kind == "ours":
                table["ours, all proofs"].update(passed)
        for kind, counts in sorted(table.items()):
            print(f"  {what}: {kind}: " + ", ".join(f"{n} {name}" for name, n in counts.most_common()))
        return rows


@contextlib.contextmanager
def followed(j, log, count):
    """sent add follows the log meanwhile, until it knows `count` messages and whom each was for."""
    words = ["sent", "add", "--follow", "--quiet", "--submitters", APP, log]
    with subprocess.Popen([j.program, *words], env=j.env, stderr=subprocess.PIPE, text=True) as follower:
        try:
            yield
            until(lambda: j.known() >= 2 * count or follower.poll() is not None, WAIT)
            known = j.known()
            check(known == 2 * count, f"sent add --follow knows all {count} messages though the log was rotated" +
                  ("" if known == 2 * count else f": {known} of {2 * count} records"))
        finally:
            follower.terminate()
            _, said = follower.communicate(timeout=60)
    check(follower.returncode == 0 and not said, f"it ends when it is told to {said}")


def hold(what, rows, ours, others, provable):
    """Of the bounces of ours those that were made in a provable way are spared, and no others."""
    check(len(rows) == ours + others, f"{what}: all {len(rows)} bounces are seen as such")
    genuine = [row for row in rows if row.kind == "ours"]
    proven = [row for row in genuine if row.how in provable]
    check(len(genuine) == ours and proven and all((row.whose, row.verdict) == ("ours", "keep") for row in proven),
          f"{what}: of {len(proven)} genuine ones all are spared")
    spared = [row for row in rows if row.kind != "ours" and
              (row.verdict != "junk" or row.whose not in ("unknown", "forged"))]
    wrong = [row for row in spared if row.proof not in CAPTURED.get(row.kind, ())]
    check(not wrong, f"{what}: of {others} forged ones none is taken for ours but by what CAPTURED names {wrong or ''}")
    for proof in ("dkim", "sent"):
        for kinds in (("replayed", "renamed"), ("copied",)):
            count = sum(row.kind in kinds and row.proof == proof for row in spared)
            if count > 0:
                check(count <= CAP, f"{what}: {proof} spares {count} that were made of one captured message")


def written(identity):
    """As YAML without references."""
    return json.dumps(identity, indent=1, default=lambda time: f"{time:%Y-%m-%dT%H:%M:%SZ}")


def judge(place, j, box, ours, others):
    """Prove what can be proven, and look whether anything is taken for what it is not."""
    now = datetime.datetime.now(datetime.timezone.utc)
    for domain in DOMAINS:
        j.run("identity", "init", domain)
    keys = place.path / "keys.yaml"
    keys.write_text(j.identity.read_text())
    stated = yaml.safe_load(keys.read_text())
    check([len(row["dkim"]) for row in stated["identities"]] == [1] * len(DOMAINS), "identity init finds each key")
    hosts = {"hosts": ["mx.ours.example"], "submitters": [APP + "/32"]}
    for row in stated["identities"]:
        row |= hosts
        # Exim signs as it sends, so what it bounces itself was never signed, and is in its log
        row |= {"all-mail": ["dkim"], "since": f"{now - datetime.timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"}
    j.identity.write_text(written(stated))
    j.run("identity", "check")
    hour_ago = f"{now - datetime.timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
    for domain in DOMAINS:
        j.run("block", domain, "--from", hour_ago)
    log = place.write("log.yaml", written({"identities": [{"domain": d} for d in DOMAINS]}))
    host = place.write("host.yaml", written({"identities": [{"domain": d} | hosts for d in DOMAINS]}))
    nothing = place.path / "nothing"
    nothing.mkdir()
    signed = RETURNS if SENDER == "exim" else WAYS
    for what, provable, more in (("DKIM alone", signed, ("--identity", keys, "--sent", nothing)),
                                 ("log alone", WAYS, ("--identity", log)),
                                 ("host alone", REFUSED, ("--identity", host, "--sent", nothing)),
                                 ("all", WAYS, ())):
        hold(what, j.scan(what, box, *more), ours, others, provable)
    forged_for = place.path / "forged"
    for domain in DOMAINS:
        j.run("block", domain, "--only-forged", "--windows-dir", forged_for, "--from", hour_ago)
    junk = [row for row in j.scan("--only-forged", box, "--windows", forged_for) if row.verdict == "junk"]
    check(junk and all(row.whose == "forged" and row.kind != "ours" for row in junk),
          f"a window of what is forged takes {len(junk)}, none of ours")
    j.run("apply", "-q", "--as-owner", *j.rules, box)
    left = [kind_of(f)[0] for sub in ("new", "cur") for f in (box / sub).iterdir()]
    moved = [kind_of(f)[0] for sub in ("new", "cur") for f in (box / ".Junk" / sub).iterdir()]
    check(left.count("ours") == ours and len(left) + len(moved) == ours + others and
          set(left) <= {"ours", *CAPTURED} and len(left) - ours <= 2,
          f"apply leaves ours and moves {len(moved)} of {others} forged ones to Junk: "
          f"stay {dict(collections.Counter(left))}")


def run(place, home):
    """Send, have it bounced, and judge what comes back."""
    j = Judge(place)
    with home as m, ForeignServer(WORLD, HOME) as world:
        with followed(j, m.log, COUNT):
            send_ours(m, COUNT, j)
            accepted = sum(WAYS[i % len(WAYS)] not in REFUSED for i in range(COUNT))
            until(lambda: len(world.taken) >= accepted, WAIT)
            check(len(world.taken) == accepted, f"{accepted} of {COUNT} messages are taken elsewhere")
        strangers = COUNT // 10
        send_strangers(strangers)
        until(lambda: not m.queued(), WAIT)
        world.send_bounces(list(world.taken))
        captured = [mail for to, mail in world.taken if to.startswith("ours.")]
        fakes = forged(COUNT - strangers, captured)
        world.send_bounces(fakes)
        wanted = COUNT + strangers + len(fakes)
        until(lambda: len(m.stored()) >= wanted, WAIT)
        until(lambda: not m.queued(), WAIT)
        check(len(m.stored()) == wanted, f"{wanted} bounces come back")
        j.run("sent", "add", "--quiet", "--submitters", APP, *m.logs())
        check(j.known() == 2 * COUNT, "the logs, read whole, tell nothing more")
        judge(place, j, m.boxes / "box", COUNT, wanted - COUNT)


need("openssl", "iproute2", "python3-yaml",
     *(("libidn12",) if SENDER == "exim" else ("postfix", *SIGNERS[SENDER].packages)))
with downloaded() if SENDER == "exim" else contextlib.nullcontext():
    in_namespaces()
for address in (HOME, APP, WORLD, STRANGER):
    subprocess.run(["ip", "address", "add", address + "/32", "dev", "lo"], check=True)
with Place(*sys.argv[1:3]) as p:
    if SENDER == "exim":
        run(p, EximServer(p, HOME, APP, WORLD, DOMAINS))
    else:
        postfix = MailServer(p, MAIN, "smtp inet n - n - - smtpd\n")
        p.write("etc/forward", "/^fwd\\.(.*)@ours\\.example$/ stranger.$1@world.example\n")
        with SIGNERS[SENDER](p, DOMAINS, APP):
            run(p, postfix)
