#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""test_sieve.py NDRSCAN DATA - do bounces go to Junk through Dovecot's Sieve, and is nothing lost?"""
import os
import shutil
import subprocess
import sys

import dovecot
from wiring import NOBODY, Place, check, holds, need, stamped

need("dovecot-core", "dovecot-sieve")
with Place(*sys.argv[1:]) as p:
    bins = p.path / "sieve-filter"
    bins.mkdir()
    p.write("sieve-filter/ndrscan-filter", p.snippet("ndrscan-filter"), 0o755)
    p.write("ndr.sieve", p.snippet("ndr.sieve"))
    more = {"/etc/dovecot/ndr.sieve": str(p.path / "ndr.sieve"),
            "/etc/dovecot/sieve-filter": str(bins)}
    run = p.path / "run"
    run.mkdir()
    os.chown(run, NOBODY, NOBODY)
    conf = p.write("dovecot.conf", dovecot.settings(p, p.home / "log") + dovecot.sieve_in("lda") +
                   p.snippet(dovecot.snippet(), **more))

    compiled = subprocess.run(["sievec", "-c", str(conf), str(p.path / "ndr.sieve")],
                              capture_output=True, check=False, timeout=60)
    check(compiled.returncode == 0, f"the script compiles {compiled.stderr.decode()}")

    def deliver(name, sender=""):
        shutil.rmtree(p.home / "Maildir", ignore_errors=True)
        return subprocess.run(
            ["/usr/lib/dovecot/dovecot-lda", "-c", str(conf), "-f", sender, "-a", "alice@example.com"],
            input=p.mail[name], user=NOBODY, group=NOBODY, extra_groups=[], cwd=p.home,
            env={"HOME": str(p.home), "USER": "alice", "PATH": os.environ["PATH"]},
            capture_output=True, check=False, timeout=60)

    def log():
        path = p.home / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    done = deliver("bounce")
    check(done.returncode == 0, f"the bounce is taken {log()}{done.stderr.decode()}")
    junk = p.stored(".Junk")
    check(len(junk) == 1 and not p.stored() and holds(junk[0], p.mail["bounce"]),
          f"the bounce is in Junk, whole {log()}")
    check(b"X-NDR-Flag: YES" in junk[0], "it is stamped")
    p.mail["trap"] = p.trap
    deliver("trap")
    junk = p.stored(".Junk")
    check(len(junk) == 1 and stamped(junk[0], p.trap), "From_ lines in a body stay as they are, and hide nothing")
    deliver("delayed")
    inbox = p.stored()
    check(len(inbox) == 1 and b"X-NDR-Flag: NO" in inbox[0], "a kept bounce is in the inbox")
    deliver("letter", "bob@example.org")
    inbox = p.stored()
    check(len(inbox) == 1 and b"X-NDR-Flag" not in inbox[0] and holds(inbox[0], p.mail["letter"]),
          "other mail is not even filtered")
    for harm in (p.spoil, p.make_it_die):
        harm()
        done = deliver("bounce")
        inbox = p.stored()
        check(done.returncode in (0, 75), "without an answer the bounce is taken or deferred")
        check(done.returncode == 75 and not inbox or
              len(inbox) == 1 and holds(inbox[0], p.mail["bounce"]) and b"X-NDR" not in inbox[0],
              "and is stored whole and unchanged, if at all")
        p.mend()
