"""tests/bench: sharing a value into a new file, beside other ways of writing it."""

import os

from report import NotHere, Row, Target
from runner import Samples, rates


def writing(program, contender, path):
    """Seconds that a contender takes to write a new file; the one before is out of the way."""

    def write():
        path.unlink(missing_ok=True)
        return program.ask(contender, path)["seconds"]

    return write


def share_hashtbl(bench):
    """Sharing a table of records, all of it pointers, into a new file."""
    contenders = {
        "ancient": "ancient",
        "marshal": "marshal",
        "marshal_no_sharing": "marshal_no_sharing",
    }
    with bench.table(bench.size.records) as program, bench.scratch() as path:
        samples = bench.alternate(
            {label: writing(program, contender, path) for label, contender in contenders.items()},
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
        (
            Target("at least 4 times as fast as Marshal.to_channel", 4, "marshal"),
            Target("stretch: 6 times", 6, "marshal"),
        ),
    )


def share_one_core(bench):
    """Sharing a table by a process that has one processor, so that the thread which writes takes
    turns with the one that copies."""
    targets = (Target("at least 2 times as fast as Marshal.to_channel", 2, "marshal"),)
    processors = os.sched_getaffinity(0)
    if len(processors) < 2:
        raise NotHere("one processor only, so that share.hashtbl is this", targets)
    with bench.table(bench.size.records) as program, bench.scratch() as path:

        def on(allowed, contender):
            write = writing(program, contender, path)

            def run():
                os.sched_setaffinity(program.pid, allowed)
                return write()

            return run

        one = {max(processors)}
        samples = bench.alternate(
            {
                "ancient": on(one, "ancient"),
                "all_processors": on(processors, "ancient"),
                "marshal": on(one, "marshal"),
            },
        )
        result = rates(samples, program.facts["heap_bytes"] / 1e6)
    return Row(
        "share.one_core",
        f"the same {bench.size.records:,} records, to a new file, by a process on one processor",
        "MB/s",
        True,
        result.pop("ancient"),
        result,
        ("nobody waits for the disk", "Marshal is on that processor, too"),
        targets,
    )


def share_domains(bench):
    """Sharing a table while another domain of OCaml 5 is there: then no mark may be left in the
    heap, and a table says which blocks were met."""
    targets = (Target("at least 1.5 times as fast as Marshal.to_channel", 1.5, "marshal"),)
    with bench.table(1) as program:
        if not program.facts["domains"]:
            raise NotHere("OCaml 4 has no domains", targets)
    with bench.table(bench.size.records) as program, bench.scratch() as path:
        samples = bench.alternate(
            {
                "ancient": writing(program, "domains", path),
                "alone": writing(program, "ancient", path),
                "marshal": writing(program, "marshal", path),
            },
        )
        result = rates(samples, program.facts["heap_bytes"] / 1e6)
    return Row(
        "share.domains",
        f"a Hashtbl of {bench.size.records:,} records, to a new file, beside a domain that waits",
        "MB/s",
        True,
        result.pop("ancient"),
        result,
        ("nobody waits for the disk", "alone is without that domain"),
        targets,
    )


def share_flat(bench):
    """Sharing what is mostly bytes into a new file."""
    contenders = {"ancient": "ancient", "memcpy": "memcpy", "marshal": "marshal"}
    with (
        bench.program("bench_share", "flat", bench.size.flat_bytes) as program,
        bench.scratch() as path,
    ):
        samples = bench.alternate(
            {label: writing(program, contender, path) for label, contender in contenders.items()},
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
        (Target("at least 70 % of memcpy into a fresh mapped file", 0.7, "memcpy"),),
    )


LOGS = ("types", "strings", "numbers", "ancient", "marshal")


def share_logs(bench):
    """Sharing log records with equal blocks once, into a new file."""
    with (
        bench.program("bench_share", "logs", bench.size.records) as program,
        bench.scratch() as path,
    ):
        samples = bench.alternate({name: writing(program, name, path) for name in LOGS})
        heap = program.facts["heap_bytes"]
    result = rates(samples, heap / 1e6)
    result["plain"] = result.pop("ancient")
    return Row(
        "share.logs",
        f"{bench.size.records:,} log records, {heap / 1e6:.0f} MB of heap, equal blocks once",
        "MB/s",
        True,
        result.pop("types"),
        result,
        ("nobody waits for the disk", "strings and numbers: without types; plain: all blocks"),
        (Target("at least as fast as Marshal.to_channel", 1, "marshal"),),
    )


def size_logs(bench):
    """The size of a file of log records with equal blocks once, beside that in OCaml's heap."""
    with (
        bench.program("bench_share", "logs", bench.size.records) as program,
        bench.scratch() as path,
    ):
        heap = program.facts["heap_bytes"]
        sizes = {}
        for name in LOGS:
            path.unlink(missing_ok=True)
            sizes[name] = Samples((program.ask(name, path)["bytes"] / heap,))
    sizes["plain"] = sizes.pop("ancient")
    return Row(
        "size.logs",
        f"a file of {bench.size.records:,} log records, beside {heap:,} bytes in OCaml's heap",
        "bytes/byte",
        False,
        sizes.pop("types"),
        sizes | {"heap": Samples((1.0,))},
        ("strings and numbers: without types; plain: all blocks",),
        (Target("at most 0.6 of the heap", 0.6),),
    )
