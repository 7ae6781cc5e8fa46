"""tests/bench: the same measurements at many sizes, for the plot of cost against size."""

import collections
import contextlib
import dataclasses
import pathlib
import tempfile

from context import Bench
from measure_find import find_c, find_ocaml, find_python
from measure_open import open_c, open_ocaml, open_python
from measure_share import share_hashtbl
from measure_verify import verify
from plot import Line, Panel

LARGEST = {"tiny": 3e3, "quick": 1e6, "full": 1e7}  # blocks

# What is shown: a measurement, and what its contenders are called in the picture; ours first.
SHOWN = {
    "share": (
        "Share into a new file",
        "nanoseconds for an object",
        {share_hashtbl: {"ours": "Ancient.share", "marshal": "Marshal"}},
    ),
    "open": (
        "Open, and get the first value",
        "microseconds",
        {
            open_c: {"ours": "C", "marshal": "Marshal"},
            open_python: {"ours": "Python", "pickle": "pickle"},
            open_ocaml: {"ours": "OCaml"},
        },
    ),
    "find": (
        "Find a record by its key, read one attribute",
        "nanoseconds for a lookup",
        {
            find_c: {"ours": "C", "lmdb": "LMDB", "cdb": "cdb"},
            find_python: {"ours": "Python", "dict": "Python dict", "lmdb_struct": "py-lmdb"},
            find_ocaml: {"ours": "OCaml"},
        },
    ),
    "verify": (
        "Verify every byte, on one core",
        "nanoseconds for an object",
        {verify: {"ours": "verify", "xxh3": "XXH3", "memcpy": "memcpy"}},
    ),
}


def sizes(largest):
    """Blocks: 1 thousand, 3 thousand, 10 thousand ... the largest."""
    blocks = 1e3
    while blocks <= largest:
        yield blocks
        if blocks * 3 <= largest:
            yield blocks * 3
        blocks *= 10


def as_costs(row, nanoseconds):
    """A row's medians by contender; `nanoseconds` is what a rate of one stands for."""
    medians = {"ours": row.ours.median}
    medians |= {label: samples.median for label, samples in row.peers.items()}
    if row.more_is_better:
        return {label: nanoseconds / rate for label, rate in medians.items()}
    return medians


def count_blocks(bench):
    """Of the table that is shared."""
    path, _marshal, _heap = bench.values(bench.size.records)
    with bench.program("bench_reader") as reader:
        return reader.ask("info", path)["blocks"]


def measure_size(bench):
    """How many blocks there are, and the costs of each measurement by contender."""
    path, _marshal, heap = bench.values(bench.size.records)
    blocks = count_blocks(bench)
    # Nanoseconds for a block, where the rate is 1 MB/s of heap or 1 GB/s of file.
    units = {share_hashtbl: 1e3 * heap / blocks, verify: path.stat().st_size / blocks}
    return blocks, {
        measure: as_costs(measure(bench), units.get(measure))
        for _title, _unit, measures in SHOWN.values()
        for measure in measures
    }


def sweep(build, work, name, size, synthetic, on_size):
    """The panels of the plot, and what the records were made of."""

    @contextlib.contextmanager
    def bench_of(records):
        here = dataclasses.replace(
            size,
            records=records,
            open_records=records,
            find_records=records,
            hole_bytes=1 << 20,
        )
        with tempfile.TemporaryDirectory(dir=work) as folder:
            yield Bench(build, pathlib.Path(folder), here, synthetic)

    points = collections.defaultdict(list)
    wanted = list(sizes(LARGEST[name]))
    with bench_of(1000) as bench:
        blocks_a_record = count_blocks(bench) / 1000
    for number, blocks in enumerate(wanted, 1):
        on_size(f"{blocks:,.0f} objects ({number} of {len(wanted)})")
        with bench_of(round(blocks / blocks_a_record)) as bench:
            blocks, costs = measure_size(bench)
        for measure, contenders in costs.items():
            for contender, cost in contenders.items():
                points[measure, contender].append((blocks, cost))
    return [
        Panel(
            title,
            unit,
            tuple(
                Line(label, contender == "ours", tuple(points[measure, contender]))
                for measure, labels in measures.items()
                for contender, label in labels.items()
            ),
        )
        for title, unit, measures in SHOWN.values()
    ], bench.source
