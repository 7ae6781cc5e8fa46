"""tests/bench: the same measurements at many sizes: cost against size, a table and the plot."""

import collections
import contextlib
import dataclasses
import pathlib
import shutil
import tempfile

from context import Bench
from measure_commit import commit
from measure_find import find_c, find_ocaml, find_python
from measure_open import open_c, open_ocaml, open_python
from measure_share import share_hashtbl
from measure_verify import verify
from plot import Line, Panel, short
from report import columns, grouped

LARGEST = {"tiny": 3e3, "quick": 1e6, "full": 1e8}  # blocks
BLOCKS_A_KEY = 3  # of bench_commit_ocaml's values

# Above this many blocks those are left out that have the values in memory of their own, and more:
# Marshal has a table of all blocks as well.
FEW = 1e7
LEFT_OUT = frozenset({"marshal", "marshal_no_sharing", "pickle", "dict", "lmdb_pickle"})
LARGE_MEMORY, LARGE_DISK = 12e9, 20e9  # bytes that larger files want to be free

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
    "commit": (
        f"Commit a small value under one of many keys, {BLOCKS_A_KEY} objects each",
        "microseconds for a commit",
        {commit: {"ours": "Ancient.share", "lmdb": "LMDB"}},
    ),
}


@dataclasses.dataclass(frozen=True)
class Growth:
    panels: list
    source: str  # what the records were made of
    notes: tuple  # sentences on what was left out


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


def available_memory():
    lines = pathlib.Path("/proc/meminfo").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))


def affordable(wanted, work):
    """The sizes for which there is room, and a sentence on those for which there is none."""
    memory, disk = available_memory(), shutil.disk_usage(work).free
    few = [blocks for blocks in wanted if blocks <= FEW]
    if len(few) == len(wanted) or (memory >= LARGE_MEMORY and disk >= LARGE_DISK):
        return wanted, ()
    return few, (
        f"above {short(FEW)} not measured: that wants {LARGE_MEMORY / 1e9:g} GB of memory and "
        f"{LARGE_DISK / 1e9:g} GB of disk, and {memory / 1e9:.1f} and {disk / 1e9:.1f} are free",
    )


def sweep(build, work, name, size, synthetic, on_size):
    """The growth from a thousand blocks to the largest for the size of that name."""

    @contextlib.contextmanager
    def bench_of(records, blocks=1000):
        here = dataclasses.replace(
            size,
            records=records,
            open_records=records,
            find_records=records,
            commit_keys=max(1, round(blocks / BLOCKS_A_KEY)),
            hole_bytes=1 << 20,
        )
        left_out = frozenset() if blocks <= FEW else LEFT_OUT
        with tempfile.TemporaryDirectory(dir=work) as folder:
            yield Bench(build, pathlib.Path(folder), here, synthetic, left_out=left_out)

    points = collections.defaultdict(list)
    wanted, notes = affordable(list(sizes(LARGEST[name])), work)
    with bench_of(1000) as bench:
        blocks_a_record = count_blocks(bench) / 1000
    for number, blocks in enumerate(wanted, 1):
        on_size(f"{blocks:,.0f} objects ({number} of {len(wanted)})")
        records = round(blocks / blocks_a_record)
        with bench_of(records, blocks) as bench:
            blocks, costs = measure_size(bench)
        blocks_a_record = blocks / records  # fewer in larger tables, where more names are shared
        for measure, contenders in costs.items():
            for contender, cost in contenders.items():
                points[measure, contender].append((blocks, cost))
    panels = [
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
    ]
    return Growth(panels, bench.source, notes)


def growth_table(panels):
    """A line of text for each line of the panels, a column for each size."""
    sizes = sorted(
        {size for panel in panels for line in panel.lines for size, _cost in line.points}
    )
    lines = [("objects", *(short(float(f"{size:.2g}")) for size in sizes))]
    for panel in panels:
        lines.append(())
        for line in panel.lines:
            costs = dict(line.points)
            lines.append((line.label, *(grouped(costs[s]) if s in costs else "" for s in sizes)))
    titles = iter(panels)
    return "\n".join(
        line or f"\n{(panel := next(titles)).title}, {panel.unit}"
        for line in columns(lines, "<" + ">" * len(sizes)).split("\n")
    )
