#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""test_pages.py SCDOC WITH_TABLES BUILD - does groff set the man pages without a warning, and their tables whole? Says TAP."""
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from tap import ended, ok # pylint: disable=wrong-import-position

SCDOC, WITH_TABLES, BUILD = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
ROWS = 12


def man(page, width, *more):
    """(what comes, warnings), asked as lintian asks, who adds -Z."""
    done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-Tutf8", *more, "-l", page], capture_output=True, text=True, check=False,
                          env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "MANROFFSEQ": "", "MANWIDTH": str(width)})
    return done.stdout, done.stderr


def hold_pages():
    """lintian asks at 120 columns, most terminals have 80."""
    pages = [page for page in sorted(BUILD.glob("tools/ndrscan*.[1-8]")) if ".so " not in page.read_text()[:20]]
    ok(pages, "there are pages")
    asked = [(page, width) for page in pages for width in (80, 120)]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        warned = [f"{page.name} at {width} columns: {told[1]}"
                  for (page, width), told in zip(asked, pool.map(lambda of: man(*of, "-Z"), asked)) if told[1]]
    ok(not warned, "groff warns of none", "\n".join(warned))


def page_with_table(folder, above):
    """What is wrong with a table that stands below so many lines."""
    text = 'X(1) "x" "x"\n\n# NAME\n\nx - tables\n\n# TABLE\n\n```\n' + "line\n" * above + "```\n\n"
    rows = [f"|{'[' if row == 0 else ' '} row {row}\n:{'<' if row == 0 else ' '} {'words ' * 20}\n" for row in range(ROWS)]
    page = folder / f"{above}.1"
    with page.open("wb") as to:
        subprocess.run([WITH_TABLES, SCDOC], input=(text + "".join(rows) + "\n").encode(), stdout=to, check=True)
    shown, told = man(page, 80, "-P", "cat")
    lines = shown.splitlines()
    table = lines[next(number for number, line in enumerate(lines) if "row 0" in line):]
    table = table[:next(number for number, line in enumerate(table) if f"row {ROWS - 1} " in line)]
    return "" if all(table) and not told else f"{above} lines above: {told}\n" + "\n".join(table)


def hold_tables():
    """Wherever it stands: groff's pages are 66 lines long."""
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(2) as pool:
        torn = [seen for seen in pool.map(lambda above: page_with_table(pathlib.Path(folder), above), range(36, 64)) if seen]
    ok(not torn, "a table has no hole where a page would end", "\n".join(torn))


hold_pages()
hold_tables()
sys.exit(ended())
