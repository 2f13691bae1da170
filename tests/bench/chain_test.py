"""The whole chain as a user runs it: measure, store, fit, predict."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

BIN = pathlib.Path(os.environ["HOCKNEY_BIN"])
STEP = ["--model", "gpt3-175b", "--tp", "8", "--pp", "8", "--dp", "1", "--mbs", "1", "--gbs", "64"]


def run(program, *arguments, ranks=0, timeout=240):
    launcher = ["mpiexec", "-n", str(ranks)] if ranks else []
    return subprocess.run([*launcher, BIN / program, *arguments], capture_output=True, text=True, timeout=timeout)


class Chain(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hockney-chain-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def fine(self, result):
        self.assertEqual(result.returncode, 0, result.stdout[-3000:] + result.stderr)
        return result

    def test_scripted_machine_is_recovered_within_its_own_intervals(self):
        campaign = self.folder / "c2"
        model_file = self.folder / "c2.cost.json"
        # one seed: of 95 % intervals over eight curves some miss, and which ones is fixed by it
        self.fine(run("hockney-bench", "--transport", "scripted", "--alpha", "4us", "--beta", "180GB/s", "--noise",
                      "1%", "--plan", "smoke", "--seed", "1", "--out", campaign))
        fit = self.fine(run("hockney", "fit", campaign, "--out", model_file))
        self.assertIn("SIMULATED", fit.stdout)
        model = json.loads(model_file.read_text())
        self.assertEqual(len(model["curves"]), 8)
        inside = 0
        for curve in model["curves"]:
            self.assertEqual(len(curve["segments"]), 1, "one line was scripted")
            segment = curve["segments"][0]
            self.assertAlmostEqual(segment["alpha_s"], 4e-6, delta=0.02 * 4e-6)
            self.assertAlmostEqual(segment["beta_s_per_byte"], 1 / 180e9, delta=0.02 / 180e9)
            inside += segment["alpha_low_s"] <= 4e-6 <= segment["alpha_high_s"]
            inside += segment["beta_low_s_per_byte"] <= 1 / 180e9 <= segment["beta_high_s_per_byte"]
        self.assertGreaterEqual(inside, 14, "of 16 parameters at most two may miss their 95 % interval")
        predicted = self.fine(run("hockney", "predict", "--cost", model_file, *STEP))
        self.assertIn("SIMULATED", predicted.stdout)

    def test_five_launches_give_intervals_over_launches(self):
        campaign = self.folder / "many"
        for seed in range(5):
            self.fine(run("hockney-bench", "--transport", "scripted", "--plan", "smoke", "--seed", str(seed), "--out",
                          campaign))
        model_file = self.folder / "many.cost.json"
        self.fine(run("hockney", "fit", campaign, "--out", model_file))
        for curve in json.loads(model_file.read_text())["curves"]:
            self.assertEqual(curve["interval_basis"], "launches")
            self.assertEqual(curve["launches"], 5)

    def test_real_measurement_to_prediction(self):
        campaign = self.folder / "c1"
        model_file = self.folder / "c1.cost.json"
        self.fine(run("hockney-bench", "--plan", "smoke", "--out", campaign, ranks=2))
        fit = self.fine(run("hockney", "fit", campaign, "--out", model_file))
        self.assertNotIn("SIMULATED", fit.stdout)
        model = json.loads(model_file.read_text())
        self.assertEqual({c["shape"]["operation"] for c in model["curves"]},
                         {"all_reduce", "all_gather", "reduce_scatter", "all_to_all", "ping_pong", "one_way_stream",
                          "pipeline_forward", "pipeline_forward_backward"})
        predicted = self.fine(run("hockney", "predict", "--cost", model_file, *STEP, "--gpus-per-node", "64"))
        self.assertIn("extrapolated", predicted.stdout, "8 ranks were not measured, and it must say so")

    def test_the_documented_layout_is_the_real_one(self):
        documented = (pathlib.Path(__file__).parents[2] / "results" / "README.md").read_text()
        self.assertIn(run("hockney", "show", "--schema").stdout.strip(), documented)

    def test_missing_input_is_one_line(self):
        for arguments in (["fit", self.folder / "nothing"], ["show", self.folder / "nothing.h5"],
                          ["predict", "--cost", self.folder / "nothing.json", *STEP]):
            result = run("hockney", *arguments)
            self.assertEqual(result.returncode, 2, result.stdout + result.stderr)
            self.assertEqual(len(result.stderr.strip().splitlines()), 1, result.stderr)
            self.assertIn("nothing", result.stderr)


if __name__ == "__main__":
    unittest.main()
