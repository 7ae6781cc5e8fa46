"""python: allocations and calls of the system that fail, one after the other: MemoryError or
OSError, and nothing lost.

Each use of the package is made again and again; the first time its first allocation fails, then
its second, until there are no more of them, and the same with all allocations from there on.
"""

import os
import subprocess
import sys

import pytest
from ancientfile import (
    AncientFile,
    Bigarray,
    Block,
    Custom,
    FloatArray,
    Int64,
    Z,
    ocaml_list,
    pair,
    string_hashtbl,
)
from commands import preloaded
from stubnames import declared_names, used_names

PROGRAM = """
import copy, faulthandler, functools, gc, io, os, pickle, sys
import ancient

faulthandler.enable()
allocator, path = sys.argv[1:]
schema = open(path + ".schema").read()

if allocator == "python":
    import _testcapi
    arm, disarm = _testcapi.set_nomemory, _testcapi.remove_mem_hooks
    live = sys.getallocatedblocks
else:
    import ctypes
    library = ctypes.CDLL(os.environ["LD_PRELOAD"])
    prototype = ctypes.PYFUNCTYPE(None, ctypes.c_long, ctypes.c_long)
    fail = {"reader": "fail_allocations", "system": "fail_system"}[allocator]
    arm = prototype((fail, library))
    disarm = lambda arm=arm: arm(-1, 0)
    live = ctypes.PYFUNCTYPE(ctypes.c_long)(("live_allocations", library))

db = ancient.open(path, schema=schema)
untyped = ancient.open(path, raw=True)
raw = untyped[0]
root = db[0]
table, packages = root.table, root.packages
record = table["vim"]
names = ["vim", "git", "none", "\\xe9"]
custom = untyped[2]
by_pair, words, ints = root.by_pair, root.words, root.ints
floats, matrix = root.floats, root.matrix
numbers = iter(range(10**9))
dumped = pickle.dumps(record)

def plain(value):
    return ancient.to_python(value)

def new_types():
    text = schema.replace("name", f"name{next(numbers)}")
    with ancient.open(path, schema=text) as store:
        return len(ancient.fields(store[0].packages[0]))

def opened():
    with ancient.open(path) as store:
        return len(store), store.uuid, [k for k in store], store.keys().numbers(), store.info().keys

def generation(number):
    store = ancient.open(path, generation=number)
    found = pickle.loads(pickle.dumps(store)).generation
    store.close()
    return found

no_generation = functools.partial(ancient.open, path, generation=9)

# The exception passes no frame of Python: where memory is short 3.11 loses it on the way.
def refused(error, call, *arguments):
    try:
        call(*arguments)
    except error as exception:
        return str(exception)[-20:]

def text(call, *arguments, **options):
    to = io.StringIO()
    call(*arguments, to, **options)
    return to.getvalue()

def rows():
    made = ancient.table(packages, ["name", "size"], strings="replace", limit=10**6)
    batch = next(made.batches(1))
    made.select(["size"]).__arrow_c_stream__()
    batch.__arrow_c_array__(), batch.__arrow_c_schema__()
    return made.schema, made.column_names, made.num_rows, made._repr_html_(), repr(made)

def sizes(threads):
    column = ancient.column(packages, "size", threads=threads)
    return [*column], column.index(5), column.count(5), column[:1].tolist(), column.nbytes

def sections():
    column = ancient.column(packages, "section")
    column.__arrow_c_array__(), column.__arrow_c_schema__(), column.__dlpack__(max_version=(1, 0))
    return column.categories, column.tolist(), column == column, repr(column)

def depends():
    column = ancient.column(packages, "numbers[*]")
    return column.tolist(), column.offsets.tolist(), column.present

def pairs():
    part = by_pair.range((3, "a"), (9, "z"), inclusive=(True, False))
    return [*part.keys()], [*part.values()], [*reversed(part.items())], len(part), part[3, "c"]

def taken(store):
    with store.snapshot() as snapshot:
        return snapshot.generation, snapshot.name, snapshot.closed

def told(done, total):
    pass

def view(*names):
    return [plain(getattr(record, name)) for name in names]

USES = {
    "open": opened,
    "open, as another type": new_types,
    "no file": lambda: refused(ancient.MissingError, ancient.open, "/nonexistent"),
    "get": lambda: plain(db[0].packages[0]),
    "find": lambda: [plain(table[name]) for name in names[:2]],
    "find none": lambda: refused(ancient.NoKeyError, table.__getitem__, "none"),
    "find in a map": lambda: (root.by_pair[3, "c"], (9, "z") in root.by_pair),
    "range of a map": lambda: [[*r.items()] for r in (root.by_pair.range((3, "a"), (9, "z")),)],
    "ends of a map": lambda: (root.by_pair.first(), [*reversed(root.by_pair)]),
    "get with default": lambda: table.get("none", 5),
    "many keys": lambda: [None if r is None else r.size for r in table.get_many(names)],
    "all values of a key": lambda: [r.size for r in table.getall("git")],
    "attributes": lambda: view("name", "version", "size", "weight", "section", "serial", "big"),
    "iterate": lambda: [(k, v.size) for k, v in table.items()],
    "iterate an array": lambda: [p.name for p in packages],
    "iterate a list": lambda: list(record.depends),
    "slices": lambda: [p.name for p in packages[0:2]] + record.depends[::-1],
    "length": lambda: (len(db[0].table), len(db[0].packages), len(db[0].packages[0].depends)),
    "convert": lambda: plain(root),
    "convert raw": lambda: plain(raw),
    "raw": lambda: (list(raw[0][1]), raw[2].tolist(), raw[1][0].offset, raw == raw),
    "buffers": lambda: (bytes(memoryview(root.matrix)), memoryview(root.floats).tolist()),
    "pickle": lambda: pickle.dumps(record) == dumped,
    "unpickle": lambda: pickle.loads(dumped).name,
    "column": lambda: ancient.column(packages, "size").tolist(),
    "columns": lambda: [list(c) for c in ancient.columns(table, "size", "name")],
    "keys": lambda: ancient.column(table, keys=True),
    "equal": lambda: (db[0].packages == packages, db[0].table == table, record == packages[0]),
    "hash": lambda: hash(record.section) == hash(packages[0].section),
    "print": lambda: (repr(root)[:40], repr(table)[:40], str(raw)[:40], repr(record.depends)),
    "fields": lambda: (ancient.fields(record), [*ancient.asdict(record)]),
    "a constructor": lambda: (ancient.constructor(record.section), repr(record.section)),
    "a path": lambda: ancient.at(root, 'table["vim"].depends[0]'),
    "types": lambda: ancient.types(root).__dir__(),
    "pickle a class": lambda: pickle.loads(pickle.dumps(type(record))) is type(record),
    "pickle types": lambda: pickle.loads(pickle.dumps(ancient.types(root))).package is None,
    "verify": lambda: db.verify().blocks,
    "refresh": lambda: db.refresh(),
    "log": lambda: (db.log(), db.info().time),
    "open a generation": lambda: generation(2),
    "JSON": lambda: (ancient.to_json(root, limit=10**6), text(ancient.dump, record, indent=2)),
    "identity": lambda: {ancient.identity(record), ancient.identity(packages[0])},
    "copies": lambda: (copy.copy(record) == record, copy.deepcopy(root.matrix) == matrix),
    "one level": lambda: ancient.to_python(packages, depth=1) == [*packages],
    "a table": rows,
    "a column by two threads": lambda: sizes(2),
    "a column of constructors": sections,
    "a column of lists": depends,
    "a column of strings": lambda: ancient.column(words),
    "parts of a map": pairs,
    "many keys of a map": lambda: (by_pair.get_many([(3, "c")]), by_pair.getall((3, "c"))),
    "views of a map": lambda: ([*by_pair.items()], [*by_pair.values()], by_pair.last()),
    "all items": lambda: [(key, value.size) for key, value in table.all_items()],
    "views of a table": lambda: (len(table.values()), len(table.items()), len(table.keys())),
    "sets": lambda: (words.first(), words.last(), [*reversed(words)]),
    "parts of a set": lambda: ([*words.prefix("b")], [*words.range("a", "c")]),
    "operators of sets": lambda: (words & {"a"}, words | {"c"}, words - {"a"}),
    "searches": lambda: (ints.index(3), ints.count(3), 3 in ints, ints.tolist()),
    "variants": lambda: (sorted([p.section for p in packages]), f"{record.section:>20}"),
    "a reference": lambda: (root.cell.contents, repr(root.cell), root.cell == root.cell),
    "options and results": lambda: (record.version, root.good, repr(root.good), hash(root.good)),
    "a bigarray": lambda: (matrix.kind, matrix.layout, matrix.shape, matrix.nbytes),
    "slices of a bigarray": lambda: (matrix[1].tolist(), matrix[..., 0].shape, [*matrix[0]]),
    "what numpy takes": lambda: [
        (type(x.__dlpack__(max_version=(1, 0))), x.__dlpack_device__())
        for x in (floats, matrix, matrix[1])
    ],
    "what Arrow takes": lambda: [len(x.__arrow_c_array__()) for x in (floats, matrix)],
    "floats": lambda: (floats.tolist(), floats.index(2.5), floats.count(1.5), floats[:1]),
    "a block": lambda: (raw.tag, raw.offset, raw.index(raw[1]), raw.count(0), len(raw[1:])),
    "a custom": lambda: (custom.identifier, custom.offset, bytes(memoryview(custom)), repr(custom)),
    "a string in place": lambda: bytes(raw[1][0].memoryview(0)),
    "plain copies": lambda: (ancient.Tagged(0, [1]).fields, ancient.Constructor("A").args),
    "a plain option": lambda: ancient.Some(3).value,
    "keys of a store": lambda: (db.keys().numbers(), db.names(), repr(db)),
    "a page of a store": lambda: db._repr_html_(),
    "values of a store": lambda: (len(db.values()), [key for key, _ in untyped.items()], "x" in db),
    "an entry": lambda: (db.entry(1), db.schema(0), db.raw(1), db.get(77), db.types(0).__dir__()),
    "a string of a store": lambda: bytes(db.memoryview(3)),
    "a path of a store": lambda: db.at('0.table["git"].size'),
    "snapshot": lambda: taken(db),
    "prefetch": lambda: db.prefetch(),
    "verify by two threads": lambda: db.verify(progress=told, threads=2),
    "no generation": lambda: refused(ancient.NoGenerationError, no_generation),
}

# Code in Python: without memory for a frame 3.11 does not end, 3.13 goes on in one that is freed.
if allocator == "python":
    del USES["a table"], USES["a page of a store"], USES["operators of sets"]

def state():
    gc.collect()
    sys._clear_type_cache()  # which keeps the names it was asked for
    with open("/proc/self/maps") as maps:
        mapped = sum(path in line for line in maps)
    return live(), len(os.listdir("/proc/self/fd")), mapped

# What a use ends with; made here, since there is no memory for it where one is caught.
ENDS = MemoryError, pickle.PickleError  # which hides one that pickle has met
if allocator == "system":
    ENDS = ancient.SystemError, ancient.AddressSpaceError

# Whether an allocation failed: the use ended so, or as it does where none fails.
def attempt(name, use, wanted, first, count):
    arm(first, count)
    try:
        found = use()
    except ENDS:
        disarm()
        return True
    except BaseException:
        disarm()
        print(name, "allocation", first, count, file=sys.stderr)
        raise
    disarm()
    assert found == wanted, (name, first, count, found, wanted)
    return False

# All that fail from the first on, until it is none of the use's; then those that fail alone.
def starve(name, use):
    wanted = use()
    assert use() == wanted
    last = 0
    while attempt(name, use, wanted, last, 0):
        last += 1
        assert last < 20000, name
    for first in range(last):
        attempt(name, use, wanted, first, first + 1)
    assert use() == wanted
    return last

for name, use in USES.items():
    starve(name, use)  # what Python keeps for ever
    before = state()
    count = starve(name, use)
    after = state()
    lost = after[0] - before[0]
    # Of a use with hundreds of allocations one that is lost is lost hundreds of times.  Half as
    # many are left room for: a use that makes classes has had over half of what was allowed.
    assert lost < 40 + count // 2, (name, count, before, after)
    assert after[1:] == before[1:], (name, count, before, after)
    print(f"{name}: {count}", flush=True)
"""

