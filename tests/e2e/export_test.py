"""Exports as a user meets them: every format of the list, read back with Python, and what is refused."""

import csv
import json
import os
import pathlib
import runpy
import shutil
import subprocess
import tempfile
import unittest

HOCKNEY = pathlib.Path(os.environ["HOCKNEY_BIN"]) / "hockney"
SOURCE = "reference:dgx-a100"


def run(*arguments):
    return subprocess.run([HOCKNEY, *map(str, arguments)], capture_output=True, text=True, timeout=100)


class Export(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hockney-export-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def export(self, name, *arguments):
        out = self.folder / name
        made = run("export", "--to", name, SOURCE, "--out", out, *arguments)
        self.assertEqual(made.returncode, 0, made.stderr)
        return out

    def refused(self, *arguments):
        result = run("export", *arguments)
        self.assertEqual(result.returncode, 2, result.stdout + result.stderr)
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        return result.stderr

    def predicted(self, operation, size, ranks, nodes):
        asked = run("predict", "message", operation, "--payload", size, "--ranks", ranks, "--nodes", nodes, "--cost", SOURCE,
                    "--json")
        self.assertEqual(asked.returncode, 0, asked.stderr)
        return json.loads(asked.stdout)["messages"][0]["value_s"]

    def test_every_format_is_written_or_refused_in_one_line(self):
        names = run("export", "--list").stdout.split()
        self.assertEqual(len(names), 16)
        for name in names:
            out = self.folder / name
            made = run("export", "--to", name, SOURCE, "--out", out)
            if name == "nccl-tuner":  # published curves do not tell what ran
                self.assertEqual((made.returncode, len(made.stderr.splitlines())), (2, 1), made.stderr)
                self.assertRegex(made.stderr, "hockney-bench --plan dgx .*hockney fit")
                self.assertFalse(out.exists())
                continue
            self.assertEqual(made.returncode, 0, made.stderr)
            origin = out / "origin.txt" if out.is_dir() else pathlib.Path(f"{out}.origin.txt")
            self.assertIn("lost:", origin.read_text())
            for file in out.rglob("*.json") if out.is_dir() else []:
                json.loads(file.read_text())

    def test_help_says_what_each_format_loses(self):
        text = run("export", "--help").stdout
        for name in run("export", "--list").stdout.split():
            self.assertRegex(text, rf"(?m)^{name} +(file|folder) ")

    def test_times_are_those_of_predict(self):
        lists = json.loads((self.export("nnscaler") / "intra_8.json").read_text())
        sizes, seconds = lists["all gather"]
        self.assertAlmostEqual(seconds[sizes.index(64.0)] / self.predicted("all_gather", "64MiB", 8, 1), 1, places=6)
        tables = runpy.run_path(str(self.export("autoparallel")))
        latency_us, rate = tables["RUNTIME_TABLES"]["all_reduce"][(2, 8)]
        size = 64 * 2**20 * 16
        answer = latency_us + size / (1000 * rate * tables["RUNTIME_RAMPS"]["all_reduce"][(2, 8)][20])
        self.assertAlmostEqual(answer * 1e-6 / self.predicted("all_reduce", "1GiB", 16, 2), 1, places=3)
        pairs = runpy.run_path(str(self.export("colossalai")))["alpha_beta_dict"]
        self.assertEqual(len(pairs), 16 * 15)
        rows = list(csv.DictReader(self.export("csv").open()))
        self.assertEqual({row["operation"] for row in rows},
                         {"all_gather", "all_reduce", "all_to_all", "reduce_scatter"})
        self.assertEqual({row["machine"] for row in rows}, {"dgx-a100"})
        self.assertTrue(all(row["statistic"] and row["interval_basis"] for row in rows))

    def test_what_was_not_measured_is_said(self):
        self.export("astra-sim")
        origin = (self.folder / "astra-sim.origin.txt").read_text()
        self.assertIn("LINE RATE", origin)
        self.assertIn("not measured, answered by related: ping_pong of 2 ranks (2 per node)", origin)

    def test_what_was_extrapolated_is_said_whichever_question_it_was(self):
        self.export("calculon")
        self.assertNotIn("EXTRAPOLATED", (self.folder / "calculon.origin.txt").read_text())
        self.export("calculon", "--payload", "32GiB")  # measured up to 8 GiB, and 1 KiB is asked first
        origin = (self.folder / "calculon.origin.txt").read_text()
        self.assertIn("EXTRAPOLATED", origin)
        self.assertIn("all_reduce of 8 ranks (8 per node) at 1 of 22 payloads", origin)

    def test_the_gpu_is_the_machines_own_or_said_to_be_assumed(self):
        out = self.folder / "h100.json"
        made = run("export", "--to", "calculon", "reference:hgx-h100", "--out", out)
        self.assertNotIn("GPU ASSUMED", made.stdout)
        self.assertGreater(json.loads(out.read_text())["matrix"]["tflops"], 900)
        made = run("export", "--to", "csv", "reference:sirius-a100", "--out", out)
        self.assertRegex(made.stdout, "GPU +GPU ASSUMED: a100-80g; which GPU 'sirius-a100' has")

    def test_a_line_rate_stands_in_where_a_refusal_asks_for_it(self):
        command = ["export", "--to", "calculon", "reference:snellius-h100", "--out", self.folder / "x"]
        refused = run(*command)
        self.assertEqual(refused.returncode, 2)
        self.assertIn("--inter-node-bandwidth", refused.stderr)
        made = run(*command, "--inter-node-bandwidth", "25GB/s", "--inter-node-latency", "5us")
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertIn("LINE RATE", (self.folder / "x.origin.txt").read_text())

    def test_what_cannot_be_is_refused(self):
        self.assertIn("did you mean 'calculon'", self.refused("--to", "calculo", SOURCE, "--out", self.folder / "x"))
        self.assertIn("expected --to FORMAT", self.refused(SOURCE))
        self.assertIn("expected a cost model (*.cost.json); hockney fit",
                      self.refused("--to", "taccl", self.folder, "--out", self.folder / "x"))
        self.assertIn("a power of two", self.refused("--to", "galvatron", SOURCE, "--nodes", 3, "--out", self.folder / "x"))
        self.assertIn("expected more than 1 KiB",
                      self.refused("--to", "taccl", SOURCE, "--payload", "1KiB", "--out", self.folder / "x"))
        self.assertIn("makes a file", self.refused("--to", "taccl", SOURCE, "--out", self.folder))
        self.assertIn("makes a file, and this is none", self.refused("--to", "taccl", SOURCE, "--out", "/dev/stdout"))
        for nodes in (0, 2**31):  # doubling passes 2^31 without end
            self.assertIn("from 1 to 1048576",
                          self.refused("--to", "autoparallel", SOURCE, "--nodes", nodes, "--out", self.folder / "x"))
        self.assertIn("expected 1048576 GPUs",
                      self.refused("--to", "autoparallel", SOURCE, "--nodes", 2**20, "--out", self.folder / "x"))
        self.assertEqual(list(self.folder.iterdir()), [])


if __name__ == "__main__":
    unittest.main()
