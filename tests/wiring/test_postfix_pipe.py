#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""test_postfix_pipe.py NDRSCAN DATA - are bounces stamped by a content filter, and is nothing lost?"""
import json
import os
import pathlib
import signal
import subprocess
import sys

from mail_server import MailServer
from wiring import Place, check, holds, in_namespaces, need, until, stamped

need("postfix", "iproute2")
in_namespaces()
with Place(*sys.argv[1:]) as p:
    server = MailServer(p, p.snippet("main.cf"), p.snippet("master.cf"))
    p.write("etc/sender_null", p.snippet("sender_null"))
    p.write("etc/ndr-filter", p.snippet("ndr-filter"), 0o755)
    with server as m:
        m.send(p.mail["bounce"])
        got = m.take()[0]
        check(b"X-NDR-Flag: YES" in got and holds(got, p.mail["bounce"].split(b"\n", 2)[2]),
              "a bounce in a window is stamped YES, and whole")
        body = p.trap.split(b"\n\n", 1)[1]
        m.send(p.trap)
        check(stamped(m.take()[0], body), "From_ lines in a body stay as they are, and hide nothing")
        m.send(p.mail["bounce"].replace(b"alice@example.com", b"alice@example.net"))
        check(b"X-NDR-Flag: YES" in m.take()[0], "its recipient is the envelope's, whatever its header says")
        # as mail waits in the queue it is no message: postcat makes one of it
        p.spoil()
        m.send(p.mail["bounce"])
        waits = until(lambda: m.queued("deferred"))
        check(waits, "a bounce waits in the queue")
        shown = subprocess.run(["postcat", "-bhq", waits[0]["queue_id"]], capture_output=True, check=True).stdout
        # before the filter works again, or it may come back and be taken for other mail
        subprocess.run(["postsuper", "-d", "ALL"], capture_output=True, check=False)
        p.mend()
        seen = subprocess.run([str(p.ndrscan), "scan", "-q", "-"],
                              input=shown, capture_output=True, check=True)
        record = json.loads(seen.stdout)
        check((record["verdict"], record["domain"]) == ("junk", "example.com"),
              "postcat -bhq ID | ndrscan scan - tells what waits")
        m.send(p.mail["letter"], "bob@example.org")
        check(b"X-NDR" not in m.take()[0], "other mail does not pay for it")

        p.spoil()
        m.send(p.mail["bounce"])
        check(until(lambda: m.queued("deferred")), "with bad windows the bounce is deferred")
        p.mend()
        p.make_it_die()
        m.flush()
        check(until(lambda: "killed" in m.news() or "signal" in m.news() or
                    m.news().count("status=deferred") >= 2) and len(m.queued()) == 1,
              "it stays when the filter is killed")
        p.ndrscan.unlink()
        (p.path / "healthy").rename(p.ndrscan)
        m.flush()
        got = m.take()[0]
        check(b"X-NDR-Flag: YES" in got and until(lambda: not m.queued()),
              "and is delivered, stamped, when the filter is well again")

    # whatever the shell itself trips over is 75
    broken = p.write("broken", p.snippet("ndr-filter").replace("mktemp /tmp/", "echo /nonexistent/"), 0o755)
    for args in ((), ("",), ("", "alice@example.com")):
        done = subprocess.run([str(broken), *args], input=p.mail["bounce"], capture_output=True, check=False)
        check(done.returncode == 75, f"the snippet without a file, {len(args)} arguments: {done.returncode}")

    # the snippet itself is killed, with its filter, in the middle of a message
    tmp = p.path / "tmp"
    tmp.mkdir(mode=0o777)
    script = p.write("killed", p.snippet("ndr-filter").replace("/tmp/ndr-filter.", f"{tmp}/ndr-filter."), 0o755)
    reached = p.path / "reached"
    p.ndrscan.rename(p.path / "healthy")
    p.write("ndrscan", f"#!/bin/sh\nhead -c 300\n: >{reached}\nsleep 60\n", 0o755)
    child = subprocess.Popen([str(script), "", "alice@example.com"], stdin=subprocess.PIPE,
                             start_new_session=True)
    child.stdin.write(p.mail["bounce"])
    child.stdin.close()
    check(until(reached.exists), "the filter has put out a part")
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    left = [str(f) for f in pathlib.Path(tmp).iterdir()]
    check(not left, f"killed itself, it leaves no file behind {left}")
