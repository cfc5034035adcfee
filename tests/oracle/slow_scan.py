#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""slow_scan.py - what does rules/README.md say about this mail, read word by word?

The second opinion that the C engine is held against: the rule language, the
canonical text of each target and the decision, with mail parsing of its own
and nothing of libndrscan. Slow and short on purpose.

usage: slow_scan.py [--rules DIR|FILE]... [--windows FILE] [--emit all|bounces|junk]
                    [--files-from -] [--all-rules] SOURCE...

A SOURCE is a message file, an mbox or a Maildir (any other folder: its files).
"""
import argparse
import base64
import calendar
import email.utils
import html.entities
import json
import os
import re
import sys

import yaml

import who_says

KINDS = ("failed", "delayed", "delivered", "rejected-content", "challenge",
         "auto-reply", "receipt", "feedback")
WINDOW_KINDS = ("failed", "delayed", "rejected-content", "challenge")
HEADER_TARGETS = {
    "subject": "subject", "from": "from", "to": "to", "sender": "sender",
    "reply-to": "reply-to", "return-path": "return-path", "message-id": "message-id",
    "content-type": "content-type", "auto-submitted": "auto-submitted",
    "precedence": "precedence", "mailer": "x-mailer",
    "failed-recipients": "x-failed-recipients",
}
STATUS_PARTS = ("message/delivery-status", "message/global-delivery-status",
                "message/disposition-notification",
                "message/global-disposition-notification", "message/feedback-report")
DELIVERY_PARTS = STATUS_PARTS[:2]
TEXT_LIMIT, VALUE_LIMIT = 256 * 1024, 16 * 1024
PART_LIMIT, DEPTH_LIMIT = 10000, 100

# ---- characters ---------------------------------------------------------------

SPACES = re.compile("[\x00-\x20\x7f\xa0\u3000]+")
CHARSETS = {  # what mail calls it -> what it means
    "iso-8859-1": "cp1252", "latin1": "cp1252", "windows-1252": "cp1252",
    "gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030",
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932",
    "ks_c_5601-1987": "cp949", "euc-kr": "cp949", "iso-8859-8-i": "iso-8859-8",
    "unicode-1-1-utf-7": "utf-7",
}


def from_1252(raw):
    return "".join(bytes([c]).decode("cp1252", "replace") for c in raw)


def to_text(raw, charset=""):
    """Bytes to characters: the charset if it is known, else UTF-8, else windows-1252."""
    name = charset.strip().strip("'\"").lower()
    name = CHARSETS.get(name, name)
    if name == "cp1252":
        return from_1252(raw)
    if re.match(r"iso-?2022|utf-?7|jis$", name.replace("_", "-")) and not raw.isascii():
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            pass
    if name not in ("", "utf-8", "utf8", "us-ascii", "ascii"):
        try:
            return raw.decode(name, "replace")
        except (LookupError, UnicodeError, ValueError, TypeError):
            pass
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return from_1252(raw)


def squeeze(text):
    return SPACES.sub(" ", text).strip(" ")


def from_base64(raw):
    raw = re.sub(rb"[^A-Za-z0-9+/]", b"", raw.split(b"=", 1)[0])
    raw = raw[:len(raw) - (len(raw) % 4 == 1)]
    return base64.b64decode(raw + b"=" * (-len(raw) % 4))


def from_hex(raw):
    return re.sub(rb"=([0-9A-Fa-f]{2})", lambda m: bytes([int(m[1], 16)]), raw)


def from_qp(raw):
    return from_hex(re.sub(rb"=[ \t]*\r?\n", b"", re.sub(rb"[ \t]+(\r?\n)", rb"\1", raw)))


WORD = re.compile(rb"=\?([^?\s]+)\?([bBqQ])\?([^?]*)\?=")


def decode_words(raw):
    """RFC 2047 words anywhere in a value; neighbours of one charset are one text."""
    out, at, held, charset = "", 0, b"", None
    for m in WORD.finditer(raw):
        between = raw[at:m.start()]
        name = m[1].split(b"*")[0].lower()
        data = from_base64(m[3]) if m[2] in b"bB" else from_hex(m[3].replace(b"_", b" "))
        if charset is None or between.strip(b" \t\r\n") or name != charset:
            out += to_text(held, (charset or b"").decode("ascii", "replace"))
            out += to_text(between) if charset is None or between.strip(b" \t\r\n") else ""
            held = b""
        held, charset, at = held + data, name, m.end()
    return out + to_text(held, (charset or b"").decode("ascii", "replace")) + to_text(raw[at:])


# ---- fields and parts ---------------------------------------------------------

FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:(.*)", re.S)


def split_lines(raw):
    """Lines without their LF or CRLF; in Mac files, that know no LF, without their CR."""
    if b"\n" not in raw and b"\r" in raw[:4096]:
        return raw.split(b"\r")
    return [line[:-1] if line.endswith(b"\r") else line for line in raw.split(b"\n")]


TELLING = re.compile(
    rb"(?:(?:x-|content-|list-|resent-|dkim-|authentication-|arc-|received)[!-9;-~]*"
    rb"|from|to|cc|subject|date|message-id|return-path|mime-version|sender|reply-to|references"
    rb"|in-reply-to|delivered-to|auto-submitted|precedence|envelope-to|user-agent"
    rb"|thread-topic|thread-index|importance)[ \t]*:", re.I)
STRAY_LINES = 4


def behind_stray(lines, at):
    """The line with which fields go on behind lines that are none; `at`: they do not."""
    for k in range(at, min(at + STRAY_LINES, len(lines) - 1)):
        if lines[k].startswith(b"--") or lines[k + 1] == b"":
            break
        if TELLING.match(lines[k + 1]):
            return k + 1
    return at


def is_parameter(line):
    return re.match(rb"[!-9<>-~]{1,32}=", line) and line[:1] != b"-" and not FIELD.fullmatch(line)


def header_begin(lines):
    """Behind blank lines in front of what is surely a header; else 0."""
    at = next((k for k, line in enumerate(lines) if line.strip(b" \t\r")), 0)
    return at if at > 0 and TELLING.match(lines[at]) else 0


def read_fields(lines, at=0, stop=True):
    """Fields [(lower-case name, raw value)] from line `at`, and where they end."""
    fields = []
    while at < len(lines) and lines[at] != b"":
        line = lines[at]
        m = FIELD.fullmatch(line)
        if line[:1] in b" \t" and fields and not fields[-1][2]:
            fields[-1][1] += line
        elif m:
            fields.append([m[1].decode().lower(), m[2], False])
        elif stop and fields and not fields[-1][2] and is_parameter(line) \
                and fields[-1][1].rstrip(bytes(range(33))).endswith(b";"):
            fields[-1][1] += line
        elif not line.startswith((b"From ", b">From ")):
            behind = behind_stray(lines, at) if stop else at + 1
            if behind == at:
                return [f[:2] for f in fields], at
            at = behind - 1
            if fields:
                fields[-1][2] = stop
        elif fields:
            fields[-1][2] = True
        at += 1
    return [f[:2] for f in fields], min(at + 1, len(lines))


def first(fields, name):
    return next((value for n, value in fields if n == name), b"")


PARAM = re.compile(r';\s*([^\s=;"]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;\s]*)', re.S | re.A)


def content_type(fields, default="text/plain"):
    value = to_text(first(fields, "content-type"))
    m = re.match(r"\s*([^\s;/()<>\",]+/[^\s;/()<>\",]+)", value, re.A)
    if m and not re.fullmatch("[!-~]+", m[1]):  # a type is printable ASCII
        m = None
    params = {}
    for name, text in PARAM.findall(value):
        if text.startswith('"'):
            text = re.sub(r"\\(.)", r"\1", text[1:-1])
        params.setdefault(name.lower(), text)
    return (m[1].lower() if m else default), params


class Part:
    """One MIME part: its type, parameters, fields and the lines of its body."""

    def __init__(self, lines, default="text/plain", alternative=None):
        self.fields, at = read_fields(lines)
        self.type, self.params = content_type(self.fields, default)
        self.lines = lines[at:]
        self.alternative = alternative  # the nearest multipart/alternative around it
        self.has_plain = False          # a multipart/alternative with plain text so far

    def attachment(self):
        return re.match(rb"\s*attachment", first(self.fields, "content-disposition"), re.I)

    def decoded(self):
        raw = b"\n".join(self.lines)
        how = first(self.fields, "content-transfer-encoding").strip().lower()
        if how.startswith(b"base64"):
            raw = from_base64(raw)
        elif how.startswith(b"quoted-printable"):
            raw = from_qp(raw)
        return raw[:TEXT_LIMIT]


def split_parts(lines, boundary):
    """The bodies between boundary lines; None when there is no boundary line."""
    parts = None
    mark = b"--" + boundary.encode("utf-8", "surrogateescape").rstrip()
    for line in lines:
        rest = line[len(mark):].strip() if line.startswith(mark) else None
        if rest == b"":
            parts = (parts or []) + [[]]
        elif rest == b"--":
            return parts or []
        elif parts is not None:
            parts[-1].append(line)
    return parts


def walk(part, depth=0, count=None):
    """Parts in order of appearance, containers too, nothing inside a message."""
    count = [0] if count is None else count
    count[0] += 1
    if count[0] > PART_LIMIT or depth > DEPTH_LIMIT:
        return
    inner = None
    if part.type.startswith("multipart/"):
        inner = split_parts(part.lines, part.params.get("boundary", "")) \
            if part.params.get("boundary") else None
        yield part
        if inner is None:  # broken: what there is, is read as text
            part.fields = []
            broken = Part([b""] + part.lines)
            broken.hidden = True
            yield broken
            return
        default = "message/rfc822" if part.type == "multipart/digest" else "text/plain"
        around = part if part.type == "multipart/alternative" else part.alternative
        for lines in inner:
            yield from walk(Part(lines, default, around), depth + 1, count)
    else:
        yield part


# ---- the text of a bounce -----------------------------------------------------

BLOCKS = ("address article blockquote body center dd div dl dt fieldset form h1 h2 h3 h4 h5"
          " h6 head hr html li ol p pre section table tbody td th thead title tr ul").split()
NAMES = {n: c for n, c in html.entities.name2codepoint.items() if c < 256}
NAMES.update(apos=39, ndash=0x2013, mdash=0x2014, lsquo=0x2018, rsquo=0x2019,
             ldquo=0x201c, rdquo=0x201d, hellip=0x2026, euro=0x20ac)


def entity(m):
    name = m[1]
    if name[0] != "#":
        return chr(NAMES[name]) if name in NAMES else m[0]
    code = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
    return chr(code) if 0 < code < 0x110000 and not 0xd800 <= code < 0xe000 else "\ufffd"


def html_text(text):
    text = re.sub(r"<!--.*?(-->|\Z)", "", text, flags=re.S)
    text = re.sub(r"<(script|style)\b.*?(</\1\s*>|\Z)", "", text, flags=re.S | re.I)
    text = re.sub(r"[\r\n]", " ", text)

    def tag(m):
        name = m[1].lower()
        return "\n" if name == "br" else "\n\n" if name in BLOCKS else ""
    text = re.sub(r"<(?=[a-zA-Z/!?])[/!?]?([a-zA-Z0-9]*)[^>]*(?:>|\Z)", tag, text)
    return re.sub(r"&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,7});",
                  entity, text)


MARKS = {"received", "return-path", "message-id", "from", "date", "mime-version"}
STRONG = {"received", "return-path", "message-id"}


def own_lines(lines):
    """The lines above the returned message that is pasted into a text."""
    ready = True  # a block may begin here
    for i, line in enumerate(lines):
        if ready and re.match(r"[!-9;-~]+[ \t]*:|>?From ", line):
            names, k = set(), i
            while k < len(lines) and squeeze(lines[k]):
                m = re.match(r"([!-9;-~]+)[ \t]*:", lines[k])
                if m:
                    names.add(m[1].lower())
                elif not re.match(r"[ \t]|>?From ", lines[k]):
                    break
                k += 1
            if len(names & MARKS) >= 2 and names & STRONG:
                return lines[:i], lines[i:]
        ready = not squeeze(line) or bool(re.match(r"[ \t]*(--|==|__|\*\*)", line))
    return lines, None


def paragraphs(part):
    """The paragraphs of a text part, the lines returned below them or None, and its raw text."""
    text = to_text(part.decoded(), part.params.get("charset", ""))
    if part.type == "text/html":
        text = html_text(text)
    lines, returned = own_lines(re.split(r"\r\n|\n|\r", text))
    out, held = [], []
    for line in lines + [""]:
        line = squeeze(line)
        if line:
            held.append(line)
        elif held:
            out.append(" ".join(held))
            held = []
    return out, returned


def returned_fields(lines):
    """The first From and Return-Path, in bytes, of a returned message."""
    while lines and not lines[0].strip(b"\r\n"):
        lines = lines[1:]
    found = {}
    for name, raw in read_fields(lines)[0]:
        value = squeeze(decode_words(raw[:VALUE_LIMIT])).encode("utf-8", "replace")
        if name == "return-path" and re.fullmatch(rb"<.+>", value):
            value = value[1:-1]
        if name in ("from", "return-path") and value:
            found.setdefault(name, value)
    return found


GROUPED = ("final-recipient", "original-recipient", "action", "status", "diagnostic-code",
           "remote-mta", "last-attempt-date")


def join_block(groups, block):
    """A block says more of the last group, or begins one with a field that this has."""
    if any(name in groups[-1] and name in GROUPED for name in block):
        groups.append({})
    for name, value in block.items():
        groups[-1].setdefault(name, value)


class Body:
    """What the body says: parts, text paragraphs, status lines, delivery facts."""

    def __init__(self, lines):
        self.part, self.text, self.status = [], [], []
        self.recipients, self.reporting_mta, self.types = [], "", set()
        self.returned, self.has_report, self.has_link, pasted = None, False, False, None
        for part in walk(Part(lines)):
            if not hasattr(part, "hidden"):
                self.part.append(part.type)
            self.types.add(part.type)
            if part.type in STATUS_PARTS:
                self.has_report |= not part.attachment()
                self.read_status(part)
            elif part.type.startswith("message/") or part.type in ("text/rfc822", "text/rfc822-header", "text/rfc822-headers"):
                if self.returned is None:
                    self.returned = returned_fields(split_lines(part.decoded()))
            elif part.type == "text/plain" and not part.attachment():
                if part.alternative:
                    part.alternative.has_plain = True
                pasted = self.add_text(part, pasted)
            elif part.type == "text/html" and not part.attachment():
                if not (part.alternative and part.alternative.has_plain):
                    self.has_link |= who_says.holds_link(to_text(
                        part.decoded(), part.params.get("charset", "")).encode("utf-8", "replace"))
                    pasted = self.add_text(part, pasted)
        if self.returned is None and pasted is not None:
            self.returned = returned_fields([line.encode("utf-8", "replace") for line in pasted])

    def add_text(self, part, pasted):
        some, below = paragraphs(part)
        self.text += some
        return below if pasted is None else pasted

    def folded(self):
        return [fold(line) for line in self.text]

    def read_status(self, part):
        lines, at, groups = split_lines(part.decoded()), 0, [{}]
        while at < len(lines):
            if not lines[at].strip():
                at += 1
                continue
            end = next((k for k in range(at, len(lines)) if not lines[k].strip()), len(lines))
            block = {}
            for name, raw in read_fields(lines[at:end], stop=False)[0]:
                value = squeeze(to_text(raw))
                self.status.append(name + ": " + value)
                if part.type not in DELIVERY_PARTS:
                    continue
                kept = KEPT.get(name, str)(value)
                if name.endswith("-recipient") and block.get(name, kept).lower() != kept.lower():
                    join_block(groups, block)
                    block = {}
                if kept and not block.get(name):
                    block[name] = kept
            join_block(groups, block)
            at = end
        for group in groups:
            self.reporting_mta = self.reporting_mta or untyped(group.get("reporting-mta", ""))
            if any(group.get(k) for k in ("final-recipient", "original-recipient", "action")):
                original = group.get("original-recipient", "")
                self.recipients.append({
                    "final": group.get("final-recipient", "") or original,
                    "original": original,
                    "action": group.get("action", ""),
                    "status": group.get("status", "")
                              or status_in(group.get("diagnostic-code", "")),
                    "diagnostic": untyped(group.get("diagnostic-code", "")),
                    "remote_mta": untyped(group.get("remote-mta", ""))})

    def kind(self):
        """The kind that structure states, or None."""
        actions = {r["action"].lower() for r in self.recipients}
        if "failed" in actions:
            return "failed"
        if "delayed" in actions:
            return "delayed"
        if actions & {"delivered", "relayed", "expanded"}:
            return "delivered"
        return None

    def weak_kind(self):
        for t in self.types:
            if t.endswith("disposition-notification"):
                return "receipt"
        return "feedback" if "message/feedback-report" in self.types else None


def status_in(diagnostic):
    """The first enhanced status code (RFC 3463) in a diagnostic, where Status is missing."""
    m = re.search(r"(?<![0-9.])[245]\.[0-9]{1,3}\.[0-9]{1,3}(?![0-9.])", diagnostic)
    return m[0] if m else ""


def untyped(value):
    kind, mark, rest = value.partition(";")
    return rest.strip(" ") if mark and len(kind.encode()) < 40 and "@" not in kind else value


def address_of(value):
    """The mailbox that a report's field names; a value that names none, as it is."""
    text = untyped(value)
    if value.lower().startswith("utf-8;"):  # RFC 6533 3
        text = re.sub(r"\\x\{([0-9A-Fa-f]{1,6})\}", unicode_point, text)
    found = address_in(text)
    if found:
        local = found[0]
        if re.fullmatch(r'"[^\x00-\x20,;<>()\[\]"\':\\@\x7f]+"', local) \
                and not re.search(r'^"\.|\.\.|\."$', local):
            local = local[1:-1]
        return local + "@" + found[1]
    return re.sub(r"^<([^<>]*)>$", r"\1", text).rstrip("; ")


