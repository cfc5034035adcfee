# SPDX-License-Identifier: BSD-3-Clause
"""mail_server.py - a Postfix of our own, on loopback in namespaces of its own."""
import json
import shutil
import smtplib
import subprocess

from wiring import NOBODY, check, until


class MailServer:
    """Its configuration, queue and data lie in the place and are mounted over Debian's."""

    def __init__(self, place, main="", master="smtp inet n - n - - smtpd\n"):
        self.place = place
        self.boxes = place.path / "boxes"
        self.log = place.path / "maillog"
        shutil.copytree("/etc/postfix", place.path / "etc", symlinks=True)
        for name, owner in (("etc", 0), ("queue", 0), ("data", "postfix"), ("boxes", NOBODY)):
            folder = place.path / name
            folder.mkdir(exist_ok=True)
            subprocess.run(["chown", str(owner), str(folder)], check=True)
        usual = f"""compatibility_level = 3.6
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.example.com
mydestination =
mynetworks = 127.0.0.0/8
alias_maps =
smtpd_peername_lookup = no
smtpd_recipient_restrictions = permit
maillog_file = {self.log}
maillog_file_prefixes = {place.path}
virtual_mailbox_domains = example.com, example.net
virtual_mailbox_maps = static:box/
virtual_mailbox_base = {self.boxes}
virtual_uid_maps = static:{NOBODY}
virtual_gid_maps = static:{NOBODY}
minimal_backoff_time = 1s
queue_run_delay = 1s
"""
        given = {line.split(" =", 1)[0] for line in main.splitlines()}
        place.write("etc/main.cf", "".join(line for line in usual.splitlines(True)
                                           if line.split(" =", 1)[0] not in given) + main)
        place.write("etc/master.cf", master + """postlog unix-dgram n - n - 1 postlogd
pickup unix n - n 1 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
showq unix n - n - - showq
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
smtp unix - - n - - smtp
""")
        for name, at in (("etc", "/etc/postfix"), ("queue", "/var/spool/postfix"),
                         ("data", "/var/lib/postfix")):
            subprocess.run(["mount", "--bind", str(place.path / name), at], check=True)

    def __enter__(self):
        done = subprocess.run(["postfix", "start"], capture_output=True, check=False, timeout=60)
        check(done.returncode == 0, f"Postfix starts {self.news()}{done.stderr.decode()}")
        return self

    def __exit__(self, *_):
        subprocess.run(["postfix", "abort"], capture_output=True, check=False, timeout=60)
        for at in ("/etc/postfix", "/var/spool/postfix", "/var/lib/postfix"):
            subprocess.run(["umount", "-l", at], check=False)

    def news(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def rotate(self):
        """Its log has another name then, packed, and there is none until the next line."""
        done = subprocess.run(["postfix", "logrotate"], capture_output=True, check=False, timeout=60)
        check(done.returncode == 0, f"Postfix rotates its log{done.stderr.decode()}")

    def logs(self):
        """Oldest first."""
        return sorted(self.place.path.glob("maillog.*")) + [self.log]

    def send(self, mail, sender="", recipients=("alice@example.com",)):
        """Send it; (0, "") or the code and words it was refused with."""
        mail = mail.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        try:
            with smtplib.SMTP("127.0.0.1", 25, "client.example.org", timeout=30) as s:
                s.sendmail(sender or "<>", recipients, mail)
        except smtplib.SMTPResponseException as e:
            return e.smtp_code, e.smtp_error.decode(errors="replace")
        except (OSError, smtplib.SMTPException) as e:
            check(False, f"Postfix takes mail: {e} {self.news()}")
        return 0, ""

    def sendmail(self, mail, sender, to):
        subprocess.run(["sendmail", "-i", "-f", sender, to], input=mail, check=True)

    def stored(self):
        box = self.boxes / "box" / "new"
        return [p.read_bytes() for p in sorted(box.iterdir())] if box.is_dir() else []

    def take(self, count=1):
        """The messages that have come by now, and no more of them in the box."""
        until(lambda: len(self.stored()) >= count)
        found = self.stored()
        check(len(found) == count, f"{count} delivered" if len(found) == count else self.news())
        for p in (self.boxes / "box" / "new").glob("*"):
            p.unlink()
        return found

    def queued(self, queue=None):
        out = subprocess.run(["postqueue", "-j"], capture_output=True, check=False).stdout
        rows = [json.loads(line) for line in out.splitlines()]
        # what the queue's manager met while it was still being delivered comes in anew, and would
        # wait there for the next mail
        if any(r["queue_name"] == "incoming" for r in rows):
            subprocess.run(["postkick", "public", "qmgr", "I"], capture_output=True, check=False)
        return [r for r in rows if queue is None or r["queue_name"] == queue]

    def flush(self):
        """Try again what waits. A message under way would be passed over, and wait for minutes."""
        until(lambda: all(r["queue_name"] == "deferred" for r in self.queued()))
        subprocess.run(["postqueue", "-f"], check=False)
