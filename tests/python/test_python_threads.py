"""python: threads that share everything at once: each reads what one thread reads alone.

With a lock of the interpreter they are switched as often as it can; a free-threaded Python runs
them side by side, and there the same tests look for races that the lock hides (./run extra
free-threaded).
"""

import collections
import copy
import gc
import itertools
import os
import pickle
import signal
import subprocess
import sys
import sysconfig
import threading
import weakref

import pytest
from ancientfile import AncientFile, Bigarray, Block, FloatArray, ocaml_list, pair, string_hashtbl
from typedsamples import tree

import ancient

FREE = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
THREADS = 8 if FREE else 3
ROUNDS = 40 if FREE else 4

SCHEMA = """
type colour = Red | Green of int | Blue
type part = { name : string; size : int; colour : colour; sizes : int * int; more : part option }
type times = (int * int) * (int * int)
module Names : Map.S with type key = string [@@ancient.order standard]
module Numbers : Set.S with type elt = int [@@ancient.order standard]
type all = {
  parts : (string, part) Hashtbl.t;
  list : part list;
  array : part array;
  map : part Names.t;
  numbers : Numbers.t;
  tuple : (int * string) * (string * times);
  contents : int ref;
  floats : float array;
  image : (float, Bigarray.float64_elt, Bigarray.c_layout) Bigarray.Array1.t;
}
val root : all
"""
COUNT = 40


@pytest.fixture(autouse=True)
def restless():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def together(works):
    """What the functions return, each on a thread of its own, all let go at once."""
    ready, results = threading.Barrier(len(works)), [None] * len(works)

    def run(i):
        ready.wait()
        try:
            results[i] = works[i]()
        except BaseException as failure:
            results[i] = failure

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return results


def part(i, more=0):
    colour = (0, Block(0, i), 1)[i % 3]
    return pair(f"part-{i}", i, colour, pair(i, i), more)


def value():
    parts = [part(i, pair(part(i + 1)) if i % 2 else 0) for i in range(COUNT)]
    names = [f"part-{i}" for i in range(COUNT)]
    hidden = [(name, part(0)) for name in names[::3]]
    return pair(
        string_hashtbl(hidden + [*zip(names, parts, strict=True)], 16),
        ocaml_list(parts),
        pair(*parts),
        tree(sorted(zip(names, parts, strict=True)))[0],
        tree([(i, None) for i in range(COUNT)])[0],
        pair(pair(1, "a"), pair("b", pair(pair(1, 2), pair(3, 4)))),
        pair(7),
        FloatArray([i / 2 for i in range(COUNT)]),
        Bigarray("float64", [COUNT], [1.5] * COUNT),
    )


def raw_value():
    nested = 0
    for i in range(20):
        nested = Block(i % 5, i, nested)
    return pair(nested, "text" * 30, FloatArray([1.0, 2.0]), *range(COUNT))


def written(path, values):
    file = AncientFile()
    file.commit(values, names={0: "all"})
    path.write_bytes(file.image)
    return path


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return written(tmp_path_factory.mktemp("typed") / "file", dict.fromkeys(range(30), value()))


@pytest.fixture(scope="module")
def raw_path(tmp_path_factory):
    return written(tmp_path_factory.mktemp("raw") / "file", dict.fromkeys(range(30), raw_value()))


def opened(path, distinct=0, **options):
    """A store with a schema that no other has had, but for its types."""
    return ancient.open(path, schema=f"{SCHEMA}(* {distinct} *)", **options)


DISTINCT = itertools.count(1)

# ---- The same answers ---------------------------------------------------------------------


def read_table(root):
    table, keys = root.parts, [f"part-{i}" for i in range(0, 2 * COUNT, 3)]
    yield len(table), bool(table), "part-1" in table, "none" in table, b"part-2" in table
    yield [found and found.size for found in table.get_many(keys)]
    yield sorted(table), sorted(v.size for v in table.values())
    yield sorted((k, v.size) for k, v in table.all_items())
    yield [v.size for v in table.getall("part-3")], table.get("none", 3)
    yield ancient.column(table, "size").tolist(), list(ancient.column(table, "name"))
    yield repr(table), ancient.to_json(table)
    yield ancient.to_python(table)


def read_sequences(root):
    for sequence in (root.list, root.array):
        yield len(sequence), bool(sequence), [v.name for v in sequence]
        yield sequence[3].name, sequence[-1].size, [v.size for v in sequence[5:20:4]]
        yield repr(sequence), sequence == root.list, sequence == list(root.array)
        yield sequence.index(sequence[7]), sequence.count(sequence[8]), sequence[9] in sequence
        yield ancient.columns(sequence, "size", "colour", "more.size", threads=2)
    yield root.floats.tolist(), bytes(root.image), root.image[3], list(root.floats)


