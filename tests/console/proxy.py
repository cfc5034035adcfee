#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""proxy.py NDRSCAN - does the console work behind a web server, by TLS and below a path?

A real nginx over loopback, with a configuration, a key and a pid of the test's own, in the ways in
which people set one up. Every link, form and cookie is followed as a browser would. Prints TAP;
skipped, saying so, where nginx or openssl is not installed.
"""
import contextlib
import html
import http.client
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.parse

from stage import Stage, Tap

NGINX = """daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_processes 1;
{user}
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
    uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {folder}/cert.pem;
        ssl_certificate_key {folder}/key.pem;
        location {path} {{
            proxy_pass http://127.0.0.1:{inner}{inner_path};
            proxy_set_header Host $http_host;
            {forwarded}
        }}
    }}
}}
"""


def free_port():
    """A port that nobody listens on."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Browser:
    """Cookies by path and scheme, redirects and relative links, as RFC 6265 and RFC 3986 have them."""

    def __init__(self, top):
        self.top, self.cookies = top, {}

    def ask(self, method, url, form=None):
        """(status, header, text) of one request, redirects not followed."""
        at = urllib.parse.urlsplit(urllib.parse.urljoin(self.top, url))
        tls = ssl.create_default_context()
        tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
        c = http.client.HTTPSConnection("127.0.0.1", at.port, context=tls, timeout=30)
        fields = {"Host": at.netloc, "Accept": "text/html"}
        sent = "; ".join(f"{n}={v}" for n, (v, path) in self.cookies.items()
                         if at.path == path or at.path.startswith(path.rstrip("/") + "/"))
        if sent:
            fields["Cookie"] = sent
        body = None
        if form is not None:
            body = urllib.parse.urlencode(form)
            fields |= {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin",
                       "Origin": f"https://{at.netloc}"}
        c.request(method, at.path + (f"?{at.query}" if at.query else ""), body, fields)
        answer = c.getresponse()
        text = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie") or []:
            pair, *words = [w.strip() for w in line.split(";")]
            path = next((w[5:] for w in words if w.lower().startswith("path=")), at.path.rsplit("/", 1)[0] or "/")
            self.cookies[pair.split("=")[0]] = (pair.split("=", 1)[1], path)
        c.close()
        return answer.status, answer.headers, text

    def follow(self, method, url, form=None):
        """The page at the end, and where it is."""
        for _ in range(5):
            status, fields, text = self.ask(method, url, form)
            if status not in (301, 302, 303, 307, 308):
                return status, text, url
            url, method, form = urllib.parse.urljoin(url, fields["Location"]), "GET", None
        return 0, "", url


def try_way(tap, stage, why, top):
    """Log in, look at all that a page links to, flip the switch, log out."""
    b = Browser(top)
    status, text, at = b.follow("GET", top)
    tap.ok(status == 401 and 'name="token"' in text, f"{why}: the login page", (status, text))

    def assets(text, at):
        got = [b.ask("GET", urllib.parse.urljoin(at, html.unescape(u)))[0]
               for u in re.findall(r'(?:href|src)="([^"]*assets/[^"]*)"', text)]
        return len(got) > 2 and set(got) == {200}
    tap.ok(assets(text, at), f"{why}: with its style")

    def act(text, at, which=0, **more):
        form = re.findall(r"<form[^>]*action=\"([^\"]*)\"[^>]*>(.*?)</form>", text, re.S)[which]
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form[1]))
        return b.follow("POST", urllib.parse.urljoin(at, form[0]), hidden | more)
    status, wrong, there = act(text, at, token="x" * 43)
    tap.ok(status == 401 and assets(wrong, there), f"{why}: a wrong token, and the page has its style still")
    status, text, at = act(wrong, there, token=stage.token)
    tap.ok(status == 200 and at == top and 'class="domain"' in text, f"{why}: a login leads to the list", (status, at))
    value, path = b.cookies["ndrscan"]
    tap.ok(path == (urllib.parse.urlsplit(top).path.rstrip("/") or "/"), f"{why}: its cookie keeps to the page's folder", path)
    flags = b.ask("POST", urllib.parse.urljoin(top, "login"), {"token": stage.token})[1]["Set-Cookie"]
    tap.ok("; Secure" in flags and "HttpOnly" in flags and "SameSite=Strict" in flags, f"{why}: and to TLS", flags)
    status, text, at = b.follow("GET", top)  # of the session of the last login
    links = {urllib.parse.urljoin(at, html.unescape(u)) for u in re.findall(r'href="([^"#]+)"', text)}
    got = {u: b.follow("GET", u)[0] for u in links}
    tap.ok(len(links) > 5 and set(got.values()) == {200}, f"{why}: every link leads somewhere", got)
    switch = [i for i, f in enumerate(re.findall(r"<form[^>]*>", text)) if 'data-domain="example.org"' in f][0]
    status, text, at = act(text, at, switch, do="block", until="1h")
    tap.ok(status == 200 and at == top and 'aria-checked="true"' in text, f"{why}: the switch turns on", (status, at))
    stage.run("unblock", "example.org")
    status, page, _ = b.follow("GET", urllib.parse.urljoin(top, "a/b/nothing"))
    back = urllib.parse.urljoin(urllib.parse.urljoin(top, "a/b/nothing"), re.search(r'href="([^"]*)">Back', page).group(1))
    tap.ok(status == 404 and back == top, f"{why}: the way back from nowhere", (status, back))
    status, text, at = act(text, at, -1)
    tap.ok(status == 401 and at == top and b.cookies["ndrscan"][0] == "", f"{why}: logging out", (status, at))


@contextlib.contextmanager
def nginx(folder, port, inner, path, inner_path, forwarded):
    """A web server of our own, until the end of the block."""
    user = "user root;" if os.getuid() == 0 else ""
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port, inner=inner, path=path, user=user,
                                                    inner_path=inner_path, forwarded=forwarded))
    with subprocess.Popen(["nginx", "-c", folder / "nginx.conf", "-p", folder], stdin=subprocess.DEVNULL) as server:
        try:
            for _ in range(200):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                    break
                time.sleep(0.1)
            yield
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=20)


def main():
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    if shutil.which("nginx") is None or shutil.which("openssl") is None:
        print("1..0 # SKIP nginx or openssl is not installed")
        return 0
    tap = Tap()
    proto = "proxy_set_header X-Forwarded-Proto $scheme;"
    with tempfile.TemporaryDirectory(prefix="ndrscan-nginx-") as name, Stage(sys.argv[1], days=2, storm=60) as stage:
        folder = pathlib.Path(name)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-keyout", folder / "key.pem", "-out", folder / "cert.pem", "-days", "2", "-subj", "/CN=localhost"],
                       check=True, capture_output=True)
        stage.count()
        for why, path, inner_path, host, forwarded in (
                ("at the top", "/", "", "https://{}/", ""),
                ("below a path that nginx takes off", "/bounces/", "/", "https://{}/bounces/", ""),
                ("below a path that it passes on", "/a/bounces/", "", "https://{}/a/bounces/", ""),
                ("below a path, and only the name was told", "/bounces/", "/", "{}", proto)):
            port = free_port()
            where = f"localhost:{port}"
            stage.start("--host", host.format(where))
            with nginx(folder, port, stage.port, path, inner_path, forwarded):
                try_way(tap, stage, why, f"https://{where}{path}")
            stage.process.terminate()
            tap.ok(stage.process.wait(timeout=20) == 0, f"{why}: it ends")
    return tap.finish()


sys.exit(main())
