"""tests/bench: reading every byte of a file."""

from frame import rates
from report import Row, Target


def verify(bench):
    """Verifying every byte of a file of records."""
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
        ("XXH3 and memcpy go over the same bytes, mapped and in the page cache; processor time",),
        (Target("at least 2 GB/s on one core", 2),),
    )
