#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""routes.py NDRSCAN SOURCE_ROOT - does every route answer each caller as it should, and leak nothing?

The table of routes is read from tools/console/answer.c; each of its rows has a row here, which says
what a request of it looks like, or the test fails. Each is asked by nobody, by people of each role,
by the operator and by a program of theirs, about a domain of their own, a foreign one, both at once,
and one that is not there. Prints TAP; skipped for whoever is not root.
"""
import json
import pathlib
import re
import subprocess
import sys
import time
import urllib.parse

from people import FORM, Browser, Customers, is_possible
from stage import Tap

OWN, FOREIGN, MISSING = "own.example", "foreign.example", "missing.example"
# What a customer's answers must not hold: names, words and figures of others.
MARKS = (FOREIGN, "FOREIGN-NOTE", "provider-rules.yaml", "windows.d", "/mail/")

# (method, path) of the table: who gets more than "not here", whether it is about a domain, and the least role.
ROWS = {
    ("GET", "/", "OPERATOR"): ("operator", None, "look"),
    ("GET", "/", "PERSON"): ("person", None, "look"),
    ("GET", "/domain", "OPERATOR | PERSON"): ("both", "query", "look"),
    ("GET", "/job", "OPERATOR | PERSON"): ("both", "job", "look"),
    ("GET", "/history", "OPERATOR"): ("operator", None, "look"),
    ("GET", "/login", "OPERATOR | PERSON"): ("both", None, "look"),
    ("POST", "/preview", "OPERATOR | PERSON"): ("both", "body", "switch"),
    ("POST", "/block", "OPERATOR | PERSON"): ("both", "body", "switch"),
    ("POST", "/unblock", "OPERATOR | PERSON"): ("both", "body", "switch"),
    ("POST", "/auto", "OPERATOR | PERSON"): ("both", "body", "switch"),
    ("POST", "/undo", "OPERATOR | PERSON"): ("both", "body", "operate"),
    ("POST", "/windows", "OPERATOR"): ("operator", "body", "switch"),
    ("POST", "/logout", "OPERATOR | PERSON"): ("both", None, "look"),
    ("GET", "/api/domains", "OPERATOR | PROGRAM"): ("operator", None, "look"),
    ("GET", "/api/series", "OPERATOR | PROGRAM"): ("operator", "query", "look"),
    ("GET", "/api/runs", "OPERATOR | PROGRAM"): ("operator", None, "look"),
    ("GET", "/api/history", "OPERATOR | PROGRAM"): ("operator", None, "look"),
    ("GET", "/api/openapi.json", "OPERATOR | PROGRAM"): ("operator", None, "look"),
    ("GET", "/api/jobs/", "OPERATOR | PROGRAM"): ("operator", "number", "look"),
    ("GET", "/metrics", "OPERATOR | PROGRAM"): ("operator", None, "look"),
    ("GET", "/metrics", "SCRAPER"): ("operator", None, "look"),
    ("POST", "/api/windows", "OPERATOR | PROGRAM"): ("operator", "body", "switch"),
    ("POST", "/api/preview", "OPERATOR | PROGRAM"): ("operator", "body", "switch"),
    ("POST", "/api/apply", "OPERATOR | PROGRAM"): ("operator", "body", "operate"),
    ("POST", "/api/undo", "OPERATOR | PROGRAM"): ("operator", "body", "operate"),
}
ROLES = ("look", "switch", "operate")


def table(root):
    """The rows of the table in the source."""
    text = (pathlib.Path(root) / "tools/console/answer.c").read_text(encoding="utf-8")
    array = re.search(r"^\} routes\[\] = \{\n(.*?)^\};", text, re.S | re.M).group(1)
    rows = re.findall(r'\{"(GET|POST)",\s*"([^"]+)",\s*([A-Z |]+?),\s*NDR_ACT_(\w+),\s*(\w+),\s*(\w+)\}', array)
    assert len(rows) == array.count('{"'), "a row of the table cannot be read"
    return [(m, p, re.sub(r"\s+", " ", w)) for m, p, w, *_ in rows]


def request(method, path, about, first, second, once):
    """(path, form) of a request about `first`; `second` is named besides, where a request has room for it."""
    query, form = {}, None
    if method == "POST":
        form = {"domain": first, "until": "1h", "since": "now", "run": "20260101T000000Z-1",
                "do": "off" if path == "/auto" else "block", "once": str(once)}
        query = {"name": second, "domain": second}
    elif about == "query":
        query = {"name": first, "domain": first}
    elif about == "job":
        query = {"id": "x" * 43}
    elif about == "number":
        path += "1"
    return path + ("?" + urllib.parse.urlencode(query) if query else ""), form


def ask(browser, method, path, about, first, second):
    """One request of a browser, with the form's token and a number that is good, as a page's own form has them."""
    _, page = browser.get("/")
    fields = browser.form("logout") or {}
    number = re.search(r'name="once" value="(\d+)"', page) or re.search(r'name="once" value="(\d+)"', browser.get(f"/domain?name={OWN}")[1])
    path, form = request(method, path, about, first, second, number.group(1) if number else 0)
    if form is not None:
        form["form"] = fields.get("form", "")
    return browser.ask(method, path, form)


def plain(answer):
    """What two answers are compared by: no numbers of forms, no times."""
    status, fields, text = answer
    kept = sorted((n, v) for n, v in fields.items() if n not in ("Date", "Content-Length"))
    return status, kept, re.sub(r'data-at="\d+"|datetime="[^"]*"|\d\d:\d\d', "", text)


def person(stage, tap, name, role):
    """All routes as one person of a role."""
    for method, path, whom in table(stage.root):
        who, about, least = ROWS[method, path, whom]
        why = f"{role}: {method} {path} ({whom})"
        if (method, path) == ("POST", "/logout"):
            continue  # at the end
        b = stage.browser(name)
        got = {d: ask(b, method, path, about, d, e)
               for d, e in ((OWN, OWN), (FOREIGN, FOREIGN), (MISSING, MISSING))}
        mixed = ask(b, method, path, about, OWN, FOREIGN), ask(b, method, path, about, FOREIGN, OWN)
        texts = [a[2] for a in got.values()] + [a[2] for a in mixed] + [str(a[1].items()) for a in got.values()]
        tap.ok(not any(m in t for t in texts for m in MARKS), f"{why}: nothing of others in any answer",
               [m for t in texts for m in MARKS if m in t])
        if who == "operator" and not (method, path) == ("GET", "/"):
            tap.ok({a[0] for a in got.values()} == {404}, f"{why}: is not there", [a[0] for a in got.values()])
        if about and about != "number":
            tap.ok(plain(got[FOREIGN]) == plain(got[MISSING]) and got[FOREIGN][0] == 404,
                   f"{why}: foreign and missing have the same answer, 404", (plain(got[FOREIGN]), plain(got[MISSING])))
        if who == "both" and about in ("query", "body"):
            want = 403 if ROLES.index(role) < ROLES.index(least) else None
            tap.ok(got[OWN][0] == want if want else got[OWN][0] in (200, 303, 404 if path == "/undo" else 200, 409),
                   f"{why}: of one's own what the role may", got[OWN][0])
            tap.ok(plain(mixed[1])[0] == 404, f"{why}: the domain that it is about counts, not one besides", mixed[1][0])


def nobody_and_operator(stage, tap):
    """The same routes by nobody, who gets in nowhere, and by the operator's browser and program."""
    for method, path, whom in table(stage.root):
        who, about, _ = ROWS[method, path, whom]
        target, form = request(method, path, about, OWN, OWN, 0)
        nobody = Browser(stage)
        status = nobody.ask(method, target, form)[0]
        tap.ok(status == 401, f"nobody: {method} {path}: 401", status)
        program = stage.ask(method, target, json.dumps({"domain": OWN}) if form else None, Host=stage.name,
                            Content_Type="application/json", Authorization=f"Bearer {stage.token}")[0]
        for_programs = "PROGRAM" in whom or whom == "SCRAPER"
        tap.ok((program not in (401, 403, 404) or about == "number") == for_programs or program == 404 and for_programs,
               f"a program: {method} {path}", program)
        if (method, path) == ("POST", "/logout"):
            continue
        status = ask(stage.operator, method, path, about, OWN, OWN)[0]
        there = who in ("operator", "both") or (method, path) == ("GET", "/")
        tap.ok(status not in (401,) and (status != 404 or about in ("job", "number") or path in ("/undo",)) and there,
               f"the operator: {method} {path}", status)


