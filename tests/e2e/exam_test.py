"""hockney exam on published training steps of several GPUs, precisions and programs.

exam_steps.csv: seconds per step as the sources in its columns `source` and `url` publish them (MLPerf Training results,
NVIDIA's dgxc-benchmarking and Megatron-Bridge, torchtitan), retyped.
"""

import contextlib
import csv
import io
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

BIN = pathlib.Path(os.environ["HOCKNEY_BIN"])
ROWS = pathlib.Path(__file__).resolve().parent / "exam_steps.csv"


def run(*arguments, command="exam"):
    return subprocess.run([BIN / "hockney", command, *arguments], capture_output=True, text=True, timeout=120)


def predict(*arguments):
    return run(*arguments, command="predict")


class Exam(unittest.TestCase):
    @contextlib.contextmanager
    def table(self, lines):
        with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
            file.write("".join(line + "\n" for line in lines))
            file.flush()
            yield file.name

    def test_every_published_step_is_predicted(self):
        told = json.loads(run(ROWS, "--json").stdout)
        measured = list(csv.DictReader(io.StringIO(ROWS.read_text())))
        self.assertEqual(told["predicted_rows"], len(measured))
        self.assertEqual(told["skipped_rows"], 0)
        for row, published in zip(told["rows"], measured):
            self.assertEqual(row["measured_s"], float(published["measured_s"]))
            self.assertLess(row["predicted_low_s"], row["predicted_s"])
            self.assertLess(row["predicted_s"], row["predicted_high_s"])

    def test_the_published_steps_are_met(self):
        for family in json.loads(run(ROWS, "--json").stdout)["families"]:
            self.assertLess(family["mean_fraction"], 0.05, family["family"])
            self.assertEqual(family["covered_fraction"], 1, family["family"])

    def test_the_calibrating_row_is_met_and_not_scored(self):
        told = json.loads(run(ROWS, "--json").stdout)
        met = [row for row in told["rows"] if row["calibrates"]]
        able = [group for group in told["calibrations"] if group["efficiency"] is not None]
        self.assertEqual(len(met), len(able))
        for row in met:
            self.assertLess(abs(row["error_fraction"]), 1e-4)
        scored = [family for family in told["families"] if family["family"] == "all"]
        self.assertEqual(scored[0]["rows"], len(told["rows"]) - len(met))

    def test_a_bad_row_ends_no_table(self):
        lines = ROWS.read_text().splitlines()
        bad = [lines[1].replace("h100", "h1000"), lines[2].replace("h100", "h1000"), lines[2].replace("512", "x", 1), "short,1",
               lines[3] + ",1", '"' + lines[3]]
        with self.table([*lines[:3], *bad, *lines[3:]]) as table:
            result = run(table, "--json")
            screen = run(table).stdout
        self.assertEqual(result.returncode, 0, result.stderr)
        told = json.loads(result.stdout)
        self.assertEqual(told["predicted_rows"], len(lines) - 1)
        self.assertEqual(told["skipped_rows"], len(bad))
        reasons = {row["reason"]: row for row in told["skipped"]}
        self.assertEqual(sum(row["rows"] for row in told["skipped"]), len(bad))
        unknown_gpu = next(row for reason, row in reasons.items() if "h1000" in reason)
        self.assertEqual((unknown_gpu["rows"], unknown_gpu["places"]), (2, [f"{table}:4", f"{table}:5"]))
        self.assertIn(f"{len(bad)} rows skipped", screen)

    def test_columns_that_it_does_not_know_are_named_and_ignored(self):
        lines = ROWS.read_text().splitlines()
        with self.table([lines[0] + ",colour", *(line + ",red" for line in lines[1:])]) as table:
            told = json.loads(run(table, "--json").stdout)
        self.assertEqual(told["predicted_rows"], len(lines) - 1)
        self.assertIn("'colour'", " ".join(told["notes"]))

    def test_what_is_assumed_is_counted_and_shown(self):
        measured = list(csv.DictReader(io.StringIO(ROWS.read_text())))
        kept = [name for name in measured[0] if name != "node_nic_bytes_per_s"]
        with self.table([",".join(kept), *(",".join(f'"{row[name]}"' for name in kept) for row in measured)]) as table:
            told = json.loads(run(table, "--json").stdout)
            screen = run(table).stdout
        assumed = sum(row["nic_assumed"] for row in told["rows"])
        self.assertGreater(assumed, 0)
        self.assertIn(f"per GPU for {assumed} rows", " ".join(told["warnings"]))
        self.assertIn("NIC ASSUMED: 400 Gbit/s", screen)
        scored = sum(row["nic_assumed"] and not row["calibrates"] for row in told["rows"])
        self.assertEqual(told["families"][-1]["assumed_nic_rows"], scored)

    def test_json_has_its_schema(self):
        told = json.loads(run(ROWS, "--json").stdout)
        self.assertEqual((told["schema"], told["version"]), ("hockney exam", "2.3.0"))
        self.assertEqual(list(told["families"][0]), [
            "family", "rows", "mean_fraction", "median_fraction", "p95_fraction", "bias_fraction",
            "uncalibrated_mean_fraction", "rank_correlation", "covered_fraction", "covered_rows", "covered_low_fraction",
            "covered_high_fraction", "uncalibrated_covered_rows", "regret_fraction",
            "said_to_fit_fraction", "assumed_nic_rows"])
        self.assertEqual(list(told["rows"][0]), [
            "file", "line", "family", "name", "kind", "gpu", "precision", "stack", "measured_s", "predicted_s",
            "predicted_low_s", "predicted_high_s", "uncalibrated_s", "uncalibrated_low_s", "uncalibrated_high_s", "error_fraction",
            "calibrates", "memory_verdict", "memory_bytes", "memory_margin_bytes",
            "nic_assumed", "taken_otherwise"])
        self.assertEqual(list(told["calibrations"][0]), ["group", "row", "efficiency"])
        for family in told["families"]:
            self.assertEqual(family["rank_correlation"] is None, family["rows"] == 1, family)

    def test_predict_rows_reads_the_same_rows_the_same_way(self):
        lines = ROWS.read_text().splitlines()
        cost = ["--cost", "reference:hgx-h100", "--inter-node-bandwidth", "50GB/s", "--inter-node-latency", "5us"]
        with self.table([lines[0], *lines[1:], "short,1"]) as table:
            told = json.loads(predict("--rows", table, *cost, "--json").stdout)
        exam = json.loads(run(ROWS, "--json").stdout)
        self.assertEqual(told["skipped_rows"], 1)
        self.assertEqual([row["line"] for row in told["rows"]], [row["line"] for row in exam["rows"]])
        self.assertEqual({stack.split(" (")[0] for stack in told["stacks"]}, {row["stack"] for row in exam["rows"]})

    def test_a_table_alone_and_an_uncalibrated_exam_say_the_same(self):
        alone = json.loads(predict("--rows", ROWS, "--json").stdout)["rows"]
        exam = json.loads(run(ROWS, "--json").stdout)["rows"]
        self.assertEqual(len(alone), len(exam))
        for row, uncalibrated in zip(alone, exam):
            for end in ("predicted", "predicted_low", "predicted_high"):
                self.assertEqual(row[f"{end}_s"], uncalibrated[f"{end.replace('predicted', 'uncalibrated')}_s"])

    def test_a_step_by_flags_is_that_of_its_row(self):
        row = next(csv.DictReader(io.StringIO(ROWS.read_text())))
        flags = [flag for name in ("tp", "cp", "pp", "dp", "vp", "mbs", "gbs") for flag in (f"--{name}", row[name])]
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as model:
            model.write(f"""name = "row"\nsource = "{row['url']}"\nlayers = {row['layers']}\nhidden = {row['hidden']}
heads = {row['heads']}\nsequence = {row['sequence']}\nvocabulary = {row['vocabulary']}\n""")
            model.flush()
            told = predict("--model", model.name, "--gpu", "NVIDIA H100 80GB HBM3", "--stack", "nemo-23.09", "--precision", "FP8",
                           "--node-nic", "400GB/s", "--sequence-parallel", *flags, "--json")
        self.assertEqual(told.returncode, 0, told.stderr)
        step = json.loads(told.stdout)["steps"][0]
        self.assertEqual((step["stack"], step["precision"]), ("nemo-23.09", "fp8"))
        seconds = step["parts"][-1]["exposed_s"]
        alone = json.loads(predict("--rows", ROWS, "--json").stdout)["rows"][0]
        self.assertAlmostEqual(seconds, alone["predicted_s"], delta=1e-9 * seconds)

    def test_an_unknown_stack_is_refused_with_those_that_are_known(self):
        refused = predict("--model", "llama-3-70b", "--gpu", "h100", "--tp", "8", "--mbs", "1", "--gbs", "8", "--stack", "nemmo")
        self.assertEqual(refused.returncode, 2)
        self.assertIn("did you mean 'nemo'", refused.stderr)

    def test_screen_and_csv_hold_the_families(self):
        screen = run(ROWS).stdout
        table = list(csv.DictReader(io.StringIO(run(ROWS, "--csv").stdout)))
        self.assertGreater(len(table), 1)
        for family in table:
            self.assertIn(family["family"], screen)
        self.assertIn("covered (95 % range)", screen)

    def test_a_table_without_a_row_that_can_be_predicted_is_refused(self):
        header = ROWS.read_text().splitlines()[0]
        for lines, word in (([header], "no rows"), ([header, "short,1"], "fields"), ([], "empty")):
            with self.table(lines) as table:
                for refused in (run(table), predict("--rows", table, "--cost", "reference:hgx-h100")):
                    self.assertEqual(refused.returncode, 2)
                    self.assertEqual(len(refused.stderr.strip().splitlines()), 1, refused.stderr)
                    self.assertIn(word, refused.stderr)

    def test_it_asks_for_a_table(self):
        refused = run()
        self.assertEqual(refused.returncode, 2)
        self.assertIn("--memory", refused.stderr)


if __name__ == "__main__":
    unittest.main()
