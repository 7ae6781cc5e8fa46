"""tests/bench: what is measured.  `MEASURES` is the list; to add a measurement, write a
function from a `Bench` to a `Row` and enter it there."""

import contextlib
import dataclasses
import os
import pathlib
import subprocess
import sys

from frame import BenchError, Program, Row, Samples, alternate

HERE = pathlib.Path(__file__).parent


@dataclasses.dataclass(frozen=True)
class Size:
    """How much is measured, and how often."""

    records: int  # of the table that is shared and verified
    flat_bytes: int
    open_records: int  # of the table that is opened, and read back by the peers
    opens: int  # openings for one sample: each is too short to be timed by itself
    hole_bytes: int  # by which the large file is larger than the small one
    runs: int


SIZES = {
    "tiny": Size(2_000, 1 << 20, 1_000, 20, 1 << 26, 2),
    "quick": Size(600_000, 1 << 28, 100_000, 500, 1 << 32, 5),
    "full": Size(2_800_000, 1 << 30, 300_000, 2_000, 1 << 32, 7),
}


class Bench:
    """The programs, the files they share, and the size of it all."""

    def __init__(self, build, work, size, synthetic=False, on_round=None):
        self.build = pathlib.Path(build)
        self.work = pathlib.Path(work)
        self.size = size
        self.source = None  # what the records are made of, once a program has said so
        self._synthetic = ["--synthetic"] if synthetic else []
        self._on_round = on_round
        self._values = {}

    def alternate(self, sides, warmups=1):
        return alternate(sides, self.size.runs, warmups, self._on_round)

    # -- programs --

    def executable(self, name):
        path = self.build / "tests" / "bench" / name
        if not path.exists():
            raise BenchError(f"{path} is not built: configure with -Dtests=true, and with OCaml")
        return path

    def program(self, name, *arguments):
        return Program(self.executable(name), *arguments)

    def python(self):
        """reader.py over the package in the build directory."""
        path = os.pathsep.join([str(self.build / "python"), os.environ.get("PYTHONPATH", "")])
        return Program(sys.executable, HERE / "reader.py", env={**os.environ, "PYTHONPATH": path})

    def table(self, records):
        program = self.program("bench_share", "hashtbl", records, *self._synthetic)
        self.source = program.facts["source"]
        return program

    # -- files --

    def path(self, name):
        return self.work / name

    def values(self, records):
        """A table of so many records as an ancient file and marshalled, made once; with
        the bytes it takes in OCaml's heap."""
        if records not in self._values:
            ancient = self.path(f"{records}.ancient")
            marshal = self.path(f"{records}.marshal")
            with self.table(records) as program:
                program.ask("ancient", ancient)
                program.ask("marshal", marshal)
                self._values[records] = ancient, marshal, program.facts["heap_bytes"]
        return self._values[records]

    @contextlib.contextmanager
    def scratch(self):
        """A path to write to again and again, gone in the end."""
        path = self.path("scratch")
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)


# ---- Sharing -----------------------------------------------------------------------


def writing(program, side, path):
    """Seconds that a side takes to write a new file; the one before is out of the way."""

    def write():
        path.unlink(missing_ok=True)
        return program.ask(side, path)["seconds"]

    return write


def rates(samples, amount):
    """Seconds as amounts in a second."""
    return {label: values.map(lambda s: amount / s) for label, values in samples.items()}


def share_hashtbl(bench):
    sides = {
        "ancient": "ancient",
        "marshal": "marshal",
        "marshal_no_sharing": "marshal_no_sharing",
    }
    with bench.table(bench.size.records) as program, bench.scratch() as path:
        samples = bench.alternate(
            {label: writing(program, side, path) for label, side in sides.items()},
        )
        path.unlink()
        program.ask("ancient", path)
        with bench.program("bench_reader") as reader:
            blocks = reader.ask("info", path)["blocks"]
        heap = program.facts["heap_bytes"]
    each = ", ".join(
        f"{label} {values.median / blocks * 1e9:.0f}" for label, values in samples.items()
    )
    result = rates(samples, heap / 1e6)
    return Row(
        "share.hashtbl",
        f"a Hashtbl of {bench.size.records:,} records, {heap / 1e6:.0f} MB of heap, to a new file",
        "MB/s",
        True,
        result.pop("ancient"),
        result,
        ("nobody waits for the disk", f"nanoseconds a block, of {blocks:,}: {each}"),
    )


def share_flat(bench):
    sides = {"ancient": "ancient", "memcpy": "memcpy", "marshal": "marshal"}
    with (
        bench.program("bench_share", "flat", bench.size.flat_bytes) as program,
        bench.scratch() as path,
    ):
        samples = bench.alternate(
            {label: writing(program, side, path) for label, side in sides.items()},
        )
        heap = program.facts["heap_bytes"]
    result = rates(samples, heap / 1e9)
    return Row(
        "share.flat",
        f"strings of 64 KiB and a bigarray, {heap / 1e6:.0f} MB, to a new file",
        "GB/s",
        True,
        result.pop("ancient"),
        result,
        ("nobody waits for the disk", "memcpy fills a mapping of a new file"),
    )


# ---- Opening -----------------------------------------------------------------------


