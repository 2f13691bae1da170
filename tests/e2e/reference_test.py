"""The reference library as a user meets it: every published figure is imported, fitted, listed and says where it is from."""

import collections
import csv
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

HOCKNEY = pathlib.Path(os.environ["HOCKNEY_BIN"]) / "hockney"
FIGURES = pathlib.Path(__file__).parents[2] / "results" / "reference"
STEP = ["--model", "gpt3-175b", "--tp", "8", "--pp", "8", "--dp", "2", "--mbs", "1", "--gbs", "64"]


def run(*arguments, program=HOCKNEY):
    return subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, timeout=120)


def keys_of(file):
    keys = {}
    for line in file.read_text().splitlines():
        if line.startswith("# "):
            key, value = line[2:].split(": ", 1)
            keys.setdefault(key, []).append(value)
    return keys


def points_of(file):
    lines = [line for line in file.read_text().splitlines() if line and not line.startswith("#")]
    return len(lines[1:])


def holds_a_line(file):
    """Whether some curve of the file has two payloads; a file of single ones (expert kernels) is shown and not fitted."""
    rows = list(csv.DictReader(line for line in file.read_text().splitlines() if line and not line.startswith("#")))
    values = ("payload_bytes", "time_us", "algbw_gb_per_s", "busbw_gb_per_s")
    curves = [tuple(row[key] for key in row if key not in values) for row in rows]
    return any(count > 1 for count in collections.Counter(curves).values())


