"""tests/schema: a file from a stranger does not harm OCaml: `Ancient.Typed.get ~verify:true`
gives a value that can be used, or raises, whatever the file holds.

A change makes the words of blocks lead elsewhere, or gives blocks other tags, and all checksums
are made right again; so most of them are of the right structure, and of another type.
"""

import os
import pathlib
import random
import re
import subprocess
import sys

import pytest
from ancientfile import header, reseal_commits, words
from ancientlayout import Layout

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "corrupt"))

import make_corrupt  # noqa: E402

SCHEMAS = HERE.parent / "interop" / "schemas.ancient"
TAGS = [0, 0, 0, 1, 2, 243, 250, 252, 253, 254, 255]
BATCH = 250


@pytest.fixture(scope="module")
def program(build_dir):
    path = build_dir / "tests" / "schema" / "strangers"
    if not path.exists():
        pytest.skip("built without OCaml")
    return path


def read(program, good, paths):
    """(values got, mismatches, damages) of each file."""
    done = subprocess.run(
        [program, "read", good, *paths], capture_output=True, text=True, timeout=300, check=False
    )
    lines = done.stdout.splitlines()
    assert done.returncode == 0, f"{done.returncode} on {lines[-1:]}: {done.stderr}"
    assert len(lines) == len(paths)
    return [tuple(map(int, re.findall(r" (\d+) ", line + " "))) for line in lines]


def some_word(layout, rng):
    return rng.choice(
        [
            lambda: rng.choice([1, 3, 5, 7, 2**63 + 1, 2**64 - 1, 66 << 1 | 1]),
            lambda: layout.base + rng.choice(layout.blocks),
            lambda: layout.base + rng.choice(layout.blocks),
            lambda: layout.base - 0x100000 + 128 * rng.randrange(5),
        ]
    )()


def change(image, layout, rng):
    block = rng.choice(layout.blocks)
    old = layout.word(block - 8)
    size, tag = old >> 10, old & 0xFF
    if rng.random() < 0.25:
        image[block - 8 : block] = words(header(size, rng.choice(TAGS)))
    elif size and rng.random() < 0.1:
        image[block - 8 : block] = words(header(rng.randrange(size + 1), tag))
    elif size:
        at = block + 8 * rng.randrange(size)
        image[at : at + 8] = words(some_word(layout, rng))


def changed(golden, layout, rng):
    image = bytearray(golden)
    for _ in range(rng.choice([1, 1, 2, 4])):
        change(image, layout, rng)
    reseal_commits(image, layout.extents)
    return image


@pytest.mark.parametrize("elsewhere", [False, True], ids=["at its base", "relocated"])
def test_no_change_of_a_typed_file_harms(program, tmp_path, elsewhere):
    count = int(os.environ.get("ANCIENT_MUTATIONS", "1500"))
    golden = SCHEMAS.read_bytes()
    layout, rng = Layout(golden), random.Random(20 + elsewhere)
    sums = [0, 0, 0]
    for start in range(0, count, BATCH):
        paths = []
        for i in range(start, min(count, start + BATCH)):
            paths.append(tmp_path / f"changed-{i}")
            paths[-1].write_bytes(changed(golden, layout, rng))
        for found in read(program, SCHEMAS if elsewhere else "", paths):
            sums = [a + b for a, b in zip(sums, found)]
        for path in paths:
            path.unlink()
    got, mismatches, damaged = sums
    # many come to each check, so that each of them is tried
    assert got > 5 * count
    assert mismatches > count / 10
    assert damaged > count / 20


def test_the_file_as_it_is_is_got_whole(program):
    [(got, mismatches, damaged)] = read(program, "", [SCHEMAS])
    assert (got > 38, mismatches, damaged) == (True, 0, 0)


def test_no_malformed_file_harms(program, tmp_path):
    made = make_corrupt.make(tmp_path)
    bad = [(case, path) for case, path, _ in made.values() if case.name.startswith("n_")]
    for (case, _), (got, _, damaged) in zip(bad, read(program, "", [path for _, path in bad])):
        # What is empty has no value, and nothing that could be damaged.
        assert (got, damaged) == (0, case.code != "EMPTY"), case.name


def run(program, *arguments):
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.returncode}: {done.stderr}"
    return done.stdout


def test_an_older_generation_is_verified_as_it_was(program, tmp_path):
    """Its directory is none that the newest generation has."""
    path = tmp_path / "twice"
    run(program, "write-twice", path)
    assert run(program, "read-older", path) == 2 * ("x" * 200 + "\n")
    image = bytearray(path.read_bytes())
    at = Layout(image)
    leaf = at.value("image0.keys") - 1
    text = max((b for b in at.blocks if at.word(b - 8) & 0xFF == 252), key=lambda b: at.word(b - 8))
    image[leaf + 8 : leaf + 16] = words(at.base + text + 64)  # a header of "xxxxxxxx" before it
    reseal_commits(image, at.extents)
    path.write_bytes(image)
    assert run(program, "read-older", path) == "D3\n"