def unicode_point(m):
    code = int(m[1], 16)
    good = code > 0x20 and not 0x7f <= code <= 0xa0 and code < 0x110000 \
        and not 0xd800 <= code < 0xe000
    return chr(code) if good else m[0]


def first_word(value):
    return re.match(r"[^ (;]*", value)[0]


KEPT = {"final-recipient": address_of, "original-recipient": address_of,
        "status": status_in, "action": first_word}

# ---- rules --------------------------------------------------------------------

def fold(text):
    """UTF-8 with each letter beyond ASCII in lower case, where that is one letter."""
    return "".join(c if c.isascii() or len(c.lower()) != 1 else c.lower()
                   for c in text).encode("utf-8", "replace")


def pattern_of(entry):
    """The alternatives of a match as one pattern; None when the signal has no match."""
    match = entry.get("match")
    if match is None:
        return None
    one = match if isinstance(match, str) else "|".join(match)
    if "before" in entry or "after" in entry:
        one = entry.get("before", "") + "(" + one + ")" + entry.get("after", "")
    return one


class Signal:
    def __init__(self, entry, names):
        if isinstance(entry, str):
            entry = names[entry]
        self.target, self.match = entry["in"], pattern_of(entry)
        self.absent, self.present = entry.get("absent", False), entry.get("present", False)
        self.on_body = self.target in ("part", "text", "status")
        if self.target.startswith("header:"):
            self.field = self.target[7:].lower()
        elif not self.on_body:
            self.field = HEADER_TARGETS[self.target]
        if self.match is not None:  # a letter is several bytes: quantified as one
            self.re = re.compile(fold(re.sub(r"([^\x00-\x7f])(?=[?*+{])", r"(?:\1)", self.match)),
                                 re.I | re.M)

    def hits(self, mail):
        lines = getattr(mail.body, self.target) if self.on_body else mail.values(self.field)
        if self.absent or self.present:
            return any(lines) == self.present
        return any(self.re.search(fold(line)) for line in lines)


