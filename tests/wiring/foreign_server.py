# SPDX-License-Identifier: BSD-3-Clause
"""foreign_server.py - a mail server elsewhere, which refuses mail or bounces it later.

What it does with a message, the local part of the recipient says: KIND.HOW.N@DOMAIN, where
HOW is reject (at RCPT), refuse (after DATA), or the form in which a bounce returns it.
"""
import re
import smtplib
import socketserver
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate

NAME = "mail.world.example"
RETURNS = ("whole", "header", "qmail", "exim", "gmail")
REFUSED = ("reject", "refuse")
WAYS = (*REFUSED, *RETURNS)
TAG = re.compile(rb"\b([a-z]+)\.([a-z]+)\.(\d+)@world\.example")


def sender(mail):
    """Who is said to have sent it."""
    return re.search(rb"^From:.*?([^\s<]+@[^\s>]+)", mail, re.M)[1].decode()


def received(mail, client, recipient, number):
    """The message as this server keeps it."""
    return (f"Return-Path: <{sender(mail)}>\nReceived: from {client}\n"
            f"\tby {NAME} (Postfix) with ESMTP id 4W{number:07d}\n"
            f"\tfor <{recipient}>; {formatdate()}\n").encode() + mail


def report(recipient, returned, number, part):
    line = f"=_{number}.{part[0]}"
    return f"""Content-Type: multipart/report; report-type=delivery-status;
\tboundary="{line}"

--{line}
Content-Type: text/plain; charset=us-ascii

This is the mail system at host {NAME}.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

<{recipient}>: unknown user

--{line}
Content-Type: message/delivery-status

Reporting-MTA: dns; {NAME}

Final-Recipient: rfc822; {recipient}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 unknown user

--{line}
Content-Type: {part}

""".encode() + returned + f"\n--{line}--\n".encode()


TEXTS = {"qmail": """Hi. This is the qmail-send program at {host}.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<{recipient}>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

""", "exim": """This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  {recipient}
    Unrouteable address

------ This is a copy of the message, including all the headers. ------

""", "gmail": """Delivery to the following recipient failed permanently:

     {recipient}

Technical details of permanent failure:
Google tried to deliver your message, but it was rejected by the recipient domain. The error
that the other server returned was: 550 550 5.1.1 unknown user (state 13).

----- Original message -----

"""}


def bounce(how, recipient, returned, number):
    """The bounce of a message, which it returns in one of the forms of RETURNS."""
    head = (f"From: Mail Delivery System <MAILER-DAEMON@{NAME}>\nTo: {sender(returned)}\n"
            f"Subject: failure notice\nDate: {formatdate()}\n"
            f"Message-ID: <bounce.{number}.{time.time_ns()}@{NAME}>\n"
            "Auto-Submitted: auto-replied\nMIME-Version: 1.0\n")
    if how == "whole":
        return head.encode() + report(recipient, returned, number, "message/rfc822")
    if how == "header":
        header = returned.split(b"\n\n", 1)[0] + b"\n"
        return head.encode() + report(recipient, header, number, "text/rfc822-headers")
    if how == "exim":
        head += f"X-Failed-Recipients: {recipient}\n"
    return (head + "\n" + TEXTS[how].format(host=NAME, recipient=recipient)).encode() + returned


class Session(socketserver.StreamRequestHandler):
    """One client; no more of SMTP than Postfix asks for."""
    timeout = 60

    def say(self, words):
        self.wfile.write(words.encode() + b"\r\n")

    def handle(self):
        recipient = ""
        self.say("220 " + NAME + " ESMTP")
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == b"RCPT":
                recipient = line.split(b"<", 1)[1].split(b">", 1)[0].decode()
                self.say("550 5.1.1 unknown user" if ".reject." in recipient else "250 2.1.5 Ok")
            elif verb == b"DATA":
                self.say("354 End data with <CR><LF>.<CR><LF>")
                self.take(recipient)
            elif verb == b"QUIT":
                self.say("221 2.0.0 Bye")
                return
            else:
                self.say("250 2.0.0 Ok")

    def take(self, recipient):
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b".") else line)
        if ".refuse." in recipient:
            self.say("554 5.6.0 not wanted")
            return
        self.say("250 2.0.0 Ok: queued as 4W1")
        self.server.had(recipient, b"".join(lines).replace(b"\r\n", b"\n"))


class ForeignServer(socketserver.ThreadingTCPServer):
    """Listens at `address`, port 25; its bounces go to `home`. What it took is in `taken`."""
    allow_reuse_address = daemon_threads = True

    def __init__(self, address, home):
        super().__init__((address, 25), Session)
        self.address, self.home = address, home
        self.taken = []
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def had(self, recipient, mail):
        with self.lock:
            self.taken.append((recipient, mail))

    def send_bounces(self, mails):
        """Bounce messages, each (recipient, bytes), over a few connections."""
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(self.send_some, [mails[i::4] for i in range(4)]))

    def send_some(self, mails):
        with smtplib.SMTP(self.home, 25, NAME, 30, (self.address, 0)) as s:
            for recipient, mail in mails:
                _, how, number = TAG.match(recipient.encode()).groups()
                kept = received(mail, "mx.ours.example (unknown [192.0.2.10])", recipient, int(number))
                made = bounce(how.decode(), recipient, kept, int(number))
                s.sendmail("", [sender(mail)], made.replace(b"\n", b"\r\n"))
