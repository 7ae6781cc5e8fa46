"""tests/support: branches and lines that tests took, by file and by room, of what gcovr counted.
`./run extra coverage` calls it.

    python coverage_table.py SUMMARY.json
"""

import collections
import json
import sys

KINDS = ("branch", "line")


def main(path):
    files = json.load(open(path, encoding="utf-8"))["files"]
    rooms = collections.defaultdict(collections.Counter)
    for file in files:
        room = file["filename"].partition("/src/")[0]
        for kind in KINDS:
            for count in ("covered", "total"):
                rooms[room][kind, count] += file[f"{kind}_{count}"]
    print(f"{'branches':>14} {'lines':>14}")
    for file in sorted(files, key=lambda file: (file["branch_percent"] or 100, file["filename"])):
        shares = [f"{file[f'{kind}_covered']}/{file[f'{kind}_total']}" for kind in KINDS]
        print(f"{shares[0]:>14} {shares[1]:>14}  {file['filename']}")
    for room, counts in sorted(rooms.items()):
        shares = [
            f"{100 * counts[kind, 'covered'] / counts[kind, 'total']:.1f} %" for kind in KINDS
        ]
        print(f"{shares[0]:>14} {shares[1]:>14}  {room}")


if __name__ == "__main__":
    main(*sys.argv[1:])
