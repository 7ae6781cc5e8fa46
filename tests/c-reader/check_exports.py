#!/usr/bin/env python3
"""tests/c-reader: the shared library exports what its headers declare, nothing else.

check_exports.py NM LIBRARY HEADER...
"""

import re
import subprocess
import sys


def declared(header):
    text = re.sub(r"/\*.*?\*/", "", open(header, encoding="utf-8").read(), flags=re.S)
    return set(re.findall(r"^ANCIENT_(?:API|INLINE)\b[^;{]*?\b(ancient_\w+)\(", text, re.M))


def exported(nm, library):
    lines = subprocess.run(
        [nm, "-D", "--defined-only", library], check=True, text=True, capture_output=True
    ).stdout.splitlines()
    # A is the name of a version (c-reader/ancient-reader.map).
    return {line.split()[-1].split("@")[0] for line in lines if line.split()[-2] != "A"}


def main(nm, library, *headers):
    want, have = set().union(*map(declared, headers)), exported(nm, library)
    for name in sorted(want - have):
        print(f"declared but not exported: {name}")
    for name in sorted(have - want):
        print(f"exported but not declared: {name}")
    return 0 if want and want == have else 1


sys.exit(main(*sys.argv[1:]))