class Reference(unittest.TestCase):
    def setUp(self):
        self.systems = {folder.name: sorted(folder.glob("*.csv")) for folder in FIGURES.iterdir() if folder.is_dir()}
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hockney-reference-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def fine(self, result):
        self.assertEqual(result.returncode, 0, result.stdout[-3000:] + result.stderr)
        return result.stdout

    def test_what_the_library_must_hold(self):
        self.assertLessEqual({"dgx-a100", "hgx-h100", "snellius-h100", "aws-p5", "gb200-nvl72", "abci-a100", "sirius-a100",
                              "a100-pcie", "mi300x", "hgx-cx7"}, set(self.systems))

    def test_every_system_is_one_line_of_the_list(self):
        listed = self.fine(run("reference", "list")).splitlines()
        rows = {line.split()[0]: line for line in listed[1:] if line and not line.startswith("Sizes")}
        self.assertEqual(set(rows), set(self.systems))
        table = {row["system"]: row for row in json.loads(self.fine(run("reference", "list", "--json")))["systems"]}
        for system, files in self.systems.items():
            measured = [file for file in files if "estimated" not in keys_of(file)]
            self.assertEqual(set(table[system]["fabrics"]), {keys_of(file)["fabric"][0] for file in measured}, system)
            self.assertEqual(table[system]["points"], sum(map(points_of, files)), system)
            for file in measured:
                self.assertIn(keys_of(file)["source"][0].split(",")[0], rows[system], file)

    def test_every_system_shows_its_caveats_and_points(self):
        for system, files in self.systems.items():
            shown = self.fine(run("reference", "show", system))
            for file in files:
                section = shown.split(f"== {file.stem}\n", 1)[1].split("\n== ", 1)[0]
                for key, values in keys_of(file).items():
                    for value in values:
                        self.assertIn(value, section, f"{file}: {key}")
                rows = [line for line in section.splitlines() if "B  " in line and line.lstrip()[:1].isdigit()]
                self.assertEqual(len(rows), points_of(file), file)

    def test_every_system_fits_and_names_its_sources(self):
        for system, files in self.systems.items():
            model = json.loads(self.fine(run("fit", f"reference:{system}", "--json")))
            self.assertEqual(model["name"], system)
            measured = [file for file in files if "estimated" not in keys_of(file)]
            self.assertEqual({curve["source"].split(";")[0] for curve in model["curves"]},
                             {file.name for file in measured if holds_a_line(file)}, system)
            for curve in model["curves"]:
                self.assertEqual(curve["interval_basis"], "assumed_noise", "one number per size has no interval")
                self.assertEqual(curve["machine"], system)
            self.assertEqual(len(model["line_rates"]), len(files) - len(measured), system)
            for rate in model["line_rates"]:
                self.assertEqual(rate["basis"], "line_rate")

    def test_the_mark_of_a_line_rate_reaches_fit_show_and_predict(self):
        self.assertIn("ESTIMATED FROM LINE RATE: infiniband of dgx-a100", self.fine(run("fit", "reference:dgx-a100")))
        self.assertIn("ESTIMATED FROM LINE RATE: infiniband of dgx-a100", self.fine(run("show", "reference:dgx-a100")))
        screen = self.fine(run("predict", "--cost", "reference:dgx-a100", *STEP))
        self.assertIn("LINE RATE: messages between nodes are estimated, not measured, from line rate", screen)
        prediction = self.fine(run("predict", "--cost", "reference:dgx-a100", *STEP, "--json"))
        self.assertIn('"line_rate"', prediction)
        self.assertIn("ESTIMATED FROM LINE RATE: infiniband.csv", prediction)

    def test_the_infiniband_of_the_dgx_a100_is_measured(self):
        model = json.loads(self.fine(run("fit", "reference:dgx-a100", "--json")))
        between = {curve["name"].split("/")[0] for curve in model["curves"] if "/infiniband/" in curve["name"]}
        self.assertEqual(between, {"all_reduce", "all_gather", "all_to_all"})
        shown = self.fine(run("predict", "--cost", "reference:dgx-a100", "--communication", *STEP, "--json"))
        by = {message["operation"]: message["answered_by"] for message in json.loads(shown)["steps"][0]["messages"]}
        self.assertEqual(by["pipeline_forward_backward"], "line_rate", "transfers between two GPUs have no curve")
        self.assertNotIn("line_rate", [answerer for operation, answerer in by.items() if operation == "all_reduce"])

    def test_a_stated_rate_is_refused_by_import_with_the_flags_that_take_it(self):
        for file in FIGURES.glob("*/infiniband.csv"):
            result = run("import", "csv", file, "--out", self.folder / "out")
            self.assertEqual(result.returncode, 2)
            self.assertIn("no curve to import", result.stderr)
            self.assertIn(f"--inter-node-bandwidth {keys_of(file)['bandwidth_gb_per_s'][0]}GB/s", result.stderr)

    def test_a_fit_made_by_hand_says_the_same(self):
        model = self.folder / "mine.cost.json"
        self.fine(run("fit", "reference:dgx-a100", "--out", model))
        self.assertEqual(self.fine(run("predict", "--cost", model, *STEP)),
                         self.fine(run("predict", "--cost", "reference:dgx-a100", *STEP)))

    def test_merged_figures_keep_everything(self):
        merged = self.folder / "merged.h5"
        self.fine(run("merge", "reference:dgx-a100", "--out", merged))
        self.assertEqual(sorted(self.fine(run("fit", merged)).splitlines()),
                         sorted(self.fine(run("fit", "reference:dgx-a100")).splitlines()))

    def test_unknown_names_are_one_line_with_the_nearest(self):
        for arguments in (["fit", "reference:dgx-a10"], ["show", "reference:dgx-a10"],
                          ["merge", "reference:dgx-a10", "--out", self.folder / "m.h5"],
                          ["predict", "--cost", "reference:dgx-a10", *STEP], ["reference", "show", "dgx-a10"]):
            result = run(*arguments)
            self.assertEqual(result.returncode, 2, arguments)
            self.assertEqual(len(result.stderr.strip().splitlines()), 1, result.stderr)
            self.assertIn("did you mean 'dgx-a100'?", result.stderr)

    def test_the_build_is_repeatable(self):
        for name in ("one", "two"):
            self.fine(run("reference", "build", FIGURES, "--out", self.folder / name))
        files = sorted(path.relative_to(self.folder / "one") for path in (self.folder / "one").rglob("*.*")
                       if path.is_file())
        self.assertEqual(len([file for file in files if file.suffix == ".h5"]), sum(map(len, self.systems.values())))
        for file in files:
            self.assertEqual((self.folder / "one" / file).read_bytes(), (self.folder / "two" / file).read_bytes(), file)

    def test_the_library_is_found_from_where_the_program_lies(self):
        moved = self.folder / "moved"
        (moved / "bin").mkdir(parents=True)
        shutil.copy(HOCKNEY, moved / "bin" / "hockney")
        self.assertEqual(run("reference", "list", program=moved / "bin" / "hockney").returncode, 2, "nothing is there")
        shutil.copytree(HOCKNEY.parents[1] / "share", moved / "share")
        listed = run("reference", "list", program=moved / "bin" / "hockney")
        self.assertEqual(self.fine(listed), self.fine(run("reference", "list")))


if __name__ == "__main__":
    unittest.main()
