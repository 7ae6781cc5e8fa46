"""tests/arrow: what OCaml's types become in Arrow, by pyarrow, which validates everything."""

import gc
import json
import pickle
import random
import shutil
import threading

import hostilefile
import numpy
import pyarrow as pa
import pytest
from ancientvalue import Bigarray, Block, FloatArray, Z
from conftest import list_of, some, table_of

import ancient


def rows_of(values, **options):
    table = pa.table(ancient.table(values, **options) if options else values)
    table.validate(full=True)
    return table.to_pylist()


def test_a_table_of_records_has_what_the_records_have(sample):
    table = pa.table(sample.view)
    table.validate(full=True)
    assert sorted(table.to_pylist(), key=lambda r: r["size"]) == sample.rows
    assert table.schema.field("key").type == pa.string()
    assert table.schema.field("colour").type == pa.dictionary(pa.int8(), pa.string(), True)
    ints = pa.field("value", pa.int64(), nullable=False)
    assert table.schema.field("map").type == pa.map_(pa.string(), ints)
    assert not table.schema.field("size").nullable and table.schema.field("score").nullable


@pytest.mark.parametrize("batch_rows", [1, 255, 1000, 0])
def test_batches_of_any_size_have_the_same_rows(sample, batch_rows):
    table = ancient.table(sample.view, batch_rows=batch_rows, limit=1 << 30)
    reader = pa.RecordBatchReader.from_stream(table)
    lengths, found = [], []
    for batch in reader:
        batch.validate(full=True)
        lengths.append(len(batch))
        found += batch.column("size").to_pylist()
    assert all(n <= (batch_rows or 65536) for n in lengths)
    assert sorted(found) == [row["size"] for row in sample.rows]


def test_rows_come_in_the_order_of_iteration(sample):
    assert pa.table(ancient.table(sample.view, ["key"]))["key"].to_pylist() == list(sample.view)


@pytest.mark.parametrize(
    ("schema", "value", "rows"),
    [
        ("int list", list_of([1, -2, 3]), [{"value": 1}, {"value": -2}, {"value": 3}]),
        ("int list", 0, []),
        ("float array", FloatArray([1.5, -0.5]), None),
        ("(int * string) array", Block(0, Block(0, 1, "a")), [{"_0": 1, "_1": "a"}]),
        (
            "(int, int * string) Hashtbl.t",
            table_of([(1, Block(0, 2, "a"))]),
            [{"key": 1, "value": {"_0": 2, "_1": "a"}}],
        ),
        ("(int option * unit) list", list_of([Block(0, some(3), 0)]), [{"_0": 3, "_1": None}]),
        ("unit option list", list_of([0, some(0)]), [{"value": None}, {"value": {"value": None}}]),
        ("int list array", Block(0, 0, list_of([1, 2])), [{"value": []}, {"value": [1, 2]}]),
        ("(float, float) result list", list_of([Block(1, 2.5)]), None),
        ("int ref list", list_of([Block(0, 4)]), [{"value": 4}]),
        ("type t = { x : int } [@@unboxed] val root : t list", list_of([7]), [{"x": 7}]),
        (
            "type t = C of int [@@unboxed] val root : t list",
            list_of([7]),
            [{"value": {"tag": "C", "C": 7}}],
        ),
        (
            "type t = { x : float; y : float } val root : t array",
            Block(0, FloatArray([1.0, 2.0]), Block(0, 3.0, 4.0)),
            [{"x": 1.0, "y": 2.0}, {"x": 3.0, "y": 4.0}],
        ),
        ("Z.t array", Block(0, Z(-(10**38) + 1), 5), None),
        ("int Queue.t", Block(0, 2, list_of([1, 2]), 0), [{"value": 1}, {"value": 2}]),
    ],
)
def test_shapes_of_tables(read, schema, value, rows):
    view = read(schema, value)
    if not hasattr(view, "__arrow_c_stream__"):
        assert pa.array(view).to_pylist() == view.tolist()
    elif rows is None:
        assert len(rows_of(view)) == len(view)
    else:
        assert rows_of(view) == rows


