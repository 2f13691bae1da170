"""hockney-bench on a pretended DGX (README.md): what it records of the groups of the plan dgx-short, and that faults are
found. Its exit code is 1 where points were measured: verification finds that nothing was moved."""

import csv
import io
import os
import pathlib
import re
import subprocess
import sys
import types
import unittest

from nccl_lines import read_reference
from pretended_node import CANNOT, Machine, library_of, temporary_folder, why_not, write_gpus

try:
    import h5py
except ImportError:
    print("skipped: python3-h5py is not installed")
    sys.exit(CANNOT)

BIN = pathlib.Path(os.environ["HOCKNEY_BIN"])
LIBRARIES = os.environ["HOCKNEY_PRETENDED_DIR"]
PLANS = BIN.parent / "share/hockney/plans"

SAMPLING = """[sampling]
tolerance_small = "50%"
tolerance_large = "50%"
min_samples = 6
max_samples = 6
max_seconds = "1ms"
warm_up = "1us"
max_discarded = 1
"""
ALL_ADAPTERS = set(range(8))


def shortened(plan):
    """The plan with all its groups and operations, at 1 MiB only, on one set of buffers, few samples."""
    text = (PLANS / f"{plan}.toml").read_text()
    text = re.sub(r"^\[sampling\]\n(\w.*\n)*", SAMPLING, text, flags=re.MULTILINE)
    text = re.sub(r"^sizes = .*$", 'cache = "hot"\nsizes = { list = ["1MiB"] }', text, flags=re.MULTILINE)
    return text


def plan_of(*sections):
    return f'name = "pretended"\n{SAMPLING}' + "".join(
        f'[[measure]]\nelement = "bfloat16"\ncache = "hot"\n{section}\n' for section in sections)


def section(experiment, group, sizes='"1MiB"', more=""):
    return f'experiment = "{experiment}"\ngroup = "{group}"\nsizes = {{ list = [{sizes}] }}\n{more}'


def names_of(column):
    return dict(zip(column.attrs["flag_values"], column.attrs["flag_meanings"].decode().split()))


def flags_of(column, bits):
    meanings = column.attrs["flag_meanings"].decode().split()
    return {name for mask, name in zip(column.attrs["flag_masks"], meanings) if bits & mask}


def adapters_of(paths):
    """Numbers of the adapters in "P2P/CUMEM,NET/IB/0-3+5(PXN)/GDRDMA"."""
    numbers = set()
    for ranges in re.findall(r"NET/IB/([\d+-]+)", paths):
        for one in ranges.split("+"):
            first, _, last = one.partition("-")
            numbers |= set(range(int(first), int(last or first) + 1))
    return numbers


class Topology(unittest.TestCase):
    """What hockney-bench --topology shows of two pretended DGX A100."""

    @classmethod
    def setUpClass(cls):
        machine = Machine(temporary_folder(cls), LIBRARIES, "a100", nodes=2)
        for node in range(2):
            write_gpus(machine.sysfs / str(node), "a100")
        cls.result = machine.run(BIN / "hockney-bench", "--topology", "--transport", "nccl")

    def test_hosts_that_are_alike_are_told_once(self):
        self.assertEqual(self.result.returncode, 0, self.result.stderr)
        self.assertIn("pretended0, pretended1 (2 hosts, alike)", self.result.stdout)

    def test_every_gpu_and_adapter_is_there(self):
        own = len(re.findall(r"(?m)^  \S+ +\S+ +Ethernet ", self.result.stdout))  # of the machine beneath
        self.assertRegex(self.result.stdout, rf"(?m)^\d+ NUMA nodes?, 8 GPUs, .*\b{8 + own} NICs$")
        for number in range(8):
            self.assertRegex(self.result.stdout, rf"(?m)^  GPU {number} +0000:.*, 12 NVLinks to NVSwitch$")
            self.assertRegex(self.result.stdout, rf"(?m)^  mlx5_{number} .*InfiniBand 200 Gb/sec \(4X HDR\), .*ACTIVE")


class Scan(unittest.TestCase):
    """A health scan of two pretended DGX A100, between which no byte moves."""

    def test_wrong_results_are_no_health(self):
        folder = temporary_folder(type(self))
        (folder / "plan.toml").write_text(plan_of(section("all_to_all_v", "rail", more="concurrent = true")))
        result = Machine(folder, LIBRARIES, "a100", nodes=2).run(
            BIN / "hockney-bench", "--transport", "nccl", "--plan", folder / "plan.toml", "--scan", "--out",
            folder / "out", timeout=300)
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        self.assertIn("3 of 3 visits do not count, 3 of them for wrong results", result.stderr)
        self.assertIn("nothing can be said of what is slow", result.stdout)
        self.assertNotIn("nothing looks slow", result.stdout)
        with h5py.File(next((folder / "out").glob("*.h5"))) as file:
            self.assertEqual(set(file["points/observed_adapters"][:]),
                             {",".join(f"mlx5_{number}:1" for number in range(8)).encode()})


