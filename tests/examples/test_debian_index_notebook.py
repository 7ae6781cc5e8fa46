"""tests/examples: the notebook of examples/debian-index, run from its first cell to its last."""

import json
import os
import pathlib
import subprocess
import sys

from demoservice import PACKAGES, publish, tables

import ancient

NOTEBOOK = pathlib.Path(__file__).resolve().parents[2] / (
    "examples/debian-index/explore/explore.ipynb"
)


def run(folder):
    """The outputs of its cells of code, in order: what is printed, or the forms that are shown."""
    done = subprocess.run(
        [sys.executable, "-m", "jupyter", "nbconvert", "--to", "notebook", "--execute", "--stdout",
         NOTEBOOK],
        env={
            **os.environ,
            "PACKAGES": str(folder / "packages"),
            "PYTHONPATH": str(pathlib.Path(ancient.__file__).parents[1]),
            "JUPYTER_CONFIG_DIR": str(folder),
            "IPYTHONDIR": str(folder),
        },
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    cells = [cell for cell in json.loads(done.stdout)["cells"] if cell["cell_type"] == "code"]
    for cell in cells:
        (output,) = cell["outputs"]
        yield output.get("data") or "".join(output["text"])


def test_the_notebook_shows_what_is_in_the_file(tmp_path):
    publish(tmp_path / "packages", tables())
    store, packages, vim, path, wrong, found, numbers, frame, copy, text = run(tmp_path)
    assert "(string, package) Hashtbl.t" in "".join(store["text/html"])
    assert f"Hashtbl.t: {len(PACKAGES)}" in "".join(packages["text/html"])
    assert "<td>version</td>" in "".join(vim["text/html"])
    assert "".join(path["text/plain"]) == "'libc6'"
    assert "no field 'versio': did you mean version?" in wrong
    assert "'vim'" in "".join(found["text/plain"])
    sizes = [size for _, _, size, _, _ in PACKAGES.values()]
    assert "".join(numbers["text/plain"]) == f"({len(sizes)}, {sum(sizes)}, {max(sizes)})"
    assert "editors" in "".join(frame["text/html"])
    assert "'name': 'vim'" in "".join(copy["text/plain"])
    assert json.loads(text)["depends"] == ["libc6", "vim-common"]
