#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""single_sign_on.py NDRSCAN - does the console believe Apache's mod_auth_openidc, and nobody else?

A real Apache with that module, over a small OpenID provider of the test's own, in front of the console's Unix
socket, as ndrscan-console(1) shows it. Prints TAP; skipped, saying so, where they are not installed, and for whoever is not root.
"""
import base64
import http.cookies
import http.server
import importlib
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

from people import Customers, is_possible
from stage import Tap

MODULES = pathlib.Path("/usr/lib/apache2/modules")
APACHE = """ServerRoot {folder}
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
User www-data
Group www-data
PidFile {folder}/apache.pid
DefaultRuntimeDir {folder}
ErrorLog {folder}/error.log
{modules}
OIDCProviderMetadataURL http://127.0.0.1:{idp}/.well-known/openid-configuration
OIDCClientID bounces
OIDCClientSecret a-secret-of-two
OIDCRedirectURI http://127.0.0.1:{port}/oidc
OIDCCryptoPassphrase another-secret
OIDCRemoteUserClaim preferred_username
{wiring}
"""


def wiring():
    """What the manual shows between `<Location />` and its end."""
    page = (pathlib.Path(__file__).parents[2] / "tools/man/ndrscan-console.1.scd").read_text()
    return re.search(r"<Location />\n.*?</Location>\n", page, re.S).group(0)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Provider(http.server.ThreadingHTTPServer):
    """Whoever comes is `who`, without a question."""
    daemon_threads = True

    def __init__(self, jwk):
        super().__init__(("127.0.0.1", 0), Answer)
        self.key, self.who, self.codes, self.ended = jwk.JWK.generate(kty="RSA", size=2048, kid="k", use="sig", alg="RS256"), "anna", {}, []
        self.at = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Answer(http.server.BaseHTTPRequestHandler):
    def send(self, value, status=200, **fields):
        body = json.dumps(value).encode()
        self.send_response(status)
        for name, text in {"Content-Type": "application/json", "Content-Length": str(len(body)), **fields}.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        p, url = self.server, urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        if url.path == "/.well-known/openid-configuration":
            self.send({"issuer": p.at, "authorization_endpoint": p.at + "/auth", "token_endpoint": p.at + "/token", "jwks_uri": p.at + "/jwks",
                       "end_session_endpoint": p.at + "/end", "response_types_supported": ["code"], "subject_types_supported": ["public"],
                       "id_token_signing_alg_values_supported": ["RS256"], "token_endpoint_auth_methods_supported": ["client_secret_basic"]})
        elif url.path == "/jwks":
            self.send({"keys": [json.loads(p.key.export_public())]})
        elif url.path == "/auth":
            code = base64.urlsafe_b64encode(os.urandom(12)).decode()
            p.codes[code] = (p.who, query.get("nonce"))
            self.send({}, 302, Location=query["redirect_uri"] + "?" + urllib.parse.urlencode({"code": code, "state": query["state"]}))
        else:
            p.ended.append(self.path)
            self.send({})

    def do_POST(self):
        from jwcrypto import jwt
        p = self.server
        form = dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        who, nonce = p.codes.pop(form["code"])
        now = int(time.time())
        token = jwt.JWT(header={"alg": "RS256", "kid": "k"}, claims={"iss": p.at, "aud": "bounces", "sub": "s-" + who, "iat": now, "exp": now + 600,
                                                                     "nonce": nonce, "preferred_username": who})
        token.make_signed_token(p.key)
        self.send({"access_token": "a", "token_type": "Bearer", "expires_in": 600, "id_token": token.serialize()})

    def log_message(self, *_):
        pass


class Browser:
    """Cookies for one host, and redirects that are followed by hand."""

    def __init__(self, at):
        self.at, self.cookies, self.url = at, {}, at

    def once(self, url, form=None, **fields):
        class Stay(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *_):
                return None
        request = urllib.request.Request(url, urllib.parse.urlencode(form).encode() if form else None,
                                         {"Accept": "text/html", **{n.replace("_", "-"): v for n, v in fields.items()}})
        if url.startswith(self.at):
            request.add_header("Cookie", "; ".join(f"{n}={v}" for n, v in self.cookies.items()))
        try:
            answer = urllib.request.build_opener(Stay).open(request, timeout=20)
        except urllib.error.HTTPError as e:
            answer = e
        with answer:
            for line in answer.headers.get_all("Set-Cookie") or []:
                for name, morsel in http.cookies.SimpleCookie(line).items():
                    self.cookies[name] = morsel.value
            return answer.status, answer.headers, answer.read().decode()

    def go(self, path, form=None, **fields):
        """(status, where it ended, text) behind all redirects."""
        url = urllib.parse.urljoin(self.at, path)
        for _ in range(12):
            status, got, text = self.once(url, form, **fields)
            if status not in (301, 302, 303):
                return status, url, text
            url, form = urllib.parse.urljoin(url, got["Location"]), None
        raise SystemExit("it goes round in circles")


def raw(port, lines):
    """The answer to a request as it stands."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as s:
        s.sendall(lines.encode())
        got = b""
        while more := s.recv(65536):
            got += more
        return got.decode(errors="replace")


