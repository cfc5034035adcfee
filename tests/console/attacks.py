#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""attacks.py NDRSCAN - does the console refuse what it has to, and do what it says?

One console over mail with a storm in it; the API against its own openapi.json; the form
without a script; and what strangers try. Prints TAP.
"""
import html
import json
import os
import pathlib
import pwd
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse

import jsonschema

from stage import Stage, Tap

FORM = "application/x-www-form-urlencoded"


def login(stage):
    """A session: its cookie, a page of it."""
    status, fields, _ = stage.ask("POST", "/login", urllib.parse.urlencode({"token": stage.token}),
                                  Content_Type=FORM)
    cookie = fields["Set-Cookie"].split(";")[0] if status == 303 else ""
    return cookie, fields.get("Set-Cookie", "")


def hidden(page, domain):
    """The fields of the form of a domain's switch."""
    form = re.search(rf'<form class="switch"[^>]*data-domain="{re.escape(domain)}".*?</form>',
                     page, re.S).group(0)
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form))


def wait_job(stage, token, number):
    """A job once it has ended."""
    for _ in range(300):
        job = json.loads(stage.ask("GET", f"/api/jobs/{number}", Authorization=token)[2])
        if job["state"] != "running":
            return job
        time.sleep(0.05)
    raise SystemExit("a job does not end")


def strangers(stage, tap, token):
    """Who may not ask."""
    def status(method, path, body=None, **fields):
        return stage.ask(method, path, body, **fields)[0]
    tap.ok(status("GET", "/") == 401, "without a token: 401")
    tap.ok(status("GET", "/metrics") == 401, "metrics without a token: 401")
    tap.ok(status("GET", "/api/domains", Authorization="Bearer x") == 401, "a wrong token: 401")
    tap.ok(status("GET", "/", Host="evil.example") == 421, "asked by another name: 421")
    tap.ok(status("POST", "/api/windows", "{}", Authorization=token, Origin="https://evil.example",
                  Content_Type="application/json") == 403, "a POST from another origin: 403")
    tap.ok(status("POST", "/login", "token=x", Sec_Fetch_Site="cross-site", Content_Type=FORM) == 403,
           "a POST that the browser calls cross-site: 403")
    tap.ok(status("PUT", "/api/windows", "{}", Authorization=token) == 405, "PUT: 405")
    tap.ok(status("GET", "/assets/../../etc/passwd") == 404, "a path out of the assets: 404")
    tap.ok(status("GET", "/nothing", Authorization=token) == 403, "pages are not for programs: 403")
    tap.ok(status("POST", "/api/windows", "x" * 70000, Authorization=token,
                  Content_Type="application/json") == 413, "a body over 64 KiB: 413")
    for body, why in (("{", "broken JSON"), ('{"untill":"now"}', "an unknown name"), ("[]", "no object"),
                      ('{"domain":"example.org","for":"1h","until":"now"}', "two ends"),
                      ('{"domain":"a\\u0000b"}', "a NUL"), ('{"domain":"-"}', "no domain"),
                      ('{"domain":"example.org","do":"block"}', "a name of the form"),
                      ('{"domain":"example.org","until":"2008-05-13T08:00:00Z"}', "an end in the past")):
        got = stage.ask("POST", "/api/windows", body, Authorization=token, Content_Type="application/json")
        tap.ok(got[0] == 400 and b"error" in got[2], f"{why}: 400 and words", got)
    tap.ok(status("POST", "/api/undo", '{"run":"--help"}', Authorization=token,
                  Content_Type="application/json") == 400, "an option in place of a run: 400")
    tap.ok(status("POST", "/api/windows", "domain=x", Authorization=token, Content_Type="text/plain") == 400,
           "a body of another type: 400")
    for name in ("Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options"):
        tap.ok(stage.ask("GET", "/")[1].get(name) is not None, f"{name} is on every answer")
    tap.ok("default-src 'none'" in stage.ask("GET", "/")[1]["Content-Security-Policy"],
           "nothing is loaded that the policy does not name")


