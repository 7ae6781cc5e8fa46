"""python: values of variants, and Tagged, are one object each to numpy, pandas, polars and pyarrow;
their order and their format."""

import collections.abc
import copy
import itertools
import pickle

import numpy
import pandas
import polars
import pyarrow
import pytest
from ancientfile import Bigarray, Block, Float, FloatArray, ocaml_list, pair, poly_tag

import ancient

COLOR = (
    "type color = Red | Green | Blue of int | Rgb of { r : int; g : int } | Deep of color list\n"
)
# In the order of OCaml's compare.
SORTED = [
    "Red",
    "Green",
    "Blue(-1)",
    "Blue(5)",
    "Rgb(r=1, g=9)",
    "Rgb(r=2, g=0)",
    "Deep([])",
    "Deep([...])",
]


def colors():
    deep = Block(2, ocaml_list([1, Block(0, 7)]))
    rgbs = [Block(1, 2, 0), Block(1, 1, 9)]
    return [deep, 1, *rgbs, Block(0, 5), 0, Block(2, 0), Block(0, -1)]


@pytest.fixture
def values(read):
    return list(read(COLOR + "val root : color array", Block(0, *colors())))


def test_numpy_keeps_them_whole(values):
    array = numpy.array(values)
    assert (array.shape, array.dtype) == ((8,), numpy.dtype(object))
    assert numpy.array([values, values], dtype=object).shape == (2, 8)
    assert numpy.array([values[2:4]] * 2).shape == (2, 2)  # two arguments each
    assert [*map(str, numpy.sort(array))] == SORTED
    assert [*map(str, numpy.unique(values + values))] == SORTED
    assert numpy.full(3, values[2]).tolist() == [values[2]] * 3
    assert numpy.where([True, False], values[5], values[2]).tolist() == [values[5], values[2]]
    assert (array == values[5]).tolist() == [value is values[5] for value in values]
    with pytest.raises(AssertionError):
        numpy.testing.assert_array_equal([values[1]], [values[5]])


def test_pandas_keeps_them_whole(values):
    # What holds a list has no hash, and so is no group.
    values = [value for value in values if ancient.constructor(value) != "Deep"]
    frame = pandas.DataFrame({"c": values * 2, "x": range(12)})
    sizes = frame.groupby("c").size()
    assert [*map(str, sizes.index)] == SORTED[:6] and set(sizes) == {2}
    assert frame.explode("c").shape == frame.assign(c=values[2]).explode("c").shape == (12, 2)
    assert frame.assign(d=values[2]).d.tolist() == [values[2]] * 12
    assert pandas.Series(values[2], index=[1, 2]).tolist() == [values[2]] * 2
    assert [*map(str, frame.c.sort_values().unique())] == SORTED[:6]
    categories = pandas.Categorical(values, ordered=True)
    assert [*map(str, categories.categories)] == SORTED[:6]
    assert str(categories.min()) == "Red"
    assert frame.drop_duplicates("c").shape == (6, 2)
    assert frame.c.isin([values[0]]).sum() == 2
    frame.at[0, "c"] = values[3]
    assert frame.c[0] == values[3]


def test_polars_and_pyarrow_take_them_for_objects(values):
    assert polars.Series("c", values).dtype == polars.Object
    frame = polars.DataFrame({"c": values})
    assert frame.shape == (8, 1) and frame["c"].to_list() == values
    # Arrow has no type for them: it says so, where it took constants for empty lists.
    with pytest.raises(pyarrow.ArrowInvalid, match="did not recognize Python value type"):
        pyarrow.array(values)
    assert pyarrow.array([*map(ancient.constructor, values)]).type == pyarrow.string()


def test_a_variant_has_no_length_and_a_constant_nothing_to_iterate_over(values):
    rgb, constant = values[2], values[1]
    for value in (rgb, constant):
        assert not isinstance(value, (collections.abc.Iterable, collections.abc.Sized))
        with pytest.raises(TypeError, match="has no len"):
            len(value)
        match value:
            case [*_]:
                pytest.fail("a variant is no sequence")
    r, g = rgb
    assert (r, g, rgb[0], rgb[-1]) == (2, 0, 2, 0)
    for index in (2, -3):
        with pytest.raises(IndexError, match="has 2 arguments"):
            rgb[index]
    with pytest.raises(TypeError, match="found by int, not str: fields of an inline record"):
        rgb["r"]
    with pytest.raises(TypeError, match="the constant Green has no arguments"):
        list(itertools.chain.from_iterable([constant]))
    assert list(itertools.chain([constant])) == [constant]


def test_tagged_is_one_object_to_all_of_them(make_file):
    raw = ancient.open(make_file({0: Block(0, pair(1, 2), pair(1, 3))}))[0]
    copies = [ancient.to_python(block) for block in raw]
    assert numpy.array(copies).shape == (2,)
    assert pandas.DataFrame({"c": copies}).explode("c").shape == (2, 1)
    assert polars.Series(copies).dtype == polars.Object


