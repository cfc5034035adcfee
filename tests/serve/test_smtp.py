#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""test_smtp.py NDRSCAN DATA - does a message that is handed on by SMTP arrive as it is, or is it 75?

A server of a few lines takes it, refuses, or breaks off at each of its replies. Then: when does ndrscan-client leave a
message to ndrscan itself, and with which options?
"""
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading

NDRSCAN, DATA = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
CLIENT = NDRSCAN.parent / "ndrscan-client"
BOUNCE = (DATA / "bounce.eml").read_bytes()
COMMANDS = ("", "EHLO", "MAIL", "RCPT", "DATA", ".")  # what the server replies to, its greeting first


def check(holds, why, seen=""):
    if not holds:
        print("FAILED:", why, seen)
        sys.exit(1)
    print("ok:", why)


class Taker(threading.Thread):
    """Takes one message; `spoil` maps a command to another reply, None: it breaks off."""

    def __init__(self, spoil=None, path=None):
        super().__init__(daemon=True)
        self.spoil = spoil or {}
        self.said, self.mail, self.has_it = [], b"", False
        self.listener = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
        self.listener.bind(str(path) if path else ("127.0.0.1", 0))
        self.listener.listen(1)
        self.listener.settimeout(30)
        self.address = str(path) if path else "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.start()

    def reply(self, file, command, usual):
        answer = self.spoil.get(command, usual)
        if answer is None:
            return False
        file.write(answer)
        file.flush()
        return True

    def run(self):
        try:
            with self.listener, self.listener.accept()[0] as connection, connection.makefile("rwb") as file:
                connection.settimeout(30)
                self.talk(file)
        except OSError:
            pass

    def talk(self, file):
        good = self.reply(file, "", b"220-in two\r\n220 lines\r\n")
        while good and (line := file.readline()):
            self.said.append(line)
            command = line[:4].decode()
            good = self.reply(file, command, {"EHLO": b"250-here\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
                                              "DATA": b"354 go on\r\n"}.get(command, b"250 well\r\n"))
            if command == "DATA" and good and "DATA" not in self.spoil:
                while (line := file.readline()) not in (b".\r\n", b""):
                    self.mail += line[1:] if line[:1] == b"." else line
                if line == b".\r\n":
                    good = self.reply(file, ".", b"250 taken\r\n")
                    self.has_it = good and "." not in self.spoil


with tempfile.TemporaryDirectory() as folder:
    place = pathlib.Path(folder)
    (place / "windows.yaml").write_text("windows:\n  - domain: example.com\n    from: 2008-05-13T08:00:00Z\n")
    ours = [NDRSCAN, "filter", "--no-shipped-rules", "--rules", DATA / "rules.yaml", "--windows", place / "windows.yaml"]

    def hand_on(mail, taker, *more, program=ours):
        done = subprocess.run([str(w) for w in (*program, f"--smtp={taker.address}", *more)], input=mail,
                              capture_output=True, check=False, timeout=60)
        taker.join(30)
        return done

    def expected(mail):
        out = subprocess.run([str(w) for w in ours], input=mail, capture_output=True, check=True).stdout
        out = out.replace(b"\r\n", b"\n")
        out = re.sub(rb"^From .*\n", b"", out)
        return (out if out.endswith(b"\n") else out + b"\n").replace(b"\n", b"\r\n")

    # what arrives
    dots = BOUNCE + b".\n..\n.a\n\n. \r\n\x00\xff 8 bits, no end"
    large = BOUNCE + b"".join(b".%d lines of a body that is longer than what is looked at\n" % i for i in range(9000))
    for name, mail, more in (("a bounce", BOUNCE, ()), ("lines that begin with dots", dots, ()),
                             ("CRLF", BOUNCE.replace(b"\n", b"\r\n"), ()),
                             ("a From_ line in front, which is an mbox's", b"From MAILER-DAEMON Tue May 13 08:00:00 2008\n" + BOUNCE, ()),
                             ("half a megabyte, 64 kB of it looked at", large, ("--max-message=64k",))):
        taker = Taker()
        done = hand_on(mail, taker, "--recipient=alice@example.com", *more)
        want = expected(mail)
        same = taker.mail == want if not more else taker.mail.endswith(want[-400000:])  # that one is stamped as cut
        check(done.returncode == 0 and taker.has_it and same and done.stdout == b"", f"{name}: arrives as it is", done)
    check(taker.said[1:3] == [b"MAIL FROM:<> BODY=8BITMIME\r\n", b"RCPT TO:<alice@example.com>\r\n"], "from nobody, to alice")
    taker = Taker(path=place / "smtp")
    done = hand_on(BOUNCE, taker, "--sender=a@b", "--recipient=\"x > y\"@example.com", "--recipient=jürg@example.com")
    check(done.returncode == 0 and taker.said[1:4] == [
        b"MAIL FROM:<a@b> BODY=8BITMIME SMTPUTF8\r\n", b"RCPT TO:<\"x > y\"@example.com>\r\n",
        "RCPT TO:<jürg@example.com>\r\n".encode()], "names with quotes and umlauts, at a path")

    # what is refused, or breaks off
    for command in COMMANDS:
        for reply in (b"451 not now\r\n", b"550-no\r\n550 never\r\n", b"452 4.3.1 Insufficient system storage\r\n", b"nonsense\r\n",
                      b"999\r\n", b"x" * 20000, None):
            taker = Taker({command: reply})
            done = hand_on(BOUNCE, taker, "--recipient=alice@example.com")
            if done.returncode != 75 or taker.has_it or done.stdout or not done.stderr:
                check(False, f"'{command}' answered by {reply and reply[:20]}: {done}")
    check(True, "whatever the server says, or does not say, at any point: 75")
    gone = Taker()
    hand_on(BOUNCE, gone, "--recipient=a@b")
    for why, more in (("nobody there", (f"--smtp={gone.address}", "--recipient=a@b")), ("no recipient", (f"--smtp={gone.address}",)),
                      ("a name", ("--smtp=localhost:25", "--recipient=a@b")), ("a port too high", ("--smtp=127.0.0.1:65536", "--recipient=a@b")),
                      ("a second command", (f"--smtp={gone.address}", "--recipient=a@b\r\nRCPT TO:<c@d")),
                      ("a second parameter", (f"--smtp={gone.address}", "--recipient=a@b> NOTIFY=NEVER")),
                      ("an mbox", (f"--smtp={gone.address}", "--recipient=a@b", "--format=mbox"))):
        for program in (ours, [CLIENT, "filter", "--socket=/nonexistent"]):
            done = subprocess.run([str(w) for w in (*program, *more)], input=BOUNCE, capture_output=True, check=False, timeout=60)
            if done.returncode != 75 or not done.stderr:
                check(False, f"{why}: {done}")
    check(True, "what cannot be meant is 75, too")
    for words in (("-q", "filter"), ("--compat=spamassassin", "check"), ("--format=mbox", "check")):
        done = subprocess.run([str(CLIENT), "--socket=/nonexistent", *words], input=BOUNCE, capture_output=True, check=False, timeout=60)
        check(done.returncode in (64, 75) and b"server" not in done.stderr and not done.stdout, f"{' '.join(words)}: refused by itself", done)
    # the message is not whole: killed in the middle of it
    taker = Taker()
    with subprocess.Popen([str(w) for w in (*ours, "--max-message=64k", f"--smtp={taker.address}", "--recipient=a@b")],
                          stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as filtering:
        filtering.stdin.write(large)
        filtering.stdin.flush()
        while b"DATA\r\n" not in taker.said and taker.is_alive():
            taker.join(0.05)
        filtering.kill()
    taker.join(30)
    check(not taker.has_it, "killed in the middle, the server has nothing")

    # ndrscan-client without a server that could judge for this user
    shutil.copy(CLIENT, place / "ndrscan-client")
    told = place / "ndrscan"
    told.write_text('#!/bin/sh\nfor a; do echo "[$a]"; done\ncat\n')
    told.chmod(0o755)
    for own in (".config/ndrscan", ".local/state/ndrscan/sent"):
        home = place / own.replace("/", "_")
        (home / own).mkdir(parents=True)
        env = {"PATH": os.environ["PATH"], "HOME": str(home)}
        if os.geteuid() == 0:  # whose own places are the system's
            kind = "XDG_CONFIG_HOME" if "config" in own else "XDG_STATE_HOME"
            env[kind] = str(home / (".config" if "config" in own else ".local/state"))
        done = subprocess.run([str(place / "ndrscan-client"), "--timeout", "5", "--recipient", "a@b c", "-q", "--recipient=", "check"],
                              input=BOUNCE, env=env, capture_output=True, check=False, timeout=60)
        check(done.returncode == 0 and done.stdout == b"[check]\n[--recipient=a@b c]\n[--quiet]\n[--recipient=]\n" + BOUNCE,
              f"who has {own} is judged by ndrscan, with the same options and the whole message", done)
    told.unlink()
    env["PATH"] = "/nonexistent"
    done = subprocess.run([str(place / "ndrscan-client"), "filter"], input=BOUNCE, env=env, capture_output=True, check=False, timeout=60)
    check(done.returncode == 75 and not done.stdout and b"cannot be started" in done.stderr, "and without it: 75", done)
