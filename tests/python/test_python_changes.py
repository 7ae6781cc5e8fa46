"""tests/python: files that change under their reader: an exception, or the values that were there,
in a process that lives, whoever else handles the signal."""

import os
import subprocess
import sys

import pytest
from ancientfile import AncientFile
from ancientvalue import Block, FloatArray

BEFORE = AncientFile(uuid=b"a" * 16).commit(
    {0: Block(0, "text" * 5000, FloatArray([1.5] * 5000)), 1: Block(0, *range(5000))}
)
OTHER = AncientFile(uuid=b"b" * 16).commit({0: "other"})

# Reads everything that the file had, and says how it went; then what is there now.
READ = """
import faulthandler, os, sys
import ancient

path, order, change = sys.argv[1:]
if order in ("before", "both", "disabled"):
    faulthandler.enable()
store = ancient.open(path)
if order in ("after", "both"):
    faulthandler.enable()
if order == "disabled":
    faulthandler.disable()  # and with it the handler of those who came later
    store = ancient.open(path)
value, numbers = store[0], store[1]
view = memoryview(value[1])
exec(change)
told = 0
for use in (
    lambda: list(numbers),
    lambda: value[0],
    lambda: list(value[1]),
    lambda: ancient.to_python(value),
    lambda: store[0],
    lambda: store.verify(),
    lambda: repr(value),
):
    try:
        use()
    except ancient.Error as error:
        assert path in str(error)
        told += 1
    except TypeError:  # noise may be a number where there was an array
        assert change.find("urandom") > 0
        told += 1
view.tobytes()
try:
    store.refresh()
    now = store[0]
except ancient.Error as error:
    now = type(error).__name__
print(told, now if isinstance(now, str) else "as before")
"""

NO_MORE = "TruncatedError"

# What is done to the file; whether reading on must be told; what refresh finds.
CHANGES = {
    "cut to nothing": ("os.truncate(path, 0)", True, "EmptyError"),
    "cut behind the superblocks": ("os.truncate(path, 8192)", True, NO_MORE),
    "cut in its midst": ("os.truncate(path, 40000)", True, NO_MORE),
    "written over with zeros": (
        "open(path, 'r+b').write(bytes(os.path.getsize(path)))",
        True,
        "ForeignError",
    ),
    "written over with noise": (
        "open(path, 'r+b').write(os.urandom(os.path.getsize(path)))",
        True,
        "ForeignError",
    ),
    "written over by another": ("open(path, 'wb').write(open(path + '.other', 'rb').read())",
                                True, "other"),
    "replaced": ("os.rename(path + '.other', path)", False, "other"),
    "removed": ("os.unlink(path)", False, "MissingError"),
}  # fmt: skip


@pytest.mark.parametrize("order", ["alone", "before", "after", "both", "disabled"])
@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_changes_under_its_reader_leaves_the_process_alive(change, order, make_file):
    code, told, now = CHANGES[change]
    path = make_file(BEFORE.image)
    path.with_name(path.name + ".other").write_bytes(OTHER.image)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", READ, str(path), order, code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | {"PYTHONFAULTHANDLER": ""},
    )
    # One that comes after the last open tells of the fault, once, and lets it be.
    assert done.returncode == 0, done.stderr
    assert done.stderr == "" or order == "after", done.stderr
    times, found = done.stdout.strip().split(" ", 1)
    assert (int(times) > 0) == told
    assert found == now