def sessions(stage, tap):
    """Cookies, forms, and the switch without a script."""
    cookie, whole = login(stage)
    tap.ok("HttpOnly" in whole and "SameSite=Strict" in whole, "the cookie is HttpOnly and SameSite=Strict")
    status, _, page = stage.ask("GET", "/", Cookie=cookie, Accept="text/html")
    page = page.decode()
    tap.ok(status == 200 and '<span class="badge many">Many</span>' in page, "a storm is told as many bounces")
    tap.ok("<script>alert" not in page, "what mail says is text")
    fields = hidden(page, "example.org")
    began = page.partition('name="began" value="')[2].partition('"')[0]
    body = urllib.parse.urlencode({**fields, "do": "block", "until": "1h", "from": "", "until_date": "", "began": began,
                                   "take": "all"})
    no_token = urllib.parse.urlencode({**fields, "form": "x" * 43, "do": "block"})
    tap.ok(stage.ask("POST", "/windows", no_token, Cookie=cookie, Content_Type=FORM)[0] == 403,
           "a form of another session: 403")
    tap.ok(not (stage.windows / "ndrscan.yaml").exists(), "and nothing was done")
    done = stage.ask("POST", "/windows", body, Cookie=cookie, Content_Type=FORM)
    tap.ok(done[0] == 303, "the switch is a form", done[2])
    tap.ok("domain: example.org" in (stage.windows / "ndrscan.yaml").read_text(), "and writes the window")
    tap.ok("take: all" in (stage.windows / "ndrscan.yaml").read_text(), "which takes what was chosen")
    tap.ok(began and f"from: {began}" in (stage.windows / "ndrscan.yaml").read_text(), "since the storm began", began)
    tap.ok(stage.ask("POST", "/windows", body, Cookie=cookie, Content_Type=FORM)[0] == 403, "the form again: 403")
    tap.ok((stage.windows / "ndrscan.yaml").read_text().count("domain:") == 1, "one window, not two")
    stage.run("block", "shop.example.net", "--note", "<script>alert(2)</script>")
    time.sleep(0.1)
    page = stage.ask("GET", "/", Cookie=cookie, Accept="text/html")[2].decode()
    tap.ok("Bounces are handled as junk" in page, "the page says that it is blocked")
    tap.ok("all, ours too," in page, "and which bounces that takes")
    fields = hidden(page, "example.org")
    body = urllib.parse.urlencode({**fields, "do": "unblock"})
    tap.ok(stage.ask("POST", "/windows", body, Cookie=cookie, Content_Type=FORM)[0] == 303, "the same button ends it")
    page = stage.ask("GET", "/", Cookie=cookie, Accept="text/html")[2].decode()
    tap.ok("&lt;script&gt;alert(2)" in page and "<script>alert(2)" not in page, "a note is text")
    page = stage.ask("GET", "/history", Cookie=cookie, Accept="text/html")[2].decode()
    tap.ok("console (127.0.0.1)" in page, "the history tells who")
    tap.ok("for all bounces, ours too," in page, "and what the window took")
    history_pages(stage, tap, cookie)
    form = re.search(r'data-form="([^"]*)"', page).group(1)
    tap.ok(stage.ask("POST", "/logout", urllib.parse.urlencode({"form": form}), Cookie=cookie,
                     Content_Type=FORM)[0] == 303, "logging out")
    tap.ok(stage.ask("GET", "/", Cookie=cookie)[0] == 401, "ends the session")


def history_pages(stage, tap, cookie):
    """The newest lines first, 200 a page; behind them those of an older part of the history, and no others."""
    now = len((stage.state / "history.jsonl").read_text().splitlines())
    older = [json.dumps({"at": "2008-05-13T08:00:00Z", "who": "x", "what": "block", "domain": f"n{n}.example"}) for n in range(450)]
    part = stage.state / "history.jsonl.1"
    part.write_text("".join(line + "\n" for line in older))
    seen = []
    where = "/history"
    for _ in range(4):
        page = stage.ask("GET", where, Cookie=cookie, Accept="text/html")[2].decode()
        table = page.partition("<h2>Windows</h2>")[2].partition("</section>")
        seen.append(re.findall(r">(n\d+)\.example<", table[0]))
        link = re.match(r'<p>.*?rel="next" href="([^"]*)"', table[2])
        if link is None:
            break
        where = "/" + html.unescape(link.group(1))
    part.unlink()
    tap.ok([len(s) for s in seen] == [200 - now, 200, 50 + now], "the history has 200 lines a page", (now, [len(s) for s in seen]))
    tap.ok(sum(seen, []) == [f"n{n}" for n in reversed(range(450))], "from the newest to the first, none twice")
    tap.ok('rel="prev"' in page and 'rel="next"' not in table[2].partition("<section")[0], "the last page has a way back alone", where)
    for odd in ("0", "-1", "x", "99999999999999999999999"):
        page = stage.ask("GET", f"/history?windows={odd}", Cookie=cookie, Accept="text/html")[2].decode()
        tap.ok("console (127.0.0.1)" in page, f"page {odd} is the first")


