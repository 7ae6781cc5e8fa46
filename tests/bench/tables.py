#!/usr/bin/env python3
"""tests/bench: tables of Arrow data beside the ways in which they are made otherwise.

A pyarrow.Table of the example's packages, and of millions of records, is made of an ancient
file; of dicts by asdict, by pickle and by sqlite3; of a Parquet file, and of an Arrow file in
place.  Each is made in a process of its own, which is looked at meanwhile: what it has of memory at
most, pages of files apart, over the bytes of the table.  Then duckdb answers a question over two
columns.

./run extra tables calls it, with a Python that has pyarrow and duckdb.  The build is found by
ANCIENT_BUILD.  Speed is by processor time, so that other programs count little, and on one thread,
but for the last row.
"""

import argparse
import dataclasses
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from bench import build_type, processor
from context import HERE
from report import Row, Target, table, target_table
from runner import BenchError, Program, Progress, Samples, alternate
from watch import Watch

NUMBERS, STRINGS = ["installed_size", "weight"], ["name", "version", "section", "summary"]
ALL = ["*"]
PEERS = ("asdict", "pickle", "sqlite3", "parquet", "arrow_mmap")
FAST = ("parquet", "arrow_mmap")


# ---- Programs --------------------------------------------------------------------------


def child(build):
    path = os.pathsep.join([str(build / "python"), os.environ.get("PYTHONPATH", "")])
    return Program(sys.executable, HERE / "take_table.py", env={**os.environ, "PYTHONPATH": path})


# ---- Input -----------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Input:
    """A value in an ancient file, and the folder with its rows for the other ways."""

    label: str
    path: pathlib.Path
    key: str
    folder: pathlib.Path

    def of(self, way):
        return self.path if way in ("ancient", "asdict") else self.folder


def make_input(build, label, path, key):
    folder = path.with_suffix(".peers")
    folder.mkdir()
    for command in ("files",) if label == "hashtbl" else ("files", "dicts"):
        with child(build) as program:
            program.ask(command, path, key, folder)
    return Input(label, path, key, folder)


def make_inputs(build, work, records, synthetic, progress):
    """The example's packages; records in an array, and in a Hashtbl."""
    progress.start("packages, by the example's publisher")
    packages = work / "packages.ancient"
    publisher = build / "examples/debian-index/publish/ancient-demo-publish"
    subprocess.run([publisher, packages], check=True, capture_output=True)
    inputs = [make_input(build, "packages", packages, "packages")]
    progress.start(f"{records:,} records, by OCaml")
    maker = build / "tests/bench/bench_typed_ocaml"
    paths = {"array": work / "array.ancient", "hashtbl": work / "hashtbl.ancient"}
    with Program(maker, records, *(["--synthetic"] if synthetic else [])) as program:
        program.ask("publish_array", paths["array"])
        program.ask("publish", paths["hashtbl"])
    for label, path in paths.items():
        progress.start(f"{label}, for the peers")
        inputs.append(make_input(build, label, path, "0"))
    return inputs


# ---- Rows ------------------------------------------------------------------------------


