"""Contended phases as a user meets them: alone as predicted, together as max-min fairness says, and what is refused."""

import csv
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

BIN = pathlib.Path(os.environ["HOCKNEY_BIN"])
SOURCE = ["--cost", "reference:dgx-a100", "--inter-node-bandwidth", "25GB/s", "--inter-node-latency", "5us"]


def run(*arguments, hockney=BIN / "hockney"):
    return subprocess.run([hockney, *map(str, arguments)], capture_output=True, text=True, timeout=100)


def simulated(*arguments):
    made = run("simulate", *arguments, *SOURCE, "--json")
    assert made.returncode == 0, made.stderr
    return json.loads(made.stdout)


@unittest.skipUnless((BIN / "hockney-simgrid").exists(), "built without SimGrid")
class Simulate(unittest.TestCase):
    def test_what_shares_nothing_takes_what_predict_says(self):
        result = simulated("all_to_all:64MiB:32/4", "reduce_scatter:256MiB:32/4@4", "all_reduce:8MiB:8/8", "ping_pong:1KiB:2/1")
        for phase in result["phases"]:
            operation, payload, group = phase["phase"].split(":")
            ranks, per_node = group.split("@")[0].split("/")
            asked = run("predict", "message", operation, "--payload", payload, "--ranks", ranks, "--ranks-per-node", per_node,
                        *SOURCE, "--json")
            self.assertEqual(asked.returncode, 0, asked.stderr)
            predicted = json.loads(asked.stdout)["messages"][0]["value_s"]
            self.assertAlmostEqual(phase["together_s"] / predicted, 1, delta=0.03, msg=phase["phase"])

    def test_two_alike_jobs_take_twice_the_time_of_their_bytes(self):
        slow_nic = ["--nic-rate", "10GB/s"]  # slower than the curve: one phase fills it
        both = simulated("all_to_all:256MiB:64/8", "all_to_all:256MiB:64/8", *slow_nic)["phases"]
        bytes_s = both[0]["port_bytes"] / both[0]["port_bytes_per_s"]
        for phase in both:
            self.assertAlmostEqual(phase["together_s"] / (phase["alone_s"] + bytes_s), 1, delta=0.001)
            self.assertGreater(phase["slowdown"], 1.9)

    def test_4096_ranks_and_a_stated_nic(self):
        result = simulated("all_to_all:32MiB:64/8:count=8", "all_gather:1GiB:4096/8", "--nic-rate", "100GB/s", "--nics-per-node", 4)
        self.assertEqual(result["node"], {"gpus": 8, "ports": 4, "port_bytes_per_s": 100e9})
        self.assertLess(result["together_s"], 1.001 * result["one_by_one_s"])

    def test_a_step_that_shares_nothing_takes_what_predict_says(self):
        step = ["--model", "gpt3-175b", "--tp", 8, "--pp", 2, "--dp", 4, "--mbs", 1, "--gbs", 32, "--overlap-gradients"]
        result = simulated(*step)
        asked = run("predict", "communication", *step, *SOURCE, "--json")
        self.assertEqual(asked.returncode, 0, asked.stderr)
        messages = json.loads(asked.stdout)["steps"][0]["messages"]
        predicted = sum(row["count_per_step"] * row["each_value_s"] for row in messages)
        self.assertAlmostEqual(result["predicted_s"] / predicted, 1, places=5)
        self.assertAlmostEqual(sum(row["alone_s"] for row in result["phases"]) / predicted, 1, places=5)
        self.assertAlmostEqual(result["together_s"] / predicted, 1, delta=0.03)
        for row in result["phases"]:
            self.assertAlmostEqual(row["together_s"] / row["alone_s"], 1, delta=0.03, msg=row["purpose"])

    def test_experts_and_gradients_slow_each_other_in_the_last_backward_pass(self):
        step = ["--model", "mixtral-8x7b", "--tp", 4, "--pp", 1, "--dp", 16, "--ep", 8, "--mbs", 1, "--gbs", 64]
        apart = simulated(*step)
        self.assertEqual({row["moment"] for row in apart["phases"]}, {"by itself"})
        self.assertAlmostEqual(apart["together_s"] / apart["predicted_s"], 1, delta=0.03)
        result = simulated(*step, "--overlap-gradients")
        rows = [row for row in result["phases"] if row["moment"] == "last backward pass"]
        slowdown = {row["purpose"]: row["slowdown"] for row in rows}
        self.assertGreater(slowdown["tokens to experts and back"], 1.05)
        self.assertGreater(slowdown["gradients"], 1.05)
        self.assertAlmostEqual(slowdown["layers backward"], 1, delta=0.001)  # NVSwitch
        self.assertGreater(result["together_s"], 1.01 * result["predicted_s"])
        moment, = result["moments"]
        self.assertGreater(moment["together_s"], max(row["chain_end_s"] for row in rows) * 0.999)

    def test_a_step_of_4096_ranks(self):
        result = simulated("--model", "mixtral-8x7b", "--tp", 4, "--pp", 2, "--dp", 512, "--ep", 8, "--mbs", 1, "--gbs", 2048,
                           "--overlap-gradients", "--distributed-optimizer")
        self.assertEqual(len([row for row in result["phases"] if row["moment"] == "last backward pass" and row["cause"] == "data"]), 2)
        self.assertAlmostEqual(sum(row["alone_s"] for row in result["phases"]) / result["predicted_s"], 1, places=5)

    def test_another_job_meets_every_message_of_the_step(self):
        step = ["--model", "gpt3-175b", "--tp", 8, "--pp", 2, "--dp", 4, "--mbs", 1, "--gbs", 32]
        alone = {(row["cause"], row["phase"]): row["together_s"] for row in simulated(*step)["phases"]}
        result = simulated("all_to_all:64MiB:64/8", *step)
        self.assertEqual(result["others"], ["all_to_all:64MiB:64/8"])
        for row in result["phases"]:
            slowdown = row["together_s"] / alone[row["cause"], row["phase"]]
            fair_share = result["node"]["port_bytes_per_s"] / 2
            if row["port_bytes"] == 0 or row["port_bytes_per_s"] < fair_share:
                self.assertAlmostEqual(slowdown, 1, delta=0.001, msg=row["purpose"])
            else:
                self.assertGreater(slowdown, 1.05, row["purpose"])
        self.assertGreater(max(row["slowdown"] for row in result["phases"]), 1.2)

    def test_every_form_says_that_it_is_simulated(self):
        arguments = ["simulate", "all_reduce:1GiB:16/8", *SOURCE]
        self.assertIn("SIMULATED", run(*arguments).stdout)
        self.assertIn("SIMULATED", json.loads(run(*arguments, "--json").stdout)["warnings"][0])
        made = run(*arguments, "--csv")
        self.assertIn("SIMULATED", made.stderr)
        self.assertEqual([row["simulated"] for row in csv.DictReader(made.stdout.splitlines())], ["true"])


