#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""test_library.py [--record] SOURCE BUILD CC [CXX] - can a stranger use what is installed?

Installs into a folder of its own and has nothing but that, pkg-config and a compiler:
each header compiles alone, in C17 and in C++20, and what headers declare is what the
library exports, under a version; the examples of the manual run, and programs
that were compiled with the library of tests/abi still would. Prints TAP. --record writes tests/abi anew.
"""
import os
import pathlib
import platform
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

RECORD = sys.argv[1:2] == ["--record"]
ARGS = sys.argv[2 if RECORD else 1:]
SOURCE, BUILD, CC = pathlib.Path(ARGS[0]), pathlib.Path(ARGS[1]), shlex.split(ARGS[2])
CXX = shlex.split(ARGS[3]) if len(ARGS) > 3 else None
ABI = SOURCE / "tests" / "abi" / f"libndrscan-{platform.machine()}.abi"
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Wundef", "-Werror"]
results = []


def ok(good, sentence, why=""):
    results.append(bool(good))
    print(f"{'ok' if good else 'not ok'} {len(results)} - {sentence}")
    if not good:
        print("\n".join("# " + line for line in why.splitlines()))


def skip(sentence, why):
    results.append(True)
    print(f"ok {len(results)} - {sentence} # SKIP {why}")


def run(command, **how):
    return subprocess.run([str(c) for c in command], text=True, capture_output=True, check=False, **how)


def install(root):
    done = run(["meson", "install", "-C", BUILD, "--no-rebuild", "--tags", "devel,runtime",
                "--destdir", root])
    if done.returncode != 0:
        sys.exit("meson install: " + done.stderr + done.stdout)
    found = next(root.rglob("ndrscan.pc"))
    os.environ.update(PKG_CONFIG_LIBDIR=str(found.parent), PKG_CONFIG_SYSROOT_DIR=str(root))
    os.environ["LD_LIBRARY_PATH"] = str(next(root.rglob("libndrscan.so.0")).parent)


def pkg_config(*words):
    done = run(["pkg-config", *words, "ndrscan"])
    if done.returncode != 0:
        sys.exit("pkg-config: " + done.stderr)
    return done.stdout.split()


def hold_headers(headers, cflags):
    languages = [("C17", [*CC, "-std=c17", "-x", "c"]), ("C++20", CXX and [*CXX, "-std=c++20", "-x", "c++"])]
    for header in headers:
        for name, compiler in languages:
            sentence = f"{header.name} compiles alone as {name}"
            if compiler is None:
                skip(sentence, "g++ is not installed")
                continue
            done = run([*compiler, *STRICT, *cflags, "-fsyntax-only", "-"],
                       input=f'#include <{header.name}>\n')
            ok(done.returncode == 0, sentence, done.stderr)


VERSION = """#include <ndrscan.h>
#include <stdio.h>
#include <string.h>
int main(void)
{
    char text[40];
    snprintf(text, sizeof text, "%d.%d.%d", NDR_VERSION_MAJOR, NDR_VERSION_MINOR, NDR_VERSION_PATCH);
    ndr_slice s = NDR_SLICE("three");
    puts(ndr_version());
    return s.len == 5 && strcmp(text, NDR_VERSION) == 0 && strcmp(ndr_version(), NDR_VERSION) == 0 ? 0 : 1;
}
"""


def hold_version(root, cflags, libs):
    """Macros, library and pkg-config name one version, from C and from C++."""
    for name, compiler in ("C17", [*CC, "-std=c17", "-xc"]), ("C++20", CXX and [*CXX, "-std=c++20", "-xc++"]):
        sentence = f"a program in {name} is of the version of its library"
        if compiler is None:
            skip(sentence, "g++ is not installed")
            continue
        program = root / "version"
        done = run([*compiler, *STRICT, *cflags, "-o", program, "-", "-xnone", *libs], input=VERSION)
        seen = run([program]) if done.returncode == 0 else done
        ok(seen.returncode == 0 and seen.stdout.split() == pkg_config("--modversion"), sentence,
           done.stderr + seen.stdout)


def declared(header):
    """Names of the functions that a header says are exported."""
    text = re.sub(r"/\*.*?\*/", "", header.read_text(), flags=re.S)
    return set(re.findall(r"^NDR_API\b[^;{]*?\b(\w+)\(", text, re.M))


def library_in(root):
    return next(p for p in root.rglob("libndrscan.so.*") if not p.is_symlink())


def record_abi(root, headers, to):
    """What of the library's types and functions programs are compiled with, as XML."""
    done = run(["abidw", "--headers-dir", headers[0].parent, "--drop-private-types",
                "--drop-undefined-syms", "--exported-interfaces-only", "--no-elf-needed",
                "--no-corpus-path", "--no-comp-dir-path", "--no-show-locs",
                "--type-id-style", "hash", "--out-file", to, library_in(root)])
    if done.returncode != 0:
        sys.exit("abidw: " + done.stderr)
    text = to.read_text()  # what programs of the same build alone call may change
    text = re.sub(r"^ *<elf-symbol [^>]*version='NDRSCAN_PRIVATE'[^>]*/>\n", "", text, flags=re.M)
    text = re.sub(r"^( *)<function-decl [^>]*@@NDRSCAN_PRIVATE'>\n(?:.*\n)*?\1</function-decl>\n", "", text, flags=re.M)
    to.write_text(text)


