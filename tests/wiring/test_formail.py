#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""test_formail.py NDRSCAN DATA - does an mbox go through formail and the filter, message by message?"""
import subprocess
import sys

from wiring import Place, check, need, until

need("procmail")
with Place(*sys.argv[1:]) as p:
    box = (p.data / "mixed.mbox").read_bytes()
    command = [str(p.ndrscan), "filter"]

    def through(*before):
        return subprocess.run([*before, *command], input=box, capture_output=True, check=False,
                              timeout=60)

    one = through("formail", "-s")
    command += ["--format", "mbox"]
    all_ = through()
    command = command[:-2]
    check(one.returncode == 0 and all_.returncode == 0, "both end well")
    check(one.stdout.count(b"\nX-NDR-Flag: ") == 4 and one.stdout.count(b"\nFrom ") == 3,
          "four messages, each with its stamp")
    check(one.stdout == all_.stdout, "the same as of the mbox at once with --format mbox")

    client, socket = p.path / "ndrscan-client", p.path / "sock"
    with open(p.path / "log", "wb") as log, subprocess.Popen(
            [*command, "--serve", str(socket)], stderr=log) as server:
        check(until(socket.exists), "the server answers")
        command = [str(client), "--socket", str(socket), "filter"]
        its = through("formail", "-s")
        server.terminate()
    check(its.returncode == 0 and its.stdout == one.stdout, "the same by the server's client")