def test_they_sort_as_ocaml_compares(values):
    assert [*map(str, sorted(values))] == SORTED
    assert [*map(str, sorted(values, reverse=True))] == SORTED[::-1]
    ordered = sorted(values)
    for (i, a), (j, b) in itertools.product(enumerate(ordered), repeat=2):
        assert ((a < b), (a <= b), (a > b), (a >= b)) == (i < j, i <= j, i > j, i >= j)
        assert (a == b) is (i == j)
    for other in (3, "Red", None, ancient.to_python(values[1])):
        with pytest.raises(TypeError, match="not supported between"):
            values[1] < other  # noqa: B015


def test_values_of_one_type_alone_have_an_order(make_file):
    text = "type a = X | Y\ntype b = Z | W\nval root : a * b"
    one, other = ancient.open(make_file({0: pair(0, 0)}), schema=text)[0]
    with pytest.raises(TypeError, match="not supported between"):
        one < other  # noqa: B015


def test_values_of_two_files_compare_where_a_key_can_be_made(make_file):
    text = COLOR + "val root : color array"
    one, two = (
        list(ancient.open(make_file({0: Block(0, *colors())}), schema=text)[0]) for _ in range(2)
    )
    for a, b in itertools.product(range(8), repeat=2):
        if {a, b} <= {0, 6}:
            with pytest.raises(ancient.WrongKindError, match="two stores with lists"):
                one[a] < two[b]  # noqa: B015
        elif not {a, b} & {0, 6}:
            assert (one[a] < two[b]) is (one[a] < one[b])
            assert (one[a] <= two[b]) is (one[a] <= one[b])


def test_polymorphic_constants_have_the_order_of_their_hashes(read):
    names = ["A", "B", "Zebra", "Quite_long"]
    root = Block(0, *map(poly_tag, names), pair(poly_tag("Other"), 3))
    text = "val root : [ `A | `B | `Zebra | `Quite_long | `Other of int ] array"
    found = [*map(str, sorted(read(text, root)))]
    assert found == [*sorted(names, key=poly_tag), "Other(3)"]


def test_floats_in_them_have_ocamls_total_order(read):
    numbers = [1.0, float("nan"), -2.0, float("inf"), float("-inf")]
    boxed = "type t = F of float\nval root : t array"
    found = sorted(read(boxed, Block(0, *[Block(0, Float(x)) for x in numbers])))
    assert repr([value[0] for value in found]) == "[nan, -inf, -2.0, 1.0, inf]"
    assert found[0] <= found[0]


def test_unboxed_ones_that_lie_flat_compare(read):
    text = "type u = F of float [@@unboxed]\ntype r = { a : u; b : u; c : u }\nval root : r"
    record = read(text, FloatArray([2.0, float("nan"), -1.0]))
    found = sorted([record.a, record.b, record.c])
    assert repr([value[0] for value in found]) == "[nan, -1.0, 2.0]"


def test_what_has_no_order_says_so(read):
    arrays = [Block(0, Bigarray("float64", [1], [x])) for x in (1.0, 2.0)]
    text = "(float, Bigarray.float64_elt, Bigarray.c_layout) Bigarray.Array1.t"
    found = read(f"type t = C of {text}\nval root : t array", Block(0, *arrays))
    with pytest.raises(ancient.WrongKindError):
        found[0] < found[1]  # noqa: B015


def test_a_value_that_contains_itself_ends(make_file):
    rings = [Block(0, 0), Block(0, 0)]
    for ring in rings:
        ring.fields[0] = ring
    db = ancient.open(make_file({0: pair(*rings)}), schema="type t = C of t\nval root : t * t")
    one, two = db[0]
    with pytest.raises(ancient.TooLargeError):
        one < two  # noqa: B015


def test_they_format_as_text(values):
    assert (str(values[5]), f"{values[5]}", f"{values[5]:>5}") == ("Red", "Red", "  Red")
    assert f"{values[4]:<9}|" == "Blue(5)  |"
    assert f"{ancient.to_python(values[5]):>5}" == "  Red"
    with pytest.raises(ValueError):
        f"{values[5]:d}"


def test_class_patterns_match_all_forms(values):
    types = ancient.types(values[0])

    def form(value):
        match value:
            case types.Red:
                return "constant"
            case types.Rgb(r, g=0):
                return ("fields", r)
            case types.Rgb(r, g):
                return ("positions", r, g)
            case types.Deep(_0=deep):
                return ("by number", len(deep))
            case types.color(x):
                return ("of the type", x)
            case types.color():
                return "another"

    assert [form(value) for value in values] == [
        ("by number", 2),
        "another",
        ("fields", 2),
        ("positions", 1, 9),
        ("of the type", 5),
        "constant",
        ("by number", 0),
        ("of the type", -1),
    ]
    match values[4]:
        case ancient.Variant(x):
            assert x == 5
        case _:
            pytest.fail("no match")
    match values[5]:
        case ancient.Variant(_):
            pytest.fail("a constant has no argument")
        case ancient.Variant():
            pass


def test_they_travel_as_they_are(values):
    for value in values:
        assert copy.copy(value) is value and copy.deepcopy(value) is value
        assert pickle.loads(pickle.dumps(value)) == value
    array = pickle.loads(pickle.dumps(numpy.array(values)))
    assert array.tolist() == values
