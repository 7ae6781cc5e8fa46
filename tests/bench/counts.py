#!/usr/bin/env python3
"""tests/bench: counts the instructions of the hot paths with callgrind and compares them with
counts.json; `./run counts [--update]` and test_counts.py call it.

A count is the same on every machine, so a path that became slower by a change of the code fails
the tests wherever they run.  It depends on the compiler, so counts.json has numbers for several:

    {"compilers": {"gcc 12 debugoptimized": {PATH: INSTRUCTIONS, ...}, ...}}

A build by one of these is held to its numbers within TOLERANCE.  A build by another compiler that
optimises is held to the numbers of the nearest one within TOLERANCE_OTHER.  RELATIONS hold for
every build, without optimisation too.  A path that takes fewer instructions fails nothing: it is
reported, so that somebody updates the numbers.
"""

import argparse
import dataclasses
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
EXPECTED = HERE / "counts.json"
# In parts of the expected number: what a minor update of the C library or of Python may do.
TOLERANCE = 0.02
TOLERANCE_PYTHON = 0.05
# What another compiler, or another Python, may make of the same code.
TOLERANCE_OTHER = 0.30
OPTIMISED = ("debugoptimized", "release", "minsize")
# (path, factor, other path): the first takes at most `factor` times what the other takes,
# whatever the compiler.
RELATIONS = [
    ("field by type, inline", 0.9, "field by type"),
    ("field by type, inline", 0.9, "field by position"),
    ("field by type", 0.9, "find by type"),
    ("find many, a key", 1.2, "find by type"),
    ("find by type", 0.5, "open, get and close"),
    ("share, a block", 0.1, "commit of a small value"),
    ("relocate, a block", 0.2, "share, a block"),
]


class CountError(Exception):
    """Counts that cannot be made; the text says why."""


def environment(build):
    """What the counts depend on, and could differ without a change of ours."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return kept | {
        "PYTHONPATH": str(build / "python"),
        "PYTHONHASHSEED": "0",
        # The C library's plain functions: those for wider registers are not on every machine.
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-AVX,-AVX512F,-ERMS,-FSRM,-BMI2",
    }


def callgrind(build, folder, *command):
    """Counts by path: instructions of one time."""
    out = folder / "callgrind"
    done = subprocess.run(
        [
            *("valgrind", "--quiet", "--tool=callgrind", "--instr-atstart=no"),
            f"--callgrind-out-file={out}",
            *map(str, command),
        ],
        check=False,
        capture_output=True,
        text=True,
        env=environment(build),
    )
    if done.returncode != 0:
        raise CountError(f"{command[0]} ended with status {done.returncode}: {done.stderr}")
    counts = {}
    for part in sorted(folder.glob("callgrind.*")):
        content = part.read_text()
        part.unlink()
        name = re.search(r"^desc: Trigger: Client Request: (.*) (\d+)$", content, re.MULTILINE)
        total = re.search(r"^(?:summary|totals): (\d+)$", content, re.MULTILINE)
        if name and total:
            counts[name[1]] = round(int(total[1]) / int(name[2]), 1)
    return counts


def count(build):
    """Instructions of each path, of one time, in the build directory."""
    programs = build / "tests" / "bench"
    marks = programs / "libcount_marks.so"
    # On overlayfs, where containers have /tmp, an open looks at more, and costs more.
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as name:
        folder = pathlib.Path(name)
        file = folder / "counted.ancient"
        counts = callgrind(build, folder, programs / "count_paths", file)
        # The interpreter itself: a virtual environment starts it by another way.
        python = pathlib.Path(sys.executable).resolve()
        return counts | callgrind(build, folder, python, HERE / "count_python.py", marks, file)


def compiler(build):
    """What the programs were compiled by, and how: "gcc 12 debugoptimized"."""
    program = build / "tests" / "bench" / "count_paths"
    if not program.exists():
        raise CountError(f"{program} is not built: install valgrind and configure anew")
    name = subprocess.check_output([program, "--compiler"], text=True).strip()
    options = json.loads((build / "meson-info" / "intro-buildoptions.json").read_text())
    kind = next(option["value"] for option in options if option["name"] == "buildtype")
    return f"{name} {kind}"


@dataclasses.dataclass(frozen=True)
class Expected:
    """What a build is held to."""

    compiler: str  # of counts.json; the build's own where `other` is false
    counts: dict  # instructions by path; empty where only RELATIONS are compared
    other: bool

    def tolerance(self, path):
        if self.other:
            return TOLERANCE_OTHER
        return TOLERANCE_PYTHON if path.startswith("Python") else TOLERANCE


def read_expectations():
    """The numbers of counts.json, by compiler."""
    return json.loads(EXPECTED.read_text())["compilers"] if EXPECTED.exists() else {}


def expected_of(by, compilers):
    """What a build by this compiler is held to: its own numbers, or the nearest compiler's."""
    if by in compilers:
        return Expected(by, compilers[by], other=False)
    name, version, kind = by.split(" ")
    if kind not in OPTIMISED or not compilers:
        return Expected("", {}, other=True)

    def distance(known):
        known_name, known_version, known_kind = known.split(" ")
        return known_name != name, known_kind != kind, abs(int(known_version) - int(version))

    nearest = min(compilers, key=distance)
    return Expected(nearest, compilers[nearest], other=True)


