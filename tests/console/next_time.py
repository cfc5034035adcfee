#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""next_time.py NDRSCAN - who may say on the page that windows open themselves, and does the page say when they cannot?

A real watcher tells the page what could be; people say what shall. Prints TAP; skipped for whoever is not root, whose
the file of people has to be.
"""
import json
import re
import signal
import subprocess
import sys
import time

from people import Browser, Customers, is_possible
from stage import Tap

KEY = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
SIGNED, FEW, STRANGE, KEPT, LISTED, PROVEN = "example.org", "shop.example.net", "strange.example", "kept.example", "listed.example", "proven.example"
MANY = [f"d{n}.example" for n in range(300)]  # more than a session keeps numbers of forms
ALL = [SIGNED, FEW, STRANGE, KEPT, LISTED, PROVEN]


class Place(Customers):
    """With a watcher."""

    def watch(self, *words):
        """Start one, and wait until it has looked."""
        identity = self.folder / "identity.yaml"
        identity.write_text("identities:\n" + "".join(
            f"  - domain: {d}\n    dkim: [{{selector: mail, key: '{KEY}'}}]\n{more}"
            for d, more in ((SIGNED, "    all-mail: [dkim]\n    since: 2020-01-01T00:00:00Z\n"), (FEW, ""), (KEPT, ""), (LISTED, ""), (PROVEN, "    all-mail: [dkim]\n    since: 2020-01-01T00:00:00Z\n"))))
        (self.folder / "auto.list").write_text(f"{KEPT} never\n{LISTED}\n{PROVEN} forged\n")
        box = self.folder / "watched"
        for half in ("tmp", "new", "cur"):
            (box / half).mkdir(parents=True, exist_ok=True)
        self.ready.unlink(missing_ok=True)
        self.watcher = subprocess.Popen(
            [self.ndrscan, "watch", "--stats", str(self.state / "stats.db"), "--identity", str(identity), "--auto", str(self.folder / "auto.list"),
             "--admins", str(self.admins), *words, str(box)], env=self.environment, stderr=subprocess.PIPE, text=True)
        end = time.monotonic() + 60
        while not self.ready.exists() and time.monotonic() < end:
            time.sleep(0.05)
        self.watcher.send_signal(signal.SIGTERM)
        self.watcher.communicate(timeout=60)

    @property
    def ready(self):
        return self.windows / ".ndrscan.auto.ready.json"

    @property
    def wishes(self):
        path = self.windows / ".ndrscan.auto.wishes.json"
        return json.loads(path.read_text())["wishes"] if path.exists() else []

    def again(self):
        """Another console, which sees what there is now."""
        self.process.terminate()
        self.process.wait(timeout=20)
        self.open()

    def enter(self, name):
        """A browser that is logged in."""
        b = Browser(self)
        b.login(name)
        return b


def page_of(b, domain):
    """The section of a domain's page."""
    text = b.get(f"/domain?name={domain}")[1]
    return text.partition('aria-labelledby="auto"')[2].partition("</section>")[0]


def press(b, domain, **more):
    """The form's button."""
    page_of(b, domain)
    return b.ask("POST", "/auto", {**(b.form("auto") or b.form("block") or b.form("preview") or b.form("logout")), "domain": domain, **more})


def nobody_watches(stage, tap):
    b = stage.enter("anna")
    part = page_of(b, SIGNED)
    tap.ok("Your provider has not set this up." in part and "<form" not in part and "This is off." in part,
           "without a watcher the page says that it cannot be, and why", part)
    status, _, text = press(b, SIGNED, **{"do": "on", "take": "all-but-ours"})
    tap.ok(status == 409 and "has not set this up" in text and not stage.wishes, "and so does a form that asks for it all the same", text)
    b = Browser(stage)
    b.login("", stage.token)
    tap.ok(not row_of(b, SIGNED) and f'id="d-{SIGNED}"' in b.page and "No ndrscan watch --auto looks" in page_of(b, SIGNED), "the operator's list has no switch then, and the domain's page says why", b.page)


