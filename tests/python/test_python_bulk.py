"""python: many at once: get_many and columns give what one at a time gives, or the same error."""

import gc
import math
import sys
import threading

import pytest
from ancientfile import Block, FloatArray, Int64, Z, ocaml_list, pair, string_hashtbl

import ancient

SCHEMA = """
type kind = Small | Large of int | Other of { note : string }
type point = { x : float; y : float }
type t = {
  name : string; size : int; good : bool; weight : float; note : string option;
  rank : int option; kind : kind; at : point; big : int64; z : Z.t; pair : int * string
}
"""


def record(i):
    return pair(
        f"näme-{i}" if i % 3 else f"name-{i}",
        i - 2,
        i % 2,
        i / 4,
        0 if i % 2 else pair(f"note {i}"),
        0 if i % 3 == 0 else pair(i),
        [0, Block(0, i), Block(1, f"other {i}")][i % 3],
        FloatArray([i + 0.5, -i]),
        Int64(-(2**60) * (i % 5)),
        -i,
        pair(i, str(i)),
    )


COUNT = 300


@pytest.fixture
def array(make_file):
    path = make_file({0: pair(*map(record, range(COUNT)))})
    return ancient.open(path, schema=SCHEMA + "val root : t array")[0]


@pytest.fixture
def table(make_file):
    bindings = [(f"key-{i}", record(i)) for i in range(COUNT)]
    path = make_file({0: string_hashtbl(bindings, 64)})
    return ancient.open(path, schema=SCHEMA + "val root : (string, t) Hashtbl.t")[0]


# ---- get_many ---------------------------------------------------------------------------


def test_many_keys_are_found_as_one_is(table):
    keys = [f"key-{i * 7 % 400}" for i in range(1000)]
    keys += ["grüße", "\udcff", b"\xff", b"key-1", "", "\ud800", 3, None, ("key-1",), [1]]
    assert table.get_many(keys) == [table.get(key) for key in keys]
    assert table.get_many(iter(keys), "no") == [table.get(key, "no") for key in keys]
    assert table.get_many(keys, default=7)[-1] == 7
    assert table.get_many([]) == table.get_many(()) == []
    assert sum(value is not None for value in table.get_many(keys)) > 700


@pytest.mark.parametrize(
    ("schema", "value", "keys"),
    [
        (
            "(int, string) Hashtbl.t",
            pair(1, pair(Block(0, 5, "five", 0)), 0, 1),
            [5, 6, True, 5.0, "5", 2**70],
        ),
        (
            "module M : Map.S with type key = string [@@ancient.standard]\nval root : int M.t",
            Block(0, 0, "b", 2, Block(0, 0, "c", 3, 0, 1), 2),
            ["a", "b", "c", "d", b"c"],
        ),
        (
            "(int * string, int) Hashtbl.t",
            pair(1, pair(Block(0, pair(1, "x"), 9, 0)), 0, 1),
            [(1, "x"), (1, "y"), (1,), "x"],
        ),
        (
            "(int list, int) Hashtbl.t",
            pair(1, pair(Block(0, ocaml_list([1]), 9, 0)), 0, 1),
            [[1], [2], []],
        ),
    ],
)
def test_keys_of_any_type_are_found(make_file, schema, value, keys):
    schema = schema if "val root" in schema else f"val root : {schema}"
    view = ancient.open(make_file({0: value}), schema=schema)[0]
    assert view.get_many(keys, "absent") == [view.get(key, "absent") for key in keys]
    assert "absent" in view.get_many(keys, "absent")


def test_get_many_refuses_what_is_no_collection_of_keys(table):
    for keys in ("key-1", b"key-1"):
        with pytest.raises(TypeError, match="iterable of keys, not one key"):
            table.get_many(keys)
    for arguments in ((), (3,), ([], 1, 2)):
        with pytest.raises(TypeError):
            table.get_many(*arguments)
    with pytest.raises(ZeroDivisionError):
        table.get_many(1 / 0 for _ in range(3))


