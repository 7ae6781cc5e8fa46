"""tests/bench: how much room values take, in a file and in memory."""

import contextlib
import pathlib
import re

from measure_open import pickled
from report import Row, Target
from runner import BenchError, Samples


def file_overhead(bench):
    """The size of a file beside that of the value in OCaml's heap."""
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


def memory_of(make_program, contender, path):
    """A sample of the growth of a fresh process."""

    def sample():
        with make_program() as program:
            return program.ask(contender, path)["kib"]

    return sample


def rss_open(bench):
    """The memory that a process has grown by when it has opened a file and got its value."""
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


READERS = {"c": 6, "python": 5, "ocaml": 5}


def pss_kib(program):
    """The proportional set size of a process: pages that n processes have count as 1/n."""
    rollup = pathlib.Path(f"/proc/{program.pid}/smaps_rollup").read_text()
    return int(re.search(r"^Pss:\s*(\d+) kB", rollup, re.MULTILINE)[1])


def memory_readers(bench):
    """The memory of many processes, in C, Python and OCaml, that have read all of one file, as
    the sum of their proportional set sizes."""
    path = bench.path("shared.ancient")
    with bench.program("bench_share", "flat", bench.size.shared_bytes) as program:
        program.ask("ancient", path)
    make = {
        "c": lambda: bench.program("bench_reader"),
        "python": lambda: bench.python("touch.py"),
        "ocaml": lambda: bench.program("bench_load"),
    }
    with contextlib.ExitStack() as stack:
        programs = [
            stack.enter_context(make[language]())
            for language, count in READERS.items()
            for _ in range(count)
        ]
        before = sum(map(pss_kib, programs))
        sums = {program.ask("touch", path)["sum"] for program in programs}
        after = sum(map(pss_kib, programs))
        ocaml_4 = any(program.facts.get("version", "").startswith("4.") for program in programs)
    if len(sums) != 1:
        raise BenchError("the readers have not read the same bytes")
    kib = path.stat().st_size / 1024
    path.unlink()
    notes = [
        f"in MiB: {kib / 1024:.1f} of the file, {before / 1024:.1f} that the processes had before "
        f"they opened it, {(after - before - kib) / 1024:.1f} that they grew by beside it"
    ]
    # The target is OCaml 5's: OCaml 4 enters the file in a table of pages, in each process.
    targets = () if ocaml_4 else (Target("at most 1.05 times the file", 1.05),)
    if ocaml_4:
        notes.append("OCaml 4 grows by a table of the file's pages, so there is no target")
    count = ", ".join(f"{count} in {language}" for language, count in READERS.items())
    return Row(
        "memory.readers",
        f"sum of the proportional set sizes of {len(programs)} processes ({count}) that have all "
        f"read a file of {kib / 1024:,.0f} MiB",
        "KiB/KiB",
        False,
        Samples((after / kib,)),
        {},
        tuple(notes),
        targets,
    )
