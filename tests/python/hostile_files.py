"""python: files made to cost much, by a generator of its own, and what the package does with them.

    python3 hostile_files.py SEED COUNT FOLDER

The files are those of support/hostilefile.py.  Each is opened raw and with a schema, and everything
that the package can do with a value, and with a store, is done.  Counted steps must stay in
proportion to the file, memory below 512 MB (the process has a limit), and nothing but the
package's errors, and those of Python for what a kind of value has not, may be raised.  Prints how
many calls were made.
"""

import copy
import itertools
import mmap
import os
import pathlib
import pickle
import random
import resource
import sys
import sysconfig

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from hostilefile import NUMBER, ROOT, SCHEMA, TWIN, make

import ancient
from ancient import _ancient

STEPS_A_WORD = 64
STEPS = 1 << 22
ALLOWED = (
    ancient.Error,
    TypeError,
    RecursionError,
    KeyError,
    IndexError,
    AttributeError,
    ValueError,
)


def some(values, count=20):
    return list(itertools.islice(values, count))


def calls(store, key, other):
    """What can be done with a value, by name."""
    value = store[key]
    yield "repr", lambda: repr(value)
    yield "equal", lambda: value == other[key]
    yield "twin", lambda: value == other[TWIN]
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
    for column in (
        "s",
        "a.s",
        "a.a.a.s",
        "s.length",
        "a.l.length",
        "a.l[3].s",
        "p.length",
        "a.l[*].s",
        "[*]",
    ):
        for name in ("l", "p", "h"):
            values = getattr(record, name)
            yield "column", lambda c=column, v=values: ancient.column(v, c)
    table = record.h
    yield "items", lambda: some(table.items())
    yield "all_items", lambda: some(table.all_items())
    yield "get", lambda: [table.get(key) for key in some(table)]
    yield "get_many", lambda: table.get_many(some(table))
    for name in ("l", "p"):
        values = getattr(record, name)
        yield "search", lambda v=values: (v.index(v[0]), v.count(v[-1]), v[0] in v, "x" in v)
        yield "set", lambda v=values: {x: 1 for x in some(v)}
        yield "table", lambda v=values: ancient.table(v, strings="replace", json=True)._repr_html_()
        yield "together", lambda v=values: ancient.to_python(tuple(some(v)))
    yield "getall", lambda: [table.getall(key) for key in some(table)]
    yield "dict", lambda: some(dict.fromkeys(some(table)))


# What can be done with a value of any kind; most of it fails on most.
USES = {
    "repr": repr,
    "bool": bool,
    "len": len,
    "hash": hash,
    "list": some,
    "reversed": lambda value: some(reversed(value)),
    "equal": lambda value: value == value,
    "first": lambda value: value[0],
    "last": lambda value: value[-1],
    "slice": lambda value: value[0:20:2],
    "index": lambda value: value.index(value[0]),
    "count": lambda value: value.count(value[0]),
    "contains": lambda value: 3 in value,
    "rows": lambda value: value[..., :1, 0].tolist(),
    "dlpack": lambda value: value.__dlpack__(max_version=(1, 0)),
    "buffer": lambda value: bytes(memoryview(value)[:4]),
    "a buffer": lambda value: value.memoryview(0),
    "tolist": lambda value: value.tolist(),
    "to_python": ancient.to_python,
    "one level": lambda value: ancient.to_python(value, depth=2, on_cycle="ref"),
    "json": lambda value: ancient.to_json(value, limit=10_000),
    "identity": ancient.identity,
    "fields": ancient.fields,
    "asdict": ancient.asdict,
    "constructor": ancient.constructor,
    "types": lambda value: dir(ancient.types(value)),
    "at": lambda value: ancient.at(value, "[0].a"),
    "columns": lambda value: ancient.columns(value, "s", "n"),
    "ints": lambda value: ancient.column(value, "n").tolist(),
    "present": lambda value: ancient.column(value, "a.n").present.tolist(),
    "notebook": lambda value: value._repr_html_(),
    "keys": lambda value: some(value.keys()),
    "values": lambda value: some(value.values()),
    "items": lambda value: some(value.items()),
    "all_items": lambda value: some(value.all_items()),
    "get": lambda value: [value.get(key) for key in some(value, 3)],
    "getitem": lambda value: [value[key] for key in some(value, 3)],
    "getall": lambda value: [value.getall(key) for key in some(value, 3)],
    "get_many": lambda value: value.get_many(some(value)),
    "range": lambda value: [some(value.range(key)) for key in some(value, 3)],
    "reversed range": lambda value: [some(reversed(value.range(hi=k))) for k in some(value, 3)],
    "length of a range": lambda value: len(value.range(*some(value, 2))),
    "prefix": lambda value: some(value.prefix("a").items()),
    "ends": lambda value: (value.first(), value.last()),
    "union": lambda value: len(value | {1}),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda value: pickle.loads(pickle.dumps(value)),
    "attributes": lambda value: [
        getattr(value, name)
        for name in ("tag", "offset", "kind", "layout", "shape", "nbytes", "identifier")
    ],
}


