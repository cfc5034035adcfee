#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""test_maildrop.py NDRSCAN DATA - do bounces go to Junk through maildrop, and is nothing lost?"""
import os
import subprocess
import sys

from wiring import NOBODY, Place, check, holds, need, stamped

need("maildrop")
with Place(*sys.argv[1:]) as p:
    def deliver(snippet, name):
        rc = p.write("home/.mailfilter", f'HOME="{p.home}"\nSHELL="/bin/sh"\n' + p.snippet(snippet), 0o600)
        os.chown(rc, NOBODY, NOBODY)
        return subprocess.run(["maildrop", str(rc)], input=p.mail[name], user=NOBODY,
                              group=NOBODY, extra_groups=[], cwd=p.home, env={"PATH": os.environ["PATH"]},
                              capture_output=True, check=False, timeout=60)

    for snippet in ("maildroprc", "maildroprc-check"):
        p.empty()
        for name in p.mail:
            done = deliver(snippet, name)
            check(done.returncode == 0, f"{snippet}: {name} is delivered {done.stderr.decode()}")
        junk, inbox = p.stored(".Junk"), p.stored()
        check(len(junk) == 1 and holds(junk[0], p.mail["bounce"]),
              f"{snippet}: the bounce is in Junk, whole")
        check(len(inbox) == 2, f"{snippet}: the others are in the inbox")
    p.mail["trap"] = b"From dev@example.org Sun Nov 29 06:00:02 2026\n" + p.trap
    p.empty()
    deliver("maildroprc", "trap")
    junk = p.stored(".Junk")
    check(len(junk) == 1 and stamped(junk[0], p.trap), "From_ lines in a body stay as they are, and hide nothing")
    del p.mail["trap"]
    for harm in (p.spoil, p.make_it_die):
        p.empty()
        harm()
        for snippet in ("maildroprc", "maildroprc-check"):
            p.empty()
            done = deliver(snippet, "bounce")
            inbox = p.stored()
            check(done.returncode == 0 and len(inbox) == 1 and not p.stored(".Junk") and
                  holds(inbox[0], p.mail["bounce"]),
                  f"{snippet}: without an answer the bounce is in the inbox, whole")
        p.mend()
