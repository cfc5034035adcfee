#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""ways_in.py NDRSCAN - who gets into the console, by which way, and who does not?

Passwords and their delays, a proxy's word on a Unix socket and from an address, sessions that end
with the rights they began with. Prints TAP; skipped for whoever is not root, whose the file of people
has to be.
"""
import concurrent.futures
import http.client
import json
import os
import re
import socket
import subprocess
import sys
import time

from people import PASSWORD, Browser, Customers, is_possible
from stage import Tap

TRIES = int(os.environ.get("TRIES", "3000"))


def hashes(stage):
    """How many passwords were compared."""
    text = stage.ask("GET", "/metrics", Authorization=f"Bearer {stage.token}", Host=stage.name)[2].decode()
    return int(re.search(r"^ndrscan_password_hashes_total (\d+)", text, re.M).group(1))


def passwords(stage, tap):
    """Right and wrong ones, and what strangers can do with them."""
    b = Browser(stage)
    status, _, text = b.ask("GET", "/")
    tap.ok(status == 401 and 'name="password"' in text, "who is not known is asked for name and password")
    tap.ok(b.login("anna", "wrong horse") == 401 and b.login("nobody", PASSWORD) == 401, "a wrong one: 401")
    tap.ok(b.login("", PASSWORD) == 401 and b.login("known0", "") == 401, "an empty one, an empty name: 401")
    tap.ok(b.login("Known1") == 401, "names are told by each letter")
    tap.ok(b.login("anna") == 303 and "example.org" in b.get("/")[1], "the right one leads to the domain")
    tap.ok("ndrscan-known" in b.cookies, "and the browser is known from then on")
    tap.ok(Browser(stage).login("dora") == 401, "who comes by a proxy alone has no password")
    operator = Browser(stage)
    tap.ok(operator.login("anna", stage.token) == 303, "the operator's token is compared first")
    tap.ok('class="domain"' in operator.get("/")[1], "and is the operator's, whatever name stands beside")
    # the time of an unknown name
    def took(name):
        began = time.perf_counter()
        Browser(stage).login(name, "wrong horse")
        return time.perf_counter() - began
    both = [(took(f"known{i}"), took(f"unknown{i}")) for i in range(3)]
    tap.ok(all(0.1 < a / z < 10 for a, z in both), "an unknown name costs what a known one does", both)


def flood(stage, tap):
    """Tries that are refused before a hash, and people who get in all the same."""
    friend = Browser(stage)
    for _ in range(100):  # the tries before this are not forgotten yet
        if friend.login("berta") == 303:
            break
        time.sleep(0.5)
    friend.cookies.pop("ndrscan")
    before = hashes(stage)
    connection = http.client.HTTPConnection("127.0.0.1", stage.port, timeout=30)
    seen = {}
    began = time.monotonic()
    for i in range(TRIES):
        connection.request("POST", "/login", f"name=berta&password=wrong+horse+{i}",
                           {"Host": stage.name, "Content-Type": "application/x-www-form-urlencoded"})
        answer = connection.getresponse()
        answer.read()
        seen[answer.status] = seen.get(answer.status, 0) + 1
    lasted = time.monotonic() - began
    made = hashes(stage) - before
    print(f"# {TRIES} tries in {lasted:.1f} s: {seen}, {made} hashes", flush=True)
    tap.ok(seen.get(429, 0) == TRIES - made and made < 15 + lasted / 5, f"{TRIES} tries cost {made} hashes", seen)
    tap.ok(friend.login("berta") == 303, "the person's own browser gets in at once")
    tap.ok(Browser(stage).login("x", stage.token) == 303, "and so does the operator")
    tap.ok(stage.ask("GET", "/api/domains", Authorization=f"Bearer {stage.token}", Host=stage.name)[0] == 200,
           "and a program of theirs")


def queue(stage, tap):
    """More at once than can be compared: 503, and pages go on."""
    with concurrent.futures.ThreadPoolExecutor(60) as pool:
        got = list(pool.map(lambda i: Browser(stage).login(f"crowd{i}", "wrong horse", X_Forwarded_For=f"198.51.{i}.1",
                                                           X_Proxy_Secret=stage.secret), range(60)))
        # all by one proxy, each from an address of its own
    tap.ok(set(got) <= {401, 503} and got.count(401) >= 10, "60 at once: some wait, the rest is told to come again", got)


def proxy_addresses(stage, tap):
    """A proxy's word, from an address with the secret."""
    secret = {"X-Proxy-Secret": stage.secret}

    def status(path="/", method="GET", form=None, **fields):
        return Browser(stage).ask(method, path, form, **fields)[0]
    tap.ok(status(**secret, Remote_User="berta@idp") == 200, "a person whom the proxy names is in")
    tap.ok(status(Remote_User="berta@idp") == 403, "without the secret nobody is named")
    tap.ok(status(Remote_User="berta@idp", X_Proxy_Secret=stage.secret[:-1] + ("y" if stage.secret[-1] == "x" else "x")) == 403, "nor with a wrong one")
    for fields, why in (({"Remote_User": ""}, "an empty name"), ({"X-Proxy-Secret": ""}, "an empty secret")):
        tap.ok(status(**{**secret, "Remote_User": "berta@idp", **fields}) == 400, f"{why}: 400")
    status_, _, text = Browser(stage).ask("GET", "/", **secret, Remote_User="stranger")
    tap.ok(status_ == 403 and "stranger" in text and "example" not in text, "somebody who has no rights here is told so", text)
    tap.ok(status(**secret, Remote_User="berta") == 403, "the proxy's name counts, not ours")
    for raw, why in ((b"Remote-User: berta@idp\r\nRemote-User: anna@idp\r\n", "two names"),
                     (b"Remote_User: berta@idp\r\n", "a name with an underscore"),
                     (b"Remote-User: berta@idp\r\nREMOTE_USER: anna@idp\r\n", "one of each")):
        with socket.create_connection(("127.0.0.1", stage.port), timeout=20) as s:
            s.sendall(b"GET / HTTP/1.1\r\nHost: " + stage.name.encode() + b"\r\nX-Proxy-Secret: " + stage.secret.encode()
                      + b"\r\n" + raw + b"\r\n")
            got = s.recv(100)
        tap.ok(got.startswith(b"HTTP/1.1 400"), f"{why}: 400", got)
    b = Browser(stage)
    b.fields |= {**secret, "Remote-User": "berta@idp"}
    page = b.get("/domain?name=example.org")[1]
    form = b.form("preview")
    tap.ok(form is not None and "example.org" in page, "a session begins with the first page")
    tap.ok(b.ask("POST", "/block", {**form, "form": "x" * 43, "until": "1h", "since": "now"})[0] == 403,
           "a form wants its session's token behind a proxy too")
    tap.ok(status("/block", "POST", {"domain": "example.org", "until": "1h", "since": "now"}, **secret,
                  Remote_User="berta@idp") == 403, "a form alone begins no session")
    tap.ok(b.ask("POST", "/block", {**form, "until": "1h", "since": "now"}, X_Forwarded_For="203.0.113.9")[0] == 303,
           "and with it, it switches")
    text = b.get("/domain?name=example.org")[1]
    tap.ok(" · you" in text and "203.0.113.9" not in text and "127.0.0.1" not in text, "addresses are not for customers", text)
    last = json.loads((stage.state / "history.jsonl").read_text().splitlines()[-1])
    tap.ok((last["person"], last["way"], last["peer"], last["address"]) == ("berta", "proxy", "127.0.0.1", "203.0.113.9"),
           "they stand in the history", last)
    old = dict(b.cookies)
    b.fields["Remote-User"] = "erna@idp"
    status_, text = b.get("/")
    tap.ok(status_ == 200 and "example.net" in text and "example.org" not in text and b.cookies != old,
           "another name is another session", text)
    b.cookies, b.fields["Remote-User"] = old, "erna@idp"
    tap.ok("example.org" not in b.get("/")[1], "the old one is over")
    b.fields.pop("Remote-User")
    tap.ok(b.get("/")[0] == 401, "without a name a proxy's session ends")
    b.fields["Remote-User"] = "berta@idp"
    b.get("/domain?name=example.org")
    status_, fields, _ = b.ask("POST", "/logout", b.form("logout"))
    tap.ok(status_ == 303 and fields["Location"] == "/sign_out", "logging out leads to the proxy's", fields["Location"])


