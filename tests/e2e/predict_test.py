"""hockney predict and plan on published training runs, with the networks of reference:dgx-a100.

published_steps.csv: Narayanan et al., SC'21 (arXiv 2104.04473), Table 1 (seconds from the printed TFLOP/s by the paper's
FLOP formula) and Figure 12 (read off the figure, about +-3 %); Korthikanti et al. (arXiv 2205.05198), Table 5.
"""

import csv
import io
import json
import os
import pathlib
import shlex
import shutil
import statistics
import subprocess
import tempfile
import unittest
import xml.dom.minidom

BIN = pathlib.Path(os.environ["HOCKNEY_BIN"])
ROWS = pathlib.Path(__file__).resolve().parent / "published_steps.csv"
COST = ["--cost", "reference:dgx-a100"]

# Korthikanti et al., arXiv 2205.05198, Table 4: one layer of the 22B model, TP 8, micro-batch 4; ms forward and backward
LAYER_22B = {
    ("none", False): 19.6,
    ("none", True): 19.0,
    ("full", False): 27.2,
    ("selective", False): 20.9,
    ("selective", True): 20.3,
}


def run(*arguments):
    return subprocess.run([BIN / "hockney", *arguments], capture_output=True, text=True, timeout=120)


def mean_error(rows):
    return statistics.mean(abs(float(row["predicted_s"]) / float(row["measured_s"]) - 1) for row in rows)


