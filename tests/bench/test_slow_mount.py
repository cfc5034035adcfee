#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""A folder that is shown as if it were far away holds what it holds, later."""
import filecmp
import os
import subprocess
import sys
import tempfile
import time
import unittest

SLOW_MOUNT = sys.argv.pop(1)
DELAY_MS = 5
SKIPPED = 77


class Case(unittest.TestCase):
    def setUp(self):
        held = tempfile.TemporaryDirectory()
        self.addCleanup(held.cleanup)
        self.real, self.far = (os.path.join(held.name, name) for name in ("real", "far"))
        os.makedirs(os.path.join(self.real, "folder"))
        os.mkdir(self.far)
        for number in range(700):  # more than one part of a listing
            with open(os.path.join(self.real, "folder", f"{'n' * 80}{number}"), "wb") as file:
                file.write(b"%d\n" % number)
        with open(os.path.join(self.real, "large"), "wb") as file:
            file.write(os.urandom(1 << 20) + b"end")
        # names are the kernel's until it forgets them, which it does not say of those left at the end
        options = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        server = subprocess.Popen([SLOW_MOUNT, str(DELAY_MS), self.real, self.far], stderr=subprocess.PIPE,
                                  text=True, env=dict(os.environ, ASAN_OPTIONS=options))
        while not os.path.ismount(self.far):
            if server.poll() is not None:
                print("skipped: " + server.stderr.read())
                os._exit(SKIPPED)
            time.sleep(0.01)
        self.addCleanup(server.stderr.close)
        self.addCleanup(lambda: self.assertEqual(server.wait(10), 0))
        self.addCleanup(subprocess.run, ["umount", self.far], check=True)

    def test_same(self):
        names = sorted(os.listdir(os.path.join(self.real, "folder")))
        self.assertEqual(sorted(os.listdir(os.path.join(self.far, "folder"))), names)
        for name in ("large", *(os.path.join("folder", n) for n in names[::50])):
            begin = time.monotonic()
            self.assertTrue(filecmp.cmp(os.path.join(self.real, name),
                                        os.path.join(self.far, name), shallow=False))
            # its name, open, read
            self.assertGreaterEqual(time.monotonic() - begin, 3 * DELAY_MS / 1000)
        with self.assertRaises(FileNotFoundError):
            os.stat(os.path.join(self.far, "none"))
        with self.assertRaises(OSError):
            open(os.path.join(self.far, "new"), "wb")


if __name__ == "__main__":
    unittest.main()