def read_order(root):
    names, numbers = root.map, root.numbers
    yield len(names), [*names], names["part-7"].size, [*reversed(names)]
    yield [*names.range("part-2", "part-31").values()] == [
        *names.range("part-2", "part-31").values()
    ]
    yield len(names.prefix("part-1")), names.first()[0], names.last()[1].size
    yield [*numbers], [*numbers.range(5, 9)], 7 in numbers, COUNT in numbers, len(numbers)
    yield numbers | {99}, numbers & {1, 2, 3}, numbers.first(), numbers.last()


def read_records(root):
    first = root.list[1]
    yield first.name, first.more.name, first.colour._0, repr(first), ancient.fields(first)
    yield hash(first) == hash(root.array[1]), first == root.array[1], first != root.array[2]
    yield {v: v.size for v in root.list} == {v: v.size for v in root.array}
    yield sorted(v.colour for v in root.array[:9]) == sorted(v.colour for v in root.list[:9])
    yield ancient.asdict(first).keys(), ancient.at(root, "list[3].name"), root.contents.contents
    yield type(first) is type(root.array[2]), type(first).__name__, first.colour.__class__.__name__
    yield root.tuple, ancient.to_python(root.tuple), ancient.identity(first)
    yield pickle.loads(pickle.dumps(first)) == first, copy.copy(first) is first
    yield pickle.loads(pickle.dumps(type(first))) is type(first), weakref.ref(first)() is first
    with pytest.raises(ancient.NoFieldError, match="did you mean name"):
        first.nama  # noqa: B018
    with pytest.raises(ancient.NoKeyError):
        root.parts["none"]


def read_raw(block):
    yield repr(block), len(block), block[1], [*block][1:], block[3:9], block.index(7)
    yield ancient.to_python(block), repr(ancient.to_python(block)), block == block
    yield pickle.loads(pickle.dumps(block)) == block, bytes(block.memoryview(1)), block[2].tolist()


def read_store(db):
    yield [*db], len(db), "all" in db, db.names(), db.keys().numbers(), db.generation
    yield repr(db), db.info(), db.log(), db.entry("all"), db.schema("all"), db.types("all")
    yield repr(db.types("all")), db.at("all.list[2].size"), db.get(77), db.uuid, db.closed
    yield db.refresh(), db.snapshot().generation, [*db.values()][3:], len([*db.items()])
    yield pickle.loads(pickle.dumps(db)).generation, db.verify().keys


READERS = {
    "table": (read_table, lambda db: db["all"]),
    "sequences": (read_sequences, lambda db: db["all"]),
    "order": (read_order, lambda db: db["all"]),
    "records": (read_records, lambda db: db["all"]),
    "raw": (read_raw, lambda db: db.raw(0)),
    "store": (read_store, lambda db: db),
}


def plain(answers):
    return [
        repr(answer) if not isinstance(answer, (tuple, list)) else plain(answer)
        for answer in answers
    ]


@pytest.mark.parametrize("name", READERS)
def test_threads_read_what_one_reads(path, raw_path, name):
    reader, start = READERS[name]
    path = raw_path if name == "raw" else path
    wanted = plain(reader(start(opened(path, name))))
    for _ in range(ROUNDS):
        # All that is made when it is first asked for is made by all of them at once.
        shared = start(opened(path, name if name == "store" else next(DISTINCT)))
        for answers in together([lambda shared=shared: plain(reader(shared))] * THREADS):
            assert answers == wanted


@pytest.mark.parametrize("name", ["table", "sequences", "order"])
def test_threads_share_the_views_themselves(path, name):
    reader, start = READERS[name]
    views = ["parts", "list", "array", "map", "numbers", "floats", "image"]

    def held(db):
        root = start(db)
        return collections.namedtuple("Views", views)(*[getattr(root, view) for view in views])

    wanted = plain(reader(held(opened(path, name))))
    for _ in range(ROUNDS):
        shared = held(opened(path, name))
        for answers in together([lambda shared=shared: plain(reader(shared))] * THREADS):
            assert answers == wanted


# ---- One of each --------------------------------------------------------------------------