def on_and_off(stage, tap):
    anna, berta, look = (stage.enter(n) for n in ("anna", "berta", "look"))
    part = page_of(anna, SIGNED)
    tap.ok("Do this for me next time" in part and 'value="forged"' in part, "a person may turn it on, and choose what it takes", part)
    for take in ("all", "", "nonsense"):
        tap.ok(press(anna, SIGNED, **{"do": "on", "take": take})[0] == 400 and not stage.wishes, f"never for '{take}'")
    tap.ok(press(anna, SIGNED, **{"do": "maybe", "take": "forged"})[0] == 400, "on or off, nothing else")
    tap.ok("<form" not in page_of(look, SIGNED) and press(look, SIGNED, **{"do": "on", "take": "forged"})[0] == 403, "who may only look may not")
    status, fields, _ = press(anna, SIGNED, **{"do": "on", "take": "forged"})
    tap.ok(status == 303 and SIGNED in fields["Location"], "it leads back to the page", (status, fields["Location"]))
    tap.ok([(w["domain"], w["take"], w["person"]) for w in stage.wishes] == [(SIGNED, "forged", "anna")], "it is written down whose wish it is", stage.wishes)
    line = json.loads((stage.state / "history.jsonl").read_text().splitlines()[-1])
    tap.ok((line["what"], line["person"], line["way"], line["take"], line["domain"]) == ("auto-on", "anna", "password", "forged", SIGNED),
           "and in the history", line)
    tap.ok("anna wished that windows of" in stage.run("windows", "history"), "which is told in words", stage.run("windows", "history"))
    part = page_of(berta, SIGNED)
    tap.ok("This is on. It takes only bounces that are proven" in part and "No longer do this" in part, "another one of the domain sees it", part)
    tap.ok("anna" in berta.page[berta.page.index("deeds"):] and "turns itself on in the next storm" in berta.page, "and who did it")
    tap.ok(press(berta, SIGNED, **{"do": "off"})[0] == 303 and not stage.wishes and "This is off." in page_of(anna, SIGNED), "and may turn it off")
    tap.ok(press(berta, SIGNED, **{"do": "off"})[0] == 303, "twice is once")
    form = {**anna.form("auto"), "do": "on", "take": "all-but-ours"}
    tap.ok(anna.ask("POST", "/auto", form)[0] == 303 and anna.ask("POST", "/auto", form)[0] == 403, "a form counts once")
    page_of(anna, SIGNED)
    tap.ok(anna.ask("POST", "/auto", {**anna.form("auto"), "domain": "foreign.example", "do": "on", "take": "forged"})[0] == 404,
           "for domains of one's own alone")
    operator = Browser(stage)
    operator.login("", stage.token)
    tap.ok("This is on." in page_of(operator, SIGNED) and press(operator, FEW, **{"do": "off"})[0] == 303, "the operator sees it and may, too")


def row_of(b, domain, hours=24):
    """The switch in a row of the operator's list."""
    b.get(f"/?rows=500&hours={hours}")
    return b.page.partition(f'id="d-{domain}"')[2].partition("</section>")[0].partition('<form class="auto"')[2].partition("</form>")[0]


def flip(b, row, **more):
    form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', row))
    return b.ask("POST", "/auto", {**form, "do": re.search(r'name="do" value="(\w+)"', row).group(1), **more})