def rights_change(stage, tap):
    """A session ends when the name or the rights change."""
    def once():
        b = Browser(stage)
        b.fields |= {"X-Proxy-Secret": stage.secret, "Remote-User": "erna@idp"}
        by_proxy = b.get("/")[0]
        c = Browser(stage)
        for _ in range(100):
            if c.login("erna") == 303:
                break
            time.sleep(0.5)
        return b, c, by_proxy
    b, c, by_proxy = once()
    tap.ok(by_proxy == 200 and c.get("/")[0] == 200, "a person in by both ways")
    form = c.form("preview")
    for change, why in ((lambda rows: [r for r in rows if r[0] != "erna"], "gone from the file"),
                        (lambda rows: [(*r[:2], "look", *r[3:]) if r[0] == "erna" else r for r in rows], "another role"),
                        (lambda rows: [(r[0], ["other.example"], *r[2:]) if r[0] == "erna" else r for r in rows],
                         "other domains")):
        stage.people(*change(stage.rows))
        # a form of the page before it, and the page itself
        tap.ok(c.ask("POST", "/block", {**form, "until": "1h", "since": "now"})[0] == 401, f"{why}: a form is refused")
        tap.ok(c.get("/")[0] == 401, f"{why}: and the session is over")
        status, text = b.get("/")
        tap.ok(status == 403 if why.startswith("gone") else (status == 200 and "example.net" not in text) or
               "other role" in why, f"{why}: the proxy's word leads to what the file says now", (status, text[:200]))
        tap.ok("example.net" not in (stage.windows / "ndrscan.yaml").read_text(), f"{why}: nothing was switched")
        stage.people(*stage.rows)
        b, c, _ = once()
        c.get("/")
        form = c.form("preview")
    stage.admins.write_text("admins: [\n")
    tap.ok(c.get("/")[0] == 200, "a slip of the pen in the file ends nothing yet")
    stage.people(*stage.rows)


