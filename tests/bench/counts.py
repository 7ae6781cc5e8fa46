#!/usr/bin/env python3
"""tests/bench: instructions of the hot paths, counted by callgrind and held against
counts.json, `./run counts [--update]`.

A count does not depend on the machine's mood, so a path that has become slower by its own
doing fails the tests (test_counts.py) wherever they run.  It does depend on the compiler, so
counts.json says which one its numbers are of.
"""

import argparse
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
    with tempfile.TemporaryDirectory() as name:
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


def difference(path, expected, found):
    """What is wrong with a count, for a person; None where nothing is."""
    tolerance = TOLERANCE_PYTHON if path.startswith("Python") else TOLERANCE
    if abs(found - expected) <= tolerance * expected:
        return None
    word = "more" if found > expected else "fewer"
    return (
        f"{path}: expected {expected:,} instructions, found {found:,}, "
        f"{abs(found / expected - 1):.1%} {word} (at most {tolerance:.0%} either way): find out "
        "why, and if it is meant run `./run counts --update` and commit tests/bench/counts.json"
    )


def main():
    parser = argparse.ArgumentParser(
        description="Counts the instructions of the hot paths with callgrind."
    )
    parser.add_argument("--update", action="store_true", help="write them to counts.json")
    arguments = parser.parse_args()
    if "ANCIENT_BUILD" not in os.environ:
        parser.error("ANCIENT_BUILD names no build directory; use ./run counts")
    build = pathlib.Path(os.environ["ANCIENT_BUILD"]).resolve()
    try:
        by, counts = compiler(build), count(build)
    except (CountError, OSError) as error:
        print(f"counts.py: {error}", file=sys.stderr)
        return 1
    expected = json.loads(EXPECTED.read_text())["counts"] if EXPECTED.exists() else {}
    width = max(map(len, counts))
    print(f"{'path':{width}}  {'found':>10}  {'expected':>10}")
    for path, found in counts.items():
        before = expected.get(path)
        change = f"{found / before - 1:+.1%}" if before else "new"
        print(f"{path:{width}}  {found:10,}  {before or 0:10,}  {change}")
    if arguments.update:
        content = {"compiler": by, "counts": counts}
        EXPECTED.write_text(json.dumps(content, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
