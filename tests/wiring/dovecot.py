# SPDX-License-Identifier: BSD-3-Clause
"""dovecot.py - how are the same settings said to the Dovecot that is here? 2.4 has other names for most of them."""
import re
import subprocess

from wiring import NOBODY


def is_new():
    """Is it 2.4 or later?"""
    told = subprocess.run(["dovecot", "--version"], capture_output=True, text=True, check=True).stdout
    return tuple(int(n) for n in re.match(r"(\d+)\.(\d+)", told).groups()) >= (2, 4)


def settings(place, log):
    """What each server of ours begins with: alice's Maildir, and nothing outside of its place."""
    run = place.path / "run"
    head, mail = "", f"mail_location = maildir:{place.home}/Maildir\n"
    if is_new():
        head = "dovecot_config_version = 2.4.0\ndovecot_storage_version = 2.4.0\n"
        mail = f"mail_driver = maildir\nmail_path = {place.home}/Maildir\n"
    return head + f"""base_dir = {run}
state_dir = {run}
log_path = {log}
postmaster_address = postmaster@example.com
first_valid_uid = 1
ssl = no
namespace inbox {{
  inbox = yes
}}
""" + mail


def sieve_in(protocol):
    """Let that protocol's deliveries go through Sieve."""
    plugins = "mail_plugins {\n    sieve = yes\n  }" if is_new() else "mail_plugins = sieve"
    return f"protocol {protocol} {{\n  {plugins}\n}}\n"


def one_password(place, password):
    """All users are one, who owns the Maildir, and say this password without TLS."""
    if is_new():
        return f"""auth_allow_cleartext = yes
passdb static {{
  password = {password}
}}
userdb static {{
  fields {{
    uid = {NOBODY}
    gid = {NOBODY}
    home = {place.home}
  }}
}}
"""
    return f"""disable_plaintext_auth = no
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={NOBODY} gid={NOBODY} home={place.home}
}}
"""


def snippet():
    """The name of the settings that the manual shows for it."""
    return "dovecot-2.4.conf" if is_new() else "dovecot.conf"
