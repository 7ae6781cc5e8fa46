"""tests/bench: how much room values take, in a file and in memory."""

from frame import Samples
from measure_open import pickled
from report import Row


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
