#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""rule_cost measures each signal on what the engine scans, and names the worst first."""
import os
import re
import subprocess
import sys
import tempfile
import unittest

RULE_COST = sys.argv.pop(1)

RULES = """
rules:
  - id: sample.failed
    system: Sample
    kind: failed
    all:
      - {in: subject, match: 'sample failure'}
      - {in: text, match: 'could not deliver'}
  - id: sample.other
    system: Sample
    kind: failed
    all:
      - {in: subject, match: '^sample (failure|trouble)'}
      - {in: text, match: 'nowhere to be seen'}
"""
BOUNCE = b"From: a@example.com\nSubject: sample failure\n\nWe could not deliver it.\n"
OTHER = b"From: b@example.com\nSubject: lunch\n\nWe could not deliver it.\n"


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = {}
        for name, content in (("r.yaml", RULES.encode()), ("a", BOUNCE), ("b", OTHER)):
            self.path[name] = os.path.join(self.folder.name, name)
            with open(self.path[name], "wb") as file:
                file.write(content)

    def run_it(self, *options):
        return subprocess.run([RULE_COST, "--rules", self.path["r.yaml"], "--runs", "1",
                               *options], capture_output=True, text=True, check=False)

    def matchers(self, *options):
        """{matcher: [(hits a 1,000 scans, pattern), ...]} in the order told."""
        out = self.run_it(*options, self.path["a"], self.path["b"])
        self.assertEqual(out.returncode, 0, out.stderr)
        found, matcher = {}, None
        for line in out.stdout.splitlines():
            if line.startswith("== "):
                matcher = found.setdefault(line[3:line.index(":")], [])
            row = re.match(r" *[\d.]+ +([\d.]+) +[\d.]+ +[\d.]+ +\S+  (.*)   sample\.", line)
            if row:
                matcher.append((float(row[1]), row[2]))
        return found

    def test_hits_are_counted_over_the_scans_of_the_matcher(self):
        matchers = self.matchers("--sort", "hits")
        # both messages' subjects are scanned, the text of the candidate alone
        self.assertEqual(dict((p, h) for h, p in matchers["subject"]),
                         {"subject sample failure": 500, "subject ^sample (failure|trouble)": 500})
        self.assertEqual(matchers["text"], [(1000, "text could not deliver"),
                                         (0, "text nowhere to be seen")])

    def test_top_cuts_the_listing_and_without_tells_a_change(self):
        matchers = self.matchers("--top", "1", "--without", "1", "--sort", "hits")
        self.assertEqual(len(matchers["subject"]), 1)
        self.assertRegex(matchers["text"][0][1], r"^\[[+-][\d.]+\] text could not deliver$")

    def test_no_source_and_bad_rules_are_refused(self):
        self.assertEqual(self.run_it().returncode, 2)
        with open(self.path["r.yaml"], "w", encoding="utf-8") as file:
            file.write(RULES.replace("'sample failure'", "'('"))
        out = self.run_it(self.path["a"])
        self.assertEqual(out.returncode, 2)
        self.assertIn("sample.failed", out.stderr)


unittest.main(argv=[sys.argv[0], "-v"])
