"""tests/interop: writes the files that versions of OCaml, and machines, exchange.

Usage: exchange.py write BUILD FOLDER

BUILD is Meson's build directory, FOLDER is made anew.  For every name in NAMES it holds
NAME.ancient and the dump expected of it, NAME.json.  Uses nothing but Python itself.
"""

import os
import pathlib
import shutil
import subprocess
import sys

ORDERS = ("depth", "breadth")
SEEDS = (1, 2, 3)
COMMON = {order: f"common-{order}" for order in ORDERS}
NAMES = {f"seed{seed}-{order}": (order, str(seed)) for seed in SEEDS for order in ORDERS}
NAMES |= {name: (order, "common") for order, name in COMMON.items()}


def program(build, name):
    return pathlib.Path(build, "tests", "interop", name)


# No commit records its time: the bytes are the same, whenever they are written.
ENVIRONMENT = {**os.environ, "SOURCE_DATE_EPOCH": "0"}


def write(build, folder):
    folder = pathlib.Path(folder)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, arguments in NAMES.items():
        files = [folder / f"{name}.ancient", folder / f"{name}.json"]
        command = [program(build, "make_values"), *files, *arguments]
        subprocess.run(command, env=ENVIRONMENT, check=True)


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] != "write":
        sys.exit(__doc__)
    write(sys.argv[2], sys.argv[3])