def described(stage, tap):
    """openapi.json describes what programs may ask for: all of it, and no more."""
    text = stage.ask("GET", "/api/openapi.json", Host=stage.name, Authorization=f"Bearer {stage.token}")[2]
    said = {(method.upper(), path.partition("{")[0]) for path, of in json.loads(text)["paths"].items() for method in of}
    there = {(method, path) for method, path, whom in table(stage.root) if "PROGRAM" in whom}
    tap.ok(said == there, "openapi.json describes each route of programs", said ^ there)


def far_down(stage, tap):
    """A page of a path with folders loads what it needs from the top, for a person as for the operator."""
    for who, b in (("a person", stage.browser("look")), ("the operator", stage.operator)):
        for path, up in (("/nothing", ""), ("/a/nothing", "../"), ("/a/b/c/nothing", "../../../")):
            status, _, text = b.ask("GET", path)
            found = {link.partition("assets/")[0] for link in re.findall(r'href="([^"]*assets/[^"]*)"', text)}
            tap.ok(status == 404 and found == {up}, f"{who}: {path} loads from '{up}'", (status, found))


def numbers(stage, tap):
    """A person's token reads the numbers of that person's domains, and nothing else."""
    def ask(path, token, method="GET"):
        return stage.ask(method, path, "{}" if method == "POST" else None, Host=stage.name, Authorization=f"Bearer {token}",
                         Content_Type="application/json")
    token = stage.tokens["look"]
    status, _, text = ask("/metrics", token)
    text = text.decode()
    named = set(re.findall(r'domain="([^"]*)"', text))
    tap.ok(status == 200 and named == {OWN} and not any(m in text for m in MARKS), "the numbers are of the own domain alone", text)
    states = dict(re.findall(r'ndrscan_domains\{state="(\w+)"\} (\d+)', text))
    tap.ok(sum(map(int, states.values())) == 1, "the states that are counted too", states)
    tap.ok("hashes" not in text, "and nothing of the host's")
    text = ask("/metrics", stage.token)[2].decode()
    tap.ok({OWN, FOREIGN} <= set(re.findall(r'domain="([^"]*)"', text)) and "hashes" in text, "the operator's are of all", text[:500])
    for method, path, _ in table(stage.root):
        if path != "/metrics":
            got = ask(path, token, method)[0]
            tap.ok(got in (401, 429), f"by such a token: {method} {path}: no", got)
    got = ask("/metrics", token, "POST")[0]
    tap.ok(got == 404, "nor is anything posted by it", got)
    tap.ok(ask("/metrics", token)[0] == 200, "which is not locked out by all that")
    for wrong in ("x" * 43, stage.metrics["look"], token[:-1], token + "x", ""):
        got = ask("/metrics", wrong)[0]
        tap.ok(got in (401, 429), "another one: no", (wrong, got))
    stage.metrics.pop("look")
    stage.people(*stage.rows)
    got = ask("/metrics", token)[0]
    tap.ok(got in (401, 429), "once it is out of the file it is nothing", got)
    tap.ok(stage.browser("look").get("/")[0] == 200, "and the person's session goes on")


