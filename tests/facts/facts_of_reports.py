#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""facts_of_reports.py - are the recipients and codes of bounces read right?

usage: facts_of_reports.py [--wrong] NDRSCAN FOLDER | NDRSCAN --make NDRGEN

The messages of FOLDER (a file each; with LABELS.tsv, its rows of label ndr and without
near_dup), or 4,000 made by ndrgen, are scanned, and what the records say is held against
Python's email package:

  report  final recipients and status codes of the message/delivery-status parts, in order;
          right in at least 97 % of the bounces that have such a part
  text    the same mail with that part made unreadable: of the recipients that the part
          names, at least one, and no other address, is found in the text; and a status found there has
          the class of one in the part. At least 97 % of the bounces whose text holds the address.

--wrong lists what differs. Prints TAP. Exit status 1 when a bar is missed.
"""
import csv
import email
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

STATUS_TYPES = ("message/delivery-status", "message/global-delivery-status")
REPORT_MIN, TEXT_MIN = 97.0, 97.0


def one_line(value):
    return " ".join(str(value or "").split())


def without_type(value):
    """Without "rfc822;" in front, nor angle brackets."""
    value = one_line(value)
    head, semicolon, rest = value.partition(";")
    if semicolon and "@" not in head and len(head) < 40:
        value = rest.strip()
    return re.sub(r"^@[^:]*:", "", value.strip("<>; "))  # a source route, a stray bracket


def groups_of(message):
    """(final recipient, original recipient, status) of each group, as the parts state them."""
    out = []

    def walk(part):
        kind = part.get_content_type()
        if kind in STATUS_TYPES:
            blocks = part.get_payload()
            for block in blocks if isinstance(blocks, list) else []:
                if block["Final-Recipient"] or block["Original-Recipient"] or block["Action"]:
                    original = without_type(block["Original-Recipient"])
                    code = re.search(r"\d\.\d+\.\d+", one_line(block["Status"]))
                    out.append((without_type(block["Final-Recipient"]) or original, original,
                                code[0] if code else ""))
                    for other in (block.get_all("Final-Recipient") or [])[1:]:
                        if other != block["Final-Recipient"]:  # no empty line between two
                            out.append((without_type(other), "", ""))
        elif part.is_multipart() and not kind.startswith("message/"):
            for child in part.get_payload():
                walk(child)

    walk(message)
    return out


def text_of(message):
    """The text of a bounce around the report, roughly: what its text parts decode to."""
    out = []

    def walk(part):
        if part.get_content_maintype() == "text":
            out.append((part.get_payload(decode=True) or b"").decode("latin-1"))
        elif part.is_multipart() and part.get_content_maintype() == "multipart":
            for child in part.get_payload():
                walk(child)

    walk(message)
    return "\n".join(out).lower()


def scan(program, folder, extra):
    """The records of the files in a folder, by name."""
    run = subprocess.run([program, "scan", "-q", "--emit", "all", "--format", "message", *extra, folder],
                         stdout=subprocess.PIPE, check=True)
    return {os.path.basename(r["source"]): r for r in map(json.loads, run.stdout.splitlines())}


def recipients_of(record):
    return record["dsn"]["recipients"] if record["dsn"] else []


def report_right(groups, record):
    """The first thing that differs, or None."""
    got = recipients_of(record)
    if len(got) != len(groups):
        return f"{len(got)} recipients, not {len(groups)}"
    for (final, _, status), row in zip(groups, got):
        if final.lower() != (row["final"] or "").lower():
            return f"recipient {row['final']!r}, not {final!r}"
        if status and status != row["status"]:
            return f"status {row['status']!r}, not {status!r}"
    return None


def text_right(groups, record):
    named = {a.lower().strip("<>") for g in groups for a in g[:2] if a}  # "x@y>" is meant as x@y
    got = recipients_of(record)
    found = {(row["final"] or "").lower() for row in got}
    if not found or not found <= named:
        return f"recipients {sorted(found)}, not {sorted(named)}"
    classes = {g[2][:1] for g in groups if g[2]}
    wrong = [r["status"] for r in got if r["status"] and classes and r["status"][0] not in classes]
    return f"status {wrong[0]}" if wrong else None


def made(program, folder):
    """4,000 messages of all dialects, a file each."""
    subprocess.run([program, "--seed", "7", "--messages", "4000", "--bounces", "90", "--sizes", "storm",
                    "--format", "files", "--output", folder], check=True)
    return sorted(p for p in pathlib.Path(folder).rglob("*") if p.is_file())


def labelled(folder):
    labels = folder / "LABELS.tsv"
    if not labels.exists():
        return sorted(p for p in folder.rglob("*") if p.is_file())
    with labels.open(newline="") as f:
        return [folder / row["path"] for row in csv.DictReader(f, delimiter="\t")
                if row["label"] == "ndr" and row["near_dup"] != "yes"]


def measure(number, name, least, judged, wrong):
    share = 100.0 * (judged - len(wrong)) / judged if judged else 0.0
    print(f"{'ok' if share >= least else 'not ok'} {number} - {name}: {judged - len(wrong)} of {judged} right, "
          f"{share:.2f} %, at least {least:g} %")
    if "--wrong" in sys.argv:
        for path, why in wrong:
            print(f"# {path}: {why}")
    return share >= least


def main():
    args = [a for a in sys.argv[1:] if a != "--wrong"]
    if len(args) not in (2, 3):
        print(__doc__, file=sys.stderr)
        return 2
    program = os.path.abspath(args[0])
    with tempfile.TemporaryDirectory(prefix="ndrscan-facts-") as name:
        scratch = pathlib.Path(name)
        if args[1] == "--make":
            paths = made(os.path.abspath(args[2]), str(scratch / "made"))
        elif not os.path.isdir(args[1]):
            print(f"1..0 # SKIP no mail in {args[1]}")
            return 0
        else:
            paths = labelled(pathlib.Path(args[1]))
        for folder in ("as-is", "hidden"):
            (scratch / folder).mkdir()
        bounces = {}
        for i, path in enumerate(paths):
            raw = path.read_bytes()
            if not re.search(rb"(?i)delivery-status", raw):
                continue
            message = email.message_from_bytes(raw)
            groups = groups_of(message)
            if not groups:
                continue
            key = f"{i:06}"
            bounces[key] = (path, groups, text_of(message))
            (scratch / "as-is" / key).write_bytes(raw)
            hidden = re.sub(rb"(?i)message/(global-)?delivery-status", b"application/x-hidden", raw)
            (scratch / "hidden" / key).write_bytes(hidden)
        every = scratch / "every.yaml"
        every.write_text("candidates:\n  - {in: subject, match: '.'}\n  - {in: from, match: '.'}\n"
                         "rules:\n  - id: every\n    kind: failed\n    any:\n      - {in: subject, present: true}\n"
                         "      - {in: subject, absent: true}\n")
        records = scan(program, scratch / "as-is", [])
        texts = scan(program, scratch / "hidden", ["--no-shipped-rules", "--rules", every])
        wrong = {"report": [], "text": []}
        count = {"report": 0, "text": 0}
        for key, (path, groups, text) in bounces.items():
            if records[key]["verdict"] != "none":
                count["report"] += 1
                why = report_right(groups, records[key])
                if why:
                    wrong["report"].append((path, why))
            if any(a and a.lower() in text for g in groups for a in g[:2]):
                count["text"] += 1
                why = text_right(groups, texts[key])
                if why:
                    wrong["text"].append((path, why))
        print("1..2")
        good = measure(1, "reports", REPORT_MIN, count["report"], wrong["report"])
        return 0 if measure(2, "texts", TEXT_MIN, count["text"], wrong["text"]) and good else 1


if __name__ == "__main__":
    sys.exit(main())
