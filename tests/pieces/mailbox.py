# SPDX-License-Identifier: BSD-3-Clause
"""mailbox.py - mail for scans that are shared out, and how they are run.

Sources of every kind: many mboxes, a large one, one of many frames, a Maildir, a folder of
message files, a packed mbox; made by ndrgen, so that they are the same each time.
"""
import gzip
import hashlib
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from tap import ended, ok # pylint: disable=wrong-import-position

WINDOWS = """windows:
  - domain: d2.example.com
    from: 2008-05-01T00:00:00Z
    note: "a storm, and \\\\ more"
  - domain: d3.example.org
    from: 2008-05-01T00:00:00Z
"""


def done():
    sys.exit(ended())


def make(ndrscan, ndrgen, folder, small=6, messages=60, large=400, frames=300, maildir=120):
    """A folder of mail."""
    folder.mkdir()

    def gen(seed, count, name, kind="mbox"):
        subprocess.run([ndrgen, "--seed", str(seed), "--messages", str(count), "--format", kind,
                        "--bounces", "40", "--output", folder / name], check=True)

    for i in range(small):
        gen(i, messages, f"m{i:02}.mbox")
    gen(100, large, "large.mbox")
    gen(101, frames, "plain.mbox")
    subprocess.run([ndrscan, "pack", "-q", "--frame-size", "200k", "-o", folder / "frames.mbox.zst",
                    folder / "plain.mbox"], check=True)
    (folder / "plain.mbox").unlink()
    gen(104, messages, "untold.mbox.zst", "mbox.zst-multi") # without a seek table
    gen(102, maildir, "Maildir", "maildir")
    gen(103, messages, "files", "files")
    (folder / "packed.mbox.gz").write_bytes(gzip.compress((folder / "m00.mbox").read_bytes()))
    (folder / "empty.mbox").write_bytes(b"")
    odd = os.fsencode(folder) + b"/odd \xff\nname"
    with open(odd, "wb") as f:
        f.write((folder / "m01.mbox").read_bytes())
    return folder


class Scan:
    """Runs of one program over one folder of mail."""

    def __init__(self, program, root):
        self.program, self.root = pathlib.Path(program).resolve(), root
        self.env = dict(os.environ, LC_ALL="C.UTF-8", TZ="UTC")
        for name in list(self.env):
            if name.startswith("SLURM_") or name == "JOB_COMPLETION_INDEX":
                del self.env[name]

    def run(self, *words, **env):
        return subprocess.run([self.program, *words], cwd=self.root, env=dict(self.env, **env),
                              stdin=subprocess.DEVNULL, capture_output=True, check=False)

    def scan(self, *words, **env):
        return self.run("scan", "-q", *words, **env)

    def merge(self, *words):
        return self.run("merge", "-q", *words)


def sum_of(data):
    return hashlib.sha256(data).hexdigest()[:16]
