"""hockney-bench --transport nccl without a GPU: the real program with stand-ins for libcudart and libnccl in front.

What a working machine gives, and what a user sees when it does not work: every planted fault (README.md) with its exit
code, its message, and what is kept.
"""

import json
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
import unittest.mock

try:
    import h5py
except ImportError:
    print("skipped: python3-h5py is not installed")
    sys.exit(77)

BIN = pathlib.Path(os.environ["HOCKNEY_BIN"])
DOUBLE = os.environ["HOCKNEY_GPU_DOUBLE"]
BENCH = str(BIN / "hockney-bench")

NCCL_TRANSPORT = 2
VERIFIED, WRONG = 1, 2
VOID_FABRIC, FABRIC_UNPROVEN, WRONG_RESULT, SHARED_GPU, EMULATED = 1 << 5, 1 << 6, 1 << 7, 1 << 8, 1 << 9
VOID_PIN, PIN_UNPROVEN, NETWORK_PATH = 1 << 13, 1 << 15, 1 << 16
POINT_LIMIT_S = 4

SAMPLING = """
[sampling]
tolerance_small = "20%"
tolerance_large = "20%"
min_samples = 6
max_samples = 20
max_seconds = "50ms"
warm_up = "1ms"
max_discarded = 10
"""
TINY = f"""
name = "tiny"
{SAMPLING}
[[measure]]
experiment = "all_reduce"
sizes = {{ list = ["1KiB", "64KiB"] }}
[[measure]]
experiment = "all_gather"
sizes = {{ list = ["1KiB"] }}
[[measure]]
experiment = "broadcast"
sizes = {{ list = ["1KiB"] }}
"""
POINTS_OF_TINY = 4


