"""tests/support: tests of C, OCaml and Python in Debian's root for 64-bit Arm, which qemu plays,
and files that are exchanged with this machine, both ways.  `./run extra arm64` calls it.

    python arm64.py ROOT FOLDER MAIN

ROOT is one of tests/support/debian-root, with the project in /src, and in its FOLDER is what MAIN,
this machine's build, has written for it.  Prints a table, what was left out and why, what failed.
"""

import sys
import time
from pathlib import Path

from other_builds import ROOT, Counts, Failed, Place, say, table

# What user-mode qemu cannot do, or not in the time.
LEFT_OUT = {
    "quarantine": "asks process_vm_readv what can be read, and qemu does not have it",
    "c-reader-prefetch": "MADV_POPULATE_READ does nothing in qemu, which says that it is done",
    "advise": "so does the writer's prefetch",
    "arenas": "needs more addresses than the limit below leaves to qemu, and long without it",
    "addresses native": "counts addresses by /proc/self/statm, which tells of qemu's own",
    "bases native": "a limit on addresses that a program sets for itself is none in qemu",
    "confined native": "so is one on data",
    "large native": "takes long: ten million blocks",
    "huge native": "takes long: a value of gigabytes",
    "lifetime native": "takes long: a thousand rounds",
}
# qemu looks at each page that is reserved, 16 s for the usual 2^40 bytes, so there is a limit, from
# outside: what a program sets inside, qemu ignores.
SMALL = ["prlimit", f"--as={16 << 30}"]
OPTIONS = ["--cross-file=tests/support/arm64.ini", "-Docaml=enabled", "-Dpython=enabled"]
OPTIONS += ["-Ddemo=disabled", "-Dbench=disabled"]
C_SUITES = ["core", "c-reader"]
OCAML_SUITES = ["ocaml", "schema"]
ROOMS = [*C_SUITES, *OCAML_SUITES, "interop", "conformance"]
PYTEST = [
    "tests/golden",
    "tests/conformance",
    "tests/python/test_python_golden.py",
    "tests/interop/test_values.py",
    "tests/interop/test_ranges.py",
    "tests/interop/test_zarith.py",
]


def is_wanted(target, room):
    """What the tests need: of OCaml native code alone, which is the machine's."""
    if room.parts[:1] != ("tests",):
        return target["build_by_default"]
    return room.name in ROOMS and not target["name"].endswith(("_bytecode", "_debug"))


def programs(there, suites):
    """What Meson's runner calls the tests of these suites that are run."""
    tests = there.introspect("tests")
    unknown = set(LEFT_OUT) - {test["name"] for test in tests}
    if unknown:
        sys.exit(f"LEFT_OUT has {', '.join(sorted(unknown))}, which no test is called")
    return [
        test["name"]
        for test in tests
        if test["suite"][0].rpartition(":")[2] in suites
        and not test["name"].endswith((" bytecode", " debug"))
        and test["name"] not in LEFT_OUT
    ]


def run(there, here, foreign):
    """{part: (what was counted, seconds)}"""
    rows = {}

    def part(name, do, *arguments):
        say(f"arm64: {name}")
        counts, began = Counts(), time.monotonic()
        do(counts, *arguments)
        rows[name] = counts, time.monotonic() - began

    longer = ["--timeout-multiplier", "10"]
    part("C", there.meson_test, *longer, *programs(there, C_SUITES))
    part("OCaml", there.meson_test, *longer, *programs(there, OCAML_SUITES))
    part("Python, also files of here", there.pytest, PYTEST, foreign)
    say("arm64: writing files")
    from_there = there.here(there.write("/src/from-arm64"))
    part("files of arm64, read here", here.pytest, ["tests/interop/test_values.py"], from_there)
    return rows


def main(root, foreign, build):
    log = Path(build).resolve().parent / "arm64.log"
    log.unlink(missing_ok=True)
    support = ROOT / "tests" / "support"
    enter = [*SMALL, support / "as-root", support / "debian-root", "run", root]
    enter += ["env", "ANCIENT_SMALL_RUN=1"]
    there = Place("/build/arm64", log, root=root, enter=enter, source="/src")
    say("arm64: building")
    try:
        there.make(is_wanted, *OPTIONS)
        rows = run(there, Place(build, log), foreign)
    except Failed as why:
        sys.exit(f"arm64: {why}")
    bad = table("arm64", rows, lambda name: log)
    for name, reason in LEFT_OUT.items():
        print(f"left out: {name}: {reason}")
    return bad


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