def sessions(stage, tap):
    """Eight of a person's, and the cookie's flags under TLS."""
    old = Browser(stage)
    old.fields |= {"X-Proxy-Secret": stage.secret, "Remote-User": "berta@idp"}
    old.get("/")
    other = Browser(stage)
    other.fields |= {"X-Proxy-Secret": stage.secret, "Remote-User": "erna@idp"}
    other.get("/")
    mine = dict(old.cookies)
    for _ in range(9):
        b = Browser(stage)
        b.fields |= {"X-Proxy-Secret": stage.secret, "Remote-User": "berta@idp"}
        time.sleep(0.01)
        b.get("/")
    first = dict(other.cookies)
    other.get("/")
    tap.ok(other.cookies == first, "sessions of one person push out nobody else's")
    time.sleep(1.1)
    for _ in range(9):
        b = Browser(stage)
        b.fields |= {"X-Proxy-Secret": stage.secret, "Remote-User": "berta@idp"}
        b.get("/")
    old.get("/")
    tap.ok(old.cookies != mine, "the ninth of a person's ends the one that was used least lately")
    tls = Browser(stage)
    tls.fields |= {"X-Proxy-Secret": stage.secret, "Remote-User": "berta@idp", "Host": "tls.example"}
    got = tls.ask("GET", "/")[1]["Set-Cookie"]
    tap.ok(got.startswith("__Host-ndrscan=") and all(f"; {w}" in got for w in ("Secure", "HttpOnly", "SameSite=Strict", "Path=/"))
           and "Domain" not in got, "under TLS the cookie is __Host-, Secure and of this host alone", got)