class Launch:
    """What a run of hockney-bench left: points by name, reasons of skipped ones by name."""

    def __init__(self, case, kind, plan, nodes=1, variables=None, expected_code=1, **machine):
        self.folder = temporary_folder(case)
        (self.folder / "plan.toml").write_text(plan)
        self.result = Machine(self.folder, LIBRARIES, kind, nodes=nodes, **machine).run(
            BIN / "hockney-bench", "--transport", "nccl", "--plan", self.folder / "plan.toml", "--out",
            self.folder / "out", "--seed", "1", timeout=300, **(variables or {}))
        if self.result.returncode != expected_code:
            raise AssertionError(self.result.stdout[-3000:] + self.result.stderr[-3000:])
        self.points, self.skipped, self.version = {}, {}, None
        for path in (self.folder / "out").glob("*.h5"):
            self.read(path)

    def read(self, path):
        with h5py.File(path) as file:
            self.version = dict(zip(file["provenance/key"].asstr(), file["provenance/value"].asstr()))["version.nccl"]
            self.skipped = dict(zip(file["skipped/name"].asstr(), file["skipped/reason"].asstr()))
            points = file["points"]
            operations, fabrics = names_of(points["operation"]), names_of(points["fabric"])
            for row, name in enumerate(points["name"].asstr()):
                value = {column: points[column][row] for column in (
                    "ranks", "ranks_per_node", "concurrent", "observed_channels", "t_estimate")}
                text = {column: points[column].asstr()[row] for column in (
                    "observed_algorithm", "observed_protocol", "observed_connections")}
                self.points[name] = types.SimpleNamespace(
                    **value, **text, operation=operations[points["operation"][row]],
                    requested=fabrics[points["fabric"][row]], observed=fabrics[points["observed_fabric"][row]],
                    flags=flags_of(points["flags"], points["flags"][row]))

    def point(self, *parts):
        """The only point whose name has all these parts."""
        (name,) = (name for name in self.points if all(part in name for part in parts))
        return self.points[name]

    def show(self, *arguments):
        return subprocess.run([BIN / "hockney", "show", *arguments, self.folder / "out"], capture_output=True,
                              text=True, check=True, timeout=120).stdout


class DgxShort:
    """The plan dgx-short on one kind of machine; the classes below say which."""

    kind, nodes = None, 1
    skipped_because = "infiniband within one node takes a launch with --force-network"

    @classmethod
    def setUpClass(cls):
        cls.launch = Launch(cls, cls.kind, shortened("dgx-short"), nodes=cls.nodes)
        cls.points = cls.launch.points

    def test_every_operation_runs_inside_the_node(self):
        inside = {point.operation for point in self.points.values() if point.ranks <= point.ranks_per_node}
        self.assertEqual(inside, {"all_reduce", "all_gather", "reduce_scatter", "all_to_all", "all_to_all_v",
                                  "broadcast", "reduce", "gather", "scatter", "ping_pong", "one_way_stream",
                                  "pipeline_forward", "pipeline_forward_backward"})

    def test_what_is_skipped_needs_another_launch(self):
        self.assertTrue(self.launch.skipped)
        for name, reason in self.launch.skipped.items():
            self.assertRegex(reason, self.skipped_because, name)

    def test_every_group_is_on_the_fabric_that_the_plan_asks_for(self):
        for name, point in self.points.items():
            with self.subTest(name):
                within = point.ranks <= point.ranks_per_node
                self.assertEqual(point.requested, "nvswitch" if within else "infiniband")
                self.assertEqual(point.observed, point.requested)
                self.assertFalse(point.flags & {"void_fabric", "fabric_unproven"})

    def test_every_record_says_that_it_is_emulated_and_wrong(self):
        self.assertIn("EMULATED", self.launch.result.stdout)
        for name, point in self.points.items():
            with self.subTest(name):
                self.assertIn("emulated", point.flags)
                self.assertIn("wrong_result", point.flags)

    def test_inside_a_node_no_adapter_is_used(self):
        for name, point in self.points.items():
            with self.subTest(name):
                if point.requested == "nvswitch":
                    self.assertNotIn("NET", point.observed_connections)
                    self.assertRegex(point.observed_connections, "P2P/CUMEM|NVLS|SYMMETRIC")

    def test_collectives_are_labelled_and_estimated(self):
        messages = {"all_to_all", "all_to_all_v", "gather", "scatter", "ping_pong", "one_way_stream",
                    "pipeline_forward", "pipeline_forward_backward"}
        for name, point in self.points.items():
            with self.subTest(name):
                self.assertGreater(point.observed_channels, 0)
                self.assertEqual(point.observed_algorithm == "", point.operation in messages)
                has_estimate = point.operation not in messages and point.observed_protocol != "Symmetric"
                self.assertEqual(point.t_estimate > 0, has_estimate)

    def test_labels_and_estimates_are_those_of_the_table(self):
        if self.launch.version != "2.28.9":
            self.skipTest(f"the installed NCCL is {self.launch.version}")
        compared = 0
        for name, point in self.points.items():
            expected = read_reference().get((self.kind, point.operation, point.ranks, 1 << 20))
            is_usual = "/out_of_place/payload" in name and "/isolated/" in name and point.ranks in (8, 16)
            if expected and is_usual and point.observed_algorithm:
                label = (point.observed_algorithm, point.observed_protocol, point.observed_channels)
                self.assertEqual(label, expected[:3], name)
                self.assertAlmostEqual(point.t_estimate * 1e6, expected[3], delta=0.01 * expected[3], msg=name)
                compared += 1
        self.assertGreaterEqual(compared, 5 * self.nodes)

    def test_show_tells_the_path_and_nccls_estimate(self):
        rows = list(csv.DictReader(io.StringIO(self.launch.show("--csv"))))
        self.assertEqual({row["name"] for row in rows}, set(self.points))
        for row in rows:
            point = self.points[row["name"]]
            self.assertEqual(row["ran_connections"], point.observed_connections)
            self.assertAlmostEqual(float(row["ran_estimate_s"] or 0), point.t_estimate)
        self.assertRegex(self.launch.show(), r"what ran .* connections +(adapters +)?estimate us")


