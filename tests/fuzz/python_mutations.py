#!/usr/bin/env python3
"""tests/fuzz: changed golden files through the Python package, in one process.

    python_mutations.py COUNT FOLDER    COUNT changes of each golden file, written in FOLDER

A change flips bits, sets, swaps or moves words, or cuts the file; checksums are made right
again most of the time.  Every use of it gives a value or an ancient.Error.  Each change is in
FOLDER/changed while it is used, and stays there where the process dies.
"""

import pathlib
import random
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "support")]

from ancientfile import header, reseal, words  # noqa: E402
from ancientlayout import Layout  # noqa: E402

import ancient  # noqa: E402

VALUES = 2000  # met in one file
EDGES = [0, 1, 2, 7, 8, 16, 255, 2**31, 2**47, 2**62, 2**63, 2**64 - 1]
TAGS = [0, 1, 243, 244, 250, 251, 252, 253, 254, 255]


def some_place(image, rng):
    """Of a word, most of them behind the superblocks."""
    if rng.random() < 0.15 or len(image) <= 8192:
        return rng.randrange(32) * 8 + rng.choice([0, 4096])
    return 8192 + rng.randrange((len(image) - 8192) // 8) * 8


def some_word(image, base, rng):
    return rng.choice(
        [
            lambda: words(rng.choice(EDGES)),
            lambda: words(base + some_place(image, rng)),
            lambda: words(some_place(image, rng) | rng.randrange(2)),
            lambda: words(header(rng.choice([0, 1, 2, 3, 100, 2**40]), rng.choice(TAGS))),
            lambda: bytes(image[(at := some_place(image, rng)) : at + 8]),
        ]
    )()


def change(image, base, rng):
    at, how = some_place(image, rng), rng.randrange(8)
    if how == 0:
        del image[rng.randrange(len(image)) :]
    elif how == 1:
        other = some_place(image, rng)
        image[at : at + 8], image[other : other + 8] = (
            image[other : other + 8],
            image[at : at + 8],
        )
    elif how < 4:
        image[at + rng.randrange(8)] ^= 1 << rng.randrange(8)
    else:
        image[at : at + 8] = some_word(image, base, rng)


def changed(golden, layout, rng):
    image = bytearray(golden)
    for _ in range(rng.randrange(1, 5)):
        if len(image) > 8200:
            change(image, layout.base, rng)
    if len(image) == len(golden) and rng.random() < 0.9:
        reseal(image, layout.extents)
    return image


def attempt(function, *arguments):
    """Its result, or None for a refusal."""
    try:
        return function(*arguments)
    except ancient.Error as error:
        text = str(error)
        assert text, "an error without a message"
        assert "\n" not in text, text
        return None


def use(value, todo):
    """Everything that one value offers; what is below it goes to `todo`."""
    attempt(repr, value)
    attempt(hash, value) if isinstance(value, (int, str, float)) else None
    if isinstance(value, ancient.Block):
        for index in range(min(len(value), 100)):
            todo.append(attempt(value.__getitem__, index))
        attempt(value.__getitem__, len(value) - 1) if len(value) else None
    elif isinstance(value, ancient.FloatArray):
        value.tolist()
    elif isinstance(value, (ancient.Bigarray, ancient.Custom)):
        memoryview(value).tobytes()


def read(path):
    """How many values were met."""
    store, met = attempt(ancient.open, path), 0
    if store is None:
        return 0
    with store:
        attempt(store.verify)
        attempt(store.names)
        attempt(store.info)
        todo = []
        for key in (attempt(store.keys) or [])[:50]:
            todo.append(attempt(store.get, key))
            attempt(store.entry, key)
        while todo and met < VALUES:
            use(todo.pop(), todo)
            met += 1
    return met


def main(count, folder):
    path = pathlib.Path(folder, "changed")
    files = met = 0
    for golden in sorted((HERE.parent / "golden").glob("*.ancient")):
        rng = random.Random(golden.stem)
        data = golden.read_bytes()
        layout = Layout(data)
        for _ in range(count):
            path.write_bytes(changed(data, layout, rng))
            met += read(path)
            files += 1
    print(f"{files} files, {met} values")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
