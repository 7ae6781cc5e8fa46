"""tests/mutation: changes the C sources in one place at a time and looks whether a test fails.
`./run extra mutation` calls it.

    python mutate.py BUILD [--sample N] [--seed N] [--list] SOURCE ...

SOURCE is a file, or a folder of core/src or c-reader/src.  The tree is copied to BUILD/tree, so
that nothing of it changes; its tests are those of Meson's suites `core` or `c-reader` and `fuzz`,
in C, and after them pytest's of the files that break rules.  Those that noticed most of the changes
before come first.  A change that the compiler refuses is none, and neither is one after which it
makes the same code.  What no test notices is printed, as a line to put into survivors.txt, beside
this file, with the reason why it changes nothing, unless it stands there already.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
SURVIVORS = pathlib.Path(__file__).resolve().parent / "survivors.txt"
OPTIONS = ["-Docaml=disabled", "-Dpython=disabled", "-Ddemo=disabled", "--buildtype=debugoptimized"]
SUITES = {"core": ["core"], "c-reader": ["c-reader", "fuzz"]}
PYTEST = {
    "core": ["tests/core"],
    "c-reader": ["tests/corrupt", "tests/golden", "tests/conformance"],
}
SECONDS = 120  # a test that takes longer has noticed

# What is changed, and into what.  A pattern is looked for outside of comments, strings and what the
# preprocessor takes.
SWAPS = [
    (r" < ", " <= "),
    (r" <= ", " < "),
    (r" > ", " >= "),
    (r" >= ", " > "),
    (r" == ", " != "),
    (r" != ", " == "),
    (r" && ", " || "),
    (r" \|\| ", " && "),
    (r" \+ ", " - "),
    (r" - ", " + "),
    (r" & ", " | "),
    (r" << ", " >> "),
    (r" >> ", " << "),
    (r"(?<=[( ])!(?=[\w(])", ""),
    (r"\btrue\b", "false"),
    (r"\bfalse\b", "true"),
    (r"\+=", "-="),
    (r"-=", "+="),
    (r"\bANCIENT_OK\b(?=;)", "ANCIENT_E_SYSTEM"),
]
NUMBER = re.compile(r"(?<![\w.\[])(0x[0-9a-fA-F]+|\d+)(?=[uUlL]*\b)")
STATEMENT = re.compile(
    r"^\t+(?:[\w.\->\[\]*()]+ [-+|&]?= [^{}]*|[\w.\->]+\([^{}]*\)|continue|break);$"
)
CASE = re.compile(r"^\s*(case|default)\b|^#|^\s*static_assert|^\s*_Static_assert")


def blank(text):
    """The text with comments and strings as spaces, each at its place."""
    pattern = r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    return re.sub(pattern, lambda found: re.sub(r"[^\n]", " ", found[0]), text, flags=re.DOTALL)


def changes(text):
    """Each as (line, column, what stood there, what comes there)."""
    inside = 0
    for number, (line, code) in enumerate(zip(text.split("\n"), blank(text).split("\n"))):
        if inside and not CASE.match(code):
            for pattern, other in SWAPS:
                for found in re.finditer(pattern, code):
                    yield number, found.start(), found[0], other
            for found in NUMBER.finditer(code):
                base = 8 if re.fullmatch("0[0-7]+", found[0]) else 0
                yield number, found.start(), found[0], str(int(found[0], base) + 1)
            if STATEMENT.match(code):
                stripped = line.lstrip("\t")
                yield number, len(line) - len(stripped), stripped, ";"
        inside += code.count("{") - code.count("}")


def apply(text, change):
    number, column, old, new = change
    lines = text.split("\n")
    assert lines[number][column:].startswith(old)
    lines[number] = lines[number][:column] + new + lines[number][column + len(old) :]
    return "\n".join(lines)


class Tree:
    """The copy that is changed, with its build."""

    def __init__(self, build, room):
        self.room, self.tree, self.build = room, build / "tree", build / "build"
        self.noticed = collections.Counter()  # by test

    def command(self, *words, **options):
        return subprocess.run(
            [str(word) for word in words],
            cwd=self.tree,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            **options,
        )

    def make(self):
        shutil.rmtree(self.tree, ignore_errors=True)
        names = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT, text=True)
        for name in filter(None, names.split("\0")):
            target = self.tree / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target, follow_symlinks=False)
        if not (self.build / "build.ninja").exists():
            done = self.command("meson", "setup", self.build, *OPTIONS)
            if done.returncode != 0:
                sys.exit(done.stdout)
        done = self.compile("all", *self.prerequisites())
        if done.returncode != 0:
            sys.exit(done.stdout)
        listed = self.command("meson", "introspect", "--tests", self.build)
        self.tests = {
            test["name"]: test
            for test in json.loads(listed.stdout)
            if set(re.split("[:+]", ":".join(test["suite"]))) & set(SUITES[self.room])
        }
        failed = self.test()
        if failed:
            sys.exit(f"mutate: {failed} fails before anything was changed")

    def compile(self, *targets):
        return self.command("ninja", "-C", self.build, *targets)

    def prerequisites(self):
        """Meson 1.7 and later does not build the tests with all else."""
        name = "meson-test-prereq"
        return [name] if f"build {name}:" in (self.build / "build.ninja").read_text() else []

    def programs(self):
        """What the tests in C run."""
        words = {word for test in self.tests.values() for word in test["cmd"]}
        inside = [word for word in words if word.startswith(f"{self.build}/")]
        return sorted(os.path.relpath(word, self.build) for word in inside if os.path.isfile(word))

    def fails(self, test):
        env = os.environ | test["env"]
        try:
            done = self.command(*test["cmd"], env=env, timeout=SECONDS)
        except subprocess.TimeoutExpired:
            return True
        return done.returncode not in (0, 77)

    def pytest(self):
        words = [sys.executable, "-m", "pytest", "-q", "-x", "-n", str(os.cpu_count())]
        env = os.environ | {
            "ANCIENT_BUILD": str(self.build),
            "PYTHONPATH": str(self.tree / "tests/support"),
        }
        wanted = "not python and not codegen"
        done = self.command(*words, *PYTEST[self.room], "-k", wanted, env=env)
        return done.returncode != 0

    def test(self):
        """The name of a test that fails, or None."""
        failed = None

        def try_one(name):
            return failed is None and self.fails(self.tests[name])

        names = sorted(self.tests, key=lambda name: (-self.noticed[name], name))
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for name, fails in zip(names, pool.map(try_one, names), strict=True):
                if fails and failed is None:
                    failed = name
        if failed is None and (self.compile().returncode != 0 or self.pytest()):
            failed = "pytest"
        if failed:
            self.noticed[failed] += 1
        return failed

    def library(self):
        """What the compiler made of the room, to see whether a change makes any difference."""
        program = "libancient_core.a" if self.room == "core" else "libancient-reader.a"
        [path] = [found for found in self.build.rglob(program)]
        return self.command("objdump", "-d", "--no-show-raw-insn", "-j", ".text", path).stdout


def sources(names):
    for name in names:
        path = pathlib.Path(name)
        if not (ROOT / path).exists():
            sys.exit(f"mutate: {name}: no such file or folder")
        if (ROOT / path).is_dir():
            yield from sorted(found.relative_to(ROOT) for found in (ROOT / path).rglob("*.[ch]"))
        else:
            yield path


def known():
    lines = SURVIVORS.read_text().splitlines() if SURVIVORS.exists() else []
    return [line.split(" # ")[0] for line in lines if line and not line.startswith("#")]


def describe(path, text, change):
    number, _column, old, new = change
    line = " ".join(text.split("\n")[number].split())
    return f"{path}: {line}: {old.strip()} -> {new.strip() or 'nothing'}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--sample", type=int, metavar="N", help="that many changes, by chance")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--list", action="store_true", help="only print the changes")
    parser.add_argument("sources", nargs="+", metavar="SOURCE")
    options = parser.parse_args()
    every = [
        (path, change)
        for path in sources(options.sources)
        for change in changes((ROOT / path).read_text())
    ]
    rooms = {path.parts[0] for path, _change in every}
    if len(rooms) != 1 or not rooms <= SUITES.keys():
        sys.exit(f"mutate: expected sources of one of {' '.join(SUITES)}, found {' '.join(rooms)}")
    if options.sample and options.sample < len(every):
        every = sorted(random.Random(options.seed).sample(every, options.sample))
    if options.list:
        for path, change in every:
            print(describe(path, (ROOT / path).read_text(), change))
        return 0
    tree = Tree(options.build.resolve(), rooms.pop())
    tree.make()
    programs = tree.programs()
    before, reasons, began = tree.library(), known(), time.monotonic()
    counts = collections.Counter()
    for path, change in every:
        text = (ROOT / path).read_text()
        (tree.tree / path).write_text(apply(text, change))
        said = describe(path, text, change)
        if tree.compile(*programs).returncode != 0:
            outcome = "refused by the compiler"
        elif tree.library() == before:
            outcome = "the same code"
        else:
            failed = tree.test()
            outcome = "noticed" if failed else "SURVIVED"
            if not failed and said in reasons:
                outcome = "survived, as survivors.txt explains"
            if failed is None and outcome == "SURVIVED":
                print(said, flush=True)
        counts[outcome] += 1
        (tree.tree / path).write_text(text)
    print(f"{len(every)} changes in {time.monotonic() - began:.0f} s: "
          + ", ".join(f"{count} {what}" for what, count in counts.most_common()))  # fmt: skip
    for name, count in tree.noticed.most_common():
        print(f"  {count:5} noticed by {name}")
    return 1 if counts["SURVIVED"] else 0


if __name__ == "__main__":
    sys.exit(main())
