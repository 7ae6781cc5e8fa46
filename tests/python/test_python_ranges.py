"""python: ranges of maps and sets: what they are, and what they refuse.  That they hold what OCaml
finds is interop/test_ranges.py's."""

import copy
import pickle
import threading

import pytest
from ancientfile import Block, Int32, Int64, Z, pair
from typedsamples import TABLE, some, table, tree

import ancient

MAP = "module M : Map.S with type key = KEY [@@ancient.order standard]\nval root : int M.t"
SET = "module S : Set.S with type elt = KEY [@@ancient.order standard]\nval root : S.t"
NAMES = ["", "a", "lib", "liba", "libz", "m"]


@pytest.fixture
def names(read):
    return read(MAP.replace("KEY", "string"), tree([(n, i) for i, n in enumerate(NAMES)])[0])


def test_a_range_is_a_part_of_the_map_in_order(names):
    found = names.range("a", "liba")
    assert isinstance(found, ancient.Range)
    assert [*found] == [*found.keys()] == ["a", "lib", "liba"]
    assert [*found.values()] == [1, 2, 3]
    assert [*found.items()] == [("a", 1), ("lib", 2), ("liba", 3)]
    assert [*reversed(found)] == ["liba", "lib", "a"]
    assert [*reversed(found.items())] == [("liba", 3), ("lib", 2), ("a", 1)]
    assert (len(found), bool(found), "lib" in found, "m" in found) == (3, True, True, False)
    assert [*names.range("a", "liba", inclusive=(False, False))] == ["lib"]
    assert [*names.range("b")] == [*names.range(lo="b")] == ["lib", "liba", "libz", "m"]
    assert [*names.range(hi="b")] == [*names.range(None, "b")] == ["", "a"]
    assert [*names.range()] == [*names] == NAMES
    assert [*reversed(names)] == NAMES[::-1]
    assert (len(names.range("z", "a")), bool(names.range("z", "a"))) == (0, False)
    assert (names.first(), names.last()) == (("", 0), ("m", 5))


def test_a_prefix_is_a_range(names):
    assert [*names.prefix("lib").items()] == [("lib", 2), ("liba", 3), ("libz", 4)]
    assert [*names.prefix(b"libz")] == ["libz"]
    assert [*names.prefix("")] == NAMES
    assert not names.prefix("libzz")
    with pytest.raises(TypeError, match="prefix\\(\\) takes str or bytes, not int"):
        names.prefix(3)
    with pytest.raises(ValueError, match="surrogates"):
        names.prefix("\ud800")


def test_sets_have_ranges_too(read):
    found = read(SET.replace("KEY", "int"), tree([(n, None) for n in range(10)])[0])
    assert [*found.range(3, 5)] == [3, 4, 5]
    assert [*reversed(found.range(8))] == [9, 8]
    assert (found.first(), found.last(), next(reversed(found))) == (0, 9, 9)
    for giving in ("values", "items", "keys"):
        with pytest.raises(AttributeError, match="a range of a set has elements only"):
            getattr(found.range(), giving)()
    with pytest.raises(ancient.WrongKindError, match="expected string or bytes, found int"):
        found.prefix("a")
    empty = read(SET.replace("KEY", "int"), 0)
    assert [*empty.range(1, 2)] == [*reversed(empty)] == []
    with pytest.raises(KeyError, match="first\\(\\): it is empty"):
        empty.first()


def test_ranges_become_dicts(read, names):
    found = names.range("a", "liba")
    expected = {"a": 1, "lib": 2, "liba": 3}
    assert dict(found) == dict(found.items()) == {**found} == expected
    assert dict(names.prefix("lib")) == {"lib": 2, "liba": 3, "libz": 4}
    assert dict(names.range()) == dict(names)
    assert dict(names.range("x", "y")) == dict(names.range("x", "y").items()) == {}
    for absent in ("", "m", "aa"):
        with pytest.raises(ancient.NoKeyError):
            found[absent]
    with pytest.raises(ancient.NoKeyError, match="no such key in the range, but in its map"):
        names.prefix("lib")["a"]
    with pytest.raises(ancient.NoKeyError, match="in Python str or bytes"):
        found[0]
    for range in (found.items(), found.values()):
        with pytest.raises(TypeError, match="only a range of a map's keys has subscripts"):
            range[0]
        for giving in ("values", "items", "keys"):
            assert not hasattr(range, giving)
            with pytest.raises(AttributeError, match=f"has no {giving}\\(\\): ask the range that"):
                getattr(range, giving)
    elements = read(SET.replace("KEY", "string"), tree([("ab", None), ("cd", None)])[0]).range()
    assert dict(elements) == {"a": "b", "c": "d"}  # as of any iterable of pairs