def alike(first, second, tries):
    """Does the one take as long as the other? Asked in turn, the least of each counts: (they do, what was seen). What else
    the machine does is no part of it, so three times are tried; what is longer by itself is longer each time."""
    for _ in range(3):
        took = {first: [], second: []}
        for i in range(tries):
            for ask in (first, second) if i % 2 else (second, first):
                took[ask].append(ask())
        a, z = (min(took[ask]) for ask in (first, second))
        if 0.6 < a / z < 1.6:
            return True, f"{a * 1e6:.0f} us, missing {z * 1e6:.0f} us"
    return False, f"{a * 1e6:.0f} us, missing {z * 1e6:.0f} us"


def run_names(stage, tap):
    """A run is called otherwise in each person's page of each domain, and undone by that name alone."""
    program = {"Host": stage.name, "Content_Type": "application/json", "Authorization": f"Bearer {stage.token}"}
    for domain in (OWN, FOREIGN):
        stage.run("block", domain, "--from", "2008-05-13T08:00:00Z", "--for", "1h")
    (stage.windows / "all.yaml").write_text("".join(["windows:\n", *(
        f"- {{domain: {d}, from: 2008-05-13T08:00:00Z}}\n" for d in (OWN, FOREIGN))]))
    for _ in range(600):  # what was asked for before may move mail still, one at a time
        job = json.loads(stage.ask("POST", "/api/apply", "{}", **program)[2])
        if "being moved already" not in job.get("error", ""):
            break
        time.sleep(0.05)
    for _ in range(600):
        job = json.loads(stage.ask("GET", f"/api/jobs/{job['id']}", **program)[2])
        if job["state"] != "running":
            break
        time.sleep(0.05)
    tap.ok(job["junked"] > 300, "the operator moves mail of two domains in one run", job)
    names = {}
    for who in ("operate", "beside"):
        names[who] = []
        for _ in range(2):  # the second session of the same person
            b = Browser(stage)
            b.login(who)
            b.get("/")
            names[who].append(b.form("undo"))
    found = {f["run"] for of in names.values() for f in of}
    tap.ok(len(found) == 2 and all(len(n) == 43 and job["run"] not in n for n in found), "each of two people has a name of it, which is not its id", names)
    b = stage.browser("operate")
    answers = {}

    def undo(why, run):
        b.get("/")
        began = time.perf_counter()
        got = b.ask("POST", "/undo", {**b.form("undo"), "run": run})
        took = time.perf_counter() - began
        answers.setdefault(why, []).append(plain(got))
        return took
    for _ in range(10):
        undo("its id", job["run"])
        undo("nothing", "")
    good, seen = alike(lambda: undo("the other one's name", names["beside"][0]["run"]), lambda: undo("none", "x" * 43), 50)
    same = {json.dumps(a) for of in answers.values() for a in of}
    tap.ok(len(same) == 1 and answers["none"][0][0] == 404, "by any other name it is not there, as one that nobody has", same)
    tap.ok(good, f"another's {seen}")
    b.get("/")
    got = b.ask("POST", "/undo", b.form("undo"))
    tap.ok(got[0] == 303 and "job?id=" in got[1]["Location"], "by its own name it is undone", got[:2])
    (stage.windows / "all.yaml").unlink()


