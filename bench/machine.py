# SPDX-License-Identifier: BSD-3-Clause
"""What do the measuring scripts need to know of the machine, and how is it told?"""
import os
import subprocess


def _output(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True,
                              env=dict(os.environ, LC_ALL="C")).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def _lscpu():
    return dict((key.strip(), value.strip()) for key, _, value in
                (line.partition(":") for line in _output("lscpu").splitlines()))


def cores():
    return len(os.sched_getaffinity(0))


def one_line():
    """Processor, cores, memory and kernel."""
    cpu = _lscpu()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (f"{cpu.get('Model name', 'unknown processor')} (family {cpu.get('CPU family', '?')}, "
            f"model {cpu.get('Model', '?')}), {cores()} cores, {memory:.0f} GiB, "
            f"Linux {os.uname().release}")


def load():
    """How busy it is now: 0 is idle, from the number of cores on measurements wait."""
    return "load average " + " ".join(f"{value:.1f}" for value in os.getloadavg())


def describe(packages):
    """The same at length, with the versions of packages and how busy it is."""
    versions = "".join(f"{name} {package_version(name)}\n" for name in packages)
    return f"{one_line()}\n{load()}\n\n{versions}\n{_output('lscpu')}\n"


def package_version(package):
    """Debian's version of an installed package, "" when it is not there."""
    return _output("dpkg-query", "-W", "-f", "${Version}", package)


def missing(packages):
    return [name for name in packages if not package_version(name)]


def install(packages):
    """Install those of the packages that are missing; apt-get's failure is raised."""
    wanted = missing(packages)
    if not wanted:
        return
    as_root = [] if os.geteuid() == 0 else ["sudo"]
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    subprocess.run(as_root + ["apt-get", "update", "-qq"], check=True)
    subprocess.run(as_root + ["apt-get", "install", "-y", "--no-install-recommends"] + wanted,
                   check=True, env=environment)


def markdown(head, rows):
    """A table whose first column is words and the others numbers."""
    width = [max(len(row[i]) for row in [head] + rows) for i in range(len(head))]
    rule = ["-" * width[0]] + ["-" * (w - 1) + ":" for w in width[1:]]
    lines = [head, rule] + rows
    return "\n".join("| " + " | ".join(
        cell.ljust(w) if i == 0 else cell.rjust(w)
        for i, (cell, w) in enumerate(zip(line, width))) + " |" for line in lines)