class Rule:
    def __init__(self, entry, order, names):
        self.id, self.kind, self.order = entry["id"], entry["kind"], order
        assert self.kind in KINDS, self.id
        self.system, self.rank = entry.get("system", ""), entry.get("rank", 5)
        self.all, self.any, self.none = (
            [Signal(s, names) for s in entry.get(k) or []] for k in ("all", "any", "none"))
        assert self.all or self.any, self.id
        self.examples = entry.get("examples") or {}
        self.sender = entry.get("sender")
        self.rules = None  # the set that it is of

    def asks_sender(self):
        if self.sender:
            return self.sender == "system"
        return self.rank <= self.rules.asked.get(self.kind, -1)

    def asked_text(self):
        """The text signals of all rules that ask who says it."""
        return self.rules.asked_text()

    def after_headers(self, mail):
        """'out', or 'hit' when header signals that hit ask for the body, or 'open'."""
        head = [s for s in self.all if not s.on_body]
        if not all(s.hits(mail) for s in head):
            return "out"
        if any(s.hits(mail) for s in self.none if not s.on_body):
            return "out"
        any_head = any(s.hits(mail) for s in self.any if not s.on_body)
        if self.any and not any_head and not any(s.on_body for s in self.any):
            return "out"
        return "hit" if head or any_head else "open"

    def matches(self, mail):
        return (all(s.hits(mail) for s in self.all)
                and (not self.any or any(s.hits(mail) for s in self.any))
                and not any(s.hits(mail) for s in self.none))