SCHEMA = """
type section = Admin | Games of int | Other of { label : string }
type package = {
  name : string; version : string option; size : int; weight : float; section : section;
  serial : int64; big : Z.t; depends : string list; numbers : int list }
module Pairs : Map.S with type key = int * string [@@ancient.order standard]
module Words : Set.S with type elt = string [@@ancient.order standard]
type root = {
  table : (string, package) Hashtbl.t; packages : package array; floats : float array;
  matrix : (float, Bigarray.float64_elt, Bigarray.c_layout) Bigarray.Array2.t;
  by_pair : int Pairs.t; words : Words.t; ints : int array; cell : int ref;
  good : (int, string) result }
val root : root
"""


def package(name, size, section):
    return Block(
        0,
        name,
        pair("9.1"),
        size,
        1.5,
        section,
        Int64(2**40),
        Z(10**30),
        ocaml_list(["libc6", "é", name]),
        ocaml_list([size, 1]),
    )


@pytest.fixture
def file(make_file):
    vim, git = package("vim", 2**40, Block(0, 7)), package("git", 5, Block(1, "vcs"))
    table = string_hashtbl(
        [("vim", vim), ("git", git), ("git", package("old", 1, 0)), ("é", git)], 4
    )
    numbers = Block(0, 0, pair(3, "c"), 7, 0, 1)
    matrix = Bigarray("float64", [2, 2], [1.0, 2.0, 3.0, 4.0])
    strings = Block(0, Block(0, 0, "a", 0, 1), "bc", 0, 2)
    root = Block(
        0, table, Block(0, vim, git), FloatArray([1.5, 2.5]), matrix, numbers, strings,
        Block(0, 1, 3, 5), Block(0, 2**40), Block(0, 7),
    )  # fmt: skip
    file = AncientFile(minor=2).commit({0: root}, time=10**18)
    file.commit({1: 1, 2: Custom("own", [7]), 3: "text"}, time=2 * 10**18)
    path = make_file(file.image)
    path.with_name(path.name + ".schema").write_text(SCHEMA)
    return path


