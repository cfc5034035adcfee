# SPDX-License-Identifier: BSD-3-Clause
"""who_says.py - who says it, by the slow oracle's own reading?

The signs are asked for here anew; their weights and the lists of words are read from
engine/facts/sender.c and engine/facts/sender_text.c, where they are kept once.
"""
import os
import re

ENGINE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../engine/facts")
DIALECT_RANK, GENERIC_RANK, SURE, TEXT_BYTES, FIND_BYTES = 5, 1, 4, 16 << 10, 64 << 10
FIELD_LIMIT, VALUE_BYTES, PARAGRAPHS = 1000, 4096, 1000
WORD = rb"[0-9A-Za-z]"


def read_source(name):
    with open(os.path.join(ENGINE, name), encoding="utf-8") as f:
        return f.read()


HEADER, TEXT, LURE = (read_source(n) for n in ("sender.c", "sender_text.c", "lookalike.c"))


def strings(source):
    return [s.replace('\\"', '"').encode() for s in re.findall(r'"((?:[^"\\]|\\.)*)"', source)]


def words(source, name, nth=0):
    return strings(re.findall(r"\b%s\[\] = \{(.*?)\};" % name, source, re.S)[nth])


WEIGHTS = {name: int(weight) for name, weight in re.findall(
    r"\[NDR_SAYS_(\w+)\] =\s*\{\s*\"[^;]*?\",\s*(-?\d+)\s*\}", HEADER)}
FIELDS = [(n.encode(), s) for n, s in re.findall(r'\{"([^"]+)", NDR_SAYS_(\w+)\}', HEADER)]


SYSTEMS = [name for name, weight in WEIGHTS.items() if weight > 0 and name != "OPENS"]


def weight(signs):
    """Words that begin a text count only beside another sign of a mail system."""
    return sum(WEIGHTS[s] for s in signs if s != "OPENS" or signs & set(SYSTEMS))


def begins(text, some):
    return text.lower().startswith(tuple(w.lower() for w in some)) if some else False


def lower(text):
    """ASCII letters alone, as the engine compares."""
    return re.sub(rb"[A-Z]+", lambda m: m[0].lower(), text)


def holds(text, some):
    text = lower(text)
    return any(re.search(rb"(?<!" + WORD + rb")" + re.escape(w), text) for w in some)


def holds_whole(text, some):
    text = lower(text)
    return any(re.search(rb"(?<!" + WORD + rb")" + re.escape(w) + rb"(?!" + WORD + rb")", text)
               for w in some)


def holds_local(value, some, named):
    value = lower(value)
    for word in some:
        for m in re.finditer(rb"(?<!" + WORD + rb")" + re.escape(word), value):
            rest = value[m.end():]
            following = rest.lstrip(bytes(range(33)))
            if not following or rest[:1] in b'@>"' or following[:1] == b"(" or \
                    (named and following[:1] == b"<"):
                return True
    return False


def daemon(value):
    value = lower(value)
    if holds_local(value, words(HEADER, "local"), False):
        return {"DAEMON"}
    return {"DAEMON_NAME"} if holds(value, words(HEADER, "name")) else set()


def many(value):
    quoted, signs, comma = False, 0, 0
    for c in value.decode("latin-1"):
        if c == '"':
            quoted = not quoted
        elif not quoted and c == "@":
            signs += 1
        elif not quoted and c == "," and signs:
            comma = signs
        if comma and signs > comma:
            return True
    return False


def null_path(value):
    return bool(value) and begins(value, words(HEADER, "empty"))


def of_header(fields):
    signs, seen, to = set(), set(), 0
    told = [(name, value.lstrip(bytes(range(33)))) for name, value in fields]
    for name, value in [f for f in told if f[1].rstrip(b"\r\n")][:FIELD_LIMIT]:
        value = value[:VALUE_BYTES]
        value = value.rstrip(b"\r\n") if name != "return-path" else value
        low = lower(value)
        if not value:
            continue
        if name == "return-path":
            if "return-path" not in seen and null_path(value):
                signs.add("NULL_PATH")
        elif name == "from":
            found = daemon(value)
            system = holds(value, words(HEADER, "system")) or \
                holds_local(value, words(HEADER, "whole"), True)
            signs |= found or ({"SYSTEM"} if system else set())
        elif name == "subject" and low.startswith(b"digest of"):
            signs.add("DIGEST")
        elif name == "subject":
            if re.search(rb"(?s).#[0-9]" + WORD + rb"*[\])]", value):
                signs.add("NUMBERED")
        elif name == "auto-submitted":
            if holds(value, words(HEADER, "refused")):
                signs.add("REFUSED")
            elif low.startswith(b"auto-replied"):
                signs.add("REPLIED")
        elif name == "content-type":
            if begins(value, words(HEADER, "reports")) or holds(value, words(HEADER, "named")):
                signs.add("REPORT")
            elif low.startswith(b"multipart/digest"):
                signs.add("DIGEST")
        elif name in ("x-mailer", "user-agent"):
            if holds(value, words(HEADER, "tickets")) or \
                    holds_whole(value, words(HEADER, "short_tickets")):
                signs.add("TICKET")
            elif holds(value, words(HEADER, "people")) or \
                    holds_whole(value, words(HEADER, "short_people")):
                signs.add("PROGRAM")
        elif name in ("to", "cc"):
            to += 1
            if re.search(rb"(?:^|[-< ])bounces?(?:[+-][^\0- @]*)?@", lower(value)):
                signs.add("TO_BOUNCES")
            if to > 1 or many(value):
                signs.add("MANY")
        elif name not in ("in-reply-to", "references"):
            for word, sign in FIELDS:
                if name.encode() == word or (word.endswith(b"*") and name.encode().startswith(word[:-1])):
                    signs.add(sign)
                    break
        seen.add(name)
    if "from" not in seen:
        signs.add("DAEMON_NAME")
    if {"NULL_PATH", "SYSTEM"} <= signs:
        signs.add("BOTH")
    if seen & {"in-reply-to", "references"} and ("NULL_PATH" not in signs or "PROGRAM" in signs):
        signs.add("ANSWER")
    return signs