def environment(**variables):
    """The user's environment without what would change the outcome, with the doubles in front."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith(("NCCL_", "CUDA_", "HOCKNEY_DOUBLE_", "PMI_"))}
    return {**kept, "LD_LIBRARY_PATH": DOUBLE, **variables}


def run(*arguments, ranks=2, timeout=120, launcher=("mpiexec",), wrapper=(), **variables):
    return subprocess.run([*launcher, "-n", str(ranks), *wrapper, BENCH, "--transport", "nccl", *map(str, arguments)],
                          capture_output=True, text=True, timeout=timeout, env=environment(**variables))


# mpiexec ends all ranks as soon as it sees one killed, before the others' watchdogs speak. Where it does not see that,
# as on other hosts, they must: here a shell hides the signal from it.
UNSEEN_DEATH = {"launcher": ("mpiexec", "-disable-auto-cleanup"), "wrapper": ("sh", "-c", '"$0" "$@"; exit $?')}


def on_two_hosts(gpus_of_second):
    """A wrapper: two ranks on each of two hosts that differ in name only, and see their GPUs in these orders."""
    return ("unshare", "--uts", "sh", "-c",
            'second=$((PMI_RANK / 2)); hostname "node-$second"; export CUDA_VISIBLE_DEVICES=0,1; '
            f'[ $second = 0 ] || CUDA_VISIBLE_DEVICES={gpus_of_second}; exec "$0" "$@"')


CAN_PRETEND_HOSTS = subprocess.run(["unshare", "--uts", "hostname", "node-0"], capture_output=True).returncode == 0


def hockney(*arguments):
    return subprocess.run([BIN / "hockney", *map(str, arguments)], capture_output=True, text=True, timeout=240)


class GpuBench(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hockney-gpu-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        patched = unittest.mock.patch.dict(os.environ, TMPDIR=str(self.folder))  # where NCCL's debug lines go
        patched.start()
        self.addCleanup(patched.stop)
        self.out = self.folder / "out"
        self.plan = self.write("tiny.toml", TINY)

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return str(path)

    def measure(self, *arguments, code=0, **kwargs):
        result = run(*arguments, "--out", self.out, "--seed", "1", **kwargs)
        self.assertEqual(result.returncode, code, result.stdout[-3000:] + result.stderr)
        return result

    def points(self, pattern="*.h5"):
        """Columns of the points of all launches by name, as lists; texts as str."""
        columns = {}
        for path in sorted(self.out.glob(pattern)):
            with h5py.File(path) as file:
                for name, data in file["points"].items():
                    if isinstance(data, h5py.Dataset):
                        columns.setdefault(name, []).extend(
                            value.decode() if isinstance(value, bytes) else value for value in data[:])
        return columns

    def kept_points(self):
        """Points of a launch that ended badly, as hockney repair recovers them."""
        (part,) = self.out.glob("*.h5.part")
        repaired = self.out / "repaired.h5"
        deadline = time.monotonic() + 20
        repair = hockney("repair", part, "--out", repaired)
        # mpiexec may end before its ranks do
        while "still being written" in repair.stderr and time.monotonic() < deadline:
            time.sleep(0.2)
            repair = hockney("repair", part, "--out", repaired)
        self.assertEqual(repair.returncode, 0, repair.stderr)
        return self.points("repaired.h5")

    def skipped(self):
        rows = {}
        for path in self.out.glob("*.h5"):
            with h5py.File(path) as file:
                rows.update((name.decode(), reason.decode())
                            for name, reason in zip(file["skipped/name"][:], file["skipped/reason"][:]))
        return rows

    def assert_emulated_and_right(self, points):
        self.assertTrue(all(transport == NCCL_TRANSPORT for transport in points["transport"]))
        for name, flags, verification in zip(points["name"], points["flags"], points["verification"]):
            self.assertTrue(flags & EMULATED, name)
            self.assertFalse(flags & (VOID_FABRIC | WRONG_RESULT | VOID_PIN | PIN_UNPROVEN), name)
            self.assertEqual(verification, VERIFIED, name)


class Measures(GpuBench):
    def test_smoke_plan_on_two_ranks_and_fit_only_when_asked(self):
        result = self.measure("--plan", "smoke", "--benchmark_filter=-payload:(4|8|16|48)MiB", timeout=400)
        self.assertIn("EMULATED", result.stdout)
        points = self.points()
        self.assert_emulated_and_right(points)
        for name, algorithm, protocol, payload in zip(points["name"], points["observed_algorithm"],
                                                      points["observed_protocol"], points["bytes"]):
            if name.startswith(("all_reduce/", "all_gather/", "reduce_scatter/")):
                self.assertEqual((algorithm, protocol), ("Ring", "LL" if payload < 16384 else "Simple"), name)
            else:
                self.assertEqual((algorithm, protocol), ("", ""), name)
        self.assertTrue(all("P2P" in kinds for kinds in points["observed_connections"]))
        refused = hockney("fit", self.out)
        self.assertEqual(refused.returncode, 2, refused.stdout)
        self.assertIn("--include emulated", refused.stderr)
        model = self.folder / "model.json"
        fitted = hockney("fit", self.out, "--include", "emulated", "--out", model)
        self.assertEqual(fitted.returncode, 0, fitted.stderr)
        self.assertIn("EMULATED", fitted.stdout)
        self.assertTrue(all("emulated" in curve["flags"] for curve in json.loads(model.read_text())["curves"]))

    def test_self_test_plan(self):
        for ranks in (1, 2):
            with self.subTest(ranks=ranks):
                shutil.rmtree(self.out, ignore_errors=True)
                self.measure("--plan", "gpu-selftest", ranks=ranks, timeout=400)
                points = self.points()
                self.assert_emulated_and_right(points)
                modes = {name.split("/")[0]: set() for name in points["name"]}
                for name, mode in zip(points["name"], points["mode"]):
                    modes[name.split("/")[0]].add(mode)
                self.assertEqual(modes["all_reduce"], {0, 1, 2, 3}, "isolated, stream, graph, host")
                self.assertTrue(all(reason for reason in self.skipped().values()))

    def test_steps_are_replayed_in_groups_of_their_own(self):
        plan = self.write("steps.toml", f"""
name = "steps"
{SAMPLING}
[[step_replay]]
model = "gpt3-175b"
layers = 4
hidden = 64
heads = 4
sequence = 16
vocabulary = 64
tp = [1, 2]
pp = [1, 2]
dp = [1, 2]
micro_batches = 3
scatter_gather = [false, true]
compute = "1us"
mode = ["isolated", "graph", "host"]
element = "bfloat16"
gradient_element = "bfloat16"
""")
        self.measure("--plan", plan, ranks=4)
        points = self.points()
        self.assert_emulated_and_right(points)
        mappings = set(zip(points["step_tensor_parallel"], points["step_pipeline_parallel"],
                           points["step_data_parallel"], points["mode"]))
        self.assertEqual(len(mappings), 18, "six mappings of 2 or 4 ranks in three modes")
        self.assertEqual(len(points["name"]), 36)
        self.assertEqual(points["observed_algorithm"], [""] * 36, "no one algorithm is that of a step")

    def test_matrix_products_need_a_gpu(self):
        plan = self.write("products.toml", f"""