def test_keys_that_no_bound_can_be_are_searched_in_a_range(read):
    keys = [Z(-(2**70)), 5, Z(2**70)]
    view = read(MAP.replace("KEY", "Z.t"), tree([(k, i) for i, k in enumerate(keys)])[0])
    assert dict(view.range(5)) == {5: 1, 2**70: 2}
    with pytest.raises(ancient.NoKeyError, match="in the range"):
        view.range(5)[-(2**70)]
    lists = read(MAP.replace("KEY", "int list"), tree([(pair(1, 0), 1), (pair(2, 0), 2)])[0])
    one, two = lists
    assert [lists.range(two)[key] for key in lists.range(two)] == [2]
    assert lists.range(two)[[2]] == 2
    with pytest.raises(ancient.NoKeyError, match="in the range"):
        lists.range(two)[one]
    maybe = read(MAP.replace("KEY", "int option"), tree([(0, 1), (some(1), 2)])[0])
    assert dict(maybe.range(hi=1)) == {None: 1, 1: 2}
    with pytest.raises(ancient.NoKeyError, match="in the range"):
        maybe.range(1)[None]


def test_a_range_says_what_it_holds(read, names):
    assert repr(names.range("a", "liba")) == "Range(['a', 'lib', 'liba'])"
    assert repr(names.prefix("lib").items()) == "Range([('lib', 2), ('liba', 3), ('libz', 4)])"
    assert repr(names.range("a", "lib").values()) == "Range([1, 2])"
    assert repr(names.range("x")) == "Range([])"
    many = read(SET.replace("KEY", "int"), tree([(n, None) for n in range(10)])[0])
    assert repr(many.range(1)) == "Range([1, 2, 3, 4, 5, 6, 7, 8, ...])"
    assert repr(many.range(2)) == "Range([2, 3, 4, 5, 6, 7, 8, 9])"
    built = tree([(n, i) for i, n in enumerate([1, 2, 9, 4, 5, 6, 7])])[0]
    wrong = read(MAP.replace("KEY", "int"), built)
    assert repr(wrong.range(1)) == "Range([1, 2, 9, <damaged: BAD_SHAPE>])"


@pytest.mark.parametrize(
    ("key", "built", "low", "high", "found"),
    [
        ("int", [-(2**62), 0, 2**62 - 1], -(2**70), 2**70, [-(2**62), 0, 2**62 - 1]),
        ("int", [-(2**62), 0, 2**62 - 1], 2**70, None, []),
        ("int", [-(2**62), 0, 2**62 - 1], None, -(2**62) - 1, []),
        ("int", [0, 1], False, True, [0, 1]),
        ("int32", [Int32(-(2**31)), Int32(2**31 - 1)], 2**31, 2**31, []),
        ("int32", [Int32(-(2**31)), Int32(2**31 - 1)], -(2**31) - 1, 0, [-(2**31)]),
        ("int64", [Int64(-(2**63)), Int64(2**63 - 1)], 2**63, None, []),
        ("int64", [Int64(-(2**63)), Int64(2**63 - 1)], None, 2**63, [-(2**63), 2**63 - 1]),
        ("int64", [Int64(-(2**63)), Int64(2**63 - 1)], None, -(2**63) - 1, []),
        ("float", [-1e308, 0.5, float("inf")], 10**400, None, [float("inf")]),
        ("float", [float("-inf"), 0.5, float("inf")], -(10**400), 10**400, [0.5]),
        ("char", [97, 98], "b", "z", ["b"]),
        ("Z.t", [Z(-(2**70)), 5, Z(2**70)], 5, None, [5, 2**70]),
        ("Z.t", [Z(-(2**70)), 5, Z(2**70)], None, 5, [-(2**70), 5]),
        ("int option", [0, some(1), some(2)], None, 1, [None, 1]),
        ("int option", [0, some(1), some(2)], 1, None, []),
        ("(int, int) result", [Block(0, 1), Block(1, 0)], ancient.Ok(2), None, [ancient.Err(0)]),
        ("int * string", [pair(1, "a"), pair(2, "")], (1, "b"), (3, ""), [(2, "")]),
    ],
)  # fmt: skip
def test_bounds_are_python_values_as_keys_are(read, key, built, low, high, found):
    view = read(SET.replace("KEY", key), tree([(k, None) for k in built])[0])
    assert [*view.range(low, high)] == found
    assert [*reversed(view.range(low, high))] == found[::-1]