def attacks(stage, tap):
    """What strangers try on a session, whatever way it came about."""
    password, proxy = Browser(stage), Browser(stage)
    for _ in range(100):
        if password.login("erna") == 303:
            break
        time.sleep(0.5)
    proxy.fields |= {"X-Proxy-Secret": stage.secret, "Remote-User": "erna@idp"}
    proxy.get("/")
    for way, b, other in (("password", password, proxy), ("proxy", proxy, password)):
        status, page = b.get("/")
        tap.ok(status == 200 and "example.net" in page, f"{way}: is in")
        form = {**b.form("preview"), "until": "1h", "since": "now"}

        def post(why, want, body=form, path="/block", method="POST", b=b, way=way, **fields):
            got = b.ask(method, path, body, **fields)[0]
            tap.ok(got == want, f"{way}: {why}: {want}", got)
        post("another host", 421, Host="evil.example")
        post("a page of another origin", 403, Origin="https://evil.example")
        post("what the browser calls cross-site", 403, Sec_Fetch_Site="cross-site")
        post("PUT", 405, method="PUT")
        post("a body over 64 KiB", 413, {**form, "note": "x" * 70000})
        post("a body of another type", 400, Content_Type="text/plain")
        post("no form's token", 403, {**form, "form": ""})
        other.get("/")
        post("another session's form", 403, {**form, "form": other.form("logout")["form"]})
        post("a number that was never given", 403, {**form, "once": "999999"})
        post("an end that the page does not offer", 400, {**form, "until": "2d; rm"})
        b.get("/")
        form = {**b.form("preview"), "until": "1h", "since": "now"}
        post("the form", 303, form)
        post("the same form again", 403, form)
        b.get("/")
        post("and it ends", 303, b.form("unblock"), "/unblock")
        tap.ok(b.ask("GET", "/assets/../../etc/passwd")[0] == 404 and b.ask("GET", "/metrics")[0] == 404 and
               b.ask("GET", "/api/history")[0] == 404, f"{way}: what is the operator's is not there")
        sent = "".join(f"{n}: {v}\r\n" for n, v in {**b.fields, "Cookie": "; ".join(f"{n}={v}" for n, v in b.cookies.items())}.items())
        within = b"0\r\n\r\nGET / HTTP/1.1\r\n" + sent.encode() + b"\r\n"
        for head in (f"Content-Length: {len(within)}\r\nTransfer-Encoding: chunked", "Content-Length: 3\r\nContent-Length: 300",
                     "Transfer-Encoding: xchunked", f"Host: {stage.name}\r\nContent-Length: 2"):
            with socket.create_connection(("127.0.0.1", stage.port), timeout=20) as s:
                s.sendall(f"POST /block HTTP/1.1\r\n{sent}{head}\r\n\r\n".encode() + within)
                got = b""
                while more := s.recv(4096):
                    got += more
            tap.ok(got.startswith(b"HTTP/1.1 400") and got.count(b"HTTP/1.") == 1, f"{way}: {head.split(chr(13))[0]} and more: 400", got)
        tap.ok(all(b.ask("GET", "/")[1].get(n) for n in ("Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options")),
               f"{way}: every answer has its policy")


