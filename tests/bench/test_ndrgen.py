#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The generator's mail is what its truth file says, read by Python's own mail modules."""
import csv
import datetime
import email
import email.utils
import hashlib
import mailbox
import os
import re
import subprocess
import sys
import tempfile
import unittest

NDRGEN = sys.argv.pop(1)
STORM = "example.com:60%:2008-05-13T08:00:00Z:2008-05-15T08:00:00Z"
# These paste the returned message below their text, in whatever charset it had.
PASTED = {"qmail", "exim-text", "sendmail-text", "yahoo", "gmail-text"}
COMMON = ["--messages", "1500", "--sizes", "storm", "--lookalikes", "30"]


def ndrgen(*options):
    return subprocess.run([NDRGEN, *options], check=True, capture_output=True).stdout


def truth_of(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def rfc3339(when):
    return when.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def digest(data):
    return hashlib.sha256(data).hexdigest()


class Case(unittest.TestCase):
    maxDiff = 2000

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.mbox = os.path.join(cls.folder.name, "a.mbox")
        cls.truth_path = os.path.join(cls.folder.name, "a.tsv")
        ndrgen(*COMMON, "--bounces", "50", "--storm", STORM, "--output", cls.mbox,
               "--truth", cls.truth_path)
        cls.truth = truth_of(cls.truth_path)
        with open(cls.mbox, "rb") as file:
            cls.bytes = file.read()

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def test_same_seed_same_bytes(self):
        again = ndrgen(*COMMON, "--bounces", "50", "--storm", STORM, "--output", "-")
        self.assertEqual(digest(again), digest(self.bytes))

    def test_another_seed_other_bytes(self):
        other = ndrgen(*COMMON, "--bounces", "50", "--storm", STORM, "--seed", "2",
                       "--output", "-")
        self.assertNotEqual(digest(other), digest(self.bytes))

    def test_known_bytes(self):
        """A change of these is a change of every benchmark's input: make it knowingly."""
        data = ndrgen("--messages", "300", "--output", "-")
        self.assertEqual(digest(data), KNOWN)

    def test_locale_and_zone_do_not_matter(self):
        env = dict(os.environ, LC_ALL="C.UTF-8", TZ="Asia/Tokyo")
        data = subprocess.run([NDRGEN, "--messages", "300", "--output", "-"], check=True,
                              capture_output=True, env=env).stdout
        self.assertEqual(digest(data), KNOWN)

    def test_python_frames_it_alike(self):
        """mailbox.mbox splits at every line that begins with From, so all are quoted."""
        box = mailbox.mbox(self.mbox)
        self.assertEqual(len(box), len(self.truth))
        for key, row in zip(box.iterkeys(), self.truth):
            with self.subTest(number=row["number"], dialect=row["dialect"]):
                offset, length = int(row["where"]), int(row["length"])
                # mailbox gives LF-ended bytes less the separating empty line
                self.assertEqual(box.get_bytes(key), self.bytes[offset:offset + length])
                self.assertTrue(self.bytes[offset + length:].startswith(b"\n"))

    def test_from_lines_are_asctime(self):
        lines = re.findall(rb"(?:\A|\n\n)(From [^\n]*)\n", self.bytes)
        self.assertEqual(len(lines), len(self.truth))
        for line, row in zip(lines, self.truth):
            found = re.fullmatch(rb"From \S+ (\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4})", line)
            self.assertIsNotNone(found, line)
            when = datetime.datetime.strptime(found[1].decode(), "%a %b %d %H:%M:%S %Y")
            self.assertEqual(when.strftime("%Y-%m-%dT%H:%M:%SZ"), row["arrived"])

    def test_header_says_the_truth(self):
        delivered_to = 0
        for row in self.truth:
            offset, length = int(row["where"]), int(row["length"])
            m = email.message_from_bytes(self.bytes[offset:offset + length])
            with self.subTest(number=row["number"], dialect=row["dialect"]):
                top = m.get_all("Received")[0]
                when = email.utils.parsedate_to_datetime(top.rsplit(";", 1)[1].strip())
                if when.tzinfo is None:  # -0000
                    when = when.replace(tzinfo=datetime.timezone.utc)
                self.assertEqual(rfc3339(when), row["arrived"])
                to = m["Delivered-To"] or m["Envelope-To"]
                delivered_to += to is not None
                if to is None:
                    to = re.search(r"for <([^>]+)>", top)[1]
                self.assertEqual(to, row["recipient"])
                self.assertEqual(row["domain"], row["recipient"].rsplit("@", 1)[1])
                for name in ("From", "Date", "Subject"):
                    self.assertIsNotNone(m[name], name)
                self.assertIsNotNone(email.utils.parsedate(m["Date"]))
        self.assertGreater(delivered_to, len(self.truth) * 0.7)

    def test_mime_is_whole(self):
        reports = 0
        for row in self.truth:
            offset, length = int(row["where"]), int(row["length"])
            m = email.message_from_bytes(self.bytes[offset:offset + length])
            with self.subTest(number=row["number"], dialect=row["dialect"]):
                for part in m.walk():
                    self.assertEqual(part.defects, [])
                    if part.get_content_maintype() == "text":
                        charset = part.get_content_charset("us-ascii")
                        if charset != "unicode-1-1-utf-7" and row["dialect"] not in PASTED:
                            part.get_payload(decode=True).decode(charset)
                if m.get_content_type() == "multipart/report" and \
                        m.get_param("report-type") == "delivery-status":
                    reports += 1
                    status = [p for p in m.walk()
                              if p.get_content_type() == "message/delivery-status"]
                    self.assertEqual(len(status), 1)
                    per_recipient = status[0].get_payload()[1:]
                    self.assertTrue(per_recipient)
                    for block in per_recipient:
                        self.assertIn(block["Action"],
                                      ("failed", "delayed", "relayed"))
                        self.assertRegex(block["Status"], r"^[245]\.\d+\.\d+$")
        self.assertGreater(reports, 300)

    def test_arrivals_go_forward_within_the_span(self):
        arrived = [row["arrived"] for row in self.truth]
        self.assertEqual(arrived, sorted(arrived))
        self.assertGreaterEqual(arrived[0], "2008-05-12T00:00:00Z")
        self.assertLess(arrived[-1], "2008-05-19T00:00:00Z")

    def test_storm_is_where_it_was_asked(self):
        bounces = [r for r in self.truth if r["is_bounce"] == "yes"]
        self.assertAlmostEqual(len(bounces) / len(self.truth), 0.5, delta=0.05)
        hit = [r for r in bounces if r["domain"] == "example.com"]
        self.assertAlmostEqual(len(hit) / len(bounces), 0.6, delta=0.06)
        inside = [r for r in hit if "2008-05-13T08:00:00Z" <= r["arrived"]
                  < "2008-05-15T08:00:00Z"]
        self.assertGreater(len(inside), 0.9 * len(hit))
        peak = [r for r in inside if r["arrived"] < "2008-05-14T08:00:00Z"]
        self.assertGreater(len(peak), 0.6 * len(inside), "it rises fast and dies down")

    def test_kinds_match_is_bounce(self):
        for row in self.truth:
            self.assertEqual(row["is_bounce"] == "yes", row["kind"] != "none")
        names = {line.split()[0]: line.split()[1] for line in
                 ndrgen("--dialects", "help").decode().splitlines()}
        for row in self.truth:
            if row["is_bounce"] == "yes":
                self.assertEqual(names[row["dialect"]], row["kind"])

    def test_every_dialect_can_be_had_alone(self):
        for line in ndrgen("--dialects", "help").decode().splitlines():
            name = line.split()[0]
            truth = self.path("one.tsv")
            ndrgen("--messages", "20", "--bounces", "100", "--dialects", name + "=1",
                   "--output", self.path("one.mbox"), "--truth", truth)
            self.assertEqual({r["dialect"] for r in truth_of(truth)}, {name})

    def test_zst_holds_the_same_mbox(self):
        frames = {}
        for form in ("mbox.zst", "mbox.zst-multi"):
            path = self.path(form)
            ndrgen(*COMMON, "--bounces", "50", "--storm", STORM, "--format", form,
                   "--output", path)
            out = subprocess.run(["zstd", "-dcq", path], check=True, capture_output=True)
            self.assertEqual(digest(out.stdout), digest(self.bytes))
            listed = subprocess.run(["zstd", "-lv", path], check=True, capture_output=True,
                                    text=True)
            frames[form] = int(re.search(r"# Zstandard Frames: (\d+)", listed.stdout)[1])
        self.assertEqual(frames["mbox.zst"], 1)
        self.assertEqual(frames["mbox.zst-multi"], -(-len(self.bytes) // (1 << 20)))

    def test_maildir(self):
        path, truth = self.path("md"), self.path("md.tsv")
        ndrgen("--messages", "200", "--format", "maildir", "--output", path, "--truth", truth)
        rows = truth_of(truth)
        self.assertEqual(len(mailbox.Maildir(path, create=False)), 200)
        self.assertEqual(sorted(os.listdir(path)), ["cur", "new", "tmp"])
        for row in rows:
            where = row["where"]
            self.assertRegex(where, r"^(new/\d+\.M\d+P\d+_\d+\.[a-z.]+,S=\d+"
                                    r"|cur/\d+\.M\d+P\d+_\d+\.[a-z.]+,S=\d+:2,[A-Z]*)$")
            info = os.stat(os.path.join(path, where))
            self.assertEqual(info.st_size, int(row["length"]))
            self.assertEqual(int(re.search(r"S=(\d+)", where)[1]), info.st_size)
            when = datetime.datetime.fromtimestamp(info.st_mtime, datetime.timezone.utc)
            self.assertEqual(rfc3339(when), row["arrived"])

    def test_tar_and_files_hold_the_same_messages(self):
        tar, files = self.path("a.tar.zst"), self.path("files")
        ndrgen("--messages", "100", "--format", "tar.zst", "--output", tar, "--truth",
               self.path("tar.tsv"))
        ndrgen("--messages", "100", "--format", "files", "--output", files, "--truth",
               self.path("files.tsv"))
        names = subprocess.run(["tar", "--zstd", "-tf", tar], check=True, capture_output=True,
                               text=True).stdout.splitlines()
        in_tar, in_files = truth_of(self.path("tar.tsv")), truth_of(self.path("files.tsv"))
        self.assertEqual(names, [r["where"] for r in in_tar])
        subprocess.run(["tar", "--zstd", "-xf", tar, "-C", self.folder.name], check=True)
        for a, b in zip(in_tar, in_files):
            with open(self.path(a["where"]), "rb") as x, \
                    open(os.path.join(files, b["where"]), "rb") as y:
                self.assertEqual(x.read(), y.read())

    def test_crlf_is_the_same_mail_with_other_line_ends(self):
        data = ndrgen(*COMMON, "--bounces", "50", "--storm", STORM, "--crlf", "--output", "-")
        self.assertNotIn(b"\n", data.replace(b"\r\n", b""))
        self.assertEqual(digest(data.replace(b"\r\n", b"\n")), digest(self.bytes))

    def test_bytes_are_what_was_asked(self):
        data = ndrgen("--bytes", "3M", "--sizes", "storm", "--output", "-")
        self.assertGreaterEqual(len(data), 3000000)
        self.assertLess(len(data), 3200000)

    def test_lookalikes_quote_from_lines(self):
        self.assertIn(b"\n>From ", self.bytes)
        self.assertIn(b"\n>>From ", self.bytes)

    def test_bad_options_are_refused(self):
        for options in (["--format", "tape"], ["--bounces", "101"], ["--dialects", "x=1"],
                        ["--storm", "example.com"], ["--start", "2008-05-12T00:00:00"],
                        ["--storm", STORM, "--span", "1"], ["--bytes", "2T"], ["stray"]):
            done = subprocess.run([NDRGEN, "--output", "/dev/null", *options],
                                  capture_output=True)
            self.assertEqual(done.returncode, 2, options)
            self.assertTrue(done.stderr.startswith(b"ndrgen: "), options)


KNOWN = "624bbdf0c3cfa118ff531655a3afd695a5a4d7bd7c75959966de26c7d175c364"

if __name__ == "__main__":
    unittest.main(verbosity=1)
