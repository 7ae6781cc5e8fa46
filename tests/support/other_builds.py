"""tests/support: another build of the project, with another OCaml or for another machine: its tests
are run and counted, and files exchanged with this machine's, both ways.  ocaml_versions.py and
arm64.py use it.
"""

import collections
import json
import os
import subprocess
import sys
import time
import xml.etree.ElementTree as xml
from pathlib import Path

from suites import MESON

ROOT = Path(__file__).resolve().parents[2]
STARTED = time.monotonic()


class Failed(Exception):
    """A step before the tests failed; says where its output is."""


def say(text):
    print(f"{time.monotonic() - STARTED:3.0f} s  {text}", file=sys.stderr, flush=True)


class Place:
    """Where a build is and its tests run.  In a root of another Debian, `root` is its folder,
    `enter` the words before a command there, and paths are as they are called there."""

    def __init__(self, build, log, environment=os.environ, root="", enter=(), source=ROOT):
        self.build, self.log, self.root, self.enter = Path(build), Path(log), root, enter
        self.source, self.environment = Path(source), environment
        self.python = "python3" if root else sys.executable

    def here(self, path):
        """What is called `path` there."""
        return Path(f"{self.root}{path}")

    def command(self, words, **variables):
        variables = [f"{name}={value}" for name, value in variables.items()]
        words = [*self.enter, "env", *variables, *words]
        with open(self.log, "a") as output:
            return subprocess.call(
                list(map(str, words)),
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def step(self, what, words, **variables):
        if self.command(words, **variables) != 0:
            raise Failed(f"{what} failed: see {self.log}")

    def introspect(self, what):
        """What Meson knows of the build."""
        return json.loads(self.here(self.build / "meson-info" / f"intro-{what}.json").read_text())

    def make(self, is_wanted, *options):
        """Meson's build of the targets that is_wanted(target, folder of its meson.build) takes."""
        if not self.here(self.build / "build.ninja").exists():
            self.step("configuring", ["meson", "setup", *options, self.build, self.source])
        wanted = [
            os.path.relpath(target["filename"][0], self.build)
            for target in self.introspect("targets")
            if is_wanted(target, Path(target["defined_in"]).parent.relative_to(self.source))
        ]
        self.step("the build", ["ninja", "-C", self.build, *wanted])

    def meson_test(self, counts, *options):
        patient = ["--timeout-multiplier", "4"]  # as run_meson of run
        self.command(["meson", "test", "-C", self.build, "--no-rebuild", *patient, *options])
        counts.add_meson(self.here(self.build / "meson-logs" / "testlog.json"))

    def pytest(self, counts, paths, foreign, what=""):
        """`foreign` is a folder of files that another build has written."""
        report = self.build / "pytest.xml"
        self.command(["rm", "-f", report])
        words = [self.python, "-m", "pytest", "-q", "-n", os.cpu_count(), "--dist", "worksteal"]
        words += [f"--junitxml={report}", *paths]
        self.command(words, ANCIENT_BUILD=self.build, ANCIENT_FOREIGN=foreign)
        if not self.here(report).exists():
            raise Failed(f"pytest failed: see {self.log}")
        counts.add_pytest(self.here(report), what)

    def write(self, folder):
        """Files that another build reads."""
        script = self.source / "tests" / "interop" / "exchange.py"
        self.step("writing files", [self.python, script, "write", self.build, folder])
        return folder


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

    def add_pytest(self, report, what):
        for case in xml.parse(report).iter("testcase"):
            skipped = case.find("skipped")
            name = f"{case.get('classname')}::{case.get('name')}{what}"
            if case.find("failure") is not None or case.find("error") is not None:
                self.add("failed", name)
            elif skipped is not None:
                self.add("skipped", name, skipped.get("message"))
            else:
                self.add("passed", name)


def table(title, rows, logs):
    """Prints {name: (counts, seconds)}, what was skipped and why, and what failed; gives whether
    anything has.  `logs` says for a name where its output is."""
    bad = False
    print(f"{title:<31}{'passed':>8}{'skipped':>9}{'failed':>8}{'seconds':>9}")
    for name, (counts, seconds) in rows.items():
        numbers = [counts.outcomes[outcome] for outcome in ("passed", "skipped", "failed")]
        bad = bad or numbers[0] == 0 or numbers[2] > 0
        print("{:<31}{:>8}{:>9}{:>8}{:>9.0f}".format(name, *numbers, seconds))
    for name, (counts, _) in rows.items():
        for reason, number in counts.skipped.most_common():
            print(f"{name}: {number} skipped: {reason}")
        for test in counts.failed:
            print(f"{name}: FAILED {test}, see {logs(name)}")
    return bad
