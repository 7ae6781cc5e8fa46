"""python: fixtures of its tests."""

import os
import subprocess
import sys

import pytest
from commands import preloaded

import ancient

# threads_asked_for(call) is how many threads a call asks for.  It is made twice, once where no
# thread can be started, and has to give the same each time; the result is compared by ==.
COUNTING = """
import ctypes, os
import ancient

library = ctypes.CDLL(os.environ["LD_PRELOAD"])

def threads_asked_for(call):
    asked_for, results = [], []
    for refused in (False, True):
        library.refuse_threads(refused)
        before = library.threads_asked_for()
        results.append(call())
        asked_for.append(library.threads_asked_for() - before)
    library.refuse_threads(False)
    assert results[0] == results[1]
    return asked_for
"""


@pytest.fixture
def read(make_file):
    """read(schema, value) publishes a value and reads it with its type."""

    def read(schema, value, **options):
        if "val root" not in schema:
            schema = f"val root : {schema}"
        return ancient.open(make_file({0: value}), schema=schema, **options)[0]

    return read


@pytest.fixture
def count_threads(build_dir):
    """count_threads(program, *arguments) runs a program that begins with COUNTING, with threads
    counted by counted_threads.c."""
    library = build_dir / "tests" / "python" / "counted_threads.so"
    if not library.exists() or "LD_PRELOAD" in os.environ:
        pytest.skip("the build does not count threads, or a sanitizer has its own")

    def run(program, *arguments):
        done = subprocess.run(
            [sys.executable, "-c", COUNTING + program, *arguments],
            capture_output=True,
            text=True,
            env=os.environ | preloaded(library),
        )
        assert done.returncode == 0, done.stderr

    return run
