"""tests/support: the tests of OCaml on versions of it that Debian does not have, and files that are
exchanged with this machine's, both ways.  `./run extra versions` calls it.

    python ocaml_versions.py MAIN FOLDER CACHE [NAME ...]

MAIN is the build with this machine's OCaml, FOLDER is for those with others, CACHE keeps the
compilers, which tests/support/ocaml-version makes.  NAME is one of VERSIONS; without, all are run.
Prints a table, and for each version what was skipped, and why, and what failed.
"""

import collections
import fcntl
import itertools
import json
import os
import subprocess
import sys
import time
import xml.etree.ElementTree as xml
from pathlib import Path

from suites import MESON

ROOT = Path(__file__).resolve().parents[2]
# Version and options of its configure, which name its folder: version of npm's package `ocaml`.
VERSIONS = {
    "4.14.1": ["4.14.1000"],
    "4.14.1-disable-naked-pointers": ["4.14.1000", "--disable-naked-pointers"],
    "5.1.0": ["5.1.4"],
}
PYTEST = ["tests/interop", "tests/schema", "tests/examples"]
MESON_SUITES = ["ocaml", "schema"]


class Failed(Exception):
    """A step before the tests failed; says where its output is."""


def command(words, log, **options):
    words = list(map(str, words))
    with open(log, "a") as output:
        return subprocess.call(words, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, **options)


def step(what, words, log, **options):
    if command(words, log, **options) != 0:
        raise Failed(f"{what} failed: see {log}")


def say(text):
    print(f"{time.monotonic() - STARTED:3.0f} s  {text}", file=sys.stderr, flush=True)


def make(name, cache):
    """The folder of a version, which is made unless it is there."""
    folder = cache / f"ocaml-{name}"
    with open(f"{folder}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ready").exists():
            say(f"making OCaml {name} in {folder}, which takes some ten minutes")
            maker = ROOT / "tests" / "support" / "ocaml-version"
            step(f"making OCaml {name}", [maker, folder, *VERSIONS[name]], f"{folder}.log")
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


def build(name, folder, where, log):
    """Meson's build with that version: what its tests need."""
    env = environment(folder)
    if not (where / "build.ninja").exists():
        words = ["meson", "setup", where, "-Dpython.install_env=prefix", "-Docaml=enabled"]
        step("configuring", words, log, env=env)
    words = ["meson", "introspect", "--targets", where]
    targets = json.loads(subprocess.run(words, env=env, capture_output=True, check=True).stdout)
    wanted = [
        os.path.relpath(target["filename"][0], where)
        for target in targets
        if is_wanted(target, Path(target["defined_in"]).parent.relative_to(ROOT))
    ]
    say(f"OCaml {name}: building")
    step("the build", ["ninja", "-C", where, *wanted], log, env=env)


class Counts:
    def __init__(self):
        self.outcomes = collections.Counter()
        self.skipped = collections.Counter()  # by reason
        self.failed = []

    def add(self, outcome, name, reason=""):
        self.outcomes[outcome] += 1
        if outcome == "skipped":
            self.skipped[reason] += 1
        elif outcome == "failed":
            self.failed.append(name)

    def add_meson(self, log):
        for test in map(json.loads, Path(log).read_text().splitlines()):
            self.add(MESON.get(test["result"], "failed"), test["name"], "by the program")

    def add_pytest(self, report, what=""):
        for case in xml.parse(report).iter("testcase"):
            skipped = case.find("skipped")
            name = f"{case.get('classname')}::{case.get('name')}{what}"
            if case.find("failure") is not None or case.find("error") is not None:
                self.add("failed", name)
            elif skipped is not None:
                self.add("skipped", name, skipped.get("message"))
            else:
                self.add("passed", name)


def pytest(counts, where, log, paths, foreign, what=""):
    """`where` is a build, as its environment has it."""
    report = f"{log}.xml"
    Path(report).unlink(missing_ok=True)
    words = [sys.executable, "-m", "pytest", "-q", "-n", os.cpu_count(), "--dist", "worksteal"]
    words += [f"--junitxml={report}", *paths]
    env = dict(where, ANCIENT_FOREIGN=str(foreign))
    command(words, log, env=env)
    if not Path(report).exists():
        raise Failed(f"pytest failed: see {log}")
    counts.add_pytest(report, what)


def exchange(where, folder, log, env):
    script = ROOT / "tests" / "interop" / "exchange.py"
    step("writing files", [sys.executable, script, "write", where, folder], log, env=env)
    return folder


def run(name, main, folder, cache):
    """The row of a version, and what was counted."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"{name}.log"
    log.unlink(missing_ok=True)
    ocaml, where, counts = make(name, cache), folder / name, Counts()
    build(name, ocaml, where, log)
    there = dict(environment(ocaml), ANCIENT_BUILD=str(where))
    here = dict(os.environ, ANCIENT_BUILD=str(main))
    began = time.monotonic()
    say(f"OCaml {name}: the programs, by Meson")
    suites = itertools.chain.from_iterable(("--suite", suite) for suite in MESON_SUITES)
    command(["meson", "test", "-C", where, "--no-rebuild", *suites], log, env=there)
    counts.add_meson(where / "meson-logs" / "testlog.json")
    say(f"OCaml {name}: what is in Python, and files of this machine's OCaml")
    from_here = exchange(main, folder / f"{name}-from-here", log, here)
    pytest(counts, there, log, PYTEST, from_here)
    say(f"OCaml {name}: what it writes, read with this machine's OCaml")
    from_there = exchange(where, folder / f"{name}-from-there", log, there)
    pytest(counts, here, log, ["tests/interop/test_values.py"], from_there, " (read here)")
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
    print(f"{'OCaml':<31}{'passed':>8}{'skipped':>9}{'failed':>8}{'seconds':>9}")
    for name, (counts, seconds) in rows.items():
        numbers = [counts.outcomes[outcome] for outcome in ("passed", "skipped", "failed")]
        bad = bad or numbers[0] == 0 or numbers[2] > 0
        print("{:<31}{:>8}{:>9}{:>8}{:>9.0f}".format(name, *numbers, seconds))
    for name, (counts, _) in rows.items():
        for reason, number in counts.skipped.most_common():
            print(f"{name}: {number} skipped: {reason}")
        for test in counts.failed:
            print(f"{name}: FAILED {test}, see {folder / name}.log")
    return bad


STARTED = time.monotonic()

if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
