#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""wrappings.py - does a message say the same, in whatever programs put it into?

usage: wrappings.py [--every N] NDRSCAN FOLDER

Each message, or each Nth, of FOLDER (a tree of files, a message each; skipped when it is not there) alone
is what is held against the same in: mbox of four kinds, Thunderbird's mailbox (LF and CRLF, after an older
one), MMDF, zip (stored, deflated), 7z, tar, each of these compressed, .emlx, a Cyrus spool, an Exchange journal;
whole and in ranges, from files and from a pipe. Verdict, kind, rule and facts must agree. Prints TAP.
"""
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from sample import sample # pylint: disable=wrong-import-position

# What the form itself decides: where a message lies, and the time it got from there.
PLACE = ("source", "source_b64", "member", "index", "offset", "length", "flags", "reason")
BY_FORM = ("file-time", "from-line", "maildir-name", "unknown", "date")
POSTMARK = b"From packer@example.org Tue May 13 09:31:02 2008"


def messages_of(folder):
    out = []
    for path in sorted(pathlib.Path(folder).rglob("*")):
        if path.suffix != ".eml":
            continue
        raw = path.read_bytes()
        if raw.startswith(b"From "):
            raw = raw[raw.find(b"\n") + 1:]
        # of a mailbox with more in it the count would differ, a file of one line is no mail, and
        # nobody trusts a bare From line or a length in front of what is no field
        if not re.match(rb"[!-9;-~]+:", raw):
            continue
        if re.search(rb"\n\r?\nFrom .*\d", raw) or b"\n" not in raw[:4096] or b"\1\1\1\1" in raw:
            continue
        out.append(raw)
    return out


def eol_of(raw):
    return b"\r\n" if 0 < raw.find(b"\n") == raw.find(b"\r\n") + 1 else b"\n"


def ended(raw):
    return raw if raw.endswith(b"\n") else raw + eol_of(raw)


def quoted(raw, pattern=rb"(?m)^(>*From )"):
    return re.sub(pattern, rb">\1", raw)


def mboxrd(raws):
    return b"".join(POSTMARK + eol_of(r) + ended(quoted(r)) + eol_of(r) for r in raws)


def mboxo(raws):
    return b"".join(POSTMARK + eol_of(r) + ended(quoted(r, rb"(?m)^(From )")) + eol_of(r) for r in raws)


def mboxcl2(raws):
    out = b""
    for r in raws:
        head, eol, body = re.match(rb"(.*?\n)(\r?\n)(.*)\Z", ended(r) + eol_of(r), re.S).groups()
        out += POSTMARK + eol + head + b"Content-Length: %d" % len(body) + eol + eol + body
    return out


def thunderbird(raws, eol=None):
    out = b""
    for r in raws:
        text = ended(quoted(r))
        if eol is not None:
            text = re.sub(rb"\r?\n", eol, text)
        out += b"From " + (eol or eol_of(r)) + text + (eol or eol_of(r))
    return out


def thunderbird_mixed(raws):
    old = b"".join(b"From - Tue May 13 09:31:02 2008" + eol_of(r) + ended(quoted(r)) + eol_of(r) for r in raws[:7])
    return old + thunderbird(raws[7:])


def mmdf(raws, postmark=b""):
    mark = b"\1\1\1\1"
    return b"".join(mark + eol_of(r) + (postmark + eol_of(r) if postmark else b"") + ended(r) + mark + eol_of(r)
                    for r in raws)


def emlx(raw):
    plist = (b'<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0"><dict><key>flags</key>'
             b"<integer>8590195713</integer></dict></plist>\n")
    return b"%-10d\n" % len(raw) + raw + plist


def journal(raw, recipients):
    cover = b"\r\n".join([b"Sender: <>", b"Subject: as it came", b"Message-Id: <1@example.org>"] +
                         [b"Recipient: " + r.encode() for r in recipients] + [b"", b""])
    return b"\r\n".join([
        b"From: Microsoft Exchange <journal@example.org>", b"To: archive@example.org",
        b"Subject: Undeliverable: as it came", b"X-MS-Journal-Report:", b"MIME-Version: 1.0",
        b'Content-Type: multipart/mixed; boundary="cover-of-a-journal"', b"", b"--cover-of-a-journal",
        b'Content-Type: text/plain; charset="us-ascii"', b"Content-Transfer-Encoding: 7bit", b"",
        cover + b"--cover-of-a-journal", b"Content-Type: message/rfc822", b"", raw + (b"" if raw.endswith(b"\n") else b"\r\n") + b"\r\n--cover-of-a-journal--", b""])


def tar_of(raws, name):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for i, raw in enumerate(raws):
            info = tarfile.TarInfo(name(i))
            info.size = len(raw)
            tar.addfile(info, io.BytesIO(raw))
    return out.getvalue()


def zip_of(raws, method):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as z:
        for i, raw in enumerate(raws):
            z.writestr(f"mail/{i:06}.eml", raw)
        z.writestr("mail/.DS_Store", b"\0\0\0\1Bud1" + bytes(600))
    return out.getvalue()


class Scan:
    def __init__(self, program):
        self.program = program

    def __call__(self, *args, stdin=None):
        run = subprocess.run([self.program, "scan", "--quiet", "--emit", "all", *args], input=stdin,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        return run.returncode, run.stdout.splitlines(), run.stderr.decode(errors="replace").strip()


def facts(line):
    r = json.loads(line)
    for key in PLACE:
        r.pop(key, None)
    if r["arrived_origin"] in BY_FORM:
        r["arrived"] = r["arrived_origin"] = "by form"
    return r


def make(work, raws):
    """name -> arguments of the scan; what lies in a folder is named in the messages' order."""
    forms = {}

    def file(name, data, *options):
        path = work / name
        path.write_bytes(data)
        forms[name] = [*options, str(path)]

    file("rd.mbox", mboxrd(raws))
    file("o.mbox", mboxo(raws))
    file("cl2.mbox", mboxcl2(raws), "--format", "mboxcl2")
    file("thunderbird", thunderbird(raws))
    file("thunderbird-told", thunderbird(raws), "--format", "mbox")
    file("thunderbird-crlf", thunderbird(raws, b"\r\n"))
    file("thunderbird-mixed", thunderbird_mixed(raws))
    file("mmdf", mmdf(raws))
    file("mmdf-postmarks", mmdf(raws, POSTMARK))
    file("all.tar", tar_of(raws, lambda i: f"mail/{i:06}.eml"))
    file("emlx.tar", tar_of([emlx(r) for r in raws], lambda i: f"Messages/{i}.emlx"))
    file("stored.zip", zip_of(raws, zipfile.ZIP_STORED))
    file("deflated.zip", zip_of(raws, zipfile.ZIP_DEFLATED))
    for name, part in (("files", lambda i: f"{i:06}.eml"), ("emlx", lambda i: f"{i:06}.emlx"),
                       ("cyrus", lambda i: f"{i + 100000}.")):
        folder = work / name
        folder.mkdir()
        for i, raw in enumerate(raws):
            (folder / part(i)).write_bytes(emlx(raw) if name == "emlx" else raw)
        forms[name] = [str(folder)]
    for name in ("cyrus.index", "cyrus.header", "cyrus.cache", "cyrus.squat"):
        (work / "cyrus" / name).write_bytes(b"\241\2\213\015Cyrus" + bytes(300))
    for name in ("thunderbird", "mmdf", "emlx.tar", "deflated.zip"):
        for tool, ending in (("gzip", "gz"), ("zstd", "zst"), ("xz", "xz")):
            packed = subprocess.run([tool, "-q", "-c", "-1", str(work / name)], check=True,
                                    stdout=subprocess.PIPE).stdout
            file(f"{name}.{ending}", packed)
    for name in ("thunderbird", "mmdf"):
        stream = (work / name).read_bytes()
        step = max(1000, len(stream) // 40)
        file(f"{name}-frames.zst", b"".join(
            subprocess.run(["zstd", "-q", "-c"], input=stream[at:at + step], check=True,
                           stdout=subprocess.PIPE).stdout for at in range(0, len(stream), step)))
    if shutil.which("7z"):
        subprocess.run(["7z", "a", "-bso0", "-bsp0", str(work / "all.7z"), "files"], check=True, cwd=work,
                       stdout=subprocess.DEVNULL)
        forms["all.7z"] = [str(work / "all.7z")]
    return forms


def difference(bare, got):
    if len(bare) != len(got):
        return f"{len(got)} messages, not {len(bare)}"
    for i, (a, b) in enumerate(zip(bare, got)):
        if a != b:
            keys = [k for k in a if a.get(k) != b.get(k)]
            return f"message {i}: " + "; ".join(f"{k}: {a.get(k)!r} is {b.get(k)!r}"[:200] for k in keys)
    return None


BLOCKED = ("failed", "delayed", "rejected-content", "challenge")  # without a window's `kinds`
WINDOW = "windows:\n  - {domain: example.com, from: 1990-01-01T00:00:00Z, until: 2090-01-01T00:00:00Z}\n"


def tell_journals(scan, work, raws, bare, tell):
    """The verdict of the message inside; to those whom the cover names; junk if all are covered."""
    (work / "windows.yaml").write_text(WINDOW)
    covered = ["alice@example.com", "bob@example.com"]
    for name, recipients, junk in (
            ("a journal", [], None), ("a journal to one", covered[:1], "junk"),
            ("a journal to two who are covered", covered, "junk"),
            ("a journal to two, one of whom is not", covered + ["eve@example.net"], "keep")):
        folder = work / name.replace(" ", "-")
        folder.mkdir()
        for i, raw in enumerate(raws):
            (folder / f"{i:06}.eml").write_bytes(journal(raw, recipients))
        status, lines, told = scan("--windows", str(work / "windows.yaml"), str(folder))
        got = [facts(line) for line in lines]
        fault = told if status else None
        if junk is not None:
            for i, (a, b) in enumerate(zip(bare, got)):
                want = "none" if a["verdict"] == "none" else junk if a["kind"] in BLOCKED else "keep"
                if b["verdict"] != want:
                    fault = fault or f"message {i}: {b['verdict']}, not {want}"
                if b["kind"] in BLOCKED and b["recipient"] != recipients[0 if want == "junk" else -1]:
                    fault = fault or f"message {i}: to {b['recipient']}"
        keys = {k for k in bare[0] if k not in ("verdict", "window", "recipient", "domain", "recipient_origin",
                                                "recipients", "facts_from")}
        tell(name, fault or difference([{k: a.get(k) for k in keys} for a in bare],
                                       [{k: b.get(k) for k in keys} for b in got]))


def main():
    args = sys.argv[1:]
    every = 1
    if args[0] == "--every":
        every, args = int(args[1]), args[2:]
    program, folder = args
    if not os.path.isdir(folder):
        print("1..0 # SKIP the mail is not here")
        return 0
    scan, raws = Scan(program), sample(messages_of(folder), every)
    number = failed = 0

    def tell(why, fault):
        nonlocal number, failed
        number += 1
        failed += fault is not None
        print(f"{'not ok' if fault else 'ok'} {number} - {why}" + (f": {fault}" if fault else ""), flush=True)

    with tempfile.TemporaryDirectory(prefix="ndr-wrap-") as top:
        work = pathlib.Path(top)
        forms = make(work, raws)
        _, lines, _ = scan("--threads", "1", *forms["files"])
        bare = [facts(line) for line in lines]
        with_crlf = None
        for name, words in forms.items():
            for threads in ("1", "4"):
                status, lines, told = scan("--threads", threads, *words)
                want = bare
                if name == "thunderbird-crlf":  # other bytes, and so other facts of white space
                    with_crlf = with_crlf or bare
                    want = with_crlf
                fault = difference(want, [facts(line) for line in lines])
                if status != 0:
                    fault = f"exit status {status}: {told[:300]}"
                tell(f"{name}, {threads} threads", fault)
        tell_journals(scan, work, raws, bare, tell)
        for name in ("thunderbird", "mmdf", "deflated.zip", "all.tar", "thunderbird.gz", "mmdf.zst"):
            status, lines, told = scan("-", stdin=(work / name).read_bytes())
            tell(f"{name} through a pipe",
                 difference(bare, [facts(line) for line in lines]) or (told if status else None))
    print(f"1..{number}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
