"""independent_reader.py PROGRAM: what h5py, xarray and ncdump read is what the program wrote.

Exit code 77, with the reason, when h5py or xarray is missing.
"""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

try:
    import h5py
    import h5netcdf  # noqa: F401  (xarray's engine)
    import numpy as np
    import xarray as xr
except ImportError as missing:
    print(f"SKIPPED: {missing}")
    sys.exit(77)


def words(column):
    """The words behind a column of codes, by the file's own attributes."""
    meanings = dict(zip(column.attrs["flag_values"], text(column.attrs["flag_meanings"]).split()))
    return [meanings[code] for code in column[:]]


def flag_names(column, bits):
    meanings = text(column.attrs["flag_meanings"]).split()
    return ",".join(name for mask, name in zip(column.attrs["flag_masks"], meanings) if bits & mask)


def text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


def completion(point):
    elapsed = np.array(point["elapsed"])
    return elapsed[:, -1] if point["operation"] == "one_way_stream" else elapsed.max(axis=1)


def check_numbers(file, known):
    points, samples, elapsed = file["points"], file["samples"], file["rank_samples/elapsed"]
    assert len(points["point_id"]) == len(known["points"]) == file.attrs["n_points"]
    for key in ["point_id", "pass", "bytes", "t_utc_ns", "clock_step", "clock_floor", "routing_skew", "observed_channels",
                "t_estimate", "before_sm_clock", "after_throttle_reasons"]:
        assert points[key][:].tolist() == [point[key] for point in known["points"]], key
    for key in ["operation", "element", "stop_reason", "reduction", "buffers", "cache"]:
        assert words(points[key]) == [point[key] for point in known["points"]], key
    for key in ["name", "algorithm", "routing_matrix", "observed_algorithm", "observed_connections", "settings"]:
        assert [text(cell) for cell in points[key][:]] == [point[key] for point in known["points"]], key
    for row, point in enumerate(known["points"]):
        times = completion(point)
        assert flag_names(points["flags"], points["flags"][row]) == point["flags"]
        begin, end = points["sample_begin"][row], points["sample_end"][row]
        ranks = points["rank_columns"][row]
        assert np.array_equal(elapsed[begin:end, :ranks], point["elapsed"])
        assert np.isnan(elapsed[begin:end, ranks:]).all()
        assert np.array_equal(samples["t_max"][begin:end], np.max(point["elapsed"], axis=1))
        for key in ["t_enqueue", "t_host"]:
            absent = np.full(end - begin, np.nan)
            assert np.array_equal(samples[key][begin:end], point[key] or absent, equal_nan=True), key
        assert np.array_equal(samples["t_min"][begin:end], np.min(point["elapsed"], axis=1))
        assert np.array_equal(samples["argmax_rank"][begin:end], np.argmax(point["elapsed"], axis=1))
        assert samples["iter"][begin:end].tolist() == list(range(len(times))) and points["n"][row] == len(times)
        assert (samples["point_id"][begin:end] == point["point_id"]).all()
        assert (samples["pass"][begin:end] == point["pass"]).all()
        expected = {
            "t_median": np.median(times),
            "t_min": times.min(),
            "t_max": times.max(),
            "mad": np.median(np.abs(times - np.median(times))),
            "algbw": point["bytes"] / np.median(times),
            "busbw": point["bytes"] / np.median(times) * point["wire_factor"],
        }
        expected |= {f"t_p{q:02}": np.percentile(times, q) for q in (5, 25, 75, 95, 99)}
        for key, value in expected.items():
            assert np.isclose(points[key][row], value, rtol=1e-14), key
        assert points["ci_lo"][row] <= expected["t_median"] <= points["ci_hi"][row]


def check_context(file, known):
    for key in ["run_uuid", "campaign"]:
        assert text(file.attrs[key]) == known[key], key
    for key in ["seed", "n_ranks"]:
        assert file.attrs[key] == known[key], key
    assert text(file.attrs["schema_name"]) == "hockney launch" and text(file.attrs["schema_version"]) == "1.4.0"
    assert file.attrs["finalised"] == 1 and file.attrs["repaired"] == 0
    table = file["provenance"]
    assert dict(zip(map(text, table["key"][:]), map(text, table["value"][:]))) == known["provenance"]
    assert [text(host) for host in table["ranks/host"][:]] == known["hosts"]
    assert table["ranks/numa_node"][:].tolist() == known["numa_nodes"]
    assert [text(file["skipped"][key][0]) for key in ("name", "reason")] == list(known["skipped"][0].values())


def check_descriptions(file):
    def check(path, item):
        if not isinstance(item, h5py.Dataset) or item.attrs.get("CLASS") == b"DIMENSION_SCALE":
            return
        assert item.attrs["long_name"], path
        assert h5py.check_string_dtype(item.dtype) or item.attrs["units"], path
        assert all(len(axis) == 1 and axis[0].shape == (size,) for axis, size in zip(item.dims, item.shape)), path

    file.visititems(check)


def check_xarray(path, known):
    with xr.open_dataset(path, engine="h5netcdf", group="points") as points:
        assert points["t_median"].dims == ("point",) and points["t_median"].attrs["units"] == "s"
        assert points["algbw"].attrs["units"] == "byte/s" and points["bytes"].attrs["units"] == "byte"
        assert points["bytes"].values.tolist() == [point["bytes"] for point in known["points"]]
        utc_ns = points["t_utc_ns"].values.astype("datetime64[ns]").astype("int64")
        assert utc_ns.tolist() == [point["t_utc_ns"] for point in known["points"]]
    with xr.open_dataset(path, engine="h5netcdf", group="rank_samples") as samples:
        elapsed = samples["elapsed"]
        assert elapsed.dims == ("sample", "rank") and elapsed.attrs["units"] == "s"
        widest = [max(rank for rank in sample) for point in known["points"] for sample in point["elapsed"]]
        assert np.array_equal(elapsed.max("rank").values, widest)
    for group in ["samples", "skipped", "provenance", "provenance/ranks"]:
        xr.open_dataset(path, engine="h5netcdf", group=group).load().close()
    with xr.open_dataset(path, engine="h5netcdf") as root:
        assert text(root.attrs["run_uuid"]) == known["run_uuid"]


def check_ncdump(path, known):
    if not shutil.which("ncdump"):
        print("ncdump is not installed; h5py and xarray were checked")
        return
    header = subprocess.run(["ncdump", "-h", path], check=True, capture_output=True, text=True).stdout
    assert "double elapsed(sample, rank) ;" in header and 't_median:units = "s" ;' in header, header
    everything = subprocess.run(["ncdump", path], check=True, capture_output=True, text=True).stdout
    assert all(f'"{point["name"]}"' in everything for point in known["points"])


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = subprocess.run([sys.argv[1], folder], check=True, capture_output=True, text=True).stdout.strip()
        known = json.loads((pathlib.Path(folder) / "known.json").read_text())
        with h5py.File(path, "r") as file:
            check_numbers(file, known)
            check_context(file, known)
            check_descriptions(file)
        check_xarray(path, known)
        check_ncdump(path, known)


main()