def api(stage, tap, token):
    """The API is what openapi.json says, and moves mail as the command would."""
    spec = json.loads(stage.ask("GET", "/api/openapi.json", Authorization=token)[2])

    def holds(method, path, body=None, template=None):
        status, fields, got = stage.ask(method, path, json.dumps(body) if body is not None else None,
                                        Authorization=token, Content_Type="application/json")
        answer = spec["paths"][template or path.split("?")[0]][method.lower()]["responses"].get(str(status))
        if answer is not None and "$ref" in answer:
            answer = spec["components"]["responses"]["Error"]
        tap.ok(answer is not None, f"{method} {path}: {status} is described", got)
        kind = fields["Content-Type"].split(";")[0]
        if answer is None or kind not in answer["content"]:
            tap.ok(False, f"{method} {path}: {kind} is described")
            return {}
        if kind != "application/json":
            return got
        schema = {**answer["content"][kind]["schema"], "components": spec["components"]}
        found = json.loads(got)
        wrong = [e.message for e in jsonschema.Draft202012Validator(schema).iter_errors(found)]
        tap.ok(not wrong, f"{method} {path}: the answer is what is described", wrong)
        return found
    asked = set()
    for method, path, body, template in (
            ("GET", "/api/domains", None, None), ("GET", "/api/series?domain=example.org&hours=48", None, None),
            ("GET", "/api/series?domain=nowhere.example", None, None), ("GET", "/api/runs", None, None),
            ("GET", "/api/history", None, None), ("GET", "/metrics", None, None),
            ("GET", "/api/openapi.json", None, None), ("GET", "/api/jobs/99", None, "/api/jobs/{id}"),
            ("POST", "/api/undo", {"run": "../x"}, None)):
        holds(method, path, body, template)
        asked.add((template or path).split("?")[0])
    wish = {"domain": "example.org", "from": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(stage.now - 7200)),
            "until_calm": True}
    (stage.windows / "ndrscan.yaml").write_text("")  # an ended window still covers what came before
    job = holds("POST", "/api/preview", wish)
    seen = wait_job(stage, token, job["id"])
    holds("GET", f"/api/jobs/{job['id']}", None, "/api/jobs/{id}")
    tap.ok(stage.junk() == 0, "a preview moves nothing")
    holds("POST", "/api/windows", {**wish, "note": "a storm"})
    scan = stage.run("scan", "--quiet", "--emit", "junk", "--output", "paths", "-r", stage.mail).split()
    tap.ok(seen["junk"] == len(scan) > 500, "it counts what scan would junk", (seen["junk"], len(scan)))
    tap.ok(len(seen["junk_samples"]) == 20, "twenty samples, with reasons")
    job = wait_job(stage, token, holds("POST", "/api/apply", {"domain": "example.org"})["id"])
    tap.ok(job["state"] == "done" and stage.junk() == job["junked"] == len(scan), "apply moves just those", job)
    job = wait_job(stage, token, holds("POST", "/api/undo", {"run": job["run"]})["id"])
    tap.ok(job["state"] == "done" and stage.junk() == 0, "undo brings all of them back", job)
    holds("POST", "/api/windows", {"domain": "example.org", "end": True})
    holds("POST", "/api/windows", {**wish, "take": "some"})
    holds("POST", "/api/windows", {**wish, "take": "forged"})  # no identity: it would take nothing
    holds("POST", "/api/windows", {**wish, "take": "all-but-ours"})
    holds("GET", "/api/domains")
    last = holds("GET", "/api/history")["changes"][-1]
    tap.ok((last["way"], last["peer"], last["address"]) == ("token", "127.0.0.1", "127.0.0.1"),
           "the history tells by which way a program came", last)
    whole = holds("GET", "/api/history")
    tap.ok(whole["more"] is False and len(whole["changes"]) >= 4, "all of a short history is told", whole)
    for limit, count in (("2", 2), ("1", 1), ("x", len(whole["changes"])), ("", len(whole["changes"])), (str(len(whole["changes"])), len(whole["changes"])), ("99999999", len(whole["changes"]))):
        told = json.loads(stage.ask("GET", "/api/history?limit=" + limit, Authorization=token)[2])
        tap.ok(told == {"changes": whole["changes"][-count:], "more": count < len(whole["changes"])},
               f"a limit of {limit}: the newest {count}, in their order", told)
    holds("POST", "/api/windows", {"domain": "example.org", "end": True})
    holds("POST", "/api/windows", {"domain": "example.org", "end": True})
    asked |= {"/api/preview", "/api/windows", "/api/apply"}
    tap.ok(asked == set(spec["paths"]), "every path was tried", asked ^ set(spec["paths"]))
    for path, file in (("/api/runs", stage.state / "journal"), ("/api/history", stage.state / "history.jsonl")):
        away = file.with_name("away")
        file.rename(away)
        file.touch() if away.is_dir() else file.mkdir()
        holds("GET", path)
        tap.ok(stage.ask("GET", path, Authorization=token)[0] == 503, f"{path} says so where it cannot be read")
        file.rmdir() if file.is_dir() else file.unlink()
        away.rename(file)


