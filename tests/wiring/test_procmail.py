#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""test_procmail.py NDRSCAN DATA - do bounces go to Junk through procmail, and is nothing lost?"""
import subprocess
import sys

from wiring import NOBODY, SNIPPETS, Place, check, holds, need, stamped, until

need("procmail")
with Place(*sys.argv[1:]) as p:
    rc = p.write("procmailrc", p.snippet("procmailrc"))

    def deliver(name):
        return subprocess.run(["procmail", f"HOME={p.home}", str(rc)], input=p.mail[name],
                              user=NOBODY, group=NOBODY, extra_groups=[], cwd=p.home,
                              capture_output=True, check=False, timeout=60)

    for name in p.mail:
        done = deliver(name)
        check(done.returncode == 0, f"{name} is delivered {done.stderr.decode()}")
    junk, inbox = p.stored(".Junk"), p.stored()
    check(len(junk) == 1 and holds(junk[0], p.mail["bounce"]), "the bounce is in Junk, whole")
    check(junk[0].startswith(b"X-NDR-Flag: YES\n"), "its stamp is on top")
    check(len(inbox) == 2 and all(m.startswith(b"X-NDR-Flag: NO\n") for m in inbox),
          "the others are in the inbox, stamped")
    for top in (b"", b"From dev@example.org Sun Nov 29 06:00:02 2026\n"):
        p.empty()
        p.mail["trap"] = top + p.trap
        done = deliver("trap")
        junk = p.stored(".Junk")
        check(done.returncode == 0 and len(junk) == 1 and not p.stored() and stamped(junk[0], p.trap),
              "a bounce with From_ lines in its body is in Junk, every line of it as it was")
    p.empty()
    p.spoil()
    done = deliver("bounce")
    check(done.returncode == 75 and not p.stored() and not p.stored(".Junk"),
          "a filter that answers 75 makes procmail answer 75: the mail stays in the queue")
    p.mend()
    p.make_it_die()
    done = deliver("bounce")
    check(done.returncode == 75 and not p.stored() and not p.stored(".Junk"),
          "so does one that is killed")
    # two at once: no second waits for the first, as one for a lock would, eight seconds at a time
    p.ndrscan.unlink()
    (p.path / "healthy").rename(p.ndrscan)
    slow = p.write("slow", f"""#!/bin/sh
mkdir {p.home}/first 2>/dev/null && until [ -e {p.home}/go ]; do sleep 0.1; done
exec {p.ndrscan} filter
""", 0o755)
    rc = p.write("procmailrc", (SNIPPETS / "procmailrc").read_text().replace("/usr/bin/ndrscan-client filter", str(slow)))
    with subprocess.Popen(["procmail", f"HOME={p.home}", str(rc)], stdin=subprocess.PIPE, user=NOBODY, group=NOBODY,
                          extra_groups=[], cwd=p.home) as first:
        first.stdin.write(p.mail["bounce"])
        first.stdin.close()
        check(until((p.home / "first").exists), "a delivery is under way")
        done = deliver("bounce")
        check(done.returncode == 0 and len(p.stored(".Junk")) == 1, "another is done meanwhile")
        (p.home / "go").touch()
    check(first.returncode == 0 and len(p.stored(".Junk")) == 2, "and the first after it")