def test_threads_make_one_schema_and_one_class_of_each_type(make_file):
    path = make_file({0: pair(part(1)), 1: pair(part(2))})
    for _ in range(ROUNDS * 4):
        number = next(DISTINCT)
        schema = SCHEMA[: SCHEMA.index("type times")].replace("part", f"part{number}")
        schema += f"val root : part{number} ref"
        stores = together([lambda schema=schema: ancient.open(path, schema=schema)] * THREADS)
        assert len({store.types(0) for store in stores}) == 1

        def classes(store):
            kind = store.types(0)
            part = store[1].contents
            return type(part), type(part.colour), kind["colour"], kind.Red, kind.Green

        found = together([lambda store=store: classes(store) for store in stores])
        assert all(all(a is b for a, b in zip(one, found[0], strict=True)) for one in found)
        del stores, found
        gc.collect()


def test_threads_make_one_schema_of_a_text_in_a_file(tmp_path):
    from ancientfile import Schema

    file, path = AncientFile(), tmp_path / "file"
    file.commit({0: 5}, schemas={0: Schema("val root : int", "i")})
    path.write_bytes(file.image)
    for _ in range(ROUNDS):
        db = ancient.open(path)
        assert len(set(together([lambda db=db: db.types(0)] * THREADS))) == 1


def test_threads_find_one_reference_of_a_pickle(path):
    for _ in range(ROUNDS):
        view = opened(path, next(DISTINCT))["all"].list
        references = together([lambda view=view: view.__reduce__()[1][0]] * THREADS)
        assert all(reference is references[0] for reference in references)
        texts = together([lambda view=view: pickle.dumps(view)] * THREADS)
        found = together([lambda text=text: pickle.loads(text) for text in texts])
        assert all(one == view for one in found)


# ---- Iterators ----------------------------------------------------------------------------

ITERATORS = {
    "list": lambda db: iter(db["all"].list),
    "array": lambda db: iter(db["all"].array),
    "table": lambda db: iter(db["all"].parts),
    "items": lambda db: iter(db["all"].parts.items()),
    "all items": lambda db: db["all"].parts.all_items(),
    "map": lambda db: iter(db["all"].map.values()),
    "set": lambda db: iter(db["all"].numbers),
    "range": lambda db: iter(db["all"].map.range("part-1", "part-3")),
    "reversed": lambda db: reversed(db["all"].numbers),
    "store": lambda db: iter(db.items()),
    "raw block": lambda db: iter(db[0]),
    "raw store": lambda db: iter(db.values()),
}


@pytest.mark.parametrize("name", ITERATORS)
def test_threads_share_an_iterator_and_each_element_goes_to_one(path, raw_path, name):
    db = ancient.open(raw_path) if name.startswith("raw") else opened(path)
    wanted = collections.Counter(map(repr, ITERATORS[name](db)))
    for _ in range(ROUNDS * 3):
        iterator = ITERATORS[name](db)
        parts = together([lambda iterator=iterator: [*map(repr, iterator)]] * THREADS)
        assert collections.Counter(itertools.chain(*parts)) == wanted
        assert next(iterator, None) is None


def test_a_handler_goes_on_with_the_iterator_that_it_interrupts(make_file):
    """One bucket, in which the reader looks for newer bindings of a key for long."""
    size = 70_000
    bindings = [(f"key-{i}", i) for i in range(size)]
    schema = "val root : (string, int) Hashtbl.t"
    table = ancient.open(make_file({0: string_hashtbl(bindings, 1)}), schema=schema)[0]
    for ticks in (1, 3):
        iterator, met, left = iter(table), [], ticks

        def handler(number, frame, iterator=iterator, met=met):
            nonlocal left
            left -= 1
            met.extend(iterator if left == 0 else itertools.islice(iterator, 3))

        before = signal.signal(signal.SIGVTALRM, handler)
        try:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0.0005, 0.0005)
            mine = [*iterator]
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            signal.signal(signal.SIGVTALRM, before)
        assert sorted(mine + met) == sorted(key for key, _ in bindings)


# ---- What changes -------------------------------------------------------------------------


def test_threads_refresh_close_and_read_one_store(tmp_path):
    path, file = tmp_path / "file", AncientFile()
    images = []
    for generation in range(4):
        file.commit({0: value(), 1: generation}, names={0: "all"})
        images.append(bytes(file.image))

    def read(db):
        for _ in range(30):
            try:
                held = db.snapshot()
                assert held.raw(1) + 2 == held.generation
                assert len(db["all"].parts) == COUNT
                assert repr(db) and db.closed in (False, True) and len(db) == 2
                assert next(iter(db)) == "all" and db.info().generation >= 2
                assert db.refresh() in (False, True)
            except ancient.ClosedError:
                return db.closed
        return True

    def publish(db):
        for image in images[1:]:
            (tmp_path / "new").write_bytes(image)
            (tmp_path / "new").rename(path)
            db.refresh()
        db.close()

    for _ in range(ROUNDS):
        path.write_bytes(images[0])
        db = opened(path)
        works = [lambda db=db: read(db)] * (THREADS - 1)
        assert all(together([*works, lambda db=db: publish(db) or True]))
        assert db.closed


