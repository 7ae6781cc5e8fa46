#!/usr/bin/env python3
"""tests/bench: measures the project beside its peers, `./run bench`.

ANCIENT_BUILD names the build directory whose programs and Python package are measured.
"""

import argparse
import dataclasses
import json
import os
import pathlib
import platform
import signal
import sys
import tempfile
import textwrap
import time

from context import SIZES, Bench
from huge import huge_json, measure_huge, stage_table, verdict
from measures import MEASURES
from plot import svg
from report import NotHere, Skipped, table, target_table
from runner import BenchError, Progress
from sweep import growth_table, sweep


def build_type(build):
    """How the build directory was configured, 'release'."""
    try:
        options = json.loads((build / "meson-info" / "intro-buildoptions.json").read_text())
        return next(option["value"] for option in options if option["name"] == "buildtype")
    except (OSError, ValueError, StopIteration):
        return "unknown"


def processor():
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()


def measure(bench, names, progress):
    rows = []
    try:
        for number, name in enumerate(names, 1):
            progress.start(f"{name} ({number} of {len(names)})")
            try:
                rows.append(MEASURES[name](bench))
            except NotHere as reason:
                rows.append(Skipped(name, *reason.args))
    finally:
        progress.clear()
    return rows


def machine(build):
    return f"{processor()}, {os.cpu_count()} processors; build type {build_type(build)}"


def print_result(rows, bench, build, seconds):
    print(machine(build))
    made_of = f"; records made of {bench.source}" if bench.source else ""
    print(f"medians of {bench.size.runs} runs that take turns, ± half their range{made_of}")
    print("ratio: how many times better than the peer; below 1, the peer is better")
    print()
    print(table(rows))
    targets = target_table(rows)
    if targets:
        print(f"\n{targets}")
    print(f"\n{seconds:.0f} s in all")


def positive(text):
    if (number := int(text)) < 1:
        raise ValueError
    return number


def gigabytes(text):
    if not 0 < (number := float(text)) <= 200:
        raise ValueError
    return number


def size_of(arguments):
    size = SIZES[arguments.size]
    return dataclasses.replace(size, runs=arguments.runs or size.runs)


def parse_arguments():
    width = max(map(len, MEASURES))
    parser = argparse.ArgumentParser(
        description="Measures the project beside its peers.",
        epilog="What is measured:\n\n"
        + "\n".join(
            textwrap.fill(
                f"{name:{width}}  {' '.join(measure.__doc__.split())}",
                initial_indent="  ",
                subsequent_indent=" " * (width + 4),
            )
            for name, measure in MEASURES.items()
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--growth",
        action="store_true",
        help="instead of all that, cost against size: from 1 thousand objects to 1 million, 100 "
        "million with --full where 12 GB of memory are free; peers that hold all of it in memory "
        "up to 10 million",
    )
    parser.add_argument(
        "--plot",
        metavar="FILE",
        help="draw --growth as an SVG in FILE as well",
    )
    parser.add_argument(
        "--huge",
        metavar="GB",
        nargs="?",
        const=40.0,
        type=gigabytes,
        help="instead of all that, a file of so many gigabytes (40), below the build directory if "
        "--dir does not say where: what each way of using it takes of memory and reads of the disk",
    )
    parser.add_argument("--json", metavar="FILE", help="write the figures to FILE as well")
    size = parser.add_mutually_exclusive_group()
    size.add_argument(
        "--full", action="store_const", const="full", dest="size", default="quick", help="larger"
    )
    size.add_argument("--size", choices=list(SIZES), default="quick", help="default: quick")
    parser.add_argument(
        "--only",
        metavar="NAME",
        action="append",
        choices=list(MEASURES),
        help="measure this alone; may be repeated",
    )
    parser.add_argument(
        "--runs",
        metavar="N",
        type=positive,
        help="how often each contender is measured, after one run that does not count",
    )
    parser.add_argument(
        "--synthetic",
        action="store_true",
        help="invented records, the same on each machine, instead of its package index",
    )
    parser.add_argument(
        "--dir",
        metavar="DIR",
        help="where to write the files, 3 GB of them, 6 GB with --full "
        "(default: the temporary folder)",
    )
    arguments = parser.parse_args()
    if arguments.huge is not None and (arguments.growth or arguments.plot):
        parser.error("--huge is measured by itself, without --growth and --plot")
    return arguments


def write_json(path, content):
    if path:
        pathlib.Path(path).write_text(json.dumps(content, indent=2) + "\n")


def run_table(arguments, build, work, progress):
    start = time.monotonic()
    bench = Bench(build, work, size_of(arguments), arguments.synthetic, progress.round)
    rows = measure(bench, arguments.only or list(MEASURES), progress)
    write_json(arguments.json, [row.to_json() for row in rows])
    print_result(rows, bench, build, time.monotonic() - start)


def run_growth(arguments, build, work, progress):
    size = dataclasses.replace(SIZES[arguments.size], runs=arguments.runs or 3)
    try:
        growth = sweep(build, work, arguments.size, size, arguments.synthetic, progress.start)
    finally:
        progress.clear()
    caption = (
        f"{machine(build)}; records made of {growth.source}; medians of contenders that take turns"
    )
    if arguments.plot:
        pathlib.Path(arguments.plot).write_text(svg(growth.panels, "Cost against size", caption))
    write_json(arguments.json, [dataclasses.asdict(panel) for panel in growth.panels])
    print("\n\n".join([caption, growth_table(growth.panels), *growth.notes]))


def run_huge(arguments, build, work, progress):
    bench = Bench(build, work, SIZES[arguments.size], arguments.synthetic)
    with bench.program("bench_load") as program:
        ocaml_4 = program.facts["version"].startswith("4.")
    stages = []
    for stage in measure_huge(bench, round(arguments.huge * 1e9), progress):
        if not stages:
            print(f"{machine(build)}; records made of {bench.source}")
        stages.append(stage)
        print(f"\n{stage_table(stage)}", flush=True)
    write_json(arguments.json, huge_json(stages, ocaml_4))
    print(f"\n{verdict(stages, ocaml_4)}")


def main():
    arguments = parse_arguments()
    build = os.environ.get("ANCIENT_BUILD")
    if not build:
        print(
            "bench.py: set ANCIENT_BUILD to a build directory, or use ./run bench", file=sys.stderr
        )
        return 2
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the files are removed, as by ^C
    run, folder = run_table, arguments.dir
    if arguments.growth or arguments.plot:
        run = run_growth
    elif arguments.huge is not None:
        run, folder = run_huge, arguments.dir or build
    try:
        with tempfile.TemporaryDirectory(prefix="ancient-bench-", dir=folder) as work:
            run(arguments, pathlib.Path(build).resolve(), work, Progress())
    except (BenchError, OSError) as error:
        print(f"bench.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("bench.py: interrupted", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
