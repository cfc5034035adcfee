#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""against_dkimpy.py SAY_DKIM [--opendkim SAY_OPENDKIM] [--cases N] [--seed N]
Do dkimpy, libopendkim and the verifier say the same?

Signs N (240) messages with dkimpy: both algorithms, every pair of canonicalizations,
fields folded, doubled, signed too often and too seldom. Then does to each what happens to
mail on its way into a bounce, or what a forger would, and asks both. Header and body are
asked about apart, as dkimpy looks at no header whose body differs. All of it is asked with CRLF,
with LF, quoted and indented; dkimpy is asked about the mail as it was before that,
and so is libopendkim where it is there, but for two From fields, which it takes.

Exit status: 0 no difference, 1 some, 77 dkimpy or openssl is not there.
"""
import argparse
import base64
import collections
import json
import logging
import os
import random
import re
import subprocess
import sys
import tempfile

try:
    import dkim
    import nacl.signing
except ImportError:
    print("no python3-dkim, python3-nacl: skipped")
    sys.exit(77)

logging.disable(logging.CRITICAL)
DOMAIN = b"sender.example"
NAMES = (b"From", b"To", b"Cc", b"Subject", b"Date", b"Message-ID", b"Received", b"X-Note",
         b"MIME-Version", b"Content-Type", b"Reply-To")
CANONS = (b"simple", b"relaxed")
FOLDS = (b"\r\n ", b"\r\n\t", b" \r\n   ", b"\t\r\n\t\t")


def make_keys():
    pem = subprocess.run(["openssl", "genrsa", "-traditional", "1024"], check=True,
                         capture_output=True).stdout
    public = subprocess.run(["openssl", "rsa", "-pubout", "-outform", "DER"], check=True,
                            input=pem, capture_output=True).stdout
    ed = nacl.signing.SigningKey.generate()
    return {
        b"rsa": (pem, b"rsa-sha256",
                 b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)),
        b"ed": (base64.b64encode(bytes(ed)), b"ed25519-sha256",
                b"v=DKIM1; k=ed25519; p=" + base64.b64encode(bytes(ed.verify_key))),
    }


# ---- messages ---------------------------------------------------------------------


def some_value(rng, name):
    if name == b"From":
        return b"Alice <alice@sender.example>"
    if name in (b"To", b"Cc"):
        return b", ".join(rng.choice((b"bob@rcpt.example", b"Carol <carol@rcpt.example>",
                                      b'"Dora, D." <dora@rcpt.example>'))
                          for _ in range(rng.randint(1, 3)))
    words = [rng.choice((b"one", b"two", b"  three", b"f\xc3\xbcnf", b"=?utf-8?q?x?=", b"a;b",
                         b"b=c", b"\tsix", b":", b"from:", b"trailing "))
             for _ in range(rng.randint(0, 8))]
    return b" ".join(words)


def fold(rng, value):
    """Some blanks become folds."""
    parts = value.split(b" ")
    out = parts[0]
    for part in parts[1:]:
        out += (rng.choice(FOLDS) if rng.random() < 0.3 and part.strip() else b" ") + part
    return out


def some_header(rng):
    """No blank in front of a colon: dkimpy takes that for no field."""
    fields = []
    for name in NAMES:
        times = 1 if name == b"From" else rng.choice((0, 1, 1, 1, 2, 3))
        for _ in range(times):
            colon = rng.choice((b": ", b": ", b": ", b":", b":  ", b":\t"))
            shown = rng.choice((name, name, name.lower(), name.upper()))
            fields.append((shown, colon, fold(rng, some_value(rng, name))))
    rng.shuffle(fields)
    return fields


def some_body(rng):
    lines = [rng.choice((b"", b"text", b"  two  blanks ", b"tab\t", b".", b"--", b"f\xfc",
                         b" ", b"From x"))
             for _ in range(rng.randint(0, 6))]
    return b"".join(line + b"\r\n" for line in lines)


def join(fields):
    return b"".join(n + c + v + b"\r\n" for n, c, v in fields)


def names_to_sign(rng, fields):
    """h=: sometimes all, sometimes few, sometimes more than there are."""
    there = [n.lower() for n, _, _ in fields]
    names = [n for n in there if rng.random() < rng.choice((0.5, 1.0))]
    names += [n.lower() for n in NAMES if n != b"From" and rng.random() < 0.2]
    rng.shuffle(names)
    return [b"from"] + names + ([b"from"] if rng.random() < 0.3 else [])


# ---- what happens to them ---------------------------------------------------------
# Each takes (rng, signature, fields, body) and gives them changed; signature is a field's
# text with its line end.


def split_signature(signature):
    return signature.split(b"b=", 1) if b" bh=" not in signature else \
        re.split(rb"(?<=[;\s])b=", signature, maxsplit=1)


def nothing(_rng, sig, fields, body):
    return sig, fields, body


def trace_on_top(_rng, sig, fields, body):
    return sig, [(b"Received", b": ", b"from x by y;\r\n\tMon, 1 Jan 2024 00:00:00 +0000"),
                 (b"X-Spam", b": ", b"no")] + fields, body


def change_value(rng, sig, fields, body):
    i = rng.randrange(len(fields))
    n, c, v = fields[i]
    return sig, fields[:i] + [(n, c, v + b"x")] + fields[i + 1:], body


def double_on_top(rng, sig, fields, body):
    n, c, _ = rng.choice([f for f in fields if f[0].lower() != b"from"] or fields)
    return sig, [(n, c, b"other@rcpt.example")] + fields, body


def double_below(rng, sig, fields, body):
    n, c, _ = rng.choice([f for f in fields if f[0].lower() != b"from"] or fields)
    return sig, fields + [(n, c, b"other@rcpt.example")], body


def second_from(rng, sig, fields, body):
    extra = (b"From", b": ", b"mallory@evil.example")
    return sig, ([extra] + fields if rng.random() < 0.5 else fields + [extra]), body


def drop_one(rng, sig, fields, body):
    i = rng.randrange(len(fields))
    return sig, fields[:i] + fields[i + 1:], body


def shuffle(rng, sig, fields, body):
    fields = fields[:]
    rng.shuffle(fields)
    return sig, fields, body


def refold(rng, sig, fields, body):
    def again(v):
        return fold(rng, re.sub(rb"\s+", b" ", v))
    return sig, [(n, c, again(v)) for n, c, v in fields], body


def rename(_rng, sig, fields, body):
    return sig, [(n.swapcase(), c, v) for n, c, v in fields], body


def blanks_at_ends(_rng, sig, fields, body):
    return sig, [(n, c, v + b" \t") for n, c, v in fields], body


def cut_header(rng, sig, fields, body):
    return sig, fields[:rng.randrange(len(fields)) + 1], body


def refold_signature(_rng, sig, fields, body):
    front, value = split_signature(sig)
    value = re.sub(rb"\s+", b"", value)
    return front + b"b=" + b"\r\n\t".join(value[i:i + 30] for i in range(0, len(value), 30)) \
        + b"\r\n", fields, body


def tag_behind_b(_rng, sig, fields, body):
    return sig.rstrip() + b"; n=x\r\n", fields, body


def change_signature(rng, sig, fields, body):
    front, value = split_signature(sig)
    spots = [i for i, c in enumerate(value) if chr(c).isalpha()]
    i = rng.choice(spots)
    other = b"A" if value[i:i + 1] != b"A" else b"B"
    return front + b"b=" + value[:i] + other + value[i + 1:], fields, body


def signature_case(_rng, sig, fields, body):
    return sig.replace(b"DKIM-Signature", b"Dkim-signature"), fields, body


def lose_tag(rng, sig, fields, body):
    tag = rng.choice((b"v", b"a", b"d", b"s", b"h", b"bh"))
    return re.sub(rb"(?<=[:;\s])" + tag + rb"=[^;]*;", b"", sig, count=1), fields, body


def tag_twice(_rng, sig, fields, body):
    return sig.replace(b" v=1;", b" v=1; d=sender.example;"), fields, body


def signature_below(_rng, sig, fields, body):
    i = len(fields) // 2
    text = sig.rstrip(b"\r\n")
    n, v = text.split(b":", 1)
    return b"", fields[:i] + [(n, b":", v)] + fields[i:], body


def body_lines_behind(_rng, sig, fields, body):
    return sig, fields, body + b"\r\n\r\n"


def body_blanks(_rng, sig, fields, body):
    return sig, fields, body.replace(b"\r\n", b" \r\n")


def body_more(_rng, sig, fields, body):
    return sig, fields, body + b"--\r\na footer\r\n"


def body_gone(_rng, sig, fields, _body):
    return sig, fields, b""


CHANGES = (nothing, nothing, trace_on_top, change_value, double_on_top, double_below,
           second_from, drop_one, shuffle, refold, rename, blanks_at_ends, cut_header,
           refold_signature, tag_behind_b, change_signature, signature_case, lose_tag,
           tag_twice, signature_below, body_lines_behind, body_blanks, body_more, body_gone)


def lf(text):
    return text.replace(b"\r\n", b"\n")


def quoted(prefix):
    def quote(text):
        return b"".join(prefix + line + b"\n" for line in text.replace(b"\r\n", b"\n")
                        .rstrip(b"\n").split(b"\n")) + prefix + b"\n"
    return quote


# How the bounce shows it: (name, change of the whole text, is its body judged).
SHAPES = (("crlf", lambda t: t, True), ("lf", lf, True), ("> ", quoted(b"> "), False),
          ("    ", quoted(b"    "), False), ("|", quoted(b"|"), False))


# ---- the two opinions -------------------------------------------------------------


def ask_dkimpy(message, records):
    """"pass", "fail", "body" or "error"."""
    try:
        good = dkim.DKIM(message, minkey=1024).verify(
            dnsfunc=lambda name, timeout=5: records.get(name))
        return "pass" if good else "fail"
    except dkim.ValidationError as e:
        return "body" if "body hash mismatch" in str(e) else "error"
    except (dkim.DKIMException, AssertionError, KeyError):
        return "error"


def make_cases(rng, count, keys):
    for number in range(count):
        fields, body = some_header(rng), some_body(rng)
        selector = rng.choice((b"rsa", b"rsa", b"ed"))
        private, algorithm, _ = keys[selector]
        canon = (rng.choice(CANONS), rng.choice(CANONS))
        length = rng.random() < 0.15
        try:
            signer = dkim.DKIM(join(fields) + b"\r\n" + body, signature_algorithm=algorithm)
            signer.should_not_sign = set()
            sig = signer.sign(selector, DOMAIN, private, canonicalize=canon, length=length,
                              include_headers=names_to_sign(rng, fields))
        except dkim.DKIMException as e:
            raise SystemExit("dkimpy does not sign: %s" % e)
        change = CHANGES[number % len(CHANGES)]
        yield number, change, canon, sig, fields, body, change(rng, sig, fields, body)


def against_opendkim(program, folder, keys, asked, lines):
    """How many of the messages as they are libopendkim reads otherwise."""
    path = os.path.join(folder, "opendkim-keys")
    with open(path, "wb") as f:
        for s, k in keys.items():
            f.write(s + b"._domainkey." + DOMAIN + b" " + k[2] + b"\n")
    plain = [(a, line) for a, line in zip(asked, lines)
             if a[3] == "crlf" and a[1] is not second_from]
    theirs = subprocess.run([program, path], check=True, text=True, capture_output=True,
                            input="".join(a[0] + "\n" for a, _ in plain)).stdout.splitlines()
    wrong = 0
    for (a, line), said in zip(plain, theirs, strict=True):
        first = (json.loads(line)["signatures"] or [{"result": "none", "body": "absent"}])[0]
        header, body = said.split()
        good = first["result"] == "pass"
        if good == (header == "pass") and \
                (not good or (first["body"] in ("ok", "part")) == (body == "ok")):
            continue
        wrong += 1
        print("%s: libopendkim says %s; here %s" % (a[1].__name__, said, first))
    print("%d of them as libopendkim reads them, %d differences" % (len(plain), wrong))
    return wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("say")
    parser.add_argument("--opendkim")
    parser.add_argument("--cases", type=int, default=240)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    say, count, rng = args.say, args.cases, random.Random(args.seed)
    try:
        keys = make_keys()
    except (OSError, subprocess.CalledProcessError):
        print("no openssl: skipped")
        return 77
    records = {s + b"._domainkey." + DOMAIN + b".": k[2] for s, k in keys.items()}
    wrong, seen = 0, collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "keys"), "wb") as f:
            for s, k in keys.items():
                f.write(s + b" " + DOMAIN + b" " + k[2] + b"\n")
        asked = []
        for number, change, canon, old_sig, old_fields, old_body, new in \
                make_cases(rng, count, keys):
            sig, fields, body = new
            header = sig + join(fields)
            old_header = old_sig + join(old_fields)
            of_header = ask_dkimpy(header + b"\r\n" + old_body, records)
            of_body = ask_dkimpy(old_header + b"\r\n" + body, records)
            for shape, show, judged in SHAPES:
                path = os.path.join(folder, "%d-%d" % (number, len(asked)))
                with open(path, "wb") as f:
                    f.write(show(header + b"\r\n" + body))
                asked.append((path, change, canon, shape, judged, of_header, of_body))
        lines = subprocess.run([say, os.path.join(folder, "keys")], check=True, text=True,
                               input="".join(a[0] + " whole\n" for a in asked),
                               capture_output=True).stdout.splitlines()
        for (path, change, canon, shape, judged, of_header, of_body), line in zip(asked, lines):
            answer = json.loads(line)
            first = (answer["signatures"] or [{"result": "none", "body": "absent"}])[0]
            ours = first["result"]
            good = ours == "pass"
            seen[(change.__name__, "pass" if good else "no pass")] += 1
            differs = good != (of_header == "pass")
            if judged and of_body in ("pass", "body") and ours in ("pass", "fail"):
                body_good = first["body"] in ("ok", "part")
                differs = differs or body_good != (of_body == "pass")
            if not differs:
                continue
            wrong += 1
            if wrong <= 5:
                print("%s, %s, '%s': dkimpy says %s of the header, %s of the body; here %s"
                      % (change.__name__, b"/".join(canon).decode(), shape, of_header,
                         of_body, first))
                with open(path, "rb") as f:
                    print(f.read())
        opendkim_wrong = against_opendkim(args.opendkim, folder, keys, asked, lines) \
            if args.opendkim else 0
    print("%d messages asked about, %d differences" % (len(asked), wrong))
    for (change, what), n in sorted(seen.items()):
        print("  %-20s %-8s %d" % (change, what, n))
    passes = sum(n for (_, what), n in seen.items() if what == "pass")
    if passes < len(asked) // 4 or passes > len(asked) * 3 // 4:
        print("too few or too many pass to tell anything")
        return 1
    return 1 if wrong or opendkim_wrong else 0


if __name__ == "__main__":
    sys.exit(main())
