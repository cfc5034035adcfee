#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""test_notify.py NDRSCAN EXAMPLES - are people told, whatever the command does that tells them?

Events are put down as `ndrscan watch --events` does, and commands tell them that succeed, fail, hang, flood, do not read, or
are not there. Says TAP.
"""
import contextlib
import email
import email.policy
import http.server
import json
import os
import pathlib
import re
import shutil
import signal
import socketserver
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from tap import DEADLINE, ended, ok, until # pylint: disable=wrong-import-position

PROGRAM, EXAMPLES = (pathlib.Path(p).resolve() for p in sys.argv[1:3])


class Place:
    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ndrscan-notify-"))
        self.events, self.told = self.folder / "events", self.folder / "told"
        (self.events / "new").mkdir(parents=True)
        self.env = dict(os.environ, HOME=str(self.folder), XDG_STATE_HOME=str(self.folder / "state"),
                        XDG_CONFIG_HOME=str(self.folder / "config"), TOLD=str(self.told))

    def put(self, kind="storm", domain="a.example", audience="domain", number=0, ago=0, text=None, **more):
        name = f"{kind}-{number:04}-{domain}.json"
        path = self.events / "new" / name
        event = {"id": name[:-5], "kind": kind, "audience": audience, "domain": domain, "at": "2026-01-01T00:00:00Z",
                 "subject": f"{domain}: {kind}", "text": f"{domain}: many bounces {number}", **more}
        beside = self.events / ".beside"
        beside.write_text(json.dumps(event) if text is None else text)
        os.utime(beside, (time.time() - ago, time.time() - ago))
        os.rename(beside, path)
        return name

    def script(self, text):
        path = self.folder / f"command{len(list(self.folder.glob('command*')))}"
        path.write_text("#!/bin/sh\n" + text)
        path.chmod(0o755)
        return path

    def teller(self, more="exit 0"):
        """A command that keeps what it is given, a line each."""
        return self.script(f"cat >> $TOLD; echo >> $TOLD\n{more}\n")

    def words(self, *words):
        return [PROGRAM, "notify", "--events", self.events, *words]

    def once(self, *words):
        return subprocess.run(self.words("--once", *words), env=self.env, capture_output=True, text=True, check=False, timeout=DEADLINE)

    def heard(self):
        return [json.loads(line) for line in self.told.read_text().splitlines()] if self.told.exists() else []

    def lies(self, where):
        folder = self.events / where
        return sorted(os.listdir(folder)) if folder.is_dir() else []


@contextlib.contextmanager


def place():
    it = Place()
    try:
        yield it
    finally:
        shutil.rmtree(it.folder, ignore_errors=True)


STORM = {"storm_began": "2026-01-10T09:30:00Z", "bounces": 1212, "minutes": 15, "usual": 1.2, "judged": 140, "ours": 3, "forged": 100}


def people(p, *, names=(("ann", "a.example", "    mail: ann@a.example\n"), ("zoe", "a.example, b.example", "    mail: zoe@x.example\n"),
                        ("bob", "c.example", ""))):
    """A file of people, in a folder that only root changes; None where this is not root."""
    if os.geteuid() != 0:
        return None
    path = p.folder / "admins.yaml"
    hashed = "$y$j9T$PlZt5Y6gV7NcQeWJ1bF4m.$8KX2kYH4OaJ0gYbT5xD9jVnC3uLwRzM7pQeS1fGhIkA"
    path.write_text("admins:\n" + "".join(
        f"  - name: {name}\n    domains: [{domains}]\n    role: look\n    password: {hashed}\n{mail}"
        for name, domains, mail in names))
    path.chmod(0o640)
    return path


def told():
    with place() as p:
        names = [p.put(), p.put("opened", "b.example"), p.put("brake", "b.example", "operator"), p.put("storm", "c.example")]
        file = people(p)
        done = p.once("--operator", "root@host", *(["--admins", file] if file else []), "--", p.teller())
        ok(done.returncode == 0 and p.lies("new") == [] and p.lies("sent") == sorted(names), "what waits is told and put away",
           (done.stderr, p.lies("new"), p.lies("sent")))
        to = {(e["kind"], e["domain"]): e["to"] for e in p.heard()}
        if file:
            ok(to == {("storm", "a.example"): ["ann@a.example", "zoe@x.example"], ("opened", "b.example"): ["zoe@x.example"],
                      ("brake", "b.example"): ["root@host"], ("storm", "c.example"): ["root@host"]},
               "each to those who look after the domain, else to the operator", to)
        else:
            ok(True, "each to those who look after the domain # SKIP needs root")
        ok(p.once("--", p.teller()).returncode == 0 and len(p.heard()) == 4, "and is not told again")
        bad = p.put(text="{")
        long = p.put(text='"' + "x" * 100000 + '"', number=1)
        (p.events / "new" / "link.json").symlink_to("/etc/passwd")
        done = p.once("--", p.teller())
        ok(done.returncode == 0 and p.lies("failed") == sorted([bad, long]) and len(p.heard()) == 4, "what is no event is put away", done.stderr)


SPEAK = (("ann", "a.example", "    mail: ann@a.example\n    language: de\n    zone: Europe/Berlin\n"),
         ("joy", "a.example", "    mail: joy@a.example\n    language: ja\n    zone: Asia/Tokyo\n"),
         ("zoe", "a.example", "    mail: zoe@x.example\n"))


def languages():
    with place() as p:
        p.put("brake", "a.example", "operator", brake="clock", **STORM)
        done = p.once("--operator", "o@x", "--language", "fr", "--page", "https://b.example/c", "--", p.teller())
        heard = p.heard()
        ok(done.returncode == 0 and heard[0]["subject"] == "a.example\u00a0: l’interrupteur ne s’est pas activé" and heard[0]["language"] == "fr"
           and "L’horloge du serveur" in heard[0]["text"] and "https://b.example/c/domain?name=a.example" in heard[0]["text"],
           "the operator is told in the language of --language, with why and where", (done.stderr, heard))
        for words in (("--language", "nl"), ("--page", "b.example/c"), ("--page", "https://"), ("--page", "https://a b/"), ("--page", "https://a/?x")):
            done = p.once(*words, "--", "true")
            ok(done.returncode == 2 and words[0] in done.stderr, f"{' '.join(words)} is a mistake", done.stderr)
        file = people(p, names=SPEAK)
        if not file:
            ok(True, "each in their own words # SKIP needs root")
            return
        p.told.unlink()
        name = p.put(number=1, **STORM)
        p.once("--admins", file, "--", p.teller())
        heard = {e["to"][0]: e for e in p.heard()}
        ok({to: (e["language"], e.get("zone"), e["subject"]) for to, e in heard.items()}
           == {"ann@a.example": ("de", "Europe/Berlin", "a.example: viele Rückläufer"), "joy@a.example": ("ja", "Asia/Tokyo", "a.example: エラーメール多数"),
               "zoe@x.example": ("en", None, "a.example: many bounces")}, "each person in their own words", heard)
        ok("10.01.2026 um 10:30 Uhr (CET)" in heard["ann@a.example"]["text"] and "2026年01月10日 18:30（JST）" in heard["joy@a.example"]["text"],
           "with times of their zone", heard)
        ok(heard["ann@a.example"]["bounces"] == 1212 and p.lies("sent") == sorted([name, "brake-0000-a.example.json"]), "all else is as it was", heard)
        # one of the three ways is broken, first in mid-list
        only = p.script('cat > $TOLD.one; if grep -q "$REFUSED" $TOLD.one; then exit 1; fi; cat $TOLD.one >> $TOLD; echo >> $TOLD\n')
        p.told.unlink()
        name = p.put(number=2, ago=5000, **STORM)
        p.env["REFUSED"] = "joy@a.example"
        done = p.once("--admins", file, "--", only)
        ok(done.returncode == 1 and [e["to"] for e in p.heard()] == [["ann@a.example"], ["zoe@x.example"]] and p.lies("new") == [name],
           "whom it cannot be told keeps it from nobody else", (done.stderr, p.heard()))
        ok(abs(time.time() - 5000 - (p.events / "new" / name).stat().st_mtime) < 60, "it waits since it came", (p.events / "new" / name).stat())
        p.told.unlink()
        p.env["REFUSED"] = "nobody"
        done = p.once("--admins", file, "--", only)
        ok(done.returncode == 0 and [e["to"] for e in p.heard()] == [["joy@a.example"]] and name in p.lies("sent") and all("told" not in e for e in p.heard()),
           "and who was told is not told again", (done.stderr, p.heard()))
        p.told.unlink()
        p.env["REFUSED"] = "joy@a.example"
        names = [p.put(number=number, **STORM) for number in range(10, 15)]
        done = p.once("--admins", file, "--", only)
        ok(done.returncode == 1 and len(p.heard()) == 10 and p.lies("new") == names, "one who is never reached makes the others wait for nothing",
           (done.stderr, len(p.heard())))
        for name in names:
            (p.events / "new" / name).unlink()
        # it is asked to end while it tells the first of three
        for what, end in (("behind", "exit 0"), ("and the command with it, before", "kill -TERM $$")):
            p.told.unlink()
            p.put(number=20, ago=90000, **STORM)
            ended = p.script(f'cat > $TOLD.one; kill -TERM $PPID; {end}; :\n')
            done = p.once("--admins", file, "--", ended)
            ok(done.stderr == "" and p.lies("failed") == [] and p.lies("new") == ["storm-0020-a.example.json"],
               f"it is asked to end, {what} the first is told: the others were not tried", (done.stderr, p.lies("failed"), p.lies("new")))
            done = p.once("--admins", file, "--", p.teller())
            want = [["ann@a.example"]] * (end != "exit 0") + [["joy@a.example"], ["zoe@x.example"]]
            ok(done.returncode == 0 and [e["to"] for e in p.heard()] == want, "and hear it at the next start", (done.stderr, p.heard()))
        p.told.unlink()
        for number in range(100, 125):
            p.put(number=number, **STORM)
        done = p.once("--admins", file, "--", p.teller())
        subjects = sorted(e["subject"] for e in p.heard())
        ok(subjects == ["25 Mitteilungen über Rückläufer", "25 notices about bounces", "エラーメールに関する 25 件のお知らせ"]
           and all(e["count"] == 25 and len(e["events"]) == 25 and e["events"][0]["text"] in e["text"] for e in p.heard()),
           "many are told as one in the words of each", (done.stderr, subjects))


def digests():
    with place() as p:
        for number in range(20):
            p.put(number=number)
        p.once("--operator", "o@x", "--", p.teller())
        ok(len(p.heard()) == 20, "twenty are told one by one", len(p.heard()))
        p.told.unlink()
        for number in range(100, 350):
            p.put(number=number)
        done = p.once("--operator", "o@x", "--", p.teller())
        heard = p.heard()
        ok(len(heard) == 1 and heard[0]["kind"] == "digest" and heard[0]["count"] == 250 and len(heard[0]["events"]) == 200,
           "more for the same people are told as one", (done.stderr, len(heard)))
        ok(heard[0]["to"] == ["o@x"] and "and 50 more" in heard[0]["text"] and p.lies("new") == [], "which says how many more")


def failures():
    with place() as p:
        p.put()
        for what, command, why in (("that fails", p.teller("exit 3"), "it ended with 3"), ("that is not there", "/nonexistent/x", "it is not there"),
                                   ("that dies", p.teller("kill -9 $$"), "signal 9 ended it")):
            done = p.once("--", command)
            ok(done.returncode == 1 and why in done.stderr and len(p.lies("new")) == 1, f"a command {what}: it waits", done.stderr)
        done = p.once("--", p.script("exit 0"))
        ok(done.returncode == 0 and len(p.lies("sent")) == 1, "one that does not read is no trouble", done.stderr)
        p.put(number=1)
        began = time.monotonic()
        done = p.once("--", p.script("sleep 1000 & echo $! > $TOLD.pid; sleep 1000"))
        took = time.monotonic() - began
        ok(done.returncode == 1 and "killed after 10 s" in done.stderr and took < 40, "one that hangs is killed after 10 s", (done.stderr, took))
        child = int(pathlib.Path(f"{p.told}.pid").read_text())
        ok(until(lambda: not pathlib.Path(f"/proc/{child}").exists() or "Z" in pathlib.Path(f"/proc/{child}/stat").read_text().split()[2]),
           "with all that it started")
        done = p.once("--", p.script("exec yes"))
        ok(done.returncode == 1, "one that floods its output fills nothing", done.stderr)
        old = p.put(number=2, ago=90000)
        for number in range(3, 9):
            p.put(number=number)
        done = p.once("--", p.script("exit 1"))
        ok(old in p.lies("failed") and any(n.startswith("notifier-") for n in p.lies("new")), "after a day it is given up, and the operator told",
           (done.stderr, p.lies("new")))
        ok(done.stderr.count("it ended with 1") == 1, "a way that is broken is told of once", done.stderr)
        ok(p.once("--").returncode == 2 and p.once("--operator", "-x", "--", "true").returncode == 2, "mistakes are told")


def settings():
    with place() as p:
        file = p.folder / "config" / "ndrscan" / "ndrscan.yaml"
        file.parent.mkdir(parents=True)
        file.write_text("notify: {operator: o@x}\n")
        p.put("brake", audience="operator")
        done = p.once("--", p.teller())
        ok([e["to"] for e in p.heard()] == [["o@x"]], "ndrscan.yaml says who is told, where no option does", done.stderr)
        file.write_text("notify: {opreator: o@x}\n")
        done = p.once("--", p.teller())
        ok(done.returncode == 2 and "opreator" in done.stderr, "a mistake in it is told", done.stderr)


def stays():
    with place() as p:
        process = subprocess.Popen(p.words("--", p.teller()), env=p.env, stderr=subprocess.PIPE, text=True)
        ok(until(lambda: p.lies("failed") == [] and (p.events / "failed").is_dir()), "it stays")
        p.put()
        ok(until(lambda: len(p.lies("sent")) == 1), "what comes is told at once", p.lies("new"))
        second = subprocess.run(p.words("--", "true"), env=p.env, capture_output=True, text=True, check=False)
        ok(second.returncode == 75 and "another ndrscan-notify" in second.stderr, "a second one is refused", second.stderr)
        process.send_signal(signal.SIGTERM)
        ok(process.wait(timeout=DEADLINE) == 0, "SIGTERM ends it", process.stderr.read())


def examples():
    asked = []

    class Hook(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook) as server, place() as p:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}/"
        p.put()
        done = p.once("--", EXAMPLES / "notify-ntfy", url, "bounces")
        ok(done.returncode == 0 and asked and asked[-1]["topic"] == "bounces" and asked[-1]["title"] == "a.example: storm", "the example of ntfy", (done.stderr, asked))
        p.put(number=1)
        if shutil.which("curl"):
            done = p.once("--operator", "o@x", "--", EXAMPLES / "notify-webhook", url)
            ok(done.returncode == 0 and asked[-1]["kind"] == "storm" and asked[-1]["to"] == ["o@x"], "that of a web hook", (done.stderr, asked))
        else:
            p.once("--", p.teller())
            ok(True, "that of a web hook # SKIP curl is not installed")
        p.put(number=2, domain="b.example")
        sendmail = p.script('echo "$@" > $TOLD.args; cat > $TOLD.mail\n')
        done = p.once("--operator", "o@x", "--", EXAMPLES / "notify-sendmail", sendmail)
        mail = pathlib.Path(f"{p.told}.mail").read_text()
        ok(done.returncode == 0 and pathlib.Path(f"{p.told}.args").read_text() == "-i -f <> -- o@x\n" and "Subject: ndrscan: b.example: storm\n" in mail
           and "b.example: many bounces 2\n" in mail, "that of sendmail", (done.stderr, mail))
        server.shutdown()


def in_words():
    """What the examples make of words that are not ASCII."""
    asked = []

    class Hook(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook) as server, place() as p:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}/"
        sendmail = p.script("cat > $TOLD.mail\n")
        for language, subject, line in (("de", "a.example: viele Rückläufer", "Geprüft: 140."), ("fr", "a.example\u00a0: nombreux retours", "Cela a commencé le 10/01/2026 à "),
                                        ("es", "a.example: muchas devoluciones", "Empezó el 10/01/2026, "), ("ja", "a.example: エラーメール多数", "に始まりました。")):
            p.put(number=1, **STORM)
            done = p.once("--operator", "o@x", "--language", language, "--", EXAMPLES / "notify-sendmail", sendmail)
            raw = pathlib.Path(f"{p.told}.mail").read_bytes()
            mail = email.message_from_bytes(raw, policy=email.policy.default)
            encoded = (b"=?utf-8?" in raw or subject.isascii()) and all(len(li) < 79 for li in raw.partition(b"\n\n")[0].splitlines())
            ok(done.returncode == 0 and raw.isascii() and encoded and mail["Subject"] == f"ndrscan: {subject}" and mail["Content-Language"] == language,
               f"{language}: a mail of seven bits, its subject encoded (RFC 2047)", (done.stderr, raw))
            ok(mail.get_content_charset() == "utf-8" and line in mail.get_content(), f"{language}: and its text in UTF-8", mail)
            (p.events / "sent" / "storm-0001-a.example.json").unlink()
        p.put(number=2, **STORM)
        p.once("--operator", "o@x", "--language", "ja", "--", EXAMPLES / "notify-ntfy", url, "bounces")
        ok(asked and json.loads(asked[-1])["title"] == "a.example: エラーメール多数", "ntfy has them", asked)
        p.put(number=3, kind="many-domains", audience="operator", domains=300, names=", ".join(f"{i}.例え.example" for i in range(300)))
        p.once("--operator", "o@x", "--language", "ja", "--", EXAMPLES / "notify-ntfy", url, "bounces")
        text = json.loads(asked[-1])["message"]
        ok(3900 < len(text.encode()) <= 4000 and "例え" in text, "cut by bytes and between letters", len(text.encode()))
        if shutil.which("curl"):
            p.put(number=4, **STORM)
            p.once("--operator", "o@x", "--language", "ja", "--", EXAMPLES / "notify-webhook", url)
            ok(json.loads(asked[-1].decode("utf-8"))["subject"] == "a.example: エラーメール多数", "so has the web hook", asked[-1])
        else:
            ok(True, "so has the web hook # SKIP curl is not installed")
        server.shutdown()


class Smtp(socketserver.StreamRequestHandler):
    """A mail server that knows nobody whose name begins with "no"."""

    def handle(self):
        self.wfile.write(b"220 here\r\n")
        for line in self.rfile:
            self.server.lines.append(line.decode().strip())
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                for body in iter(self.rfile.readline, b".\r\n"):
                    self.server.lines.append(body.decode().strip())
            self.wfile.write(b"550 who?\r\n" if line.upper().startswith(b"RCPT TO:<NO") else b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
            if word == b"QUIT":
                return


def by_server():
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Smtp) as server, place() as p:
        server.lines = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"smtp://127.0.0.1:{server.server_address[1]}"
        p.put(domain="b.example")
        done = p.once("--operator", "root", "--operator", "none@x", "--", EXAMPLES / "notify-sendmail", url)
        lines = server.lines[:]
        ok(done.returncode == 0 and {"mail FROM:<>", "rcpt TO:<root@localhost>", "Subject: ndrscan: b.example: storm"} <= {re.sub(" size=.*", "", li) for li in lines}
           and "b.example: many bounces 0" in lines, "by a server, to who has no domain, and to whom it knows", (done.stderr, lines))
        ok("none@x" in done.stderr, "whom the server does not know is told", done.stderr)
        p.put(number=1)
        done = p.once("--operator", "nobody", "--", EXAMPLES / "notify-sendmail", url)
        ok(done.returncode == 1, "knows it nobody, it is tried again", (done.returncode, done.stderr))
        server.shutdown()
    with place() as p:
        p.put()
        done = p.once("--operator", "root", "--", EXAMPLES / "notify-sendmail", url)
        ok(done.returncode == 1 and url in done.stderr, "no server, either", (done.returncode, done.stderr))


for part in (told, languages, digests, failures, settings, stays, examples, in_words, by_server):
    part()
sys.exit(ended())
