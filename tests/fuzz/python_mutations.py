#!/usr/bin/env python3
"""tests/fuzz: changed golden files through the Python package, in one process.

    python_mutations.py FOLDER [COUNT]    COUNT changes of each golden file, written in FOLDER;
                                          without it 100,000 of each in the long run, as far as
                                          it comes in ANCIENT_TORTURE seconds

A change flips bits, sets, swaps or moves words, or cuts the file; checksums are made right
again most of the time.  Every use of it, raw and by types that fit the golden file or nearly,
gives a value or an ancient.Error, within seconds and a bounded memory.  Each change is in
FOLDER/changed while it is used, and stays there where the process dies.
"""

import faulthandler
import os
import pathlib
import random
import resource
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "support")]

from ancientfile import header, reseal, words  # noqa: E402
from ancientlayout import Layout  # noqa: E402
from corpus import TYPED  # noqa: E402

import ancient  # noqa: E402

VALUES = 2000  # met in one file
LARGE = 100_000  # elements of a copy
SECONDS = 60  # for one file: else it hangs
MEMORY = 4 << 30  # of address space
ROUND = 100  # changes of one file before the next one's turn
MUTATIONS = 100_000
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
    attempt(str, value)
    attempt(hash, value) if isinstance(value, (int, str, float)) else None
    if isinstance(value, ancient.FloatArray):
        attempt(value.tolist)
    elif isinstance(value, (ancient.Bigarray, ancient.Custom)):
        attempt(lambda: memoryview(value).tobytes())
    elif isinstance(value, (ancient.Hashtbl, ancient.Map)):
        use_mapping(value, todo)
    elif isinstance(value, ancient.Set):
        for element in attempt(first, value) or []:
            attempt(value.__contains__, element)
            todo.append(element)
        use_order(value)
    elif isinstance(value, (ancient.Record, ancient.Variant)):
        for name in attempt(ancient.fields, value) or []:
            todo.append(attempt(getattr, value, name))
        attempt(lambda: value == value)
    elif isinstance(value, ancient.Ref):
        todo.append(attempt(lambda: value.contents))
    elif hasattr(value, "__getitem__") and not isinstance(value, (str, bytes)):
        use_sequence(value, todo)


def first(values):
    return [element for element, _ in zip(values, range(100))]


def use_sequence(value, todo):
    length = attempt(len, value)
    if not length:
        return
    for index in range(min(length, 100)):
        todo.append(attempt(value.__getitem__, index))
    attempt(value.__getitem__, length - 1)
    attempt(value.__getitem__, slice(0, 10))
    attempt(value.count, 1)


def use_mapping(value, todo):
    attempt(len, value)
    for key, found in attempt(first, value.items()) or []:
        # What a walk meets, a lookup may miss: the bucket may be a wrong one.
        attempt(value.get, key)
        attempt(value.getall, key)
        todo += [key, found]
    attempt(value.get, "key7")
    attempt(value.get, 7)
    use_order(value)


def use_order(value):
    attempt(value.first)
    attempt(value.last)
    for key in attempt(first, value) or []:
        found = attempt(value.range, key)
        if found is not None:
            attempt(len, found)
            attempt(first, reversed(found))
        if isinstance(key, (str, bytes)):
            attempt(lambda key=key: first(value.prefix(key[:2])))


def use_all(roots):
    """How many values were met."""
    met, todo = 0, roots
    while todo and met < VALUES:
        use(todo.pop(), todo)
        met += 1
    return met


def read_raw(path):
    store = attempt(ancient.open, path)
    if store is None:
        return 0
    with store:
        attempt(store.verify)
        attempt(store.names)
        attempt(store.info)
        keys = (attempt(lambda: store.keys().numbers()) or [])[:50]
        for key in keys:
            attempt(store.entry, key)
            attempt(store.schema, key)
            attempt(store.types, key)
            copy(attempt(store.raw, key))
        return use_all([attempt(store.get, key) for key in keys])


def copy(root):
    """As Python's own values, unless it is a damaged one that is large a thousand times over:
    strings that overlap may be longer together than any memory."""
    try:
        attempt(ancient.to_python, root)
    except MemoryError:
        pass


def at(root, path):
    try:
        return ancient.at(root, path)
    except TypeError as error:  # a number, a string, a buffer: no view
        if isinstance(error, ancient.Error):
            raise
        assert "at() takes a view" in str(error), error


def read_typed(path, schema, paths):
    store = attempt(lambda: ancient.open(path, schema=schema))
    if store is None:
        return 0
    with store:
        keys = (attempt(lambda: store.keys().numbers()) or [])[:10]
        roots = [attempt(store.get, key) for key in keys]
        for root in roots:
            copy(root)
            for text in paths:
                attempt(at, root, text)
        return use_all(roots)


def read(path, typed):
    faulthandler.dump_traceback_later(SECONDS, exit=True)
    met = read_raw(path) + (read_typed(path, *typed) if typed else 0)
    faulthandler.cancel_dump_traceback_later()
    return met


class Golden:
    """A golden file, and the sequence of its changes."""

    def __init__(self, path):
        self.rng, self.data = random.Random(path.stem), path.read_bytes()
        self.layout = Layout(self.data)
        self.typed = [(text, paths) for name, text, paths in TYPED if name == path.stem and text]

    def change(self, path):
        path.write_bytes(changed(self.data, self.layout, self.rng))
        return read(path, self.rng.choice(self.typed) if self.typed else None)


def main(folder, count=None):
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    path = pathlib.Path(folder, "changed")
    end = time.monotonic() + float(os.environ.get("ANCIENT_TORTURE", "inf"))
    all_golden = [Golden(golden) for golden in sorted((HERE.parent / "golden").glob("*.ancient"))]
    done = met = 0
    while done < (count or MUTATIONS) and (count or time.monotonic() < end):
        step = min(ROUND, (count or MUTATIONS) - done)
        met += sum(golden.change(path) for golden in all_golden for _ in range(step))
        done += step
    print(f"{done * len(all_golden)} files, {done} changes of each golden file, {met} values")


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
