"""tests/c-reader: files made to cost much (support/hostilefile.py), and every public function of
the reader's headers on them, by the program of hostile/, in 512 MB; on small ones also with each
of its allocations and calls of the system failing.

    ANCIENT_BUILD=… python test_hostile.py SEED COUNT FOLDER [failures]   # by hand; prints how many
                                                                          # calls
"""

import os
import pathlib
import random
import re
import resource
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))

import hostilefile  # noqa: E402

BATCH = 20


def declared():
    """Every function of the headers, inline ones included."""
    found = set()
    for header in (ROOT / "c-reader" / "include").glob("*.h"):
        text = re.sub(r"/\*.*?\*/", "", header.read_text(), flags=re.S)
        start = r"^(?:ANCIENT_API|ANCIENT_INLINE|static inline)\b"
        found |= set(re.findall(start + r"[^;{]*?\b(ancient_\w+)\(", text, re.M))
    return found


def limit(sanitized):
    if not sanitized:  # whose shadow takes terabytes
        resource.setrlimit(resource.RLIMIT_AS, (512 << 20, 512 << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def is_sanitized(program):
    return b"__asan_init" in program.read_bytes()


def drive(program, seed, numbers, folder, failures=False):
    """The functions called on the files of these numbers, and how many calls were made."""
    folder = pathlib.Path(folder)
    (folder / "schema").write_text(hostilefile.SCHEMA)
    small = {"sizes": [300]} if failures else {}
    files = []
    for number in numbers:
        files.append(folder / f"hostile{number}")
        hostilefile.make(random.Random(seed * 1000003 + number), files[-1], **small)
    # By their names alone: opening makes them absolute, which may fail too.
    names = ["schema", *(file.name for file in files)]
    sanitized = is_sanitized(program)
    run = subprocess.run(
        [program, *["--failures"][: int(failures)], *names],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: limit(sanitized),
    )
    assert run.returncode == 0, (seed, numbers, run.returncode, run.stderr[-3000:])
    for file in files:
        file.unlink()
    *functions, calls = run.stdout.split()
    return set(functions), int(calls)


@pytest.mark.parametrize("seed", range(8))
def test_every_function_keeps_its_promises_on_hostile_files(build_dir, tmp_path, seed):
    program = build_dir / "tests" / "c-reader" / "hostile-calls"
    batch = BATCH // 5 if is_sanitized(program) else BATCH  # slow
    functions, calls = drive(program, seed, range(batch), tmp_path)
    assert batch < BATCH or declared() - functions == set()
    assert calls > 1000 * batch


@pytest.mark.parametrize("seed", range(2))
def test_every_function_fails_well_and_loses_nothing(build_dir, tmp_path, seed):
    program = build_dir / "tests" / "c-reader" / "hostile-calls"
    functions, _ = drive(program, seed, range(1 if is_sanitized(program) else 3), tmp_path, True)
    assert is_sanitized(program) or declared() - functions == set()


if __name__ == "__main__":
    PROGRAM = pathlib.Path(os.environ["ANCIENT_BUILD"]) / "tests" / "c-reader" / "hostile-calls"
    SEED, COUNT = int(sys.argv[1]), int(sys.argv[2])
    FAILURES = len(sys.argv) > 4
    print(
        sum(
            drive(PROGRAM, SEED, range(at, min(at + BATCH, COUNT)), sys.argv[3], FAILURES)[1]
            for at in range(0, COUNT, BATCH)
        )
    )
