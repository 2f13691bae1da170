"""The Python of docs/python.md, run as it stands there on a campaign."""

import contextlib
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

BIN = pathlib.Path(os.environ["HOCKNEY_BIN"])
PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "python.md"
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.S)

try:
    import h5netcdf  # noqa: F401  (xarray's engine)
    import h5py  # noqa: F401
    import pandas
    import xarray  # noqa: F401
except ImportError as missing:
    print(f"skipped: {missing.name} is not installed (Debian: python3-{missing.name})")
    raise SystemExit(77)


class PythonUsers(unittest.TestCase):
    def setUp(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="hockney-python-"))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        for seed in ("1", "2"):
            subprocess.run([BIN / "hockney-bench", "--transport", "scripted", "--plan", "smoke", "--seed", seed, "--out",
                            folder / "CAMPAIGN"], check=True, capture_output=True)
        (folder / "LAUNCH.h5").symlink_to(sorted((folder / "CAMPAIGN").glob("*.h5"))[0])
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(folder)
        path = os.environ["PATH"]
        self.addCleanup(os.environ.__setitem__, "PATH", path)
        os.environ["PATH"] = f"{BIN}{os.pathsep}{path}"

    def run_block(self, place):
        names, printed = {}, io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(BLOCKS[place], str(PAGE), "exec"), names)
        return names, printed.getvalue()

    def shown(self, *what):
        return json.loads(subprocess.run([BIN / "hockney", *what, "--json"], check=True, capture_output=True,
                                         text=True).stdout)

    def test_there_are_two_blocks_of_six_lines(self):
        self.assertEqual([len(block.splitlines()) for block in BLOCKS], [6, 6])

    def test_a_launch(self):
        names, printed = self.run_block(0)
        self.assertIn("scripted", printed)
        table, elapsed = names["table"], names["elapsed"]
        shown = {row["name"]: row for row in self.shown("show", "LAUNCH.h5")["points"] if row["passes"] == 1}
        rows = [row for _, row in table.iterrows() if row["name"] in shown]
        self.assertGreater(len(rows), 10)
        for row in rows:
            self.assertEqual(row["t_median"], shown[row["name"]]["t_median_s"])
            self.assertEqual(row["busbw"], shown[row["name"]]["busbw_bytes_per_s"])
        self.assertEqual(elapsed.shape[0], names["points"].n.values[0])
        names["launch"].close()

    def test_a_campaign(self):
        names, _ = self.run_block(1)
        self.assertEqual(set(names["summary"].launches), {2})
        model = self.shown("fit", "CAMPAIGN")
        self.assertEqual(len(names["curves"]), sum(len(curve["segments"]) for curve in model["curves"]))
        first = model["curves"][0]
        row = names["curves"][names["curves"].name == first["name"]].iloc[0]
        self.assertEqual(row.alpha_s, first["segments"][0]["alpha_s"])


if __name__ == "__main__":
    unittest.main()