def test_get_many_of_a_value_of_another_shape_is_the_error_of_one(make_file):
    bindings = [("a", record(1)), ("b", pair(1, 2)), ("c", record(3))]
    path = make_file({0: string_hashtbl(bindings, 4)})
    table = ancient.open(path, schema=SCHEMA + "val root : (string, t) Hashtbl.t")[0]
    assert len(table.get_many(["a", "c"])) == 2
    with pytest.raises(ancient.BadShapeError):
        table.get_many(["a", "b", "c"])
    path = make_file({0: pair(1, 5, 0, 1)})
    table = ancient.open(path, schema="val root : (string, int) Hashtbl.t")
    with pytest.raises(ancient.BadShapeError, match="array of buckets"):
        table[0].get_many(["a"])


# ---- Columns ----------------------------------------------------------------------------


def plain(column):
    return column if isinstance(column, list) else column.tolist()


@pytest.mark.parametrize(
    ("path", "format", "of"),
    [
        ("size", "q", lambda r: r.size),
        ("good", "?", lambda r: r.good),
        ("weight", "d", lambda r: r.weight),
        ("at.x", "d", lambda r: r.at.x),
        ("at.y", "d", lambda r: r.at.y),
        ("big", "q", lambda r: r.big),
        ("z", "q", lambda r: r.z),
        ("pair[0]", "q", lambda r: r.pair[0]),
        ("name", None, lambda r: r.name),
        (".note", None, lambda r: r.note),
        ("pair[1]", None, lambda r: r.pair[1]),
    ],
)
def test_a_column_holds_what_the_attributes_are(array, table, path, format, of):
    for view, records in ((array, [*array]), (table, [*table.values()])):
        column = ancient.column(view, path)
        assert plain(column) == [of(r) for r in records]
        if format is not None:
            buffer = memoryview(column)
            assert (buffer.format, buffer.shape, buffer.contiguous) == (
                format,
                (len(records),),
                True,
            )
            assert column.present is None
            assert (column[3], column[-1], len(column)) == (buffer[3], buffer[-1], len(records))
            assert [*column] == column[:].tolist() == column.tolist()


LISTS = """
module M : Map.S with type key = string [@@ancient.standard]
type dep = { name : string; version : int option }
type t = { deps : dep list; sizes : int array; floats : float array; tags : string list option;
           counts : (string, int) Hashtbl.t; order : int M.t; text : string }
val root : t array
"""


@pytest.fixture
def lists(make_file):
    def row(i):
        deps = [pair(f"dep-{i}-{k}", pair(k) if k % 2 else 0) for k in range(i % 4)]
        counts = [("a", 1), ("a", 2), ("b", 3)][: i % 4]
        return pair(
            ocaml_list(deps),
            pair(*range(i % 3)) if i % 3 else Block(0),
            FloatArray([i / 2] * (i % 3 + 1)),
            pair(ocaml_list(["x"] * (i % 5))) if i % 2 else 0,
            string_hashtbl(counts, 2),
            Block(0, 0, "k", i, 0, 1) if i % 2 else 0,
            "é" * i,
        )

    path = make_file({0: pair(*map(row, range(40)))})
    return ancient.open(path, schema=LISTS)[0]


def at(elements, i, look=lambda element: element, default=0):
    return look(elements[i]) if len(elements) > i else default


def test_paths_lead_into_lists_and_arrays(lists):
    def rows(path):
        column = ancient.column(lists, path)
        present = None if isinstance(column, list) else column.present.tolist()
        return [*plain(column)], present

    names = [at(r.deps, 1, lambda d: d.name, None) for r in lists]
    assert rows("deps[1].name") == (names, None)
    versions = [at(r.deps, 1, lambda d: d.version, None) for r in lists]
    assert rows("deps[1].version") == (
        [v or 0 for v in versions],
        [v is not None for v in versions],
    )
    assert rows("sizes[1]") == ([at(r.sizes, 1) for r in lists], [len(r.sizes) > 1 for r in lists])
    floats = [at(r.floats, 1, default=None) for r in lists]
    found, present = rows("floats[1]")
    assert [x if ok else None for x, ok in zip(found, present, strict=True)] == floats
    assert math.isnan(found[0]) and not present[0]
    assert rows("tags[3]")[0] == [at(r.tags or [], 3, default=None) for r in lists]
    assert rows("deps[4294967295].name") == ([None] * 40, None)


@pytest.mark.parametrize("path", ["deps", "sizes", "floats", "counts", "order", "tags"])
def test_lengths_are_those_of_python(lists, path):
    column = ancient.column(lists, path + ".length")
    found = [getattr(r, path) for r in lists]
    assert column.tolist() == [0 if value is None else len(value) for value in found]
    if path == "tags":
        assert column.present.tolist() == [value is not None for value in found]
    else:
        assert column.present is None
    assert ancient.columns(lists, path + ".length", "text.length")[0] == column