name = "products"
{SAMPLING}
[[measure]]
experiment = "all_reduce"
sizes = {{ list = ["1KiB"] }}
[[matmul]]
models = "gpt3-175b"
tp = 8
element = "bfloat16"
""")
        self.measure("--plan", plan)
        reasons = self.skipped()
        self.assertEqual(len(reasons), 15)
        self.assertEqual(set(reasons.values()), {"the test double of CUDA has no cuBLASLt"})

    def test_every_mode_takes_its_samples(self):
        for mode, code in (("isolated", 0), ("stream", 1), ("graph", 2), ("host", 3)):
            with self.subTest(mode=mode):
                shutil.rmtree(self.out, ignore_errors=True)
                patient = TINY.replace('max_seconds = "50ms"', 'max_seconds = "20s"')
                plan = self.write("mode.toml", patient.replace("experiment =", f'mode = "{mode}"\nexperiment ='))
                self.measure("--plan", plan)
                points = self.points()
                self.assertEqual(points["mode"], [code] * POINTS_OF_TINY)
                self.assertTrue(all(count >= 6 for count in points["n"]))
                self.assertTrue(all(time > 0 for time in points["t_median"]))

    def test_labels_of_graphs_come_from_what_is_captured(self):
        plan = self.write("captured.toml", f"""
name = "captured"
{SAMPLING}
[[measure]]
experiment = "all_gather"
mode = ["isolated", "stream", "graph"]
buffers = ["plain", "registered"]
sizes = {{ list = ["64KiB"] }}
""")
        for version in ("22605", "22809"):
            with self.subTest(version):
                shutil.rmtree(self.out, ignore_errors=True)
                self.measure("--plan", plan, HOCKNEY_DOUBLE_NCCL_VERSION=version)
                points = self.points()
                self.assert_emulated_and_right(points)
                self.assertEqual(set(zip(points["mode"], points["observed_channels"])), {(0, 2), (1, 2), (2, 3)})

    def test_a_graph_ends_before_its_buffers_when_a_sample_fails_too(self):
        many = SAMPLING.replace("samples = 6", "samples = 100").replace("samples = 20", "samples = 100")
        plan = self.write("captured.toml", f"""
name = "captured"
{many.replace('"50ms"', '"20s"')}
[[measure]]
experiment = "all_gather"
mode = "graph"
buffers = "registered"
sizes = {{ list = ["1KiB"] }}
""")
        result = self.measure("--plan", plan, "--point-limit", "60s", code=1,
                              HOCKNEY_DOUBLE_FAULT="async_error:1:1500:AllGather")  # warm-up has at most 700
        self.assertRegex(result.stderr, "all_gather/.*ncclRemoteError")
        self.assertNotIn("captured graph", result.stderr)

    def test_pinned_algorithm_and_protocol_are_what_ran(self):
        plan = self.write("pins.toml", f"""
name = "pins"
{SAMPLING}
[[measure]]
experiment = "all_reduce"
algorithm = ["ring", "tree"]
protocol = ["ll", "ll128", "simple"]
sizes = {{ list = ["64KiB"] }}
""")
        self.measure("--plan", plan)
        points = self.points()
        self.assert_emulated_and_right(points)
        ran = set(zip(points["observed_algorithm"], points["observed_protocol"]))
        self.assertEqual(ran, {(a, p) for a in ("Ring", "Tree") for p in ("LL", "LL128", "Simple")})
        pinned = {setting for setting in points["settings"]}
        self.assertIn("NCCL_ALGO=allreduce:tree NCCL_PROTO=allreduce:ll128", pinned)

    def provenance(self):
        (path,) = self.out.glob("*.h5")
        with h5py.File(path) as file:
            return {key.decode(): value.decode()
                    for key, value in zip(file["provenance/key"][:], file["provenance/value"][:])}

    def test_every_version_of_nccl_tells_how_collectives_ran(self):
        for version in ("22605", "22707", "22809", "23007"):
            with self.subTest(version=version):
                shutil.rmtree(self.out, ignore_errors=True)
                self.measure("--plan", self.plan, HOCKNEY_DOUBLE_NCCL_VERSION=version)
                points = self.points()
                self.assert_emulated_and_right(points)
                self.assertEqual(set(zip(points["observed_algorithm"], points["observed_channels"])), {("Ring", 2)})
                lines = "TUNING" in self.provenance()["nccl.labels"]
                self.assertEqual(lines, version in ("22605", "23007"), "only where the profiler is silent")

    def test_symmetric_windows_are_labelled_by_the_line_alone(self):
        plan = self.write("windows.toml", f"""
