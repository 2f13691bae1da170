"""The installed NCCL on a pretended DGX (README.md): what it chooses, what it connects, what it tells, and what Hockney
makes of that. Nothing is timed and no result is right: kernels do nothing."""

import csv
import functools
import os
import pathlib
import re
import shutil
import sys
import tempfile
import unittest

from nccl_lines import FUNCTIONS, SIZES, SYMMETRIC, WITHOUT_ALGORITHM, connections, read_rows, tuned, version_of
from pretended_node import CANNOT, RANKS_PER_NODE, Machine, library_of, why_not

try:
    import h5py
except ImportError:
    print("skipped: python3-h5py is not installed")
    sys.exit(CANNOT)

BIN = pathlib.Path(os.environ["HOCKNEY_BIN"])
LIBRARIES = os.environ["HOCKNEY_PRETENDED_DIR"]
COLLECTIVES = BIN / "pretended_collectives"
HERE = pathlib.Path(__file__).resolve().parent

EMULATED, WRONG_RESULT, VOID_PIN = 1 << 9, 1 << 7, 1 << 13


def temporary_folder(case):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="hockney-pretended-"))
    case.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
    return folder


class PretendedGpu(unittest.TestCase):
    @classmethod
    def machine(cls, *arguments, **options):
        return Machine(temporary_folder(cls), LIBRARIES, *arguments, **options)

    @classmethod
    def collectives(cls, machine, *arguments, **options):
        """Rows of the program by operation and bytes, and NCCL's debug lines."""
        result, lines_of = machine.run_with_debug_lines(COLLECTIVES, *arguments, **options)
        if result.returncode != 0:
            raise AssertionError(result.stdout[-2000:] + result.stderr[-4000:])
        return read_rows(result.stdout), [line for lines in lines_of.values() for line in lines]


@functools.cache
def reference():
    """What NCCL 2.28.9 answered on the same machines: (machine, operation, ranks, bytes) -> label and estimate."""
    with open(HERE / "nccl_2_28_tuning.csv", newline="", encoding="ascii") as file:
        return {(row["machine"], row["operation"], int(row["ranks"]), int(row["bytes"])):
                (row["algorithm"], row["protocol"], int(row["channels"]), float(row["estimated_us"] or 0))
                for row in csv.DictReader(file)}


