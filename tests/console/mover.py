#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""mover.py PROBE NDRSCAN [LATER] - does the mover do what a console that was taken over asks for?

Plays a console that sends whatever it likes: in every person's name, for every domain, with
old rights, in broken packets. Each domain's mail has a word of its own in its names; none may
come back to who has no right to it, and no mail of another may move.
"""
import fcntl
import json
import os
import pathlib
import select
import shutil
import signal
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import time

from stage import BOUNCE

PREVIEW, APPLY, UNDO, RUNS, BLOCK, UNBLOCK, SETTLE, AUTO_ON, AUTO_OFF = range(9)
PEOPLE = {  # name: role, domains, and whose words they may see
    "alice": ("operate", ["a.example"], {"a"}),
    "bob": ("operate", ["b.example"], {"b"}),
    "carol": ("look", ["a.example"], {"a"}),
    "dave": ("switch", ["a.example", "b.example"], {"a", "b"}),
    "erin": ("operate", ["*.sub.example"], {"s", "x"}),
    "frank": ("operate", ["sub.example"], {"s"}),
    "grace": ("look", ["a.example"], {"a"}),
}
DOMAINS = {"a": "a.example", "b": "b.example", "s": "sub.example", "x": "x.sub.example"}
SWITCH = {RUNS, PREVIEW, BLOCK, UNBLOCK, AUTO_ON, AUTO_OFF}
ACTS = {"look": {RUNS}, "switch": SWITCH, "operate": SWITCH | {APPLY, UNDO}}
TOKEN = b"token"  # what is said of the operator's
WINDOWS = "windows:\n" + "".join(
    f"  - {{domain: {d}, from: 2001-01-01T00:00:00Z, subdomains: true}}\n" for d in DOMAINS.values())
checked, failed = 0, []


def ok(good, what, more=""):
    global checked
    checked += 1
    if not good:
        failed.append(what)
    print(f"{'ok' if good else 'not ok'} {checked} - {what}")
    if not good and more:
        print("\n".join("# " + line for line in str(more).splitlines()[:20]))


def word(key):
    return f"secret-of-{key}"


class Mover:
    """A mover over mail of four domains, and the console's end of its socket."""

    def __init__(self, probe, ndrscan, mapped=False):
        """`mapped`: whose a Maildir is, a map says, and its path does not."""
        self.probe, self.mapped = probe, mapped
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ndrscan-mover-"))
        self.admins = self.folder / "admins.yaml"
        self.mail = self.folder / "mail"
        self.log = open(self.folder / "log", "w+", encoding="utf-8")
        # what defaults say of other commands is nothing to those that it starts
        (self.folder / "config" / "ndrscan").mkdir(parents=True)
        (self.folder / "config" / "ndrscan" / "ndrscan.yaml").write_text(
            f"all:\n  stats: {self.folder}/stats.db\n  dry-run: true\n  quiet: true\n"
            "  no-windows: true\napply:\n  release: true\nundo:\n  only-domain: nobody.example\n")
        (self.folder / "windows.d").mkdir()
        (self.folder / "windows.d" / "all.yaml").write_text(
            WINDOWS.replace("subdomains", "note: secret-of-the-operator, subdomains"))
        self.people()
        self.map = self.folder / "mailboxes"
        self.write_map()
        for key, domain in DOMAINS.items():
            for half in ("cur", "new", "tmp"):
                (self.maildir(key) / half).mkdir(parents=True)
            self.deliver(key, domain, "own")
            for other in DOMAINS.values():
                if other != domain:
                    self.deliver(key, other, f"forged-{other}")
        self.preload = {}
        self.start(ndrscan, show=False)

    def maildir(self, key):
        return self.mail / word(key) / "Maildir" if self.mapped else self.mail / DOMAINS[key] / word(key)

    def write_map(self, more="", **domains):
        """Under its name as a whole; `more` goes behind it."""
        lines = [f"{self.mail}/{word(key)}\t{domains.get(key, domain)}\n" for key, domain in DOMAINS.items()]
        fresh = self.map.with_suffix(".new")
        fresh.write_text("# whose\n" + "".join(lines) + more)
        fresh.chmod(0o640)
        fresh.rename(self.map)

    def deliver(self, key, to, name):
        text = BOUNCE.format(user=word(key), domain=to, n=1, at=0,
                             date="Wed, 14 May 2008 11:02:07 +0200")
        path = self.maildir(key) / "cur" / f"1.{name}.{word(key)}:2,S"
        path.write_text(text)

    def people(self, **roles):
        lines = ["admins:"]
        for name, (role, domains, _) in PEOPLE.items():
            quoted = ", ".join(f'"{d}"' for d in domains)
            lines += [f"  - name: {name}", f"    domains: [{quoted}]",
                      f"    role: {roles.get(name, role)}",
                      "    proxy: grace" if name == "grace" else "    password: $y$j9T$salt$hash"]
        fresh = self.admins.with_suffix(".new")
        fresh.write_text("\n".join(lines) + "\n")
        fresh.chmod(0o640)
        fresh.rename(self.admins)
        told = subprocess.run([self.probe, "generations", self.admins], text=True,
                              capture_output=True, check=True).stdout.split()
        self.head = int(told.pop())
        self.generation = {n: int(g) for n, g in zip(told[::2], told[1::2])}

    def start(self, ndrscan, show=True):
        self.socket, end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.shown, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = dict(os.environ, HOME=str(self.folder), XDG_STATE_HOME=str(self.folder / "state"),
                           XDG_CONFIG_HOME=str(self.folder / "config"), **self.preload)
        self.process = subprocess.Popen(
            [self.probe, str(end.fileno()), str(other.fileno()), os.path.abspath(ndrscan), self.folder / "journal",
             self.folder / "windows.d", self.admins, 
             self.map if self.mapped else f"{self.mail}/{{domain}}/{{user}}/", self.mail],
            pass_fds=[end.fileno(), other.fileno()], stderr=self.log, env=environment)
        end.close()
        other.close()
        if show:
            self.shown.send(b"$y$j9T$salt$hash")
            self.shown.send(TOKEN)

    def stop(self):
        self.socket.close()
        return self.process.wait(timeout=60)

    def packet(self, what, person, domain="", below=0, words=b"", generation=None, way="", peer="", address=""):
        if generation is None:
            generation = self.generation.get(person, 0)
        body = struct.pack("=IIQ65s256s16s64s64s", what, below, generation, person.encode(), domain.encode(),
                           way.encode(), peer.encode(), address.encode())
        return body.ljust(self.head, b"\0") + words

    def send(self, packet, ends=1):
        """The pipe that it answers on; None without one."""
        pipes = [os.pipe() for _ in range(ends)]
        try:
            if ends == 0:
                self.socket.send(packet)
            else:
                socket.send_fds(self.socket, [packet], [w for _, w in pipes])
        finally:
            for _, w in pipes:
                os.close(w)
            for r, _ in pipes[1:]:
                os.close(r)
        return pipes[0][0] if ends else None

    def read(self, fd, until=None):
        said = b""
        while True:
            if not select.select([fd], [], [], 120)[0]:
                raise TimeoutError("the mover says nothing")
            got = os.read(fd, 1 << 16)
            said += got
            if not got or (until is not None and until in said):
                break
        if not got:
            os.close(fd)
        return said.decode(errors="replace")

    def ask(self, *args, ends=1, **how):
        return self.read(self.send(self.packet(*args, **how), ends))

    def file(self):
        """The windows that were opened here."""
        own = self.folder / "windows.d" / "ndrscan.yaml"
        return own.read_text() if own.exists() else ""

    def moved(self):
        """Whose mail is in Junk."""
        return sorted({k for k in DOMAINS for p in self.maildir(k).rglob("*own*") if "Junk" in str(p)})

    def logged(self):
        return (self.folder / "log").read_text(encoding="utf-8")


