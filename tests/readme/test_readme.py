#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""test_readme.py SOURCE NDRSCAN NDRGEN - does README's "Five minutes" run as it is written?

Each command line of the section is run by a shell in the order of the page, in a home of its
own whose /var/mail, /var/vmail and ~/Maildir hold a generated storm. Only these paths are put
elsewhere. What stays (watch, console) must still be there after a while and end when told to.
Also: the apt-get line names what tools/packages.sh does; each manual page and file that is
named is there; the rooms' pages know their stages. Says TAP.
"""
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from tap import ended, ok # pylint: disable=wrong-import-position

SOURCE, NDRSCAN, NDRGEN = (pathlib.Path(p).resolve() for p in sys.argv[1:4])
README = (SOURCE / "README.md").read_text()
TOOLS = (SOURCE / "tools" / "README.md").read_text()
SECTION = README.split("## Five minutes", 1)[1].split("\n## ", 1)[0]
STAYS = ("ndrscan console", "ndrscan watch")


def blocks():
    """The indented blocks of the section, in order, without their indent."""
    found = re.findall(r"(?:^    .*\n)+", SECTION, re.M)
    return [re.sub(r"^    ", "", block, flags=re.M) for block in found]


def commands():
    """(block, command) for each line that starts ndrscan."""
    for block in blocks():
        for line in block.splitlines():
            line = line.removeprefix("$ ")
            if line.startswith("ndrscan "):
                yield block, line


def make_home(home):
    """A new user's home, and the mail that README finds below /var."""
    for folder in ("bin", "var/mail", "var/vmail/example.com"):
        (home / folder).mkdir(parents=True)
    (home / "bin" / "ndrscan").symlink_to(NDRSCAN)
    # jq is not ours to test: it gets each record on a line, or fails
    jq = home / "bin" / "jq"
    jq.write_text("#!/usr/bin/python3\nimport json, sys\nfor line in sys.stdin:\n    print(json.loads(line)['reason'])\n")
    jq.chmod(0o755)
    common = [NDRGEN, "--messages", "300", "--bounces", "40", "--sizes", "storm",
              "--storm", "example.com:80%:2008-05-13T08:00:00Z:2008-05-15T08:00:00Z"]
    for seed, form, where in ((1, "mbox", "var/mail/alice"), (2, "maildir", "var/vmail/example.com/bob"),
                              (3, "maildir", "Maildir")):
        subprocess.run([*common, "--seed", str(seed), "--format", form, "--output", home / where], check=True,
                       stdout=subprocess.DEVNULL)
    bounce = next((SOURCE / "tests" / "mail" / "failed").glob("*.eml")).read_bytes()
    for name in ("message", "message.eml"):
        (home / name).write_bytes(bounce)
    windows = next(block for block in blocks() if block.startswith("windows:"))
    (home / "windows.yaml").write_text(windows)


def try_command(home, env, line):
    """(good, what it said)"""
    line = line.replace("/var/", f"{home}/var/")
    child = subprocess.Popen(["/bin/sh", "-c", line], cwd=home, env=env, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                             start_new_session=True)
    if line.startswith(STAYS):
        time.sleep(3)
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGTERM)
            said = child.communicate(timeout=30)[0]
            return "Traceback" not in said, said
        return False, f"ended with {child.returncode} by itself: {child.communicate()[0]}"
    said = child.communicate(timeout=120)[0]
    return child.returncode == 0, f"exit status {child.returncode}: {said}"