# ---- the text ------------------------------------------------------------------

def greeting(line):
    """(bytes of a greeting, is somebody greeted)"""
    if not begins(line, words(TEXT, "greetings")):
        return 0, False
    stops = [(line.find(w), len(w)) for w in words(TEXT, "ends_of")
             if 0 <= line.find(w) < min(len(line), 60)]
    end = sum(min(stops)) if stops else len(line) if len(line) <= 60 else 0
    if end == 3 and line[2:3] == b"!" and end < len(line):
        return 0, False
    said = line[:min(stops)[0]] if stops else line[:end]
    alone = said in [w.rstrip(b" ,!") for w in words(TEXT, "greetings")]
    return end, not alone and not holds(line[:end], words(TEXT, "anybody"))


def quoted(line):
    if len(line) > 1 and line[:1] == b">":
        return line[1:2] != b">"
    return len(line) > 3 and b": > " in line


def names_daemon(line):
    for m in re.finditer(rb": (?=.)", line, re.S):
        rest = line[m.end():m.end() + 100]
        stop = rest.find(b":")
        for k in range(len(rest) if stop < 0 else stop):
            if begins(line[m.end() + k:], words(TEXT, "daemons")):
                return True
    return False


def opening_of(lines):
    for line in lines[:PARAGRAPHS]:
        line = line[greeting(line)[0]:]
        if re.search(rb"[0-9A-Za-z\x80-\xff]", line) and not begins(line, words(TEXT, "labels")):
            head = line[:200]
            if not (begins(head, words(TEXT, "before")) or
                    (head.startswith(b"--") and holds(head, words(TEXT, "words")))):
                return line
    return b""


def front(lines, limit=TEXT_BYTES):
    text = b"".join(line + b"\n" for line in lines)[:limit]
    return text, text.split(b"\n")[:-1] if text.endswith(b"\n") else text.split(b"\n")


def addresses(text, own, by_domain):
    """Of the addresses in a text: are there others than `own`, or its domain's; is it there?"""
    others = itself = False
    own = lower(own)
    for m in re.finditer(rb"@", text):
        at = m.start()
        if at == 0 or at + 1 == len(text) or text[at - 1] <= 32 or text[at + 1] <= 32:
            continue
        if b"@" not in own:
            others = True
        elif by_domain:
            domain = re.match(rb"(?:[0-9A-Za-z-]|\.(?=[0-9A-Za-z]))*", text[at + 1:])[0]
            others |= lower(domain) != own.partition(b"@")[2]
        else:
            before = own.index(b"@")
            mine = at >= before and lower(text[at - before:at - before + len(own)]) == own
            others |= not mine
            itself |= mine
    return others, itself and not others


def holds_link(raw):
    return bool(re.search(rb"http|HTTP|href|HREF|www\.", raw[:TEXT_BYTES]))


NEAR = rb"(?:(?<![0-9A-Za-z./@_+%$&-])|(?<=^-)|(?<=[ -]-))"
REPLY = re.compile(NEAR + rb"(?:4[2345 7]|5[0-57 9])[0-9](?![0-9A-Za-z/@_%])(?!\.[0-9])(?!-[0-9](?!\.))".replace(b" ", b"") +
                   rb"(?! *(?:byte|kb|kib|mb|mib|gb|%|sec|min|hour|day|octet|character))", re.I)
STATUS = re.compile(NEAR + rb"[45]\.[0-7][0-9]{0,2}\.[0-9]{1,3}(?![0-9A-Za-z_@])(?!\.[0-9])")


def has_code(text):
    """Does a text state an SMTP reply or status code?"""
    return bool(REPLY.search(text) or STATUS.search(text))


