#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""check_truth.py agrees with records made from the truth and sees each way to be wrong."""
import csv
import json
import os
import subprocess
import sys
import tempfile
import unittest

CHECK, NDRGEN = sys.argv.pop(1), sys.argv.pop(1)


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def heap(self, form):
        path = os.path.join(self.folder.name, "heap." + form)
        self.truth = os.path.join(self.folder.name, "truth.tsv")
        subprocess.run([NDRGEN, "--messages", "60", "--format", form, "--output", path,
                        "--truth", self.truth], check=True)
        with open(self.truth, encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            return [self.record(path, form, row) for row in rows]

    @staticmethod
    def record(path, form, row):
        bounce = row["is_bounce"] == "yes"
        mbox, tar = form.startswith("mbox"), form == "tar.zst"
        record = {
            "source": path if mbox or tar else os.path.join(path, row["where"]),
            "index": int(row["number"]) if mbox else 0,
            "offset": int(row["where"]) if mbox else 0, "length": int(row["length"]),
            "verdict": "keep" if bounce else "none", "kind": row["kind"] if bounce else None,
            "rule": "some.rule" if bounce else None, "recipient": row["recipient"],
            "domain": row["domain"], "arrived": row["arrived"],
        }
        return {**record, "member": row["where"]} if tar else record

    def check(self, records, *options):
        text = "".join(json.dumps(r) + "\n" for r in records)
        return subprocess.run([CHECK, *options, "-", self.truth], input=text, text=True,
                              capture_output=True)

    def test_agrees_whatever_the_format(self):
        for form in ("mbox", "maildir", "files", "tar.zst"):
            with self.subTest(form):
                records = self.heap(form)
                self.assertEqual(self.check(records).returncode, 0)
                bounces = [r for r in records if r["verdict"] != "none"]
                done = self.check(bounces, "--quiet")
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertEqual(done.stdout, "60 messages, 0 differ, 0 unknown records\n")

    def test_each_lie_is_seen(self):
        for name, lie in (("recipient", "nobody@example.com"), ("domain", "example.edu"),
                          ("arrived", "2008-05-12T00:00:59Z"), ("length", 7),
                          ("kind", "expanded")):
            records = self.heap("mbox")
            first = next(r for r in records if r["verdict"] != "none")
            first[name] = lie
            done = self.check(records)
            self.assertEqual(done.returncode, 1, name)
            self.assertIn(f"differs in {name}:", done.stdout)
            self.assertEqual(self.check(records, "--skip", name).returncode, 0, name)

    def test_missed_and_invented_bounces_are_seen(self):
        records = self.heap("mbox")
        bounce = next(i for i, r in enumerate(records) if r["verdict"] != "none")
        self.assertEqual(self.check(records[:bounce] + records[bounce + 1:]).returncode, 1)
        ham = next(r for r in records if r["verdict"] == "none")
        ham.update(verdict="keep", kind="failed", rule="x")
        done = self.check(records)
        self.assertEqual(done.returncode, 1)
        self.assertIn("differs in bounce:", done.stdout)

    def test_records_of_nothing_are_seen(self):
        records = self.heap("mbox")
        self.assertEqual(self.check(records + [dict(records[0], offset=1)]).returncode, 1)
        self.assertEqual(self.check(records + records[:1]).returncode, 1)


if __name__ == "__main__":
    unittest.main(verbosity=1)