def test_the_length_of_a_string_is_in_bytes(lists):
    assert ancient.column(lists, "text.length").tolist() == [2 * i for i in range(40)]


def test_a_field_called_length_is_a_field(make_file):
    schema = "type t = { length : float }\nval root : t list"
    view = ancient.open(make_file({0: ocaml_list([FloatArray([1.5])])}), schema=schema)[0]
    assert ancient.column(view, "length").tolist() == [1.5]


def test_paths_into_lists_that_lead_nowhere_are_refused(lists):
    for path, error in (
        ("deps", ancient.WrongKindError),
        ("deps[0]", ancient.WrongKindError),
        ("deps.name", ancient.WrongKindError),
        ("deps[-1].name", ancient.ArgumentError),
        ("deps[4294967296].name", ancient.ArgumentError),
        ("deps.length.length", ancient.ArgumentError),
        ("counts[0]", ancient.WrongKindError),
        ("text[0]", ancient.WrongKindError),
        ("deps[0].length", ancient.NoFieldError),
    ):
        with pytest.raises(error):
            ancient.column(lists, path)


def test_rows_without_a_value_are_told(array):
    ranks = ancient.column(array, "rank")
    assert ranks.present.tolist() == [r.rank is not None for r in array]
    assert ranks.tolist() == [r.rank or 0 for r in array]
    large = ancient.column(array, "kind.Large")
    assert large.present.tolist() == [i % 3 == 1 for i in range(COUNT)]
    assert large.tolist() == [i if i % 3 == 1 else 0 for i in range(COUNT)]
    notes = ancient.column(array, "kind.Other.note")
    assert notes == [f"other {i}" if i % 3 == 2 else None for i in range(COUNT)]
    assert ancient.column(array, "kind").tolist() == [i % 3 for i in range(COUNT)]


def test_floats_without_a_value_are_nan(make_file):
    view = ancient.open(
        make_file({0: ocaml_list([0, pair(1.5), pair(-0.0)])}),
        schema="val root : float option list",
    )[0]
    column = ancient.column(view)
    assert math.isnan(column[0]) and column[1:].tolist() == [1.5, 0.0]
    assert column.present.tolist() == [False, True, True]


def test_columns_are_taken_in_one_walk(table):
    keys = ancient.column(table, keys=True)
    names, sizes = ancient.columns(table, "name", "size")
    assert keys == [*table]
    assert dict(zip(keys, zip(names, sizes, strict=True), strict=True)) == {
        key: (value.name, value.size) for key, value in table.items()
    }
    assert ancient.columns(table, "", keys=True) == (keys,)


def test_bindings_that_are_hidden_are_no_rows(make_file):
    bindings = [("a", 1), ("a", 2), ("b", 3)]
    table = ancient.open(
        make_file({0: string_hashtbl(bindings, 2)}), schema="val root : (string, int) Hashtbl.t"
    )[0]
    assert ancient.column(table).tolist() == [*table.values()]
    assert len(table) == 2


def test_a_column_is_the_callers(array):
    column = ancient.column(array, "size")
    before = column[0]
    with memoryview(column) as buffer:
        buffer[0] = 99
    assert column[0] == 99 and array[0].size == before
    assert repr(column) == f"<ancient.Column of {COUNT} int64>"
    assert type(column) is ancient.Column


def test_columns_serve_numpy(array):
    numpy = pytest.importorskip("numpy")
    sizes = numpy.asarray(ancient.column(array, "size"))
    assert sizes.dtype == numpy.int64 and sizes.sum() == sum(r.size for r in array)
    assert numpy.asarray(ancient.column(array, "weight")).dtype == numpy.float64
    assert numpy.asarray(ancient.column(array, "good")).dtype == numpy.bool_
    ranks = ancient.column(array, "rank")
    masked = numpy.ma.array(ranks, mask=~numpy.asarray(ranks.present))
    assert masked.count() == sum(r.rank is not None for r in array)


def test_strings_come_as_attributes_give_them(make_file):
    texts = ["plain", "grüße", b"\xff\xfe", "", "x" * 1000]
    path = make_file({0: pair(*texts)})
    for options in ({}, {"strings": "bytes"}):
        for kind in ("string", "bytes"):
            view = ancient.open(path, schema=f"val root : {kind} array", **options)[0]
            assert ancient.column(view) == [*view]


