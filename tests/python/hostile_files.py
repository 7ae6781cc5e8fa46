"""python: files made to cost much, by a generator of its own, and what the package does with them.

    python3 hostile_files.py SEED COUNT FOLDER

Blocks are laid out word by word: towers of sharing, tables of one bucket, rings, blocks that
overlap, headers within other blocks; the checksums are right.  Each file is opened raw and with a
schema, and everything that the package can do with a value is done.  Counted steps must stay in
proportion to the file, memory below 512 MB (the process has a limit), and nothing but the
package's errors, or RecursionError, may be raised.  Prints how many calls were made.
"""

import copy
import itertools
import pathlib
import pickle
import random
import resource
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from ancientfile import AncientFile, Block, reseal, words

import ancient
from ancient import _ancient

SCHEMA = """
type t = { a : t option; l : t list; h : (t, t) Hashtbl.t; s : string; p : t array;
           q : (t * t) option }
val root : t ref
"""
STEPS_A_WORD = 64
STEPS = 1 << 22
ALLOWED = (ancient.Error, TypeError, RecursionError, KeyError, IndexError, AttributeError)


def integer(n):
    return 2 * n + 1


def header(size, tag=0):
    return size << 10 | 3 << 8 | tag


class Arena:
    """Words that will be the fields of one block; pointers are addresses in the file."""

    def __init__(self, rng, base):
        self.rng, self.base, self.words = rng, base, []
        self.places = {}  # of blocks, by kind

    def block(self, kind, *fields, tag=0):
        address = self.base + 8 * len(self.words) + 8
        self.words += [header(len(fields), tag), *fields]
        self.places.setdefault(kind, []).append(address)
        return address

    def string(self, length):
        size = length // 8 + 1
        last = (8 * size - 1 - length) << 56
        return self.block(
            "string", *[self.rng.getrandbits(56) for _ in range(size - 1)], last, tag=252
        )

    def any(self, kind, otherwise):
        """A block made before: mostly the last, so that towers arise."""
        places = self.places.get(kind)
        if not places:
            return otherwise
        return places[-1] if self.rng.random() < 0.6 else self.rng.choice(places)

    def table(self):
        cells = integer(0)
        for _ in range(self.rng.choice([0, 1, 2, 3, 9, 40])):
            cells = self.block("cell", self.any("t", integer(0)), self.any("t", integer(0)), cells)
        buckets = self.block("buckets", *[cells] * self.rng.choice([1, 1, 1, 2, 4]))
        return self.block("table", integer(3), buckets, integer(0), integer(1))

    def chain(self):
        cells = self.any("list", integer(0))
        for _ in range(self.rng.choice([0, 1, 2, 20])):
            cells = self.block("list", self.any("t", integer(0)), cells)
        return cells

    def record(self):
        below = self.any("t", None)
        if below is None:
            return self.block(
                "t", integer(0), integer(0), self.table(), self.string(3), self.block("array"),
                integer(0),
            )  # fmt: skip
        option = self.block("some", below) if self.rng.random() < 0.8 else integer(0)
        pair = self.block("some", self.block("pair", below, self.any("t", below)))
        array = self.block(
            "array", *[self.any("t", below) for _ in range(self.rng.choice([0, 1, 3]))]
        )
        table = self.table() if self.rng.random() < 0.5 else self.any("table", None)
        text = self.any("string", None)
        return self.block("t", option, self.chain(), table, text, array, pair)

    def spoil(self):
        """Rings, overlaps, and other shapes that no program writes."""
        everywhere = [place for places in self.places.values() for place in places]
        for _ in range(self.rng.choice([0, 0, 1, 3, 10])):
            kind = self.rng.choice(list(self.places))
            at = (self.rng.choice(self.places[kind]) - self.base) // 8
            size = min(self.words[at - 1] >> 10, len(self.words) - at)
            how = self.rng.random()
            if how < 0.5 and size > 0:  # later blocks too, so that rings arise
                other = self.rng.choice([kind, "t", "list", "cell"])
                to = self.rng.choice(self.places.get(other, everywhere))
                self.words[at + self.rng.randrange(size)] = to
            elif how < 0.7:
                self.words[at - 1] = header(len(self.words) - at, self.rng.choice([0, 1, 252, 254]))
            else:  # a block in each of the next fields
                for i in range(at, min(at + 60, len(self.words) - 2), 2):
                    self.words[i] = header(len(self.words) - i - 1)
                    self.words[i + 1] = self.base + 8 * (i + 3)


