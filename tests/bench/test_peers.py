#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""bench/peers counts by label, and its drivers outlive what hangs."""
import os
import subprocess
import sys
import tempfile
import unittest

PEERS, NDRGEN, NDRSCAN = (os.path.abspath(sys.argv.pop(1)) for _ in range(3))
DRIVERS = os.path.join(os.path.dirname(PEERS), "peers.d")

PERL = r"""
use lib $ENV{DRIVERS};
use Driver;
Driver::run(sub {
    my $text = $_[0];
    die "broken\n" if $text =~ /broken/;
    $text =~ /^(a+)+$/ if $text =~ /hang/;    # in one operation: no way out but a signal
    1 while $text =~ /hang/;
    return $text =~ /bounce/;
});
"""
PYTHON = """
import os, sys
sys.path.insert(0, os.environ["DRIVERS"])
sys.dont_write_bytecode = True
import driver
def is_bounce(content):
    if b"broken" in content:
        raise ValueError
    try:
        while b"hang" in content:
            pass
    except Exception:
        return True
    return b"bounce" in content
driver.run(is_bounce)
"""


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def file(self, name, content):
        path = os.path.join(self.folder.name, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(content)
        return path

    def drive(self, *command):
        paths = [self.file(name, content) for name, content in (
            ("a", "a bounce"), ("b", "hang"), ("c", "mail"), ("d", "broken bounce"))]
        out = subprocess.run([*command, "1"], input="\n".join(paths) + "\n", text=True,
                             capture_output=True, check=True, timeout=20,
                             env=dict(os.environ, DRIVERS=DRIVERS)).stdout
        lines = [line.split("\t") for line in out.splitlines()]
        self.assertEqual([line[0] for line in lines], paths + ["#"])
        self.assertEqual([line[1] for line in lines[:-1]], ["1", "timeout", "0", "0"])
        self.assertLess(float(lines[-1][1]), 0.9, "the time-out is not in the time")
        self.assertEqual(int(lines[-1][2]), 3, "messages that ended")

    def test_a_perl_driver_goes_on_after_a_message_that_hangs(self):
        self.drive("/usr/bin/perl", self.file("driver", PERL))

    def test_a_python_driver_goes_on_after_a_message_that_hangs(self):
        self.drive(sys.executable, self.file("driver", PYTHON))

    def test_the_table_counts_by_label(self):
        mail = os.path.join(self.folder.name, "mail")
        subprocess.run([NDRGEN, "--messages", "40", "--bounces", "50", "--sizes", "storm",
                        "--format", "files", "--output", mail, "--truth", mail + ".truth"],
                       check=True)
        with open(mail + ".truth", encoding="utf-8") as file:
            rows = [line.rstrip("\n").split("\t") for line in file][1:]
        bounces = [row[1] for row in rows if row[2] == "yes"]
        others = [row[1] for row in rows if row[2] == "no"]
        labels = ["path\tlabel\tsubkind\tnear_dup"]
        labels += [f"{path}\tndr\t\t{'yes' if i == 0 else ''}"
                   for i, path in enumerate(bounces[:-1])]
        # a bounce under another label is taken for one
        labels += [f"{path}\tham\t\t" for path in others] + [f"{bounces[-1]}\tham\t\t"]
        with open(os.path.join(mail, "LABELS.tsv"), "w", encoding="utf-8") as file:
            file.write("\n".join(labels) + "\n")
        kept = os.path.join(self.folder.name, "table.md")
        out = subprocess.run([PEERS, mail, "--ndrscan", NDRSCAN, "--only", "none",
                              "--output", kept], text=True, capture_output=True, check=True)
        with open(kept, encoding="utf-8") as file:
            self.assertEqual(file.read() + "\n", out.stdout)
        table = [[cell.strip() for cell in line.strip("|").split("|")]
                 for line in out.stdout.splitlines() if line.startswith("|")]
        self.assertEqual(table[0][2], f"bounces found (of {len(bounces) - 2})")
        self.assertEqual(table[0][4], f"ham taken (of {len(others) + 1})")
        for row, name in zip(table[2:], ("ndrscan -j1", "ndrscan -j2"), strict=True):
            self.assertEqual([row[0], row[2], row[4]], [name, "100.0 %", "1"])


unittest.main(argv=[sys.argv[0], "-v"])