@pytest.mark.parametrize(
    "constructors, name",
    [
        ("`tag of int | `b", "_tag"),
        ("`_tag of int | `b", "tag"),
        ("`tag of int | `_tag of int", "__tag"),
        ("`tag | `__tag of int | `_tag", "___tag"),
    ],
)
def test_a_constructor_called_tag(read, constructors, name):
    view = read(f"[ {constructors} ] list", 0)
    assert ancient.table(view).schema["value"].startswith(f"struct<{name}: ")
    assert list(ancient.table(view, [f"value.{name}"]).schema) == [f"value.{name}"]


def test_keys_that_may_meet_are_no_map(read):
    value = list_of([table_of([(b"a\xff", 1), (b"a\xfe", 2)], 1)])
    view = read("(string, int) Hashtbl.t list", value)
    with pytest.raises(pa.ArrowInvalid, match=r"UTF-8.*row 0, column value\[\*\]\.key"):
        pa.table(view)
    assert pa.types.is_map(pa.table(ancient.table(view, strings="bytes")).field(0).type)
    found = rows_of(view, strings="replace")[0]["value"]
    assert [binding["key"] for binding in found] == ["a\ufffd", "a\ufffd"]


def test_hidden_bindings_are_left_out(read):
    view = read("(string, int) Hashtbl.t", table_of([("a", 1), ("a", 2)], 1))
    assert rows_of(view) == [{"key": "a", "value": 2}]
    nested = read("(string, int) Hashtbl.t list", list_of([table_of([("a", 1), ("a", 2)], 1)]))
    assert rows_of(nested) == [{"value": [("a", 2)]}]


def test_paths_choose_columns(sample):
    paths = ["key", "value.key", "origin.host", "arr[*]._1", "source.tag", "source.Git._0", "oo"]
    table = pa.table(ancient.table(sample.view, paths))
    table.validate(full=True)
    assert table.column_names == paths
    found = sorted(table.to_pylist(), key=lambda r: int(r["key"][4:]))
    for got, want in zip(found, sample.rows):
        assert got == {
            "key": want["key"],
            "value.key": want["value.key"],
            "origin.host": want["origin"] and want["origin"]["host"],
            "arr[*]._1": [pair["_1"] for pair in want["arr"]],
            "source.tag": want["source"]["tag"],
            "source.Git._0": want["source"]["Git"] and want["source"]["Git"]["_0"],
            "oo": want["oo"],
        }


def test_a_projection_reads_nothing_else(read):
    """The other column has a value that cannot be told."""
    view = read("(int * string) list", list_of([Block(0, 1, b"\xff")]))
    assert rows_of(view, columns=["_0"]) == [{"_0": 1}]
    assert pa.table(ancient.table(view, [])).num_rows == 1


@pytest.mark.parametrize("kind", [pa.large_string(), pa.string_view(), pa.string()])
def test_a_requested_schema_chooses_layouts(sample, kind):
    have = pa.RecordBatchReader.from_stream(sample.view).schema
    wish = have.set(0, pa.field("key", kind)).set(
        have.get_field_index("colour"), pa.field("colour", kind)
    )
    wish = wish.set(have.get_field_index("tags"), pa.field("tags", pa.list_(kind)))
    wish = wish.set(have.get_field_index("size"), pa.field("size", pa.float64()))
    capsule = sample.view.__arrow_c_stream__(wish.__arrow_c_schema__())
    table = pa.RecordBatchReader._import_from_c_capsule(capsule).read_all()
    table.validate(full=True)
    assert table.schema.field("key").type == kind
    assert table.schema.field("colour").type == kind
    assert table.schema.field("tags").type.value_type == kind
    assert table.schema.field("size").type == pa.int64()  # ignored
    same = pa.table(sample.view)
    for name in ["key", "colour", "tags", "size"]:
        assert table[name].to_pylist() == same[name].to_pylist()