def crowds(stage, tap, token):
    """Many at once, and who is slow."""
    slow = socket.create_connection(("127.0.0.1", stage.port))
    slow.sendall(b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Le")
    began = time.monotonic()
    many = [socket.create_connection(("127.0.0.1", stage.port)) for _ in range(500)]
    request = f"GET /api/domains HTTP/1.1\r\nHost: 127.0.0.1:{stage.port}\r\nAuthorization: {token}\r\n\r\n".encode()
    for one in many:
        one.sendall(request)
    served = sum(one.recv(15).startswith(b"HTTP/1.1 200") for one in many)
    tap.ok(served == 500, "500 connections at once are served", served)
    for one in many:
        one.close()
    slow.settimeout(40)
    cut = b"?"
    for _ in range(40):
        try:
            slow.sendall(b"x")
            slow.settimeout(1)
            cut = slow.recv(100)
            break
        except TimeoutError:
            continue
        except OSError:
            cut = b""
            break
    tap.ok(cut == b"" or cut.startswith(b"HTTP/1.1 4"), "a slow client is cut off")
    tap.ok(10 < time.monotonic() - began < 40, "after some seconds, however it drips", time.monotonic() - began)
    wrong = [stage.ask("POST", "/login", "token=x", Content_Type=FORM)[0] for _ in range(12)]
    tap.ok(wrong[0] == 401 and wrong[-1] == 429, "too many wrong tokens: 429", wrong)
    tap.ok(stage.ask("POST", "/login", "token=x", Content_Type=FORM)[1]["Retry-After"] == "60", "and when to come again")
    tap.ok(stage.ask("GET", "/api/domains", Authorization="Bearer x")[0] == 429, "programs too")
    tap.ok(stage.ask("GET", "/api/domains", Authorization=token)[0] == 200, "but the right token is not locked out")
    tap.ok(login(stage)[0] != "", "nor at the page")


def framing(stage, tap, token):
    """A request whose end or host a proxy could see elsewhere is refused, and the connection closed."""
    def raw(head, body=b""):
        with socket.create_connection(("127.0.0.1", stage.port), timeout=20) as s:
            s.sendall(f"{head}\r\nAuthorization: {token}\r\nContent-Type: application/json\r\n\r\n".encode() + body)
            got = b""
            while b"HTTP/1.1 2" not in got and (more := s.recv(4096)):
                got += more
        return got
    here = f"Host: 127.0.0.1:{stage.port}"
    post = f"POST /api/preview HTTP/1.1\r\n{here}\r\n"
    within = f"0\r\n\r\nGET /metrics HTTP/1.1\r\n{here}\r\nAuthorization: {token}\r\n\r\n".encode()
    for head, why in (
            (post + f"Content-Length: {len(within)}\r\nTransfer-Encoding: chunked", "a length and a coding"),
            (post + f"Transfer-Encoding: chunked\r\nContent-Length: {len(within)}", "the other way round"),
            (post + "Content-Length: 3\r\nContent-Length: 300", "two lengths"),
            (post + "Content-Length: 3\r\nContent-Length: 3", "one length twice"),
            (post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "one coding twice"),
            (post + "Transfer-Encoding: gzip, chunked", "a coding that is not ours"),
            (post + "Transfer-Encoding: xchunked", "a coding that looks like ours"),
            (post.replace("1.1", "1.0", 1) + "Transfer-Encoding: chunked", "a coding in HTTP/1.0"),
            (post + f"{here}\r\nContent-Length: 2", "two hosts")):
        got = raw(head, within)
        tap.ok(got.startswith(b"HTTP/1.1 400") and got.count(b"HTTP/1.") == 1 and b"ndrscan_" not in got,
               f"{why}: 400, and nothing behind it is a request", got)
    got = raw(post + "Content-Length: +3", within)
    tap.ok(got.startswith(b"HTTP/1.1 400") and b"ndrscan_" not in got, "a length with a sign: 400", got)
    got = raw(f"POST /api/undo HTTP/1.1\r\n{here}\r\nConnection: close\r\nTransfer-Encoding: chunked",
              b"2\r\n{}\r\n0\r\n\r\n")
    tap.ok(got.startswith(b"HTTP/1.1 400") and b"say which run" in got, "a body in chunks alone is read", got)


def job_of(stage, token, path, wish):
    """The job that a POST starts, once it has ended."""
    status, _, got = stage.ask("POST", path, json.dumps(wish), Authorization=token, Content_Type="application/json")
    return wait_job(stage, token, json.loads(got)["id"]) if status == 202 else {"state": status, "error": got.decode()}


def previews(stage, tap, token):
    """A preview is what the change would do, and nothing else; what an apply does besides is told apart."""
    def ago(hours):
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(stage.now - 3600 * hours))

    def switch(wish):
        return stage.ask("POST", "/api/windows", json.dumps(wish), Authorization=token,
                         Content_Type="application/json")[0]
    (stage.windows / "ndrscan.yaml").write_text("")
    alone = job_of(stage, token, "/api/preview", {"domain": "shop.example.net", "from": ago(48), "for": "1h"})
    tap.ok(alone["junk"] > 0 and alone["other_junk"] == alone["release"] == 0, "one domain by itself", alone)
    tap.ok(switch({"domain": "example.org", "from": ago(3), "for": "1h"}) == 201, "another domain is blocked")
    both = job_of(stage, token, "/api/preview", {"domain": "shop.example.net", "from": ago(48), "for": "1h"})
    tap.ok((both["junk"], both["keep"], both["mailboxes"]) == (alone["junk"], alone["keep"], alone["mailboxes"]),
           "the other one's bounces are not counted under this name", both)
    tap.ok(both["other_junk"] > 500, "but told apart", both)
    tap.ok(all("shop.example.net" in s["recipient"] for s in both["junk_samples"] + both["keep_samples"]),
           "nor are they among the samples")
    typo = job_of(stage, token, "/api/preview", {"domain": "shop.example.nett", "from": ago(48), "for": "1h"})
    tap.ok(typo["junk"] == typo["keep"] == 0, "a typo keeps nothing", typo)
    again = job_of(stage, token, "/api/preview", {"domain": "example.org", "from": ago(3), "for": "2h"})
    tap.ok(again["junk"] == 0 and again["other_junk"] == both["other_junk"],
           "what is junk already is not this change's doing", again)
    above = job_of(stage, token, "/api/preview", {"domain": "example.net", "subdomains": True, "from": ago(48), "for": "1h"})
    tap.ok((above["junk"], above["keep"]) == (alone["junk"], alone["keep"]), "a window over subdomains tells of them", above)
    moved = job_of(stage, token, "/api/apply", {"domain": "example.org"})
    tap.ok(moved["junked"] == both["other_junk"] == stage.junk(), "an apply moves what was told", moved)
    tap.ok(switch({"domain": "example.org", "end": True}) == 200, "it ends")
    time.sleep(1.1)  # an ended window keeps what came before now: take it away by hand
    (stage.windows / "ndrscan.yaml").write_text("")
    back = job_of(stage, token, "/api/preview", {"domain": "shop.example.net", "from": ago(48), "for": "1h"})
    tap.ok(back["release"] == moved["junked"] and back["junk"] == alone["junk"] and back["other_junk"] == 0,
           "what would come back is told apart too", back)
    undo_offers(stage, tap, token, moved)