ADVICE = "run `./run counts --update` and commit tests/bench/counts.json"


def excess(path, expected, found):
    """What is wrong with a count, for a person; None where nothing is."""
    wanted, tolerance = expected.counts.get(path), expected.tolerance(path)
    if wanted is None or found <= wanted * (1 + tolerance):
        return None
    advice = f"find out why, and if it is meant {ADVICE}"
    return (
        f"{path}: expected {wanted:,} instructions ({expected.compiler}), found {found:,}, "
        f"{found / wanted - 1:.1%} more (at most {tolerance:.0%}): {advice}"
    )


def saving(path, expected, found):
    """What to say of a path that has become shorter; None where it has not."""
    wanted, tolerance = expected.counts.get(path), expected.tolerance(path)
    if wanted is None or found >= wanted * (1 - tolerance):
        return None
    return (
        f"{path}: expected {wanted:,} instructions ({expected.compiler}), found {found:,}, "
        f"{1 - found / wanted:.1%} fewer: {ADVICE}"
    )


def broken_relations(counts):
    """The relations of paths that do not hold, for a person."""
    return [
        f"{path}: {counts[path]:,} instructions, expected at most {factor} times the "
        f"{counts[other]:,} of {other}"
        for path, factor, other in RELATIONS
        if path in counts and other in counts and counts[path] > factor * counts[other]
    ]


def print_counts(counts, expected):
    width = max(map(len, counts))
    print(f"{'path':{width}}  {'found':>10}  {'expected':>10}")
    for path, found in counts.items():
        before = expected.counts.get(path)
        change = f"{found / before - 1:+.1%}" if before else "new"
        print(f"{path:{width}}  {found:10,}  {before or 0:10,}  {change}")
    if expected.other:
        print(f"\nno numbers of this compiler; beside: {expected.compiler or 'nothing'}")
    for path, found in counts.items():
        for text in (excess(path, expected, found), saving(path, expected, found)):
            if text:
                print(f"\n{text}")
    for text in broken_relations(counts):
        print(f"\n{text}")


def main():
    parser = argparse.ArgumentParser(
        description="Counts the instructions of the hot paths with callgrind."
    )
    parser.add_argument(
        "--update", action="store_true", help="write them to counts.json, for this compiler"
    )
    arguments = parser.parse_args()
    if "ANCIENT_BUILD" not in os.environ:
        parser.error("ANCIENT_BUILD names no build directory; use ./run counts")
    build = pathlib.Path(os.environ["ANCIENT_BUILD"]).resolve()
    try:
        by, counts = compiler(build), count(build)
    except (CountError, OSError) as error:
        print(f"counts.py: {error}", file=sys.stderr)
        return 1
    compilers = read_expectations()
    print(f"{by}\n")
    print_counts(counts, expected_of(by, compilers))
    if arguments.update:
        compilers = dict(sorted({**compilers, by: counts}.items()))
        EXPECTED.write_text(json.dumps({"compilers": compilers}, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