def starved(allocator, path, **environment):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, allocator, path],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return dict(line.rsplit(": ", 1) for line in done.stdout.splitlines())


def test_the_program_uses_every_function_and_method_of_the_package():
    libraries = {"to_arrow", "to_pandas", "to_polars"}  # which need not be there
    missing = declared_names() - used_names(PROGRAM) - libraries
    assert {name for name in missing if not name.startswith("_")} == set()


# The weak dictionaries of the package are Python's, whose frames 3.11 cannot always make: it
# returns without an exception then, which is taken for SystemError, and ends a Py_DEBUG one.
@pytest.mark.skipif(hasattr(sys, "gettotalrefcount"), reason="aborts in Python's own frames")
def test_a_failing_allocation_of_python_is_a_memory_error_and_loses_nothing(file):
    pytest.importorskip("_testcapi")
    counts = starved("python", file)
    assert len(counts) > 30
    assert sum(map(int, counts.values())) > 500  # that failed


def failing_calls(build_dir):
    library = build_dir / "tests" / "python" / "failing_calls.so"
    if not library.exists() or "LD_PRELOAD" in os.environ:
        pytest.skip("the build has no library of failing calls, or a sanitizer has its own")
    return preloaded(library)


def test_a_failing_allocation_of_the_reader_is_a_memory_error_and_loses_nothing(file, build_dir):
    counts = starved("reader", file, **failing_calls(build_dir))
    assert int(counts["open"]) >= 3
    assert int(counts["open, as another type"]) > 10


def test_a_failing_call_of_the_system_is_an_os_error_and_loses_nothing(file, build_dir):
    counts = starved("system", file, **failing_calls(build_dir))
    assert int(counts["open"]) >= 4
    assert int(counts["refresh"]) > 0