def undo_offers(stage, tap, token, moved):
    """Undo is on offer while it would do something, and says what."""
    cookie, _ = login(stage)

    def page(path):
        return stage.ask("GET", path, Cookie=cookie, Accept="text/html")[2].decode()

    def button(path, run):
        found = re.search(rf'<button[^>]*data-undo="{re.escape(run)}"[^>]*>([^<]*)</button>', page(path))
        return found.group(0) if found else ""
    run = moved["run"]
    tap.ok("hidden" in button("/", run) and "out of Junk" in button("/", run), "a row offers to undo what it moved",
           button("/", run))
    stage.run("undo", run)
    tap.ok(button("/", run) == "" and button("/history", run) == "", "and does not once that was done elsewhere")
    row = [r for r in json.loads(stage.ask("GET", "/api/runs", Authorization=token)[2])["runs"] if r["id"] == run]
    tap.ok(row[0]["undone"] is True, "the API says so too", row)
    (stage.folder / "all.yaml").write_text("windows:\n- {domain: example.org, from: 2008-05-13T00:00:00Z}\n")
    stage.run("apply", "--windows", stage.folder / "all.yaml", "-r", stage.mail)
    stage.run("apply", "--no-windows", "-r", stage.mail)
    last = json.loads(stage.ask("GET", "/api/runs", Authorization=token)[2])["runs"][0]
    if last["released"]:
        found = button("/history", last["id"])
        tap.ok("into Junk again" in found and 'data-junks="' in found,
               "undo of a run that brought back says that it junks", found)
    else:
        tap.ok(False, "a run brought back", last)
    tap.ok(stage.junk() == 0, "nothing is left in Junk")


def gone(stage, tap, token):
    """A folder of windows that is gone or shut brings nothing back."""
    (stage.windows / "ndrscan.yaml").write_text(
        "windows:\n- {domain: example.org, from: 2008-05-13T00:00:00Z}\n")
    moved = job_of(stage, token, "/api/apply", {})
    tap.ok(moved["junked"] == stage.junk() > 500, "a window by hand is applied", moved)
    away = stage.windows.with_name("away")

    def tried(why):
        job = job_of(stage, token, "/api/apply", {})
        tap.ok(job["state"] == "failed" and job["error"] and stage.junk() == moved["junked"],
               f"{why}: an apply fails, says why and brings nothing back", job)
        job = job_of(stage, token, "/api/preview", {"domain": "shop.example.net", "for": "1h"})
        tap.ok(job["state"] == "failed" and job["error"], f"{why}: a preview says so too", job)
    stage.windows.rename(away)
    tried("the folder is gone")
    stage.windows.symlink_to("nowhere")
    tried("a link that leads nowhere")
    stage.windows.unlink()
    stage.windows.write_text("")
    stage.windows.chmod(0)
    stage.windows.unlink()
    stage.windows.mkdir()
    tried("a mount point without its file system")
    stage.windows.rmdir()
    away.rename(stage.windows)
    stage.run("undo", moved["run"])
    tap.ok(stage.junk() == 0, "and all is well once it is back")


def mail_away(stage, tap, token):
    """The mail's file system is not mounted: what lies in its place says nothing of the mail."""
    def bounces():
        return sorted(str(f.relative_to(stage.mail)) for f in stage.mail.glob("*/*/Maildir/*/*:2,"))

    def lines():
        return [line for run in stage.state.glob("journal/*.run") for line in run.read_text().splitlines() if " gone " in line]
    before = bounces()
    named = stage.windows / "ndrscan.yaml"
    named.write_text("windows:\n- {domain: example.org, from: 2008-05-01T00:00:00Z}\n")  # wider than what was undone
    moved = job_of(stage, token, "/api/apply", {})
    held, away, settled = stage.junk(), stage.mail.with_name("away"), lines()
    tap.ok(moved["junked"] == held > 500, "before the mail is away", moved)
    run = stage.state / "journal" / f"{moved['run']}.run"  # killed behind its renames: all of it is in flight
    run.write_text("".join(line for line in run.read_text().splitlines(True)
                           if line.split(" ")[1].strip() not in ("done", "end")))
    named.write_text("windows: []\n")  # all of it is to come back
    for why, stand_in in (("an empty mount point", lambda: stage.mail.mkdir()),
                          ("empty Maildirs", lambda: [(stage.mail / d / "Maildir" / half).mkdir(parents=True)
                                                      for d in ("example.org/alice", "example.org/bob")
                                                      for half in ("cur", "new", "tmp")]),
                          ("nothing", lambda: None)):
        stage.mail.rename(away)
        stand_in()
        apply = job_of(stage, token, "/api/apply", {})
        undo = job_of(stage, token, "/api/undo", {"run": moved["run"]})
        tap.ok(not apply.get("junked") and not apply.get("released") and not undo.get("released"),
               f"{why} in its place: nothing is moved", (apply, undo))
        tap.ok(undo["state"] == "failed" or undo["left"] or undo["error"], f"{why}: an undo says that it could not", undo)
        tap.ok(lines() == settled, f"{why}: and nothing is settled as gone", lines()[:3])
        shutil.rmtree(stage.mail, ignore_errors=True)
        away.rename(stage.mail)
        tap.ok(stage.junk() == held, f"{why}: all of it is there when it is back", stage.junk())
    back = job_of(stage, token, "/api/undo", {"run": moved["run"]})
    tap.ok(back["released"] == held and stage.junk() == 0 and bounces() == before, "and undo is exact then", back)