class OneDgxA100(DgxShort, unittest.TestCase):
    kind = "a100"
    skipped_because = "needs 2 nodes|" + DgxShort.skipped_because


class TwoHgxH100(DgxShort, unittest.TestCase):
    kind, nodes = "h100", 2

    def between_nodes(self):
        return {name: point for name, point in self.points.items() if point.requested == "infiniband"}

    def test_every_gpu_uses_the_adapter_beside_it(self):
        for name, point in self.between_nodes().items():
            with self.subTest(name):
                is_of_one_gpu = point.ranks_per_node == 1 and point.concurrent == 1
                used = adapters_of(point.observed_connections)
                if point.operation in {"gather", "scatter"}:  # the root's, and others' where all-to-all connected them
                    self.assertIn(0, used)
                else:
                    self.assertEqual(used, {0} if is_of_one_gpu else ALL_ADAPTERS)
                self.assertNotIn("CROSS-RAIL", point.observed_connections)
                for path in point.observed_connections.split(","):
                    self.assertEqual("GDRDMA" in path, "NET" in path, path)

    def test_only_messages_among_all_gpus_go_by_way_of_other_gpus(self):
        for name, point in self.between_nodes().items():
            with self.subTest(name):
                by_proxy = point.ranks == 16 and point.operation in {"all_to_all", "all_to_all_v", "gather", "scatter"}
                self.assertEqual("PXN" in point.observed_connections, by_proxy)
                self.assertEqual("network_path" in point.flags, by_proxy)


PAIR, NODE = section("ping_pong", "pair", more='operations = "ping_pong"'), section("all_reduce", "node")
RAILS = section("all_reduce", "rail", more="concurrent = [false, true]")
CROSSING = section("ping_pong", "cross_rail", more='operations = "ping_pong"')
ALONE, TOGETHER = "n:2x1/stride:8/bfloat16", "n:2x1/stride:8/concurrent:8"


