"""scripts/characterise on one machine: from nothing to the summary, resumed, and refused."""

import os
import pathlib
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
        return subprocess.run(self.command(*arguments, **plan), capture_output=True, timeout=120, **self.start)

    def test_goes_from_nothing_to_the_summary(self):
        result = self.run_it("--budget", "20s", "--launches", "2")
        self.assertEqual(result.returncode, 0, result.stderr + result.stdout)
        for line in ("this machine, 1 node(s), 2 ranks", "one node: there are no pairs of nodes to scan",
                     "all_reduce over host_memory, 2 ranks", "measured   2 launches", "health     one node",
                     "certainty  how far launches differ", "launches for half of the points",
                     "alpha (us)  95 % interval (us)  1/beta (GB/s)  95 % interval (GB/s)", "% of line rate",
                     "next       build/bin/hockney predict"):
            self.assertIn(line, result.stdout)
        self.assertIn("NUMA node 0", (self.out / "topology.txt").read_text())
        self.assertTrue((self.out / "machine.cost.json").is_file())
        self.assertEqual(len(list((self.out / "launches").glob("*.h5"))), 2)

    def test_goes_on_where_sigterm_stopped_it(self):
        process = subprocess.Popen(self.command("--budget", "10min", "--launches", "1", passes=500),
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **self.start)
        seen = ""
        for line in process.stdout:
            seen += line
            if line.startswith("["):
                break
        process.send_signal(signal.SIGTERM)
        seen += process.stdout.read()
        process.stdout.close()
        self.assertEqual(process.wait(timeout=60), 75, seen)
        self.assertIn("run the same command again", seen)
        time.sleep(1)
        result = self.run_it("--budget", "10s", "--launches", "1", passes=500)
        self.assertEqual(result.returncode, 0, result.stderr + result.stdout)
        self.assertIn("visits are in the file already", result.stdout)
        self.assertEqual(len(list((self.out / "launches").glob("*.h5"))), 1)

    def test_refuses_bad_input_in_one_line(self):
        for arguments, expected in ((["--budget", "soon"], "--budget 'soon': expected e.g. 90s"),
                                    (["--launches", "0"], "--launches '0': expected a whole number"),
                                    (["--hostfile", "nowhere"], "nowhere: cannot be read"),
                                    (["--fast"], "unknown argument '--fast'"), (["--budget"], "expected a value")):
            result = self.run_it(*arguments)
            self.assertEqual(result.returncode, 2, result.stderr + result.stdout)
            self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
            self.assertIn(expected, result.stderr)

    def test_help_is_the_head_of_the_script(self):
        result = self.run_it("--help")
        self.assertEqual(result.returncode, 0)
        self.assertIn("Usage: scripts/characterise", result.stdout)
        self.assertNotIn("#", result.stdout)


if __name__ == "__main__":
    unittest.main()
