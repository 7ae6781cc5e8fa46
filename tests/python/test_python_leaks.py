"""python: what is done over and over, or a million times, leaves nothing behind.

Each in a program of its own, that nothing else allocates in.
"""

import subprocess
import sys

from ancientfile import (
    AncientFile,
    Bigarray,
    Block,
    Custom,
    FloatArray,
    Z,
    ocaml_list,
    pair,
    string_hashtbl,
)
from typedsamples import tree

MEASURE = """
import gc, os, pickle, sys
import ancient

def attempt(call):
    try:
        call()
    except (ancient.Error, LookupError, TypeError, ValueError, AttributeError, pickle.PickleError):
        pass

def resident():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

# References are counted where Python was built with Py_DEBUG.
def state():
    gc.collect()
    references = getattr(sys, "gettotalrefcount", lambda: 0)()
    with open("/proc/self/maps") as maps:
        lines = len(maps.readlines())
    return sys.getallocatedblocks(), references, len(os.listdir("/proc/self/fd")), lines

# Python's own caches grow less and less; what is lost once a round is lost in all of them.
def leaves_nothing(work, rounds):
    for _ in range(6):
        before = state()
        for _ in range(rounds):
            work()
        after = state()
        told = (work.__name__, before, after)
        blocks, references, descriptors, lines = (b - a for a, b in zip(before, after))
        if max(blocks, references) < rounds // 2 and descriptors == 0 and lines < 20:
            return
    raise AssertionError(told)

# A million of what `make` makes a thousand of: a thousand at a time, then a hundred thousand.
# Nothing is counted where Python has no allocator of its own, as under a sanitizer.
def a_million(make):
    for _ in range(200):
        make()
    blocks, bytes = sys.getallocatedblocks(), resident()
    for _ in range(1000):
        made = make()
    assert len(made) == 1000
    del made
    # Eight bytes for each would be 8 MB.
    told = (blocks, sys.getallocatedblocks(), bytes, resident())
    assert told[1] - told[0] < 1000, told
    assert told[3] - told[2] < 4 << 20 or blocks == 0, told
    made = [make() for _ in range(100)]
    del made
    # What is kept to be used again is bounded.
    assert sys.getallocatedblocks() - blocks < 1000, (blocks, sys.getallocatedblocks())
"""


