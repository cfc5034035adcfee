#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""made.py DIFF_GMIME NDRGEN - hold both readers against each other on made mail."""
import subprocess
import sys
import tempfile

HEAPS = [
    ["--seed", "11", "--messages", "2000", "--lookalikes", "20", "--sizes", "mixed"],
    ["--seed", "12", "--messages", "1000", "--bounces", "90", "--sizes", "storm", "--crlf"],
]


def main():
    diff, ndrgen = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="ndr-gmime-") as folder:
        for i, options in enumerate(HEAPS):
            subprocess.run([ndrgen, *options, "--format", "files", "--output",
                            f"{folder}/{i}"], check=True, stdout=subprocess.DEVNULL)
        return subprocess.run([diff, folder], check=False).returncode


sys.exit(main())