def starts(stage, tap):
    """What the console does not start with, and how it ends."""
    def refused(*words):
        done = subprocess.run([stage.ndrscan, "console", *map(str, words)], env=stage.environment,
                              capture_output=True, text=True, timeout=20, check=False)
        return done.returncode == 2 and done.stderr.count("\n") == 1, done.stderr
    os.chmod(stage.state / "console.token", 0o644)
    tap.ok(*(lambda r: (r[0] and "chmod 600" in r[1], "a token that others can read is refused", r[1]))(
        refused("--listen", "127.0.0.1:0")))
    os.chmod(stage.state / "console.token", 0o600)
    good, words = refused("--listen", "0.0.0.0:0")
    tap.ok(good and "TLS" in words, "an address of the net is refused without --remote", words)
    good, words = refused("--listen", "localhost:80x")
    tap.ok(good and "127.0.0.1:8025" in words, "what is no address is told with one that is", words)
    good, words = refused("--listen", f"127.0.0.1:{stage.port}")
    tap.ok(good and "listen on" in words, "a port in use is told", words)
    good, words = refused("--listen", "127.0.0.1:0", "--mail", stage.folder / "nowhere")
    tap.ok(good and "nowhere" in words, "a mail folder that is not there is told at the start", words)
    good, words = refused("--listen", "127.0.0.1:0", "--windows-dir", "/proc/nowhere/windows.d")
    tap.ok(good and "folder of windows '/proc/nowhere/windows.d'" in words and "folder '/proc/nowhere'" in words,
           "a windows folder that cannot be made is told, and which folder it is that cannot", words)
    good, words = refused("--listen", "127.0.0.1:0", "--token-file", "/proc/nowhere/token")
    tap.ok(good and "token" in words and "folder '/proc/nowhere'" in words, "so is a token's", words)
    away = stage.windows.with_name("away")
    stage.windows.rename(away)
    good, words = refused("--listen", "127.0.0.1:0")
    tap.ok(good and "not mounted" in words and not stage.windows.exists(),
           "one that was is not made anew, empty", words)
    away.rename(stage.windows)
    good, words = refused("--listen", "127.0.0.1:0", "--host", "example.com/bounces")
    tap.ok(good and "https://" in words, "a path without a scheme is told how to write it", words)
    path = stage.folder / "socket"
    stage.process.send_signal(signal.SIGTERM)
    tap.ok(stage.process.wait(timeout=20) == 0, "SIGTERM ends it with 0")
    stage.listen = f"unix:{path}"
    stage.run("block", "quiet.example.net", "--until-calm", "--from",
              time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(stage.now - 4 * 3600)))
    stage.start()
    for _ in range(600):  # it looks twice a minute
        told = " ".join(stage.run("windows", "history").split())
        if "console unblocked quiet.example.net" in told:
            break
        time.sleep(0.1)
    tap.ok("console unblocked quiet.example.net" in told, "a window set until calm is ended when it is", told)
    tap.ok(path.stat().st_mode & 0o777 == 0o600, "a Unix socket is its owner's")
    client = socket.socket(socket.AF_UNIX)
    client.connect(str(path))
    client.sendall(f"GET /api/runs HTTP/1.1\r\nHost: any\r\nAuthorization: Bearer {stage.token}\r\n\r\n".encode())
    tap.ok(client.recv(15).startswith(b"HTTP/1.1 200"), "and serves by it")
    client.close()
    others = [t for t in pathlib.Path(f"/proc/{stage.process.pid}/task").iterdir() if t.name != str(stage.process.pid)]
    blocked = [int(re.search(r"SigBlk:\s*(\w+)", (t / "status").read_text()).group(1), 16) for t in others]
    ends = 1 << signal.SIGTERM - 1 | 1 << signal.SIGINT - 1
    tap.ok(blocked and all(b & ends == ends for b in blocked),
           "no thread takes a signal from the one that waits for it", blocked)
    stage.process.send_signal(signal.SIGINT)
    tap.ok(stage.process.wait(timeout=20) == 0 and not path.exists(), "SIGINT ends it, and the socket is gone")