def yaml_files(paths):
    for path in paths:
        if os.path.isdir(path):
            yield from (os.path.join(path, n) for n in sorted(os.listdir(path))
                        if n.endswith(".yaml"))
        else:
            yield path


class Rules:
    def __init__(self, paths):
        self.candidates, by_id, names, files = [], {}, {}, []
        self.asked, self._asked_text = {}, None
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        for path in yaml_files(paths):
            with open(path, encoding="utf-8") as f:
                files.append(yaml.load(f, loader) or {})
            names.update(files[-1].get("signals") or {})  # of one name the last counts
        for data in files:
            self.candidates += [Signal(s, names) for s in data.get("candidates") or []]
            for entry in data.get("ask-sender") or []:
                for kind in entry["kinds"]:
                    self.asked[kind] = entry.get("highest-rank", 9)
            for entry in data.get("rules") or []:
                old = by_id.pop(entry["id"], None)
                if entry.get("enabled", True):
                    by_id[entry["id"]] = Rule(entry, old.order if old else len(by_id), names)
        self.rules = sorted(by_id.values(), key=lambda r: (-r.rank, r.order))
        for rule in self.rules:
            rule.rules = self

    def asked_text(self):
        if self._asked_text is None:
            self._asked_text = [s for r in self.rules if r.asks_sender()
                                for s in r.all + r.any if s.target == "text"]
        return self._asked_text

    def matching(self, mail):
        """Rules that match, the one to name first; empty: not a bounce."""
        states = [(r, r.after_headers(mail)) for r in self.rules]
        mail.candidate = (any(s == "hit" for _, s in states)
                          or any(c.hits(mail) for c in self.candidates))
        if not mail.candidate:
            return []
        return [r for r, state in states if state != "out" and r.matches(mail)]


