#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""test_postfix_pipe.py NDRSCAN DATA - are bounces stamped by a content filter, and is nothing lost?"""
import json
import pathlib
import signal
import subprocess
import sys

from mail_server import MailServer
from wiring import Place, check, holds, in_namespaces, need, until, stamped

need("postfix", "iproute2")
in_namespaces()
# where ndrscan-client looks for a server: this host's, if there is one, is of no concern
subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)
LIMIT = 200000


def running(name):
    """Is a program of that name running here?"""
    for comm in pathlib.Path("/proc").glob("[0-9]*/comm"):
        try:
            if comm.read_text() == name + "\n":
                return True
        except OSError:  # it has ended
            pass
    return False


def nothing_runs():
    return not running("program") and not running("ndrscan-client") and not running("ndrscan")


with Place(*sys.argv[1:]) as p:
    server = MailServer(p, p.snippet("main.cf") + f"message_size_limit = {LIMIT}\n", p.snippet("master.cf"))
    p.write("etc/sender_null", p.snippet("sender_null"))
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
        # the fields make it longer, and what Postfix took it must not refuse on the way back
        lines = (b"x" * 900 + b"\n") * (LIMIT // 901)
        taken = sum(m.send(p.mail["bounce"] + lines[:LIMIT - less] + b"\n")[0] == 0 for less in range(2500, 4600, 150))
        check(0 < taken < 14 and all(b"X-NDR-Flag: YES" in got for got in m.take(taken)),
              f"{taken} just short enough for Postfix come back")
        # as mail waits in the queue it is no message: postcat makes one of it
        p.spoil()
        m.send(p.mail["bounce"])
        waits = until(lambda: m.queued("deferred"))
        check(waits, "a bounce waits in the queue" if waits else m.news())
        shown = subprocess.run(["postcat", "-bhq", waits[0]["queue_id"]], capture_output=True, check=True).stdout
        # before the filter works again, or it may come back and be taken for other mail
        subprocess.run(["postsuper", "-d", "ALL"], capture_output=True, check=False)
        until(nothing_runs)
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
        # the queue is run each second: no filter under way may find the windows well
        p.make_it_die()
        until(nothing_runs)
        p.mend()
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

        # with a server: who could be started in its place would not answer
        place = pathlib.Path("/run/ndrscan")
        place.mkdir()

        def serve():
            serving = subprocess.Popen([str(p.ndrscan), "filter", "--serve", f"{place}/filter.sock", "--socket-mode=666"],
                                       stderr=subprocess.DEVNULL)
            check(until((place / "filter.sock").exists), "a server answers")
            return serving

        serving = serve()
        p.make_it_die()
        m.send(p.mail["bounce"])
        check(b"X-NDR-Flag: YES" in m.take()[0], "a server judges what the filter would")

        def stopped():
            return all(t.read_text().rpartition(")")[2].split()[0] == "T"
                       for t in pathlib.Path(f"/proc/{serving.pid}/task").glob("*/stat"))

        until(lambda: not m.queued())
        serving.send_signal(signal.SIGSTOP)
        check(until(stopped), "each thread of the server stands still")
        m.send(p.mail["bounce"])
        check(until(lambda: running("ndrscan-client")), "a question waits for its answer")
        deferred = m.news().count("status=deferred")
        serving.kill()
        serving.wait()
        good = until(lambda: m.news().count("status=deferred") > deferred) and not m.stored()
        check(good, "the server is killed in the middle of it: the bounce is deferred" if good else m.news())
        (place / "filter.sock").unlink()
        p.ndrscan.unlink()
        (p.path / "healthy").rename(p.ndrscan)
        serving = serve()
        m.flush()
        check(b"X-NDR-Flag: YES" in m.take()[0] and until(lambda: not m.queued()),
              "and delivered once, stamped, when there is another")
        serving.terminate()
        serving.wait()
