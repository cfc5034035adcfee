#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""test_slurm.py NDRSCAN NDRGEN CLUSTER - does a scan on a real Slurm come to the same end?

CLUSTER is tools/cluster: its scripts are run as they are. A worker is killed, a task is requeued, a
node is lost with all on it; the merge that waits behind the array has the bytes of one run. So it has where
all workers count weak proofs before any judges.
"""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import captured
import one_host_slurm
from mailbox import WINDOWS, Scan, done, make, ok

# in place of ndrscan: waits where the test says so, so that it can be met at work
HOLD = """#!/bin/sh
while [ -e {root}/hold ] && [ "$1" = scan ]; do sleep 0.1; done
exec {program} "$@"
"""


def until(condition, seconds=120):
    """The condition's answer, once it is one."""
    for _ in range(seconds * 10):
        answer = condition()
        if answer:
            return answer
        time.sleep(0.1)
    return None


def submit(slurm, s, cluster, out, tasks=4):
    told = subprocess.run([cluster / "slurm-scan", "plan", out, out + ".jsonl", str(tasks)], cwd=s.root,
                          env=slurm.env, capture_output=True, text=True, check=False)
    words = told.stdout.replace(",", " ").replace(";", " ").split()
    ok(told.returncode == 0 and words[:1] == ["array"], "slurm-scan submits an array and a merge", told.stderr)
    return words[1], words[3]


def outcome(slurm, s, out, one, array, merge, sentence):
    ended = slurm.wait(array, merge)
    merged = s.root / (out + ".jsonl")
    logs = "".join(p.read_text(errors="replace") for p in sorted(s.root.glob("ndrscan-*.log")))
    ok(ended and merged.exists() and merged.read_bytes() == one, sentence,
       slurm.left(array, merge) + "\n" + logs)


def restarts(slurm, array):
    text = slurm.call("scontrol", "show", "job", array, check=False)
    return sum(int(w.split("=")[1]) for w in text.split() if w.startswith("Restarts="))


def counted_first(slurm, program, root, cluster):
    """An array that counts, behind it the one that judges, behind that the merge, of one command."""
    s = Scan(program, root)
    root.mkdir()
    own = dict(XDG_CONFIG_HOME=str(root / "config"), XDG_STATE_HOME=str(root / "state"))
    s.env.update(own)
    slurm.env.update(own)
    captured.make(s)
    (root / "config" / "ndrscan").mkdir(parents=True)
    (root / "id.yaml").rename(root / "config" / "ndrscan" / "identity.yaml")
    (root / "state" / "ndrscan").mkdir(parents=True)
    (root / "sent").rename(root / "state" / "ndrscan" / "sent")
    one = s.scan("--count-first", "--windows", "w.yaml", "-r", "mail").stdout
    s.scan("--plan", "plan", "--count-first", "--piece-size", "1M", "--windows", "w.yaml", "-r", "mail")
    array, merge = submit(slurm, s, cluster, "counted")
    outcome(slurm, s, "counted", one, array, merge, "of a plan that is counted first all count, then judge: the bytes of one run")
    ok(b'"replay"' in one and b'"ours"' in one, "which believes some mail and not all")


def main():
    why = one_host_slurm.missing()
    if why is not None:
        print(f"1..0 # SKIP {why}")
        return
    program, ndrgen, cluster = (pathlib.Path(p).resolve() for p in sys.argv[1:4])
    folder = pathlib.Path(tempfile.mkdtemp(prefix="ndrscan-slurm-"))
    folder.chmod(0o755)
    slurm = None
    try:
        s = Scan(program, folder / "work")
        s.root.mkdir()
        slurm = one_host_slurm.Slurm(folder / "slurm")
        (folder / "bin").mkdir()
        (folder / "bin" / "ndrscan").write_text(HOLD.format(root=folder, program=program))
        (folder / "bin" / "ndrscan").chmod(0o755)
        slurm.env["PATH"] = f"{folder}/bin:{slurm.env['PATH']}"
        if not slurm.up():
            logs = "".join(p.read_text(errors="replace")[-2000:] for p in (folder / "slurm" / "log").glob("*"))
            print("1..0 # SKIP no Slurm came up here\n# " + logs.replace("\n", "\n# "))
            return
        make(program, ndrgen, s.root / "mail", small=4, messages=30, large=200, frames=120, maildir=60)
        (s.root / "w.yaml").write_text(WINDOWS)
        one = s.scan("--windows", "w.yaml", "-r", "mail").stdout
        s.scan("--plan", "plan", "--piece-size", "1M", "--windows", "w.yaml", "-r", "mail")
        (s.root / "w.yaml").unlink() # workers have their copies

        array, merge = submit(slurm, s, cluster, "plain")
        outcome(slurm, s, "plain", one, array, merge, "an array of workers and the merge behind it: the bytes of one run")

        hold = folder / "hold"
        hold.touch()
        array, merge = submit(slurm, s, cluster, "killed")
        victim = until(lambda: next((p for i in (1, 2) for p in slurm.of_node(i)
                                     if b"bin/ndrscan" in pathlib.Path(f"/proc/{p}/cmdline").read_bytes()), None))
        ok(victim, "a worker is met at work")
        os.kill(victim, signal.SIGKILL)
        task = until(lambda: next((w.split()[0] for w in slurm.left(array).splitlines() if " RUNNING" in w), None))
        slurm.call("scontrol", "requeue", task or array, check=False)
        hold.unlink()
        outcome(slurm, s, "killed", one, array, merge, "a worker that was killed and a task that was requeued begin again")
        ok(restarts(slurm, array) >= 1, "Slurm began them again", slurm.call("scontrol", "show", "job", array, check=False))

        hold.touch()
        array, merge = submit(slurm, s, cluster, "lost")
        until(lambda: len([w for w in slurm.left(array).splitlines() if " RUNNING" in w]) == 2)
        until(lambda: slurm.of_node(1))
        slurm.lose_node(1)
        hold.unlink()
        down = until(lambda: subprocess.run(["sinfo", "-h", "-n", "n1", "-t", "down", "-o", "%N"], env=slurm.env, text=True,
                                            capture_output=True, check=False).stdout.strip())
        ok(down == "n1", "a node that is lost with all on it is down", slurm.call("sinfo", check=False))
        slurm.start_node(1)
        outcome(slurm, s, "lost", one, array, merge, "its tasks run again elsewhere")
        ok(restarts(slurm, array) >= 1, "Slurm queued them again", slurm.call("scontrol", "show", "job", array, check=False))

        counted_first(slurm, program, folder / "proofs", cluster)

        gone = next((s.root / "lost").glob("??/*.jsonl"))
        gone.unlink()
        (s.root / "lost.jsonl").unlink()
        job = slurm.call("sbatch", "--parsable", f"--chdir={s.root}", str(cluster / "merge.sbatch"), "lost", "lost.jsonl")
        slurm.wait(job)
        log = (s.root / f"ndrscan-merge-{job}.log").read_text()
        ok("has no result" in log and not (s.root / "lost.jsonl").exists(), "a missing piece is refused by name", log)
    finally:
        if slurm is not None:
            slurm.down()
        shutil.rmtree(folder, ignore_errors=True)
    done()


if __name__ == "__main__":
    main()