# ---- one message ----------------------------------------------------------------

ORIGINS = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to",
           "x-delivered-to", "received", "to")


def domain_to_ascii(domain):
    domain = domain.rstrip(".").lower()
    try:
        return domain if domain.isascii() else domain.encode("idna").decode()
    except UnicodeError:
        return domain


def is_host_name(domain):
    """RFC 1123 2.1, and underscores; numbers are addresses."""
    labels = domain.split(".")
    return (len(domain) <= 253 and not labels[-1].isdigit()
            and all(re.fullmatch(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", name) for name in labels))


QUOTED = r'"(?:[^"\\]|\\.)*"'


def split_address(text):
    """(local, domain) as written, or None."""
    while text and text[-1] in " ,;<>()[\"':":
        text = text[:-1]
    quoted = re.match(QUOTED, text, re.S)
    if not quoted:
        text = text.lstrip(" ,;<>()[]\"':")
    local, mark, domain = text.rpartition("@")
    if not quoted:  # a source route, "mailto:", an address type
        local = local.rpartition(":")[2]
    literal = re.match(r"\[[^]]*\]", domain)
    domain = literal[0] if literal else domain.partition("?")[0].rstrip(" ,;<>()[]\"':.")
    good = mark and local and domain and (quoted or not re.search("[,;<>()]", local)) \
        and (literal or not re.search(r'[\x00-\x20,;<>()"]', domain))
    return (local, domain) if good and len(domain.encode()) <= 255 else None


def comment_end(text, at):
    """Behind the comment that opens at `at`; None when it does not close."""
    depth, i = 0, at
    while i < len(text):
        if text[i] == "\\":
            i += 1
        elif text[i] == "(":
            depth += 1
        elif text[i] == ")":
            depth -= 1
            if depth == 0:
                return i + 1
        i += 1
    return None


def without_comments(text):
    """Each comment outside quoted strings made "\v"; from one on that never closes, none."""
    out, i = "", 0
    while i < len(text):
        quoted = re.compile(QUOTED, re.S).match(text, i)
        if quoted:
            out, i = out + quoted[0], quoted.end()
        elif text[i] == "(":
            end = comment_end(text, i)
            if end is None:
                return out + text[i:]
            out, i = out + "\v", end
        else:
            out, i = out + text[i], i + 1
    return out


def word_in(text):
    for word in re.findall(r'(?:%s|[^\x00-\x20,;])+' % QUOTED, text, re.S):
        found = split_address(word)
        if found:
            return found
    return None


def address_in(value):
    """(local, domain) of the first address in a value, or None."""
    for text in (without_comments(value), value):
        for m in re.finditer(r'%s|<((?:%s|[^>])*)' % (QUOTED, QUOTED), text, re.S):
            found = m[1] is not None and (split_address(m[1]) or word_in(m[1]))
            if found:
                return found
        found = word_in(text)
        if found:
            return found
    return None


def escaped(text, at):
    return (at - len(text[:at].rstrip("\\"))) % 2 == 1


def quote_begin(text, at):
    return next((i for i in range(at - 1, -1, -1) if text[i] == '"' and not escaped(text, i)), at)


def comment_begin(text, at):
    depth, i = 1, at - 1
    while i >= 0:
        if text[i] in '()"' and not escaped(text, i):
            if text[i] == '"':
                i = quote_begin(text, i)
            else:
                depth += 1 if text[i] == ")" else -1
                if depth == 0:
                    return i
        i -= 1
    return at


def received_for(value):
    """The address behind the last "for" that stands behind the last "by"."""
    comments, i = True, len(value) - 1
    while i > 0:
        if value[i] == '"' and not escaped(value, i):
            i = quote_begin(value, i)
        elif value[i] == ")" and comments and not escaped(value, i):
            begin = comment_begin(value, i)
            comments, i = begin < i, begin
        elif value[i - 1] in " )":
            m = re.compile(r"(by|for)(?=[ <])", re.I).match(value, i)
            if m and m[0].lower() == "by":
                return None
            if m:
                word = re.match(r" *(<[^>]*>|[^ ,;]*)", value[i + 3:][:1024])
                found = address_in(word[1])
                if found:
                    return found
        i -= 1
    return None


def parse_date(text):
    while re.search(r"\([^()]*\)", text):
        text = re.sub(r"\([^()]*\)", " ", text)
    try:
        t = email.utils.parsedate_tz(text)
        return None if t is None else calendar.timegm(t[:6] + (0, 1, 0)) - (t[9] or 0)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
POSTMARK = re.compile(
    rb"From .*?\b(?:Sun|Mon|Tue|Wed|Thu|Fri|Sat)\s+(\w{3})\s+(\d{1,2})\s+(\d{1,2}):(\d\d)"
    rb"(?::(\d\d))?\s+(?:[A-Za-z]+\s+)?(?:[+-]\d{4}\s+)?(\d{4})(?:\s+([+-]\d{4}))?", re.I)


def parse_postmark(line):
    m = POSTMARK.match(line)
    if not m or m[1].decode().lower() not in MONTHS:
        return None
    month = MONTHS.index(m[1].decode().lower()) + 1
    at = calendar.timegm((int(m[6]), month, int(m[2]), int(m[3]), int(m[4]), int(m[5] or 0)))
    zone = int(m[7] or 0)
    return at - (abs(zone) // 100 * 60 + abs(zone) % 100) * 60 * (1 if zone >= 0 else -1)


class Mail:
    def __init__(self, raw, envelope=b"", named=None, file_time=None):
        self.lines = split_lines(raw[3:] if raw.startswith(b"\xef\xbb\xbf") else raw)
        self.lines = self.lines[header_begin(self.lines):]
        self.fields, _ = read_fields(self.lines)
        self.canonical, self.candidate = {}, False
        self.envelope, self.named, self.file_time = envelope, named, file_time
        self._body = None

    @property
    def body(self):
        if self._body is None:
            self._body = Body(self.lines)
        return self._body

    def values(self, name):
        if name not in self.canonical:
            self.canonical[name] = [squeeze(decode_words(v[:VALUE_LIMIT]))
                                    for n, v in self.fields if n == name]
        return self.canonical[name]

    def recipient(self):
        """From the top down: what one system wrote, by ORIGINS, then its Received; To last.
        What names this machine alone is the last resort."""
        stretches, fields = [[]], []
        for name, raw in self.fields:
            if name == "received":
                stretches.append([])
            if name in ORIGINS:
                value = squeeze(decode_words(raw[:VALUE_LIMIT]))
                (fields if name == "to" else stretches[-1]).append((name, value))
        rows = []
        for k, stretch in enumerate(stretches):
            rows += [row for row in stretch if row[0] == "received"]
            rows += sorted((row for row in stretch if row[0] != "received"),
                           key=lambda row: ORIGINS.index(row[0]))
        found = []
        for origin, value in rows + fields:
            address = received_for(value) if origin == "received" else address_in(value)
            domain = domain_to_ascii(address[1]) if address else ""
            if domain and is_host_name(domain):
                found.append((address[0], domain, origin))
        named = [f for f in found if f[1] not in ("localhost", "localhost.localdomain")]
        return (named or found or [("", "", "unknown")])[0]

    def arrived(self):
        received = self.values("received")[:1]
        if received and ";" in received[0]:
            at = parse_date(received[0].rpartition(";")[2])
            if at is not None:
                return at, "received"
        if self.envelope and parse_postmark(self.envelope) is not None:
            return parse_postmark(self.envelope), "from-line"
        if self.named is not None:
            return self.named, "maildir-name"
        if self.file_time is not None:
            return self.file_time, "file-time"
        for value in self.values("date"):
            at = parse_date(value)
            if at is not None:
                return at, "date"
        return None, "unknown"


# ---- windows and the decision ---------------------------------------------------

def timestamp(text):
    m = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.\d+)?"
                     r"([Zz]|[+-]\d\d:\d\d)", text)
    at = calendar.timegm(tuple(int(m[k]) for k in range(1, 7)))
    if m[7] in "Zz":
        return at
    return at - (int(m[7][1:3]) * 60 + int(m[7][4:])) * (60 if m[7][0] == "+" else -60)


def load_windows(path):
    if not path:
        return []
    rows = []
    for name in yaml_files([path]):
        with open(name, encoding="utf-8") as f:
            for w in (yaml.load(f, yaml.BaseLoader) or {}).get("windows") or []:
                rows.append({
                    "domain": domain_to_ascii(w["domain"]),
                    "from": timestamp(w["from"]),
                    "until": timestamp(w["until"]) if "until" in w else float("inf"),
                    "kinds": w.get("kinds", WINDOW_KINDS),
                    "subdomains": w.get("subdomains", "false") in ("true", "yes", "on"),
                    "mailboxes": [b.lower() for b in w.get("mailboxes") or []]})
    return rows


def find_window(rows, local, domain, kind, at):
    name = domain
    while name and at is not None:
        fit = [w for w in rows if w["domain"] == name and (name == domain or w["subdomains"])
               and w["from"] <= at < w["until"] and kind in w["kinds"]
               and (not w["mailboxes"] or local.lower() in w["mailboxes"])]
        if fit:
            return max(fit, key=lambda w: w["from"])
        name = name.partition(".")[2]
    return None


def rfc3339(at):
    if at is None:
        return None
    y, mo, d, h, mi, s = calendar.datetime.datetime.utcfromtimestamp(at).timetuple()[:6]
    return "%04d-%02d-%02dT%02d:%02d:%02dZ" % (y, mo, d, h, mi, s)


def decide(mail, rules, windows=()):
    """One message's record."""
    matching = rules.matching(mail)
    local, domain, recipient_origin = mail.recipient()
    mail.body.says_subject = any(c.hits(mail) for c in rules.candidates
                                 if c.target == "subject" and not c.absent)
    own = (local + "@" + domain).encode("utf-8", "replace") if local else b""
    if matching and matching[0].asks_sender() and not who_says.is_system(mail, matching[0], own):
        matching = [r for r in matching if not r.asks_sender()]
    at, arrived_origin = mail.arrived()
    record = {"verdict": "none", "kind": "none", "rule": None,
              "recipient": local + "@" + domain if local else "", "domain": domain,
              "recipient_origin": recipient_origin, "arrived": rfc3339(at),
              "arrived_origin": arrived_origin, "dsn": None}
    if matching:
        rule, kind = matching[0], matching[0].kind
        if mail.body.kind():
            kind = mail.body.kind()
        elif mail.body.weak_kind() and (rule.rank <= 1 or
                                        kind in ("failed", "delayed", "delivered")):
            kind = mail.body.weak_kind()
        window = find_window(windows, local, domain, kind, at)
        record.update(verdict="junk" if window else "keep", kind=kind, rule=rule.id,
                      dsn={"reporting_mta": mail.body.reporting_mta,
                           "recipients": mail.body.recipients})
    record["candidate"] = mail.candidate
    record["matching"] = [r.id for r in matching]
    return record


# ---- where mail comes from ------------------------------------------------------

def mbox_messages(data):
    """(raw, From_ line) of each message; a From_ line follows an empty line and has a date."""
    starts = []
    for m in re.finditer(rb"(?:\A|(?<=\n)|(?<=\n\r\n))From [^\n]*", data):
        before = data[:m.start()][-3:]
        if (not before or before.endswith(b"\n\n") or before == b"\n\r\n") \
                and parse_postmark(m[0]) is not None:
            starts.append((m.start(), m.end()))
    for i, (begin, end) in enumerate(starts):
        stop = starts[i + 1][0] if i + 1 < len(starts) else len(data)
        yield data[end + 1:stop], data[begin:end]


def maildir_time(path):
    m = re.match(r"(\d+)\.", os.path.basename(path))
    in_maildir = os.path.basename(os.path.dirname(path)) in ("new", "cur")
    return int(m[1]) if m and in_maildir else None


def source_files(paths):
    for path in paths:
        if os.path.isdir(path):
            inner = [d for d in ("new", "cur") if os.path.isdir(os.path.join(path, d))]
            for folder in [os.path.join(path, d) for d in inner] or [path]:
                for name in sorted(os.listdir(folder)):
                    full = os.path.join(folder, name)
                    if os.path.isfile(full):
                        yield full
        else:
            yield path


def messages(path):
    """(index, Mail) of each message in a file."""
    with open(path, "rb") as f:
        data = f.read()
    if data.startswith(b"From ") and b"\n" in data and \
            parse_postmark(data.split(b"\n", 1)[0]) is not None:
        for index, (raw, envelope) in enumerate(mbox_messages(data)):
            yield index, Mail(raw, envelope)
    elif data:
        yield 0, Mail(data, named=maildir_time(path), file_time=int(os.stat(path).st_mtime))


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    p = argparse.ArgumentParser(description="slow second opinion on bounces")
    p.add_argument("--rules", action="append")
    p.add_argument("--windows")
    p.add_argument("--emit", choices=("all", "bounces", "junk"), default="all")
    p.add_argument("--files-from")
    p.add_argument("source", nargs="*")
    opts = p.parse_args()
    rules = Rules(opts.rules or [os.path.join(here, "../../rules/ndr")])
    windows = load_windows(opts.windows)
    paths = list(opts.source)
    if opts.files_from:
        with (sys.stdin if opts.files_from == "-" else open(opts.files_from)) as f:
            paths += [line.rstrip("\n") for line in f]
    for path in source_files(paths):
        for index, mail in messages(path):
            record = {"source": path, "index": index, **decide(mail, rules, windows)}
            if opts.emit == "all" or record["verdict"] == "junk" or \
                    (opts.emit == "bounces" and record["verdict"] == "keep"):
                print(json.dumps(record, ensure_ascii=False))


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