def hold_abi(root, headers):
    """What a program was compiled with is there and has its shape; new functions may come."""
    sentence = "programs that were compiled with the library before still run"
    debug = run(["readelf", "-S", library_in(root)]).stdout
    gcc = run([*CC, "-dM", "-E", "-xc", "/dev/null"]).stdout
    if shutil.which("abidiff") is None:
        skip(sentence, "abidiff is not installed (Debian: abigail-tools)")
    elif ".debug_info" not in debug or "__clang__" in gcc or not ABI.exists():
        skip(sentence, "this build is not gcc's with debug information, or the machine has no dump")
    else:
        now = root / "now.abi"
        record_abi(root, headers, now)
        done = run(["abidiff", "--no-added-syms", ABI, now])
        ok(done.returncode == 0, sentence, done.stdout + done.stderr +
           "is it meant? tests/README.md says how to write tests/abi anew")


def hold_symbols(root, headers):
    told = set().union(*(declared(h) for h in headers))
    inner = set().union(*(declared(h) for glob in ("*/include/ndr_*.h", "*/*/include/ndr_*.h") for h in SOURCE.glob(glob)))
    library = library_in(root)
    rows = [r.split() for r in run(["nm", "-D", "--defined-only", "--with-symbol-versions", library])
            .stdout.splitlines()]
    seen = {r[2] for r in rows if r[1] != "A"}
    private = {s.split("@")[0] for s in seen if s.endswith("@@NDRSCAN_PRIVATE")}
    names = {s.split("@")[0] for s in seen} - private
    ok(names and names == told, "what the headers declare is exported, and nothing else",
       f"not exported: {sorted(told - names)}\nnot declared: {sorted(names - told)}")
    ok(private == inner, "what no installed header declares is exported to the programs of its own build alone",
       f"not exported: {sorted(inner - private)}\nnot declared: {sorted(private - inner)}")
    bare = sorted(s for s in seen if not re.search(r"@@NDRSCAN_(\d+\.\d+|PRIVATE)$", s))
    ok(bare == [], "each has a version", str(bare))


