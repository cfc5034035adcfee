# SPDX-License-Identifier: BSD-3-Clause
"""exim_server.py - an Exim of our own that signs, on loopback in namespaces of its own.

Debian has one mail server at a time, so its packages are unpacked beside what is installed.
"""
import contextlib
import os
import pathlib
import shutil
import subprocess
import tempfile

from wiring import NOBODY, check, skip, until

PACKAGES = ("exim4-daemon-light", "exim4-base")
FOLDER = "NDR_WIRING_EXIM"
USER = 64998
CONFIGURATION = """exim_path = {exim}
primary_hostname = mx.ours.example
spool_directory = {place}/spool
log_file_path = {place}/%slog
daemon_smtp_ports = 25
local_interfaces = 127.0.0.1 : {home}
disable_ipv6 = true
tls_advertise_hosts =
host_lookup =
domainlist ours = {ours}
hostlist relays = 127.0.0.1 : {app}
acl_smtp_rcpt = check
smtp_accept_max = 0
queue_run_max = 5
trusted_users = root
begin acl
check:
  accept hosts = +relays
  accept domains = +ours
  deny
begin routers
forward:
  driver = redirect
  domains = +ours
  local_parts = ^fwd\\\\.
  data = stranger.${{substr_4:$local_part}}@world.example
ours:
  driver = accept
  domains = +ours
  transport = box
world:
  driver = manualroute
  route_list = * {world}
  transport = remote_smtp
begin transports
box:
  driver = appendfile
  maildir_format
  directory = {place}/boxes/box
  create_directory
  user = {nobody}
  group = {nobody}
  delivery_date_add
  envelope_to_add
  return_path_add
remote_smtp:
  driver = smtp
  allow_localhost
  hosts_try_fastopen =
  dkim_domain = ${{if or {{ {{eq {{$sender_host_address}}{{}}}} {{match_ip {{$sender_host_address}}{{+relays}}}} }} \
    {{${{lookup {{${{lc:${{domain:$h_from:}}}}}} lsearch,ret=key {{/etc/exim4/dkim/domains}}}}}}}}
  dkim_selector = mail
  dkim_private_key = /etc/exim4/dkim/$dkim_domain.key
begin retry
* * F,2m,1s
"""


@contextlib.contextmanager
def downloaded():
    """The packages, for a test that goes on in namespaces, which have no network."""
    with tempfile.TemporaryDirectory(prefix="ndrscan-exim-") as debs:
        if FOLDER not in os.environ:
            done = subprocess.run(["apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", *PACKAGES], cwd=debs,
                                  stdin=subprocess.DEVNULL, capture_output=True, check=False)
            if done.returncode != 0:
                skip("apt-get does not download " + " ".join(PACKAGES))
            os.environ[FOLDER] = debs
        yield


def unpacked(place):
    """The program, in a folder of the place."""
    root = place.path / "exim"
    for deb in pathlib.Path(os.environ[FOLDER]).iterdir():
        subprocess.run(["dpkg-deb", "-x", deb, root], check=True)
    return root / "usr" / "sbin" / "exim4"


class EximServer:
    """Its settings are mounted over those of this host, together with all of /etc."""

    def __init__(self, place, home, app, world, domains):
        self.boxes, self.log = place.path / "boxes", place.path / "mainlog"
        self.exim = unpacked(place)
        etc = place.path / "etc"
        subprocess.run(["cp", "-a", "/etc", etc], check=True)
        shutil.rmtree(etc / "exim4", ignore_errors=True)
        (etc / "exim4" / "dkim").mkdir(parents=True)
        for file in ("passwd", "group"):
            middle = ":x:{0}:{0}::/:/bin/false\n" if file == "passwd" else ":x:{0}:\n"
            with open(etc / file, "a", encoding="ascii") as f:
                f.write("Debian-exim" + middle.format(USER))
        for domain in domains:
            key = etc / "exim4" / "dkim" / f"{domain}.key"
            subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True)
            os.chown(key, USER, USER)
        (etc / "exim4" / "dkim" / "domains").write_text("".join(f"{domain}:\n" for domain in domains))
        (etc / "exim4" / "exim4.conf").write_text(CONFIGURATION.format(
            exim=self.exim, place=place.path, home=home, app=app, world=world, ours=" : ".join(domains), nobody=NOBODY))
        for name, owner in (("spool", USER), ("boxes", NOBODY)):
            (place.path / name).mkdir()
            os.chown(place.path / name, owner, owner)
        for name in ("mainlog", "paniclog", "rejectlog"):
            (place.path / name).touch()
            os.chown(place.path / name, USER, USER)
        subprocess.run(["mount", "--bind", etc, "/etc"], check=True)

    def __enter__(self):
        self.child = subprocess.Popen([self.exim, "-bdf", "-q1s"])
        check(until(lambda: subprocess.run(["ss", "-Hltn", "sport = :25"], capture_output=True,
                                           check=False).stdout), "Exim starts")
        return self

    def __exit__(self, *_):
        self.child.kill()
        self.child.wait()

    def rotate(self):
        """As Debian's logrotate: a new one lies there in a moment, for Exim's user may make none here."""
        new = self.log.with_name("mainlog.new")
        new.touch()
        os.chown(new, USER, USER)
        os.link(self.log, self.log.with_name("mainlog.1"))
        new.rename(self.log)

    def logs(self):
        """Oldest first."""
        return [self.log.with_name("mainlog.1"), self.log]

    def sendmail(self, mail, sender, to):
        subprocess.run([self.exim, "-i", "-f", sender, to], input=mail, check=True)

    def stored(self):
        box = self.boxes / "box" / "new"
        return list(box.iterdir()) if box.is_dir() else []

    def queued(self):
        out = subprocess.run([self.exim, "-bpc"], capture_output=True, check=False).stdout
        return int(out or b"0")

    def news(self):
        return pathlib.Path(self.log).read_text(errors="replace")
