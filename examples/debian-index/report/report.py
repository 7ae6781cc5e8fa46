#!/usr/bin/env python3
"""examples/debian-index: prints a report on the file that ancient-demo-publish wrote.

The report has the largest sections, the packages that most others depend on, and the result
of a search.  The file is read in place: nothing is parsed, and no OCaml runs.

The file carries the OCaml types of its values: a package is an object with attributes, and
a table is a mapping, looked up in place by OCaml's own hash.

    packages  name -> package, with name, version, section, installed_size (KiB), summary
              and depends
    words     word of a description -> names of packages, sorted
    rdepends  name -> names of the packages that depend on it
    meta      source, number of packages, number of words
"""

import argparse
import collections
import shutil
import signal
import sys
import time

import ancient

# ---- The report --------------------------------------------------------------------


def installed(kib):
    """A size in KiB for a person."""
    for unit, size in (("GiB", 1 << 20), ("MiB", 1 << 10)):
        if kib >= size:
            return f"{kib / size:.1f} {unit}"
    return f"{kib} KiB"


def print_table(title, columns, rows):
    """Prints rows under a title; a column is its heading, with '<' or '>' before it for
    the side it is aligned to.  The last column is cut at the width of the terminal."""
    headings = [column[1:] for column in columns]
    sides = [column[0] for column in columns]
    cells = [headings, *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(columns))]
    room = shutil.get_terminal_size((80, 24)).columns
    print(f"\n{title}")
    for line in cells:
        text = "  ".join(f"{cell:{side}{width}}" for cell, side, width in zip(line, sides, widths))
        text = f"  {text}".rstrip()
        print(text if len(text) <= room else text[: room - 3] + "...")


def print_sections(packages, top):
    count, size = collections.Counter(), collections.Counter()
    for package in packages.values():
        section = package.section or "(none)"
        count[section] += 1
        size[section] += package.installed_size
    print_table(
        f"Largest sections, of {len(count)}",
        (">packages", ">installed", "<section"),
        [(f"{count[s]:,}", installed(kib), s) for s, kib in size.most_common(top)],
    )


def print_most_wanted(packages, rdepends, top):
    wanted = collections.Counter({name: len(names) for name, names in rdepends.items()})
    rows = []
    for name, dependents in wanted.most_common(top):
        package = packages.get(name)
        summary = package.summary if package else "(virtual, or not in this index)"
        rows.append((f"{dependents:,}", name, summary))
    print_table("Most depended-upon packages", (">dependents", "<package", "<summary"), rows)


def print_search(packages, words, word, top):
    names = words.get(word.lower())
    if names is None:
        print(f"\nSearch for '{word}': no package")
        return
    shown = f", the first {top}" if len(names) > top else ""
    print_table(
        f"Search for '{word}': {len(names):,} packages{shown}",
        ("<package", "<version", "<summary"),
        [(name, packages[name].version, packages[name].summary) for name in names[:top]],
    )


def report(path, word, top):
    start = time.perf_counter()
    db = ancient.open(path)
    opened = time.perf_counter()
    package = next(iter(db["packages"].values()))
    first = f"{package.name} {package.version}"
    looked_up = time.perf_counter()

    with db:
        meta = db["meta"]
        print(f"{path}: {meta.packages:,} packages, {meta.words:,} words, from {meta.source}")
        print(
            f"opened in {(opened - start) * 1e3:.3f} ms; "
            f"the first package, {first}, {(looked_up - opened) * 1e3:.3f} ms later"
        )
        packages = db["packages"]
        print_sections(packages, top)
        print_most_wanted(packages, db["rdepends"], top)
        print_search(packages, db["words"], word, top)
    print(f"\n{time.perf_counter() - start:.2f} s in all")


def positive(text):
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def main():
    parser = argparse.ArgumentParser(
        description="Report on the package index that ancient-demo-publish published."
    )
    parser.add_argument("file", metavar="FILE")
    parser.add_argument(
        "--search",
        metavar="WORD",
        default="editor",
        help="a word of a description (default: editor)",
    )
    parser.add_argument(
        "--top", metavar="N", type=positive, default=10, help="lines in each table (default: 10)"
    )
    arguments = parser.parse_args()
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `report.py FILE | head` ends quietly
    # What is not UTF-8 in the file goes out as the bytes it was.
    sys.stdout.reconfigure(errors="surrogateescape")
    try:
        report(arguments.file, arguments.search, arguments.top)
    except (ancient.Error, OSError) as error:
        sys.exit(f"report.py: {error}")


if __name__ == "__main__":
    main()