class Predict(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="hockney-predict-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        out = cls.folder / "out.csv"
        cls.result = run("predict", "--rows", ROWS, *COST, "--out", out)
        assert cls.result.returncode == 0, cls.result.stderr
        cls.rows = list(csv.DictReader(io.StringIO(out.read_text())))

    def rows_of(self, part):
        rows = [row for row in self.rows if part in row["source"]]
        self.assertGreater(len(rows), 7, part)
        return rows

    def test_published_steps_are_predicted(self):
        for source, bound in {"Table 1": 0.034, "Table 5": 0.040, "Figure 12": 0.017}.items():
            self.assertLessEqual(mean_error(self.rows_of(source)), bound, source)

    def test_published_steps_are_predicted_from_measured_curves_too(self):
        lines = list(csv.DictReader(io.StringIO(ROWS.read_text())))
        curves_alone = self.folder / "curves_alone.csv"
        with curves_alone.open("w") as file:
            writer = csv.DictWriter(file, [name for name in lines[0] if name != "node_nic_bytes_per_s"], extrasaction="ignore")
            writer.writeheader()
            writer.writerows(lines)
        out = self.folder / "curves_alone_out.csv"
        self.assertEqual(run("predict", "--rows", curves_alone, *COST, "--out", out).returncode, 0)
        rows = list(csv.DictReader(io.StringIO(out.read_text())))
        for source, bound in {"Table 1": 0.034, "Table 5": 0.040, "Figure 12": 0.017}.items():
            self.assertLessEqual(mean_error([row for row in rows if source in row["source"]]), bound, source)

    def test_one_calibrated_row_makes_the_efficiency_of_the_gpu_file(self):
        lines = ROWS.read_text().splitlines()
        one = self.folder / "one.csv"
        one.write_text("\n".join([lines[0], next(line for line in lines if "Table 1,39.1B" in line)]) + "\n")
        printed = run("predict", "--rows", ROWS, *COST, "--calibrate", one, "--out", "/dev/null").stdout
        wanted = next(line for line in self.result.stdout.splitlines() if line.startswith("efficiency of"))
        self.assertIn(wanted.split(",")[0], printed, "the file's figure is what its row gives")

    def test_rows_sum_to_their_parts_and_lie_in_their_intervals(self):
        no_parts = ("node_nic_bytes_per_s", "measured_s", "predicted_s", "predicted_low_s", "predicted_high_s",
                    "hidden_s")
        parts = [name for name in self.rows[0] if name.endswith("_s") and name not in no_parts]
        self.assertGreater(len(parts), 6)
        for row in self.rows:
            self.assertAlmostEqual(sum(float(row[part]) for part in parts) / float(row["predicted_s"]), 1, delta=1e-4)
            self.assertLessEqual(float(row["predicted_low_s"]), float(row["predicted_s"]))
            self.assertGreaterEqual(float(row["predicted_high_s"]), float(row["predicted_s"]))

    def test_score_is_printed(self):
        for text in ("MAPE (%)", "rank correlation (Spearman)", "interleaving", "recompute"):
            self.assertIn(text, self.result.stdout)

    def layer_ms(self, recompute, sequence_parallel):
        seconds = []
        for layers in (24, 48):
            model = self.folder / f"{layers}.toml"
            model.write_text(f'name = "22b"\nsource = "2205.05198"\nlayers = {layers}\nhidden = 6144\nheads = 64\n'
                             "sequence = 2048\nvocabulary = 51200\n")
            result = run("predict", *COST, "--model", model, "--tp", "8", "--mbs", "4", "--gbs", "4", "--recompute",
                         recompute, *(["--sequence-parallel"] if sequence_parallel else []), "--json")
            self.assertEqual(result.returncode, 0, result.stderr)
            parts = {part["part"]: part["exposed_s"] for part in json.loads(result.stdout)["steps"][0]["parts"]}
            seconds.append(parts["step"] - parts["optimizer"])
        return (seconds[1] - seconds[0]) / 24 * 1e3

    def test_layer_of_the_22b_model(self):
        for (recompute, sequence_parallel), measured in LAYER_22B.items():
            predicted = self.layer_ms(recompute, sequence_parallel)
            self.assertLessEqual(abs(predicted / measured - 1), 0.03, (recompute, sequence_parallel, predicted))

    def test_bad_rows_are_skipped_with_line_and_reason(self):
        lines = ROWS.read_text().splitlines()
        bad = self.folder / "bad.csv"
        out = self.folder / "bad_out.csv"
        bad.write_text("\n".join([lines[0] + ",colour", *(line + ",red" for line in lines[1:]), "short",
                                  lines[1].replace(",32,1,1,32,", ",32,3,1,32,") + ",red"]) + "\n")
        result = run("predict", "--rows", bad, *COST, "--out", out)
        self.assertEqual(result.returncode, 0, result.stderr)
        for text in ("2 rows skipped", f"bad.csv:{len(lines) + 1}", "expected tp x cp x pp x dp = 96", "'colour'"):
            self.assertIn(text, result.stdout)
        rows = list(csv.DictReader(io.StringIO(out.read_text())))
        self.assertEqual([row["predicted_s"] for row in rows], [row["predicted_s"] for row in self.rows])

    def test_a_row_with_a_precision_is_run_in_it(self):
        lines = ROWS.read_text().splitlines()
        table = self.folder / "precision.csv"
        h100 = lines[1].replace("a100-80g", "h100")
        table.write_text("\n".join([lines[0] + ",precision", h100 + ",bf16", h100 + ",fp8"]) + "\n")
        rows = json.loads(run("predict", "--rows", table, *COST, "--json").stdout)["rows"]
        self.assertLess(rows[1]["predicted_s"], 0.9 * rows[0]["predicted_s"])

    def test_a_calibration_with_a_bad_row_is_refused(self):
        bad = self.folder / "bad_calibration.csv"
        bad.write_text(ROWS.read_text() + "short\n")
        result = run("predict", "--rows", ROWS, *COST, "--calibrate", bad)
        self.assertEqual(result.returncode, 2)
        self.assertRegex(result.stderr, r"^hockney: .*bad_calibration\.csv:\d+: 1 fields.*\n$")

    def plan(self, *arguments):
        return run("plan", *COST, "--model", "gpt3-175b", "--gpus", "1024", "--gbs", "1536", "--memory", "80GB",
                   *arguments)

    def test_plan_prints_the_best_ten_that_fit(self):
        result = self.plan()
        self.assertEqual(result.returncode, 0, result.stderr)
        steps = [line.split() for line in result.stdout.splitlines() if line.strip()[:1].isdigit()]
        self.assertEqual(len(steps), 10)
        for row in steps:
            self.assertEqual(int(row[1]) * int(row[2]) * int(row[3]), 1024)
        self.assertIn("What limits it next", result.stdout)
        self.assertIn("within the uncertainty", result.stdout)

    def test_plan_refuses_what_cannot_fit(self):
        result = run("plan", *COST, "--model", "megatron-1t", "--gpus", "8", "--gbs", "8")
        self.assertEqual(result.returncode, 2)
        self.assertIn("fits in", result.stderr)

    def step_s(self, *arguments):
        result = run("predict", *arguments, "--json")
        self.assertEqual(result.returncode, 0, result.stderr)
        return [step["parts"][-1]["exposed_s"] for step in json.loads(result.stdout)["steps"]]

    def test_plans_first_mapping_is_the_step_of_the_command_that_it_prints(self):
        for sizes in (["--gpus", "1024", "--gbs", "1536"], ["--gpus", "64", "--gbs", "12", "--node-nic", "90 GB/s"],
                      ["--gpus", "64", "--gbs", "64", "--gpu", "H100 SXM5", "--precision", "FP8"]):
            screen = run("plan", *COST, "--model", "gpt3-175b", *sizes).stdout
            command = next(line for line in screen.splitlines() if "hockney predict" in line).split("hockney predict ")[1]
            first = next(line for line in screen.splitlines() if line.strip().startswith("1 "))
            self.assertIn(f"{self.step_s(*shlex.split(command))[0]:.4g}", first)

    def test_a_message_takes_what_its_curve_says(self):
        result = run("predict", *COST, "--model", "gpt3-175b", "--tp", "8", "--pp", "8", "--mbs", "1", "--gbs", "64",
                     "--sequence-parallel", "--json")
        for message in json.loads(result.stdout)["steps"][0]["messages"]:
            whole = message["each_value_s"] * message["count_per_step"]
            self.assertAlmostEqual((message["exposed_s"] + message["hidden_s"]) / whole, 1, delta=0.01, msg=message)

    def message(self, *arguments, cost=COST):
        result = run("predict", "--message", "all_reduce", *arguments, *cost, "--json")
        self.assertEqual(result.returncode, 0, result.stderr)
        return json.loads(result.stdout)["messages"]

    def test_one_message_is_answered_by_a_curve_that_is_named(self):
        rows = self.message("--payload", "1MiB", "64MiB", "--ranks", "8", "--nodes", "1")
        self.assertEqual([row["payload_bytes"] for row in rows], [2**20, 2**26])
        for row in rows:
            self.assertLess(row["low_s"], row["value_s"])
            self.assertLess(row["value_s"], row["high_s"])
            self.assertAlmostEqual(row["algbw_bytes_per_s"] * row["value_s"], row["payload_bytes"], delta=1)
            self.assertAlmostEqual(row["busbw_bytes_per_s"] / row["algbw_bytes_per_s"], 2 * 7 / 8)
            self.assertEqual(row["answered_by"], "curve")
            (curve,) = row["curves"]
            self.assertTrue(curve["name"].startswith("all_reduce/"), curve)
            self.assertLessEqual(curve["segment_from_bytes"], row["payload_bytes"])
            self.assertLessEqual(row["payload_bytes"], curve["segment_to_bytes"])
        screen = run("predict", "message", "all_reduce", "--payload", "64MiB", "--ranks", "8", "--nodes", "1", *COST).stdout
        self.assertIn(rows[1]["curves"][0]["name"], screen)
        self.assertIn(f"{rows[1]['value_s'] * 1e6:.4g}", screen)

    def test_a_message_of_a_step_takes_as_long_by_itself(self):
        step = json.loads(run("predict", *COST, "--model", "gpt3-175b", "--tp", "8", "--mbs", "1", "--gbs", "8",
                              "--json").stdout)["steps"][0]["messages"]
        one = next(each for each in step if each["operation"] == "all_reduce" and each["group"]["nodes"] == 1)
        (row,) = self.message("--payload", f"{one['payload_bytes']}B", "--ranks", "8", "--ranks-per-node", "8")
        self.assertAlmostEqual(row["value_s"] / one["each_value_s"], 1, delta=1e-3)

    def test_a_message_needs_to_know_its_group(self):
        for flags, word in ((["--ranks", "8"], "--nodes"), (["--nodes", "2"], "--ranks"),
                            (["--ranks", "1", "--nodes", "1"], "one rank"),
                            (["--ranks", "4", "--nodes", "8"], "cannot be")):
            result = run("predict", "--message", "all_reduce", "--payload", "1MiB", *flags, *COST)
            self.assertEqual(result.returncode, 2, flags)
            self.assertIn(word, result.stderr)

    def test_pairs_at_once_that_nobody_measured_are_answered_by_the_law_of_sharing(self):
        asking = ["predict", "--message", "ping_pong", "--payload", "4MiB", "--nodes", "2", "--cost", "reference:abci-a100"]
        seconds = {}
        for pairs, by in ((1, "curve"), (4, "curve"), (6, "sharing"), (8, "curve"), (16, "sharing")):
            answer = json.loads(run(*asking, "--concurrent", str(pairs), "--json").stdout)
            (row,) = answer["messages"]
            self.assertEqual((row["answered_by"], row["group"]["at_once"]), (by, pairs))
            self.assertEqual(any("SHARING" in warning for warning in answer["warnings"]), by == "sharing")
            seconds[pairs] = row["value_s"]
        self.assertEqual(sorted(seconds.values()), [seconds[pairs] for pairs in sorted(seconds)])
        screen = run(*asking, "--concurrent", "6").stdout
        self.assertIn("6 groups at once by the law of sharing, measured with 1, 4, 8", screen)

    def test_a_log_without_its_nodes_is_fitted_and_not_predicted_from(self):
        log = self.folder / "allreduce.csv"
        log.write_text("size(B),time(us)\n" + "".join(f"{2**i},{20 + 2**i * 1e-5:.3f}\n" for i in range(10, 27)))
        cost = self.folder / "log.cost.json"
        importing = ["import", "auto", log, "--ranks", "16", "--out", self.folder / "logs"]
        fitting = ["fit", self.folder / "logs", "--out", cost]
        asking = ["predict", "--message", "all_reduce", "--payload", "1MiB", "--ranks", "16", "--nodes", "2", "--cost", cost]
        self.assertIn("nodes unknown: usable for fit and show", run(*importing).stdout)
        self.assertIn("16 ranks, placement unknown", run(*fitting).stdout)
        (curve,) = json.loads(cost.read_text())["curves"]
        self.assertEqual(curve["shape"]["group"]["ranks_per_node"], 0)
        self.assertIn("placement_unknown", curve["flags"])
        refused = run(*asking)
        self.assertEqual(refused.returncode, 2)
        self.assertIn(curve["name"], refused.stderr)
        self.assertIn("import the log again with --nodes", refused.stderr)
        self.assertEqual(run(*importing, "--nodes", "2").returncode, 0)
        run(*fitting)
        (row,) = self.message("--payload", "1MiB", "--ranks", "16", "--nodes", "2", cost=["--cost", cost])
        self.assertAlmostEqual(row["value_s"] * 1e6, 20 + 2**20 * 1e-5, delta=0.5)

    def test_communication_says_the_same_of_every_message_as_the_step(self):
        mapping = ["--model", "gpt3-175b", "--tp", "8", "--pp", "8", "--dp", "1", "--mbs", "1", "--gbs", "64"]
        for without in ([], ["--without", "ring-limit,host-wait"]):
            ways = [json.loads(run("predict", *way, *COST, *mapping, *without, "--json").stdout)["steps"][0]["messages"]
                    for way in ([], ["--communication"], ["communication"])]
            seconds = [[message["each_value_s"] for message in messages] for messages in ways]
            self.assertGreater(len(seconds[0]), 5)
            self.assertEqual(seconds[0], seconds[1])
            self.assertEqual(seconds[1], seconds[2])
            added = {addition["name"] for message in ways[0] for addition in message["additions"]}
            # no share of a rate: collectives between nodes have a measured curve
            self.assertEqual(added, set() if without else {"ring-limit", "host-wait"})

    def test_every_table_is_csv_and_json(self):
        step = [*COST, "--model", "gpt3-175b", "--tp", "8", "--mbs", "1", "--gbs", "8"]
        plan = ["plan", *COST, "--model", "gpt3-175b", "--gpus", "64", "--gbs", "64"]
        for arguments, key in ((["predict", *step], "part"), (["predict", "--communication", *step], "part"),
                               (["predict", "--constants"], "origin"),
                               (["predict", "--message", "all_reduce", "--payload", "1MiB", "--ranks", "8", "--nodes", "1",
                                 *COST], "busbw_bytes_per_s"),
                               (["predict", "--rows", ROWS, *COST], "predicted_s"), (plan, "step_s"),
                               ([*plan, "--sweep", "tp=8"], "overhead_fraction")):
            table = list(csv.DictReader(io.StringIO(run(*arguments, "--csv").stdout)))
            self.assertGreater(len(table), 0, arguments)
            self.assertIn(key, table[0], arguments)
            self.assertTrue(json.loads(run(*arguments, "--json").stdout)["schema"].startswith("hockney "))

    def test_every_constant_is_listed(self):
        names = [row["name"] for row in json.loads(run("predict", "--constants", "--json").stdout)["constants"]]
        self.assertEqual(len(names), len(set(names)))
        for name in ("memory_share", "usable_share", "least_width_beside_experts", "flash_backward_over_forward",
                     "usual_nic_bytes_per_s_per_gpu", "pipeline runs of aleph-alpha", "selective products of torchtitan",
                     "launch noise"):
            self.assertIn(name, names)

    def test_without_a_cost_model_the_published_network_answers_and_nics_are_assumed(self):
        step = ["--model", "Llama-3.1 70B", "--gpu", "h100", "--tp", "8", "--dp", "2", "--mbs", "1", "--gbs", "8"]
        told = json.loads(run("predict", *step, "--json").stdout)["steps"][0]
        self.assertIn("hgx-h100", told["cost_model"])
        self.assertEqual(told["stack"], "usual-hopper")
        self.assertIn("NIC ASSUMED: 400 Gbit/s", " ".join(told["warnings"]))
        self.assertNotIn("NIC ASSUMED", run("predict", *step, "--node-nic", "400GB/s").stdout)
        self.assertNotIn("NOT CALIBRATED", " ".join(told["warnings"]))

    def test_a_row_is_the_step_of_its_flags(self):
        row = next(row for row in self.rows if row["name"].startswith("18.4B"))
        model = self.folder / "18b.toml"
        model.write_text(f'name = "18b"\nsource = "{row["source"]}"\n' + "".join(
            f"{key} = {row[key]}\n" for key in ("layers", "hidden", "heads", "sequence", "vocabulary")))
        seconds = self.step_s(*COST, "--model", model, "--tp", row["tp"], "--pp", row["pp"], "--dp", row["dp"], "--mbs",
                              row["mbs"], "--gbs", row["gbs"], "--recompute", row["recompute"], "--gradient-bytes", "2",
                              "--scatter-gather", "--node-nic", row["node_nic_bytes_per_s"] + "B/s")
        self.assertAlmostEqual(seconds[0] / float(row["predicted_s"]), 1, delta=1e-4)

    def test_rows_may_stand_in_any_order(self):
        lines = ROWS.read_text().splitlines()
        turned = self.folder / "turned.csv"
        turned.write_text("\n".join([lines[0], *reversed(lines[1:])]) + "\n")
        out = self.folder / "turned_out.csv"
        self.assertEqual(run("predict", "--rows", turned, *COST, "--out", out).returncode, 0)
        rows = list(csv.DictReader(io.StringIO(out.read_text())))
        self.assertEqual(rows[::-1], self.rows)

    def test_rows_without_intervals_are_the_same_but_for_them(self):
        out = self.folder / "no_intervals.csv"
        self.assertEqual(run("predict", "--rows", ROWS, *COST, "--no-intervals", "--out", out).returncode, 0)
        without = list(csv.DictReader(io.StringIO(out.read_text())))
        kept = [{key: row[key] for key in row if key not in ("predicted_low_s", "predicted_high_s")} for row in self.rows]
        self.assertEqual(without, kept)

    def test_memory_is_judged_with_its_parts(self):
        step = [*COST, "--model", "gpt3-175b", "--tp", "8", "--pp", "8", "--mbs", "1", "--gbs", "64", "--gpu", "a100-80g"]
        told = json.loads(run("predict", *step, "--json").stdout)["steps"][0]
        parts = ("weight", "gradient", "optimizer", "activation", "logit", "runtime")
        self.assertAlmostEqual(sum(told[f"{part}_memory_bytes"] for part in parts) + told["fragmented_memory_bytes"],
                               told["memory_bytes"], delta=1)
        self.assertAlmostEqual(told["usable_memory_bytes"] - told["memory_bytes"], told["memory_margin_bytes"], delta=1)
        self.assertEqual(told["memory_verdict"], "does not fit")
        self.assertIn("MEMORY: does not fit", " ".join(told["warnings"]))
        self.assertIn("does not fit: ", run("predict", *step).stdout)
        fits = json.loads(run("predict", *step, "--recompute", "full", "--sequence-parallel", "--distributed-optimizer",
                              "--dp", "8", "--json").stdout)["steps"][0]
        self.assertEqual(fits["memory_verdict"], "fits")

    def test_memory_exam_counts_labels_and_skips_what_cannot_be(self):
        table = self.folder / "fits.csv"
        table.write_text("model,sequence,gpus,tp,pp,mbs,checkpointing,kernel,sequence_parallel,outcome,source\n"
                         "13B,2048,64,2,2,1,disabled,flash_attention2,,fits,made up\n"
                         "13B,2048,64,1,1,8,disabled,torch,,OOM Error,made up\n"
                         "13B,2048,64,1,1,8,disabled,torch,,fits,made up\n"
                         "13B,2048,64,1,3,8,disabled,torch,,fits,made up\n")
        told = json.loads(run("exam", "--memory", table, "--json").stdout)
        self.assertEqual(told["skipped_rows"], 1)
        self.assertEqual([row["verdict"] for row in told["rows"]], ["fits", "does not fit", "does not fit"])
        self.assertEqual((told["scores"][-1]["right"], told["scores"][-1]["caught"]), (2, 1))
        screen = run("exam", "--memory", table).stdout
        self.assertIn("labels that it misses", screen)
        self.assertIn("caught (%)", screen)
        self.assertIn("vocabulary 128000", told["usual_run"])
        self.assertIn(told["usual_run"], screen)
        for row in told["rows"]:
            self.assertAlmostEqual(row["margin_bytes"], row["usable_bytes"] - row["needed_bytes"], delta=1)
        self.assertIn("expected tp x cp x pp x dp = 63", screen)

    def test_a_faster_network_alone_is_told_apart(self):
        result = run("predict", *COST, "--model", "gpt3-175b", "--tp", "8", "--pp", "8", "--dp", "16", "--mbs", "1", "--gbs",
                     "1536", "--node-nic", "200GB/s", "--compare", "node_nic=60GB/s", "--brief")
        self.assertRegex(result.stdout, r"\[node_nic=60GB/s\] takes 1\.\d+ times as long as \[flags\], 95 % 1\.")
        self.assertNotIn("no difference", result.stdout)

    def test_flags_that_a_way_does_not_read_are_refused(self):
        step = ["--model", "gpt3-175b", "--tp", "8", "--mbs", "1", "--gbs", "8"]
        for arguments in (["predict", "--rows", ROWS, "--tp", "8"], ["predict", "--communication", *step, "--cost-per-gpu-hour", "2"],
                          ["predict", *step, "--compare", "tp=4,tp=2"], ["predict", *step, "--node-nic", "0"],
                          ["predict", *step, "--cost-per-gpu-hour", "-1"],
                          ["plan", *step[:2], "--gpus", "8", "--gbs", "8", "--sweep", "tp=1..18446744073709551615"],
                          ["plan", *step[:2], "--gpus", "8", "--gbs", "8", "--gradient-bytes", "3"],
                          ["plan", *step[:2], "--gpus", "64", "--gbs", "64", "--cp", str(2**62)],
                          ["plan", *step[:2], "--gpus", "64", "--gbs", "64", "--sweep", "tp=1", "--sweep", "tp=2"],
                          ["plan", *step[:2], "--gpus", "64", "--gbs", "64", "--plot", "plan.pdf"],
                          ["predict", *step, "--json", "--csv"],
                          ["plan", *step[:2], "--gpus", "8", "--gbs", "8", "--memory", "80"]):
            result = run(*arguments, *COST)
            self.assertEqual(result.returncode, 2, arguments)
            self.assertEqual(len(result.stderr.strip().splitlines()), 1, result.stderr)

    def test_counts_are_whole_numbers(self):
        model = ["--model", "gpt3-175b"]
        step = ["predict", *COST, *model, "--mbs", "1", "--gbs", "8"]
        plan = ["plan", *COST, *model]
        message = ["predict", "--message", "all_reduce", "--payload", "1MiB", *COST]
        for bad in ("2.5", "-8", "010", "0x8", "1e3", "", "true", "99999999999999999999", "0"):
            for arguments in (["compare", "dgx-a100", "aws-p4d", "--price-a", "list", "--price-b", "list", f"--nodes={bad}"],
                              [*plan, "--gbs", "64", f"--gpus={bad}"], [*plan, "--gpus", "64", f"--gbs={bad}"],
                              [*plan, "--gpus", "64", "--gbs", "64", f"--cp={bad}"],
                              [*plan, "--gpus", "64", "--gbs", "64", f"--best={bad}"],
                              [*message, "--nodes", "1", f"--ranks={bad}"], [*message, "--ranks", "8", f"--nodes={bad}"],
                              ["export", "reference:dgx-a100", "--to", "simgrid", "--out", self.folder / "x", f"--nodes={bad}"],
                              ["fit", "reference:dgx-a100", f"--max-segments={bad}"]):
                with self.subTest(arguments=arguments):
                    result = run(*arguments)
                    self.assertEqual(result.returncode, 2, result.stdout)
                    self.assertEqual(len(result.stderr.strip().splitlines()), 1, result.stderr)
                    self.assertIn(arguments[-1].split("=")[0], result.stderr)
        for bad in ("2.5", "-8", "0x8", "1e3", "true", "99999999999999999999", "0"):
            result = run(*step, f"--tp={bad}")
            self.assertEqual(result.returncode, 2, bad)
            self.assertIn("--tp", result.stderr)

    def test_every_reference_plans_or_says_what_it_lacks(self):
        systems = json.loads(run("reference", "list", "--json").stdout)["systems"]
        self.assertGreaterEqual(len(systems), 10)
        for system in systems:
            result = run("plan", "--cost", f"reference:{system['system']}", "--model", "llama-3-70b", "--gpu", "h100", "--gpus",
                         "64", "--gbs", "64", "--inter-node-bandwidth", "40GB/s", "--inter-node-latency", "10us")
            self.assertEqual(result.returncode, 0, system["system"] + result.stderr)
            self.assertIn("WARNING", result.stdout)
            if system["operations"] == ["all_to_all_v"]:
                self.assertIn("has no curve of", result.stdout, "those within a node")

    @unittest.skipUnless(shutil.which("gnuplot"), "gnuplot is not installed")
    def test_plan_draws(self):
        for arguments in ([], ["--sweep", "tp=1,2,4,8,16", "--sweep", "pp=1..64"]):
            picture = self.folder / "plan.svg"
            result = self.plan(*arguments, "--plot", picture)
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertIn("tensor parallel", " ".join(
                node.toxml() for node in xml.dom.minidom.parse(str(picture)).getElementsByTagName("text")))


if __name__ == "__main__":
    unittest.main()