def microseconds(samples):
    return {label: values.map(lambda s: s * 1e6) for label, values in samples.items()}


def small_and_large(bench):
    """A file of one record, and one that is larger by a hole; returns their paths."""
    small, _marshal, _heap = bench.values(1)
    large = bench.path("large.ancient")
    if not large.exists():
        command = [bench.executable("bench_sparse"), small, large, str(bench.size.hole_bytes)]
        if subprocess.run(command, check=False).returncode != 0:
            raise BenchError("bench_sparse could not make a large file")
    return small, large


def opening_row(bench, name, what, ours, theirs):
    """Measures `ours`, a function from a path to a sample, on three files, and `theirs`."""
    values, _marshal, _heap = bench.values(bench.size.open_records)
    small, large = small_and_large(bench)
    samples = bench.alternate(
        {
            "ancient": lambda: ours(values),
            **theirs,
            "small_file": lambda: ours(small),
            "large_file": lambda: ours(large),
        },
    )
    result = microseconds(samples)
    return Row(
        name,
        f"{what} in a file of {values.stat().st_size / 1e6:.1f} MB, beside reading the same "
        "value back",
        "us",
        False,
        result.pop("ancient"),
        result,
        (
            f"the small file has {small.stat().st_size / 1024:.0f} KiB",
            f"the large one {large.stat().st_size / 2**30:.2f} GiB, sparse",
        ),
    )


def open_c(bench):
    _values, marshal, _heap = bench.values(bench.size.open_records)
    with bench.program("bench_reader") as reader, bench.program("bench_load") as loader:
        return opening_row(
            bench,
            "open.c",
            "open and first get in C",
            lambda path: reader.ask("open", path, bench.size.opens)["seconds"],
            {"marshal": lambda: loader.ask("marshal", marshal)["seconds"]},
        )


def pickled(bench, program):
    """The pickle of the table that is opened, made once."""
    values, _marshal, _heap = bench.values(bench.size.open_records)
    path = values.with_suffix(".pickle")
    if not path.exists():
        program.ask("pickle_of", values, path)
    return path


def open_python(bench):
    _values, marshal, _heap = bench.values(bench.size.open_records)
    with bench.python() as reader, bench.program("bench_load") as loader:
        pickle = pickled(bench, reader)
        return opening_row(
            bench,
            "open.python",
            "open and first get in Python",
            lambda path: reader.ask("open", path, bench.size.opens)["seconds"],
            {
                "pickle": lambda: reader.ask("pickle", pickle)["seconds"],
                "marshal": lambda: loader.ask("marshal", marshal)["seconds"],
            },
        )


# ---- Reading all of it -------------------------------------------------------------


def verify(bench):
    path, _marshal, _heap = bench.values(bench.size.records)
    sides = {"ancient": "verify", "xxh3": "xxh3", "memcpy": "memcpy"}
    with bench.program("bench_reader") as reader:
        samples = bench.alternate(
            {
                label: lambda side=side: reader.ask(side, path)["seconds"]
                for label, side in sides.items()
            },
        )
    size = path.stat().st_size
    result = rates(samples, size / 1e9)
    return Row(
        "verify",
        f"every checksum, block and pointer of a file of {size / 1e6:.0f} MB, on one core",
        "GB/s",
        True,
        result.pop("ancient"),
        result,
        ("XXH3 and memcpy go over the same bytes, mapped and in the page cache",),
    )


# ---- Sizes -------------------------------------------------------------------------


def file_overhead(bench):
    ancient, marshal, heap = bench.values(bench.size.records)
    return Row(
        "file_overhead",
        f"{ancient.stat().st_size:,} bytes of file for a value of {heap:,} bytes in OCaml's heap",
        "bytes/byte",
        False,
        Samples((ancient.stat().st_size / heap,)),
        {"heap": Samples((1.0,)), "marshal": Samples((marshal.stat().st_size / heap,))},
        ("Marshal's form is denser, and is no use before all of it is decoded",),
    )


def memory_of(make_program, side, path):
    """A sample of the growth of a fresh process."""

    def sample():
        with make_program() as program:
            return program.ask(side, path)["kib"]

    return sample


def rss_open(bench):
    values, marshal, _heap = bench.values(bench.size.open_records)
    with bench.python() as program:
        pickle = pickled(bench, program)
    samples = bench.alternate(
        {
            "ancient": memory_of(lambda: bench.program("bench_reader"), "memory", values),
            "python": memory_of(bench.python, "memory", values),
            "marshal": memory_of(lambda: bench.program("bench_load"), "memory", marshal),
            "pickle": memory_of(bench.python, "memory_pickle", pickle),
        },
        warmups=0,
    )
    return Row(
        "rss_open",
        "growth of the resident memory of a C program by open and first get, in a file of "
        f"{values.stat().st_size / 1e6:.0f} MB, pages of the file included",
        "KiB",
        False,
        samples.pop("ancient"),
        samples,
    )


MEASURES = {
    "share.hashtbl": share_hashtbl,
    "share.flat": share_flat,
    "open.c": open_c,
    "open.python": open_python,
    "verify": verify,
    "file_overhead": file_overhead,
    "rss_open": rss_open,
}