def written_down(stage, tap):
    """Log-ins and what was denied stand in a file, and the operator sees them."""
    lines = [json.loads(line) for line in (stage.state / "access.jsonl").read_text().splitlines()]
    for want, why in (({"who": "anna", "what": "log-in", "way": "password", "peer": "127.0.0.1"}, "a log-in by password"),
                      ({"who": "berta", "what": "log-in", "way": "proxy"}, "one by a proxy"),
                      ({"who": "berta", "what": "log-out"}, "a log-out"), ({"who": "operator", "what": "log-in", "way": "token"}, "the operator's"),
                      ({"who": "known0", "what": "wrong password"}, "a wrong password of somebody's"),
                      ({"who": "erna", "what": "session ended"}, "rights that changed"),
                      ({"who": "erna", "what": "denied", "path": "/metrics"}, "what was denied")):
        tap.ok(any(want.items() <= line.items() for line in lines), f"{why} is written down")
    tap.ok(not any("nobody" == line["who"] for line in lines), "names that nobody has are not")
    tap.ok(PASSWORD not in str(lines) and "wrong horse" not in str(lines) and stage.token not in str(lines), "nor is any secret")
    b = Browser(stage)
    b.login("", stage.token)
    tap.ok("wrong password" in b.get("/history")[1], "the operator sees it in the history")


def unix_socket(ndrscan, tap):
    """A proxy's word by its user at the other end of a Unix socket."""
    with Customers(ndrscan) as stage:
        stage.count()
        stage.people(("anna", ["example.org"], "look", "anna@idp"))
        path = stage.folder / "socket"
        stage.listen = f"unix:{path}"
        stage.open("--proxy-user", "nobody", "--proxy-header", "Remote-User")

        def asked(user, *words):
            done = subprocess.run(["setpriv", f"--reuid={user}", "--clear-groups", "--", "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}",
                                   "--unix-socket", path, "-H", f"Host: {stage.name}", "-H", "Accept: text/html", *words,
                                   "http://x/"], capture_output=True, text=True, check=False, timeout=30)
            return done.stdout
        tap.ok(asked("nobody", "-H", "Remote-User: anna@idp") == "200", "the proxy's user names a person")
        tap.ok(asked("nobody") == "401", "or nobody, who is asked for a password")
        tap.ok(asked("daemon", "-H", "Remote-User: anna@idp") == "403", "another user names nobody")
        tap.ok(asked("daemon") == "403", "and has nothing to ask there")
        tap.ok(asked("nobody", "-H", "Remote_User: anna@idp") == "400", "an underscore: 400")


def added(stage, tap):
    """People put into the file by a command: whole, or not at all."""
    path = stage.folder / "added.yaml"

    def add(*words):
        done = subprocess.run([stage.ndrscan, "console", "passwd", "--add", path, *words], input=PASSWORD,
                              env=stage.environment, capture_output=True, text=True, timeout=20, check=False)
        return done.returncode, done.stderr
    tap.ok(add("--name", "anna", "--domain", "example.com", "--role", "look") == (0, ""), "a person is put into a new file")
    tap.ok(path.read_text().startswith("version: 1\nadmins:\n  - name: "), "which has a version", path.read_text())
    tap.ok(path.stat().st_mode & 0o7777 == 0o640, "which others cannot read")
    path.chmod(0o600)
    os.chown(path, 0, 65534)
    code, said = add("--generate", "--name", "bob", "--domain", "*.b.example", "--domain", "c.example", "--role", "operate")
    kept = path.stat()
    tap.ok(code == 0 and re.fullmatch(r"password: (\w{5}-){3}\w{5}\n", said) and (kept.st_mode & 0o777, kept.st_gid) == (0o600, 65534),
           "and another one; its group and mode stay", said)
    code, said = add("--name", "cleo", "--domain", "d.example", "--role", "switch", "--mail", "cleo.o'neil@d.example", "--language", "fr",
                     "--zone", "Europe/Paris")
    tap.ok((code, said) == (0, "") and path.read_text().endswith(
        "    mail: 'cleo.o''neil@d.example'\n    language: 'fr'\n    zone: 'Europe/Paris'\n"), "with where and how they are told", said)
    before = path.read_bytes()
    for words, why in ((("--name", "eve", "--domain", "a.example", "--role", "look", "--language", "xx"), "no language"),
                       (("--name", "eve", "--domain", "a.example", "--role", "look", "--zone", "../etc"), "no zone"),
                       (("--name", "eve", "--domain", "a.example", "--role", "look", "--mail", "eve"), "no address"),
                       (("--name", "bob", "--domain", "a.example", "--role", "look"), "a name that is there"),
                       (("--name", "a b", "--domain", "a.example", "--role", "look"), "no name"),
                       (("--name", 'x"', "--domain", "a.example", "--role", "look"), "a name with a quote"),
                       (("--name", "eve", "--domain", "-", "--role", "look"), "no domain"),
                       (("--name", "eve", "--domain", "a.example", "--role", "king"), "no role"),
                       (("--name", "eve"), "half of it")):
        code, said = add(*words)
        tap.ok(code == 2 and said.count("\n") == 1 and path.read_bytes() == before, f"{why}: told, and nothing is changed", said)
    path.write_text("admins: []\n")
    code, said = add("--name", "eve", "--domain", "a.example", "--role", "look")
    tap.ok(code == 2 and path.read_text() == "admins: []\n", "a file that ends otherwise is left to its author", said)