def test_threads_change_what_others_compare_with(path):
    root = opened(path)["all"]
    same = list(root.list)

    def change(mine):
        for _ in range(50):
            mine.clear()
            mine.extend(same)
            mine.append(None)
            mine.pop()

    for _ in range(ROUNDS):
        mine = list(same)
        compare = lambda mine=mine: {root.list == mine for _ in range(20)}  # noqa: E731
        found = together([*[compare] * (THREADS - 1), lambda mine=mine: change(mine)])
        assert set().union(*found[:-1]) <= {True, False}
        assert root.list == mine


def test_threads_hash_and_compare_tuples_that_share(read):
    """Each level holds the one below it twice: along all paths there are 2^16 parts."""
    levels, schema, inner = 16, "", 1
    for i in range(levels):
        below = f"t{i - 1}" if i > 0 else "int"
        schema += f"type t{i} = {below} * {below}\n"
        inner = pair(inner, inner)
    a, b = (read(f"{schema}val root : t{levels - 1}", inner) for _ in range(2))
    for _ in range(ROUNDS):
        assert together([lambda: a == b] * THREADS) == [True] * THREADS
        c = ancient.to_python(b)
        hashes = together([lambda c=c: hash(c)] * THREADS)
        assert set(hashes) == {hash(a)}


def test_threads_print_nested_blocks_as_one_does(raw_path):
    copied = ancient.to_python(ancient.open(raw_path)[0])
    wanted = repr(copied)
    for _ in range(ROUNDS * 3):
        assert set(together([lambda: repr(copied)] * THREADS)) == {wanted}


def test_threads_drop_views_and_weak_references_to_them(path):
    for _ in range(ROUNDS):
        db = opened(path)
        views = [*db["all"].list, db["all"].parts, db["all"].map, db.types("all"), db]
        references = [weakref.ref(view) for view in views]
        del db

        def drop(views=views):
            while views:
                try:
                    views.pop()
                except IndexError:
                    break
            return True

        def look(references=references):
            return [repr(r())[:3] for r in references for _ in range(3) if r() is not None]

        def refer(views=views):
            made = [weakref.ref(view) for view in list(views) for _ in range(3)]
            return [r() is None for r in made]

        together([drop, look, refer, *[look, refer] * (THREADS // 4)])
        assert not views
        assert all(reference() is None for reference in references)


# ---- Interpreters -------------------------------------------------------------------------


def test_the_package_leaves_a_free_threaded_interpreter_free():
    program = """if True:
        import sys, sysconfig
        import ancient
        free = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
        assert getattr(sys, "_is_gil_enabled", lambda: True)() is not free
    """
    environment = {k: v for k, v in os.environ.items() if k != "PYTHON_GIL"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], env=environment, capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode()


# In a process of its own, where one thread makes the interpreters, imports and destroys them:
# CPython 3.13 may crash where several do at once (python/cpython issues 127108 and 136421), and
# 3.13.5 has aborted in their imports of the standard library.  They read at once.
INTERPRETERS = """if True:
    import sys, threading
    if sys.version_info >= (3, 13):
        import _interpreters as interpreters
    else:
        import _xxsubinterpreters as interpreters
    before, program = sys.argv[1:]
    numbers = [interpreters.create() for _ in range(3)]
    failed = [interpreters.run_string(number, before) for number in numbers]
    start = threading.Barrier(len(numbers))

    def run(number):
        start.wait()
        failed.append(interpreters.run_string(number, program))

    threads = [threading.Thread(target=run, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number in numbers:
        interpreters.destroy(number)
    assert failed == [None] * 6, failed
"""


def test_interpreters_with_locks_of_their_own_read_at_once(path, tmp_path):
    before = f"import sys; sys.path[:] = {sys.path!r}; import ancient"
    program = f"""if True:
        for i in range({ROUNDS}):
            with ancient.open({str(path)!r}, schema={SCHEMA!r}) as db:
                root = db["all"]
            assert sum(v.size for v in root.parts.values()) == {sum(range(COUNT))}
            assert root.parts["part-7"] == root.list[7] and root.map["part-7"].colour._0 == 7
            assert len({{*root.array}}) == {COUNT} and repr(root.tuple) and hash(root.list[1])
        open({str(tmp_path)!r} + f"/{{id(ancient)}}", "x").close()
    """
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", INTERPRETERS, before, program],
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert len([*tmp_path.iterdir()]) == 3
