#!/usr/bin/env python3
"""packaging: what a release takes from the sources: its version, its notes and Debian's changelog.
packaging/release calls it.

    changelog.py version                 "1.0.0", as meson.build has it
    changelog.py notes                   the section of CHANGELOG.md of this version
    changelog.py debian SUITE SECONDS    debian/changelog; SECONDS: of the commit, since 1970
"""

import datetime
import email.utils
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
# A package of Debian 12 is older than that of Debian 13, and both than one of Debian itself.
SUITES = {"bookworm": "~deb12", "trixie": "~deb13"}


def version() -> str:
    found = re.search(r"^ *version : '([^']+)'", (ROOT / "meson.build").read_text(), re.MULTILINE)
    if found is None:
        sys.exit("changelog.py: meson.build: expected a line \"version : '1.2.3'\", found none")
    return found[1]


def newest(text: str) -> tuple[str, str, str]:
    """Version, date ("unreleased" before there is one) and text of the first section."""
    sections = re.split(r"^## ", text, maxsplit=2, flags=re.MULTILINE)
    found = re.match(r"(\S+) – (unreleased|\d{4}-\d\d-\d\d)\n", sections[1] if sections[1:] else "")
    if found is None:
        sys.exit("changelog.py: CHANGELOG.md: expected a section \"## 1.2.3 – 2026-01-31\" or "
                 '"## 1.2.3 – unreleased" first, found none')  # fmt: skip
    return found[1], found[2], sections[1][found.end() :].strip()


def section() -> tuple[str, str]:
    """Date and text of this version."""
    wanted = version()
    found, date, text = newest((ROOT / "CHANGELOG.md").read_text())
    if found != wanted:
        sys.exit(f"changelog.py: CHANGELOG.md: expected {wanted}, meson.build's version, as the "
                 f"newest section, found {found}: make them the same")  # fmt: skip
    return date, text


def notes() -> str:
    date, text = section()
    return f"# Ancient {version()} – {date}\n\n{text}\n"


def maintainer() -> str:
    control = (ROOT / "packaging/debian/control").read_text()
    return re.findall("^Maintainer: (.*)$", control, re.MULTILINE)[0]


def debian(suite: str, seconds: int) -> str:
    date, _ = section()
    target = "UNRELEASED" if date == "unreleased" else suite
    when = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return (
        f"ancient ({version()}-1{SUITES[suite]}) {target}; urgency=medium\n\n"
        f"  * Ancient {version()}: CHANGELOG.md says what has changed.\n\n"
        f" -- {maintainer()}  {email.utils.format_datetime(when)}\n"
    )


def main(words: list[str]) -> None:
    match words:
        case ["version"]:
            print(version())
        case ["notes"]:
            print(notes(), end="")
        case ["debian", suite, seconds] if suite in SUITES:
            print(debian(suite, int(seconds)), end="")
        case _:
            sys.exit(f"usage: changelog.py version|notes|debian {'|'.join(SUITES)} SECONDS")


if __name__ == "__main__":
    main(sys.argv[1:])