def starts(stage, tap):
    """What it does not start with."""
    host = ("--host", "https://bounces.example")
    people = ("--admins", stage.admins)
    for words, why, said in (
            ((*people,), "people without --host", "--host"),
            ((*people, *host, "--proxy-from", "127.0.0.1"), "an address without a secret", "--proxy-secret-file"),
            ((*people, *host, "--proxy-user", "0"), "a user where no Unix socket is", "unix:"),
            ((*people, *host, "--proxy-user", "no-such-user", "--listen", "unix:/tmp/x"), "a user that is none", "no user"),
            ((*people, *host, "--proxy-header", "Remote-User"), "a field of no proxy", "no proxy"),
            ((*people, *host, "--proxy-from", "example.com"), "a name for an address", "192.0.2.7"),
            ((*host, "--admins", "/nowhere/admins.yaml"), "no file of people", "/nowhere/admins.yaml")):
        done = subprocess.run([stage.ndrscan, "console", "--listen", "127.0.0.1:0", *map(str, words)], env=stage.environment,
                              capture_output=True, text=True, timeout=20, check=False)
        tap.ok(done.returncode == 2 and said in done.stderr, f"{why}: refused, with the remedy", done.stderr)


def main():
    if not is_possible():
        print("1..0 # SKIP the file of people has to be root's")
        return 0
    tap = Tap()
    with Customers(sys.argv[1]) as stage:
        stage.count()
        stage.rows = [("anna", ["example.org"], "operate"), ("berta", ["example.org", "example.net"], "switch", "berta@idp"),
                      ("erna", ["example.net"], "switch", "erna@idp"), ("known0", ["a.example"], "look"),
                      ("known1", ["a.example"], "look"), ("known2", ["a.example"], "look")]
        stage.people(*stage.rows)
        added(stage, tap)
        starts(stage, tap)
        secret = stage.folder / "secret"
        stage.open("--proxy-from", "127.0.0.1", "--proxy-secret-file", str(secret), "--proxy-header", "Remote-User",
                   "--proxy-logout", "/sign_out", "--host", "https://tls.example")
        stage.secret = secret.read_text().strip()
        proxy_addresses(stage, tap)
        sessions(stage, tap)
        passwords(stage, tap)
        queue(stage, tap)
        rights_change(stage, tap)
        attacks(stage, tap)
        written_down(stage, tap)
        flood(stage, tap)
        stage.process.terminate()
        tap.ok(stage.process.wait(timeout=20) == 0, "it ends when told to")
    unix_socket(sys.argv[1], tap)
    return tap.finish()


sys.exit(main())