def test_types_that_contain_themselves(read):
    schema = "type t = Leaf | Node of t * int * t val root : t list"
    view = read(schema, list_of([Block(0, 0, 3, Block(0, 0, 4, 0))]))
    with pytest.raises(ancient.WrongKindError, match=r"column value\.Node\._0: .*json"):
        pa.table(view)
    (row,) = rows_of(view, json=True)
    node = row["value"]["Node"]
    assert node["_1"] == 3 and json.loads(node["_0"]) == "Leaf"
    assert json.loads(node["_2"]) == {"Node": ["Leaf", 4, "Leaf"]}


def test_large_integers_are_an_error(read):
    with pytest.raises(pa.ArrowInvalid, match="38 digits"):
        pa.table(read("Z.t list", list_of([Z(10**38)])))


# ---- In place ----


def test_numbers_are_given_out_in_place(read):
    floats = read("float array", FloatArray([1.0, 2.5]))
    array = pa.array(floats)
    array.validate(full=True)
    assert array.to_pylist() == [1.0, 2.5]
    assert array.buffers()[1].address == numpy.asarray(floats).ctypes.data
    del floats
    gc.collect()
    assert array.to_pylist() == [1.0, 2.5]


@pytest.mark.parametrize(
    ("kind", "dims", "ocaml", "values"),
    [
        ("float64", [3], "float, Bigarray.float64_elt", [1.0, 2.0, 3.0]),
        ("int32", [2, 2], "int32, Bigarray.int32_elt", [1, 2, 3, 4]),
        ("uint8", [1, 2, 2], "int, Bigarray.int8_unsigned_elt", [1, 2, 3, 4]),
        ("int16", [0], "int, Bigarray.int16_signed_elt", []),
    ],
)
def test_bigarrays_are_given_out_in_place(read, kind, dims, ocaml, values):
    view = read(
        f"({ocaml}, Bigarray.c_layout) Bigarray.Array{len(dims)}.t", Bigarray(kind, dims, values)
    )
    array = pa.array(view)
    array.validate(full=True)
    assert array.to_pylist() == view.tolist()


# ---- Life ----


def test_a_stream_needs_neither_view_nor_store(sample, tmp_path):
    path = tmp_path / "copy.ancient"
    shutil.copy(sample.path, path)
    store = ancient.open(path, schema=sample.schema)
    reader = pa.RecordBatchReader.from_stream(ancient.table(store[0], batch_rows=100))
    store.close()
    del store
    path.unlink()
    gc.collect()
    assert reader.read_all().num_rows == len(sample.rows)


def test_many_threads_read_at_once(sample):
    found = []

    def work():
        for _ in range(5):
            found.append(pa.table(sample.view).num_rows)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [len(sample.rows)] * 30


def test_a_table_pickles_by_reference(sample):
    table = ancient.table(sample.view, ["size"], batch_rows=10)
    again = pickle.loads(pickle.dumps(table))
    assert pa.table(again) == pa.table(table)


# ---- Files that are not what they should be ----


def tables_in(value, depth=0):
    if depth > 5:
        return
    if isinstance(value, (ancient.List, ancient.Array, ancient.Hashtbl, ancient.Map, ancient.Set)):
        yield value
    try:
        if isinstance(value, ancient.Record):
            parts = [getattr(value, name) for name in ancient.fields(value)]
        elif isinstance(value, ancient.Ref):
            parts = [value.contents]
        else:
            return
    except ancient.Error:
        return
    for part in parts:
        yield from tables_in(part, depth + 1)


@pytest.mark.parametrize("seed", range(30))
def test_python_hostile_files_give_valid_tables_or_errors(seed, tmp_path):
    path = tmp_path / "hostile"
    hostilefile.make(random.Random(seed), path)
    store = ancient.open(path, schema=hostilefile.SCHEMA)
    try:
        views = list(tables_in(store[hostilefile.ROOT]))
    except ancient.Error:
        return
    for view in views:
        for options in [{}, {"json": True, "strings": "replace", "limit": 1 << 16}]:
            try:
                table = pa.table(ancient.table(view, **options))
            except (ancient.Error, pa.ArrowInvalid):
                continue
            table.validate(full=True)
