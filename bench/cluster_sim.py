#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""cluster_sim.py [--rate MB/s] [--archive TB] [--seed N] - how long does an archive take on many nodes?

Files of a provider's archive are drawn from distributions of sizes, cut into pieces as
ndrscan cuts them, and shared out by the hash of their names, as --shard does. What a node
reads a second is a measured speed of one (--rate; bench/README.md says from where); a piece
costs a start besides. Printed, for each number of nodes: the time until the last one is
done, the time if all had the same, and their ratio, the imbalance; beside it the ratio
if whole files were shared out.

No file is written or read.
"""
import argparse
import hashlib
import random
import sys

PIECE, SHARE, FRAMES = 256 << 20, 8, 4
START_S = 0.02 # of a piece: its result is brought to the disk

# name, share of the bytes, median size, sigma of its logarithm, kind
KINDS = (("monthly mboxes", 0.40, 4 << 30, 1.0, "mbox"),
         ("archives in many frames", 0.35, 12 << 30, 0.8, "frames"),
         ("Maildirs", 0.20, 60 << 20, 1.6, "maildir"),
         ("files of one frame", 0.05, 700 << 20, 1.2, "whole"))


def hash_of(*words):
    return int.from_bytes(hashlib.blake2b(repr(words).encode(), digest_size=8).digest(), "little")


def draw(archive, rng):
    """(kind, number, bytes) of each file or Maildir."""
    number = 0
    for _, share, median, sigma, kind in KINDS:
        left = share * archive
        while left > 0:
            size = min(rng.lognormvariate(0, sigma) * median, archive / 20)
            number += 1
            left -= size
            yield kind, number, size


def pieces(files):
    """(name, bytes): as plan_list.c has them."""
    bundle, first = 0.0, None
    for kind, number, size in files:
        step = {"mbox": PIECE, "frames": PIECE / FRAMES}.get(kind)
        if step is not None and size > PIECE:
            for k in range(int(size // step) + 1):
                yield (number, k), min(step, size - k * step)
            continue
        first = first if bundle > 0 else number
        bundle += size
        if bundle >= PIECE / SHARE:
            yield (first, 0), bundle
            bundle = 0.0
    if bundle > 0:
        yield (first, 0), bundle


def loads(shares, nodes, rate):
    """Seconds of each node."""
    busy = [0.0] * nodes
    for name, size in shares:
        busy[hash_of(name) % nodes] += size / rate + START_S
    return busy


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    p.add_argument("--rate", type=float, default=1000, help="MB a second that one node scans [%(default)s]")
    p.add_argument("--archive", type=float, default=100, help="TB [%(default)s]")
    p.add_argument("--nodes", default="10,100,1000")
    p.add_argument("--seed", type=int, default=1)
    a = p.parse_args()
    files = list(draw(a.archive * 1e12, random.Random(a.seed)))
    shares = list(pieces(files))
    print(f"{a.archive:g} TB: {len(files):,} files and Maildirs, {len(shares):,} pieces, "
          f"the largest {max(s for _, s in shares) / 1e9:.1f} GB; {a.rate:g} MB/s a node")
    print(f"{'nodes':>6} {'last done':>12} {'if equal':>12} {'imbalance':>10} {'whole files':>12}")
    for nodes in map(int, a.nodes.split(",")):
        busy = loads(shares, nodes, a.rate * 1e6)
        whole = loads(((n, s) for _, n, s in files), nodes, a.rate * 1e6)
        mean = sum(busy) / nodes
        print(f"{nodes:>6} {max(busy) / 3600:>10.2f} h {mean / 3600:>10.2f} h {max(busy) / mean:>10.2f} "
              f"{max(whole) / (sum(whole) / nodes):>12.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
