#!/usr/bin/env python3
"""support: the layers of the C rooms, held against what the code includes and links.

`./run lint` calls it with a build directory.  It reads the includes of every source and, by
nm, the symbols of every object, and fails on

* a folder that includes from, or uses a symbol of, a folder listed after it in LAYERS;
* a header that declares a function which the source beside it does not define;
* a room that includes what it must not: only ocaml/ knows <caml/...>, and the writer and the
  readers share core/include/ and nothing else.
"""

import argparse
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Of each room with layers: where it is built, and its folders.  Each may use itself and those
# before it.
LAYERS = {
    "core": (
        "core/libancient_core.a.p",
        ["base", "file", "memory", "index", "verify", "store", "copy", "mark", "commit"],
    ),
    "c-reader": (
        "c-reader/libancient-reader.a.p",
        ["base", "file", "value", "schema", "typed", "lookup", "scan", "verify", "dump", "arrow"],
    ),
}

# Of each room, what its sources must not include, and why.
FORBIDDEN = {
    "core": [
        (r"caml/", "only ocaml/ knows the runtime"),
        (r"ancient_reader|c-reader/", "a reader"),
    ],
    "c-reader/src": [
        (r"caml/", "only ocaml/ knows the runtime"),
        (r"ancient/store\.h|core/src", "the writer"),
    ],
    "python/src": [
        (r"caml/", "only ocaml/ knows the runtime"),
        (r"ancient/store\.h|core/src", "the writer"),
        (r"c-reader/", "what the reader does not install"),
    ],
    "ocaml/stubs": [
        (r"ancient_reader|c-reader/", "a reader"),
        (r"core/src", "what the writer keeps to itself"),
    ],
}

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)


def sources(folder):
    return sorted(path for path in folder.rglob("*.[ch]"))


def declared(text):
    """Names of the functions that a header declares: those before a parenthesis, outside of
    comments, directives and braces."""
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.DOTALL)
    text = re.sub(r"^\s*#(?:[^\n\\]|\\\n|\\.)*", " ", text, flags=re.MULTILINE)
    outside, depth = [], 0
    for char in text:
        depth -= char == "}"
        if depth == 0:
            outside.append(char)
        depth += char == "{"
    return set(re.findall(r"\b([a-z]\w+)\s*\(", "".join(outside)))


def symbols(objects):
    """By object: the names that it defines for others, and those that it wants of them."""
    defined, wanted = set(), set()
    for line in subprocess.check_output(["nm", str(objects)], text=True).splitlines():
        kind, name = line.split()[-2:]
        if kind == "U":
            wanted.add(name)
        elif kind in "TDBRVWC":
            defined.add(name)
    return defined, wanted


def check_includes(room, order, problems):
    src = ROOT / room / "src"
    for path in sources(src):
        folder, *rest = path.relative_to(src).parts
        if not rest or folder not in order:
            problems.append(f"{path.relative_to(ROOT)}: lies in no folder of the list of layers")
            continue
        for name in INCLUDE.findall(path.read_text()):
            other = name.split("/")[0]
            if (src / name).exists() and order.index(other) > order.index(folder):
                problems.append(
                    f"{path.relative_to(ROOT)}: includes {name}, and {other}/ is above {folder}/"
                )


def check_symbols(room, order, objects, problems):
    """Returns, by name of a function, the source that defines it."""
    src, where, uses = ROOT / room / "src", {}, []
    for path in sources(src):
        if path.suffix != ".c":
            continue
        name = path.relative_to(src)
        file = objects / ("src_" + "_".join(name.parts) + ".o")
        if not file.exists():
            problems.append(f"{path.relative_to(ROOT)}: not built, expected {file}")
            continue
        defined, wanted = symbols(file)
        where.update(dict.fromkeys(defined, name))
        uses.append((name, wanted))
    for name, wanted in uses:
        for symbol in sorted(wanted & where.keys()):
            other = where[symbol].parts[0]
            if order.index(other) > order.index(name.parts[0]):
                problems.append(
                    f"{room}/src/{name}: uses {symbol} of {where[symbol]}, and {other}/ is above "
                    f"{name.parts[0]}/"
                )
    return where


def check_headers(room, where, problems):
    src = ROOT / room / "src"
    for path in sources(src):
        if path.suffix != ".h":
            continue
        name = path.relative_to(src)
        for symbol in sorted(declared(path.read_text()) & where.keys()):
            if where[symbol] != name.with_suffix(".c"):
                problems.append(
                    f"{room}/src/{name}: declares {symbol}, which {where[symbol]} defines"
                )


def check_rooms(problems):
    for room, rules in FORBIDDEN.items():
        for path in sources(ROOT / room):
            for name in INCLUDE.findall(path.read_text()):
                for pattern, why in rules:
                    if re.search(pattern, name):
                        problems.append(f"{path.relative_to(ROOT)}: includes {name}: {why}")


def main():
    parser = argparse.ArgumentParser(description="Checks the layers of the C rooms.")
    parser.add_argument("build", type=pathlib.Path, help="a Meson build directory, built")
    build = parser.parse_args().build
    problems = []
    for room, (objects, order) in LAYERS.items():
        check_includes(room, order, problems)
        check_headers(room, check_symbols(room, order, build / objects, problems), problems)
    check_rooms(problems)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
