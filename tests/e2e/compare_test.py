"""Two systems side by side, as a user compares them: scripted campaigns, published figures, the gate, money."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

BIN = pathlib.Path(os.environ["HOCKNEY_BIN"])

PLAN = """
name = "sizes"
[sampling]
min_samples = 20
max_samples = 20
max_seconds = "50ms"
warm_up = "0us"
max_discarded = 1
[[measure]]
experiment = "all_reduce"
mode = ["host"]
ranks = 8
sizes = { from = "64KiB", to = "16MiB", factor = 16 }
"""


def run(program, *arguments):
    return subprocess.run([BIN / program, *map(str, arguments)], capture_output=True, text=True, timeout=120)


class Compare(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="hockney-compare-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        (cls.folder / "sizes.toml").write_text(PLAN)
        cls.a = cls.campaign("a", 100)
        cls.same = cls.campaign("same", 200)
        cls.slow = cls.campaign("slow", 300, "--alpha", "5us", "--beta", "150GB/s")

    @classmethod
    def campaign(cls, name, seed, *machine, launches=5):
        out = cls.folder / name
        for launch in range(launches):
            done = run("hockney-bench", "--transport", "scripted", "--plan", cls.folder / "sizes.toml", "--out", out,
                       "--launch-noise", "0.3%", "--seed", seed + launch, *machine)
            assert done.returncode == 0, done.stdout + done.stderr
        return out

    def json_of(self, *arguments, code=0):
        done = run("hockney", "compare", *arguments, "--json")
        self.assertEqual(done.returncode, code, done.stdout[-2000:] + done.stderr)
        return json.loads(done.stdout)

    def refused(self, *arguments):
        done = run("hockney", "compare", *arguments)
        self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
        return done.stderr

    def test_a_slower_system_is_found_at_every_size(self):
        points = self.json_of(self.a, self.slow)["points"]
        self.assertEqual([point["payload_bytes"] for point in points], [2**16, 2**20, 2**24])
        for point in points:
            self.assertEqual(point["verdict"], "A faster")
            law = (5e-6 + point["payload_bytes"] / 150e9) / (4e-6 + point["payload_bytes"] / 180e9)
            self.assertLess(point["ratio_lo"], law * 1.01)
            self.assertGreater(point["ratio_hi"], law * 0.99)
            self.assertEqual((point["launches_a"], point["launches_b"]), (5, 5))
        self.assertEqual({point["verdict"] for point in self.json_of(self.slow, self.a)["points"]}, {"B faster"})

    def test_equal_systems_are_equivalent(self):
        found = self.json_of(self.a, self.same)
        self.assertEqual({point["verdict"] for point in found["points"]}, {"equivalent"})
        self.assertTrue(any("SIMULATED" in warning for warning in found["warnings"]))

    def test_the_gate_tells_a_regression_by_its_exit_code_and_prints_only_that(self):
        fine = run("hockney", "compare", self.a, self.same, "--gate")
        self.assertEqual((fine.returncode, fine.stdout), (0, ""))
        self.assertIn("SIMULATED", fine.stderr)
        self.assertIn("nothing is slower: 3 points equivalent", fine.stderr)
        self.assertEqual(run("hockney", "compare", self.slow, self.a, "--gate").returncode, 0)
        slower = run("hockney", "compare", self.a, self.slow, "--gate")
        self.assertEqual(slower.returncode, 3)
        self.assertEqual(slower.stdout.count("A faster"), 3)
        self.assertIn("SIMULATED", slower.stdout)
        self.assertEqual(len(self.json_of(self.a, self.slow, "--gate", code=3)["points"]), 3)

    def test_the_gate_needs_two_sides(self):
        for other in (["--nodes", "8", "--price-a", "3/h"], ["--platforms"]):
            self.assertIn("excludes", self.refused(*other, "--gate"))
            self.assertIn("excludes", self.refused(self.a, self.same, *other))

    def test_the_gate_needs_launches(self):
        single = self.campaign("single", 400, launches=1)
        self.assertIn("two launches or more", self.refused(self.a, single, "--gate"))
        found = self.json_of(self.a, single)
        self.assertEqual({point["verdict"] for point in found["points"]}, {"no spread"})
        self.assertTrue(any("NO SPREAD" in warning for warning in found["warnings"]))
        self.assertTrue(all(point["ratio_lo"] is None for point in found["points"]))

    def test_a_cost_model_is_a_side_without_verdicts(self):
        model = self.folder / "a.cost.json"
        self.assertEqual(run("hockney", "fit", self.a, "--out", model).returncode, 0)
        points = self.json_of(model, self.slow)["points"]
        self.assertEqual({point["verdict"] for point in points}, {"no spread"})
        self.assertAlmostEqual(points[-1]["ratio"], 1.2, delta=0.03)

    def test_published_systems_show_their_share_of_the_line_rate(self):
        found = self.json_of("reference:dgx-a100", "reference:hgx-h100")
        large = [point for point in found["points"] if point["payload_bytes"] == 8 << 30]
        self.assertTrue(large)
        for point in large:
            self.assertEqual(point["fabric_a"], "nvswitch")
            self.assertAlmostEqual(point["line_share_a_fraction"], point["busbw_a_bytes_per_s"] / 300e9)
            self.assertAlmostEqual(point["line_share_b_fraction"], point["busbw_b_bytes_per_s"] / 450e9)
        self.assertTrue(any(note.startswith("A left out: ") for note in found["notes"]))

    def test_clouds_are_compared_over_the_fabric_that_they_have(self):
        points = self.json_of("reference:dgx-a100", "reference:aws-p4de")["points"]
        self.assertEqual({(point["fabric_a"], point["fabric_b"]) for point in points}, {("infiniband", "efa")})

    def test_the_fabrics_of_one_system(self):
        points = self.json_of("reference:dgx-a100", "--fabrics")["points"]
        self.assertEqual({(point["fabric_a"], point["fabric_b"]) for point in points}, {("nvswitch", "infiniband")})
        self.assertEqual({(point["ranks_a"], point["ranks_b"]) for point in points}, {(8, 16)})
        self.assertIn("expected no second one", self.refused("reference:dgx-a100", "reference:hgx-h100", "--fabrics"))

    def test_platforms_have_sources_and_rates(self):
        platforms = {row["name"]: row for row in self.json_of("--platforms")["platforms"]}
        self.assertLessEqual({"dgx-1-v100", "dgx-2", "dgx-a100", "dgx-h100", "dgx-b200", "gb200-nvl72", "aws-p3dn",
                              "aws-p4d", "aws-p5", "aws-p6-b200", "azure-ndv4", "azure-ndv5", "gcp-a2-highgpu",
                              "gcp-a3-highgpu", "gcp-a4-highgpu"}, set(platforms))
        self.assertTrue(all(row["source"] for row in platforms.values()))
        self.assertEqual(platforms["dgx-a100"]["price"], "199000/system")

    def test_what_cannot_be_compared_is_refused_in_one_line(self):
        self.assertIn("on both sides", self.refused(self.a, self.a))
        self.assertIn("name two campaigns", self.refused(self.a))
        self.assertIn("--margin 200%", self.refused(self.a, self.same, "--margin", "200%"))
        self.assertIn("did you mean", self.refused(self.a, self.same, "--platform-a", "dgx-a10"))
        self.assertIn("in common", self.refused(self.a, "reference:dgx-a100"))


class Money(unittest.TestCase):
    """The article behind the project: Selene beside AWS."""

    STEP = ["--model", "gpt3-175b", "--tp", "8", "--pp", "8", "--dp", "1", "--mbs", "1", "--gbs", "64"]

    def json_of(self, command, *arguments):
        done = run("hockney", command, *arguments, "--json")
        self.assertEqual(done.returncode, 0, done.stdout[-2000:] + done.stderr)
        return json.loads(done.stdout)

    def prices(self, nodes, *arguments):
        return {row["side"]: row for row in self.json_of("compare", "--nodes", nodes, *arguments)["prices"]}

    def test_the_articles_arithmetic(self):
        found = self.prices(280, "--price-a", "32.77/h", "--price-b", "199000/system,3y,15%,20%", "--budget", "1e9")
        self.assertAlmostEqual(found["B"]["purchase_usd"] / 1e6, 85, delta=1)
        self.assertAlmostEqual(found["A"]["usd_per_hour"], 9176, delta=0.5)
        self.assertAlmostEqual(found["A"]["usd_over_years"] / 1e6, 241.3, delta=0.05)
        self.assertEqual(round(found["B"]["clusters_for_budget"]), 12)
        self.assertAlmostEqual(self.prices(280, "--price-b", "75e6/cluster,3y")["B"]["usd_per_hour"], 2852, delta=0.5)
        doubled = self.prices(560, "--price-b", "199000/system,3y,15%,20%", "--budget", "1e9")
        self.assertEqual(round(doubled["B"]["clusters_for_budget"]), 6)

    def test_a_run_costs_its_hours(self):
        found = self.json_of("compare", "reference:aws-p4de", "reference:dgx-a100", *self.STEP, "--tokens", "300e9",
                             "--price-a", "list", "--price-b", "list,3y,15%,20%")
        for run_, per_node_hour in zip(found["runs"], (40.97, 199000 / 0.65 / 3 / 8766)):
            steps = -(-300e9 // (64 * 2048))
            self.assertEqual((run_["gpus"], run_["nodes"], run_["gpu"]), (64, 8, "a100-80g"))
            self.assertAlmostEqual(run_["run_s"] / (steps * run_["step_s"]), 1)
            self.assertAlmostEqual(run_["run_usd"] / (run_["run_s"] / 3600 * 8 * per_node_hour), 1)
            self.assertLess(run_["step_lo_s"], run_["step_s"])
            self.assertLess(run_["run_lo_usd"], run_["run_usd"])
            self.assertLess(run_["run_usd"], run_["run_hi_usd"])
        predicted = self.json_of("predict", "--cost", "reference:dgx-a100", *self.STEP)["steps"][0]["parts"][-1]
        self.assertAlmostEqual(found["runs"][1]["step_s"], predicted["exposed_s"])
        self.assertTrue(any(warning.startswith("A: LINE RATE") for warning in found["warnings"]))

    def test_two_machines_of_one_file_are_two_systems(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "two.cost.json"
            self.assertEqual(run("hockney", "fit", "reference:dgx-a100", "--out", file).returncode, 0)
            model = json.loads(file.read_text())
            model["curves"] += [dict(curve, machine="dgx-h100") for curve in model["curves"]]
            file.write_text(json.dumps(model))
            found = self.json_of("compare", file, file, "--machine-a", "dgx-a100", "--machine-b", "dgx-h100", *self.STEP)
            wrong = run("hockney", "compare", file, file, "--machine-a", "dgx-a100", "--machine-b", "dgx-h10")
        self.assertEqual([row["gpu"] for row in found["runs"]], ["a100-80g", "h100"])
        self.assertTrue(found["points"])
        self.assertEqual(found["notes"].count("A and B are the same measurements: no points beside"), 0)
        self.assertIn("--machine-b 'dgx-h10': not in", wrong.stderr)
        self.assertIn("dgx-a100; dgx-h100", wrong.stderr)

    def test_prices_that_nothing_is_made_of_are_refused(self):
        for arguments, reason in (
                (["reference:dgx-a100", "reference:hgx-h100", "--price-a", "3/h"], "--tokens"),
                (["--nodes", "8"], "--price-a"),
                (["--nodes", "8", "--price-a", "3/day"], "USD/h"),
                (["--nodes", "8", "--price-a", "list"], "no list price"),
                (["reference:dgx-a100", "reference:hgx-h100", "--model", "gpt3-175b"], "requires"),
                (["reference:dgx-a100", "reference:hgx-h100", "--tp", "8"], "requires"),
                (["reference:dgx-a100", "reference:sirius-a100", *self.STEP], "--gpu-b")):
            done = run("hockney", "compare", *arguments)
            self.assertEqual((done.returncode, done.stdout), (2, ""), arguments)
            self.assertIn(reason, done.stderr)

    def test_selene_scales_as_published(self):
        published = pathlib.Path(__file__).parent / "published_steps.csv"
        header, *rows = published.read_text().splitlines()
        selene = [row for row in rows if "SC'21 Table 1" in row]
        with tempfile.TemporaryDirectory() as folder:
            table = pathlib.Path(folder) / "selene.csv"
            table.write_text("\n".join([header, *selene]) + "\n")
            found = self.json_of("predict", "--rows", table, "--cost", "reference:dgx-a100", "--table")["rows"]
            shown = run("hockney", "predict", "--rows", table, "--cost", "reference:dgx-a100", "--table").stdout
        self.assertEqual([row["gpus"] for row in found], [32, 64, 128, 256, 512, 1024, 1536, 1920, 2520, 3072])
        self.assertTrue(all(abs(row["error_fraction"]) < 0.1 for row in found if row["gpus"] >= 200))
        self.assertIn("2520   8  35   9", shown)

    def test_the_shipped_example_runs(self):
        script = pathlib.Path(__file__).parents[2] / "scripts" / "cloud-or-on-prem"
        done = subprocess.run([script, BIN], capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        for figure in ("85.72 M", "241.3 M", "9176", "2852", "11.67", "5.833", "3072", "best on the mesh"):
            self.assertIn(figure, done.stdout)

    def test_the_same_curves_with_other_nics(self):
        both = ["reference:dgx-a100", "reference:dgx-a100", "--model", "gpt3-175b", "--tp", "8", "--pp", "8", "--dp", "4",
                "--mbs", "1", "--gbs", "64"]
        slow, fast = self.json_of("compare", *both, "--node-nic-a", "50GB/s", "--node-nic-b", "200GB/s")["runs"]
        self.assertGreater(slow["step_s"], fast["step_s"])
        self.assertIn("50GB/s", slow["name"])

    def test_what_a_switch_is_worth(self):
        plan = ["--cost", "reference:dgx-a100", "--model", "gpt3-175b", "--gpus", "1024", "--gbs", "1536", "--mesh"]
        found = self.json_of("plan", *plan, "8")
        self.assertGreaterEqual(found["same_on_mesh_s"], found["mesh_best_s"])
        self.assertGreater(found["mesh_best_s"], found["switch_best_s"])
        for row in found["mesh"]:
            self.assertGreaterEqual(row["same_on_mesh_s"], row["step_s"] * (1 - 1e-9))
            if row["tp"] == 8:  # a ring of all GPUs has all links of a ring
                self.assertAlmostEqual(row["slower_fraction"], 0)
            if row["tp"] == 4:
                self.assertGreater(row["slower_fraction"], 0.01)
        wrong = run("hockney", "plan", *plan, "16")
        self.assertEqual(wrong.returncode, 2)
        self.assertIn("expected one of 8 GPUs", wrong.stderr)


if __name__ == "__main__":
    unittest.main()
