# SPDX-License-Identifier: BSD-3-Clause
"""signers.py - milters that sign mail, each with a key a domain, on port 8891."""
import shutil
import subprocess

from wiring import check, until

PORT = 8891


def listens():
    return subprocess.run(["ss", "-Hltn", f"sport = :{PORT}"], capture_output=True, check=False).stdout


class Signer:
    """A program that runs as long as the context."""
    packages = ()

    def __enter__(self):
        self.child = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        check(until(listens), f"{self.command[0]} starts")
        return self

    def __exit__(self, *_):
        self.child.terminate()
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


class OpenDkim(Signer):
    packages = ("opendkim", "opendkim-tools")
    command = ("opendkim", "-f", "-x", "/etc/opendkim.conf")
    settings = f"""Mode s
Syslog no
Canonicalization relaxed/simple
OversignHeaders From
Socket inet:{PORT}@127.0.0.1
KeyTable /etc/dkimkeys/KeyTable
SigningTable refile:/etc/dkimkeys/SigningTable
InternalHosts /etc/dkimkeys/InternalHosts
"""

    def __init__(self, place, domains, app):
        keys = place.path / "dkimkeys"
        keys.mkdir()
        for domain in domains:
            subprocess.run(["opendkim-genkey", "-D", keys, "-d", domain, "-s", domain], check=True)
        place.write("dkimkeys/KeyTable", "".join(f"{d} {d}:{d}:/etc/dkimkeys/{d}.private\n" for d in domains))
        place.write("dkimkeys/SigningTable", "".join(f"*@{d} {d}\n" for d in domains))
        place.write("dkimkeys/InternalHosts", f"127.0.0.1\n{app}\n")
        place.write("opendkim.conf", self.settings)
        for name in ("dkimkeys", "opendkim.conf"):
            subprocess.run(["mount", "--bind", place.path / name, "/etc/" + name], check=True)


class Rspamd(Signer):
    """It signs and does nothing else."""
    packages = ("rspamd",)
    command = ("rspamd", "-f", "-i", "-c", "/etc/rspamd/rspamd.conf")
    settings = """options {
  filters = "dkim";
  local_addrs = "127.0.0.0/8, %(app)s";
  dns { nameserver = ["127.0.0.1:53"]; timeout = 0.1s; retransmits = 0; }
  disable_hyperscan = true; # and few domains: the usual list takes it long
  url_tld = "%(place)s/domains";
}
logging { type = "file"; filename = "%(place)s/rspamd.log"; level = "notice"; }
lua = "$RULESDIR/rspamd.lua";
modules { path = "/usr/share/rspamd/plugins/dkim_signing.lua"; }
dkim_signing { .include "$LOCAL_CONFDIR/local.d/dkim_signing.conf" }
worker "rspamd_proxy" {
  bind_socket = "127.0.0.1:%(port)d";
  count = 1;
  milter = yes;
  upstream "local" { default = yes; self_scan = yes; }
}
"""
    signing = """# as rspamd's documentation has it
selector = "mail";
path = "/var/lib/rspamd/dkim/$domain.$selector.key";
allow_username_mismatch = true;
use_domain = "header";
sign_authenticated = true;
sign_local = true;
sign_inbound = false;
"""

    def __init__(self, place, domains, app):
        etc, var = place.path / "rspamd-etc", place.path / "rspamd-var"
        shutil.copytree("/etc/rspamd", etc)
        (etc / "local.d").mkdir(exist_ok=True)
        (var / "dkim").mkdir(parents=True)
        for domain in domains:
            key = var / "dkim" / f"{domain}.mail.key"
            subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True)
        place.write("domains", "com\nexample\n")
        (etc / "rspamd.conf").write_text(self.settings % {"app": app, "place": place.path, "port": PORT})
        (etc / "local.d" / "dkim_signing.conf").write_text(self.signing)
        for folder, at in ((etc, "/etc/rspamd"), (var, "/var/lib/rspamd")):
            subprocess.run(["mount", "--bind", folder, at], check=True)
