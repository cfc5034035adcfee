#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""test_units.py FOLDER NDRSCAN DATA - does systemd take the units that are shipped, and ndrscan their options?

Says TAP; what needs systemd is skipped where there is none.
"""
import pathlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from tap import ended, ok # pylint: disable=wrong-import-position

FOLDER, PROGRAM, DATA = (pathlib.Path(p).resolve() for p in sys.argv[1:4])


def allowed(unit):
    """The system calls that the unit's filter lets pass."""
    lets = set()
    for line in re.findall(r"^SystemCallFilter=(.*)$", unit.read_text(), re.M):
        if line.startswith("~"):
            lets -= members(line[1:].split())
        else:
            lets |= members(line.split())
    return lets


def members(names):
    """The system calls of sets and single names."""
    calls, sets = set(), set(names)
    while sets:
        name = sets.pop()
        if not name.startswith("@"):
            calls.add(name)
            continue
        told = subprocess.run(["systemd-analyze", "syscall-filter", name], capture_output=True, text=True, check=True).stdout
        sets.update(line.strip() for line in told.splitlines()[1:] if line.strip() and not line.strip().startswith("#"))
    return calls


def made(folder):
    """The system calls of a watcher, and of those it runs, that moves a message and settles."""
    env = dict(os.environ, HOME=folder, XDG_CONFIG_HOME=f"{folder}/config", XDG_STATE_HOME=f"{folder}/state")
    box = pathlib.Path(folder) / "box"
    for half in ("new", "cur", "tmp"):
        (box / half).mkdir(parents=True)
    subprocess.run([PROGRAM, "block", "example.com", "--from", "2008-05-13T00:00:00Z"], env=env, check=True, stdout=subprocess.DEVNULL)
    trace = pathlib.Path(folder) / "trace"
    with subprocess.Popen(["strace", "-f", "-qq", "-o", trace, PROGRAM, "watch", "--no-shipped-rules", "--rules",
                           DATA / "rules.yaml", "--stats", f"{folder}/stats.db", box], env=env, stderr=subprocess.DEVNULL) as watch:
        shutil.copy(DATA / "bounce.eml", box / "tmp" / "1.M1.mx")
        os.rename(box / "tmp" / "1.M1.mx", box / "new" / "1.M1.mx")
        end = time.monotonic() + 60
        while time.monotonic() < end and not (box / ".Junk" / "new" / "1.M1.mx").exists():
            time.sleep(0.05)
        os.kill(int(trace.read_text().split()[0]), signal.SIGTERM)
        watch.wait(timeout=60)
    return set(re.findall(r"^\d+ +(?:<\.\.\. )?(\w+)[( ]", trace.read_text(), re.M)), (box / ".Junk" / "new" / "1.M1.mx").exists()


with tempfile.TemporaryDirectory() as temp:
    units = []
    for unit in sorted([*FOLDER.glob("*.service.in"), *FOLDER.glob("*.timer")]):
        text = unit.read_text().replace("@bindir@/ndrscan", str(PROGRAM))
        units.append(pathlib.Path(temp) / unit.name.removesuffix(".in"))
        units[-1].write_text(text)
        for line in re.findall(r"^ExecStart=\S+ (.*)$", text, re.M):
            words = line.split()
            verb = words[:2] if words[0] == "windows" else words[:1]
            told = subprocess.run([PROGRAM, *verb, "--help"], capture_output=True, text=True, check=True).stdout
            unknown = [w for w in words if w.startswith("--") and w.split("=")[0] not in told]
            ok(not unknown, f"{unit.name}: {' '.join(verb)} knows its options", unknown)
    if shutil.which("systemd-analyze"):
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True,
                              check=False)
        wrong = [line for line in done.stderr.splitlines() if temp in line or "ndrscan" in line]
        ok(not wrong, "systemd takes them", done.stderr)
        for unit in [u for u in units if u.suffix == ".service"]:
            done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=25", unit],
                                  capture_output=True, text=True, check=False)
            ok(done.returncode == 0, f"{unit.name}: is exposed to 2.5 of 10 at most", done.stdout[-3000:])
    else:
        ok(True, "systemd takes them # SKIP systemd-analyze is not installed")
    sanitized = b"__asan_init" in PROGRAM.read_bytes() or b"__tsan_init" in PROGRAM.read_bytes()
    if shutil.which("systemd-analyze") and shutil.which("strace") and not sanitized:
        calls, junked = made(temp)
        ok(junked, "a watcher at work is traced")
        units = [u for u in units if u.name in ("ndrscan-watch.service", "ndrscan-settle.service", "ndrscan-console.service")]
        for unit in units:
            beyond = calls - allowed(unit)
            ok(not beyond, f"{unit.name}: its filter lets every system call pass that is made", sorted(beyond))
    else:
        ok(True, "its filter lets every system call pass that is made # SKIP needs systemd-analyze, strace and a plain build")
sys.exit(ended())
