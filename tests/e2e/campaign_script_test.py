"""scripts/slurm/campaign.sbatch with an srun that writes files in place of hockney-bench: how it counts launches."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]

# A plan with steps: a launch is two files. $BREAK: the launch that is cut off.
SRUN = """#!/bin/sh
echo "$@" >>srun.log
launch=$(wc -l <srun.log)
while [ "$1" != --out ]; do shift; done
mkdir -p "$2"
rm -f "$2"/*.part
touch "$2/$launch-curves.h5" "$2/$launch-steps.h5"
[ "$launch" != "$BREAK" ] || mv "$2/$launch-steps.h5" "$2/$launch-steps.h5.part"
"""


class CampaignScript(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hockney-campaign-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        srun = self.folder / "srun"
        srun.write_text(SRUN)
        srun.chmod(0o755)

    def run_it(self, *arguments, stop_at=""):
        environment = dict(os.environ, PATH=f"{self.folder}:{os.environ['PATH']}", SLURM_JOB_NUM_NODES="2", BREAK=stop_at)
        return subprocess.run(["bash", ROOT / "scripts" / "slurm" / "campaign.sbatch", *arguments], cwd=self.folder,
                              env=environment, capture_output=True, text=True)

    def sruns(self):
        return (self.folder / "srun.log").read_text().splitlines()

    def test_counts_launches_and_not_their_files(self):
        result = self.run_it("replay", "out", "3", "A=1+B=2")
        self.assertEqual(result.returncode, 0, result.stderr)
        sruns = self.sruns()
        self.assertEqual(len(sruns), 6, "in turns")
        self.assertEqual([("--set=A=1 --set=B=2" in line) for line in sruns], 3 * [False, True])
        self.assertEqual(self.run_it("replay", "out", "3", "A=1+B=2").returncode, 0)
        self.assertEqual(len(self.sruns()), 6, "all are there")

    def test_resumes_a_launch_that_broke_off_whatever_srun_says(self):
        result = self.run_it("replay", "out", "2", stop_at="1")
        self.assertEqual(result.returncode, 1, result.stdout)
        self.assertIn("the same command goes on", result.stderr)
        result = self.run_it("replay", "out", "2")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual([("--resume" in line) for line in self.sruns()], [False, True, False])


if __name__ == "__main__":
    unittest.main()
