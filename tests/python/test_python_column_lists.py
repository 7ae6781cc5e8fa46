"""python: columns whose path has [*] have the elements of all rows, one behind the other, and
offsets that say whose they are; strings are a list for each row."""

import copy
import pickle

import pytest
from ancientfile import Block, FloatArray, ocaml_list, pair, poly_tag, string_hashtbl

import ancient

SCHEMA = """
module S : Set.S with type elt = string [@@ancient.standard]
type kind = Small | Large of int | Other
type dep = { name : string; version : int option; kind : kind; weight : float; tags : string list;
             good : bool; note : string option }
type t = { deps : dep list; sizes : int array; floats : float array; maybe : dep array option;
           counts : (string, int) Hashtbl.t; names : S.t; poly : [ `B | `A ] list;
           grid : int list list }
"""
COUNT = 280


def dep(i, k):
    return pair(
        f"dép-{i}-{k}",
        pair(k) if k % 2 else 0,
        [0, Block(0, i), 1][k % 3],
        i + k / 4,
        ocaml_list([f"tag {n}" for n in range(k)]),
        k % 2,
        pair("long " * 20) if k % 2 else 0,
    )


def row(i):
    deps = [dep(i, k) for k in range(i % 4)]
    return pair(
        ocaml_list(deps),
        pair(*range(i % 3)) if i % 3 else Block(0),
        FloatArray([i / 2] * (i % 5)) if i % 5 else Block(0),
        pair(pair(*deps)) if deps else 0,
        string_hashtbl([("a", i)], 2),
        Block(0, 0, "only", 0, 1) if i % 2 else 0,
        ocaml_list([poly_tag("A"), poly_tag("B")][: i % 3]),
        ocaml_list([ocaml_list([1])]),
    )


@pytest.fixture(params=["array", "list", "Hashtbl"])
def rows(request, make_file):
    made = [row(i) for i in range(COUNT)]
    if request.param == "array":
        root, value = "t array", pair(*made)
    elif request.param == "list":
        root, value = "t list", ocaml_list(made)
    else:
        root = "(string, t) Hashtbl.t"
        value = string_hashtbl([(f"{i}", r) for i, r in enumerate(made)], 256)
    db = ancient.open(make_file({0: value}), schema=f"{SCHEMA}val root : {root}")
    return db[0]


def elements(rows, look):
    """What `look` gives for each element of each row: a list of lists."""
    rows = rows.values() if hasattr(rows, "values") else rows
    return [[*look(row)] for row in rows]


def nested(column):
    """A column's values by its offsets; None where it has none."""
    values = column.tolist()
    if column.present is not None:
        values = [v if p else None for v, p in zip(values, column.present, strict=True)]
    offsets = column.offsets.tolist()
    assert offsets[0] == 0 and offsets[-1] == len(values) == len(column)
    return [values[a:b] for a, b in zip(offsets, offsets[1:])]


LOOKS = {
    "deps[*].version": ("q", lambda r: (d.version for d in r.deps)),
    "deps[*].weight": ("d", lambda r: (d.weight for d in r.deps)),
    "deps[*].good": ("?", lambda r: (d.good for d in r.deps)),
    "deps[*].tags.length": ("q", lambda r: (len(d.tags) for d in r.deps)),
    "sizes[*]": ("q", lambda r: r.sizes),
    "floats[*]": ("d", lambda r: r.floats),
    "maybe[*].weight": ("d", lambda r: (d.weight for d in r.maybe or ())),
    "grid[0][*]": ("q", lambda r: r.grid[0]),
}


@pytest.mark.parametrize("path", LOOKS)
def test_a_column_has_the_elements_of_all_rows(rows, path):
    format, look = LOOKS[path]
    column = ancient.column(rows, path)
    assert nested(column) == elements(rows, look)
    assert memoryview(column).format == format and column.offsets.present is None
    assert len(column.offsets) == COUNT + 1
    assert memoryview(column.offsets).format == "q"
    for threads in (0, 3):
        assert ancient.column(rows, path, threads=threads) == column


@pytest.mark.parametrize("path", ["deps[*].name", "deps[*].note", "deps[*].tags[1]", "names[*]"])
def test_strings_are_a_list_for_each_row(rows, path):
    found = ancient.column(rows, path)
    assert found == elements(
        rows,
        {
            "deps[*].name": lambda r: (d.name for d in r.deps),
            "deps[*].note": lambda r: (d.note for d in r.deps),
            "deps[*].tags[1]": lambda r: (d.tags[1] if len(d.tags) > 1 else None for d in r.deps),
            "names[*]": lambda r: r.names,
        }[path],
    )
    assert len(found) == COUNT


