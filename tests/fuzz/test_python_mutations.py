"""tests/fuzz: Python on changed files: a value or an error, never a crash."""

import pathlib
import re
import subprocess
import sys

from readers import needs_build

SCRIPT = pathlib.Path(__file__).with_name("python_mutations.py")


COUNT = 100  # changes of each file; ./run torture makes more


@needs_build
def test_python_gives_a_value_or_an_error_on_changed_files(tmp_path, capsys):
    done = subprocess.run(
        [sys.executable, SCRIPT, tmp_path, str(COUNT)],
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, f"on {tmp_path}/changed: {done.stderr}"
    with capsys.disabled():
        print(f"\n{done.stdout}", end="")
    files, _, values = map(int, re.findall(r"\d+", done.stdout))
    assert files == COUNT * len(list(SCRIPT.parent.parent.glob("golden/*.ancient")))
    assert values > files
