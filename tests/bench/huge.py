"""tests/bench: a file that is larger than memory: what each way of using it takes of memory and
reads of the disk, at an eighth of the size and at all of it.

The file has one table of records under each of many keys, each in a commit of its own, of which the
writer has one in its heap.  Each way is a process of its own, and nothing of the file is in memory
when it begins.
"""

import dataclasses
import itertools
import os
import shutil

from report import Row, Target, columns, grouped, target_table
from runner import BenchError, Samples
from watch import Watch, major_faults, processor_seconds, read_bytes, status_kib

STAGES = (8, 1)  # the file is measured at these parts of its size
KEYS = 1000
CHUNK_BYTES = 1 << 30  # about what is added between two words of progress
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclasses.dataclass(frozen=True)
class Use:
    """What a process took for one way of using the file."""

    name: str
    what: str
    seconds: float  # by the clock
    processor_seconds: float
    private_kib: int  # at most, beside what the process had before
    resident_kib: int  # at most, pages of the file included
    read_bytes: int
    major_faults: int


@dataclasses.dataclass(frozen=True)
class Stage:
    """The file at one size."""

    bytes: int
    tables: int
    uses: tuple


def drop_from_memory(path):
    """What the page cache has of a file that nobody has mapped."""
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(fd)


def use(bench, path, name, what, program, *words):
    """Asks a new process."""
    drop_from_memory(path)
    with bench.program(program) as asked:
        pid = asked.pid

        def figures():
            return (
                processor_seconds(pid),
                status_kib(pid, "RssAnon"),
                read_bytes(pid),
                major_faults(pid),
            )

        processor, private, disk, faults = figures()
        with Watch(pid) as watch:
            seconds = asked.ask(*words)["seconds"]
        processor_after, private_after, disk_after, faults_after = figures()
        return Use(
            name,
            what,
            seconds,
            processor_after - processor,
            max(watch.most, private_after) - private,
            status_kib(pid, "VmHWM"),
            disk_after - disk,
            faults_after - faults,
        )


