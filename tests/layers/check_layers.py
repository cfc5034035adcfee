#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""check_layers.py ROOT - does every file include only what its room may see?

The rooms, what each sees and which outside libraries it uses are read from the
`rooms` array of ROOT/meson.build, the stages of a room, lowest first, from the
`<room>_stages` array of its own meson.build: so they are written down once. A file sees
its own stage by bare names and those below it by STAGE/NAME. tools/ and bench/ see the
public headers and their own; bench/white/ sees bench/ and into the engine. Two files of one
name would be one too many. Prints FILE:LINE: HEADER: what is wrong, a line each; exit
status 0 none, 1 some, 2 the arrays cannot be read.
"""
import pathlib
import re
import sys

# Which headers belong to a dependency of meson.build.
HEADERS = {
    "ndrscan": ("ndrscan",),
    "hs": ("hs.h", "hs_", "hs/"),
    "cyaml": ("cyaml/",),
    "yaml": ("yaml.h",),
    "idn2": ("idn2.h",),
    "xxhash": ("xxhash.h",),
    "zstd": ("zstd.h", "zstd_"),
    "archive": ("archive.h", "archive_"),
    "packers": ("zlib.h", "bzlib.h", "lzma.h"),
    "sqlite": ("sqlite3.h",),
    "crypto": ("openssl/",),
    "uring": ("liburing.h",),
    "m": ("math.h",),
    "jansson": ("jansson.h",),
    "milter": ("libmilter/",),
    "microhttpd": ("microhttpd.h",),
    "crypt": ("crypt.h",),
    "threads": ("pthread.h", "threads.h"),
}
# What any file may include: C17, POSIX, and the kernel's and the CPU's own.
SYSTEM = set("""
assert.h ctype.h errno.h float.h inttypes.h limits.h locale.h math.h setjmp.h signal.h
stdalign.h stdarg.h stdatomic.h stdbool.h stddef.h stdint.h stdio.h stdlib.h
stdnoreturn.h string.h time.h wchar.h
dirent.h dlfcn.h fcntl.h fnmatch.h getopt.h glob.h grp.h iconv.h netdb.h langinfo.h libgen.h poll.h pwd.h
regex.h sched.h strings.h sysexits.h syslog.h termios.h unistd.h
arm_neon.h cpuid.h endian.h malloc.h
""".split())
SYSTEM_FOLDERS = ("sys/", "linux/", "net/", "netinet/", "arpa/")
INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')


def rooms_of(meson_build):
    """{room: (rooms it sees, outside libraries)} from the rooms array, lowest first."""
    array = re.search(r"^rooms = \[\n(.*?)^\]", meson_build, re.S | re.M)
    if array is None:
        sys.exit(2)
    rooms = {}
    row = re.compile(r"\['([\w/]+)', \[([^\]]*)\], \[([^\]]*)\], \w+\]")
    for name, sees, uses in row.findall(array.group(1)):
        below = re.findall(r"'([\w/]+)'", sees)
        outside = re.findall(r"\w+", uses)
        unknown = [x for x in outside if x not in HEADERS] + [x for x in below if x not in rooms]
        if unknown:
            print(f"meson.build: room {name}: {unknown[0]} is no room below it, and "
                  "check_layers.py knows no headers of it")
            sys.exit(2)
        rooms[name] = (below, outside)
    if len(rooms) != array.group(1).count("_sources]"):
        print("meson.build: the rooms array has a row that cannot be read")
        sys.exit(2)
    return rooms


def stages_of(folder):
    """The stages of a room, lowest first; none where its files lie side by side."""
    array = re.search(r"^\w+_stages = \[([^\]]*)\]", (folder / "meson.build").read_text(), re.M) \
        if (folder / "meson.build").exists() else None
    return re.findall(r"'(\w+)'", array.group(1)) if array else []


def own_of(folder, path, stages, inner):
    """The headers of its own room that a file may include, as it must spell them."""
    own = {h.name for h in path.parent.glob("*.h")}
    at = path.relative_to(folder).parts[0]
    below = stages[:stages.index(at)] if at in stages else stages
    for stage in [at, *below] if at in stages else below:
        own |= {h.relative_to(folder).as_posix() for h in (folder / stage).rglob("*.h")}
    if not stages:
        own |= {h.relative_to(folder).as_posix() for h in folder.rglob("*.h")
                if not any(i in h.parents for i in inner)}
    return own


def twice(root, folders):
    """Names that more than one file of the rooms has."""
    seen = {}
    for folder in folders:
        for path in sorted((root / folder).rglob("*.[ch]")):
            seen.setdefault(path.name, set()).add(path.relative_to(root).as_posix())
    return {name: sorted(paths) for name, paths in seen.items() if len(paths) > 1}


def owner_of(header):
    return next((lib for lib, begins in HEADERS.items() if header.startswith(begins)), None)


def check_file(path, visible, libraries):
    """What is wrong in one file: (line, header, words)."""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        found = INCLUDE.match(line)
        if not found:
            continue
        kind, header = found.groups()
        if kind == '"':
            if header not in visible:
                yield number, header, "is not visible from here"
            continue
        library = owner_of(header)
        if library is not None:
            if library not in libraries:
                yield number, header, f"belongs to {library}, which this room does not use"
        elif not (header in SYSTEM or header.startswith(SYSTEM_FOLDERS)
                  or header.endswith("intrin.h")):
            yield number, header, "is no system header and of no library that the rooms use"


def main():
    root = pathlib.Path(sys.argv[1])
    rooms = rooms_of((root / "meson.build").read_text())
    public = {room: {h.name.removesuffix(".in") for h in (root / room / "include").glob("*.h*")}
              for room in rooms}
    every = set().union(*public.values())
    plans = {}  # folder: (visible headers of others, libraries)
    for room, (below, libraries) in rooms.items():
        plans[room] = (public[room].union(*(public[b] for b in below)), libraries)
    # no library shines through libndrscan; the generator packs what it writes by itself
    plans["tools"] = (every, ["threads", "jansson", "milter"])
    plans["tools/console"] = (every | {h.relative_to(root / "tools").as_posix()
                                       for h in (root / "tools").rglob("*.h")},
                              ["threads", "jansson", "microhttpd", "crypt", "crypto"])
    # strangers, who have what is installed
    plans["tools/examples"] = (set(), ["ndrscan"])
    plans["bench"] = (every, ["threads", "zstd", "archive", "uring", "crypto", "m"])
    # and what measures the inside of the engine sees it
    inside = {h.relative_to(root / "engine").as_posix() for h in (root / "engine").rglob("*.h")}
    beside = {h.name for h in (root / "bench").glob("*.h")}
    plans["bench/white"] = (every | inside | beside, ["hs"])
    wrong = files = 0
    for folder, (visible, libraries) in plans.items():
        stages = stages_of(root / folder)
        inner = [root / f for f in plans if f.startswith(folder + "/")]
        for path in sorted((root / folder).rglob("*.[ch]")):
            if any(i in path.parents for i in inner):
                continue  # has a plan of its own
            files += 1
            at = path.relative_to(root / folder).parts
            if stages and len(at) > 1 and at[0] not in [*stages, "include"]:
                print(f"{path.relative_to(root)}:1: {at[0]}: is no stage of {folder}/meson.build")
                wrong += 1
            own = own_of(root / folder, path, stages, inner)
            for number, header, words in check_file(path, visible | own, libraries):
                print(f"{path.relative_to(root)}:{number}: {header}: {words}")
                wrong += 1
    for name, paths in twice(root, ["engine", "rules", "io", "tools"]).items():
        print(f"{paths[0]}:1: {name}: is also the name of {paths[1]}")
        wrong += 1
    if files == 0:
        print("no C files found below", root)
        return 2
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