name = "windows"
{SAMPLING}
[[measure]]
experiment = "all_reduce"
buffers = ["registered", "symmetric_window"]
sizes = {{ list = ["64KiB"] }}
""")
        for version in ("22707", "22809"):
            with self.subTest(version=version):
                shutil.rmtree(self.out, ignore_errors=True)
                self.measure("--plan", plan, HOCKNEY_DOUBLE_NCCL_VERSION=version)
                points = self.points()
                self.assert_emulated_and_right(points)
                told = {name.split("buffers:")[1].split("/")[0]: what for name, *what in
                        zip(points["name"], points["observed_algorithm"], points["observed_protocol"],
                            points["observed_connections"])}
                self.assertEqual(told["registered"], ["Ring", "Simple", "P2P/CUMEM"])
                self.assertEqual(told["symmetric_window"],
                                 ["AllReduce_AGxLL_R", "Symmetric", "P2P/CUMEM,SYMMETRIC"])

    def test_an_all_to_all_has_the_channels_of_its_peers(self):
        plan = self.write("all_to_all.toml", TINY.replace('"all_reduce"', '"all_to_all"'))
        self.measure("--plan", plan)
        points = self.points()
        channels = {name.split("/")[0]: count for name, count in zip(points["name"], points["observed_channels"])}
        self.assertEqual(channels["all_to_all"], 2, "one for what a rank keeps")

    def test_the_calls_of_nccl_move_the_same_data_as_sends_and_receives(self):
        section = """
[[measure]]
experiment = "{}"
native = [false, true]
sizes = {{ list = ["64KiB"] }}
"""
        plan = self.write("native.toml", f'name = "native"\n{SAMPLING}' + "".join(
            section.format(name) for name in ("all_to_all", "gather", "scatter")))
        self.measure("--plan", plan, ranks=4)
        points = self.points()
        self.assert_emulated_and_right(points)
        ways = sorted((name.split("/")[0], bool(native)) for name, native in zip(points["name"], points["native"]))
        self.assertEqual(ways, [(name, native) for name in ("all_to_all", "gather", "scatter")
                                for native in (False, True)])
        with self.subTest("before 2.28 they are rows with a reason"):
            shutil.rmtree(self.out)
            self.measure("--plan", plan, ranks=4, HOCKNEY_DOUBLE_NCCL_VERSION="22707")
            self.assertEqual(set(self.points()["native"]), {0})
            skipped = self.skipped()
            self.assertEqual(len(skipped), 3)
            for name, reason in skipped.items():
                self.assertIn("/native/", name)
                self.assertEqual(reason, f"NCCL's own call for {name.split('/')[0]} needs NCCL 2.28")

    def test_settings_of_a_launch_are_factors_that_are_never_pooled(self):
        sizes = self.write("sizes.toml", f"""