def foreign(said, own):
    keys = (set(DOMAINS) - own) | {"the-operator"}
    return [k for k in keys if word(k) in said]


def holds(person, domain, below):
    if domain == "":
        return True
    for d in PEOPLE[person][1]:
        name = d.removeprefix("*.")
        wide = d.startswith("*.")
        if domain == name and (wide or not below) or wide and domain.endswith("." + name):
            return True
    return False


def window(domain, more="", until="2099-01-01T00:00:00Z"):
    """A window, in the words of a file; `more` of it."""
    end = f", until: {until}" if until else ""
    return f"windows:\n  - {{domain: {domain}, from: 2008-05-13T00:00:00Z{end}{more}}}\n".encode()


def show_token(m):
    """What the console says of the operator is worth nothing without the process that compares tokens."""
    before = m.file()
    for what, domain, words in ((PREVIEW, "", WINDOWS.encode()), (APPLY, "", b""), (UNDO, "", b"20080513T080000Z-1"),
                                (RUNS, "", b""), (BLOCK, "b.example", window("b.example")), (UNBLOCK, "b.example", b"")):
        said = m.ask(what, "", domain, words=words)
        ok("not yours" in said and "exit 77" in said, f"request {what} is not done for an operator who is not there", said)
    for lie in (b"Token", b"toke", b"token\0", b"$token", b"tokens"):
        m.shown.send(lie)
    said = m.ask(RUNS, "")
    ok("not yours" in said, "nor for another word", said)
    said = m.ask(SETTLE, "", generation=0)
    ok("exit 0" in said and m.file() == before, "what ends when it is calm is nobody's wish, and ends nothing here", said)
    m.shown.send(TOKEN)
    said = m.ask(RUNS, "")
    ok("exit 0" in said, "then it is", said)


