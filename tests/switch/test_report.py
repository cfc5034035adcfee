#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""test_report.py NDRSCAN DATA - does the report say what the counts hold, and does calm end a window?

Counts of four weeks are written into a file that the command made; the report is asked for
past moments of it. Says TAP.
"""
import fcntl
import html.parser
import json
import os
import pathlib
import pty
import re
import sqlite3
import struct
import subprocess
import sys
import tempfile
import termios
import time

import jsonschema

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from tap import ended, ok # pylint: disable=wrong-import-position

PROGRAM, RULES = str(pathlib.Path(sys.argv[1]).resolve()), pathlib.Path(sys.argv[2]).resolve() / "rules.yaml"
WORK = tempfile.TemporaryDirectory(prefix="ndrscan-report-")
FOLDER = pathlib.Path(WORK.name)
ENV = dict(os.environ, HOME=WORK.name, XDG_CONFIG_HOME=WORK.name + "/config", XDG_STATE_HOME=WORK.name + "/state",
           TZ="UTC", LC_ALL="C")
STEP = 300
NOW = int(time.time()) // STEP * STEP  # a step may end while the test runs: moments are named
TIME = {"type": ["string", "null"], "pattern": "Z$"}
COUNT = {"type": "integer", "minimum": 0}
USUAL = {"type": ["number", "null"], "minimum": 0}


def closed(**properties):
    return {"type": "object", "additionalProperties": False, "properties": properties, "required": list(properties)}


# What ndrscan-report(1) says of it.
SCHEMA = closed(since=TIME, at=TIME, known_until=TIME, whole_since=TIME, domains={"type": "array", "items": closed(
    domain={"type": "string"}, state={"enum": ["Many", "Blocked", "Calm", "Quiet"]}, bounces=COUNT, junk=COUNT,
    usual=USUAL, calm_since=TIME,
    window={"anyOf": [{"type": "null"}, closed(**{"from": TIME, "until": TIME, "until_calm": {"type": "boolean"},
                                                  "over": {"type": "boolean"}, "where": {"type": "string"}})]},
    storms={"type": "array", "items": closed(began=TIME, told=TIME, ended=TIME, peak_at=TIME, peak=COUNT, bounces=COUNT,
                                             junk=COUNT, usual=USUAL, resumed=COUNT, by={"const": "count"})},
    steps={"type": "array", "items": {"type": "array", "prefixItems": [TIME, COUNT, COUNT], "minItems": 3,
                                      "maxItems": 3}})})


def run(*words, status=0):
    done = subprocess.run([PROGRAM, *map(str, words)], env=ENV, capture_output=True, text=True, check=False)
    if done.returncode != status:
        ok(False, f"{words} ends with {status}", f"{done.returncode}: {done.stderr}")
    return done.stdout if status == 0 else done.stderr


def stamp(at):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


def make(name, fresh, *storms):
    """A file of counts: example.com and a quiet domain, storms (begin, end, a step)."""
    path = FOLDER / name
    (FOLDER / "one.eml").write_text("From: a@example.net\n\nx\n")
    run("scan", "--no-shipped-rules", "--rules", RULES, "--quiet", "--output", "summary", "--stats", path,
        FOLDER / "one.eml")
    with sqlite3.connect(path) as db:
        for number, domain in ((1, "example.com"), (2, "quiet.example"), (3, "<b>&.example"), (4, "")):
            db.execute("INSERT INTO domain VALUES(?, ?)", (number, domain))
            for step in range(NOW - 28 * 86400, fresh, STEP):
                n = (step // STEP + number) % 3  # 12 in each hour, at whatever time of day it is now
                for begin, end, much in storms:
                    n += much if number == 1 and begin <= step < end else 0
                if n:
                    db.execute("INSERT INTO count VALUES(?, ?, 1, ?, 0)", (number, step, n))
        db.execute("UPDATE state SET fresh = ?", (fresh,))
    db.close()
    return path


class Page(html.parser.HTMLParser):
    """Balanced elements; what it would load."""

    VOID = {"meta"}

    def __init__(self):
        super().__init__()
        self.open, self.faults, self.tags, self.text = [], [], [], ""

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.faults += [f"{tag} {k}" for k, _ in attrs if k in ("src", "href", "xlink:href") or k.startswith("on")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"/{tag}")

    def handle_data(self, data):
        self.text += data


def storm_on(db):
    """While it is on."""
    text = run("report", "--stats", db, "--at", stamp(NOW + STEP - 1))
    ok(text.index("Many     example.com") < text.index("Quiet    quiet.example"), "the storm comes first", text)
    ok("looks the same." in " ".join(text.split()), "and that the count alone tells it", text)
    ok("usual 12 an hour" in text, "what is usual is the mean of the days before", text)
    ok(re.search(r"1 h 3\d min ago,\s+not over", text) and "peak 4" in text, "since when, and its peak", text)
    ok(max(map(len, text.splitlines())) <= 80, "lines fit 80 columns", text)
    ok("\033" not in text, "no colours where no terminal is")
    ok("(recipient not known)" in text, "what has no recipient is told")
    got = json.loads(run("report", "--stats", db, "--output", "json"))
    wrong = [e.message for e in jsonschema.Draft202012Validator(SCHEMA).iter_errors(got)]
    ok(not wrong, "JSON is as the manual says", wrong)
    first = got["domains"][0]
    ok(first["domain"] == "example.com" and first["storms"][0]["began"] == stamp(NOW - 5400), "it began when it did",
       first["storms"])
    ok(sum(n for _, n, _ in first["steps"]) == first["bounces"], "the steps come to the sum")
    only = json.loads(run("report", "--stats", db, "--output", "json", "quiet.example"))
    ok([d["domain"] for d in only["domains"]] == ["quiet.example"], "a domain alone", only)
    week = json.loads(run("report", "--stats", db, "--output", "json", "--since", "7d", "--at", stamp(NOW + 1)))
    ok(week["since"] == stamp(NOW - 7 * 86400) and week["domains"][0]["bounces"] > first["bounces"], "seven days")
    before = json.loads(run("report", "--stats", db, "--output", "json", "--at", stamp(NOW - 7200)))
    ok(all(d["state"] == "Quiet" for d in before["domains"]), "as it was before the storm", before["domains"][0])

    suggested = FOLDER / "suggested.yaml"
    suggested.write_text(run("report", "--stats", db, "--suggest"))
    ok(run("windows", "check", suggested) == "1 window, 1 open now\n", "what it suggests is a windows file",
       suggested.read_text())
    again = run("report", "--stats", db, "--suggest", "--windows", suggested)
    ok("windows: []" in again, "and with it nothing more is suggested", again)
    ok("Blocked  example.com" in run("report", "--stats", db, "--windows", suggested), "and the domain is blocked")


def on_terminal(columns, *words, **env):
    """What a terminal of so many columns is sent."""
    above, below = pty.openpty()
    fcntl.ioctl(below, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    with subprocess.Popen([PROGRAM, "report", *map(str, words)], env=dict(ENV, **{"TERM": "xterm", **env}), stdout=below,
                          stderr=subprocess.PIPE) as child:
        os.close(below)
        said = b""
        try:
            while more := os.read(above, 65536):
                said += more
        except OSError:  # how a terminal says that nobody writes to it any more
            pass
        ok(child.wait() == 0, f"a terminal of {columns} columns {' '.join(env.values())}", child.stderr.read())
    os.close(above)
    return said.decode().replace("\r\n", "\n")


def shapes(db):
    """What a terminal shows."""
    blocks = set("▁▂▃▄▅▆▇█")
    for columns in (40, 41, 64, 80, 132):
        text = on_terminal(columns, "--stats", db, LC_ALL="C.UTF-8", NO_COLOR="1")
        widest = max(map(len, text.splitlines()))
        ok(widest <= columns and "\033" not in text and blocks & set(text), f"{columns} columns are enough", text)
        plot = [line for line in text.splitlines() if line.strip().startswith("+-")]
        ok(len(plot) == 1 and len(plot[0]) > columns * 2 // 3, "and its plot uses them", text)
    text = on_terminal(20, "--stats", db, LC_ALL="C.UTF-8", NO_COLOR="1")
    ok(max(map(len, text.splitlines())) == 40, "a narrower one gets 40", text)
    text = on_terminal(0, "--stats", db, LC_ALL="C.UTF-8", NO_COLOR="1")
    ok(60 < max(map(len, text.splitlines())) <= 80, "one that does not know gets 80", text)
    text = on_terminal(80, "--stats", db, LC_ALL="C")
    ok("\033[1;31mMany\033[0m" in text and text.isascii(), "colours; no blocks in a locale without them", text)
    ok("\033" not in on_terminal(80, "--stats", db, TERM="dumb"), "no colours on a dumb one")
    ok(not blocks & set(on_terminal(80, "--stats", db, "--bars", "ascii", LC_ALL="C.UTF-8")), "ASCII when asked")
    ok(run("report", "--stats", db).isascii(), "ASCII where no terminal is")
    asked = run("report", "--stats", db, "--bars", "blocks")
    lines = asked.splitlines()
    top = next(i for i, line in enumerate(lines) if re.match(r" +[\d,]+ \|", line))
    ok("█" in asked and "█" in lines[top][10:], "blocks when asked; the highest bar reaches the top", asked)
    for i, line in enumerate(lines[top:top + 4]):
        under = lines[top + i + 1]
        ok(all(under[k] == "█" for k, c in enumerate(line) if c in blocks), f"row {i} stands on full blocks", asked)


def page(db):
    """The page that stands alone."""
    path = FOLDER / "page.html"
    path.write_text("old")
    ok(run("report", "--stats", db, "--html", path) == "", "a page says nothing on standard output")
    got = Page()
    got.feed(path.read_text())
    ok(not got.open and not got.faults, "elements are closed, nothing is loaded", (got.open, got.faults))
    ok("script" not in got.tags and "b" not in got.tags, "no script, and a domain's name is text", set(got.tags))
    ok("<b>&.example" in got.text and got.tags.count("svg") == 1 and got.tags.count("table") == 2,
       "one plot with its numbers, the rest in a table", got.tags)
    ok("default-src 'none'" in path.read_text(), "its policy lets it load nothing")
    error = run("report", "--stats", db, "--html", FOLDER / "none" / "page.html", status=2)
    ok(error.count("\n") == 1 and "page.html" in error, "a page that cannot be written is told", error)
    if pathlib.Path("/dev/full").exists():
        with open("/dev/full", "w", encoding="ascii") as full:
            done = subprocess.run([PROGRAM, "report", "--stats", db], env=ENV, stdout=full, stderr=subprocess.PIPE,
                                  text=True, check=False)
        ok(done.returncode == 2 and "No space" in done.stderr, "a full disk is told", done.stderr)


def mistakes(db):
    """What it does not do."""
    for words, said in ((("--stats", FOLDER / "none.db"), "scan --stats"), (("--stats", RULES), "rules.yaml"),
                        (("--stats", db, "--since", "soon"), "--since"), (("--stats", db, "--at", "x"), "--at"),
                        (("--stats", db, "--since", "09:99"), "--since"), (("--stats", db, "a b"), "a b"),
                        (("--stats", db, "--bars", "pies"), "pies"),
                        (("--stats", db, "--suggest", "--output", "json"), "one of")):
        error = run("report", *words, status=2)
        ok(said in error and error.count("\n") == 1, f"{words[-1]}: an error that names it", error)


def calm(on, over):
    """Windows that wait for calm."""
    windows = FOLDER / "config" / "ndrscan" / "windows.d" / "ndrscan.yaml"
    ok(run("windows", "settle", "--stats", on) == "", "without windows nothing is ended")
    ok(not windows.exists(), "nor made")
    run("block", "example.com", "--until-calm", "--from", stamp(NOW - 4 * 3600))
    run("block", "example.com", "--from", stamp(NOW - 4 * 3600), "--for", "1w")
    run("block", "quiet.example", "--until-calm")
    run("windows", "settle", "--stats", on)
    text = windows.read_text()
    ok(run("windows", "settle", "--stats", on) == "" and windows.read_text() == text, "while a storm is on, none")
    ok(run("windows", "settle", "--stats", FOLDER / "none.db") == "" and windows.read_text() == text,
       "without statistics, none")
    old = make("old.db", NOW - 1800, (NOW - 5400, NOW - 1800, 40))
    ok(run("windows", "settle", "--stats", old) == "", "counts that nobody adds to are no calm")
    said = run("windows", "settle", "--stats", over)
    ok(said.startswith("example.com: ended the window") and said.count("\n") == 1,
       "when it is over, its window: not the one with an end, nor one that was just opened", said)
    ok("calm again" in run("windows", "history") and windows.read_text().count("until-calm: true") == 2,
       "which the history tells", windows.read_text())
    ok(run("windows", "settle", "--stats", over) == "", "once")


def main():
    on = make("on.db", NOW, (NOW - 5400, NOW, 40))
    over = make("over.db", NOW, (NOW - 3 * 3600, NOW - 2 * 3600, 80))
    storm_on(on)
    shapes(on)
    page(on)
    mistakes(on)
    ok("Calm     example.com" in run("report", "--stats", over), "a storm that is over is told as calm")
    calm(on, over)
    return ended()


sys.exit(main())
