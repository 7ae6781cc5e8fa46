"""python: files made to cost much, by hostile_files.py: no call takes more than its share."""

import pathlib
import subprocess
import sys

import pytest

PROGRAM = pathlib.Path(__file__).with_name("hostile_files.py")


@pytest.mark.parametrize("seed", range(4))
def test_no_file_costs_much(tmp_path, seed):
    run = subprocess.run(
        [sys.executable, PROGRAM, str(seed), "25", tmp_path],
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-3000:]
    assert int(run.stdout) > 25 * 10