def times(stage, tap):
    """A foreign domain takes as long as one that nobody has."""
    b = stage.browser("switch")

    def ask(domain):
        began = time.perf_counter()
        b.ask("GET", f"/domain?name={domain}")
        return time.perf_counter() - began
    good, seen = alike(lambda: ask(FOREIGN), lambda: ask(MISSING), 150)
    tap.ok(good, f"foreign {seen}")


def window_above(stage, tap):
    """A window that the provider set above a domain is told, without its note, path and author."""
    b = stage.browser("operate")
    text = b.get("/")[1]
    tap.ok("Set by your provider" in text, "a window above is told as the provider's", text[-3000:])
    tap.ok(not any(m in text for m in (*MARKS, "ABOVE-NOTE")), "and nothing else of it")
    form = b.form("unblock")
    tap.ok(form is None, "there is nothing to end it by")
    form = b.form("preview") or b.form("block")
    tap.ok(form is not None and b.ask("POST", "/block", {**form, "until": "1h", "since": "now"})[0] == 303,
           "a window of one's own goes beside it")
    own = (stage.windows / "ndrscan.yaml").read_text()
    above = (stage.windows / "provider-rules.yaml").read_text()
    tap.ok(f"domain: {OWN}" in own and above == stage.above, "and changes nothing of the provider's")
    b.get("/")
    form = b.form("unblock")
    tap.ok(form is not None and b.ask("POST", "/unblock", form)[0] == 303, "it is ended as it was begun")
    tap.ok("Set by your provider" in b.get("/")[1], "the provider's goes on")