def missing():
    if not is_possible():
        return "the file of people has to be root's"
    if shutil.which("apache2") is None or not (MODULES / "mod_auth_openidc.so").exists():
        return "apache2-bin with libapache2-mod-auth-openidc is not installed"
    try:
        importlib.import_module("jwcrypto.jwt")
    except ImportError:
        return "python3-jwcrypto is not installed"
    return None


def start_apache(stage, port, idp):
    names = ("mpm_event", "authn_core", "authz_core", "authz_user", "headers", "proxy", "proxy_http", "auth_openidc")
    modules = "\n".join(f"LoadModule {n}_module {MODULES}/mod_{n}.so" for n in names)
    settings = stage.folder / "apache.conf"
    settings.write_text(APACHE.format(folder=stage.folder, port=port, idp=idp, modules=modules,
                                      wiring=wiring().replace("/run/ndrscan/console.sock", str(stage.folder / "socket"))))
    apache = subprocess.Popen(["apache2", "-X", "-f", str(settings)], stderr=subprocess.PIPE, text=True)
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return apache
        except OSError:
            if apache.poll() is not None:
                raise SystemExit(f"Apache does not start: {apache.stderr.read()}") from None
            time.sleep(0.1)
    raise SystemExit("Apache does not listen")


def attend(tap, stage, provider, port):
    at = f"http://127.0.0.1:{port}/"
    b = Browser(at)
    status, url, text = b.go("/")
    tap.ok(status == 200 and url == at and "example.org" in text and "Logged in as anna" in text, "the provider's log-in leads to the person's domain", (status, url, text[:300]))
    form = re.search(r'name="form" value="([^"]+)"', text).group(1)
    once = re.search(r'name="once" value="(\d+)"', text).group(1)
    status, _, text = b.go("/block", {"form": form, "once": once, "domain": "example.org", "until": "1h", "since": "now"})
    tap.ok(status == 200 and "End this now" in text, "who came so can switch", (status, text[:300]))
    last = json.loads((stage.state / "history.jsonl").read_text().splitlines()[-1])
    tap.ok((last["person"], last["way"]) == ("anna", "proxy") and last["peer"].startswith("uid ") and last["address"] == "127.0.0.1", "as history has it", last)
    for name in ("Remote-User", "REMOTE-USER"):
        status, _, text = b.go("/", **{name: "berta-at-idp"})
        tap.ok(status == 200 and "Logged in as anna" in text, f"{name} from outside names nobody", (status, text[:200]))
    cookies = "; ".join(f"{n}={v}" for n, v in b.cookies.items())
    for field, want, why in (("Remote_User: berta-at-idp", " 400 ", "with an underscore it is passed on, and refused"),
                             ("Remote-User: berta-at-idp\r\nRemote-User: berta-at-idp", "Logged in as anna", "twice, it is taken away")):
        said = raw(port, f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/html\r\nCookie: {cookies}\r\n{field}\r\nConnection: close\r\n\r\n")
        tap.ok(want in said and "berta" not in said, why, said)
    said = raw(port, f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/html\r\nRemote-User: anna-at-idp\r\nConnection: close\r\n\r\n")
    tap.ok(" 302 " in said.split("\n")[0], "without a session the field leads to the provider, not in", said)
    before = len(provider.ended)
    status, got, _ = b.once(at + "logout", {"form": re.search(r'name="form" value="([^"]+)"', b.go("/")[2]).group(1)})
    tap.ok(status == 303 and got["Location"].startswith("/oidc?logout="), "logging out leads to the proxy's", (status, got["Location"]))
    b.go(got["Location"])
    tap.ok(len(provider.ended) > before, "which ends it at the provider", provider.ended)
    provider.who = "stranger-at-idp"
    status, _, text = Browser(at).go("/")
    tap.ok(status == 403 and "stranger-at-idp" in text and "example.org" not in text, "somebody who has no rights here is told so", (status, text[:200]))
    provider.who = "berta-at-idp"
    status, _, text = b.go("/")
    tap.ok(status == 200 and "Logged in as berta" in text, "who logs in next is another", (status, text[:200]))


def main():
    why = missing()
    if why:
        print(f"1..0 # SKIP {why}")
        return 0
    from jwcrypto import jwk
    tap = Tap()
    provider, port = Provider(jwk), free_port()
    provider.who = "anna-at-idp"
    with Customers(sys.argv[1], days=1, storm=20) as stage:
        stage.count()
        stage.people(("anna", ["example.org"], "operate", "anna-at-idp"), ("berta", ["shop.example.net"], "look", "berta-at-idp"))
        stage.listen = f"unix:{stage.folder / 'socket'}"
        stage.start("--admins", str(stage.admins), "--host", f"http://127.0.0.1:{port}/", "--recipient-path",
                    f"{os.path.realpath(stage.mail)}/{{domain}}/{{user}}/", "--proxy-user", "www-data", "--proxy-header", "Remote-User",
                    "--proxy-logout", f"/oidc?logout=http%3A%2F%2F127.0.0.1%3A{port}%2F")
        apache = start_apache(stage, port, provider.server_address[1])
        try:
            attend(tap, stage, provider, port)
        finally:
            apache.terminate()
            apache.wait(timeout=20)
            log = stage.folder / "error.log"
            if tap.bad and log.exists():
                print("\n".join("# " + line for line in log.read_text().splitlines()[-20:]))
    return tap.finish()


sys.exit(main())