name = "sizes"
{SAMPLING}
[[measure]]
experiment = "all_reduce"
sizes = {{ list = ["1KiB", "4KiB", "64KiB"] }}
""")
        settings = ("NCCL_NVLS_ENABLE=0", "NCCL_COLLNET_ENABLE=1", "NCCL_MAX_CTAS=4")
        self.measure("--plan", sizes)
        for setting in settings:
            self.measure("--plan", sizes, "--set", setting)
        shown = hockney("show", self.out)
        self.assertEqual(shown.returncode, 0, shown.stderr)
        told = [setting.replace("=", ":") for setting in settings]
        for text in (*told, "none of these"):
            self.assertEqual(len([line for line in shown.stdout.splitlines() if text in line and "KiB" in line]), 3, text)
        fitted = hockney("fit", self.out, "--include", "emulated", "--json")
        self.assertEqual(fitted.returncode, 0, fitted.stderr)
        curves = json.loads(fitted.stdout)["curves"]
        self.assertEqual(sorted(curve["launches"] for curve in curves), [1, 1, 1, 1])

    def test_settings_are_refused_where_no_curve_would_tell_them(self):
        for setting, message in (("NCCL_DEBUG=INFO", "does not change how NCCL communicates"),
                                 ("LD_PRELOAD=x.so", "expected NCCL_NAME=VALUE")):
            refused = run("--plan", self.plan, "--out", self.out, "--set", setting)
            self.assertEqual(refused.returncode, 2, refused.stderr)
            self.assertIn(message, refused.stderr)

    def test_a_sites_debug_level_does_not_hide_the_connections(self):
        result = self.measure("--plan", self.plan, NCCL_DEBUG="WARN")
        self.assertIn("NCCL_DEBUG=WARN does not hold", result.stderr)
        self.assertIn("WARN is overruled", self.provenance()["nccl.debug"])
        self.assertEqual(set(self.points()["observed_connections"]), {"P2P/CUMEM"})

    def test_a_pin_of_which_nothing_is_told_is_flagged(self):
        plan = self.write("pinned.toml", f"""
name = "pinned"
{SAMPLING}
[[measure]]
experiment = "all_reduce"
protocol = ["", "ll128"]
sizes = {{ list = ["64KiB"] }}
""")
        self.measure("--plan", plan, NCCL_DEBUG="INFO", HOCKNEY_DOUBLE_NCCL_VERSION="22605")
        points = self.points()
        self.assertEqual({"protocol:" in name: bool(flags & PIN_UNPROVEN)
                          for name, flags in zip(points["name"], points["flags"])}, {False: False, True: True})
        self.assertTrue(all(flags & FABRIC_UNPROVEN for flags in points["flags"]))

    def test_memory_that_is_not_there_skips_a_point_with_its_reason(self):
        self.measure("--plan", self.plan, HOCKNEY_DOUBLE_FAULT=f"out_of_memory:{4 << 20}")
        ((name, reason),) = self.skipped().items()
        self.assertRegex(name, "^all_reduce/.*64KiB")
        self.assertIn("memory", reason)
        points = self.points()
        self.assertEqual(len(points["name"]), POINTS_OF_TINY - 1)
        self.assert_emulated_and_right(points)

    def test_what_nccl_turns_out_not_to_have_is_a_row(self):
        plan = self.write("lacks.toml", TINY.replace('experiment = "all_reduce"', '''experiment = "all_reduce"
algorithm = ["ring", "collnetdirect"]
protocol = "simple"'''))
        result = self.measure("--plan", plan)
        self.assertRegex(result.stdout, "skipped: all_reduce/.*algorithm:collnetdirect.*ncclInvalidUsage")
        skipped = self.skipped()
        self.assertEqual(len(skipped), 2, "both sizes")
        self.assertTrue(all("collnetdirect" in name and "ncclInvalidUsage" in reason
                            for name, reason in skipped.items()))
        self.assertEqual(len(self.points()["name"]), POINTS_OF_TINY)

    def test_groups_alone_and_all_at_once(self):
        plan = self.write("groups.toml", f"""
name = "groups"
{SAMPLING}
[[measure]]
experiment = "all_reduce"
group = "node"
ranks = 2
concurrent = [false, true]
sizes = {{ list = ["16KiB"] }}
[[measure]]
experiment = "pipeline_send"
operations = ["pipeline_forward"]
group = "chain"
ranks = 2
concurrent = true
sizes = {{ list = ["16KiB"] }}
""")
        self.measure("--plan", plan, ranks=4)
        points = self.points()
        self.assert_emulated_and_right(points)
        columns = dict(zip(zip((name.split("/")[0] for name in points["name"]), points["concurrent"]),
                           points["rank_columns"]))
        self.assertEqual(columns, {("all_reduce", 1): 2, ("all_reduce", 2): 4, ("pipeline_forward", 2): 4})

    @unittest.skipUnless(CAN_PRETEND_HOSTS, "host names cannot be pretended: no UTS namespaces")
    def test_rails_of_gpus_at_different_places_are_flagged(self):
        plan = self.write("rails.toml", f"""