def test_what_is_left_out_is_no_bound_where_none_is_a_key(read):
    view = read(SET.replace("KEY", "int option"), tree([(0, None), (some(1), None)])[0])
    assert [*view.range(hi=1)] == [*view.range(None)] == [*view.range()] == [None, 1]
    assert [*view.range(None, inclusive=(False, True))] == [1]


def test_what_is_no_key_is_no_bound(read, names):
    for wrong in (3, 1.5, ["a"], object()):
        with pytest.raises(ancient.WrongKindError, match="a key of OCaml's type string, found"):
            names.range(wrong)
        with pytest.raises(TypeError):
            names.range("a", wrong)
    numbers = read(SET.replace("KEY", "int"), tree([(1, None)])[0])
    for wrong in ("a", 1.5):
        with pytest.raises(ancient.WrongKindError, match="OCaml's type int"):
            numbers.range(wrong)
    big = read(SET.replace("KEY", "Z.t"), tree([(1, None)])[0])
    with pytest.raises(ancient.TooLargeError, match="beyond 63 bits"):
        big.range(2**70)
    lists = read(SET.replace("KEY", "int list"), tree([(pair(1, 0), None), (pair(2, 0), None)])[0])
    assert len(lists.range(lists.last())) == 1
    with pytest.raises(ancient.WrongKindError, match="int list, as iteration gives it"):
        lists.range([1])
    for wrong in ((), ("a", "b", "c")):
        with pytest.raises(TypeError):
            names.range(*wrong, inclusive=True)


def test_hash_tables_have_no_order(read):
    found = read(TABLE, table())
    text = (
        r"\(string, Package.t\) Hashtbl.t: a hash table has no order: sort its keys, or publish a"
    )
    for call in (
        found.first,
        found.last,
        found.range,
        lambda: found.range("a", "b"),
        lambda: found.prefix("v"),
    ):
        with pytest.raises(ancient.WrongKindError, match=text):
            call()
    with pytest.raises(TypeError, match="not reversible"):
        reversed(found)


def test_an_order_of_its_own_has_ends_and_no_bounds(read):
    built = tree([(n, i) for i, n in enumerate(["c", "b", "a"])])[0]
    found = read(MAP.replace("KEY", "string").replace(" [@@ancient.order standard]", ""), built)
    assert (found.first(), found.last()) == (("c", 0), ("a", 2))
    assert [*found.range()] == ["c", "b", "a"]
    assert [*reversed(found)] == ["a", "b", "c"]
    for call in (lambda: found.range("b"), lambda: found.prefix("b")):
        with pytest.raises(ancient.WrongKindError, match="int M.t: the schema does not say how"):
            call()
    # The same, declared to be what it is not.
    wrong = read(MAP.replace("KEY", "string"), built)
    for call in (lambda: wrong.range("b"), lambda: wrong.prefix("a")):
        with pytest.raises(ancient.BadShapeError, match="in the order of OCaml's compare"):
            call()


def test_a_wrong_order_ends_the_iteration(read):
    built = tree([(n, i) for i, n in enumerate([1, 2, 9, 4, 5, 6, 7])])[0]
    found = iter(read(MAP.replace("KEY", "int"), built).range(1))
    assert [next(found), next(found), next(found)] == [1, 2, 9]
    with pytest.raises(ancient.BadShapeError, match="in the order of OCaml's compare"):
        next(found)
    assert [*found] == []


def test_ranges_live_by_themselves(make_file):
    built = tree([(n, None) for n in range(1000)])[0]
    db = ancient.open(make_file({0: built}), schema=SET.replace("KEY", "int"))
    found = db[0].range(10, 900)
    one, two = iter(found), iter(found)
    assert [next(one), next(one), next(two)] == [10, 11, 10]
    db.close()
    del db
    assert [*one] == [*range(12, 901)]
    assert len(found) == 891
    for object in (found, two):
        with pytest.raises(TypeError):
            pickle.dumps(object)
        with pytest.raises(TypeError):
            copy.copy(object)
    with pytest.raises(TypeError):
        ancient.Range()
    lengths = []
    threads = [threading.Thread(target=lambda: lengths.append(len([*found]))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert lengths == [891] * 4