def make(rng, path):
    room = rng.choice([1000, 2000, 6000])
    file = AncientFile().commit({0: Block(0, *[0] * room), 1: Block(0, 0)})
    path.write_bytes(file.image)
    with ancient.open(path, raw=True) as store:
        blocks = [store[key].offset for key in (0, 1)]
    arena = Arena(rng, file.base + blocks[0])
    root = arena.record()
    while len(arena.words) < room - 400:
        root = arena.record()
    arena.spoil()
    file.image[blocks[0] : blocks[0] + 8 * len(arena.words)] = words(*arena.words)
    file.image[blocks[1] : blocks[1] + 8] = words(root)
    reseal(file.image, [at for at, _ in file.extents])
    path.write_bytes(file.image)


def some(values, count=20):
    return list(itertools.islice(values, count))


def calls(store, key, other):
    """What can be done with a value, by name."""
    value = store[key]
    yield "repr", lambda: repr(value)
    yield "equal", lambda: value == other[key]
    yield "hash", lambda: hash(value)
    yield "to_python", lambda: ancient.to_python(value)
    yield "pickle", lambda: pickle.loads(pickle.dumps(value))
    yield "copy", lambda: (copy.copy(value), copy.deepcopy(value))
    yield "len", lambda: len(value)
    yield "list", lambda: some(value)
    yield "contains", lambda: value in some(value)
    for path in ("a", "a.a.a", "l[3]", "h", "q[1].q[0]", "p[0].s", "l[0].h"):
        yield "at", lambda path=path: ancient.at(value, ".!." + path)


def parts(value):
    """Parts of a value, and what can be done with them."""
    record = value.contents
    for name in ancient.fields(record):
        part = getattr(record, name)
        for call in (repr, hash, len, some, ancient.to_python, lambda x: x == x, lambda x: x[0]):
            yield f"{name} {call}", lambda call=call, part=part: call(part)
    for column in ("s", "a.s", "a.a.a.s"):
        for name in ("l", "p", "h"):
            values = getattr(record, name)
            yield "column", lambda c=column, v=values: ancient.column(v, c)
    table = record.h
    yield "items", lambda: some(table.items())
    yield "all_items", lambda: some(table.all_items())
    yield "get", lambda: [table.get(key) for key in some(table)]
    yield "get_many", lambda: table.get_many(some(table))
    yield "getall", lambda: [table.getall(key) for key in some(table)]
    yield "dict", lambda: some(dict.fromkeys(some(table)))


def steps(store):
    ours, readers, _ = _ancient._work(store)
    return ours + readers


def drive(store, most, made):
    """Makes calls, and says when one takes too many steps.  Bodies of generators may fail too."""
    count = 0
    while True:
        try:
            name, call = next(made)
        except StopIteration:
            return count
        except ALLOWED:
            return count
        before = steps(store)
        try:
            call()
        except ALLOWED:
            pass
        taken = steps(store) - before
        # Calls in `name` are at most 20 of the package's.
        assert taken <= 20 * most, (name, taken, most)
        count += 1


def main(seed, count, folder):
    resource.setrlimit(resource.RLIMIT_AS, (512 << 20, 512 << 20))
    done = 0
    for number in range(count):
        rng = random.Random(seed * 1000003 + number)
        path = pathlib.Path(folder) / "hostile"
        make(rng, path)
        most = STEPS_A_WORD * path.stat().st_size // 8 + STEPS
        for options in ({"schema": SCHEMA}, {"raw": True}):
            try:
                with ancient.open(path, **options) as store, ancient.open(path, **options) as other:
                    done += drive(store, most, calls(store, 1, other))
                    if "schema" in options:
                        done += drive(store, most, parts(store[1]))
                    done += drive(store, most, iter([("verify", store.verify)]))
            except Exception:
                print("seed", seed, "file", number, options, file=sys.stderr)
                raise
    print(done)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