def states_failure(text, own, fields):
    """Does a text state a code, and an address that is neither `own` nor From's?"""
    sender = next((value for name, value in fields if name == "from"), b"")
    found = re.search(rb"(?s).*(?<![^ \t\n<(\"])([^ \t\n<(\"@]*@[0-9A-Za-z.-]*)", sender)
    known = [lower(own), lower(found[1]) if found else b""]
    for m in re.finditer(rb"@", text):
        at = m.start()
        if at == 0 or at + 1 == len(text) or text[at - 1] <= 32 or text[at + 1] <= 32:
            continue
        if not any(b"@" in k and at >= k.index(b"@") and
                   lower(text[at - k.index(b"@"):at - k.index(b"@") + len(k)]) == k
                   for k in known):
            return has_code(text)
    return False


def prelude(opening):
    told = re.sub(rb"^[^0-9A-Za-z\x80-\xff]+", b"", opening)
    return begins(told, words(TEXT, "preludes")) or holds(opening, words(TEXT, "no_answer"))


def openings_of(lines):
    """The paragraph that begins to say something; and the one behind it, if it says nothing."""
    first = opening_of(lines)
    if not first or not prelude(first):
        return first, b""
    at = next(i for i, line in enumerate(lines) if line.endswith(first))
    return first, opening_of(lines[at + 1:])


def says_failure(body, rule, own, fields):
    """Does a text that an empty return path alone speaks for say first that mail failed?"""
    text, lines = front(body.folded())
    mine = [s for s in rule.all + rule.any if s.target == "text"]
    leads = [re.match(rb"(?s)(?:.*?:(?= ).*?(?=: )|.*)", o)[0] for o in openings_of(lines)]
    return rule.rank == GENERIC_RANK and states_failure(text, own, fields) and \
        any(s.re.search(lead) for s in mine for lead in leads)


def is_system(mail, rule, own):
    """The answer for one message and the rule that would be named. `own`: its recipient."""
    body, signs = mail.body, of_header(mail.fields)
    if body.has_report:
        signs.add("REPORT_PART")
    if {"REPORT", "REPORT_PART"} <= signs:
        return True
    likely = signs & {"DAEMON", "SYSTEM", "TO_BOUNCES"}
    sender = (body.returned or {}).get("from", b"")
    is_own = own and addresses(sender[:TEXT_BYTES], own, False)[1]
    passed_on = body.returned and not is_own and (
        body.returned.get("return-path") == b"<>" or daemon(sender))
    if passed_on:
        signs.add("PASSED_ON")
    elif body.returned is not None:
        if is_own or signs & {"NULL_PATH", "DAEMON", "DAEMON_NAME", "SYSTEM", "FIELD"}:
            signs.add("RETURNED")
    if rule.rank >= DIALECT_RANK and any(
            not s.absent and s.target.startswith(("from", "sender", "message-id", "mailer", "header:"))
            for s in rule.all):
        signs.add("FORM")
    if "RETURNED" in signs and weight(signs) >= SURE:
        return True
    signs |= of_text(body, rule, own, signs, likely, passed_on)
    if rule.rank <= GENERIC_RANK and "NULL_PATH" in signs and body.returned is None and \
            not body.status and not signs & set(SYSTEMS) - {"NULL_PATH"} and \
            not says_failure(body, rule, own, mail.fields):
        signs.add("BARE")
    return weight(signs) > 0


def of_text(body, rule, own, header, likely, passed_on):
    text, lines = front(body.folded())
    signs = set()
    for n, line in enumerate(lines[:PARAGRAPHS]):
        if n == 0 and greeting(line)[0] and greeting(line)[1]:
            signs.add("GREETING")
        if quoted(line):
            signs.add("QUOTED")
        if n > 0 and len(line) < 200 and begins(line, words(TEXT, "closings")):
            signs.add("CLOSING")
        if names_daemon(line):
            signs.add("PASSED_ON")
    opening, second = openings_of(lines)
    mine = [s for s in rule.all + rule.any if s.target == "text"]
    asked = rule.asked_text() if likely else mine
    opens = bool(likely) and prelude(opening)
    for line, some in ((opening, asked), (second, mine)):
        if not opens and not quoted(line) and \
                not line.endswith((b"?", "？".encode(), "؟".encode())):
            opens = any(s.re.search(line) for s in some)
    if opens:
        signs.discard("QUOTED")
        signs.add("OPENS")
        if body.returned is not None and not passed_on:
            signs.add("RETURNED")
    elif any(s.re.search(line) for s in mine for line in front(body.folded(), FIND_BYTES)[1]):
        signs.add("BELOW")
    if body.returned is None and not body.status:
        nothing = not has_code(text) and not addresses(text, own, True)[0]
        others, itself = addresses(text, own, False)
        if (body.has_link or holds_link(text)) and (itself or nothing):
            signs.add("LINK")
        elif rule.kind != "rejected-content" and not header & {"FIELD", "REPORT", "REFUSED"} and \
                (itself or (not others and nothing and not body.says_subject)):
            signs.add("OWN")
    return signs
