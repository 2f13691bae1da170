"""hockney-bench under the mpiexec of another MPI than its own: every process believes that it is rank 0 of 1."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

BENCH = pathlib.Path(os.environ["HOCKNEY_BIN"]) / "hockney-bench"
OPEN_MPI = "Open MPI"
MPICH = "MPICH"

# Debian installs both side by side. Open MPI asks twice before root may start something.
LAUNCHER = {OPEN_MPI: ["mpiexec.openmpi", "--oversubscribe", "--allow-run-as-root"], MPICH: ["mpiexec.mpich"]}


def own_mpi():
    linked = subprocess.run(["ldd", BENCH], capture_output=True, text=True).stdout
    return MPICH if "libmpich" in linked else OPEN_MPI


def other_mpi():
    return OPEN_MPI if own_mpi() == MPICH else MPICH


class WrongLauncher(unittest.TestCase):
    def test_is_refused_naming_both_mpis_before_anything_is_written(self):
        with tempfile.TemporaryDirectory(prefix="hockney-launcher-") as folder:
            out = pathlib.Path(folder) / "out"
            # not the variables of a launcher that this test itself runs under
            environment = {name: value for name, value in os.environ.items()
                           if not name.startswith(("PMI", "OMPI_", "PMIX_", "SLURM_", "HYDI_"))}
            result = subprocess.run([*LAUNCHER[other_mpi()], "-n", "2", BENCH, "--plan", "smoke", "--out", out],
                                    capture_output=True, text=True, timeout=60, env=environment)
            seen = result.stderr + result.stdout
            self.assertFalse(out.exists(), seen)
        self.assertEqual(result.returncode, 2, seen)
        self.assertRegex(seen, rf"hockney-bench: MPI \({own_mpi()}.*\) sees one process, but {other_mpi()}'s .*mpiexec "
                               r"started 2 \(")


if __name__ == "__main__":
    launcher = LAUNCHER[other_mpi()][0]
    if shutil.which(launcher) is None:
        print(f"skipped: {launcher} is not installed")
        sys.exit(77)
    unittest.main()
