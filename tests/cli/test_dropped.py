#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""test_dropped.py NDRSCAN - is what was cold before a run cold behind it, and warm what was warm?

In a folder of the working folder, which has to be on a disk: what lies in memory for good
cannot be cold, and nothing is asked then. Writes TAP.
"""
import mmap
import ctypes
import os
import shutil
import subprocess
import sys
import tempfile

NDRSCAN = os.path.abspath(sys.argv[1])
FILES, FILE_BYTES, LARGE_BYTES = 40, 12000, 16 << 20
LETTER = b"Subject: a letter\nTo: a@example.com\n\n" + b"A line of text.\n" * 750
SYNC = 7  # wait before, write, wait after: sync_file_range(2)
libc = ctypes.CDLL(None, use_errno=True)


def pages_in(path):
    """How many pages of the file are in memory, of how many?"""
    size = os.path.getsize(path)
    with open(path, "rb") as file, mmap.mmap(file.fileno(), size, mmap.MAP_PRIVATE,
                                             mmap.PROT_READ | mmap.PROT_WRITE) as map:
        told = (ctypes.c_ubyte * ((size + mmap.PAGESIZE - 1) // mmap.PAGESIZE))()
        at = ctypes.addressof(ctypes.c_char.from_buffer(map))
        if libc.mincore(ctypes.c_void_p(at), ctypes.c_size_t(size), told) != 0:
            raise OSError(ctypes.get_errno(), "mincore")
        del at
        return sum(byte & 1 for byte in told), len(told)


def chill(path):
    file = os.open(path, os.O_RDWR)
    if libc.sync_file_range(file, ctypes.c_longlong(0), ctypes.c_longlong(0), SYNC) != 0:
        os.fsync(file)
    os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(file)


def put(path, data):
    with open(path, "wb") as file:
        file.write(data)


class Heap:
    """Three Maildirs and a large mbox, all cold but a few files and the mbox's middle."""

    def __init__(self, top):
        self.maildirs = [os.path.join(top, name) for name in ("a", "b", "c")]
        self.mbox = os.path.join(top, "large.mbox")
        self.list = os.path.join(top, "list")
        for maildir in self.maildirs:
            for half in ("cur", "new", "tmp"):
                os.makedirs(os.path.join(maildir, half))
            for i in range(FILES):
                put(os.path.join(maildir, "cur", f"12106710{i:02}.m{i}:2,S"), LETTER)
        message = b"From a@example.com Tue May 13 10:00:00 2008\n" + LETTER + b"\n"
        put(self.mbox, message * (LARGE_BYTES // len(message)))
        put(self.list, "".join(f + "\n" for m in self.maildirs for f in self.files(m)).encode())

    @staticmethod
    def files(maildir):
        cur = os.path.join(maildir, "cur")
        return [os.path.join(cur, name) for name in sorted(os.listdir(cur))]

    def chill(self):
        for path in [f for m in self.maildirs for f in self.files(m)] + [self.mbox]:
            chill(path)
        for maildir in self.maildirs:
            with open(self.files(maildir)[9], "rb") as file:
                file.read()

    def cold_files(self, maildir):
        """How many of its files that were cold have nothing in memory; file 9 was not."""
        return sum(pages_in(f)[0] == 0 for i, f in enumerate(self.files(maildir)) if i != 9)

    def warm_stays(self, maildir):
        there, pages = pages_in(self.files(maildir)[9])
        return there == pages


def run(*args):
    done = subprocess.run([NDRSCAN, *args], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          check=False)
    if done.returncode != 0:
        raise AssertionError(f"exit status {done.returncode}: {args}: {done.stderr.decode()}")


CASES = [  # what it says, its verb and options, what it reads, Maildirs that are to be cold
    ("scan drops nearly all", ["scan", "-j2", "--drop-after", "1k"], "maildirs", "abc"),
    ("scan keeps all", ["scan", "-j2", "--keep-cache"], "maildirs", ""),
    ("scan of a list drops nearly all", ["scan", "-j2", "--drop-after", "1k"], "list", "abc"),
    ("apply drops nearly all", ["apply", "-q", "--dry-run", "-j2", "--drop-after", "1k"], "maildirs", "abc"),
    ("apply counts the Maildirs of a run together",
     ["apply", "-q", "--dry-run", "-j2", "--drop-after", "500k"], "maildirs", "c"),
    ("apply keeps all", ["apply", "-q", "--dry-run", "-j2", "--keep-cache"], "maildirs", ""),
    ("pack drops nearly all", ["pack", "-q", "-f", "-o", "x.zst", "-j2", "--drop-after", "1k"], "maildirs", "abc"),
    ("pack drops what is behind the limit",
     ["pack", "-q", "-f", "-o", "x.zst", "-j2", "--drop-after", "500k"], "maildirs", "c"),
    ("pack keeps all", ["pack", "-q", "-f", "-o", "x.zst", "-j2", "--keep-cache"], "maildirs", ""),
    ("scan drops a mailbox", ["scan", "-j2", "--drop-after", "1k"], "mbox", "cold"),
    ("scan keeps a mailbox", ["scan", "-j2", "--keep-cache"], "mbox", "warm"),
    ("pack drops a mailbox", ["pack", "-q", "-f", "-o", "x.zst", "-j2", "--drop-after", "1k"], "mbox", "cold"),
    ("pack keeps a mailbox", ["pack", "-q", "-f", "-o", "x.zst", "-j2", "--keep-cache"], "mbox", "warm"),
]


def trouble(heap, args, what, expected):
    """What is not as expected behind a run, or None."""
    heap.chill()
    if what == "mbox":
        run(*args, heap.mbox)
        there, pages = pages_in(heap.mbox)
        # the last block, and what the kernel read by itself, may stay
        good = there < pages // 2 if expected == "cold" else there > pages * 9 // 10
        return None if good else f"{there} of {pages} pages are in memory"
    run(*args, *(["--files-from", heap.list] if what == "list" else heap.maildirs))
    for name, maildir in zip("abc", heap.maildirs):
        cold = heap.cold_files(maildir)
        if (cold < FILES - 3) if name in expected else (name != "b" and cold > 2):
            return f"{name}: {cold} of {FILES - 1} files are cold"
        if not heap.warm_stays(maildir):
            return f"{name}: what was warm is gone"
    return None


def main():
    top = tempfile.mkdtemp(prefix="dropped-", dir=".")
    try:
        heap = Heap(top)
        heap.chill()
        os.environ["XDG_STATE_HOME"] = os.path.abspath(os.path.join(top, "state"))
        os.chdir(top)
        heap.__dict__.update(maildirs=["a", "b", "c"], mbox="large.mbox", list="list")
        put("list", "".join(f + "\n" for m in heap.maildirs for f in heap.files(m)).encode())
        put("w.yaml", b"windows: []\n")
        if heap.cold_files("a") == 0:
            print("1..0 # SKIP files stay in memory here")
            return 0
        print(f"1..{len(CASES)}")
        failed = 0
        for i, (name, args, what, expected) in enumerate(CASES):
            windows = ["--windows", "w.yaml"] if args[0] == "apply" else []
            try:
                why = trouble(heap, args + windows, what, expected)
            except AssertionError as problem:
                why = str(problem)
            print(f"{'not ok' if why else 'ok'} {i + 1} - {name}", flush=True)
            if why:
                print("#", why, flush=True)
                failed += 1
        return failed != 0
    finally:
        os.chdir("/")
        shutil.rmtree(os.path.join(TOP, os.path.basename(top)))


TOP = os.getcwd()
if __name__ == "__main__":
    sys.exit(main())
