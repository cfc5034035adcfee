#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""vector_elsewhere.py SOURCE CC - are the vectors right on CPUs that this one is not?

vector.c and its test are built for aarch64 and run by qemu-user, and for x86-64 run
on a CPU without AVX2 and on qemu's best. No qemu-user knows AVX-512: that way is tested
where the CPU has it. What is not installed (qemu-user, gcc-aarch64-linux-gnu) is skipped.
"""
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(sys.argv[1])
NATIVE = sys.argv[2:]
number = 0


def tell(good, sentence, words=""):
    global number
    number += 1
    print(f"{'ok' if good else 'not ok'} {number} - {sentence}{words}")


def build(compiler, program):
    return subprocess.run(
        [*compiler, "-std=c17", "-O2", "-Wall", "-Wextra", "-Werror", "-static",
         "-D_POSIX_C_SOURCE=200809L", "-I", SOURCE / "engine/include", "-o", program,
         SOURCE / "engine/base/vector.c", SOURCE / "tests/engine/base/test_vector.c"],
        capture_output=True, text=True, check=False)


def run(qemu, cpu, program, *chosen):
    return subprocess.run([qemu, "-cpu", cpu, program, *chosen], capture_output=True,
                          text=True, timeout=300, check=False)


def machine(name, compiler, cpus, folder):
    """One machine: built, run whole on each of its CPUs, the way chosen there asked for."""
    qemu = shutil.which("qemu-" + name)
    if qemu is None or shutil.which(compiler[0]) is None:
        tell(True, name, f" # SKIP qemu-{name} or {compiler[0]} is not installed")
        return
    hello = pathlib.Path(folder) / "hello.c"
    hello.write_text("#include <stdio.h>\nint main(void) { return puts(\"\") < 0; }\n")
    if subprocess.run([*compiler, "-static", "-o", hello.with_suffix(""), hello],
                      capture_output=True, check=False).returncode != 0:
        tell(True, name, f" # SKIP {compiler[0]} has no static C library")
        return
    program = pathlib.Path(folder) / name
    built = build(compiler, program)
    if built.returncode != 0:
        tell(False, f"{name} builds")
        print("\n".join("# " + line for line in built.stderr.splitlines()[:20]))
        return
    for cpu, way in cpus:
        whole = run(qemu, cpu, program)
        wrong = [line for line in whole.stdout.splitlines() if line.startswith(("not ok", "#"))]
        tell(whole.returncode == 0 and not wrong, f"{name}, {cpu}: every way is right")
        print("\n".join("# " + line for line in wrong[:10] + whole.stderr.splitlines()[:10]))
        chosen = run(qemu, cpu, program, way)
        tell(chosen.returncode == 0, f"{name}, {cpu}: {way} is chosen")


with tempfile.TemporaryDirectory() as made:
    machine("aarch64", ["aarch64-linux-gnu-gcc"], [("max", "neon")], made)
    x86 = NATIVE if platform.machine() == "x86_64" else ["x86_64-linux-gnu-gcc"]
    machine("x86_64", x86, [("qemu64", "sse2"), ("max", "avx2")], made)
print(f"1..{number}")
