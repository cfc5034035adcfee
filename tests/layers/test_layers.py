#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""test_layers.py ROOT BUILD - would an include or a call that reaches up be caught?

Prints TAP. The tree is clean; then, in a copy, each planted include must be named by
check_layers.py, and one that reaches into another room must not even compile with the
flags that BUILD compiles that room with.
"""
import json
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile

ROOT, BUILD = (pathlib.Path(a).resolve() for a in sys.argv[1:3])
CHECK = pathlib.Path(__file__).with_name("check_layers.py")

# A file, the line planted in it, and whether the compiler must refuse it too.
PLANTED = [
    ("engine/slice.c", '#include "ndrscan_io.h"', True),
    ("engine/slice.c", '#include "ndrscan_rules.h"', True),
    ("engine/include/ndrscan.h", '#include "ndrscan_io.h"', False),
    ("engine/slice.c", '#include "../io/include/ndrscan_io.h"', False),
    ("engine/slice.c", "#include <zstd.h>", False),
    ("rules/timestamp.c", '#include "ndrscan_io.h"', True),
    ("rules/timestamp.c", "#include <hs.h>", False),
    ("io/json.c", '#include "ndrscan_rules.h"', True),
    ("io/json.c", "#include <cyaml/cyaml.h>", False),
    ("tools/ndrscan.c", "#include <hs.h>", False),
    ("tools/ndrscan.c", '#include "ring.h"', True),
    ("engine/slice.c", "#include <openssl/evp.h>", False),
    ("tools/ndrscan.c", "#include <microhttpd.h>", False),
    ("tools/console/guard.c", '#include "ruleset.h"', False),
    ("bench/ndrgen.c", '#include "ruleset.h"', False),
    ("bench/ndrgen.c", "#include <hs.h>", False),
    ("bench/white/rule_cost.c", '#include "cache.h"', False),
]

tests = []


def test(words, good, why=""):
    tests.append(good)
    print(f"{'ok' if good else 'not ok'} {len(tests)} - {words}")
    if not good:
        print("\n".join("# " + line for line in why.splitlines()))


def check(root):
    return subprocess.run([sys.executable, str(CHECK), str(root)], text=True,
                          capture_output=True, check=False)


def copy_tree(to):
    for name in ("engine", "rules", "io", "tools", "bench"):
        shutil.copytree(ROOT / name, to / name,
                        ignore=lambda _, names: [n for n in names if n.endswith(".pyc")])
    shutil.copy(ROOT / "meson.build", to)


def compiles(name, text, folder):
    """Does `text` in place of the file `name` compile with that file's own flags?"""
    for entry in json.loads((BUILD / "compile_commands.json").read_text()):
        source = (pathlib.Path(entry["directory"]) / entry["file"]).resolve()
        if source != ROOT / name or "optsdoc" in entry["output"]:
            continue
        planted = folder / pathlib.PurePath(name).name
        planted.write_text(text)
        words = [w for w in shlex.split(entry["command"]) if w != entry["file"]]
        for flag, count in (("-o", 2), ("-MF", 2), ("-MQ", 2), ("-c", 1), ("-MD", 1)):
            while flag in words:
                at = words.index(flag)
                del words[at:at + count]
        # a file finds its neighbours: those of the folder it stands for
        near = ["-iquote", str((ROOT / name).parent)]
        done = subprocess.run(words + near + ["-fsyntax-only", str(planted)],
                              cwd=entry["directory"], capture_output=True, text=True, check=False)
        return done.returncode == 0, done.stderr
    return None, "no compile command for " + name


with tempfile.TemporaryDirectory() as temp:
    clean = check(ROOT)
    test("every file includes only what its room may see", clean.returncode == 0,
         clean.stdout + clean.stderr)
    for number, (name, line, refused) in enumerate(PLANTED):
        folder = pathlib.Path(temp) / str(number)
        folder.mkdir()
        copy_tree(folder)
        text = (folder / name).read_text()
        (folder / name).write_text(line + "\n" + text)
        seen = check(folder)
        test(f"{line} in {name} is named", seen.returncode == 1
             and seen.stdout.startswith(f"{name}:1: "), seen.stdout + seen.stderr)
        if refused:
            as_it_is, why = compiles(name, text, folder)
            test(f"{name} compiles as it is", as_it_is is True, why)
            planted, why = compiles(name, line + "\n" + text, folder)
            test(f"{line} in {name} does not compile",
                 planted is False and ("No such file" in why or "not found" in why), why)
print(f"1..{len(tests)}")
sys.exit(0 if all(tests) else 1)
