"""tests/library: the shared library's binary interface is what its first release has, and more: no
function gone, no struct of another layout (the policy in <ancient_reader.h>).

ancient-reader.abi is what `abidw` wrote of it.  After a change that the policy allows, or before
the first release, write it anew:

    ANCIENT_BUILD=build/main PYTHONPATH=tests/support python tests/library/test_abi.py
"""

import os
import pathlib
import subprocess

from commands import run

HERE = pathlib.Path(__file__).resolve().parent
BASELINE = HERE / "ancient-reader.abi"
HEADERS = HERE.parents[1] / "c-reader" / "include"


def library(build):
    return build / "c-reader" / "libancient-reader.so.1"


def test_the_interface_has_only_grown(build_dir):
    different = subprocess.run(
        ["abidiff", "--no-added-syms", "--headers-dir2", HEADERS, "--drop-private-types",
         BASELINE, library(build_dir)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert different.returncode == 0, f"{different.stdout}{different.stderr}\n{__doc__}"


def main():
    build = pathlib.Path(os.environ["ANCIENT_BUILD"])
    what = ["--drop-private-types", "--no-show-locs", "--no-comp-dir-path", "--no-corpus-path"]
    BASELINE.write_text(run("abidw", "--headers-dir", HEADERS, *what, library(build)))


if __name__ == "__main__":
    main()
