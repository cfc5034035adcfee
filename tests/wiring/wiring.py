# SPDX-License-Identifier: BSD-3-Clause
"""wiring.py - what do the tests share that put ndrscan into other programs' mail?

Each is called with the program under test and the tests' data. It installs what it needs
where that is allowed, works in namespaces and folders of its own, and exits 77, saying
why, where it cannot. tools/wiring holds the snippets that the manual shows; they run here
with the paths in them replaced.
"""
import fcntl
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent
SNIPPETS = SOURCE / "tools" / "wiring"
NOBODY = 65534


def skip(why):
    print("skipped:", why)
    sys.exit(77)


def need(*packages):
    """Install the packages that are missing, without starting what they would start."""
    def missing():
        return [p for p in packages if subprocess.run(
            ["dpkg-query", "-W", "-f", "${db:Status-Status}", p], capture_output=True,
            check=False).stdout != b"installed"]
    if os.geteuid() != 0:
        skip("needs root, for namespaces of its own")
    if not missing():
        return
    with open("/tmp/ndrscan-wiring.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        want = missing()
        if not want:
            return
        policy = pathlib.Path("/usr/sbin/policy-rc.d")
        made = not policy.exists()
        if made:
            policy.write_text("#!/bin/sh\nexit 101\n", encoding="ascii")
            policy.chmod(0o755)
        try:
            env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
            apt = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=60"]
            done = subprocess.run(
                [*apt, "-y", "--no-remove", "--no-install-recommends", "install", *want],
                env=env, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        finally:
            if made:
                policy.unlink()
        if done.returncode != 0:
            skip("apt-get does not install " + " ".join(want))


def in_namespaces():
    """Go on in namespaces of mounts, network and processes that end with this program."""
    if os.environ.get("NDR_WIRING_INSIDE"):
        subprocess.run(["ip", "link", "set", "lo", "up"], check=False, capture_output=True)
        return
    unshare = ["unshare", "-mnpf", "--propagation", "private", "--kill-child", "--mount-proc"]
    if subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode != 0:
        skip("namespaces cannot be made here")
    sys.stdout.flush()
    done = subprocess.run([*unshare, sys.executable, *sys.argv],
                          env=dict(os.environ, NDR_WIRING_INSIDE="1"), check=False)
    sys.exit(done.returncode)


class Place:
    """A folder in which everybody may run the program under test as ndrscan."""

    def __init__(self, program, data, keep_rights=False):
        self.data = pathlib.Path(data)
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="ndrscan-wiring-"))
        self.path.chmod(0o755)
        program = pathlib.Path(program).resolve()
        for file in [program, *program.parent.glob("ndrscan-*"),
                     *program.parent.parent.glob("libndrscan.so*")]:
            if file.is_file() and not file.name.endswith((".1", ".5", ".8", ".scd")):
                shutil.copy(file, self.path / ("program" if file == program else file.name))
        shutil.copy(self.data / "rules.yaml", self.path / "rules.yaml")
        # what all users share, and root writes by `block`: nobody is told where it is
        (self.path / "root" / "var" / "lib").mkdir(parents=True)
        self.windows = self.path / "root" / "var" / "lib" / "ndrscan" / "windows.d" / "ndrscan.yaml"
        self.ndrscan = self.path / "ndrscan"
        self.env = {"PATH": os.environ["PATH"], "NDRSCAN_ROOT": str(self.path / "root"), "LD_LIBRARY_PATH": str(self.path)}
        subprocess.run([self.path / "program", "block", "example.com", "--from", "2008-05-13T08:00:00Z", "--kinds", "failed"],
                       env=self.env, check=True, stdout=subprocess.DEVNULL, umask=0o077)
        self.blocked = self.windows.read_bytes()
        self.write("ndrscan", f"""#!/bin/sh
export LD_LIBRARY_PATH={self.path} NDRSCAN_ROOT={self.path}/root
unset XDG_CONFIG_HOME XDG_STATE_HOME
verb=$1
shift
exec {self.path}/program $verb --no-shipped-rules --no-cache --rules {self.path}/rules.yaml "$@"
""", 0o755)
        self.home = self.path / "home"
        for folder in ("", "Maildir", "Maildir/.Junk"):
            for sub in ("cur", "new", "tmp") if folder else ("",):
                (self.home / folder / sub).mkdir(parents=True, exist_ok=True)
        subprocess.run(["chown", "-R", str(NOBODY), str(self.home)], check=True)
        self.mail = {name: (self.data / f"{name}.eml").read_bytes()
                     for name in ("bounce", "delayed", "letter")}
        # a bounce whose body looks like an mbox, with a line like a stamp: it stays as it is
        self.trap = self.mail["bounce"].replace(
            b"\n\n", b"\n\nFrom 1f09ee4c0ffee Mon Sep 17 00:00:00 2001\nSubject: [PATCH]\n"
            b"X-NDR-Flag: NO, says a patch\n\n", 1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)

    def write(self, name, text, mode=0o644):
        path = self.path / name
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)
        return path

    def snippet(self, name, **more):
        """A snippet of the manual with the paths of this place."""
        text = (SNIPPETS / name).read_text(encoding="utf-8")
        text = text.replace("/usr/bin/ndrscan", str(self.ndrscan))
        for old, new in more.items():
            text = text.replace(old, new)
        return text

    def spoil(self):
        """From now on the filter answers 75: its windows cannot be read."""
        self.windows.write_text("windows: 7\n", encoding="ascii")

    def mend(self):
        self.windows.write_bytes(self.blocked)

    def make_it_die(self):
        """From now on the filter is killed in the middle of a message it has put out half."""
        self.ndrscan.rename(self.path / "healthy")
        self.write("ndrscan", "#!/bin/sh\nhead -c 300\nkill -9 $$\n", 0o755)

    def stored(self, folder=""):
        """The messages in a folder of the Maildir."""
        found = []
        for sub in ("new", "cur"):
            where = self.home / "Maildir" / folder / sub
            if where.is_dir():
                found += [p.read_bytes() for p in sorted(where.iterdir())]
        return found

    def empty(self):
        for folder in ("", ".Junk"):
            for sub in ("new", "cur"):
                for p in (self.home / "Maildir" / folder / sub).glob("*"):
                    p.unlink()


def holds(message, original):
    """Is every byte of the original at the end of the message, its last line end aside?"""
    return original.rstrip(b"\n") in message.replace(b"\r\n", b"\n")


def stamped(message, original):
    """Is it the original with one stamp of ours, YES, and whole?"""
    return b"X-NDR-Flag: YES\n" in message.replace(b"\r\n", b"\n") and holds(message, original) and \
        message.count(b"X-NDR-Flag: ") == original.count(b"X-NDR-Flag: ") + 1


def check(holds_, why):
    if not holds_:
        print("FAILED:", why)
        sys.exit(1)
    print("ok:", why)


def until(question, seconds=20):
    """Ask until the answer is yes or the time is over; the last answer."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = question()
        if answer:
            return answer
        time.sleep(0.1)
    return question()
