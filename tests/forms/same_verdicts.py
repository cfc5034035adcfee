#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""same_verdicts.py - does mail get the same verdicts in whatever form it lies?

usage: same_verdicts.py [--every N] NDRSCAN FOLDER | NDRSCAN --make NDRGEN

The messages of FOLDER (a file each; LABELS.tsv is passed over), or 3,000 made by
ndrgen (of either, each Nth), are scanned as files,
then packed as mbox, mbox.zst (one frame, many frames of every sort), mbox.gz, Maildir, tar, tar.zst, and
read from standard input; with 1 and 8 threads and with ranges of several sizes. Everything
that a record says of the mail must agree. Prints TAP.
"""
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from sample import sample # pylint: disable=wrong-import-position

# What the form itself decides: where a message lies, and the time it got from there.
PLACE = ("source", "source_b64", "member", "index", "offset", "length", "flags", "reason")
BY_FORM = ("file-time", "from-line", "maildir-name", "unknown", "date")
POSTMARK = b"From packer@example.org Tue May 13 09:31:02 2008\n"


def messages_of(folder):
    out = []
    for root, dirs, files in os.walk(folder):
        dirs.sort()
        for name in sorted(files):
            path = os.path.join(root, name)
            if name == "LABELS.tsv":
                continue
            with open(path, "rb") as f:
                raw = f.read()
            if raw.startswith(b"From "):
                raw = raw[raw.find(b"\n") + 1:]
            # of an mbox with more in it the count would differ, a file of one line is no mail
            if re.search(rb"\n\r?\nFrom .*\d", raw) or b"\n" not in raw[:4096]:
                continue
            out.append(raw)
    return out


def as_mbox(messages):
    out = []
    for raw in messages:
        raw = re.sub(rb"(?m)^(>*From )", rb">\1", raw)
        eol = b"\r\n" if raw.find(b"\r\n") >= 0 and raw.find(b"\n") == raw.find(b"\r\n") + 1 else b"\n"
        out.append(POSTMARK[:-1] + eol + raw + (b"" if raw.endswith(b"\n") else eol) + eol)
    return out


def stream_of(path):
    with open(path, "rb") as f:
        return f.read()


def many_frames(work, stream):
    """odd.zst: frames that end before and within line ends and From_ lines, empty ones, and
    skippable ones of every magic number in front, between and behind."""
    cuts = {0, len(stream)}
    for i, m in enumerate(re.finditer(rb"\r?\nFrom ", stream)):
        if i % 9 == 0:
            cuts.add(m.start() + i // 9 % (len(m.group()) + 1))
    cuts = sorted(cuts)
    empty = subprocess.run(["zstd", "-q", "-c"], input=b"", check=True,
                           stdout=subprocess.PIPE).stdout
    with open(f"{work}/odd.zst", "wb") as out:
        for i, (a, b) in enumerate(zip(cuts, cuts[1:])):
            if i % 3 == 0:
                out.write(bytes((0x50 + i % 16, 0x2A, 0x4D, 0x18, 5, 0, 0, 0)) + b"about")
            if i % 5 == 0:
                out.write(empty)
            out.write(subprocess.run(["zstd", "-q", "-1", "-c"] + ["--no-check"] * (i % 2),
                                     input=stream[a:b], check=True,
                                     stdout=subprocess.PIPE).stdout)
        out.write(b"\x5f\x2a\x4d\x18\0\0\0\0")


def scan(ndrscan, *args, stdin=None):
    run = subprocess.run([ndrscan, "scan", "--quiet", "--emit", "all", *args], input=stdin,
                         stdout=subprocess.PIPE, check=False)
    if run.returncode != 0:
        raise SystemExit(f"ndrscan {' '.join(args)}: exit status {run.returncode}")
    return run.stdout


def facts(line):
    r = json.loads(line)
    for key in PLACE:
        r.pop(key, None)
    if r["arrived_origin"] in BY_FORM:
        r["arrived"] = r["arrived_origin"] = "by form"
    return r


def main():
    args = sys.argv[1:]
    every = 1
    if args[0] == "--every":
        every, args = int(args[1]), args[2:]
    ndrscan, folder = args[:2]
    if folder == "--make":
        with tempfile.TemporaryDirectory(prefix="ndr-forms-") as made:
            subprocess.run([args[2], "--seed", "7", "--messages", "3000", "--bounces", "40",
                            "--sizes", "storm", "--lookalikes", "10", "--format", "files",
                            "--output", f"{made}/mail"], check=True)
            return check(ndrscan, f"{made}/mail", every)
    return check(ndrscan, folder, every)


def check(ndrscan, folder, every):
    if not os.path.isdir(folder):
        print("1..0 # SKIP the real mail is not here")
        return 0
    messages = sample(messages_of(folder), every)
    work = tempfile.mkdtemp(prefix="ndr-forms-")
    failed = 0
    try:
        names = []
        os.makedirs(f"{work}/files")
        for i, raw in enumerate(messages):
            names.append(f"{work}/files/{i:06}")
            with open(names[-1], "wb") as f:
                f.write(raw)
        boxed = as_mbox(messages)
        with open(f"{work}/all.mbox", "wb") as f:
            f.write(b"".join(boxed))
        for sub in ("cur", "new", "tmp"):
            os.makedirs(f"{work}/Maildir/{sub}")
        for i, raw in enumerate(messages):
            with open(f"{work}/Maildir/cur/{1210671062 + i}.M{i}P1.host:2,S", "wb") as f:
                f.write(raw)
        with tarfile.open(f"{work}/all.tar", "w") as tar:
            for i, raw in enumerate(messages):
                info = tarfile.TarInfo(f"Maildir/cur/{1210671062 + i}.M{i}P1.host:2,S")
                info.size = len(raw)
                tar.addfile(info, io.BytesIO(raw))
        subprocess.run(["zstd", "-q", "-f", f"{work}/all.mbox"], check=True)
        subprocess.run(["zstd", "-q", "-f", f"{work}/all.tar"], check=True)
        subprocess.run(["gzip", "-k", f"{work}/all.mbox"], check=True)
        subprocess.run(["xz", "-0", "-k", f"{work}/all.mbox"], check=True)
        with open(f"{work}/all.mbox", "rb") as f, open(f"{work}/frames.zst", "wb") as out:
            while piece := f.read(300_007):
                out.write(subprocess.run(["zstd", "-q", "-c"], input=piece, check=True,
                                         stdout=subprocess.PIPE).stdout)
        many_frames(work, stream_of(f"{work}/all.mbox"))
        subprocess.run(["pzstd", "-q", "-1", "-p", "4", f"{work}/all.mbox", "-o",
                        f"{work}/pzstd.zst"], check=True)
        for made, source in (("packed", "all.mbox"), ("packed-maildir", "Maildir")):
            subprocess.run([ndrscan, "pack", "-q", "--frame-size", "64k", "-o",
                            f"{work}/{made}.zst", f"{work}/{source}"], check=True)
            subprocess.run(["zstd", "-q", "-t", f"{work}/{made}.zst"], check=True)
        assert subprocess.run(["zstd", "-dcq", f"{work}/packed.zst"], check=True,
                              stdout=subprocess.PIPE).stdout == stream_of(f"{work}/all.mbox")
        listed = "\0".join(names).encode()
        truth = [facts(line) for line in
                 scan(ndrscan, "-0", "--files-from", "-", stdin=listed).splitlines()]
        assert len(truth) == len(messages) > 0, (len(truth), len(messages))
        with open(f"{work}/all.mbox", "rb") as f:
            stream = f.read()
        one = scan(ndrscan, "-j1", f"{work}/all.mbox")
        forms = [
            ("mbox", one),
            ("zstd, one frame", scan(ndrscan, f"{work}/all.mbox.zst")),
            ("zstd, many frames", scan(ndrscan, f"{work}/frames.zst")),
            ("zstd, frames as pzstd makes them", scan(ndrscan, f"{work}/pzstd.zst")),
            ("zstd, packed", scan(ndrscan, f"{work}/packed.zst")),
            ("zstd, packed from a Maildir", scan(ndrscan, f"{work}/packed-maildir.zst")),
            ("zstd, frames cut anywhere and skippable ones", scan(ndrscan, f"{work}/odd.zst")),
            ("gzip", scan(ndrscan, f"{work}/all.mbox.gz")),
            ("xz", scan(ndrscan, f"{work}/all.mbox.xz")),
            ("Maildir", scan(ndrscan, f"{work}/Maildir")),
            ("folder of files", scan(ndrscan, f"{work}/files")),
            ("tar", scan(ndrscan, f"{work}/all.tar")),
            ("tar.zst", scan(ndrscan, f"{work}/all.tar.zst")),
            ("standard input", scan(ndrscan, "-", stdin=stream)),
            ("standard input, zstd",
             scan(ndrscan, "-", stdin=open(f"{work}/all.mbox.zst", "rb").read())),
        ]
        archives = ["all.mbox", "frames", "pzstd", "packed", "odd"]
        print(f"1..{len(forms) + 4 + 3 * len(archives)}")
        number = 0
        for name, out in forms:
            number += 1
            got = [facts(line) for line in out.splitlines()]
            wrong = [i for i, (a, b) in enumerate(zip(truth, got)) if a != b]
            ok = not wrong and len(got) == len(truth)
            print(f"{'ok' if ok else 'not ok'} {number} - {name}: the verdicts of {len(truth)} files")
            if not ok:
                failed += 1
                print(f"# {len(got)} records, {len(wrong)} differ")
                for i in wrong[:3]:
                    print(f"# message {i}:\n#   {truth[i]}\n#   {got[i]}")
        same = [
            ("8 threads say the same bytes", ["-j8", f"{work}/all.mbox"]),
            ("2 threads say the same bytes", ["-j2", f"{work}/all.mbox"]),
        ]
        for name, args in same:
            number += 1
            ok = scan(ndrscan, *args) == one
            failed += not ok
            print(f"{'ok' if ok else 'not ok'} {number} - {name}")
        for name in archives:
            for threads in ("-j1", "-j2", "-j8"):
                number += 1
                ok = scan(ndrscan, threads, f"{work}/{name}.zst").replace(
                    f"{name}.zst".encode(), b"all.mbox") == one
                failed += not ok
                print(f"{'ok' if ok else 'not ok'} {number} - {name}.zst with {threads}: the "
                      "bytes of the mbox")
        for threads in ("-j1", "-j8"):
            number += 1
            a = scan(ndrscan, threads, f"{work}/Maildir")
            ok = a == scan(ndrscan, "-j3", f"{work}/Maildir")
            failed += not ok
            print(f"{'ok' if ok else 'not ok'} {number} - a Maildir with {threads} and -j3: the same bytes")
    finally:
        shutil.rmtree(work)
    return 1 if failed else 0


sys.exit(main())
