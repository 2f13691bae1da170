"""SMPI on an exported platform with its factors: a ping-pong takes what `hockney predict message` says."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

HOCKNEY = pathlib.Path(os.environ["HOCKNEY_BIN"]) / "hockney"
PROGRAM = os.environ["HOCKNEY_SMPI_PING_PONG"]


def run(*command):
    return subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=100)


def factors(text, where):
    """The flags below a line "where:", as a shell would hand them on."""
    lines = text.splitlines()
    at = lines.index(where + ":")
    return [line.replace('"', "") for line in lines[at + 1 : at + 3]]


class Smpi(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hockney-smpi-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        made = run(HOCKNEY, "export", "--to", "simgrid", "reference:dgx-a100", "--out", self.folder)
        self.assertEqual(made.returncode, 0, made.stderr)

    def simulated(self, hosts, where):
        (self.folder / "hosts").write_text("".join(host + "\n" for host in hosts))
        ran = run("smpirun", "-np", 2, "-hostfile", self.folder / "hosts", "-platform", self.folder / "platform.xml",
                  "--cfg=smpi/simulate-computation:no", *factors((self.folder / "factors.txt").read_text(), where), PROGRAM)
        self.assertEqual(ran.returncode, 0, ran.stderr[-2000:])
        rows = [line.split() for line in ran.stdout.splitlines() if line and line[0].isdigit()]
        return {int(size): float(seconds) for size, seconds in rows}

    def predicted(self, sizes, nodes):
        asked = run(HOCKNEY, "predict", "message", "ping_pong", "--payload", *(f"{size}B" for size in sizes), "--ranks", 2,
                    "--nodes", nodes, "--cost", "reference:dgx-a100", "--json")
        self.assertEqual(asked.returncode, 0, asked.stderr)
        return {row["payload_bytes"]: row["value_s"] for row in json.loads(asked.stdout)["messages"]}

    def compare(self, hosts, where, nodes):
        simulated = self.simulated(hosts, where)
        self.assertEqual(len(simulated), 7)
        for size, seconds in self.predicted(simulated, nodes).items():
            self.assertAlmostEqual(simulated[size] / seconds, 1, delta=0.05, msg=f"{size} bytes, {where}")

    def test_inside_a_node(self):
        self.compare(["gpu-0", "gpu-1"], "inside a node", 1)

    def test_between_nodes(self):
        self.compare(["gpu-0", "gpu-8"], "between nodes", 2)


if __name__ == "__main__":
    unittest.main()