def under_way(stage, tap):
    """A console that ends does not leave an apply behind, nor wait until it is done."""
    beside, real = stage.folder / "beside", pathlib.Path(stage.ndrscan)
    beside.mkdir()
    shutil.copy(real.with_name("ndrscan-console"), beside)
    # a shell would let through the signals that it was started with blocked
    (beside / "ndrscan").write_text(f"#!{sys.executable}\nimport pathlib, time\n"
                                    f"pathlib.Path('{beside}/begun').touch()\ntime.sleep(60)\n")
    (beside / "ndrscan").chmod(0o755)
    with Stage(real, days=1, storm=1) as other:
        other.environment["LD_LIBRARY_PATH"] = str(real.parent.parent)
        other.start(program=[beside / "ndrscan-console"])
        other.ask("POST", "/api/apply", "{}", Authorization=f"Bearer {other.token}", Content_Type="application/json")
        for _ in range(200):
            if (beside / "begun").exists():
                break
            time.sleep(0.05)
        other.process.send_signal(signal.SIGTERM)
        try:
            status = other.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            status = "none"
        tap.ok(status == 0 and (beside / "begun").exists(), "an apply under way is asked to end with it", status)


def held_up(stage, tap):
    """Whose page waits for a slow journal holds up nobody else's; nor does who asks and goes."""
    beside, real = stage.folder / "slow", pathlib.Path(stage.ndrscan)
    beside.mkdir()
    shutil.copy(real.with_name("ndrscan-console"), beside)
    asked, go = beside / "asked", beside / "go"
    (beside / "ndrscan").write_text(f"#!{sys.executable}\nimport pathlib, time\npathlib.Path('{asked}').touch()\n"
                                    f"for _ in range(400):\n    if pathlib.Path('{go}').exists():\n        break\n    time.sleep(0.05)\n")
    (beside / "ndrscan").chmod(0o755)
    with Stage(real, days=1, storm=1) as other:
        other.environment["LD_LIBRARY_PATH"] = str(real.parent.parent)
        (other.state / "journal").mkdir()
        other.start(program=[beside / "ndrscan-console"])
        token = f"Bearer {other.token}"
        slow = []
        first = threading.Thread(target=lambda: slow.append(other.ask("GET", "/api/runs", Authorization=token)))
        first.start()
        for _ in range(200):
            if asked.exists():
                break
            time.sleep(0.05)

        def also_wait(count):
            some = [socket.create_connection(("127.0.0.1", other.port)) for _ in range(count)]
            for one in some:
                one.sendall(f"GET /api/runs HTTP/1.1\r\nHost: 127.0.0.1:{other.port}\r\nAuthorization: {token}\r\n\r\n".encode())
            return some
        gone = also_wait(10)
        got = other.ask("GET", "/api/domains", Authorization=token)[0]
        tap.ok(got == 200 and asked.exists() and not slow, "others are served while a journal is read", (got, slow))
        wish = json.dumps({"domain": "example.org", "for": "1h"})
        got = other.ask("POST", "/api/windows", wish, Authorization=token, Content_Type="application/json")
        tap.ok(got[0] == 201 and not slow, "and open windows", (got, slow))
        answered = select.select(gone, [], [], 0)[0]
        tap.ok(not answered, "those who wait are not turned away", [one.recv(300) for one in answered])
        gone += also_wait(10)  # more than may
        answered = select.select(gone, [], [], 20)[0]
        tap.ok(answered and answered[0].recv(12) == b"HTTP/1.1 503", "too many of one are", len(answered))
        refused = json.dumps({"domain": "refused.example", "for": "1h"})
        got = other.ask("POST", "/api/windows", refused, Authorization=token, Content_Type="application/json")
        tap.ok(got[0] == 409 and not slow, "who has too many that wait opens no window", (got, slow))
        for one in gone:
            one.close()
        go.touch()
        first.join()
        tap.ok(slow[0][0] == 200, "who waits is answered when it is read", slow)
        for _ in range(200):  # until there is room again
            got = other.ask("POST", "/api/windows", wish.replace("example.org", "after.example"), Authorization=token, Content_Type="application/json")
            if got[0] != 409:
                break
            time.sleep(0.05)
        opened = (other.windows / "ndrscan.yaml").read_text()
        tap.ok("after.example" in opened and "refused.example" not in opened, "nor does it open later", opened)
        got = [other.ask("GET", "/api/runs", Authorization=token)[0] for _ in range(40)]
        tap.ok(got == [200] * 40, "who asked and went takes nobody's place", got)


