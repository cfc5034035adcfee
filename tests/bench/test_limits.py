#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The limit programs read every byte, whatever the threads and pieces."""
import os
import re
import subprocess
import sys
import tempfile
import unittest

NDRGEN, READ, MAILDIR, ZSTD, FRAMES = (sys.argv.pop(1) for _ in range(5))


def field(output, name):
    return int(re.search(rf"\b{name}=(\d+)", output)[1])


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def heap(self, form):
        path = os.path.join(self.folder.name, form)
        subprocess.run([NDRGEN, "--messages", "300", "--sizes", "storm", "--format", form,
                        "--output", path], check=True)
        return path

    def run_limit(self, *command):
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def test_read(self):
        path = self.heap("mbox")
        for threads in ("1", "3"):
            for piece in ("4096", "262144", "1048576"):
                out = self.run_limit(READ, "-j", threads, "-b", piece, path, path)
                self.assertEqual(field(out, "bytes"), 2 * os.path.getsize(path))

    def test_maildir(self):
        path = self.heap("maildir")
        size = sum(os.path.getsize(os.path.join(path, d, n))
                   for d in ("cur", "new") for n in os.listdir(os.path.join(path, d)))
        for threads in ("1", "3"):
            out = self.run_limit(MAILDIR, "-j", threads, path)
            self.assertEqual((field(out, "files"), field(out, "bytes")), (300, size))

    def test_zstd(self):
        size = os.path.getsize(self.heap("mbox"))
        for form in ("mbox.zst", "mbox.zst-multi"):
            path = self.heap(form)
            self.assertEqual(field(self.run_limit(ZSTD, path), "bytes"), size)
            for threads in ("1", "3"):
                out = self.run_limit(FRAMES, "-j", threads, path)
                self.assertEqual(field(out, "bytes"), size)
            with open(path, "r+b") as file:
                file.truncate(os.path.getsize(path) - 9)
            done = subprocess.run([ZSTD, path], capture_output=True, text=True)
            self.assertEqual(done.returncode, 2)
            self.assertIn("ends within a frame", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=1)