class Collectives:
    """Every collective from 1 KiB to 1 GiB on one kind of machine; the classes below say which."""

    kind, nodes = None, 1
    gpus_per_switch = 1

    @classmethod
    def setUpClass(cls):
        cls.rows, cls.lines = cls.collectives(cls.machine(cls.kind, nodes=cls.nodes))
        cls.connections = connections(cls.lines)
        cls.ranks = RANKS_PER_NODE * cls.nodes

    def test_labels_of_the_profiler_are_those_of_nccls_own_lines(self):
        told = tuned(self.lines, self.ranks)
        labelled = {key: row[:3] for key, row in self.rows.items() if key[0] not in WITHOUT_ALGORITHM}
        self.assertEqual(set(labelled), {(operation, size) for operation in FUNCTIONS.values() for size in SIZES})
        self.assertEqual(labelled, told)

    def test_sends_and_receives_have_channels_only(self):
        for (operation, size), (algorithm, protocol, channels, _) in self.rows.items():
            if operation in WITHOUT_ALGORITHM:
                self.assertEqual((algorithm, protocol), ("", ""), (operation, size))
                self.assertGreater(channels, 0, (operation, size))

    def test_nccl_estimates_every_collective(self):
        for (operation, size), row in self.rows.items():
            if operation not in WITHOUT_ALGORITHM:
                self.assertGreater(row[3], 0, (operation, size))

    def test_nccl_2_28_9_answers_as_it_did_before(self):
        if version_of(self.lines) != "2.28.9":
            self.skipTest(f"the installed NCCL is {version_of(self.lines)}")
        for (operation, size), row in self.rows.items():
            expected = reference()[self.kind, operation, self.ranks, size]
            self.assertEqual(row[:3], expected[:3], (operation, size))
            self.assertAlmostEqual(row[3], expected[3], delta=0.01 * expected[3], msg=(operation, size))

    def test_gpus_of_a_node_meet_over_nvswitch(self):
        inside = {path for source, _, target, _, path in self.connections
                  if source // RANKS_PER_NODE == target // RANKS_PER_NODE and "NET" not in path}
        self.assertEqual(inside, {"P2P/CUMEM/read" if self.kind == "a100" else "P2P/CUMEM"})

    def test_nodes_meet_over_an_adapter_beside_the_gpu(self):
        between = [one for one in self.connections if "NET/" in one[4]]
        self.assertEqual(bool(between), self.nodes > 1)
        for source, gpu, target, direction, path in between:
            adapter = re.fullmatch(r"NET/IB/(\d+)(\(\d+\))?/GDRDMA(/Shared)?", path)
            self.assertTrue(adapter, path)
            if direction == "send" and adapter[2] is None:
                self.assertEqual(int(adapter[1]) // self.gpus_per_switch, gpu // self.gpus_per_switch,
                                 (source, target, path))


class DgxA100(Collectives, PretendedGpu):
    kind = "a100"


class HgxH100(Collectives, PretendedGpu):
    kind = "h100"

    def test_large_all_reduces_are_reduced_in_the_switch(self):
        self.assertEqual(self.rows["all_reduce", 1 << 30][:2], ("NVLS", "Simple"))


class TwoDgxA100(Collectives, PretendedGpu):
    kind, nodes = "a100", 2
    gpus_per_switch = 2  # and as many adapters: NCCL takes the one or the other


class TwoHgxH100(Collectives, PretendedGpu):
    kind, nodes = "h100", 2

    def test_large_all_reduces_take_the_switches_and_the_network(self):
        self.assertEqual(self.rows["all_reduce", 1 << 30][:2], ("NVLSTree", "Simple"))


class Symmetric(PretendedGpu):
    def test_on_one_node_only_the_tuning_line_tells_the_kernel(self):
        rows, lines = self.collectives(self.machine("h100"), "symmetric")
        kernels = {int(match[1]): match[2] for match in map(SYMMETRIC.search, lines) if match}
        self.assertEqual(set(kernels), {size for _, size in rows})
        self.assertTrue(all(kernel.startswith("AllReduce_") for kernel in kernels.values()), kernels)
        self.assertEqual({row[:3] for row in rows.values()}, {("", "", 0)}, "the profiler hears nothing")
        self.assertEqual(connections(lines), [], "and no connection is made")

    def test_on_two_nodes_windows_get_ordinary_kernels(self):
        rows, lines = self.collectives(self.machine("h100", nodes=2), "symmetric", ranks_per_node=2)
        self.assertFalse(any(map(SYMMETRIC.search, lines)))
        self.assertEqual({key[1]: row[:3] for key, row in rows.items()},
                         {key[1]: label for key, label in tuned(lines, 4).items()})


class Adapters(PretendedGpu):
    def used(self, **options):
        """NCCL's line about adapters, and the paths between two nodes."""
        _, lines = self.collectives(self.machine("h100", nodes=2, **options), "symmetric", ranks_per_node=2)
        using = next(line for line in lines if "NET/IB : Using" in line)
        return re.findall(r"mlx5_(\d):1/(\w+)", using), {one[4] for one in connections(lines) if "NET/" in one[4]}

    def test_ethernet_is_told_as_roce(self):
        adapters, paths = self.used(link_layer="ethernet")
        self.assertEqual(adapters, [(str(number), "RoCE") for number in range(8)])
        self.assertTrue(all(path.startswith("NET/IB/") and path.endswith("/GDRDMA") for path in paths), paths)

    def test_an_ethernet_port_for_storage_is_listed_and_not_used(self):
        adapters, paths = self.used(link_layer="storage")
        self.assertEqual(adapters, [*((str(number), "IB") for number in range(8)), ("8", "RoCE")])
        self.assertNotIn("8", {path.split("/")[2] for path in paths})

    def test_without_gpudirect_the_path_does_not_say_so(self):
        _, paths = self.used(gpu_direct=False)
        self.assertTrue(paths)
        self.assertFalse({path for path in paths if "GDRDMA" in path})


def names_of(column):
    return dict(zip(column.attrs["flag_values"], column.attrs["flag_meanings"].decode().split()))


PLAN = """
name = "pretended"
[sampling]
tolerance_small = "50%"
tolerance_large = "50%"
min_samples = 6
max_samples = 6
max_seconds = "1ms"
warm_up = "1us"
max_discarded = 1
[[measure]]
experiment = "all_reduce"
group = ["node", "rail", "world"]
sizes = { list = ["1MiB"] }
[[measure]]
experiment = "all_to_all"
group = "world"
sizes = { list = ["1MiB"] }
"""


class Bench(PretendedGpu):
    """hockney-bench itself on two HGX H100. Its exit code is 1: verification finds that nothing was moved."""

    @classmethod
    def setUpClass(cls):
        folder = temporary_folder(cls)
        (folder / "plan.toml").write_text(PLAN)
        cls.result = cls.machine("h100", nodes=2).run(
            BIN / "hockney-bench", "--transport", "nccl", "--plan", folder / "plan.toml", "--out", folder / "out",
            "--seed", "1")
        if cls.result.returncode != 1:
            raise AssertionError(cls.result.stdout + cls.result.stderr)
        (path,) = (folder / "out").glob("*.h5")
        with h5py.File(path) as file:
            cls.version = dict(zip(file["provenance/key"].asstr(), file["provenance/value"].asstr()))["version.nccl"]
            points = file["points"]
            columns = zip(points["operation"], points["ranks"], points["observed_algorithm"],
                          points["observed_protocol"], points["observed_channels"], points["observed_connections"],
                          points["observed_fabric"], points["flags"], points["t_estimate"])
            operations, fabrics = names_of(points["operation"]), names_of(points["observed_fabric"])
            cls.points = {(operations[operation], int(ranks)):
                          (algorithm.decode(), protocol.decode(), int(channels), paths.decode(), fabrics[fabric],
                           int(flags), float(estimate))
                          for (operation, ranks, algorithm, protocol, channels, paths, fabric, flags,
                               estimate) in columns}

    def test_every_point_of_the_plan_ran(self):
        self.assertEqual(set(self.points),
                         {("all_reduce", 8), ("all_reduce", 2), ("all_reduce", 16), ("all_to_all", 16)})

    def test_every_record_says_that_it_is_emulated_and_wrong(self):
        self.assertIn("EMULATED", self.result.stdout)
        for key, point in self.points.items():
            self.assertTrue(point[5] & EMULATED, key)
            self.assertTrue(point[5] & WRONG_RESULT, key)
            self.assertFalse(point[5] & VOID_PIN, key)

    def test_labels_are_those_of_the_table(self):
        if self.version != "2.28.9":
            self.skipTest(f"the installed NCCL is {self.version}")
        for ranks in (8, 16):
            expected = reference()["h100", "all_reduce", ranks, 1 << 20]
            self.assertEqual(self.points["all_reduce", ranks][:3], expected[:3])

    def test_what_crosses_nodes_is_infiniband(self):
        for key in (("all_reduce", 2), ("all_reduce", 16), ("all_to_all", 16)):
            self.assertEqual(self.points[key][4], "infiniband", key)
            self.assertIn("NET/IB", self.points[key][3], key)

    def test_what_stays_in_a_node_sees_no_network(self):
        self.assertEqual(self.points["all_reduce", 8][3], "P2P/CUMEM")

    def test_nccls_estimate_is_stored(self):
        for ranks in (2, 8, 16):
            self.assertGreater(self.points["all_reduce", ranks][6], 0)


if __name__ == "__main__":
    reason = why_not(library_of(COLLECTIVES, "libnccl.so.2"))
    if reason:
        print(f"skipped: {reason}")
        sys.exit(CANNOT)
    unittest.main()
