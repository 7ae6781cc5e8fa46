"""tests/bench: reading every byte of a file."""

import os

from report import NotHere, Row, Target
from runner import rates


def verify(bench):
    """Verifying every byte of a file of records."""
    path, _marshal, _heap = bench.values(bench.size.records)
    contenders = {"ancient": "verify", "xxh3": "xxh3", "memcpy": "memcpy"}
    with bench.program("bench_reader") as reader:
        samples = bench.alternate(
            {
                label: lambda contender=contender: reader.ask(contender, path)["seconds"]
                for label, contender in contenders.items()
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
        ("XXH3 and memcpy go over the same bytes, mapped and in the page cache; processor time",),
        (Target("at least 2 GB/s on one core", 2),),
    )


def verify_threads(bench):
    """The same on two threads, by the clock."""
    targets = (Target("scaling to both cores: at least 1.85 times one thread", 1.85, "one_thread"),)
    if len(os.sched_getaffinity(0)) < 2:
        raise NotHere("one processor only", targets)
    path, _marshal, _heap = bench.values(bench.size.records)
    with bench.program("bench_reader") as reader:
        samples = bench.alternate(
            {
                label: lambda threads=threads: reader.ask("verify_by", path, threads)["seconds"]
                for label, threads in {"two_threads": 2, "one_thread": 1}.items()
            },
        )
    size = path.stat().st_size
    result = rates(samples, size / 1e9)
    return Row(
        "verify.threads",
        f"the same file of {size / 1e6:.0f} MB, two threads beside one",
        "GB/s",
        True,
        result.pop("two_threads"),
        result,
        ("by the clock, so whatever else runs counts",),
        targets,
    )
