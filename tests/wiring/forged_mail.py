# SPDX-License-Identifier: BSD-3-Clause
"""forged_mail.py - mail that others send in our name, as a bounce may return it."""
import re
from email.utils import formatdate

from foreign_server import RETURNS


def change(mail, name, value):
    """The message with another value in one field of its header."""
    head, body = mail.split(b"\n\n", 1)
    field = re.compile(rf"^{name}:.*(?:\n[ \t].*)*".encode(), re.M | re.I)
    assert len(field.findall(head)) == 1
    return field.sub(f"{name}: {value}".encode(), head) + b"\n\n" + body


def spam(number, received=""):
    return (received + f"From: \"Watches\" <alice@ours.example>\nTo: victim{number}@world.example\n"
            f"Subject: Cheap watches {number}\nDate: {formatdate()}\n"
            f"Message-ID: <{number}.spam@dialup.example>\nMIME-Version: 1.0\n"
            "X-Mailer: Blaster 3.1\n\nBuy now.\n").encode()


def copied(number, mail, to):
    """The header of one captured message, one field of it changed."""
    name, value = (("To", to), ("Subject", f"Cheap watches {number}"), ("From", "<billing@ours.example>"),
                   ("Date", formatdate(1e9 + number)), ("To", f"\"{to}\" <victim@world.example>"))[number % 5]
    return change(mail, name, value)


def queue_id(number, *_):
    """Invented Received fields of ours, with queue ids as Postfix makes them."""
    return spam(number, f"Received: from app.ours.example (app.ours.example [192.0.2.77])\n"
                f"\tby mx.ours.example (Postfix) with ESMTPSA id 4Xq{number:06d}z7h\n"
                f"\tfor <victim{number}@world.example>; {formatdate()}\n")


def relay(number, *_):
    """What our host writes of mail of a user of its own."""
    return spam(number, f"Received: by mx.ours.example (Postfix, from userid 0)\n"
                f"\tid {number:010X}; {formatdate()}\n")


def plain(number, *_):
    return spam(number, f"Received: from dialup.example (unknown [203.0.113.9])\n"
                f"\tby open.example (Postfix) with SMTP id A1; {formatdate()}\n")


# What is made of a captured message, and the proofs that know that message and no recipient:
# these spare a few, and no more.
CAPTURED = {"replayed": ("dkim", "sent"), "copied": ("sent",), "renamed": ("dkim",)}
KINDS = {
    "replayed": lambda number, mail, to: mail,
    "copied": copied,
    "renamed": lambda number, mail, to: change(mail, "Message-ID", f"<{number}.{number}@mx.ours.example>"),
    "queueid": queue_id,
    "relayname": relay,
    "plain": plain,
}


def forged(count, captured):
    """(recipient, message) of `count` forgeries, most of them made of two captured messages.

    Each goes to more strangers than a proof that does not name them is believed for.
    """
    share = {"replayed": max(30, count // 5), "copied": max(30, count // 5), "renamed": count // 5}
    rest = count - sum(share.values())
    share |= {"queueid": rest // 3, "relayname": rest // 3, "plain": rest - 2 * (rest // 3)}
    made = []
    for kind, many in share.items():
        for i in range(many):
            to = f"{kind}.{RETURNS[i % len(RETURNS)]}.{i}@world.example"
            made.append((to, KINDS[kind](i, captured[kind == "copied"], to)))
    return made