def uses(bench, path, keys, tables, new_key, on_use):
    """Every way of using a file with so many tables; one of them adds a key to it."""
    threads = len(os.sched_getaffinity(0))
    last = tables - 1
    for name, what, *words in (
        ("attach", "attach and first get, OCaml", "bench_load", "attach", path, 1),
        ("get", "open and get, C", "bench_huge", "get", path, last),
        ("find", f"find {KEYS:,} random keys, C", "bench_huge", "find", path, keys, tables),
        ("scan", "two columns of one table, C", "bench_huge", "scan", path, last // 2),
        ("share", "attach, share one more key, OCaml", "bench_commit_ocaml", "add", path, new_key),
        ("verify", f"verify, C, {threads} threads", "bench_huge", "verify", path, threads),
    ):
        on_use(what)
        yield use(bench, path, name, what, *words)


def refuse_without_room(folder, size):
    """A BenchError where the folder's disk has not room for the file and a tenth more."""
    free = shutil.disk_usage(folder).free
    if free < size * 1.1:
        raise BenchError(
            f"a file of {size / 1e9:g} GB and a tenth more has no room in {folder}, where "
            f"{free / 1e9:.1f} GB are free"
        )


def write_keys(program, path):
    """Some names of records, a line each, in random order."""
    everything = path.with_suffix(".all")
    program.ask("keys", everything)
    with everything.open() as lines:
        path.write_text("".join(itertools.islice(lines, KEYS)))
    everything.unlink()


def grow(program, path, tables, size, on_round):
    """Adds tables until the file has the size; how many there are then, and its bytes."""
    bytes_now = path.stat().st_size if path.exists() else 0
    each = bytes_now // tables if tables else 0
    while bytes_now < size:
        missing = -(-(size - bytes_now) // each) if each else 1
        count = max(1, min(missing, CHUNK_BYTES // each if each else 1))
        bytes_now = program.ask("add", path, tables, count)["bytes"]
        tables += count
        each = bytes_now // tables
        on_round(bytes_now, size)
    return tables, bytes_now


def measure_huge(bench, size, progress):
    """Yields the stages of a file that ends with so many bytes."""
    refuse_without_room(bench.work, size)
    path, keys = bench.path("huge.ancient"), bench.path("keys")
    tables = 0

    def on_round(done, size):
        progress.note(f"{done / 1e9:.1f} of {size / 1e9:.1f} GB")

    try:
        progress.start("making records")
        with bench.table_program("bench_typed_ocaml", bench.size.records) as program:
            write_keys(program, keys)
            for part in STAGES:
                progress.start(f"writing a file of {size / part / 1e9:.3g} GB")
                tables, bytes_now = grow(program, path, tables, size // part, on_round)
                # The new key lies behind those of all tables.
                measured = uses(bench, path, keys, tables, (1 << 40) + part, progress.start)
                stage = Stage(bytes_now, tables, tuple(measured))
                progress.clear()
                yield stage
    finally:
        progress.clear()


# ---- Targets -----------------------------------------------------------------------

# What the kernel reads ahead of a missing page counts, 8 MB on some disks; the way to a key leads
# through a node of the directory for each doubling of the keys.
FEW_BYTES = 128e6
OWN_KIB = 16 * 1024


def limits(stage, ocaml_4):
    """By way: the most that it may read, and have of private memory in KiB; None: any."""
    # The target is OCaml 5's: OCaml 4 enters the file in a table of pages.
    ocaml_kib = None if ocaml_4 else OWN_KIB
    return {
        "attach": (FEW_BYTES, ocaml_kib),
        "get": (FEW_BYTES, OWN_KIB),
        "find": (FEW_BYTES, OWN_KIB),
        "scan": (stage.bytes / stage.tables + FEW_BYTES, OWN_KIB),
        "share": (FEW_BYTES, ocaml_kib),
        "verify": (None, stage.bytes / 64 / 1024 + OWN_KIB),
    }


def target_rows(stage, ocaml_4):
    """A row for each limit of the whole file."""
    allowed = limits(stage, ocaml_4)
    for each in stage.uses:
        most_bytes, most_kib = allowed[each.name]
        for figure, unit, value, limit in (
            ("read", "MB", each.read_bytes / 1e6, most_bytes and most_bytes / 1e6),
            ("private", "MiB", each.private_kib / 1024, most_kib and most_kib / 1024),
        ):
            if limit is not None:
                yield Row(
                    f"huge.{each.name}.{figure}",
                    each.what,
                    unit,
                    False,
                    Samples((value,)),
                    {},
                    (),
                    (Target(f"at most {grouped(limit)} {unit}", limit),),
                )


# ---- What is printed ---------------------------------------------------------------


def stage_table(stage):
    lines = [
        (
            f"{stage.bytes / 1e9:.2f} GB, {stage.tables:,} tables",
            *("seconds", "processor", "private", "resident", "read", "pages", "major faults"),
        )
    ]
    for each in stage.uses:
        lines.append(
            (
                each.what,
                f"{each.seconds:.6f}" if each.seconds < 1 else f"{each.seconds:.1f}",
                f"{each.processor_seconds:.2f}",
                f"{each.private_kib / 1024:.1f} MiB",
                f"{each.resident_kib / 1024:,.1f} MiB",
                f"{each.read_bytes / 1e6:,.2f} MB",
                f"{each.read_bytes // PAGE:,}",
                f"{each.major_faults:,}",
            )
        )
    return columns(lines, "<>>>>>>>")


NOTES = """\
private: memory of the process's own, at most, beside what it had before; resident: at most, pages
of the file included; nothing of the file was in memory before."""


def verdict(stages, ocaml_4):
    """The targets, and what the figures mean."""
    parts = [target_table(list(target_rows(stages[-1], ocaml_4))), NOTES]
    if ocaml_4:
        parts.append("OCaml 4 grows by a table of the file's pages, so that has no target.")
    if not any(each.read_bytes for each in stages[-1].uses):
        parts.append("Nothing was read from a disk: the folder of the file is not on one.")
    return "\n\n".join(parts)


def huge_json(stages, ocaml_4):
    return {
        "stages": [dataclasses.asdict(stage) for stage in stages],
        "targets": [row.to_json() for row in target_rows(stages[-1], ocaml_4)],
    }
