# SPDX-License-Identifier: BSD-3-Clause
"""people.py - a console with customers, and their browsers, for tests."""
import os
import re
import subprocess
import urllib.parse

from stage import Stage

FORM = "application/x-www-form-urlencoded"
PASSWORD = "correct horse battery"


def is_possible():
    """The file of people has to be root's."""
    return os.geteuid() == 0


class Customers(Stage):
    """A Stage whose console lets people in."""

    def __init__(self, ndrscan, days=2, storm=60, **more):
        super().__init__(ndrscan, days=days, storm=storm, **more)
        self.folder.chmod(0o755)
        self.admins = self.folder / "admins.yaml"
        self.metrics = {}
        self.hash = subprocess.run([self.ndrscan, "console", "passwd", "--cost", "1"], input=PASSWORD, text=True,
                                   capture_output=True, check=True).stdout.strip()

    def people(self, *rows):
        """Write the file: (name, domains, role) each, with a proxy's name where a fourth stands, and a
        token's hash for numbers where `metrics` has one."""
        lines = ["admins:"]
        for name, domains, role, *proxy in rows:
            lines += [f"  - name: {name}", f"    domains: [{', '.join(repr(d) for d in domains)}]", f"    role: {role}",
                      f"    password: {self.hash}"]
            lines += [f"    proxy: {proxy[0]}"] if proxy else []
            lines += [f"    metrics: {self.metrics[name]}"] if name in self.metrics else []
        beside = self.admins.with_name("beside")
        beside.write_text("\n".join(lines) + "\n")
        beside.chmod(0o640)
        beside.rename(self.admins)

    def open(self, *options):
        """Start it with the file."""
        self.start("--admins", str(self.admins), "--host", f"http://{self.name}",
                   "--recipient-path", f"{os.path.realpath(self.mail)}/{{domain}}/{{user}}/", *options)

    @property
    def name(self):
        """What browsers ask for it by."""
        return "bounces.example"


class Browser:
    """Cookies, and forms as they stand in pages."""

    def __init__(self, stage, **fields):
        self.stage, self.cookies, self.page = stage, {}, ""
        self.fields = {"Host": stage.name, "Accept": "text/html", **fields}

    def ask(self, method, path, form=None, **fields):
        """(status, fields, text); cookies are kept."""
        sent = {**self.fields, **{n.replace("_", "-"): v for n, v in fields.items()}}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{n}={v}" for n, v in self.cookies.items())
        body = None
        if form is not None:
            body = urllib.parse.urlencode(form)
            sent.setdefault("Content-Type", FORM)
        status, got, text = self.stage.ask(method, path, body, **sent)
        for line in got.get_all("Set-Cookie") or []:
            name, _, value = line.split(";")[0].partition("=")
            self.cookies[name] = value
        return status, got, text.decode()

    def get(self, path):
        """The text of a page, which then is the one that forms are taken from."""
        status, _, self.page = self.ask("GET", path)
        return status, self.page

    def login(self, name, password=PASSWORD, **fields):
        """The status of trying to."""
        return self.ask("POST", "/login", {"name": name, "password": password}, **fields)[0]

    def form(self, action):
        """The hidden fields of a form of the page."""
        found = re.search(rf'<form[^>]*action="{action}".*?</form>', self.page, re.S)
        return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', found.group(0))) if found else None
