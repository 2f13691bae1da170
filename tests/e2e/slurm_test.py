"""scripts/characterise under a real Slurm: munge, a slurmctld and two slurmd on this machine, each with a host name of its
own, all of the test's own."""

import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]

CONFIGURATION = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
SlurmUser=root
SlurmdUser=root
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/builtin
KillWait=20
NodeName=n0 NodeAddr=127.0.0.1 Port={daemons[0]} CPUs={cpus} State=UNKNOWN
NodeName=n1 NodeAddr=127.0.0.1 Port={daemons[1]} CPUs={cpus} State=UNKNOWN
PartitionName=debug Nodes=n0,n1 Default=YES MaxTime=INFINITE State=UP
"""

PLAN = """
name = "{name}"
[sampling]
min_samples = 20
max_samples = {samples}
tolerance_small = "0.01%"
max_seconds = "{seconds}"
passes = {passes}
[[measure]]
experiment = "all_reduce"
sizes = {{ list = ["8B", "1KiB", "64KiB"] }}
"""


def why_not():
    missing = [name for name in ("munged", "slurmctld", "slurmd", "sbatch", "srun") if shutil.which(name) is None]
    if missing:
        return f"{', '.join(missing)} not installed (Debian: slurm-wlm, munge)"
    return "" if os.getuid() == 0 else "Slurm's daemons need root"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Slurm(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="hockney-slurm-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.folder.chmod(0o755)
        (cls.folder / "state").mkdir()
        key = cls.folder / "munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o400)
        configuration = cls.folder / "slurm.conf"
        configuration.write_text(CONFIGURATION.format(
            host=socket.gethostname().split(".")[0], folder=cls.folder, controller=free_port(),
            daemons=(free_port(), free_port()), cpus=os.cpu_count()))
        # the two hosts are one machine, so that their network is its loopback
        cls.environment = dict(os.environ, SLURM_CONF=str(configuration), UCX_TLS="tcp,self", UCX_NET_DEVICES="lo",
                               FI_PROVIDER="tcp", FI_TCP_IFACE="lo")
        for name in [name for name in cls.environment if name.startswith("SLURM_") and name != "SLURM_CONF"]:
            del cls.environment[name]
        for daemon in (["munged", "--foreground", "--force", f"--socket={cls.folder}/munge.socket",
                        f"--key-file={key}", f"--pid-file={cls.folder}/munge.pid",
                        f"--log-file={cls.folder}/munge.log", f"--seed-file={cls.folder}/munge.seed"],
                       ["slurmctld", "-D"], *([
                            "unshare", "--uts", "sh", "-c", f"hostname {node}; exec slurmd -D -N {node}"]
                            for node in ("n0", "n1"))):
            process = subprocess.Popen(daemon, env=cls.environment, stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
            cls.addClassCleanup(process.wait, 30)
            cls.addClassCleanup(process.terminate)
            time.sleep(0.5)
        deadline = time.monotonic() + 90
        while cls.slurm("sinfo", "-h", "-N", "-o", "%T", check=False).split() != ["idle", "idle"]:
            if time.monotonic() > deadline:
                print(f"skipped: Slurm does not start here: {cls.tail('slurmctld.log')}; {cls.tail('slurmd-n0.log')}")
                raise unittest.SkipTest("Slurm does not start here")
            time.sleep(0.5)

    @classmethod
    def tail(cls, log):
        path = cls.folder / log
        return path.read_text()[-500:] if path.exists() else f"no {log}"

    @classmethod
    def slurm(cls, *command, check=True):
        result = subprocess.run(command, env=cls.environment, capture_output=True, text=True, timeout=180, cwd=ROOT)
        if check and result.returncode != 0:
            raise AssertionError(f"{command}: {result.stderr}")
        return result.stdout

    def plan(self, name, passes, seconds, samples):
        path = self.folder / f"{name}.toml"
        path.write_text(PLAN.format(name=name, passes=passes, seconds=seconds, samples=samples))
        return str(path)

    def state_of(self, job):
        return re.search(r"JobState=(\S+)", self.slurm("scontrol", "show", "job", job)).group(1)

    def wait_until(self, job, is_met, seconds=240):
        deadline = time.monotonic() + seconds
        while not is_met():
            if time.monotonic() > deadline:
                self.fail(f"job {job} does not go on: {self.slurm('scontrol', 'show', 'job', job)}")
            time.sleep(1)

    def wait_for(self, job, seconds=240):
        running = ("PENDING", "CONFIGURING", "RUNNING", "COMPLETING")
        self.wait_until(job, lambda: self.state_of(job) not in running, seconds)
        return self.state_of(job)

    def log(self, out):
        return "".join(path.read_text() for path in sorted(out.glob("slurm-*.log")))

    def submit(self, out, nodes, launches, plan, budget):
        submitted = self.slurm("scripts/characterise", "--partition", "debug", "--nodes", str(nodes), "--launches",
                               str(launches), "--plan", plan, "--budget", budget, "--out", str(out))
        return re.search(r"Submitted batch job (\d+)", submitted).group(1)

    def requeue(self, job):
        """Ends it and starts it again, without the minutes that Slurm leaves between."""
        self.slurm("scontrol", "requeue", job)
        self.wait_until(job, lambda: self.state_of(job) == "PENDING")
        self.slurm("scontrol", "update", f"JobId={job}", "StartTime=now")

    def test_a_job_on_two_nodes_is_scanned_and_completes(self):
        out = self.folder / "two"
        job = self.submit(out, 2, 1, self.plan("short", 1, "100ms", 40), "60s")
        self.assertEqual(self.wait_for(job, 600), "COMPLETED", self.log(out))  # 256 MiB over loopback
        log = self.log(out)
        self.assertIn(f"the nodes of Slurm job {job}, 2 node(s), 4 ranks, transport mpi", log)
        self.assertIn("n0, n1 (2 hosts, alike)", log)
        self.assertRegex(log, r"health scan: 2 nodes in 3 rounds of pairs, 2 rails")
        self.assertRegex(log, r"(?m)^health .*scan/.*\.h5:\n +health scan of launch \w+: 2 nodes")
        self.assertRegex(log, "all_reduce over tcp, 4 ranks")

    def test_a_requeued_job_goes_on_and_on_another_node_begins_anew(self):
        out = self.folder / "requeued"
        job = self.submit(out, 1, 1, self.plan("again", 20, "2s", 100000000), "40s")

        def measures_after(words):
            self.wait_until(job, lambda: re.search(words + r".*^\[\d", self.log(out), re.MULTILINE | re.DOTALL))

        measures_after("== 3/5 measure")
        self.requeue(job)
        measures_after(r"resumed: \d+ visits are in the file already")
        [node] = re.findall(r" NodeList=(\S+)", self.slurm("scontrol", "show", "job", job))
        self.slurm("scontrol", "update", f"NodeName={node}", "State=DRAIN", "Reason=sick")
        self.addCleanup(self.slurm, "scontrol", "update", f"NodeName={node}", "State=RESUME")
        self.requeue(job)
        self.assertEqual(self.wait_for(job), "COMPLETED", self.log(out))
        self.assertIn(f"a launch was cut off on other nodes ({node})", self.log(out))
        self.assertIn("Restarts=2", self.slurm("scontrol", "show", "job", job))
        self.assertEqual(len(list((out / "cut-off").glob("*.h5.part"))), 1)
        self.assertEqual([file.suffix for file in (out / "launches").glob("*.h5*")], [".h5"])

    def test_a_partition_is_given_the_job_which_completes(self):
        out = self.folder / "done"
        job = self.submit(out, 1, 2, self.plan("short", 1, "100ms", 40), "20s")
        self.assertEqual(self.wait_for(job), "COMPLETED", self.log(out))
        log = self.log(out)
        self.assertIn(f"the nodes of Slurm job {job}, 1 node(s), 2 ranks, transport mpi", log)
        self.assertIn("measured   2 launches", log)
        self.assertRegex(log, "all_reduce over host_memory, 2 ranks")
        self.assertEqual(len(list((out / "launches").glob("*.h5"))), 2)

    def test_an_srun_that_this_mpi_does_not_understand_is_refused(self):
        out = self.folder / "alone"
        result = subprocess.run(["srun", "--mpi=none", "--ntasks", "2", "--overcommit",
                                 pathlib.Path(os.environ["HOCKNEY_BIN"]) / "hockney-bench", "--plan", "smoke", "--out",
                                 out], env=self.environment, capture_output=True, text=True, timeout=180)
        self.assertNotEqual(result.returncode, 0, result.stdout)
        self.assertRegex(result.stderr, r"MPI \(.*\) sees one process, but srun started 2 \(SLURM_STEP_NUM_TASKS=2\)")
        self.assertFalse(out.exists())

    def test_a_job_that_its_time_limit_ends_is_resumed(self):
        out = self.folder / "cut"
        plan = self.plan("long", 20, "2s", 100000000)
        command = f"exec {ROOT}/scripts/characterise --launches 1 --plan {plan} --budget 30min --out {out}"
        out.mkdir()
        submit = ("sbatch", "--parsable", "--output", f"{out}/slurm-%j.log", "--signal", "B:USR1@45",
                  "--exclusive")
        job = self.slurm(*submit, "--time", "10", "--wrap", command).strip()
        # The limit comes when the launch measures, however long the way to it: Slurm signals what has less than 75 s left.
        self.wait_until(job, lambda: re.search(r"^\[\d", self.log(out), re.MULTILINE))
        hours, minutes, _ = re.search(r"RunTime=(\d+):(\d+):(\d+)", self.slurm("scontrol", "show", "job", job)).groups()
        self.slurm("scontrol", "update", f"JobId={job}", f"TimeLimit={60 * int(hours) + int(minutes) + 1}")
        state = self.wait_for(job)
        log = self.log(out)
        self.assertIn(state, ("FAILED", "TIMEOUT"), log)
        self.assertRegex(log, r"stopped by a signal: \d+ visits are kept")
        self.assertIn("characterise: stopped", log)
        self.assertRegex(self.slurm("scontrol", "show", "job", job), "ExitCode=75:0")
        self.assertEqual(len(list((out / "launches").glob("*.h5.part"))), 1)
        job = self.slurm(*submit, "--time", "10", "--wrap", command.replace("30min", "15s")).strip()
        self.assertEqual(self.wait_for(job), "COMPLETED", self.log(out))
        self.assertRegex(self.log(out), r"resumed: \d+ visits are in the file already")
        self.assertEqual(len(list((out / "launches").glob("*.h5"))), 1)


if __name__ == "__main__":
    if why_not():
        print(f"skipped: {why_not()}")
        sys.exit(77)
    result = unittest.main(exit=False).result
    sys.exit(77 if result.skipped else not result.wasSuccessful())