def test_empty_values_have_empty_columns(make_file):
    view = ancient.open(make_file({0: 0}), schema="val root : int list")[0]
    column = ancient.column(view)
    assert len(column) == 0 and column.tolist() == [] and memoryview(column).nbytes == 0


def test_many_rows_are_taken_step_by_step(make_file):
    count = 200_000
    view = ancient.open(make_file({0: pair(*range(count))}), schema="val root : int array")[0]
    assert ancient.column(view).tolist() == [*range(count)]


def test_a_path_that_leads_nowhere_names_the_fields(array):
    with pytest.raises(ancient.NoFieldError, match="has no field sise, only name, size, good"):
        ancient.column(array, "sise")
    with pytest.raises(ancient.NoFieldError, match="only x, y"):
        ancient.columns(array, "size", "at.z")
    for path in ("at", "pair", "size.x"):
        with pytest.raises(ancient.WrongKindError):
            ancient.column(array, path)
    for path in ("..", "[", "size[", "size\0"):
        with pytest.raises(ValueError):
            ancient.column(array, path)
    with pytest.raises(ancient.NoIndexError):
        ancient.column(array, "pair[2]")


def test_columns_are_of_typed_collections(array):
    for value in (array[0], 3, [1], array[0].at, None):
        with pytest.raises(TypeError, match="columns are taken of"):
            ancient.column(value, "x")
    with pytest.raises(TypeError, match="str, not int"):
        ancient.column(array, 3)
    for call in (
        lambda: ancient.column(),
        lambda: ancient.column(array, "size", "name"),
        lambda: ancient.columns(array),
        lambda: ancient.column(array, "size", key=True),
    ):
        with pytest.raises(TypeError):
            call()


def test_the_first_wrong_shape_is_an_error(make_file):
    path = make_file({0: pair(pair(1, 2), pair(1, 2, 3))})
    view = ancient.open(path, schema="type t = { a : int; b : int }\nval root : t array")[0]
    with pytest.raises(ancient.BadShapeError) as caught:
        ancient.column(view, "a")
    assert caught.value.offset == pytest.approx(caught.value.offset) and caught.value.offset > 0
    huge = ancient.open(make_file({0: pair(1, Z(2**70))}), schema="val root : Z.t array")[0]
    with pytest.raises(ancient.TooLargeError):
        ancient.column(huge)


def test_columns_outlive_the_store(make_file):
    with ancient.open(make_file({0: pair(1, 2, 3)}), schema="val root : int array") as db:
        view = db[0]
    column = ancient.column(view)
    del view
    gc.collect()
    assert column.tolist() == [1, 2, 3]


def test_threads_take_columns_and_keys_at_once(array, table):
    sizes = [r.size for r in array]
    found = []

    def work():
        for _ in range(20):
            found.append(ancient.column(array, "size").tolist() == sizes)
            found.append(len(table.get_many(table)) == len(table))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 160


# ---- What is used again -----------------------------------------------------------------


def test_records_that_are_made_again_hold_no_reference(table):
    record = table["key-1"]
    kind = type(record)
    absent = object()

    def use():
        values = [table[f"key-{i}"] for i in range(200)]
        assert [value.size for value in values] == [i - 2 for i in range(200)]
        table.get_many([f"key-{i}" for i in range(250)] + ["none"] * 10, absent)
        ancient.columns(table, "name", "rank", "size")
        with pytest.raises(ancient.NoFieldError):
            ancient.column(table, "none")

    use()
    gc.collect()
    before = sys.getrefcount(kind), sys.getrefcount(absent), sys.getrefcount(record)
    for _ in range(50):
        use()
    gc.collect()
    assert (sys.getrefcount(kind), sys.getrefcount(absent), sys.getrefcount(record)) == before


def test_attributes_are_found_by_any_name(array):
    record = array[1]
    for name in ancient.fields(record):
        built = "".join(list(name))  # equal to the name of the class, not the same object
        assert getattr(record, built) == getattr(record, name)
    for name in ("none", "__dict__", "siz", "size "):
        assert not hasattr(record, name)
    assert record.__class__ is type(record)
    with pytest.raises(AttributeError):
        record.size = 3