name = "rails"
{SAMPLING}
[[measure]]
experiment = "all_reduce"
group = ["rail", "node"]
sizes = {{ list = ["16KiB"] }}
""")
        warned = "rank 0 on node-0 has the GPU at 0000:01:00.0, rank 2 on node-1 the one at 0000:02:00.0"
        for gpus_of_second, is_mixed in (("0,1", False), ("1,0", True)):
            with self.subTest(gpus_of_second):
                shutil.rmtree(self.out, ignore_errors=True)
                result = self.measure("--plan", plan, ranks=4, wrapper=on_two_hosts(gpus_of_second))
                points = self.points()
                self.assert_emulated_and_right(points)
                mixed = {per_node: (bool(flags & NETWORK_PATH), "GPU-ORDER" in connections) for
                         per_node, flags, connections in zip(points["ranks_per_node"], points["flags"],
                                                             points["observed_connections"])}
                self.assertEqual(mixed, {1: (is_mixed, is_mixed), 2: (False, False)})
                self.assertEqual(result.stderr.count(warned), int(is_mixed), result.stderr)

    def test_a_launch_is_resumed_only_as_it_was_begun(self):
        run("--plan", self.plan, "--out", self.out, "--seed", "1", "--point-limit", f"{POINT_LIMIT_S}s",
            HOCKNEY_DOUBLE_FAULT="async_error:1:3:Broadcast")
        refused = run("--plan", self.plan, "--out", self.out, "--resume", "--force-network")
        self.assertEqual(refused.returncode, 2, refused.stdout + refused.stderr)
        self.assertRegex(refused.stderr, "cannot be resumed: its (nccl.process_settings|machine)")
        refused = run("--plan", self.plan, "--out", self.out, "--resume", "--set", "NCCL_MAX_CTAS=4")
        self.assertEqual(refused.returncode, 2, refused.stdout + refused.stderr)
        self.assertIn("cannot be resumed: its NCCL_MAX_CTAS was '', now it is '4'", refused.stderr)
        self.measure("--plan", self.plan, "--resume")
        points = self.points()
        self.assertEqual(len(points["name"]), POINTS_OF_TINY)
        self.assert_emulated_and_right(points)

    def test_forced_network_and_four_ranks(self):
        self.measure("--plan", self.plan, "--force-network", ranks=4)
        points = self.points()
        self.assert_emulated_and_right(points)
        self.assertEqual(set(points["observed_connections"]), {"NET/Socket/0"})

    def test_ranks_share_a_gpu_only_when_told_to(self):
        one = {"HOCKNEY_DOUBLE_DEVICES": "1"}
        refused = run("--plan", self.plan, "--out", self.out, **one)
        self.assertEqual(refused.returncode, 2, refused.stderr)
        self.assertIn("--share-gpu", refused.stderr)
        self.measure("--plan", self.plan, "--share-gpu", **one)
        points = self.points()
        self.assert_emulated_and_right(points)
        self.assertTrue(all(flags & SHARED_GPU for flags in points["flags"]))

    def test_points_that_need_too_much_memory_are_skipped(self):
        plan = self.write("large.toml", TINY.replace('"64KiB"', '"64MiB"'))
        self.measure("--plan", plan, HOCKNEY_DOUBLE_MEMORY=str(32 << 20))
        self.assertEqual(len(self.points()["name"]), POINTS_OF_TINY - 1)
        ((name, reason),) = self.skipped().items()
        self.assertRegex(name, "^all_reduce/.*64MiB")
        self.assertIn("GPU memory", reason)


class Refusals(GpuBench):
    """Nothing can be measured: exit code 2, one line, nothing left behind."""

    def refused(self, expect, ranks=2, **variables):
        started = time.monotonic()
        result = run("--plan", self.plan, "--out", self.out, ranks=ranks, **variables)
        ours = [line for line in result.stderr.splitlines() if line.startswith("hockney-bench:")]
        self.assertEqual(result.returncode, 2, result.stderr + result.stdout)
        self.assertEqual(len(ours), 1, result.stderr)
        self.assertRegex(ours[0], expect)
        self.assertLess(time.monotonic() - started, 60)

    def test_the_version_names_the_driver_that_is_needed(self):
        version = subprocess.run([BENCH, "--version"], capture_output=True, text=True, env=environment())
        self.assertRegex(version.stdout, r"^\d+\.\d+\.\d+\nCUDA 1[23]\.\d: NVIDIA driver (525|580) or newer\n$")

    def test_no_gpu(self):
        for ranks in (1, 2):
            self.refused("no GPU is visible", ranks=ranks, HOCKNEY_DOUBLE_FAULT="no_device")
        self.refused("CUDA_VISIBLE_DEVICES", CUDA_VISIBLE_DEVICES="")

    def test_no_driver(self):
        self.refused("no NVIDIA driver", HOCKNEY_DOUBLE_FAULT="no_driver")

    def test_old_driver(self):
        self.refused(r"driver is too old.*11\.4.*CUDA 1[23]\.\d: NVIDIA driver (525|580) or newer",
                     HOCKNEY_DOUBLE_FAULT="old_driver")

    def test_launches_that_block(self):
        self.refused("CUDA_LAUNCH_BLOCKING is 1", CUDA_LAUNCH_BLOCKING="1")


class Faults(GpuBench):
    """The machine breaks while it measures: a non-zero exit in time, a line that says where, and all that was done."""

    def breaks(self, fault, *, expect, **kwargs):
        """Runs the tiny plan with the fault in one of its points. Returns how many it kept, and stderr."""
        started = time.monotonic()
        result = run("--plan", self.plan, "--out", self.out, "--seed", "1", "--point-limit", f"{POINT_LIMIT_S}s",
                     HOCKNEY_DOUBLE_FAULT=fault, **kwargs)
        took = time.monotonic() - started
        self.assertNotEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertLess(took, 2 * POINT_LIMIT_S + 20, "twice the limit, and what starting and measuring takes")
        self.assertRegex(result.stderr, expect)
        acknowledged = re.findall(r"^\[ ?\d+/\d+\]", result.stdout, re.M)
        self.assertLess(len(acknowledged), POINTS_OF_TINY)
        if acknowledged:
            kept = self.kept_points()
            self.assertEqual(len(kept["name"]), len(acknowledged))
            self.assert_emulated_and_right(kept)
        return len(acknowledged), result.stderr

    def test_a_kernel_that_never_ends(self):
        host = re.escape(socket.gethostname())
        kept, stderr = self.breaks("kernel_never_ends:Broadcast:3",
                                   expect=rf"rank \d on {host}.*broadcast/.*did not end within 4.*its GPU")
        self.assertEqual({int(rank) for rank in re.findall(r"hockney-bench: rank (\d) on", stderr)}, {0, 1})
        self.assertGreater(kept, 0, "the seed puts other points before the broadcast")

    def test_a_kernel_that_never_ends_on_one_rank(self):
        self.breaks("kernel_never_ends:AllReduce:40", ranks=1,
                    expect=r"rank 0 on .*/nccl/device_memory/.*did not end within 4")

    def test_an_asynchronous_error(self):
        host = re.escape(socket.gethostname())
        self.breaks("async_error:1:3:Broadcast", expect=rf"rank 1: {host}: broadcast/.*ncclRemoteError")

    def test_a_rank_that_dies_while_the_others_wait_for_it(self):
        host = re.escape(socket.gethostname())
        kept, _ = self.breaks("die:1:3:Broadcast", expect=rf"rank 0 on {host}.*broadcast/.*did not end within 4",
                              **UNSEEN_DEATH)
        self.assertGreater(kept, 0, "the seed puts other points before the broadcast")

    def test_a_rank_that_dies_and_is_seen_by_the_launcher(self):
        kept, _ = self.breaks("die:1:3:Broadcast", expect=".*")
        self.assertGreater(kept, 0, "the seed puts other points before the broadcast")

    def test_wrong_data_is_found_flagged_and_a_failure(self):
        result = self.measure("--plan", self.plan, code=1, HOCKNEY_DOUBLE_FAULT="wrong_data:1:1:Broadcast")
        points = self.points()
        wrong = {name.split("/")[0] for name, flags, verification in
                 zip(points["name"], points["flags"], points["verification"])
                 if flags & WRONG_RESULT and verification == WRONG}
        self.assertEqual(wrong, {"broadcast"})
        self.assertEqual(len(points["name"]), POINTS_OF_TINY)
        self.assertIn("wrong", result.stdout + result.stderr)


if __name__ == "__main__":
    unittest.main()
