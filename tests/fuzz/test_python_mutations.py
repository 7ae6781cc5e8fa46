"""tests/fuzz: Python on changed files: a value or an error, never a crash."""

import os
import pathlib
import re
import subprocess
import sys

from readers import needs_build

SCRIPT = pathlib.Path(__file__).with_name("python_mutations.py")


@needs_build
def test_python_gives_a_value_or_an_error_on_changed_files(tmp_path):
    count = int(os.environ.get("ANCIENT_MUTATIONS", "200"))
    done = subprocess.run(
        [sys.executable, SCRIPT, str(count), tmp_path],
        capture_output=True,
        text=True,
        timeout=60 + count,
        check=False,
    )
    print(done.stdout)
    assert done.returncode == 0, f"on {tmp_path}/changed: {done.stderr}"
    files, values = map(int, re.findall(r"\d+", done.stdout))
    assert files == count * len(list(SCRIPT.parent.parent.glob("golden/*.ancient")))
    assert values > files