def run(program, *arguments):
    command = [sys.executable, "-W", "error", "-c", MEASURE + program, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


RAW = """
good, bad, cyclic = sys.argv[1:]

def stop(done, total):
    raise ValueError

def everything():
    with ancient.open(good) as db:
        value = db[0]
        list(value), value[1:4], value[-1], repr(value), str(value), iter(value)
        [(v.offset, bytes(memoryview(v))) for v in (value[4], value[5], value[6])]
        value[4].tolist(), value[5].tolist(), value[5].shape, value[6].identifier
        value.memoryview(1).tobytes(), value == db[0], value in [1], 99 in value
        tagged = ancient.to_python(value)
        hash(ancient.Tagged(1, (2,))), tagged == tagged, repr(tagged), tagged.__reduce__()
        db.keys().numbers(), db.names(), list(db.items()), list(db.values()), list(db)
        db.entry("root"), db.info(), db._repr_html_(), db._ipython_key_completions_()
        db.get(77), db.get("none", 5), db.refresh(), db.snapshot()[0], db.uuid, len(db)
        db.verify(progress=lambda done, total: None)
        db.prefetch()
        attempt(lambda: db.verify(progress=stop))
        for wrong in (lambda: db[77], lambda: db[1.5], lambda: value[99], lambda: value["x"],
                      lambda: value.memoryview(0), lambda: db.snapshot().refresh(),
                      lambda: hash(value), lambda: value.index(1234), lambda: ancient.Block(),
                      lambda: value.__reduce__(), lambda: db.get(), lambda: db["\\0"]):
            attempt(wrong)
    attempt(lambda: db[0])
    attempt(lambda: ancient.to_python(ancient.open(cyclic)[0]))
    ancient.open(cyclic)[0] == ancient.open(cyclic)[0]
    for path in (bad, "/nonexistent", "/", "/dev/null"):
        attempt(lambda: ancient.open(path))
    fd = os.open(good, os.O_RDONLY)
    with ancient.open(fd, strings="bytes") as db:
        list(db[0])
    os.close(fd)

leaves_nothing(everything, 500)
"""


def test_raw_values_and_their_errors_leave_nothing(make_file):
    value = Block(
        3,
        1,
        "text" * 100,
        0.5,
        pair(1, pair()),
        FloatArray([1.0]),
        Bigarray("int8", [2, 1], [1, 2]),
        Custom("_mine", [1]),
        Z(2**90),
    )
    ring = pair(1, 0)
    ring.fields[1] = ring
    good = make_file({0: value}, names={0: "root"})
    run(RAW, good, make_file(b"foreign" * 2000), make_file({0: ring}))


# One type of each kind, over a value of it.
SCHEMA = """
type kind = Small | Large of int | Other of { note : string }
type part = {
  name : string; size : int; kind : kind; some : string option; row : int list;
  both : int * string; floats : float array; big : Z.t
}
val root : (string, part) Hashtbl.t
"""


def part(i):
    return pair(
        f"part-{i}",
        i,
        [0, Block(0, i), Block(1, f"note {i}")][i % 3],
        pair("some") if i % 2 else 0,
        ocaml_list([i, i + 1]),
        pair(i, "both"),
        FloatArray([i, 0.5]),
        Z(2**80 + i),
    )


TYPED = (
    f"""
schema = '''{SCHEMA}'''
"""
    + """
store = ancient.open(sys.argv[1], schema=schema)
other = "type part = { name : string; size : int }\\nval root : (string, part) Hashtbl.t"
wrong_table = ancient.open(sys.argv[1], schema=other)[0]

def values():
    table = store[0]
    keys = [*table]
    for key, part in table.items():
        part.name, part.size, part.kind, part.some, part.both[1], part.floats[0], part.big
        len(part.row), list(part.row), part.row[:1], part.row[-1], 3 in part.row, [*part.floats]
        repr(part), part == table[key], part != 3
        assert repr(part.kind)
    repr(table), table == table, "none" in table, table.get("none", 3), len(table)
    ancient.to_python(table)
    store.at("0"), store.at('0["part-1"].size'), store.schema(0), store.names(), store.entry(0)
    for part in table.get_many(keys + ["none"]):
        getattr(part, "name", None)
    ancient.column(table, "size"), ancient.columns(table, "name", "both[1]")
    ancient.columns(table, "size", "some", threads=3)

def notebooks():
    table = store[0]
    rows = ancient.table(table)
    table._repr_html_(), rows._repr_html_(), rows.select(["key", "row[*]"])._repr_html_()
    ancient.table(table, limit=10)._repr_html_()
    [batch.__arrow_c_array__() for batch in rows.batches(2)]
    attempt(lambda: ancient.table(table, ["none"]))

def errors():
    table = store[0]
    part = table["part-1"]
    for wrong in (lambda: table["none"], lambda: table[3], lambda: table[[]], lambda: part.none,
                  lambda: part.row[99], lambda: part.row["x"], lambda: part.floats[99],
                  lambda: part.both[2], lambda: part.row.index(-1), lambda: hash(table),
                  lambda: table.get_many(3), lambda: table.get_many([[]]), lambda: table.get(),
                  lambda: ancient.column(table, "none"), lambda: ancient.column(table, "kind"),
                  lambda: ancient.columns(table, "size", "none"), lambda: ancient.column(part),
                  lambda: ancient.columns(table, "size", "kind.x", threads=2),
                  lambda: ancient.column(wrong_table, "size", threads=3),
                  lambda: ancient.column(table, "floats[7]"), lambda: type(part)(),
                  lambda: setattr(part, "name", 3)):
        attempt(wrong)

def openings():
    with ancient.open(sys.argv[1], schema=schema) as db:
        db[0]["part-2"].kind
    attempt(lambda: db[0])
    for text in ("", "val", "val root : none", "type t = {", schema + "val root : int",
                 "val root : int", "val root : (int, string) Hashtbl.t", "\\0", "val root :"):
        attempt(lambda: [*ancient.open(sys.argv[1], schema=text)[0].items()])

def pickles():
    table = store[0]
    for view in (store, table, table["part-1"], table["part-1"].row):
        whole = pickle.dumps(view)
        pickle.loads(whole)
        attempt(lambda: pickle.loads(whole.replace(b"part-1", b"none-1")))
        attempt(lambda: pickle.loads(whole[:-9] + b"."))
    attempt(lambda: pickle.dumps(iter(table)))

leaves_nothing(values, 300)
leaves_nothing(notebooks, 200)
leaves_nothing(errors, 500)
leaves_nothing(openings, 200)
leaves_nothing(pickles, 200)
"""
)


def test_typed_values_and_their_errors_leave_nothing(make_file):
    bindings = [(f"part-{i}", part(i)) for i in range(6)]
    run(TYPED, make_file({0: string_hashtbl(bindings, 4)}))


RANGES = """
schema = "module M : Map.S with type key = string [@@ancient.order standard] val root : int M.t"
store = ancient.open(sys.argv[1], schema=schema)

def ranges():
    found = store[0]
    found.first(), found.last(), [*reversed(found)]
    [*found.prefix("lib")], [*found.prefix("\\udcff")]
    part = found.range("lib", "m", inclusive=(False, True))
    [*part.items()], [*reversed(part.values())], len(part), bool(part), "lib1" in part
    half = iter(part.items())
    next(half)

def errors():
    found = store[0]
    for wrong in (lambda: found.range(3), lambda: found.range("a", 3), lambda: found.prefix(3),
                  lambda: found.range("a", inclusive=True), lambda: found.prefix("\\ud800"),
                  lambda: store[1].first(), lambda: store[1].range().items(),
                  lambda: [*store[2].range("a")], lambda: pickle.dumps(found.range())):
        attempt(wrong)

leaves_nothing(ranges, 500)
leaves_nothing(errors, 500)
"""


def test_ranges_leave_nothing(make_file):
    names = [(f"lib{i}", i) for i in range(9)]
    run(RANGES, make_file({0: tree(names)[0], 1: 0, 2: tree(names[::-1])[0]}))


GENERATIONS = """
import warnings

good, damaged = sys.argv[1:]
warnings.simplefilter("ignore")
newest = ancient.open(good)

def older():
    with ancient.open(good, generation=2) as db:
        repr(db), db[0], db.generation, db.log(), db.log(1), db.log(limit=0), db.info()
        db.refresh(), db.refresh(allow_older=True)
        whole = pickle.dumps((db, db[0], db.snapshot()))
        pickle.loads(whole)
    newest.log(), newest.info().time, newest.refresh(allow_older=True)
    for wrong in (9, 1, 0, -1, 2**64, int("1000000007"), "2", 2.5):
        attempt(lambda: ancient.open(good, generation=wrong))
        attempt(lambda: newest.log(-1)), attempt(lambda: newest.log("x"))
        attempt(lambda: newest.refresh(1)), attempt(lambda: newest.refresh(older=1))

def moved_on():
    # Back to a file whose superblock is damaged, with each of the two ends of a warning.
    path = good + ".other"
    with open(path, "wb") as file, open(good, "rb") as source:
        file.write(source.read())
    db = ancient.open(path)
    with open(path, "r+b") as file, open(damaged, "rb") as source:
        file.write(source.read())
    attempt(db.refresh)
    warnings.simplefilter("error")
    for use in (lambda: ancient.open(damaged), lambda: db.refresh(allow_older=True)):
        try:
            use()
        except ancient.DamagedFileWarning:
            pass
    warnings.simplefilter("ignore")
    assert db.refresh(allow_older=True)
    attempt(lambda: ancient.open(damaged).verify())

leaves_nothing(older, 300)
leaves_nothing(moved_on, 300)
"""


def test_generations_and_their_errors_leave_nothing(make_file):
    file = AncientFile(minor=2).commit({0: pair(1, 2)}, time=10**18)
    file.commit({0: pair(3, 4), 1: "more"}).commit({2: 5})
    damaged = make_file(bytes(4096) + file.image[4096:])
    run(GENERATIONS, make_file(file.image), damaged)


RAW_MILLION = """
block = ancient.open(sys.argv[1])[0]
a_million(lambda: list(block))
a_million(lambda: [iter(view) for view in block])
a_million(lambda: [memoryview(view[1]) for view in block])
"""


def test_a_million_raw_views_leave_nothing(make_file):
    run(RAW_MILLION, make_file({0: pair(*[pair(i, FloatArray([i])) for i in range(1000)])}))


TYPED_MILLION = (
    f"""
schema = '''{SCHEMA}'''
"""
    + """
table = ancient.open(sys.argv[1], schema=schema)[0]
keys = [*table]
a_million(lambda: table.get_many(keys))
a_million(lambda: [*table.values()])
a_million(lambda: [table[key].row for key in keys])
a_million(lambda: ancient.column(table, "size"))
a_million(lambda: [table.get("none", keys) for key in keys])
"""
)


def test_a_million_typed_views_leave_nothing(make_file):
    bindings = [(f"part-{i}", part(i)) for i in range(1000)]
    run(TYPED_MILLION, make_file({0: string_hashtbl(bindings, 512)}))