def insides(value):
    """Values that are in it, as far as it can be looked into."""
    for look in (
        lambda: [value.contents],
        lambda: [getattr(value, name) for name in ancient.fields(value)],
        lambda: some(value, 4),
        lambda: some(value.values(), 4),
    ):
        try:
            yield from look()
        except ALLOWED:
            pass


def everything(value, count=60):
    """What can be done with a value and with those that are in it, the nearest first."""
    todo = [value]
    for value in todo:
        for name, use in USES.items():
            yield name, lambda use=use, value=value: use(value)
        if len(todo) < count:
            todo += insides(value)


def whole(store):
    """What can be done with a store."""
    yield (
        "store",
        lambda: (
            len(store),
            some(store),
            store.keys().numbers(),
            store.names(),
            some(store.items()),
            repr(store),
        ),
    )
    yield "store in a notebook", lambda: (store._repr_html_(), store._ipython_key_completions_())
    yield "json", lambda: [ancient.to_json(value, limit=10_000) for value in some(store.values())]
    yield "values", lambda: (store.values(), store.items(), 3 in store, store.get(77, 1))
    yield "names", lambda: (store.name, store.closed, store.generation, store.uuid)
    yield "entry", lambda: (store.entry("three"), store.schema(NUMBER), store.raw(ROOT))
    yield "types", lambda: dir(store.types(ROOT))
    yield "at", lambda: store.at("three")
    yield "memoryview", lambda: store.memoryview(ROOT)
    yield "info", lambda: (store.info(), store.log(3))
    yield "refresh", lambda: store.refresh()
    yield "snapshot", lambda: store.snapshot().close()
    yield "verify", store.verify
    yield "prefetch", store.prefetch


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


def fills_holes(folder):
    """Whether what is read of a hole gets pages of its own there, as in tmpfs: a file becomes as
    large as it claims to be, and what it may cost with it."""
    path = pathlib.Path(folder) / "hole"
    with open(path, "w+b") as file:
        file.truncate(1 << 20)
        with mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as pages:
            assert not any(pages[::4096])
        filled = os.fstat(file.fileno()).st_blocks > 0
    path.unlink()
    return filled


def main(seed, count, folder):
    limit = 4 << 30 if fills_holes(folder) else 512 << 20
    if sysconfig.get_config_var("Py_GIL_DISABLED"):  # whose allocator reserves a gigabyte
        limit += (
            int(pathlib.Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        )
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    done = 0
    for number in range(count):
        rng = random.Random(seed * 1000003 + number)
        path = pathlib.Path(folder) / "hostile"
        make(rng, path)
        most = STEPS_A_WORD * path.stat().st_size // 8 + STEPS
        for options in ({"schema": SCHEMA}, {"raw": True}):
            try:
                with ancient.open(path, **options) as store, ancient.open(path, **options) as other:
                    done += drive(store, most, calls(store, ROOT, other))
                    if "schema" in options:
                        done += drive(store, most, parts(store[ROOT]))
                    done += drive(store, most, everything(store[ROOT]))
                    done += drive(store, most, everything(store[TWIN], 1))
                    done += drive(store, most, whole(store))
            except Exception:
                print("seed", seed, "file", number, options, file=sys.stderr)
                raise
    print(done)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
