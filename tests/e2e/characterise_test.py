"""scripts/characterise on one machine: from nothing to the summary, resumed, and refused."""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]

PLAN = """
name = "mini"
[sampling]
min_samples = 20
max_samples = 40
max_seconds = "200ms"
passes = {passes}
[[measure]]
experiment = "all_reduce"
sizes = {{ from = "8B", to = "64KiB", factor = 4 }}
"""


class Characterise(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hockney-characterise-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.out = self.folder / "out"
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SLURM_")}
        self.start = dict(cwd=self.folder, env=environment, text=True)

    def command(self, *arguments, passes=1):
        plan = self.folder / "mini.toml"
        plan.write_text(PLAN.format(passes=passes))
        return [ROOT / "scripts" / "characterise", "--plan", plan, "--out", self.out, *arguments]

    def run_it(self, *arguments, **plan):
        return subprocess.run(self.command(*arguments, **plan), capture_output=True, timeout=240, **self.start)

    def begin(self):
        """One that would take long, when its launch has measured enough for a fit."""
        process = subprocess.Popen(self.command("--budget", "10min", "--launches", "1", passes=500),
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
                                   **self.start)
        seen = ""
        for line in process.stdout:
            seen += line
            if seen.count("\n[") == 3:
                break
        return process, seen

    def end_of(self, process):
        """What else it prints, when its ranks have ended too."""
        seen = process.stdout.read()
        process.stdout.close()
        process.wait(timeout=60)
        deadline = time.monotonic() + 60
        while self.ranks() and time.monotonic() < deadline:
            time.sleep(0.1)
        return seen

    def ranks(self):
        """The processes that measure here."""
        found = []
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                words = (folder / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if words[0].endswith(b"/hockney-bench") and str(self.out / "launches").encode() in words:
                found.append(int(folder.name))
        return found

    def test_goes_from_nothing_to_the_summary(self):
        result = self.run_it("--budget", "020s", "--launches", "2")
        self.assertEqual(result.returncode, 0, result.stderr + result.stdout)
        for line in ("this machine, 1 node(s), 2 ranks", "one node: there are no pairs of nodes to scan",
                     "all_reduce over host_memory, 2 ranks", "measured   2 launches", "health     one node",
                     "certainty  how far launches, the passes of a launch, and its samples differ",
                     "alpha (us)  95 % interval (us)  1/beta (GB/s)  95 % interval (GB/s)", "% of line rate",
                     "next       build/bin/hockney predict"):
            self.assertIn(line, result.stdout)
        self.assertIn("NUMA node 0", (self.out / "topology.txt").read_text())
        certainty = re.search(r"^certainty .*?(?=^costs )", result.stdout, re.MULTILINE | re.DOTALL)[0].splitlines()
        self.assertEqual(len(certainty), 4, certainty)
        self.assertLessEqual(max(map(len, certainty[:2])), 100, certainty)
        self.assertRegex(certainty[2], "launches +passes +samples +for half +for all +curve$")
        self.assertRegex(certainty[3], r"^ +[\d.]+ +(-|[\d.]+) +[\d.]+ +\d+\+? +\d+\+? +all_reduce/mpi/host_memory/n:2x2/")
        self.assertTrue((self.out / "machine.cost.json").is_file())
        self.assertEqual(len(list((self.out / "launches").glob("*.h5"))), 2)
        following = subprocess.run(re.search("^next +(.*)$", result.stdout, re.MULTILINE)[1].split(), cwd=ROOT,
                                   capture_output=True, text=True)
        self.assertEqual(following.returncode, 0, following.stderr)
        self.assertIn("all_reduce", following.stdout)

        result = self.run_it("--budget", "20s", "--launches", "2")
        self.assertEqual(result.returncode, 0, result.stderr + result.stdout)
        self.assertIn("done before: 2 (", result.stdout)
        self.assertIn("measured   2 launches", result.stdout)
        self.assertNotIn("-- launch", result.stdout)
        result = self.run_it("--budget", "20s", "--launches", "2", passes=2)
        self.assertEqual(result.returncode, 2, result.stderr + result.stdout)
        self.assertRegex(result.stderr, "^characterise: --out .*: holds launches of plan mini.toml, not of .* as it is now")

    def test_goes_on_where_sigterm_stopped_it(self):
        self.check_goes_on_after(lambda process: process.send_signal(signal.SIGTERM))

    def test_goes_on_where_ctrl_c_stopped_it(self):
        self.check_goes_on_after(lambda process: os.killpg(process.pid, signal.SIGINT))  # as a terminal does

    def check_goes_on_after(self, stop):
        process, seen = self.begin()
        stop(process)
        seen += self.end_of(process)
        self.assertEqual(process.returncode, 75, seen)
        self.assertIn("run the same command again", seen)
        result = self.run_it("--budget", "3s", "--launches", "1", passes=500)
        self.assertEqual(result.returncode, 0, result.stderr + result.stdout)
        self.assertIn("visits are in the file already", result.stdout)
        self.assertEqual(len(list((self.out / "launches").glob("*.h5"))), 1)

    def test_goes_on_where_a_rank_was_killed_and_begins_anew_on_other_nodes(self):
        process, seen = self.begin()
        ranks = self.ranks()
        self.assertEqual(len(ranks), 2, seen)
        os.kill(max(ranks), signal.SIGKILL)
        seen += self.end_of(process)
        self.assertEqual(process.returncode, 1, seen)
        self.assertIn("what was measured is in", seen)
        [part] = (self.out / "launches").glob("*.h5.part")
        shutil.copytree(self.out, self.folder / "elsewhere")
        result = self.run_it("--budget", "3s", "--launches", "1", passes=500)
        self.assertEqual(result.returncode, 0, result.stderr + result.stdout)
        self.assertIn("visits are in the file already", result.stdout)
        self.assertEqual([file.name for file in (self.out / "launches").glob("*.h5*")], [part.stem])

        self.out = self.folder / "elsewhere"
        (self.out / "launches.on").write_text("another-node\n")
        result = self.run_it("--budget", "20s", "--launches", "1")
        self.assertEqual(result.returncode, 0, result.stderr + result.stdout)
        self.assertIn("cut off on other nodes (another-node)", result.stdout)
        self.assertTrue((self.out / "cut-off" / part.name).is_file())
        [file] = (self.out / "launches").glob("*.h5*")
        self.assertNotEqual(file.name, part.stem)

    def test_a_new_version_of_the_script_does_not_disturb_a_run(self):
        script = self.folder / "checkout" / "scripts" / "characterise"
        script.parent.mkdir(parents=True)
        shutil.copy(ROOT / "scripts" / "characterise", script)
        (script.parents[1] / "build").symlink_to(ROOT / "build")
        command = [script, *self.command("--budget", "4s", "--launches", "1")[1:]]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **self.start) as process:
            seen = process.stdout.readline()
            script.write_text("((\n" * script.stat().st_size)
            seen += process.stdout.read()
        self.assertEqual(process.returncode, 0, seen)
        self.assertIn("\nnext ", seen)

    def test_refuses_bad_input_in_one_line_before_it_measures(self):
        hosts = self.folder / "hosts"
        hosts.write_text("# cluster\nnode-0:8\nnode-1 slots=4\n")
        for arguments, expected in ((["--budget", "soon"], "--budget 'soon': expected e.g. 90s"),
                                    (["--launches", "0"], "--launches '0': expected a whole number"),
                                    (["--hostfile", "nowhere"], "nowhere: cannot be read"),
                                    (["--hostfile", "x", "--partition", "debug"], "--hostfile: not with --partition"),
                                    (["--hostfile", hosts], "different numbers of ranks (4, 8): expected the same"),
                                    (["--budget", "0s"], "expected a second or more for each of 3 launches"),
                                    (["--budget", "-5min"], "--budget '-5min': expected e.g. 90s"),
                                    (["--out", hosts / "out"], "no folder that can be made and written to"),
                                    (["--nodes", "2"], "--nodes: only with --partition"),
                                    (["--platform", "dgx-a10"], "did you mean 'dgx-a100'"),
                                    (["--plan", "hosts"], "hosts"),
                                    (["--fast"], "unknown argument '--fast'"), (["--budget"], "expected a value")):
            result = self.run_it(*arguments)
            self.assertEqual(result.returncode, 2, result.stderr + result.stdout)
            self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
            self.assertIn(expected, result.stderr)
            self.assertFalse(self.out.exists())

    def test_refuses_a_machine_without_an_mpiexec(self):
        self.start["env"]["HOCKNEY_MPIEXEC"] = "mpiexec.none"
        result = self.run_it()
        self.assertEqual(result.returncode, 2, result.stderr + result.stdout)
        self.assertIn("there is no mpiexec.none here", result.stderr)

    def test_help_is_the_head_of_the_script(self):
        result = self.run_it("--help")
        self.assertEqual(result.returncode, 0)
        self.assertIn("Usage: scripts/characterise", result.stdout)
        self.assertNotIn("#", result.stdout)


if __name__ == "__main__":
    unittest.main()