def test_variants_have_categories(rows):
    column = ancient.column(rows, "deps[*].kind")
    assert column.categories == ("Small", "Large", "Other")
    kinds = elements(rows, lambda r: (type(d.kind).__name__ for d in r.deps))
    assert len(column) == sum(map(len, kinds))
    assert set(column) == {0, 1, 2}
    poly = ancient.column(rows, "poly[*]")
    assert poly.categories == ("A", "B")
    names = [[poly.categories[c] for c in codes] for codes in nested(poly)]
    assert names == [["A", "B"][: len(n)] for n in names] and ["A", "B"] in names


def test_columns_of_one_call_have_the_same_rows(rows):
    names, sizes, counted, floats = ancient.columns(
        rows, "deps[*].name", "sizes[*]", "deps.length", "floats[*]"
    )
    assert [*map(len, names)] == counted.tolist()
    assert sizes == ancient.column(rows, "sizes[*]") != floats
    assert names == ancient.column(rows, "deps[*].name")


def test_a_path_may_begin_with_the_elements(make_file):
    value = pair(*(ocaml_list(range(i % 3)) for i in range(70000)))
    lists = ancient.open(make_file({0: value}), schema="val root : int list array")[0]
    column = ancient.column(lists, "[*]")
    assert nested(column) == [[*range(i % 3)] for i in range(70000)]
    assert ancient.column(lists, "[*]", threads=4) == column
    assert repr(column) == f"<ancient.Column of {len(column)} int64 in 70000 rows>"
    empty = ancient.open(make_file({0: 0}), schema="val root : int list list")[0]
    column = ancient.column(empty, "[*]")
    assert column.tolist() == [] and column.offsets.tolist() == [0]


def test_a_row_without_the_list_has_no_values(make_file):
    value = pair(0, pair(ocaml_list([1, 2])), pair(0))
    rows = ancient.open(make_file({0: value}), schema="val root : int list option array")[0]
    column = ancient.column(rows, "[*]")
    assert column.tolist() == [1, 2] and column.offsets.tolist() == [0, 0, 2, 2]
    assert column.present is None


def test_keys_have_elements_too(make_file):
    table = Block(0, 1, pair(Block(0, ocaml_list([3, 4]), 5, 0)), 0, 1)
    table = ancient.open(make_file({0: table}), schema="val root : (int list, int) Hashtbl.t")[0]
    assert ancient.column(table, "[*]", keys=True).tolist() == [3, 4]


def test_it_travels_and_slices(rows):
    column = ancient.column(rows, "deps[*].version")
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(column, protocol))
        assert again == column and again.offsets == column.offsets
    assert copy.copy(column) == column
    part = column[2:5]
    assert part.offsets is None and part.tolist() == column.tolist()[2:5] and part != column
    assert column != ancient.column(rows, "deps[*].tags.length")


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("deps[*]", ancient.WrongKindError),
        ("[*]", ancient.WrongKindError),
        ("counts[*]", ancient.WrongKindError),
        ("deps[*].tags", ancient.WrongKindError),
        ("deps[*].tags[*]", ancient.ArgumentError),
        ("deps[*].nothing", ancient.NoFieldError),
        ("deps[*", ancient.ArgumentError),
        ("deps.length[*]", ancient.ArgumentError),
        ("deps[*]name", ancient.ArgumentError),
    ],
)
def test_paths_that_lead_nowhere_are_refused(rows, path, error):
    with pytest.raises(error):
        ancient.column(rows, path)


@pytest.mark.parametrize(("kind", "element"), [("int", 5), ("string", "text"), ("float", 0.5)])
def test_a_list_that_rows_share_is_copied_no_oftener_than_may_be(make_file, kind, element):
    shared = ocaml_list([element] * 5000)
    value = pair(*[shared] * 5000)
    rows = ancient.open(make_file({0: value}), schema=f"val root : {kind} list array")[0]
    with pytest.raises(ancient.TooLargeError):
        ancient.column(rows, "[*]")


def test_the_first_bad_element_is_told(make_file):
    value = pair(ocaml_list([1, 2]), ocaml_list([3, "no"]), ocaml_list(["neither"]))
    rows = ancient.open(make_file({0: value}), schema="val root : int list array")[0]
    with pytest.raises(ancient.BadShapeError):
        ancient.column(rows, "[*]")