def rights(stage, tap):
    """Root's console serves as somebody who may not touch mail."""
    if os.getuid() != 0:
        tap.ok(True, "--user takes another user's rights # SKIP only root can")
        return
    who = pwd.getpwnam("nobody")
    os.chmod(stage.folder, 0o755)
    for folder in (stage.folder / "config", stage.folder / "state"):
        for path in (folder, *(p for p in folder.rglob("*") if "journal" not in p.parts)):
            os.chown(path, who.pw_uid, who.pw_gid)
    stage.mail.chmod(0o700)
    stage.listen = "127.0.0.1:0"
    stage.start("--user", "nobody")
    token = f"Bearer {stage.token}"
    tap.ok((stage.state / "console.token").stat().st_uid == 0, "the token that was his is root's from now on")
    with open(f"/proc/{stage.process.pid}/status", encoding="ascii") as status:
        words = dict(line.split(":", 1) for line in status)
    tap.ok(words["Uid"].split() == [str(who.pw_uid)] * 4, "--user takes another user's rights", words["Uid"])
    tap.ok(int(words["CapEff"], 16) == 0, "and root's are gone", words["CapEff"])
    wish = {"domain": "shop.example.net", "for": "1h", "from": "2008-05-13T08:00:00Z"}
    got = stage.ask("POST", "/api/windows", json.dumps(wish), Authorization=token, Content_Type="application/json")
    tap.ok(got[0] == 201, "he can open a window", got)
    got = stage.ask("POST", "/api/apply", "{}", Authorization=token, Content_Type="application/json")
    job = wait_job(stage, token, json.loads(got[2])["id"])
    tap.ok(job["state"] == "done" and 0 < job["junked"] == stage.junk(), "and mail moves that he cannot read", job)
    got = stage.ask("GET", "/api/runs", Authorization=token)
    tap.ok(got[0] == 200 and json.loads(got[2])["runs"][0]["id"] == job["run"], "and root's journal is told", got)
    stage.process.terminate()
    tap.ok(stage.process.wait(timeout=20) == 0, "it ends")
    no_rights(stage, tap, who)


def memory_of(pid):
    """All that a process holds and can write to: the text of it that is no file's."""
    held = b""
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps, open(f"/proc/{pid}/mem", "rb") as memory:
        for line in maps:
            span, rights, *_ = line.split()
            if not rights.startswith("rw") or line.endswith(("[vvar]\n", "[vsyscall]\n")):
                continue
            low, high = (int(n, 16) for n in span.split("-"))
            if high - low < 1 << 28:  # no sanitizer's shadow
                memory.seek(low)
                try:
                    held += memory.read(high - low)
                except OSError:
                    pass
    return held


def no_rights(stage, tap, who):
    """A process that faces the browser and may write nothing: neither windows, nor their history, nor the token."""
    for folder in (stage.folder / "config", stage.folder / "state"):
        for path in (folder, *folder.rglob("*")):
            os.chown(path, 0, 0)
            if path.is_dir():
                path.chmod(0o755)
            elif path.name != "console.token":
                path.chmod(0o644)
    stage.start("--user", "nobody")
    told = memory_of(stage.process.pid)
    tap.ok(len(told) > 1 << 16 and stage.token.encode() not in told, "it does not hold the token", len(told))
    children = pathlib.Path(f"/proc/{stage.process.pid}/task/{stage.process.pid}/children")
    if children.exists():
        found = [p for p in children.read_text().split() if stage.token.encode() in memory_of(p)]
        names = [pathlib.Path(f"/proc/{p}/comm").read_text().strip() for p in found]
        tap.ok(names == ["ndrscan-passwd"], "but the process that compares does, alone", names)
    token = f"Bearer {stage.token}"

    def tries(*words):
        return subprocess.run(["setpriv", f"--reuid={who.pw_uid}", f"--regid={who.pw_gid}", "--clear-groups", "--", *map(str, words)],
                              capture_output=True, text=True, check=False).returncode
    tap.ok(tries("cat", stage.state / "console.token") != 0, "its user cannot read the token")
    tap.ok(tries("touch", stage.windows / "x") != 0 and tries("test", "-w", stage.windows / "ndrscan.yaml") != 0,
           "nor write windows")
    before = (stage.state / "history.jsonl").read_text()
    for body, want in (({"domain": "no-rights.example", "for": "1h", "note": "as root"}, 201), ({"domain": "no-rights.example", "end": True}, 200)):
        got = stage.ask("POST", "/api/windows", json.dumps(body), Authorization=token, Content_Type="application/json")
        tap.ok(got[0] == want, "a window is opened and ended all the same", got)
    told = [json.loads(line) for line in (stage.state / "history.jsonl").read_text().removeprefix(before).splitlines()]
    tap.ok([line["domain"] for line in told] == ["no-rights.example"] * 2 and told[0]["way"] == "token" and told[0]["note"] == "as root",
           "and stands in the history", told)
    cookie, _ = login(stage)
    page = stage.ask("GET", "/history", Cookie=cookie, Accept="text/html")[2].decode()
    tap.ok("no-rights.example" in page and "log-in" in page, "which it shows, and who came in", page[-400:])
    stage.process.terminate()
    tap.ok(stage.process.wait(timeout=20) == 0, "it ends")


def main():
    tap = Tap()
    with Stage(sys.argv[1]) as stage:
        stage.count()
        stage.start()
        token = f"Bearer {stage.token}"
        strangers(stage, tap, token)
        sessions(stage, tap)
        api(stage, tap, token)
        framing(stage, tap, token)
        previews(stage, tap, token)
        gone(stage, tap, token)
        mail_away(stage, tap, token)
        crowds(stage, tap, token)
        starts(stage, tap)
        under_way(stage, tap)
        held_up(stage, tap)
        rights(stage, tap)
    return tap.finish()


sys.exit(main())
