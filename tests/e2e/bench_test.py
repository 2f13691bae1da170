"""hockney-bench as a user starts it: what it measures, refuses, lists, resumes, and how it ends."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

try:
    import h5py
except ImportError:
    print("skipped: python3-h5py is not installed")
    sys.exit(77)

BIN = pathlib.Path(os.environ["HOCKNEY_BIN"])
BENCH = str(BIN / "hockney-bench")
ROOT = pathlib.Path(__file__).resolve().parents[2]

TINY = """
name = "tiny"
[sampling]
tolerance_small = "20%"
min_samples = 6
max_samples = 40
max_seconds = "100ms"
warm_up = "1ms"
max_discarded = 20
[[measure]]
experiment = "all_reduce"
sizes = { list = ["8B", "4KiB"] }
in_place = [false, true]
[[measure]]
experiment = "ping_pong"
sizes = { list = ["1KiB"] }
"""

GRID = """
name = "grid"
[sampling]
min_samples = 20
max_samples = 20
max_seconds = "1s"
warm_up = "{warm_up}"
passes = {passes}
[[measure]]
experiment = "all_reduce"
sizes = {{ from = "8B", to = "{to}", factor = 2 }}
"""

STEPS = """
[[step_replay]]
model = "gpt3-175b"
layers = 2
hidden = 64
heads = 4
sequence = 16
vocabulary = 64
tp = 2
[[step_replay]]
model = "gpt3-175b"
layers = 2
hidden = 64
heads = 4
sequence = 16
vocabulary = 64
pp = 2
"""


def run(*arguments, ranks=2, timeout=60, env=None, cwd=None):
    command = [BENCH, *arguments] if ranks == 0 else ["mpiexec", "-n", str(ranks), BENCH, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, env=env, cwd=cwd)


class Bench(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hockney-bench-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.plan = self.write("tiny.toml", TINY)

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return str(path)

    def launch_file(self, out="out"):
        files = list((self.folder / out).glob("*.h5"))
        self.assertEqual(len(files), 1, files)
        return files[0]

    def refused(self, *arguments, expect, **kwargs):
        """Bad input: exit code 2, one line on stderr that says `expect`, and nothing left running."""
        result = run(*arguments, **kwargs)
        ours = [line for line in result.stderr.splitlines() if line.startswith("hockney-bench:")]
        self.assertEqual(result.returncode, 2, result.stderr + result.stdout)
        self.assertEqual(len(ours), 1, result.stderr)
        self.assertRegex(ours[0], expect)
        return result

    def test_measures_every_point_and_keeps_every_sample_of_every_rank(self):
        result = run("--plan", self.plan, "--out", str(self.folder / "out"), "--seed", "7")
        self.assertEqual(result.returncode, 0, result.stderr)
        rows = re.findall(r"^\[ ?(\d+)/6\]", result.stdout, re.M)
        self.assertEqual(rows, [str(i) for i in range(1, 7)])
        with h5py.File(self.launch_file()) as file:
            self.assertEqual(file.attrs["finalised"], 1)
            self.assertEqual(file.attrs["seed"], 7)
            samples = file["points/n"][:]
            self.assertEqual(len(samples), 6)
            self.assertEqual(file["rank_samples/elapsed"].shape, (samples.sum(), 2))
            self.assertTrue((file["rank_samples/elapsed"][:] > 0).all())
            self.assertTrue((file["points/verification"][:] == 1).all(), "every point is verified")
            self.assertTrue((file["samples/t_min"][:] <= file["samples/t_max"][:]).all())

    def test_console_names_its_units(self):
        result = run("--plan", self.plan, "--out", str(self.folder / "out"))
        for heading in ("payload", "median us", "95% interval us", "p99 us", "algbw GB/s", "busbw GB/s", "samples"):
            self.assertIn(heading, result.stdout)

    def test_scripted_machine_says_simulated_everywhere(self):
        result = run("--transport", "scripted", "--ranks", "8", "--plan", self.plan, "--out", str(self.folder / "out"),
                     ranks=0)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("SIMULATED", result.stdout)
        rows = [line for line in result.stdout.splitlines() if line.startswith("[")]
        self.assertTrue(rows and all("simulated" in row for row in rows))
        with h5py.File(self.launch_file()) as file:
            self.assertTrue((file["points/flags"][:] & 1 == 1).all())
            self.assertEqual(set(file["points/ranks"][:]), {2, 8})
        shown = subprocess.run([BIN / "hockney", "show", self.folder / "out"], capture_output=True, text=True)
        self.assertIn("SIMULATED", shown.stdout)

    def test_oversubscribed_ranks_are_said_once_and_recorded(self):
        cpus = len(os.sched_getaffinity(0))
        if cpus > 4:
            self.skipTest("this machine has CPUs enough")
        result = run("--plan", self.plan, "--out", str(self.folder / "out"), ranks=cpus + 1, timeout=120)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(result.stderr.count("more ranks than logical CPUs"), 1)
        with h5py.File(self.launch_file()) as file:
            self.assertTrue((file["points/flags"][:] & 2 == 2).all())

    def test_topology_shows_this_host_once_and_where_its_ranks_run(self):
        result = run("--topology")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(result.stdout.count("NUMA node 0: CPUs "), 1, result.stdout)
        self.assertRegex(result.stdout, r"(?m)^2 ranks: CPUs ")

    def test_what_topology_shows_is_in_the_file(self):
        result = run("--plan", self.plan, "--out", str(self.folder / "out"))
        self.assertEqual(result.returncode, 0, result.stderr)
        with h5py.File(next((self.folder / "out").glob("*.h5"))) as file:
            facts = dict(zip(file["provenance/key"].asstr(), file["provenance/value"].asstr()))
        self.assertEqual(facts["topology"], run("--topology").stdout)

    def test_processes_whose_launcher_is_not_that_of_their_mpi_are_refused(self):
        result = run("--plan", self.plan, "--out", str(self.folder / "out"), ranks=0,
                     env=dict(os.environ, FLUX_JOB_SIZE="2"))
        self.assertEqual(result.returncode, 2, result.stderr)
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        self.assertRegex(result.stderr, r"MPI \(.*\) sees one process, but flux run started 2 \(FLUX_JOB_SIZE=2\)")
        self.assertFalse((self.folder / "out").exists())

    def test_dry_run_lists_points_memory_and_time_and_measures_nothing(self):
        result = run("--plan", self.plan, "--dry-run", "--out", str(self.folder / "out"))
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("memory per rank", result.stdout)
        self.assertIn("6 points", result.stdout)
        self.assertFalse((self.folder / "out").exists())

    def dry_run(self, plan, nodes):
        """Lines, points, skipped points and the longest time of a shipped plan on nodes of eight GPUs."""
        result = subprocess.run([BENCH, "--transport", "scripted", "--ranks", str(8 * nodes), "--ranks-per-node", "8",
                                 "--plan", plan, "--dry-run"], capture_output=True, text=True, timeout=60)
        self.assertEqual(result.returncode, 0, result.stderr)
        lines = result.stdout.splitlines()
        total = re.search(r"on (\d+) ranks: (\d+) points, \d+ passes, (\d+) skipped.* to (\w+),", lines[-1])
        self.assertEqual(int(total.group(1)), 8 * nodes)
        return lines, int(total.group(2)), int(total.group(3)), total.group(4)

    def test_dry_runs_list_every_point_and_every_skipped_one_with_its_reason(self):
        for plan in ("dgx-short", "dgx"):
            for nodes in (1, 2):
                with self.subTest(plan=plan, nodes=nodes):
                    lines, points, skipped, _ = self.dry_run(plan, nodes)
                    self.assertEqual(len([line for line in lines if re.match(r"\w+/scripted/", line)]), points)
                    listed = [re.match("skipped: (\\S+/payload:[^:]+): (.+)", line) for line in lines]
                    reasons = [match.group(2) for match in listed if match]
                    self.assertEqual(len(reasons), skipped)
                    self.assertEqual(skipped > 0, nodes == 1, "what needs two nodes")
                    for reason in set(reasons):
                        self.assertIn("needs 2 nodes, and this run has 1", reason)
                        self.assertIn(f"{reasons.count(reason)} skipped: {reason}", lines)

    def test_the_documented_points_and_times_are_those_of_dry_runs(self):
        documented = (ROOT / "docs/measuring.md").read_text()
        for nodes in (1, 2, 3, 4):
            row = f"| {nodes} "
            for plan in ("dgx-short", "dgx"):
                _, points, skipped, longest = self.dry_run(plan, nodes)
                row += f"| {points}{f' ({skipped} skipped)' if skipped else ''} | {longest} "
                if plan == "dgx-short":
                    minutes, seconds = map(int, re.match(r"(\d+)m(\d+)s$", longest).groups())
                    self.assertLessEqual(60 * minutes + seconds, 20 * 60)
            self.assertIn(row + "|\n", documented)

    def test_google_benchmark_flags(self):
        listed = run("--plan", self.plan, "--benchmark_list_tests")
        self.assertEqual(listed.returncode, 0, listed.stderr)
        self.assertEqual(len(listed.stdout.splitlines()), 6)
        json_file = self.folder / "gb.json"
        result = run("--plan", self.plan, "--out", str(self.folder / "out"), "--benchmark_filter=ping_pong",
                     f"--benchmark_out={json_file}")
        self.assertEqual(result.returncode, 0, result.stderr)
        benchmarks = json.loads(json_file.read_text())["benchmarks"]
        self.assertEqual(len(benchmarks), 1)
        self.assertIn("busbw_bytes_per_s", benchmarks[0])
        with h5py.File(self.launch_file()) as file:
            median = file["points/t_median"][0]
        self.assertAlmostEqual(benchmarks[0]["real_time"] * 1e-6, median, delta=1e-3 * median)
        self.refused("--plan", self.plan, "--benchmark_filter=nothing", "--out", str(self.folder / "none"),
                     expect="leaves no point")
        self.refused("--plan", self.plan, "--benchmark_enable_random_interleaving", expect="not with hockney-bench")
        self.refused("--plan", self.plan, "--benchmark_nonsense=1", expect="benchmark_nonsense")
        self.refused("--plan", self.plan, "--benchmark_list_tests=0", expect="expected one of")
        self.refused("--plan", self.plan, "--benchmark_format=xml", expect="expected one of")
        self.refused("--plan", self.plan, "--benchmark_out=/nowhere/x.json", "--out", str(self.folder / "none"),
                     expect="/nowhere/x.json: cannot be written")
        self.assertFalse((self.folder / "none").exists(), "refused before anything is created")

    def test_filter_selects_the_names_that_the_list_shows(self):
        name = run("--plan", self.plan, "--benchmark_list_tests").stdout.splitlines()[0]
        result = run("--plan", self.plan, "--out", str(self.folder / "out"), f"--benchmark_filter=^{name}$")
        self.assertEqual(result.returncode, 0, result.stderr)
        with h5py.File(self.launch_file()) as file:
            self.assertEqual(len(file["points/n"]), 1)

    def test_a_benchmark_variable_on_one_rank_cannot_break_the_lockstep(self):
        result = subprocess.run(
            ["mpiexec", "-n", "1", "-env", "BENCHMARK_FILTER", "ping_pong", BENCH, "--plan", self.plan, "--out",
             self.folder / "out", ":", "-n", "1", BENCH],
            capture_output=True, text=True, timeout=60)
        self.assertEqual(result.returncode, 0, result.stderr)
        with h5py.File(self.launch_file()) as file:
            self.assertEqual(len(file["points/n"]), 6)

    def test_bad_input_is_one_line_and_exit_code_2(self):
        self.refused("--plan", "smoek", expect="unknown plan 'smoek'; did you mean 'smoke'")
        self.refused("--plan", str(self.folder / "none.toml"), expect="no such file")
        self.refused("--nonsense", expect="--nonsense")
        self.refused("--transport", "mqi", expect="did you mean 'mpi'")
        self.refused("--plan", self.plan, "--alpha", "1us", expect="only with --transport scripted")
        self.refused("--transport", "scripted", "--plan", self.plan, expect="one process")
        self.refused("--plan", self.plan, ranks=1, expect="mpiexec -n 2")
        self.refused("--plan", self.plan, "--seed", "-1", expect="--seed '-1'")
        for flag, value in (("--ranks-per-node", "0"), ("--ranks", "1"), ("--ranks", "4294967295")):
            self.refused("--transport", "scripted", "--plan", self.plan, flag, value, ranks=0, expect=flag)
        cases = {
            'experiment = "all_reduse"': r"bad.toml:4: key 'experiment'.*did you mean 'all_reduce'",
            'experiment = "all_reduce"\npayload = 8': r"bad.toml:5: unknown key 'payload'",
            'experiment = "all_reduce"\nranks = 64': "group of 64 ranks, and this run has 2",
        }
        for text, expect in cases.items():
            plan = self.write("bad.toml", f'\nname = "bad"\n[[measure]]\n{text}\nsizes = {{ list = ["8B"] }}\n')
            self.refused("--plan", plan, "--out", str(self.folder / "o"), expect=expect)
        for sizes, expect in {
            '{ list = ["0B"] }': "above 0 B",
            '{ list = ["6B"] }': "no whole number of float32",
            '{ from = "1MiB", to = "1KiB" }': "at least from",
            '{ from = "8B", to = "1KiB", factor = 1 }': "above 1",
            '{ list = ["8 parsecs"] }': "8 parsecs",
        }.items():
            plan = self.write("bad.toml", f'name = "bad"\n[[measure]]\nexperiment = "all_reduce"\nsizes = {sizes}\n')
            self.refused("--plan", plan, "--out", str(self.folder / "o"), expect=expect)

    def test_unwritable_folder_is_refused_before_measuring(self):
        blocker = self.write("file", "")
        self.refused("--plan", self.plan, "--out", blocker + "/out", expect=re.escape(blocker))

    def test_full_disk_keeps_what_was_measured(self):
        disk = self.folder / "disk"
        disk.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", disk], capture_output=True)
        if mounted.returncode != 0:
            self.skipTest("mounting a small disk is not permitted here")
        self.addCleanup(subprocess.run, ["umount", disk])
        plan = self.write("long.toml", TINY.replace("max_samples = 40", "max_samples = 2000\npasses = 40")
                          .replace("min_samples = 6", "min_samples = 2000").replace("100ms", "2s"))
        result = run("--plan", plan, "--out", str(disk / "out"), timeout=120)
        self.assertEqual(result.returncode, 2, result.stdout[-2000:] + result.stderr)
        self.assertRegex(result.stderr, "hockney-bench: .*(disk|space)")
        acknowledged = len([line for line in result.stdout.splitlines() if line.startswith("[")])
        self.assertGreater(acknowledged, 0)
        part = next((disk / "out").glob("*.h5.part"))
        repaired = self.folder / "repaired.h5"
        repair = subprocess.run([BIN / "hockney", "repair", part, "--out", repaired], capture_output=True, text=True)
        self.assertEqual(repair.returncode, 0, repair.stderr)
        with h5py.File(repaired) as file:
            self.assertGreaterEqual(len(file["points/n"]), acknowledged)

    def test_matrix_products_are_timed_checked_and_shown(self):
        self.write("tiny-model.toml", """
