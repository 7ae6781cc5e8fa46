"""tests/support: the tests of OCaml on versions of it that Debian does not have, and files that are
exchanged with this machine's, both ways.  `./run extra versions` calls it.

    python ocaml_versions.py MAIN FOLDER CACHE [NAME ...]

MAIN is the build with this machine's OCaml, FOLDER is for those with others, CACHE keeps the
compilers, which tests/support/ocaml-version makes.  NAME is one of VERSIONS; without, all are run.
Prints a table, and for each version what was skipped, and why, and what failed.
"""

import fcntl
import itertools
import os
import sys
import time
from pathlib import Path

from other_builds import ROOT, Counts, Failed, Place, say, table

# Version and options of its configure, which name its folder: version of npm's package `ocaml`.
VERSIONS = {
    "4.14.1": ["4.14.1000"],
    "4.14.1-disable-naked-pointers": ["4.14.1000", "--disable-naked-pointers"],
    "5.1.0": ["5.1.4"],
}
PYTEST = ["tests/interop", "tests/schema", "tests/examples"]
MESON_SUITES = ["ocaml", "schema"]


def make(name, cache):
    """The folder of a version, which is made unless it is there."""
    folder = cache / f"ocaml-{name}"
    with open(f"{folder}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ready").exists():
            say(f"making OCaml {name} in {folder}, which takes some ten minutes")
            maker = ROOT / "tests" / "support" / "ocaml-version"
            place = Place(folder, f"{folder}.log")
            place.step(f"making OCaml {name}", [maker, folder, *VERSIONS[name]])
    return folder


def environment(folder):
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ANCIENT", "OCAML", "CAML"))
    }
    return dict(kept, PATH=f"{folder / 'bin'}:{os.environ['PATH']}")


def is_wanted(target, room):
    """Of the tests the programs in OCaml, and all of the suites that Meson's runner runs."""
    if room.parts[:1] != ("tests",):
        return target["build_by_default"]
    return target["type"] == "custom" or room.name in MESON_SUITES


def run(name, main, folder, cache):
    """What was counted of a version, and how long the tests took."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"{name}.log"
    log.unlink(missing_ok=True)
    there = Place(folder / name, log, environment(make(name, cache)))
    here, counts = Place(main, log), Counts()
    say(f"OCaml {name}: building")
    there.make(is_wanted, "-Dpython.install_env=prefix", "-Docaml=enabled")
    began = time.monotonic()
    say(f"OCaml {name}: the programs, by Meson")
    suites = itertools.chain.from_iterable(("--suite", suite) for suite in MESON_SUITES)
    there.meson_test(counts, *suites)
    say(f"OCaml {name}: what is in Python, and files of this machine's OCaml")
    there.pytest(counts, PYTEST, here.write(folder / f"{name}-from-here"))
    say(f"OCaml {name}: what it writes, read with this machine's OCaml")
    from_there = there.write(folder / f"{name}-from-there")
    here.pytest(counts, ["tests/interop/test_values.py"], from_there, " (read here)")
    return counts, time.monotonic() - began


def main(*arguments):
    build_main, folder, cache = (Path(path).resolve() for path in arguments[:3])
    names = arguments[3:]
    unknown = set(names) - set(VERSIONS)
    if unknown:
        sys.exit(f"{', '.join(sorted(unknown))}: expected some of {', '.join(VERSIONS)}")
    rows, bad = {}, False
    for name in names or VERSIONS:
        try:
            rows[name] = run(name, build_main, folder, cache)
        except Failed as why:
            print(f"OCaml {name}: {why}", file=sys.stderr)
            bad = True
    return table("OCaml", rows, lambda name: folder / f"{name}.log") or bad


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
