#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""test_layers.py ROOT BUILD - would an include or a call that reaches up be caught?

Prints TAP. The tree is clean; then, in a copy, all the planted includes must be named by
check_layers.py and nothing else, and one that reaches into another room must not even compile
with the flags that BUILD compiles that room with.
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
CALLS = pathlib.Path(__file__).with_name("check_calls.py")
sys.path.insert(0, str(CHECK.parent))
from check_layers import stages_of # pylint: disable=wrong-import-position

# A file, the line planted in it, and whether the compiler must refuse it too.
PLANTED = [
    ("engine/base/slice.c", '#include "ndrscan_io.h"', True),
    ("engine/base/slice.c", '#include "ndrscan_rules.h"', True),
    ("engine/include/ndrscan.h", '#include "ndrscan_io.h"', False),
    ("engine/base/slice.c", '#include "../io/include/ndrscan_io.h"', False),
    ("engine/base/slice.c", "#include <zstd.h>", False),
    ("rules/timestamp.c", '#include "ndrscan_io.h"', True),
    ("rules/timestamp.c", "#include <hs.h>", False),
    ("io/sink/json.c", '#include "ndrscan_rules.h"', True),
    ("io/sink/json.c", "#include <cyaml/cyaml.h>", False),
    ("tools/ndrscan.c", "#include <hs.h>", False),
    ("tools/ndrscan.c", '#include "run/ring.h"', True),
    ("io/move/tree.c", '#include "ndrscan_io.h"', True),
    ("io/move/tree.c", '#include "ndrscan_stats.h"', True),
    ("io/stats/usual_rate.c", '#include "sink/sinks.h"', True),
    # a stage that looks up, one line for each stage but the highest
    ("engine/base/slice.c", '#include "mail/header.h"', False),
    ("engine/mail/mime.c", '#include "match/ruleset.h"', False),
    ("engine/match/fold.c", '#include "facts/suspect.h"', False),
    ("engine/facts/suspect.c", '#include "scan/hits.h"', False),
    ("engine/scan/hits.c", '#include "run/ring.h"', False),
    ("io/frame/frame_mbox.c", '#include "codec/feed.h"', False),
    ("io/codec/feed.c", '#include "sink/sinks.h"', False),
    ("io/sink/json.c", '#include "source/work.h"', False),
    ("io/source/walk.c", '#include "pass/archiving.h"', False),
    ("tools/app/text.c", '#include "scan/survey.h"', False),
    ("tools/scan/survey.c", '#include "move/moves.h"', False),
    ("tools/move/moves.c", '#include "stream/wire.h"', False),
    ("tools/report/report_text.c", '#include "console/runs.h"', False),
    # and one that is spelt as if it lay in another place
    ("engine/scan/hits.c", '#include "header.h"', True),
    ("engine/base/slice.c", "#include <openssl/evp.h>", False),
    ("tools/ndrscan.c", "#include <microhttpd.h>", False),
    ("tools/console/request_guard.c", '#include "match/ruleset.h"', False),
    ("bench/ndrgen.c", '#include "match/ruleset.h"', False),
    ("tools/examples/scan_buffer.c", '#include "app/text.h"', False),
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
    folder = pathlib.Path(temp) / "tree"
    folder.mkdir()
    copy_tree(folder)
    beside = {}  # how many lines of each file are planted
    for name, line, _ in reversed(PLANTED):
        planted = folder / name
        planted.write_text(line + "\n" + planted.read_text())
    named = dict.fromkeys(":".join(said.split(":")[:2]) for said in check(folder).stdout.splitlines())
    for name, line, refused in PLANTED:
        beside[name] = beside.get(name, 0) + 1
        place = f"{name}:{beside[name]}"
        test(f"{line} in {name} is named", place in named, f"{place} is not in {list(named)}")
        named.pop(place, None)
        if refused:
            text = (ROOT / name).read_text()
            as_it_is, why = compiles(name, text, folder)
            test(f"{name} compiles as it is", as_it_is is True, why)
            planted, why = compiles(name, line + "\n" + text, folder)
            test(f"{line} in {name} does not compile",
                 planted is False and ("No such file" in why or "not found" in why), why)
    test("nothing else is named", not named, str(list(named)))
    for name, _, _ in PLANTED:
        shutil.copy(ROOT / name, folder / name)
    # two files of one name
    (folder / "tools/app/html.c").write_text("")
    seen = check(folder)
    test("a file name that is there twice is named", seen.returncode == 1
         and seen.stdout.startswith("engine/mail/html.c:1: html.c: "), seen.stdout + seen.stderr)
for room in ("engine", "io"):
    for stages, good, words in ((stages_of(ROOT / room), 0, "calls go down or stay"),
                                (stages_of(ROOT / room)[::-1], 1, "the other way round is caught")):
        seen = subprocess.run([sys.executable, str(CALLS), str(BUILD), room, *stages], text=True,
                              capture_output=True, check=False)
        test(f"{room}: {words}", stages != [] and seen.returncode == good, seen.stdout + seen.stderr)
print(f"1..{len(tests)}")
sys.exit(0 if all(tests) else 1)