class Refused(unittest.TestCase):
    def refused(self, *arguments, **where):
        made = run("simulate", *arguments, **where)
        self.assertEqual(made.returncode, 2, made.stdout + made.stderr)
        self.assertEqual(len(made.stderr.splitlines()), 1, made.stderr)
        return made.stderr

    def test_phases_that_cannot_be(self):
        for phase, word in {"all_to_all:32MiB": "RANKS/PER_NODE", "all_to_al:1MiB:16/8": "all_to_all", "all_reduce:1MB:16/8": "MiB",
                            "broadcast:1MiB:16/8": "send alike", "all_reduce:1MiB:1/1": "one rank", "ping_pong:1MiB:16/8": "two ranks",
                            "all_reduce:1MiB:16/8@1": "PHASE all_reduce:1MiB:16/8@1: 8 ranks", "all_reduce:1MiB:16/8:count=0": "count=0",
                            "all_reduce:1MiB:16/1:groups=9": "8 GPUs",
                            "all_reduce:1MiB:16/0": "cannot be"}.items():
            self.assertIn(word, self.refused(phase, *SOURCE), phase)
        self.assertIn("--nic-rate", self.refused("all_reduce:1MiB:16/8", *SOURCE, "--nic-rate", "fast"))

    def test_a_mapping_without_a_model_and_the_other_way_round(self):
        self.assertIn("--model", self.refused(*SOURCE))
        self.assertIn("--model", self.refused("all_reduce:1MiB:16/8", *SOURCE, "--tp", 8))
        self.assertIn("--model requires --", self.refused("--model", "gpt3-175b", *SOURCE))
        self.assertIn("heads", self.refused("--model", "gpt3-175b", "--tp", 7, "--pp", 1, "--dp", 1, "--mbs", 1, "--gbs", 1, *SOURCE))

    def test_a_build_without_simgrid_says_how_to_get_it(self):
        with tempfile.TemporaryDirectory(prefix="hockney-simulate-") as folder:
            alone = pathlib.Path(folder) / "bin" / "hockney"
            alone.parent.mkdir()
            shutil.copy(BIN / "hockney", alone)
            (pathlib.Path(folder) / "share").symlink_to(BIN.parent / "share")
            self.assertIn("libsimgrid-dev", self.refused("all_reduce:1MiB:16/8", *SOURCE, hockney=alone))


if __name__ == "__main__":
    unittest.main()
