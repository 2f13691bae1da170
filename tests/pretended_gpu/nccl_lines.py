"""Reads NCCL's debug lines (2.24 and newer), the rows of pretended_collectives, and those of nccl_2_28_tuning.csv,
without Hockney's own parsers."""

import csv
import functools
import pathlib
import re

NAMES = {"RING": "Ring", "TREE": "Tree", "NVLS_TREE": "NVLSTree", "SIMPLE": "Simple"}
FUNCTIONS = {"AllReduce": "all_reduce", "AllGather": "all_gather", "ReduceScatter": "reduce_scatter",
             "Broadcast": "broadcast", "Reduce": "reduce"}
OF_ONE_SHARE = {"all_gather", "reduce_scatter"}  # their TUNING lines tell the bytes of one rank's share
WITHOUT_ALGORITHM = {"all_to_all", "send_recv_ring"}
SIZES = [1 << exponent for exponent in range(10, 31)]

TUNED = re.compile(r"(\w+): (\d+) Bytes -> Algo (\w+) proto (\w+) channel\{Lo\.\.Hi\}=\{(\d+)\.\.(\d+)\}")
SYMMETRIC = re.compile(r"\[Symmetric\]: (\d+) Bytes -> Kernel (\S+) nchannels (\d+)")
CONNECTED = re.compile(r"Channel \d+(?:/\d+)? : (\d+)\[(\d+)\] -> (\d+)\[(\d+)\](?: \[(\w+)\])? via (\S+)")


def read_rows(text):
    """(algorithm, protocol, channels, estimated us) by operation and bytes."""
    return {(operation, int(size)): (algorithm, protocol, int(channels), float(estimate))
            for operation, size, algorithm, protocol, channels, estimate in csv.reader(text.splitlines())}


@functools.cache
def read_reference():
    """What NCCL 2.28.9 answered on machines of the same kinds: (machine, operation, ranks, bytes) -> label and estimate in
    us."""
    with open(pathlib.Path(__file__).parent / "nccl_2_28_tuning.csv", newline="", encoding="ascii") as file:
        return {(row["machine"], row["operation"], int(row["ranks"]), int(row["bytes"])):
                (row["algorithm"], row["protocol"], int(row["channels"]), float(row["estimated_us"] or 0))
                for row in csv.DictReader(file)}


def tuned(lines, ranks):
    """Label by operation and bytes of the larger buffer, from NCCL's own TUNING lines."""
    labels = {}
    for match in filter(None, map(TUNED.search, lines)):
        operation = FUNCTIONS[match[1]]
        size = int(match[2]) * (ranks if operation in OF_ONE_SHARE else 1)
        labels[operation, size] = (NAMES.get(match[3], match[3]), NAMES.get(match[4], match[4]),
                                   int(match[6]) - int(match[5]) + 1)
    return labels


def connections(lines):
    """(from rank, its GPU, to rank, direction or None, path) of every connection line."""
    return [(int(match[1]), int(match[2]), int(match[3]), match[5], match[6])
            for match in map(CONNECTED.search, lines) if match]


def version_of(lines):
    return next(match[1] for match in (re.search(r"NCCL version ([\d.]+)", line) for line in lines) if match)
