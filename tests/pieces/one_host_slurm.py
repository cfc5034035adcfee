# SPDX-License-Identifier: BSD-3-Clause
"""one_host_slurm.py - a Slurm of several nodes on one host, for as long as a test takes.

slurm-wlm and munge of Debian 12: no systemd, no cgroup, nothing below /etc. Debian's slurmd
takes -N, so that several run beside each other on ports of their own. They run as root, as
slurmd must; who is not root has no Slurm here.
"""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

CONF = """ClusterName=ndrscan
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={root}/munge/sock,cred_expire=5
CredType=cred/munge
SlurmctldPort={port}
SlurmctldPidFile={root}/slurmctld.pid
SlurmdPidFile={root}/slurmd.%n.pid
StateSaveLocation={root}/state
SlurmdSpoolDir={root}/spool.%n
SlurmctldLogFile={root}/log/slurmctld.log
SlurmdLogFile={root}/log/slurmd.%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc={root}/log/jobcomp.log
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1,sched_min_interval=10000
ReturnToService=2
KillWait=5
SlurmdTimeout=10
MinJobAge=300
JobRequeue=1
SlurmdParameters=config_overrides
MailProg=/bin/true
"""
PROGRAMS = ("sbatch", "squeue", "scontrol", "scancel", "sinfo", "munged")


def missing():
    """Why there is no Slurm here; None: there is."""
    if os.geteuid() != 0:
        return "slurmd wants root"
    for name in PROGRAMS:
        if shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin") is None:
            return f"{name} is not there (Debian: slurm-wlm, munge)"
    return None


def free_ports(count):
    """So many ports that follow each other, free a moment ago."""
    for _ in range(50):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            first = s.getsockname()[1]
        if first + count < 65536:
            return first
    raise OSError("no ports")


class Slurm:
    """Nodes n1, n2, ... of one CPU each, in a private folder."""

    def __init__(self, root, nodes=2):
        self.root, self.nodes = pathlib.Path(root), nodes
        self.env = dict(os.environ, SLURM_CONF=str(self.root / "slurm.conf"),
                        PATH=os.environ["PATH"] + ":/usr/sbin", LC_ALL="C.UTF-8")
        for name in ("munge", "state", "log"):
            (self.root / name).mkdir(parents=True)
        key = self.root / "munge" / "key"
        key.touch(0o600)
        key.write_bytes(os.urandom(128))
        host, port = socket.gethostname().split(".")[0], free_ports(nodes + 1)
        conf = CONF.format(host=host, root=self.root, port=port)
        for i in range(1, nodes + 1):
            conf += f"NodeName=n{i} NodeHostname={host} NodeAddr=127.0.0.1 Port={port + i} CPUs=1 RealMemory=512 State=UNKNOWN\n"
        conf += f"PartitionName=scan Nodes={','.join(f'n{i}' for i in range(1, nodes + 1))} Default=YES MaxTime=60 State=UP\n"
        (self.root / "slurm.conf").write_text(conf)

    def call(self, *words, check=True):
        return subprocess.run(words, env=self.env, capture_output=True, text=True, check=check, timeout=60).stdout.strip()

    def up(self, seconds=60):
        """Start all; False: they did not come."""
        m = self.root / "munge"
        self.call("munged", f"--socket={m}/sock", f"--key-file={m}/key", f"--pid-file={m}/pid",
                  f"--log-file={m}/log", f"--seed-file={m}/seed")
        self.call("slurmctld", "-f", self.env["SLURM_CONF"])
        for i in range(1, self.nodes + 1):
            self.start_node(i)
        for _ in range(seconds * 10):
            idle = subprocess.run(["sinfo", "-h", "-N", "-t", "idle", "-o", "%N"], env=self.env,
                                  capture_output=True, text=True, check=False).stdout.split()
            if len(set(idle)) == self.nodes:
                return True
            time.sleep(0.1)
        return False

    def start_node(self, i):
        (self.root / f"spool.n{i}").mkdir(exist_ok=True)
        self.call("slurmd", "-f", self.env["SLURM_CONF"], "-N", f"n{i}")

    def lose_node(self, i):
        """All that runs on it dies at once; first who would still tell."""
        daemon = int((self.root / f"slurmd.n{i}.pid").read_text())
        for pid in [*self.of_node(i), daemon]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def of_node(self, i):
        """The processes of its jobs: those that start them, then those by their environment."""
        found = []
        steps = [f"slurmstepd: [{job}.".encode() for job in
                 self.call("squeue", "-h", "-w", f"n{i}", "-o", "%A", check=False).split()]
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                environ = (entry / "environ").read_bytes().split(b"\0")
                line = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            mine = f"SLURM_CONF={self.env['SLURM_CONF']}".encode() in environ
            step = any(line.startswith(s) for s in steps)
            if mine and (step or f"SLURMD_NODENAME=n{i}".encode() in environ):
                found.append((not step, int(entry.name)))
        return [pid for _, pid in sorted(found)]

    def left(self, *jobs):
        """What of these jobs waits or runs."""
        return self.call("squeue", "-h", "-r", "-j", ",".join(jobs), "-o", "%i %T %r", check=False)

    def wait(self, *jobs, seconds=240):
        """Until none of them is left; False: some still are."""
        for _ in range(seconds * 5):
            if not self.left(*jobs):
                return True
            time.sleep(0.2)
        return False

    def down(self):
        subprocess.run(["scancel", "--signal=KILL", "-u", "root"], env=self.env, capture_output=True, check=False)
        subprocess.run(["scontrol", "shutdown"], env=self.env, capture_output=True, check=False)
        for _ in range(50):
            if not list(self.root.glob("*.pid")):
                break
            time.sleep(0.1)
        for pid_file in [*self.root.glob("*.pid"), self.root / "munge" / "pid"]:
            try:
                os.kill(int(pid_file.read_text()), signal.SIGTERM)
            except (OSError, ValueError):
                pass
