"""hockney exam on published training steps of several GPUs, precisions and programs.

exam_steps.csv: seconds per step as the sources in its columns `source` and `url` publish them (MLPerf Training results,
NVIDIA's dgxc-benchmarking and Megatron-Bridge, torchtitan), retyped.
"""

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


def run(*arguments):
    return subprocess.run([BIN / "hockney", "exam", *arguments], capture_output=True, text=True, timeout=120)


class Exam(unittest.TestCase):
    def test_every_published_step_is_predicted(self):
        told = json.loads(run(ROWS, "--json").stdout)
        measured = list(csv.DictReader(io.StringIO(ROWS.read_text())))
        self.assertEqual(told["predicted_rows"], len(measured))
        self.assertEqual(told["skipped_rows"], 0)
        for row, published in zip(told["rows"], measured):
            self.assertEqual(row["measured_s"], float(published["measured_s"]))
            self.assertLess(row["predicted_low_s"], row["predicted_s"])
            self.assertLess(row["predicted_s"], row["predicted_high_s"])

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
        with tempfile.NamedTemporaryFile("w", suffix=".csv") as table:
            table.write("\n".join([*lines, lines[1].replace("h100", "h1000"), lines[2].replace("512", "x", 1), "short,1",
                                   lines[3] + ",1"]) + "\n")
            table.flush()
            told = json.loads(run(table.name, "--json").stdout)
        self.assertEqual(told["predicted_rows"], len(lines) - 1)
        self.assertEqual(told["skipped_rows"], 4)
        self.assertIn("h1000", " ".join(row["reason"] for row in told["skipped"]))

    def test_screen_and_csv_hold_the_families(self):
        screen = run(ROWS).stdout
        table = list(csv.DictReader(io.StringIO(run(ROWS, "--csv").stdout)))
        self.assertGreater(len(table), 1)
        for family in table:
            self.assertIn(family["family"], screen)
        self.assertIn("covered (%)", screen)

    def test_a_table_without_a_row_that_can_be_predicted_is_refused(self):
        with tempfile.NamedTemporaryFile("w", suffix=".csv") as table:
            table.write(ROWS.read_text().splitlines()[0] + "\n")
            table.flush()
            refused = run(table.name)
        self.assertEqual(refused.returncode, 2)
        self.assertIn("no rows", refused.stderr)

    def test_it_asks_for_a_table(self):
        refused = run()
        self.assertEqual(refused.returncode, 2)
        self.assertIn("--memory", refused.stderr)


if __name__ == "__main__":
    unittest.main()