def stopped(m):
    """A change that began is done whole, whoever ends the console meanwhile."""
    children = pathlib.Path(f"/proc/{m.process.pid}/task/{m.process.pid}/children")
    if not children.exists():
        ok(True, "a change is not cut off # SKIP the kernel tells no children")
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        with open(m.folder / "windows.d" / ".ndrscan.lock", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            pipe = m.send(m.packet(BLOCK, "alice", "a.example", 0, window("a.example")))
            while not (born := children.read_text().split()):
                time.sleep(0.001)
            for pid in born:
                os.kill(int(pid), number)
        said = m.read(pipe)
        ok("exit 0" in said and "domain: a.example" in m.file(), f"{number.name} does not cut off a change", said)
        ok("exit 0" in m.ask(UNBLOCK, "alice", "a.example"), "which can be ended", m.file())


def wishes(m, names):
    """That windows open themselves is wished as the file of people says, in their own name."""
    path = m.folder / "windows.d" / ".ndrscan.auto.wishes.json"
    read = lambda: {w["domain"]: (w.get("person"), w["take"]) for w in json.loads(path.read_text())["wishes"]} if path.exists() else {}
    wrong, done = [], 0
    for person, (role, _, _) in PEOPLE.items():
        for domain in names:
            before = read()
            said = m.ask(AUTO_ON, person, domain, 0, b"forged")
            may = domain != "" and AUTO_ON in ACTS[role] and holds(person, domain, 0)
            done += may
            if ("exit 0" in said) != may or read() != {**before, **({domain: (person, "forged")} if may else {})}:
                wrong.append((person, domain, said))
            if may and "exit 0" not in m.ask(AUTO_OFF, person, domain):
                wrong.append((person, domain, "off"))
    ok(not wrong and done > 4 and read() == {}, f"{done} wishes are put down and taken out, and no other", wrong[:4])
    m.ask(AUTO_ON, "alice", "a.example", 0, b"all-but-ours")
    for words in (b"all", b"", b"never", b"forged\nx", b"x" * 4000):
        said = m.ask(AUTO_ON, "alice", "a.example", 0, words)
        ok("exit 2" in said and read() == {"a.example": ("alice", "all-but-ours")}, f"none takes {words[:9]}", said)
    ok("not yours" in m.ask(AUTO_OFF, "bob", "a.example") and len(read()) == 1, "another one takes none out")
    ok("exit 0" in m.ask(AUTO_OFF, "", "a.example") and not read(), "the operator does")
    for domain in ("A.EXAMPLE", "a.example.", "*.a.example", "b\u00fccher.example", "a b", "x\ny.example", "--no-windows"):
        said = m.ask(AUTO_ON, "", domain, 0, b"forged")
        ok("exit 2" in said and not read(), f"nor does the operator for {domain!r}, which nobody could read again", said)


def switch_windows(m):
    """Windows are opened and ended as the file of people says, whatever the console makes of it."""
    wrong, forbidden, done = [], [], 0
    names = list(DOMAINS.values()) + ["y.x.sub.example", "example", "ba.example", "*.a.example", "A.EXAMPLE", ""]
    for person, (role, _, _) in PEOPLE.items():
        for domain in names:
            for below in (0, 1):
                before = m.file()
                more = ", subdomains: true" if below else ""
                said = m.ask(BLOCK, person, domain, below, window(domain, more))
                may = domain != "" and BLOCK in ACTS[role] and holds(person, domain, below)
                after = m.file()
                if ("not yours" in said) == may or (after != before) != (may and "exit 0" in said):
                    wrong.append((person, domain, below, said))
                if may and f"domain: {domain}" not in after:
                    forbidden.append((person, domain, said))
                if may:
                    done += "exit 0" in said
                    ended = m.ask(UNBLOCK, person, domain)
                    if "exit 0" not in ended:
                        wrong.append((person, domain, "unblock", ended))
    own = m.folder / "windows.d" / "ndrscan.yaml"
    own.write_text("windows: []\n")
    ok(not wrong and not forbidden and done > 8, f"{done} windows are opened and ended, and no other", (wrong + forbidden)[:4])
    for why, words, below in (
            ("another's domain in the words", window("b.example"), 0), ("and what is below", window("a.example", ", subdomains: true"), 0),
            ("two windows", window("a.example") + window("b.example").partition(b"\n")[2], 0),
            ("no window", b"windows: []\n", 0), ("nothing", b"", 0), ("no end", window("a.example", until=""), 0),
            ("no YAML", b"{[", 0), ("an unknown word", window("a.example", ", path: /etc/passwd"), 0),
            ("a link's name", b"/etc/shadow", 0), ("a note with a line", window("a.example", ', note: "a\nwindows: []"'), 0)):
        before = m.file()
        said = m.ask(BLOCK, "alice", "a.example", below, words)
        if "note" in why:
            ok("exit 0" in said and f"\n{m.file()}".count("\nwindows:") == 1 and "note:" in m.file(), f"{why} stays a note", m.file())
            own.write_text("windows: []\n")
        else:
            ok("exit 2" in said and m.file() == before, f"{why}: no window", said)
    m.ask(BLOCK, "", "a.example", 0, window("a.example", ", note: secret-of-the-operator"))
    held = m.file()
    said = m.ask(UNBLOCK, "alice", "a.example")
    ok("exit 2" in said and m.file() == held, "a person ends no window of the operator's", said)
    said = m.ask(BLOCK, "alice", "a.example", 0, window("a.example", ", delegated: false"), way="token", peer="p", address="q")
    now = m.file()
    ok("exit 0" in said and "delegated: true" in now and held.strip() in now, "a person's is a person's, and beside it", (said, now))
    line = json.loads((m.folder / "state/ndrscan/history.jsonl").read_text().splitlines()[-1])
    ok((line["person"], line["way"], line["who"], line["peer"], line["address"]) == ("alice", "password", "console: alice", "p", "q"),
       "the history says who it was as the mover knows it", line)
    said = m.ask(UNBLOCK, "bob", "a.example")
    ok("not yours" in said and m.file() == now, "another one cannot end it", said)
    said = m.ask(UNBLOCK, "alice", "a.example", generation=0)
    ok("not yours" in said and m.file() == now, "nor can old rights", said)
    said = m.ask(SETTLE, "alice")
    ok("not yours" in said and m.file() == now, "and to have it settled is not for people", said)
    said = m.ask(UNBLOCK, "", "a.example")
    ok("exit 0" in said, "the operator ends both", said)
    stopped(m)
    own.unlink()
    wishes(m, names)
    shutil.rmtree(m.folder / "state")  # what was there once is no longer looked for


def show_passwords(m):
    said = m.ask(RUNS, "alice")
    ok("not yours" in said, "nothing is done in the name of who has shown no password", said)
    m.shown.send(b"$y$j9T$salt$another")
    m.shown.send(b"x" * 5000)
    m.shown.send(b"$y$j9T$salt$hash\0")
    said = m.ask(RUNS, "alice")
    ok("not yours" in said, "nor where another one was shown", said)
    said = m.ask(RUNS, "grace")
    ok("exit 0" in said, "whom a proxy may name is believed to be there", said)
    m.shown.send(b"$y$j9T$salt$hash")
    said = m.ask(RUNS, "alice")
    ok("exit 0" in said, "then it is", said)


def attack_by_requests(m):
    asked = [""] + list(DOMAINS.values()) + [
        "example", "A.EXAMPLE", "a.example.", "*.a.example", ".a.example", "a.example b.example",
        "--no-windows", "y.x.sub.example", "ba.example"]
    leaks, wrong, refused, done = [], [], 0, 0
    for person, (role, _, own) in PEOPLE.items():
        for what in (PREVIEW, RUNS):
            for domain in asked:
                for below in (0, 1):
                    said = m.ask(what, person, domain, below, WINDOWS.encode() if what == PREVIEW else b"")
                    may = what in ACTS[role] and holds(person, domain, below and domain != "")
                    leaks += [(person, what, domain, below, k) for k in foreign(said, own)]
                    if ("not yours" in said) == may:
                        wrong.append((person, what, domain, below, said[:200]))
                    refused += "not yours" in said
                    done += "exit 0" in said
    ok(not leaks, "nobody is told of another's mail, whatever is asked in their name", leaks)
    ok(not wrong, f"{done} requests are done and {refused} refused, each as the file says", wrong[:5])
    ok(done > 20 and refused > 100, "there were some of each", (done, refused))
    said = m.ask(PREVIEW, "alice", "a.example", words=WINDOWS.encode())
    ok(f"1.own.{word('a')}" in said and '"bounces":1' in said and '"messages":4' in said,
       "a preview tells of the own message, and counts it alone", said)
    ok("forged" not in said, "and of none that path and header do not agree about", said)
    said = m.ask(PREVIEW, "erin", words=WINDOWS.encode())
    ok(word("s") in said and word("x") in said, "who holds what is below is told of that", said)


def attack_by_names(m):
    leaks = []
    window = WINDOWS.encode().replace(b", subdomains: true", b", until: 2099-01-01T00:00:00Z")
    for what in range(9):
        words = {PREVIEW: window, UNDO: b"20080513T080000Z-1", BLOCK: window, AUTO_ON: b"forged"}.get(what, b"")
        for packet in (
                m.packet(what, "nobody", "a.example", words=words),
                m.packet(what, "Alice", "a.example", words=words, generation=m.generation["alice"]),
                m.packet(what, "alice", "a.example", words=words, generation=0),
                m.packet(what, "alice", "a.example", words=words, generation=m.generation["bob"]),
                m.packet(what, "alice", "b.example", words=words),
                m.packet(what, "a" * 65, "a.example", words=words),
                m.packet(what, "alice", "a" * 256, words=words),
                m.packet(what, "alice\0bob", "a.example\0b.example", words=words, generation=m.generation["bob"]),
        ):
            said = m.read(m.send(packet))
            leaks += [(what, said)] if "not yours" not in said or foreign(said, set()) else []
    for words in (b"", b"-n", b"--as-owner", b"x y", b"../x", b"a" * 65, b"run\n", b"run\0"):
        said = m.ask(UNDO, "alice", "a.example", words=words)
        leaks += [(words, said)] if "not yours" not in said else []
    ok(not leaks, "other names, others' rights and old ones are refused", leaks[:3])


def attack_by_packets(m):
    state = 12345
    edges = [m.head + n for n in (-1, 4095, 4096, 4097, 4103)]
    for n in list(range(0, 700, 7)) + [4000, 4432, 4433, 4440, *edges, 5000, 60000]:
        state = (state * 1103515245 + 12345) % (1 << 31)
        junk = bytes((state >> (i % 16)) + i & 0xff for i in range(n))
        if n > 0:
            said = m.read(m.send(junk))
            if foreign(said, set()) or "exit 77" not in said:
                ok(False, f"a packet of {n} bytes is refused", said)
    good = m.packet(RUNS, "alice")
    m.send(good, ends=0)
    said = m.read(m.send(good, ends=5))
    ok("exit 0" in said, "junk, and packets without a pipe or with five, leave it at work", said)
    ok(len(os.listdir(f"/proc/{m.process.pid}/fd")) < 12, "and it keeps none of their pipes")


def move_own(m):
    m.ask(APPLY, "")  # the operator, over all
    run = sorted(p.name[:-4] for p in (m.folder / "journal").glob("*.run"))[-1]
    ok(m.moved() == ["a", "b", "s", "x"], "the operator's apply moves what is everybody's", m.moved())
    said = m.ask(RUNS, "alice")
    ok(run in said and '"junked":1' in said and not foreign(said, {"a"}), "a person sees the own part of it", said)
    said = m.ask(UNDO, "carol", words=run.encode())
    ok("not yours" in said and len(m.moved()) == 4, "who may look puts nothing back", said)
    said = m.ask(UNDO, "alice", words=run.encode())
    ok(m.moved() == ["b", "s", "x"] and '"released":1' in said, "a person puts back the own part", said)
    said = m.ask(UNDO, "frank", "sub.example", words=run.encode())
    ok(m.moved() == ["b", "x"], "and another one theirs", (said, m.moved()))
    m.ask(UNDO, "", words=run.encode())
    ok(m.moved() == [], "and the operator the rest", m.moved())
    for name, (role, _, _) in PEOPLE.items():
        if role != "operate":
            m.ask(APPLY, name)
    ok(m.moved() == [], "who may not have mail moved has none moved", m.moved())
    (m.folder / "windows.d" / "all.yaml").write_text(WINDOWS.replace("2001", "2000"))
    said = m.ask(APPLY, "bob", "b.example")
    ok(m.moved() == ["b"], "a person's apply moves theirs alone", (said, m.moved()))
    said = m.ask(UNDO, "alice", words=sorted(p.name[:-4] for p in (m.folder / "journal").glob("*.run"))[-1].encode())
    ok(m.moved() == ["b"] and "number" in said and not foreign(said, set()),
       "who has no part in a run puts nothing back, and is told a number", said)
    ok("there is no such run" not in said and "no run '" in m.logged(), "the words are in the log", m.logged())


def rights_end(probe):
    m = Mover(probe, "/bin/true")
    m.stop()
    fake = m.folder / "ndrscan"
    fake.write_text("#!/bin/sh\ntrap 'kill $child; exit 143' TERM\n"
                    "echo '{\"type\":\"progress\",\"messages\":1}' >&2\n"
                    "echo 'ndrscan: /srv/secret-of-the-operator/x: broken' >&2\n"
                    "sleep 600 & child=$!\nwait $child\n")
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
    m.start(fake)
    alice = m.send(m.packet(APPLY, "alice"))
    said = m.read(alice, until=b"progress")
    bob = m.send(m.packet(APPLY, "bob"))  # waits for its turn
    m.people(alice="look", bob="switch")
    said += m.read(alice)
    ok("your rights were changed" in said and "exit 143" in said, "rights that are taken away end a job", said)
    ok("secret" not in said, "a person is not told what goes to the log", said)
    ok("secret-of-the-operator" in m.logged(), "which has it", m.logged())
    said = m.read(bob)
    ok("not yours" in said and "progress" not in said, "one that waited does not begin", said)
    m.stop()
    fake.write_text("#!/bin/sh\necho 'ndrscan: /srv/secret-of-the-operator/x: broken' >&2\nexit 2\n")
    m.start(fake)
    said = m.ask(APPLY, "erin")
    number = said.split("number ")[-1][:8]
    ok("it could not be done" in said and "secret" not in said and number in m.logged(),
       "what goes wrong has a number, and the log the words", (said, m.logged()))
    said = m.ask(APPLY, "")
    ok("secret-of-the-operator" in said, "the operator is told as it is", said)
    m.people(erin="switch")
    m.admins.write_text("admins: [\n")
    said = m.ask(APPLY, "frank")
    ok("could not be done" in said, "an edit that is broken leaves rights for a while", said)
    m.stop()
    shutil.rmtree(m.folder)


def by_a_map(probe, ndrscan):
    """The same by a map of mailboxes to domains, and what becomes of edits of it."""
    m = Mover(probe, ndrscan, mapped=True)
    try:
        m.shown.send(b"$y$j9T$salt$hash")
        m.shown.send(TOKEN)
        attack_by_requests(m)
        move_own(m)
        said = m.ask(PREVIEW, "alice", "a.example", words=WINDOWS.encode())
        ok('"messages":4' in said and "forged" not in said, "by a map, one Maildir and no forged recipient in another", said)
        m.write_map(b="a.example")
        said = m.ask(PREVIEW, "alice", "a.example", words=WINDOWS.encode())
        ok(f"forged-a.example.{word('b')}" in said and '"bounces":2' in said, "an edit of the map counts at once", said)
        said = m.ask(PREVIEW, "bob", "b.example", words=WINDOWS.encode())
        ok('"messages":0' in said, "for who lost a mailbox by it, too", said)
        m.write_map()
        for why, more in (("a mistake", "home/x a.example\n"), ("another owner", f"{m.mail}/{word('b')} a.example\n")):
            m.ask(RUNS, "alice")
            m.write_map(more)
            said = m.ask(PREVIEW, "alice", "a.example", words=WINDOWS.encode())
            ok('"messages":4' in said and not foreign(said, {"a"}), f"{why} in it leaves the old one, for a while", said)
        m.map.chmod(0o646)
        said = m.ask(PREVIEW, "alice", "a.example", words=WINDOWS.encode())
        ok('"messages":4' in said, "so does a map that others could write", said)
        m.stop()
        m.write_map(f"{m.mail}/{word('a')} c.example\n")
        m.start(ndrscan, show=False)
        ok(m.process.wait(timeout=60) == 1 and "is of c.example here" in m.logged(), "with a bad one nothing begins", m.logged())
    finally:
        m.process.kill()
        shutil.rmtree(m.folder)


def map_changes(probe):
    """A person's job is stopped when the map changes under it."""
    m = Mover(probe, "/bin/true", mapped=True)
    m.stop()
    fake = m.folder / "ndrscan"
    fake.write_text("#!/bin/sh\ntrap 'kill $child; exit 143' TERM\necho '{\"type\":\"progress\"}' >&2\n"
                    "sleep 600 & child=$!\nwait $child\n")
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
    m.start(fake)
    alice = m.send(m.packet(APPLY, "alice"))
    said = m.read(alice, until=b"progress")
    m.write_map(b="a.example")
    said += m.read(alice)
    ok("your rights were changed" in said and "exit 143" in said, "a map that changes ends a person's job", said)
    m.stop()
    shutil.rmtree(m.folder)


def map_grace(probe, ndrscan, later):
    """A map that is bad for longer than a slip of the pen: nobody can say whose mail is whose."""
    m = Mover(probe, ndrscan, mapped=True)
    m.stop()
    on = m.folder / "later"
    m.preload = {"LD_PRELOAD": os.path.abspath(later), "NDR_LATER": str(on)}
    try:
        m.start(ndrscan)
        m.ask(RUNS, "alice")  # it has read the good one
        m.write_map("home/x a.example\n")
        said = m.ask(PREVIEW, "alice", "a.example", words=WINDOWS.encode())
        ok('"messages":4' in said, "a bad map leaves the old one", said)
        on.write_text("240")
        said = m.ask(PREVIEW, "alice", "a.example", words=WINDOWS.encode())
        ok('"messages":4' in said, "for four minutes", said)
        on.write_text("301")
        before = m.moved()
        for what in (PREVIEW, APPLY):
            said = m.ask(what, "alice", "a.example", words=WINDOWS.encode() if what == PREVIEW else b"")
            number = said.split("number ")[-1][:8]
            ok("it could not be done" in said and "exit 0" not in said and "messages" not in said and number in m.logged(),
               "after five nothing is done for a person", (said, m.logged()))
        said = m.ask(APPLY, "")
        ok("has not been in order for too long" in said and "exit 0" not in said, "nor for the operator, who is told why", said)
        ok(m.moved() == before, "and nothing moves", m.moved())
        m.write_map()
        said = m.ask(PREVIEW, "alice", "a.example", words=WINDOWS.encode())
        ok('"messages":4' in said and "exit 0" in said, "with a good one it goes on", said)
        m.stop()
    finally:
        m.process.kill()
        shutil.rmtree(m.folder)


def main():
    probe, ndrscan, *later = sys.argv[1:]
    if os.geteuid() != 0:
        print("1..0 # SKIP only root's file of people counts")
        return 0
    m = Mover(probe, ndrscan)
    try:
        show_token(m)
        show_passwords(m)
        switch_windows(m)
        attack_by_requests(m)
        attack_by_names(m)
        attack_by_packets(m)
        ok(m.moved() == [], "nothing has moved by all that", m.moved())
        move_own(m)
        ok(m.stop() == 0, "it ends with the console")
    finally:
        m.process.kill()
        shutil.rmtree(m.folder)
    rights_end(probe)
    by_a_map(probe, ndrscan)
    map_changes(probe)
    if later:
        map_grace(probe, ndrscan, later[0])
    print(f"1..{checked}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