name = "tiny-model"
source = "a test"
layers = 1
hidden = 64
heads = 4
feed_forward = 96
sequence = 32
vocabulary = 128
""")
        plan = self.write("matmul.toml", TINY[:TINY.index("[[measure]]")] + f"""
[[matmul]]
models = "{self.folder}/tiny-model.toml"
tp = [1, 2]
pass = ["forward", "weight_gradient"]
concurrent = [false, true]
""")
        result = run("--plan", plan, "--out", str(self.folder / "out"))
        self.assertEqual(result.returncode, 0, result.stderr)
        with h5py.File(self.launch_file()) as file:
            points = file["points"]
            self.assertEqual(len(points["bytes"]), 40)
            self.assertEqual(set(points["verification"][:]), {1})
            for m, n, k, payload in zip(*(points[c][:] for c in ("matmul_m", "matmul_n", "matmul_k", "bytes"))):
                self.assertEqual(payload, 4 * (m * k + k * n + m * n))
            self.assertTrue(all("1 thread" in name for name in points["observed_algorithm"].asstr()[:]))
        shown = subprocess.run([BIN / "hockney", "show", self.folder / "out"], capture_output=True, text=True)
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assertIn("TFLOP/s per rank", shown.stdout)
        self.assertRegex(shown.stdout, r"tiny-model/mlp_up/tp:2/b:1 +weight_gradient +48 x 64 x 32 ")
        rows = json.loads(subprocess.run([BIN / "hockney", "show", "--json", self.folder / "out"], capture_output=True,
                                         text=True).stdout)["points"]
        for row in rows:
            work = 2 * row["matmul_m"] * row["matmul_n"] * row["matmul_k"]
            self.assertAlmostEqual(row["flop_per_s"] * row["t_median_s"] / work, 1)

    def kill_after(self, rows, plan, out):
        """Starts a run and kills it after so many visits; how many had been reported."""
        process = subprocess.Popen(["mpiexec", "-n", "2", BENCH, "--plan", plan, "--out", out, "--seed", "3"],
                                   stdout=subprocess.PIPE, text=True)
        acknowledged = 0
        for line in process.stdout:
            acknowledged += line.startswith("[")
            if acknowledged == rows:
                break
        subprocess.run(["pkill", "-KILL", "-f", f"hockney-bench --plan {plan}"])
        process.stdout.close()
        process.wait(timeout=30)
        return acknowledged

    def resume(self, plan, out):
        deadline = time.monotonic() + 20
        result = run("--plan", plan, "--out", str(out), "--resume")
        while "still running" in result.stderr and time.monotonic() < deadline:
            time.sleep(0.5)
            result = run("--plan", plan, "--out", str(out), "--resume")
        return result

    def test_resume_goes_on_with_both_launches_of_a_start(self):
        out = self.folder / "out"
        plan = self.write("steps.toml", TINY.replace("warm_up", "passes = 8\nwarm_up") + STEPS)
        self.kill_after(10, plan, out)
        parts = list(out.glob("*.h5.part"))
        self.assertEqual(len(parts), 2, "curves and steps have a file each from the beginning")
        result = self.resume(plan, out)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertGreaterEqual(int(re.search(r"resumed: (\d+) visits", result.stdout).group(1)), 10)
        visits = {}
        starts = set()
        for path in out.glob("*.h5"):
            with h5py.File(path) as file:
                facts = dict(zip(file["provenance/key"].asstr()[:], file["provenance/value"].asstr()[:]))
                starts.add(facts["launch.start"])
                visits[facts["launch.part"]] = list(zip(file["points/point_id"][:], file["points/pass"][:]))
                tensor = set(file["points/step_tensor_parallel"][:])
                self.assertEqual(tensor, {0} if facts["launch.part"] == "curves" else {1, 2})
        self.assertEqual(len(starts), 1)
        self.assertEqual({part: len(set(done)) for part, done in visits.items()}, {"curves": 48, "steps": 16})
        self.assertEqual({part: len(done) for part, done in visits.items()}, {"curves": 48, "steps": 16})

    def test_resume_skips_what_a_killed_run_finished(self):
        out = self.folder / "out"
        plan = self.write("slow.toml", TINY.replace("warm_up", "passes = 12\nwarm_up"))
        acknowledged = self.kill_after(5, plan, out)
        result = self.resume(plan, out)
        self.assertEqual(result.returncode, 0, result.stderr)
        kept = int(re.search(r"resumed: (\d+) visits", result.stdout).group(1))
        self.assertGreaterEqual(kept, acknowledged)
        with h5py.File(self.launch_file()) as file:
            visits = list(zip(file["points/point_id"][:], file["points/pass"][:]))
            self.assertEqual(file.attrs["seed"], 3)
        self.assertEqual(len(visits), 72)
        self.assertEqual(len(set(visits)), 72, "no visit twice")
        self.refused("--plan", plan, "--out", str(out), "--resume", expect="no unfinished launch")

    def test_resume_refuses_another_machine(self):
        out = str(self.folder / "out")
        plan = self.write("slow.toml", TINY.replace("warm_up", "passes = 1000\nwarm_up"))
        process = subprocess.Popen([BENCH, "--transport", "scripted", "--ranks", "2", "--plan", plan, "--out", out],
                                   stdout=subprocess.PIPE, text=True)
        for line in process.stdout:
            if line.startswith("["):
                break
        process.kill()
        process.stdout.close()
        process.wait(timeout=30)
        self.refused("--plan", plan, "--out", out, "--resume", expect="cannot be resumed: its machine")
        self.refused("--transport", "scripted", "--ranks", "2", "--alpha", "9us", "--plan", plan, "--out", out,
                     "--resume", ranks=0, expect="cannot be resumed: its machine")

    def scan(self, *arguments, ranks=0, **kwargs):
        out = str(self.folder / "scan")
        result = run("--scan", "--seed", "5", "--out", out, *arguments, ranks=ranks, **kwargs)
        self.assertEqual(result.returncode, 0, result.stderr + result.stdout)
        shown = subprocess.run([BIN / "hockney", "show", out, "--json"], capture_output=True, text=True, check=True)
        return result.stdout, json.loads(shown.stdout)

    def test_scan_names_what_is_slow_and_whether_it_stays_so(self):
        machine = ("--transport", "scripted", "--machine", "dgx-a100", "--nodes", "16")
        printed, shown = self.scan(*machine, "--fault", "slow-node:11:2%", "--fault", "slow-nic:3/5:30%:loaded")
        self.assertIn("SIMULATED", printed)
        self.assertRegex(printed, "persistent: node node-11, all 8 rails: exchanges of 256 MiB take [12].. % longer\n"
                                  "  alone, slow in 3 of 3 repeats")
        self.assertRegex(printed, "contention: nic node-3, rail 5")
        suspects = {row["place"]: row for row in shown["suspects"]}
        self.assertEqual(len(suspects), 2, suspects)
        self.assertEqual(suspects["node-11, all 8 rails"]["verdict"], "persistent")
        self.assertAlmostEqual(suspects["node-11, all 8 rails"]["excess"], 0.0204, delta=0.005)
        self.assertEqual(suspects["node-3, rail 5 (mlx5_7:1)"]["hosts"], ["node-3"])
        self.assertEqual(len(shown["scan_nodes"]), 16 * 8 * 2)
        rounds = [row for row in shown["scan_pairs"] if not row["alone"] and not row["again"]]
        self.assertEqual(len(rounds), 8 * 8 * 8 * 2)
        self.assertEqual(shown["points"], [])
        text = subprocess.run([BIN / "hockney", "show", self.folder / "scan"], capture_output=True, text=True).stdout
        self.assertIn("SIMULATED", text)
        self.assertIn("exchanges of two nodes while the others exchange", text)
        self.assertIn("16 nodes are more than fit here: --plot pairs.svg draws them", text)
        fitted = subprocess.run([BIN / "hockney", "fit", self.folder / "scan"], capture_output=True, text=True)
        self.assertIn("a health scan, no curves", fitted.stdout + fitted.stderr)

    def test_scan_names_the_adapter_and_the_way_that_is_slow(self):
        printed, shown = self.scan("--transport", "scripted", "--machine", "dgx-a100", "--nodes", "16", "--fault",
                                   "slow-nic:3/5:30%:receiving")
        self.assertRegex(printed, r"persistent: nic node-3, rail 5 \(mlx5_7:1\): .*\n.*, when it receives and not when it sends")
        [suspect] = shown["suspects"]
        self.assertEqual((suspect["adapters"], suspect["direction"]), (["mlx5_7:1"], "receiving"))
        one_way = [row for row in shown["scan_pairs"] if row["way"] != "both"]
        self.assertEqual(len(one_way), 2 * 3 + 3, "to and from three good nodes, and three pairs of those")
        self.assertEqual({(row["rail"], row["adapters"]) for row in one_way}, {(5, "mlx5_7:1")})

    def test_scan_of_a_healthy_machine_names_nothing(self):
        printed, shown = self.scan("--transport", "scripted", "--machine", "dgx-a100", "--nodes", "16")
        self.assertIn("nothing looks slow", printed)
        self.assertRegex(printed, "shows at 1 KiB: a node .* % slower, a path 2.7 times as slow\n"
                                  "smallest fault that shows at 256 MiB: a node 1.0 % slower, a path 10.5 % slower\n")
        self.assertIn("64 of 120 pairs of nodes met; --scan-rounds 15 visits all", printed)
        self.assertEqual(shown["suspects"], [])
        apart = [row["spread"] for row in shown["scan_rails"]]
        self.assertGreater(len(set(apart)), 1, "what was measured, and not the least that is believed")

    def test_scan_of_three_nodes_names_the_pairs(self):
        printed, shown = self.scan("--transport", "scripted", "--machine", "dgx-a100", "--nodes", "3", "--fault",
                                   "slow-node:1:50%")
        self.assertEqual({row["spread"] for row in shown["scan_rails"]}, {None})
        self.assertIn("persistent: path node-0 - node-1", printed)
        self.assertIn("persistent: path node-1 - node-2", printed)

    def test_scan_is_drawn(self):
        self.scan("--transport", "scripted", "--machine", "dgx-a100", "--nodes", "4", "--fault", "slow-node:2:50%")
        picture = self.folder / "pairs.svg"
        text = subprocess.run([BIN / "hockney", "show", self.folder / "scan", "--plot", picture], check=True,
                              capture_output=True, text=True).stdout
        self.assertIn("SIMULATED", picture.read_text())
        matrix = text[text.index("exchanges of 256 MiB between nodes"):].splitlines()
        self.assertEqual(matrix[1].split(), ["node", "host", "0", "1", "2", "3"])
        self.assertEqual([row.split()[:2] for row in matrix[2:]], [[str(i), f"node-{i}"] for i in range(4)])
        rates = [[None if rate == "-" else float(rate) for rate in row.split()[2:]] for row in matrix[2:]]
        for one in range(4):
            for other in range(4):
                self.assertEqual(rates[one][other], rates[other][one])
                self.assertEqual(rates[one][other] is None, one == other)
                if one < other:
                    self.assertAlmostEqual(rates[one][other], 12 if 2 in (one, other) else 24, delta=0.4)

    def test_scan_refuses_what_has_no_pairs_of_nodes(self):
        self.refused("--scan", expect="needs 2 nodes, and this run has 1")
        self.refused("--scan", "--resume", expect="--scan: not with --resume")
        scripted = ("--transport", "scripted", "--machine", "dgx-a100", "--nodes", "4")
        self.refused(*scripted, "--scan", "--plan", self.plan, ranks=0, expect="makes pairs of nodes")
        self.refused(*scripted, "--fault", "slow-node:4:2%", ranks=0, expect="nodes 0 to 3")
        self.refused(*scripted, "--fault", "slow-node:4", ranks=0, expect="slow-node:NODE:SHARE")
        self.refused(*scripted, "--fault", "slow-rail:4:2%:sending", ranks=0, expect="not of a rail")
        self.refused(*scripted, "--fault", "slow-node:1:2x", ranks=0, expect="--fault '2x' is not a share")
        self.refused(*scripted, "--scan", "--scan-spread", "5", ranks=0, expect="--scan-spread '5' is not a time")
        self.refused("--transport", "scripted", "--machine", "dgx-a10", ranks=0, expect="dgx-a100")
        self.refused(*scripted, "--alpha", "9us", ranks=0, expect="excludes")

    def test_sigterm_keeps_what_was_measured_and_resume_goes_on(self):
        out = self.folder / "out"
        plan = self.write("slow.toml", TINY.replace("warm_up", "passes = 12\nwarm_up"))
        process = subprocess.Popen(["mpiexec", "-n", "2", BENCH, "--plan", plan, "--out", str(out), "--seed", "3"],
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        acknowledged = 0
        for line in process.stdout:
            acknowledged += line.startswith("[")
            if acknowledged == 5:
                break
        process.terminate()  # mpiexec passes it on
        rest = process.stdout.read()
        process.stdout.close()
        self.assertIn(process.wait(timeout=30), (75, 0), rest)  # after a signal, Hydra loses the ranks' code at times
        self.assertRegex(rest, "stopped by a signal: [0-9]+ of 72 visits are kept in .*; go on with .*--resume")
        self.assertEqual(len(list(out.glob("*.h5.part"))), 1)
        result = self.resume(plan, out)
        self.assertEqual(result.returncode, 0, result.stderr)
        kept = int(re.search(r"resumed: (\d+) visits", result.stdout).group(1))
        self.assertGreaterEqual(kept, acknowledged)
        self.assertLess(kept, 72)
        with h5py.File(self.launch_file()) as file:
            visits = list(zip(file["points/point_id"][:], file["points/pass"][:]))
        self.assertEqual(len(set(visits)), 72)

    def test_sigterm_gives_an_exit_code_of_its_own(self):
        plan = self.write("long.toml", TINY.replace("warm_up", "passes = 1000\nwarm_up"))
        process = subprocess.Popen([BENCH, "--transport", "scripted", "--plan", plan, "--out", str(self.folder / "out"),
                                    "--benchmark_format=json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True)
        while not process.stderr.readline().startswith("["):
            pass
        process.terminate()
        report, _ = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 75)
        rows = json.loads(report)["benchmarks"]
        self.assertEqual(len(rows), 6000)
        self.assertIn("stopped by a signal", rows[-1]["error_message"])
        self.assertNotIn("error_message", rows[0])

    def visits(self, out="out"):
        with h5py.File(self.launch_file(out)) as file:
            return list(zip(file["points/bytes"][:], file["points/pass"][:], file["points/point_id"][:]))

    def test_budget_measures_coarse_grids_first_and_lists_what_it_leaves_out(self):
        plan = self.write("grid.toml", GRID.format(warm_up="200ms", passes=3, to="4KiB"))
        began = time.monotonic()
        result = run("--plan", plan, "--out", str(self.folder / "out"), "--budget", "1500ms")
        self.assertEqual(result.returncode, 0, result.stderr + result.stdout)
        self.assertLess(time.monotonic() - began, 30)
        self.assertIn("budget 1.5s: first the coarse grid, 4 of 10 points", result.stdout)
        self.assertIn("left out: the budget of 1.5s is spent", result.stdout)
        # a busy host may not come through the coarse grid
        self.assertRegex(result.stdout, "no visit that would help fits into the rest|too short even for the coarse grid")
        visits = self.visits()
        planned = {size for size, _, point in visits if point < 10}
        with h5py.File(self.launch_file()) as file:
            reasons = [reason.decode() if isinstance(reason, bytes) else reason for reason in file["skipped/reason"]]
        self.assertLess(len(planned), 10)
        self.assertEqual(len(planned) + len(reasons), 10)
        self.assertEqual(set(reasons), {"left out: the budget of 1.5s is spent"})
        first = {size for size, _, _ in visits[:4]}
        self.assertTrue(first <= {8, 128, 2048, 4096}, visits)
        short = run("--plan", plan, "--out", str(self.folder / "short"), "--budget", "500ms")
        self.assertEqual(short.returncode, 0, short.stderr + short.stdout)
        self.assertRegex(short.stdout, r"too short even for the coarse grid: [1-3] of its 4 points are left out")

    def test_budget_finds_a_switch_that_no_label_tells(self):
        plan = self.write("grid.toml", GRID.format(warm_up="0s", passes=1, to="2MiB"))
        command = ["--transport", "scripted", "--ranks", "2", "--ranks-per-node", "2", "--plan", plan, "--switch",
                   "60000B:12us:180GB/s", "--budget", "10min"]
        result = run(*command, "--out", str(self.folder / "out"), ranks=0)
        self.assertEqual(result.returncode, 0, result.stderr + result.stdout)
        self.assertIn("SIMULATED", result.stdout)
        self.assertIn("sizes added; nothing more is worth its time", result.stdout)
        sizes = sorted({size for size, _, _ in self.visits()})
        self.assertTrue({8 << i for i in range(19)} <= set(sizes), "every payload of the plan")
        below = max(size for size in sizes if size < 60000)
        above = min(size for size in sizes if size >= 60000)
        self.assertLessEqual(above / below, 1.1)
        model = self.folder / "model.json"
        fitted = subprocess.run([BIN / "hockney", "fit", self.folder / "out", "--out", model], capture_output=True,
                                text=True)
        self.assertEqual(fitted.returncode, 0, fitted.stderr)
        segments = json.loads(model.read_text())["curves"][0]["segments"]
        self.assertIn((below, above), [(left["to_bytes"], right["from_bytes"])
                                       for left, right in zip(segments, segments[1:])])
        for _ in range(2):
            again = run(*command, "--out", str(self.folder / "out"), ranks=0)
            self.assertEqual(again.returncode, 0, again.stderr + again.stdout)
        launches = []
        for path in (self.folder / "out").glob("*.h5"):
            with h5py.File(path) as file:
                launches.append(set(file["points/bytes"][:]))
        self.assertEqual(len(launches), 3)
        self.assertTrue(all(set(sizes) <= launch for launch in launches), "launches share the sizes that one added")
        coarse = run(*command, "--added-sizes", "0", "--out", str(self.folder / "coarse"), ranks=0)
        self.assertEqual(coarse.returncode, 0, coarse.stderr + coarse.stdout)
        self.assertIn("0 sizes added", coarse.stdout)
        self.assertIn("between 32 KiB and 64 KiB", coarse.stdout)

    def test_budget_leaves_out_what_three_launches_agree_on(self):
        plan = self.write("grid.toml", GRID.format(warm_up="0s", passes=1, to="4KiB"))
        for launch in range(4):
            result = run("--transport", "scripted", "--plan", plan, "--noise", "0.1%", "--budget", "1min", "--out",
                         str(self.folder / "out"), ranks=0)
            self.assertEqual(result.returncode, 0, result.stderr + result.stdout)
            rests = "left out: within +-2 % over 3 launches"
            self.assertEqual(result.stdout.count(rests), 10 if launch == 3 else 0, result.stdout)
        self.assertIn("budget: 0 visits", result.stdout)
        other = run("--transport", "scripted", "--plan", plan, "--noise", "0.2%", "--budget", "1min", "--out",
                    str(self.folder / "out"), ranks=0)
        self.assertNotIn("left out", other.stdout, "another machine has no earlier launches")

    def test_budget_goes_on_where_it_was_stopped(self):
        plan = self.write("grid.toml", GRID.format(warm_up="200ms", passes=1, to="64KiB"))
        arguments = ["--plan", plan, "--out", str(self.folder / "out"), "--budget"]
        process = subprocess.Popen(["mpiexec", "-n", "2", BENCH, *arguments, "10min"], stdout=subprocess.PIPE, text=True,
                                   stderr=subprocess.STDOUT, start_new_session=True)
        for line in process.stdout:
            if line.startswith("[3]"):
                break
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does at Ctrl-C
        self.assertRegex(process.stdout.read(), r"stopped by a signal: \d+ visits are kept in .*--resume")
        process.stdout.close()
        process.wait(timeout=30)
        result = run(*arguments, "3s", "--resume")
        self.assertEqual(result.returncode, 0, result.stderr + result.stdout)
        self.assertGreaterEqual(int(re.search(r"resumed: (\d+) visits are in the file already", result.stdout)[1]), 3)
        self.assertRegex(result.stdout, r"budget: \d+ visits in [0-9.]+s of 3s, \d+ sizes added; ")
        visits = self.visits()
        self.assertEqual(len({(size, number) for size, number, _ in visits}), len(visits))
        points = {}
        for size, _, point in visits:
            self.assertEqual(points.setdefault(size, point), point)

    def test_budget_is_refused_where_reports_must_be_known_before(self):
        for flags, expected in ((["--benchmark_format=json"], "--benchmark_format=json: not with --budget"),
                                (["--scan"], "not with --scan")):
            result = run("--transport", "scripted", "--budget", "1min", *flags, ranks=0)
            self.assertEqual(result.returncode, 2, result.stderr)
            self.assertIn(expected, result.stderr)
        result = run("--transport", "scripted", "--added-sizes", "3", ranks=0)
        self.assertEqual(result.returncode, 2)
        self.assertIn("--added-sizes: only with --budget", result.stderr)
        dry = run("--transport", "scripted", "--plan", self.plan, "--budget", "1min", "--dry-run", ranks=0)
        self.assertIn("budget 1m00s: first the coarse grid, 6 of 6 points", dry.stdout)

    def test_scripted_launches_and_passes_are_no_copies(self):
        plan = self.write("passes.toml", TINY.replace("warm_up", "passes = 2\nwarm_up"))
        for _ in range(2):
            result = run("--transport", "scripted", "--plan", plan, "--out", str(self.folder / "out"), ranks=0)
            self.assertEqual(result.returncode, 0, result.stderr)
        medians = []
        for path in (self.folder / "out").glob("*.h5"):
            with h5py.File(path) as file:
                medians += list(file["points/t_median"][:])
        self.assertEqual(len(medians), 24)
        self.assertEqual(len(set(medians)), 24)

    def test_help_and_version(self):
        for flag in ("--help", "--version"):
            result = run(flag, ranks=0)
            self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("pipeline_send", run("--help", ranks=0).stdout)

    def test_environment_is_recorded_by_allow_list_only(self):
        env = dict(os.environ, UCX_TLS="shm", HF_TOKEN="do-not-store", MPIR_CVAR_NOLOCAL="0")
        result = run("--plan", self.plan, "--out", str(self.folder / "out"), env=env)
        self.assertEqual(result.returncode, 0, result.stderr)
        data = self.launch_file().read_bytes() + next((self.folder / "out").glob("*.jsonl")).read_bytes()
        self.assertNotIn(b"do-not-store", data)
        shown = subprocess.run([BIN / "hockney", "show", "--provenance", self.launch_file()], capture_output=True,
                               text=True)
        self.assertRegex(shown.stdout, r"env\.UCX_TLS = shm")


if __name__ == "__main__":
    unittest.main()