def trouble(stage, tap):
    """Figures that cannot be read are told by a number, whose words are in the log."""
    stage.process.terminate()
    stage.process.wait(timeout=20)
    (stage.state / "stats.db").write_bytes(b"no database")
    stage.open()
    b = Browser(stage)
    b.login("look")
    text = b.get("/")[1]
    number = re.search(r"under the number (\w{8})", text)
    tap.ok(number is not None and "stats.db" not in text, "figures that cannot be read: a number", text[:600])
    stage.process.terminate()
    log = stage.process.stderr.read()
    tap.ok(number is not None and number.group(1) in log and "stats.db" in log, "whose words are in the log", log)


def main():
    if not is_possible():
        print("1..0 # SKIP the file of people has to be root's")
        return 0
    tap = Tap()
    with Customers(sys.argv[1], days=1, storm=0) as stage:
        stage.root = sys.argv[2]
        rows = table(stage.root)
        missing = [r for r in rows if r not in ROWS] + [r for r in ROWS if r not in rows]
        tap.ok(not missing and len(rows) == len(set(rows)), "each route of the table has a row here", missing)
        if missing:
            return tap.finish()
        for i in range(400):
            stage.deliver(FOREIGN, "carol", stage.now - 9 * i)
        for i in range(5):
            stage.deliver(OWN, "dave", stage.now - 600 * i)
        stage.count()
        stage.rows = [*((role, [OWN], role) for role in ROLES), ("beside", [OWN], "operate")]
        stage.tokens = {}
        for name in ("look", "beside"):
            made = subprocess.run([stage.ndrscan, "console", "passwd", "--metrics"], text=True, capture_output=True, check=True)
            stage.metrics[name], stage.tokens[name] = made.stdout.strip(), made.stderr.split()[-1]
        stage.people(*stage.rows)
        stage.windows.mkdir(parents=True)
        stage.run("block", FOREIGN, "--note", "FOREIGN-NOTE")
        stage.above = f'windows:\n- {{domain: example, subdomains: true, from: 2008-05-13T00:00:00Z, note: ABOVE-NOTE}}\n'
        stage.open()
        browsers = {}

        def browser(name):
            if name not in browsers:
                browsers[name] = Browser(stage)
                browsers[name].login(name)
            return browsers[name]
        stage.browser = browser
        stage.operator = Browser(stage)
        stage.operator.login("", stage.token)
        for role in ROLES:
            person(stage, tap, role, role)
        nobody_and_operator(stage, tap)
        described(stage, tap)
        far_down(stage, tap)
        times(stage, tap)
        numbers(stage, tap)
        run_names(stage, tap)
        for role in ROLES:
            b = browser(role)
            b.get("/")
            tap.ok(b.ask("POST", "/logout", b.form("logout"))[0] == 303 and b.get("/")[0] == 401, f"{role}: logs out")
        (stage.windows / "provider-rules.yaml").write_text(stage.above)
        stage.process.terminate()
        stage.process.wait(timeout=20)
        (stage.windows / "ndrscan.yaml").write_text("windows: []\n")
        stage.open()
        browsers.clear()
        window_above(stage, tap)
        trouble(stage, tap)
    return tap.finish()


sys.exit(main())