def hold_examples(root, cflags, libs):
    data, rules = SOURCE / "tests" / "data", SOURCE / "rules" / "ndr"
    maildir = root / "Maildir"
    for folder in ("cur", "new", "tmp"):
        (maildir / folder).mkdir(parents=True)
    for number, mail in enumerate(("bounce", "letter", "delayed")):
        (maildir / "cur" / f"{1210665600 + number}.M{number}.host:2,").write_bytes(
            (data / f"{mail}.eml").read_bytes())
    want = {
        "scan_buffer": ("failed\n", (data / "bounce.eml").read_text(), [rules]),
        "scan_maildir": ("failed alice@example.com\ndelayed dave@example.net\n", "", [rules, maildir]),
    }
    sources = sorted((SOURCE / "tools" / "examples").glob("*.c"))
    ok({s.stem for s in sources} == set(want), "each example is run")
    for source in sources:
        begin, stdin, words = want[source.stem]
        ok(len(source.read_text().splitlines()) < 60, f"{source.name} has less than 60 lines")
        program = root / source.stem
        done = run([*CC, "-std=c17", *STRICT, *cflags, "-o", program, source, *libs])
        ok(done.returncode == 0, f"{source.name} is built", done.stderr)
        if done.returncode == 0:
            done = run([program, *words], input=stdin)
            ok(done.returncode == 0 and done.stdout.startswith(begin), f"{source.name} finds what is there",
               done.stdout + done.stderr)
        done = run([program, root / "nowhere", maildir][:len(words) + 1], input="")
        ok(done.returncode == 1 and "nowhere" in done.stderr, f"{source.name} says what it lacks",
           done.stdout + done.stderr)


UNSIZED = """#include <ndrscan_io.h>
#include <ndrscan_move.h>
#include <ndrscan_rules.h>
#include <stdio.h>
static int wrong;
static void hold(const char *what, int code)
{
    if (code != NDR_E_INVAL) {
        wrong = 1;
        printf("%s: %d\\n", what, code);
    }
}
int main(void)
{
    static ndr_scan_opts scan;
    static ndr_run_opts run;
    static ndr_rules_opts rules;
    static ndr_windows_folder folder;
    static ndr_input_opts input;
    static ndr_pack_opts pack;
    static ndr_passthrough_opts carry;
    static ndr_mover_opts mover;
    ndr_scanner *s; ndr_ruleset *rs; ndr_source *in; ndr_passthrough *c; ndr_mover *m;
    ndr_stats seen; ndr_pack_stats packed; ndr_examples_count count; size_t n;
    hold("scanner", ndr_scanner_new(&scan, &s, NULL));
    hold("run", ndr_run(&run, NULL, NULL, &seen, NULL));
    run.size = sizeof run, run.scan = &scan;
    hold("scan of run", ndr_run(&run, NULL, NULL, &seen, NULL));
    hold("load", ndr_rules_load(&rules, &rs, NULL, NULL));
    hold("examples", ndr_rules_examples(&rules, NULL, NULL, &count, NULL));
    hold("review", ndr_rules_review(&rules, NULL, NULL, NULL));
    hold("block", ndr_windows_block(&folder, NULL, 0, NULL));
    hold("unblock", ndr_windows_unblock(&folder, NULL, 0, 0, &n, NULL));
    hold("settle", ndr_windows_settle(&folder, NULL, 0, &n, NULL));
    hold("input", ndr_input_open(&input, &in, NULL));
    hold("pack", ndr_pack(&pack, -1, &packed, NULL));
    hold("carry", ndr_passthrough_open(&carry, &c, NULL));
    hold("packed carry", ndr_passthrough_open_packed(&carry, &c, NULL));
    hold("mover", ndr_mover_new(&mover, &m, NULL));
    return wrong;
}
"""


def hold_sizes(root, cflags, libs):
    program = root / "unsized"
    done = run([*CC, "-std=c17", *STRICT, *cflags, "-o", program, "-xc", "-", "-xnone", *libs], input=UNSIZED)
    seen = run([program]) if done.returncode == 0 else done
    ok(seen.returncode == 0, "options without their size are refused", done.stderr + seen.stdout)


def main():
    with tempfile.TemporaryDirectory(prefix="ndrscan-library-") as name:
        root = pathlib.Path(name)
        install(root)
        cflags, libs = pkg_config("--cflags"), pkg_config("--libs")
        headers = sorted(root.rglob("ndrscan*.h"))
        if RECORD:
            ABI.parent.mkdir(exist_ok=True)
            record_abi(root, headers, ABI)
            return 0
        hold_headers(headers, cflags)
        hold_version(root, cflags, libs)
        hold_symbols(root, headers)
        hold_sizes(root, cflags, libs)
        hold_examples(root, cflags, libs)
        hold_abi(root, headers)
    print(f"1..{len(results)}")
    return 0 if all(results) else 1


sys.exit(main())
