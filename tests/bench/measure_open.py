"""tests/bench: opening a file and getting its first value, beside reading a value back."""

import subprocess

from report import Row, Target
from runner import BenchError, scaled


def small_and_large(bench):
    """A file of one record, and one that is larger by a hole; returns their paths."""
    small, _marshal, _heap = bench.values(1)
    large = bench.path("large.ancient")
    if not large.exists():
        command = [bench.executable("bench_sparse"), small, large, str(bench.size.hole_bytes)]
        if subprocess.run(command, check=False).returncode != 0:
            raise BenchError("bench_sparse could not make a large file")
    return small, large


def opening_row(bench, name, what, ours, theirs, targets=()):
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
    result = scaled(samples, 1e6)
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
        targets,
    )


def open_ocaml(bench):
    """Attaching a file and following its first value, in OCaml."""
    values, marshal, _heap = bench.values(bench.size.records)
    gigabytes = values.stat().st_size / 1e9
    with bench.program("bench_load") as loader:
        version = loader.facts["version"]
        paged = int(version.split(".")[0]) < 5  # the range is entered in a table of pages
        samples = bench.alternate(
            {
                "ancient": lambda: loader.ask("attach", values, bench.size.attaches)["seconds"],
                "marshal": lambda: loader.ask("marshal", marshal)["seconds"],
            },
        )
    result = scaled(samples, 1e6)
    return Row(
        "open.ocaml",
        f"attach and get in OCaml {version}, a file of {gigabytes * 1e3:.1f} MB, beside reading "
        "the same value back",
        "us",
        False,
        result.pop("ancient"),
        result,
        (),
        (
            Target("at most 50 us and 5 ms for each GB", 50 + 5000 * gigabytes)
            if paged
            else Target("at most 50 us", 50),
        ),
    )


def open_c(bench):
    """Opening a file and getting its first value, in C."""
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
    if bench.asked({"pickle": path}) and not path.exists():
        program.ask("pickle_of", values, path)
    return path


def open_python(bench):
    """Opening a file and getting its first value, in Python."""
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
