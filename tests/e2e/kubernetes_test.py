"""The MPIJob manifests: what the schema of the MPI operator permits, and scripts/characterise in its launcher pod."""

import copy
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from characterise_test import PLAN

try:
    import jsonschema
    import yaml
except ImportError as missing:
    print(f"skipped: {missing} (Debian: python3-jsonschema, python3-yaml)")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parents[2]
MANIFEST = ROOT / "scripts" / "kubernetes" / "characterise.yaml"
SCHEMA = ROOT / "tests" / "fixtures" / "mpijob-v2beta1.schema.yaml"


class Manifest(unittest.TestCase):
    def setUp(self):
        schema = yaml.safe_load(SCHEMA.read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        self.validator = jsonschema.Draft202012Validator(schema)
        self.job = yaml.safe_load(MANIFEST.read_text())

    def errors(self, job):
        return [f"{'.'.join(map(str, error.absolute_path))}: {error.message}" for error in
                self.validator.iter_errors(job)]

    def pod(self, role):
        return self.job["spec"]["mpiReplicaSpecs"][role]["template"]["spec"]

    def test_is_what_the_operator_takes(self):
        self.assertEqual(self.errors(self.job), [])

    def test_mistakes_are_found(self):
        for path, value, expected in ((("spec", "slotPerWorker"), 8, "slotPerWorker"),
                                      (("spec", "mpiImplementation"), "mpich", "'mpich' is not one of"),
                                      (("spec", "runPolicy", "cleanPodPolicy"), "Done", "'Done' is not one of"),
                                      (("spec", "mpiReplicaSpecs", "Worker", "replicas"), "2", "is not of type"),
                                      (("spec", "mpiReplicaSpecs", "Workers"), {}, "Workers")):
            job = copy.deepcopy(self.job)
            place = job
            for key in path[:-1]:
                place = place[key]
            place[path[-1]] = value
            self.assertRegex("\n".join(self.errors(job)), re.escape(expected))

    def test_its_entry_point_is_characterise_with_flags_that_it_has(self):
        container = self.pod("Launcher")["containers"][0]
        self.assertEqual(container["command"], ["/opt/hockney/scripts/characterise"])
        usage = subprocess.run([ROOT / "scripts" / "characterise", "--help"], capture_output=True, text=True).stdout
        for flag in [each for each in container["args"] if each.startswith("--")]:
            self.assertIn(f"{flag} ", usage)

    def test_launcher_and_workers_see_the_results(self):
        out = self.pod("Launcher")["containers"][0]["args"][-1]
        for role in ("Launcher", "Worker"):
            mounts = {mount["name"]: mount["mountPath"] for mount in self.pod(role)["containers"][0]["volumeMounts"]}
            self.assertTrue(out.startswith(mounts["results"] + "/"), role)
            claims = {volume["name"]: volume for volume in self.pod(role)["volumes"]}
            self.assertEqual(claims["results"]["persistentVolumeClaim"]["claimName"], "hockney-results")

    def test_as_many_ranks_per_node_as_gpus(self):
        limits = self.pod("Worker")["containers"][0]["resources"]["limits"]
        self.assertEqual(limits["nvidia.com/gpu"], self.job["spec"]["slotsPerWorker"])


class LauncherPod(unittest.TestCase):
    """What the operator puts into the launcher's environment, and an ssh that stays on this machine."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hockney-pod-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        ssh = self.folder / "ssh"
        ssh.write_text(f'#!/bin/bash\nwhile [[ $1 == -* ]]; do shift; done\necho "$1" >>{self.folder}/reached\nshift\n'
                       'exec sh -c "$*"\n')
        ssh.chmod(0o755)
        (self.folder / "mini.toml").write_text(PLAN.format(passes=1))

    def run_it(self, hostfile, **variables):
        file = self.folder / "hostfile"
        file.write_text(hostfile)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SLURM_")}
        environment.update(K_MPI_JOB_ROLE="launcher", HYDRA_HOST_FILE=str(file), HYDRA_LAUNCHER="ssh",
                           HYDRA_LAUNCHER_EXEC=str(self.folder / "ssh"), NVIDIA_VISIBLE_DEVICES="", **variables)
        return subprocess.run([ROOT / "scripts" / "characterise", "--budget", "6s", "--launches", "2", "--plan",
                               "mini.toml", "--out", "out"], cwd=self.folder, env=environment, capture_output=True,
                              text=True, timeout=200)

    def test_refuses_workers_with_different_numbers_of_gpus(self):
        tool = self.folder / "nvidia-smi"
        tool.write_text("#!/bin/sh\n[ $PMI_RANK = 0 ] || echo 'GPU 0: pretended'\n")
        tool.chmod(0o755)
        result = self.run_it("worker-0\nworker-1\n", PATH=f"{self.folder}:{os.environ['PATH']}")
        self.assertEqual(result.returncode, 2, result.stderr + result.stdout)
        self.assertIn("they have different numbers of GPUs (0, 1)", result.stderr)

    def test_goes_to_the_workers_of_the_hostfile(self):
        worker = "hockney-worker-0.hockney.default.svc"
        for hostfile in (f"{worker}:2\n", f"# one\n  {worker} slots=2\r\n", f"{worker}\n{worker}\n"):
            result = self.run_it(hostfile)
            self.assertEqual(result.returncode, 0, result.stderr + result.stdout)
            self.assertIn("1 node(s), 2 ranks", result.stdout)
            self.assertIn("measured   2 launches", result.stdout)
            self.assertEqual(set((self.folder / "reached").read_text().split()), {worker})
            self.assertEqual(len(list((self.folder / "out" / "launches").glob("*.h5"))), 2)
            shutil.rmtree(self.folder / "out")


if __name__ == "__main__":
    unittest.main()
