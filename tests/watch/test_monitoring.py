#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""test_monitoring.py NDRSCAN DATA MONITORING - does Prometheus take what the watcher says, and do alerts and plots ask for it?

promtool (Debian's prometheus) checks metrics and alert rules; without it that is skipped. Says TAP.
"""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from tap import ended, ok # pylint: disable=wrong-import-position

PROGRAM, DATA, FOLDER = (pathlib.Path(p).resolve() for p in sys.argv[1:4])
PROMTOOL = shutil.which("promtool")
# what the console tells, beside the watcher
CONSOLE = {"ndrscan_bounces_24h", "ndrscan_domains", "ndrscan_known_seconds"}


def promtool(sentence, *words, **more):
    if PROMTOOL is None:
        ok(True, f"{sentence} # SKIP promtool is not installed")
        return
    done = subprocess.run([PROMTOOL, *words], capture_output=True, text=True, check=False, **more)
    ok(done.returncode == 0, sentence, done.stdout + done.stderr)


with tempfile.TemporaryDirectory() as temp:
    folder = pathlib.Path(temp)
    for half in ("tmp", "new", "cur"):
        (folder / "box" / half).mkdir(parents=True)
    metrics = folder / "ndrscan.prom"
    env = dict(os.environ, HOME=temp, XDG_CONFIG_HOME=f"{temp}/config", XDG_STATE_HOME=f"{temp}/state")
    with subprocess.Popen([PROGRAM, "watch", "--no-shipped-rules", "--rules", DATA / "rules.yaml", "--stats", folder / "stats.db", "--events",
                           folder / "events", "--metrics", metrics, folder / "box"], env=env, stderr=subprocess.DEVNULL,
                          umask=0o077) as watch: # as its unit has it
        end = time.monotonic() + 60
        while not metrics.exists() and time.monotonic() < end:
            time.sleep(0.02)
        watch.send_signal(signal.SIGTERM)
        ok(watch.wait(timeout=60) == 0 and metrics.exists(), "the watcher writes metrics")
    ok(metrics.stat().st_mode & 0o777 == 0o644, "which the collector can read, whatever the watcher's umask", oct(metrics.stat().st_mode))
    text = metrics.read_text()
    told = set(re.findall(r"^(ndrscan_\w+)", text, re.M))
    ok(len(told) == 11 and len(re.findall(r"^# TYPE ", text, re.M)) == 11, "each with what it is", text)
    promtool("promtool takes them", "check", "metrics", input=text)
rules, dashboard = (FOLDER / name for name in ("ndrscan.rules.yml", "ndrscan.grafana.json"))
promtool("and the alert rules", "check", "rules", rules)
promtool("which alert when they should, and only then", "test", "rules", FOLDER / "ndrscan.test.yml", cwd=FOLDER)
asked = set(re.findall(r"\bndrscan_\w+", "\n".join(line for line in rules.read_text().splitlines() if "expr:" in line)))
ok(asked and asked <= told, "they ask for what is told", asked - told)
panels = json.loads(dashboard.read_text())["panels"]
plotted = set(re.findall(r"\bndrscan_\w+", json.dumps([t["expr"] for p in panels for t in p["targets"]])))
ok(plotted <= told | CONSOLE, "so do the plots of Grafana", plotted - told - CONSOLE)
cells = [(x, y) for p in panels for x in range(p["gridPos"]["x"], p["gridPos"]["x"] + p["gridPos"]["w"])
         for y in range(p["gridPos"]["y"], p["gridPos"]["y"] + p["gridPos"]["h"])]
ok(len(cells) == len(set(cells)) and max(x for x, _ in cells) == 23 and len({p["id"] for p in panels}) == len(panels), "none of which covers another")
sys.exit(ended())