def operators_list(stage, tap):
    b = Browser(stage)
    b.login("", stage.token)
    press(b, SIGNED, **{"do": "off"})
    row = row_of(b, SIGNED)
    tap.ok('role="switch" aria-checked="false">Do this for me next time' in row and '<option value="forged">' in row, "the operator's list has the switch, and the choice", row)
    tap.ok(flip(b, row, take="nonsense")[0] == 400 and not stage.wishes, "which takes nothing else")
    row = row_of(b, SIGNED)
    tap.ok(b.page.count('class="domain"') > 300 and b.page.index(f'id="d-{SIGNED}"') < b.page.index(f'id="d-{MANY[-1]}"'), "a list of hundreds, the busiest first")
    status, fields, _ = flip(b, row, take="forged")
    tap.ok(status == 303 and fields["Location"] == f"./?hours=24&rows=500#d-{SIGNED}", "it leads back to the row, in a list as long", (status, fields["Location"]))
    tap.ok([(w["domain"], w["take"]) for w in stage.wishes] == [(SIGNED, "forged")] and flip(b, row, take="forged")[0] == 403, "it is the operator's wish, taken once", stage.wishes)
    row = row_of(b, SIGNED)
    tap.ok('value="off" role="switch" aria-checked="true">' in row and "only bounces that are proven" in row and "<select" not in row, "the row shows it", row)
    window = b.page.partition(f'id="d-{SIGNED}"')[2].partition("</form>")[0]
    tap.ok(re.search(r'name="once" value="(\d+)"', window).group(1) == re.search(r'name="once" value="(\d+)"', row).group(1), "of the page's forms one is taken", (window, row))
    tap.ok(flip(b, row)[0] == 303 and not stage.wishes and 'aria-checked="false"' in row_of(b, SIGNED), "and off again")
    for domain, do, more in ((SIGNED, "block", {"until": "1h"}), (SIGNED, "unblock", {})):
        row_of(b, domain, 168)
        form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">',
                               b.page.partition(f'id="d-{domain}"')[2].partition('action="windows"')[2].partition("</form>")[0]))
        status, fields, _ = b.ask("POST", "/windows", {**form, "do": do, **more})
        tap.ok(status == 303 and fields["Location"] == "./?hours=168&rows=500", f"{do} leads back to a list as long", (status, fields["Location"]))
    row = row_of(b, LISTED)
    tap.ok('aria-checked="true" disabled>' in row and "Set in the list of ndrscan watch --auto." in row, "what stands in the list is on, and not changed here", row)
    for domain, words in ((KEPT, "The list of ndrscan watch --auto rules it out"), (STRANGE, f"It is not known how mail of {STRANGE} is signed")):
        row = row_of(b, domain)
        tap.ok('aria-checked="false" disabled>' in row and words in row and "provider" not in row, f"the operator's list: {words}", row)
        status, _, text = flip(b, row, take="all-but-ours")
        tap.ok(status == 409 and words in text and "provider" not in text and not stage.wishes, "and whoever asks all the same is told so", text)
    anna = stage.enter("anna")
    page_of(anna, SIGNED)
    status, fields, _ = anna.ask("POST", "/auto", {**anna.form("auto"), "do": "on", "take": "forged", "list": "yes"})
    tap.ok(status == 303 and fields["Location"] == f"./#d-{SIGNED}", "a person who asks for the list gets theirs", fields["Location"])


def cannot(stage, tap):
    b = stage.enter("anna")
    for domain, words in ((FEW, "Too few bounces of your own mail"), (STRANGE, "It is not known how mail of strange.example is signed"),
                          (KEPT, "Your provider does not allow it")):
        status, _, text = press(b, domain, **{"do": "on", "take": "all-but-ours"})
        tap.ok(status == 409 and words in text and all(w["domain"] != domain for w in stage.wishes), f"{domain}: {words}", text)
        tap.ok(domain == FEW or words in page_of(b, domain), f"{domain}: the page says so before", page_of(b, domain))
    part = page_of(b, LISTED)
    tap.ok("This is on." in part and "Set by your provider" in part and "<form" not in part, "what the list says is the provider's", part)
    tap.ok("all bounces but those" in part and "only bounces that are proven" not in part, "and what it takes", part)
    part = page_of(b, PROVEN)
    tap.ok("only bounces that are proven" in part and "all bounces but those" not in part, "which is what its line says", part)


def rights_end(stage, tap):
    stage.people(("berta", ALL, "switch"))
    b = stage.enter("berta")
    tap.ok(stage.wishes and "This is off." in page_of(b, SIGNED), "a wish of who may no longer switch counts for nothing", page_of(b, SIGNED))
    (stage.windows / ".ndrscan.auto.wishes.json").write_text("{")
    status, _, text = press(b, SIGNED, **{"do": "on", "take": "forged"})
    tap.ok(status == 400 and ".json" not in text, "what cannot be read is told by a number", text)
    (stage.windows / ".ndrscan.auto.wishes.json").unlink()
    stage.watch("--auto-dry")
    stage.again()
    b = stage.enter("berta")
    tap.ok("It is only being tried out" in page_of(b, SIGNED), "of a watcher that only tries, that is told", page_of(b, SIGNED))


def main():
    if not is_possible():
        print("1..0 # SKIP the file of people has to be root's")
        return 0
    tap = Tap()
    with Place(sys.argv[1], days=16, storm=0) as stage:
        for domain in (KEPT, LISTED, STRANGE, *MANY):
            stage.deliver(domain, "alice", stage.now - 3600)
        stage.count()
        stage.people(("anna", ALL, "switch"), ("berta", ALL, "operate"), ("look", ALL, "look"))
        stage.open()
        nobody_watches(stage, tap)
        stage.watch()
        stage.again()
        on_and_off(stage, tap)
        operators_list(stage, tap)
        cannot(stage, tap)
        rights_end(stage, tap)
    return tap.finish()


sys.exit(main())