class Faults(unittest.TestCase):
    def launch(self, *sections, kind="h100", **options):
        return Launch(type(self), kind, plan_of(*sections), **options)

    def assert_nothing_is_unproven(self, launch):
        for name, point in launch.points.items():
            self.assertFalse(point.flags & {"void_fabric", "fabric_unproven"}, name)

    def test_gpus_that_cannot_reach_each_other_end_the_run_with_nccls_reason(self):
        launch = self.launch(PAIR, NODE, variables={"HOCKNEY_PRETENDED_NO_P2P": "0-1"})
        self.assertIn("P2P is disabled between NVLINK connected GPUs", launch.result.stderr)
        self.assertEqual(launch.points, {})

    def test_what_then_goes_by_host_memory_is_void_and_nothing_else(self):
        launch = self.launch(PAIR, NODE, section("all_to_all", "node"),
                             variables={"HOCKNEY_PRETENDED_NO_P2P": "0-1", "NCCL_IGNORE_DISABLED_P2P": "1"})
        self.assertEqual(launch.point("ping_pong").observed, "host_memory")
        self.assertEqual(launch.point("all_to_all").observed, "host_memory")
        self.assertEqual(launch.point("all_reduce").observed, "nvswitch")
        for name, point in launch.points.items():
            self.assertEqual("void_fabric" in point.flags, "SHM" in point.observed_connections, name)

    def test_an_ethernet_port_among_the_adapters_changes_nothing(self):
        launch = self.launch(RAILS, section("all_reduce", "world"), nodes=2, link_layer="storage")
        self.assertEqual({point.observed for point in launch.points.values()}, {"infiniband"})
        self.assert_nothing_is_unproven(launch)
        self.assertEqual(adapters_of(launch.point("n:16x8").observed_connections), ALL_ADAPTERS)

    def test_adapters_of_ethernet_are_roce(self):
        launch = self.launch(RAILS, nodes=2, link_layer="ethernet")
        self.assertEqual({(point.requested, point.observed) for point in launch.points.values()}, {("roce", "roce")})

    def test_a_rail_whose_adapter_is_missing_is_marked_and_the_others_stay_proven(self):
        launch = self.launch(RAILS, NODE, nodes=2, missing={1: 3})
        self.assert_nothing_is_unproven(launch)
        self.assertIn("CROSS-RAIL", launch.point(TOGETHER).observed_connections)
        self.assertIn("network_path", launch.point(TOGETHER).flags)
        self.assertEqual(launch.point(ALONE).observed_connections, "NET/IB/0/GDRDMA")
        self.assertNotIn("network_path", launch.point(ALONE).flags)

    def test_a_pair_that_crosses_rails_is_marked(self):
        launch = self.launch(CROSSING, nodes=2)
        point = launch.point("ping_pong")
        self.assertEqual(point.observed, "infiniband")
        self.assertRegex(point.observed_connections, "CROSS-RAIL|PXN")
        self.assertIn("network_path", point.flags)

    def test_without_gpudirect_rdma_points_are_marked(self):
        launch = self.launch(section("all_reduce", "rail"), nodes=2, gpu_direct=False)
        self.assert_nothing_is_unproven(launch)
        self.assertRegex(launch.point(ALONE).observed_connections, r"^NET/IB/\d$")
        self.assertIn("network_path", launch.point(ALONE).flags)

    def test_a_pin_that_nccl_does_not_honour_makes_the_point_void(self):
        ring = 'algorithm = "ring"\nbuffers = ["plain", "symmetric_window"]'
        launch = self.launch(section("all_reduce", "node", more=ring))
        pinned, overruled = launch.point("out_of_place/algorithm"), launch.point("symmetric")
        self.assertEqual((pinned.observed_algorithm, "void_pin" in pinned.flags), ("Ring", False))
        self.assertEqual((overruled.observed_protocol, "void_pin" in overruled.flags), ("Symmetric", True))

    def test_an_algorithm_that_the_gpus_lack_is_skipped(self):
        launch = self.launch(section("all_reduce", "node", more='algorithm = ["nvls", "tree"]'), kind="a100")
        self.assertEqual(launch.point("algorithm:tree").observed_algorithm, "Tree")
        (reason,) = launch.skipped.values()
        self.assertIn("nvls needs GPUs of compute capability 9.0", reason)

    def test_memory_that_one_gpu_does_not_give_skips_the_point_on_every_rank(self):
        sections = [section(operation, "node", '"1MiB", "64MiB"', f'buffers = ["{buffers}"]')
                    for operation, buffers in (("all_reduce", "plain"), ("all_gather", "registered"))]
        launch = self.launch(*sections, variables={"HOCKNEY_PRETENDED_FULL_GPU": f"3:{64 << 20}"})
        self.assertEqual(len(launch.points), 2)
        self.assertTrue(all("payload:1MiB" in name for name in launch.points), launch.points)
        self.assertEqual(len(launch.skipped), 2)
        for name, reason in launch.skipped.items():
            self.assertIn("payload:64MiB", name)
            self.assertIn("memory", reason)


if __name__ == "__main__":
    reason = why_not(library_of(BIN / "hockney-bench", "libnccl.so.2"))
    if reason:
        print(f"skipped: {reason}")
        sys.exit(CANNOT)
    unittest.main()