def walk_through():
    with tempfile.TemporaryDirectory(prefix="ndrscan-readme-") as folder:
        home = pathlib.Path(folder)
        make_home(home)
        env = {"HOME": folder, "PATH": f"{folder}/bin:{NDRSCAN.parent}:/usr/bin:/bin:/usr/sbin:/sbin", "TZ": "UTC",
               # root's own places are not the test's to write to
               "XDG_STATE_HOME": f"{folder}/.local/state", "XDG_CONFIG_HOME": f"{folder}/.config",
               "XDG_CACHE_HOME": f"{folder}/.cache", "NDRSCAN_ROOT": f"{folder}/root"}
        has_console = (NDRSCAN.parent / "ndrscan-console").exists()
        for _, line in commands():
            if line.startswith("ndrscan console") and not has_console:
                ok(True, f"{line} # SKIP the console is not built here")
                continue
            good, said = try_command(home, env, line)
            ok(good, "runs as written: " + line.replace("#", "no."), said)
        ok((home / ".local/state/ndrscan/stats.db").exists(), "report and watch met the file that scan made")
        ok(os.path.getsize(home / "storm.mbox.zst") > 0, "split left what is junk")


def shell_words(name):
    text = (SOURCE / "tools" / "packages.sh").read_text()
    return re.search(rf'^{name}="([^"]*)"', text, re.M).group(1).split()


def hold_packages():
    line = re.search(r"^    sudo apt-get install (.*(?:\n        .*)*)", README, re.M)
    named = line.group(1).replace("\\", " ").split() if line else []
    wanted = set(shell_words("build_packages")) | {"libhyperscan-dev"}
    missing = sorted(wanted - set(named))
    ok(line is not None and missing == [], "the apt-get line names every package that the build needs",
       "missing: " + " ".join(missing))
    table = set(re.findall(r"[a-z][a-z0-9.+-]+", " ".join(re.findall(r"^\| ([^|]*) \|", TOOLS, re.M))))
    known = wanted | set(shell_words("optional_packages")) | set(shell_words("test_packages"))
    unsaid = sorted(p for p in known - {"util-linux", "strace", "libc6-dev"} if p not in table)
    ok(unsaid == [], "the table says what each package is for", "not in it: " + " ".join(unsaid))


def hold_pages():
    pages = set(re.findall(r"ndrscan(?:-[a-z]+)?\(\d\)", README))
    gone = [page for page in sorted(pages)
            if not (SOURCE / "tools/man" / (page.replace("(", ".").replace(")", "") + ".scd")).exists()]
    ok(gone == [], "each manual page that is named is there", " ".join(gone))
    there = {path.name.removesuffix(".scd") for path in (SOURCE / "tools/man").glob("*.scd")}
    front = (SOURCE / "tools/man/ndrscan.1.scd").read_text().replace("*", "").replace("\\", "")
    unnamed = [name for name in sorted(there - {"ndrscan.1"})
               if re.sub(r"\.(\d)$", r"(\1)", name) not in front]
    ok(unnamed == [], "ndrscan(1) names every page", " ".join(unnamed))


def hold_stages():
    """The pages of the rooms name each stage there is, and no file or header that is gone."""
    for room in ("engine", "io", "tools"):
        page = (SOURCE / room / "README.md").read_text()
        array = re.search(r"^\w+_stages = \[([^\]]*)\]", (SOURCE / room / "meson.build").read_text(), re.M)
        stages = re.findall(r"'(\w+)'", array.group(1))
        unsaid = [s for s in stages if not re.search(rf"^    .*\b{s}   ?", page, re.M)]
        ok(stages != [] and unsaid == [], f"{room}/README.md has each stage in its picture", " ".join(unsaid))
    gone = []
    for page in sorted(SOURCE.glob("*/README.md")) + [SOURCE / "README.md"]:
        for path in re.findall(r"`((?:engine|io|rules|tools|tests|bench)/[\w./-]+\.(?:[ch]|py|md|yaml|build))`", page.read_text()):
            if re.search("NAME|FILE|ROOM", path):
                continue # stands for any
            if not (SOURCE / path).exists() and not (page.parent / path).exists():
                gone.append(f"{page.parent.name}/{page.name}: {path}")
    ok(gone == [], "each file that a page names is there", "\n".join(gone))
    ok(len(README.splitlines()) < 150, "README is no longer than one reads", str(len(README.splitlines())))


walk_through()
hold_packages()
hold_pages()
hold_stages()
sys.exit(ended())
