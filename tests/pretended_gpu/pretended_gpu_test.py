"""The installed NCCL on a pretended DGX (README.md): what it chooses, what it connects and what it tells. Nothing is timed
and no result is right: kernels do nothing."""

import os
import pathlib
import re
import sys
import unittest

from nccl_lines import (FUNCTIONS, SIZES, SYMMETRIC, WITHOUT_ALGORITHM, connections, read_reference, read_rows, tuned,
                        version_of)
from pretended_node import CANNOT, RANKS_PER_NODE, Machine, library_of, temporary_folder, why_not

BIN = pathlib.Path(os.environ["HOCKNEY_BIN"])
LIBRARIES = os.environ["HOCKNEY_PRETENDED_DIR"]
COLLECTIVES = BIN / "pretended_collectives"


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
        asked = {key[1::2] for key in read_reference() if key[::2] == (self.kind, self.ranks)}
        self.assertEqual(set(self.rows), asked)
        for (operation, size), row in self.rows.items():
            expected = read_reference()[self.kind, operation, self.ranks, size]
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


if __name__ == "__main__":
    reason = why_not(library_of(COLLECTIVES, "libnccl.so.2"))
    if reason:
        print(f"skipped: {reason}")
        sys.exit(CANNOT)
    unittest.main()
