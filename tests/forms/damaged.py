#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""damaged.py NDRSCAN - what is broken off, or expands without end, gives what can be had of it.

Of a mailbox packed with gzip, bzip2 and xz and cut or damaged anywhere, as many messages come as
the decoder gives; many short files that expand to much cost little. Prints TAP.
"""
import bz2
import json
import lzma
import pathlib
import re
import resource
import subprocess
import sys
import tempfile
import zlib

MARK = b"From a@example.com Tue May 13 09:31:02 2008\n"
BOUNCE = (b"From: MAILER-DAEMON@example.net\nTo: alice@example.com\nSubject: Undelivered Mail Returned to Sender\n"
          b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nfailed\n--b\n"
          b"Content-Type: message/delivery-status\n\nReporting-MTA: dns; example.net\n\n"
          b"Final-Recipient: rfc822; bob@example.org\nAction: failed\nStatus: 5.1.1\n\n--b--\n")


def scan(program, *paths):
    run = subprocess.run([program, "scan", "-q", "--emit", "all", *map(str, paths)], capture_output=True, check=False)
    return run.returncode, run.stdout.splitlines(), run.stderr.decode()


def decoded(name, data):
    decoder = {"gz": lambda: zlib.decompressobj(31), "bz2": bz2.BZ2Decompressor, "xz": lzma.LZMADecompressor}[name]()
    out = b""
    for i in range(len(data)):  # all that comes before the damage
        try:
            out += decoder.decompress(data[i:i + 1])
        except (zlib.error, OSError, EOFError, lzma.LZMAError):
            break
    return out


def main():
    program, number, failed = sys.argv[1], 0, 0

    def tell(why, fault):
        nonlocal number, failed
        number += 1
        failed += bool(fault)
        print(f"{'not ok' if fault else 'ok'} {number} - {why}" + (f": {fault}" if fault else ""))

    with tempfile.TemporaryDirectory(prefix="ndr-damaged-") as top:
        work = pathlib.Path(top)
        for count in (3, 400):
            box = b"".join(MARK + b"Subject: %d\n\n%s\n\n" % (i, b"%d " % (i * 7919) * 40) for i in range(count))
            packed = {"gz": zlib.compressobj(6, zlib.DEFLATED, 31), "bz2": bz2.BZ2Compressor(1), "xz": lzma.LZMACompressor()}
            for name, coder in packed.items():
                whole = coder.compress(box) + coder.flush()
                for how, data in (("cut", whole[:len(whole) * 3 // 4]),
                                  ("damaged", whole[:len(whole) * 3 // 4] + b"\xff" * 40 + whole[len(whole) * 3 // 4 + 40:])):
                    path = work / f"box.{name}"
                    path.write_bytes(data)
                    status, lines, told = scan(program, path)
                    want = len(re.findall(rb"(?:\A|\n\n)From a@", decoded(name, data)))
                    fault = "" if len(lines) == want else f"{len(lines)} messages, not {want}"
                    if status != 1 or not told:
                        fault += f" exit status {status}, {told!r}"
                    if lines and "damaged" not in json.loads(lines[-1])["flags"]:
                        fault += " the last is not flagged"
                    tell(f"{how} {name} of {count} messages", fault)
        for name, head, most in (("ham", b"Subject: x\n\n", 10), ("bounces", BOUNCE, 60)):
            folder = work / name / "cur"
            folder.mkdir(parents=True)
            bomb = subprocess.run(["zstd", "-19", "-q", "-c"], input=head + bytes(64 << 20), check=True,
                                  stdout=subprocess.PIPE).stdout
            for i in range(100):
                (folder / f"{1210671060 + i}.M{i}P1.mx:2,S").write_bytes(bomb)
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            run = subprocess.run([program, "scan", "-q", str(work / name)], capture_output=True, check=False)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            fault = f"{spent:.1f} s of CPU" if spent > most else ""
            if name == "bounces" and run.stdout.count(b'"final":"bob@example.org"') != 100:
                fault += f" {len(run.stdout.splitlines())} bounces"
            tell(f"100 {name} of {len(bomb)} bytes that expand to 64 MiB", fault)
    print(f"1..{number}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