class Tables:
    def __init__(self, build, runs, progress):
        self.build, self.runs, self.progress = build, runs, progress

    def _alternate(self, contenders):
        return alternate(contenders, self.runs, 0, self.progress.round)

    def _taking(self, source, columns, ways):
        """What each way answers each time; all have made the same table."""
        answers = {way: [] for way in ways}
        sums = set()

        def take(way):
            with child(self.build) as program, Watch(program.pid) as watch:
                answer = program.ask("take", way, source.of(way), source.key, ",".join(columns))
                answer["most"] = max(watch.most, answer["end"]) - answer["start"]
            answers[way].append(answer)
            sums.add((answer["rows"], answer["sum"]))
            if len(sums) > 1:
                raise BenchError(f"{way} has made another table of {source.label}")
            return 0

        self._alternate({way: lambda way=way: take(way) for way in ways})
        return answers

    def speed_and_memory(self, source, name, columns, peers, targets, most=None):
        """Rows: values a second; where `most`, what memory there was at most as well."""
        self.progress.start(f"{source.label}.{name}")
        answers = self._taking(source, columns, ("ancient", *peers))
        first = answers["ancient"][0]
        values, bytes_of_table = first["values"], first["bytes"]

        def samples(of):
            return {way: Samples(tuple(map(of, each))) for way, each in answers.items()}

        speed = samples(lambda answer: values / answer["seconds"] / 1e6)
        yield Row(
            f"{source.label}.{name}",
            f"{'all columns' if columns == ALL else ', '.join(columns)} of {first['rows']:,} rows, "
            f"{values / first['rows']:.1f} values a row, {bytes_of_table / 1e6:,.0f} MB",
            "M values/s",
            True,
            speed.pop("ancient"),
            speed,
            (),
            targets,
        )
        if most is None:
            return
        memory = samples(lambda answer: answer["most"] * 1024 / bytes_of_table)
        yield Row(
            f"{source.label}.memory",
            "memory of the process at most while it makes that table, pages of files apart, "
            "over the bytes of the table",
            "bytes/byte",
            False,
            memory.pop("ancient"),
            memory,
            (),
            (Target(f"at most {most} times the table", most),),
        )

    def question(self, source, name, threads, unit, targets):
        """Seconds of duckdb over two columns."""
        self.progress.start(f"{source.label}.{name}")
        sums = set()

        def ask(way):
            with child(self.build) as program:
                answer = program.ask("ask", way, source.of(way), source.key, threads)
            sums.add(answer["sum"])
            if len(sums) > 1:
                raise BenchError(f"{way} has another answer of {source.label}")
            return answer[unit] * 1e3

        samples = self._alternate({w: lambda w=w: ask(w) for w in ("ancient", *FAST)})
        return Row(
            f"{source.label}.{name}",
            "duckdb, count and sum by section, over the two columns that it needs",
            "ms",
            False,
            samples.pop("ancient"),
            samples,
            ("by the clock" if unit == "clock" else "processor time of one thread",),
            targets,
        )

    def rows(self, inputs):
        quick = Target("numbers: at least 30 million values a second", 30)
        strings = Target("strings: at least 8 million a second", 8)
        close = Target("at least a third as fast as over Parquet", 1 / 3, "parquet")
        for source in inputs:
            large = source.label != "packages"
            peers = FAST if source.label == "hashtbl" else PEERS
            numbers = NUMBERS if large else NUMBERS[:1]
            yield from self.speed_and_memory(source, "all", ALL, peers, (), 1.3 if large else None)
            yield from self.speed_and_memory(source, "numbers", numbers, FAST, (quick,))
            yield from self.speed_and_memory(source, "strings", STRINGS, FAST, (strings,))
            yield from self.speed_and_memory(source, "lists", ["depends"], FAST, ())
            yield self.question(source, "duckdb", 1, "seconds", (close,))
        processors = len(os.sched_getaffinity(0))
        yield self.question(inputs[1], "duckdb.threads", processors, "clock", (close,))


# ---- The command -----------------------------------------------------------------------


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0].split(": ", 1)[1])
    parser.add_argument("--records", type=int, default=3_000_000, help="default: %(default)s")
    parser.add_argument("--runs", type=int, default=3, help="of each; default: %(default)s")
    parser.add_argument("--synthetic", action="store_true", help="invented records")
    parser.add_argument("--json", metavar="FILE", help="write the figures to FILE as well")
    parser.add_argument("--dir", metavar="DIR", help="where to write the files, 5 GB")
    return parser.parse_args()


def run(arguments, build, work):
    progress = Progress()
    try:
        inputs = make_inputs(build, work, arguments.records, arguments.synthetic, progress)
        rows = list(Tables(build, arguments.runs, progress).rows(inputs))
    finally:
        progress.clear()
    if arguments.json:
        content = json.dumps([row.to_json() for row in rows], indent=2)
        pathlib.Path(arguments.json).write_text(content + "\n")
    print(f"{processor()}, {os.cpu_count()} processors; build type {build_type(build)}")
    print(f"medians of {arguments.runs} runs that take turns, ± half their range")
    print("an Arrow file is mapped, and nothing of it is read until the table is used\n")
    print(table(rows))
    print(f"\n{target_table(rows)}")


def main():
    arguments = parse_arguments()
    build = os.environ.get("ANCIENT_BUILD")
    if not build:
        print("tables.py: set ANCIENT_BUILD, or use ./run extra tables", file=sys.stderr)
        return 2
    try:
        with tempfile.TemporaryDirectory(prefix="ancient-tables-", dir=arguments.dir) as work:
            run(arguments, pathlib.Path(build).resolve(), pathlib.Path(work))
    except (BenchError, OSError, subprocess.CalledProcessError) as error:
        print(f"tables.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
