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
    """The same on a thread for each processor, by the clock."""
    threads = len(os.sched_getaffinity(0))
    limit = 0.925 * threads
    targets = (
        Target(f"{threads} threads: at least {limit:.3g} times one thread", limit, "one_thread"),
    )
    if threads < 2:
        raise NotHere("one processor only", targets)
    path, _marshal, _heap = bench.values(bench.size.records)
    with bench.program("bench_reader") as reader:
        samples = bench.alternate(
            {
                label: lambda count=count: reader.ask("verify_by", path, count)["seconds"]
                for label, count in {"threads": threads, "one_thread": 1}.items()
            },
        )
    size = path.stat().st_size
    result = rates(samples, size / 1e9)
    return Row(
        "verify.threads",
        f"the same file of {size / 1e6:.0f} MB, {threads} threads beside one",
        "GB/s",
        True,
        result.pop("threads"),
        result,
        ("by the clock, so whatever else runs counts",),
        targets,
    )
