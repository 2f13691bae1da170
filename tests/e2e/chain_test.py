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

REPLAY = """
name = "replayed"
[sampling]
tolerance_small = "20%"
min_samples = 6
max_samples = 20
max_seconds = "50ms"
passes = 2
warm_up = "1ms"
max_discarded = 10
[[measure]]
experiment = "all_reduce"
mode = ["stream", "host"]
ranks = 2
sizes = { from = "64B", to = "64KiB", factor = 8 }
[[measure]]
experiment = "pipeline_send"
operations = ["pipeline_forward_backward"]
ranks = 2
sizes = { from = "1KiB", to = "64KiB", factor = 8 }
[[step_replay]]
model = "gpt3-175b"
layers = 4
hidden = 128
heads = 4
sequence = 32
vocabulary = 64
tp = [1, 2]
pp = [1, 2]
micro_batches = 4
compute = ["0us", "2us"]
"""


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

    def replay_plan(self):
        plan = self.folder / "replayed.toml"
        plan.write_text(REPLAY)
        return plan

    def test_steps_replayed_on_two_ranks_stand_beside_their_predictions(self):
        campaign = self.folder / "r"
        bench = self.fine(run("hockney-bench", "--plan", self.replay_plan(), "--out", campaign, ranks=2))
        self.assertIn("takes 4 ranks, and this run has 2", bench.stdout)
        self.assertIn("a step on one rank communicates nothing", bench.stdout)
        self.assertEqual(len(list(campaign.glob("*.h5"))), 2, "curves and steps are two launches")
        against = self.fine(run("hockney", "predict", "--against", campaign))
        self.assertIn("measured in turns with the steps by the same processes", against.stdout)
        self.assertRegex(against.stdout, r"tensor parallel only +2 ")
        self.assertRegex(against.stdout, r"pipeline parallel only +2 ")
        self.assertRegex(against.stdout, r"all +4 ")
        self.fine(run("hockney-bench", "--plan", self.replay_plan(), "--out", campaign, ranks=2))
        report = json.loads(self.fine(run("hockney", "predict", "--against", campaign, "--json")).stdout)
        self.assertEqual(len(report["launches"]), 2)
        for launch in report["launches"]:
            self.assertIn("of other starts than the steps", launch["curves"])
            for step in launch["steps"]:
                self.assertGreater(step["measured_s"], 0)
                self.assertGreater(step["predicted_s"], 0)
                self.assertAlmostEqual(step["predicted_s"] / step["measured_s"], step["predicted_over_measured"])
                self.assertEqual(step["compute_s"] > 0, "compute" in step["name"])
        fit = self.fine(run("hockney", "fit", campaign))
        self.assertIn("no curve; see hockney predict --against", fit.stdout + fit.stderr)

    def test_four_ranks_replay_tensor_and_pipeline_parallelism_at_once(self):
        campaign = self.folder / "r"
        self.fine(run("hockney-bench", "--plan", self.replay_plan(), "--out", campaign,
                      "--benchmark_filter=step_replay.*t:2/p:2|step_replay.*t:1/p:2", ranks=4))
        shown = self.fine(run("hockney", "show", campaign, "--csv")).stdout
        self.assertEqual(shown.count("t:2/p:2/d:1/b:1/"), 2, shown)
        refused = run("hockney", "predict", "--against", campaign)
        self.assertEqual(refused.returncode, 2)
        self.assertIn("no other launch", refused.stderr)

    def test_a_scripted_step_is_predicted_within_the_script_s_noise(self):
        campaign = self.folder / "r"
        self.fine(run("hockney-bench", "--transport", "scripted", "--noise", "0.5%", "--ranks", "4",
                      "--ranks-per-node", "4", "--plan", self.replay_plan(), "--seed", "1", "--out", campaign))
        report = json.loads(self.fine(run("hockney", "predict", "--against", campaign, "--json")).stdout)
        (launch,) = report["launches"]
        self.assertEqual(len(launch["steps"]), 6)
        for step in launch["steps"]:
            self.assertIn("simulated", step["flags"])
            self.assertAlmostEqual(step["predicted_over_measured"], 1, delta=0.03, msg=step["name"])

    def test_against_takes_no_mapping_of_its_own(self):
        for arguments in (["--against", self.folder, "--tp", "2"], ["--against", self.folder, "--gbs", "2"],
                          ["--cost", "x.cost.json", "--model", "gpt3-175b", "--mbs", "1"]):
            self.assertEqual(run("hockney", "predict", *arguments).returncode, 2, arguments)

    def test_the_documented_layout_is_the_real_one(self):
        documented = (pathlib.Path(__file__).parents[2] / "results" / "README.md").read_text()
        lines = documented.splitlines()
        missing = [line for line in run("hockney", "show", "--schema").stdout.strip().splitlines() if line not in lines]
        self.assertEqual(missing, [], "put the text of hockney show --schema into results/README.md")

    def test_missing_input_is_one_line(self):
        for arguments in (["fit", self.folder / "nothing"], ["show", self.folder / "nothing.h5"],
                          ["predict", "--cost", self.folder / "nothing.json", *STEP]):
            result = run("hockney", *arguments)
            self.assertEqual(result.returncode, 2, result.stdout + result.stderr)
            self.assertEqual(len(result.stderr.strip().splitlines()), 1, result.stderr)
            self.assertIn("nothing", result.stderr)


if __name__ == "__main__":
    unittest.main()
